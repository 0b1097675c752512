/* findings_close: what it joins, in which order things come, and ids that survive edits above. */
#include "finding/finding.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct finding draft(const char *rule, const char *file, uint32_t line, const char *symbol, const char *subject)
{
    return (struct finding){
        .rule = rule,
        .symbol = symbol,
        .subject = subject,
        .at = { .file = file, .line = line },
        .message = "something costs",
        .tier = TIER_SUGGESTED,
        .severity = SEV_WARNING,
        .confidence = CONF_MEDIUM,
        .cost = { .lo = NAN, .hi = NAN },
    };
}

static struct finding measured(struct finding f, double ms)
{
    f.cost = (struct cost){ true, ms, NAN, NAN, 0.5, 10, 0, TIME_SQL };
    f.tier = TIER_RANKED;
    f.route = "GET /rooms";
    return f;
}

static void add(struct findings *fs, struct finding f)
{
    struct err err = { 0 };
    assert_int_equal(findings_add(fs, &f, &err), 0);
}

static void close_list(struct findings *fs)
{
    struct err err = { 0 };
    assert_int_equal(findings_close(fs, &err), 0);
}

static void a_suspicion_and_its_measurement_become_one(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    struct evidence code = { "loop", "", 0, "a loop over rooms", SRC_DISK };
    struct evidence trace = { "statements", "statements", 40, NULL, SRC_TRACE };
    struct place loop = { "resources/views/rooms.blade.php", 3, 0, ROLE_LOOP, "goes through the rows" };
    struct finding disk = draft("n-plus-one-lazy", "app/A.php", 12, "A::index", "owner");
    disk.key = 7;
    disk.from_disk = true;
    disk.evidence = &code;
    disk.nevidence = 1;
    disk.related = &loop;
    disk.nrelated = 1;
    disk.fix_kind = FIX_AUTO;
    disk.advice = "load it with the rooms";
    disk.growth = (struct growth){ "rooms", 1, "statements" };
    struct finding live = measured(draft("n-plus-one-lazy", "app/A.php", 12, "A::index", "owner"), 20);
    live.key = 7;
    live.from_trace = true;
    live.evidence = &trace;
    live.nevidence = 1;
    live.message = "40 rooms each load their own owner";
    live.statement = "select * from users where id = ?";
    live.severity = SEV_ERROR;
    add(fs, disk);
    add(fs, live);
    close_list(fs);
    assert_int_equal(fs->n, 1);
    const struct finding *f = &fs->items[0];
    assert_string_equal(f->message, "40 rooms each load their own owner");
    assert_string_equal(f->advice, "load it with the rooms");
    assert_string_equal(f->statement, "select * from users where id = ?");
    assert_string_equal(f->growth.table, "rooms");
    assert_int_equal(f->nevidence, 2);
    assert_int_equal(f->nrelated, 1);
    assert_string_equal(f->related[0].note, "goes through the rows");
    assert_int_equal(f->confidence, CONF_HIGH);
    assert_int_equal(f->severity, SEV_ERROR);
    assert_int_equal(f->tier, TIER_RANKED);
    assert_int_equal(f->fix_kind, FIX_AUTO);
    assert_true(f->from_disk && f->from_trace && f->cost.measured);
    findings_free(fs);
}

static void what_differs_is_not_joined(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    struct finding base = draft("n-plus-one-lazy", "app/A.php", 12, "A::index", "owner");
    struct finding rule = base, file = base, subject = base, line = base, key = base;
    rule.rule = "n-plus-one-query";
    file.at.file = "app/B.php";
    subject.subject = "tags";
    line.at.line = 13;
    key.key = 9;
    add(fs, base);
    add(fs, rule);
    add(fs, file);
    add(fs, subject);
    add(fs, line);
    add(fs, key);
    add(fs, base); /* the same again */
    close_list(fs);
    assert_int_equal(fs->n, 6);
    for (size_t i = 0; i < fs->n; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(fs->items[i].id, fs->items[k].id);
    findings_free(fs);
}

static void one_half_alone_raises_no_confidence(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    struct finding f = draft("slow-query", "app/A.php", 12, "A::index", "rooms");
    f.from_trace = true;
    add(fs, f);
    add(fs, f);
    close_list(fs);
    assert_int_equal(fs->n, 1);
    assert_int_equal(fs->items[0].confidence, CONF_MEDIUM);
    findings_free(fs);
}

static void the_dearest_comes_first(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    struct finding checklist = draft("opcache-off", "php.ini", 1, "opcache.enable", "opcache.enable");
    struct finding sure = draft("unbounded-get", "app/A.php", 40, "A::all", "rooms");
    struct finding unsure = draft("unbounded-get", "app/B.php", 2, "B::all", "rooms");
    struct finding grave = draft("long-transaction", "app/C.php", 1, "C::x", "post");
    checklist.tier = TIER_CHECKLIST;
    checklist.severity = SEV_ERROR;
    sure.confidence = CONF_HIGH;
    grave.tier = TIER_RANKED;
    grave.severity = SEV_ERROR;
    add(fs, checklist);
    add(fs, unsure);
    add(fs, sure);
    add(fs, grave);
    add(fs, measured(draft("slow-query", "app/D.php", 1, "D::x", "a"), 5));
    add(fs, measured(draft("slow-query", "app/E.php", 1, "E::x", "b"), 50));
    close_list(fs);
    static const char *const want[] = { "app/E.php", "app/D.php", "app/C.php", "app/A.php", "app/B.php", "php.ini" };
    assert_int_equal(fs->n, 6);
    for (size_t i = 0; i < fs->n; i++)
        assert_string_equal(fs->items[i].at.file, want[i]);
    findings_free(fs);
}

enum { SHUFFLED = 60 };

static void what_grows_is_ordered_by_its_size_then(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    add(fs, measured(draft("n-plus-one-lazy", "app/A.php", 1, "A::a", "owner"), 20));
    struct finding grows = measured(draft("unbounded-get", "app/B.php", 1, "B::b", "messages"), 2);
    grows.growth = (struct growth){ "messages", 0.02, "ms", 100, 200 };
    add(fs, grows);
    close_list(fs);
    assert_string_equal(fs->items[0].rule, "unbounded-get");
    assert_true(fs->items[0].cost.ms == 2 && fs->items[0].growth.ms == 200 && fs->items[0].growth.times == 100);
    findings_free(fs);
}

static void the_same_findings_give_the_same_list(void **state)
{
    (void)state;
    char files[SHUFFLED][32], first[SHUFFLED][20];
    for (unsigned turn = 0; turn < 3; turn++) {
        struct findings *fs = findings_new();
        for (unsigned i = 0; i < SHUFFLED; i++) {
            unsigned k = turn == 0 ? i : turn == 1 ? SHUFFLED - 1 - i : (i * 37) % SHUFFLED;
            snprintf(files[k], sizeof files[k], "app/F%u.php", k % 20);
            struct finding f = draft("n-plus-one-lazy", files[k], k, "F::x", k % 2 ? "owner" : "tags");
            add(fs, k % 3 ? f : measured(f, k % 5));
        }
        close_list(fs);
        for (size_t i = 0; i < fs->n; i++) {
            if (turn == 0)
                memcpy(first[i], fs->items[i].id, sizeof first[i]);
            else
                assert_string_equal(fs->items[i].id, first[i]);
        }
        findings_free(fs);
    }
}

static void id_of(uint32_t line, uint32_t second, char ret[2][20])
{
    struct findings *fs = findings_new();
    add(fs, draft("n-plus-one-lazy", "app/A.php", line, "A::index", "owner"));
    add(fs, draft("n-plus-one-lazy", "app/A.php", second, "A::index", "owner"));
    close_list(fs);
    assert_int_equal(fs->n, 2);
    for (size_t i = 0; i < 2; i++)
        memcpy(ret[i], fs->items[i].id, 20);
    findings_free(fs);
}

static void ids_survive_lines_that_move(void **state)
{
    (void)state;
    char before[2][20], after[2][20];
    id_of(12, 30, before);
    id_of(112, 130, after);
    assert_string_equal(before[0], after[0]);
    assert_string_equal(before[1], after[1]);
    assert_string_not_equal(before[0], before[1]);
    assert_int_equal(strlen(before[0]), 16);
}

static void what_is_too_much_is_counted(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    struct err err = { 0 };
    struct place related[LIMIT_RELATED + 5] = { { "a.php", 1, 0, ROLE_CALL, NULL } };
    struct evidence evidence[LIMIT_EVIDENCE + 5] = { { "x", "", 1, NULL, SRC_TRACE } };
    struct finding f = draft("slow-query", "app/A.php", 1, "A::x", "rooms");
    f.related = related;
    f.nrelated = LIMIT_RELATED + 5;
    f.evidence = evidence;
    f.nevidence = LIMIT_EVIDENCE + 5;
    add(fs, f);
    add(fs, f);
    f.nrelated = f.nevidence = 0;
    for (uint32_t i = 0; i < LIMIT_FINDINGS + 10; i++) {
        f.at.line = i + 2;
        add(fs, f);
    }
    assert_int_equal(fs->n, LIMIT_FINDINGS);
    assert_int_equal(fs->dropped, 12);
    close_list(fs);
    assert_int_equal(fs->n, LIMIT_FINDINGS - 1);
    assert_int_equal(findings_add(fs, &f, &err), RC_STATE);
    for (size_t i = 0; i < fs->n; i++) {
        assert_true(fs->items[i].nrelated <= LIMIT_RELATED);
        assert_true(fs->items[i].nevidence <= LIMIT_EVIDENCE);
    }
    findings_free(fs);
}

static void what_was_given_may_go(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    char file[] = "app/A.php", message[] = "40 rooms", what[] = "rows", note[] = "here", ins[] = "->with('owner')";
    struct evidence evidence = { what, what, 40, message, SRC_TRACE };
    struct place related = { file, 3, 0, ROLE_LOOP, note };
    struct edit edit = { file, 5, 10, 0, { ins, 15 } };
    struct finding f = draft("slow-query", file, 1, file, what);
    f.message = f.advice = f.why = f.route = f.statement = f.plan = message;
    f.evidence = &evidence;
    f.related = &related;
    f.edits = &edit;
    f.nevidence = f.nrelated = f.nedits = 1;
    add(fs, f);
    memset(file, 'x', 9), memset(message, 'x', 8), memset(what, 'x', 4), memset(note, 'x', 4), memset(ins, 'x', 15);
    close_list(fs);
    const struct finding *kept = &fs->items[0];
    assert_string_equal(kept->at.file, "app/A.php");
    assert_string_equal(kept->plan, "40 rooms");
    assert_string_equal(kept->evidence[0].what, "rows");
    assert_string_equal(kept->evidence[0].text, "40 rooms");
    assert_string_equal(kept->related[0].note, "here");
    assert_string_equal(kept->edits[0].file, "app/A.php");
    assert_memory_equal(kept->edits[0].ins.p, "->with('owner')", 15);
    findings_free(fs);
}

static void an_empty_list_closes(void **state)
{
    (void)state;
    struct findings *fs = findings_new();
    close_list(fs);
    close_list(fs);
    assert_int_equal(fs->n, 0);
    findings_free(fs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspicion_and_its_measurement_become_one),
        cmocka_unit_test(what_differs_is_not_joined),
        cmocka_unit_test(one_half_alone_raises_no_confidence),
        cmocka_unit_test(the_dearest_comes_first),
        cmocka_unit_test(what_grows_is_ordered_by_its_size_then),
        cmocka_unit_test(the_same_findings_give_the_same_list),
        cmocka_unit_test(ids_survive_lines_that_move),
        cmocka_unit_test(what_is_too_much_is_counted),
        cmocka_unit_test(what_was_given_may_go),
        cmocka_unit_test(an_empty_list_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
