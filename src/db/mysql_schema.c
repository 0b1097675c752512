/* The schema of a MariaDB or MySQL database, from information_schema. Row counts are InnoDB's
 * estimates; small ones are counted, for there the estimate may be far off. */
#include "db/mysql.h"
#include "db/server_schema.h"

#include <stdlib.h>

enum { COUNT_BELOW = 100000 };

static const char columns_sql[] =
    "select t.table_name, coalesce(t.table_rows, 0), c.column_name, c.column_type, c.is_nullable, "
    "c.extra "
    "from information_schema.tables t join information_schema.columns c on c.table_schema = "
    "t.table_schema and "
    "c.table_name = t.table_name where t.table_schema = database() and t.table_type like '%TABLE' "
    "order by t.table_name, c.ordinal_position";
static const char indexes_sql[] =
    "select table_name, index_name, column_name, non_unique, index_type, sub_part from "
    "information_schema.statistics "
    "where table_schema = database() order by table_name, index_name, seq_in_index";
static const char keys_sql[] =
    "select table_name, column_name, referenced_table_name, referenced_column_name "
    "from information_schema.key_column_usage where table_schema = database() and "
    "referenced_table_name is not null "
    "and ordinal_position = 1 order by table_name, constraint_name";

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static void read_columns(struct server_schema *s, const struct my *my, MYSQL_RES *r)
{
    const char *last = NULL;
    for (MYSQL_ROW row; (row = my->mysql_fetch_row(r));) {
        if (!last || strcmp(or_empty(row[0]), last) != 0)
            server_table(s, or_empty(row[0]), strtoull(or_empty(row[1]), NULL, 10));
        last = or_empty(row[0]); /* rows live as long as the result */
        server_column(s, or_empty(row[2]), or_empty(row[3]), or_empty(row[4])[0] == 'Y',
                      strstr(or_empty(row[3]), "unsigned") != NULL,
                      strstr(or_empty(row[5]), "auto_increment") != NULL);
    }
}

static void count_rows(struct engine_conn *c, struct table *t)
{
    auto_buf sql = BUF_INIT(1 << 12);
    MYSQL_RES *r = NULL;
    buf_adds(&sql, "select count(*) from ");
    put_ident(&sql, DIALECT_MYSQL, t->name);
    if (sql.failed || mysql_ask(c, sql.p, &r, NULL))
        return;
    MYSQL_ROW row = my_of(c)->mysql_fetch_row(r);
    if (row && row[0])
        t->rows = strtoull(row[0], NULL, 10);
    my_of(c)->mysql_free_result(r);
}

int mysql_schema(struct engine_conn *c, struct arena *arena, struct schema **ret, struct err *err)
{
    struct server_schema s = { .arena = arena };
    const struct my *my = my_of(c);
    MYSQL_RES *columns = NULL, *indexes = NULL, *keys = NULL;
    conn_start(c);
    int rc = mysql_ask(c, columns_sql, &columns, err);
    rc = rc ? rc : mysql_ask(c, indexes_sql, &indexes, err);
    rc = rc ? rc : mysql_ask(c, keys_sql, &keys, err);
    if (!rc) {
        read_columns(&s, my, columns);
        for (MYSQL_ROW row; (row = my->mysql_fetch_row(indexes));)
            server_index_column(&s, or_empty(row[0]), or_empty(row[1]), row[2],
                                or_empty(row[3])[0] == '0',
                                strcmp(or_empty(row[1]), "PRIMARY") == 0, false, or_empty(row[4]));
        for (MYSQL_ROW row; (row = my->mysql_fetch_row(keys));)
            server_foreign_key(&s, or_empty(row[0]), or_empty(row[1]), or_empty(row[2]),
                               or_empty(row[3]));
        rc = server_schema_close(&s, DIALECT_MYSQL, ret, err);
    }
    for (uint32_t i = 0; !rc && i < (*ret)->ntables && !conn_late(c); i++)
        if ((*ret)->tables[i].rows < COUNT_BELOW)
            count_rows(c, &(*ret)->tables[i]);
    if (columns)
        my->mysql_free_result(columns);
    if (indexes)
        my->mysql_free_result(indexes);
    if (keys)
        my->mysql_free_result(keys);
    server_schema_release(&s);
    return rc;
}
