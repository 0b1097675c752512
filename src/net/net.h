/* The network room: for now the FastCGI client that speaks to a private instance's php-fpm over a Unix socket. */
#ifndef FETTLE_NET_H
#define FETTLE_NET_H
#include "base/base.h"

struct header { struct str name, value; };

struct fcgi_request {
    const char *method, *uri;      /* uri with query: "/posts?page=2" */
    const char *script_filename;   /* real path of public/index.php */
    const char *document_root, *host;
    const struct header *headers; size_t nheaders; /* "Cookie", "Content-Type"… as in HTTP */
    struct str body;
    bool https;
};
struct fcgi_response {
    int status;
    struct header *headers; size_t nheaders;
    struct str body;
    struct str errors;             /* what PHP wrote to stderr */
    uint64_t first_byte_ns, total_ns; /* from sending the request */
    bool truncated;                /* body beyond the ceiling was read and dropped */
};
/* One request on a fresh connection; closes at END_REQUEST. RC_TIMEOUT past deadline_ns (of now_ns()). The response
 * lives in the arena. Responses are foreign bytes: bounded by max_body, parser fuzzed. */
int fcgi_call(const char *socket_path, const struct fcgi_request *, size_t max_body, uint64_t deadline_ns,
              struct arena *, struct fcgi_response *ret, struct err *) MUST_CHECK;
struct str fcgi_header(const struct fcgi_response *, const char *name); /* without case; {"",0}: absent */
#endif
