/* The part of TOML 1.0 that fettle.toml needs: tables, arrays of tables, bare and dotted keys, basic, literal and
 * multi-line strings, integers, floats, booleans, arrays, inline tables. Dates are kept as text. Keys are flattened:
 * `[[step]] name = "x"` is `step.0.name`. Total on any input (fuzzed); an error names its line.
 *
 *     struct toml *t;
 *     if (toml_parse(text, arena, &t, err)) ...
 *     const char *path = toml_text(t, "step.0.path", NULL);
 */
#ifndef FETTLE_BASE_TOML_H
#define FETTLE_BASE_TOML_H
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { TOML_KEYS_MAX = 10000, TOML_DEPTH_MAX = 32 };

struct toml;
int toml_parse(struct str text, struct arena *, struct toml **ret, struct err *) MUST_CHECK;
const char *toml_text(const struct toml *, const char *key, const char *fallback);
double toml_number(const struct toml *, const char *key, double fallback);
bool toml_bool(const struct toml *, const char *key, bool fallback);
bool toml_has(const struct toml *, const char *key);         /* the key itself, or anything below it */
unsigned toml_length(const struct toml *, const char *key);  /* of an array; 0: none */
uint32_t toml_line(const struct toml *, const char *key);    /* 0: not there */
/* All keys in file order, for "there is no such setting" messages. */
unsigned toml_count(const struct toml *);
const char *toml_key(const struct toml *, unsigned i);
#endif
