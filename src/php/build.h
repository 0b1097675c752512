/* Makes one file's facts: nodes are opened and closed in pre-order, strings are interned, holes are
 * noted. After a failure (memory, ceiling) `rc` says which and every call is harmless. */
#ifndef FETTLE_PHP_BUILD_H
#define FETTLE_PHP_BUILD_H
#include "php/php.h"

/* A piece of lowered text and where it came from. In a copied piece bytes correspond one to one; a
 * generated one stands as a whole for in..in_end. Sorted by `out`; a piece ends where the next
 * begins. */
struct segment {
    uint32_t out, in, in_end;
    uint32_t piece; /* of the template, for blade.c */
    bool copied;
};

struct build {
    struct arena *scratch;
    const struct segment *segs; /* none: offsets are the file's own */
    uint32_t nsegs, seg;        /* seg: where the last look-up ended */
    struct VEC(struct node) nodes;
    struct VEC(struct hole) holes;
    struct VEC(struct ignore) ignores;
    struct VEC(struct str) strs; /* borrowed from the source or the scratch arena */
    uint32_t *table;             /* ids of strs by hash, 0: free */
    uint32_t table_size, depth;
    uint32_t cut;        /* goes into facts.ncut */
    struct node nowhere; /* stands in for a node after a failure */
    enum rc rc;
};

bool build_init(struct build *, struct arena *scratch, uint32_t source_bytes);
void build_release(struct build *);
uint32_t build_open(struct build *, enum node_kind kind, uint32_t off); /* index of the new node */
void build_close(struct build *, uint32_t node, uint32_t end);
uint32_t build_str(struct build *, struct str s); /* the bytes must live as long as the build */
/* The same with offsets of the file itself. */
uint32_t build_open_at(struct build *, enum node_kind kind, uint32_t off);
void build_close_at(struct build *, uint32_t node, uint32_t end);
void build_hole_at(struct build *, uint32_t off, uint32_t end);
void build_hole(struct build *, uint32_t off, uint32_t end);
/* Appends copies of the closed nodes from..to: whole subtrees. */
void build_copy(struct build *, uint32_t from, uint32_t to);
void build_drop_children(struct build *, uint32_t node); /* of an open node */
uint32_t map_start(struct build *, uint32_t out);        /* lowered offset to file offset */
uint32_t map_end(struct build *, uint32_t out);          /* the same for one past a last byte */
bool map_is_generated(struct build *, uint32_t out);
/* Everything into one malloc'ed block. `file` is the file on disk. */
int build_finish(struct build *, struct str file, enum facts_lang lang, struct facts **ret,
                 struct err *err) MUST_CHECK;

static inline struct node *build_node(struct build *b, uint32_t i)
{
    return i < b->nodes.n ? &b->nodes.p[i] : &b->nowhere;
}
#endif
