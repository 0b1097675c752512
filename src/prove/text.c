/* A proof as a terminal's screen. Pure: colour and width are given. */
#include "prove/internal.h"

#include <string.h>

enum { FIGURE_WIDTH = 9, CHANGE_WIDTH = 10, INTERVAL_WIDTH = 18, VERDICT_WIDTH = 12, SHOWN_DIFFERENCES = 8 };

struct screen {
    struct buf *out;
    const struct proof_style *style;
    unsigned name_width;
};

static void paint(struct screen *s, const char *code, const char *text)
{
    if (s->style->colour)
        buf_addf(s->out, "\033[%sm%s\033[0m", code, text);
    else
        buf_adds(s->out, text);
}

static void right(struct screen *s, const char *text, unsigned width)
{
    for (unsigned n = text_width(text); n < width; n++)
        buf_addc(s->out, ' ');
    buf_adds(s->out, text);
}

static void minus(double percent, char *ret, size_t size)
{
    snprintf(ret, size, "%s%.1f", percent < -0.05 ? "−" : percent > 0.05 ? "+" : "±", fabs(percent));
}

static void figure(struct screen *s, double ms)
{
    auto_buf b = BUF_INIT(64);
    if (isfinite(ms))
        text_ms(ms, &b);
    right(s, buf_cstr(&b), FIGURE_WIDTH);
}

static void verdict_cell(struct screen *s, const struct verdict *v)
{
    static const struct { const char *sign, *colour; } looks[] = {
        [VERDICT_UNDECIDED] = { "?", "33" }, [VERDICT_FASTER] = { "✓", "32" }, [VERDICT_SLOWER] = { "✗", "31" }, [VERDICT_SAME] = { "=", "0" } };
    char text[40];
    snprintf(text, sizeof text, "  %s %s", looks[v->kind].sign, verdict_name(v->kind));
    paint(s, looks[v->kind].colour, text);
}

static void change_cells(struct screen *s, const struct verdict *v)
{
    char change[40] = "", lo[40], hi[40], both[100] = "";
    if (v->pairs && isfinite(v->effect)) {
        char number[32];
        minus(v->effect * 100, number, sizeof number);
        snprintf(change, sizeof change, "%s %%", number);
    }
    if (v->pairs && isfinite(v->interval.lo) && isfinite(v->interval.hi)) {
        minus(v->interval.lo * 100, lo, sizeof lo);
        minus(v->interval.hi * 100, hi, sizeof hi);
        snprintf(both, sizeof both, "%s to %s", lo, hi);
    }
    right(s, change, CHANGE_WIDTH);
    right(s, both, INTERVAL_WIDTH);
}

static const char *shown_route(const char *route)
{
    return strncmp(route, "GET ", 4) == 0 ? route + 4 : route;
}

static void row(struct screen *s, const char *name, double a, double b, const struct verdict *v)
{
    text_fit(name, s->name_width, s->out);
    figure(s, a);
    figure(s, b);
    change_cells(s, v);
    verdict_cell(s, v);
    buf_addc(s->out, '\n');
}

static int by_cost(const void *x, const void *y)
{
    const struct route_proof *a = *(const struct route_proof *const *)x, *b = *(const struct route_proof *const *)y;
    double p = isfinite(a->a[M_CPU]) ? a->a[M_CPU] : -1, q = isfinite(b->a[M_CPU]) ? b->a[M_CPU] : -1;
    return (p < q) - (p > q);
}

static void routes(struct screen *s, const struct proof *p)
{
    const struct route_proof *sorted[ROUTES_MAX];
    size_t n = p->nroutes < ROUTES_MAX ? p->nroutes : ROUTES_MAX;
    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &p->routes[i];
    qsort(sorted, n, sizeof *sorted, by_cost);
    text_fit("CPU time a request", s->name_width, s->out);
    right(s, "A", FIGURE_WIDTH), right(s, "B", FIGURE_WIDTH), right(s, "change", CHANGE_WIDTH);
    right(s, "95 % interval", INTERVAL_WIDTH);
    buf_addc(s->out, '\n');
    for (size_t i = 0; i < n; i++) {
        const struct route_proof *r = sorted[i];
        if (r->why_not) {
            text_fit(shown_route(r->route), s->name_width, s->out);
            buf_addf(s->out, "  not timed: %s\n", r->why_not);
        } else {
            row(s, shown_route(r->route), r->a[M_CPU], r->b[M_CPU], &r->cpu);
        }
    }
    if (p->aa.pairs)
        row(s, "A against A, the control", p->aa_ms[0], p->aa_ms[1], &p->aa);
    buf_addc(s->out, '\n');
}

/* Two rows of bars on one scale: how the windows of both sides lie. */
static void shape(struct screen *s, const struct proof *p)
{
    static const char *const bars[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    const struct route_proof *r = NULL;
    unsigned counts[2][60] = { { 0 } }, most = 0, width = 60;
    double top = 0;
    for (size_t i = 0; i < p->nroutes; i++)
        if (p->routes[i].nwindows >= 8 && (!r || p->routes[i].a[M_CPU] > r->a[M_CPU]))
            r = &p->routes[i];
    if (!r)
        return;
    for (size_t i = 0; i < r->nwindows; i++)
        top = fmax(top, fmax(r->windows_a[i], r->windows_b[i]));
    for (size_t i = 0; i < r->nwindows * 2 && top > 0; i++) {
        unsigned side = i >= r->nwindows;
        double v = side ? r->windows_b[i - r->nwindows] : r->windows_a[i];
        unsigned at = (unsigned)fmin(v / top * width, width - 1);
        most = ++counts[side][at] > most ? counts[side][at] : most;
    }
    auto_buf end = BUF_INIT(64);
    text_ms(top, &end);
    text_fit(shown_route(r->route), 18, s->out);
    buf_addf(s->out, "0%*s%s\n", (int)(width - text_width(buf_cstr(&end)) - 1), "", buf_cstr(&end));
    for (unsigned side = 0; side < 2; side++) {
        buf_addf(s->out, "%17s ", side ? "B" : "A");
        for (unsigned i = 0; i < width; i++)
            buf_adds(s->out, bars[counts[side][i] ? 1 + counts[side][i] * 7 / most : 0]);
        while (s->out->n && s->out->p[s->out->n - 1] == ' ')
            s->out->p[--s->out->n] = 0;
        buf_addc(s->out, '\n');
    }
    buf_addc(s->out, '\n');
}

static void differences(struct screen *s, const struct proof *p)
{
    for (size_t i = 0; i < p->ndifferences && i < SHOWN_DIFFERENCES; i++) {
        const struct difference *d = &p->differences[i];
        paint(s, "31", "✗ ");
        buf_addf(s->out, "%s as %s: %s %s\n", shown_route(d->route), d->identity, d->what, d->where);
        buf_addf(s->out, "    A %s\n    B %s\n", d->a ? d->a : "–", d->b ? d->b : "–");
    }
    if (p->differences_total > SHOWN_DIFFERENCES)
        buf_addf(s->out, "  and %llu more\n", (unsigned long long)(p->differences_total - SHOWN_DIFFERENCES));
    if (p->differences_total)
        buf_addc(s->out, '\n');
}

static void counters(struct screen *s, const struct proof *p)
{
    static const struct { enum metric m; const char *what; } shown[] = {
        { M_STATEMENTS, "queries" }, { M_MODELS, "models" }, { M_HTTP, "outgoing calls" }, { M_CACHE, "cache calls" } };
    unsigned lines = 0;
    for (size_t i = 0; i < p->nroutes && lines < 4; i++) {
        const struct route_proof *r = &p->routes[i];
        bool first = true;
        for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
            double a = r->a[shown[k].m], b = r->b[shown[k].m];
            if (!isfinite(a) || !isfinite(b) || a == b)
                continue;
            if (first)
                buf_addf(s->out, "%s: ", shown_route(r->route));
            buf_addf(s->out, "%s%.0f → %.0f %s", first ? "" : ", ", a, b, shown[k].what);
            first = false;
        }
        if (!first) {
            buf_adds(s->out, ".\n");
            lines++;
        }
    }
}

/* Of saved results: a table of what has no noise. */
static void saved(struct screen *s, const struct proof *p)
{
    static const struct { enum metric m; const char *what; } shown[] = { { M_STATEMENTS, "queries" }, { M_ROWS, "rows" }, { M_MODELS, "models" } };
    text_fit("A, B", s->name_width, s->out);
    for (size_t k = 0; k < 3; k++)
        right(s, shown[k].what, FIGURE_WIDTH * 2);
    buf_addc(s->out, '\n');
    for (size_t i = 0; i < p->nroutes; i++) {
        const struct route_proof *r = &p->routes[i];
        text_fit(shown_route(r->route), s->name_width, s->out);
        for (size_t k = 0; k < 3; k++) {
            char cell[48] = "";
            double a = r->a[shown[k].m], b = r->b[shown[k].m];
            if (isfinite(a) && isfinite(b))
                snprintf(cell, sizeof cell, a == b ? "%.0f" : "%.0f → %.0f", a, b);
            right(s, cell, FIGURE_WIDTH * 2);
        }
        buf_addc(s->out, '\n');
    }
    buf_addf(s->out, "\n%s. Saved results: times were taken at other moments and are not compared, behaviour is not known.\n",
             p->more_work ? "B does more" : "B does no more than A");
}

static void sums(struct screen *s, const struct proof *p, const struct prove_opts *o)
{
    unsigned n[4] = { 0 };
    for (size_t i = 0; i < p->nroutes; i++)
        n[p->routes[i].why_not ? VERDICT_UNDECIDED : p->routes[i].cpu.kind]++;
    if (p->nroutes)
        buf_addf(s->out, "%u faster, %u same, %u undecided, %u slower. ", n[VERDICT_FASTER], n[VERDICT_SAME], n[VERDICT_UNDECIDED], n[VERDICT_SLOWER]);
    if (p->coverage.responses)
        buf_addf(s->out, "%u of %u responses the same, as %u, in %u shapes.", p->coverage.responses_equal, p->coverage.responses,
                 p->coverage.identities, p->coverage.shapes);
    else if (o->timing_only)
        buf_adds(s->out, "Behaviour was not compared.");
    buf_addc(s->out, '\n');
    if (p->coverage.not_comparable)
        buf_addf(s->out, "%u responses are not comparable: more than 2 %% of them varies from run to run.\n", p->coverage.not_comparable);
    if (p->coverage.not_compared)
        buf_addf(s->out, "%u requests were not compared: the budget ended.\n", p->coverage.not_compared);
    if (p->coverage.lines_edited)
        buf_addf(s->out, "Edited lines: %u, of which %u ran in A and %u in B, %llu times%s%s.\n", p->coverage.lines_edited, p->coverage.lines_run_a,
                 p->coverage.lines_run_b, (unsigned long long)p->coverage.runs_of_edited_lines,
                 p->coverage.not_exercised ? "; not exercised: " : "", p->coverage.not_exercised ? p->coverage.not_exercised : "");
    counters(s, p);
    if (p->cost_of_fix)
        buf_addf(s->out, "But %s.\n", p->cost_of_fix);
    if (p->invalid)
        buf_addf(s->out, "Nothing can be said: %s.\n", p->invalid);
    if (p->nroutes)
        buf_addf(s->out, "At most %.0f of 100 runs like this one call a difference that is not there.\n", p->alpha * 100);
}

void proof_text(const struct proof *p, const struct prove_opts *o, const struct proof_style *style, struct buf *out)
{
    size_t pairs = 0;
    struct screen s = { out, style, style->width > FIGURE_WIDTH * 2 + CHANGE_WIDTH + INTERVAL_WIDTH + VERDICT_WIDTH + 20
                                        ? style->width - FIGURE_WIDTH * 2 - CHANGE_WIDTH - INTERVAL_WIDTH - VERDICT_WIDTH : 30 };
    for (size_t i = 0; i < p->nroutes; i++)
        pairs = p->routes[i].nwindows > pairs ? p->routes[i].nwindows : pairs;
    buf_addf(out, "A %s   B %s   ", o->a.label, o->b.label);
    if (pairs)
        buf_addf(out, "up to %zu pairs a route, ", pairs);
    if (p->saved) {
        buf_adds(out, "\n\n");
        saved(&s, p);
        return;
    }
    unsigned seconds = (unsigned)(p->seconds + 0.5);
    if (seconds >= 60)
        buf_addf(out, "side by side, %u min %u s", seconds / 60, seconds % 60);
    else
        buf_addf(out, "side by side, %u s", seconds);
    buf_addf(out, "%s\n\n", strcmp(p->stopped_because, "budget") == 0 ? ", until the budget ended" : "");
    routes(&s, p);
    shape(&s, p);
    differences(&s, p);
    sums(&s, p, o);
}
