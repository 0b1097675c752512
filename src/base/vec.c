#include "base/vec.h"

#include "base/fault.h"

bool vec_grow(void **p, size_t *cap, size_t n, size_t size, size_t max)
{
    if (n >= max)
        return false;
    size_t want = *cap ? *cap * 2 : 8;
    if (want > max)
        want = max;
    void *q = fault_realloc(*p, want * size);
    if (!q)
        return false;
    *p = q;
    *cap = want;
    return true;
}
