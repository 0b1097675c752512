/* What every format says: the verdict, what is listed, the dearest page. */
#include "report/report.h"

#include <stdio.h>

bool report_is_listed(const struct report_in *in, const struct finding *f,
                      const struct report_style *style)
{
    if (f->tier == TIER_CHECKLIST)
        return style->checklist;
    if (f->tier == TIER_SUGGESTED)
        return style->suggested || !in->load;
    return !f->cost.measured || f->cost.ms >= in->min_ms || f->cost.share >= in->min_share;
}

const char *report_invented(const struct report_in *in, const struct finding *f)
{
    if (f)
        return f->cost.measured && f->cost.kind == TIME_AI ? in->standin : NULL;
    for (uint32_t i = 0; in->load && i < in->load->ncalls; i++)
        if (in->load->calls[i].kind == FW_AI || in->load->calls[i].kind == FW_HTTP_CALL)
            return in->standin;
    return NULL;
}

/* A sentence begins with a capital, unless its first word is a name out of the code. */
void report_message(const struct finding *f, struct buf *out)
{
    const char *text = f->message ? f->message : f->rule;
    size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    bool plain = word && (text[word] == ' ' || text[word] == ',');
    if (plain)
        buf_addc(out, (char)(text[0] - 'a' + 'A'));
    buf_adds(out, text + plain);
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

void report_parts(const struct wroute *r, double ret_ms[TIME_KINDS])
{
    static const uint8_t kinds[TIME_KINDS][5] = {
        [TIME_SQL] = { FW_SQL, FW_SQL_PREPARE, FW_SQL_CONNECT, FW_TX },
        [TIME_VIEW] = { FW_VIEW },
        [TIME_LIVEWIRE] = { FW_LIVEWIRE_PHASE },
        [TIME_AI] = { FW_AI, FW_HTTP_CALL },
        [TIME_CACHE] = { FW_CACHE, FW_REDIS },
        [TIME_FRAMEWORK] = { FW_BOOT, FW_MIDDLEWARE },
    };
    double rest = r->ms_median;
    for (unsigned k = 0; k < TIME_KINDS; k++) {
        ret_ms[k] = 0;
        for (const uint8_t *kind = kinds[k]; *kind; kind++)
            ret_ms[k] += r->kind_ms[*kind];
        rest -= ret_ms[k];
    }
    ret_ms[TIME_PHP] = rest > 0 ? rest : 0;
}

/* What the first findings of the route own together. Costs overlap and carry noise, so it is never more than the time
 * of their kinds and of PHP around them. */
static double owned_ms(const struct findings *fs, const struct wroute *route, unsigned *ret_first)
{
    double parts[TIME_KINDS], sum = 0, most = 0;
    bool counted[TIME_KINDS] = { [TIME_PHP] = true };
    unsigned n = 0;
    for (size_t i = 0; i < fs->n && n < 3; i++) {
        const struct finding *f = &fs->items[i];
        if (f->tier != TIER_RANKED || !f->cost.measured || !f->route || strcmp(f->route, route->name))
            continue;
        counted[f->cost.kind] = true;
        sum += f->cost.ms;
        n++;
    }
    report_parts(route, parts);
    for (unsigned k = 0; k < TIME_KINDS; k++)
        most += counted[k] ? parts[k] : 0;
    most = most < route->ms_median * 0.98 ? most : route->ms_median * 0.98;
    *ret_first = n;
    return sum < most ? sum : most;
}

bool report_ledger(const struct report_in *in, struct ledger *ret)
{
    for (size_t i = 0; in->load && i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        bool small = f->cost.ms < in->min_ms && f->cost.share < in->min_share;
        if (f->tier != TIER_RANKED || !f->cost.measured || small)
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

static void verdict_measured(const struct ledger *l, struct buf *out)
{
    const char *name = l->route->name;
    buf_addf(out, "%s spends ", strncmp(name, "GET ", 4) ? name : name + 4);
    text_share(l->share, out);
    buf_adds(out, " of its ");
    text_ms(l->route->ms_median, out);
    if (l->first == 1)
        buf_adds(out, " in one finding. Without it the page takes about ");
    else
        buf_addf(out, " in %u findings. Without them the page takes about ", l->first);
    text_ms(l->after_ms, out);
    buf_addc(out, '.');
}

void report_verdict(const struct report_in *in, struct buf *out)
{
    struct ledger l;
    if (report_ledger(in, &l)) {
        verdict_measured(&l, out);
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
