/* Loading a client library. It stays loaded: libraries keep state of the process that does not
 * survive unloading. */
#include "db/library.h"

#include <dlfcn.h>
#include <stdio.h>

int library_load(const char *const *files, const char *package, const char *const *names, size_t n,
                 void **api, void **ret_handle, struct err *err)
{
    char next[120];
    void *handle = NULL;
    for (size_t i = 0; !handle && files[i]; i++)
        handle = dlopen(files[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    snprintf(next, sizeof next, "install %s", package);
    if (!handle)
        return err_set(err, RC_UNSUPPORTED, next, "the client library %s is not on this machine",
                       files[0]);
    for (size_t i = 0; i < n; i++) {
        api[i] = dlsym(handle, names[i]);
        if (!api[i]) {
            dlclose(handle);
            return err_set(err, RC_UNSUPPORTED, next, "the client library %s has no %s", files[0],
                           names[i]);
        }
    }
    *ret_handle = handle;
    return 0;
}
