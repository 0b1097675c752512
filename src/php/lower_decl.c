/* Declarations: classes and their members, functions, parameters, types, attributes. */
#include "php/lower.h"

/* A doc comment may also stand inside a declaration, after its attributes. */
static struct str inner_doc(struct lower *l, struct str doc)
{
    bool header = true;
    for (bool in = enter_all(l); in; in = step_all(l)) {
        enum cst k = at(l);
        if (k == C_comment && header && str_starts(here_text(l), "/**"))
            doc = here_text(l);
        else if (k != C_attribute_list)
            header = false;
    }
    return doc;
}

static uint16_t modifier(struct lower *l, enum cst k)
{
    switch (k) {
    case C_static_modifier:
        return F_STATIC;
    case C_abstract_modifier:
        return F_ABSTRACT;
    case C_final_modifier:
        return F_FINAL;
    case C_readonly_modifier:
        return F_READONLY;
    case C_reference_modifier:
        return F_BYREF;
    case C_var_modifier:
        return F_PUBLIC;
    case C_visibility_modifier: {
        struct str s = here_text(l);
        if (s.n && memchr(s.p, '(', s.n)) /* private(set): who may write, not who may read */
            return 0;
        if (str_ieq(s, STR("readon"))) /* `readonly` in the place of `public`: see repair.c */
            return F_READONLY | F_PUBLIC;
        char c = s.n > 1 ? s.p[1] | 32 : 0;
        return c == 'u' ? F_PUBLIC : (s.p[2] | 32) == 'o' ? F_PROTECTED : F_PRIVATE;
    }
    default:
        return 0;
    }
}

static uint16_t visible(uint16_t flags)
{
    return flags & (F_PUBLIC | F_PROTECTED | F_PRIVATE) ? flags : flags | F_PUBLIC;
}

/* --- types --- */

static void type_leaf(struct lower *l, uint16_t flags)
{
    TSNode n = here(l);
    uint32_t i = add_leaf(l, N_TYPE, n, resolve_class(l, str_trim(text_of(l, n))));
    node_of(l, i)->flags = flags;
}

static bool is_type(enum cst k)
{
    switch (k) {
    case C_named_type:
    case C_primitive_type:
    case C_bottom_type:
    case C_optional_type:
    case C_union_type:
    case C_intersection_type:
    case C_disjunctive_normal_form_type:
        return true;
    default:
        return false;
    }
}

void lower_type(struct lower *l)
{
    TSNode n = here(l);
    enum cst k = cst_of(l, n);
    if (k == C_optional_type) {
        for (bool in = enter(l); in; in = step(l))
            if (is_type(at(l)))
                type_leaf(l, F_NULLABLE);
    } else if (k == C_union_type || k == C_intersection_type ||
               k == C_disjunctive_normal_form_type) {
        uint32_t i = open_at(l, N_TYPE_UNION, n);
        node_of(l, i)->op = k == C_intersection_type;
        for (bool in = enter(l); in; in = step(l))
            if (is_type(at(l)))
                lower_type(l);
        close_at(l, i, n);
    } else {
        type_leaf(l, 0);
    }
}

/* --- attributes and parameters --- */

static void attribute(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, N_ATTR, n);
    for (bool in = enter(l); in; in = step(l)) {
        if (at(l) == C_arguments)
            lower_arguments(l, i);
        else if (is_named(l, here(l)))
            node_of(l, i)->s = build_str(&l->b, resolve_class(l, here_text(l)));
    }
    close_at(l, i, n);
}

void lower_attributes(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_attribute)
            attribute(l);
        else if (k == C_attribute_group)
            lower_attributes(l);
    }
}

static uint16_t param_flags(enum cst k)
{
    return k == C_property_promotion_parameter ? F_PROMOTED
           : k == C_variadic_parameter         ? F_VARIADIC
                                               : 0;
}

static void param(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, N_PARAM, n), name = 0;
    uint16_t flags = param_flags(cst_of(l, n));
    bool type = false, value = false, assigned = false;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (is_type(k) && !name) {
            lower_type(l);
            type = true;
        } else if (!name && k == C_by_ref) {
            flags |= F_BYREF;
            name = build_str(
                &l->b, str_sub(str_trim(str_sub(text_of(l, c), 1, UINT32_MAX)), 1, UINT32_MAX));
        } else if (!name && k == C_variable_name) {
            name = build_str(&l->b, variable_text(l));
        } else if (k == T_ASSIGN) {
            if (!type)
                add_null(l, c);
            type = assigned = true;
        } else if (assigned && !value && is_named(l, c)) {
            lower_expr(l);
            value = true;
        } else {
            flags |= modifier(l, k);
        }
    }
    if (!type)
        add_null(l, n);
    if (!value)
        add_null(l, n);
    node_of(l, i)->s = name;
    node_of(l, i)->flags = flags;
    close_at(l, i, n);
}

void lower_params(struct lower *l)
{
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_simple_parameter || k == C_variadic_parameter ||
            k == C_property_promotion_parameter)
            param(l);
    }
}

/* --- functions and methods --- */

static struct str qualified(struct lower *l, struct str name)
{
    if (!l->ns.n)
        return name;
    char *p = arena_printf(l->b.scratch, STR_FMT "\\" STR_FMT, STR_ARG(l->ns), STR_ARG(name));
    return p ? str_c(p) : name;
}

/* The parts after the header that functions, methods and hooks share. */
static void function_part(struct lower *l, enum cst k)
{
    TSNode c = here(l);
    if (k == C_formal_parameters) {
        lower_params(l);
    } else if (is_type(k)) {
        uint32_t i = open_at(l, N_RET, c);
        lower_type(l);
        close_at(l, i, c);
    } else if (k == C_compound_statement) {
        lower_body(l);
    }
}

static void function_like(struct lower *l, enum node_kind kind, struct str doc)
{
    TSNode n = here(l);
    doc = inner_doc(l, doc);
    uint32_t i = open_at(l, kind, n);
    uint16_t flags = 0;
    bool named = false;
    add_doc(l, doc);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (k == C_name && !named) {
            struct str name = here_text(l);
            node_of(l, i)->s = build_str(&l->b, kind == N_FUNCTION ? qualified(l, name) : name);
            named = true;
        } else {
            flags |= modifier(l, k);
            function_part(l, k);
        }
    }
    node_of(l, i)->flags = kind == N_METHOD ? visible(flags) : flags;
    close_at(l, i, n);
}

/* --- members --- */

/* A hook of a property is a method called `$property::get`, as PHP itself names it. */
static void property_hook(struct lower *l, struct str property, uint16_t flags)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, N_METHOD, n);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        bool arrow_body = is_named(l, c) && node_of(l, i)->s && k != C_formal_parameters &&
                          k != C_compound_statement;
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (arrow_body) {
            uint32_t block = open_at(l, S_BLOCK, c), ret = open_at(l, S_RETURN, c);
            lower_expr(l);
            close_at(l, ret, c);
            close_at(l, block, c);
        } else if (k == C_name) {
            char *p = arena_printf(l->b.scratch, "$" STR_FMT "::" STR_FMT, STR_ARG(property),
                                   STR_ARG(here_text(l)));
            node_of(l, i)->s = p ? build_str(&l->b, str_c(p)) : 0;
        } else {
            function_part(l, k);
        }
    }
    node_of(l, i)->flags = flags & ~F_READONLY;
    close_at(l, i, n);
}

/* `name = default` after what all elements of one declaration share: doc, attributes, type. */
static struct str property_element(struct lower *l)
{
    TSNode n = here(l);
    struct str name = { "", 0 };
    bool assigned = false, value = false;
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_variable_name && !assigned) {
            name = variable_text(l);
        } else if (k == T_ASSIGN) {
            assigned = true;
        } else if (assigned && !value && is_named(l, here(l))) {
            lower_expr(l);
            value = true;
        }
    }
    if (!value)
        add_null(l, n);
    return name;
}

static uint16_t modifiers_of(struct lower *l)
{
    uint16_t flags = 0;
    for (bool in = enter(l); in; in = step(l))
        flags |= modifier(l, at(l));
    return visible(flags);
}

/* `public int $a, $b = 1;` is two properties: the second gets a copy of what the first was given.
 */
static void property_declaration(struct lower *l, struct str doc)
{
    TSNode n = here(l);
    uint16_t flags = modifiers_of(l);
    doc = inner_doc(l, doc);
    uint32_t i = open_at(l, N_PROP, n), shared = next_index(l), shared_end = 0;
    struct str name = { "", 0 };
    bool typed = false;
    add_doc(l, doc);
    for (bool in = enter(l); in; in = step(l)) {
        TSNode c = here(l);
        enum cst k = cst_of(l, c);
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (is_type(k)) {
            lower_type(l);
            typed = true;
        } else if (k == C_property_element) {
            if (!shared_end) {
                if (!typed)
                    add_null(l, c);
                shared_end = next_index(l);
            } else {
                i = open_at(l, N_PROP, c);
                build_copy(&l->b, shared, shared_end);
            }
            name = property_element(l);
            node_of(l, i)->s = build_str(&l->b, name);
            node_of(l, i)->flags = flags;
            close_at(l, i, c);
        } else if (k == C_property_hook_list) {
            for (bool h = enter(l); h; h = step(l))
                if (at(l) == C_property_hook)
                    property_hook(l, name, flags);
        }
    }
    if (!shared_end) { /* a broken one: no name */
        add_null(l, n);
        add_null(l, n);
        close_at(l, i, n);
    }
}

static void const_declaration(struct lower *l, bool member)
{
    uint16_t flags = 0;
    for (bool in = enter(l); in; in = step(l)) {
        TSNode n = here(l);
        enum cst k = cst_of(l, n);
        flags |= modifier(l, k);
        if (k != C_const_element)
            continue;
        uint32_t i = open_at(l, N_CONST, n);
        bool named = false;
        for (bool e = enter(l); e; e = step(l)) {
            if (!named && at(l) == C_name) {
                struct str name = here_text(l);
                node_of(l, i)->s = build_str(&l->b, member ? name : qualified(l, name));
                named = true;
            } else if (is_named(l, here(l))) {
                lower_expr(l);
            }
        }
        node_of(l, i)->flags = member ? visible(flags) : flags;
        close_at(l, i, n);
    }
}

static void enum_case(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, N_ENUM_CASE, n);
    bool named = false;
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_attribute_list) {
            continue;
        } else if (!named && k == C_name) {
            node_of(l, i)->s = build_str(&l->b, here_text(l));
            named = true;
        } else if (is_named(l, here(l))) {
            lower_expr(l);
        }
    }
    close_at(l, i, n);
}

static void name_list(struct lower *l, enum node_kind kind)
{
    for (bool in = enter(l); in; in = step(l)) {
        TSNode n = here(l);
        enum cst k = cst_of(l, n);
        if (k == C_name || k == C_qualified_name || k == C_relative_name)
            add_leaf(l, kind, n, resolve_class(l, text_of(l, n)));
    }
}

static bool lower_member(struct lower *l, enum cst k, struct str doc)
{
    switch (k) {
    case C_method_declaration:
        function_like(l, N_METHOD, doc);
        return true;
    case C_property_declaration:
        property_declaration(l, doc);
        return true;
    case C_use_declaration:
        name_list(l, N_TRAIT_USE);
        return true;
    case C_enum_case:
        enum_case(l);
        return true;
    default:
        return false;
    }
}

static void members(struct lower *l)
{
    struct str doc = { "", 0 };
    for (bool in = enter_all(l); in; in = step_all(l)) {
        TSNode n = here(l);
        enum cst k = cst_of(l, n);
        if (k == C_comment) {
            struct str text = text_of(l, n);
            if (str_starts(text, "/**"))
                doc = text;
        } else if (k == C_ERROR) {
            lower_error(l);
        } else if (is_named(l, n)) {
            if (k == C_const_declaration)
                const_declaration(l, true);
            else
                lower_member(l, k, doc);
            doc = (struct str){ "", 0 };
        }
    }
}

static void class_like(struct lower *l, enum class_kind kind, struct str doc)
{
    TSNode n = here(l);
    doc = inner_doc(l, doc);
    uint32_t i = open_at(l, N_CLASS, n);
    uint16_t flags = 0;
    bool named = cst_of(l, n) == C_anonymous_class;
    add_doc(l, doc);
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_attribute_list) {
            lower_attributes(l);
        } else if (k == C_name && !named) {
            node_of(l, i)->s = build_str(&l->b, qualified(l, here_text(l)));
            named = true;
        } else if (k == C_base_clause) {
            name_list(l, N_EXTENDS);
        } else if (k == C_class_interface_clause) {
            name_list(l, N_IMPLEMENTS);
        } else if (k == C_declaration_list || k == C_enum_declaration_list) {
            members(l);
        } else {
            flags |= modifier(l, k);
        }
    }
    node_of(l, i)->op = (uint8_t)kind;
    node_of(l, i)->flags = flags;
    close_at(l, i, n);
}

void lower_anonymous_class(struct lower *l)
{
    class_like(l, CLASS_CLASS, (struct str){ "", 0 });
    for (bool in = enter(l); in; in = step(l))
        if (at(l) == C_arguments)
            lower_arguments(l, UINT32_MAX);
}

bool lower_declaration(struct lower *l, enum cst kind, struct str doc)
{
    switch (kind) {
    case C_class_declaration:
        class_like(l, CLASS_CLASS, doc);
        return true;
    case C_interface_declaration:
        class_like(l, CLASS_INTERFACE, doc);
        return true;
    case C_trait_declaration:
        class_like(l, CLASS_TRAIT, doc);
        return true;
    case C_enum_declaration:
        class_like(l, CLASS_ENUM, doc);
        return true;
    case C_function_definition:
        function_like(l, N_FUNCTION, doc);
        return true;
    case C_const_declaration:
        const_declaration(l, false);
        return true;
    default:
        return lower_member(l, kind, doc);
    }
}
