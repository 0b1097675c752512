/* Calibration of the time-stamp counter; see clock.h. */
#include "clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define CALIBRATE_MIN_NS \
    1000000u /* below 1 ms the rate would be off by more than 1e-4: clock_gettime until then */

static bool counter_is_constant(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & (1u << 8)); /* Intel SDM 17.17.1 */
#elif defined(__aarch64__)
    return true; /* the architecture's generic timer runs at a fixed rate */
#else
    return false;
#endif
}

void fettle_clock_init(struct fettle_clock *c)
{
    c->counter = false;
    c->mult = (uint64_t)1 << 32;
    c->cal_tick = counter_is_constant() ? fettle_counter() : 0;
    c->cal_ns = fettle_mono_ns();
}

void fettle_clock_start(struct fettle_clock *c)
{
    c->ns0 = fettle_mono_ns();
    c->tick0 = c->ns0;
    c->mult = (uint64_t)1 << 32;
    c->counter = false;
    if (!c->cal_tick || c->ns0 - c->cal_ns < CALIBRATE_MIN_NS)
        return;
    uint64_t now = fettle_counter();
    if (now <= c->cal_tick)
        return; /* stopped or set back: do not trust it */
    c->counter = true;
    c->tick0 = now;
    c->mult = (uint64_t)(((unsigned __int128)(c->ns0 - c->cal_ns) << 32) / (now - c->cal_tick));
}

uint64_t fettle_clock_hz(const struct fettle_clock *c)
{
    if (!c->counter || !c->mult)
        return 1000000000u;
    return (uint64_t)(((unsigned __int128)1000000000u << 32) / c->mult);
}
