/* Shared by the two files that read migrations. */
#ifndef FETTLE_LARAVEL_APP_MIGRATE_H
#define FETTLE_LARAVEL_APP_MIGRATE_H
#include "laravel/app_build.h"
#include "laravel/app_schema.h"

enum { MIGRATE_DEPTH = 24, MIGRATE_LOOP = 200, MIGRATE_BINDS = 32, MIGRATE_STEPS = 200000 };

/* A walk through statements: which table `$table` means at this point, and what variables stand
 * for. */
struct migrate {
    struct build *b;
    struct schema_build *schema;
    struct table_build *table; /* NULL: outside of a Blueprint closure */
    struct str var;            /* the Blueprint's variable */
    unsigned depth;
    uint32_t *steps; /* of this migration, bounded */
    bool *unread;    /* something could not be read, already said */
};
/* True: a decided condition returned, what follows does not run. */
bool migrate_walk(const struct migrate *, const struct scope *, uint32_t node);
/* A chain on $table. */
void blueprint_chain(const struct migrate *, const struct scope *, const struct chain *);
/* Walks a method's or closure's body with arguments bound to its parameters. */
void migrate_inline(const struct migrate *, const struct scope *caller, uint32_t call,
                    struct src callee, uint32_t fn, uint32_t cls, bool this_is_table);
void migrate_unread(const struct migrate *, const struct scope *, uint32_t node, const char *what);
#endif
