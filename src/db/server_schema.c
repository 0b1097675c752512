/* Tables, columns, indexes and keys as a server's catalogue lists them, put together to a schema.
 */
#include "db/server_schema.h"

#include <stdlib.h>
#include <strings.h>

enum { TABLES_MAX = 20000, ITEMS_MAX = 400000, INDEX_COLUMNS = 32 };

static const char *keep(struct server_schema *s, const char *text)
{
    const char *copy = text ? arena_strdup(s->arena, text) : NULL;
    s->nomem |= text && !copy;
    return copy;
}

/* Moves the columns that were gathered to the table they belong to. */
static void end_table(struct server_schema *s)
{
    if (!s->tables.n)
        return;
    struct table *t = &s->tables.p[s->tables.n - 1];
    t->columns = arena_new_array(s->arena, struct column, s->columns.n + 1);
    if (!t->columns) {
        s->nomem = true;
        return;
    }
    if (s->columns.n)
        memcpy(t->columns, s->columns.p, s->columns.n * sizeof *t->columns);
    t->ncolumns = (uint16_t)s->columns.n;
    s->columns.n = 0;
}

void server_table(struct server_schema *s, const char *name, uint64_t rows)
{
    if (s->columns.n)
        end_table(s);
    struct table t = { .name = keep(s, name), .rows = rows, .confidence = 100 };
    s->nomem |= !vec_push_max(&s->tables, t, TABLES_MAX);
}

void server_column(struct server_schema *s, const char *name, const char *type, bool nullable,
                   bool is_unsigned, bool auto_increment)
{
    struct column c = { .name = keep(s, name),
                        .type = keep(s, type),
                        .nullable = nullable,
                        .unsigned_ = is_unsigned,
                        .auto_increment = auto_increment };
    c.klass = column_class_of(type, &c.length);
    s->nomem |= !vec_push_max(&s->columns, c, UINT16_MAX);
}

static uint32_t find_table(const struct server_schema *s, const char *name)
{
    for (size_t i = s->tables.n; i-- > 0;)
        if (s->tables.p[i].name && strcmp(s->tables.p[i].name, name) == 0)
            return (uint32_t)i;
    return UINT32_MAX;
}

void server_index_column(struct server_schema *s, const char *table, const char *index,
                         const char *column, bool unique, bool primary, bool partial,
                         const char *method)
{
    struct ss_index *last = s->indexes.n ? &s->indexes.p[s->indexes.n - 1] : NULL;
    bool same = last && last->index.name && strcmp(last->index.name, index) == 0 &&
                strcmp(s->tables.p[last->table].name, table) == 0;
    if (!same) {
        struct ss_index x = { .index = { .name = keep(s, index),
                                         .unique = unique,
                                         .primary = primary,
                                         .partial = partial },
                              .table = find_table(s, table) };
        x.index.fulltext = strcasecmp(method, "fulltext") == 0 || strcasecmp(method, "gin") == 0;
        x.index.spatial = strcasecmp(method, "spatial") == 0 || strcasecmp(method, "gist") == 0;
        x.index.columns = arena_new_array(s->arena, const char *, INDEX_COLUMNS);
        if (x.table == UINT32_MAX || !x.index.columns || !vec_push_max(&s->indexes, x, ITEMS_MAX)) {
            s->nomem |= x.table != UINT32_MAX;
            return;
        }
        last = &s->indexes.p[s->indexes.n - 1];
    }
    struct index *x = &last->index;
    bool ended = x->ncolumns && !x->columns[x->ncolumns - 1];
    if (!ended && x->ncolumns < INDEX_COLUMNS)
        x->columns[x->ncolumns++] = keep(s, column);
}

void server_foreign_key(struct server_schema *s, const char *table, const char *column,
                        const char *ref_table, const char *ref_column)
{
    struct ss_key k = { { keep(s, column), keep(s, ref_table), keep(s, ref_column) },
                        find_table(s, table) };
    if (k.table != UINT32_MAX)
        s->nomem |= !vec_push_max(&s->keys, k, ITEMS_MAX);
}

/* Hands the indexes and keys out to their tables: counted first, then placed. */
static void hand_out(struct server_schema *s)
{
    for (size_t i = 0; i < s->indexes.n; i++)
        s->tables.p[s->indexes.p[i].table].nindexes++;
    for (size_t i = 0; i < s->keys.n; i++)
        s->tables.p[s->keys.p[i].table].nfks++;
    for (size_t i = 0; i < s->tables.n; i++) {
        struct table *t = &s->tables.p[i];
        t->indexes = arena_new_array(s->arena, struct index, t->nindexes + 1);
        t->fks = arena_new_array(s->arena, struct foreign_key, t->nfks + 1);
        t->nindexes = t->nfks = 0;
        s->nomem |= !t->indexes || !t->fks;
    }
    for (size_t i = 0; !s->nomem && i < s->indexes.n; i++) {
        struct table *t = &s->tables.p[s->indexes.p[i].table];
        struct index x = s->indexes.p[i].index;
        if (x.ncolumns && !x.columns[x.ncolumns - 1])
            x.ncolumns--; /* the expression that ended it */
        t->indexes[t->nindexes++] = x;
    }
    for (size_t i = 0; !s->nomem && i < s->keys.n; i++) {
        struct table *t = &s->tables.p[s->keys.p[i].table];
        t->fks[t->nfks++] = s->keys.p[i].key;
    }
}

int server_schema_close(struct server_schema *s, enum dialect dialect, struct schema **ret,
                        struct err *err)
{
    end_table(s);
    if (!s->nomem)
        hand_out(s);
    struct schema *out = arena_new_one(s->arena, struct schema);
    struct table *tables = arena_new_array(s->arena, struct table, s->tables.n + 1);
    if (s->nomem || !out || !tables)
        return err_set(err, RC_NOMEM, NULL, "no memory for a schema of %zu tables", s->tables.n);
    if (s->tables.n)
        memcpy(tables, s->tables.p, s->tables.n * sizeof *tables);
    qsort(tables, s->tables.n, sizeof *tables, compare_tables);
    *out = (struct schema){ SCHEMA_SERVER, dialect, tables, (uint32_t)s->tables.n };
    *ret = out;
    return 0;
}

void server_schema_release(struct server_schema *s)
{
    vec_release(&s->tables);
    vec_release(&s->columns);
    vec_release(&s->indexes);
    vec_release(&s->keys);
}
