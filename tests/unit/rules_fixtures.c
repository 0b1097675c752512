/* Every folder tests/rules/ID/NAME is a small application on the shared skeleton: `bad` has the fault, `good` does it
 * well, `ignored-…` carries a fettle-ignore comment, `trap-…` looks like the fault and is none, or is one that must not be ranked or repaired by a machine.
 *
 * expected.txt: one line a finding of the rule ID, "FILE:LINE TIER [FIX]"; nothing: none. trace.txt: what was measured
 * (tests/support/trace_text.h). data.sql: the private copy, for plans. known.txt: why the fixture is not right yet. */
#include "rules/rules.h"

#include "../support/trace_text.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <cmocka.h>

#define FIXTURES FETTLE_SOURCE_DIR "/tests/rules"
enum { PATH_BYTES = 1024, CASES_MAX = 400 };

struct work { /* the application of one fixture, in a folder of its own */
    char dir[256], fixture[PATH_BYTES];
    struct arena *arena;
    struct app *app;
    struct flows *flows;
    struct workload_build *build;
    struct findings *findings;
    struct rule_in in;
};

static void join(char ret[PATH_BYTES], const char *a, const char *b)
{
    if (snprintf(ret, PATH_BYTES, "%s/%s", a, b) >= PATH_BYTES)
        fail_msg("%s: too long a path", b);
}

static bool is_note(const char *rel)
{
    static const char *const notes[] = { "expected.txt", "trace.txt", "data.sql", "known.txt" };
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (!strcmp(rel, notes[i]))
            return true;
    return false;
}

struct copying {
    const char *from, *to;
};

static int copy_one(void *ctx, const char *rel, const struct stat *st)
{
    const struct copying *c = ctx;
    char from[PATH_BYTES], to[PATH_BYTES], folder[PATH_BYTES];
    struct err err = { 0 };
    (void)st;
    if (is_note(rel))
        return 0;
    join(from, c->from, rel);
    join(to, c->to, rel);
    snprintf(folder, sizeof folder, "%s", to);
    *strrchr(folder, '/') = 0;
    return dir_make(folder, &err) || file_copy(from, to, &err);
}

static void copy_tree(const char *from, const char *to)
{
    struct copying c = { from, to };
    struct walk_opts opts = { .file = copy_one, .ctx = &c };
    struct err err = { 0 };
    if (dir_walk(from, &opts, &err))
        fail_msg("%s cannot be copied: %s", from, err.what);
}

static struct str note(struct work *w, const char *name)
{
    char path[PATH_BYTES];
    struct str text = { "", 0 };
    struct err err = { 0 };
    join(path, w->fixture, name);
    if (file_exists(path) && file_read(path, 1 << 20, w->arena, &text, &err))
        fail_msg("%s: %s", path, err.what);
    return text;
}

static void open_data(struct work *w, struct str sql)
{
    char path[PATH_BYTES];
    struct err err = { 0 };
    sqlite3 *db;
    join(path, w->dir, "fixture.sqlite");
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql.p, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s/data.sql: %s", w->fixture, sqlite3_errmsg(db));
    sqlite3_close(db);
    struct schema *schema;
    w->in.engine = engine_for(DIALECT_SQLITE);
    if (w->in.engine->open(path, false, 5000, &w->in.plans, &err) ||
        w->in.engine->schema(w->in.plans, w->arena, &schema, &err))
        fail_msg("%s: %s", w->fixture, err.what);
    w->in.schema = schema;
}

static void open_work(struct work *w, const char *fixture)
{
    struct err err = { 0 };
    *w = (struct work){ .arena = arena_new((size_t)64 << 20), .findings = findings_new() };
    snprintf(w->fixture, sizeof w->fixture, "%s", fixture);
    if (dir_temp("fettle-rule", w->dir, sizeof w->dir, &err))
        fail_msg("%s", err.what);
    copy_tree(FIXTURES "/skeleton", w->dir);
    copy_tree(fixture, w->dir);
    struct app_opts opts = { .threads = 1 };
    struct flow_opts flow_opts = { .threads = 1 };
    if (app_open(w->dir, &opts, &w->app, &err) || flows_find(w->app, &flow_opts, &w->flows, &err))
        fail_msg("%s: %s", fixture, err.what);
    w->in.app = w->app;
    w->in.flows = w->flows;
    w->in.th = &thresholds_default;
    struct str data = note(w, "data.sql"), trace = note(w, "trace.txt");
    if (data.n)
        open_data(w, data);
    else
        w->in.schema = w->app->schema;
    if (trace.n && !(w->in.load = text_workload(trace, w->dir, &w->build)))
        fail_msg("%s/trace.txt makes no sense", fixture);
}

static void close_work(struct work *w)
{
    if (w->in.plans)
        w->in.engine->close(w->in.plans);
    workload_free(w->build);
    findings_free(w->findings);
    flows_free(w->flows);
    app_free(w->app);
    arena_free(w->arena);
    dir_remove(w->dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *sorted_lines(struct arena *arena, struct str text)
{
    const char *lines[200];
    size_t n = 0;
    struct str line;
    auto_buf out = BUF_INIT(1 << 16);
    while (str_next(&text, '\n', &line))
        if (str_trim(line).n && n < 200)
            lines[n++] = arena_strndup(arena, str_trim(line).p, str_trim(line).n);
    qsort(lines, n, sizeof *lines, by_text);
    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s\n", lines[i]);
    return arena_strdup(arena, buf_cstr(&out));
}

static struct str found_text(struct work *w, const char *rule, struct str expected)
{
    auto_buf out = BUF_INIT(1 << 16);
    bool fixes = str_contains(expected, " auto") || str_contains(expected, " suggest\n") || str_contains(expected, " none");
    for (size_t i = 0; i < w->findings->n; i++) {
        const struct finding *f = &w->findings->items[i];
        if (!strcmp(f->rule, rule))
            buf_addf(&out, "%s:%u %s%s%s\n", f->at.file, f->at.line, tier_name(f->tier), fixes ? " " : "",
                     fixes ? fix_kind_name(f->fix_kind) : "");
    }
    return str_c(arena_strdup(w->arena, buf_cstr(&out)));
}

static void run_fixture(void **state)
{
    const char *path = *state; /* …/ID/NAME */
    char rule[64];
    const char *slash = strrchr(path, '/'), *start = slash - 1;
    while (start > path && start[-1] != '/')
        start--;
    snprintf(rule, sizeof rule, "%.*s", (int)(slash - start), start);
    const char *only[] = { rule, NULL };
    struct work w;
    struct rules_missing *missing;
    size_t nmissing;
    struct err err = { 0 };
    open_work(&w, path);
    if (rules_run(&w.in, only, w.findings, w.arena, &missing, &nmissing, &err) || findings_close(w.findings, &err))
        fail_msg("%s: %s", path, err.what);
    rules_silence(w.app, NULL, w.findings);
    struct str expected = note(&w, "expected.txt"), known = note(&w, "known.txt");
    const char *want = sorted_lines(w.arena, expected);
    const char *got = sorted_lines(w.arena, found_text(&w, rule, expected));
    bool same = !strcmp(want, got), skipped = false;
    if (!same)
        print_message("%s/%s\nexpected:\n%sfound:\n%s", rule, slash + 1, want, got);
    if (known.n && !same) {
        print_message("known: %.*s\n", (int)known.n, known.p);
        skipped = true;
    }
    bool healed = known.n && same;
    close_work(&w);
    if (skipped)
        skip();
    if (healed)
        fail_msg("%s is right now: take its known.txt away", path);
    assert_true(same);
}

/* --- the table of cases is the folder --- */

static struct CMUnitTest cases[CASES_MAX];
static size_t ncases;

static void add_fixtures_of(const char *rule)
{
    char dir[PATH_BYTES], path[PATH_BYTES];
    struct dirent **names;
    join(dir, FIXTURES, rule);
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        join(path, dir, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && file_is_dir(path) && ncases < CASES_MAX) {
            char *state = strdup(path);
            cases[ncases++] = (struct CMUnitTest){ strdup(path + strlen(FIXTURES) + 1), run_fixture, NULL, NULL, state };
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void add_row(struct buf *out, const struct rule *r)
{
    buf_addf(out, "| [%s](%s.md) | %s | %s | %s |\n", r->id, r->id, r->title,
             r->fix == FIX_NONE ? "" : fix_kind_name(r->fix),
             !strcmp(r->family, "checklist") ? "configuration" : r->needs & NEED_TRACE ? "a trace" : "code and trace");
}

/* docs/rules/README.md is made from the table; FETTLE_WRITE_DOCS=1 writes it. */
static void the_list_of_rules_is_the_table(void **state)
{
    (void)state;
    static const char path[] = FETTLE_SOURCE_DIR "/docs/rules/README.md";
    const char *family = "";
    auto_buf out = BUF_INIT(1 << 16);
    auto_arena *arena = arena_new(1 << 20);
    struct err err = { 0 };
    struct str there = { "", 0 };
    buf_adds(&out, "# Rules\n\nMade from `src/rules/table.c` (`fettle rules` prints it too).\n");
    for (size_t i = 0; i < rules_count; i++) {
        if (strcmp(family, rules_table[i].family))
            buf_addf(&out, "\n## %s\n| rule | what | fix | found by |\n|---|---|---|---|\n", rules_table[i].family);
        family = rules_table[i].family;
        add_row(&out, &rules_table[i]);
    }
    if (getenv("FETTLE_WRITE_DOCS"))
        assert_int_equal(file_write_atomic(path, out.p, out.n, &err), 0);
    assert_int_equal(file_read(path, 1 << 20, arena, &there, &err), 0);
    assert_string_equal(there.p, buf_cstr(&out));
}

/* No rule without a page, a bad and a good fixture; the pages' list is the table. */
static void every_rule_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < rules_count; i++) {
        char path[PATH_BYTES], name[PATH_BYTES];
        static const char *const parts[] = { "bad", "good" };
        for (size_t k = 0; k < 2; k++) {
            snprintf(name, sizeof name, "%s/%s", rules_table[i].id, parts[k]);
            join(path, FIXTURES, name);
            if (!file_is_dir(path))
                fail_msg("tests/rules/%s is missing", name);
        }
        snprintf(name, sizeof name, "docs/rules/%s.md", rules_table[i].id);
        join(path, FETTLE_SOURCE_DIR, name);
        if (!file_exists(path))
            fail_msg("%s is missing", name);
    }
}

int main(void)
{
    cases[ncases++] = (struct CMUnitTest)cmocka_unit_test(every_rule_is_complete);
    cases[ncases++] = (struct CMUnitTest)cmocka_unit_test(the_list_of_rules_is_the_table);
    for (size_t i = 0; i < rules_count; i++)
        add_fixtures_of(rules_table[i].id);
    int failed = _cmocka_run_group_tests("rules", cases, ncases, NULL, NULL);
    for (size_t i = 2; i < ncases; i++) {
        free((char *)(uintptr_t)cases[i].name);
        free(cases[i].initial_state);
    }
    return failed;
}
