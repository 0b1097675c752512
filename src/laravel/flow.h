/* The one abstract interpreter: it follows rows of Eloquent queries through calls, view data, Blade includes and
 * components, resources and accessors, and says what happens to them: a relation read on the row of a loop, a query
 * in a loop, a whole table hydrated to be counted. Rules (src/rules) turn these events into findings.
 *
 * Flow-insensitive in branches (both sides are walked and joined), calls inlined with a memo by (method, argument
 * values), recursion cut at two, a budget of steps an entry; what was cut is counted in `flow_stats`.
 */
#ifndef FETTLE_LARAVEL_FLOW_H
#define FETTLE_LARAVEL_FLOW_H
#include "laravel/app.h"

enum flow_kind {
    FLOW_LAZY,          /* a relation of the row is read as a property in its loop, not eager-loaded */
    FLOW_QUERY,         /* a query in a loop that depends on the loop (find, first, DB::table…) */
    FLOW_AGGREGATE,     /* $row->rel()->count()/exists()/sum()… in the loop of the row */
    FLOW_RELATION_QUERY,/* any other query through a relation method of the row: $row->rel()->where()->get() */
    FLOW_WRITE,         /* save/update/delete/create/insert on the row or with it, in its loop */
    FLOW_CACHE_READ,    /* Cache::get/remember in a loop, key depends on the loop */
    FLOW_HTTP,          /* an outgoing HTTP call in a loop */
    FLOW_AI,            /* a model call (chat, embedding); in a loop or not: see `in_loop` */
    FLOW_HTTP_IN_TX,    /* an outgoing HTTP, AI call, queue or mail inside DB::transaction or between begin and commit */
    FLOW_DISPATCH,      /* a job or notification dispatched in a loop */
    FLOW_HYDRATE_AGG,   /* get()->count()/sum/… : subject is the PHP side's method */
    FLOW_FILTER_PHP,    /* get()->where/filter/sortBy/take/first… */
    FLOW_UNBOUNDED,     /* all()/get() without limit whose rows are iterated or serialised */
    FLOW_ACCESSOR_QUERY,/* an accessor (or $appends, or cast) that queries, run for a row */
    FLOW_DUPLICATE,     /* the same constant query twice on one path, no write between */
    FLOW_AI_SYNC,       /* a model call on the path of a web request or Livewire action */
    FLOW_VALIDATION,    /* exists/unique rule on an array element */
    FLOW_KINDS
};

enum flow_context { FLOW_WEB_GET = 1, FLOW_WEB_WRITE = 2, FLOW_LIVEWIRE_CTX = 4, FLOW_JOB_CTX = 8, FLOW_CONSOLE = 16,
                    FLOW_OTHER = 32 /* not reached from a known entry */ };

enum step_role { STEP_QUERY, STEP_LOOP, STEP_READ, STEP_RELATION, STEP_CALL, STEP_VIEW, STEP_ACCESSOR, STEP_TX };
struct flow_step {
    struct ref at;
    uint8_t role; /* enum step_role */
};

struct flow {
    uint8_t kind;        /* enum flow_kind */
    uint8_t confidence;  /* 0..100 */
    uint8_t context;     /* enum flow_context bits of the entries that reach it */
    bool few_rows;       /* find-like equality on a unique column, take(3), enum-like table: keep, but info */
    bool in_loop;
    bool origin_is_relation; /* the query is a lazily loaded relation or a relation method of another model */
    struct ref at;       /* where the finding stands: the query that lacks the eager load, else the statement */
    struct ref entry;    /* method, closure or view where the walk began */
    uint32_t model;      /* class of the row, NO_CLASS: unknown */
    const char *subject; /* never NULL: relation path to load ("author", "messages.author"), relation or table of the
                            query, method, key; strings belong to the flows */
    const char *callee;  /* never NULL: for aggregates count, exists, sum…; for queries the terminal; for FLOW_LAZY "" or
                            "load"/"loadMissing" when the row is loaded by hand in its loop */
    struct flow_step *steps; uint16_t nsteps; /* in the order a reader follows them: query, …, loop, …, read */
    /* for fixers: */
    struct ref chain;    /* the outermost call expression of the origin's chain (its terminal) */
    struct ref read;     /* the expression that reads */
    struct ref loop;     /* S_FOREACH or the call that iterates; REF_NONE: not in a loop */
    struct ref accessor; /* accessor method of the row through which the read runs, REF_NONE: none */
    struct ref model_of; /* E_NAME or call where the origin's chain begins (Room in Room::latest()), REF_NONE: none */
    uint8_t relation;    /* enum relation_kind of the relation that is read or queried */
    bool origin_in_loop; /* the origin itself runs once an iteration of the same loop: with() there saves little */
    bool through_appends;/* an $appends accessor run by serialising */
    bool origin_has_with; struct ref with_call; /* an existing with() to merge into */
};

/* A predicate as it reaches the database, for index rules. */
enum pred_op { PRED_EQ, PRED_IN, PRED_RANGE, PRED_LIKE_PREFIX, PRED_LIKE_INFIX, PRED_NULL, PRED_FUNCTION /* whereDate… */,
               PRED_ORDER, PRED_JOIN, PRED_OTHER };
struct predicate {
    const char *table;                 /* NULL: unknown */
    struct pred_col {
        const char *column;
        uint8_t op;
        const char *fn;                /* whereDate…: the method, of raw SQL its function; PRED_JOIN: "other.column"; else NULL */
        bool literal;                  /* compared with a constant of the source */
        bool descending;               /* PRED_ORDER */
        struct ref at;                 /* the call that says it; REF_NONE: a relation does */
    } *cols; uint16_t ncols;           /* whole set of one query, in source order */
    struct ref at;
    uint8_t context;
    bool has_limit, from_relation;
};

struct flow_stats {
    uint64_t entries, steps, inlined, cut_depth, cut_steps, cut_recursion, cut_memory, memo_hits;
};

struct flows {
    struct flow *items; uint32_t n;           /* sorted by file, line, kind, subject; each (kind, line, subject) once, what is
                                                 mended at the loop (queries, writes) once a loop */
    struct arena *arena;                      /* private: holds all of the above and below */
    struct predicate *preds; uint32_t npreds; /* each (table, columns, at) once */
    struct flow_stats stats;
};

struct flow_opts {
    uint32_t max_depth;    /* 0: 12 calls */
    uint32_t max_steps;    /* 0: 60,000 an entry */
    unsigned threads;
};
/* Walks every entry. The result is the same for any number of threads. *ret lives until flows_free; refs point into `app`, which must outlive it. */
int flows_find(const struct app *, const struct flow_opts *, struct flows **ret, struct err *) MUST_CHECK;
void flows_free(struct flows *);
/* One sentence a step, as `why` prints it: "app/X.php:12 query: Room::latest()->paginate(20)". */
void flow_explain(const struct app *, const struct flow *, struct buf *out);
#endif
