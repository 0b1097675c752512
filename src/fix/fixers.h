/* The fixers, one function each; the table is in fixers.c. Each refuses whenever it cannot show that behaviour stays. */
#ifndef FETTLE_FIX_FIXERS_H
#define FETTLE_FIX_FIXERS_H
#include "fix/source.h"

enum fix_answer fix_eager(const struct fix_in *, struct arena *, struct fix_out *, struct err *);      /* eager.c */
enum fix_answer fix_count(const struct fix_in *, struct arena *, struct fix_out *, struct err *);      /* count.c */
enum fix_answer fix_lookup(const struct fix_in *, struct arena *, struct fix_out *, struct err *);     /* lookup.c */
enum fix_answer fix_rows(const struct fix_in *, struct arena *, struct fix_out *, struct err *);       /* sql.c */
enum fix_answer fix_date_range(const struct fix_in *, struct arena *, struct fix_out *, struct err *); /* dates.c */
enum fix_answer fix_index(const struct fix_in *, struct arena *, struct fix_out *, struct err *);      /* migration.c */
enum fix_answer fix_update(const struct fix_in *, struct arena *, struct fix_out *, struct err *);     /* write.c */
enum fix_answer fix_cache_many(const struct fix_in *, struct arena *, struct fix_out *, struct err *); /* cache.c */
enum fix_answer fix_select(const struct fix_in *, struct arena *, struct fix_out *, struct err *);     /* select.c */

/* Adds `->method(arg)` to the query that the flow starts from: merged into a call of that method that is there,
 * else before the terminal. Used by with(), withCount(), withExists(), withSum(). */
void add_to_query(struct patch *, const struct flow *, const char *method, const char *arg);
/* Does the query say it already, without a constraint? */
bool add_is_there(const struct patch *, const struct flow *, const char *method, const char *name);
/* The relation that a segment of a path names on a model; NULL: unknown. */
const struct relation *path_relation(const struct app *, uint32_t model_class, struct str segment, uint32_t *ret_class);
#endif
