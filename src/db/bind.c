/* Bound values put into the text of a statement, as literals: what EXPLAIN of PostgreSQL and
 * MariaDB wants. Only our own lexer decides where a placeholder is, so a question mark in a string
 * or a comment stays what it is. */
#include "db/engine.h"
#include "sql/token.h"

#include <jansson.h>

static void put_text_literal(struct buf *out, enum dialect dialect, const char *s, size_t n)
{
    bool escape = dialect == DIALECT_PGSQL &&
                  memchr(s, '\\', n); /* right whatever standard_conforming_strings says */
    buf_adds(out, escape ? "E'" : "'");
    for (size_t i = 0; i < n; i++) {
        if (s[i] == 0)
            continue; /* neither server takes it in text */
        if (s[i] == '\'' || (s[i] == '\\' && (escape || dialect == DIALECT_MYSQL)))
            buf_addc(out, s[i]);
        buf_addc(out, s[i]);
    }
    buf_addc(out, '\'');
}

static void put_literal(struct buf *out, enum dialect dialect, const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_INTEGER:
        buf_addf(out, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_REAL:
        buf_addf(out, "%.17g", json_real_value(v));
        break;
    case JSON_TRUE:
        buf_adds(out, dialect == DIALECT_PGSQL ? "true" : "1");
        break;
    case JSON_FALSE:
        buf_adds(out, dialect == DIALECT_PGSQL ? "false" : "0");
        break;
    case JSON_STRING:
        put_text_literal(out, dialect, json_string_value(v), json_string_length(v));
        break;
    default:
        buf_adds(out, "null");
        break;
    }
}

/* Which value a placeholder wants: $2 and ?2 say it, others take the next. */
static size_t place_of(const struct sql_lexer *l, const struct sql_token *t, size_t *next)
{
    size_t n = 0;
    for (uint32_t i = 1; i < t->n; i++) {
        char c = l->p[t->off + i];
        if (c < '0' || c > '9' || n > 1000000)
            return (*next)++;
        n = n * 10 + (size_t)(c - '0');
    }
    return t->n > 1 && n ? n - 1 : (*next)++;
}

bool put_bound(struct buf *out, enum dialect dialect, struct str sql, const char *values)
{
    struct sql_lexer l;
    struct sql_token t;
    uint32_t done = 0;
    size_t next = 0;
    bool all = true;
    json_t *array = values ? json_loads(values, JSON_ALLOW_NUL, NULL) : NULL;
    sql_lex_start(&l, sql, dialect);
    while (sql_lex(&l, &t)) {
        if (t.kind != TK_PARAM)
            continue;
        const json_t *v =
            json_array_get(array, place_of(&l, &t, &next)); /* NULL: not an array, or none there */
        all &= v != NULL;
        buf_add(out, sql.p + done, t.off - done);
        if (v)
            put_literal(out, dialect, v);
        else
            buf_adds(out, "null");
        done = t.off + t.n;
    }
    buf_add(out, sql.p + done, sql.n - done);
    json_decref(array);
    return all && !out->failed;
}
