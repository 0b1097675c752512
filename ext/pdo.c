/* PDO: statements with their rows, transactions, connections. Reads PDO's own structures, through
 * the headers that PHP installs, and links to no symbol of it: PDO may be absent. */
#include "sql.h"

#include "guard.h"
#include "values.h"

#include "ext/pdo/php_pdo_driver.h"

static pdo_dbh_t *dbh_of(const zend_execute_data *ex)
{
    return Z_TYPE(ex->This) == IS_OBJECT ? php_pdo_dbh_fetch_object(Z_OBJ(ex->This))->inner : NULL;
}

static pdo_stmt_t *stmt_of(const zend_object *o)
{
    return (pdo_stmt_t *)((char *)(uintptr_t)o - XtOffsetOf(pdo_stmt_t, std));
}

static bool is_mysql(const pdo_dbh_t *dbh)
{
    return dbh && dbh->driver && dbh->driver->driver_name_len == 5 &&
           !memcmp(dbh->driver->driver_name, "mysql", 5);
}

static const char *driver_of(const pdo_dbh_t *dbh)
{
    return dbh && dbh->driver ? dbh->driver->driver_name : "pdo";
}

/* Ends the span of a statement that is now under way, and remembers it for the rows to come. */
static void end_statement(struct fettle_tracer *t, struct fettle_open *o, const zend_object *stmt,
                          bool failed)
{
    const pdo_stmt_t *s = stmt ? stmt_of(stmt) : NULL;
    if (failed)
        o->flags |= FW_FAILED;
    else if (s && (s->column_count == 0 || (o->flags & FW_WRITE)) && s->row_count > 0)
        o->a = (uint32_t)MIN(s->row_count, (zend_long)UINT32_MAX);
    bool rows = s && !failed && s->column_count > 0 &&
                !o->a; /* RETURNING: what is known is not counted again */
    if (s && s->bound_params)
        o->b = fettle_values_hash(s->bound_params, true);
    uint32_t before = t->nspans;
    fettle_span_end(t, o);
    if (t->nspans == before)
        return; /* it found no room */
    if (rows)
        fettle_stmt_remember(t, stmt, t->ring.w - sizeof(struct fw_span));
    if (FETTLE_G(values) && s && s->bound_params)
        fettle_values_write(t, s->bound_params, true);
}

static ZEND_NAMED_FUNCTION(pdo_execute)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_object *self = Z_TYPE(EX(This)) == IS_OBJECT ? Z_OBJ(EX(This)) : NULL;
    if (fettle_live(t) && self)
        fettle_sql_begin(t, execute_data, stmt_of(self)->query_string,
                         is_mysql(stmt_of(self)->dbh));
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t && self ? fettle_span_find(t, execute_data) : NULL;
    if (o)
        end_statement(t, o, self, Z_TYPE_P(return_value) != IS_TRUE);
}

static void after_statement(struct fettle_tracer *t, zend_execute_data *ex, zend_string *sql)
{
    const pdo_dbh_t *dbh = dbh_of(ex);
    enum fettle_sql_verb v = fettle_sql_verb(ZSTR_VAL(sql), ZSTR_LEN(sql));
    if (UNEXPECTED(v >= FETTLE_SQL_BEGIN))
        fettle_tx_statement(t, dbh, driver_of(dbh), v, ex);
}

static ZEND_NAMED_FUNCTION(pdo_query)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *sql = fettle_arg_string(execute_data, 1);
    if (fettle_live(t) && sql)
        fettle_sql_begin(t, execute_data, sql, is_mysql(dbh_of(execute_data)));
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t && sql ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    bool object = Z_TYPE_P(return_value) == IS_OBJECT;
    end_statement(t, o, object ? Z_OBJ_P(return_value) : NULL, !object);
    if (object)
        after_statement(t, execute_data, sql);
}

static ZEND_NAMED_FUNCTION(pdo_exec)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *sql = fettle_arg_string(execute_data, 1);
    if (fettle_live(t) && sql)
        fettle_sql_begin(t, execute_data, sql, is_mysql(dbh_of(execute_data)));
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t && sql ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    bool ok = Z_TYPE_P(return_value) == IS_LONG;
    if (ok && (o->flags & FW_WRITE) && Z_LVAL_P(return_value) > 0)
        o->a = (uint32_t)MIN(Z_LVAL_P(return_value), (zend_long)UINT32_MAX);
    if (!ok)
        o->flags |= FW_FAILED;
    fettle_span_end(t, o);
    if (ok)
        after_statement(t, execute_data, sql);
}

static ZEND_NAMED_FUNCTION(pdo_prepare)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *sql = fettle_arg_string(execute_data, 1);
    struct fettle_open *o = NULL;
    if (t && sql && (o = fettle_span_begin(t, execute_data, FW_SQL_PREPARE)))
        o->name = fettle_sql_name(t, sql, is_mysql(dbh_of(execute_data)), &o->flags);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    o = t && sql ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    if (Z_TYPE_P(return_value) != IS_OBJECT)
        o->flags |= FW_FAILED;
    fettle_span_end(t, o);
}

/* Rows of fetchAll count as many, of the others as one. */
static ZEND_NAMED_FUNCTION(pdo_fetch)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (!fettle_live(t) || Z_TYPE(EX(This)) != IS_OBJECT) {
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
        return;
    }
    uint64_t start = fettle_ticks(&t->clock), serial = t->serial;
    const zend_object *self = Z_OBJ(EX(This));
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    uint32_t rows = Z_TYPE_P(return_value) != IS_FALSE;
    if (Z_TYPE_P(return_value) == IS_ARRAY && h->target->arg)
        rows = zend_hash_num_elements(Z_ARRVAL_P(return_value));
    if (t->serial == serial && t->active)
        fettle_stmt_rows(t, self, rows, fettle_ticks(&t->clock) - start);
}

static ZEND_NAMED_FUNCTION(pdo_begin)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    const pdo_dbh_t *dbh = fettle_live(t) ? dbh_of(execute_data) : NULL;
    if (dbh && Z_TYPE_P(return_value) == IS_TRUE)
        fettle_tx_begin(t, dbh, driver_of(dbh), execute_data);
}

static ZEND_NAMED_FUNCTION(pdo_end)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_tracer *t = FETTLE_G(tracer);
    const pdo_dbh_t *dbh = fettle_live(t) ? dbh_of(execute_data) : NULL;
    if (dbh && Z_TYPE_P(return_value) == IS_TRUE)
        fettle_tx_end(t, dbh, h->target->arg == 1);
}

static ZEND_NAMED_FUNCTION(pdo_connect)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *dsn = fettle_arg_string(execute_data, 1);
    struct fettle_open *o = t && dsn ? fettle_span_begin(t, execute_data, FW_SQL_CONNECT) : NULL;
    if (o)
        o->name = fettle_dsn_name(t, ZSTR_VAL(dsn), ZSTR_LEN(dsn));
    bool allowed = !dsn || fettle_guard_dsn(ZSTR_VAL(dsn), ZSTR_LEN(dsn));
    if (allowed)
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    else
        fettle_guard_refuse(t, "PDOException", ZSTR_VAL(dsn), ZSTR_LEN(dsn));
    o = t && dsn ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    if (EG(exception))
        o->flags |= FW_FAILED;
    if (!allowed)
        o->flags |= FW_REFUSED;
    fettle_span_end(t, o);
}

static const struct fettle_target targets[] = {
    { "pdo", "__construct", pdo_connect, FW_SQL_CONNECT, 1, 0 },
    { "pdo", "connect", pdo_connect, FW_SQL_CONNECT, 1, 0 }, /* PHP 8.4 */
    { "pdo", "query", pdo_query, FW_SQL, 1, 0 },
    { "pdo", "exec", pdo_exec, FW_SQL, 1, 0 },
    { "pdo", "prepare", pdo_prepare, FW_SQL_PREPARE, 1, 0 },
    { "pdo", "begintransaction", pdo_begin, FW_TX, 0, 0 },
    { "pdo", "commit", pdo_end, FW_TX, 1, 0 },
    { "pdo", "rollback", pdo_end, FW_TX, 2, 0 },
    { "pdostatement", "execute", pdo_execute, FW_SQL, 0, 0 },
    { "pdostatement", "fetch", pdo_fetch, FW_SQL, 0, 0 },
    { "pdostatement", "fetchall", pdo_fetch, FW_SQL, 1, 0 },
    { "pdostatement", "fetchcolumn", pdo_fetch, FW_SQL, 0, 0 },
    { "pdostatement", "fetchobject", pdo_fetch, FW_SQL, 0, 0 },
};

void fettle_pdo_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
