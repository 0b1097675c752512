#include "trace/trace.h"

#include "../support/ring_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const char ROOMS[] = "select * from \"rooms\" order by \"name\" limit 20";
static const char OWNER[] = "select * from \"users\" where \"users\".\"id\" = ? limit 1";
static const char TAGS[] = "select * from \"tags\" where \"tags\".\"room_id\" = ?";

static void fold(void *ctx, const struct trace *t)
{
    assert_int_equal(workload_fold(ctx, t, NULL), 0);
}

static void feed(struct workload_build *b, const struct ring_writer *w)
{
    struct decoder *d = decoder_new(4 << 20);
    assert_int_equal(decoder_feed(d, w->out.p, w->out.n, fold, b, NULL), 0);
    decoder_free(d);
}

/* A page with an N+1: `rooms` rows, an owner loaded lazily for each, and tags for each. */
static void lazy_page(struct ring_writer *w, unsigned rooms)
{
    char json[32];
    rw_open(w, FW_HTTP, "GET /rooms");
    unsigned c = rw_begin(w, FW_CONTROLLER, "App\\RoomController@index", "/app/C.php", 10);
    rw_sql(w, ROOMS, "/app/C.php", 12, rooms, 5, 2000000);
    rw_leaf(w, FW_HYDRATE, "App\\Models\\Room", "/app/C.php", 12, rooms, 0, 1000);
    unsigned v = rw_begin(w, FW_VIEW, "rooms.index", "/app/C.php", 14);
    for (unsigned i = 0; i < rooms; i++) {
        unsigned l =
            rw_begin(w, FW_LAZY, "App\\Models\\Room::owner", "/app/views/rooms.blade.php", 3);
        rw_sql(w, OWNER, "/app/views/rooms.blade.php", 3, 1, 100 + i % 4, 500000);
        snprintf(json, sizeof json, "[%u]", i % 4);
        rw_values(w, json);
        rw_end(w, l, 0, 0);
        rw_sql(w, TAGS, "/app/views/rooms.blade.php", 4, 3, 200 + i, 100000);
    }
    rw_end(w, v, 0, 0);
    rw_end(w, c, 0, 0);
    rw_close(w, "GET /rooms", 200);
}

static const struct wcaller *caller_at(const struct workload *w, const char *file, uint32_t line)
{
    for (uint32_t i = 0; i < w->ncallers; i++)
        if (w->callers[i].file && strcmp(w->callers[i].file, file) == 0 &&
            w->callers[i].line == line)
            return &w->callers[i];
    return NULL;
}

static void an_n_plus_one_has_its_evidence(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct workload_build *b = workload_new("/app/");
    lazy_page(&w, 20);
    lazy_page(&w, 10);
    lazy_page(&w, 20);
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    assert_non_null(load);
    assert_int_equal(load->traces, 3);
    assert_int_equal(load->nroutes, 1);
    assert_int_equal(load->nshapes, 3);
    assert_int_equal(load->ncallers, 3);
    const struct wcaller *owner = caller_at(load, "views/rooms.blade.php", 3);
    assert_non_null(owner);
    assert_string_equal(owner->relation, "App\\Models\\Room::owner");
    assert_string_equal(owner->view, "rooms.index");
    assert_int_equal(owner->calls, 50);
    assert_int_equal(owner->traces, 3);
    assert_int_equal(owner->max_in_trace, 20);
    assert_int_equal(owner->min_in_trace, 10);
    assert_true(owner->median_calls == 20);
    assert_int_equal(owner->distinct_values, 4);
    assert_int_equal(owner->duplicates_in_trace, 5);
    assert_true(fabs(owner->ms - 25) < 1e-9);
    assert_true(owner->parent_shape != WNONE);
    assert_string_equal(load->shapes[owner->parent_shape].table, "rooms");
    assert_string_equal(load->shapes[owner->parent_shape].model, "App\\Models\\Room");
    assert_true(fabs(owner->parent_rows - 50.0 / 3) < 1e-9);
    assert_string_equal(owner->parent_file, "C.php");
    assert_int_equal(owner->parent_line, 12);
    const struct wcaller *tags = caller_at(load, "views/rooms.blade.php", 4);
    assert_string_equal(load->shapes[tags->parent_shape].table, "rooms");
    assert_int_equal(tags->duplicates_in_trace, 1);
    assert_null(tags->relation);
    const struct wshape *s = &load->shapes[owner->shape];
    assert_string_equal(s->sql, "select * from \"users\" where \"users\".\"id\" = ? limit ?");
    assert_string_equal(s->table, "users");
    assert_int_equal(s->nvalues, 4);
    assert_true(s->select && !s->write);
    workload_free(b);
    rw_release(&w);
}

static void routes_have_exact_medians(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct workload_build *b = workload_new(NULL);
    for (unsigned i = 1; i <= 9; i++) {
        rw_open(&w, FW_HTTP, "GET /a");
        rw_sql(&w, "select 1", NULL, 0, 1, 0, i * 1000000);
        w.now += 500000;
        rw_close(&w, "GET /a", i == 9 ? 500 : 200);
    }
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    const struct wroute *r = &load->routes[0];
    assert_int_equal(r->traces, 9);
    assert_int_equal(r->errors, 1);
    assert_true(fabs(r->ms_median - 5.5) < 1e-9);
    assert_true(fabs(r->ms_p95 - 9.1) < 1e-9);
    assert_true(fabs(r->ms_sum - 49.5) < 1e-9);
    assert_true(fabs(r->kind_ms[FW_SQL] - 5) < 1e-5);
    assert_true(fabs(r->kind_ms[0] - 0.5) < 1e-5);
    assert_true(r->statements_median == 1);
    assert_int_equal(r->nsamples, 9);
    assert_true(fabs(r->samples_ms[0] - 1.5) < 1e-9 && fabs(r->samples_ms[8] - 9.5) < 1e-9);
    workload_free(b);
    rw_release(&w);
}

static void a_write_between_ends_a_duplicate(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct workload_build *b = workload_new(NULL);
    const char *select = "select * from settings where name = ?";
    rw_open(&w, FW_HTTP, "GET /s");
    rw_sql(&w, select, "/x.php", 1, 1, 9, 10);
    rw_sql(&w, select, "/x.php", 1, 1, 9, 10);
    rw_sql(&w, "update rooms set a = ?", "/x.php", 2, 1, 1, 10); /* another table */
    rw_sql(&w, select, "/x.php", 1, 1, 9, 10);
    rw_sql(&w, "update settings set a = ?", "/x.php", 2, 1, 1, 10);
    rw_sql(&w, select, "/x.php", 1, 1, 9, 10);
    rw_sql(&w, select, "/y.php", 7, 1, 9, 10);
    rw_sql(&w, "select * from unknown_values where a = ?", "/z.php", 1, 1, 0, 10);
    rw_sql(&w, "select * from unknown_values where a = ?", "/z.php", 1, 1, 0, 10);
    rw_sql(&w, "update settings set a = ?", "/x.php", 2, 1, 1, 10);
    rw_sql(&w, select, "/v.php", 3, 1, 9, 10);
    rw_close(&w, "GET /s", 200);
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    assert_int_equal(caller_at(load, "/x.php", 1)->duplicates_in_trace, 3);
    assert_int_equal(caller_at(load, "/y.php", 7)->duplicates_in_trace, 1);
    assert_int_equal(load->shapes[caller_at(load, "/y.php", 7)->shape].duplicates_in_trace, 3);
    assert_int_equal(caller_at(load, "/z.php", 1)->duplicates_in_trace, 0);
    const struct wcaller *echo = caller_at(load, "/y.php", 7);
    assert_int_equal(echo->echoes, 1);
    assert_string_equal(echo->echo_file, "/x.php");
    assert_int_equal(echo->echo_line, 1);
    assert_int_equal(caller_at(load, "/x.php", 1)->echoes, 0);
    assert_int_equal(caller_at(load, "/v.php", 3)->echoes, 0);
    assert_true(load->routes[0].has_side_effects);
    assert_string_equal(load->routes[0].side_effect, "writes rooms");
    workload_free(b);
    rw_release(&w);
}

static void updates_jobs_and_commands_have_their_own_names(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct workload_build *b = workload_new(NULL);
    rw_open(&w, FW_HTTP, "POST /livewire/update");
    rw_leaf(&w, FW_LIVEWIRE_PHASE, "room-list", NULL, 0, FW_LW_HYDRATE, 900, 10);
    rw_leaf(&w, FW_LIVEWIRE_PHASE, "room-list", NULL, 0, FW_LW_DEHYDRATE, 1200, 10);
    rw_close(&w, "POST /livewire/update", 200);
    rw_open(&w, FW_JOB, "queue");
    rw_leaf(&w, FW_JOB_RUN, "App\\Jobs\\Embed", NULL, 0, 0, 0, 10);
    rw_close(&w, NULL, 0);
    rw_open(&w, FW_CLI, "artisan rooms:prune --all");
    rw_leaf(&w, FW_COMMAND, "rooms:prune", NULL, 0, 0, 0, 10);
    rw_close(&w, NULL, 1);
    rw_open(&w, FW_HTTP, "GET /nowhere/1234/abc?x=1");
    rw_close(&w, NULL, 404);
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    const char *const want[] = { "GET /nowhere/*/abc", "artisan rooms:prune",
                                 "job App\\Jobs\\Embed", "livewire room-list" };
    assert_int_equal(load->nroutes, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_string_equal(load->routes[i].name, want[i]);
    assert_int_equal(load->routes[1].errors, 1);
    assert_int_equal(load->ncalls, 4);
    for (uint32_t i = 0; i < load->ncalls; i++)
        if (load->calls[i].kind == FW_LIVEWIRE_PHASE && load->calls[i].a_max == FW_LW_DEHYDRATE)
            assert_int_equal(load->calls[i].b_max, 1200);
    workload_free(b);
    rw_release(&w);
}

/* What a reader can tell of a workload, as text. */
static void describe(const struct workload *w, struct buf *out)
{
    buf_addf(out, "%llu traces\n", (unsigned long long)w->traces);
    for (uint32_t i = 0; i < w->nroutes; i++) {
        const struct wroute *r = &w->routes[i];
        buf_addf(out, "%s %u %u %.6f %.6f %.6f %u\n", r->name, r->traces, r->errors, r->ms_median,
                 r->ms_p95, r->kind_ms[FW_SQL], r->nsamples);
    }
    for (uint32_t i = 0; i < w->nshapes; i++)
        buf_addf(out, "%s %s %llu %.3f %u\n", w->shapes[i].sql, w->shapes[i].example,
                 (unsigned long long)w->shapes[i].calls, w->shapes[i].ms, w->shapes[i].nvalues);
    for (uint32_t i = 0; i < w->ncallers; i++) {
        const struct wcaller *c = &w->callers[i];
        buf_addf(out, "%u %u %s:%u %s %llu %u %u %.3f %llu parent %d %.3f\n", c->route, c->shape,
                 c->file, c->line, c->relation ? c->relation : "-", (unsigned long long)c->calls,
                 c->max_in_trace, c->min_in_trace, c->median_calls,
                 (unsigned long long)c->distinct_values, (int)c->parent_shape, c->parent_rows);
    }
    for (uint32_t i = 0; i < w->ncalls; i++)
        buf_addf(out, "%u %s %llu %.3f\n", w->calls[i].route, w->calls[i].name,
                 (unsigned long long)w->calls[i].calls, w->calls[i].ms);
}

static struct workload_build *part(unsigned which)
{
    struct ring_writer w = RING_WRITER;
    w.next_trace = which * 1000;
    w.now += which * 7777777u;
    for (unsigned i = 0; i < 300; i++)
        lazy_page(&w, 2 + (i + which) % 9);
    if (which == 2) {
        rw_open(&w, FW_CLI, "artisan x");
        rw_sql(&w, TAGS, "/app/X.php", 5, 9, 1, 10);
        rw_close(&w, NULL, 1);
    }
    struct workload_build *b = workload_new("/app");
    feed(b, &w);
    rw_release(&w);
    return b;
}

static void merging_is_associative(void **state)
{
    auto_buf left = BUF_INIT(1 << 20);
    auto_buf right = BUF_INIT(1 << 20);
    struct workload_build *a = part(0), *b = part(1), *c = part(2);
    assert_int_equal(workload_merge(a, b, NULL), 0); /* (a + b) + c */
    assert_int_equal(workload_merge(a, c, NULL), 0);
    describe(workload_close(a, NULL), &left);
    struct workload_build *a2 = part(0), *b2 = part(1), *c2 = part(2);
    assert_int_equal(workload_merge(c2, b2, NULL), 0); /* (c + b) + a */
    assert_int_equal(workload_merge(c2, a2, NULL), 0);
    describe(workload_close(c2, NULL), &right);
    assert_string_equal(left.p, right.p);
    assert_non_null(strstr(left.p, "901 traces"));
    struct workload_build *all[] = { a, b, c, a2, b2, c2 };
    for (unsigned i = 0; i < 6; i++)
        workload_free(all[i]);
}

static void times_come_from_the_other_build(void **state)
{
    struct ring_writer deep = RING_WRITER, light = RING_WRITER;
    struct workload_build *into = workload_new(NULL), *times = workload_new(NULL);
    for (unsigned i = 0; i < 4; i++) { /* deep: slow, and with a view */
        rw_open(&deep, FW_HTTP, "GET /a");
        unsigned v = rw_begin(&deep, FW_VIEW, "a", NULL, 0);
        rw_sql(&deep, TAGS, "/a.php", 3, 1, i, 4000000);
        deep.now += 12000000;
        rw_end(&deep, v, 0, 0);
        deep.now += 4000000;
        rw_close(&deep, "GET /a", 200);
    }
    for (unsigned i = 0; i < 10; i++) {
        rw_open(&light, FW_HTTP, "GET /a");
        rw_sql(&light, TAGS, "/a.php", 3, 1, i, 1000000);
        light.now += 8000000;
        rw_close(&light, "GET /a", 200);
    }
    feed(into, &deep);
    feed(times, &light);
    assert_int_equal(workload_times(into, times, NULL), 0);
    const struct workload *w = workload_close(into, NULL);
    const struct wroute *r = &w->routes[0];
    assert_int_equal(r->traces, 4);
    assert_int_equal(r->nsamples, 10);
    assert_true(fabs(r->ms_median - 9) < 1e-9);
    assert_true(fabs(r->ms_sum - 36) < 1e-9);
    assert_true(fabs(r->kind_ms[FW_SQL] - 1) < 1e-5);
    assert_true(fabs(r->kind_ms[FW_VIEW] - 6) <
                1e-5); /* 8 ms of its own, 12 : 4 as in the deep run */
    assert_true(fabs(r->kind_ms[0] - 2) < 1e-5);
    assert_int_equal(w->callers[0].calls, 4);
    assert_true(fabs(w->callers[0].ms - 4) < 1e-9);
    assert_true(fabs(w->shapes[0].ms - 4) < 1e-9);
    workload_free(into);
    workload_free(times);
    rw_release(&deep);
    rw_release(&light);
}

static void fold_softly(void *ctx, const struct trace *t)
{
    struct workload_build *b = ctx;
    if (b && workload_fold(b, t, NULL))
        return; /* counted by the caller of fault_fired */
}

static void survives_every_failing_allocation(void **state)
{
    struct ring_writer w = RING_WRITER;
    for (int i = 0; i < 6; i++)
        lazy_page(&w, 12);
    struct workload_build *other = part(1);
    long n = 1;
    for (bool fired = true; fired; n++) {
        struct decoder *d = decoder_new(4 << 20);
        fault_arm(n);
        struct workload_build *b = workload_new("/app");
        int rc = b ? decoder_feed(d, w.out.p, w.out.n, fold_softly, b, NULL) : 0;
        if (b && !rc)
            rc = workload_merge(b, other, NULL);
        if (b && !rc)
            rc = workload_times(b, other, NULL);
        const struct workload *load = b && !rc ? workload_close(b, NULL) : NULL;
        fired = fault_fired();
        fault_arm(0);
        if (!fired)
            assert_non_null(load);
        workload_free(b);
        decoder_free(d);
    }
    assert_true(n > 50);
    workload_free(other);
    rw_release(&w);
}

static void print(void *ctx, const struct trace *t)
{
    trace_print(t, "/app", false, ctx);
}

static void the_tree_folds_siblings(void **state)
{
    struct ring_writer w = RING_WRITER;
    auto_buf out = BUF_INIT(1 << 20);
    lazy_page(&w, 12);
    struct decoder *d = decoder_new(4 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, print, &out, NULL), 0);
    const char *want =
        "GET /rooms\n"
        "     9.20 ms  cpu 4.60 ms  status 200  25 statements  peak 19.5 MB\n"
        "     9.20  controller App\\RoomController@index  C.php:10\n"
        "     2.00    sql select * from \"rooms\" order by \"name\" limit 20  12 rows  C.php:12\n"
        "     0.00    hydrate App\\Models\\Room  12 models  C.php:12\n"
        "     7.20    view rooms.index  C.php:14\n"
        "     6.00      12 × lazy App\\Models\\Room::owner  views/rooms.blade.php:3\n"
        "     6.00        12 × sql select * from \"users\" where \"users\".\"id\" = ? limit 1"
        "  12 rows  views/rooms.blade.php:3\n"
        "     1.20      12 × sql select * from \"tags\" where \"tags\".\"room_id\" = ?"
        "  36 rows  views/rooms.blade.php:4\n";
    assert_string_equal(buf_cstr(&out), want);
    decoder_free(d);
    rw_release(&w);
}

/* One whole request is kept as lines: the repeats as one, with a mark for each, and what holds them above. */
static void a_whole_request_is_kept(void **state)
{
    struct ring_writer w = RING_WRITER;
    for (int i = 0; i < 9; i++)
        lazy_page(&w, i == 4 ? 30 : 12);
    struct workload_build *b = workload_new("/app");
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    const struct wtrace *t = load->routes[0].trace;
    assert_non_null(t);
    assert_true(fabs(t->ms - load->routes[0].ms_median) < 0.01); /* of twelve rows, not of thirty */
    double inside = 0;
    const struct wline *lazy = NULL;
    for (uint32_t i = 0; i < t->nlines; i++) {
        const struct wline *l = &t->lines[i];
        lazy = l->kind == FW_LAZY ? l : lazy;
        inside += l->depth == t->lines[0].depth + 1 ? l->ms : 0;
        for (uint32_t m = 0; m < l->nmarks; m++)
            assert_true(l->marks[m].begin_ms >= 0 && (double)(l->marks[m].begin_ms + l->marks[m].ms) <= t->ms + 0.01);
    }
    assert_string_equal(t->lines[0].name, "App\\RoomController@index");
    assert_true(inside <= t->lines[0].ms + 0.01);
    assert_non_null(lazy);
    assert_int_equal(lazy->count, 12);
    assert_int_equal(lazy->nmarks, 12);
    assert_string_equal(lazy->file, "views/rooms.blade.php");
    assert_int_equal(lazy[1].kind, FW_SQL);
    assert_string_equal(lazy[1].name, "select * from \"users\" where \"users\".\"id\" = ? limit ?");
    workload_free(b);
    rw_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_n_plus_one_has_its_evidence),
        cmocka_unit_test(routes_have_exact_medians),
        cmocka_unit_test(a_write_between_ends_a_duplicate),
        cmocka_unit_test(updates_jobs_and_commands_have_their_own_names),
        cmocka_unit_test(merging_is_associative),
        cmocka_unit_test(times_come_from_the_other_build),
        cmocka_unit_test(survives_every_failing_allocation),
        cmocka_unit_test(the_tree_folds_siblings),
        cmocka_unit_test(a_whole_request_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
