/* Traces and spans; see tracer.h. */
#include "tracer.h"

#include "request.h"
#include "zend_observer.h"

#include <sys/mman.h>
#include <unistd.h>

#define INDEX_MAX 65534u

struct fettle_tracer *fettle_tracer_new(void)
{
    struct fettle_tracer *t =
        mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t == MAP_FAILED)
        return NULL;
    fettle_ring_init(&t->ring);
    t->stack = &t->main_stack;
    t->pid = getpid();
    return t;
}

void fettle_tracer_free(struct fettle_tracer *t)
{
    fettle_ring_release(&t->ring);
    fettle_blade_release(t);
    for (uint32_t i = 0; i < FETTLE_FIBERS_MAX; i++) {
        if (t->fibers[i])
            munmap(t->fibers[i], sizeof *t->fibers[i]);
    }
    munmap(t, sizeof *t);
}

void fettle_tracer_forked(struct fettle_tracer *t)
{
    fettle_ring_release(&t->ring); /* the parent's; the child makes its own at its next trace */
    fettle_ring_init(&t->ring);
    fettle_classes_clear(&t->classes);
    t->ring.retry_ns = 0;
    t->active = false;
    t->forked = true;
    t->pid = getpid();
}

bool fettle_trace_reopen(struct fettle_tracer *t)
{
    t->forked = false;
    fettle_trace_open(t, t->cli ? FW_CLI : FW_HTTP, 0);
    return t->active;
}

static uint64_t cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void clear_trace(struct fettle_tracer *t)
{
    t->serial++;
    t->next_index = t->nspans = t->dropped = 0;
    t->hydrated = t->lazy = t->events = t->refused = t->ntx = 0;
    t->name = t->action = t->status = 0;
    t->bytes_out = t->snapshot_bytes = 0;
    t->thrown = t->swept = t->compiled = false;
    t->main_stack.n = 0;
    memset(t->tx, 0, sizeof t->tx);
    memset(t->sums, 0, sizeof t->sums);
}

void fettle_trace_open(struct fettle_tracer *t, enum fw_type type, uint64_t t_ns)
{
    t->active = t->forked = false;
    uint32_t flags = FETTLE_G(values) ? FW_VALUES : 0;
    fettle_clock_start(&t->clock);
    if (!fettle_ring_ready(&t->ring, t->clock.ns0, fettle_tier, flags))
        return;
    clear_trace(t);
    bool fresh = t->ring.forget || !t->ring.nstrings;
    fettle_ring_begin(&t->ring);
    if (fresh || !t->ring.nstrings) { /* what keeps ids of strings starts over with them */
        fettle_classes_clear(&t->classes);
        memset(t->prepared, 0, sizeof t->prepared);
    }
    t->type = (uint8_t)type;
    t->t_open = t_ns ? t_ns : t->clock.ns0;
    t->cpu0_ns = cpu_ns();
    t->gc0 = fettle_gc_runs();
    t->open_at = UINT64_MAX;
    t->active = true;
    struct fw_open *o = fettle_ring_reserve(&t->ring, sizeof *o);
    if (!o)
        return; /* the trace is lost and counted when it closes */
    *o = (struct fw_open){ .r = { FW_OPEN, 0, sizeof *o / 8 }, .t_ns = t->t_open, .type = t->type };
    t->open_at = t->ring.w - sizeof *o;
    t->ring.head->tick_hz = fettle_clock_hz(&t->clock);
}

uint16_t fettle_next_index(struct fettle_tracer *t)
{
    return t->next_index < INDEX_MAX ? (uint16_t)++t->next_index : 0;
}

uint16_t fettle_parent(const struct fettle_tracer *t)
{
    const struct fettle_stack *s = t->stack;
    for (uint32_t i = s ? s->n : 0; i-- > 0;) {
        if (s->open[i].index && !s->open[i].silent)
            return s->open[i].index;
    }
    return 0;
}

static void sum_up(struct fettle_tracer *t, const struct fettle_open *o, uint64_t ticks)
{
    struct fettle_sum *s = &t->sums[o->kind];
    t->dropped++;
    s->count++;
    s->rows += o->a;
    s->ticks += ticks;
}

uint64_t fettle_span_write(struct fettle_tracer *t, const struct fettle_open *o, uint16_t parent,
                           uint64_t end)
{
    uint64_t ticks = end > o->t ? end - o->t : 0;
    struct fw_span *s = o->index ? fettle_ring_reserve(&t->ring, sizeof *s) : NULL;
    if (UNEXPECTED(!s)) {
        sum_up(t, o, ticks);
        return UINT64_MAX;
    }
    s->r = (struct fw_rec){ FW_SPAN, (uint8_t)(o->flags | o->place.flags), sizeof *s / 8 };
    s->index = o->index;
    s->parent = parent;
    s->kind = o->kind;
    s->place_line_hi = o->place.view; /* for fettle_blade_mend, which clears it */
    s->file = o->place.file;
    s->line = o->place.line;
    s->t_ns = fettle_clock_at(&t->clock, o->t);
    s->dur_ns = fettle_clock_ns(&t->clock, ticks);
    s->name = o->name;
    s->a = o->a;
    s->b = o->b;
    s->fn = o->place.fn;
    s->fn2 = o->place.fn2;
    t->nspans++;
    return t->ring.w - sizeof *s;
}

void fettle_span_end_at(struct fettle_tracer *t, struct fettle_open *o, uint64_t ticks)
{
    struct fettle_stack *s = t->stack;
    while (UNEXPECTED(&s->open[s->n - 1] > o)) { /* left open above us: their calls are over too */
        s->open[s->n - 1].flags |= FW_FAILED;
        fettle_span_end_at(t, &s->open[s->n - 1], ticks);
    }
    if (!o->silent && o->place.state == FETTLE_PLACE_UNKNOWN)
        fettle_place_of(t, o);
    s->n--;
    if (!o->silent)
        fettle_span_write(t, o, fettle_parent(t), ticks);
}

void fettle_span_end(struct fettle_tracer *t, struct fettle_open *o)
{
    fettle_span_end_at(t, o, fettle_ticks(&t->clock));
}

/* An index that nothing else followed is given back. */
static void return_index(struct fettle_tracer *t, struct fettle_open *o)
{
    if (o->index && o->index == t->next_index)
        t->next_index--;
    o->index = 0;
}

void fettle_span_silence(struct fettle_tracer *t, struct fettle_open *o)
{
    o->silent = true;
    return_index(t, o);
}

void fettle_span_drop(struct fettle_tracer *t, struct fettle_open *o)
{
    return_index(t, o);
    struct fettle_stack *s = t->stack;
    s->n = (uint32_t)(o - s->open);
}

/* Closes the topmost entries down to `keep`; their frames are gone, so nothing of them may be read.
 */
static void close_gone(struct fettle_tracer *t, uint32_t keep, uint64_t ticks, uint8_t flags)
{
    struct fettle_stack *s = t->stack;
    while (s->n > keep) {
        struct fettle_open *o = &s->open[--s->n];
        o->flags |= flags;
        if (o->place.state == FETTLE_PLACE_UNKNOWN)
            o->place = (struct fettle_place){ .state = FETTLE_PLACE_KNOWN };
        if (!o->silent)
            fettle_span_write(t, o, fettle_parent(t), ticks > o->t ? ticks : o->t);
    }
}

void fettle_sweep(struct fettle_tracer *t, zend_execute_data *ex)
{
    struct fettle_stack *s = t->stack;
    t->thrown = false;
    if (!s || !s->n)
        return;
    for (; ex; ex = ex->prev_execute_data) {
        for (uint32_t i = s->n; i-- > 0;) {
            if (s->open[i].frame == ex && s->open[i].func == ex->func) {
                close_gone(t, i + 1, t->thrown_at, FW_FAILED);
                return;
            }
        }
    }
    close_gone(t, 0, t->thrown_at, FW_FAILED);
}

void fettle_sweep_all(struct fettle_tracer *t)
{
    struct fettle_stack *at = t->stack;
    uint64_t now = fettle_ticks(&t->clock);
    for (uint32_t i = 0; i < FETTLE_FIBERS_MAX && t->nfibers; i++) {
        t->stack = t->fibers[i];
        if (t->stack)
            close_gone(t, 0, now, 0);
    }
    t->stack = &t->main_stack;
    close_gone(t, 0, now, 0);
    t->stack = at;
}

static void close_transactions(struct fettle_tracer *t)
{
    uint64_t now = fettle_ticks(&t->clock);
    for (uint32_t i = 0; i < FETTLE_TX_MAX; i++) {
        struct fettle_tx *x = &t->tx[i];
        if (!x->dbh)
            continue;
        struct fettle_open o = { .t = x->t,
                                 .index = x->index,
                                 .kind = FW_TX,
                                 .flags = FW_FAILED,
                                 .name = x->name,
                                 .a = 2,
                                 .place = x->place };
        fettle_span_write(t, &o, x->parent, now);
        x->dbh = NULL;
    }
}

static void write_sums(struct fettle_tracer *t)
{
    for (uint32_t k = 0; k < FW_SPAN_KINDS; k++) {
        const struct fettle_sum *s = &t->sums[k];
        struct fw_sum *r = s->count ? fettle_ring_slow(&t->ring, sizeof *r, true) : NULL;
        if (r)
            *r = (struct fw_sum){
                { FW_SUM, 0, sizeof *r / 8 },        (uint16_t)k, 0, s->count, s->rows,
                fettle_clock_ns(&t->clock, s->ticks)
            };
    }
}

void fettle_trace_close(struct fettle_tracer *t)
{
    if (!t->active)
        return;
    if (t->thrown && EG(exit_status) == 255) /* ended by an exception that nobody caught */
        fettle_sweep(t, EG(current_execute_data));
    fettle_sweep_all(t);
    close_transactions(t);
    uint64_t dur_ns = fettle_mono_ns() - t->t_open, used_ns = cpu_ns() - t->cpu0_ns;
    if (t->compiled)
        fettle_blade_mend(t);
    struct fw_close c = { .r = { FW_CLOSE, 0, sizeof c / 8 } };
    uint64_t id[2] = { 0, 0 };
    uint32_t name = fettle_request_describe(t, &c, id);
    c.dur_ns = dur_ns;
    c.cpu_ns = used_ns;
    c.dropped = t->dropped;
    c.nspans = t->nspans;
    c.hydrated = t->hydrated;
    c.lazy = t->lazy;
    c.events = t->events;
    c.refused = t->refused;
    c.bytes_out = t->bytes_out;
    write_sums(t);
    struct fw_close *r = fettle_ring_slow(&t->ring, sizeof c, true);
    if (r && t->open_at != UINT64_MAX) {
        *r = c;
        struct fw_open *o = (struct fw_open *)(t->ring.data + (t->open_at & t->ring.mask));
        o->name = name;
        o->type = t->type;
        o->trace_hi = id[0];
        o->trace_lo = id[1];
    } else {
        t->ring.lost = true;
    }
    fettle_ring_publish(&t->ring);
    t->active = false;
}

/* Fibers: each has a stack of its own, found again when it is switched to. */
static struct fettle_stack *stack_of(struct fettle_tracer *t, zend_fiber_context *f, bool make)
{
    struct fettle_stack **free_at = NULL;
    for (uint32_t i = 0; i < FETTLE_FIBERS_MAX; i++) {
        if (t->fibers[i] && t->fibers[i]->fiber == f)
            return t->fibers[i];
        if (!free_at && (!t->fibers[i] || !t->fibers[i]->fiber))
            free_at = &t->fibers[i];
    }
    if (!make || !free_at)
        return NULL;
    if (!*free_at) {
        void *p = mmap(NULL, sizeof **free_at, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                       -1, 0);
        if (p == MAP_FAILED)
            return NULL;
        *free_at = p;
    }
    t->nfibers++;
    (*free_at)->n = 0;
    (*free_at)->fiber = f;
    return *free_at;
}

static void on_switch(zend_fiber_context *from, zend_fiber_context *to)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (!t)
        return;
    t->stack = to == EG(main_fiber_context) ? &t->main_stack : stack_of(t, to, true);
}

static void on_destroy(zend_fiber_context *f)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_stack *s = t && t->nfibers ? stack_of(t, f, false) : NULL;
    if (!s)
        return;
    struct fettle_stack *at = t->stack == s ? &t->main_stack : t->stack;
    if (t->active) {
        t->stack = s;
        close_gone(t, 0, fettle_ticks(&t->clock), 0);
    }
    t->stack = at;
    s->fiber = NULL;
    t->nfibers--;
}

void fettle_fibers_register(void)
{
    zend_observer_fiber_switch_register(on_switch);
    zend_observer_fiber_destroy_register(on_destroy);
}
