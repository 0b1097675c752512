/* Time stamps that cost 12 ns instead of 110: the time-stamp counter where it is constant (x86
 * "invariant TSC", the generic timer of ARMv8), calibrated against CLOCK_MONOTONIC; clock_gettime
 * elsewhere. No system call per stamp.
 *
 *     uint64_t t = fettle_ticks(&clock);
 *     ns = fettle_clock_ns(&clock, fettle_ticks(&clock) - t);
 */
#ifndef FETTLE_EXT_CLOCK_H
#define FETTLE_EXT_CLOCK_H
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

struct fettle_clock {
    bool counter;              /* ticks are the CPU's counter, else nanoseconds */
    uint64_t mult;             /* nanoseconds per tick, 32.32 fixed point */
    uint64_t tick0, ns0;       /* the same instant in both, taken at the start of the trace */
    uint64_t cal_tick, cal_ns; /* first pair ever taken: the base of the calibration */
};

static inline uint64_t fettle_mono_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t fettle_counter(void)
{
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
    return v;
#else
    return 0;
#endif
}

static inline uint64_t fettle_ticks(const struct fettle_clock *c)
{
    return c->counter ? fettle_counter() : fettle_mono_ns();
}

/* Nanoseconds of a span of ticks. */
static inline uint64_t fettle_clock_ns(const struct fettle_clock *c, uint64_t ticks)
{
    return (uint64_t)(((unsigned __int128)ticks * c->mult) >> 32);
}

/* Monotonic nanoseconds of a stamp of this trace. */
static inline uint64_t fettle_clock_at(const struct fettle_clock *c, uint64_t stamp)
{
    return c->ns0 + fettle_clock_ns(c, stamp - c->tick0);
}

void fettle_clock_init(struct fettle_clock *);  /* takes the first pair */
void fettle_clock_start(struct fettle_clock *); /* at the start of a trace: new base, better rate */
uint64_t fettle_clock_hz(const struct fettle_clock *);

#endif
