#include "prove/state.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_list {
    struct known_file *p;
    size_t n, cap;
};
enum { STATE_ARENA = 512 << 20, FILES_MAX = 20000, WALK_DEPTH = 40 };

void left_release(struct left *l)
{
    arena_free(l->arena);
    *l = (struct left){ 0 };
}

/* ---- files ---- */

static bool is_database(const struct state *s, const char *path)
{
    for (size_t i = 0; i < s->ndb; i++) {
        size_t n = strlen(s->db[i].path);
        if (strncmp(path, s->db[i].path, n) == 0 &&
            (!path[n] || !strcmp(path + n, "-wal") || !strcmp(path + n, "-shm") || !strcmp(path + n, "-journal")))
            return true;
    }
    return false;
}

static uint64_t mtime_of(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

static int list_add(struct file_list *l, struct arena *a, const char *path, const char *upper, const struct stat *st, struct err *err)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct known_file *more = cap > FILES_MAX ? NULL : realloc(l->p, cap * sizeof *more);
        if (!more)
            return err_set(err, RC_LIMIT, NULL, "the app wrote more than %d files", FILES_MAX);
        l->p = more;
        l->cap = cap;
    }
    struct known_file *f = &l->p[l->n++];
    *f = (struct known_file){ arena_strdup(a, path), arena_strdup(a, upper), (uint64_t)st->st_size, mtime_of(st), st->st_mode,
                              S_ISCHR(st->st_mode), { 0 } };
    return f->path && f->upper ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for files");
}

static int list_folder(const struct state *s, struct file_list *l, struct arena *a, const char *folder, const char *upper,
                       unsigned depth, struct err *err)
{
    DIR *d = depth < WALK_DEPTH ? opendir(upper) : NULL;
    struct dirent *e;
    int rc = RC_OK;
    while (d && !rc && (e = readdir(d))) {
        char path[PATH_MAX], up[PATH_MAX];
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path ||
            snprintf(up, sizeof up, "%s/%s", upper, e->d_name) >= (int)sizeof up || lstat(up, &st) < 0)
            continue;
        bool whiteout = S_ISCHR(st.st_mode) && st.st_rdev == 0;
        if (S_ISDIR(st.st_mode))
            rc = list_folder(s, l, a, path, up, depth + 1, err);
        else if ((S_ISREG(st.st_mode) || whiteout) && !is_database(s, path))
            rc = list_add(l, a, path, up, &st, err);
    }
    if (d)
        closedir(d);
    return rc;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct known_file *)a)->path, ((const struct known_file *)b)->path);
}

static int list_all(const struct state *s, struct file_list *l, struct arena *a, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < s->nlayers && !rc; i++)
        rc = list_folder(s, l, a, s->layers[i].folder, s->layers[i].upper, 0, err);
    if (l->n)
        qsort(l->p, l->n, sizeof *l->p, by_path);
    return rc;
}

static struct str read_kept(const char *path, uint64_t size, struct arena *a)
{
    struct str s;
    struct err ignored;
    return size <= FILE_KEPT_MAX && file_read(path, FILE_KEPT_MAX, a, &s, &ignored) == RC_OK ? s : (struct str){ 0 };
}

static int write_all(int fd, struct str bytes)
{
    for (uint32_t at = 0; at < bytes.n;) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n <= 0)
            return -1;
        at += (uint32_t)n;
    }
    return 0;
}

int state_put(struct state *s, const char *path, struct str bytes, struct err *err)
{
    char inside[PATH_MAX];
    if (snprintf(inside, sizeof inside, "%s%s", s->root, path) >= (int)sizeof inside)
        return err_set(err, RC_LIMIT, NULL, "a path is too long");
    if (!bytes.p)
        return unlink(inside) == 0 || errno == ENOENT ? RC_OK
                                                      : err_set(err, RC_IO, NULL, "cannot remove %s in the private copy: %s", path, strerror(errno));
    int fd = open(inside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int rc = fd < 0 || write_all(fd, bytes) < 0 ? err_set(err, RC_IO, NULL, "cannot write %s in the private copy: %s", path, strerror(errno)) : RC_OK;
    if (fd >= 0)
        close(fd);
    return rc;
}

static void refresh(struct known_file *f)
{
    struct stat st;
    if (lstat(f->upper, &st) == 0) {
        f->size = (uint64_t)st.st_size;
        f->mtime_ns = mtime_of(&st);
        f->mode = st.st_mode;
    }
}

/* From now on it lies in the upper layer, as it was below. */
static int remember(struct state *s, const struct known_file *now, struct str bytes, struct err *err)
{
    if (s->nfiles == FILES_MAX)
        return err_set(err, RC_LIMIT, NULL, "the app wrote more than %d files", FILES_MAX);
    struct known_file *more = realloc(s->files, (s->nfiles + 1) * sizeof *more);
    if (!more)
        return err_set(err, RC_NOMEM, NULL, "no memory for files");
    s->files = more;
    size_t at = 0;
    while (at < s->nfiles && strcmp(more[at].path, now->path) < 0)
        at++;
    memmove(more + at + 1, more + at, (s->nfiles - at) * sizeof *more);
    char *kept = arena_strndup(s->arena, bytes.p, bytes.n);
    more[at] = (struct known_file){ .path = arena_strdup(s->arena, now->path), .upper = arena_strdup(s->arena, now->upper), .bytes = { kept, bytes.n } };
    s->nfiles++;
    refresh(&more[at]);
    return kept && more[at].path && more[at].upper ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for files");
}

/* A file that was not in the upper layer at the baseline: it was not there at all, or lies below. */
static int put_back_new(struct state *s, const struct known_file *now, bool *ret_remembered, struct err *err)
{
    struct stat st;
    struct str bytes = { 0 };
    auto_arena *a = arena_new(FILE_KEPT_MAX * 2 + (1 << 16));
    if (a && stat(now->path, &st) == 0 && S_ISREG(st.st_mode)) /* outside the walls this is the user's own, which lies below */
        bytes = read_kept(now->path, (uint64_t)st.st_size, a);
    if (now->gone && !bytes.p)
        return RC_OK;
    int rc = state_put(s, now->path, bytes, err);
    *ret_remembered = !rc && bytes.p;
    return *ret_remembered ? remember(s, now, bytes, err) : rc;
}

static int add_left_file(struct left *l, size_t *cap, const struct left_file *f, struct err *err)
{
    if (l->nfiles == *cap) {
        size_t more = *cap ? *cap * 2 : 32;
        struct left_file *p = arena_new_array(l->arena, struct left_file, more);
        if (!p)
            return err_set(err, RC_NOMEM, NULL, "no memory for what a request wrote");
        if (l->nfiles)
            memcpy(p, l->files, l->nfiles * sizeof *p);
        l->files = p;
        *cap = more;
    }
    l->files[l->nfiles++] = *f;
    return RC_OK;
}

static int note_file(struct left *l, size_t *cap, const struct known_file *now, bool deleted, struct err *err)
{
    struct left_file f = { .path = arena_strdup(l->arena, now->path), .size = deleted ? 0 : now->size, .deleted = deleted };
    if (!deleted)
        f.bytes = read_kept(now->upper, now->size, l->arena);
    return add_left_file(l, cap, &f, err);
}

/* Both lists are sorted: one walk finds what is new, changed and gone. */
static int files_back(struct state *s, struct left *l, struct err *err)
{
    struct file_list now = { 0 };
    size_t cap = 0, i = 0, j = 0;
    auto_arena *scratch = arena_new(64 << 20);
    int rc = scratch ? list_all(s, &now, scratch, err) : err_set(err, RC_NOMEM, NULL, "no memory for files");
    while (!rc && (i < s->nfiles || j < now.n)) {
        int order = i == s->nfiles ? 1 : j == now.n ? -1 : strcmp(s->files[i].path, now.p[j].path);
        struct known_file *was = order <= 0 ? &s->files[i] : NULL, *is = order >= 0 ? &now.p[j] : NULL;
        i += order <= 0;
        j += order >= 0;
        if (was && is && was->size == is->size && was->mtime_ns == is->mtime_ns && was->gone == is->gone)
            continue;
        if (was && !is && was->gone)
            continue;
        if (l)
            rc = note_file(l, &cap, is ? is : was, !is || is->gone, err);
        if (rc)
            break;
        bool remembered = false;
        if (!was)
            rc = put_back_new(s, is, &remembered, err);
        else
            rc = was->gone ? state_put(s, was->path, (struct str){ 0 }, err)
                 : was->bytes.p ? state_put(s, was->path, was->bytes, err)
                                : err_set(err, RC_LIMIT, NULL, "%s is too large to be put back", was->path);
        if (was)
            refresh(was);
        i += remembered; /* it was put in before what comes next */
    }
    free(now.p);
    return rc;
}

/* ---- databases ---- */

static uint32_t page_size_of(const char *bytes, uint64_t size)
{
    if (size < 100 || memcmp(bytes, "SQLite format 3", 16) != 0)
        return 4096; /* empty: anything does */
    uint32_t n = (uint32_t)(unsigned char)bytes[16] << 8 | (unsigned char)bytes[17];
    n = n == 1 ? 65536 : n;
    return n >= 512 && n <= PAGE_MAX && (n & (n - 1)) == 0 ? n : 4096;
}

static int map_file(const char *path, int *ret_fd, const char **ret, uint64_t *ret_size, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        int e = errno;
        if (fd >= 0)
            close(fd);
        return err_set(err, e == ENOENT ? RC_NOTFOUND : RC_IO, NULL, "cannot read %s: %s", path, strerror(e));
    }
    void *p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : NULL;
    if (p == MAP_FAILED) {
        close(fd);
        return err_set(err, RC_NOMEM, NULL, "cannot map %s: %s", path, strerror(errno));
    }
    *ret = p;
    *ret_fd = fd;
    *ret_size = (uint64_t)st.st_size;
    return RC_OK;
}

static void unmap(int fd, const char *p, uint64_t size)
{
    if (p)
        munmap((void *)(uintptr_t)p, (size_t)size);
    if (fd >= 0)
        close(fd);
}

static bool has_log(const struct database *d)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s-wal", d->upper);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static int put_page(int fd, const struct database *d, uint32_t number, struct err *err)
{
    uint64_t at = (uint64_t)number * d->page_size;
    size_t n = at + d->page_size <= d->base_size ? d->page_size : (size_t)(d->base_size - at);
    return pwrite(fd, d->base_bytes + at, n, (off_t)at) == (ssize_t)n
               ? RC_OK : err_set(err, RC_IO, "free some room", "cannot put a page back: %s", strerror(errno));
}

/* Pages of the file that differ from the baseline: kept when `into` is given, and put back. */
static int pages_back(struct database *d, struct left_pages *into, struct arena *a, struct err *err)
{
    const char *now = NULL;
    uint64_t size = 0;
    int fd = -1, out = -1, rc = map_file(d->upper, &fd, &now, &size, err);
    if (rc)
        return rc;
    if (has_log(d)) {
        unmap(fd, now, size);
        return err_set(err, RC_UNSUPPORTED, "set PDO::ATTR_PERSISTENT to false", "%s stays open between requests: its state cannot be compared", d->path);
    }
    uint64_t pages = (size + d->page_size - 1) / d->page_size;
    size_t cap = 0;
    if (into)
        into->size = size;
    for (uint64_t i = 0; i < pages && !rc; i++) {
        uint64_t at = i * d->page_size;
        size_t n = at + d->page_size <= size ? d->page_size : (size_t)(size - at);
        if (at + n <= d->base_size && memcmp(now + at, d->base_bytes + at, n) == 0)
            continue;
        if (into && into->n == cap) {
            size_t more = cap ? cap * 2 : 64;
            struct page_copy *p = arena_new_array(a, struct page_copy, more);
            if (!p)
                rc = err_set(err, RC_LIMIT, NULL, "a request changed more of %s than can be kept", d->path);
            else if (into->n)
                memcpy(p, into->pages, into->n * sizeof *p);
            into->pages = p ? p : into->pages;
            cap = more;
        }
        if (into && !rc) {
            char *copy = arena_alloc(a, d->page_size);
            if (!copy) {
                rc = err_set(err, RC_LIMIT, NULL, "a request changed more of %s than can be kept", d->path);
                break;
            }
            memset(copy, 0, d->page_size);
            memcpy(copy, now + at, n);
            into->pages[into->n++] = (struct page_copy){ (uint32_t)i, copy };
        }
        if (!rc && out < 0 && (out = open(d->inside, O_WRONLY | O_CLOEXEC)) < 0)
            rc = err_set(err, RC_DENIED, NULL, "the private database cannot be put back: %s", strerror(errno));
        if (!rc && at < d->base_size)
            rc = put_page(out, d, (uint32_t)i, err);
    }
    unmap(fd, now, size);
    if (!rc && size != d->base_size && out < 0 && (out = open(d->inside, O_WRONLY | O_CLOEXEC)) < 0)
        rc = err_set(err, RC_DENIED, NULL, "the private database cannot be put back: %s", strerror(errno));
    for (uint64_t at = pages * d->page_size; !rc && at < d->base_size; at += d->page_size)
        rc = put_page(out, d, (uint32_t)(at / d->page_size), err);
    if (!rc && size > d->base_size && ftruncate(out, (off_t)d->base_size) < 0)
        rc = err_set(err, RC_IO, NULL, "the private database cannot be cut: %s", strerror(errno));
    if (out >= 0)
        close(out);
    return rc;
}

int state_take(struct state *s, struct left *ret, struct err *err)
{
    *ret = (struct left){ .arena = arena_new(LEFT_BYTES_MAX) };
    int rc = ret->arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for what a request left behind");
    for (size_t i = 0; i < s->ndb && !rc; i++)
        rc = pages_back(&s->db[i], &ret->db[i], ret->arena, err);
    rc = rc ? rc : files_back(s, ret, err);
    if (rc)
        left_release(ret);
    return rc;
}

int state_restore(struct state *s, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < s->ndb && !rc; i++)
        rc = pages_back(&s->db[i], NULL, NULL, err);
    return rc ? rc : files_back(s, NULL, err);
}

static int adopt_database(struct state *to, const struct database *mine, const struct database *theirs, struct err *err)
{
    bool same = mine->base_size == theirs->base_size && memcmp(mine->base_bytes, theirs->base_bytes, (size_t)mine->base_size) == 0;
    int fd = same ? -1 : open(mine->inside, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (same)
        return RC_OK;
    int rc = fd < 0 ? err_set(err, RC_DENIED, NULL, "the private database cannot be written: %s", strerror(errno)) : RC_OK;
    for (uint64_t at = 0; !rc && at < theirs->base_size;) {
        uint64_t left = theirs->base_size - at;
        ssize_t n = pwrite(fd, theirs->base_bytes + at, left < (1u << 24) ? (size_t)left : (1u << 24), (off_t)at);
        if (n <= 0)
            rc = err_set(err, RC_IO, "free some room", "the private database cannot be written: %s", strerror(errno));
        at += n > 0 ? (uint64_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    (void)to;
    return rc;
}

int state_adopt(struct state *to, const struct state *from, bool databases, bool (*keeps)(void *ctx, const char *path), void *ctx,
                struct err *err)
{
    size_t i = 0, j = 0;
    int rc = RC_OK;
    while (!rc && (i < to->nfiles || j < from->nfiles)) {
        int order = i == to->nfiles ? 1 : j == from->nfiles ? -1 : strcmp(to->files[i].path, from->files[j].path);
        const struct known_file *mine = order <= 0 ? &to->files[i] : NULL, *theirs = order >= 0 ? &from->files[j] : NULL;
        i += order <= 0;
        j += order >= 0;
        const char *path = mine ? mine->path : theirs->path;
        bool equal = mine && theirs && mine->gone == theirs->gone && str_eq(mine->bytes, theirs->bytes);
        if (equal || keeps(ctx, path) || (theirs && !theirs->gone && !theirs->bytes.p))
            continue;
        rc = state_put(to, path, theirs && !theirs->gone ? theirs->bytes : (struct str){ 0 }, err);
    }
    for (size_t k = 0; k < to->ndb && k < from->ndb && databases && !rc; k++)
        rc = adopt_database(to, &to->db[k], &from->db[k], err);
    return rc;
}

static int begin_database(struct state *s, const struct instance_file *f, struct err *err)
{
    struct database *d = &s->db[s->ndb];
    *d = (struct database){ .path = arena_strdup(s->arena, f->path), .upper = arena_strdup(s->arena, f->upper), .base_fd = -1 };
    d->inside = arena_printf(s->arena, "%s%s", s->root, f->path);
    d->base = arena_printf(s->arena, "%s/snap/base-%zu.sqlite", s->in->dir, s->ndb);
    d->image = arena_printf(s->arena, "%s/snap/image-%zu.sqlite", s->in->dir, s->ndb);
    if (!d->path || !d->upper || !d->inside || !d->base || !d->image)
        return err_set(err, RC_NOMEM, NULL, "no memory for databases");
    s->ndb++;
    if (has_log(d))
        return err_set(err, RC_UNSUPPORTED, "set PDO::ATTR_PERSISTENT to false", "%s stays open between requests: its state cannot be compared", d->path);
    int rc = file_copy(d->upper, d->base, err);
    rc = rc ? rc : map_file(d->base, &d->base_fd, &d->base_bytes, &d->base_size, err);
    if (!rc)
        d->page_size = page_size_of(d->base_bytes, d->base_size);
    return rc;
}

static int keep_files(struct state *s, struct err *err)
{
    struct file_list l = { 0 };
    int rc = list_all(s, &l, s->arena, err);
    for (size_t i = 0; i < l.n && !rc; i++)
        if (!l.p[i].gone)
            l.p[i].bytes = read_kept(l.p[i].upper, l.p[i].size, s->arena);
    s->files = l.p;
    s->nfiles = l.n;
    return rc;
}

int state_begin(struct state **ret, struct instance *in, struct err *err)
{
    struct instance_file files[DATABASES_MAX];
    struct arena *a = arena_new(STATE_ARENA);
    struct state *s = a ? arena_new_one(a, struct state) : NULL;
    if (!s) {
        arena_free(a);
        return err_set(err, RC_NOMEM, NULL, "no memory for the state of a side");
    }
    s->arena = a;
    s->in = in;
    snprintf(s->root, sizeof s->root, "/proc/%d/root", (int)in->group);
    s->nlayers = instance_layers(in, s->layers, LAYERS_MAX);
    size_t n = instance_sqlite(in, files, DATABASES_MAX);
    int rc = RC_OK;
    for (size_t i = 0; i < n && !rc; i++)
        rc = begin_database(s, &files[i], err);
    rc = rc ? rc : keep_files(s, err);
    if (rc) {
        state_end(s);
        return rc;
    }
    *ret = s;
    return RC_OK;
}

void state_end(struct state *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->ndb; i++)
        unmap(s->db[i].base_fd, s->db[i].base_bytes, s->db[i].base_size);
    free(s->files);
    arena_free(s->arena);
}
