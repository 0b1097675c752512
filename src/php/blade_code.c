/* Where a piece of PHP code ends: brackets, strings, comments and heredocs are seen, nothing else.
 */
#include "php/blade.h"

#include <ctype.h>

static uint32_t skip_quoted(struct str s, uint32_t i, uint32_t stop)
{
    char quote = s.p[i++];
    for (; i < stop && s.p[i] != quote; i++)
        if (s.p[i] == '\\')
            i++;
    return i < stop ? i + 1 : stop;
}

static uint32_t find(struct str s, uint32_t from, uint32_t stop, const char *what)
{
    const char *p = from < stop ? memmem(s.p + from, stop - from, what, strlen(what)) : NULL;
    return p ? (uint32_t)(p - s.p) : stop;
}

static uint32_t skip_line(struct str s, uint32_t i, uint32_t stop)
{
    for (; i < stop && s.p[i] != '\n'; i++)
        if (s.p[i] == '?' && i + 1 < stop && s.p[i + 1] == '>')
            return i;
    return i;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c & 0x80;
}

static uint32_t skip_heredoc(struct str s, uint32_t i, uint32_t stop)
{
    uint32_t at = i + 3;
    while (at < stop && (s.p[at] == ' ' || s.p[at] == '\t'))
        at++;
    if (at < stop && (s.p[at] == '\'' || s.p[at] == '"'))
        at++;
    uint32_t word = at;
    while (at < stop && is_word(s.p[at]))
        at++;
    struct str id = str_sub(s, word, at - word);
    if (!id.n)
        return i;
    for (uint32_t line = find(s, at, stop, "\n"); line < stop;
         line = find(s, line + 1, stop, "\n")) {
        uint32_t p = line + 1;
        while (p < stop && (s.p[p] == ' ' || s.p[p] == '\t'))
            p++;
        if (p + id.n <= stop && memcmp(s.p + p, id.p, id.n) == 0 &&
            (p + id.n == stop || !is_word(s.p[p + id.n])))
            return p + id.n;
    }
    return stop;
}

uint32_t code_skip(struct str s, uint32_t i, uint32_t stop)
{
    char c = s.p[i], next = i + 1 < stop ? s.p[i + 1] : 0;
    if (c == '\'' || c == '"' || c == '`')
        return skip_quoted(s, i, stop);
    if (c == '/' && next == '*') {
        uint32_t end = find(s, i + 2, stop, "*/");
        return end < stop ? end + 2 : stop;
    }
    if ((c == '/' && next == '/') || (c == '#' && next != '['))
        return skip_line(s, i, stop);
    if (c == '<' && next == '<' && i + 2 < stop && s.p[i + 2] == '<')
        return skip_heredoc(s, i, stop);
    return i;
}

uint32_t code_close(struct code *c, uint32_t open)
{
    struct str s = c->src;
    uint32_t depth = 0;
    uint64_t room = c->budget;
    for (uint32_t i = open; i < s.n;) {
        uint32_t next = code_skip(s, i, s.n);
        if (next == i) {
            char ch = s.p[i];
            next++;
            if (ch == '(' || ch == '[' || ch == '{')
                depth++;
            else if ((ch == ')' || ch == ']' || ch == '}') && --depth == 0)
                return next;
        }
        if (next - open > room)
            break;
        i = next;
    }
    code_spend(c, s.n - open);
    return 0;
}

uint32_t code_php_end(struct code *c, uint32_t from)
{
    struct str s = c->src;
    for (uint32_t i = from; i < s.n;) {
        if (s.p[i] == '?' && i + 1 < s.n && s.p[i + 1] == '>')
            return i;
        uint32_t next = code_skip(s, i, s.n);
        i = next == i ? i + 1 : next;
    }
    return s.n;
}

bool code_balanced(struct code *c, uint32_t from, uint32_t to)
{
    struct str s = c->src;
    char stack[64];
    uint32_t depth = 0;
    for (uint32_t i = from; i < to;) {
        uint32_t next = code_skip(s, i, to);
        if (next > i) {
            bool quoted = s.p[i] == '\'' || s.p[i] == '"' || s.p[i] == '`';
            if (quoted && (next == i + 1 || s.p[next - 1] != s.p[i]))
                return false;
            i = next;
            continue;
        }
        char ch = s.p[i++];
        if (ch == '(' || ch == '[' || ch == '{') {
            if (depth == sizeof stack)
                return true; /* deep: let the parser judge */
            stack[depth++] = ch == '(' ? ')' : (char)(ch + 2);
        } else if ((ch == ')' || ch == ']' || ch == '}') && (!depth || stack[--depth] != ch)) {
            return false;
        }
    }
    return depth == 0;
}

/* The first place outside brackets where `hit` says so, or `to`. */
static uint32_t top_level(struct code *c, uint32_t from, uint32_t to,
                          bool (*hit)(struct str s, uint32_t i, uint32_t to))
{
    struct str s = c->src;
    uint32_t depth = 0;
    for (uint32_t i = from; i < to;) {
        uint32_t next = code_skip(s, i, to);
        if (next > i) {
            i = next;
            continue;
        }
        char ch = s.p[i];
        if (!depth && hit(s, i, to))
            return i;
        if (ch == '(' || ch == '[' || ch == '{')
            depth++;
        else if (ch == ')' || ch == ']' || ch == '}')
            depth -= depth > 0;
        i++;
    }
    return to;
}

static bool is_comma(struct str s, uint32_t i, uint32_t to)
{
    (void)to;
    return s.p[i] == ',';
}

static bool is_as(struct str s, uint32_t i, uint32_t to)
{
    return i && i + 2 < to && (s.p[i] | 32) == 'a' && (s.p[i + 1] | 32) == 's' &&
           !is_word(s.p[i - 1]) && s.p[i - 1] != '$' && s.p[i - 1] != '>' && !is_word(s.p[i + 2]);
}

uint32_t code_comma(struct code *c, uint32_t from, uint32_t to)
{
    return top_level(c, from, to, is_comma);
}

uint32_t code_as(struct code *c, uint32_t from, uint32_t to)
{
    return top_level(c, from, to, is_as);
}
