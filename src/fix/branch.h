/* Kept fixes as one git branch, one commit a fix, made beside the working tree: neither it nor the index is touched.
 * Where there is no git, or an edited file has uncommitted changes, a patch in the cache folder instead. */
#ifndef FETTLE_FIX_BRANCH_H
#define FETTLE_FIX_BRANCH_H
#include "fix/fix.h"

struct delivery {
    char branch[80];     /* "" when a patch was written */
    char patch[4096];    /* "" when a branch was made */
    char take[4200];     /* the one command that takes it over */
    const char *why_patch; /* NULL: it is a branch */
};
int deliver(const struct app *, struct fix_step *const *kept, size_t n, const char *workdir, struct arena *,
            struct delivery *ret, struct err *) MUST_CHECK;
#endif
