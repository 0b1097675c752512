/* Can the flow happen at all? The interpreter walks both sides of most conditions. Here the conditions around its places
 * are held against what the caller gives, and against one another. */
#ifndef FETTLE_RULES_POSSIBLE_H
#define FETTLE_RULES_POSSIBLE_H
#include "rules/rules.h"

/* True: a condition on a parameter does not hold for what this call gives it (a default, a constant, a list). */
bool is_ruled_out(const struct app *, const struct flow *);
/* True: it begins where a name has one value and ends in a template where it has another: `match ($this->view)` in the
 * component and `@if ($view === 'poster')` in its view. By names alone, so it is a doubt and no proof. */
bool is_contradictory(const struct app *, const struct flow *);
#endif
