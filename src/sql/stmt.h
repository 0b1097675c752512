/* The inside of stmt_parse: shared by stmt.c (clauses) and stmt_expr.c (conditions). Inside the sql
 * room only.
 *
 * The parser does not know the whole grammar. It cuts a statement into its clauses at the keywords
 * of one nesting level (parentheses are matched first), and reads of each clause what rules and the
 * index advisor ask; what it does not recognise it steps over and says so (unknown_parts). So it is
 * total, and one dialect's oddity costs one predicate, not the statement. */
#ifndef FETTLE_SQL_STMT_H
#define FETTLE_SQL_STMT_H
#include "sql/token.h"

enum {
    STMT_TOKENS = 1 << 16, /* more: the rest is not read (a bulk insert) */
    STMT_NEST = 64,        /* subqueries and conditions within one another */
    STMT_ITEMS = 4096,     /* of each kind: tables, predicates, columns… */
};

struct range {
    uint32_t at, end; /* tokens */
};

/* Names that a select knows: its own tables, then those around it. */
struct scope {
    const struct scope *up;
    uint32_t id;
};

struct table_note { /* beside each of parser.tables */
    uint32_t scope;
    bool derived; /* no real table: a common table expression, a subquery, a function */
};

struct parser {
    const char *sql;
    struct sql_token *tokens;
    uint32_t *match; /* of an opening parenthesis: its closing one, or the end of the tokens */
    uint32_t n, depth;
    enum dialect dialect;
    struct arena *arena;
    struct table_vec VEC(struct stmt_table) tables; /* heap; copied out at the end */
    struct note_vec VEC(struct table_note) notes;
    struct pred_vec VEC(struct stmt_pred) preds;
    struct join_vec VEC(struct stmt_join) joins;
    struct order_vec VEC(struct stmt_order) orders;
    struct name_vec VEC(struct str) groups;
    struct cname_vec VEC(struct str) columns;
    struct cte_vec VEC(struct str) ctes;
    struct alias_vec VEC(struct str) aliases; /* of expressions in the outermost select list */
    uint32_t scopes;
    struct stmt *out;
    bool nomem, list_read;
};

bool stmt_word(const struct parser *, uint32_t at, const char *lower); /* the token is this word */
bool stmt_op(const struct parser *, uint32_t at, const char *op);
uint8_t stmt_kind_at(const struct parser *, uint32_t at); /* enum sql_token_kind */
uint32_t stmt_after(const struct parser *, uint32_t at);  /* steps over one token or (...) */
struct str stmt_name(const struct parser *, uint32_t at); /* without quotes */
bool stmt_is_name(const struct parser *, uint32_t at);
uint32_t stmt_find(const struct parser *, struct range,
                   const char *lower); /* at this level; range.end: none */
struct str stmt_resolve(const struct parser *, const struct scope *,
                        struct str qualifier); /* alias -> table */

/* table.column or column at the start of the range; how many tokens it takes, 0: none. */
uint32_t stmt_column(const struct parser *, struct range, struct str *ret_qualifier,
                     struct str *ret_column);
void stmt_condition(struct parser *, struct range, const struct scope *, bool in_or,
                    bool negated); /* stmt_expr.c */
void stmt_scan(struct parser *, struct range,
               const struct scope *); /* subqueries anywhere inside */
void stmt_select(struct parser *, struct range, const struct scope *up,
                 bool outermost); /* stmt.c */
bool stmt_begins_select(const struct parser *, uint32_t at);

bool stmt_within(struct parser *, struct range, const struct scope *, struct str *ret_table,
                 struct str *ret_column);

#define STMT_PUSH(s, vec, item)                              \
    do {                                                     \
        if ((s)->vec.n >= STMT_ITEMS)                        \
            (s)->out->unknown_parts = true;                  \
        else if (!vec_push_max(&(s)->vec, item, STMT_ITEMS)) \
            (s)->nomem = true;                               \
    } while (0)
#endif
