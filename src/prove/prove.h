/* Two versions of an application, side by side on copies of the same data: is B faster, and does it behave the same?
 *
 * A side is the application's folder with files laid over it (struct side); both sides run as private instances. First
 * what has no noise (statements, rows, models, bytes, calls, peak memory), then CPU time a request, then latency, in
 * short windows in randomised ABBA blocks (src/stats). Behaviour: the same requests from the same snapshot, as several
 * identities and data shapes; the noise is learnt by running A against A; what differs beyond it is a difference.
 *
 *     struct prove_opts o = { .a = {"main", dir, NULL}, .b = {"fix", dir, edits}, .budget_ns = ... };
 *     struct proof *p;
 *     if (prove(app, &o, arena, &p, err)) ...
 */
#ifndef FETTLE_PROVE_H
#define FETTLE_PROVE_H
#include "finding/finding.h"
#include "instance/instance.h"
#include "laravel/laravel.h"
#include "stats/stats.h"

struct side {
    const char *label;      /* as the user named it */
    const char *dir;        /* the application's folder */
    const char *edits_dir;  /* files laid over it by path, NULL: as it is */
};

struct prove_opts {
    struct side a, b;
    const char *const *routes;          /* only these (patterns), NULL: what the driver finds */
    uint64_t budget_ns;
    double alpha, margin;               /* 0: 0.05 and 0.02 */
    uint64_t seed;
    bool behaviour_only, timing_only;
    bool stop_at_difference;            /* a candidate that behaves differently is not timed */
    bool candidate;                     /* one of many: only what its edits reach is asked, and its own route and two more timed;
                                           the rest is asked of all that is kept, together */
    bool until_not_slower;              /* a route that does less by the counters, or is none of the candidate's own, is timed
                                           only until it is surely not 3 % slower */
    const char *first_route;            /* candidate: the route that it is made for, NULL: the dearest one */
    const struct instance_opts *instance; /* what both sides share: extension, php, env */
    const char *as, *guard;
    void (*progress)(void *ctx, const char *line); void *progress_ctx; /* what is tried, the interval so far */
    volatile int *stop;
};

enum metric { M_STATEMENTS, M_ROWS, M_MODELS, M_BYTES, M_CACHE, M_HTTP, M_PEAK_KB, M_CPU, M_LATENCY, M_COUNT };

struct route_proof {
    const char *route, *url;
    double a[M_COUNT], b[M_COUNT];      /* medians */
    struct verdict cpu, latency;        /* of paired windows */
    const double *windows_a, *windows_b; size_t nwindows; /* raw CPU windows, ms a request: a verdict can be recomputed */
    unsigned requests_a_window;
    bool counters_differ;
    bool not_slower;                    /* it is sure that it is not 3 % slower, at the error rate of the verdict */
    const char *why_not;                /* why it is not timed; NULL: it is */
};

/* What differs, the first of its kind each; at most DIFFERENCES_MAX are kept, all are counted. */
struct difference { const char *route, *identity, *what /* "status", "body", "row", "job"… */, *where, *a, *b; };
enum { DIFFERENCES_MAX = 50 };

/* not_comparable: responses of which A against A varies in more than 2 %; not_compared: requests left out by the budget.
 * lines_edited are of B's version, lines_edited_a of A's; both count lines of code only. */
struct coverage { uint32_t lines_edited, lines_run_a, lines_run_b, responses, responses_equal, identities, shapes;
                  uint32_t not_comparable, not_compared, lines_edited_a;
                  uint64_t runs_of_edited_lines; const char *not_exercised; /* "app/X.php:88", NULL: all ran */ };

struct proof {
    enum verdict_kind verdict;          /* overall: of the dearest changed route; SLOWER when any route is */
    const char *invalid;                /* why nothing can be said, NULL: valid */
    struct verdict whole, aa;           /* all routes' geometric mean; A against A of the same design */
    double aa_ms[2];                    /* medians of the control */
    struct route_proof *routes; size_t nroutes;
    struct difference *differences; size_t ndifferences; uint64_t differences_total;
    bool same_behaviour;
    bool saved, more_work;              /* of saved results: times and behaviour were not compared; a counter of B is higher */
    struct coverage coverage;
    double masked_share;                /* most of one response that had to be masked as noise */
    const char *cost_of_fix;            /* "a covered route is 5 % slower", "peak memory +31 %"; NULL: none */
    const char *const *touched; size_t ntouched; /* routes in which an edited line ran */
    double seconds; const char *stopped_because; /* "sure", "budget", "stopped" */
    double alpha, margin; uint64_t seed;
};
int prove(const struct app *, const struct prove_opts *, struct arena *, struct proof **ret, struct err *) MUST_CHECK;

/* Many versions against one A: side A runs on, and its list of requests, its answers, what varies in them and which of its
 * lines run in which request are learnt once; each try has a side B of its own, from A's baseline. `all` are the sides that
 * will be tried, by their edits_dir (a union of some of them needs no entry). o->b is not read here, and of a try's options
 * only b, budget, behaviour_only, timing_only, stop_at_difference, candidate, until_not_slower, first_route are. What is
 * returned lives in `arena`. */
struct prover;
int prover_open(const struct app *, const struct prove_opts *, const struct side *all, size_t nall, struct arena *, struct prover **ret,
                struct err *) MUST_CHECK;
int prover_try(struct prover *, const struct prove_opts *, struct proof **ret, struct err *) MUST_CHECK;
void prover_close(struct prover *); /* NULL is fine; stops the sides, removes their folders */
/* Two results of fettle check, as JSON: counters only. */
int prove_saved(struct str a, struct str b, struct arena *, struct proof **ret, struct err *) MUST_CHECK;
/* A folder of the files of a git ref that differ from the working tree (deletions as whiteouts): a side's edits_dir. */
int side_of_ref(const char *dir, const char *ref, const char *workdir, char *ret_edits, size_t size, struct err *) MUST_CHECK;
/* The same of another copy of the application: files below `other` that differ from those below `dir`; what is made by
 * tools or at run time (vendor, node_modules, storage, .env, databases, caches) is left as `dir` has it. */
int side_of_folder(const char *dir, const char *other, const char *workdir, char *ret_edits, size_t size, struct err *) MUST_CHECK;
struct proof_style { bool colour; unsigned width; };
void proof_text(const struct proof *, const struct prove_opts *, const struct proof_style *, struct buf *out); /* a terminal's screen */
void proof_json(const struct proof *, struct json *); /* the report's `proof` object (docs/json.md) */
#endif
