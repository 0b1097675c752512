/* PostgreSQL through libpq: connections, plans, indexes. The schema is read in pgsql_schema.c. */
#include "db/pgsql.h"

#include <dlfcn.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_SECONDS = 5, PLAN_DEPTH = 64, INDEXES_USED = 32, RUN_AGAIN_BELOW_MS = 100 };

static void close_conn(struct engine_conn *c)
{
    if (!c)
        return;
    if (c->handle)
        pq_of(c)->PQfinish(c->handle);
    if (c->library)
        dlclose(c->library);
    free(c->api);
    free(c);
}

/* The server says what is wrong in its first line. */
static int fail(struct engine_conn *c, PGresult *result, const char *doing, struct err *err)
{
    const struct pq *pq = pq_of(c);
    const char *state = result ? pq->PQresultErrorField(result, PQ_SQLSTATE) : NULL;
    const char *message = result ? pq->PQresultErrorMessage(result) : pq->PQerrorMessage(c->handle);
    bool late = state && strcmp(state, "57014") == 0,
         read_only = state && strcmp(state, "25006") == 0;
    int rc = late                       ? RC_TIMEOUT
             : read_only                ? RC_UNSAFE
             : state && state[0] == '4' ? RC_PARSE
                                        : RC_IO;
    err_set(err, rc, late ? "raise the limit, or leave it out" : NULL, "PostgreSQL: %s: %.*s",
            doing, (int)strcspn(message, "\n"), message);
    pq->PQclear(result);
    return rc;
}

int pgsql_ask(struct engine_conn *c, const char *sql, PGresult **ret, struct err *err)
{
    const struct pq *pq = pq_of(c);
    PGresult *r = fault_hit() ? NULL : pq->PQexec(c->handle, sql);
    int status = pq->PQresultStatus(r);
    if (status != PQ_TUPLES_OK && status != PQ_COMMAND_OK)
        return fail(c, r, "a question", err);
    if (ret)
        *ret = r;
    else
        pq->PQclear(r);
    return 0;
}

static void be_silent(void *ctx, const char *message)
{
    (void)ctx; /* notices would go to stderr */
    (void)message;
}

static int connect_to(struct engine_conn *c, const char *dsn, struct err *err)
{
    char timeout[16], options[160];
    const struct pq *pq = pq_of(c);
    snprintf(timeout, sizeof timeout, "%d", CONNECT_SECONDS);
    snprintf(options, sizeof options,
             "-c statement_timeout=%u -c default_transaction_read_only=%s -c jit=off",
             c->deadline_ms, c->read_only ? "on" : "off");
    const char *const keys[] = { "dbname",           "connect_timeout", "options",
                                 "application_name", "client_encoding", NULL };
    const char *const values[] = { dsn, timeout, options, "fettle", "UTF8", NULL };
    c->handle = pq->PQconnectdbParams(keys, values, 1); /* expands the conninfo in dbname */
    if (!c->handle)
        return err_set(err, RC_NOMEM, NULL, "no memory for a connection");
    if (pq->PQstatus(c->handle) != PQ_CONNECTION_OK)
        return fail(c, NULL, "cannot connect", err);
    pq->PQsetNoticeProcessor(c->handle, be_silent, NULL);
    return 0;
}

static int open_conn(const char *dsn, bool read_only, unsigned deadline_ms,
                     struct engine_conn **ret, struct err *err)
{
    static const char *const files[] = { "libpq.so.5", "libpq.5.dylib", NULL };
    static const char *const names[] = { PQ_FUNCTIONS(LIBRARY_NAME) };
    struct engine_conn *c = fault_calloc(1, sizeof *c);
    void *api = c ? fault_calloc(1, sizeof(struct pq)) : NULL;
    if (!api) {
        free(c);
        return err_set(err, RC_NOMEM, NULL, "no memory for a connection");
    }
    *c = (struct engine_conn){
        .engine = &pgsql_engine, .api = api, .deadline_ms = deadline_ms, .read_only = read_only
    };
    int rc =
        library_load(files, "libpq5", names, sizeof names / sizeof *names, api, &c->library, err);
    rc = rc ? rc : connect_to(c, dsn, err);
    if (rc)
        close_conn(c);
    else
        *ret = c;
    return rc;
}

struct planning {
    struct arena *arena;
    struct plan *plan;
    struct buf text;
    const char *indexes[INDEXES_USED];
    double examined;
};

static const char *text_of(const json_t *node, const char *key)
{
    const char *s = json_string_value(json_object_get(node, key));
    return s ? s : "";
}

static double number_of(const json_t *node, const char *key)
{
    return json_number_value(json_object_get(node, key));
}

static void put_condition(struct planning *p, const json_t *node, const char *key, unsigned depth)
{
    const char *s = text_of(node, key);
    if (s[0])
        buf_addf(&p->text, "\n%*s  %s: %.200s", (int)depth * 2, "", key, s);
}

static void put_node(struct planning *p, const json_t *node, unsigned depth)
{
    const char *relation = text_of(node, "Relation Name"), *index = text_of(node, "Index Name");
    buf_addf(&p->text, "%s%*s%s", p->text.n ? "\n" : "", (int)depth * 2, "",
             text_of(node, "Node Type"));
    if (index[0])
        buf_addf(&p->text, " using %s", index);
    if (relation[0])
        buf_addf(&p->text, " on %s", relation);
    buf_addf(&p->text, "  (cost %.0f, rows %.0f", number_of(node, "Total Cost"),
             number_of(node, "Plan Rows"));
    if (json_object_get(node, "Actual Rows"))
        buf_addf(&p->text, ", really %.0f in %.3f ms, %.0f times", number_of(node, "Actual Rows"),
                 number_of(node, "Actual Total Time"), number_of(node, "Actual Loops"));
    buf_addc(&p->text, ')');
    put_condition(p, node, "Index Cond", depth);
    put_condition(p, node, "Filter", depth);
}

static void read_node(struct planning *p, const json_t *node, unsigned depth)
{
    const char *type = text_of(node, "Node Type"), *index = text_of(node, "Index Name");
    bool scan = strstr(type, "Scan") && !strstr(type, "Subquery") && !strstr(type, "CTE") &&
                !strstr(type, "Bitmap Index");
    put_node(p, node, depth);
    if (strcmp(type, "Seq Scan") == 0) {
        p->plan->full_scan = true;
        if (!p->plan->scan_table)
            p->plan->scan_table = arena_strdup(p->arena, text_of(node, "Relation Name"));
    }
    p->plan->temp_sort |= strcmp(type, "Sort") == 0;
    if (index[0] && p->plan->nindexes_used < INDEXES_USED)
        p->indexes[p->plan->nindexes_used++] = arena_strdup(p->arena, index);
    if (scan)
        p->examined += (number_of(node, "Actual Rows") + number_of(node, "Rows Removed by Filter") +
                        number_of(node, "Rows Removed by Index Recheck")) *
                       number_of(node, "Actual Loops");
    size_t i;
    json_t *child;
    json_array_foreach(json_object_get(node, "Plans"), i, child)
    {
        if (depth < PLAN_DEPTH)
            read_node(p, child, depth + 1);
    }
}

static int keep_plan(struct planning *p, struct err *err)
{
    p->plan->text = arena_strdup(p->arena, buf_cstr(&p->text));
    p->plan->indexes_used = arena_new_array(p->arena, const char *, p->plan->nindexes_used + 1);
    if (!p->plan->text || !p->plan->indexes_used || p->text.failed)
        return err_set(err, RC_NOMEM, NULL, "no memory for a plan");
    if (p->plan->nindexes_used)
        memcpy(p->plan->indexes_used, p->indexes, p->plan->nindexes_used * sizeof *p->indexes);
    return 0;
}

int pgsql_read_plan(const char *json, bool ran, struct arena *arena, struct plan *ret,
                    struct err *err)
{
    struct planning p = { .arena = arena, .plan = ret, .text = BUF_INIT(1 << 20) };
    json_t *root = json_loads(json, 0, NULL), *top = json_array_get(root, 0),
           *node = json_object_get(top, "Plan");
    int rc = 0;
    *ret = (struct plan){ .rows_examined = NAN, .rows_returned = NAN, .ms = NAN };
    if (!json_is_object(node)) {
        rc = err_set(err, RC_PARSE, NULL, "PostgreSQL: its plan is not what was expected");
    } else {
        read_node(&p, node, 0);
        rc = keep_plan(&p, err);
        if (ran) {
            ret->rows_examined = p.examined;
            ret->rows_returned = number_of(node, "Actual Rows");
            ret->ms = number_of(top, "Execution Time");
        }
    }
    json_decref(root);
    buf_release(&p.text);
    return rc;
}

static int explain_once(struct engine_conn *c, const char *sql, bool run, struct arena *arena,
                        struct plan *ret, struct err *err)
{
    const struct pq *pq = pq_of(c);
    PGresult *r = NULL;
    int rc = pgsql_ask(c, "begin read only", NULL, err);
    rc = rc ? rc : pgsql_ask(c, sql, &r, err);
    int ended = pgsql_ask(c, "rollback", NULL, rc ? NULL : err);
    rc = rc ? rc : ended;
    if (!rc)
        rc = pq->PQntuples(r) == 1 ? pgsql_read_plan(pq->PQgetvalue(r, 0, 0), run, arena, ret, err)
                                   : err_set(err, RC_PARSE, NULL, "PostgreSQL gave no plan");
    pq->PQclear(r);
    return rc;
}

static int explain(struct engine_conn *c, struct str sql, const char *values, bool run,
                   struct arena *arena, struct plan *ret, struct err *err)
{
    auto_buf bound = BUF_INIT(1 << 20);
    auto_buf text = BUF_INIT(1 << 20);
    struct stmt *stmt;
    bool select = is_select(sql, DIALECT_PGSQL, arena, &stmt),
         all = put_bound(&bound, DIALECT_PGSQL, sql, values);
    run = run && select && all;
    buf_adds(&text, run ? "explain (analyze, timing on, format json) " : "explain (format json) ");
    buf_adds(&text, buf_cstr(&bound));
    if (text.failed || bound.failed)
        return err_set(err, RC_LIMIT, NULL, "the statement is too long to be explained");
    if (stmt && stmt->kind == STMT_OTHER)
        return err_set(err, RC_UNSUPPORTED, NULL, "this kind of statement has no plan");
    int rc = explain_once(c, buf_cstr(&text), run, arena, ret, err);
    if (!rc && run && ret->ms < RUN_AGAIN_BELOW_MS) /* the first run fetched the pages */
        rc = explain_once(c, buf_cstr(&text), run, arena, ret, err);
    return rc;
}

static int create_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    if (c->read_only)
        return err_set(err, RC_UNSAFE, NULL, "an index is built on a private copy only");
    put_create_index(&sql, DIALECT_PGSQL, def);
    return sql.failed ? err_set(err, RC_NOMEM, NULL, "no memory for a statement")
                      : pgsql_ask(c, sql.p, NULL, err);
}

static int drop_index(struct engine_conn *c, const struct index_def *def, struct err *err)
{
    auto_buf sql = BUF_INIT(1 << 16);
    char name[64];
    buf_adds(&sql, "drop index if exists ");
    put_ident(&sql, DIALECT_PGSQL, index_name(def, name, sizeof name));
    return sql.failed ? err_set(err, RC_NOMEM, NULL, "no memory for a statement")
                      : pgsql_ask(c, sql.p, NULL, err);
}

static int number(struct engine_conn *c, const char *sql, double *ret, struct err *err)
{
    const struct pq *pq = pq_of(c);
    PGresult *r = NULL;
    conn_start(c);
    int rc = pgsql_ask(c, sql, &r, err);
    if (!rc && (pq->PQntuples(r) < 1 || pq->PQgetisnull(r, 0, 0)))
        rc = err_set(err, RC_NOTFOUND, NULL, "the statement gives no number");
    if (!rc)
        *ret = strtod(pq->PQgetvalue(r, 0, 0), NULL);
    pq->PQclear(r);
    return rc;
}

const struct engine pgsql_engine = {
    .dialect = DIALECT_PGSQL,
    .open = open_conn,
    .schema = pgsql_schema,
    .explain = explain,
    .create_index = create_index,
    .drop_index = drop_index,
    .number = number,
    .close = close_conn,
};
