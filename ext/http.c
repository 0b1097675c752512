/* Outgoing HTTP; see http.h. */
#include "http.h"

/* "POST https://host/path": no user, no query, no fragment. */
static uint32_t url_name(struct fettle_tracer *t, const char *method, const char *url, size_t n)
{
    char buf[600];
    const char *scheme = memmem(url, n, "://", 3);
    const char *rest = scheme ? scheme + 3 : url, *end = url + n;
    const char *cut = rest;
    while (cut < end && *cut != '?' && *cut != '#')
        cut++;
    const char *path = memchr(rest, '/', (size_t)(cut - rest));
    const char *at = zend_memrchr(rest, '@', (size_t)((path ? path : cut) - rest));
    const char *host = at ? at + 1 : rest;
    int k = snprintf(buf, sizeof buf, "%.12s %.*s%.*s", method,
                     scheme ? (int)MIN(rest - url, 12) : 0, url, (int)MIN(cut - host, 560), host);
    return fettle_string(&t->ring, buf, MIN((size_t)k, sizeof buf - 1));
}

void fettle_http_name(struct fettle_tracer *t, struct fettle_open *o, const char *method,
                      const char *url, size_t n, const struct fettle_ai_body *body, uint32_t model)
{
    enum fettle_ai_kind kind = fettle_ai_kind(url, n, body);
    if (kind == FETTLE_AI_NONE) {
        o->kind = FW_HTTP_CALL;
        o->name = url_name(t, method, url, n);
        return;
    }
    o->kind = FW_AI;
    o->a = body && body->json ? body->count : 0;
    o->b = kind;
    o->name = model ? model : url_name(t, method, url, n);
}

void fettle_http_result(struct fettle_open *o, uint32_t status, uint64_t bytes, bool failed)
{
    if (failed || status >= 400)
        o->flags |= FW_FAILED;
    if (o->kind != FW_HTTP_CALL)
        return;
    o->a = status;
    o->b = bytes;
}
