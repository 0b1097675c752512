#include "rules/emit.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

struct draft draft_new(const struct rule_in *in, const char *rule, struct arena *arena)
{
    const struct rule *r = rule_find(rule);
    struct draft d = { .in = in, .arena = arena };
    d.f.rule = rule;
    d.f.severity = r->severity;
    d.f.klass = r->klass;
    d.f.fix_kind = r->fix;
    d.f.tier = TIER_SUGGESTED;
    d.f.confidence = CONF_MEDIUM;
    d.f.cost.lo = d.f.cost.hi = NAN;
    return d;
}

const char *draft_text(struct draft *d, const char *fmt, ...)
{
    char line[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    return arena_strdup(d->arena, line);
}

const char *ref_path(const struct app *app, struct ref r)
{
    return r.file == REF_NONE || r.file >= app->nfiles ? "" : app->files[r.file].path;
}

uint32_t ref_line(const struct app *app, struct ref r)
{
    return r.file == REF_NONE || r.file >= app->nfiles ? 0 : node_line(app->files[r.file].facts, r.node);
}

/* The line of the call's own name, as the engine tells it. */
static uint32_t name_line(const struct facts *f, uint32_t call)
{
    const struct node *n = facts_node(f, call);
    uint32_t arg = n->kind == E_MCALL ? node_find(f, call, E_ARG) : 0;
    return arg ? node_line(f, arg) : n->kind == E_MCALL ? facts_line(f, n->end ? n->end - 1 : 0) : node_line(f, call);
}

uint32_t ref_own_line(const struct app *app, struct ref r)
{
    if (r.file == REF_NONE || r.file >= app->nfiles)
        return 0;
    const struct facts *f = app->files[r.file].facts;
    const struct node *n = facts_node(f, r.node);
    return n->kind == E_PROP ? facts_line(f, n->end ? n->end - 1 : 0) : name_line(f, r.node);
}

/* The outermost call of a chain that covers the line: the one whose base is no such call. A query that stands among the
 * arguments of another call, on lines of its own, is meant rather than that call. */
static uint32_t chain_at(const struct facts *f, uint32_t line)
{
    uint32_t any = 0;
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        bool call = n->kind == E_MCALL || n->kind == E_SCALL;
        if (!call || facts_line(f, n->off) > line || facts_line(f, n->end) < line ||
            facts_line(f, n->end) >= facts_line(f, n->off) + 40)
            continue;
        if (name_line(f, i) == line)
            return i;
        any = any ? any : i;
    }
    return any;
}

uint32_t chain_line(const struct app *app, const char *file, uint32_t line)
{
    uint32_t number;
    if (!file_of_app(app, file, &number))
        return line;
    const struct facts *f = app->files[number].facts;
    uint32_t top = chain_at(f, line);
    if (!top)
        return line;
    for (uint32_t i = top; i && facts_node(f, i)->kind == E_MCALL; i = node_first(f, i))
        if (str_is(facts_str(f, facts_node(f, i)->s), "with"))
            return ref_own_line(app, (struct ref){ number, i });
    return node_line(f, top);
}

struct ref chain_ref(const struct app *app, const char *file, uint32_t line)
{
    uint32_t number;
    uint32_t top = file_of_app(app, file, &number) ? chain_at(app->files[number].facts, line) : 0;
    return top ? (struct ref){ number, top } : (struct ref){ REF_NONE, 0 };
}

uint32_t head_line(const struct app *app, const char *file, uint32_t line)
{
    uint32_t number;
    uint32_t top = file_of_app(app, file, &number) ? chain_at(app->files[number].facts, line) : 0;
    return top ? node_line(app->files[number].facts, top) : line;
}

void draft_at(struct draft *d, struct ref at)
{
    d->f.at = (struct place){ ref_path(d->in->app, at), ref_line(d->in->app, at), 0, ROLE_HERE, NULL };
    d->f.symbol = symbol_of(d->in->app, at, d->arena);
}

void draft_related_line(struct draft *d, const char *file, uint32_t line, enum role role, const char *note)
{
    if (!file || !*file || !line || d->f.nrelated == DRAFT_RELATED)
        return;
    for (uint16_t i = 0; i < d->f.nrelated; i++)
        if (d->related[i].line == line && d->related[i].role == role && !strcmp(d->related[i].file, file))
            return;
    d->related[d->f.nrelated++] = (struct place){ file, line, 0, role, note };
}

void draft_related(struct draft *d, struct ref at, enum role role, const char *note)
{
    draft_related_line(d, ref_path(d->in->app, at), ref_own_line(d->in->app, at), role, note);
}

void draft_number(struct draft *d, const char *what, double value, const char *unit, enum source source)
{
    if (d->f.nevidence < DRAFT_EVIDENCE)
        d->evidence[d->f.nevidence++] = (struct evidence){ what, unit, value, NULL, source };
}

void draft_fact(struct draft *d, const char *what, const char *text, enum source source)
{
    if (text && d->f.nevidence < DRAFT_EVIDENCE)
        d->evidence[d->f.nevidence++] = (struct evidence){ what, "", 0, text, source };
}

void draft_cost(struct draft *d, uint32_t route, double ms, double calls, enum time_kind kind)
{
    const struct wroute *r = &d->in->load->routes[route];
    double share = r->ms_median > 0 ? ms / r->ms_median : 0;
    d->f.route = r->name;
    d->f.cost = (struct cost){ true, ms, NAN, NAN, share < 1 ? share : 1, calls, 0, kind };
    d->f.tier = TIER_RANKED;
    d->f.from_trace = true;
    if (d->f.severity == SEV_ERROR && ms < 20 && share < 0.1)
        d->f.severity = SEV_WARNING;
    if (ms < d->in->th->min_ms && share < d->in->th->min_share)
        d->f.severity = SEV_INFO;
}

bool reads_with_table(const char *sql)
{
    return sql && str_starts(str_c(sql), "select ") && !strstr(sql, " limit ") && !strstr(sql, " fetch ");
}

/* Of one owner at most: what a window of time, a list of keys or a search leaves over is no share of the table. */
static bool is_share_of_table(const char *sql)
{
    static const char *const others[] = { " >", " <", " in (", " like ", " between ", " or ", " having ", " exists " };
    unsigned equal = 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcasestr(sql, others[i]))
            return false;
    for (const char *p = sql; (p = strstr(p, "= ?")); p++)
        equal++;
    return equal < 2;
}

bool grows_with_table(const char *sql)
{
    return reads_with_table(sql) && is_share_of_table(sql);
}

bool comes_with_use(const struct app *app, const char *table)
{
    for (uint32_t i = 0; table && i < app->nmodels; i++) {
        const struct model *m = &app->models[i];
        if (!m->table || strcmp(syms_cstr(app->syms, m->table), table))
            continue;
        for (uint16_t r = 0; r < m->nrelations; r++)
            if (m->relations[r].kind == REL_BELONGS_TO || m->relations[r].kind == REL_MORPH_TO)
                return true;
    }
    return false;
}

double rows_times(const struct rule_in *in, const char *table)
{
    const struct table *t = in->load && in->schema && table ? schema_table(in->schema, table) : NULL;
    bool few = t && t->rows && (double)t->rows < in->th->reference_rows && comes_with_use(in->app, table);
    return few ? in->th->reference_rows / (double)t->rows : 1;
}

void draft_grows(struct draft *d, const char *table)
{
    const struct table *t = table && d->in->schema ? schema_table(d->in->schema, table) : NULL;
    double times = rows_times(d->in, table);
    if (!t || !t->rows || !d->f.cost.measured)
        return;
    if (!d->f.growth.table)
        d->f.growth = (struct growth){ t->name, d->f.cost.ms / (double)t->rows, "ms", 0, 0 };
    if (times > 1) {
        d->f.growth.times = times;
        d->f.growth.ms = d->f.cost.ms * times;
    }
}

int draft_emit(struct draft *d, struct findings *out, struct err *err)
{
    if (!d->f.at.file || !*d->f.at.file)
        return RC_OK; /* a finding without a place helps nobody */
    d->f.related = d->related;
    d->f.evidence = d->evidence;
    return findings_add(out, &d->f, err);
}

/* --- where a node is --- */

bool ref_covers(const struct app *app, struct ref r, const char *file, uint32_t line)
{
    enum { SLACK = 1, MOST_LINES = 60 };
    if (r.file == REF_NONE || !file || strcmp(ref_path(app, r), file))
        return false;
    const struct facts *facts = app->files[r.file].facts;
    const struct node *n = facts_node(facts, r.node);
    uint32_t first = facts_line(facts, n->off), last = facts_line(facts, n->end);
    if (last > first + MOST_LINES)
        last = first;
    return line + SLACK >= first && line <= last + SLACK;
}

static bool holds(const struct app *app, struct ref outer, struct ref inner)
{
    return outer.file == inner.file && outer.node <= inner.node &&
           inner.node < facts_node(app->files[outer.file].facts, outer.node)->skip;
}

static const struct method *method_of(const struct app *app, struct ref r, uint32_t *ret_class)
{
    *ret_class = NO_CLASS;
    for (uint32_t c = 0; c < app->nclasses; c++) {
        const struct class *k = &app->classes[c];
        if (k->at.file != r.file || !holds(app, k->at, r))
            continue;
        *ret_class = c;
        for (uint32_t m = 0; m < k->nmethods; m++)
            if (holds(app, k->methods[m].at, r))
                return &k->methods[m];
    }
    for (uint32_t f = 0; f < app->nfunctions; f++)
        if (holds(app, app->functions[f].at, r))
            return &app->functions[f];
    return NULL;
}

uint32_t class_of(const struct app *app, struct ref r)
{
    uint32_t cls = NO_CLASS;
    if (r.file != REF_NONE)
        method_of(app, r, &cls);
    return cls;
}

uint32_t flow_row_class(const struct app *app, const struct flow *f)
{
    const char *dot = strrchr(f->subject, '.');
    sym relation = syms_find(app->syms, str_c(dot ? dot + 1 : f->subject));
    bool queries = f->kind == FLOW_AGGREGATE || f->kind == FLOW_RELATION_QUERY || f->kind == FLOW_ACCESSOR_QUERY;
    const struct model *own = f->model == NO_CLASS ? NULL : class_model(app, f->model);
    if (!queries || !relation)
        return f->model;
    for (uint16_t i = 0; i < f->nsteps; i++) {
        uint32_t cls = f->steps[i].role == STEP_RELATION ? class_of(app, f->steps[i].at) : NO_CLASS;
        const struct model *m = cls == NO_CLASS ? NULL : class_model(app, cls);
        if (m && model_relation(app, m, relation))
            return cls;
        if (cls != NO_CLASS && app->classes[cls].kind == CLASS_TRAIT)
            return NO_CLASS; /* many models have it: "rows" */
    }
    if (own && model_relation(app, own, relation))
        return f->model;
    /* the only model with a relation of that name to this class */
    uint32_t found = NO_CLASS;
    for (uint32_t i = 0; i < app->nmodels; i++) {
        const struct relation *r = model_relation(app, &app->models[i], relation);
        if (!r || r->related != f->model)
            continue;
        if (found != NO_CLASS)
            return f->model;
        found = app->models[i].class_;
    }
    return found == NO_CLASS ? f->model : found;
}

const char *symbol_of(const struct app *app, struct ref r, struct arena *arena)
{
    uint32_t cls;
    if (r.file == REF_NONE)
        return "";
    const struct method *m = method_of(app, r, &cls);
    const char *name = cls == NO_CLASS ? "" : syms_cstr(app->syms, app->classes[cls].name);
    if (m)
        return arena_printf(arena, "%s%s%s", name, *name ? "::" : "", syms_cstr(app->syms, m->name));
    return *name ? name : ref_path(app, r);
}

bool file_of_app(const struct app *app, const char *path, uint32_t *ret_file)
{
    for (uint32_t i = 0; path && i < app->nfiles; i++) {
        if (strcmp(app->files[i].path, path))
            continue;
        *ret_file = i;
        return true;
    }
    return false;
}

const struct method *method_at(const struct app *app, const char *file, uint32_t line, uint32_t *ret_class)
{
    uint32_t number;
    const struct method *best = NULL;
    *ret_class = NO_CLASS;
    if (!file_of_app(app, file, &number))
        return NULL;
    const struct facts *facts = app->files[number].facts;
    for (uint32_t c = 0; c < app->nclasses; c++) {
        const struct class *k = &app->classes[c];
        for (uint32_t m = 0; k->at.file == number && m < k->nmethods; m++) {
            const struct node *n = facts_node(facts, k->methods[m].at.node);
            if (facts_line(facts, n->off) > line || facts_line(facts, n->end) < line)
                continue;
            best = &k->methods[m];
            *ret_class = c;
        }
    }
    return best;
}

const char *symbol_at(const struct app *app, const char *file, uint32_t line, struct arena *arena)
{
    uint32_t cls;
    const struct method *m = method_at(app, file, line, &cls);
    return m ? symbol_of(app, m->at, arena) : file;
}

/* --- words --- */

const char *words_of(const char *name, struct arena *arena)
{
    auto_buf out = BUF_INIT(1024);
    for (const char *p = name; *p; p++) {
        bool upper = isupper((unsigned char)*p);
        bool starts = upper && p > name && (islower((unsigned char)p[-1]) || (p[1] && islower((unsigned char)p[1])));
        if (starts || *p == '_' || *p == '-')
            buf_addc(&out, ' ');
        if (*p != '_' && *p != '-')
            buf_addc(&out, (char)tolower((unsigned char)*p));
    }
    return arena_strdup(arena, buf_cstr(&out));
}

const char *plural_of(const char *words, struct arena *arena)
{
    size_t n = strlen(words);
    if (n < 2)
        return words;
    char last = words[n - 1], before = words[n - 2];
    if (last == 'y' && !strchr("aeiou", before))
        return arena_printf(arena, "%.*sies", (int)n - 1, words);
    if (last == 's' || last == 'x' || last == 'z' || (last == 'h' && (before == 'c' || before == 's')))
        return last == 's' && before != 's' && before != 'u' ? words : arena_printf(arena, "%ses", words);
    return arena_printf(arena, "%ss", words);
}

const char *model_words(const struct app *app, uint32_t cls, bool plural, struct arena *arena)
{
    if (cls == NO_CLASS)
        return plural ? "rows" : "row";
    const char *words = words_of(syms_cstr(app->syms, app->classes[cls].short_name), arena);
    return plural ? plural_of(words, arena) : words;
}

/* --- what the trace saw --- */

static bool wants_caller(const struct rule_in *in, const struct wcaller *c, unsigned what)
{
    bool write = in->load->shapes[c->shape].write;
    return write ? what & SEEN_WRITES : what & SEEN_SQL;
}

static unsigned group_of(uint16_t kind)
{
    switch (kind) {
    case FW_HYDRATE:
        return SEEN_HYDRATE;
    case FW_HTTP_CALL:
    case FW_AI:
        return SEEN_HTTP;
    case FW_CACHE:
    case FW_REDIS:
        return SEEN_CACHE;
    default:
        return 0;
    }
}

static void add_call(struct seen *s, const struct wcall *k)
{
    double traces = k->traces ? (double)k->traces : 1;
    s->ms += k->ms / traces;
    s->in_tx |= k->in_tx;
    if (k->kind == FW_HYDRATE) {
        s->models += (double)k->a_sum / traces;
        return;
    }
    s->calls += (double)k->calls / traces;
    s->bytes += (double)k->b_sum / traces;
}

static void add_caller(struct seen *s, const struct wcaller *c)
{
    double ms = c->ms / (double)c->traces;
    if (!s->caller || ms > s->caller->ms / (double)s->caller->traces)
        s->caller = c;
    s->ms += ms;
    s->calls += (double)c->calls / (double)c->traces;
    s->rows += c->rows / (double)c->traces;
    s->in_tx |= c->in_tx;
    s->found = true;
}

/* The dearest route of those on which the trace saw something at this place; all of them are counted. */
struct seen seen_at(const struct rule_in *in, struct ref at, unsigned what)
{
    const struct workload *w = in->load;
    struct seen best = { 0 }, *on = w ? fault_calloc(w->nroutes + 1, sizeof *on) : NULL;
    for (uint32_t i = 0; on && i < w->ncallers; i++) {
        const struct wcaller *c = &w->callers[i];
        if (c->route < w->nroutes && c->traces && wants_caller(in, c, what) && ref_covers(in->app, at, c->file, c->line))
            add_caller(&on[c->route], c);
    }
    for (uint32_t i = 0; on && i < w->ncalls; i++) {
        const struct wcall *k = &w->calls[i];
        if (k->route >= w->nroutes || !(group_of(k->kind) & what) || !ref_covers(in->app, at, k->file, k->line))
            continue;
        add_call(&on[k->route], k);
        on[k->route].found = true;
    }
    uint32_t routes = 0;
    for (uint32_t r = 0; on && r < w->nroutes; r++) {
        routes += on[r].found;
        on[r].route = r;
        if (on[r].found && (!best.found || on[r].ms > best.ms))
            best = on[r];
    }
    best.routes = routes;
    free(on);
    return best;
}

void draft_seen(struct draft *d, const struct seen *s, enum time_kind kind)
{
    if (!s->found)
        return;
    draft_cost(d, s->route, s->ms, s->calls, kind);
    d->f.confidence = CONF_HIGH;
    if (s->calls > 0)
        draft_number(d, "calls from this place, a request", s->calls, "calls", SRC_TRACE);
    if (s->rows > 0)
        draft_number(d, "rows read, a request", s->rows, "rows", SRC_TRACE);
    if (s->models > 0)
        draft_number(d, "models built, a request", s->models, "models", SRC_TRACE);
    draft_number(d, "time at this place, a request", s->ms, "ms", SRC_TRACE);
    if (s->routes > 1)
        draft_number(d, "pages where it happens", s->routes, "pages", SRC_TRACE);
    if (!s->caller)
        return;
    const struct wshape *shape = &d->in->load->shapes[s->caller->shape];
    d->f.statement = shape->sql;
    if (!shape->write && s->rows > s->calls && grows_with_table(shape->sql))
        draft_grows(d, shape->table);
}
