/* The PostgreSQL engine's parts. Inside the db room only. libpq's interface as its documentation has it (chapter 34);
 * the functions used here have not changed since version 9. */
#ifndef FETTLE_DB_PGSQL_H
#define FETTLE_DB_PGSQL_H
#include "db/library.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
enum { PQ_CONNECTION_OK = 0, PQ_COMMAND_OK = 1, PQ_TUPLES_OK = 2, PQ_SQLSTATE = 'C' };

#define PQ_FUNCTIONS(F)                                                                            \
    F(PGconn *, PQconnectdbParams, (const char *const *, const char *const *, int))                \
    F(int, PQstatus, (const PGconn *))                                                             \
    F(void, PQfinish, (PGconn *))                                                                  \
    F(PGresult *, PQexec, (PGconn *, const char *))                                                \
    F(int, PQresultStatus, (const PGresult *))                                                     \
    F(char *, PQresultErrorField, (const PGresult *, int))                                         \
    F(char *, PQresultErrorMessage, (const PGresult *))                                            \
    F(char *, PQerrorMessage, (const PGconn *))                                                    \
    F(void, PQclear, (PGresult *))                                                                 \
    F(int, PQntuples, (const PGresult *))                                                          \
    F(char *, PQgetvalue, (const PGresult *, int, int))                                            \
    F(int, PQgetisnull, (const PGresult *, int, int))                                              \
    F(void *, PQsetNoticeProcessor, (PGconn *, void (*)(void *, const char *), void *))

struct pq {
    PQ_FUNCTIONS(LIBRARY_POINTER)
};

static inline const struct pq *pq_of(const struct engine_conn *c)
{
    return c->api;
}

int pgsql_ask(struct engine_conn *, const char *sql, PGresult **ret, struct err *); /* ret NULL: no rows are wanted */
int pgsql_schema(struct engine_conn *, struct arena *, struct schema **ret, struct err *);
/* The plan in what EXPLAIN (FORMAT JSON) gave; ran: with ANALYZE. */
int pgsql_read_plan(const char *json, bool ran, struct arena *, struct plan *ret, struct err *);
#endif
