/* Opening an application: the passes in their order, and the look-ups on what they made. */
#include "laravel/app_build.h"

#include <limits.h>
#include <stdio.h>

static void progress(struct build *b, const char *what, uint32_t done, uint32_t total)
{
    if (b->opts && b->opts->progress)
        b->opts->progress(b->opts->ctx, what, done, total);
}

static int check(struct build *b, const char *what)
{
    if (!b->failed && !arena_failed(b->arena))
        return RC_OK;
    return err_set(b->err, RC_NOMEM, NULL, "%s: out of memory while linking the %s", b->app->dir,
                   what);
}

static int index_new(struct app *app)
{
    struct app_index *ix = app->index = fault_calloc(1, sizeof *ix);
    if (!ix)
        return RC_NOMEM;
    ix->class_by_name = map64_new();
    ix->class_by_short = map64_new();
    ix->file_by_path = map64_new();
    ix->view_by_name = map64_new();
    ix->component_by_name = map64_new();
    ix->user_model = NO_CLASS;
    return ix->class_by_name && ix->class_by_short && ix->file_by_path && ix->view_by_name &&
                   ix->component_by_name
               ? RC_OK
               : RC_NOMEM;
}

static void index_free(struct app_index *ix)
{
    if (!ix)
        return;
    map64_free(ix->class_by_name);
    map64_free(ix->class_by_short);
    map64_free(ix->file_by_path);
    map64_free(ix->view_by_name);
    map64_free(ix->component_by_name);
    free(ix);
}

int build_begin(struct build *b, const char *dir, const struct app_opts *opts, struct err *err)
{
    char real[PATH_MAX];
    *b = (struct build){ .opts = opts, .err = err };
    if (err)
        *err = (struct err){ 0 };
    if (!realpath(dir, real) || !file_is_dir(real))
        return err_set(err, RC_NOTFOUND, "give the folder of a Laravel application",
                       "%s is not a folder", dir);
    struct app *app = fault_calloc(1, sizeof *app);
    if (!app)
        return err_set(err, RC_NOMEM, NULL, "no memory to open %s", dir);
    app->arena = arena_new(APP_ARENA_BYTES);
    app->syms = syms_new();
    b->app = app;
    b->arena = app->arena;
    if (app->arena)
        app->dir = arena_strdup(app->arena, real);
    if (!app->dir || !app->syms || index_new(app)) {
        build_abandon(b);
        return err_set(err, RC_NOMEM, NULL, "no memory to open %s", dir);
    }
    return RC_OK;
}

void build_abandon(struct build *b)
{
    struct app *app = b->app;
    b->app = NULL;
    if (app) {
        app->files = b->files.p; /* not yet in the arena */
        app->nfiles = (uint32_t)b->files.n;
        app_free(app);
    }
    vec_release(&b->files);
    vec_release(&b->classes);
    vec_release(&b->functions);
    vec_release(&b->skipped);
    vec_release(&b->models);
    vec_release(&b->routes);
    vec_release(&b->views);
    vec_release(&b->components);
    vec_release(&b->listeners);
    vec_release(&b->settings);
    vec_release(&b->roots);
    vec_release(&b->vendor_roots);
    vec_release(&b->packages);
    vec_release(&b->env);
    vec_release(&b->view_roots);
    vec_release(&b->component_roots);
    vec_release(&b->class_component_roots);
}

static int by_function(const void *x, const void *y)
{
    const struct method *a = x, *b = y;
    return a->name < b->name ? -1 : a->name > b->name;
}

static int read_code(struct build *b)
{
    int rc = build_composer(b);
    if (!rc)
        rc = build_walk(b);
    progress(b, "read", 0, (uint32_t)b->files.n);
    if (!rc)
        rc = build_read_files(b, 0);
    if (rc)
        return rc;
    build_classes(b, 0);
    if (!(rc = check(b, "classes")))
        rc = build_vendor_classes(b);
    if (b->functions.n)
        qsort(b->functions.p, b->functions.n, sizeof *b->functions.p, by_function);
    FREEZE(b, &b->functions, b->app->functions, b->app->nfunctions);
    return rc ? rc : check(b, "ancestors");
}

static int link_code(struct build *b)
{
    static const struct {
        void (*run)(struct build *);
        const char *what;
    } passes[] = {
        { build_inherit, "classes" },       { build_class_kinds, "kinds of classes" },
        { build_settings, "settings" },     { build_types, "types" },
        { build_models, "models" },         { build_events, "events" },
        { build_providers, "providers" },   { build_views, "views" },
        { build_components, "components" }, { build_routes, "routes" },
        { build_schema, "schema" },
    };
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        progress(b, passes[i].what, (uint32_t)i, sizeof passes / sizeof *passes);
        passes[i].run(b);
        int rc = check(b, passes[i].what);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int by_setting(const void *x, const void *y)
{
    const struct setting *a = x, *b = y;
    int c = strcmp(a->key, b->key);
    return c ? c : (int)a->layer - (int)b->layer;
}

static void freeze(struct build *b)
{
    struct app *app = b->app;
    if (b->settings.n)
        qsort(b->settings.p, b->settings.n, sizeof *b->settings.p, by_setting);
    FREEZE(b, &b->files, app->files, app->nfiles);
    FREEZE(b, &b->classes, app->classes, app->nclasses);
    FREEZE(b, &b->listeners, app->listeners, app->nlisteners);
    FREEZE(b, &b->settings, app->settings, app->nsettings);
    FREEZE(b, &b->skipped, app->skipped, app->nskipped);
}

int app_open(const char *dir, const struct app_opts *opts, struct app **ret, struct err *err)
{
    struct build b;
    int rc = build_begin(&b, dir, opts, err);
    if (rc)
        return rc;
    if (!(rc = read_code(&b)))
        rc = link_code(&b);
    if (!rc) {
        freeze(&b);
        rc = check(&b, "tables");
    }
    if (rc) {
        if (err && !err->what[0])
            err_set(err, rc, NULL, "%s could not be read: %s", dir, rc_name(rc));
        build_abandon(&b);
        return rc;
    }
    *ret = b.app;
    b.app = NULL;
    build_abandon(&b);
    return RC_OK;
}

void app_free(struct app *app)
{
    if (!app)
        return;
    for (uint32_t i = 0; i < app->nfiles; i++)
        facts_free(app->files[i].facts);
    index_free(app->index);
    syms_free(app->syms);
    arena_free(app->arena);
    free(app);
}

/* ---- look-ups ---- */

uint32_t app_class_named(const struct app *app, struct str name)
{
    uint64_t at;
    while (name.n && name.p[0] == '\\')
        name = str_sub(name, 1, name.n - 1);
    if (!name.n || !map64_get(app->index->class_by_name, text_hash_lower(name), &at))
        return NO_CLASS;
    return str_ieq(syms_str(app->syms, app->classes[at].name), name) ? (uint32_t)at : NO_CLASS;
}

uint32_t app_class(const struct app *app, sym full_name)
{
    return full_name ? app_class_named(app, syms_str(app->syms, full_name)) : NO_CLASS;
}

uint32_t app_class_short(const struct app *app, struct str short_name)
{
    uint64_t at;
    if (!short_name.n || !map64_get(app->index->class_by_short, text_hash_lower(short_name), &at) ||
        at == SHORT_AMBIGUOUS)
        return NO_CLASS;
    return str_ieq(syms_str(app->syms, app->classes[at].short_name), short_name) ? (uint32_t)at
                                                                                 : NO_CLASS;
}

static bool name_is_a(const struct app *app, sym name, uint32_t self, const char *ancestor,
                      unsigned depth);

static bool is_a(const struct app *app, uint32_t cls, const char *ancestor, unsigned depth)
{
    if (depth > 24)
        return false;
    const struct class *c = &app->classes[cls];
    if (c->name && str_ieq(syms_str(app->syms, c->name), str_c(ancestor)))
        return true;
    if (name_is_a(app, c->parent_name, cls, ancestor, depth))
        return true;
    for (unsigned i = 0; i < c->ninterfaces; i++) {
        if (name_is_a(app, c->interfaces[i], cls, ancestor, depth))
            return true;
    }
    for (unsigned i = 0; i < c->ntrait_names; i++) {
        if (name_is_a(app, c->trait_names[i], cls, ancestor, depth))
            return true;
    }
    return false;
}

static bool name_is_a(const struct app *app, sym name, uint32_t self, const char *ancestor,
                      unsigned depth)
{
    if (!name)
        return false;
    if (names_implements(syms_str(app->syms, name), ancestor))
        return true;
    uint32_t cls = app_class(app, name);
    return cls != NO_CLASS && cls != self && is_a(app, cls, ancestor, depth + 1);
}

bool class_is_a(const struct app *app, uint32_t cls, const char *ancestor)
{
    return cls < app->nclasses && is_a(app, cls, ancestor, 0);
}

static const struct method *method_by_name(const struct app *app, uint32_t cls, struct str name)
{
    if (cls >= app->nclasses || !name.n || !app->index->flat)
        return NULL;
    const struct flat *flat = app->index->flat[cls];
    uint64_t hash = text_hash_lower(name);
    uint32_t lo = 0, hi = app->index->nflat[cls];
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (flat[mid].hash < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < app->index->nflat[cls] && flat[lo].hash == hash ? flat[lo].m : NULL;
}

const struct method *class_method(const struct app *app, uint32_t cls, sym name)
{
    return method_by_name(app, cls, syms_str(app->syms, name));
}

const struct method *class_method_named(const struct app *app, uint32_t cls, const char *name)
{
    return method_by_name(app, cls, str_c(name));
}

static const struct prop *prop_in(const struct app *app, uint32_t cls, sym name, unsigned depth)
{
    const struct class *c = &app->classes[cls];
    for (uint32_t i = 0; i < c->nprops; i++) {
        if (c->props[i].name == name)
            return &c->props[i];
    }
    for (unsigned i = 0; i < c->ntraits && depth < 16; i++) {
        const struct prop *p = prop_in(app, c->traits[i], name, depth + 1);
        if (p)
            return p;
    }
    return NULL;
}

const struct prop *class_prop(const struct app *app, uint32_t cls, sym name)
{
    for (unsigned depth = 0; name && cls < app->nclasses && depth < 64;
         depth++, cls = app->classes[cls].parent) {
        const struct prop *p = prop_in(app, cls, name, 0);
        if (p)
            return p;
    }
    return NULL;
}

const struct method *app_function(const struct app *app, sym name)
{
    uint32_t lo = 0, hi = app->nfunctions;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (app->functions[mid].name < name)
            lo = mid + 1;
        else
            hi = mid;
    }
    return name && lo < app->nfunctions && app->functions[lo].name == name ? &app->functions[lo]
                                                                           : NULL;
}

const struct model *class_model(const struct app *app, uint32_t cls)
{
    return cls < app->nclasses && app->classes[cls].model < app->nmodels
               ? &app->models[app->classes[cls].model]
               : NULL;
}

const struct relation *model_relation(const struct app *app, const struct model *m, sym name)
{
    (void)app;
    for (unsigned i = 0; m && name && i < m->nrelations; i++) {
        if (m->relations[i].name == name)
            return &m->relations[i];
    }
    return NULL;
}

const struct accessor *model_accessor(const struct app *app, const struct model *m, sym attribute)
{
    (void)app;
    for (unsigned i = 0; m && attribute && i < m->naccessors; i++) {
        if (m->accessors[i].attribute == attribute)
            return &m->accessors[i];
    }
    return NULL;
}

bool model_has_scope(const struct app *app, const struct model *m, sym name)
{
    struct str want = syms_str(app->syms, name);
    for (unsigned i = 0; m && i < m->nscopes; i++) {
        if (str_ieq(syms_str(app->syms, m->scopes[i]), want))
            return true;
    }
    return false;
}

const struct table *model_table(const struct app *app, const struct model *m)
{
    return m && app->schema && m->table ? schema_table(app->schema, syms_cstr(app->syms, m->table))
                                        : NULL;
}

const struct setting *app_setting(const struct app *app, const char *key)
{
    const struct setting *found = NULL;
    uint32_t lo = 0, hi = app->nsettings;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(app->settings[mid].key, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < app->nsettings && !strcmp(app->settings[lo].key, key); lo++)
        found = &app->settings[lo]; /* a later layer wins */
    return found;
}

uint32_t app_user_model(const struct app *app)
{
    return app->index->user_model;
}
