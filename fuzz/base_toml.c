/* fettle.toml is a foreign file: parsing is total. */
#include "base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_arena *a = arena_new((size_t)64 << 20);
    struct toml *t;
    struct err err;
    if (size < (1 << 20) && toml_parse((struct str){ (const char *)data, (uint32_t)size }, a, &t, &err) == RC_OK)
        for (unsigned i = 0; i < toml_count(t); i++)
            if (!toml_has(t, toml_key(t, i)))
                __builtin_trap();
    return 0;
}
