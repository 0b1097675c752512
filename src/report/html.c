/* The page: web/report.html with its style sheet, its scripts and the result's JSON in place of their markers. The page's
 * own policy lets nothing else run and nothing be fetched: should an escape be missing, what slips through stays text. The
 * nonce is the hash of the result, which no string inside of it can know. */
#include "report/internal.h"

#include <stdio.h>

#define EMBED(symbol, file)                                                                        \
    __asm__(".section .rodata\n"                                                                   \
            ".global " #symbol "\n" #symbol ":\n"                                                  \
            ".incbin \"" FETTLE_WEB_DIR "/" file "\"\n"                                            \
            ".byte 0\n"                                                                            \
            ".previous\n");                                                                        \
    extern const char symbol[]

EMBED(fettle_report_page, "report.html");
EMBED(fettle_report_style, "report.css");
EMBED(fettle_report_adapt, "adapt.js");
EMBED(fettle_report_script, "report.js");

/* In JSON a < is inside a string: written as an escape it ends no element, whoever wrote the result. */
static void add_data(struct str json, struct buf *out)
{
    for (struct str rest = json, part; str_next(&rest, '<', &part);) {
        buf_add(out, part.p, part.n);
        if (part.p + part.n < json.p + json.n)
            buf_adds(out, "\\u003c");
    }
}

int report_html_of_json(struct str json, struct buf *out, struct err *err)
{
    char nonce[17];
    snprintf(nonce, sizeof nonce, "%016llx", (unsigned long long)str_hash(json));
    const struct part {
        const char *marker;
        struct str text;
    } parts[] = { /* in the order of the page */
        { "/*NONCE*/", { nonce, 16 } },
        { "/*STYLE*/\n", str_c(fettle_report_style) },
        { "/*NONCE*/", { nonce, 16 } },
        { "/*DATA*/null", json },
        { "/*NONCE*/", { nonce, 16 } },
        { "/*ADAPT*/\n", str_c(fettle_report_adapt) },
        { "/*SCRIPT*/\n", str_c(fettle_report_script) },
    };
    const char *rest = fettle_report_page;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strstr(rest, parts[i].marker);
        if (!at)
            return err_set(err, RC_STATE, NULL, "the page of the report has no place for %s", parts[i].marker);
        buf_add(out, rest, (size_t)(at - rest));
        if (parts[i].text.p == json.p)
            add_data(json, out);
        else
            buf_add(out, parts[i].text.p, parts[i].text.n);
        rest = at + strlen(parts[i].marker);
    }
    buf_adds(out, rest);
    return out->failed ? err_set(err, RC_LIMIT, NULL, "the page is larger than its ceiling") : RC_OK;
}

int report_html(const struct report_in *in, struct buf *out, struct err *err)
{
    auto_buf json = BUF_INIT(out->ceiling);
    int rc = report_json(in, &json);
    return rc ? rc : report_html_of_json((struct str){ json.p, (uint32_t)json.n }, out, err);
}
