/* Reasons against a change that the reading of code shows. They are syntactic and err on the side of refusing. */
#include "fix/hazard.h"

#include "rules/emit.h"

#include <stdio.h>

static const struct ref none = { REF_NONE, 0 };

static bool is_call(const struct patch *p, struct ref r)
{
    return is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL) || is_kind(p, r, E_CALL);
}

static bool is_this(const struct patch *p, struct ref r)
{
    return is_kind(p, r, E_VAR) && str_is(node_name(p, r), "this");
}

static uint32_t end_of(const struct patch *p, struct ref r)
{
    return at_node(p, r)->skip;
}

/* --- the relation's own code --- */

static const char *const builds_relation[] = { "hasOne",
                                               "hasMany",
                                               "belongsTo",
                                               "belongsToMany",
                                               "hasOneThrough",
                                               "hasManyThrough",
                                               "morphOne",
                                               "morphMany",
                                               "morphTo",
                                               "morphToMany",
                                               "morphedByMany",
                                               "through",
                                               "getTable",
                                               "getKeyName",
                                               "getMorphClass",
                                               "getForeignKey",
                                               "getQualifiedKeyName",
                                               "newRelatedInstance",
                                               "qualifyColumn",
                                               "getConnectionName",
                                               "getConnection",
                                               "getQualifiedDeletedAtColumn",
                                               NULL };

enum { BODIES_DEEP = 4 };

/* Does the method read the row: $this as anything but the maker of a relation? */
static bool body_reads_row(const struct patch *p, uint32_t cls, struct ref method, unsigned depth)
{
    const struct app *app = p->app;
    for (uint32_t i = method.node + 1; i < end_of(p, method); i++) {
        struct ref use = { method.file, i };
        if (!is_this(p, use))
            continue;
        struct ref user = parent_of(p, use);
        if (!is_kind(p, user, E_MCALL) || first_child(p, user).node != i) {
            bool declared = is_kind(p, user, E_PROP) && class_prop(app, cls, ref_sym(app, user)) &&
                            !str_is(node_name(p, user), "attributes") && !str_is(node_name(p, user), "original");
            if (!declared)
                return true;
            continue;
        }
        if (is_one_of(node_name(p, user), builds_relation))
            continue;
        const struct method *m = class_method(app, cls, ref_sym(app, user));
        if (!m || depth == BODIES_DEEP || body_reads_row(p, cls, m->at, depth + 1))
            return true;
    }
    return false;
}

/* An observer or hook of `retrieved` runs for each instance: fewer instances, fewer runs. */
static bool hears_retrieval(const struct patch *p, uint32_t cls)
{
    const struct app *app = p->app;
    if (cls == NO_CLASS || !class_model(app, cls) || !class_model(app, cls)->has_events)
        return false;
    struct ref own = app->classes[cls].at;
    for (uint32_t i = own.node; i < end_of(p, own); i++) {
        struct ref r = { own.file, i };
        if ((is_kind(p, r, E_SCALL) || is_kind(p, r, E_STR)) && str_is(node_name(p, r), "retrieved"))
            return true;
    }
    for (uint32_t c = 0; c < app->nclasses; c++)
        if ((app->classes[c].is & IS_OBSERVER) && class_method_named(app, c, "retrieved"))
            return true;
    return false;
}

void refuse_relation(struct patch *p, const struct model *m, const struct relation *r)
{
    enum { LIMIT_PER_PARENT_SINCE = 11 };
    const char *name = syms_cstr(p->app->syms, r->name);
    if (r->reads_this || (m && is_ref(r->at) && body_reads_row(p, m->class_, r->at, 0)))
        patch_refuse(p, "%s reads $this: eager loading builds it from an empty model and finds nothing", name);
    if (r->has_limit && p->app->laravel_major < LIMIT_PER_PARENT_SINCE)
        patch_refuse(p, "%s has a limit, which counts for each parent from Laravel 11 on only", name);
    if (hears_retrieval(p, r->related))
        patch_refuse(p, "something listens to each retrieval of %s", name);
}

/* --- where in the loop the rows are read --- */

/* The read itself, or the call, include or component in the loop's body that leads to it. */
static struct ref site_in_loop(const struct patch *p, const struct flow *f)
{
    if (is_inside(p, f->loop, f->read))
        return f->read;
    for (uint16_t i = 0; i < f->nsteps; i++)
        if (is_inside(p, f->loop, f->steps[i].at) && f->steps[i].at.node != f->loop.node)
            return f->steps[i].at;
    return none;
}

struct row_test {
    struct str loop_key; /* "" for none */
};

/* $loop->first, $loop->index…, or the loop's key against a constant: true for one row, or some few. */
static bool picks_rows(const struct patch *p, struct ref r, void *ctx)
{
    static const char *const of_loop[] = { "first", "last", "index", "iteration", "remaining", NULL };
    const struct row_test *t = ctx;
    struct ref left = first_child(p, r);
    if (is_kind(p, r, E_PROP) && is_kind(p, left, E_VAR) && str_is(node_name(p, left), "loop"))
        return is_one_of(node_name(p, r), of_loop);
    if (!is_kind(p, r, E_BIN) || !t->loop_key.n || at_node(p, r)->op < OP_EQ || at_node(p, r)->op > OP_GE)
        return false;
    struct ref right = next_child(p, r, left);
    return (is_kind(p, left, E_VAR) && str_eq(node_name(p, left), t->loop_key) && is_literal(p, right)) ||
           (is_kind(p, right, E_VAR) && str_eq(node_name(p, right), t->loop_key) && is_literal(p, left));
}

static bool holds_pick(const struct patch *p, struct ref cond, struct row_test *t)
{
    return picks_rows(p, cond, t) || any_below(p, cond, picks_rows, t);
}

/* Does the block leave the loop, so that what it does is done once? */
static bool leaves_loop(const struct patch *p, struct ref block, bool may_return)
{
    for (struct ref s = first_child(p, block); is_ref(s); s = next_child(p, block, s))
        if (is_kind(p, s, S_BREAK) || (may_return && is_kind(p, s, S_RETURN)))
            return true;
    return false;
}

static bool is_statement_loop(const struct patch *p, struct ref loop)
{
    return is_kind(p, loop, S_FOREACH) || is_kind(p, loop, S_FOR) || is_kind(p, loop, S_WHILE) ||
           is_kind(p, loop, S_DO);
}

/* Only one row of the loop, or the first few, come to the site. */
static bool one_row_only(const struct patch *p, struct ref loop, struct ref site)
{
    struct row_test t = { .loop_key = { "", 0 } };
    bool in_function = false;
    if (is_kind(p, loop, S_FOREACH)) {
        struct ref key = next_child(p, loop, first_child(p, loop));
        t.loop_key = is_kind(p, key, E_VAR) ? node_name(p, key) : t.loop_key;
    }
    for (struct ref below = site, r = parent_of(p, site); is_ref(r) && r.node > loop.node;
         below = r, r = parent_of(p, r)) {
        struct ref cond = first_child(p, r);
        bool branch =
            is_kind(p, r, S_IF) || is_kind(p, r, E_TERNARY) || (is_kind(p, r, E_BIN) && at_node(p, r)->op == OP_AND);
        if (branch && below.node != cond.node && holds_pick(p, cond, &t))
            return true;
        in_function |= is_kind(p, r, E_CLOSURE) || is_kind(p, r, E_ARROW);
        if (is_kind(p, r, S_BLOCK) && is_statement_loop(p, loop) && !in_function && leaves_loop(p, r, true))
            return true;
    }
    return false;
}

static bool is_conditional(const struct patch *p, struct ref loop, struct ref site)
{
    for (struct ref below = site, r = parent_of(p, site); is_ref(r) && r.node > loop.node;
         below = r, r = parent_of(p, r)) {
        bool decides =
            is_kind(p, r, S_IF) || is_kind(p, r, E_TERNARY) || is_kind(p, r, E_MATCH) || is_kind(p, r, S_CASE) ||
            (is_kind(p, r, E_BIN) &&
             (at_node(p, r)->op == OP_AND || at_node(p, r)->op == OP_OR || at_node(p, r)->op == OP_COALESCE));
        if (decides && first_child(p, r).node != below.node)
            return true;
    }
    return false;
}

/* --- writes on what eager loading shares --- */

enum { ALIASES_MAX = 8 };

struct aliases { /* what the related model is called in a function */
    struct str relation, names[ALIASES_MAX];
    unsigned n;
};

static bool is_related(const struct patch *p, struct ref r, const struct aliases *a)
{
    if (is_kind(p, r, E_PROP) && a->relation.n && str_eq(node_name(p, r), a->relation))
        return true;
    for (unsigned i = 0; is_kind(p, r, E_VAR) && i < a->n; i++)
        if (str_eq(node_name(p, r), a->names[i]))
            return true;
    return false;
}

static void collect_aliases(const struct patch *p, struct ref function, struct aliases *a)
{
    for (uint32_t i = function.node + 1; i < end_of(p, function); i++) {
        struct ref r = { function.file, i }, target = first_child(p, r);
        bool assigns = is_kind(p, r, E_ASSIGN) && is_kind(p, target, E_VAR) && a->n < ALIASES_MAX;
        if (assigns && is_related(p, next_child(p, r, target), a))
            a->names[a->n++] = node_name(p, target);
    }
}

static const char *const mutators[] = {
    "save",        "saveQuietly",   "update",         "updateQuietly", "fill",    "forceFill",  "setAttribute",
    "increment",   "decrement",     "delete",         "forceDelete",   "restore", "refresh",    "touch",
    "setRelation", "unsetRelation", "unsetRelations", "load",          "append",  "setAppends", "makeHidden",
    "makeVisible", "push",          "associate",      "dissociate",    "fresh",   NULL
};

static bool writes_below(const struct patch *p, struct ref target, const struct aliases *a)
{
    for (struct ref r = first_child(p, target); is_kind(p, target, E_PROP) || is_kind(p, target, E_INDEX);
         target = r, r = first_child(p, r))
        if (is_related(p, r, a))
            return true;
    return false;
}

static bool mutates(const struct patch *p, struct ref r, const struct aliases *a)
{
    switch (at_node(p, r)->kind) {
    case E_ASSIGN:
    case E_ASSIGN_OP:
    case E_INCDEC:
    case S_UNSET:
        return writes_below(p, first_child(p, r), a);
    case E_MCALL:
        return is_related(p, first_child(p, r), a) && is_one_of(node_name(p, r), mutators);
    default:
        return false;
    }
}

static bool mutates_in(const struct patch *p, struct ref function, const struct aliases *a, unsigned depth);

/* The related model is handed to a method of the application that writes on its parameter. */
static bool hands_over(const struct patch *p, struct ref call, const struct aliases *a, unsigned depth)
{
    if (!is_call(p, call) || depth > 1)
        return false;
    unsigned n = arg_count(p, call);
    for (unsigned i = 0; i < n; i++) {
        if (!is_related(p, nth_arg(p, call, i), a))
            continue;
        uint32_t cls = class_of(p->app, call);
        struct ref base = first_child(p, call);
        bool own = is_kind(p, call, E_MCALL) && is_this(p, base) && cls != NO_CLASS;
        if (is_kind(p, call, E_SCALL) && is_kind(p, base, E_NAME)) {
            uint32_t named = app_class_named(p->app, node_name(p, base));
            cls = named == NO_CLASS ? cls : named;
            own = cls != NO_CLASS;
        }
        const struct method *m = own ? class_method(p->app, cls, ref_sym(p->app, call)) : NULL;
        unsigned k = 0;
        for (struct ref c = m ? first_child(p, m->at) : none; is_ref(c); c = next_child(p, m->at, c)) {
            if (!is_kind(p, c, N_PARAM) || k++ != i)
                continue;
            struct aliases there = { .relation = { "", 0 }, .names = { node_name(p, c) }, .n = 1 };
            if (mutates_in(p, m->at, &there, depth + 1))
                return true;
        }
    }
    return false;
}

static bool mutates_in(const struct patch *p, struct ref function, const struct aliases *a, unsigned depth)
{
    for (uint32_t i = function.node + 1; i < end_of(p, function); i++) {
        struct ref r = { function.file, i };
        if (mutates(p, r, a) || hands_over(p, r, a, depth))
            return true;
    }
    return false;
}

static bool mutates_related(const struct patch *p, struct ref inside, const char *relation)
{
    struct ref function = method_around(p, inside);
    struct aliases a = { .relation = str_c(relation) };
    collect_aliases(p, function, &a);
    return mutates_in(p, function, &a, 0);
}

bool changes_value(const struct patch *p, struct ref expr)
{
    struct aliases a = { .relation = { "", 0 } };
    struct ref up = parent_of(p, expr), target = first_child(p, up);
    if (is_kind(p, up, E_MCALL) && first_child(p, up).node == expr.node && is_one_of(node_name(p, up), mutators))
        return true;
    if (is_kind(p, up, E_ASSIGN) && is_kind(p, target, E_VAR))
        a.names[a.n++] = node_name(p, target);
    return a.n && mutates_in(p, method_around(p, expr), &a, 0);
}

static bool is_shared(const struct relation *r)
{
    return r->kind == REL_BELONGS_TO || r->kind == REL_MORPH_TO || r->kind == REL_UNKNOWN ||
           r->kind == REL_HAS_ONE_THROUGH;
}

/* The row itself gets another key, or forgets what was loaded, inside the loop. */
static bool rebinds_row(const struct patch *p, const struct flow *f, const struct relation *r)
{
    static const char *const calls[] = { "refresh",          "setRelation", "unsetRelation",
                                         "unsetRelations",   "associate",   "dissociate",
                                         "withoutRelations", "fill",        "forceFill",
                                         "replicate",        NULL };
    struct ref row = none;
    if (!is_kind(p, f->loop, S_FOREACH))
        return false;
    struct ref subject = first_child(p, f->loop), key = next_child(p, f->loop, subject);
    row = next_child(p, f->loop, key);
    for (uint32_t i = f->loop.node + 1; is_kind(p, row, E_VAR) && i < end_of(p, f->loop); i++) {
        struct ref x = { f->loop.file, i }, base = first_child(p, x);
        bool on_row = is_ref(base) && is_kind(p, base, E_VAR) && str_eq(node_name(p, base), node_name(p, row));
        if (is_kind(p, x, E_MCALL) && on_row && is_one_of(node_name(p, x), calls))
            return true;
        if (!is_kind(p, x, E_ASSIGN) || !is_kind(p, base, E_PROP))
            continue;
        struct ref owner = first_child(p, base);
        bool own = is_kind(p, owner, E_VAR) && str_eq(node_name(p, owner), node_name(p, row));
        if (own && (ref_sym(p->app, base) == r->foreign_key || ref_sym(p->app, base) == r->local_key))
            return true;
    }
    return false;
}

/* --- writes --- */

static const char *const model_writes[] = { "update",
                                            "updateQuietly",
                                            "insert",
                                            "insertOrIgnore",
                                            "upsert",
                                            "save",
                                            "saveQuietly",
                                            "delete",
                                            "forceDelete",
                                            "restore",
                                            "increment",
                                            "decrement",
                                            "attach",
                                            "detach",
                                            "sync",
                                            "syncWithoutDetaching",
                                            "toggle",
                                            "updateOrCreate",
                                            "firstOrCreate",
                                            "updateOrInsert",
                                            "touch",
                                            "saveMany",
                                            "createMany",
                                            "create",
                                            "createQuietly",
                                            "insertGetId",
                                            "truncate",
                                            "forceCreate",
                                            "updateExistingPivot",
                                            NULL };
static const char *const raw_writes[] = { "statement",          "update", "insert", "delete", "unprepared",
                                          "affectingStatement", NULL };

static bool is_write(const struct patch *p, struct ref r, struct str own_row)
{
    struct ref base = first_child(p, r);
    if (is_kind(p, r, E_SCALL)) {
        struct str cls = is_kind(p, base, E_NAME) ? node_name(p, base) : STR("");
        uint32_t c = app_class_named(p->app, cls);
        bool model = c != NO_CLASS && class_model(p->app, c);
        bool db = str_ends(cls, "\\DB") || str_is(cls, "DB");
        return (model && is_one_of(node_name(p, r), model_writes)) || (db && is_one_of(node_name(p, r), raw_writes));
    }
    if (!is_kind(p, r, E_MCALL) || !is_one_of(node_name(p, r), model_writes))
        return false;
    return !(own_row.n && is_kind(p, base, E_VAR) && str_eq(node_name(p, base), own_row));
}

bool loop_writes(struct patch *p, const struct fix_in *in, bool own)
{
    const struct flow *f = in->flow;
    struct str row = { "", 0 };
    for (uint32_t i = 0; in->flows && i < in->flows->n; i++) {
        const struct flow *w = &in->flows->items[i];
        bool here = w->kind == FLOW_WRITE && w->loop.file == f->loop.file && w->loop.node == f->loop.node;
        if (here && (own || w->model != f->model))
            return true;
    }
    if (!is_ref(f->loop))
        return false;
    if (!own && is_kind(p, f->loop, S_FOREACH)) {
        struct ref subject = first_child(p, f->loop);
        struct ref value = next_child(p, f->loop, next_child(p, f->loop, subject));
        row = is_kind(p, value, E_VAR) ? node_name(p, value) : row;
    }
    for (uint32_t i = f->loop.node + 1; i < end_of(p, f->loop); i++)
        if (is_write(p, (struct ref){ f->loop.file, i }, row))
            return true;
    return false;
}

/* --- output that depends on what is loaded --- */

struct asking {
    const char *relation;
};

static bool asks_whether_loaded(const struct patch *p, struct ref r, void *ctx)
{
    static const char *const questions[] = { "whenLoaded", "relationLoaded", "getRelations", "relationsToArray", NULL };
    const struct asking *a = ctx;
    if (!is_kind(p, r, E_MCALL) || !is_one_of(node_name(p, r), questions))
        return false;
    struct ref arg = nth_arg(p, r, 0);
    return !is_ref(arg) || !is_kind(p, arg, E_STR) || str_is(node_name(p, arg), a->relation);
}

enum { FILES_SEEN = 32 };

struct seen_files {
    uint32_t files[FILES_SEEN];
    unsigned n;
};

static void add_file(struct seen_files *s, struct ref r)
{
    for (unsigned i = 0; i < s->n; i++)
        if (!is_ref(r) || s->files[i] == r.file)
            return;
    if (is_ref(r) && s->n < FILES_SEEN)
        s->files[s->n++] = r.file;
}

/* Resources that the code of a place names, and those that these name. */
static void add_resources(const struct patch *p, struct ref function, struct seen_files *s, unsigned depth)
{
    for (uint32_t i = function.node; depth < 4 && i < end_of(p, function); i++) {
        struct ref r = { function.file, i };
        uint32_t cls = is_kind(p, r, E_NAME) ? app_class_named(p->app, node_name(p, r)) : NO_CLASS;
        unsigned before = s->n;
        if (cls == NO_CLASS || !(p->app->classes[cls].is & (IS_RESOURCE | IS_RESOURCE_COLLECTION)))
            continue;
        add_file(s, p->app->classes[cls].at);
        if (s->n > before)
            add_resources(p, p->app->classes[cls].at, s, depth + 1);
    }
}

static bool output_depends(const struct patch *p, const struct flow *f, const char *relation)
{
    struct seen_files s = { .n = 0 };
    struct asking a = { relation };
    add_file(&s, f->read);
    add_file(&s, f->loop);
    add_file(&s, f->accessor);
    for (uint16_t i = 0; i < f->nsteps; i++)
        add_file(&s, f->steps[i].at);
    add_resources(p, method_around(p, f->at), &s, 0);
    if (is_ref(f->entry))
        add_resources(p, f->entry, &s, 0);
    for (unsigned i = 0; i < s.n; i++)
        if (any_below(p, (struct ref){ s.files[i], 0 }, asks_whether_loaded, &a))
            return true;
    return false;
}

/* --- rows that are sent as data --- */

static bool is_sender(const struct patch *p, struct ref call)
{
    static const char *const senders[] = { "json", "jsonp", "json_encode", "inertia", "toResponse", "broadcast", NULL };
    struct ref base = first_child(p, call);
    if (is_one_of(node_name(p, call), senders))
        return true;
    if (is_kind(p, call, E_CALL) && is_kind(p, base, E_NAME))
        return is_one_of(node_name(p, base), senders);
    bool facade = is_kind(p, call, E_SCALL) && is_kind(p, base, E_NAME);
    return facade && ((str_ends(node_name(p, base), "Inertia") && str_ieq(node_name(p, call), STR("render"))) ||
                      (str_ends(node_name(p, base), "Js") && str_ieq(node_name(p, call), STR("from"))));
}

static bool answers_directly(const struct patch *p, struct ref r)
{
    uint32_t cls = class_of(p->app, r);
    return p->app->files[r.file].context == CTX_ROUTES ||
           (cls != NO_CLASS && (p->app->classes[cls].is & (IS_CONTROLLER | IS_BROADCAST)));
}

/* From an expression outwards: is it sent, or returned by what answers a request? */
static bool is_sent(const struct patch *p, struct ref r)
{
    static const char *const serialise[] = { "toArray", "toJson", "jsonSerialize", "attributesToArray", NULL };
    static const char *const same_rows[] = { "items",   "values", "all",     "getCollection", "sortBy", "sortByDesc",
                                             "reverse", "take",   "filter",  "where",         "keyBy",  "groupBy",
                                             "unique",  "each",   "collect", "through",       NULL };
    for (struct ref below = r, up = parent_of(p, r); is_ref(up); below = up, up = parent_of(p, up)) {
        bool is_base = first_child(p, up).node == below.node;
        switch (at_node(p, up)->kind) {
        case E_ARRAY:
        case E_ITEM:
        case E_ARG:
        case E_TERNARY:
            continue;
        case E_NEW:
            return str_ends(node_name(p, first_child(p, up)), "JsonResponse");
        case E_CALL:
        case E_SCALL:
        case E_MCALL:
            if (is_kind(p, up, E_MCALL) && is_base) {
                if (is_one_of(node_name(p, up), serialise))
                    return true;
                if (is_one_of(node_name(p, up), same_rows))
                    continue;
                return false;
            }
            if (is_sender(p, up))
                return true;
            if (is_kind(p, up, E_CALL) && is_kind(p, first_child(p, up), E_NAME) &&
                str_ieq(node_name(p, first_child(p, up)), STR("compact")))
                continue;
            return false;
        case E_BLADE:
            return at_node(p, up)->op == B_DIRECTIVE &&
                   (str_is(node_name(p, up), "json") || str_is(node_name(p, up), "js"));
        case S_RETURN:
            return answers_directly(p, up);
        default:
            return false;
        }
    }
    return false;
}

static bool variable_is_sent(const struct patch *p, struct ref function, struct str name)
{
    for (uint32_t i = function.node + 1; i < end_of(p, function); i++) {
        struct ref r = { function.file, i };
        bool named = (is_kind(p, r, E_VAR) || is_kind(p, r, E_STR)) && str_eq(node_name(p, r), name);
        if (named && is_sent(p, r))
            return true;
    }
    return false;
}

bool rows_are_sent(struct patch *p, const struct flow *f)
{
    struct ref from = is_ref(f->chain) ? f->chain : f->at;
    struct ref holder = parent_of(p, from), function = method_around(p, from);
    if (is_sent(p, from))
        return true;
    if (is_kind(p, holder, E_ASSIGN) && is_kind(p, first_child(p, holder), E_VAR) &&
        variable_is_sent(p, function, node_name(p, first_child(p, holder))))
        return true;
    struct str method = is_kind(p, function, N_METHOD) ? node_name(p, function) : STR("");
    for (uint32_t i = is_ref(f->entry) ? f->entry.node + 1 : 0; method.n && is_ref(f->entry) && i < end_of(p, f->entry);
         i++) {
        struct ref r = { f->entry.file, i }, up = parent_of(p, r);
        bool calls = (is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL)) && str_ieq(node_name(p, r), method);
        if (calls && (is_sent(p, r) || (is_kind(p, up, E_ASSIGN) && is_kind(p, first_child(p, up), E_VAR) &&
                                        variable_is_sent(p, f->entry, node_name(p, first_child(p, up))))))
            return true;
    }
    struct ref subject = is_kind(p, f->loop, S_FOREACH) ? first_child(p, f->loop) : none;
    return is_kind(p, subject, E_VAR) && variable_is_sent(p, method_around(p, f->loop), node_name(p, subject));
}

void refuse_reading(struct patch *p, const struct fix_in *in, const struct relation *r)
{
    const struct flow *f = in->flow;
    const char *name = syms_cstr(p->app->syms, r->name);
    struct ref site = site_in_loop(p, f);
    if (is_ref(site) && one_row_only(p, f->loop, site))
        patch_refuse(p, "only one row of the loop, or a few, read %s: loading it for all fetches the rest for nothing",
                     name);
    if (loop_writes(p, in, r->related == f->model))
        patch_refuse(p, "the loop writes on related models, and eager loading shares one instance between rows");
    if (is_shared(r) && (mutates_related(p, is_ref(f->loop) ? f->loop : f->read, name) ||
                         mutates_related(p, f->at, name) || mutates_related(p, f->read, name)))
        patch_refuse(p, "the code changes %s, and eager loading shares one instance between rows", name);
    if (rebinds_row(p, f, r))
        patch_refuse(p, "the loop changes what %s belongs to", name);
    if (output_depends(p, f, name))
        patch_refuse(p, "the output depends on whether %s is loaded (whenLoaded, relationLoaded)", name);
    if (is_ref(site) && is_conditional(p, f->loop, site) && rows_are_sent(p, f))
        patch_refuse(p, "the rows are sent as data: with %s loaded for all of them the answer is another one", name);
}
