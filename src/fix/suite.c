#include "fix/suite.h"

#include <limits.h>

enum { TESTS_MAX = 20000 };

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
                     uint64_t until_ns, struct arena *arena, struct outcome *ret, struct err *err)
{
    struct instance_opts io = o->prove.instance ? *o->prove.instance : (struct instance_opts){ 0 };
    struct instance *in = NULL;
    struct proc_result r;
    struct str xml;
    struct err missing = { 0 };
    char path[PATH_MAX + 64];
    const char *argv[] = { "php", runner, "--log-junit", JUNIT, NULL };
    *ret = (struct outcome){ .names = NULL };
    io.edits_dir = edits;
    io.for_tests = true;
    io.stop = o->stop;
    io.for_tests = true;
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

int suite_compare(const struct app *app, const struct fix_opts *o, const char *edits_dir, uint64_t until_ns,
                  struct arena *arena, struct suite_verdict *ret, struct err *err)
{
    struct outcome first, second, after;
    const char *runner = runner_of(app);
    *ret = (struct suite_verdict){ "no test suite was found (vendor/bin/phpunit or pest)", NULL };
    if (!runner)
        return RC_OK;
    int rc = run_suite(app, o, NULL, runner, until_ns, arena, &first, err);
    rc = rc ? rc : run_suite(app, o, NULL, runner, until_ns, arena, &second, err);
    rc = rc ? rc : run_suite(app, o, edits_dir, runner, until_ns, arena, &after, err);
    if (rc == RC_TIMEOUT) {
        ret->text = "the app's own tests did not end within the budget";
        err->rc = RC_OK;
        return RC_OK;
    }
    if (rc)
        return rc;
    size_t steady = 0, flaky = 0;
    for (size_t i = 0; i < first.n; i++) {
        bool one = !first.failed[i], two = passed(&second, first.names[i]);
        flaky += one != two;
        if (!one || !two)
            continue;
        steady++;
        if (!ret->broken && !passed(&after, first.names[i]))
            ret->broken = arena_strndup(arena, first.names[i].p, first.names[i].n);
    }
    ret->text = first.n ? arena_printf(arena, "%zu tests that passed before %s, %zu failed before, %zu are flaky", steady,
                                       ret->broken ? "do not all pass now" : "pass now", first.nfailed, flaky) :
                          "the test suite did not run in the private copy";
    return RC_OK;
}
