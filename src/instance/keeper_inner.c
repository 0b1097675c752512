/* The inner half of the keeper: process 1 of the namespaces. A loop over the control socket;
 * nothing here may block for long, trust a child, or return. It holds the privileges that remount
 * and reset need, so no program of the app can trace it: it is not dumpable, and theirs are fewer.
 */
#include "instance/keeper_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    pid_t pid;
    uint32_t id;
};

struct state {
    const struct keeper_inner *k;
    struct child children[KEEPER_CHILDREN_MAX];
    size_t nchildren;
    struct keeper_message *m; /* the message being served, KEEPER_MESSAGE_MAX bytes */
    char *strings[KEEPER_STRINGS_MAX];
};

static void say(const struct state *s, uint32_t op, uint32_t id, int32_t value, const char *text)
{
    struct keeper_message m = { .op = op, .id = id, .value = value };
    snprintf(m.text, sizeof m.text, "%s", text ? text : "");
    while (send(s->k->control, &m, sizeof m, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

/* Splits the strings of a message; false when it is damaged. Message: cwd, arguments, NULL,
 * variables, NULL. */
static bool unpack(struct state *s, size_t nbytes)
{
    size_t n = nbytes - sizeof *s->m, used = 0, want = 1 + (size_t)s->m->nargs + s->m->nenv;
    if (want + 2 > KEEPER_STRINGS_MAX)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < want; i++) {
        size_t len = strnlen(s->m->strings + used, n - used);
        if (used + len >= n)
            return false;
        s->strings[at++] = s->m->strings + used;
        used += len + 1;
        if (i == s->m->nargs)
            s->strings[at++] = NULL;
    }
    s->strings[at] = NULL;
    return true;
}

static _Noreturn void become(const struct state *s, const int fds[3], int failed_fd)
{
    char **argv = (char **)&s->strings[1], **env = (char **)&s->strings[2 + s->m->nargs];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (!(s->m->flags & RUN_SAME_SESSION))
        setsid();
    int e = 0;
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0)
            e = errno;
    if (*s->strings[0] && chdir(s->strings[0]) < 0)
        e = errno;
    umask(022);
    if (!e)
        e = walls_drop_privileges(s->k, s->m->uid, s->m->gid);
    /* Where PHP's memory lies makes two processes of one program differ by several percent: with one layout they compare. */
    (void)personality(ADDR_NO_RANDOMIZE);
    if (!e) {
        execve(argv[0], argv, env);
        e = errno;
    }
    while (write(failed_fd, &e, sizeof e) < 0 && errno == EINTR)
        ;
    _exit(127);
}

static void run(struct state *s, const int fds[3])
{
    int failed[2], e = 0;
    if (s->nchildren == KEEPER_CHILDREN_MAX || pipe2(failed, O_CLOEXEC) < 0) {
        say(s, K_STARTED, s->m->id, EAGAIN, "too many programs");
        return;
    }
    pid_t pid = fork();
    if (pid == 0)
        become(s, fds, failed[1]);
    close(failed[1]);
    if (pid < 0)
        e = errno;
    else
        s->children[s->nchildren++] = (struct child){ pid, s->m->id };
    if (pid > 0 && read(failed[0], &e, sizeof e) != sizeof e)
        e = 0;
    close(failed[0]);
    say(s, K_STARTED, s->m->id, e, e ? strerror(e) : "");
}

static void reap(struct state *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < s->nchildren; i++)
            if (s->children[i].pid == pid) {
                say(s, K_EXITED, s->children[i].id,
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), "");
                s->children[i] = s->children[--s->nchildren];
                break;
            }
}

static void kill_program(const struct state *s)
{
    for (size_t i = 0; i < s->nchildren; i++)
        if (s->children[i].id == s->m->id) {
            kill(-s->children[i].pid, s->m->value);
            kill(s->children[i].pid, s->m->value);
        }
}

static int put(const char *from, const char *to, char *text, size_t size)
{
    struct err err = { 0 };
    struct stat st;
    char folder[4096];
    const char *slash = strrchr(to, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - to) : 0, to);
    if (*folder && access(folder, F_OK) < 0 && dir_make(folder, &err) != RC_OK)
        return EIO;
    if (file_copy(from, to, &err) != RC_OK) {
        snprintf(text, size, "%.180s", err.what);
        return EIO;
    }
    if (stat(from, &st) == 0 && chmod(to, st.st_mode & 07777) < 0)
        return errno;
    return 0;
}

static int serve_walls(struct state *s, char *text, size_t size)
{
    char **args = s->strings + 1;
    size_t n = s->m->nargs;
    switch (s->m->op) {
    case K_WORLD:
        return walls_world(s->k, args, n, text, size);
    case K_MASK:
        return walls_mask(args, n, text, size);
    case K_RESOLVER:
        return n == 1 ? walls_resolver(args[0], text, size) : EINVAL;
    case K_OVERLAY:
        return n == 3 ? walls_overlay(s->k, args[0], args[1], args[2], text, size) : EINVAL;
    case K_BIND:
        return n == 2 ? walls_bind(args[0], args[1], text, size) : EINVAL;
    case K_REMOVE:
        for (size_t i = 0; i < n; i++)
            dir_remove(args[i]);
        return 0;
    case K_PUT:
        return n == 2 ? put(args[0], args[1], text, size) : EINVAL;
    default:
        return ENOSYS;
    }
}

/* Reads one message with up to three descriptors. False: the other side is gone. */
static bool serve(struct state *s)
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec io = { s->m, KEEPER_MESSAGE_MAX };
    struct msghdr h = {
        .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    ssize_t n = recvmsg(s->k->control, &h, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR)
        return true;
    if (n < (ssize_t)sizeof *s->m)
        return false;
    int fds[3] = { -1, -1, -1 };
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fds))
        memcpy(fds, CMSG_DATA(c), sizeof fds);
    if (!unpack(s, (size_t)n)) {
        say(s, K_DONE, s->m->id, EINVAL, "damaged message");
    } else if (s->m->op == K_RUN && fds[0] >= 0) {
        run(s, fds);
    } else if (s->m->op == K_KILL) {
        kill_program(s);
    } else {
        char text[192] = "";
        int e = serve_walls(s, text, sizeof text);
        say(s, K_DONE, s->m->id, e, text);
    }
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return true;
}

_Noreturn void keeper_inner(const struct keeper_inner *k)
{
    static struct state s; /* process 1 is single: no other thread or instance shares it */
    s.k = k;
    s.m = malloc(KEEPER_MESSAGE_MAX + 1);
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    int reaper = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
    if (!s.m || reaper < 0)
        _exit(1);
    for (;;) {
        struct pollfd p[3] = { { k->control, POLLIN, 0 },
                               { reaper, POLLIN, 0 },
                               { k->parent_pidfd, POLLIN, 0 } };
        if (poll(p, 3, -1) < 0 && errno != EINTR)
            break;
        if (p[2].revents)
            break; /* our maker is gone, however it went */
        if (p[1].revents) {
            struct signalfd_siginfo info;
            while (read(reaper, &info, sizeof info) > 0)
                ;
            reap(&s);
        }
        if (p[0].revents && !serve(&s))
            break;
    }
    if (k->walls == WALLS_NONE) /* no PID namespace that would end with us */
        for (size_t i = 0; i < s.nchildren; i++)
            kill(-s.children[i].pid, SIGKILL);
    _exit(0);
}
