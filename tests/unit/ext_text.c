/* SQL literals, shapes of model calls, lines of compiled views: what the extension reads from text.
 */
#include "ai.h"
#include "align.h"
#include "sqltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void strips(const char *sql, bool mysql, const char *want)
{
    char out[512];
    size_t n = fettle_sql_strip(sql, strlen(sql), out, sizeof out - 1, mysql);
    out[n] = 0;
    assert_string_equal(out, want);
}

static void literals_become_placeholders(void **state)
{
    strips("select a1 from t2 where b = 12 and c = 'x'", false,
           "select a1 from t2 where b = ? and c = ?");
    strips("c = 'it''s' and d = 1.5e-3", false, "c = ? and d = ?-?");
    strips("c in (1,2,3) -- 'tail\n and e = 'x\\' and f = 'y'", false,
           "c in (?,?,?)  and e = ? and f = ?");
    strips("e = 'x\\' and f = ' and g = \"secret\"", true, "e = ? and g = ?");
    strips("\"col 1\" = 'x' and `c 2` = 3", false, "\"col 1\" = ? and `c 2` = ?");
    strips("a = E'x\\'y' and b = $$ text 1 $$ and c = $q$z$q$ and d = $1", false,
           "a = E? and b = ? and c = ? and d = $1");
    strips("a = 'never closed", false, "a = ?");
    strips("a /* 'comment' 1 */ = 0x1F", false, "a  = ?");
    (void)state;
}

static void verbs(void **state)
{
    static const struct {
        const char *sql;
        enum fettle_sql_verb verb;
    } cases[] = {
        { " (select 1)", FETTLE_SQL_READ },
        { "-- c\n/* d */ Insert into t", FETTLE_SQL_WRITE },
        { "with x as (select 1) select * from x", FETTLE_SQL_READ },
        { "with x as (delete from t returning a) select * from x", FETTLE_SQL_WRITE },
        { "BEGIN IMMEDIATE", FETTLE_SQL_BEGIN },
        { "start transaction", FETTLE_SQL_BEGIN },
        { "commit", FETTLE_SQL_COMMIT },
        { "rollback", FETTLE_SQL_ROLLBACK },
        { "rollback to savepoint x", FETTLE_SQL_READ },
        { "savepoint x", FETTLE_SQL_READ },
        { "create table t(a)", FETTLE_SQL_WRITE },
        { "", FETTLE_SQL_WRITE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fettle_sql_verb(cases[i].sql, strlen(cases[i].sql)), cases[i].verb);
    (void)state;
}

static enum fettle_ai_kind kind(const char *url, const char *body, struct fettle_ai_body *b)
{
    fettle_ai_body(body, strlen(body), b);
    return fettle_ai_kind(url, strlen(url), b);
}

static void model_calls(void **state)
{
    struct fettle_ai_body b;
    const char *body = "{\"model\":\"m1\",\"messages\":[{\"a\":[1,2]},{\"b\":\"x,]\"}]}";
    assert_int_equal(kind("https://h/v1/chat/completions?k=1", body, &b), FETTLE_AI_CHAT);
    assert_int_equal(b.count, 2);
    assert_int_equal(b.model_n, 2);
    assert_memory_equal(body + b.model_at, "m1", 2);
    assert_int_equal(
        kind("https://h/v1/messages", "{\"stream\":true,\"model\":\"m\",\"messages\":[1]}", &b),
        FETTLE_AI_STREAM);
    assert_int_equal(kind("https://h/2010/Messages", "{\"to\":\"x\"}", &b), FETTLE_AI_NONE);
    assert_int_equal(kind("https://h/x", "{\"model\":\"e\",\"input\":[\"a\",\"b\",\"c\"]}", &b),
                     FETTLE_AI_EMBEDDING);
    assert_int_equal(b.count, 3);
    assert_int_equal(kind("https://h/v1/responses", "{\"model\":\"e\",\"input\":\"a\"}", &b),
                     FETTLE_AI_CHAT);
    assert_int_equal(kind("https://h/embeddings", "not json", &b), FETTLE_AI_EMBEDDING);
    assert_int_equal(kind("https://h/m:streamGenerateContent", "{\"contents\":[]}", &b),
                     FETTLE_AI_STREAM);
    assert_int_equal(b.count, 0);
    assert_int_equal(kind("https://h/cars", "{\"model\":\"T\",\"wheels\":4}", &b), FETTLE_AI_NONE);
    assert_int_equal(kind("https://h/cars", "[1]", &b), FETTLE_AI_NONE);
    (void)state;
}

static void lines_of_views(void **state)
{
    const char *template = "<x-box>\n<ul>\n@foreach ($posts as $post)\n    <li>{{ $post->title "
                           "}}\n    by {{ $post->author->name }}"
                           "</li>\n@endforeach\n</ul>\n</x-box>\n";
    const char *compiled =
        "<?php if (isset($component)) { $__componentOriginal1 = $component; } ?>\n"
        "<?php $component = Illuminate\\View\\AnonymousComponent::resolve(['view' => "
        "'components.box']); ?>\n"
        "<?php $component->withName('box'); ?>\n<ul>\n"
        "<?php $__currentLoopData = $posts; foreach($__currentLoopData as $post): ?>\n"
        "    <li><?php echo e($post->title); ?>\n\n    by <?php echo e($post->author->name); "
        "?></li>\n"
        "<?php endforeach; ?>\n</ul>\n <?php echo $__env->renderComponent(); ?>\n";
    uint32_t n = 0;
    uint16_t *lines =
        fettle_align(compiled, strlen(compiled), template, strlen(template), 100000, &n);
    assert_non_null(lines);
    assert_int_equal(n, 12);
    assert_int_equal(lines[3 - 1], 1);  /* the component's tag */
    assert_int_equal(lines[5 - 1], 3);  /* the loop */
    assert_int_equal(lines[6 - 1], 4);  /* the first echo */
    assert_int_equal(lines[8 - 1], 5);  /* the second: one line further down than in the template */
    assert_int_equal(lines[10 - 1], 7); /* </ul> */
    free(lines);
    assert_null(fettle_align(compiled, strlen(compiled), template, strlen(template), 10, &n));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_become_placeholders),
        cmocka_unit_test(verbs),
        cmocka_unit_test(model_calls),
        cmocka_unit_test(lines_of_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
