#include "sql/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *abc[] = { "a", "b", "c" }, *ab[] = { "A", "b" }, *part[] = { "a" };
static struct column columns[] = { { .name = "a" }, { .name = "B" } };
static struct index indexes[] = {
    { .name = "abc", .columns = abc, .ncolumns = 3 },
    { .name = "ab", .columns = ab, .ncolumns = 2 },
    { .name = "part", .columns = part, .ncolumns = 1, .partial = true },
};
static struct table tables[] = {
    { .name = "Alpha", .columns = columns, .ncolumns = 2, .indexes = indexes, .nindexes = 3 },
    { .name = "beta" },
    { .name = "gamma" },
};
static const struct schema schema = { .tables = tables, .ntables = 3 };

static void test_tables(void **state)
{
    assert_ptr_equal(schema_table(&schema, "alpha"), &tables[0]);
    assert_ptr_equal(schema_table(&schema, "GAMMA"), &tables[2]);
    assert_ptr_equal(schema_table(&schema, "public.beta"), &tables[1]);
    assert_null(schema_table(&schema, "delta"));
    assert_null(schema_table(NULL, "alpha"));
}

static void test_columns(void **state)
{
    assert_ptr_equal(table_column(&tables[0], "b"), &columns[1]);
    assert_null(table_column(&tables[0], "c"));
    assert_null(table_column(NULL, "a"));
}

static void test_leading_columns(void **state)
{
    const char *ba[] = { "b", "a" }, *one[] = { "a" }, *b[] = { "b" }, *all[] = { "c", "b", "a" };
    assert_ptr_equal(table_index_leading(&tables[0], ba, 2), &indexes[1]);
    assert_ptr_equal(table_index_leading(&tables[0], one, 1),
                     &indexes[1]); /* a partial one does not count */
    assert_ptr_equal(table_index_leading(&tables[0], all, 3), &indexes[0]);
    assert_null(table_index_leading(&tables[0], b, 1));
    assert_null(table_index_leading(&tables[0], one, 0));
    assert_null(table_index_leading(NULL, one, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_leading_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
