/* Which pieces of a template are to blame for what did not parse. */
#include "php/lower.h"

enum { CHECKS_MAX = 256 }; /* pieces parsed alone, a template */

struct blame {
    struct blade *b;
    const struct syntax *syntax;
    uint64_t deadline_ns;
    uint32_t checks;
    bool found;
};

static uint32_t segment_index(const struct blade *b, uint32_t out)
{
    uint32_t lo = 0, hi = (uint32_t)b->segs.n;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (b->segs.p[mid].out <= out)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static bool parses(struct blame *s, const char *before, uint32_t from, uint32_t to,
                   const char *after)
{
    if (s->checks++ >= CHECKS_MAX)
        return true;
    auto_buf text = BUF_INIT(LIMIT_FILE_BYTES);
    buf_adds(&text, before);
    buf_add(&text, s->b->src.p + from, to - from);
    buf_adds(&text, after);
    if (text.failed)
        return true;
    struct str src = { text.p, (uint32_t)text.n };
    TSTree *tree = php_parse(s->syntax, &src, s->deadline_ns);
    bool ok = tree && !ts_node_has_error(ts_tree_root_node(tree));
    ts_tree_delete(tree);
    return ok;
}

static bool piece_parses(struct blame *s, const struct piece *p)
{
    const char *before = "<?php f(", *after = "\n);";
    if (p->kind == P_DIRECTIVE &&
        (p->word == W_FOREACH || p->word == W_FORELSE || p->word == W_FOR)) {
        before = p->word == W_FOR ? "<?php for(" : "<?php foreach(";
        after = "\n){}";
    } else if (p->kind == P_DIRECTIVE && p->word == W_USE) {
        return true;
    }
    return parses(s, before, p->args, p->args_end, after);
}

static void blame_piece(struct blame *s, uint32_t i, bool sure)
{
    struct piece *p = &s->b->pieces.p[i];
    bool code =
        p->kind == P_ECHO || p->kind == P_INLINE || p->kind == P_DIRECTIVE || p->kind == P_NESTED;
    if (!code || !p->has_args || p->bad || (!sure && piece_parses(s, p)))
        return;
    p->bad = s->found = true;
}

/* The attributes of a tag that a copied segment came from. */
static void blame_attr(struct blame *s, const struct piece *p, const struct segment *seg, bool sure)
{
    for (uint32_t k = p->attr; k < p->attr + p->nattrs; k++) {
        struct attr *a = &s->b->attrs.p[k];
        if (a->bad || seg->in < a->value || seg->in >= a->value_end)
            continue;
        if (!sure && parses(s, "<?php f(", seg->in, seg->in_end, "\n);"))
            continue;
        a->bad = s->found = true;
    }
}

static void blame_range(struct blame *s, uint32_t from, uint32_t to)
{
    struct blade *b = s->b;
    uint32_t first = segment_index(b, from), last = segment_index(b, to > from ? to - 1 : from);
    bool sure = first == last && b->segs.p[first].copied;
    if (!sure) { /* the parser may have stumbled over what comes right before, or gone on into what
                    follows */
        first -= first > 0;
        last += last + 1 < b->segs.n;
    }
    for (uint32_t i = first; i <= last; i++) {
        const struct segment *seg = &b->segs.p[i];
        if (seg->piece == NO_PIECE || !seg->copied)
            continue;
        const struct piece *p = &b->pieces.p[seg->piece];
        if (p->kind == P_TAG || p->kind == P_SLOT_TAG || p->kind == P_LIVEWIRE_TAG)
            blame_attr(s, p, seg, sure);
        else
            blame_piece(s, seg->piece, sure);
    }
}

bool blade_blame(struct blade *b, const struct syntax *syntax, TSTree *tree, uint64_t deadline_ns)
{
    struct blame s = { b, syntax, deadline_ns, 0, false };
    TSTreeCursor c = ts_tree_cursor_new(ts_tree_root_node(tree));
    uint32_t depth = 0;
    for (bool down = true;;) {
        TSNode n = ts_tree_cursor_current_node(&c);
        bool error = ts_node_is_missing(n) || syntax_kind(syntax, ts_node_symbol(n)) == C_ERROR;
        if (down && error && b->segs.n)
            blame_range(&s, ts_node_start_byte(n), ts_node_end_byte(n));
        if (down && ts_node_has_error(n) && ts_tree_cursor_goto_first_child(&c)) {
            depth++;
            continue;
        }
        down = ts_tree_cursor_goto_next_sibling(&c);
        if (down)
            continue;
        if (!depth)
            break;
        depth--;
        ts_tree_cursor_goto_parent(&c);
    }
    ts_tree_cursor_delete(&c);
    return s.found;
}
