/* The module: settings, start and end of process and request. Nothing is installed when fettle.tier
 * is off, or when there is nobody to tell (no socket) and nothing to guard (no fettle.dsn_allow).
 */
#include "tracer.h"

#include "handler.h"
#include "guard.h"
#include "plant.h"

#include "SAPI.h"
#include "ext/standard/info.h"
#include "zend_exceptions.h"
#include "zend_extensions.h"
#include "zend_system_id.h"

#include <pthread.h>
#include <unistd.h>

#include "fettle_arginfo.h"

ZEND_DECLARE_MODULE_GLOBALS(fettle)

enum fw_tier fettle_tier = FW_OFF;
int fettle_slot = -1;
char fettle_sock[108];
static const char *off_reason = "fettle.tier=off";

PHP_INI_BEGIN()
STD_PHP_INI_ENTRY("fettle.tier", "always", PHP_INI_SYSTEM, OnUpdateString, tier_name,
                  zend_fettle_globals, fettle_globals)
STD_PHP_INI_ENTRY("fettle.sock", "", PHP_INI_SYSTEM, OnUpdateString, sock, zend_fettle_globals,
                  fettle_globals)
STD_PHP_INI_BOOLEAN("fettle.values", "0", PHP_INI_SYSTEM, OnUpdateBool, values, zend_fettle_globals,
                    fettle_globals)
STD_PHP_INI_ENTRY("fettle.dsn_allow", "", PHP_INI_SYSTEM, OnUpdateString, dsn_allow,
                  zend_fettle_globals, fettle_globals)
STD_PHP_INI_ENTRY("fettle.app_root", "", PHP_INI_SYSTEM, OnUpdateString, app_root,
                  zend_fettle_globals, fettle_globals)
STD_PHP_INI_ENTRY("fettle.plant", "", PHP_INI_SYSTEM, OnUpdateString, plant, zend_fettle_globals,
                  fettle_globals)
STD_PHP_INI_ENTRY("fettle.ring_bytes", "8388608", PHP_INI_SYSTEM, OnUpdateLong, ring_bytes,
                  zend_fettle_globals, fettle_globals)
PHP_INI_END()

static PHP_GINIT_FUNCTION(fettle)
{
#if defined(ZTS) && defined(COMPILE_DL_FETTLE)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    memset(fettle_globals, 0, sizeof *fettle_globals);
}

static PHP_GSHUTDOWN_FUNCTION(fettle)
{
    if (fettle_globals->tracer)
        fettle_tracer_free(fettle_globals->tracer);
}

static enum fw_tier tier_of(const char *name)
{
    if (name && !strcasecmp(name, "deep"))
        return FW_DEEP;
    if (name && (!strcasecmp(name, "always") || !strcmp(name, "1") || !strcasecmp(name, "on")))
        return FW_ALWAYS;
    return FW_OFF;
}

static void (*prev_throw)(zend_object *);

static void on_throw(zend_object *e)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (t && t->active && !t->thrown) {
        t->thrown = true;
        t->thrown_at = fettle_ticks(&t->clock);
    }
    if (prev_throw)
        prev_throw(e);
}

static size_t (*prev_write)(const char *, size_t);

static size_t count_write(const char *p, size_t n)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    size_t r = prev_write(p, n);
    if (t)
        t->bytes_out += r;
    return r;
}

static void after_fork_in_child(void)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (t)
        fettle_tracer_forked(t);
}

static void install(void)
{
    fettle_pdo_install();
    fettle_mysqli_install();
    fettle_pgsql_install();
    fettle_sqlite3_install();
    fettle_redis_install();
    if (fettle_guard_on())
        fettle_stream_guard_install();
    if (*fettle_sock) {
        fettle_curl_install();
        fettle_stream_install();
        fettle_misc_install();
    }
    fettle_hooks_copies();
    if (!*fettle_sock)
        return; /* the guard alone */
    fettle_place_startup();
    fettle_fibers_register();
    fettle_plant_startup();
    prev_throw = zend_throw_exception_hook;
    zend_throw_exception_hook = on_throw;
    prev_write = sapi_module.ub_write;
    sapi_module.ub_write = count_write;
    pthread_atfork(NULL, NULL, after_fork_in_child);
}

static PHP_MINIT_FUNCTION(fettle)
{
    REGISTER_INI_ENTRIES();
    const char *env = getenv("FETTLE_SOCK");
    const char *sock = FETTLE_G(sock) && *FETTLE_G(sock) ? FETTLE_G(sock) : env ? env : "";
    if (strlen(sock) < sizeof fettle_sock)
        memcpy(fettle_sock, sock, strlen(sock) + 1);
    fettle_tier = tier_of(FETTLE_G(tier_name));
    if (fettle_tier != FW_OFF && !*fettle_sock && !fettle_guard_on()) {
        fettle_tier = FW_OFF;
        off_reason = "no socket: set FETTLE_SOCK or fettle.sock";
    }
    if (fettle_tier != FW_OFF && (fettle_slot = zend_get_resource_handle("fettle")) < 0) {
        fettle_tier = FW_OFF;
        off_reason = "no reserved slot is left by other extensions";
    }
    if (fettle_tier != FW_OFF)
        install();
    return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(fettle)
{
    if (fettle_tier != FW_OFF) {
        fettle_hooks_remove();
        fettle_plant_shutdown();
        fettle_misc_remove();
        if (prev_write) {
            zend_throw_exception_hook = prev_throw;
            sapi_module.ub_write = prev_write;
        }
    }
    UNREGISTER_INI_ENTRIES();
    return SUCCESS;
}

static bool is_cli(void)
{
    return !strcmp(sapi_module.name, "cli") || !strcmp(sapi_module.name, "phpdbg") ||
           !strcmp(sapi_module.name, "embed");
}

static PHP_RINIT_FUNCTION(fettle)
{
#if defined(ZTS) && defined(COMPILE_DL_FETTLE)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    bool preloading =
        !sapi_module.activate && !sapi_module.deactivate; /* as OPcache sets it meanwhile */
    if (fettle_tier == FW_OFF || !*fettle_sock || preloading)
        return SUCCESS;
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (!t) {
        if (!(t = fettle_tracer_new()))
            return SUCCESS;
        fettle_clock_init(&t->clock);
        t->cli = is_cli();
        FETTLE_G(tracer) = t;
    }
    t->worker = t->between = false;
    fettle_trace_open(t, t->cli ? FW_CLI : FW_HTTP, 0);
    return SUCCESS;
}

static PHP_RSHUTDOWN_FUNCTION(fettle)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (t)
        fettle_trace_close(t);
    return SUCCESS;
}

static PHP_MINFO_FUNCTION(fettle)
{
    php_info_print_table_start();
    php_info_print_table_row(2, "fettle", FETTLE_VERSION);
    php_info_print_table_row(2, "tier",
                             fettle_tier == FW_DEEP     ? "deep"
                             : fettle_tier == FW_ALWAYS ? "always"
                                                        : "off");
    if (fettle_tier == FW_OFF)
        php_info_print_table_row(2, "why off", off_reason);
    php_info_print_table_end();
    DISPLAY_INI_ENTRIES();
}

/* Optional: their MINIT then comes before ours, so that their classes are there to be hooked. */
static const zend_module_dep deps[] = {
    ZEND_MOD_OPTIONAL("pdo") ZEND_MOD_OPTIONAL("pdo_mysql") ZEND_MOD_OPTIONAL("pdo_pgsql")
        ZEND_MOD_OPTIONAL("pdo_sqlite") ZEND_MOD_OPTIONAL("mysqli") ZEND_MOD_OPTIONAL("pgsql")
            ZEND_MOD_OPTIONAL("sqlite3") ZEND_MOD_OPTIONAL("redis") ZEND_MOD_OPTIONAL("curl")
                ZEND_MOD_OPTIONAL("session") ZEND_MOD_OPTIONAL("pcntl") ZEND_MOD_END
};

zend_module_entry fettle_module_entry = { STANDARD_MODULE_HEADER_EX,
                                          NULL,
                                          deps,
                                          "fettle",
                                          ext_functions,
                                          PHP_MINIT(fettle),
                                          PHP_MSHUTDOWN(fettle),
                                          PHP_RINIT(fettle),
                                          PHP_RSHUTDOWN(fettle),
                                          PHP_MINFO(fettle),
                                          FETTLE_VERSION,
                                          PHP_MODULE_GLOBALS(fettle),
                                          PHP_GINIT(fettle),
                                          PHP_GSHUTDOWN(fettle),
                                          NULL,
                                          STANDARD_MODULE_PROPERTIES_EX };

#ifdef COMPILE_DL_FETTLE
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif
ZEND_GET_MODULE(fettle)
#endif
