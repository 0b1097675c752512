#include "prove/behaviour.h"

#include "prove/compare.h"
#include "prove/cover.h"

#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = 64 << 20, RECORD_WAIT_MS = 300, UNTOUCHED_MAX = 24 };
static const uint64_t KNOWN_MAX = (uint64_t)768 << 20; /* bytes of answers that are kept */
static const double MASKED_MOST = 0.02, BEHAVIOUR_SHARE = 0.6;

void taken_release(struct taken *t)
{
    for (unsigned i = 0; i < REPLIES; i++) {
        reply_release(&t->reply[i]);
        json_decref(t->record[i]);
    }
    left_release(&t->left);
    *t = (struct taken){ 0 };
}

/* ---- one run ---- */

json_t *read_record(struct running *s, const char *id)
{
    char path[PATH_MAX + 64];
    struct str text;
    struct err ignored;
    snprintf(path, sizeof path, "%s/rec/%s.json", s->in->dir, id);
    uint64_t end = now_ns() + RECORD_WAIT_MS * 1000000ull;
    while (!file_exists(path) && now_ns() < end) /* an app without terminating callbacks has it at once */
        sleep_ns(2000000);
    auto_arena *a = arena_new(RECORD_MAX + (1 << 20));
    json_t *j = a && file_read(path, RECORD_MAX, a, &text, &ignored) == RC_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    unlink(path);
    return j;
}

/* The page that holds a component is what is read after its update. */
static bool second_of(const struct ask *q, struct ask *ret)
{
    if (!q->livewire) {
        *ret = *q;
        return strcmp(q->method, "GET") == 0;
    }
    const char *host = q->referer ? strstr(q->referer, "://") : NULL, *path = host ? strchr(host + 3, '/') : NULL;
    *ret = (struct ask){ .route = q->route, .method = "GET", .path = path, .person = q->person, .domain = q->domain, .shape = q->shape };
    return path != NULL;
}

int take_once(struct proving *p, struct running *s, const struct ask *q, const char *seed, bool load, struct taken *ret, struct err *err)
{
    struct jar jar = { .n = 0 };
    struct ask second;
    *ret = (struct taken){ 0 };
    unsigned n = second_of(q, &second) ? REPLIES : 1;
    int rc = jar_copy(&jar, &s->jars[q->person], err);
    for (unsigned i = 0; i < n && !rc; i++) {
        char id[40], salted[1200];
        snprintf(id, sizeof id, "r%llu", (unsigned long long)++p->records);
        snprintf(salted, sizeof salted, "%s %u %.1000s", seed, i, q->path);
        rc = side_call(s, i ? &second : q, &jar, &p->people[q->person], &(struct manner){ salted, id, load }, &ret->reply[i], err);
        if (rc)
            break;
        ret->n++;
        if (ret->reply[i].rc == RC_OK)
            ret->record[i] = read_record(s, id);
        rc = cover_note(p, s, ret->record[i], q >= p->asks && q < p->asks + p->nasks ? q : NULL, i == 0, err);
    }
    jar_clear(&jar);
    rc = rc ? rc : state_take(s->state, &ret->left, err);
    if (rc)
        taken_release(ret);
    return rc;
}

/* ---- judging one request ---- */

struct told_difference {
    const char *place, *a, *b;
    uint64_t hash;
};
struct judging {
    struct proving *p;
    struct told_difference *items; /* DIFFERENCES_MAX at most */
    size_t n;
    uint64_t tells;
};

static const char *shorten(struct arena *a, struct str s)
{
    enum { SHOWN = 160 };
    if (!s.p)
        return NULL;
    char text[SHOWN + 8];
    size_t n = 0;
    for (uint32_t i = 0; i < s.n && n < SHOWN; i++)
        text[n++] = (unsigned char)s.p[i] < 32 ? ' ' : s.p[i];
    while (n && n == SHOWN && ((unsigned char)text[n - 1] & 0xc0) == 0x80) /* no half a character */
        n--;
    text[n] = 0;
    return arena_printf(a, "%s%s", text, s.n > SHOWN ? "…" : "");
}

static void found(void *ctx, const char *place, struct str a, struct str b)
{
    struct judging *j = ctx;
    j->tells++;
    if (j->n == DIFFERENCES_MAX)
        return;
    j->items[j->n++] = (struct told_difference){ arena_strdup(j->p->arena, place), shorten(j->p->arena, a), shorten(j->p->arena, b),
                                                 str_hash(str_c(place)) };
}

static int judge(struct proving *p, const struct taken *a, const struct taken *b, struct noises *noises, struct judging *j,
                 struct compared *ret, struct err *err)
{
    struct differ d;
    j->n = 0;
    j->tells = 0;
    int rc = differ_init(&d, false, noises) ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory to compare");
    d.found = found;
    d.ctx = j;
    rc = rc ? rc : compare_taken(p->a.state, a, p->b.state, b, &d, &j->tells, ret, err);
    differ_release(&d);
    return rc;
}

/* A process of another past: some other pages were asked before. */
static int another_past(struct proving *p, const struct ask *q, struct err *err)
{
    size_t at = (size_t)(q - p->asks), asked = 0;
    int rc = instance_restart(p->a.in, err);
    for (size_t i = 1; i < p->nasks && asked < p->pasts % 3 && !rc; i++) {
        const struct ask *other = &p->asks[(at + i * 7) % p->nasks];
        struct taken t;
        if (strcmp(other->route, q->route) == 0)
            continue;
        rc = take_once(p, &p->a, other, "past", false, &t, err);
        if (!rc)
            taken_release(&t);
        asked++;
    }
    p->pasts++;
    return rc;
}

/* A against A: by the same chance, by another, with work that means nothing (numbers that follow it are the app's own
 * measuring of itself, which a faster version must change), and in a new process of another past, so that what hangs on
 * chance or on the past of a process (OPcache's counts on a metrics page) is known too. */
static const struct lesson {
    const char *seed;
    bool work, past;
} lessons[] = { { "one", false, false }, { "two", false, false }, { "one", true, false }, { "one", false, true } };
enum { LESSONS = sizeof lessons / sizeof *lessons };

static int learn(struct proving *p, const struct ask *q, struct known_answer *k, struct err *err)
{
    const struct lesson *l = &lessons[k->lessons];
    struct taken again;
    struct differ d;
    struct compared ignored;
    uint64_t none = 0;
    int rc = l->past ? another_past(p, q, err) : RC_OK;
    rc = rc ? rc : take_once(p, &p->a, q, l->seed, l->work, &again, err);
    if (rc)
        return rc;
    rc = differ_init(&d, true, &k->noises) ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory to learn what varies");
    d.by_work = l->work;
    bool usable = !l->work || again.reply[0].r.status == k->taken.reply[0].r.status; /* our own work may not fit every app */
    if (!rc && usable)
        rc = compare_taken(p->a.state, &k->taken, p->a.state, &again, &d, &none, &ignored, err);
    differ_release(&d);
    taken_release(&again);
    k->lessons++;
    return rc;
}

static void keep_difference(struct proving *p, const struct ask *q, const char *place, const char *a, const char *b)
{
    struct proof *proof = p->proof;
    const struct person *who = &p->people[q->person];
    proof->differences_total++;
    if (proof->ndifferences == DIFFERENCES_MAX)
        return;
    size_t n = strncmp(place, "then ", 5) == 0 ? 5 + strcspn(place + 5, " /") : strcspn(place, " /");
    struct difference *d = &proof->differences[proof->ndifferences++];
    *d = (struct difference){ .route = q->route, .what = arena_strndup(p->arena, place, n), .where = place + n + (place[n] == ' '), .a = a, .b = b };
    d->identity = who->id ? arena_printf(p->arena, "user %s (%s)", who->id, who->label) : "guest";
}

/* Only what both do again: an accident of one run is none of the edit's. */
static int confirm_once(struct proving *p, const struct ask *q, struct noises *noises, struct judging *j, struct compared *c, struct err *err)
{
    struct judging second = { .p = p, .items = arena_new_array(p->arena, struct told_difference, DIFFERENCES_MAX) };
    struct taken a, b;
    if (!second.items)
        return err_set(err, RC_NOMEM, NULL, "no memory for differences");
    int rc = take_once(p, &p->a, q, "one", false, &a, err);
    if (rc)
        return rc;
    rc = take_once(p, &p->b, q, "one", false, &b, err);
    if (!rc) {
        rc = judge(p, &a, &b, noises, &second, c, err);
        taken_release(&b);
    }
    taken_release(&a);
    size_t kept = 0;
    for (size_t i = 0; i < j->n && !rc; i++) {
        bool both = false;
        for (size_t k = 0; k < second.n && !both; k++)
            both = second.items[k].hash == j->items[i].hash;
        if (both)
            j->items[kept++] = j->items[i];
    }
    j->n = kept;
    return rc;
}

/* Twice: what hangs on the clock (a line in the log for whatever was slow) may meet one side two times by chance. */
static int confirm(struct proving *p, const struct ask *q, struct noises *noises, struct judging *j, struct compared *c, struct err *err)
{
    int rc = confirm_once(p, q, noises, j, c, err);
    return rc || !j->n ? rc : confirm_once(p, q, noises, j, c, err);
}

static void keep_counters(struct proving *p, const struct ask *q, const struct taken *a, const struct taken *b)
{
    size_t i = (size_t)(q - p->asks);
    unsigned last = q->livewire ? 0 : a->n - 1; /* the warm one */
    p->told[i][0] = a->reply[last].told;
    p->told[i][1] = b->reply[last].told;
}

static uint64_t size_of(const struct taken *t)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < t->n; i++)
        n += t->reply[i].r.body.n * 2 + 16384;
    for (unsigned i = 0; i < DATABASES_MAX; i++)
        n += t->left.db[i].n * 4096;
    for (size_t i = 0; i < t->left.nfiles; i++)
        n += t->left.files[i].bytes.n;
    return n;
}

/* Side A's answer: of an earlier try where it was kept. */
static int answer_of_a(struct proving *p, const struct ask *q, struct known_answer **ret, struct err *err)
{
    struct known_answer *k = &p->known[q - p->asks];
    *ret = k;
    if (!k->noises.places && !noises_init(&k->noises))
        return err_set(err, RC_NOMEM, NULL, "no memory for differences");
    if (k->have)
        return RC_OK;
    int rc = take_once(p, &p->a, q, "one", false, &k->taken, err);
    k->have = !rc;
    return rc;
}

static void forget_if_many(struct proving *p, struct known_answer *k)
{
    uint64_t n = size_of(&k->taken);
    if (!k->have || k->counted || p->known_bytes + n <= KNOWN_MAX) {
        p->known_bytes += k->have && !k->counted ? n : 0;
        k->counted = k->have;
        return;
    }
    taken_release(&k->taken);
    k->have = false;
}

/* Equal at once needs no masks; else what varies in A by itself is learnt, as far as needed, and what differs all the same
 * must do so twice. */
static int judge_fully(struct proving *p, const struct ask *q, struct known_answer *k, const struct taken *b, struct judging *j,
                       struct compared *c, struct err *err)
{
    struct noises of_route = { .places = p->route_noises->places, .also = p->base_noises, .salt = str_hash(str_c(q->route)) };
    k->noises.also = k->noises.shared = &of_route;
    int rc = judge(p, &k->taken, b, &k->noises, j, c, err);
    while (!rc && j->tells && k->lessons < LESSONS) {
        rc = learn(p, q, k, err);
        rc = rc ? rc : judge(p, &k->taken, b, &k->noises, j, c, err);
    }
    if (!rc && j->tells)
        rc = confirm(p, q, &k->noises, j, c, err);
    k->noises.also = k->noises.shared = NULL;
    return rc;
}

static int compare_one(struct proving *p, const struct ask *q, struct err *err)
{
    struct known_answer *k;
    struct taken b = { 0 };
    struct compared c = { 0 };
    struct judging j = { .p = p, .items = arena_new_array(p->arena, struct told_difference, DIFFERENCES_MAX) };
    if (!j.items)
        return err_set(err, RC_NOMEM, NULL, "no memory for differences");
    int rc = answer_of_a(p, q, &k, err);
    rc = rc ? rc : take_once(p, &p->b, q, "one", false, &b, err);
    if (!rc) {
        keep_counters(p, q, &k->taken, &b);
        rc = judge_fully(p, q, k, &b, &j, &c, err);
    }
    struct coverage *v = &p->proof->coverage;
    unsigned n = k->taken.n;
    v->responses += rc ? 0 : n;
    p->proof->masked_share = fmax(p->proof->masked_share, c.masked_share);
    if (!rc && c.masked_share > MASKED_MOST)
        v->not_comparable += n;
    else if (!rc && !j.n)
        v->responses_equal += n;
    else if (!rc)
        for (unsigned i = 0; i < n; i++)
            v->responses_equal += !c.reply_differs[i];
    for (size_t i = 0; i < j.n && !rc; i++)
        keep_difference(p, q, j.items[i].place, j.items[i].a, j.items[i].b);
    forget_if_many(p, k);
    taken_release(&b);
    return rc;
}

/* ---- the pass ---- */

int behaviour_open(struct proving *p, struct err *err)
{
    p->known = arena_new_array(p->arena, struct known_answer, ASKS_MAX);
    p->route_noises = arena_new_one(p->arena, struct noises);
    p->base_noises = arena_new_one(p->arena, struct noises);
    return p->known && p->base_noises && p->route_noises && noises_init(p->route_noises)
               ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory to compare the sides");
}

void behaviour_close(struct proving *p)
{
    for (size_t i = 0; p->known && i < p->nasks; i++) {
        taken_release(&p->known[i].taken);
        noises_release(&p->known[i].noises);
    }
    if (p->route_noises)
        noises_release(p->route_noises);
}

static int base_noise(struct proving *p, struct err *err)
{
    struct differ d;
    if (!noises_init(p->base_noises))
        return err_set(err, RC_NOMEM, NULL, "no memory to compare the sides");
    int rc = differ_init(&d, true, p->base_noises) ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory to compare the sides");
    rc = rc ? rc : state_compare_base(p->a.state, p->b.state, &d, err);
    differ_release(&d);
    return rc;
}

static bool is_first_of_route(const struct proving *p, const struct ask *q)
{
    for (const struct ask *r = p->asks; r < q; r++)
        if (strcmp(r->route, q->route) == 0)
            return false;
    return true;
}

/* What the edit does not reach cannot differ by it; a few such requests are compared all the same, one a route. Of a
 * candidate that may reach anything: its own route, and of the others one request each; the rest comes with all that is kept. */
bool behaviour_wants(const struct proving *p, const struct ask *q)
{
    if (!p->cover.reaches_all)
        return q->touched || (!p->o->candidate && is_first_of_route(p, q));
    bool own = p->o->first_route && strcmp(p->o->first_route, q->route) == 0;
    return !p->o->candidate || own || is_first_of_route(p, q);
}

static void count_who(struct proving *p)
{
    bool person[PEOPLE_MAX] = { false };
    const char *shapes[32];
    size_t n = 0;
    for (size_t i = 0; i < p->nasks; i++) {
        const struct ask *q = &p->asks[i];
        if (!q->compared)
            continue;
        person[q->person] = true;
        bool known = false;
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(shapes[k], q->shape) == 0;
        if (!known && n < 32)
            shapes[n++] = q->shape;
    }
    p->proof->coverage.shapes = (uint32_t)n;
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        p->proof->coverage.identities += person[i];
}

/* First what the edit reaches; then every route before any of them twice, each by another person than the one before: an
 * end of the budget leaves no route and nobody out. */
static void put_in_order(struct proving *p, size_t *order)
{
    size_t rank[ASKS_MAX];
    for (size_t i = 0; i < p->nasks; i++) {
        size_t nth = 0, all = 0, first = i;
        for (size_t k = 0; k < p->nasks; k++)
            if (strcmp(p->asks[k].route, p->asks[i].route) == 0) {
                first = k < first ? k : first;
                nth += k < i;
                all++;
            }
        rank[i] = (nth + first) % all;
        if (!p->cover.reaches_all && !p->asks[i].touched)
            rank[i] += ASKS_MAX;
        order[i] = i;
    }
    for (size_t i = 1; i < p->nasks; i++) /* few and once: insertion keeps equals in order */
        for (size_t k = i; k > 0 && rank[order[k]] < rank[order[k - 1]]; k--) {
            size_t t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
}

static int compare_in_order(struct proving *p, double until, struct err *err)
{
    size_t untouched = 0, order[ASKS_MAX];
    int rc = RC_OK;
    put_in_order(p, order);
    for (size_t i = 0; i < p->nasks && !rc; i++) {
        struct ask *q = &p->asks[order[i]];
        bool reached = p->cover.reaches_all || q->touched;
        if (q->compared || !behaviour_wants(p, q) || (!reached && untouched >= UNTOUCHED_MAX))
            continue;
        if (prove_stopped(p)) {
            rc = err_set(err, RC_INTERRUPTED, NULL, "stopped");
        } else if (prove_left_s(p) <= until && p->proof->coverage.responses) {
            p->proof->coverage.not_compared++;
        } else {
            prove_say(p, "compare  %zu of %zu  %s as %s", i + 1, p->nasks, q->route, p->people[q->person].label);
            rc = compare_one(p, q, err);
            q->compared = !rc;
            untouched += !reached;
        }
        if (!rc && p->o->stop_at_difference && p->proof->differences_total)
            break;
    }
    return rc;
}

/* What A's marks did not foretell: an edited line of B that ran in none of the requests yet. */
static int look_for_more(struct proving *p, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < p->nasks && !rc && !prove_stopped(p) && cover_misses(p); i++) {
        struct taken t;
        if (p->asks[i].touched || p->asks[i].compared)
            continue;
        prove_say(p, "visit B  %s as %s", p->asks[i].route, p->people[p->asks[i].person].label);
        rc = take_once(p, &p->b, &p->asks[i], "visit", false, &t, err);
        if (!rc)
            taken_release(&t);
    }
    return rc;
}

int behaviour_run(struct proving *p, struct err *err)
{
    p->proof->differences = arena_new_array(p->arena, struct difference, DIFFERENCES_MAX);
    if (!p->proof->differences)
        return err_set(err, RC_NOMEM, NULL, "no memory for differences");
    double until = prove_left_s(p) * (p->o->behaviour_only ? 0 : 1 - BEHAVIOUR_SHARE);
    int rc = base_noise(p, err);
    rc = rc ? rc : compare_in_order(p, until, err);
    bool differs = p->proof->differences_total > 0;
    if (!rc && !differs && !p->cover.unseen && !p->cover.reaches_all && cover_misses(p)) {
        rc = look_for_more(p, err);
        rc = rc ? rc : compare_in_order(p, until, err);
    }
    count_who(p);
    p->proof->same_behaviour = !rc && !p->proof->differences_total;
    noises_release(p->base_noises);
    return rc;
}
