/* One finding with its whole evidence, read back from a saved result. */
#include "report/internal.h"

#include <jansson.h>

struct pen {
    struct buf *out;
    bool colour;
    unsigned width;
};

static void bold(struct pen *p, const char *text)
{
    buf_addf(p->out, "%s%s%s", p->colour ? "\033[1m" : "", text, p->colour ? "\033[0m" : "");
}

static void dim(struct pen *p, const char *text)
{
    buf_addf(p->out, "%s%s%s", p->colour ? "\033[2m" : "", text, p->colour ? "\033[0m" : "");
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static double number_of(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

static void section(struct pen *p, const char *title)
{
    buf_addc(p->out, '\n');
    bold(p, title);
    buf_addc(p->out, '\n');
}

/* One line of `text`, broken at words; what does not fit goes on `hang` columns further in. */
static void indented_row(struct pen *p, struct str row, unsigned hang)
{
    unsigned lead = 2, column;
    for (; row.n && row.p[0] == ' '; row.p++, row.n--)
        lead++;
    for (column = 0; column < lead; column++)
        buf_addc(p->out, ' ');
    for (bool first = true; row.n; first = false) {
        uint32_t n = 0;
        while (n < row.n && row.p[n] != ' ')
            n++;
        auto_buf word = BUF_INIT(4096);
        buf_add(&word, row.p, n < 4000 ? n : 4000);
        unsigned w = text_width(buf_cstr(&word));
        if (!first && column + 1 + w > p->width) {
            buf_addf(p->out, "\n%*s", (int)(lead + hang), "");
            column = lead + hang;
        } else if (!first) {
            buf_addc(p->out, ' ');
            column++;
        }
        buf_add(p->out, row.p, n);
        column += w;
        row.p += n;
        row.n -= n;
        for (; row.n && row.p[0] == ' '; row.p++, row.n--)
            ;
    }
    buf_addc(p->out, '\n');
}

static void indented(struct pen *p, const char *text, unsigned hang)
{
    struct str rest = str_c(text), row;
    while (rest.n && str_next(&rest, '\n', &row))
        indented_row(p, row, hang);
}

/* A diff, as it is. */
static void diff_lines(struct pen *p, const char *text)
{
    struct str rest = str_c(text), row;
    while (rest.n && str_next(&rest, '\n', &row)) {
        char sign = row.n ? row.p[0] : ' ';
        const char *ink = !p->colour ? "" : sign == '+' ? "\033[32m" : sign == '-' ? "\033[31m" : "";
        buf_addf(p->out, "  %s" STR_FMT "%s\n", ink, STR_ARG(row), *ink ? "\033[0m" : "");
    }
}

static void head(struct pen *p, const json_t *f)
{
    const json_t *cost = json_object_get(f, "cost"), *growth = json_object_get(f, "growth");
    buf_addf(p->out, "%lld  ", (long long)json_integer_value(json_object_get(f, "number")));
    bold(p, text_of(f, "message"));
    buf_addf(p->out, "\n   %s:%lld  %s  (%s, confidence %s, id %.8s)\n", text_of(f, "file"),
             (long long)json_integer_value(json_object_get(f, "line")), text_of(f, "rule"), text_of(f, "severity"),
             text_of(f, "confidence"), text_of(f, "id"));
    buf_adds(p->out, "   ");
    if (cost) {
        text_ms(number_of(cost, "ms"), p->out);
        buf_adds(p->out, ", ");
        text_share(number_of(cost, "share"), p->out);
        buf_addf(p->out, " of %s", text_of(cost, "of"));
    } else {
        buf_adds(p->out, "not timed");
    }
    if (growth) {
        const char *unit = text_of(growth, "unit");
        bool one = number_of(growth, "per_row") == 1 && !strcmp(unit, "statements");
        buf_addf(p->out, "; grows: %.3g %s a row of %s", number_of(growth, "per_row"), one ? "statement" : unit,
                 text_of(growth, "table"));
        if (number_of(growth, "ms") > 0)
            buf_addf(p->out, "; ranked as about %.0f ms at %.0f times the rows, in proportion", number_of(growth, "ms"),
                     number_of(growth, "times"));
    }
    buf_addc(p->out, '\n');
    if (*text_of(f, "why")) {
        buf_addc(p->out, '\n');
        indented(p, text_of(f, "why"), 0);
    }
}

static void place_lines(struct pen *p, const json_t *place)
{
    long long line = json_integer_value(json_object_get(place, "line"));
    long long number = json_integer_value(json_object_get(place, "start"));
    struct str rest = str_c(text_of(place, "text")), row;
    buf_addf(p->out, "  %s %s:%lld%s", text_of(place, "role"), text_of(place, "file"), line, *text_of(place, "note") ? "  " : "");
    dim(p, text_of(place, "note"));
    buf_addc(p->out, '\n');
    if (rest.n && rest.p[rest.n - 1] == '\n')
        rest.n--;
    for (; rest.n && str_next(&rest, '\n', &row); number++) {
        if (number < line - 2 || number > line + 2)
            continue;
        buf_addf(p->out, "  %s %5lld  ", number == line ? ">" : " ", number);
        auto_buf whole = BUF_INIT(1024), text = BUF_INIT(1024);
        buf_add(&whole, row.p, row.n);
        if (text_width(buf_cstr(&whole)) > p->width - 11)
            text_fit(buf_cstr(&whole), p->width - 11, &text);
        else
            buf_add(&text, row.p, row.n);
        if (number == line)
            bold(p, buf_cstr(&text));
        else
            dim(p, buf_cstr(&text));
        buf_addc(p->out, '\n');
    }
}

static void evidence_lines(struct pen *p, const json_t *list)
{
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        const json_t *value = json_object_get(e, "value");
        buf_addf(p->out, "  %-38s ", text_of(e, "what"));
        if (json_is_string(value))
            buf_adds(p->out, json_string_value(value));
        else if (number_of(e, "value") >= 1000)
            text_count(number_of(e, "value"), p->out);
        else
            buf_addf(p->out, "%.4g", number_of(e, "value"));
        buf_addf(p->out, " %s  ", text_of(e, "unit"));
        dim(p, text_of(e, "source"));
        buf_addc(p->out, '\n');
    }
}

static bool same_place(const json_t *a, const json_t *b)
{
    return json_integer_value(json_object_get(a, "line")) == json_integer_value(json_object_get(b, "line")) &&
           !strcmp(text_of(a, "file"), text_of(b, "file"));
}

/* A place that another one tells better: the finding's own when a related one is the same, a later one of the same line. */
static bool is_told(const json_t *places, size_t at)
{
    size_t i;
    json_t *other;
    const json_t *place = json_array_get(places, at);
    bool own = !strcmp(text_of(place, "role"), "here");
    json_array_foreach(places, i, other)
        if (i != at && same_place(place, other) && (own || (i < at && strcmp(text_of(other, "role"), "here"))))
            return true;
    return false;
}

/* --- the request in which it was measured --- */

enum { TRACK = 48, LABEL = 26, LINES_MOST = 6 };

static const json_t *trace_of(const json_t *root, const char *route)
{
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(root, "routes"), i, r)
        if (!strcmp(text_of(r, "name"), route))
            return json_object_get(r, "trace");
    return NULL;
}

static bool is_of_finding(const json_t *f, const json_t *line)
{
    size_t i;
    json_t *place;
    bool sql = !strcmp(text_of(line, "kind"), "sql");
    if (*text_of(f, "statement"))
        return sql && !strcmp(text_of(line, "name"), text_of(f, "statement"));
    json_array_foreach(json_object_get(f, "places"), i, place)
        if (same_place(place, line))
            return true;
    return false;
}

/* When it ran: a column for each part of the request, heavy where it ran through all of it. */
static void track(struct pen *p, const json_t *at, double total)
{
    double filled[TRACK] = { 0 };
    for (size_t i = 0; i + 1 < json_array_size(at); i += 2) {
        double from = json_number_value(json_array_get(at, i)) / total * TRACK;
        double to = from + json_number_value(json_array_get(at, i + 1)) / total * TRACK;
        for (unsigned c = from > 0 ? (unsigned)from : 0; c < TRACK && c < to; c++) {
            double begin = from > c ? from : c, end = to < c + 1 ? to : c + 1;
            filled[c] += end - begin;
        }
    }
    for (unsigned c = 0; c < TRACK; c++)
        buf_adds(p->out, filled[c] >= 0.85 ? "━" : filled[c] > 0 ? "│" : "·");
}

/* The FROM of a select itself, not of one inside of it. */
static const char *from_of(const char *sql)
{
    int depth = 0;
    for (const char *p = sql; *p; p++) {
        depth += (*p == '(') - (*p == ')');
        if (depth == 0 && !strncmp(p, " from ", 6))
            return p;
    }
    return NULL;
}

/* A statement's table matters more than its columns. */
static void brief(const char *name, struct buf *out)
{
    const char *from = strncmp(name, "select ", 7) ? NULL : from_of(name);
    if (from && from - name > 24) {
        buf_adds(out, "select …");
        name = from;
    }
    for (; *name; name++)
        if (*name != '"' && *name != '`')
            buf_addc(out, *name);
}

static void request_line(struct pen *p, const json_t *line, double total)
{
    auto_buf label = BUF_INIT(16384), fitted = BUF_INIT(4096);
    long long count = json_integer_value(json_object_get(line, "count"));
    bool sql = !strcmp(text_of(line, "kind"), "sql");
    if (count > 1)
        buf_addf(&label, "%lld × ", count);
    if (!sql)
        buf_addf(&label, "%s ", text_of(line, "kind"));
    const char *name = text_of(line, "name"), *slash = sql ? NULL : strrchr(name, '\\');
    brief(slash ? slash + 1 : name, &label);
    text_fit(buf_cstr(&label), LABEL, &fitted);
    buf_addf(p->out, "  %s ", buf_cstr(&fitted));
    track(p, json_object_get(line, "at"), total);
    buf_addc(p->out, ' ');
    text_ms(number_of(line, "ms"), p->out);
    buf_addc(p->out, '\n');
}

/* The line that holds this one, where it repeats as well: a relation around its statement. */
static const json_t *loop_around(const json_t *lines, size_t at)
{
    long long depth = json_integer_value(json_object_get(json_array_get(lines, at), "depth"));
    while (at--) {
        const json_t *above = json_array_get(lines, at);
        if (json_integer_value(json_object_get(above, "depth")) < depth)
            return json_integer_value(json_object_get(above, "count")) > 1 ? above : NULL;
    }
    return NULL;
}

static void request_lines(struct pen *p, const json_t *f, const json_t *trace)
{
    size_t i;
    json_t *line;
    unsigned shown = 0;
    double total = number_of(trace, "ms");
    const json_t *lines = json_object_get(trace, "lines"), *last = NULL;
    json_array_foreach(lines, i, line) {
        if (!is_of_finding(f, line) || total <= 0 || shown == LINES_MOST)
            continue;
        if (!shown++) {
            auto_buf route = BUF_INIT(4096);
            section(p, "in the request");
            text_fit(text_of(f, "route"), LABEL, &route);
            buf_addf(p->out, "  %s 0%*s ", buf_cstr(&route), TRACK - 1, "");
            text_ms(total, p->out);
            buf_addc(p->out, '\n');
        }
        const json_t *around = loop_around(lines, i);
        if (around && around != last && !is_of_finding(f, around))
            request_line(p, around, total);
        request_line(p, line, total);
        last = around;
    }
}

/* What the last fettle fix did about it. */
static void fix_lines(struct pen *p, const json_t *f, const json_t *root)
{
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(json_object_get(root, "fix"), "steps"), i, step) {
        if (strcmp(text_of(step, "finding"), text_of(f, "id")))
            continue;
        auto_buf said = BUF_INIT(4096);
        buf_addf(&said, "%s: %s", text_of(step, "state"), text_of(step, "why"));
        section(p, "the last fettle fix");
        indented(p, buf_cstr(&said), 0);
        diff_lines(p, text_of(step, "diff"));
        return;
    }
}

static void write_finding(struct pen *p, const json_t *f, const json_t *root)
{
    size_t i;
    json_t *place;
    const json_t *places = json_object_get(f, "places"), *trace = trace_of(root, text_of(f, "route"));
    head(p, f);
    if (json_array_size(places))
        section(p, "where it comes from");
    json_array_foreach(places, i, place)
        if (!is_told(places, i))
            place_lines(p, place);
    if (trace)
        request_lines(p, f, trace);
    if (json_array_size(json_object_get(f, "evidence"))) {
        section(p, "evidence");
        evidence_lines(p, json_object_get(f, "evidence"));
    }
    if (*text_of(f, "statement")) {
        section(p, "statement");
        indented(p, text_of(f, "statement"), 2);
    }
    if (*text_of(f, "plan")) {
        section(p, "plan");
        indented(p, text_of(f, "plan"), 2);
    }
    section(p, "do this");
    indented(p, text_of(f, "advice"), 0);
    fix_lines(p, f, root);
    if (!strcmp(text_of(json_object_get(f, "fix"), "kind"), "auto"))
        buf_addf(p->out, "\n  fettle fix . %lld    tries it on a copy and keeps it only when it is proved\n",
                 (long long)json_integer_value(json_object_get(f, "number")));
}

static const json_t *find(const json_t *findings, const char *id)
{
    size_t i, n = strlen(id);
    json_t *f;
    char *end;
    long number = strtol(id, &end, 10);
    json_array_foreach(findings, i, f) {
        if (n < 6 && !*end && number == (long)json_integer_value(json_object_get(f, "number")))
            return f;
        if (n >= 3 && (*end || n >= 6) && !strncmp(text_of(f, "id"), id, n))
            return f;
    }
    return NULL;
}

int report_why(struct str json, const char *id, const struct report_style *style, struct buf *out, struct err *err)
{
    json_error_t problem;
    json_t *root = json_loadb(json.p, json.n, 0, &problem);
    if (!root)
        return err_set(err, RC_PARSE, "run fettle check again", "the kept result cannot be read: %s", problem.text);
    const json_t *f = find(json_object_get(root, "findings"), id);
    int rc = RC_OK;
    if (f) {
        struct pen pen = { out, style->colour, style->width ? style->width : 100 };
        write_finding(&pen, f, root);
    } else {
        rc = err_set(err, RC_NOTFOUND, "numbers and ids are in the list of fettle check",
                     "the last result has no finding %s", id);
    }
    json_decref(root);
    return rc;
}
