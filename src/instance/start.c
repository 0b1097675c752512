/* Start and stop of an instance: the order of the stages, and the promise that nothing is left
 * behind. */
#include "instance/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { ARENA_BYTES = 64 << 20, HELPER_SECONDS = 20 };

static int check_app(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    char path[PATH_MAX + 64], real[PATH_MAX];
    if (!realpath(in->app->dir, real))
        return err_set(err, RC_NOTFOUND, "give the folder that holds artisan", "%s: %s",
                       in->app->dir, strerror(errno));
    p->app_dir = arena_strdup(p->arena, real);
    snprintf(path, sizeof path, "%s/artisan", real);
    if (!file_exists(path))
        return err_set(err, RC_NOTFOUND, "give the folder that holds artisan",
                       "%s is not a Laravel application: no artisan file", real);
    snprintf(path, sizeof path, "%s/vendor/autoload.php", real);
    if (!file_exists(path))
        return err_set(err, RC_NOTFOUND, "composer install",
                       "%s has no vendor/autoload.php: its packages are not installed", real);
    snprintf(path, sizeof path, "%s/public/index.php", real);
    if (!file_exists(path))
        return err_set(err, RC_NOTFOUND, NULL, "%s has no public/index.php", real);
    return RC_OK;
}

/* Unix sockets that someone listens on: a network namespace does not stop them. Those under /run go
 * with it. */
static int mask_sockets(struct instance *in, struct err *err)
{
    FILE *f = fopen("/proc/net/unix", "re");
    const char *paths[1024];
    size_t n = 0;
    char line[512];
    auto_arena *a = arena_new(4 << 20);
    while (f && a && fgets(line, sizeof line, f) && n < 1023) {
        char *path = strchr(line, '/');
        if (!path)
            continue;
        path[strcspn(path, "\n")] = 0;
        struct stat st;
        size_t len = strlen(in->dir);
        bool ours = strncmp(path, in->dir, len) == 0 && path[len] == '/';
        if (strncmp(path, "/run/", 5) != 0 && !ours && lstat(path, &st) == 0 &&
            S_ISSOCK(st.st_mode))
            paths[n++] = arena_strdup(a, path);
    }
    if (f)
        fclose(f);
    paths[n] = NULL;
    return n ? keeper_do(in->p->keeper, K_MASK, paths, err) : RC_OK;
}

static int make_walls(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    struct keeper_opts o = { .no_mount = false,
                             .allow_weaker = p->opts.network_wall_only,
                             .stop = p->opts.stop };
    int rc = keeper_start(&o, &p->keeper, err);
    if (rc)
        return rc;
    in->group = keeper_pid(p->keeper);
    bool userns = keeper_in_user_namespace(p->keeper);
    switch (keeper_walls(p->keeper)) {
    case WALLS_FULL:
        in->walls = userns ? "user, network, mount and PID namespaces"
                           : "network, mount and PID namespaces, capabilities dropped";
        rc = keeper_do(p->keeper, K_WORLD, (const char *const[]){ in->dir, NULL }, err);
        return rc ? rc : mask_sockets(in, err);
    case WALLS_NET:
        in->walls = "network and PID namespaces only: files that the app writes are real";
        return RC_OK;
    default:
        in->walls = "none: connections are guarded, files that the app writes are real";
        return RC_OK;
    }
}

/* What makes pages production-like and quiet; a test suite brings its own. */
static int set_app_environment(struct instance *in)
{
    static const char *const fixed[] = { "APP_DEBUG=false", "TELESCOPE_ENABLED=false",
                                         "DEBUGBAR_ENABLED=false", "PULSE_ENABLED=false",
                                         "NIGHTWATCH_ENABLED=false" };
    static const char *const inside[][2] = { { "APP_CONFIG_CACHE", "/boot/config.php" },
                                             { "APP_ROUTES_CACHE", "/boot/routes-v7.php" },
                                             { "APP_EVENTS_CACHE", "/boot/events.php" },
                                             { "APP_SERVICES_CACHE", "/boot/services.php" },
                                             { "APP_PACKAGES_CACHE", "/boot/packages.php" },
                                             { "VIEW_COMPILED_PATH", "/views" } };
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && !rc; i++)
        rc = env_add(p, "%s", fixed[i]);
    for (size_t i = 0; i < sizeof inside / sizeof *inside && !rc; i++)
        rc = env_add(p, "%s=%s%s", inside[i][0], in->dir, inside[i][1]);
    if (p->opts.freeze_clock && !rc)
        rc = env_add(p, "FETTLE_FREEZE=%lld", (long long)time(NULL));
    return rc;
}

static int set_environment(struct instance *in)
{
    static const char *const inside[][2] = { { "FETTLE_DIR", "" },
                                             { "HOME", "/home" },
                                             { "TMPDIR", "/tmp" },
                                             { "SSL_CERT_FILE", "/ca.pem" },
                                             { "CURL_CA_BUNDLE", "/ca.pem" } };
    struct private_ *p = in->p;
    const char *path = getenv("PATH");
    int rc = env_add(p, "PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin");
    rc = rc ? rc : env_add(p, "LANG=C.UTF-8");
    rc = rc ? rc : env_add(p, "XDEBUG_MODE=off");
    for (size_t i = 0; i < sizeof inside / sizeof *inside && !rc; i++)
        rc = env_add(p, "%s=%s%s", inside[i][0], in->dir, inside[i][1]);
    if (!rc && !p->opts.for_tests)
        rc = set_app_environment(in);
    for (size_t i = 0; p->opts.env && p->opts.env[i] && !rc; i++)
        rc = env_add(p, "%s", p->opts.env[i]);
    return rc;
}

static int set_ini(struct instance *in)
{
    struct private_ *p = in->p;
    const char *d = in->dir;
    int rc = ini_add(p, "variables_order=EGPCS");
    rc = rc ? rc : ini_add(p, "auto_prepend_file=%s/autoload.php", d);
    rc = rc ? rc : ini_add(p, "sys_temp_dir=%s/tmp", d);
    rc = rc ? rc : ini_add(p, "upload_tmp_dir=%s/tmp", d);
    rc = rc ? rc : ini_add(p, "session.save_path=%s/tmp", d);
    rc = rc ? rc : ini_add(p, "opcache.lockfile_path=%s/tmp", d);
    rc = rc ? rc : ini_add(p, "opcache.file_cache=");
    rc = rc ? rc : ini_add(p, "error_log=%s/php.log", d);
    rc = rc ? rc : ini_add(p, "curl.cainfo=%s/ca.pem", d);
    rc = rc ? rc : ini_add(p, "openssl.cafile=%s/ca.pem", d);
    rc = rc ? rc : ini_add(p, "open_basedir=");
    if (!rc && p->php.extension) {
        rc = ini_add(p, "extension=%s", p->php.extension);
        rc = rc ? rc : ini_add(p, "fettle.app_root=%s", p->app_dir);
    }
    return rc;
}

static int probe(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = run_helper(in, (const char *const[]){ "probe", p->app_dir, NULL }, (struct str){ 0 },
                        HELPER_SECONDS * 1000000000ull, &p->probe, err);
    if (rc)
        return rc;
    if (!json_flag(p->probe, "has_env") && !json_flag(p->probe, "key"))
        return err_set(err, RC_NOTFOUND, "cp .env.example .env && php artisan key:generate",
                       "%s has no .env and no APP_KEY", p->app_dir);
    if (!json_flag(p->probe, "key"))
        return err_set(err, RC_NOTFOUND, "php artisan key:generate",
                       "APP_KEY is empty: no page can be signed in to");
    const char *url = json_text(p->probe, "url"), *host = strstr(url, "://");
    p->https = strncmp(url, "https:", 6) == 0;
    host = host ? host + 3 : url;
    p->host = p->opts.host ? p->opts.host : arena_strndup(p->arena, host, strcspn(host, "/?#"));
    if (!p->host || !*p->host)
        p->host = "localhost";
    in->host = p->host;
    in->https = p->https;
    return sources_read(in, err);
}

static int write_plan(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    char path[PATH_MAX + 16];
    json_t *models = json_array();
    for (uint32_t i = 0; i < in->app->nmodels; i++) {
        uint32_t c = in->app->models[i].class_;
        if (c < in->app->nclasses)
            json_array_append_new(models,
                                  json_string(syms_cstr(in->app->syms, in->app->classes[c].name)));
    }
    json_object_set_new(p->plan, "models", models);
    char *text = json_dumps(p->plan, JSON_COMPACT);
    snprintf(path, sizeof path, "%s/plan.json", in->dir);
    int rc = text ? file_write_atomic(path, text, strlen(text), err)
                  : err_set(err, RC_NOMEM, NULL, "no memory");
    free(text);
    return rc;
}

static int build_manifest(struct instance *in, struct err *err)
{
    json_t *answer = NULL;
    const char *file = arena_printf(in->p->arena, "%s/boot/packages.php", in->dir);
    int rc = run_helper(in, (const char *const[]){ "manifest", in->p->app_dir, file, NULL },
                        (struct str){ 0 }, HELPER_SECONDS * 1000000000ull, &answer, err);
    json_decref(answer);
    return rc;
}

typedef int (*stage_fn)(struct instance *, struct err *);

static int choose_php(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = php_choose(in->app, &p->opts, p->arena, &p->php, err);
    if (rc)
        return rc;
    in->php_version = p->php.version;
    in->php_path = p->php.cli;
    in->php_why = p->php.why;
    say(in, "PHP %s (%s, %s): %s", p->php.version, p->php.cli, p->php.fpm, p->php.why);
    if (!p->php.extension)
        say(in, "no fettle.so for PHP API %s was found: only times are measured, nothing is traced",
            p->php.api);
    return RC_OK;
}

static int settings(struct instance *in, struct err *err)
{
    json_object_set_new(in->p->plan, "dir", json_string(in->dir));
    if (set_environment(in) || set_ini(in))
        return err_set(err, RC_LIMIT, NULL, "too many variables for the private copy");
    return RC_OK;
}

static int say_data(struct instance *in, struct err *err)
{
    (void)err;
    say(in, "data: %s", in->db_note);
    say(in, "walls: %s", in->walls);
    return RC_OK;
}

static int lay_over(struct instance *in, struct err *err)
{
    return keeper_walls(in->p->keeper) == WALLS_FULL ? overlays_make(in, err)
                                                     : weaker_copies(in, err);
}

static int open_collector(struct instance *in, struct err *err)
{
    return in->p->php.extension ? collector_open(in->ring_sock, &in->collector, err) : RC_OK;
}

static int serve(struct instance *in, struct err *err)
{
    return instance_tier(in, in->p->opts.deep ? FW_DEEP : FW_ALWAYS, err);
}

/* A configuration cached in the user's folder would hide what the test suite sets. */
static int forget_caches(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    const char *paths[] = { arena_printf(p->arena, "%s/bootstrap/cache/config.php", p->app_dir),
                            arena_printf(p->arena, "%s/bootstrap/cache/routes-v7.php", p->app_dir),
                            arena_printf(p->arena, "%s/bootstrap/cache/events.php", p->app_dir),
                            NULL };
    if (keeper_walls(p->keeper) != WALLS_FULL)
        return err_set(err, RC_UNSUPPORTED, "run where namespaces are allowed",
                       "a test suite needs a mount namespace: it may write anywhere");
    return keeper_do(p->keeper, K_REMOVE, paths, err);
}

static int run_stages(struct instance *in, struct err *err)
{
    static const stage_fn serving[] = {
        check_app,    choose_php,     folder_make, settings,      make_walls,        probe,
        sources_copy, lay_over,       say_data,    standin_start, write_plan,        build_manifest,
        caches_build, open_collector, serve,       self_check,    overlays_baseline, NULL
    };
    static const stage_fn testing[] = { check_app,         choose_php,    folder_make,
                                        settings,          make_walls,    probe,
                                        sources_copy,      lay_over,      say_data,
                                        forget_caches,     standin_start, walls_check,
                                        overlays_baseline, NULL };
    const stage_fn *stages = in->p->opts.for_tests ? testing : serving;
    int rc = RC_OK;
    for (size_t i = 0; stages[i] && !rc; i++) {
        rc = halted(in, err);
        if (!rc)
            rc = stages[i](in, err);
    }
    return rc;
}

int instance_start(const struct app *app, const struct instance_opts *opts, struct instance **ret,
                   struct err *err)
{
    struct instance *in = fault_calloc(1, sizeof *in);
    struct private_ *p = fault_calloc(1, sizeof *p);
    struct arena *a = arena_new(ARENA_BYTES);
    struct err own;
    if (!err)
        err = &own;
    if (!in || !p || !a) {
        free(in), free(p), arena_free(a);
        return err_set(err, RC_NOMEM, NULL, "no memory for an instance");
    }
    *p = (struct private_){
        .arena = a, .opts = *opts, .lock_fd = -1, .started_ns = now_ns(), .until_ns = opts->until_ns, .plan = json_object()
    };
    in->p = p;
    in->app = app;
    instance_sweep();
    int rc = run_stages(in, err);
    if (rc) {
        instance_stop(in);
        return rc;
    }
    p->until_ns = 0;
    *ret = in;
    return RC_OK;
}

void instance_stop(struct instance *in)
{
    if (!in)
        return;
    struct private_ *p = in->p;
    keeper_stop(p->keeper); /* first: nobody may write while the folder goes */
    if (in->collector)
        collector_close(in->collector);
    if (in->dir[0])
        folder_end(in->dir);
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    drive_free(in);
    json_decref(p->probe);
    json_decref(p->self);
    json_decref(p->plan);
    map64_free(p->baseline);
    arena_free(p->arena);
    free(p);
    free(in);
}
