#include "php/build.h"

#include <stdlib.h>

enum {
    NODES_MAX = 4 << 20, /* a node needs a byte of source; LIMIT_FILE_BYTES bounds it first */
    IGNORES_MAX = 1000,
    HOLES_MAX = 1000, /* what is broken in more places than that needs no longer list */
};

bool build_init(struct build *b, struct arena *scratch, uint32_t source_bytes)
{
    *b = (struct build){ .scratch = scratch };
    b->table_size = 64;
    while (b->table_size < source_bytes / 16)
        b->table_size *= 2;
    b->table = arena_new_array(scratch, uint32_t, b->table_size);
    b->nodes.cap = source_bytes / 6 + 64;
    b->nodes.p = fault_malloc(b->nodes.cap * sizeof *b->nodes.p);
    if (!b->table || !b->nodes.p)
        b->rc = RC_NOMEM;
    return b->rc == RC_OK;
}

void build_release(struct build *b)
{
    vec_release(&b->nodes);
    vec_release(&b->holes);
    vec_release(&b->ignores);
    vec_release(&b->strs);
}

/* The segment that holds lowered byte `out`. Look-ups move forward mostly, so the last place is
 * tried first. */
static const struct segment *segment_at(struct build *b, uint32_t out)
{
    if (!b->nsegs)
        return NULL;
    uint32_t i = b->seg;
    if (b->segs[i].out <= out && (i + 1 == b->nsegs || out < b->segs[i + 1].out))
        return &b->segs[i];
    uint32_t lo = 0, hi = b->nsegs;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (b->segs[mid].out <= out)
            lo = mid;
        else
            hi = mid;
    }
    b->seg = lo;
    return &b->segs[lo];
}

uint32_t map_start(struct build *b, uint32_t out)
{
    const struct segment *s = segment_at(b, out);
    if (!s)
        return out;
    uint32_t in = s->in + (s->copied ? out - s->out : 0);
    return in < s->in_end ? in : s->in_end;
}

uint32_t map_end(struct build *b, uint32_t out)
{
    const struct segment *s = segment_at(b, out ? out - 1 : 0);
    if (!s)
        return out;
    uint32_t in = s->copied ? s->in + (out - s->out) : s->in_end;
    return in < s->in_end ? in : s->in_end;
}

bool map_is_generated(struct build *b, uint32_t out)
{
    const struct segment *s = segment_at(b, out);
    return s && !s->copied;
}

uint32_t build_open_at(struct build *b, enum node_kind kind, uint32_t off)
{
    struct node n = { .kind = (uint8_t)kind, .off = off };
    b->depth++;
    if (b->rc == RC_OK && !vec_push_max(&b->nodes, n, NODES_MAX))
        b->rc = RC_LIMIT;
    return b->rc == RC_OK ? (uint32_t)b->nodes.n - 1 : UINT32_MAX;
}

uint32_t build_open(struct build *b, enum node_kind kind, uint32_t off)
{
    return build_open_at(b, kind, map_start(b, off));
}

void build_close_at(struct build *b, uint32_t node, uint32_t end)
{
    b->depth--;
    if (node >= b->nodes.n)
        return;
    struct node *n = &b->nodes.p[node];
    n->skip = (uint32_t)b->nodes.n;
    n->end = end < n->off ? n->off : end;
}

void build_close(struct build *b, uint32_t node, uint32_t end)
{
    build_close_at(b, node, map_end(b, end));
}

void build_copy(struct build *b, uint32_t from, uint32_t to)
{
    uint32_t shift = (uint32_t)b->nodes.n - from;
    for (uint32_t i = from; i < to && b->rc == RC_OK; i++) {
        struct node n = b->nodes.p[i];
        n.skip += shift;
        if (!vec_push_max(&b->nodes, n, NODES_MAX))
            b->rc = RC_LIMIT;
    }
}

void build_drop_children(struct build *b, uint32_t node)
{
    if (node < b->nodes.n)
        b->nodes.n = node + 1;
}

static bool grow_table(struct build *b)
{
    uint32_t size = b->table_size * 2;
    uint32_t *table = arena_new_array(b->scratch, uint32_t, size);
    if (!table)
        return false;
    for (uint32_t id = 1; id <= b->strs.n; id++) {
        uint32_t at = (uint32_t)str_hash(b->strs.p[id - 1]) & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = id;
    }
    b->table = table;
    b->table_size = size;
    return true;
}

uint32_t build_str(struct build *b, struct str s)
{
    if (!s.n || b->rc != RC_OK)
        return 0;
    if (s.n > LIMIT_LITERAL_BYTES)
        s.n = LIMIT_LITERAL_BYTES;
    if (b->strs.n * 2 >= b->table_size && !grow_table(b)) {
        b->rc = RC_LIMIT;
        return 0;
    }
    uint32_t at = (uint32_t)str_hash(s) & (b->table_size - 1);
    for (; b->table[at]; at = (at + 1) & (b->table_size - 1))
        if (str_eq(b->strs.p[b->table[at] - 1], s))
            return b->table[at];
    if (!vec_push(&b->strs, s)) {
        b->rc = RC_NOMEM;
        return 0;
    }
    return b->table[at] = (uint32_t)b->strs.n;
}

void build_hole_at(struct build *b, uint32_t off, uint32_t end)
{
    struct hole h = { .off = off, .end = end < off ? off : end };
    (void)vec_push_max(&b->holes, h, HOLES_MAX);
}

void build_hole(struct build *b, uint32_t off, uint32_t end)
{
    build_hole_at(b, map_start(b, off), map_end(b, end));
}

static int by_offset(const void *x, const void *y)
{
    const struct hole *a = x, *b = y;
    if (a->off != b->off)
        return a->off < b->off ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

static void sort_holes(struct build *b)
{
    size_t n = 0;
    if (!b->holes.n)
        return;
    qsort(b->holes.p, b->holes.n, sizeof *b->holes.p, by_offset);
    for (size_t i = 1; i < b->holes.n; i++)
        if (by_offset(&b->holes.p[n], &b->holes.p[i]) != 0)
            b->holes.p[++n] = b->holes.p[i];
    b->holes.n = n + 1;
}

static uint32_t count_lines(struct str file)
{
    uint32_t n = 1;
    for (const char *p = file.p, *end = p + file.n; p < end && (p = memchr(p, '\n', end - p)); p++)
        n++;
    return n;
}

static void fill_lines(uint32_t *lines, struct str file)
{
    const char *p = file.p, *end = p + file.n;
    *lines++ = 0;
    for (; p < end && (p = memchr(p, '\n', end - p)); p++)
        *lines++ = (uint32_t)(p - file.p) + 1;
}

/* Up to where a comment ends on its line, some words at most. */
static struct str comment_rest(struct str s)
{
    static const char *const ends[] = { "\n", "*/", "--", "?>" };
    s = str_sub(s, 0, 300);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *p = s.n ? memmem(s.p, s.n, ends[i], strlen(ends[i])) : NULL;
        if (p)
            s.n = (uint32_t)(p - s.p);
    }
    return str_trim(s);
}

static void find_ignores(struct build *b, struct str file)
{
    static const char word[] = "fettle-ignore";
    const char *p = file.p, *end = p + file.n, *counted = p;
    uint32_t line = 1;
    while (b->ignores.n < IGNORES_MAX && p < end &&
           (p = memmem(p, (size_t)(end - p), word, sizeof word - 1))) {
        for (; counted < p; counted++)
            line += *counted == '\n';
        p += sizeof word - 1;
        struct str rest = comment_rest((struct str){ p, (uint32_t)(end - p) });
        struct ignore i = { line, build_str(b, rest) };
        if (!vec_push_max(&b->ignores, i, IGNORES_MAX))
            return;
    }
}

/* Strings lie as (offset, length) pairs, then the bytes. */
static void fill_strings(struct facts *f, const struct build *b)
{
    uint32_t *index = (uint32_t *)((char *)f + f->strs_at);
    uint32_t at = f->strs_at + (uint32_t)b->strs.n * 8;
    for (size_t i = 0; i < b->strs.n; i++) {
        index[2 * i] = at;
        index[2 * i + 1] = b->strs.p[i].n;
        memcpy((char *)f + at, b->strs.p[i].p, b->strs.p[i].n);
        at += b->strs.p[i].n;
    }
}

int build_finish(struct build *b, struct str file, enum facts_lang lang, struct facts **ret,
                 struct err *err)
{
    if (b->rc != RC_OK)
        return err_set(err, b->rc, NULL, "more facts than one file may have");
    sort_holes(b);
    find_ignores(b, file);
    size_t bytes = 0;
    for (size_t i = 0; i < b->strs.n; i++)
        bytes += b->strs.p[i].n;
    struct facts head = { .hash = str_hash(file), .version = FACTS_VERSION, .lang = (uint8_t)lang };
    head.ncut = b->cut;
    head.nnodes = (uint32_t)b->nodes.n;
    head.nstrs = (uint32_t)b->strs.n;
    head.nlines = count_lines(file);
    head.nholes = (uint32_t)b->holes.n;
    size_t at = sizeof head;
    head.nodes_at = (uint32_t)at;
    head.lines_at = (uint32_t)(at += head.nnodes * sizeof(struct node));
    head.holes_at = (uint32_t)(at += head.nlines * sizeof(uint32_t));
    head.nignores = (uint32_t)b->ignores.n;
    head.ignores_at = (uint32_t)(at += head.nholes * sizeof(struct hole));
    head.strs_at = (uint32_t)(at += head.nignores * sizeof(struct ignore));
    at += head.nstrs * 8 + bytes;
    if (at > UINT32_MAX)
        return err_set(err, RC_LIMIT, NULL, "facts of %zu bytes", at);
    head.nbytes = (uint32_t)at;
    struct facts *f = fault_malloc(at);
    if (!f)
        return err_set(err, RC_NOMEM, NULL, "out of memory for %zu bytes of facts", at);
    *f = head;
    memcpy((char *)f + f->nodes_at, b->nodes.p, head.nnodes * sizeof(struct node));
    fill_lines((uint32_t *)((char *)f + f->lines_at), file);
    for (size_t i = 0; i < b->holes.n; i++)
        b->holes.p[i].line = facts_line(f, b->holes.p[i].off);
    if (b->holes.n)
        memcpy((char *)f + f->holes_at, b->holes.p, b->holes.n * sizeof *b->holes.p);
    if (b->ignores.n)
        memcpy((char *)f + f->ignores_at, b->ignores.p, b->ignores.n * sizeof *b->ignores.p);
    fill_strings(f, b);
    *ret = f;
    return RC_OK;
}
