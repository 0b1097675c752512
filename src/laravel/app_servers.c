/* Settings of what runs the application, read lightly from the files beside it: php.ini, php-fpm
 * pools, nginx, docker-compose and Dockerfiles. Only keys that rules ask for are worth keeping; a
 * value is what is written. */
#include "laravel/app_build.h"

#include <ctype.h>

enum { SERVER_FILES = 200, SERVER_LINES = 20000 };

static void add(struct build *b, enum layer layer, struct str key, struct str value,
                const char *file, uint32_t line)
{
    struct setting s = { .layer = layer, .file = file, .line = line };
    s.key = arena_strndup(b->arena, key.p, key.n);
    s.value = arena_strndup(b->arena, value.p ? value.p : "", value.n);
    if (s.key && s.value && key.n && key.n < 200)
        PUSH(b, &b->settings, s);
}

static struct str strip_quotes(struct str v)
{
    v = str_trim(v);
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.n - 1] == v.p[0])
        return str_sub(v, 1, v.n - 2);
    return v;
}

/* key = value, of php.ini and of a pool; php_admin_value[opcache.enable] = 1 counts as the key
 * inside */
void servers_read_ini(struct build *b, struct str text, const char *file, bool fpm)
{
    struct str rest = text, line;
    for (uint32_t n = 1; n < SERVER_LINES && str_next(&rest, '\n', &line); n++) {
        line = str_trim(line);
        const char *eq = line.n && line.p[0] != ';' && line.p[0] != '#' && line.p[0] != '['
                             ? memchr(line.p, '=', line.n)
                             : NULL;
        if (!eq)
            continue;
        struct str key = str_trim(str_sub(line, 0, (uint32_t)(eq - line.p)));
        struct str value = str_sub(line, (uint32_t)(eq - line.p) + 1, line.n);
        const char *comment = value.n ? memchr(value.p, ';', value.n) : NULL;
        if (comment)
            value.n = (uint32_t)(comment - value.p);
        const char *open = memchr(key.p, '[', key.n);
        bool inner = open && key.p[key.n - 1] == ']';
        if (inner)
            key = str_sub(key, (uint32_t)(open - key.p) + 1, key.n - (uint32_t)(open - key.p) - 2);
        add(b, fpm && !inner ? L_FPM : L_PHPINI, key, strip_quotes(value), file, n);
    }
}

/* nginx: "gzip on;" as nginx.gzip, listen with http2 as nginx.listen */
void servers_read_nginx(struct build *b, struct str text, const char *file)
{
    static const char wanted[] =
        " gzip gzip_types gzip_static brotli listen http2 expires keepalive_timeout "
        "sendfile tcp_nopush open_file_cache fastcgi_buffers fastcgi_buffer_size "
        "fastcgi_keep_conn fastcgi_buffering proxy_buffering client_max_body_size "
        "worker_processes worker_connections fastcgi_read_timeout add_header etag ";
    struct str rest = text, line;
    for (uint32_t n = 1; n < SERVER_LINES && str_next(&rest, '\n', &line); n++) {
        line = str_trim(line);
        const char *hash = line.n ? memchr(line.p, '#', line.n) : NULL;
        if (hash)
            line = str_trim(str_sub(line, 0, (uint32_t)(hash - line.p)));
        uint32_t k = 0;
        while (k < line.n && (isalnum((unsigned char)line.p[k]) || line.p[k] == '_'))
            k++;
        struct str key = str_sub(line, 0, k), value = str_trim(str_sub(line, k, line.n));
        if (str_ends(value, ";"))
            value.n--;
        if (text_is_one_of(key, wanted))
            add(b, L_NGINX, text_concat(b->arena, STR("nginx."), key), str_trim(value), file, n);
    }
}

/* A Dockerfile: the base image, modules that are installed, environment and what is copied over
 * php.ini. */
void servers_read_dockerfile(struct build *b, struct str text, const char *file)
{
    struct str rest = text, line;
    for (uint32_t n = 1; n < SERVER_LINES && str_next(&rest, '\n', &line); n++) {
        line = str_trim(line);
        if (line.n > 5 && str_ieq(str_sub(line, 0, 5), STR("FROM ")))
            add(b, L_COMPOSE, STR("docker.from"), str_trim(str_sub(line, 5, line.n)), file, n);
        if (str_contains(line, "docker-php-ext-") || str_contains(line, "install-php-extensions"))
            add(b, L_COMPOSE, STR("docker.extensions"), line, file, n);
        if (line.n > 4 && str_ieq(str_sub(line, 0, 4), STR("ENV "))) {
            struct str pair = str_trim(str_sub(line, 4, line.n));
            uint32_t k = 0;
            while (k < pair.n && pair.p[k] != '=' && pair.p[k] != ' ')
                k++;
            struct str key = text_concat(b->arena, STR("docker.env."), str_sub(pair, 0, k));
            add(b, L_COMPOSE, key, strip_quotes(str_sub(pair, k + 1, pair.n)), file, n);
        }
    }
}

/* docker-compose: services.NAME.image and their environment, by indentation; anchors and merges are
 * not followed. */
void servers_read_compose(struct build *b, struct str text, const char *file)
{
    struct str rest = text, line, service = STR(""), section = STR("");
    bool services = false;
    uint32_t service_indent = 0;
    for (uint32_t n = 1; n < SERVER_LINES && str_next(&rest, '\n', &line); n++) {
        uint32_t indent = 0;
        while (indent < line.n && line.p[indent] == ' ')
            indent++;
        struct str item = str_trim(line);
        if (!item.n || item.p[0] == '#')
            continue;
        if (indent == 0) {
            services = str_is(item, "services:");
            service_indent = 0;
            continue;
        }
        if (!services)
            continue;
        if (!service_indent)
            service_indent = indent;
        const char *colon = memchr(item.p, ':', item.n);
        struct str key = colon ? str_sub(item, 0, (uint32_t)(colon - item.p)) : item;
        struct str value = colon ? strip_quotes(str_sub(item, key.n + 1, item.n)) : STR("");
        if (indent <= service_indent) {
            service = key;
            section = STR("");
            continue;
        }
        if (!value.n && item.p[0] != '-') {
            section = key;
            continue;
        }
        if (str_is(key, "image") || str_is(key, "command")) {
            struct str name =
                text_concat(b->arena, text_concat(b->arena, STR("compose."), service), STR("."));
            add(b, L_COMPOSE, text_concat(b->arena, name, key), value, file, n);
        } else if (str_is(section, "environment") && item.n > 2) {
            struct str pair = item.p[0] == '-' ? strip_quotes(str_sub(item, 1, item.n)) : item;
            const char *at = memchr(pair.p, item.p[0] == '-' ? '=' : ':', pair.n);
            if (!at)
                continue;
            struct str name = text_concat(b->arena, text_concat(b->arena, STR("compose."), service),
                                          STR(".env."));
            struct str var = str_trim(str_sub(pair, 0, (uint32_t)(at - pair.p)));
            add(b, L_COMPOSE, text_concat(b->arena, name, var),
                strip_quotes(str_sub(pair, (uint32_t)(at - pair.p) + 1, pair.n)), file, n);
        }
    }
}

struct servers {
    struct build *b;
    unsigned n;
};

static bool skip_folder(void *ctx, const char *rel, const char *name)
{
    static const char wanted[] =
        " docker .docker nginx php etc deploy conf conf.d fpm infra rootfs local "
        "php-fpm.d sites-available sites-enabled production prod app web usr server "
        "opcache config pool.d .deploy build contrib templates ";
    struct str path = str_c(rel);
    unsigned depth = 0;
    for (uint32_t i = 0; i < path.n; i++)
        depth += path.p[i] == '/';
    if (depth > 6 ||
        (!depth && (!strcmp(name, "app") || !strcmp(name, "config") || !strcmp(name, "templates"))))
        return true;
    if (text_is_one_of(str_c(name), wanted))
        return false;
    return depth == 0 || !(str_starts(path, "docker") || str_starts(path, ".docker") ||
                           str_starts(path, "deploy") || str_starts(path, "infra"));
}

static int take_file(void *ctx, const char *rel, const struct stat *st)
{
    struct servers *s = ctx;
    struct build *b = s->b;
    struct str path = str_c(rel), dir = text_dirname(path), text;
    struct str name = dir.n ? str_sub(path, dir.n + 1, path.n) : path;
    bool ini = str_ends(name, ".ini"),
         conf = str_ends(name, ".conf") || str_ends(name, ".conf.template");
    bool docker = str_starts(name, "Dockerfile") || str_ends(name, ".dockerfile") ||
                  str_ends(name, ".Dockerfile");
    bool compose = str_starts(name, "docker-compose") || str_starts(name, "compose.");
    if (!(ini || conf || docker ||
          (compose && (str_ends(name, ".yml") || str_ends(name, ".yaml")))) ||
        ++s->n > SERVER_FILES || st->st_size > APP_CONFIG_BYTES)
        return RC_OK;
    const char *file = arena_strdup(b->arena, rel);
    if (!file || !build_read_text(b, file, APP_CONFIG_BYTES, &text))
        return RC_OK;
    if (docker)
        servers_read_dockerfile(b, text, file);
    else if (compose)
        servers_read_compose(b, text, file);
    else if (ini)
        servers_read_ini(b, text, file, false);
    else if (str_contains(text, "pm.max_children") || str_contains(text, "\npm ="))
        servers_read_ini(b, text, file, true);
    else if (str_contains(text, "server") || str_contains(text, "fastcgi") ||
             str_contains(text, "gzip"))
        servers_read_nginx(b, text, file);
    return RC_OK;
}

void settings_read_servers(struct build *b)
{
    struct servers s = { .b = b };
    struct walk_opts opts = { .skip = skip_folder, .file = take_file, .ctx = &s };
    struct err err;
    if (dir_walk(b->app->dir, &opts, &err))
        build_skip(b, ".", 0, err.rc, "%s", err.what);
}
