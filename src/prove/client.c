/* One request to one side, and the trace that it left. */
#include "prove/internal.h"

#include <string.h>

enum { TRACE_WAIT_MS = 400 };

void reply_release(struct reply *r)
{
    arena_free(r->arena);
    r->arena = NULL;
}

int jar_copy(struct jar *to, const struct jar *from, struct err *err)
{
    jar_clear(to);
    for (size_t i = 0; i < from->n; i++) {
        struct jar_cookie c = { strdup(from->cookies[i].name), strdup(from->cookies[i].value) };
        if (!c.name || !c.value) {
            free(c.name);
            free(c.value);
            return err_set(err, RC_NOMEM, NULL, "no memory for cookies");
        }
        to->cookies[to->n++] = c;
    }
    return RC_OK;
}

void running_init(struct running *s, const char *label, struct instance *in, const struct prove_opts *o, struct arena *a)
{
    char real[PATH_MAX];
    const char *dir = realpath(in->app->dir, real) ? real : in->app->dir;
    *s = (struct running){ .label = label, .in = in, .stop = o->stop, .limit_ns = 20000000000u };
    s->public_dir = arena_printf(a, "%s/public", dir);
    s->index_php = arena_printf(a, "%s/public/index.php", dir);
}

/* ---- traces ---- */

static void see_span(struct told *t, const struct span *s)
{
    switch (s->kind) {
    case FW_SQL:
        t->v[M_STATEMENTS]++;
        t->writes |= (s->flags & FW_WRITE) != 0;
        if (!(s->flags & FW_WRITE))
            t->v[M_ROWS] += s->a;
        break;
    case FW_CACHE:
    case FW_REDIS:
        t->v[M_CACHE]++;
        break;
    case FW_HTTP_CALL:
    case FW_AI:
        t->v[M_HTTP]++;
        break;
    default:
        break;
    }
}

static void see_trace(void *ctx, const struct trace *t)
{
    struct told *told = ctx;
    if (t->type != FW_HTTP && t->type != FW_LIVEWIRE)
        return;
    *told = (struct told){ .any = true };
    for (uint32_t i = 0; i < t->nspans; i++)
        see_span(told, &t->spans[i]);
    for (uint32_t i = 0; i < t->nsums; i++)
        if (t->sums[i].kind == FW_SQL) {
            told->v[M_STATEMENTS] += t->sums[i].count;
            told->v[M_ROWS] += t->sums[i].rows;
        }
    told->v[M_MODELS] = t->hydrated;
    told->v[M_BYTES] = (double)t->bytes_out;
    told->v[M_PEAK_KB] = t->peak_kb;
    told->v[M_CPU] = (double)t->cpu_ns / 1e6;
    told->v[M_LATENCY] = (double)t->dur_ns / 1e6;
    snprintf(told->route, sizeof told->route, "%s", t->route ? t->route : "");
}

static int forget_late_traces(struct running *s, struct err *err)
{
    int rc = s->in->collector ? collector_poll(s->in->collector, 0, see_trace, &s->told, err) : 0;
    s->told.any = false;
    return rc < 0 ? rc : RC_OK;
}

/* A trace is whole only after the response: terminating middleware and the record come later. */
static int take_trace(struct running *s, struct told *ret, struct err *err)
{
    uint64_t end = now_ns() + TRACE_WAIT_MS * 1000000ull;
    while (s->in->collector && !s->told.any && now_ns() < end) {
        int rc = collector_poll(s->in->collector, 20, see_trace, &s->told, err);
        if (rc < 0)
            return rc;
    }
    *ret = s->told;
    return RC_OK;
}

/* ---- the request ---- */

static void add(struct header *h, size_t *n, const char *name, struct str value)
{
    h[(*n)++] = (struct header){ str_c(name), value };
}

static struct str of_buf(const struct buf *b)
{
    return (struct str){ b->p ? b->p : "", (uint32_t)b->n };
}

static size_t headers_of(const struct ask *q, const struct jar *jar, const struct person *who, const struct manner *m,
                         struct buf *cookies, struct buf *token, struct header *h)
{
    size_t n = 0;
    bool post = strcmp(q->method, "GET") != 0;
    if (jar)
        jar_header(jar, cookies);
    if (cookies->n)
        add(h, &n, "Cookie", of_buf(cookies));
    add(h, &n, "User-Agent", STR("fettle"));
    add(h, &n, "Accept-Language", STR("en"));
    add(h, &n, "Accept", q->livewire ? STR("application/json")
                                     : STR("text/html,application/xhtml+xml,application/json;q=0.8,*/*;q=0.5"));
    if (post) {
        add(h, &n, "Sec-Fetch-Site", STR("same-origin"));
        add(h, &n, "Content-Type", q->content_type.n ? q->content_type : STR("application/x-www-form-urlencoded"));
        if (jar && jar_value(jar, "XSRF-TOKEN", token))
            add(h, &n, "X-XSRF-TOKEN", of_buf(token));
    }
    if (q->livewire)
        add(h, &n, "X-Livewire", STR("1"));
    else if (who && who->id)
        add(h, &n, "X-Fettle-User", str_c(who->id));
    if (q->referer)
        add(h, &n, "Referer", str_c(q->referer));
    if (m && m->seed)
        add(h, &n, "X-Fettle-Seed", str_c(m->seed));
    if (m && m->record)
        add(h, &n, "X-Fettle-Record", str_c(m->record));
    if (m && m->load)
        add(h, &n, "X-Fettle-Load", STR("1"));
    return n;
}

int side_call(struct running *s, const struct ask *q, struct jar *jar, const struct person *who, const struct manner *m,
                struct reply *ret, struct err *err)
{
    *ret = (struct reply){ .arena = arena_new(REPLY_ARENA) };
    if (!ret->arena)
        return err_set(err, RC_NOMEM, NULL, "no memory for a response");
    auto_buf cookies = BUF_INIT(512 << 10), token = BUF_INIT(16 << 10);
    struct header h[16];
    struct fcgi_request f = { .method = q->method, .uri = q->path, .script_filename = s->index_php,
                              .document_root = s->public_dir, .host = q->domain ? q->domain : s->in->host,
                              .https = s->in->https, .headers = h, .body = q->body, .stop = s->stop };
    f.nheaders = headers_of(q, jar, who, m, &cookies, &token, h);
    int rc = forget_late_traces(s, err);
    s->requests++;
    if (!rc)
        ret->rc = (enum rc)fcgi_call(s->in->fpm_sock, &f, REPLY_BODY_MAX, now_ns() + s->limit_ns, ret->arena, &ret->r, &ret->err);
    if (!rc && (ret->rc == RC_INTERRUPTED || ret->rc == RC_NOMEM)) {
        *err = ret->err;
        rc = ret->rc;
    }
    if (!rc && !ret->rc) {
        if (jar)
            jar_take(jar, &ret->r);
        rc = take_trace(s, &ret->told, err);
    }
    if (rc)
        reply_release(ret);
    return rc;
}

int side_json(struct running *s, struct jar *jar, const struct manner *m, const char *path, json_t **ret, struct err *err)
{
    struct ask q = { .method = "GET", .path = path };
    struct reply r;
    int rc = side_call(s, &q, jar, NULL, m, &r, err);
    if (rc)
        return rc;
    *ret = r.rc ? NULL : json_loadb(r.r.body.p, r.r.body.n, 0, NULL);
    if (!*ret) {
        struct str said = fcgi_header(&r.r, "X-Fettle-Error");
        rc = err_set(err, RC_STATE, "run `php artisan about`: the app must work first",
                     "side %s does not answer: %s%.*s", s->label, r.rc ? r.err.what : "", (int)(said.n < 150 ? said.n : 150), said.p);
    }
    reply_release(&r);
    return rc;
}
