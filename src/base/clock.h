/* Time. Rooms that act on time take a clock_src, so that a test can turn it. */
#ifndef FETTLE_BASE_CLOCK_H
#define FETTLE_BASE_CLOCK_H
#include <stdint.h>

struct clock_src {
    uint64_t (*now_ns)(void *ctx); /* monotonic */
    void *ctx;
};
extern const struct clock_src clock_real;
static inline uint64_t clock_now_ns(const struct clock_src *c)
{
    return c->now_ns(c->ctx);
}
uint64_t now_ns(void); /* clock_real, for code whose behaviour does not hang on it */
void sleep_ns(uint64_t ns);
#endif
