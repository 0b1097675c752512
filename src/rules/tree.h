/* Questions to the syntax around a place, that several rules ask. Nodes are numbers in the facts of one file. */
#ifndef FETTLE_RULES_TREE_H
#define FETTLE_RULES_TREE_H
#include "laravel/laravel.h"

enum { DEPTH_MAX = 256 };

struct path { /* from the file's root down to a node */
    uint32_t nodes[DEPTH_MAX];
    unsigned n;
};

const struct facts *facts_of(const struct app *, struct ref); /* NULL: no place */
void path_to(const struct facts *, uint32_t node, struct path *ret); /* without the node itself */
const struct facts *path_at(const struct app *, struct ref, struct path *ret); /* the place's facts and its path; NULL: no place */
unsigned dots_in(const char *path); /* of a.b.c: 2 */
bool is_call(const struct node *);
struct str call_name(const struct facts *, uint32_t call); /* "" for a call of an expression */
bool one_of(struct str name, const char *const *list, size_t n);
#define ONE_OF(name, list) one_of(name, list, sizeof(list) / sizeof *(list))
bool calls_any(const struct facts *, uint32_t from, const char *const *list, size_t n);
uint32_t function_around(const struct facts *, uint32_t node); /* function, method or closure; 0: the file */
uint32_t only_value(const struct facts *, uint32_t var); /* what the function gives to the variable; 0: several, or nothing */
#endif
