/* The decoder: the record stream of one process, turned into traces.
 *
 * The bytes come from another process and are believed in nothing: every length is checked against
 * what is there, unknown kinds are stepped over, unknown ids are "none", and everything that grows
 * has a ceiling. What finds no room is counted. */
#include "trace/trace.h"

#include <stdlib.h>

struct decoder {
    struct arena *strings;                  /* dictionary; lives as long as the decoder */
    struct map64 *ids;                      /* id -> const char * */
    struct arena *scratch;                  /* of the trace at hand: bound values, spans in order */
    struct span_vec VEC(struct span) spans; /* as they came: in the order of ending */
    uint16_t *order; /* wire index -> place in spans + 1; LIMIT_SPANS + 1 long */
    struct trace at_hand;
    bool open, dead;
    uint8_t tier;
    struct span_sum sums[FW_SPAN_KINDS];
    uint32_t nsums;
    uint32_t spans_lost; /* of the trace at hand */
    uint32_t last_sql;   /* place + 1 of the span that a FW_VALUE belongs to */
    uint64_t lost;
    char *tail; /* a record that the last feed cut */
    size_t ntail, tail_cap;
};

struct decoder *decoder_new(size_t ceiling_bytes)
{
    struct decoder *d = fault_calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->strings = arena_new(ceiling_bytes - ceiling_bytes / 4);
    d->scratch = arena_new(ceiling_bytes / 4 + LIMIT_SPANS * sizeof(struct span));
    d->ids = map64_new();
    d->order = fault_calloc(LIMIT_SPANS + 1, sizeof *d->order);
    if (!d->strings || !d->scratch || !d->ids || !d->order) {
        decoder_free(d);
        return NULL;
    }
    return d;
}

void decoder_free(struct decoder *d)
{
    if (!d)
        return;
    arena_free(d->strings);
    arena_free(d->scratch);
    map64_free(d->ids);
    vec_release(&d->spans);
    free(d->order);
    free(d->tail);
    free(d);
}

uint64_t decoder_lost(const struct decoder *d)
{
    return d->lost;
}

void decoder_tier(struct decoder *d, unsigned tier)
{
    d->tier = (uint8_t)tier;
}

static const char *string_of(const struct decoder *d, uint32_t id)
{
    uint64_t p;
    return id && map64_get(d->ids, id, &p) ? (const char *)(uintptr_t)p : NULL;
}

static const char *string_or_empty(const struct decoder *d, uint32_t id)
{
    const char *s = string_of(d, id);
    return s ? s : "";
}

static void take_string(struct decoder *d, const char *rec, size_t n)
{
    struct fw_str r;
    memcpy(&r, rec, sizeof r);
    if (!r.id || r.nbytes > n - sizeof r)
        return;
    const char *had = string_of(d, r.id), *bytes = rec + sizeof r;
    size_t len = strnlen(bytes, r.nbytes);
    if (had && strlen(had) == len && memcmp(had, bytes, len) == 0)
        return; /* sent again after a reconnect */
    char *copy = arena_strndup(d->strings, bytes, len);
    if (!copy || !map64_put(d->ids, r.id, (uintptr_t)copy))
        d->lost++;
}

static void forget_trace(struct decoder *d)
{
    d->spans.n = 0;
    d->spans_lost = d->last_sql = d->nsums = 0;
    d->open = false;
    d->at_hand = (struct trace){ 0 };
    arena_clear(d->scratch);
}

static void take_open(struct decoder *d, const char *rec)
{
    struct fw_open r;
    memcpy(&r, rec, sizeof r);
    if (d->open)
        d->lost++; /* its close never came */
    forget_trace(d);
    d->open = true;
    d->at_hand = (struct trace){ .id = { r.trace_hi, r.trace_lo },
                                 .t_ns = r.t_ns,
                                 .type = r.type,
                                 .tier = d->tier,
                                 .name = string_or_empty(d, r.name) };
}

static void take_span(struct decoder *d, const char *rec)
{
    struct fw_span r;
    memcpy(&r, rec, sizeof r);
    d->last_sql = 0;
    if (!d->open) {
        d->lost++;
        return;
    }
    struct span s = {
        .t_ns = r.t_ns,
        .dur_ns = r.dur_ns,
        .name = string_or_empty(d, r.name),
        .file = string_of(d, r.file),
        .fn = string_of(d, r.fn),
        .caller_fn = string_of(d, r.fn2),
        .line = r.line,
        .a = r.a,
        .b = r.b,
        .kind = r.kind < FW_SPAN_KINDS ? r.kind : 0,
        .index = r.index,
        .parent = r.parent,
        .flags = r.r.flags,
    };
    if (!r.index || !vec_push_max(&d->spans, s, LIMIT_SPANS)) {
        d->spans_lost++;
        d->lost++;
        return;
    }
    if (s.kind == FW_SQL)
        d->last_sql = (uint32_t)d->spans.n;
}

static void take_value(struct decoder *d, const char *rec, size_t n)
{
    struct fw_value r;
    memcpy(&r, rec, sizeof r);
    if (!d->last_sql || r.nbytes > n - sizeof r)
        return;
    struct span *s = &d->spans.p[d->last_sql - 1];
    s->values = arena_strndup(d->scratch, rec + sizeof r, strnlen(rec + sizeof r, r.nbytes));
    if (!s->values)
        d->lost++;
}

/* Puts the spans in the order of opening and numbers them anew without gaps, so that
 * spans[s->parent - 1] is always the parent, and an earlier element. */
static struct span *put_in_order(struct decoder *d, uint32_t *ret_n)
{
    uint32_t top = 0, n = 0;
    memset(d->order, 0, (LIMIT_SPANS + 1) * sizeof *d->order);
    for (uint32_t i = 0; i < d->spans.n; i++) {
        uint16_t index = d->spans.p[i].index;
        if (!d->order[index])
            d->order[index] = (uint16_t)(i + 1);
        else
            d->spans_lost++; /* said twice */
        top = index > top ? index : top;
    }
    struct span *out = arena_new_array(d->scratch, struct span, d->spans.n ? d->spans.n : 1);
    if (!out)
        return NULL;
    for (uint32_t index = 1; index <= top; index++) {
        if (!d->order[index])
            continue;
        out[n] = d->spans.p[d->order[index] - 1];
        uint16_t parent = out[n].parent;
        out[n].parent =
            parent < index ? d->order[parent] : 0; /* order[] of what is done: its new number */
        out[n].index = (uint16_t)(n + 1);
        d->order[index] = (uint16_t)++n;
    }
    *ret_n = n;
    return out;
}

/* A transaction is no parent: what ran inside lies beside it, under spans that were open before it.
 * That time is not its own. */
static void leave_inside_out(struct span *spans, uint32_t n, uint32_t tx)
{
    uint64_t end = spans[tx].t_ns + spans[tx].dur_ns;
    for (uint32_t i = tx + 1; i < n && spans[i].t_ns < end; i++)
        if (spans[i].parent <= tx && spans[i].kind != FW_TX)
            spans[tx].self_ns -=
                spans[i].dur_ns < spans[tx].self_ns ? spans[i].dur_ns : spans[tx].self_ns;
}

static void compute_self(struct span *spans, uint32_t n)
{
    enum { TX_LOOKED_AT = 1000 }; /* each looks at what follows it: a ceiling on the square */
    uint32_t ntx = 0;
    for (uint32_t i = 0; i < n; i++)
        spans[i].self_ns = spans[i].dur_ns;
    for (uint32_t i = 0; i < n; i++) {
        if (spans[i].kind == FW_TX && ntx++ < TX_LOOKED_AT)
            leave_inside_out(spans, n, i);
        if (!spans[i].parent)
            continue;
        struct span *up = &spans[spans[i].parent - 1];
        uint64_t its = spans[i].kind == FW_TX ? spans[i].self_ns : spans[i].dur_ns;
        up->self_ns -= its < up->self_ns ? its : up->self_ns;
    }
}

static void take_sum(struct decoder *d, const char *rec)
{
    struct fw_sum r;
    memcpy(&r, rec, sizeof r);
    if (!d->open || d->nsums >= FW_SPAN_KINDS)
        return;
    d->sums[d->nsums++] =
        (struct span_sum){ r.kind < FW_SPAN_KINDS ? r.kind : 0, r.count, r.rows, r.dur_ns };
}

/* The writer names none of its strings again. Inside a trace that would leave dangling names: that
 * trace is lost. */
static void forget_strings(struct decoder *d)
{
    struct map64 *ids = map64_new();
    if (!ids)
        return; /* keeps the old ones, which is only dearer */
    d->lost += d->open;
    forget_trace(d);
    map64_free(d->ids);
    d->ids = ids;
    arena_clear(d->strings);
}

static void take_close(struct decoder *d, const char *rec, trace_fn on_trace, void *ctx)
{
    struct fw_close r;
    memcpy(&r, rec, sizeof r);
    if (!d->open) {
        d->lost++;
        return;
    }
    uint32_t nspans = 0;
    struct span *spans = put_in_order(d, &nspans);
    if (!spans) {
        d->lost++;
        forget_trace(d);
        return;
    }
    compute_self(spans, nspans);
    struct trace *t = &d->at_hand;
    t->dur_ns = r.dur_ns;
    t->cpu_ns = r.cpu_ns;
    t->status = r.status;
    t->peak_kb = r.peak_kb;
    t->route = string_of(d, r.route);
    t->action = string_of(d, r.action);
    t->user = string_of(d, r.user);
    t->bytes_out = r.bytes_out;
    t->hydrated = r.hydrated;
    t->lazy = r.lazy;
    t->included_files = r.included_files;
    t->gc_runs = r.gc_runs;
    t->dropped = r.dropped + d->spans_lost;
    t->truncated = t->dropped > 0;
    t->events = r.events;
    t->refused = r.refused;
    t->sums = d->sums;
    t->nsums = d->nsums;
    t->spans = spans;
    t->nspans = nspans;
    if (on_trace)
        on_trace(ctx, t);
    forget_trace(d);
}

static void take_record(struct decoder *d, const char *rec, size_t n, trace_fn on_trace, void *ctx)
{
    static const size_t least[] = {
        [FW_STR] = sizeof(struct fw_str),     [FW_OPEN] = sizeof(struct fw_open),
        [FW_SPAN] = sizeof(struct fw_span),   [FW_CLOSE] = sizeof(struct fw_close),
        [FW_VALUE] = sizeof(struct fw_value), [FW_SUM] = sizeof(struct fw_sum),
        [FW_FORGET] = sizeof(struct fw_rec),
    };
    unsigned kind = (unsigned char)rec[0];
    if (kind >= sizeof least / sizeof *least || n < least[kind])
        return;
    switch (kind) {
    case FW_STR:
        take_string(d, rec, n);
        break;
    case FW_OPEN:
        take_open(d, rec);
        break;
    case FW_SPAN:
        take_span(d, rec);
        break;
    case FW_VALUE:
        take_value(d, rec, n);
        break;
    case FW_SUM:
        take_sum(d, rec);
        break;
    case FW_FORGET:
        forget_strings(d);
        break;
    case FW_CLOSE:
        take_close(d, rec, on_trace, ctx);
        break;
    default:
        break;
    }
}

static int damaged(struct decoder *d, struct err *err)
{
    d->dead = true;
    return err_set(err, RC_PARSE,
                   "the process that wrote it uses another version of the extension, or is broken",
                   "the event stream holds a record of length 0");
}

/* Length of the record at p, 0: damaged, SIZE_MAX: more bytes are needed. */
static size_t record_length(const char *p, size_t n)
{
    struct fw_rec r;
    if (n < sizeof r)
        return SIZE_MAX;
    memcpy(&r, p, sizeof r);
    size_t len = (size_t)r.len8 * 8;
    return !len ? 0 : len > n ? SIZE_MAX : len;
}

static int keep_tail(struct decoder *d, const char *p, size_t n, struct err *err)
{
    if (d->ntail + n > d->tail_cap) {
        size_t want = d->tail_cap ? d->tail_cap : 4096;
        while (want < d->ntail + n)
            want *= 2;
        char *bigger = fault_realloc(d->tail, want);
        if (!bigger) {
            d->dead = true; /* what follows could not be told apart any more */
            return err_set(err, RC_NOMEM, NULL, "no memory for a record of %zu bytes",
                           d->ntail + n);
        }
        d->tail = bigger;
        d->tail_cap = want;
    }
    memcpy(d->tail + d->ntail, p, n);
    d->ntail += n;
    return 0;
}

/* Completes the record that the last feed cut. Returns how many bytes it took from p, or < 0. */
static long finish_tail(struct decoder *d, const char *p, size_t n, trace_fn on_trace, void *ctx,
                        struct err *err)
{
    size_t used = 0;
    while (d->ntail && used < n) {
        size_t len = record_length(d->tail, d->ntail);
        if (!len)
            return damaged(d, err);
        if (len != SIZE_MAX) {
            take_record(d, d->tail, len, on_trace, ctx);
            d->ntail = 0;
            break;
        }
        size_t want = d->ntail < sizeof(struct fw_rec)
                          ? sizeof(struct fw_rec)
                          : (size_t)((struct fw_rec *)(void *)d->tail)->len8 * 8;
        if (!want)
            return damaged(d, err);
        size_t take = want - d->ntail < n - used ? want - d->ntail : n - used;
        int rc = keep_tail(d, p + used, take, err);
        if (rc)
            return rc;
        used += take;
    }
    if (d->ntail && record_length(d->tail, d->ntail) == d->ntail) {
        take_record(d, d->tail, d->ntail, on_trace, ctx);
        d->ntail = 0;
    }
    return (long)used;
}

int decoder_feed(struct decoder *d, const void *bytes, size_t n, trace_fn on_trace, void *ctx,
                 struct err *err)
{
    const char *p = bytes;
    if (d->dead)
        return err_set(err, RC_STATE, NULL, "the event stream of this process was damaged before");
    while (n) {
        if (d->ntail) {
            long used = finish_tail(d, p, n, on_trace, ctx, err);
            if (used < 0)
                return (int)used;
            p += used;
            n -= (size_t)used;
            continue;
        }
        size_t len = record_length(p, n);
        if (!len)
            return damaged(d, err);
        if (len == SIZE_MAX)
            return keep_tail(d, p, n, err);
        take_record(d, p, len, on_trace, ctx);
        p += len;
        n -= len;
    }
    return 0;
}
