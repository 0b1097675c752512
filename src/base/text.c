#include "base/text.h"

#include <math.h>
#include <stdio.h>

static void with_commas(double v, struct buf *out)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%.0f", fabs(v));
    if (v < 0)
        buf_addc(out, '-');
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            buf_addc(out, ',');
        buf_addc(out, digits[i]);
    }
}

static void scaled(double v, const char *unit, struct buf *out)
{
    if (v >= 9.95)
        with_commas(v, out);
    else
        buf_addf(out, v >= 0.995 ? "%.1f" : "%.2f", v);
    buf_addf(out, " %s", unit);
}

void text_ms(double ms, struct buf *out)
{
    if (ms < 10000)
        scaled(ms, "ms", out);
    else
        buf_addf(out, "%.1f s", ms / 1000);
}

void text_share(double share, struct buf *out)
{
    double pct = share * 100;
    buf_addf(out, pct >= 9.95 ? "%.0f %%" : "%.1f %%", pct);
}

void text_bytes(double bytes, struct buf *out)
{
    if (bytes >= 1e6)
        scaled(bytes / 1e6, "MB", out);
    else if (bytes >= 1e3)
        scaled(bytes / 1e3, "kB", out);
    else
        buf_addf(out, "%.0f bytes", bytes);
}

void text_count(double n, struct buf *out)
{
    with_commas(n, out);
}

unsigned text_width(const char *s)
{
    unsigned n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

void text_fit(const char *s, unsigned width, struct buf *out)
{
    unsigned have = text_width(s);
    if (have <= width) {
        buf_adds(out, s);
        for (; have < width; have++)
            buf_addc(out, ' ');
        return;
    }
    unsigned n = 0;
    for (const char *p = s; *p; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && ++n == width)
            break;
        buf_addc(out, *p);
    }
    buf_adds(out, "…");
}
