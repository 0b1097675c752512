/* Which files belong to the application and what each is for. Dependencies, builds, caches,
 * translations and files made for editors are left out; nested composer.json files name packages
 * and modules. */
#include "laravel/app_build.h"

#include <stdio.h>

static bool skip_folder(void *ctx, const char *rel, const char *name)
{
    struct str path = str_c(rel);
    static const char *const anywhere[] = { "node_modules", "bower_components", "__MACOSX",
                                            "stubs" };
    static const char *const at_top[] = { "storage", "public", "public_html", "bootstrap/cache",
                                          "docker",  "dist",   "build",       "coverage" };
    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++) {
        if (!strcmp(name, anywhere[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof at_top / sizeof *at_top; i++) {
        if (!strcmp(rel, at_top[i]))
            return true;
    }
    if (!strcmp(name, "vendor") && !str_contains(path, "views/"))
        return true;
    if (!strcmp(name, "lang") && (!strcmp(rel, "lang") || str_contains(path, "esources/lang") ||
                                  str_contains(path, "src/lang")))
        return true;
    return str_ends(path, "/vendor/composer");
}

/* Is `part` one of the folders of the path? */
static bool has_folder(struct str path, const char *part)
{
    struct str rest = path, at;
    while (str_next(&rest, '/', &at)) {
        if (rest.n && str_ieq(at, str_c(part)))
            return true;
    }
    return false;
}

static bool in_root(const struct build *b, struct str path)
{
    for (size_t i = 0; i < b->roots.n; i++) {
        const struct root *r = &b->roots.p[i];
        if (!r->dev && r->dir.n && str_starts(path, r->dir.p) &&
            (path.n == r->dir.n || path.p[r->dir.n] == '/'))
            return true;
    }
    return false;
}

static enum file_context context_of(const struct build *b, struct str path)
{
    struct str dir = text_dirname(path);
    if (has_folder(path, "stubs") || str_ends(path, ".stub.php"))
        return CTX_STUB;
    if (has_folder(path, "tests") || has_folder(path, "test") || str_ends(path, "Test.php"))
        return CTX_TEST;
    if (str_ends(path, ".blade.php") || has_folder(path, "views"))
        return CTX_VIEW;
    if (has_folder(path, "migrations"))
        return CTX_MIGRATION;
    if (has_folder(path, "seeders") || has_folder(path, "seeds"))
        return CTX_SEEDER;
    if (has_folder(path, "factories"))
        return CTX_FACTORY;
    if (has_folder(path, "routes") || str_ends(path, "Http/routes.php"))
        return CTX_ROUTES;
    if (str_is(dir, "config") || str_ends(dir, "/config") || str_ends(dir, "/Config") ||
        str_starts(path, "config/"))
        return CTX_CONFIG;
    return in_root(b, path) || str_starts(path, "app/") || str_starts(path, "src/") ? CTX_APP
                                                                                    : CTX_OTHER;
}

static bool wanted(struct str path, struct str name)
{
    if (!str_ends(name, ".php") || str_starts(name, "_ide_helper") || str_starts(name, ".phpstorm"))
        return false;
    return !(str_starts(name, "server.php") && !text_dirname(path).n);
}

static int take_file(void *ctx, const char *rel, const struct stat *st)
{
    struct build *b = ctx;
    struct str path = str_c(rel), dir = text_dirname(path);
    struct str name = dir.n ? str_sub(path, dir.n + 1, path.n - dir.n - 1) : path;
    if (str_is(name, "composer.json") && dir.n) {
        char *copy = arena_strndup(b->arena, dir.p, dir.n);
        if (copy)
            PUSH(b, &b->packages, (struct str){ copy, dir.n });
        return RC_OK;
    }
    if (!wanted(path, name))
        return RC_OK;
    if (b->files.n >= LIMIT_FILES)
        return RC_LIMIT;
    struct app_file file = { .path = arena_strdup(b->arena, rel) };
    if (!file.path)
        return RC_NOMEM;
    PUSH(b, &b->files, file);
    return b->failed ? RC_NOMEM : RC_OK;
}

int build_walk(struct build *b)
{
    struct walk_opts opts = { .skip = skip_folder, .file = take_file, .ctx = b };
    int rc = dir_walk(b->app->dir, &opts, b->err);
    if (rc == RC_LIMIT)
        return err_set(b->err, rc, "give the folder of one application",
                       "%s holds more than %d PHP files", b->app->dir, LIMIT_FILES);
    if (rc)
        return rc;
    for (size_t i = 0; i < b->packages.n; i++) {
        struct str text;
        const char *at =
            arena_printf(b->arena, STR_FMT "/composer.json", STR_ARG(b->packages.p[i]));
        if (at && build_read_text(b, at, APP_JSON_BYTES, &text))
            composer_read_package(b, text, b->packages.p[i]);
    }
    for (size_t i = 0; i < b->files.n; i++) {
        struct app_file *f = &b->files.p[i];
        f->context = (uint8_t)context_of(b, str_c(f->path));
        if (!map64_put(b->app->index->file_by_path, str_hash(str_c(f->path)), i))
            b->failed = true;
    }
    return RC_OK;
}
