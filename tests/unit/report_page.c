/* The page: whatever the strings of a result are, none of them is markup. Drawn by a browser where there is one. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define EVIL "</script><img src=x onerror=document.title='pwned'><svg onload=document.title='pwned'>'\"`&lt;${1}"

static const struct place places[] = { { "app/" EVIL ".php", 3, 1, ROLE_QUERY, EVIL } };
static const struct evidence evidence[] = { { EVIL, EVIL, 0, EVIL, SRC_TRACE } };

static unsigned source(void *ctx, const char *file, uint32_t from, uint32_t n, struct buf *out)
{
    (void)ctx, (void)file, (void)from;
    for (uint32_t i = 0; i < n; i++)
        buf_adds(out, EVIL "\n");
    return n;
}

static void hostile_page(struct buf *html)
{
    static const struct wmark mark = { 1, 20 };
    static const struct wline line = { .kind = FW_VIEW, .depth = 1, .name = EVIL, .file = EVIL, .line = 1, .count = 3, .ms = 20,
                                       .marks = &mark, .nmarks = 1 };
    static const struct wtrace trace = { 30, 0, &line, 1 };
    static const struct wroute route = { .name = "GET /" EVIL, .action = EVIL, .type = FW_HTTP, .traces = 1, .ms_median = 30,
                                         .ms_p95 = 31, .trace = &trace, .has_side_effects = true, .side_effect = EVIL };
    const struct workload load = { .routes = &route, .nroutes = 1 };
    struct visit visit = { .route = "GET /" EVIL, .why_not = EVIL, .next = EVIL };
    struct app app = { .dir = "/srv/" EVIL, .laravel_version = EVIL };
    struct findings *findings = findings_new();
    struct err err = { 0 };
    struct finding f = { .rule = "n-plus-one-lazy", .symbol = EVIL, .subject = EVIL, .tier = TIER_RANKED, .severity = SEV_ERROR,
                         .confidence = CONF_HIGH, .at = { "app/" EVIL ".php", 3, 0, ROLE_HERE, NULL }, .related = places,
                         .nrelated = 1, .evidence = evidence, .nevidence = 1, .message = EVIL, .advice = EVIL, .why = EVIL,
                         .route = route.name, .cost = { true, 10, 9, 11, 0.3, 3, 0, TIME_SQL }, .fix_kind = FIX_AUTO,
                         .statement = EVIL, .plan = EVIL, .growth = { EVIL, 1, EVIL }, .key = 1 };
    assert_int_equal(findings_add(findings, &f, &err), 0);
    assert_int_equal(findings_close(findings, &err), 0);
    const struct report_in in = { .command = "check", .version = "0.1.0", .at = "2026-01-31T12:00:00Z", .app = &app, .name = EVIL,
                                  .branch = EVIL, .commit = EVIL, .php = EVIL, .database = EVIL, .walls = EVIL, .user_note = EVIL,
                                  .findings = findings, .visits = &visit, .nvisits = 1, .load = &load, .source = source };
    const struct report_style style = { .width = 100 };
    assert_int_equal(report_write(REPORT_HTML, &in, &style, html, &err), 0);
    findings_free(findings);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void no_string_is_markup(void **state)
{
    (void)state;
    auto_buf html = BUF_INIT(8 << 20);
    hostile_page(&html);
    assert_int_equal(count(buf_cstr(&html), "</script>"), 3); /* the page's own */
    assert_int_equal(count(buf_cstr(&html), "<img"), 0);
    assert_int_equal(count(buf_cstr(&html), "onload=document"), count(buf_cstr(&html), "\\u003csvg onload=document"));
}

static void nothing_else_may_run_or_be_fetched(void **state)
{
    (void)state;
    auto_buf html = BUF_INIT(8 << 20);
    hostile_page(&html);
    const char *text = buf_cstr(&html), *nonce = strstr(text, "'nonce-");
    char opening[64];
    assert_non_null(nonce);
    assert_non_null(strstr(text, "default-src 'none'"));
    snprintf(opening, sizeof opening, "<script nonce=\"%.16s\">", nonce + 7);
    assert_int_equal(count(text, opening), 2);
    assert_int_equal(count(text, "<script"), 3); /* the third is data */
    assert_int_equal(count(text, "http://") + count(text, "https://"), 0);
}

/* What a browser makes of it, as text; skipped where there is none. */
static void a_browser_draws_it_as_text(void **state)
{
    (void)state;
    char dir[256], page[300], url[320], profile[320];
    struct err err = { 0 };
    struct proc_result r;
    auto_buf html = BUF_INIT(8 << 20);
    if (access("/usr/bin/chromium", X_OK))
        skip();
    hostile_page(&html);
    assert_int_equal(dir_temp("fettle-page", dir, sizeof dir, &err), 0);
    snprintf(page, sizeof page, "%s/page.html", dir);
    snprintf(url, sizeof url, "file://%s", page);
    snprintf(profile, sizeof profile, "--user-data-dir=%s", dir);
    assert_int_equal(file_write_atomic(page, html.p, html.n, &err), 0);
    const char *argv[] = { "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", profile, "--virtual-time-budget=3000",
                           "--dump-dom", url, NULL };
    struct proc_opts opts = { .argv = argv, .timeout_ns = 60000000000u };
    assert_int_equal(proc_run(&opts, &r, &err), 0);
    auto_buf dom = BUF_INIT(32 << 20);
    buf_add(&dom, r.out.p, r.out.n);
    proc_result_release(&r);
    dir_remove(dir);
    assert_non_null(strstr(buf_cstr(&dom), "class=\"row\""));
    assert_non_null(strstr(buf_cstr(&dom), "&lt;img src=x"));
    assert_null(strstr(buf_cstr(&dom), "<title>pwned"));
    assert_null(strstr(buf_cstr(&dom), "<img"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_string_is_markup),
        cmocka_unit_test(nothing_else_may_run_or_be_fetched),
        cmocka_unit_test(a_browser_draws_it_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
