/* Long lists of literals are left out without moving anything else. */
#include "php/php.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct facts *build(struct buf *b)
{
    auto_arena *a = arena_new(64 << 20);
    struct err err = { 0 };
    struct facts *f = NULL;
    assert_int_equal(facts_build(STR("x.php"), (struct str){ b->p, (uint32_t)b->n }, a, &f, &err),
                     0);
    assert_int_equal(f->nholes, 0);
    return f;
}

static unsigned count(const struct facts *f, enum node_kind kind)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < f->nnodes; i++)
        n += facts_node(f, i)->kind == kind;
    return n;
}

static const struct node *named(const struct facts *f, const char *s)
{
    for (uint32_t i = 0; i < f->nnodes; i++)
        if (str_is(facts_str(f, facts_node(f, i)->s), s))
            return facts_node(f, i);
    fail_msg("no %s", s);
    return NULL;
}

static void add_list(struct buf *b, unsigned items)
{
    for (unsigned i = 0; i < items; i++)
        buf_addf(b, "    'key, %u' => \"value ] %u\", // ) note\n", i, i);
}

static void test_data_file(void **state)
{
    auto_buf b = BUF_INIT(1 << 20);
    buf_adds(&b, "<?php\nreturn [\n");
    add_list(&b, 5000);
    buf_adds(&b, "];\n$after->all;");
    struct facts *f = build(&b);
    assert_true(f->ncut > b.n / 2);
    assert_in_range(count(f, E_ITEM), 100, 500);
    assert_int_equal(facts_line(f, named(f, "all")->off), 5004);
    assert_memory_equal(b.p + named(f, "all")->off, "$after->all", 11);
    facts_free(f);
}

/* An element that is code stays, wherever it stands, and so does what surrounds it. */
static void test_code_between(void **state)
{
    static const char *const code[] = {
        "'k, k' => Model::query()", "$variable",         "fn () => 1",
        "['x, y' => $z]",           "array('n' => f())", "A::B"
    };
    for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
        auto_buf b = BUF_INIT(1 << 20);
        buf_adds(&b, "<?php\nclass C { public $x = array(\n");
        add_list(&b, 1000);
        buf_addf(&b, "    %s,\n", code[i]);
        add_list(&b, 1000);
        buf_addf(&b, "    %s\n", code[i]);
        buf_adds(&b, "); function m() { return [1, 2, 'last']; } }");
        struct facts *f = build(&b);
        assert_true(f->ncut > b.n / 3);
        assert_int_equal(count(f, N_METHOD), 1);
        assert_int_equal(count(f, N_PROP), 1);
        unsigned kept = 0;
        for (uint32_t k = 0; k < f->nnodes; k++) {
            const struct node *n = facts_node(f, k);
            kept += n->kind == E_ITEM && n->end - n->off == strlen(code[i]) &&
                    memcmp(b.p + n->off, code[i], strlen(code[i])) == 0;
        }
        assert_int_equal(kept, 2);
        facts_free(f);
    }
}

static void test_left_alone(void **state)
{
    auto_buf b = BUF_INIT(1 << 20);
    buf_adds(&b, "<?php\n$a = [");
    add_list(&b, 100);
    buf_adds(&b, "];");
    struct facts *f = build(&b); /* short */
    assert_int_equal(f->ncut, 0);
    assert_int_equal(count(f, E_ITEM), 100);
    facts_free(f);

    buf_clear(&b);
    buf_adds(&b, "<?php\nf(");
    for (unsigned i = 0; i < 3000; i++)
        buf_addf(&b, "'argument %u', ", i);
    buf_adds(&b, "1);");
    f = build(&b); /* arguments are no list */
    assert_int_equal(f->ncut, 0);
    assert_int_equal(count(f, E_ARG), 3001);
    facts_free(f);

    buf_clear(&b);
    buf_adds(&b, "<?php ?> [it's ");
    add_list(&b, 3000);
    buf_adds(&b, "] <?php $a->b;");
    f = build(&b); /* text outside PHP */
    assert_int_equal(f->ncut, 0);
    assert_non_null(named(f, "b"));
    facts_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_file),
        cmocka_unit_test(test_code_between),
        cmocka_unit_test(test_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
