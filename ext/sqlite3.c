/* The SQLite3 extension: statements, rows as they are fetched, opened files. */
#include "sql.h"

#include "guard.h"

static void begin(struct fettle_tracer *t, zend_execute_data *ex)
{
    zend_string *sql = fettle_live(t) ? fettle_arg_string(ex, 1) : NULL;
    if (sql)
        fettle_sql_begin(t, ex, sql, false);
}

/* Rows come by SQLite3Result::fetchArray: the result is remembered. */
static void end(struct fettle_tracer *t, struct fettle_open *o, const zval *ret)
{
    if (Z_TYPE_P(ret) == IS_FALSE || EG(exception))
        o->flags |= FW_FAILED;
    uint32_t before = t->nspans;
    fettle_span_end(t, o);
    if (Z_TYPE_P(ret) == IS_OBJECT && t->nspans != before)
        fettle_stmt_remember(t, Z_OBJ_P(ret), t->ring.w - sizeof(struct fw_span));
}

static ZEND_NAMED_FUNCTION(sqlite_statement)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    begin(t, execute_data);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = t ? fettle_span_find(t, execute_data) : NULL;
    if (!o)
        return;
    bool ok = Z_TYPE_P(return_value) != IS_FALSE && !EG(exception);
    if (ok && h->target->arg == 2)
        o->a = 1; /* querySingle: one row at most */
    end(t, o, return_value);
    const zend_string *sql = fettle_arg_string(execute_data, 1);
    if (ok && sql && Z_TYPE(EX(This)) == IS_OBJECT)
        fettle_tx_statement(t, Z_OBJ(EX(This)), "sqlite",
                            fettle_sql_verb(ZSTR_VAL(sql), ZSTR_LEN(sql)), execute_data);
}

static ZEND_NAMED_FUNCTION(sqlite_prepare)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *sql = fettle_arg_string(execute_data, 1);
    struct fettle_open *o = t && sql ? fettle_span_begin(t, execute_data, FW_SQL_PREPARE) : NULL;
    if (o)
        o->name = fettle_sql_name(t, sql, false, &o->flags);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (!t || !sql || !(o = fettle_span_find(t, execute_data)))
        return;
    if (Z_TYPE_P(return_value) == IS_OBJECT)
        fettle_prepared_remember(t, fettle_prepared_key(Z_OBJ_P(return_value), NULL), o->name,
                                 o->flags & FW_WRITE);
    else
        o->flags |= FW_FAILED;
    fettle_span_end(t, o);
}

static ZEND_NAMED_FUNCTION(sqlite_execute)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_open *o =
        t && Z_TYPE(EX(This)) == IS_OBJECT ? fettle_span_begin(t, execute_data, FW_SQL) : NULL;
    const struct fettle_prepared *p =
        o ? fettle_prepared_find(t, fettle_prepared_key(Z_OBJ(EX(This)), NULL)) : NULL;
    if (p) {
        o->name = p->name;
        o->flags |= p->flags;
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (t && (o = fettle_span_find(t, execute_data)))
        end(t, o, return_value);
}

static ZEND_NAMED_FUNCTION(sqlite_fetch)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    bool on = fettle_live(t) && Z_TYPE(EX(This)) == IS_OBJECT;
    uint64_t start = on ? fettle_ticks(&t->clock) : 0, serial = on ? t->serial : 0;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (on && t->active && t->serial == serial)
        fettle_stmt_rows(t, Z_OBJ(EX(This)), Z_TYPE_P(return_value) == IS_ARRAY,
                         fettle_ticks(&t->clock) - start);
}

static ZEND_NAMED_FUNCTION(sqlite_open)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_string *file = fettle_arg_string(execute_data, 1);
    struct fettle_open *o = t && file ? fettle_span_begin(t, execute_data, FW_SQL_CONNECT) : NULL;
    if (o) {
        char dsn[512];
        int n = snprintf(dsn, sizeof dsn, "sqlite:%s", ZSTR_VAL(file));
        o->name = fettle_string(&t->ring, dsn, MIN((size_t)n, sizeof dsn - 1));
    }
    bool allowed = !file || fettle_guard_file(ZSTR_VAL(file), ZSTR_LEN(file));
    if (allowed)
        h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    else
        fettle_guard_refuse(t, "Exception", ZSTR_VAL(file), ZSTR_LEN(file));
    if (!t || !file || !(o = fettle_span_find(t, execute_data)))
        return;
    o->flags |= (EG(exception) ? FW_FAILED : 0) | (allowed ? 0 : FW_REFUSED);
    fettle_span_end(t, o);
}

static const struct fettle_target targets[] = {
    { "sqlite3", "__construct", sqlite_open, FW_SQL_CONNECT, 1, 0 },
    { "sqlite3", "open", sqlite_open, FW_SQL_CONNECT, 1, 0 },
    { "sqlite3", "query", sqlite_statement, FW_SQL, 1, 0 },
    { "sqlite3", "exec", sqlite_statement, FW_SQL, 1, 0 },
    { "sqlite3", "querysingle", sqlite_statement, FW_SQL, 2, 0 },
    { "sqlite3", "prepare", sqlite_prepare, FW_SQL_PREPARE, 1, 0 },
    { "sqlite3stmt", "execute", sqlite_execute, FW_SQL, 0, 0 },
    { "sqlite3result", "fetcharray", sqlite_fetch, FW_SQL, 0, 0 },
};

void fettle_sqlite3_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
