#include "laravel/app_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What Laravel's Str::plural and Str::singular answer. */
static const char *const pairs[][2] = {
    { "user", "users" },
    { "category", "categories" },
    { "Company", "Companies" },
    { "person", "people" },
    { "child", "children" },
    { "mouse", "mice" },
    { "status", "statuses" },
    { "address", "addresses" },
    { "box", "boxes" },
    { "branch", "branches" },
    { "dish", "dishes" },
    { "day", "days" },
    { "leaf", "leaves" },
    { "wife", "wives" },
    { "hero", "heroes" },
    { "analysis", "analyses" },
    { "index", "indices" },
    { "matrix", "matrices" },
    { "medium", "media" },
    { "bus", "buses" },
    { "quiz", "quizzes" },
    { "cache", "caches" },
    { "move", "moves" },
    { "invoice", "invoices" },
    { "purchase", "purchases" },
    { "license", "licenses" },
    { "movie", "movies" },
    { "photo", "photos" },
    { "house", "houses" },
    { "gas", "gases" },
    { "news", "news" },
    { "series", "series" },
    { "equipment", "equipment" },
    { "sheep", "sheep" },
    { "data", "data" },
    { "tax", "taxes" },
    { "OrderStatus", "OrderStatuses" },
    { "sales_tax", "sales_taxes" },
};

static void test_plural_and_singular(void **state)
{
    auto_arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str plural = text_plural(str_c(pairs[i][0]), a),
                   singular = text_singular(str_c(pairs[i][1]), a);
        if (!str_is(plural, pairs[i][1]) || !str_is(singular, pairs[i][0]))
            print_message("%s: " STR_FMT " " STR_FMT "\n", pairs[i][0], STR_ARG(plural),
                          STR_ARG(singular));
        assert_true(str_is(plural, pairs[i][1]));
        assert_true(str_is(singular, pairs[i][0]));
    }
}

static void test_case(void **state)
{
    auto_arena *a = arena_new(1 << 20);
    assert_true(str_is(text_snake(STR("OrderLine"), '_', a), "order_line"));
    assert_true(str_is(text_snake(STR("APIKey"), '_', a), "a_p_i_key"));
    assert_true(str_is(text_snake(STR("TextInput"), '-', a), "text-input"));
    assert_true(str_is(text_plural_studly(STR("UserPerson"), a), "UserPeople"));
    assert_true(str_is(text_plural_studly(STR("audit"), a), "audits"));
    assert_true(str_is(text_plural(STR("book_child"), a), "book_children"));
    assert_true(str_is(text_singular(STR("axes"), a), "axe"));
    assert_true(str_is(text_studly(STR("order_line-item"), a), "OrderLineItem"));
    assert_true(str_is(text_basename(STR("App\\Models\\User")), "User"));
    assert_true(str_is(text_basename(STR("User")), "User"));
}

static void test_paths(void **state)
{
    auto_arena *a = arena_new(1 << 20);
    assert_true(str_is(text_path(STR("/a/./b/../c//d/"), a), "a/c/d"));
    assert_true(str_is(text_path(STR("../../x"), a), "x"));
    assert_true(str_is(text_path(STR(""), a), ""));
    assert_true(str_is(text_dirname(STR("a/b/c.php")), "a/b"));
    assert_true(str_is(text_dirname(STR("c.php")), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plural_and_singular),
        cmocka_unit_test(test_case),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
