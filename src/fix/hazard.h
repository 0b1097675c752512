/* What a fix of a list would change beside the number of its statements: what a careful engineer looks for before
 * adding an eager load or a count. Each function refuses the patch with its reason, or leaves it alone. */
#ifndef FETTLE_FIX_HAZARD_H
#define FETTLE_FIX_HAZARD_H
#include "fix/source.h"

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
/* What of the calls of a chain may change which rows it means, in scopes and behind variables too; NULL: nothing. */
const char *chain_bound(struct patch *, struct ref top, const struct model *);
/* Conditions joined by OR, in the chain, in closures of when() or in the relation that begins it: one more condition at
 * its end would belong to the last of them only. */
bool chain_has_or(const struct patch *, struct ref top);
/* The chain has lists of columns, all plain, and none names this one. */
bool chain_lacks_column(const struct patch *, struct ref top, const char *column);
/* The primary key, or a column with a unique index of its own. */
bool column_is_unique(const struct app *, const struct model *, const struct table *, struct str column);
/* The local scope that a call of a chain runs; NULL: it is none. */
const struct method *chain_scope(const struct patch *, const struct model *, struct str name);
#endif
