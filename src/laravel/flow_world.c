/* What all walks of one app share: names by number, entries with their contexts, who stands behind an interface. */
#include "laravel/flow_world.h"

#include <ctype.h>

/* --- names --- */

struct word {
    const char *text;
    uint16_t id;
};
static const struct word words[] = {
#define X(n) { #n, NM_##n },
    FLOW_NAMES(X)
#undef X
};
static const struct word classes[] = {
    { "Auth", KC_AUTH }, { "View", KC_VIEW }, { "DB", KC_DB }, { "Cache", KC_CACHE }, { "Http", KC_HTTP },
    { "Mail", KC_MAIL }, { "Notification", KC_MAIL }, { "Queue", KC_QUEUE }, { "Bus", KC_QUEUE },
    { "Redis", KC_REDIS }, { "App", KC_APP },
    { "Illuminate\\Support\\Facades\\Auth", KC_AUTH }, { "Illuminate\\Support\\Facades\\View", KC_VIEW },
    { "Illuminate\\Support\\Facades\\DB", KC_DB }, { "Illuminate\\Support\\Facades\\Cache", KC_CACHE },
    { "Illuminate\\Support\\Facades\\Http", KC_HTTP }, { "Illuminate\\Support\\Facades\\Mail", KC_MAIL },
    { "Illuminate\\Support\\Facades\\Notification", KC_MAIL }, { "Illuminate\\Support\\Facades\\Queue", KC_QUEUE },
    { "Illuminate\\Support\\Facades\\Bus", KC_QUEUE }, { "Illuminate\\Support\\Facades\\Redis", KC_REDIS },
    { "Illuminate\\Support\\Facades\\App", KC_APP }, { "Illuminate\\Http\\Client\\PendingRequest", KC_HTTP },
    { "Illuminate\\Http\\Client\\Factory", KC_HTTP }, { "Illuminate\\Contracts\\View\\Factory", KC_VIEW },
    { "GuzzleHttp\\Client", KC_GUZZLE }, { "GuzzleHttp\\ClientInterface", KC_GUZZLE },
    { "Psr\\Http\\Client\\ClientInterface", KC_GUZZLE },
    { "Illuminate\\Database\\Eloquent\\Casts\\Attribute", KC_ATTRIBUTE }, { "Inertia\\Inertia", KC_INERTIA },
    { "Illuminate\\Mail\\Mailables\\Content", KC_CONTENT },
    { "Illuminate\\Support\\Arr", KC_ARR }, { "Arr", KC_ARR }, { "Illuminate\\Support\\Collection", KC_COLLECTION },
    { "Illuminate\\Database\\Eloquent\\Collection", KC_COLLECTION },
    { "Illuminate\\Support\\LazyCollection", KC_COLLECTION },
    { "League\\Fractal\\Resource\\Collection", KC_COLLECTION }, { "League\\Fractal\\Resource\\Item", KC_ITEM },
    { "Illuminate\\Pagination\\LengthAwarePaginator", KC_PAGINATOR },
    { "Illuminate\\Pagination\\Paginator", KC_PAGINATOR }, { "Illuminate\\Validation\\Rule", KC_RULE },
    { "Illuminate\\Contracts\\Auth\\Authenticatable", KC_AUTHENTICATABLE },
    { "Spatie\\QueryBuilder\\QueryBuilder", KC_QUERY_BUILDER },
    { "OpenAI\\Laravel\\Facades\\OpenAI", KC_AI }, { "OpenAI\\Client", KC_AI }, { "OpenAI\\Contracts\\ClientContract", KC_AI },
    { "OpenAI", KC_AI }, { "Prism\\Prism\\Prism", KC_AI }, { "Prism\\Prism\\Facades\\Prism", KC_AI },
    { "EchoLabs\\Prism\\Prism", KC_AI }, { "EchoLabs\\Prism\\Facades\\Prism", KC_AI },
    { "Laravel\\Ai\\Ai", KC_AI }, { "Laravel\\Ai\\Facades\\Ai", KC_AI }, { "Laravel\\Ai\\Embeddings", KC_AI },
    { "Laravel\\Ai\\Image", KC_AI }, { "Anthropic\\Laravel\\Facades\\Anthropic", KC_AI }, { "Anthropic\\Client", KC_AI },
    { "Gemini\\Laravel\\Facades\\Gemini", KC_AI }, { "Gemini\\Client", KC_AI },
};

static void number_names(struct world *w, struct map64 *known)
{
    uint32_t n = syms_count(w->app->syms);
    for (sym s = 1; s <= n; s++) {
        struct str t = syms_str(w->app->syms, s);
        char low[48];
        uint64_t id;
        if (t.n >= sizeof low)
            continue;
        for (uint32_t i = 0; i < t.n; i++)
            low[i] = (char)tolower((unsigned char)t.p[i]);
        if (map64_get(known, str_hash((struct str){ low, t.n }), &id) &&
            strlen(words[id].text) == t.n && memcmp(words[id].text, low, t.n) == 0)
            w->name_of[s] = words[id].id;
    }
}

static int make_names(struct world *w)
{
    uint32_t n = syms_count(w->app->syms) + 1;
    w->name_of = arena_new_array(w->arena, uint16_t, n);
    w->known_of = arena_new_array(w->arena, uint8_t, n);
    struct map64 *known = map64_new();
    bool ok = w->name_of && w->known_of && known;
    for (size_t i = 0; ok && i < sizeof words / sizeof *words; i++)
        ok = map64_put(known, str_hash(str_c(words[i].text)), i);
    if (ok)
        number_names(w, known);
    map64_free(known);
    for (size_t i = 0; ok && i < sizeof classes / sizeof *classes; i++) {
        sym s = syms_find(w->app->syms, str_c(classes[i].text));
        if (s)
            w->known_of[s] = (uint8_t)classes[i].id;
    }
    return ok ? 0 : RC_NOMEM;
}

/* --- classes --- */

static bool is_concrete(const struct app *app, uint32_t c)
{
    return app->classes[c].kind == CLASS_CLASS &&
           !(ref_node(app, app->classes[c].at)->flags & F_ABSTRACT);
}

static void add_impl(struct world *w, uint32_t of, uint32_t c, uint8_t *count)
{
    if (of == NO_CLASS || is_concrete(w->app, of))
        return;
    if (count[of] < 2)
        count[of]++;
    w->impl_of[of] = count[of] == 1 ? c : NO_CLASS;
}

static void impls_of(struct world *w, uint32_t c, uint8_t *count)
{
    uint32_t up = c;
    for (unsigned depth = 0; up != NO_CLASS && depth < 16; depth++) {
        const struct class *k = &w->app->classes[up];
        for (uint16_t i = 0; i < k->ninterfaces; i++)
            add_impl(w, app_class(w->app, k->interfaces[i]), c, count);
        up = k->parent;
        add_impl(w, up, c, count);
    }
}

static uint32_t builder_class(struct world *w, uint32_t model_cls)
{
    const struct method *m = class_method_named(w->app, model_cls, "newEloquentBuilder");
    if (!m)
        return NO_CLASS;
    const struct app_file *f = &w->app->files[m->at.file];
    uint32_t end = facts_node(f->facts, m->at.node)->skip;
    for (uint32_t i = m->at.node; i + 1 < end; i++)
        if (facts_node(f->facts, i)->kind == E_NEW && facts_node(f->facts, i + 1)->kind == E_NAME)
            return app_class(w->app, f->syms[facts_node(f->facts, i + 1)->s]);
    return NO_CLASS;
}

static int make_classes(struct world *w)
{
    uint32_t n = w->app->nclasses;
    w->impl_of = arena_new_array(w->arena, uint32_t, n + 1);
    w->builder_of = arena_new_array(w->arena, uint32_t, n + 1);
    w->method_base = arena_new_array(w->arena, uint32_t, n + 1);
    uint8_t *count = arena_new_array(w->arena, uint8_t, n + 1);
    if (!w->impl_of || !w->builder_of || !w->method_base || !count)
        return RC_NOMEM;
    for (uint32_t c = 0; c < n; c++) {
        w->impl_of[c] = w->builder_of[c] = NO_CLASS;
        w->method_base[c] = w->nmethods;
        w->nmethods += w->app->classes[c].nmethods;
    }
    for (uint32_t c = 0; c < n; c++) {
        if (is_concrete(w->app, c) && !(w->app->classes[c].is & IS_TEST))
            impls_of(w, c, count);
        if (class_model(w->app, c))
            w->builder_of[c] = builder_class(w, c);
    }
    w->called = arena_new_array(w->arena, uint8_t, w->nmethods + 1);
    return w->called ? 0 : RC_NOMEM;
}

static int make_method_bits(struct world *w)
{
    uint32_t n = syms_count(w->app->syms) / 8 + 1;
    w->is_method = arena_new_array(w->arena, uint8_t, n);
    if (!w->is_method)
        return RC_NOMEM;
    for (uint32_t c = 0; c < w->app->nclasses; c++) {
        const struct class *k = &w->app->classes[c];
        w->has_presenters = w->has_presenters || str_ends(syms_str(w->app->syms, k->name), "Presenter");
        for (uint32_t i = 0; i < k->nmethods; i++)
            w->is_method[k->methods[i].name / 8] |= (uint8_t)(1 << k->methods[i].name % 8);
    }
    return 0;
}

/* --- variables of views --- */

static bool literal_view(const struct app *app, const struct facts *f, uint32_t blade, uint32_t *ret)
{
    uint32_t arg = node_find(f, blade, E_ARG), s = arg ? node_first(f, arg) : 0;
    if (!s || facts_node(f, s)->kind != E_STR)
        return false;
    struct str name = facts_str(f, facts_node(f, s)->s);
    const struct view *v = app_view(app, name);
    v = v ? v : app_view_suffix(app, name);
    *ret = v ? v->file : REF_NONE;
    return true;
}

static bool shows_other(const struct node *n)
{
    return n->kind == E_BLADE && (n->op == B_INCLUDE || n->op == B_EACH || n->op == B_EXTENDS);
}

static bool takes_all(const struct facts *f, uint32_t i)
{
    const struct node *n = facts_node(f, i);
    if (n->kind == E_VAR && !n->s)
        return true;
    if (n->kind != E_CALL || facts_node(f, i + 1)->kind != E_NAME)
        return false;
    struct str s = facts_str(f, facts_node(f, i + 1)->s);
    return str_is(s, "compact") || str_is(s, "get_defined_vars");
}

static void vars_of(struct world *w, uint32_t file)
{
    const struct app_file *a = &w->app->files[file];
    uint64_t *bits = w->view_vars[file].bits;
    for (uint32_t i = 0; i < a->facts->nnodes; i++) {
        const struct node *n = facts_node(a->facts, i);
        uint32_t to;
        if (n->kind == E_VAR && n->s)
            bits[a->syms[n->s] % 512 / 64] |= (uint64_t)1 << a->syms[n->s] % 64;
        if (takes_all(a->facts, i) || (shows_other(n) && !literal_view(w->app, a->facts, i, &to)))
            memset(bits, 0xff, sizeof w->view_vars[file].bits);
    }
}

static bool add_included(struct world *w, uint32_t file)
{
    const struct facts *f = w->app->files[file].facts;
    bool more = false;
    for (uint32_t i = 0; i < f->nnodes; i++) {
        uint32_t to;
        if (!shows_other(facts_node(f, i)) || !literal_view(w->app, f, i, &to) || to == REF_NONE)
            continue;
        for (unsigned k = 0; k < 8; k++) {
            uint64_t old = w->view_vars[file].bits[k];
            w->view_vars[file].bits[k] |= w->view_vars[to].bits[k];
            more = more || w->view_vars[file].bits[k] != old;
        }
    }
    return more;
}

static int make_view_vars(struct world *w)
{
    const struct app *app = w->app;
    w->view_vars = arena_new_array(w->arena, struct view_vars, app->nfiles + 1);
    w->view_context = arena_new_array(w->arena, uint8_t, app->nfiles + 1);
    w->view_shown = arena_new_array(w->arena, uint8_t, app->nfiles + 1);
    if (!w->view_vars || !w->view_context || !w->view_shown)
        return RC_NOMEM;
    for (uint32_t i = 0; i < app->nfiles; i++)
        vars_of(w, i);
    bool more = true;
    for (unsigned round = 0; more && round < 12; round++) {
        more = false;
        for (uint32_t i = 0; i < app->nviews; i++)
            more = add_included(w, app->views[i].file) || more;
    }
    return 0;
}

/* --- contexts --- */

static uint8_t bits_of_route(const struct route *r)
{
    uint8_t b = 0;
    if (r->methods & HTTP_GET)
        b |= FLOW_WEB_GET;
    if (r->methods & ~(uint32_t)(HTTP_GET | HTTP_OPTIONS))
        b |= FLOW_WEB_WRITE;
    return b;
}

uint32_t number_of(const struct world *w, const struct method *m)
{
    if (!m || m->class_ == NO_CLASS)
        return NO_CLASS;
    const struct class *c = &w->app->classes[m->class_];
    if (m < c->methods || m >= c->methods + c->nmethods)
        return NO_CLASS;
    return w->method_base[m->class_] + (uint32_t)(m - c->methods);
}

static uint8_t context_of_class(uint32_t is)
{
    if (is & (IS_LIVEWIRE | IS_FILAMENT))
        return FLOW_LIVEWIRE_CTX;
    if (is & (IS_JOB | IS_QUEUED | IS_LISTENER | IS_MAIL | IS_NOTIFICATION))
        return FLOW_JOB_CTX;
    if (is & IS_COMMAND)
        return FLOW_CONSOLE;
    return FLOW_OTHER;
}

/* --- entries --- */

static bool walked(const struct app *app, const struct class *c)
{
    const uint32_t never = IS_MODEL | IS_RESOURCE | IS_RESOURCE_COLLECTION | IS_SEEDER | IS_FACTORY | IS_TEST |
                           IS_POLICY | IS_RELATION_CLASS | IS_CAST | IS_COLLECTION | IS_BUILDER;
    if (c->kind != CLASS_CLASS || c->in_vendor || c->is & never)
        return false;
    switch ((enum file_context)app->files[c->at.file].context) {
    case CTX_SEEDER:
    case CTX_FACTORY:
    case CTX_TEST:
    case CTX_STUB:
        return false;
    default:
        return true;
    }
}

static bool add_entry(struct world *w, struct entry e)
{
    if (w->nentries >= w->centries)
        return false;
    w->entries[w->nentries++] = e;
    return true;
}

static bool reads_this(const struct world *w, const struct method *m)
{
    const struct app_file *f = &w->app->files[m->at.file];
    uint32_t end = facts_node(f->facts, m->at.node)->skip;
    for (uint32_t i = m->at.node; i < end; i++) {
        const struct node *n = facts_node(f->facts, i);
        if ((n->kind == E_VAR && f->syms[n->s] == w->s_this) ||
            (n->kind == E_NAME && str_is(facts_str(f->facts, n->s), "static")))
            return true;
    }
    return false;
}

/* What an abstract base of the app does with the properties and overrides of this class. */
static void inherited_entries(struct world *w, uint32_t cls, uint8_t context)
{
    uint32_t up = w->app->classes[cls].parent;
    for (unsigned depth = 0; up != NO_CLASS && depth < 4; depth++) {
        const struct class *p = &w->app->classes[up];
        if (p->in_vendor || is_concrete(w->app, up) || p->is & IS_CONTROLLER)
            return;
        for (uint32_t i = 0; i < p->nmethods; i++) {
            const struct method *m = &p->methods[i];
            if (m->flags & (F_ABSTRACT | F_PRIVATE) || !reads_this(w, m) ||
                class_method(w->app, cls, m->name) != m)
                continue;
            add_entry(w, (struct entry){ .kind = ENTRY_METHOD, .cls = cls, .method = m, .at = m->at,
                                         .context = context });
        }
        up = p->parent;
    }
}

static bool implements_like(const struct world *w, uint32_t cls, const char *end)
{
    for (unsigned depth = 0; cls != NO_CLASS && depth < 8; depth++) {
        const struct class *c = &w->app->classes[cls];
        for (uint16_t i = 0; i < c->ninterfaces; i++)
            if (str_ends(syms_str(w->app->syms, c->interfaces[i]), end))
                return true;
        cls = c->parent;
    }
    return false;
}

static void contract_entries(struct world *w, uint32_t cls, uint8_t context)
{
    const struct app *app = w->app;
    struct entry e = { .cls = cls, .at = app->classes[cls].at, .context = context };
    const struct method *query = class_method_named(app, cls, "query");
    if (implements_like(w, cls, "WithMapping") && class_method_named(app, cls, "map")) {
        e.kind = ENTRY_EXPORT;
        add_entry(w, e);
    }
    if (query && class_method_named(app, cls, "dataTable")) {
        e.kind = ENTRY_DATATABLE;
        add_entry(w, e);
    }
}

static void class_entries(struct world *w, uint32_t cls, const uint8_t *ctx)
{
    const struct class *c = &w->app->classes[cls];
    uint8_t base = context_of_class(c->is);
    for (uint32_t i = 0; i < c->nmethods; i++) {
        if (c->methods[i].flags & F_ABSTRACT)
            continue;
        uint8_t web = ctx[w->method_base[cls] + i];
        add_entry(w, (struct entry){ .kind = ENTRY_METHOD, .cls = cls, .method = &c->methods[i],
                                     .at = c->methods[i].at, .context = web ? web : base,
                                     .serialises = web && !(c->is & IS_LIVEWIRE) });
    }
    if (!is_concrete(w->app, cls))
        return;
    inherited_entries(w, cls, base);
    contract_entries(w, cls, base);
}

static bool is_own_machinery(const struct world *w, const struct model *model, const struct method *m)
{
    struct str s = syms_str(w->app->syms, m->name);
    if (str_starts(s, "scope") || str_starts(s, "__") || str_ends(s, "Attribute") ||
        model_relation(w->app, model, m->name))
        return true;
    for (uint16_t i = 0; i < model->naccessors; i++)
        if (model->accessors[i].at.file == m->at.file && model->accessors[i].at.node == m->at.node)
            return true;
    return false;
}

/* Methods of models are walked from those who call them; what nobody calls is walked last, alone. */
static void model_entries(struct world *w, uint32_t cls)
{
    const struct class *c = &w->app->classes[cls];
    const struct model *model = class_model(w->app, cls);
    uint8_t where = w->app->files[c->at.file].context;
    if (!model || c->in_vendor || where == CTX_TEST || where == CTX_STUB || where == CTX_SEEDER)
        return;
    if (model->searchable && class_method_named(w->app, cls, "toSearchableArray"))
        add_entry(w, (struct entry){ .kind = ENTRY_SEARCH, .cls = cls, .at = c->at,
                                     .context = FLOW_JOB_CTX });
    for (uint32_t i = 0; i < c->nmethods; i++)
        if (!(c->methods[i].flags & F_ABSTRACT) && !is_own_machinery(w, model, &c->methods[i]))
            add_entry(w, (struct entry){ .kind = ENTRY_MODEL, .cls = cls, .method = &c->methods[i],
                                         .at = c->methods[i].at, .context = FLOW_OTHER });
}

/* An action that the controller inherits runs with the controller as $this. */
static void inherited_entry(struct world *w, const struct route *r)
{
    const struct method *m = r->class_ != NO_CLASS && r->action
                                 ? class_method(w->app, r->class_, r->action)
                                 : NULL;
    if (!m || m->class_ == r->class_ || w->app->classes[r->class_].in_vendor)
        return;
    add_entry(w, (struct entry){ .kind = ENTRY_METHOD, .cls = r->class_, .method = m, .at = m->at,
                                 .context = bits_of_route(r), .serialises = true });
}

static int make_entries(struct world *w)
{
    const struct app *app = w->app;
    uint8_t *ctx = arena_new_array(w->arena, uint8_t, w->nmethods + 1);
    w->centries = 4 * w->nmethods + 2 * app->nroutes + app->nviews + 3 * app->nclasses + 16;
    w->entries = arena_new_array(w->arena, struct entry, w->centries);
    if (!ctx || !w->entries)
        return RC_NOMEM;
    for (uint32_t i = 0; i < app->nroutes; i++) {
        const struct route *r = &app->routes[i];
        uint32_t m = r->class_ != NO_CLASS && r->action
                         ? number_of(w, class_method(app, r->class_, r->action))
                         : NO_CLASS;
        if (m != NO_CLASS)
            ctx[m] |= bits_of_route(r);
        inherited_entry(w, r);
        if (r->closure.file != REF_NONE)
            add_entry(w, (struct entry){ .kind = ENTRY_CLOSURE, .cls = NO_CLASS, .at = r->closure,
                                         .context = bits_of_route(r), .serialises = true });
    }
    for (uint32_t c = 0; c < app->nclasses; c++)
        if (walked(app, &app->classes[c]))
            class_entries(w, c, ctx);
    for (uint32_t i = 0; i < app->nviews; i++)
        add_entry(w, (struct entry){ .kind = ENTRY_VIEW, .cls = NO_CLASS, .view = i,
                                     .at = { app->views[i].file, 0 }, .context = FLOW_OTHER });
    w->nfirst = w->nentries;
    for (uint32_t c = 0; c < app->nclasses; c++)
        model_entries(w, c);
    return 0;
}

static void make_syms(struct world *w)
{
    const struct {
        sym *to;
        const char *s;
    } all[] = {
        { &w->s_this, "this" }, { &w->s_resource, "resource" }, { &w->s_collection, "collection" },
        { &w->s_record, "record" }, { &w->s_invoke, "__invoke" }, { &w->s_get, "get" }, { &w->s_query, "query" },
        { &w->s_compose, "compose" },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i].to = syms_find(w->app->syms, str_c(all[i].s));
    /* Keys of our own that no source can hold: past the last symbol they stay apart from every name. */
    if (!w->s_resource)
        w->s_resource = SYM_OWN_RESOURCE;
    if (!w->s_collection)
        w->s_collection = SYM_OWN_COLLECTION;
}

int world_make(struct world *w, const struct app *app, const struct flow_opts *opts)
{
    *w = (struct world){ .app = app };
    w->max_depth = opts && opts->max_depth ? opts->max_depth : WALK_DEPTH;
    w->max_steps = opts && opts->max_steps ? opts->max_steps : WALK_STEPS;
    w->arena = arena_new((size_t)512 << 20);
    if (!w->arena)
        return RC_NOMEM;
    w->composers = arena_new_array(w->arena, struct composer, 256);
    w->shares = arena_new_array(w->arena, struct share, 128);
    w->bindings = arena_new_array(w->arena, struct binding, 512);
    if (!w->composers || !w->shares || !w->bindings)
        return RC_NOMEM;
    w->user_model = app_user_model(app);
    make_syms(w);
    int rc = make_names(w);
    rc = rc ? rc : make_classes(w);
    rc = rc ? rc : make_method_bits(w);
    rc = rc ? rc : make_view_vars(w);
    return rc ? rc : make_entries(w);
}

void world_free(struct world *w)
{
    arena_free(w->arena);
    w->arena = NULL;
}

/* --- what the interpreter asks --- */

enum known_class known_class(const struct interp *it, sym full_name)
{
    return full_name < SYM_OWN_COLLECTION ? (enum known_class)it->w->known_of[full_name] : KC_NONE;
}

sym it_find_sym(const struct interp *it, const char *s)
{
    return syms_find(it->app->syms, str_c(s));
}

struct str it_str(const struct interp *it, sym s)
{
    return syms_str(it->app->syms, s);
}
