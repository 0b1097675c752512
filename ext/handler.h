/* Swapped handlers of internal functions.
 *
 * At module start each target's handler is replaced by a wrapper; the wrapper finds what it
 * replaced in the function's own reserved slot, so that copies (internal subclasses, closures) work
 * too. A function that is not there (extension not loaded) is passed over.
 *
 *     ZEND_NAMED_FUNCTION(wrapper)
 *     {
 *         const struct fettle_hook *h = FETTLE_HOOK;
 *         ...
 *         h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
 *     }
 */
#ifndef FETTLE_EXT_HANDLER_H
#define FETTLE_EXT_HANDLER_H
#include "tracer.h"

struct fettle_target {
    const char *cls; /* lower case, NULL: a function */
    const char *fn;  /* lower case, NULL: every method of the class */
    zif_handler run; /* NULL: left alone, also by a later entry for the whole class */
    uint8_t kind;    /* enum fw_span_kind of the span, where the wrapper takes it from here */
    uint8_t arg;     /* which argument names it, from 1 */
    uint8_t flags;   /* fw_span_flag to begin with */
};

struct fettle_hook {
    zif_handler orig;
    const struct fettle_target *target;
    zend_internal_function *fn;
};

#define FETTLE_HOOK ((const struct fettle_hook *)EX(func)->internal_function.reserved[fettle_slot])

void fettle_hooks_install(const struct fettle_target *, size_t n);
void fettle_hooks_copies(void); /* once, after all installs: the same handlers under other names */
void fettle_hooks_remove(void); /* module shutdown */

/* The tables, one a family. */
void fettle_pdo_install(void);
void fettle_mysqli_install(void);
void fettle_pgsql_install(void);
void fettle_sqlite3_install(void);
void fettle_redis_install(void);
void fettle_curl_install(void);
void fettle_stream_install(void);
void fettle_stream_guard_install(void);
void fettle_misc_install(void);
void fettle_misc_remove(void);

static zend_always_inline const zval *fettle_arg(const zend_execute_data *ex, uint32_t i)
{
    if (i == 0 || i > ZEND_CALL_NUM_ARGS(ex))
        return NULL;
    const zval *z = ZEND_CALL_ARG(ex, i);
    ZVAL_DEREF(z);
    return z;
}

static zend_always_inline zend_string *fettle_arg_string(const zend_execute_data *ex, uint32_t i)
{
    const zval *z = fettle_arg(ex, i);
    return z && Z_TYPE_P(z) == IS_STRING ? Z_STR_P(z) : NULL;
}

#endif
