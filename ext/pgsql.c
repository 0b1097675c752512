/* The pgsql extension: queries with their rows, prepared statements by name, connections. */
#include "sql.h"

#include "guard.h"

/* The connection may be left out: then the statement's text or name comes first, and the one opened
 * last is meant. */
static const void *link_of(const struct fettle_tracer *t, const zend_execute_data *ex,
                           uint32_t *ret_first)
{
    const zval *z = fettle_arg(ex, 1);
    bool object = z && Z_TYPE_P(z) == IS_OBJECT;
    *ret_first = object ? 2 : 1;
    return object ? Z_OBJ_P(z) : t ? t->pg_link : NULL;
}

static uint32_t rows_of(zval *result, bool write)
{
    return Z_TYPE_P(result) == IS_OBJECT
               ? fettle_ask_rows(write ? "pg_affected_rows" : "pg_num_rows", result)
               : 0;
}

static void end(struct fettle_tracer *t, struct fettle_open *o, zval *ret)
{
    if (Z_TYPE_P(ret) == IS_FALSE || EG(exception))
        o->flags |= FW_FAILED;
    else if (o->kind == FW_SQL)
        o->a = rows_of(ret, o->flags & FW_WRITE);
    fettle_span_end(t, o);
}

static ZEND_NAMED_FUNCTION(pg_query_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    const void *link = link_of(t, execute_data, &first);
    zend_string *sql = fettle_arg_string(execute_data, first);
    if (fettle_live(t) && sql)
        fettle_sql_begin(t, execute_data, sql, false);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t && sql ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    bool ok = Z_TYPE_P(return_value) != IS_FALSE && !EG(exception);
    end(t, o, return_value);
    if (ok)
        fettle_tx_statement(t, link ? link : (const void *)h, "pgsql",
                            fettle_sql_verb(ZSTR_VAL(sql), ZSTR_LEN(sql)), execute_data);
}

static ZEND_NAMED_FUNCTION(pg_prepare_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    const void *link = link_of(t, execute_data, &first);
    zend_string *name = fettle_arg_string(execute_data, first),
                *sql = fettle_arg_string(execute_data, first + 1);
    struct fettle_open *o =
        t && sql && name ? fettle_span_begin(t, execute_data, FW_SQL_PREPARE) : NULL;
    if (o) {
        o->name = fettle_sql_name(t, sql, false, &o->flags);
        fettle_prepared_remember(t, fettle_prepared_key(link, name), o->name, o->flags & FW_WRITE);
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (t && sql && (o = fettle_span_find(t, execute_data)))
        end(t, o, return_value);
}

static ZEND_NAMED_FUNCTION(pg_execute_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    const void *link = link_of(t, execute_data, &first);
    zend_string *name = fettle_arg_string(execute_data, first);
    struct fettle_open *o = t && name ? fettle_span_begin(t, execute_data, FW_SQL) : NULL;
    const struct fettle_prepared *p =
        o ? fettle_prepared_find(t, fettle_prepared_key(link, name)) : NULL;
    if (p) {
        o->name = p->name;
        o->flags |= p->flags;
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (t && name && (o = fettle_span_find(t, execute_data)))
        end(t, o, return_value);
}

static const char *host_of(const zend_string *dsn, char *buf, size_t room)
{
    const char *p = dsn ? ZSTR_VAL(dsn) : "";
    const char *host = strstr(p, "host=");
    if (!strncmp(p, "postgres://", 11) || !strncmp(p, "postgresql://", 13)) {
        host = strstr(p, "://") + 3;
        const char *at = strchr(host, '@');
        host = at ? at + 1 : host;
    } else if (host) {
        host += 5;
    }
    size_t n = host ? strcspn(host, " :/?") : 0;
    if (host && *host == '/')
        n = strcspn(host, " ");
    if (n == 0 || n >= room)
        return "localhost";
    memcpy(buf, host, n);
    buf[n] = 0;
    return buf;
}

static ZEND_NAMED_FUNCTION(pg_connect_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    char buf[256], dsn[300];
    const char *host = host_of(fettle_arg_string(execute_data, 1), buf, sizeof buf);
    struct fettle_open *o = t ? fettle_span_begin(t, execute_data, FW_SQL_CONNECT) : NULL;
    if (o) {
        int n = snprintf(dsn, sizeof dsn, "pgsql:host=%s", host);
        o->name = fettle_string(&t->ring, dsn, (size_t)n);
    }
    bool allowed = fettle_guard_host(host, strlen(host));
    if (allowed) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    } else {
        fettle_guard_count(t);
        php_error_docref(NULL, E_WARNING,
                         "Unable to connect to PostgreSQL server: fettle: %s is not named in "
                         "fettle.dsn_allow",
                         host);
        RETVAL_FALSE;
    }
    if (t && Z_TYPE_P(return_value) == IS_OBJECT)
        t->pg_link = Z_OBJ_P(return_value);
    if (!t || !(o = fettle_span_find(t, execute_data)))
        return;
    o->flags |= allowed ? 0 : FW_REFUSED;
    end(t, o, return_value);
}

static const struct fettle_target targets[] = {
    { NULL, "pg_connect", pg_connect_span, FW_SQL_CONNECT, 1, 0 },
    { NULL, "pg_pconnect", pg_connect_span, FW_SQL_CONNECT, 1, 0 },
    { NULL, "pg_query", pg_query_span, FW_SQL, 0, 0 },
    { NULL, "pg_exec", pg_query_span, FW_SQL, 0, 0 },
    { NULL, "pg_query_params", pg_query_span, FW_SQL, 0, 0 },
    { NULL, "pg_prepare", pg_prepare_span, FW_SQL_PREPARE, 0, 0 },
    { NULL, "pg_execute", pg_execute_span, FW_SQL, 0, 0 },
};

void fettle_pgsql_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
