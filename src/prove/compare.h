/* What two runs of one request brought back and left behind, compared place by place. */
#ifndef FETTLE_PROVE_COMPARE_H
#define FETTLE_PROVE_COMPARE_H
#include "prove/behaviour.h"

struct compared {
    bool reply_differs[REPLIES]; /* masked differences do not count */
    double masked_share;         /* the most of one body that was masked */
};
/* Every difference goes to the differ. `tells` counts what the differ told so far (the caller's found counts it). */
int compare_taken(struct state *sa, const struct taken *a, struct state *sb, const struct taken *b, struct differ *,
                  const uint64_t *tells, struct compared *ret, struct err *) MUST_CHECK;
#endif
