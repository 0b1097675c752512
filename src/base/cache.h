/* Where fettle keeps what it knows of an application between runs: in the user's cache folder, never in the app's. */
#ifndef FETTLE_BASE_CACHE_H
#define FETTLE_BASE_CACHE_H
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* $XDG_CACHE_HOME/fettle/<hash of dir><suffix>, or below ~/.cache; `make` makes the folder. dir is absolute. */
int cache_path(const char *dir, const char *suffix, bool make, char *ret, size_t size, struct err *) MUST_CHECK;
#endif
