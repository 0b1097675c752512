/* A loop as fixers see it: what it goes through, what a row is called, and the place before it where one statement for
 * all rows goes. foreach in PHP, map/each and their kin on collections, array_map. */
#ifndef FETTLE_FIX_ROUND_H
#define FETTLE_FIX_ROUND_H
#include "fix/source.h"

struct round {
    struct ref loop, rows; /* rows: the expression */
    struct str row, key;   /* names of variables; "" for none */
    struct ref body;       /* S_BLOCK, or an arrow function's expression */
    struct ref closure;    /* E_CLOSURE or E_ARROW; REF_NONE for foreach */
    struct ref before;     /* the statement before which others may be put */
    const char *hoisted;   /* a statement that must stand before all that is put, NULL: none */
};

/* Refuses what it does not know: templates, other loops, a loop without a block around it. */
bool round_read(struct patch *, struct ref loop, struct round *ret);
/* An expression for the rows that may be written twice; moves the loop's own into a variable when it must. */
const char *round_rows(struct patch *, struct round *, const char *wish);
/* Puts a statement before the loop; once a loop, after round_rows. */
void round_put(struct patch *, const struct round *, const char *statement);
/* Lets the loop's body see a variable that a put statement makes. */
void round_let_see(struct patch *, const struct round *, const char *name);
/* A name that the function does not use yet, like the wished one. */
const char *round_name(struct patch *, const struct round *, const char *wish);
/* Does the expression hang on the loop: on its row, its key, or a variable set in its body? */
bool round_depends(const struct patch *, const struct round *, struct ref expr);
/* The value of a variable that the body sets once before its use; else the expression itself. */
struct ref round_value(const struct patch *, const struct round *, struct ref expr);
#endif
