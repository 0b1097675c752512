#include "sql/schema.h"

#include <strings.h>

const struct table *schema_table(const struct schema *schema, const char *name)
{
    uint32_t lo = 0, hi = schema ? schema->ntables : 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = strcasecmp(schema->tables[mid].name, name);
        if (c == 0)
            return &schema->tables[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    const char *dot =
        schema && name ? strrchr(name, '.') : NULL; /* "public.users", "tenant.users" */
    return dot ? schema_table(schema, dot + 1) : NULL;
}

const struct column *table_column(const struct table *table, const char *name)
{
    for (unsigned i = 0; table && i < table->ncolumns; i++) {
        if (!strcasecmp(table->columns[i].name, name))
            return &table->columns[i];
    }
    return NULL;
}

/* Are the first n columns of the index exactly the n wanted ones, in any order? */
static bool leads(const struct index *index, const char *const *columns, unsigned n)
{
    if (index->ncolumns < n)
        return false;
    for (unsigned i = 0; i < n; i++) {
        bool found = false;
        for (unsigned k = 0; k < n && !found; k++)
            found = !strcasecmp(index->columns[k], columns[i]);
        if (!found)
            return false;
    }
    return true;
}

const struct index *table_index_leading(const struct table *table, const char *const *columns,
                                        unsigned n)
{
    const struct index *best = NULL;
    for (unsigned i = 0; table && n && i < table->nindexes; i++) {
        const struct index *index = &table->indexes[i];
        if (index->fulltext || index->spatial || index->partial || !leads(index, columns, n))
            continue;
        if (!best || index->ncolumns < best->ncolumns)
            best = index;
    }
    return best;
}
