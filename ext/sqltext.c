/* Verbs and literals of SQL text; see sqltext.h. */
#include "sqltext.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '(';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* End of a comment that begins at i, or i. */
static size_t skip_comment(const char *p, size_t n, size_t i)
{
    if (i + 1 < n && p[i] == '-' && p[i + 1] == '-') {
        const char *e = memchr(p + i, '\n', n - i);
        return e ? (size_t)(e - p) + 1 : n;
    }
    if (i + 1 < n && p[i] == '/' && p[i + 1] == '*') {
        const char *e = memmem(p + i + 2, n - i - 2, "*/", 2);
        return e ? (size_t)(e - p) + 2 : n;
    }
    return i;
}

static bool word_is(const char *p, size_t n, const char *word)
{
    return n == strlen(word) && !strncasecmp(p, word, n);
}

static bool any_word(const char *p, size_t n, const char *const *words)
{
    for (; *words; words++) {
        if (word_is(p, n, *words))
            return true;
    }
    return false;
}

/* A WITH … statement writes if a writing verb stands in it as a word. */
static bool with_writes(const char *p, size_t n)
{
    static const char *const writes[] = { "insert", "update", "delete", "merge", NULL };
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && is_word(p[j]))
            j++;
        if (j > i && any_word(p + i, j - i, writes))
            return true;
        i = j + 1;
    }
    return false;
}

enum fettle_sql_verb fettle_sql_verb(const char *p, size_t n)
{
    static const char *const reads[] = { "select", "pragma",  "explain", "show", "describe",
                                         "values", "fetch",   "set",     "use",  "table",
                                         "desc",   "declare", NULL };
    size_t i = 0, j;
    for (;;) {
        while (i < n && is_space(p[i]))
            i++;
        j = skip_comment(p, n, i);
        if (j == i)
            break;
        i = j;
    }
    while (j < n && is_word(p[j]))
        j++;
    if (any_word(p + i, j - i, reads))
        return FETTLE_SQL_READ;
    if (word_is(p + i, j - i, "with"))
        return with_writes(p + j, n - j) ? FETTLE_SQL_WRITE : FETTLE_SQL_READ;
    if (word_is(p + i, j - i, "begin") || word_is(p + i, j - i, "start"))
        return FETTLE_SQL_BEGIN;
    if (word_is(p + i, j - i, "commit") || word_is(p + i, j - i, "end"))
        return FETTLE_SQL_COMMIT;
    if (word_is(p + i, j - i, "rollback")) {
        while (j < n && is_space(p[j]))
            j++;
        return j < n && (p[j] | 0x20) == 't' && n - j > 2 ? FETTLE_SQL_READ : FETTLE_SQL_ROLLBACK;
    }
    return word_is(p + i, j - i, "savepoint") || word_is(p + i, j - i, "release")
               ? FETTLE_SQL_READ
               : FETTLE_SQL_WRITE;
}

/* End of a quoted text that begins at i. */
static size_t skip_quoted(const char *p, size_t n, size_t i, bool backslash)
{
    char q = p[i];
    for (size_t j = i + 1; j < n; j++) {
        if (p[j] == '\\' && backslash)
            j++;
        else if (p[j] == q && j + 1 < n && p[j + 1] == q)
            j++;
        else if (p[j] == q)
            return j + 1;
    }
    return n;
}

/* End of PostgreSQL's $tag$…$tag$ that begins at i, or i. */
static size_t skip_dollar(const char *p, size_t n, size_t i)
{
    size_t j = i + 1;
    while (j < n && is_word(p[j]) && p[j] != '$')
        j++;
    if (j >= n || p[j] != '$' || (j > i + 1 && p[i + 1] >= '0' && p[i + 1] <= '9'))
        return i;
    size_t tag = j + 1 - i;
    const char *e = memmem(p + i + tag, n - i - tag, p + i, tag);
    return e ? (size_t)(e - p) + tag : n;
}

/* End of a literal that begins at i (a quote, a number), or i. What escapes a quote depends on the
 * server: taking the wrong one would let a piece of a value stand in the text. */
static size_t skip_literal(const char *p, size_t n, size_t i, bool mysql)
{
    bool after_word = i > 0 && is_word(p[i - 1]);
    if (p[i] == '\'' || (p[i] == '"' && mysql))
        return skip_quoted(
            p, n, i,
            mysql || (i > 0 && (p[i - 1] | 0x20) == 'e' && (i == 1 || !is_word(p[i - 2]))));
    if (p[i] == '$' && !mysql && !after_word)
        return skip_dollar(p, n, i);
    if (p[i] >= '0' && p[i] <= '9' && !after_word) {
        size_t j = i;
        while (j < n && (is_word(p[j]) || p[j] == '.'))
            j++;
        return j;
    }
    return i;
}

size_t fettle_sql_strip(const char *p, size_t n, char *out, size_t room, bool mysql)
{
    size_t w = 0;
    for (size_t i = 0; i < n && w < room;) {
        size_t j = skip_comment(p, n, i);
        if (j > i) {
            i = j;
            continue;
        }
        if ((p[i] == '"' && !mysql) ||
            p[i] == '`') { /* an identifier: numbers in it are its name's */
            j = skip_quoted(p, n, i, false);
            size_t m = j - i < room - w ? j - i : room - w;
            memcpy(out + w, p + i, m);
            w += m;
            i = j;
            continue;
        }
        j = skip_literal(p, n, i, mysql);
        if (j > i) {
            out[w++] = '?';
            i = j;
        } else {
            out[w++] = p[i++];
        }
    }
    return w;
}
