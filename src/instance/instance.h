/* A private instance of an application: php-fpm of the app's own PHP with fettle.so, behind a network and a mount
 * namespace, on copies of its databases; and the driver that visits its pages. Nothing of the user's is touched: app
 * folder and database folders are overlays at their real paths (docs/instance.md tells why each wall is there).
 *
 *     struct instance *in;
 *     if (instance_start(app, &opts, &in, err)) ...        // nothing is left behind on error
 *     struct drive_result r;
 *     drive(in, &plan, on_trace, ctx, &r, err);
 *     instance_stop(in);                                   // NULL is fine; frees it
 *
 * One thread at a time for each instance; any number of instances at once. A signal handler sets *opts.stop: every
 * call returns RC_INTERRUPTED within 50 ms, and instance_stop then takes everything down.
 */
#ifndef FETTLE_INSTANCE_H
#define FETTLE_INSTANCE_H
#include "base/base.h"
#include "finding/finding.h"
#include "laravel/laravel.h"
#include "net/net.h"
#include "trace/trace.h"

struct instance_opts {
    const char *extension;      /* path of fettle.so; NULL: beside the binary, or ../lib/fettle/<php api>/ */
    const char *php, *fpm;      /* NULL: found from the app's requirement and PATH; says which and why */
    const char *edits_dir;      /* side B: files laid over the app by path, NULL: none; paths that it lacks stand one a
                                   line in its file .fettle-removed */
    const char *const *env;     /* extra K=V for the private copy, NULL-terminated, or NULL */
    const char *host;           /* NULL: from APP_URL */
    bool deep;                  /* tier of the extension at first; instance_tier changes it */
    bool freeze_clock;          /* fixed time, seeded random and UUIDs */
    bool values;                /* bound values may be collected (memory only) */
    bool for_tests;             /* only instance_exec is wanted, to run the app's own test suite: no caches, no provider
                                   of ours, no php-fpm; servers answer at their own addresses */
    bool resettable;            /* keep what instance_reset needs of a copied server (SQLite can always be reset) */
    bool network_wall_only;     /* user agreed to go on where namespaces are refused */
    unsigned workers;           /* php-fpm workers, 0: 1 */
    unsigned standin_http_ms, standin_ai_ms; /* latency of the stand-ins for outgoing calls; 0: 20 and 200 */
    uint64_t copy_max_bytes;    /* a server's database larger than this is not copied; 0: 500 MB */
    void (*say)(void *ctx, const char *line); void *say_ctx; /* one line of progress or plan; NULL: silent */
    uint64_t until_ns;          /* of now_ns(): a start that takes longer gives up; 0: no limit */
    volatile int *stop;         /* becomes non-zero when the user wants to stop (signal); may be NULL */
};

struct instance {
    char dir[4096];             /* everything made is under it */
    char fpm_sock[108], ring_sock[108];
    pid_t group;
    const struct app *app;
    const char *php_version, *php_path, *php_why; /* which PHP and why */
    const char *db_note;        /* what data copy: "SQLite, 12 MB copied" */
    const char *standin;        /* "outgoing calls are answered after 20 ms, model calls after 200 ms"; NULL: nobody answers */
    const char *walls;          /* "network and mount namespaces, capabilities dropped" */
    char upper[4096];           /* overlay's upper layer of the app folder: what the app wrote, and side B's edits */
    const char *db_copy;        /* the start snapshot inside dir (SQLite), to be read at any time before instance_stop;
                                   what the app has written since is in instance_db_snapshot; NULL */
    enum dialect dialect;
    const char *db_dsn;         /* of a private MariaDB, MySQL or PostgreSQL server, in the form that src/db/db.h takes, by
                                   its socket: also from outside, while the instance lives; NULL: SQLite or none */
    const char *host;           /* as requests must name it: "shop.test", "localhost:8000" */
    bool https;
    struct collector *collector;
    struct private_ *p;
};

/* For whoever captures and restores the private state more finely than instance_reset: the databases' files and the
 * overlays. `upper` is the layer as it lies outside (read it only: a change there is undefined while mounted); writes
 * go through /proc/<group>/root/<path>, which leads through the mount namespace, and only while no script runs. */
struct instance_file { const char *path, *start /* copy as it was at the start */, *upper; };
struct instance_layer { const char *folder, *upper; };
size_t instance_sqlite(const struct instance *, struct instance_file *ret, size_t max);
size_t instance_layers(const struct instance *, struct instance_layer *ret, size_t max);
int instance_start(const struct app *, const struct instance_opts *, struct instance **ret, struct err *) MUST_CHECK;
void instance_stop(struct instance *);
int instance_tier(struct instance *, enum fw_tier, struct err *) MUST_CHECK; /* restarts workers where needed */
/* php-fpm of the current tier anew: OPcache and whatever lives in its processes begin empty; files laid over since are seen. */
int instance_restart(struct instance *, struct err *) MUST_CHECK;
/* A consistent copy of the private database at this moment, for plans and what-if indexes. */
int instance_db_snapshot(struct instance *, const char *to, struct err *) MUST_CHECK;
/* Runs artisan or any PHP inside the same walls: for route:list, migrations of side B, the app's tests. */
int instance_exec(struct instance *, const char *const *argv, uint64_t timeout_ns, struct proc_result *ret, struct err *) MUST_CHECK;
/* Puts the private data back to where it was at start (databases, files written, sessions). */
int instance_reset(struct instance *, struct err *) MUST_CHECK;
/* Stale work folders of killed runs: removed when their lock is free. Called at every start. */
void instance_sweep(void);

/* --- driving --- */
struct identity { const char *label; const char *guard; const char *id; }; /* id NULL: guest */
struct drive_step { const char *method, *path; const char *body, *content_type; }; /* from fettle.toml */

struct drive_opts {
    uint64_t budget_ns;
    const char *as, *guard;         /* --as: id or email; NULL: the user with most rows */
    const char *const *routes;      /* --route patterns, NULL-terminated, or NULL: all GET routes */
    const double *suspicion;        /* one per app->routes: higher is visited earlier; NULL */
    const struct drive_step *steps; size_t nsteps;
    uint64_t request_limit_ns;      /* 0: 10 s */
    unsigned min_samples, max_samples; /* a route's median is stable, or this many; 0: 5 and 40 */
    void (*progress)(void *ctx, const char *route, uint32_t done, uint32_t total); void *progress_ctx;
    void (*look)(void *ctx, const struct workload *so_far); /* once, when the first pages are known; NULL: not wanted */
    volatile int *stop;
};

struct visit {
    const char *route;              /* "GET /rooms/{room}", "livewire Name": as the workload names it where it was traced */
    const char *url;                /* the concrete one */
    const char *as;                 /* "user 1", "a guest": somebody else than user_note tells, who may see it; NULL: the same */
    int status;
    uint32_t samples;
    double median_ms, cpu_median_ms, rel_spread; /* of the always-on runs */
    bool measured;                  /* false: see why_not. Of one sample: timed once, in the structure pass */
    const char *why_not, *next;     /* "redirects to the login", "no parameter found", "budget ended"… */
    bool side_effects; const char *side_effect;
    bool livewire;
};
struct drive_result {
    struct visit *visits; uint32_t nvisits;
    const struct workload *workload;     /* structure from deep runs, times from always-on runs */
    const char *user_note;               /* as whom: "user 1, the one with most rows (12,345)" */
    double seconds;
    bool stopped_early; const char *stop_reason;
};
/* Deep tier first for structure, then always-on for times; most suspicious routes first; warm, then until the median is
 * stable; one empty Livewire update a component found on a 200 page. budget_ns counts from the call; 0: what is left of
 * 60 s since instance_start. The result lives until the next drive() or instance_stop. */
int drive(struct instance *, const struct drive_opts *, struct drive_result **ret, struct err *) MUST_CHECK;
#endif
