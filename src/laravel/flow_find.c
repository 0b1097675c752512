/* Walks every entry on all cores and merges what the walks report, the same way for any number of threads. */
#include "laravel/flow_world.h"

static void start(struct interp *it, uint32_t entry)
{
    arena_clear(it->a);
    it->top = NULL;
    it->loop = NULL;
    it->floor = it->depth = it->nest = 0;
    it->steps = 0;
    it->max_steps = it->w->max_steps;
    it->cut = false;
    it->entry = entry;
    it->tx = (struct ref){ REF_NONE, 0 };
    it->quiet = 0;
    it->root = NULL;
    memset(it->memo, 0, sizeof it->memo);
    memset(it->seen, 0, sizeof it->seen);
    it->services = NULL;
    it->nservices = it->cservices = 0;
    it->scopes = NULL;
    it->nscopes = it->cscopes = 0;
    it->scoping = NULL;
    it->views = NULL;
    it->nviews = it->cviews = 0;
    it->resources = it->appends = 0;
    it->table = NULL;
    it->includes = NULL;
    it->transformed.rows = it->transformed.with = NULL;
}

/* What an entry made to be shown has a budget of its own: it comes last. */
static void new_budget(struct interp *it)
{
    if (it->cut && arena_failed(it->a))
        return;
    it->cut = false;
    it->max_steps = it->steps + it->w->max_steps;
}

/* What an action returns: an object that makes its own response, rows and arrays as JSON. */
static void respond(struct interp *it, const struct value *v, struct ref at)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    for (uint32_t i = 0; i < n; i++) {
        const struct method *own = v_is(m[i], V_OBJECT) && m[i]->cls != NO_CLASS
                                       ? class_method_named(it->app, m[i]->cls, "toResponse")
                                       : NULL;
        struct args request;
        args_init(&request);
        args_add(it, &request, v_unknown(it, NULL));
        if (own)
            call_method(it, own, m[i], &request, at, STEP_CALL);
        else
            serialise(it, m[i], at, 0);
    }
    views_flush(it, 0);
}

/* The query of a table may be prepared after its columns: the first walk only listens. */
static void run_table(struct interp *it, const struct entry *e, const struct value *self)
{
    struct ref none = { REF_NONE, 0 };
    struct args args;
    args_init(&args);
    it->table = table_rows(it, self);
    it->quiet++;
    call_method(it, e->method, self, &args, none, STEP_CALL);
    it->quiet--;
    call_method(it, e->method, self, &args, none, STEP_CALL);
    it->table = NULL;
    views_flush(it, 0);
}

static const struct value *entry_object(struct interp *it, const struct entry *e)
{
    struct object *o = object_new(it, e->cls);
    if (o)
        o->is_entry = true;
    return v_object(it, o, NULL);
}

static void run_model(struct interp *it, const struct entry *e)
{
    struct ref none = { REF_NONE, 0 };
    struct args args;
    args_init(&args);
    call_method(it, e->method, v_model(it, e->cls, NULL, NULL, NULL), &args, none, STEP_CALL);
    views_flush(it, 0);
}

static void run_method(struct interp *it, const struct entry *e)
{
    const struct class *c = &it->app->classes[e->cls];
    struct ref none = { REF_NONE, 0 };
    struct args args;
    args_init(&args);
    struct object *o = object_new(it, e->cls);
    if (!o)
        return;
    o->is_entry = true;
    const struct value *self = v_object(it, o, NULL);
    enum name n = name_of(it, e->method->name);
    bool component = (c->is & (IS_LIVEWIRE | IS_COMPONENT)) && n == NM_render;
    if (component) {
        livewire_render(it, self, none);
        return;
    }
    if (describes_table(it, e->cls, e->method->name)) {
        run_table(it, e, self);
        return;
    }
    const struct value *v = call_method(it, e->method, e->method->flags & F_STATIC ? NULL : self,
                                        &args, none, STEP_CALL);
    new_budget(it);
    views_flush(it, 0);
    if (e->serialises)
        respond(it, v, e->at);
}

static void run_closure(struct interp *it, const struct entry *e)
{
    struct closure c = { .file = e->at.file, .node = e->at.node, .cls = NO_CLASS,
                         .made_in = { REF_NONE, 0 } };
    struct ref none = { REF_NONE, 0 };
    struct args args;
    args_init(&args);
    const struct value *v = call_closure(it, v_closure(it, &c), &args, none);
    views_flush(it, 0);
    respond(it, v, e->at);
}

void entry_run(struct interp *it, uint32_t entry)
{
    const struct entry *e = &it->w->entries[entry];
    start(it, entry);
    it->context = e->context;
    it->stats.entries++;
    struct ref none = { REF_NONE, 0 };
    struct frame ground;
    frame_push(it, &ground, e->at.file, e->cls, NULL, none, none, STEP_CALL);
    switch ((enum entry_kind)e->kind) {
    case ENTRY_METHOD:
        run_method(it, e);
        break;
    case ENTRY_CLOSURE:
        run_closure(it, e);
        break;
    case ENTRY_EXPORT:
        run_export(it, entry_object(it, e));
        break;
    case ENTRY_DATATABLE:
        run_datatable(it, entry_object(it, e));
        break;
    case ENTRY_SEARCH:
        run_search(it, e->cls);
        break;
    case ENTRY_MODEL:
        run_model(it, e);
        break;
    case ENTRY_VIEW:
        view_alone(it, &it->app->views[e->view]);
        break;
    }
    frame_pop(it, &ground);
    it->stats.steps += it->steps;
}

/* --- workers --- */

struct run {
    struct world *w;
    struct interp *workers;
    unsigned nworkers;
    uint8_t *called_before; /* as it stood after the first entries, so that threads do not matter */
};

static int walk_late(void *ctx, size_t i, unsigned worker)
{
    struct run *r = ctx;
    uint32_t entry = r->w->nfirst + (uint32_t)i;
    const struct entry *e = &r->w->entries[entry];
    if (e->kind != ENTRY_MODEL || !r->called_before[number_of(r->w, e->method)])
        entry_run(&r->workers[worker], entry);
    return 0;
}

static int walk_one(void *ctx, size_t i, unsigned worker)
{
    struct run *r = ctx;
    entry_run(&r->workers[worker], (uint32_t)i);
    return 0;
}

static int workers_make(struct run *r, unsigned n)
{
    r->workers = calloc(n, sizeof *r->workers);
    if (!r->workers)
        return RC_NOMEM;
    r->nworkers = n;
    for (unsigned i = 0; i < n; i++) {
        struct interp *it = &r->workers[i];
        it->w = r->w;
        it->app = r->w->app;
        it->a = arena_new(WALK_BYTES);
        it->keep = arena_new((size_t)256 << 20);
        if (!it->a || !it->keep)
            return RC_NOMEM;
    }
    return 0;
}

static void workers_free(struct run *r)
{
    for (unsigned i = 0; r->workers && i < r->nworkers; i++) {
        arena_free(r->workers[i].a);
        arena_free(r->workers[i].keep);
    }
    free(r->workers);
    r->workers = NULL;
}

/* Providers and middleware first: what they share with views and compose for them. */
static void collect(struct run *r)
{
    r->w->collecting = true;
    for (uint32_t i = 0; i < r->w->nentries; i++) {
        const struct entry *e = &r->w->entries[i];
        if (e->kind == ENTRY_METHOD &&
            r->w->app->classes[e->cls].is & (IS_PROVIDER | IS_MIDDLEWARE))
            entry_run(&r->workers[0], i);
    }
    r->w->collecting = false;
    r->workers[0].stats = (struct flow_stats){ 0 };
    memset(r->w->called, 0, r->w->nmethods);
}

/* --- merging --- */

static bool migration_silent(const struct world *w, const struct event *e)
{
    if (w->app->files[e->f.at.file].context != CTX_MIGRATION)
        return false;
    return e->f.kind != FLOW_HYDRATE_AGG && e->f.kind != FLOW_FILTER_PHP &&
           e->f.kind != FLOW_UNBOUNDED && e->f.kind != FLOW_WRITE;
}

static bool never_reported(const struct world *w, const struct event *e)
{
    uint8_t ctx = w->app->files[e->f.at.file].context;
    if (ctx == CTX_SEEDER || ctx == CTX_FACTORY || ctx == CTX_TEST || ctx == CTX_STUB)
        return true;
    if (migration_silent(w, e))
        return true;
    const struct entry *from = &w->entries[e->entry];
    if (e->tentative && from->kind == ENTRY_VIEW && w->view_shown[from->at.file])
        return true; /* those who show it know the rows */
    return e->tentative && e->owner != NO_CLASS && w->called[e->owner];
}

static bool same_line(const struct app *app, struct ref a, struct ref b)
{
    if (a.file != b.file || a.file == REF_NONE)
        return a.file == b.file;
    const struct facts *f = app->files[a.file].facts;
    return node_line(f, a.node) == node_line(f, b.node);
}

/* What is mended at the loop: the same statement reached from another loop is another flow. */
static bool belongs_to_loop(const struct flow *f)
{
    switch ((enum flow_kind)f->kind) {
    case FLOW_QUERY:
    case FLOW_RELATION_QUERY:
    case FLOW_ACCESSOR_QUERY:
    case FLOW_WRITE:
    case FLOW_DUPLICATE:
        return true;
    default:
        return false;
    }
}

static int loop_order(const struct app *app, struct ref a, struct ref b)
{
    if (a.file == REF_NONE || b.file == REF_NONE)
        return (a.file == REF_NONE) - (b.file == REF_NONE);
    int c = strcmp(app->files[a.file].path, app->files[b.file].path);
    if (c)
        return c;
    uint32_t la = node_line(app->files[a.file].facts, a.node);
    uint32_t lb = node_line(app->files[b.file].facts, b.node);
    return la < lb ? -1 : la > lb;
}

static int by_place(const void *pa, const void *pb, void *ctx)
{
    const struct event *a = *(struct event *const *)pa, *b = *(struct event *const *)pb;
    const struct app *app = ctx;
    int c = strcmp(app->files[a->f.at.file].path, app->files[b->f.at.file].path);
    if (c)
        return c;
    uint32_t la = node_line(app->files[a->f.at.file].facts, a->f.at.node);
    uint32_t lb = node_line(app->files[b->f.at.file].facts, b->f.at.node);
    if (la != lb)
        return la < lb ? -1 : 1;
    if (a->f.kind != b->f.kind)
        return a->f.kind < b->f.kind ? -1 : 1;
    c = strcmp(a->f.subject, b->f.subject);
    if (c)
        return c;
    c = belongs_to_loop(&a->f) ? loop_order(app, a->f.loop, b->f.loop) : 0;
    if (c)
        return c;
    if (a->f.confidence != b->f.confidence)
        return a->f.confidence > b->f.confidence ? -1 : 1;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* One line is one place: a union of values may have come to it by two expressions. */
static bool same_flow(const struct app *app, const struct flow *a, const struct flow *b)
{
    return a->kind == b->kind && same_line(app, a->at, b->at) && strcmp(a->subject, b->subject) == 0 &&
           (!belongs_to_loop(a) || same_line(app, a->loop, b->loop));
}

static int copy_flow(struct flows *fs, struct flow *to, const struct event *e, const struct world *w)
{
    *to = e->f;
    const struct entry *entry = &w->entries[e->entry];
    to->entry = entry->at;
    if (entry->kind == ENTRY_VIEW)
        to->context |= w->view_context[entry->at.file];
    to->subject = arena_strdup(fs->arena, e->f.subject);
    to->callee = arena_strdup(fs->arena, e->f.callee);
    to->steps = arena_new_array(fs->arena, struct flow_step, e->f.nsteps + 1);
    if (!to->subject || !to->callee || !to->steps)
        return RC_NOMEM;
    if (e->f.nsteps)
        memcpy(to->steps, e->f.steps, e->f.nsteps * sizeof *to->steps);
    return 0;
}

static int merge_events(struct run *r, struct flows *fs)
{
    size_t n = 0;
    for (unsigned i = 0; i < r->nworkers; i++)
        for (struct event *e = r->workers[i].events; e; e = e->next)
            n += !never_reported(r->w, e);
    struct event **all = calloc(n + 1, sizeof *all);
    fs->items = arena_new_array(fs->arena, struct flow, n + 1);
    if (!all || !fs->items) {
        free(all);
        return RC_NOMEM;
    }
    n = 0;
    for (unsigned i = 0; i < r->nworkers; i++)
        for (struct event *e = r->workers[i].events; e; e = e->next)
            if (!never_reported(r->w, e))
                all[n++] = e;
    qsort_r(all, n, sizeof *all, by_place, (void *)r->w->app);
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        struct flow *last = fs->n ? &fs->items[fs->n - 1] : NULL;
        if (last && same_flow(r->w->app, last, &all[i]->f)) {
            last->context |= all[i]->f.context;
            last->in_loop = last->in_loop || all[i]->f.in_loop;
            last->few_rows = last->few_rows && all[i]->f.few_rows;
            continue;
        }
        rc = copy_flow(fs, &fs->items[fs->n], all[i], r->w);
        fs->n += !rc;
    }
    free(all);
    return rc;
}

/* --- crowds: resources that nest each other make hundreds of paths of one list --- */

enum { CROWD = 24 }; /* more paths than that at one place are said by the first hop of each */

static bool below_another(const struct flow *all, uint32_t n, uint32_t i)
{
    for (uint32_t k = 0; k < n; k++) {
        size_t len = strlen(all[k].subject);
        if (k != i && !strncmp(all[k].subject, all[i].subject, len) && all[i].subject[len] == '.')
            return true;
    }
    return false;
}

static void thin_crowd(struct flow *all, uint32_t n, bool *drop)
{
    for (uint32_t i = 0; n > CROWD && i < n; i++)
        drop[i] = below_another(all, n, i);
}

static int thin_crowds(const struct app *app, struct flows *fs)
{
    bool *drop = calloc(fs->n + 1, sizeof *drop);
    if (!drop)
        return RC_NOMEM;
    for (uint32_t i = 0, end; i < fs->n; i = end) {
        for (end = i + 1; end < fs->n && fs->items[end].kind == fs->items[i].kind &&
                          same_line(app, fs->items[end].at, fs->items[i].at);)
            end++;
        if (fs->items[i].kind == FLOW_LAZY || fs->items[i].kind == FLOW_AGGREGATE)
            thin_crowd(fs->items + i, end - i, drop + i);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fs->n; i++)
        if (!drop[i])
            fs->items[kept++] = fs->items[i];
    fs->n = kept;
    free(drop);
    return 0;
}

static int pred_order(const void *pa, const void *pb, void *ctx)
{
    const struct pred_event *a = *(struct pred_event *const *)pa, *b = *(struct pred_event *const *)pb;
    const struct app *app = ctx;
    int c = strcmp(a->p.table, b->p.table);
    c = c ? c : strcmp(app->files[a->p.at.file].path, app->files[b->p.at.file].path);
    if (c)
        return c;
    if (a->p.at.node != b->p.at.node)
        return a->p.at.node < b->p.at.node ? -1 : 1;
    if (a->p.ncols != b->p.ncols)
        return a->p.ncols < b->p.ncols ? -1 : 1;
    for (uint16_t i = 0; i < a->p.ncols; i++) {
        c = strcmp(a->p.cols[i].column, b->p.cols[i].column);
        if (c || a->p.cols[i].op != b->p.cols[i].op)
            return c ? c : a->p.cols[i].op < b->p.cols[i].op ? -1 : 1;
    }
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static bool same_pred(const struct predicate *a, const struct predicate *b)
{
    if (strcmp(a->table, b->table) || a->at.file != b->at.file || a->at.node != b->at.node ||
        a->ncols != b->ncols)
        return false;
    for (uint16_t i = 0; i < a->ncols; i++)
        if (strcmp(a->cols[i].column, b->cols[i].column) || a->cols[i].op != b->cols[i].op)
            return false;
    return true;
}

static int copy_pred(struct flows *fs, struct predicate *to, const struct predicate *p)
{
    *to = *p;
    to->table = arena_strdup(fs->arena, p->table);
    to->cols = arena_new_array(fs->arena, struct pred_col, p->ncols + 1);
    if (!to->table || !to->cols)
        return RC_NOMEM;
    for (uint16_t i = 0; i < p->ncols; i++) {
        to->cols[i] = p->cols[i];
        to->cols[i].column = arena_strdup(fs->arena, p->cols[i].column);
        if (p->cols[i].fn)
            to->cols[i].fn = arena_strdup(fs->arena, p->cols[i].fn);
        if (!to->cols[i].column || (p->cols[i].fn && !to->cols[i].fn))
            return RC_NOMEM;
    }
    return 0;
}

static bool pred_counts(const struct world *w, const struct predicate *p)
{
    uint8_t ctx = w->app->files[p->at.file].context;
    return ctx != CTX_SEEDER && ctx != CTX_FACTORY && ctx != CTX_TEST && ctx != CTX_MIGRATION &&
           ctx != CTX_STUB;
}

static int merge_preds(struct run *r, struct flows *fs)
{
    size_t n = 0;
    for (unsigned i = 0; i < r->nworkers; i++)
        for (struct pred_event *e = r->workers[i].preds; e; e = e->next)
            n++;
    struct pred_event **all = calloc(n + 1, sizeof *all);
    fs->preds = arena_new_array(fs->arena, struct predicate, n + 1);
    if (!all || !fs->preds) {
        free(all);
        return RC_NOMEM;
    }
    n = 0;
    for (unsigned i = 0; i < r->nworkers; i++)
        for (struct pred_event *e = r->workers[i].preds; e; e = e->next)
            if (pred_counts(r->w, &e->p))
                all[n++] = e;
    qsort_r(all, n, sizeof *all, pred_order, (void *)r->w->app);
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        struct predicate *last = fs->npreds ? &fs->preds[fs->npreds - 1] : NULL;
        if (last && same_pred(last, &all[i]->p)) {
            last->context |= all[i]->p.context;
            continue;
        }
        rc = copy_pred(fs, &fs->preds[fs->npreds], &all[i]->p);
        fs->npreds += !rc;
    }
    free(all);
    return rc;
}

static void sum_stats(struct run *r, struct flow_stats *s)
{
    for (unsigned i = 0; i < r->nworkers; i++) {
        const struct flow_stats *w = &r->workers[i].stats;
        s->entries += w->entries;
        s->steps += w->steps;
        s->inlined += w->inlined;
        s->cut_depth += w->cut_depth;
        s->cut_steps += w->cut_steps;
        s->cut_recursion += w->cut_recursion;
        s->cut_memory += w->cut_memory;
        s->memo_hits += w->memo_hits;
    }
}

static int find(struct run *r, const struct flow_opts *opts, struct flows *fs, struct err *err)
{
    unsigned threads = opts && opts->threads ? opts->threads : par_threads();
    threads = threads > PAR_MAX_THREADS ? PAR_MAX_THREADS : threads;
    if (workers_make(r, threads))
        return err_set(err, RC_NOMEM, "free memory and try again", "no memory for the flows");
    collect(r);
    int rc = par_for(r->w->nfirst, threads, walk_one, r, err);
    if (rc)
        return rc;
    r->called_before = arena_alloc(r->w->arena, r->w->nmethods + 1);
    if (!r->called_before)
        return err_set(err, RC_NOMEM, "free memory and try again", "no memory for the flows");
    memcpy(r->called_before, r->w->called, r->w->nmethods + 1);
    rc = par_for(r->w->nentries - r->w->nfirst, threads, walk_late, r, err);
    if (rc)
        return rc;
    if (merge_events(r, fs) || thin_crowds(r->w->app, fs) || merge_preds(r, fs))
        return err_set(err, RC_NOMEM, "free memory and try again", "no memory for the flows");
    sum_stats(r, &fs->stats);
    return 0;
}

int flows_find(const struct app *app, const struct flow_opts *opts, struct flows **ret,
               struct err *err)
{
    struct world w;
    struct run r = { .w = &w };
    struct flows *fs = calloc(1, sizeof *fs);
    int rc = RC_NOMEM;
    if (fs)
        fs->arena = arena_new((size_t)256 << 20);
    if (fs && fs->arena)
        rc = world_make(&w, app, opts);
    else
        w.arena = NULL;
    if (rc)
        rc = err_set(err, RC_NOMEM, "free memory and try again", "no memory for the flows of %s",
                     app->dir);
    else
        rc = find(&r, opts, fs, err);
    workers_free(&r);
    world_free(&w);
    if (rc) {
        flows_free(fs);
        return rc;
    }
    *ret = fs;
    return 0;
}

void flows_free(struct flows *fs)
{
    if (!fs)
        return;
    arena_free(fs->arena);
    free(fs);
}
