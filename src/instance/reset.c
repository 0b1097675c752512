/* Back to the start: what the app wrote since is undone in place, so that php-fpm keeps running and
 * stays warm. */
#include "instance/internal.h"

#include <dirent.h>
#include <sys/xattr.h>
#include <unistd.h>

struct listing {
    struct private_ *p;
    const struct overlay *o;
    struct err *err;
    int (*file)(struct listing *, const char *path, const char *upper, const struct stat *);
};
static int list_upper(struct listing *l, const char *rel, unsigned depth);

static uint64_t state_of(const struct stat *st)
{
    uint64_t h = hash_mix((uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec);
    return hash_mix(hash_mix(h, (uint64_t)st->st_mtim.tv_nsec), st->st_mode) | 1;
}

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static bool is_opaque(const char *upper)
{
    char v[4];
    return getxattr(upper, "trusted.overlay.opaque", v, sizeof v) == 1 ||
           getxattr(upper, "user.overlay.opaque", v, sizeof v) == 1;
}

/* One entry of an upper layer: files, whiteouts (what was deleted) and opaque folders (deleted and
 * made again). */
static int list_one(struct listing *l, const char *rel, const char *name, unsigned depth)
{
    char child[PATH_MAX], path[PATH_MAX * 2], upper[PATH_MAX * 2];
    struct stat st;
    if (snprintf(child, sizeof child, "%s%s%s", rel, *rel ? "/" : "", name) >= (int)sizeof child)
        return RC_OK;
    snprintf(path, sizeof path, "%s/%s", l->o->folder, child);
    snprintf(upper, sizeof upper, "%s/%s", l->o->upper, child);
    if (lstat(upper, &st) < 0)
        return RC_OK;
    if (S_ISREG(st.st_mode) || is_whiteout(&st) || (S_ISDIR(st.st_mode) && is_opaque(upper))) {
        int rc = l->file(l, path, upper, &st);
        if (rc)
            return rc;
    }
    return S_ISDIR(st.st_mode) && depth < LIMIT_DEPTH ? list_upper(l, child, depth + 1) : RC_OK;
}

static int list_upper(struct listing *l, const char *rel, unsigned depth)
{
    char folder[PATH_MAX * 2];
    snprintf(folder, sizeof folder, "%s%s%s", l->o->upper, *rel ? "/" : "", rel);
    DIR *d = opendir(folder);
    struct dirent *e;
    int rc = RC_OK;
    while (d && !rc && (e = readdir(d)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            rc = list_one(l, rel, e->d_name, depth);
    if (d)
        closedir(d);
    return rc;
}

static int note_file(struct listing *l, const char *path, const char *upper, const struct stat *st)
{
    (void)upper;
    return map64_put(l->p->baseline, str_hash(str_c(path)), state_of(st))
               ? RC_OK
               : err_set(l->err, RC_NOMEM, NULL, "no memory");
}

int overlays_baseline(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    p->baseline = map64_new();
    if (!p->baseline)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    for (size_t i = 0; i < p->noverlays && !rc; i++) {
        struct listing l = { .p = p, .o = &p->overlays[i], .err = err, .file = note_file };
        rc = list_upper(&l, "", 0);
    }
    return rc;
}

static bool is_database(const struct private_ *p, const char *path)
{
    for (size_t i = 0; i < p->nsources; i++) {
        const char *file = p->sources[i].file;
        size_t n = strlen(file);
        if (n && strncmp(path, file, n) == 0 &&
            (!path[n] || strcmp(path + n, "-wal") == 0 || strcmp(path + n, "-shm") == 0 ||
             strcmp(path + n, "-journal") == 0))
            return true;
    }
    return false;
}

static int put_back(struct listing *l, const char *from, const char *to)
{
    char back[PATH_MAX];
    snprintf(back, sizeof back, "%.4000s/snap/back", json_text(l->p->plan, "dir"));
    struct stat st;
    int rc = file_copy(from, back, l->err); /* inside, `from` is what the app made of it */
    if (!rc && stat(from, &st) == 0)
        chmod(back, st.st_mode & 07777);
    return rc ? rc
              : keeper_do(l->p->keeper, K_PUT, (const char *const[]){ back, to, NULL }, l->err);
}

struct restoring {
    struct listing *l;
    const char *path, *upper;
};

static int put_back_below(void *ctx, const char *rel, const struct stat *st)
{
    struct restoring *r = ctx;
    char path[PATH_MAX * 2], upper[PATH_MAX * 2];
    (void)st;
    snprintf(path, sizeof path, "%.4000s/%s", r->path, rel);
    snprintf(upper, sizeof upper, "%.4000s/%s", r->upper, rel);
    return file_exists(upper) || is_database(r->l->p, path) ? RC_OK : put_back(r->l, path, path);
}

/* Outside the walls `path` is the user's file or folder, which the copy began as. */
static int restore_real(struct listing *l, const char *path, const char *upper, bool whiteout)
{
    struct restoring r = { l, path, upper };
    struct walk_opts w = { .file = put_back_below, .ctx = &r };
    if (file_is_dir(path))
        return dir_walk(path, &w, l->err);
    if (file_exists(path))
        return put_back(l, path, path);
    return whiteout
               ? RC_OK
               : keeper_do(l->p->keeper, K_REMOVE, (const char *const[]){ path, NULL }, l->err);
}

/* One change of an upper layer: the edit, the user's own file, or nothing comes back in its place.
 */
static int undo_file(struct listing *l, const char *path, const char *upper, const struct stat *st)
{
    struct private_ *p = l->p;
    char edit[PATH_MAX * 2] = "";
    uint64_t before = 0;
    if (is_database(p, path) ||
        (map64_get(p->baseline, str_hash(str_c(path)), &before) && before == state_of(st)))
        return RC_OK;
    size_t n = strlen(p->app_dir);
    if (p->opts.edits_dir && strncmp(path, p->app_dir, n) == 0)
        snprintf(edit, sizeof edit, "%.4000s%.4000s", p->opts.edits_dir, path + n);
    int rc = *edit && file_exists(edit) && !file_is_dir(edit)
                 ? put_back(l, edit, path)
                 : restore_real(l, path, upper, is_whiteout(st));
    struct stat now;
    if (!rc && lstat(upper, &now) == 0 &&
        !map64_put(p->baseline, str_hash(str_c(path)), state_of(&now)))
        rc = err_set(l->err, RC_NOMEM, NULL, "no memory");
    return rc;
}

int overlays_reset(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < p->noverlays && !rc; i++) {
        struct listing l = { .p = p, .o = &p->overlays[i], .err = err, .file = undo_file };
        rc = list_upper(&l, "", 0);
    }
    for (size_t i = 0; i < p->nsources && !rc; i++) {
        const struct db_source *s = &p->sources[i];
        if (!*s->file || !s->copy || s->same_as != i)
            continue;
        const char *gone[] = { arena_printf(p->arena, "%s-wal", s->file),
                               arena_printf(p->arena, "%s-shm", s->file),
                               arena_printf(p->arena, "%s-journal", s->file), s->file, NULL };
        rc = keeper_do(p->keeper, K_REMOVE, gone, err);
        if (!rc)
            rc = keeper_do(p->keeper, K_PUT, (const char *const[]){ s->copy, s->file, NULL }, err);
    }
    return rc;
}

int instance_reset(struct instance *in, struct err *err)
{
    int rc = keeper_walls(in->p->keeper) == WALLS_FULL
                 ? overlays_reset(in, err)
                 : err_set(err, RC_UNSUPPORTED, "run where namespaces are allowed",
                           "without a mount wall there is no way back");
    return rc ? rc : servers_reset(in, err);
}

size_t instance_sqlite(const struct instance *in, struct instance_file *ret, size_t max)
{
    struct private_ *p = in->p;
    size_t n = 0;
    for (size_t i = 0; i < p->nsources && n < max; i++) {
        const struct db_source *s = &p->sources[i];
        const char *upper =
            *s->file && s->copy && s->same_as == i ? overlay_upper(p, s->file) : NULL;
        if (upper)
            ret[n++] = (struct instance_file){ s->file, s->copy, upper };
    }
    return n;
}

size_t instance_layers(const struct instance *in, struct instance_layer *ret, size_t max)
{
    size_t n = 0;
    for (; n < in->p->noverlays && n < max; n++)
        ret[n] = (struct instance_layer){ in->p->overlays[n].folder, in->p->overlays[n].upper };
    return n;
}

int instance_db_snapshot(struct instance *in, const char *to, struct err *err)
{
    struct private_ *p = in->p;
    const struct db_source *d = NULL;
    for (size_t i = 0; i < p->nsources; i++)
        if (p->sources[i].is_default && *p->sources[i].file)
            d = &p->sources[i];
    if (!d)
        return err_set(err, RC_UNSUPPORTED, NULL,
                       "only a SQLite database can be snapshot into a file");
    /* never opened from outside while it is mounted: a helper inside copies it into our folder */
    const char *file = keeper_walls(p->keeper) == WALLS_FULL ? d->file : d->copy;
    const char *made = arena_printf(p->arena, "%s/snap/now.sqlite", in->dir);
    json_t *answer = NULL;
    unlink(made);
    int rc = run_helper(in, (const char *const[]){ "snapshot", file, made, NULL },
                        (struct str){ 0 }, 30000000000u, &answer, err);
    if (!rc && !json_flag(answer, "ok"))
        rc = err_set(err, RC_IO, NULL, "the private database could not be copied");
    json_decref(answer);
    if (!rc)
        rc = file_copy(made, to, err);
    unlink(made);
    return rc;
}
