/* What a request was; see request.h. */
#include "request.h"

#include "object.h"

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
    const char *method = SG(request_info).request_method;
    char *asked = sapi_getenv("REQUEST_URI", 11); /* request_info's is the script under FastCGI */
    const char *uri = asked ? asked : SG(request_info).request_uri;
    const char *q = uri ? strchr(uri, '?') : NULL;
    int m = snprintf(buf, sizeof buf, "%s %.*s", method ? method : "GET",
                     uri ? (int)MIN(q ? (size_t)(q - uri) : strlen(uri), 900) : 0, uri ? uri : "");
    if (asked)
        efree(asked);
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

void fettle_request_handled(struct fettle_tracer *t, const zend_object *request,
                            const zend_object *response)
{
    char buf[1024];
    zend_string *method = fettle_prop_string(request, FETTLE_S("method"));
    zend_string *path = fettle_prop_string(request, FETTLE_S("pathInfo"));
    const zval *status = fettle_prop(response, FETTLE_S("statusCode"));
    int n = snprintf(buf, sizeof buf, "%s %s", method ? ZSTR_VAL(method) : "GET",
                     path ? ZSTR_VAL(path) : "");
    t->name = fettle_string(&t->ring, buf, MIN((size_t)n, sizeof buf - 1));
    if (status && Z_TYPE_P(status) == IS_LONG)
        t->status = (uint32_t)Z_LVAL_P(status);
}

/* An entry of the container's `instances`. */
static const zend_object *container_instance(const char *name, size_t n)
{
    const zval *app =
        fettle_static(FETTLE_S("illuminate\\container\\container"), FETTLE_S("instance"));
    if (!app || Z_TYPE_P(app) != IS_OBJECT)
        return NULL;
    const zval *z = fettle_key(fettle_prop_array(Z_OBJ_P(app), FETTLE_S("instances")), name, n);
    return z && Z_TYPE_P(z) == IS_OBJECT ? Z_OBJ_P(z) : NULL;
}

/* "GET /posts/{post}": the first method of the route, as `artisan route:list` has it, and its
 * pattern. */
static uint32_t route_name(struct fettle_tracer *t, const zend_object *route)
{
    char buf[512];
    zend_string *uri = fettle_prop_string(route, FETTLE_S("uri"));
    HashTable *methods = fettle_prop_array(route, FETTLE_S("methods"));
    const zval *m = methods ? zend_hash_index_find(methods, 0) : NULL;
    if (!uri)
        return 0;
    int n =
        snprintf(buf, sizeof buf, "%s %s%s", m && Z_TYPE_P(m) == IS_STRING ? Z_STRVAL_P(m) : "GET",
                 ZSTR_VAL(uri)[0] == '/' ? "" : "/", ZSTR_VAL(uri));
    return fettle_string(&t->ring, buf, MIN((size_t)n, sizeof buf - 1));
}

static uint32_t route_action(struct fettle_tracer *t, const zend_object *route)
{
    HashTable *action = fettle_prop_array(route, FETTLE_S("action"));
    const zval *c = fettle_key(action, FETTLE_S("controller"));
    if (c && Z_TYPE_P(c) == IS_STRING)
        return fettle_string_z(&t->ring, Z_STR_P(c));
    const zval *uses = fettle_key(action, FETTLE_S("uses"));
    if (uses && Z_TYPE_P(uses) == IS_STRING)
        return fettle_string_z(&t->ring, Z_STR_P(uses));
    return uses ? fettle_string(&t->ring, FETTLE_S("Closure")) : 0;
}

static uint32_t id_of_user(struct fettle_tracer *t, const zend_object *user)
{
    char buf[24];
    zend_string *key = fettle_prop_string(user, FETTLE_S("primaryKey"));
    HashTable *attributes = fettle_prop_array(user, FETTLE_S("attributes"));
    const zval *id = fettle_key(attributes, key ? ZSTR_VAL(key) : "id", key ? ZSTR_LEN(key) : 2);
    if (id && Z_TYPE_P(id) == IS_STRING)
        return fettle_string_z(&t->ring, Z_STR_P(id));
    if (!id || Z_TYPE_P(id) != IS_LONG)
        return 0;
    int n = snprintf(buf, sizeof buf, ZEND_LONG_FMT, Z_LVAL_P(id));
    return fettle_string(&t->ring, buf, (size_t)n);
}

/* The first guard that has a user. */
static uint32_t user_id(struct fettle_tracer *t)
{
    const zend_object *auth = container_instance(FETTLE_S("auth"));
    HashTable *guards = auth ? fettle_prop_array(auth, FETTLE_S("guards")) : NULL;
    zval *g;
    if (!guards)
        return 0;
    ZEND_HASH_FOREACH_VAL(guards, g)
    {
        ZVAL_DEREF(g);
        const zend_object *user =
            Z_TYPE_P(g) == IS_OBJECT ? fettle_prop_object(Z_OBJ_P(g), FETTLE_S("user")) : NULL;
        uint32_t id = user ? id_of_user(t, user) : 0;
        if (id)
            return id;
    }
    ZEND_HASH_FOREACH_END();
    return 0;
}

static void describe_route(struct fettle_tracer *t, struct fw_close *c)
{
    const zend_object *router = container_instance(FETTLE_S("router"));
    const zend_object *route = router ? fettle_prop_object(router, FETTLE_S("current")) : NULL;
    if (route) {
        c->route = route_name(t, route);
        c->action = route_action(t, route);
    }
    c->user = user_id(t);
}

uint32_t fettle_request_describe(struct fettle_tracer *t, struct fw_close *c, uint64_t ret_id[2])
{
    trace_id(t, ret_id);
    c->status = t->status ? t->status
                : t->cli  ? (uint32_t)EG(exit_status)
                          : (uint32_t)SG(sapi_headers).http_response_code;
    if (!t->cli && !c->status)
        c->status = 200;
    c->peak_kb = (uint32_t)(zend_memory_peak_usage(0) >> 10);
    c->included_files = zend_hash_num_elements(&EG(included_files));
    c->gc_runs = fettle_gc_runs() - t->gc0;
    if (t->type == FW_HTTP || t->type == FW_LIVEWIRE)
        describe_route(t, c);
    if (t->type == FW_JOB)
        c->route = t->name;
    if (t->action)
        c->action = t->action;
    return t->name ? t->name : request_name(t);
}
