/* Compiled Blade views back to their templates: names, handles, mending; the alignment itself is in align.c. */
#include "tracer.h"

#include "align.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES 4600 /* a path of 4,096 bytes and the comment around it */

bool fettle_blade_compiled_name(const char *p, size_t n)
{
    size_t hex = 0;
    if (n < 37 || memcmp(p + n - 4, ".php", 4))
        return false;
    for (size_t i = n - 4; i > 0 && p[i - 1] != '/'; i--, hex++) {
        char c = p[i - 1];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return hex >= 32 && hex <= 64;
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

static uint32_t find_view(const struct fettle_views *all, const char *compiled)
{
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->v[i].compiled && !strcmp(all->v[i].compiled, compiled))
            return i + 1;
    }
    return 0;
}

uint32_t fettle_blade_open(struct fettle_tracer *t, zend_string *compiled, uint32_t *ret_file)
{
    struct fettle_views *all = &t->views;
    char path[TAIL_BYTES];
    uint64_t mtime = mtime_of(ZSTR_VAL(compiled));
    uint32_t handle = find_view(all, ZSTR_VAL(compiled));
    *ret_file = 0;
    if (handle && all->v[handle - 1].mtime_ns != mtime) {
        forget_view(&all->v[handle - 1]);
    } else if (handle) {
        const char *s = all->v[handle - 1].source;
        *ret_file = fettle_string(&t->ring, s, strlen(s));
        return handle;
    }
    size_t n = read_source_path(ZSTR_VAL(compiled), path, sizeof path);
    if (!n)
        return 0;
    *ret_file = fettle_string(&t->ring, path, n);
    if (!handle && all->n == FETTLE_VIEWS_MAX)
        return 0;
    if (!handle)
        handle = ++all->n;
    struct fettle_view *v = &all->v[handle - 1];
    *v = (struct fettle_view){ .compiled = strdup(ZSTR_VAL(compiled)), .source = strdup(path), .mtime_ns = mtime };
    if (v->compiled && v->source)
        return handle;
    forget_view(v);
    return 0;
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

/* The view of a span is known by its file's id; few views are new in one trace. */
static struct fettle_view *view_of(struct fettle_tracer *t, uint32_t file)
{
    for (uint32_t i = 0; i < t->views.n; i++) {
        struct fettle_view *v = &t->views.v[i];
        if (v->source && fettle_string(&t->ring, v->source, strlen(v->source)) == file)
            return v;
    }
    return NULL;
}

void fettle_blade_mend(struct fettle_tracer *t)
{
    uint64_t end = t->ring.w;
    struct fettle_view *v = NULL;
    uint32_t file = 0;
    for (uint64_t at = t->ring.start; at < end && !t->ring.lost;) {
        struct fw_rec *r = (struct fw_rec *)(t->ring.data + (at & t->ring.mask));
        at += (uint64_t)r->len8 * 8;
        if (r->kind != FW_SPAN || !(r->flags & FW_COMPILED))
            continue;
        struct fw_span *s = (struct fw_span *)r;
        if (s->file != file) {
            file = s->file;
            v = view_of(t, file);
            if (v && !v->tried)
                align_view(v);
        }
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
