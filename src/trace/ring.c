/* The collector's side of the rings.
 *
 * A peer is any process that could reach the socket: it may lie about its ring's size, shrink the
 * file behind the mapping (a read would then be a SIGBUS), move head anywhere, or scribble while we
 * read. So: a sealed memfd is mapped, an unsealed one is read with pread; head is checked against
 * the ring; bytes are copied out before they are decoded; our own tail is kept here and only told
 * to the peer. Never blocks on a peer. */
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    PEERS_MAX = 512, /* processes at once; each has a decoder */
    RING_BYTES_MIN = 4096,
    RING_BYTES_MAX = 256 << 20,
    COPY_BYTES = 256 << 10,   /* copied out at once, then the tail is moved */
    DECODER_BYTES = 96 << 20, /* dictionary of one process */
    LOOK_AGAIN_MS = 2, /* rings have no wake-up: how often they are looked at while waiting */
};

struct peer {
    int sock, memfd, pidfd; /* sock: -1 once it hung up; memfd: -1 before the hello */
    struct fw_ring *map;    /* header and data; NULL: read with pread */
    uint32_t bytes, pid;
    uint64_t tail;
    uint64_t lost_traces; /* as the ring says */
    struct decoder *decoder;
};

struct collector {
    int listener, epoll;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    struct peer *peers[PEERS_MAX];
    unsigned npeers;
    uint64_t lost, refused;
    char *copy;
};

struct counting { /* wraps the caller's on_trace */
    trace_fn on_trace;
    void *ctx;
    const struct peer *peer;
    int n;
};

static void count_trace(void *ctx, const struct trace *t)
{
    struct counting *c = ctx;
    ((struct trace *)t)->pid = c->peer->pid; /* the decoder's own object, not const in truth */
    c->n++;
    if (c->on_trace)
        c->on_trace(c->ctx, t);
}

static void peer_free(struct collector *c, struct peer *p)
{
    c->lost += p->lost_traces + (p->decoder ? decoder_lost(p->decoder) : 0);
    if (p->map)
        munmap(p->map, FW_RING_HEADER + (size_t)p->bytes);
    if (p->sock >= 0)
        close(p->sock);
    if (p->memfd >= 0)
        close(p->memfd);
    if (p->pidfd >= 0)
        close(p->pidfd);
    decoder_free(p->decoder);
    free(p);
}

int collector_open(const char *socket_path, struct collector **ret, struct err *err)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    if (strlen(socket_path) >= sizeof addr.sun_path)
        return err_set(err, RC_LIMIT, "choose a shorter folder",
                       "the socket path %s is too long for the system (%zu)", socket_path,
                       sizeof addr.sun_path - 1);
    memcpy(addr.sun_path, socket_path, strlen(socket_path) + 1);
    struct collector *c = fault_calloc(1, sizeof *c);
    if (!c)
        return err_set(err, RC_NOMEM, NULL, "no memory for the collector");
    c->copy = fault_malloc(COPY_BYTES);
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };
    int failed = !c->copy || c->epoll < 0 || c->listener < 0 || fault_hit() ||
                 bind(c->listener, (struct sockaddr *)&addr, sizeof addr) ||
                 listen(c->listener, 128) || epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->listener, &ev);
    if (failed) {
        int e = errno;
        collector_close(c); /* path is empty yet: a socket of somebody else's is not removed */
        return err_set(err, e == ENOMEM ? RC_NOMEM : RC_IO,
                       e == EADDRINUSE ? "remove the file, or choose another" : NULL,
                       "cannot listen on %s: %s", socket_path, strerror(e));
    }
    memcpy(c->path, addr.sun_path, sizeof c->path);
    *ret = c;
    return 0;
}

void collector_close(struct collector *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < c->npeers; i++)
        peer_free(c, c->peers[i]);
    if (c->listener >= 0)
        close(c->listener);
    if (c->epoll >= 0)
        close(c->epoll);
    if (c->path[0])
        unlink(c->path);
    free(c->copy);
    free(c);
}

uint64_t collector_lost_traces(const struct collector *c)
{
    uint64_t lost = c->lost;
    for (unsigned i = 0; i < c->npeers; i++)
        lost += c->peers[i]->lost_traces +
                (c->peers[i]->decoder ? decoder_lost(c->peers[i]->decoder) : 0);
    return lost;
}

uint64_t collector_refused(const struct collector *c)
{
    return c->refused;
}

unsigned collector_peers(const struct collector *c)
{
    return c->npeers;
}

static int pidfd_of(int sock)
{
    struct ucred cred;
    socklen_t n = sizeof cred;
    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &n) || cred.pid <= 0)
        return -1;
    return (int)syscall(SYS_pidfd_open, cred.pid, 0);
}

static void accept_peers(struct collector *c)
{
    for (int burst = 0; burst < PEERS_MAX; burst++) {
        int sock = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (sock < 0)
            return;
        struct peer *p = c->npeers < PEERS_MAX ? fault_calloc(1, sizeof *p) : NULL;
        struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };
        if (!p || epoll_ctl(c->epoll, EPOLL_CTL_ADD, sock, &ev)) {
            free(p);
            close(sock);
            c->refused++;
            continue;
        }
        p->sock = sock;
        p->memfd = -1;
        p->pidfd = pidfd_of(sock);
        c->peers[c->npeers++] = p;
    }
}

/* Receives one packet with at most one descriptor; surplus descriptors are closed. -1: nothing, or
 * the end. */
static ssize_t receive(int sock, void *bytes, size_t n, int *ret_fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * 8)];
    } control;
    struct iovec iov = { bytes, n };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    ssize_t got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    *ret_fd = -1;
    if (got < 0)
        return got;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&msg); h; h = CMSG_NXTHDR(&msg, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (h->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            if (*ret_fd < 0)
                *ret_fd = fd;
            else
                close(fd);
        }
    }
    return got;
}

static bool pread_all(int fd, void *to, size_t n, uint64_t at)
{
    ssize_t got = fault_hit() ? -1 : pread(fd, to, n, (off_t)at);
    return got == (ssize_t)n;
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, RC_PARSE, "the extension and this program must be of one version",
                   "a ring was refused: %s", why);
}

/* Checks a ring that a peer gave and maps it where that is safe. */
static int attach(struct peer *p, int fd, const struct fw_hello *hello, struct err *err)
{
    struct stat st;
    struct fw_ring head;
    if (hello->magic != FW_MAGIC || hello->version != FW_VERSION)
        return refuse(err, "its greeting has another version");
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return refuse(err, "it is not a memory file");
    if (!pread_all(fd, &head, sizeof head, 0) || head.magic != FW_MAGIC ||
        head.version != FW_VERSION)
        return refuse(err, "its header has another version");
    if (head.bytes < RING_BYTES_MIN || head.bytes > RING_BYTES_MAX ||
        (head.bytes & (head.bytes - 1)))
        return refuse(err, "its size is not a power of two in range");
    if (head.tail & 7)
        return refuse(err, "its tail is not aligned");
    if ((uint64_t)st.st_size < FW_RING_HEADER + (uint64_t)head.bytes)
        return refuse(err, "its file is shorter than it says");
    p->decoder = decoder_new(DECODER_BYTES);
    if (!p->decoder)
        return err_set(err, RC_NOMEM, NULL, "no memory for a decoder");
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals >= 0 && (seals & F_SEAL_SHRINK)) {
        void *map = mmap(NULL, FW_RING_HEADER + (size_t)head.bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED, fd, 0);
        p->map = map == MAP_FAILED ? NULL : map;
    }
    p->memfd = fd;
    p->bytes = head.bytes;
    p->pid = hello->pid;
    p->tail = head.tail;
    return 0;
}

static bool hello_from(struct collector *c, struct peer *p)
{
    struct fw_hello hello;
    int fd;
    struct err ignored;
    ssize_t n = receive(p->sock, &hello, sizeof hello, &fd);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n == sizeof hello && fd >= 0 && p->memfd < 0 && attach(p, fd, &hello, &ignored) == 0)
        return true;
    if (fd >= 0)
        close(fd);
    c->refused += n > 0;
    return false;
}

/* The writer's end of the connection: a greeting, nonsense or a hang-up. */
static void peer_event(struct collector *c, struct peer *p)
{
    if (hello_from(c, p))
        return;
    close(p->sock); /* also leaves the epoll set */
    p->sock = -1;
}

static bool read_u64(struct peer *p, const uint64_t *mapped, size_t offset, uint64_t *ret)
{
    if (p->map) {
        *ret = __atomic_load_n(mapped, __ATOMIC_ACQUIRE);
        return true;
    }
    uint64_t again; /* pread does not promise whole words: read until two agree */
    for (int i = 0; i < 8; i++)
        if (pread_all(p->memfd, ret, 8, offset) && pread_all(p->memfd, &again, 8, offset) &&
            again == *ret) {
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            return true;
        }
    return false;
}
#define READ_FIELD(p, field, ret) \
    read_u64((p), (p)->map ? &(p)->map->field : NULL, offsetof(struct fw_ring, field), (ret))

static void tell_tail(struct peer *p)
{
    if (p->map)
        __atomic_store_n(&p->map->tail, p->tail, __ATOMIC_RELEASE);
    else if (pwrite(p->memfd, &p->tail, sizeof p->tail, offsetof(struct fw_ring, tail)) < 0)
        p->tail += 0; /* the writer runs full and counts: nothing is wrong on our side */
}

static bool copy_out(struct peer *p, char *to, uint32_t at, uint32_t n)
{
    if (!p->map)
        return pread_all(p->memfd, to, n, FW_RING_HEADER + (uint64_t)at);
    memcpy(to, (const char *)p->map + FW_RING_HEADER + at, n);
    return true;
}

/* Reads what the ring holds now. False: it makes no sense and is given up. */
static bool drain(struct collector *c, struct peer *p, struct counting *counting)
{
    uint64_t head, lost;
    struct err ignored;
    if (p->memfd < 0)
        return true;
    if (!READ_FIELD(p, head, &head) || head - p->tail > p->bytes || (head & 7))
        return false; /* p->tail is 8-aligned: attach saw to it */
    if (READ_FIELD(p, lost_traces, &lost))
        p->lost_traces = lost;
    uint32_t tier = p->map ? p->map->tier : 0;
    if (!p->map && !pread_all(p->memfd, &tier, sizeof tier, offsetof(struct fw_ring, tier)))
        return false;
    decoder_tier(p->decoder, tier);
    while (p->tail != head) {
        uint32_t at = (uint32_t)(p->tail & (p->bytes - 1));
        uint64_t n = head - p->tail;
        n = n > p->bytes - at ? p->bytes - at : n;
        n = n > COPY_BYTES ? COPY_BYTES : n;
        if (!copy_out(p, c->copy, at, (uint32_t)n))
            return false;
        if (decoder_feed(p->decoder, c->copy, n, count_trace, counting, &ignored))
            return false;
        p->tail += n;
        tell_tail(p);
    }
    return true;
}

/* The end of file says so; but a child that was forked may hold the socket open for its dead
 * parent. */
static bool is_gone(const struct peer *p)
{
    struct pollfd fd = { p->pidfd, POLLIN, 0 };
    return p->sock < 0 || (p->pidfd >= 0 && poll(&fd, 1, 0) > 0);
}

/* Every ring once. A process that is gone is forgotten after its ring was read. */
static int drain_all(struct collector *c, trace_fn on_trace, void *ctx)
{
    int n = 0;
    for (unsigned i = 0; i < c->npeers;) {
        struct peer *p = c->peers[i];
        struct counting counting = { on_trace, ctx, p, 0 };
        bool gone = is_gone(p); /* asked first: what it wrote before it died is then there */
        bool sane = drain(c, p, &counting);
        n += counting.n;
        if (!sane)
            c->lost++;
        if (sane && !gone) {
            i++;
            continue;
        }
        peer_free(c, p);
        c->peers[i] = c->peers[--c->npeers];
    }
    return n;
}

static void take_events(struct collector *c, int timeout_ms)
{
    struct epoll_event events[64];
    int n = epoll_wait(c->epoll, events, 64, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            peer_event(c, events[i].data.ptr);
        else
            accept_peers(c);
    }
}

int collector_poll(struct collector *c, int timeout_ms, trace_fn on_trace, void *ctx,
                   struct err *err)
{
    uint64_t end = now_ns() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0) * 1000000u;
    (void)err;
    for (;;) {
        take_events(c, 0);
        int n = drain_all(c, on_trace, ctx);
        uint64_t now = now_ns();
        if (n || now >= end)
            return n;
        uint64_t left = (end - now + 999999) / 1000000;
        take_events(c, left < LOOK_AGAIN_MS ? (int)left : LOOK_AGAIN_MS);
    }
}
