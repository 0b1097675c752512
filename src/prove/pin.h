/* Both sides on one core at a time. Left alone, the scheduler keeps each worker on "its" core for long, and two cores of one
 * machine differ (a neighbour on the same host, another job): one side then looks faster than the other for minutes. */
#ifndef FETTLE_PROVE_PIN_H
#define FETTLE_PROVE_PIN_H
#include "prove/internal.h"

enum { PINS_MAX = 512, CPUS_MAX = 1024 };

struct pins {
    pid_t pids[PINS_MAX];
    size_t n;
    int cpus[CPUS_MAX]; /* that we may use */
    size_t ncpus;
};
/* Every process of both instances, as they are now; again after a restart. */
void pins_find(struct pins *, const struct instance *a, const struct instance *b);
void pins_set(const struct pins *, int cpu); /* what cannot be moved stays where it is */
void pins_free(const struct pins *);         /* all cores again */
#endif
