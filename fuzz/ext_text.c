/* The extension's readers of foreign text: SQL literals and verbs, JSON bodies of HTTP calls,
 * compiled views beside their templates. The first byte chooses. */
#include "ai.h"
#include "align.h"
#include "sqltext.h"

#include <stdlib.h>

static void must(int ok) /* not assert: checked in every build */
{
    if (!ok)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_sql(const char *p, size_t n, bool mysql)
{
    char out[512];
    size_t m = fettle_sql_strip(p, n, out, sizeof out, mysql);
    must(m <= sizeof out && m <= n);
    must(fettle_sql_verb(p, n) <= FETTLE_SQL_ROLLBACK);
}

static void fuzz_body(const char *p, size_t n)
{
    struct fettle_ai_body b;
    fettle_ai_body(p, n, &b);
    must(b.model_at + b.model_n <= n);
    fettle_ai_kind(p, n, &b);
}

static void fuzz_align(const char *p, size_t n)
{
    size_t half = n / 2;
    uint32_t nlines = 0;
    uint16_t *lines = fettle_align(p, half, p + half, n - half, 100000, &nlines);
    uint32_t most = 1;
    for (size_t i = half; i < n; i++)
        most += p[i] == '\n';
    for (uint32_t i = 0; lines && i < nlines; i++)
        must(lines[i] >= 1 && lines[i] <= most);
    free(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *p = (const char *)data + 1;
    switch (data[0] & 3) {
    case 0:
        fuzz_sql(p, size - 1, false);
        break;
    case 1:
        fuzz_sql(p, size - 1, true);
        break;
    case 2:
        fuzz_body(p, size - 1);
        break;
    default:
        fuzz_align(p, size - 1);
    }
    return 0;
}
