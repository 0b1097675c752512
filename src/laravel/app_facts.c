/* Files to facts: read and lowered in parallel, then their strings interned one file after the
 * other, so that the same tree gives the same symbols on every run. */
#include "laravel/app_build.h"

#include <stdarg.h>
#include <stdio.h>

struct job {
    struct build *b;
    uint32_t from;
    struct arena *scratch[PAR_MAX_THREADS], *text[PAR_MAX_THREADS];
    struct {
        enum rc rc;
        char note[240];
    } * result;
    size_t *bytes;
};

static int read_one(void *ctx, size_t i, unsigned worker)
{
    struct job *job = ctx;
    struct app *app = job->b->app;
    struct app_file *file = &job->b->files.p[job->from + i];
    struct arena **scratch = &job->scratch[worker], **text = &job->text[worker];
    if (!*scratch)
        *scratch = arena_new((size_t)512 << 20);
    if (!*text)
        *text = arena_new(2 * LIMIT_FILE_BYTES + 65536);
    if (!*scratch || !*text)
        return RC_NOMEM;
    arena_clear(*scratch);
    arena_clear(*text);
    struct err err = { 0 };
    struct str bytes;
    const char *path = arena_printf(*text, "%s/%s", app->dir, file->path);
    int rc = path ? file_read(path, LIMIT_FILE_BYTES, *text, &bytes, &err) : RC_NOMEM;
    if (!rc) {
        job->bytes[i] = bytes.n;
        rc = facts_build(str_c(file->path), bytes, *scratch, &file->facts, &err);
    }
    if (rc) {
        job->result[i].rc = rc;
        memcpy(job->result[i].note, err.what, sizeof job->result[i].note);
    }
    return rc == RC_NOMEM ? rc : RC_OK;
}

/* A file that could not be read stays in the list with an empty tree, so that every file has facts.
 */
static struct facts *empty_facts(void)
{
    struct facts *f = fault_calloc(1, sizeof *f + sizeof(struct node));
    if (!f)
        return NULL;
    f->version = FACTS_VERSION;
    f->nnodes = 1;
    f->nodes_at = f->strs_at = f->lines_at = f->holes_at = sizeof *f;
    struct node *root = (struct node *)((char *)f + f->nodes_at);
    root->kind = N_FILE;
    root->skip = 1;
    f->strs_at = f->lines_at = f->holes_at = sizeof *f + sizeof *root;
    f->nbytes = sizeof *f + sizeof *root;
    return f;
}

static void report_file(struct build *b, const struct app_file *file, enum rc rc, const char *note)
{
    if (rc) {
        build_skip(b, file->path, 0, rc, "%s", note);
        return;
    }
    const struct hole *holes = facts_holes(file->facts);
    for (uint32_t i = 0; i < file->facts->nholes && i < 8; i++)
        build_skip(b, file->path, holes[i].line, RC_PARSE,
                   "does not parse here; the rest of the file is read");
}

/* Symbols of a file's strings. Doc comments and texts are no names and get 0. */
static const sym *intern_file(struct build *b, const struct facts *f)
{
    sym *syms = arena_new_array(b->arena, sym, f->nstrs + 1);
    if (!syms) {
        b->failed = true;
        return NULL;
    }
    for (uint32_t i = 1; i <= f->nstrs; i++) {
        struct str s = facts_str(f, i);
        if (s.n <= APP_NAME_BYTES)
            syms[i] = syms_intern(b->app->syms, s);
    }
    return syms;
}

static int finish_files(struct build *b, struct job *job, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct app_file *file = &b->files.p[job->from + i];
        report_file(b, file, job->result[i].rc, job->result[i].note);
        if (!file->facts && !(file->facts = empty_facts()))
            return RC_NOMEM;
        b->app->source_bytes += job->bytes[i];
        file->syms = intern_file(b, file->facts);
        if (!file->syms)
            return RC_NOMEM;
    }
    return RC_OK;
}

int build_read_files(struct build *b, uint32_t from)
{
    size_t n = b->files.n - from;
    struct job job = { .b = b, .from = from };
    if (!n)
        return RC_OK;
    job.result = fault_calloc(n, sizeof *job.result);
    job.bytes = fault_calloc(n, sizeof *job.bytes);
    int rc = job.result && job.bytes
                 ? RC_OK
                 : err_set(b->err, RC_NOMEM, NULL, "no memory for %zu files", n);
    if (!rc)
        rc = par_for(n, b->opts ? b->opts->threads : 0, read_one, &job, b->err);
    for (unsigned i = 0; i < PAR_MAX_THREADS; i++) {
        arena_free(job.scratch[i]);
        arena_free(job.text[i]);
    }
    if (!rc && (rc = finish_files(b, &job, n)))
        err_set(b->err, rc, NULL, "no memory for the names of %zu files", n);
    free(job.result);
    free(job.bytes);
    b->app->files = b->files.p;
    b->app->nfiles = (uint32_t)b->files.n;
    return rc;
}

void build_skip(struct build *b, const char *path, uint32_t line, enum rc why, const char *fmt, ...)
{
    if (b->skipped.n >= APP_MAX_SKIPPED)
        return;
    char note[240];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(note, sizeof note, fmt, ap);
    va_end(ap);
    for (size_t i = b->skipped.n; i > 0 && b->skipped.n - i < 64; i--) { /* a loop comes by again */
        const struct skipped *old = &b->skipped.p[i - 1];
        if (old->line == line && old->path && old->note && !strcmp(old->path, path) &&
            !strcmp(old->note, note))
            return;
    }
    struct skipped s = { arena_strdup(b->arena, path), line, why, arena_strdup(b->arena, note) };
    PUSH(b, &b->skipped, s);
}

void build_skip_at(struct build *b, const struct src *s, uint32_t node, const char *fmt, ...)
{
    char note[240];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(note, sizeof note, fmt, ap);
    va_end(ap);
    build_skip(b, b->app->files[s->file].path, node_line(s->f, node), RC_UNSUPPORTED, "%s", note);
}

uint32_t build_file(const struct build *b, struct str path)
{
    uint64_t at;
    if (!map64_get(b->app->index->file_by_path, str_hash(path), &at) ||
        !str_eq(str_c(b->app->files[at].path), path))
        return REF_NONE;
    return (uint32_t)at;
}

bool build_read_text(struct build *b, const char *rel, size_t max, struct str *ret)
{
    struct err err;
    const char *path = arena_printf(b->arena, "%s/%s", b->app->dir, rel);
    if (!path || !file_exists(path))
        return false;
    int rc = file_read(path, max, b->arena, ret, &err);
    if (rc)
        build_skip(b, rel, 0, rc, "%s", err.what);
    return rc == RC_OK;
}

sym build_intern(struct build *b, struct str s)
{
    sym id = syms_intern(b->app->syms, s);
    if (!id && s.n)
        b->failed = true;
    return id;
}
