/* What counts as a difference, what noise may hide and what it may not. */
#include "prove/differ.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct log {
    char text[8192];
    unsigned n;
};

static void note(void *ctx, const char *place, struct str a, struct str b)
{
    struct log *l = ctx;
    size_t at = strlen(l->text);
    l->n++;
    snprintf(l->text + at, sizeof l->text - at, "%s: %.*s | %.*s\n", place, a.p ? (int)a.n : 1, a.p ? a.p : "-", b.p ? (int)b.n : 1, b.p ? b.p : "-");
}

typedef void (*compare_fn)(struct differ *, struct str, struct str);

static void json_texts(struct differ *d, struct str a, struct str b)
{
    json_t *x = json_loadb(a.p, a.n, JSON_DECODE_ANY, NULL), *y = json_loadb(b.p, b.n, JSON_DECODE_ANY, NULL);
    assert_non_null(x);
    assert_non_null(y);
    differ_json(d, x, y);
    json_decref(x);
    json_decref(y);
}

static void learn(struct noises *n, compare_fn fn, const char *a, const char *b, bool by_work)
{
    struct differ d;
    assert_true(differ_init(&d, true, n));
    d.by_work = by_work;
    fn(&d, str_c(a), str_c(b));
    assert_false(d.failed);
    differ_release(&d);
}

static struct log judge(struct noises *n, compare_fn fn, const char *a, const char *b)
{
    struct differ d;
    struct log l = { "", 0 };
    assert_true(differ_init(&d, false, n));
    d.found = note;
    d.ctx = &l;
    fn(&d, str_c(a), str_c(b));
    assert_false(d.failed);
    differ_release(&d);
    return l;
}

static struct log fresh(compare_fn fn, const char *a, const char *b)
{
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    struct log l = judge(&n, fn, a, b);
    noises_release(&n);
    return l;
}

static void json_is_typed(void **s)
{
    (void)s;
    assert_int_equal(fresh(json_texts, "{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}").n, 0);
    assert_string_equal(fresh(json_texts, "{\"a\":1}", "{\"a\":\"1\"}").text, "/a: 1 | \"1\"\n");
    assert_string_equal(fresh(json_texts, "{\"a\":1}", "{\"a\":1.0}").text, "/a: 1 | 1.0\n");
    assert_string_equal(fresh(json_texts, "{\"a\":null}", "{}").text, "/a: null | -\n");
    assert_string_equal(fresh(json_texts, "{}", "{\"a\":null}").text, "/a: - | null\n");
    assert_string_equal(fresh(json_texts, "[1,2,3]", "[1,3,2]").text, ": [1,2,3] | [1,3,2]\n");
    assert_string_equal(fresh(json_texts, "[1,2,3]", "[1,2]").text, ": 3 items | 2 items\n");
    assert_int_equal(fresh(json_texts, "[\"\"]", "[\"some words of text\"]").n, 1);
}

static void text_without_noise_is_told(void **s)
{
    (void)s;
    /* none of these has a class: nothing may hide it */
    assert_int_equal(fresh(differ_words, "Stable observed remains", "").n, 1);
    assert_int_equal(fresh(differ_words, "one two three", "one 2 three").n, 1);
    assert_int_equal(fresh(differ_words, "price 12", "price 13").n, 1);
    assert_int_equal(fresh(differ_words, "at 10:00", "at 10:01").n, 1);
    assert_int_equal(fresh(differ_words, "same", "same").n, 0);
    assert_int_equal(fresh(differ_words, "a b", "a  b").n, 1);
}

static void noise_hides_its_own_class_and_place(void **s)
{
    (void)s;
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    learn(&n, differ_words, "token kX93bQz81LmPw0aa at 10:00:01 by Ada", "token zz81QkMvb02Lq9Xc at 10:00:02 by Ada", false);
    assert_int_equal(judge(&n, differ_words, "token kX93bQz81LmPw0aa at 10:00:01 by Ada", "token aB3dE5gH7jK9mN1p at 10:00:05 by Ada").n, 0);
    assert_string_equal(judge(&n, differ_words, "token kX93bQz81LmPw0aa at 10:00:01 by Ada", "token kX93bQz81LmPw0aa at 10:00:01 by Bob").text, " w5: Ada | Bob\n");
    assert_int_equal(judge(&n, differ_words, "token kX93bQz81LmPw0aa at 10:00:01 by Ada", "token expired at 10:00:01 by Ada").n, 1);
    assert_int_equal(judge(&n, differ_words, "token kX93bQz81LmPw0aa at 10:00:01 by Ada", "token kX93bQz81LmPw0aa at noon by Ada").n, 1);
    noises_release(&n);
}

static void ids_map_one_to_one(void **s)
{
    (void)s;
    static const char a1[] = "6f9619ff-8b86-4011-b42d-00c04fc964ff 6f9619ff-8b86-4011-b42d-00c04fc964ff";
    static const char a2[] = "11111111-8b86-4011-b42d-00c04fc964ff 11111111-8b86-4011-b42d-00c04fc964ff";
    static const char two[] = "22222222-8b86-4011-b42d-00c04fc964ff 33333333-8b86-4011-b42d-00c04fc964ff";
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    learn(&n, differ_words, a1, a2, false);
    assert_int_equal(judge(&n, differ_words, a1, a2).n, 0);
    assert_int_equal(judge(&n, differ_words, a1, two).n, 1);
    noises_release(&n);
}

static void structure_that_varies_hides_what_is_below(void **s)
{
    (void)s;
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    learn(&n, json_texts, "{\"list\":[1,2],\"x\":1}", "{\"list\":[1,2,3],\"x\":1}", false);
    assert_int_equal(judge(&n, json_texts, "{\"list\":[1,2],\"x\":1}", "{\"list\":[7,8,9],\"x\":1}").n, 0);
    assert_int_equal(judge(&n, json_texts, "{\"list\":[1,2],\"x\":1}", "{\"list\":[1,2],\"x\":2}").n, 1);
    noises_release(&n);
}

static void numbers_that_follow_work(void **s)
{
    (void)s;
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    learn(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"queries\":27,\"total\":99}", true);
    assert_int_equal(judge(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"queries\":3,\"total\":99}").n, 0);
    assert_int_equal(judge(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"queries\":3,\"total\":98}").n, 1);
    assert_int_equal(judge(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"queries\":\"none\",\"total\":99}").n, 1);
    /* What was never counted is not there. */
    assert_int_equal(judge(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"total\":99}").n, 0);
    assert_int_equal(judge(&n, json_texts, "{\"queries\":20,\"total\":99}", "{\"queries\":20}").n, 1);
    noises_release(&n);
}

static void html_is_a_tree(void **s)
{
    (void)s;
    assert_int_equal(fresh(differ_html, "<ul>\n  <li class=a id=b>x</li></ul>", "<ul> <li id=\"b\" class=\"a\">x</li></ul>").n, 0);
    assert_int_equal(fresh(differ_html, "<p>a b</p>", "<p>a  b</p>").n, 0);
    assert_int_equal(fresh(differ_html, "<pre>a b</pre>", "<pre>a  b</pre>").n, 1);
    assert_string_equal(fresh(differ_html, "<p>Ada</p>", "<p>Bob</p>").text, "/html[0]/body[1]/p[0]/text[0] w0: Ada | Bob\n");
    assert_string_equal(fresh(differ_html, "<p>a</p><p>b</p>", "<p>a</p>").text, "/html[0]/body[1]: 2 nodes | 1 nodes\n");
    assert_int_equal(fresh(differ_html, "<li>a</li><li>b</li>", "<li>b</li><li>a</li>").n, 2);
    assert_string_equal(fresh(differ_html, "<a href=/x>l</a>", "<a>l</a>").text, "/html[0]/body[1]/a[0]/@href: /x | -\n");
    assert_int_equal(fresh(differ_html, "<!--[if BLOCK]><![endif]--><b>x</b>", "<b>x</b>").n, 1);
}

static void livewire_snapshots(void **s)
{
    (void)s;
    static const char a[] = "<div wire:snapshot='{\"data\":{\"n\":1},\"memo\":{\"id\":\"kX93bQz81LmPw0aa\"},\"checksum\":\"aa11\"}'></div>";
    static const char other_id[] = "<div wire:snapshot='{\"data\":{\"n\":1},\"memo\":{\"id\":\"zz81QkMvb02Lq9Xc\"},\"checksum\":\"bb22\"}'></div>";
    static const char third_id[] = "<div wire:snapshot='{\"data\":{\"n\":1},\"memo\":{\"id\":\"aB3dE5gH7jK9mN1p\"},\"checksum\":\"cc33\"}'></div>";
    static const char other_data[] = "<div wire:snapshot='{\"data\":{\"n\":2},\"memo\":{\"id\":\"kX93bQz81LmPw0aa\"},\"checksum\":\"dd44\"}'></div>";
    static const char only_sum[] = "<div wire:snapshot='{\"data\":{\"n\":1},\"memo\":{\"id\":\"kX93bQz81LmPw0aa\"},\"checksum\":\"ee55\"}'></div>";
    struct noises n = { 0 };
    assert_true(noises_init(&n));
    assert_string_equal(judge(&n, differ_html, a, other_data).text, "/html[0]/body[1]/div[0]/@wire:snapshot/data/n: 1 | 2\n");
    assert_int_equal(judge(&n, differ_html, a, only_sum).n, 1); /* nothing else differs: the checksum may not either */
    learn(&n, differ_html, a, other_id, false);
    assert_int_equal(judge(&n, differ_html, a, third_id).n, 0);
    noises_release(&n);
}

static void streams_and_bytes(void **s)
{
    (void)s;
    assert_int_equal(fresh(differ_events, "data: {\"a\":1}\n\ndata: b\n\n", "data: {\"a\":1}\n\ndata: b\n\n").n, 0);
    assert_string_equal(fresh(differ_events, "data: {\"a\":1}\n\ndata: b\n\n", "data: {\"a\":2}\n\ndata: b\n\n").text, "/event[0]/line[0]/a: 1 | 2\n");
    assert_int_equal(fresh(differ_events, "data: a\n\ndata: b\n\n", "data: a\n\n").n, 1);
    assert_int_equal(fresh(differ_events, "event: x\ndata: a\n\n", "data: a\n\n").n, 3);
    assert_int_equal(fresh(differ_bytes, "0123456789abcdefX123", "0123456789abcdefY123").n, 1);
    assert_int_equal(fresh(differ_bytes, "abc", "abcd").n, 1);
}

static void classes(void **s)
{
    (void)s;
    assert_int_equal(noise_of(STR("6f9619ff-8b86-4011-b42d-00c04fc964ff")), NOISE_ID);
    assert_int_equal(noise_of(STR("2026-11-24T10:00:00+00:00")), NOISE_TIME);
    assert_int_equal(noise_of(STR("10:00:05")), NOISE_TIME);
    assert_int_equal(noise_of(STR("1795533137")), NOISE_TIME);
    assert_int_equal(noise_of(STR("0.0123")), NOISE_TIME);
    assert_int_equal(noise_of(STR("4711")), NOISE_ID);
    assert_int_equal(noise_of(STR("kX93bQz81LmPw0aa")), NOISE_TOKEN);
    assert_int_equal(noise_of(STR("international")), NOISE_NONE);
    assert_int_equal(noise_of(STR("Ada")), NOISE_NONE);
    assert_int_equal(noise_of(STR("")), NOISE_NONE);
}

static void files_of_counters(void **s)
{
    (void)s;
    struct noises n = { 0 };
    struct differ d;
    struct log l = { "", 0 };
    assert_true(noises_init(&n));
    assert_true(differ_init(&d, true, &n));
    size_t m = differ_enter(&d, "file /x/metrics.json ");
    json_texts(&d, STR("{\"bucket 0.005\":1}"), STR("{\"bucket 0.025\":1}"));
    differ_leave(&d, m);
    differ_release(&d);
    assert_true(differ_init(&d, false, &n));
    d.found = note;
    d.ctx = &l;
    m = differ_enter(&d, "file /x/metrics.json ");
    json_texts(&d, STR("{\"bucket 0.005\":1}"), STR("{\"bucket 0.05\":1}")); /* a neighbour in the file */
    differ_leave(&d, m);
    assert_int_equal(l.n, 0);
    m = differ_enter(&d, "body ");
    json_texts(&d, STR("{\"bucket 0.005\":1}"), STR("{\"bucket 0.05\":1}")); /* never in an answer */
    differ_leave(&d, m);
    assert_int_equal(l.n, 2);
    differ_release(&d);
    noises_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_typed), cmocka_unit_test(text_without_noise_is_told), cmocka_unit_test(noise_hides_its_own_class_and_place),
        cmocka_unit_test(ids_map_one_to_one), cmocka_unit_test(structure_that_varies_hides_what_is_below),
        cmocka_unit_test(numbers_that_follow_work), cmocka_unit_test(html_is_a_tree), cmocka_unit_test(livewire_snapshots),
        cmocka_unit_test(streams_and_bytes), cmocka_unit_test(classes), cmocka_unit_test(files_of_counters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
