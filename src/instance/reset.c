/* Back to the start: what the app wrote since is undone in place, so that php-fpm keeps running and stays warm. */
#include "instance/internal.h"

#include <unistd.h>

struct listing {
    struct private_ *p;
    const struct overlay *o;
    struct map64 *into;
    struct err *err;
};

static uint64_t state_of(const struct stat *st)
{
    uint64_t h = hash_mix((uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec);
    return hash_mix(h, (uint64_t)st->st_mtim.tv_nsec) | 1;
}

static int list_file(void *ctx, const char *rel, const struct stat *st)
{
    struct listing *l = ctx;
    char path[PATH_MAX * 2];
    snprintf(path, sizeof path, "%s/%s", l->o->folder, rel);
    return map64_put(l->into, str_hash(str_c(path)), state_of(st)) ? RC_OK : RC_NOMEM;
}

int overlays_baseline(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    p->baseline = map64_new();
    if (!p->baseline)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    for (size_t i = 0; i < p->noverlays && !rc; i++) {
        struct listing l = { p, &p->overlays[i], p->baseline, err };
        struct walk_opts w = { .file = list_file, .ctx = &l };
        rc = dir_walk(p->overlays[i].upper, &w, err);
    }
    return rc;
}

static bool is_database(const struct private_ *p, const char *path)
{
    for (size_t i = 0; i < p->nsources; i++) {
        const char *file = p->sources[i].file;
        size_t n = strlen(file);
        if (n && strncmp(path, file, n) == 0 &&
            (!path[n] || strcmp(path + n, "-wal") == 0 || strcmp(path + n, "-shm") == 0 || strcmp(path + n, "-journal") == 0))
            return true;
    }
    return false;
}

/* One changed file of an upper layer: the edit, the user's own file, or nothing comes back in its place. */
static int undo_file(void *ctx, const char *rel, const struct stat *st)
{
    struct listing *l = ctx;
    struct private_ *p = l->p;
    char path[PATH_MAX * 2], edit[PATH_MAX * 2] = "";
    uint64_t before = 0;
    snprintf(path, sizeof path, "%s/%s", l->o->folder, rel);
    if (is_database(p, path) || (map64_get(p->baseline, str_hash(str_c(path)), &before) && before == state_of(st)))
        return RC_OK;
    size_t n = strlen(p->app_dir);
    if (p->opts.edits_dir && strncmp(path, p->app_dir, n) == 0)
        snprintf(edit, sizeof edit, "%s%s", p->opts.edits_dir, path + n);
    if (*edit && file_exists(edit))
        return keeper_do(p->keeper, K_PUT, (const char *const[]){ edit, path, NULL }, l->err);
    if (file_exists(path)) { /* outside the walls this is the user's file, which the copy began as */
        char back[PATH_MAX];
        snprintf(back, sizeof back, "%.4000s/snap/back", json_text(p->plan, "dir"));
        int rc = file_copy(path, back, l->err);
        return rc ? rc : keeper_do(p->keeper, K_PUT, (const char *const[]){ back, path, NULL }, l->err);
    }
    return keeper_do(p->keeper, K_REMOVE, (const char *const[]){ path, NULL }, l->err);
}

int overlays_reset(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < p->noverlays && !rc; i++) {
        struct listing l = { p, &p->overlays[i], NULL, err };
        struct walk_opts w = { .file = undo_file, .ctx = &l };
        rc = dir_walk(p->overlays[i].upper, &w, err);
    }
    for (size_t i = 0; i < p->nsources && !rc; i++) {
        const struct db_source *s = &p->sources[i];
        if (!*s->file || !s->copy || s->same_as != i)
            continue;
        const char *gone[] = { arena_printf(p->arena, "%s-wal", s->file), arena_printf(p->arena, "%s-shm", s->file),
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
                 : err_set(err, RC_UNSUPPORTED, "run where namespaces are allowed", "without a mount wall there is no way back");
    return rc ? rc : servers_reset(in, err);
}

size_t instance_sqlite(const struct instance *in, struct instance_file *ret, size_t max)
{
    struct private_ *p = in->p;
    size_t n = 0;
    for (size_t i = 0; i < p->nsources && n < max; i++) {
        const struct db_source *s = &p->sources[i];
        const char *upper = *s->file && s->copy && s->same_as == i ? overlay_upper(p, s->file) : NULL;
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
        return err_set(err, RC_UNSUPPORTED, NULL, "only a SQLite database can be snapshot into a file");
    /* never opened from outside while it is mounted: a helper inside copies it into our folder */
    const char *file = keeper_walls(p->keeper) == WALLS_FULL ? d->file : d->copy;
    const char *made = arena_printf(p->arena, "%s/snap/now.sqlite", in->dir);
    json_t *answer = NULL;
    unlink(made);
    int rc = run_helper(in, (const char *const[]){ "snapshot", file, made, NULL }, (struct str){ 0 }, 30000000000u, &answer,
                        err);
    if (!rc && !json_flag(answer, "ok"))
        rc = err_set(err, RC_IO, NULL, "the private database could not be copied");
    json_decref(answer);
    if (!rc)
        rc = file_copy(made, to, err);
    unlink(made);
    return rc;
}
