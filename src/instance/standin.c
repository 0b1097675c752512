/* The stand-in for the world outside (php/standin.php): started before the app, so that its
 * authority's certificate is there when PHP first reads its bundle. */
#include "instance/internal.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { PORTS_MAX = 48, HTTP_MS = 20, AI_MS = 200 };
static const uint64_t READY_LIMIT_NS = 5000000000u;

static int wait_until_ready(struct instance *in, struct err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/standin.ready", in->dir);
    uint64_t end = now_ns() + READY_LIMIT_NS;
    while (!file_exists(path)) {
        int rc = halted(in, err);
        if (rc)
            return rc;
        if (!keeper_running(in->p->keeper, in->p->standin) || now_ns() > end) {
            say(in, "the stand-in for outgoing HTTP did not start: such calls fail at once");
            in->p->standin = 0;
            in->standin = NULL;
            return RC_OK;
        }
        sleep_ns(2000000);
    }
    return RC_OK;
}

/* Names resolve to an address of documentation (RFC 5737), which is local inside. */
static int write_resolver(struct instance *in, struct err *err)
{
    static const char text[] = "nameserver 127.0.0.1\noptions timeout:1 attempts:1 ndots:1\n";
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/resolv.conf", in->dir);
    int rc = file_write_atomic(path, text, sizeof text - 1, err);
    return rc ? rc : keeper_do(in->p->keeper, K_RESOLVER, (const char *const[]){ path, NULL }, err);
}

int standin_start(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    static char numbers[PORTS_MAX + 8][12]; /* copied by the keeper before anyone else comes here */
    const char *argv[PORTS_MAX + 16];
    size_t n = 0, k = 0, i;
    json_t *port;
    if (keeper_walls(p->keeper) == WALLS_NONE)
        return RC_OK; /* there are no other addresses to answer for */
    int rc = keeper_walls(p->keeper) == WALLS_FULL ? write_resolver(in, err) : RC_OK;
    if (rc)
        return rc;
    argv[n++] = p->php.cli;
    argv[n++] = "-d";
    argv[n++] = "memory_limit=512M";
    argv[n++] = "-d";
    argv[n++] = "auto_prepend_file=";
    argv[n++] = arena_printf(p->arena, "%s/standin.php", in->dir);
    argv[n++] = in->dir;
    unsigned http_ms = p->opts.standin_http_ms ? p->opts.standin_http_ms : HTTP_MS;
    unsigned ai_ms = p->opts.standin_ai_ms ? p->opts.standin_ai_ms : AI_MS;
    in->standin = arena_printf(
        p->arena, "outgoing calls are answered after %u ms, model calls after %u ms", http_ms, ai_ms);
    snprintf(numbers[k], sizeof numbers[k], "%u", http_ms);
    argv[n++] = numbers[k++];
    snprintf(numbers[k], sizeof numbers[k], "%u", ai_ms);
    argv[n++] = numbers[k++];
    argv[n++] = "80";
    argv[n++] = "443";
    json_array_foreach(json_object_get(p->probe, "ports"), i, port)
    {
        if (i >= PORTS_MAX)
            break;
        snprintf(numbers[k], sizeof numbers[k], "%lld", (long long)json_integer_value(port));
        argv[n++] = numbers[k++];
    }
    argv[n] = NULL;
    char log[PATH_MAX + 32];
    snprintf(log, sizeof log, "%s/standin.log", in->dir);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct keeper_run r = {
        .argv = argv, .env = p->env, .cwd = in->dir, .in = -1, .out = fd, .err = fd
    };
    rc = keeper_spawn(p->keeper, &r, &p->standin, err);
    if (fd >= 0)
        close(fd);
    return rc ? rc : wait_until_ready(in, err);
}
