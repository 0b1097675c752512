/* What in the code makes a suspicion smaller than it looks: a memo around it, a default that answers first, a loop over
 * four constants, rows that are wanted anyway. A flow with such a doubt is said (suggested), and not ranked unless a
 * trace measured it. All of them look at the syntax around the places of the flow; none looks at another file's lines. */
#ifndef FETTLE_RULES_DOUBT_H
#define FETTLE_RULES_DOUBT_H
#include "rules/rules.h"

/* True: say it, do not rank it from the code alone. */
bool is_doubtful(const struct app *, const struct flow *);
/* True: the rows that are counted or picked are read in other ways too, so nothing is built in vain. */
bool rows_are_wanted(const struct app *, const struct flow *);
/* True: what the flow repeats does not run once a row (the relation was loaded, a click runs it): no finding. */
bool is_guarded(const struct app *, const struct flow *);
/* True: the relation is loaded, or hidden by an attribute, where no row shows it (loaded.c). */
bool is_there_already(const struct app *, const struct flow *);
/* True: every turn of the loop writes its own row, and the same values to each (written.c). */
bool writes_same_values(const struct app *, const struct flow *);
/* True: it stands in a migration or a seeder, which run once. */
bool stands_in_migration(const struct app *, struct ref);
bool runs_once(const struct app *, const struct flow *);
#endif
