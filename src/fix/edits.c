/* Edits as bytes: applying, conflicts, overlays, diffs, and whether the result parses. */
#include "fix/fix.h"

#include <limits.h>
#include <stdlib.h>

enum { EDITS_MAX = 1024, FILES_MAX = 256 };

static int by_offset(const void *x, const void *y)
{
    const struct edit *a = *(const struct edit *const *)x, *b = *(const struct edit *const *)y;
    if (a->off != b->off)
        return a->off < b->off ? -1 : 1;
    if (a->del != b->del)
        return a->del < b->del ? -1 : 1;
    uint32_t n = a->ins.n < b->ins.n ? a->ins.n : b->ins.n; /* insertions at one place: always in the same order */
    int c = n ? memcmp(a->ins.p, b->ins.p, n) : 0;
    return c ? c : (a->ins.n > b->ins.n) - (a->ins.n < b->ins.n);
}

static bool is_new_file(const struct edit *e)
{
    return e->base_hash == 0;
}

int edits_apply(struct str text, uint64_t hash, const struct edit *edits, size_t n, struct buf *out, struct err *err)
{
    const struct edit *sorted[EDITS_MAX];
    uint32_t at = 0;
    if (n > EDITS_MAX)
        return err_set(err, RC_LIMIT, NULL, "%zu edits of one file are more than %d", n, EDITS_MAX);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &edits[i];
    qsort(sorted, n, sizeof *sorted, by_offset);
    for (size_t i = 0; i < n; i++) {
        const struct edit *e = sorted[i];
        if (e->base_hash != hash)
            return err_set(err, RC_STATE, "run fettle check again", "%s is not the version that was read", e->file);
        if (e->off < at || e->off > text.n || e->del > text.n - e->off)
            return err_set(err, RC_STATE, NULL, "two edits of %s touch the same bytes", e->file);
        buf_add(out, text.p + at, e->off - at);
        buf_add(out, e->ins.p, e->ins.n);
        at = e->off + e->del;
    }
    buf_add(out, text.p + at, text.n - at);
    return out->failed ? err_set(err, RC_NOMEM, NULL, "no memory for the edited file") : RC_OK;
}

/* Insertions at one point conflict too, for their order would decide the result, save those that may join others. */
static bool overlap(const struct edit *a, const struct edit *b)
{
    if (strcmp(a->file, b->file))
        return false;
    if (is_new_file(a) || is_new_file(b))
        return true;
    if (a->off == b->off && (a->joins || b->joins)) /* beside each other, or before what is replaced */
        return !(a->joins && b->joins) && !(a->joins ? b : a)->del;
    return a->off <= b->off + b->del && b->off <= a->off + a->del;
}

static bool same_edit(const struct edit *a, const struct edit *b)
{
    return !strcmp(a->file, b->file) && a->off == b->off && a->del == b->del && str_eq(a->ins, b->ins);
}

bool edits_conflict(const struct edit_set *x, const struct edit_set *y, const char **ret_file, uint32_t *ret_off)
{
    for (size_t i = 0; i < x->n; i++)
        for (size_t k = 0; k < y->n; k++) {
            if (!overlap(&x->edits[i], &y->edits[k]) || same_edit(&x->edits[i], &y->edits[k]))
                continue;
            *ret_file = x->edits[i].file;
            *ret_off = x->edits[i].off;
            return true;
        }
    return false;
}

/* --- edited files, one at a time --- */

static bool listed(const char *const *files, size_t n, const char *file)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(files[i], file))
            return true;
    return false;
}

static size_t files_of(const struct edit_set *const *sets, size_t n, const char **ret)
{
    size_t count = 0;
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < sets[s]->n; i++)
            if (count < FILES_MAX && !listed(ret, count, sets[s]->edits[i].file))
                ret[count++] = sets[s]->edits[i].file;
    return count;
}

static size_t edits_of(const struct edit_set *const *sets, size_t n, const char *file, struct edit *ret)
{
    size_t count = 0;
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < sets[s]->n; i++) {
            const struct edit *e = &sets[s]->edits[i];
            bool twice = false;
            for (size_t k = 0; k < count && !twice; k++)
                twice = same_edit(&ret[k], e);
            if (!twice && count < EDITS_MAX && !strcmp(e->file, file))
                ret[count++] = *e;
        }
    return count;
}

static uint64_t hash_of(struct str text)
{
    return str_hash(text);
}

/* The file before (empty for a new one) and after. */
static int edited(const struct app *app, const struct edit_set *const *sets, size_t n, const char *file,
                  struct arena *arena, struct str *ret_before, struct buf *ret_after, struct err *err)
{
    struct edit *edits = arena_new_array(arena, struct edit, EDITS_MAX);
    char path[PATH_MAX];
    if (!edits || snprintf(path, sizeof path, "%s/%s", app->dir, file) >= (int)sizeof path)
        return err_set(err, RC_NOMEM, NULL, "no memory for the edited file");
    size_t count = edits_of(sets, n, file, edits);
    *ret_before = (struct str){ "", 0 };
    if (count && is_new_file(&edits[0])) {
        if (file_exists(path))
            return err_set(err, RC_STATE, NULL, "%s is there already", file);
        buf_add(ret_after, edits[0].ins.p, edits[0].ins.n);
        return RC_OK;
    }
    int rc = file_read(path, LIMIT_FILE_BYTES, arena, ret_before, err);
    return rc ? rc : edits_apply(*ret_before, hash_of(*ret_before), edits, count, ret_after, err);
}

typedef int (*each_fn)(void *ctx, const char *file, struct str before, struct str after, struct err *err);

static int each_file(const struct app *app, const struct edit_set *const *sets, size_t n, each_fn fn, void *ctx,
                     struct err *err)
{
    const char *files[FILES_MAX];
    size_t count = files_of(sets, n, files);
    int rc = RC_OK;
    for (size_t i = 0; !rc && i < count; i++) {
        auto_arena *arena = arena_new(LIMIT_FILE_BYTES * 8);
        auto_buf after = BUF_INIT(LIMIT_FILE_BYTES * 2);
        struct str before;
        if (!arena)
            return err_set(err, RC_NOMEM, NULL, "no memory for the edited file");
        rc = edited(app, sets, n, files[i], arena, &before, &after, err);
        if (!rc)
            rc = fn(ctx, files[i], before, (struct str){ buf_cstr(&after), (uint32_t)after.n }, err);
    }
    return rc;
}

static int to_folder(void *ctx, const char *file, struct str before, struct str after, struct err *err)
{
    char path[PATH_MAX];
    (void)before;
    if (snprintf(path, sizeof path, "%s/%s", (const char *)ctx, file) >= (int)sizeof path)
        return err_set(err, RC_LIMIT, NULL, "the path of %s is too long", file);
    char *slash = strrchr(path, '/');
    *slash = 0;
    int rc = dir_make(path, err);
    *slash = '/';
    return rc ? rc : file_write_atomic(path, after.p, after.n, err);
}

int edits_to_folder(const struct app *app, const struct edit_set *const *sets, size_t n, const char *folder, struct err *err)
{
    return each_file(app, sets, n, to_folder, (void *)folder, err);
}

static int parses(void *ctx, const char *file, struct str before, struct str after, struct err *err)
{
    struct facts *facts = NULL, *old = NULL;
    struct err ignored = { 0 };
    auto_arena *scratch = arena_new((size_t)64 << 20);
    (void)ctx;
    if (!str_ends(str_c(file), ".php"))
        return RC_OK;
    int rc = scratch ? facts_build(str_c(file), after, scratch, &facts, err) : RC_NOMEM;
    uint32_t holes_before = 0;
    if (!rc && before.n && !facts_build(str_c(file), before, scratch, &old, &ignored))
        holes_before = old->nholes;
    if (!rc && facts->nholes > holes_before)
        rc = err_set(err, RC_PARSE, NULL, "%s would not parse after the edit, line %u", file, facts_holes(facts)[0].line);
    facts_free(facts);
    facts_free(old);
    return rc;
}

int edits_parse(const struct app *app, const struct edit_set *set, struct err *err)
{
    return each_file(app, &set, 1, parses, NULL, err);
}

/* --- diffs: changed blocks, those near each other in one hunk, with context --- */

enum { CONTEXT = 3 };

static size_t split(struct str text, struct str *lines, size_t max)
{
    size_t n = 0;
    if (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    if (!text.n)
        return 0;
    while (n < max && str_next(&text, '\n', &lines[n]))
        n++;
    return n;
}

static void emit(struct buf *out, char sign, struct str line)
{
    buf_addc(out, sign);
    buf_add(out, line.p, line.n);
    buf_addc(out, '\n');
}

struct lines {
    struct str *p;
    size_t n;
};

/* Length of a run at (i, k) that is equal in both. */
static size_t equal_run(struct lines a, struct lines b, size_t i, size_t k)
{
    size_t n = 0;
    while (i + n < a.n && k + n < b.n && str_eq(a.p[i + n], b.p[k + n]))
        n++;
    return n;
}

/* A brace or an empty line is equal to others of its kind by chance. */
static bool is_telling(struct str line)
{
    enum { LETTERS_LEAST = 8 };
    return str_trim(line).n >= LETTERS_LEAST;
}

/* From a difference at (i, k) on, the nearest place where both go on equal. */
static void resync(struct lines a, struct lines b, size_t i, size_t k, size_t *ret_i, size_t *ret_k)
{
    for (size_t skip = 1; skip < a.n + b.n; skip++)
        for (size_t x = 0; x <= skip; x++) {
            size_t y = skip - x;
            if (i + x > a.n || k + y > b.n)
                continue;
            size_t run = equal_run(a, b, i + x, k + y);
            bool at_end = i + x + run == a.n && k + y + run == b.n;
            if (run > CONTEXT || at_end || (run && is_telling(a.p[i + x]))) {
                *ret_i = i + x;
                *ret_k = k + y;
                return;
            }
        }
    *ret_i = a.n;
    *ret_k = b.n;
}

struct block { /* lines i..to_i of one side became k..to_k of the other */
    size_t i, k, to_i, to_k;
};
enum { BLOCKS_MAX = 256 };

static size_t blocks_of(struct lines a, struct lines b, struct block *ret)
{
    size_t n = 0;
    for (size_t i = 0, k = 0; n < BLOCKS_MAX;) {
        size_t run = equal_run(a, b, i, k), to_i, to_k;
        i += run;
        k += run;
        if (i == a.n && k == b.n)
            break;
        if (n + 1 < BLOCKS_MAX)
            resync(a, b, i, k, &to_i, &to_k);
        else
            to_i = a.n, to_k = b.n; /* the rest as one */
        ret[n++] = (struct block){ i, k, to_i, to_k };
        i = to_i;
        k = to_k;
    }
    return n;
}

/* Blocks first..last-1, which are near each other. */
static void hunk(struct lines a, struct lines b, const struct block *first, const struct block *last, struct buf *out)
{
    size_t before = first->i < CONTEXT ? first->i : CONTEXT;
    size_t after = equal_run(a, b, last[-1].to_i, last[-1].to_k);
    after = after < CONTEXT ? after : CONTEXT;
    size_t na = before + (last[-1].to_i - first->i) + after, nb = before + (last[-1].to_k - first->k) + after;
    buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", na ? first->i - before + 1 : 0, na, nb ? first->k - before + 1 : 0, nb);
    for (size_t x = first->i - before; x < first->i; x++)
        emit(out, ' ', a.p[x]);
    for (const struct block *c = first; c < last; c++) {
        for (size_t x = c->i; x < c->to_i; x++)
            emit(out, '-', a.p[x]);
        for (size_t x = c->k; x < c->to_k; x++)
            emit(out, '+', b.p[x]);
        for (size_t x = c->to_i; x < (c + 1 < last ? c[1].i : c->to_i + after); x++)
            emit(out, ' ', a.p[x]);
    }
}

static int diff_file(void *ctx, const char *file, struct str before, struct str after, struct err *err)
{
    enum { LINES_MAX = 100000 };
    struct buf *out = ctx;
    struct block blocks[BLOCKS_MAX];
    struct lines a = { malloc(LINES_MAX * sizeof *a.p), 0 }, b = { malloc(LINES_MAX * sizeof *b.p), 0 };
    if (a.p && b.p) {
        a.n = split(before, a.p, LINES_MAX);
        b.n = split(after, b.p, LINES_MAX);
        buf_addf(out, "--- %s%s\n+++ b/%s\n", before.n ? "a/" : "/dev/null", before.n ? file : "", file);
        size_t n = blocks_of(a, b, blocks);
        for (size_t from = 0, to = 1; from < n; from = to++) {
            while (to < n && blocks[to].i - blocks[to - 1].to_i <= 2 * CONTEXT)
                to++;
            hunk(a, b, blocks + from, blocks + to, out);
        }
    }
    int rc = a.p && b.p ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for a diff");
    free(a.p);
    free(b.p);
    return rc;
}

void edits_diff(const struct app *app, const struct edit_set *set, struct buf *out)
{
    struct err ignored = { 0 };
    if (each_file(app, &set, 1, diff_file, out, &ignored))
        buf_addf(out, "%s\n", ignored.what);
}
