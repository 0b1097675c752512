/* Every fixer on a small application: what it edits, to the byte, and what it refuses, with its reason. The findings are
 * those that the rules make of the application; the plans are compared with tests/apps/fixes.expected. Run with
 * FETTLE_BLESS=1 to write that file anew, then read its difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "fix/fix.h"

#include <stdio.h>
#include <stdlib.h>

#define APP FETTLE_SOURCE_DIR "/tests/apps/fixes"
#define EXPECTED FETTLE_SOURCE_DIR "/tests/apps/fixes.expected"

static void plan_one(const struct fix_in *in, struct arena *arena, struct buf *out)
{
    struct fix_out plan;
    struct err err = { 0 };
    assert_int_equal(fix_plan(in, arena, &plan, &err), RC_OK);
    buf_addf(out, "== %s:%u %s %s\n", in->finding->at.file, in->finding->at.line, in->finding->rule, in->finding->subject);
    if (plan.answer == FIX_EDITS)
        edits_diff(in->app, &plan.set, out);
    else
        buf_addf(out, "refused: %s\n", plan.reason);
}

static bool has_fixer(const char *rule)
{
    for (size_t i = 0; i < fixers_count; i++)
        if (!strcmp(fixers[i].rule, rule))
            return true;
    return false;
}

static int by_place(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int c = strcmp(a->at.file, b->at.file);
    c = c ? c : (a->at.line > b->at.line) - (a->at.line < b->at.line);
    return c ? c : strcmp(a->id, b->id);
}

static void plans_are_as_expected(void **state)
{
    struct app *app;
    struct flows *flows;
    struct findings *fs = findings_new();
    struct rules_missing *missing;
    size_t nmissing;
    struct err err = { 0 };
    auto_arena *arena = arena_new((size_t)256 << 20);
    auto_buf out = BUF_INIT((size_t)1 << 20);
    (void)state;
    assert_int_equal(app_open(APP, &(struct app_opts){ 0 }, &app, &err), RC_OK);
    assert_int_equal(flows_find(app, &(struct flow_opts){ 0 }, &flows, &err), RC_OK);
    struct rule_in rules = { .app = app, .flows = flows, .schema = app->schema, .th = &thresholds_default };
    assert_int_equal(rules_run(&rules, NULL, fs, arena, &missing, &nmissing, &err), RC_OK);
    assert_int_equal(findings_close(fs, &err), RC_OK);
    qsort(fs->items, fs->n, sizeof *fs->items, by_place);
    for (size_t i = 0; i < fs->n; i++) {
        struct fix_in in = { app, flows, app->schema, NULL, &fs->items[i], flow_of_finding(flows, &fs->items[i]) };
        if (has_fixer(fs->items[i].rule))
            plan_one(&in, arena, &out);
    }
    struct str expected = { "", 0 };
    if (getenv("FETTLE_BLESS"))
        assert_int_equal(file_write_atomic(EXPECTED, out.p, out.n, &err), RC_OK);
    assert_int_equal(file_read(EXPECTED, 1 << 20, arena, &expected, &err), RC_OK);
    assert_string_equal(buf_cstr(&out), expected.p);
    findings_free(fs);
    flows_free(flows);
    app_free(app);
}

static void edits_keep_the_rest_to_the_byte(void **state)
{
    struct str text = STR("one two three\r\nfour\n");
    uint64_t hash = str_hash(text);
    struct err err = { 0 };
    auto_buf out = BUF_INIT(1000);
    struct edit edits[] = { { "x.php", hash, 8, 5, STR("3") }, { "x.php", hash, 0, 3, STR("1") }, { "x.php", hash, 20, 0, STR("five\n") } };
    assert_int_equal(edits_apply(text, hash, edits, 3, &out, &err), RC_OK);
    assert_string_equal(buf_cstr(&out), "1 two 3\r\nfour\nfive\n");
    buf_clear(&out);
    struct edit overlapping[] = { { "x.php", hash, 0, 5, STR("a") }, { "x.php", hash, 4, 2, STR("b") } };
    assert_int_equal(edits_apply(text, hash, overlapping, 2, &out, &err), RC_STATE);
    buf_clear(&out);
    assert_int_equal(edits_apply(text, hash + 1, edits, 1, &out, &err), RC_STATE);
    struct edit_set a = { &edits[0], 1, "", NULL }, b = { &edits[1], 1, "", NULL }, c = { &overlapping[1], 1, "", NULL };
    const char *file;
    uint32_t off;
    assert_false(edits_conflict(&a, &b, &file, &off));
    struct edit_set d = { &overlapping[0], 1, "", NULL };
    assert_true(edits_conflict(&d, &c, &file, &off));
    (void)state;
}

/* Two entries of one list: neither order of the sets decides anything, and both ends of the list are made once. */
static void edits_join_in_any_order(void **state)
{
    struct str text = STR("->with('a')");
    uint64_t hash = str_hash(text);
    struct err err = { 0 };
    const char *file;
    uint32_t off;
    auto_buf out = BUF_INIT(1000), again = BUF_INIT(1000);
    struct edit b[] = { { "x.php", hash, 7, 0, STR("["), true }, { "x.php", hash, 10, 0, STR(", 'b'"), true }, { "x.php", hash, 10, 0, STR("]"), true } };
    struct edit c[] = { { "x.php", hash, 7, 0, STR("["), true }, { "x.php", hash, 10, 0, STR(", 'c'"), true }, { "x.php", hash, 10, 0, STR("]"), true } };
    struct edit_set sb = { b, 3, "", NULL }, sc = { c, 3, "", NULL };
    assert_false(edits_conflict(&sb, &sc, &file, &off));
    struct edit both[] = { b[0], b[1], c[1], c[2] }, reversed[] = { c[2], c[1], b[1], b[0] };
    assert_int_equal(edits_apply(text, hash, both, 4, &out, &err), RC_OK);
    assert_int_equal(edits_apply(text, hash, reversed, 4, &again, &err), RC_OK);
    assert_string_equal(buf_cstr(&out), "->with(['a', 'b', 'c'])");
    assert_string_equal(buf_cstr(&again), buf_cstr(&out));
    struct edit plain = { "x.php", hash, 10, 0, STR("!"), false };
    struct edit_set sp = { &plain, 1, "", NULL };
    assert_true(edits_conflict(&sb, &sp, &file, &off));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(plans_are_as_expected),
                                        cmocka_unit_test(edits_keep_the_rest_to_the_byte),
                                        cmocka_unit_test(edits_join_in_any_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
