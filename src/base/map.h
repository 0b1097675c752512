/* Hash maps: strings to 32-bit values (keys are copied into the map), and 64-bit keys to 64-bit values.
 * One thread at a time for writers; any number of readers once nobody writes. */
#ifndef FETTLE_BASE_MAP_H
#define FETTLE_BASE_MAP_H
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Interned strings: 0 is "none"; ids are dense, 1..syms_count(). Strings live as long as the table. */
typedef uint32_t sym;
struct syms;
struct syms *syms_new(void);
void syms_free(struct syms *);
sym syms_intern(struct syms *, struct str s);          /* 0: empty string or out of memory */
sym syms_find(const struct syms *, struct str s);      /* 0: not there */
struct str syms_str(const struct syms *, sym id);      /* {"",0} for 0 */
const char *syms_cstr(const struct syms *, sym id);    /* NUL-terminated, "" for 0 */
uint32_t syms_count(const struct syms *);

struct map64;
struct map64 *map64_new(void);
void map64_free(struct map64 *);
bool map64_put(struct map64 *, uint64_t key, uint64_t value); /* false: out of memory */
bool map64_get(const struct map64 *, uint64_t key, uint64_t *ret_value);
size_t map64_count(const struct map64 *);
#endif
