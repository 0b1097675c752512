#include "instance/page.h"

#include <ctype.h>
#include <stdlib.h>

#include <jansson.h>

static void put_utf8(char **to, unsigned long c)
{
    char *p = *to;
    if (c < 0x80) {
        *p++ = (char)c;
    } else if (c < 0x800) {
        *p++ = (char)(0xc0 | c >> 6);
        *p++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *p++ = (char)(0xe0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x110000) {
        *p++ = (char)(0xf0 | c >> 18);
        *p++ = (char)(0x80 | (c >> 12 & 0x3f));
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    }
    *to = p;
}

/* One entity at p (which is '&'): writes its character, returns the bytes used; 0: not one. No
 * entity that PHP's htmlspecialchars or Blade writes is longer than its character in UTF-8 is
 * short: decoding never grows. */
static size_t decode_entity(const char *p, size_t n, char **to)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {
        { "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&apos;", '\'' }
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i].name);
        if (n >= len && memcmp(p, names[i].name, len) == 0) {
            *(*to)++ = names[i].c;
            return len;
        }
    }
    if (n < 4 || p[1] != '#')
        return 0;
    bool hex = p[2] == 'x' || p[2] == 'X';
    unsigned long c = 0;
    size_t i = hex ? 3 : 2, begin = i;
    for (; i < n && i - begin < 7 &&
           (hex ? isxdigit((unsigned char)p[i]) : isdigit((unsigned char)p[i]));
         i++)
        c = c * (hex ? 16 : 10) +
            (unsigned long)(isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    if (i == begin || i >= n || p[i] != ';' || c == 0)
        return 0;
    put_utf8(to, c);
    return i + 1;
}

static struct str decode(struct str raw, struct arena *a)
{
    char *out = arena_alloc(a, (size_t)raw.n + 8), *to = out;
    if (!out)
        return (struct str){ "", 0 };
    for (uint32_t i = 0; i < raw.n;) {
        size_t used = raw.p[i] == '&' ? decode_entity(raw.p + i, raw.n - i, &to) : 0;
        if (!used) {
            *to++ = raw.p[i];
            used = 1;
        }
        i += (uint32_t)used;
    }
    return (struct str){ out, (uint32_t)(to - out) };
}

/* The value of an attribute whose name ends just before `at` (which points behind '='). */
static bool quoted(struct str html, uint32_t at, struct str *ret, uint32_t *ret_end)
{
    if (at >= html.n || (html.p[at] != '"' && html.p[at] != '\''))
        return false;
    const char *end = memchr(html.p + at + 1, html.p[at], html.n - at - 1);
    if (!end)
        return false;
    *ret = (struct str){ html.p + at + 1, (uint32_t)(end - html.p) - at - 1 };
    *ret_end = (uint32_t)(end - html.p) + 1;
    return true;
}

static bool attribute(struct str tag, const char *name, struct str *ret)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i + len + 2 < tag.n; i++) {
        uint32_t end;
        if ((i == 0 || isspace((unsigned char)tag.p[i - 1])) && memcmp(tag.p + i, name, len) == 0 &&
            tag.p[i + len] == '=' && quoted(tag, i + (uint32_t)len + 1, ret, &end))
            return true;
    }
    return false;
}

static struct str memo_name(struct str snapshot, struct arena *a)
{
    json_t *j = json_loadb(snapshot.p, snapshot.n, 0, NULL);
    const char *name = json_string_value(json_object_get(json_object_get(j, "memo"), "name"));
    char *copy = name ? arena_strdup(a, name) : NULL;
    json_decref(j);
    return copy ? str_c(copy) : (struct str){ "", 0 };
}

/* x-intersect="$wire.__lazyLoad('…')" of a component that waits to be seen */
static struct str lazy_argument(struct str tag, struct arena *a)
{
    const char *at = tag.n ? memmem(tag.p, tag.n, "__lazyLoad(", 11) : NULL;
    if (!at)
        return (struct str){ "", 0 };
    at += 11;
    struct str rest = { at, (uint32_t)(tag.p + tag.n - at) };
    const char *end = rest.n ? memchr(rest.p, ')', rest.n) : NULL;
    struct str arg = decode((struct str){ rest.p, end ? (uint32_t)(end - rest.p) : 0 }, a);
    if (arg.n >= 2 && (arg.p[0] == '\'' || arg.p[0] == '"'))
        return str_sub(arg, 1, arg.n - 2);
    return (struct str){ "", 0 };
}

static void take_component(struct str tag, struct page *ret, struct arena *a)
{
    struct str raw;
    if (!attribute(tag, "wire:snapshot", &raw) || !raw.n)
        return;
    if (ret->ncomponents == PAGE_COMPONENTS_MAX || raw.n > PAGE_SNAPSHOT_MAX) {
        ret->left_out++;
        return;
    }
    struct str snapshot = decode(raw, a), name = memo_name(snapshot, a);
    if (name.n)
        ret->components[ret->ncomponents++] = (struct page_component){
            .name = name, .snapshot = snapshot, .lazy = lazy_argument(tag, a)
        };
}

static void take_link(struct str tag, struct page *ret, struct arena *a)
{
    struct str raw;
    if (!attribute(tag, "href", &raw) || !raw.n)
        return;
    if (ret->nlinks == PAGE_LINKS_MAX) {
        ret->left_out++;
        return;
    }
    struct str link = decode(raw, a);
    const char *hash = link.n ? memchr(link.p, '#', link.n) : NULL;
    if (hash)
        link.n = (uint32_t)(hash - link.p);
    if (link.n)
        ret->links[ret->nlinks++] = link;
}

/* A string of JSON data that can be an address of the app: a path, or an address with a host. */
static bool may_be_link(struct str s)
{
    bool path = s.n > 1 && s.p[0] == '/' && (isalnum((unsigned char)s.p[1]) || s.p[1] == '/');
    if (s.n > PAGE_JSON_LINK_MAX ||
        (!path && !str_starts(s, "http://") && !str_starts(s, "https://")))
        return false;
    for (uint32_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("<>{}\\\"", s.p[i]))
            return false;
    return true;
}

static void walk_json(const json_t *j, unsigned depth, struct page *ret, struct arena *a)
{
    const char *key;
    json_t *v;
    size_t i;
    if (depth > PAGE_JSON_DEPTH || ret->nlinks == PAGE_LINKS_MAX)
        return;
    json_object_foreach((json_t *)j, key, v) walk_json(v, depth + 1, ret, a);
    json_array_foreach((json_t *)j, i, v) walk_json(v, depth + 1, ret, a);
    struct str s = str_c(json_string_value(j));
    char *copy = json_is_string(j) && may_be_link(s) ? arena_strndup(a, s.p, s.n) : NULL;
    if (copy)
        ret->links[ret->nlinks++] = (struct str){ copy, s.n };
}

static void take_json(struct str text, struct page *ret, struct arena *a)
{
    json_t *j = json_loadb(text.p, text.n, 0, NULL);
    if (j)
        walk_json(j, 0, ret, a);
    json_decref(j);
}

static void take_tokens(struct str tag, struct page *ret, struct arena *a)
{
    struct str v;
    if (attribute(tag, "data-update-uri", &v))
        ret->update_uri = decode(v, a);
    if (attribute(tag, "data-csrf", &v) && v.n)
        ret->csrf = decode(v, a);
    struct str name;
    if (!ret->csrf.n && attribute(tag, "name", &name) &&
        ((str_is(name, "csrf-token") && attribute(tag, "content", &v)) ||
         (str_is(name, "_token") && attribute(tag, "value", &v))))
        ret->csrf = decode(v, a);
}

/* The end of a tag: '>' outside of quotes. A snapshot may hold '>' in its quoted value. */
static uint32_t tag_end(struct str html, uint32_t at)
{
    char quote = 0;
    for (; at < html.n; at++) {
        char c = html.p[at];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return at;
    }
    return html.n;
}

int page_scan(struct str html, struct arena *a, struct page *ret, struct err *err)
{
    *ret = (struct page){ .links = arena_new_array(a, struct str, PAGE_LINKS_MAX),
                          .components =
                              arena_new_array(a, struct page_component, PAGE_COMPONENTS_MAX) };
    if (!ret->links || !ret->components)
        return err_set(err, RC_NOMEM, NULL, "no memory to read a page");
    struct str start = str_trim(html);
    if (start.n && (start.p[0] == '{' || start.p[0] == '['))
        take_json(start, ret, a);
    for (uint32_t i = 0; i < html.n;) {
        const char *open = memchr(html.p + i, '<', html.n - i);
        if (!open)
            break;
        i = (uint32_t)(open - html.p) + 1;
        if (i >= html.n || !isalpha((unsigned char)html.p[i]))
            continue;
        uint32_t end = tag_end(html, i);
        struct str tag = { html.p + i, end - i };
        bool anchor = tag.n > 2 && (tag.p[0] | 32) == 'a' && isspace((unsigned char)tag.p[1]);
        if (anchor)
            take_link(tag, ret, a);
        take_component(tag, ret, a);
        struct str data;
        if (!anchor &&
            attribute(tag, "data-page", &data)) /* Inertia: the page is JSON in an attribute */
            take_json(decode(data, a), ret, a);
        if (!anchor)
            take_tokens(tag, ret, a);
        i = end;
    }
    return arena_failed(a) ? err_set(err, RC_NOMEM, NULL, "a page is too large to be read") : RC_OK;
}

struct str page_link_path(struct str link, const char *host)
{
    static const struct str none = { "", 0 };
    struct str rest = link;
    if (str_starts(link, "http://") || str_starts(link, "https://"))
        rest = str_sub(link, link.p[4] == 's' ? 8 : 7, link.n);
    else if (str_starts(link, "//"))
        rest = str_sub(link, 2, link.n);
    else
        return link.n && link.p[0] == '/' ? link : none;
    size_t n = strlen(host);
    if (rest.n < n || memcmp(rest.p, host, n) != 0)
        return none;
    rest = str_sub(rest, (uint32_t)n, rest.n);
    if (!rest.n)
        return STR("/");
    return rest.p[0] == '/' ? rest : none;
}
