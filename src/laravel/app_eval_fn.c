/* Functions and methods whose value a constant argument decides: env(), config(), paths, sprintf,
 * implode, table names. Part of the evaluator of app_eval.c. */
#include "laravel/app_eval.h"

#include <ctype.h>

struct str eval_absolute(const struct build *b, const char *below, struct str rest)
{
    const char *p = arena_printf(
        b->arena, "%s/%s" STR_FMT STR_FMT, b->app->dir, below,
        STR_ARG(below[0] && rest.n && rest.p[0] != '/' ? STR("/") : STR("")), STR_ARG(rest));
    return p ? str_c(p) : STR("");
}

static bool path_helper(const struct scope *sc, struct str fn, uint32_t call, struct str *ret)
{
    static const char *const helpers[][2] = {
        { "base_path", "" },
        { "app_path", "app" },
        { "resource_path", "resources" },
        { "database_path", "database" },
        { "config_path", "config" },
        { "public_path", "public" },
        { "storage_path", "storage" },
        { "lang_path", "lang" },
    };
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (!str_ieq(fn, str_c(helpers[i][0])))
            continue;
        struct str rest = STR("");
        uint32_t arg = src_arg(&sc->src, call, 0, "path");
        if (arg && !eval_str(sc, arg, &rest))
            return false;
        *ret = eval_absolute(sc->b, helpers[i][1], rest);
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

/* sprintf with %s, %d and %% only */
static bool call_sprintf(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str format, part;
    unsigned nth = 1;
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "format"), &format))
        return false;
    auto_buf out = BUF_INIT(APP_CONFIG_BYTES);
    for (uint32_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%' || i + 1 >= format.n) {
            buf_addc(&out, format.p[i]);
            continue;
        }
        char c = format.p[++i];
        if (c == '%')
            buf_addc(&out, '%');
        else if ((c != 's' && c != 'd') ||
                 !eval_str(sc, src_arg(&sc->src, call, nth++, NULL), &part))
            return false;
        else
            buf_add(&out, part.p, part.n);
    }
    char *copy = arena_strndup(sc->b->arena, buf_cstr(&out), out.n);
    *ret = (struct str){ copy, (uint32_t)out.n };
    return copy != NULL;
}

struct joining {
    struct buf *out;
    struct str glue;
    const struct scope *fn_scope; /* array_map: the scope of the arrow function */
    uint32_t arrow;
    unsigned n;
    bool failed;
};

static void join_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct joining *j = ctx;
    struct str text;
    bool ok;
    if (j->arrow) {
        const struct src *s = &j->fn_scope->src;
        uint32_t param = src_param(s, j->arrow, 0);
        struct bind bind = eval_as_bind(sc, value, param ? src_str(s, param) : STR(""));
        struct scope in = eval_deeper(j->fn_scope);
        in.binds = &bind;
        in.nbinds = 1;
        ok = eval_str(&in, src_body(s, j->arrow), &text);
    } else {
        ok = eval_str(sc, value, &text);
    }
    if (!ok) {
        j->failed = true;
        return;
    }
    if (j->n++)
        buf_add(j->out, j->glue.p, j->glue.n);
    buf_add(j->out, text.p, text.n);
}

/* implode(', ', ['a', 'b']), also over array_map(fn ($x) => "…$x…", [...]) */
static bool call_implode(const struct scope *sc, uint32_t call, struct str *ret)
{
    auto_buf out = BUF_INIT(APP_CONFIG_BYTES);
    struct joining j = { .out = &out, .fn_scope = sc };
    uint32_t list = src_arg(&sc->src, call, 1, "array");
    if (!list || !eval_str(sc, src_arg(&sc->src, call, 0, "separator"), &j.glue))
        return false;
    if (src_kind(&sc->src, list) == E_CALL &&
        src_is(&sc->src, node_first(sc->src.f, list), E_NAME, "array_map")) {
        j.arrow = src_arg(&sc->src, list, 0, "callback");
        if (!j.arrow || src_kind(&sc->src, j.arrow) != E_ARROW)
            return false;
        list = src_arg(&sc->src, list, 1, "array");
    }
    eval_each(sc, list, join_item, &j);
    if (!j.n || j.failed)
        return false;
    char *copy = arena_strndup(sc->b->arena, buf_cstr(&out), out.n);
    *ret = (struct str){ copy, (uint32_t)out.n };
    return copy != NULL;
}

static bool call_module_path(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str module, rest = STR("");
    uint32_t tail = src_arg(&sc->src, call, 1, "path");
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "name"), &module) ||
        (tail && !eval_str(sc, tail, &rest)))
        return false;
    struct str both = text_concat(sc->b->arena, text_concat(sc->b->arena, module, STR("/")), rest);
    *ret = eval_absolute(sc->b, "Modules", both);
    return true;
}

/* config('a.b', default): the application's value, else the default, else what the package ships
 * with. */
static bool eval_config(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str key;
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "key"), &key))
        return false;
    char *name = arena_strndup(sc->b->arena, key.p, key.n);
    const char *value = name ? build_setting(sc->b, name) : NULL;
    uint32_t fallback = src_arg(&sc->src, call, 1, "default");
    if (!value && fallback && eval_str(sc, fallback, ret))
        return true;
    if (!value && name)
        value = names_config(name);
    if (value)
        *ret = str_c(value);
    return value != NULL;
}

bool eval_function(const struct scope *sc, uint32_t call, struct str *ret)
{
    uint32_t callee = node_first(sc->src.f, call);
    struct str fn = callee && src_kind(&sc->src, callee) == E_NAME
                        ? text_basename(src_str(&sc->src, callee))
                        : STR("");
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
    if (str_is(fn, "config"))
        return eval_config(sc, call, ret);
    if (str_is(fn, "dirname"))
        return call_dirname(sc, call, ret);
    if ((str_is(fn, "app") || str_is(fn, "value") || str_is(fn, "realpath")) && arg)
        return eval_str(sc, arg, ret);
    if (str_is(fn, "get_class") || (str_is(fn, "get_called_class") && sc->cls != NO_CLASS)) {
        sym name = arg                   ? eval_class(sc, arg)
                   : sc->cls != NO_CLASS ? sc->b->app->classes[sc->cls].name
                                         : 0;
        *ret = syms_str(sc->b->app->syms, name);
        return name != 0;
    }
    if (str_is(fn, "sprintf"))
        return call_sprintf(sc, call, ret);
    if (str_is(fn, "implode") || str_is(fn, "join"))
        return call_implode(sc, call, ret);
    if (str_is(fn, "module_path"))
        return call_module_path(sc, call, ret);
    return path_helper(sc, fn, call, ret) || text_function(sc, fn, call, ret);
}

/* config('permission.table_names')['roles'], also through a variable */
bool eval_config_index(const struct scope *sc, uint32_t node, struct str *ret)
{
    struct scope there = *sc;
    uint32_t base = node_child(sc->src.f, node, 0), index = node_child(sc->src.f, node, 1);
    struct str key, name;
    if (!base || !index || !eval_str(sc, index, &key))
        return false;
    if (src_kind(&sc->src, base) == E_VAR)
        base = eval_behind(sc, base, &there);
    if (base && src_kind(&there.src, base) == E_BIN &&
        src_node(&there.src, base)->op == OP_COALESCE)
        base = node_first(there.src.f, base);
    if (!base || src_kind(&there.src, base) != E_CALL ||
        !src_is(&there.src, node_first(there.src.f, base), E_NAME, "config") ||
        !eval_str(&there, src_arg(&there.src, base, 0, NULL), &name))
        return false;
    const char *full = arena_printf(sc->b->arena, STR_FMT "." STR_FMT, STR_ARG(name), STR_ARG(key));
    const char *value = full ? build_setting(sc->b, full) : NULL;
    if (!value && full)
        value = names_config(full);
    if (value)
        *ret = str_c(value);
    return value != NULL;
}

/* (new User)->getTable() where Laravel's own method answers */
static bool model_text(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str name = src_str(&sc->src, call);
    bool table = str_is(name, "getTable"), key = str_is(name, "getKeyName"),
         foreign = str_is(name, "getForeignKey");
    if (!table && !key && !foreign)
        return false;
    uint32_t base = node_first(sc->src.f, call);
    const struct model *m = class_model(sc->b->app, app_class(sc->b->app, eval_class(sc, base)));
    if (!m || !m->table)
        return false;
    struct syms *syms = sc->b->app->syms;
    *ret = syms_str(syms, table ? m->table : m->key_name);
    if (foreign) {
        struct str snake = text_snake(syms_str(syms, sc->b->app->classes[m->class_].short_name),
                                      '_', sc->b->arena);
        *ret = text_concat(sc->b->arena, text_concat(sc->b->arena, snake, STR("_")), *ret);
    }
    return ret->n > 0;
}

static const char *driver_name(const struct build *b)
{
    static const char *const names[] = {
        [DIALECT_SQLITE] = "sqlite", [DIALECT_PGSQL] = "pgsql", [DIALECT_MYSQL] = "mysql"
    };
    return b->app->dialect == DIALECT_UNKNOWN ? NULL : names[b->app->dialect];
}

bool eval_method(const struct scope *sc, uint32_t call, struct str *ret)
{
    struct str name = src_str(&sc->src, call);
    uint32_t base = node_first(sc->src.f, call);
    if (str_is(name, "getDriverName") && driver_name(sc->b)) {
        *ret = str_c(driver_name(sc->b));
        return true;
    }
    if (str_is(name, "getTablePrefix")) {
        *ret = STR("");
        return true;
    }
    if (src_kind(&sc->src, call) == E_SCALL && base && src_kind(&sc->src, base) == E_NAME) {
        struct str on = text_basename(src_str(&sc->src, base));
        if (str_is(on, "DB") && str_is(name, "raw"))
            return eval_str(sc, src_arg(&sc->src, call, 0, "value"), ret);
        if (str_is(on, "Config") && str_is(name, "get"))
            return eval_config(sc, call, ret);
        if (str_is(on, "Models") && str_is(name, "table")) /* Bouncer */
            return eval_str(sc, src_arg(&sc->src, call, 0, "table"), ret);
    }
    return model_text(sc, call, ret);
}
