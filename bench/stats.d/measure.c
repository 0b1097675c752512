/* The statistics of fettle's comparisons, tried on a real application: two private instances of the same code, of which B
 * may be given a busy loop. Many comparisons are made by the same code as `fettle prove`; beside each, on the same two
 * processes, the ways that people compare by: sequential blocks with a Mann-Whitney test, and hyperfine.
 *
 *     measure EXTENSION APP EDITS SECONDS COMPARISONS
 *     measure --ask SOCKET PUBLIC URI        one request, for hyperfine
 */
#include "prove/requests.h"
#include "prove/state.h"

#include <unistd.h>

enum { BLOCK = 20, EACH_SLOWDOWN = 15, HYPERFINE_RUNS = 6, ALL_MAX = 1000 };
static const double SLOWDOWNS[] = { 0.02, 0.05, 0.10 };

static void row(const char *name, double value, const char *unit)
{
    printf("%s\t%.4g\t%s\n", name, value, unit);
    fflush(stdout);
}

static void die(const struct err *err)
{
    fprintf(stderr, "bench/stats: %s\n", err->what);
    exit(3);
}

static int ask_once(char **argv)
{
    char index[PATH_MAX];
    struct fcgi_response r;
    struct err err = { 0 };
    auto_arena *a = arena_new(32 << 20);
    snprintf(index, sizeof index, "%s/index.php", argv[1]);
    struct fcgi_request q = { .method = "GET", .uri = argv[2], .script_filename = index, .document_root = argv[1] };
    return fcgi_call(argv[0], &q, 8 << 20, now_ns() + 10000000000u, a, &r, &err) || r.status != 200;
}

/* ---- Mann and Whitney 1947, normal approximation with mid-ranks and the correction for ties ---- */

struct ranked { double v; bool b; };

static int by_value(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return (a->v > b->v) - (a->v < b->v);
}

static double mann_whitney(const double *a, const double *b, size_t n)
{
    struct ranked all[2 * BLOCK];
    double sum = 0, ties = 0, m = (double)n, total = 2 * m;
    for (size_t i = 0; i < n; i++)
        all[i] = (struct ranked){ a[i], false }, all[n + i] = (struct ranked){ b[i], true };
    qsort(all, 2 * n, sizeof *all, by_value);
    for (size_t i = 0; i < 2 * n;) {
        size_t j = i;
        while (j < 2 * n && all[j].v == all[i].v)
            j++;
        double t = (double)(j - i);
        ties += t * t * t - t;
        for (size_t k = i; k < j; k++)
            sum += all[k].b ? ((double)(i + j) + 1) / 2 : 0;
        i = j;
    }
    double u = sum - m * (m + 1) / 2, var = m * m / 12 * (total + 1 - ties / (total * (total - 1)));
    return var > 0 ? 2 * (1 - stats_normal_cdf(fabs(u - m * m / 2) / sqrt(var))) : 1;
}

/* ---- the two sides ---- */

struct bench {
    struct proving *p;
    struct err err;
    const char *busy_path;
    double loops_a_ms, cpu_ms;
    char self[PATH_MAX];
};

static double one_request(struct bench *b, struct running *s, double *ret_wall)
{
    struct reply r;
    if (side_call(s, &b->p->asks[0], NULL, &b->p->people[0], NULL, &r, &b->err))
        die(&b->err);
    double cpu = r.told.v[M_CPU];
    *ret_wall = r.told.v[M_LATENCY];
    if (r.rc || r.r.status != 200 || !r.told.any) {
        err_set(&b->err, RC_STATE, NULL, "side %s answers %d", s->label, r.rc ? 0 : r.r.status);
        die(&b->err);
    }
    reply_release(&r);
    return cpu;
}

static double median_cpu(struct bench *b, struct running *s, size_t n)
{
    double v[64], wall;
    for (size_t i = 0; i < n; i++)
        v[i] = one_request(b, s, &wall);
    return stats_median(v, n);
}

static void set_busy(struct bench *b, double loops)
{
    char text[32];
    snprintf(text, sizeof text, "%.0f", loops);
    if (state_put(b->p->b.state, b->busy_path, str_c(text), &b->err))
        die(&b->err);
}

static void calibrate(struct bench *b)
{
    enum { LOOPS = 400000 };
    set_busy(b, 0);
    median_cpu(b, &b->p->b, 20);
    b->cpu_ms = median_cpu(b, &b->p->b, 40);
    set_busy(b, LOOPS);
    double busy = median_cpu(b, &b->p->b, 40) - b->cpu_ms;
    b->loops_a_ms = LOOPS / fmax(busy, 0.01);
    set_busy(b, 0);
}

struct tally {
    unsigned n, faster, slower, same, undecided, mann, mann_wrong_way;
    double seconds[ALL_MAX], pairs[ALL_MAX];
};

static void compare(struct bench *b, struct tally *t)
{
    struct proving *p = b->p;
    auto_arena *a = arena_new(64 << 20);
    struct proof proof = { 0 };
    double blocks[2][BLOCK], wall;
    if (!a)
        exit(3);
    p->arena = a;
    p->proof = &proof;
    p->end_ns = now_ns() + 60000000000u;
    uint64_t begin = now_ns();
    if (timing_run(p, &b->err) || instance_tier(p->a.in, FW_ALWAYS, &b->err))
        die(&b->err);
    const struct route_proof *r = &proof.routes[0];
    t->seconds[t->n] = (double)(now_ns() - begin) / 1e9;
    t->pairs[t->n] = (double)r->nwindows;
    if (getenv("FETTLE_BENCH_SHOW"))
        fprintf(stderr, "%s\t%.4f\t%.4f\t%.4f\t%zu\n", verdict_name(r->cpu.kind), r->cpu.effect, r->cpu.interval.lo, r->cpu.interval.hi, r->nwindows);
    unsigned *const kinds[] = { &t->undecided, &t->faster, &t->slower, &t->same };
    ++*kinds[r->cpu.kind];
    for (unsigned side = 0; side < 2; side++)
        for (size_t i = 0; i < BLOCK; i++) {
            one_request(b, side ? &p->b : &p->a, &wall);
            blocks[side][i] = wall;
        }
    t->mann += mann_whitney(blocks[0], blocks[1], BLOCK) < 0.05;
    t->n++;
}

/* hyperfine's own figures: mean and standard deviation of each, and their ratio with its propagated deviation, as it
 * prints them. A difference is called where the ratio is further from 1 than that. */
static bool hyperfine_differs(struct bench *b, bool *ret_ran)
{
    char json[] = "/tmp/fettle-bench-XXXXXX", a[PATH_MAX * 3], c[PATH_MAX * 3];
    int fd = mkstemp(json);
    if (fd >= 0)
        close(fd);
    snprintf(a, sizeof a, "%s --ask %s %s /fettle-bench", b->self, b->p->a.in->fpm_sock, b->p->a.public_dir);
    snprintf(c, sizeof c, "%s --ask %s %s /fettle-bench", b->self, b->p->b.in->fpm_sock, b->p->b.public_dir);
    const char *argv[] = { "hyperfine", "-N", "--warmup", "2", "--runs", "20", "--style", "none", "--export-json", json, a, c, NULL };
    struct proc_opts o = { .argv = argv };
    struct proc_result r = { 0 };
    json_error_t problem;
    *ret_ran = proc_run(&o, &r, &b->err) == RC_OK && r.status == 0;
    proc_result_release(&r);
    json_t *j = *ret_ran ? json_load_file(json, 0, &problem) : NULL, *list = json_object_get(j, "results");
    double m[2], s[2];
    for (size_t i = 0; i < 2; i++) {
        m[i] = json_number_value(json_object_get(json_array_get(list, i), "mean"));
        s[i] = json_number_value(json_object_get(json_array_get(list, i), "stddev"));
    }
    json_decref(j);
    unlink(json);
    double ratio = m[1] / m[0], sd = ratio * sqrt(pow(s[0] / m[0], 2) + pow(s[1] / m[1], 2));
    return *ret_ran && fabs(ratio - 1) > sd;
}

static void start(struct bench *b, const char *extension, const char *edits)
{
    struct proving *p = b->p;
    struct instance_opts o = { .extension = extension, .edits_dir = edits };
    for (unsigned side = 0; side < 2; side++) {
        struct running *s = side ? &p->b : &p->a;
        struct instance *in = NULL;
        if (instance_start(p->app, &o, &in, &b->err))
            die(&b->err);
        running_init(s, side ? "B" : "A", in, p->o, p->arena);
        if (state_begin(&s->state, in, &b->err))
            die(&b->err);
    }
}

static void report(const char *suffix, const struct tally *t, bool aa)
{
    char name[80];
    double n = t->n ? t->n : 1, pairs[ALL_MAX], seconds[ALL_MAX];
    memcpy(pairs, t->pairs, sizeof pairs);
    memcpy(seconds, t->seconds, sizeof seconds);
    snprintf(name, sizeof name, "%s_comparisons", suffix), row(name, t->n, "count");
    if (!aa)
        snprintf(name, sizeof name, "%s_found_pct", suffix), row(name, 100 * t->slower / n, "%");
    snprintf(name, sizeof name, "%s_called_faster_pct", suffix), row(name, 100 * t->faster / n, "%");
    snprintf(name, sizeof name, "%s_same_pct", suffix), row(name, 100 * t->same / n, "%");
    snprintf(name, sizeof name, "%s_undecided_pct", suffix), row(name, 100 * t->undecided / n, "%");
    snprintf(name, sizeof name, "%s_seconds", suffix), row(name, stats_median(seconds, t->n), "s, median");
    snprintf(name, sizeof name, "%s_pairs", suffix), row(name, stats_median(pairs, t->n), "pairs, median");
    snprintf(name, sizeof name, "%s_mann_whitney_pct", suffix), row(name, 100 * t->mann / n, aa ? "% false, sequential blocks" : "% found, sequential blocks");
}

static void with_hyperfine(struct bench *b, const char *suffix, bool aa, unsigned runs)
{
    unsigned n = 0, differs = 0;
    char name[80];
    for (unsigned i = 0; i < runs; i++) {
        bool ran;
        bool d = hyperfine_differs(b, &ran);
        n += ran;
        differs += d;
    }
    snprintf(name, sizeof name, "%s_hyperfine_pct", suffix);
    if (n)
        row(name, 100.0 * differs / n, aa ? "% false, by its own deviation" : "% found, by its own deviation");
    else
        printf("%s\t-\thyperfine is not installed\n", name);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--ask") == 0)
        return ask_once(argv + 2);
    if (argc != 6)
        return 2;
    static struct proving p;
    static struct prove_opts o;
    static struct bench b;
    static struct tally t;
    uint64_t begin = now_ns();
    double seconds = strtod(argv[4], NULL);
    unsigned want = (unsigned)strtoul(argv[5], NULL, 10);
    struct app_opts app_opts = { 0 };
    struct app *app;
    o.timing_only = true;
    p = (struct proving){ .o = &o, .arena = arena_new(64 << 20), .alpha = 0.05, .margin = 0.02, .npeople = 1, .nasks = 1 };
    b.p = &p;
    if (!p.arena || readlink("/proc/self/exe", b.self, sizeof b.self - 1) < 0 || app_open(argv[2], &app_opts, &app, &b.err))
        die(&b.err);
    p.app = app;
    p.people[0] = (struct person){ "guest", "web", NULL };
    p.asks[0] = (struct ask){ .route = "GET /fettle-bench", .method = "GET", .path = "/fettle-bench", .shape = "guest", .status = 200, .touched = true };
    timing_defaults(&p);
    p.window_ms = 30; /* a cheap request: what a pair costs is its two new processes */
    p.pairs_max = 24;
    p.no_control = true;
    p.rng = rng_new(now_ns());
    start(&b, argv[1], argv[3]);
    struct arena *own = p.arena;
    char real[PATH_MAX];
    b.busy_path = arena_printf(own, "%s/public/busy", realpath(argv[2], real) ? real : argv[2]);
    calibrate(&b);
    row("request_cpu_ms", b.cpu_ms, "ms");
    row("stated_rate_pct", p.alpha * 100, "%");
    double aa_until = seconds * 0.62;
    for (unsigned i = 0; i < want && i < ALL_MAX && (double)(now_ns() - begin) / 1e9 < aa_until; i++) {
        compare(&b, &t);
    }
    row("false_verdict_pct", t.n ? 100.0 * (t.faster + t.slower) / t.n : NAN, "%");
    report("aa", &t, true);
    with_hyperfine(&b, "aa", true, HYPERFINE_RUNS * 3);
    for (size_t k = 0; k < sizeof SLOWDOWNS / sizeof *SLOWDOWNS; k++) {
        char suffix[40];
        double until = seconds * (0.66 + 0.11 * (double)(k + 1));
        t = (struct tally){ 0 };
        set_busy(&b, b.loops_a_ms * b.cpu_ms * SLOWDOWNS[k]);
        for (unsigned i = 0; i < EACH_SLOWDOWN && (double)(now_ns() - begin) / 1e9 < until; i++)
            compare(&b, &t);
        snprintf(suffix, sizeof suffix, "slower_%.0f_pct", SLOWDOWNS[k] * 100);
        report(suffix, &t, false);
        with_hyperfine(&b, suffix, false, HYPERFINE_RUNS);
    }
    row("took", (double)(now_ns() - begin) / 1e9, "s");
    state_end(p.a.state);
    state_end(p.b.state);
    instance_stop(p.a.in);
    instance_stop(p.b.in);
    return 0;
}
