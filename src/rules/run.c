/* Running the table, and saying which rules could not look. */
#include "rules/rules.h"

const struct thresholds thresholds_default = {
    .min_ms = 1,
    .min_share = 0.01,
    .slow_query_ms = 100,
    .very_slow_query_ms = 1000,
    .repeats = 3,
    .unbounded_rows = 1000,
    .fat_state_bytes = 20000,
    .reference_rows = 10000,
};

const struct rule *rule_find(const char *id)
{
    for (size_t i = 0; id && i < rules_count; i++)
        if (!strcmp(rules_table[i].id, id))
            return &rules_table[i];
    return NULL;
}

static bool told_apart_by_subject(enum flow_kind kind)
{
    return kind == FLOW_LAZY || kind == FLOW_QUERY || kind == FLOW_AGGREGATE || kind == FLOW_RELATION_QUERY ||
           kind == FLOW_ACCESSOR_QUERY;
}

uint64_t flow_key(const struct flow *f)
{
    uint64_t key = hash_mix(hash_mix(f->at.file, f->at.node), f->kind);
    return told_apart_by_subject(f->kind) ? hash_mix(key, str_hash(str_c(f->subject))) : key;
}

const struct flow *flow_of_finding(const struct flows *flows, const struct finding *f)
{
    for (uint32_t i = 0; flows && f->key && i < flows->n; i++)
        if (flow_key(&flows->items[i]) == f->key)
            return &flows->items[i];
    return NULL;
}

static bool wanted(const char *id, const char *const *only)
{
    if (!only)
        return true;
    for (; *only; only++)
        if (!strcmp(*only, id))
            return true;
    return false;
}

static const char *missing_need(const struct rule *r, const struct rule_in *in)
{
    if ((r->needs & NEED_FLOWS) && !in->flows)
        return "the code could not be followed";
    if ((r->needs & NEED_TRACE) && !in->load)
        return "no trace: nothing was run";
    if ((r->needs & NEED_SCHEMA) && !in->schema)
        return "no schema: neither migrations nor a database could be read";
    if ((r->needs & NEED_PLAN) && !in->plans)
        return in->no_plans ? in->no_plans : "no plans: nothing was run";
    return NULL;
}

/* A rule that another one explains when both are measured at one place. */
static const struct explained {
    const char *rule, *by[8];
} explained[] = {
    { "slow-query", { "hydrate-then-aggregate", "filter-in-php", "unbounded-get", "missing-index", "non-sargable",
                      "wide-vector-in-list", "select-star-wide" } },
    { "wide-vector-in-list", { "hydrate-then-aggregate" } },
    { "select-star-wide", { "hydrate-then-aggregate" } },
};

static const struct explained *explained_rule(const char *rule)
{
    for (size_t i = 0; i < sizeof explained / sizeof *explained; i++)
        if (!strcmp(explained[i].rule, rule))
            return &explained[i];
    return NULL;
}

static bool explains(const struct finding *cause, const struct finding *f, const struct explained *e)
{
    if (cause->tier != TIER_RANKED || !cause->cost.measured || cause->at.line != f->at.line || strcmp(cause->at.file, f->at.file))
        return false;
    for (size_t k = 0; e->by[k]; k++)
        if (!strcmp(e->by[k], cause->rule))
            return true;
    return false;
}

/* One cause at one place is one finding: what follows from it goes away with it. */
static void drop_explained(struct findings *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct explained *e = explained_rule(all->items[i].rule);
        bool drop = false;
        for (size_t k = 0; e && k < all->n && !drop; k++)
            drop = (k < kept || k > i) && explains(&all->items[k], &all->items[i], e);
        if (!drop)
            all->items[kept++] = all->items[i];
    }
    all->n = kept;
}

int rules_run(const struct rule_in *in, const char *const *only, struct findings *out, struct arena *arena,
              struct rules_missing **ret_missing, size_t *ret_nmissing, struct err *err)
{
    struct rules_missing *missing = arena_new_array(arena, struct rules_missing, rules_count);
    size_t n = 0;
    if (!missing)
        return err_set(err, RC_NOMEM, NULL, "no memory to run the rules");
    for (size_t i = 0; i < rules_count; i++) {
        const struct rule *r = &rules_table[i];
        if (!wanted(r->id, only))
            continue;
        const char *need = missing_need(r, in);
        if (need) {
            missing[n++] = (struct rules_missing){ r->id, need };
            continue;
        }
        /* Several ids share one function where they are told apart by what is found; it runs for the first one. */
        bool done = false;
        for (size_t k = 0; k < i && !done; k++)
            done = rules_table[k].run == r->run && wanted(rules_table[k].id, only) && !missing_need(&rules_table[k], in);
        int rc = done ? RC_OK : r->run(in, out, err);
        if (rc)
            return rc;
    }
    if (!only)
        drop_explained(out);
    *ret_missing = missing;
    *ret_nmissing = n;
    return RC_OK;
}
