/* What a fix of a list would change beside the number of its statements: what a careful engineer looks for before
 * adding an eager load or a count. Each function refuses the patch with its reason, or leaves it alone. */
#ifndef FETTLE_FIX_HAZARD_H
#define FETTLE_FIX_HAZARD_H
#include "fix/chain.h"

/* The relation's own code: reads the row it hangs on, a limit for all rows together, listeners of each retrieval. */
void refuse_relation(struct patch *, const struct model *, const struct relation *);
/* The code around the reading: one row only, writes on what is shared, output that depends on what is loaded. */
void refuse_reading(struct patch *, const struct fix_in *, const struct relation *);
/* Are the rows sent out as data, so that a new attribute of theirs would be seen? */
bool rows_are_sent(struct patch *, const struct flow *);
/* Does the loop of the flow write rows? With `own` also when it writes only the row itself. */
bool loop_writes(struct patch *, const struct fix_in *, bool own);
/* The value of the expression, or the variable that it is put into, is changed by the code of its function. */
bool changes_value(const struct patch *, struct ref expr);
#endif
