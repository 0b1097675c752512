/* foreach ($rows as $row) { $row->update([constants]); } -> one statement, where nothing listens to the models. */
#include "fix/fixers.h"
#include "fix/hazard.h"

static const char *listener_of(const struct model *m)
{
    if (m->has_events)
        return "the model has observers or events, which one statement would not run";
    if (m->searchable)
        return "the model is searchable: Scout follows its events";
    if (m->ntouches)
        return "the model touches its parents";
    return NULL;
}

static bool has_mutator(const struct app *app, const struct model *m, struct str attribute)
{
    sym name = syms_find(app->syms, attribute);
    if (name && model_accessor(app, m, name))
        return true;
    for (uint16_t i = 0; i < m->ncasts; i++)
        if (m->casts[i].attribute == name)
            return true;
    return false;
}

/* Model::unguard() somewhere in the application: everything may be filled. */
static bool is_unguarded(const struct app *app)
{
    for (uint32_t f = 0; f < app->nfiles; f++)
        for (uint32_t i = 1; app->files[f].context == CTX_APP && i < app->files[f].facts->nnodes; i++) {
            const struct node *n = facts_node(app->files[f].facts, i);
            if (n->kind == E_SCALL && str_ieq(facts_str(app->files[f].facts, n->s), STR("unguard")))
                return true;
        }
    return false;
}

/* update() of a model leaves out what may not be filled, or throws; a statement would write it. */
static bool is_fillable(const struct patch *p, const struct model *m, struct str attribute)
{
    const struct app *app = p->app;
    const struct prop *guarded = class_prop(app, m->class_, syms_find(app->syms, STR("guarded")));
    struct ref list = { REF_NONE, 0 };
    for (uint16_t i = 0; i < m->nfillable; i++)
        if (str_is(attribute, syms_cstr(app->syms, m->fillable[i])))
            return true;
    if (m->nfillable)
        return false;
    for (struct ref c = guarded ? first_child(p, guarded->at) : list; is_ref(c); c = next_child(p, guarded->at, c))
        list = is_kind(p, c, E_ARRAY) ? c : list;
    if (!is_ref(list))
        return is_unguarded(app);
    for (struct ref item = first_child(p, list); is_ref(item); item = next_child(p, list, item))
        if (str_is(node_name(p, first_child(p, item)), "*") || str_eq(node_name(p, first_child(p, item)), attribute))
            return false;
    return true;
}

static void check_values(struct patch *p, const struct model *m, struct ref list)
{
    if (!is_kind(p, list, E_ARRAY)) {
        patch_refuse(p, "what is written is not a list of constants");
        return;
    }
    for (struct ref item = first_child(p, list); is_ref(item); item = next_child(p, list, item)) {
        struct ref key = first_child(p, item);
        struct ref value = is_ref(key) ? next_child(p, item, key) : key;
        if (!is_kind(p, key, E_STR) || !is_literal(p, value))
            patch_refuse(p, "the values differ from row to row, or are not constants");
        else if (!is_fillable(p, m, node_name(p, key)))
            patch_refuse(p, "%.*s may not be filled, so update() leaves it out", STR_ARG(node_name(p, key)));
        else if (has_mutator(p->app, m, node_name(p, key)))
            patch_refuse(p, "%.*s has a mutator or a cast", STR_ARG(node_name(p, key)));
    }
}

/* A model that has the value already is not written, and keeps its updated_at: the statement must leave it out too. */
static const char *differs(struct patch *p, const struct model *m, struct ref list)
{
    struct ref item = first_child(p, list), key = first_child(p, item), value = next_child(p, item, key);
    const struct table *t = model_table(p->app, m);
    const struct column *c = t ? table_column(t, node_text_name(p, key)) : NULL;
    bool truth = is_kind(p, value, E_CONST) && !str_ieq(node_name(p, value), STR("null"));
    if (!m->timestamps)
        return "";
    if (truth && p->app->dialect != DIALECT_PGSQL && !is_ref(next_child(p, list, item)))
        return ""; /* without a cast the row holds 1, which is not true: such a model writes every row */
    if (!c || is_ref(next_child(p, list, item)) || str_ieq(node_name(p, value), STR("null"))) {
        patch_refuse(p, "rows that have the values already keep their updated_at, which one statement would change");
        return "";
    }
    const char *k = node_cstr(p, key), *v = node_cstr(p, value);
    return c->nullable
               ? arena_printf(p->arena, "->where(fn ($query) => $query->where(%s, '!=', %s)->orWhereNull(%s))", k, v, k)
               : arena_printf(p->arena, "->where(%s, '!=', %s)", k, v);
}

/* Used again after the loop, other than to be counted: the models would still hold the old values. */
static bool is_used_after(const struct patch *p, struct ref loop, struct ref rows)
{
    struct ref function = method_around(p, loop);
    for (uint32_t i = at_node(p, loop)->skip; i < at_node(p, function)->skip; i++) {
        struct ref r = { loop.file, i }, up;
        bool same = (is_kind(p, r, E_VAR) || is_kind(p, r, E_STR)) && str_eq(node_name(p, r), node_name(p, rows));
        if (!same)
            continue;
        up = parent_of(p, r);
        bool counted = is_kind(p, up, E_MCALL) &&
                       (str_ieq(node_name(p, up), STR("count")) || str_ieq(node_name(p, up), STR("isEmpty")) ||
                        str_ieq(node_name(p, up), STR("isNotEmpty")));
        if (!counted)
            return true;
    }
    return false;
}

/* The rows are what one query of the model gives, within its own scopes. */
static struct ref rows_query(struct patch *p, const struct model *m, struct ref subject)
{
    static const char *const beyond[] = { "withTrashed",
                                          "onlyTrashed",
                                          "withoutGlobalScope",
                                          "withoutGlobalScopes",
                                          "join",
                                          "leftJoin",
                                          "fromSub",
                                          "from",
                                          "union",
                                          "on",
                                          NULL };
    struct ref query = subject;
    if (is_kind(p, subject, E_VAR)) {
        struct ref assign = variable_origin(p, subject);
        query = is_ref(assign) ? next_child(p, assign, first_child(p, assign)) : assign;
    }
    bool get = is_ref(query) && (is_kind(p, query, E_MCALL) || is_kind(p, query, E_SCALL)) &&
               (str_ieq(node_name(p, query), STR("get")) || str_ieq(node_name(p, query), STR("all")));
    struct ref head = query;
    while (get && is_kind(p, head, E_MCALL))
        head = first_child(p, head);
    bool own = get && is_kind(p, head, E_SCALL) && is_kind(p, first_child(p, head), E_NAME) &&
               app_class_named(p->app, node_name(p, first_child(p, head))) == m->class_;
    if (!own)
        patch_refuse(p, "the query that gives the rows was not found");
    else if (chain_has(p, query, beyond))
        patch_refuse(p, "%s() stands in the query of the rows", chain_has(p, query, beyond));
    return query;
}

/* The list of values that the loop's only statement writes on its row. */
static struct ref values_of(struct patch *p, struct ref loop)
{
    struct ref subject = first_child(p, loop), key = next_child(p, loop, subject);
    struct ref row = next_child(p, loop, key), body = next_child(p, loop, row);
    struct ref statement = first_child(p, body), call = first_child(p, statement);
    bool alone = is_ref(statement) && !is_ref(next_child(p, body, statement)) && is_kind(p, statement, S_EXPR);
    bool update =
        alone && is_kind(p, call, E_MCALL) && str_ieq(node_name(p, call), STR("update")) && arg_count(p, call) == 1;
    if (!update || !is_kind(p, row, E_VAR) || !is_kind(p, key, N_NULL))
        patch_refuse(p, "the loop does more than update each row");
    else if (!is_kind(p, first_child(p, call), E_VAR) || !str_eq(node_name(p, first_child(p, call)), node_name(p, row)))
        patch_refuse(p, "the loop updates something else than its row");
    return update ? nth_arg(p, call, 0) : (struct ref){ REF_NONE, 0 };
}

enum fix_answer fix_update(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    const struct model *m = f && f->model != NO_CLASS ? class_model(in->app, f->model) : NULL;
    if (!m || !is_kind(&p, f->loop, S_FOREACH) || in->app->files[f->loop.file].facts->lang == LANG_BLADE)
        patch_refuse(&p, "the loop or its model was not found");
    else if (listener_of(m))
        patch_refuse(&p, "%s", listener_of(m));
    if (p.refused)
        return patch_done(&p, NULL, ret);
    struct ref list = values_of(&p, f->loop), subject = first_child(&p, f->loop);
    if (!p.refused)
        check_values(&p, m, list);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    struct ref query = rows_query(&p, m, subject);
    bool kept = is_kind(&p, subject, E_VAR);
    if (kept && is_used_after(&p, f->loop, subject))
        patch_refuse(&p, "the rows are used after the loop, and would hold the old values");
    const char *bound = p.refused || kept ? NULL : chain_bound(&p, query, m);
    if (bound)
        patch_refuse(&p, "%s stands in the query of the rows", bound);
    const char *only = p.refused ? "" : differs(&p, m, list);
    if (*only && !kept && chain_has_or(&p, query))
        patch_refuse(&p, "the query joins conditions by or");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *model = syms_cstr(in->app->syms, in->app->classes[m->class_].name);
    uint32_t keep =
        is_kind(&p, query, E_SCALL) ? 0 : at_node(&p, first_child(&p, query))->end - at_node(&p, query)->off;
    const char *rows =
        kept   ? arena_printf(arena, "\\%s::query()->whereKey(%s->modelKeys())", model, node_cstr(&p, subject))
        : keep ? arena_printf(arena, "%.*s", (int)keep, node_cstr(&p, query))
               : arena_printf(arena, "\\%s::query()", model);
    patch_replace(&p, f->loop.file, at_node(&p, f->loop)->off, at_node(&p, f->loop)->end,
                  arena_printf(arena, "%s%s->update(%s);", rows, only, node_cstr(&p, list)));
    return patch_done(&p, "Write the rows in one statement", ret);
}
