/* The PHP files that run inside, carried in the binary (CMakeLists.txt names them as dependencies
 * of this file). */
#include "instance/internal.h"

#define EMBED(symbol, file)                                  \
    __asm__(".section .rodata\n"                             \
            ".global fettle_embed_" #symbol "\n"             \
            "fettle_embed_" #symbol ":\n"                    \
            ".incbin \"" FETTLE_INSTANCE_PHP "/" file "\"\n" \
            ".global fettle_embed_" #symbol "_end\n"         \
            "fettle_embed_" #symbol "_end:\n"                \
            ".byte 0\n"                                      \
            ".previous\n");                                  \
    extern const char fettle_embed_##symbol[], fettle_embed_##symbol##_end[]

EMBED(provider, "provider.php");
EMBED(autoload, "autoload.php");
EMBED(helper, "helper.php");
EMBED(standin, "standin.php");
EMBED(recorder, "recorder.php");

int embed_write(const char *dir, struct err *err)
{
    const struct {
        const char *name, *from, *to;
    } files[] = {
        { "provider.php", fettle_embed_provider, fettle_embed_provider_end },
        { "autoload.php", fettle_embed_autoload, fettle_embed_autoload_end },
        { "helper.php", fettle_embed_helper, fettle_embed_helper_end },
        { "standin.php", fettle_embed_standin, fettle_embed_standin_end },
        { "recorder.php", fettle_embed_recorder, fettle_embed_recorder_end },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        int rc = file_write_atomic(path, files[i].from, (size_t)(files[i].to - files[i].from), err);
        if (rc)
            return rc;
    }
    return RC_OK;
}
