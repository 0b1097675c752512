/* Two results of fettle check, which anybody may have written, cut at the first NUL: compared, or refused with a reason. */
#include "prove/prove.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *cut = size ? memchr(text, 0, size) : NULL;
    size_t n = cut ? (size_t)(cut - text) : size;
    struct str a = { text, (uint32_t)n }, b = cut ? (struct str){ cut + 1, (uint32_t)(size - n - 1) } : a;
    auto_arena *arena = arena_new((size_t)64 << 20);
    struct proof *proof = NULL;
    struct err err = { 0 };
    int rc = prove_saved(a, b, arena, &proof, &err);
    if ((rc != 0) == (proof != NULL) || (rc && !err.what[0]))
        abort();
    if (!rc && (!proof->saved || !proof->nroutes))
        abort();
    return 0;
}
