/* Views: made with data, rendered when the entry ends (so that a later with() counts), includes, components. */
#include "laravel/interp.h"

#include <ctype.h>

/* --- making --- */

void view_with(struct interp *it, struct view_obj *v, sym key, const struct value *value)
{
    if (!key || !value)
        return;
    for (uint32_t i = 0; i < v->n; i++)
        if (v->data[i].key == key) {
            v->data[i].v = value;
            return;
        }
    if (it_grow(it, (void **)&v->data, &v->cap, v->n, sizeof *v->data))
        v->data[v->n++] = (struct item){ key, value };
}

void view_with_all(struct interp *it, struct view_obj *v, const struct value *arr)
{
    if (!v_is(arr, V_ARRAY))
        return;
    for (uint32_t i = 0; i < arr->arr->n; i++)
        view_with(it, v, arr->arr->items[i].key, arr->arr->items[i].v);
}

const struct value *view_make(struct interp *it, const struct value *name, const struct value *data,
                              struct ref at)
{
    struct view_obj *v = it_new(it, struct view_obj);
    if (!v)
        return v_unknown(it, NULL);
    v->name = name;
    v->at = at;
    view_with_all(it, v, data);
    if (it_grow(it, (void **)&it->views, &it->cviews, it->nviews, sizeof *it->views))
        it->views[it->nviews++] = v;
    struct value *r = it_new(it, struct value);
    if (!r)
        return v_unknown(it, NULL);
    *r = (struct value){ .kind = V_VIEW, .cls = NO_CLASS, .view = v };
    return r;
}

static const struct view *find_view(const struct interp *it, const struct value *name)
{
    if (!v_is(name, V_STR) || !name->s.n)
        return NULL;
    if (!(name->flags & VF_PARTIAL)) {
        const struct view *v = app_view(it->app, name->s);
        return v ? v : app_view_suffix(it->app, name->s);
    }
    for (uint32_t i = name->s.n; i > 0; i--)
        if (name->s.p[i - 1] == '*') {
            struct str rest = str_sub(name->s, i, name->s.n);
            while (rest.n && (rest.p[0] == '.' || rest.p[0] == '/'))
                rest = str_sub(rest, 1, rest.n);
            return rest.n > 3 ? app_view_suffix(it->app, rest) : NULL;
        }
    return NULL;
}

/* A name of a route or of a text looks like one of a view. */
static bool names_no_view(enum name n)
{
    switch (n) {
    case NM_route:
    case NM_to_route:
    case NM_signedroute:
    case NM_temporarysignedroute:
    case NM_action:
    case NM_url:
    case NM_trans:
    case NM_trans_choice:
    case NM_lang:
    case NM___:
        return true;
    default:
        return false;
    }
}

/* An app's own wrapper: a literal that names a view file, beside an array. NULL: it is none. */
const struct value *view_wrapper(struct interp *it, sym callee, const struct args *args, struct ref at)
{
    if (names_no_view(name_of(it, callee)))
        return NULL;
    for (uint32_t i = 0; i + 1 < args->n; i++) {
        const struct value *v = args->a[i].v;
        if (!v_is(v, V_STR) || v->flags & VF_PARTIAL || !memchr(v->s.p, '.', v->s.n))
            continue;
        for (uint32_t k = i + 1; k < args->n; k++)
            if (v_is(args->a[k].v, V_ARRAY) && args->a[k].v->arr->n && find_view(it, v))
                return view_make(it, v, args->a[k].v, at);
    }
    return NULL;
}

static sym key_from(struct interp *it, struct str name, bool snake)
{
    char buf[128];
    uint32_t n = 0;
    for (uint32_t i = 4; i < name.n && n + 2 < sizeof buf; i++) {
        if (snake && isupper((unsigned char)name.p[i]) && n)
            buf[n++] = '_';
        buf[n] = snake || !n ? (char)tolower((unsigned char)name.p[i]) : name.p[i];
        n++;
    }
    return syms_find(it->app->syms, (struct str){ buf, n });
}

const struct value *view_call(struct interp *it, const struct value *v, sym name,
                              const struct args *args)
{
    struct str s = it_str(it, name);
    const struct value *a0 = arg_at(args, 0);
    switch (name_of(it, name)) {
    case NM_with:
    case NM_layoutdata:
        if (v_is(a0, V_STR))
            view_with(it, v->view, syms_find(it->app->syms, a0->s), arg_at(args, 1));
        else
            view_with_all(it, v->view, a0);
        return v;
    case NM_nest:
        if (args->n > 1)
            view_make(it, args->a[1].v, arg_at(args, 2), v->view->at);
        return v;
    case NM_render:
    case NM_tohtml:
    case NM___tostring:
        view_render(it, v->view);
        return v_scalar(it, NULL);
    case NM_layout:
    case NM_extends:
        if (v_is(a0, V_STR))
            view_make(it, a0, arg_at(args, 1), v->view->at);
        return v;
    default:
        if (s.n > 4 && strncasecmp(s.p, "with", 4) == 0 && a0) {
            view_with(it, v->view, key_from(it, s, false), a0);
            view_with(it, v->view, key_from(it, s, true), a0);
        }
        return v;
    }
}

/* --- rendering --- */

static void blade_extends(struct interp *it, uint32_t n);

static bool pattern_matches(struct str p, struct str s)
{
    if (p.n && p.p[p.n - 1] == '*')
        return s.n >= p.n - 1 && memcmp(s.p, p.p, p.n - 1) == 0;
    return str_eq(p, s);
}

static bool may_read(const struct interp *it, uint32_t file, sym var)
{
    return it->w->view_vars[file].bits[var % 512 / 64] >> var % 64 & 1;
}

static void shared_data(struct interp *it, struct env *env, uint32_t file)
{
    for (uint32_t i = 0; i < it->w->nshares; i++) {
        const struct share *s = &it->w->shares[i];
        if (!may_read(it, file, s->name) || env_get(env, s->name))
            continue;
        it->quiet++;
        const struct value *v = eval_elsewhere(it, s->expr.file, s->expr.cls, s->expr.node);
        it->quiet--;
        env_set(it, env, s->name, v);
    }
}

static void compose(struct interp *it, const struct composer *c, struct view_obj *v)
{
    const struct value *fn = NULL;
    struct value view = { .kind = V_VIEW, .cls = NO_CLASS, .view = v };
    struct value *kept = it_new(it, struct value);
    if (!kept)
        return;
    *kept = view;
    struct closure *cl = it_new(it, struct closure);
    if (!cl)
        return;
    *cl = c->fn;
    if (c->cls != NO_CLASS) {
        cl->self = service(it, c->cls);
        cl->method = it->w->s_compose;
    }
    fn = v_closure(it, cl);
    call_closure1(it, fn, kept, v->at);
}

static void composed_data(struct interp *it, struct view_obj *v, const char *name)
{
    for (uint32_t i = 0; i < it->w->ncomposers; i++)
        if (pattern_matches(it->w->composers[i].pattern, str_c(name)))
            compose(it, &it->w->composers[i], v);
}

/* Without rows, and outside of a loop, a view does the same as when it is walked alone. */
static bool says_nothing_new(struct interp *it, uint32_t file, bool rows)
{
    const struct entry *e = &it->w->entries[it->entry];
    if (rows || loop_now(it) || it->w->collecting || (e->kind == ENTRY_VIEW && e->at.file == file))
        return false;
    __atomic_fetch_or(&it->w->view_context[file], it->context, __ATOMIC_RELAXED);
    return true;
}

void view_walk(struct interp *it, uint32_t file, struct env *env, struct ref site,
               const struct value *self)
{
    struct ref body = { file, 0 };
    if (it->cut || it->depth > it->w->max_depth + 4 || frame_count(it, body) >= 2)
        return;
    uint64_t key = hash_mix(file, v_hash(it, self, 0));
    bool rows = self != NULL;
    struct env *used = env_new(it);
    for (uint32_t i = 0; used && i < env->n; i++) {
        if (!may_read(it, file, env->v[i].key))
            continue;
        env_set(it, used, env->v[i].key, env->v[i].v);
        key = hash_mix(key, hash_mix(env->v[i].key, v_shape(it, env->v[i].v, 0)));
        rows = rows || v_has_rows(env->v[i].v, 0);
    }
    if (rows && it->w->entries[it->entry].kind != ENTRY_VIEW && !it->w->collecting)
        __atomic_store_n(&it->w->view_shown[file], 1, __ATOMIC_RELAXED);
    if (!used || says_nothing_new(it, file, rows) || walked_before(it, key))
        return;
    struct frame f;
    frame_push(it, &f, file, self ? self->cls : NO_CLASS, self, site, body, STEP_VIEW);
    f.env = used;
    st_block(it, 0);
    if (f.extends)
        blade_extends(it, f.extends);
    frame_pop(it, &f);
}

static void render_file(struct interp *it, struct view_obj *v, const struct view *view)
{
    composed_data(it, v, view->name);
    struct env *env = env_new(it);
    for (uint32_t i = 0; i < v->n; i++)
        env_set(it, env, v->data[i].key, v->data[i].v);
    shared_data(it, env, view->file);
    view_walk(it, view->file, env, v->at, v->self);
}

void view_alone(struct interp *it, const struct view *view)
{
    struct view_obj *v = it_new(it, struct view_obj);
    if (!v)
        return;
    v->at = (struct ref){ view->file, 0 };
    render_file(it, v, view);
}

void view_render(struct interp *it, struct view_obj *v)
{
    if (v->done || it->cut)
        return;
    v->done = true;
    const struct value *const *m;
    uint32_t n = v_members(&v->name, &m);
    for (uint32_t i = 0; i < n; i++) {
        const struct view *view = find_view(it, m[i]);
        if (view)
            render_file(it, v, view);
    }
}

void views_flush(struct interp *it, uint32_t from)
{
    for (uint32_t i = from; i < it->nviews && !it->cut; i++)
        view_render(it, it->views[i]);
    if (it->nviews > from)
        it->nviews = from;
}

/* --- includes --- */

static void include(struct interp *it, uint32_t n, const struct value *name,
                    const struct value *data, const struct env *from)
{
    const struct value *const *m;
    uint32_t k = v_members(&name, &m);
    for (uint32_t i = 0; i < k; i++) {
        const struct view *view = find_view(it, m[i]);
        if (!view)
            continue;
        struct view_obj *v = it_new(it, struct view_obj);
        struct env *env = env_copy(it, from);
        if (!v || !env)
            return;
        v->at = here(it, n);
        composed_data(it, v, view->name);
        for (uint32_t d = 0; d < v->n; d++)
            env_set(it, env, v->data[d].key, v->data[d].v);
        if (v_is(data, V_ARRAY))
            for (uint32_t d = 0; d < data->arr->n; d++)
                env_set(it, env, data->arr->items[d].key, data->arr->items[d].v);
        view_walk(it, view->file, env, here(it, n), it->top->self);
    }
}

static void blade_include(struct interp *it, uint32_t n)
{
    struct args a;
    eval_args(it, n, first_arg_of(it, n), &a);
    const struct value *name = arg_at(&a, 0);
    if (v_is(name, V_ARRAY)) /* @includeFirst */
        name = elem_of(it, name, NULL);
    if (name)
        include(it, n, name, arg_at(&a, 1), it->top->env);
}

static void blade_each(struct interp *it, uint32_t n)
{
    struct args a;
    eval_args(it, n, first_arg_of(it, n), &a);
    const struct value *rows = arg_at(&a, 1), *as = arg_at(&a, 2);
    if (!rows || !v_is(as, V_STR))
        return;
    if (rows->kind == V_BUILDER)
        rows = builder_rows(it, rows, n);
    struct loop *loop = loop_push(it, here(it, n), rows->dep);
    struct env *env = env_new(it);
    if (loop && env) {
        env_set(it, env, syms_find(it->app->syms, as->s), elem_of(it, rows, loop));
        include(it, n, a.a[0].v, NULL, env);
    }
    loop_pop(it, loop);
}

/* --- components --- */

static const struct value *attributes(struct interp *it, uint32_t n)
{
    const struct value *arr = v_array(it, it_new(it, struct array), NULL);
    for (uint32_t c = node_first(it->top->f, n); c; c = node_next(it->top->f, n, c)) {
        if (nd(it, c)->kind != E_ITEM || !(nd(it, c)->flags & F_HAS_KEY))
            continue;
        sym key = nsym(it, kid(it, c, 0));
        const struct value *v = ex(it, kid(it, c, 1));
        if (key && v_is(arr, V_ARRAY))
            arr = array_with(it, arr, key, v);
    }
    return arr;
}

static void args_by_name(struct args *a, const struct interp *it, const struct value *arr)
{
    args_init(a);
    for (uint32_t i = 0; v_is(arr, V_ARRAY) && i < arr->arr->n && !a->cut; i++) {
        const struct item *x = &arr->arr->items[i];
        a->dep = dep_max(it, a->dep, x->v->dep);
        a->cut = a->n >= WALK_ARGS;
        if (!a->cut)
            a->a[a->n++] = (struct arg){ .name = x->key, .v = x->v };
    }
}

static struct env *env_of_array(struct interp *it, const struct value *arr)
{
    struct env *env = env_new(it);
    for (uint32_t i = 0; v_is(arr, V_ARRAY) && i < arr->arr->n; i++)
        env_set(it, env, arr->arr->items[i].key, arr->arr->items[i].v);
    return env;
}

/* A property may hold something else by the time that the view is shown. */
static const struct value *v_maybe(struct interp *it, const struct value *v)
{
    return v->kind == V_SCALAR || v->kind == V_STR ? v_flags(it, v, VF_MAYBE) : v;
}

/* Public properties of a component are variables of its view. */
void props_to_view(struct interp *it, const struct value *obj, struct view_obj *v)
{
    for (uint32_t cls = obj->cls, up = 0; cls != NO_CLASS && up < 8; up++) {
        const struct class *c = &it->app->classes[cls];
        for (uint32_t i = 0; i < c->nprops; i++) {
            bool there = false;
            for (uint32_t k = 0; k < v->n; k++)
                there = there || v->data[k].key == c->props[i].name;
            if (!there && !(c->props[i].flags & (F_PRIVATE | F_PROTECTED)))
                view_with(it, v, c->props[i].name,
                          v_maybe(it, object_prop(it, obj, c->props[i].name, 0)));
        }
        cls = c->parent;
    }
}

/* $this->markdown('mail.x', [...]) of a mail: its public properties are there too. */
void mail_view(struct interp *it, const struct value *mail, const struct args *args, uint32_t node)
{
    const struct value *v = view_make(it, args->a[0].v, arg_at(args, 1), here(it, node));
    if (v_is(v, V_VIEW))
        props_to_view(it, mail, v->view);
}

/* {{ $name() }}: public methods of a class component are variables of its view. */
static void methods_to_view(struct interp *it, const struct value *obj, struct view_obj *v)
{
    const struct class *c = &it->app->classes[obj->cls];
    for (uint32_t i = 0; i < c->nmethods; i++) {
        const struct method *m = &c->methods[i];
        struct closure *fn = m->flags & (F_PRIVATE | F_PROTECTED | F_STATIC) || str_starts(it_str(it, m->name), "__")
                                 ? NULL
                                 : it_new(it, struct closure);
        bool there = !fn || name_of(it, m->name) == NM_render;
        for (uint32_t k = 0; k < v->n; k++)
            there = there || v->data[k].key == m->name;
        if (there)
            continue;
        *fn = (struct closure){ .file = REF_NONE, .self = obj, .method = m->name };
        view_with(it, v, m->name, v_closure(it, fn));
    }
}

static void class_component(struct interp *it, uint32_t n, const struct component *c,
                            const struct value *attrs)
{
    if (!v_has_rows(attrs, 0) && !loop_now(it))
        return; /* it is an entry of its own */
    if (walked_before(it, hash_mix((uint64_t)c->class_ << 32 | 1, v_shape(it, attrs, 0))))
        return;
    struct args a;
    args_by_name(&a, it, attrs);
    const struct value *obj = construct(it, c->class_, &a, here(it, n));
    const struct method *m = class_method_named(it->app, c->class_, "render");
    if (!v_is(obj, V_OBJECT) || !m)
        return;
    uint32_t views = it->nviews;
    struct args none;
    args_init(&none);
    call_method(it, m, obj, &none, here(it, n), STEP_VIEW);
    for (uint32_t i = views; i < it->nviews; i++) {
        props_to_view(it, obj, it->views[i]);
        methods_to_view(it, obj, it->views[i]);
        it->views[i]->self = obj;
    }
    views_flush(it, views);
}

static void slots(struct interp *it, uint32_t n)
{
    for (uint32_t c = node_first(it->top->f, n); c; c = node_next(it->top->f, n, c))
        if (nd(it, c)->kind == S_BLOCK)
            st_block(it, c);
}

static void blade_component(struct interp *it, uint32_t n)
{
    const struct value *attrs = attributes(it, n);
    struct str name = it_str(it, nsym(it, n));
    const struct component *c = app_component(it->app, name, false);
    slots(it, n);
    if (c && c->class_ != NO_CLASS) {
        class_component(it, n, c, attrs);
        return;
    }
    struct env *env = env_of_array(it, attrs);
    if (c && c->file != REF_NONE) {
        view_walk(it, c->file, env, here(it, n), NULL);
        return;
    }
    const struct value *full = v_str(it, name, 0, NULL);
    char *inside = arena_printf(it->a, "components." STR_FMT, STR_ARG(name));
    if (inside && !find_view(it, full))
        full = v_str(it, str_c(inside), 0, NULL);
    include(it, n, full, attrs, env);
}

static void blade_livewire(struct interp *it, uint32_t n)
{
    const struct value *attrs = attributes(it, n), *name = NULL;
    if (!nd(it, n)->s) {
        struct args a;
        eval_args(it, n, first_arg_of(it, n), &a);
        name = arg_at(&a, 0);
        if (v_is(arg_at(&a, 1), V_ARRAY))
            attrs = array_merge(it, attrs, a.a[1].v);
    }
    struct str s = nd(it, n)->s ? it_str(it, nsym(it, n)) : v_is(name, V_STR) ? name->s : STR("");
    const struct component *c = s.n ? app_component(it->app, s, true) : NULL;
    if (c && c->class_ != NO_CLASS && !v_has_rows(attrs, 0) && !loop_now(it))
        return; /* it is an entry of its own */
    if (c && c->class_ != NO_CLASS) {
        const struct value *obj = livewire_mount(it, c->class_, attrs, here(it, n));
        livewire_render(it, obj, here(it, n));
    } else if (c && c->file != REF_NONE) {
        view_walk(it, c->file, env_of_array(it, attrs), here(it, n), NULL);
    }
}

static void blade_props(struct interp *it, uint32_t n)
{
    struct args a;
    eval_args(it, n, first_arg_of(it, n), &a);
    const struct value *arr = arg_at(&a, 0);
    if (!v_is(arr, V_ARRAY))
        return;
    for (uint32_t i = 0; i < arr->arr->n; i++)
        if (arr->arr->items[i].key && !env_get(it->top->env, arr->arr->items[i].key))
            env_set(it, it->top->env, arr->arr->items[i].key, arr->arr->items[i].v);
}

static void blade_extends(struct interp *it, uint32_t n)
{
    struct args a;
    eval_args(it, n, first_arg_of(it, n), &a);
    if (a.n)
        include(it, n, a.a[0].v, arg_at(&a, 1), it->top->env);
}

static void blade_directive(struct interp *it, uint32_t n)
{
    struct args a;
    eval_args(it, n, first_arg_of(it, n), &a);
    enum name d = name_of(it, nsym(it, n));
    if ((d == NM_json || d == NM_js) && a.n)
        serialise(it, a.a[0].v, here(it, n), 0);
    if (d == NM_can || d == NM_cannot || d == NM_canany)
        policy_check(it, &a, here(it, n));
    if (d == NM_inject && a.n > 1 && v_is(a.a[0].v, V_STR)) {
        sym var = syms_find(it->app->syms, a.a[0].v->s);
        uint32_t cls = v_is(a.a[1].v, V_STR) ? app_class_named(it->app, a.a[1].v->s)
                       : v_is(a.a[1].v, V_CLASS) ? a.a[1].v->cls
                                                 : NO_CLASS;
        if (var && cls != NO_CLASS)
            env_set(it, it->top->env, var, service(it, cls));
    }
}

static void blade_block(struct interp *it, uint32_t n)
{
    for (uint32_t c = node_first(it->top->f, n); c && !it->cut; c = node_next(it->top->f, n, c)) {
        if (nd(it, c)->kind == E_ARG)
            ex(it, kid(it, c, 0));
        else if (nd(it, c)->kind >= S_BLOCK && nd(it, c)->kind < E_VAR)
            st(it, c);
        else if (nd(it, c)->kind >= E_VAR)
            ex(it, c);
    }
}

void blade(struct interp *it, uint32_t n)
{
    switch ((enum blade_op)nd(it, n)->op) {
    case B_INCLUDE:
        blade_include(it, n);
        return;
    case B_EACH:
        blade_each(it, n);
        return;
    case B_EXTENDS:
        it->top->extends = n;
        return;
    case B_COMPONENT:
        blade_component(it, n);
        return;
    case B_LIVEWIRE:
        blade_livewire(it, n);
        return;
    case B_PROPS:
        blade_props(it, n);
        return;
    case B_DIRECTIVE:
        blade_directive(it, n);
        return;
    case B_WIRE:
        return;
    default:
        blade_block(it, n);
        return;
    }
}
