/* Where a call or a property goes, by the kind of value it is asked of. */
#include "laravel/interp.h"

/* --- properties --- */

static const struct value *prop_union(struct interp *it, const struct value *v, sym name,
                                      uint32_t node)
{
    const struct value *r = NULL;
    for (uint32_t i = 0; i < v->u.n; i++)
        r = v_join(it, r, prop_read(it, v->u.m[i], name, node));
    return r ? r : v_unknown(it, v->dep);
}

const struct value *prop_read(struct interp *it, const struct value *v, sym name, uint32_t node)
{
    switch ((enum vkind)v->kind) {
    case V_UNION:
        return prop_union(it, v, name, node);
    case V_MODEL:
        return model_prop(it, v, name, node);
    case V_OBJECT:
        return object_prop(it, v, name, node);
    case V_COLL:
        return v_of(it, V_HIGHER, name_of(it, name), v, v->dep);
    case V_HIGHER:
        return coll_higher(it, v, name, node, true, NULL);
    case V_CLIENT:
        return v;
    case V_ARRAY:
        return array_get(v, name) ? v_varying(it, array_get(v, name), v->dep) : v_unknown(it, v->dep);
    default:
        return v_unknown(it, v->dep);
    }
}

/* --- calls nobody knows --- */

static bool iterates(enum name n)
{
    switch (n) {
    case NM_each:
    case NM_map:
    case NM_flatmap:
    case NM_filter:
    case NM_reject:
    case NM_transform:
    case NM_mapwithkeys:
    case NM_sum:
    case NM_sortby:
    case NM_reduce:
        return true;
    default:
        return false;
    }
}

/* Filament: what such a closure does is done for one record, when it is asked for. */
static bool waits_for_click(enum name n)
{
    switch (n) {
    case NM_action:
    case NM_modalcontent:
    case NM_form:
    case NM_schema:
    case NM_fillform:
    case NM_before:
    case NM_after:
    case NM_using:
        return true;
    default:
        return false;
    }
}

static void run_closures(struct interp *it, const struct value *base, enum name n, uint32_t node,
                         const struct args *args)
{
    for (uint32_t i = 0; i < args->n; i++) {
        if (!v_is(args->a[i].v, V_CLOSURE) || args->a[i].v->fn->method ||
            (!waits_for_click(n) && table_closure(it, args->a[i].v, here(it, node))))
            continue;
        if (iterates(n)) {
            call_each(it, args->a[i].v, v_unknown(it, base ? base->dep : NULL), here(it, node),
                      n == NM_reduce);
        } else {
            struct args none;
            args_init(&none);
            call_closure(it, args->a[i].v, &none, here(it, node));
        }
    }
}

static const struct value *rows_among(const struct args *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (v_is(args->a[i].v, V_COLL) || v_is(args->a[i].v, V_BUILDER))
            return args->a[i].v;
    return NULL;
}

const struct value *unknown_call(struct interp *it, const struct value *base, sym name,
                                 uint32_t node, const struct args *args)
{
    enum name n = name_of(it, name);
    struct loop *dep = dep_max(it, base ? base->dep : NULL, args->dep);
    if (n == NM_user && args->n <= 1)
        return user_value(it);
    if (n == NM_can || n == NM_cannot || n == NM_authorize || n == NM_allows || n == NM_denies ||
        n == NM_check)
        policy_check(it, args, here(it, node));
    if ((n == NM_dispatch || n == NM_dispatchsync || n == NM_dispatchnow) &&
        args->n && run_job(it, args->a[0].v, here(it, node)))
        return v_unknown(it, dep);
    if (n == NM_make || n == NM_makewith) {
        const struct value *made = app_make(it, node, args);
        if (made->kind != V_UNKNOWN)
            return made;
    }
    if (n == NM_parseincludes)
        includes_asked(it, base, args, here(it, node));
    if (n == NM_event && args->n)
        event_fired(it, args->a[0].v, here(it, node));
    if (n == NM_json && args->n)
        serialise(it, args->a[0].v, here(it, node), 0);
    if ((n == NM_bind || n == NM_singleton || n == NM_instance || n == NM_scoped || n == NM_bindif ||
         n == NM_singletonif) && it->w->collecting)
        bind_seen(it, node, args);
    const struct value *pair = transform_pair(it, args, here(it, node), n == NM_item);
    if (pair)
        return pair;
    const struct value *view = view_wrapper(it, name, args, here(it, node));
    if (view)
        return view;
    run_closures(it, base, n, node, args);
    const struct value *rows = rows_among(args);
    if (rows && (!base || base->kind == V_UNKNOWN))
        return v_of(it, V_FLUENT, 0, rows, dep);
    return v_unknown(it, dep);
}

/* DataTables and the like: columns made by a closure that is given each row. */
const struct value *fluent_call(struct interp *it, const struct value *v, sym name, uint32_t node,
                                const struct args *args)
{
    enum name n = name_of(it, name);
    if (n == NM_thenreturn)
        return v->of;
    if (v_is(v->of, V_BUILDER) && (n == NM_get || n == NM_paginate || n == NM_simplepaginate ||
                                   n == NM_first || n == NM_all || n == NM_cursorpaginate))
        return builder_call(it, v->of, name, node, args);
    if (n == NM_parseincludes)
        includes_asked(it, v, args, here(it, node));
    const struct value *with = transform_pair(it, args, here(it, node), n == NM_item);
    if (with)
        return with;
    for (uint32_t i = 0; i < args->n; i++) {
        const struct value *a = args->a[i].v;
        if (v_is(a, V_OBJECT)) {
            struct args pair;
            args_init(&pair);
            args_add(it, &pair, v->of);
            args_add(it, &pair, a);
            with = transform_pair(it, &pair, here(it, node), false);
        } else if (v_is(a, V_CLOSURE) && n != NM_filter && n != NM_filtercolumn &&
                   n != NM_ordercolumn) {
            call_each(it, a, v->of, here(it, node), false);
        }
    }
    return with ? with : v;
}

/* --- method calls --- */

static const struct value *call_union(struct interp *it, const struct value *v, sym name,
                                      uint32_t node, const struct args *args)
{
    const struct value *r = NULL;
    for (uint32_t i = 0; i < v->u.n; i++)
        r = v_join(it, r, method_call(it, v->u.m[i], name, node, args));
    return r ? r : v_unknown(it, v->dep);
}

static const struct value *closure_call(struct interp *it, const struct value *v, sym name,
                                        uint32_t node, const struct args *args)
{
    switch (name_of(it, name)) {
    case NM___invoke:
        return call_closure(it, v, args, here(it, node));
    case NM_call: {
        struct args rest = { .n = 0, .dep = args->dep };
        for (uint32_t i = 1; i < args->n; i++)
            rest.a[rest.n++] = args->a[i];
        return call_closure(it, v, &rest, here(it, node));
    }
    default:
        return v;
    }
}

static const struct value *auth_call(struct interp *it, const struct value *v, sym name)
{
    switch (name_of(it, name)) {
    case NM_user:
    case NM_authenticate:
        return user_value(it);
    case NM_guard:
    case NM_shoulduse:
        return v;
    default:
        return v_unknown(it, NULL);
    }
}

const struct value *method_call(struct interp *it, const struct value *v, sym name, uint32_t node,
                                const struct args *args)
{
    if (!it_step(it))
        return v_unknown(it, NULL);
    switch ((enum vkind)v->kind) {
    case V_UNION:
        return call_union(it, v, name, node, args);
    case V_MODEL:
        return model_call(it, v, name, node, args);
    case V_BUILDER:
        return builder_call(it, v, name, node, args);
    case V_COLL:
    case V_ARRAY:
        return coll_call(it, v, name, node, args);
    case V_OBJECT:
        return object_call(it, v, name, node, args);
    case V_CLOSURE:
        return closure_call(it, v, name, node, args);
    case V_VIEW:
        return view_call(it, v, name, args);
    case V_HIGHER:
        return coll_higher(it, v, name, node, false, args);
    case V_AUTH:
        return auth_call(it, v, name);
    case V_CLIENT:
        return client_call(it, v, name, node, args);
    case V_FLUENT:
        return fluent_call(it, v, name, node, args);
    case V_SENDER:
        return facade_call(it, (enum known_class)v->name, 0, name, node, args);
    case V_DB:
        return facade_call(it, KC_DB, 0, name, node, args);
    default:
        return unknown_call(it, v, name, node, args);
    }
}

static sym dynamic_name(struct interp *it, uint32_t node)
{
    uint32_t second = kid(it, node, 1);
    const struct value *v = second ? ex(it, second) : NULL;
    return v_is(v, V_STR) && !(v->flags & VF_PARTIAL) ? syms_find(it->app->syms, v->s) : 0;
}

static const struct value *callable_of(struct interp *it, const struct value *self, sym method)
{
    struct closure *c = it_new(it, struct closure);
    if (c)
        *c = (struct closure){ .file = REF_NONE, .self = self, .method = method };
    return v_closure(it, c);
}

const struct value *ex_method(struct interp *it, uint32_t n)
{
    const struct value *base = ex(it, n + 1);
    sym name = nd(it, n)->s ? nsym(it, n) : dynamic_name(it, n);
    if (nd(it, n)->flags & F_FCC)
        return callable_of(it, base, name);
    struct args args;
    eval_args(it, n, first_arg_of(it, n), &args);
    if (!name)
        return v_unknown(it, dep_max(it, base->dep, args.dep));
    return method_call(it, base, name, n, &args);
}

/* --- objects --- */

/* A repository whose base class lies in a package: model() names the model. */
uint32_t repository_model(struct interp *it, uint32_t cls)
{
    const struct method *m = class_method_named(it->app, cls, "model");
    if (!m || (m->flags & F_STATIC) || frame_count(it, m->at))
        return NO_CLASS;
    struct args none;
    args_init(&none);
    const struct value *v = call_method(it, m, v_unknown(it, NULL), &none, it->top->site, STEP_CALL);
    uint32_t found = v_is(v, V_CLASS) ? v->cls : NO_CLASS;
    if (v_is(v, V_STR))
        found = app_class_named(it->app, v->s.n && v->s.p[0] == '\\' ? str_sub(v->s, 1, v->s.n) : v->s);
    if (found != NO_CLASS && it->w->impl_of[found] != NO_CLASS)
        found = it->w->impl_of[found];
    return found != NO_CLASS && class_model(it->app, found) ? found : NO_CLASS;
}

static bool has_foreign_parent(const struct interp *it, uint32_t cls)
{
    for (unsigned up = 0; cls != NO_CLASS && up < 16; up++) {
        if (it->app->classes[cls].parent == NO_CLASS)
            return it->app->classes[cls].parent_name != 0;
        cls = it->app->classes[cls].parent;
    }
    return false;
}

static const struct value *magic_call(struct interp *it, const struct value *v, sym name,
                                      uint32_t node, const struct args *args, const char *magic)
{
    const struct method *m = class_method_named(it->app, v->cls, magic);
    if (!m)
        return NULL;
    const struct value *list = v_array(it, it_new(it, struct array), NULL);
    for (uint32_t i = 0; i < args->n; i++)
        list = array_push(it, list, args->a[i].v, true);
    struct args two;
    args_init(&two);
    args_add(it, &two, v_str(it, it_str(it, name), 0, NULL));
    args_add(it, &two, list);
    return call_method(it, m, v, &two, here(it, node), STEP_CALL);
}

static const struct value *object_foreign_call(struct interp *it, const struct value *v, sym name,
                                               uint32_t node, const struct args *args)
{
    const struct value *row = object_get(v->obj, it->w->s_resource);
    if (row)
        return method_call(it, row, name, node, args);
    if (v->cls == NO_CLASS)
        return unknown_call(it, v, name, node, args);
    const struct value *r = magic_call(it, v, name, node, args, "__call");
    if (r)
        return r;
    uint32_t model = has_foreign_parent(it, v->cls) ? repository_model(it, v->cls) : NO_CLASS;
    if (model != NO_CLASS)
        return model_static(it, model, name, node, args);
    return unknown_call(it, v, name, node, args);
}

const struct value *object_call(struct interp *it, const struct value *v, sym name, uint32_t node,
                                const struct args *args)
{
    bool done = false;
    const struct value *r = resource_call(it, v, name, node, args, &done);
    if (done)
        return r;
    if (v->cls != NO_CLASS && it->app->classes[v->cls].is & (IS_MAIL | IS_NOTIFICATION) && args->n &&
        (name_of(it, name) == NM_view || name_of(it, name) == NM_markdown)) {
        mail_view(it, v, args, node);
        return v;
    }
    const struct method *m = v->cls != NO_CLASS ? class_method(it->app, v->cls, name) : NULL;
    if (!m)
        return object_foreign_call(it, v, name, node, args);
    r = call_method(it, m, m->flags & F_STATIC ? NULL : v, args, here(it, node), STEP_CALL);
    if (r->kind == V_UNKNOWN) {
        const struct value *view = view_wrapper(it, name, args, here(it, node));
        return view ? view : r;
    }
    return r;
}

/* --- static calls and new --- */

static const struct value *parent_call(struct interp *it, uint32_t n, sym name,
                                       const struct args *args)
{
    uint32_t up = it->top->cls != NO_CLASS ? it->app->classes[it->top->cls].parent : NO_CLASS;
    const struct method *m = up != NO_CLASS ? class_method(it->app, up, name) : NULL;
    const struct value *self = it->top->self;
    if (m)
        return call_method(it, m, self, args, here(it, n), STEP_CALL);
    if (!self)
        return v_unknown(it, args->dep);
    if (name_of(it, name) == NM_toarray && self->kind == V_OBJECT) {
        if (resource_parent(it, self, here(it, n)))
            return v_unknown(it, args->dep);
        const struct value *row = object_get(self->obj, it->w->s_resource);
        if (row)
            serialise(it, row, here(it, n), 0);
        return v_unknown(it, args->dep);
    }
    if (self->kind == V_MODEL && name_of(it, name) == NM_toarray)
        return v_unknown(it, args->dep);
    if (self->kind == V_BUILDER)
        return builder_base_call(it, self, name, n, args);
    if (self->kind == V_MODEL || self->kind == V_COLL) {
        const struct method *own = self->cls != NO_CLASS ? class_method(it->app, self->cls, name) : NULL;
        return own ? v_unknown(it, args->dep) : method_call(it, self, name, n, args);
    }
    return unknown_call(it, self, name, n, args);
}

static const struct value *static_of_class(struct interp *it, uint32_t cls, sym written, sym name,
                                           uint32_t n, const struct args *args)
{
    enum name w = name_of(it, written);
    bool own = w == NM_self || w == NM_static;
    const struct method *m = class_method(it->app, cls, name);
    if (class_model(it->app, cls)) {
        if (m && (m->flags & F_STATIC))
            return call_method(it, m, v_model(it, cls, NULL, NULL, NULL), args, here(it, n),
                               STEP_CALL);
        if (m && own && it->top->self)
            return method_call(it, it->top->self, name, n, args);
        return model_static(it, cls, name, n, args);
    }
    if (it->app->classes[cls].is & (IS_RESOURCE | IS_RESOURCE_COLLECTION)) {
        enum name k = name_of(it, name);
        if (k == NM_collection && !m)
            return resource_rows(it, cls, arg_at(args, 0), here(it, n));
        if (k == NM_make && !m)
            return resource_new(it, cls, args, here(it, n));
    }
    if (m) {
        const struct value *self =
            m->flags & F_STATIC ? NULL
            : own && it->top->self ? it->top->self : service(it, cls);
        const struct value *r = call_method(it, m, self ? self : v_class(it, cls, 0), args,
                                            here(it, n), STEP_CALL);
        const struct value *view =
            r->kind == V_UNKNOWN ? view_wrapper(it, name, args, here(it, n)) : NULL;
        return view ? view : r;
    }
    const struct value *data = NULL;
    if (data_call(it, cls, name, args, here(it, n), &data))
        return data;
    const struct method *handle = name_of(it, name) == NM_run ? class_method_named(it->app, cls, "handle") : NULL;
    if (handle) /* X::run() of laravel-actions */
        return call_method(it, handle, service(it, cls), args, here(it, n), STEP_CALL);
    if (name_of(it, name) == NM_dispatch || name_of(it, name) == NM_dispatchif ||
        name_of(it, name) == NM_dispatchsync || name_of(it, name) == NM_dispatchafterresponse) {
        const struct value *made = construct(it, cls, args, here(it, n));
        if (!run_job(it, made, here(it, n))) {
            dispatch_seen(it, n, "dispatch", cls);
            event_fired(it, made, here(it, n));
        }
        return v_unknown(it, args->dep);
    }
    return unknown_call(it, NULL, name, n, args);
}

/* An app's own facade, or a root alias of one: the class that the container gives for its accessor. */
static uint32_t behind_facade(struct interp *it, sym written)
{
    uint32_t cls = class_here(it, written);
    if (cls == NO_CLASS && !memchr(it_str(it, written).p, '\\', it_str(it, written).n)) {
        char *key = arena_printf(it->a, "app.aliases." STR_FMT, STR_ARG(it_str(it, written)));
        const struct setting *s = key ? app_setting(it->app, key) : NULL;
        struct str full = s ? str_c(s->value) : STR("");
        if (full.n && full.p[0] == '\\')
            full = str_sub(full, 1, full.n);
        cls = full.n ? app_class_named(it->app, full) : NO_CLASS;
    }
    if (cls == NO_CLASS)
        return NO_CLASS;
    const struct method *m = class_method_named(it->app, cls, "getFacadeAccessor");
    if (!m || frame_count(it, m->at))
        return cls;
    struct args none;
    args_init(&none);
    const struct value *v = call_method(it, m, NULL, &none, it->top->site, STEP_CALL);
    uint32_t real = v_is(v, V_CLASS) ? v->cls : NO_CLASS;
    if (v_is(v, V_STR))
        real = bound_class(it, v->s);
    return real != NO_CLASS ? real : cls;
}

static uint32_t class_named_by(const struct interp *it, const struct value *v)
{
    if (v->kind == V_CLASS)
        return v->cls;
    if (v->kind != V_STR || v->flags & VF_PARTIAL)
        return NO_CLASS;
    return app_class_named(it->app, v->s.n && v->s.p[0] == '\\' ? str_sub(v->s, 1, v->s.n) : v->s);
}

const struct value *ex_static(struct interp *it, uint32_t n)
{
    uint32_t c = n + 1;
    sym name = nd(it, n)->s ? nsym(it, n) : dynamic_name(it, n);
    const struct value *of = nd(it, c)->kind != E_NAME ? ex(it, c) : NULL;
    struct args args;
    eval_args(it, n, first_arg_of(it, n), &args);
    if (!name)
        return v_unknown(it, args.dep);
    if (of) {
        uint32_t named = class_named_by(it, of);
        if (named != NO_CLASS)
            return static_of_class(it, named, 0, name, n, &args);
        return of->kind == V_MODEL && of->cls != NO_CLASS
                   ? static_of_class(it, of->cls, 0, name, n, &args)
                   : unknown_call(it, of, name, n, &args);
    }
    sym written = nsym(it, c);
    if (nd(it, n)->flags & F_FCC)
        return callable_of(it, v_class(it, class_here(it, written), written), name);
    if (name_of(it, written) == NM_parent)
        return parent_call(it, n, name, &args);
    uint32_t cls = behind_facade(it, written);
    if (cls != NO_CLASS && !(it->app->classes[cls].in_vendor && known_class(it, written)))
        return static_of_class(it, cls, written, name, n, &args);
    return facade_call(it, known_class(it, written), written, name, n, &args);
}

static const struct value *new_foreign(struct interp *it, uint32_t n, sym name,
                                       const struct args *args)
{
    enum known_class kc = known_class(it, name);
    const struct value *pair = kc == KC_GUZZLE || kc == KC_AI || kc == KC_ATTRIBUTE
                                   ? NULL
                                   : transform_pair(it, args, here(it, n), kc == KC_ITEM);
    if (pair)
        return pair;
    switch (kc) {
    case KC_GUZZLE:
        return v_of(it, V_CLIENT, CLIENT_HTTP, NULL, args->dep);
    case KC_AI:
        return v_of(it, V_CLIENT, CLIENT_AI, NULL, args->dep);
    case KC_CONTENT:
        mail_content(it, args, n);
        return v_unknown(it, args->dep);
    case KC_COLLECTION:
    case KC_PAGINATOR:
        return arg_at(args, 0) ? arg_at(args, 0) : v_array(it, it_new(it, struct array), NULL);
    case KC_ATTRIBUTE:
        return facade_call(it, KC_ATTRIBUTE, name, 0, n, args);
    default: {
        const struct value *rows = rows_among(args);
        return rows ? v_of(it, V_FLUENT, FLUENT_ROWS, rows, args->dep) : v_unknown(it, args->dep);
    }
    }
}

const struct value *ex_new(struct interp *it, uint32_t n)
{
    uint32_t c = n + 1;
    struct args args;
    eval_args(it, n, first_arg_of(it, n), &args);
    uint32_t cls = NO_CLASS;
    sym name = 0;
    if (nd(it, c)->kind == E_NAME) {
        name = nsym(it, c);
        cls = class_here(it, name);
    } else if (nd(it, c)->kind == N_CLASS) {
        for (uint32_t i = 0; i < it->app->nclasses && cls == NO_CLASS; i++)
            if (it->app->classes[i].at.file == it->top->file && it->app->classes[i].at.node == c)
                cls = i;
    } else {
        const struct value *v = ex(it, c);
        cls = class_named_by(it, v);
    }
    return cls != NO_CLASS ? construct(it, cls, &args, here(it, n)) : new_foreign(it, n, name, &args);
}
