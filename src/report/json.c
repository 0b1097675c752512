/* The result as JSON, schema 1 (docs/json.md). */
#include "report/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void field_str(struct json *j, const char *key, const char *value)
{
    if (!value)
        return;
    json_key(j, key);
    json_str(j, value);
}

static void field_num(struct json *j, const char *key, double value)
{
    if (isnan(value))
        return;
    json_key(j, key);
    json_num(j, value);
}

static void field_int(struct json *j, const char *key, long long value)
{
    json_key(j, key);
    json_int(j, value);
}

static void object(struct json *j, const char *key)
{
    json_key(j, key);
    json_open(j, '{');
}

static void array(struct json *j, const char *key)
{
    json_key(j, key);
    json_open(j, '[');
}

static void app_object(struct json *j, const struct report_in *in)
{
    object(j, "app");
    field_str(j, "name", in->name);
    field_str(j, "dir", in->app->dir);
    field_str(j, "commit", in->commit);
    field_str(j, "branch", in->branch);
    field_int(j, "dirty", in->dirty);
    field_str(j, "laravel", in->app->laravel_version);
    field_str(j, "livewire", in->app->livewire_version);
    field_str(j, "php", in->php);
    field_str(j, "sapi", in->php ? "fpm, OPcache on" : NULL);
    field_str(j, "database", in->database);
    field_int(j, "files", in->app->nfiles);
    field_int(j, "routes", in->app->nroutes);
    field_int(j, "models", in->app->nmodels);
    field_int(j, "views", in->app->nviews);
    field_int(j, "components", in->app->ncomponents);
    json_close(j, '}');
}

static void measured_object(struct json *j, const struct report_in *in)
{
    unsigned requests = 0;
    for (size_t i = 0; i < in->nvisits; i++)
        requests += in->visits[i].samples;
    object(j, "measured");
    field_str(j, "at", in->at);
    field_str(j, "command", in->command);
    field_num(j, "took_s", round(in->total_seconds * 100) / 100);
    field_num(j, "read_s", round(in->read_seconds * 1000) / 1000);
    field_int(j, "requests", requests);
    field_int(j, "rules", (long long)rules_count);
    field_str(j, "walls", in->walls);
    field_str(j, "user", in->user_note);
    field_str(j, "invented", report_invented(in, NULL));
    field_str(j, "problem", in->instance_problem);
    field_str(j, "next", in->instance_problem ? in->instance_next : NULL);
    json_close(j, '}');
}

static void summary_object(struct json *j, const struct report_in *in)
{
    auto_buf verdict = BUF_INIT(4096);
    report_verdict(in, &verdict);
    unsigned by[3] = { 0 }, tiers[3] = { 0 }, automatic = 0;
    for (size_t i = 0; i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        by[f->severity]++;
        tiers[f->tier]++;
        automatic += f->fix_kind == FIX_AUTO;
    }
    object(j, "summary");
    field_str(j, "verdict", buf_cstr(&verdict));
    field_int(j, "errors", by[SEV_ERROR]);
    field_int(j, "warnings", by[SEV_WARNING]);
    field_int(j, "info", by[SEV_INFO]);
    field_int(j, "ranked", tiers[TIER_RANKED]);
    field_int(j, "suggested", tiers[TIER_SUGGESTED]);
    field_int(j, "checklist", tiers[TIER_CHECKLIST]);
    field_int(j, "auto", automatic);
    field_int(j, "dropped", (long long)in->findings->dropped);
    field_int(j, "ignored", (long long)in->findings->ignored);
    struct ledger l;
    if (report_ledger(in, &l)) {
        object(j, "ledger");
        field_str(j, "route", l.route->name);
        field_int(j, "first", l.first);
        field_num(j, "share", l.share);
        field_num(j, "before_ms", l.route->ms_median);
        field_num(j, "after_ms", l.after_ms);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void place_fields(struct json *j, const struct place *p)
{
    field_str(j, "file", p->file);
    field_int(j, "line", p->line);
    if (p->col)
        field_int(j, "col", p->col);
    field_str(j, "role", role_name(p->role));
    field_str(j, "note", p->note);
}

static void place_with_source(struct json *j, const struct report_in *in, const struct place *p)
{
    if (!p->file || !p->line)
        return;
    json_open(j, '{');
    place_fields(j, p);
    uint32_t start = p->line > 3 ? p->line - 3 : 1;
    auto_buf text = BUF_INIT(16 << 10);
    if (in->source && in->source(in->source_ctx, p->file, start, 7, &text)) {
        field_int(j, "start", start);
        field_str(j, "text", buf_cstr(&text));
    }
    json_close(j, '}');
}

static void cost_object(struct json *j, const struct report_in *in, const struct finding *f)
{
    if (!f->cost.measured)
        return;
    object(j, "cost");
    field_num(j, "ms", f->cost.ms);
    field_num(j, "share", f->cost.share);
    field_num(j, "calls", f->cost.calls);
    field_num(j, "lo", f->cost.lo);
    field_num(j, "hi", f->cost.hi);
    if (f->cost.bytes > 0)
        field_num(j, "bytes", f->cost.bytes);
    field_str(j, "kind", time_kind_name(f->cost.kind));
    field_str(j, "of", f->route);
    field_str(j, "invented", report_invented(in, f));
    json_close(j, '}');
}

static void growth_object(struct json *j, const struct finding *f)
{
    if (!f->growth.table)
        return;
    object(j, "growth");
    field_str(j, "table", f->growth.table);
    field_num(j, "per_row", f->growth.per_row);
    field_str(j, "unit", f->growth.unit);
    if (f->growth.ms > 0) {
        field_num(j, "times", f->growth.times);
        field_num(j, "ms", f->growth.ms);
    }
    json_close(j, '}');
}

static void evidence_array(struct json *j, const struct finding *f)
{
    array(j, "evidence");
    for (uint16_t i = 0; i < f->nevidence; i++) {
        const struct evidence *e = &f->evidence[i];
        json_open(j, '{');
        field_str(j, "what", e->what);
        if (e->text)
            field_str(j, "value", e->text);
        else
            field_num(j, "value", e->value);
        field_str(j, "unit", e->unit ? e->unit : "");
        field_str(j, "source", source_name(e->source));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void fix_object(struct json *j, const struct finding *f)
{
    object(j, "fix");
    field_str(j, "kind", fix_kind_name(f->fix_kind));
    array(j, "edits");
    for (uint16_t i = 0; i < f->nedits; i++) {
        char hash[20];
        json_open(j, '{');
        field_str(j, "file", f->edits[i].file);
        snprintf(hash, sizeof hash, "%016llx", (unsigned long long)f->edits[i].base_hash);
        field_str(j, "base_hash", hash);
        field_int(j, "off", f->edits[i].off);
        field_int(j, "del", f->edits[i].del);
        json_key(j, "ins");
        json_strn(j, f->edits[i].ins.p, f->edits[i].ins.n);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

enum { QUOTED_MAX = 400 }; /* findings with source text: it is two thirds of the result */

static void finding_object(struct json *j, const struct report_in *in, const struct finding *f, size_t number)
{
    const struct rule *rule = rule_find(f->rule);
    json_open(j, '{');
    field_int(j, "number", (long long)number);
    field_str(j, "id", f->id);
    field_str(j, "rule", f->rule);
    field_str(j, "family", rule ? rule->family : NULL);
    field_str(j, "class", klass_name(f->klass));
    field_str(j, "tier", tier_name(f->tier));
    field_str(j, "severity", severity_name(f->severity));
    field_str(j, "confidence", confidence_name(f->confidence));
    field_str(j, "file", f->at.file);
    field_int(j, "line", f->at.line);
    field_str(j, "symbol", f->symbol);
    field_str(j, "subject", f->subject);
    field_str(j, "message", f->message);
    field_str(j, "advice", f->advice);
    field_str(j, "why", f->why);
    field_str(j, "route", f->route);
    json_key(j, "from");
    json_str(j, f->from_trace && f->from_disk ? "both" : f->from_trace ? "trace" : "disk");
    array(j, "related");
    for (uint16_t i = 0; i < f->nrelated; i++) {
        json_open(j, '{');
        place_fields(j, &f->related[i]);
        json_close(j, '}');
    }
    json_close(j, ']');
    array(j, "places");
    bool quoted = number <= QUOTED_MAX;
    if (quoted)
        place_with_source(j, in, &f->at);
    for (uint16_t i = 0; quoted && i < f->nrelated; i++)
        place_with_source(j, in, &f->related[i]);
    json_close(j, ']');
    evidence_array(j, f);
    cost_object(j, in, f);
    growth_object(j, f);
    fix_object(j, f);
    field_str(j, "statement", f->statement);
    field_str(j, "plan", f->plan);
    json_close(j, '}');
}

/* What is found on a route, else a thousandth of its time. */
static double route_weight(const struct report_in *in, const struct wroute *r)
{
    double ms = r->ms_median / 1000;
    for (size_t i = 0; i < in->findings->n; i++) {
        const struct finding *f = &in->findings->items[i];
        if (f->tier == TIER_RANKED && f->cost.measured && f->route && !strcmp(f->route, r->name))
            ms += f->cost.ms;
    }
    return ms;
}

static void route_parts(struct json *j, const struct wroute *r)
{
    double parts[TIME_KINDS];
    report_parts(r, parts);
    object(j, "parts");
    for (unsigned k = 0; k < TIME_KINDS; k++)
        field_num(j, time_kind_name(k), parts[k]);
    json_close(j, '}');
}

/* Hundredths, and thousandths of what is below ten: more digits are noise. */
static void time_num(struct json *j, double ms)
{
    double unit = ms < 10 ? 1000 : 100;
    json_num(j, round(ms * unit) / unit);
}

static void line_object(struct json *j, const struct wline *l)
{
    json_open(j, '{');
    field_int(j, "depth", l->depth);
    field_str(j, "kind", span_kind_name(l->kind));
    field_str(j, "name", l->name);
    const char *word = span_word(l->kind, l->first_a);
    field_str(j, "word", *word ? word : NULL);
    field_str(j, "file", l->file);
    if (l->file)
        field_int(j, "line", l->line);
    if (l->count > 1)
        field_int(j, "count", l->count);
    if (l->kind == FW_SQL || l->kind == FW_HYDRATE)
        field_int(j, "rows", (long long)l->a);
    json_key(j, "ms"), time_num(j, l->ms);
    array(j, "at");
    for (uint32_t i = 0; i < l->nmarks; i++) {
        time_num(j, (double)l->marks[i].begin_ms);
        time_num(j, (double)l->marks[i].ms);
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void trace_object(struct json *j, const struct wtrace *t)
{
    object(j, "trace");
    json_key(j, "ms"), time_num(j, t->ms);
    array(j, "lines");
    for (uint32_t i = 0; i < t->nlines; i++)
        line_object(j, &t->lines[i]);
    json_close(j, ']');
    json_close(j, '}');
}

/* Whole requests are written of so many routes: of those with the dearest findings, then of the slowest. */
enum { TRACES_MAX = 20 };

static bool is_traced(const struct report_in *in, const double *weights, uint32_t route)
{
    unsigned before = 0;
    for (uint32_t i = 0; i < in->load->nroutes; i++)
        before += in->load->routes[i].trace &&
                  (weights[i] > weights[route] || (weights[i] >= weights[route] && i < route));
    return in->load->routes[route].trace && before < TRACES_MAX;
}

static void route_object(struct json *j, const struct wroute *r, bool traced)
{
    json_open(j, '{');
    field_str(j, "name", r->name);
    bool serialised = r->action && !strncmp(r->action, "O:", 2); /* cached routes keep closures so */
    field_str(j, "action", serialised ? "closure" : r->action);
    field_num(j, "median_ms", r->ms_median);
    field_num(j, "p95_ms", r->ms_p95);
    field_num(j, "cpu_ms", r->cpu_ms_median);
    field_num(j, "queries", r->statements_median);
    field_num(j, "rows", r->rows_median);
    field_num(j, "models", r->hydrated_median);
    field_num(j, "lazy_loads", r->lazy_median);
    field_num(j, "memory_bytes", r->peak_kb_max * 1024);
    field_num(j, "response_bytes", r->bytes_out_median);
    if (r->has_side_effects)
        field_str(j, "side_effect", r->side_effect ? r->side_effect : "yes");
    route_parts(j, r);
    array(j, "samples");
    for (uint32_t i = 0; i < r->nsamples; i++)
        json_num(j, round(r->samples_ms[i] * 100) / 100);
    json_close(j, ']');
    if (traced)
        trace_object(j, r->trace);
    json_close(j, '}');
}

static int routes_array(struct json *j, const struct report_in *in)
{
    uint32_t n = in->load ? in->load->nroutes : 0;
    double *weights = fault_malloc((n + 1) * sizeof *weights);
    if (!weights)
        return RC_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        weights[i] = route_weight(in, &in->load->routes[i]);
    array(j, "routes");
    for (uint32_t i = 0; i < n; i++)
        route_object(j, &in->load->routes[i], is_traced(in, weights, i));
    json_close(j, ']');
    free(weights);
    return RC_OK;
}

static void skipped_row(struct json *j, const char *what, uint32_t line, const char *why, const char *next)
{
    json_open(j, '{');
    field_str(j, "what", what);
    if (line)
        field_int(j, "line", line);
    field_str(j, "why", why);
    field_str(j, "next", next);
    json_close(j, '}');
}

static void skipped_array(struct json *j, const struct report_in *in)
{
    array(j, "skipped");
    for (size_t i = 0; i < in->nskipped; i++)
        skipped_row(j, in->skipped[i].path, in->skipped[i].line,
                    in->skipped[i].note ? in->skipped[i].note : rc_name(in->skipped[i].why), NULL);
    for (size_t i = 0; i < in->nvisits; i++)
        if (!in->visits[i].measured)
            skipped_row(j, in->visits[i].route, 0, in->visits[i].why_not, in->visits[i].next);
    for (size_t i = 0; i < in->nmissing; i++)
        skipped_row(j, in->missing[i].rule, 0, in->missing[i].need, NULL);
    json_close(j, ']');
}

int report_json(const struct report_in *in, struct buf *out)
{
    struct json j = { out };
    char tool[64];
    snprintf(tool, sizeof tool, "fettle %s", in->version);
    json_open(&j, '{');
    field_int(&j, "schema", REPORT_SCHEMA);
    field_str(&j, "tool", tool);
    app_object(&j, in);
    measured_object(&j, in);
    summary_object(&j, in);
    int rc = routes_array(&j, in);
    if (rc)
        return rc;
    array(&j, "findings");
    for (size_t i = 0; i < in->findings->n; i++)
        finding_object(&j, in, &in->findings->items[i], i + 1);
    json_close(&j, ']');
    array(&j, "checklists");
    report_checklists(in, &j);
    json_close(&j, ']');
    skipped_array(&j, in);
    json_close(&j, '}');
    buf_addc(out, '\n');
    return RC_OK;
}
