/* The list of requests: every route that fits, as every person, by the rows that each of them owns and by those of the
 * first one; other pages and filters that its own links name; an empty Livewire update for each component found. Made
 * by visiting side A, so that addresses and components are real. */
#include "prove/requests.h"

#include "prove/behaviour.h"
#include "prove/cover.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

static const double FINDING_SHARE = 0.35; /* of the budget */
enum { CANDIDATES_MAX = 3, VARIANTS_MAX = 3, LINKS_MAX = 20000, PAGE_ARENA = 80 << 20 };

struct known { /* one route as side A lists it for one person */
    const char *uri, *name, *domain, *paths[CANDIDATES_MAX];
    unsigned npaths;
    double suspicion;
};
struct search {
    struct proving *p;
    struct syms *links, *components; /* of one person */
    const char *first_path[ROUTES_MAX];
    const char *first_uri[ROUTES_MAX];
    size_t nfirst;
    unsigned person;
    struct jar jar;
    double until_s; /* what must be left of the budget */
};

bool route_fits(const char *uri, const char *path)
{
    while (*uri == '/')
        uri++;
    while (*path == '/')
        path++;
    while (*uri) {
        const char *end = *uri == '{' ? strchr(uri, '}') : NULL;
        if (end) {
            bool optional = end > uri && end[-1] == '?';
            char stop[4] = { end[1] && end[1] != '/' ? end[1] : '/', '/', '?', 0 };
            size_t n = strcspn(path, stop);
            if (!n && !optional)
                return false;
            path += n;
            uri = end + 1;
        } else if (*uri == *path) {
            uri++, path++;
        } else {
            return false;
        }
    }
    return !*path || *path == '?';
}

/* The pattern that asked for a route; "" when none was given; NULL: not asked for. */
static const char *asked_by(const struct proving *p, const char *uri, const char *name)
{
    if (!p->o->routes || !p->o->routes[0])
        return "";
    for (size_t i = 0; p->o->routes[i]; i++) {
        const char *want = p->o->routes[i];
        if (strncasecmp(want, "GET ", 4) == 0)
            want += 4;
        const char *bare = want + (*want == '/');
        const char *bare_uri = uri + (*uri == '/');
        if (strcmp(bare, bare_uri) == 0 || fnmatch(bare, bare_uri, 0) == 0 || (*name && fnmatch(want, name, 0) == 0) ||
            route_fits(uri, bare))
            return want;
    }
    return NULL;
}

static bool ends_the_session(const char *uri)
{
    return strcasestr(uri, "logout") || strcasestr(uri, "log-out") || strcasestr(uri, "signout") ||
           strcasestr(uri, "sign-out") || strcasestr(uri, "impersonate");
}

static bool is_in_sources(const struct app *app, const char *uri)
{
    const char *bare = uri + (*uri == '/' && uri[1]);
    for (uint32_t i = 0; i < app->nroutes; i++) {
        const char *known = app->routes[i].uri;
        if (known && strcmp(known + (*known == '/' && known[1]), bare) == 0)
            return true;
    }
    return app->nroutes == 0;
}

static const char *text_of(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static bool read_known(struct search *s, const json_t *j, struct known *k)
{
    struct proving *p = s->p;
    const char *uri = text_of(j, "uri"), *name = text_of(j, "name"), *domain = text_of(j, "domain");
    const char *want = asked_by(p, uri, name);
    bool closure = json_is_true(json_object_get(j, "closure")), vendor = json_is_true(json_object_get(j, "vendor"));
    bool foreign = vendor || (closure && !is_in_sources(p->app, uri));
    if (!want || (foreign && !*want) || ends_the_session(uri) || json_is_true(json_object_get(j, "signed")) ||
        strchr(domain, '{'))
        return false;
    *k = (struct known){ .uri = arena_strdup(p->arena, uri), .name = arena_printf(p->arena, "GET /%s", uri + (*uri == '/')),
                         .domain = *domain ? arena_strdup(p->arena, domain) : NULL };
    if (*want && strchr(uri, '{') && !strpbrk(want, "{*") && route_fits(uri, want)) {
        k->paths[k->npaths++] = want;
        return true;
    }
    const json_t *path;
    size_t i;
    json_array_foreach(json_object_get(j, "paths"), i, path)
        if (k->npaths < CANDIDATES_MAX && json_string_value(path))
            k->paths[k->npaths++] = arena_strdup(p->arena, json_string_value(path));
    return true;
}

/* ---- what a page leads to ---- */

static struct ask *add_ask(struct proving *p, const struct ask *q)
{
    for (size_t i = 0; i < p->nasks; i++)
        if (p->asks[i].person == q->person && !q->livewire && !p->asks[i].livewire && strcmp(p->asks[i].path, q->path) == 0)
            return NULL;
    if (p->nasks == ASKS_MAX) {
        p->asks_left_out++;
        return NULL;
    }
    p->asks[p->nasks] = *q;
    return &p->asks[p->nasks++];
}

static void add_livewire(struct search *s, const struct ask *page, const struct page *scan, const struct page_component *c)
{
    struct proving *p = s->p;
    auto_buf body = BUF_INIT(PAGE_SNAPSHOT_MAX * 2 + 4096);
    struct json j = { &body };
    json_open(&j, '{');
    json_key(&j, "_token"), json_strn(&j, scan->csrf.p, scan->csrf.n);
    json_key(&j, "components"), json_open(&j, '['), json_open(&j, '{');
    json_key(&j, "snapshot"), json_strn(&j, c->snapshot.p, c->snapshot.n);
    json_key(&j, "updates"), json_open(&j, '{'), json_close(&j, '}');
    json_key(&j, "calls"), json_open(&j, '[');
    if (c->lazy.n) {
        json_open(&j, '{');
        json_key(&j, "path"), json_str(&j, "");
        json_key(&j, "method"), json_str(&j, "__lazyLoad");
        json_key(&j, "params"), json_open(&j, '['), json_strn(&j, c->lazy.p, c->lazy.n), json_close(&j, ']');
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}'), json_close(&j, ']'), json_close(&j, '}');
    char *copy = body.failed ? NULL : arena_strndup(p->arena, body.p, body.n);
    struct str uri = page_link_path(scan->update_uri.n ? scan->update_uri : STR("/livewire/update"),
                                    page->domain ? page->domain : p->a.in->host);
    struct ask q = { .method = "POST", .body = { copy, (uint32_t)body.n }, .content_type = STR("application/json"),
                     .person = s->person, .livewire = true, .shape = page->shape, .domain = page->domain };
    q.route = arena_printf(p->arena, "livewire %.*s", (int)c->name.n, c->name.p);
    q.path = uri.n ? arena_strndup(p->arena, uri.p, uri.n) : "/livewire/update";
    q.referer = arena_printf(p->arena, "%s://%s%s", p->a.in->https ? "https" : "http",
                             page->domain ? page->domain : p->a.in->host, page->path);
    if (copy && q.route && q.path && q.referer)
        add_ask(p, &q);
}

/* "?page=2" and filters that the page's own links name. */
static void add_variants(struct search *s, const struct ask *page, const struct page *scan)
{
    struct proving *p = s->p;
    size_t n = strcspn(page->path, "?");
    unsigned added = 0;
    for (size_t i = 0; i < scan->nlinks && added < VARIANTS_MAX; i++) {
        struct str path = page_link_path(scan->links[i], page->domain ? page->domain : p->a.in->host);
        if (path.n <= n + 1 || path.n > 1000 || strncmp(path.p, page->path, n) != 0 || path.p[n] != '?')
            continue;
        struct ask q = *page;
        q.path = arena_strndup(p->arena, path.p, path.n);
        q.shape = str_contains(path, "page=") || str_contains(path, "cursor=") ? "page 2" : "filtered";
        added += q.path && add_ask(p, &q);
    }
}

static int read_page(struct search *s, const struct ask *page, struct str html, struct err *err)
{
    struct page scan;
    auto_arena *a = arena_new(PAGE_ARENA);
    int rc = a ? page_scan(html, a, &scan, err) : err_set(err, RC_NOMEM, NULL, "no memory to read a page");
    if (rc == RC_NOMEM && a)
        return RC_OK; /* larger than the ceiling: no links of it, but the page itself is compared */
    if (rc)
        return rc;
    for (size_t i = 0; i < scan.nlinks && syms_count(s->links) < LINKS_MAX; i++) {
        struct str path = page_link_path(scan.links[i], page->domain ? page->domain : s->p->a.in->host);
        if (path.n && path.n < 2000)
            syms_intern(s->links, path);
    }
    if (s->person < 2)
        add_variants(s, page, &scan);
    for (size_t i = 0; i < scan.ncomponents; i++)
        if (scan.components[i].name.n && !syms_find(s->components, scan.components[i].name) &&
            syms_intern(s->components, scan.components[i].name))
            add_livewire(s, page, &scan, &scan.components[i]);
    return RC_OK;
}

/* ---- visiting ---- */

static int visit(struct search *s, const struct known *k, const char *path, const char *shape, bool last, bool *ret_ok, struct err *err)
{
    struct proving *p = s->p;
    struct ask q = { .route = k->name, .method = "GET", .path = path, .domain = k->domain, .person = s->person, .shape = shape };
    struct reply r;
    char id[40], seed[1200];
    snprintf(id, sizeof id, "v%llu", (unsigned long long)++p->records);
    snprintf(seed, sizeof seed, "visit %.1000s", path);
    int rc = side_call(&p->a, &q, &s->jar, &p->people[s->person], &(struct manner){ seed, id }, &r, err);
    if (rc)
        return rc;
    json_t *record = read_record(&p->a, id);
    int status = r.rc ? 0 : r.r.status;
    *ret_ok = status >= 200 && status < 300;
    if (!*ret_ok && !last) {
        json_decref(record);
        reply_release(&r);
        return RC_OK;
    }
    if (*ret_ok && r.told.any && r.told.route[0])
        q.route = arena_strdup(p->arena, r.told.route);
    q.status = status;
    struct ask *added = add_ask(p, &q);
    rc = cover_note(p, &p->a, record, added, true, err);
    json_decref(record);
    if (!rc && added && *ret_ok && str_contains(fcgi_header(&r.r, "Content-Type"), "html"))
        rc = read_page(s, &q, r.r.body, err);
    reply_release(&r);
    return rc;
}

static const char *link_for(struct search *s, const char *uri, unsigned nth)
{
    for (uint32_t i = 1; i <= syms_count(s->links); i++)
        if (route_fits(uri, syms_cstr(s->links, i)) && nth-- == 0)
            return syms_cstr(s->links, i);
    return NULL;
}

static const char *shape_of(const struct proving *p, unsigned person)
{
    const struct person *who = &p->people[person];
    return !who->id ? "guest" : strcmp(who->label, "few or no rows") == 0 ? "few or no rows" : "own rows";
}

/* The first path of a route that answers 2xx, else the last one tried: a refusal is behaviour too. */
static int visit_route(struct search *s, const struct known *k, struct err *err)
{
    struct proving *p = s->p;
    const char *tries[CANDIDATES_MAX * 2], *theirs = NULL;
    unsigned n = 0;
    bool ok = false;
    for (unsigned i = 0; i < k->npaths; i++)
        tries[n++] = k->paths[i];
    for (unsigned i = 0; i < CANDIDATES_MAX && strchr(k->uri, '{'); i++) {
        const char *link = link_for(s, k->uri, i);
        if (link)
            tries[n++] = arena_strdup(p->arena, link);
    }
    for (size_t i = 0; i < s->nfirst; i++)
        if (strcmp(s->first_uri[i], k->uri) == 0)
            theirs = s->first_path[i];
    if (!n && theirs)
        tries[n++] = theirs;
    int rc = RC_OK;
    unsigned i = 0;
    for (; i < n && !ok && !rc; i++)
        rc = visit(s, k, tries[i], shape_of(p, s->person), i + 1 == n, &ok, err);
    if (!rc && ok && s->person == 0 && s->nfirst < ROUTES_MAX) {
        s->first_uri[s->nfirst] = k->uri;
        s->first_path[s->nfirst++] = tries[i - 1];
    }
    if (!rc && s->person && theirs && p->people[s->person].id)
        rc = visit(s, k, theirs, "another's row", true, &ok, err);
    return rc;
}

static int visit_as(struct search *s, struct err *err)
{
    struct proving *p = s->p;
    json_t *list = NULL, *j;
    size_t i;
    int rc = jar_copy(&s->jar, &p->a.jars[s->person], err);
    s->links = syms_new();
    s->components = syms_new();
    if (!rc && (!s->links || !s->components))
        rc = err_set(err, RC_NOMEM, NULL, "no memory for links");
    if (!rc)
        rc = side_json(&p->a, &s->jar, NULL, "/__fettle/routes", &list, err);
    for (int round = 0; round < 2 && !rc; round++) /* those with parameters second: links of the others give them theirs */
        json_array_foreach(list, i, j)
        {
            struct known k;
            if (prove_stopped(p))
                rc = err_set(err, RC_INTERRUPTED, NULL, "stopped");
            if (s->person && prove_left_s(p) < s->until_s) {
                p->asks_left_out++;
                continue;
            }
            bool later = strchr(text_of(j, "uri"), '{') != NULL;
            if (!rc && later == (round == 1) && read_known(s, j, &k))
                rc = visit_route(s, &k, err);
            if (rc)
                break;
        }
    json_decref(list);
    syms_free(s->links);
    syms_free(s->components);
    jar_clear(&s->jar);
    return rc;
}

int requests_find(struct proving *p, struct err *err)
{
    struct search *s = arena_new_one(p->arena, struct search);
    int rc = s ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the list of requests");
    double until = prove_left_s(p) * (1 - FINDING_SHARE);
    for (unsigned i = 0; i < p->npeople && !rc; i++) {
        s->p = p;
        s->until_s = until;
        s->person = i;
        prove_say(p, "list     as %s", p->people[i].label);
        rc = visit_as(s, err);
    }
    if (!rc && !p->nasks)
        rc = err_set(err, RC_NOTFOUND, "php artisan route:list names them", "no GET route of the application fits");
    return rc;
}
