/* The self-check: before the first request the worker says what it really is (provider.php,
 * Door::self), and what it says is judged here, outside. Anything that is not private ends the run:
 * RC_UNSAFE. */
#include "instance/internal.h"

#include <stdlib.h>
#include <unistd.h>

static const uint64_t SELF_LIMIT_NS = 15000000000u;
enum {
    SELF_BODY_MAX = 1 << 20,
    LOG_MAX = 4 << 20,
    CAP_SYS_ADMIN_BIT = 21,
    CAP_NET_ADMIN_BIT = 12,
    CAP_MKNOD_BIT = 27,
    CAP_SYS_PTRACE_BIT = 19,
    CAP_SYS_MODULE_BIT = 16,
    CAP_SYS_RAWIO_BIT = 17,
    CAP_DAC_READ_SEARCH_BIT = 2
};

static int unsafe(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int unsafe(struct err *err, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set(err, RC_UNSAFE,
                   "nothing was driven and nothing of yours was touched; please report it",
                   "self-check: %s", text);
}

static bool below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == 0 || path[n] == '/');
}

/* Is the mount under a path one of our overlays (its upper layer in our folder), or our folder
 * itself? */
static bool is_private_mount(const struct instance *in, const json_t *mount)
{
    const char *type = json_text(mount, "type"), *options = json_text(mount, "options");
    if (strcmp(type, "overlay") == 0) {
        char upper[PATH_MAX + 32];
        snprintf(upper, sizeof upper, "upperdir=%s/over/", in->dir);
        return strstr(options, upper) != NULL;
    }
    return strcmp(json_text(mount, "at"), in->dir) == 0;
}

static int check_mounts(const struct instance *in, const json_t *self, struct err *err)
{
    const json_t *mounts = json_object_get(self, "mounts"), *m;
    const char *key;
    if (json_flag(json_object_get(mounts, "root"), "writable"))
        return unsafe(err, "the root file system is writable inside");
    if (strcmp(json_text(json_object_get(mounts, "run"), "type"), "tmpfs") != 0)
        return unsafe(err, "/run is the machine's own inside");
    for (int i = 0; i < 2; i++)
        if (!is_private_mount(in, json_object_get(mounts, i ? "storage" : "base")))
            return unsafe(err, "the app's %s is not laid over", i ? "storage folder" : "folder");
    json_object_foreach(
        (json_t *)mounts, key,
        m) if (strncmp(key, "db:", 3) == 0 && json_flag(m, "writable") &&
               !is_private_mount(
                   in, m)) return unsafe(err, "the database of connection %s is the real one",
                                         key + 3);
    return RC_OK;
}

static int check_namespaces(const struct instance *in, const json_t *self, struct err *err)
{
    static const char *const kinds[] = { "net", "pid", "mnt" };
    size_t n = keeper_walls(in->p->keeper) == WALLS_FULL ? 3 : 2;
    for (size_t i = 0; i < n; i++) {
        char path[32], ours[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        ssize_t k = readlink(path, ours, sizeof ours - 1);
        const char *theirs = json_text(self, kinds[i]);
        if (k <= 0 || !*theirs)
            return unsafe(err, "it cannot be told which %s namespace the worker is in", kinds[i]);
        ours[k] = 0;
        if (strcmp(ours, theirs) == 0)
            return unsafe(err, "the worker shares our %s namespace", kinds[i]);
    }
    return RC_OK;
}

static int check_capabilities(const json_t *self, struct err *err)
{
    static const int forbidden[] = { CAP_SYS_ADMIN_BIT,      CAP_NET_ADMIN_BIT,  CAP_MKNOD_BIT,
                                     CAP_SYS_PTRACE_BIT,     CAP_SYS_MODULE_BIT, CAP_SYS_RAWIO_BIT,
                                     CAP_DAC_READ_SEARCH_BIT };
    static const char *const sets[] = { "CapEff", "CapPrm", "CapAmb", "CapBnd" };
    const json_t *status = json_object_get(self, "status");
    if (strcmp(json_text(status, "NoNewPrivs"), "1") != 0)
        return unsafe(err, "the worker may gain privileges");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const char *text = json_text(status, sets[i]);
        unsigned long long bits = strtoull(*text ? text : "ffffffffffffffff", NULL, 16);
        if (i == 3 && geteuid() != 0)
            break; /* without privileges the bounding set cannot be lowered, nor used: NoNewPrivs */
        for (size_t k = 0; k < sizeof forbidden / sizeof *forbidden; k++)
            if (bits >> forbidden[k] & 1)
                return unsafe(err, "the worker holds capability %d (%s)", forbidden[k], sets[i]);
    }
    return RC_OK;
}

static int check_code(const struct instance *in, const json_t *self, struct err *err)
{
    char base[PATH_MAX];
    const char *said = json_text(self, "base"), *model = json_text(self, "model_file");
    if (!realpath(said, base) || strcmp(base, in->p->app_dir) != 0)
        return unsafe(err, "the worker runs %s, not %s", said, in->p->app_dir);
    if (*model && !below(model, in->p->app_dir))
        return err_set(err, RC_UNSAFE,
                       "composer install in its folder, or copy vendor instead of linking it",
                       "self-check: the user model comes from %.100s, outside of the app: a linked "
                       "vendor folder runs other code",
                       model);
    if (!below(json_text(self, "config_path"), in->dir) ||
        !below(json_text(self, "packages_path"), in->dir) ||
        !below(json_text(self, "compiled"), in->dir))
        return unsafe(err, "the worker reads or writes the app's own caches (%s)",
                      json_text(self, "config_path"));
    return RC_OK;
}

static bool is_our_server(const struct instance *in, const json_t *c)
{
    const char *host = json_text(c, "host"), *socket = json_text(c, "socket");
    return (*socket && below(socket, in->dir)) || (!*socket && below(host, in->dir));
}

/* With a mount wall a connection that is not ours leads nowhere; without it, it must be ours. */
static int check_connections(const struct instance *in, const json_t *self, struct err *err)
{
    const json_t *list = json_object_get(self, "connections"), *c;
    size_t i;
    bool full = keeper_walls(in->p->keeper) == WALLS_FULL;
    json_array_foreach((json_t *)list, i, c)
    {
        const char *driver = json_text(c, "driver"), *file = json_text(c, "file"),
                   *name = json_text(c, "name");
        bool server = strcmp(driver, "sqlite") != 0;
        if (server && json_flag(c, "default") && !is_our_server(in, c))
            return unsafe(err, "the default connection %s leads to %s%s, not to the private server",
                          name, json_text(c, "host"), json_text(c, "socket"));
        if (!full && !server && *file && !below(file, in->dir))
            say(in, "connection %s is refused inside: %s is not private", name, file);
    }
    const json_t *open = json_object_get(self, "open"), *files, *f;
    const char *key;
    json_object_foreach((json_t *)open, key, files) json_array_foreach((json_t *)files, i, f)
    {
        const char *path = json_string_value(f);
        if (path && !below(path, in->dir) && !(full && overlay_upper(in->p, path)))
            return unsafe(err, "connection %s has opened %s", key, path);
    }
    return RC_OK;
}

static int check_answer(struct instance *in, const json_t *self, struct err *err)
{
    enum walls walls = keeper_walls(in->p->keeper);
    int rc = check_code(in, self, err);
    if (!rc && walls >= WALLS_NET)
        rc = check_namespaces(in, self, err);
    if (!rc && walls >= WALLS_NET)
        rc = check_capabilities(self, err);
    if (!rc && walls == WALLS_FULL)
        rc = check_mounts(in, self, err);
    if (!rc)
        rc = check_connections(in, self, err);
    const char *database = json_text(self, "database_error");
    if (!rc && *database && in->p->nsources)
        rc = err_set(err, RC_STATE, "check its connection: php artisan db:show",
                     "the private database does not open: %.170s", database);
    return rc;
}

/* The last error of the app's log, its first line and place: what a boot that fails leaves behind.
 */
static void last_logged_error(const struct instance *in, struct arena *a, char *ret, size_t size)
{
    struct str text, line, rest, last = { "", 0 };
    const char *path = arena_printf(a, "%s/app.log", in->dir);
    ret[0] = 0;
    if (!path || !file_exists(path) || file_read(path, LOG_MAX, a, &text, NULL) != RC_OK)
        return;
    for (rest = text; str_next(&rest, '\n', &line);)
        if (str_contains(line, ".ERROR: ") || str_contains(line, ".CRITICAL: ") ||
            str_contains(line, ".EMERGENCY: "))
            last = line;
    const char *from = last.n ? memmem(last.p, last.n, ": ", 2) : NULL;
    if (!from)
        return;
    struct str message = { from + 2, (uint32_t)(last.p + last.n - from) - 2 };
    const char *context = memmem(message.p, message.n, " {\"exception\"", 13);
    uint32_t shown = context ? (uint32_t)(context - message.p) : message.n;
    const char *place = context ? memmem(context, (size_t)(message.p + message.n - context),
                                         in->p->app_dir, strlen(in->p->app_dir))
                                : NULL;
    place = place ? place + strlen(in->p->app_dir) + 1 : "";
    snprintf(ret, size, "%.*s%s%.*s%s", (int)(shown < 110 ? shown : 110), message.p,
             *place ? " (" : "", *place ? (int)strcspn(place, ")\" ") : 0, place,
             *place ? ")" : "");
}

int self_check(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    auto_arena *a = arena_new(8 << 20);
    if (!a)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    struct fcgi_request q = { .method = "GET",
                              .uri = "/__fettle/self",
                              .host = p->host,
                              .https = p->https,
                              .script_filename = arena_printf(a, "%s/public/index.php", p->app_dir),
                              .document_root = arena_printf(a, "%s/public", p->app_dir),
                              .stop = p->opts.stop };
    struct header accept = { STR("Accept"), STR("application/json") };
    q.headers = &accept, q.nheaders = 1;
    struct fcgi_response r;
    int rc = fcgi_call(in->fpm_sock, &q, SELF_BODY_MAX, now_ns() + SELF_LIMIT_NS, a, &r, err);
    if (rc)
        return rc;
    json_t *self = json_loadb(r.body.p, r.body.n, 0, NULL);
    struct str why = fcgi_header(&r, "X-Fettle-Error");
    if (!json_is_object(self) || !json_object_get(self, "status")) {
        char logged[200];
        last_logged_error(in, a, logged, sizeof logged);
        struct str said = why.n ? why : *logged ? str_c(logged) : r.errors;
        json_decref(self);
        return err_set(err, RC_STATE,
                       "run `php artisan about` and open a page: the app must work first",
                       "the app does not answer: status %d%s%.*s", r.status, said.n ? ", " : "",
                       (int)(said.n < 160 ? said.n : 160), said.p);
    }
    rc = check_answer(in, self, err);
    json_decref(p->self);
    p->self = self;
    return rc;
}

int walls_check(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    const char *args[SOURCES_MAX + 8] = { "walls", p->app_dir, json_text(p->probe, "storage") };
    size_t n = 3;
    json_t *self = NULL;
    for (size_t i = 0; i < p->nsources && n < 13; i++)
        if (*p->sources[i].file && p->sources[i].copy)
            args[n++] = p->sources[i].file;
    int rc = run_helper(in, args, (struct str){ 0 }, SELF_LIMIT_NS, &self, err);
    if (!rc)
        rc = check_namespaces(in, self, err);
    if (!rc)
        rc = check_capabilities(self, err);
    if (!rc)
        rc = check_mounts(in, self, err);
    json_decref(self);
    return rc;
}
