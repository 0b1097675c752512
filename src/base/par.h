/* The only thread pool: par_for runs fn for 0..n-1 on at most `threads` threads (0: one a core).
 * Stops early and returns the first non-zero result of fn. Workers are numbered from 0, so that each can own
 * a scratch arena. */
#ifndef FETTLE_BASE_PAR_H
#define FETTLE_BASE_PAR_H
#include "base/err.h"

#include <stddef.h>

int par_for(size_t n, unsigned threads, int (*fn)(void *ctx, size_t i, unsigned worker), void *ctx,
            struct err *err) MUST_CHECK;
unsigned par_threads(void); /* cores this process may use, at least 1, at most PAR_MAX_THREADS */
enum { PAR_MAX_THREADS = 64 };
#endif
