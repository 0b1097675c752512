/* The client of a drive: cookies, sign-in, one request at a time, its trace taken right after. */
#include "instance/drive.h"

#include <strings.h>

enum { ARENA_BYTES = 96 << 20, TRACE_WAIT_MS = 400, SIGN_IN_LIMIT_S = 15 };

double left_s(const struct drive *d)
{
    uint64_t now = now_ns();
    return now < d->end_ns ? (double)(d->end_ns - now) / 1e9 : 0;
}

void answer_release(struct answer *a)
{
    arena_free(a->arena);
    a->arena = NULL;
}

static void add_header(struct header *h, size_t *n, const char *name, struct str value)
{
    h[(*n)++] = (struct header){ str_c(name), value };
}

/* The trace of a request is whole only after its response: terminating middleware runs later. */
static void take_trace(struct drive *d)
{
    struct err ignored;
    struct collector *c = d->in->collector;
    d->seen = (struct seen){ 0 };
    uint64_t end = now_ns() + TRACE_WAIT_MS * 1000000ull;
    while (c && !d->seen.any && now_ns() < end)
        if (collector_poll(c, 20, seen_trace, d, &ignored) < 0)
            return;
}

static void forget_late_traces(struct drive *d)
{
    struct err ignored;
    struct workload_build *into = d->fold_into;
    d->fold_into = NULL;
    if (d->in->collector && collector_poll(d->in->collector, 0, seen_trace, d, &ignored) < 0)
        d->seen.any = false;
    d->fold_into = into;
}

/* A hung worker is busy until its script ends: the whole php-fpm is replaced. */
static int after_a_failure(struct drive *d, const struct answer *a, struct err *err)
{
    if (a->rc == RC_INTERRUPTED || a->rc == RC_NOMEM) {
        *err = a->err;
        return a->rc;
    }
    if (a->rc != RC_TIMEOUT)
        return RC_OK;
    d->restarts++;
    return fpm_restart(d->in, err);
}

int client_ask(struct drive *d, const struct target *t, const char *path, struct answer *ret,
               struct err *err)
{
    struct private_ *p = d->in->p;
    *ret = (struct answer){ .arena = arena_new(ARENA_BYTES) };
    if (!ret->arena)
        return err_set(err, RC_NOMEM, NULL, "no memory for a response");
    auto_buf cookies = BUF_INIT(512 << 10), token = BUF_INIT(16 << 10), seed = BUF_INIT(256);
    struct header h[16];
    size_t n = 0;
    struct person *person = &d->people[t ? t->who : d->who];
    bool livewire = t && t->kind == TARGET_LIVEWIRE,
         post = t && t->method && strcmp(t->method, "GET") != 0;
    if (!t || !t->guest)
        jar_header(&person->jar, &cookies);
    if (cookies.n)
        add_header(h, &n, "Cookie", (struct str){ cookies.p, (uint32_t)cookies.n });
    add_header(h, &n, "User-Agent", STR("fettle"));
    add_header(h, &n, "Accept-Language", STR("en"));
    add_header(h, &n, "Accept",
               livewire ? STR("application/json")
                        : STR("text/html,application/xhtml+xml,application/json;q=0.8,*/*;q=0.5"));
    if (post) {
        add_header(h, &n, "Sec-Fetch-Site", STR("same-origin"));
        add_header(h, &n, "Content-Type",
                   t->content_type.n ? t->content_type : STR("application/x-www-form-urlencoded"));
        if (jar_value(&person->jar, "XSRF-TOKEN", &token))
            add_header(h, &n, "X-XSRF-TOKEN", (struct str){ token.p, (uint32_t)token.n });
    }
    if (livewire)
        add_header(h, &n, "X-Livewire", STR("1"));
    if (t && !t->guest && person->signed_in && !livewire)
        add_header(h, &n, "X-Fettle-User", str_c(person->id));
    if (t && t->referer)
        add_header(h, &n, "Referer", str_c(t->referer));
    if (p->opts.freeze_clock) {
        buf_addf(&seed, "%s#%u", t ? t->name : path, t ? t->nsamples : 0);
        add_header(h, &n, "X-Fettle-Seed", (struct str){ seed.p, (uint32_t)seed.n });
    }
    struct fcgi_request q = { .method = post ? t->method : "GET",
                              .uri = path,
                              .script_filename = d->index_php,
                              .document_root = d->public_dir,
                              .host = t && t->domain ? t->domain : p->host,
                              .https = p->https,
                              .headers = h,
                              .nheaders = n,
                              .stop = d->o.stop };
    if (t)
        q.body = t->body;
    forget_late_traces(d);
    uint64_t now = now_ns(), limit = t ? d->limit_ns : SIGN_IN_LIMIT_S * 1000000000ull;
    if (now + limit > d->end_ns)
        limit = d->end_ns > now ? d->end_ns - now : 1000000;
    d->requests++;
    ret->rc = (enum rc)fcgi_call(d->in->fpm_sock, &q, BODY_MAX, now + limit, ret->arena, &ret->r,
                                 &ret->err);
    if (ret->rc) {
        int rc = after_a_failure(d, ret, err);
        d->seen = (struct seen){ 0 };
        if (rc)
            answer_release(ret);
        return rc;
    }
    if (!t || !t->guest)
        jar_take(&person->jar, &ret->r);
    /* A page that redirects or fails was not seen: what it asked on the way is not its cost. */
    bool only_with_effects = d->only_with_effects;
    d->only_with_effects |= t && t->kind == TARGET_ROUTE && (ret->r.status < 200 || ret->r.status > 299);
    take_trace(d);
    d->only_with_effects = only_with_effects;
    return RC_OK;
}

int client_get(struct drive *d, const char *path, struct answer *ret, struct err *err)
{
    struct workload_build *into = d->fold_into;
    d->fold_into = NULL;
    int rc = client_ask(d, NULL, path, ret, err);
    d->fold_into = into;
    return rc;
}

bool answer_is_login(const struct answer *a)
{
    if (a->rc || a->r.status < 300 || a->r.status > 399)
        return false;
    struct str to = fcgi_header(&a->r, "Location");
    return str_contains(to, "login") || str_contains(to, "signin") || str_contains(to, "sign-in") ||
           str_contains(to, "/auth");
}

const char *answer_text(struct drive *d, const struct answer *a, const char *fallback)
{
    if (a->rc)
        return arena_strdup(d->arena, a->err.what);
    struct str e = fcgi_header(&a->r, "X-Fettle-Error");
    if (e.n)
        return arena_printf(d->arena, "status %d: %.*s", a->r.status, (int)e.n, e.p);
    struct str to = fcgi_header(&a->r, "Location");
    if (to.n && a->r.status >= 300 && a->r.status < 400)
        return arena_printf(d->arena, "redirects to %.*s", (int)(to.n < 200 ? to.n : 200), to.p);
    struct str said = str_trim(a->r.errors);
    if (said.n && a->r.status >= 500)
        return arena_printf(d->arena, "status %d: %.*s", a->r.status,
                            (int)(said.n < 200 ? said.n : 200), said.p);
    return fallback ? fallback : arena_printf(d->arena, "status %d", a->r.status);
}

/* ---- signing in ---- */

static void url_encode(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
            strchr("-_.~", *s))
            buf_addc(b, *s);
        else
            buf_addf(b, "%%%02X", (unsigned char)*s);
    }
}

static int get_json(struct drive *d, const char *path, json_t **ret, struct err *err)
{
    struct answer a;
    int rc = client_get(d, path, &a, err);
    if (rc)
        return rc;
    *ret = a.rc ? NULL : json_loadb(a.r.body.p, a.r.body.n, 0, NULL);
    if (!*ret)
        rc = err_set(err, RC_STATE, "run `php artisan about`: the app must work first",
                     "the instance does not answer: %.180s", answer_text(d, &a, NULL));
    answer_release(&a);
    return rc;
}

static const char *id_text(struct drive *d, const json_t *id)
{
    if (json_is_string(id))
        return arena_strdup(d->arena, json_string_value(id));
    return json_is_integer(id) ? arena_printf(d->arena, "%lld", (long long)json_integer_value(id))
                               : NULL;
}

static void thousands(long long n, char *ret, size_t size)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", n);
    size_t at = 0;
    for (int i = 0; i < len && at + 2 < size; i++) {
        ret[at++] = digits[i];
        if ((len - 1 - i) % 3 == 0 && i + 1 < len && digits[i] != '-')
            ret[at++] = ',';
    }
    ret[at] = 0;
}

int client_choose(struct drive *d, struct err *err)
{
    auto_buf path = BUF_INIT(8192);
    json_t *j = NULL;
    buf_adds(&path, "/__fettle/users?guard=");
    url_encode(&path, d->o.guard ? d->o.guard : "");
    buf_adds(&path, "&as=");
    url_encode(&path, d->o.as ? d->o.as : "");
    int rc = get_json(d, buf_cstr(&path), &j, err);
    if (rc)
        return rc;
    const char *why = json_text(j, "why"), *id = id_text(d, json_object_get(j, "id"));
    char rows[40];
    thousands(json_number(j, "rows"), rows, sizeof rows);
    d->guard = arena_strdup(d->arena, json_text(j, "guard"));
    d->people[0].id = id;
    d->people[1].id = id_text(d, json_object_get(j, "other"));
    if (!id && d->o.as)
        rc = err_set(err, RC_NOTFOUND, "name an id or an email of the copied database with --as",
                     "%s", *why ? why : "that user does not exist");
    else if (!id)
        d->result.user_note =
            arena_printf(d->arena, "guest (%s)", *why ? why : "no user was found");
    else if (json_flag(j, "asked"))
        d->result.user_note =
            arena_printf(d->arena, "user %s, as asked, by guard %s", id, d->guard);
    else
        d->result.user_note = arena_printf(
            d->arena, "user %s, the one with most rows (%s) of %lld user%s, by guard %s", id, rows,
            json_number(j, "users"), json_number(j, "users") == 1 ? "" : "s", d->guard);
    json_decref(j);
    return rc;
}

int client_sign_in(struct drive *d, unsigned who, struct err *err)
{
    struct person *person = &d->people[who];
    auto_buf path = BUF_INIT(8192);
    json_t *j = NULL;
    if (!person->id)
        return RC_OK;
    jar_clear(&person->jar);
    buf_adds(&path, "/__fettle/login/");
    url_encode(&path, d->guard);
    buf_addc(&path, '/');
    url_encode(&path, person->id);
    unsigned before = d->who;
    d->who = who;
    int rc = get_json(d, buf_cstr(&path), &j, err);
    d->who = before;
    person->signed_in = !rc && json_flag(j, "ok");
    if (!rc && !person->signed_in)
        rc = err_set(err, RC_STATE, "name another user with --as",
                     "user %s cannot sign in by guard %s", person->id, d->guard);
    json_decref(j);
    return rc;
}
