/* Any bytes as a record stream, cut anywhere: decoded, folded, merged, closed and printed. The
 * first byte says where the stream is cut. */
#include "trace/trace.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sink {
    struct workload_build *b;
    struct buf out;
};

static void take(void *ctx, const struct trace *t)
{
    struct sink *s = ctx;
    for (uint32_t i = 0; i < t->nspans; i++)
        if (t->spans[i].parent > i || t->spans[i].index != i + 1 ||
            t->spans[i].self_ns > t->spans[i].dur_ns || t->spans[i].kind >= FW_SPAN_KINDS ||
            !t->spans[i].name)
            abort();
    if (workload_fold(s->b, t, NULL))
        abort();
    buf_clear(&s->out);
    trace_print(t, "/app", true, &s->out);
}

static void check(const struct workload *w)
{
    if (!w)
        abort();
    for (uint32_t i = 0; i < w->ncallers; i++) {
        const struct wcaller *c = &w->callers[i];
        if (c->route >= w->nroutes || c->shape >= w->nshapes || c->max_in_trace < c->min_in_trace ||
            (c->parent_shape != WNONE && c->parent_shape >= w->nshapes))
            abort();
    }
    for (uint32_t i = 0; i < w->ncalls; i++)
        if (w->calls[i].route >= w->nroutes || w->calls[i].kind >= FW_SPAN_KINDS)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoder *d = decoder_new((size_t)1 << 20);
    struct sink s = { workload_new("/app"), BUF_INIT((size_t)4 << 20) };
    struct workload_build *twice = workload_new(NULL);
    if (!d || !s.b || !twice)
        abort();
    size_t cut = size ? data[0] * (size - 1) / 255 : 0;
    const uint8_t *p = data + (size > 0);
    size -= size > 0;
    if (decoder_feed(d, p, cut, take, &s, NULL) == 0 &&
        decoder_feed(d, p + cut, size - cut, take, &s, NULL) == 0)
        (void)decoder_lost(d);
    if (workload_merge(twice, s.b, NULL) || workload_merge(twice, s.b, NULL) ||
        workload_times(twice, s.b, NULL))
        abort();
    check(workload_close(s.b, NULL));
    check(workload_close(twice, NULL));
    workload_free(s.b);
    workload_free(twice);
    buf_release(&s.out);
    decoder_free(d);
    return 0;
}
