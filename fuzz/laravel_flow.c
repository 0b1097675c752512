/* Applications whose controllers, models, transformers, mails and templates are the fuzzer's bytes, followed by the
 * interpreter: whatever is written there, the walk ends within its bounds. Parts are separated by a line of "===". */
#include "laravel/app_build.h"
#include "laravel/flow.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 4000 }; /* an entry: hostile files find their way to loops of calls soon enough */

static void put(const char *dir, const char *name, struct str text)
{
    char path[512];
    struct err err;
    struct str folder = text_dirname(str_c(name));
    snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(folder));
    if (folder.n && dir_make(path, &err))
        return;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        return;
    fwrite(text.p, 1, text.n, f);
    fclose(f);
}

static struct str next_part(struct str *rest)
{
    static const char line[] = "\n===\n";
    const char *at = rest->n ? memmem(rest->p, rest->n, line, sizeof line - 1) : NULL;
    struct str part = at ? str_sub(*rest, 0, (uint32_t)(at - rest->p)) : *rest;
    *rest = at ? str_sub(*rest, part.n + sizeof line - 1, rest->n) : STR("");
    return part;
}

static void follow(const struct app *app)
{
    struct flow_opts opts = { .max_steps = STEPS, .threads = 1 };
    struct flows *fs;
    struct err err;
    if (flows_find(app, &opts, &fs, &err))
        return;
    auto_buf words = BUF_INIT(1 << 20);
    for (uint32_t i = 0; i < fs->n; i++)
        flow_explain(app, &fs->items[i], &words);
    if (fs->stats.steps > 2 * (uint64_t)(STEPS + 1) * fs->stats.entries)
        abort(); /* what is shown last has a budget of its own: twice the steps, never more */
    flows_free(fs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "app/Http/Controllers/AController.php", "app/Models/Room.php",
                                         "resources/views/rooms.blade.php",
                                         "app/Transformers/RoomTransformer.php", "app/Mail/Digest.php",
                                         "routes/web.php" };
    struct app *app;
    struct err err;
    struct app_opts opts = { .threads = 1 };
    char dir[256];
    struct str rest = { (const char *)data, (uint32_t)size };
    if (size > 32 << 10 || !str_contains(rest, "<?") || dir_temp("fettle-fuzz", dir, sizeof dir, &err))
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(dir, names[i], next_part(&rest));
    put(dir, "artisan", STR("<?php\n"));
    put(dir, "composer.json", STR("{\"autoload\":{\"psr-4\":{\"App\\\\\":\"app/\"}}}"));
    if (!app_open(dir, &opts, &app, &err)) {
        follow(app);
        app_free(app);
    }
    dir_remove(dir);
    return 0;
}
