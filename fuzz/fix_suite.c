/* What a test runner of the application writes: any bytes as its JUnit file. Every name lies within it. */
#include "fix/suite.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_arena *a = arena_new((size_t)64 << 20);
    struct outcome o;
    if (!a || junit_read((struct str){ (const char *)data, (uint32_t)size }, a, &o))
        return 0;
    size_t failed = 0;
    for (size_t i = 0; i < o.n; i++) {
        failed += o.failed[i];
        if (!str_contains(o.names[i], "::"))
            abort();
    }
    if (failed != o.nfailed)
        abort();
    return 0;
}
