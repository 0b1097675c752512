/* The rules: what fettle looks for. One table (table.c) lists them all; docs/rules/ID.md describes each.
 *
 * A rule reads, emits, keeps nothing and touches no file; rules run in any order. What a rule needs and is not there
 * is said in the report ("could not look: no trace"), never taken for "fine".
 */
#ifndef FETTLE_RULES_H
#define FETTLE_RULES_H
#include "db/db.h"
#include "finding/finding.h"
#include "instance/instance.h"
#include "laravel/laravel.h"
#include "trace/trace.h"

enum need { NEED_APP = 1, NEED_FLOWS = 2, NEED_TRACE = 4, NEED_SCHEMA = 8, NEED_PLAN = 16 };

struct thresholds {
    double min_ms, min_share;      /* below both a measured finding is not ranked: 1 ms and 1 % */
    double slow_query_ms;          /* 100 */
    double very_slow_query_ms;     /* 1,000 */
    unsigned repeats;              /* statements of one shape from one place: 3 */
    unsigned unbounded_rows;       /* 1,000 */
    double fat_state_bytes;        /* Livewire snapshot: 20,000 */
    double reference_rows;         /* what reads a table is ranked as with 10,000 rows or more; 0: as with those that are there */
};
extern const struct thresholds thresholds_default;

struct rule_in {
    const struct app *app;
    const struct flows *flows;         /* NULL: the static half did not run */
    const struct workload *load;       /* NULL: nothing was measured */
    const struct schema *schema;       /* of the copy when there is one, else from migrations; may be NULL */
    const struct engine *engine;       /* NULL: no plans */
    struct engine_conn *plans;         /* private copy, read-write: indexes are built there and dropped */
    uint64_t plans_until_ns;           /* of now_ns(): no plan is begun after it; 0: no limit */
    const char *no_plans;              /* why there are none; NULL: not tried */
    const struct thresholds *th;
    bool production;                   /* APP_ENV=production or a serving SAPI: checklist items may be ranked */
};

struct rule {
    const char *id, *family;           /* "n-plus-one-lazy", "queries" */
    const char *title;                 /* one line for -h, docs and SARIF */
    enum severity severity;
    enum klass klass;
    enum tier tier;                    /* the best it can reach */
    enum fix_kind fix;
    unsigned needs;                    /* enum need: any finding needs at least these */
    int (*run)(const struct rule_in *, struct findings *, struct err *);
};
extern const struct rule rules_table[];
extern const size_t rules_count;
const struct rule *rule_find(const char *id);

/* What joins a finding with the flow that it came from (finding.key). */
uint64_t flow_key(const struct flow *);
const struct flow *flow_of_finding(const struct flows *, const struct finding *); /* NULL: none */

struct rules_missing { const char *rule, *need; };
/* Runs all rules (or those in `only`, NULL-terminated ids). ret_missing: arena array of what could not look. */
int rules_run(const struct rule_in *, const char *const *only, struct findings *, struct arena *,
              struct rules_missing **ret_missing, size_t *ret_nmissing, struct err *) MUST_CHECK;
/* After findings_close: takes out what the code asks to leave out (`fettle-ignore RULE why`; counted in `ignored`) and
 * the rules that are off (NULL-terminated ids, or NULL). Ids of the others stay what they were. */
void rules_silence(const struct app *, const char *const *off, struct findings *);
#endif
