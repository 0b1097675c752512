/* What leaves the process: HTTP, model calls, caches, jobs and mail; and the facades that lead there. */
#include "laravel/interp.h"

/* --- hits --- */

static const char *text_of(struct interp *it, const struct value *v)
{
    const char *s = v_is(v, V_STR) ? arena_strndup(it->a, v->s.p, v->s.n) : NULL;
    return s ? s : "";
}

static bool looks_like_model_url(struct str s)
{
    static const char *const shapes[] = {
        "chat/completions", "/completions", "/embeddings", "generateContent", "/v1/messages", "/responses",
        "api.openai.com", "api.anthropic.com", "generativelanguage.googleapis", "api.mistral.ai", "/api/generate",
        "/api/chat", "/api/embed", "api.cohere", "api.groq.com", "openrouter.ai", "api.deepseek.com",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (str_contains(s, shapes[i]))
            return true;
    return false;
}

static void call_hit_at(struct interp *it, enum flow_kind kind, struct ref at, uint32_t node,
                        const char *subject, const char *callee, struct loop *loop,
                        uint8_t confidence)
{
    struct hit h = { .kind = kind, .at = at, .read = here(it, node), .model = NO_CLASS,
                     .subject = subject, .callee = callee, .loop = loop,
                     .confidence = confidence };
    report(it, &h);
}

static void call_hit(struct interp *it, enum flow_kind kind, uint32_t node, const char *subject,
                     const char *callee, struct loop *loop, uint8_t confidence)
{
    call_hit_at(it, kind, here(it, node), node, subject, callee, loop, confidence);
}

/* A shared client is called by many; what has to change is the call that stands in the loop, in the transaction or in
 * the page's own class. That is the outermost call below `stop`, or below the closure that was called at `skip`. */
static struct ref call_below(const struct interp *it, const struct frame *stop, struct ref skip, uint32_t node)
{
    struct ref at = here(it, node);
    for (const struct frame *f = it->top; f && f != stop; f = f->up) {
        if (f->site.file == skip.file && f->site.node == skip.node && skip.file != REF_NONE)
            break;
        if (f->site.file != REF_NONE && f->up)
            at = f->site;
    }
    return at;
}

static const struct frame *frame_of(const struct interp *it, struct ref inside)
{
    for (const struct frame *f = it->top; f; f = f->up)
        if (f->body.file == inside.file && inside.node >= f->body.node &&
            inside.node < facts_node(f->f, f->body.node)->skip)
            return f;
    return it->top;
}

static struct ref call_in_loop(const struct interp *it, const struct loop *loop, uint32_t node)
{
    return loop ? call_below(it, loop->frame, loop->at, node) : here(it, node);
}

/* The frames of the entry's own file that follow one another from the entry on. */
static struct ref call_of_entry(const struct interp *it, uint32_t node)
{
    const struct frame *entry = it->top, *last = NULL;
    while (entry && entry->up)
        entry = entry->up;
    for (const struct frame *f = it->top; f; f = f->up) {
        if (entry && f->file != entry->file)
            last = NULL;
        else if (!last)
            last = f;
    }
    return call_below(it, last, (struct ref){ REF_NONE, 0 }, node);
}

static void outgoing(struct interp *it, uint32_t node, bool ai, const char *subject,
                     const char *callee)
{
    struct loop *loop = loop_now(it);
    if (it->tx.file != REF_NONE)
        call_hit_at(it, FLOW_HTTP_IN_TX, call_below(it, frame_of(it, it->tx), it->tx, node), node, subject, callee,
                    loop, 80);
    if (ai)
        call_hit_at(it, FLOW_AI, call_in_loop(it, loop, node), node, subject, callee, loop, 80);
    else if (loop)
        call_hit_at(it, FLOW_HTTP, call_in_loop(it, loop, node), node, subject, callee, loop, 75);
    if (ai && it->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX))
        call_hit_at(it, FLOW_AI_SYNC, call_of_entry(it, node), node, subject, callee, loop, 75);
}

/* ->afterCommit() further along the chain, or said by the job's class. */
static bool waits_for_commit(const struct interp *it, uint32_t node, uint32_t cls)
{
    const struct facts *f = it->top->f;
    for (uint32_t i = node; i > 1 && facts_node(f, i - 1)->kind == E_MCALL && node_first(f, i - 1) == i; i--)
        if (str_ieq(facts_str(f, facts_node(f, i - 1)->s), STR("afterCommit")))
            return true;
    const struct class *c = cls != NO_CLASS ? &it->app->classes[cls] : NULL;
    for (uint32_t i = 0; c && i < c->nprops; i++)
        if (str_is(it_str(it, c->props[i].name), "afterCommit"))
            return true;
    for (uint16_t i = 0; c && i < c->ninterfaces; i++)
        if (str_ends(it_str(it, c->interfaces[i]), "ShouldQueueAfterCommit"))
            return true;
    return false;
}

/* X::dispatch() of a class that handles nothing is an event: its listeners are judged by themselves. */
static bool is_event(const struct interp *it, uint32_t cls)
{
    enum { HANDLES = IS_JOB | IS_QUEUED | IS_MAIL | IS_NOTIFICATION };
    return cls != NO_CLASS && !(it->app->classes[cls].is & HANDLES) &&
           !class_method_named(it->app, cls, "handle");
}

void dispatch_seen(struct interp *it, uint32_t node, const char *callee, uint32_t cls)
{
    if (is_event(it, cls))
        return;
    const char *subject = cls != NO_CLASS
                              ? syms_cstr(it->app->syms, it->app->classes[cls].short_name)
                              : "";
    struct loop *loop = loop_now(it);
    if (loop)
        call_hit(it, FLOW_DISPATCH, node, subject, callee, loop, 70);
    if (it->tx.file != REF_NONE && !waits_for_commit(it, node, cls))
        call_hit(it, FLOW_HTTP_IN_TX, node, subject, callee, loop, 60);
}

/* A job that does not wait in a queue runs here and now. */
bool run_job(struct interp *it, const struct value *job, struct ref site)
{
    if (!v_is(job, V_OBJECT) || job->cls == NO_CLASS || it->app->classes[job->cls].is & IS_QUEUED)
        return false;
    const struct method *m = class_method_named(it->app, job->cls, "handle");
    if (!m)
        return false;
    struct args none;
    args_init(&none);
    call_method(it, m, job, &none, site, STEP_CALL);
    return true;
}

/* --- HTTP and model clients --- */

static bool http_terminal(enum name n)
{
    switch (n) {
    case NM_get:
    case NM_post:
    case NM_put:
    case NM_patch:
    case NM_delete:
    case NM_head:
    case NM_send:
    case NM_request:
        return true;
    default:
        return false;
    }
}

static bool ai_terminal(enum name n, const struct args *args)
{
    switch (n) {
    case NM_create:
    case NM_createstreamed:
    case NM_generate:
    case NM_astext:
    case NM_asstream:
    case NM_asstructured:
    case NM_asembeddings:
    case NM_asimage:
    case NM_asimages:
    case NM_prompt:
    case NM_complete:
    case NM_embed:
        return true;
    case NM_stream:
    case NM_chat:
    case NM_embeddings:
    case NM_sendmessage:
        return args->n > 0;
    default:
        return false;
    }
}

static const struct value *url_arg(const struct args *args)
{
    for (uint32_t i = 0; i < args->n && i < 2; i++)
        if (v_is(args->a[i].v, V_STR) && (memchr(args->a[i].v->s.p, '/', args->a[i].v->s.n)))
            return args->a[i].v;
    return NULL;
}

static const struct value *client_of(struct interp *it, enum client c, struct loop *dep)
{
    return v_of(it, V_CLIENT, (uint16_t)c, NULL, dep);
}

const struct value *client_call(struct interp *it, const struct value *c, sym name, uint32_t node,
                                const struct args *args)
{
    enum name n = name_of(it, name);
    const struct value *url = url_arg(args);
    if (c->name == CLIENT_CACHE)
        return cache_call(it, name, node, args);
    if (c->name == CLIENT_VIEWS)
        return facade_call(it, KC_VIEW, 0, name, node, args);
    if (n == NM_pool) {
        const struct value *fn = arg_closure(args);
        return fn ? call_closure1(it, fn, v_unknown(it, NULL), here(it, node)) : v_unknown(it, NULL);
    }
    bool ai = c->name == CLIENT_AI || c->name == CLIENT_AI_HTTP || (url && looks_like_model_url(url->s));
    bool ends = c->name == CLIENT_AI ? ai_terminal(n, args) : http_terminal(n);
    if (ends) {
        outgoing(it, node, ai, url ? text_of(it, url) : "", syms_cstr(it->app->syms, name));
        return v_unknown(it, dep_max(it, c->dep, args->dep));
    }
    return ai && c->name != CLIENT_AI && n == NM_baseurl ? client_of(it, CLIENT_AI_HTTP, c->dep) : c;
}

void curl_call(struct interp *it, enum name fn, uint32_t node, const struct args *args)
{
    const struct value *a0 = arg_at(args, 0);
    if (fn == NM_curl_exec)
        outgoing(it, node, false, "", "curl_exec");
    else if (fn == NM_file_get_contents && v_is(a0, V_STR) &&
             (str_starts(a0->s, "http://") || str_starts(a0->s, "https://")))
        outgoing(it, node, looks_like_model_url(a0->s), text_of(it, a0), "file_get_contents");
}

/* --- caches --- */

static const struct value *cache_through(struct interp *it, uint32_t node, const struct args *args)
{
    const struct value *fn = arg_closure(args);
    uint32_t floor = memo_enter(it);
    struct args none;
    args_init(&none);
    const struct value *v = fn ? call_closure(it, fn, &none, here(it, node)) : v_unknown(it, NULL);
    memo_leave(it, floor);
    return v;
}

const struct value *cache_call(struct interp *it, sym name, uint32_t node, const struct args *args)
{
    enum name n = name ? name_of(it, name) : NM_get;
    const struct value *key = arg_at(args, 0);
    struct loop *dep = v_dep(it, key);
    switch (n) {
    case NM_remember:
    case NM_rememberforever:
    case NM_flexible:
    case NM_sear:
    case NM_get:
    case NM_has:
    case NM_pull:
    case NM_missing:
        if (dep && loop_now(it))
            call_hit(it, FLOW_CACHE_READ, node, text_of(it, key),
                     name ? syms_cstr(it->app->syms, name) : "get", dep, 75);
        return cache_through(it, node, args);
    case NM_tags:
    case NM_store:
    case NM_driver:
    case NM_memo:
        return client_of(it, CLIENT_CACHE, NULL);
    default:
        return arg_closure(args) ? cache_through(it, node, args) : v_unknown(it, args->dep);
    }
}

/* --- the database facade --- */

static const struct value *db_table(struct interp *it, uint32_t node, const struct args *args)
{
    struct origin *o = origin_new(it, O_QUERY, NO_CLASS, here(it, node));
    if (!o)
        return v_unknown(it, args->dep);
    const struct value *b =
        v_flags(it, v_rows(it, V_BUILDER, NO_CLASS, o, NULL, args->dep), VF_RAW);
    pred_call(it, b, NM_from, 0, args, node);
    return b;
}

static const struct value *db_transaction(struct interp *it, uint32_t node, const struct args *args)
{
    struct ref before = it->tx;
    struct args none;
    args_init(&none);
    it->tx = here(it, node);
    const struct value *fn = arg_closure(args);
    const struct value *v = fn ? call_closure(it, fn, &none, here(it, node)) : v_unknown(it, NULL);
    it->tx = before;
    return v;
}

static void raw_query(struct interp *it, uint32_t node, sym name, const struct args *args,
                      bool write)
{
    struct loop *loop = loop_now(it);
    if (!loop || !args->dep)
        return;
    call_hit(it, write ? FLOW_WRITE : FLOW_QUERY, node, "DB", syms_cstr(it->app->syms, name),
             args->dep, 70);
}

static const struct value *db_call(struct interp *it, sym name, uint32_t node,
                                   const struct args *args)
{
    switch (name_of(it, name)) {
    case NM_table:
        return db_table(it, node, args);
    case NM_transaction:
        return db_transaction(it, node, args);
    case NM_begintransaction:
        it->tx = here(it, node);
        return v_unknown(it, NULL);
    case NM_commit:
    case NM_rollback:
        it->tx = (struct ref){ REF_NONE, 0 };
        return v_unknown(it, NULL);
    case NM_connection:
        return v_of(it, V_DB, 0, NULL, NULL);
    case NM_query: {
        struct args none;
        args_init(&none);
        return db_table(it, node, &none);
    }
    case NM_select:
    case NM_selectone:
    case NM_scalar:
        raw_query(it, node, name, args, false);
        return v_unknown(it, args->dep);
    case NM_insert:
    case NM_update:
    case NM_delete:
    case NM_statement:
    case NM_affectingstatement:
        raw_query(it, node, name, args, true);
        return v_unknown(it, args->dep);
    default:
        return unknown_call(it, NULL, name, node, args);
    }
}

/* --- what providers bind, share and compose --- */

/* bind('name', fn () => new X), singleton(I::class, X::class) */
void bind_seen(struct interp *it, uint32_t node, const struct args *args)
{
    struct world *w = it->w;
    const struct value *name = arg_at(args, 0), *to = arg_at(args, 1);
    if (!w->collecting || !name || !to || w->nbindings >= 512)
        return;
    if (v_is(to, V_CLOSURE)) {
        struct args none;
        args_init(&none);
        to = call_closure(it, to, &none, here(it, node));
    }
    uint32_t cls = v_is(to, V_OBJECT) || v_is(to, V_CLASS) ? to->cls : NO_CLASS;
    if (v_is(to, V_STR))
        cls = app_class_named(it->app, to->s);
    if (cls == NO_CLASS)
        return;
    if (v_is(name, V_CLASS) && name->cls != NO_CLASS && name->cls != cls)
        w->impl_of[name->cls] = cls;
    if (!v_is(name, V_STR) && !v_is(name, V_CLASS))
        return;
    char *p = arena_strndup(w->arena, name->s.p, name->s.n);
    if (p)
        w->bindings[w->nbindings++] = (struct binding){ { p, name->s.n }, cls };
}


static void add_composer(struct interp *it, struct str pattern, const struct value *by)
{
    struct world *w = it->w;
    if (w->ncomposers >= 256)
        return;
    struct composer c = { .cls = NO_CLASS };
    char *p = arena_strndup(w->arena, pattern.p, pattern.n);
    if (!p)
        return;
    c.pattern = (struct str){ p, pattern.n };
    if (v_is(by, V_CLOSURE) && by->fn->file != REF_NONE)
        c.fn = (struct closure){ .file = by->fn->file, .node = by->fn->node, .cls = by->fn->cls,
                                 .made_in = { REF_NONE, 0 } };
    else if (v_is(by, V_CLASS))
        c.cls = by->cls;
    else if (v_is(by, V_STR))
        c.cls = app_class_named(it->app, by->s);
    if (c.cls == NO_CLASS && !c.fn.node)
        return;
    w->composers[w->ncomposers++] = c;
}

static void composers(struct interp *it, const struct args *args)
{
    const struct value *p = arg_at(args, 0), *by = arg_at(args, 1);
    if (v_is(p, V_STR))
        add_composer(it, p->s, by);
    if (v_is(p, V_ARRAY))
        for (uint32_t i = 0; i < p->arr->n; i++)
            if (v_is(p->arr->items[i].v, V_STR))
                add_composer(it, p->arr->items[i].v->s, by);
}

static void add_share(struct interp *it, const struct args *args)
{
    const struct value *name = arg_at(args, 0);
    struct world *w = it->w;
    sym s = v_is(name, V_STR) ? syms_find(it->app->syms, name->s) : 0;
    if (!s || w->nshares >= 128 || args->n < 2 || !args->a[1].node)
        return;
    w->shares[w->nshares++] = (struct share){
        s, { .file = it->top->file, .node = args->a[1].node, .cls = it->top->cls } };
}

static const struct value *views_call(struct interp *it, sym name, uint32_t node,
                                      const struct args *args)
{
    switch (name_of(it, name)) {
    case NM_make:
    case NM_first:
    case NM_renderwhen:
        return args->n ? view_make(it, args->a[0].v, arg_at(args, 1), here(it, node))
                       : v_unknown(it, NULL);
    case NM_composer:
    case NM_creator:
        if (it->w->collecting)
            composers(it, args);
        return v_unknown(it, NULL);
    case NM_share:
        if (it->w->collecting)
            add_share(it, args);
        return v_unknown(it, NULL);
    default:
        return v_unknown(it, NULL);
    }
}

/* --- the rest --- */

static const struct value *attribute_make(struct interp *it, const struct args *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (args->a[i].name && name_of(it, args->a[i].name) == NM_get)
            return args->a[i].v;
    const struct value *v = args->n && !args->a[0].name ? args->a[0].v : NULL;
    return v ? v : v_unknown(it, NULL);
}

static const struct value *inertia(struct interp *it, sym name, uint32_t node,
                                   const struct args *args)
{
    enum name n = name_of(it, name);
    if (n == NM_render && args->n > 1)
        serialise(it, args->a[1].v, here(it, node), 0);
    if (n == NM_lazy || n == NM_optional || n == NM_defer || n == NM_always || n == NM_merge)
        return args->n ? args->a[0].v : v_unknown(it, NULL);
    return v_unknown(it, NULL);
}

static const struct value *sends(struct interp *it, enum known_class kc, sym name, uint32_t node,
                                 const struct args *args)
{
    switch (name_of(it, name)) {
    case NM_send:
    case NM_sendnow:
    case NM_queue:
    case NM_later:
    case NM_dispatch:
    case NM_dispatchsync:
    case NM_push:
    case NM_raw:
        if (args->n && run_job(it, args->a[0].v, here(it, node)))
            return v_unknown(it, args->dep);
        if (name_of(it, name) == NM_send || name_of(it, name) == NM_sendnow)
            mail_sent(it, arg_at(args, 0), here(it, node));
        notified(it, arg_at(args, 0), arg_at(args, 1), here(it, node));
        dispatch_seen(it, node, syms_cstr(it->app->syms, name),
                      args->n && v_is(args->a[args->n - 1].v, V_OBJECT) ? args->a[args->n - 1].v->cls
                                                                        : NO_CLASS);
        return v_unknown(it, args->dep);
    case NM_to:
    case NM_cc:
    case NM_bcc:
    case NM_mailer:
    case NM_route:
        return v_of(it, V_SENDER, (uint16_t)kc, NULL, args->dep);
    default:
        return unknown_call(it, NULL, name, node, args);
    }
}

static const struct value *redis(struct interp *it, sym name, uint32_t node,
                                 const struct args *args)
{
    struct loop *dep = v_dep(it, arg_at(args, 0));
    enum name n = name_of(it, name);
    if (dep && loop_now(it) && (n == NM_get || n == NM_hget || n == NM_exists || n == NM_hgetall))
        call_hit(it, FLOW_CACHE_READ, node, text_of(it, arg_at(args, 0)),
                 syms_cstr(it->app->syms, name), dep, 70);
    return v_unknown(it, args->dep);
}

static const struct value *arr_call(struct interp *it, sym name, uint32_t node,
                                    const struct args *args)
{
    const struct value *rows = arg_at(args, 0);
    if (name_of(it, name) == NM_wrap && rows)
        return v_is(rows, V_ARRAY) || v_is(rows, V_COLL) ? rows : array_push(it, NULL, rows, true);
    if (!rows || (rows->kind != V_ARRAY && rows->kind != V_COLL))
        return unknown_call(it, NULL, name, node, args);
    struct args rest = { .n = 0, .dep = args->dep };
    for (uint32_t i = 1; i < args->n; i++)
        rest.a[rest.n++] = args->a[i];
    return coll_call(it, rows, name, node, &rest);
}

const struct value *facade_call(struct interp *it, enum known_class kc, sym cls, sym name,
                                uint32_t node, const struct args *args)
{
    switch (kc) {
    case KC_AUTH:
        return method_call(it, v_of(it, V_AUTH, 0, NULL, NULL), name, node, args);
    case KC_VIEW:
        return views_call(it, name, node, args);
    case KC_DB:
        return db_call(it, name, node, args);
    case KC_CACHE:
        return cache_call(it, name, node, args);
    case KC_HTTP:
    case KC_GUZZLE:
        return client_call(it, client_of(it, CLIENT_HTTP, NULL), name, node, args);
    case KC_AI:
        return client_call(it, client_of(it, CLIENT_AI, NULL), name, node, args);
    case KC_ATTRIBUTE:
        return attribute_make(it, args);
    case KC_INERTIA:
        return inertia(it, name, node, args);
    case KC_MAIL:
    case KC_QUEUE:
        return sends(it, kc, name, node, args);
    case KC_REDIS:
        return redis(it, name, node, args);
    case KC_ARR:
        return arr_call(it, name, node, args);
    case KC_COLLECTION:
        return args->n ? args->a[0].v : v_unknown(it, NULL);
    case KC_RULE:
        if (name_of(it, name) == NM_exists || name_of(it, name) == NM_unique)
            return v_str(it, STR("exists:"), 0, args->dep);
        return v_unknown(it, args->dep);
    case KC_QUERY_BUILDER: { /* Spatie's: includes are chosen by the request */
        const struct value *of = arg_at(args, 0);
        const struct value *b = v_is(of, V_CLASS) && of->cls != NO_CLASS
                                    ? model_static(it, of->cls, it->w->s_query, node, args)
                                    : of;
        return b ? b : v_unknown(it, args->dep);
    }
    case KC_APP:
        return app_make(it, node, args);
    default:
        return unknown_call(it, NULL, name, node, args);
    }
}

/* ['ids.*' => 'exists:rooms,id']: a query an element. */
static bool queries_as_rule(const struct value *v)
{
    if (v_is(v, V_STR))
        return str_contains(v->s, "exists:") || str_contains(v->s, "unique:");
    if (!v_is(v, V_ARRAY))
        return false;
    for (uint32_t i = 0; i < v->arr->n; i++)
        if (v_is(v->arr->items[i].v, V_STR) && queries_as_rule(v->arr->items[i].v))
            return true;
    return false;
}

void validation_item(struct interp *it, sym key, const struct value *v, uint32_t node)
{
    struct str s = it_str(it, key);
    if (!str_contains(s, ".*") || !queries_as_rule(v))
        return;
    call_hit(it, FLOW_VALIDATION, node, syms_cstr(it->app->syms, key), "exists", NULL, 70);
}
