/* Marks: where they stand, that the rest stays to the byte, that every edited line of code has an owner. */
#include "prove/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct result {
    struct arena *arena;
    struct mark marks[MARKS_MAX];
    uint32_t n;
    struct marking g;
    char text[8192];
    int rc;
};

static void mark(struct result *r, const char *path, const char *text, struct lines lines)
{
    auto_buf out = BUF_INIT(1 << 20);
    struct err err = { 0 };
    *r = (struct result){ .arena = arena_new(32 << 20) };
    assert_non_null(r->arena);
    r->g = (struct marking){ .marks = r->marks, .n = &r->n };
    r->rc = mark_file(path, str_c(text), &lines, 1, r->arena, &r->g, &out, &err);
    assert_true(out.n < sizeof r->text);
    memcpy(r->text, out.p ? out.p : "", out.n);
    r->text[out.n] = 0;
}

static void done(struct result *r)
{
    arena_free(r->arena);
}

static void statement_and_its_branches(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php",
         "<?php\nclass A {\n  function f($x) {\n    $y = 1;\n    if ($x) { $y = 2; }\n    return $y ?? 3;\n  }\n}\n", (struct lines){ 5, 6 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<?php\nclass A {\n  function f($x) {\n    $y = 1;\n    \\Fettle\\Ran::at(0); if ($x) {\\Fettle\\Ran::at(3);  \\Fettle\\Ran::at(1); $y = 2; }\n"
                                "    \\Fettle\\Ran::at(2); return $y ?? \\Fettle\\Ran::of(5, 3);\n  }\n}\n");
    assert_int_equal(r.g.line_mark[4], 0);
    assert_true(r.g.line_mark[5] && r.g.line_mark[6]);
    bool implied = false;
    for (uint32_t i = 0; i < r.n; i++)
        implied |= r.marks[i].implied && r.marks[i].of && r.marks[i].of_other;
    assert_true(implied);
    done(&r);
}

static void chain_over_lines(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php", "<?php\nfunction f() {\n  return A::query()\n    ->with('b')\n    ->get();\n}\n", (struct lines){ 4, 4 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<?php\nfunction f() {\n  \\Fettle\\Ran::at(0); return A::query()\n    ->with('b')\n    ->get();\n}\n");
    assert_int_equal(r.g.line_mark[4], 1);
    done(&r);
}

/* A line is put in after "    )": the side without it shows that line alone. */
static void a_closing_bracket_has_its_statement(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "a.php", "<?php\nfunction f($q) {\n    $x = $q->orderBy(\n        'id',\n    )\n    ->get();\n    return $x;\n}\n", (struct lines){ 5, 5 });
    assert_int_equal(r.rc, RC_OK);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.g.line_mark[5], 1);
    assert_non_null(strstr(r.text, "at(0); $x = "));
    done(&r);
    mark(&r, "a.php", "<?php\nclass A {\n    function f() { return 1; }\n}\n", (struct lines){ 4, 4 });
    assert_int_equal(r.rc, RC_UNSUPPORTED); /* the end of a class runs nowhere */
    done(&r);
}

static void arrow_functions_own_their_body(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php", "<?php\nfunction f($q) {\n  return $q->map(\n    fn ($x) => $x->a + 1,\n  );\n}\n", (struct lines){ 4, 4 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<?php\nfunction f($q) {\n  return $q->map(\n    fn ($x) => \\Fettle\\Ran::of(0, $x->a + 1),\n  );\n}\n");
    done(&r);
}

static void bodies_without_braces_get_some(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php", "<?php\nfunction f($x) {\n  if ($x)\n    return 1;\n  else\n    g();\n}\n", (struct lines){ 3, 3 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<?php\nfunction f($x) {\n  \\Fettle\\Ran::at(0); if ($x)\n    { \\Fettle\\Ran::at(1); return 1; }\n  else\n    { \\Fettle\\Ran::at(2); g(); }\n}\n");
    done(&r);
}

static void declarations_are_owned_by_the_file(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php", "<?php\nnamespace X;\nuse Y\\Z;\n\nclass A {\n  protected $with = ['a'];\n}\n", (struct lines){ 6, 6 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<?php\nnamespace X;\nuse Y\\Z;\n\n\\Fettle\\Ran::at(0); class A {\n  protected $with = ['a'];\n}\n");
    assert_int_equal(r.g.line_mark[6], 1);
    done(&r);
}

static void comments_and_braces_need_no_run(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "app/A.php", "<?php\nfunction f() {\n  // words\n  /* more\n     words */\n  g();\n}\n", (struct lines){ 1, 7 });
    assert_int_equal(r.rc, RC_OK);
    assert_int_equal(r.g.line_mark[3], 0);
    assert_int_equal(r.g.line_mark[4], 0);
    assert_int_equal(r.g.line_mark[5], 0);
    assert_true(r.g.line_mark[6] > 0);
    assert_int_equal(r.g.line_mark[7], 0);
    done(&r);
}

static void templates(void **s)
{
    (void)s;
    struct result r;
    mark(&r, "resources/views/a.blade.php", "<ul>\n@foreach ($xs as $x)\n  <li>{{ $x->name }}</li>\n@endforeach\n</ul>\n", (struct lines){ 2, 3 });
    assert_int_equal(r.rc, RC_OK);
    assert_string_equal(r.text, "<ul>\n@foreach (\\Fettle\\Ran::of(0, $xs) as $x)\n  <li>{{ \\Fettle\\Ran::of(1, $x->name) }}</li>\n@endforeach\n</ul>\n");
    done(&r);
    mark(&r, "resources/views/a.blade.php", "<ul>\n<li>text only</li>\n{{ $a }}\n</ul>\n", (struct lines){ 2, 2 });
    assert_int_equal(r.rc, RC_OK);
    assert_int_equal(r.g.line_mark[2], 1); /* the nearest expression stands for it */
    done(&r);
    mark(&r, "resources/views/a.blade.php", "<p>no code at all</p>\n", (struct lines){ 1, 1 });
    assert_int_equal(r.rc, RC_UNSUPPORTED);
    assert_int_equal(r.n, 0);
    done(&r);
}

static void diff_of_lines(void **s)
{
    (void)s;
    struct arena *a = arena_new(8 << 20);
    struct lines *ra, *rb;
    size_t n;
    struct err err;
    assert_int_equal(lines_diff(STR("a\nb\nc\nd\n"), STR("a\nx\nc\nd\ne\n"), a, &ra, &rb, &n, &err), RC_OK);
    assert_int_equal(n, 2);
    assert_true(ra[0].from == 2 && ra[0].to == 2 && rb[0].from == 2 && rb[0].to == 2);
    assert_true(rb[1].from == 5 && rb[1].to == 5);
    assert_int_equal(lines_diff(STR("a\nb\nc\n"), STR("a\nb\nnew\nc\n"), a, &ra, &rb, &n, &err), RC_OK);
    assert_int_equal(n, 1);
    assert_true(rb[0].from == 3 && rb[0].to == 3 && ra[0].from == 2 && ra[0].to == 2); /* the line before the insertion */
    assert_int_equal(lines_diff(STR("same\n"), STR("same\n"), a, &ra, &rb, &n, &err), RC_OK);
    assert_int_equal(n, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement_and_its_branches), cmocka_unit_test(chain_over_lines), cmocka_unit_test(a_closing_bracket_has_its_statement), cmocka_unit_test(arrow_functions_own_their_body),
        cmocka_unit_test(bodies_without_braces_get_some), cmocka_unit_test(declarations_are_owned_by_the_file),
        cmocka_unit_test(comments_and_braces_need_no_run), cmocka_unit_test(templates), cmocka_unit_test(diff_of_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
