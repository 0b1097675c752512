/* The table of fixers: what each is for, and from which Laravel version on it is right. */
#include "fix/fixers.h"

#include <stdlib.h>

const struct fixer fixers[] = {
    { "eager-load", "n-plus-one-lazy", ">=6", fix_eager },
    { "count-in-query", "n-plus-one-aggregate", ">=8", fix_count },
    { "count-in-query", "query-in-accessor", ">=8", fix_count },
    { "look-up-map", "n-plus-one-query", ">=6", fix_lookup },
    { "aggregate-in-sql", "hydrate-then-aggregate", ">=6", fix_rows },
    { "pick-in-sql", "filter-in-php", ">=6", fix_rows },
    { "half-open-range", "non-sargable", ">=6", fix_date_range },
    { "add-index", "missing-index", ">=9", fix_index },
    { "one-update", "update-per-model", ">=6", fix_update },
    { "narrow-select", "select-star-wide", ">=6", fix_select },
    { "narrow-select", "wide-vector-in-list", ">=6", fix_select },
    { "cache-many", "cache-read-loop", ">=9", fix_cache_many },
};
const size_t fixers_count = sizeof fixers / sizeof *fixers;

static bool is_for_version(const struct fixer *f, const struct app *app)
{
    return !app->laravel_major || (long)app->laravel_major >= strtol(f->laravel + 2, NULL, 10); /* ">=8" */
}

int fix_plan(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    *ret = (struct fix_out){ .answer = FIX_REFUSED, .reason = "no fixer is for this rule" };
    for (size_t i = 0; i < fixers_count; i++) {
        struct fix_out out;
        if (strcmp(fixers[i].rule, in->finding->rule))
            continue;
        if (!is_for_version(&fixers[i], in->app)) {
            ret->reason = arena_printf(arena, "%s is for Laravel %s", fixers[i].name, fixers[i].laravel);
            continue;
        }
        if (fixers[i].run(in, arena, &out, err) != FIX_REFUSED) {
            struct err parse = { 0 };
            if (edits_parse(in->app, &out.set, &parse) == RC_OK) {
                *ret = out;
                return RC_OK;
            }
            out.reason = arena_strdup(arena, parse.what);
            out.answer = FIX_REFUSED;
        }
        *ret = (struct fix_out){ .answer = FIX_REFUSED, .reason = out.reason };
    }
    return RC_OK;
}
