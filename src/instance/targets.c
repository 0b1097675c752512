/* What is driven: the app's GET routes, the steps that the user added, the components that pages
 * hold. */
#include "instance/drive.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

struct target *target_add(struct drive *d, enum target_kind kind)
{
    if (d->ntargets == TARGETS_MAX)
        return NULL;
    struct target *t = arena_new_one(d->arena, struct target);
    if (!t)
        return NULL;
    t->kind = kind;
    t->method = "GET";
    t->order = (uint32_t)d->ntargets;
    d->targets[d->ntargets++] = t;
    return t;
}

/* ---- patterns ---- */

bool pattern_fits(const char *uri, const char *path)
{
    while (*uri == '/')
        uri++;
    while (*path == '/')
        path++;
    while (*uri) {
        if (*uri == '{') {
            const char *end = strchr(uri, '}');
            if (!end)
                return false;
            bool optional = end > uri && end[-1] == '?';
            size_t n =
                strcspn(path, end[1] && end[1] != '/' ? (char[]){ end[1], '/', '?', 0 } : "/?");
            if (!n && !optional)
                return false;
            path += n;
            uri = end + 1;
        } else if (*uri == *path) {
            uri++, path++;
        } else {
            return false;
        }
        if (*uri == '/' && *path != '/' && uri[1] == '{') { /* the rest may be optional */
            const char *end = strchr(uri, '}');
            if (end && end[-1] == '?' && (!*path || *path == '?'))
                uri = end + 1;
        }
    }
    return *path == 0 || *path == '?';
}

static bool is_literal_route(const struct drive *d, const char *path)
{
    size_t n = strcspn(path, "?");
    for (size_t i = 0; i < d->ntargets; i++) {
        const char *uri = d->targets[i]->uri;
        if (uri && !strchr(uri, '{') && strlen(uri) + (*uri != '/') == n &&
            strncmp(uri, path + (*uri != '/'), strlen(uri)) == 0)
            return true;
    }
    return false;
}

const char *target_link(struct drive *d, const struct target *t, unsigned nth)
{
    uint32_t n = syms_count(d->links);
    if (!t->uri || !strchr(t->uri, '{'))
        return NULL;
    for (uint32_t i = 1; i <= n; i++) {
        const char *path = syms_cstr(d->links, i);
        if (pattern_fits(t->uri, path) && !is_literal_route(d, path) && nth-- == 0)
            return path;
    }
    return NULL;
}

/* One segment of a path, without its slash; false at the end. */
static bool next_segment(const char **at, struct str *ret)
{
    while (**at == '/')
        (*at)++;
    size_t n = strcspn(*at, "/?");
    *ret = (struct str){ *at, (uint32_t)n };
    *at += n;
    return n > 0;
}

/* "/books/a/page/b" tells what to put for {x} and {y} in "books/{x}/page/{y}/edit": the path, or
 * NULL when they part before the last parameter. */
static const char *fill_from(struct drive *d, const char *uri, const char *link)
{
    auto_buf path = BUF_INIT(4096);
    const char *last = strrchr(uri, '{'), *u = uri, *l = link;
    struct str want, have, whole = { link, (uint32_t)strcspn(link, "?") };
    uint32_t covered = 0;
    while (next_segment(&u, &want)) {
        if (want.p > last) { /* the rest is literal */
            buf_addf(&path, "/%.*s", (int)want.n, want.p);
            continue;
        }
        if (!next_segment(&l, &have))
            return NULL;
        bool parameter = want.p[0] == '{' && want.p[want.n - 1] == '}';
        if (!parameter && !str_eq(want, have))
            return NULL;
        buf_addf(&path, "/%.*s", (int)have.n, have.p);
        covered = (uint32_t)(l - link);
    }
    char *prefix = arena_strndup(d->arena, whole.p, covered); /* "/books/create" names no book */
    return path.failed || !prefix || is_literal_route(d, prefix)
               ? NULL
               : arena_strndup(d->arena, path.p, path.n);
}

const char *target_derived(struct drive *d, const struct target *t)
{
    uint32_t n = syms_count(d->links);
    for (uint32_t i = 1; t->uri && strchr(t->uri, '{') && i <= n; i++) {
        const char *path = fill_from(d, t->uri, syms_cstr(d->links, i));
        if (path)
            return path;
    }
    return NULL;
}

/* ---- routes ---- */

/* *ret_path: where the pattern names one page of the route, that page. */
static bool is_asked_for(const struct drive *d, const char *uri, const char *name,
                         const char **ret_path)
{
    if (!d->o.routes || !d->o.routes[0])
        return true;
    for (size_t i = 0; d->o.routes[i]; i++) {
        const char *want = d->o.routes[i];
        if (strncasecmp(want, "GET ", 4) == 0)
            want += 4;
        while (*want == '/')
            want++;
        if (strcmp(want, uri) == 0 || strcmp(*uri == '/' ? uri + 1 : uri, want) == 0 ||
            fnmatch(want, uri, 0) == 0 || (name && *name && fnmatch(want, name, 0) == 0))
            return true;
        if (pattern_fits(uri, want)) {
            *ret_path = arena_printf(d->arena, "/%s", want);
            return true;
        }
    }
    return false;
}

static double suspicion_of(const struct drive *d, const char *uri)
{
    const struct app *app = d->in->app;
    for (uint32_t i = 0; d->o.suspicion && i < app->nroutes; i++)
        if ((app->routes[i].methods & HTTP_GET) && app->routes[i].uri &&
            strcmp(app->routes[i].uri, uri) == 0)
            return d->o.suspicion[i];
    return 0;
}

static bool would_end_the_session(const char *uri)
{
    return strcasestr(uri, "logout") || strcasestr(uri, "log-out") || strcasestr(uri, "signout") ||
           strcasestr(uri, "sign-out") || strcasestr(uri, "impersonate");
}

static void leave_out(struct target *t, const char *why, const char *next)
{
    t->visited = true;
    t->why_not = why;
    t->next = next;
}

static bool is_in_sources(const struct app *app, const char *uri)
{
    const char *bare = *uri == '/' ? uri + 1 : uri;
    for (uint32_t i = 0; i < app->nroutes; i++) {
        const char *known = app->routes[i].uri;
        if (known && strcmp(*known == '/' ? known + 1 : known, bare) == 0)
            return true;
    }
    return app->nroutes == 0;
}

static int add_route(struct drive *d, const json_t *j, struct err *err)
{
    const char *uri = json_text(j, "uri"), *name = json_text(j, "name"),
               *domain = json_text(j, "domain");
    bool asked = d->o.routes && d->o.routes[0];
    /* A cached closure has lost its file, and a page that is a component is served by a package's
     * controller: both are the app's when the app's sources name the route. */
    bool vendor = (json_flag(j, "vendor") || json_flag(j, "closure")) &&
                  !is_in_sources(d->in->app, uri);
    const char *page = NULL;
    if (!is_asked_for(d, uri, name, &page) || (vendor && !asked))
        return RC_OK;
    struct target *t = target_add(d, TARGET_ROUTE);
    if (!t)
        return err_set(err, RC_LIMIT, "name some with --route", "the app has more than %d routes",
                       TARGETS_MAX);
    t->uri = arena_strdup(d->arena, uri);
    t->name = arena_printf(d->arena, "GET /%s", *uri == '/' ? uri + 1 : uri);
    t->sure = json_flag(j, "sure");
    t->guest = json_flag(j, "guest");
    t->suspicion = suspicion_of(d, uri);
    t->domain = *domain ? arena_strdup(d->arena, domain) : NULL;
    t->why_none = *json_text(j, "why") ? arena_strdup(d->arena, json_text(j, "why")) : NULL;
    const json_t *paths = json_object_get(j, "paths"), *path;
    size_t i;
    if (page) {
        t->paths[t->npaths++] = page;
        t->sure = true;
    }
    json_array_foreach((json_t *)paths, i,
                       path) if (t->npaths < CANDIDATES_MAX && json_string_value(path))
        t->paths[t->npaths++] = arena_strdup(d->arena, json_string_value(path));
    if (would_end_the_session(uri))
        leave_out(t, "it would end the session", NULL);
    else if (json_flag(j, "signed"))
        leave_out(t, "it needs a signed address", "add it as a step in fettle.toml");
    else if (t->domain && strchr(t->domain, '{'))
        leave_out(t, "its domain has a parameter",
                  "name the domain with --host and the page with --route");
    return arena_failed(d->arena) ? err_set(err, RC_NOMEM, NULL, "no memory for routes") : RC_OK;
}

static int add_steps(struct drive *d, struct err *err)
{
    for (size_t i = 0; i < d->o.nsteps; i++) {
        const struct drive_step *s = &d->o.steps[i];
        struct target *t = target_add(d, TARGET_STEP);
        if (!t)
            return err_set(err, RC_LIMIT, NULL, "too many steps");
        t->method = s->method ? s->method : "GET";
        t->paths[0] = s->path;
        t->npaths = 1;
        t->sure = true;
        t->name = arena_printf(d->arena, "%s %s", t->method, s->path);
        t->body = str_c(s->body);
        t->content_type = str_c(s->content_type);
        t->suspicion = -1; /* after the pages, in the order given */
    }
    return RC_OK;
}

/* Most suspicious first; among equals pages without parameters, for their links give the others
 * theirs. */
static int by_suspicion(const void *a, const void *b)
{
    const struct target *x = *(struct target *const *)a, *y = *(struct target *const *)b;
    if (x->suspicion != y->suspicion)
        return x->suspicion > y->suspicion ? -1 : 1;
    bool px = x->uri && strchr(x->uri, '{'), py = y->uri && strchr(y->uri, '{');
    if (px != py)
        return px - py;
    return x->order < y->order ? -1 : x->order > y->order;
}

int targets_read(struct drive *d, struct err *err)
{
    struct answer a;
    int rc = client_get(d, "/__fettle/routes", &a, err);
    if (rc)
        return rc;
    json_t *list = a.rc ? NULL : json_loadb(a.r.body.p, a.r.body.n, 0, NULL), *j;
    size_t i;
    if (!json_is_array(list))
        rc = err_set(err, RC_STATE, "run `php artisan route:list`: it must work first",
                     "the instance does not list its routes: %.180s", answer_text(d, &a, NULL));
    json_array_foreach(list, i, j) if (!rc) rc = add_route(d, j, err);
    json_decref(list);
    answer_release(&a);
    if (!rc)
        rc = add_steps(d, err);
    if (!rc && !d->ntargets)
        rc = d->o.routes && d->o.routes[0]
                 ? err_set(err, RC_NOTFOUND, "php artisan route:list names them",
                           "no GET route fits %s", d->o.routes[0])
                 : err_set(err, RC_NOTFOUND, NULL, "the app has no GET routes of its own");
    if (!rc)
        qsort(d->targets, d->ntargets, sizeof *d->targets, by_suspicion);
    return rc;
}

/* ---- what a page leads to ---- */

static void add_livewire(struct drive *d, const struct target *from, const struct page *p,
                         const struct page_component *c)
{
    struct str key = c->name;
    char lazy[300];
    if (c->lazy.n) {
        snprintf(lazy, sizeof lazy, "lazy:%.*s", (int)(c->name.n < 280 ? c->name.n : 280),
                 c->name.p);
        key = str_c(lazy);
    }
    if (syms_find(d->livewire, key) || !syms_intern(d->livewire, key))
        return;
    struct target *t = target_add(d, TARGET_LIVEWIRE);
    if (!t)
        return;
    auto_buf body = BUF_INIT(PAGE_SNAPSHOT_MAX * 2 + 4096);
    struct json j = { &body };
    json_open(&j, '{');
    json_key(&j, "_token"), json_strn(&j, p->csrf.p, p->csrf.n);
    json_key(&j, "components"), json_open(&j, '[');
    json_open(&j, '{');
    json_key(&j, "snapshot"), json_strn(&j, c->snapshot.p, c->snapshot.n);
    json_key(&j, "updates"), json_open(&j, '{'), json_close(&j, '}');
    json_key(&j, "calls"), json_open(&j, '[');
    if (c->lazy.n) {
        json_open(&j, '{');
        json_key(&j, "path"), json_str(&j, "");
        json_key(&j, "method"), json_str(&j, "__lazyLoad");
        json_key(&j, "params"), json_open(&j, '['), json_strn(&j, c->lazy.p, c->lazy.n),
            json_close(&j, ']');
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    json_close(&j, ']');
    json_close(&j, '}');
    char *copy = arena_strndup(d->arena, body.p ? body.p : "", body.n);
    struct str uri = page_link_path(p->update_uri.n ? p->update_uri : STR("/livewire/update"),
                                    from->domain ? from->domain : d->in->p->host);
    t->name = arena_printf(d->arena, "livewire %.*s", (int)c->name.n, c->name.p);
    t->method = "POST";
    t->body = (struct str){ copy, (uint32_t)body.n };
    t->content_type = STR("application/json");
    t->paths[0] = arena_strndup(d->arena, uri.n ? uri.p : "/livewire/update", uri.n ? uri.n : 16);
    t->npaths = 1;
    t->sure = true;
    t->domain = from->domain;
    t->who = from->who;
    t->referer = arena_printf(d->arena, "%s://%s%s", d->in->p->https ? "https" : "http",
                              from->domain ? from->domain : d->in->p->host, from->url);
    t->suspicion = from->suspicion;
    if (body.failed || !copy || !t->referer)
        leave_out(t, "its snapshot is too large", NULL);
}

int target_note_page(struct drive *d, const struct target *from, struct str html, struct err *err)
{
    struct page p;
    auto_arena *a = arena_new(BODY_MAX * 2 + (8 << 20));
    int rc =
        a ? page_scan(html, a, &p, err) : err_set(err, RC_NOMEM, NULL, "no memory to read a page");
    if (rc == RC_NOMEM)
        return RC_OK; /* a page beyond the ceiling gives no links: its own times stand */
    const char *host = from->domain ? from->domain : d->in->p->host;
    for (size_t i = 0; i < p.nlinks && syms_count(d->links) < LINKS_MAX; i++) {
        struct str path = page_link_path(p.links[i], host);
        if (path.n && path.n < 2000 && !syms_intern(d->links, path))
            return err_set(err, RC_NOMEM, NULL, "no memory for links");
    }
    for (size_t i = 0; i < p.ncomponents; i++)
        add_livewire(d, from, &p, &p.components[i]);
    return RC_OK;
}
