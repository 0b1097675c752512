/* phpredis: every command of Redis, RedisCluster and RedisSentinel is a span; connections pass the
 * guard. Predis is userland: its commands are planted (laravel.c). */
#include "handler.h"

#include "guard.h"

#include "zend_exceptions.h"

/* Bytes of a reply: a text's, or the texts' of a list, one level deep and at most this many. */
#define REPLY_MAX 4096

static uint32_t reply_bytes(const zval *z)
{
    uint64_t n = 0;
    uint32_t left = REPLY_MAX;
    zval *e;
    if (Z_TYPE_P(z) == IS_STRING)
        n = Z_STRLEN_P(z);
    if (Z_TYPE_P(z) == IS_ARRAY) {
        ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(z), e)
        {
            if (!left--)
                break;
            n += Z_TYPE_P(e) == IS_STRING ? Z_STRLEN_P(e) : 0;
        }
        ZEND_HASH_FOREACH_END();
    }
    return (uint32_t)MIN(n, UINT32_MAX);
}

static uint32_t command_name(struct fettle_tracer *t, const zend_string *fn)
{
    char buf[32];
    size_t n = MIN(ZSTR_LEN(fn), sizeof buf);
    for (size_t i = 0; i < n; i++)
        buf[i] = (char)toupper((unsigned char)ZSTR_VAL(fn)[i]);
    return fettle_string(&t->ring, buf, n);
}

static ZEND_NAMED_FUNCTION(redis_command)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_open *o = t ? fettle_span_begin(t, execute_data, FW_REDIS) : NULL;
    if (o)
        o->name = command_name(t, EX(func)->common.function_name);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (!t || !(o = fettle_span_find(t, execute_data)))
        return;
    o->a = reply_bytes(return_value);
    if (EG(exception))
        o->flags |= FW_FAILED;
    fettle_span_end(t, o);
}

/* "tls://host", "unix:///path", "host", "/path" */
static bool allowed(const zend_string *host)
{
    const char *p = ZSTR_VAL(host), *scheme = strstr(p, "://");
    if (scheme)
        p = scheme + 3;
    size_t n = strlen(p);
    const char *port = n && p[0] != '/' && p[0] != '[' ? strchr(p, ':') : NULL;
    return fettle_guard_host(p, port && strchr(port + 1, ':') == NULL ? (size_t)(port - p) : n);
}

static bool refuse(struct fettle_tracer *t, const zend_string *host, const char *exception)
{
    if (!fettle_guard_on() || (host && allowed(host)))
        return false;
    fettle_guard_refuse(t, exception, host ? ZSTR_VAL(host) : "a cluster",
                        host ? ZSTR_LEN(host) : 9);
    return true;
}

static ZEND_NAMED_FUNCTION(redis_connect)
{
    zend_string *host = fettle_arg_string(execute_data, 1);
    if (host && refuse(FETTLE_G(tracer), host, "RedisException"))
        return;
    redis_command(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

/* A cluster's seeds: each must be allowed. */
static ZEND_NAMED_FUNCTION(cluster_connect)
{
    const zval *seeds = fettle_arg(execute_data, 2);
    zval *seed;
    if (fettle_guard_on()) {
        if ((!seeds || Z_TYPE_P(seeds) != IS_ARRAY) &&
            refuse(FETTLE_G(tracer), NULL, "RedisClusterException"))
            return;
        ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(seeds), seed)
        {
            if (refuse(FETTLE_G(tracer), Z_TYPE_P(seed) == IS_STRING ? Z_STR_P(seed) : NULL,
                       "RedisClusterException"))
                return;
        }
        ZEND_HASH_FOREACH_END();
    }
    redis_command(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

/* What asks the client, not the server, is left alone; what comes first in the table wins. */
#define PLAIN(name)                         \
    { "redis", name, NULL, 0, 0, 0 },       \
    {                                       \
        "rediscluster", name, NULL, 0, 0, 0 \
    }

static const struct fettle_target targets[] = {
    PLAIN("__construct"),
    PLAIN("__destruct"),
    PLAIN("close"),
    PLAIN("_prefix"),
    PLAIN("_serialize"),
    PLAIN("_unserialize"),
    PLAIN("_pack"),
    PLAIN("_unpack"),
    PLAIN("_compress"),
    PLAIN("_uncompress"),
    PLAIN("_masters"),
    PLAIN("_redir"),
    PLAIN("clearlasterror"),
    PLAIN("getlasterror"),
    PLAIN("getauth"),
    PLAIN("getdbnum"),
    PLAIN("gethost"),
    PLAIN("getmode"),
    PLAIN("getoption"),
    PLAIN("setoption"),
    PLAIN("getpersistentid"),
    PLAIN("getport"),
    PLAIN("getreadtimeout"),
    PLAIN("gettimeout"),
    PLAIN("gettransferredbytes"),
    PLAIN("cleartransferredbytes"),
    PLAIN("isconnected"),
    PLAIN("servername"),
    { "redis", "connect", redis_connect, FW_REDIS, 1, 0 },
    { "redis", "pconnect", redis_connect, FW_REDIS, 1, 0 },
    { "redis", "open", redis_connect, FW_REDIS, 1, 0 },
    { "redis", "popen", redis_connect, FW_REDIS, 1, 0 },
    { "redis", NULL, redis_command, FW_REDIS, 0, 0 },
    { "rediscluster", NULL, redis_command, FW_REDIS, 0, 0 },
};

static const struct fettle_target first[] = {
    { "rediscluster", "__construct", cluster_connect, FW_REDIS, 2, 0 },
};

void fettle_redis_install(void)
{
    fettle_hooks_install(first, 1);
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
}
