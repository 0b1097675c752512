/* A relation that is read once a row: load it with the rows. In a PHP or Blade loop, through resources, accessors,
 * $appends and Livewire renders, nested paths included: the edit is always at the query that lacks the eager load. */
#include "fix/fixers.h"
#include "fix/hazard.h"

#include <stdio.h>

const struct relation *path_relation(const struct app *app, uint32_t model_class, struct str segment,
                                     uint32_t *ret_class)
{
    const struct model *m = model_class == NO_CLASS ? NULL : class_model(app, model_class);
    const struct relation *r = m ? model_relation(app, m, syms_find(app->syms, segment)) : NULL;
    *ret_class = r ? r->related : NO_CLASS;
    return r;
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
    sym key = needed_key(p->app, r, model_class);
    if (!key)
        return;
    if (chain_lacks_column(p, chain, syms_cstr(p->app->syms, key)))
        patch_refuse(p, "the select list lacks %s, which the relation needs", syms_cstr(p->app->syms, key));
}

/* --- an eager list that is there already --- */

/* One entry of a list: 'messages', 'messages:id,body', 'messages' => fn, 'messages' => ['author']. */
struct entry {
    struct str path, columns; /* columns: what follows the colon */
    struct ref value;         /* of a keyed entry */
};

typedef bool (*entry_fn)(const struct patch *, const struct entry *, void *ctx); /* true: stop */

static bool visit_entry(const struct patch *p, struct ref holder, entry_fn fn, void *ctx, bool *ret_unreadable)
{
    struct ref key = first_child(p, holder);
    bool keyed = is_kind(p, holder, E_ITEM) && (at_node(p, holder)->flags & F_HAS_KEY);
    if (!is_kind(p, key, E_STR)) {
        *ret_unreadable |= !is_kind(p, key, E_CLOSURE) && !is_kind(p, key, E_ARROW);
        return false;
    }
    struct entry e = { .columns = node_name(p, key),
                       .value = keyed ? next_child(p, holder, key) : (struct ref){ REF_NONE, 0 } };
    str_next(&e.columns, ':', &e.path);
    return fn(p, &e, ctx);
}

/* Visits the entries of one with() call; a closure after the first name is that name's constraint. */
static bool visit_list(const struct patch *p, struct ref call, entry_fn fn, void *ctx, bool *ret_unreadable)
{
    for (struct ref arg = first_child(p, call); is_ref(arg); arg = next_child(p, call, arg)) {
        if (!is_kind(p, arg, E_ARG))
            continue;
        struct ref value = first_child(p, arg);
        if (!is_kind(p, value, E_ARRAY)) {
            struct ref next = nth_arg(p, call, 1);
            bool constrained =
                value.node == nth_arg(p, call, 0).node && (is_kind(p, next, E_CLOSURE) || is_kind(p, next, E_ARROW));
            if (constrained && is_kind(p, value, E_STR)) {
                struct entry e = { .path = node_name(p, value), .columns = { NULL, 0 }, .value = next };
                return fn(p, &e, ctx);
            }
            if (visit_entry(p, arg, fn, ctx, ret_unreadable))
                return true;
            continue;
        }
        for (struct ref item = first_child(p, value); is_ref(item); item = next_child(p, value, item))
            if (visit_entry(p, item, fn, ctx, ret_unreadable))
                return true;
    }
    return false;
}

struct wanted {
    struct str path;
    bool below;         /* also entries of which the path is a beginning */
    struct entry entry; /* what was found */
};

static bool is_beginning(struct str path, struct str of)
{
    return of.n > path.n && of.p[path.n] == '.' && !memcmp(of.p, path.p, path.n);
}

static bool is_wanted(const struct patch *p, const struct entry *e, void *ctx)
{
    struct wanted *w = ctx;
    (void)p;
    if (!str_eq(e->path, w->path) && !(w->below && is_beginning(w->path, e->path)))
        return false;
    w->entry = *e;
    return true;
}

static bool is_eager_call(struct str name)
{
    return str_ieq(name, STR("with")) || str_ieq(name, STR("withOnly")) || str_ieq(name, STR("setEagerLoads")) ||
           str_ieq(name, STR("without")) || str_ieq(name, STR("load")) || str_ieq(name, STR("loadMissing"));
}

/* The with() call of the chain whose list names the path; REF_NONE: none does. */
static struct ref list_with(const struct patch *p, struct ref chain, struct wanted *w, bool *ret_unreadable)
{
    for (struct ref c = chain; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c))
        if (is_eager_call(node_name(p, c)) && visit_list(p, c, is_wanted, w, ret_unreadable))
            return c;
    return (struct ref){ REF_NONE, 0 };
}

/* Every entry of the list is a plain one that stands in the call itself. */
static bool is_plain_list(const struct patch *p, struct ref call)
{
    struct ref first = nth_arg(p, call, 0);
    unsigned n = arg_count(p, call);
    if (is_kind(p, first, E_ARRAY))
        return n == 1;
    for (unsigned i = 0; i < n; i++)
        if (!is_kind(p, nth_arg(p, call, i), E_STR))
            return false;
    return n > 0;
}

/* Inserts one more entry at the end of the call's list, in the style of the list. A lone name becomes a list. */
static void merge_into(struct patch *p, struct ref call, const char *entry)
{
    unsigned n = arg_count(p, call);
    struct ref first = nth_arg(p, call, 0), last = { REF_NONE, 0 };
    if (!is_kind(p, first, E_ARRAY)) {
        uint32_t end = at_node(p, nth_arg(p, call, n - 1))->end;
        if (n == 1 || strstr(entry, " => ")) {
            patch_join(p, call.file, at_node(p, first)->off, "[");
            patch_join(p, call.file, end, "]");
        }
        patch_join(p, call.file, end, arena_printf(p->arena, ", %s", entry));
        return;
    }
    for (struct ref item = first_child(p, first); is_ref(item); item = next_child(p, first, item))
        last = item;
    if (!is_ref(last)) {
        patch_replace(p, call.file, at_node(p, first)->off, at_node(p, first)->end,
                      arena_printf(p->arena, "[%s]", entry));
        return;
    }
    bool own_lines = starts_line(p, call.file, at_node(p, last)->off);
    const char *glue =
        own_lines ? arena_printf(p->arena, ",\n%s", indent_of(p, call.file, at_node(p, last)->off)) : ", ";
    patch_join(p, call.file, at_node(p, last)->end, arena_printf(p->arena, "%s%s", glue, entry));
}

/* --- where the method goes --- */

static bool is_terminal(struct str name)
{
    static const char *const names[] = { "all",      "paginate",  "simplePaginate", "cursorPaginate", "get",
                                         "first",    "find",      "findOrFail",     "firstOrFail",    "findMany",
                                         "chunk",    "chunkById", "lazy",           "lazyById",       "each",
                                         "eachById", "sole",      "firstWhere",     "lazyByIdDesc",   "findOr",
                                         "firstOr",  "chunkMap",  "fastPaginate",   "findOrNew",      "chunkByIdDesc" };
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
        patch_replace(p, call.file, at, at + name.n, "get");
        patch_join(p, call.file, at, arena_printf(p->arena, "%s->", text));
    } else if (is_terminal(name)) {
        patch_join(p, call.file, at, arena_printf(p->arena, "%s->", text));
    } else {
        patch_refuse(p, "the query begins with %.*s(), which fettle does not know", STR_ARG(name));
    }
}

/* A call that leaves a builder a builder: what stands before it in the chain is a query too. */
static bool keeps_builder(const struct patch *p, const struct flow *f, struct str name)
{
    static const char *const starts[] = { "where",    "orWhere",    "order",   "latest",        "oldest",     "has",
                                          "orHas",    "doesntHave", "select",  "addSelect",     "limit",      "take",
                                          "skip",     "offset",     "when",    "unless",        "with",       "join",
                                          "leftJoin", "groupBy",    "reorder", "inRandomOrder", "onlyTrashed" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (str_starts(name, starts[i]))
            return true;
    return chain_scope(p, f->model == NO_CLASS ? NULL : class_model(p->app, f->model), name) != NULL;
}

static void before_terminal(struct patch *p, const struct flow *f, struct ref call, const char *text)
{
    uint32_t at = arrow_of(p, call);
    struct str name = node_name(p, call);
    if (str_ieq(name, STR("cursor")))
        patch_refuse(p, "cursor() ignores eager loads");
    else if (str_ieq(name, STR("all")))
        patch_refuse(p, "all() is no method of a query: what it is called on is not known");
    else if (!is_terminal(name) && !keeps_builder(p, f, name))
        patch_refuse(p, "the query ends in %.*s(), which fettle does not know", STR_ARG(name));
    if (starts_line(p, call.file, at))
        patch_join(p, call.file, at, arena_printf(p->arena, "->%s\n%s", text, indent_of(p, call.file, at)));
    else
        patch_join(p, call.file, at, arena_printf(p->arena, "->%s", text));
}

/* $post->load('comments'): more of what is loaded by hand goes into its list. */
static bool is_load(const struct patch *p, struct ref call)
{
    return is_kind(p, call, E_MCALL) &&
           (str_ieq(node_name(p, call), STR("load")) || str_ieq(node_name(p, call), STR("loadMissing")));
}

void add_to_query(struct patch *p, const struct flow *f, const char *method, const char *arg)
{
    struct ref chain = f->chain;
    bool keyed = strstr(arg, " => ") && *arg != '[';
    const char *text = arena_printf(p->arena, keyed ? "%s([%s])" : "%s(%s)", method, arg);
    if (!is_ref(chain)) {
        patch_refuse(p, "the query's own expression is not known");
        return;
    }
    bool eager = !strcmp(method, "with"),
         mergeable = eager || !strcmp(method, "withCount") || !strcmp(method, "withExists");
    struct ref there = chain_call(p, chain, method);
    if (mergeable && is_ref(there) && is_plain_list(p, there))
        merge_into(p, there, arg);
    else if (eager && is_load(p, chain) && is_plain_list(p, chain))
        merge_into(p, chain, arg);
    else if (is_kind(p, chain, E_MCALL))
        before_terminal(p, f, chain, text);
    else if (is_kind(p, chain, E_SCALL))
        before_static_terminal(p, chain, text);
    else if (is_kind(p, chain, E_PROP) && eager) /* $user->posts: loaded already, loads the rest once */
        patch_join(p, chain.file, at_node(p, chain)->end, arena_printf(p->arena, "->loadMissing(%s)", arg));
    else if (is_kind(p, chain, E_PROP) && !strcmp(method, "withCount"))
        patch_join(p, chain.file, at_node(p, chain)->end,
                   arena_printf(p->arena, keyed ? "->loadCount([%s])" : "->loadCount(%s)", arg));
    else
        patch_refuse(p, "the query is written in a form that fettle does not edit");
}

bool add_is_there(const struct patch *p, const struct flow *f, const char *method, const char *name)
{
    struct wanted w = { .path = str_c(name) };
    bool unreadable = false;
    for (struct ref c = f->chain; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c))
        if (str_ieq(node_name(p, c), str_c(method)) && visit_list(p, c, is_wanted, &w, &unreadable) &&
            !is_ref(w.entry.value))
            return true;
    return false;
}

/* --- the path, and what loads its beginning --- */

/* The relation that is read, on the class that is read. */
static const struct relation *last_relation(struct patch *p, const struct flow *f)
{
    const char *dot = strrchr(f->subject, '.');
    uint32_t related;
    const struct relation *r = path_relation(p->app, f->model, str_c(dot ? dot + 1 : f->subject), &related);
    if (!r)
        patch_refuse(p, "the relation's own code was not found");
    return r;
}

/* A scope of the chain that loads by itself: a second eager load of the name would drop its constraint. */
struct scope_names {
    struct str first; /* segment of the path */
};

static bool loads_name(const struct patch *p, struct ref r, void *ctx)
{
    struct scope_names *n = ctx;
    if (!is_kind(p, r, E_STR))
        return false;
    struct str rest = node_name(p, r), first, bare;
    str_next(&rest, ':', &bare);
    str_next(&bare, '.', &first);
    return str_eq(first, n->first);
}

static bool loads_itself(const struct patch *p, struct ref inside, struct scope_names *n)
{
    for (uint32_t i = inside.node; is_ref(inside) && i < at_node(p, inside)->skip; i++) {
        struct ref r = { inside.file, i };
        bool eager = (is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL)) && is_eager_call(node_name(p, r));
        if (eager && any_below(p, r, loads_name, n))
            return true;
    }
    return false;
}

/* The model that the chain's head names; else the one that the flow reads. */
static const struct model *head_model(const struct patch *p, const struct flow *f)
{
    bool named = is_ref(f->model_of) && is_kind(p, f->model_of, E_NAME);
    uint32_t cls = named ? app_class_named(p->app, node_name(p, f->model_of)) : f->model;
    return cls == NO_CLASS ? NULL : class_model(p->app, cls);
}

static void check_scopes(struct patch *p, const struct flow *f)
{
    struct str rest = str_c(f->subject);
    struct scope_names n;
    str_next(&rest, '.', &n.first);
    for (struct ref c = f->chain; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        const struct method *scope = chain_scope(p, head_model(p, f), node_name(p, c));
        if (scope && loads_itself(p, scope->at, &n))
            patch_refuse(p, "the scope %.*s() loads %.*s itself: another eager load of it would drop its constraint",
                         STR_ARG(node_name(p, c)), STR_ARG(n.first));
        for (unsigned i = 0, k = is_eager_call(node_name(p, c)) ? 0 : arg_count(p, c); i < k; i++)
            if (loads_itself(p, nth_arg(p, c, i), &n))
                patch_refuse(p, "%.*s() loads %.*s itself, under a condition", STR_ARG(node_name(p, c)),
                             STR_ARG(n.first));
    }
}

/* A closure that constrains the parent: is the key that the child needs among what it selects? */
static bool closure_selects_other(const struct patch *p, struct ref closure, const char *key)
{
    for (uint32_t i = closure.node; i < at_node(p, closure)->skip; i++) {
        struct ref r = { closure.file, i };
        if (is_kind(p, r, E_MCALL) && chain_lacks_column(p, r, key))
            return true;
    }
    return false;
}

static bool names_column(struct str columns, const char *wanted)
{
    struct str column;
    while (str_next(&columns, ',', &column))
        if (str_is(str_trim(column), wanted) || str_is(str_trim(column), "*"))
            return true;
    return false;
}

/* The parent stands in a list with columns or a closure of its own: both stay when the child joins the same list. */
static void check_parent(struct patch *p, const struct flow *f, const struct relation *child,
                         const struct entry *parent)
{
    sym key = child ? needed_key(p->app, child, f->model) : 0;
    const char *name = key ? syms_cstr(p->app->syms, key) : "id";
    bool listed = parent->columns.p && parent->columns.n;
    if (listed && !names_column(parent->columns, name))
        patch_refuse(p, "the columns of " STR_FMT " lack %s, which the relation needs", STR_ARG(parent->path), name);
    if (is_ref(parent->value) && !is_kind(p, parent->value, E_ARRAY) && closure_selects_other(p, parent->value, name))
        patch_refuse(p, "the constraint of " STR_FMT " selects no %s, which the relation needs", STR_ARG(parent->path),
                     name);
    if (is_ref(parent->value) && !is_kind(p, parent->value, E_ARRAY) && !is_kind(p, parent->value, E_CLOSURE) &&
        !is_kind(p, parent->value, E_ARROW))
        patch_refuse(p, "the constraint of " STR_FMT " is built elsewhere", STR_ARG(parent->path));
}

/* $with of the model loads the parent: a nested name of ours would replace what it says there. */
static void check_model_with(struct patch *p, const struct flow *f, struct str first)
{
    const struct model *m = head_model(p, f);
    for (uint16_t i = 0; m && i < m->nwith; i++) {
        struct str with = str_c(syms_cstr(p->app->syms, m->with[i])), name;
        bool columns = str_contains(with, ":");
        str_next(&with, ':', &name);
        if (columns && str_eq(name, first))
            patch_refuse(p, "$with of the model loads " STR_FMT " with columns of its own", STR_ARG(first));
    }
}

static void put_eager(struct patch *p, const struct flow *f, const struct relation *child)
{
    struct str path = str_c(f->subject), rest = path, first;
    const char *dot = strrchr(f->subject, '.');
    const char *entry = arena_printf(p->arena, "'%s'", f->subject);
    bool unreadable = false;
    struct wanted same = { .path = path, .below = true };
    struct wanted parent = { .path = { f->subject, dot ? (uint32_t)(dot - f->subject) : 0 } };
    str_next(&rest, '.', &first);
    if (is_ref(list_with(p, f->chain, &same, &unreadable)))
        patch_refuse(p, "the relation is in the eager list already");
    struct ref home = dot ? list_with(p, f->chain, &parent, &unreadable) : (struct ref){ REF_NONE, 0 };
    if (unreadable)
        patch_refuse(p, "the existing eager list is built elsewhere");
    if (!is_ref(home)) {
        check_model_with(p, f, first);
        add_to_query(p, f, "with", entry);
        return;
    }
    check_parent(p, f, child, &parent.entry);
    if (is_plain_list(p, home)) {
        merge_into(p, home, entry);
        return;
    }
    /* with('parent', fn …) takes no second name: both become entries of one list. */
    struct ref name = nth_arg(p, home, 0), closure = nth_arg(p, home, 1);
    if (arg_count(p, home) != 2 || !is_ref(parent.entry.value) || !is_kind(p, name, E_STR)) {
        patch_refuse(p, "the eager load of the parent has a form that fettle does not edit");
        return;
    }
    patch_insert(p, home.file, at_node(p, name)->off, "[");
    patch_replace(p, home.file, at_node(p, name)->end, at_node(p, closure)->off, " => ");
    patch_insert(p, home.file, at_node(p, closure)->end, arena_printf(p->arena, ", %s]", entry));
}

enum fix_answer fix_eager(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    if (!f || f->kind != FLOW_LAZY || !is_ref(f->chain)) {
        patch_refuse(&p, "the code that reads the relation was not found");
        return patch_done(&p, NULL, ret);
    }
    const struct relation *r = last_relation(&p, f);
    if (r) {
        refuse_relation(&p, f->model == NO_CLASS ? NULL : class_model(in->app, f->model), r);
        if (!strchr(f->subject, '.'))
            check_select(&p, f->chain, r, f->model);
        refuse_reading(&p, in, r);
    }
    check_scopes(&p, f);
    if (f->origin_in_loop && !is_kind(&p, f->chain, E_PROP))
        patch_refuse(&p, "the query itself runs in the loop");
    put_eager(&p, f, r);
    return patch_done(&p, arena_printf(arena, "Load %s with its rows", f->subject), ret);
}
