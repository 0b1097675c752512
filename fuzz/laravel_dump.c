/* SQL of schema dumps: any bytes, all three engines. */
#include "laravel/app_schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_build b;
    struct arena *a = arena_new((size_t)64 << 20);
    if (!a || size > 1 << 20 || schema_build_begin(&b, a)) {
        arena_free(a);
        return 0;
    }
    schema_read_sql(&b, (struct str){ (const char *)data, (uint32_t)size });
    const struct schema *s = schema_build_close(&b, (enum dialect)(size % 4));
    for (uint32_t i = 0; s && i < s->ntables; i++) {
        const struct table *t = &s->tables[i];
        if (schema_table(s, t->name) == NULL && !strchr(t->name, '.'))
            abort();
        for (unsigned k = 0; k < t->nindexes; k++) {
            if (t->indexes[k].ncolumns == 0)
                abort();
        }
    }
    schema_build_end(&b);
    arena_free(a);
    return 0;
}
