/* Rows: relations read as properties, accessors, methods of the model, serialising. */
#include "laravel/interp.h"

static const struct model *model_of(const struct interp *it, const struct value *m)
{
    return m->cls != NO_CLASS ? class_model(it->app, m->cls) : NULL;
}

/* Relations that traits of well-known packages bring; their code is not read. */
static const struct {
    const char *trait, *relation;
    bool to_many;
} trait_relations[] = {
    { "InteractsWithMedia", "media", true },    { "HasMediaTrait", "media", true },
    { "HasRoles", "roles", true },              { "HasRoles", "permissions", true },
    { "HasTags", "tags", true },                { "Notifiable", "notifications", true },
    { "Notifiable", "unreadNotifications", true }, { "HasApiTokens", "tokens", true },
    { "LogsActivity", "activities", true },     { "Translatable", "translations", true },
    { "HasDatabaseNotifications", "notifications", true }, { "Mediable", "media", true },
    { "HasComments", "comments", true },       { "Commentable", "comments", true },
    { "Auditable", "audits", true },
};

static bool named_like(struct str s, const char *name)
{
    size_t n = strlen(name);
    return s.n >= n && memcmp(s.p + s.n - n, name, n) == 0 && (s.n == n || s.p[s.n - n - 1] == '\\');
}

static bool uses_trait(const struct interp *it, uint32_t cls, const char *name, unsigned depth)
{
    for (; cls != NO_CLASS && depth < 16; depth++) {
        const struct class *c = &it->app->classes[cls];
        for (uint16_t i = 0; i < c->ntrait_names; i++)
            if (named_like(it_str(it, c->trait_names[i]), name))
                return true;
        for (uint16_t i = 0; i < c->ntraits; i++)
            if (uses_trait(it, c->traits[i], name, depth + 4))
                return true;
        cls = c->parent;
    }
    return false;
}

static bool trait_relation(const struct interp *it, const struct value *m, sym name,
                           struct relation *ret)
{
    struct str s = it_str(it, name);
    if (m->cls == NO_CLASS)
        return false;
    for (size_t i = 0; i < sizeof trait_relations / sizeof *trait_relations; i++) {
        if (!str_is(s, trait_relations[i].relation) ||
            !uses_trait(it, m->cls, trait_relations[i].trait, 0))
            continue;
        *ret = (struct relation){ .name = name, .kind = REL_UNKNOWN, .related = NO_CLASS,
                                  .at = { REF_NONE, 0 }, .to_many = trait_relations[i].to_many };
        return true;
    }
    return false;
}

static const struct relation *relation_of(struct interp *it, const struct value *m, sym name)
{
    const struct model *model = model_of(it, m);
    const struct relation *r = model ? model_relation(it->app, model, name) : NULL;
    if (r)
        return r;
    struct relation extra;
    if (!trait_relation(it, m, name, &extra))
        return NULL;
    struct relation *copy = it_new(it, struct relation);
    if (copy)
        *copy = extra;
    return copy;
}

/* --- a lazily loaded relation --- */

enum { PATH_DEEPEST = 4 }; /* what lies deeper says nothing that the hops above did not say */

static unsigned path_length(const struct path *p)
{
    unsigned n = 0;
    for (; p; p = p->up)
        n++;
    return n;
}

static void lazy_hit(struct interp *it, const struct value *m, const struct relation *r,
                     uint32_t node, const char *by)
{
    struct loop *loop = v_dep(it, m);
    if (!loop || (m->o && m->o->unread_eager) || (m->flags & VF_FRESH))
        return;
    const struct path *p = path_child(it, m->path, r->name);
    if (path_length(p) > PATH_DEEPEST)
        return;
    struct hit h = { .kind = FLOW_LAZY, .at = m->o ? origin_place(m->o) : loop->at, .read = here(it, node),
                     .model = m->cls, .subject = path_text(it, p), .callee = by, .origin = m->o,
                     .relation = r, .loop = loop, .confidence = m->o ? 85 : 50 };
    if (!m->o)
        h.confidence = loop->implied ? 55 : 50;
    report(it, &h);
}

/* load() for each row: a query a row, whatever it says. */
void load_hit(struct interp *it, const struct value *m, sym name, uint32_t node,
              const struct args *args)
{
    struct loop *loop = v_dep(it, m);
    const struct value *a0 = arg_at(args, 0);
    if (v_is(a0, V_ARRAY) && a0->arr->n)
        a0 = a0->arr->items[0].key ? v_str(it, it_str(it, a0->arr->items[0].key), 0, NULL)
                                   : a0->arr->items[0].v;
    if (!loop || !v_is(a0, V_STR))
        return;
    struct str first = a0->s, part;
    str_next(&first, '.', &part);
    sym s = syms_find(it->app->syms, part);
    const struct relation *r = s ? relation_of(it, m, s) : NULL;
    if (!r || (name_of(it, name) == NM_loadmissing && model_loaded(it, m, s)))
        return;
    lazy_hit(it, m, r, node, syms_cstr(it->app->syms, name));
}

/* with() inside the relation's own method loads on from there. */
static void eager_inside(struct interp *it, const struct value *m, const struct relation *r,
                         struct origin *o, const struct path *p)
{
    if (!r->eager_inside || r->at.file == REF_NONE)
        return;
    const struct method *method = class_method(it->app, m->cls, r->name);
    if (!method || frame_count(it, method->at))
        return;
    struct args none;
    args_init(&none);
    it->quiet++;
    const struct value *b = call_method(it, method, v_flags(it, v_model(it, m->cls, NULL, NULL, NULL),
                                                            VF_FRESH),
                                        &none, it->top->site, STEP_CALL);
    it->quiet--;
    if (!v_is(b, V_BUILDER) || !b->o)
        return;
    if (b->o->unread_eager)
        o->unread_eager = true;
    for (uint32_t i = 0; i < b->o->eager.n; i++)
        eager_add(it, o, p, str_c(path_text(it, b->o->eager.p[i])));
}

static const struct value *related(struct interp *it, const struct value *m,
                                   const struct relation *r, struct origin *o,
                                   const struct path *p)
{
    return v_rows(it, r->to_many ? V_COLL : V_MODEL, r->related, o, p, m->dep);
}

static const struct value *read_relation(struct interp *it, const struct value *m,
                                         const struct relation *r, uint32_t node)
{
    bool loaded = model_loaded(it, m, r->name);
    const struct path *p = path_child(it, m->path, r->name);
    if (!loaded)
        lazy_hit(it, m, r, node, "");
    if (m->o && (loaded || v_dep(it, m))) {
        eager_inside(it, m, r, m->o, p);
        return related(it, m, r, m->o, p);
    }
    struct origin *o = origin_new(it, O_PROPERTY, r->related, here(it, node));
    if (!o)
        return v_unknown(it, m->dep);
    o->rel = r;
    o->parent = m;
    eager_inside(it, m, r, o, NULL);
    return related(it, m, r, o, NULL);
}

/* --- accessors --- */

static const struct value *accessor_of(struct interp *it, const struct value *m,
                                       const struct accessor *a, uint32_t node)
{
    const struct facts *f = it->app->files[a->at.file].facts;
    sym name = it->app->files[a->at.file].syms[facts_node(f, a->at.node)->s];
    const struct method *method = class_method(it->app, m->cls, name);
    if (!method)
        return v_scalar(it, m->dep);
    struct args args;
    args_init(&args);
    if (!a->new_style)
        args_add(it, &args, v_scalar(it, m->dep));
    const struct value *v = call_method(it, method, m, &args, here(it, node), STEP_ACCESSOR);
    if (!a->new_style)
        return v;
    if (!v_is(v, V_CLOSURE))
        return v_scalar(it, m->dep);
    struct frame mark;
    struct ref site = here(it, node);
    frame_push(it, &mark, a->at.file, method->class_, m, site, a->at, STEP_ACCESSOR);
    const struct value *r = call_closure1(it, v, v_scalar(it, m->dep), site);
    frame_pop(it, &mark);
    return r;
}

/* Some class has a method of that name: worth asking a presenter. */
static bool is_declared(const struct interp *it, sym name)
{
    return it->w->has_presenters && it->w->is_method[name / 8] & 1 << name % 8;
}

static const struct value *attribute(struct interp *it, const struct value *m, sym name,
                                     uint32_t node)
{
    const struct model *model = model_of(it, m);
    for (uint16_t i = 0; model && i < model->ncasts; i++)
        if (model->casts[i].attribute == name)
            return v_scalar(it, m->dep);
    const struct value *p = model && is_declared(it, name) ? presented(it, m) : NULL;
    const struct value *v = p ? presenter_prop(it, p, name, node) : NULL;
    return v ? v : v_unknown(it, m->dep);
}

const struct value *model_prop(struct interp *it, const struct value *m, sym name, uint32_t node)
{
    const struct model *model = model_of(it, m);
    const struct accessor *a = model ? model_accessor(it->app, model, name) : NULL;
    const struct relation *r = relation_of(it, m, name);
    if (r && (!a || a->new_style))
        return read_relation(it, m, r, node);
    if (a && !(m->o && count_has(m->o, m->path, name)))
        return accessor_of(it, m, a, node);
    return attribute(it, m, name, node);
}

/* --- methods --- */

const struct value *relation_builder(struct interp *it, const struct value *m,
                                     const struct relation *r, uint32_t node)
{
    struct origin *o = origin_new(it, O_RELATION, r->related, here(it, node));
    if (!o)
        return v_unknown(it, m->dep);
    o->rel = r;
    o->parent = m;
    o->limited = r->has_limit;
    eager_inside(it, m, r, o, NULL);
    return v_rows(it, V_BUILDER, r->related, o, NULL, m->dep);
}

static void write_hit(struct interp *it, const struct value *m, sym name, uint32_t node)
{
    struct loop *loop = v_dep(it, m);
    if (!loop || !loop_now(it))
        return;
    struct hit h = { .kind = FLOW_WRITE, .at = here(it, node), .read = here(it, node),
                     .model = m->cls, .callee = syms_cstr(it->app->syms, name), .loop = loop,
                     .origin = m->o, .confidence = 75 };
    h.subject = m->cls != NO_CLASS
                    ? syms_cstr(it->app->syms, it->app->classes[m->cls].short_name)
                    : "";
    report(it, &h);
}

static void set_relation(struct interp *it, const struct value *m, const struct args *args)
{
    const struct value *name = arg_at(args, 0);
    sym s = v_is(name, V_STR) ? syms_find(it->app->syms, name->s) : 0;
    if (s && m->o)
        eager_path(it, m->o, path_child(it, m->path, s));
}

static const struct value *load_counts(struct interp *it, const struct value *m, sym name,
                                       uint32_t node, const struct args *args)
{
    struct loop *loop = v_dep(it, m);
    if (loop && !(m->o && m->o->unread_eager)) {
        const struct value *a0 = arg_at(args, 0);
        struct hit h = { .kind = FLOW_AGGREGATE, .at = m->o ? origin_place(m->o) : here(it, node),
                         .read = here(it, node), .model = m->cls, .origin = m->o, .loop = loop,
                         .callee = syms_cstr(it->app->syms, name), .confidence = 75,
                         .subject = v_is(a0, V_STR) ? arena_strndup(it->a, a0->s.p, a0->s.n) : "" };
        report(it, &h);
    }
    if (m->o)
        count_args(it, m->o, m->path, args, name_of(it, name) == NM_loadcount ? "_count" : "_exists");
    return m;
}

/* Methods of packages' traits that read a relation. */
static const struct {
    enum name method;
    const char *trait, *relation;
} trait_methods[] = {
    { NM_getfirstmediaurl, "InteractsWithMedia", "media" }, { NM_getfirstmedia, "InteractsWithMedia", "media" },
    { NM_getmedia, "InteractsWithMedia", "media" },         { NM_hasmedia, "InteractsWithMedia", "media" },
    { NM_getfirstmediapath, "InteractsWithMedia", "media" }, { NM_hasrole, "HasRoles", "roles" },
    { NM_hasanyrole, "HasRoles", "roles" },                 { NM_getrolenames, "HasRoles", "roles" },
    { NM_hasallroles, "HasRoles", "roles" },                { NM_getallpermissions, "HasRoles", "roles" },
    { NM_tagswithtype, "HasTags", "tags" },                 { NM_hasmedia, "Mediable", "media" },
    { NM_getmedia, "Mediable", "media" },                   { NM_firstmedia, "Mediable", "media" },
    { NM_lastmedia, "Mediable", "media" },
};

static bool trait_method(struct interp *it, const struct value *m, enum name n, uint32_t node)
{
    if (m->cls == NO_CLASS)
        return false;
    for (size_t i = 0; i < sizeof trait_methods / sizeof *trait_methods; i++) {
        if (trait_methods[i].method != n || !uses_trait(it, m->cls, trait_methods[i].trait, 0))
            continue;
        sym s = it_find_sym(it, trait_methods[i].relation);
        if (s)
            model_prop(it, m, s, node);
        return true;
    }
    return false;
}

/* $this->hasMany(X::class) while a relation's own body is walked. */
static const struct value *relation_in_body(struct interp *it, const struct value *m,
                                            uint32_t node, const struct args *args)
{
    const struct value *a0 = arg_at(args, 0);
    uint32_t cls = v_is(a0, V_CLASS) ? a0->cls : NO_CLASS;
    if (v_is(a0, V_STR))
        cls = app_class_named(it->app, a0->s);
    struct origin *o = origin_new(it, O_RELATION, cls, here(it, node));
    if (!o)
        return v_unknown(it, m->dep);
    o->parent = m;
    return v_rows(it, V_BUILDER, cls, o, NULL, m->dep);
}

/* A model that nobody saw being read (the user of the request) remembers from here on what is loaded on it. */
static const struct value *with_origin(struct interp *it, const struct value *m, uint32_t call)
{
    struct origin *o = m->o || v_dep(it, m) ? NULL : origin_new(it, O_PARAM, m->cls, here(it, call));
    if (!o)
        return m;
    const struct value *known = v_model(it, m->cls, o, NULL, m->dep);
    if (nd(it, call)->kind == E_MCALL && nd(it, call + 1)->kind == E_VAR)
        env_set(it, it->top->env, nsym(it, call + 1), known);
    return known;
}

static const struct value *built_in(struct interp *it, const struct value *m, sym name,
                                    uint32_t node, const struct args *args, bool *ret_done)
{
    enum name n = name_of(it, name);
    *ret_done = true;
    switch (n) {
    case NM_load:
    case NM_loadmissing:
        load_hit(it, m, name, node, args);
        m = with_origin(it, m, node);
        if (m->o)
            eager_args(it, m->o, m->path, m->cls, args);
        return m;
    case NM_loadcount:
    case NM_loadexists:
    case NM_loadsum:
        return load_counts(it, m, name, node, args);
    case NM_loadmorph:
    case NM_fresh:
    case NM_refresh:
    case NM_fill:
    case NM_forcefill:
    case NM_makehidden:
    case NM_makevisible:
    case NM_setappends:
    case NM_withoutrelations:
    case NM_unsetrelation:
        return m;
    case NM_append:
        coll_call(it, v_rows(it, V_COLL, m->cls, m->o, m->path, m->dep), name, node, args);
        return m;
    case NM_setrelation:
        set_relation(it, m, args);
        return m;
    case NM_getrelation:
    case NM_getrelationvalue:
    case NM_getattribute:
    case NM___get: {
        const struct value *a0 = arg_at(args, 0);
        sym s = v_is(a0, V_STR) ? syms_find(it->app->syms, a0->s) : 0;
        if (n == NM_getrelation && s && !model_loaded(it, m, s))
            return v_unknown(it, m->dep); /* it gives what is there and loads nothing */
        return s ? model_prop(it, m, s, node) : v_unknown(it, m->dep);
    }
    case NM_save:
    case NM_saveorfail:
    case NM_savequietly:
    case NM_update:
    case NM_updatequietly:
    case NM_delete:
    case NM_forcedelete:
    case NM_deletequietly:
    case NM_push:
    case NM_touch:
    case NM_restore:
    case NM_increment:
    case NM_decrement:
        write_hit(it, m, name, node);
        return v_scalar(it, m->dep);
    case NM_toarray:
    case NM_tojson:
    case NM_jsonserialize:
    case NM_attributestoarray:
        serialise(it, m, here(it, node), 0);
        return v_unknown(it, m->dep);
    case NM_relationloaded:
    case NM_getkey:
    case NM_is:
    case NM_getroutekey:
        return v_scalar(it, m->dep);
    case NM_replicate:
        return v_flags(it, v_model(it, m->cls, NULL, NULL, m->dep), VF_FRESH);
    case NM_hasmany:
    case NM_hasone:
    case NM_belongsto:
    case NM_belongstomany:
    case NM_morphmany:
    case NM_morphone:
    case NM_morphto:
    case NM_morphtomany:
    case NM_morphedbymany:
    case NM_hasmanythrough:
    case NM_hasonethrough:
        return relation_in_body(it, m, node, args);
    case NM_present: {
        const struct value *p = presented(it, m);
        return p ? p : v_unknown(it, m->dep);
    }
    case NM_can:
    case NM_cannot:
        policy_check(it, args, here(it, node));
        return v_scalar(it, dep_max(it, m->dep, args->dep));
    case NM_notify:
    case NM_notifynow:
        dispatch_seen(it, node, "notify", NO_CLASS);
        notified(it, m, arg_at(args, 0), here(it, node));
        return v_unknown(it, m->dep);
    default:
        *ret_done = false;
        return NULL;
    }
}

const struct value *model_call(struct interp *it, const struct value *m, sym name, uint32_t node,
                               const struct args *args)
{
    const struct relation *r = relation_of(it, m, name);
    if (r && r->at.file != REF_NONE && frame_count(it, r->at) == 0)
        return relation_builder(it, m, r, node);
    const struct method *own = m->cls != NO_CLASS ? class_method(it->app, m->cls, name) : NULL;
    bool done = false;
    const struct value *v = NULL;
    if (!own || frame_count(it, own->at))
        v = built_in(it, m, name, node, args, &done);
    if (done)
        return v;
    if (own)
        return call_method(it, own, m, args, here(it, node), STEP_CALL);
    if (r)
        return relation_builder(it, m, r, node);
    if (trait_method(it, m, name_of(it, name), node))
        return v_scalar(it, m->dep);
    if (m->cls == NO_CLASS || (v_dep(it, m) && !builder_knows(name_of(it, name))))
        return unknown_call(it, m, name, node, args);
    /* __call forwards to a new query */
    return v_varying(it, model_static(it, m->cls, name, node, args), m->dep);
}

const struct value *model_static(struct interp *it, uint32_t cls, sym name, uint32_t node,
                                 const struct args *args)
{
    switch (name_of(it, name)) {
    case NM_factory:
    case NM_observe:
    case NM_creating:
    case NM_created:
    case NM_updating:
    case NM_updated:
    case NM_saving:
    case NM_saved:
    case NM_deleting:
    case NM_deleted:
    case NM_unguard:
    case NM_reguard:
    case NM_withoutevents:
    case NM_addglobalscope:
    case NM_addglobalscopes:
        global_scope_added(it, args, here(it, node));
        return v_unknown(it, NULL);
    case NM_getkey:
    case NM_is:
    case NM_gettable:
    case NM_getkeyname:
    case NM_getfillable:
        return unknown_call(it, NULL, name, node, args);
    default:
        break;
    }
    struct origin *o = origin_new(it, O_QUERY, cls, here(it, node));
    if (!o)
        return v_unknown(it, args->dep);
    if (node && nd(it, node)->kind == E_SCALL)
        o->model_of = here(it, node + 1);
    const struct value *b = v_rows(it, V_BUILDER, cls, o, NULL, NULL);
    switch (name_of(it, name)) {
    case NM_query:
    case NM_newquery:
    case NM_search: /* Scout: rows come without relations, query() may add some */
    case NM_newmodelquery:
    case NM_on:
    case NM_onwriteconnection:
    case NM_withtrashed:
    case NM_onlytrashed:
        return b;
    default:
        return builder_call(it, b, name, node, args);
    }
}

/* --- serialising --- */

static bool is_hidden(const struct model *m, sym name)
{
    for (uint16_t i = 0; i < m->nhidden; i++)
        if (m->hidden[i] == name)
            return true;
    return false;
}

static void serialise_appends(struct interp *it, const struct value *row, uint32_t node)
{
    const struct model *m = model_of(it, row);
    for (uint16_t i = 0; m && i < m->nappends && !it->cut; i++)
        if (!is_hidden(m, m->appends[i]))
            model_prop(it, row, m->appends[i], node);
}

static void serialise_loaded(struct interp *it, const struct value *row, struct ref at,
                             unsigned depth)
{
    const struct model *m = model_of(it, row);
    for (uint16_t i = 0; m && i < m->nrelations && !it->cut; i++) {
        if (!model_loaded(it, row, m->relations[i].name) || is_hidden(m, m->relations[i].name))
            continue;
        serialise(it, read_relation(it, row, &m->relations[i], at.node), at, depth + 1);
    }
}

static void serialise_rows(struct interp *it, const struct value *c, struct ref at, unsigned depth)
{
    rows_used(it, c, at);
    struct loop *loop = loop_push(it, at, c->dep);
    if (!loop)
        return;
    loop->implied = true;
    serialise(it, elem_of(it, c, loop), at, depth + 1);
    loop_pop(it, loop);
}

void serialise(struct interp *it, const struct value *v, struct ref at, unsigned depth)
{
    if (depth > 5 || it->cut)
        return;
    switch ((enum vkind)v->kind) {
    case V_UNION:
        for (uint32_t i = 0; i < v->u.n; i++)
            serialise(it, v->u.m[i], at, depth + 1);
        return;
    case V_MODEL: {
        const struct method *own =
            v->cls != NO_CLASS ? class_method_named(it->app, v->cls, "toArray") : NULL;
        struct args none;
        args_init(&none);
        if (own && !frame_count(it, own->at))
            call_method(it, own, v, &none, at, STEP_CALL);
        it->appends++;
        serialise_appends(it, v, at.node);
        it->appends--;
        serialise_loaded(it, v, at, depth);
        return;
    }
    case V_COLL:
        if (!(v->flags & VF_RAW))
            serialise_rows(it, v, at, depth);
        return;
    case V_ARRAY:
        for (uint32_t i = 0; i < v->arr->n; i++)
            serialise(it, v->arr->items[i].v, at, depth + 1);
        if (v->arr->elem)
            serialise(it, v->arr->elem, at, depth + 1);
        return;
    case V_CLOSURE: {
        struct args none;
        args_init(&none);
        serialise(it, call_closure(it, v, &none, at), at, depth + 1);
        return;
    }
    default:
        return;
    }
}
