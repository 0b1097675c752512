/* The lexer. Every dialect's quoting in one place, because a wrong guess at a quote swallows the
 * rest of the text: SQLite lang_expr.html and lang_comment.html; PostgreSQL 4.1 "Lexical
 * Structure"; MySQL 9.1 "Literal Values" and 9.7 "Comments". */
#include "sql/token.h"

#include <strings.h>

enum class_ { C_OTHER, C_SPACE, C_WORD, C_DIGIT, C_OP };

static const uint8_t char_class[256] = {
    [0] = C_SPACE,          ['\t'] = C_SPACE, ['\n'] = C_SPACE,       ['\v'] = C_SPACE,
    ['\f'] = C_SPACE,       ['\r'] = C_SPACE, [' '] = C_SPACE,        ['a' ... 'z'] = C_WORD,
    ['A' ... 'Z'] = C_WORD, ['_'] = C_WORD,   [128 ... 255] = C_WORD, ['0' ... '9'] = C_DIGIT,
    ['+'] = C_OP,           ['-'] = C_OP,     ['*'] = C_OP,           ['/'] = C_OP,
    ['<'] = C_OP,           ['>'] = C_OP,     ['='] = C_OP,           ['~'] = C_OP,
    ['!'] = C_OP,           ['@'] = C_OP,     ['#'] = C_OP,           ['%'] = C_OP,
    ['^'] = C_OP,           ['&'] = C_OP,     ['|'] = C_OP,
};

static inline uint8_t class_of(char c)
{
    return char_class[(unsigned char)c];
}

static inline bool is_word(char c)
{
    uint8_t k = class_of(c);
    return k == C_WORD || k == C_DIGIT || c == '$';
}

/* Words that are lowered in a shape and never taken for a name. By length, so that most words are
 * told apart by one comparison. */
static const char *const keywords_2[] = { "as", "by", "do", "if", "in", "is",
                                          "of", "on", "or", "to", 0 };
static const char *const keywords_3[] = { "add", "all", "and", "any", "asc", "end",
                                          "for", "not", "set", "use", 0 };
static const char *const keywords_4[] = { "case", "cast", "cube", "desc", "drop", "else", "exec",
                                          "from", "full", "glob", "into", "join", "left", "like",
                                          "lock", "next", "null", "only", "over", "rows", "show",
                                          "some", "then", "true", "when", "with", 0 };
static const char *const keywords_5[] = { "alter", "begin", "cross", "exist", "false",
                                          "fetch", "first", "group", "ilike", "index",
                                          "inner", "limit", "match", "nulls", "order",
                                          "outer", "range", "right", "share", "start",
                                          "table", "union", "using", "where", 0 };
static const char *const keywords_6[] = { "commit", "create", "delete", "escape", "except",
                                          "exists", "having", "ignore", "insert", "isnull",
                                          "nowait", "offset", "pragma", "regexp", "rollup",
                                          "select", "unique", "update", "values", "window",
                                          0 };
static const char *const keywords_7[] = { "against", "analyze", "between", "collate",
                                          "default", "explain", "lateral", "natural",
                                          "nothing", "notnull", "primary", "release",
                                          "replace", "similar", "trigger", 0 };
static const char *const keywords_8[] = { "conflict", "distinct", "interval",
                                          "rollback", "truncate", 0 };
static const char *const keywords_9[] = { "current_d",
                                          "duplicate",
                                          "following",
                                          "intersect",
                                          "partition",
                                          "preceding",
                                          "recursive",
                                          "returning",
                                          "savepoint",
                                          "unbounded",
                                          0 };
static const char *const *const keywords[] = { 0,          0,          keywords_2, keywords_3,
                                               keywords_4, keywords_5, keywords_6, keywords_7,
                                               keywords_8, keywords_9 };

bool sql_is_keyword(const char *p, uint32_t n)
{
    if (n < 2 || n >= sizeof keywords / sizeof *keywords)
        return n == 11 && strncasecmp(p, "transaction", 11) == 0;
    char lower[16];
    for (uint32_t i = 0; i < n; i++)
        lower[i] =
            (char)(p[i] | 0x20); /* other bytes change too, and match no keyword: all are letters */
    for (const char *const *k = keywords[n]; *k; k++)
        if ((*k)[0] == lower[0] && memcmp(*k, lower, n) == 0)
            return true;
    return false;
}

void sql_lex_start(struct sql_lexer *l, struct str sql, enum dialect dialect)
{
    if (dialect == DIALECT_UNKNOWN && sql.n && memchr(sql.p, '`', sql.n))
        dialect = DIALECT_MYSQL;
    *l = (struct sql_lexer){ sql.p, sql.n, 0, dialect };
}

static uint32_t skip_line(const struct sql_lexer *l, uint32_t i)
{
    const char *end = i < l->n ? memchr(l->p + i, '\n', l->n - i) : NULL;
    return end ? (uint32_t)(end - l->p) + 1 : l->n;
}

static uint32_t skip_block(const struct sql_lexer *l, uint32_t i)
{
    unsigned depth = 1; /* PostgreSQL nests */
    for (i += 2; i + 1 < l->n; i++) {
        if (l->p[i] == '*' && l->p[i + 1] == '/') {
            i++;
            if (!--depth)
                return i + 1;
        } else if (l->dialect == DIALECT_PGSQL && l->p[i] == '/' && l->p[i + 1] == '*') {
            i++;
            depth++;
        }
    }
    return l->n;
}

/* Steps over white space and comments; true when there was any. */
static bool skip_blank(struct sql_lexer *l)
{
    uint32_t start = l->at, i = start;
    while (i < l->n) {
        char c = l->p[i], next = i + 1 < l->n ? l->p[i + 1] : 0;
        if (class_of(c) == C_SPACE)
            i++;
        else if (c == '-' && next == '-' &&
                 (l->dialect != DIALECT_MYSQL || i + 2 >= l->n || class_of(l->p[i + 2]) == C_SPACE))
            i = skip_line(l, i);
        else if (c == '#' && l->dialect == DIALECT_MYSQL)
            i = skip_line(l, i);
        else if (c == '/' && next == '*')
            i = skip_block(l, i);
        else
            break;
    }
    l->at = i;
    return i != start;
}

/* `i` is after the opening quote; returns the place after the closing one. A doubled quote stands
 * for itself. */
static uint32_t skip_quoted(const struct sql_lexer *l, uint32_t i, char quote, bool backslash)
{
    while (i < l->n) {
        if (backslash && l->p[i] == '\\') {
            i += 2;
        } else if (l->p[i] == quote) {
            if (i + 1 < l->n && l->p[i + 1] == quote)
                i += 2;
            else
                return i + 1;
        } else {
            i++;
        }
    }
    return l->n;
}

static uint32_t skip_digits(const struct sql_lexer *l, uint32_t i)
{
    while (i < l->n && class_of(l->p[i]) == C_DIGIT)
        i++;
    return i;
}

static uint32_t skip_word(const struct sql_lexer *l, uint32_t i)
{
    while (i < l->n && is_word(l->p[i]))
        i++;
    return i;
}

static uint32_t skip_number(const struct sql_lexer *l, uint32_t i)
{
    if (l->p[i] == '0' && i + 1 < l->n && (l->p[i + 1] | 0x20) == 'x')
        return skip_word(l, i + 2);
    i = skip_digits(l, i);
    if (i < l->n && l->p[i] == '.')
        i = skip_digits(l, i + 1);
    if (i < l->n && (l->p[i] | 0x20) == 'e') {
        uint32_t j = i + 1;
        if (j < l->n && (l->p[j] == '+' || l->p[j] == '-'))
            j++;
        if (j < l->n && class_of(l->p[j]) == C_DIGIT)
            return skip_digits(l, j);
    }
    return i;
}

/* $tag$ ... $tag$; 0: not one. */
static uint32_t skip_dollar(const struct sql_lexer *l, uint32_t i)
{
    uint32_t j = i + 1;
    while (j < l->n && l->p[j] != '$' && is_word(l->p[j]))
        j++;
    if (j >= l->n || l->p[j] != '$')
        return 0;
    uint32_t tag = j + 1 - i;
    const char *end = memmem(l->p + j + 1, l->n - j - 1, l->p + i, tag);
    return end ? (uint32_t)(end - l->p) + tag : l->n;
}

static uint8_t lex_dollar(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    if (i + 1 < l->n && class_of(l->p[i + 1]) == C_DIGIT) {
        *end = skip_digits(l, i + 1);
        return TK_PARAM;
    }
    *end = l->dialect == DIALECT_SQLITE ? 0 : skip_dollar(l, i);
    if (*end)
        return TK_STRING;
    *end = skip_word(l, i + 1);
    return *end > i + 1 ? TK_PARAM : TK_OP;
}

static uint8_t lex_colon(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    *end = i + 1;
    if (*end < l->n && (l->p[*end] == ':' || l->p[*end] == '=')) { /* cast, assignment */
        (*end)++;
        return TK_OP;
    }
    *end = skip_word(l, i + 1);
    return *end > i + 1 ? TK_PARAM : TK_OP;
}

static uint8_t lex_question(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    char next = i + 1 < l->n ? l->p[i + 1] : 0;
    if (l->dialect == DIALECT_PGSQL && (next == '|' || next == '&') &&
        !(i + 2 < l->n && l->p[i + 2] == '|')) { /* jsonb ?| and ?&, but not ? || */
        *end = i + 2;
        return TK_OP;
    }
    *end = skip_digits(l, i + 1);
    return TK_PARAM;
}

static uint8_t lex_op(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    static const char *const longest[] = { "->>", "#>>", "<=>", "<->", "<#>", "!~*", "||", "<=",
                                           ">=",  "<>",  "!=",  "==",  "->",  "#>",  "@>", "<@",
                                           "@@",  "&&",  "~*",  "!~",  "<<",  ">>",  "~~", "#-" };
    bool alone = i + 1 >= l->n || class_of(l->p[i + 1]) != C_OP;
    for (size_t k = 0; !alone && k < sizeof longest / sizeof *longest; k++) {
        size_t n = strlen(longest[k]);
        if (l->n - i >= n && memcmp(l->p + i, longest[k], n) == 0) {
            *end = i + (uint32_t)n;
            return TK_OP;
        }
    }
    *end = i + 1;
    if (l->p[i] == '@' && *end < l->n && class_of(l->p[*end]) == C_WORD) {
        *end = skip_word(l, *end);
        return l->dialect == DIALECT_MYSQL ? TK_WORD : TK_PARAM;
    }
    return TK_OP;
}

/* A word, or a string with a prefix: E'', x'', b'', N'', U&'', _utf8''. */
static uint8_t lex_word(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    uint32_t j = skip_word(l, i + 1);
    *end = j;
    if (j >= l->n)
        return TK_WORD;
    char first = (char)(l->p[i] | 0x20);
    if (l->p[j] == '\'' && j == i + 1 && strchr("exbn", first)) {
        *end = skip_quoted(l, j + 1, '\'', first == 'e' || l->dialect == DIALECT_MYSQL);
        return TK_STRING;
    }
    if (l->p[j] == '\'' && l->p[i] == '_' && l->dialect == DIALECT_MYSQL) {
        *end = skip_quoted(l, j + 1, '\'', true);
        return TK_STRING;
    }
    if (j == i + 1 && first == 'u' && l->n - j >= 2 && l->p[j] == '&' && l->p[j + 1] == '\'') {
        *end = skip_quoted(l, j + 2, '\'', false);
        return TK_STRING;
    }
    return TK_WORD;
}

static uint8_t lex_at(const struct sql_lexer *l, uint32_t i, uint32_t *end)
{
    char c = l->p[i];
    *end = i + 1;
    switch (c) {
    case '(':
        return TK_OPEN;
    case ')':
        return TK_CLOSE;
    case ',':
        return TK_COMMA;
    case ';':
        return TK_SEMI;
    case '?':
        return lex_question(l, i, end);
    case ':':
        return lex_colon(l, i, end);
    case '$':
        return lex_dollar(l, i, end);
    case '\'':
        *end = skip_quoted(l, i + 1, c, l->dialect == DIALECT_MYSQL);
        return TK_STRING;
    case '"':
        *end = skip_quoted(l, i + 1, c, l->dialect == DIALECT_MYSQL);
        return l->dialect == DIALECT_MYSQL ? TK_STRING : TK_QUOTED;
    case '`':
        *end = skip_quoted(l, i + 1, c, false);
        return TK_QUOTED;
    case '[': /* a subscript in PostgreSQL, an identifier in SQLite */
        if (l->dialect == DIALECT_PGSQL)
            return TK_OPEN;
        if (l->dialect == DIALECT_MYSQL)
            return TK_OP;
        *end = skip_quoted(l, i + 1, ']', false);
        return TK_QUOTED;
    case ']':
        return l->dialect == DIALECT_PGSQL ? TK_CLOSE : TK_OP;
    case '.':
        if (i + 1 >= l->n || class_of(l->p[i + 1]) != C_DIGIT || (i && is_word(l->p[i - 1])))
            return TK_DOT;
        *end = skip_number(l, i);
        return TK_NUMBER;
    }
    switch (class_of(c)) {
    case C_WORD:
        return lex_word(l, i, end);
    case C_DIGIT:
        *end = skip_number(l, i);
        return TK_NUMBER;
    default:
        return lex_op(l, i, end);
    }
}

bool sql_lex(struct sql_lexer *l, struct sql_token *ret)
{
    bool spaced = skip_blank(l);
    if (l->at >= l->n) {
        *ret = (struct sql_token){ .off = l->n, .kind = TK_END, .spaced = spaced };
        return false;
    }
    uint32_t end, start = l->at;
    uint8_t kind = lex_at(l, start, &end);
    if (end > l->n) /* a backslash as the last byte */
        end = l->n;
    l->at = end;
    *ret =
        (struct sql_token){ start, end - start, kind,
                            kind == TK_WORD && sql_is_keyword(l->p + start, end - start), spaced };
    return true;
}

struct str sql_unquote(struct str t)
{
    uint32_t i = 0;
    while (i < t.n && !strchr("'\"`[", t.p[i]))
        i++;
    if (i >= t.n)
        return t;
    char close = t.p[i] == '[' ? ']' : t.p[i];
    struct str s = { t.p + i + 1, t.n - i - 1 };
    if (s.n && s.p[s.n - 1] == close)
        s.n--;
    return s;
}
