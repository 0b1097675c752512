/* What the engines share: deadlines, names, types. */
#include "db/engine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const struct engine *engine_for(enum dialect dialect)
{
    switch (dialect) {
    case DIALECT_SQLITE:
        return &sqlite_engine;
    case DIALECT_PGSQL:
        return &pgsql_engine;
    case DIALECT_MYSQL:
        return &mysql_engine;
    default:
        return NULL;
    }
}

void conn_start(struct engine_conn *c)
{
    c->until_ns = now_ns() + (uint64_t)c->deadline_ms * 1000000u;
}

bool conn_late(const struct engine_conn *c)
{
    return now_ns() > c->until_ns;
}

/* First match wins: more telling words come first. */
static const struct {
    const char *word;
    enum column_class klass;
} classes[] = {
    { "vector", COL_VECTOR },     { "json", COL_JSON },
    { "uuid", COL_UUID },         { "uniqueidentifier", COL_UUID },
    { "enum", COL_ENUM },         { "tinyint(1)", COL_BOOL },
    { "bool", COL_BOOL },         { "bit", COL_BOOL },
    { "datetime", COL_DATETIME }, { "timestamp", COL_DATETIME },
    { "interval", COL_OTHER },    { "date", COL_DATE },
    { "point", COL_OTHER },       { "year", COL_INT },
    { "time", COL_TIME },         { "int", COL_INT },
    { "serial", COL_INT },        { "decimal", COL_DECIMAL },
    { "numeric", COL_DECIMAL },   { "money", COL_DECIMAL },
    { "double", COL_FLOAT },      { "float", COL_FLOAT },
    { "real", COL_FLOAT },        { "char", COL_STRING },
    { "text", COL_TEXT },         { "clob", COL_TEXT },
    { "blob", COL_BLOB },         { "binary", COL_BLOB },
    { "bytea", COL_BLOB },
};

enum column_class column_class_of(const char *type, uint32_t *ret_length)
{
    char lower[64];
    size_t n = 0;
    for (; type[n] && n + 1 < sizeof lower; n++)
        lower[n] = (char)tolower((unsigned char)type[n]);
    lower[n] = 0;
    const char *open = strchr(lower, '(');
    *ret_length = open ? (uint32_t)strtoul(open + 1, NULL, 10) : 0;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strstr(lower, classes[i].word))
            return classes[i].klass;
    return COL_OTHER;
}

int compare_tables(const void *a, const void *b)
{
    const char *x = ((const struct table *)a)->name, *y = ((const struct table *)b)->name;
    int c = strcasecmp(x, y); /* as schema_table looks them up */
    return c ? c : strcmp(x, y);
}

const char *index_name(const struct index_def *def, char *buf, size_t size)
{
    uint64_t h = str_hash(str_c(def->table));
    for (unsigned i = 0; i < def->ncolumns; i++)
        h = hash_mix(h, str_hash(str_c(def->columns[i])));
    h = hash_mix(h, str_hash(str_c(def->where)) + def->unique);
    snprintf(buf, size, "fettle_whatif_%016llx", (unsigned long long)h);
    return buf;
}

void put_ident(struct buf *out, enum dialect dialect, const char *name)
{
    char quote = dialect == DIALECT_MYSQL ? '`' : '"';
    buf_addc(out, quote);
    for (; *name; name++) {
        if (*name == quote)
            buf_addc(out, quote);
        buf_addc(out, *name);
    }
    buf_addc(out, quote);
}

void put_create_index(struct buf *out, enum dialect dialect, const struct index_def *def)
{
    char name[64];
    buf_adds(out, def->unique ? "create unique index " : "create index ");
    put_ident(out, dialect, index_name(def, name, sizeof name));
    buf_adds(out, " on ");
    put_ident(out, dialect, def->table);
    buf_adds(out, " (");
    for (unsigned i = 0; i < def->ncolumns; i++) {
        buf_adds(out, i ? ", " : "");
        put_ident(out, dialect, def->columns[i]);
    }
    buf_addc(out, ')');
    if (def->where && dialect != DIALECT_MYSQL) /* which has no partial indexes */
        buf_addf(out, " where %s", def->where);
}

const char *table_of_alias(const struct stmt *s, const char *name, struct arena *a)
{
    struct str want = str_c(name);
    for (unsigned i = 0; s && i < s->ntables; i++)
        if (str_ieq(s->tables[i].alias.n ? s->tables[i].alias : s->tables[i].name, want))
            return arena_strndup(a, s->tables[i].name.p, s->tables[i].name.n);
    return arena_strdup(a, name);
}

bool is_select(struct str sql, enum dialect dialect, struct arena *a, struct stmt **ret)
{
    *ret = NULL;
    return stmt_parse(sql, dialect, a, ret, NULL) == 0 && (*ret)->kind == STMT_SELECT;
}

/* key=value key='quoted value', as libpq has it. */
const char *dsn_get(const char *dsn, const char *key, struct arena *a)
{
    size_t nkey = strlen(key);
    for (const char *p = dsn; *p;) {
        while (isspace((unsigned char)*p))
            p++;
        const char *name = p;
        while (*p && *p != '=' && !isspace((unsigned char)*p))
            p++;
        bool found = (size_t)(p - name) == nkey && memcmp(name, key, nkey) == 0;
        if (*p != '=')
            continue;
        bool quoted = *++p == '\'';
        auto_buf value = BUF_INIT(4096);
        for (p += quoted; *p && (quoted ? *p != '\'' : !isspace((unsigned char)*p)); p++) {
            if (*p == '\\' && p[1])
                p++;
            buf_addc(&value, *p);
        }
        p += quoted && *p;
        if (found)
            return value.failed ? NULL : arena_strdup(a, buf_cstr(&value));
    }
    return NULL;
}

int column_bytes(const struct engine *e, struct engine_conn *c, const char *table, const char *column, double *ret,
                 struct err *err)
{
    enum { SAMPLE = 1000 };
    auto_buf sql = BUF_INIT(1 << 14);
    const char *length = e->dialect == DIALECT_SQLITE ? "length(cast(x as blob))" :
                         e->dialect == DIALECT_PGSQL ? "octet_length(cast(x as text))" : "octet_length(x)";
    buf_addf(&sql, "select avg(%s) from (select ", length);
    put_ident(&sql, e->dialect, column);
    buf_adds(&sql, " as x from ");
    put_ident(&sql, e->dialect, table);
    buf_addf(&sql, " limit %d) as sample", SAMPLE);
    if (sql.failed)
        return err_set(err, RC_NOMEM, NULL, "no memory for a statement");
    *ret = 0;
    int rc = e->number(c, sql.p, ret, err);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}
