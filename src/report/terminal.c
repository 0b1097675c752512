/* The terminal screen, and its one-line-a-finding form for pipes. The bar is the share of the page's time. */
#include "report/internal.h"

#include <math.h>
#include <stdio.h>

enum ink { INK_NONE, INK_BOLD, INK_DIM, INK_RED, INK_YELLOW, INK_GREEN };

struct screen {
    const struct report_in *in;
    const struct report_style *style;
    struct buf *out;
    unsigned width;
    unsigned at; /* the column of messages: behind the costs, where anything was timed */
};

static void paint(struct screen *s, enum ink ink, const char *text)
{
    static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m" };
    bool colour = s->style->colour && ink != INK_NONE;
    if (colour)
        buf_adds(s->out, codes[ink]);
    buf_adds(s->out, text);
    if (colour)
        buf_adds(s->out, "\033[0m");
}

static void right_in(struct screen *s, enum ink ink, const char *text, unsigned width)
{
    for (unsigned n = text_width(text); n < width; n++)
        buf_addc(s->out, ' ');
    paint(s, ink, text);
}

static const char *severity_mark(enum severity sev)
{
    return sev == SEV_ERROR ? "✗" : sev == SEV_WARNING ? "!" : "·";
}

static enum ink severity_ink(enum severity sev)
{
    return sev == SEV_ERROR ? INK_RED : sev == SEV_WARNING ? INK_YELLOW : INK_DIM;
}

/* Text from column `at` on, broken at words; further lines begin at column `indent`. */
static void wrapped(struct screen *s, enum ink ink, const char *text, unsigned at, unsigned indent)
{
    unsigned column = at;
    while (*text) {
        size_t n = strcspn(text, " \n");
        auto_buf word = BUF_INIT(4096);
        buf_add(&word, text, n < 2000 ? n : 2000);
        unsigned w = text_width(buf_cstr(&word));
        if (column > at && column + 1 + w > s->width) {
            buf_addc(s->out, '\n');
            for (column = 0; column < indent; column++)
                buf_addc(s->out, ' ');
            at = column;
        } else if (column > at) {
            buf_addc(s->out, ' ');
            column++;
        }
        paint(s, ink, buf_cstr(&word));
        column += w;
        text += n;
        text += strspn(text, " \n");
    }
}

/* Parts with three spaces between them, as many on a line as fit. */
static void parts_line(struct screen *s, const char *const *parts, unsigned n)
{
    unsigned column = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned w = text_width(parts[i]);
        if (column && column + 3 + w > s->width) {
            buf_addc(s->out, '\n');
            column = 0;
        }
        if (column)
            buf_adds(s->out, "   ");
        paint(s, i == 0 ? INK_BOLD : INK_NONE, parts[i]);
        column += w + (column ? 3 : 0);
    }
    buf_addc(s->out, '\n');
}

/* The end of a text that is too long: of a path the end says more. */
static void end_fit(const char *text, unsigned width, struct buf *out)
{
    unsigned over = text_width(text) > width ? text_width(text) + 1 - width : 0;
    if (over)
        buf_adds(out, "…");
    for (; over; over--)
        do
            text++;
        while ((*text & 0xc0) == 0x80);
    buf_adds(out, text);
}

/* `left` cut to what `right` leaves of the columns from `at` on, then `right` at the edge (of two thirds of them at most). */
static void two_sides(struct screen *s, unsigned at, const char *left, const char *whole_right, enum ink ink)
{
    auto_buf short_right = BUF_INIT(4096);
    end_fit(whole_right, s->width > 2 * at ? (s->width - at) * 2 / 3 : at, &short_right);
    const char *right = buf_cstr(&short_right);
    unsigned r = *right ? text_width(right) + 2 : 0;
    unsigned room = s->width > at + r + 8 ? s->width - at - r : 8;
    auto_buf fitted = BUF_INIT(4096);
    if (r || text_width(left) > room)
        text_fit(left, room, &fitted);
    else
        buf_adds(&fitted, left);
    paint(s, INK_NONE, buf_cstr(&fitted));
    if (r) {
        buf_adds(s->out, "  ");
        paint(s, ink, right);
    }
    buf_addc(s->out, '\n');
}

enum { BAR = 13, AT_COST = 18, AT_NONE = 3, ROUTE_LEAST = 14 };

static void bar(struct screen *s, double share)
{
    double filled = fmin(fmax(share, 0), 1) * BAR;
    unsigned whole = (unsigned)filled;
    bool half = whole < BAR && filled - whole >= 0.25;
    auto_buf on = BUF_INIT(256), off = BUF_INIT(256);
    for (unsigned i = 0; i < whole; i++)
        buf_adds(&on, "━");
    if (half)
        buf_adds(&on, "╸");
    for (unsigned i = whole + half; i < BAR; i++)
        buf_adds(&off, "─");
    paint(s, INK_NONE, buf_cstr(&on));
    paint(s, INK_DIM, buf_cstr(&off));
}

static void cost_columns(struct screen *s, const struct finding *f)
{
    auto_buf text = BUF_INIT(64);
    if (!f->cost.measured) {
        right_in(s, INK_DIM, "not timed", 11);
        buf_adds(s->out, "      ");
        return;
    }
    text_ms(f->cost.ms, &text);
    right_in(s, INK_BOLD, buf_cstr(&text), 8);
    buf_clear(&text);
    text_share(f->cost.share, &text);
    right_in(s, INK_NONE, buf_cstr(&text), 7);
    buf_adds(s->out, "  ");
}

static void growth_text(const struct finding *f, struct buf *out)
{
    if (f->growth.ms > 0)
        buf_addf(out, "ranked as %.0f ms, at %.0f times the rows", f->growth.ms, f->growth.times);
    else if (f->growth.table && f->growth.per_row > 0)
        buf_addf(out, "grows: %.3g %s a row of %s", f->growth.per_row,
                 f->growth.per_row == 1 && !strcmp(f->growth.unit, "statements") ? "statement" : f->growth.unit,
                 f->growth.table);
}

static void indent(struct screen *s)
{
    for (unsigned i = 0; i < s->at; i++)
        buf_addc(s->out, ' ');
}

/* "GET /rooms" is "/rooms", a class goes without its namespace: the message needs the room. */
static const char *short_route(const char *route)
{
    const char *slash = strrchr(route, '\\');
    if (!strncmp(route, "livewire ", 9))
        return slash ? slash + 1 : route + 9;
    return strncmp(route, "GET /", 5) ? route : route + 4;
}

/* The message whole where it fits beside some of the route; the route takes what is left. */
static void message_row(struct screen *s, const struct finding *f)
{
    auto_buf message = BUF_INIT(8192), route = BUF_INIT(4096);
    report_message(f, &message);
    unsigned m = text_width(buf_cstr(&message)), room = s->width - s->at;
    unsigned left = room > m + 2 ? room - m - 2 : 0;
    if (f->route)
        end_fit(short_route(f->route), left < ROUTE_LEAST ? ROUTE_LEAST : left, &route);
    two_sides(s, s->at, buf_cstr(&message), buf_cstr(&route), INK_DIM);
}

static void place_row(struct screen *s, const struct finding *f, const char *next)
{
    auto_buf place = BUF_INIT(8192), line = BUF_INIT(8192);
    buf_addf(&place, "%s:%u", f->at.file, f->at.line);
    unsigned others = s->at + 2 + text_width(f->rule) + (*next ? text_width(next) + 2 : 0);
    end_fit(buf_cstr(&place), s->width > others + 10 ? s->width - others : 10, &line);
    buf_addf(&line, "  %s", f->rule);
    two_sides(s, s->at, buf_cstr(&line), next, f->fix_kind == FIX_AUTO ? INK_GREEN : INK_DIM);
}

static void advice_rows(struct screen *s, const struct finding *f)
{
    auto_buf grows = BUF_INIT(1024);
    unsigned at = s->at;
    indent(s);
    if (f->fix_kind != FIX_NONE) {
        paint(s, f->fix_kind == FIX_AUTO ? INK_GREEN : INK_DIM, fix_kind_name(f->fix_kind));
        buf_adds(s->out, ": ");
        at += text_width(fix_kind_name(f->fix_kind)) + 2;
    }
    wrapped(s, INK_NONE, f->advice ? f->advice : "", at, s->at);
    buf_addc(s->out, '\n');
    growth_text(f, &grows);
    if (report_invented(s->in, f))
        buf_addf(&grows, "%sinvented: %s", grows.n ? "; " : "", report_invented(s->in, f));
    if (grows.n) {
        indent(s);
        wrapped(s, INK_DIM, buf_cstr(&grows), s->at, s->at);
        buf_addc(s->out, '\n');
    }
    buf_addc(s->out, '\n');
}

static void finding_rows(struct screen *s, const struct finding *f, bool full)
{
    paint(s, severity_ink(f->severity), severity_mark(f->severity));
    if (s->at == AT_COST)
        cost_columns(s, f);
    else
        buf_adds(s->out, "  ");
    message_row(s, f);
    if (s->at == AT_COST && f->cost.measured) {
        buf_adds(s->out, "  ");
        bar(s, f->cost.share);
        buf_adds(s->out, "   ");
    } else {
        indent(s);
    }
    place_row(s, f, full ? "" : report_next(f));
    if (full)
        advice_rows(s, f);
}

static void app_line(struct screen *s)
{
    const struct report_in *in = s->in;
    auto_buf git = BUF_INIT(512), laravel = BUF_INIT(128), php = BUF_INIT(128), livewire = BUF_INIT(128);
    const char *parts[6] = { in->name };
    unsigned n = 1;
    if (in->commit) {
        buf_addf(&git, "%s %.7s", in->branch ? in->branch : "", in->commit);
        if (in->dirty)
            buf_addf(&git, " +%u", in->dirty);
        parts[n++] = buf_cstr(&git);
    }
    if (in->app->laravel_version) {
        buf_addf(&laravel, "Laravel %s", in->app->laravel_version);
        parts[n++] = buf_cstr(&laravel);
    }
    if (in->php) {
        buf_addf(&php, "PHP %s fpm", in->php);
        parts[n++] = buf_cstr(&php);
    }
    if (in->app->livewire_version) {
        buf_addf(&livewire, "Livewire %s", in->app->livewire_version);
        parts[n++] = buf_cstr(&livewire);
    }
    if (in->database)
        parts[n++] = in->database;
    parts_line(s, parts, n);
}

static void measured_line(struct screen *s)
{
    const struct report_in *in = s->in;
    unsigned measured = 0, samples = 0;
    for (size_t i = 0; i < in->nvisits; i++) {
        measured += in->visits[i].measured;
        samples += in->visits[i].samples;
    }
    auto_buf line = BUF_INIT(4096);
    if (in->load)
        buf_addf(&line, "%u page%s and components, %u requests in %.0f s on a private copy%s%s. "
                 "Nothing of yours was changed.", measured, measured == 1 ? "" : "s", samples, in->total_seconds,
                 in->user_note ? ", as " : "", in->user_note ? in->user_note : "");
    else
        buf_addf(&line, "%u files, %u routes, %u models, %u components read in %.1f s. "
                 "Nothing was run, nothing in this folder was written, nothing was sent.", in->app->nfiles, in->app->nroutes,
                 in->app->nmodels, in->app->ncomponents, in->read_seconds);
    const char *invented = report_invented(in, NULL);
    if (invented)
        buf_addf(&line, " Invented: %s.", invented);
    wrapped(s, INK_NONE, buf_cstr(&line), 0, 0);
    buf_addc(s->out, '\n');
}

static void problem(struct screen *s)
{
    if (!s->in->instance_problem)
        return;
    buf_addc(s->out, '\n');
    wrapped(s, INK_RED, s->in->instance_problem, 0, 0);
    buf_addc(s->out, '\n');
    if (s->in->instance_next && *s->in->instance_next) {
        buf_adds(s->out, "  do   ");
        wrapped(s, INK_NONE, s->in->instance_next, 7, 7);
        buf_addc(s->out, '\n');
    }
    buf_adds(s->out, "The half that needs no running app is done; nothing below is timed.\n");
}

static void list(struct screen *s)
{
    const struct findings *fs = s->in->findings;
    unsigned shown = 0, hidden = 0, most = s->style->most ? s->style->most : (unsigned)fs->n;
    for (size_t i = 0; i < fs->n; i++) {
        if (!report_is_listed(s->in, &fs->items[i], s->style))
            continue;
        if (shown < most)
            finding_rows(s, &fs->items[i], shown < s->style->full);
        else
            hidden++;
        shown += shown < most;
    }
    if (hidden)
        buf_addf(s->out, "… and %u more: --all\n", hidden);
}

static void skipped_line(struct screen *s, struct buf *line)
{
    buf_adds(s->out, "  ");
    wrapped(s, INK_NONE, buf_cstr(line), 2, 4);
    buf_addc(s->out, '\n');
    buf_clear(line);
}

static void skipped(struct screen *s)
{
    const struct report_in *in = s->in;
    auto_buf line = BUF_INIT(8192);
    for (size_t i = 0; i < in->nskipped; i++) {
        const struct skipped *k = &in->skipped[i];
        buf_adds(&line, k->path);
        if (k->line)
            buf_addf(&line, ":%u", k->line);
        buf_addf(&line, "  %s", k->note ? k->note : rc_name(k->why));
        skipped_line(s, &line);
    }
    for (size_t i = 0; i < in->nvisits; i++) {
        if (in->visits[i].measured)
            continue;
        buf_addf(&line, "%s  %s%s%s", in->visits[i].route, in->visits[i].why_not, in->visits[i].next ? ": " : "",
                 in->visits[i].next ? in->visits[i].next : "");
        skipped_line(s, &line);
    }
    for (size_t i = 0; i < in->nmissing; i++) {
        buf_addf(&line, "rule %s could not look: %s", in->missing[i].rule, in->missing[i].need);
        skipped_line(s, &line);
    }
}

static unsigned skipped_count(const struct report_in *in)
{
    unsigned n = (unsigned)(in->nskipped + in->nmissing);
    for (size_t i = 0; i < in->nvisits; i++)
        n += !in->visits[i].measured;
    return n;
}

static void plural(struct buf *out, unsigned n, const char *word)
{
    buf_addf(out, "%u %s%s", n, word, n == 1 ? "" : "s");
}

static void counts(struct screen *s)
{
    const struct findings *fs = s->in->findings;
    unsigned by[3] = { 0 }, listed = 0, suggested = 0, checklist = 0;
    for (size_t i = 0; i < fs->n; i++) {
        if (!report_is_listed(s->in, &fs->items[i], s->style)) {
            suggested += fs->items[i].tier == TIER_SUGGESTED;
            checklist += fs->items[i].tier == TIER_CHECKLIST;
            continue;
        }
        listed++;
        by[fs->items[i].severity]++;
    }
    auto_buf line = BUF_INIT(4096);
    plural(&line, listed, "finding");
    if (listed) {
        static const char *const words[] = { "info", "warning", "error" };
        const char *before = ": ";
        for (int sev = 2; sev >= 0; sev--) {
            if (!by[sev])
                continue;
            buf_adds(&line, before);
            if (sev)
                plural(&line, by[sev], words[sev]);
            else
                buf_addf(&line, "%u info", by[0]);
            before = ", ";
        }
    }
    buf_adds(&line, ".");
    if (suggested)
        buf_addf(&line, " %u more are likely but were not timed: --all.", suggested);
    if (checklist)
        buf_addf(&line, " %u for the checklist: --checklist.", checklist);
    if (fs->ignored)
        buf_addf(&line, " %llu left out by fettle-ignore.", (unsigned long long)fs->ignored);
    unsigned n = skipped_count(s->in);
    if (n && !s->style->skipped)
        buf_addf(&line, " %u %s skipped: --skipped.", n, n == 1 ? "thing was" : "things were");
    buf_addc(s->out, '\n');
    wrapped(s, INK_NONE, buf_cstr(&line), 0, 0);
    buf_addc(s->out, '\n');
    if (s->style->skipped && n)
        skipped(s);
}

static void next_step(struct screen *s, const char *command, const char *what)
{
    buf_adds(s->out, "  ");
    paint(s, INK_BOLD, command);
    for (unsigned n = text_width(command) + 2; n < 33; n++)
        buf_addc(s->out, ' ');
    wrapped(s, INK_NONE, what, 33, 33);
    buf_addc(s->out, '\n');
}

static void next_steps(struct screen *s)
{
    unsigned automatic = 0;
    auto_buf fix = BUF_INIT(256);
    buf_addc(s->out, '\n');
    for (size_t i = 0; i < s->in->findings->n; i++) {
        const struct finding *f = &s->in->findings->items[i];
        automatic += f->tier == TIER_RANKED && f->fix_kind == FIX_AUTO;
    }
    buf_addf(&fix, "try and prove the %u marked auto, on a branch", automatic);
    if (!s->in->load)
        next_step(s, "fettle check .", "run a private copy, measure it, rank what is slow");
    if (s->in->load && automatic)
        next_step(s, "fettle fix .", buf_cstr(&fix));
    if (s->in->findings->n)
        next_step(s, "fettle why 1", "one finding with its source, statement and plan");
    if (s->in->load)
        next_step(s, "fettle report -o report.html", "all of it, to look at and to send");
}

static int write_terminal(const struct report_in *in, const struct report_style *style, struct buf *out)
{
    struct screen s = { in, style, out, style->width ? style->width : 100, in->load ? AT_COST : AT_NONE };
    app_line(&s);
    measured_line(&s);
    problem(&s);
    buf_addc(out, '\n');
    auto_buf verdict = BUF_INIT(4096);
    report_verdict(in, &verdict);
    wrapped(&s, INK_BOLD, buf_cstr(&verdict), 0, 0);
    buf_adds(out, "\n\n");
    list(&s);
    counts(&s);
    next_steps(&s);
    return RC_OK;
}

static int write_plain(const struct report_in *in, const struct report_style *style, struct buf *out)
{
    for (size_t i = 0; i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        if (!report_is_listed(in, f, style))
            continue;
        buf_addf(out, "%s:%u: %s: ", f->at.file, f->at.line, severity_name(f->severity));
        if (f->cost.measured) {
            text_ms(f->cost.ms, out);
            buf_adds(out, ", ");
            text_share(f->cost.share, out);
            buf_adds(out, ": ");
        }
        buf_addf(out, "%s [%s]", f->message ? f->message : "", f->rule);
        if (f->fix_kind != FIX_NONE)
            buf_addf(out, " %s", fix_kind_name(f->fix_kind));
        buf_addc(out, '\n');
    }
    return RC_OK;
}


int report_write(enum report_format format, const struct report_in *in,
                 const struct report_style *style, struct buf *out, struct err *err)
{
    int rc = RC_OK;
    switch (format) {
    case REPORT_TERMINAL:
        rc = write_terminal(in, style, out);
        break;
    case REPORT_PLAIN:
        rc = write_plain(in, style, out);
        break;
    case REPORT_JSON:
        rc = report_json(in, out);
        break;
    case REPORT_HTML:
        rc = report_html(in, out, err);
        break;
    }
    if (!rc && out->failed)
        rc = err_set(err, RC_LIMIT, NULL, "the report is larger than its ceiling of %zu bytes", out->ceiling);
    return rc;
}
