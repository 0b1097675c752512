/* Private servers: what MySQL, PostgreSQL and Redis share. Dump and client programs run outside the
 * walls, because the user's real server is there; they only read it. The private server runs
 * inside, its socket in the work folder. */
#include "instance/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t START_LIMIT_NS = 20000000000u, END_LIMIT_NS = 15000000000u,
                      ASK_LIMIT_NS = 15000000000u, PIPE_LIMIT_NS = 600000000000u;

extern char **environ;

struct server *server_new(struct instance *in, enum server_kind kind, const char *name,
                          struct err *err)
{
    struct private_ *p = in->p;
    if (p->nservers == SERVERS_MAX) {
        err_set(err, RC_LIMIT, NULL, "more than %d servers", SERVERS_MAX);
        return NULL;
    }
    struct server *s = &p->servers[p->nservers];
    *s = (struct server){ .kind = kind,
                          .dir = arena_printf(p->arena, "%s/%s%zu", in->dir, name, p->nservers) };
    s->data = arena_printf(p->arena, "%s/data", s->dir);
    if (!s->data || dir_make(s->data, err))
        return NULL;
    p->nservers++;
    return s;
}

const char *server_program(struct arena *a, const char *const *names, const char *const *folders)
{
    const char *path = getenv("PATH");
    for (size_t i = 0; names[i]; i++) {
        struct str rest = str_c(path ? path : ""), part;
        while (str_next(&rest, ':', &part)) {
            char *file = part.n ? arena_printf(a, "%.*s/%s", (int)part.n, part.p, names[i]) : NULL;
            if (file && access(file, X_OK) == 0)
                return file;
        }
        for (size_t k = 0; folders[k]; k++) {
            char *file = arena_printf(a, "%s/%s", folders[k], names[i]);
            if (file && access(file, X_OK) == 0)
                return file;
        }
    }
    return NULL;
}

static void first_complaint(const struct buf *b, char *ret, size_t size)
{
    struct str rest = { b->p ? b->p : "", (uint32_t)b->n }, line, best = { "", 0 };
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        bool complains = str_contains(line, "rror") || str_contains(line, "ERROR") ||
                         str_contains(line, "FATAL");
        if (line.n && (!best.n || complains)) {
            best = line;
            if (complains)
                break;
        }
    }
    snprintf(ret, size, "%.*s", (int)(best.n < 170 ? best.n : 170), best.p);
}

int server_ask(struct instance *in, const char *const *argv, const char *const *env, char **ret,
               struct err *err)
{
    struct proc_result r;
    struct proc_opts o = { .argv = argv, .env = env, .timeout_ns = ASK_LIMIT_NS };
    int rc = halted(in, err);
    if (rc || (rc = proc_run(&o, &r, err)))
        return rc;
    char why[200];
    first_complaint(&r.err, why, sizeof why);
    if (r.status != 0)
        rc = err_set(err, RC_STATE, NULL, "%s", why[0] ? why : "it failed without a word");
    else
        *ret = arena_strndup(in->p->arena, r.out.n ? r.out.p : "", r.out.n);
    proc_result_release(&r);
    return rc ? rc : *ret ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory");
}

/* ---- a pipe of two programs ---- */

static pid_t start(const char *const *argv, const char *const *env, int in, int out, int complaints)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(complaints, 2) >= 0)
        execve(argv[0], (char *const *)argv, env ? (char *const *)env : environ);
    _exit(127);
}

/* Waits for both; kills both at a stop or at the limit. Statuses are exit codes, 128 + signal, or
 * -1. */
static int wait_both(struct instance *in, const pid_t pids[2], int status[2], struct err *err)
{
    uint64_t end = now_ns() + PIPE_LIMIT_NS;
    int left = 2, rc = RC_OK;
    status[0] = status[1] = -1;
    while (left) {
        for (int i = 0; i < 2; i++) {
            int s;
            if (status[i] < 0 && waitpid(pids[i], &s, WNOHANG) == pids[i]) {
                status[i] = WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
                left--;
            }
        }
        bool waits = !rc && left;
        if (waits && !(rc = halted(in, err)) && now_ns() > end)
            rc = err_set(err, RC_TIMEOUT, "copy a smaller database",
                         "the copy took longer than %d s", (int)(PIPE_LIMIT_NS / 1000000000u));
        for (int i = 0; waits && rc && i < 2; i++)
            if (status[i] < 0)
                kill(-pids[i], SIGKILL), kill(pids[i], SIGKILL);
        if (left)
            sleep_ns(5000000);
    }
    return rc;
}

static int judge_pipe(struct instance *in, const char *const paths[2],
                      const char *const *programs[2], const int status[2], struct err *err)
{
    static const int order[2] = {
        1, 0
    }; /* a reader that fails breaks the writer's pipe: its words come first */
    for (int k = 0; k < 2; k++) {
        int i = order[k];
        auto_arena *a = arena_new(4 << 20);
        struct str text = { "", 0 };
        char why[200];
        if (status[i] == 0 || (i == 0 && status[0] == 128 + SIGPIPE))
            continue;
        if (a && file_read(paths[i], 1 << 20, a, &text, NULL) != RC_OK)
            text = (struct str){ "", 0 };
        first_complaint(&(struct buf){ .p = (char *)text.p, .n = text.n }, why, sizeof why);
        (void)in;
        return err_set(err, RC_IO, NULL, "%s failed: %s", programs[i][0],
                       why[0] ? why : "no reason given");
    }
    return RC_OK;
}

int server_pipe(struct instance *in, const char *const *from, const char *const *from_env,
                const char *const *to, const char *const *to_env, struct err *err)
{
    struct arena *a = in->p->arena;
    const char *paths[2] = { arena_printf(a, "%s/db/from.err", in->dir),
                             arena_printf(a, "%s/db/to.err", in->dir) };
    const char *const *programs[2] = { from, to };
    int fds[2] = { -1, -1 }, logs[2] = { -1, -1 }, null = open("/dev/null", O_RDWR | O_CLOEXEC),
        status[2];
    for (int i = 0; i < 2; i++)
        logs[i] = open(paths[i], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    pid_t pids[2] = { -1, -1 };
    int rc = RC_OK;
    if (null < 0 || logs[0] < 0 || logs[1] < 0 || fault_hit() || pipe2(fds, O_CLOEXEC) < 0) {
        rc = err_set(err, RC_IO, NULL, "cannot open a pipe: %s", strerror(errno));
    } else {
        pids[0] = start(from, from_env, null, fds[1], logs[0]);
        pids[1] = start(to, to_env, fds[0], null, logs[1]);
    }
    int all[] = { fds[0], fds[1], logs[0], logs[1], null };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0)
            close(all[i]);
    if (!rc && (pids[0] < 0 || pids[1] < 0))
        rc = err_set(err, RC_IO, NULL, "cannot start %s: %s", pids[0] < 0 ? from[0] : to[0],
                     strerror(errno));
    if (pids[0] < 0 || pids[1] < 0) {
        for (int i = 0; i < 2; i++)
            if (pids[i] > 0)
                kill(pids[i], SIGKILL), waitpid(pids[i], NULL, 0);
        return rc;
    }
    rc = wait_both(in, pids, status, err);
    return rc ? rc : judge_pipe(in, paths, programs, status, err);
}

/* ---- running ---- */

static bool answers(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    if (snprintf(at.sun_path, sizeof at.sun_path, "%s", path) >= (int)sizeof at.sun_path)
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool serves(struct instance *in, const struct server *s)
{
    char *ignored = NULL;
    struct err none;
    return answers(s->socket) &&
           (!s->ready || server_ask(in, s->ready, s->ready_env, &ignored, &none) == RC_OK);
}

static int did_not_start(const struct server *s, const char *log, struct err *err)
{
    auto_arena *a = arena_new(4 << 20);
    struct str text = { "", 0 };
    char why[200];
    if (a && file_read(log, 2 << 20, a, &text, NULL) != RC_OK)
        text = (struct str){ "", 0 };
    first_complaint(&(struct buf){ .p = (char *)text.p, .n = text.n }, why, sizeof why);
    return err_set(err, RC_IO, NULL, "the private %s did not start: %s", s->argv[0],
                   why[0] ? why : "no reason given");
}

int server_run(struct instance *in, struct server *s, struct err *err)
{
    struct private_ *p = in->p;
    const char *log = arena_printf(p->arena, "%s/log", s->dir);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, RC_IO, NULL, "cannot write %s: %s", log, strerror(errno));
    const char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                          "LANG=C.UTF-8",
                          "TZ=UTC",
                          arena_printf(p->arena, "HOME=%s", s->dir),
                          arena_printf(p->arena, "TMPDIR=%s", s->dir),
                          NULL };
    struct keeper_run r = { .argv = s->argv,
                            .env = env,
                            .cwd = s->dir,
                            .in = -1,
                            .out = fd,
                            .err = fd,
                            .uid = s->uid,
                            .gid = s->gid };
    int rc = keeper_spawn(p->keeper, &r, &s->id, err);
    close(fd);
    uint64_t end = now_ns() + START_LIMIT_NS;
    while (!rc && !serves(in, s)) {
        if ((rc = halted(in, err)))
            break;
        if (!keeper_running(p->keeper, s->id) || now_ns() > end)
            rc = did_not_start(s, log, err);
        else
            sleep_ns(5000000);
    }
    if (!rc && s->at) /* a fresh socket is another file */
        rc = keeper_do(p->keeper, K_BIND, (const char *const[]){ s->socket, s->at, NULL }, err);
    return rc;
}

int server_end(struct instance *in, struct server *s, struct err *err)
{
    int status;
    if (!s->id)
        return RC_OK;
    keeper_kill(in->p->keeper, s->id,
                s->kind == SERVER_PGSQL ? SIGINT : SIGTERM); /* PostgreSQL: fast shutdown */
    int rc = keeper_wait(in->p->keeper, s->id, now_ns() + END_LIMIT_NS, &status, err);
    if (!rc)
        s->id = 0;
    return rc;
}

/* ---- copying and resetting ---- */

static int copy_folder(struct instance *in, const char *from, const char *to, struct err *err)
{
    char *ignored = NULL;
    dir_remove(to);
    const char *argv[] = { "/bin/cp", "-a", "--reflink=auto", from, to, NULL };
    return server_ask(in, argv, NULL, &ignored, err);
}

int plan_connection(struct private_ *p, const char *name, const char *const *set)
{
    json_t *all = json_object_get(p->plan, "connections");
    if (!all) {
        all = json_object();
        json_object_set_new(p->plan, "connections", all);
    }
    json_t *one = json_object();
    for (size_t i = 0; set[i]; i++) {
        const char *eq = strchr(set[i], '=');
        char key[64];
        snprintf(key, sizeof key, "%.*s", eq ? (int)(eq - set[i]) : 63, set[i]);
        json_object_set_new(one, key, eq ? json_string(eq + 1) : json_null());
    }
    return json_object_set_new(all, name, one);
}

int server_copy(struct instance *in, struct db_source *s, struct err *err)
{
    struct private_ *p = in->p;
    int rc = strcmp(s->driver, "pgsql") == 0 ? pgsql_copy(in, s, err) : mysql_copy(in, s, err);
    if (rc)
        return rc;
    s->state = SOURCE_COPIED;
    struct server *server = &p->servers[p->nservers - 1];
    if (!p->opts.resettable)
        return RC_OK;
    rc = server_end(in, server, err); /* a copy of a running server's files is torn */
    const char *keep = arena_printf(p->arena, "%s/start", server->dir);
    if (!rc)
        rc = copy_folder(in, server->data, keep, err);
    if (!rc)
        server->snapshot = keep;
    return rc ? rc : server_run(in, server, err);
}

int servers_reset(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < p->nservers && !rc; i++) {
        struct server *s = &p->servers[i];
        if (s->kind == SERVER_REDIS) { /* it began empty */
            rc = server_end(in, s, err);
        } else if (!s->snapshot) {
            rc = err_set(err, RC_STATE, NULL, "this instance was not started to be reset");
        } else {
            rc = server_end(in, s, err);
            if (!rc)
                rc = copy_folder(in, s->snapshot, s->data, err);
        }
        if (!rc)
            rc = server_run(in, s, err);
    }
    return rc;
}
