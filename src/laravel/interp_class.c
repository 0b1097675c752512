/* Types and classes: values from declarations, services of the container, fields of objects, constants. */
#include "laravel/interp.h"

uint32_t class_here(struct interp *it, sym name)
{
    switch (name_of(it, name)) {
    case NM_self:
        return it->top->cls;
    case NM_static:
        return it->top->self && it->top->self->cls != NO_CLASS ? it->top->self->cls
                                                               : it->top->cls;
    case NM_parent:
        return it->top->cls != NO_CLASS ? it->app->classes[it->top->cls].parent : NO_CLASS;
    default:
        return name ? app_class(it->app, name) : NO_CLASS;
    }
}

static const struct value *value_of_class(struct interp *it, uint32_t cls)
{
    if (cls == NO_CLASS)
        return NULL;
    if (class_model(it->app, cls))
        return v_model(it, cls, NULL, NULL, NULL);
    return service(it, cls);
}

const struct value *user_value(struct interp *it)
{
    if (it->w->user_model == NO_CLASS)
        return v_unknown(it, NULL);
    return v_model(it, it->w->user_model, NULL, NULL, NULL);
}

const struct value *from_type(struct interp *it, sym type, uint32_t self_cls)
{
    enum name n = name_of(it, type);
    if (n == NM_self || n == NM_static)
        return value_of_class(it, self_cls);
    switch (known_class(it, type)) {
    case KC_AUTHENTICATABLE:
        return user_value(it);
    case KC_GUZZLE:
    case KC_HTTP:
        return v_of(it, V_CLIENT, CLIENT_HTTP, NULL, NULL);
    case KC_AI:
        return v_of(it, V_CLIENT, CLIENT_AI, NULL, NULL);
    default:
        return type ? value_of_class(it, app_class(it->app, type)) : NULL;
    }
}

const struct value *from_type_node(struct interp *it, uint32_t file, uint32_t node,
                                   uint32_t self_cls)
{
    const struct facts *f = it->app->files[file].facts;
    const struct node *n = facts_node(f, node);
    if (n->kind == N_TYPE)
        return from_type(it, it->app->files[file].syms[n->s], self_cls);
    if (n->kind != N_TYPE_UNION)
        return NULL;
    for (uint32_t c = node_first(f, node); c; c = node_next(f, node, c)) {
        const struct value *v = from_type_node(it, file, c, self_cls);
        if (v && v->kind != V_UNKNOWN)
            return v;
    }
    return NULL;
}

/* --- DocBlocks --- */

uint32_t node_doc(const struct facts *f, uint32_t node)
{
    return node_find(f, node, N_DOC);
}

static uint32_t named_class(struct interp *it, uint32_t file, uint32_t off, struct str name)
{
    name = str_trim(name);
    while (name.n && (name.p[0] == '?' || name.p[0] == '\\'))
        name = str_sub(name, 1, name.n);
    if (!name.n || name.n > 200)
        return NO_CLASS;
    struct str full = facts_resolve(it->app->files[file].facts, off, name, it->a);
    uint32_t cls = full.n ? app_class_named(it->app, full) : NO_CLASS;
    return cls != NO_CLASS ? cls : app_class_named(it->app, name);
}

/* "Collection<int, Room>|Room[]" names Room, many of it. */
uint32_t doc_class(struct interp *it, uint32_t file, uint32_t off, struct str type, bool *ret_many)
{
    for (uint32_t i = 0; i < type.n; i++)
        if (type.p[i] == '<') {
            struct str in = str_sub(type, i + 1, type.n);
            uint32_t end = in.n;
            while (end && in.p[end - 1] != '>')
                end--;
            in.n = end ? end - 1 : in.n;
            uint32_t from = in.n;
            while (from && in.p[from - 1] != ',')
                from--;
            *ret_many = true;
            uint32_t cls = named_class(it, file, off, str_sub(in, from, in.n));
            if (cls != NO_CLASS)
                return cls;
            break;
        }
    struct str rest = type, part;
    uint32_t found = NO_CLASS;
    while (str_next(&rest, '|', &part)) {
        part = str_trim(part);
        bool many = str_ends(part, "[]");
        uint32_t cls = named_class(it, file, off, many ? str_sub(part, 0, part.n - 2) : part);
        if (cls == NO_CLASS)
            continue;
        *ret_many = many;
        if (many)
            return cls;
        found = found == NO_CLASS ? cls : found;
    }
    return found;
}

static const struct value *many_of(struct interp *it, uint32_t cls, struct ref at)
{
    if (!class_model(it->app, cls)) {
        const struct value *e = value_of_class(it, cls);
        return e ? array_push(it, NULL, e, false) : NULL;
    }
    struct origin *o = origin_new(it, O_PARAM, cls, at);
    return o ? v_rows(it, V_COLL, cls, o, NULL, NULL) : NULL;
}

const struct value *from_doc(struct interp *it, uint32_t file, uint32_t method, const char *tag,
                             struct str param, uint32_t self_cls, struct ref at)
{
    const struct facts *f = it->app->files[file].facts;
    uint32_t doc = node_doc(f, method);
    if (!doc)
        return NULL;
    struct str type = str_trim(doc_type(facts_str(f, facts_node(f, doc)->s), tag, param));
    if (!type.n)
        return NULL;
    if (str_is(type, "static") || str_is(type, "self") || str_is(type, "$this"))
        return value_of_class(it, self_cls);
    bool many = false;
    uint32_t cls = doc_class(it, file, facts_node(f, method)->off, type, &many);
    if (cls == NO_CLASS)
        return NULL;
    return many ? many_of(it, cls, at) : value_of_class(it, cls);
}

bool has_attribute(const struct interp *it, struct ref at, enum name attribute)
{
    const struct app_file *file = &it->app->files[at.file];
    for (uint32_t c = node_first(file->facts, at.node); c; c = node_next(file->facts, at.node, c)) {
        if (facts_node(file->facts, c)->kind != N_ATTR)
            continue;
        struct str s = facts_str(file->facts, facts_node(file->facts, c)->s);
        for (uint32_t i = s.n; i > 0; i--)
            if (s.p[i - 1] == '\\') {
                s = str_sub(s, i, s.n);
                break;
            }
        sym id = syms_find(it->app->syms, s);
        if (id && name_of(it, id) == attribute)
            return true;
    }
    return false;
}

/* --- services and construction --- */

static const struct value *kept_object(struct interp *it, uint32_t key, uint32_t cls)
{
    for (uint32_t i = 0; i < it->nservices; i++)
        if (it->services[i].key == key)
            return it->services[i].v;
    struct object *o = object_new(it, cls);
    if (!o)
        return v_unknown(it, NULL);
    o->from_type = true;
    const struct value *v = v_object(it, o, NULL);
    if (it_grow(it, (void **)&it->services, &it->cservices, it->nservices, sizeof *it->services))
        it->services[it->nservices++] = (struct item){ key, v };
    return v;
}

const struct value *service(struct interp *it, uint32_t cls)
{
    if (it->w->impl_of[cls] != NO_CLASS)
        cls = it->w->impl_of[cls];
    return kept_object(it, cls + 1, cls);
}

/* What a provider bound under a name. */
uint32_t bound_class(const struct interp *it, struct str name)
{
    for (uint32_t i = 0; i < it->w->nbindings; i++)
        if (str_eq(it->w->bindings[i].name, name))
            return it->w->bindings[i].cls;
    return app_class_named(it->app, name);
}

static void run_constructor(struct interp *it, const struct value *obj, const struct args *args,
                            struct ref site)
{
    obj->obj->built = true;
    const struct method *m = class_method_named(it->app, obj->cls, "__construct");
    if (m)
        call_method(it, m, obj, args, site, STEP_CALL);
}

const struct value *construct(struct interp *it, uint32_t cls, const struct args *args,
                              struct ref site)
{
    if (class_model(it->app, cls))
        return v_flags(it, v_model(it, cls, NULL, NULL, args->dep), VF_FRESH);
    if (it->app->classes[cls].is & (IS_RESOURCE | IS_RESOURCE_COLLECTION))
        return resource_new(it, cls, args, site);
    const struct value *v = v_object(it, object_new(it, cls), args->dep);
    if (v->kind == V_OBJECT)
        run_constructor(it, v, args, site);
    return v;
}

/* --- constants --- */

static uint32_t find_const(const struct interp *it, const struct class *c, sym name)
{
    const struct app_file *file = &it->app->files[c->at.file];
    for (uint32_t n = node_first(file->facts, c->at.node); n;
         n = node_next(file->facts, c->at.node, n)) {
        uint8_t kind = facts_node(file->facts, n)->kind;
        if ((kind == N_CONST || kind == N_ENUM_CASE) &&
            file->syms[facts_node(file->facts, n)->s] == name)
            return n;
    }
    return 0;
}

const struct value *class_const(struct interp *it, uint32_t cls, sym name)
{
    for (unsigned up = 0; cls != NO_CLASS && up < 16; up++) {
        const struct class *c = &it->app->classes[cls];
        uint32_t n = find_const(it, c, name);
        const struct facts *f = it->app->files[c->at.file].facts;
        if (n && facts_node(f, n)->kind == N_ENUM_CASE)
            return v_literal(it, name);
        uint32_t value = n ? node_last(f, n) : 0;
        if (value)
            return eval_elsewhere(it, c->at.file, cls, value);
        cls = c->parent;
    }
    return v_literal(it, name);
}

/* --- static properties: one record a class and walk --- */

static const struct value *statics_of(struct interp *it, uint32_t cls)
{
    return kept_object(it, (cls + 1) | 0x80000000u, cls);
}

static const struct value *prop_default(struct interp *it, uint32_t cls, sym name)
{
    const struct prop *p = class_prop(it->app, cls, name);
    if (!p || ref_node(it->app, p->at)->kind != N_PROP)
        return NULL;
    const struct facts *f = it->app->files[p->at.file].facts;
    uint32_t last = node_last(f, p->at.node);
    if (!last || facts_node(f, last)->kind == N_NULL)
        return NULL;
    return eval_elsewhere(it, p->at.file, cls, last);
}

const struct value *static_get(struct interp *it, uint32_t node)
{
    uint32_t c = node + 1;
    if (nd(it, c)->kind != E_NAME) {
        ex(it, c);
        return v_unknown(it, NULL);
    }
    uint32_t cls = class_here(it, nsym(it, c));
    if (cls == NO_CLASS)
        return v_unknown(it, NULL);
    const struct value *of = statics_of(it, cls);
    const struct value *v = v_is(of, V_OBJECT) ? object_get(of->obj, nsym(it, node)) : NULL;
    v = v ? v : prop_default(it, cls, nsym(it, node));
    return v ? v : v_unknown(it, NULL);
}

void static_set(struct interp *it, uint32_t node, const struct value *v)
{
    uint32_t cls = class_here(it, nsym(it, node + 1));
    const struct value *of = cls != NO_CLASS ? statics_of(it, cls) : NULL;
    if (v_is(of, V_OBJECT))
        object_set(it, of->obj, nsym(it, node), v);
}

/* --- fields --- */

static const struct value *field_by_type(struct interp *it, uint32_t cls, sym name)
{
    const struct prop *p = class_prop(it->app, cls, name);
    if (!p)
        return NULL;
    if (p->elem_type && app_class(it->app, p->elem_type) != NO_CLASS)
        return many_of(it, app_class(it->app, p->elem_type), p->at);
    return p->type ? from_type(it, p->type, cls) : NULL;
}

/* Livewire: #[Computed] method, or getNameProperty(). */
static const struct value *field_computed(struct interp *it, const struct value *v, sym name,
                                          uint32_t node)
{
    const struct class *c = &it->app->classes[v->cls];
    if (!(c->is & IS_LIVEWIRE))
        return NULL;
    const struct method *m = class_method(it->app, v->cls, name);
    if (!m || !has_attribute(it, m->at, NM_computed)) {
        char *getter = arena_printf(it->a, "get" STR_FMT "Property", STR_ARG(it_str(it, name)));
        m = getter ? class_method_named(it->app, v->cls, getter) : NULL;
    }
    if (!m)
        return NULL;
    struct args none;
    args_init(&none);
    return call_method(it, m, v, &none, here(it, node), STEP_CALL);
}

static bool writes_field(const struct interp *it, const struct method *m, sym name)
{
    const struct app_file *file = &it->app->files[m->at.file];
    uint32_t end = facts_node(file->facts, m->at.node)->skip;
    for (uint32_t i = m->at.node; i + 2 < end; i++) {
        const struct node *n = facts_node(file->facts, i);
        if (n->kind != E_ASSIGN)
            continue;
        const struct node *t = facts_node(file->facts, i + 1), *b = facts_node(file->facts, i + 2);
        if (t->kind == E_PROP && file->syms[t->s] == name && b->kind == E_VAR &&
            file->syms[b->s] == it->w->s_this)
            return true;
    }
    return false;
}

/* Other methods of the class that fill the field, walked for the value alone. */
static void run_writers(struct interp *it, const struct value *v, sym name)
{
    struct args none;
    args_init(&none);
    unsigned ran = 0;
    uint32_t cls = v->cls;
    for (unsigned up = 0; cls != NO_CLASS && up < 6; up++) {
        const struct class *c = &it->app->classes[cls];
        for (uint32_t i = 0; i < c->nmethods && ran < 4; i++) {
            if (frame_count(it, c->methods[i].at) || (c->methods[i].flags & F_STATIC) ||
                !writes_field(it, &c->methods[i], name))
                continue;
            ran++;
            const struct value *before = object_get(v->obj, name);
            call_method(it, &c->methods[i], v, &none, it->top ? it->top->site : (struct ref){ REF_NONE, 0 }, STEP_CALL);
            const struct value *after = object_get(v->obj, name);
            if (after)
                object_set(it, v->obj, name, v_join(it, before, after));
        }
        cls = c->parent;
    }
}

static const struct value *field_by_walk(struct interp *it, const struct value *v, sym name)
{
    struct object *o = v->obj;
    if (o->guard || !(o->from_type || o->is_entry))
        return NULL;
    o->guard = 1;
    it->quiet++;
    if (!o->built) {
        struct args none;
        args_init(&none);
        run_constructor(it, v, &none, it->top ? it->top->site : (struct ref){ REF_NONE, 0 });
    }
    if (!object_get(o, name))
        run_writers(it, v, name);
    it->quiet--;
    o->guard = 0;
    return object_get(o, name);
}

/* $this->model of a repository whose base class lies in a package. */
static const struct value *repository_field(struct interp *it, uint32_t cls)
{
    uint32_t model = repository_model(it, cls);
    return model == NO_CLASS ? NULL : v_flags(it, v_model(it, model, NULL, NULL, NULL), VF_FRESH);
}

const struct value *object_prop(struct interp *it, const struct value *v, sym name, uint32_t node)
{
    const struct value *f = object_get(v->obj, name);
    if (f)
        return v_dep(it, v) && !v_dep(it, f) ? v_varying(it, f, v->dep) : f;
    const struct value *row = object_get(v->obj, it->w->s_resource);
    if (v->cls == NO_CLASS)
        return row ? prop_read(it, row, name, node) : v_unknown(it, v->dep);
    if (!row && !v->obj->guard)
        f = field_by_walk(it, v, name);
    if (!f || f->kind == V_UNKNOWN || f->kind == V_NULL)
        f = field_by_type(it, v->cls, name);
    if (!f || f->kind == V_UNKNOWN)
        f = row && !class_prop(it->app, v->cls, name) ? prop_read(it, row, name, node)
                                                       : field_computed(it, v, name, node);
    if (!f)
        f = prop_default(it, v->cls, name);
    if ((!f || f->kind == V_UNKNOWN) && name_of(it, name) == NM_model)
        f = repository_field(it, v->cls);
    if (!f)
        f = v_unknown(it, v->dep);
    if (!row && !v->obj->guard)
        object_set(it, v->obj, name, f); /* looked for once */
    return f;
}
