/* php-fpm inside the walls, on a Unix socket in the work folder. One master a tier of the
 * extension: both may run at once, so that a change of tier costs no warm-up of the other. */
#include "instance/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const uint64_t LISTEN_LIMIT_NS = 10000000000u;

static struct fpm *fpm_of(struct private_ *p, enum fw_tier tier)
{
    return &p->fpm[tier == FW_DEEP];
}

static const char *tier_word(enum fw_tier tier)
{
    return tier == FW_DEEP ? "deep" : "always";
}

static int write_pool(struct instance *in, const struct fpm *f, const char *path, struct err *err)
{
    auto_buf b = BUF_INIT(64 << 10);
    unsigned workers = in->p->opts.workers ? in->p->opts.workers : 1;
    buf_addf(&b,
             "[global]\nerror_log = %s/fpm.%s.log\n[app]\nlisten = %s\nlisten.backlog = 64\npm = "
             "static\n"
             "pm.max_children = %u\nclear_env = no\ncatch_workers_output = "
             "yes\ndecorate_workers_output = no\n"
             "security.limit_extensions = .php\n",
             in->dir, tier_word(f->tier), f->sock, workers);
    if (geteuid() == 0 && !keeper_in_user_namespace(in->p->keeper))
        buf_adds(&b, "user = root\ngroup = root\n");
    if (b.failed)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    return file_write_atomic(path, b.p, b.n, err);
}

static int open_log(const struct instance *in, enum fw_tier tier)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/fpm.%s.out", in->dir, tier_word(tier));
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The last words of a php-fpm that did not start. */
static int did_not_start(struct instance *in, enum fw_tier tier, struct err *err)
{
    auto_arena *a = arena_new(4 << 20);
    struct str out = { "", 0 };
    for (int i = 0; i < 2 && a && !out.n; i++) {
        char *path = arena_printf(a, "%s/fpm.%s.%s", in->dir, tier_word(tier), i ? "out" : "log");
        if (file_read(path, 1 << 20, a, &out, NULL) != RC_OK)
            out = (struct str){ "", 0 };
    }
    struct str rest = out, line, last = { "", 0 };
    while (str_next(&rest, '\n', &line))
        if (str_trim(line).n)
            last = str_trim(line);
    return err_set(err, RC_IO, NULL, "php-fpm (%s) did not start%s%.*s", in->p->php.fpm,
                   last.n ? ": " : "", (int)(last.n < 150 ? last.n : 150), last.p);
}

static bool listens(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static int wait_until_it_listens(struct instance *in, struct fpm *f, struct err *err)
{
    uint64_t end = now_ns() + LISTEN_LIMIT_NS;
    while (!listens(f->sock)) {
        int rc = halted(in, err);
        if (rc)
            return rc;
        if (!keeper_running(in->p->keeper, f->id) || now_ns() > end)
            return did_not_start(in, f->tier, err);
        sleep_ns(2000000);
    }
    return RC_OK;
}

/* Settings of this master only; the rest are the ini of every program inside. */
static size_t own_ini(struct instance *in, const struct fpm *f, const char *ret[], size_t n)
{
    struct private_ *p = in->p;
    const char *const set[] = { "opcache.enable=1",
                                "opcache.validate_timestamps=0",
                                "opcache.memory_consumption=192",
                                "opcache.max_accelerated_files=30000",
                                "opcache.interned_strings_buffer=16",
                                "opcache.preload=",
                                "opcache.file_cache=",
                                "opcache.enable_file_override=0" };
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        ret[n++] = "-d";
        ret[n++] = set[i];
    }
    if (!p->php.extension)
        return n;
    ret[n++] = "-d";
    ret[n++] = arena_printf(p->arena, "fettle.tier=%s", tier_word(f->tier));
    ret[n++] = "-d";
    ret[n++] = arena_printf(p->arena, "fettle.sock=%s", in->ring_sock);
    ret[n++] = "-d";
    ret[n++] = p->opts.values ? "fettle.values=1" : "fettle.values=0";
    return n;
}

int fpm_start(struct instance *in, enum fw_tier tier, struct err *err)
{
    struct private_ *p = in->p;
    struct fpm *f = fpm_of(p, tier);
    char conf[PATH_MAX + 32];
    const char *argv[192];
    size_t n = 0;
    f->tier = tier;
    snprintf(f->sock, sizeof f->sock, "%.90s/%s.sock", in->dir, tier_word(tier));
    snprintf(conf, sizeof conf, "%s/fpm.%s.conf", in->dir, tier_word(tier));
    unlink(f->sock);
    int rc = write_pool(in, f, conf, err);
    if (rc)
        return rc;
    argv[n++] = p->php.fpm;
    argv[n++] = "-F";
    if (geteuid() == 0 && !keeper_in_user_namespace(p->keeper))
        argv[n++] = "-R";
    argv[n++] = "-y";
    argv[n++] = conf;
    for (size_t i = 0; i < p->nini; i++)
        argv[n++] = p->ini[i];
    n = own_ini(in, f, argv, n);
    argv[n] = NULL;
    int log = open_log(in, tier);
    struct keeper_run r = {
        .argv = argv, .env = p->env, .cwd = p->app_dir, .in = -1, .out = log, .err = log
    };
    rc = keeper_spawn(p->keeper, &r, &f->id, err);
    if (log >= 0)
        close(log);
    return rc ? rc : wait_until_it_listens(in, f, err);
}

void fpm_stop(struct instance *in, enum fw_tier tier)
{
    struct fpm *f = fpm_of(in->p, tier);
    int status;
    struct err ignored;
    if (!f->id)
        return;
    keeper_kill(in->p->keeper, f->id, SIGKILL);
    if (keeper_wait(in->p->keeper, f->id, now_ns() + 2000000000u, &status, &ignored) == RC_OK)
        f->id = 0;
    f->id = 0;
}

static enum fw_tier current(const struct instance *in)
{
    return strcmp(in->fpm_sock, in->p->fpm[1].sock) == 0 && in->p->fpm[1].id ? FW_DEEP : FW_ALWAYS;
}

int fpm_restart(struct instance *in, struct err *err)
{
    enum fw_tier tier = current(in);
    fpm_stop(in, tier);
    return fpm_start(in, tier, err);
}

int instance_restart(struct instance *in, struct err *err)
{
    return fpm_restart(in, err);
}

int instance_tier(struct instance *in, enum fw_tier tier, struct err *err)
{
    struct fpm *f = fpm_of(in->p, tier);
    int rc = RC_OK;
    if (!f->id || !keeper_running(in->p->keeper, f->id))
        rc = fpm_start(in, tier, err);
    if (!rc)
        snprintf(in->fpm_sock, sizeof in->fpm_sock, "%s", f->sock);
    return rc;
}
