/* The FastCGI client: against a server of our own that misbehaves, and its reader against bytes cut
 * anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/net.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void record(struct buf *b, int type, const char *p, size_t n, unsigned padding)
{
    unsigned char h[8] = { 1,
                           (unsigned char)type,
                           0,
                           1,
                           (unsigned char)(n >> 8),
                           (unsigned char)n,
                           (unsigned char)padding,
                           0 };
    static const char zeros[256];
    buf_add(b, h, 8);
    buf_add(b, p, n);
    buf_add(b, zeros, padding);
}

/* A whole answer: headers and body split over records, stderr between, padding everywhere. */
static void answer(struct buf *b)
{
    static const char head[] = "Status: 404 Not Found\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2; "
                               "path=/\r\nContent-Type: text/html\r\n\r\n<p>";
    record(b, 6, head, 30, 3);
    record(b, 7, "PHP Warning", 11, 0);
    record(b, 6, head + 30, sizeof head - 31, 7);
    record(b, 6, "gone</p>", 8, 0);
    record(b, 6, "", 0, 0);
    record(b, 3, "\0\0\0\0\0\0\0\0", 8, 0);
}

static void check(const struct fcgi_response *r)
{
    assert_int_equal(r->status, 404);
    assert_true(str_is(r->body, "<p>gone</p>"));
    assert_true(str_is(r->errors, "PHP Warning"));
    assert_true(str_is(fcgi_header(r, "content-type"), "text/html"));
    assert_int_equal(fcgi_header(r, "X-None").n, 0);
    int cookies = 0;
    for (size_t i = 0; i < r->nheaders; i++)
        cookies += str_ieq(r->headers[i].name, STR("set-cookie"));
    assert_int_equal(cookies, 2);
}

static void bytes_may_come_in_any_pieces(void **state)
{
    (void)state;
    auto_buf b = BUF_INIT(1 << 16);
    answer(&b);
    for (size_t piece = 1; piece < b.n; piece++) {
        auto_arena *a = arena_new(1 << 20);
        struct fcgi_reader *r = fcgi_reader_new(1 << 16);
        struct fcgi_response response;
        struct err err;
        int rc = 0;
        for (size_t at = 0; at < b.n; at += piece)
            rc = fcgi_reader_feed(r, b.p + at, b.n - at < piece ? b.n - at : piece, &err);
        assert_int_equal(rc, 1);
        assert_int_equal(fcgi_reader_finish(r, a, &response, &err), 0);
        check(&response);
        fcgi_reader_free(r);
    }
}

static void what_is_cut_short_is_an_error(void **state)
{
    (void)state;
    auto_buf b = BUF_INIT(1 << 16);
    answer(&b);
    for (size_t n = 0; n < b.n; n++) {
        auto_arena *a = arena_new(1 << 20);
        struct fcgi_reader *r = fcgi_reader_new(1 << 16);
        struct fcgi_response response;
        struct err err;
        assert_int_equal(fcgi_reader_feed(r, b.p, n, &err), 0);
        assert_int_equal(fcgi_reader_finish(r, a, &response, &err), RC_IO);
        fcgi_reader_free(r);
    }
}

static void ceilings_hold(void **state)
{
    (void)state;
    struct err err;
    struct fcgi_response response;
    auto_arena *a = arena_new(4 << 20);
    auto_buf b = BUF_INIT(8 << 20);
    char chunk[60000];
    memset(chunk, 'x', sizeof chunk);
    record(&b, 6, "A: b\n\n", 6, 0); /* bare line feeds are taken */
    for (int i = 0; i < 20; i++)
        record(&b, 6, chunk, sizeof chunk, 0);
    record(&b, 3, "\0\0\0\0\0\0\0\0", 8, 0);
    struct fcgi_reader *r = fcgi_reader_new(100000);
    assert_int_equal(fcgi_reader_feed(r, b.p, b.n, &err), 1);
    assert_int_equal(fcgi_reader_finish(r, a, &response, &err), 0);
    assert_true(response.truncated);
    assert_true(response.body.n < 100000 && response.body.n > 90000);
    assert_int_equal(response.status, 200);
    fcgi_reader_free(r);

    r = fcgi_reader_new(100000); /* headers without an end */
    int rc = 0;
    buf_clear(&b);
    for (int i = 0; i < 20; i++)
        record(&b, 6, chunk, sizeof chunk, 0);
    rc = fcgi_reader_feed(r, b.p, b.n, &err);
    assert_int_equal(rc, RC_PARSE);
    fcgi_reader_free(r);

    r = fcgi_reader_new(100);
    assert_int_equal(fcgi_reader_feed(r, "HTTP/1.1 200 OK\r\n", 17, &err), RC_PARSE);
    fcgi_reader_free(r);
}

static void a_request_is_encoded(void **state)
{
    (void)state;
    struct header h[] = { { STR("X-Csrf-Token"), STR("t") },
                          { STR("Content-Type"), STR("application/json") } };
    char *body = malloc(70000);
    memset(body, 'b', 70000);
    struct fcgi_request q = { .method = "POST",
                              .uri = "/a?b=c",
                              .script_filename = "/p/index.php",
                              .document_root = "/p",
                              .host = "shop.test:8080",
                              .headers = h,
                              .nheaders = 2,
                              .body = { body, 70000 },
                              .https = true };
    auto_buf out = BUF_INIT(1 << 20);
    struct err err;
    assert_int_equal(fcgi_encode(&q, &out, &err), 0);
    struct str all = { out.p, (uint32_t)out.n };
    static const char *const wanted[] = { "HTTP_X_CSRF_TOKENt",
                                          "CONTENT_TYPEapplication/json",
                                          "QUERY_STRINGb=c",
                                          "SERVER_NAMEshop.test",
                                          "SERVER_PORT8080",
                                          "CONTENT_LENGTH70000",
                                          "HTTPSon",
                                          "REQUEST_URI/a?b=c" };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_true(str_contains(all, wanted[i]));
    auto_buf small = BUF_INIT(1000);
    assert_int_equal(fcgi_encode(&q, &small, &err), RC_LIMIT);
    free(body);
}

/* ---- a server ---- */

struct server {
    char path[64], bytes[1024];
    size_t n;
    int fd, mode;
    pthread_t thread;
};
enum { NOT_FIRED = 1 };
enum { MODE_ANSWER, MODE_SILENT, MODE_CLOSE, MODE_HALF, MODE_NEVER_READ };

static void *serve(void *arg)
{
    struct server *s = arg;
    int c = accept(s->fd, NULL, NULL);
    char chunk[4096];
    if (s->mode != MODE_NEVER_READ && read(c, chunk, sizeof chunk) < 0)
        s->mode = MODE_CLOSE;
    if (s->mode == MODE_ANSWER || s->mode == MODE_HALF)
        for (size_t i = 0; i < (s->mode == MODE_HALF ? s->n / 2 : s->n); i++)
            if (send(c, s->bytes + i, 1, MSG_NOSIGNAL) < 0)
                break;
    if (s->mode == MODE_SILENT || s->mode == MODE_NEVER_READ || s->mode == MODE_ANSWER)
        while (recv(c, chunk, sizeof chunk, 0) > 0) /* php-fpm holds on until the client closes */
            ;
    close(c);
    return NULL;
}

static void open_server(struct server *s, int mode)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    auto_buf b = BUF_INIT(sizeof s->bytes);
    answer(&b);
    *s = (struct server){ .mode = mode, .n = b.n };
    memcpy(s->bytes, b.p, b.n);
    snprintf(s->path, sizeof s->path, "/tmp/fettle-net-%d.sock", getpid());
    unlink(s->path);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", s->path);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->fd, 4), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* Lets a server that nobody came to go home. */
static void knock(const struct server *s)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof at.sun_path, "%s", s->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        shutdown(fd, SHUT_RDWR);
    close(fd);
}

static int call(int mode, uint64_t limit_ns, volatile int *stop, long fault, struct err *err)
{
    struct server s;
    auto_arena *a = arena_new(1 << 20);
    struct fcgi_response r;
    struct fcgi_request q = {
        .method = "GET", .uri = "/", .script_filename = "/i.php", .document_root = "/", .stop = stop
    };
    open_server(&s, mode);
    fault_arm(fault);
    int rc = fcgi_call(s.path, &q, 1 << 16, now_ns() + limit_ns, a, &r, err);
    bool fired = fault && fault_fired();
    fault_arm(0);
    knock(&s);
    if (!rc) {
        check(&r);
        assert_true(r.total_ns >= r.first_byte_ns && r.first_byte_ns > 0);
    }
    pthread_join(s.thread, NULL);
    close(s.fd);
    unlink(s.path);
    return fired ? rc : rc ? rc : fault ? NOT_FIRED : 0;
}

static void a_call_has_a_deadline(void **state)
{
    (void)state;
    struct err err;
    volatile int stop = 0;
    assert_int_equal(call(MODE_ANSWER, 5000000000u, &stop, 0, &err), 0);
    uint64_t begin = now_ns();
    assert_int_equal(call(MODE_SILENT, 100000000, &stop, 0, &err), RC_TIMEOUT);
    assert_true(now_ns() - begin < 2000000000u);
    assert_int_equal(call(MODE_CLOSE, 5000000000u, &stop, 0, &err), RC_IO);
    assert_int_equal(call(MODE_HALF, 5000000000u, &stop, 0, &err), RC_IO);
    assert_int_equal(call(MODE_NEVER_READ, 100000000, &stop, 0, &err), RC_TIMEOUT);
    stop = 1;
    assert_int_equal(call(MODE_SILENT, 5000000000u, &stop, 0, &err), RC_INTERRUPTED);
    auto_arena *a = arena_new(1 << 20);
    struct fcgi_response r;
    struct fcgi_request q = {
        .method = "GET", .uri = "/", .script_filename = "/i.php", .document_root = "/"
    };
    assert_int_equal(fcgi_call("/nowhere.sock", &q, 100, now_ns() + 100000000, a, &r, &err), RC_IO);
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[299] = 0;
    assert_int_equal(fcgi_call(longer, &q, 100, now_ns() + 100000000, a, &r, &err), RC_LIMIT);
}

/* Every guarded call fails once: an error each time, nothing leaked (ASan), and success when none
 * is left. */
static void faults_are_errors(void **state)
{
    (void)state;
    struct err err;
    volatile int stop = 0;
    int n = 0, rc;
    while ((rc = call(MODE_ANSWER, 5000000000u, &stop, ++n, &err)) != NOT_FIRED && n < 1000)
        assert_true(rc <=
                    0); /* an error, or survived: a read that was interrupted is tried again */
    assert_int_equal(rc, NOT_FIRED);
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_may_come_in_any_pieces),
        cmocka_unit_test(what_is_cut_short_is_an_error),
        cmocka_unit_test(ceilings_hold),
        cmocka_unit_test(a_request_is_encoded),
        cmocka_unit_test(a_call_has_a_deadline),
        cmocka_unit_test(faults_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
