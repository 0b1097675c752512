#include "prove/tables.h"


#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 400, UNPAIRED_MAX = 500, KEY_SHOWN = 60, VALUE_SHOWN = 4 << 20 };

struct columns {
    char *names[COLUMNS_MAX];
    bool key[COLUMNS_MAX];
    unsigned n, nkeys;
};

static void columns_release(struct columns *c)
{
    for (unsigned i = 0; i < c->n; i++)
        sqlite3_free(c->names[i]);
}

static int sqlite_err(struct err *err, sqlite3 *db, const char *what)
{
    return err_set(err, RC_IO, NULL, "cannot compare %s: %s", what, sqlite3_errmsg(db));
}

static int read_columns(sqlite3 *db, const char *table, struct columns *c, struct err *err)
{
    sqlite3_stmt *q = NULL;
    char *sql = sqlite3_mprintf("select name, pk from pragma_table_info(%Q) order by cid", table);
    int rc = sql && sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK ? RC_OK : sqlite_err(err, db, table);
    while (!rc && sqlite3_step(q) == SQLITE_ROW && c->n < COLUMNS_MAX) {
        c->names[c->n] = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(q, 0));
        c->key[c->n] = sqlite3_column_int(q, 1) > 0;
        c->nkeys += c->key[c->n++];
    }
    sqlite3_finalize(q);
    sqlite3_free(sql);
    return rc;
}

static bool has_column(const struct columns *c, const char *name)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->names[i] && strcmp(c->names[i], name) == 0)
            return true;
    return false;
}

/* Keys first, then the columns that both have. */
static char *select_sql(const char *table, const struct columns *a, const struct columns *b, unsigned *ret_keys)
{
    sqlite3_str *s = sqlite3_str_new(NULL);
    unsigned keys = 0;
    sqlite3_str_appendall(s, "select ");
    for (unsigned i = 0; i < a->n; i++)
        if (a->key[i] && has_column(b, a->names[i]))
            sqlite3_str_appendf(s, "%s\"%w\"", keys++ ? ", " : "", a->names[i]);
    if (!keys) {
        sqlite3_str_appendall(s, "rowid as \"row\"");
        keys = 1;
    }
    for (unsigned i = 0; i < a->n; i++)
        if (!a->key[i] && has_column(b, a->names[i]))
            sqlite3_str_appendf(s, ", \"%w\"", a->names[i]);
    sqlite3_str_appendf(s, " from \"%w\" order by ", table);
    for (unsigned i = 1; i <= keys; i++)
        sqlite3_str_appendf(s, "%s%u", i > 1 ? ", " : "", i);
    *ret_keys = keys;
    return sqlite3_str_finish(s);
}

/* As SQLite sorts: null, numbers, text by bytes, blobs. */
static int rank(sqlite3_value *v)
{
    switch (sqlite3_value_type(v)) {
    case SQLITE_NULL: return 0;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return 1;
    case SQLITE_TEXT: return 2;
    default: return 3;
    }
}

static int compare_values(sqlite3_value *a, sqlite3_value *b)
{
    int ra = rank(a), rb = rank(b);
    if (ra != rb)
        return ra < rb ? -1 : 1;
    if (ra == 0)
        return 0;
    if (ra == 1) {
        if (sqlite3_value_type(a) == SQLITE_INTEGER && sqlite3_value_type(b) == SQLITE_INTEGER) {
            sqlite3_int64 x = sqlite3_value_int64(a), y = sqlite3_value_int64(b);
            return (x > y) - (x < y);
        }
        double x = sqlite3_value_double(a), y = sqlite3_value_double(b);
        return (x > y) - (x < y);
    }
    const void *pa = sqlite3_value_blob(a), *pb = sqlite3_value_blob(b);
    int na = sqlite3_value_bytes(a), nb = sqlite3_value_bytes(b), n = na < nb ? na : nb;
    int order = n ? memcmp(pa, pb, (size_t)n) : 0;
    return order ? order : (na > nb) - (na < nb);
}

struct held { /* a row that the other side has not (yet) */
    sqlite3_value *values[COLUMNS_MAX];
    unsigned n;
};
struct unpaired {
    struct held *p[UNPAIRED_MAX];
    size_t n, more;
};

static void held_free(struct held *h)
{
    for (unsigned i = 0; h && i < h->n; i++)
        sqlite3_value_free(h->values[i]);
    free(h);
}

static void hold(struct unpaired *u, sqlite3_stmt *q)
{
    struct held *h = u->n < UNPAIRED_MAX ? calloc(1, sizeof *h) : NULL;
    if (!h) {
        u->more++;
        return;
    }
    h->n = (unsigned)sqlite3_column_count(q);
    for (unsigned i = 0; i < h->n && i < COLUMNS_MAX; i++)
        h->values[i] = sqlite3_value_dup(sqlite3_column_value(q, (int)i));
    u->p[u->n++] = h;
}

static struct str text_of(sqlite3_value *v, char *room, size_t size)
{
    switch (v ? sqlite3_value_type(v) : SQLITE_NULL) {
    case SQLITE_NULL:
        return STR("null");
    case SQLITE_INTEGER:
        snprintf(room, size, "%lld", (long long)sqlite3_value_int64(v));
        return str_c(room);
    case SQLITE_FLOAT:
        snprintf(room, size, "%.17g", sqlite3_value_double(v));
        return str_c(room);
    default: {
        const void *p = sqlite3_value_blob(v);
        int n = sqlite3_value_bytes(v);
        return (struct str){ p ? p : "", (uint32_t)(n < VALUE_SHOWN ? n : VALUE_SHOWN) };
    }
    }
}

static void one_value(struct differ *d, sqlite3_value *a, sqlite3_value *b)
{
    char ra[64], rb[64];
    if (compare_values(a, b) == 0 && sqlite3_value_type(a) == sqlite3_value_type(b))
        return;
    struct str ta = text_of(a, ra, sizeof ra), tb = text_of(b, rb, sizeof rb);
    if (sqlite3_value_type(a) != sqlite3_value_type(b))
        differ_structure(d, ta, tb);
    else if (sqlite3_value_type(a) == SQLITE_BLOB)
        differ_bytes(d, ta, tb);
    else
        differ_text(d, ta, tb);
}

static void key_text(sqlite3_value *const *keys, unsigned n, char *ret, size_t size)
{
    size_t at = 0;
    ret[0] = 0;
    for (unsigned i = 0; i < n && at + 1 < size; i++) {
        char room[64];
        struct str t = text_of(keys[i], room, sizeof room);
        int wrote = snprintf(ret + at, size - at, "%s%.*s", i ? "," : "", (int)(t.n < KEY_SHOWN ? t.n : KEY_SHOWN), t.p);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

static void one_row(struct differ *d, sqlite3_stmt *names, sqlite3_value *const *a, sqlite3_value *const *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        size_t m = differ_enter(d, "/%.100s", sqlite3_column_name(names, (int)i));
        one_value(d, a[i], b[i]);
        differ_leave(d, m);
    }
}

static void summary(const struct held *h, char *ret, size_t size)
{
    key_text(h->values, h->n < 4 ? h->n : 4, ret, size);
}

static void pair_up(struct differ *d, sqlite3_stmt *names, struct unpaired *a, struct unpaired *b)
{
    size_t both = a->n < b->n ? a->n : b->n, most = a->n > b->n ? a->n : b->n;
    for (size_t i = 0; i < most; i++) {
        size_t m = differ_enter(d, "/unmatched[%zu]", i);
        char ta[200], tb[200];
        if (i < both) {
            one_row(d, names, a->p[i]->values, b->p[i]->values, a->p[i]->n);
        } else if (i < a->n) {
            summary(a->p[i], ta, sizeof ta);
            differ_structure(d, str_c(ta), (struct str){ 0 });
        } else {
            summary(b->p[i], tb, sizeof tb);
            differ_structure(d, (struct str){ 0 }, str_c(tb));
        }
        differ_leave(d, m);
    }
    if (a->more != b->more)
        differ_structure(d, STR("more rows than can be told"), STR("more rows than can be told"));
}

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        sqlite3_value *x = sqlite3_column_value(a, (int)i), *y = sqlite3_column_value(b, (int)i);
        if (sqlite3_value_type(x) != sqlite3_value_type(y) || compare_values(x, y) != 0)
            return false;
    }
    return true;
}

static void compare_matched(struct differ *d, sqlite3_stmt *a, sqlite3_stmt *b, unsigned keys, unsigned n)
{
    sqlite3_value *va[COLUMNS_MAX], *vb[COLUMNS_MAX];
    char key[200];
    for (unsigned i = 0; i < n; i++) {
        va[i] = sqlite3_value_dup(sqlite3_column_value(a, (int)i));
        vb[i] = sqlite3_value_dup(sqlite3_column_value(b, (int)i));
    }
    key_text(va, keys, key, sizeof key);
    size_t m = differ_enter(d, "/row[%s]", key);
    one_row(d, a, va, vb, n);
    differ_leave(d, m);
    for (unsigned i = 0; i < n; i++) {
        sqlite3_value_free(va[i]);
        sqlite3_value_free(vb[i]);
    }
}

static int merge(struct differ *d, sqlite3_stmt *a, sqlite3_stmt *b, unsigned keys, struct unpaired *left, struct unpaired *right)
{
    unsigned n = (unsigned)sqlite3_column_count(a);
    int ra = sqlite3_step(a), rb = sqlite3_step(b);
    n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
    while (ra == SQLITE_ROW || rb == SQLITE_ROW) {
        int order = ra != SQLITE_ROW ? 1 : rb != SQLITE_ROW ? -1 : 0;
        for (unsigned i = 0; ra == SQLITE_ROW && rb == SQLITE_ROW && i < keys && !order; i++)
            order = compare_values(sqlite3_column_value(a, (int)i), sqlite3_column_value(b, (int)i));
        if (order == 0 && !same_row(a, b, n))
            compare_matched(d, a, b, keys, n);
        if (order < 0)
            hold(left, a);
        if (order > 0)
            hold(right, b);
        if (order <= 0)
            ra = sqlite3_step(a);
        if (order >= 0)
            rb = sqlite3_step(b);
    }
    return ra == SQLITE_DONE && rb == SQLITE_DONE ? RC_OK : RC_IO;
}

int table_compare(sqlite3 *a, sqlite3 *b, const char *table, struct differ *d, struct err *err)
{
    struct columns ca = { .n = 0 }, cb = { .n = 0 };
    struct unpaired left = { .n = 0 }, right = { .n = 0 };
    sqlite3_stmt *qa = NULL, *qb = NULL;
    unsigned keys = 0;
    char *sql = NULL;
    size_t m = differ_enter(d, "table %s", table);
    int rc = read_columns(a, table, &ca, err);
    rc = rc ? rc : read_columns(b, table, &cb, err);
    if (rc)
        goto out;
    if (!ca.n || !cb.n) {
        differ_structure(d, ca.n ? STR("there") : (struct str){ 0 }, cb.n ? STR("there") : (struct str){ 0 });
        goto out;
    }
    sql = select_sql(table, &ca, &cb, &keys);
    if (!sql || sqlite3_prepare_v2(a, sql, -1, &qa, NULL) != SQLITE_OK)
        rc = sqlite_err(err, a, table);
    else if (sqlite3_prepare_v2(b, sql, -1, &qb, NULL) != SQLITE_OK)
        rc = sqlite_err(err, b, table);
    else if (merge(d, qa, qb, keys, &left, &right))
        rc = sqlite_err(err, a, table);
    else
        pair_up(d, qa, &left, &right);
out:
    for (size_t i = 0; i < left.n; i++)
        held_free(left.p[i]);
    for (size_t i = 0; i < right.n; i++)
        held_free(right.p[i]);
    sqlite3_finalize(qa);
    sqlite3_finalize(qb);
    sqlite3_free(sql);
    columns_release(&ca);
    columns_release(&cb);
    differ_leave(d, m);
    return rc;
}

/* Both lists are sorted by (type, name): one walk. */
int schema_compare(sqlite3 *a, sqlite3 *b, struct differ *d, struct err *err)
{
    static const char sql[] = "select type || ' ' || name, ifnull(sql, '') from sqlite_master where name not like 'sqlite_stat%' order by 1";
    sqlite3_stmt *qa = NULL, *qb = NULL;
    int rc = RC_OK;
    if (sqlite3_prepare_v2(a, sql, -1, &qa, NULL) != SQLITE_OK)
        rc = sqlite_err(err, a, "the schema");
    else if (sqlite3_prepare_v2(b, sql, -1, &qb, NULL) != SQLITE_OK)
        rc = sqlite_err(err, b, "the schema");
    int ra = rc ? SQLITE_DONE : sqlite3_step(qa), rb = rc ? SQLITE_DONE : sqlite3_step(qb);
    while (ra == SQLITE_ROW || rb == SQLITE_ROW) {
        const char *na = ra == SQLITE_ROW ? (const char *)sqlite3_column_text(qa, 0) : NULL;
        const char *nb = rb == SQLITE_ROW ? (const char *)sqlite3_column_text(qb, 0) : NULL;
        int order = !na ? 1 : !nb ? -1 : strcmp(na, nb);
        const char *ta = order <= 0 ? (const char *)sqlite3_column_text(qa, 1) : NULL;
        const char *tb = order >= 0 ? (const char *)sqlite3_column_text(qb, 1) : NULL;
        if (order || strcmp(ta ? ta : "", tb ? tb : "") != 0) {
            size_t m = differ_enter(d, "schema %s", order <= 0 ? na : nb);
            differ_structure(d, (struct str){ ta, ta ? (uint32_t)strlen(ta) : 0 }, (struct str){ tb, tb ? (uint32_t)strlen(tb) : 0 });
            differ_leave(d, m);
        }
        if (order <= 0)
            ra = sqlite3_step(qa);
        if (order >= 0)
            rb = sqlite3_step(qb);
    }
    sqlite3_finalize(qa);
    sqlite3_finalize(qb);
    return rc;
}
