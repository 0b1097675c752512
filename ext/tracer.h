/* One thread's tracer: the trace under way, its open spans, and how spans begin and end.
 *
 * A span is written when it *ends*; until then it is an entry on a stack (one stack per fiber),
 * because internal calls nest: a PDO callback may query, a curl callback may render. An entry is
 * known by its frame and function; entries whose frame is gone (exception, exit, fatal error) are
 * closed by the next sweep.
 *
 *     struct fettle_open *o = fettle_span_begin(t, execute_data, FW_SQL);
 *     h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
 *     if ((o = fettle_span_find(t, execute_data)))
 *         fettle_span_end(t, o);
 */
#ifndef FETTLE_EXT_TRACER_H
#define FETTLE_EXT_TRACER_H
#include "ai.h"
#include "blade.h"
#include "clock.h"
#include "place.h"
#include "ring.h"

struct fettle_open {
    zend_execute_data *frame;
    zend_function *func;
    uint64_t t; /* ticks */
    uint16_t index, kind, plant;
    uint8_t flags; /* fw_span_flag */
    bool silent;   /* counted and timed for its parents' sake, never written */
    uint32_t name, a;
    uint64_t b;
    struct fettle_place place;
};

struct fettle_stack {
    uint32_t n;
    zend_fiber_context *fiber; /* NULL: the main one */
    struct fettle_open open[FETTLE_STACK_MAX];
};

/* An open transaction: no entry of the stack, for it may begin and end in different functions. */
struct fettle_tx {
    const void *dbh; /* NULL: free */
    uint64_t t;
    uint16_t index, parent;
    uint32_t name;
    struct fettle_place place;
};

/* The last walk over frames: what asked, and the answer. */
struct fettle_last_walk {
    const zend_execute_data *frame;
    const zend_function *func;
    uint64_t trace;
    uint32_t index; /* spans begun by then */
    struct fettle_place place;
};

/* A statement whose rows are still being fetched: where its span lies in the ring. */
struct fettle_stmt {
    const void *obj;
    uint64_t trace, at; /* serial of the trace; position in the ring */
};

/* A curl handle: the shape of its body, and its transfer while it is in a multi handle. */
struct fettle_request {
    const void *obj;
    uint32_t handle, model;
    bool in_flight;
    uint8_t flags;
    uint16_t index, parent;
    uint64_t trace, t;
    struct fettle_ai_body body;
    struct fettle_place place;
};

/* A prepared statement of a driver that does not keep its text where we can read it. */
struct fettle_prepared {
    uint64_t key; /* object or connection and name */
    uint32_t name;
    uint8_t flags;
};

struct fettle_sum {
    uint32_t count, rows;
    uint64_t ticks;
};

struct fettle_tracer {
    bool active;               /* a trace is open and there is a ring */
    bool forked;               /* a child whose trace is still to be opened */
    bool thrown;               /* an exception was thrown since the last sweep */
    bool compiled;             /* some place of this trace carries FW_COMPILED */
    bool swept;                /* the stacks were cleared because the request is ending */
    bool cli, worker, between; /* between: a worker between two jobs, nothing is recorded */
    uint8_t type;              /* enum fw_type */
    uint64_t serial, thrown_at;
    struct fettle_clock clock;
    uint64_t t_open, cpu0_ns;
    uint64_t open_at; /* position of FW_OPEN in the ring */
    uint32_t next_index, nspans, dropped;
    uint32_t hydrated, lazy, events, refused, gc0, ntx;
    uint32_t name, action,
        status; /* found on the way: job class, component@method, a handled request's status */
    uint64_t bytes_out;
    uint64_t snapshot_bytes; /* of the snapshot last signed or checked */
    struct fettle_stack *stack;
    uint32_t nfibers;
    pid_t pid;
    const void *pg_link; /* the connection opened last, never followed */
    struct fettle_tx tx[FETTLE_TX_MAX];
    struct fettle_stmt stmt[FETTLE_STMT_MAX];
    struct fettle_request requests[FETTLE_REQUESTS_MAX];
    struct fettle_prepared prepared[FETTLE_PREPARED_MAX];
    struct fettle_last_walk last_walk;
    struct fettle_sum sums[FW_SPAN_KINDS];
    struct fettle_classes classes;
    struct fettle_views views;
    struct fettle_ring ring;
    struct fettle_stack main_stack;
    struct fettle_stack *fibers[FETTLE_FIBERS_MAX];
};

struct fettle_tracer *fettle_tracer_new(void); /* NULL: no memory */
void fettle_tracer_free(struct fettle_tracer *);

void fettle_trace_open(struct fettle_tracer *, enum fw_type, uint64_t t_ns);
void fettle_trace_close(struct fettle_tracer *);
void fettle_tracer_forked(struct fettle_tracer *); /* in the child */

bool fettle_trace_reopen(struct fettle_tracer *); /* the first event in a forked child */

/* Whether there is a trace to add to. */
static zend_always_inline bool fettle_live(struct fettle_tracer *t)
{
    return t && (EXPECTED(t->active) || (UNEXPECTED(t->forked) && fettle_trace_reopen(t)));
}

/* NULL: no trace, or no room on the stack. */
static inline struct fettle_open *fettle_span_begin(struct fettle_tracer *, zend_execute_data *,
                                                    enum fw_span_kind);
/* Writes the span and takes it (and whatever was left open above it) off the stack. */
void fettle_span_end(struct fettle_tracer *, struct fettle_open *);
void fettle_span_end_at(struct fettle_tracer *, struct fettle_open *, uint64_t ticks);
void fettle_span_drop(struct fettle_tracer *,
                      struct fettle_open *); /* takes it off, writes nothing */
void fettle_span_silence(struct fettle_tracer *,
                         struct fettle_open *); /* stays on the stack, is never written */
/* The entry of this frame, when it is still open. */
static inline struct fettle_open *fettle_span_find(struct fettle_tracer *, zend_execute_data *);
/* Closes entries whose frames are no ancestors of `ex`. */
void fettle_sweep(struct fettle_tracer *, zend_execute_data *ex);
void fettle_sweep_all(struct fettle_tracer *);
/* Index of the innermost open span. */
uint16_t fettle_parent(const struct fettle_tracer *);
/* Writes a span that was on no stack; its position in the ring, or UINT64_MAX. */
uint64_t fettle_span_write(struct fettle_tracer *, const struct fettle_open *, uint16_t parent,
                           uint64_t ticks_end);
uint16_t fettle_next_index(struct fettle_tracer *);

/* The span at a position of the ring, while its trace is open. */
static inline struct fw_span *fettle_span_at(struct fettle_tracer *t, uint64_t at)
{
    return (struct fw_span *)(t->ring.data + (at & t->ring.mask));
}

void fettle_fibers_register(void); /* at module start */

static inline struct fettle_open *fettle_span_begin(struct fettle_tracer *t, zend_execute_data *ex,
                                                    enum fw_span_kind kind)
{
    struct fettle_stack *s = t->stack;
    if (UNEXPECTED(!fettle_live(t) || !s))
        return NULL;
    if (UNEXPECTED(t->thrown))
        fettle_sweep(t, ex->prev_execute_data);
    if (UNEXPECTED((EG(flags) & EG_FLAGS_IN_SHUTDOWN) && !t->swept)) {
        t->swept = true;
        fettle_sweep_all(t);
    }
    if (UNEXPECTED(s->n >= FETTLE_STACK_MAX)) {
        t->dropped++;
        return NULL;
    }
    struct fettle_open *o = &s->open[s->n++];
    o->frame = ex;
    o->func = ex->func;
    o->index = fettle_next_index(t);
    o->kind = (uint16_t)kind;
    o->plant = 0;
    o->flags = t->ntx ? FW_IN_TX : 0;
    o->silent = false;
    o->name = o->a = 0;
    o->b = 0;
    o->place.state = FETTLE_PLACE_UNKNOWN;
    o->t = fettle_ticks(&t->clock);
    return o;
}

static inline struct fettle_open *fettle_span_find(struct fettle_tracer *t, zend_execute_data *ex)
{
    struct fettle_stack *s = t->stack;
    if (UNEXPECTED(!t->active || !s))
        return NULL;
    for (uint32_t i = s->n; i-- > 0;) {
        if (EXPECTED(s->open[i].frame == ex && s->open[i].func == ex->func))
            return &s->open[i];
    }
    return NULL;
}

#endif
