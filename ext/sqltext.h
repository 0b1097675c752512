/* SQL as text, without a parser: what a statement begins with, and the text without its literals.
 * Knows nothing of PHP. */
#ifndef FETTLE_EXT_SQLTEXT_H
#define FETTLE_EXT_SQLTEXT_H
#include <stdbool.h>
#include <stddef.h>

enum fettle_sql_verb {
    FETTLE_SQL_READ,
    FETTLE_SQL_WRITE,
    FETTLE_SQL_BEGIN,
    FETTLE_SQL_COMMIT,
    FETTLE_SQL_ROLLBACK, /* of the transaction, not to a savepoint */
};
enum fettle_sql_verb fettle_sql_verb(const char *sql, size_t n);

/* Copies the text with literals replaced by ? and comments left out; returns its length, at most
 * `room`. What a literal is depends on the server: MySQL reads backslashes as escapes and double
 * quotes as texts, PostgreSQL has E'' and $$. */
size_t fettle_sql_strip(const char *sql, size_t n, char *out, size_t room, bool mysql);

#endif
