/* Global functions: helpers of the framework and of the language that values pass through, then the app's own. */
#include "laravel/interp.h"

static const struct value *fn_view(struct interp *it, uint32_t n, const struct args *a)
{
    if (!a->n)
        return v_of(it, V_CLIENT, CLIENT_VIEWS, NULL, NULL);
    const struct value *data = arg_at(a, 1);
    if (a->n > 2 && v_is(a->a[2].v, V_ARRAY))
        data = array_merge(it, data, a->a[2].v);
    return view_make(it, a->a[0].v, data, here(it, n));
}

static const struct value *compact_names(struct interp *it, const struct value *out,
                                         const struct value *v)
{
    if (v->kind == V_STR && !(v->flags & VF_PARTIAL)) {
        sym s = syms_find(it->app->syms, v->s);
        const struct value *x = s ? env_get(it->top->env, s) : NULL;
        return s ? array_with(it, out, s, x ? x : v_unknown(it, NULL)) : out;
    }
    if (v->kind == V_ARRAY)
        for (uint32_t i = 0; i < v->arr->n; i++)
            out = compact_names(it, out, v->arr->items[i].v);
    return out;
}

static const struct value *fn_compact(struct interp *it, const struct args *a)
{
    const struct value *out = v_array(it, it_new(it, struct array), NULL);
    for (uint32_t i = 0; i < a->n; i++)
        out = compact_names(it, out, a->a[i].v);
    return out;
}

static const struct value *fn_defined_vars(struct interp *it)
{
    const struct value *out = v_array(it, it_new(it, struct array), NULL);
    const struct env *e = it->top->env;
    for (uint32_t i = 0; e && i < e->n; i++)
        out = array_with(it, out, e->v[i].key, e->v[i].v);
    return out;
}

static const struct value *fn_merge(struct interp *it, const struct args *a)
{
    const struct value *out = NULL;
    for (uint32_t i = 0; i < a->n; i++) {
        const struct value *v = a->a[i].v;
        if (v_is(v, V_ARRAY))
            out = array_merge(it, out, v);
        else if (v->kind != V_UNKNOWN)
            out = v_join(it, out, v);
    }
    return out ? out : v_unknown(it, a->dep);
}

static const struct value *made(struct interp *it, uint32_t cls)
{
    uint32_t real = it->w->impl_of[cls] != NO_CLASS ? it->w->impl_of[cls] : cls;
    return class_model(it->app, real) ? v_flags(it, v_model(it, real, NULL, NULL, NULL), VF_FRESH)
                                      : service(it, cls);
}

const struct value *app_make(struct interp *it, uint32_t n, const struct args *a)
{
    const struct value *v = arg_at(a, 0);
    if (v_is(v, V_CLASS)) {
        if (v->cls != NO_CLASS)
            return made(it, v->cls);
        sym s = syms_find(it->app->syms, v->s);
        const struct value *t = s ? from_type(it, s, NO_CLASS) : NULL;
        return t ? t : v_unknown(it, NULL);
    }
    if (v_is(v, V_STR) && !(v->flags & VF_PARTIAL)) {
        uint32_t cls = app_class_named(it->app, v->s);
        if (cls != NO_CLASS)
            return made(it, cls);
    }
    return v_unknown(it, a->dep);
}

static const struct value *fn_data_get(struct interp *it, uint32_t n, const struct args *a)
{
    const struct value *v = arg_at(a, 0), *path = arg_at(a, 1);
    if (!v || !v_is(path, V_STR))
        return v_unknown(it, a->dep);
    struct str rest = path->s, part;
    while (str_next(&rest, '.', &part)) {
        sym s = syms_find(it->app->syms, part);
        if (str_is(part, "*")) {
            v = elem_of(it, v, v->dep);
            continue;
        }
        if (!s)
            return v_unknown(it, a->dep);
        v = v_is(v, V_ARRAY) ? (array_get(v, s) ? array_get(v, s) : v_unknown(it, v->dep))
                             : prop_read(it, v, s, n);
    }
    return v;
}

/* array_map(fn, $rows), array_filter($rows, fn), array_walk… */
static const struct value *fn_array_each(struct interp *it, uint32_t n, const struct args *a,
                                         bool maps)
{
    const struct value *fn = arg_closure(a), *rows = NULL;
    for (uint32_t i = 0; i < a->n && !rows; i++) {
        const struct value *v = a->a[i].v;
        if (v != fn && (v_is(v, V_COLL) || v_is(v, V_ARRAY) || v_is(v, V_UNION)))
            rows = v;
    }
    if (!fn && a->n == 2 && v_is(a->a[0].v, V_ARRAY))
        fn = callable_array(it, a->a[0].v);
    if (!rows)
        rows = v_unknown(it, a->dep);
    if (!fn)
        return rows;
    const struct value *r = call_each(it, fn, rows, here(it, n), false);
    return maps ? array_push(it, NULL, r, false) : rows;
}

static const struct value *fn_memo(struct interp *it, uint32_t n, const struct args *a)
{
    uint32_t floor = memo_enter(it);
    struct args none;
    args_init(&none);
    const struct value *v = call_closure(it, arg_closure(a), &none, here(it, n));
    memo_leave(it, floor);
    return v;
}

static const struct value *fn_first_arg(struct interp *it, const struct args *a)
{
    return a->n ? a->a[0].v : v_array(it, it_new(it, struct array), NULL);
}

static const struct value *fn_tap(struct interp *it, uint32_t n, const struct args *a, bool result)
{
    const struct value *fn = arg_closure(a), *v = fn_first_arg(it, a);
    if (!fn || fn == v) {
        struct args none;
        args_init(&none);
        return fn ? call_closure(it, fn, &none, here(it, n)) : v;
    }
    const struct value *r = call_closure1(it, fn, v, here(it, n));
    return result ? r : v;
}

static const struct value *fn_loop_over(struct interp *it, uint32_t n, const struct args *a)
{
    const struct value *fn = arg_closure(a);
    return fn ? call_each(it, fn, v_unknown(it, NULL), here(it, n), false) : v_unknown(it, NULL);
}

static const struct value *fn_call_user(struct interp *it, uint32_t n, const struct args *a)
{
    struct args rest = { .n = 0, .dep = a->dep };
    const struct value *fn = arg_at(a, 0);
    for (uint32_t i = 1; i < a->n; i++)
        rest.a[rest.n++] = a->a[i];
    if (v_is(fn, V_ARRAY))
        fn = callable_array(it, fn);
    return call_closure(it, fn, &rest, here(it, n));
}

/* [$this, 'method'] and [X::class, 'method'] */
const struct value *callable_array(struct interp *it, const struct value *v)
{
    const struct value *self = v_is(v, V_ARRAY) ? array_nth(v, 0) : NULL;
    const struct value *name = self ? array_nth(v, 1) : NULL;
    if (!v_is(name, V_STR) || name->flags & VF_PARTIAL)
        return NULL;
    if (self->kind == V_CLASS && self->cls != NO_CLASS && !class_model(it->app, self->cls))
        self = service(it, self->cls);
    struct closure *c = it_new(it, struct closure);
    if (!c)
        return NULL;
    *c = (struct closure){ .file = REF_NONE, .self = self, .method = syms_find(it->app->syms, name->s) };
    return c->method ? v_closure(it, c) : NULL;
}

static const struct value *fn_config(struct interp *it, const struct args *a)
{
    const struct value *key = arg_at(a, 0), *other = arg_at(a, 1);
    char *k = v_is(key, V_STR) && !(key->flags & VF_PARTIAL) ? arena_strndup(it->a, key->s.p, key->s.n)
                                                             : NULL;
    const struct setting *s = k ? app_setting(it->app, k) : NULL;
    if (s && s->value)
        return v_str(it, str_c(s->value), 0, NULL);
    return other ? other : v_unknown(it, NULL);
}

static bool is_text(const struct value *v)
{
    return v_is(v, V_STR) && !(v->flags & VF_PARTIAL);
}

/* str_replace('/', '\\', 'Chat/Message'): texts that become names of classes and views. */
static const struct value *fn_str_replace(struct interp *it, const struct args *a)
{
    const struct value *from = arg_at(a, 0), *to = arg_at(a, 1), *in = arg_at(a, 2);
    if (!is_text(from) || !is_text(to) || !is_text(in) || !from->s.n)
        return v_scalar(it, a->dep);
    auto_buf b = BUF_INIT(4096);
    for (uint32_t i = 0; i < in->s.n;) {
        bool hit = in->s.n - i >= from->s.n && !memcmp(in->s.p + i, from->s.p, from->s.n);
        buf_add(&b, hit ? to->s.p : in->s.p + i, hit ? to->s.n : 1);
        i += hit ? from->s.n : 1;
    }
    char *p = b.failed ? NULL : arena_strndup(it->a, b.p ? b.p : "", b.n);
    return p ? v_str(it, (struct str){ p, (uint32_t)b.n }, 0, a->dep) : v_scalar(it, a->dep);
}

static const struct value *known_function(struct interp *it, enum name f, uint32_t n,
                                          const struct args *a, bool *ret_known)
{
    *ret_known = true;
    switch (f) {
    case NM_view:
        return fn_view(it, n, a);
    case NM_compact:
        return fn_compact(it, a);
    case NM_get_defined_vars:
        return fn_defined_vars(it);
    case NM_array_merge:
    case NM_array_merge_recursive:
    case NM_array_replace:
        return fn_merge(it, a);
    case NM_app:
    case NM_resolve:
        return app_make(it, n, a);
    case NM_count:
    case NM_sizeof:
        if (a->n)
            counted_in_php(it, a->a[0].v, n, nsym(it, n + 1));
        return v_scalar(it, a->dep);
    case NM_config:
        return fn_config(it, a);
    case NM_auth:
        return v_of(it, V_AUTH, 0, NULL, NULL);
    case NM_cache:
        if (!a->n)
            return v_of(it, V_CLIENT, CLIENT_CACHE, NULL, NULL);
        return cache_call(it, 0, n, a);
    case NM_data_get:
    case NM_object_get:
        return fn_data_get(it, n, a);
    case NM_collect:
    case NM_optional:
    case NM_array_values:
    case NM_array_unique:
    case NM_array_reverse:
    case NM_array_slice:
    case NM_iterator_to_array:
    case NM_e:
    case NM_lazy:
        return fn_first_arg(it, a);
    case NM_tap:
        return fn_tap(it, n, a, false);
    case NM_with:
    case NM_value:
    case NM_transform:
    case NM_rescue:
    case NM_retry:
        return fn_tap(it, n, a, true);
    case NM_array_map:
        return fn_array_each(it, n, a, true);
    case NM_array_filter:
    case NM_array_walk:
    case NM_usort:
    case NM_uasort:
    case NM_array_reduce:
        return fn_array_each(it, n, a, false);
    case NM_once:
        return fn_memo(it, n, a);
    case NM_call_user_func:
        return fn_call_user(it, n, a);
    case NM_times:
        return fn_loop_over(it, n, a);
    case NM_str_replace:
        return fn_str_replace(it, a);
    case NM_json_encode:
        if (a->n)
            serialise(it, a->a[0].v, here(it, n), 0);
        return v_scalar(it, a->dep);
    case NM_dispatch:
    case NM_dispatch_sync:
        if (a->n && run_job(it, a->a[0].v, here(it, n)))
            return v_unknown(it, a->dep);
        dispatch_seen(it, n, "dispatch", a->n && v_is(a->a[0].v, V_OBJECT) ? a->a[0].v->cls : NO_CLASS);
        return v_unknown(it, a->dep);
    case NM_curl_exec:
    case NM_curl_setopt:
    case NM_curl_init:
    case NM_file_get_contents:
        curl_call(it, f, n, a);
        return v_unknown(it, a->dep);
    case NM_inertia:
        if (a->n > 1)
            serialise(it, a->a[1].v, here(it, n), 0);
        return v_unknown(it, a->dep);
    case NM_array_push:
    case NM_array_unshift: {
        uint32_t target = a->n ? a->a[0].node : 0;
        for (uint32_t i = 1; i < a->n && target; i++)
            assign(it, target, array_push(it, v_is(a->a[0].v, V_ARRAY) ? a->a[0].v : NULL, a->a[i].v, false));
        return v_scalar(it, NULL);
    }
    case NM_end:
    case NM_current:
    case NM_reset:
    case NM_array_pop:
    case NM_array_shift:
        return a->n ? elem_of(it, a->a[0].v, a->a[0].v->dep) : v_unknown(it, NULL);
    default:
        *ret_known = false;
        return NULL;
    }
}

static const struct method *own_function(struct interp *it, sym name)
{
    const struct method *m = app_function(it->app, name);
    struct str s = it_str(it, name);
    for (uint32_t i = s.n; !m && i > 0; i--)
        if (s.p[i - 1] == '\\') {
            sym last = syms_find(it->app->syms, str_sub(s, i, s.n));
            return last ? app_function(it->app, last) : NULL;
        }
    return m;
}

static const struct value *function_value(struct interp *it, sym name)
{
    const struct method *m = own_function(it, name);
    struct closure *c = m ? it_new(it, struct closure) : NULL;
    if (!c)
        return v_unknown(it, NULL);
    *c = (struct closure){ .file = REF_NONE, .fn = m };
    return v_closure(it, c);
}

const struct value *ex_function(struct interp *it, uint32_t n)
{
    uint32_t callee = n + 1;
    struct args a;
    if (nd(it, callee)->kind != E_NAME) {
        const struct value *fn = ex(it, callee);
        eval_args(it, n, first_arg_of(it, n), &a);
        if (v_is(fn, V_ARRAY))
            fn = callable_array(it, fn);
        if (v_is(fn, V_OBJECT))
            return method_call(it, fn, it->w->s_invoke, n, &a);
        return call_closure(it, fn, &a, here(it, n));
    }
    sym name = nsym(it, callee);
    if (nd(it, n)->flags & F_FCC)
        return function_value(it, name);
    eval_args(it, n, first_arg_of(it, n), &a);
    const struct value *volt = volt_call(it, it_str(it, name), &a, here(it, n));
    if (volt)
        return volt;
    const struct method *m = own_function(it, name);
    if (m) {
        const struct value *r = call_method(it, m, NULL, &a, here(it, n), STEP_CALL);
        const struct value *view = r->kind == V_UNKNOWN ? view_wrapper(it, name, &a, here(it, n)) : NULL;
        return view ? view : r;
    }
    bool known = false;
    const struct value *v = known_function(it, name_of(it, name), n, &a, &known);
    return known ? v : unknown_call(it, NULL, name, n, &a);
}
