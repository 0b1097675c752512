/* What the driver reads of a page, patterns of routes, cookies, and PHP version constraints: no
 * instance needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "instance/drive.h"

#include <math.h>

static void a_page_is_read(void **state)
{
    (void)state;
    static const char html[] =
        "<!doctype html><html><head><meta name=\"csrf-token\" content=\"m&quot;t\"></head><body>"
        "<a class='x' href=\"/rooms/1?a=1&amp;b=2#top\">x</a><A "
        "HREF='no'>y</A><a\nhref='https://shop.test/z'>z</a><a href=\"#only\">n</a>"
        "<div wire:id=\"1\" wire:snapshot=\"{&quot;data&quot;:{&quot;t&quot;:&quot;a > "
        "b&quot;},&quot;memo&quot;:{&quot;name&quot;:&quot;feed&quot;}}\"></div>"
        "<div wire:snapshot=\"{&quot;memo&quot;:{&quot;name&quot;:&quot;late&quot;}}\" "
        "x-intersect=\"$wire.__lazyLoad(&#039;eyJ&#x3D;&#039;)\"></div>"
        "<div wire:snapshot=\"not json\"></div>"
        "<script src=\"/livewire/livewire.js\" data-csrf=\"tok\" "
        "data-update-uri=\"/livewire-1a2b/update\"></script></body>";
    auto_arena *a = arena_new(4 << 20);
    struct page p;
    struct err err;
    assert_int_equal(page_scan(STR(html), a, &p, &err), 0);
    assert_int_equal(p.nlinks, 2);
    assert_true(str_is(p.links[0], "/rooms/1?a=1&b=2"));
    assert_true(str_is(p.links[1], "https://shop.test/z"));
    assert_int_equal(p.ncomponents, 2);
    assert_true(str_is(p.components[0].name, "feed"));
    assert_true(str_is(p.components[0].snapshot,
                       "{\"data\":{\"t\":\"a > b\"},\"memo\":{\"name\":\"feed\"}}"));
    assert_int_equal(p.components[0].lazy.n, 0);
    assert_true(str_is(p.components[1].lazy, "eyJ="));
    assert_true(str_is(p.csrf, "tok"));
    assert_true(str_is(p.update_uri, "/livewire-1a2b/update"));
    for (uint32_t n = 0; n < sizeof html - 1; n++) /* cut anywhere */
        assert_int_equal(page_scan((struct str){ html, n }, a, &p, &err) && err.rc != RC_NOMEM, 0);
}

static void addresses_in_json_are_links(void **state)
{
    (void)state;
    static const char inertia[] =
        "<div id=\"app\" "
        "data-page=\"{&quot;url&quot;:&quot;\\/rooms\\/7&quot;,&quot;props&quot;:{&quot;next&quot;:"
        "&quot;https:\\/\\/shop.test\\/rooms?page=2&quot;,&quot;text&quot;:&quot;/ not "
        "one&quot;,&quot;rx&quot;:&quot;/{a}&quot;}}\"></div>";
    static const char api[] = " [{\"self\": \"/api/rooms/1\"}, {\"name\": \"x\", \"n\": 3}]";
    auto_arena *a = arena_new(4 << 20);
    struct page p;
    struct err err;
    assert_int_equal(page_scan(STR(inertia), a, &p, &err), 0);
    assert_int_equal(p.nlinks, 2);
    assert_true(str_is(p.links[0], "/rooms/7"));
    assert_true(str_is(p.links[1], "https://shop.test/rooms?page=2"));
    assert_int_equal(page_scan(STR(api), a, &p, &err), 0);
    assert_int_equal(p.nlinks, 1);
    assert_true(str_is(p.links[0], "/api/rooms/1"));
}

static void links_keep_to_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *link, *path;
    } table[] = { { "/a", "/a" },
                  { "https://shop.test/a?b", "/a?b" },
                  { "http://shop.test", "/" },
                  { "//shop.test/x", "/x" },
                  { "https://other.test/a", "" },
                  { "https://shop.test.evil/a", "" },
                  { "mailto:a@b", "" },
                  { "rooms/1", "" },
                  { "", "" } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_true(str_is(page_link_path(str_c(table[i].link), "shop.test"), table[i].path));
}

static void patterns_fit_paths(void **state)
{
    (void)state;
    static const struct {
        const char *uri, *path;
        bool fits;
    } table[] = { { "rooms/{room}", "/rooms/7", true },
                  { "rooms/{room}", "/rooms/7?x=1", true },
                  { "rooms/{room}", "/rooms/7/a", false },
                  { "rooms/{room}", "/rooms/", false },
                  { "rooms/{room?}", "/rooms", true },
                  { "rooms/{room?}", "/rooms/7", true },
                  { "a/{b}/c/{d}", "/a/1/c/2", true },
                  { "a/{b}/c/{d}", "/a/1/x/2", false },
                  { "{slug}", "/x", true },
                  { "{slug}.html", "/x.html", true },
                  { "{slug}.html", "/x", false },
                  { "/", "/", true },
                  { "rooms/{room:slug}", "/rooms/a-b", true },
                  { "rooms", "/rooms", true },
                  { "rooms/{room", "/rooms/1", false } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (pattern_fits(table[i].uri, table[i].path) != table[i].fits)
            fail_msg("%s and %s", table[i].uri, table[i].path);
}

static void take(struct jar *j, const char *line)
{
    struct header h = { STR("set-cookie"), str_c(line) };
    struct fcgi_response r = { .headers = &h, .nheaders = 1 };
    jar_take(j, &r);
}

static void cookies_come_and_go(void **state)
{
    (void)state;
    struct jar j = { .n = 0 };
    auto_buf out = BUF_INIT(4096);
    take(&j, "a=1; path=/; Max-Age=0x");
    take(&j, "b=2; path=/; Max-Age=7200");
    take(&j, "XSRF-TOKEN=ab%3D%3d%; samesite=lax");
    take(&j, "a=3");
    take(&j, "nothing");
    take(&j, "=empty");
    jar_header(&j, &out);
    assert_string_equal(buf_cstr(&out), "XSRF-TOKEN=ab%3D%3d%; b=2; a=3");
    buf_clear(&out);
    assert_true(jar_value(&j, "XSRF-TOKEN", &out));
    assert_string_equal(buf_cstr(&out), "ab==%");
    take(&j, "b=gone; Max-Age=0");
    take(&j, "a=");
    assert_int_equal(j.n, 1);
    for (int i = 0; i < 100; i++) {
        char line[32];
        snprintf(line, sizeof line, "c%d=x", i);
        take(&j, line);
    }
    assert_int_equal(j.n, JAR_COOKIES_MAX);
    jar_clear(&j);
    assert_int_equal(j.n, 0);
}

static void constraints_as_composer_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *version, *constraint;
        bool ok;
    } table[] = { { "8.2.29", "^8.2", true },       { "8.2.29", "^8.3", false },
                  { "8.2.29", "^7.4|^8.0", true },  { "8.2.29", "^7.4 || ^8.1", true },
                  { "8.2.29", ">=8.1 <8.3", true }, { "8.3.0", ">=8.1 <8.3", false },
                  { "8.3.0", ">=8.1,<8.3", false }, { "8.2.29", "8.2.*", true },
                  { "8.3.1", "8.2.*", false },      { "8.2.29", "~8.2", true },
                  { "8.9.0", "~8.2", true },        { "9.0.0", "~8.2", false },
                  { "8.2.29", "~8.2.3", true },     { "8.3.0", "~8.2.3", false },
                  { "8.2.2", "~8.2.3", false },     { "8.2.29", "8.1 - 8.2", true },
                  { "8.3.0", "8.1 - 8.2", false },  { "8.2.29", "*", true },
                  { "8.2.29", "", true },           { "8.2.29", "!=8.2.29", false },
                  { "8.2.29", ">8.2.28", true },    { "9.0.0", "^8.2", false },
                  { "8.2.29", "^8.1.0", true },     { "8.2.29", "what", true },
                  { "8.2.0-dev", ">=8.2", true } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (php_satisfies(table[i].version, table[i].constraint) != table[i].ok)
            fail_msg("%s against %s", table[i].version, table[i].constraint);
}

static void medians_and_spreads(void **state)
{
    (void)state;
    const double v[] = { 9, 1, 5, 3, 7 }, same[] = { 4, 4, 4 };
    assert_true(fabs(median_of(v, 5) - 5) < 1e-9);
    assert_true(fabs(median_of(v, 4) - 4) < 1e-9);
    assert_true(isnan(median_of(v, 0)));
    assert_true(relative_spread(v, 2) == 1);
    assert_true(relative_spread(same, 3) == 0);
    assert_true(fabs(relative_spread(v, 5) - 1.57 * 4 / sqrt(5) / 5) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read),
        cmocka_unit_test(addresses_in_json_are_links),
        cmocka_unit_test(links_keep_to_the_host),
        cmocka_unit_test(patterns_fit_paths),
        cmocka_unit_test(cookies_come_and_go),
        cmocka_unit_test(constraints_as_composer_reads_them),
        cmocka_unit_test(medians_and_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
