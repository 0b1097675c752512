#include "cli/extension.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

int extension_find(const char *given, char *ret_path, size_t size, struct err *err)
{
    static const char *const beside[] = { "fettle.so", "../lib/fettle/fettle.so" };
    char program[PATH_MAX], try[PATH_MAX + 64];
    if (given && *given) {
        if (!file_exists(given) || snprintf(ret_path, size, "%s", given) >= (int)size)
            return err_set(err, RC_NOTFOUND, NULL, "there is no extension %s", given);
        return RC_OK;
    }
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = n > 0 ? (program[n] = 0, strrchr(program, '/')) : NULL;
    for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
        snprintf(try, sizeof try, "%.*s/%s", (int)(slash - program), program, beside[i]);
        if (file_exists(try) && snprintf(ret_path, size, "%s", try) < (int)size)
            return RC_OK;
    }
    return err_set(err, RC_NOTFOUND, "build it with scripts/build, or give --extension PATH",
                   "the PHP extension fettle.so is not beside the program");
}
