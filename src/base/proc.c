#include "base/proc.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
    int in[2], out[2], err[2], failed[2];
};

static void close_pair(int fd[2])
{
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            close(fd[i]);
    fd[0] = fd[1] = -1;
}

static void close_pipes(struct pipes *p)
{
    close_pair(p->in);
    close_pair(p->out);
    close_pair(p->err);
    close_pair(p->failed);
}

static bool open_pipes(struct pipes *p)
{
    memset(p, -1, sizeof *p);
    if (!fault_hit() && pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0 &&
        pipe2(p->err, O_CLOEXEC) == 0 && pipe2(p->failed, O_CLOEXEC) == 0)
        return true;
    close_pipes(p);
    return false;
}

static _Noreturn void child(const struct proc_opts *o, struct pipes *p)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(p->in[0], 0);
    dup2(p->out[1], 1);
    dup2(p->err[1], 2);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!o->cwd || chdir(o->cwd) == 0)
        execvpe(o->argv[0], (char *const *)o->argv, o->env ? (char *const *)o->env : environ);
    int e = errno;
    if (write(p->failed[1], &e, sizeof e) < 0)
        _exit(126);
    _exit(127);
}

static bool drain(int fd, struct buf *to)
{
    char chunk[16384];
    ssize_t k = fault_read(fd, chunk, sizeof chunk);
    if (k < 0)
        return errno == EINTR || errno == EAGAIN;
    if (k > 0 && to->n + (size_t)k < LIMIT_OUTPUT_BYTES)
        buf_add(to, chunk, (size_t)k);
    return k > 0;
}

/* Moves bytes until both outputs are closed; false at the deadline. */
static bool pump(const struct proc_opts *o, struct pipes *p, struct proc_result *ret, uint64_t end)
{
    size_t sent = 0;
    while (p->out[0] >= 0 || p->err[0] >= 0) {
        struct pollfd fds[3] = { { p->out[0], POLLIN, 0 },
                                 { p->err[0], POLLIN, 0 },
                                 { sent < o->input.n ? p->in[1] : -1, POLLOUT, 0 } };
        uint64_t now = now_ns();
        if (now >= end)
            return false;
        int n = poll(fds, 3, (int)((end - now) / 1000000u) + 1);
        if (n < 0 && errno != EINTR)
            return false;
        if (fds[0].revents && !drain(p->out[0], &ret->out))
            close(p->out[0]), p->out[0] = -1;
        if (fds[1].revents && !drain(p->err[0], &ret->err))
            close(p->err[0]), p->err[0] = -1;
        if (fds[2].revents) {
            ssize_t k = write(p->in[1], o->input.p + sent, o->input.n - sent);
            sent = k > 0 ? sent + (size_t)k : o->input.n;
        }
        if (sent >= o->input.n && p->in[1] >= 0)
            close(p->in[1]), p->in[1] = -1;
    }
    return true;
}

static int wait_until(pid_t pid, uint64_t end)
{
    int status;
    for (;;) {
        pid_t r = waitpid(pid, &status, WNOHANG);
        if (r == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (now_ns() >= end) {
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }
        sleep_ns(1000000);
    }
}

int proc_run(const struct proc_opts *o, struct proc_result *ret, struct err *err)
{
    struct pipes p;
    *ret = (struct proc_result){ .out = BUF_INIT(LIMIT_OUTPUT_BYTES * 2),
                                 .err = BUF_INIT(LIMIT_OUTPUT_BYTES * 2) };
    if (!open_pipes(&p))
        return err_set(err, RC_IO, NULL, "cannot start %s: %s", o->argv[0], strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        child(o, &p);
    if (pid < 0) {
        close_pipes(&p);
        return err_set(err, RC_IO, NULL, "cannot start %s: %s", o->argv[0], strerror(errno));
    }
    setpgid(pid, pid);
    close(p.in[0]), close(p.out[1]), close(p.err[1]), close(p.failed[1]);
    p.in[0] = p.out[1] = p.err[1] = p.failed[1] = -1;
    fcntl(p.in[1], F_SETFL, O_NONBLOCK);
    void (*old_pipe)(int) = signal(SIGPIPE, SIG_IGN);
    uint64_t end = now_ns() + (o->timeout_ns ? o->timeout_ns : 60000000000u);
    bool done = pump(o, &p, ret, end);
    signal(SIGPIPE, old_pipe);
    ret->status = wait_until(pid, done ? end : 0);
    int failed = 0;
    bool not_started = read(p.failed[0], &failed, sizeof failed) == sizeof failed;
    close_pipes(&p);
    if (not_started)
        return err_set(err, failed == ENOENT ? RC_NOTFOUND : RC_IO, NULL, "cannot start %s: %s",
                       o->argv[0], strerror(failed));
    if (ret->status < 0)
        return err_set(err, RC_TIMEOUT, NULL, "%s took longer than its limit and was stopped",
                       o->argv[0]);
    return RC_OK;
}

void proc_result_release(struct proc_result *r)
{
    buf_release(&r->out);
    buf_release(&r->err);
}
