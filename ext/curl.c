/* curl: one span a transfer, easy or multi. Reads a handle through PHP's own curl_getinfo, an
 * internal function: no PHP code runs and no symbol of libcurl is needed. */
#include "http.h"
#include "object.h"

#define OPT_URL 10002
#define OPT_POSTFIELDS 10015
#define OPT_CUSTOMREQUEST 10036
#define INFO_URL 0x100001
#define INFO_METHOD 0x10003a
#define INFO_STATUS 0x200002
#define INFO_TOTAL_TIME 0x300003
#define INFO_RECEIVED 0x300008

static zend_function *getinfo;

#define PROBES 16

/* The entry of a handle; entries of other traces are free. NULL: none, or no room. */
static struct fettle_request *slot_of(struct fettle_tracer *t, const zend_object *o, bool make)
{
    uint32_t h = (uint32_t)(((uintptr_t)o >> 4) * 0x9e3779b1u) >> 16;
    struct fettle_request *room = NULL;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct fettle_request *r = &t->requests[(h + i) & (FETTLE_REQUESTS_MAX - 1)];
        bool live = r->obj && r->trace == t->serial;
        if (live && r->obj == o && r->handle == o->handle)
            return r;
        if (!room && (!live || !r->in_flight))
            room = r;
    }
    if (make && room)
        *room = (struct fettle_request){ .obj = o, .handle = o->handle, .trace = t->serial };
    return make ? room : NULL;
}

static void info(const zend_object *o, zend_long what, zval *ret)
{
    zval args[2];
    ZVAL_OBJ(&args[0], (zend_object *)(uintptr_t)o);
    ZVAL_LONG(&args[1], what);
    ZVAL_NULL(ret);
    zend_call_known_function(getinfo, NULL, NULL, ret, 2, args, NULL);
}

static double info_number(const zend_object *o, zend_long what)
{
    zval z;
    info(o, what, &z);
    double v = Z_TYPE(z) == IS_LONG ? (double)Z_LVAL(z) : Z_TYPE(z) == IS_DOUBLE ? Z_DVAL(z) : 0;
    zval_ptr_dtor(&z);
    return v;
}

static void describe(struct fettle_tracer *t, struct fettle_open *o, const zend_object *ch,
                     bool failed)
{
    const struct fettle_request *r = slot_of(t, ch, false);
    zval url, method;
    info(ch, INFO_URL, &url);
    info(ch, INFO_METHOD, &method);
    if (Z_TYPE(url) == IS_STRING)
        fettle_http_name(t, o, Z_TYPE(method) == IS_STRING ? Z_STRVAL(method) : "GET",
                         Z_STRVAL(url), Z_STRLEN(url), r ? &r->body : NULL, r ? r->model : 0);
    uint32_t status = (uint32_t)info_number(ch, INFO_STATUS);
    fettle_http_result(o, status, (uint64_t)info_number(ch, INFO_RECEIVED), failed || !status);
    zval_ptr_dtor(&url);
    zval_ptr_dtor(&method);
}

static const zend_object *handle_arg(const zend_execute_data *ex, uint32_t i)
{
    const zval *z = fettle_arg(ex, i);
    return z && Z_TYPE_P(z) == IS_OBJECT ? Z_OBJ_P(z) : NULL;
}

static ZEND_NAMED_FUNCTION(curl_exec_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (t)
        fettle_span_begin(t, execute_data, FW_HTTP_CALL);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t ? fettle_span_find(t, execute_data) : NULL;
    const zend_object *ch = handle_arg(execute_data, 1);
    if (!o)
        return;
    if (ch && !EG(exception))
        describe(t, o, ch, Z_TYPE_P(return_value) == IS_FALSE);
    fettle_span_end(t, o);
}

/* What a body is, is seen when it is set: later it is libcurl's. */
static void take_option(struct fettle_tracer *t, const zend_object *ch, zend_long option,
                        const zval *v)
{
    if (option == OPT_URL) {
        struct fettle_request *r = slot_of(t, ch, false);
        if (r && !r->in_flight)
            *r = (struct fettle_request){ .obj = ch, .handle = ch->handle, .trace = t->serial };
    }
    if (option != OPT_POSTFIELDS || Z_TYPE_P(v) != IS_STRING)
        return;
    struct fettle_request *r = slot_of(t, ch, true);
    if (!r)
        return;
    fettle_ai_body(Z_STRVAL_P(v), Z_STRLEN_P(v), &r->body);
    r->model = r->body.model_n
                   ? fettle_string(&t->ring, Z_STRVAL_P(v) + r->body.model_at, r->body.model_n)
                   : 0;
}

static ZEND_NAMED_FUNCTION(curl_setopt_seen)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *ch = handle_arg(execute_data, 1);
    const zval *option = fettle_arg(execute_data, 2), *v = fettle_arg(execute_data, 3);
    if (fettle_live(t) && ch && option && v && Z_TYPE_P(option) == IS_LONG)
        take_option(t, ch, Z_LVAL_P(option), v);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

static ZEND_NAMED_FUNCTION(curl_setopt_array_seen)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *ch = handle_arg(execute_data, 1);
    const zval *options = fettle_arg(execute_data, 2);
    if (fettle_live(t) && ch && options && Z_TYPE_P(options) == IS_ARRAY) {
        static const zend_long seen[] = { OPT_URL, OPT_POSTFIELDS };
        for (unsigned i = 0; i < 2; i++) {
            zval *v = zend_hash_index_find(Z_ARRVAL_P(options), (zend_ulong)seen[i]);
            if (v) {
                ZVAL_DEREF(v);
                take_option(t, ch, seen[i], v);
            }
        }
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

/* A new handle may lie where an old one lay. */
static ZEND_NAMED_FUNCTION(curl_new)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_request *r =
        t && Z_TYPE_P(return_value) == IS_OBJECT ? slot_of(t, Z_OBJ_P(return_value), false) : NULL;
    if (r)
        *r = (struct fettle_request){ 0 };
}

static ZEND_NAMED_FUNCTION(curl_multi_add)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *ch = handle_arg(execute_data, 2);
    struct fettle_request *r = fettle_live(t) && ch ? slot_of(t, ch, true) : NULL;
    if (!r || EG(exception)) {
        if (fettle_live(t) && ch)
            t->dropped++;
        return;
    }
    r->in_flight = true;
    r->t = fettle_ticks(&t->clock);
    r->parent = fettle_parent(t);
    r->index = fettle_next_index(t);
    r->flags = t->ntx ? FW_IN_TX : 0;
    fettle_place_find(t, EX(prev_execute_data), &r->place);
}

/* Clients take a handle out when it is done; curl knows how long it really took. */
static ZEND_NAMED_FUNCTION(curl_multi_remove)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *ch = handle_arg(execute_data, 2);
    struct fettle_request *r = t && ch ? slot_of(t, ch, false) : NULL;
    if (r && r->in_flight) {
        r->in_flight = false;
        if (t->active) {
            struct fettle_open o = { .t = r->t,
                                     .index = r->index,
                                     .kind = FW_HTTP_CALL,
                                     .flags = r->flags,
                                     .place = r->place };
            describe(t, &o, ch, false);
            uint64_t now = fettle_ticks(&t->clock),
                     ns = (uint64_t)(info_number(ch, INFO_TOTAL_TIME) * 1e9);
            uint64_t ticks =
                t->clock.mult ? (uint64_t)(((unsigned __int128)ns << 32) / t->clock.mult) : 0;
            fettle_span_write(t, &o, r->parent, ticks && r->t + ticks < now ? r->t + ticks : now);
        }
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

static const struct fettle_target targets[] = {
    { NULL, "curl_init", curl_new, FW_HTTP_CALL, 0, 0 },
    { NULL, "curl_copy_handle", curl_new, FW_HTTP_CALL, 0, 0 },
    { NULL, "curl_exec", curl_exec_span, FW_HTTP_CALL, 1, 0 },
    { NULL, "curl_setopt", curl_setopt_seen, FW_HTTP_CALL, 1, 0 },
    { NULL, "curl_setopt_array", curl_setopt_array_seen, FW_HTTP_CALL, 1, 0 },
    { NULL, "curl_multi_add_handle", curl_multi_add, FW_HTTP_CALL, 2, 0 },
    { NULL, "curl_multi_remove_handle", curl_multi_remove, FW_HTTP_CALL, 2, 0 },
};

void fettle_curl_install(void)
{
    getinfo = zend_hash_str_find_ptr(CG(function_table), "curl_getinfo", 12);
    if (getinfo && getinfo->type == ZEND_INTERNAL_FUNCTION)
        fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
