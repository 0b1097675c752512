/* Did the edited lines run? The sides start with marked copies of the edited files (mark.h); records tell which marks ran;
 * before times are taken the plain files are put back and php-fpm of the always-on tier starts with those. */
#ifndef FETTLE_PROVE_COVER_H
#define FETTLE_PROVE_COVER_H
#include "prove/internal.h"

/* Finds what is edited, writes the folders to start the sides with below `workdir` (p->cover.dir). */
int cover_prepare(struct proving *, const char *workdir, struct err *) MUST_CHECK;
/* What one record tells. `q`: the request, to note that an edited place ran in it; NULL: none. */
void cover_note(struct proving *, const struct running *, const json_t *record, const struct ask *q);
/* The plain files again, as each side has them. */
int cover_unmark(struct proving *, struct err *) MUST_CHECK;
bool cover_has(const struct proving *, const char *path); /* laid over a side, or taken from it */
bool cover_is_migration(const char *path);
void cover_conclude(struct proving *);
#endif
