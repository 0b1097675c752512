/* What golden files cannot say: reading functions, limits, faults. */
#include "php/php.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct facts *build(const char *path, struct str bytes)
{
    auto_arena *a = arena_new(512 << 20);
    struct err err = { 0 };
    struct facts *f = NULL;
    if (facts_build(str_c(path), bytes, a, &f, &err))
        print_message("%s\n", err.what);
    assert_non_null(f);
    return f;
}

static uint32_t find_kind(const struct facts *f, enum node_kind kind)
{
    for (uint32_t i = 0; i < f->nnodes; i++)
        if (facts_node(f, i)->kind == kind)
            return i;
    fail_msg("no %s", node_kind_name(kind));
    return 0;
}

static void assert_str(struct str s, const char *want)
{
    if (!str_is(s, want))
        fail_msg("\"" STR_FMT "\" is not \"%s\"", STR_ARG(s), want);
}

static void test_doc_type(void **state)
{
    static const struct {
        const char *doc, *tag, *param, *want;
    } cases[] = {
        { "/** @return \\A\\B */", "return", "", "\\A\\B" },
        { "/** @return array<int, string>|null what */", "return", "", "array<int, string>|null" },
        { "/** @return A*/", "return", "", "A" },
        { "/**\n * @param int $n\n * @param A|B  $x the x\n */", "param", "x", "A|B" },
        { "/**\n * @param int $n\n * @param A|B  $x the x\n */", "param", "$n", "int" },
        { "/** @param A $xyz */", "param", "x", "" },
        { "/** @param A ...$x */", "param", "x", "A" },
        { "/** @param $x */", "param", "x", "" },
        { "/** @var Collection<int, array{a: int, b: C}> $x */", "var", "",
          "Collection<int, array{a: int, b: C}>" },
        { "/** @var A */", "return", "", "" },
        { "/** @variable A */", "var", "", "" },
        { "/** @property-read User $owner\n * @property int $id */", "property", "id", "int" },
        { "/** @property-read User $owner */", "property-read", "owner", "User" },
        { "/** @var", "var", "", "" },
        { "", "var", "", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_str(doc_type(str_c(cases[i].doc), cases[i].tag, str_c(cases[i].param)),
                   cases[i].want);
}

static void test_resolve(void **state)
{
    struct str src =
        STR("<?php\nnamespace A;\nuse X\\Y, X\\Z as W; f();\nnamespace B; g();\nuse Y\\Y; h();");
    struct facts *f = build("x.php", src);
    auto_arena *a = arena_new(1 << 20);
    uint32_t first = (uint32_t)(strchr(src.p, 'f') - src.p), last = src.n - 2;
    assert_str(facts_resolve(f, first, STR("Y"), a), "X\\Y");
    assert_str(facts_resolve(f, first, STR("y\\Q"), a), "X\\Y\\Q");
    assert_str(facts_resolve(f, first, STR("W"), a), "X\\Z");
    assert_str(facts_resolve(f, first, STR("Other"), a), "A\\Other");
    assert_str(facts_resolve(f, first, STR("\\Other"), a), "Other");
    assert_str(facts_resolve(f, first, STR("string"), a), "string");
    assert_str(facts_resolve(f, first, STR("namespace\\Z"), a), "A\\Z");
    assert_str(facts_resolve(f, last, STR("Y"), a), "Y\\Y");
    assert_str(facts_resolve(f, last, STR("W"), a), "B\\W");
    facts_free(f);
    f = build("x.php", STR("<?php namespace A { use X\\Y; } namespace B { f(); }"));
    assert_str(facts_resolve(f, 46, STR("Y"), a), "B\\Y");
    assert_str(facts_resolve(f, 25, STR("Y"), a), "X\\Y");
    facts_free(f);
}

static void test_lines(void **state)
{
    struct facts *f = build("x.php", STR("<?php\n$a\n  ->one()\n\n  ->two;\r\nf();"));
    uint32_t two = find_kind(f, E_PROP), one = find_kind(f, E_MCALL);
    assert_int_equal(node_line(f, two), 2);
    assert_int_equal(node_name_line(f, two), 5);
    assert_int_equal(node_name_line(f, one), 3);
    assert_int_equal(facts_line(f, 0), 1);
    assert_int_equal(facts_col(f, 0), 1);
    assert_int_equal(facts_col(f, 8), 3);
    assert_int_equal(node_line(f, find_kind(f, E_CALL)), 6);
    assert_int_equal(facts_line(f, 10000), 6);
    facts_free(f);
}

static void test_template_offsets(void **state)
{
    struct str src =
        STR("<div>\n@foreach($rooms as $room)\n  {{ $room->owner }}\n@endforeach\n</div>");
    struct facts *f = build("x.blade.php", src);
    const struct node *loop = facts_node(f, find_kind(f, S_FOREACH));
    const struct node *prop = facts_node(f, find_kind(f, E_PROP));
    assert_int_equal(loop->off, 6);
    assert_string_equal(src.p + loop->end, "\n</div>");
    assert_memory_equal(src.p + prop->off, "$room->owner }}", 15);
    assert_int_equal(prop->end - prop->off, 12);
    assert_int_equal(f->lang, LANG_BLADE);
    assert_int_equal(facts_node(f, 0)->end, src.n);
    facts_free(f);
}

static void test_children(void **state)
{
    struct facts *f = build("x.php", STR("<?php f($a, 1, 'x');"));
    uint32_t call = find_kind(f, E_CALL);
    assert_int_equal(facts_node(f, node_child(f, call, 0))->kind, E_NAME);
    assert_int_equal(facts_node(f, node_first(f, node_child(f, call, 2)))->kind, E_INT);
    assert_int_equal(node_child(f, call, 4), 0);
    assert_int_equal(facts_node(f, node_first(f, node_last(f, call)))->kind, E_STR);
    assert_int_equal(node_find(f, call, E_ARG), node_child(f, call, 1));
    assert_int_equal(node_find(f, call, S_IF), 0);
    assert_str(facts_str(f, 0), "");
    assert_str(facts_str(f, f->nstrs + 1), "");
    facts_free(f);
}

static void repeat(struct buf *b, const char *s, unsigned n)
{
    while (n--)
        buf_adds(b, s);
}

static void assert_nesting(const struct facts *f)
{
    uint32_t ends[LIMIT_DEPTH], depth = 0;
    for (uint32_t i = 0; i < f->nnodes; i++) {
        while (depth && ends[depth - 1] <= i)
            depth--;
        assert_true(depth < LIMIT_DEPTH);
        ends[depth++] = facts_node(f, i)->skip;
    }
}

/* Whatever nests without end: the tree stays shallow, the file is not refused, and what follows is
 * there. */
static void test_depth(void **state)
{
    static const struct {
        const char *path, *open, *close;
    } cases[] = {
        { "x.php", "f(", ")" },
        { "x.php", "[", "]" },
        { "x.php", "(", ")" },
        { "x.php", "!", "" },
        { "x.php", "-", "" },
        { "x.php", "$a = ", "" },
        { "x.php", "new class { function f() { return ", "; } }" },
        { "x.blade.php", "@if(1) ", "@endif " },
        { "x.blade.php", "<x-a>", "</x-a>" },
        { "x.blade.php", "@foreach($a as $b) ", "@endforeach " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool blade = str_ends(str_c(cases[i].path), ".blade.php");
        auto_buf b = BUF_INIT(4 << 20);
        buf_adds(&b, blade ? "" : "<?php ");
        repeat(&b, cases[i].open, 3000);
        buf_adds(&b, blade ? "" : "1");
        repeat(&b, cases[i].close, 3000);
        buf_adds(&b, blade ? " {{ $after->all }}" : "; $after->all;");
        struct facts *f = build(cases[i].path, (struct str){ b.p, (uint32_t)b.n });
        assert_nesting(f);
        assert_true(f->nholes > 0 || cases[i].open[0] == '('); /* parentheses leave no node */
        assert_str(facts_str(f, facts_node(f, find_kind(f, E_PROP))->s), "all");
        facts_free(f);
    }
}

static void test_long_chains(void **state)
{
    static const struct {
        const char *head, *link;
    } cases[] = {
        { "$a", " . $b" },
        { "$a", "->f()" },
        { "$a", "['k']" },
        { "if ($a) {}", " elseif ($b) {}" },
        { "$a ? 1 : ($b", " ? 1 : ($c" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_buf b = BUF_INIT(4 << 20);
        buf_addf(&b, "<?php %s", cases[i].head);
        repeat(&b, cases[i].link, 2000);
        struct facts *f = build("x.php", (struct str){ b.p, (uint32_t)b.n });
        assert_nesting(f);
        assert_true(f->nnodes > 100);
        facts_free(f);
    }
}

static void test_too_large(void **state)
{
    char *bytes = calloc(1, LIMIT_FILE_BYTES + 1);
    auto_arena *a = arena_new(1 << 20);
    struct err err = { 0 };
    struct facts *f = NULL;
    assert_int_equal(
        facts_build(STR("x.php"), (struct str){ bytes, LIMIT_FILE_BYTES + 1 }, a, &f, &err),
        RC_LIMIT);
    assert_true(str_contains(str_c(err.what), "x.php"));
    assert_null(f);
    free(bytes);
}

static void test_small_arena(void **state)
{
    auto_arena *a = arena_new(1 << 10);
    auto_buf b = BUF_INIT(1 << 20);
    struct err err = { 0 };
    struct facts *f = NULL;
    buf_adds(&b, "<?php ");
    for (unsigned i = 0; i < 2000; i++)
        buf_addf(&b, "$v%u = 'x\\'%u';", i, i);
    assert_int_equal(facts_build(STR("x.php"), (struct str){ b.p, (uint32_t)b.n }, a, &f, &err),
                     RC_NOMEM);
    assert_null(f);
}

/* Hostile templates: work must stay about linear in their size (the test's own time limit is the
 * judge). */
static void test_linear(void **state)
{
    static const char *const units[] = {
        "{{ ",          "@if(",
        "@if(1) ",      "<x-a b=\"{{",
        "@php ",        "<x-a ",
        "</x-a",        "@endif ",
        "{{{ ",         "{!! ",
        "<a wire:x=\"", "@verbatim ",
        "<<<A\n",       "@foo( ' ",
        "{{-- ",        "<?php ",
        "<x-a {{ ",     "@a(1) @enda ",
        "@include(",    "</x-b>",
        "<x-slot>",     "@switch(1) ",
        "@else ",       "@empty ",
        "{{ f( }}",     "<x-a :b=\"c d\" />",
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        auto_buf b = BUF_INIT(4 << 20);
        repeat(&b, units[i], 20000);
        auto_arena *a = arena_new(512 << 20);
        struct err err = { 0 };
        struct facts *f = NULL;
        uint64_t start = now_ns();
        int rc = facts_build(STR("x.blade.php"), (struct str){ b.p, (uint32_t)b.n }, a, &f, &err);
        if (now_ns() - start > 4000000000ull)
            print_message("%s: %.1f s\n", units[i], (double)(now_ns() - start) / 1e9);
        assert_true(rc == RC_OK || rc == RC_LIMIT);
        facts_free(f);
    }
}

static int build_once(const char *path, struct str src)
{
    struct err err = { 0 };
    struct facts *f = NULL;
    auto_arena *a = arena_new(64 << 20);
    int rc = a ? facts_build(str_c(path), src, a, &f, &err) : RC_NOMEM;
    if (rc)
        assert_null(f);
    facts_free(f);
    return rc;
}

/* Every allocation of ours fails once. */
static void test_faults(void **state)
{
    static const struct {
        const char *path, *src;
    } cases[] = {
        { "x.php", "<?php namespace A; use B\\C as D; /** d */ class E extends D { public $f = "
                   "\"g$h\\n\"; }" },
        { "x.blade.php", "@if($a) <x-b :c=\"$d\" e=\"{{ $f }}\">{{ $g }}</x-b> @endif {{ bad( }} "
                         "@endif @use('A\\\\B')" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned failures = 0;
        for (long n = 1;; n++) {
            fault_arm(n);
            int rc = build_once(cases[i].path, str_c(cases[i].src));
            bool fired = fault_fired();
            fault_arm(0);
            if (!fired)
                break;
            failures += rc != RC_OK;
        }
        assert_true(failures > 3);
    }
}

static void test_empty(void **state)
{
    struct facts *f = build("x.php", (struct str){ "", 0 });
    assert_int_equal(f->nnodes, 1);
    assert_int_equal(f->nholes, 0);
    facts_free(f);
    f = build("x.blade.php", (struct str){ "", 0 });
    assert_int_equal(f->nnodes, 1);
    facts_free(f);
    f = build("x.php", STR("just text"));
    assert_int_equal(facts_node(f, 1)->kind, S_HTML);
    facts_free(f);
}

static void test_stable(void **state)
{
    struct str src = STR("<?php class A { function b() { return 'c'; } }");
    struct facts *a = build("x.php", src), *b = build("y.php", src);
    assert_int_equal(a->hash, b->hash);
    assert_int_equal(a->nbytes, b->nbytes);
    assert_memory_equal(a, b, a->nbytes);
    facts_free(a);
    facts_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doc_type),    cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_template_offsets),
        cmocka_unit_test(test_children),    cmocka_unit_test(test_depth),
        cmocka_unit_test(test_long_chains), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_small_arena), cmocka_unit_test(test_linear),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_empty),
        cmocka_unit_test(test_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
