/* Routes: the statements of route files read as Laravel would run them. Groups nest as closures or
 * files, chains collect attributes before a verb and modifiers after it, loops over literal arrays
 * are unrolled, both sides of a condition count. Entry points are bootstrap/app.php and the
 * providers; route files that nobody names are read last, with the group that their file name
 * suggests. */
#include "laravel/app_eval.h"
#include "laravel/app_routes.h"

#include <string.h>

static void walk(struct router *, const struct scope *, uint32_t node, const struct group *);
static void include_file(struct router *, const struct scope *, uint32_t path_expr,
                         const struct group *);

struct str routes_join(struct build *b, struct str a, struct str c)
{
    struct str both = text_concat(b->arena, text_concat(b->arena, a, STR("/")), c);
    return text_path(both, b->arena);
}

static void add_one_middleware(struct build *b, struct group *g, struct str name)
{
    if (!name.n || g->nmiddleware >= ROUTE_MIDDLEWARE)
        return;
    for (unsigned i = 0; i < g->nmiddleware; i++) {
        if (str_is(name, g->middleware[i]))
            return;
    }
    char *copy = arena_strndup(b->arena, name.p, name.n);
    if (copy)
        g->middleware[g->nmiddleware++] = copy;
}

static void add_middleware_value(const struct scope *sc, struct group *g, uint32_t value)
{
    struct str one;
    sym *all = NULL;
    if (!value)
        return;
    if (eval_str(sc, value, &one)) {
        add_one_middleware(sc->b, g, one);
        return;
    }
    uint32_t n = eval_strings(sc, value, &all);
    for (uint32_t i = 0; all && i < n; i++)
        add_one_middleware(sc->b, g, syms_str(sc->b->app->syms, all[i]));
}

void routes_add_middleware(const struct scope *sc, struct group *g, uint32_t call)
{
    unsigned n = src_nargs(&sc->src, call);
    for (unsigned i = 0; i < n; i++)
        add_middleware_value(sc, g, src_arg(&sc->src, call, i, NULL));
}

static void set_namespace(struct build *b, struct group *g, struct str ns)
{
    bool absolute = ns.n && ns.p[0] == '\\';
    while (ns.n && ns.p[0] == '\\')
        ns = str_sub(ns, 1, ns.n - 1);
    while (ns.n && ns.p[ns.n - 1] == '\\')
        ns.n--;
    if (!ns.n)
        return;
    if (!g->ns.n || absolute || str_starts(ns, "App\\")) {
        g->ns = ns;
        return;
    }
    g->ns = text_concat(b->arena, text_concat(b->arena, g->ns, STR("\\")), ns);
}

static void append_name(struct build *b, struct group *g, struct str name)
{
    g->name = text_concat(b->arena, g->name, name);
}

/* ['prefix' => 'x', 'middleware' => [...], 'namespace' => 'Admin', 'as' => 'admin.'] */
static void apply_attributes(const struct scope *sc, struct group *g, uint32_t array)
{
    struct str s;
    uint32_t prefix = src_item(&sc->src, array, "prefix"), as = src_item(&sc->src, array, "as");
    uint32_t ns = src_item(&sc->src, array, "namespace"),
             controller = src_item(&sc->src, array, "controller");
    if (prefix && eval_str(sc, prefix, &s))
        g->prefix = routes_join(sc->b, g->prefix, s);
    if (!as)
        as = src_item(&sc->src, array, "name");
    if (as && eval_str(sc, as, &s))
        append_name(sc->b, g, s);
    if (ns && eval_str(sc, ns, &s))
        set_namespace(sc->b, g, s);
    if (controller)
        g->controller = app_class(sc->b->app, eval_class(sc, controller));
    add_middleware_value(sc, g, src_item(&sc->src, array, "middleware"));
}

/* A call that only adds to the group of what follows in its chain. */
static bool apply_call(const struct scope *sc, struct group *g, uint32_t call)
{
    struct str name = src_str(&sc->src, call), s;
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    if (str_is(name, "prefix")) {
        if (eval_str(sc, arg, &s))
            g->prefix = routes_join(sc->b, g->prefix, s);
    } else if (str_is(name, "name") || str_is(name, "as")) {
        if (eval_str(sc, arg, &s))
            append_name(sc->b, g, s);
    } else if (str_is(name, "middleware")) {
        routes_add_middleware(sc, g, call);
    } else if (str_is(name, "controller")) {
        g->controller = app_class(sc->b->app, eval_class(sc, arg));
    } else if (str_is(name, "namespace")) {
        if (arg && eval_str(sc, arg, &s))
            set_namespace(sc->b, g, s);
    } else if (str_is(name, "domain") || str_starts(name, "where") ||
               str_is(name, "withoutMiddleware") || str_is(name, "scopeBindings") ||
               str_is(name, "withoutScopedBindings") || str_is(name, "can") ||
               str_is(name, "missing") || str_is(name, "withTrashed") ||
               str_is(name, "setContainer")) {
        return true;
    } else {
        return false;
    }
    return true;
}

static void call_group(struct router *r, const struct scope *sc, uint32_t call,
                       const struct group *outer)
{
    struct group g = *outer;
    unsigned n = src_nargs(&sc->src, call);
    uint32_t first = src_arg(&sc->src, call, 0, NULL),
             last = n ? src_arg(&sc->src, call, n - 1, NULL) : 0;
    if (n > 1 && first && src_kind(&sc->src, first) == E_ARRAY)
        apply_attributes(sc, &g, first);
    if (!last || ++g.depth > ROUTE_DEPTH)
        return;
    uint8_t kind = src_kind(&sc->src, last);
    if (kind == E_CLOSURE || kind == E_ARROW) {
        struct scope in = *sc;
        uint32_t body = src_body(&sc->src, last);
        g.provider = false;
        if (body)
            walk(r, &in, body, &g);
    } else {
        include_file(r, sc, last, &g);
    }
}

/* ---- verbs ---- */

static uint32_t verb_methods(struct str name)
{
    static const struct {
        const char *name;
        uint32_t methods;
    } verbs[] = {
        { "get", HTTP_GET },
        { "post", HTTP_POST },
        { "put", HTTP_PUT },
        { "patch", HTTP_PATCH },
        { "delete", HTTP_DELETE },
        { "options", HTTP_OPTIONS },
        { "any", HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS },
        { "view", HTTP_GET },
        { "inertia", HTTP_GET },
        { "fallback", HTTP_GET },
        { "redirect", HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS },
        { "permanentRedirect",
          HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS },
        { "livewire", HTTP_GET },
        { "route", HTTP_GET },
    };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (str_is(name, verbs[i].name))
            return verbs[i].methods;
    }
    return 0;
}

static uint8_t resource_of(struct str name)
{
    if (str_is(name, "resource") || str_is(name, "resources"))
        return RESOURCE_WEB;
    if (str_is(name, "apiResource") || str_is(name, "apiResources"))
        return RESOURCE_API;
    if (str_is(name, "singleton") || str_is(name, "singletons"))
        return RESOURCE_SINGLE;
    return str_is(name, "apiSingleton") || str_is(name, "apiSingletons") ? RESOURCE_API_SINGLE
                                                                         : RESOURCE_NONE;
}

static uint32_t methods_of_list(const struct scope *sc, uint32_t list)
{
    sym *all = NULL;
    uint32_t n = list ? eval_strings(sc, list, &all) : 0, methods = 0;
    for (uint32_t i = 0; all && i < n; i++)
        methods |= verb_methods(text_lower(syms_str(sc->b->app->syms, all[i]), sc->b->arena));
    return methods;
}

static bool start_verb(const struct scope *sc, uint32_t call, struct pending *p)
{
    struct str name = src_str(&sc->src, call);
    *p = (struct pending){ .call = call, .name = name };
    p->resource = resource_of(name);
    if (p->resource)
        return true;
    unsigned uri_at = 0;
    if (str_is(name, "match")) {
        p->methods = methods_of_list(sc, src_arg(&sc->src, call, 0, "methods"));
        uri_at = 1;
    } else {
        p->methods = verb_methods(name);
    }
    if (str_is(name, "route") && !src_scall_on(&sc->src, call, "Volt"))
        return false;
    if (!p->methods)
        return false;
    if (str_is(name, "fallback")) {
        p->uri = STR("{fallbackPlaceholder}");
        p->action = src_arg(&sc->src, call, 0, "action");
        return true;
    }
    p->action = src_arg(&sc->src, call, uri_at + 1, "action");
    p->redirect =
        str_is(name, "redirect") || str_is(name, "permanentRedirect") || str_is(name, "inertia");
    if (str_is(name, "view") && p->action) {
        struct str view;
        if (eval_str(sc, p->action, &view))
            p->view = arena_strndup(sc->b->arena, view.p, view.n);
        p->action = 0;
    }
    return eval_str(sc, src_arg(&sc->src, call, uri_at, "uri"), &p->uri);
}

/* Calls behind the verb. */
static void modify(const struct scope *sc, struct pending *p, struct group *own, uint32_t call)
{
    struct str name = src_str(&sc->src, call), s;
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    if ((str_is(name, "name") || str_is(name, "as")) && arg && eval_str(sc, arg, &s))
        p->as = p->as.n ? text_concat(sc->b->arena, p->as, s) : s;
    else if (str_is(name, "middleware"))
        routes_add_middleware(sc, own, call);
    else if (str_is(name, "only"))
        p->only = arg;
    else if (str_is(name, "except"))
        p->except = arg;
    else if (str_is(name, "names"))
        p->names = arg;
    else if (str_is(name, "parameters"))
        p->parameters = arg;
    else if (str_is(name, "shallow"))
        p->shallow = true;
    else if (str_is(name, "creatable"))
        p->creatable = p->destroyable = true;
    else if (str_is(name, "destroyable"))
        p->destroyable = true;
    else if (str_is(name, "uses"))
        p->action = arg;
    else if (str_is(name, "prefix") && arg && eval_str(sc, arg, &s))
        own->prefix = routes_join(sc->b, own->prefix, s);
}

struct resources {
    struct router *r;
    const struct group *g;
    const struct pending *p;
};

/* Route::resources(['photos' => PhotoController::class, …]) */
static void emit_named_resource(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct resources *all = ctx;
    struct pending p = *all->p;
    if (!key || !eval_str(sc, key, &p.uri))
        return;
    p.action = value;
    routes_emit_resource(all->r, sc, all->g, &p);
}

static void emit_verb(struct router *r, const struct scope *sc, const struct group *g,
                      struct pending *p)
{
    if (!p->resource) {
        routes_emit(r, sc, g, p);
        return;
    }
    uint32_t first = src_arg(&sc->src, p->call, 0, NULL);
    if (str_ends(p->name, "s") && first && src_kind(&sc->src, first) == E_ARRAY) {
        struct resources all = { r, g, p };
        eval_each(sc, first, emit_named_resource, &all);
        return;
    }
    p->action = src_arg(&sc->src, p->call, 1, "controller");
    uint32_t options = src_arg(&sc->src, p->call, 2, "options");
    if (options) {
        p->only = p->only ? p->only : src_item(&sc->src, options, "only");
        p->except = p->except ? p->except : src_item(&sc->src, options, "except");
        p->names = p->names ? p->names : src_item(&sc->src, options, "names");
        if (!p->names)
            p->names = src_item(&sc->src, options, "as");
        p->parameters = p->parameters ? p->parameters : src_item(&sc->src, options, "parameters");
    }
    if (eval_str(sc, first, &p->uri))
        routes_emit_resource(r, sc, g, p);
    else
        build_skip_at(r->b, &sc->src, p->call, "a resource whose name is not constant");
}

/* ---- chains ---- */

static bool is_router_name(struct str name)
{
    struct str base = text_basename(name);
    return str_is(base, "Route") || str_is(base, "Volt") || str_is(base, "Router");
}

static bool is_router_root(const struct scope *sc, const struct chain *chain, const struct group *g)
{
    const struct src *s = &sc->src;
    switch (src_kind(s, chain->root)) {
    case E_NAME:
        if (src_kind(s, chain->calls[0]) == E_CALL) /* app('router'), resolve('router') */
            return src_is(s, src_arg(s, chain->calls[0], 0, NULL), E_STR, "router");
        return is_router_name(src_str(s, chain->root));
    case E_VAR:
        if (src_is_this(s, chain->root))
            return false;
        return !g->provider || str_contains(src_str(s, chain->root), "oute") ||
               str_is(src_str(s, chain->root), "api");
    case E_PROP:
        return str_is(src_str(s, chain->root), "router");
    case E_INDEX:
        return src_is(s, node_last(s->f, chain->root), E_STR, "router");
    default:
        return false;
    }
}

static void folio(struct router *r, const struct scope *sc, uint32_t call, const struct group *g)
{
    struct str dir;
    if (!eval_path(sc, src_arg(&sc->src, call, 0, "path"), &dir))
        return;
    for (uint32_t i = 0; i < r->b->app->nviews; i++) {
        const struct view *v = &r->b->app->views[i];
        struct str path = str_c(r->b->app->files[v->file].path);
        if (!str_starts(path, dir.p) || !str_ends(path, ".blade.php") || path.n < dir.n + 12)
            continue;
        struct str uri =
            text_concat(r->b->arena, str_sub(path, dir.n + 1, path.n - dir.n - 11), STR(""));
        for (uint32_t k = 0; k < uri.n; k++) {
            if (uri.p[k] == '[' || uri.p[k] == ']')
                ((char *)uri.p)[k] = uri.p[k] == '[' ? '{' : '}';
        }
        if (str_is(uri, "index"))
            uri = STR("");
        else if (str_ends(uri, "/index"))
            uri.n -= 6;
        struct pending p = { .call = call, .uri = uri, .methods = HTTP_GET, .view = v->name };
        routes_emit(r, sc, g, &p);
    }
}

/* Calls in a provider that lead to route files. */
static bool provider_call(struct router *r, const struct scope *sc, const struct chain *chain,
                          const struct group *g)
{
    const struct src *s = &sc->src;
    uint32_t call = chain->calls[0];
    struct str name = src_str(s, call);
    if (src_is_this(s, chain->root) && str_is(name, "loadRoutesFrom")) {
        struct group in = *g;
        in.provider = false;
        include_file(r, sc, src_arg(s, call, 0, "path"), &in);
        return true;
    }
    if (src_is_this(s, chain->root) && (str_is(name, "routes") || str_is(name, "booted"))) {
        uint32_t arg = src_arg(s, call, 0, NULL), body = 0;
        if (arg && (src_kind(s, arg) == E_CLOSURE || src_kind(s, arg) == E_ARROW))
            body = src_body(s, arg);
        if (body)
            walk(r, sc, body, g);
        return true;
    }
    if (src_kind(s, call) == E_SCALL && src_scall_on(s, call, "Auth") && str_is(name, "routes")) {
        routes_emit_auth(r, sc, g, call);
        return true;
    }
    if (src_kind(s, call) == E_SCALL && src_scall_on(s, call, "Folio") && str_is(name, "path")) {
        folio(r, sc, call, g);
        return true;
    }
    return false;
}

/* $group = Route::prefix('x')->middleware('y'); $group->group(…) */
static void registrar_variable(const struct scope *sc, struct group *g, uint32_t root)
{
    struct scope there;
    struct chain chain;
    uint32_t value = src_kind(&sc->src, root) == E_VAR ? eval_behind(sc, root, &there) : 0;
    if (!value || there.src.file != sc->src.file || !src_chain(&there.src, value, &chain) ||
        !chain.root || !is_router_root(&there, &chain, g))
        return;
    for (unsigned i = 0; i < chain.n; i++)
        apply_call(&there, g, chain.calls[i]);
}

static void route_chain(struct router *r, const struct scope *sc, uint32_t expr,
                        const struct group *outer)
{
    struct chain chain;
    if (!src_chain(&sc->src, expr, &chain) || !chain.root)
        return;
    if (provider_call(r, sc, &chain, outer) || !is_router_root(sc, &chain, outer))
        return;
    struct group g = *outer;
    struct pending p;
    bool started = false;
    registrar_variable(sc, &g, chain.root);
    unsigned i = src_kind(&sc->src, chain.calls[0]) == E_CALL ? 1 : 0;
    for (; i < chain.n; i++) {
        uint32_t call = chain.calls[i];
        struct str name = src_str(&sc->src, call);
        if (started) {
            modify(sc, &p, &g, call);
        } else if (str_is(name, "group")) {
            call_group(r, sc, call, &g);
            return;
        } else if (str_is(name, "auth")) {
            routes_emit_auth(r, sc, &g, call);
            return;
        } else if (!apply_call(sc, &g, call)) {
            started = start_verb(sc, call, &p);
            if (!started) {
                if (verb_methods(name) && !g.provider && src_nargs(&sc->src, call) > 1)
                    build_skip_at(r->b, &sc->src, call, "a route whose address is not constant");
                return;
            }
        }
    }
    if (started)
        emit_verb(r, sc, &g, &p);
}

/* ---- statements ---- */

struct loop {
    struct router *r;
    const struct scope *sc;
    const struct group *g;
    uint32_t foreach_, key, value, body;
    unsigned n;
};

static void loop_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct loop *l = ctx;
    const struct src *s = &l->sc->src;
    struct bind binds[ROUTE_DEPTH + 2];
    struct scope in = *l->sc;
    if (++l->n > ROUTE_LOOP || in.nbinds > ROUTE_DEPTH)
        return;
    if (in.nbinds)
        memcpy(binds, in.binds, in.nbinds * sizeof *binds);
    if (src_is(s, l->value, E_VAR, NULL))
        binds[in.nbinds++] =
            (struct bind){ .name = src_str(s, l->value), .src = sc->src, .node = value };
    if (l->key && key && src_is(s, l->key, E_VAR, NULL))
        binds[in.nbinds++] =
            (struct bind){ .name = src_str(s, l->key), .src = sc->src, .node = key };
    in.binds = binds;
    walk(l->r, &in, l->body, l->g);
}

static void walk_foreach(struct router *r, const struct scope *sc, uint32_t node,
                         const struct group *g)
{
    uint32_t subject = node_child(sc->src.f, node, 0), key = node_child(sc->src.f, node, 1);
    struct loop l = {
        r, sc, g, node, key, node_child(sc->src.f, node, 2), node_last(sc->src.f, node), 0
    };
    eval_each(sc, subject, loop_item, &l);
    if (!l.n)
        walk(r, sc, l.body, g);
}

static void walk_expr(struct router *r, const struct scope *sc, uint32_t expr,
                      const struct group *g)
{
    switch (src_kind(&sc->src, expr)) {
    case E_MCALL:
    case E_SCALL:
    case E_CALL:
        route_chain(r, sc, expr, g);
        break;
    case E_ASSIGN:
        walk_expr(r, sc, node_last(sc->src.f, expr), g);
        break;
    case E_INCLUDE:
        if (!g->provider && node_first(sc->src.f, expr))
            include_file(r, sc, node_first(sc->src.f, expr), g);
        break;
    default:
        break;
    }
}

static void walk(struct router *r, const struct scope *sc, uint32_t node, const struct group *g)
{
    const struct src *s = &sc->src;
    if (r->b->routes.n >= APP_MAX_ROUTES || r->b->failed || ++r->steps > ROUTE_STEPS)
        return;
    switch (src_kind(s, node)) {
    case S_EXPR:
    case S_RETURN:
        if (node_first(s->f, node))
            walk_expr(r, sc, node_first(s->f, node), g);
        break;
    case S_FOREACH:
        walk_foreach(r, sc, node, g);
        break;
    case S_IF:
    case S_BLOCK:
    case S_TRY:
    case S_CATCH:
    case S_FINALLY:
    case S_SWITCH:
    case S_CASE:
    case N_FILE:
    case N_NAMESPACE:
        for EACH_CHILD (s, node, c)
            walk(r, sc, c, g);
        break;
    default:
        walk_expr(r, sc, node, g);
        break;
    }
}

/* ---- files ---- */

static void walk_file(struct router *r, uint32_t file, const struct group *g)
{
    struct scope sc = scope_of_file(r->b, file);
    struct group in = *g;
    in.provider = false;
    if (r->included[file] & 2)
        return; /* it includes itself */
    r->included[file] = 3;
    if (++in.depth <= ROUTE_DEPTH)
        walk(r, &sc, 0, &in);
    r->included[file] = 1;
}

/* The file below the folder of the code at hand, or of one of its parents, that ends like the path.
 */
static uint32_t file_by_tail(struct build *b, const struct src *s, struct str path)
{
    struct str dir = text_dirname(str_c(b->app->files[s->file].path));
    for (unsigned up = 0; up < 6; up++, dir = text_dirname(dir)) {
        uint32_t file = build_file(b, routes_join(b, dir, path));
        if (file != REF_NONE)
            return file;
        if (!dir.n)
            break;
    }
    return REF_NONE;
}

struct inclusion {
    struct router *r;
    const struct group *g;
};

static void include_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct inclusion *in = ctx;
    include_file(in->r, sc, value, in->g);
}

static void include_file(struct router *r, const struct scope *sc, uint32_t expr,
                         const struct group *g)
{
    struct str path, text;
    if (!expr)
        return;
    if (src_kind(&sc->src, expr) == E_ARRAY) {
        struct inclusion in = { r, g };
        eval_each(sc, expr, include_item, &in);
        return;
    }
    uint32_t file = REF_NONE;
    if (eval_path(sc, expr, &path))
        file = build_file(r->b, path);
    if (file == REF_NONE && eval_str(sc, expr, &text) && text.n)
        file = file_by_tail(r->b, &sc->src, text);
    if (file == REF_NONE) { /* module_path($name, 'routes/web.php') and other unknown helpers: the
                               literal tail */
        for (uint32_t i = expr; file == REF_NONE && i < src_node(&sc->src, expr)->skip; i++) {
            struct str tail = src_kind(&sc->src, i) == E_STR ? src_str(&sc->src, i) : STR("");
            if (str_ends(tail, ".php"))
                file = file_by_tail(r->b, &sc->src, tail);
        }
    }
    if (file == REF_NONE)
        build_skip_at(r->b, &sc->src, expr,
                      "a route file whose path is not constant or not in the application");
    else
        walk_file(r, file, g);
}

/* ---- entry points ---- */

static struct group named_group(struct build *b, const char *middleware, struct str prefix)
{
    struct group g = { .controller = NO_CLASS, .prefix = prefix };
    if (middleware)
        add_one_middleware(b, &g, str_c(middleware));
    return g;
}

/* Application::configure(…)->withRouting(web: …, api: …, then: fn () => …, apiPrefix: 'api') */
static void with_routing(struct router *r, const struct scope *sc, uint32_t call)
{
    struct str prefix = STR("api");
    uint32_t at = src_arg(&sc->src, call, 99, "apiPrefix");
    if (at)
        eval_str(sc, at, &prefix);
    static const char *const closures[] = { "using", "then" };
    struct group web = named_group(r->b, "web", STR("")),
                 api = named_group(r->b, "api", text_path(prefix, r->b->arena));
    uint32_t file = src_arg(&sc->src, call, 1, "web");
    if (file)
        include_file(r, sc, file, &web);
    if ((file = src_arg(&sc->src, call, 2, "api")))
        include_file(r, sc, file, &api);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t closure = src_arg(&sc->src, call, 99, closures[i]);
        uint8_t kind = closure ? src_kind(&sc->src, closure) : N_NULL;
        if (kind != E_CLOSURE && kind != E_ARROW)
            continue;
        struct group none = named_group(r->b, NULL, STR(""));
        uint32_t body = src_body(&sc->src, closure);
        if (body)
            walk(r, sc, body, &none);
    }
    struct str health;
    uint32_t at_health = src_arg(&sc->src, call, 99, "health");
    if (at_health && eval_str(sc, at_health, &health)) {
        struct pending p = { .call = call, .uri = health, .methods = HTTP_GET };
        struct group none = named_group(r->b, NULL, STR(""));
        routes_emit(r, sc, &none, &p);
    }
}

static void bootstrap_routes(struct router *r)
{
    uint32_t file = build_file(r->b, STR("bootstrap/app.php"));
    if (file == REF_NONE)
        return;
    struct scope sc = scope_of_file(r->b, file);
    for (uint32_t i = 0; i < sc.src.f->nnodes; i++) {
        if (src_kind(&sc.src, i) == E_MCALL && str_is(src_str(&sc.src, i), "withRouting"))
            with_routing(r, &sc, i);
    }
    struct group none = named_group(r->b, NULL, STR(""));
    none.provider = true;
    walk(r, &sc, 0, &none); /* Lumen: $app->router->group(…) */
}

static void provider_routes(struct router *r, uint32_t cls)
{
    const struct class *c = &r->b->app->classes[cls];
    for (uint32_t m = 0; m < c->nmethods; m++) {
        struct scope sc = scope_of_class(r->b, cls);
        uint32_t body = src_body(&sc.src, c->methods[m].at.node);
        struct group g = named_group(r->b, NULL, STR(""));
        g.provider = true;
        sc.fn = body;
        if (body)
            walk(r, &sc, body, &g);
    }
}

/* Classes that are given the router: map(Registrar $router) of older applications. */
static void mapper_routes(struct router *r, uint32_t cls)
{
    const struct method *m = class_method_named(r->b->app, cls, "map");
    if (!m || m->class_ != cls)
        return;
    struct scope sc = scope_of_class(r->b, cls);
    uint32_t param = src_param(&sc.src, m->at.node, 0), type = param ? src_type(&sc.src, param) : 0;
    struct str name =
        type && src_kind(&sc.src, type) == N_TYPE ? text_basename(src_str(&sc.src, type)) : STR("");
    struct group g = named_group(r->b, NULL, STR(""));
    sc.fn = src_body(&sc.src, m->at.node);
    if (sc.fn && (str_is(name, "Registrar") || str_is(name, "Router")))
        walk(r, &sc, sc.fn, &g);
}

static bool is_console_file(struct str path)
{
    static const char *const names[] = { "console.php", "channels.php", "breadcrumbs.php",
                                         "schedule.php", "ai.php" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_ends(path, names[i]))
            return true;
    }
    return false;
}

static void leftover_routes(struct router *r)
{
    for (uint32_t i = 0; i < r->b->own_files; i++) {
        const struct app_file *f = &r->b->files.p[i];
        struct str path = str_c(f->path), dir = text_dirname(path);
        struct str name = str_sub(path, dir.n ? dir.n + 1 : 0, path.n);
        if (f->context != CTX_ROUTES || r->included[i] || is_console_file(name))
            continue;
        bool api = str_is(name, "api.php");
        struct group g = named_group(r->b, api ? "api" : "web", api ? STR("api") : STR(""));
        walk_file(r, i, &g);
    }
}

void build_routes(struct build *b)
{
    struct router r = { .b = b, .included = fault_calloc(b->files.n + 1, 1) };
    if (!r.included) {
        b->failed = true;
        return;
    }
    bootstrap_routes(&r);
    for (uint32_t i = 0; i < b->app->nclasses && !b->failed; i++) {
        const struct class *c = &b->app->classes[i];
        if (c->is & IS_PROVIDER && !(c->is & IS_TEST) && !c->in_vendor)
            provider_routes(&r, i);
        else if (c->is & (IS_CONTROLLER | IS_LIVEWIRE))
            routes_of_attributes(&r, i);
        else if (!(c->is & IS_TEST) && c->kind == CLASS_CLASS)
            mapper_routes(&r, i);
    }
    leftover_routes(&r);
    if (r.steps > ROUTE_STEPS)
        build_skip(b, "routes", 0, RC_LIMIT, "the route files have too many statements to follow");
    free(r.included);
    FREEZE(b, &b->routes, b->app->routes, b->app->nroutes);
}
