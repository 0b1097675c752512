/* The grammar's words as an enum of our own.
 *
 * tree-sitter numbers its symbols anew with every grammar release, so the numbers are asked for by
 * name, once a process, and kept in a table that is constant from then on. No string is compared
 * while a tree is walked. */
#ifndef FETTLE_PHP_SYNTAX_H
#define FETTLE_PHP_SYNTAX_H
#include <tree_sitter/api.h>

#include <stdint.h>

/* clang-format off */
#define SYNTAX_NAMED(X)                                                                            \
    X(abstract_modifier) X(anonymous_class) X(anonymous_function)                                  \
    X(anonymous_function_use_clause) X(argument) X(arguments) X(array_creation_expression)         \
    X(array_element_initializer) X(arrow_function) X(assignment_expression) X(attribute)           \
    X(attribute_group) X(attribute_list) X(augmented_assignment_expression) X(base_clause)         \
    X(binary_expression) X(boolean) X(bottom_type) X(break_statement) X(by_ref)                    \
    X(case_statement) X(cast_expression) X(cast_type) X(catch_clause)                              \
    X(class_constant_access_expression) X(class_declaration) X(class_interface_clause)             \
    X(clone_expression) X(colon_block) X(comment) X(compound_statement)                            \
    X(conditional_expression) X(const_declaration) X(const_element) X(continue_statement)          \
    X(declaration_list) X(declare_directive) X(declare_statement) X(default_statement)             \
    X(disjunctive_normal_form_type) X(do_statement) X(dynamic_variable_name) X(echo_statement)     \
    X(else_clause) X(else_if_clause) X(empty_statement) X(encapsed_string) X(enum_case)            \
    X(enum_declaration) X(enum_declaration_list) X(error_suppression_expression)                   \
    X(exit_statement) X(expression_statement) X(final_modifier) X(finally_clause) X(float)         \
    X(for_statement) X(foreach_statement) X(formal_parameters) X(function_call_expression)         \
    X(function_definition) X(function_static_declaration) X(global_declaration)                    \
    X(goto_statement) X(heredoc) X(heredoc_body) X(heredoc_end) X(heredoc_start) X(if_statement)   \
    X(include_expression) X(include_once_expression) X(integer) X(interface_declaration)           \
    X(intersection_type) X(list_literal) X(match_block) X(match_condition_list)                    \
    X(match_conditional_expression) X(match_default_expression) X(match_expression)                \
    X(member_access_expression) X(member_call_expression) X(method_declaration) X(name)            \
    X(named_label_statement) X(named_type) X(namespace_definition) X(namespace_name)               \
    X(namespace_use_clause) X(namespace_use_declaration) X(namespace_use_group) X(nowdoc)          \
    X(nowdoc_body) X(null) X(nullsafe_member_access_expression)                                    \
    X(nullsafe_member_call_expression) X(object_creation_expression) X(operation)                  \
    X(optional_type) X(pair) X(parenthesized_expression) X(php_end_tag) X(php_tag)                 \
    X(primitive_type) X(print_intrinsic) X(program) X(property_declaration) X(property_element)    \
    X(property_hook) X(property_hook_list) X(property_promotion_parameter) X(qualified_name)       \
    X(readonly_modifier) X(reference_assignment_expression) X(reference_modifier)                  \
    X(relative_name) X(relative_scope) X(require_expression) X(require_once_expression)            \
    X(return_statement) X(scoped_call_expression) X(scoped_property_access_expression)             \
    X(sequence_expression) X(shell_command_expression) X(simple_parameter) X(static_modifier)      \
    X(static_variable_declaration) X(string) X(subscript_expression) X(switch_block)               \
    X(switch_statement) X(text) X(text_interpolation) X(throw_expression) X(trait_declaration)     \
    X(try_statement) X(type_list) X(unary_op_expression) X(union_type) X(unset_statement)          \
    X(update_expression) X(use_declaration) X(use_list) X(variable_name) X(variadic_parameter)     \
    X(variadic_placeholder) X(variadic_unpacking) X(var_modifier) X(visibility_modifier)           \
    X(while_statement) X(yield_expression)

#define SYNTAX_TOKENS(X)                                                                           \
    X(PLUS, "+") X(MINUS, "-") X(STAR, "*") X(SLASH, "/") X(PERCENT, "%") X(POW, "**")             \
    X(DOT, ".") X(SHL, "<<") X(SHR, ">>") X(BAR, "|") X(CARET, "^") X(AMP, "&") X(ANDAND, "&&")    \
    X(OROR, "||") X(AND, "and") X(OR, "or") X(XOR, "xor") X(EQ, "==") X(NE, "!=") X(LTGT, "<>")    \
    X(IDENT, "===") X(NIDENT, "!==") X(LT, "<") X(GT, ">") X(LE, "<=") X(GE, ">=") X(CMP, "<=>")   \
    X(COALESCE, "??") X(INSTANCEOF, "instanceof") X(PIPE, "|>") X(NOT, "!") X(TILDE, "~")          \
    X(INC, "++") X(DEC, "--") X(A_PLUS, "+=") X(A_MINUS, "-=") X(A_STAR, "*=") X(A_SLASH, "/=")    \
    X(A_PERCENT, "%=") X(A_POW, "**=") X(A_DOT, ".=") X(A_SHL, "<<=") X(A_SHR, ">>=")              \
    X(A_BAR, "|=") X(A_CARET, "^=") X(A_AMP, "&=") X(A_COALESCE, "?\?=") X(ASSIGN, "=")            \
    X(ARROW, "=>") X(COLON, ":") X(QUESTION, "?") X(OBJ, "->") X(NOBJ, "?->") X(SCOPE, "::")       \
    X(COMMA, ",") X(SEMI, ";") X(LBRACE, "{") X(RBRACE, "}") X(LBRACKET, "[") X(RBRACKET, "]")     \
    X(LPAREN, "(") X(RPAREN, ")") X(YIELD_FROM, "yield from") X(AS, "as")                          \
    X(FUNCTION, "function") X(CONST, "const")

enum cst {
    C_OTHER = 0, /* a word that lowering has no use for */
    C_ERROR,     /* tree-sitter's own symbol for what did not parse */
#define X(name) C_##name,
    SYNTAX_NAMED(X)
#undef X
#define X(name, text) T_##name,
    SYNTAX_TOKENS(X)
#undef X
    CST_COUNT
};
/* clang-format on */
_Static_assert(CST_COUNT < 256, "the table holds bytes");

struct syntax {
    const TSLanguage *language;
    TSFieldId field_name;
    uint16_t nsymbols;
    uint8_t kind[1024]; /* by TSSymbol */
    uint8_t named[1024];
};

const struct syntax *syntax_get(void); /* NULL: the grammar is not one that this program knows */

static inline enum cst syntax_kind(const struct syntax *s, TSSymbol symbol)
{
    if (symbol < s->nsymbols)
        return (enum cst)s->kind[symbol];
    return symbol == (TSSymbol)-1 ? C_ERROR : C_OTHER;
}
#endif
