/* Small concerns of one function each: sleep, mail, garbage collection, sizes of what is cached and
 * of snapshots. */
#include "handler.h"

#include "zend_gc.h"

static ZEND_NAMED_FUNCTION(plain_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_open *o = t ? fettle_span_begin(t, execute_data, h->target->kind) : NULL;
    if (o && h->target->kind == FW_SLEEP)
        o->name = fettle_string_z(&t->ring, EX(func)->common.function_name);
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (t && (o = fettle_span_find(t, execute_data)))
        fettle_span_end(t, o);
}

/* The subject's hash: a subject may name people. */
static ZEND_NAMED_FUNCTION(mail_span)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    struct fettle_open *o = t ? fettle_span_begin(t, execute_data, FW_MAIL) : NULL;
    zend_string *subject = fettle_arg_string(execute_data, 2);
    if (o && subject) {
        char hex[24];
        int n = snprintf(hex, sizeof hex, "subject:%08x", (unsigned)ZSTR_HASH(subject));
        o->name = fettle_string(&t->ring, hex, (size_t)n);
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    if (t && (o = fettle_span_find(t, execute_data))) {
        if (Z_TYPE_P(return_value) == IS_FALSE)
            o->flags |= FW_FAILED;
        fettle_span_end(t, o);
    }
}

/* Livewire signs and checks every snapshot: the text that it signs is the snapshot. */
static ZEND_NAMED_FUNCTION(hash_hmac_seen)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_tracer *t = FETTLE_G(tracer);
    const zend_execute_data *caller = EX(prev_execute_data);
    if (fettle_live(t) && caller && caller->func && caller->func->common.scope &&
        zend_string_equals_literal(caller->func->common.scope->name,
                                   "Livewire\\Mechanisms\\HandleComponents\\Checksum")) {
        const zend_string *text = fettle_arg_string(execute_data, 2);
        t->snapshot_bytes = text ? ZSTR_LEN(text) : 0;
    }
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

/* The innermost span that is written, when it is one of the cache. */
static struct fettle_open *cache_span(struct fettle_tracer *t)
{
    struct fettle_stack *s = fettle_live(t) ? t->stack : NULL;
    for (uint32_t i = s ? s->n : 0; i-- > 0;) {
        if (!s->open[i].silent)
            return s->open[i].kind == FW_CACHE ? &s->open[i] : NULL;
    }
    return NULL;
}

static void add_bytes(struct fettle_open *o, size_t n)
{
    if (o->a == FW_CACHE_MANY)
        o->b += n;
    else if (n > o->b)
        o->b = n;
}

static ZEND_NAMED_FUNCTION(serialize_seen)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    struct fettle_open *o = cache_span(FETTLE_G(tracer));
    if (UNEXPECTED(o && Z_TYPE_P(return_value) == IS_STRING))
        add_bytes(o, Z_STRLEN_P(return_value));
}

static ZEND_NAMED_FUNCTION(unserialize_seen)
{
    const struct fettle_hook *h = FETTLE_HOOK;
    struct fettle_open *o = cache_span(FETTLE_G(tracer));
    const zend_string *text = o ? fettle_arg_string(execute_data, 1) : NULL;
    if (UNEXPECTED(text))
        add_bytes(o, ZSTR_LEN(text));
    h->orig(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

static int (*prev_collect)(void);

static int collect_span(void)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (!t || !t->active)
        return prev_collect();
    struct fettle_open o = { .t = fettle_ticks(&t->clock), .kind = FW_GC };
    o.index = fettle_next_index(t);
    uint64_t serial = t->serial;
    int n = prev_collect(); /* destructors may run PHP code here */
    if (t->active && t->serial == serial) {
        o.a = n > 0 ? (uint32_t)n : 0;
        fettle_span_write(t, &o, fettle_parent(t), fettle_ticks(&t->clock));
    }
    return n;
}

static const struct fettle_target targets[] = {
    { NULL, "sleep", plain_span, FW_SLEEP, 0, 0 },
    { NULL, "usleep", plain_span, FW_SLEEP, 0, 0 },
    { NULL, "time_nanosleep", plain_span, FW_SLEEP, 0, 0 },
    { NULL, "time_sleep_until", plain_span, FW_SLEEP, 0, 0 },
    { NULL, "mail", mail_span, FW_MAIL, 2, 0 },
    { NULL, "hash_hmac", hash_hmac_seen, FW_LIVEWIRE_PHASE, 0, 0 },
    { NULL, "serialize", serialize_seen, FW_CACHE, 0, 0 },
    { NULL, "unserialize", unserialize_seen, FW_CACHE, 0, 0 },
};

void fettle_misc_install(void)
{
    fettle_hooks_install(targets, sizeof targets / sizeof *targets);
    prev_collect = gc_collect_cycles;
    gc_collect_cycles = collect_span;
}

void fettle_misc_remove(void)
{
    if (prev_collect)
        gc_collect_cycles = prev_collect;
}
