#include "trace/trace.h"

#include "../support/ring_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 1 << 16 };

struct room {
    char dir[256], sock[300];
    struct collector *c;
};

static int set_up(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    if (!r || dir_temp("fettle-ring", r->dir, sizeof r->dir, NULL))
        return -1;
    snprintf(r->sock, sizeof r->sock, "%s/s", r->dir);
    *state = r;
    return collector_open(r->sock, &r->c, NULL);
}

static int tear_down(void **state)
{
    struct room *r = *state;
    collector_close(r->c);
    bool left = file_exists(r->sock);
    dir_remove(r->dir);
    free(r);
    return left ? -1 : 0;
}

struct writer { /* a process of the extension, in this one */
    int sock, memfd;
    struct fw_ring *ring;
};

static struct writer connect_ring(const struct room *r, bool seal, size_t file_bytes, uint32_t says)
{
    struct writer w = { .memfd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING) };
    assert_int_equal(ftruncate(w.memfd, (off_t)file_bytes), 0);
    w.ring = mmap(NULL, FW_RING_HEADER + BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, w.memfd, 0);
    *w.ring = (struct fw_ring){
        .magic = FW_MAGIC, .version = FW_VERSION, .bytes = says, .tier = FW_DEEP
    };
    if (seal)
        assert_int_equal(fcntl(w.memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    snprintf(a.sun_path, sizeof a.sun_path, "%.100s", r->sock);
    w.sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(w.sock, (struct sockaddr *)&a, sizeof a), 0);
    return w;
}

static void greet(const struct writer *w, uint32_t version, unsigned nfds)
{
    struct fw_hello hello = { FW_MAGIC, version, 4242, 0 };
    char control[CMSG_SPACE(sizeof(int) * 4)] = { 0 };
    struct iovec iov = { &hello, sizeof hello };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (nfds) {
        m.msg_control = control;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
        for (unsigned i = 0; i < nfds; i++)
            memcpy(CMSG_DATA(h) + i * sizeof(int), &w->memfd, sizeof(int));
    }
    assert_int_equal(sendmsg(w->sock, &m, 0), sizeof hello);
}

/* Writes whole traces as the extension does: a record never wraps. */
static void produce(struct writer *w, const struct ring_writer *rw)
{
    char *data = (char *)w->ring + FW_RING_HEADER;
    uint64_t head = w->ring->head;
    for (size_t at = 0; at < rw->out.n;) {
        struct fw_rec r;
        memcpy(&r, rw->out.p + at, sizeof r);
        size_t n = (size_t)r.len8 * 8, place = head & (BYTES - 1);
        if (place + n > BYTES) {
            struct fw_rec pad = { FW_PAD, 0, (uint16_t)((BYTES - place) / 8) };
            memcpy(data + place, &pad, sizeof pad);
            head += BYTES - place;
            place = 0;
        }
        memcpy(data + place, rw->out.p + at, n);
        head += n;
        at += n;
    }
    __atomic_store_n(&w->ring->head, head, __ATOMIC_RELEASE);
}

static void leave(struct writer *w)
{
    close(w->sock);
    close(w->memfd);
    munmap(w->ring, FW_RING_HEADER + BYTES);
}

static void page(struct ring_writer *rw)
{
    rw_open(rw, FW_HTTP, "GET /page");
    for (int i = 0; i < 20; i++)
        rw_sql(rw, "select * from things where id = ?", "/a.php", 3, 1, 7, 1000);
    rw_close(rw, "GET /page", 200);
}

struct count {
    unsigned n, spans, tier, pid;
};

static void count(void *ctx, const struct trace *t)
{
    struct count *c = ctx;
    c->n++;
    c->spans += t->nspans;
    c->tier = t->tier;
    c->pid = t->pid;
}

static void rounds(struct room *r, bool seal)
{
    struct writer w = connect_ring(r, seal, FW_RING_HEADER + BYTES, BYTES);
    struct count c = { 0 };
    struct ring_writer rw = RING_WRITER;
    greet(&w, FW_VERSION, 1);
    for (int i = 0; i < 500; i++) { /* the ring wraps many times */
        page(&rw);
        produce(&w, &rw);
        buf_clear(&rw.out); /* strings stay known */
        assert_int_equal(collector_poll(r->c, 100, count, &c, NULL), 1);
        assert_true(w.ring->tail == w.ring->head);
    }
    assert_int_equal(c.n, 500);
    assert_int_equal(c.spans, 500 * 20);
    assert_int_equal(c.tier, FW_DEEP);
    assert_int_equal(c.pid, 4242);
    w.ring->lost_traces = 3;
    leave(&w);
    assert_int_equal(collector_poll(r->c, 20, count, &c, NULL), 0);
    assert_int_equal(collector_peers(r->c), 0);
    assert_int_equal(collector_refused(r->c), 0);
    rw_release(&rw);
}

static void reads_a_mapped_ring(void **state)
{
    rounds(*state, true);
    assert_int_equal(collector_lost_traces(((struct room *)*state)->c), 3);
}

static void reads_an_unsealed_ring_by_pread(void **state)
{
    rounds(*state, false);
}

static void a_shrunk_file_is_no_bus_error(void **state)
{
    struct room *r = *state;
    struct count c = { 0 };
    struct ring_writer rw = RING_WRITER;
    struct writer w = connect_ring(r, false, FW_RING_HEADER + BYTES, BYTES);
    greet(&w, FW_VERSION, 1);
    page(&rw);
    produce(&w, &rw);
    assert_int_equal(collector_poll(r->c, 100, count, &c, NULL), 1);
    assert_int_equal(ftruncate(w.memfd, FW_RING_HEADER), 0);
    w.ring->head += 64;
    assert_int_equal(collector_poll(r->c, 20, count, &c, NULL), 0);
    assert_int_equal(collector_peers(r->c), 0);
    leave(&w);
    rw_release(&rw);
}

static void hostile_peers_are_refused(void **state)
{
    struct room *r = *state;
    struct count c = { 0 };
    struct writer w[6];
    w[0] = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES * 2); /* says more than there is */
    w[1] = connect_ring(r, true, FW_RING_HEADER + BYTES, 12345);     /* no power of two */
    w[2] = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
    w[3] = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
    w[4] = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
    w[5] = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
    w[4].ring->magic = 7;
    w[5].ring->tail = w[5].ring->head = 3; /* not aligned */
    greet(&w[0], FW_VERSION, 1);
    greet(&w[1], FW_VERSION, 1);
    greet(&w[2], FW_VERSION + 1, 1);
    greet(&w[3], FW_VERSION, 0); /* no descriptor */
    greet(&w[4], FW_VERSION, 3); /* and two too many */
    greet(&w[5], FW_VERSION, 1);
    assert_int_equal(collector_poll(r->c, 20, count, &c, NULL), 0);
    assert_int_equal(collector_refused(r->c), 6);
    assert_int_equal(collector_peers(r->c), 0);
    for (unsigned i = 0; i < 6; i++)
        leave(&w[i]);
}

static void a_head_out_of_bounds_ends_that_ring_only(void **state)
{
    struct room *r = *state;
    struct count c = { 0 };
    struct ring_writer rw = RING_WRITER;
    const uint64_t heads[] = { BYTES + 8, 4, (uint64_t)0 - 8 };
    struct writer good = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
    greet(&good, FW_VERSION, 1);
    for (unsigned i = 0; i < 3; i++) {
        struct writer w = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
        greet(&w, FW_VERSION, 1);
        assert_int_equal(collector_poll(r->c, 10, count, &c, NULL), 0);
        assert_int_equal(collector_peers(r->c), 2);
        w.ring->head = heads[i];
        assert_int_equal(collector_poll(r->c, 10, count, &c, NULL), 0);
        assert_int_equal(collector_peers(r->c), 1);
        leave(&w);
    }
    page(&rw);
    produce(&good, &rw);
    assert_int_equal(collector_poll(r->c, 100, count, &c, NULL), 1);
    leave(&good);
    rw_release(&rw);
}

static void a_killed_process_is_still_read(void **state)
{
    struct room *r = *state;
    struct count c = { 0 };
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (!pid) {
        struct ring_writer rw = RING_WRITER;
        struct writer w = connect_ring(r, true, FW_RING_HEADER + BYTES, BYTES);
        greet(&w, FW_VERSION, 1);
        page(&rw);
        page(&rw);
        produce(&w, &rw);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    char x;
    assert_int_equal(read(ready[0], &x, 1), 1);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(collector_poll(r->c, 200, count, &c, NULL), 2);
    collector_poll(r->c, 0, count, &c, NULL);
    assert_int_equal(collector_peers(r->c), 0);
    close(ready[0]);
    close(ready[1]);
}

static void open_says_what_is_wrong(void **state)
{
    struct room *r = *state;
    struct err err = { 0 };
    struct collector *c = NULL;
    char name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_int_equal(collector_open(name, &c, &err), RC_LIMIT);
    assert_int_equal(collector_open(r->sock, &c, &err), RC_IO);
    assert_non_null(strstr(err.what, r->sock));
    assert_true(file_exists(r->sock)); /* the other collector's socket is left alone */
    assert_null(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_mapped_ring, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_an_unsealed_ring_by_pread, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shrunk_file_is_no_bus_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_peers_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_out_of_bounds_ends_that_ring_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_killed_process_is_still_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open_says_what_is_wrong, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
