/* Three checklists: database, application, infrastructure. An item passes or fails by what was seen, and is unknown
 * otherwise: what nobody looked at is never called fine. */
#include "report/internal.h"

#include <stdio.h>

enum status { UNKNOWN, PASS, FAIL };
enum { RULES_MOST = 10 };

struct item {
    const char *list, *name;
    const char *rules[RULES_MOST]; /* a finding of one of them: fails; none, and something was measured: passes */
    const char *fine;              /* said when it passes by them */
    enum status (*look)(const struct report_in *, struct buf *say); /* what else shows it; NULL: nothing does */
    const char *unknown;           /* what would tell */
};

static const char *setting(const struct report_in *in, const char *key)
{
    const struct setting *s = app_setting(in->app, key);
    return s && s->value && *s->value ? s->value : NULL;
}

static bool is_there(const struct report_in *in, const char *file, const char *word)
{
    auto_buf text = BUF_INIT((size_t)1 << 20);
    return in->source && in->source(in->source_ctx, file, 1, 2000, &text) && (!word || strstr(buf_cstr(&text), word));
}

static bool is_shared_memory(const char *store)
{
    return store && (!strcmp(store, "redis") || !strcmp(store, "memcached") || !strcmp(store, "dynamodb"));
}

static enum status look_at_cache(const struct report_in *in, struct buf *say)
{
    const char *cache = setting(in, "cache.default"), *session = setting(in, "session.driver");
    if (!cache && !session)
        return UNKNOWN;
    buf_addf(say, "cache: %s, sessions: %s, as it is configured here", cache ? cache : "not known", session ? session : "not known");
    return is_shared_memory(cache) && is_shared_memory(session) ? PASS : UNKNOWN;
}

static enum status look_at_queue(const struct report_in *in, struct buf *say)
{
    const char *queue = setting(in, "queue.default");
    if (queue)
        buf_addf(say, "queue: %s, as it is configured here", queue);
    return queue && strcmp(queue, "sync") && strcmp(queue, "null") ? PASS : UNKNOWN;
}

static enum status look_at_opcache(const struct report_in *in, struct buf *say)
{
    const char *on = setting(in, "opcache.enable");
    if (on)
        buf_addf(say, "opcache.enable=%s beside the application", on);
    return on ? PASS : UNKNOWN;
}

static enum status look_at_assets(const struct report_in *in, struct buf *say)
{
    static const char *const manifests[] = { "public/build/manifest.json", "public/mix-manifest.json" };
    for (size_t i = 0; i < 2; i++)
        if (is_there(in, manifests[i], NULL)) {
            buf_addf(say, "built: %s", manifests[i]);
            return PASS;
        }
    return UNKNOWN;
}

static enum status look_at_memory(const struct report_in *in, struct buf *say)
{
    enum { MUCH_KB = 128 << 10 }; /* PHP's own default of memory_limit */
    const struct wroute *most = NULL;
    for (uint32_t i = 0; in->load && i < in->load->nroutes; i++)
        if (!most || in->load->routes[i].peak_kb_max > most->peak_kb_max)
            most = &in->load->routes[i];
    if (!most)
        return UNKNOWN;
    buf_addf(say, "at most %.0f MB, by %s", most->peak_kb_max / 1024, most->name);
    return most->peak_kb_max < MUCH_KB ? PASS : FAIL;
}

static enum status look_at_cdn(const struct report_in *in, struct buf *say)
{
    const char *url = setting(in, "app.asset_url");
    if (url)
        buf_adds(say, "ASSET_URL is set");
    return url ? PASS : UNKNOWN;
}

static enum status look_at_container(const struct report_in *in, struct buf *say)
{
    static const char *const files[] = { "Dockerfile", "docker-compose.yml", "compose.yaml", "compose.yml" };
    for (size_t i = 0; i < 4; i++)
        if (is_there(in, files[i], NULL)) {
            buf_addf(say, "%s is there; its limits were not compared with what the workers need", files[i]);
            break;
        }
    return UNKNOWN;
}

static enum status look_at_health(const struct report_in *in, struct buf *say)
{
    for (size_t i = 0; i < in->nvisits; i++) {
        const struct visit *v = &in->visits[i];
        if (!v->measured || (strcmp(v->route, "GET /up") && strcmp(v->route, "GET /health")))
            continue;
        buf_addf(say, "a health check answers: %s; the balancer itself was not seen", v->route);
        break;
    }
    return UNKNOWN;
}

static enum status look_at_monitoring(const struct report_in *in, struct buf *say)
{
    static const char *const packages[] = { "laravel/pulse", "laravel/nightwatch", "laravel/horizon", "sentry/sentry-laravel",
                                            "spatie/laravel-prometheus", "open-telemetry/", "bugsnag/bugsnag-laravel" };
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (is_there(in, "composer.json", packages[i])) {
            buf_addf(say, "composer.json requires %s", packages[i]);
            return PASS;
        }
    return UNKNOWN;
}

static const struct item items[] = {
    { "Database", "Query analysis",
      { "slow-query", "n-plus-one-lazy", "n-plus-one-query", "n-plus-one-aggregate", "query-in-accessor", "unbounded-get",
        "hydrate-then-aggregate", "filter-in-php", "select-star-wide", "wide-vector-in-list" },
      "no statement takes 100 ms, none runs once a row", NULL, "nothing was measured: fettle check" },
    { "Database", "Index optimization", { "missing-index", "non-sargable" }, "no measured statement wants an index", NULL,
      "nothing was measured: fettle check" },
    { "Database", "Connection pooling", { NULL }, NULL, NULL, "depends on workers and hosts, which were not seen" },
    { "Database", "Query caching", { "duplicate-query", "every-request-work", "cache-read-loop" },
      "nothing is asked twice in a request", NULL, "nothing was measured: fettle check" },
    { "Database", "Read replicas", { NULL }, NULL, NULL, "depends on the traffic, which was not seen" },
    { "Database", "Batch operations", { "update-per-model", "embedding-unbatched" }, "no row is written alone in a loop", NULL,
      "nothing was measured: fettle check" },
    { "Application", "OPcache", { "opcache-off", "opcache-timestamps" }, NULL, look_at_opcache,
      "no php.ini lies beside the application; the serving machine's decides" },
    { "Application", "Redis caching", { NULL }, NULL, look_at_cache, "no configuration of the cache was read" },
    { "Application", "Queue optimization", { "ai-in-request", "long-transaction", "http-sequential" }, NULL, look_at_queue,
      "no queue is configured" },
    { "Application", "Asset optimization", { NULL }, NULL, look_at_assets, "no built assets are here" },
    { "Application", "Lazy loading", { "livewire-fat-state", "livewire-rehydrate" }, "no component carries much state", NULL,
      "no component was measured" },
    { "Application", "Memory management", { NULL }, NULL, look_at_memory, "nothing was measured: fettle check" },
    { "Infrastructure", "Container resources", { NULL }, NULL, look_at_container, "no container file is here" },
    { "Infrastructure", "Load balancing", { NULL }, NULL, look_at_health, "no balancer was seen" },
    { "Infrastructure", "CDN integration", { NULL }, NULL, look_at_cdn, "ASSET_URL is empty here" },
    { "Infrastructure", "Auto-scaling", { NULL }, NULL, NULL, "not to be seen from one machine" },
    { "Infrastructure", "Monitoring", { NULL }, NULL, look_at_monitoring, "no monitoring package in composer.json" },
    { "Infrastructure", "Capacity planning", { NULL }, NULL, NULL, "nobody measured this under load" },
};

static bool is_rule_of(const struct item *it, const char *rule)
{
    for (unsigned i = 0; i < RULES_MOST && it->rules[i]; i++)
        if (!strcmp(it->rules[i], rule))
            return true;
    return false;
}

/* The first finding is the dearest; ret: how many there are. Suspicions that nothing measured do not fail an item. */
static size_t first_of(const struct report_in *in, const struct item *it, size_t *ret_first)
{
    size_t n = 0;
    for (size_t i = 0; i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        if (f->tier == TIER_SUGGESTED || !is_rule_of(it, f->rule))
            continue;
        if (!n++)
            *ret_first = i;
    }
    return n;
}

static bool could_not_look(const struct report_in *in, const struct item *it)
{
    for (size_t i = 0; i < in->nmissing; i++)
        if (is_rule_of(it, in->missing[i].rule))
            return true;
    return false;
}

static enum status judge(const struct report_in *in, const struct item *it, struct buf *say, size_t *ret_finding)
{
    size_t first = 0, n = first_of(in, it, &first);
    *ret_finding = 0;
    if (n) {
        const struct finding *f = &in->findings->items[first];
        *ret_finding = first + 1;
        buf_adds(say, f->message ? f->message : f->rule);
        if (n > 1)
            buf_addf(say, ", and %zu more", n - 1);
        return FAIL;
    }
    enum status s = it->look ? it->look(in, say) : UNKNOWN;
    bool by_rules = it->rules[0] && it->fine && in->load && !could_not_look(in, it);
    if (!it->look && by_rules) {
        buf_adds(say, it->fine);
        s = PASS;
    }
    if (!say->n)
        buf_adds(say, it->unknown);
    return s;
}

void report_checklists(const struct report_in *in, struct json *j)
{
    static const char *const words[] = { "unknown", "pass", "fail" };
    const char *list = NULL;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        auto_buf say = BUF_INIT(4096);
        size_t finding;
        enum status s = judge(in, &items[i], &say, &finding);
        if (!list || strcmp(list, items[i].list)) {
            if (list)
                json_close(j, ']'), json_close(j, '}');
            list = items[i].list;
            json_open(j, '{');
            json_key(j, "name"), json_str(j, list);
            json_key(j, "items"), json_open(j, '[');
        }
        json_open(j, '{');
        json_key(j, "name"), json_str(j, items[i].name);
        json_key(j, "status"), json_str(j, words[s]);
        json_key(j, "text"), json_str(j, buf_cstr(&say));
        if (finding)
            json_key(j, "finding"), json_int(j, (long long)finding);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}
