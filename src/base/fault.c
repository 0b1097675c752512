#include "base/fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static _Atomic long fault_at, fault_count;

void fault_arm(long nth)
{
    fault_count = 0;
    fault_at = nth;
}

bool fault_fired(void)
{
    return fault_at && fault_count >= fault_at;
}

bool fault_hit(void)
{
    if (__builtin_expect(fault_at == 0, 1))
        return false;
    return ++fault_count == fault_at;
}

void *fault_malloc(size_t n)
{
    return fault_hit() ? NULL : malloc(n);
}

void *fault_calloc(size_t n, size_t size)
{
    return fault_hit() ? NULL : calloc(n, size);
}

void *fault_realloc(void *p, size_t n)
{
    return fault_hit() ? NULL : realloc(p, n);
}

ssize_t fault_read(int fd, void *buf, size_t n)
{
    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    return read(fd, buf, n);
}

ssize_t fault_write(int fd, const void *buf, size_t n)
{
    if (fault_hit()) {
        errno = ENOSPC;
        return -1;
    }
    return write(fd, buf, n);
}
