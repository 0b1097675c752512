#include "trace/trace.h"

#include "../support/ring_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

struct seen {
    unsigned n, nspans, kinds[FW_SPAN_KINDS];
    char first_name[128], route[128], values[128], file[128];
    uint64_t self[16];
    uint16_t parents[16];
    bool truncated;
    uint32_t nsums, status;
};

static void see(void *ctx, const struct trace *t)
{
    struct seen *s = ctx;
    s->n++;
    s->nspans = t->nspans;
    s->truncated = t->truncated;
    s->nsums = t->nsums;
    s->status = t->status;
    snprintf(s->route, sizeof s->route, "%s", t->route ? t->route : "-");
    for (uint32_t i = 0; i < t->nspans; i++) {
        const struct span *p = &t->spans[i];
        assert_int_equal(p->index, i + 1);
        assert_true(p->parent <= i);
        s->kinds[p->kind]++;
        if (i < 16) {
            s->self[i] = p->self_ns;
            s->parents[i] = p->parent;
        }
        if (p->values)
            snprintf(s->values, sizeof s->values, "%s", p->values);
    }
    if (t->nspans) {
        snprintf(s->first_name, sizeof s->first_name, "%s", t->spans[0].name);
        snprintf(s->file, sizeof s->file, "%s", t->spans[0].file ? t->spans[0].file : "-");
    }
}

static void one_page(struct ring_writer *w)
{
    rw_open(w, FW_HTTP, "GET /rooms");
    unsigned c = rw_begin(w, FW_CONTROLLER, "RoomController@index", "/app/C.php", 10);
    w->now += 100;
    rw_sql(w, "select * from rooms", "/app/C.php", 12, 20, 0, 1000);
    unsigned v = rw_begin(w, FW_VIEW, "rooms.index", "/app/C.php", 14);
    rw_sql(w, "select * from users where id = ?", "/app/v.blade.php", 3, 1, 77, 500);
    rw_values(w, "[77]");
    w->now += 50;
    rw_end(w, v, 0, 0);
    rw_end(w, c, 0, 0);
    rw_close(w, "GET /rooms", 200);
}

static void orders_by_opening_and_computes_self(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    one_page(&w);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.nspans, 4);
    assert_string_equal(s.first_name, "RoomController@index");
    assert_string_equal(s.file, "/app/C.php");
    assert_string_equal(s.route, "GET /rooms");
    assert_string_equal(s.values, "[77]");
    assert_int_equal(s.self[0], 100);
    assert_int_equal(s.self[2], 50);
    assert_int_equal(s.parents[3], 3);
    assert_false(s.truncated);
    decoder_free(d);
    rw_release(&w);
}

static void takes_any_cut(void **state)
{
    struct ring_writer w = RING_WRITER;
    for (int i = 0; i < 3; i++)
        one_page(&w);
    for (size_t step = 1; step < 90; step++) {
        struct seen s = { 0 };
        struct decoder *d = decoder_new(1 << 20);
        for (size_t at = 0; at < w.out.n; at += step) {
            size_t n = w.out.n - at < step ? w.out.n - at : step;
            assert_int_equal(decoder_feed(d, w.out.p + at, n, see, &s, NULL), 0);
        }
        assert_int_equal(s.n, 3);
        assert_int_equal(s.nspans, 4);
        assert_int_equal(decoder_lost(d), 0);
        decoder_free(d);
    }
    rw_release(&w);
}

static void steps_over_what_it_does_not_know(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    struct fw_rec unknown = { 200, 0, 0 };
    rw_record(&w, &unknown, sizeof unknown, "something of a newer writer", 27);
    rw_open(&w, FW_HTTP, "GET /x");
    rw_leaf(&w, 77, "a kind of span that is newer", NULL, 0, 0, 0, 10);
    rw_record(&w, &unknown, sizeof unknown, NULL, 0);
    struct fw_sum sum = { { FW_SUM, 0, 0 }, FW_SQL, 0, 12, 40, 9000 };
    rw_record(&w, &sum, sizeof sum, NULL, 0);
    rw_close(&w, NULL, 500);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.kinds[0], 1);
    assert_int_equal(s.nsums, 1);
    assert_int_equal(s.status, 500);
    assert_string_equal(s.route, "-");
    decoder_free(d);
    rw_release(&w);
}

static void damage_puts_it_out_of_use(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    struct err err = { 0 };
    one_page(&w);
    buf_add(&w.out, "\0\0\0\0\0\0\0\0", 8);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, &err), RC_PARSE);
    assert_int_equal(s.n, 1);
    assert_true(err.what[0] && err.next[0]);
    assert_int_equal(decoder_feed(d, w.out.p, 8, see, &s, &err), RC_STATE);
    decoder_free(d);
    rw_release(&w);
}

static void lost_records_are_counted(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    struct fw_span stray = { .r = { FW_SPAN, 0, 0 }, .index = 1, .kind = FW_SQL };
    rw_record(&w, &stray, sizeof stray, NULL, 0); /* no trace is open */
    rw_open(&w, FW_HTTP, "GET /never-closed");
    rw_open(&w, FW_HTTP, "GET /b");
    stray.index = 5;
    stray.parent = 3; /* never came */
    rw_record(&w, &stray, sizeof stray, NULL, 0);
    rw_record(&w, &stray, sizeof stray, NULL, 0); /* said twice */
    rw_close(&w, "GET /b", 200);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.nspans, 1);
    assert_int_equal(s.parents[0], 0);
    assert_true(s.truncated);
    assert_int_equal(decoder_lost(d), 2);
    decoder_free(d);
    rw_release(&w);
}

static void forgets_strings_when_told(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    struct fw_rec forget = { FW_FORGET, 0, 0 };
    one_page(&w);
    rw_record(&w, &forget, sizeof forget, NULL, 0);
    w.first_id += w.nstrings; /* ids go on growing */
    for (uint32_t i = 0; i < w.nstrings; i++)
        free(w.strings[i]);
    w.nstrings = 0;
    one_page(&w);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, NULL), 0);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.first_name, "RoomController@index");
    assert_int_equal(decoder_lost(d), 0);
    decoder_free(d);
    rw_release(&w);
}

static void a_transaction_owns_only_its_own_time(void **state)
{
    struct ring_writer w = RING_WRITER;
    struct seen s = { 0 };
    rw_open(&w, FW_HTTP, "POST /x");
    unsigned c = rw_begin(&w, FW_CONTROLLER, "C@store", NULL, 0);
    struct fw_span tx = {
        .r = { FW_SPAN, 0, 0 }, .index = w.next_index++, .parent = 1, .kind = FW_TX, .t_ns = w.now
    };
    w.now += 10;
    rw_sql(&w, "insert into a values (?)", NULL, 0, 1, 1, 100);
    rw_sql(&w, "insert into b values (?)", NULL, 0, 1, 1, 200);
    w.now += 5;
    tx.dur_ns = w.now - tx.t_ns;
    rw_record(&w, &tx, sizeof tx, NULL, 0);
    w.now += 1000;
    rw_end(&w, c, 0, 0);
    rw_close(&w, "POST /x", 200);
    struct decoder *d = decoder_new(1 << 20);
    assert_int_equal(decoder_feed(d, w.out.p, w.out.n, see, &s, NULL), 0);
    assert_int_equal(s.self[1], 15);   /* the transaction */
    assert_int_equal(s.self[0], 1000); /* the controller */
    decoder_free(d);
    rw_release(&w);
}

static void survives_every_failing_allocation(void **state)
{
    struct ring_writer w = RING_WRITER;
    for (int i = 0; i < 20; i++)
        one_page(&w);
    long n = 1;
    for (;; n++) {
        struct seen s = { 0 };
        fault_arm(n);
        struct decoder *d = decoder_new(1 << 20);
        int rc = d ? decoder_feed(d, w.out.p, w.out.n / 2 - 4, see, &s, NULL) : RC_NOMEM;
        if (!rc)
            rc = decoder_feed(d, w.out.p + w.out.n / 2 - 4, w.out.n - w.out.n / 2 + 4, see, &s,
                              NULL);
        bool fired = fault_fired();
        fault_arm(0);
        decoder_free(d);
        if (!fired) {
            assert_int_equal(rc, 0);
            assert_int_equal(s.n, 20);
            break;
        }
    }
    assert_true(n > 5);
    rw_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_by_opening_and_computes_self),
        cmocka_unit_test(takes_any_cut),
        cmocka_unit_test(steps_over_what_it_does_not_know),
        cmocka_unit_test(damage_puts_it_out_of_use),
        cmocka_unit_test(lost_records_are_counted),
        cmocka_unit_test(forgets_strings_when_told),
        cmocka_unit_test(a_transaction_owns_only_its_own_time),
        cmocka_unit_test(survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
