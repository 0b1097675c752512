/* The page: web/report.html, embedded whole, with the result's JSON in place of its marker. */
#include "report/internal.h"

__asm__(".section .rodata\n"
        ".global fettle_report_page\n"
        "fettle_report_page:\n"
        ".incbin \"" FETTLE_WEB_DIR "/report.html\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char fettle_report_page[];

static const char marker[] = "/*DATA*/null";

int report_html_of_json(struct str json, struct buf *out, struct err *err)
{
    const char *at = strstr(fettle_report_page, marker);
    if (!at)
        return err_set(err, RC_STATE, NULL, "the page of the report has no place for its data");
    buf_add(out, fettle_report_page, (size_t)(at - fettle_report_page));
    buf_add(out, json.p, json.n);
    buf_adds(out, at + sizeof marker - 1);
    return out->failed ? err_set(err, RC_LIMIT, NULL, "the page is larger than its ceiling") : RC_OK;
}

int report_html(const struct report_in *in, struct buf *out, struct err *err)
{
    auto_buf json = BUF_INIT(out->ceiling);
    int rc = report_json(in, &json);
    return rc ? rc : report_html_of_json((struct str){ json.p, (uint32_t)json.n }, out, err);
}
