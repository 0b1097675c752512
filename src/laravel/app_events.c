/* What runs when something happens: listeners ($listen, Event::listen, subscribers, discovery by
 * the type that handle() takes) and the schedule (event 0). Observers only mark their model, in
 * app_providers.c. */
#include "laravel/app_build.h"

static void add_listener(struct build *b, sym event, uint32_t listener, const struct src *s,
                         uint32_t at)
{
    for (size_t i = 0; i < b->listeners.n; i++) {
        if (b->listeners.p[i].event == event && b->listeners.p[i].listener == listener && event)
            return;
    }
    if (listener != NO_CLASS && b->listeners.n < 65536)
        PUSH(b, &b->listeners, (struct job_entry){ event, listener, { s->file, at } });
}

struct listen {
    struct build *b;
    sym event;
};

static void listen_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct listen *l = ctx;
    add_listener(l->b, l->event, app_class(l->b->app, eval_class(sc, value)), &sc->src, value);
}

/* Event => [Listener, …] of $listen */
static void listen_event(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct listen l = { ctx, key ? eval_class(sc, key) : 0 };
    if (!l.event)
        return;
    if (src_kind(&sc->src, value) == E_ARRAY)
        eval_each(sc, value, listen_item, &l);
    else
        listen_item(&l, sc, 0, value);
}

/* handle(OrderPaid|OrderSent $event) names the events of a discovered listener. */
static void listen_by_type(struct build *b, uint32_t cls, const struct method *m)
{
    struct src s = src_of(b->app, m->at.file);
    uint32_t param = src_param(&s, m->at.node, 0), type = param ? src_type(&s, param) : 0;
    if (!type)
        return;
    if (src_kind(&s, type) == N_TYPE) {
        if (str_contains(src_str(&s, type), "\\"))
            add_listener(b, src_sym(&s, type), cls, &s, m->at.node);
        return;
    }
    for EACH_CHILD (&s, type, t) {
        if (src_kind(&s, t) == N_TYPE && str_contains(src_str(&s, t), "\\"))
            add_listener(b, src_sym(&s, t), cls, &s, m->at.node);
    }
}

static void discover(struct build *b, uint32_t cls)
{
    const struct class *c = &b->app->classes[cls];
    for (uint32_t i = 0; i < c->nmethods; i++) {
        struct str name = syms_str(b->app->syms, c->methods[i].name);
        if (c->methods[i].flags & F_PUBLIC && !(c->methods[i].flags & F_STATIC) &&
            (str_starts(name, "handle") || str_is(name, "__invoke")))
            listen_by_type(b, cls, &c->methods[i]);
    }
}

/* $events->listen(Event::class, [Subscriber::class, 'method']) and Event::listen(Event::class,
 * Listener::class) */
static void listen_call(const struct scope *sc, uint32_t call, uint32_t own)
{
    struct build *b = sc->b;
    uint32_t event = src_arg(&sc->src, call, 0, "events"),
             listener = src_arg(&sc->src, call, 1, "listener");
    if (!event)
        return;
    uint32_t cls = listener ? app_class(b->app, eval_class(sc, listener)) : NO_CLASS;
    if (cls == NO_CLASS)
        cls = own;
    if (src_kind(&sc->src, event) == E_ARRAY) {
        sym *all = NULL;
        uint32_t n = eval_strings(sc, event, &all);
        for (uint32_t i = 0; all && i < n; i++)
            add_listener(b, all[i], cls, &sc->src, call);
        return;
    }
    sym name = eval_class(sc, event);
    if (name)
        add_listener(b, name, cls, &sc->src, call);
}

static uint32_t command_named(struct build *b, struct str name)
{
    for (uint32_t i = 0; i < b->app->nclasses; i++) {
        if (!(b->app->classes[i].is & IS_COMMAND))
            continue;
        struct scope sc = scope_of_class(b, i);
        struct str signature;
        uint32_t value = class_default(b, i, "signature", &sc.src);
        if (!value)
            value = class_default(b, i, "name", &sc.src);
        if (!value || !eval_str(&sc, value, &signature))
            continue;
        signature = str_trim(signature);
        uint32_t n = 0;
        while (n < signature.n && signature.p[n] > ' ' && signature.p[n] != '{')
            n++;
        uint32_t m = 0;
        while (m < name.n && name.p[m] > ' ')
            m++;
        if (n && str_eq(str_sub(signature, 0, n), str_sub(name, 0, m)))
            return i;
    }
    return NO_CLASS;
}

/* $schedule->command(X::class | 'name'), ->job(new X), Schedule::command(…) */
static void schedule_call(const struct scope *sc, uint32_t call)
{
    struct str name;
    struct build *b = sc->b;
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    if (!arg)
        return;
    uint32_t cls = app_class(b->app, eval_class(sc, arg));
    if (cls == NO_CLASS && eval_str(sc, arg, &name))
        cls = command_named(b, name);
    add_listener(b, 0, cls, &sc->src, call);
}

static bool on_variable(const struct src *s, uint32_t call, const char *name)
{
    uint32_t base = node_first(s->f, call);
    return base && src_is(s, base, E_VAR, name);
}

static void scan_calls(const struct scope *sc, uint32_t from, uint32_t to, uint32_t own)
{
    const struct src *s = &sc->src;
    for (uint32_t i = from; i < to; i++) {
        uint8_t kind = src_kind(s, i);
        if (kind != E_MCALL && kind != E_SCALL)
            continue;
        struct str name = src_str(s, i);
        bool scheduled = on_variable(s, i, "schedule") || src_scall_on(s, i, "Schedule");
        if (str_is(name, "listen") && (src_scall_on(s, i, "Event") || kind == E_MCALL))
            listen_call(sc, i, own);
        else if (scheduled &&
                 (str_is(name, "command") || str_is(name, "job") || str_is(name, "call")))
            schedule_call(sc, i);
    }
}

static void scan_class(struct build *b, uint32_t cls, bool subscriber)
{
    const struct class *c = &b->app->classes[cls];
    for (uint32_t i = 0; i < c->nmethods; i++) {
        struct scope sc = scope_of_class(b, cls);
        if (subscriber && !str_is(syms_str(b->app->syms, c->methods[i].name), "subscribe"))
            continue;
        sc.fn = src_body(&sc.src, c->methods[i].at.node);
        scan_calls(&sc, c->methods[i].at.node, src_node(&sc.src, c->methods[i].at.node)->skip,
                   subscriber ? cls : NO_CLASS);
        if (subscriber) /* subscribe() may return [Event::class => 'method'] */
            for (uint32_t k = c->methods[i].at.node;
                 k < src_node(&sc.src, c->methods[i].at.node)->skip; k++) {
                uint32_t key = src_kind(&sc.src, k) == E_ITEM ? src_item_key(&sc.src, k) : 0;
                if (key && src_kind(&sc.src, key) == E_CCONST)
                    add_listener(b, eval_class(&sc, key), cls, &sc.src, k);
            }
    }
}

static void read_provider(struct build *b, uint32_t cls)
{
    struct scope sc = scope_of_class(b, cls);
    uint32_t listen = class_default(b, cls, "listen", &sc.src);
    if (listen)
        eval_each(&sc, listen, listen_event, b);
    scan_class(b, cls, false);
}

static bool is_kernel(const struct app *app, const struct class *c)
{
    return c->short_name && str_ends(syms_str(app->syms, c->name), "Console\\Kernel");
}

void build_events(struct build *b)
{
    for (uint32_t i = 0; i < b->classes.n && !b->failed; i++) {
        const struct class *c = &b->classes.p[i];
        if (c->in_vendor || c->is & IS_TEST || c->kind != CLASS_CLASS || !c->name)
            continue;
        if (c->is & IS_PROVIDER)
            read_provider(b, i);
        else if (is_kernel(b->app, c))
            scan_class(b, i, false);
        else if (class_method_named(b->app, i, "subscribe") &&
                 !(c->is & (IS_MODEL | IS_CONTROLLER)))
            scan_class(b, i, true);
        if (c->is & IS_LISTENER)
            discover(b, i);
    }
    static const char *const files[] = { "routes/console.php", "bootstrap/app.php" };
    for (unsigned i = 0; i < 2; i++) {
        uint32_t file = build_file(b, str_c(files[i]));
        if (file == REF_NONE)
            continue;
        struct scope sc = scope_of_file(b, file);
        scan_calls(&sc, 0, sc.src.f->nnodes, NO_CLASS);
    }
}
