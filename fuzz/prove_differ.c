/* Two answers cut out of one input at a NUL byte, compared in every way: twice the same must never differ. */
#include "prove/differ.h"

#include <stdlib.h>

static void count(void *ctx, const char *place, struct str a, struct str b)
{
    (void)place, (void)a, (void)b;
    ++*(unsigned *)ctx;
}

typedef void (*compare_fn)(struct differ *, struct str, struct str);

static unsigned run(compare_fn fn, struct noises *n, bool learning, struct str a, struct str b)
{
    struct differ d;
    unsigned found = 0;
    if (!differ_init(&d, learning, n))
        abort();
    d.found = count;
    d.ctx = &found;
    fn(&d, a, b);
    differ_release(&d);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const compare_fn all[] = { differ_text, differ_words, differ_html, differ_bytes, differ_events };
    const char *p = (const char *)data, *cut = size ? memchr(p, 0, size) : NULL;
    size_t n = cut ? (size_t)(cut - p) : size / 2;
    struct str a = { p, (uint32_t)n }, b = { p + n + (cut != NULL), (uint32_t)(size - n - (cut != NULL)) };
    if (size > 64 << 10)
        return 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct noises noise = { 0 };
        if (!noises_init(&noise))
            abort();
        if (all[i] == differ_html && (!html_is_parsable(a) || !html_is_parsable(b))) {
            noises_release(&noise);
            continue;
        }
        if (run(all[i], &noise, false, a, a) != 0)
            abort();
        run(all[i], &noise, false, a, b);
        run(all[i], &noise, true, a, b);
        run(all[i], &noise, false, a, b);
        noises_release(&noise);
    }
    return 0;
}
