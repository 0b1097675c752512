/* foreach ($rows as $row) { $row->update([constants]); } -> one statement, where nothing listens to the models. */
#include "fix/fixers.h"

static const char *listener_of(const struct app *app, const struct model *m)
{
    if (m->has_events)
        return "the model has observers or events, which one statement would not run";
    if (m->searchable)
        return "the model is searchable: Scout follows its events";
    if (m->ntouches)
        return "the model touches its parents";
    return NULL;
    (void)app;
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
        else if (has_mutator(p->app, m, node_name(p, key)))
            patch_refuse(p, "%.*s has a mutator or a cast", STR_ARG(node_name(p, key)));
    }
}

enum fix_answer fix_update(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    const struct model *m = f && f->model != NO_CLASS ? class_model(in->app, f->model) : NULL;
    if (!m || !is_kind(&p, f->loop, S_FOREACH)) {
        patch_refuse(&p, "the loop or its model was not found");
        return patch_done(&p, NULL, ret);
    }
    struct ref subject = first_child(&p, f->loop), key = next_child(&p, f->loop, subject);
    struct ref row = next_child(&p, f->loop, key), body = next_child(&p, f->loop, row);
    struct ref statement = first_child(&p, body), call = first_child(&p, statement);
    bool alone = is_ref(statement) && !is_ref(next_child(&p, body, statement)) && is_kind(&p, statement, S_EXPR);
    bool update = alone && is_kind(&p, call, E_MCALL) && str_ieq(node_name(&p, call), STR("update")) && arg_count(&p, call) == 1;
    if (!update || !is_kind(&p, row, E_VAR) || !is_kind(&p, key, N_NULL))
        patch_refuse(&p, "the loop does more than update each row");
    else if (!is_kind(&p, first_child(&p, call), E_VAR) || !str_eq(node_name(&p, first_child(&p, call)), node_name(&p, row)))
        patch_refuse(&p, "the loop updates something else than its row");
    if (!p.refused && !is_kind(&p, subject, E_VAR))
        patch_refuse(&p, "the rows are not in a variable");
    const char *reason = listener_of(in->app, m);
    if (reason)
        patch_refuse(&p, "%s", reason);
    if (!p.refused)
        check_values(&p, m, nth_arg(&p, call, 0));
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *rows = node_cstr(&p, subject);
    const char *model = syms_cstr(in->app->syms, in->app->classes[m->class_].name);
    const char *text = arena_printf(arena, "\\%s::query()->whereKey(%s->modelKeys())->update(%s);", model, rows,
                                    node_cstr(&p, nth_arg(&p, call, 0)));
    patch_replace(&p, f->loop.file, at_node(&p, f->loop)->off, at_node(&p, f->loop)->end, text);
    return patch_done(&p, "Write the rows in one statement", ret);
}
