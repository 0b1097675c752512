/* Constant expressions of PHP as declarations use them: strings, class names, arrays, constants, env() and
 * config(), paths, and methods that return such. Nothing is run; what is not constant gives "unknown". */
#include "laravel/app_build.h"

#include <ctype.h>

enum { EVAL_DEPTH = 16, EVAL_STEPS = 20000 };

/* May one more expression be looked at? Nested calls could otherwise double the work at each level. */
static bool may_go_on(const struct scope *sc)
{
    if (sc->depth == 0)
        sc->b->eval_steps = 0;
    return sc->depth <= EVAL_DEPTH && ++sc->b->eval_steps < EVAL_STEPS;
}

static struct scope deeper(const struct scope *sc)
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
    return (struct scope){ .b = b, .src = src_of(b->app, b->app->classes[cls].at.file), .cls = cls };
}

/* ---- classes as operands ---- */

/* Class index of an E_NAME operand (or `$this`, `static` …) */
static uint32_t class_operand(const struct scope *sc, uint32_t node)
{
    struct str name = src_str(&sc->src, node);
    if (src_is_this(&sc->src, node) || str_ieq(name, STR("self")) || str_ieq(name, STR("static")))
        return sc->cls;
    if (src_kind(&sc->src, node) != E_NAME)
        return NO_CLASS;
    if (str_ieq(name, STR("parent")))
        return sc->cls == NO_CLASS ? NO_CLASS : sc->b->app->classes[sc->cls].parent;
    return app_class_named(sc->b->app, name);
}

static sym class_name_of(const struct scope *sc, uint32_t node)
{
    uint32_t cls = class_operand(sc, node);
    if (cls != NO_CLASS)
        return sc->b->app->classes[cls].name;
    struct str name = src_str(&sc->src, node);
    if (src_kind(&sc->src, node) != E_NAME || str_ieq(name, STR("self")) || str_ieq(name, STR("static")) ||
        str_ieq(name, STR("parent")))
        return 0;
    return src_sym(&sc->src, node);
}

uint32_t class_default(const struct build *b, uint32_t cls, const char *prop, struct src *ret_src)
{
    sym name = syms_find(b->app->syms, str_c(prop));
    for (unsigned depth = 0; name && cls != NO_CLASS && depth < 64; depth++, cls = b->app->classes[cls].parent) {
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

static uint32_t find_constant(const struct build *b, uint32_t cls, struct str name, unsigned depth, struct src *ret)
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

/* What a call on a known class returns, when that is one expression. */
static uint32_t returned_by(const struct scope *sc, uint32_t call, struct scope *ret)
{
    uint8_t kind = src_kind(&sc->src, call);
    if ((kind != E_MCALL && kind != E_SCALL) || sc->depth > EVAL_DEPTH)
        return 0;
    uint32_t base = node_first(sc->src.f, call);
    uint32_t cls = base ? class_operand(sc, base) : NO_CLASS;
    if (kind == E_MCALL && base && src_kind(&sc->src, base) == E_NEW)
        cls = class_operand(sc, node_first(sc->src.f, base));
    if (cls == NO_CLASS || !src_node(&sc->src, call)->s)
        return 0;
    const struct method *m = class_method(sc->b->app, cls, src_sym(&sc->src, call));
    if (!m)
        return 0;
    *ret = deeper(sc);
    ret->src = src_of(sc->b->app, m->at.file);
    ret->cls = cls;
    ret->nbinds = 0;
    ret->fn = src_body(&ret->src, m->at.node);
    return method_returned(&ret->src, m->at.node);
}

/* ---- variables ---- */

static const struct bind *find_bind(const struct scope *sc, struct str name)
{
    for (unsigned i = sc->nbinds; i > 0; i--) {
        if (str_eq(sc->binds[i - 1].name, name))
            return &sc->binds[i - 1];
    }
    return NULL;
}

/* The value of the last assignment to the variable that stands before the node, in the function at hand. */
static uint32_t assigned(const struct scope *sc, uint32_t var)
{
    struct str name = src_str(&sc->src, var);
    uint32_t found = 0;
    if (!sc->fn || !name.n)
        return 0;
    uint32_t end = src_node(&sc->src, sc->fn)->skip;
    for (uint32_t i = sc->fn; i < end && i < var; i++) {
        if (src_kind(&sc->src, i) != E_ASSIGN)
            continue;
        uint32_t target = node_first(sc->src.f, i);
        if (src_is(&sc->src, target, E_VAR, NULL) && str_eq(src_str(&sc->src, target), name))
            found = node_next(sc->src.f, i, target);
    }
    return found;
}

/* Follows a variable, constant, property default or call to the expression behind it; 0: nothing behind. */
static uint32_t behind(const struct scope *sc, uint32_t node, struct scope *ret)
{
    const struct src *s = &sc->src;
    *ret = deeper(sc);
    if (sc->depth > EVAL_DEPTH)
        return 0;
    switch (src_kind(s, node)) {
    case E_VAR: {
        const struct bind *bind = find_bind(sc, src_str(s, node));
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
        uint32_t cls = on ? class_operand(sc, on) : NO_CLASS;
        uint32_t value = find_constant(sc->b, cls, src_str(s, node), 0, &ret->src);
        ret->cls = cls;
        ret->fn = 0;
        ret->nbinds = 0;
        return value;
    }
    case E_PROP:
        if (!src_is_this(s, node_first(s->f, node)) || sc->cls == NO_CLASS)
            return src_is(s, node, E_PROP, "value") ? node_first(s->f, node) : 0;
        ret->fn = 0;
        return class_default(sc->b, sc->cls, syms_cstr(sc->b->app->syms, src_sym(s, node)), &ret->src);
    case E_SPROP: {
        uint32_t cls = class_operand(sc, node_first(s->f, node));
        ret->cls = cls;
        ret->fn = 0;
        return class_default(sc->b, cls, syms_cstr(sc->b->app->syms, src_sym(s, node)), &ret->src);
    }
    case E_MCALL:
    case E_SCALL:
        return returned_by(sc, node, ret);
    default:
        return 0;
    }
}

/* ---- strings ---- */

static struct str absolute(const struct build *b, const char *below, struct str rest)
{
    const char *p = arena_printf(b->arena, "%s/%s" STR_FMT STR_FMT, b->app->dir, below,
                                 STR_ARG(below[0] && rest.n && rest.p[0] != '/' ? STR("/") : STR("")), STR_ARG(rest));
    return p ? str_c(p) : STR("");
}

static bool path_helper(const struct scope *sc, struct str fn, uint32_t call, struct str *ret)
{
    static const char *const helpers[][2] = {
        { "base_path", "" }, { "app_path", "app" }, { "resource_path", "resources" },
        { "database_path", "database" }, { "config_path", "config" }, { "public_path", "public" },
        { "storage_path", "storage" }, { "lang_path", "lang" },
    };
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (!str_ieq(fn, str_c(helpers[i][0])))
            continue;
        struct str rest = STR("");
        uint32_t arg = src_arg(&sc->src, call, 0, "path");
        if (arg && !eval_str(sc, arg, &rest))
            return false;
        *ret = absolute(sc->b, helpers[i][1], rest);
        return true;
    }
    return false;
}

static bool call_dirname(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str levels = STR("1");
    uint32_t n = src_arg(&sc->src, call, 1, "levels");
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "path"), ret) || (n && !eval_str(sc, n, &levels)))
        return false;
    for (int i = levels.n ? levels.p[0] - '0' : 1; i > 0; i--)
        *ret = text_dirname(*ret);
    return true;
}

static struct str trim_of(struct str s, struct str chars, bool left, bool right)
{
    while (left && s.n && memchr(chars.p, s.p[0], chars.n))
        s = str_sub(s, 1, s.n - 1);
    while (right && s.n && memchr(chars.p, s.p[s.n - 1], chars.n))
        s.n--;
    return s;
}

static bool text_function(const struct scope *sc, struct str fn, uint32_t call, struct str *ret)
{
    struct arena *a = sc->b->arena;
    struct str in, chars = STR(" \t\n\r");
    bool trims = str_is(fn, "trim") || str_is(fn, "ltrim") || str_is(fn, "rtrim");
    if (!trims && !str_is(fn, "strtolower") && !str_is(fn, "ucfirst") && !str_is(fn, "lcfirst") &&
        !str_is(fn, "strval"))
        return false;
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "string"), &in))
        return false;
    if (trims) {
        uint32_t set = src_arg(&sc->src, call, 1, "characters");
        if (set && !eval_str(sc, set, &chars))
            return false;
        *ret = trim_of(in, chars, !str_is(fn, "rtrim"), !str_is(fn, "ltrim"));
    } else if (str_is(fn, "strtolower")) {
        *ret = text_lower(in, a);
    } else {
        *ret = text_concat(a, in, STR(""));
        if (ret->n && !str_is(fn, "strval"))
            ((char *)ret->p)[0] = (char)(str_is(fn, "ucfirst") ? toupper((unsigned char)in.p[0])
                                                                : tolower((unsigned char)in.p[0]));
    }
    return true;
}

static bool eval_call(const struct scope *sc, uint32_t call, struct str *ret)
{
    uint32_t callee = node_first(sc->src.f, call);
    struct str fn = callee && src_kind(&sc->src, callee) == E_NAME ? text_basename(src_str(&sc->src, callee)) : STR("");
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    struct str key;
    if (str_is(fn, "env") && eval_str(sc, arg, &key)) {
        const struct env_var *var = build_env(sc->b, key);
        uint32_t fallback = src_arg(&sc->src, call, 1, "default");
        if (!var)
            return fallback && eval_str(sc, fallback, ret);
        *ret = var->value;
        return true;
    }
    if (str_is(fn, "config") && eval_str(sc, arg, &key)) {
        char *name = arena_strndup(sc->b->arena, key.p, key.n);
        const char *value = name ? build_setting(sc->b, name) : NULL;
        uint32_t fallback = src_arg(&sc->src, call, 1, "default");
        if (!value)
            return fallback && eval_str(sc, fallback, ret);
        *ret = str_c(value);
        return true;
    }
    if (str_is(fn, "dirname"))
        return call_dirname(sc, call, ret);
    if ((str_is(fn, "app") || str_is(fn, "value") || str_is(fn, "realpath")) && arg)
        return eval_str(sc, arg, ret);
    if (str_is(fn, "get_class") || (str_is(fn, "get_called_class") && sc->cls != NO_CLASS)) {
        sym name = arg ? eval_class(sc, arg) : sc->cls != NO_CLASS ? sc->b->app->classes[sc->cls].name : 0;
        *ret = syms_str(sc->b->app->syms, name);
        return name != 0;
    }
    return path_helper(sc, fn, call, ret) || text_function(sc, fn, call, ret);
}

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
        *ret = absolute(b, "", str_ieq(name, STR("__DIR__")) ? text_dirname(path) : path);
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
    struct scope next = deeper(sc), there;
    if (!node || !may_go_on(sc))
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
        return n->op == OP_COALESCE && (eval_str(&next, first, ret) || eval_str(&next, second, ret));
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
        return eval_call(&next, node, ret);
    case E_CCONST:
        if (str_ieq(src_str(s, node), STR("class"))) {
            sym name = class_name_of(sc, first);
            *ret = syms_str(sc->b->app->syms, name);
            return name != 0;
        }
        break;
    case E_VAR: {
        const struct bind *bind = find_bind(sc, src_str(s, node));
        if (bind && !bind->node && bind->value.p) {
            *ret = bind->value;
            return true;
        }
        break;
    }
    default:
        break;
    }
    uint32_t value = behind(sc, node, &there);
    return value && eval_str(&there, value, ret);
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
    if (cls == NO_CLASS) { /* a bare name may mean the class beside this one, or the only one of its name */
        struct str own = sc->cls != NO_CLASS ? syms_str(sc->b->app->syms, sc->b->app->classes[sc->cls].name) : STR("");
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
    if (!str_ends(name, "Proxy") || name.n < 6)
        return 0;
    return class_from_text(sc, str_sub(name, 0, name.n - 5));
}

sym eval_class(const struct scope *sc, uint32_t node)
{
    struct scope next = deeper(sc), there;
    struct str text;
    if (!node || !may_go_on(sc))
        return 0;
    const struct src *s = &sc->src;
    uint32_t first = node_first(s->f, node);
    switch (src_kind(s, node)) {
    case E_NEW:
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
    case E_SCALL:
        if (class_from_proxy(sc, node))
            return class_from_proxy(sc, node);
        break;
    case E_ARRAY: /* [X::class, 'method'] */
        for EACH_CHILD (s, node, c)
            return src_item_value(s, c) ? eval_class(&next, src_item_value(s, c)) : 0;
        return 0;
    default:
        break;
    }
    if (eval_str(sc, node, &text))
        return class_from_text(sc, text);
    uint32_t value = behind(sc, node, &there);
    return value ? eval_class(&there, value) : 0;
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

void eval_each(const struct scope *sc, uint32_t node, void (*fn)(void *, const struct scope *, uint32_t, uint32_t),
               void *ctx)
{
    struct scope next = deeper(sc), there;
    if (!node || !may_go_on(sc))
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
    if ((value = behind(sc, node, &there))) {
        eval_each(&there, value, fn, ctx);
        return;
    }
    if (src_kind(s, node) == E_MCALL || src_kind(s, node) == E_SCALL) { /* collect([..])->merge([..])->all() */
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
