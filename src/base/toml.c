#include "base/toml.h"

#include "base/vec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct pair {
    const char *key, *text;
    uint32_t line;
    bool is_array; /* text is NULL; the elements are key.0, key.1 … */
    unsigned length;
};

struct toml {
    struct pair *pairs;
    unsigned n;
};

struct parser {
    struct str in;
    uint32_t at, line;
    struct arena *arena;
    struct toml *t;
    struct err *err;
    char prefix[512];
};

static int fail(struct parser *p, const char *what)
{
    return err_set(p->err, RC_PARSE, NULL, "line %u: %s", p->line, what);
}

static int peek(const struct parser *p)
{
    return p->at < p->in.n ? (unsigned char)p->in.p[p->at] : -1;
}

static bool looking_at(const struct parser *p, const char *text)
{
    size_t n = strlen(text);
    return p->in.n - p->at >= n && memcmp(p->in.p + p->at, text, n) == 0;
}

static void advance(struct parser *p)
{
    if (peek(p) == '\n')
        p->line++;
    p->at++;
}

static void skip_blanks(struct parser *p)
{
    while (peek(p) == ' ' || peek(p) == '\t')
        p->at++;
}

static void skip_comment(struct parser *p)
{
    if (peek(p) == '#')
        while (peek(p) >= 0 && peek(p) != '\n')
            p->at++;
}

/* Blanks, line ends and comments. */
static void skip_space(struct parser *p)
{
    for (;;) {
        skip_blanks(p);
        skip_comment(p);
        if (peek(p) != '\n' && peek(p) != '\r')
            return;
        advance(p);
    }
}

static struct pair *find(const struct toml *t, const char *key)
{
    for (unsigned i = t->n; i-- > 0;)
        if (!strcmp(t->pairs[i].key, key))
            return &t->pairs[i];
    return NULL;
}

static struct pair *add(struct parser *p, const char *key, const char *text)
{
    struct toml *t = p->t;
    char *copy = arena_strdup(p->arena, key);
    if (t->n == TOML_KEYS_MAX || !copy)
        return NULL;
    t->pairs[t->n] = (struct pair){ copy, text, p->line, false, 0 };
    return &t->pairs[t->n++];
}

/* --- strings --- */

static void put_utf8(struct buf *out, unsigned long c)
{
    if (c < 0x80) {
        buf_addc(out, (char)c);
    } else if (c < 0x800) {
        buf_addc(out, (char)(0xC0 | c >> 6));
        buf_addc(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_addc(out, (char)(0xE0 | c >> 12));
        buf_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_addc(out, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_addc(out, (char)(0xF0 | c >> 18));
        buf_addc(out, (char)(0x80 | (c >> 12 & 0x3F)));
        buf_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_addc(out, (char)(0x80 | (c & 0x3F)));
    }
}

static bool unicode_escape(struct parser *p, unsigned digits, struct buf *out)
{
    char hex[9] = { 0 };
    for (unsigned i = 0; i < digits; i++) {
        if (!isxdigit(peek(p) < 0 ? 0 : peek(p)))
            return false;
        hex[i] = (char)peek(p);
        p->at++;
    }
    unsigned long c = strtoul(hex, NULL, 16);
    if (!c || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return false;
    put_utf8(out, c);
    return true;
}

static bool escape(struct parser *p, bool multi, struct buf *out)
{
    static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
    int c = peek(p);
    const char *at = c > 0 ? strchr(from, c) : NULL;
    if (at) {
        buf_addc(out, to[at - from]);
        p->at++;
        return true;
    }
    if (c == 'u' || c == 'U') {
        p->at++;
        return unicode_escape(p, c == 'u' ? 4 : 8, out);
    }
    if (!multi || (c != '\n' && c != ' ' && c != '\r'))
        return false;
    while (peek(p) == '\n' || peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\r')
        advance(p); /* a line-ending backslash joins lines */
    return true;
}

static int string(struct parser *p, struct buf *out)
{
    char quote = (char)peek(p), triple[4] = { quote, quote, quote, 0 };
    bool multi = looking_at(p, triple);
    p->at += multi ? 3 : 1;
    if (multi && peek(p) == '\n')
        advance(p);
    for (;;) {
        int c = peek(p);
        if (c < 0 || (c == '\n' && !multi))
            return fail(p, "a string has no end");
        if (multi ? looking_at(p, triple) : c == quote) {
            p->at += multi ? 3 : 1;
            return RC_OK;
        }
        if (c == '\\' && quote == '"') {
            p->at++;
            if (!escape(p, multi, out))
                return fail(p, "a string has an escape that TOML does not know");
            continue;
        }
        buf_addc(out, (char)c);
        advance(p);
    }
}

/* --- keys --- */

static bool is_bare(int c)
{
    return c >= 0 && (isalnum(c) || c == '_' || c == '-');
}

/* A dotted key, appended to `out` with dots between its parts. */
static int key(struct parser *p, struct buf *out)
{
    for (;;) {
        skip_blanks(p);
        if (peek(p) == '"' || peek(p) == '\'') {
            int rc = string(p, out);
            if (rc)
                return rc;
        } else if (is_bare(peek(p))) {
            for (; is_bare(peek(p)); p->at++)
                buf_addc(out, (char)peek(p));
        } else {
            return fail(p, "a key was expected");
        }
        skip_blanks(p);
        if (peek(p) != '.')
            return RC_OK;
        p->at++;
        buf_addc(out, '.');
    }
}

/* --- values --- */

static int value(struct parser *p, const char *name, unsigned depth);

static int array(struct parser *p, const char *name, unsigned depth)
{
    struct pair *self = add(p, name, NULL);
    if (!self)
        return fail(p, "there are too many keys");
    size_t at = (size_t)(self - p->t->pairs);
    self->is_array = true;
    p->at++;
    for (unsigned i = 0;; i++) {
        skip_space(p);
        if (peek(p) == ']') {
            p->at++;
            p->t->pairs[at].length = i;
            return RC_OK;
        }
        char *element = arena_printf(p->arena, "%s.%u", name, i);
        int rc = element ? value(p, element, depth + 1) : fail(p, "no memory");
        if (rc)
            return rc;
        skip_space(p);
        if (peek(p) == ',')
            p->at++;
        else if (peek(p) != ']')
            return fail(p, "an array has no end");
    }
}

static int assignment(struct parser *p, const char *prefix, unsigned depth);

static int inline_table(struct parser *p, const char *name, unsigned depth)
{
    p->at++;
    for (;;) {
        skip_space(p);
        if (peek(p) == '}') {
            p->at++;
            return RC_OK;
        }
        int rc = assignment(p, name, depth + 1);
        if (rc)
            return rc;
        skip_space(p);
        if (peek(p) == ',')
            p->at++;
        else if (peek(p) != '}')
            return fail(p, "an inline table has no end");
    }
}

static int scalar(struct parser *p, const char *name)
{
    uint32_t from = p->at;
    while (peek(p) >= 0 && !strchr(",]}#\r\n", peek(p)))
        p->at++;
    struct str text = str_trim((struct str){ p->in.p + from, p->at - from });
    if (!text.n)
        return fail(p, "a value was expected");
    const char *copy = arena_strndup(p->arena, text.p, text.n);
    return copy && add(p, name, copy) ? RC_OK : fail(p, "there are too many keys");
}

static int value(struct parser *p, const char *name, unsigned depth)
{
    if (depth > TOML_DEPTH_MAX)
        return fail(p, "values are nested too deeply");
    if (peek(p) == '[')
        return array(p, name, depth);
    if (peek(p) == '{')
        return inline_table(p, name, depth);
    if (peek(p) != '"' && peek(p) != '\'')
        return scalar(p, name);
    auto_buf text = BUF_INIT(1 << 20);
    int rc = string(p, &text);
    if (rc)
        return rc;
    const char *copy = arena_strdup(p->arena, buf_cstr(&text));
    return copy && add(p, name, copy) ? RC_OK : fail(p, "there are too many keys");
}

static int assignment(struct parser *p, const char *prefix, unsigned depth)
{
    auto_buf name = BUF_INIT(4096);
    if (*prefix)
        buf_addf(&name, "%s.", prefix);
    int rc = key(p, &name);
    if (rc)
        return rc;
    if (peek(p) != '=')
        return fail(p, "an = was expected after the key");
    p->at++;
    skip_blanks(p);
    if (name.failed || find(p->t, buf_cstr(&name)))
        return fail(p, "a key is given twice, or is too long");
    return value(p, buf_cstr(&name), depth);
}

static int table_header(struct parser *p)
{
    bool list = looking_at(p, "[[");
    auto_buf name = BUF_INIT(sizeof p->prefix - 16);
    p->at += list ? 2 : 1;
    int rc = key(p, &name);
    if (rc)
        return rc;
    if (name.failed || !looking_at(p, list ? "]]" : "]"))
        return fail(p, "a table's name has no end");
    p->at += list ? 2 : 1;
    if (!list) {
        snprintf(p->prefix, sizeof p->prefix, "%s", buf_cstr(&name));
        return RC_OK;
    }
    struct pair *self = find(p->t, buf_cstr(&name));
    if (!self)
        self = add(p, buf_cstr(&name), NULL);
    if (!self || self->text)
        return fail(p, "a list of tables has the name of a value");
    self->is_array = true;
    snprintf(p->prefix, sizeof p->prefix, "%s.%u", buf_cstr(&name), self->length++);
    return RC_OK;
}

int toml_parse(struct str text, struct arena *arena, struct toml **ret, struct err *err)
{
    struct toml *t = arena_new_one(arena, struct toml);
    if (!t || !(t->pairs = arena_new_array(arena, struct pair, TOML_KEYS_MAX)))
        return err_set(err, RC_NOMEM, NULL, "no memory to read the settings");
    struct parser p = { .in = text, .line = 1, .arena = arena, .t = t, .err = err };
    for (;;) {
        skip_space(&p);
        if (peek(&p) < 0)
            break;
        int rc = peek(&p) == '[' ? table_header(&p) : assignment(&p, p.prefix, 0);
        if (rc)
            return rc;
        skip_blanks(&p);
        skip_comment(&p);
        if (peek(&p) >= 0 && peek(&p) != '\n' && peek(&p) != '\r')
            return fail(&p, "something stands after the value");
    }
    *ret = t;
    return RC_OK;
}

const char *toml_text(const struct toml *t, const char *name, const char *fallback)
{
    const struct pair *p = find(t, name);
    return p && p->text ? p->text : fallback;
}

double toml_number(const struct toml *t, const char *name, double fallback)
{
    const char *text = toml_text(t, name, NULL);
    char *end;
    double v = text ? strtod(text, &end) : 0;
    return text && end != text && !*end ? v : fallback;
}

bool toml_bool(const struct toml *t, const char *name, bool fallback)
{
    const char *text = toml_text(t, name, NULL);
    return text && !strcmp(text, "true") ? true : text && !strcmp(text, "false") ? false : fallback;
}

bool toml_has(const struct toml *t, const char *name)
{
    size_t n = strlen(name);
    for (unsigned i = 0; i < t->n; i++)
        if (!strncmp(t->pairs[i].key, name, n) && (!t->pairs[i].key[n] || t->pairs[i].key[n] == '.'))
            return true;
    return false;
}

unsigned toml_length(const struct toml *t, const char *name)
{
    const struct pair *p = find(t, name);
    return p && p->is_array ? p->length : 0;
}

uint32_t toml_line(const struct toml *t, const char *name)
{
    const struct pair *p = find(t, name);
    return p ? p->line : 0;
}

unsigned toml_count(const struct toml *t)
{
    return t->n;
}

const char *toml_key(const struct toml *t, unsigned i)
{
    return i < t->n ? t->pairs[i].key : NULL;
}
