/* Statements, rows and transactions of all database families; see sql.h. */
#include "sql.h"

#include "zend_exceptions.h"

static zend_always_inline struct fettle_stmt *stmt_slot(struct fettle_tracer *t, const void *obj)
{
    return &t->stmt[((uintptr_t)obj >> 4) & (FETTLE_STMT_MAX - 1)];
}

void fettle_stmt_remember(struct fettle_tracer *t, const void *obj, uint64_t at)
{
    *stmt_slot(t, obj) = (struct fettle_stmt){ obj, t->serial, at };
}

void fettle_stmt_rows(struct fettle_tracer *t, const void *obj, uint32_t rows, uint64_t ticks)
{
    const struct fettle_stmt *s = stmt_slot(t, obj);
    if (s->obj != obj || s->trace != t->serial || s->at == UINT64_MAX || t->ring.lost)
        return;
    struct fw_span *span = fettle_span_at(t, s->at);
    span->a += rows;
    span->dur_ns += fettle_clock_ns(&t->clock, ticks);
}

/* The dictionary's entry under the raw text's key is the stripped text. */
static zend_never_inline uint32_t new_name(struct fettle_tracer *t, uint64_t key, zend_string *sql,
                                           bool mysql)
{
    char buf[FW_STR_MAX];
    if (FETTLE_G(values))
        return fettle_string_new(&t->ring, key, ZSTR_VAL(sql), ZSTR_LEN(sql));
    size_t n = fettle_sql_strip(ZSTR_VAL(sql), ZSTR_LEN(sql), buf, sizeof buf, mysql);
    if (n == ZSTR_LEN(sql) && !memcmp(buf, ZSTR_VAL(sql), n))
        return fettle_string_new(&t->ring, key, buf, n);
    uint32_t id = fettle_string(&t->ring, buf, n);
    if (id)
        fettle_string_alias(&t->ring, key, id);
    return id;
}

uint32_t fettle_sql_name(struct fettle_tracer *t, zend_string *sql, bool mysql, uint8_t *flags)
{
    /* Apart from plain strings, and from the same text for another kind of server. */
    uint64_t key =
        fettle_string_key(ZSTR_HASH(sql) ^ (mysql ? 0x5bd1e995 : 0x1b873593), ZSTR_LEN(sql));
    uint32_t id = fettle_string_seen(&t->ring, key);
    if (fettle_sql_verb(ZSTR_VAL(sql), ZSTR_LEN(sql)) == FETTLE_SQL_WRITE)
        *flags |= FW_WRITE;
    return EXPECTED(id) ? id : new_name(t, key, sql, mysql);
}

struct fettle_open *fettle_sql_begin(struct fettle_tracer *t, zend_execute_data *ex,
                                     zend_string *sql, bool mysql)
{
    struct fettle_open *o = fettle_span_begin(t, ex, FW_SQL);
    if (o && sql)
        o->name = fettle_sql_name(t, sql, mysql, &o->flags);
    return o;
}

uint64_t fettle_prepared_key(const void *obj, const zend_string *name)
{
    uint64_t k = (uintptr_t)obj >> 4;
    return (k ^ (name ? zend_inline_hash_func(ZSTR_VAL(name), ZSTR_LEN(name)) : 0)) *
               0x9e3779b97f4a7c15u |
           1;
}

void fettle_prepared_remember(struct fettle_tracer *t, uint64_t key, uint32_t name, uint8_t flags)
{
    t->prepared[key >> 56] = (struct fettle_prepared){ key, name, flags };
}

const struct fettle_prepared *fettle_prepared_find(struct fettle_tracer *t, uint64_t key)
{
    const struct fettle_prepared *p = &t->prepared[key >> 56];
    return p->key == key ? p : NULL;
}

uint32_t fettle_ask_rows(const char *function, zval *arg)
{
    zend_function *f = zend_hash_str_find_ptr(CG(function_table), function, strlen(function));
    zval ret;
    if (!f || f->type != ZEND_INTERNAL_FUNCTION || EG(exception))
        return 0;
    int level = EG(error_reporting);
    EG(error_reporting) = 0;
    zend_call_known_function(f, NULL, NULL, &ret, 1, arg, NULL);
    EG(error_reporting) = level;
    if (EG(exception))
        zend_clear_exception();
    uint32_t n = Z_TYPE(ret) == IS_LONG && Z_LVAL(ret) > 0
                     ? (uint32_t)MIN(Z_LVAL(ret), (zend_long)UINT32_MAX)
                     : 0;
    zval_ptr_dtor(&ret);
    return n;
}

static struct fettle_tx *tx_of(struct fettle_tracer *t, const void *dbh)
{
    for (uint32_t i = 0; i < FETTLE_TX_MAX; i++) {
        if (t->tx[i].dbh == dbh)
            return &t->tx[i];
    }
    return NULL;
}

void fettle_tx_begin(struct fettle_tracer *t, const void *dbh, const char *driver,
                     zend_execute_data *ex)
{
    struct fettle_tx *x = t->active && !tx_of(t, dbh) ? tx_of(t, NULL) : NULL;
    if (!x)
        return;
    *x = (struct fettle_tx){ .dbh = dbh, .t = fettle_ticks(&t->clock), .parent = fettle_parent(t) };
    x->index = fettle_next_index(t);
    x->name = fettle_string(&t->ring, driver, strlen(driver));
    fettle_place_find(t, ex->prev_execute_data, &x->place);
    t->ntx++;
}

void fettle_tx_end(struct fettle_tracer *t, const void *dbh, bool committed)
{
    struct fettle_tx *x = t->active && t->ntx ? tx_of(t, dbh) : NULL;
    if (!x)
        return;
    struct fettle_open o = { .t = x->t,
                             .index = x->index,
                             .kind = FW_TX,
                             .name = x->name,
                             .a = committed ? 1 : 2,
                             .place = x->place };
    fettle_span_write(t, &o, x->parent, fettle_ticks(&t->clock));
    x->dbh = NULL;
    t->ntx--;
}

void fettle_tx_statement(struct fettle_tracer *t, const void *dbh, const char *driver,
                         enum fettle_sql_verb verb, zend_execute_data *ex)
{
    if (verb == FETTLE_SQL_BEGIN)
        fettle_tx_begin(t, dbh, driver, ex);
    else if (verb == FETTLE_SQL_COMMIT || verb == FETTLE_SQL_ROLLBACK)
        fettle_tx_end(t, dbh, verb == FETTLE_SQL_COMMIT);
}
