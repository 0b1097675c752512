/* Methods that a framework calls for rows without a loop in the source: table classes and their closures, exports,
 * search documents, policies, presenters. */
#include "laravel/interp.h"

#include <ctype.h>

/* --- where the rows of a table class come from --- */

static const struct value *call_named(struct interp *it, const struct value *self, const char *name,
                                      const struct args *args)
{
    const struct method *m = class_method_named(it->app, self->cls, name);
    if (!m || (m->flags & F_ABSTRACT) || frame_count(it, m->at))
        return NULL;
    return call_method(it, m, self, args, it->top->site, STEP_CALL);
}

static const struct value *as_builder(struct interp *it, const struct value *v)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    for (uint32_t i = 0; i < n; i++)
        if (m[i]->kind == V_BUILDER || m[i]->kind == V_COLL)
            return m[i];
    return NULL;
}

static const struct value *model_of_class(struct interp *it, const struct value *self)
{
    const struct prop *p = class_prop(it->app, self->cls, it_find_sym(it, "model"));
    if (!p || ref_node(it->app, p->at)->kind != N_PROP)
        return NULL;
    uint32_t last = node_last(it->app->files[p->at.file].facts, p->at.node);
    const struct value *v = last ? eval_elsewhere(it, p->at.file, self->cls, last) : NULL;
    uint32_t cls = v_is(v, V_CLASS) ? v->cls : v_is(v, V_STR) ? app_class_named(it->app, v->s) : NO_CLASS;
    if (cls == NO_CLASS || !class_model(it->app, cls))
        return NULL;
    struct origin *o = origin_new(it, O_QUERY, cls, p->at);
    return o ? v_rows(it, V_BUILDER, cls, o, NULL, NULL) : NULL;
}

/* The query behind a table class: its own method of a known name, else its $model. NULL: it has none. */
const struct value *table_rows(struct interp *it, const struct value *self)
{
    static const char *const sources[] = { "getEloquentQuery", "getTableQuery", "builder", "datasource" };
    struct args none;
    args_init(&none);
    if (self->cls == NO_CLASS)
        return NULL;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const struct value *v = call_named(it, self, sources[i], &none);
        v = v ? as_builder(it, v) : NULL;
        if (v)
            return v;
    }
    return it->app->classes[self->cls].is & IS_FILAMENT ? model_of_class(it, self) : NULL;
}

/* Is `cls` such a class, and the method one that describes its columns? */
bool describes_table(const struct interp *it, uint32_t cls, sym method)
{
    enum name n = name_of(it, method);
    if (n != NM_table && n != NM_columns && n != NM_fields && n != NM_addcolumns && n != NM_actions)
        return false;
    return (it->app->classes[cls].is & IS_FILAMENT) ||
           class_method_named(it->app, cls, "builder") ||
           class_method_named(it->app, cls, "datasource");
}

/* --- closures that are given a row or the query by the name of their parameter --- */

static bool takes_row(const struct interp *it, struct str name, sym type)
{
    if (str_is(name, "record") || str_is(name, "row"))
        return true;
    return type && it->table->cls != NO_CLASS && app_class(it->app, type) == it->table->cls;
}

static sym type_of_param(const struct facts *f, const sym *syms, uint32_t param)
{
    for (uint32_t c = node_first(f, param); c; c = node_next(f, param, c))
        if (facts_node(f, c)->kind == N_TYPE)
            return syms[facts_node(f, c)->s];
    return 0;
}

static void table_args(struct interp *it, const struct closure *c, struct loop *loop,
                       struct args *ret, bool *ret_row)
{
    const struct app_file *file = &it->app->files[c->file];
    args_init(ret);
    *ret_row = false;
    for (uint32_t p = node_first(file->facts, c->node); p; p = node_next(file->facts, c->node, p)) {
        const struct node *n = facts_node(file->facts, p);
        if (n->kind != N_PARAM)
            continue;
        struct str name = facts_str(file->facts, n->s);
        const struct value *v = v_unknown(it, loop);
        if (str_is(name, "query") || str_is(name, "builder"))
            v = it->table;
        else if (takes_row(it, name, type_of_param(file->facts, file->syms, p))) {
            v = elem_of(it, it->table, loop);
            *ret_row = true;
        }
        args_add(it, ret, v);
    }
}

/* False: not a closure of the table. */
bool table_closure(struct interp *it, const struct value *fn, struct ref site)
{
    if (!it->table || !v_is(fn, V_CLOSURE) || fn->fn->method || fn->fn->file == REF_NONE)
        return false;
    struct loop *loop = loop_push(it, site, it->table->dep);
    if (!loop)
        return false;
    struct args args;
    bool row = false;
    table_args(it, fn->fn, loop, &args, &row);
    if (!row) {
        loop_pop(it, loop);
        struct loop *none = NULL;
        table_args(it, fn->fn, none, &args, &row);
        call_closure(it, fn, &args, site);
        return true;
    }
    loop->implied = true;
    call_closure(it, fn, &args, site);
    loop_pop(it, loop);
    return true;
}

/* --- exports, data tables, search documents --- */

static void rows_into(struct interp *it, const struct value *rows, const struct method *m,
                      const struct value *self)
{
    struct closure *c = it_new(it, struct closure);
    if (!c)
        return;
    *c = (struct closure){ .file = REF_NONE, .self = self, .method = m->name };
    if (rows->kind == V_BUILDER)
        rows = builder_rows(it, rows, 0);
    rows_used(it, rows, m->at);
    call_each(it, v_closure(it, c), rows, m->at, false);
}

/* Laravel Excel: map($row) for each row of query() or collection(). */
void run_export(struct interp *it, const struct value *self)
{
    struct args none;
    args_init(&none);
    const struct method *map = class_method_named(it->app, self->cls, "map");
    const struct value *rows = call_named(it, self, "query", &none);
    rows = rows ? as_builder(it, rows) : NULL;
    if (!rows) {
        rows = call_named(it, self, "collection", &none);
        rows = rows ? as_builder(it, rows) : NULL;
    }
    if (rows && map)
        rows_into(it, rows, map, self);
}

/* Yajra: dataTable($query) is given what query() returns. */
void run_datatable(struct interp *it, const struct value *self)
{
    struct args none, one;
    args_init(&none);
    const struct value *rows = call_named(it, self, "query", &none);
    rows = rows ? as_builder(it, rows) : NULL;
    if (!rows)
        return;
    args_init(&one);
    args_add(it, &one, rows);
    call_named(it, self, "dataTable", &one);
}

/* Scout: toSearchableArray() for each row of an import, which makeAllSearchableUsing() may prepare. */
void run_search(struct interp *it, uint32_t cls)
{
    const struct method *m = class_method_named(it->app, cls, "toSearchableArray");
    struct origin *o = m ? origin_new(it, O_QUERY, cls, m->at) : NULL;
    if (!o)
        return;
    const struct value *rows = v_rows(it, V_BUILDER, cls, o, NULL, NULL);
    const struct value *self = v_model(it, cls, NULL, NULL, NULL);
    struct args one;
    args_init(&one);
    args_add(it, &one, rows);
    o->chunked = true;
    call_named(it, self, "makeAllSearchableUsing", &one);
    struct loop *loop = loop_push(it, m->at, NULL);
    if (!loop)
        return;
    loop->implied = true;
    struct args none;
    args_init(&none);
    call_method(it, m, elem_of(it, rows, loop), &none, m->at, STEP_CALL);
    loop_pop(it, loop);
}

/* --- policies --- */

static uint32_t policy_of(struct interp *it, uint32_t model)
{
    struct str name = it_str(it, it->app->classes[model].short_name);
    char *full = arena_printf(it->a, STR_FMT "Policy", STR_ARG(name));
    return full ? app_class_short(it->app, str_c(full)) : NO_CLASS;
}

static sym camel(const struct interp *it, struct str s)
{
    char buf[64];
    uint32_t n = 0;
    bool up = false;
    for (uint32_t i = 0; i < s.n && n + 1 < sizeof buf; i++) {
        if (s.p[i] == '-' || s.p[i] == '_') {
            up = true;
            continue;
        }
        buf[n++] = up ? (char)toupper((unsigned char)s.p[i]) : s.p[i];
        up = false;
    }
    return syms_find(it->app->syms, (struct str){ buf, n });
}

/* $user->can('update', $row), @can('update', $row), Gate::allows(…): runs the policy's method. */
void policy_check(struct interp *it, const struct args *args, struct ref site)
{
    const struct value *ability = arg_at(args, 0), *row = arg_at(args, 1);
    if (v_is(row, V_ARRAY))
        row = array_nth(row, 0);
    if (!v_is(ability, V_STR) || !v_is(row, V_MODEL) || row->cls == NO_CLASS)
        return;
    uint32_t policy = policy_of(it, row->cls);
    sym name = policy != NO_CLASS ? camel(it, ability->s) : 0;
    const struct method *m = name ? class_method(it->app, policy, name) : NULL;
    if (!m)
        return;
    struct args two;
    args_init(&two);
    args_add(it, &two, user_value(it));
    args_add(it, &two, row);
    call_method(it, m, service(it, policy), &two, site, STEP_CALL);
}

/* --- presenters --- */

static uint32_t presenter_of(struct interp *it, const struct value *m)
{
    const struct method *get = class_method_named(it->app, m->cls, "getPresenterClass");
    const struct value *v = NULL;
    if (get && !frame_count(it, get->at)) {
        struct args none;
        args_init(&none);
        v = call_method(it, get, m, &none, it->top->site, STEP_CALL);
    } else {
        const struct prop *p = class_prop(it->app, m->cls, it_find_sym(it, "presenter"));
        uint32_t last = p && ref_node(it->app, p->at)->kind == N_PROP
                            ? node_last(it->app->files[p->at.file].facts, p->at.node)
                            : 0;
        v = last ? eval_elsewhere(it, p->at.file, m->cls, last) : NULL;
    }
    if (v_is(v, V_CLASS))
        return v->cls;
    return v_is(v, V_STR) ? app_class_named(it->app, v->s) : NO_CLASS;
}

/* The presenter around a row; NULL: it has none. */
const struct value *presented(struct interp *it, const struct value *m)
{
    uint32_t cls = m->cls != NO_CLASS ? presenter_of(it, m) : NO_CLASS;
    struct object *o = cls != NO_CLASS ? object_new(it, cls) : NULL;
    if (!o)
        return NULL;
    o->built = true;
    object_set(it, o, it->w->s_resource, m);
    object_set(it, o, it_find_sym(it, "entity"), m);
    object_set(it, o, it_find_sym(it, "wrappedObject"), m);
    return v_object(it, o, m->dep);
}

/* An attribute that the presenter answers: $row->present()->name, or $row->name where rows are decorated. */
const struct value *presenter_prop(struct interp *it, const struct value *presenter, sym name,
                                   uint32_t node)
{
    const struct method *m = class_method(it->app, presenter->cls, name);
    struct args none;
    args_init(&none);
    if (!m || frame_count(it, m->at))
        return NULL;
    return call_method(it, m, presenter, &none, here(it, node), STEP_ACCESSOR);
}
