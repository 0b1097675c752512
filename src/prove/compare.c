#include "prove/compare.h"

#include <string.h>
#include <strings.h>

/* ---- heads ---- */

static bool is_compared(struct str name)
{
    static const char *const not[] = { "Set-Cookie" /* decrypted in the record */, "Date", "X-Powered-By", "Status", "Content-Length" /* the body tells */ };
    for (size_t i = 0; i < sizeof not / sizeof *not; i++)
        if (str_ieq(name, str_c(not[i])))
            return false;
    return !(name.n >= 8 && strncasecmp(name.p, "X-Fettle", 8) == 0);
}

static void one_header(struct differ *d, struct str name, struct str a, struct str b)
{
    if (a.p && b.p && str_eq(a, b))
        return;
    size_t m = differ_enter(d, "header %.*s", (int)(name.n < 100 ? name.n : 100), name.p);
    if (a.p && b.p)
        differ_words(d, a, b);
    else
        differ_leaf(d, a, b);
    differ_leave(d, m);
}

static struct str present(const struct fcgi_response *r, struct str name)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (str_ieq(r->headers[i].name, name))
            return r->headers[i].value;
    return (struct str){ 0 };
}

static void headers(struct differ *d, const struct fcgi_response *a, const struct fcgi_response *b)
{
    for (size_t i = 0; i < a->nheaders; i++)
        if (is_compared(a->headers[i].name))
            one_header(d, a->headers[i].name, a->headers[i].value, present(b, a->headers[i].name));
    for (size_t i = 0; i < b->nheaders; i++)
        if (is_compared(b->headers[i].name) && !present(a, b->headers[i].name).p)
            one_header(d, b->headers[i].name, (struct str){ 0 }, b->headers[i].value);
}

static void status(struct differ *d, const struct reply *a, const struct reply *b)
{
    char ta[300], tb[300];
    if (!a->rc && !b->rc && a->r.status == b->r.status)
        return;
    struct str ea = a->rc ? str_c(a->err.what) : fcgi_header(&a->r, "X-Fettle-Error");
    struct str eb = b->rc ? str_c(b->err.what) : fcgi_header(&b->r, "X-Fettle-Error");
    snprintf(ta, sizeof ta, "%d%s%.*s", a->rc ? 0 : a->r.status, ea.n ? " " : "", (int)(ea.n < 250 ? ea.n : 250), ea.p);
    snprintf(tb, sizeof tb, "%d%s%.*s", b->rc ? 0 : b->r.status, eb.n ? " " : "", (int)(eb.n < 250 ? eb.n : 250), eb.p);
    size_t m = differ_enter(d, "status");
    differ_structure(d, str_c(ta), str_c(tb));
    differ_leave(d, m);
}

/* ---- bodies ---- */

static void body(struct differ *d, const struct fcgi_response *a, const struct fcgi_response *b)
{
    struct str type = fcgi_header(a, "Content-Type");
    if (str_eq(a->body, b->body) && !a->truncated && !b->truncated)
        return;
    size_t m = differ_enter(d, "body ");
    if (a->truncated || b->truncated)
        differ_structure(d, STR("longer than can be compared"), STR("longer than can be compared"));
    else if (str_contains(type, "event-stream"))
        differ_events(d, a->body, b->body);
    else if (str_contains(type, "html") && html_is_parsable(a->body) && html_is_parsable(b->body))
        differ_html(d, a->body, b->body);
    else if (str_contains(type, "json") || str_starts(type, "text/") || str_contains(type, "xml") || !type.n)
        differ_text(d, a->body, b->body);
    else
        differ_bytes(d, a->body, b->body);
    differ_leave(d, m);
}

/* ---- what the app told of itself ---- */

static void told_inside(struct differ *d, const json_t *a, const json_t *b)
{
    const json_t *sa = json_object_get(a, "seen"), *sb = json_object_get(b, "seen");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)sa, key, v)
    {
        size_t m = differ_enter(d, "%s ", key);
        differ_json(d, v, json_object_get(sb, key));
        differ_leave(d, m);
    }
    json_object_foreach((json_t *)sb, key, v)
    {
        if (json_object_get(sa, key))
            continue;
        size_t m = differ_enter(d, "%s ", key);
        differ_json(d, NULL, v);
        differ_leave(d, m);
    }
    size_t m = differ_enter(d, "cookie ");
    differ_json(d, json_object_get(a, "cookies"), json_object_get(b, "cookies"));
    differ_leave(d, m);
}

static void one_reply(struct differ *d, const struct taken *a, const struct taken *b, unsigned i, struct compared *ret)
{
    const struct reply *ra = &a->reply[i], *rb = &b->reply[i];
    status(d, ra, rb);
    if (ra->rc || rb->rc)
        return;
    headers(d, &ra->r, &rb->r);
    uint64_t before = d->masked_bytes;
    body(d, &ra->r, &rb->r);
    double share = (double)(d->masked_bytes - before) / fmax(ra->r.body.n, 1);
    ret->masked_share = fmax(ret->masked_share, share);
    told_inside(d, a->record[i], b->record[i]);
}

int compare_taken(struct state *sa, const struct taken *a, struct state *sb, const struct taken *b, struct differ *d,
                  const uint64_t *tells, struct compared *ret, struct err *err)
{
    *ret = (struct compared){ 0 };
    for (unsigned i = 0; i < a->n && i < b->n; i++) {
        uint64_t before = *tells;
        size_t m = differ_enter(d, i ? "then " : "");
        one_reply(d, a, b, i, ret);
        differ_leave(d, m);
        ret->reply_differs[i] = *tells != before;
    }
    uint64_t before = *tells;
    int rc = state_compare(sa, &a->left, sb, &b->left, d, err);
    if (*tells != before)
        ret->reply_differs[0] = true;
    return rc ? rc : d->failed ? err_set(err, RC_NOMEM, NULL, "no memory to compare answers") : RC_OK;
}
