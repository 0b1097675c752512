/* Visiting one target: first for structure, then for times. */
#include "instance/drive.h"

#include <math.h>
#include <stdlib.h>

enum { SLOW_SAMPLES = 3 };
static const double STABLE = 0.05; /* half the notch of the median: it is known to about 5 % */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

double median_of(const double *v, size_t n)
{
    double s[SAMPLES_MAX];
    if (!n)
        return NAN;
    n = n < SAMPLES_MAX ? n : SAMPLES_MAX;
    memcpy(s, v, n * sizeof *s);
    qsort(s, n, sizeof *s, by_value);
    return quantile(s, n, 0.5);
}

/* McGill, Tukey and Larsen 1978: the notch of a box plot, median ± 1.57 IQR/√n, is about its 95 %
 * interval. */
double relative_spread(const double *v, size_t n)
{
    double s[SAMPLES_MAX];
    if (n < 3)
        return 1;
    n = n < SAMPLES_MAX ? n : SAMPLES_MAX;
    memcpy(s, v, n * sizeof *s);
    qsort(s, n, sizeof *s, by_value);
    double median = quantile(s, n, 0.5), iqr = quantile(s, n, 0.75) - quantile(s, n, 0.25);
    return median > 0 ? 1.57 * iqr / sqrt((double)n) / median : 0;
}

static bool is_2xx(const struct answer *a)
{
    return !a->rc && a->r.status >= 200 && a->r.status < 300;
}

static void judge(struct drive *d, struct target *t, const struct answer *a)
{
    t->status = a->rc ? 0 : a->r.status;
    t->ok = is_2xx(a);
    if (t->ok) {
        t->why_not = t->next = NULL;
    } else if (answer_is_login(a)) {
        t->why_not = "redirects to the login";
        t->next = d->people[0].id ? "sign in by another guard or user: --guard, --as"
                                  : "name a user with --as";
    } else {
        t->why_not = answer_text(d, a, NULL);
        t->next = a->rc == RC_TIMEOUT
                      ? "raise the limit in fettle.toml, or look at what it waits for"
                  : a->r.status == 403 ? "name a user who may see it: --as"
                  : a->r.status == 404 && t->uri && strchr(t->uri, '{')
                      ? "name a page of it: --route PATH"
                      : NULL;
    }
}

static void note_effects(struct drive *d, struct target *t)
{
    if (!d->seen.writes && !d->seen.sends)
        return;
    t->once = d->seen.sends;
    if (!t->side_effect)
        t->side_effect = arena_strdup(d->arena, d->seen.effect);
}

static int take_page(struct drive *d, struct target *t, const struct answer *a, struct err *err)
{
    struct str type = fcgi_header(&a->r, "Content-Type");
    return t->kind != TARGET_LIVEWIRE && a->r.status == 200 &&
                   (str_contains(type, "html") || str_contains(type, "json"))
               ? target_note_page(d, t, a->r.body, err)
               : RC_OK;
}

static double wall_ms(const struct drive *d, const struct answer *a)
{
    return d->seen.any ? d->seen.ms : (double)a->r.total_ns / 1e6;
}

enum fold { FOLD_NOT, FOLD_EFFECTS, FOLD };

/* One request of the structure pass. A page that signed us out is asked again, once. */
static int ask_once(struct drive *d, struct target *t, const char *path, enum fold fold,
                    struct answer *a, struct err *err)
{
    d->only_with_effects = fold == FOLD_EFFECTS;
    d->fold_into = fold == FOLD_NOT ? NULL : d->structure;
    int rc = client_ask(d, t, path, a, err);
    if (!rc && answer_is_login(a) && d->people[t->who].signed_in && !t->guest) {
        answer_release(a);
        d->fold_into = NULL;
        rc = client_sign_in(d, t->who, err);
        d->fold_into = fold == FOLD_NOT ? NULL : d->structure;
        if (!rc)
            rc = client_ask(d, t, path, a, err);
    }
    d->fold_into = NULL;
    d->only_with_effects = false;
    return rc;
}

/* The candidates of a target in order: rows that type hints vouch for, links, rows by name alone,
 * parts of links. */
static const char *candidate(struct drive *d, const struct target *t, unsigned nth)
{
    bool has_parameter = t->uri && strchr(t->uri, '{');
    unsigned first = t->sure || !has_parameter ? t->npaths : 0;
    if (nth < first)
        return t->paths[nth];
    nth -= first;
    for (unsigned i = 0; i < 3; i++) {
        const char *link = target_link(d, t, i);
        if (!link)
            break;
        if (nth-- == 0)
            return link;
    }
    unsigned rows = t->sure ? 0 : t->npaths;
    if (nth < rows)
        return t->paths[nth];
    return nth == rows && has_parameter ? target_derived(d, t) : NULL;
}

static int visit_candidate(struct drive *d, struct target *t, const char *path, bool hurry,
                           struct err *err)
{
    struct answer a;
    bool single = hurry || t->kind == TARGET_STEP;
    t->url = path;
    /* Folded at once only where it may stay the only one: what a first request compiles and fills
     * is not the page. */
    int rc = ask_once(d, t, path, single ? FOLD : FOLD_EFFECTS, &a, err);
    if (rc)
        return rc;
    bool effects = d->seen.writes || d->seen.sends;
    judge(d, t, &a);
    note_effects(d, t);
    if (!t->ok) {
        answer_release(&a);
        return RC_OK;
    }
    t->first_ms = wall_ms(d, &a);
    if (d->seen.route[0])
        t->traced_as = arena_strdup(d->arena, d->seen.route);
    rc = take_page(d, t, &a, err);
    answer_release(&a);
    if (rc || single || t->once)
        return rc;
    rc = ask_once(d, t, path, effects ? FOLD_NOT : FOLD, &a, err);
    if (rc)
        return rc;
    if (is_2xx(&a))
        t->first_ms = wall_ms(d, &a);
    note_effects(d, t);
    answer_release(&a);
    return RC_OK;
}

int visit_for_structure(struct drive *d, struct target *t, bool hurry, struct err *err)
{
    const char *last_why = NULL, *last_next = NULL;
    int last_status = 0;
    t->visited = true;
    for (unsigned i = 0; i < 8; i++) {
        const char *path = candidate(d, t, i);
        if (!path)
            break;
        int rc = visit_candidate(d, t, path, hurry, err);
        if (rc || t->ok)
            return rc;
        if (!last_why || t->status >= 500)
            last_why = t->why_not, last_next = t->next, last_status = t->status;
        bool may_differ =
            t->status == 404 || t->status == 403 || (t->status >= 300 && t->status < 400);
        if (!may_differ || !strchr(t->uri ? t->uri : "", '{'))
            break;
    }
    if (last_why) {
        t->why_not = last_why, t->next = last_next, t->status = last_status;
    } else {
        t->why_not = t->why_none ? t->why_none : "no parameter found";
        t->next = "name a page of it: --route PATH";
    }
    return RC_OK;
}

static bool is_enough(const struct drive *d, const struct target *t, uint64_t begin,
                      uint64_t slice_ns)
{
    unsigned min = d->o.min_samples, max = d->o.max_samples;
    bool late = now_ns() - begin >= slice_ns;
    if (t->nsamples >= max || t->nsamples == SAMPLES_MAX)
        return true;
    if (late && t->nsamples >= (min < SLOW_SAMPLES ? min : SLOW_SAMPLES))
        return true;
    return t->nsamples >= min && relative_spread(t->samples_ms, t->nsamples) <= STABLE;
}

int visit_for_times(struct drive *d, struct target *t, uint64_t slice_ns, struct err *err)
{
    uint64_t begin = now_ns();
    bool warm = false;
    while (!is_enough(d, t, begin, slice_ns) && left_s(d) > 0) {
        struct answer a;
        d->fold_into = warm ? d->times : NULL;
        int rc = client_ask(d, t, t->url, &a, err);
        d->fold_into = NULL;
        if (rc)
            return rc;
        bool ok = is_2xx(&a);
        if (ok && warm) {
            t->samples_cpu_ms[t->nsamples] = d->seen.any ? d->seen.cpu_ms : NAN;
            t->samples_ms[t->nsamples++] = wall_ms(d, &a);
        }
        if (!ok && !t->nsamples)
            t->why_not =
                arena_printf(d->arena, "answered once, then: %s", answer_text(d, &a, "no answer"));
        answer_release(&a);
        if (!ok)
            return RC_OK;
        warm = true;
    }
    return RC_OK;
}
