/* The files of config/ with env() and its default, .env over it, and versions of servers beside the
 * application. Rules ask by key and never open a file. .env.example is a hint only: where there is
 * no .env it names the engine. */
#include "laravel/app_build.h"

#include <ctype.h>

const struct env_var *build_env(const struct build *b, struct str key)
{
    for (size_t i = b->env.n; i > 0; i--) {
        if (str_eq(b->env.p[i - 1].key, key))
            return &b->env.p[i - 1];
    }
    return NULL;
}

const char *build_setting(const struct build *b, const char *key)
{
    const char *found = NULL;
    for (size_t i = 0; i < b->settings.n; i++) {
        if (b->settings.p[i].layer == L_CONFIG && !strcmp(b->settings.p[i].key, key))
            found = b->settings.p[i].value;
    }
    return found;
}

/* ---- .env ---- */

static struct str unquote(struct build *b, struct str v)
{
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'')) {
        const char *end = memchr(v.p + 1, v.p[0], v.n - 1);
        return end ? str_sub(v, 1, (uint32_t)(end - v.p) - 1) : str_sub(v, 1, v.n - 1);
    }
    for (uint32_t i = 0; i + 1 < v.n; i++) { /* a comment behind the value */
        if (v.p[i] == ' ' && v.p[i + 1] == '#')
            return str_trim(str_sub(v, 0, i));
    }
    return v;
}

/* ${OTHER} inside a value stands for what was read before. */
static struct str expand(struct build *b, struct str v)
{
    for (unsigned round = 0; round < 8; round++) {
        uint32_t from = 0;
        while (from + 1 < v.n && !(v.p[from] == '$' && v.p[from + 1] == '{'))
            from++;
        const char *end = from + 1 < v.n ? memchr(v.p + from, '}', v.n - from) : NULL;
        if (!end)
            return v;
        uint32_t to = (uint32_t)(end - v.p);
        const struct env_var *other = build_env(b, str_sub(v, from + 2, to - from - 2));
        struct str left =
            text_concat(b->arena, str_sub(v, 0, from), other ? other->value : STR(""));
        v = text_concat(b->arena, left, str_sub(v, to + 1, v.n - to - 1));
        if (v.n > 4096)
            return v;
    }
    return v;
}

void settings_read_env(struct build *b, struct str text, const char *file)
{
    struct str rest = text, line;
    uint32_t number = 0;
    while (str_next(&rest, '\n', &line)) {
        number++;
        line = str_trim(line);
        if (str_starts(line, "export "))
            line = str_trim(str_sub(line, 7, line.n - 7));
        const char *eq = line.n && line.p[0] != '#' ? memchr(line.p, '=', line.n) : NULL;
        if (!eq || number > 20000)
            continue;
        uint32_t at = (uint32_t)(eq - line.p);
        struct str key = str_trim(str_sub(line, 0, at));
        struct str value = expand(b, unquote(b, str_trim(str_sub(line, at + 1, line.n - at - 1))));
        char *k = arena_strndup(b->arena, key.p, key.n),
             *v = arena_strndup(b->arena, value.p ? value.p : "", value.n);
        if (!k || !v || !key.n)
            continue;
        struct env_var var = { { k, key.n }, { v, value.n }, number };
        PUSH(b, &b->env, var);
        struct setting s = {
            .key = k, .value = v, .env = k, .file = file, .line = number, .layer = L_ENV
        };
        PUSH(b, &b->settings, s);
    }
}

/* ---- files of config/ ---- */

enum { CONFIG_DEPTH = 12, CONFIG_SETTINGS = 200000 };

struct config {
    struct build *b;
    const char *prefix;
    unsigned depth;
    uint32_t list_at;
};

/* The first variable that env() asks for inside the expression. */
static const char *env_name(const struct scope *sc, uint32_t node)
{
    const struct src *s = &sc->src;
    for (uint32_t i = node; i < src_node(s, node)->skip; i++) {
        struct str key;
        if (src_kind(s, i) == E_CALL && src_is(s, node_first(s->f, i), E_NAME, "env") &&
            eval_str(sc, src_arg(s, i, 0, NULL), &key))
            return arena_strndup(sc->b->arena, key.p, key.n);
    }
    return NULL;
}

static void add_config(struct config *c, const struct scope *sc, const char *key, uint32_t node)
{
    struct str value;
    struct setting s = { .key = key, .layer = L_CONFIG, .env = env_name(sc, node) };
    s.file = c->b->app->files[sc->src.file].path;
    s.line = node_line(sc->src.f, node);
    if (eval_str(sc, node, &value))
        s.value = arena_strndup(c->b->arena, value.p ? value.p : "", value.n);
    if (c->b->settings.n < CONFIG_SETTINGS)
        PUSH(c->b, &c->b->settings, s);
}

static void config_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct config *c = ctx;
    struct str name;
    char *path;
    if (key && !eval_str(sc, key, &name))
        return;
    if (key)
        path = arena_printf(c->b->arena, "%s." STR_FMT, c->prefix, STR_ARG(name));
    else
        path = arena_printf(c->b->arena, "%s.%u", c->prefix, c->list_at++);
    if (!path)
        return;
    const struct src *s = &sc->src;
    bool array =
        src_kind(s, value) == E_ARRAY ||
        (src_kind(s, value) == E_CALL && src_is(s, node_first(s->f, value), E_NAME, "array_merge"));
    if (array && c->depth < CONFIG_DEPTH) {
        struct config inner = { c->b, path, c->depth + 1, 0 };
        struct scope fresh = *sc;
        fresh.depth = 0;
        eval_each(&fresh, value, config_item, &inner);
        if (!node_first(s->f, value))
            add_config(c, sc, path, value);
        return;
    }
    struct scope fresh = *sc;
    fresh.depth = 0;
    add_config(c, &fresh, path, value);
}

static void read_config_file(struct build *b, uint32_t file, struct str name)
{
    struct scope sc = scope_of_file(b, file);
    const struct src *s = &sc.src;
    struct config c = { .b = b, .prefix = arena_strndup(b->arena, name.p, name.n) };
    uint32_t value = 0;
    for EACH_CHILD (s, 0, stmt) {
        if (src_kind(s, stmt) == S_RETURN && node_first(s->f, stmt))
            value = node_first(s->f, stmt);
    }
    if (value && c.prefix)
        eval_each(&sc, value, config_item, &c);
}

static void read_config(struct build *b)
{
    for (uint32_t i = 0; i < b->own_files; i++) {
        struct str path = str_c(b->files.p[i].path);
        if (b->files.p[i].context != CTX_CONFIG || !str_starts(path, "config/"))
            continue;
        struct str name = str_sub(path, 7, path.n - 7 - 4);
        struct str dotted = text_concat(b->arena, name, STR(""));
        for (uint32_t k = 0; k < dotted.n; k++) {
            if (dotted.p[k] == '/')
                ((char *)dotted.p)[k] = '.';
        }
        read_config_file(b, i, dotted);
    }
}

/* A value of .env.example, where there is no .env at all. */
static const char *example_value(struct build *b, const char *key)
{
    struct str text, line;
    if (!build_read_text(b, ".env.example", APP_CONFIG_BYTES, &text))
        return NULL;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        uint32_t n = (uint32_t)strlen(key);
        if (str_starts(line, key) && line.n > n && line.p[n] == '=') {
            struct str value = unquote(b, str_trim(str_sub(line, n + 1, line.n)));
            return value.n ? arena_strndup(b->arena, value.p, value.n) : NULL;
        }
    }
    return NULL;
}

static enum dialect dialect_of(struct build *b)
{
    const char *connection = build_setting(b, "database.default");
    const char *hint = b->env.n ? NULL : example_value(b, "DB_CONNECTION");
    if (hint)
        connection = hint;
    if (!connection) {
        const struct env_var *var = build_env(b, STR("DB_CONNECTION"));
        connection = var ? var->value.p : b->app->laravel_major >= 11 ? "sqlite" : "mysql";
    }
    const char *key = arena_printf(b->arena, "database.connections.%s.driver", connection);
    const char *driver = key ? build_setting(b, key) : NULL;
    struct str d = str_c(driver ? driver : connection);
    if (str_is(d, "sqlite"))
        return DIALECT_SQLITE;
    if (str_is(d, "pgsql") || str_starts(d, "postgres"))
        return DIALECT_PGSQL;
    if (str_is(d, "mysql") || str_is(d, "mariadb"))
        return DIALECT_MYSQL;
    return DIALECT_UNKNOWN;
}

void build_settings(struct build *b)
{
    struct str text;
    if (build_read_text(b, ".env", APP_CONFIG_BYTES, &text))
        settings_read_env(b, text, ".env");
    read_config(b);
    settings_read_servers(b);
    b->app->dialect = dialect_of(b);
}
