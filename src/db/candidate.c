/* The index that a statement wants, by its structure: columns compared for equality first, the most
 * selective ones before the others, then either the columns of the order or one range.
 *
 * Says nothing where an index cannot pay: small tables, a key that is unique already, columns with
 * two values, what an existing index begins with, predicates under OR. Whether the planner takes it
 * is for index_whatif to find out. */
#include "db/engine.h"

#include <strings.h>

enum { COLUMNS_MOST = 4, SMALL_TABLE = 1000 };

struct wish {
    const struct stmt *stmt;
    const struct table *table;
    enum dialect dialect;
    const struct column *equal[COLUMNS_MOST], *range, *order[COLUMNS_MOST], *null;
    unsigned nequal, norder;
    bool in; /* an equality is a list: an order behind it does not come out sorted */
};

static bool same(const char *a, struct str b)
{
    return str_ieq(str_c(a), b);
}

static const struct column *column_of(const struct wish *w, struct str table, struct str column)
{
    if (!same(w->table->name, table))
        return NULL;
    for (unsigned i = 0; i < w->table->ncolumns; i++)
        if (same(w->table->columns[i].name, column))
            return &w->table->columns[i];
    return NULL;
}

static bool can_be_indexed(const struct wish *w, const struct column *c)
{
    bool text = c->klass == COL_TEXT && w->dialect == DIALECT_MYSQL; /* wants a prefix length */
    return !text && c->klass != COL_JSON && c->klass != COL_BLOB && c->klass != COL_VECTOR;
}

/* Smaller is more selective. */
static int rank(const struct column *c)
{
    struct str name = str_c(c->name);
    if (c->klass == COL_BOOL || c->klass == COL_ENUM)
        return 4;
    if (c->klass == COL_UUID || str_ends(name, "_id") || str_is(name, "id") ||
        str_ends(name, "uuid"))
        return 0;
    if (str_is(name, "status") || str_is(name, "state") || str_is(name, "type") ||
        str_is(name, "kind") || str_ends(name, "_type") || str_ends(name, "_status"))
        return 3;
    return c->klass == COL_STRING ? 1 : 2;
}

static void add_equal(struct wish *w, const struct column *c)
{
    unsigned at = w->nequal;
    for (unsigned i = 0; i < w->nequal; i++)
        if (w->equal[i] == c)
            return;
    if (w->nequal == COLUMNS_MOST)
        return;
    for (; at && rank(w->equal[at - 1]) > rank(c); at--)
        w->equal[at] = w->equal[at - 1];
    w->equal[at] = c;
    w->nequal++;
}

static void read_predicates(struct wish *w)
{
    for (unsigned i = 0; i < w->stmt->npreds; i++) {
        const struct stmt_pred *p = &w->stmt->preds[i];
        const struct column *c = p->in_or ? NULL : column_of(w, p->table, p->column);
        if (!c || !can_be_indexed(w, c))
            continue;
        if (p->op == SOP_EQ || p->op == SOP_IN)
            add_equal(w, c);
        w->in |= p->op == SOP_IN;
        if ((p->op == SOP_RANGE || p->op == SOP_LIKE_PREFIX) && !w->range)
            w->range = c;
        if (p->op == SOP_NULL &&
            strcasecmp(c->name, "deleted_at") != 0) /* which is null nearly everywhere */
            w->null = c;
    }
}

/* A table that is reached from another one is looked up by the column that joins them. */
static void read_joins(struct wish *w)
{
    bool first = same(w->table->name, w->stmt->tables[0].name);
    for (unsigned i = 0; !first && i < w->stmt->njoins; i++) {
        const struct stmt_join *j = &w->stmt->joins[i];
        const struct column *l = column_of(w, j->left_table, j->left_column);
        const struct column *r = column_of(w, j->right_table, j->right_column);
        const struct column *c = l && !r ? l : r && !l ? r : NULL;
        if (c && can_be_indexed(w, c))
            add_equal(w, c);
    }
}

static void read_order(struct wish *w)
{
    for (unsigned i = 0; i < w->stmt->norders && w->norder < COLUMNS_MOST; i++) {
        const struct stmt_order *o = &w->stmt->orders[i];
        const struct column *c = o->is_expr ? NULL : column_of(w, o->table, o->column);
        if (!c || !can_be_indexed(w, c) || o->desc != w->stmt->orders[0].desc) {
            w->norder = 0; /* half an order sorts nothing */
            return;
        }
        w->order[w->norder++] = c;
    }
}

static bool is_wished_equal(const struct wish *w, const char *column)
{
    for (unsigned i = 0; i < w->nequal; i++)
        if (strcasecmp(w->equal[i]->name, column) == 0)
            return true;
    return false;
}

/* A unique key that is compared whole gives one row: nothing to add. */
static bool has_unique(const struct wish *w)
{
    for (unsigned i = 0; i < w->table->nindexes; i++) {
        const struct index *x = &w->table->indexes[i];
        bool all = x->unique && !x->partial && x->ncolumns > 0;
        for (unsigned k = 0; all && k < x->ncolumns; k++)
            all = is_wished_equal(w, x->columns[k]);
        if (all)
            return true;
    }
    return false;
}

/* Is there an index that begins with these columns: the equal ones in any order, the rest as they
 * stand? */
static bool has_prefix(const struct wish *w, const struct column *const *columns, unsigned n)
{
    unsigned nequal = w->nequal < n ? w->nequal : n;
    for (unsigned i = 0; i < w->table->nindexes; i++) {
        const struct index *x = &w->table->indexes[i];
        bool covers = x->ncolumns >= n && !x->partial && !x->fulltext && !x->spatial;
        for (unsigned k = 0; covers && k < n; k++)
            covers = k < nequal ? is_wished_equal(w, x->columns[k])
                                : strcasecmp(x->columns[k], columns[k]->name) == 0;
        if (covers)
            return true;
    }
    return false;
}

static unsigned choose(const struct wish *w, const struct column *ret[COLUMNS_MOST])
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->nequal; i++)
        ret[n++] = w->equal[i];
    bool weak = n && rank(w->equal[0]) == 4; /* only flags */
    bool order_first = w->norder && (w->stmt->has_limit || !w->range) && !w->in;
    if (order_first) {
        for (unsigned i = 0; i < w->norder && n < COLUMNS_MOST; i++)
            if (!is_wished_equal(w, w->order[i]->name))
                ret[n++] = w->order[i];
        if (!w->nequal && !w->stmt->has_limit && !w->range)
            return 0; /* the whole table is wanted, sorted: an index would only be another way to
                         read all of it */
        return n;
    }
    if (w->range && n < COLUMNS_MOST && !is_wished_equal(w, w->range->name))
        ret[n++] = w->range;
    else if (!n && w->null)
        ret[n++] = w->null;
    return weak && n == w->nequal ? 0 : n;
}

static bool candidate_for(const struct stmt *stmt, const struct schema *schema,
                          const struct table *table, struct arena *arena, struct index_def *ret)
{
    struct wish w = { .stmt = stmt, .table = table, .dialect = schema->dialect };
    const struct column *columns[COLUMNS_MOST];
    if (table->rows && table->rows < SMALL_TABLE)
        return false;
    read_predicates(&w);
    read_joins(&w);
    read_order(&w);
    if (has_unique(&w))
        return false;
    unsigned n = choose(&w, columns);
    if (!n || has_prefix(&w, columns, n))
        return false;
    const char **names = arena_new_array(arena, const char *, n);
    if (!names)
        return false;
    for (unsigned i = 0; i < n; i++)
        names[i] = columns[i]->name;
    *ret = (struct index_def){ .table = table->name, .columns = names, .ncolumns = (uint16_t)n };
    return true;
}

bool index_candidate(const struct stmt *stmt, const struct schema *schema, struct arena *arena,
                     struct index_def *ret)
{
    if (stmt->kind != STMT_SELECT && stmt->kind != STMT_UPDATE && stmt->kind != STMT_DELETE)
        return false;
    for (unsigned i = 0; i < stmt->ntables; i++) {
        char name[256];
        struct str t = stmt->tables[i].name;
        if (t.n >= sizeof name)
            continue;
        memcpy(name, t.p, t.n);
        name[t.n] = 0;
        const struct table *table = schema_table(schema, name);
        if (table && candidate_for(stmt, schema, table, arena, ret))
            return true;
    }
    return false;
}
