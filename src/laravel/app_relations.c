/* Relations of a model, read from method bodies first (`return $this->hasMany(X::class)…`, also
 * through a variable or another relation), then from the return type, then from the doc comment.
 * Keys that are not written are Laravel's conventions. */
#include "laravel/app_build.h"

struct reading {
    struct build *b;
    const struct model *model;
    unsigned depth;
};

static bool is_to_many(int kind)
{
    switch (kind) {
    case REL_HAS_MANY:
    case REL_BELONGS_TO_MANY:
    case REL_HAS_MANY_THROUGH:
    case REL_MORPH_MANY:
    case REL_MORPH_TO_MANY:
    case REL_MORPHED_BY_MANY:
        return true;
    default:
        return false;
    }
}

/* A chain that ends in one of these returns rows or a value, not a relation. */
static bool is_terminal(struct str name)
{
    static const char words[] =
        " get first count exists pluck find sum value all paginate delete update "
        "create save sole firstOrFail findOrFail max min avg toArray each map filter "
        "firstOrCreate firstOrNew updateOrCreate attach detach sync "
        "syncWithoutDetaching doesntExist insert make getResults toSql associate "
        "dissociate saveMany createMany increment decrement isNotEmpty isEmpty "
        "implode contains cursor lazy chunk simplePaginate cursorPaginate "
        "forceDelete getRelated getQuery toBase firstWhere searchable toggle "
        "updateExistingPivot push latestFirst ";
    return text_is_one_of(name, words);
}

static bool is_constraint(struct str name)
{
    static const char *const starts[] = { "where",      "orWhere",
                                          "orderBy",    "latest",
                                          "oldest",     "limit",
                                          "take",       "has",
                                          "groupBy",    "having",
                                          "select",     "distinct",
                                          "join",       "leftJoin",
                                          "whereHas",   "inRandomOrder",
                                          "reorder",    "skip",
                                          "forPage",    "ofMany",
                                          "orderBy",    "withoutGlobalScope",
                                          "wherePivot", "orderByPivot" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (str_starts(name, starts[i]))
            return true;
    }
    return false;
}

/* ---- flags that hang on the whole body ---- */

static void read_flags(struct reading *r, const struct src *s, uint32_t method,
                       struct relation *rel)
{
    uint32_t body = src_body(s, method);
    if (!body)
        return;
    for (uint32_t i = body; i < src_node(s, body)->skip; i++) {
        uint8_t kind = src_kind(s, i);
        struct str name = src_str(s, i);
        if (kind == E_PROP && src_is_this(s, node_first(s->f, i)) && src_sym(s, i)) {
            if (!class_prop(r->b->app, r->model->class_, src_sym(s, i)))
                rel->reads_this = true;
        } else if (kind == E_MCALL && src_is_this(s, node_first(s->f, i))) {
            if (str_is(name, "getKey") || str_is(name, "getAttribute") ||
                str_is(name, "getRawOriginal"))
                rel->reads_this = true;
        } else if (kind == E_MCALL) {
            rel->constrained |= is_constraint(name);
            rel->has_limit |= str_is(name, "limit") || str_is(name, "take");
            rel->eager_inside |= str_is(name, "with") || str_is(name, "load");
            rel->with_default |= str_is(name, "withDefault");
        }
    }
}

/* ---- keys ---- */

static bool text_arg(const struct scope *sc, uint32_t call, unsigned nth, const char *name,
                     sym *ret)
{
    struct str s;
    uint32_t arg = src_arg(&sc->src, call, nth, name);
    if (!arg || !eval_str(sc, arg, &s) || !s.n)
        return false;
    *ret = build_intern(sc->b, s);
    return true;
}

/* snake_case of a class base name, with "_id" or another key behind */
static sym key_of_class(struct build *b, sym class_name, sym key)
{
    struct str snake = text_snake(text_basename(syms_str(b->app->syms, class_name)), '_', b->arena);
    struct str with = text_concat(b->arena, snake, STR("_"));
    return build_intern(b,
                        text_concat(b->arena, with, key ? syms_str(b->app->syms, key) : STR("id")));
}

static sym joined(struct build *b, struct str a, const char *suffix)
{
    return build_intern(b, text_concat(b->arena, a, str_c(suffix)));
}

static sym key_of_model(const struct build *b, uint32_t cls)
{
    const struct model *m = class_model(b->app, cls);
    return m ? m->key_name : 0;
}

static sym id_of(struct build *b, uint32_t cls)
{
    sym key = key_of_model(b, cls);
    return key ? key : build_intern(b, STR("id"));
}

/* Both models' snake names in alphabetical order; a Pivot class given as table names its own. */
static sym pivot_table(struct build *b, sym own, sym related)
{
    struct str a = text_snake(text_basename(syms_str(b->app->syms, own)), '_', b->arena);
    struct str c = text_snake(text_basename(syms_str(b->app->syms, related)), '_', b->arena);
    uint32_t n = a.n < c.n ? a.n : c.n;
    int order = memcmp(a.p, c.p, n);
    if (order > 0 || (order == 0 && a.n > c.n)) {
        struct str swap = a;
        a = c;
        c = swap;
    }
    struct str left = text_concat(b->arena, a, STR("_"));
    return build_intern(b, text_concat(b->arena, left, c));
}

static sym table_or_class(struct build *b, sym name)
{
    uint32_t cls = app_class(b->app, name);
    const struct model *m = cls != NO_CLASS ? class_model(b->app, cls) : NULL;
    return m ? m->table : name;
}

static void keys_of_pivot(const struct scope *sc, uint32_t call, sym own, struct relation *rel,
                          bool morph, bool by)
{
    struct build *b = sc->b;
    unsigned at = morph ? 2 : 1;
    sym name = 0;
    if (morph)
        text_arg(sc, call, 1, "name", &name);
    struct str prefix = syms_str(b->app->syms, name);
    if (!text_arg(sc, call, at, "table", &rel->pivot) &&
        !(rel->pivot = eval_class(sc, src_arg(&sc->src, call, at, "table")))) {
        if (morph)
            rel->pivot = name ? build_intern(b, text_plural(prefix, b->arena)) : 0;
        else
            rel->pivot = rel->related_name ? pivot_table(b, own, rel->related_name) : 0;
    }
    rel->pivot = table_or_class(b, rel->pivot);
    if (morph && name)
        rel->morph_type = joined(b, prefix, "_type");
    if (!text_arg(sc, call, at + 1, "foreignPivotKey", &rel->foreign_key))
        rel->foreign_key =
            morph && !by ? (name ? joined(b, prefix, "_id") : 0) : key_of_class(b, own, 0);
    if (!text_arg(sc, call, at + 2, "relatedPivotKey", &rel->local_key))
        rel->local_key = morph && by         ? (name ? joined(b, prefix, "_id") : 0)
                         : rel->related_name ? key_of_class(b, rel->related_name, 0)
                                             : 0;
}

static void keys_of_through(const struct scope *sc, uint32_t call, sym own, struct relation *rel)
{
    struct build *b = sc->b;
    sym through = eval_class(sc, src_arg(&sc->src, call, 1, "through"));
    rel->pivot = table_or_class(b, through);
    if (!text_arg(sc, call, 2, "firstKey", &rel->foreign_key))
        rel->foreign_key = key_of_class(b, own, 0);
    if (!text_arg(sc, call, 3, "secondKey", &rel->local_key))
        rel->local_key = through ? key_of_class(b, through, 0) : 0;
}

static void keys_of_morph(const struct scope *sc, uint32_t call, uint32_t own, struct relation *rel)
{
    sym name = 0;
    struct build *b = sc->b;
    text_arg(sc, call, 1, "name", &name);
    struct str prefix = syms_str(b->app->syms, name);
    if (!text_arg(sc, call, 2, "type", &rel->morph_type) && name)
        rel->morph_type = joined(b, prefix, "_type");
    if (!text_arg(sc, call, 3, "id", &rel->foreign_key) && name)
        rel->foreign_key = joined(b, prefix, "_id");
    if (!text_arg(sc, call, 4, "localKey", &rel->local_key))
        rel->local_key = id_of(b, own);
}

static void keys_of_morph_to(const struct scope *sc, uint32_t call, struct relation *rel)
{
    struct build *b = sc->b;
    sym name = 0;
    if (!text_arg(sc, call, 0, "name", &name))
        name = build_intern(b, text_snake(syms_str(b->app->syms, rel->name), '_', b->arena));
    struct str prefix = text_snake(syms_str(b->app->syms, name), '_', b->arena);
    if (!text_arg(sc, call, 1, "type", &rel->morph_type))
        rel->morph_type = joined(b, prefix, "_type");
    if (!text_arg(sc, call, 2, "id", &rel->foreign_key))
        rel->foreign_key = joined(b, prefix, "_id");
    text_arg(sc, call, 3, "ownerKey", &rel->local_key);
}

static void read_keys(struct reading *r, const struct scope *sc, uint32_t call,
                      struct relation *rel)
{
    struct build *b = r->b;
    uint32_t own = r->model->class_;
    sym own_name = b->app->classes[own].name;
    switch (rel->kind) {
    case REL_HAS_ONE:
    case REL_HAS_MANY:
        if (!text_arg(sc, call, 1, "foreignKey", &rel->foreign_key))
            rel->foreign_key = key_of_class(b, own_name, key_of_model(b, own));
        if (!text_arg(sc, call, 2, "localKey", &rel->local_key))
            rel->local_key = id_of(b, own);
        break;
    case REL_BELONGS_TO: {
        sym owner = 0;
        if (!text_arg(sc, call, 2, "ownerKey", &rel->local_key))
            rel->local_key =
                rel->related != NO_CLASS ? id_of(b, rel->related) : build_intern(b, STR("id"));
        if (text_arg(sc, call, 1, "foreignKey", &rel->foreign_key))
            break;
        if (text_arg(sc, call, 3, "relation", &owner))
            rel->foreign_key = key_of_class(b, owner, rel->local_key);
        else
            rel->foreign_key =
                key_of_class(b, rel->name, rel->related != NO_CLASS ? id_of(b, rel->related) : 0);
        break;
    }
    case REL_BELONGS_TO_MANY:
        keys_of_pivot(sc, call, own_name, rel, false, false);
        break;
    case REL_MORPH_TO_MANY:
    case REL_MORPHED_BY_MANY:
        keys_of_pivot(sc, call, own_name, rel, true, rel->kind == REL_MORPHED_BY_MANY);
        break;
    case REL_HAS_ONE_THROUGH:
    case REL_HAS_MANY_THROUGH:
        keys_of_through(sc, call, own_name, rel);
        break;
    case REL_MORPH_ONE:
    case REL_MORPH_MANY:
        keys_of_morph(sc, call, own, rel);
        break;
    case REL_MORPH_TO:
        keys_of_morph_to(sc, call, rel);
        break;
    default:
        break;
    }
}

/* ---- bodies ---- */

static bool relation_of_method(struct reading *r, const struct method *m,
                               const struct scope *caller, uint32_t call, struct relation *rel);

static void set_related(struct build *b, struct relation *rel, sym name)
{
    rel->related_name = name;
    rel->related = name ? app_class(b->app, name) : NO_CLASS;
    if (rel->related != NO_CLASS)
        rel->related_name = b->app->classes[rel->related].name;
}

/* The relation that a call on $this makes: hasMany(…), or another relation of the model. */
static bool relation_of_call(struct reading *r, const struct scope *sc, uint32_t call,
                             struct relation *rel)
{
    struct str name = src_str(&sc->src, call);
    int kind = names_relation_kind(name);
    if (kind != REL_NONE) {
        rel->kind = (uint8_t)kind;
        rel->to_many = is_to_many(kind) || kind == REL_UNKNOWN;
        sym related =
            kind == REL_MORPH_TO ? 0 : eval_class(sc, src_arg(&sc->src, call, 0, "related"));
        set_related(r->b, rel, related);
        read_keys(r, sc, call, rel);
        return true;
    }
    uint32_t base = node_first(sc->src.f, call);
    uint32_t owner = r->model->class_;
    if (base && src_is(&sc->src, base, E_NAME, "parent"))
        owner = eval_parent(sc);
    const struct method *other =
        owner != NO_CLASS ? class_method(r->b->app, owner, src_sym(&sc->src, call)) : NULL;
    if (!other || r->depth > 6)
        return false;
    struct relation there = { .name = other->name, .related = NO_CLASS };
    r->depth++;
    bool found = relation_of_method(r, other, sc, call, &there);
    r->depth--;
    if (!found)
        return false;
    there.name = rel->name;
    there.at = rel->at;
    there.reads_this |= rel->reads_this;
    there.has_limit |= rel->has_limit;
    there.constrained = true;
    there.eager_inside |= rel->eager_inside;
    *rel = there;
    return true;
}

/* Calls behind hasMany() that change what the relation is. */
static void adjust_by_chain(const struct src *s, const struct chain *chain, unsigned from,
                            struct relation *rel)
{
    for (unsigned i = from; i < chain->n; i++) {
        struct str name = src_str(s, chain->calls[i]);
        if (str_is(name, "one")) {
            rel->kind = rel->kind == REL_HAS_MANY           ? REL_HAS_ONE
                        : rel->kind == REL_MORPH_MANY       ? REL_MORPH_ONE
                        : rel->kind == REL_HAS_MANY_THROUGH ? REL_HAS_ONE_THROUGH
                                                            : rel->kind;
            rel->to_many = is_to_many(rel->kind);
        }
    }
}

/* $this->through('x')->has('y'): a relation whose ends are named by relations. */
static bool relation_of_through(struct reading *r, const struct scope *sc,
                                const struct chain *chain, struct relation *rel)
{
    struct str first = src_str(&sc->src, chain->calls[0]);
    if (!str_starts(first, "through") || chain->n < 2 ||
        !str_starts(src_str(&sc->src, chain->calls[1]), "has"))
        return false;
    rel->kind = REL_HAS_MANY_THROUGH;
    rel->to_many = true;
    set_related(r->b, rel, 0);
    return true;
}

static bool relation_of_expr(struct reading *r, const struct scope *sc, uint32_t expr,
                             struct relation *rel);

/* `$rel = $this->hasMany(…); if (…) $rel->where(…); return $rel;` */
static bool relation_of_variable(struct reading *r, const struct scope *sc, uint32_t var,
                                 struct relation *rel)
{
    struct str name = src_str(&sc->src, var);
    if (!sc->fn || !name.n || src_is_this(&sc->src, var))
        return false;
    uint32_t end = src_node(&sc->src, sc->fn)->skip;
    for (uint32_t i = sc->fn; i < end && i < var; i++) {
        uint32_t target = src_kind(&sc->src, i) == E_ASSIGN ? node_first(sc->src.f, i) : 0;
        if (!target || !src_is(&sc->src, target, E_VAR, NULL) ||
            !str_eq(src_str(&sc->src, target), name))
            continue;
        uint32_t value = node_next(sc->src.f, i, target);
        struct scope before = *sc;
        before.depth++;
        if (value && before.depth < 8 && relation_of_expr(r, &before, value, rel))
            return true;
    }
    return false;
}

static bool relation_of_new(struct reading *r, const struct scope *sc, uint32_t expr,
                            struct relation *rel)
{
    uint32_t cls = node_first(sc->src.f, expr);
    int kind = cls && src_kind(&sc->src, cls) == E_NAME
                   ? names_relation_class(src_str(&sc->src, cls))
                   : REL_NONE;
    if (kind == REL_NONE)
        return false;
    rel->kind = (uint8_t)kind;
    rel->to_many = is_to_many(kind) || kind == REL_UNKNOWN;
    uint32_t query = src_arg(&sc->src, expr, 0, "query"); /* new HasMany((new X)->newQuery(), …) */
    struct chain chain;
    sym related = 0;
    if (query && src_chain(&sc->src, query, &chain) && chain.root)
        related = eval_class(sc, chain.root);
    set_related(r->b, rel, related);
    return true;
}

static bool relation_of_expr(struct reading *r, const struct scope *sc, uint32_t expr,
                             struct relation *rel)
{
    const struct src *s = &sc->src;
    struct chain chain;
    uint8_t kind = src_kind(s, expr);
    if (kind == E_TERNARY || (kind == E_BIN && src_node(s, expr)->op == OP_COALESCE) ||
        kind == E_MATCH || kind == E_ARM || kind == E_ASSIGN) {
        for EACH_CHILD (s, expr, c) {
            if (relation_of_expr(r, sc, c, rel))
                return true;
        }
        return false;
    }
    if (kind == E_NEW)
        return relation_of_new(r, sc, expr, rel);
    if (kind == E_VAR)
        return relation_of_variable(r, sc, expr, rel);
    if (!src_chain(s, expr, &chain))
        return false;
    for (unsigned i = 0; i < chain.n; i++) {
        if (is_terminal(src_str(s, chain.calls[i])) && src_kind(s, chain.calls[i]) == E_MCALL)
            return false;
    }
    if (src_kind(s, chain.calls[0]) == E_CALL) /* tap($this->hasMany(…), …) */
        return src_nargs(s, chain.calls[0]) && src_arg(s, chain.calls[0], 0, NULL) &&
               str_ieq(text_basename(src_str(s, chain.root)), STR("tap")) &&
               relation_of_expr(r, sc, src_arg(s, chain.calls[0], 0, NULL), rel);
    bool on_this = src_is_this(s, chain.root) || src_is(s, chain.root, E_NAME, "parent") ||
                   src_is(s, chain.root, E_NAME, "self") || src_is(s, chain.root, E_NAME, "static");
    if (!on_this)
        return src_kind(s, chain.root) == E_VAR && relation_of_variable(r, sc, chain.root, rel);
    if (relation_of_through(r, sc, &chain, rel))
        return true;
    for (unsigned i = 0; i < chain.n; i++) { /* setConnection() and the like may stand before it */
        if (relation_of_call(r, sc, chain.calls[i], rel)) {
            adjust_by_chain(s, &chain, i + 1, rel);
            return true;
        }
        if (src_kind(s, chain.calls[i]) == E_MCALL &&
            !str_starts(src_str(s, chain.calls[i]), "set"))
            break;
    }
    return false;
}

static bool relation_of_body(struct reading *r, const struct scope *sc, uint32_t body,
                             struct relation *rel)
{
    const struct src *s = &sc->src;
    uint32_t end = src_node(s, body)->skip;
    for (uint32_t i = body; i < end;) {
        uint8_t kind = src_kind(s, i);
        if (kind == E_CLOSURE || kind == E_ARROW || kind == N_CLASS) {
            i = src_node(s, i)->skip;
            continue;
        }
        uint32_t value = kind == S_RETURN ? node_first(s->f, i) : 0;
        if (value && relation_of_expr(r, sc, value, rel))
            return true;
        i++;
    }
    return false;
}

/* ---- return types and doc comments ---- */

static bool returns_a_call(const struct src *s, uint32_t method)
{
    uint32_t value = method_returned(s, method);
    uint8_t kind = value ? src_kind(s, value) : N_NULL;
    return !src_body(s, method) || kind == E_MCALL || kind == E_SCALL || kind == E_CALL ||
           kind == E_VAR;
}

static bool relation_of_type(struct reading *r, const struct src *s, uint32_t method,
                             struct relation *rel)
{
    uint32_t ret = node_find(s->f, method, N_RET), type = ret ? node_first(s->f, ret) : 0;
    struct str name = type && src_kind(s, type) == N_TYPE ? src_str(s, type) : STR("");
    struct str doc = doc_type(src_doc(s, method), "return", STR(""));
    sym doc_name = 0, related = 0;
    if (doc.n)
        build_doc_type(r->b, s, method, doc, &doc_name, &related);
    bool native = name.n > 0;
    if (!native)
        name = syms_str(r->b->app->syms, doc_name);
    int kind = names_relation_class(name);
    if (!native && (kind == REL_UNKNOWN || !returns_a_call(s, method)))
        return false; /* doc comments are copied along; one alone must be plausible */
    bool eloquent =
        str_contains(name, "Eloquent\\Relations\\") || str_contains(name, "\\Relations\\");
    if (kind == REL_NONE || !eloquent)
        return false;
    rel->kind = (uint8_t)kind;
    rel->to_many = is_to_many(kind) || kind == REL_UNKNOWN;
    const char *open =
        doc.n ? memchr(doc.p, '<', doc.n) : NULL; /* HasMany<Post, $this>: the first argument */
    if (open) {
        struct str inside = str_sub(doc, (uint32_t)(open - doc.p) + 1, doc.n), first;
        sym elem;
        if (str_next(&inside, ',', &first)) {
            if (str_ends(first, ">"))
                first.n--;
            build_doc_type(r->b, s, method, str_trim(first), &related, &elem);
        }
    }
    set_related(r->b, rel, related);
    return true;
}

enum { RELATION_BINDS = 8 };

/* The arguments of a call as values of the method's parameters; false: a parameter stays without.
 */
static bool bind_parameters(const struct scope *caller, uint32_t call, const struct src *s,
                            uint32_t method, struct bind *binds, unsigned *ret_n)
{
    unsigned nth = 0;
    *ret_n = 0;
    for EACH_CHILD (s, method, p) {
        if (src_kind(s, p) != N_PARAM)
            continue;
        uint32_t arg = call ? src_arg(&caller->src, call, nth, NULL) : 0,
                 otherwise = src_default(s, p);
        bool free_ = otherwise || src_node(s, p)->flags & F_VARIADIC;
        nth++;
        if (!arg && !free_)
            return false;
        if (*ret_n == RELATION_BINDS || (!arg && !otherwise))
            continue;
        struct bind *bind = &binds[(*ret_n)++];
        *bind = (struct bind){ .name = src_str(s, p), .src = *s, .node = otherwise };
        if (arg)
            *bind = eval_as_bind(caller, arg, bind->name);
        sym cls = arg && bind->node ? eval_class(caller, arg) : 0;
        if (cls)
            *bind =
                (struct bind){ .name = bind->name, .value = syms_str(caller->b->app->syms, cls) };
    }
    return true;
}

static bool relation_of_method(struct reading *r, const struct method *m,
                               const struct scope *caller, uint32_t call, struct relation *rel)
{
    struct build *b = r->b;
    struct src s = src_of(b->app, m->at.file);
    struct bind binds[RELATION_BINDS];
    uint32_t body = src_body(&s, m->at.node);
    struct scope sc = { .b = b, .src = s, .cls = r->model->class_, .fn = body, .binds = binds };
    rel->at = m->at;
    if (b->app->classes[m->class_].kind != CLASS_TRAIT)
        sc.own = m->class_ + 1;
    if (m->flags & F_STATIC || !bind_parameters(caller, call, &s, m->at.node, binds, &sc.nbinds))
        return false;
    if (body && relation_of_body(r, &sc, body, rel)) {
        read_flags(r, &s, m->at.node, rel);
        return true;
    }
    return relation_of_type(r, &s, m->at.node, rel);
}

/* Most methods make no relation: a body must hold a call on $this or have a relation type to be
 * looked at. */
static bool may_be_relation(struct build *b, const struct method *m)
{
    struct str name = syms_str(b->app->syms, m->name);
    if (m->flags & (F_STATIC | F_ABSTRACT) || str_starts(name, "__") ||
        names_relation_kind(name) != REL_NONE)
        return false;
    return !(str_starts(name, "get") && str_ends(name, "Attribute")) &&
           !(str_starts(name, "scope") && name.n > 5 && name.p[5] >= 'A' && name.p[5] <= 'Z');
}

struct relations VEC(struct relation);

static void add_known(struct build *b, uint32_t cls, struct relations *all, unsigned depth)
{
    for (; cls != NO_CLASS && depth < 24; cls = b->app->classes[cls].parent, depth++) {
        const struct class *c = &b->app->classes[cls];
        for (unsigned i = 0; i < c->ntrait_names; i++) {
            unsigned n;
            const struct name_relation *known =
                names_trait_relations(syms_str(b->app->syms, c->trait_names[i]), &n);
            for (unsigned k = 0; k < n; k++) {
                struct relation rel = { .name = build_intern(b, str_c(known[k].name)),
                                        .kind = (uint8_t)known[k].kind,
                                        .at = c->at,
                                        .related = NO_CLASS,
                                        .to_many = is_to_many(known[k].kind) };
                bool there = false;
                for (size_t j = 0; j < all->n; j++) {
                    there |= all->p[j].name == rel.name;
                    if (all->p[j].name == rel.name && !all->p[j].related_name)
                        set_related(b, &all->p[j], build_intern(b, str_c(known[k].related)));
                }
                if (there)
                    continue;
                set_related(b, &rel, build_intern(b, str_c(known[k].related)));
                if (known[k].pivot)
                    rel.pivot = build_intern(b, str_c(known[k].pivot));
                if (known[k].morph) {
                    rel.foreign_key = joined(b, str_c(known[k].morph), "_id");
                    rel.morph_type = joined(b, str_c(known[k].morph), "_type");
                }
                PUSH(b, all, rel);
            }
        }
        for (unsigned i = 0; i < c->ntraits; i++)
            add_known(b, c->traits[i], all, depth + 8);
    }
}

void model_read_relations(struct build *b, struct model *m)
{
    const struct app_index *ix = b->app->index;
    struct reading r = { .b = b, .model = m };
    struct relations all = { 0 };
    for (uint32_t i = 0; i < ix->nflat[m->class_]; i++) {
        const struct method *method = ix->flat[m->class_][i].m;
        struct relation rel = { .name = method->name, .related = NO_CLASS };
        if (may_be_relation(b, method) && relation_of_method(&r, method, NULL, 0, &rel))
            PUSH(b, &all, rel);
    }
    add_known(b, m->class_, &all, 0);
    uint32_t n;
    FREEZE(b, &all, m->relations, n);
    m->nrelations = n > 65535 ? 65535 : (uint16_t)n;
}
