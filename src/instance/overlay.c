/* Overlays: the app's folder and each folder that holds one of its databases, at their real paths.
 * Only outermost folders are laid over; what lies below is in them. The start snapshot of each
 * database lies in the upper layer. */
#include "instance/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool covers(const char *folder, const char *path)
{
    size_t n = strlen(folder);
    return strncmp(folder, path, n) == 0 &&
           (path[n] == '/' || path[n] == 0 || strcmp(folder, "/") == 0);
}

struct folder_list {
    const char *p[OVERLAYS_MAX];
    size_t n;
};

/* Adds a folder unless one of the list covers it; removes those that it covers. */
static int add_folder(struct folder_list *l, const char *folder, struct err *err)
{
    for (size_t i = 0; i < l->n; i++)
        if (covers(l->p[i], folder))
            return RC_OK;
    for (size_t i = 0; i < l->n;)
        if (covers(folder, l->p[i]))
            l->p[i] = l->p[--l->n];
        else
            i++;
    if (l->n == OVERLAYS_MAX)
        return err_set(err, RC_LIMIT, NULL, "the app's data lies in more than %d folders",
                       OVERLAYS_MAX);
    l->p[l->n++] = folder;
    return RC_OK;
}

static const char *folder_of(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    return arena_strndup(a, file, slash == file ? 1 : (size_t)(slash - file));
}

/* Mount points below the app's folder (a volume at storage/) are not part of its overlay: each is
 * laid over itself. */
static int add_mounts_below(struct private_ *p, struct folder_list *l, struct err *err)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char line[4096], at[2048];
    int rc = RC_OK;
    while (f && !rc && fgets(line, sizeof line, f)) {
        size_t n = strlen(p->app_dir);
        if (sscanf(line, "%*s %*s %*s %*s %2047s", at) == 1 && strncmp(at, p->app_dir, n) == 0 &&
            at[n] == '/' && !strchr(at, '\\') && l->n < OVERLAYS_MAX)
            l->p[l->n++] = arena_strdup(p->arena, at);
    }
    if (f)
        fclose(f);
    (void)err;
    return rc;
}

static int by_length(const void *a, const void *b)
{
    size_t x = strlen(*(const char *const *)a), y = strlen(*(const char *const *)b);
    return x < y ? -1 : x > y;
}

static int choose_folders(struct instance *in, struct folder_list *l, struct err *err)
{
    struct private_ *p = in->p;
    int rc = add_folder(l, p->app_dir, err);
    const char *storage = json_text(p->probe, "storage");
    if (!rc && *storage == '/' && file_is_dir(storage))
        rc = add_folder(l, storage, err);
    for (size_t i = 0; i < p->nsources && !rc; i++)
        if (*p->sources[i].file && p->sources[i].state != SOURCE_WALLED) {
            const char *folder = folder_of(p->arena, p->sources[i].file);
            if (file_is_dir(folder))
                rc = add_folder(l, folder, err);
        }
    if (!rc)
        rc = add_mounts_below(p, l, err);
    for (size_t i = 0; i < l->n && !rc; i++)
        if (covers(l->p[i], in->dir))
            rc =
                err_set(err, RC_UNSUPPORTED, "set TMPDIR to a folder outside of it",
                        "the app's data lies in %.100s, which also holds the private copy's folder",
                        l->p[i]);
    qsort(l->p, l->n, sizeof *l->p, by_length);
    return rc;
}

const char *overlay_upper(const struct private_ *p, const char *path)
{
    const struct overlay *best = NULL;
    for (size_t i = 0; i < p->noverlays; i++)
        if (covers(p->overlays[i].folder, path) &&
            (!best || strlen(p->overlays[i].folder) > strlen(best->folder)))
            best = &p->overlays[i];
    if (!best)
        return NULL;
    const char *rest = strcmp(best->folder, "/") == 0 ? path : path + strlen(best->folder);
    return arena_printf(p->arena, "%s%s", best->upper, rest);
}

static int put_file(const char *from, const char *to, struct arena *a, struct err *err)
{
    struct stat st;
    int rc = dir_make(folder_of(a, to), err);
    if (!rc)
        rc = file_copy(from, to, err);
    if (!rc && stat(from, &st) == 0 && chmod(to, st.st_mode & 07777) < 0)
        rc = err_set(err, RC_IO, NULL, "cannot set the mode of %s: %s", to, strerror(errno));
    return rc;
}

#define EDITS_REMOVED ".fettle-removed"
enum { EDIT_AGE_S = 60 };

struct edits {
    struct private_ *p;
    const char *root;
    struct err *err;
};

static int put_edit(void *ctx, const char *rel, const struct stat *st)
{
    struct edits *e = ctx;
    (void)st;
    if (strcmp(rel, EDITS_REMOVED) == 0)
        return RC_OK;
    const char *to = overlay_upper(e->p, arena_printf(e->p->arena, "%s/%s", e->p->app_dir, rel));
    const char *from = arena_printf(e->p->arena, "%s/%s", e->root, rel);
    int rc = to && from ? put_file(from, to, e->p->arena, e->err) : RC_NOMEM;
    /* Older than what is compiled of it: a view as young as its compiled form is compiled at every request. */
    const struct timespec past[2] = { { .tv_sec = time(NULL) - EDIT_AGE_S }, { .tv_sec = time(NULL) - EDIT_AGE_S } };
    return rc || utimensat(AT_FDCWD, to, past, AT_SYMLINK_NOFOLLOW) == 0
               ? rc : err_set(e->err, RC_IO, NULL, "cannot date %s: %s", to, strerror(errno));
}

/* Side B of a comparison: files laid over the app by path. */
static int put_edits(struct instance *in, struct err *err)
{
    const char *dir = in->p->opts.edits_dir;
    struct edits e = { in->p, dir, err };
    struct walk_opts w = { .file = put_edit, .ctx = &e };
    return dir ? dir_walk(dir, &w, err) : RC_OK;
}

static int put_databases(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < p->nsources && !rc; i++) {
        struct db_source *s = &p->sources[i];
        const char *to = *s->file && s->copy && s->same_as == i ? overlay_upper(p, s->file) : NULL;
        struct stat st;
        if (!to)
            continue;
        rc = put_file(s->copy, to, p->arena, err);
        if (!rc && stat(s->file, &st) == 0)
            chmod(to, (st.st_mode & 07777) | 0600);
    }
    return rc;
}

/* The modes of the folders that an upper layer begins with are those of the real ones, or the app
 * could not enter. */
static int make_layer(struct private_ *p, const char *folder, struct err *err)
{
    struct overlay *o = &p->overlays[p->noverlays];
    char dir[PATH_MAX];
    struct stat st;
    snprintf(dir, sizeof dir, "%s/over/%zu", json_text(p->plan, "dir"), p->noverlays);
    *o = (struct overlay){ folder, arena_printf(p->arena, "%s/up", dir),
                           arena_printf(p->arena, "%s/work", dir) };
    if (!o->upper || !o->work)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    int rc = dir_make(o->upper, err);
    if (!rc)
        rc = dir_make(o->work, err);
    if (!rc && stat(folder, &st) == 0) {
        chmod(o->upper, st.st_mode & 07777);
        if (geteuid() == 0 && chown(o->upper, st.st_uid, st.st_gid) < 0)
            rc = err_set(err, RC_IO, NULL, "cannot own %s: %s", o->upper, strerror(errno));
    }
    p->noverlays += rc == RC_OK;
    return rc;
}

/* Real logs must not shine through beside a copy, nor sockets that someone listens on, nor a
 * maintenance mode. */
static int clear_real(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    const char *paths[SOURCES_MAX * 3 + 4];
    size_t n = 0;
    for (size_t i = 0; i < p->nsources; i++)
        if (*p->sources[i].file && p->sources[i].copy) {
            paths[n++] = arena_printf(p->arena, "%s-wal", p->sources[i].file);
            paths[n++] = arena_printf(p->arena, "%s-shm", p->sources[i].file);
            paths[n++] = arena_printf(p->arena, "%s-journal", p->sources[i].file);
        }
    if (json_flag(p->probe, "down"))
        paths[n++] = arena_printf(p->arena, "%s/framework/down", json_text(p->probe, "storage"));
    paths[n] = NULL;
    return n ? keeper_do(p->keeper, K_REMOVE, paths, err) : RC_OK;
}

/* What side B lacks: paths, one a line, in a file of the edits' folder. */
static int remove_edits(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    char list[PATH_MAX + 32];
    struct str text, line;
    if (!p->opts.edits_dir)
        return RC_OK;
    snprintf(list, sizeof list, "%s/%s", p->opts.edits_dir, EDITS_REMOVED);
    if (!file_exists(list))
        return RC_OK;
    int rc = file_read(list, 4 << 20, p->arena, &text, err);
    while (!rc && str_next(&text, '\n', &line)) {
        const char *path =
            line.n ? arena_printf(p->arena, "%s/%.*s", p->app_dir, (int)line.n, line.p) : NULL;
        if (path && !strstr(path, "/../"))
            rc = keeper_do(p->keeper, K_REMOVE, (const char *const[]){ path, NULL }, err);
    }
    return rc;
}

int overlays_make(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    struct folder_list l = { .n = 0 };
    int rc = choose_folders(in, &l, err);
    for (size_t i = 0; i < l.n && !rc; i++)
        rc = make_layer(p, l.p[i], err);
    if (!rc)
        rc = put_edits(in, err);
    if (!rc)
        rc = put_databases(in, err);
    for (size_t i = 0; i < p->noverlays && !rc; i++) {
        const struct overlay *o = &p->overlays[i];
        rc = keeper_do(p->keeper, K_OVERLAY,
                       (const char *const[]){ o->folder, o->upper, o->work, NULL }, err);
        if (rc && err)
            snprintf(err->next, sizeof err->next, "set TMPDIR to a folder on another file system");
    }
    if (!rc)
        rc = clear_real(in, err);
    if (!rc)
        rc = remove_edits(in, err);
    const char *upper = overlay_upper(p, p->app_dir);
    if (upper)
        snprintf(in->upper, sizeof in->upper, "%s", upper);
    return rc;
}
