/* N+1: a statement for every row of a list. The static half knows where the query stands that lacks the eager load;
 * the trace knows how often it happens and what it costs. A caller in the trace and a flow in the code that name one
 * relation (or one statement) at one line become one finding with both evidences.
 *
 * What is no N+1: statements of one shape asked in turn for different objects. It needs a loop that the code shows, or
 * a parent select with as many rows. The same values again and again are a duplicate, not an N+1. */
#include "rules/doubt.h"
#include "rules/emit.h"
#include "rules/nplusone.h"
#include "rules/tree.h"

#include <math.h>

struct group { /* callers of one place and relation over all routes; the dearest route speaks */
    const struct wcaller *dearest;
    double ms; /* a request, on that route */
    unsigned routes;
    const struct flow *flow;
};

static double caller_ms(const struct rule_in *in, const struct wcaller *c)
{
    double ms = c->traces ? c->ms / (double)c->traces : 0;
    for (uint32_t i = 0; c->relation && i < in->load->ncalls; i++) {
        const struct wcall *k = &in->load->calls[i];
        if (k->route != c->route || k->kind != FW_LAZY || k->line != c->line || !k->name || strcmp(k->name, c->relation) ||
            !k->file || !c->file || strcmp(k->file, c->file) || !k->traces)
            continue;
        double lazy = k->ms / (double)k->traces; /* the whole load: statement, hydration and framework */
        ms = fmax(ms, lazy);
    }
    return ms;
}

static const char *relation_method(const struct wcaller *c)
{
    const char *colon = c->relation ? strstr(c->relation, "::") : NULL;
    return colon ? colon + 2 : NULL;
}

static bool repeats_reads(enum flow_kind kind)
{
    return kind == FLOW_LAZY || kind == FLOW_QUERY || kind == FLOW_AGGREGATE || kind == FLOW_RELATION_QUERY ||
           kind == FLOW_ACCESSOR_QUERY;
}

static const char *last_segment(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

static bool flow_speaks_of(const struct app *app, const struct flow *f, const struct wcaller *c)
{
    const char *relation = relation_method(c);
    if (!repeats_reads(f->kind) || !c->file)
        return false;
    if (relation && strcasecmp(last_segment(f->subject), relation))
        return false;
    if (!relation && f->kind == FLOW_LAZY)
        return false;
    if (ref_covers(app, f->read, c->file, c->line))
        return true;
    for (uint16_t i = 0; i < f->nsteps; i++) {
        enum step_role role = f->steps[i].role;
        bool asks = role == STEP_READ || role == STEP_ACCESSOR || role == STEP_RELATION || role == STEP_CALL;
        if (asks && ref_covers(app, f->steps[i].at, c->file, c->line))
            return true;
    }
    return false;
}

/* Did the query that the flow starts from run on this route at all? Many lists share one reader. */
static bool origin_ran(const struct rule_in *in, const struct flow *f, uint32_t route)
{
    for (uint32_t i = 0; i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        if (c->route == route && (ref_covers(in->app, f->chain, c->file, c->line) || ref_covers(in->app, f->at, c->file, c->line)))
            return true;
    }
    return false;
}

/* Of several flows that read at this line, the one whose origin is the select that the trace names. */
static const struct flow *flow_of(const struct rule_in *in, const struct wcaller *c)
{
    const struct flow *best = NULL;
    int best_score = -1;
    for (uint32_t i = 0; in->flows && i < in->flows->n; i++) {
        const struct flow *f = &in->flows->items[i];
        if (!flow_speaks_of(in->app, f, c) || !origin_ran(in, f, c->route))
            continue;
        int score = f->confidence;
        if (c->parent_file && (ref_covers(in->app, f->chain, c->parent_file, c->parent_line) ||
                               ref_covers(in->app, f->at, c->parent_file, c->parent_line)))
            score += 1000;
        else if (c->parent_file && !strcmp(ref_path(in->app, f->at), c->parent_file))
            score += 300;
        if (score > best_score) {
            best = f;
            best_score = score;
        }
    }
    return best;
}

/* Rows that belong to one parent load the same row each for itself: a lazy load repeats even with equal values. */
static bool repeats(const struct rule_in *in, const struct wcaller *c)
{
    const struct wshape *shape = &in->load->shapes[c->shape];
    return c->file && !shape->write && c->max_in_trace >= in->th->repeats && (c->relation || c->distinct_values != 1);
}

/* Without a lazy load and without a loop that the code shows, a few statements may be a fixed fan-out: one for each of
 * four types, one batch for each list. */
static bool fans_out(const struct rule_in *in, const struct wcaller *c)
{
    enum { FAN_OUT_MOST = 8 };
    bool batch = strstr(in->load->shapes[c->shape].sql, " in (?") != NULL;
    return !c->relation && (c->median_calls < FAN_OUT_MOST || (batch && c->median_calls < 2 * FAN_OUT_MOST));
}

static bool follows_rows(const struct wcaller *c)
{
    return c->parent_shape != WNONE && c->parent_rows >= c->median_calls * 0.8 && c->median_calls >= 2;
}

static bool is_aggregate(const char *sql)
{
    static const char *const starts[] = { "select count(", "select exists", "select sum(", "select max(",
                                          "select min(",   "select avg(",   "select 1 " };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (str_starts(str_c(sql), starts[i]))
            return true;
    return false;
}

static bool in_accessor(const struct app *app, const char *file, uint32_t line)
{
    uint32_t cls;
    const struct method *m = method_at(app, file, line, &cls);
    const struct model *model = m && cls != NO_CLASS ? class_model(app, cls) : NULL;
    for (uint16_t i = 0; model && i < model->naccessors; i++)
        if (model->accessors[i].at.file == m->at.file && model->accessors[i].at.node == m->at.node)
            return true;
    return false;
}

static const char *static_rule(enum flow_kind kind)
{
    switch (kind) {
    case FLOW_LAZY:
        return "n-plus-one-lazy";
    case FLOW_AGGREGATE:
        return "n-plus-one-aggregate";
    case FLOW_ACCESSOR_QUERY:
        return "query-in-accessor";
    default:
        return "n-plus-one-query";
    }
}

static const char *rule_of(const struct rule_in *in, const struct group *g)
{
    const struct wcaller *c = g->dearest;
    if (g->flow)
        return static_rule(g->flow->kind);
    if (c->relation)
        return "n-plus-one-lazy";
    if (in_accessor(in->app, c->file, c->line))
        return "query-in-accessor";
    return is_aggregate(in->load->shapes[c->shape].sql) ? "n-plus-one-aggregate" : "n-plus-one-query";
}

/* --- words --- */

static enum role role_of_step(enum step_role r)
{
    static const enum role roles[] = { ROLE_QUERY, ROLE_LOOP, ROLE_READ, ROLE_RELATION, ROLE_CALL, ROLE_VIEW, ROLE_RELATION, ROLE_CALL };
    return roles[r];
}

static void add_steps(struct draft *d, const struct flow *f)
{
    for (uint16_t i = 0; i < f->nsteps; i++)
        draft_related(d, f->steps[i].at, role_of_step(f->steps[i].role), NULL);
    if (f->loop.file != REF_NONE)
        draft_related(d, f->loop, ROLE_LOOP, "goes through the rows");
    if (f->read.file != REF_NONE)
        draft_related(d, f->read, ROLE_READ, "asks for each row");
    if (f->accessor.file != REF_NONE)
        draft_related(d, f->accessor, ROLE_RELATION, "runs for each row");
}

static void describe_lazy(struct draft *d, const char *rows, const char *relation, const char *path, double n)
{
    const char *words = words_of(relation, d->arena);
    if (n > 0)
        d->f.message = draft_text(d, "%.0f %s each load their own %s", n, rows, words);
    else
        d->f.message = draft_text(d, "each of the %s loads its own %s", rows, words);
    d->f.advice = draft_text(d, "load it with the %s: ->with('%s')", rows, path);
    d->f.why = draft_text(d, "The %s are read without %s, so it is asked for once a row; one statement for all of them "
                             "does the same work.", rows, words);
}

static void describe_aggregate(struct draft *d, const char *rows, const char *path, const char *fn, double n)
{
    const char *relation = last_segment(path);
    const char *verb = !strcmp(fn, "exists") || !strcmp(fn, "doesntExist") ? "ask whether they have" :
                       !strcmp(fn, "sum") ? "add up their" : "count their";
    const char *with = !strcmp(fn, "sum") ? "withSum" : !strcmp(fn, "max") ? "withMax" : !strcmp(fn, "min") ? "withMin" :
                       !strcmp(fn, "avg") ? "withAvg" : strstr(fn, "xist") ? "withExists" : "withCount";
    if (n > 0)
        d->f.message = draft_text(d, "%.0f %s each %s %s", n, rows, verb, words_of(relation, d->arena));
    else
        d->f.message = draft_text(d, "the %s each %s %s", rows, verb, words_of(relation, d->arena));
    d->f.advice = draft_text(d, "let the query do it: ->%s('%s') and read the attribute", with, relation);
    d->f.why = draft_text(d, "An aggregate runs for every row of the list; as a subselect of the list's own query it is "
                             "one statement.");
}

static void describe_query(struct draft *d, const char *table, double n, const char *of)
{
    const char *words = table ? words_of(table, d->arena) : "the database";
    if (n > 0)
        d->f.message = draft_text(d, "%s: asked %.0f times, once for each %s", words, n, of);
    else
        d->f.message = draft_text(d, "%s: asked once for each %s", words, of);
    d->f.advice = draft_text(d, "ask once before the loop: whereIn(…)->get()->keyBy(…), then look it up");
    d->f.why = draft_text(d, "The statement runs in a loop with one key at a time; one statement with all keys answers "
                             "them together.");
}

static void describe_accessor(struct draft *d, const char *table, double n, const char *symbol)
{
    const char *words = table ? words_of(table, d->arena) : "the database";
    const char *colon = strstr(symbol, "::");
    if (n > 0)
        d->f.message = draft_text(d, "an accessor queries %s, %.0f times on one page", words, n);
    else
        d->f.message = draft_text(d, "an accessor queries %s for every row", words);
    d->f.advice = draft_text(d, "read a loaded relation or a withCount attribute in %s instead",
                             colon ? colon + 2 : "the accessor");
    d->f.why = draft_text(d, "Whoever reads the attribute of a list runs one statement a row without seeing it.");
}

/* --- static findings --- */

static bool reaches_users(const struct flow *f)
{
    return f->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
}

static void static_tier(struct draft *d, const struct flow *f)
{
    d->f.from_disk = true;
    d->f.confidence = f->confidence >= 80 ? CONF_HIGH : f->confidence >= 50 ? CONF_MEDIUM : CONF_LOW;
    bool sure = f->confidence >= 70 && reaches_users(f) && !f->few_rows && !d->in->load && !is_doubtful(d->in->app, f);
    d->f.tier = sure ? TIER_RANKED : TIER_SUGGESTED;
    if (!reaches_users(f) || f->few_rows)
        d->f.severity = SEV_INFO;
    else
        d->f.severity = SEV_WARNING;
}

static const char *table_of(const struct app *app, uint32_t cls)
{
    const struct model *m = cls == NO_CLASS ? NULL : class_model(app, cls);
    return m && m->table ? syms_cstr(app->syms, m->table) : NULL;
}

static void growth_of(struct draft *d, uint32_t cls, double per_row)
{
    const char *table = table_of(d->in->app, cls);
    if (table)
        d->f.growth = (struct growth){ table, per_row, "statements", 0, 0 };
}

/* A page of a list has as many rows, however many the table has. */
static bool is_page(const struct app *app, const struct flow *f)
{
    static const char *const pages[] = { "paginate", "simplePaginate", "cursorPaginate", "limit", "take", "forPage", "first",
                                         "firstOrFail", "find", "findOrFail" };
    const struct facts *facts = facts_of(app, f->chain);
    return facts && calls_any(facts, f->chain.node, pages, sizeof pages / sizeof *pages);
}

static const struct relation *relation_of(const struct app *app, const struct flow *f)
{
    for (uint32_t i = 0; i < app->nmodels; i++)
        for (uint16_t r = 0; r < app->models[i].nrelations; r++)
            for (uint16_t s = 0; s < f->nsteps; s++) {
                struct ref at = app->models[i].relations[r].at, step = f->steps[s].at;
                if (f->steps[s].role == STEP_RELATION && at.file == step.file && at.node == step.node)
                    return &app->models[i].relations[r];
            }
    return NULL;
}

/* Lazy it is right, eager it would be wrong or needs a map of its own: nothing that is repaired without a person. */
static bool resists_eager_loading(const struct app *app, const struct flow *f)
{
    enum { LIMIT_PER_PARENT_SINCE = 11 };
    const struct relation *r = f->kind == FLOW_LAZY ? relation_of(app, f) : NULL;
    bool limit = r && r->has_limit && app->laravel_major && app->laravel_major < LIMIT_PER_PARENT_SINCE;
    return r && (r->reads_this || r->kind == REL_MORPH_TO || limit);
}

/* $row->load(['messages' => fn ($query) => …]) in the loop: the list cannot be loaded with a bare name instead. */
static bool load_is_constrained(const struct app *app, const struct flow *f)
{
    const struct facts *facts = facts_of(app, f->read);
    for (uint32_t i = facts ? f->read.node : 0; facts && i < facts_node(facts, f->read.node)->skip; i++)
        if (facts_node(facts, i)->kind == E_CLOSURE || facts_node(facts, i)->kind == E_ARROW)
            return true;
    return false;
}

/* The same for a flow with and without a measured caller; n: statements a request, 0 when not measured. */
static void describe_flow(struct draft *d, const struct flow *f, const char *table, double n)
{
    const struct app *app = d->in->app;
    const char *rows = model_words(app, flow_row_class(app, f), true, d->arena);
    draft_at(d, f->kind == FLOW_ACCESSOR_QUERY && f->accessor.file != REF_NONE ? f->read : f->at);
    d->f.subject = f->subject;
    if (f->kind == FLOW_LAZY && f->origin_has_with && f->with_call.file == f->at.file)
        d->f.at.line = ref_own_line(app, f->with_call);
    add_steps(d, f);
    switch (f->kind) {
    case FLOW_LAZY:
        describe_lazy(d, rows, last_segment(f->subject), f->subject, n);
        break;
    case FLOW_AGGREGATE:
        describe_aggregate(d, rows, f->subject, f->callee, n);
        break;
    case FLOW_ACCESSOR_QUERY:
        describe_accessor(d, table ? table : *f->subject ? f->subject : NULL, n, d->f.symbol);
        break;
    default:
        describe_query(d, table ? table : *f->subject ? f->subject : NULL, n,
                       f->kind == FLOW_QUERY ? "row" : model_words(app, flow_row_class(app, f), false, d->arena));
    }
    if (*f->callee && f->kind == FLOW_LAZY)
        d->f.fix_kind = d->f.fix_kind == FIX_AUTO && load_is_constrained(app, f) ? FIX_SUGGEST : d->f.fix_kind;
    bool inside = f->origin_in_loop && (f->kind == FLOW_LAZY || f->kind == FLOW_AGGREGATE);
    if (d->f.fix_kind == FIX_AUTO && (inside || resists_eager_loading(app, f)))
        d->f.fix_kind = FIX_SUGGEST;
}

enum { RANKED_PER_LIST = 5 };

/* One list that lacks many loads is one problem: its nearest relations are ranked, the rest is said below. */
static bool stands_behind(const struct flows *flows, uint32_t index)
{
    const struct flow *f = &flows->items[index];
    unsigned before = 0;
    for (int step = -1; step <= 1; step += 2)
        for (uint32_t i = index + (uint32_t)step; i < flows->n; i += (uint32_t)step) {
            const struct flow *o = &flows->items[i];
            if (o->at.file != f->at.file || o->at.node != f->at.node)
                break;
            unsigned theirs = dots_in(o->subject), ours = dots_in(f->subject);
            before += o->in_loop && repeats_reads(o->kind) && (theirs < ours || (theirs == ours && i < index));
        }
    return before >= RANKED_PER_LIST;
}

static int emit_static(const struct rule_in *in, const struct flow *f, struct arena *arena, struct findings *out,
                       struct err *err)
{
    struct draft d = draft_new(in, static_rule(f->kind), arena);
    static_tier(&d, f);
    if (stands_behind(in->flows, (uint32_t)(f - in->flows->items)))
        d.f.tier = TIER_SUGGESTED;
    describe_flow(&d, f, NULL, 0);
    if (!is_page(in->app, f))
        growth_of(&d, flow_row_class(in->app, f), 1);
    d.f.key = flow_key(f);
    return draft_emit(&d, out, err);
}

/* --- measured findings --- */

static void measured_evidence(struct draft *d, const struct group *g)
{
    const struct wcaller *c = g->dearest;
    const struct wshape *shape = &d->in->load->shapes[c->shape];
    draft_number(d, "statements from this place, a request", c->median_calls, "statements", SRC_TRACE);
    draft_number(d, "most in one request", c->max_in_trace, "statements", SRC_TRACE);
    if (c->parent_shape != WNONE)
        draft_number(d, "rows of the select before it", c->parent_rows, "rows", SRC_TRACE);
    draft_number(d, "time of these statements, a request", g->ms, "ms", SRC_TRACE);
    if (g->routes > 1)
        draft_number(d, "pages where it happens", g->routes, "pages", SRC_TRACE);
    draft_fact(d, "lazily loaded relation", c->relation, SRC_TRACE);
    draft_fact(d, "rendering", c->view, SRC_TRACE);
    draft_fact(d, "Livewire component", c->component, SRC_TRACE);
    d->f.statement = shape->sql;
}

static const char *class_words(const char *relation, struct arena *arena)
{
    const char *colon = strstr(relation, "::");
    const char *start = relation;
    for (const char *p = relation; p < colon; p++)
        if (*p == '\\')
            start = p + 1;
    return plural_of(words_of(arena_strndup(arena, start, (size_t)(colon - start)), arena), arena);
}

/* No flow names it: the place is the parent select where the trace knows it, else the line that asks. */
static void describe_unseen(struct draft *d, const struct wcaller *c)
{
    bool parent = c->parent_shape != WNONE && c->parent_file;
    const char *relation = relation_method(c);
    const char *file = parent && c->relation ? c->parent_file : c->file;
    uint32_t line = parent && c->relation ? c->parent_line : c->line;
    const struct wshape *shape = &d->in->load->shapes[c->shape];
    uint32_t shown = parent && c->relation ? chain_line(d->in->app, file, line) : line;
    d->f.at = (struct place){ file, shown, 0, ROLE_HERE, NULL };
    d->f.symbol = symbol_at(d->in->app, file, line, d->arena);
    d->f.subject = relation ? relation : shape->table ? shape->table : shape->sql;
    if (parent)
        draft_related_line(d, c->parent_file, c->parent_line, ROLE_QUERY, "reads the rows");
    draft_related_line(d, c->file, c->line, ROLE_READ, "asks for each row");
    const char *parent_table = c->parent_shape != WNONE ? d->in->load->shapes[c->parent_shape].table : NULL;
    const char *of = parent_table ? words_of(parent_table, d->arena) : "row";
    if (relation)
        describe_lazy(d, class_words(c->relation, d->arena), relation, relation, c->median_calls);
    else if (!strcmp(d->f.rule, "query-in-accessor"))
        describe_accessor(d, shape->table, c->median_calls, d->f.symbol);
    else if (!strcmp(d->f.rule, "n-plus-one-aggregate"))
        describe_query(d, shape->table, c->median_calls, of);
    else
        describe_query(d, shape->table, c->median_calls, of);
    d->f.fix_kind = FIX_SUGGEST; /* nobody knows yet where the edit belongs */
}

static int emit_measured(const struct rule_in *in, const struct group *g, struct arena *arena, struct findings *out,
                         struct err *err)
{
    const struct wcaller *c = g->dearest;
    struct draft d = draft_new(in, rule_of(in, g), arena);
    d.f.confidence = g->flow || follows_rows(c) ? CONF_HIGH : CONF_MEDIUM;
    draft_cost(&d, c->route, g->ms, c->median_calls, TIME_SQL);
    const struct wshape *parent = c->parent_shape != WNONE ? &in->load->shapes[c->parent_shape] : NULL;
    const char *table = parent ? parent->table : NULL;
    bool grows = parent ? reads_with_table(parent->sql) && !(g->flow && is_page(in->app, g->flow)) : false;
    if (g->flow) {
        d.f.from_disk = true;
        d.f.key = flow_key(g->flow);
        describe_flow(&d, g->flow, in->load->shapes[c->shape].table, c->median_calls);
        if (grows)
            growth_of(&d, flow_row_class(in->app, g->flow), c->parent_rows > 0 ? c->median_calls / c->parent_rows : 1);
    } else {
        describe_unseen(&d, c);
        if (grows && table && c->parent_rows > 0)
            d.f.growth = (struct growth){ table, c->median_calls / c->parent_rows, "statements", 0, 0 };
    }
    measured_evidence(&d, g);
    return draft_emit(&d, out, err);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* One reader (an accessor, a partial) serves many lists: each list that lacks its eager load is a finding of its own. */
static bool same_group(const struct group *g, const struct wcaller *b, const struct flow *flow)
{
    const struct wcaller *a = g->dearest;
    if (a->line != b->line || strcmp(a->file, b->file) || !same_text(a->relation, b->relation) || g->flow != flow)
        return false;
    if (flow)
        return true;
    return a->relation ? a->parent_line == b->parent_line && same_text(a->parent_file, b->parent_file) : a->shape == b->shape;
}

static void add_to_groups(const struct rule_in *in, struct group *groups, uint32_t *n, const struct wcaller *c)
{
    double ms = caller_ms(in, c);
    const struct flow *flow = flow_of(in, c);
    for (uint32_t i = 0; i < *n; i++) {
        if (!same_group(&groups[i], c, flow))
            continue;
        groups[i].routes++;
        if (ms > groups[i].ms) {
            groups[i].dearest = c;
            groups[i].ms = ms;
        }
        return;
    }
    groups[(*n)++] = (struct group){ c, ms, 1, flow };
}

bool nplusone_covers(const struct rule_in *in, const struct wcaller *c)
{
    if (!repeats(in, c))
        return false;
    return flow_of(in, c) || (follows_rows(c) && !fans_out(in, c));
}

int rule_nplusone(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)64 << 20);
    if (!arena)
        return err_set(err, RC_NOMEM, NULL, "no memory for the N+1 rules");
    uint32_t ncallers = in->load ? in->load->ncallers : 0, ngroups = 0;
    struct group *groups = arena_new_array(arena, struct group, ncallers + 1);
    int rc = groups ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the N+1 rules");
    for (uint32_t i = 0; !rc && i < ncallers; i++)
        if (nplusone_covers(in, &in->load->callers[i]))
            add_to_groups(in, groups, &ngroups, &in->load->callers[i]);
    for (uint32_t i = 0; !rc && i < ngroups; i++)
        rc = emit_measured(in, &groups[i], arena, out, err);
    for (uint32_t i = 0; !rc && in->flows && i < in->flows->n; i++) {
        const struct flow *f = &in->flows->items[i];
        bool in_list = f->in_loop && repeats_reads(f->kind) && !runs_once(in->app, f) && !is_guarded(in->app, f);
        if (in_list || f->kind == FLOW_ACCESSOR_QUERY)
            rc = emit_static(in, f, arena, out, err);
    }
    return rc;
}
