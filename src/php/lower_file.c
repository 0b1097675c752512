/* Statements. */
#include "php/lower.h"

enum {
    LEVELS_MAX = 4 * LIMIT_DEPTH
}; /* C frames of the walk; nodes nest no deeper than LIMIT_DEPTH */

void too_deep(struct lower *l)
{
    TSNode n = here(l);
    build_hole(&l->b, ts_node_start_byte(n), ts_node_end_byte(n));
    close_at(l, open_at(l, N_ERROR, n), n);
}

bool deep(struct lower *l)
{
    if (l->b.depth + 8 < LIMIT_DEPTH && l->levels < LEVELS_MAX)
        return false;
    too_deep(l);
    return true;
}

/* `<?= a ?>` reaches us as an expression statement; the tag before it tells. */
static bool is_echo(const struct lower *l, TSNode n)
{
    if (!l->has_echo_tags)
        return false;
    uint32_t i = ts_node_start_byte(n);
    while (i && strchr(" \t\r\n", l->src.p[i - 1]))
        i--;
    return i >= 3 && memcmp(l->src.p + i - 3, "<?=", 3) == 0;
}

void add_doc(struct lower *l, struct str doc)
{
    if (!doc.n)
        return;
    uint32_t off = (uint32_t)(doc.p - l->src.p);
    uint32_t i = build_open(&l->b, N_DOC, off);
    node_of(l, i)->s = build_str(&l->b, doc);
    build_close(&l->b, i, off + doc.n);
}

static bool is_doc(struct str comment)
{
    return str_starts(comment, "/**") && comment.n > 4;
}

static void add_html(struct lower *l, TSNode n)
{
    if (!l->blade)
        close_at(l, open_at(l, S_HTML, n), n);
}

void lower_statements(struct lower *l)
{
    struct str doc = { "", 0 };
    for (bool in = enter_all(l); in; in = step_all(l)) {
        TSNode n = here(l);
        enum cst k = cst_of(l, n);
        if (k == C_comment) {
            struct str text = text_of(l, n);
            if (is_doc(text))
                doc = text;
        } else if (k == C_text_interpolation || k == C_text) {
            add_html(l, n);
        } else if (k == C_ERROR) {
            lower_error(l);
        } else if (is_named(l, n) && k != C_php_tag && k != C_php_end_tag) {
            lower_statement(l, doc);
            doc = (struct str){ "", 0 };
        }
    }
}

/* What can be read of a span that did not parse. */
void lower_error(struct lower *l)
{
    TSNode n = here(l);
    if (deep(l))
        return;
    l->levels++;
    uint32_t i = open_at(l, N_ERROR, n);
    lower_statements(l);
    close_at(l, i, n);
    l->levels--;
}

void lower_program(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = build_open(&l->b, N_FILE, 0);
    if (cst_of(l, n) == C_ERROR)
        lower_error(l);
    else
        lower_statements(l);
    build_close_at(&l->b, i, l->file_bytes);
}

void lower_body(struct lower *l)
{
    TSNode n = here(l);
    enum cst k = cst_of(l, n);
    uint32_t i = open_at(l, S_BLOCK, n);
    if (k == C_colon_block &&
        l->blade) /* the colon is ours: the block begins after its directive */
        node_of(l, i)->off = map_end(&l->b, ts_node_start_byte(n) + 1);
    if (k == C_compound_statement || k == C_colon_block)
        lower_statements(l);
    else
        lower_statement(l, (struct str){ "", 0 });
    close_at(l, i, n);
}

static void empty_block(struct lower *l, TSNode n)
{
    uint32_t end = ts_node_end_byte(n);
    build_close(&l->b, build_open(&l->b, S_BLOCK, end), end);
}

static bool is_body(enum cst k, TSNode n)
{
    return k != C_parenthesized_expression && ts_node_is_named(n);
}

static void simple(struct lower *l, enum node_kind kind)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    for (bool in = enter(l); in; in = step(l))
        if (is_named(l, here(l)))
            lower_expr_list(l);
    close_at(l, i, n);
}

static void expression_statement(struct lower *l)
{
    TSNode n = here(l);
    if (l->blade && lower_blade_block(l))
        return;
    simple(l, is_echo(l, n) ? S_ECHO : S_EXPR);
}

static void exit_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_EXPR, n);
    simple(l, E_EXIT);
    close_at(l, i, n);
}

/* if, then any elseif, then else: every elseif is an S_IF in the else place of the one before. */
static void if_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t opened[LIMIT_DEPTH], count = 0;
    opened[count++] = open_at(l, S_IF, n);
    bool has_else = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_parenthesized_expression) {
            lower_expr(l);
        } else if (k == C_else_if_clause && l->b.depth + 8 < LIMIT_DEPTH) {
            opened[count++] = open_at(l, S_IF, c);
            for (bool e = enter(l); e; e = step(l)) {
                if (at(l) == C_parenthesized_expression)
                    lower_expr(l);
                else if (is_named(l, here(l)))
                    lower_body(l);
            }
        } else if (k == C_else_clause) {
            for (bool e = enter(l); e; e = step(l)) {
                if (at(l) == C_if_statement)
                    lower_statement(l, (struct str){ "", 0 });
                else if (is_named(l, here(l)))
                    lower_body(l);
            }
            has_else = true;
        } else if (k == C_else_if_clause) {
            too_deep(l);
            has_else = true;
        } else if (is_named(l, c)) {
            lower_body(l);
        }
    }
    if (!has_else)
        add_null(l, n);
    while (count--)
        close_at(l, opened[count], n);
}

static void foreach_value(struct lower *l)
{
    if (at(l) == C_by_ref) {
        uint32_t value = next_index(l);
        for (bool in = enter(l); in; in = step(l))
            if (is_named(l, here(l)))
                value = lower_expr(l);
        node_of(l, value)->flags |= F_BYREF;
    } else {
        lower_expr(l);
    }
}

static void foreach_pair(struct lower *l)
{
    bool value = false;
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) == T_ARROW)
            value = true;
        else if (value)
            foreach_value(l);
        else
            lower_expr(l);
    }
}

static void foreach_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_FOREACH, n);
    enum { SUBJECT, VALUE, BODY } stage = SUBJECT;
    bool body = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == T_AS) {
            stage = VALUE;
        } else if (!is_named(l, c)) {
            continue;
        } else if (stage == SUBJECT) {
            lower_expr(l);
        } else if (stage == VALUE) {
            if (k != C_pair)
                add_null(l, c);
            k == C_pair ? foreach_pair(l) : foreach_value(l);
            stage = BODY;
        } else {
            lower_body(l);
            body = true;
        }
    }
    if (!body)
        empty_block(l, n);
    close_at(l, i, n);
}

static void for_part(struct lower *l)
{
    if (at(l) == C_sequence_expression) {
        for (bool in = enter(l); in; in = step(l))
            if (is_named(l, here(l)))
                for_part(l);
        return;
    }
    TSNode n = here(l);
    uint32_t i = open_at(l, S_EXPR, n);
    lower_expr(l);
    close_at(l, i, n);
}

/* Three parts that may be empty, cut by `;`, then a body: one statement, or several between `:` and
 * endfor. */
static void for_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_FOR, n), block = UINT32_MAX;
    unsigned part = 0; /* 0 before the parenthesis, 1..3 the parts, 4 the body */
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (part < 4 && (k == T_LPAREN || k == T_SEMI || k == T_RPAREN)) {
            if (part)
                close_at(l, block, c);
            block = open_at(l, S_BLOCK, c);
            part++;
        } else if (!is_named(l, c)) {
            continue;
        } else if (part < 4) {
            for_part(l);
        } else if (k == C_compound_statement) {
            lower_statements(l);
        } else {
            lower_statement(l, (struct str){ "", 0 });
        }
    }
    if (block != UINT32_MAX)
        close_at(l, block, n);
    close_at(l, i, n);
}

/* while: condition, body. do: body, condition. */
static void loop_statement(struct lower *l, enum node_kind kind)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, kind, n);
    bool body = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_parenthesized_expression) {
            lower_expr(l);
        } else if (is_body(k, c)) {
            lower_body(l);
            body = true;
        }
    }
    if (!body)
        empty_block(l, n);
    close_at(l, i, n);
}

static void switch_case(struct lower *l, bool is_default)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_CASE, n);
    bool cond = !is_default;
    if (is_default)
        add_null(l, n);
    struct str doc = { "", 0 };
    for (bool in = enter_all(l); in; in = step_all(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_text_interpolation) {
            add_html(l, c);
        } else if (k == C_ERROR) {
            lower_error(l);
        } else if (is_named(l, c) && k != C_comment) {
            if (cond)
                lower_expr(l);
            else
                lower_statement(l, doc);
            cond = false;
        }
    }
    close_at(l, i, n);
}

static void switch_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_SWITCH, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_parenthesized_expression)
            lower_expr(l);
        else if (k == C_switch_block)
            for (bool c = enter(l); c; c = step(l)) {
                enum cst kind = at(l);
                if (kind == C_case_statement || kind == C_default_statement)
                    switch_case(l, kind == C_default_statement);
            }
    }
    close_at(l, i, n);
}

static void catch_clause(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_CATCH, n);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_variable_name)
            node_of(l, i)->s = build_str(&l->b, variable_text(l));
        else if (k == C_compound_statement)
            lower_body(l);
        else if (k == C_type_list)
            for (bool t = enter(l); t; t = step(l))
                if (at(l) == C_named_type)
                    lower_type(l);
    }
    close_at(l, i, n);
}

static void try_statement(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_TRY, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_compound_statement) {
            lower_body(l);
        } else if (k == C_catch_clause) {
            catch_clause(l);
        } else if (k == C_finally_clause) {
            uint32_t f = open_at(l, S_FINALLY, c);
            for (bool b = enter(l); b; b = step(l))
                if (at(l) == C_compound_statement)
                    lower_body(l);
            close_at(l, f, c);
        }
    }
    close_at(l, i, n);
}

static void static_statement(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) != C_static_variable_declaration)
            continue;
        TSNode n = here(l);
        uint32_t i = open_at(l, S_STATIC, n);
        bool named = false;
        for (bool v = enter(l); v; v = step(l)) {
            if (!named && at(l) == C_variable_name) {
                node_of(l, i)->s = build_str(&l->b, variable_text(l));
                named = true;
            } else if (is_named(l, here(l))) {
                lower_expr(l);
            }
        }
        close_at(l, i, n);
    }
}

static void global_statement(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l)) {
        TSNode n = here(l);
        if (!is_named(l, n))
            continue;
        uint32_t i = open_at(l, S_GLOBAL, n);
        if (cst_of(l, n) == C_variable_name)
            node_of(l, i)->s = build_str(&l->b, variable_text(l));
        else
            lower_expr(l);
        close_at(l, i, n);
    }
}

/* declare(ticks=1) { … }: its statements are its children. */
static void other_statement(struct lower *l, enum cst k)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, S_OTHER, n);
    if (k == C_declare_statement)
        for (bool in = enter(l); in; in = step(l))
            if (is_named(l, here(l)) && at(l) != C_declare_directive)
                lower_statement(l, (struct str){ "", 0 });
    close_at(l, i, n);
}

static void statement(struct lower *l, enum cst k)
{
    TSNode n = here(l);
    switch (k) {
    case C_expression_statement:
        expression_statement(l);
        break;
    case C_if_statement:
        if (!l->blade || !lower_blade_block(l))
            if_statement(l);
        break;
    case C_foreach_statement:
        foreach_statement(l);
        break;
    case C_return_statement:
        simple(l, S_RETURN);
        break;
    case C_echo_statement:
        simple(l, S_ECHO);
        break;
    case C_compound_statement:
        lower_body(l);
        break;
    case C_for_statement:
        for_statement(l);
        break;
    case C_while_statement:
        loop_statement(l, S_WHILE);
        break;
    case C_do_statement:
        loop_statement(l, S_DO);
        break;
    case C_switch_statement:
        switch_statement(l);
        break;
    case C_try_statement:
        try_statement(l);
        break;
    case C_break_statement:
        simple(l, S_BREAK);
        break;
    case C_continue_statement:
        simple(l, S_CONTINUE);
        break;
    case C_unset_statement:
        simple(l, S_UNSET);
        break;
    case C_exit_statement:
        exit_statement(l);
        break;
    case C_function_static_declaration:
        static_statement(l);
        break;
    case C_global_declaration:
        global_statement(l);
        break;
    case C_namespace_definition:
        lower_namespace(l);
        break;
    case C_namespace_use_declaration:
        lower_use(l);
        break;
    case C_empty_statement:
        break;
    case C_declare_statement:
    case C_goto_statement:
    case C_named_label_statement:
    case C_OTHER:
        other_statement(l, k);
        break;
    default: /* an expression that stands alone in what did not parse */
        if (ts_node_child_count(n))
            lower_expr(l);
        break;
    }
}

void lower_statement(struct lower *l, struct str doc)
{
    enum cst k = at(l);
    if (deep(l))
        return;
    l->levels++;
    if (!lower_declaration(l, k, doc)) {
        if (doc.n && str_contains(doc, "@var"))
            add_doc(l, doc);
        statement(l, k);
    }
    l->levels--;
}
