/* Statements cut into clauses. */
#include "sql/stmt.h"

#include <stdlib.h>

static const char *const clause_words[] = { "where", "group",     "having", "window",
                                            "order", "limit",     "offset", "fetch",
                                            "for",   "returning", "into" };

static bool is_clause(const struct parser *s, uint32_t i)
{
    for (size_t k = 0; k < sizeof clause_words / sizeof *clause_words; k++)
        if (stmt_word(s, i, clause_words[k]))
            return true;
    return false;
}

/* From one clause word to the next at this level. `at` is on the word. */
static uint32_t clause_end(const struct parser *s, uint32_t at, uint32_t end)
{
    uint32_t i = at + 1;
    while (i < end && !is_clause(s, i))
        i = stmt_after(s, i);
    return i < end ? i : end;
}

static struct range clause(const struct parser *s, struct range r, const char *word)
{
    uint32_t at = stmt_find(s, r, word);
    if (at >= r.end)
        return (struct range){ r.end, r.end };
    uint32_t from = at + 1 + stmt_word(s, at + 1, "by");
    uint32_t end = clause_end(s, at, r.end);
    return (struct range){ from < end ? from : end, end };
}

static void add_table(struct parser *s, struct str name, struct str alias, bool derived,
                      uint32_t scope)
{
    if (s->notes.n >= STMT_ITEMS) {
        s->out->unknown_parts = true;
        return;
    }
    struct stmt_table t = { name, alias };
    struct table_note note = { scope, derived };
    if (!vec_push_max(&s->notes, note, STMT_ITEMS) || !vec_push_max(&s->tables, t, STMT_ITEMS)) {
        s->notes.n = s->tables.n;
        s->nomem = true;
    }
}

static bool is_cte(const struct parser *s, struct str name)
{
    for (size_t i = 0; i < s->ctes.n; i++)
        if (str_ieq(s->ctes.p[i], name))
            return true;
    return false;
}

/* [as] alias [(columns)]; returns what comes after. */
static uint32_t read_alias(const struct parser *s, uint32_t i, uint32_t end, struct str *ret)
{
    static const char *const no_alias[] = { "force", "straight_join", "indexed", "tablesample",
                                            "key" };
    *ret = (struct str){ 0 };
    if (i < end && stmt_word(s, i, "as"))
        i++;
    if (i >= end || !stmt_is_name(s, i))
        return i;
    for (size_t k = 0; k < sizeof no_alias / sizeof *no_alias; k++)
        if (stmt_word(s, i, no_alias[k]))
            return i;
    *ret = stmt_name(s, i++);
    return i < end && stmt_kind_at(s, i) == TK_OPEN ? stmt_after(s, i) : i;
}

static void read_sources(struct parser *s, struct range r, const struct scope *scope);

/* One item of FROM; returns what comes after it. */
static uint32_t read_source(struct parser *s, uint32_t i, uint32_t end, const struct scope *scope)
{
    struct str name, alias;
    if (stmt_kind_at(s, i) == TK_OPEN) {
        struct range in = { i + 1, s->match[i] < end ? s->match[i] : end };
        uint32_t next = stmt_after(s, i);
        if (stmt_begins_select(s, in.at)) {
            stmt_select(s, in, scope, false);
            next = read_alias(s, next, end, &alias);
            add_table(s, alias, alias, true, scope->id);
        } else if (stmt_word(s, in.at, "values")) {
            stmt_scan(s, in, scope);
            next = read_alias(s, next, end, &alias);
            add_table(s, alias, alias, true, scope->id);
        } else if (s->depth < STMT_NEST) {
            s->depth++;
            read_sources(s, in, scope);
            s->depth--;
        }
        return next;
    }
    if (!stmt_is_name(s, i)) {
        s->out->unknown_parts = true;
        return stmt_after(s, i);
    }
    while (i + 2 < end && stmt_kind_at(s, i + 1) == TK_DOT) /* schema.table */
        i += 2;
    name = stmt_name(s, i++);
    bool derived = is_cte(s, name);
    if (i < end && stmt_kind_at(s, i) == TK_OPEN) { /* a function that gives rows */
        derived = true;
        i = stmt_after(s, i);
    }
    i = read_alias(s, i, end, &alias);
    add_table(s, name, alias, derived, scope->id);
    return i;
}

static bool is_join_word(const struct parser *s, uint32_t i)
{
    static const char *const words[] = { "join",  "inner", "left",    "right",        "full",
                                         "outer", "cross", "natural", "straight_join" };
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (stmt_word(s, i, words[k]))
            return true;
    return false;
}

static uint32_t source_end(const struct parser *s, uint32_t i, uint32_t end)
{
    while (i < end && stmt_kind_at(s, i) != TK_COMMA && !is_join_word(s, i))
        i = stmt_after(s, i);
    return i < end ? i : end;
}

static void read_using(struct parser *s, uint32_t open, size_t tables_before)
{
    if (stmt_kind_at(s, open) != TK_OPEN || tables_before < 2)
        return;
    struct str right = s->tables.p[tables_before - 1].name,
               left = s->tables.p[tables_before - 2].name;
    for (uint32_t i = open + 1; i < s->match[open]; i++)
        if (stmt_is_name(s, i)) {
            struct stmt_join j = { left, stmt_name(s, i), right, stmt_name(s, i) };
            STMT_PUSH(s, joins, j);
        }
}

/* Two passes, for ON may name a table that is joined later: first the tables, then the conditions.
 */
static void read_sources(struct parser *s, struct range r, const struct scope *scope)
{
    for (uint32_t i = r.at; i < r.end;) {
        if (stmt_kind_at(s, i) == TK_COMMA || is_join_word(s, i) || stmt_word(s, i, "lateral") ||
            stmt_word(s, i, "only")) {
            s->out->unknown_parts |= stmt_word(s, i, "natural");
            i++;
            continue;
        }
        i = read_source(s, i, r.end, scope);
        uint32_t end = source_end(s, i, r.end);
        if (i < end && stmt_word(s, i, "using"))
            read_using(s, i + 1, s->tables.n);
        i = end;
    }
    for (uint32_t i = r.at; i < r.end;) {
        uint32_t on = stmt_find(s, (struct range){ i, r.end }, "on");
        if (on >= r.end)
            break;
        uint32_t end = source_end(s, on + 1, r.end);
        stmt_condition(s, (struct range){ on + 1, end }, scope, false, false);
        i = end;
    }
}

static bool is_aggregate(const struct parser *s, struct range item)
{
    static const char *const names[] = { "count",      "sum",       "avg",     "min",
                                         "max",        "exists",    "total",   "group_concat",
                                         "string_agg", "array_agg", "bool_or", "bool_and" };
    if (item.at + 1 >= item.end || stmt_kind_at(s, item.at + 1) != TK_OPEN)
        return false;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (stmt_word(s, item.at, names[k]))
            return stmt_after(s, item.at + 1) >= item.end ||
                   stmt_word(s, stmt_after(s, item.at + 1), "as") ||
                   stmt_is_name(s, stmt_after(s, item.at + 1));
    return false;
}

/* One item of the outermost select list. Returns whether it is an aggregate. */
static bool read_item(struct parser *s, struct range item)
{
    struct str table, column;
    uint32_t last = item.end - 1;
    if (stmt_op(s, last, "*") && (item.at == last || stmt_kind_at(s, last - 1) == TK_DOT)) {
        s->out->select_star = true;
        return false;
    }
    uint32_t n = stmt_column(s, item, &table, &column);
    if (n && (item.at + n == item.end || stmt_word(s, item.at + n, "as") ||
              item.at + n + 1 == item.end)) {
        STMT_PUSH(s, columns, column);
        return false;
    }
    if (item.end - item.at >= 3 && stmt_word(s, last - 1, "as"))
        STMT_PUSH(s, aliases, stmt_name(s, last));
    if (!is_aggregate(s, item))
        return false;
    if (!s->out->aggregate_fn.n)
        s->out->aggregate_fn = stmt_name(s, item.at);
    return true;
}

typedef bool (*item_fn)(struct parser *, struct range, const struct scope *);

static uint32_t comma_after(const struct parser *s, uint32_t i, uint32_t end)
{
    while (i < end && stmt_kind_at(s, i) != TK_COMMA)
        i = stmt_after(s, i);
    return i < end ? i : end;
}

static void read_list(struct parser *s, struct range r)
{
    bool all = r.at < r.end;
    for (uint32_t i = r.at; i < r.end;) {
        uint32_t end = comma_after(s, i, r.end);
        if (end > i)
            all &= read_item(s, (struct range){ i, end });
        i = end + 1;
    }
    s->out->aggregate = all;
    if (!all)
        s->out->aggregate_fn = (struct str){ 0 };
}

static void read_order(struct parser *s, struct range item, const struct scope *scope)
{
    struct stmt_order o = { 0 };
    struct str table, column;
    uint32_t n = stmt_column(s, item, &table, &column), at = item.at + n;
    o.desc = stmt_find(s, item, "desc") < item.end;
    if (n && (at == item.end || stmt_word(s, at, "asc") || stmt_word(s, at, "desc") ||
              stmt_word(s, at, "nulls"))) {
        o.table = stmt_resolve(s, scope, table);
        o.column = column;
        for (size_t i = 0; i < s->aliases.n && !table.n; i++)
            o.is_expr |= str_ieq(s->aliases.p[i], column);
    } else {
        o.is_expr = true;
        stmt_within(s, item, scope, &o.table, &o.column);
    }
    STMT_PUSH(s, orders, o);
}

static void read_orders(struct parser *s, struct range r, const struct scope *scope)
{
    for (uint32_t i = r.at, end; i < r.end; i = end + 1) {
        end = comma_after(s, i, r.end);
        if (end > i)
            read_order(s, (struct range){ i, end }, scope);
    }
}

static void read_groups(struct parser *s, struct range r, const struct scope *scope)
{
    for (uint32_t i = r.at, end; i < r.end; i = end + 1) {
        struct str table, column;
        end = comma_after(s, i, r.end);
        if (stmt_within(s, (struct range){ i, end }, scope, &table, &column))
            STMT_PUSH(s, groups, column);
        else
            s->out->unknown_parts = true;
    }
}

static void read_tail(struct parser *s, struct range r, const struct scope *scope)
{
    read_orders(s, clause(s, r, "order"), scope);
    struct range limit = clause(s, r, "limit"), fetch = clause(s, r, "fetch"),
                 offset = clause(s, r, "offset");
    s->out->has_limit |= limit.at < limit.end || fetch.at < fetch.end;
    s->out->has_offset |= offset.at < offset.end || comma_after(s, limit.at, limit.end) < limit.end;
}

/* The FROM of a select; `is distinct from` is none. */
static uint32_t find_from(const struct parser *s, struct range r)
{
    for (uint32_t i = r.at; i < r.end; i = stmt_after(s, i))
        if (stmt_word(s, i, "from") &&
            !(i > r.at && stmt_word(s, i - 1, "distinct") && i > r.at + 1))
            return i;
    return r.end;
}

static void select_core(struct parser *s, struct range r, const struct scope *up, bool outermost)
{
    while (r.at < r.end && stmt_kind_at(s, r.at) == TK_OPEN && stmt_after(s, r.at) >= r.end) {
        r.end = s->match[r.at] < r.end ? s->match[r.at] : r.end;
        r.at++;
    }
    if (stmt_kind_at(s, r.at) == TK_OPEN || !stmt_word(s, r.at, "select")) {
        if (stmt_kind_at(s, r.at) == TK_OPEN) { /* (select ...) limit 1 */
            uint32_t close = s->match[r.at] < r.end ? s->match[r.at] : r.end;
            if (outermost && close + 1 < r.end)
                read_tail(s, (struct range){ close + 1, r.end }, NULL);
            r = (struct range){ r.at + 1, close };
        }
        if (stmt_begins_select(s, r.at)) /* a union in parentheses, with ... */
            stmt_select(s, r, up, outermost);
        return;
    }
    struct scope scope = { up, ++s->scopes };
    uint32_t from = find_from(s, r), list_end = from < r.end ? from : clause_end(s, r.at, r.end);
    if (from < r.end)
        read_sources(s, (struct range){ from + 1, clause_end(s, from, r.end) }, &scope);
    struct range list = { r.at + 1, list_end };
    bool distinct = stmt_word(s, list.at, "distinct");
    list.at += distinct || stmt_word(s, list.at, "all");
    if (outermost && !s->list_read) { /* of a union the first */
        s->list_read = true;
        s->out->distinct = distinct;
        read_list(s, list);
    }
    stmt_scan(s, list, &scope);
    stmt_condition(s, clause(s, r, "where"), &scope, false, false);
    stmt_scan(s, clause(s, r, "having"), &scope);
    if (outermost) {
        read_groups(s, clause(s, r, "group"), &scope);
        read_tail(s, r, &scope);
    }
    stmt_scan(s, clause(s, r, "order"), &scope);
}

static bool is_set_op(const struct parser *s, uint32_t i)
{
    return stmt_word(s, i, "union") || stmt_word(s, i, "intersect") || stmt_word(s, i, "except");
}

static uint32_t read_ctes(struct parser *s, uint32_t i, uint32_t end, const struct scope *up);

void stmt_select(struct parser *s, struct range r, const struct scope *up, bool outermost)
{
    if (s->depth >= STMT_NEST) {
        s->out->unknown_parts = true;
        return;
    }
    s->depth++;
    if (stmt_word(s, r.at, "with"))
        r.at = read_ctes(s, r.at, r.end, up);
    for (uint32_t i = r.at; i < r.end;) {
        uint32_t end = i;
        while (end < r.end && !is_set_op(s, end))
            end = stmt_after(s, end);
        end = end < r.end ? end : r.end;
        select_core(s, (struct range){ i, end }, up, outermost);
        i = end + 1;
        i += stmt_word(s, i, "all") || stmt_word(s, i, "distinct");
    }
    s->depth--;
}

/* WITH name [(columns)] AS (select), ...; returns where the statement itself begins. */
static uint32_t read_ctes(struct parser *s, uint32_t i, uint32_t end, const struct scope *up)
{
    uint32_t first = i += 1 + stmt_word(s, i + 1, "recursive");
    for (unsigned pass = 0; pass < 2; pass++) { /* names first: one may use another, or itself */
        for (i = first; i < end && stmt_is_name(s, i);) {
            if (!pass)
                STMT_PUSH(s, ctes, stmt_name(s, i));
            i++;
            if (stmt_kind_at(s, i) == TK_OPEN)
                i = stmt_after(s, i);
            while (i < end && stmt_kind_at(s, i) == TK_WORD) /* as [not] materialized */
                i++;
            if (stmt_kind_at(s, i) != TK_OPEN)
                break;
            struct range in = { i + 1, s->match[i] < end ? s->match[i] : end };
            if (pass && stmt_begins_select(s, in.at))
                stmt_select(s, in, up, false);
            i = stmt_after(s, i);
            if (stmt_kind_at(s, i) != TK_COMMA)
                break;
            i++;
        }
    }
    return i < end ? i : end;
}

static void read_insert(struct parser *s, struct range r)
{
    struct scope scope = { NULL, ++s->scopes };
    uint32_t i = stmt_find(s, r, "into");
    i = i < r.end ? i + 1 : r.at + 1;
    while (i + 2 < r.end && stmt_kind_at(s, i + 1) == TK_DOT)
        i += 2;
    if (!stmt_is_name(s, i)) {
        s->out->unknown_parts = true;
        return;
    }
    add_table(s, stmt_name(s, i), (struct str){ 0 }, false, scope.id);
    i++;
    if (stmt_kind_at(s, i) == TK_OPEN && !stmt_begins_select(s, i + 1)) {
        for (uint32_t k = i + 1; k < s->match[i] && k < r.end; k++)
            if (stmt_is_name(s, k))
                STMT_PUSH(s, columns, stmt_name(s, k));
        i = stmt_after(s, i);
    }
    if (i < r.end && stmt_begins_select(s, i))
        stmt_select(s, (struct range){ i, r.end }, NULL, false);
    else if (i < r.end)
        stmt_scan(s, (struct range){ i, r.end }, &scope);
}

static void read_set(struct parser *s, struct range r, const struct scope *scope)
{
    for (uint32_t i = r.at, end; i < r.end; i = end + 1) {
        struct str table, column;
        end = comma_after(s, i, r.end);
        uint32_t equal = i;
        while (equal < end && !stmt_op(s, equal, "="))
            equal = stmt_after(s, equal);
        if (stmt_column(s, (struct range){ i, equal < end ? equal : end }, &table, &column))
            STMT_PUSH(s, columns, column);
    }
    stmt_scan(s, r, scope);
}

static void read_update(struct parser *s, struct range r)
{
    struct scope scope = { NULL, ++s->scopes };
    uint32_t set = stmt_find(s, r, "set"), i = r.at + 1;
    while (i < set &&
           (stmt_word(s, i, "or") || stmt_word(s, i, "ignore") || stmt_word(s, i, "low_priority") ||
            stmt_word(s, i, "rollback") || stmt_word(s, i, "replace") || stmt_word(s, i, "abort")))
        i++;
    read_sources(s, (struct range){ i, set }, &scope);
    struct range rest = { set + 1 < r.end ? set + 1 : r.end, r.end };
    uint32_t from = stmt_find(s, rest, "from");
    if (from < r.end)
        read_sources(s, (struct range){ from + 1, clause_end(s, from, r.end) }, &scope);
    uint32_t set_end = rest.at;
    while (set_end < from && !is_clause(s, set_end))
        set_end = stmt_after(s, set_end);
    read_set(s, (struct range){ rest.at, set_end < from ? set_end : from }, &scope);
    stmt_condition(s, clause(s, rest, "where"), &scope, false, false);
    read_tail(s, rest, &scope);
}

static void read_delete(struct parser *s, struct range r)
{
    struct scope scope = { NULL, ++s->scopes };
    uint32_t from = stmt_find(s, r, "from"), using = stmt_find(s, r, "using"),
             end = clause_end(s, from, r.end);
    if (using < end && stmt_kind_at(s, using + 1) != TK_OPEN) {
        read_sources(s, (struct range){ from + 1, using }, &scope);
        read_sources(s, (struct range){ using + 1, end }, &scope);
    } else {
        read_sources(s, (struct range){ from + 1 < end ? from + 1 : end, end }, &scope);
    }
    stmt_condition(s, clause(s, r, "where"), &scope, false, false);
    read_tail(s, r, &scope);
}

/* create index x on t, create table if not exists t, alter table t, drop table t, truncate t */
static void read_ddl(struct parser *s, struct range r)
{
    uint32_t i = stmt_find(s, r, "on");
    if (i >= r.end)
        i = stmt_find(s, r, "table");
    i = i < r.end ? i + 1 : r.at + 1;
    while (i < r.end && (stmt_word(s, i, "if") || stmt_word(s, i, "not") ||
                         stmt_word(s, i, "exists") || stmt_word(s, i, "only")))
        i++;
    while (i + 2 < r.end && stmt_kind_at(s, i + 1) == TK_DOT)
        i += 2;
    if (stmt_is_name(s, i))
        add_table(s, stmt_name(s, i), (struct str){ 0 }, false, ++s->scopes);
}

static const struct verb {
    const char *word;
    enum stmt_kind kind;
} verbs[] = {
    { "select", STMT_SELECT }, { "insert", STMT_INSERT }, { "replace", STMT_INSERT },
    { "update", STMT_UPDATE }, { "delete", STMT_DELETE }, { "create", STMT_DDL },
    { "alter", STMT_DDL },     { "drop", STMT_DDL },      { "truncate", STMT_DDL },
    { "rename", STMT_DDL },    { "begin", STMT_TX },      { "start", STMT_TX },
    { "commit", STMT_TX },     { "rollback", STMT_TX },   { "savepoint", STMT_TX },
    { "release", STMT_TX },    { "end", STMT_TX },
};

static void read_statement(struct parser *s)
{
    struct range r = { 0, s->n };
    if (stmt_word(s, r.at, "explain")) {
        r.at++;
        if (stmt_kind_at(s, r.at) == TK_OPEN && !stmt_begins_select(s, r.at + 1))
            r.at = stmt_after(s, r.at);
        while (r.at < r.end && (stmt_word(s, r.at, "query") || stmt_word(s, r.at, "plan") ||
                                stmt_word(s, r.at, "analyze") || stmt_word(s, r.at, "verbose")))
            r.at++;
    }
    for (uint32_t i = r.at; i < r.end; i++) /* several statements: the first */
        if (s->tokens[i].kind == TK_SEMI) {
            s->out->unknown_parts |= i + 1 < r.end;
            r.end = i;
        }
    if (stmt_word(s, r.at, "with"))
        r.at = read_ctes(s, r.at, r.end, NULL);
    s->out->kind = stmt_begins_select(s, r.at) ? STMT_SELECT : STMT_OTHER;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (stmt_word(s, r.at, verbs[i].word))
            s->out->kind = verbs[i].kind;
    switch (s->out->kind) {
    case STMT_SELECT:
        stmt_select(s, r, NULL, true);
        break;
    case STMT_INSERT:
        read_insert(s, r);
        break;
    case STMT_UPDATE:
        read_update(s, r);
        break;
    case STMT_DELETE:
        read_delete(s, r);
        break;
    case STMT_DDL:
        read_ddl(s, r);
        break;
    default:
        break;
    }
}

static void tokenize(struct parser *s, struct str sql, enum dialect dialect)
{
    struct sql_lexer l;
    struct sql_token t;
    uint32_t open[STMT_NEST * 4], depth = 0;
    sql_lex_start(&l, sql, dialect);
    while (s->n < STMT_TOKENS && sql_lex(&l, &t)) {
        s->match[s->n] = UINT32_MAX;
        if (t.kind == TK_OPEN && depth++ < sizeof open / sizeof *open)
            open[depth - 1] = s->n;
        if (t.kind == TK_CLOSE && depth && --depth < sizeof open / sizeof *open)
            s->match[open[depth]] = s->n;
        s->tokens[s->n++] = t;
    }
    s->out->unknown_parts |= s->n == STMT_TOKENS || depth > 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->match[i] == UINT32_MAX)
            s->match[i] = s->n; /* never closed, or nested too deep: holds the rest */
}

#define COPY_OUT(s, vec, field, count, type)                                 \
    do {                                                                     \
        (s)->out->field = arena_new_array((s)->arena, type, (s)->vec.n + 1); \
        if (!(s)->out->field)                                                \
            (s)->nomem = true;                                               \
        else if ((s)->vec.n)                                                 \
            memcpy((s)->out->field, (s)->vec.p, (s)->vec.n * sizeof(type));  \
        (s)->out->count = (uint16_t)(s)->vec.n;                              \
    } while (0)

static void copy_out(struct parser *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->tables.n; i++)
        if (!s->notes.p[i].derived)
            s->tables.p[kept++] = s->tables.p[i];
    s->tables.n = kept;
    COPY_OUT(s, tables, tables, ntables, struct stmt_table);
    COPY_OUT(s, preds, preds, npreds, struct stmt_pred);
    COPY_OUT(s, joins, joins, njoins, struct stmt_join);
    COPY_OUT(s, orders, orders, norders, struct stmt_order);
    COPY_OUT(s, groups, groups, ngroups, struct str);
    COPY_OUT(s, columns, columns, ncolumns, struct str);
}

static void parser_release(struct parser *s)
{
    free(s->tokens);
    free(s->match);
    vec_release(&s->tables);
    vec_release(&s->notes);
    vec_release(&s->preds);
    vec_release(&s->joins);
    vec_release(&s->orders);
    vec_release(&s->groups);
    vec_release(&s->columns);
    vec_release(&s->ctes);
    vec_release(&s->aliases);
}

int stmt_parse(struct str sql, enum dialect dialect, struct arena *arena, struct stmt **ret,
               struct err *err)
{
    struct parser s = { .dialect = dialect, .arena = arena };
    size_t room = sql.n + 1 < STMT_TOKENS ? sql.n + 1 : STMT_TOKENS;
    s.out = arena_new_one(arena, struct stmt);
    s.sql = arena_strndup(arena, sql.p, sql.n);
    s.tokens = fault_malloc(room * sizeof *s.tokens);
    s.match = fault_malloc(room * sizeof *s.match);
    s.nomem = !s.out || !s.sql || !s.tokens || !s.match;
    if (!s.nomem) {
        tokenize(&s, (struct str){ s.sql, sql.n }, dialect);
        read_statement(&s);
        copy_out(&s);
    }
    bool failed = s.nomem;
    parser_release(&s);
    if (failed)
        return err_set(err, RC_NOMEM, NULL, "no memory for a statement of %u bytes", sql.n);
    *ret = s.out;
    return 0;
}
