#include "prove/cover.h"

#include "prove/mark.h"
#include "prove/state.h"

#include <string.h>

enum { EDITED_FILES_MAX = 2000, NAMED_MAX = 6 };
#define REMOVED ".fettle-removed"

struct edited_file {
    const char *path;
    bool in[2];                 /* laid over side A, B */
    struct str text[2];         /* of both sides; .p NULL: the side has no such file */
    struct lines *edited[2];
    size_t nedited;
    struct marking marking[2];
    bool marked;
};
struct preparing {
    struct proving *p;
    struct edited_file *files;
    size_t n;
    unsigned side;
    struct err *err;
};

static const char *edits_of(const struct proving *p, unsigned side)
{
    return side ? p->o->b.edits_dir : p->o->a.edits_dir;
}

static int note_edit(void *ctx, const char *rel, const struct stat *st)
{
    struct preparing *g = ctx;
    (void)st;
    if (strcmp(rel, REMOVED) == 0)
        return RC_OK;
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->files[i].path, rel) == 0) {
            g->files[i].in[g->side] = true;
            return RC_OK;
        }
    if (g->n == EDITED_FILES_MAX)
        return err_set(g->err, RC_LIMIT, NULL, "the sides differ in more than %d files", EDITED_FILES_MAX);
    g->files[g->n] = (struct edited_file){ .path = arena_strdup(g->p->arena, rel) };
    g->files[g->n++].in[g->side] = true;
    return RC_OK;
}

/* ---- what kind of file it is ---- */

static bool below(const char *path, const char *const *folders)
{
    for (size_t i = 0; folders[i]; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

static bool is_inert(const char *path)
{
    static const char *const folders[] = { "tests/", "resources/js/", "resources/css/", "resources/sass/", "docs/", ".github/", "database/factories/",
                                           "database/seeders/", NULL };
    struct str s = str_c(path);
    return below(path, folders) || str_ends(s, ".md") || str_ends(s, ".txt") || (!strchr(path, '/') && str_ends(s, ".json")) ||
           str_ends(s, ".lock") || str_ends(s, ".neon") || str_ends(s, ".xml") || str_ends(s, ".js");
}

/* Read once at the start and baked into caches, or by nobody's statement: everything may hang on it. */
static bool is_global(const char *path)
{
    static const char *const folders[] = { "config/", "routes/", "bootstrap/", "lang/", "resources/lang/", "database/", ".env", "public/", NULL };
    return below(path, folders) || !str_ends(str_c(path), ".php");
}

bool cover_is_migration(const char *path)
{
    return strncmp(path, "database/migrations/", 20) == 0 || strstr(path, "/database/migrations/");
}

/* ---- folders ---- */

static struct str read_side(struct proving *p, const struct edited_file *f, unsigned side)
{
    char path[PATH_MAX];
    struct str s;
    struct err ignored;
    int n = f->in[side] ? snprintf(path, sizeof path, "%s/%s", edits_of(p, side), f->path) : snprintf(path, sizeof path, "%s/%s", p->app->dir, f->path);
    return n < (int)sizeof path && file_exists(path) && file_read(path, LIMIT_FILE_BYTES * 4, p->arena, &s, &ignored) == RC_OK ? s : (struct str){ 0 };
}

static int write_below(const char *dir, const char *rel, struct str bytes, struct err *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir, rel) >= (int)sizeof path)
        return err_set(err, RC_LIMIT, NULL, "a path is too long: %s", rel);
    char *slash = strrchr(path, '/');
    *slash = 0;
    int rc = dir_make(path, err);
    *slash = '/';
    return rc ? rc : file_write_atomic(path, bytes.p, bytes.n, err);
}

static int copy_removed(struct proving *p, unsigned side, const char *to, struct err *err)
{
    char path[PATH_MAX];
    struct str s;
    if (!edits_of(p, side) || snprintf(path, sizeof path, "%s/%s", edits_of(p, side), REMOVED) >= (int)sizeof path || !file_exists(path))
        return RC_OK;
    int rc = file_read(path, 4 << 20, p->arena, &s, err);
    if (!rc && s.n) {
        p->cover.reaches_all = true;
        p->cover.removed[side] = s;
    }
    return rc ? rc : write_below(to, REMOVED, s, err);
}

/* Both sides' versions are marked, or neither: a mark more on one side is no difference between them. */
static int mark_both(struct proving *p, struct edited_file *f, const char *const to[2], struct err *err)
{
    auto_buf out_a = BUF_INIT(LIMIT_FILE_BYTES * 4), out_b = BUF_INIT(LIMIT_FILE_BYTES * 4);
    struct buf *out[2] = { &out_a, &out_b };
    uint32_t before[2] = { p->cover.n[0], p->cover.n[1] };
    int rc = RC_OK;
    for (unsigned side = 0; side < 2 && !rc; side++) {
        f->marking[side] = (struct marking){ .marks = p->cover.marks[side], .n = &p->cover.n[side] };
        if (f->text[side].p)
            rc = mark_file(f->path, f->text[side], f->edited[side], f->nedited, p->arena, &f->marking[side], out[side], err);
    }
    f->marked = !rc;
    if (rc == RC_UNSUPPORTED || rc == RC_PARSE || rc == RC_LIMIT || rc == RC_TIMEOUT) {
        p->cover.n[0] = before[0];
        p->cover.n[1] = before[1];
        rc = RC_OK;
    }
    for (unsigned side = 0; side < 2 && !rc; side++) {
        struct str bytes = f->marked ? (struct str){ out[side]->p, (uint32_t)out[side]->n } : f->text[side];
        if (f->text[side].p && (f->marked || f->in[side]))
            rc = write_below(to[side], f->path, bytes, err);
    }
    return rc;
}

static void note_blind(struct proving *p, const char *path)
{
    struct cover *c = &p->cover;
    c->blind = c->blind ? arena_printf(p->arena, "%s, %s", c->blind, path) : path;
}

static int prepare_file(struct proving *p, struct edited_file *f, const char *const to[2], struct err *err)
{
    struct lines *whole = arena_new_array(p->arena, struct lines, 1);
    for (unsigned side = 0; side < 2; side++)
        f->text[side] = read_side(p, f, side);
    if (!whole)
        return err_set(err, RC_NOMEM, NULL, "no memory for edits");
    if (str_eq(f->text[0], f->text[1]) && f->text[0].p && f->text[1].p)
        f->nedited = 0;
    else if (f->text[0].p && f->text[1].p) {
        int rc = lines_diff(f->text[0], f->text[1], p->arena, &f->edited[0], &f->edited[1], &f->nedited, err);
        if (rc)
            return rc;
    } else {
        *whole = (struct lines){ 1, UINT32_MAX };
        f->edited[0] = f->edited[1] = whole;
        f->nedited = 1;
    }
    bool migration = cover_is_migration(f->path);
    p->cover.migrates |= migration && f->nedited && f->in[1] && f->text[1].p;
    if (f->nedited && !is_inert(f->path) && !is_global(f->path))
        return mark_both(p, f, to, err);
    p->cover.reaches_all |= f->nedited && !is_inert(f->path);
    for (unsigned side = 0; side < 2; side++)
        if (f->in[side] && f->text[side].p) {
            int rc = write_below(to[side], f->path, f->text[side], err);
            if (rc)
                return rc;
        }
    return RC_OK;
}

int cover_prepare(struct proving *p, const char *workdir, struct err *err)
{
    struct preparing g = { .p = p, .files = arena_new_array(p->arena, struct edited_file, EDITED_FILES_MAX), .err = err };
    const char *to[2] = { arena_printf(p->arena, "%s/marked-a", workdir), arena_printf(p->arena, "%s/marked-b", workdir) };
    int rc = g.files && to[0] && to[1] ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for edits");
    for (unsigned side = 0; side < 2 && !rc; side++) {
        struct walk_opts w = { .file = note_edit, .ctx = &g };
        p->cover.marks[side] = arena_new_array(p->arena, struct mark, MARKS_MAX);
        g.side = side;
        rc = p->cover.marks[side] ? dir_make(to[side], err) : err_set(err, RC_NOMEM, NULL, "no memory for marks");
        if (!rc && edits_of(p, side))
            rc = dir_walk(edits_of(p, side), &w, err);
        rc = rc ? rc : copy_removed(p, side, to[side], err);
    }
    for (size_t i = 0; i < g.n && !rc; i++) {
        rc = prepare_file(p, &g.files[i], to, err);
        struct edited_file *f = &g.files[i];
        bool code = f->nedited && !is_inert(f->path) && !is_global(f->path);
        if (code && !f->marked) {
            note_blind(p, f->path);
            p->cover.reaches_all = true;
        }
    }
    p->cover.files = g.files;
    p->cover.nfiles = g.n;
    p->cover.dir[0] = to[0];
    p->cover.dir[1] = to[1];
    if (!g.n)
        p->cover.reaches_all = true;
    return rc;
}

bool cover_has(const struct proving *p, const char *path)
{
    for (size_t i = 0; i < p->cover.nfiles; i++)
        if (strcmp(p->cover.files[i].path, path) == 0)
            return true;
    for (unsigned side = 0; side < 2; side++) { /* removed from one side only: not to be put back */
        struct str rest = p->cover.removed[side], line;
        while (rest.n && str_next(&rest, '\n', &line))
            if (str_is(line, path))
                return true;
    }
    return false;
}

int cover_unmark(struct proving *p, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < p->cover.nfiles && !rc; i++) {
        const struct edited_file *f = &p->cover.files[i];
        for (unsigned side = 0; side < 2 && f->marked && !rc; side++) {
            const char *path = arena_printf(p->arena, "%s/%s", p->real_dir, f->path);
            if (f->text[side].p)
                rc = path ? state_put(side ? p->b.state : p->a.state, path, f->text[side], err) : RC_NOMEM;
        }
    }
    return rc;
}

/* ---- what ran ---- */

void cover_note(struct proving *p, const struct running *s, const json_t *record, const struct ask *q)
{
    unsigned side = s == &p->b;
    const char *key;
    json_t *v;
    json_object_foreach(json_object_get(record, "ran"), key, v)
    {
        unsigned long i = strtoul(key, NULL, 10);
        if (i >= p->cover.n[side] || !json_is_integer(v))
            continue;
        p->cover.marks[side][i].runs += (uint64_t)json_integer_value(v);
        if (q)
            p->asks[q - p->asks].touched = true;
    }
}

static bool did_run(const struct mark *all, const struct mark *m)
{
    if (!m->implied)
        return m->runs > 0;
    return m->of && all[m->of - 1].runs > (m->of_other ? all[m->of_other - 1].runs : 0);
}

static void name_missing(struct proving *p, unsigned side, const struct mark *m, unsigned *n)
{
    struct coverage *v = &p->proof->coverage;
    if ((*n)++ >= NAMED_MAX)
        return;
    v->not_exercised = arena_printf(p->arena, "%s%s%s:%u%s%s%s%s", v->not_exercised ? v->not_exercised : "", v->not_exercised ? ", " : "", m->file, m->from,
                                    m->part ? " (" : "", m->part ? m->part : "", m->part ? ")" : "", side ? "" : " in A");
}

void cover_conclude(struct proving *p)
{
    struct coverage *v = &p->proof->coverage;
    unsigned missing = 0;
    for (size_t i = 0; i < p->cover.nfiles; i++) {
        const struct edited_file *f = &p->cover.files[i];
        for (unsigned side = 0; side < 2 && f->marked; side++)
            for (uint32_t l = 1; f->text[side].p && l <= f->marking[side].nlines; l++) {
                uint32_t mark = f->marking[side].line_mark[l];
                if (!mark)
                    continue;
                bool ran = p->cover.marks[side][mark - 1].runs > 0;
                v->lines_edited += side;
                v->lines_edited_a += !side;
                *(side ? &v->lines_run_b : &v->lines_run_a) += ran;
            }
    }
    for (unsigned side = 2; side-- > 0;)
        for (uint32_t i = 0; i < p->cover.n[side]; i++) {
            const struct mark *m = &p->cover.marks[side][i];
            bool reached = !m->of || p->cover.marks[side][m->of - 1].runs > 0;
            v->runs_of_edited_lines += side && m->edited ? m->runs : 0;
            if (!did_run(p->cover.marks[side], m) && reached)
                name_missing(p, side, m, &missing);
        }
    if (missing > NAMED_MAX)
        v->not_exercised = arena_printf(p->arena, "%s and %u more", v->not_exercised, missing - NAMED_MAX);
    if (p->cover.blind)
        v->not_exercised = arena_printf(p->arena, "%s%s%s (cannot be marked)", v->not_exercised ? v->not_exercised : "", v->not_exercised ? ", " : "", p->cover.blind);
}
