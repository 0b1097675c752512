/* Findings: what rules, db, load and search make, and fix, prove and report read. One type for static suspicions,
 * measured facts and both merged.
 *
 * A `struct findings` owns an arena; findings_add copies everything given to it, so callers may build on the stack.
 * Strings are NUL-terminated; NULL is "none". findings_close joins findings of one (rule, subject, symbol), assigns
 * ids and sorts: measured cost first (that of growth.ms where there is one), then severity and confidence, then id. The same input gives the same bytes.
 *
 *     struct findings *fs = findings_new();
 *     findings_add(fs, &(struct finding){ .rule = "n-plus-one-lazy", .at = {...}, .message = "..." }, err);
 *     findings_close(fs, err);
 *     for (size_t i = 0; i < fs->n; i++) print(&fs->items[i]);
 */
#ifndef FETTLE_FINDING_H
#define FETTLE_FINDING_H
#include "base/base.h"

enum role { ROLE_HERE, ROLE_QUERY, ROLE_LOOP, ROLE_READ, ROLE_RELATION, ROLE_CALL, ROLE_VIEW, ROLE_SCHEMA, ROLE_SETTING };
enum klass { CLASS_PERFORMANCE, CLASS_CORRECTNESS, CLASS_HYGIENE };
enum tier { TIER_RANKED, TIER_SUGGESTED, TIER_CHECKLIST };
enum severity { SEV_INFO, SEV_WARNING, SEV_ERROR };
enum confidence { CONF_LOW, CONF_MEDIUM, CONF_HIGH };
enum fix_kind { FIX_NONE, FIX_SUGGEST, FIX_AUTO };
enum source { SRC_DISK, SRC_TRACE, SRC_PLAN, SRC_LOAD, SRC_DB };
/* What kind of time a finding costs: the hue of its bar. */
enum time_kind { TIME_SQL, TIME_PHP, TIME_VIEW, TIME_LIVEWIRE, TIME_AI, TIME_CACHE, TIME_FRAMEWORK, TIME_KINDS };

struct place {
    const char *file; /* relative to the app's folder */
    uint32_t line, col;
    enum role role;
    const char *note; /* what this line does; NULL: the role says it */
};

struct evidence {
    const char *what, *unit; /* "statements a request", "ms", "rows"; unit may be "" */
    double value;
    const char *text;        /* for evidence that is no number (a statement, a plan line); NULL: value */
    enum source source;
};

struct edit { /* bytes of the version of the file whose hash is base_hash; del 0 and off 0 of hash 0: a new file */
    const char *file;
    uint64_t base_hash;
    uint32_t off, del;
    struct str ins;
    bool joins;           /* an insertion that may stand beside other such ones at its place, in any order */
};

struct cost {
    bool measured;
    double ms, lo, hi;   /* per request of `route`; interval of ms, NaN when there is none */
    double share;        /* of that route's time, 0..1 */
    double calls;        /* statements or calls a request */
    double bytes;        /* where bytes are what is wasted, else 0 */
    enum time_kind kind;
};

struct growth {
    const char *table;   /* NULL: does not grow with data, or not known */
    double per_row;
    const char *unit;    /* "statements" or "ms" a row of table */
    double times, ms;    /* cost.ms in proportion, were there `times` as many rows; 0: it is ranked as measured */
};

struct finding {
    char id[20];            /* filled by findings_close: 16 hex digits */
    const char *rule;       /* a rule of src/rules/table.c */
    const char *symbol;     /* class::method or view name that holds `at`: part of the id, no line number */
    const char *subject;    /* what it is about: relation, table(columns), statement shape, key, component */
    enum klass klass;
    enum tier tier;
    enum severity severity;
    enum confidence confidence;
    struct place at;
    const struct place *related;
    uint16_t nrelated;
    const struct evidence *evidence;
    uint16_t nevidence;
    const char *message;    /* <= 60 characters: what happens, with its number */
    const char *advice;     /* an order, with the code in it */
    const char *why;        /* one or two sentences of cause and effect */
    const char *route;      /* where it was measured: "GET /research-chat"; NULL */
    struct cost cost;
    struct growth growth;
    enum fix_kind fix_kind;
    const struct edit *edits;
    uint16_t nedits;
    const char *statement;  /* SQL shape where there is one */
    const char *plan;       /* plan text, lines separated by \n */
    uint64_t key;           /* what static and dynamic findings are joined by; 0: (rule, file, symbol, subject) */
    bool from_trace, from_disk;
};

struct findings {
    struct finding *items; /* after findings_close: joined, sorted */
    size_t n;
    uint64_t dropped;      /* beyond LIMIT_FINDINGS */
    uint64_t ignored;      /* that their own code asks to leave out (fettle-ignore) */
    struct arena *arena;
    size_t cap;
    bool closed;
};

struct findings *findings_new(void);
void findings_free(struct findings *);
int findings_add(struct findings *, const struct finding *, struct err *) MUST_CHECK;
int findings_close(struct findings *, struct err *) MUST_CHECK;
const char *severity_name(enum severity);   /* "error" */
const char *tier_name(enum tier);
const char *klass_name(enum klass);
const char *confidence_name(enum confidence);
const char *role_name(enum role);
const char *source_name(enum source);
const char *fix_kind_name(enum fix_kind);
const char *time_kind_name(enum time_kind); /* "sql", "php", "view", ... */
#endif
