/* Work that PHP does on fetched rows and the database could do: aggregates, filters, dates inside functions. */
#include "fix/fixers.h"
#include "rules/emit.h"

#include <ctype.h>

/* limit(10)->get()->count() is 10 at most, limit(10)->count() counts all: these change what an aggregate means. */
static const char *const bounding[] = { "limit", "take", "skip", "offset", "forPage", "groupBy", "having", "distinct", "union",
                                        "unionAll", "groupByRaw", "havingRaw", "fromSub", "lockForUpdate", "sharedLock", NULL };

/* `…->get()->fn(…)`: top is the call on the collection, ret_get the terminal of the query below it. */
static struct ref get_below(struct patch *p, struct ref top)
{
    struct ref below = is_kind(p, top, E_MCALL) ? first_child(p, top) : (struct ref){ REF_NONE, 0 };
    bool get = is_kind(p, below, E_MCALL) && str_ieq(node_name(p, below), STR("get"));
    bool all = is_kind(p, below, E_SCALL) && str_ieq(node_name(p, below), STR("all"));
    if (!get && !all) {
        patch_refuse(p, "the rows are kept in a variable first");
        return (struct ref){ REF_NONE, 0 };
    }
    if (arg_count(p, below))
        patch_refuse(p, "get() is given columns");
    const char *bound = get ? chain_has(p, first_child(p, below), bounding) : NULL;
    if (bound)
        patch_refuse(p, "%s() stands before get(), so SQL would compute something else", bound);
    return below;
}

/* Removes the ->get() (or makes Model::all()-> into Model::) so that the next call is the query's own. */
static void drop_get(struct patch *p, struct ref top, struct ref below)
{
    if (is_kind(p, below, E_SCALL)) /* Model::all()->count() -> Model::count() */
        patch_replace(p, top.file, name_of(p, below), name_of(p, top), "");
    else
        patch_replace(p, top.file, arrow_of(p, below), arrow_of(p, top), "");
}

static const struct model *row_model(const struct fix_in *in)
{
    return in->flow->model == NO_CLASS ? NULL : class_model(in->app, in->flow->model);
}

/* A column whose value in PHP is the value in SQL: known to the schema, no accessor, no cast. */
static bool is_plain_column(const struct fix_in *in, struct str name)
{
    const struct model *m = row_model(in);
    const struct table *t = m ? model_table(in->app, m) : NULL;
    char text[128];
    if (!t || !name.n || name.n >= sizeof text)
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = 0;
    sym attribute = syms_find(in->app->syms, name);
    const struct column *c = table_column(t, text);
    if (!c || c->klass == COL_DECIMAL || (attribute && model_accessor(in->app, m, attribute)))
        return false;
    for (uint16_t i = 0; i < m->ncasts; i++)
        if (m->casts[i].attribute == attribute)
            return false;
    return true;
}

enum fix_answer fix_hydrate(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    static const struct {
        const char *on_rows, *in_sql;
        bool column;
    } forms[] = { { "count", "count", false },       { "sum", "sum", true },
                  { "max", "max", true },            { "min", "min", true },
                  { "avg", "avg", true },            { "isEmpty", "doesntExist", false },
                  { "isNotEmpty", "exists", false }, { "pluck", "pluck", true } };
    struct patch p;
    (void)err;
    patch_init(&p, in->app, arena);
    struct ref top = in->flow ? in->flow->read : (struct ref){ REF_NONE, 0 };
    if (!is_kind(&p, top, E_MCALL)) {
        patch_refuse(&p, "the expression that uses the rows was not found");
        return patch_done(&p, NULL, ret);
    }
    struct str fn = node_name(&p, top);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!str_ieq(fn, str_c(forms[i].on_rows)))
            continue;
        struct ref arg = nth_arg(&p, top, 0);
        struct ref below = get_below(&p, top);
        if (forms[i].column ? arg_count(&p, top) != 1 || !is_kind(&p, arg, E_STR) || !is_plain_column(in, node_name(&p, arg)) :
                              arg_count(&p, top) != 0)
            patch_refuse(&p, "what is taken of the rows is no plain column");
        if (p.refused)
            break;
        drop_get(&p, top, below);
        if (strcmp(forms[i].on_rows, forms[i].in_sql))
            patch_replace(&p, top.file, name_of(&p, top), name_of(&p, top) + fn.n, forms[i].in_sql);
        return patch_done(&p, arena_printf(arena, "Let the database %s", forms[i].in_sql), ret);
    }
    patch_refuse(&p, "%.*s() on rows has no plain counterpart in SQL", STR_ARG(fn));
    return patch_done(&p, NULL, ret);
}

/* ->get()->where('col', literal)->count() and the like: only where the collection's keys cannot be seen afterwards. */
static bool keys_are_unseen(struct patch *p, struct ref top)
{
    static const char *const blind[] = { "count", "isEmpty", "isNotEmpty", "first", "values", "sum", "max", "min", NULL };
    const struct facts *f = p->app->files[top.file].facts;
    for (uint32_t i = 0; i < top.node; i++) { /* its parent begins before it and holds it */
        struct ref parent = { top.file, i };
        if (!is_kind(p, parent, E_MCALL) || node_first(f, i) != top.node)
            continue;
        for (unsigned k = 0; blind[k]; k++)
            if (str_ieq(node_name(p, parent), str_c(blind[k])))
                return true;
    }
    return false;
}

enum fix_answer fix_filter(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    (void)err;
    patch_init(&p, in->app, arena);
    struct ref top = in->flow ? in->flow->read : (struct ref){ REF_NONE, 0 };
    if (!is_kind(&p, top, E_MCALL)) {
        patch_refuse(&p, "the expression that picks rows was not found");
        return patch_done(&p, NULL, ret);
    }
    struct str fn = node_name(&p, top);
    struct ref below = get_below(&p, top), value = nth_arg(&p, top, 1), column = nth_arg(&p, top, 0);
    bool take = str_ieq(fn, STR("take")), first = str_ieq(fn, STR("first")), where = str_ieq(fn, STR("where"));
    bool ordered = is_ref(below) && is_kind(&p, below, E_MCALL) &&
                   (is_ref(chain_call(&p, first_child(&p, below), "orderBy")) || is_ref(chain_call(&p, first_child(&p, below), "latest")));
    if (!take && !first && !where)
        patch_refuse(&p, "%.*s() may compare otherwise in SQL than in PHP", STR_ARG(fn));
    if (where && (arg_count(&p, top) != 2 || !is_kind(&p, column, E_STR) || !is_plain_column(in, node_name(&p, column)) ||
                  !(is_kind(&p, value, E_INT) || is_kind(&p, value, E_CONST) || is_kind(&p, value, E_STR))))
        patch_refuse(&p, "the condition is not a plain column against a constant");
    if (where && !keys_are_unseen(&p, top))
        patch_refuse(&p, "the picked rows keep their keys, which later code may see");
    if (first && arg_count(&p, top))
        patch_refuse(&p, "first() has a condition");
    if (take && (arg_count(&p, top) != 1 || !is_kind(&p, column, E_INT)))
        patch_refuse(&p, "how many are taken is not a constant");
    if ((take || first) && !ordered)
        patch_refuse(&p, "the rows have no order, so another one might come first");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *call = arena_printf(arena, "->%.*s", (int)(at_node(&p, top)->end - name_of(&p, top)),
                                    source_of(&p, top.file).p + name_of(&p, top));
    if (first) {
        drop_get(&p, top, below);
    } else {
        patch_insert(&p, top.file, arrow_of(&p, below), call);
        patch_replace(&p, top.file, at_node(&p, below)->end, at_node(&p, top)->end, "");
    }
    if (is_kind(&p, below, E_SCALL))
        patch_refuse(&p, "the query is all()");
    return patch_done(&p, arena_printf(arena, "Let the database pick the rows (%.*s)", STR_ARG(fn)), ret);
}

/* --- whereDate('col', $day) -> a half-open range on the bare column --- */

struct place_wanted {
    const char *file, *column;
    uint32_t line;
};

static bool is_where_date(const struct patch *p, struct ref r, void *ctx)
{
    struct place_wanted *w = ctx;
    if (!is_kind(p, r, E_MCALL) && !is_kind(p, r, E_SCALL))
        return false;
    struct ref column = nth_arg(p, r, 0);
    return str_ieq(node_name(p, r), STR("whereDate")) && is_kind(p, column, E_STR) && str_is(node_name(p, column), w->column);
}

static struct ref find_where_date(const struct fix_in *in, struct patch *p)
{
    const char *dot = in->finding->subject ? strrchr(in->finding->subject, '.') : NULL;
    struct place_wanted w = { in->finding->at.file, dot ? dot + 1 : "", in->finding->at.line };
    struct ref best = { REF_NONE, 0 };
    uint32_t least = 20; /* a chain is no longer */
    for (uint32_t file = 0; file < in->app->nfiles; file++) {
        const struct facts *f = in->app->files[file].facts;
        if (strcmp(in->app->files[file].path, w.file))
            continue;
        for (uint32_t i = 1; i < f->nnodes; i++) {
            struct ref r = { file, i };
            uint32_t line = is_where_date(p, r, &w) ? ref_own_line(in->app, r) : 0;
            uint32_t away = line > w.line ? line - w.line : w.line - line;
            if (line && away <= least) {
                best = r;
                least = away;
            }
        }
    }
    return best;
}

/* An expression that PHP may evaluate twice with the same result: a variable, a constant, now(), today(), …->prop. */
static bool is_repeatable(const struct patch *p, struct ref r)
{
    if (is_kind(p, r, E_VAR) || is_kind(p, r, E_STR))
        return true;
    if (is_kind(p, r, E_PROP))
        return is_repeatable(p, first_child(p, r));
    return false;
}

/* The whole day that an expression names, as one that may be evaluated once. */
static const char *day_of(struct patch *p, struct ref value)
{
    struct str text = node_text(p, value);
    if (str_is(text, "today()") || str_is(text, "now()"))
        return "today()";
    return arena_printf(p->arena, "\\Illuminate\\Support\\Carbon::parse(" STR_FMT ")->startOfDay()", STR_ARG(text));
}

/* whereDate(col, op, day): each comparison of days is one comparison with the start of a day. NULL: another operator. */
static const char *one_sided(struct patch *p, struct str op, const char *column, const char *day)
{
    static const struct {
        const char *op, *sql;
        bool next_day;
    } forms[] = { { ">=", ">=", false }, { "<", "<", false }, { ">", ">=", true }, { "<=", "<", true } };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (str_is(op, forms[i].op))
            return arena_printf(p->arena, "where(%s, '%s', %s%s)", column, forms[i].sql, day, forms[i].next_day ? "->addDay()" : "");
    return NULL;
}

enum fix_answer fix_date_range(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    (void)err;
    patch_init(&p, in->app, arena);
    struct ref call = find_where_date(in, &p);
    if (!is_ref(call)) {
        patch_refuse(&p, "only whereDate() on a named column is rewritten");
        return patch_done(&p, NULL, ret);
    }
    bool has_op = arg_count(&p, call) == 3 && is_kind(&p, nth_arg(&p, call, 1), E_STR);
    struct ref column = nth_arg(&p, call, 0), value = nth_arg(&p, call, has_op ? 2 : 1);
    const struct setting *zone = app_setting(in->app, "app.timezone");
    if (zone && zone->value && strcasecmp(zone->value, "UTC"))
        patch_refuse(&p, "the application's time zone is %s, not UTC", zone->value);
    if (arg_count(&p, call) != 2 && !has_op)
        patch_refuse(&p, "whereDate() has arguments that fettle does not know");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *name = node_cstr(&p, column), *day = day_of(&p, value), *range;
    struct str op = has_op ? node_name(&p, nth_arg(&p, call, 1)) : STR("=");
    if (str_is(op, "=")) {
        if (!is_repeatable(&p, value) && strcmp(day, "today()"))
            patch_refuse(&p, "the day is an expression that would be evaluated twice");
        range = arena_printf(arena, "where(%s, '>=', %s)->where(%s, '<', %s->addDay())", name, day, name, day);
    } else if (!(range = one_sided(&p, op, name, day))) {
        patch_refuse(&p, "whereDate() compares by " STR_FMT, STR_ARG(op));
    }
    if (p.refused)
        return patch_done(&p, NULL, ret);
    patch_replace(&p, call.file, name_of(&p, call), at_node(&p, call)->end, range);
    return patch_done(&p, arena_printf(arena, "Compare %s as a half-open range", name), ret);
}
