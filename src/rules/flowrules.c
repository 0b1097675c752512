/* Rules whose suspicion is a flow of the code, and whose cost the trace tells when it saw that place: one table says
 * for each kind of flow which rule it is, what to look for in the trace, and how to say it. */
#include "rules/doubt.h"
#include "rules/emit.h"
#include "rules/families.h"
#include "rules/tree.h"

struct telling {
    enum flow_kind kind;
    const char *rule;
    unsigned look_for;      /* enum SEEN_* */
    enum time_kind time;
    bool timeless;          /* its cost is waiting for others, which a private copy cannot show */
    bool (*applies)(const struct rule_in *, const struct flow *, const struct seen *);
    void (*describe)(struct draft *, const struct flow *, const struct seen *);
};

static const char *subject_words(struct draft *d, const struct flow *f, bool plural)
{
    return model_words(d->in->app, f->model, plural, d->arena);
}

static void say_aggregate(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *rows = subject_words(d, f, true);
    const char *fn = *f->subject ? f->subject : "count";
    const char *verb = !strcmp(fn, "sum") || !strcmp(fn, "avg") ? "add up one column" :
                       !strcmp(fn, "pluck") ? "keep one column" :
                       !strcmp(fn, "first") || !strcmp(fn, "last") ? "keep one of them" :
                       !strncmp(fn, "is", 2) || !strcmp(fn, "contains") ? "know whether one is there" : "count them";
    if (s->models > 0)
        d->f.message = draft_text(d, "%.0f %s are built to %s", s->models, rows, verb);
    else
        d->f.message = draft_text(d, "%s are read and built only to %s", rows, verb);
    if (!strcasecmp(fn, "countBy")) { /* a query has no such method */
        d->f.advice = "let the database count: ->selectRaw('column, count(*) as n')->groupBy('column')->pluck('n', 'column')";
        d->f.fix_kind = FIX_SUGGEST;
    } else {
        d->f.advice = draft_text(d, "let the database do it: ->%s(…) without get()", !strncmp(fn, "is", 2) ? "exists" : fn);
    }
    d->f.why = "Every row is fetched and made into a model, and only one number of them is used.";
}

static void say_filter(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *rows = subject_words(d, f, true);
    if (s->rows > 0)
        d->f.message = draft_text(d, "%.0f %s are read, then PHP picks some (%s)", s->rows, rows, f->subject);
    else
        d->f.message = draft_text(d, "all %s are read, then PHP picks some (%s)", rows, f->subject);
    d->f.advice = draft_text(d, "move ->%s(…) before get(), so that the database does it", f->subject);
    d->f.why = "The rows that PHP throws away were fetched and built for nothing.";
}

static void say_unbounded(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *rows = subject_words(d, f, true);
    if (s->rows > 0)
        d->f.message = draft_text(d, "all %.0f %s are read at once, without a limit", s->rows, rows);
    else
        d->f.message = draft_text(d, "all %s are read at once, without a limit", rows);
    d->f.advice = draft_text(d, "paginate the list, or go through it with lazy()");
    d->f.why = "Time and memory grow with the table, and the table grows with the business.";
}

static bool is_listened_to(const struct app *app, uint32_t cls)
{
    const struct model *m = cls == NO_CLASS ? NULL : class_model(app, cls);
    return m && (m->has_events || m->searchable || m->ntouches);
}

static void say_update(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *rows = subject_words(d, f, true);
    if (s->calls > 0)
        d->f.message = draft_text(d, "%.0f %s are written one at a time", s->calls, rows);
    else
        d->f.message = draft_text(d, "%s are written one at a time, in a loop", rows);
    bool same = !is_doubtful(d->in->app, f);
    d->f.advice = same ? "one statement for all of them: whereIn('id', $ids)->update([…])" :
                         "write them together: upsert() in chunks, or one update() for each group of equal values";
    if (!same || is_listened_to(d->in->app, f->model))
        d->f.fix_kind = FIX_SUGGEST; /* observers, Scout and parents hear of save(), not of one statement */
    d->f.why = "Each turn of the loop is a statement and a round trip, and on most engines a flush to disk.";
}

static void say_duplicate(struct draft *d, const struct flow *f, const struct seen *s)
{
    d->f.message = draft_text(d, "the same %s are asked for twice on one path", subject_words(d, f, true));
    d->f.advice = "keep the first answer in a variable, or memoise it with once()";
    d->f.why = "Nothing is written between the two, so the second answer is the first one again.";
    (void)s;
}

static void say_cache(struct draft *d, const struct flow *f, const struct seen *s)
{
    if (s->calls > 0)
        d->f.message = draft_text(d, "the cache is asked %.0f times, one key at a time", s->calls);
    else
        d->f.message = draft_text(d, "the cache is asked once for each turn of a loop");
    d->f.advice = "ask once before the loop: Cache::many($keys)";
    d->f.why = "Each read is a round trip to the cache's server (or a statement, where it lies in the database).";
    (void)f;
}

static void say_http(struct draft *d, const struct flow *f, const struct seen *s)
{
    if (s->calls > 0)
        d->f.message = draft_text(d, "%.0f HTTP calls wait for one another", s->calls);
    else
        d->f.message = draft_text(d, "HTTP calls wait for one another, in a loop");
    d->f.advice = "send them together: Http::pool(fn ($pool) => …) with ->as() names";
    d->f.why = "The time of all calls adds up, although none needs another's answer.";
    (void)f;
}

static void say_embedding(struct draft *d, const struct flow *f, const struct seen *s)
{
    if (s->calls > 0)
        d->f.message = draft_text(d, "%.0f embeddings are asked for one at a time", s->calls);
    else
        d->f.message = draft_text(d, "embeddings are asked for one at a time, in a loop");
    d->f.advice = "give the whole chunk to one call: the API takes an array of inputs";
    d->f.why = "A batch of 50 costs about as long as one call; fifty calls cost fifty times that.";
    (void)f;
}

static void say_ai(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *symbol = strstr(d->f.symbol ? d->f.symbol : "", "::");
    d->f.message = draft_text(d, "%s waits for the model inside a web worker", symbol ? symbol + 2 : "the request");
    d->f.advice = "queue the call and stream the answer to the page";
    d->f.why = "A model takes seconds. Each such request holds a worker for as long, and the pool is small.";
    (void)f, (void)s;
}

static void say_tx(struct draft *d, const struct flow *f, const struct seen *s)
{
    const char *what = *f->callee ? f->callee : "an outgoing call";
    d->f.message = draft_text(d, "a transaction stays open during %s", what);
    d->f.advice = "do the call before DB::transaction, or after it";
    d->f.why = "Locks are held for as long as the other side takes to answer, and others wait for them.";
    (void)s;
}

/* --- which flows are a finding --- */

static bool on_web(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    (void)in, (void)s;
    return f->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
}

/* $room->messages()->save($new) makes a row, or moves one: it is no update of rows that were read. */
static bool saves_another(const struct app *app, struct ref call)
{
    const struct facts *f = app->files[call.file].facts;
    return facts_node(f, call.node)->kind == E_MCALL && str_starts(facts_str(f, facts_node(f, call.node)->s), "save") &&
           node_find(f, call.node, E_ARG);
}

/* $copy = $room->replicate(); $copy->save(): a new row. */
static bool saves_a_copy(const struct app *app, struct ref call)
{
    static const char *const makers[] = { "replicate", "replicateQuietly", "make", "newInstance", "clone" };
    const struct facts *f = facts_of(app, call);
    uint32_t row = f ? node_first(f, call.node) : 0;
    uint32_t value = row && facts_node(f, row)->kind == E_VAR ? only_value(f, row) : 0;
    uint8_t kind = value ? facts_node(f, value)->kind : 0;
    return value && (kind == E_NEW || kind == E_CLONE || (is_call(facts_node(f, value)) && ONE_OF(call_name(f, value), makers)));
}

static bool is_update(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    static const char *const updates[] = { "update", "updateQuietly", "save", "saveQuietly", "increment", "decrement", "touch" };
    if (f->read.file != REF_NONE && (saves_another(in->app, f->read) || saves_a_copy(in->app, f->read)))
        return false;
    const struct facts *facts = facts_of(in->app, f->loop);
    bool in_its_lines = facts && f->read.file == f->loop.file && f->read.node > f->loop.node &&
                        f->read.node < facts_node(facts, f->loop.node)->skip;
    if (!s->found && !in_its_lines)
        return false; /* a method that somebody calls in a loop: what it writes is its own affair */
    if (!s->found && !on_web(in, f, s) && is_doubtful(in->app, f))
        return false; /* an import, a job: each row gets values of its own */
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
        if (f->in_loop && f->model != NO_CLASS && !strcasecmp(f->callee, updates[i]))
            return true;
    return false;
}

static bool looped(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    (void)in, (void)s;
    return f->in_loop;
}

static bool is_embedding(const struct app *app, const struct flow *f)
{
    if (strcasestr(f->callee, "embed") || strcasestr(f->subject, "embed"))
        return true;
    const struct facts *facts = app->files[f->at.file].facts; /* OpenAI::embeddings()->create(…) */
    for (uint32_t i = f->at.node; i && (facts_node(facts, i)->kind == E_MCALL || facts_node(facts, i)->kind == E_SCALL);
         i = node_first(facts, i)) {
        struct str name = facts_str(facts, facts_node(facts, i)->s);
        if (str_starts(name, "embed"))
            return true;
    }
    return false;
}

static bool is_list_type(struct str type)
{
    return str_is(type, "array") || str_is(type, "iterable") || str_ends(type, "Collection");
}

/* Is the variable a parameter that takes a list? */
static bool is_list_parameter(const struct app *app, struct ref var)
{
    const struct facts *f = app->files[var.file].facts;
    uint32_t name = facts_node(f, var.node)->s, function = 0;
    for (uint32_t i = 1; i < var.node; i++) {
        const struct node *n = facts_node(f, i);
        bool holds = var.node < n->skip;
        if (holds && (n->kind == N_METHOD || n->kind == N_FUNCTION || n->kind == E_CLOSURE || n->kind == E_ARROW))
            function = i;
    }
    for (uint32_t c = function ? node_first(f, function) : 0; c; c = node_next(f, function, c)) {
        uint32_t type = facts_node(f, c)->kind == N_PARAM ? node_find(f, c, N_TYPE) : 0;
        if (type && facts_node(f, c)->s == name)
            return is_list_type(facts_str(f, facts_node(f, type)->s));
    }
    return false;
}

static bool is_list_value(const struct app *app, struct ref value)
{
    static const char *const lists[] = { "all", "toArray", "values", "pluck", "map", "chunk" };
    const struct facts *f = app->files[value.file].facts;
    const struct node *n = facts_node(f, value.node);
    if (n->kind == E_ARRAY)
        return node_child(f, value.node, 1) != 0;
    if (n->kind == E_VAR)
        return is_list_parameter(app, value);
    for (size_t i = 0; n->kind == E_MCALL && i < sizeof lists / sizeof *lists; i++)
        if (str_ieq(facts_str(f, n->s), str_c(lists[i])))
            return true;
    return false;
}

/* One call a batch is what it should be: the input is a list, whatever loop it stands in. */
static bool takes_a_list(const struct app *app, struct ref call)
{
    const struct facts *f = app->files[call.file].facts;
    uint32_t end = facts_node(f, call.node)->skip, arg = node_find(f, call.node, E_ARG);
    for (uint32_t i = call.node + 1; i < end; i++) {
        bool keyed = facts_node(f, i)->kind == E_ITEM && (facts_node(f, i)->flags & F_HAS_KEY);
        uint32_t key = keyed ? node_first(f, i) : 0;
        if (key && facts_node(f, key)->kind == E_STR && str_is(facts_str(f, facts_node(f, key)->s), "input"))
            return is_list_value(app, (struct ref){ call.file, node_next(f, i, key) });
    }
    return arg && is_list_value(app, (struct ref){ call.file, node_first(f, arg) });
}

static bool embeds_in_loop(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    (void)s;
    return f->in_loop && is_embedding(in->app, f) && !takes_a_list(in->app, f->at);
}

enum { ROWS_TO_MATTER = 20, UNSEEN_CONFIDENCE = 50 };

/* A handful of models built for one figure costs nothing worth a change. */
static bool enough_rows(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    (void)in, (void)f;
    return !s->found || s->rows >= ROWS_TO_MATTER || s->models >= ROWS_TO_MATTER;
}

/* find([$id])->first(): as many rows as keys. */
static bool by_key(const struct app *app, struct ref chain)
{
    static const char *const finds[] = { "find", "findMany", "findOrFail" };
    const struct facts *f = facts_of(app, chain);
    return f && is_call(facts_node(f, chain.node)) && ONE_OF(call_name(f, chain.node), finds);
}

/* The column is encrypted, or an accessor makes it: the database does not know what PHP compares. */
static bool only_php_can(const struct app *app, const struct flow *f)
{
    const struct facts *facts = facts_of(app, f->read);
    const struct model *m = f->model == NO_CLASS ? NULL : class_model(app, f->model);
    uint32_t arg = facts && is_call(facts_node(facts, f->read.node)) ? node_find(facts, f->read.node, E_ARG) : 0;
    uint32_t value = arg ? node_first(facts, arg) : 0;
    if (!m || !value || facts_node(facts, value)->kind != E_STR)
        return false;
    struct str column = facts_str(facts, facts_node(facts, value)->s);
    for (uint16_t i = 0; i < m->ncasts; i++)
        if (str_is(column, syms_cstr(app->syms, m->casts[i].attribute)) &&
            str_contains(str_c(syms_cstr(app->syms, m->casts[i].type)), "ncrypt"))
            return true;
    sym name = syms_find(app->syms, column);
    return name && model_accessor(app, m, name);
}

/* Sorting, grouping and unique() keep nearly every row: nothing is fetched in vain. */
static bool throws_rows_away(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    static const char *const picks[] = { "where", "filter", "reject", "first", "take", "slice", "last", "skip",
                                         "only", "except", "contains", "search", "random", "forPage", "whereIn" };
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++)
        if (!strncasecmp(f->subject, picks[i], strlen(picks[i])))
            return !by_key(in->app, f->chain) && !only_php_can(in->app, f) && !rows_are_wanted(in->app, f) && enough_rows(in, f, s);
    return false;
}

static bool hydrates_in_vain(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    bool groups = !strcasecmp(f->subject, "countBy");
    if (groups && !s->found)
        return false; /* a number for each group is another statement: worth it where many rows were seen */
    return !rows_are_wanted(in->app, f) && enough_rows(in, f, s);
}

/* Pushing a job is a row or a command of its own, not a wait for somebody else. */
static bool waits_for_others(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    bool pushes = !strncasecmp(f->callee, "dispatch", 8) || !strcasecmp(f->callee, "queue") || !strcasecmp(f->callee, "later");
    bool at_once = strcasestr(f->callee, "sync") || strcasestr(f->callee, "now");
    (void)in, (void)s;
    return !pushes || at_once;
}

/* Once measured, the trace decides: equal values, more than once in one request. */
static bool truly_twice(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    (void)in, (void)f;
    return !s->found || (s->caller && s->caller->duplicates_in_trace >= 2);
}

/* Nothing in the chain makes the rows fewer: no condition, no scope, no page. */
static bool takes_every_row(const struct app *app, struct ref chain)
{
    static const char *const plain[] = { "query", "newQuery", "get", "all", "cursor", "with", "withCount", "withSum", "withExists",
                                         "select", "addSelect", "orderBy", "orderByDesc", "orderByRaw", "latest", "oldest",
                                         "reorder", "inRandomOrder", "without", "toBase", "lockForUpdate" };
    const struct facts *f = facts_of(app, chain);
    bool outermost = true;
    for (uint32_t i = f ? chain.node : 0; i && is_call(facts_node(f, i)); i = node_first(f, i)) {
        uint32_t base = node_first(f, i);
        bool relation = facts_node(f, i)->kind == E_MCALL && base && facts_node(f, base)->kind == E_VAR && !outermost;
        if (!relation && !ONE_OF(call_name(f, i), plain))
            return false;
        outermost = false;
    }
    return f && !outermost;
}

static bool many_rows(const struct rule_in *in, const struct flow *f, const struct seen *s)
{
    if (f->few_rows)
        return false;
    const struct model *m = f->model == NO_CLASS ? NULL : class_model(in->app, f->model);
    const char *table = m && m->table ? syms_cstr(in->app->syms, m->table) : NULL;
    bool grows = s->caller && grows_with_table(in->load->shapes[s->caller->shape].sql);
    double times = grows ? rows_times(in, table) : 1;
    if (s->found || in->load)
        return s->found && enough_rows(in, f, s) && s->rows * times >= in->th->unbounded_rows;
    return f->confidence >= UNSEEN_CONFIDENCE && on_web(in, f, s) && comes_with_use(in->app, table) &&
           takes_every_row(in->app, f->chain) && !is_doubtful(in->app, f);
}

static const struct telling tellings[] = {
    { FLOW_HYDRATE_AGG, "hydrate-then-aggregate", SEEN_SQL | SEEN_HYDRATE, TIME_PHP, false, hydrates_in_vain, say_aggregate },
    { FLOW_FILTER_PHP, "filter-in-php", SEEN_SQL | SEEN_HYDRATE, TIME_PHP, false, throws_rows_away, say_filter },
    { FLOW_UNBOUNDED, "unbounded-get", SEEN_SQL | SEEN_HYDRATE, TIME_PHP, false, many_rows, say_unbounded },
    { FLOW_WRITE, "update-per-model", SEEN_WRITES, TIME_SQL, false, is_update, say_update },
    { FLOW_DUPLICATE, "duplicate-query", SEEN_SQL, TIME_SQL, false, truly_twice, say_duplicate },
    { FLOW_CACHE_READ, "cache-read-loop", SEEN_CACHE | SEEN_SQL, TIME_CACHE, false, looped, say_cache },
    { FLOW_HTTP, "http-sequential", SEEN_HTTP, TIME_AI, true, looped, say_http },
    { FLOW_AI, "embedding-unbatched", SEEN_HTTP, TIME_AI, true, embeds_in_loop, say_embedding },
    { FLOW_AI_SYNC, "ai-in-request", SEEN_HTTP, TIME_AI, true, on_web, say_ai },
    { FLOW_HTTP_IN_TX, "long-transaction", SEEN_HTTP, TIME_AI, true, waits_for_others, say_tx },
};

static void set_tier(struct draft *d, const struct telling *t, const struct flow *f, const struct seen *s)
{
    const struct rule *rule = rule_find(t->rule);
    bool web = f->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
    bool few = f->few_rows && f->kind != FLOW_HTTP; /* three slow hosts are enough */
    bool sure = f->confidence >= 70 && !few && !is_doubtful(d->in->app, f);
    d->f.from_disk = true;
    if (!s->found)
        d->f.confidence = f->confidence >= 80 ? CONF_HIGH : f->confidence >= 50 ? CONF_MEDIUM : CONF_LOW;
    /* A wait for others is not timed on a private copy: the code alone may rank it. */
    if (sure && (t->timeless || (!s->found && web && !d->in->load)))
        d->f.tier = rule->tier;
    if (d->f.tier > TIER_RANKED || few)
        d->f.severity = few ? SEV_INFO : SEV_WARNING;
    if (rule->tier > d->f.tier)
        d->f.tier = rule->tier;
}

static int emit_flow(const struct rule_in *in, const struct telling *t, const struct flow *f, struct arena *arena,
                     struct findings *out, struct err *err)
{
    /* What leaves the process runs where it is read, however far below the place that has to change. */
    struct ref ran = t->look_for & SEEN_HTTP ? f->read : f->at;
    struct ref where = f->chain.file != REF_NONE ? f->chain : ran;
    struct seen s = seen_at(in, where, t->look_for);
    if ((!s.found && runs_once(in->app, f)) || is_guarded(in->app, f) || (t->applies && !t->applies(in, f, &s)))
        return RC_OK;
    struct draft d = draft_new(in, t->rule, arena);
    draft_at(&d, f->at);
    d.f.subject = *f->subject ? f->subject : f->callee;
    d.f.key = flow_key(f);
    if (s.found && !t->timeless)
        draft_seen(&d, &s, t->time);
    else if (s.found)
        draft_number(&d, "calls from this place, a request (answered by a stand-in)", s.calls, "calls", SRC_TRACE);
    d.f.from_trace = s.found;
    for (uint16_t i = 0; i < f->nsteps; i++)
        draft_related(&d, f->steps[i].at, f->steps[i].role == STEP_LOOP ? ROLE_LOOP : f->steps[i].role == STEP_QUERY ?
                      ROLE_QUERY : ROLE_CALL, NULL);
    t->describe(&d, f, &s);
    set_tier(&d, t, f, &s);
    return draft_emit(&d, out, err);
}

/* ->get()->where(…)->first(): one chain, one finding, by the first thing that PHP does to the rows. */
static bool same_chain_before(const struct flows *flows, uint32_t index)
{
    const struct flow *f = &flows->items[index];
    bool rows = f->kind == FLOW_FILTER_PHP || f->kind == FLOW_HYDRATE_AGG;
    for (uint32_t i = index; rows && f->chain.file != REF_NONE && i > 0; i--) {
        const struct flow *o = &flows->items[i - 1];
        if (o->at.file != f->at.file)
            break;
        if (o->kind == f->kind && o->chain.file == f->chain.file && o->chain.node == f->chain.node)
            return true;
    }
    return false;
}

int rule_flows(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)64 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the rules");
    for (uint32_t i = 0; !rc && i < in->flows->n; i++)
        for (size_t k = 0; !rc && k < sizeof tellings / sizeof *tellings; k++)
            if (tellings[k].kind == (enum flow_kind)in->flows->items[i].kind && !same_chain_before(in->flows, i))
                rc = emit_flow(in, &tellings[k], &in->flows->items[i], arena, out, err);
    return rc ? rc : rule_many_rows(in, out, err);
}
