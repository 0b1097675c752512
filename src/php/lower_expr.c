/* Expressions. */
#include "php/lower.h"

#include <strings.h>

static uint8_t binary_op(enum cst k)
{
    static const uint8_t ops[CST_COUNT] = {
        [T_PLUS] = OP_ADD,    [T_MINUS] = OP_SUB,
        [T_STAR] = OP_MUL,    [T_SLASH] = OP_DIV,
        [T_PERCENT] = OP_MOD, [T_POW] = OP_POW,
        [T_DOT] = OP_CONCAT,  [T_ANDAND] = OP_AND,
        [T_AND] = OP_AND,     [T_OROR] = OP_OR,
        [T_OR] = OP_OR,       [T_XOR] = OP_XOR,
        [T_AMP] = OP_BAND,    [T_BAR] = OP_BOR,
        [T_CARET] = OP_BXOR,  [T_SHL] = OP_SHL,
        [T_SHR] = OP_SHR,     [T_EQ] = OP_EQ,
        [T_NE] = OP_NE,       [T_LTGT] = OP_NE,
        [T_IDENT] = OP_IDENT, [T_NIDENT] = OP_NIDENT,
        [T_LT] = OP_LT,       [T_LE] = OP_LE,
        [T_GT] = OP_GT,       [T_GE] = OP_GE,
        [T_CMP] = OP_CMP,     [T_COALESCE] = OP_COALESCE,
        [T_PIPE] = OP_PIPE,   [T_A_PLUS] = OP_ADD,
        [T_A_MINUS] = OP_SUB, [T_A_STAR] = OP_MUL,
        [T_A_SLASH] = OP_DIV, [T_A_PERCENT] = OP_MOD,
        [T_A_POW] = OP_POW,   [T_A_DOT] = OP_CONCAT,
        [T_A_SHL] = OP_SHL,   [T_A_SHR] = OP_SHR,
        [T_A_BAR] = OP_BOR,   [T_A_CARET] = OP_BXOR,
        [T_A_AMP] = OP_BAND,  [T_A_COALESCE] = OP_COALESCE,
    };
    return ops[k];
}

struct str variable_text(struct lower *l)
{
    struct str s = here_text(l);
    return s.n && s.p[0] == '$' ? str_trim(str_sub(s, 1, s.n)) : s;
}

/* All named children as expressions under one node. */
static uint32_t children(struct lower *l, enum node_kind kind)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    for (bool in = enter(l); in; in = step(l))
        if (is_named(l, here(l)))
            lower_expr(l);
    close_at(l, i, n);
    return i;
}

void lower_expr_list(struct lower *l)
{
    if (at(l) != C_sequence_expression) {
        lower_expr(l);
        return;
    }
    if (deep(l))
        return;
    l->levels++;
    for (bool in = enter(l); in; in = step(l))
        if (is_named(l, here(l)))
            lower_expr_list(l);
    l->levels--;
}

void lower_name(struct lower *l)
{
    TSNode n = here(l);
    add_leaf(l, E_NAME, n, resolve_class(l, text_of(l, n)));
}

static bool is_name(enum cst k)
{
    return k == C_name || k == C_qualified_name || k == C_relative_name || k == C_relative_scope;
}

/* What stands before :: or after new and instanceof. */
static void class_operand(struct lower *l)
{
    if (is_name(at(l)))
        lower_name(l);
    else
        lower_expr(l);
}

static void constant(struct lower *l)
{
    TSNode n = here(l);
    struct str s = text_of(l, n);
    bool leaves = (s.n == 3 && strncasecmp(s.p, "die", 3) == 0) ||
                  (s.n == 4 && strncasecmp(s.p, "exit", 4) == 0);
    if (leaves)
        add_leaf(l, E_EXIT, n, (struct str){ "", 0 });
    else
        add_leaf(l, E_CONST, n, resolve_const(l, s));
}

/* --- calls --- */

/* Is the name under the cursor that of a named argument? */
static bool names_argument(struct lower *l)
{
    return at(l) == C_name && ts_tree_cursor_current_field_id(&l->cursor) == l->syntax->field_name;
}

static void argument(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_ARG, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_variadic_unpacking) {
            node_of(l, i)->flags |= F_UNPACK;
            for (bool v = enter(l); v; v = step(l))
                if (is_named(l, here(l)))
                    lower_expr(l);
        } else if (k == C_reference_modifier) {
            node_of(l, i)->flags |= F_BYREF;
        } else if (names_argument(l)) {
            node_of(l, i)->s = build_str(&l->b, here_text(l));
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

void lower_arguments(struct lower *l, uint32_t call)
{
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_argument)
            argument(l);
        else if (k == C_variadic_placeholder && call != UINT32_MAX)
            node_of(l, call)->flags |= F_FCC;
    }
}

/* The arguments of isset, empty, exit, die: their expressions alone. */
static void bare_arguments(struct lower *l)
{
    for (bool a = enter(l); a; a = step(l)) {
        if (at(l) != C_argument)
            continue;
        for (bool e = enter(l); e; e = step(l))
            if (is_named(l, here(l)))
                lower_expr(l);
    }
}

static enum node_kind construct_kind(struct str name)
{
    static const struct {
        const char *word;
        enum node_kind kind;
    } constructs[] = {
        { "isset", E_ISSET }, { "empty", E_EMPTY }, { "exit", E_EXIT }, { "die", E_EXIT }
    };
    for (size_t i = 0; i < 4; i++)
        if (str_ieq(name, str_c(constructs[i].word)))
            return constructs[i].kind;
    return E_CALL;
}

static void call(struct lower *l)
{
    TSNode n = here(l);
    if (l->blade && lower_blade_call(l, n))
        return;
    uint32_t i = open_at(l, E_CALL, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_arguments) {
            if (node_of(l, i)->kind == E_CALL)
                lower_arguments(l, i);
            else
                bare_arguments(l);
        } else if (is_name(k)) {
            struct str name = text_of(l, c);
            enum node_kind kind = name.n <= 5 ? construct_kind(name) : E_CALL;
            if (kind == E_CALL)
                add_leaf(l, E_NAME, c, resolve_function(l, name));
            else
                node_of(l, i)->kind = (uint8_t)kind;
        } else if (is_named(l, c)) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

/* How many lines the name at `at` stands below the end of its base: chains are written one call a
 * line. */
static uint8_t lines_below(struct lower *l, uint32_t base_end, uint32_t at)
{
    uint32_t n = 0;
    for (uint32_t i = base_end; i < at && n < UINT8_MAX; i++)
        n += l->src.p[i] == '\n';
    return (uint8_t)n;
}

/* base -> name (arguments): what comes after the arrow is a name, a variable or {expression}. */
static void member(struct lower *l, enum node_kind kind)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    bool arrow = false;
    uint32_t base_end = ts_node_end_byte(n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (arrow && is_named(l, c) && k != C_arguments)
            node_of(l, i)->op = lines_below(l, base_end, ts_node_start_byte(c));
        if (k == T_OBJ || k == T_NOBJ || k == T_SCOPE) {
            arrow = true;
            if (k == T_NOBJ)
                node_of(l, i)->flags |= F_NULLSAFE;
        } else if (k == C_arguments) {
            lower_arguments(l, i);
        } else if (!is_named(l, c)) {
            continue;
        } else if (!arrow) {
            base_end = ts_node_end_byte(c);
            if (kind == E_SCALL || kind == E_SPROP)
                class_operand(l);
            else
                lower_expr(l);
        } else if (k == C_name && !ts_node_child_count(c)) {
            node_of(l, i)->s = build_str(&l->b, text_of(l, c));
        } else if (kind == E_SPROP && k == C_variable_name) {
            node_of(l, i)->s = build_str(&l->b, variable_text(l));
        } else {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

/* X::NAME, X::class, X::{expr} (a name that holds an expression). */
static void class_constant(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_CCONST, n);
    bool scope = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        if (cst_of(l, c) == T_SCOPE) {
            scope = true;
        } else if (!is_named(l, c)) {
            continue;
        } else if (!scope) {
            class_operand(l);
        } else if (!ts_node_child_count(c)) {
            node_of(l, i)->s = build_str(&l->b, text_of(l, c));
        } else {
            for (bool e = enter(l); e; e = step(l))
                if (is_named(l, here(l)))
                    lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void new_object(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_NEW, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_anonymous_class)
            lower_anonymous_class(l);
        else if (k == C_arguments)
            lower_arguments(l, i);
        else if (is_named(l, here(l)))
            class_operand(l);
    }
    close_at(l, i, n);
}

/* --- arrays --- */

/* One element; key first when there is one. by_ref holds the variable. */
static void item_part(struct lower *l, uint32_t item)
{
    enum cst k = at(l);
    if (k == C_by_ref || k == C_variadic_unpacking) {
        node_of(l, item)->flags |= k == C_by_ref ? F_BYREF : F_UNPACK;
        for (bool in = enter(l); in; in = step(l))
            if (is_named(l, here(l)))
                lower_expr(l);
    } else {
        lower_expr(l);
    }
}

static void array_element(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_ITEM, n);
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) == T_ARROW)
            node_of(l, i)->flags |= F_HAS_KEY;
        else if (is_named(l, here(l)))
            item_part(l, i);
    }
    close_at(l, i, n);
}

void lower_items(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l))
        if (at(l) == C_array_element_initializer)
            array_element(l);
}

static void array_literal(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_ARRAY, n);
    lower_items(l);
    close_at(l, i, n);
}

/* list(…) and [...] to the left of `=`: elements lie flat between commas and may be absent. */
static void list_literal(struct lower *l)
{
    TSNode n = here(l), last = n;
    uint32_t i = open_at(l, E_ARRAY, n), item = UINT32_MAX;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == T_COMMA || k == T_RBRACKET || k == T_RPAREN) {
            if (item != UINT32_MAX)
                close_at(l, item, last);
            else if (k == T_COMMA)
                add_null(l, c);
            item = UINT32_MAX;
        } else if (k == T_ARROW && item != UINT32_MAX) {
            node_of(l, item)->flags |= F_HAS_KEY;
        } else if (is_named(l, c)) {
            if (item == UINT32_MAX)
                item = open_at(l, E_ITEM, c);
            item_part(l, item);
            last = c;
        }
    }
    if (item != UINT32_MAX)
        close_at(l, item, last);
    close_at(l, i, n);
}

static void subscript(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_INDEX, n);
    bool base = false, index = false;
    for (bool in = enter(l); in; in = step(l)) {
        if (!is_named(l, here(l)))
            continue;
        lower_expr(l);
        index = base;
        base = true;
    }
    if (!index)
        add_null(l, n);
    close_at(l, i, n);
}

/* --- functions as values --- */

static void captured(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l)) {
        TSNode n = here(l);
        enum cst k = cst_of(l, n);
        if (k != C_variable_name && k != C_by_ref)
            continue;
        struct str name = text_of(l, n);
        while (name.n && strchr("&$ \t\r\n", name.p[0]))
            name = str_sub(name, 1, name.n);
        uint32_t i = add_leaf(l, E_USE, n, name);
        node_of(l, i)->flags = k == C_by_ref ? F_BYREF : 0;
    }
}

static void function_value(struct lower *l, enum node_kind kind)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    bool body = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (k == C_static_modifier || k == C_reference_modifier) {
            node_of(l, i)->flags |= k == C_static_modifier ? F_STATIC : F_BYREF;
        } else if (k == C_formal_parameters) {
            lower_params(l);
        } else if (k == C_anonymous_function_use_clause) {
            captured(l);
        } else if (k == T_ARROW) {
            body = true;
        } else if (k == C_compound_statement) {
            lower_body(l);
        } else if (is_named(l, c)) {
            if (body) {
                lower_expr(l);
                continue;
            }
            uint32_t r = open_at(l, N_RET, c);
            lower_type(l);
            close_at(l, r, c);
        }
    }
    close_at(l, i, n);
}

/* --- operators --- */

static void binary(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_BIN, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == T_INSTANCEOF)
            node_of(l, i)->kind = E_INSTANCEOF;
        else if (!is_named(l, c))
            node_of(l, i)->op = binary_op(k);
        else if (node_of(l, i)->kind == E_INSTANCEOF)
            class_operand(l);
        else
            lower_expr(l);
    }
    close_at(l, i, n);
}

static void unary(struct lower *l)
{
    uint32_t i = next_index(l);
    uint8_t op = OP_NONE;
    TSNode n = here(l);
    switch (l->src.p[ts_node_start_byte(n)]) {
    case '!':
        op = OP_NOT;
        break;
    case '~':
        op = OP_BNOT;
        break;
    case '+':
        op = OP_PLUS;
        break;
    case '-':
        op = OP_MINUS;
        break;
    }
    children(l, E_UN);
    node_of(l, i)->op = op;
}

static void update(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_INCDEC, n);
    bool operand = false;
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == T_INC || k == T_DEC) {
            node_of(l, i)->op = (uint8_t)((k == T_DEC) + (operand ? 2 : 0));
        } else if (is_named(l, here(l))) {
            lower_expr(l);
            operand = true;
        }
    }
    close_at(l, i, n);
}

static void cast(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_CAST, n);
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) == C_cast_type) {
            struct str type = here_text(l);
            char *p = arena_strndup(l->b.scratch, type.p, type.n);
            for (uint32_t c = 0; p && c < type.n; c++)
                p[c] |= 32;
            node_of(l, i)->s = p ? build_str(&l->b, (struct str){ p, type.n }) : 0;
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void ternary(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_TERNARY, n);
    bool then = false, question = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == T_QUESTION) {
            question = true;
        } else if (k == T_COLON) {
            if (!then)
                add_null(l, c);
        } else if (is_named(l, c)) {
            then = question;
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void assignment(struct lower *l, enum node_kind kind, bool by_ref)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        if (is_named(l, c))
            lower_expr(l);
        else if (kind == E_ASSIGN_OP)
            node_of(l, i)->op = binary_op(cst_of(l, c));
    }
    if (by_ref)
        node_of(l, i)->flags |= F_BYREF;
    close_at(l, i, n);
}

static void match_arm(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_ARM, n);
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) == C_match_condition_list) {
            for (bool c = enter(l); c; c = step(l))
                if (is_named(l, here(l)))
                    lower_expr(l);
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void match(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_MATCH, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_match_block) {
            for (bool a = enter(l); a; a = step(l))
                if (is_named(l, here(l)))
                    match_arm(l);
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void yield_value(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, E_YIELD, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == T_YIELD_FROM) {
            node_of(l, i)->flags |= F_UNPACK;
        } else if (k == C_array_element_initializer) {
            for (bool e = enter(l); e; e = step(l))
                if (is_named(l, here(l)))
                    lower_expr(l);
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

/* (((x))): no node of its own, and no C frame a parenthesis. */
static void parenthesized(struct lower *l)
{
    uint32_t down = 0;
    for (bool in = enter(l); in;) {
        enum cst k = at(l);
        if (k == C_parenthesized_expression) {
            down++;
            in = enter(l);
        } else if (is_named(l, here(l))) {
            lower_expr(l);
            in = step(l);
        } else {
            in = step(l);
        }
        for (; !in && down; down--)
            in = step(l);
    }
}

static void expression(struct lower *l, enum cst k, TSNode n)
{
    switch (k) {
    case C_variable_name:
        add_leaf(l, E_VAR, n, variable_text(l));
        break;
    case C_name:
    case C_qualified_name:
    case C_relative_name:
        constant(l);
        break;
    case C_boolean:
    case C_null:
        add_leaf(l, E_CONST, n, text_of(l, n));
        break;
    case C_relative_scope:
        lower_name(l);
        break;
    case C_string:
        lower_single_quoted(l);
        break;
    case C_encapsed_string:
        lower_double_quoted(l);
        break;
    case C_heredoc:
    case C_nowdoc:
        lower_heredoc(l);
        break;
    case C_shell_command_expression:
        lower_shell(l);
        break;
    case C_integer:
    case C_float:
        add_leaf(l, k == C_integer ? E_INT : E_FLOAT, n, text_of(l, n));
        break;
    case C_member_call_expression:
    case C_nullsafe_member_call_expression:
        member(l, E_MCALL);
        break;
    case C_member_access_expression:
    case C_nullsafe_member_access_expression:
        member(l, E_PROP);
        break;
    case C_scoped_call_expression:
        member(l, E_SCALL);
        break;
    case C_scoped_property_access_expression:
        member(l, E_SPROP);
        break;
    case C_class_constant_access_expression:
        class_constant(l);
        break;
    case C_function_call_expression:
        call(l);
        break;
    case C_object_creation_expression:
        new_object(l);
        break;
    case C_array_creation_expression:
        array_literal(l);
        break;
    case C_list_literal:
        list_literal(l);
        break;
    case C_subscript_expression:
        subscript(l);
        break;
    case C_anonymous_function:
        function_value(l, E_CLOSURE);
        break;
    case C_arrow_function:
        function_value(l, E_ARROW);
        break;
    case C_assignment_expression:
        assignment(l, E_ASSIGN, false);
        break;
    case C_reference_assignment_expression:
        assignment(l, E_ASSIGN, true);
        break;
    case C_augmented_assignment_expression:
        assignment(l, E_ASSIGN_OP, false);
        break;
    case C_binary_expression:
        binary(l);
        break;
    case C_unary_op_expression:
        unary(l);
        break;
    case C_update_expression:
        update(l);
        break;
    case C_cast_expression:
        cast(l);
        break;
    case C_conditional_expression:
        ternary(l);
        break;
    case C_match_expression:
        match(l);
        break;
    case C_clone_expression:
        children(l, E_CLONE);
        break;
    case C_print_intrinsic:
        children(l, E_PRINT);
        break;
    case C_throw_expression:
        children(l, E_THROW);
        break;
    case C_error_suppression_expression:
        children(l, E_SILENCE);
        break;
    case C_include_expression:
    case C_include_once_expression:
    case C_require_expression:
    case C_require_once_expression:
        children(l, E_INCLUDE);
        break;
    case C_yield_expression:
        yield_value(l);
        break;
    case C_dynamic_variable_name:
        children(l, E_VAR);
        break;
    case C_argument:
        argument(l);
        break;
    case C_array_element_initializer:
        array_element(l);
        break;
    case C_by_ref:
    case C_sequence_expression:
    case C_variadic_unpacking:
    default:
        children(l, N_ERROR);
        break;
    }
}

uint32_t lower_expr(struct lower *l)
{
    TSNode n = here(l);
    enum cst k = cst_of(l, n);
    uint32_t i = next_index(l);
    if (deep(l))
        return i;
    l->levels++;
    if (k == C_parenthesized_expression)
        parenthesized(l);
    else
        expression(l, k, n);
    l->levels--;
    return i;
}
