/* A relation that is read once a row: load it with the rows. In a PHP or Blade loop, through resources, accessors,
 * $appends and Livewire renders, nested paths included: the edit is always at the query that lacks the eager load. */
#include "fix/fixers.h"

#include <stdio.h>

const struct relation *path_relation(const struct app *app, uint32_t model_class, struct str segment, uint32_t *ret_class)
{
    const struct model *m = model_class == NO_CLASS ? NULL : class_model(app, model_class);
    const struct relation *r = m ? model_relation(app, m, syms_find(app->syms, segment)) : NULL;
    *ret_class = r ? r->related : NO_CLASS;
    return r;
}

const char *eager_forbidden(const struct app *app, const struct relation *r, struct arena *arena)
{
    const char *name = syms_cstr(app->syms, r->name);
    if (r->reads_this)
        return arena_printf(arena, "%s reads $this: eager loading builds it from an empty model and finds nothing", name);
    if (r->has_limit && app->laravel_major && app->laravel_major < 11)
        return arena_printf(arena, "%s has a limit, which counts for each parent from Laravel 11 on only", name);
    return NULL;
}

static bool key_is_selected(const struct patch *p, struct ref list, sym key)
{
    const char *name = syms_cstr(p->app->syms, key);
    for (struct ref item = first_child(p, list); is_ref(item); item = next_child(p, list, item)) {
        struct ref value = first_child(p, item);
        if (!is_kind(p, value, E_STR))
            return true; /* an expression: it may be the key */
        struct str s = node_name(p, value);
        const char *dot = s.n ? memrchr(s.p, '.', s.n) : NULL;
        struct str column = dot ? (struct str){ dot + 1, s.n - (uint32_t)(dot + 1 - s.p) } : s;
        if (str_is(column, name) || str_is(column, "*"))
            return true;
    }
    return false;
}

/* The column of the row that the relation is matched by. */
static sym needed_key(const struct app *app, const struct relation *r, uint32_t model_class)
{
    const struct model *m = class_model(app, model_class);
    switch (r->kind) {
    case REL_BELONGS_TO:
        return r->foreign_key;
    case REL_HAS_ONE:
    case REL_HAS_MANY:
    case REL_MORPH_ONE:
    case REL_MORPH_MANY:
        return r->local_key;
    default:
        return m ? m->key_name : 0;
    }
}

/* A select list without the key makes the eager-loaded relation silently empty. */
static void check_select(struct patch *p, struct ref chain, const struct relation *r, uint32_t model_class)
{
    static const char *const lists[] = { "select", "get", "paginate", "simplePaginate", "all", NULL };
    sym key = needed_key(p->app, r, model_class);
    for (unsigned i = 0; key && lists[i]; i++) {
        struct ref call = chain_call(p, chain, lists[i]);
        unsigned at = strstr(lists[i], "aginate") ? 1 : 0;
        struct ref arg = is_ref(call) ? nth_arg(p, call, at) : (struct ref){ REF_NONE, 0 };
        if (is_kind(p, arg, E_ARRAY) && !key_is_selected(p, arg, key))
            patch_refuse(p, "the select list lacks %s, which the relation needs", syms_cstr(p->app->syms, key));
        if (is_kind(p, arg, E_STR) && !key_is_selected(p, call, key) && !strcmp(lists[i], "select"))
            patch_refuse(p, "the select list lacks %s, which the relation needs", syms_cstr(p->app->syms, key));
    }
}

/* --- an eager list that is there already --- */

struct named {
    struct str path;
    bool found, constrained;
};

/* "messages:id,body" names the path "messages"; a key with a value is a constraint. */
static void look_for_path(const struct patch *p, struct ref item, struct named *n)
{
    struct ref value = first_child(p, item);
    bool keyed = is_kind(p, item, E_ITEM) && (at_node(p, item)->flags & F_HAS_KEY);
    if (!is_kind(p, value, E_STR))
        return;
    struct str s = node_name(p, value), name;
    struct str rest = s;
    str_next(&rest, ':', &name);
    if (!str_eq(name, n->path))
        return;
    n->found = true;
    n->constrained |= keyed || rest.p != NULL;
}

static struct named in_list(const struct patch *p, struct ref call, struct str path)
{
    struct named n = { .path = path };
    for (unsigned i = 0; i < arg_count(p, call); i++) {
        struct ref arg = nth_arg(p, call, i);
        if (!is_kind(p, arg, E_ARRAY)) {
            struct ref holder = { arg.file, arg.node - 1 }; /* the E_ARG */
            look_for_path(p, holder, &n);
            continue;
        }
        for (struct ref item = first_child(p, arg); is_ref(item); item = next_child(p, arg, item))
            look_for_path(p, item, &n);
    }
    return n;
}

/* Inserts one more entry at the end of the call's list, in the style of the list. */
static void merge_into(struct patch *p, struct ref call, const char *entry)
{
    unsigned n = arg_count(p, call);
    struct ref first = nth_arg(p, call, 0);
    if (!n) {
        patch_refuse(p, "the existing %.*s() has no list to add to", STR_ARG(node_name(p, call)));
        return;
    }
    if (!is_kind(p, first, E_ARRAY)) {
        struct ref last = nth_arg(p, call, n - 1);
        if (!is_kind(p, first, E_STR) || (n > 1 && !is_kind(p, last, E_STR))) {
            patch_refuse(p, "the existing eager list is built elsewhere");
            return;
        }
        patch_insert(p, call.file, at_node(p, last)->end, arena_printf(p->arena, ", %s", entry));
        return;
    }
    struct ref last = { REF_NONE, 0 };
    for (struct ref item = first_child(p, first); is_ref(item); item = next_child(p, first, item))
        last = item;
    if (!is_ref(last)) {
        patch_replace(p, call.file, at_node(p, first)->off, at_node(p, first)->end, arena_printf(p->arena, "[%s]", entry));
        return;
    }
    bool own_lines = starts_line(p, call.file, at_node(p, last)->off);
    const char *glue = own_lines ? arena_printf(p->arena, ",\n%s", indent_of(p, call.file, at_node(p, last)->off)) : ", ";
    patch_insert(p, call.file, at_node(p, last)->end, arena_printf(p->arena, "%s%s", glue, entry));
}

/* --- where the method goes --- */

static bool is_terminal_on_class(struct str name)
{
    static const char *const names[] = { "all", "paginate", "simplePaginate", "cursorPaginate", "get", "first", "find",
                                         "findOrFail", "firstOrFail", "findMany" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_c(names[i])))
            return true;
    return false;
}

/* Model::all() has no builder yet: Model::with(…)->get(). Others: Model::with(…)->paginate(…). */
static void before_static_terminal(struct patch *p, struct ref call, const char *text)
{
    uint32_t at = name_of(p, call);
    struct str name = node_name(p, call);
    if (str_ieq(name, STR("all"))) {
        if (arg_count(p, call))
            patch_refuse(p, "all() is given columns");
        patch_replace(p, call.file, at, at + name.n, arena_printf(p->arena, "%s->get", text));
    } else if (is_terminal_on_class(name)) {
        patch_insert(p, call.file, at, arena_printf(p->arena, "%s->", text));
    } else {
        patch_refuse(p, "the query begins with %.*s(), which fettle does not know", STR_ARG(name));
    }
}

static void before_terminal(struct patch *p, struct ref call, const char *text)
{
    uint32_t at = arrow_of(p, call);
    if (starts_line(p, call.file, at))
        patch_insert(p, call.file, at, arena_printf(p->arena, "->%s\n%s", text, indent_of(p, call.file, at)));
    else
        patch_insert(p, call.file, at, arena_printf(p->arena, "->%s", text));
}

void add_to_query(struct patch *p, const struct flow *f, const char *method, const char *arg)
{
    struct ref chain = f->chain;
    const char *text = arena_printf(p->arena, "%s(%s)", method, arg);
    if (!is_ref(chain)) {
        patch_refuse(p, "the query's own expression is not known");
        return;
    }
    bool mergeable = !strcmp(method, "with") || !strcmp(method, "withCount") || !strcmp(method, "withExists");
    struct ref there = chain_call(p, chain, method);
    if (is_ref(there) && mergeable)
        merge_into(p, there, arg);
    else if (is_kind(p, chain, E_MCALL))
        before_terminal(p, chain, text);
    else if (is_kind(p, chain, E_SCALL))
        before_static_terminal(p, chain, text);
    else if (is_kind(p, chain, E_PROP) && !strcmp(method, "with")) /* $user->posts: loaded already, loads the rest once */
        patch_insert(p, chain.file, at_node(p, chain)->end, arena_printf(p->arena, "->loadMissing(%s)", arg));
    else if (is_kind(p, chain, E_PROP) && !strcmp(method, "withCount"))
        patch_insert(p, chain.file, at_node(p, chain)->end, arena_printf(p->arena, "->loadCount(%s)", arg));
    else
        patch_refuse(p, "the query is written in a form that fettle does not edit");
}

/* Each relation of the path, from the row of the loop on. */
static void check_path(struct patch *p, const struct flow *f)
{
    struct str rest = str_c(f->subject), segment;
    uint32_t cls = f->model;
    bool first = true;
    /* f->model is the class of the row that is read; a nested path starts at the query's own model. */
    const char *dot = strchr(f->subject, '.');
    while (str_next(&rest, '.', &segment)) {
        uint32_t related = NO_CLASS;
        const struct relation *r = dot && first ? NULL : path_relation(p->app, cls, segment, &related);
        const char *reason = r ? eager_forbidden(p->app, r, p->arena) : NULL;
        if (reason)
            patch_refuse(p, "%s", reason);
        if (r && first && !dot)
            check_select(p, f->chain, r, cls);
        if (!dot)
            cls = related;
        first = false;
    }
}

/* The row's own relation, whatever the path: the last segment on the class that is read. */
static void check_last(struct patch *p, const struct flow *f)
{
    const char *dot = strrchr(f->subject, '.');
    uint32_t related;
    const struct relation *r = path_relation(p->app, f->model, str_c(dot ? dot + 1 : f->subject), &related);
    const char *reason = r ? eager_forbidden(p->app, r, p->arena) : NULL;
    if (!r)
        patch_refuse(p, "the relation's own code was not found");
    if (reason)
        patch_refuse(p, "%s", reason);
}

static bool writes_related(const struct flows *flows, const struct flow *f)
{
    for (uint32_t i = 0; flows && i < flows->n; i++) {
        const struct flow *w = &flows->items[i];
        if (w->kind == FLOW_WRITE && w->loop.file == f->loop.file && w->loop.node == f->loop.node && w->model != f->model)
            return true;
    }
    return false;
}

enum fix_answer fix_eager(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    if (!f || f->kind != FLOW_LAZY) {
        patch_refuse(&p, "the code that reads the relation was not found");
        return patch_done(&p, NULL, ret);
    }
    check_path(&p, f);
    check_last(&p, f);
    if (f->origin_in_loop && !is_kind(&p, f->chain, E_PROP))
        patch_refuse(&p, "the query itself runs in the loop");
    if (writes_related(in->flows, f))
        patch_refuse(&p, "the loop writes on related models, and eager loading shares one instance between rows");
    struct ref there = is_ref(f->chain) ? chain_call(&p, f->chain, "with") : (struct ref){ REF_NONE, 0 };
    if (is_ref(there)) {
        struct named same = in_list(&p, there, str_c(f->subject));
        const char *dot = strrchr(f->subject, '.');
        struct named parent = { .found = false };
        if (dot)
            parent = in_list(&p, there, (struct str){ f->subject, (uint32_t)(dot - f->subject) });
        if (same.found)
            patch_refuse(&p, "the relation is in the eager list already");
        if (parent.constrained && parent.found)
            patch_refuse(&p, "the eager load of the parent has columns or a constraint of its own");
    }
    add_to_query(&p, f, "with", arena_printf(arena, "'%s'", f->subject));
    return patch_done(&p, arena_printf(arena, "Load %s with its rows", f->subject), ret);
}
