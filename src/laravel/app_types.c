/* Types of properties: native, else the doc comment's @var, else what the constructor assigns. */
#include "laravel/app_build.h"

#include <ctype.h>

static bool is_type_char(char c)
{
    return isalnum((unsigned char)c) || c == '\\' || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_builtin(struct str s)
{
    static const char words[] =
        " int string bool boolean float array object mixed callable iterable null "
        "void false true integer double never resource list scalar static self "
        "parent $this ";
    return text_is_one_of(s, words) || str_starts(s, "class-string") ||
           str_starts(s, "non-empty") || str_starts(s, "array-key");
}

static sym resolve(struct build *b, const struct src *s, uint32_t at, struct str name)
{
    if (!name.n)
        return 0;
    if (is_builtin(name))
        return build_intern(b, text_lower(name, b->arena));
    return build_intern(b, facts_resolve(s->f, src_node(s, at)->off, name, b->arena));
}

/* Cuts the next alternative of a union off, respecting <…>, {…} and (…). */
static bool next_alternative(struct str *rest, struct str *ret)
{
    if (!rest->n)
        return false;
    int depth = 0;
    uint32_t i = 0;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        depth += c == '<' || c == '{' || c == '(' || c == '[';
        depth -= c == '>' || c == '}' || c == ')' || c == ']';
        if ((c == '|' || c == '&') && depth == 0)
            break;
    }
    *ret = str_trim(str_sub(*rest, 0, i));
    *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n - i - 1) : STR("");
    return true;
}

/* "Collection<int, Room>" -> "Room" */
static struct str last_generic(struct str inside)
{
    int depth = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i < inside.n; i++) {
        char c = inside.p[i];
        depth += c == '<' || c == '(' || c == '{';
        depth -= c == '>' || c == ')' || c == '}';
        if (c == ',' && depth == 0)
            from = i + 1;
    }
    return str_trim(str_sub(inside, from, inside.n - from));
}

static struct str name_part(struct str s)
{
    while (s.n && (s.p[0] == '?' || s.p[0] == '('))
        s = str_sub(s, 1, s.n - 1);
    uint32_t n = 0;
    while (n < s.n && is_type_char(s.p[n]))
        n++;
    return str_sub(s, 0, n);
}

static void take_alternative(struct build *b, const struct src *s, uint32_t at, struct str alt,
                             sym *type, sym *elem)
{
    struct str name = name_part(alt);
    if (!name.n || str_ieq(name, STR("null")))
        return;
    if (str_ends(alt, "[]")) {
        if (!is_builtin(name) && !*elem)
            *elem = resolve(b, s, at, name);
        if (!*type)
            *type = build_intern(b, STR("array"));
        return;
    }
    const char *open = memchr(alt.p, '<', alt.n);
    if (open && alt.p[alt.n - 1] == '>') {
        uint32_t from = (uint32_t)(open - alt.p) + 1;
        struct str inner = name_part(last_generic(str_sub(alt, from, alt.n - from - 1)));
        if (inner.n && !is_builtin(inner) && !*elem)
            *elem = resolve(b, s, at, inner);
    }
    sym seen = *type;
    bool builtin = seen && is_builtin(syms_str(b->app->syms, seen));
    if (!seen || (builtin && !is_builtin(name)))
        *type = resolve(b, s, at, name);
}

void build_doc_type(struct build *b, const struct src *s, uint32_t at, struct str text,
                    sym *ret_type, sym *ret_elem)
{
    struct str rest = text, alt;
    sym type = 0, elem = 0;
    for (unsigned n = 0; n < 16 && next_alternative(&rest, &alt); n++)
        take_alternative(b, s, at, alt, &type, &elem);
    if (type && (str_is(syms_str(b->app->syms, type), "self") ||
                 str_is(syms_str(b->app->syms, type), "static") ||
                 str_is(syms_str(b->app->syms, type), "mixed")))
        type = 0;
    *ret_type = type;
    *ret_elem = elem;
}

/* The first class of a union, else its first built-in type that is not null. */
static sym native_type(struct build *b, const struct src *s, uint32_t type)
{
    if (!type)
        return 0;
    if (src_kind(s, type) == N_TYPE)
        return src_sym(s, type);
    sym first = 0;
    for EACH_CHILD (s, type, c) {
        sym one = native_type(b, s, c);
        struct str name = syms_str(b->app->syms, one);
        if (!one || str_is(name, "null"))
            continue;
        if (!is_builtin(name))
            return one;
        if (!first)
            first = one;
    }
    return first;
}

static bool is_class_type(struct build *b, sym type)
{
    return type && !is_builtin(syms_str(b->app->syms, type));
}

static void type_of_decl(struct build *b, const struct src *s, struct prop *p)
{
    struct str doc = src_doc(s, p->at.node);
    p->type = native_type(b, s, src_type(s, p->at.node));
    if (!doc.n)
        return;
    sym type, elem;
    build_doc_type(b, s, p->at.node, doc_type(doc, "var", STR("")), &type, &elem);
    p->elem_type = elem;
    if (type && !is_class_type(b, p->type))
        p->type = type;
}

/* $this->x = $x with a typed parameter; = new X; = app(X::class) */
static sym assigned_type(struct build *b, const struct scope *sc, uint32_t method, uint32_t value)
{
    const struct src *s = &sc->src;
    if (src_kind(s, value) == E_NEW || src_kind(s, value) == E_CALL)
        return eval_class(sc, value);
    if (src_kind(s, value) != E_VAR)
        return 0;
    for EACH_CHILD (s, method, p) {
        if (src_kind(s, p) == N_PARAM && str_eq(src_str(s, p), src_str(s, value))) {
            sym type = native_type(b, s, src_type(s, p)), elem;
            if (!type)
                build_doc_type(b, s, method, doc_type(src_doc(s, method), "param", src_str(s, p)),
                               &type, &elem);
            return type;
        }
    }
    return 0;
}

static void types_from_method(struct build *b, struct class *c, uint32_t cls,
                              const struct method *m)
{
    struct scope sc = scope_of_class(b, cls);
    const struct src *s = &sc.src;
    uint32_t body = src_body(s, m->at.node);
    for (uint32_t i = body; body && i < src_node(s, body)->skip; i++) {
        if (src_kind(s, i) != E_ASSIGN)
            continue;
        uint32_t target = node_first(s->f, i), value = node_last(s->f, i);
        if (src_kind(s, target) != E_PROP || !src_is_this(s, node_first(s->f, target)))
            continue;
        for (uint32_t p = 0; p < c->nprops; p++) {
            struct prop *prop = &c->props[p];
            if (prop->name != src_sym(s, target) || is_class_type(b, prop->type))
                continue;
            sym type = assigned_type(b, &sc, m->at.node, value);
            if (type)
                prop->type = type;
        }
    }
}

void build_types(struct build *b)
{
    for (uint32_t i = 0; i < b->classes.n; i++) {
        struct class *c = &b->classes.p[i];
        struct src s = src_of(b->app, c->at.file);
        for (uint32_t p = 0; p < c->nprops; p++)
            type_of_decl(b, &s, &c->props[p]);
        if (!c->nprops || c->is & IS_TEST)
            continue;
        for (uint32_t m = 0; m < c->nmethods; m++) {
            struct str name = syms_str(b->app->syms, c->methods[m].name);
            if (str_ieq(name, STR("__construct")) || str_is(name, "boot") || str_is(name, "mount"))
                types_from_method(b, c, i, &c->methods[m]);
        }
    }
}
