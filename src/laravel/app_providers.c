/* What service providers say about names: view namespaces and folders, Blade and Livewire
 * components, and the switches of Eloquent (preventLazyLoading,
 * automaticallyEagerLoadRelationships, observers). */
#include "laravel/app_build.h"

static struct str keep_arg(const struct scope *sc, uint32_t call, unsigned nth, const char *name)
{
    struct str s;
    uint32_t arg = src_arg(&sc->src, call, nth, name);
    return arg && eval_str(sc, arg, &s) ? s : STR("");
}

struct folders {
    struct build *b;
    struct str ns;
    bool components;
};

static void add_folder(struct build *b, struct str dir, struct str ns, bool components)
{
    if (components)
        PUSH(b, &b->component_roots, (struct view_root){ dir, ns });
    else
        PUSH(b, &b->view_roots, (struct view_root){ dir, ns });
}

static void each_folder(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct folders *f = ctx;
    struct str dir;
    if (eval_path(sc, value, &dir))
        add_folder(f->b, dir, f->ns, f->components);
}

/* A folder, or a list of them, and the namespace it answers to. */
static void folders_of(const struct scope *sc, uint32_t value, struct str ns, bool components)
{
    struct folders f = { sc->b, ns, components };
    struct str dir;
    if (!value)
        return;
    if (eval_path(sc, value, &dir))
        add_folder(sc->b, dir, ns, components);
    else
        eval_each(sc, value, each_folder, &f);
}

static void component_alias(const struct scope *sc, uint32_t call, bool livewire)
{
    struct build *b = sc->b;
    uint32_t first = src_arg(&sc->src, call, 0, NULL), second = src_arg(&sc->src, call, 1, NULL);
    struct str name = keep_arg(sc, call, 0, NULL);
    sym cls_name = second ? eval_class(sc, second) : 0;
    uint32_t cls = app_class(b->app, cls_name);
    if (cls == NO_CLASS &&
        first) { /* Blade::component(Alert::class, 'alert') and Livewire::component(X::class) */
        uint32_t other = app_class(b->app, eval_class(sc, first));
        if (other != NO_CLASS) {
            cls = other;
            name = second ? keep_arg(sc, call, 1, NULL)
                          : text_snake(syms_str(b->app->syms, b->app->classes[cls].short_name), '-',
                                       b->arena);
        }
    }
    struct component c = { .livewire = livewire, .class_ = cls, .file = REF_NONE };
    if (cls == NO_CLASS) { /* a view under another name */
        struct str view = keep_arg(sc, call, livewire ? 1 : 0, NULL),
                   alias = keep_arg(sc, call, livewire ? 0 : 1, NULL);
        if (!view.n || !alias.n)
            return;
        name = alias;
        c.view_name = arena_strndup(b->arena, view.p, view.n);
    }
    c.name = name.n ? arena_strndup(b->arena, name.p, name.n) : NULL;
    if (c.name)
        PUSH(b, &b->components, c);
}

/* $package->name('x')->hasViews(): resources/views of the package, under its name without
 * "laravel-". */
static void package_views(const struct scope *sc, uint32_t call)
{
    struct chain chain;
    struct str ns = keep_arg(sc, call, 0, NULL);
    if (!src_chain(&sc->src, call, &chain))
        return;
    for (unsigned i = 0; !ns.n && i < chain.n; i++) {
        if (str_is(src_str(&sc->src, chain.calls[i]), "name"))
            ns = keep_arg(sc, chain.calls[i], 0, NULL);
    }
    if (str_starts(ns, "laravel-"))
        ns = str_sub(ns, 8, ns.n - 8);
    struct str dir = text_dirname(str_c(sc->b->app->files[sc->src.file].path));
    for (unsigned up = 0; up < 4; up++, dir = text_dirname(dir)) {
        struct str views = text_concat(sc->b->arena, dir,
                                       dir.n ? STR("/resources/views") : STR("resources/views"));
        const char *absolute =
            arena_printf(sc->b->arena, "%s/" STR_FMT, sc->b->app->dir, STR_ARG(views));
        if (absolute && file_is_dir(absolute)) {
            add_folder(sc->b, views, ns, false);
            return;
        }
    }
}

static void observe_call(const struct scope *sc, uint32_t call)
{
    sym name = eval_class(sc, node_first(sc->src.f, call));
    uint32_t cls = app_class(sc->b->app, name);
    if (cls != NO_CLASS && sc->b->app->classes[cls].model < sc->b->app->nmodels)
        sc->b->app->models[sc->b->app->classes[cls].model].has_events = true;
}

static bool first_arg_is_false(const struct scope *sc, uint32_t call)
{
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    return src_is(&sc->src, arg, E_CONST, "false");
}

static void static_call(const struct scope *sc, uint32_t call, struct str on, struct str name)
{
    struct app *app = sc->b->app;
    if (str_is(name, "observe")) {
        observe_call(sc, call);
    } else if (str_is(on, "Blade")) {
        if (str_is(name, "component") || str_is(name, "aliasComponent"))
            component_alias(sc, call, false);
        else if (str_is(name, "componentNamespace"))
            PUSH(sc->b, &sc->b->class_component_roots,
                 (struct view_root){ keep_arg(sc, call, 0, NULL), keep_arg(sc, call, 1, NULL) });
        else if (str_is(name, "anonymousComponentPath"))
            folders_of(sc, src_arg(&sc->src, call, 0, "path"), keep_arg(sc, call, 1, "prefix"),
                       true);
        else if (str_is(name, "anonymousComponentNamespace")) {
            struct str dir = keep_arg(sc, call, 0, NULL);
            struct str views = text_concat(sc->b->arena, STR("resources/views/"), dir);
            add_folder(sc->b, text_path(views, sc->b->arena), keep_arg(sc, call, 1, NULL), true);
        }
    } else if (str_is(on, "Livewire") || str_is(on, "Volt")) {
        if (str_is(name, "component"))
            component_alias(sc, call, true);
        else if (str_is(name, "addNamespace") || str_is(name, "addLocation"))
            folders_of(sc, src_arg(&sc->src, call, 1, "viewPath"),
                       keep_arg(sc, call, 0, "namespace"), true);
    } else if (str_is(on, "View") && str_is(name, "addNamespace")) {
        folders_of(sc, src_arg(&sc->src, call, 1, NULL), keep_arg(sc, call, 0, NULL), false);
    } else if (str_is(on, "View") && str_is(name, "addLocation")) {
        folders_of(sc, src_arg(&sc->src, call, 0, NULL), STR(""), false);
    } else {
        app->prevents_lazy_loading |=
            (str_is(name, "preventLazyLoading") || str_is(name, "shouldBeStrict")) &&
            !first_arg_is_false(sc, call);
        app->eager_loads_automatically |=
            str_is(name, "automaticallyEagerLoadRelationships") && !first_arg_is_false(sc, call);
    }
}

/* publishes([__DIR__.'/../views' => resource_path('views/vendor/NAME')]) tells the namespace too. */
static void published_folder(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct build *b = ctx;
    struct str from, to;
    static const char marker[] = "resources/views/vendor/";
    if (!key || !eval_path(sc, key, &from) || !eval_path(sc, value, &to) || !str_starts(to, marker))
        return;
    struct str ns = str_sub(to, sizeof marker - 1, to.n);
    if (ns.n && !memchr(ns.p, '/', ns.n))
        add_folder(b, from, ns, false);
}

static void method_call(const struct scope *sc, uint32_t call, struct str name)
{
    if (str_is(name, "publishes"))
        eval_each(sc, src_arg(&sc->src, call, 0, "paths"), published_folder, sc->b);
    else if (str_ends(name, "ViewsFrom") || str_is(name, "addNamespace"))
        folders_of(sc, src_arg(&sc->src, call, str_is(name, "addNamespace") ? 1 : 0, NULL),
                   keep_arg(sc, call, str_is(name, "addNamespace") ? 0 : 1, NULL), false);
    else if (str_is(name, "hasViews"))
        package_views(sc, call);
    else if (str_is(name, "loadViewComponentsAs"))
        return;
}

static void scan_method(struct build *b, uint32_t cls, const struct method *m)
{
    struct scope sc = scope_of_class(b, cls);
    sc.src = src_of(b->app, m->at.file);
    sc.fn = src_body(&sc.src, m->at.node);
    const struct src *s = &sc.src;
    uint32_t end = src_node(s, m->at.node)->skip;
    for (uint32_t i = m->at.node; i < end; i++) {
        uint8_t kind = src_kind(s, i);
        if (kind != E_SCALL && kind != E_MCALL)
            continue;
        uint32_t on = node_first(s->f, i);
        if (kind == E_SCALL && on && src_kind(s, on) == E_NAME)
            static_call(&sc, i, text_basename(src_str(s, on)), src_str(s, i));
        else if (kind == E_MCALL)
            method_call(&sc, i, src_str(s, i));
    }
}

/* Modules that load their views by convention only. */
static void module_folders(struct build *b)
{
    for (size_t i = 0; i < b->packages.n; i++) {
        struct str dir = b->packages.p[i];
        struct str name = str_sub(dir, text_dirname(dir).n + 1, dir.n);
        static const char *const below[] = { "/resources/views", "/Resources/views" };
        for (unsigned k = 0; k < 2 && str_starts(dir, "Modules/"); k++)
            add_folder(b, text_concat(b->arena, dir, str_c(below[k])), text_lower(name, b->arena),
                       false);
    }
}

static void configured_folders(struct build *b)
{
    bool any = false;
    for (unsigned i = 0; i < 16; i++) {
        const char *key = arena_printf(b->arena, "view.paths.%u", i);
        const char *path = key ? build_setting(b, key) : NULL;
        struct str dir = path ? str_c(path) : STR("");
        if (!path)
            break;
        if (str_starts(dir, b->app->dir))
            dir = text_path(str_sub(dir, (uint32_t)strlen(b->app->dir), dir.n), b->arena);
        add_folder(b, dir, STR(""), false);
        any |= str_is(dir, "resources/views");
    }
    if (!any)
        add_folder(b, STR("resources/views"), STR(""), false);
    add_folder(b, STR("app/views"), STR(""), false); /* Laravel 4 */
}

void build_providers(struct build *b)
{
    configured_folders(b);
    for (uint32_t i = 0; i < b->classes.n && !b->failed; i++) {
        const struct class *c = &b->classes.p[i];
        if (!(c->is & IS_PROVIDER) || c->is & IS_TEST || c->in_vendor)
            continue;
        for (uint32_t m = 0; m < c->nmethods; m++)
            scan_method(b, i, &c->methods[m]);
    }
    module_folders(b);
}
