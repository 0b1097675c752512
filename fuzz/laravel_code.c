/* A whole application whose files are the fuzzer's bytes: a migration, a model and a route file of
 * the same text, so that every reader of code meets source that nobody wrote. */
#include "laravel/app_build.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "routes/web.php",
                                         "database/migrations/2020_01_01_000000_a.php",
                                         "app/Models/A.php", "app/Providers/A.php",
                                         "config/a.php" };
    struct app *app;
    struct err err;
    struct app_opts opts = { .threads = 1 };
    char dir[256], path[512];
    if (size > 64 << 10 ||
        !str_contains((struct str){ (const char *)data, (uint32_t)size }, "<?") ||
        dir_temp("fettle-fuzz", dir, sizeof dir, &err))
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str folder = text_dirname(str_c(names[i]));
        snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(folder));
        if (dir_make(path, &err))
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        FILE *f = fopen(path, "wb");
        if (f) {
            fwrite(data, 1, size, f);
            fclose(f);
        }
    }
    snprintf(path, sizeof path, "%s/artisan", dir);
    FILE *f = fopen(path, "wb");
    if (f)
        fclose(f);
    if (!app_open(dir, &opts, &app, &err))
        app_free(app);
    dir_remove(dir);
    return 0;
}
