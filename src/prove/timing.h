#ifndef FETTLE_PROVE_TIMING_H
#define FETTLE_PROVE_TIMING_H
#include "prove/pin.h"

enum { LANE_SAMPLES = 1024 };

struct lane { /* one timed route; index 0 is side A */
    const struct ask *ask;
    struct jar jar[2];
    unsigned k;                 /* requests a window */
    size_t n;                   /* pairs so far */
    double warm_ms;             /* CPU of a warm request of A */
    double w[2][PAIRS_MAX], latency[2][PAIRS_MAX]; /* CPU and wall ms a request, one figure a window */
    double cpu[2][LANE_SAMPLES], wall[2][LANE_SAMPLES], peak[2], counters[2][M_COUNT];
    size_t nsamples[2];
    unsigned looks;
    bool not_slower, decided, control;      /* control: both sides are A */
    struct verdict cpu_verdict, latency_verdict;
    const char *why;            /* why it is not timed; NULL: it is */
};
struct lanes {
    struct lane *items;
    size_t n, ntested, ndecided;
    bool ended_by_budget;
    struct pins pins;
};
#endif
