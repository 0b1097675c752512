/* Fingerprints: the text of a statement with everything that varies from call to call taken out.
 * One pass, no allocation: what a later token takes back (a longer list, one more row of VALUES) is
 * undone by restoring a saved position and hash, so the hash is that of the whole normalised text
 * even where the buffer is too small for it. */
#include "sql/token.h"

struct mark {
    size_t n;      /* bytes of shape so far, counting on past the buffer */
    uint64_t hash; /* of all of them */
    uint64_t row;  /* of those since the last opening parenthesis at depth 0 */
};

struct shaper {
    const char *sql;
    char *out;
    size_t size;
    struct mark now;
    struct sql_token prev, before; /* the last two tokens that were kept */
    struct mark before_comma, before_sign;
    bool list_run; /* a ? opened this parenthesis, and only ? and commas followed */
    bool run_before_sign;
    uint32_t depth;
    struct mark end_of_row; /* after the last (...) at depth 0 */
    uint64_t row_hash;      /* its text's hash */
    bool row_follows;       /* since end_of_row only a comma came */
};

static const uint64_t HASH_START = 0xcbf29ce484222325u, HASH_STEP = 0x100000001b3u;

static inline void put(struct shaper *s, char c)
{
    if (s->now.n + 1 < s->size)
        s->out[s->now.n] = c;
    s->now.n++;
    s->now.hash = (s->now.hash ^ (unsigned char)c) * HASH_STEP;
    s->now.row = (s->now.row ^ (unsigned char)c) * HASH_STEP;
}

static void put_text(struct shaper *s, const struct sql_token *t)
{
    const char *p = s->sql + t->off;
    char lower[16];
    uint64_t hash = s->now.hash, row = s->now.row;
    if (t->keyword) { /* all letters, none longer than 11 */
        for (uint32_t i = 0; i < t->n; i++)
            lower[i] = (char)(p[i] | 0x20);
        p = lower;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        hash = (hash ^ (unsigned char)p[i]) * HASH_STEP;
        row = (row ^ (unsigned char)p[i]) * HASH_STEP;
    }
    if (s->now.n + 1 < s->size) {
        size_t room = s->size - s->now.n - 1;
        memcpy(s->out + s->now.n, p, t->n < room ? t->n : room);
    }
    s->now = (struct mark){ s->now.n + t->n, hash, row };
}

static bool token_is(const struct shaper *s, const struct sql_token *t, const char *text)
{
    return t->n == strlen(text) && memcmp(s->sql + t->off, text, t->n) == 0;
}

static bool is_tight(const struct shaper *s, const struct sql_token *t)
{
    return t->kind == TK_OP && t->n >= 2 &&
           (token_is(s, t, "::") || token_is(s, t, "->") || token_is(s, t, "->>"));
}

static bool wants_space(const struct shaper *s, const struct sql_token *t)
{
    uint8_t a = s->prev.kind, b = t->kind;
    if (a == TK_END || a == TK_OPEN || a == TK_DOT || b == TK_CLOSE || b == TK_COMMA ||
        b == TK_DOT || b == TK_SEMI)
        return false;
    if (is_tight(s, t) || is_tight(s, &s->prev))
        return false;
    if (b == TK_OPEN)
        return t->spaced || s->prev.keyword || a == TK_OP || a == TK_COMMA;
    return true;
}

static void keep(struct shaper *s, struct sql_token t)
{
    if (wants_space(s, &t))
        put(s, ' ');
    if (t.kind == TK_PARAM)
        put(s, '?');
    else
        put_text(s, &t);
    s->before = s->prev;
    s->prev = t;
}

/* A literal that says which field is meant, not which row: the path of a JSON operator or function.
 */
static bool names_a_field(const struct shaper *s, const struct sql_token *t)
{
    return (s->prev.kind == TK_OP && s->prev.n >= 2 &&
            memcmp(s->sql + s->prev.off, "->", 2) == 0) ||
           (t->n > 4 && memcmp(s->sql + t->off, "'$.\"", 4) == 0);
}

static bool follows_sign(const struct shaper *s)
{
    if (s->prev.kind != TK_OP || s->prev.n != 1 || !strchr("+-", s->sql[s->prev.off]))
        return false;
    return s->before.kind == TK_OP || s->before.kind == TK_OPEN || s->before.kind == TK_COMMA ||
           s->before.keyword;
}

static void shape_value(struct shaper *s, struct sql_token t)
{
    if (t.kind != TK_PARAM && follows_sign(s)) {
        s->now = s->before_sign;
        s->prev = s->before;
        s->before = (struct sql_token){ .kind = TK_END };
        s->list_run = s->run_before_sign;
    }
    t.kind = TK_PARAM;
    t.keyword = false;
    if (s->list_run && s->prev.kind == TK_COMMA) {
        s->now = s->before_comma;
        s->prev = t;
        return;
    }
    s->list_run = s->prev.kind == TK_OPEN;
    keep(s, t);
}

static void shape_open(struct shaper *s, struct sql_token t)
{
    s->list_run = false;
    if (s->depth++) {
        keep(s, t);
        return;
    }
    if (wants_space(s, &t))
        put(s, ' ');
    s->now.row = HASH_START;
    put_text(s, &t);
    s->before = s->prev;
    s->prev = t;
}

static void shape_close(struct shaper *s, struct sql_token t)
{
    s->list_run = false;
    keep(s, t);
    if (!s->depth || --s->depth)
        return;
    if (s->row_follows && s->row_hash == s->now.row) {
        s->now = s->end_of_row; /* one more row like the last */
    } else {
        s->row_hash = s->now.row;
        s->end_of_row = s->now;
    }
    s->row_follows = true;
}

static void shape_other(struct shaper *s, struct sql_token t)
{
    if (t.kind == TK_OP) {
        s->before_sign = s->now;
        s->run_before_sign = s->list_run;
    }
    s->list_run = false;
    keep(s, t);
}

static void shape_token(struct shaper *s, struct sql_token t)
{
    if (t.kind == TK_OPEN) {
        shape_open(s, t);
    } else if (t.kind == TK_CLOSE) {
        shape_close(s, t);
    } else if (t.kind == TK_COMMA) {
        s->before_comma = s->now;
        keep(s, t);
    } else {
        bool value = t.kind == TK_NUMBER || t.kind == TK_PARAM ||
                     (t.kind == TK_STRING && !names_a_field(s, &t));
        if (value)
            shape_value(s, t);
        else
            shape_other(s, t);
        if (!s->depth)
            s->row_follows = false;
    }
}

uint64_t sql_fingerprint(struct str sql, enum dialect dialect, char *ret_shape, size_t size)
{
    struct sql_lexer lexer;
    sql_lex_start(&lexer, sql, dialect);
    struct shaper s = { .sql = sql.p, .out = ret_shape, .size = size, .now.hash = HASH_START };
    struct sql_token t, semi = { .kind = TK_END };
    while (sql_lex(&lexer, &t)) {
        if (semi.kind == TK_SEMI) /* only between statements, not at the end */
            shape_token(&s, semi);
        semi = t;
        if (t.kind != TK_SEMI)
            shape_token(&s, t);
    }
    if (size)
        ret_shape[s.now.n < size ? s.now.n : size - 1] = 0;
    return hash_mix(s.now.hash, s.now.n);
}
