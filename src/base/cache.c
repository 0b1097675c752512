#include "base/cache.h"

#include "base/file.h"
#include "base/str.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

int cache_path(const char *dir, const char *suffix, bool make, char *ret, size_t size, struct err *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char folder[PATH_MAX];
    int n = cache && *cache ? snprintf(folder, sizeof folder, "%s/fettle", cache) :
                              snprintf(folder, sizeof folder, "%s/.cache/fettle", home && *home ? home : "/tmp");
    int rc = n < (int)sizeof folder && make ? dir_make(folder, err) : RC_OK;
    if (n >= (int)sizeof folder || snprintf(ret, size, "%s/%016llx%s", folder, (unsigned long long)str_hash(str_c(dir)),
                                            suffix) >= (int)size)
        rc = err_set(err, RC_LIMIT, "set XDG_CACHE_HOME", "the cache folder's path is too long");
    return rc;
}
