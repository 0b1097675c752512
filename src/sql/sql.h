/* SQL text: tokens, fingerprints and the structure of statements, for SQLite, PostgreSQL and MySQL/MariaDB.
 * No allocation outside the given arena; total on any input (fuzzed). */
#ifndef FETTLE_SQL_H
#define FETTLE_SQL_H
#include "base/base.h"
#include "sql/schema.h"

/* Normalises: literals and placeholders become ?, lists of them one (?), white space one blank, keywords lower case,
 * comments dropped. Writes at most size bytes with NUL; returns the 64-bit hash of the whole normalised text. */
uint64_t sql_fingerprint(struct str sql, enum dialect, char *ret_shape, size_t size);

enum stmt_kind { STMT_SELECT, STMT_INSERT, STMT_UPDATE, STMT_DELETE, STMT_DDL, STMT_TX, STMT_OTHER };
enum stmt_op { SOP_EQ, SOP_IN, SOP_RANGE, SOP_LIKE_PREFIX, SOP_LIKE_INFIX, SOP_NULL, SOP_NOT_NULL, SOP_NE,
               SOP_FUNCTION /* column inside a function */, SOP_OTHER };

struct stmt_table { struct str name, alias; };
struct stmt_pred { struct str table /* resolved through aliases; empty: unknown */, column, fn; enum stmt_op op; bool in_or; };
struct stmt_join { struct str left_table, left_column, right_table, right_column; };
struct stmt_order { struct str table, column; bool desc; bool is_expr; };

struct stmt {
    enum stmt_kind kind;
    struct stmt_table *tables; uint16_t ntables;
    struct stmt_pred *preds; uint16_t npreds;   /* of WHERE and ON against values */
    struct stmt_join *joins; uint16_t njoins;   /* column = column */
    struct stmt_order *orders; uint16_t norders;
    struct str *groups; uint16_t ngroups;
    struct str *columns; uint16_t ncolumns;     /* select list by name; empty with select_star */
    bool select_star, has_limit, has_offset, distinct, aggregate /* count(*), sum(x) only */, unknown_parts;
    struct str aggregate_fn;
};
int stmt_parse(struct str sql, enum dialect, struct arena *, struct stmt **ret, struct err *) MUST_CHECK;
#endif
