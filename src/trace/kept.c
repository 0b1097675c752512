/* The few whole traces of a route that are kept, as trees of lines: of them the one nearest to the median is shown. Those
 * with the smallest keys are kept, so that merging stays associative. */
#include "trace/fold.h"

#include <math.h>
#include <stdlib.h>

enum { MARKS_MAX = 4096 };
static const double SMALL_NODE = 1.0 / 400; /* of the trace: below it a node is no line of the picture */
static const double NEAR = 1.0 / 600;       /* marks nearer than this are one */

struct keeping {
    struct workload_build *b;
    const struct trace *t;
    const struct trace_tree *tree;
    struct fkept *kept;
    double small_ns;
};

static bool is_shown(const struct keeping *k, const struct trace_node *n)
{
    return (double)n->ns >= k->small_ns || (n->span->flags & FW_FAILED);
}

static uint32_t count_shown(const struct keeping *k, uint32_t at)
{
    uint32_t n = 0;
    for (; at; at = k->tree->nodes[at].next)
        if (is_shown(k, &k->tree->nodes[at]))
            n += 1 + count_shown(k, k->tree->nodes[at].child);
    return n;
}

static sym name_of(struct workload_build *b, const struct span *s)
{
    uint64_t shape;
    if (s->kind == FW_SQL && map64_get(b->text_of, str_hash(str_c(s->name)), &shape))
        return b->shapes.p[shape].text;
    return s->name[0] ? syms_intern(b->syms, str_c(s->name)) : 0;
}

static double since_open_ms(const struct trace *t, const struct span *s)
{
    return s->t_ns > t->t_ns ? (double)(s->t_ns - t->t_ns) / 1e6 : 0;
}

/* When each of a node's spans ran: begin and length, in ms, neighbours joined. */
static bool keep_marks(struct keeping *k, const struct trace_node *n, struct fline *line)
{
    double near_ms = (double)k->t->dur_ns / 1e6 * NEAR;
    struct fkept *kept = k->kept;
    line->marks = (uint32_t)kept->marks.n;
    for (uint32_t s = n->first; s; s = k->tree->same[s]) {
        const struct span *span = &k->t->spans[s - 1];
        double begin = since_open_ms(k->t, span), length = (double)span->dur_ns / 1e6;
        struct wmark *last = line->nmarks ? &kept->marks.p[kept->marks.n - 1] : NULL;
        if (last && begin <= (double)(last->begin_ms + last->ms) + near_ms) {
            last->ms = (float)fmax((double)last->ms, begin + length - (double)last->begin_ms);
        } else if (kept->marks.n < MARKS_MAX) {
            if (!vec_push(&kept->marks, ((struct wmark){ (float)begin, (float)length })))
                return false;
            line->nmarks++;
        }
    }
    return true;
}

static bool keep_nodes(struct keeping *k, uint32_t at)
{
    struct workload_build *b = k->b;
    for (; at; at = k->tree->nodes[at].next) {
        const struct trace_node *n = &k->tree->nodes[at];
        if (!is_shown(k, n))
            continue;
        struct fline line = { .kind = (uint8_t)n->span->kind, .depth = (uint8_t)n->depth, .flags = n->span->flags,
                              .line = n->span->line, .count = n->count, .a = n->a, .b = n->b, .first_a = n->span->a,
                              .ms = (double)n->ns / 1e6, .name = name_of(b, n->span),
                              .file = fold_path(b, n->span->file) };
        if (!keep_marks(k, n, &line) || !vec_push(&k->kept->lines, line) || !keep_nodes(k, n->child))
            return false;
    }
    return true;
}

static bool keep(struct workload_build *b, const struct trace *t, struct fkept *kept)
{
    struct trace_tree tree;
    if (trace_tree_make(t, &tree))
        return false;
    struct keeping k = { b, t, &tree, kept, (double)t->dur_ns * SMALL_NODE };
    while (count_shown(&k, tree.nodes[0].child) > WLINES)
        k.small_ns = k.small_ns * 1.5 + 1;
    kept->left_out_ms = (double)tree.left_out_ns / 1e6;
    bool ok = keep_nodes(&k, tree.nodes[0].child);
    trace_tree_release(&tree);
    return ok;
}

static void release_one(struct fkept *k)
{
    vec_release(&k->lines);
    vec_release(&k->marks);
    *k = (struct fkept){ 0 };
}

void fold_kept_release(struct fkepts *kept)
{
    for (unsigned i = 0; i < kept->n; i++)
        release_one(&kept->items[i]);
    kept->n = 0;
}

/* Room for a trace of this key, or NULL: others come before it. */
static struct fkept *room_for(struct fkepts *kept, uint64_t key)
{
    struct fkept *last = &kept->items[0];
    if (kept->n < FOLD_KEPT)
        return &kept->items[kept->n++];
    for (unsigned i = 1; i < kept->n; i++)
        if (kept->items[i].key > last->key)
            last = &kept->items[i];
    if (key >= last->key)
        return NULL;
    release_one(last);
    return last;
}

bool fold_keep(struct workload_build *b, struct froute *r, const struct trace *t, uint64_t key)
{
    struct fkept *kept = t->nspans ? room_for(&r->kept, key) : NULL;
    if (!kept)
        return true;
    kept->key = key;
    kept->ms = (double)t->dur_ns / 1e6;
    return keep(b, t, kept);
}

static sym moved(struct workload_build *into, const struct workload_build *from, sym s)
{
    return s ? syms_intern(into->syms, syms_str(from->syms, s)) : 0;
}

bool fold_kept_add(struct workload_build *into, struct fkepts *to, const struct workload_build *from,
                   const struct fkepts *kept)
{
    for (unsigned i = 0; i < kept->n; i++) {
        const struct fkept *k = &kept->items[i];
        struct fkept *copy = room_for(to, k->key);
        if (!copy)
            continue;
        copy->key = k->key, copy->ms = k->ms, copy->left_out_ms = k->left_out_ms;
        for (size_t n = 0; n < k->lines.n; n++) {
            struct fline line = k->lines.p[n];
            line.name = moved(into, from, line.name);
            line.file = moved(into, from, line.file);
            if (!vec_push(&copy->lines, line))
                return false;
        }
        for (size_t n = 0; n < k->marks.n; n++)
            if (!vec_push(&copy->marks, k->marks.p[n]))
                return false;
    }
    return true;
}

static const struct fkept *nearest(const struct fkepts *kept, double ms)
{
    const struct fkept *best = NULL;
    for (unsigned i = 0; i < kept->n; i++) {
        const struct fkept *k = &kept->items[i];
        double gap = fabs(k->ms - ms), best_gap = best ? fabs(best->ms - ms) : 0;
        if (!best || gap < best_gap || (gap <= best_gap && k->key < best->key))
            best = k;
    }
    return best;
}

bool fold_kept_close(struct workload_build *b, const struct fkepts *kept, double median_ms, const struct wtrace **ret)
{
    const struct fkept *k = nearest(kept, median_ms);
    *ret = NULL;
    if (!k)
        return true;
    struct wtrace *t = arena_new_one(b->result, struct wtrace);
    struct wline *lines = arena_new_array(b->result, struct wline, k->lines.n + 1);
    struct wmark *marks = arena_new_array(b->result, struct wmark, k->marks.n + 1);
    if (!t || !lines || !marks)
        return false;
    if (k->marks.n)
        memcpy(marks, k->marks.p, k->marks.n * sizeof *marks);
    for (size_t i = 0; i < k->lines.n; i++) {
        const struct fline *l = &k->lines.p[i];
        lines[i] = (struct wline){ .kind = l->kind, .depth = l->depth, .failed = (l->flags & FW_FAILED) != 0,
                                   .count = l->count, .line = l->line, .first_a = l->first_a, .a = l->a, .b = l->b, .ms = l->ms,
                                   .name = l->name ? syms_cstr(b->syms, l->name) : "",
                                   .file = l->file ? syms_cstr(b->syms, l->file) : NULL,
                                   .marks = marks + l->marks, .nmarks = l->nmarks };
    }
    *t = (struct wtrace){ k->ms, k->left_out_ms, lines, (uint32_t)k->lines.n };
    *ret = t;
    return true;
}
