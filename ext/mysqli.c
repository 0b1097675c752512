/* mysqli, both its faces: queries, prepared statements, transactions, connections. The procedural
 * functions and the methods share their handlers in PHP; only the position of the arguments
 * differs. */
#include "sql.h"

#include "guard.h"

/* The link or statement, and the position of the first argument behind it. */
static zend_object *self_of(const zend_execute_data *ex, uint32_t *ret_first)
{
    if (Z_TYPE(ex->This) == IS_OBJECT) {
        *ret_first = 1;
        return Z_OBJ(ex->This);
    }
    const zval *z = fettle_arg(ex, 1);
    *ret_first = 2;
    return z && Z_TYPE_P(z) == IS_OBJECT ? Z_OBJ_P(z) : NULL;
}

static bool failed(const zval *ret)
{
    return EG(exception) || Z_TYPE_P(ret) == IS_FALSE || Z_TYPE_P(ret) == IS_UNDEF;
}

/* A result that is read row by row cannot be counted beforehand: such queries keep 0. */
static uint32_t rows_of(const zval *ret, zend_object *link, const zval *mode)
{
    zval arg;
    if (Z_TYPE_P(ret) == IS_OBJECT) {
        if (mode && (Z_TYPE_P(mode) != IS_LONG || Z_LVAL_P(mode) != 0))
            return 0;
        return fettle_ask_rows("mysqli_num_rows", (zval *)(uintptr_t)ret);
    }
    ZVAL_OBJ(&arg, link);
    return fettle_ask_rows("mysqli_affected_rows", &arg);
}

static ZEND_NAMED_FUNCTION(mysqli_query_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    zend_object *link = self_of(execute_data, &first);
    zend_string *sql = fettle_arg_string(execute_data, first);
    if (fettle_live(t) && sql && link)
        fettle_sql_begin(t, execute_data, sql, true);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t && sql && link ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    bool bad = failed(return_value);
    if (bad)
        o->flags |= FW_FAILED;
    else if (h->target->arg)
        o->a = rows_of(return_value, link, fettle_arg(execute_data, first + 1));
    fettle_span_end(t, o);
    if (!bad)
        fettle_tx_statement(t, link, "mysql", fettle_sql_verb(ZSTR_VAL(sql), ZSTR_LEN(sql)),
                            execute_data);
}

/* mysqli::prepare gives a statement, mysqli_stmt::prepare is one. */
static ZEND_NAMED_FUNCTION(mysqli_prepare_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    zend_object *self = self_of(execute_data, &first);
    zend_string *sql = fettle_arg_string(execute_data, first);
    struct fettle_open *o = t && sql ? fettle_span_begin(t, execute_data, FW_SQL_PREPARE) : NULL;
    if (o)
        o->name = fettle_sql_name(t, sql, true, &o->flags);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (!t || !sql || !(o = fettle_span_find(t, execute_data)))
        return;
    const zend_object *stmt = Z_TYPE_P(return_value) == IS_OBJECT ? Z_OBJ_P(return_value) : self;
    if (failed(return_value))
        o->flags |= FW_FAILED;
    else if (stmt)
        fettle_prepared_remember(t, fettle_prepared_key(stmt, NULL), o->name, o->flags & FW_WRITE);
    fettle_span_end(t, o);
}

static ZEND_NAMED_FUNCTION(mysqli_execute_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first;
    zend_object *stmt = self_of(execute_data, &first);
    struct fettle_open *o = t && stmt ? fettle_span_begin(t, execute_data, FW_SQL) : NULL;
    const struct fettle_prepared *p =
        o ? fettle_prepared_find(t, fettle_prepared_key(stmt, NULL)) : NULL;
    if (p) {
        o->name = p->name;
        o->flags |= p->flags;
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (!t || !stmt || !(o = fettle_span_find(t, execute_data)))
        return;
    zval arg;
    ZVAL_OBJ(&arg, stmt);
    if (failed(return_value))
        o->flags |= FW_FAILED;
    else if (o->flags & FW_WRITE)
        o->a = fettle_ask_rows("mysqli_stmt_affected_rows", &arg);
    uint32_t before = t->nspans;
    fettle_span_end(t, o);
    if (t->nspans != before)
        fettle_stmt_remember(t, stmt, t->ring.w - sizeof(struct fw_span));
}

/* get_result and store_result bring all rows at once, fetch brings one. */
static ZEND_NAMED_FUNCTION(mysqli_rows)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t first, rows = 0;
    zend_object *stmt = self_of(execute_data, &first);
    if (!fettle_live(t) || !stmt) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
        return;
    }
    uint64_t start = fettle_ticks(&t->clock), serial = t->serial;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (failed(return_value) || t->serial != serial || !t->active)
        return;
    uint64_t ticks = fettle_ticks(&t->clock) - start;
    if (h->target->arg == 1)
        rows = Z_TYPE_P(return_value) == IS_TRUE; /* null: no more rows */
    else if (Z_TYPE_P(return_value) == IS_OBJECT)
        rows = fettle_ask_rows("mysqli_num_rows", return_value);
    fettle_stmt_rows(t, stmt, rows, ticks);
}

static ZEND_NAMED_FUNCTION(mysqli_begin)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    uint32_t first;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *link = self_of(execute_data, &first);
    const zval *on = fettle_arg(execute_data, first);
    if (!fettle_live(t) || !link || failed(return_value))
        return;
    if (h->target->arg == 1) { /* autocommit(false) begins one, autocommit(true) commits */
        bool autocommit = on && zend_is_true((zval *)(uintptr_t)on);
        if (autocommit)
            fettle_tx_end(t, link, true);
        else
            fettle_tx_begin(t, link, "mysql", execute_data);
        return;
    }
    fettle_tx_begin(t, link, "mysql", execute_data);
}

static ZEND_NAMED_FUNCTION(mysqli_end)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    uint32_t first;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_object *link = self_of(execute_data, &first);
    if (fettle_live(t) && link && !failed(return_value))
        fettle_tx_end(t, link, h->target->arg == 1);
}

/* mysqli_real_connect takes the link first; mysqli_connect and the methods do not. */
static ZEND_NAMED_FUNCTION(mysqli_connect_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    uint32_t at = h->target->arg;
    const zend_string *host = fettle_arg_string(execute_data, at),
                      *sock = fettle_arg_string(execute_data, at + 5);
    const char *name = sock && ZSTR_LEN(sock)   ? ZSTR_VAL(sock)
                       : host && ZSTR_LEN(host) ? ZSTR_VAL(host)
                                                : "localhost";
    if (ZEND_CALL_NUM_ARGS(execute_data) == 0 && Z_TYPE(EX(This)) == IS_OBJECT) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU); /* new mysqli() connects to nothing yet */
        return;
    }
    if (!strncmp(name, "p:", 2))
        name += 2;
    struct fettle_open *o = t ? fettle_span_begin(t, execute_data, FW_SQL_CONNECT) : NULL;
    if (o) {
        char dsn[256];
        int n = snprintf(dsn, sizeof dsn, "mysql:host=%s", name);
        o->name = fettle_string(&t->ring, dsn, MIN((size_t)n, sizeof dsn - 1));
    }
    bool allowed = fettle_guard_host(name, strlen(name));
    if (allowed)
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    else
        fettle_guard_refuse(t, "mysqli_sql_exception", name, strlen(name));
    if (!t || !(o = fettle_span_find(t, execute_data)))
        return;
    if (EG(exception) || Z_TYPE_P(return_value) == IS_FALSE)
        o->flags |= FW_FAILED;
    if (!allowed)
        o->flags |= FW_REFUSED;
    fettle_span_end(t, o);
}

/* arg: of connections, the host's position; of queries, whether rows can be counted; else see the
 * wrapper. */
static const struct fettle_target targets[] = {
    { "mysqli", "__construct", mysqli_connect_span, FW_SQL_CONNECT, 1, 0 },
    { "mysqli", "connect", mysqli_connect_span, FW_SQL_CONNECT, 1, 0 },
    { "mysqli", "real_connect", mysqli_connect_span, FW_SQL_CONNECT, 1, 0 },
    { NULL, "mysqli_connect", mysqli_connect_span, FW_SQL_CONNECT, 1, 0 },
    { NULL, "mysqli_real_connect", mysqli_connect_span, FW_SQL_CONNECT, 2, 0 },
    { "mysqli", "query", mysqli_query_span, FW_SQL, 1, 0 },
    { NULL, "mysqli_query", mysqli_query_span, FW_SQL, 1, 0 },
    { "mysqli", "real_query", mysqli_query_span, FW_SQL, 0, 0 },
    { NULL, "mysqli_real_query", mysqli_query_span, FW_SQL, 0, 0 },
    { "mysqli", "multi_query", mysqli_query_span, FW_SQL, 0, 0 },
    { NULL, "mysqli_multi_query", mysqli_query_span, FW_SQL, 0, 0 },
    { "mysqli", "execute_query", mysqli_query_span, FW_SQL, 0, 0 },
    { NULL, "mysqli_execute_query", mysqli_query_span, FW_SQL, 0, 0 },
    { "mysqli", "prepare", mysqli_prepare_span, FW_SQL_PREPARE, 0, 0 },
    { NULL, "mysqli_prepare", mysqli_prepare_span, FW_SQL_PREPARE, 0, 0 },
    { "mysqli_stmt", "prepare", mysqli_prepare_span, FW_SQL_PREPARE, 0, 0 },
    { NULL, "mysqli_stmt_prepare", mysqli_prepare_span, FW_SQL_PREPARE, 0, 0 },
    { "mysqli_stmt", "execute", mysqli_execute_span, FW_SQL, 0, 0 },
    { NULL, "mysqli_stmt_execute", mysqli_execute_span, FW_SQL, 0, 0 },
    { NULL, "mysqli_execute", mysqli_execute_span, FW_SQL, 0, 0 },
    { "mysqli_stmt", "get_result", mysqli_rows, FW_SQL, 0, 0 },
    { NULL, "mysqli_stmt_get_result", mysqli_rows, FW_SQL, 0, 0 },
    { "mysqli_stmt", "fetch", mysqli_rows, FW_SQL, 1, 0 },
    { NULL, "mysqli_stmt_fetch", mysqli_rows, FW_SQL, 1, 0 },
    { "mysqli", "begin_transaction", mysqli_begin, FW_TX, 0, 0 },
    { NULL, "mysqli_begin_transaction", mysqli_begin, FW_TX, 0, 0 },
    { "mysqli", "autocommit", mysqli_begin, FW_TX, 1, 0 },
    { NULL, "mysqli_autocommit", mysqli_begin, FW_TX, 1, 0 },
    { "mysqli", "commit", mysqli_end, FW_TX, 1, 0 },
    { NULL, "mysqli_commit", mysqli_end, FW_TX, 1, 0 },
    { "mysqli", "rollback", mysqli_end, FW_TX, 2, 0 },
    { NULL, "mysqli_rollback", mysqli_end, FW_TX, 2, 0 },
};

void fettle_mysqli_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
