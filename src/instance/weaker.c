/* Where there is no mount wall (refused, and the user agreed): databases move by their names,
 * storage by LARAVEL_STORAGE_PATH, and connections are guarded by name. It does not stop files that
 * the app writes by itself. */
#include "instance/internal.h"

#include <unistd.h>

static int move_sqlite(struct private_ *p, const struct db_source *s, struct buf *allow)
{
    json_t *connections = json_object_get(p->plan, "connections");
    if (!connections) {
        connections = json_object();
        json_object_set_new(p->plan, "connections", connections);
    }
    json_object_set_new(connections, s->name, json_pack("{s:s,s:n}", "database", s->copy, "url"));
    buf_addf(allow, "%s%s", allow->n ? "\n" : "", s->copy);
    return s->is_default ? env_add(p, "DB_DATABASE=%s", s->copy) || env_add(p, "DB_URL=") ||
                               env_add(p, "DATABASE_URL=")
                         : RC_OK;
}

struct copying {
    const char *from, *to;
    struct arena *a;
    struct err *err;
};

static int copy_file(void *ctx, const char *rel, const struct stat *st)
{
    struct copying *c = ctx;
    char *from = arena_printf(c->a, "%s/%s", c->from, rel),
         *to = arena_printf(c->a, "%s/%s", c->to, rel);
    char *slash = to ? strrchr(to, '/') : NULL;
    (void)st;
    if (!from || !slash)
        return RC_NOMEM;
    *slash = 0;
    int rc = dir_make(to, c->err);
    *slash = '/';
    return rc ? rc : file_copy(from, to, c->err);
}

/* Uploads and keys move with it; logs, sessions and compiled views of the real app do not matter.
 */
static bool leave_out(void *ctx, const char *rel, const char *name)
{
    (void)ctx, (void)name;
    return strcmp(rel, "logs") == 0 || strcmp(rel, "framework/views") == 0 ||
           strcmp(rel, "framework/cache") == 0;
}

static int move_storage(struct instance *in, struct err *err)
{
    static const char *const wanted[] = { "framework/views", "framework/cache/data",
                                          "framework/sessions", "logs", "app" };
    struct private_ *p = in->p;
    char *to = arena_printf(p->arena, "%s/storage", in->dir);
    struct copying c = { json_text(p->probe, "storage"), to, p->arena, err };
    struct walk_opts w = { .skip = leave_out, .file = copy_file, .ctx = &c };
    int rc = dir_walk(c.from, &w, err);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !rc; i++) {
        char *path = arena_printf(p->arena, "%s/%s", to, wanted[i]);
        rc = path ? dir_make(path, err) : RC_NOMEM;
    }
    if (!rc)
        rc = env_add(p, "LARAVEL_STORAGE_PATH=%s", to);
    return rc;
}

int weaker_copies(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    auto_buf allow = BUF_INIT(64 << 10), guard = BUF_INIT(64 << 10);
    int rc = RC_OK;
    if (p->opts.edits_dir)
        return err_set(err, RC_UNSUPPORTED, "run where namespaces are allowed",
                       "a second version of the app needs a mount namespace");
    for (size_t i = 0; i < p->nsources && !rc; i++)
        if (*p->sources[i].file && p->sources[i].copy)
            rc = move_sqlite(p, &p->sources[i], &allow);
    for (size_t i = 0; i < p->nservers && !rc; i++)
        buf_addf(&allow, "%s%s", allow.n ? "\n" : "", p->servers[i].socket);
    if (!rc)
        rc = move_storage(in, err);
    if (!rc)
        rc = env_add(p, "FETTLE_GUARD=1") ||
             env_add(p, "FETTLE_ALLOW=%s", allow.n ? buf_cstr(&allow) : "-");
    for (const char *c = buf_cstr(&allow); *c; c++)
        buf_addc(&guard, *c == '\n' ? ';' : *c);
    if (!rc && p->php.extension)
        rc = ini_add(p, "fettle.dsn_allow=\"%s\"", guard.n ? buf_cstr(&guard) : "-");
    return rc ? err && err->rc
                    ? rc
                    : err_set(err, RC_LIMIT, NULL, "too many settings for the private copy")
              : RC_OK;
}
