/* The seam for torture tests: allocation and input/output go through here, so that a test can make the
 * Nth call fail. In production fault_at is 0 and the cost is one comparison.
 *
 *     for (long n = 1;; n++) { fault_arm(n); run(); if (!fault_fired()) break; }
 */
#ifndef FETTLE_BASE_FAULT_H
#define FETTLE_BASE_FAULT_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

void fault_arm(long nth);  /* 0: off. The nth guarded call from now fails once */
bool fault_fired(void);    /* did the armed fault happen? */
bool fault_hit(void);      /* true: the caller must behave as if its system call failed */

void *fault_malloc(size_t n);
void *fault_calloc(size_t n, size_t size);
void *fault_realloc(void *p, size_t n);
ssize_t fault_read(int fd, void *buf, size_t n);
ssize_t fault_write(int fd, const void *buf, size_t n);
#endif
