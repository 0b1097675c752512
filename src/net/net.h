/* The network room: for now the FastCGI client that speaks to a private instance's php-fpm over a Unix socket.
 *
 *     struct fcgi_request q = { .method = "GET", .uri = "/posts", .script_filename = index, .document_root = root };
 *     struct fcgi_response r;
 *     if (fcgi_call(sock, &q, 8 << 20, now_ns() + limit, arena, &r, err)) return rc;
 *
 * Threads: a call is self-contained; any number at once, each with its own arena.
 * Format: FastCGI 1.0 (https://fastcgi-archives.github.io/FastCGI_Specification.html), responses as RFC 3875. */
#ifndef FETTLE_NET_H
#define FETTLE_NET_H
#include "base/base.h"

struct header { struct str name, value; };

struct fcgi_request {
    const char *method, *uri;      /* uri with query: "/posts?page=2" */
    const char *script_filename;   /* real path of public/index.php */
    const char *document_root, *host; /* host may hold a port; NULL: localhost */
    const struct header *headers; size_t nheaders; /* "Cookie", "Content-Type"… as in HTTP */
    struct str body;
    bool https;
    volatile int *stop;            /* may be NULL; non-zero ends the call with RC_INTERRUPTED within 50 ms */
};
struct fcgi_response {
    int status;
    struct header *headers; size_t nheaders;
    struct str body;
    struct str errors;             /* what PHP wrote to stderr, at most FCGI_ERRORS_MAX */
    uint64_t first_byte_ns, total_ns; /* from sending the request */
    bool truncated;                /* body beyond the ceiling was read and dropped */
};
enum { FCGI_HEADERS_MAX = 256, FCGI_HEAD_BYTES_MAX = 256 << 10, FCGI_ERRORS_MAX = 64 << 10 };

/* One request on a fresh connection; closes at END_REQUEST (php-fpm holds its worker until the client closes).
 * RC_TIMEOUT past deadline_ns (of now_ns()); RC_IO when the server closes early (a worker died). The response lives
 * in the arena. Responses are foreign bytes: bounded by max_body, parser fuzzed. */
int fcgi_call(const char *socket_path, const struct fcgi_request *, size_t max_body, uint64_t deadline_ns,
              struct arena *, struct fcgi_response *ret, struct err *) MUST_CHECK;
struct str fcgi_header(const struct fcgi_response *, const char *name); /* without case; {"",0}: absent */

/* The reader behind it, for tests and fuzzing. feed: 0 wants more, 1 the request has ended, < 0 damaged. */
struct fcgi_reader;
struct fcgi_reader *fcgi_reader_new(size_t max_body);
void fcgi_reader_free(struct fcgi_reader *);
int fcgi_reader_feed(struct fcgi_reader *, const void *bytes, size_t n, struct err *) MUST_CHECK;
int fcgi_reader_finish(struct fcgi_reader *, struct arena *, struct fcgi_response *ret, struct err *) MUST_CHECK;
/* The bytes of one request, ready to be sent. RC_LIMIT when they do not fit `out`'s ceiling. */
int fcgi_encode(const struct fcgi_request *, struct buf *out, struct err *) MUST_CHECK;
#endif
