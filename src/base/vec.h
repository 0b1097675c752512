/* Typed growing arrays with a ceiling in items.
 *
 *     struct place_vec VEC(struct place);           // declares the fields
 *     if (!vec_push(&v, place)) return err_set(...) // false: ceiling or memory
 *
 * `VEC_MAX` items at most, else the ceiling given to vec_push_max.
 */
#ifndef FETTLE_BASE_VEC_H
#define FETTLE_BASE_VEC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VEC_MAX = 1 << 24 };

#define VEC(type)                                                                                  \
    {                                                                                              \
        type *p;                                                                                   \
        size_t n, cap;                                                                             \
    }

bool vec_grow(void **p, size_t *cap, size_t n, size_t size, size_t max);
#define vec_reserve(v, max)                                                                        \
    ((v)->n < (v)->cap || vec_grow((void **)&(v)->p, &(v)->cap, (v)->n, sizeof *(v)->p, (max)))
#define vec_push_max(v, item, max) (vec_reserve(v, max) && ((v)->p[(v)->n++] = (item), true))
#define vec_push(v, item) vec_push_max(v, item, VEC_MAX)
#define vec_release(v) (free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)
#endif
