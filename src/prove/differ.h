/* Two values compared place by place: text by words, JSON by type and order, HTML as a tree, bytes by extent.
 *
 * It runs in two modes. Learning: A against A; each place that differs becomes noise of a class (a time, an id, a token;
 * anything where the structure itself varies). Judging: A against B; a difference at a noisy place whose value is of the
 * learnt class is masked, ids and tokens must map one to one, and every other difference is told to `found`.
 * A place is a path: "body /html/body/ul/li[3]/@href w2".
 *
 * Total on any input: foreign bytes come through here (fuzz/prove_differ.c). One thread a differ. */
#ifndef FETTLE_PROVE_DIFFER_H
#define FETTLE_PROVE_DIFFER_H
#include "base/base.h"

#include <jansson.h>

enum noise {
    NOISE_NONE, NOISE_TIME, NOISE_ID, NOISE_TOKEN,
    NOISE_WORK, /* a number that follows how much was done: it changed when A was given work that means nothing */
    NOISE_ANY,
};
enum { DIFFER_PLACE_MAX = 4096, DIFFER_DEPTH_MAX = 400, DIFFER_LEAVES_MAX = 20000 };

/* What A against A taught. Shared by the differs of one request. */
struct noises {
    struct map64 *places;       /* hash of place -> enum noise */
    size_t n;
    const struct noises *also;  /* looked at after these; NULL: none */
    struct noises *shared;      /* what is learnt of a class is noted there too, for other requests of one route */
    uint64_t salt;              /* of the route, in the shared ones */
};
bool noises_init(struct noises *); /* `also` stays */
void noises_release(struct noises *);

struct differ {
    bool learning, by_work;     /* by_work: the second run had work that means nothing to do */
    struct noises *noises;
    struct buf place;
    struct map64 *there, *back; /* ids of A -> of B, and back */
    unsigned depth;
    uint64_t leaves;            /* differing places met, masked or not */
    uint64_t masked_bytes, masked;
    bool failed;                /* out of memory: the comparison says nothing */
    void (*found)(void *ctx, const char *place, struct str a, struct str b); /* judging only; .p NULL: absent */
    void *ctx;
};
bool differ_init(struct differ *, bool learning, struct noises *);
void differ_release(struct differ *);

/* Enters a place; returns what differ_leave takes. */
size_t differ_enter(struct differ *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void differ_leave(struct differ *, size_t mark);

void differ_leaf(struct differ *, struct str a, struct str b);      /* as one value; .p NULL: absent */
void differ_structure(struct differ *, struct str a, struct str b); /* what is here has another form altogether */
void differ_text(struct differ *, struct str a, struct str b);      /* JSON or HTML where both are, else words */
void differ_words(struct differ *, struct str a, struct str b);
void differ_json(struct differ *, const json_t *a, const json_t *b); /* NULL: absent */
void differ_html(struct differ *, struct str a, struct str b);
void differ_bytes(struct differ *, struct str a, struct str b);
void differ_events(struct differ *, struct str a, struct str b);    /* text/event-stream */

enum noise noise_of(struct str value);                               /* the class of one word */
bool html_is_parsable(struct str html);                              /* not nested beyond reason */
#endif
