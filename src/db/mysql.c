/* MariaDB and MySQL through libmariadb: connections, plans, indexes. The schema is read in
 * mysql_schema.c. */
#include "db/mysql.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_SECONDS = 5, INDEXES_USED = 32, RUN_AGAIN_BELOW_MS = 100 };

static void close_conn(struct engine_conn *c)
{
    if (!c)
        return;
    if (c->handle)
        my_of(c)->mysql_close(c->handle);
    if (c->library)
        dlclose(c->library);
    free(c->api);
    free(c);
}

static int fail(struct engine_conn *c, const char *doing, struct err *err)
{
    unsigned code = my_of(c)->mysql_errno(c->handle);
    bool late = code == MY_TIMEOUT_MARIADB || code == MY_TIMEOUT_MYSQL || code == MY_SERVER_LOST;
    bool client = code >= MY_CLIENT_FIRST && code <= MY_CLIENT_LAST;
    int rc = late                       ? RC_TIMEOUT
             : code == MY_OUT_OF_MEMORY ? RC_NOMEM
             : code == MY_READ_ONLY     ? RC_UNSAFE
             : client || !code          ? RC_IO
                                        : RC_PARSE;
    return err_set(err, rc, late ? "raise the limit, or leave it out" : NULL,
                   "MariaDB/MySQL: %s: %s", doing, my_of(c)->mysql_error(c->handle));
}

int mysql_ask(struct engine_conn *c, const char *sql, MYSQL_RES **ret, struct err *err)
{
    const struct my *my = my_of(c);
    if (fault_hit() || my->mysql_real_query(c->handle, sql, strlen(sql)))
        return fail(c, "a question", err);
    MYSQL_RES *r = my->mysql_store_result(c->handle);
    if (!r && my->mysql_field_count(c->handle))
        return fail(c, "a question", err);
    if (ret)
        *ret = r;
    else if (r)
        my->mysql_free_result(r);
    return ret && !r ? err_set(err, RC_PARSE, NULL, "MariaDB/MySQL gave no rows") : 0;
}

static int configure(struct engine_conn *c, struct err *err)
{
    char sql[120];
    /* MariaDB counts seconds, MySQL milliseconds; each refuses the other's name */
    snprintf(sql, sizeof sql, "set session max_statement_time = %.3f", c->deadline_ms / 1000.0);
    if (mysql_ask(c, sql, NULL, NULL)) {
        snprintf(sql, sizeof sql, "set session max_execution_time = %u", c->deadline_ms);
        int rc = mysql_ask(c, sql, NULL, err);
        if (rc)
            return rc;
    }
    return c->read_only ? mysql_ask(c, "set session transaction read only", NULL, err) : 0;
}

static int connect_to(struct engine_conn *c, const char *dsn, struct err *err)
{
    const struct my *my = my_of(c);
    auto_arena *a = arena_new(1 << 16);
    c->handle = a ? my->mysql_init(NULL) : NULL;
    if (!c->handle)
        return err_set(err, RC_NOMEM, NULL, "no memory for a connection");
    const char *port = dsn_get(dsn, "port", a);
    unsigned connect_s = CONNECT_SECONDS, read_s = c->deadline_ms / 1000 + 2, no = 0;
    my->mysql_options(c->handle, MY_CONNECT_TIMEOUT, &connect_s);
    my->mysql_options(c->handle, MY_READ_TIMEOUT,
                      &read_s);                         /* a server that does not answer at all */
    my->mysql_options(c->handle, MY_LOCAL_INFILE, &no); /* it may not ask for files of ours */
    my->mysql_options(c->handle, MY_CHARSET_NAME, "utf8mb4");
    if (!my->mysql_real_connect(c->handle, dsn_get(dsn, "host", a), dsn_get(dsn, "user", a),
                                dsn_get(dsn, "password", a), dsn_get(dsn, "dbname", a),
                                port ? (unsigned)strtoul(port, NULL, 10) : 0,
                                dsn_get(dsn, "unix_socket", a), 0))
        return fail(c, "cannot connect", err);
    return configure(c, err);
}

static int open_conn(const char *dsn, bool read_only, unsigned deadline_ms,
                     struct engine_conn **ret, struct err *err)
{
    static const char *const files[] = { "libmariadb.so.3", "libmysqlclient.so.21",
                                         "libmysqlclient.so.24", "libmariadb.3.dylib", NULL };
    static const char *const names[] = { MY_FUNCTIONS(LIBRARY_NAME) };
    struct engine_conn *c = fault_calloc(1, sizeof *c);
    void *api = c ? fault_calloc(1, sizeof(struct my)) : NULL;
    if (!api) {
        free(c);
        return err_set(err, RC_NOMEM, NULL, "no memory for a connection");
    }
    *c = (struct engine_conn){
        .engine = &mysql_engine, .api = api, .deadline_ms = deadline_ms, .read_only = read_only
    };
    int rc = library_load(files, "libmariadb3", names, sizeof names / sizeof *names, api,
                          &c->library, err);
    rc = rc ? rc : connect_to(c, dsn, err);
    if (rc)
        close_conn(c);
    else
        *ret = c;
    return rc;
}

/* EXPLAIN's columns by name: they differ between the two servers and their versions. */
struct explain_row {
    const char *table, *type, *key, *rows, *extra, *select_type;
};

static void read_row(const struct my *my, MYSQL_RES *r, MYSQL_ROW row, struct explain_row *ret)
{
    const struct {
        const char *name;
        const char **to;
    } wanted[] = { { "table", &ret->table }, { "type", &ret->type },
                   { "key", &ret->key },     { "rows", &ret->rows },
                   { "Extra", &ret->extra }, { "select_type", &ret->select_type } };
    unsigned n = my->mysql_num_fields(r);
    *ret = (struct explain_row){ 0 };
    for (unsigned i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
            if (row[i] && strcmp(my->mysql_fetch_field_direct(r, i)->name, wanted[k].name) == 0)
                *wanted[k].to = row[i];
}

struct planning {
    struct arena *arena;
    const struct stmt *stmt;
    struct plan *plan;
    struct buf text;
    const char *indexes[INDEXES_USED];
};

static void judge_row(struct planning *p, const struct explain_row *r)
{
    const char *type = r->type ? r->type : "";
    bool real = r->table && r->table[0] != '<'; /* <derived2> */
    buf_addf(&p->text, "%s%s %s: %s", p->text.n ? "\n" : "", r->select_type ? r->select_type : "",
             r->table ? r->table : "-", type);
    if (r->key)
        buf_addf(&p->text, " using %s", r->key);
    if (r->rows)
        buf_addf(&p->text, ", about %s rows", r->rows);
    if (r->extra && r->extra[0])
        buf_addf(&p->text, "; %s", r->extra);
    if (real && (strcmp(type, "ALL") == 0 || strcmp(type, "index") == 0)) {
        p->plan->full_scan |=
            strcmp(type, "ALL") == 0 || !strstr(r->extra ? r->extra : "", "Using where");
        if (!p->plan->scan_table)
            p->plan->scan_table = table_of_alias(p->stmt, r->table, p->arena);
    }
    p->plan->temp_sort |= r->extra && strstr(r->extra, "Using filesort");
    if (r->key && p->plan->nindexes_used < INDEXES_USED)
        p->indexes[p->plan->nindexes_used++] = arena_strdup(p->arena, r->key);
}

static int read_plan(struct engine_conn *c, struct planning *p, const char *sql, struct err *err)
{
    const struct my *my = my_of(c);
    MYSQL_RES *r = NULL;
    int rc = mysql_ask(c, sql, &r, err);
    if (rc)
        return rc;
    for (MYSQL_ROW row; (row = my->mysql_fetch_row(r));) {
        struct explain_row e;
        read_row(my, r, row, &e);
        judge_row(p, &e);
    }
    my->mysql_free_result(r);
    p->plan->text = arena_strdup(p->arena, buf_cstr(&p->text));
    p->plan->indexes_used = arena_new_array(p->arena, const char *, p->plan->nindexes_used + 1);
    if (!p->plan->text || !p->plan->indexes_used)
        return err_set(err, RC_NOMEM, NULL, "no memory for a plan");
    if (p->plan->nindexes_used)
        memcpy(p->plan->indexes_used, p->indexes, p->plan->nindexes_used * sizeof *p->indexes);
    return 0;
}

/* Rows that the storage engine was asked for in this session so far. */
static double rows_read(struct engine_conn *c)
{
    const struct my *my = my_of(c);
    MYSQL_RES *r = NULL;
    double sum = 0;
    if (mysql_ask(
            c,
            "show session status where variable_name in ('Handler_read_first', 'Handler_read_key', "
            "'Handler_read_last', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_rnd', "
            "'Handler_read_rnd_next')",
            &r, NULL))
        return NAN;
    for (MYSQL_ROW row; (row = my->mysql_fetch_row(r));)
        sum += row[1] ? strtod(row[1], NULL) : 0;
    my->mysql_free_result(r);
    return sum;
}

static int run_once(struct engine_conn *c, const char *sql, double overhead, struct plan *ret,
                    struct err *err)
{
    MYSQL_RES *r = NULL;
    double before = rows_read(c);
    uint64_t from = now_ns();
    int rc = mysql_ask(c, sql, &r, err);
    if (rc)
        return rc;
    ret->ms = (double)(now_ns() - from) / 1e6;
    ret->rows_returned = (double)my_of(c)->mysql_num_rows(r);
    my_of(c)->mysql_free_result(r);
    ret->rows_examined = rows_read(c) - before - overhead;
    if (ret->rows_examined < ret->rows_returned)
        ret->rows_examined = ret->rows_returned;
    return 0;
}

static int run(struct engine_conn *c, const char *sql, struct plan *ret, struct err *err)
{
    double first = rows_read(c), overhead = rows_read(c) - first; /* SHOW STATUS reads rows too */
    int rc = mysql_ask(c, "start transaction read only", NULL, err);
    rc = rc ? rc : run_once(c, sql, overhead, ret, err);
    if (!rc && ret->ms < RUN_AGAIN_BELOW_MS) /* the first run fetched the pages */
        rc = run_once(c, sql, overhead, ret, err);
    int ended = mysql_ask(c, "rollback", NULL, rc ? NULL : err);
    return rc ? rc : ended;
}

static int explain(struct engine_conn *c, struct str sql, const char *values, bool run_too,
                   struct arena *arena, struct plan *ret, struct err *err)
{
    auto_buf bound = BUF_INIT(1 << 20);
    auto_buf text = BUF_INIT(1 << 20);
    struct stmt *stmt;
    bool select = is_select(sql, DIALECT_MYSQL, arena, &stmt),
         all = put_bound(&bound, DIALECT_MYSQL, sql, values);
    struct planning p = { .arena = arena, .stmt = stmt, .plan = ret, .text = BUF_INIT(1 << 18) };
    *ret = (struct plan){ .rows_examined = NAN, .rows_returned = NAN, .ms = NAN };
    buf_adds(&text, "explain ");
    buf_adds(&text, buf_cstr(&bound));
    if (text.failed || bound.failed)
        return err_set(err, RC_LIMIT, NULL, "the statement is too long to be explained");
    if (stmt && stmt->kind == STMT_OTHER)
        return err_set(err, RC_UNSUPPORTED, NULL, "this kind of statement has no plan");
    int rc = read_plan(c, &p, buf_cstr(&text), err);
    buf_release(&p.text);
    if (!rc && run_too && select && all)
        rc = run(c, buf_cstr(&bound), ret, err);
    return rc;
}

static int create_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    if (c->read_only)
        return err_set(err, RC_UNSAFE, NULL, "an index is built on a private copy only");
    put_create_index(&sql, DIALECT_MYSQL, def);
    return sql.failed ? err_set(err, RC_NOMEM, NULL, "no memory for a statement")
                      : mysql_ask(c, sql.p, NULL, err);
}

static int drop_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    char name[64];
    buf_adds(&sql, "drop index ");
    put_ident(&sql, DIALECT_MYSQL, index_name(def, name, sizeof name));
    buf_adds(&sql, " on ");
    put_ident(&sql, DIALECT_MYSQL, def->table);
    return sql.failed ? err_set(err, RC_NOMEM, NULL, "no memory for a statement")
                      : mysql_ask(c, sql.p, NULL, err);
}

static int number(struct engine_conn *c, const char *sql, double *ret, struct err *err)
{
    MYSQL_RES *r = NULL;
    conn_start(c);
    int rc = mysql_ask(c, sql, &r, err);
    if (rc)
        return rc;
    MYSQL_ROW row = my_of(c)->mysql_fetch_row(r);
    if (row && row[0])
        *ret = strtod(row[0], NULL);
    else
        rc = err_set(err, RC_NOTFOUND, NULL, "the statement gives no number");
    my_of(c)->mysql_free_result(r);
    return rc;
}

const struct engine mysql_engine = {
    .dialect = DIALECT_MYSQL,
    .open = open_conn,
    .schema = mysql_schema,
    .explain = explain,
    .create_index = create_index,
    .drop_index = drop_index,
    .number = number,
    .close = close_conn,
};
