/* file_get_contents, file_put_contents and fopen: HTTP through PHP's stream wrappers, and files.
 * Files: in the deep tier each one that the application itself touches, in always-on those that
 * took a millisecond. */
#include "http.h"
#include "guard.h"
#include "object.h"

#include "ext/standard/file.h"
#include "php_streams.h"

#include <errno.h>

#define SLOW_FILE_NS 1000000u

static bool is_http(const zend_string *s)
{
    return s &&
           (!strncasecmp(ZSTR_VAL(s), "http://", 7) || !strncasecmp(ZSTR_VAL(s), "https://", 8));
}

static bool is_plain(const zend_string *s)
{
    return s && !memmem(ZSTR_VAL(s), MIN(ZSTR_LEN(s), 16), "://", 3);
}

static const zval *option(php_stream_context *c, const char *name)
{
    zval *z = c ? php_stream_context_get_option(c, "http", name) : NULL;
    if (z)
        ZVAL_DEREF(z);
    return z && Z_TYPE_P(z) == IS_STRING ? z : NULL;
}

static php_stream_context *context_of(const zend_execute_data *ex, uint32_t arg)
{
    const zval *z = fettle_arg(ex, arg);
    return z && Z_TYPE_P(z) == IS_RESOURCE && Z_RES_P(z)->type == php_le_stream_context()
               ? Z_RES_P(z)->ptr
               : NULL;
}

/* "HTTP/1.1 200 OK" of the last header block. */
static uint32_t status_of(const zval *headers)
{
    uint32_t status = 0;
    zval *line;
    if (!headers || Z_TYPE_P(headers) != IS_ARRAY)
        return 0;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(headers), line)
    {
        if (Z_TYPE_P(line) == IS_STRING && Z_STRLEN_P(line) >= 12 &&
            !memcmp(Z_STRVAL_P(line), "HTTP/", 5)) {
            const char *sp = memchr(Z_STRVAL_P(line), ' ', Z_STRLEN_P(line));
            status = sp ? (uint32_t)strtoul(sp + 1, NULL, 10) : 0;
        }
    }
    ZEND_HASH_FOREACH_END();
    return status;
}

/* PHP leaves the answer's headers in a local variable of the caller. */
static const zval *header_variable(const zend_execute_data *caller)
{
    if (!caller || !caller->func || !ZEND_USER_CODE(caller->func->type))
        return NULL;
    const zval *z = fettle_local(caller, FETTLE_S("http_response_header"));
    if (!z && (ZEND_CALL_INFO(caller) & ZEND_CALL_HAS_SYMBOL_TABLE) && caller->symbol_table)
        z = fettle_key(caller->symbol_table, FETTLE_S("http_response_header"));
    return z;
}

static void end_http(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                     const zval *ret, const zend_string *url, uint32_t context_arg)
{
    php_stream_context *c = context_of(ex, context_arg);
    const zval *method = option(c, "method"), *content = option(c, "content"), *headers = NULL;
    struct fettle_ai_body body = { 0 };
    uint32_t model = 0;
    uint64_t bytes = 0;
    if (content) {
        fettle_ai_body(Z_STRVAL_P(content), Z_STRLEN_P(content), &body);
        if (body.model_n)
            model = fettle_string(&t->ring, Z_STRVAL_P(content) + body.model_at, body.model_n);
    }
    fettle_http_name(t, o, method ? Z_STRVAL_P(method) : "GET", ZSTR_VAL(url), ZSTR_LEN(url), &body,
                     model);
    if (Z_TYPE_P(ret) == IS_RESOURCE) {
        const php_stream *s = Z_RES_P(ret)->ptr;
        headers = s && Z_RES_P(ret)->type == php_file_le_stream() ? &s->wrapperdata : NULL;
    } else {
        headers = header_variable(ex->prev_execute_data);
        bytes = Z_TYPE_P(ret) == IS_STRING ? Z_STRLEN_P(ret) : 0;
    }
    fettle_http_result(o, status_of(headers), bytes, Z_TYPE_P(ret) == IS_FALSE);
    fettle_span_end(t, o);
}

static void end_file(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                     const zval *ret)
{
    uint64_t now = fettle_ticks(&t->clock), ns = fettle_clock_ns(&t->clock, now - o->t);
    if (fettle_tier == FW_DEEP && ns < SLOW_FILE_NS)
        fettle_place_of(t, o);
    if (ns < SLOW_FILE_NS && (fettle_tier != FW_DEEP || !o->place.file)) {
        fettle_span_drop(t, o);
        return;
    }
    o->name = fettle_string_z(&t->ring, ex->func->common.function_name);
    if (Z_TYPE_P(ret) == IS_STRING)
        o->a = (uint32_t)MIN(Z_STRLEN_P(ret), UINT32_MAX);
    else if (Z_TYPE_P(ret) == IS_LONG && Z_LVAL_P(ret) > 0)
        o->a = (uint32_t)MIN(Z_LVAL_P(ret), (zend_long)UINT32_MAX);
    else if (Z_TYPE_P(ret) == IS_FALSE)
        o->flags |= FW_FAILED;
    fettle_span_end_at(t, o, now);
}

static ZEND_NAMED_FUNCTION(stream_call)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *what = fettle_live(t) ? fettle_arg_string(execute_data, 1) : NULL;
    bool http = is_http(what), file = !http && is_plain(what) && h->target->kind == FW_FILE;
    if (http || file)
        fettle_span_begin(t, execute_data, http ? FW_HTTP_CALL : FW_FILE);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = http || file ? fettle_span_find(t, execute_data) : NULL;
    if (o && http)
        end_http(t, o, execute_data, return_value, what, h->target->arg);
    else if (o)
        end_file(t, o, execute_data, return_value);
}

/* Predis connects by stream_socket_client: what the guard refuses fails there as an unreachable
 * server does. */
static ZEND_NAMED_FUNCTION(socket_client)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    const zend_execute_data *caller = EX(prev_execute_data);
    const zend_string *address = fettle_arg_string(execute_data, 1);
    const zend_class_entry *scope = caller && caller->func ? caller->func->common.scope : NULL;
    if (!address || !scope || !fettle_guard_on() || strncmp(ZSTR_VAL(scope->name), "Predis\\", 7)) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
        return;
    }
    const char *p = strstr(ZSTR_VAL(address), "://");
    p = p ? p + 3 : ZSTR_VAL(address);
    const char *port = p[0] == '/' ? NULL : strrchr(p, ':');
    if (fettle_guard_host(p, port ? (size_t)(port - p) : strlen(p))) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
        return;
    }
    fettle_guard_count(FETTLE_G(tracer));
    if (ZEND_NUM_ARGS() > 1)
        ZEND_TRY_ASSIGN_REF_LONG(ZEND_CALL_ARG(execute_data, 2), ECONNREFUSED);
    if (ZEND_NUM_ARGS() > 2)
        ZEND_TRY_ASSIGN_REF_STRING(ZEND_CALL_ARG(execute_data, 3),
                                   "fettle: not named in fettle.dsn_allow");
    RETVAL_FALSE;
}

static const struct fettle_target guarded[] = {
    { NULL, "stream_socket_client", socket_client, FW_REDIS, 1, 0 },
};

void fettle_stream_guard_install(void)
{
    fettle_hooks_install(guarded, 1);
}

static const struct fettle_target targets[] = {
    /* arg: the one that is a context */
    { NULL, "file_get_contents", stream_call, FW_FILE, 3, 0 },
    { NULL, "file_put_contents", stream_call, FW_FILE, 4, 0 },
    { NULL, "fopen", stream_call, FW_HTTP_CALL, 4, 0 },
    { NULL, "copy", stream_call, FW_FILE, 3, 0 },
};

void fettle_stream_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
