/* The MariaDB and MySQL engine's parts. Inside the db room only. The client interface is one for both servers'
 * libraries as far as it is used here: handles are opaque, and of a field only its first member, the name, is read. */
#ifndef FETTLE_DB_MYSQL_H
#define FETTLE_DB_MYSQL_H
#include "db/library.h"

typedef struct st_mysql MYSQL;
typedef struct st_mysql_res MYSQL_RES;
typedef char **MYSQL_ROW;
struct my_field {
    const char *name;
};
enum { MY_CONNECT_TIMEOUT = 0, MY_CHARSET_NAME = 7, MY_LOCAL_INFILE = 8, MY_READ_TIMEOUT = 11 };
enum { /* errors: the client's from 2000, the server's else */
    MY_CLIENT_FIRST = 2000,
    MY_CLIENT_LAST = 2999,
    MY_OUT_OF_MEMORY = 2008,
    MY_SERVER_LOST = 2013,
    MY_READ_ONLY = 1792,
    MY_TIMEOUT_MARIADB = 1969,
    MY_TIMEOUT_MYSQL = 3024,
};

#define MY_FUNCTIONS(F)                                                                            \
    F(MYSQL *, mysql_init, (MYSQL *))                                                              \
    F(int, mysql_options, (MYSQL *, int, const void *))                                            \
    F(MYSQL *, mysql_real_connect,                                                                 \
      (MYSQL *, const char *, const char *, const char *, const char *, unsigned, const char *,    \
       unsigned long))                                                                             \
    F(void, mysql_close, (MYSQL *))                                                                \
    F(int, mysql_real_query, (MYSQL *, const char *, unsigned long))                               \
    F(MYSQL_RES *, mysql_store_result, (MYSQL *))                                                  \
    F(unsigned, mysql_field_count, (MYSQL *))                                                      \
    F(unsigned, mysql_num_fields, (MYSQL_RES *))                                                   \
    F(struct my_field *, mysql_fetch_field_direct, (MYSQL_RES *, unsigned))                        \
    F(MYSQL_ROW, mysql_fetch_row, (MYSQL_RES *))                                                   \
    F(unsigned long long, mysql_num_rows, (MYSQL_RES *))                                           \
    F(void, mysql_free_result, (MYSQL_RES *))                                                      \
    F(unsigned, mysql_errno, (MYSQL *))                                                            \
    F(const char *, mysql_error, (MYSQL *))

struct my {
    MY_FUNCTIONS(LIBRARY_POINTER)
};

static inline const struct my *my_of(const struct engine_conn *c)
{
    return c->api;
}

int mysql_ask(struct engine_conn *, const char *sql, MYSQL_RES **ret, struct err *); /* ret NULL: no rows are wanted */
int mysql_schema(struct engine_conn *, struct arena *, struct schema **ret, struct err *);
#endif
