/* Compiled Blade views back to their templates: names, handles, mending; the alignment itself is in
 * align.c. */
#include "tracer.h"

#include "align.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES 4600 /* a path of 4,096 bytes and the comment around it */

bool fettle_blade_compiled_name(const char *p, size_t n)
{
    size_t hex = 0, i = n - 4;
    if (n < 16 || memcmp(p + i, ".php", 4))
        return false;
    if (i > 6 && !memcmp(p + i - 6, ".blade", 6))
        i -= 6;
    for (; i > 0 && p[i - 1] != '/'; i--, hex++) {
        char c = p[i - 1];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    bool livewire = (i >= 18 && !memcmp(p + i - 18, "/livewire/classes/", 18)) ||
                    (i >= 16 && !memcmp(p + i - 16, "/livewire/views/", 16));
    return livewire ? hex == 8 : hex >= 32 && hex <= 64;
}

static uint64_t mtime_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    return (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec;
}

/* The template's path from the tail of the compiled file; at most room - 1 bytes. */
static size_t read_source_path(const char *compiled, char *out, size_t room)
{
    char tail[TAIL_BYTES];
    int fd = open(compiled, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
    ssize_t n = fd >= 0 ? pread(fd, tail, sizeof tail, from) : 0;
    if (fd >= 0)
        close(fd);
    if (n < 20)
        return 0;
    const char *end = zend_memnrstr(tail, " ENDPATH**/", 11, tail + n);
    const char *start = end ? zend_memnrstr(tail, "/**PATH ", 8, (char *)(uintptr_t)end) : NULL;
    if (!start || (size_t)(end - start - 8) >= room)
        return 0;
    size_t len = (size_t)(end - start - 8);
    memcpy(out, start + 8, len);
    out[len] = 0;
    return len;
}

static void forget_view(struct fettle_view *v)
{
    free(v->compiled);
    free(v->source);
    free(v->lines);
    *v = (struct fettle_view){ 0 };
}

static uint64_t path_key(const char *path)
{
    return zend_inline_hash_func(path, strlen(path)) | 1;
}

static uint32_t find_view(const struct fettle_views *all, const char *compiled)
{
    uint64_t key = path_key(compiled);
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->v[i].key == key && !strcmp(all->v[i].compiled, compiled))
            return i + 1;
    }
    return 0;
}

/* Takes a slot for a view; 0: no room. */
static uint32_t add_view(struct fettle_views *all, const char *compiled, const char *source,
                         uint64_t mtime)
{
    uint32_t handle = 0;
    for (uint32_t i = 0; i < all->n && !handle; i++) {
        if (!all->v[i].compiled)
            handle = i + 1;
    }
    if (!handle && all->n == FETTLE_VIEWS_MAX)
        return 0;
    struct fettle_view v = { .key = path_key(compiled),
                             .compiled = strdup(compiled),
                             .source = strdup(source),
                             .mtime_ns = mtime };
    if (!v.compiled || !v.source) {
        forget_view(&v);
        return 0;
    }
    handle = handle ? handle : ++all->n;
    all->v[handle - 1] = v;
    return handle;
}

const char *fettle_blade_learned(struct fettle_tracer *t, const char *compiled)
{
    uint32_t handle = find_view(&t->views, compiled);
    return handle && t->views.v[handle - 1].learned ? t->views.v[handle - 1].source : NULL;
}

/* A folder holds its component under its own name, without the sign that Livewire puts before it.
 */
static void file_in_folder(char *path, size_t room, bool view)
{
    struct stat st;
    size_t n = strlen(path);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return;
    while (n && path[n - 1] == '/')
        path[--n] = 0;
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    while ((unsigned char)*name >= 0x80)
        name++;
    char own[256];
    size_t m = strlen(name);
    if (m < sizeof own && n + m + 12 < room) {
        memcpy(own, name, m + 1);
        snprintf(path + n, room - n, "/%s%s", own, view ? ".blade.php" : ".php");
    }
}

void fettle_blade_learn(struct fettle_tracer *t, zend_string *compiled, zend_string *source)
{
    char path[TAIL_BYTES];
    if (ZSTR_LEN(source) >= sizeof path - 300 || find_view(&t->views, ZSTR_VAL(compiled)))
        return;
    memcpy(path, ZSTR_VAL(source), ZSTR_LEN(source) + 1);
    size_t n = ZSTR_LEN(compiled);
    file_in_folder(path, sizeof path,
                   n > 10 && !memcmp(ZSTR_VAL(compiled) + n - 10, ".blade.php", 10));
    uint32_t handle = add_view(&t->views, ZSTR_VAL(compiled), path, mtime_of(ZSTR_VAL(compiled)));
    if (handle)
        t->views.v[handle - 1].learned = true;
}

uint32_t fettle_blade_open(struct fettle_tracer *t, zend_string *compiled, uint32_t *ret_file)
{
    struct fettle_views *all = &t->views;
    char path[TAIL_BYTES];
    uint64_t mtime = mtime_of(ZSTR_VAL(compiled));
    uint32_t handle = find_view(all, ZSTR_VAL(compiled));
    struct fettle_view *v = handle ? &all->v[handle - 1] : NULL;
    *ret_file = 0;
    if (v && v->mtime_ns != mtime && v->learned) { /* compiled anew from the same source */
        v->mtime_ns = mtime;
        v->tried = false;
        free(v->lines);
        v->lines = NULL;
    } else if (v && v->mtime_ns != mtime) {
        forget_view(v);
        v = NULL;
    }
    if (!v) {
        size_t n = read_source_path(ZSTR_VAL(compiled), path, sizeof path);
        const char *origin = n ? fettle_blade_learned(t, path) : NULL;
        handle = n ? add_view(all, ZSTR_VAL(compiled), origin ? origin : path, mtime) : 0;
        if (!handle) {
            *ret_file = n ? fettle_string(&t->ring, path, n) : 0;
            return 0;
        }
        v = &all->v[handle - 1];
    }
    *ret_file = fettle_string(&t->ring, v->source, strlen(v->source));
    return handle;
}

uint32_t fettle_blade_line(struct fettle_tracer *t, uint32_t handle, uint32_t compiled_line)
{
    const struct fettle_view *v = handle ? &t->views.v[handle - 1] : NULL;
    if (!v || !v->lines || compiled_line == 0 || compiled_line > v->nlines)
        return 0;
    return v->lines[compiled_line - 1];
}

static char *read_whole(const char *path, size_t *ret_n)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *p = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= FETTLE_VIEW_BYTES_MAX && (p = malloc((size_t)st.st_size))) {
        ssize_t n = read(fd, p, (size_t)st.st_size);
        *ret_n = n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    return p;
}

static void align_view(struct fettle_view *v)
{
    size_t nc = 0, ns = 0;
    char *c = read_whole(v->compiled, &nc), *s = read_whole(v->source, &ns);
    v->tried = true;
    if (c && s)
        v->lines = fettle_align(c, nc, s, ns, FETTLE_VIEW_CELLS_MAX, &v->nlines);
    free(c);
    free(s);
}

/* Until it is mended, a place in a view that is not aligned yet keeps its handle beside the line.
 */
void fettle_blade_mend(struct fettle_tracer *t)
{
    uint64_t end = t->ring.w;
    for (uint64_t at = t->ring.start; at < end && !t->ring.lost;) {
        struct fw_rec *r = (struct fw_rec *)(t->ring.data + (at & t->ring.mask));
        struct fw_span *s = (struct fw_span *)r;
        at += (uint64_t)r->len8 * 8;
        if (r->kind != FW_SPAN || !(r->flags & FW_COMPILED))
            continue;
        struct fettle_view *v = s->place_line_hi && s->place_line_hi <= t->views.n
                                    ? &t->views.v[s->place_line_hi - 1]
                                    : NULL;
        s->place_line_hi = 0;
        if (v && v->compiled && !v->tried)
            align_view(v);
        if (v && v->lines && s->line && s->line <= v->nlines) {
            s->line = v->lines[s->line - 1];
            r->flags &= (uint8_t)~FW_COMPILED;
        }
    }
}

void fettle_blade_release(struct fettle_tracer *t)
{
    for (uint32_t i = 0; i < t->views.n; i++)
        forget_view(&t->views.v[i]);
    t->views.n = 0;
}
