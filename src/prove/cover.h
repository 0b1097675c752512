/* Did the edited lines run? The sides start with marked copies of the edited files (mark.h); records tell which marks ran.
 * Side A is marked once, wherever some side B is edited, and which marks ran in which request is kept: so that what a B
 * reaches is known before it is asked anything. Before times are taken the plain files are put back and php-fpm of the
 * always-on tier starts with those. */
#ifndef FETTLE_PROVE_COVER_H
#define FETTLE_PROVE_COVER_H
#include "prove/internal.h"

/* The folder to start side A with (p->cover.dir[0]), marked for all of `all`. */
int cover_open(struct proving *, const struct side *all, size_t nall, struct err *) MUST_CHECK;
/* The folder to start side B with (p->cover.dir[1]), by p->o->b; tells which requests its edits touch (asks[].touched). */
int cover_begin(struct proving *, struct err *) MUST_CHECK;
/* What one record tells. `q`: the request, NULL: none of the list; `first`: the request itself, not what followed it. */
int cover_note(struct proving *, const struct running *, const json_t *record, const struct ask *q, bool first, struct err *) MUST_CHECK;
/* The plain files again, as each side has them; and side A as it was before, marked and at its baseline. */
int cover_unmark(struct proving *, struct err *) MUST_CHECK;
int cover_mark_again(struct proving *, struct err *) MUST_CHECK;
bool cover_misses(const struct proving *); /* an edited statement of B has not run yet */
bool cover_has(const struct proving *, const char *path); /* laid over a side, or taken from it */
bool cover_is_migration(const char *path);
void cover_conclude(struct proving *);
#endif
