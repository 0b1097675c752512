/* The part of the interpreter that is made once an app: see struct world in interp.h. Private to this room. */
#ifndef FETTLE_LARAVEL_FLOW_WORLD_H
#define FETTLE_LARAVEL_FLOW_WORLD_H
#include "laravel/interp.h"

enum { SYM_OWN_COLLECTION = 0xfffffff0u, SYM_OWN_RESOURCE };

int world_make(struct world *, const struct app *, const struct flow_opts *);
void world_free(struct world *);
uint32_t number_of(const struct world *, const struct method *); /* NO_CLASS: a function */
/* Runs one entry on the worker's state; its events are appended to it->events. */
void entry_run(struct interp *, uint32_t entry);
#endif
