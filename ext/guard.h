/* The connection guard: a private instance of an application must not reach a database that is not
 * its own.
 *
 * fettle.dsn_allow names what may be connected to, separated by ';': whole DSNs, file paths, hosts,
 * Unix sockets. When it is set, every other PDO, mysqli, pgsql, SQLite3 or Redis connection fails
 * as an unreachable server would: with the exception of its own kind, or false. Memory databases
 * (":memory:") are always allowed. Empty: no guard.
 */
#ifndef FETTLE_EXT_GUARD_H
#define FETTLE_EXT_GUARD_H
#include "tracer.h"

bool fettle_guard_on(void);
bool fettle_guard_dsn(const char *dsn, size_t n); /* a PDO DSN */
bool fettle_guard_host(const char *host,
                       size_t n); /* a host name or address, or a path of a Unix socket */
bool fettle_guard_file(const char *path, size_t n); /* a database file */
/* Throws an exception of the class (by its name) that says it; counts it. t may be NULL. */
void fettle_guard_refuse(struct fettle_tracer *, const char *exception, const char *what, size_t n);
void fettle_guard_count(struct fettle_tracer *);

/* Id of a DSN with user and password taken out. */
uint32_t fettle_dsn_name(struct fettle_tracer *, const char *dsn, size_t n);

#endif
