/* Every format of a made-up result: golden texts in tests/unit/report/ (FETTLE_WRITE_GOLDEN=1 writes them), no line
 * wider than asked for, no colour without asking, and JSON that has exactly the fields that docs/json.md describes. */
#include "report/report.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define GOLDEN FETTLE_SOURCE_DIR "/tests/unit/report/"

/* --- the made-up result --- */

static unsigned source(void *ctx, const char *file, uint32_t from, uint32_t n, struct buf *out)
{
    (void)ctx;
    if (strcmp(file, "app/Http/Controllers/RoomController.php"))
        return 0;
    for (uint32_t i = 0; i < n; i++)
        buf_addf(out, "line %u <of> \"%s\"\n", from + i, "it");
    return n;
}

static struct finding lazy(void)
{
    static const struct place related[] = {
        { "app/Http/Controllers/RoomController.php", 12, 9, ROLE_QUERY, "reads the rows" },
        { "resources/views/rooms/index.blade.php", 3, 0, ROLE_LOOP, NULL },
    };
    static const struct evidence evidence[] = {
        { "statements from this place, a request", "statements", 40, NULL, SRC_TRACE },
        { "lazily loaded relation", "", 0, "App\\Models\\Room::owner", SRC_TRACE },
    };
    static const struct edit edits[] = { { "app/Http/Controllers/RoomController.php", 0xabcdef, 120, 0, { "->with('owner')", 15 } } };
    return (struct finding){
        .rule = "n-plus-one-lazy", .symbol = "App\\Http\\Controllers\\RoomController::index", .subject = "owner",
        .klass = CLASS_PERFORMANCE, .tier = TIER_RANKED, .severity = SEV_ERROR, .confidence = CONF_HIGH,
        .at = { "app/Http/Controllers/RoomController.php", 12, 0, ROLE_HERE, NULL },
        .related = related, .nrelated = 2, .evidence = evidence, .nevidence = 2,
        .message = "40 rooms each load their own owner", .advice = "load it with the rooms: ->with('owner')",
        .why = "One statement for all of them does the same work.", .route = "GET /rooms",
        .cost = { true, 21.5, 19, 24, 0.61, 40, 0, TIME_SQL }, .growth = { "rooms", 1, "statements" },
        .fix_kind = FIX_AUTO, .edits = edits, .nedits = 1,
        .statement = "select * from \"users\" where \"users\".\"id\" = ? limit ?",
        .key = 1, .from_trace = true, .from_disk = true,
    };
}

static struct finding wide(void)
{
    return (struct finding){
        .rule = "select-star-wide", .symbol = "App\\Http\\Controllers\\RoomController::index", .subject = "documents(body)",
        .tier = TIER_RANKED, .severity = SEV_WARNING, .confidence = CONF_HIGH,
        .at = { "packages/a-very-long-vendor-name/with-a-long-package-name/src/Http/Controllers/Admin/"
                "DocumentsOfTheWholeOrganisationController.php", 1234, 0, ROLE_HERE, NULL },
        .message = "a list of 60 fetches 351 KB of body that it never reads, at a place whose name is as long as can be",
        .advice = "select the columns that are read, keys included: ->select([…]) without body, and leave the rest to the "
                  "page that shows one document, where they are read",
        .why = "Nobody looks.", .route = "GET /organisations/{organisation}/projects/{project}/documents/by-status/{status}",
        .cost = { true, 3.25, NAN, NAN, 0.08, 1, 360000, TIME_SQL }, .growth = { "documents", 0.05, "ms", 4, 13 },
        .fix_kind = FIX_SUGGEST, .from_trace = true,
        .plan = "SCAN documents", .key = 2,
    };
}

static struct finding suspicion(enum tier tier, const char *rule, const char *message)
{
    return (struct finding){
        .rule = rule, .symbol = "App\\Models\\Room", .subject = rule, .tier = tier, .severity = SEV_INFO,
        .confidence = CONF_LOW, .klass = tier == TIER_CHECKLIST ? CLASS_HYGIENE : CLASS_PERFORMANCE,
        .at = { "app/Models/Room.php", 7, 0, ROLE_HERE, NULL }, .message = message, .advice = "look at it", .why = "It may grow.",
        .cost = { .lo = NAN, .hi = NAN }, .from_disk = true, .key = 3,
    };
}

struct made {
    struct app app;
    struct findings *findings;
    struct wroute route;
    struct workload load;
    struct visit visits[2];
    struct skipped skipped;
    struct rules_missing missing;
    struct report_in in;
};

static double samples[] = { 34.5, 35.25, 36 };
static const struct wmark marks[] = { { 1, 33 }, { 2, 8 }, { 12, 0.4F }, { 14, 0.4F } };
static const struct wline lines[] = {
    { .kind = FW_LIVEWIRE_PHASE, .depth = 1, .name = "room-list", .first_a = FW_LW_MOUNT, .count = 1, .ms = 33, .marks = marks, .nmarks = 1 },
    { .kind = FW_SQL, .depth = 2, .name = "select * from \"rooms\"", .file = "app/Http/Controllers/RoomController.php", .line = 12,
      .count = 1, .a = 40, .ms = 8, .marks = marks + 1, .nmarks = 1 },
    { .kind = FW_LAZY, .depth = 2, .name = "App\\Models\\Room::owner", .file = "resources/views/rooms/index.blade.php", .line = 4,
      .count = 40, .ms = 14, .marks = marks + 2, .nmarks = 2 },
};
static const struct wcall call = { .kind = FW_HTTP_CALL, .name = "GET rates.test", .calls = 3, .traces = 3, .ms = 60 };
static const struct wtrace trace = { 35.1, 0.2, lines, 3 };

static void make(struct made *m, bool measured)
{
    struct err err = { 0 };
    struct finding all[] = { lazy(), wide(), suspicion(TIER_SUGGESTED, "unbounded-get", "all rooms are read at once, without a limit"),
                             suspicion(TIER_CHECKLIST, "opcache-off", "OPcache is off") };
    *m = (struct made){ .findings = findings_new() };
    m->app = (struct app){ .dir = "/srv/rooms", .nfiles = 120, .nroutes = 14, .nmodels = 6, .nviews = 20, .ncomponents = 3,
                           .laravel_version = "12.20.0", .livewire_version = "3.6.4" };
    for (size_t i = 0; i < 4; i++) {
        struct finding f = all[i];
        if (!measured) {
            f.cost = (struct cost){ .lo = NAN, .hi = NAN };
            f.route = NULL;
            f.from_trace = false;
        }
        assert_int_equal(findings_add(m->findings, &f, &err), 0);
    }
    assert_int_equal(findings_close(m->findings, &err), 0);
    m->findings->ignored = 2;
    m->skipped = (struct skipped){ "app/Broken.php", 12, RC_PARSE, NULL };
    m->in = (struct report_in){ .command = measured ? "check" : "audit", .version = "0.1.0", .at = "2026-01-31T12:00:00Z",
                                .app = &m->app, .name = "rooms", .branch = "main", .commit = "0123456789abcdef", .dirty = 2,
                                .findings = m->findings, .skipped = &m->skipped, .nskipped = 1, .read_seconds = 0.25,
                                .total_seconds = measured ? 12.5 : 0.3, .min_ms = 1, .min_share = 0.01, .source = source };
    if (!measured)
        return;
    m->route = (struct wroute){ .name = "GET /rooms", .action = "App\\Http\\Controllers\\RoomController@index", .type = FW_HTTP,
                                .traces = 3, .ms_median = 35.25, .ms_p95 = 36, .cpu_ms_median = 20, .statements_median = 44,
                                .rows_median = 80, .hydrated_median = 80, .lazy_median = 40, .peak_kb_max = 20000,
                                .bytes_out_median = 14000, .has_side_effects = true, .side_effect = "a mail",
                                .samples_ms = samples, .nsamples = 3, .trace = &trace };
    m->route.kind_ms[FW_SQL] = 22;
    m->route.kind_ms[FW_VIEW] = 5;
    m->load = (struct workload){ .routes = &m->route, .nroutes = 1, .calls = &call, .ncalls = 1, .traces = 3 };
    m->in.standin = "outgoing calls are answered after 20 ms";
    m->visits[0] = (struct visit){ .route = "GET /rooms", .url = "/rooms", .status = 200, .samples = 3, .measured = true };
    m->visits[1] = (struct visit){ .route = "GET /admin", .url = "/admin", .status = 403, .why_not = "turns the user away",
                                   .next = "--as a user who may" };
    m->missing = (struct rules_missing){ "missing-index", "no plans: the database was not copied" };
    m->in.php = "8.2.29";
    m->in.database = "SQLite, 12 MB copied";
    m->in.walls = "network and files";
    m->in.user_note = "user 1";
    m->in.visits = m->visits;
    m->in.nvisits = 2;
    m->in.load = &m->load;
    m->in.missing = &m->missing;
    m->in.nmissing = 1;
}

static void written(const struct made *m, enum report_format format, const struct report_style *style, struct buf *out)
{
    struct err err = { 0 };
    assert_int_equal(report_write(format, &m->in, style, out, &err), 0);
}

/* --- golden texts --- */

static void same_as_golden(const char *name, struct buf *got)
{
    char path[512];
    auto_arena *arena = arena_new(1 << 20);
    struct str want = { "", 0 };
    struct err err = { 0 };
    snprintf(path, sizeof path, GOLDEN "%s", name);
    if (getenv("FETTLE_WRITE_GOLDEN"))
        assert_int_equal(file_write_atomic(path, got->p, got->n, &err), 0);
    assert_int_equal(file_read(path, 1 << 20, arena, &want, &err), 0);
    assert_string_equal(buf_cstr(got), want.p);
}

static const struct report_style wide_open = { .width = 100, .full = 5, .skipped = true, .checklist = true, .suggested = true };
static const struct report_style usual = { .width = 100, .full = 1, .most = 20 };

static void golden_of(bool measured, enum report_format format, const struct report_style *style, const char *name)
{
    struct made m;
    auto_buf out = BUF_INIT(1 << 20);
    make(&m, measured);
    written(&m, format, style, &out);
    same_as_golden(name, &out);
    findings_free(m.findings);
}

static void terminal_texts(void **state)
{
    (void)state;
    golden_of(true, REPORT_TERMINAL, &wide_open, "check-all.txt");
    golden_of(true, REPORT_TERMINAL, &usual, "check.txt");
    golden_of(false, REPORT_TERMINAL, &usual, "audit.txt");
}

static void plain_texts(void **state)
{
    (void)state;
    golden_of(true, REPORT_PLAIN, &wide_open, "check-plain.txt");
    golden_of(true, REPORT_PLAIN, &usual, "check-plain-usual.txt");
}

static void json_texts(void **state)
{
    (void)state;
    golden_of(true, REPORT_JSON, &usual, "check.json");
    golden_of(false, REPORT_JSON, &usual, "audit.json");
}

/* --- what holds for any text --- */

static void no_line_is_too_wide(void **state)
{
    (void)state;
    for (unsigned width = 72; width <= 144; width += 8) {
        struct made m;
        struct report_style style = wide_open;
        auto_buf out = BUF_INIT(1 << 20);
        struct str line;
        style.width = width;
        make(&m, true);
        written(&m, REPORT_TERMINAL, &style, &out);
        struct str rest = { out.p, (uint32_t)out.n };
        while (str_next(&rest, '\n', &line)) {
            char copy[4096];
            snprintf(copy, sizeof copy, "%.*s", (int)line.n, line.p);
            if (text_width(copy) > width)
                fail_msg("%u columns of %u: %s", text_width(copy), width, copy);
        }
        findings_free(m.findings);
    }
}

static void colour_only_where_asked_for(void **state)
{
    (void)state;
    static const enum report_format formats[] = { REPORT_TERMINAL, REPORT_PLAIN, REPORT_JSON };
    for (size_t i = 0; i < 3; i++)
        for (unsigned colour = 0; colour < 2; colour++) {
            struct made m;
            struct report_style style = wide_open;
            auto_buf out = BUF_INIT(1 << 20);
            style.colour = colour;
            make(&m, true);
            written(&m, formats[i], &style, &out);
            bool escapes = memchr(out.p, 27, out.n) != NULL;
            assert_int_equal(escapes, colour && formats[i] == REPORT_TERMINAL);
            findings_free(m.findings);
        }
}

static void colour_changes_no_text(void **state)
{
    (void)state;
    struct made m;
    struct report_style style = wide_open;
    auto_buf plain = BUF_INIT(1 << 20), coloured = BUF_INIT(1 << 20), stripped = BUF_INIT(1 << 20);
    make(&m, true);
    written(&m, REPORT_TERMINAL, &style, &plain);
    style.colour = true;
    written(&m, REPORT_TERMINAL, &style, &coloured);
    for (size_t i = 0; i < coloured.n; i++) {
        if (coloured.p[i] != 27)
            buf_addc(&stripped, coloured.p[i]);
        else
            while (i < coloured.n && coloured.p[i] != 'm')
                i++;
    }
    assert_string_equal(buf_cstr(&stripped), buf_cstr(&plain));
    findings_free(m.findings);
}

/* --- the schema --- */

enum { PATHS_MAX = 300 };
struct paths {
    char items[PATHS_MAX][128];
    size_t n;
};

static void add_path(struct paths *p, const char *path)
{
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->items[i], path))
            return;
    assert_true(p->n < PATHS_MAX);
    snprintf(p->items[p->n++], sizeof p->items[0], "%s", path);
}

static void collect(struct paths *p, const json_t *j, const char *path)
{
    const char *key;
    json_t *value;
    size_t i;
    char name[128];
    if (json_is_array(j)) {
        json_array_foreach(j, i, value)
            if (json_is_object(value)) {
                snprintf(name, sizeof name, "%s[]", path);
                collect(p, value, name);
            }
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)j, key, value)
    {
        snprintf(name, sizeof name, "%s%s%s", path, *path ? "." : "", key);
        add_path(p, name);
        collect(p, value, name);
    }
}

static void described(struct paths *p)
{
    auto_arena *arena = arena_new(1 << 20);
    struct str text, line;
    struct err err = { 0 };
    assert_int_equal(file_read(FETTLE_SOURCE_DIR "/docs/json.md", 1 << 20, arena, &text, &err), 0);
    while (str_next(&text, '\n', &line)) {
        char path[128];
        const char *end = line.n > 3 && str_starts(line, "| `") ? memchr(line.p + 3, '`', line.n - 3) : NULL;
        if (!end)
            continue;
        snprintf(path, sizeof path, "%.*s", (int)(end - line.p - 3), line.p + 3);
        add_path(p, path);
    }
}

static bool has(const struct paths *p, const char *path)
{
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->items[i], path))
            return true;
    return false;
}

static json_t *parsed(const struct made *m)
{
    auto_buf out = BUF_INIT(1 << 20);
    json_error_t problem;
    written(m, REPORT_JSON, &usual, &out);
    json_t *j = json_loadb(out.p, out.n, 0, &problem);
    if (!j)
        fail_msg("line %d: %s", problem.line, problem.text);
    return j;
}

static void json_has_the_fields_that_are_described(void **state)
{
    (void)state;
    static struct paths written_paths, doc_paths;
    struct made m;
    make(&m, true);
    json_t *j = parsed(&m);
    m.in.instance_problem = "PHP is not there";
    m.in.instance_next = "apt install php-fpm";
    ((struct finding *)m.in.findings->items)[0].cost.kind = TIME_AI; /* a cost of outgoing calls */
    json_t *problem = parsed(&m);
    collect(&written_paths, j, "");
    collect(&written_paths, problem, "");
    described(&doc_paths);
    for (size_t i = 0; i < written_paths.n; i++)
        if (!has(&doc_paths, written_paths.items[i]))
            fail_msg("docs/json.md does not describe %s", written_paths.items[i]);
    for (size_t i = 0; i < doc_paths.n; i++)
        if (!has(&written_paths, doc_paths.items[i]))
            fail_msg("docs/json.md describes %s, which is not written", doc_paths.items[i]);
    json_decref(problem);
    json_decref(j);
    findings_free(m.findings);
}

static void what_is_not_known_is_absent(void **state)
{
    (void)state;
    struct made m;
    make(&m, false);
    m.in.commit = m.in.branch = NULL;
    m.app.livewire_version = NULL;
    json_t *j = parsed(&m), *first = json_array_get(json_object_get(j, "findings"), 0);
    assert_null(json_object_get(first, "cost"));
    assert_null(json_object_get(first, "route"));
    assert_null(json_object_get(json_object_get(j, "app"), "commit"));
    assert_null(json_object_get(json_object_get(j, "app"), "livewire"));
    assert_null(json_object_get(json_object_get(j, "summary"), "ledger"));
    assert_int_equal(json_array_size(json_object_get(j, "routes")), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "summary"), "ignored")), 2);
    json_decref(j);
    findings_free(m.findings);
}

/* --- one finding, read back --- */

static void why_reads_what_json_wrote(void **state)
{
    (void)state;
    struct made m;
    struct err err = { 0 };
    auto_buf json = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20), by_id = BUF_INIT(1 << 20), none = BUF_INIT(1 << 20);
    make(&m, true);
    written(&m, REPORT_JSON, &usual, &json);
    struct str text = { json.p, (uint32_t)json.n };
    assert_int_equal(report_why(text, "1", &usual, &out, &err), 0);
    same_as_golden("why.txt", &out);
    char id[9];
    snprintf(id, sizeof id, "%.8s", m.findings->items[0].id);
    assert_int_equal(report_why(text, id, &usual, &by_id, &err), 0);
    assert_string_equal(buf_cstr(&by_id), buf_cstr(&out));
    assert_int_not_equal(report_why(text, "99", &usual, &none, &err), 0);
    findings_free(m.findings);
}

static void the_page_carries_the_result(void **state)
{
    (void)state;
    struct made m;
    auto_buf html = BUF_INIT(8 << 20);
    make(&m, true);
    written(&m, REPORT_HTML, &usual, &html);
    assert_non_null(strstr(buf_cstr(&html), "40 rooms each load their own owner"));
    assert_null(strstr(buf_cstr(&html), "/*DATA*/null"));
    assert_null(strstr(buf_cstr(&html), "src=\"http"));
    findings_free(m.findings);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_texts),
        cmocka_unit_test(plain_texts),
        cmocka_unit_test(json_texts),
        cmocka_unit_test(no_line_is_too_wide),
        cmocka_unit_test(colour_only_where_asked_for),
        cmocka_unit_test(colour_changes_no_text),
        cmocka_unit_test(json_has_the_fields_that_are_described),
        cmocka_unit_test(what_is_not_known_is_absent),
        cmocka_unit_test(why_reads_what_json_wrote),
        cmocka_unit_test(the_page_carries_the_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
