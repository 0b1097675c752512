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

/* One line of `text`, broken at words; what does not fit goes on two columns further in. */
static void indented_row(struct pen *p, struct str row)
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
            buf_addf(p->out, "\n%*s", (int)lead + 2, "");
            column = lead + 2;
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

static void indented(struct pen *p, const char *text)
{
    struct str rest = str_c(text), row;
    while (rest.n && str_next(&rest, '\n', &row))
        indented_row(p, row);
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
    }
    buf_addc(p->out, '\n');
    if (*text_of(f, "why")) {
        buf_addc(p->out, '\n');
        indented(p, text_of(f, "why"));
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

static void write_finding(struct pen *p, const json_t *f)
{
    size_t i;
    json_t *place;
    head(p, f);
    section(p, "where it comes from");
    json_array_foreach(json_object_get(f, "places"), i, place)
        place_lines(p, place);
    if (json_array_size(json_object_get(f, "evidence"))) {
        section(p, "evidence");
        evidence_lines(p, json_object_get(f, "evidence"));
    }
    if (*text_of(f, "statement")) {
        section(p, "statement");
        indented(p, text_of(f, "statement"));
    }
    if (*text_of(f, "plan")) {
        section(p, "plan");
        indented(p, text_of(f, "plan"));
    }
    section(p, "do this");
    indented(p, text_of(f, "advice"));
    if (!strcmp(text_of(json_object_get(f, "fix"), "kind"), "auto"))
        buf_addf(p->out, "  fettle fix . %lld    tries it on a copy and keeps it only when it is proved\n",
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
        write_finding(&pen, f);
    } else {
        rc = err_set(err, RC_NOTFOUND, "numbers and ids are in the list of fettle check",
                     "the last result has no finding %s", id);
    }
    json_decref(root);
    return rc;
}
