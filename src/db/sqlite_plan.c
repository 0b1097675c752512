/* Plans of SQLite, and statements really run: time, and what the engine stepped over to give its
 * rows. */
#include "db/sqlite.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PLAN_LINES = 500,
    INDEXES_USED = 32,
    STEPS_A_ROW = 8, /* steps of the virtual machine for one row found through an index, about */
    RUN_AGAIN_BELOW_MS = 100, /* a fast statement is run three times, and the middle counts */
};

static int bind_one(sqlite3_stmt *st, int at, const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_INTEGER:
        return sqlite3_bind_int64(st, at, json_integer_value(v));
    case JSON_REAL:
        return sqlite3_bind_double(st, at, json_real_value(v));
    case JSON_TRUE:
        return sqlite3_bind_int(st, at, 1);
    case JSON_FALSE:
        return sqlite3_bind_int(st, at, 0);
    case JSON_STRING:
        return sqlite3_bind_text(st, at, json_string_value(v), (int)json_string_length(v),
                                 SQLITE_TRANSIENT);
    default:
        return sqlite3_bind_null(st, at);
    }
}

/* True when every parameter has its value. */
static bool bind_values(sqlite3_stmt *st, const char *values)
{
    int want = sqlite3_bind_parameter_count(st);
    if (!want)
        return true;
    json_t *array = values ? json_loads(values, JSON_ALLOW_NUL, NULL) : NULL;
    bool ok = json_is_array(array) && json_array_size(array) >= (size_t)want;
    for (int i = 0; ok && i < want; i++)
        ok = bind_one(st, i + 1, json_array_get(array, (size_t)i)) == SQLITE_OK;
    json_decref(array);
    return ok;
}

struct planning {
    struct arena *arena;
    const struct stmt *stmt;
    struct plan *plan;
    const char *indexes[INDEXES_USED];
    bool search;
};

static void use_index(struct planning *p, const char *at)
{
    static const char *const before[] = { "USING COVERING INDEX ",
                                          "USING AUTOMATIC COVERING INDEX ", "USING INDEX " };
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const char *name = strstr(at, before[i]);
        if (!name)
            continue;
        name += strlen(before[i]);
        size_t n = strcspn(name, " (");
        if (n && p->plan->nindexes_used < INDEXES_USED)
            p->indexes[p->plan->nindexes_used++] = arena_strndup(p->arena, name, n);
        return;
    }
}

/* A table read whole: SCAN without an index, or through one only because it is narrower. SCAN ...
 * USING INDEX follows an order, which a LIMIT may cut short. */
static bool reads_whole(const char *detail)
{
    if (strncmp(detail, "SCAN ", 5) != 0 || strstr(detail, "VIRTUAL TABLE") ||
        strstr(detail, "CONSTANT ROW"))
        return false;
    return !strstr(detail, " USING ") || strstr(detail, "USING COVERING INDEX");
}

static void read_detail(struct planning *p, const char *detail)
{
    const char *name = strchr(detail, ' ');
    use_index(p, detail);
    if (strncmp(detail, "SEARCH ", 7) == 0)
        p->search = true;
    if (strncmp(detail, "USE TEMP B-TREE FOR ORDER BY", 28) == 0 ||
        strstr(detail, "TEMP B-TREE FOR RIGHT PART OF ORDER BY") ||
        strstr(detail, "TEMP B-TREE FOR LAST TERM OF ORDER BY"))
        p->plan->temp_sort = true;
    if (!name || !reads_whole(detail))
        return;
    name += strncmp(name, " TABLE ", 7) == 0 ? 7 : 1; /* before 3.36 */
    size_t n = strcspn(name, " ");
    if (name[0] == '(' || !n) /* a subquery's rows */
        return;
    char *alias = arena_strndup(p->arena, name, n);
    p->plan->full_scan = true;
    if (!p->plan->scan_table && alias)
        p->plan->scan_table = table_of_alias(p->stmt, alias, p->arena);
}

static int depth_of(const int ids[], const int parents[], int n, int parent)
{
    int depth = 0;
    for (int guard = 0; parent && guard < n; guard++) {
        int at = n - 1;
        while (at >= 0 && ids[at] != parent)
            at--;
        if (at < 0)
            break;
        parent = parents[at];
        depth++;
    }
    return depth;
}

static int read_plan(struct engine_conn *c, struct planning *p, struct str sql, const char *values,
                     struct err *err)
{
    auto_buf text = BUF_INIT(1 << 20);
    int ids[PLAN_LINES], parents[PLAN_LINES], n = 0, step;
    sqlite3_stmt *st = NULL;
    buf_adds(&text, "explain query plan ");
    buf_add(&text, sql.p, sql.n);
    if (text.failed)
        return err_set(err, RC_LIMIT, NULL, "the statement is too long to be explained");
    if (sqlite3_prepare_v2(c->handle, text.p, (int)text.n, &st, NULL) != SQLITE_OK)
        return sqlite_fail(c->handle, c, "explain", err);
    (void)bind_values(st, values); /* the plan hardly hangs on them */
    buf_clear(&text);
    while ((step = sqlite3_step(st)) == SQLITE_ROW && n < PLAN_LINES) {
        const char *detail = (const char *)sqlite3_column_text(st, 3);
        ids[n] = sqlite3_column_int(st, 0);
        parents[n] = sqlite3_column_int(st, 1);
        n++;
        buf_addf(&text, "%s%*s%s", text.n ? "\n" : "",
                 depth_of(ids, parents, n, parents[n - 1]) * 2, "", detail ? detail : "");
        read_detail(p, detail ? detail : "");
    }
    int rc =
        step == SQLITE_DONE || step == SQLITE_ROW ? 0 : sqlite_fail(c->handle, c, "explain", err);
    sqlite3_finalize(st);
    p->plan->text = arena_strdup(p->arena, buf_cstr(&text));
    p->plan->indexes_used = arena_new_array(p->arena, const char *, p->plan->nindexes_used + 1);
    if (!rc && (!p->plan->text || !p->plan->indexes_used))
        rc = err_set(err, RC_NOMEM, NULL, "no memory for a plan");
    if (!rc && p->plan->nindexes_used)
        memcpy(p->plan->indexes_used, p->indexes, p->plan->nindexes_used * sizeof *p->indexes);
    return rc;
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* SQLite counts steps of whole scans exactly; rows reached through an index it does not count
 * (Debian's and most builds lack SQLITE_ENABLE_STMT_SCANSTATUS), so these are told from the virtual
 * machine's steps. */
static double rows_examined(sqlite3_stmt *st, bool search, double returned)
{
    double scanned = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    double steps = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
    scanned += sqlite3_stmt_status(st, SQLITE_STMTSTATUS_AUTOINDEX, 0);
    double found = search ? (steps - scanned * STEPS_A_ROW) / STEPS_A_ROW : 0;
    double examined = scanned + (found > 0 ? floor(found) : 0);
    return examined > returned ? examined : returned;
}

static int run_once(struct engine_conn *c, sqlite3_stmt *st, bool search, struct plan *ret,
                    struct err *err)
{
    double returned = 0;
    int step;
    sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1);
    sqlite3_stmt_status(st, SQLITE_STMTSTATUS_AUTOINDEX, 1);
    uint64_t from = now_ns();
    while ((step = sqlite3_step(st)) == SQLITE_ROW)
        returned++;
    ret->ms = (double)(now_ns() - from) / 1e6;
    ret->rows_returned = returned;
    ret->rows_examined = rows_examined(st, search, returned);
    int rc = step == SQLITE_DONE ? 0 : sqlite_fail(c->handle, c, "the statement", err);
    sqlite3_reset(st);
    return rc;
}

static int run(struct engine_conn *c, const struct planning *p, struct str sql, const char *values,
               struct err *err)
{
    sqlite3_stmt *st = NULL;
    double ms[3];
    int n = 0;
    if (sqlite3_prepare_v2(c->handle, sql.p, (int)sql.n, &st, NULL) != SQLITE_OK)
        return sqlite_fail(c->handle, c, "the statement", err);
    int rc = 0;
    if (st && sqlite3_stmt_readonly(st) && bind_values(st, values)) {
        do {
            rc = run_once(c, st, p->search, p->plan, err);
            ms[n++] = p->plan->ms;
        } while (!rc && n < 3 && ms[0] < RUN_AGAIN_BELOW_MS);
        if (!rc) {
            qsort(ms, (size_t)n, sizeof *ms, by_double);
            p->plan->ms = ms[n / 2];
        }
    }
    sqlite3_finalize(st);
    return rc;
}

int sqlite_explain(struct engine_conn *c, struct str sql, const char *values, bool run_too,
                   struct arena *arena, struct plan *ret, struct err *err)
{
    struct stmt *stmt;
    bool select = is_select(sql, DIALECT_SQLITE, arena, &stmt);
    struct planning p = { .arena = arena, .stmt = stmt, .plan = ret };
    *ret = (struct plan){ .rows_examined = NAN, .rows_returned = NAN, .ms = NAN };
    conn_start(c);
    int rc = read_plan(c, &p, sql, values, err);
    if (!rc && run_too && select)
        rc = run(c, &p, sql, values, err);
    return rc;
}
