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
    PAIRS_MAX = 48,            /* windows of one route and side */
    EPOCH_PAIRS = 1,           /* pairs of the same two processes */
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
    bool touched, compared;            /* an edited place ran in it; both sides were asked it */
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
    struct state *state;
    volatile int *stop;
    uint64_t limit_ns;           /* of one request */
    uint64_t requests;
};

struct manner { /* how a request is asked */
    const char *seed, *record; /* NULL: as it comes; record: name of the record that the app writes */
    bool load;                 /* with work that means nothing */
};

/* Marks in the copies of edited files (cover.h). */
struct mark {
    const char *file;
    uint32_t from, to;     /* lines of this side's version */
    const char *part;      /* "else", "loop body", NULL: the statement itself */
    bool edited;           /* its lines are edited ones; else it is a branch of an edited statement */
    uint64_t runs;
    uint32_t of;           /* branch: the mark of its statement + 1; 0: none */
    bool implied;          /* has no place of its own: it ran when `of` ran more often than `of_other` */
    uint32_t of_other;
};
enum { MARKS_MAX = 4000 };
struct ran { /* in one request on side A */
    uint32_t mark;
    bool first;            /* in the request itself, not only in what followed it */
    uint64_t runs;
};
struct ran_list {
    struct ran *p;
    size_t n, cap;
};
struct cover {
    struct mark *marks[2]; /* by side; those of A for every side that will be tried */
    uint32_t n[2];
    bool *relevant;        /* marks of A that stand where this B is edited */
    struct ran_list *ran;  /* by request: marks of A */
    struct marked_source *sources; /* files of A that some B edits */
    size_t nsources;
    bool unseen;           /* an edit has no marked place in A: only visits of B tell where it runs */
    bool reaches_all;      /* no edits are known, or they lie where no mark can stand (configuration, routes) */
    const char *dir[2];    /* folders to start the sides with: edits and marked copies */
    bool migrates;         /* side B has migrations that side A has not */
    struct edited_file *files;
    struct str removed[2]; /* paths that a side lacks, one a line */
    size_t nfiles;
    const char *blind;     /* edited files without marks, for the user */
};

struct state;
struct noises;
struct known_answer;
struct proving {
    const struct app *app;
    struct prove_opts opts;
    const struct prove_opts *o;    /* &opts */
    struct arena *arena; /* of the result */
    struct workdir work;
    unsigned tries;
    const char *people_path;
    struct known_answer *known;    /* by request: what A answers, learnt once */
    uint64_t known_bytes;
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
    const char *real_dir;          /* of the application */
    size_t asks_left_out;
    struct told told[ASKS_MAX][2]; /* of the deep runs, by request and side */
    uint64_t records;
    unsigned pasts;
    double window_ms;              /* CPU time of a window */
    unsigned pairs_max, epoch_pairs; /* at most PAIRS_MAX; new processes after so many pairs, 0: never */
    bool no_control;
    struct noises *base_noises;    /* what the two baselines differ in */
    struct noises *route_noises;   /* typed places, by route */
    struct cover cover;
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
int people_ask(struct proving *, struct running *, struct err *) MUST_CHECK; /* as side A was, so that both were asked the same */
int people_sign_in(struct proving *, struct running *, struct err *) MUST_CHECK;
int requests_find(struct proving *, struct err *) MUST_CHECK;

/* timing.c */
void timing_defaults(struct proving *);
int timing_run(struct proving *, struct err *) MUST_CHECK;

struct prover {
    struct proving p;
};
void prove_say(struct proving *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool prove_stopped(const struct proving *);
double prove_left_s(const struct proving *);
#endif
