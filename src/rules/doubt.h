/* What in the code makes a suspicion smaller than it looks: a memo around it, a default that answers first, a loop over
 * four constants, rows that are wanted anyway. A flow with such a doubt is said (suggested), and not ranked unless a
 * trace measured it. All of them look at the syntax around the places of the flow; none looks at another file's lines. */
#ifndef FETTLE_RULES_DOUBT_H
#define FETTLE_RULES_DOUBT_H
#include "rules/rules.h"

/* True: say it, do not rank it from the code alone. */
bool is_doubtful(const struct app *, const struct flow *);
/* True: the relation whose rows are counted is read in the same file in other ways too, so nothing is built in vain. */
bool relation_is_wanted(const struct app *, const struct flow *);
/* True: the read runs only where the relation was loaded before. */
bool is_guarded(const struct app *, const struct flow *);
#endif
