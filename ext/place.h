/* Where in the application's own code something happens, found by walking the frames in C.
 *
 * The place is the innermost frame whose file is the application's: outside vendor/ and the
 * framework, not an entry script (public/index.php, artisan). Framework code that runs on nobody's
 * behalf (a session read by a middleware) has no place: the walk stops at the framework's pipeline.
 * A compiled Blade view is the application's too: its place is the template, with the template's
 * line where blade.h can map it.
 *
 * What a function is (vendor, application, view…) is decided once and cached by its opcodes'
 * address.
 */
#ifndef FETTLE_EXT_PLACE_H
#define FETTLE_EXT_PLACE_H
#include "php_fettle.h"

struct fettle_tracer;
struct fettle_open;

enum fettle_place_state { FETTLE_PLACE_UNKNOWN, FETTLE_PLACE_KNOWN };

struct fettle_place {
    uint32_t file, line, fn, fn2;
    uint8_t state, flags; /* flags: FW_COMPILED */
    uint16_t view;        /* handle of the view whose line is still to be mended */
};

enum fettle_class {
    FETTLE_VENDOR = 1,
    FETTLE_APP = 2,
    FETTLE_ENTRY = 4,    /* public/index.php, artisan: whoever is called by it has no place */
    FETTLE_BLADE = 8,    /* a compiled view */
    FETTLE_BARRIER = 16, /* the framework's pipeline */
};

struct fettle_class_entry {
    const zend_op *opcodes;
    const zend_string *fn, *file;
    const zend_class_entry *scope;
    uint32_t cls, fn_id, file_id, view;
};

struct fettle_classes {
    struct fettle_class_entry e[FETTLE_CLASSES_MAX];
};

/* Fills *ret for something that the frame `ex` does; ex may be NULL. */
void fettle_place_find(struct fettle_tracer *, zend_execute_data *ex, struct fettle_place *ret);
/* The same for an entry of the stack, kept in it. */
void fettle_place_of(struct fettle_tracer *, struct fettle_open *);
void fettle_classes_clear(struct fettle_classes *); /* when string ids were forgotten */
const struct fettle_class_entry *fettle_classify(struct fettle_tracer *, const zend_op_array *);
/* "Class::method" or "function" of a frame as a string id. */
uint32_t fettle_function_id(struct fettle_tracer *, const zend_function *);
/* At module start: fettle.app_root as PHP will name its files, links resolved. */
void fettle_place_startup(void);

#endif
