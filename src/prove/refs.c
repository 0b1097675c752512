/* Sides named by a git ref or by another copy of the application: the files that differ, in a folder laid over the app.
 * The user's git is only read: no checkout, no index lock. */
#include "prove/internal.h"

#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 5000, GIT_SECONDS = 30 };
#define REMOVED ".fettle-removed"

static const char *const git_env[] = { "GIT_OPTIONAL_LOCKS=0", "GIT_CONFIG_NOSYSTEM=1", "PATH=/usr/local/bin:/usr/bin:/bin",
                                       "HOME=/nonexistent", "LC_ALL=C", NULL };

static int git(const char *dir, const char *const *args, struct proc_result *ret, struct err *err)
{
    const char *argv[24] = { "git", "-c", "safe.directory=*", "-c", "core.quotePath=false", "-C", dir };
    size_t n = 7;
    for (size_t i = 0; args[i] && n < 23; i++)
        argv[n++] = args[i];
    struct proc_opts o = { .argv = argv, .env = git_env, .timeout_ns = GIT_SECONDS * 1000000000ull };
    return proc_run(&o, ret, err);
}

static int write_below(const char *root, const char *rel, const void *bytes, size_t n, struct err *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", root, rel) >= (int)sizeof path)
        return err_set(err, RC_LIMIT, NULL, "a path is too long: %s", rel);
    char *slash = strrchr(path, '/');
    *slash = 0;
    int rc = dir_make(path, err);
    *slash = '/';
    return rc ? rc : file_write_atomic(path, bytes, n, err);
}

static int write_blob(const char *dir, const char *ref, const char *rel, const char *to, struct err *err)
{
    char object[PATH_MAX + 256];
    struct proc_result r = { 0 };
    snprintf(object, sizeof object, "%s:./%s", ref, rel);
    int rc = git(dir, (const char *const[]){ "cat-file", "blob", object, NULL }, &r, err);
    if (!rc && r.status)
        rc = err_set(err, RC_IO, NULL, "git has no %s", object);
    if (!rc)
        rc = write_below(to, rel, r.out.p ? r.out.p : "", r.out.n, err);
    proc_result_release(&r);
    return rc;
}

/* NUL-separated: with status letters (`M\0path\0`) or plain paths. */
static int take_list(const char *dir, const char *ref, struct str list, bool with_status, const char *to, struct buf *removed,
                     struct err *err)
{
    struct str rest = list, part;
    size_t files = 0;
    while (str_next(&rest, 0, &part)) {
        char status = 'A';
        if (with_status) {
            status = part.n ? part.p[0] : 0;
            if (!str_next(&rest, 0, &part))
                break;
        }
        if (!part.n)
            continue;
        char rel[PATH_MAX];
        if (part.n >= sizeof rel || ++files > FILES_MAX)
            return err_set(err, RC_LIMIT, "compare two folders instead", "%s differs in more than %d files", ref, FILES_MAX);
        memcpy(rel, part.p, part.n);
        rel[part.n] = 0;
        if (status == 'A') {
            buf_addf(removed, "%s\n", rel);
            continue;
        }
        int rc = write_blob(dir, ref, rel, to, err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int new_folder(const char *workdir, const char *label, char *ret, size_t size, struct err *err)
{
    for (unsigned i = 0; i < 100; i++) {
        if (snprintf(ret, size, "%s/side-%s%u", workdir, label, i) >= (int)size)
            return err_set(err, RC_LIMIT, NULL, "the work folder's path is too long");
        if (!file_is_dir(ret))
            return dir_make(ret, err);
    }
    return err_set(err, RC_LIMIT, NULL, "too many sides in %s", workdir);
}

static int write_removed(const char *to, struct buf *removed, struct err *err)
{
    return removed->n ? write_below(to, REMOVED, removed->p, removed->n, err) : RC_OK;
}

int side_of_ref(const char *dir, const char *ref, const char *workdir, char *ret_edits, size_t size, struct err *err)
{
    struct proc_result r = { 0 };
    auto_buf removed = BUF_INIT(4 << 20);
    char commit[300];
    if (*ref == '-')
        return err_set(err, RC_USAGE, NULL, "%s is neither a folder nor a git ref", ref);
    snprintf(commit, sizeof commit, "%.280s^{commit}", ref);
    int rc = git(dir, (const char *const[]){ "rev-parse", "--verify", "--quiet", commit, NULL }, &r, err);
    if (!rc && r.status)
        rc = err_set(err, RC_NOTFOUND, "give a folder, or a branch, tag or commit of the application's repository",
                     "%s is neither a folder nor a git ref of %.120s", ref, dir);
    proc_result_release(&r);
    rc = rc ? rc : new_folder(workdir, "ref", ret_edits, size, err);
    if (rc)
        return rc;
    rc = git(dir, (const char *const[]){ "diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", "--relative", ref, "--", ".", NULL }, &r, err);
    if (!rc && r.status)
        rc = err_set(err, RC_IO, NULL, "git diff: %.*s", (int)(r.err.n < 150 ? r.err.n : 150), r.err.p ? r.err.p : "");
    if (!rc)
        rc = take_list(dir, ref, (struct str){ r.out.p ? r.out.p : "", (uint32_t)r.out.n }, true, ret_edits, &removed, err);
    proc_result_release(&r);
    if (!rc)
        rc = git(dir, (const char *const[]){ "ls-files", "-z", "--others", "--exclude-standard", "--", ".", NULL }, &r, err);
    if (!rc)
        rc = take_list(dir, ref, (struct str){ r.out.p ? r.out.p : "", (uint32_t)r.out.n }, false, ret_edits, &removed, err);
    proc_result_release(&r);
    return rc ? rc : write_removed(ret_edits, &removed, err);
}

/* ---- another copy of the application ---- */

struct copying {
    const char *dir, *other, *to;
    struct buf *removed;
    bool backwards; /* walking `dir` for what `other` lacks */
    size_t files;
    struct arena *arena;
    struct err *err;
};

static bool left_alone(void *ctx, const char *rel, const char *name)
{
    static const char *const names[] = { "vendor", "node_modules", "storage", ".git", ".idea", ".vscode" };
    static const char *const paths[] = { "bootstrap/cache", "public/build", "public/storage" };
    (void)ctx;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0 && strcmp(rel, name) == 0)
            return true;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(rel, paths[i]) == 0)
            return true;
    return false;
}

static bool is_made(const char *rel)
{
    struct str s = str_c(rel);
    const char *name = strrchr(rel, '/');
    name = name ? name + 1 : rel;
    return strncmp(name, ".env", 4) == 0 || str_contains(s, ".sqlite") || str_ends(s, ".db") || str_ends(s, ".log") ||
           strncmp(name, ".app-", 5) == 0 || strcmp(name, ".phpunit.result.cache") == 0 || strcmp(name, REMOVED) == 0;
}

static int copy_different(void *ctx, const char *rel, const struct stat *st)
{
    struct copying *c = ctx;
    char here[PATH_MAX], there[PATH_MAX];
    if (is_made(rel))
        return RC_OK;
    if (snprintf(here, sizeof here, "%s/%s", c->dir, rel) >= (int)sizeof here ||
        snprintf(there, sizeof there, "%s/%s", c->other, rel) >= (int)sizeof there)
        return err_set(c->err, RC_LIMIT, NULL, "a path is too long: %s", rel);
    if (c->backwards) {
        if (!file_exists(there))
            buf_addf(c->removed, "%s\n", rel);
        return RC_OK;
    }
    struct str a, b;
    struct stat mine;
    struct err ignored;
    arena_clear(c->arena);
    if (file_read(there, LIMIT_FILE_BYTES * 4, c->arena, &b, &ignored))
        return RC_OK; /* larger than any source: an asset */
    bool same = stat(here, &mine) == 0 && mine.st_size == st->st_size &&
                file_read(here, LIMIT_FILE_BYTES * 4, c->arena, &a, &ignored) == RC_OK && str_eq(a, b);
    if (same)
        return RC_OK;
    if (++c->files > FILES_MAX)
        return err_set(c->err, RC_LIMIT, "are these two copies of one application?", "%s and %s differ in more than %d files", c->dir, c->other, FILES_MAX);
    return write_below(c->to, rel, b.p, b.n, c->err);
}

int side_of_folder(const char *dir, const char *other, const char *workdir, char *ret_edits, size_t size, struct err *err)
{
    auto_buf removed = BUF_INIT(4 << 20);
    auto_arena *arena = arena_new(64 << 20);
    if (!arena)
        return err_set(err, RC_NOMEM, NULL, "no memory to compare folders");
    int rc = new_folder(workdir, "copy", ret_edits, size, err);
    struct copying c = { dir, other, ret_edits, &removed, false, 0, arena, err };
    struct walk_opts w = { .skip = left_alone, .file = copy_different, .ctx = &c };
    rc = rc ? rc : dir_walk(other, &w, err);
    c.backwards = true;
    rc = rc ? rc : dir_walk(dir, &w, err);
    return rc ? rc : write_removed(ret_edits, &removed, err);
}
