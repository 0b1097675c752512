/* One route out of a verb and its group: address, name, middleware and what it runs; resources and
 * the routes of the authentication scaffold; artisan's own list. */
#include "laravel/app_routes.h"

#include <jansson.h>

void routes_push(struct router *r, const struct scope *sc, const struct group *g, uint32_t node,
                 struct route route)
{
    struct build *b = r->b;
    route.at = (struct ref){ sc->src.file, node };
    route.middleware = arena_new_array(b->arena, const char *, g->nmiddleware + 1);
    if (!route.middleware) {
        b->failed = true;
        return;
    }
    for (unsigned i = 0; i < g->nmiddleware; i++)
        route.middleware[i] = g->middleware[i];
    route.nmiddleware = g->nmiddleware;
    PUSH(b, &b->routes, route);
}

static const char *full_uri(struct build *b, const struct group *g, struct str uri)
{
    struct str path = routes_join(b, g->prefix, uri);
    return path.n ? arena_strndup(b->arena, path.p, path.n) : "/";
}

static const char *full_name(struct build *b, const struct group *g, struct str as)
{
    if (!as.n)
        return NULL;
    struct str name = text_concat(b->arena, g->name, as);
    return arena_strndup(b->arena, name.p, name.n);
}

/* The only class whose name ends in the group's namespace and the controller's name. */
static uint32_t controller_by_tail(struct build *b, const struct group *g, struct str name)
{
    struct str tail =
        text_concat(b->arena, text_concat(b->arena, g->ns, g->ns.n ? STR("\\") : STR("")), name);
    uint32_t found = NO_CLASS;
    tail = text_concat(b->arena, STR("\\"), tail);
    for (uint32_t i = 0; i < b->app->nclasses; i++) {
        const struct class *c = &b->app->classes[i];
        if (!c->name || c->is & IS_TEST || !str_ends(syms_str(b->app->syms, c->name), tail.p))
            continue;
        if (found != NO_CLASS)
            return NO_CLASS;
        found = i;
    }
    return found;
}

/* 'Admin\PostController' in the group's namespace, in the usual one, or the only class of that
 * name. */
static uint32_t controller_named(struct build *b, const struct group *g, struct str name)
{
    static const char *const usual[] = { "App\\Http\\Controllers\\", "App\\Controllers\\" };
    uint32_t cls = NO_CLASS;
    if (g->ns.n)
        cls = app_class_named(b->app,
                              text_concat(b->arena, text_concat(b->arena, g->ns, STR("\\")), name));
    if (cls == NO_CLASS)
        cls = app_class_named(b->app, name);
    for (unsigned i = 0; cls == NO_CLASS && i < 2; i++)
        cls = app_class_named(b->app, text_concat(b->arena, str_c(usual[i]), name));
    if (cls == NO_CLASS)
        cls = app_class_short(b->app, text_basename(name));
    return cls == NO_CLASS ? controller_by_tail(b, g, name) : cls;
}

static void action_text(struct router *r, const struct group *g, struct str text,
                        struct route *route)
{
    const char *at = text.n ? memchr(text.p, '@', text.n) : NULL;
    struct str cls = at ? str_sub(text, 0, (uint32_t)(at - text.p)) : text;
    struct str method = at ? str_sub(text, cls.n + 1, text.n) : STR("__invoke");
    if (!at && g->controller != NO_CLASS && !str_contains(text, "\\")) {
        route->class_ = g->controller;
        route->action = build_intern(r->b, text);
        return;
    }
    route->class_ = controller_named(r->b, g, cls);
    route->action = build_intern(r->b, method);
}

static void action_class(struct router *r, const struct scope *sc, uint32_t expr,
                         struct route *route, struct str method)
{
    route->class_ = app_class(r->b->app, eval_class(sc, expr));
    route->action = build_intern(r->b, method);
}

/* [X::class, 'method'], ['uses' => …, 'as' => …, 'middleware' => …] */
static void action_array(struct router *r, const struct scope *sc, struct group *g, uint32_t array,
                         struct route *route, struct pending *p);

static void read_action(struct router *r, const struct scope *sc, struct group *g, uint32_t expr,
                        struct route *route, struct pending *p)
{
    struct str text;
    if (!expr)
        return;
    uint8_t kind = src_kind(&sc->src, expr);
    if (kind == E_CLOSURE || kind == E_ARROW)
        route->closure = (struct ref){ sc->src.file, expr };
    else if (kind == E_ARRAY)
        action_array(r, sc, g, expr, route, p);
    else if (kind == E_CCONST)
        action_class(r, sc, expr, route, STR("__invoke"));
    else if (eval_str(sc, expr, &text))
        action_text(r, g, text, route);
}

static void action_array(struct router *r, const struct scope *sc, struct group *g, uint32_t array,
                         struct route *route, struct pending *p)
{
    struct str s;
    uint32_t uses = src_item(&sc->src, array, "uses"), as = src_item(&sc->src, array, "as");
    uint32_t middleware = src_item(&sc->src, array, "middleware");
    if (as && eval_str(sc, as, &s) && !p->as.n)
        p->as = s;
    if (middleware) {
        sym *all = NULL;
        uint32_t n = eval_strings(sc, middleware, &all);
        for (uint32_t i = 0; all && i < n && g->nmiddleware < ROUTE_MIDDLEWARE; i++)
            g->middleware[g->nmiddleware++] = syms_cstr(r->b->app->syms, all[i]);
    }
    if (uses) {
        read_action(r, sc, g, uses, route, p);
        return;
    }
    uint32_t first = node_child(sc->src.f, array, 0), second = node_child(sc->src.f, array, 1);
    uint32_t cls = first ? src_item_value(&sc->src, first) : 0,
             method = second ? src_item_value(&sc->src, second) : 0;
    if (cls && src_kind(&sc->src, cls) == E_CLOSURE)
        route->closure = (struct ref){ sc->src.file, cls };
    else if (cls && !method && eval_str(sc, cls, &s) && src_kind(&sc->src, cls) == E_STR)
        action_text(r, g, s, route);
    else if (cls)
        action_class(r, sc, cls, route, method && eval_str(sc, method, &s) ? s : STR("__invoke"));
}

/* Route::livewire('/x', 'pages::post') and Volt::route('/x', 'posts.show') name a component. */
static bool action_component(struct router *r, const struct scope *sc, uint32_t expr,
                             struct route *route)
{
    struct str name;
    const struct component *c;
    if (!expr || src_kind(&sc->src, expr) != E_STR || !eval_str(sc, expr, &name) ||
        !(c = app_component(r->b->app, name, true)))
        return false;
    route->class_ = c->class_;
    route->action = build_intern(r->b, STR("__invoke"));
    if (c->file != REF_NONE) {
        for (uint32_t i = 0; i < r->b->app->nviews && !route->view; i++) {
            if (r->b->app->views[i].file == c->file)
                route->view = r->b->app->views[i].name;
        }
    }
    return true;
}

void routes_emit(struct router *r, const struct scope *sc, const struct group *outer,
                 const struct pending *pending)
{
    struct group g = *outer;
    struct pending p = *pending;
    struct route route = {
        .methods = p.methods, .class_ = NO_CLASS, .closure = { REF_NONE, 0 }, .view = p.view
    };
    route.uri = full_uri(r->b, &g, p.uri);
    bool component = str_is(p.name, "livewire") || str_is(p.name, "route");
    if (!p.redirect && !(component && action_component(r, sc, p.action, &route)))
        read_action(r, sc, &g, p.action, &route, &p);
    else if (p.redirect)
        p.action = 0;
    if (!p.action && !p.view && !p.redirect && g.controller != NO_CLASS &&
        !str_is(p.name, "fallback")) {
        route.class_ = g.controller;
        route.action = build_intern(r->b, STR("__invoke"));
    }
    route.name = full_name(r->b, &g, p.as);
    if (route.uri)
        routes_push(r, sc, &g, p.call, route);
}

/* ---- resources ---- */

static const struct {
    const char *action, *tail;
    uint32_t methods;
    bool one; /* takes the record's parameter */
    uint8_t kinds;
} resource_actions[] = {
    { "index", "", HTTP_GET, false, 1 << RESOURCE_WEB | 1 << RESOURCE_API },
    { "create", "create", HTTP_GET, false, 1 << RESOURCE_WEB },
    { "store", "", HTTP_POST, false, 1 << RESOURCE_WEB | 1 << RESOURCE_API },
    { "show", "", HTTP_GET, true,
      1 << RESOURCE_WEB | 1 << RESOURCE_API | 1 << RESOURCE_SINGLE | 1 << RESOURCE_API_SINGLE },
    { "edit", "edit", HTTP_GET, true, 1 << RESOURCE_WEB | 1 << RESOURCE_SINGLE },
    { "update", "", HTTP_PUT | HTTP_PATCH, true,
      1 << RESOURCE_WEB | 1 << RESOURCE_API | 1 << RESOURCE_SINGLE | 1 << RESOURCE_API_SINGLE },
    { "destroy", "", HTTP_DELETE, true, 1 << RESOURCE_WEB | 1 << RESOURCE_API },
};

static bool list_has(const struct scope *sc, uint32_t list, const char *name)
{
    sym *all = NULL;
    struct str one;
    if (src_kind(&sc->src, list) == E_STR && eval_str(sc, list, &one))
        return str_is(one, name);
    uint32_t n = eval_strings(sc, list, &all);
    for (uint32_t i = 0; all && i < n; i++) {
        if (str_is(syms_str(sc->b->app->syms, all[i]), name))
            return true;
    }
    return false;
}

static struct str parameter_name(const struct scope *sc, const struct pending *p,
                                 struct str segment)
{
    struct str s;
    char key[128];
    if (p->parameters && segment.n < sizeof key) {
        memcpy(key, segment.p, segment.n);
        key[segment.n] = 0;
        uint32_t value = src_item(&sc->src, p->parameters, key);
        if (value && eval_str(sc, value, &s))
            return s;
    }
    struct str out = text_concat(sc->b->arena, text_singular(segment, sc->b->arena), STR(""));
    for (uint32_t i = 0; i < out.n; i++) {
        if (out.p[i] == '-')
            ((char *)out.p)[i] = '_';
    }
    return out;
}

/* "photos.comments" -> "photos/{photo}/comments", and the parameter of the last segment */
static struct str resource_base(const struct scope *sc, const struct pending *p, struct str name,
                                struct str *ret_param)
{
    struct build *b = sc->b;
    struct str out = STR(""), rest = name, segment;
    while (str_next(&rest, '.', &segment)) {
        out = routes_join(b, out, segment);
        *ret_param = parameter_name(sc, p, segment);
        if (rest.p) {
            struct str open = text_concat(b->arena, STR("/{"), *ret_param);
            out = text_concat(b->arena, text_concat(b->arena, out, open), STR("}"));
        }
    }
    return out;
}

static struct str resource_name(const struct scope *sc, const struct pending *p, struct str base,
                                const char *action)
{
    struct str s;
    struct build *b = sc->b;
    if (p->names) {
        uint32_t own = src_item(&sc->src, p->names, action);
        if (own && eval_str(sc, own, &s))
            return s;
        if (src_kind(&sc->src, p->names) != E_ARRAY && eval_str(sc, p->names, &s))
            base = s;
    }
    if (p->as.n)
        base = text_concat(b->arena, p->as, base);
    struct str with = text_concat(b->arena, base, STR("."));
    return text_concat(b->arena, with, str_c(action));
}

void routes_emit_resource(struct router *r, const struct scope *sc, const struct group *outer,
                          const struct pending *p)
{
    struct build *b = r->b;
    struct group g = *outer;
    struct str name = p->uri, dir = text_dirname(name), param = STR("");
    struct route base = { .class_ = NO_CLASS, .closure = { REF_NONE, 0 } };
    struct pending action = *p;
    while (name.n && name.p[0] == '/')
        name = str_sub(name, 1, name.n - 1);
    dir = text_dirname(name);
    if (dir.n) {
        g.prefix = routes_join(b, g.prefix, dir);
        name = str_sub(name, dir.n + 1, name.n);
    }
    g.controller = NO_CLASS;
    read_action(r, sc, &g, p->action, &base, &action);
    struct str uri = resource_base(sc, p, name, &param);
    bool single = p->resource == RESOURCE_SINGLE || p->resource == RESOURCE_API_SINGLE;
    for (size_t i = 0; i < sizeof resource_actions / sizeof *resource_actions; i++) {
        const char *act = resource_actions[i].action;
        bool extra =
            single && ((p->creatable && (!strcmp(act, "create") || !strcmp(act, "store"))) ||
                       (p->destroyable && !strcmp(act, "destroy")));
        if (!(resource_actions[i].kinds & 1 << p->resource) && !extra)
            continue;
        if ((p->only && !list_has(sc, p->only, act)) || (p->except && list_has(sc, p->except, act)))
            continue;
        struct route route = base;
        struct str path = uri;
        if (p->shallow && resource_actions[i].one) {
            struct str last = name;
            for (uint32_t k = name.n; k > 0; k--) {
                if (name.p[k - 1] == '.') {
                    last = str_sub(name, k, name.n);
                    break;
                }
            }
            path = last;
        }
        if (resource_actions[i].one && !single) {
            struct str open = text_concat(b->arena, STR("/{"), param);
            path = text_concat(b->arena, text_concat(b->arena, path, open), STR("}"));
        }
        route.uri = full_uri(b, &g, routes_join(b, path, str_c(resource_actions[i].tail)));
        route.name = full_name(b, &g, resource_name(sc, p, name, act));
        route.action = build_intern(b, str_c(act));
        route.methods = resource_actions[i].methods;
        routes_push(r, sc, &g, p->call, route);
    }
}

/* ---- Auth::routes() of laravel/ui ---- */

void routes_emit_auth(struct router *r, const struct scope *sc, const struct group *g,
                      uint32_t call)
{
    static const struct {
        const char *uri, *controller, *action, *name, *option;
        uint32_t methods;
    } routes[] = {
        { "login", "LoginController", "showLoginForm", "login", "login", HTTP_GET },
        { "login", "LoginController", "login", NULL, "login", HTTP_POST },
        { "logout", "LoginController", "logout", "logout", "logout", HTTP_POST },
        { "register", "RegisterController", "showRegistrationForm", "register", "register",
          HTTP_GET },
        { "register", "RegisterController", "register", NULL, "register", HTTP_POST },
        { "password/reset", "ForgotPasswordController", "showLinkRequestForm", "password.request",
          "reset", HTTP_GET },
        { "password/email", "ForgotPasswordController", "sendResetLinkEmail", "password.email",
          "reset", HTTP_POST },
        { "password/reset/{token}", "ResetPasswordController", "showResetForm", "password.reset",
          "reset", HTTP_GET },
        { "password/reset", "ResetPasswordController", "reset", "password.update", "reset",
          HTTP_POST },
        { "password/confirm", "ConfirmPasswordController", "showConfirmForm", "password.confirm",
          "confirm", HTTP_GET },
        { "password/confirm", "ConfirmPasswordController", "confirm", NULL, "confirm", HTTP_POST },
        { "email/verify", "VerificationController", "show", "verification.notice", "verify",
          HTTP_GET },
        { "email/verify/{id}/{hash}", "VerificationController", "verify", "verification.verify",
          "verify", HTTP_GET },
        { "email/resend", "VerificationController", "resend", "verification.resend", "verify",
          HTTP_POST },
    };
    uint32_t options = src_arg(&sc->src, call, 0, "options");
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        uint32_t value = options ? src_item(&sc->src, options, routes[i].option) : 0;
        bool on = strcmp(routes[i].option, "verify") != 0;
        if (value && !eval_bool(sc, value, &on))
            on = true;
        struct str name = text_concat(r->b->arena, STR("Auth\\"), str_c(routes[i].controller));
        struct route route = { .methods = routes[i].methods, .closure = { REF_NONE, 0 } };
        route.class_ = controller_named(r->b, g, name);
        if (!on || route.class_ == NO_CLASS)
            continue;
        route.action = build_intern(r->b, str_c(routes[i].action));
        route.uri = full_uri(r->b, g, str_c(routes[i].uri));
        route.name = routes[i].name ? full_name(r->b, g, str_c(routes[i].name)) : NULL;
        routes_push(r, sc, g, call, route);
    }
}

/* ---- attributes ---- */

static uint32_t attribute_methods(const struct scope *sc, struct str name, uint32_t attr)
{
    static const struct {
        const char *name;
        uint32_t methods;
    } verbs[] = { { "Get", HTTP_GET },
                  { "Post", HTTP_POST },
                  { "Put", HTTP_PUT },
                  { "Patch", HTTP_PATCH },
                  { "Delete", HTTP_DELETE },
                  { "Options", HTTP_OPTIONS },
                  { "Any", 63 } };
    if (!str_contains(name, "RouteAttributes\\") && !str_contains(name, "Routing\\Attributes"))
        return 0;
    (void)sc;
    (void)attr;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (str_is(text_basename(name), verbs[i].name))
            return verbs[i].methods;
    }
    return 0;
}

static void class_attributes(const struct scope *sc, uint32_t node, struct group *g)
{
    struct str s;
    for EACH_CHILD (&sc->src, node, a) {
        struct str name = src_kind(&sc->src, a) == N_ATTR ? src_str(&sc->src, a) : STR("");
        if (!str_contains(name, "RouteAttributes\\"))
            continue;
        struct str base = text_basename(name);
        if (str_is(base, "Prefix") && eval_str(sc, src_arg(&sc->src, a, 0, "prefix"), &s))
            g->prefix = routes_join(sc->b, g->prefix, s);
        else if (str_is(base, "Middleware"))
            routes_add_middleware(sc, g, a);
    }
}

void routes_of_attributes(struct router *r, uint32_t cls)
{
    const struct class *c = &r->b->app->classes[cls];
    struct scope sc = scope_of_class(r->b, cls);
    for (uint32_t m = 0; m < c->nmethods; m++) {
        for EACH_CHILD (&sc.src, c->methods[m].at.node, a) {
            uint32_t methods =
                src_kind(&sc.src, a) == N_ATTR ? attribute_methods(&sc, src_str(&sc.src, a), a) : 0;
            struct str uri, name;
            if (!methods || !eval_str(&sc, src_arg(&sc.src, a, 0, "uri"), &uri))
                continue;
            struct group g = { .controller = NO_CLASS };
            class_attributes(&sc, c->at.node, &g);
            struct route route = { .methods = methods,
                                   .class_ = cls,
                                   .action = c->methods[m].name,
                                   .closure = { REF_NONE, 0 } };
            route.uri = full_uri(r->b, &g, uri);
            uint32_t named = src_arg(&sc.src, a, 1, "name");
            route.name = named && eval_str(&sc, named, &name) ? full_name(r->b, &g, name) : NULL;
            routes_push(r, &sc, &g, a, route);
        }
    }
}

/* ---- artisan route:list --json ---- */

static uint32_t methods_of_text(const char *text)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = { { "GET", HTTP_GET },     { "POST", HTTP_POST },     { "PUT", HTTP_PUT },
                  { "PATCH", HTTP_PATCH }, { "DELETE", HTTP_DELETE }, { "OPTIONS", HTTP_OPTIONS } };
    uint32_t bits = !strcmp(text, "ANY") ? 63 : 0;
    struct str rest = str_c(text), part;
    while (str_next(&rest, '|', &part)) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            bits |= str_is(part, names[i].name) ? names[i].bit : 0;
    }
    return bits;
}

static bool confirm_one(struct app *app, uint32_t known, const char *uri, uint32_t methods)
{
    bool found = false;
    for (uint32_t i = 0; i < known; i++) {
        struct route *route = &app->routes[i];
        if ((route->methods & methods) && !strcmp(route->uri, uri))
            found = route->confirmed = true;
    }
    return found;
}

static void fill_action(struct app *app, struct route *route, const char *action)
{
    struct str text = str_c(action);
    const char *at = strchr(action, '@');
    struct str cls = at ? str_sub(text, 0, (uint32_t)(at - action)) : text;
    route->class_ = app_class_named(app, cls);
    if (route->class_ != NO_CLASS)
        route->action = syms_intern(app->syms, at ? str_c(at + 1) : STR("__invoke"));
}

static int add_confirmed(struct app *app, const json_t *entry, uint32_t *n)
{
    const char *uri = json_string_value(json_object_get(entry, "uri"));
    const char *method = json_string_value(json_object_get(entry, "method"));
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *action = json_string_value(json_object_get(entry, "action"));
    const json_t *middleware = json_object_get(entry, "middleware");
    struct route route = {
        .class_ = NO_CLASS, .closure = { REF_NONE, 0 }, .at = { REF_NONE, 0 }, .confirmed = true
    };
    if (uri[0] == '/' && uri[1])
        uri++;
    route.methods = methods_of_text(method);
    if (confirm_one(app, app->nroutes, uri, route.methods))
        return RC_OK;
    size_t count = json_array_size(middleware);
    route.uri = arena_strdup(app->arena, uri);
    route.name = name ? arena_strdup(app->arena, name) : NULL;
    route.middleware = arena_new_array(app->arena, const char *, count + 1);
    if (!route.uri || !route.middleware)
        return RC_NOMEM;
    for (size_t i = 0; i < count && i < 65535; i++) {
        const char *one = json_string_value(json_array_get(middleware, i));
        if (one && (route.middleware[route.nmiddleware] = arena_strdup(app->arena, one)))
            route.nmiddleware++;
    }
    if (action)
        fill_action(app, &route, action);
    app->routes[(*n)++] = route;
    return RC_OK;
}

int app_confirm_routes(struct app *app, struct str text, struct err *err)
{
    json_error_t error;
    json_t *root =
        text.n <= APP_JSON_BYTES ? json_loadb(text.p ? text.p : "", text.n, 0, &error) : NULL;
    if (!json_is_array(root)) {
        json_decref(root);
        return err_set(err, RC_PARSE, NULL,
                       "artisan route:list did not print a JSON list of routes");
    }
    size_t entries = json_array_size(root);
    struct route *grown = entries <= APP_MAX_ROUTES ? arena_new_array(app->arena, struct route,
                                                                      app->nroutes + entries + 1)
                                                    : NULL;
    int rc = grown ? RC_OK
                   : err_set(err, RC_LIMIT, NULL, "artisan route:list printed %zu routes", entries);
    uint32_t n = app->nroutes;
    if (grown) {
        if (n)
            memcpy(grown, app->routes, n * sizeof *grown);
        app->routes = grown;
    }
    for (size_t i = 0; i < entries && !rc; i++) {
        const json_t *entry = json_array_get(root, i);
        if (!json_is_string(json_object_get(entry, "uri")) ||
            !json_is_string(json_object_get(entry, "method")))
            continue;
        if ((rc = add_confirmed(app, entry, &n)))
            err_set(err, rc, NULL, "no memory for the routes that artisan names");
    }
    app->nroutes = n;
    json_decref(root);
    return rc;
}
