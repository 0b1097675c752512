/* The loop: connections, bytes, waiting. It listens on 127.0.0.1 only and ends at SIGTERM, SIGINT or, with --parent, when
 * its standard input is closed. */
#include "standin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum phase { READING, WAITING, STREAMING, STALLED, CLOSING };
enum { CLOSING_MS = 2000 };

struct conn {
    int fd;
    enum phase phase;
    bool close_after, refused, wants_out;
    int64_t due_ms, seen_ms;        /* WAITING, STREAMING: when to go on, CLOSING: when to give up; last sign of life */
    struct buf in, out;
    size_t sent, want_continue;     /* bytes of out that are gone; length of `in` for which 100 was sent */
    struct reply reply;
    uint32_t piece;
};

struct loop {
    struct server server;
    int epoll, listener, signals, parent;
    struct conn *conns[CONNECTIONS_MAX];
    unsigned n;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void watch(struct loop *l, struct conn *c)
{
    struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | (c->wants_out ? EPOLLOUT : 0), .data.ptr = c };
    epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void conn_free(struct loop *l, struct conn *c)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->conns[i] == c)
            l->conns[i] = l->conns[--l->n];
    l->server.stats.open = l->n;
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    reply_free(&c->reply);
    free(c);
}

static const char *reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return status >= 500 ? "Internal Server Error" : "Status";
    }
}

static void head(struct conn *c, const struct reply *r)
{
    buf_addf(&c->out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nConnection: %s\r\n", r->status, reason(r->status), r->type,
             c->close_after ? "close" : "keep-alive");
    if (r->retry_after >= 0)
        buf_addf(&c->out, "Retry-After: %g\r\n", r->retry_after);
    if (r->kind == REPLY_STREAM)
        buf_addf(&c->out, "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n");
    else
        buf_addf(&c->out, "Content-Length: %zu\r\n\r\n", r->body.n);
}

static void end_request(struct conn *c)
{
    reply_free(&c->reply);
    c->reply = (struct reply){ 0 };
    c->phase = READING;
    c->piece = 0;
}

static void send_reply(struct conn *c, int64_t now)
{
    head(c, &c->reply);
    if (c->reply.kind == REPLY_STREAM) {
        c->phase = STREAMING;
        c->due_ms = now;
        return;
    }
    buf_add(&c->out, c->reply.body.p, c->reply.body.n);
    end_request(c);
}

static void send_piece(struct loop *l, struct conn *c, int64_t now)
{
    struct buf piece = { 0 };
    bool more = stream_piece(&c->reply, c->piece++, &piece);
    buf_addf(&c->out, "%zx\r\n", piece.n);
    buf_add(&c->out, piece.p, piece.n);
    buf_addf(&c->out, "\r\n%s", more ? "" : "0\r\n\r\n");
    buf_free(&piece);
    l->server.stats.pieces++;
    c->due_ms = now + l->server.control.chunk_ms;
    if (!more)
        end_request(c);
}

static void refuse(struct loop *l, struct conn *c, int status)
{
    struct reply r = { .kind = REPLY_NOW, .status = status, .type = "application/json", .retry_after = -1 };
    l->server.stats.bad++;
    c->close_after = c->refused = true;
    buf_addf(&r.body, "{\"error\":{\"message\":\"%s\"}}", reason(status));
    head(c, &r);
    buf_add(&c->out, r.body.p, r.body.n);
    reply_free(&r);
    c->in.n = 0;
}

/* Takes whole requests out of what came, one at a time: the next one waits until this one is answered. False: close. */
static bool serve(struct loop *l, struct conn *c, int64_t now)
{
    while (c->phase == READING && c->in.n && !c->close_after) {
        struct request q;
        bool wants_continue;
        long used = request_parse(c->in.p, c->in.n, &q, &wants_continue);
        if (used < 0) {
            refuse(l, c, (int)-used);
            return true;
        }
        if (used == 0) {
            if (wants_continue && c->want_continue != c->in.n) {
                c->want_continue = c->in.n;
                buf_addf(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
            }
            return true;
        }
        c->want_continue = 0;
        c->close_after = !q.keep_alive;
        reply_to(&l->server, &q, &c->reply);
        memmove(c->in.p, c->in.p + used, c->in.n - (size_t)used);
        c->in.n -= (size_t)used;
        if (c->reply.kind == REPLY_DROP)
            return false;
        c->phase = c->reply.kind == REPLY_NEVER ? STALLED : WAITING;
        c->due_ms = now + c->reply.delay_ms + (c->reply.delay_ms > 0); /* milliseconds are cut off: never too early */
        if (c->phase == WAITING && c->reply.delay_ms == 0)
            send_reply(c, now);
    }
    return true;
}

/* False: the connection is over. */
static bool flush(struct loop *l, struct conn *c)
{
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n <= 0)
            return false;
        c->sent += (size_t)n;
        l->server.stats.bytes_out += (uint64_t)n;
    }
    bool left = c->sent < c->out.n;
    if (!left) {
        c->out.n = c->sent = 0;
        if (c->out.failed || (c->close_after && c->phase == READING && !c->refused))
            return false;
        if (c->refused && c->phase == READING) { /* what is still sent is read: closing on it would take the answer back */
            shutdown(c->fd, SHUT_WR);
            c->phase = CLOSING;
            c->due_ms = now_ms() + CLOSING_MS;
        }
    }
    if (left != c->wants_out) {
        c->wants_out = left;
        watch(l, c);
    }
    return true;
}

static bool receive(struct loop *l, struct conn *c)
{
    char bytes[65536];
    for (;;) {
        if (c->in.n > HEADER_MAX + BODY_MAX)
            return c->phase == READING; /* more than any request: it is refused; of those that wait in line there are too many */
        ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        if (n == 0)
            return false;
        l->server.stats.bytes_in += (uint64_t)n;
        if (c->refused)
            continue;
        buf_add(&c->in, bytes, (size_t)n);
        if (c->in.failed)
            return false;
    }
}

static void on_ready(struct loop *l, struct conn *c, uint32_t events, int64_t now)
{
    c->seen_ms = now;
    bool alive = !(events & (EPOLLERR | EPOLLHUP));
    if (alive && events & (EPOLLIN | EPOLLRDHUP))
        alive = receive(l, c);
    if (alive)
        alive = serve(l, c, now);
    if (!alive || !flush(l, c))
        conn_free(l, c);
}

/* What is due: answers that waited, pieces of streams, connections that nobody uses. */
static void tick(struct loop *l, int64_t now)
{
    for (unsigned i = l->n; i-- > 0;) {
        struct conn *c = l->conns[i];
        bool alive = true;
        if (c->phase == WAITING && c->due_ms <= now) {
            send_reply(c, now);
            c->seen_ms = now;
        }
        while (c->phase == STREAMING && c->due_ms <= now && c->out.n - c->sent < BODY_MAX) {
            send_piece(l, c, now);
            c->seen_ms = now;
        }
        if (c->phase == READING)
            alive = serve(l, c, now);
        bool idle = c->phase == READING && c->out.n == c->sent && now - c->seen_ms > IDLE_MS;
        bool over = c->phase == CLOSING && c->due_ms <= now;
        if (!alive || idle || over || !flush(l, c))
            conn_free(l, c);
    }
}

static int next_due(const struct loop *l, int64_t now)
{
    int64_t wait = 1000;
    for (unsigned i = 0; i < l->n; i++) {
        const struct conn *c = l->conns[i];
        bool due = c->phase == WAITING || (c->phase == STREAMING && !c->wants_out);
        if (due && c->due_ms - now < wait)
            wait = c->due_ms > now ? c->due_ms - now : 0;
    }
    return (int)wait;
}

static void accept_all(struct loop *l, int64_t now)
{
    for (;;) {
        int fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct conn *c = l->n < CONNECTIONS_MAX ? calloc(1, sizeof *c) : NULL;
        struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = c };
        if (!c || epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e)) {
            l->server.stats.bad++;
            free(c);
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        c->fd = fd;
        c->seen_ms = now;
        l->conns[l->n++] = c;
        l->server.stats.connections++;
        l->server.stats.open = l->n;
        if (l->n > l->server.stats.open_most)
            l->server.stats.open_most = l->n;
    }
}

static int listen_on(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 128)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    return getsockname(fd, (struct sockaddr *)&a, &n) ? 0 : ntohs(a.sin_port);
}

static bool add(int epoll, int fd, void *tag)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = tag };
    return !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static bool start(struct loop *l, int port, bool parent)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    server_init(&l->server);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->signals = signalfd(-1, &set, SFD_CLOEXEC);
    l->listener = listen_on(port);
    if (l->epoll < 0 || l->signals < 0 || l->listener < 0)
        return false;
    return add(l->epoll, l->listener, &l->listener) && add(l->epoll, l->signals, &l->signals) &&
           (!parent || add(l->epoll, STDIN_FILENO, &l->parent));
}

static void run(struct loop *l)
{
    struct epoll_event events[64];
    for (;;) {
        int n = epoll_wait(l->epoll, events, 64, next_due(l, now_ms()));
        int64_t now = now_ms();
        for (int i = 0; i < n; i++) {
            void *tag = events[i].data.ptr;
            if (tag == &l->signals || tag == &l->parent)
                return;
            if (tag == &l->listener)
                accept_all(l, now);
            else
                on_ready(l, tag, events[i].events, now);
        }
        tick(l, now);
    }
}

static const char help[] =
    "ai_standin [--port N] [--parent]\n\n"
    "A stand-in model server on 127.0.0.1: POST /v1/chat/completions (also streamed), POST /v1/embeddings, and of\n"
    "Meilisearch /version, /indexes/X/settings, /documents, /search. POST /__control makes it late, wrong or silent,\n"
    "GET /__stats counts. README.md lists both.\n\n"
    "  --port N     listen there (9410; 0: any free one, printed)\n"
    "  --parent     end when standard input is closed\n";

int main(int argc, char **argv)
{
    struct loop l = { 0 };
    long port = 9410;
    bool parent = false;
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        if (!strcmp(argv[i], "--parent")) {
            parent = true;
        } else if (!strcmp(argv[i], "--port") && i + 1 < argc) {
            port = strtol(argv[++i], &end, 10);
            if (*end || port < 0 || port > 65535) {
                fprintf(stderr, "ai_standin: %s is no port\n", argv[i]);
                return 2;
            }
        } else {
            bool asked = !strcmp(argv[i], "-h") || !strcmp(argv[i], "--help");
            fputs(help, asked ? stdout : stderr);
            return asked ? 0 : 2;
        }
    }
    if (!start(&l, (int)port, parent)) {
        fprintf(stderr, "ai_standin: cannot listen on 127.0.0.1:%ld: %s\n", port, strerror(errno));
        return 3;
    }
    printf("listening on 127.0.0.1:%d\n", port_of(l.listener));
    fflush(stdout);
    run(&l);
    while (l.n)
        conn_free(&l, l.conns[0]);
    close(l.listener);
    return 0;
}
