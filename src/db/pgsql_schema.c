/* The schema of a PostgreSQL database, as far as the search path sees it. Row counts are the
 * planner's estimates; where a table was never analysed they are counted, within the deadline. */
#include "db/pgsql.h"
#include "db/server_schema.h"

#include <stdlib.h>

static const char columns_sql[] =
    "select c.relname, greatest(c.reltuples, -1)::bigint, a.attname, "
    "pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "a.attnotnull, coalesce(a.attidentity, '') <> '' or pg_catalog.pg_get_expr(d.adbin, d.adrelid) "
    "like 'nextval%' "
    "from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum "
    "> 0 and not a.attisdropped "
    "left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum "
    "where c.relkind in ('r', 'p', 'm') and pg_catalog.pg_table_is_visible(c.oid) "
    "and c.relnamespace not in (select oid from pg_catalog.pg_namespace where nspname in "
    "('pg_catalog', "
    "'information_schema')) order by c.relname, a.attnum";

static const char indexes_sql[] =
    "select c.relname, i.relname, a.attname, x.indisunique, x.indisprimary, x.indpred is not null, "
    "m.amname "
    "from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indrelid join "
    "pg_catalog.pg_class i on i.oid = x.indexrelid "
    "join pg_catalog.pg_am m on m.oid = i.relam "
    "cross join lateral unnest(x.indkey[0:x.indnkeyatts - 1]) with ordinality as k(attnum, n) "
    "left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum and "
    "k.attnum > 0 "
    "where x.indisvalid and pg_catalog.pg_table_is_visible(c.oid) and c.relkind in ('r', 'p', 'm') "
    "and c.relnamespace not in (select oid from pg_catalog.pg_namespace where nspname in "
    "('pg_catalog', "
    "'information_schema', 'pg_toast')) order by c.relname, i.relname, k.n";

static const char keys_sql[] =
    "select c.relname, a.attname, r.relname, b.attname from pg_catalog.pg_constraint k "
    "join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_class r on r.oid = "
    "k.confrelid "
    "join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1] "
    "join pg_catalog.pg_attribute b on b.attrelid = r.oid and b.attnum = k.confkey[1] "
    "where k.contype = 'f' and pg_catalog.pg_table_is_visible(c.oid) order by c.relname, k.conname";

struct rows {
    const struct pq *pq;
    PGresult *r;
};

static const char *text(const struct rows *r, int row, int column)
{
    return r->pq->PQgetvalue(r->r, row, column);
}

static const char *text_or_null(const struct rows *r, int row, int column)
{
    return r->pq->PQgetisnull(r->r, row, column) ? NULL : text(r, row, column);
}

static bool truth(const struct rows *r, int row, int column)
{
    return text(r, row, column)[0] == 't';
}

static void read_columns(struct server_schema *s, const struct rows *r)
{
    const char *last = "";
    for (int i = 0; i < r->pq->PQntuples(r->r); i++) {
        const char *table = text(r, i, 0);
        long long rows = strtoll(text(r, i, 1), NULL, 10);
        if (i == 0 || strcmp(table, last) != 0)
            server_table(s, table, rows > 0 ? (uint64_t)rows : 0);
        last = table;
        server_column(s, text(r, i, 2), text(r, i, 3), !truth(r, i, 4), false, truth(r, i, 5));
    }
}

static void read_indexes(struct server_schema *s, const struct rows *r)
{
    for (int i = 0; i < r->pq->PQntuples(r->r); i++)
        server_index_column(s, text(r, i, 0), text(r, i, 1), text_or_null(r, i, 2), truth(r, i, 3),
                            truth(r, i, 4), truth(r, i, 5), text(r, i, 6));
}

static void read_keys(struct server_schema *s, const struct rows *r)
{
    for (int i = 0; i < r->pq->PQntuples(r->r); i++)
        server_foreign_key(s, text(r, i, 0), text(r, i, 1), text(r, i, 2), text(r, i, 3));
}

static void count_rows(struct engine_conn *c, struct table *t)
{
    auto_buf sql = BUF_INIT(1 << 12);
    struct rows r = { pq_of(c), NULL };
    buf_adds(&sql, "select count(*) from ");
    put_ident(&sql, DIALECT_PGSQL, t->name);
    if (!sql.failed && pgsql_ask(c, sql.p, &r.r, NULL) == 0)
        t->rows = strtoull(text(&r, 0, 0), NULL, 10);
    r.pq->PQclear(r.r);
}

int pgsql_schema(struct engine_conn *c, struct arena *arena, struct schema **ret, struct err *err)
{
    struct server_schema s = { .arena = arena };
    const struct pq *pq = pq_of(c);
    struct rows columns = { pq, NULL }, indexes = { pq, NULL }, keys = { pq, NULL };
    conn_start(c);
    int rc = pgsql_ask(c, columns_sql, &columns.r, err);
    rc = rc ? rc : pgsql_ask(c, indexes_sql, &indexes.r, err);
    rc = rc ? rc : pgsql_ask(c, keys_sql, &keys.r, err);
    if (!rc) {
        read_columns(&s, &columns);
        read_indexes(&s, &indexes);
        read_keys(&s, &keys);
        rc = server_schema_close(&s, DIALECT_PGSQL, ret, err);
    }
    for (uint32_t i = 0; !rc && i < (*ret)->ntables && !conn_late(c); i++)
        if (!(*ret)->tables[i].rows)
            count_rows(c, &(*ret)->tables[i]);
    pq->PQclear(columns.r);
    pq->PQclear(indexes.r);
    pq->PQclear(keys.r);
    server_schema_release(&s);
    return rc;
}
