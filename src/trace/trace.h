/* Traces and the workload they fold into.
 *
 * decoder.c reads the bytes of one process's ring (include/fettle/wire.h): bounded, fuzzed, never aborts.
 * ring.c   is the collector's side: a SEQPACKET socket, one mapped ring a process.
 * workload.c folds traces: per route, per statement shape, per caller.
 *
 * Strings of a trace live in its decoder's dictionary; the workload copies what it keeps. One thread at a time for each object; merging workloads is exact and associative.
 */
#ifndef FETTLE_TRACE_H
#define FETTLE_TRACE_H
#include "base/base.h"
#include "fettle/wire.h"
#include "sql/sql.h"

struct span {
    uint64_t t_ns, dur_ns, self_ns; /* self: without its children */
    const char *name, *file;        /* file: absolute as the process said; NULL: none */
    const char *fn, *caller_fn;
    const char *values;             /* JSON array of bound values, private instance only; NULL */
    uint32_t line, a;
    uint64_t b;
    uint16_t kind, index, parent;   /* enum fw_span_kind; parent: index of a span earlier in the array, 0: none */
    uint8_t flags;
};

struct span_sum {
    uint16_t kind;
    uint32_t count, rows;
    uint64_t dur_ns;
};

/* Spans are numbered anew by the decoder, without gaps: spans[s->parent - 1] is the parent and stands earlier. A
 * trace is valid during the callback only; its strings until the writer
 * lets go of them (FW_FORGET) or the decoder is freed. `name` is never NULL. */
struct trace {
    uint64_t id[2], t_ns, dur_ns, cpu_ns;
    uint8_t type;                   /* enum fw_type */
    const char *name, *route, *action, *user;
    uint32_t status, peak_kb, hydrated, lazy, included_files, gc_runs, dropped, pid;
    uint64_t bytes_out;
    const struct span *spans;       /* ordered by index: a parent comes before its children */
    uint32_t nspans;
    bool truncated;                 /* spans were lost */
    uint8_t tier;                   /* enum fw_tier of the process at that time; 0: not known */
    uint32_t events, refused;       /* framework events dispatched; connections that the guard refused */
    const struct span_sum *sums;    /* what found no room as a span, by kind */
    uint32_t nsums;
};

struct decoder;
struct decoder *decoder_new(size_t ceiling_bytes);
void decoder_free(struct decoder *);
/* Takes any number of bytes of the record stream; calls on_trace for each whole trace. Damaged input gives RC_PARSE
 * and puts the decoder out of use (its earlier traces stay valid); unknown records are skipped. */
typedef void (*trace_fn)(void *ctx, const struct trace *);
int decoder_feed(struct decoder *, const void *bytes, size_t n, trace_fn on_trace, void *ctx, struct err *) MUST_CHECK;
uint64_t decoder_lost(const struct decoder *); /* traces, spans and strings that found no room or made no sense */
void decoder_tier(struct decoder *, unsigned tier); /* what following traces carry in `tier` */

/* The collector: listens on a SEQPACKET Unix socket, takes rings, reads them without stopping their writers. */
struct collector;
int collector_open(const char *socket_path, struct collector **ret, struct err *) MUST_CHECK;
void collector_close(struct collector *);
/* Accepts and reads what is there, waiting at most timeout_ms for something. Returns the number of traces, or < 0. */
int collector_poll(struct collector *, int timeout_ms, trace_fn on_trace, void *ctx, struct err *);
uint64_t collector_lost_traces(const struct collector *);
uint64_t collector_refused(const struct collector *); /* peers whose greeting or ring made no sense */
unsigned collector_peers(const struct collector *);   /* processes connected, or gone with bytes left to read */

/* --- the workload --- */
struct wshape { /* one statement shape */
    const char *sql;      /* normalised text */
    uint64_t fingerprint;
    const char *table;    /* main table, NULL unknown */
    const char *model;    /* class that its rows became, where a hydrate span told; NULL */
    bool write;           /* it may change data */
    bool select;          /* it returns rows */
    uint64_t calls, traces;
    double ms, rows;
    const char *example;  /* the text of its slowest call */
    const char **values;  /* up to WVALUES JSON arrays of bound values of calls with that text, the slowest's first
                             (private instance only) */
    uint16_t nvalues;
    uint32_t duplicates_in_trace; /* as in wcaller, over all callers */
};
enum { WVALUES = 100 };

struct wcaller { /* one shape from one place on one route: the evidence of an N+1 */
    uint32_t route, shape;
    const char *file, *fn;      /* application place; file relative when the workload knows the root */
    uint32_t line;
    const char *relation;       /* "App\\Models\\Room::owner" when it was a lazy load, else NULL */
    const char *view, *component; /* innermost view or Livewire component around it, NULL */
    uint64_t calls, traces, distinct_values; /* distinct bound values over all traces */
    uint32_t max_in_trace, min_in_trace;
    double ms, rows;            /* sums */
    double median_calls;        /* a trace */
    uint32_t parent_shape;      /* the select whose rows it follows; WNONE */
    double parent_rows;         /* rows of that select, per trace */
    const char *parent_file; uint32_t parent_line;
    uint32_t duplicates_in_trace; /* most calls in one trace with equal bound values and no write between */
    uint64_t echoes;            /* calls that another place had asked before in the same trace, no write between */
    const char *echo_file; uint32_t echo_line; /* that place; NULL: outside of the application, or no echoes */
    bool in_tx;
};
enum { WNONE = 0xffffffffu };

struct wroute {
    const char *name;     /* "GET /rooms/{room}", "livewire chat-interface", "artisan x" */
    const char *action;
    uint8_t type;
    uint32_t traces, errors;
    double ms_median, ms_p95, cpu_ms_median, ms_sum;
    double kind_ms[FW_SPAN_KINDS]; /* median self time by kind, a trace; [0]: in no span, and in kinds not known */
    double statements_median, rows_median, hydrated_median, lazy_median, peak_kb_max, bytes_out_median;
    bool has_side_effects;
    const char *side_effect; /* the first one seen */
    double *samples_ms; uint32_t nsamples; /* each request, in order; at most WSAMPLES */
    const struct wtrace *trace; /* one whole request near the median, of the runs that were timed; NULL: none */
};
enum { WSAMPLES = 512, WLINES = 160 };

/* One request as a tree of lines in preorder: siblings of one kind, shape and place are one line. */
struct wmark { float begin_ms, ms; };
struct wline {
    const char *name, *file;    /* name: of statements the normalised text; file: NULL unknown */
    uint32_t line, count;
    uint32_t first_a;           /* of the first span, for span_word */
    uint64_t a, b;              /* sums of the spans' */
    double ms;                  /* with what it holds */
    const struct wmark *marks; uint32_t nmarks; /* when its spans ran; neighbours are joined */
    uint8_t kind, depth;        /* depth from 1 */
    bool failed;
};
struct wtrace { double ms, left_out_ms; const struct wline *lines; uint32_t nlines; /* at most WLINES */ };

struct wcall { /* any other span of interest, summed by (route, kind, name, place) */
    uint32_t route; uint16_t kind;
    const char *name, *file, *fn; uint32_t line;
    uint64_t calls, traces; uint32_t max_in_trace;
    double ms; /* with what it holds */
    double self_ms;
    uint64_t a_sum, b_sum, b_max; uint32_t a_max; /* cache and livewire: one entry for each a, which is a_max */
    const char *view, *component; /* innermost around it, NULL */
    bool in_tx; double tx_ms;
};

struct workload {
    const struct wroute *routes; uint32_t nroutes;
    const struct wshape *shapes; uint32_t nshapes;
    const struct wcaller *callers; uint32_t ncallers;
    const struct wcall *calls; uint32_t ncalls;
    uint64_t traces, lost_traces, lost_spans, shapes_dropped;
};

struct workload_build;
struct workload_build *workload_new(const char *app_root); /* paths below it are made relative */
int workload_fold(struct workload_build *, const struct trace *, struct err *) MUST_CHECK;
int workload_merge(struct workload_build *into, const struct workload_build *from, struct err *) MUST_CHECK;
/* `into` keeps its structure (counts, callers, rows) and takes its times from `times`: routes' samples and what each
 * statement took from each place. So that a deep run's own cost never shows up in a finding. */
int workload_times(struct workload_build *into, const struct workload_build *times, struct err *err) MUST_CHECK;
/* Computes medians and pairs; a later close replaces an earlier one's result. The result lives as long as the build. */
const struct workload *workload_close(struct workload_build *, struct err *);
void workload_free(struct workload_build *);

/* --- one trace as a tree --- */
struct trace_node { /* siblings of one kind, shape and place */
    const struct span *span;    /* the first one; NULL: the request itself, nodes[0] */
    uint32_t count, depth;
    uint32_t child, last_child, next; /* other nodes; 0: none */
    uint32_t first, last;       /* its spans: t->spans[first - 1], and on by same[]; 0 ends */
    uint64_t ns, a, b;          /* sums */
    bool is_cut;                /* what is below is too deep, and left out */
};
struct trace_tree {
    struct trace_node *nodes; uint32_t n;
    uint32_t *same;
    uint32_t left_out; uint64_t left_out_ns; /* middleware, events and prepares that take next to nothing themselves */
};
int trace_tree_make(const struct trace *, struct trace_tree *ret) MUST_CHECK; /* points into the trace */
void trace_tree_release(struct trace_tree *);
void trace_print(const struct trace *, const char *app_root, bool colour, struct buf *out); /* the tree of `fettle trace` */
const char *span_kind_name(unsigned kind);
const char *span_word(unsigned kind, uint32_t a); /* what `a` says of it: "mount", "hit", "committed"; "" */
#endif
