/* Runs a program inside to its end and collects what it says. */
#include "instance/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { TICK_MS = 20 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

struct pipes {
    int in[2], out[2], err[2];
};

static void close_pipes(struct pipes *p)
{
    int *all[] = { p->in, p->out, p->err };
    for (int i = 0; i < 3; i++)
        close_fd(&all[i][0]), close_fd(&all[i][1]);
}

static int open_pipes(struct pipes *p, struct err *err)
{
    memset(p, -1, sizeof *p);
    if (fault_hit() || pipe2(p->in, O_CLOEXEC) < 0 || pipe2(p->out, O_CLOEXEC) < 0 ||
        pipe2(p->err, O_CLOEXEC) < 0) {
        int rc = err_set(err, RC_IO, NULL, "cannot open a pipe: %s", strerror(errno));
        close_pipes(p);
        return rc;
    }
    fcntl(p->in[1], F_SETFL, O_NONBLOCK);
    fcntl(p->out[0], F_SETFL, O_NONBLOCK);
    fcntl(p->err[0], F_SETFL, O_NONBLOCK);
    return RC_OK;
}

/* Moves what is there; closes at end of file. */
static void drain(int *fd, struct buf *to)
{
    char chunk[16384];
    while (*fd >= 0) {
        ssize_t n = fault_read(*fd, chunk, sizeof chunk);
        if (n > 0 && to->n + (size_t)n < LIMIT_OUTPUT_BYTES)
            buf_add(to, chunk, (size_t)n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || (n < 0 && errno != EAGAIN))
            close_fd(fd);
        if (n <= 0)
            return;
    }
}

static void feed(int *fd, struct str input, size_t *sent)
{
    ssize_t n = *sent < input.n ? fault_write(*fd, input.p + *sent, input.n - *sent) : 0;
    if (n > 0)
        *sent += (size_t)n;
    if (*sent >= input.n || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(fd);
}

/* Until the program has ended and its output is read. A daemon that it left behind may hold the
 * pipes open: the program's end counts, not the pipes'. */
static int pump(struct keeper *k, uint32_t id, struct pipes *p, struct str input, uint64_t deadline,
                struct proc_result *ret, struct err *err)
{
    size_t sent = 0;
    for (;;) {
        struct pollfd fds[] = { { p->out[0], POLLIN, 0 },
                                { p->err[0], POLLIN, 0 },
                                { p->in[1], POLLOUT, 0 } };
        poll(fds, 3, p->out[0] < 0 && p->err[0] < 0 ? 0 : TICK_MS / 4);
        if (p->in[1] >= 0)
            feed(&p->in[1], input, &sent);
        drain(&p->out[0], &ret->out);
        drain(&p->err[0], &ret->err);
        uint64_t now = now_ns(),
                 soon = p->out[0] < 0 && p->err[0] < 0 ? now + TICK_MS * 1000000u : now;
        int rc = keeper_wait(k, id, soon < deadline ? soon : deadline, &ret->status, err);
        if (rc == RC_OK) {
            drain(&p->out[0], &ret->out);
            drain(&p->err[0], &ret->err);
            return RC_OK;
        }
        if (rc != RC_TIMEOUT || now >= deadline)
            return rc;
    }
}

int keeper_exec(struct keeper *k, const struct keeper_run *run, struct str input,
                uint64_t timeout_ns, struct proc_result *ret, struct err *err)
{
    struct pipes p;
    struct keeper_run r = *run;
    uint32_t id = 0;
    *ret = (struct proc_result){ .out = BUF_INIT(LIMIT_OUTPUT_BYTES * 2),
                                 .err = BUF_INIT(LIMIT_OUTPUT_BYTES * 2) };
    int rc = open_pipes(&p, err);
    if (rc)
        return rc;
    r.in = p.in[0], r.out = p.out[1], r.err = p.err[1];
    rc = keeper_spawn(k, &r, &id, err);
    close_fd(&p.in[0]), close_fd(&p.out[1]), close_fd(&p.err[1]);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    if (!rc)
        rc = pump(k, id, &p, input, now_ns() + timeout_ns, ret, err);
    signal(SIGPIPE, old);
    if (rc && id)
        keeper_kill(k, id, SIGKILL);
    if (rc == RC_TIMEOUT)
        err_set(err, RC_TIMEOUT, NULL, "%s took longer than its limit and was stopped",
                run->argv[0]);
    close_pipes(&p);
    return rc;
}
