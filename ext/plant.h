/* Calls planted into chosen methods as they are compiled ("return rewriting").
 *
 * zend_ast_process turns the body of a chosen method into
 *     \fettle_enter(id); … return \fettle_leave(E); … \fettle_leave_void();
 * which is exact in the interpreter and under JIT, and costs nothing where nothing is planted. Not
 * planted: generators, functions that return by reference (the rewriting would break the
 * reference), files with declare(ticks). Exceptions, exit and fatal errors leave without a call:
 * the sweep (tracer.h) closes what they left open.
 */
#ifndef FETTLE_EXT_PLANT_H
#define FETTLE_EXT_PLANT_H
#include "tracer.h"

enum fettle_plant_flag {
    FETTLE_PLANT_DEEP = 1,     /* spanned in the deep tier only */
    FETTLE_PLANT_COUNT = 2,    /* always-on: entered (counted), not left: no span */
    FETTLE_PLANT_BOUNDARY = 4, /* one call is one trace, in a command-line process */
};

struct fettle_plant {
    const char *cls, *fn; /* class as written, NULL: a function; method in lower case */
    uint16_t kind;
    uint8_t flags;
    /* Both run with the frame of the planted method; `enter` returns false for "not this call". */
    bool (*enter)(struct fettle_tracer *, struct fettle_open *, zend_execute_data *);
    void (*leave)(struct fettle_tracer *, struct fettle_open *, zend_execute_data *,
                  const zval *ret);
};

extern const struct fettle_plant fettle_plants[];
extern const uint32_t fettle_nplants;

uint32_t fettle_plant_id(const char *cls, size_t n); /* first entry of a class */

#define FETTLE_PLANT_MIDDLEWARE 1000 /* id of every middleware's handle() (deep) */
#define FETTLE_PLANT_USER 1001       /* id of whatever fettle.plant names */

void fettle_plant_startup(void); /* module start: hooks the compiler, adds to the system id */
void fettle_plant_shutdown(void);

#endif
