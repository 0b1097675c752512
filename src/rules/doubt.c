#include "rules/doubt.h"

#include "rules/emit.h"
#include "rules/possible.h"
#include "rules/tree.h"

/* --- memo --- */

static const char *const memos[] = { "remember", "rememberForever", "rememberWithTags", "flexible", "once", "sear",
                                     "cached", "memo" };

static bool memo_around(const struct app *app, struct ref r)
{
    struct path p;
    const struct facts *f = path_at(app, r, &p);
    if (!f)
        return false;
    if (is_call(facts_node(f, r.node)) && ONE_OF(call_name(f, r.node), memos))
        return true;
    for (unsigned i = 0; i < p.n; i++) {
        const struct node *n = facts_node(f, p.nodes[i]);
        if (n->kind == E_ASSIGN_OP && n->op == OP_COALESCE)
            return true;
        /* within the closure of the memo, not in the chain that it begins */
        bool in_closure = is_call(n) && i + 1 < p.n && facts_node(f, p.nodes[i + 1])->kind == E_ARG;
        if (in_closure && ONE_OF(call_name(f, p.nodes[i]), memos))
            return true;
    }
    return false;
}

/* A relation or an accessor that remembers what it was asked. */
static bool memo_inside(const struct app *app, struct ref r)
{
    const struct facts *f = facts_of(app, r);
    return f && facts_node(f, r.node)->kind == N_METHOD && calls_any(f, r.node, memos, sizeof memos / sizeof *memos);
}

static bool in_memo(const struct app *app, const struct flow *f)
{
    for (uint16_t i = 0; i < f->nsteps; i++)
        if (memo_around(app, f->steps[i].at) || memo_inside(app, f->steps[i].at))
            return true;
    return memo_around(app, f->at) || memo_around(app, f->read);
}

/* --- a default that answers first --- */

static bool has_attribute(const struct facts *f, uint32_t from)
{
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++)
        if (facts_node(f, i)->kind == E_PROP || facts_node(f, i)->kind == E_INDEX)
            return true;
    return false;
}

static bool stands_behind_default(const struct app *app, struct ref place)
{
    struct path p;
    const struct facts *f = path_at(app, place, &p);
    if (!f)
        return false;
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t at = p.nodes[i], left = node_first(f, at);
        const struct node *n = facts_node(f, at);
        bool coalesce = n->kind == E_BIN && n->op == OP_COALESCE;
        bool elvis = n->kind == E_TERNARY && facts_node(f, node_child(f, at, 1))->kind == N_NULL;
        bool asks = has_attribute(f, left) || facts_node(f, left)->kind == E_TERNARY || is_call(facts_node(f, left));
        if ((coalesce || elvis) && place.node >= facts_node(f, left)->skip && asks)
            return true;
    }
    return false;
}

/* The read, or a call between the loop and it, stands to the right of ?? or ?: . */
static bool behind_default(const struct app *app, const struct flow *flow)
{
    bool looping = false;
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        if (looping && flow->steps[i].role == STEP_CALL && stands_behind_default(app, flow->steps[i].at))
            return true;
        looping = looping || flow->steps[i].role == STEP_LOOP;
    }
    return stands_behind_default(app, flow->read);
}

/* --- guards --- */

static bool asks_whether_loaded(const struct facts *f, uint32_t from, struct str relation)
{
    static const char *const guards[] = { "relationLoaded", "whenLoaded" };
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind == E_UN && n->op == OP_NOT) {
            i = n->skip - 1;
            continue;
        }
        uint32_t arg = n->kind == E_MCALL && ONE_OF(facts_str(f, n->s), guards) ? node_find(f, i, E_ARG) : 0;
        uint32_t name = arg ? node_first(f, arg) : 0;
        if (name && facts_node(f, name)->kind == E_STR && str_eq(facts_str(f, facts_node(f, name)->s), relation))
            return true;
    }
    return false;
}

/* `$showTags ?? false`, `!empty($withTags)`: a switch of the template that its callers may leave out. */
static bool is_optional_switch(const struct facts *f, uint32_t from)
{
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++) {
        const struct node *n = facts_node(f, i);
        uint32_t left = node_first(f, i), right = left ? node_next(f, i, left) : 0;
        bool falls_back = n->kind == E_BIN && n->op == OP_COALESCE && facts_node(f, left)->kind == E_VAR && right &&
                          facts_node(f, right)->kind == E_CONST && str_ieq(facts_str(f, facts_node(f, right)->s), STR("false"));
        bool asks = (n->kind == E_EMPTY || n->kind == E_ISSET) && left && facts_node(f, left)->kind == E_VAR;
        if (falls_back || asks)
            return true;
    }
    return false;
}

struct guards {
    bool loaded, optional;
};

/* Conditions that must hold before the node runs: of the ifs and ternaries around it, and to the left of && . */
static struct guards guards_of(const struct app *app, struct ref r, struct str relation)
{
    struct guards g = { false, false };
    struct path p;
    const struct facts *f = path_at(app, r, &p);
    if (!f)
        return g;
    for (unsigned i = 0; i < p.n; i++) {
        const struct node *n = facts_node(f, p.nodes[i]);
        uint32_t first = node_first(f, p.nodes[i]);
        bool branches = n->kind == S_IF || n->kind == E_TERNARY, guards = branches || (n->kind == E_BIN && n->op == OP_AND);
        if (!guards || !first || r.node < facts_node(f, first)->skip)
            continue;
        uint32_t then = node_next(f, p.nodes[i], first);
        if (branches && r.node >= facts_node(f, then)->skip)
            continue; /* it stands in the else */
        g.loaded |= asks_whether_loaded(f, first, relation);
        g.optional |= is_optional_switch(f, first) && f->lang == LANG_BLADE;
    }
    return g;
}

static struct str last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return str_c(dot ? dot + 1 : path);
}

/* $this->when($this->withServers, fn () => …): a property of the resource, off until somebody turns it on. */
static bool in_flagged_closure(const struct app *app, struct ref place)
{
    static const char *const whens[] = { "when", "unless", "mergeWhen", "mergeUnless" };
    const struct facts *f = facts_of(app, place);
    uint32_t cls = f ? class_of(app, place) : NO_CLASS;
    struct path p;
    if (cls == NO_CLASS)
        return false;
    path_to(f, place.node, &p);
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t call = p.nodes[i], arg = 0, flag = 0;
        bool closure = false;
        if (facts_node(f, call)->kind != E_MCALL || !ONE_OF(call_name(f, call), whens))
            continue;
        for (unsigned k = i + 1; k < p.n && k <= i + 2; k++)
            closure |= facts_node(f, p.nodes[k])->kind == E_CLOSURE || facts_node(f, p.nodes[k])->kind == E_ARROW;
        arg = node_find(f, call, E_ARG);
        flag = arg ? node_first(f, arg) : 0;
        if (!closure || !flag || facts_node(f, flag)->kind != E_PROP || !str_is(facts_str(f, facts_node(f, node_first(f, flag))->s), "this"))
            continue;
        for (uint32_t k = 0; k < app->classes[cls].nprops; k++)
            if (str_is(facts_str(f, facts_node(f, flag)->s), syms_cstr(app->syms, app->classes[cls].props[k].name)))
                return true;
    }
    return false;
}

static bool behind_switch(const struct app *app, const struct flow *flow)
{
    bool looping = false;
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        if (looping && flow->steps[i].role == STEP_CALL && in_flagged_closure(app, flow->steps[i].at))
            return true;
        looping = looping || flow->steps[i].role == STEP_LOOP;
    }
    return in_flagged_closure(app, flow->read) || guards_of(app, flow->read, last_part(flow->subject)).optional;
}

/* if (isset($this->rooms_count)) return $this->rooms_count; before the read */
static bool behind_early_return(const struct app *app, const struct flow *flow)
{
    static const char *const asks[] = { "relationLoaded", "array_key_exists", "hasAttribute", "offsetExists", "isset" };
    const struct facts *f = facts_of(app, flow->read);
    uint32_t around = f ? function_around(f, flow->read.node) : 0;
    for (uint32_t i = around; around && i < flow->read.node; i++) {
        const struct node *n = facts_node(f, i);
        uint32_t cond = n->kind == S_IF ? node_first(f, i) : 0, then = cond ? node_next(f, i, cond) : 0;
        if (!then || n->skip > flow->read.node)
            continue;
        bool asked = calls_any(f, cond, asks, sizeof asks / sizeof *asks), returns = false;
        for (uint32_t k = cond; k < facts_node(f, cond)->skip; k++)
            asked |= facts_node(f, k)->kind == E_ISSET && has_attribute(f, k);
        for (uint32_t k = then; k < facts_node(f, then)->skip; k++)
            returns |= facts_node(f, k)->kind == S_RETURN;
        if (asked && returns)
            return true;
    }
    return false;
}

/* An attribute wins over a relation of the same name. */
static bool is_column(const struct app *app, const struct flow *flow)
{
    struct str name = last_part(flow->subject);
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        uint32_t cls = flow->steps[i].role == STEP_RELATION ? class_of(app, flow->steps[i].at) : NO_CLASS;
        const struct model *m = cls == NO_CLASS ? NULL : class_model(app, cls);
        const struct table *t = m ? model_table(app, m) : NULL;
        for (uint16_t c = 0; t && c < t->ncolumns; c++)
            if (str_is(name, t->columns[c].name))
                return true;
    }
    return false;
}

/* Closures of tables and forms that run when somebody clicks, not once a row. */
static bool runs_on_demand(const struct app *app, const struct flow *flow)
{
    static const char *const clicks[] = { "action", "modalContent", "modalHeading", "modalDescription", "modalContentFooter",
                                          "form", "schema", "fillForm", "steps", "infolist", "before", "after", "using",
                                          "mountUsing", "mutateFormDataUsing", "mutateRecordDataUsing", "default",
                                          "successNotification", "modalSubmitAction", "modalWidth", "afterStateUpdated" };
    const struct facts *f = facts_of(app, flow->loop);
    return f && facts_node(f, flow->loop.node)->kind == E_MCALL && ONE_OF(call_name(f, flow->loop.node), clicks);
}

/* A name that is no view's, although a view is called so: route('rooms.show', …). */
static bool names_no_view(const struct app *app, struct ref r)
{
    static const char *const others[] = { "route", "to_route", "url", "action", "config", "trans", "__", "redirect", "asset",
                                          "signedRoute", "can", "cannot", "authorize", "session", "old" };
    const struct facts *f = facts_of(app, r);
    return f && is_call(facts_node(f, r.node)) && ONE_OF(call_name(f, r.node), others);
}

/* --- batches --- */

static bool chain_calls(const struct app *app, const struct flow *flow, const char *const *list, size_t n)
{
    struct ref r = flow->chain.file != REF_NONE ? flow->chain : flow->read;
    const struct facts *f = facts_of(app, r);
    return f && calls_any(f, r.node, list, n);
}

static bool asks_in_batch(const struct app *app, const struct flow *flow)
{
    static const char *const lists[] = { "whereIn", "whereIntegerInRaw", "findMany", "whereKey", "whereBetween", "forPage" };
    return chain_calls(app, flow, lists, sizeof lists / sizeof *lists);
}

bool stands_in_migration(const struct app *app, struct ref r)
{
    return r.file != REF_NONE && (app->files[r.file].context == CTX_MIGRATION || app->files[r.file].context == CTX_SEEDER);
}

bool runs_once(const struct app *app, const struct flow *flow)
{
    return stands_in_migration(app, flow->at) || stands_in_migration(app, flow->loop);
}

/* Each turn locks its rows, stores a batch, makes models of what it has or goes through a table: no statement before the loop can do that. */
static bool writes_or_locks(const struct app *app, const struct flow *flow)
{
    static const char *const own[] = { "hydrate", "lockForUpdate", "sharedLock", "lock", "insert", "upsert", "chunk", "chunkById" };
    return chain_calls(app, flow, own, sizeof own / sizeof *own);
}

bool is_guarded(const struct app *app, const struct flow *flow)
{
    if (flow->kind == FLOW_QUERY && writes_or_locks(app, flow))
        return true;
    for (uint16_t i = 0; i < flow->nsteps; i++)
        if (flow->steps[i].role == STEP_VIEW && names_no_view(app, flow->steps[i].at))
            return true;
    if (is_ruled_out(app, flow) || is_there_already(app, flow) || runs_on_demand(app, flow) || (flow->kind == FLOW_LAZY && app->eager_loads_automatically))
        return true;
    return flow->kind == FLOW_LAZY && (guards_of(app, flow->read, last_part(flow->subject)).loaded || is_column(app, flow));
}

/* --- short loops --- */

static bool is_constant(const struct facts *f, uint32_t node)
{
    for (uint32_t i = node; i < facts_node(f, node)->skip; i++)
        switch ((enum node_kind)facts_node(f, i)->kind) {
        case E_ARRAY: case E_ITEM: case E_STR: case E_INT: case E_FLOAT: case E_CONST: case E_CCONST: case E_NAME:
        case E_UN: case N_NULL:
            break;
        default:
            return false;
        }
    return true;
}

static bool is_short_list(const struct facts *f, uint32_t node, unsigned depth)
{
    static const char *const few[] = { "cases", "wrap", "config", "explode" };
    if (!node || depth > 3)
        return false;
    const struct node *n = facts_node(f, node);
    if (n->kind == E_ARRAY || n->kind == E_CCONST)
        return n->kind == E_CCONST || (is_constant(f, node) && node_first(f, node));
    if (n->kind == E_VAR)
        return is_short_list(f, only_value(f, node), depth + 1);
    if (!is_call(n))
        return false;
    uint32_t arg = node_find(f, node, E_ARG);
    return ONE_OF(call_name(f, node), few) ||
           (str_is(call_name(f, node), "collect") && arg && is_short_list(f, node_first(f, arg), depth + 1));
}

/* A transformer given one model: Fractal\Resource\Item. */
static bool is_one_item(const struct facts *f, uint32_t loop)
{
    uint32_t name = facts_node(f, loop)->kind == E_NEW ? node_first(f, loop) : 0;
    return name && facts_node(f, name)->kind == E_NAME && str_ends(facts_str(f, facts_node(f, name)->s), "Resource\\Item");
}

static bool loop_is_short(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->loop);
    if (!f)
        return false;
    uint8_t k = facts_node(f, flow->loop.node)->kind;
    if (is_one_item(f, flow->loop.node))
        return true;
    return (k == S_FOREACH || k == E_MCALL) && is_short_list(f, node_first(f, flow->loop.node), 0);
}

static bool loop_ends_early(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->loop);
    if (!f)
        return false;
    const struct node *loop = facts_node(f, flow->loop.node);
    if (loop->kind == S_WHILE || loop->kind == S_DO || loop->kind == S_FOR)
        return true;
    for (uint32_t i = flow->loop.node + 1; loop->kind == S_FOREACH && i < loop->skip; i++) {
        uint8_t k = facts_node(f, i)->kind;
        if (k == E_CLOSURE || k == E_ARROW || k == S_SWITCH)
            i = facts_node(f, i)->skip - 1; /* their returns and breaks are their own */
        else if (k == S_RETURN || k == S_BREAK)
            return true;
    }
    return false;
}

/* Each turn asks for its row anew, or writes: what was loaded before the loop would be old by then. */
static bool loop_reads_anew(const struct app *app, const struct flow *flow)
{
    static const char *const anew[] = { "refresh", "fresh" };
    const struct facts *f = facts_of(app, flow->loop);
    return f && calls_any(f, flow->loop.node, anew, sizeof anew / sizeof *anew);
}

static bool writes_within(const struct facts *f, uint32_t from)
{
    static const char *const starts[] = { "save", "update", "delete", "destroy", "forceDelete", "create", "insert", "store",
                                          "upsert", "attach", "detach", "sync", "firstOrCreate", "clone", "restore", "import", "append" };
    for (uint32_t i = from + 1; i < facts_node(f, from)->skip; i++) {
        const struct node *n = facts_node(f, i);
        struct str name = n->kind == E_MCALL || n->kind == E_SCALL ? facts_str(f, n->s) : (struct str){ "", 0 };
        for (size_t k = 0; name.n && k < sizeof starts / sizeof *starts; k++)
            if (str_starts(name, starts[k]) && !str_is(name, "createFromFormat"))
                return true;
    }
    return false;
}

/* Does the method of the place, which the loop calls, write? */
static bool method_writes(const struct app *app, const struct flow *flow, struct ref place)
{
    const struct facts *f = facts_of(app, place);
    uint32_t around = f && f->lang != LANG_BLADE ? function_around(f, place.node) : 0;
    bool called = around && (place.file != flow->loop.file || around > flow->loop.node ||
                             facts_node(f, around)->skip <= flow->loop.node);
    return called && writes_within(f, around);
}

/* In the loop, or in a method that it calls on the way: the next turn has to see what this one wrote. */
static bool loop_writes(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->loop);
    if (!f || writes_within(f, flow->loop.node) || method_writes(app, flow, flow->read))
        return f;
    bool looping = false;
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        if (looping && flow->steps[i].role == STEP_CALL && method_writes(app, flow, flow->steps[i].at))
            return true;
        looping = looping || flow->steps[i].role == STEP_LOOP;
    }
    return false;
}

/* sleep() between the calls: the other side wants them apart. */
static bool paces_itself(const struct app *app, const struct flow *flow)
{
    static const char *const pauses[] = { "sleep", "usleep", "time_nanosleep", "throttle", "attempt", "availableIn" };
    const struct facts *f = facts_of(app, flow->loop);
    return f && calls_any(f, flow->loop.node, pauses, sizeof pauses / sizeof *pauses);
}

static bool loops_in_console(const struct app *app, const struct flow *f)
{
    uint32_t cls = f->loop.file == REF_NONE ? NO_CLASS : class_of(app, f->loop);
    return cls != NO_CLASS && (app->classes[cls].is & (IS_COMMAND | IS_SEEDER));
}

static unsigned calls_inside(const struct flow *f)
{
    unsigned n = 0;
    bool looping = false;
    for (uint16_t i = 0; i < f->nsteps; i++) {
        looping = looping || f->steps[i].role == STEP_LOOP;
        n += looping && f->steps[i].role == STEP_CALL;
    }
    return n;
}

/* --- rows that are wanted for something else --- */

static const char *const numbers[] = { "count", "isEmpty", "isNotEmpty", "sum", "avg", "average", "max", "min" };

static bool is_model_class(const struct app *app, struct ref r)
{
    for (uint32_t c = 0; c < app->nclasses; c++) {
        const struct class *k = &app->classes[c];
        if (k->at.file == r.file && (k->is & IS_MODEL))
            return true;
    }
    return false;
}

/* Is the model itself given on: to a partial, a function, a list? Whoever gets it may read the relation. */
static bool is_passed_on(const struct facts *f, uint32_t var)
{
    uint32_t s = facts_node(f, var)->s;
    for (uint32_t i = 1; facts_node(f, var)->kind == E_VAR && i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i), *outer = facts_node(f, i - 1);
        if (n->kind != E_VAR || n->s != s)
            continue;
        struct path p;
        path_to(f, i, &p);
        const struct node *parent = p.n ? facts_node(f, p.nodes[p.n - 1]) : outer;
        bool is_base = parent == outer && (outer->kind == E_PROP || outer->kind == E_MCALL);
        bool harmless = parent->kind == E_ARG && p.n > 1 && facts_node(f, p.nodes[p.n - 2])->kind == E_BLADE &&
                        facts_node(f, p.nodes[p.n - 2])->op == B_DIRECTIVE; /* @can('update', $room) */
        if (!is_base && !harmless)
            return true;
    }
    return false;
}

/* Does anything in the file want the relation itself: a loop, an argument, an eager load, another method? */
static bool relation_wanted(const struct facts *f, uint32_t read)
{
    uint32_t name = facts_node(f, node_first(f, read))->s;
    struct str text = facts_str(f, name);
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind == E_STR && str_eq(facts_str(f, n->s), text))
            return true;
        if (n->kind != E_PROP || n->s != name)
            continue;
        const struct node *outer = facts_node(f, i - 1); /* the first child stands right after its parent */
        bool counted = outer->kind == E_MCALL && outer->skip > i && ONE_OF(facts_str(f, outer->s), numbers);
        if (!counted)
            return true;
    }
    return false;
}

/* A closure may say what no statement can: policies, other models, PHP's own functions. */
static bool takes_closure(const struct facts *f, uint32_t call)
{
    for (uint32_t a = node_first(f, call); a; a = node_next(f, call, a)) {
        uint32_t value = facts_node(f, a)->kind == E_ARG ? node_first(f, a) : 0;
        if (value && (facts_node(f, value)->kind == E_CLOSURE || facts_node(f, value)->kind == E_ARROW))
            return true;
    }
    return false;
}

/* One list, looked up again and again in a loop: what one should do. */
static bool is_looked_up(const struct facts *f, const struct flow *flow)
{
    struct path p;
    path_to(f, flow->read.node, &p);
    for (unsigned i = 0; i < p.n; i++) {
        const struct node *n = facts_node(f, p.nodes[i]);
        bool loop = n->kind == S_FOREACH || n->kind == S_FOR || n->kind == S_WHILE || n->kind == E_CLOSURE || n->kind == E_ARROW;
        bool holds_query = flow->chain.file == flow->read.file && flow->chain.node > p.nodes[i] && flow->chain.node < n->skip;
        if (loop && !holds_query)
            return true;
    }
    return false;
}

bool rows_are_wanted(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->read);
    uint32_t base = f ? node_first(f, flow->read.node) : 0;
    if (!base || facts_node(f, base)->kind != E_PROP) {
        bool by_closure = base && facts_node(f, base)->kind == E_MCALL && takes_closure(f, base);
        while (base && facts_node(f, base)->kind == E_MCALL)
            base = node_first(f, base);
        return by_closure || (base && facts_node(f, base)->kind == E_VAR && is_looked_up(f, flow));
    }
    return !ONE_OF(str_c(flow->subject), numbers) || relation_wanted(f, flow->read.node);
}

static bool is_terminal(struct str name)
{
    static const char *const terminals[] = { "get", "all", "cursor", "find", "findMany", "getModels", "getEager" };
    return ONE_OF(name, terminals);
}

/* get(['id']), select('id')->get(): little is built already. The builder may be in a variable. */
static bool picks_columns(const struct facts *f, uint32_t chain)
{
    static const char *const selects[] = { "select", "addSelect", "selectRaw" };
    uint32_t root = chain;
    while (node_first(f, root) && facts_node(f, root)->kind == E_MCALL)
        root = node_first(f, root);
    uint32_t where = facts_node(f, root)->kind == E_VAR ? function_around(f, chain) : chain;
    return node_find(f, chain, E_ARG) || calls_any(f, where, selects, sizeof selects / sizeof *selects);
}

static bool rows_wanted(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->read);
    uint32_t base = f ? node_first(f, flow->read.node) : 0;
    if (!base)
        return false;
    const struct node *n = facts_node(f, base);
    bool other_function = flow->chain.file != REF_NONE &&
                          (flow->chain.file != flow->read.file ||
                           function_around(f, flow->chain.node) != function_around(f, flow->read.node));
    if (n->kind == E_PROP)
        return !ONE_OF(str_c(flow->subject), numbers) || is_model_class(app, flow->read) ||
               is_passed_on(f, node_first(f, base));
    if (takes_closure(f, flow->read.node))
        return true;
    if (other_function)
        return true; /* whoever wrote that method gives rows to others too */
    if (n->kind == E_VAR)
        base = only_value(f, base);
    if (!base || !is_call(facts_node(f, base)))
        return true; /* of several values, or from elsewhere */
    return !is_terminal(call_name(f, base)) || (flow->kind == FLOW_HYDRATE_AGG && picks_columns(f, base));
}

enum { CALLS_MOST = 3 };

/* $this->model->find($id) in a class that others extend: what has to change are its callers. */
static bool is_of_a_base_class(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->at);
    uint32_t cls = f ? class_of(app, flow->at) : NO_CLASS, root = f ? flow->at.node : 0;
    while (root && is_call(facts_node(f, root)) && node_first(f, root))
        root = node_first(f, root);
    if (cls == NO_CLASS || facts_node(f, root)->kind != E_PROP)
        return false;
    bool base = facts_node(f, app->classes[cls].at.node)->flags & F_ABSTRACT || app->classes[cls].kind == CLASS_TRAIT;
    for (uint32_t c = 0; c < app->nclasses && !base; c++)
        base = app->classes[c].parent == cls;
    return base;
}

/* if (! isset($known[$key])) $known[$key] = Room::find($key): once for each key that differs. */
static bool remembers_by_key(const struct app *app, const struct flow *flow)
{
    static const char *const asks[] = { "array_key_exists", "in_array", "has", "contains", "exists" };
    struct path p;
    const struct facts *f = path_at(app, flow->read, &p);
    if (!f)
        return false;
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t at = p.nodes[i], cond = node_first(f, at), then = cond ? node_next(f, at, cond) : 0;
        if (facts_node(f, at)->kind != S_IF || flow->read.node < then || flow->read.node >= facts_node(f, then)->skip)
            continue;
        bool asked = calls_any(f, cond, asks, sizeof asks / sizeof *asks), kept = false;
        for (uint32_t k = cond; k < facts_node(f, cond)->skip; k++)
            asked |= facts_node(f, k)->kind == E_ISSET || facts_node(f, k)->kind == E_EMPTY;
        for (uint32_t k = then; k < facts_node(f, then)->skip; k++)
            kept |= facts_node(f, k)->kind == E_ASSIGN && facts_node(f, node_first(f, k))->kind == E_INDEX;
        if (asked && kept)
            return true;
    }
    return false;
}

static bool is_doubtful_query(const struct app *app, const struct flow *f)
{
    bool on_a_page = f->context & (FLOW_WEB_GET | FLOW_LIVEWIRE_CTX);
    return !on_a_page || loop_ends_early(app, f) || calls_inside(f) > CALLS_MOST || asks_in_batch(app, f) || loop_writes(app, f) ||
           is_of_a_base_class(app, f) || remembers_by_key(app, f);
}

/* What a builder of the application's own adds (eager loads too) is not always seen. */
static bool has_own_builder(const struct app *app, const struct flow *f)
{
    const struct model *m = f->model == NO_CLASS ? NULL : class_model(app, f->model);
    return m && m->custom_builder;
}

enum { DEEP_PATH = 3 };

static bool is_deep(const char *path)
{
    return dots_in(path) >= DEEP_PATH;
}

static bool compares_kind(const struct facts *f, uint32_t cond)
{
    const struct node *n = facts_node(f, cond);
    uint32_t l = node_first(f, cond), r = l ? node_next(f, cond, l) : 0;
    if (n->kind == E_BIN && n->op == OP_AND)
        return compares_kind(f, l) || compares_kind(f, r);
    if (n->kind != E_BIN || (n->op != OP_IDENT && n->op != OP_EQ))
        return false;
    uint8_t a = facts_node(f, l)->kind, b = facts_node(f, r)->kind;
    return (a == E_PROP && (b == E_STR || b == E_CCONST)) || (b == E_PROP && (a == E_STR || a == E_CCONST));
}

/* if ($room->kind === 'hall'), case Kind::Hall: for the rows of one kind, and nobody knows how many they are. */
static bool is_of_one_kind(const struct app *app, struct ref loop, struct ref place)
{
    struct path p;
    const struct facts *f = path_at(app, place, &p);
    if (!f)
        return false;
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t at = p.nodes[i], first = node_first(f, at);
        const struct node *n = facts_node(f, at);
        if (!first || (loop.file == place.file && at <= loop.node))
            continue;
        if (i && (n->kind == S_CASE || n->kind == E_ARM) && facts_node(f, node_first(f, p.nodes[i - 1]))->kind == E_PROP) {
            uint8_t k = facts_node(f, first)->kind;
            if (place.node >= facts_node(f, first)->skip && (k == E_STR || k == E_CCONST))
                return true;
        }
        bool branches = n->kind == S_IF || n->kind == E_TERNARY, links = n->kind == E_BIN && n->op == OP_AND;
        bool after = (branches || links) && place.node >= facts_node(f, first)->skip;
        if (after && (links || place.node < facts_node(f, node_next(f, at, first))->skip) && compares_kind(f, first))
            return true;
    }
    return false;
}

static bool for_some_rows(const struct app *app, const struct flow *flow)
{
    bool looping = false;
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        if (looping && flow->steps[i].role == STEP_CALL && is_of_one_kind(app, flow->loop, flow->steps[i].at))
            return true;
        looping = looping || flow->steps[i].role == STEP_LOOP;
    }
    return is_of_one_kind(app, flow->loop, flow->read);
}

/* $room = Room::find($id), which somebody asks for again and again: each with() there would load for one. */
static bool comes_alone(const struct app *app, const struct flow *flow)
{
    static const char *const ones[] = { "first", "firstOrFail", "find", "findOrFail", "sole", "firstWhere", "firstOr" };
    const struct facts *f = facts_of(app, flow->chain);
    uint32_t arg = f && is_call(facts_node(f, flow->chain.node)) ? node_find(f, flow->chain.node, E_ARG) : 0;
    bool list = arg && facts_node(f, node_first(f, arg))->kind == E_ARRAY;
    return f && is_call(facts_node(f, flow->chain.node)) && ONE_OF(call_name(f, flow->chain.node), ones) && !list &&
           strchr(flow->subject, '.') == NULL;
}

/* affiliate.orders.affiliate: back where it came from. children.children is a tree, and goes on. */
static bool is_circular(const char *path)
{
    struct str rest = str_c(path), part, other;
    while (str_next(&rest, '.', &part)) {
        struct str later = rest;
        for (unsigned apart = 0; later.n && str_next(&later, '.', &other); apart++)
            if (apart && str_eq(part, other))
                return true;
    }
    return false;
}

static bool is_doubtful_read(const struct app *app, const struct flow *f)
{
    return in_memo(app, f) || is_contradictory(app, f) || behind_default(app, f) || behind_switch(app, f) || behind_early_return(app, f) ||
           loop_reads_anew(app, f) || loop_is_short(app, f) || loops_in_console(app, f) ||
           is_deep(f->subject) || is_circular(f->subject) || for_some_rows(app, f);
}

bool is_doubtful(const struct app *app, const struct flow *f)
{
    bool on_the_web = f->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
    switch ((enum flow_kind)f->kind) {
    case FLOW_LAZY:
        return is_doubtful_read(app, f) || comes_alone(app, f) || has_own_builder(app, f) || f->origin_in_loop; /* with() would run as often as the load does */
    case FLOW_ACCESSOR_QUERY:
        return is_doubtful_read(app, f);
    case FLOW_AGGREGATE:
        return is_doubtful_read(app, f) || f->origin_in_loop || loop_writes(app, f);
    case FLOW_QUERY:
    case FLOW_RELATION_QUERY:
        return is_doubtful_read(app, f) || is_doubtful_query(app, f);
    case FLOW_WRITE:
        return !writes_same_values(app, f);
    case FLOW_HYDRATE_AGG:
    case FLOW_FILTER_PHP:
        return in_memo(app, f) || rows_wanted(app, f);
    case FLOW_CACHE_READ:
        return !on_the_web || loop_is_short(app, f) || loops_in_console(app, f) || calls_inside(f) > CALLS_MOST;
    case FLOW_HTTP: /* three hosts that answer slowly are enough: a short loop is no doubt */
    case FLOW_AI:
        return f->in_loop && (loop_ends_early(app, f) || calls_inside(f) >= CALLS_MOST || paces_itself(app, f) ||
                              !(on_the_web || (f->context & FLOW_JOB_CTX)));
    default:
        return false;
    }
}
