/* composer.json, composer.lock and vendor/composer/installed.json: where code lies and which
 * versions are there. Foreign bytes: jansson bounds the depth, sizes are bounded by the reader. */
#include "laravel/app_build.h"

#include <jansson.h>

static struct str json_text(const json_t *v)
{
    if (!json_is_string(v))
        return STR("");
    return (struct str){ json_string_value(v), (uint32_t)json_string_length(v) };
}

static struct str keep(struct build *b, struct str s)
{
    char *p = arena_strndup(b->arena, s.p ? s.p : "", s.n);
    return p ? (struct str){ p, s.n } : STR("");
}

static void add_root(struct build *b, struct str prefix, struct str base, const json_t *dir,
                     bool dev)
{
    if (!json_is_string(dir))
        return;
    struct str joined =
        text_concat(b->arena, text_concat(b->arena, base, STR("/")), json_text(dir));
    struct root root = { keep(b, prefix), text_path(joined, b->arena), dev };
    if (str_ends(root.dir, ".php"))
        root.dir = text_dirname(root.dir);
    if (b->roots.n < 4096)
        PUSH(b, &b->roots, root);
}

static void add_roots(struct build *b, const json_t *autoload, struct str base, bool dev)
{
    const char *prefix;
    json_t *dirs, *dir;
    size_t i;
    for (int old = 0; old < 2; old++) {
        json_object_foreach(json_object_get(autoload, old ? "psr-0" : "psr-4"), prefix, dirs)
        {
            if (json_is_string(dirs))
                add_root(b, str_c(prefix), base, dirs, dev);
            json_array_foreach(dirs, i, dir) add_root(b, str_c(prefix), base, dir, dev);
        }
    }
    json_array_foreach(json_object_get(autoload, "classmap"), i, dir)
        add_root(b, STR(""), base, dir, dev);
    json_array_foreach(json_object_get(autoload, "files"), i, dir)
        add_root(b, STR(""), base, dir, dev);
}

/* "^12.0|^13" -> 12 */
static uint32_t leading_number(struct str s)
{
    uint32_t i = 0, n = 0;
    while (i < s.n && (s.p[i] < '0' || s.p[i] > '9'))
        i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < 10000; i++)
        n = n * 10 + (uint32_t)(s.p[i] - '0');
    return n;
}

static void note_version(struct build *b, struct str package, struct str version)
{
    struct app *app = b->app;
    if (!version.n)
        return;
    if (version.p[0] == 'v')
        version = str_sub(version, 1, version.n - 1);
    bool exact = version.p[0] >= '0' && version.p[0] <= '9' && !str_contains(version, "*") &&
                 !str_contains(version, "|");
    uint32_t major = leading_number(version);
    if (str_is(package, "laravel/framework") || str_is(package, "illuminate/support")) {
        if (!app->laravel_major)
            app->laravel_major = major;
        if (exact && !app->laravel_version) {
            app->laravel_version = keep(b, version).p;
            app->laravel_major = major;
        }
    } else if (str_is(package, "livewire/livewire")) {
        if (!app->livewire_major)
            app->livewire_major = major;
        if (exact && !app->livewire_version) {
            app->livewire_version = keep(b, version).p;
            app->livewire_major = major;
        }
    }
}

bool composer_read_package(struct build *b, struct str text, struct str base)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.n, 0, &error);
    if (!root) {
        build_skip(b,
                   base.n ? arena_printf(b->arena, STR_FMT "/composer.json", STR_ARG(base))
                          : "composer.json",
                   error.line > 0 ? (uint32_t)error.line : 0, RC_PARSE, "not JSON: %s", error.text);
        return false;
    }
    add_roots(b, json_object_get(root, "autoload"), base, false);
    add_roots(b, json_object_get(root, "autoload-dev"), base, true);
    bool laravel = false;
    for (int dev = 0; dev < 2; dev++) {
        const char *name;
        json_t *version;
        json_object_foreach(json_object_get(root, dev ? "require-dev" : "require"), name, version)
        {
            laravel |= !strcmp(name, "laravel/framework") || !strncmp(name, "illuminate/", 11) ||
                       !strcmp(name, "laravel/lumen-framework");
            if (!base.n)
                note_version(b, str_c(name), json_text(version));
            if (!base.n && !strcmp(name, "php") && json_is_string(version) && !dev)
                b->app->php_requirement = keep(b, json_text(version)).p;
        }
    }
    json_decref(root);
    return laravel;
}

static void read_installed_package(struct build *b, const json_t *package, bool with_roots)
{
    struct str name = json_text(json_object_get(package, "name"));
    note_version(b, name, json_text(json_object_get(package, "version")));
    if (!with_roots)
        return;
    struct str path = json_text(json_object_get(package, "install-path"));
    struct str dir = path.n ? text_concat(b->arena, STR("vendor/composer/"), path)
                            : text_concat(b->arena, STR("vendor/"), name);
    const char *prefix;
    json_t *dirs, *one;
    size_t i;
    json_object_foreach(json_object_get(json_object_get(package, "autoload"), "psr-4"), prefix,
                        dirs)
    {
        json_t *first = json_is_array(dirs) ? json_array_get(dirs, 0) : dirs;
        struct str at =
            text_concat(b->arena, text_concat(b->arena, dir, STR("/")), json_text(first));
        struct root root = { keep(b, str_c(prefix)), text_path(at, b->arena), false };
        if (b->vendor_roots.n < 16384)
            PUSH(b, &b->vendor_roots, root);
        json_array_foreach(dirs, i, one)
        {
            if (i == 0)
                continue;
            at = text_concat(b->arena, text_concat(b->arena, dir, STR("/")), json_text(one));
            root.dir = text_path(at, b->arena);
            if (b->vendor_roots.n < 16384)
                PUSH(b, &b->vendor_roots, root);
        }
    }
}

/* composer.lock or installed.json (an array of packages in Composer 1). */
void composer_read_installed(struct build *b, struct str text, const char *path, bool with_roots)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.n, 0, &error);
    if (!root) {
        build_skip(b, path, error.line > 0 ? (uint32_t)error.line : 0, RC_PARSE, "not JSON: %s",
                   error.text);
        return;
    }
    size_t i;
    json_t *package;
    json_array_foreach(json_is_array(root) ? root : json_object_get(root, "packages"), i, package)
        read_installed_package(b, package, with_roots);
    json_array_foreach(json_object_get(root, "packages-dev"), i, package)
        read_installed_package(b, package, with_roots);
    json_decref(root);
}

int build_composer(struct build *b)
{
    struct str text;
    const char *artisan = arena_printf(b->arena, "%s/artisan", b->app->dir);
    bool has_artisan = artisan && file_exists(artisan);
    if (build_read_text(b, "vendor/composer/installed.json", APP_JSON_BYTES, &text))
        composer_read_installed(b, text, "vendor/composer/installed.json", true);
    if (build_read_text(b, "composer.lock", APP_JSON_BYTES, &text))
        composer_read_installed(b, text, "composer.lock", false);
    bool laravel = false;
    if (build_read_text(b, "composer.json", APP_JSON_BYTES, &text))
        laravel = composer_read_package(b, text, STR(""));
    else if (!has_artisan)
        return err_set(b->err, RC_NOTFOUND, "give the folder that holds composer.json and artisan",
                       "%s is not a Laravel application: no composer.json", b->app->dir);
    if (!laravel && !has_artisan)
        return err_set(
            b->err, RC_NOTFOUND, "give the folder that holds composer.json and artisan",
            "%s is not a Laravel application: its composer.json does not require laravel/framework",
            b->app->dir);
    return RC_OK;
}
