/* Work folders: private scratch that no crash leaves behind. A folder lies in TMPDIR or /tmp, is held by a lock on
 * the folder itself, and goes with workdir_remove(). Whoever holds the lock is alive; a folder whose lock is free was
 * left by a killed process, and the next workdir_make() or workdir_sweep() of the same user removes it.
 *
 *     struct workdir w = { "" };
 *     rc = workdir_make("prove", &w, err);
 *     … w.path …
 *     workdir_remove(&w);
 */
#ifndef FETTLE_BASE_WORKDIR_H
#define FETTLE_BASE_WORKDIR_H
#include "base/err.h"

#include <limits.h>

struct workdir {
    char path[PATH_MAX - 256]; /* room for names below it; "" when there is none, then the lock means nothing */
    int lock;
};

int workdir_make(const char *what, struct workdir *ret, struct err *) MUST_CHECK; /* `what`: a word for the folder's name */
void workdir_remove(struct workdir *); /* does nothing when there is none */
void workdir_sweep(void);
#endif
