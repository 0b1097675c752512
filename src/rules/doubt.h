/* What in the code makes a suspicion smaller than it looks: a memo around it, a default that answers first, a loop over
 * four constants, rows that are wanted anyway. A flow with such a doubt is said (suggested), and not ranked unless a
 * trace measured it. All of them look at the syntax around the places of the flow; none looks at another file's lines. */
#ifndef FETTLE_RULES_DOUBT_H
#define FETTLE_RULES_DOUBT_H
#include "rules/rules.h"

bool in_memo(const struct app *, const struct flow *);        /* Cache::remember(…), once(…), $this->x ??= … */
bool behind_default(const struct app *, const struct flow *); /* read to the right of ?? or ?: */
bool asks_in_batch(const struct app *, const struct flow *);  /* whereIn(…)->get(): one statement a batch, not a row */
bool loop_is_short(const struct app *, const struct flow *);  /* over a literal array, enum cases, Arr::wrap */
bool loop_ends_early(const struct app *, const struct flow *);/* while, do, for, or a body that returns or breaks */
bool loop_changes_rows(const struct app *, const struct flow *); /* refresh(), fresh() before the read */
unsigned calls_inside(const struct flow *);                   /* calls between the loop and what it repeats */
/* hydrate-then-aggregate and filter-in-php: are the rows wanted for something else, or already picked in PHP? */
bool rows_wanted(const struct app *, const struct flow *);
/* update-per-model: does every turn write the same values, in the loop itself? */
bool writes_same_values(const struct app *, const struct flow *);
#endif
