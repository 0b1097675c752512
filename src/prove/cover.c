#include "prove/cover.h"

#include "prove/mark.h"
#include "prove/state.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { EDITED_FILES_MAX = 2000, NAMED_MAX = 6 };
#define REMOVED ".fettle-removed"

struct edited_file {
    const char *path;
    bool in[2];                 /* laid over side A, B */
    struct str text[2];         /* of both sides; .p NULL: the side has no such file */
    struct lines *edited[2];
    size_t nedited;
    struct marking marking;     /* of side B */
    struct marked_source *source;      /* of side A; NULL: not marked there */
    bool marked;
};
struct marked_source { /* one file of side A, marked wherever some side B is edited */
    const char *path;
    struct str text;
    struct lines *edited;
    size_t nedited, cap;
    struct marking marking;
    bool in_a, marked;
};
enum { SOURCES_MAX = 2000 };
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

static bool is_marked_kind(const char *path)
{
    return !is_inert(path) && !is_global(path);
}

static void note_blind(struct proving *p, const char *path)
{
    struct cover *c = &p->cover;
    c->blind = c->blind ? arena_printf(p->arena, "%s, %s", c->blind, path) : path;
    c->reaches_all = true;
}

/* What differs between the sides: files laid over either. */
static int list_files(struct proving *p, struct err *err)
{
    struct preparing g = { .p = p, .files = arena_new_array(p->arena, struct edited_file, EDITED_FILES_MAX), .err = err };
    int rc = g.files ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for edits");
    for (unsigned side = 0; side < 2 && !rc; side++) {
        struct walk_opts w = { .file = note_edit, .ctx = &g };
        g.side = side;
        if (edits_of(p, side))
            rc = dir_walk(edits_of(p, side), &w, err);
    }
    for (size_t i = 0; i < g.n && !rc; i++) {
        struct edited_file *f = &g.files[i];
        for (unsigned side = 0; side < 2; side++)
            f->text[side] = read_side(p, f, side);
        if (f->text[0].p && f->text[1].p && !str_eq(f->text[0], f->text[1]))
            rc = lines_diff(f->text[0], f->text[1], p->arena, &f->edited[0], &f->edited[1], &f->nedited, err);
        else if (!f->text[0].p != !f->text[1].p) {
            f->edited[0] = f->edited[1] = arena_new_array(p->arena, struct lines, 1);
            rc = f->edited[0] ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for edits");
            if (!rc)
                f->edited[0][f->nedited++] = (struct lines){ 1, UINT32_MAX };
        }
    }
    p->cover.files = g.files;
    p->cover.nfiles = g.n;
    return rc;
}

/* ---- side A: marked once, for every B ---- */

static struct marked_source *source_of(struct proving *p, const char *path)
{
    for (size_t i = 0; i < p->cover.nsources; i++)
        if (strcmp(p->cover.sources[i].path, path) == 0)
            return &p->cover.sources[i];
    return NULL;
}

static int add_source(struct proving *p, const struct edited_file *f, struct err *err)
{
    struct marked_source *s = source_of(p, f->path);
    if (!s && p->cover.nsources == SOURCES_MAX)
        return err_set(err, RC_LIMIT, NULL, "the sides differ in more than %d files", SOURCES_MAX);
    if (!s) {
        s = &p->cover.sources[p->cover.nsources++];
        *s = (struct marked_source){ .path = f->path, .text = f->text[0], .in_a = f->in[0] };
    }
    for (size_t i = 0; i < f->nedited && f->text[0].p; i++) {
        if (s->nedited == s->cap) {
            size_t cap = s->cap ? s->cap * 2 : 16;
            struct lines *more = arena_new_array(p->arena, struct lines, cap);
            if (!more)
                return err_set(err, RC_NOMEM, NULL, "no memory for edits");
            if (s->nedited)
                memcpy(more, s->edited, s->nedited * sizeof *more);
            s->edited = more;
            s->cap = cap;
        }
        s->edited[s->nedited++] = f->edited[0][i];
    }
    return RC_OK;
}

static bool cannot_be_marked(int rc)
{
    return rc == RC_UNSUPPORTED || rc == RC_PARSE || rc == RC_LIMIT || rc == RC_TIMEOUT;
}

static int write_source(struct proving *p, struct marked_source *s, struct err *err)
{
    auto_buf out = BUF_INIT(LIMIT_FILE_BYTES * 4);
    uint32_t before = p->cover.n[0];
    int rc = RC_OK;
    s->marking = (struct marking){ .marks = p->cover.marks[0], .n = &p->cover.n[0] };
    if (!s->text.p)
        return RC_OK;
    if (s->nedited && is_marked_kind(s->path)) {
        struct err ignored = { 0 };
        rc = mark_file(s->path, s->text, s->edited, s->nedited, p->arena, &s->marking, &out, &ignored);
        s->marked = !rc;
        if (rc && !cannot_be_marked(rc)) {
            *err = ignored;
            return rc;
        }
    }
    if (!s->marked)
        p->cover.n[0] = before;
    struct str bytes = s->marked ? (struct str){ out.p, (uint32_t)out.n } : s->text;
    return s->marked || s->in_a ? write_below(p->cover.dir[0], s->path, bytes, err) : RC_OK;
}

int cover_open(struct proving *p, const struct side *all, size_t nall, struct err *err)
{
    struct cover *c = &p->cover;
    c->marks[0] = arena_new_array(p->arena, struct mark, MARKS_MAX);
    c->sources = arena_new_array(p->arena, struct marked_source, SOURCES_MAX);
    c->ran = arena_new_array(p->arena, struct ran_list, ASKS_MAX);
    c->relevant = arena_new_array(p->arena, bool, MARKS_MAX);
    c->dir[0] = arena_printf(p->arena, "%s/marked-a", p->work.path);
    int rc = c->marks[0] && c->sources && c->ran && c->relevant && c->dir[0] ? dir_make(c->dir[0], err)
                                                                            : err_set(err, RC_NOMEM, NULL, "no memory for marks");
    for (size_t k = 0; k < nall && !rc; k++) {
        p->opts.b = all[k];
        rc = list_files(p, err);
        for (size_t i = 0; i < c->nfiles && !rc; i++)
            rc = add_source(p, &c->files[i], err);
    }
    for (size_t i = 0; i < c->nsources && !rc; i++)
        rc = write_source(p, &c->sources[i], err);
    return rc ? rc : copy_removed(p, 0, c->dir[0], err);
}

/* ---- side B ---- */

static int mark_b(struct proving *p, struct edited_file *f, struct err *err)
{
    auto_buf out = BUF_INIT(LIMIT_FILE_BYTES * 4);
    uint32_t before = p->cover.n[1];
    struct err own = { 0 };
    f->marking = (struct marking){ .marks = p->cover.marks[1], .n = &p->cover.n[1] };
    int rc = f->text[1].p ? mark_file(f->path, f->text[1], f->edited[1], f->nedited, p->arena, &f->marking, &out, &own) : RC_OK;
    f->marked = !rc && (!f->text[0].p || (f->source && f->source->marked));
    if (rc && !cannot_be_marked(rc)) {
        *err = own;
        return rc;
    }
    if (!f->marked) {
        p->cover.n[1] = before;
        note_blind(p, f->path);
    }
    struct str bytes = f->marked ? (struct str){ out.p, (uint32_t)out.n } : f->text[1];
    return f->text[1].p && (f->marked || f->in[1]) ? write_below(p->cover.dir[1], f->path, bytes, err) : RC_OK;
}

static bool in_lines(const struct lines *l, uint32_t from, uint32_t to)
{
    return l->from <= to && from <= l->to;
}

/* The marks of A in the lines that this B replaces; an edit without any is seen on B only. */
static void find_relevant(struct proving *p, const struct edited_file *f)
{
    struct cover *c = &p->cover;
    for (size_t k = 0; k < f->nedited; k++) {
        bool here = false, there = !f->text[1].p;
        for (uint32_t i = 0; i < c->n[0]; i++) {
            const struct mark *m = &c->marks[0][i];
            if (m->edited && strcmp(m->file, f->path) == 0 && in_lines(&f->edited[0][k], m->from, m->to))
                c->relevant[i] = here = true;
        }
        for (uint32_t l = f->edited[1][k].from; l <= f->edited[1][k].to && l <= f->marking.nlines; l++)
            there |= f->marking.line_mark[l] > 0;
        c->unseen |= there && !here;
    }
    for (uint32_t i = 0; i < c->n[0]; i++) {
        const struct mark *m = &c->marks[0][i];
        if (m->of && strcmp(m->file, f->path) == 0 && c->relevant[m->of - 1])
            c->relevant[i] = true;
    }
}

static int prepare_file(struct proving *p, struct edited_file *f, struct err *err)
{
    p->cover.migrates |= cover_is_migration(f->path) && f->nedited && f->in[1] && f->text[1].p;
    f->source = source_of(p, f->path);
    if (f->nedited && is_marked_kind(f->path)) {
        int rc = mark_b(p, f, err);
        if (!rc && f->marked)
            find_relevant(p, f);
        return rc;
    }
    p->cover.reaches_all |= f->nedited && !is_inert(f->path);
    return f->in[1] && f->text[1].p ? write_below(p->cover.dir[1], f->path, f->text[1], err) : RC_OK;
}

static void find_touched(struct proving *p)
{
    for (size_t i = 0; i < p->nasks; i++) {
        const struct ran_list *l = &p->cover.ran[i];
        p->asks[i].touched = p->asks[i].compared = false;
        for (size_t k = 0; k < l->n; k++)
            p->asks[i].touched |= l->p[k].first && p->cover.relevant[l->p[k].mark];
    }
}

int cover_begin(struct proving *p, struct err *err)
{
    struct cover *c = &p->cover;
    c->n[1] = 0;
    c->reaches_all = c->migrates = c->unseen = false;
    c->blind = NULL;
    c->removed[1] = (struct str){ 0 };
    memset(c->relevant, 0, MARKS_MAX * sizeof *c->relevant);
    c->marks[1] = arena_new_array(p->arena, struct mark, MARKS_MAX);
    c->dir[1] = arena_printf(p->arena, "%s/marked-b.%u", p->work.path, p->tries);
    int rc = c->marks[1] && c->dir[1] ? dir_make(c->dir[1], err) : err_set(err, RC_NOMEM, NULL, "no memory for marks");
    rc = rc ? rc : list_files(p, err);
    for (size_t i = 0; i < c->nfiles && !rc; i++)
        rc = prepare_file(p, &c->files[i], err);
    rc = rc ? rc : copy_removed(p, 1, c->dir[1], err);
    c->reaches_all |= !c->nfiles || c->removed[0].n > 0;
    if (!rc)
        find_touched(p);
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

/* Views are compiled by path: what is compiled of a marked one goes. Its last line names the source. */
static void forget_compiled(const struct running *s, const char *path)
{
    enum { TAIL = PATH_MAX + 64 };
    char views[PATH_MAX + 16], file[PATH_MAX * 2], tail[TAIL + 1];
    snprintf(views, sizeof views, "%s/views", s->in->dir);
    DIR *d = opendir(views);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        snprintf(file, sizeof file, "%s/%s", views, e->d_name);
        int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
        ssize_t n = size > 0 ? pread(fd, tail, TAIL, size > TAIL ? size - TAIL : 0) : 0;
        if (fd >= 0)
            close(fd);
        if (n > 0 && memmem(tail, (size_t)n, path, strlen(path)))
            unlink(file);
    }
    if (d)
        closedir(d);
}

static int put_plain(struct proving *p, struct running *s, const char *rel, struct str text, struct err *err)
{
    const char *path = arena_printf(p->arena, "%s/%s", p->real_dir, rel);
    int rc = path ? state_put(s->state, path, text, err) : RC_NOMEM;
    if (!rc && str_ends(str_c(rel), ".blade.php"))
        forget_compiled(s, path);
    return rc;
}

int cover_unmark(struct proving *p, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < p->cover.nsources && !rc; i++)
        if (p->cover.sources[i].marked)
            rc = put_plain(p, &p->a, p->cover.sources[i].path, p->cover.sources[i].text, err);
    for (size_t i = 0; i < p->cover.nfiles && !rc; i++)
        if (p->cover.files[i].marked && p->cover.files[i].text[1].p)
            rc = put_plain(p, &p->b, p->cover.files[i].path, p->cover.files[i].text[1], err);
    return rc;
}

int cover_mark_again(struct proving *p, struct err *err)
{
    int rc = state_restore(p->a.state, err);
    for (size_t i = 0; i < p->cover.nsources && !rc; i++)
        if (p->cover.sources[i].marked && str_ends(str_c(p->cover.sources[i].path), ".blade.php"))
            forget_compiled(&p->a, arena_printf(p->arena, "%s/%s", p->real_dir, p->cover.sources[i].path));
    return rc;
}

/* ---- what ran ---- */

static int note_ran(struct ran_list *l, struct arena *a, uint32_t mark, uint64_t runs, bool first)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->p[i].mark == mark) {
            l->p[i].runs += runs;
            l->p[i].first |= first;
            return RC_OK;
        }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        struct ran *more = arena_new_array(a, struct ran, cap);
        if (!more)
            return RC_NOMEM;
        if (l->n)
            memcpy(more, l->p, l->n * sizeof *more);
        l->p = more;
        l->cap = cap;
    }
    l->p[l->n++] = (struct ran){ mark, first, runs };
    return RC_OK;
}

int cover_note(struct proving *p, const struct running *s, const json_t *record, const struct ask *q, bool first, struct err *err)
{
    unsigned side = s == &p->b;
    const char *key;
    json_t *v;
    json_object_foreach(json_object_get(record, "ran"), key, v)
    {
        unsigned long i = strtoul(key, NULL, 10);
        if (!q || i >= p->cover.n[side] || !json_is_integer(v))
            continue;
        uint64_t runs = (uint64_t)json_integer_value(v);
        if (side) {
            p->cover.marks[1][i].runs += runs;
            p->asks[q - p->asks].touched |= first;
        } else if (note_ran(&p->cover.ran[q - p->asks], p->arena, (uint32_t)i, runs, first)) {
            return err_set(err, RC_NOMEM, NULL, "no memory for what ran");
        }
    }
    return RC_OK;
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

static void count_a(struct proving *p)
{
    for (uint32_t i = 0; i < p->cover.n[0]; i++)
        p->cover.marks[0][i].runs = 0;
    for (size_t i = 0; i < p->nasks; i++)
        for (size_t k = 0; k < p->cover.ran[i].n; k++)
            p->cover.marks[0][p->cover.ran[i].p[k].mark].runs += p->cover.ran[i].p[k].runs;
}

static void count_lines(const struct edited_file *f, unsigned side, const struct marking *g, const struct mark *marks, struct coverage *v)
{
    for (size_t k = 0; k < f->nedited; k++)
        for (uint32_t l = f->edited[side][k].from; l <= f->edited[side][k].to && l <= g->nlines; l++) {
            uint32_t mark = g->line_mark[l];
            if (!mark)
                continue;
            bool ran = marks[mark - 1].runs > 0;
            *(side ? &v->lines_edited : &v->lines_edited_a) += 1;
            *(side ? &v->lines_run_b : &v->lines_run_a) += ran;
        }
}

bool cover_misses(const struct proving *p)
{
    for (uint32_t i = 0; i < p->cover.n[1]; i++)
        if (!p->cover.marks[1][i].of && !p->cover.marks[1][i].runs)
            return true;
    return false;
}

void cover_conclude(struct proving *p)
{
    struct coverage *v = &p->proof->coverage;
    unsigned missing = 0;
    count_a(p);
    for (size_t i = 0; i < p->cover.nfiles; i++) {
        const struct edited_file *f = &p->cover.files[i];
        if (f->marked && f->source && f->text[0].p)
            count_lines(f, 0, &f->source->marking, p->cover.marks[0], v);
        if (f->marked && f->text[1].p)
            count_lines(f, 1, &f->marking, p->cover.marks[1], v);
    }
    for (unsigned side = 2; side-- > 0;)
        for (uint32_t i = 0; i < p->cover.n[side]; i++) {
            const struct mark *m = &p->cover.marks[side][i];
            bool reached = !m->of || p->cover.marks[side][m->of - 1].runs > 0;
            v->runs_of_edited_lines += side && m->edited ? m->runs : 0;
            if ((side || p->cover.relevant[i]) && !did_run(p->cover.marks[side], m) && reached)
                name_missing(p, side, m, &missing);
        }
    if (missing > NAMED_MAX)
        v->not_exercised = arena_printf(p->arena, "%s and %u more", v->not_exercised, missing - NAMED_MAX);
    if (p->cover.blind)
        v->not_exercised = arena_printf(p->arena, "%s%s%s (cannot be marked)", v->not_exercised ? v->not_exercised : "", v->not_exercised ? ", " : "", p->cover.blind);
}
