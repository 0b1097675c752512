/* A schema put together from the rows that a server's catalogue gives. Inside the db room only.
 *
 * Rows come ordered by table; columns of one index come in their order. Copies every string. */
#ifndef FETTLE_DB_SERVER_SCHEMA_H
#define FETTLE_DB_SERVER_SCHEMA_H
#include "db/engine.h"

struct server_schema {
    struct arena *arena;
    struct ss_tables VEC(struct table) tables;
    struct ss_columns VEC(struct column) columns; /* of the last table */
    struct ss_indexes VEC(struct ss_index {
        struct index index;
        uint32_t table;
    }) indexes;
    struct ss_keys VEC(struct ss_key {
        struct foreign_key key;
        uint32_t table;
    }) keys;
    bool nomem;
};

void server_table(struct server_schema *, const char *name, uint64_t rows); /* the columns that follow are its */
void server_column(struct server_schema *, const char *name, const char *type, bool nullable, bool is_unsigned,
                   bool auto_increment);
/* One column of an index of a table that was told before; column NULL: an expression, which ends the list. */
void server_index_column(struct server_schema *, const char *table, const char *index, const char *column, bool unique,
                         bool primary, bool partial, const char *method);
void server_foreign_key(struct server_schema *, const char *table, const char *column, const char *ref_table,
                        const char *ref_column);
int server_schema_close(struct server_schema *, enum dialect, struct schema **ret, struct err *);
void server_schema_release(struct server_schema *);
#endif
