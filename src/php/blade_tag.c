/* Component tags and their attributes, as Laravel's ComponentTagCompiler understands them; a little
 * more generous where it would leave text behind. */
#include "php/blade.h"

#include <ctype.h>

static bool has_prefix(struct str s, uint32_t at, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n - at >= n && memcmp(s.p + at, prefix, n) == 0;
}

/* Length of the prefix that makes a tag a component, 0: plain HTML. `at` is past `<` or `</`. */
static uint32_t prefix_length(struct str s, uint32_t at)
{
    if (has_prefix(s, at, "x-") || has_prefix(s, at, "x:"))
        return 2;
    if (has_prefix(s, at, "livewire:"))
        return 9;
    return has_prefix(s, at, "flux:") ? 5 : 0;
}

bool is_component_tag(struct str src, uint32_t at)
{
    if (at + 3 >= src.n)
        return false;
    uint32_t name = at + 1 + (src.p[at + 1] == '/'), n = prefix_length(src, name);
    return n && name + n < src.n &&
           (isalnum((unsigned char)src.p[name + n]) || src.p[name + n] & 0x80);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == ':' || c == '.' || c == '_' || c & 0x80;
}

/* The echo that begins at i and ends before `to`. */
static bool echo_at(struct str src, uint32_t i, uint32_t to, struct echo *ret)
{
    bool raw = i + 3 < to && memcmp(src.p + i, "{!!", 3) == 0;
    if (!raw && !(i + 3 < to && src.p[i] == '{' && src.p[i + 1] == '{'))
        return false;
    uint32_t code = i + (raw ? 3 : 2);
    const char *end = memmem(src.p + code, to - code, raw ? "!!}" : "}}", raw ? 3 : 2);
    if (!end)
        return false;
    uint32_t code_end = (uint32_t)(end - src.p);
    *ret = (struct echo){ i, code_end + (raw ? 3 : 2), code, code_end };
    return true;
}

static bool begins_echo(struct str src, uint32_t i)
{
    return has_prefix(src, i, "{{") || has_prefix(src, i, "{!!");
}

bool echo_next(struct str src, uint32_t from, uint32_t to, struct echo *ret)
{
    for (uint32_t i = from; i + 3 < to; i++)
        if (begins_echo(src, i))
            return echo_at(src, i, to, ret);
    return false;
}

/* Past the value that begins at i; an echo inside may hold the quote, if it ends on its line. */
static uint32_t value_end(struct str s, uint32_t i, char quote)
{
    uint32_t line = i; /* end of the line that i is in, once it was needed */
    bool echoes = true;
    while (i < s.n && s.p[i] != quote) {
        struct echo e;
        if (s.p[i] == '{' && begins_echo(s, i)) {
            if (line <= i) {
                const char *end = memchr(s.p + i, '\n', s.n - i);
                line = end ? (uint32_t)(end - s.p) : s.n;
                echoes = true;
            }
            echoes = echoes && echo_at(s, i, line, &e);
            if (echoes) {
                i = e.end;
                continue;
            }
        }
        i++;
    }
    return i;
}

static void add_attr(struct blade *b, struct attr a)
{
    if (!vec_push_max(&b->attrs, a, 1 << 20))
        b->rc = RC_LIMIT;
}

static void set_value(struct blade *b, struct code *c, struct attr *a, uint32_t from, uint32_t to)
{
    struct echo e;
    bool bound = a->name_n && b->src.p[a->name] == ':';
    bool escaped = a->name_n > 1 && bound && b->src.p[a->name + 1] == ':';
    bool echoes = echo_next(b->src, from, to, &e);
    a->name += bound;
    a->name_n -= bound;
    a->value = from;
    a->value_end = to;
    a->kind = echoes ? A_ECHOES : A_TEXT;
    if (!bound || escaped || !str_trim(blade_text(b, from, to)).n)
        return;
    bool begins_with_echo =
        echoes && !str_trim(blade_text(b, from, e.at)).n; /* a mistake, often made */
    a->kind = begins_with_echo ? A_ECHOES : A_BOUND;
    a->bad = !begins_with_echo && !code_balanced(c, from, to);
}

/* name, name="v", :name="code", ::name="v", :$name. Returns past it. */
static uint32_t read_named(struct blade *b, struct code *c, uint32_t i)
{
    struct str s = b->src;
    struct attr a = { .kind = A_BARE, .name = i };
    while (i < s.n && !isspace((unsigned char)s.p[i]) && !memchr("=>\"'", s.p[i], 4) &&
           !(s.p[i] == '/' && i + 1 < s.n && s.p[i + 1] == '>'))
        i++;
    a.name_n = i - a.name;
    if (!a.name_n)
        return i + 1;
    uint32_t equals = i;
    while (equals < s.n && isspace((unsigned char)s.p[equals]))
        equals++;
    if (equals >= s.n || s.p[equals] != '=') {
        if (a.name_n > 2 && s.p[a.name] == ':' && s.p[a.name + 1] == '$') {
            a.kind = A_SHORT;
            a.name += 2;
            a.name_n -= 2;
        }
        add_attr(b, a);
        return i;
    }
    i = equals + 1;
    while (i < s.n && isspace((unsigned char)s.p[i]))
        i++;
    if (i < s.n && (s.p[i] == '"' || s.p[i] == '\'')) {
        uint32_t end = value_end(s, i + 1, s.p[i]);
        set_value(b, c, &a, i + 1, end);
        i = end + 1;
    } else {
        struct echo e;
        uint32_t end = i;
        if (i < s.n && begins_echo(s, i) && c->budget && echo_at(s, i, s.n, &e))
            end = e.end;
        while (end < s.n && !isspace((unsigned char)s.p[end]) && s.p[end] != '>')
            end++;
        set_value(b, c, &a, i, end);
        i = end;
    }
    add_attr(b, a);
    return i;
}

/* @class([…]) among the attributes: a piece of its own, written where the tag is. Control flow has
 * no place there and is passed over. 0: not a directive. */
static uint32_t read_directive(struct blade *b, struct code *c, uint32_t at)
{
    struct str s = b->src;
    uint32_t i = at + 1;
    while (i < s.n && (isalnum((unsigned char)s.p[i]) || s.p[i] == '_'))
        i++;
    const struct directive *d = directive_find(str_sub(s, at + 1, i - at - 1));
    uint32_t open = i;
    while (d && open < s.n && (s.p[open] == ' ' || s.p[open] == '\t'))
        open++;
    bool paren = open < s.n && s.p[open] == '(' && i > at + 1;
    uint32_t end = paren ? code_close(c, open) : 0;
    if (d && d->word != W_PLAIN)
        return end ? end : i;
    if (!end)
        return 0;
    struct piece p = { .kind = P_NESTED,
                       .word = W_PLAIN,
                       .has_args = true,
                       .at = at,
                       .end = end,
                       .name = at + 1,
                       .name_n = i - at - 1,
                       .args = open + 1,
                       .args_end = end - 1,
                       .mate = NO_PIECE };
    struct attr a = {
        .kind = A_DIRECTIVE, .name = at + 1, .name_n = i - at - 1, .piece = blade_add(b, p)
    };
    add_attr(b, a);
    return end;
}

/* One attribute at i, which is no blank; returns past it, or 0 at the end of the file. */
static uint32_t read_attr(struct blade *b, struct code *c, uint32_t i)
{
    struct str s = b->src;
    struct echo e;
    if (has_prefix(s, i, "{{--")) {
        const char *end = c->budget ? memmem(s.p + i, s.n - i, "--}}", 4) : NULL;
        return end ? (uint32_t)(end - s.p) + 4 : 0;
    }
    if (has_prefix(s, i, "<?")) {
        uint32_t end = code_php_end(c, i + 2);
        return end < s.n ? end + 2 : 0;
    }
    bool echo = s.p[i] == '{' && begins_echo(s, i) && c->budget;
    if (echo && !echo_at(s, i, s.n, &e)) {
        code_spend(c, s.n - i);
    } else if (echo) {
        struct attr a = { .kind = A_UNPACK, .value = e.code, .value_end = e.code_end };
        a.bad =
            !str_trim(blade_text(b, e.code, e.code_end)).n || !code_balanced(c, e.code, e.code_end);
        add_attr(b, a);
        return e.end;
    }
    if (s.p[i] == '@') {
        uint32_t end = read_directive(b, c, i);
        if (end)
            return end;
    }
    return read_named(b, c, i);
}

/* Attributes up to `>`; false when the file ends before. */
static bool read_attrs(struct blade *b, struct code *c, struct piece *p, uint32_t i)
{
    struct str s = b->src;
    p->attr = (uint32_t)b->attrs.n;
    while (i < s.n) {
        char ch = s.p[i];
        if (isspace((unsigned char)ch)) {
            i++;
        } else if (ch == '>' || (ch == '/' && i + 1 < s.n && s.p[i + 1] == '>')) {
            p->closed = ch == '/';
            p->end = i + 1 + (ch == '/');
            p->nattrs = (uint32_t)b->attrs.n - p->attr;
            return b->rc == RC_OK;
        } else {
            i = read_attr(b, c, i);
            if (!i)
                break;
        }
    }
    code_spend(c, s.n - p->at);
    return false;
}

static bool is_slot(struct str s, uint32_t name, uint32_t end)
{
    return has_prefix(s, name, "x-slot") && (end == name + 6 || s.p[name + 6] == ':');
}

uint32_t tag_read(struct blade *b, struct code *c, uint32_t at)
{
    struct str s = b->src;
    bool closes = s.p[at + 1] == '/';
    uint32_t name = at + 1 + closes, i = name;
    while (i < s.n && is_name_char(s.p[i]))
        i++;
    bool livewire = has_prefix(s, name, "livewire:"), slot = is_slot(s, name, i);
    struct piece p = { .at = at, .name = name, .name_n = i - name, .mate = NO_PIECE };
    if (!livewire && !has_prefix(s, name, "flux:")) {
        p.name += 2;
        p.name_n -= 2;
    } else if (livewire) {
        p.name += 9;
        p.name_n -= 9;
    }
    if (closes) {
        const char *end = c->budget ? memchr(s.p + i, '>', s.n - i) : NULL;
        if (!end) {
            code_spend(c, s.n - i);
            return 0;
        }
        p.kind = slot ? P_END_SLOT_TAG : P_END_TAG;
        p.end = (uint32_t)(end - s.p) + 1;
        if (!livewire) /* what a Livewire tag encloses simply follows it */
            blade_add(b, p);
        return p.end;
    }
    p.kind = slot ? P_SLOT_TAG : livewire ? P_LIVEWIRE_TAG : P_TAG;
    size_t attrs = b->attrs.n, pieces = b->pieces.n;
    if (!c->budget || !read_attrs(b, c, &p, i)) {
        b->attrs.n = attrs;
        b->pieces.n = pieces;
        return 0;
    }
    return blade_add(b, p) == NO_PIECE ? 0 : p.end;
}
