/* What the database families (PDO, mysqli, pgsql, SQLite3) share: statement names, rows,
 * transactions. */
#ifndef FETTLE_EXT_SQL_H
#define FETTLE_EXT_SQL_H
#include "handler.h"
#include "sqltext.h"

/* Id of a statement's text, literals replaced by ? (raw with FW_VALUES); *flags gains FW_WRITE for
 * a writing verb. */
uint32_t fettle_sql_name(struct fettle_tracer *, zend_string *sql, bool mysql, uint8_t *flags);

void fettle_tx_begin(struct fettle_tracer *, const void *dbh, const char *driver,
                     zend_execute_data *);
void fettle_tx_end(struct fettle_tracer *, const void *dbh, bool committed);
/* After a statement that may itself begin or end one. */
void fettle_tx_statement(struct fettle_tracer *, const void *dbh, const char *driver,
                         enum fettle_sql_verb, zend_execute_data *);

/* Rows that come after the statement's span was written are added to it. */
void fettle_stmt_remember(struct fettle_tracer *, const void *obj, uint64_t at);
void fettle_stmt_rows(struct fettle_tracer *, const void *obj, uint32_t rows, uint64_t ticks);

/* Texts of prepared statements, by the statement's object (and name): for drivers that hide them.
 */
uint64_t fettle_prepared_key(const void *obj, const zend_string *name);
void fettle_prepared_remember(struct fettle_tracer *, uint64_t key, uint32_t name, uint8_t flags);
const struct fettle_prepared *fettle_prepared_find(struct fettle_tracer *, uint64_t key);

/* A number that an internal function of PHP answers for one argument: rows of a result. 0 when it
 * does not. */
uint32_t fettle_ask_rows(const char *function, zval *arg);

/* One span for an internal call that runs a statement: the pattern of most wrappers. */
struct fettle_open *fettle_sql_begin(struct fettle_tracer *, zend_execute_data *, zend_string *sql,
                                     bool mysql);

#endif
