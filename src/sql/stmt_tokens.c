/* What both halves of the statement parser ask about tokens and names. */
#include "sql/stmt.h"

#include <strings.h>

uint8_t stmt_kind_at(const struct parser *s, uint32_t at)
{
    return at < s->n ? s->tokens[at].kind : TK_END;
}

static bool token_is(const struct parser *s, uint32_t at, uint8_t kind, const char *text)
{
    if (at >= s->n || s->tokens[at].kind != kind)
        return false;
    size_t n = strlen(text);
    return s->tokens[at].n == n && strncasecmp(s->sql + s->tokens[at].off, text, n) == 0;
}

bool stmt_word(const struct parser *s, uint32_t at, const char *lower)
{
    return token_is(s, at, TK_WORD, lower);
}

bool stmt_op(const struct parser *s, uint32_t at, const char *op)
{
    return token_is(s, at, TK_OP, op);
}

uint32_t stmt_after(const struct parser *s, uint32_t at)
{
    return stmt_kind_at(s, at) == TK_OPEN ? s->match[at] + 1 : at + 1;
}

struct str stmt_name(const struct parser *s, uint32_t at)
{
    if (at >= s->n)
        return (struct str){ 0 };
    struct str t = { s->sql + s->tokens[at].off, s->tokens[at].n };
    return s->tokens[at].kind == TK_QUOTED ? sql_unquote(t) : t;
}

bool stmt_is_name(const struct parser *s, uint32_t at)
{
    static const char *const constants[] = {
        "current_timestamp", "current_date", "current_time", "localtimestamp",
        "localtime",         "current_user", "unknown"
    };
    if (at >= s->n)
        return false;
    const struct sql_token *t = &s->tokens[at];
    if (t->kind == TK_QUOTED)
        return true;
    if (t->kind != TK_WORD || t->keyword || s->sql[t->off] == '@')
        return false;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (token_is(s, at, TK_WORD, constants[i]))
            return false;
    return true;
}

uint32_t stmt_find(const struct parser *s, struct range r, const char *lower)
{
    uint32_t i = r.at;
    while (i < r.end && !stmt_word(s, i, lower))
        i = stmt_after(s, i);
    return i < r.end ? i : r.end;
}

bool stmt_begins_select(const struct parser *s, uint32_t at)
{
    while (stmt_kind_at(s, at) == TK_OPEN)
        at++;
    return stmt_word(s, at, "select") || stmt_word(s, at, "with");
}

uint32_t stmt_column(const struct parser *s, struct range r, struct str *ret_qualifier,
                     struct str *ret_column)
{
    uint32_t i = r.at;
    *ret_qualifier = (struct str){ 0 };
    if (i >= r.end || !stmt_is_name(s, i) || (i && stmt_kind_at(s, i - 1) == TK_DOT))
        return 0;
    while (i + 2 < r.end && stmt_kind_at(s, i + 1) == TK_DOT &&
           (stmt_is_name(s, i + 2) || stmt_kind_at(s, i + 2) == TK_WORD)) {
        *ret_qualifier = stmt_name(s, i);
        i += 2;
    }
    uint8_t next = i + 1 < r.end ? stmt_kind_at(s, i + 1) : TK_END;
    /* a call, a typed literal (date '2020-01-01'), t.*, extract(year from ...) */
    if (next == TK_OPEN || next == TK_STRING || next == TK_DOT ||
        (next == TK_WORD && stmt_word(s, i + 1, "from")))
        return 0;
    *ret_column = stmt_name(s, i);
    return i + 1 - r.at;
}

/* The only table of a scope, when it has one and no other source of rows. */
static struct str only_table(const struct parser *s, uint32_t scope)
{
    struct str name = { 0 };
    unsigned n = 0;
    for (size_t i = 0; i < s->tables.n; i++)
        if (s->notes.p[i].scope == scope) {
            n++;
            name = s->notes.p[i].derived ? (struct str){ 0 } : s->tables.p[i].name;
        }
    return n == 1 ? name : (struct str){ 0 };
}

struct str stmt_resolve(const struct parser *s, const struct scope *scope, struct str qualifier)
{
    if (!qualifier.n)
        return scope ? only_table(s, scope->id) : (struct str){ 0 };
    for (const struct scope *at = scope; at; at = at->up)
        for (size_t i = 0; i < s->tables.n; i++) {
            const struct stmt_table *t = &s->tables.p[i];
            if (s->notes.p[i].scope == at->id &&
                str_ieq(t->alias.n ? t->alias : t->name, qualifier))
                return s->notes.p[i].derived ? (struct str){ 0 } : t->name;
        }
    return qualifier;
}
