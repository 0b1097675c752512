/* A kept result, which anybody may have written: the page that is made of it holds no element that the empty page has
 * not, and every finding of it can be asked for. */
#include "report/report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct buf *page, const char *what)
{
    size_t n = 0, len = strlen(what);
    for (const char *p = page->p, *end = page->p + page->n; p && (p = memmem(p, (size_t)(end - p), what, len)); p += len)
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const openers[] = { "</script", "<script", "<!--" };
    static const char *const ids[] = { "1", "2", "00", "", "no such finding" };
    struct str json = { (const char *)data, (uint32_t)size };
    auto_buf page = BUF_INIT((size_t)64 << 20), none = BUF_INIT((size_t)64 << 20);
    struct err err;
    if (report_html_of_json(STR("{}"), &none, &err))
        abort();
    if (report_html_of_json(json, &page, &err) == RC_OK)
        for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
            if (count(&page, openers[i]) != count(&none, openers[i]))
                abort();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        auto_buf out = BUF_INIT((size_t)16 << 20);
        struct report_style style = { .colour = i & 1, .width = 100 };
        int rc = report_why(json, ids[i], &style, &out, &err);
        if (rc && !err.what[0])
            abort();
    }
    return 0;
}
