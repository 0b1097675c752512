/* A page of the app, as the driver reads it: links, components, cookies. */
#include "instance/drive.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(8 << 20);
    struct page p;
    struct err err;
    struct str html = { (const char *)data, (uint32_t)size };
    if (a && page_scan(html, a, &p, &err) == 0)
        for (size_t i = 0; i < p.nlinks; i++) {
            char *path = arena_strndup(a, p.links[i].p, p.links[i].n);
            if (path)
                pattern_fits("a/{b}/{c?}", path);
            if (page_link_path(p.links[i], "host").n > p.links[i].n && p.links[i].n > 6)
                abort();
        }
    struct jar jar = { .n = 0 };
    struct header h = { STR("Set-Cookie"),
                        { (const char *)data, (uint32_t)(size < 4000 ? size : 4000) } };
    struct fcgi_response r = { .headers = &h, .nheaders = 1 };
    auto_buf out = BUF_INIT(64 << 10);
    jar_take(&jar, &r);
    jar_header(&jar, &out);
    jar_value(&jar, "XSRF-TOKEN", &out);
    jar_clear(&jar);
    arena_free(a);
    return 0;
}
