/* What the files of this room share. Nothing outside includes it. */
#ifndef FETTLE_PROVE_INTERNAL_H
#define FETTLE_PROVE_INTERNAL_H
#include "instance/jar.h"
#include "instance/page.h"
#include "prove/prove.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PEOPLE_MAX = 6,            /* guest, most rows, second, another tenant, admin, few or no rows */
    ASKS_MAX = 600,            /* requests of one comparison; more add time and no new code */
    ROUTES_MAX = 300,          /* timed or compared routes */
    REPLY_BODY_MAX = 16 << 20, /* a longer answer is cut and not comparable */
    REPLY_ARENA = 96 << 20,
    PAIRS_MAX = 96,            /* windows of one route and side */
};

struct person {
    const char *label, *guard, *id; /* id NULL: guest */
};

/* One request of the list that both sides are asked. */
struct ask {
    const char *route, *method, *path; /* route: "GET /rooms/{room}", "livewire rooms.index" */
    struct str body, content_type;
    const char *referer, *domain;      /* domain NULL: the instance's host */
    const char *shape;                 /* "own rows", "another's row", "page 2", "few or no rows", "guest" */
    unsigned person;
    bool livewire;
    int status;                        /* of the first visit of A */
};

/* What one trace told. */
struct told {
    bool any;
    double v[M_COUNT];
    char route[300];
    bool writes;
};

struct reply {
    struct fcgi_response r;
    struct arena *arena; /* freed by reply_release */
    enum rc rc;          /* of the call; RC_OK also for a 500 */
    struct err err;
    struct told told;
};

/* One running side. */
struct running {
    const char *label;
    struct instance *in;
    const char *index_php, *public_dir;
    struct jar jars[PEOPLE_MAX]; /* as they were at the baseline */
    struct told told;            /* where the next trace goes */
    volatile int *stop;
    uint64_t limit_ns;           /* of one request */
    uint64_t requests;
};

struct manner { /* how a request is asked */
    const char *seed, *record; /* NULL: as it comes; record: name of the record that the app writes */
};

struct proving {
    const struct app *app;
    const struct prove_opts *o;
    struct arena *arena; /* of the result */
    struct proof *proof;
    struct running a, b;
    struct person people[PEOPLE_MAX];
    unsigned npeople;
    struct ask asks[ASKS_MAX];
    size_t nasks;
    struct rng rng;
    uint64_t begin_ns, end_ns;
    double alpha, margin;
    long long frozen_at;
    size_t asks_left_out;
};

/* client.c */
int side_call(struct running *, const struct ask *, struct jar *, const struct person *, const struct manner *,
                struct reply *ret, struct err *) MUST_CHECK;
int side_json(struct running *, struct jar *, const struct manner *, const char *path, json_t **ret, struct err *) MUST_CHECK;
void reply_release(struct reply *);
int jar_copy(struct jar *to, const struct jar *from, struct err *) MUST_CHECK;
void running_init(struct running *, const char *label, struct instance *, const struct prove_opts *, struct arena *);

/* people.c, requests.c */
int people_find(struct proving *, struct err *) MUST_CHECK;
int people_sign_in(struct proving *, struct running *, struct err *) MUST_CHECK;
int requests_find(struct proving *, struct err *) MUST_CHECK;

/* timing.c */
int timing_run(struct proving *, struct err *) MUST_CHECK;

void prove_say(struct proving *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool prove_stopped(const struct proving *);
double prove_left_s(const struct proving *);
#endif
