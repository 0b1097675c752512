/* Model::find($key) in a loop: all of them before it, then a look-up by key. Cache::get($key) likewise by many(). */
#include "fix/fixers.h"

#include <stdio.h>

static const char *keys_of(struct patch *p, struct ref loop, struct ref arg)
{
    struct ref subject = first_child(p, loop), key = next_child(p, loop, subject), row = next_child(p, loop, key);
    const char *rows = node_cstr(p, subject);
    if (!is_kind(p, subject, E_VAR))
        patch_refuse(p, "what the loop goes through is not a variable");
    if (!is_kind(p, row, E_VAR))
        patch_refuse(p, "the loop takes its rows apart");
    if (p->refused)
        return "";
    if (is_kind(p, arg, E_VAR) && str_eq(node_name(p, arg), node_name(p, row)))
        return arena_printf(p->arena, "collect(%s)->unique()", rows);
    bool column = is_kind(p, arg, E_PROP) && is_kind(p, first_child(p, arg), E_VAR) &&
                  str_eq(node_name(p, first_child(p, arg)), node_name(p, row)) && node_name(p, arg).n;
    if (!column) {
        patch_refuse(p, "the key is not the row itself or a plain property of it");
        return "";
    }
    return arena_printf(p->arena, "collect(%s)->pluck('%.*s')->filter()->unique()", rows, STR_ARG(node_name(p, arg)));
}

static bool writes_model(const struct fix_in *in)
{
    for (uint32_t i = 0; i < in->flows->n; i++) {
        const struct flow *w = &in->flows->items[i];
        if (w->kind == FLOW_WRITE && w->loop.file == in->flow->loop.file && w->loop.node == in->flow->loop.node)
            return true;
    }
    return false;
}

static bool uses_variable(const struct patch *p, struct ref r, void *ctx)
{
    return is_kind(p, r, E_VAR) && str_is(node_name(p, r), ctx);
}

/* A name for the map that the function does not use yet. */
static const char *free_name(struct patch *p, struct ref loop, const char *wish)
{
    const struct facts *f = p->app->files[loop.file].facts;
    struct ref all = { loop.file, 0 };
    char name[80];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, i ? "%s%u" : "%s", wish, i + 1);
        if (!any_below(p, all, uses_variable, name))
            return arena_strdup(p->arena, name);
    }
    (void)f;
    return wish;
}

static bool is_blade(const struct app *app, uint32_t file)
{
    return app->files[file].facts->lang == LANG_BLADE;
}

enum fix_answer fix_lookup(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    if (!f || !is_kind(&p, f->loop, S_FOREACH) || !is_kind(&p, f->read, E_SCALL) || f->loop.file != f->read.file) {
        patch_refuse(&p, "only a find() written in the loop itself is rewritten");
        return patch_done(&p, NULL, ret);
    }
    struct ref cls = first_child(&p, f->read), arg = nth_arg(&p, f->read, 0);
    uint32_t model_class = is_kind(&p, cls, E_NAME) ? app_class_named(in->app, node_name(&p, cls)) : NO_CLASS;
    const struct model *m = model_class == NO_CLASS ? NULL : class_model(in->app, model_class);
    if (!m || !str_ieq(node_name(&p, f->read), STR("find")) || arg_count(&p, f->read) != 1)
        patch_refuse(&p, "it is not a plain Model::find($key)");
    if (writes_model(in))
        patch_refuse(&p, "the loop writes, so a row read before it may be stale");
    if (is_blade(in->app, f->loop.file))
        patch_refuse(&p, "the loop is in a template: move the query into the code that renders it");
    const char *keys = p.refused ? "" : keys_of(&p, f->loop, arg);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *short_name = syms_cstr(in->app->syms, in->app->classes[model_class].short_name);
    const char *wish = arena_printf(arena, "%c%ssByKey", short_name[0] | 0x20, short_name + 1);
    const char *map = free_name(&p, f->loop, wish);
    const char *key = syms_cstr(in->app->syms, m->key_name);
    const char *line = arena_printf(arena, "$%s = %s::query()->whereKey(%s)->get()->keyBy('%s');\n%s", map, node_cstr(&p, cls), keys,
                                    *key ? key : "id", indent_of(&p, f->loop.file, at_node(&p, f->loop)->off));
    patch_insert(&p, f->loop.file, at_node(&p, f->loop)->off, line);
    patch_replace(&p, f->read.file, at_node(&p, f->read)->off, at_node(&p, f->read)->end,
                  arena_printf(arena, "$%s->get(%s)", map, node_cstr(&p, arg)));
    return patch_done(&p, arena_printf(arena, "Read all %s before the loop", short_name), ret);
}

enum fix_answer fix_cache_many(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    if (!f || !is_kind(&p, f->loop, S_FOREACH) || !is_kind(&p, f->read, E_SCALL) || f->loop.file != f->read.file) {
        patch_refuse(&p, "only a Cache::get() written in the loop itself is rewritten");
        return patch_done(&p, NULL, ret);
    }
    struct ref subject = first_child(&p, f->loop), loop_key = next_child(&p, f->loop, subject);
    struct ref row = next_child(&p, f->loop, loop_key), arg = nth_arg(&p, f->read, 0);
    if (!str_ieq(node_name(&p, f->read), STR("get")) || arg_count(&p, f->read) != 1)
        patch_refuse(&p, "it is not a plain Cache::get($key)");
    if (!is_kind(&p, row, E_VAR) || !is_kind(&p, subject, E_VAR))
        patch_refuse(&p, "the loop's list and row are not plain variables");
    if (writes_model(in) || is_blade(in->app, f->loop.file))
        patch_refuse(&p, "the loop writes, or stands in a template");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *rows = node_cstr(&p, subject), *one = node_cstr(&p, row), *key = node_cstr(&p, arg);
    const char *map = free_name(&p, f->loop, "cached");
    const char *line = arena_printf(arena, "$%s = %s::many(collect(%s)->map(fn (%s) => %s)->unique()->values()->all());\n%s", map,
                                    node_cstr(&p, first_child(&p, f->read)), rows, one, key,
                                    indent_of(&p, f->loop.file, at_node(&p, f->loop)->off));
    patch_insert(&p, f->loop.file, at_node(&p, f->loop)->off, line);
    patch_replace(&p, f->read.file, at_node(&p, f->read)->off, at_node(&p, f->read)->end,
                  arena_printf(arena, "($%s[%s] ?? null)", map, key));
    return patch_done(&p, "Ask the cache once, for all keys", ret);
}
