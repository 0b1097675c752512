/* Name resolution shared by lowering and by readers of facts. */
#ifndef FETTLE_PHP_NAMES_H
#define FETTLE_PHP_NAMES_H
#include "php/php.h"

bool name_is_builtin(struct str s); /* a type or a scope word that no namespace touches */
struct str
name_head(struct str name); /* up to the first backslash: what an alias is compared with */
/* `imported`: what name_head(name) stands for, empty when it was not imported. */
struct str name_resolve(struct str ns, struct str name, struct str imported, struct arena *arena);
#endif
