#include "fix/branch.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { JOURNAL_MAX = 64 << 10 };

struct git {
    const char *dir, *index; /* index: a temporary one */
    struct arena *arena;
    struct err *err;
};

/* Runs git and returns its first line ("" for none); NULL when it failed. */
static const char *git(struct git *g, struct str input, const char *const *args)
{
    const char *argv[24] = { "git", "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-C", g->dir };
    unsigned n = 7;
    for (; *args && n < 23; args++)
        argv[n++] = *args;
    char index[PATH_MAX + 20], home[PATH_MAX];
    snprintf(index, sizeof index, "GIT_INDEX_FILE=%s", g->index);
    snprintf(home, sizeof home, "HOME=%s", getenv("HOME") ? getenv("HOME") : "/");
    const char *path = getenv("PATH");
    const char *env[] = { index, home, arena_printf(g->arena, "PATH=%s", path ? path : "/usr/bin:/bin"),
                          "GIT_OPTIONAL_LOCKS=0", "GIT_AUTHOR_NAME=fettle", "GIT_AUTHOR_EMAIL=fettle@localhost",
                          "GIT_COMMITTER_NAME=fettle", "GIT_COMMITTER_EMAIL=fettle@localhost", NULL };
    struct proc_opts o = { .argv = argv, .env = env, .input = input, .timeout_ns = 20000000000u };
    struct proc_result r;
    const char *line = NULL;
    if (proc_run(&o, &r, g->err) == RC_OK && r.status == 0) {
        struct str out = str_trim((struct str){ buf_cstr(&r.out), (uint32_t)r.out.n });
        line = arena_strndup(g->arena, out.p, out.n);
    } else if (g->err->rc == RC_OK) {
        err_set(g->err, RC_IO, NULL, "git %s: %.150s", argv[7], buf_cstr(&r.err));
    }
    proc_result_release(&r);
    return line;
}

#define GIT(g, ...) git((g), STR(""), (const char *const[]){ __VA_ARGS__, NULL })

static const char *patch_of(const struct app *app, struct fix_step *const *kept, size_t n, struct arena *arena)
{
    auto_buf diff = BUF_INIT((size_t)16 << 20);
    for (size_t i = 0; i < n; i++)
        edits_diff(app, &kept[i]->plan.set, &diff);
    return arena_strdup(arena, buf_cstr(&diff));
}

static int write_patch(const struct app *app, struct fix_step *const *kept, size_t n, const char *why, struct arena *arena,
                       struct delivery *ret, struct err *err)
{
    const char *patch = patch_of(app, kept, n, arena);
    int rc = cache_path(app->dir, ".patch", true, ret->patch, sizeof ret->patch, err);
    rc = rc ? rc : file_write_atomic(ret->patch, patch, strlen(patch), err);
    ret->why_patch = why;
    snprintf(ret->take, sizeof ret->take, "patch -p1 < %.4000s", ret->patch);
    return rc;
}

/* Is every edited file as HEAD has it? A commit must hold the fix alone, not the user's unfinished work. */
static const char *dirty_file(struct git *g, const char *prefix, struct fix_step *const *kept, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < kept[i]->plan.set.n; k++) {
            const struct edit *e = &kept[i]->plan.set.edits[k];
            if (!e->base_hash)
                continue;
            const char *head = GIT(g, "rev-parse", arena_printf(g->arena, "HEAD:%s%s", prefix, e->file));
            const char *now = GIT(g, "hash-object", e->file);
            g->err->rc = RC_OK;
            if (!head || !now || strcmp(head, now))
                return e->file;
        }
    return NULL;
}

static bool add_file(struct git *g, const char *prefix, const char *folder, const char *file)
{
    const char *path = arena_printf(g->arena, "%s%s", prefix, file);
    const char *was = GIT(g, "ls-files", "-s", "--", file);
    const char *blob = GIT(g, "hash-object", "-w", arena_printf(g->arena, "--path=%s", file),
                           arena_printf(g->arena, "%s/%s", folder, file));
    const char *mode = was && !strncmp(was, "100755 ", 7) ? "100755" : "100644";
    return blob && GIT(g, "update-index", "--add", "--cacheinfo", arena_printf(g->arena, "%s,%s,%s", mode, blob, path));
}

static const char *message_of(struct arena *arena, const struct fix_step *s)
{
    const struct finding *f = s->finding;
    auto_buf text = BUF_INIT(8192);
    buf_addf(&text, "%s\n\n%s (%s:%u, %s)\n", s->plan.set.summary, f->message, f->at.file, f->at.line, f->rule);
    if (s->why)
        buf_addf(&text, "%s\n", s->why);
    return arena_strdup(arena, buf_cstr(&text));
}

/* One commit: all kept fixes up to and including number i. */
static const char *commit(struct git *g, const struct app *app, const char *prefix, struct fix_step *const *kept, size_t i,
                          const char *parent, const char *workdir)
{
    const struct edit_set *sets[256];
    const char *folder = arena_printf(g->arena, "%s/commit.%zu", workdir, i);
    size_t n = i + 1 < 256 ? i + 1 : 256;
    for (size_t k = 0; k < n; k++)
        sets[k] = &kept[k]->plan.set;
    if (dir_make(folder, g->err) || edits_to_folder(app, sets, n, folder, g->err))
        return NULL;
    for (size_t k = 0; k < kept[i]->plan.set.n; k++)
        if (!add_file(g, prefix, folder, kept[i]->plan.set.edits[k].file))
            return NULL;
    const char *tree = GIT(g, "write-tree");
    const char *text = message_of(g->arena, kept[i]);
    return tree ? git(g, str_c(text), (const char *const[]){ "commit-tree", tree, "-p", parent, "-F", "-", NULL }) : NULL;
}

static int make_branch(struct git *g, const struct app *app, const char *prefix, struct fix_step *const *kept, size_t n,
                       const char *head, const char *workdir, struct delivery *ret)
{
    const char *parent = head;
    char journal[PATH_MAX];
    if (!GIT(g, "read-tree", "HEAD"))
        return g->err->rc;
    for (size_t i = 0; i < n; i++) {
        if (!(parent = commit(g, app, prefix, kept, i, parent, workdir)))
            return g->err->rc;
        snprintf(kept[i]->commit, sizeof kept[i]->commit, "%.40s", parent);
    }
    for (unsigned k = 0;; k++) { /* a free name: an earlier branch is the user's to keep */
        snprintf(ret->branch, sizeof ret->branch, k ? "fettle/%.7s-%u" : "fettle/%.7s", head, k + 1);
        if (!GIT(g, "rev-parse", "--verify", "-q", arena_printf(g->arena, "refs/heads/%s", ret->branch)))
            break;
    }
    g->err->rc = RC_OK;
    /* The journal first: with it --undo finds the branch even when we die right after making it. */
    struct str before = { "", 0 };
    struct err none = { 0 };
    int rc = cache_path(app->dir, ".fix", true, journal, sizeof journal, g->err);
    if (!rc && file_read(journal, JOURNAL_MAX, g->arena, &before, &none))
        before.n = 0;
    const char *line = arena_printf(g->arena, "%s %s\n" STR_FMT, ret->branch, parent, STR_ARG(before));
    rc = rc ? rc : file_write_atomic(journal, line, strlen(line), g->err);
    if (!rc && !GIT(g, "update-ref", arena_printf(g->arena, "refs/heads/%s", ret->branch), parent, ""))
        rc = g->err->rc ? g->err->rc : RC_IO;
    snprintf(ret->take, sizeof ret->take, "git merge %s", ret->branch);
    return rc;
}

int deliver(const struct app *app, struct fix_step *const *kept, size_t n, const char *workdir, struct arena *arena,
            struct delivery *ret, struct err *err)
{
    struct err ignored = { 0 };
    struct git g = { app->dir, arena_printf(arena, "%s/index", workdir), arena, &ignored };
    *ret = (struct delivery){ .why_patch = NULL };
    const char *head = GIT(&g, "rev-parse", "--verify", "-q", "HEAD^{commit}");
    const char *prefix = head ? GIT(&g, "rev-parse", "--show-prefix") : NULL;
    if (!prefix)
        return write_patch(app, kept, n, "the folder is in no git repository with a commit", arena, ret, err);
    const char *dirty = dirty_file(&g, prefix, kept, n);
    if (dirty)
        return write_patch(app, kept, n, arena_printf(arena, "%s is not committed as it is", dirty), arena, ret, err);
    if (!make_branch(&g, app, prefix, kept, n, head, workdir, ret))
        return RC_OK;
    /* A repository that cannot be written: what was proved is not lost. */
    ret->branch[0] = 0;
    for (size_t i = 0; i < n; i++)
        kept[i]->commit[0] = 0;
    return write_patch(app, kept, n, arena_strdup(arena, ignored.what), arena, ret, err);
}

int fix_undo(const char *dir, struct err *err)
{
    char journal[PATH_MAX];
    auto_arena *arena = arena_new(1 << 20);
    struct str text, branch, at;
    int rc = arena ? cache_path(dir, ".fix", false, journal, sizeof journal, err) : RC_NOMEM;
    if (rc)
        return rc;
    if (file_read(journal, JOURNAL_MAX, arena, &text, err))
        return err_set(err, RC_NOTFOUND, NULL, "there is no branch of fettle fix to undo in %s", dir);
    if (!str_next(&text, ' ', &branch) || !str_next(&text, '\n', &at))
        return err_set(err, RC_PARSE, "git branch -D the branch yourself", "the journal %s cannot be read", journal);
    struct git g = { dir, "/dev/null", arena, err };
    const char *ref = arena_printf(arena, "refs/heads/" STR_FMT, STR_ARG(branch));
    const char *commit_id = arena_strndup(arena, at.p, at.n);
    const char *now = GIT(&g, "rev-parse", "--verify", "-q", ref);
    err->rc = RC_OK;
    if (now && strcmp(now, commit_id))
        return err_set(err, RC_STATE, "git branch -D it yourself if you want that",
                       STR_FMT " was changed since fettle made it; it is left as it is", STR_ARG(branch));
    if (now && !GIT(&g, "update-ref", "-d", ref, commit_id))
        return err->rc ? err->rc : RC_IO;
    if (text.n)
        return file_write_atomic(journal, text.p, text.n, err);
    unlink(journal);
    return RC_OK;
}
