/* What two runs left behind, compared: tables whose pages changed, and files. */
#include "prove/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TABLES_MAX = 2000 };

/* ---- which table owns a page ---- */

static int open_image(const char *path, sqlite3 **ret, struct err *err)
{
    char uri[PATH_MAX + 64];
    char *quoted = sqlite3_mprintf("%s", path);
    snprintf(uri, sizeof uri, "file:%s?immutable=1", quoted ? quoted : "");
    sqlite3_free(quoted);
    int rc = sqlite3_open_v2(uri, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    return rc == SQLITE_OK ? RC_OK : err_set(err, RC_IO, NULL, "cannot open %s: %s", path, sqlite3_errmsg(*ret));
}

static uint16_t table_number(struct state *s, struct database *d, const char *name)
{
    for (size_t i = 0; i < d->ntables; i++)
        if (strcmp(d->tables[i], name) == 0)
            return (uint16_t)(i + 1);
    if (!d->tables)
        d->tables = arena_new_array(s->arena, const char *, TABLES_MAX);
    if (!d->tables || d->ntables == TABLES_MAX)
        return 0;
    d->tables[d->ntables++] = arena_strdup(s->arena, name);
    return (uint16_t)d->ntables;
}

/* By SQLite's own dbstat table, where it was built with it; else every table counts as changed. A page that is new
 * since the baseline has no owner: the page that leads to it changed too, and that one has. */
static void learn_owners(struct state *s, struct database *d)
{
    static const char sql[] = "select t.pageno, coalesce(m.tbl_name, t.name) from dbstat t left join sqlite_master m on m.name = t.name";
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    struct err ignored;
    size_t pages = (size_t)(d->base_size / d->page_size);
    d->owners_asked = true;
    if (!pages || open_image(d->base, &db, &ignored) || sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
        goto out;
    uint16_t *owner = arena_new_array(s->arena, uint16_t, pages);
    while (owner && sqlite3_step(q) == SQLITE_ROW) {
        sqlite3_int64 page = sqlite3_column_int64(q, 0);
        const char *name = (const char *)sqlite3_column_text(q, 1);
        if (page >= 1 && (size_t)page <= pages && name)
            owner[page - 1] = table_number(s, d, name);
    }
    d->owner = d->ntables < TABLES_MAX ? owner : NULL;
out:
    sqlite3_finalize(q);
    sqlite3_close(db);
}

/* The schema's own page holds more than its header (100 bytes): did that change? */
static bool schema_changed(const struct database *d, const struct page_copy *p)
{
    return p->number != 0 || d->base_size < d->page_size || memcmp(p->bytes + 100, d->base_bytes + 100, d->page_size - 100) != 0;
}

struct touched {
    bool all;
    const char *names[TABLES_MAX];
    size_t n;
};

static void add_name(struct touched *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->names[i], name) == 0)
            return;
    if (t->n < TABLES_MAX)
        t->names[t->n++] = name;
}

static void tables_touched(struct state *s, struct database *d, const struct left_pages *l, struct touched *t)
{
    if (!l->n)
        return;
    if (!d->owners_asked)
        learn_owners(s, d);
    if (!d->owner)
        t->all = true;
    for (size_t i = 0; i < l->n && !t->all; i++) {
        uint32_t page = l->pages[i].number;
        uint16_t owner = page < d->base_size / d->page_size ? d->owner[page] : 0;
        const char *name = owner ? d->tables[owner - 1] : NULL;
        bool is_schema = page == 0 || (name && (!strcmp(name, "sqlite_master") || !strcmp(name, "sqlite_schema")));
        if (is_schema)
            t->all = schema_changed(d, &l->pages[i]);
        else if (name)
            add_name(t, name);
    }
}

/* ---- images ---- */

static int write_pages(int fd, const struct database *d, const struct left_pages *l, struct err *err)
{
    for (size_t i = 0; i < l->n; i++)
        if (pwrite(fd, l->pages[i].bytes, d->page_size, (off_t)l->pages[i].number * d->page_size) != (ssize_t)d->page_size)
            return err_set(err, RC_IO, "free some room", "cannot write a copy of %s: %s", d->path, strerror(errno));
    return ftruncate(fd, (off_t)l->size) == 0 ? RC_OK : err_set(err, RC_IO, NULL, "cannot cut a copy of %s", d->path);
}

/* The copy is made once; a comparison writes its pages into it and takes them out again. */
static int image_make(const struct database *d, const struct left_pages *l, const char *path, struct err *err)
{
    int rc = file_exists(path) ? RC_OK : file_copy(d->base, path, err);
    int fd = rc ? -1 : open(path, O_WRONLY | O_CLOEXEC);
    if (!rc && fd < 0)
        rc = err_set(err, RC_IO, NULL, "cannot open %s: %s", path, strerror(errno));
    rc = rc ? rc : write_pages(fd, d, l, err);
    if (fd >= 0)
        close(fd);
    return rc;
}

static void image_undo(const struct database *d, const struct left_pages *l, const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0;
    for (size_t i = 0; i < l->n && ok; i++) {
        uint64_t at = (uint64_t)l->pages[i].number * d->page_size;
        if (at >= d->base_size)
            continue;
        size_t n = at + d->page_size <= d->base_size ? d->page_size : (size_t)(d->base_size - at);
        ok = pwrite(fd, d->base_bytes + at, n, (off_t)at) == (ssize_t)n;
    }
    for (uint64_t at = l->size; ok && at < d->base_size; at += d->page_size)
        ok = pwrite(fd, d->base_bytes + at, d->page_size, (off_t)at) == (ssize_t)d->page_size;
    ok = ok && ftruncate(fd, (off_t)d->base_size) == 0;
    if (fd >= 0)
        close(fd);
    if (!ok)
        unlink(path); /* made anew next time */
}

/* ---- one database ---- */

static bool same_pages(const struct database *d, const struct left_pages *a, const struct left_pages *b)
{
    if (a->n != b->n || a->size != b->size)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->pages[i].number != b->pages[i].number || memcmp(a->pages[i].bytes, b->pages[i].bytes, d->page_size) != 0)
            return false;
    return true;
}

static bool same_base(struct database *a, const struct database *b)
{
    if (a == b)
        return true;
    if (a->compared != b) {
        a->compared = b;
        a->equal_base = a->base_size == b->base_size && a->page_size == b->page_size &&
                        (!a->base_size || memcmp(a->base_bytes, b->base_bytes, (size_t)a->base_size) == 0);
    }
    return a->equal_base;
}

/* The tables of a virtual table that hold its own bookkeeping: two right ones may differ in how they are laid out. */
static bool is_shadow(sqlite3 *db, const char *table)
{
    static const char *const ends[] = { "_data", "_idx", "_docsize", "_config", "_segments", "_segdir", "_stat", "_node", "_parent", "_rowid" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        sqlite3_stmt *q = NULL;
        if (!str_ends(str_c(table), ends[i]))
            continue;
        bool yes = sqlite3_prepare_v2(db, "select 1 from sqlite_master where name = ? and sql like 'create virtual table%'", -1, &q, NULL) == SQLITE_OK &&
                   sqlite3_bind_text(q, 1, table, (int)(strlen(table) - strlen(ends[i])), SQLITE_TRANSIENT) == SQLITE_OK &&
                   sqlite3_step(q) == SQLITE_ROW;
        sqlite3_finalize(q);
        if (yes)
            return true;
    }
    return false;
}

static bool is_plain_table(sqlite3 *db, const char *table)
{
    sqlite3_stmt *q = NULL;
    bool yes = sqlite3_prepare_v2(db, "select 1 from sqlite_master where name = ? and type = 'table' and sql not like 'create virtual table%'", -1, &q, NULL) == SQLITE_OK &&
               sqlite3_bind_text(q, 1, table, -1, SQLITE_TRANSIENT) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW;
    sqlite3_finalize(q);
    return yes;
}

static int all_tables(sqlite3 *db, struct arena *a, struct touched *t, struct err *err)
{
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(db, "select name from sqlite_master where type = 'table' and name not like 'sqlite_stat%'", -1, &q, NULL) != SQLITE_OK)
        return err_set(err, RC_IO, NULL, "cannot list the tables: %s", sqlite3_errmsg(db));
    while (sqlite3_step(q) == SQLITE_ROW)
        add_name(t, arena_strdup(a, (const char *)sqlite3_column_text(q, 0)));
    sqlite3_finalize(q);
    return RC_OK;
}

static int compare_images(struct touched *t, const char *pa, const char *pb, struct differ *d, struct err *err)
{
    sqlite3 *a = NULL, *b = NULL;
    auto_arena *names = arena_new(4 << 20);
    int rc = names ? open_image(pa, &a, err) : err_set(err, RC_NOMEM, NULL, "no memory to compare tables");
    rc = rc ? rc : open_image(pb, &b, err);
    if (!rc && t->all) {
        rc = schema_compare(a, b, d, err);
        rc = rc ? rc : all_tables(a, names, t, err);
        rc = rc ? rc : all_tables(b, names, t, err);
    }
    for (size_t i = 0; i < t->n && !rc; i++)
        if (is_plain_table(a, t->names[i]) && !is_shadow(a, t->names[i]))
            rc = table_compare(a, b, t->names[i], d, err);
    sqlite3_close(a);
    sqlite3_close(b);
    return rc;
}

static int compare_database(struct state *sa, const struct left *a, struct state *sb, const struct left *b, size_t i, struct differ *d, struct err *err)
{
    struct database *da = &sa->db[i], *db = &sb->db[i];
    const struct left_pages *la = &a->db[i], *lb = &b->db[i];
    if ((la->n == 0 && lb->n == 0 && la->size == da->base_size && lb->size == db->base_size && sa != sb) ||
        (same_base(da, db) && same_pages(da, la, lb)))
        return RC_OK;
    struct touched *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, RC_NOMEM, NULL, "no memory to compare tables");
    tables_touched(sa, da, la, t);
    tables_touched(sb, db, lb, t);
    char pa[PATH_MAX], pb[PATH_MAX];
    snprintf(pa, sizeof pa, "%s", da->image);
    snprintf(pb, sizeof pb, "%s%s", db->image, da == db ? "-2" : "");
    int rc = image_make(da, la, pa, err);
    rc = rc ? rc : image_make(db, lb, pb, err);
    rc = rc ? rc : compare_images(t, pa, pb, d, err);
    image_undo(da, la, pa);
    image_undo(db, lb, pb);
    free(t);
    return rc;
}

/* ---- files ---- */

static void one_file(struct differ *d, const struct left_file *a, const struct left_file *b)
{
    char ta[60], tb[60];
    if (a->deleted != b->deleted) {
        differ_structure(d, a->deleted ? STR("deleted") : STR("written"), b->deleted ? STR("deleted") : STR("written"));
    } else if (a->bytes.p && b->bytes.p) {
        differ_text(d, a->bytes, b->bytes);
    } else if (a->size != b->size) {
        snprintf(ta, sizeof ta, "%llu bytes", (unsigned long long)a->size);
        snprintf(tb, sizeof tb, "%llu bytes", (unsigned long long)b->size);
        differ_structure(d, str_c(ta), str_c(tb));
    }
}

enum { ALONE_MAX = 200 };

static void compare_files(const struct left *a, const struct left *b, struct differ *d)
{
    const struct left_file *alone[2][ALONE_MAX];
    size_t n[2] = { 0, 0 }, i = 0, j = 0;
    while (i < a->nfiles || j < b->nfiles) {
        int order = i == a->nfiles ? 1 : j == b->nfiles ? -1 : strcmp(a->files[i].path, b->files[j].path);
        if (order == 0) {
            size_t m = differ_enter(d, "file %.300s ", a->files[i].path);
            one_file(d, &a->files[i], &b->files[j]);
            differ_leave(d, m);
        } else if (n[order > 0] < ALONE_MAX) {
            alone[order > 0][n[order > 0]++] = order < 0 ? &a->files[i] : &b->files[j];
        }
        i += order <= 0;
        j += order >= 0;
    }
    for (i = 0; i < n[0] || i < n[1]; i++) { /* names may be of what varies: paired in order */
        size_t m = differ_enter(d, "file/unmatched[%zu]", i);
        if (i < n[0] && i < n[1]) {
            differ_words(d, str_c(alone[0][i]->path), str_c(alone[1][i]->path));
            one_file(d, alone[0][i], alone[1][i]);
        } else {
            differ_structure(d, i < n[0] ? str_c(alone[0][i]->path) : (struct str){ 0 }, i < n[1] ? str_c(alone[1][i]->path) : (struct str){ 0 });
        }
        differ_leave(d, m);
    }
}

int state_compare(struct state *sa, const struct left *a, struct state *sb, const struct left *b, struct differ *d, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < sa->ndb && i < sb->ndb && !rc; i++)
        rc = compare_database(sa, a, sb, b, i, d, err);
    if (!rc)
        compare_files(a, b, d);
    return rc;
}

static void as_left(const struct state *s, struct left *ret)
{
    *ret = (struct left){ .files = calloc(s->nfiles + 1, sizeof *ret->files), .nfiles = 0 };
    for (size_t i = 0; ret->files && i < s->nfiles; i++)
        ret->files[ret->nfiles++] = (struct left_file){ s->files[i].path, s->files[i].bytes, s->files[i].size, s->files[i].gone };
}

static void compare_base_files(const struct state *sa, const struct state *sb, struct differ *d)
{
    struct left a, b;
    as_left(sa, &a);
    as_left(sb, &b);
    d->failed |= !a.files || !b.files;
    compare_files(&a, &b, d);
    free(a.files);
    free(b.files);
}

int state_compare_base(struct state *sa, struct state *sb, struct differ *d, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < sa->ndb && i < sb->ndb && !rc; i++) {
        struct touched *t = same_base(&sa->db[i], &sb->db[i]) ? NULL : calloc(1, sizeof *t);
        if (!t)
            continue;
        t->all = true;
        rc = compare_images(t, sa->db[i].base, sb->db[i].base, d, err);
        free(t);
    }
    if (!rc)
        compare_base_files(sa, sb, d);
    return rc;
}
