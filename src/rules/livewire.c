/* Livewire: state that travels with every update, and models that every update asks for again. */
#include "rules/emit.h"
#include "rules/families.h"

static bool is_component(const struct class *c)
{
    return (c->is & IS_LIVEWIRE) && !(c->is & IS_TEST);
}

static bool type_named(const struct app *app, const struct prop *p, const char *what)
{
    return p->type && strcasestr(syms_cstr(app->syms, p->type), what);
}

static bool holds_model(const struct app *app, const struct prop *p)
{
    uint32_t cls = p->type ? app_class(app, p->type) : NO_CLASS;
    return cls != NO_CLASS && (app->classes[cls].is & IS_MODEL);
}

static bool holds_collection(const struct app *app, const struct prop *p)
{
    return type_named(app, p, "Collection") || type_named(app, p, "Paginator");
}

static bool is_public(const struct prop *p)
{
    return !(p->flags & (F_PRIVATE | F_PROTECTED | F_STATIC));
}

/* Rows of a query: ->get(), ->toArray(), ->all(), ->paginate()… */
static bool makes_rows(const struct facts *f, uint32_t node)
{
    static const char *const makers[] = { "get", "all", "toArray", "paginate", "pluck", "map", "resolve", "cursorPaginate" };
    for (uint32_t i = node; i < facts_node(f, node)->skip; i++)
        for (size_t k = 0; facts_node(f, i)->kind == E_MCALL && k < sizeof makers / sizeof *makers; k++)
            if (str_ieq(facts_str(f, facts_node(f, i)->s), str_c(makers[k])))
                return true;
    return false;
}

/* $this->prop = …->get() somewhere in the class. */
static bool is_filled_with_rows(const struct app *app, const struct class *c, const struct prop *p)
{
    const struct facts *f = app->files[c->at.file].facts;
    const char *name = syms_cstr(app->syms, p->name);
    for (uint32_t i = c->at.node; i < facts_node(f, c->at.node)->skip; i++) {
        uint32_t to = facts_node(f, i)->kind == E_ASSIGN ? node_first(f, i) : 0;
        if (to && facts_node(f, to)->kind == E_PROP && str_is(facts_str(f, facts_node(f, to)->s), name) &&
            makes_rows(f, facts_node(f, to)->skip))
            return true;
    }
    return false;
}

/* The property that weighs most: what is filled with rows, then by type a collection, an array, a model. */
static const struct prop *heaviest(const struct app *app, const struct class *c)
{
    const struct prop *best = NULL;
    int best_weight = 0;
    for (uint32_t i = 0; i < c->nprops; i++) {
        const struct prop *p = &c->props[i];
        int weight = !is_public(p) ? 0 : holds_collection(app, p) ? 4 : type_named(app, p, "array") ? 3 : !p->type ? 2 :
                     holds_model(app, p) ? 1 : 0;
        if (is_public(p) && is_filled_with_rows(app, c, p))
            weight += 5;
        if (weight > best_weight) {
            best = p;
            best_weight = weight;
        }
    }
    return best;
}

/* --- livewire-fat-state --- */

struct weight {
    uint32_t route;
    double bytes, updates;
    bool found;
};

static bool same_component(const struct app *app, const struct class *c, const char *name)
{
    const char *full = syms_cstr(app->syms, c->name);
    if (!strcasecmp(name, full))
        return true;
    const struct component *known = app_component(app, str_c(name), true);
    return known && known->class_ != NO_CLASS && &app->classes[known->class_] == c;
}

static struct weight snapshot_of(const struct rule_in *in, const struct class *c)
{
    struct weight w = { 0 };
    for (uint32_t i = 0; in->load && i < in->load->ncalls; i++) {
        const struct wcall *k = &in->load->calls[i];
        if (k->kind != FW_LIVEWIRE_PHASE || !k->calls || !k->b_sum || !k->name || !same_component(in->app, c, k->name))
            continue;
        double bytes = (double)k->b_sum / (double)k->calls;
        if (!w.found || bytes > w.bytes)
            w = (struct weight){ k->route, bytes, (double)k->calls, true };
    }
    return w;
}

static int fat_state(const struct rule_in *in, const struct class *c, struct arena *arena, struct findings *out,
                     struct err *err)
{
    struct weight w = snapshot_of(in, c);
    const struct prop *p = heaviest(in->app, c);
    bool measured_fat = w.found && w.bytes >= in->th->fat_state_bytes;
    bool looks_fat = !w.found && p && holds_collection(in->app, p);
    if (!measured_fat && !looks_fat)
        return RC_OK;
    struct draft d = draft_new(in, "livewire-fat-state", arena);
    draft_at(&d, p ? p->at : c->at);
    const char *prop = p ? syms_cstr(in->app->syms, p->name) : "";
    d.f.subject = p ? prop : syms_cstr(in->app->syms, c->short_name);
    d.f.from_disk = p != NULL;
    d.f.confidence = measured_fat ? CONF_HIGH : CONF_MEDIUM;
    if (measured_fat) {
        auto_buf size = BUF_INIT(64);
        text_bytes(w.bytes, &size);
        d.f.from_trace = true;
        d.f.tier = TIER_RANKED;
        d.f.route = in->load->routes[w.route].name;
        d.f.cost.bytes = w.bytes;
        draft_number(&d, "state sent with each update", w.bytes, "bytes", SRC_TRACE);
        d.f.message = draft_text(&d, "every update of %s carries %s of state",
                                 words_of(syms_cstr(in->app->syms, c->short_name), arena), buf_cstr(&size));
    } else {
        d.f.message = draft_text(&d, "$%s travels to the browser and back with every update", prop);
    }
    d.f.advice = p ? draft_text(&d, "make $%s a #[Computed] method and keep only ids as public state", prop) :
                     "keep only ids as public state, and compute the rest";
    d.f.why = "Public properties are serialised into the page and sent back with every update; what is computed is not.";
    return draft_emit(&d, out, err);
}

/* --- livewire-rehydrate --- */

static int rehydrate(const struct rule_in *in, const struct class *c, const struct prop *p, struct arena *arena,
                     struct findings *out, struct err *err)
{
    double ms = 0, calls = 0;
    uint32_t route = WNONE;
    for (uint32_t i = 0; in->load && i < in->load->ncallers; i++) {
        const struct wcaller *k = &in->load->callers[i];
        bool ours = k->component && same_component(in->app, c, k->component) &&
                    in->load->routes[k->route].type == FW_LIVEWIRE;
        if (!ours || k->file || !k->traces)
            continue; /* what the engine asks for by itself has no line of the application */
        ms += k->ms / (double)k->traces;
        calls += (double)k->calls / (double)k->traces;
        route = k->route;
    }
    struct draft d = draft_new(in, "livewire-rehydrate", arena);
    draft_at(&d, p->at);
    d.f.from_disk = true;
    d.f.subject = syms_cstr(in->app->syms, p->name);
    if (route != WNONE) {
        draft_cost(&d, route, ms, calls, TIME_LIVEWIRE);
        d.f.confidence = CONF_HIGH;
        draft_number(&d, "statements that only rebuild state, an update", calls, "statements", SRC_TRACE);
    }
    d.f.message = draft_text(&d, "every update asks again for all models of $%s", d.f.subject);
    d.f.advice = draft_text(&d, "make $%s a #[Computed] method: it runs only when it is read", d.f.subject);
    d.f.why = "A public collection is rebuilt from its keys at each update, without the eager loads and columns of the "
              "query that made it.";
    return draft_emit(&d, out, err);
}

int rule_livewire(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)16 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the Livewire rules");
    for (uint32_t i = 0; !rc && i < in->app->nclasses; i++) {
        const struct class *c = &in->app->classes[i];
        if (!is_component(c) || c->in_vendor)
            continue;
        rc = fat_state(in, c, arena, out, err);
        for (uint32_t k = 0; !rc && k < c->nprops; k++)
            if (is_public(&c->props[k]) && type_named(in->app, &c->props[k], "Eloquent\\Collection"))
                rc = rehydrate(in, c, &c->props[k], arena, out, err);
    }
    return rc;
}
