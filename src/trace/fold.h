/* The inside of a workload build. Inside the trace room only. */
#ifndef FETTLE_TRACE_FOLD_H
#define FETTLE_TRACE_FOLD_H
#include "trace/trace.h"

enum {
    FOLD_ROUTES = 4000, /* more names than an application has: paths that no route matched */
    FOLD_CALLERS = 200000,
    FOLD_CALLS = 100000,
    FOLD_DISTINCT = 4096,     /* distinct values known of one caller; more are not told apart */
    FOLD_PARENTS = 8,         /* candidates for a caller's parent select over all traces */
    FOLD_KEPT = 5,            /* whole traces of a route */
    FOLD_TABLES = 4,          /* tables of one statement whose writes end a duplicate */
    FOLD_VALUE_BYTES = 16384, /* a longer JSON array of bound values is not kept */
};

/* What one trace adds to a route. The WSAMPLES with the smallest key are kept: a uniform sample
 * whatever the order of folding and merging. */
struct fsample {
    uint64_t key, t_ns;
    double ms, cpu_ms, bytes_out;
    float kind_ms[FW_SPAN_KINDS];
    float statements, rows, hydrated, lazy;
};
struct fcount { /* calls in one trace, sampled the same way */
    uint64_t key;
    uint32_t calls;
};

struct fline { /* struct wline in the making; marks: place in fkept.marks */
    sym name, file;
    uint32_t line, count, marks, nmarks, first_a;
    uint64_t a, b;
    double ms;
    uint8_t kind, depth, flags;
};
struct fkept {
    uint64_t key;
    double ms, left_out_ms;
    struct flines_vec VEC(struct fline) lines;
    struct fmarks_vec VEC(struct wmark) marks;
};
struct fkepts {
    struct fkept items[FOLD_KEPT];
    unsigned n;
};

struct froute {
    sym name, action, side_effect;
    uint8_t type;
    uint32_t traces, errors, peak_kb;
    double
        ns_sum; /* sums are whole nanoseconds in a double: exact, so their order does not matter */
    struct fsample_vec VEC(struct fsample) samples,
        timed; /* timed: times measured elsewhere (workload_times) */
    struct fkepts kept;
};

struct fshape {
    sym text, table, model, example;
    uint64_t fingerprint;
    sym tables[FOLD_TABLES];
    uint8_t kind; /* enum stmt_kind */
    bool write;
    uint64_t calls, traces;
    double ns, rows;
    uint64_t slowest_ns; /* of the example; values are of calls with that very text */
    struct fvalues_vec VEC(sym) values;
    uint32_t duplicates, epoch;
};

struct fparent {
    uint32_t shape, votes, line;
    sym file;
    double rows;
};

struct fcaller {
    uint32_t route, shape, line;
    sym file, fn, relation, view, component;
    uint64_t calls, traces;
    uint32_t max, min, duplicates, echo_of;
    uint64_t echoes;
    double ns, rows;
    bool in_tx;
    struct fdistinct_vec VEC(uint64_t) distinct;
    struct fcounts_vec VEC(struct fcount) counts;
    struct fparent parents[FOLD_PARENTS];
    uint8_t nparents;
    uint32_t epoch, touched; /* in the trace at hand: place in build.touched */
};

struct fcall {
    uint32_t route, line;
    uint16_t kind;
    sym name, file, fn, view, component;
    uint32_t a_key;
    uint64_t calls, traces, a_sum, b_sum, b_max;
    uint32_t max, a_max, epoch, in_trace;
    double ns, self_ns, tx_ns;
    bool in_tx;
};

struct ftouch {                    /* one caller in the trace at hand */
    uint32_t caller, calls, first; /* first: span */
    double rows;
};

struct workload_build {
    char *root;
    size_t nroot;
    struct syms *syms; /* every string that is kept */
    struct arena *result;
    struct map64 *route_of, *shape_of, *text_of, *caller_of, *call_of;
    struct map64 *distinct; /* (caller, value) pairs seen */
    struct map64 *write_at; /* table -> clock of its last write */
    uint64_t clock, unknown_write_at, any_write_at;
    struct froutes_vec VEC(struct froute) routes;
    struct fshapes_vec VEC(struct fshape) shapes;
    struct fcallers_vec VEC(struct fcaller) callers;
    struct fcalls_vec VEC(struct fcall) calls;
    struct ftouch_vec VEC(struct ftouch) touched;
    struct map64 *repeated; /* of the trace at hand: (shape, values) -> count and clock */
    struct arena *scratch;
    char *text;           /* room for one normalised statement */
    enum dialect dialect; /* as the last connection said */
    uint32_t epoch;       /* number of the trace at hand */
    uint64_t traces, lost_traces, lost_spans, shapes_dropped;
    struct workload out;
};

/* Shared by fold.c and merge.c. All return false or WNONE when a ceiling or memory ends. */
uint32_t fold_route(struct workload_build *, sym name, uint8_t type);
uint32_t fold_shape(struct workload_build *, uint64_t fingerprint, sym text);
uint32_t fold_caller(struct workload_build *, const struct fcaller *key);
uint32_t fold_call(struct workload_build *, const struct fcall *key);
bool fold_sample(struct fsample_vec *, const struct fsample *);
bool fold_count(struct fcaller *, struct fcount);
bool fold_distinct(struct workload_build *, uint32_t caller, uint64_t value);
/* The text of the slowest call is the example, and its values come first. */
void fold_example(struct workload_build *, struct fshape *, sym text, uint64_t ns, sym value);
void fold_vote(struct fcaller *, const struct fparent *);
bool fold_keep(struct workload_build *, struct froute *, const struct trace *, uint64_t key); /* kept.c */
bool fold_kept_add(struct workload_build *into, struct fkepts *to, const struct workload_build *from,
                   const struct fkepts *);
bool fold_kept_close(struct workload_build *, const struct fkepts *, double median_ms, const struct wtrace **ret);
void fold_kept_release(struct fkepts *);
void fold_pairs(struct workload_build *, const struct trace *);                        /* pairs.c */
sym fold_route_name(struct workload_build *, const struct trace *, uint8_t *ret_type); /* names.c */
sym fold_path(struct workload_build *, const char *file); /* relative to the root */
#endif
