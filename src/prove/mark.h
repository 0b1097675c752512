/* Marks in a copy of an edited file: `\Fettle\Ran::at(7); ` before a statement, `\Fettle\Ran::of(7, expression)` around one.
 * They change nothing but a count that the recorder reads (src/instance/php/recorder.php), stand on the same line, and are
 * left out of the whole file when the marked text does not parse as well as the plain one did.
 *
 * Only statements that own an edited line are marked, and the branches in them. Every edited line of code has an owner: the
 * innermost statement or arrow function on it; for a line of a declaration, the loading of the file; in a template, the
 * nearest expression. Pure. */
#ifndef FETTLE_PROVE_MARK_H
#define FETTLE_PROVE_MARK_H
#include "prove/internal.h"

struct lines { /* 1-based, both ends included; from > to: nothing */
    uint32_t from, to;
};
struct marking {
    struct mark *marks; /* appended to */
    uint32_t *n;        /* in and out: how many marks there are; their index is their number */
    uint32_t *line_mark; /* [nlines + 1] of this file: mark + 1 of each edited line of code; 0: none */
    uint32_t nlines;
};
/* Writes the marked text. RC_UNSUPPORTED: no mark can stand in it (then out is untouched). */
int mark_file(const char *path, struct str text, const struct lines *edited, size_t nedited, struct arena *, struct marking *,
              struct buf *out, struct err *) MUST_CHECK;
/* Line ranges of b that differ from a, and those of a that differ from b; where one is empty, the line before it. */
int lines_diff(struct str a, struct str b, struct arena *, struct lines **ret_a, struct lines **ret_b, size_t *ret_n, struct err *) MUST_CHECK;
#endif
