/* Numbers and words that every format shares. */
#include "report/report.h"

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

bool report_is_listed(const struct report_in *in, const struct finding *f,
                      const struct report_style *style)
{
    if (f->tier == TIER_CHECKLIST)
        return style->checklist;
    if (f->tier == TIER_SUGGESTED)
        return style->suggested || !in->load;
    return !f->cost.measured || f->cost.ms >= in->min_ms || f->cost.share >= in->min_share;
}

const char *report_next(const struct finding *f)
{
    return f->fix_kind == FIX_NONE ? "" : fix_kind_name(f->fix_kind);
}

static const struct wroute *route_named(const struct workload *load, const char *name)
{
    for (uint32_t i = 0; load && name && i < load->nroutes; i++)
        if (strcmp(load->routes[i].name, name) == 0)
            return &load->routes[i];
    return NULL;
}

/* What the first findings of the route own together. Overlapping costs are not added up twice: findings of one
 * route that share a place count once, and never more than the route itself. */
static double owned_ms(const struct findings *fs, const struct wroute *route, unsigned *ret_first)
{
    double sum = 0;
    unsigned n = 0;
    for (size_t i = 0; i < fs->n && n < 3; i++) {
        const struct finding *f = &fs->items[i];
        if (f->tier != TIER_RANKED || !f->cost.measured || !f->route || strcmp(f->route, route->name))
            continue;
        sum += f->cost.ms;
        n++;
    }
    *ret_first = n;
    return sum < route->ms_median ? sum : route->ms_median;
}

bool report_ledger(const struct report_in *in, struct ledger *ret)
{
    for (size_t i = 0; in->load && i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        if (f->tier != TIER_RANKED || !f->cost.measured)
            continue;
        const struct wroute *route = route_named(in->load, f->route);
        if (!route || route->ms_median <= 0)
            continue;
        double owned = owned_ms(in->findings, route, &ret->first);
        ret->route = route;
        ret->share = owned / route->ms_median;
        ret->after_ms = route->ms_median - owned;
        ret->statements = route->statements_median;
        return true;
    }
    return false;
}

static void verdict_measured(const struct report_in *in, const struct ledger *l, struct buf *out)
{
    buf_addf(out, "%s spends ", l->route->name);
    text_share(l->share, out);
    buf_adds(out, " of its ");
    text_ms(l->route->ms_median, out);
    buf_addf(out, " in %s.", l->first == 1 ? "one finding" : "its dearest findings");
    if (l->first > 1)
        buf_addf(out, " Fixing these %u takes it to about ", l->first);
    else
        buf_adds(out, " Fixing it takes the page to about ");
    text_ms(l->after_ms, out);
    buf_addc(out, '.');
    (void)in;
}

void report_verdict(const struct report_in *in, struct buf *out)
{
    struct ledger l;
    if (report_ledger(in, &l)) {
        verdict_measured(in, &l, out);
        return;
    }
    unsigned listed = 0;
    for (size_t i = 0; i < in->findings->n; i++)
        listed += in->findings->items[i].tier != TIER_CHECKLIST;
    if (in->load && !listed)
        buf_addf(out, "Nothing that costs is left: %u routes were driven and no rule found a fault.",
                 in->load->nroutes);
    else if (in->load)
        buf_adds(out, "Nothing measured costs much; what follows was not timed.");
    else
        buf_addf(out, "%u suspicions from the code. Nothing was run, so nothing is timed.", listed);
}
