/* Programs inside: their environment, their ini, and the two ways of running PHP. */
#include "instance/internal.h"

#include <signal.h>
#include <stdlib.h>

enum { ENV_MAX = 128, INI_MAX = 96, ARGS_MAX = 256 };

const char *json_text(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

long long json_number(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? (long long)json_number_value(v) : 0;
}

bool json_flag(const json_t *j, const char *key)
{
    return json_is_true(json_object_get(j, key));
}

void say(const struct instance *in, const char *fmt, ...)
{
    const struct instance_opts *o = &in->p->opts;
    if (!o->say)
        return;
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    o->say(o->say_ctx, line);
}

int halted(const struct instance *in, struct err *err)
{
    const struct private_ *p = in->p;
    if (p->opts.stop && *p->opts.stop)
        return err_set(err, RC_INTERRUPTED, NULL, "stopped");
    if (p->until_ns && now_ns() > p->until_ns)
        return err_set(err, RC_TIMEOUT, "give it more time: --budget 5m",
                       "starting the private copy took longer than %.0f s",
                       (double)(p->until_ns - p->started_ns) / 1e9);
    return RC_OK;
}

static char *format(struct arena *a, const char *fmt, va_list ap)
{
    va_list copy;
    va_copy(copy, ap);
    int n = vsnprintf(NULL, 0, fmt, copy);
    va_end(copy);
    char *s = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (s)
        vsnprintf(s, (size_t)n + 1, fmt, ap);
    return s;
}

static int append(struct arena *a, const char ***list, size_t *n, size_t max, const char *s)
{
    if (!*list)
        *list = arena_new_array(a, const char *, max + 1);
    if (!*list || !s || *n >= max)
        return RC_LIMIT;
    (*list)[(*n)++] = s;
    return RC_OK;
}

/* A variable given twice counts once: the later one. */
int env_add(struct private_ *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = format(p->arena, fmt, ap);
    va_end(ap);
    const char *eq = s ? strchr(s, '=') : NULL;
    for (size_t i = 0; eq && i < p->nenv; i++)
        if (strncmp(p->env[i], s, (size_t)(eq - s) + 1) == 0) {
            p->env[i] = s;
            return RC_OK;
        }
    return append(p->arena, &p->env, &p->nenv, ENV_MAX, s);
}

int ini_add(struct private_ *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = format(p->arena, fmt, ap);
    va_end(ap);
    int rc = append(p->arena, &p->ini, &p->nini, INI_MAX, "-d");
    return rc ? rc : append(p->arena, &p->ini, &p->nini, INI_MAX, s);
}

static int argv_of(const struct private_ *p, const char *const *args, const char *ret[ARGS_MAX],
                   struct err *err)
{
    size_t n = 0;
    ret[n++] = p->php.cli;
    for (size_t i = 0; i < p->nini; i++)
        ret[n++] = p->ini[i];
    ret[n++] = "-d";
    ret[n++] = "opcache.enable_cli=0";
    for (size_t i = 0; args[i]; i++) {
        if (n + 1 >= ARGS_MAX)
            return err_set(err, RC_LIMIT, NULL, "too many arguments for php");
        ret[n++] = args[i];
    }
    ret[n] = NULL;
    return RC_OK;
}

int run_php(struct instance *in, const char *const *args, struct str input, uint64_t timeout_ns,
            struct proc_result *ret, struct err *err)
{
    const char *argv[ARGS_MAX];
    *ret = (struct proc_result){ 0 };
    int rc = argv_of(in->p, args, argv, err);
    if (rc)
        return rc;
    struct keeper_run r = {
        .argv = argv, .env = in->p->env, .cwd = in->p->app_dir, .in = -1, .out = -1, .err = -1
    };
    uint64_t now = now_ns(), until = in->p->until_ns;
    bool starts = until && now + timeout_ns > until;
    if ((rc = halted(in, err)))
        return rc;
    rc = keeper_exec(in->p->keeper, &r, input, starts ? until - now : timeout_ns, ret, err);
    int late = rc == RC_TIMEOUT && starts ? halted(in, err) : RC_OK; /* says whose limit it was */
    return late ? late : rc;
}

/* The last line of what a program said that has any text. */
static struct str last_line(const struct buf *b)
{
    struct str rest = { b->p ? b->p : "", (uint32_t)b->n }, line, last = { "", 0 };
    while (str_next(&rest, '\n', &line))
        if (str_trim(line).n)
            last = str_trim(line);
    return last;
}

int run_helper(struct instance *in, const char *const *args, struct str input, uint64_t timeout_ns,
               json_t **ret, struct err *err)
{
    const char *all[16] = { arena_printf(in->p->arena, "%s/helper.php", in->dir) };
    for (size_t i = 0; args[i] && i < 14; i++)
        all[i + 1] = args[i];
    struct proc_result r;
    int rc = run_php(in, all, input, timeout_ns, &r, err);
    json_t *j = rc ? NULL : json_loadb(r.out.p ? r.out.p : "", r.out.n, 0, NULL);
    if (!rc && !json_is_object(j)) {
        struct str said = last_line(r.err.n ? &r.err : &r.out);
        rc = err_set(err, RC_STATE,
                     "run `php artisan about` in the app's folder: it must work first",
                     "the app does not boot: PHP ended with %d%s%.*s", r.status,
                     said.n ? " and said: " : "", (int)(said.n < 140 ? said.n : 140), said.p);
    }
    if (!rc && *json_text(j, "error"))
        rc = err_set(err, RC_STATE,
                     "run `php artisan about` in the app's folder: it must work first",
                     "the app does not boot: %.140s (%s:%lld)", json_text(j, "error"),
                     json_text(j, "file"), json_number(j, "line"));
    proc_result_release(&r);
    if (rc)
        json_decref(j);
    else
        *ret = j;
    return rc;
}

int instance_exec(struct instance *in, const char *const *argv, uint64_t timeout_ns,
                  struct proc_result *ret, struct err *err)
{
    static const char *const php_names[] = { "php", "artisan" };
    *ret = (struct proc_result){ 0 };
    if (!argv[0])
        return err_set(err, RC_USAGE, NULL, "no program given");
    uint64_t limit = timeout_ns ? timeout_ns : 60000000000u;
    if (strcmp(argv[0], php_names[0]) == 0)
        return run_php(in, argv + 1, (struct str){ 0 }, limit, ret, err);
    if (strcmp(argv[0], php_names[1]) == 0)
        return run_php(in, argv, (struct str){ 0 }, limit, ret, err);
    struct keeper_run r = {
        .argv = argv, .env = in->p->env, .cwd = in->p->app_dir, .in = -1, .out = -1, .err = -1
    };
    return keeper_exec(in->p->keeper, &r, (struct str){ 0 }, limit, ret, err);
}
