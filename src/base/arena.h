/* Arenas: memory given out by bumping a pointer, freed all at once.
 * Every arena has a ceiling in bytes; past it arena_alloc returns NULL and arena_failed() stays true, so a
 * caller may allocate a run of things and check once. One thread at a time.
 *
 *     struct arena *a = arena_new(16 << 20);
 *     char *copy = arena_strndup(a, s.p, s.n);
 *     arena_free(a);
 */
#ifndef FETTLE_BASE_ARENA_H
#define FETTLE_BASE_ARENA_H
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct arena *arena_new(size_t ceiling_bytes); /* NULL: out of memory */
void arena_free(struct arena *);               /* NULL is fine */
void arena_clear(struct arena *);              /* forgets everything, keeps the first block */
void *arena_alloc(struct arena *, size_t bytes); /* zeroed, aligned to 16; NULL past the ceiling */
char *arena_strndup(struct arena *, const char *p, size_t n);
char *arena_strdup(struct arena *, const char *s);
char *arena_printf(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool arena_failed(const struct arena *);

#define arena_new_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))
#define arena_new_one(a, type) arena_new_array(a, type, 1)

static inline void arena_freep(struct arena **a)
{
    arena_free(*a);
}
#define auto_arena __attribute__((cleanup(arena_freep))) struct arena
#endif
