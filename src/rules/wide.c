/* Wide columns: text, JSON, blobs and embeddings that a list fetches and nobody reads.
 *
 * The trace says which statement fetches every column of how many rows for which page; the copy says how wide the
 * columns are; the code says whether a column's name stands anywhere in what this page runs: its controller or
 * component, the views that it rendered, the model with its accessors, the resources. A page that rendered no view
 * answers with data: through resources that name what they send, the same holds; else every column may be read by the
 * other side, save those that the model hides. */
#include "rules/emit.h"
#include "rules/families.h"

enum { ROWS_LEAST = 10, BYTES_LEAST = 20000, COLUMN_BYTES_LEAST = 200, FILES_MAX = 256, COLUMNS_SAID = 6 };

struct readers { /* files whose code may read the rows */
    uint32_t files[FILES_MAX];
    unsigned n;
    bool unknown; /* more than there is room for: nothing can be excluded */
};

static void add_reader(struct readers *r, uint32_t file)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->files[i] == file)
            return;
    if (r->n == FILES_MAX)
        r->unknown = true;
    else
        r->files[r->n++] = file;
}

static void add_path(const struct app *app, struct readers *r, const char *path)
{
    uint32_t file;
    if (file_of_app(app, path, &file))
        add_reader(r, file);
}

static void add_view(const struct app *app, struct readers *r, const char *name)
{
    const struct view *v = app_view(app, str_c(name));
    if (v)
        add_reader(r, v->file);
    else
        add_path(app, r, name); /* the trace may name the template's path */
}

static void add_class(const struct app *app, struct readers *r, const char *name)
{
    struct str rest = str_c(name), cls;
    str_next(&rest, '@', &cls);
    for (uint32_t c = app_class_named(app, cls); c != NO_CLASS; c = app->classes[c].parent) {
        add_reader(r, app->classes[c].at.file);
        for (uint16_t t = 0; t < app->classes[c].ntraits; t++)
            add_reader(r, app->classes[app->classes[c].traits[t]].at.file);
    }
}

/* Every file of which the trace of this route named a line, a view or a component; true when a view was rendered. */
static bool readers_of(const struct rule_in *in, uint32_t route, struct readers *r)
{
    const struct workload *w = in->load;
    bool view = false;
    if (w->routes[route].action)
        add_class(in->app, r, w->routes[route].action);
    for (uint32_t i = 0; i < w->ncallers; i++) {
        const struct wcaller *c = &w->callers[i];
        if (c->route != route)
            continue;
        if (c->file)
            add_path(in->app, r, c->file);
        if (c->component)
            add_class(in->app, r, c->component);
    }
    for (uint32_t i = 0; i < w->ncalls; i++) {
        const struct wcall *k = &w->calls[i];
        if (k->route != route)
            continue;
        if (k->file)
            add_path(in->app, r, k->file);
        if (k->kind == FW_VIEW && k->name) {
            view = true;
            add_view(in->app, r, k->name);
        }
        if (k->kind == FW_LIVEWIRE_PHASE && k->name)
            add_class(in->app, r, k->name);
    }
    return view;
}

/* A resource that says (`@mixin Message`) that its rows are of another model. */
static bool is_of_another(const struct app *app, uint32_t resource, uint32_t model_class)
{
    const struct class *k = &app->classes[resource];
    const struct facts *f = app->files[k->at.file].facts;
    uint32_t doc = node_find(f, k->at.node, N_DOC);
    struct str text = doc ? facts_str(f, facts_node(f, doc)->s) : (struct str){ "", 0 };
    for (uint32_t i = 0; i + 7 < text.n; i++) {
        if (memcmp(text.p + i, "@mixin ", 7))
            continue;
        uint32_t from = i + 7, to = from;
        while (to < text.n && (unsigned char)text.p[to] > ' ' && text.p[to] != '*')
            to++;
        struct str name = { text.p + from, to - from };
        while (memchr(name.p, '\\', name.n))
            name.p++, name.n--;
        return !str_is(name, syms_cstr(app->syms, app->classes[model_class].short_name));
    }
    return false;
}

static void add_model(const struct app *app, struct readers *r, uint32_t model_class)
{
    add_class(app, r, syms_cstr(app->syms, app->classes[model_class].name));
    for (uint32_t c = 0; c < app->nclasses; c++) /* resources and presenters are reached through vendor code */
        if ((app->classes[c].is & (IS_RESOURCE | IS_RESOURCE_COLLECTION)) && !is_of_another(app, c, model_class))
            add_reader(r, app->classes[c].at.file);
}

/* Declarations of the model name columns without reading them. Walks down to the node through the nodes that hold it. */
static bool is_declaration(const struct facts *f, uint32_t node)
{
    for (uint32_t i = 0; i < node;) {
        const struct node *n = facts_node(f, i);
        bool holds = node < n->skip;
        if (holds && (n->kind == N_PROP || (n->kind == N_METHOD && str_is(facts_str(f, n->s), "casts"))))
            return true;
        i = holds || n->skip <= i ? i + 1 : n->skip;
    }
    return false;
}

static bool names_column(const struct facts *f, const char *column)
{
    size_t n = strlen(column);
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *x = facts_node(f, i);
        if (x->kind != E_PROP && x->kind != E_STR)
            continue;
        struct str s = facts_str(f, x->s);
        if (s.n == n && memcmp(s.p, column, n) == 0 && !is_declaration(f, i))
            return true;
    }
    return false;
}

static bool is_model_file(const struct app *app, uint32_t file)
{
    for (uint32_t c = 0; c < app->nclasses; c++)
        if (app->classes[c].at.file == file && (app->classes[c].is & IS_MODEL))
            return true;
    return false;
}

/* Does any reader outside of the models name this method, or the attribute that it makes? */
static bool names_member(const struct app *app, const struct readers *r, const char *method)
{
    char attribute[128];
    size_t n = 0, len = strlen(method);
    bool old_style = len > 12 && !strncmp(method, "get", 3) && !strcmp(method + len - 9, "Attribute");
    const char *from = old_style ? method + 3 : method, *to = old_style ? method + len - 9 : method + len;
    for (const char *c = from; c < to && n + 2 < sizeof attribute; c++) {
        if (*c >= 'A' && *c <= 'Z' && c > from)
            attribute[n++] = '_';
        attribute[n++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    }
    attribute[n] = 0;
    for (unsigned i = 0; i < r->n; i++) {
        const struct facts *f = app->files[r->files[i]].facts;
        for (uint32_t k = 1; k < f->nnodes && !is_model_file(app, r->files[i]); k++) {
            const struct node *x = facts_node(f, k);
            struct str s = x->kind == E_MCALL || x->kind == E_PROP || x->kind == E_STR ? facts_str(f, x->s) : (struct str){ "", 0 };
            if (s.n && (str_is(s, method) || str_is(s, attribute)))
                return true;
        }
    }
    return false;
}

/* A model's own methods read columns only when somebody calls them: on this page, some reader must name the method. */
static bool model_reads(const struct app *app, const struct readers *r, uint32_t file, const char *column)
{
    for (uint32_t c = 0; c < app->nclasses; c++) {
        const struct class *k = &app->classes[c];
        for (uint32_t m = 0; k->at.file == file && m < k->nmethods; m++) {
            const struct facts *f = app->files[file].facts;
            struct ref at = k->methods[m].at;
            bool names = false;
            for (uint32_t i = at.node + 1; i < facts_node(f, at.node)->skip && !names; i++) {
                const struct node *x = facts_node(f, i);
                names = (x->kind == E_PROP || x->kind == E_STR) && str_is(facts_str(f, x->s), column);
            }
            if (names && strcmp(syms_cstr(app->syms, k->methods[m].name), "casts") &&
                names_member(app, r, syms_cstr(app->syms, k->methods[m].name)))
                return true;
        }
    }
    return false;
}

static bool is_read(const struct app *app, const struct readers *r, const char *column)
{
    for (unsigned i = 0; i < r->n; i++) {
        uint32_t file = r->files[i];
        if (is_model_file(app, file) ? model_reads(app, r, file, column) : names_column(app->files[file].facts, column))
            return true;
    }
    return r->unknown;
}

/* Who the rows go to when no view was rendered. */
enum answer { ANSWER_VIEW, ANSWER_RESOURCES, ANSWER_DATA };

/* parent::toArray(), ->attributesToArray(), ->resource->toArray(): every column is sent. */
static bool sends_everything(const struct facts *f)
{
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        bool call = n->kind == E_SCALL || n->kind == E_MCALL;
        if (call && (str_ieq(facts_str(f, n->s), STR("toArray")) || str_ieq(facts_str(f, n->s), STR("attributesToArray"))))
            return true;
    }
    return false;
}

static struct str without_namespace(struct str name)
{
    uint32_t from = name.n;
    while (from && name.p[from - 1] != '\\')
        from--;
    return (struct str){ name.p + from, name.n - from };
}

static const struct class *resource_named(const struct app *app, struct str name)
{
    for (uint32_t c = 0; c < app->nclasses; c++) {
        const struct class *k = &app->classes[c];
        if ((k->is & (IS_RESOURCE | IS_RESOURCE_COLLECTION)) && k->short_name &&
            str_is(name, syms_cstr(app->syms, k->short_name)))
            return k;
    }
    return NULL;
}

/* Does the method that asks hand its rows to resources, each of which names what it sends? */
static bool answers_with_resources(const struct app *app, const struct wcaller *c)
{
    uint32_t cls, found = 0;
    const struct method *m = method_at(app, c->file, c->line, &cls);
    const struct facts *f = m ? app->files[m->at.file].facts : NULL;
    for (uint32_t i = m ? m->at.node : 0; f && i < facts_node(f, m->at.node)->skip; i++) {
        if (facts_node(f, i)->kind != E_NAME)
            continue;
        const struct class *r = resource_named(app, without_namespace(facts_str(f, facts_node(f, i)->s)));
        if (r && sends_everything(app->files[r->at.file].facts))
            return false;
        found += r != NULL;
    }
    return found > 0;
}

static bool hides(const struct app *app, uint32_t model_class, const char *column)
{
    const struct model *m = class_model(app, model_class);
    for (uint16_t i = 0; m && i < m->nhidden; i++)
        if (!strcmp(syms_cstr(app->syms, m->hidden[i]), column))
            return true;
    return false;
}

static bool is_wide(enum column_class k)
{
    return k == COL_TEXT || k == COL_JSON || k == COL_BLOB || k == COL_VECTOR;
}

static bool is_embedding(const struct column *c)
{
    return c->klass == COL_VECTOR || strcasestr(c->name, "embedding") || strcasestr(c->name, "vector");
}

struct wide {
    const char *names[COLUMNS_SAID];
    unsigned n;
    double bytes; /* of one row */
    bool embedding;
};

static struct wide wide_unread(const struct rule_in *in, const struct table *t, uint32_t model, enum answer answer,
                               const struct readers *r)
{
    struct wide w = { .n = 0 };
    for (uint16_t i = 0; i < t->ncolumns && w.n < COLUMNS_SAID; i++) {
        const struct column *c = &t->columns[i];
        struct err ignored = { 0 };
        double bytes = 0;
        bool sent = answer == ANSWER_DATA && !hides(in->app, model, c->name);
        if (!is_wide(c->klass) || sent || is_read(in->app, r, c->name) ||
            column_bytes(in->engine, in->plans, t->name, c->name, &bytes, &ignored) || bytes < COLUMN_BYTES_LEAST)
            continue;
        w.names[w.n++] = c->name;
        w.bytes += bytes;
        w.embedding |= is_embedding(c);
    }
    return w;
}

static bool takes_every_column(const struct wshape *s)
{
    const char *from = strstr(s->sql, " from ");
    if (!s->select || !s->table || !from || strncmp(s->sql, "select ", 7))
        return false;
    struct str list = { s->sql + 7, (uint32_t)(from - s->sql - 7) };
    return str_ends(list, "*") || str_contains(list, "*,");
}

static uint32_t model_of_table(const struct app *app, const char *table)
{
    for (uint32_t i = 0; i < app->nmodels; i++)
        if (app->models[i].table && !strcasecmp(syms_cstr(app->syms, app->models[i].table), table))
            return app->models[i].class_;
    return NO_CLASS;
}

static const char *names_text(struct draft *d, const struct wide *w)
{
    auto_buf out = BUF_INIT(1024);
    for (unsigned i = 0; i < w->n; i++)
        buf_addf(&out, "%s%s", i ? ", " : "", w->names[i]);
    return arena_strdup(d->arena, buf_cstr(&out));
}

/* What the narrower select saves: measured on the copy, the statement as it is against itself without the columns is not
 * at hand, so the share of bytes bounds it: wide bytes of all bytes, of this statement's own time. */
static double saved_ms(const struct wcaller *c, const struct wide *w, const struct table *t)
{
    double row = w->bytes + 16.0 * t->ncolumns;
    double ms = c->traces ? c->ms / (double)c->traces : 0;
    return ms * w->bytes / row;
}

/* What stands between the server and the page does not get the page's rows. */
static bool is_middleware_file(const struct app *app, uint32_t file)
{
    for (uint32_t c = 0; c < app->nclasses; c++)
        if (app->classes[c].at.file == file && (app->classes[c].is & (IS_MIDDLEWARE | IS_PROVIDER)))
            return true;
    return false;
}

/* Code that may read any column: $row->$name, toArray(), @json($rows). Resources that name what they send are none. */
static bool reads_at_will(const struct facts *f)
{
    for (uint32_t i = 1; i < f->nnodes; i++) {
        const struct node *n = facts_node(f, i);
        bool dynamic = n->kind == E_PROP && !n->s;
        bool json = n->kind == E_BLADE && n->op == B_DIRECTIVE && (str_is(facts_str(f, n->s), "json") || str_is(facts_str(f, n->s), "js"));
        if (dynamic || json)
            return true;
    }
    return sends_everything(f);
}

/* The readers of one place on one route. */
static enum answer readers_at(const struct rule_in *in, const struct wcaller *c, uint32_t model, struct readers *r)
{
    *r = (struct readers){ .n = 0 };
    bool view = readers_of(in, c->route, r);
    add_model(in->app, r, model);
    return view ? ANSWER_VIEW : answers_with_resources(in->app, c) ? ANSWER_RESOURCES : ANSWER_DATA;
}

/* Whoever was seen to run this place, on whatever page, reads none of the columns, and nothing reads columns at will. */
static bool unread_by_all(const struct rule_in *in, const struct wcaller *place, uint32_t model, const struct wide *w)
{
    for (uint32_t i = 0; i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        struct readers r;
        if (!c->file || strcmp(c->file, place->file) || c->line != place->line)
            continue;
        enum answer answer = readers_at(in, c, model, &r);
        for (unsigned k = 0; k < r.n; k++)
            if (!is_model_file(in->app, r.files[k]) && !is_middleware_file(in->app, r.files[k]) &&
                reads_at_will(in->app->files[r.files[k]].facts))
                return false;
        for (unsigned k = 0; k < w->n; k++)
            if ((answer == ANSWER_DATA && !hides(in->app, model, w->names[k])) || is_read(in->app, &r, w->names[k]))
                return false;
    }
    return true;
}

static int emit_wide(const struct rule_in *in, const struct wcaller *c, const struct table *t, const struct wide *w,
                     uint32_t model, double rows, struct arena *arena, struct findings *out, struct err *err)
{
    struct draft d = draft_new(in, w->embedding ? "wide-vector-in-list" : "select-star-wide", arena);
    auto_buf size = BUF_INIT(64);
    const char *names = names_text(&d, w);
    d.f.at = (struct place){ c->file, head_line(in->app, c->file, c->line), 0, ROLE_HERE, NULL };
    d.f.symbol = symbol_at(in->app, c->file, c->line, arena);
    d.f.subject = draft_text(&d, "%s(%s)", t->name, names);
    d.f.confidence = CONF_HIGH;
    d.f.fix_kind = unread_by_all(in, c, model, w) ? FIX_AUTO : FIX_SUGGEST;
    d.f.statement = in->load->shapes[c->shape].sql;
    draft_cost(&d, c->route, saved_ms(c, w, t), c->median_calls, TIME_SQL);
    d.f.cost.bytes = w->bytes * rows;
    text_bytes(w->bytes * rows, &size);
    draft_number(&d, "rows, a request", rows, "rows", SRC_TRACE);
    draft_number(&d, "bytes of these columns in a row", w->bytes, "bytes", SRC_DB);
    draft_number(&d, "bytes fetched and not read, a request", w->bytes * rows, "bytes", SRC_DB);
    draft_fact(&d, "columns that nothing on this page names", names, SRC_DISK);
    if (t->file)
        draft_related_line(&d, t->file, t->line, ROLE_SCHEMA, "creates the table");
    d.f.growth = (struct growth){ t->name, w->bytes, "bytes" };
    d.f.message = draft_text(&d, "a list of %.0f fetches %s of %s that it never reads", rows, buf_cstr(&size),
                             w->n == 1 ? w->names[0] : "columns");
    d.f.advice = draft_text(&d, "select the columns that are read, keys included: ->select([…]) without %s", names);
    d.f.why = "The database reads them from disk, PHP copies them into every model, and nobody looks.";
    return draft_emit(&d, out, err);
}

int rule_wide(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)16 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the rules");
    for (uint32_t i = 0; !rc && i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        const struct wshape *s = &in->load->shapes[c->shape];
        double rows = c->traces ? c->rows / (double)c->traces : 0;
        if (!c->file || rows < ROWS_LEAST || !takes_every_column(s))
            continue;
        const struct table *t = schema_table(in->schema, s->table);
        uint32_t model = model_of_table(in->app, s->table);
        struct readers readers;
        if (!t || model == NO_CLASS)
            continue;
        enum answer answer = readers_at(in, c, model, &readers);
        struct wide w = wide_unread(in, t, model, answer, &readers);
        if (w.n && w.bytes * rows >= BYTES_LEAST)
            rc = emit_wide(in, c, t, &w, model, rows, arena, out, err);
    }
    return rc;
}
