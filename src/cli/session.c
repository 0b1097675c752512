#include "cli/session.h"
#include "cli/version.h"

#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>

enum { RESULT_MAX = 128 << 20, SESSION_ARENA = 512 << 20 };

int print_error(const struct cli *cli, const struct err *err)
{
    progress_done(cli);
    fprintf(stderr, "%sfettle: %s%s\n", cli->colour_err ? "\033[31m" : "", err->what,
            cli->colour_err ? "\033[0m" : "");
    if (err->next[0])
        fprintf(stderr, "  do   %s\n", err->next);
    return EXIT_CANNOT;
}

void progress_say(const struct cli *cli, const char *fmt, ...)
{
    if (!cli->progress)
        return;
    char line[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\r\033[K  %.*s", (int)cli->width - 4, line);
    fflush(stderr);
}

void progress_step(struct cli *cli, const char *line)
{
    static const uint64_t EVERY_NS = 5000000000u;
    uint64_t now = now_ns(), kind = str_hash((struct str){ line, (uint32_t)strcspn(line, " :") });
    if (cli->progress) {
        progress_say(cli, "%s", line);
        return;
    }
    cli->steps_from_ns = cli->steps_from_ns ? cli->steps_from_ns : now;
    if (kind == cli->step_kind && now < cli->step_ns + EVERY_NS)
        return;
    cli->step_kind = kind;
    cli->step_ns = now;
    fprintf(stderr, "%7.1f s  %s\n", (double)(now - cli->steps_from_ns) / 1e9, line);
    fflush(stderr);
}

void progress_done(const struct cli *cli)
{
    if (cli->progress)
        fprintf(stderr, "\r\033[K");
}

/* What the last fettle fix did stands in a file of its own; a later check begins anew. */
static const char FIXES[] = ".fix.json";

static int with_fixes(const char *dir, struct arena *arena, struct str *result, struct err *err)
{
    char path[PATH_MAX];
    struct str fixes;
    int rc = cache_path(dir, FIXES, false, path, sizeof path, err);
    if (rc || !file_exists(path))
        return rc;
    rc = file_read(path, RESULT_MAX, arena, &fixes, err);
    struct str whole = str_trim(*result);
    if (rc || !str_ends(whole, "}"))
        return rc;
    *result = str_c(arena_printf(arena, "%.*s,\"fix\":%.*s}\n", (int)whole.n - 1, whole.p, STR_ARG(str_trim(fixes))));
    return result->p ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the result of %s", dir);
}

int session_last(const char *dir, struct arena *arena, struct str *ret, struct err *err)
{
    char absolute[PATH_MAX], path[PATH_MAX];
    if (!realpath(dir, absolute))
        return err_set(err, RC_NOTFOUND, NULL, "there is no folder %s", dir);
    int rc = cache_path(absolute, ".json", false, path, sizeof path, err);
    if (!rc && !file_exists(path))
        return err_set(err, RC_NOTFOUND, "run fettle check first", "no result of %s is kept yet", absolute);
    rc = rc ? rc : file_read(path, RESULT_MAX, arena, ret, err);
    return rc ? rc : with_fixes(absolute, arena, ret, err);
}

int write_out(const char *path, struct str json, struct err *err)
{
    if (str_ends(str_c(path), ".json"))
        return file_write_atomic(path, json.p, json.n, err);
    if (!str_ends(str_c(path), ".html"))
        return err_set(err, RC_USAGE, "give a name that ends in .html or .json", "%s: unknown kind of report", path);
    auto_buf page = BUF_INIT((size_t)RESULT_MAX * 2);
    int rc = report_html_of_json(json, &page, err);
    return rc ? rc : file_write_atomic(path, page.p, page.n, err);
}

/* --- what git says, without touching its index --- */

static const char *git_line(struct session *s, const char *const *argv)
{
    const char *env[] = { "GIT_OPTIONAL_LOCKS=0", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", NULL };
    struct proc_opts opts = { .argv = argv, .env = env, .timeout_ns = 2000000000u };
    struct proc_result r;
    struct err err = { 0 };
    const char *line = NULL;
    if (proc_run(&opts, &r, &err) == RC_OK && r.status == 0 && r.out.n) {
        struct str first = str_trim((struct str){ r.out.p, (uint32_t)r.out.n });
        line = arena_strndup(s->arena, first.p, first.n);
    }
    proc_result_release(&r);
    return line;
}

static void ask_git(struct session *s)
{
    const char *commit[] = { "git", "-c", "safe.directory=*", "-C", s->dir, "rev-parse", "HEAD", NULL };
    const char *branch[] = { "git", "-c", "safe.directory=*", "-C", s->dir, "rev-parse", "--abbrev-ref", "HEAD", NULL };
    const char *dirty[] = { "git", "-c", "safe.directory=*", "-C", s->dir, "status", "--porcelain", "-uno", ".", NULL };
    if (!(s->report.commit = git_line(s, commit)))
        return;
    s->report.branch = git_line(s, branch);
    const char *changes = git_line(s, dirty);
    for (const char *p = changes; p && *p; p++)
        s->report.dirty += *p == '\n' || p[1] == 0;
}

static const char *composer_name(struct session *s)
{
    char path[PATH_MAX + 32];
    json_error_t problem;
    snprintf(path, sizeof path, "%s/composer.json", s->dir);
    json_t *root = json_load_file(path, 0, &problem);
    const char *name = json_string_value(json_object_get(root, "name"));
    const char *slash = name ? strrchr(name, '/') : NULL;
    const char *copy = NULL;
    if (slash && slash[1] && strcmp(name, "laravel/laravel"))
        copy = arena_strdup(s->arena, slash + 1);
    json_decref(root);
    return copy ? copy : strrchr(s->dir, '/') + 1;
}

/* --- the session --- */

static unsigned source_lines(void *ctx, const char *file, uint32_t from, uint32_t n, struct buf *out)
{
    struct session *s = ctx;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", s->dir, file) >= (int)sizeof path)
        return 0;
    auto_arena *a = arena_new(LIMIT_FILE_BYTES * 2);
    struct str text, line;
    struct err err;
    if (!a || file_read(path, LIMIT_FILE_BYTES, a, &text, &err))
        return 0;
    unsigned wrote = 0;
    for (uint32_t number = 1; wrote < n && str_next(&text, '\n', &line); number++) {
        if (number < from)
            continue;
        if (line.n > 400)
            line.n = 400;
        buf_add(out, line.p, line.n);
        buf_addc(out, '\n');
        wrote++;
    }
    return wrote;
}

int session_open(struct session *s, struct cli *cli, const struct args *args, const char *dir)
{
    struct err err = { 0 };
    *s = (struct session){ .cli = cli, .args = args, .started_ns = now_ns(), .thresholds = thresholds_default };
    if (!realpath(dir, s->dir)) {
        err_set(&err, RC_NOTFOUND, "give the folder that holds artisan", "there is no folder %s", dir);
        return print_error(cli, &err);
    }
    for (unsigned i = 0; i < args->rules.n; i++) {
        if (rule_find(args->rules.items[i]))
            continue;
        err_set(&err, RC_USAGE, "fettle rules lists them", "there is no rule %s", args->rules.items[i]);
        print_error(cli, &err);
        return EXIT_USAGE;
    }
    s->arena = arena_new(SESSION_ARENA);
    s->findings = findings_new();
    if (!s->arena || !s->findings) {
        err_set(&err, RC_NOMEM, NULL, "no memory to start");
        return print_error(cli, &err);
    }
    if (args->min_ms > 0 || args->min_share > 0) {
        s->thresholds.min_ms = args->min_ms;
        s->thresholds.min_share = args->min_share;
    }
    time_t now = time(NULL);
    struct tm tm;
    strftime(s->at, sizeof s->at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    return 0;
}

static void reading(void *ctx, const char *what, uint32_t done, uint32_t total)
{
    struct session *s = ctx;
    progress_say(s->cli, "read    %s %u of %u", what, done, total);
}

int session_read(struct session *s)
{
    struct err err = { 0 };
    struct app_opts opts = { .progress = s->cli->progress ? reading : NULL, .ctx = s };
    if (app_open(s->dir, &opts, &s->app, &err))
        return print_error(s->cli, &err);
    progress_say(s->cli, "read    %u files; following rows through them", s->app->nfiles);
    struct flow_opts flow_opts = { 0 };
    if (flows_find(s->app, &flow_opts, &s->flows, &err))
        return print_error(s->cli, &err);
    progress_done(s->cli);
    ask_git(s);
    s->report.read_seconds = (double)(now_ns() - s->started_ns) / 1e9;
    return 0;
}

int session_judge(struct session *s, struct rule_in *in)
{
    struct err err = { 0 };
    struct rules_missing *missing = NULL;
    size_t nmissing = 0;
    in->app = s->app;
    in->flows = s->flows;
    in->th = &s->thresholds;
    if (!in->schema)
        in->schema = s->app->schema;
    if (rules_run(in, s->args->rules.n ? s->args->rules.items : NULL, s->findings, s->arena, &missing, &nmissing, &err) ||
        findings_close(s->findings, &err))
        return print_error(s->cli, &err);
    rules_silence(s->app, s->off.items, s->findings);
    s->report.load = in->load;
    s->report.missing = missing;
    s->report.nmissing = in->load ? nmissing : 0; /* an audit needs not say that it measured nothing, rule by rule */
    return 0;
}

static void fill_report(struct session *s)
{
    struct report_in *r = &s->report;
    r->version = FETTLE_VERSION;
    r->at = s->at;
    r->app = s->app;
    r->name = composer_name(s);
    r->findings = s->findings;
    if (!r->skipped) {
        r->skipped = s->app->skipped;
        r->nskipped = s->app->nskipped;
    }
    r->flow_stats = s->flows ? &s->flows->stats : NULL;
    r->total_seconds = (double)(now_ns() - s->started_ns) / 1e9;
    r->min_ms = s->thresholds.min_ms;
    r->min_share = s->thresholds.min_share;
    r->source = source_lines;
    r->source_ctx = s;
}

int session_keep_fixes(struct session *s, struct str fixes, struct err *err)
{
    char path[PATH_MAX];
    int rc = cache_path(s->dir, ".json", true, path, sizeof path, err);
    if (!rc && !file_exists(path)) { /* nothing was checked before: what this run found itself */
        struct report_style style = { .width = 100 };
        auto_buf json = BUF_INIT(RESULT_MAX);
        fill_report(s);
        rc = report_write(REPORT_JSON, &s->report, &style, &json, err);
        rc = rc ? rc : file_write_atomic(path, json.p, json.n, err);
    }
    rc = rc ? rc : cache_path(s->dir, FIXES, true, path, sizeof path, err);
    return rc ? rc : file_write_atomic(path, fixes.p, fixes.n, err);
}

static int exit_code(const struct session *s, const struct report_style *style)
{
    for (size_t i = 0; i < s->findings->n; i++)
        if (report_is_listed(&s->report, &s->findings->items[i], style))
            return EXIT_FINDINGS;
    return EXIT_FINE;
}

int session_report(struct session *s)
{
    struct err err = { 0 };
    char last[PATH_MAX];
    progress_done(s->cli);
    fill_report(s);
    struct report_style style = { .colour = s->cli->colour_out, .width = s->cli->width, .full = 5,
                                  .most = s->args->all ? 0 : s->report.load ? 20 : 5, .skipped = s->args->skipped,
                                  .checklist = s->args->checklist, .suggested = s->args->all };
    auto_buf json = BUF_INIT(RESULT_MAX), shown = BUF_INIT(RESULT_MAX);
    if (report_write(REPORT_JSON, &s->report, &style, &json, &err))
        return print_error(s->cli, &err);
    struct str text = { json.p, (uint32_t)json.n };
    bool saved = !cache_path(s->dir, ".json", true, last, sizeof last, &err) && !file_write_atomic(last, text.p, text.n, &err);
    if (saved && !cache_path(s->dir, FIXES, false, last, sizeof last, &err))
        (void)!unlink(last);
    if (!saved && s->cli->progress)
        fprintf(stderr, "fettle: the result is not kept for `fettle why`: %s\n", err.what);
    if (s->args->out && write_out(s->args->out, text, &err))
        return print_error(s->cli, &err);
    enum report_format format = s->args->plain || !isatty(1) ? REPORT_PLAIN : REPORT_TERMINAL;
    if (s->args->json)
        buf_add(&shown, json.p, json.n);
    else if (report_write(format, &s->report, &style, &shown, &err))
        return print_error(s->cli, &err);
    if (fwrite(buf_cstr(&shown), 1, shown.n, stdout) != shown.n || fflush(stdout)) {
        err_set(&err, RC_IO, "free some room, or write elsewhere", "standard output cannot be written");
        return print_error(s->cli, &err);
    }
    if (s->args->out)
        fprintf(stderr, "The report is in %s\n", s->args->out);
    return exit_code(s, &style);
}

void session_close(struct session *s)
{
    flows_free(s->flows);
    findings_free(s->findings);
    app_free(s->app);
    arena_free(s->arena);
}
