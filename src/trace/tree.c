/* A trace as a tree of lines: siblings of one kind, shape and place are one node with their sum, and what they hold is
 * folded in the same way, so that a page with an N+1 stays a page long. */
#include "trace/trace.h"

#include <stdlib.h>

enum {
    DEPTH_MAX = 40,
    SHAPE_BYTES = 2048,
    SMALL_SHARE = 100, /* a middleware's own time, an event or a prepare below 1 % of the trace is left out */
};

struct building {
    const struct trace *t;
    struct trace_tree *tree;
    uint32_t *first, *next; /* children of each span, in order; [0]: of the request */
    struct map64 *seen;     /* (parent node, key) -> node */
};

static uint64_t key_of(const struct span *s)
{
    char shape[SHAPE_BYTES];
    uint64_t h = s->kind == FW_SQL ? sql_fingerprint(str_c(s->name), DIALECT_UNKNOWN, shape, sizeof shape)
                                   : str_hash(str_c(s->name));
    h = hash_mix(h, hash_mix(s->kind, s->line));
    h = hash_mix(h, str_hash(str_c(s->file)));
    return s->kind == FW_CACHE || s->kind == FW_LIVEWIRE_PHASE ? hash_mix(h, s->a) : h;
}

/* A span joins the node of its kind among the parent's children, or makes one. */
static bool add_to(struct building *b, uint32_t parent, uint32_t span)
{
    struct trace_tree *tree = b->tree;
    const struct span *s = &b->t->spans[span - 1];
    uint64_t key = hash_mix(key_of(s), parent), at = tree->n;
    if (!map64_get(b->seen, key, &at)) {
        struct trace_node *up = &tree->nodes[parent];
        tree->nodes[at] = (struct trace_node){ .span = s, .depth = up->depth + 1, .first = span, .last = span };
        if (up->last_child)
            tree->nodes[up->last_child].next = (uint32_t)at;
        else
            up->child = (uint32_t)at;
        up->last_child = (uint32_t)at;
        tree->n++;
        if (!map64_put(b->seen, key, at))
            return false;
    } else {
        tree->same[tree->nodes[at].last] = span;
        tree->nodes[at].last = span;
    }
    struct trace_node *node = &tree->nodes[at];
    node->count++;
    node->ns += s->dur_ns;
    node->a += s->a;
    node->b += s->b;
    return true;
}

static bool is_small(const struct building *b, const struct span *s)
{
    bool bare = !b->first[s->index];
    bool passes_on = s->kind == FW_MIDDLEWARE || ((s->kind == FW_EVENT || s->kind == FW_SQL_PREPARE) && bare);
    return passes_on && s->self_ns * SMALL_SHARE < b->t->dur_ns && !(s->flags & FW_FAILED);
}

/* The children of one span; those of what is left out stand in its place. */
static bool gather_from(struct building *b, uint32_t parent, uint32_t span, unsigned depth)
{
    bool ok = true;
    for (uint32_t c = b->first[span]; ok && c; c = b->next[c]) {
        const struct span *s = &b->t->spans[c - 1];
        if (is_small(b, s) && depth < LIMIT_DEPTH) {
            b->tree->left_out++;
            b->tree->left_out_ns += s->self_ns;
            ok = gather_from(b, parent, c, depth + 1);
        } else {
            ok = add_to(b, parent, c);
        }
    }
    return ok;
}

static bool build(struct building *b)
{
    const struct trace *t = b->t;
    struct trace_tree *tree = b->tree;
    for (uint32_t i = t->nspans; i >= 1; i--) { /* backwards, so that lists run forwards */
        uint32_t up = t->spans[i - 1].parent;
        b->next[i] = b->first[up];
        b->first[up] = i;
    }
    tree->n = 1;
    tree->nodes[0] = (struct trace_node){ .count = 1, .ns = t->dur_ns };
    bool ok = gather_from(b, 0, 0, 0);
    for (uint32_t i = 1; ok && i < tree->n; i++) {
        struct trace_node *node = &tree->nodes[i];
        for (uint32_t s = node->first; ok && s; s = tree->same[s]) {
            node->is_cut |= node->depth > DEPTH_MAX && b->first[s];
            ok = node->depth > DEPTH_MAX || gather_from(b, i, s, 0);
        }
    }
    return ok;
}

int trace_tree_make(const struct trace *t, struct trace_tree *ret)
{
    *ret = (struct trace_tree){ .nodes = fault_calloc(t->nspans + 1, sizeof *ret->nodes),
                                .same = fault_calloc(t->nspans + 1, sizeof *ret->same) };
    struct building b = { .t = t, .tree = ret, .first = fault_calloc(t->nspans + 1, sizeof *b.first),
                          .next = fault_calloc(t->nspans + 1, sizeof *b.next), .seen = map64_new() };
    bool ok = ret->nodes && ret->same && b.first && b.next && b.seen && build(&b);
    free(b.first);
    free(b.next);
    map64_free(b.seen);
    if (!ok)
        trace_tree_release(ret);
    return ok ? RC_OK : RC_NOMEM;
}

void trace_tree_release(struct trace_tree *tree)
{
    free(tree->nodes);
    free(tree->same);
    *tree = (struct trace_tree){ 0 };
}
