/* The SQLite engine: connections and indexes. */
#include "db/sqlite.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPS_BETWEEN_LOOKS = 2000 }; /* of SQLite's virtual machine, between looks at the clock */

static int look_at_clock(void *ctx)
{
    return conn_late(ctx);
}

static void close_conn(struct engine_conn *c)
{
    if (!c)
        return;
    sqlite3_close(c->handle);
    workdir_remove(&c->scratch);
    free(c);
}

static int open_conn(const char *path, bool read_only, unsigned deadline_ms,
                     struct engine_conn **ret, struct err *err)
{
    struct engine_conn *c = fault_calloc(1, sizeof *c);
    if (!c)
        return err_set(err, RC_NOMEM, NULL, "no memory for a connection");
    sqlite3 *db = NULL;
    int rc = 0;
    *c = (struct engine_conn){ .engine = &sqlite_engine,
                               .deadline_ms = deadline_ms,
                               .read_only = read_only };
    if (read_only) {
        rc = sqlite_open_unchanged(path, deadline_ms, &db, &c->scratch, err);
    } else {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK ||
            sqlite3_exec(db, "select count(*) from sqlite_master", NULL, NULL, NULL) != SQLITE_OK)
            rc = sqlite_fail(db, c, path, err);
        sqlite3_busy_timeout(db, (int)deadline_ms);
    }
    c->handle = db;
    if (rc) {
        close_conn(c);
        return rc;
    }
    conn_start(c);
    sqlite3_progress_handler(db, OPS_BETWEEN_LOOKS, look_at_clock, c);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL); /* an unknown "column" is no string */
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0); /* a statement of the trace may name other files */
    *ret = c;
    return 0;
}

static int execute(struct engine_conn *c, struct buf *sql, struct err *err)
{
    if (sql->failed)
        return err_set(err, RC_NOMEM, NULL, "no memory for a statement");
    conn_start(c);
    if (sqlite3_exec(c->handle, buf_cstr(sql), NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fail(c->handle, c, buf_cstr(sql), err);
    return 0;
}

static int create_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    if (c->read_only)
        return err_set(err, RC_UNSAFE, NULL, "an index is built on a private copy only");
    put_create_index(&sql, DIALECT_SQLITE, def);
    return execute(c, &sql, err);
}

static int drop_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    char name[64];
    buf_adds(&sql, "drop index if exists ");
    put_ident(&sql, DIALECT_SQLITE, index_name(def, name, sizeof name));
    return execute(c, &sql, err);
}

static int number(struct engine_conn *c, const char *sql, double *ret, struct err *err)
{
    sqlite3 *db = c->handle;
    sqlite3_stmt *st = NULL;
    int rc = RC_OK;
    conn_start(c);
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW)
        rc = sqlite_fail(db, c, sql, err);
    else if (sqlite3_column_type(st, 0) == SQLITE_NULL)
        rc = err_set(err, RC_NOTFOUND, NULL, "the statement gives no number");
    else
        *ret = sqlite3_column_double(st, 0);
    sqlite3_finalize(st);
    return rc;
}

const struct engine sqlite_engine = {
    .dialect = DIALECT_SQLITE,
    .open = open_conn,
    .schema = sqlite_schema,
    .explain = sqlite_explain,
    .create_index = create_index,
    .drop_index = drop_index,
    .number = number,
    .close = close_conn,
};
