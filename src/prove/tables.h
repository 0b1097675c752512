#ifndef FETTLE_PROVE_TABLES_H
#define FETTLE_PROVE_TABLES_H
#include "prove/state.h"

#include <sqlite3.h>

/* The rows of one table in two databases, by primary key (rowid where there is none), every column by its type. Rows
 * that one side lacks are paired in order: a key may be one of the values that vary. */
int table_compare(sqlite3 *a, sqlite3 *b, const char *table, struct differ *, struct err *) MUST_CHECK;
/* What the tables, indexes, triggers and views are made of. */
int schema_compare(sqlite3 *a, sqlite3 *b, struct differ *, struct err *) MUST_CHECK;
#endif
