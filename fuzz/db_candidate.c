/* Any bytes as a statement and as its bound values, against a small database: a candidate names
 * real columns only, and explaining never writes. */
#include "db/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    char dir[256], path[300];
    struct engine_conn *conn;
    struct arena *arena;
    struct schema *schema;
};

static const char SCHEMA[] =
    "create table posts (id integer primary key, user_id integer, slug varchar, status varchar, "
    "body text, at datetime);"
    "create index posts_user on posts (user_id);"
    "create table users (id integer primary key, email varchar unique);"
    "insert into users (email) values ('a'), ('b');"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200)"
    " insert into posts (user_id, slug, status) select i % 7, 's' || i, 'live' from n;";

static void make_world(struct world *w)
{
    sqlite3 *db;
    const struct engine *e = engine_for(DIALECT_SQLITE);
    w->arena = arena_new(1 << 20);
    if (!w->arena || dir_temp("fettle-fuzz", w->dir, sizeof w->dir, NULL))
        abort();
    snprintf(w->path, sizeof w->path, "%s/db", w->dir);
    if (sqlite3_open(w->path, &db) || sqlite3_exec(db, SCHEMA, NULL, NULL, NULL) ||
        sqlite3_close(db) || e->open(w->path, true, 100, &w->conn, NULL) ||
        e->schema(w->conn, w->arena, &w->schema, NULL))
        abort();
    dir_remove(w->dir); /* open files stay readable; nothing is left behind */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w; /* the fuzzer's own, for all inputs */
    if (!w.conn)
        make_world(&w);
    size_t cut = 0;
    while (cut < size && data[cut])
        cut++;
    struct str sql = { (const char *)data, (uint32_t)cut };
    auto_arena *a = arena_new((size_t)16 << 20);
    char *values =
        a && cut < size ? arena_strndup(a, (const char *)data + cut + 1, size - cut - 1) : NULL;
    struct stmt *stmt;
    struct index_def def;
    struct plan plan;
    if (!a || stmt_parse(sql, DIALECT_SQLITE, a, &stmt, NULL))
        return 0;
    if (index_candidate(stmt, w.schema, a, &def)) {
        const struct table *t = schema_table(w.schema, def.table);
        if (!t || !def.ncolumns)
            abort();
        for (unsigned i = 0; i < def.ncolumns; i++)
            if (!table_column(t, def.columns[i]))
                abort();
    }
    if (engine_for(DIALECT_SQLITE)
                ->explain(w.conn, sql, values, stmt->kind == STMT_SELECT && !stmt->njoins, a, &plan,
                          NULL) == 0 &&
        !plan.text)
        abort();
    return 0;
}
