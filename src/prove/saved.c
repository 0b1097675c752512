/* Two saved results of fettle check as sides: what they hold and what has no noise. Times were taken at other moments and
 * are not compared; behaviour is not known. */
#include "prove/internal.h"

#include <string.h>

static const struct {
    enum metric m;
    const char *key;
} held[] = { { M_STATEMENTS, "queries" }, { M_ROWS, "rows" }, { M_MODELS, "models" }, { M_BYTES, "response_bytes" }, { M_PEAK_KB, "memory_bytes" } };

static const json_t *routes_of(const json_t *run)
{
    const json_t *r = json_object_get(run, "routes");
    return json_is_array(r) ? r : NULL;
}

static const json_t *route_named(const json_t *run, const char *name)
{
    const json_t *list = routes_of(run), *r;
    size_t i;
    json_array_foreach((json_t *)list, i, r)
    {
        const char *n = json_string_value(json_object_get(r, "name"));
        if (n && strcmp(n, name) == 0)
            return r;
    }
    return NULL;
}

static void read_metrics(const json_t *route, double *to)
{
    for (unsigned m = 0; m < M_COUNT; m++)
        to[m] = NAN;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        const json_t *v = json_object_get(route, held[i].key);
        if (json_is_number(v))
            to[held[i].m] = json_number_value(v) / (held[i].m == M_PEAK_KB ? 1024 : 1);
    }
}

static json_t *load(const char *which, struct str text, struct err *err)
{
    json_error_t problem;
    json_t *j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &problem);
    if (j && routes_of(j) && json_is_integer(json_object_get(j, "schema")))
        return j;
    json_decref(j);
    err_set(err, RC_PARSE, "fettle check . -o result.json makes one", "%s is no result of fettle check", which);
    return NULL;
}

static bool does_more(const struct route_proof *r)
{
    return r->b[M_STATEMENTS] > r->a[M_STATEMENTS] || r->b[M_MODELS] > r->a[M_MODELS] || r->b[M_ROWS] > r->a[M_ROWS];
}

static int compare(const json_t *a, const json_t *b, struct arena *arena, struct proof *proof, struct err *err)
{
    size_t i, n = json_array_size(routes_of(a));
    const json_t *ra;
    proof->routes = arena_new_array(arena, struct route_proof, n + 1);
    if (!proof->routes)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    json_array_foreach((json_t *)routes_of(a), i, ra)
    {
        const char *name = json_string_value(json_object_get(ra, "name"));
        const json_t *rb = name ? route_named(b, name) : NULL;
        struct route_proof *r = &proof->routes[proof->nroutes];
        if (!rb)
            continue;
        *r = (struct route_proof){ .route = arena_strdup(arena, name), .why_not = "saved at another moment" };
        read_metrics(ra, r->a);
        read_metrics(rb, r->b);
        for (unsigned m = M_STATEMENTS; m <= M_HTTP; m++)
            r->counters_differ |= isfinite(r->a[m]) && isfinite(r->b[m]) && r->a[m] != r->b[m];
        proof->more_work |= does_more(r);
        proof->nroutes += r->route != NULL;
    }
    return proof->nroutes ? RC_OK : err_set(err, RC_NOTFOUND, NULL, "the two results have no route in common");
}

int prove_saved(struct str a, struct str b, struct arena *arena, struct proof **ret, struct err *err)
{
    struct proof *proof = arena_new_one(arena, struct proof);
    json_t *ja = proof ? load("the first", a, err) : NULL, *jb = ja ? load("the second", b, err) : NULL;
    if (!proof)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    int rc = ja && jb ? compare(ja, jb, arena, proof, err) : err->rc;
    json_decref(ja);
    json_decref(jb);
    proof->verdict = VERDICT_UNDECIDED;
    proof->saved = true;
    proof->stopped_because = "saved";
    if (!rc)
        *ret = proof;
    return rc;
}
