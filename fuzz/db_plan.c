/* What comes from a server and from an application on the way to a plan: the JSON of EXPLAIN, and
 * values that are put into a statement's text. A value must stay one literal whatever it holds.
 * Input: SQL, NUL, JSON. */
#include "db/pgsql.h"
#include "sql/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bound text has the same tokens as the statement, with a literal, null, true or false for each
 * placeholder. */
static void check_bound(struct str sql, struct str bound, enum dialect dialect)
{
    struct sql_lexer a, b;
    struct sql_token x, y;
    sql_lex_start(&a, sql, dialect);
    sql_lex_start(&b, bound, dialect);
    while (sql_lex(&a, &x)) {
        if (!sql_lex(&b, &y))
            abort();
        if (x.kind == TK_PARAM) {
            if (y.kind == TK_OP && bound.p[y.off] == '-' && !sql_lex(&b, &y))
                abort();
            if (y.kind != TK_NUMBER && y.kind != TK_STRING && y.kind != TK_WORD)
                abort();
        } else if (x.kind != y.kind || x.n != y.n ||
                   memcmp(sql.p + x.off, bound.p + y.off, x.n) != 0) {
            abort();
        }
    }
    if (sql_lex(&b, &y))
        abort();
}

/* A statement whose placeholders stand apart from other tokens, as statements do. */
static bool stands_apart(struct str sql, enum dialect dialect)
{
    struct sql_lexer l;
    struct sql_token t;
    sql_lex_start(&l, sql, dialect);
    while (sql_lex(&l, &t)) {
        bool before = t.off == 0 || strchr(" \t\n(,=<>", sql.p[t.off - 1]);
        bool after = t.off + t.n >= sql.n || strchr(" \t\n),;", sql.p[t.off + t.n]);
        if (t.kind == TK_PARAM && !(before && after))
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut = 0;
    while (cut < size && data[cut])
        cut++;
    struct str sql = { (const char *)data, (uint32_t)cut };
    auto_arena *a = arena_new((size_t)16 << 20);
    if (!a)
        abort();
    char *json = arena_strndup(a, cut < size ? (const char *)data + cut + 1 : "",
                               cut < size ? size - cut - 1 : 0);
    struct plan plan;
    if (json && pgsql_read_plan(json, true, a, &plan, NULL) == 0 && !plan.text)
        abort();
    for (enum dialect d = DIALECT_PGSQL; d <= DIALECT_MYSQL; d++) {
        auto_buf bound = BUF_INIT((size_t)1 << 22);
        if (put_bound(&bound, d, sql, json) && stands_apart(sql, d))
            check_bound(sql, (struct str){ buf_cstr(&bound), (uint32_t)bound.n }, d);
    }
    dsn_get(json ? json : "", "host", a);
    return 0;
}
