/* Findings as terminal text, one line each, JSON and one self-contained HTML page.
 *
 * Pure: no clock, no file, no terminal is looked at here; the time, the source lines and whether to colour are given,
 * so that every format has golden files. The JSON (docs/json.md) is the one schema: the page embeds it, `why` and
 * `report` read it back.
 */
#ifndef FETTLE_REPORT_H
#define FETTLE_REPORT_H
#include "finding/finding.h"
#include "instance/instance.h"
#include "laravel/laravel.h"
#include "rules/rules.h"

enum { REPORT_SCHEMA = 1 };

struct report_in {
    const char *command;            /* "check" or "audit" */
    const char *version;            /* of fettle */
    const char *at;                 /* "2026-01-31T12:00:00Z" */
    const struct app *app;
    const char *name;               /* the app's folder or composer name */
    const char *branch, *commit;    /* git; NULL: none */
    unsigned dirty;                 /* changed files */
    const char *php, *database, *walls, *user_note; /* of the private instance; NULL: none ran */
    const char *standin;            /* how soon outgoing calls were answered, which is invented; NULL: by nobody */
    const struct findings *findings;
    const struct visit *visits;
    size_t nvisits;
    const struct workload *load;    /* NULL: nothing was measured */
    const struct skipped *skipped;
    size_t nskipped;
    const struct rules_missing *missing;
    size_t nmissing;
    const struct flow_stats *flow_stats;
    double read_seconds, total_seconds;
    double min_ms, min_share;       /* ranked findings below both are left out of the list, and counted */
    const char *instance_problem, *instance_next; /* why nothing was measured; NULL: it was, or was not asked for */
    /* Appends lines from..from+n-1 of a file of the app; returns the lines written, 0: not to be had. */
    unsigned (*source)(void *ctx, const char *file, uint32_t from, uint32_t n, struct buf *out);
    void *source_ctx;
};

struct report_style {
    bool colour;
    unsigned width;    /* columns, 0: 100 */
    unsigned full;     /* findings shown in three lines; the rest take two */
    unsigned most;     /* findings listed, 0: all */
    bool skipped, checklist, suggested;
};

enum report_format { REPORT_TERMINAL, REPORT_PLAIN, REPORT_JSON, REPORT_HTML };
int report_write(enum report_format, const struct report_in *, const struct report_style *, struct buf *out,
                 struct err *) MUST_CHECK;
/* The page around a result that was saved as JSON before. */
int report_html_of_json(struct str json, struct buf *out, struct err *) MUST_CHECK;
/* The whole evidence of one finding (by its number or the first digits of its id) out of a saved JSON. */
int report_why(struct str json, const char *id, const struct report_style *, struct buf *out, struct err *) MUST_CHECK;

/* --- shared between formats (summary.c) --- */
struct ledger { /* the dearest measured route, and what is left when its first findings are fixed */
    const struct wroute *route;
    unsigned first;
    double share, after_ms, statements;
};
void report_parts(const struct wroute *, double ret_ms[TIME_KINDS]); /* its median by kind of time */
bool report_ledger(const struct report_in *, struct ledger *ret); /* false: nothing measured is dear */
void report_verdict(const struct report_in *, struct buf *out);   /* one or two sentences */
/* How soon a stand-in answered, where that is part of what was measured: of this finding's cost, or (NULL) of any page. */
const char *report_invented(const struct report_in *, const struct finding *);
bool report_is_listed(const struct report_in *, const struct finding *, const struct report_style *);
void report_message(const struct finding *, struct buf *out);
const char *report_next(const struct finding *); /* "auto", "suggest" or "" */
#endif
