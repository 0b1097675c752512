/* Models: table and keys, declared lists, casts, accessors, scopes, traits that change what a model
 * does, and the relations (app_relations.c). What a parent or a trait declares counts too. */
#include "laravel/app_build.h"

#define EL "Illuminate\\Database\\Eloquent\\"

static bool ends_with_class(struct build *b, sym name, const char *base)
{
    return str_ieq(text_basename(syms_str(b->app->syms, name)), str_c(base));
}

/* Does the class, a parent or one of their traits use a trait of this base name? */
static bool uses_trait(struct build *b, uint32_t cls, const char *base, unsigned depth)
{
    for (; cls != NO_CLASS && depth < 24; cls = b->app->classes[cls].parent, depth++) {
        const struct class *c = &b->app->classes[cls];
        for (unsigned i = 0; i < c->ntrait_names; i++) {
            if (ends_with_class(b, c->trait_names[i], base))
                return true;
        }
        for (unsigned i = 0; i < c->ntraits; i++) {
            if (uses_trait(b, c->traits[i], base, depth + 8))
                return true;
        }
    }
    return false;
}

/* #[Name(args)] of the class or a parent; 0: none */
static uint32_t class_attribute(struct build *b, uint32_t cls, const char *base, struct src *ret)
{
    for (unsigned depth = 0; cls != NO_CLASS && depth < 24;
         depth++, cls = b->app->classes[cls].parent) {
        const struct class *c = &b->app->classes[cls];
        *ret = src_of(b->app, c->at.file);
        for EACH_CHILD (ret, c->at.node, a) {
            if (src_kind(ret, a) == N_ATTR && str_ieq(text_basename(src_str(ret, a)), str_c(base)))
                return a;
        }
    }
    return 0;
}

static bool text_of_prop(struct build *b, uint32_t cls, const char *prop, struct str *ret)
{
    struct scope sc = scope_of_class(b, cls);
    uint32_t value = class_default(b, cls, prop, &sc.src);
    return value && eval_str(&sc, value, ret);
}

static bool flag_of_prop(struct build *b, uint32_t cls, const char *prop, bool otherwise)
{
    struct scope sc = scope_of_class(b, cls);
    uint32_t value = class_default(b, cls, prop, &sc.src);
    bool ret;
    return value && eval_bool(&sc, value, &ret) ? ret : otherwise;
}

static uint16_t list_of_prop(struct build *b, uint32_t cls, const char *prop, const char *attribute,
                             sym **ret)
{
    struct scope sc = scope_of_class(b, cls);
    uint32_t value = class_default(b, cls, prop, &sc.src);
    if (!value && attribute) {
        uint32_t attr = class_attribute(b, cls, attribute, &sc.src);
        value = attr ? src_arg(&sc.src, attr, 0, NULL) : 0;
        if (value && src_kind(&sc.src, value) == E_STR) { /* #[Appends('a', 'b')] */
            unsigned n = src_nargs(&sc.src, attr);
            *ret = arena_new_array(b->arena, sym, n + 1);
            uint16_t k = 0;
            for (unsigned i = 0; *ret && i < n; i++) {
                struct str s;
                if (eval_str(&sc, src_arg(&sc.src, attr, i, NULL), &s))
                    (*ret)[k++] = build_intern(b, s);
            }
            return k;
        }
    }
    return value ? (uint16_t)eval_strings(&sc, value, ret) : 0;
}

static struct str table_of_method(struct build *b, uint32_t cls)
{
    const struct method *m = class_method_named(b->app, cls, "getTable");
    struct str s = STR("");
    if (!m || b->app->classes[m->class_].in_vendor)
        return s;
    struct scope sc = scope_of_class(b, cls);
    sc.src = src_of(b->app, m->at.file);
    sc.fn = src_body(&sc.src, m->at.node);
    if (!eval_str(&sc, method_returned(&sc.src, m->at.node), &s))
        s = STR("");
    return s;
}

static sym model_table_name(struct build *b, uint32_t cls)
{
    struct str s = table_of_method(b, cls);
    if (s.n || text_of_prop(b, cls, "table", &s))
        return s.n ? build_intern(b, s) : 0;
    struct scope sc = scope_of_class(b, cls);
    uint32_t attr = class_attribute(b, cls, "Table", &sc.src);
    if (attr && eval_str(&sc, src_arg(&sc.src, attr, 0, "name"), &s))
        return build_intern(b, s);
    const char *vendor = names_table(syms_str(b->app->syms, b->app->classes[cls].parent_name));
    if (vendor)
        return build_intern(b, str_c(vendor));
    struct str base = syms_str(b->app->syms, b->app->classes[cls].short_name);
    bool pivot = class_is_a(b->app, cls, EL "Relations\\Pivot");
    struct str snake = text_snake(
        pivot ? text_singular(base, b->arena) : text_plural_studly(base, b->arena), '_', b->arena);
    return snake.n ? build_intern(b, snake) : 0;
}

/* ---- casts ---- */

struct casts {
    struct build *b;
    struct VEC(struct cast) v;
};

static void add_cast(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct casts *all = ctx;
    struct str attribute, type;
    if (!key || !eval_str(sc, key, &attribute))
        return;
    sym as = 0;
    if (eval_str(sc, value, &type))
        as = build_intern(sc->b, type);
    else if (src_kind(&sc->src, value) == E_MCALL ||
             src_kind(&sc->src, value) == E_SCALL) { /* AsEnum::of(X) */
        struct chain chain;
        if (src_chain(&sc->src, value, &chain) && src_kind(&sc->src, chain.root) == E_NAME)
            as = src_sym(&sc->src, chain.root);
    }
    struct cast cast = { build_intern(sc->b, attribute), as };
    for (size_t i = 0; i < all->v.n; i++) {
        if (all->v.p[i].attribute == cast.attribute)
            return; /* the child's declaration, read first, wins */
    }
    PUSH(all->b, &all->v, cast);
}

static void read_casts(struct build *b, uint32_t cls, struct model *m)
{
    struct casts all = { .b = b };
    for (uint32_t at = cls, depth = 0; at != NO_CLASS && depth < 24;
         at = b->app->classes[at].parent, depth++) {
        struct scope sc = scope_of_class(b, at);
        uint32_t value = class_default(b, at, "casts", &sc.src);
        const struct method *casts = class_method_named(b->app, at, "casts");
        if (casts) {
            struct scope in = scope_of_class(b, cls);
            in.src = src_of(b->app, casts->at.file);
            in.fn = src_body(&in.src, casts->at.node);
            eval_each(&in, method_returned(&in.src, casts->at.node), add_cast, &all);
        }
        if (value)
            eval_each(&sc, value, add_cast, &all);
    }
    sym *dates = NULL;
    uint16_t n = list_of_prop(b, cls, "dates", NULL, &dates);
    for (uint16_t i = 0; dates && i < n; i++)
        PUSH(b, &all.v, (struct cast){ dates[i], build_intern(b, STR("datetime")) });
    uint32_t count = 0;
    FREEZE(b, &all.v, m->casts, count);
    m->ncasts = count > 65535 ? 65535 : (uint16_t)count;
}

/* ---- accessors and scopes: every method of the class, inherited ones too ---- */

static bool returns_attribute(const struct src *s, uint32_t method)
{
    uint32_t ret = node_find(s->f, method, N_RET), type = ret ? node_first(s->f, ret) : 0;
    if (type && src_kind(s, type) == N_TYPE)
        return str_is(src_str(s, type), EL "Casts\\Attribute");
    uint32_t value = method_returned(s, method);
    struct chain chain;
    if (!value || (ret && type))
        return false;
    if (src_kind(s, value) == E_NEW)
        return src_is(s, node_first(s->f, value), E_NAME, EL "Casts\\Attribute");
    return src_chain(s, value, &chain) && src_is(s, chain.root, E_NAME, EL "Casts\\Attribute");
}

static bool calls_should_cache(const struct src *s, uint32_t method)
{
    for (uint32_t i = method; i < src_node(s, method)->skip; i++) {
        if (src_kind(s, i) == E_MCALL && str_is(src_str(s, i), "shouldCache"))
            return true;
    }
    return false;
}

/* An Attribute with only a setter reads nothing. */
static bool has_getter(const struct src *s, uint32_t method)
{
    uint32_t value = method_returned(s, method);
    struct chain chain;
    if (!value)
        return true;
    uint32_t call = src_kind(s, value) == E_NEW   ? value
                    : src_chain(s, value, &chain) ? chain.calls[0]
                                                  : 0;
    if (!call || !src_nargs(s, call))
        return true;
    if (src_kind(s, call) == E_SCALL && str_is(src_str(s, call), "set"))
        return false;
    uint32_t get = src_arg(s, call, 0, "get");
    return get && !src_is(s, get, E_CONST, "null");
}

static bool method_has_attr(const struct src *s, uint32_t method, const char *base)
{
    for EACH_CHILD (s, method, a) {
        if (src_kind(s, a) == N_ATTR && str_is(text_basename(src_str(s, a)), base))
            return true;
    }
    return false;
}

struct members {
    struct VEC(struct accessor) accessors;
    struct VEC(sym) scopes;
};

static void read_method(struct build *b, const struct method *method, struct members *all)
{
    struct src s = src_of(b->app, method->at.file);
    struct str name = syms_str(b->app->syms, method->name);
    struct accessor a = { .at = method->at };
    if (name.n > 12 && str_starts(name, "get") && str_ends(name, "Attribute")) {
        a.attribute = build_intern(b, text_snake(str_sub(name, 3, name.n - 12), '_', b->arena));
        PUSH(b, &all->accessors, a);
    } else if (name.n > 5 && str_starts(name, "scope") && name.p[5] >= 'A' && name.p[5] <= 'Z') {
        struct str scope = text_concat(b->arena, str_sub(name, 5, name.n - 5), STR(""));
        if (scope.n)
            ((char *)scope.p)[0] = (char)(scope.p[0] + 32);
        PUSH(b, &all->scopes, build_intern(b, scope));
    } else if (method_has_attr(&s, method->at.node, "Scope")) {
        PUSH(b, &all->scopes, method->name);
    } else if (returns_attribute(&s, method->at.node) && has_getter(&s, method->at.node)) {
        a.attribute = build_intern(b, text_snake(name, '_', b->arena));
        a.new_style = true;
        a.cached = calls_should_cache(&s, method->at.node);
        PUSH(b, &all->accessors, a);
    }
}

static void read_members(struct build *b, uint32_t cls, struct model *m)
{
    struct members all = { 0 };
    const struct app_index *ix = b->app->index;
    for (uint32_t i = 0; i < ix->nflat[cls]; i++) {
        const struct method *method = ix->flat[cls][i].m;
        if (!(method->flags & (F_STATIC | F_ABSTRACT)))
            read_method(b, method, &all);
    }
    uint32_t n;
    FREEZE(b, &all.accessors, m->accessors, n);
    m->naccessors = (uint16_t)n;
    FREEZE(b, &all.scopes, m->scopes, n);
    m->nscopes = (uint16_t)n;
}

/* ---- hooks: what runs beside a write or a read ---- */

static bool is_event_name(struct str s)
{
    static const char words[] =
        " creating created updating updated saving saved deleting deleted restoring "
        "restored retrieved forceDeleting forceDeleted observe ";
    return text_is_one_of(s, words);
}

static void read_boot(struct build *b, const struct method *method, struct model *m)
{
    struct src s = src_of(b->app, method->at.file);
    uint32_t end = src_node(&s, method->at.node)->skip;
    for (uint32_t i = method->at.node; i < end; i++) {
        if (src_kind(&s, i) != E_SCALL)
            continue;
        struct str name = src_str(&s, i);
        m->has_events |= is_event_name(name);
        m->global_scopes |= str_is(name, "addGlobalScope") || str_is(name, "addGlobalScopes");
    }
}

static void read_hooks(struct build *b, uint32_t cls, struct model *m)
{
    const struct app_index *ix = b->app->index;
    struct src s;
    for (uint32_t i = 0; i < ix->nflat[cls]; i++) {
        const struct method *method = ix->flat[cls][i].m;
        struct str name = syms_str(b->app->syms, method->name);
        const struct class *owner = &b->app->classes[method->class_];
        if (method->flags & F_STATIC && str_starts(name, "boot") &&
            !ends_with_class(b, owner->name, "SoftDeletes"))
            read_boot(b, method, m);
    }
    m->has_events |= class_default(b, cls, "dispatchesEvents", &s) != 0;
    m->has_events |= class_attribute(b, cls, "ObservedBy", &s) != 0;
    m->global_scopes |= class_attribute(b, cls, "ScopedBy", &s) != 0;
    m->custom_builder = class_attribute(b, cls, "UseEloquentBuilder", &s) != 0 ||
                        class_default(b, cls, "builder", &s) != 0;
    m->custom_collection = class_attribute(b, cls, "CollectedBy", &s) != 0 ||
                           class_default(b, cls, "collectionClass", &s) != 0;
    const struct method *own = class_method_named(b->app, cls, "newEloquentBuilder");
    m->custom_builder |= own != NULL;
    own = class_method_named(b->app, cls, "newFromBuilder");
    m->custom_builder |= own && !b->app->classes[own->class_].in_vendor;
    m->custom_collection |= class_method_named(b->app, cls, "newCollection") != NULL;
}

static sym key_name(struct build *b, uint32_t cls)
{
    struct scope sc = scope_of_class(b, cls);
    struct str s;
    uint32_t value = class_default(b, cls, "primaryKey", &sc.src);
    if (src_is(&sc.src, value, E_CONST, "null"))
        return 0; /* a table without one */
    return build_intern(b, value && eval_str(&sc, value, &s) && s.n ? s : STR("id"));
}

static void read_model(struct build *b, uint32_t cls, struct model *m)
{
    struct str s;
    m->table = model_table_name(b, cls);
    m->key_name = key_name(b, cls);
    m->connection = text_of_prop(b, cls, "connection", &s) && s.n ? build_intern(b, s) : 0;
    m->nwith = list_of_prop(b, cls, "with", "With", &m->with);
    m->nappends = list_of_prop(b, cls, "appends", "Appends", &m->appends);
    m->nhidden = list_of_prop(b, cls, "hidden", "Hidden", &m->hidden);
    m->ntouches = list_of_prop(b, cls, "touches", "Touches", &m->touches);
    m->nfillable = list_of_prop(b, cls, "fillable", "Fillable", &m->fillable);
    m->timestamps = flag_of_prop(b, cls, "timestamps", true);
    m->prevents_lazy = flag_of_prop(b, cls, "preventsLazyLoading", false);
    m->soft_deletes = uses_trait(b, cls, "SoftDeletes", 0);
    m->uuid_key = uses_trait(b, cls, "HasUuids", 0) || uses_trait(b, cls, "HasUlids", 0) ||
                  uses_trait(b, cls, "HasVersion4Uuids", 0) ||
                  uses_trait(b, cls, "HasVersion7Uuids", 0) ||
                  (text_of_prop(b, cls, "keyType", &s) && str_is(s, "string"));
    m->searchable = uses_trait(b, cls, "Searchable", 0) &&
                    class_method_named(b->app, cls, "toSearchableArray") != NULL;
    m->searchable |= class_is_a(b->app, cls, "Laravel\\Scout\\Searchable");
    read_casts(b, cls, m);
    read_members(b, cls, m);
    read_hooks(b, cls, m);
}

static void find_user_model(struct build *b)
{
    const char *guard = build_setting(b, "auth.defaults.guard");
    const char *key = arena_printf(b->arena, "auth.guards.%s.provider", guard ? guard : "web");
    const char *provider = key ? build_setting(b, key) : NULL;
    const char *model =
        arena_printf(b->arena, "auth.providers.%s.model", provider ? provider : "users");
    const char *named = model ? build_setting(b, model) : NULL;
    uint32_t cls = named ? app_class_named(b->app, str_c(named)) : NO_CLASS;
    static const char *const usual[] = { "App\\Models\\User", "App\\User", "User" };
    for (size_t i = 0; cls == NO_CLASS && i < sizeof usual / sizeof *usual; i++)
        cls = app_class_named(b->app, str_c(usual[i]));
    for (uint32_t i = 0; cls == NO_CLASS && i < b->classes.n; i++) {
        const struct class *c = &b->classes.p[i];
        if (c->is & IS_MODEL && !(c->is & IS_TEST) &&
            (class_is_a(b->app, i, "Illuminate\\Foundation\\Auth\\User") ||
             class_is_a(b->app, i, "Illuminate\\Contracts\\Auth\\Authenticatable")))
            cls = i;
    }
    b->app->index->user_model = cls;
}

void build_models(struct build *b)
{
    for (uint32_t i = 0; i < b->classes.n; i++) {
        struct class *c = &b->classes.p[i];
        if (!(c->is & IS_MODEL) || c->kind != CLASS_CLASS || c->is & IS_TEST || !c->name)
            continue;
        c->model = (uint32_t)b->models.n;
        PUSH(b, &b->models, (struct model){ .class_ = i });
        if (b->failed)
            return;
    }
    struct app *app = b->app;
    FREEZE(b, &b->models, app->models, app->nmodels);
    for (uint32_t i = 0; i < app->nmodels && !b->failed; i++)
        read_model(b, app->models[i].class_, &app->models[i]);
    find_user_model(b);
    for (uint32_t i = 0; i < app->nmodels && !b->failed; i++)
        model_read_relations(b, &app->models[i]);
}
