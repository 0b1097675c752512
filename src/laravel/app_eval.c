/* Constant expressions of PHP as declarations use them: strings, class names, arrays, constants,
 * env() and config(), paths, and methods that return such. Nothing is run; what is not constant
 * gives "unknown". */
#include "laravel/app_eval.h"

#include <ctype.h>

/* What one expression and the whole application may cost; the largest application read so far takes
 * 300,000. */
enum { EVAL_DEPTH = 16, EVAL_STEPS = 20000, EVAL_TOTAL = 20000000 };

/* May one more expression be looked at? Nested calls could otherwise double the work at each level.
 */
bool eval_may_go_on(const struct scope *sc)
{
    struct build *b = sc->b;
    if (sc->depth == 0)
        b->eval_steps = 0;
    b->eval_total++;
    return sc->depth <= EVAL_DEPTH && ++b->eval_steps < EVAL_STEPS && b->eval_total < EVAL_TOTAL;
}

struct scope eval_deeper(const struct scope *sc)
{
    struct scope next = *sc;
    next.depth++;
    return next;
}

struct scope scope_of_file(struct build *b, uint32_t file)
{
    return (struct scope){ .b = b, .src = src_of(b->app, file), .cls = NO_CLASS };
}

struct scope scope_of_class(struct build *b, uint32_t cls)
{
    return (
        struct scope){ .b = b, .src = src_of(b->app, b->app->classes[cls].at.file), .cls = cls };
}

/* ---- classes as operands ---- */

/* Class index of an E_NAME operand (or `$this`, `static` …) */
uint32_t eval_class_operand(const struct scope *sc, uint32_t node)
{
    struct str name = src_str(&sc->src, node);
    uint32_t own = sc->own ? sc->own - 1 : sc->cls;
    if (src_is_this(&sc->src, node) || str_ieq(name, STR("static")))
        return sc->cls;
    if (src_kind(&sc->src, node) != E_NAME)
        return NO_CLASS;
    if (str_ieq(name, STR("self")))
        return own;
    if (str_ieq(name, STR("parent")))
        return eval_parent(sc);
    return app_class_named(sc->b->app, name);
}

uint32_t eval_parent(const struct scope *sc)
{
    uint32_t own = sc->own ? sc->own - 1 : sc->cls;
    return own == NO_CLASS ? NO_CLASS : sc->b->app->classes[own].parent;
}

static sym class_name_of(const struct scope *sc, uint32_t node)
{
    uint32_t cls = eval_class_operand(sc, node);
    if (cls != NO_CLASS)
        return sc->b->app->classes[cls].name;
    struct str name = src_str(&sc->src, node);
    if (src_kind(&sc->src, node) != E_NAME || str_ieq(name, STR("self")) ||
        str_ieq(name, STR("static")) || str_ieq(name, STR("parent")))
        return 0;
    return src_sym(&sc->src, node);
}

uint32_t class_default(const struct build *b, uint32_t cls, const char *prop, struct src *ret_src)
{
    sym name = syms_find(b->app->syms, str_c(prop));
    for (unsigned depth = 0; name && cls != NO_CLASS && depth < 64;
         depth++, cls = b->app->classes[cls].parent) {
        const struct class *c = &b->app->classes[cls];
        const struct prop *p = NULL;
        for (uint32_t i = 0; i < c->nprops && !p; i++)
            p = c->props[i].name == name ? &c->props[i] : NULL;
        for (unsigned t = 0; t < c->ntraits && !p; t++) {
            const struct class *trait = &b->app->classes[c->traits[t]];
            for (uint32_t i = 0; i < trait->nprops && !p; i++)
                p = trait->props[i].name == name ? &trait->props[i] : NULL;
        }
        if (p) {
            *ret_src = src_of(b->app, p->at.file);
            return src_default(ret_src, p->at.node);
        }
    }
    return 0;
}

static uint32_t find_constant(const struct build *b, uint32_t cls, struct str name, unsigned depth,
                              struct src *ret)
{
    if (cls == NO_CLASS || depth > 16)
        return 0;
    const struct class *c = &b->app->classes[cls];
    struct src s = src_of(b->app, c->at.file);
    for EACH_CHILD (&s, c->at.node, m) {
        uint8_t kind = src_kind(&s, m);
        if ((kind == N_CONST || kind == N_ENUM_CASE) && str_eq(src_str(&s, m), name)) {
            *ret = s;
            uint32_t last = node_last(s.f, m);
            return last && src_kind(&s, last) != N_NULL ? last : 0;
        }
    }
    uint32_t found = 0;
    for (unsigned i = 0; i < c->ntraits && !found; i++)
        found = find_constant(b, c->traits[i], name, depth + 1, ret);
    for (unsigned i = 0; i < c->ninterfaces && !found; i++)
        found = find_constant(b, app_class(b->app, c->interfaces[i]), name, depth + 1, ret);
    return found ? found : find_constant(b, c->parent, name, depth + 1, ret);
}

uint32_t method_returned(const struct src *s, uint32_t method)
{
    uint32_t body = src_body(s, method), found = 0;
    if (!body)
        return 0;
    if (src_kind(s, body) != S_BLOCK)
        return body; /* an arrow function */
    uint32_t end = src_node(s, body)->skip;
    for (uint32_t i = body + 1; i < end;) {
        uint8_t kind = src_kind(s, i);
        if (kind == E_CLOSURE || kind == E_ARROW || kind == N_CLASS) {
            i = src_node(s, i)->skip;
            continue;
        }
        if (kind == S_RETURN && node_first(s->f, i))
            found = node_first(s->f, i);
        i++;
    }
    return found;
}

/* What a function of the application's helper files returns. */
static uint32_t returned_by_function(const struct scope *sc, uint32_t callee, struct scope *ret)
{
    const struct method *fn = NULL;
    if (callee && src_kind(&sc->src, callee) == E_NAME)
        fn = app_function(sc->b->app, src_sym(&sc->src, callee));
    if (!fn)
        return 0;
    *ret = (struct scope){
        .b = sc->b, .src = src_of(sc->b->app, fn->at.file), .cls = NO_CLASS, .depth = sc->depth + 1
    };
    ret->fn = src_body(&ret->src, fn->at.node);
    return method_returned(&ret->src, fn->at.node);
}

/* What a call on a known class returns, when that is one expression. */
static uint32_t returned_by(const struct scope *sc, uint32_t call, struct scope *ret)
{
    uint8_t kind = src_kind(&sc->src, call);
    uint32_t base = node_first(sc->src.f, call);
    if (sc->depth > EVAL_DEPTH)
        return 0;
    if (kind == E_CALL)
        return returned_by_function(sc, base, ret);
    if (kind != E_MCALL && kind != E_SCALL)
        return 0;
    uint32_t cls = base ? eval_class_operand(sc, base) : NO_CLASS;
    if (kind == E_MCALL && base && src_kind(&sc->src, base) == E_NEW)
        cls = eval_class_operand(sc, node_first(sc->src.f, base));
    if (cls == NO_CLASS || !src_node(&sc->src, call)->s)
        return 0;
    const struct method *m = class_method(sc->b->app, cls, src_sym(&sc->src, call));
    if (!m)
        return 0;
    *ret = eval_deeper(sc);
    ret->src = src_of(sc->b->app, m->at.file);
    ret->cls = cls;
    ret->own = sc->b->app->classes[m->class_].kind == CLASS_TRAIT ? 0 : m->class_ + 1;
    ret->nbinds = 0;
    ret->fn = src_body(&ret->src, m->at.node);
    return method_returned(&ret->src, m->at.node);
}

/* ---- variables ---- */

const struct bind *eval_bind(const struct scope *sc, struct str name)
{
    for (unsigned i = sc->nbinds; i > 0; i--) {
        if (str_eq(sc->binds[i - 1].name, name))
            return &sc->binds[i - 1];
    }
    return NULL;
}

/* The value of the last assignment to the variable that stands before the node, in the function at
 * hand. */
static uint32_t assigned(const struct scope *sc, uint32_t var)
{
    struct str name = src_str(&sc->src, var);
    uint32_t found = 0;
    if ((!sc->fn && sc->cls != NO_CLASS) || !name.n)
        return 0;
    uint32_t end = src_node(&sc->src, sc->fn)->skip; /* of the whole file outside of a function */
    if (var < sc->fn || var >= end)
        return 0; /* of another function */
    sc->b->eval_total += (var - sc->fn) / 8;
    sc->b->eval_steps += (var - sc->fn) / 64;
    for (uint32_t i = sc->fn; i < var; i++) {
        if (src_kind(&sc->src, i) != E_ASSIGN || src_node(&sc->src, i)->skip > var)
            continue;
        uint32_t target = node_first(sc->src.f, i);
        if (src_is(&sc->src, target, E_VAR, NULL) && str_eq(src_str(&sc->src, target), name))
            found = node_next(sc->src.f, i, target);
    }
    return found;
}

struct wanted {
    struct str key;
    uint32_t n; /* position asked for, or REF_NONE */
    uint32_t at, found;
    struct scope where;
};

static void look_for_key(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct wanted *w = ctx;
    struct str text;
    bool hit = key ? eval_str(sc, key, &text) && str_eq(text, w->key) : w->at++ == w->n;
    if (hit && !w->found) {
        w->found = value;
        w->where = *sc;
    }
}

/* $names['roles'] of a literal array behind a variable, constant or property */
static uint32_t indexed(const struct scope *sc, uint32_t node, struct scope *ret)
{
    uint32_t base = node_child(sc->src.f, node, 0), index = node_child(sc->src.f, node, 1);
    struct wanted w = { .n = REF_NONE };
    if (!base || !index || !eval_str(sc, index, &w.key))
        return 0;
    if (src_kind(&sc->src, index) == E_INT && w.key.n < 4)
        w.n = (uint32_t)strtoul(w.key.p, NULL, 10);
    struct scope next = eval_deeper(sc);
    eval_each(&next, base, look_for_key, &w);
    if (w.found)
        *ret = w.where;
    return w.found;
}

/* The arm of a match whose condition equals a constant subject, else its default. */
static uint32_t matched(const struct scope *sc, uint32_t node)
{
    struct str subject, text;
    const struct src *s = &sc->src;
    uint32_t first = node_first(s->f, node), otherwise = 0;
    if (!first || !eval_str(sc, first, &subject))
        return 0;
    for (uint32_t arm = node_next(s->f, node, first); arm; arm = node_next(s->f, node, arm)) {
        uint32_t value = node_last(s->f, arm);
        if (value && value == node_first(s->f, arm))
            otherwise = value;
        for EACH_CHILD (s, arm, cond) {
            if (cond != value && eval_str(sc, cond, &text) && str_eq(text, subject))
                return value;
        }
    }
    return otherwise;
}

/* Follows a variable, constant, property default or call to the expression behind it; 0: nothing
 * behind. */
uint32_t eval_behind(const struct scope *sc, uint32_t node, struct scope *ret)
{
    const struct src *s = &sc->src;
    *ret = eval_deeper(sc);
    if (sc->depth > EVAL_DEPTH)
        return 0;
    switch (src_kind(s, node)) {
    case E_VAR: {
        const struct bind *bind = eval_bind(sc, src_str(s, node));
        if (bind && bind->node) {
            ret->src = bind->src;
            return bind->node;
        }
        uint32_t value = bind ? 0 : assigned(sc, node);
        if (value)
            ret->depth += 3;
        return value;
    }
    case E_ASSIGN:
        return node_last(s->f, node);
    case E_CCONST: {
        uint32_t on = node_first(s->f, node);
        uint32_t cls = on ? eval_class_operand(sc, on) : NO_CLASS;
        uint32_t value = find_constant(sc->b, cls, src_str(s, node), 0, &ret->src);
        ret->cls = cls;
        ret->own = 0;
        ret->fn = 0;
        ret->nbinds = 0;
        return value;
    }
    case E_PROP:
        if (!src_is_this(s, node_first(s->f, node)) || sc->cls == NO_CLASS)
            return src_is(s, node, E_PROP, "value") ? node_first(s->f, node) : 0;
        ret->fn = 0;
        return class_default(sc->b, sc->cls, syms_cstr(sc->b->app->syms, src_sym(s, node)),
                             &ret->src);
    case E_SPROP: {
        uint32_t cls = eval_class_operand(sc, node_first(s->f, node));
        ret->cls = cls;
        ret->own = 0;
        ret->fn = 0;
        return class_default(sc->b, cls, syms_cstr(sc->b->app->syms, src_sym(s, node)), &ret->src);
    }
    case E_CALL:
    case E_MCALL:
    case E_SCALL:
        return returned_by(sc, node, ret);
    case E_INDEX:
        return indexed(sc, node, ret);
    case E_MATCH:
        return matched(sc, node);
    default:
        return 0;
    }
}

/* ---- strings ---- */

static bool eval_joined(const struct scope *sc, uint32_t node, struct str *ret)
{
    struct str out = STR("");
    for EACH_CHILD (&sc->src, node, c) {
        struct str part;
        if (!eval_str(sc, c, &part))
            return false;
        out = out.n ? text_concat(sc->b->arena, out, part) : part;
    }
    *ret = out;
    return out.n < APP_CONFIG_BYTES;
}

static bool eval_magic(const struct scope *sc, uint32_t node, struct str *ret)
{
    struct str name = src_str(&sc->src, node);
    struct build *b = sc->b;
    if (str_ieq(name, STR("__DIR__")) || str_ieq(name, STR("__FILE__"))) {
        struct str path = str_c(b->app->files[sc->src.file].path);
        *ret = eval_absolute(b, "", str_ieq(name, STR("__DIR__")) ? text_dirname(path) : path);
        return true;
    }
    if (str_ieq(name, STR("__CLASS__")) && sc->cls != NO_CLASS) {
        *ret = syms_str(b->app->syms, b->app->classes[sc->cls].name);
        return true;
    }
    if (str_is(name, "DIRECTORY_SEPARATOR")) {
        *ret = STR("/");
        return true;
    }
    if (str_ieq(name, STR("true")) || str_ieq(name, STR("false"))) {
        *ret = str_ieq(name, STR("true")) ? STR("true") : STR("false");
        return true;
    }
    return false;
}

bool eval_str(const struct scope *sc, uint32_t node, struct str *ret)
{
    struct scope next = eval_deeper(sc), there;
    if (!node || !eval_may_go_on(sc))
        return false;
    const struct src *s = &sc->src;
    const struct node *n = src_node(s, node);
    uint32_t first = node_first(s->f, node), second = first ? node_next(s->f, node, first) : 0;
    switch (n->kind) {
    case E_STR:
    case E_INT:
    case E_FLOAT:
        *ret = src_str(s, node);
        return true;
    case E_INTERP:
        return eval_joined(&next, node, ret);
    case E_BIN:
        if (n->op == OP_CONCAT)
            return eval_joined(&next, node, ret);
        return n->op == OP_COALESCE &&
               (eval_str(&next, first, ret) || eval_str(&next, second, ret));
    case E_TERNARY: {
        uint32_t other = second ? node_next(s->f, node, second) : 0;
        return eval_str(&next, second, ret) || eval_str(&next, other, ret);
    }
    case E_CAST:
    case E_SILENCE:
        return eval_str(&next, first, ret);
    case E_CONST:
        return eval_magic(sc, node, ret);
    case E_CALL:
        if (eval_function(&next, node, ret))
            return true;
        break;
    case E_CCONST:
        if (str_ieq(src_str(s, node), STR("class"))) {
            sym name = class_name_of(sc, first);
            *ret = syms_str(sc->b->app->syms, name);
            return name != 0;
        }
        break;
    case E_VAR: {
        const struct bind *bind = eval_bind(sc, src_str(s, node));
        if (bind && !bind->node && bind->value.p) {
            *ret = bind->value;
            return true;
        }
        break;
    }
    case E_INDEX:
        if (eval_config_index(&next, node, ret))
            return true;
        break;
    case E_MCALL:
    case E_SCALL:
        if (eval_method(&next, node, ret))
            return true;
        break;
    default:
        break;
    }
    uint32_t value = eval_behind(sc, node, &there);
    return value && eval_str(&there, value, ret);
}

struct bind eval_as_bind(const struct scope *sc, uint32_t node, struct str name)
{
    struct scope at = *sc, there;
    struct str text;
    if (eval_str(sc, node, &text))
        return (struct bind){ .name = name, .value = text };
    for (unsigned i = 0; i < 4; i++) {
        uint8_t kind = src_kind(&at.src, node);
        uint32_t value = kind == E_VAR || kind == E_CCONST || kind == E_PROP
                             ? eval_behind(&at, node, &there)
                             : 0;
        if (!value)
            break;
        at = there;
        node = value;
    }
    return (struct bind){ .name = name, .src = at.src, .node = node };
}

bool eval_bool(const struct scope *sc, uint32_t node, bool *ret)
{
    struct str s;
    if (!eval_str(sc, node, &s))
        return false;
    *ret = !(str_ieq(s, STR("false")) || str_is(s, "0") || s.n == 0 || str_ieq(s, STR("(false)")));
    return true;
}

/* ---- classes as values ---- */

static sym class_from_text(const struct scope *sc, struct str s)
{
    while (s.n && s.p[0] == '\\')
        s = str_sub(s, 1, s.n - 1);
    if (!s.n || s.n > 200)
        return 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '\\' && s.p[i] != '_')
            return 0;
    }
    uint32_t cls = app_class_named(sc->b->app, s);
    if (cls == NO_CLASS) { /* a bare name may mean the class beside this one, or the only one of its
                              name */
        struct str own = sc->cls != NO_CLASS
                             ? syms_str(sc->b->app->syms, sc->b->app->classes[sc->cls].name)
                             : STR("");
        struct str base = text_basename(own);
        struct str beside = text_concat(sc->b->arena, str_sub(own, 0, own.n - base.n), s);
        cls = app_class_named(sc->b->app, beside);
    }
    if (cls == NO_CLASS && !str_contains(s, "\\"))
        cls = app_class_short(sc->b->app, s);
    return cls != NO_CLASS ? sc->b->app->classes[cls].name : build_intern(sc->b, s);
}

/* XProxy::modelClass() of module frameworks stands for the class X beside it. */
static sym class_from_proxy(const struct scope *sc, uint32_t call)
{
    uint32_t on = node_first(sc->src.f, call);
    struct str name = on && src_kind(&sc->src, on) == E_NAME ? src_str(&sc->src, on) : STR("");
    const char *known = names_static_class(text_basename(name), src_str(&sc->src, call));
    if (known)
        return class_from_text(sc, str_c(known));
    if (!str_ends(name, "Proxy") || name.n < 6)
        return 0;
    return class_from_text(sc, str_sub(name, 0, name.n - 5));
}

/* State::modelClass() of a model whose method could not be followed names that model, or one that
 * replaces it. */
static sym class_of_call(const struct scope *sc, uint32_t call)
{
    uint32_t on = node_first(sc->src.f, call);
    uint32_t cls =
        on && src_kind(&sc->src, call) == E_SCALL ? eval_class_operand(sc, on) : NO_CLASS;
    if (cls == NO_CLASS || !(sc->b->app->classes[cls].is & IS_MODEL) ||
        !str_contains(src_str(&sc->src, call), "lass"))
        return 0;
    return sc->b->app->classes[cls].name;
}

sym eval_class(const struct scope *sc, uint32_t node)
{
    struct scope next = eval_deeper(sc), there;
    struct str text;
    if (!node || !eval_may_go_on(sc))
        return 0;
    const struct src *s = &sc->src;
    uint32_t first = node_first(s->f, node);
    switch (src_kind(s, node)) {
    case E_NEW:
        if (first && src_kind(s, first) == E_VAR && !src_is_this(s, first))
            return eval_class(&next, first);
        return first ? class_name_of(sc, first) : 0;
    case E_NAME:
        return class_name_of(sc, node);
    case E_CALL: {
        struct str fn = first ? src_str(s, first) : STR("");
        if (str_ieq(fn, STR("app")) || str_ieq(fn, STR("resolve")) || str_ieq(fn, STR("get_class")))
            return eval_class(&next, src_arg(s, node, 0, NULL));
        break;
    }
    case E_VAR:
        if (src_is_this(s, node))
            return sc->cls != NO_CLASS ? sc->b->app->classes[sc->cls].name : 0;
        break;
    case E_SPROP:
    case E_SCALL: {
        sym name = class_from_proxy(sc, node);
        if (name)
            return name;
        break;
    }
    case E_ARRAY: /* [X::class, 'method'] */
        for EACH_CHILD (s, node, c)
            return src_item_value(s, c) ? eval_class(&next, src_item_value(s, c)) : 0;
        return 0;
    default:
        break;
    }
    if (eval_str(sc, node, &text))
        return class_from_text(sc, text);
    uint32_t value = eval_behind(sc, node, &there);
    sym found = value ? eval_class(&there, value) : 0;
    return found ? found : class_of_call(sc, node);
}

/* ---- arrays ---- */

static void each_item(const struct scope *sc, uint32_t array,
                      void (*fn)(void *, const struct scope *, uint32_t, uint32_t), void *ctx)
{
    for EACH_CHILD (&sc->src, array, c) {
        uint32_t value = src_item_value(&sc->src, c);
        if (!value)
            continue;
        if (src_node(&sc->src, c)->flags & F_UNPACK)
            eval_each(sc, value, fn, ctx);
        else
            fn(ctx, sc, src_item_key(&sc->src, c), value);
    }
}

void eval_each(const struct scope *sc, uint32_t node,
               void (*fn)(void *, const struct scope *, uint32_t, uint32_t), void *ctx)
{
    struct scope next = eval_deeper(sc), there;
    if (!node || !eval_may_go_on(sc))
        return;
    const struct src *s = &sc->src;
    uint32_t value;
    switch (src_kind(s, node)) {
    case E_ARRAY:
        each_item(&next, node, fn, ctx);
        return;
    case E_CALL: /* array_merge, collect, array_filter … */
        for (unsigned i = 0; i < src_nargs(s, node); i++)
            eval_each(&next, src_arg(s, node, i, NULL), fn, ctx);
        return;
    case E_BIN:
    case E_TERNARY:
        for EACH_CHILD (s, node, c)
            eval_each(&next, c, fn, ctx);
        return;
    default:
        break;
    }
    if ((value = eval_behind(sc, node, &there))) {
        eval_each(&there, value, fn, ctx);
        return;
    }
    if (src_kind(s, node) == E_MCALL ||
        src_kind(s, node) == E_SCALL) { /* collect([..])->merge([..])->all() */
        if (src_kind(s, node) == E_MCALL)
            eval_each(&next, node_first(s->f, node), fn, ctx);
        for (unsigned i = 0; i < src_nargs(s, node); i++)
            eval_each(&next, src_arg(s, node, i, NULL), fn, ctx);
    }
}

struct strings {
    struct VEC(sym) out;
    bool failed;
};

static void add_string(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct strings *all = ctx;
    struct str s;
    if (eval_str(sc, value, &s)) {
        sym id = build_intern(sc->b, s);
        if (id && !vec_push_max(&all->out, id, 65536))
            all->failed = true;
    } else if (key && eval_str(sc, key, &s)) { /* 'posts' => fn ($q) => … in $with */
        sym id = build_intern(sc->b, s);
        if (id && !vec_push_max(&all->out, id, 65536))
            all->failed = true;
    }
}

uint32_t eval_strings(const struct scope *sc, uint32_t node, sym **ret)
{
    struct strings all = { 0 };
    struct str one;
    if (node && src_kind(&sc->src, node) == E_STR && eval_str(sc, node, &one)) {
        *ret = arena_new_array(sc->b->arena, sym, 1);
        if (*ret)
            **ret = build_intern(sc->b, one);
        return *ret && **ret ? 1 : 0;
    }
    eval_each(sc, node, add_string, &all);
    *ret = arena_new_array(sc->b->arena, sym, all.out.n + 1);
    if (!*ret || all.failed)
        sc->b->failed = true;
    else if (all.out.n)
        memcpy(*ret, all.out.p, all.out.n * sizeof(sym));
    uint32_t n = *ret ? (uint32_t)all.out.n : 0;
    vec_release(&all.out);
    return n > 65535 ? 65535 : n;
}

/* ---- paths ---- */

bool eval_path(const struct scope *sc, uint32_t node, struct str *ret)
{
    struct str text, dir = str_c(sc->b->app->dir);
    if (!eval_str(sc, node, &text))
        return false;
    if (str_starts(text, dir.p) && text.n >= dir.n)
        text = str_sub(text, dir.n, text.n - dir.n);
    else if (text.n && text.p[0] == '/')
        return false;
    *ret = text_path(text, sc->b->arena);
    return true;
}
