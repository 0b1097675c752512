/* The schema of a SQLite database, from its own pragmas, with row counts as far as time allows. */
#include "db/sqlite.h"

#include <stdlib.h>

enum { TABLES_MAX = 10000, COLUMNS_MAX = 2000, INDEXES_MAX = 1000 };

struct reader {
    struct engine_conn *conn;
    sqlite3 *db;
    struct arena *arena;
    struct tables_vec VEC(struct table) tables;
    bool nomem;
};

static const char *text(struct reader *r, sqlite3_stmt *st, int column)
{
    const char *s = (const char *)sqlite3_column_text(st, column);
    const char *copy = s ? arena_strdup(r->arena, s) : NULL;
    r->nomem |= s && !copy;
    return copy;
}

/* A pragma as a table, with one argument. NULL: err is set. */
static sqlite3_stmt *ask(struct reader *r, const char *sql, const char *argument, struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(r->db, sql, -1, &st, NULL) != SQLITE_OK ||
        (argument && sqlite3_bind_text(st, 1, argument, -1, SQLITE_TRANSIENT) != SQLITE_OK)) {
        sqlite_fail(r->db, r->conn, sql, err);
        sqlite3_finalize(st);
        return NULL;
    }
    return st;
}

/* Ends a query that was stepped to its end. */
static int done(struct reader *r, sqlite3_stmt *st, int step, struct err *err)
{
    int rc = step == SQLITE_DONE ? 0 : sqlite_fail(r->db, r->conn, sqlite3_sql(st), err);
    sqlite3_finalize(st);
    return rc ? rc : r->nomem ? err_set(err, RC_NOMEM, NULL, "no memory for a schema") : 0;
}

static int list_tables(struct reader *r, struct err *err)
{
    /* virtual tables (full-text) are what the application names; their shadow tables are not */
    sqlite3_stmt *st = ask(
        r,
        "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual') "
        "and name not like 'sqlite\\_%' escape '\\'",
        NULL, err);
    int step;
    if (!st)
        return err ? err->rc : RC_IO;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct table t = { .name = text(r, st, 0), .confidence = 100 };
        if (!vec_push_max(&r->tables, t, TABLES_MAX))
            r->nomem = true;
    }
    return done(r, st, step, err);
}

static int read_columns(struct reader *r, struct table *t, struct err *err)
{
    struct columns_vec VEC(struct column) columns = { 0 };
    const char *key[16];
    uint16_t nkey = 0;
    int step;
    sqlite3_stmt *st =
        ask(r, "select name, type, \"notnull\", pk from pragma_table_xinfo(?) where hidden <> 1",
            t->name, err);
    if (!st)
        return err ? err->rc : RC_IO;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct column c = { .name = text(r, st, 0),
                            .type = text(r, st, 1),
                            .nullable = !sqlite3_column_int(st, 2) };
        int pk = sqlite3_column_int(st, 3);
        c.klass = column_class_of(c.type ? c.type : "", &c.length);
        c.auto_increment = pk == 1 && c.klass == COL_INT;
        if (pk >= 1 && pk <= 16) {
            key[pk - 1] = c.name;
            nkey = pk > nkey ? (uint16_t)pk : nkey;
        }
        if (!vec_push_max(&columns, c, COLUMNS_MAX))
            r->nomem = true;
    }
    t->columns = arena_new_array(r->arena, struct column, columns.n + 1);
    t->indexes = arena_new_array(r->arena, struct index, 1); /* the primary key, for now */
    const char **names = arena_new_array(r->arena, const char *, nkey + 1);
    r->nomem |= !t->columns || !t->indexes || !names;
    if (!r->nomem) {
        if (columns.n)
            memcpy(t->columns, columns.p, columns.n * sizeof *columns.p);
        if (nkey)
            memcpy(names, key, nkey * sizeof *names);
        t->ncolumns = (uint16_t)columns.n;
        t->indexes[0] =
            (struct index){ .columns = names, .ncolumns = nkey, .unique = true, .primary = true };
        t->nindexes = nkey > 0;
    }
    vec_release(&columns);
    return done(r, st, step, err);
}

/* Columns of one index; an expression ends the list, for what follows it is of no use to us. */
static int read_index_columns(struct reader *r, struct index *index, struct err *err)
{
    const char *names[64];
    uint16_t n = 0;
    bool expression = false;
    int step;
    sqlite3_stmt *st = ask(r, "select name from pragma_index_xinfo(?) where key = 1 order by seqno",
                           index->name, err);
    if (!st)
        return err ? err->rc : RC_IO;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        expression |= sqlite3_column_type(st, 0) == SQLITE_NULL;
        if (!expression && n < 64)
            names[n++] = text(r, st, 0);
    }
    index->columns = arena_new_array(r->arena, const char *, n + 1);
    r->nomem |= !index->columns;
    if (!r->nomem && n)
        memcpy(index->columns, names, n * sizeof *names);
    index->ncolumns = n;
    return done(r, st, step, err);
}

static int read_indexes(struct reader *r, struct table *t, struct err *err)
{
    struct indexes_vec VEC(struct index) list = { 0 };
    int step, rc;
    sqlite3_stmt *st =
        ask(r, "select name, \"unique\", origin, partial from pragma_index_list(?)", t->name, err);
    if (!st)
        return err ? err->rc : RC_IO;
    bool pushed = !t->nindexes || vec_push(&list, t->indexes[0]);
    while ((step = sqlite3_step(st)) == SQLITE_ROW && pushed) {
        struct index i = { .name = text(r, st, 0),
                           .unique = sqlite3_column_int(st, 1),
                           .partial = sqlite3_column_int(st, 3) };
        const char *origin = (const char *)sqlite3_column_text(st, 2);
        if (!origin || strcmp(origin, "pk") != 0) /* that one is there already */
            pushed = vec_push_max(&list, i, INDEXES_MAX);
    }
    r->nomem |= !pushed;
    rc = done(r, st, step, err);
    for (size_t i = 0; !rc && i < list.n; i++)
        if (!list.p[i].primary)
            rc = read_index_columns(r, &list.p[i], err);
    if (!rc && list.n) {
        t->indexes = arena_new_array(r->arena, struct index, list.n);
        r->nomem |= !t->indexes;
        if (t->indexes)
            memcpy(t->indexes, list.p, list.n * sizeof *list.p);
        t->nindexes = t->indexes ? (uint16_t)list.n : 0;
    }
    vec_release(&list);
    return rc;
}

static int read_foreign_keys(struct reader *r, struct table *t, struct err *err)
{
    struct fks_vec VEC(struct foreign_key) list = { 0 };
    int step;
    sqlite3_stmt *st =
        ask(r, "select \"from\", \"table\", \"to\" from pragma_foreign_key_list(?)", t->name, err);
    if (!st)
        return err ? err->rc : RC_IO;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct foreign_key k = { text(r, st, 0), text(r, st, 1), text(r, st, 2) };
        k.ref_column = k.ref_column ? k.ref_column : "id"; /* left out: the primary key */
        if (!vec_push_max(&list, k, INDEXES_MAX))
            r->nomem = true;
    }
    t->fks = arena_new_array(r->arena, struct foreign_key, list.n + 1);
    r->nomem |= !t->fks;
    if (t->fks && list.n)
        memcpy(t->fks, list.p, list.n * sizeof *list.p);
    t->nfks = (uint16_t)list.n;
    vec_release(&list);
    return done(r, st, step, err);
}

static bool ask_number(struct reader *r, const char *what, const char *table, uint64_t *ret)
{
    auto_buf sql = BUF_INIT(1 << 16);
    sqlite3_stmt *st = NULL;
    buf_addf(&sql, "select %s from ", what);
    put_ident(&sql, DIALECT_SQLITE, table);
    bool ok = !sql.failed &&
              sqlite3_prepare_v2(r->db, buf_cstr(&sql), -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;
    if (ok)
        *ret = (uint64_t)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return ok;
}

/* Counting a large table may take longer than there is time: then the largest rowid, which is no
 * less in tables that only grow. Half of the time left for each count, so that no table eats the
 * time of all. */
static void count_rows(struct reader *r, struct table *t)
{
    uint64_t until = r->conn->until_ns, now = now_ns();
    if (now >= until)
        return;
    r->conn->until_ns = now + (until - now) / 2;
    bool counted = ask_number(r, "count(*)", t->name, &t->rows);
    r->conn->until_ns = until;
    if (!counted && !ask_number(r, "max(rowid)", t->name, &t->rows))
        t->rows = 0;
}

int sqlite_schema(struct engine_conn *c, struct arena *arena, struct schema **ret, struct err *err)
{
    struct err own = { 0 };
    struct reader r = { .conn = c, .db = c->handle, .arena = arena };
    err = err ? err : &own;
    conn_start(c);
    int rc = list_tables(&r, err);
    for (size_t i = 0; !rc && i < r.tables.n; i++) {
        struct table *t = &r.tables.p[i];
        rc = read_columns(&r, t, err);
        rc = rc ? rc : read_indexes(&r, t, err);
        rc = rc ? rc : read_foreign_keys(&r, t, err);
    }
    conn_start(c);
    for (size_t i = 0; !rc && i < r.tables.n; i++)
        count_rows(&r, &r.tables.p[i]);
    struct schema *s = rc ? NULL : arena_new_one(arena, struct schema);
    struct table *tables = rc ? NULL : arena_new_array(arena, struct table, r.tables.n + 1);
    if (!rc && (!s || !tables))
        rc = err_set(err, RC_NOMEM, NULL, "no memory for a schema of %zu tables", r.tables.n);
    if (!rc) {
        if (r.tables.n)
            memcpy(tables, r.tables.p, r.tables.n * sizeof *tables);
        qsort(tables, r.tables.n, sizeof *tables, compare_tables);
        *s = (struct schema){ SCHEMA_SERVER, DIALECT_SQLITE, tables, (uint32_t)r.tables.n };
        *ret = s;
    }
    vec_release(&r.tables);
    return rc;
}
