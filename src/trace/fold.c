/* Folding: one trace into the tables of a build. */
#include "trace/fold.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_BYTES = 16384, SYNTAX_BYTES = 4 << 20 };

struct workload_build *workload_new(const char *app_root)
{
    struct workload_build *b = fault_calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->nroot = app_root ? strlen(app_root) : 0;
    while (b->nroot && app_root[b->nroot - 1] == '/')
        b->nroot--;
    b->root = fault_calloc(1, b->nroot + 1);
    b->text = fault_malloc(TEXT_BYTES);
    b->syms = syms_new();
    b->result = arena_new((size_t)1 << 30);
    b->scratch = arena_new(SYNTAX_BYTES);
    b->route_of = map64_new();
    b->shape_of = map64_new();
    b->text_of = map64_new();
    b->caller_of = map64_new();
    b->call_of = map64_new();
    b->distinct = map64_new();
    b->write_at = map64_new();
    if (!b->root || !b->text || !b->syms || !b->result || !b->scratch || !b->route_of ||
        !b->shape_of || !b->text_of || !b->caller_of || !b->call_of || !b->distinct ||
        !b->write_at) {
        workload_free(b);
        return NULL;
    }
    if (b->nroot)
        memcpy(b->root, app_root, b->nroot);
    return b;
}

void workload_free(struct workload_build *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->routes.n; i++) {
        vec_release(&b->routes.p[i].samples);
        vec_release(&b->routes.p[i].timed);
        fold_kept_release(&b->routes.p[i].kept);
    }
    for (size_t i = 0; i < b->shapes.n; i++)
        vec_release(&b->shapes.p[i].values);
    for (size_t i = 0; i < b->callers.n; i++) {
        vec_release(&b->callers.p[i].distinct);
        vec_release(&b->callers.p[i].counts);
    }
    vec_release(&b->routes);
    vec_release(&b->shapes);
    vec_release(&b->callers);
    vec_release(&b->calls);
    vec_release(&b->touched);
    map64_free(b->route_of);
    map64_free(b->shape_of);
    map64_free(b->text_of);
    map64_free(b->caller_of);
    map64_free(b->call_of);
    map64_free(b->distinct);
    map64_free(b->write_at);
    map64_free(b->repeated);
    syms_free(b->syms);
    arena_free(b->result);
    arena_free(b->scratch);
    free(b->root);
    free(b->text);
    free(b);
}

static sym intern(struct workload_build *b, const char *s)
{
    return s && s[0] ? syms_intern(b->syms, str_c(s)) : 0;
}

static void learn_dialect(struct workload_build *b, const char *dsn)
{
    if (strncmp(dsn, "sqlite", 6) == 0)
        b->dialect = DIALECT_SQLITE;
    else if (strncmp(dsn, "pgsql", 5) == 0)
        b->dialect = DIALECT_PGSQL;
    else if (strncmp(dsn, "mysql", 5) == 0 || strncmp(dsn, "mariadb", 7) == 0)
        b->dialect = DIALECT_MYSQL;
}

static void read_statement(struct workload_build *b, struct fshape *s, const char *sql)
{
    struct stmt *stmt;
    arena_clear(b->scratch);
    s->kind = STMT_OTHER;
    if (stmt_parse(str_c(sql), b->dialect, b->scratch, &stmt, NULL))
        return;
    s->kind = (uint8_t)stmt->kind;
    s->write = stmt->kind == STMT_INSERT || stmt->kind == STMT_UPDATE ||
               stmt->kind == STMT_DELETE || stmt->kind == STMT_DDL;
    for (unsigned i = 0, n = 0; i < stmt->ntables && n < FOLD_TABLES; i++)
        s->tables[n++] = syms_intern(b->syms, stmt->tables[i].name);
    s->table = s->tables[0];
}

/* The shape of a text; texts seen before are found by their own hash, without reading them again.
 */
static uint32_t shape_of(struct workload_build *b, const char *sql, uint64_t text_hash)
{
    uint64_t known;
    if (map64_get(b->text_of, text_hash, &known))
        return (uint32_t)known;
    uint64_t fp = sql_fingerprint(str_c(sql), b->dialect, b->text, TEXT_BYTES);
    bool fresh = !map64_get(b->shape_of, fp, NULL);
    sym text = fresh ? syms_intern(b->syms, str_c(b->text)) : 0;
    uint32_t shape = fold_shape(b, fp, text);
    if (shape == WNONE)
        return WNONE;
    if (fresh)
        read_statement(b, &b->shapes.p[shape], sql);
    if (map64_count(b->text_of) < (size_t)LIMIT_SHAPES * 8 &&
        !map64_put(b->text_of, text_hash, shape))
        return shape; /* only slower */
    return shape;
}

/* What lies around a span: lazy load, view, component. */
struct around {
    const char *relation, *view, *component;
};

static struct around look_around(const struct trace *t, const struct span *s)
{
    struct around a = { 0 };
    uint16_t up = s->parent;
    if (up && t->spans[up - 1].kind == FW_LAZY)
        a.relation = t->spans[up - 1].name;
    for (; up; up = t->spans[up - 1].parent) {
        const struct span *p = &t->spans[up - 1];
        if (p->kind == FW_VIEW && !a.view)
            a.view = p->name;
        else if (p->kind == FW_LIVEWIRE_PHASE && !a.component)
            a.component = p->name;
    }
    return a;
}

static void note_write(struct workload_build *b, const struct fshape *s)
{
    if (s->kind == STMT_SELECT || s->kind == STMT_TX)
        return;
    b->any_write_at = ++b->clock;
    if (!s->table || !map64_put(b->write_at, s->table, b->clock))
        b->unknown_write_at = b->clock;
}

static bool written_since(const struct workload_build *b, const struct fshape *s, uint64_t clock)
{
    uint64_t at;
    if (b->unknown_write_at > clock || (!s->table && b->any_write_at > clock))
        return true;
    for (unsigned i = 0; i < FOLD_TABLES && s->tables[i]; i++)
        if (map64_get(b->write_at, s->tables[i], &at) && at > clock)
            return true;
    return false;
}

/* How often this key came in this trace with nothing written between. */
static uint32_t repeat(struct workload_build *b, const struct fshape *s, uint64_t key)
{
    enum { CLOCK_BITS = 40 };
    const uint64_t mask = ((uint64_t)1 << CLOCK_BITS) - 1;
    uint64_t had, n = 1, since = b->clock;
    if (map64_get(b->repeated, key, &had) && !written_since(b, s, had & mask)) {
        n = (had >> CLOCK_BITS) + 1;
        since = had & mask;
    }
    return map64_put(b->repeated, key, n << CLOCK_BITS | since) ? (uint32_t)n : 1;
}

static void note_duplicates(struct workload_build *b, uint32_t caller, uint64_t value)
{
    struct fcaller *c = &b->callers.p[caller];
    struct fshape *s = &b->shapes.p[c->shape];
    if (s->kind != STMT_SELECT)
        return;
    uint64_t key = hash_mix(value, c->shape), asker_key = ~key, asker = caller;
    uint32_t all = repeat(b, s, key), here = repeat(b, s, hash_mix(key, (uint64_t)caller + 1));
    s->duplicates = all > s->duplicates ? all : s->duplicates;
    c->duplicates = here > c->duplicates ? here : c->duplicates;
    if (all == 1)
        (void)!map64_put(b->repeated, asker_key, caller);
    else if (map64_get(b->repeated, asker_key, &asker) && asker != caller) {
        c->echoes++;
        c->echo_of = (uint32_t)asker;
    }
}

static bool touch(struct workload_build *b, uint32_t caller, const struct span *s)
{
    struct fcaller *c = &b->callers.p[caller];
    if (c->epoch != b->epoch) {
        struct ftouch fresh = { .caller = caller, .first = s->index };
        if (!vec_push_max(&b->touched, fresh, LIMIT_SPANS))
            return false;
        c->epoch = b->epoch;
        c->touched = (uint32_t)b->touched.n - 1;
        c->traces++;
    }
    struct ftouch *t = &b->touched.p[c->touched];
    t->calls++;
    t->rows += s->a;
    return true;
}

static bool fold_sql(struct workload_build *b, const struct trace *t, const struct span *s,
                     uint32_t route)
{
    uint64_t text_hash = str_hash(str_c(s->name));
    uint32_t shape = shape_of(b, s->name, text_hash);
    if (shape == WNONE) {
        b->shapes_dropped++;
        return true;
    }
    struct fshape *sh = &b->shapes.p[shape];
    struct around a = look_around(t, s);
    struct fcaller key = { .route = route,
                           .shape = shape,
                           .line = s->line,
                           .file = fold_path(b, s->file),
                           .fn = intern(b, s->fn),
                           .relation = intern(b, a.relation),
                           .view = intern(b, a.view),
                           .component = intern(b, a.component) };
    uint32_t caller = fold_caller(b, &key);
    double ns = (double)s->dur_ns;
    sh->calls++;
    sh->traces += sh->epoch != b->epoch;
    sh->epoch = b->epoch;
    sh->ns += ns;
    sh->rows += s->a;
    if (s->flags & FW_WRITE)
        sh->write = true;
    note_write(b, sh);
    bool may_change = s->dur_ns >= sh->slowest_ns || (s->values && sh->values.n < WVALUES);
    if (may_change) {
        bool keep = s->values && strlen(s->values) <= FOLD_VALUE_BYTES;
        fold_example(b, sh, intern(b, s->name), s->dur_ns, keep ? intern(b, s->values) : 0);
    }
    if (caller == WNONE) {
        b->shapes_dropped++;
        return true;
    }
    struct fcaller *c = &b->callers.p[caller];
    c->calls++;
    c->ns += ns;
    c->rows += s->a;
    c->in_tx |= (s->flags & FW_IN_TX) != 0;
    bool known = s->b || !strchr(syms_cstr(b->syms, sh->text), '?') || !strpbrk(s->name, "?$:@");
    uint64_t value = hash_mix(text_hash, s->b);
    if (known) { /* else: values were not told, and nothing is the same as nothing */
        note_duplicates(b, caller, value);
        if (!fold_distinct(b, caller, value))
            return false;
    }
    return touch(b, caller, s);
}

static bool fold_other(struct workload_build *b, const struct trace *t, const struct span *s,
                       uint32_t route, const struct span *tx)
{
    struct around a = look_around(t, s);
    bool by_a = s->kind == FW_CACHE || s->kind == FW_LIVEWIRE_PHASE;
    struct fcall key = { .route = route,
                         .kind = s->kind,
                         .line = s->line,
                         .name = intern(b, s->name),
                         .file = fold_path(b, s->file),
                         .fn = intern(b, s->fn),
                         .view = intern(b, a.view),
                         .component = intern(b, a.component),
                         .a_key = by_a ? s->a : 0 };
    uint32_t at = fold_call(b, &key);
    if (at == WNONE)
        return true; /* the ceiling: sums by kind stay right */
    struct fcall *c = &b->calls.p[at];
    if (c->epoch != b->epoch) {
        c->epoch = b->epoch;
        c->in_trace = 0;
        c->traces++;
    }
    c->calls++;
    c->in_trace++;
    c->max = c->in_trace > c->max ? c->in_trace : c->max;
    c->ns += (double)s->dur_ns;
    c->self_ns += (double)s->self_ns;
    c->a_sum += s->a;
    c->b_sum += s->b;
    c->a_max = s->a > c->a_max ? s->a : c->a_max;
    c->b_max = s->b > c->b_max ? s->b : c->b_max;
    if (s->flags & FW_IN_TX) {
        c->in_tx = true;
        c->tx_ns += tx ? (double)tx->dur_ns : 0;
    }
    return true;
}

/* Rows became models: the select before the hydrate span says which. */
static void learn_model(struct workload_build *b, const struct span *s, uint32_t last_select)
{
    if (last_select != WNONE && s->name[0] && !b->shapes.p[last_select].model)
        b->shapes.p[last_select].model = intern(b, s->name);
}

/* Tables in which the framework itself keeps sessions and cache when they lie in the database:
 * writing them is no effect of the page. */
static bool is_housekeeping(const struct workload_build *b, sym table)
{
    static const char *const names[] = { "sessions", "cache", "cache_locks" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(syms_str(b->syms, table), names[i]))
            return true;
    return false;
}

static void note_effect(struct workload_build *b, struct froute *r, const struct span *s, sym table)
{
    char text[300];
    if (r->side_effect)
        return;
    if (s->kind == FW_SQL)
        snprintf(text, sizeof text, "writes %s",
                 table ? syms_cstr(b->syms, table) : "the database");
    else if (s->kind == FW_HTTP_CALL)
        snprintf(text, sizeof text, "sends %s", s->name);
    else
        snprintf(text, sizeof text, "%s %s", s->kind == FW_MAIL ? "mails" : "queues", s->name);
    r->side_effect = syms_intern(b->syms, str_c(text));
}

static void look_for_effect(struct workload_build *b, struct froute *r, const struct span *s)
{
    bool sends = s->kind == FW_HTTP_CALL && s->name[0] && strncmp(s->name, "GET ", 4) &&
                 strncmp(s->name, "HEAD ", 5);
    if (s->kind == FW_MAIL || s->kind == FW_QUEUE_PUSH || sends)
        note_effect(b, r, s, 0);
}

static struct fsample sample_of(const struct trace *t)
{
    struct fsample s = { .key = hash_mix(hash_mix(t->id[0], t->id[1]), t->t_ns),
                         .t_ns = t->t_ns,
                         .ms = (double)t->dur_ns / 1e6,
                         .cpu_ms = (double)t->cpu_ns / 1e6,
                         .bytes_out = (double)t->bytes_out,
                         .hydrated = (float)t->hydrated,
                         .lazy = (float)t->lazy };
    uint64_t own = t->dur_ns;
    for (uint32_t i = 0; i < t->nspans; i++) {
        const struct span *p = &t->spans[i];
        s.kind_ms[p->kind] += (float)((double)p->self_ns / 1e6);
        uint64_t its = p->kind == FW_TX ? p->self_ns : p->dur_ns;
        if (!p->parent)
            own -= its < own ? its : own;
        if (p->kind == FW_SQL) {
            s.statements++;
            s.rows += (float)p->a;
        }
    }
    for (uint32_t i = 0; i < t->nsums;
         i++) { /* their parents counted this time as their own, but of which kind? */
        const struct span_sum *m = &t->sums[i];
        s.kind_ms[m->kind] += (float)((double)m->dur_ns / 1e6);
        s.statements += m->kind == FW_SQL ? (float)m->count : 0;
        s.rows += m->kind == FW_SQL ? (float)m->rows : 0;
    }
    s.kind_ms[0] += (float)((double)own / 1e6);
    return s;
}

static bool close_touched(struct workload_build *b, uint64_t key)
{
    bool ok = true;
    for (size_t i = 0; i < b->touched.n; i++) {
        struct ftouch *t = &b->touched.p[i];
        struct fcaller *c = &b->callers.p[t->caller];
        c->max = t->calls > c->max ? t->calls : c->max;
        c->min = c->traces == 1 || t->calls < c->min ? t->calls : c->min;
        ok &= fold_count(c, (struct fcount){ key, t->calls });
    }
    return ok;
}

static bool fold_spans(struct workload_build *b, const struct trace *t, uint32_t route)
{
    uint32_t last_select = WNONE;
    const struct span *tx = NULL; /* the outermost that is open */
    bool ok = true;
    for (uint32_t i = 0; ok && i < t->nspans; i++) {
        const struct span *s = &t->spans[i];
        if (tx && s->t_ns >= tx->t_ns + tx->dur_ns)
            tx = NULL;
        if (s->kind == FW_TX && !tx)
            tx = s;
        if (s->kind == FW_SQL_CONNECT || s->kind == FW_TX)
            learn_dialect(b, s->name);
        if (s->kind != FW_SQL) {
            if (s->kind == FW_HYDRATE)
                learn_model(b, s, last_select);
            look_for_effect(b, &b->routes.p[route], s);
            ok = fold_other(b, t, s, route, s == tx ? NULL : tx);
            continue;
        }
        ok = fold_sql(b, t, s, route);
        uint64_t shape;
        if (!map64_get(b->text_of, str_hash(str_c(s->name)), &shape))
            continue;
        const struct fshape *sh = &b->shapes.p[shape];
        if (sh->kind == STMT_SELECT)
            last_select = (uint32_t)shape;
        if (sh->write && !is_housekeeping(b, sh->table))
            note_effect(b, &b->routes.p[route], s, sh->table);
    }
    return ok;
}

int workload_fold(struct workload_build *b, const struct trace *t, struct err *err)
{
    uint8_t type;
    sym name = fold_route_name(b, t, &type);
    uint32_t route = fold_route(b, name, type);
    b->lost_spans += t->dropped;
    if (route == WNONE) {
        b->lost_traces++;
        return b->routes.n >= FOLD_ROUTES
                   ? 0
                   : err_set(err, RC_NOMEM, NULL, "no memory for one more route");
    }
    b->epoch++;
    b->traces++;
    b->touched.n = 0;
    map64_free(b->repeated);
    b->repeated = map64_new();
    struct froute *r = &b->routes.p[route];
    struct fsample sample = sample_of(t);
    r->traces++;
    r->errors += t->type == FW_CLI || t->type == FW_JOB ? t->status != 0 : t->status >= 500;
    r->ns_sum += (double)t->dur_ns;
    r->peak_kb = t->peak_kb > r->peak_kb ? t->peak_kb : r->peak_kb;
    if (!r->action)
        r->action = intern(b, t->action);
    bool ok = b->repeated && fold_sample(&r->samples, &sample) && fold_spans(b, t, route) &&
              close_touched(b, sample.key) && fold_keep(b, &b->routes.p[route], t, sample.key);
    if (!ok)
        return err_set(err, RC_NOMEM, NULL, "no memory to fold a trace of %s",
                       syms_cstr(b->syms, name));
    fold_pairs(b, t);
    return 0;
}
