/* Database engines: schema, plans and copies, one implementation a server. A connection belongs to one thread; no
 * call without a deadline. SQLite through libsqlite3, PostgreSQL through libpq, MariaDB and MySQL through libmariadb.
 *
 *     const struct engine *e = engine_for(DIALECT_SQLITE);
 *     struct engine_conn *c;
 *     if (e->open(path, true, 2000, &c, err)) return err->rc;
 *     rc = e->explain(c, sql, "[7]", true, arena, &plan, err);
 *     e->close(c);
 */
#ifndef FETTLE_DB_H
#define FETTLE_DB_H
#include "base/base.h"
#include "sql/sql.h"

struct engine_conn;
struct plan {
    const char *text;            /* as the server prints it, lines separated by \n */
    double rows_examined, rows_returned, ms; /* measured by running it where that is safe (select), else NaN */
    bool full_scan, temp_sort;   /* a table is read whole; rows are sorted outside of an index */
    const char *scan_table;      /* the table that is read whole, NULL */
    const char **indexes_used; uint16_t nindexes_used;
};
struct index_def { const char *table; const char **columns; uint16_t ncolumns; bool unique; const char *where; };

struct engine {
    enum dialect dialect;
    /* dsn: SQLite: a path. PostgreSQL: a libpq conninfo or address. MariaDB and MySQL: the same form, "host=127.0.0.1
     * port=3306 dbname=app user=x password='y'", or unix_socket= instead of host and port. deadline_ms bounds every call on the connection. read_only opens so that nothing changes. */
    int (*open)(const char *dsn, bool read_only, unsigned deadline_ms, struct engine_conn **ret, struct err *);
    int (*schema)(struct engine_conn *, struct arena *, struct schema **ret, struct err *); /* with row counts */
    /* values: JSON array of bound values or NULL. run: execute it too and measure (selects only). */
    int (*explain)(struct engine_conn *, struct str sql, const char *values, bool run, struct arena *,
                   struct plan *ret, struct err *);
    int (*create_index)(struct engine_conn *, const struct index_def *, struct err *); /* on a private copy only */
    int (*drop_index)(struct engine_conn *, const struct index_def *, struct err *);
    /* The one number that a select gives; RC_NOTFOUND when it gives none. */
    int (*number)(struct engine_conn *, const char *sql, double *ret, struct err *);
    void (*close)(struct engine_conn *);
};
const struct engine *engine_for(enum dialect); /* NULL: not supported */
/* Mean bytes of a column over its first rows; 0 for an empty table. */
int column_bytes(const struct engine *, struct engine_conn *, const char *table, const char *column, double *ret,
                 struct err *) MUST_CHECK;
/* Copies a SQLite database as readers see it, without changing a byte of it or of its folder (WAL included). */
int sqlite_copy(const char *from, const char *to, struct err *) MUST_CHECK;

/* Would an index on these columns help this statement? Builds it on the connection's private copy, explains and
 * times before and after, drops it again. */
struct whatif { bool taken; double ms_before, ms_after, examined_before, examined_after; const char *plan_before, *plan_after; };
int index_whatif(const struct engine *, struct engine_conn *, const struct index_def *, struct str sql,
                 const char *values, struct arena *, struct whatif *ret, struct err *) MUST_CHECK;
/* The index a statement wants by its structure (equality, then range or order), given what is there; false: none. */
bool index_candidate(const struct stmt *, const struct schema *, struct arena *, struct index_def *ret);
#endif
