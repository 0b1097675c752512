/* The SQLite engine's parts. Inside the db room only. */
#ifndef FETTLE_DB_SQLITE_H
#define FETTLE_DB_SQLITE_H
#include "db/engine.h"

#include <sqlite3.h>

/* Opens a database for reading so that neither it nor its folder changes (sqlite_files.c tells how). scratch holds a
 * copy, where there was no other way; the caller removes it. */
int sqlite_open_unchanged(const char *path, unsigned deadline_ms, sqlite3 **ret, struct workdir *scratch, struct err *);
int sqlite_fail(sqlite3 *, const struct engine_conn *, const char *doing, struct err *); /* sets err from the handle */
int sqlite_schema(struct engine_conn *, struct arena *, struct schema **ret, struct err *);
int sqlite_explain(struct engine_conn *, struct str sql, const char *values, bool run, struct arena *, struct plan *ret,
                   struct err *);
#endif
