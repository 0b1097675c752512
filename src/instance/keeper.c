/* The outer half of the keeper: makes the namespaces and talks to their process 1.
 *
 * Two forks: the first child unshares (a PID namespace takes effect for its children only), the
 * second is process 1. The first waits for it, so that we have one child to reap. */
#include "instance/keeper_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 20, ENDED_MAX = KEEPER_CHILDREN_MAX };
static const uint64_t OPERATION_LIMIT_NS = 20000000000u;

struct ended {
    uint32_t id;
    int32_t status;
};

struct keeper {
    int control;
    pid_t middle, first; /* `first`: process 1, as we see it */
    enum walls walls;
    bool user_namespace, dead;
    uint32_t next_id;
    struct ended ended[ENDED_MAX];
    size_t nended;
    uint32_t running[KEEPER_CHILDREN_MAX];
    size_t nrunning;
    volatile int *stop;
};

/* ---- the first child ---- */

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    close(fd);
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* The user keeps its own number inside: files look the same, and no program believes that it is
 * root. */
static int map_ourselves(uid_t uid, gid_t gid)
{
    char map[64];
    if (write_text("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    if (write_text("/proc/self/uid_map", map) < 0)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    return write_text("/proc/self/gid_map", map);
}

/* Tries the strongest walls first. Returns what was had; *why is the errno of the strongest that
 * was refused. */
static enum walls unshare_walls(const struct keeper_opts *o, bool *user_namespace, int *why)
{
    const int inner = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC;
    uid_t uid = geteuid();
    gid_t gid = getegid();
    *why = 0;
    for (int mount_wall = o->no_mount ? 0 : 1; mount_wall >= 0; mount_wall--)
        for (int userns = uid == 0 ? 0 : 1; userns <= 1; userns++) {
            int flags = inner | (mount_wall ? CLONE_NEWNS : 0) | (userns ? CLONE_NEWUSER : 0);
            if (unshare(flags) == 0 && (!userns || map_ourselves(uid, gid) == 0)) {
                *user_namespace = userns;
                return mount_wall ? WALLS_FULL : WALLS_NET;
            }
            if (!*why)
                *why = errno;
        }
    return WALLS_NONE;
}

static _Noreturn void middle(const struct keeper_opts *o, int control, int parent_pidfd, bool root)
{
    struct keeper_inner k = { .control = control, .parent_pidfd = parent_pidfd, .root = root };
    struct keeper_message hello = { .op = K_HELLO };
    int why;
    setpgid(0, 0);
    for (int s = 1; s < 32; s++)
        signal(s, SIG_DFL);
    signal(SIGINT,
           SIG_IGN); /* the terminal's Ctrl-C goes to us outside; we decide the order of ending */
    k.walls = unshare_walls(o, &k.user_namespace, &why);
    hello.flags = k.user_namespace ? HELLO_USER_NAMESPACE : 0;
    hello.value = (int32_t)k.walls;
    hello.uid = (uint32_t)why;
    pid_t pid = fork();
    if (pid == 0) {
        char text[192] = "";
        if (k.walls >= WALLS_NET)
            walls_network(text, sizeof text);
        keeper_inner(&k);
    }
    hello.id = (uint32_t)pid;
    if (pid < 0 || send(control, &hello, sizeof hello, MSG_NOSIGNAL) < 0)
        _exit(1);
    close(control);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    _exit(0);
}

/* Only the control socket and the pidfd cross: an inherited control socket of another instance
 * would keep it alive. */
static void close_others(int a, int b)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    if (low > 3)
        syscall(SYS_close_range, 3, low - 1, 0);
    if (high > low + 1)
        syscall(SYS_close_range, low + 1, high - 1, 0);
    syscall(SYS_close_range, high + 1, ~0u, 0);
}

/* ---- outside ---- */

static void note_message(struct keeper *k, const struct keeper_message *m)
{
    if (m->op != K_EXITED)
        return;
    for (size_t i = 0; i < k->nrunning; i++)
        if (k->running[i] == m->id) {
            k->running[i] = k->running[--k->nrunning];
            break;
        }
    if (k->nended < ENDED_MAX)
        k->ended[k->nended++] = (struct ended){ m->id, m->value };
}

/* Reads one message, or RC_TIMEOUT. Exits of programs are noted whatever is waited for. */
static int next_message(struct keeper *k, uint64_t deadline, bool stoppable,
                        struct keeper_message *ret, struct err *err)
{
    for (;;) {
        if (stoppable && k->stop && *k->stop)
            return err_set(err, RC_INTERRUPTED, NULL, "stopped");
        struct pollfd p = { k->control, POLLIN, 0 };
        uint64_t now = now_ns();
        int n = poll(&p, 1, now < deadline ? TICK_MS : 0);
        if (n > 0) {
            ssize_t got = recv(k->control, ret, sizeof *ret, 0);
            if (got == (ssize_t)sizeof *ret) {
                note_message(k, ret);
                return RC_OK;
            }
            if (got < 0 && (errno == EINTR || errno == EAGAIN))
                continue;
            k->dead = true;
            return err_set(err, RC_IO, NULL, "the instance has ended");
        }
        if (now >= deadline)
            return err_set(err, RC_TIMEOUT, NULL, "the instance did not answer in time");
    }
}

static int refused(const struct keeper_opts *o, const struct keeper_message *m, struct err *err)
{
    const char *what = m->value == WALLS_NET ? "a mount namespace" : "namespaces";
    return err_set(err, RC_DENIED,
                   "run as root or allow user namespaces; --unsafe goes on with weaker walls",
                   "this system refuses %s to us (%s): without them the app could write your real "
                   "files and databases",
                   o->no_mount ? "namespaces" : what, strerror((int)m->uid));
}

int keeper_start(const struct keeper_opts *o, struct keeper **ret, struct err *err)
{
    int pair[2] = { -1, -1 };
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    struct keeper *k = fault_calloc(1, sizeof *k);
    if (!k || fault_hit() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        free(k);
        if (pidfd >= 0)
            close(pidfd);
        return err_set(err, RC_IO, NULL, "cannot start the instance: %s", strerror(errno));
    }
    int room = KEEPER_MESSAGE_MAX * 2;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close_others(pair[1], pidfd >= 0 ? pidfd : pair[1]);
        middle(o, pair[1], pidfd, geteuid() == 0);
    }
    close(pair[1]);
    if (pidfd >= 0)
        close(pidfd);
    *k = (struct keeper){ .control = pair[0], .middle = pid, .stop = o->stop, .next_id = 1 };
    struct keeper_message m;
    int rc = pid < 0 ? err_set(err, RC_IO, NULL, "cannot start the instance: %s", strerror(errno))
                     : next_message(k, now_ns() + OPERATION_LIMIT_NS, true, &m, err);
    if (!rc) {
        k->walls = (enum walls)m.value;
        k->user_namespace = m.flags & HELLO_USER_NAMESPACE;
        k->first = (pid_t)m.id;
        if (k->walls < WALLS_FULL && !o->allow_weaker)
            rc = refused(o, &m, err);
    }
    if (rc) {
        keeper_stop(k);
        return rc;
    }
    *ret = k;
    return RC_OK;
}

void keeper_stop(struct keeper *k)
{
    if (!k)
        return;
    if (k->walls == WALLS_NONE &&
        !k->dead) { /* no PID namespace: process 1 must end its programs itself */
        close(k->control);
        k->control = -1;
    } else if (k->first > 0) {
        kill(k->first, SIGKILL);
    } else if (k->middle > 0) {
        kill(k->middle, SIGKILL);
    }
    if (k->middle > 0)
        while (waitpid(k->middle, NULL, 0) < 0 && errno == EINTR)
            ;
    if (k->control >= 0)
        close(k->control);
    free(k);
}

enum walls keeper_walls(const struct keeper *k)
{
    return k->walls;
}

bool keeper_in_user_namespace(const struct keeper *k)
{
    return k->user_namespace;
}

pid_t keeper_pid(const struct keeper *k)
{
    return k->first;
}

static void drain(struct keeper *k)
{
    struct keeper_message m;
    struct err ignored;
    struct pollfd p = { k->control, POLLIN, 0 };
    while (!k->dead && poll(&p, 1, 0) > 0)
        if (next_message(k, now_ns(), false, &m, &ignored) != RC_OK)
            break;
}

static uint32_t add_strings(struct buf *b, const char *const *strings)
{
    uint32_t n = 0;
    for (; strings && strings[n]; n++)
        buf_add(b, strings[n], strlen(strings[n]) + 1);
    return n;
}

static int post(struct keeper *k, struct keeper_message *m, const char *cwd,
                const char *const *args, const char *const *env, const int *fds, struct err *err)
{
    auto_buf b = BUF_INIT(KEEPER_MESSAGE_MAX);
    buf_add(&b, m, sizeof *m);
    buf_add(&b, cwd ? cwd : "", strlen(cwd ? cwd : "") + 1);
    uint32_t nargs = add_strings(&b, args), nenv = add_strings(&b, env);
    if (b.failed || nargs + nenv + 3 > KEEPER_STRINGS_MAX)
        return err_set(err, RC_LIMIT, NULL, "arguments and environment of %s are too long",
                       args ? args[0] : "?");
    ((struct keeper_message *)(void *)b.p)->nargs = nargs;
    ((struct keeper_message *)(void *)b.p)->nenv = nenv;
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    struct iovec io = { b.p, b.n };
    struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1 };
    if (fds) {
        h.msg_control = &control;
        h.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(3 * sizeof(int));
        memcpy(CMSG_DATA(c), fds, 3 * sizeof(int));
    }
    ssize_t n;
    while ((n = fault_hit() ? (errno = EIO, -1) : sendmsg(k->control, &h, MSG_NOSIGNAL)) < 0 &&
           errno == EINTR)
        ;
    if (n < 0) {
        k->dead = errno == EPIPE || errno == ECONNRESET;
        return err_set(err, RC_IO, NULL, "cannot speak to the instance: %s", strerror(errno));
    }
    return RC_OK;
}

/* Waits for the answer `op` to message `id`. */
static int answer(struct keeper *k, enum keeper_op op, uint32_t id, struct keeper_message *ret,
                  struct err *err)
{
    uint64_t deadline = now_ns() + OPERATION_LIMIT_NS;
    for (;;) {
        int rc = next_message(k, deadline, true, ret, err);
        if (rc || (ret->op == (uint32_t)op && ret->id == id))
            return rc;
    }
}

int keeper_do(struct keeper *k, enum keeper_op op, const char *const *args, struct err *err)
{
    struct keeper_message m = { .op = (uint32_t)op, .id = k->next_id++ };
    int rc = post(k, &m, NULL, args, NULL, NULL, err);
    if (!rc)
        rc = answer(k, K_DONE, m.id, &m, err);
    if (!rc && m.value)
        rc = err_set(err, m.value == EPERM || m.value == EACCES ? RC_DENIED : RC_IO, NULL, "%s",
                     m.text[0] ? m.text : strerror(m.value));
    return rc;
}

int keeper_spawn(struct keeper *k, const struct keeper_run *r, uint32_t *ret_id, struct err *err)
{
    struct keeper_message m = { .op = K_RUN,
                                .id = k->next_id++,
                                .uid = r->uid,
                                .gid = r->gid,
                                .flags = r->same_session ? RUN_SAME_SESSION : 0 };
    if (k->nrunning == KEEPER_CHILDREN_MAX)
        return err_set(err, RC_LIMIT, NULL, "too many programs run in the instance");
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return err_set(err, RC_IO, NULL, "cannot open /dev/null: %s", strerror(errno));
    int fds[3] = { r->in >= 0 ? r->in : null, r->out >= 0 ? r->out : null,
                   r->err >= 0 ? r->err : null };
    uint32_t id = m.id;
    int rc = post(k, &m, r->cwd, r->argv, r->env, fds, err);
    close(null);
    if (!rc)
        rc = answer(k, K_STARTED, id, &m, err);
    if (!rc && m.value)
        rc = err_set(err, m.value == ENOENT ? RC_NOTFOUND : RC_IO, NULL, "cannot start %s: %s",
                     r->argv[0], m.text);
    if (rc)
        return rc;
    k->running[k->nrunning++] = id;
    *ret_id = id;
    return RC_OK;
}

static bool take_ended(struct keeper *k, uint32_t id, int *ret_status)
{
    for (size_t i = 0; i < k->nended; i++)
        if (k->ended[i].id == id) {
            *ret_status = k->ended[i].status;
            k->ended[i] = k->ended[--k->nended];
            return true;
        }
    return false;
}

int keeper_wait(struct keeper *k, uint32_t id, uint64_t deadline_ns, int *ret_status,
                struct err *err)
{
    struct keeper_message m;
    while (!take_ended(k, id, ret_status)) {
        int rc = next_message(k, deadline_ns, true, &m, err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

bool keeper_running(struct keeper *k, uint32_t id)
{
    drain(k);
    for (size_t i = 0; i < k->nrunning; i++)
        if (k->running[i] == id)
            return !k->dead;
    return false;
}

void keeper_kill(struct keeper *k, uint32_t id, int signal)
{
    struct keeper_message m = { .op = K_KILL, .id = id, .value = signal };
    struct err ignored;
    if (post(k, &m, NULL, NULL, NULL, NULL, &ignored) != RC_OK)
        k->dead = k->dead || ignored.rc == RC_IO;
}
