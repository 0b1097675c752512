/* What a request was; see request.h. */
#include "request.h"

#include "SAPI.h"
#include "zend_gc.h"

uint32_t fettle_gc_runs(void)
{
    zend_gc_status s;
    zend_gc_get_status(&s);
    return s.runs;
}

static uint32_t request_name(struct fettle_tracer *t)
{
    char buf[1024];
    size_t n = 0;
    if (t->cli) {
        for (int i = 0; i < SG(request_info).argc && n + 2 < sizeof buf; i++) {
            const char *a = SG(request_info).argv[i];
            size_t m = MIN(strlen(a), sizeof buf - n - 2);
            if (n)
                buf[n++] = ' ';
            memcpy(buf + n, a, m);
            n += m;
        }
        return fettle_string(&t->ring, buf, n);
    }
    const char *method = SG(request_info).request_method, *uri = SG(request_info).request_uri;
    const char *q = uri ? strchr(uri, '?') : NULL;
    int m = snprintf(buf, sizeof buf, "%s %.*s", method ? method : "GET",
                     uri ? (int)MIN(q ? (size_t)(q - uri) : strlen(uri), 900) : 0, uri ? uri : "");
    return fettle_string(&t->ring, buf, m > 0 ? (size_t)m : 0);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_id(const char *p, uint64_t id[2])
{
    uint64_t v[2] = { 0, 0 };
    for (int i = 0; i < 32; i++) {
        int d = hex_digit(p[i]);
        if (d < 0)
            return false;
        v[i / 16] = v[i / 16] << 4 | (uint64_t)d;
    }
    id[0] = v[0];
    id[1] = v[1];
    return (v[0] | v[1]) != 0;
}

/* SAPI first: FastCGI parameters are not the process's environment. */
static bool id_from(const char *name, size_t skip, uint64_t id[2])
{
    char *v = sapi_getenv(name, strlen(name));
    bool ok = v && strlen(v) >= skip + 32 && parse_id(v + skip, id);
    if (v)
        efree(v);
    if (!ok && (v = getenv(name)))
        ok = strlen(v) >= skip + 32 && parse_id(v + skip, id);
    return ok;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void trace_id(struct fettle_tracer *t, uint64_t id[2])
{
    if (id_from("FETTLE_TRACE", 0, id) || id_from("HTTP_TRACEPARENT", 3, id))
        return;
    id[0] = mix(t->t_open ^ ((uint64_t)t->pid << 40));
    id[1] = mix(id[0] + t->serial + (uintptr_t)t);
}

uint32_t fettle_request_describe(struct fettle_tracer *t, struct fw_close *c, uint64_t ret_id[2])
{
    trace_id(t, ret_id);
    c->status = t->cli ? (uint32_t)EG(exit_status) : (uint32_t)SG(sapi_headers).http_response_code;
    if (!t->cli && !c->status)
        c->status = 200;
    c->peak_kb = (uint32_t)(zend_memory_peak_usage(0) >> 10);
    c->included_files = zend_hash_num_elements(&EG(included_files));
    c->gc_runs = fettle_gc_runs() - t->gc0;
    return request_name(t);
}
