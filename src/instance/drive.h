/* What the files of the driver share: the client that signs in and asks, the targets, the budget.
 */
#ifndef FETTLE_INSTANCE_DRIVE_H
#define FETTLE_INSTANCE_DRIVE_H
#include "instance/internal.h"
#include "instance/jar.h"
#include "instance/page.h"

enum {
    TARGETS_MAX = 4000,
    LINKS_MAX = 20000,
    SAMPLES_MAX = 512,
    CANDIDATES_MAX = 4,
    BODY_MAX = 16 << 20
};

enum target_kind { TARGET_ROUTE, TARGET_STEP, TARGET_LIVEWIRE };

struct target {
    enum target_kind kind;
    const char *name;         /* "GET /rooms/{room}", "livewire chat-interface" */
    const char *method, *uri; /* uri: the pattern of a route */
    const char *paths[CANDIDATES_MAX];
    unsigned npaths;
    unsigned who;         /* index of d->people */
    bool guest;           /* asked without cookies: its middleware turns users away */
    bool sure;            /* type hints vouch for the candidate paths */
    const char *domain;   /* NULL: the app's own host */
    const char *why_none; /* no candidate: why */
    double suspicion;
    struct str body, content_type; /* steps and Livewire updates */
    const char *referer;           /* Livewire: the page that holds it */
    uint32_t order;
    /* what came of it */
    const char *url, *traced_as; /* traced_as: the route's name in the workload */
    int status;
    bool visited, ok, once; /* ok: 2xx; once: side effects that are not repeated */
    const char *why_not, *next;
    const char *side_effect;
    double first_ms; /* wall time of the last visit of the structure pass */
    double samples_ms[SAMPLES_MAX], samples_cpu_ms[SAMPLES_MAX];
    uint32_t nsamples;
};

struct person {     /* whom we are signed in as, in a session of their own */
    const char *id; /* NULL: nobody */
    struct jar jar;
    bool signed_in;
};

struct seen { /* what one request's trace told */
    bool any;
    double ms, cpu_ms;
    char route[300];
    bool writes, sends; /* SQL writes; mail, pushes, outgoing calls that change something */
    char effect[120];
};

struct drive {
    struct instance *in;
    struct drive_opts o;
    struct arena *arena; /* of the result */
    struct drive_result result;
    struct workload_build *structure, *times,
        *fold_into;         /* fold_into: where the next trace goes; NULL: nowhere */
    bool only_with_effects; /* fold the next trace only when it changes or sends something: it may
                               be the last one */
    struct seen seen;
    struct person people[2]; /* the user; and another one, asked where the first may not go */
    unsigned who;            /* of requests without a target */
    struct target **targets;
    size_t ntargets;
    struct syms *links; /* paths seen on pages, as interned strings: 1..syms_count */
    uint64_t begin_ns, end_ns, limit_ns;
    const char *guard, *index_php, *public_dir;
    uint32_t restarts, requests, unfolded;
    struct syms *livewire; /* component names that have a target */
};

struct answer {
    struct fcgi_response r;
    struct arena *arena; /* freed by answer_release */
    enum rc rc;
    struct err err;
};

/* client.c */
int client_choose(struct drive *, struct err *) MUST_CHECK; /* whom; fills people and user_note */
int client_sign_in(struct drive *, unsigned who,
                   struct err *) MUST_CHECK; /* again, too, after a page signed us out */
/* One request and its trace. Failures of the app are in the answer; RC_INTERRUPTED and RC_NOMEM are
 * returned. */
int client_ask(struct drive *, const struct target *, const char *path, struct answer *ret,
               struct err *) MUST_CHECK;
int client_get(struct drive *, const char *path, struct answer *ret, struct err *) MUST_CHECK;
void answer_release(struct answer *);
bool answer_is_login(const struct answer *);
const char *answer_text(struct drive *, const struct answer *,
                        const char *fallback); /* why it failed, in the app's words */
double left_s(const struct drive *);
/* targets.c */
int targets_read(struct drive *, struct err *) MUST_CHECK;
struct target *target_add(struct drive *, enum target_kind);
const char *target_link(struct drive *, const struct target *,
                        unsigned nth); /* a link seen that fits its pattern; NULL */
const char *
target_derived(struct drive *,
               const struct target *); /* its parameters taken from a link that begins like it */
int target_note_page(struct drive *, const struct target *, struct str html,
                     struct err *) MUST_CHECK;
bool pattern_fits(const char *uri, const char *path); /* "rooms/{room}" against "/rooms/7" */
/* trace_seen.c */
void seen_trace(void *drive, const struct trace *);
/* visit.c */
int visit_for_structure(struct drive *, struct target *, bool hurry, struct err *) MUST_CHECK;
int visit_for_times(struct drive *, struct target *, uint64_t slice_ns, struct err *) MUST_CHECK;
double median_of(const double *v, size_t n); /* v is not changed */
double relative_spread(const double *v,
                       size_t n); /* half the notch of the median, of the median; 1 for n < 3 */
#endif
