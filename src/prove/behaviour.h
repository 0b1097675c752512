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

/* What side A answers to one request and what varies in it, kept over all tries. */
struct known_answer {
    bool have, counted;
    unsigned lessons; /* how many of the ways to learn what varies were tried */
    struct taken taken;
    struct noises noises;
};
int behaviour_open(struct proving *, struct err *) MUST_CHECK;
void behaviour_close(struct proving *);
int behaviour_run(struct proving *, struct err *) MUST_CHECK;
bool behaviour_wants(const struct proving *, const struct ask *); /* will it be compared? */
/* One run from the baseline; leaves the side at the baseline. */
int take_once(struct proving *, struct running *, const struct ask *, const char *seed, bool load, struct taken *ret, struct err *) MUST_CHECK;
json_t *read_record(struct running *, const char *id); /* NULL: none was written */
void taken_release(struct taken *);
#endif
