/* What the calls of a query's chain mean for a fix: limits, OR, lists of columns, scopes; on the builder in a variable too. */
#include "fix/chain.h"

#include <stdio.h>

static uint32_t skip_of(const struct patch *p, struct ref r)
{
    return at_node(p, r)->skip;
}

/* limit(10)->get()->count() is 10 at most, limit(10)->count() counts all: these change what comes after them. */
static const char *const bounding[] = {
    "limit",         "take",       "skip",       "offset",    "forPage",       "groupBy",  "having",  "distinct",
    "union",         "unionAll",   "groupByRaw", "havingRaw", "havingBetween", "orHaving", "fromSub", "fromRaw",
    "lockForUpdate", "sharedLock", "cursor",     "limitBy",   "tap",           "pipe",     NULL
};

static const char *bounded_in(const struct patch *p, struct ref inside)
{
    for (uint32_t i = inside.node; i < skip_of(p, inside); i++) {
        struct ref r = { inside.file, i };
        if ((is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL)) && is_one_of(node_name(p, r), bounding))
            return arena_strndup(p->arena, node_name(p, r).p, node_name(p, r).n);
    }
    return NULL;
}

const struct method *chain_scope(const struct patch *p, const struct model *m, struct str name)
{
    char scope[128];
    if (!m || name.n > 100)
        return NULL;
    snprintf(scope, sizeof scope, "scope%.*s", (int)name.n, name.p);
    const struct method *old = class_method_named(p->app, m->class_, scope);
    return old ? old : class_method(p->app, m->class_, syms_find(p->app->syms, name)); /* #[Scope] */
}

/* A builder in a variable: every call made on it in this function counts, and handing it over hides what is done. */
static const char *bounded_variable(struct patch *p, struct ref var, struct ref top)
{
    struct ref function = method_around(p, var);
    for (uint32_t i = function.node + 1; i < skip_of(p, function); i++) {
        struct ref r = { function.file, i }, up = parent_of(p, r);
        bool same = is_kind(p, r, E_VAR) && str_eq(node_name(p, r), node_name(p, var));
        if (!same || is_inside(p, top, r))
            continue;
        if (is_kind(p, up, N_PARAM) || is_kind(p, up, E_ARG) || is_kind(p, up, S_RETURN))
            return "what the variable went through";
        struct ref whole = statement_of(p, r);
        const char *bound =
            is_ref(whole) ? bounded_in(p, is_kind(p, whole, S_IF) || is_kind(p, whole, S_FOREACH) ? up : whole) : NULL;
        if (bound)
            return bound;
    }
    return NULL;
}

const char *chain_bound(struct patch *p, struct ref top, const struct model *m)
{
    const char *bound = NULL;
    struct ref c = top;
    for (; !bound && (is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL)); c = first_child(p, c)) {
        const struct method *scope = chain_scope(p, m, node_name(p, c));
        bool runs_here = str_ieq(node_name(p, c), STR("when")) || str_ieq(node_name(p, c), STR("unless"));
        for (unsigned i = 0, n = arg_count(p, c); runs_here && !bound && i < n; i++)
            bound = bounded_in(p, nth_arg(p, c, i));
        if (!bound && is_one_of(node_name(p, c), bounding))
            bound = arena_strndup(p->arena, node_name(p, c).p, node_name(p, c).n);
        if (!bound && scope)
            bound = bounded_in(p, scope->at);
        for (uint32_t i = 0; !bound && is_kind(p, c, E_MCALL) && !arg_count(p, c) && i < p->app->nmodels; i++) {
            const struct relation *r =
                model_relation(p->app, &p->app->models[i], syms_find(p->app->syms, node_name(p, c)));
            if (r && r->has_limit)
                bound = "limit";
        }
    }
    /* $query->get(): the variable is the builder itself, unless a relation begins behind it. */
    struct ref first = top;
    while (is_kind(p, first_child(p, first), E_MCALL))
        first = first_child(p, first);
    bool relation = !arg_count(p, first) && is_kind(p, c, E_VAR);
    if (!bound && is_kind(p, c, E_VAR) && !(is_kind(p, c, E_VAR) && str_is(node_name(p, c), "this"))) {
        sym name = syms_find(p->app->syms, node_name(p, first));
        bool known = false;
        for (uint32_t i = 0; relation && name && !known && i < p->app->nmodels; i++)
            known = model_relation(p->app, &p->app->models[i], name) != NULL;
        if (!known)
            bound = bounded_variable(p, c, top);
    }
    return bound;
}

/* --- what the query selects --- */

struct columns {
    bool any, open; /* some list is there; one of its entries is not known, or is * */
    const char *wanted;
    bool found;
};

static void see_column(const struct patch *p, struct ref value, struct columns *c)
{
    if (!is_kind(p, value, E_STR)) {
        c->open = true; /* an expression: it may be the key */
        return;
    }
    struct str s = node_name(p, value);
    const char *dot = s.n ? memrchr(s.p, '.', s.n) : NULL;
    struct str column = dot ? (struct str){ dot + 1, s.n - (uint32_t)(dot + 1 - s.p) } : s;
    c->open |= str_is(column, "*");
    bool raw = str_contains(s, " ") || str_contains(s, "(") || str_contains(s, ",");
    c->found |= str_is(column, c->wanted) || (raw && str_contains(s, c->wanted));
}

static void see_list(const struct patch *p, struct ref list, struct columns *c)
{
    c->any = true;
    if (!is_kind(p, list, E_ARRAY)) {
        see_column(p, list, c);
        return;
    }
    for (struct ref item = first_child(p, list); is_ref(item); item = next_child(p, list, item)) {
        bool keyed = is_kind(p, item, E_ITEM) && (at_node(p, item)->flags & F_HAS_KEY);
        if (!keyed) /* 'alias' => subquery adds a column of another name */
            see_column(p, first_child(p, item), c);
    }
}

/* Every list of columns in the chain: select('a', 'b'), select(['a']), addSelect(…), get(['a']), paginate(20, ['a']).
 */
static struct columns selected(const struct patch *p, struct ref chain, const char *wanted)
{
    static const struct {
        const char *name;
        unsigned first, last;
    } lists[] = { { "select", 0, 20 }, { "addSelect", 0, 20 }, { "selectRaw", 0, 0 },      { "get", 0, 0 },
                  { "all", 0, 0 },     { "paginate", 1, 1 },   { "simplePaginate", 1, 1 }, { "cursorPaginate", 1, 1 },
                  { "find", 1, 1 },    { "findOrFail", 1, 1 }, { "first", 0, 0 } };
    struct columns c = { .wanted = wanted };
    for (struct ref call = chain; is_kind(p, call, E_MCALL) || is_kind(p, call, E_SCALL); call = first_child(p, call))
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            for (unsigned k = lists[i].first; str_ieq(node_name(p, call), str_c(lists[i].name)) && k <= lists[i].last;
                 k++)
                if (is_ref(nth_arg(p, call, k)))
                    see_list(p, nth_arg(p, call, k), &c);
    return c;
}

bool chain_lacks_column(const struct patch *p, struct ref top, const char *column)
{
    struct columns c = selected(p, top, column);
    return c.any && !c.open && !c.found;
}

bool column_is_unique(const struct app *app, const struct model *m, const struct table *t, struct str column)
{
    struct str bare = column;
    for (uint32_t i = 0; i < column.n; i++)
        if (column.p[i] == '.')
            bare = (struct str){ column.p + i + 1, column.n - i - 1 };
    if (m->key_name && str_is(bare, syms_cstr(app->syms, m->key_name)))
        return true;
    for (uint16_t i = 0; t && i < t->nindexes; i++)
        if (t->indexes[i].ncolumns == 1 && (t->indexes[i].unique || t->indexes[i].primary) &&
            str_ieq(bare, str_c(t->indexes[i].columns[0])) && !t->indexes[i].partial)
            return true;
    return false;
}

static bool has_or(const struct patch *p, struct ref inside)
{
    for (uint32_t i = inside.node; i < skip_of(p, inside); i++) {
        struct ref r = { inside.file, i };
        bool call = is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL);
        if (call && (str_starts(node_name(p, r), "orWhere") || str_starts(node_name(p, r), "orHas") ||
                     str_starts(node_name(p, r), "orDoesnt")))
            return true;
    }
    return false;
}

bool chain_has_or(const struct patch *p, struct ref top)
{
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        bool runs_here = str_ieq(node_name(p, c), STR("when")) || str_ieq(node_name(p, c), STR("unless")) ||
                         str_ieq(node_name(p, c), STR("tap"));
        if (str_starts(node_name(p, c), "or") && !str_starts(node_name(p, c), "order"))
            return true;
        for (unsigned i = 0, n = runs_here ? arg_count(p, c) : 0; i < n; i++)
            if (has_or(p, nth_arg(p, c, i)))
                return true;
        sym relation = arg_count(p, c) ? 0 : syms_find(p->app->syms, node_name(p, c));
        for (uint32_t i = 0; relation && i < p->app->nmodels; i++) {
            const struct relation *r = model_relation(p->app, &p->app->models[i], relation);
            if (r && is_ref(r->at) && has_or(p, r->at))
                return true;
        }
    }
    return false;
}
