/* Compiled Blade views back to their templates.
 *
 * A compiled view ends in `PATH … ENDPATH` inside a comment, which names the template. Its lines differ from the
 * template's: Blade doubles the newline after an echo and turns component tags into several lines. The literal text
 * between PHP tags is the same in both, in the same order; aligning it gives the template's line of every compiled one.
 * Both files are read once per process and view; a view whose text does not align keeps the compiled lines
 * (FW_COMPILED).
 */
#ifndef FETTLE_EXT_BLADE_H
#define FETTLE_EXT_BLADE_H
#include "php_fettle.h"

struct fettle_tracer;

/* Whether a path is named as Blade names its compiled files: a hash of 32 to 64 hex digits, then ".php". */
bool fettle_blade_compiled_name(const char *path, size_t n);
/* The template of a compiled view: its id in *ret_file (0: it names none), and a handle for its lines (0: none). */
uint32_t fettle_blade_open(struct fettle_tracer *, zend_string *compiled, uint32_t *ret_file);
/* Template line of a compiled line, or 0. */
uint32_t fettle_blade_line(struct fettle_tracer *, uint32_t handle, uint32_t compiled_line);

#endif
