/* Markers back to E_BLADE: what a piece of the template says, with the arguments that were parsed.
 */
#include "php/lower.h"

#include <ctype.h>

/* Reads `_B12(` at a byte of the lowered text that is ours; the index must be one of `count`. */
static bool read_marker(struct lower *l, uint32_t off, char letter, size_t count, uint32_t *ret)
{
    const char *p = l->src.p;
    uint32_t i = off + 2, value = 0;
    if (!l->blade || off + 3 >= l->src.n || p[off] != '_' || p[off + 1] != letter ||
        !map_is_generated(&l->b, off))
        return false;
    for (; i < l->src.n && isdigit((unsigned char)p[i]) && value < count; i++)
        value = value * 10 + (uint32_t)(p[i] - '0');
    *ret = value;
    return i < l->src.n && p[i] == '(' && value < count;
}

static const struct piece *piece_at(struct lower *l, uint32_t off)
{
    uint32_t i;
    return read_marker(l, off, 'B', l->blade->pieces.n, &i) ? &l->blade->pieces.p[i] : NULL;
}

static uint32_t lower_case_name(struct lower *l, const struct piece *p)
{
    struct str name = piece_name(l->blade, p);
    char *copy = arena_strndup(l->b.scratch, name.p, name.n);
    for (uint32_t i = 0; copy && i < name.n; i++)
        copy[i] = (char)tolower((unsigned char)copy[i]);
    return copy ? build_str(&l->b, (struct str){ copy, name.n }) : 0;
}

static uint32_t leaf(struct lower *l, enum node_kind kind, uint32_t off, uint32_t end, struct str s)
{
    uint32_t i = build_open_at(&l->b, kind, off);
    node_of(l, i)->s = build_str(&l->b, s);
    build_close_at(&l->b, i, end);
    return i;
}

/* --- attributes of tags --- */

static bool keeps_its_name(struct str s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (memchr(":.@$", s.p[i], 4))
            return true;
    return false;
}

static struct str camel_case(struct lower *l, struct str s)
{
    if (keeps_its_name(s) || (!memchr(s.p, '-', s.n) && !memchr(s.p, '_', s.n)))
        return s;
    char *p = arena_alloc(l->b.scratch, s.n);
    uint32_t n = 0;
    bool up = false;
    for (uint32_t i = 0; p && i < s.n; i++) {
        if (s.p[i] == '-' || s.p[i] == '_') {
            up = n > 0;
            continue;
        }
        p[n++] = up ? (char)toupper((unsigned char)s.p[i]) : s.p[i];
        up = false;
    }
    return p ? (struct str){ p, n } : s;
}

/* The expressions of the marker's arguments, for the argument or call under the cursor. */
static void each_expr(struct lower *l, void (*fn)(struct lower *, void *ctx), void *ctx)
{
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_function_call_expression || k == C_arguments) {
            each_expr(l, fn, ctx);
        } else if (k == C_argument) {
            for (bool a = enter(l); a; a = step(l))
                if (is_named(l, here(l)))
                    fn(l, ctx);
        }
    }
}

/* From the argument that holds `_A7(…)` to what is inside. */
static void inside(struct lower *l, void (*fn)(struct lower *, void *ctx), void *ctx)
{
    for (bool in = enter(l); in; in = step(l))
        if (at(l) == C_function_call_expression)
            each_expr(l, fn, ctx);
}

static void one_expr(struct lower *l, void *ctx)
{
    bool *done = ctx;
    if (!*done)
        lower_expr(l);
    *done = true;
}

struct echoes {
    const struct attr *attr;
    uint32_t from;
};

static void text_before(struct lower *l, struct echoes *e, uint32_t to)
{
    if (to > e->from)
        leaf(l, E_STR, e->from, to, blade_text(l->blade, e->from, to));
}

static void one_echo(struct lower *l, void *ctx)
{
    struct echoes *e = ctx;
    struct echo found;
    uint32_t from = e->from;
    do {
        if (!echo_next(l->blade->src, from, e->attr->value_end, &found))
            return;
        from = found.end;
    } while (!str_trim(blade_text(l->blade, found.code, found.code_end)).n);
    text_before(l, e, found.at);
    lower_expr(l);
    e->from = found.end;
}

static struct str attr_name(const struct lower *l, const struct attr *a)
{
    return str_sub(l->blade->src, a->name, a->name_n);
}

static void code_value(struct lower *l, const struct attr *a)
{
    if (a->kind == A_ECHOES) {
        struct echoes e = { a, a->value };
        uint32_t i = build_open_at(&l->b, E_INTERP, a->value);
        inside(l, one_echo, &e);
        text_before(l, &e, a->value_end);
        build_close_at(&l->b, i, a->value_end);
        return;
    }
    bool done = false;
    inside(l, one_expr, &done);
    if (!done)
        leaf(l, N_ERROR, a->value, a->value_end, str_sub(l->src, 0, 0));
}

static void plain_value(struct lower *l, const struct attr *a)
{
    uint32_t end = a->name + a->name_n;
    if (a->kind == A_BARE)
        leaf(l, E_CONST, a->name, end, STR("true"));
    else if (a->kind == A_SHORT)
        leaf(l, E_VAR, a->name, end, attr_name(l, a));
    else if (a->bad)
        leaf(l, N_ERROR, a->value, a->value_end, str_sub(l->src, 0, 0));
    else
        leaf(l, E_STR, a->value, a->value_end, blade_text(l->blade, a->value, a->value_end));
}

/* The cursor is on the argument with the attribute's code when has_code. */
static void attr_item(struct lower *l, const struct attr *a, bool has_code)
{
    uint32_t off = a->kind == A_UNPACK ? a->value : a->name;
    uint32_t i = build_open_at(&l->b, E_ITEM, off);
    uint32_t end = a->value_end > off ? a->value_end : a->name + a->name_n;
    if (a->kind == A_UNPACK) {
        node_of(l, i)->flags |= F_UNPACK;
    } else {
        node_of(l, i)->flags |= F_HAS_KEY;
        leaf(l, E_STR, a->name, a->name + a->name_n, camel_case(l, attr_name(l, a)));
    }
    if (has_code)
        code_value(l, a);
    else
        plain_value(l, a);
    build_close_at(&l->b, i, end);
}

struct items {
    const struct piece *piece;
    uint32_t next; /* the attribute to come */
};

static bool is_slot_name(const struct lower *l, const struct piece *p, const struct attr *a)
{
    return p->kind == P_SLOT_TAG && str_is(attr_name(l, a), "name");
}

static void plain_items(struct lower *l, struct items *s, uint32_t until)
{
    for (; s->next < until; s->next++) {
        const struct attr *a = &l->blade->attrs.p[s->next];
        if (!is_slot_name(l, s->piece, a))
            attr_item(l, a, false);
    }
}

/* Attributes in their order: those with code are arguments of the marker, the others stand in the
 * template only. */
static void tag_items(struct lower *l, const struct piece *p)
{
    struct items s = { p, p->attr };
    uint32_t k, end = p->attr + p->nattrs;
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) != C_arguments)
            continue;
        for (bool a = enter(l); a; a = step(l)) {
            bool ours = at(l) == C_argument &&
                        read_marker(l, ts_node_start_byte(here(l)), 'A', l->blade->attrs.n, &k);
            if (!ours || k < s.next || k >= end)
                continue;
            plain_items(l, &s, k);
            if (!is_slot_name(l, p, &l->blade->attrs.p[k]))
                attr_item(l, &l->blade->attrs.p[k], true);
            s.next = k + 1;
        }
    }
    plain_items(l, &s, end);
}

/* --- names --- */

static struct str slot_name(const struct lower *l, const struct piece *p)
{
    struct str name = piece_name(l->blade, p);
    if (name.n > 5)
        return str_sub(name, 5, name.n); /* slot:name */
    for (uint32_t a = p->attr; a < p->attr + p->nattrs; a++) {
        const struct attr *attr = &l->blade->attrs.p[a];
        if (str_is(attr_name(l, attr), "name"))
            return attr->kind == A_TEXT ? blade_text(l->blade, attr->value, attr->value_end)
                                        : str_sub(name, 0, 0);
    }
    return STR("slot");
}

static struct str tag_name(struct lower *l, const struct piece *p)
{
    struct str name = piece_name(l->blade, p);
    if (p->kind == P_SLOT_TAG)
        return slot_name(l, p);
    if (p->kind == P_TAG && str_starts(name, "flux:")) {
        char *s = arena_printf(l->b.scratch, "flux::" STR_FMT, STR_ARG(str_sub(name, 5, name.n)));
        return s ? str_c(s) : name;
    }
    return name;
}

/* --- @component, @livewire, @slot --- */

/* The expression under the cursor; a plain string is taken as the name instead. */
static void name_argument(struct lower *l, uint32_t blade)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_ARG, n);
    uint32_t value = lower_expr(l);
    close_at(l, i, n);
    if (node_of(l, value)->kind == E_STR && node_of(l, value)->s) {
        node_of(l, blade)->s = node_of(l, value)->s;
        build_drop_children(&l->b, blade);
    }
}

static void data_argument(struct lower *l, const char *key)
{
    TSNode n = here(l);
    if (!key && cst_of(l, n) == C_array_creation_expression) {
        lower_items(l);
        return;
    }
    uint32_t i = open_at(l, E_ITEM, n);
    node_of(l, i)->flags = key ? F_HAS_KEY : F_UNPACK;
    if (key)
        add_leaf(l, E_STR, n, str_c(key));
    lower_expr(l);
    close_at(l, i, n);
}

struct named {
    uint32_t blade, nth;
};

static void named_argument(struct lower *l, void *ctx)
{
    struct named *s = ctx;
    if (s->nth == 0)
        name_argument(l, s->blade);
    else
        data_argument(l, s->nth == 1 ? NULL : "key");
    s->nth++;
}

/* --- one piece --- */

static enum blade_op op_of(const struct piece *p)
{
    switch (p->word) {
    case W_INCLUDE:
    case W_INCLUDE_COND:
        return B_INCLUDE;
    case W_EACH:
        return B_EACH;
    case W_EXTENDS:
        return B_EXTENDS;
    case W_SECTION:
        return B_SECTION;
    case W_YIELD:
        return B_YIELD;
    case W_PROPS:
        return B_PROPS;
    case W_COMPONENT:
        return B_COMPONENT;
    case W_SLOT:
        return B_SLOT;
    case W_LIVEWIRE:
        return B_LIVEWIRE;
    default:
        return B_DIRECTIVE;
    }
}

static void directive_call(struct lower *l, const struct piece *p, uint32_t i)
{
    enum blade_op op = op_of(p);
    node_of(l, i)->op = (uint8_t)op;
    if (op == B_COMPONENT || op == B_SLOT || op == B_LIVEWIRE) {
        struct named s = { i, 0 };
        each_expr(l, named_argument, &s);
        if (op == B_COMPONENT)
            node_of(l, i)->flags |= F_VIEW;
        return;
    }
    if (op == B_DIRECTIVE || op == B_INCLUDE || op == B_PROPS || op == B_EXTENDS)
        node_of(l, i)->s = lower_case_name(l, p);
    for (bool in = enter(l); in; in = step(l))
        if (at(l) == C_arguments)
            lower_arguments(l, UINT32_MAX);
}

/* The call of a marker is under the cursor; the E_BLADE is open. */
static void piece_call(struct lower *l, const struct piece *p, uint32_t i)
{
    if (p->kind == P_DIRECTIVE || p->kind == P_NESTED) {
        directive_call(l, p, i);
    } else if (p->kind == P_WIRE) {
        struct str name = piece_name(l->blade, p);
        char *event = name.p[0] == '@' ? arena_printf(l->b.scratch, "x-on:" STR_FMT,
                                                      STR_ARG(str_sub(name, 1, name.n)))
                                       : NULL;
        node_of(l, i)->op = B_WIRE;
        node_of(l, i)->s = build_str(&l->b, event ? str_c(event) : name);
        leaf(l, E_STR, p->args, p->args_end, blade_text(l->blade, p->args, p->args_end));
    } else {
        node_of(l, i)->op = p->kind == P_TAG        ? B_COMPONENT
                            : p->kind == P_SLOT_TAG ? B_SLOT
                                                    : B_LIVEWIRE;
        node_of(l, i)->s = build_str(&l->b, tag_name(l, p));
        tag_items(l, p);
    }
}

bool lower_blade_call(struct lower *l, TSNode call)
{
    const struct piece *p = piece_at(l, ts_node_start_byte(call));
    if (!p)
        return false;
    uint32_t i = build_open_at(&l->b, E_BLADE, p->at);
    piece_call(l, p, i);
    build_close_at(&l->b, i, p->end);
    return true;
}

static bool is_block(const struct piece *p)
{
    return p->kind == P_TAG || p->kind == P_SLOT_TAG ||
           (p->kind == P_DIRECTIVE && (p->word == W_COMPONENT || p->word == W_SLOT));
}

/* if(_B12(…)): … endif; */
static bool block(struct lower *l, TSNode n)
{
    uint32_t start = ts_node_start_byte(n);
    const struct piece *p = piece_at(l, start + 3);
    if (!p || !is_block(p) || memcmp(l->src.p + start, "if(", 3) != 0)
        return false;
    uint32_t statement = open_at(l, S_EXPR, n), i = build_open_at(&l->b, E_BLADE, p->at);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_parenthesized_expression) {
            for (bool c = enter(l); c; c = step(l))
                if (at(l) == C_function_call_expression)
                    piece_call(l, p, i);
        } else if (is_named(l, here(l))) {
            lower_body(l);
        }
    }
    close_at(l, i, n);
    close_at(l, statement, n);
    return true;
}

/* `new class extends Component { … };` on top of a template: the component itself. */
static bool front_matter(struct lower *l)
{
    bool found = false;
    if (l->b.depth != 1)
        return false;
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) != C_object_creation_expression)
            continue;
        for (bool c = enter(l); c; c = step(l))
            if (at(l) == C_anonymous_class) {
                lower_anonymous_class(l);
                found = true;
            }
    }
    return found;
}

bool lower_blade_block(struct lower *l)
{
    TSNode n = here(l);
    if (cst_of(l, n) == C_if_statement)
        return block(l, n);
    return front_matter(l);
}
