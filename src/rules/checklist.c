/* The checklist tier: configuration and hygiene. Judged on the application's own configuration, never on the overrides
 * of the private instance; ranked only where the environment is production. */
#include "rules/emit.h"
#include "rules/families.h"

#include <limits.h>

struct check {
    const char *rule, *key, *bad; /* bad: the value that is a finding, as it stands in the configuration */
    const char *message, *advice, *why;
};

static const struct check checks[] = {
    { "debug-in-production", "app.debug", "true", "debug mode is on in production",
      "set APP_DEBUG=false in production", "Debug mode collects queries and shows secrets on error pages." },
    { "opcache-off", "opcache.enable", "0", "OPcache is off", "set opcache.enable=1 for the SAPI that serves",
      "Without it every request compiles every file again." },
    { "opcache-timestamps", "opcache.validate_timestamps", "1", "OPcache looks at every file's time on each request",
      "set opcache.validate_timestamps=0 and reload PHP on deploy", "Each included file costs a stat call." },
};

static bool in_production(const struct rule_in *in)
{
    const struct setting *env = app_setting(in->app, "app.env");
    return in->production || (env && env->value && !strcmp(env->value, "production"));
}

static int emit_check(const struct rule_in *in, const struct check *c, const struct setting *s, struct arena *arena,
                      struct findings *out, struct err *err)
{
    struct draft d = draft_new(in, c->rule, arena);
    d.f.at = (struct place){ s->file, s->line, 0, ROLE_SETTING, NULL };
    d.f.symbol = c->key;
    d.f.subject = c->key;
    d.f.tier = TIER_CHECKLIST;
    d.f.from_disk = true;
    d.f.message = c->message;
    d.f.advice = c->advice;
    d.f.why = c->why;
    return draft_emit(&d, out, err);
}

static bool truthy(const char *v)
{
    return v && (!strcmp(v, "1") || !strcasecmp(v, "true") || !strcasecmp(v, "on"));
}

static bool is_bad(const struct check *c, const char *value)
{
    return value && truthy(value) == truthy(c->bad);
}

/* Caches that a deploy should build: said with the command, judged by whether their file is there. */
static const struct cache {
    const char *rule, *file, *command, *what;
} caches[] = {
    { "config-not-cached", "bootstrap/cache/config.php", "php artisan config:cache", "the configuration is" },
    { "routes-not-cached", "bootstrap/cache/routes-v7.php", "php artisan route:cache", "the routes are" },
    { "events-not-cached", "bootstrap/cache/events.php", "php artisan event:cache", "the event listeners are" },
};

static int emit_cache(const struct rule_in *in, const struct cache *c, struct arena *arena, struct findings *out,
                      struct err *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", in->app->dir, c->file) >= (int)sizeof path || file_exists(path))
        return RC_OK;
    struct draft d = draft_new(in, c->rule, arena);
    d.f.at = (struct place){ c->file, 1, 0, ROLE_SETTING, "not there" };
    d.f.symbol = c->rule;
    d.f.subject = c->file;
    d.f.tier = TIER_CHECKLIST;
    d.f.from_disk = true;
    d.f.message = draft_text(&d, "%s read anew on every request", c->what);
    d.f.advice = draft_text(&d, "run %s when you deploy", c->command);
    d.f.why = "One cached file replaces reading and evaluating many.";
    return draft_emit(&d, out, err);
}

int rule_checklist(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)1 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the checklist");
    for (size_t i = 0; !rc && i < sizeof checks / sizeof *checks; i++) {
        const struct setting *s = app_setting(in->app, checks[i].key);
        bool only_in_production = !strcmp(checks[i].key, "app.debug");
        if (s && s->file && is_bad(&checks[i], s->value) && (!only_in_production || in_production(in)))
            rc = emit_check(in, &checks[i], s, arena, out, err);
    }
    for (size_t i = 0; !rc && i < sizeof caches / sizeof *caches; i++)
        rc = emit_cache(in, &caches[i], arena, out, err);
    return rc;
}
