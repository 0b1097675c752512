/* Marks in any file: the first byte says which lines are edited and whether it is a template. What is written must hold
 * every byte of the input in order. */
#include "prove/mark.h"

static bool is_within(struct str small, const struct buf *large)
{
    uint32_t i = 0;
    for (size_t k = 0; k < large->n && i < small.n; k++)
        i += large->p[k] == small.p[i];
    return i == small.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mark marks[MARKS_MAX];
    uint32_t n = 0;
    struct err err;
    if (size < 2 || size > 16 << 10)
        return 0;
    auto_arena *a = arena_new(64 << 20);
    auto_buf out = BUF_INIT(1 << 20);
    struct str text = { (const char *)data + 1, (uint32_t)(size - 1) };
    struct lines edited = { data[0] >> 1 & 15, (data[0] >> 1 & 15) + (data[0] >> 5) };
    struct marking g = { .marks = marks, .n = &n };
    if (!a)
        return 0;
    if (mark_file(data[0] & 1 ? "x.blade.php" : "x.php", text, &edited, 1, a, &g, &out, &err) == RC_OK && !is_within(text, &out))
        abort();
    struct lines *ra, *rb;
    size_t ranges;
    struct str half = str_sub(text, 0, text.n / 2);
    if (lines_diff(half, text, a, &ra, &rb, &ranges, &err) == RC_OK && str_eq(half, text) && ranges)
        abort();
    return 0;
}
