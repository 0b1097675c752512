#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
    enum dialect dialect;
    const char *sql, *shape;
} cases[] = {
    { DIALECT_SQLITE, "select * from \"rooms\" where \"id\" = 12 limit 1",
      "select * from \"rooms\" where \"id\" = ? limit ?" },
    { DIALECT_SQLITE, "SELECT  *\n FROM rooms -- all\n WHERE Name='it''s' /* x */ AND a=-1.5e3",
      "select * from rooms where Name = ? and a = ?" },
    { DIALECT_SQLITE, "select * from t where id in (1, 2,3 , -4)",
      "select * from t where id in (?)" },
    { DIALECT_SQLITE, "select * from t where id in (?,?,?) and b = ?",
      "select * from t where id in (?) and b = ?" },
    { DIALECT_SQLITE, "insert into t (a, b) values (?, ?), (?, ?), (?, ?)",
      "insert into t (a, b) values (?)" },
    { DIALECT_SQLITE, "insert into t (a, b) values (1, now()), (2, now()) on conflict do nothing",
      "insert into t (a, b) values (?, now()) on conflict do nothing" },
    { DIALECT_SQLITE, "insert into t values (?, null), (null, ?)",
      "insert into t values (?, null), (null, ?)" },
    { DIALECT_SQLITE, "select count( * ) as aggregate from t;",
      "select count(*) as aggregate from t" },
    { DIALECT_SQLITE, "select [a b] from x where y = x'ff' and z = :name and w = @w and v = ?3",
      "select [a b] from x where y = ? and z = ? and w = ? and v = ?" },
    { DIALECT_SQLITE, "select a - 1, -1, b -c from t", "select a - ?, ?, b - c from t" },
    { DIALECT_SQLITE, "select \"data\"->>'name' from t where json_extract(\"d\", '$.\"k\"') = 'v'",
      "select \"data\"->>'name' from t where json_extract(\"d\", '$.\"k\"') = ?" },
    { DIALECT_SQLITE, "select 1; select 2", "select ?; select ?" },
    { DIALECT_PGSQL,
      "select \"a\"::date, b :: text from t where c = $1 and d @> E'it\\'s' and e = $tag$ any ' "
      "$tag$",
      "select \"a\"::date, b::text from t where c = ? and d @> ? and e = ?" },
    { DIALECT_PGSQL, "select /* a /* nested */ b */ x[1] from t where tags ?| array[$1, $2]",
      "select x[?] from t where tags ?| array[?]" },
    { DIALECT_MYSQL, "select * from `a` where b = \"x\\\"y\" and c = 'it\\'s' # end",
      "select * from `a` where b = ? and c = ?" },
    { DIALECT_MYSQL, "select a--1 from t where x = 0xFF and y=1 -- c",
      "select a - ? from t where x = ? and y = ?" },
    { DIALECT_UNKNOWN, "select * from `a` where b = \"x\"", "select * from `a` where b = ?" },
    { DIALECT_UNKNOWN, "select * from \"a\" where b = 'x'", "select * from \"a\" where b = ?" },
    { DIALECT_SQLITE, "", "" },
    { DIALECT_SQLITE, "select 'never closed", "select ?" },
    { DIALECT_SQLITE, "select * from t where a between 1 and 2 or (b, c) > (?, ?)",
      "select * from t where a between ? and ? or (b, c) > (?)" },
    { DIALECT_SQLITE, "update t set a=a+1,b=? where id=?",
      "update t set a = a + ?, b = ? where id = ?" },
    { DIALECT_SQLITE, "select sum(a)filter(where b)from t",
      "select sum(a) filter(where b) from t" },
};

static void shapes_are_as_they_should_be(void **state)
{
    char shape[1024];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sql_fingerprint(str_c(cases[i].sql), cases[i].dialect, shape, sizeof shape);
        assert_string_equal(shape, cases[i].shape);
    }
}

static void a_shape_is_its_own_shape(void **state)
{
    char once[1024], twice[1024];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t a = sql_fingerprint(str_c(cases[i].sql), cases[i].dialect, once, sizeof once);
        uint64_t b = sql_fingerprint(str_c(once), cases[i].dialect, twice, sizeof twice);
        assert_string_equal(once, twice);
        assert_true(a == b);
    }
}

static void the_hash_does_not_hang_on_the_buffer(void **state)
{
    char large[1024], small[16], none[1];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str sql = str_c(cases[i].sql);
        uint64_t a = sql_fingerprint(sql, cases[i].dialect, large, sizeof large);
        assert_true(a == sql_fingerprint(sql, cases[i].dialect, small, sizeof small));
        assert_true(a == sql_fingerprint(sql, cases[i].dialect, none, sizeof none));
        assert_true(a == sql_fingerprint(sql, cases[i].dialect, NULL, 0));
        assert_memory_equal(small, large, strlen(small));
    }
}

static void different_statements_differ(void **state)
{
    const char *const sqls[] = { "select a from t",
                                 "select b from t",
                                 "select a from u",
                                 "select a from t limit 1",
                                 "select a, b from t",
                                 "select a from t where x = 1",
                                 "select a from t where x > 1",
                                 "select a from t where x in (1)",
                                 "select a from t where x is null" };
    for (size_t i = 0; i < sizeof sqls / sizeof *sqls; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(sql_fingerprint(str_c(sqls[i]), DIALECT_SQLITE, NULL, 0) !=
                        sql_fingerprint(str_c(sqls[k]), DIALECT_SQLITE, NULL, 0));
}

static void a_thousand_rows_are_one(void **state)
{
    auto_buf b = BUF_INIT(1 << 20);
    char shape[256];
    buf_adds(&b, "insert into t (a, b) values ");
    for (int i = 0; i < 1000; i++)
        buf_addf(&b, "%s(%d, 'x%d', now(), ?)", i ? ", " : "", i, i);
    uint64_t many =
        sql_fingerprint((struct str){ b.p, (uint32_t)b.n }, DIALECT_SQLITE, shape, sizeof shape);
    assert_string_equal(shape, "insert into t (a, b) values (?, now(), ?)");
    assert_true(many == sql_fingerprint(STR("insert into t (a, b) values (1, 2, now(), 3)"),
                                        DIALECT_SQLITE, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_as_they_should_be),
        cmocka_unit_test(a_shape_is_its_own_shape),
        cmocka_unit_test(the_hash_does_not_hang_on_the_buffer),
        cmocka_unit_test(different_statements_differ),
        cmocka_unit_test(a_thousand_rows_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
