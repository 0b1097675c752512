/* Laravel's own caches, built inside into private paths: without them the bootstrap dominates every
 * number. `optimize` stops at its first failure; then each cache is built alone, and those that
 * fail are named. */
#include "instance/internal.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

static const uint64_t CACHES_LIMIT_NS = 30000000000u; /* for all of them together */

/* Artisan prints "In FILE line N:", a blank line, then what went wrong; Collision what went wrong, a blank line, then
 * "at FILE:N". Else the last line is taken. */
static void reason(const struct proc_result *r, char *ret, size_t size)
{
    const struct buf *b =
        r->out.n && str_contains((struct str){ r->out.p, (uint32_t)r->out.n }, "In ") ? &r->out
        : r->err.n                                                                    ? &r->err
                                                                                      : &r->out;
    struct str rest = { b->p ? b->p : "", (uint32_t)b->n }, line, last = { "", 0 };
    bool next_is_it = false;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!line.n)
            continue;
        if (last.n && str_starts(line, "at ") && str_contains(line, ".php:"))
            break;
        last = line;
        if (next_is_it)
            break;
        next_is_it = str_starts(line, "In ") && str_contains(line, " line ");
    }
    snprintf(ret, size, "%.*s", (int)(last.n < 160 ? last.n : 160), last.p);
}

static int artisan(struct instance *in, const char *command, uint64_t end, bool *ret_ok, char *why,
                   size_t size, struct err *err)
{
    uint64_t now = now_ns(), left = now < end ? end - now : 1;
    struct proc_result r;
    int rc = run_php(
        in, (const char *const[]){ "artisan", command, "--no-ansi", "--no-interaction", NULL },
        (struct str){ 0 }, left, &r, err);
    if (rc == RC_TIMEOUT) {
        snprintf(why, size, "all caches together took longer than %d s",
                 (int)(CACHES_LIMIT_NS / 1000000000u));
        *ret_ok = false;
        rc = RC_OK;
    } else if (!rc) {
        *ret_ok = r.status == 0;
        reason(&r, why, size);
    }
    proc_result_release(&r);
    return rc;
}

static bool folder_is_empty(const char *path)
{
    DIR *d = opendir(path);
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n <= 2;
}

static void forget(const struct instance *in, const char *command)
{
    static const struct {
        const char *command, *file;
    } made[] = { { "config:cache", "config.php" },
                 { "event:cache", "events.php" },
                 { "route:cache", "routes-v7.php" } };
    char path[PATH_MAX + 32];
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(made[i].command, command) == 0) {
            snprintf(path, sizeof path, "%s/boot/%s", in->dir, made[i].file);
            unlink(path);
        }
}

static int alone(struct instance *in, const char *command, uint64_t end, struct err *err)
{
    bool ok;
    char why[200] = "";
    int rc = artisan(in, command, end, &ok, why, sizeof why, err);
    if (!rc && !ok) {
        forget(in, command);
        say(in, "measured without %s, which fails: %s", command, why);
    }
    return rc;
}

int caches_build(struct instance *in, struct err *err)
{
    static const char *const each[] = { "config:cache", "event:cache", "route:cache",
                                        "view:cache" };
    uint64_t end = now_ns() + CACHES_LIMIT_NS;
    bool ok = false;
    char why[200] = "", path[PATH_MAX + 32];
    int rc = artisan(in, "optimize", end, &ok, why, sizeof why, err);
    if (rc)
        return rc;
    if (!ok) {
        say(in, "artisan optimize fails: %s", why);
        for (size_t i = 0; i < sizeof each / sizeof *each && !rc; i++)
            rc = alone(in, each[i], end, err);
        return rc;
    }
    snprintf(path, sizeof path, "%s/boot/events.php",
             in->dir); /* Laravel 10's optimize leaves these two out */
    if (!file_exists(path))
        rc = alone(in, "event:cache", end, err);
    snprintf(path, sizeof path, "%s/views", in->dir);
    if (!rc && folder_is_empty(path))
        rc = alone(in, "view:cache", end, err);
    return rc;
}
