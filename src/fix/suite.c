#include "fix/suite.h"

#include <ctype.h>
#include <limits.h>
#include <pthread.h>

enum { TESTS_MAX = 20000, SUITE_ARENA = 128 << 20 };

#define JUNIT "storage/fettle-tests.xml" /* in the overlay of the instance, never in the app's folder */

static const char *runner_of(const struct app *app)
{
    static const char *const runners[] = { "vendor/bin/pest", "vendor/bin/phpunit" };
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof runners / sizeof *runners; i++) {
        snprintf(path, sizeof path, "%s/%s", app->dir, runners[i]);
        if (file_exists(path))
            return runners[i];
    }
    return NULL;
}

static struct str attribute(struct str tag, const char *name, struct arena *arena)
{
    const char *key = arena_printf(arena, " %s=\"", name);
    const char *at = memmem(tag.p, tag.n, key, strlen(key));
    if (!at)
        return (struct str){ "", 0 };
    at += strlen(key);
    const char *end = memchr(at, '"', (size_t)(tag.p + tag.n - at));
    return end ? (struct str){ at, (uint32_t)(end - at) } : (struct str){ "", 0 };
}

/* The testcase elements of a JUnit file; a failure or error inside marks one failed. */
int junit_read(struct str xml, struct arena *arena, struct outcome *ret)
{
    *ret = (struct outcome){ .names = arena_new_array(arena, struct str, TESTS_MAX), .failed = arena_new_array(arena, bool, TESTS_MAX) };
    if (!ret->names || !ret->failed)
        return RC_NOMEM;
    const char *p = xml.p, *end = xml.p + xml.n;
    while (ret->n < TESTS_MAX && (p = memmem(p, (size_t)(end - p), "<testcase ", 10))) {
        const char *close = memchr(p, '>', (size_t)(end - p));
        if (!close)
            break;
        struct str tag = { p, (uint32_t)(close - p) };
        struct str cls = attribute(tag, "class", arena), name = attribute(tag, "name", arena);
        bool empty = close[-1] == '/';
        const char *stop = empty ? close : memmem(close, (size_t)(end - close), "</testcase>", 11);
        struct str body = { close, stop ? (uint32_t)(stop - close) : 0 };
        bool bad = str_contains(body, "<failure") || str_contains(body, "<error");
        const char *full = arena_printf(arena, STR_FMT "::" STR_FMT, STR_ARG(cls), STR_ARG(name));
        ret->names[ret->n] = str_c(full);
        ret->failed[ret->n++] = bad;
        ret->nfailed += bad;
        p = stop ? stop : close;
    }
    return RC_OK;
}

static int run_suite(const struct app *app, const struct fix_opts *o, const char *edits, const char *runner,
                     const char *filter, uint64_t until_ns, struct arena *arena, struct outcome *ret, struct err *err)
{
    struct instance_opts io = o->prove.instance ? *o->prove.instance : (struct instance_opts){ 0 };
    struct instance *in = NULL;
    struct proc_result r;
    struct str xml;
    struct err missing = { 0 };
    char path[PATH_MAX + 64];
    const char *argv[] = { "php", runner, "--log-junit", JUNIT, filter ? "--filter" : NULL, filter, NULL };
    *ret = (struct outcome){ .names = NULL };
    io.edits_dir = edits;
    io.for_tests = true;
    io.stop = o->stop;
    uint64_t now = now_ns();
    if (now >= until_ns)
        return err_set(err, RC_TIMEOUT, NULL, "the budget ended");
    int rc = instance_start(app, &io, &in, err);
    if (rc)
        return rc;
    rc = instance_exec(in, argv, until_ns - now, &r, err);
    ret->status = r.status;
    snprintf(path, sizeof path, "%s/%s", in->upper, JUNIT);
    if (!rc && !file_read(path, LIMIT_OUTPUT_BYTES, arena, &xml, &missing))
        rc = junit_read(xml, arena, ret);
    proc_result_release(&r);
    instance_stop(in);
    return rc;
}

static bool passed(const struct outcome *o, struct str name)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->names[i], name))
            return !o->failed[i];
    return false;
}

/* The two runs before the edits at once: what they share is the machine. */
struct before {
    const struct app *app;
    const struct fix_opts *o;
    const char *runner;
    uint64_t until_ns;
    struct arena *arena; /* its own: arenas are of one thread */
    struct outcome outcome;
    struct err err;
    int rc;
};

static void *run_before(void *ctx)
{
    struct before *b = ctx;
    b->rc = b->arena ? run_suite(b->app, b->o, NULL, b->runner, NULL, b->until_ns, b->arena, &b->outcome, &b->err)
                     : err_set(&b->err, RC_NOMEM, NULL, "no memory for tests");
    return NULL;
}

static int run_both(struct before b[2], struct err *err)
{
    pthread_t thread;
    bool threaded = pthread_create(&thread, NULL, run_before, &b[1]) == 0;
    run_before(&b[0]);
    if (threaded)
        pthread_join(thread, NULL);
    else
        run_before(&b[1]);
    for (unsigned i = 0; i < 2; i++)
        if (b[i].rc) {
            *err = b[i].err;
            return b[i].rc;
        }
    return RC_OK;
}

static void weigh(const struct outcome *first, const struct outcome *second, const struct outcome *after, struct arena *arena,
                  struct suite_verdict *ret)
{
    for (size_t i = 0; i < first->n; i++) {
        bool one = !first->failed[i], two = passed(second, first->names[i]);
        ret->flaky += one != two;
        ret->failed_before += !one && !two;
        ret->steady += one && two;
        if (one && two && !passed(after, first->names[i]) && ret->nbroken < BROKEN_MAX)
            ret->broken[ret->nbroken++] = arena_strndup(arena, first->names[i].p, first->names[i].n);
    }
}

int suite_compare(const struct app *app, const struct fix_opts *o, const char *edits_dir, uint64_t until_ns,
                  struct arena *arena, struct suite_verdict *ret, struct err *err)
{
    struct before b[2];
    struct outcome after = { 0 };
    const char *runner = runner_of(app);
    *ret = (struct suite_verdict){ .text = "no test suite was found (vendor/bin/phpunit or pest)" };
    if (!runner)
        return RC_OK;
    for (unsigned i = 0; i < 2; i++)
        b[i] = (struct before){ .app = app, .o = o, .runner = runner, .until_ns = until_ns, .arena = arena_new(SUITE_ARENA) };
    int rc = run_both(b, err);
    rc = rc ? rc : run_suite(app, o, edits_dir, runner, NULL, until_ns, arena, &after, err);
    const struct outcome *first = &b[0].outcome;
    if (rc == RC_TIMEOUT) {
        ret->text = "the app's own tests did not end within the budget";
        err->rc = RC_OK;
        rc = RC_OK;
    } else if (!rc && !first->n) {
        ret->text = "the test suite did not run in the private copy";
    } else if (!rc) {
        weigh(first, &b[1].outcome, &after, arena, ret);
        ret->text = arena_printf(arena, "%zu tests that passed before %s, %zu failed before, %zu are flaky, %zu fail now", ret->steady,
                                 ret->nbroken ? "do not all pass now" : "pass now", ret->failed_before, ret->flaky, after.nfailed);
    }
    for (unsigned i = 0; i < 2; i++)
        arena_free(b[i].arena);
    return rc;
}

/* One pattern for PHPUnit's and Pest's --filter: the names without their data sets. */
static const char *filter_of(const struct suite_verdict *v, struct arena *arena)
{
    auto_buf b = BUF_INIT(64 << 10);
    for (size_t i = 0; i < v->nbroken; i++) {
        const char *name = strstr(v->broken[i], "::");
        struct str s = str_c(name ? name + 2 : v->broken[i]);
        const char *set = memmem(s.p, s.n, " with data set", 14);
        s.n = set ? (uint32_t)(set - s.p) : s.n;
        buf_addc(&b, i ? '|' : '(');
        for (uint32_t k = 0; k < s.n; k++) {
            bool plain = isalnum((unsigned char)s.p[k]) || s.p[k] == '_' || s.p[k] == ' ' || (unsigned char)s.p[k] >= 128;
            buf_addc(&b, plain ? s.p[k] : '.'); /* the file names some signs by entities: names are compared afterwards */
        }
    }
    buf_addc(&b, ')');
    return arena_strdup(arena, buf_cstr(&b));
}

int suite_breaks(const struct app *app, const struct fix_opts *o, const char *edits_dir, const struct suite_verdict *v,
                 uint64_t until_ns, struct arena *arena, bool *ret, struct err *err)
{
    struct outcome now;
    *ret = true;
    int rc = run_suite(app, o, edits_dir, runner_of(app), filter_of(v, arena), until_ns, arena, &now, err);
    if (rc == RC_TIMEOUT) { /* not shown to be innocent */
        err->rc = RC_OK;
        return RC_OK;
    }
    bool ran = false, failed = false;
    for (size_t i = 0; i < v->nbroken && !rc; i++)
        for (size_t k = 0; k < now.n; k++)
            if (str_is(now.names[k], v->broken[i])) {
                ran = true;
                failed |= now.failed[k];
            }
    *ret = rc || !ran || failed;
    return rc;
}
