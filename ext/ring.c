/* Ring, hand-off and dictionary; see ring.h. */
#include "ring.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RETRY_FIRST_NS 1000000000u
#define RETRY_MOST_NS 60000000000u
#define STRINGS_FULL (FETTLE_STRINGS_MAX - FETTLE_STRINGS_MAX / 8)
#define CLOSING_BYTES 65536u /* kept free in a trace's share for its sums and its end */

void fettle_ring_init(struct fettle_ring *r)
{
    r->sock = -1;
    r->next_id = 1;
    r->retry_after_ns = RETRY_FIRST_NS;
}

void fettle_ring_release(struct fettle_ring *r)
{
    if (r->head)
        munmap(r->head, FW_RING_HEADER + r->size);
    if (r->sock >= 0)
        close(r->sock);
    r->head = NULL;
    r->data = NULL;
    r->sock = -1;
}

static uint64_t ring_size(void)
{
    uint64_t want = (uint64_t)FETTLE_G(ring_bytes), n = 256u << 10;
    while (n < want && n < (256u << 20))
        n <<= 1;
    return n;
}

static int connect_to(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (!n || n >= sizeof a.sun_path)
        return -1;
    memcpy(a.sun_path, path, n + 1);
    int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        return -1;
    /* An abstract address is written with a leading @. */
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
    if (path[0] == '@') {
        a.sun_path[0] = 0;
        len--;
    }
    if (connect(s, (struct sockaddr *)&a, len) != 0) {
        close(s);
        return -1;
    }
    return s;
}

static bool pass_ring(int sock, int fd, uint32_t flags)
{
    struct fw_hello hello = { FW_MAGIC, FW_VERSION, (uint32_t)getpid(), flags };
    struct iovec io = { &hello, sizeof hello };
    union {
        struct cmsghdr h;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct msghdr m = { .msg_iov = &io,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof hello;
}

static bool map_ring(struct fettle_ring *r, int fd, enum fw_tier tier, uint32_t flags)
{
    struct timespec real;
    r->size = ring_size();
    if (ftruncate(fd, (off_t)(FW_RING_HEADER + r->size)) != 0)
        return false;
    void *p = mmap(NULL, FW_RING_HEADER + r->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return false;
    clock_gettime(CLOCK_REALTIME, &real);
    r->head = p;
    r->data = (uint8_t *)p + FW_RING_HEADER;
    r->mask = r->size - 1;
    r->w = r->start = r->tail = 0;
    r->trace_max = r->size / 2 - CLOSING_BYTES;
    r->forget = r->lost = false;
    *r->head = (struct fw_ring){
        .magic = FW_MAGIC,
        .version = FW_VERSION,
        .bytes = (uint32_t)r->size,
        .pid = (uint32_t)getpid(),
        .tier = tier,
        .flags = flags,
        .t0_real_ns = (uint64_t)real.tv_sec * 1000000000u + (uint64_t)real.tv_nsec,
        .t0_mono_ns = fettle_mono_ns(),
        .tick_hz = 1000000000u,
    };
    memset(r->strings, 0, sizeof r->strings);
    r->nstrings = 0;
    return true;
}

static bool ring_connect(struct fettle_ring *r, enum fw_tier tier, uint32_t flags)
{
    int sock = connect_to(fettle_sock);
    if (sock < 0)
        return false;
    int fd = memfd_create("fettle", MFD_CLOEXEC);
    bool ok = fd >= 0 && map_ring(r, fd, tier, flags) && pass_ring(sock, fd, flags);
    if (fd >= 0)
        close(fd);
    r->sock = sock;
    if (!ok)
        fettle_ring_release(r);
    return ok;
}

/* The collector went away: what is in the ring stays readable for whoever holds it; we look for a
 * new one. */
static bool collector_gone(const struct fettle_ring *r)
{
    char c;
    return recv(r->sock, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool fettle_ring_ready(struct fettle_ring *r, uint64_t now_ns, enum fw_tier tier, uint32_t flags)
{
    if (EXPECTED(r->head)) {
        uint64_t tail = __atomic_load_n(&r->head->tail, __ATOMIC_ACQUIRE);
        /* A tail outside what was written is no tail: the collector broke its word, so its ring
         * stays full. */
        r->tail = tail <= r->w && r->w - tail <= r->size ? tail : r->w - r->size;
        if (r->w - r->tail <= r->size / 2 || now_ns < r->retry_ns)
            return true;
        r->retry_ns = now_ns + RETRY_FIRST_NS;
        if (!collector_gone(r))
            return true;
        fettle_ring_release(r);
    }
    if (now_ns < r->retry_ns)
        return false;
    if (!ring_connect(r, tier, flags)) {
        r->retry_ns = now_ns + r->retry_after_ns;
        r->retry_after_ns = MIN(r->retry_after_ns * 2, RETRY_MOST_NS);
        return false;
    }
    r->retry_after_ns = RETRY_FIRST_NS;
    return true;
}

void *fettle_ring_slow(struct fettle_ring *r, uint64_t bytes, bool last)
{
    uint64_t at = r->w & r->mask, pad = at + bytes > r->size ? r->size - at : 0;
    uint64_t end = r->w + pad + bytes;
    if (r->lost || !r->head || (!last && end - r->start > r->trace_max))
        return NULL;
    if (end - r->tail > r->size) {
        uint64_t tail = __atomic_load_n(&r->head->tail, __ATOMIC_ACQUIRE);
        if (tail <= r->start && r->w - tail <= r->size)
            r->tail = tail;
        if (end - r->tail > r->size) {
            r->lost = true;
            return NULL;
        }
    }
    if (pad) {
        struct fw_rec *p = (struct fw_rec *)(r->data + at);
        *p = (struct fw_rec){ .kind = FW_PAD, .len8 = (uint16_t)(pad / 8) };
        at = 0;
    }
    r->w = end;
    return r->data + at;
}

void fettle_ring_begin(struct fettle_ring *r)
{
    r->lost = false;
    r->start = r->w;
    if (!r->forget && r->nstrings < FETTLE_STRINGS_MAX / 4 * 3)
        return;
    struct fw_rec *f = fettle_ring_reserve(r, sizeof(uint64_t));
    if (!f)
        return; /* no room: the trace is lost anyway, and the next one begins here again */
    *f = (struct fw_rec){ .kind = FW_FORGET, .len8 = 1 };
    memset(r->strings, 0, sizeof r->strings);
    r->nstrings = 0;
    r->forget = false;
}

void fettle_ring_publish(struct fettle_ring *r)
{
    if (!r->head)
        return;
    if (r->lost) {
        /* The strings of this trace were never seen: begin a new dictionary rather than name them.
         */
        r->w = r->start;
        r->forget = true;
        __atomic_fetch_add(&r->head->lost_traces, 1, __ATOMIC_RELAXED);
        return;
    }
    r->start = r->w;
    __atomic_store_n(&r->head->head, r->w, __ATOMIC_RELEASE);
}

void fettle_string_alias(struct fettle_ring *r, uint64_t key, uint32_t id)
{
    if (r->nstrings >= STRINGS_FULL)
        return;
    uint64_t i = key >> 49;
    while (r->strings[i].key)
        i = (i + 1) & (FETTLE_STRINGS_MAX - 1);
    r->strings[i].key = key;
    r->strings[i].id = id;
    r->nstrings++;
}

uint32_t fettle_string_new(struct fettle_ring *r, uint64_t key, const char *p, size_t n)
{
    if (r->nstrings >= STRINGS_FULL)
        return 0;
    if (n > FW_STR_MAX)
        n = FW_STR_MAX;
    uint64_t bytes = (sizeof(struct fw_str) + n + 7) & ~(uint64_t)7;
    struct fw_str *s = fettle_ring_reserve(r, bytes);
    if (!s)
        return 0;
    memset((char *)s + bytes - 8, 0, 8);
    *s = (struct fw_str){ { FW_STR, 0, (uint16_t)(bytes / 8) }, r->next_id, (uint32_t)n };
    memcpy(s->bytes, p, n);
    fettle_string_alias(r, key, r->next_id);
    return r->next_id++;
}

uint32_t fettle_string(struct fettle_ring *r, const char *p, size_t n)
{
    if (!n)
        return 0;
    uint64_t key = fettle_string_key(zend_inline_hash_func(p, n), n);
    uint32_t id = fettle_string_seen(r, key);
    return id ? id : fettle_string_new(r, key, p, n);
}
