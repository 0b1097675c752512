/* Questions about the chain of calls that makes a query: Model::query()->where(…)->limit(10)->get(). */
#ifndef FETTLE_FIX_CHAIN_H
#define FETTLE_FIX_CHAIN_H
#include "fix/source.h"

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
