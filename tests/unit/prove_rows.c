/* Rows of two databases: by key, typed, pairs of rows whose keys vary, tables that one side lacks. */
#include "prove/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct log {
    char text[4096];
    unsigned n;
};

static void note(void *ctx, const char *place, struct str a, struct str b)
{
    struct log *l = ctx;
    size_t at = strlen(l->text);
    l->n++;
    snprintf(l->text + at, sizeof l->text - at, "%s: %.*s | %.*s\n", place, a.p ? (int)a.n : 1, a.p ? a.p : "-", b.p ? (int)b.n : 1, b.p ? b.p : "-");
}

static sqlite3 *database(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static struct log compare(const char *a, const char *b, const char *table, struct noises *n, bool learning)
{
    sqlite3 *x = database(a), *y = database(b);
    struct noises own = { 0 };
    struct differ d;
    struct err err = { 0 };
    struct log l = { "", 0 };
    assert_true(noises_init(&own));
    assert_true(differ_init(&d, learning, n ? n : &own));
    d.found = note;
    d.ctx = &l;
    if (table)
        assert_int_equal(table_compare(x, y, table, &d, &err), RC_OK);
    else
        assert_int_equal(schema_compare(x, y, &d, &err), RC_OK);
    differ_release(&d);
    noises_release(&own);
    sqlite3_close(x);
    sqlite3_close(y);
    return l;
}

#define MAKE "create table t (id integer primary key, name text, n);"

static void rows_by_key(void **s)
{
    (void)s;
    assert_int_equal(compare(MAKE "insert into t values (1,'a',1),(2,'b',2)", MAKE "insert into t values (2,'b',2),(1,'a',1)", "t", NULL, false).n, 0);
    assert_string_equal(compare(MAKE "insert into t values (1,'a',1)", MAKE "insert into t values (1,'b',1)", "t", NULL, false).text,
                        "table t/row[1]/name w0: a | b\n");
    assert_string_equal(compare(MAKE "insert into t values (1,'a',1)", MAKE "insert into t values (1,'a','1')", "t", NULL, false).text,
                        "table t/row[1]/n: 1 | 1\n");
    assert_string_equal(compare(MAKE "insert into t values (1,'a',null)", MAKE "insert into t values (1,'a','')", "t", NULL, false).text,
                        "table t/row[1]/n: null | \n");
    assert_string_equal(compare(MAKE "insert into t values (1,'a',1)", MAKE, "t", NULL, false).text, "table t/unmatched[0]: 1,a,1 | -\n");
}

static void keys_that_vary(void **s)
{
    (void)s;
    static const char one[] = "create table s (id text primary key, payload text); insert into s values ('kX93bQz81LmPw0aa','p')";
    static const char two[] = "create table s (id text primary key, payload text); insert into s values ('zz81QkMvb02Lq9Xc','p')";
    static const char bad[] = "create table s (id text primary key, payload text); insert into s values ('aB3dE5gH7jK9mN1p','other')";
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    assert_int_equal(compare(one, two, "s", &n, false).n, 1);
    compare(one, two, "s", &n, true);
    assert_int_equal(compare(one, two, "s", &n, false).n, 0);
    assert_string_equal(compare(one, bad, "s", &n, false).text, "table s/unmatched[0]/payload w0: p | other\n");
    noises_release(&n);
}

static void tables_without_a_key_and_without_rowid(void **s)
{
    (void)s;
    assert_int_equal(compare("create table p (a, b); insert into p values (1,2),(3,4)", "create table p (a, b); insert into p values (1,2),(3,5)", "p", NULL, false).n, 1);
    assert_int_equal(compare("create table w (a, b, primary key (b, a)) without rowid; insert into w values (1,2)",
                             "create table w (a, b, primary key (b, a)) without rowid; insert into w values (1,2)", "w", NULL, false).n, 0);
    assert_int_equal(compare("create table x (a)", "create table y (a)", "x", NULL, false).n, 1);
}

static void schemas(void **s)
{
    (void)s;
    assert_int_equal(compare(MAKE, MAKE, NULL, NULL, false).n, 0);
    assert_string_equal(compare(MAKE, MAKE "create index i on t (name)", NULL, NULL, false).text, "schema index i: - | CREATE INDEX i on t (name)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_key), cmocka_unit_test(keys_that_vary), cmocka_unit_test(tables_without_a_key_and_without_rowid),
        cmocka_unit_test(schemas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
