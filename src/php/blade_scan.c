/* Cuts a template into pieces. One pass; what a search did not find once is not searched for again.
 */
#include "php/blade.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { END_WORDS_MAX = 64 };

struct scan {
    struct blade *b;
    struct str s;
    struct code code;
    uint32_t i;
    bool in_tag, raw_text; /* between < and >; inside script or style */
    char quote;            /* of the attribute's value that we are in */
    bool no_close[4];      /* there is no further }}, !!}, --}}, }}} */
    bool no_endphp, no_endverbatim;
    uint32_t cut; /* where a PHP block or @verbatim ended: a word may follow it at once */
    struct str
        ends[END_WORDS_MAX]; /* X of every @endX that is not Laravel's: X is an opener then */
    uint32_t nends;
};

uint32_t blade_add(struct blade *b, struct piece p)
{
    if (b->rc == RC_OK && vec_push_max(&b->pieces, p, 1 << 20))
        return (uint32_t)b->pieces.n - 1;
    b->rc = RC_LIMIT;
    return NO_PIECE;
}

void blade_hole(struct blade *b, uint32_t at, uint32_t end)
{
    struct hole h = { .off = at, .end = end };
    (void)vec_push_max(&b->holes, h, 1000);
}

void blade_release(struct blade *b)
{
    vec_release(&b->pieces);
    vec_release(&b->attrs);
    vec_release(&b->segs);
    vec_release(&b->holes);
    buf_release(&b->out);
}

static bool looking_at(const struct scan *s, uint32_t at, const char *what)
{
    size_t n = strlen(what);
    return s->s.n - at >= n && memcmp(s->s.p + at, what, n) == 0;
}

/* Offset of `what` at or after `from`, or s.n; `memo` remembers that there is none. */
static uint32_t find(struct scan *s, uint32_t from, const char *what, bool *memo)
{
    if (*memo || from >= s->s.n)
        return s->s.n;
    const char *p = memmem(s->s.p + from, s->s.n - from, what, strlen(what));
    *memo = !p;
    return p ? (uint32_t)(p - s->s.p) : s->s.n;
}

static uint32_t find_ignoring_case(struct scan *s, uint32_t from, const char *what, bool *memo)
{
    size_t n = strlen(what);
    for (uint32_t i = from; !*memo && i + n <= s->s.n; i++)
        if (s->s.p[i] == what[0] && strncasecmp(s->s.p + i, what, n) == 0)
            return i;
    *memo = true;
    return s->s.n;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_blank(struct str s)
{
    return str_trim(s).n == 0;
}

/* --- echoes --- */

static void add_echo(struct scan *s, uint32_t at, uint32_t end, uint32_t code, uint32_t code_end)
{
    struct piece p = { .kind = P_ECHO,
                       .at = at,
                       .end = end,
                       .args = code,
                       .args_end = code_end,
                       .mate = NO_PIECE,
                       .has_args = true };
    p.bad = !code_balanced(&s->code, code, code_end);
    if (!is_blank(blade_text(s->b, code, code_end)))
        blade_add(s->b, p);
}

/* At `{{` or `{!!`; returns past the construct, or past its first byte when it has no end. */
static uint32_t scan_echo(struct scan *s, uint32_t at, bool escaped)
{
    static const char *const close[] = { "}}", "!!}", "--}}", "}}}" };
    unsigned k = looking_at(s, at, "{{--")  ? 2
                 : s->s.p[at + 1] == '!'    ? 1
                 : looking_at(s, at, "{{{") ? 3
                                            : 0;
    uint32_t code = at + (k == 2 ? 4 : k == 0 ? 2 : 3);
    uint32_t end = find(s, code, close[k], &s->no_close[k]);
    if (end == s->s.n && k == 3) { /* `{{{ x }}`: an echo after a brace */
        k = 0;
        code = ++at + 2;
        end = find(s, code, close[0], &s->no_close[0]);
    }
    if (end == s->s.n)
        return k == 2 ? s->s.n : at + 2;
    uint32_t past = end + (uint32_t)strlen(close[k]);
    if (k != 2 && !escaped)
        add_echo(s, at, past, code, end);
    return past;
}

/* --- PHP blocks --- */

static uint32_t scan_php_tag(struct scan *s, uint32_t at)
{
    bool echo = looking_at(s, at, "<?=");
    uint32_t code = at + (echo ? 3 : 5), end = code_php_end(&s->code, code);
    uint32_t past = end < s->s.n ? end + 2 : end;
    if (echo) {
        add_echo(s, at, past, code, end);
    } else {
        struct piece p = {
            .kind = P_PHP, .at = at, .end = past, .args = code, .args_end = end, .mate = NO_PIECE
        };
        blade_add(s->b, p);
    }
    return past;
}

/* @php … @endphp, or @php(expression). */
static uint32_t scan_php_directive(struct scan *s, uint32_t at, uint32_t word_end, uint32_t open)
{
    uint32_t end = find_ignoring_case(s, word_end, "@endphp", &s->no_endphp);
    uint32_t close = open ? code_close(&s->code, open) : 0;
    struct piece p = { .at = at, .mate = NO_PIECE, .has_args = true };
    uint32_t after = close;
    while (close && after < s->s.n && isspace((unsigned char)s->s.p[after]))
        after++;
    bool block = !close || after == end || (after < end && end < s->s.n && s->s.p[after] == ';');
    if (!block) {
        p.kind = P_INLINE;
        p.args = open + 1;
        p.args_end = close - 1;
        p.end = close;
    } else {
        p.kind = P_PHP;
        p.args = word_end;
        p.args_end = end;
        p.end = end < s->s.n ? end + 7 : end;
        if (end == s->s.n) { /* no end: only the word is lost */
            blade_hole(s->b, at, word_end);
            return word_end;
        }
    }
    blade_add(s->b, p);
    s->cut = p.end;
    return p.end;
}

/* --- directives --- */

static struct str lower_word(struct scan *s, uint32_t from, uint32_t to)
{
    char *p = arena_strndup(s->b->scratch, s->s.p + from, to - from);
    for (uint32_t i = 0; p && i < to - from; i++)
        p[i] = (char)tolower((unsigned char)p[i]);
    return p ? (struct str){ p, to - from } : (struct str){ "", 0 };
}

static bool is_custom_pair(const struct scan *s, struct str word)
{
    for (uint32_t i = 0; i < s->nends; i++)
        if (str_eq(s->ends[i], word))
            return true;
    return false;
}

/* A directive that is not in the table: half of a pair that the application registered, or one with
 * arguments. */
static uint8_t custom_word(const struct scan *s, struct str word, bool has_args, bool spaced)
{
    if (is_css_rule(word))
        return W_NONE;
    if (str_starts(word, "end"))
        return is_custom_pair(s, str_sub(word, 3, word.n)) ? W_ENDIF : W_NONE;
    if (str_starts(word, "else") && is_custom_pair(s, str_sub(word, 4, word.n)))
        return W_ELSECOND;
    if (is_custom_pair(s, word) ||
        (str_starts(word, "unless") && is_custom_pair(s, str_sub(word, 6, word.n))))
        return W_COND;
    return has_args && !spaced && !s->raw_text ? W_PLAIN : W_NONE;
}

/* At `@` with a word after it; returns past what it is. */
static uint32_t scan_directive(struct scan *s, uint32_t at)
{
    uint32_t word_end = at + 1;
    while (word_end < s->s.n && is_word(s->s.p[word_end]))
        word_end++;
    struct str word = lower_word(s, at + 1, word_end);
    uint32_t open = word_end;
    while (open < s->s.n && (s->s.p[open] == ' ' || s->s.p[open] == '\t'))
        open++;
    bool spaced = open > word_end, paren = open < s->s.n && s->s.p[open] == '(';
    const struct directive *d = directive_find(word);
    struct piece p = { .kind = P_DIRECTIVE,
                       .at = at,
                       .end = word_end,
                       .name = at + 1,
                       .name_n = word_end - at - 1,
                       .mate = NO_PIECE,
                       .custom = !d };
    if (d && d->word == W_PHP)
        return scan_php_directive(s, at, word_end, paren ? open : 0);
    if (d && d->word == W_VERBATIM) {
        uint32_t end = find_ignoring_case(s, word_end, "@endverbatim", &s->no_endverbatim);
        s->cut = end < s->s.n ? end + 12 : end;
        return s->cut;
    }
    uint8_t args = d ? d->args : ARGS_MAYBE;
    uint32_t close = paren && args != ARGS_NEVER ? code_close(&s->code, open) : 0;
    p.word = d ? d->word : custom_word(s, word, close != 0, spaced);
    if (p.word == W_NONE || (!paren && args == ARGS_ALWAYS))
        return word_end;
    if (close) {
        p.has_args = true;
        p.args = open + 1;
        p.args_end = close - 1;
        p.end = close;
        p.bad = !code_balanced(&s->code, p.args, p.args_end);
    } else if (paren && args == ARGS_ALWAYS) {
        blade_hole(s->b, at, open + 1);
    }
    blade_add(s->b, p);
    return p.end;
}

static uint32_t scan_at(struct scan *s, uint32_t at)
{
    bool glued = at && at != s->cut && is_word(s->s.p[at - 1]) && !looking_at(s, at, "@php");
    if (at + 1 >= s->s.n || glued)
        return at + 1;
    char next = s->s.p[at + 1];
    if (looking_at(s, at + 1, "{{") || looking_at(s, at + 1, "{!!"))
        return scan_echo(s, at + 1, true);
    if (next == '@') {
        uint32_t i = at + 2;
        while (i < s->s.n && is_word(s->s.p[i]))
            i++;
        return i;
    }
    return isalpha((unsigned char)next) || next == '_' ? scan_directive(s, at) : at + 1;
}

/* --- HTML --- */

/* wire:…, x-…, @event of a plain element. Returns past `=` and the quote, so that the value is read
 * on as part of the template; 0: not such an attribute. */
static uint32_t scan_wire(struct scan *s, uint32_t at)
{
    uint32_t name_end = at;
    while (name_end < s->s.n && !isspace((unsigned char)s->s.p[name_end]) &&
           !memchr("=>\"'/<(", s->s.p[name_end], 7))
        name_end++;
    struct piece p = { .kind = P_WIRE,
                       .at = at,
                       .name = at,
                       .name_n = name_end - at,
                       .mate = NO_PIECE,
                       .args = name_end,
                       .args_end = name_end,
                       .end = name_end };
    bool event = s->s.p[at] == '@';
    uint32_t next = name_end;
    if (next + 1 < s->s.n && s->s.p[next] == '=' &&
        (s->s.p[next + 1] == '"' || s->s.p[next + 1] == '\'')) {
        char quote = s->s.p[next + 1];
        const char *end =
            s->code.budget ? memchr(s->s.p + next + 2, quote, s->s.n - next - 2) : NULL;
        if (!end) {
            code_spend(&s->code, s->s.n - next);
            return 0;
        }
        p.args = next + 2;
        p.args_end = (uint32_t)(end - s->s.p);
        p.has_args = true;
        p.end = p.args_end + 1;
        s->quote = quote;
        next += 2;
    } else if (event) {
        return 0;
    }
    if (p.name_n < 3)
        return 0;
    blade_add(s->b, p);
    return next;
}

static bool begins_attribute(const struct scan *s, uint32_t at)
{
    return at && (isspace((unsigned char)s->s.p[at - 1]) || s->s.p[at - 1] == '"' ||
                  s->s.p[at - 1] == '\'' || s->s.p[at - 1] == '}' || s->s.p[at - 1] == ')');
}

/* Inside a tag: quotes, the end, attributes that matter. Returns past what was seen. */
static uint32_t scan_in_tag(struct scan *s, uint32_t at)
{
    char c = s->s.p[at];
    if (s->quote) {
        if (c == s->quote)
            s->quote = 0;
        return at + 1;
    }
    if (c == '>') {
        s->in_tag = false;
    } else if (c == '"' || c == '\'') {
        uint32_t before = at;
        while (before && isspace((unsigned char)s->s.p[before - 1]))
            before--;
        if (before && s->s.p[before - 1] == '=')
            s->quote = c;
    } else if ((c == 'w' || c == 'x' || c == '@') && begins_attribute(s, at)) {
        bool ours = c == '@' || looking_at(s, at, "wire:") || looking_at(s, at, "x-");
        uint32_t past = ours ? scan_wire(s, at) : 0;
        if (past)
            return past;
    }
    return at + 1;
}

/* At `<`: a PHP block, a component, an element, or text. */
static uint32_t scan_angle(struct scan *s, uint32_t at)
{
    struct str src = s->s;
    if (at + 1 >= src.n)
        return at + 1;
    if (src.p[at + 1] == '?' &&
        ((src.n - at > 4 && strncasecmp(src.p + at, "<?php", 5) == 0) || looking_at(s, at, "<?=")))
        return scan_php_tag(s, at);
    if (is_component_tag(src, at)) {
        uint32_t past = tag_read(s->b, &s->code, at);
        return past ? past : at + 1;
    }
    if (s->raw_text) {
        bool ends = src.n - at > 8 && (strncasecmp(src.p + at, "</script", 8) == 0 ||
                                       strncasecmp(src.p + at, "</style", 7) == 0);
        s->raw_text = !ends;
        return at + 1;
    }
    if (isalpha((unsigned char)src.p[at + 1]) && !s->quote) {
        s->in_tag = true;
        s->raw_text = src.n - at > 7 && (strncasecmp(src.p + at, "<script", 7) == 0 ||
                                         strncasecmp(src.p + at, "<style", 6) == 0);
    }
    return at + 1;
}

static uint32_t scan_one(struct scan *s, uint32_t at)
{
    char c = s->s.p[at];
    if (c == '{' && (looking_at(s, at, "{{") || looking_at(s, at, "{!!")))
        return scan_echo(s, at, false);
    if (c == '<')
        return scan_angle(s, at);
    if (c == '@') {
        if (s->in_tag && !s->quote && begins_attribute(s, at)) {
            uint32_t past = scan_in_tag(s, at);
            if (past > at + 1)
                return past;
        }
        return scan_at(s, at);
    }
    return s->in_tag ? scan_in_tag(s, at) : at + 1;
}

/* Remembers the X of every @endX that the table lacks. */
static void find_ends(struct scan *s)
{
    const char *p = s->s.p, *end = p + s->s.n;
    while (s->nends < END_WORDS_MAX && (p = memmem(p, (size_t)(end - p), "@end", 4))) {
        uint32_t at = (uint32_t)(p - s->s.p), to = at + 4;
        while (to < s->s.n && is_word(s->s.p[to]))
            to++;
        struct str word = lower_word(s, at + 1, to);
        struct str rest = str_sub(word, 3, word.n);
        if (rest.n && !directive_find(word) && !is_custom_pair(s, rest) && !is_css_rule(rest))
            s->ends[s->nends++] = rest;
        p += 4;
    }
}

int blade_scan(struct blade *b, struct str src, struct arena *scratch)
{
    b->src = src;
    b->scratch = scratch;
    struct scan s = { .b = b, .s = src, .code = { src, 32ull * src.n + (64 << 10) } };
    if (src.n)
        find_ends(&s);
    while (s.i < src.n && b->rc == RC_OK)
        s.i = scan_one(&s, s.i);
    if (arena_failed(scratch))
        b->rc = RC_LIMIT;
    b->nscan_holes = b->holes.n;
    blade_pair(b);
    return b->rc;
}
