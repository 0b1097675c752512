/* Compiled Blade views back to their templates.
 *
 * A compiled view ends in `PATH … ENDPATH` inside a comment, which names the template. Its lines
 * differ from the template's: Blade doubles the newline after an echo and turns component tags into
 * many lines. What both have in common, in the same order, are words: text, variables, names of
 * methods. The longest common subsequence of their words tells which line a compiled line came from
 * (LCS by dynamic programming, over the words of both files).
 *
 * The template's *name* is read when the view is first seen, in the middle of a request; the lines
 * are aligned when the trace closes, so that no span contains the work: until then places carry the
 * compiled line and FW_COMPILED, and the closing trace mends them. Each view is aligned once per
 * process. A view too large to align keeps FW_COMPILED.
 */
#ifndef FETTLE_EXT_BLADE_H
#define FETTLE_EXT_BLADE_H
#include "php_fettle.h"

struct fettle_tracer;

#define FETTLE_VIEWS_MAX 512         /* views remembered per process */
#define FETTLE_VIEW_BYTES_MAX 262144 /* of a compiled view or template that is aligned */
/* Words of one file times words of the other: 10 ms and 2 MB while it runs; in the deep tier, where a
 * place matters more than a moment, 100 ms and 24 MB. */
#define FETTLE_VIEW_CELLS_MAX (fettle_tier == FW_DEEP ? 96000000u : 9000000u)

struct fettle_view {
    uint64_t key;            /* hash of `compiled` */
    char *compiled, *source; /* paths; NULL: free */
    bool learned;            /* told by Livewire, not by the file itself */
    uint64_t mtime_ns;       /* of the compiled file when it was aligned */
    uint32_t nlines;
    uint16_t *lines; /* template line of compiled line i + 1; NULL: not aligned */
    bool tried;
};

struct fettle_views {
    uint32_t n;
    struct fettle_view v[FETTLE_VIEWS_MAX];
};

/* Whether a path is named as Blade or Livewire names compiled files: a hash of 32 to 64 hex digits,
 * then ".php"; or livewire/classes/ and livewire/views/ with a hash of 8. */
bool fettle_blade_compiled_name(const char *path, size_t n);
/* The template of a compiled view: its id in *ret_file (0: it names none), and a handle for its
 * lines (0: none). */
uint32_t fettle_blade_open(struct fettle_tracer *, zend_string *compiled, uint32_t *ret_file);
/* Livewire 4 compiles single-file components to a class and a view that do not name their source;
 * it says itself which file is whose. `source` may be a folder (multi-file components). */
void fettle_blade_learn(struct fettle_tracer *, zend_string *compiled, zend_string *source);
/* The source of a file that was learnt, or NULL. */
const char *fettle_blade_learned(struct fettle_tracer *, const char *compiled);
/* Template line of a compiled line; 0: not aligned (yet). */
uint32_t fettle_blade_line(struct fettle_tracer *, uint32_t handle, uint32_t compiled_line);
/* At the close of a trace that has places with FW_COMPILED: aligns what is new and mends them in
 * the ring. */
void fettle_blade_mend(struct fettle_tracer *);
void fettle_blade_release(struct fettle_tracer *);

#endif
