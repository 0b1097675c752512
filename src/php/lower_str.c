/* String literals: escapes undone, interpolation, heredoc without its indentation. */
#include "php/lower.h"

struct str unescape_single(struct arena *arena, struct str body)
{
    if (!body.n || !memchr(body.p, '\\', body.n))
        return body;
    char *p = arena_alloc(arena, body.n);
    uint32_t n = 0;
    for (uint32_t i = 0; p && i < body.n; i++) {
        if (body.p[i] == '\\' && i + 1 < body.n && (body.p[i + 1] == '\\' || body.p[i + 1] == '\''))
            i++;
        p[n++] = body.p[i];
    }
    return p ? (struct str){ p, n } : body;
}

static uint32_t put_utf8(char *p, uint32_t c)
{
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (char)(0xc0 | c >> 6);
        p[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (char)(0xe0 | c >> 12);
        p[1] = (char)(0x80 | (c >> 6 & 63));
        p[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    p[0] = (char)(0xf0 | c >> 18);
    p[1] = (char)(0x80 | (c >> 12 & 63));
    p[2] = (char)(0x80 | (c >> 6 & 63));
    p[3] = (char)(0x80 | (c & 63));
    return 4;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Reads at most `max` digits of the base. */
static uint32_t number(struct str s, uint32_t *i, int base, uint32_t max)
{
    uint32_t value = 0;
    for (uint32_t k = 0; k < max && *i < s.n && digit(s.p[*i]) < base; k++)
        value = value * (uint32_t)base + (uint32_t)digit(s.p[(*i)++]);
    return value;
}

/* s.p[*i] is the character after the backslash; writes what both mean (never longer than the
 * source). */
static uint32_t escape(struct str s, uint32_t *i, char quote, char *out)
{
    static const char from[] = "nrtvef\\$", to[] = "\n\r\t\v\033\f\\$";
    char c = s.p[*i];
    const char *simple = strchr(from, c);
    if (c && simple) {
        ++*i;
        out[0] = to[simple - from];
        return 1;
    }
    if (c == quote && quote) {
        ++*i;
        out[0] = c;
        return 1;
    }
    if (c >= '0' && c <= '7') {
        out[0] = (char)number(s, i, 8, 3);
        return 1;
    }
    if ((c == 'x' || c == 'X') && *i + 1 < s.n && digit(s.p[*i + 1]) < 16) {
        ++*i;
        out[0] = (char)number(s, i, 16, 2);
        return 1;
    }
    if (c == 'u' && *i + 2 < s.n && s.p[*i + 1] == '{' && digit(s.p[*i + 2]) < 16) {
        uint32_t at = *i + 2, value = number(s, &at, 16, 6);
        if (at < s.n && s.p[at] == '}' && value <= 0x10ffff) {
            *i = at + 1;
            return put_utf8(out, value);
        }
    }
    out[0] = '\\';
    return 1;
}

struct str unescape_double(struct arena *arena, struct str body, char quote)
{
    if (!body.n || !memchr(body.p, '\\', body.n))
        return body;
    char *p = arena_alloc(arena, body.n + 4);
    uint32_t n = 0;
    for (uint32_t i = 0; p && i < body.n;) {
        if (body.p[i] == '\\' && i + 1 < body.n) {
            i++;
            n += escape(body, &i, quote, p + n);
        } else {
            p[n++] = body.p[i++];
        }
    }
    return p ? (struct str){ p, n } : body;
}

void lower_single_quoted(struct lower *l)
{
    TSNode n = here(l);
    struct str s = text_of(l, n);
    uint32_t prefix = s.n && (s.p[0] | 32) == 'b';
    struct str body =
        s.n >= prefix + 2 ? str_sub(s, prefix + 1, s.n - prefix - 2) : str_sub(s, 0, 0);
    add_leaf(l, E_STR, n, unescape_single(l->b.scratch, body));
}

struct text {
    uint32_t begin, end; /* of the body, in src */
    uint32_t indent;     /* of a heredoc */
    char quote;          /* 0: heredoc */
    bool raw;            /* nowdoc: no escapes */
    bool line_start;     /* the next literal piece begins a line */
    bool spliced;        /* an expression was met */
};

/* Takes up to `indent` blanks from the start of every line. */
static struct str dedent(struct arena *arena, struct str s, uint32_t indent, bool line_start)
{
    if (!indent || !s.n)
        return s;
    char *p = arena_alloc(arena, s.n);
    uint32_t n = 0, blanks = line_start ? indent : 0;
    for (uint32_t i = 0; p && i < s.n; i++) {
        if (blanks && (s.p[i] == ' ' || s.p[i] == '\t')) {
            blanks--;
            continue;
        }
        blanks = s.p[i] == '\n' ? indent : 0;
        p[n++] = s.p[i];
    }
    return p ? (struct str){ p, n } : s;
}

static struct str literal(struct lower *l, struct text *t, uint32_t from, uint32_t to)
{
    struct str s = str_sub(l->src, from, to > from ? to - from : 0);
    s = dedent(l->b.scratch, s, t->indent, t->line_start);
    t->line_start = false;
    return t->raw ? s : unescape_double(l->b.scratch, s, t->quote);
}

static void flush(struct lower *l, struct text *t, uint32_t from, uint32_t to)
{
    if (to <= from)
        return;
    uint32_t i = build_open(&l->b, E_STR, from);
    node_of(l, i)->s = build_str(&l->b, literal(l, t, from, to));
    build_close(&l->b, i, to);
}

static bool is_plain_name(struct str s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (!(s.p[i] == '_' || s.p[i] & 0x80 || (s.p[i] >= '0' && s.p[i] <= '9') ||
              ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')))
            return false;
    return s.n > 0;
}

static bool is_name_byte(char c)
{
    return is_plain_name((struct str){ &c, 1 });
}

/* "$a?->b", which the grammar takes for a variable and text. The variable is under the cursor;
 * returns past the name, or 0 when it is something else. */
static uint32_t nullsafe_part(struct lower *l)
{
    TSNode n = here(l);
    uint32_t at = ts_node_end_byte(n), name = at + 3, end = name;
    if (cst_of(l, n) != C_variable_name || at + 4 > l->src.n ||
        memcmp(l->src.p + at, "?->", 3) != 0 || !is_name_byte(l->src.p[name]) ||
        (l->src.p[name] >= '0' && l->src.p[name] <= '9'))
        return 0;
    while (end < l->src.n && is_name_byte(l->src.p[end]))
        end++;
    uint32_t i = open_at(l, E_PROP, n);
    lower_expr(l);
    node_of(l, i)->flags = F_NULLSAFE;
    node_of(l, i)->s = build_str(&l->b, str_sub(l->src, name, end - name));
    build_close(&l->b, i, end);
    return end;
}

/* "$a[key]": the key is a string there, unlike anywhere else. */
static void simple_part(struct lower *l)
{
    TSNode n = here(l);
    struct str text = text_of(l, n);
    if (str_starts(text, "${") && is_plain_name(str_sub(text, 2, text.n - 3))) {
        add_leaf(l, E_VAR, n, str_sub(text, 2, text.n - 3)); /* "${name}" is $name */
        return;
    }
    if (cst_of(l, n) != C_subscript_expression) {
        lower_expr(l);
        return;
    }
    uint32_t i = open_at(l, E_INDEX, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        if (cst_of(l, c) == C_name)
            add_leaf(l, E_STR, c, text_of(l, c));
        else if (is_named(l, c))
            lower_expr(l);
    }
    close_at(l, i, n);
}

/* Walks the children of the node under the cursor; what lies between expressions is literal text.
 */
static void parts(struct lower *l, struct text *t)
{
    uint32_t from = t->begin;
    bool braces = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        uint32_t start = ts_node_start_byte(c), end = ts_node_end_byte(c);
        if (k == C_heredoc_body) {
            parts(l, t);
            from = t->end;
        } else if (k == T_LBRACE && !braces && start >= from && end <= t->end) {
            flush(l, t, from, start);
            braces = true;
            from = end;
        } else if (k == T_RBRACE && braces) {
            braces = false;
            from = end;
        } else if (is_named(l, c) && k != C_OTHER && k != C_heredoc_start && k != C_heredoc_end) {
            if (!braces)
                flush(l, t, from, start);
            t->line_start = false;
            t->spliced = true;
            uint32_t nullsafe = braces ? 0 : nullsafe_part(l);
            if (braces)
                lower_expr(l);
            else if (!nullsafe)
                simple_part(l);
            from = nullsafe ? nullsafe : end;
        }
    }
    if (!braces)
        flush(l, t, from, t->end);
    t->begin = t->end;
}

static void interpolated(struct lower *l, struct text t)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_INTERP, n);
    struct text first = t;
    parts(l, &t);
    if (!t.spliced) { /* no expression: one plain string */
        build_drop_children(&l->b, i);
        node_of(l, i)->kind = E_STR;
        node_of(l, i)->s = build_str(&l->b, literal(l, &first, first.begin, first.end));
    }
    close_at(l, i, n);
}

void lower_double_quoted(struct lower *l)
{
    TSNode n = here(l);
    struct str s = text_of(l, n);
    uint32_t begin = ts_node_start_byte(n) + 1 + (s.n && (s.p[0] | 32) == 'b');
    uint32_t end = ts_node_end_byte(n);
    end -= s.n > 1 && s.p[s.n - 1] == '"';
    interpolated(l,
                 (struct text){ .begin = begin, .end = end < begin ? begin : end, .quote = '"' });
}

/* Backticks run a shell: as shell_exec("…"). */
void lower_shell(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_CALL, n);
    add_leaf(l, E_NAME, n, STR("shell_exec"));
    uint32_t arg = open_at(l, E_ARG, n);
    uint32_t begin = ts_node_start_byte(n) + 1, end = ts_node_end_byte(n);
    end = end > begin ? end - 1 : begin;
    interpolated(l, (struct text){ .begin = begin, .end = end, .quote = '`' });
    close_at(l, arg, n);
    close_at(l, i, n);
}

/* The body lies between the first newline and the last one; blanks before the closing word are
 * taken from every line. */
void lower_heredoc(struct lower *l)
{
    TSNode n = here(l);
    struct text t = { .raw = cst_of(l, n) == C_nowdoc, .line_start = true };
    uint32_t end = ts_node_end_byte(n);
    uint32_t start = ts_node_start_byte(n);
    const char *p = l->src.p;
    const char *newline = memchr(p + start, '\n', end - start);
    t.begin = newline ? (uint32_t)(newline - p) + 1 : end;
    uint32_t last = end;
    while (last > t.begin && p[last - 1] != '\n')
        last--;
    while (last + t.indent < end && (p[last + t.indent] == ' ' || p[last + t.indent] == '\t'))
        t.indent++;
    t.end = last > t.begin ? last - 1 : t.begin;
    if (t.end > t.begin && p[t.end - 1] == '\r')
        t.end--;
    if (t.raw)
        add_leaf(l, E_STR, n, literal(l, &t, t.begin, t.end));
    else
        interpolated(l, t);
}
