/* Files beside the code: composer.json, installed.json, .env, php.ini, nginx, Dockerfile, compose,
 * and what `artisan route:list --json` prints. The first byte says which. */
#include "laravel/app_build.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(struct build *b, unsigned kind, struct str text)
{
    struct err err;
    switch (kind) {
    case 0:
        composer_read_package(b, text, STR("packages/x"));
        break;
    case 1:
        composer_read_installed(b, text, "installed.json", true);
        break;
    case 2:
        settings_read_env(b, text, ".env");
        break;
    case 3:
        servers_read_ini(b, text, "www.conf", true);
        break;
    case 4:
        servers_read_nginx(b, text, "nginx.conf");
        break;
    case 5:
        servers_read_dockerfile(b, text, "Dockerfile");
        break;
    case 6:
        servers_read_compose(b, text, "compose.yml");
        break;
    default:
        if (app_confirm_routes(b->app, text, &err))
            break;
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct build b;
    struct err err;
    if (size < 1 || size > 1 << 20 || build_begin(&b, "/", NULL, &err))
        return 0;
    char *copy = malloc(
        size > 1 ? size - 1 : 1); /* ends where the bytes end, so that a read past them is seen */
    if (copy) {
        memcpy(copy, data + 1, size - 1);
        read_as(&b, data[0] % 8, (struct str){ copy, (uint32_t)size - 1 });
        free(copy);
    }
    build_abandon(&b);
    return 0;
}
