/* Words as Laravel makes them: snake and kebab case, plurals and singulars (the English rules of
 * the framework's inflector), class base names, paths without dots. Results live in the arena
 * given. Pure functions. */
#ifndef FETTLE_LARAVEL_APP_TEXT_H
#define FETTLE_LARAVEL_APP_TEXT_H
#include "base/base.h"

struct str text_snake(struct str studly, char separator,
                      struct arena *);                /* Str::snake; '-' is Str::kebab */
struct str text_studly(struct str s, struct arena *); /* a_b-c -> ABC */
struct str text_plural(struct str word, struct arena *);
struct str text_plural_studly(struct str name,
                              struct arena *); /* of the last word: OrderLine -> OrderLines */
struct str text_singular(struct str word, struct arena *);
struct str text_lower(struct str s, struct arena *);
struct str text_basename(struct str class_name); /* after the last backslash */
struct str text_concat(struct arena *, struct str a, struct str b);
bool text_is_one_of(struct str word,
                    const char *list); /* a list with blanks between; without case */
/* "a/./b/../c" -> "a/c", without a leading or trailing slash; ".." above the start stays out. */
struct str text_path(struct str path, struct arena *);
struct str text_dirname(struct str path); /* "" at the top */
uint64_t text_hash_lower(struct str s);   /* hash without ASCII case */
#endif
