/* Redis: an app that keeps its cache, session or queue there gets a private, empty server; where
 * none is installed these move to files, and that is said. */
#include "instance/internal.h"

#include <stdlib.h>

static bool is_redis(const struct private_ *p, const char *what)
{
    return strcmp(json_text(p->probe, what), "redis") == 0;
}

static void set(struct private_ *p, const char *key, json_t *value)
{
    json_t *all = json_object_get(p->plan, "set");
    if (!all) {
        all = json_object();
        json_object_set_new(p->plan, "set", all);
    }
    json_object_set_new(all, key, value);
}

static int without_redis(struct instance *in, const char *why)
{
    struct private_ *p = in->p;
    auto_buf moved = BUF_INIT(256);
    if (is_redis(p, "cache")) {
        char *path = arena_printf(p->arena, "%s/cache", in->dir);
        set(p, "cache.stores.fettle", json_pack("{s:s,s:s}", "driver", "file", "path", path));
        set(p, "cache.default", json_string("fettle"));
        buf_adds(&moved, "cache");
    }
    if (is_redis(p, "session")) {
        set(p, "session.driver", json_string("file"));
        set(p, "session.files", json_string(arena_printf(p->arena, "%s/tmp", in->dir)));
        buf_addf(&moved, "%ssession", moved.n ? " and " : "");
    }
    if (is_redis(p, "queue")) {
        set(p, "queue.connections.fettle", json_pack("{s:s}", "driver", "null"));
        set(p, "queue.default", json_string("fettle"));
        buf_addf(&moved, "%squeue", moved.n ? " and " : "");
    }
    if (moved.n)
        say(in, "Redis: %s; %s moved to files, so their times are not Redis's", why,
            buf_cstr(&moved));
    return RC_OK;
}

static void use_server(struct private_ *p, const struct server *v)
{
    json_t *all = json_object(), *list = json_object_get(p->probe, "redis"), *one;
    bool tcp = keeper_walls(p->keeper) != WALLS_NONE,
         predis = strcmp(json_text(p->probe, "redis_client"), "predis") == 0;
    size_t i;
    json_array_foreach(list, i, one)
    {
        const char *host = tcp ? "127.0.0.1" : v->socket;
        json_t *c = json_pack("{s:s,s:i,s:n,s:n,s:n,s:s}", "host", host, "port", tcp ? 6379 : 0,
                              "url", "username", "password", "scheme", tcp ? "tcp" : "unix");
        if (!tcp && predis)
            json_object_set_new(c, "path", json_string(v->socket));
        json_object_set_new(all, json_text(one, "name"), c);
    }
    json_object_set_new(p->plan, "redis", all);
}

int redis_start(struct instance *in, struct err *err)
{
    static const char *const names[] = { "redis-server", "valkey-server", "keydb-server", NULL };
    static const char *const folders[] = { "/usr/bin", "/usr/local/bin", "/usr/sbin", NULL };
    struct private_ *p = in->p;
    if (!is_redis(p, "cache") && !is_redis(p, "session") && !is_redis(p, "queue"))
        return RC_OK;
    const char *binary = server_program(p->arena, names, folders);
    if (!binary)
        return without_redis(in, "no redis-server was found for a private one");
    struct server *v = server_new(in, SERVER_REDIS, "redis", err);
    if (!v)
        return RC_IO;
    v->socket = arena_printf(p->arena, "%s/s", v->dir);
    const char **argv = arena_new_array(p->arena, const char *, 24);
    if (!argv)
        return err_set(err, RC_NOMEM, NULL, "no memory");
    const char *const args[] = {
        binary,         "--port",      keeper_walls(p->keeper) == WALLS_NONE ? "0" : "6379",
        "--bind",       "127.0.0.1",   "--unixsocket",
        v->socket,      "--save",      "",
        "--appendonly", "no",          "--dir",
        v->data,        "--daemonize", "no",
        "--databases",  "64",          "--protected-mode",
        "no",           NULL
    };
    for (size_t i = 0; args[i]; i++)
        argv[i] = args[i];
    v->argv = argv;
    int rc = server_run(in, v, err);
    if (rc == RC_INTERRUPTED)
        return rc;
    if (rc) {
        p->nservers--;
        return without_redis(in, err ? err->what : "it did not start");
    }
    use_server(p, v);
    say(in, "Redis: a private server, empty at first");
    return RC_OK;
}
