/* Client libraries of database servers, loaded when a connection is opened: fettle itself starts where none is
 * installed. Inside the db room only.
 *
 * A library's functions are listed once, as F(return type, name, (parameters)); the list gives the struct of pointers
 * and the names to look up, in one order. */
#ifndef FETTLE_DB_LIBRARY_H
#define FETTLE_DB_LIBRARY_H
#include "db/engine.h"

#define LIBRARY_POINTER(ret, name, args) ret(*name) args;
#define LIBRARY_NAME(ret, name, args) #name,

/* Loads the first of `files` (NULL-terminated) that is there and fills api[0..n-1] with its functions. */
int library_load(const char *const *files, const char *package, const char *const *names, size_t n, void **api,
                 void **ret_handle, struct err *);
#endif
