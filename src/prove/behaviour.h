/* Same behaviour, checked: the same request from the same state on both sides, what came back and what was left behind. */
#ifndef FETTLE_PROVE_BEHAVIOUR_H
#define FETTLE_PROVE_BEHAVIOUR_H
#include "prove/state.h"

enum { REPLIES = 2 }; /* the request, and a second one of the same session on what the first left (a page read) */

struct taken { /* one run of one request on one side */
    struct reply reply[REPLIES];
    json_t *record[REPLIES];
    struct left left;
    unsigned n;
};

int behaviour_run(struct proving *, struct err *) MUST_CHECK;
/* One run from the baseline; leaves the side at the baseline. */
int take_once(struct proving *, struct running *, const struct ask *, const char *seed, bool load, struct taken *ret, struct err *) MUST_CHECK;
json_t *read_record(struct running *, const char *id); /* NULL: none was written */
void taken_release(struct taken *);
#endif
