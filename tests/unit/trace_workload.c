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
    rw_close(&w, "GET /s", 200);
    feed(b, &w);
    const struct workload *load = workload_close(b, NULL);
    assert_int_equal(caller_at(load, "/x.php", 1)->duplicates_in_trace, 3);
    assert_int_equal(caller_at(load, "/y.php", 7)->duplicates_in_trace, 1);
    assert_int_equal(load->shapes[caller_at(load, "/y.php", 7)->shape].duplicates_in_trace, 3);
    assert_int_equal(caller_at(load, "/z.php", 1)->duplicates_in_trace, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_n_plus_one_has_its_evidence),
        cmocka_unit_test(routes_have_exact_medians),
        cmocka_unit_test(a_write_between_ends_a_duplicate),
        cmocka_unit_test(updates_jobs_and_commands_have_their_own_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
