/* What every file of the extension shares: settings, the tracer of one thread, and who does what.
 *
 * The extension watches from inside PHP without an observer and without replacing the executor: it
 * swaps the handlers of chosen internal functions (handler.h), plants calls into chosen framework
 * methods as they are compiled (plant.h), and walks the frames when something happens (place.h).
 * What it sees goes to a ring that the collector reads (ring.h).
 *
 * It must never throw into the application (but for the connection guard), never print, never grow:
 * every table below has its fixed size, and what does not fit is counted. With fettle.tier=off
 * nothing at all is installed.
 *
 * Threads: one struct fettle_tracer per thread of PHP; nothing here is shared between threads but
 * tables that are written at module start and constant afterwards.
 */
#ifndef PHP_FETTLE_H
#define PHP_FETTLE_H

#ifdef HAVE_CONFIG_H
#include "config.h" /* phpize */
#endif
#include "php.h"
#include "fettle/wire.h"

#define FETTLE_VERSION "0.1.0"

/* Ceilings, each with its reason. */
#define FETTLE_STACK_MAX \
    128 /* open spans of one fiber: views nest ~20 deep, recursion is cut and counted */
#define FETTLE_FIBERS_MAX 64 /* fibers with a stack of their own; further ones are not spanned */
#define FETTLE_TX_MAX 8      /* connections with an open transaction at once */
#define FETTLE_STRINGS_MAX \
    32768 /* slots of the dictionary; three quarters full, it starts over at the next trace */
#define FETTLE_CLASSES_MAX 4096 /* slots of the cache of classified functions */
#define FETTLE_STMT_MAX 256     /* statements whose fetches are still added to their span */
#define FETTLE_REQUESTS_MAX 512 /* curl handles known at once: a pool of 200 finds room */
#define FETTLE_PREPARED_MAX \
    256 /* prepared statements of mysqli, pgsql and SQLite3 whose text is known */
#define FETTLE_WALK_MAX 400 /* frames looked at for one place */

extern zend_module_entry fettle_module_entry;

struct fettle_tracer;

ZEND_BEGIN_MODULE_GLOBALS(fettle)
char *tier_name;
char *sock;
char *dsn_allow;
char *app_root;
char *plant;
bool values;
zend_long ring_bytes;
struct fettle_tracer *tracer; /* NULL: nothing is recorded in this thread */
ZEND_END_MODULE_GLOBALS(fettle)

ZEND_EXTERN_MODULE_GLOBALS(fettle)
#define FETTLE_G(v) ZEND_MODULE_GLOBALS_ACCESSOR(fettle, v)
#if defined(ZTS) && defined(COMPILE_DL_FETTLE)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

/* Set once at module start. */
extern enum fw_tier fettle_tier;
extern char fettle_sock[108]; /* setting fettle.sock, else environment FETTLE_SOCK */
extern int fettle_slot;       /* index into zend_internal_function.reserved */

#endif
