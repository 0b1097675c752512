#include "base/clock.h"

#include <errno.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t real_now(void *ctx)
{
    (void)ctx;
    return now_ns();
}

const struct clock_src clock_real = { real_now, 0 };

void sleep_ns(uint64_t ns)
{
    struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
    while (nanosleep(&t, &t) < 0 && errno == EINTR)
        ;
}
