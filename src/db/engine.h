/* What the engines share. Inside the db room only. */
#ifndef FETTLE_DB_ENGINE_H
#define FETTLE_DB_ENGINE_H
#include "db/db.h"

struct engine_conn {
    void *handle; /* sqlite3 *, PGconn *, MYSQL * */
    const struct engine *engine;
    void *library; /* of a server's client, from dlopen; NULL */
    void *api;     /* its functions */
    unsigned deadline_ms;
    uint64_t until_ns; /* of the call at hand */
    bool read_only;
    struct workdir scratch; /* of a copy made for this connection */
};

extern const struct engine sqlite_engine, pgsql_engine, mysql_engine;

void conn_start(struct engine_conn *); /* the deadline runs from now */
bool conn_late(const struct engine_conn *);

/* Coarse class of a declared type, whatever the dialect. ret_length: of "varchar(120)", else 0. */
enum column_class column_class_of(const char *type, uint32_t *ret_length);
int compare_tables(const void *, const void *); /* for qsort: by name, as struct schema promises */
const char *index_name(const struct index_def *, char *buf, size_t size);
/* "name", `name`: an identifier in the dialect's quotes. */
void put_ident(struct buf *, enum dialect, const char *name);
void put_create_index(struct buf *, enum dialect, const struct index_def *);
/* The statement with its placeholders replaced by literals (null where there is no value). False:
 * some had none, or there was no memory. */
bool put_bound(struct buf *, enum dialect, struct str sql, const char *values);
/* The real table behind a name or alias of the statement; the name itself when it is none. */
const char *table_of_alias(const struct stmt *, const char *name, struct arena *);
/* "host=... port=... dbname=..." read for one key; the value in the arena, NULL: not there. Values
 * may be quoted. */
const char *dsn_get(const char *dsn, const char *key, struct arena *);
bool is_select(struct str sql, enum dialect, struct arena *, struct stmt **ret);
#endif
