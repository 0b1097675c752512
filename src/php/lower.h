/* From tree-sitter's tree to nodes: what the lower_*.c files share.
 *
 * One cursor walks the tree. A lower_* function finds the cursor on its node and leaves it there.
 * Children are walked by
 *
 *     for (bool in = enter(l); in; in = step(l)) { switch (at(l)) … }
 *
 * without `break` out of the loop (the cursor would stay below). enter and step pass over comments,
 * text between PHP blocks and what did not parse; enter_all and step_all, for lists of statements,
 * do not. */
#ifndef FETTLE_PHP_LOWER_H
#define FETTLE_PHP_LOWER_H
#include "php/blade.h"
#include "php/build.h"
#include "php/syntax.h"

struct import {
    struct str alias, full;
    uint8_t op; /* of N_USE */
};

struct lower {
    struct build b;
    const struct syntax *syntax;
    TSTreeCursor cursor;
    struct str src; /* what was parsed: the file, or the text a template was lowered to */
    uint32_t file_bytes;
    struct str ns;
    struct VEC(struct import) imports;
    const struct blade *blade; /* NULL: a PHP file */
    bool has_echo_tags;        /* `<?=` occurs */
    uint32_t levels;           /* of recursion in C */
};

static inline TSNode here(struct lower *l)
{
    return ts_tree_cursor_current_node(&l->cursor);
}
static inline enum cst cst_of(struct lower *l, TSNode n)
{
    return syntax_kind(l->syntax, ts_node_symbol(n));
}
static inline enum cst at(struct lower *l)
{
    return cst_of(l, here(l));
}
static inline bool is_named(struct lower *l, TSNode n)
{
    TSSymbol s = ts_node_symbol(n);
    return s < l->syntax->nsymbols && l->syntax->named[s];
}
static inline struct str text_of(struct lower *l, TSNode n)
{
    uint32_t a = ts_node_start_byte(n), z = ts_node_end_byte(n);
    return (struct str){ l->src.p + a, z - a };
}
static inline struct str here_text(struct lower *l)
{
    return text_of(l, here(l));
}

static inline bool enter_all(struct lower *l)
{
    return ts_tree_cursor_goto_first_child(&l->cursor);
}
static inline bool step_all(struct lower *l)
{
    if (ts_tree_cursor_goto_next_sibling(&l->cursor))
        return true;
    ts_tree_cursor_goto_parent(&l->cursor);
    return false;
}
static inline bool skip_extras(struct lower *l, bool in)
{
    while (in) {
        enum cst k = at(l);
        if (k != C_comment && k != C_text_interpolation && k != C_ERROR)
            return true;
        in = step_all(l);
    }
    return false;
}
static inline bool enter(struct lower *l)
{
    return skip_extras(l, enter_all(l));
}
static inline bool step(struct lower *l)
{
    return skip_extras(l, step_all(l));
}

static inline uint32_t open_at(struct lower *l, enum node_kind kind, TSNode n)
{
    return build_open(&l->b, kind, ts_node_start_byte(n));
}
static inline void close_at(struct lower *l, uint32_t i, TSNode n)
{
    build_close(&l->b, i, ts_node_end_byte(n));
}
static inline void add_null(struct lower *l, TSNode before)
{
    build_close(&l->b, build_open(&l->b, N_NULL, ts_node_end_byte(before)),
                ts_node_end_byte(before));
}
static inline struct node *node_of(struct lower *l, uint32_t i)
{
    return build_node(&l->b, i);
}
static inline uint32_t next_index(const struct lower *l)
{
    return (uint32_t)l->b.nodes.n;
}
/* A node without children made of the one under the cursor. */
static inline uint32_t add_leaf(struct lower *l, enum node_kind kind, TSNode n, struct str s)
{
    uint32_t i = open_at(l, kind, n);
    node_of(l, i)->s = build_str(&l->b, s);
    close_at(l, i, n);
    return i;
}

/* lower_file.c: statements */
void lower_program(struct lower *);
void lower_statement(struct lower *, struct str doc);
void lower_statements(
    struct lower *);             /* the children of the node under the cursor that are statements */
void lower_body(struct lower *); /* a statement as S_BLOCK */
void lower_error(struct lower *);
void add_doc(struct lower *, struct str doc); /* N_DOC; nothing when empty */
void too_deep(struct lower *);
bool deep(struct lower *); /* true: too_deep was called */

/* lower_decl.c: declarations */
bool lower_declaration(struct lower *, enum cst kind, struct str doc); /* false: not one */
void lower_params(struct lower *);
void lower_type(struct lower *);
void lower_attributes(struct lower *);
void lower_anonymous_class(struct lower *); /* N_CLASS, then the E_ARGs */
void lower_use(struct lower *);
void lower_namespace(struct lower *);
void add_import(struct lower *, struct str full, struct str alias, uint8_t op);
void add_use(struct lower *, TSNode n, struct str full, struct str alias, uint8_t op);

/* lower_expr.c: expressions */
uint32_t lower_expr(struct lower *);  /* index of the node made */
void lower_expr_list(struct lower *); /* `a, b, c` */
void lower_arguments(struct lower *, uint32_t call);
void lower_items(struct lower *);         /* the elements of an array literal */
void lower_name(struct lower *);          /* a class as operand: E_NAME */
struct str variable_text(struct lower *); /* of a variable_name, without $ */

/* lower_str.c: literals and interpolation */
void lower_single_quoted(struct lower *);
void lower_double_quoted(struct lower *);
void lower_heredoc(struct lower *);
void lower_shell(struct lower *);
struct str unescape_single(struct arena *, struct str body);
struct str unescape_double(struct arena *, struct str body, char quote);

/* lower_name.c */
struct str resolve_class(struct lower *, struct str name);
struct str resolve_function(struct lower *, struct str name);
struct str resolve_const(struct lower *, struct str name);

/* lower_blade.c: markers back to E_BLADE. True: it was one, and is lowered */
bool lower_blade_call(struct lower *, TSNode call);
bool lower_blade_block(struct lower *); /* a statement */

/* repair.c: a copy of the same length that the grammar may like better; false: nothing to change */
bool php_repair(struct str src, struct arena *scratch, struct str *ret);

/* thin.c: a copy with long lists of literals blanked; returns the bytes that are gone, 0: no copy
 */
uint32_t php_thin(struct str src, struct arena *scratch, struct str *ret);

/* parse.c */
TSTree *php_parse(const struct syntax *syntax, struct str *src, uint64_t deadline_ns);
#endif
