/* fettle trace -- php …: any PHP command under the extension; its trace as a tree on stderr, after its own output. */
#include "cli/extension.h"
#include "cli/session.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct tracing {
    struct cli *cli;
    const struct args *args;
    struct workdir dir;
    char sock[108], cwd[PATH_MAX];
    unsigned traces;
};

/* A folder of its own with one ini file; PHP_INI_SCAN_DIR starts with ":", so the machine's own files stay in force. */
static int write_ini(struct tracing *t, const char *extension, struct err *err)
{
    char path[PATH_MAX + 32];
    auto_buf ini = BUF_INIT(16384);
    buf_addf(&ini, "extension=%s\nfettle.tier=%s\nfettle.sock=%s\nfettle.app_root=%s\n", extension,
             t->args->deep || t->args->raw ? "deep" : "always", t->sock, t->cwd);
    snprintf(path, sizeof path, "%s/ini", t->dir.path);
    int rc = dir_make(path, err);
    snprintf(path, sizeof path, "%s/ini/fettle.ini", t->dir.path);
    return rc ? rc : file_write_atomic(path, ini.p, ini.n, err);
}

static pid_t start(struct tracing *t)
{
    char scan[PATH_MAX + 64];
    pid_t pid = fork();
    if (pid)
        return pid;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    const char *old = getenv("PHP_INI_SCAN_DIR");
    snprintf(scan, sizeof scan, "%s:%s/ini", old ? old : "", t->dir.path);
    setenv("PHP_INI_SCAN_DIR", scan, 1);
    execvp(t->args->rest[0], t->args->rest);
    fprintf(stderr, "fettle: cannot start %s: %s\n", t->args->rest[0], strerror(errno));
    _exit(127);
}

static void raw_trace(const struct trace *trace, struct buf *out)
{
    buf_addf(out, "%s  %.2f ms  %u spans\n", trace->name ? trace->name : "", (double)trace->dur_ns / 1e6, trace->nspans);
    for (uint32_t i = 0; i < trace->nspans; i++) {
        const struct span *s = &trace->spans[i];
        buf_addf(out, "%u\t%u\t%s\t%.3f ms\t%u\t%llu\t%s:%u\t%s\n", s->index, s->parent, span_kind_name(s->kind),
                 (double)s->dur_ns / 1e6, s->a, (unsigned long long)s->b, s->file ? s->file : "-", s->line, s->name);
    }
}

static void show(void *ctx, const struct trace *trace)
{
    struct tracing *t = ctx;
    auto_buf out = BUF_INIT((size_t)64 << 20);
    if (t->args->raw)
        raw_trace(trace, &out);
    else
        trace_print(trace, t->cwd, t->cli->colour_err, &out);
    fwrite(buf_cstr(&out), 1, out.n, stderr);
    t->traces++;
}

/* Until the command ends and its ring is read out. */
static int follow(struct tracing *t, struct collector *c, pid_t pid, struct err *err)
{
    int status = 0;
    for (;;) {
        int rc = collector_poll(c, 50, show, t, err);
        if (rc < 0)
            return -1;
        pid_t done = waitpid(pid, &status, WNOHANG);
        if (done == 0)
            continue;
        while (collector_poll(c, 0, show, t, err) > 0)
            ;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

int cmd_trace(struct cli *cli, const struct args *args)
{
    struct tracing t = { .cli = cli, .args = args };
    struct err err = { 0 };
    struct collector *collector = NULL;
    char extension[PATH_MAX];
    if (!args->rest || !args->rest[0]) {
        command_help(command_find("trace"), stderr);
        return EXIT_USAGE;
    }
    if (!getcwd(t.cwd, sizeof t.cwd) || extension_find(args->extension, extension, sizeof extension, &err) ||
        workdir_make("trace", &t.dir, &err))
        return print_error(cli, &err);
    int rc = EXIT_CANNOT;
    if (snprintf(t.sock, sizeof t.sock, "%s/sock", t.dir.path) >= (int)sizeof t.sock)
        err_set(&err, RC_LIMIT, "set TMPDIR to a shorter path", "%s is too long for a socket", t.dir.path);
    else if (!write_ini(&t, extension, &err) && !collector_open(t.sock, &collector, &err))
        rc = follow(&t, collector, start(&t), &err);
    if (err.rc)
        rc = print_error(cli, &err);
    else if (!t.traces)
        fprintf(stderr, "fettle: no trace came. Did the command run PHP, with the PHP that %s is built for?\n", extension);
    collector_close(collector);
    workdir_remove(&t.dir);
    return rc;
}
