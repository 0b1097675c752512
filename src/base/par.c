#include "base/par.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct job {
    size_t n;
    int (*fn)(void *, size_t, unsigned);
    void *ctx;
    _Atomic size_t next;
    _Atomic int result;
};

struct worker {
    struct job *job;
    unsigned number;
    pthread_t thread;
};

unsigned par_threads(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > PAR_MAX_THREADS ? PAR_MAX_THREADS : (unsigned)n;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct job *job = w->job;
    for (;;) {
        size_t i = atomic_fetch_add(&job->next, 1);
        if (i >= job->n || atomic_load(&job->result))
            return NULL;
        int rc = job->fn(job->ctx, i, w->number);
        int expected = 0;
        if (rc)
            atomic_compare_exchange_strong(&job->result, &expected, rc);
    }
}

int par_for(size_t n, unsigned threads, int (*fn)(void *, size_t, unsigned), void *ctx,
            struct err *err)
{
    struct job job = { .n = n, .fn = fn, .ctx = ctx };
    struct worker workers[PAR_MAX_THREADS];
    if (!threads || threads > PAR_MAX_THREADS)
        threads = par_threads();
    if (threads > n)
        threads = (unsigned)(n ? n : 1);
    unsigned started = 1; /* worker 0 is the caller, so it works even when no thread can be had */
    workers[0] = (struct worker){ .job = &job };
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, (size_t)16 << 20);
    for (; started < threads; started++) {
        workers[started] = (struct worker){ .job = &job, .number = started };
        if (pthread_create(&workers[started].thread, &attr, work, &workers[started]))
            break;
    }
    pthread_attr_destroy(&attr);
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    int rc = atomic_load(&job.result);
    if (rc && err && err->rc == RC_OK)
        return err_set(err, (enum rc)rc, NULL, "work on %zu items stopped: %s", n, rc_name(rc));
    return rc;
}
