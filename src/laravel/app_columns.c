/* What one chain on a Blueprint does:
 * `$table->foreignId('user_id')->nullable()->constrained()->index()`. */
#include "laravel/app_migrate.h"

#include <ctype.h>

/* Columns that the chain's first call made, for the modifiers behind it. */
struct made {
    struct str columns[4];
    unsigned n;
    struct str model_table;                /* foreignIdFor(X::class): the table of X */
    struct str foreign[INDEX_MAX_COLUMNS]; /* foreign(…) */
    unsigned nforeign;
    struct str ref_column;
    bool indexed; /* a column's own index is made once: primary, unique, then index */
};

static struct str text_of(const struct scope *sc, uint32_t call, unsigned nth, const char *name,
                          const char *otherwise)
{
    struct str s;
    uint32_t arg = src_arg(&sc->src, call, nth, name);
    return arg && eval_str(sc, arg, &s) ? s : str_c(otherwise);
}

static unsigned columns_of(const struct scope *sc, uint32_t arg, struct str *ret, unsigned max)
{
    sym *all = NULL;
    struct str one;
    if (!arg)
        return 0;
    if (eval_str(sc, arg, &one)) {
        ret[0] = one;
        return one.n ? 1 : 0;
    }
    uint32_t n = eval_strings(sc, arg, &all);
    for (uint32_t i = 0; all && i < n && i < max; i++)
        ret[i] = syms_str(sc->b->app->syms, all[i]);
    return n < max ? n : max;
}

static struct column *put(const struct migrate *m, struct str name, struct str type,
                          enum column_class klass)
{
    struct column *c = table_put(m->schema, m->table, name, type, klass);
    return c;
}

static struct str with_tail(const struct migrate *m, struct str a, const char *tail)
{
    return text_concat(m->b->arena, a, str_c(tail));
}

static void put_morphs(const struct migrate *m, const struct scope *sc, uint32_t call,
                       const struct blueprint_type *type)
{
    struct str name = text_of(sc, call, 0, "name", "");
    struct str cols[2] = { with_tail(m, name, "_type"), with_tail(m, name, "_id") };
    if (!name.n) {
        migrate_unread(m, sc, call, "the column's name is not constant");
        return;
    }
    bool nullable = type->what == BP_NULLABLE_MORPHS;
    struct column *c = put(m, cols[0], STR("string"), COL_STRING);
    if (c) {
        c->length = 255;
        c->nullable = nullable;
    }
    if ((c = put(m, cols[1], str_c(type->type), type->klass)))
        c->nullable = nullable;
    table_add_index(m->schema, m->table, text_of(sc, call, 1, "indexName", ""), cols, 2, "index");
}

static void put_nullable(const struct migrate *m, struct str name,
                         const struct blueprint_type *type)
{
    struct column *c = put(m, name, str_c(type->type), type->klass);
    if (c)
        c->nullable = true;
}

/* foreignIdFor(User::class) -> user_id */
static struct str column_for_model(const struct migrate *m, const struct scope *sc, uint32_t call,
                                   struct made *made)
{
    sym name = eval_class(sc, src_arg(&sc->src, call, 0, "model"));
    const struct model *model = class_model(m->b->app, app_class(m->b->app, name));
    struct str own = text_of(sc, call, 1, "column", ""),
               base = text_basename(syms_str(m->b->app->syms, name));
    if (model)
        made->model_table = syms_str(m->b->app->syms, model->table);
    else if (base.n)
        made->model_table = text_snake(text_plural_studly(base, m->b->arena), '_', m->b->arena);
    if (own.n || !base.n)
        return own;
    struct str key = model ? syms_str(m->b->app->syms, model->key_name) : STR("id");
    return text_concat(m->b->arena, with_tail(m, text_snake(base, '_', m->b->arena), "_"), key);
}

static uint32_t length_of(const struct scope *sc, uint32_t call, const struct blueprint_type *type)
{
    struct str s = STR("");
    bool sized = type->klass == COL_STRING || type->klass == COL_VECTOR;
    uint32_t arg = sized ? src_arg(&sc->src, call, 1,
                                   type->klass == COL_VECTOR ? "dimensions" : "length")
                         : 0,
             n = 0;
    if (arg && eval_str(sc, arg, &s)) {
        for (uint32_t i = 0; i < s.n && isdigit((unsigned char)s.p[i]) && n < 100000000; i++)
            n = n * 10 + (uint32_t)(s.p[i] - '0');
    }
    if (!n && type->klass == COL_STRING && !strcmp(type->type, "string"))
        n = 255;
    return n;
}

static void put_column(const struct migrate *m, const struct scope *sc, uint32_t call,
                       const struct blueprint_type *type, struct made *made)
{
    struct str name = type->what == BP_FOREIGN_ID_FOR ? column_for_model(m, sc, call, made)
                      : type->what == BP_ADD_COLUMN   ? text_of(sc, call, 1, "name", "")
                      : !strcmp(type->method, "id")   ? text_of(sc, call, 0, "column", "id")
                                                      : text_of(sc, call, 0, "column", "");
    struct str written =
        type->what == BP_ADD_COLUMN ? text_of(sc, call, 0, "type", "") : str_c(type->type);
    if (!name.n) {
        migrate_unread(m, sc, call, "the column's name is not constant");
        return;
    }
    const struct blueprint_type *named =
        type->what == BP_ADD_COLUMN ? blueprint_type(written) : NULL;
    struct column *c = put(m, name, written, named ? named->klass : type->klass);
    if (!c)
        return;
    c->unsigned_ =
        type->what == BP_UNSIGNED || type->what == BP_INCREMENTS || type->what == BP_FOREIGN_ID;
    c->length = length_of(sc, call, type);
    made->columns[made->n++] = name;
    if (type->what == BP_INCREMENTS) {
        c->auto_increment = true;
        table_add_index(m->schema, m->table, STR("primary"), &name, 1, "primary");
    }
}

static bool column_call(const struct migrate *m, const struct scope *sc, uint32_t call,
                        struct made *made)
{
    const struct blueprint_type *type = blueprint_type(src_str(&sc->src, call));
    if (!type)
        return false;
    switch (type->what) {
    case BP_MORPHS:
    case BP_NULLABLE_MORPHS:
        put_morphs(m, sc, call, type);
        break;
    case BP_TIMESTAMPS:
        put_nullable(m, STR("created_at"), type);
        put_nullable(m, STR("updated_at"), type);
        break;
    case BP_SOFT_DELETES:
        made->columns[made->n++] = text_of(sc, call, 0, "column", "deleted_at");
        put_nullable(m, made->columns[0], type);
        break;
    case BP_REMEMBER_TOKEN:
        put_nullable(m, STR("remember_token"), type);
        break;
    default:
        put_column(m, sc, call, type, made);
        break;
    }
    return true;
}

/* ---- commands ---- */

static const char *index_kind(struct str name)
{
    if (str_is(name, "index") || str_is(name, "rawIndex"))
        return "index";
    if (str_is(name, "unique"))
        return "unique";
    if (str_is(name, "primary"))
        return "primary";
    if (str_ieq(name, STR("fulltext")))
        return "fulltext";
    return str_is(name, "spatialIndex") || str_is(name, "vectorIndex") ? "spatialindex" : NULL;
}

static bool index_call(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str name = src_str(&sc->src, call), cols[INDEX_MAX_COLUMNS];
    const char *kind = index_kind(name);
    if (!kind)
        return false;
    unsigned n = columns_of(sc, src_arg(&sc->src, call, 0, "columns"), cols, INDEX_MAX_COLUMNS);
    if (!n)
        migrate_unread(m, sc, call, "the columns of an index are not constant");
    for (unsigned i = 0; i < n; i++) { /* rawIndex('lower(email)'), DB::raw('name(10)') */
        const char *open = cols[i].n ? memchr(cols[i].p, '(', cols[i].n) : NULL;
        if (open)
            cols[i].n = (uint32_t)(open - cols[i].p);
        cols[i] = str_trim(cols[i]);
        for (uint32_t k = 0; k < cols[i].n; k++) { /* DB::raw('created_at desc') */
            if (cols[i].p[k] == ' ')
                cols[i].n = k;
        }
        if (!table_find_column(m->table, cols[i]) && open) {
            schema_doubt(m->table, 3);
            return true;
        }
    }
    struct str own = !strcmp(kind, "primary") ? STR("primary") : text_of(sc, call, 1, "name", "");
    table_add_index(m->schema, m->table, own, cols, n, kind);
    return true;
}

static void drop_columns(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str cols[64];
    for (unsigned i = 0; i < src_nargs(&sc->src, call); i++) {
        unsigned n = columns_of(sc, src_arg(&sc->src, call, i, "columns"), cols, 64);
        if (!n)
            migrate_unread(m, sc, call, "the column's name is not constant");
        for (unsigned k = 0; k < n; k++)
            table_drop_column(m->schema, m->table, cols[k]);
    }
}

/* dropIndex('name') or dropIndex(['a', 'b']) */
static void drop_index(const struct migrate *m, const struct scope *sc, uint32_t call,
                       const char *kind)
{
    uint32_t arg = src_arg(&sc->src, call, 0, "index");
    struct str cols[INDEX_MAX_COLUMNS], name;
    if (arg && src_kind(&sc->src, arg) != E_ARRAY && eval_str(sc, arg, &name)) {
        table_drop_index(m->table, name);
        return;
    }
    unsigned n = columns_of(sc, arg, cols, INDEX_MAX_COLUMNS);
    if (n)
        table_drop_index(m->table, str_c(index_name_for(m->schema, m->table->name, cols, n, kind)));
    else
        migrate_unread(m, sc, call, "the index to drop is not constant");
}

static void drop_primary(struct table_build *t)
{
    for (size_t i = 0; i < t->indexes.n; i++) {
        if (t->indexes.p[i].primary) {
            t->indexes.p[i] = t->indexes.p[--t->indexes.n];
            return;
        }
    }
}

/* dropForeign(['user_id']) or dropForeign('posts_user_id_foreign') */
static void drop_foreign(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str cols[4], name;
    struct table_build *t = m->table;
    unsigned n = columns_of(sc, src_arg(&sc->src, call, 0, NULL), cols, 4);
    name = n ? cols[0] : STR("");
    for (size_t i = 0; n && i < t->fks.n; i++) {
        struct str column = str_c(t->fks.p[i].column);
        struct str made = str_c(index_name_for(m->schema, t->name, &column, 1, "foreign"));
        if (str_ieq(column, name) || str_ieq(made, name)) {
            t->fks.p[i] = t->fks.p[--t->fks.n];
            return;
        }
    }
}

static void drop_morphs(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str name = text_of(sc, call, 0, "name", "");
    table_drop_column(m->schema, m->table, with_tail(m, name, "_type"));
    table_drop_column(m->schema, m->table, with_tail(m, name, "_id"));
}

static bool drop_call(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str name = src_str(&sc->src, call);
    struct made made = { 0 };
    if (!str_starts(name, "drop"))
        return false;
    if (str_is(name, "dropColumn") || str_is(name, "dropColumns"))
        drop_columns(m, sc, call);
    else if (str_is(name, "dropIndex"))
        drop_index(m, sc, call, "index");
    else if (str_is(name, "dropUnique"))
        drop_index(m, sc, call, "unique");
    else if (str_ieq(name, STR("dropFullText")))
        drop_index(m, sc, call, "fulltext");
    else if (str_is(name, "dropSpatialIndex"))
        drop_index(m, sc, call, "spatialindex");
    else if (str_is(name, "dropPrimary"))
        drop_primary(m->table);
    else if (str_is(name, "dropForeign"))
        drop_foreign(m, sc, call);
    else if (str_is(name, "dropConstrainedForeignId"))
        table_drop_column(m->schema, m->table, text_of(sc, call, 0, "column", ""));
    else if (str_is(name, "dropConstrainedForeignIdFor"))
        table_drop_column(m->schema, m->table, column_for_model(m, sc, call, &made));
    else if (str_is(name, "dropTimestamps") || str_is(name, "dropTimestampsTz")) {
        table_drop_column(m->schema, m->table, STR("created_at"));
        table_drop_column(m->schema, m->table, STR("updated_at"));
    } else if (str_is(name, "dropSoftDeletes") || str_is(name, "dropSoftDeletesTz"))
        table_drop_column(m->schema, m->table, text_of(sc, call, 0, "column", "deleted_at"));
    else if (str_is(name, "dropRememberToken"))
        table_drop_column(m->schema, m->table, STR("remember_token"));
    else if (str_is(name, "dropMorphs"))
        drop_morphs(m, sc, call);
    else if (str_is(name, "drop") || str_is(name, "dropIfExists"))
        schema_drop(m->schema, str_c(m->table->name));
    return true;
}

static bool other_command(const struct migrate *m, const struct scope *sc, uint32_t call,
                          struct made *made)
{
    static const char silent[] =
        " engine charset collation temporary comment innoDb getTable dropForeignIdFor "
        "getColumns getCommands create ";
    struct str name = src_str(&sc->src, call);
    if (str_is(name, "renameColumn")) {
        table_rename_column(m->schema, m->table, text_of(sc, call, 0, "from", ""),
                            text_of(sc, call, 1, "to", ""));
    } else if (str_is(name, "renameIndex")) {
        table_rename_index(m->schema, m->table, text_of(sc, call, 0, "from", ""),
                           text_of(sc, call, 1, "to", ""));
    } else if (str_is(name, "rename")) {
        schema_rename(m->schema, str_c(m->table->name), text_of(sc, call, 0, "to", ""));
    } else if (str_is(name, "foreign")) {
        made->nforeign =
            columns_of(sc, src_arg(&sc->src, call, 0, "columns"), made->foreign, INDEX_MAX_COLUMNS);
    } else if (str_is(name, "after")) {
        uint32_t closure = src_arg(&sc->src, call, 1, "callback");
        struct migrate in = *m;
        if (closure && src_body(&sc->src, closure) && ++in.depth < MIGRATE_DEPTH)
            migrate_walk(&in, sc, src_body(&sc->src, closure));
    } else {
        return text_is_one_of(name, silent);
    }
    return true;
}

/* ---- modifiers ---- */

static struct str table_of_key(const struct migrate *m, struct str column)
{
    struct str base = column;
    for (uint32_t i = column.n; i > 0; i--) {
        if (column.p[i - 1] == '_') {
            base = str_sub(column, 0, i - 1);
            break;
        }
    }
    return text_plural(base, m->b->arena);
}

static void constrained(const struct migrate *m, const struct scope *sc, uint32_t call,
                        struct made *made)
{
    if (!made->n)
        return;
    struct str table = text_of(sc, call, 0, "table", ""),
               column = text_of(sc, call, 1, "column", "id");
    if (!table.n)
        table = made->model_table.n ? made->model_table : table_of_key(m, made->columns[0]);
    table_add_fk(m->schema, m->table, made->columns[0], table, column);
}

static void modifier(const struct migrate *m, const struct scope *sc, uint32_t call,
                     struct made *made)
{
    struct str name = src_str(&sc->src, call);
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    const char *kind = index_kind(name);
    bool on = true;
    for (unsigned i = 0; i < made->n; i++) {
        struct column *c = table_find_column(m->table, made->columns[i]);
        if (!c)
            continue;
        if (str_is(name, "nullable"))
            c->nullable = !arg || !eval_bool(sc, arg, &on) || on;
        else if (str_is(name, "unsigned"))
            c->unsigned_ = true;
        else if (str_is(name, "autoIncrement")) {
            c->auto_increment = true;
            table_add_index(m->schema, m->table, STR("primary"), &made->columns[i], 1, "primary");
        }
    }
    if (kind && made->n && made->indexed && !strcmp(kind, "index"))
        return;
    if (kind && made->n && !(arg && eval_bool(sc, arg, &on) && !on)) {
        made->indexed = true;
        struct str own =
            arg && src_kind(&sc->src, arg) == E_STR ? text_of(sc, call, 0, NULL, "") : STR("");
        table_add_index(m->schema, m->table, !strcmp(kind, "primary") ? STR("primary") : own,
                        made->columns, 1, kind);
    } else if (str_is(name, "constrained")) {
        constrained(m, sc, call, made);
    } else if (str_is(name, "references")) {
        made->ref_column = text_of(sc, call, 0, NULL, "id");
    } else if (str_is(name, "on")) {
        struct str table = text_of(sc, call, 0, NULL, "");
        struct str column = made->nforeign ? made->foreign[0]
                            : made->n      ? made->columns[0]
                                           : STR("");
        table_add_fk(m->schema, m->table, column, table, made->ref_column);
    }
}

/* ---- chains ---- */

/* Blueprint::macro('name', function () { $this->… }) somewhere in the application; `$table` may be
 * passed on. */
static bool macro_call(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str name = src_str(&sc->src, call), text;
    for (uint32_t file = 0; file < m->b->own_files; file++) {
        uint8_t context = m->b->files.p[file].context;
        if (context != CTX_APP && context != CTX_OTHER)
            continue;
        struct src s = src_of(m->b->app, file);
        for (uint32_t i = 0; i < s.f->nnodes; i++) {
            if (src_kind(&s, i) != E_SCALL || !str_is(src_str(&s, i), "macro") ||
                !src_scall_on(&s, i, "Blueprint"))
                continue;
            struct scope there = scope_of_file(m->b, file);
            uint32_t closure = src_arg(&s, i, 1, "macro");
            if (!closure || src_kind(&s, closure) != E_CLOSURE ||
                !eval_str(&there, src_arg(&s, i, 0, "name"), &text) || !str_eq(text, name))
                continue;
            migrate_inline(m, sc, call, s, closure, NO_CLASS, true);
            return true;
        }
    }
    return false;
}

/* Methods that well-known packages add to Blueprint; any other with a name as its argument is taken
 * for a column. */
static bool package_call(const struct migrate *m, const struct scope *sc, uint32_t call,
                         struct made *made)
{
    struct str name = src_str(&sc->src, call), column,
               tree[3] = { STR("_lft"), STR("_rgt"), STR("parent_id") };
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    if (str_is(name, "nestedSet")) {
        for (unsigned i = 0; i < 3; i++)
            put(m, tree[i], STR("integer"), COL_INT);
        table_add_index(m->schema, m->table, STR(""), tree, 3, "index");
        return true;
    }
    if (!arg || !eval_str(sc, arg, &column) || !column.n || str_contains(column, " "))
        return false;
    if (str_is(name, "uniqueIndex") || str_is(name, "partialUnique") ||
        str_is(name, "partialIndex")) {
        struct index *x = table_add_index(m->schema, m->table, STR(""), &column, 1,
                                          str_is(name, "partialIndex") ? "index" : "unique");
        if (x)
            x->partial = true;
        return true;
    }
    bool json = str_is(name, "schemalessAttributes");
    struct column *c = put(m, column, json ? STR("json") : name, json ? COL_JSON : COL_OTHER);
    if (!c)
        return false;
    c->nullable = json;
    made->columns[made->n++] = column;
    if (!json)
        schema_doubt(m->table, 10);
    return true;
}

void blueprint_chain(const struct migrate *m, const struct scope *sc, const struct chain *chain)
{
    struct made made = { 0 };
    uint32_t first = chain->calls[0];
    if (m->table->dropped)
        return;
    if (!column_call(m, sc, first, &made) && !index_call(m, sc, first) &&
        !drop_call(m, sc, first) && !other_command(m, sc, first, &made) &&
        !macro_call(m, sc, first) && !package_call(m, sc, first, &made))
        migrate_unread(m, sc, first, "a Blueprint method that is not known");
    for (unsigned i = 1; i < chain->n; i++)
        modifier(m, sc, chain->calls[i], &made);
}
