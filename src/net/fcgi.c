/* The client side of FastCGI: one request, one connection, a deadline. */
#include "net/net.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REC_BEGIN = 1, REC_PARAMS = 4, REC_STDIN = 5, RECORD_MAX = 65528, TICK_MS = 50 };
enum { REQUEST_BYTES_MAX = 64 << 20 };

static void add_record(struct buf *out, int type, const char *p, size_t n)
{
    unsigned char h[8] = {
        1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n, 0, 0
    };
    buf_add(out, h, sizeof h);
    buf_add(out, p, n);
}

static void add_stream(struct buf *out, int type, const char *p, size_t n)
{
    for (size_t at = 0; at < n; at += RECORD_MAX)
        add_record(out, type, p + at, n - at < RECORD_MAX ? n - at : RECORD_MAX);
    add_record(out, type, "", 0);
}

static void add_length(struct buf *out, size_t n)
{
    if (n < 128) {
        buf_addc(out, (char)n);
        return;
    }
    unsigned char be[4] = { (unsigned char)(n >> 24 | 0x80), (unsigned char)(n >> 16),
                            (unsigned char)(n >> 8), (unsigned char)n };
    buf_add(out, be, sizeof be);
}

static void add_param(struct buf *out, const char *name, struct str value)
{
    add_length(out, strlen(name));
    add_length(out, value.n);
    buf_adds(out, name);
    buf_add(out, value.p, value.n);
}

/* HTTP's "X-Csrf-Token" is CGI's HTTP_X_CSRF_TOKEN; the type has a name of its own (RFC 3875, 4.1).
 */
static void add_header(struct buf *out, const struct header *h)
{
    char name[128] = "HTTP_";
    if (str_ieq(h->name, STR("Content-Type"))) {
        add_param(out, "CONTENT_TYPE", h->value);
        return;
    }
    size_t n = 5;
    for (uint32_t i = 0; i < h->name.n && n + 1 < sizeof name; i++)
        name[n++] = h->name.p[i] == '-' ? '_' : (char)toupper((unsigned char)h->name.p[i]);
    name[n] = 0;
    add_param(out, name, h->value);
}

static void add_params(struct buf *out, const struct fcgi_request *q)
{
    const char *query = strchr(q->uri, '?'), *host = q->host ? q->host : "localhost";
    const char *port = strrchr(host, ':');
    char length[24];
    snprintf(length, sizeof length, "%u", q->body.n);
    const struct {
        const char *name, *value;
    } fixed[] = {
        { "GATEWAY_INTERFACE", "CGI/1.1" },
        { "SERVER_PROTOCOL", "HTTP/1.1" },
        { "SERVER_SOFTWARE", "fettle" },
        { "REQUEST_METHOD", q->method },
        { "REQUEST_URI", q->uri },
        { "QUERY_STRING", query ? query + 1 : "" },
        { "SCRIPT_FILENAME", q->script_filename },
        { "SCRIPT_NAME", "/index.php" },
        { "DOCUMENT_ROOT", q->document_root },
        { "HTTP_HOST", host },
        { "SERVER_PORT", port       ? port + 1
                         : q->https ? "443"
                                    : "80" },
        { "SERVER_ADDR", "127.0.0.1" },
        { "REMOTE_ADDR", "127.0.0.1" },
        { "REMOTE_PORT", "40000" },
        { "CONTENT_LENGTH", length },
        { "REDIRECT_STATUS", "200" },
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add_param(out, fixed[i].name, str_c(fixed[i].value));
    add_param(out, "SERVER_NAME",
              (struct str){ host, port ? (uint32_t)(port - host) : (uint32_t)strlen(host) });
    if (q->https)
        add_param(out, "HTTPS", STR("on"));
    for (size_t i = 0; i < q->nheaders; i++)
        add_header(out, &q->headers[i]);
}

int fcgi_encode(const struct fcgi_request *q, struct buf *out, struct err *err)
{
    auto_buf params = BUF_INIT(out->ceiling);
    add_params(&params, q);
    add_record(out, REC_BEGIN, "\0\1\0\0\0\0\0\0", 8);
    add_stream(out, REC_PARAMS, params.p, params.n);
    add_stream(out, REC_STDIN, q->body.p, q->body.n);
    if (params.failed || out->failed)
        return err_set(err, RC_LIMIT, NULL, "the request %s %s is too large", q->method, q->uri);
    return RC_OK;
}

/* Waits for the socket in small steps, so that a stop is seen soon. */
static int wait_for(int fd, short what, uint64_t deadline, const struct fcgi_request *q,
                    struct err *err)
{
    for (;;) {
        if (q->stop && *q->stop)
            return err_set(err, RC_INTERRUPTED, NULL, "stopped");
        uint64_t now = now_ns();
        if (now >= deadline)
            return err_set(err, RC_TIMEOUT, NULL, "%s %s had no answer within its time limit",
                           q->method, q->uri);
        uint64_t left_ms = (deadline - now) / 1000000u + 1;
        struct pollfd p = { fd, what, 0 };
        int n = poll(&p, 1, left_ms < TICK_MS ? (int)left_ms : TICK_MS);
        if (n > 0)
            return RC_OK;
        if (n < 0 && errno != EINTR)
            return err_set(err, RC_IO, NULL, "cannot wait for php-fpm: %s", strerror(errno));
    }
}

static int dial(const char *path, const struct fcgi_request *q, uint64_t deadline, int *ret_fd,
                struct err *err)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    if (snprintf(at.sun_path, sizeof at.sun_path, "%s", path) >= (int)sizeof at.sun_path)
        return err_set(err, RC_LIMIT, "set TMPDIR to a shorter path",
                       "the socket path %s is too long", path);
    int fd = fault_hit() ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(err, RC_IO, NULL, "cannot open a socket: %s", strerror(errno));
    while (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        if (errno == EINTR)
            continue;
        int e = errno, rc;
        if (e == EAGAIN && now_ns() < deadline &&
            !(q->stop && *q->stop)) { /* the backlog is full */
            sleep_ns(2000000);
            continue;
        }
        rc = err_set(err, RC_IO, NULL, "cannot connect to php-fpm at %s: %s", path, strerror(e));
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return RC_OK;
}

static int send_all(int fd, const struct buf *b, const struct fcgi_request *q, uint64_t deadline,
                    struct err *err)
{
    size_t at = 0;
    while (at < b->n) {
        ssize_t k =
            fault_hit() ? (errno = EPIPE, -1) : send(fd, b->p + at, b->n - at, MSG_NOSIGNAL);
        if (k >= 0) {
            at += (size_t)k;
            continue;
        }
        if (errno == EPIPE || errno == ECONNRESET)
            return RC_OK; /* the server may have answered without reading on: its answer tells */
        if (errno != EINTR && errno != EAGAIN)
            return err_set(err, RC_IO, NULL, "cannot send to php-fpm: %s", strerror(errno));
        int rc = wait_for(fd, POLLOUT, deadline, q, err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int receive(int fd, struct fcgi_reader *reader, const struct fcgi_request *q,
                   uint64_t deadline, uint64_t *first_byte, struct err *err)
{
    char chunk[65536];
    for (;;) {
        ssize_t k = fault_read(fd, chunk, sizeof chunk);
        if (k < 0 && errno == EAGAIN) {
            int rc = wait_for(fd, POLLIN, deadline, q, err);
            if (rc)
                return rc;
            continue;
        }
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno != ECONNRESET)
            return err_set(err, RC_IO, NULL, "cannot read from php-fpm: %s", strerror(errno));
        if (k <= 0)
            return RC_OK;
        if (!*first_byte)
            *first_byte = now_ns();
        int rc = fcgi_reader_feed(reader, chunk, (size_t)k, err);
        if (rc)
            return rc < 0 ? rc : RC_OK;
    }
}

int fcgi_call(const char *socket_path, const struct fcgi_request *q, size_t max_body,
              uint64_t deadline_ns, struct arena *arena, struct fcgi_response *ret, struct err *err)
{
    auto_buf out = BUF_INIT(REQUEST_BYTES_MAX);
    int fd = -1, rc = fcgi_encode(q, &out, err);
    if (rc)
        return rc;
    struct fcgi_reader *reader = fcgi_reader_new(max_body);
    if (!reader)
        return err_set(err, RC_NOMEM, NULL, "no memory for a response");
    uint64_t begin = now_ns(), first = 0, end = 0;
    rc = dial(socket_path, q, deadline_ns, &fd, err);
    if (!rc)
        rc = send_all(fd, &out, q, deadline_ns, err);
    if (!rc)
        rc = receive(fd, reader, q, deadline_ns, &first, err);
    end = now_ns();
    if (fd >= 0)
        close(fd);
    if (!rc)
        rc = fcgi_reader_finish(reader, arena, ret, err);
    fcgi_reader_free(reader);
    if (!rc) {
        ret->first_byte_ns = first ? first - begin : 0;
        ret->total_ns = end - begin;
    }
    return rc;
}
