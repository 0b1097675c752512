/* API resources and Livewire components: the row stands behind `$this`. */
#include "laravel/interp.h"

enum { RESOURCE_NESTING = 5 };

static void run_to_array(struct interp *it, const struct value *obj, struct ref site)
{
    const struct method *m = class_method_named(it->app, obj->cls, "toArray");
    if (!m || it->resources >= RESOURCE_NESTING)
        return;
    struct args request;
    args_init(&request);
    args_add(it, &request, v_unknown(it, NULL));
    it->resources++;
    call_method(it, m, obj, &request, site, STEP_CALL);
    it->resources--;
}

const struct value *resource_item(struct interp *it, uint32_t cls, const struct value *row,
                                  struct ref site)
{
    struct object *o = object_new(it, cls);
    if (!o)
        return v_unknown(it, row->dep);
    o->built = true;
    object_set(it, o, it->w->s_resource, row);
    const struct value *obj = v_object(it, o, row->dep);
    const struct method *ctor = class_method_named(it->app, cls, "__construct");
    if (ctor) {
        struct args a;
        args_init(&a);
        args_add(it, &a, row);
        call_method(it, ctor, obj, &a, site, STEP_CALL);
    }
    run_to_array(it, obj, site);
    return obj;
}

static void item_of_each(struct interp *it, uint32_t cls, const struct value *row, struct ref site)
{
    const struct value *const *m;
    uint32_t n = v_members(&row, &m);
    for (uint32_t i = 0; i < n; i++)
        if (m[i]->kind == V_MODEL)
            resource_item(it, cls, m[i], site);
}

const struct value *resource_rows(struct interp *it, uint32_t cls, const struct value *rows,
                                  struct ref site)
{
    if (!rows)
        return v_unknown(it, NULL);
    if (rows->kind == V_BUILDER)
        rows = builder_rows(it, rows, site.node);
    rows_used(it, rows, site);
    struct loop *loop = loop_push(it, site, rows->dep);
    if (!loop)
        return v_unknown(it, NULL);
    loop->implied = true;
    item_of_each(it, cls, elem_of(it, rows, loop), site);
    loop_pop(it, loop);
    return v_unknown(it, rows->dep);
}

/* The resource of one item of a ResourceCollection: $collects, or by its name. */
static uint32_t collects(struct interp *it, uint32_t cls)
{
    const struct prop *p = class_prop(it->app, cls, it_find_sym(it, "collects"));
    if (p && ref_node(it->app, p->at)->kind == N_PROP) {
        uint32_t last = node_last(it->app->files[p->at.file].facts, p->at.node);
        const struct value *v = last ? eval_elsewhere(it, p->at.file, cls, last) : NULL;
        if (v_is(v, V_CLASS) && v->cls != NO_CLASS)
            return v->cls;
    }
    struct str name = it_str(it, it->app->classes[cls].name);
    if (!str_ends(name, "Collection"))
        return NO_CLASS;
    struct str base = str_sub(name, 0, name.n - 10);
    char *with = arena_printf(it->a, STR_FMT "Resource", STR_ARG(base));
    uint32_t found = with ? app_class_named(it->app, str_c(with)) : NO_CLASS;
    if (found == NO_CLASS)
        found = app_class_named(it->app, base);
    return found != NO_CLASS && (it->app->classes[found].is & IS_RESOURCE) ? found : NO_CLASS;
}

static const struct value *collection_resource(struct interp *it, uint32_t cls,
                                               const struct value *rows, struct ref site)
{
    struct object *o = object_new(it, cls);
    if (!o)
        return v_unknown(it, rows->dep);
    o->built = true;
    object_set(it, o, it->w->s_collection, rows);
    object_set(it, o, it->w->s_resource, rows);
    const struct value *obj = v_object(it, o, rows->dep);
    const struct method *m = class_method_named(it->app, cls, "toArray");
    if (m)
        run_to_array(it, obj, site);
    else if (collects(it, cls) != NO_CLASS)
        resource_rows(it, collects(it, cls), rows, site);
    return obj;
}

const struct value *resource_new(struct interp *it, uint32_t cls, const struct args *args,
                                 struct ref site)
{
    const struct value *row = arg_at(args, 0);
    if (!row)
        row = v_unknown(it, NULL);
    if (row->kind == V_BUILDER)
        row = builder_rows(it, row, site.node);
    if (row->kind == V_COLL)
        return collection_resource(it, cls, row, site);
    if (row->kind == V_UNION) {
        const struct value *r = NULL;
        for (uint32_t i = 0; i < row->u.n; i++) {
            struct args one = *args;
            one.a[0].v = row->u.m[i];
            r = v_join(it, r, resource_new(it, cls, &one, site));
        }
        return r ? r : v_unknown(it, row->dep);
    }
    if (row->kind == V_MODEL || row->kind == V_OBJECT || row->kind == V_ARRAY)
        return resource_item(it, cls, row, site);
    return v_unknown(it, row->dep);
}

/* parent::toArray() of a collection resource */
bool resource_parent(struct interp *it, const struct value *self, struct ref site)
{
    const struct value *rows =
        v_is(self, V_OBJECT) ? object_get(self->obj, it->w->s_collection) : NULL;
    uint32_t cls = rows && self->cls != NO_CLASS ? collects(it, self->cls) : NO_CLASS;
    if (cls == NO_CLASS)
        return false;
    resource_rows(it, cls, rows, site);
    return true;
}

/* --- what a resource says about its row --- */

static const struct value *closure_value(struct interp *it, const struct value *v,
                                         const struct value *arg, uint32_t node)
{
    return v_is(v, V_CLOSURE)
               ? call_closure1(it, v, arg ? arg : v_unknown(it, NULL), here(it, node))
               : v;
}

static const struct value *when_loaded(struct interp *it, const struct value *row, uint32_t node,
                                       const struct args *args)
{
    const struct value *name = arg_at(args, 0);
    sym s = v_is(name, V_STR) ? syms_find(it->app->syms, name->s) : 0;
    if (!s || !v_is(row, V_MODEL))
        return v_unknown(it, NULL);
    bool known = model_loaded(it, row, s) || (row->o && row->o->unread_eager);
    if (!known)
        return v_null();
    const struct value *v = model_prop(it, row, s, node);
    return args->n > 1 ? closure_value(it, args->a[1].v, v, node) : v;
}

static const struct value *when(struct interp *it, uint32_t node, const struct args *args)
{
    uint32_t cond = args->n ? args->a[0].node : 0;
    if (cond && cond_known(it, cond) == 0)
        return args->n > 2 ? closure_value(it, args->a[2].v, NULL, node) : v_null();
    return args->n > 1 ? closure_value(it, args->a[1].v, NULL, node) : v_unknown(it, NULL);
}

const struct value *resource_call(struct interp *it, const struct value *obj, sym name,
                                  uint32_t node, const struct args *args, bool *ret_done)
{
    const struct value *row = object_get(obj->obj, it->w->s_resource);
    *ret_done = false;
    if (!row || (obj->cls != NO_CLASS && class_method(it->app, obj->cls, name)))
        return NULL;
    *ret_done = true;
    switch (name_of(it, name)) {
    case NM_whenloaded:
        return when_loaded(it, row, node, args);
    case NM_when:
    case NM_mergewhen:
    case NM_unless:
    case NM_mergeunless:
    case NM_whenpivotloaded:
    case NM_whenpivotloadedas:
        return when(it, node, args);
    case NM_whencounted:
    case NM_whenaggregated:
    case NM_whenhas:
    case NM_whenappended:
    case NM_whenexistsloaded:
        return v_scalar(it, row->dep);
    case NM_merge:
    case NM_whennotnull:
        return args->n ? closure_value(it, args->a[0].v, NULL, node) : v_null();
    case NM_additional:
    case NM_response:
    case NM_withresponse:
    case NM_resolve:
    case NM_toresponse:
    case NM_preservekeys:
        return obj;
    default:
        *ret_done = false;
        return NULL;
    }
}

/* --- Livewire and class components --- */

static void fill_by_name(struct interp *it, struct object *o, const struct value *attrs,
                         struct args *ret_args)
{
    args_init(ret_args);
    for (uint32_t i = 0; v_is(attrs, V_ARRAY) && i < attrs->arr->n; i++) {
        const struct item *x = &attrs->arr->items[i];
        if (!x->key)
            continue;
        if (class_prop(it->app, o->cls, x->key))
            object_set(it, o, x->key, x->v);
        if (ret_args->n < WALK_ARGS)
            ret_args->a[ret_args->n++] = (struct arg){ .name = x->key, .v = x->v };
        ret_args->dep = dep_max(it, ret_args->dep, x->v->dep);
    }
}

const struct value *livewire_mount(struct interp *it, uint32_t cls, const struct value *attrs,
                                   struct ref site)
{
    struct object *o = object_new(it, cls);
    if (!o)
        return v_unknown(it, NULL);
    o->is_entry = o->built = true;
    struct args a;
    fill_by_name(it, o, attrs, &a);
    const struct value *obj = v_object(it, o, a.dep);
    const struct method *m = class_method_named(it->app, cls, "mount");
    if (m)
        call_method(it, m, obj, &a, site, STEP_CALL);
    return obj;
}

static uint32_t component_file(const struct interp *it, uint32_t cls)
{
    for (uint32_t i = 0; i < it->app->ncomponents; i++)
        if (it->app->components[i].class_ == cls)
            return it->app->components[i].file;
    return REF_NONE;
}

void livewire_render(struct interp *it, const struct value *obj, struct ref site)
{
    if (!v_is(obj, V_OBJECT) || obj->cls == NO_CLASS)
        return;
    const struct method *m = class_method_named(it->app, obj->cls, "render");
    uint32_t views = it->nviews;
    struct args none;
    args_init(&none);
    if (m)
        call_method(it, m, obj, &none, site, STEP_VIEW);
    for (uint32_t i = views; i < it->nviews; i++) {
        props_to_view(it, obj, it->views[i]);
        it->views[i]->self = obj;
    }
    bool made = it->nviews > views;
    views_flush(it, views);
    uint32_t file = made ? REF_NONE : component_file(it, obj->cls);
    struct view_obj *v = file != REF_NONE ? it_new(it, struct view_obj) : NULL;
    if (!v || it->app->files[file].facts->lang != LANG_BLADE)
        return;
    props_to_view(it, obj, v);
    struct env *env = env_new(it);
    for (uint32_t i = 0; i < v->n; i++)
        env_set(it, env, v->data[i].key, v->data[i].v);
    view_walk(it, file, env, site, obj);
}
