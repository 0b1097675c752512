/* whereDate('col', $day) -> a half-open range on the bare column, which an index can serve. Only for times kept in UTC,
 * and only where the day is known to be one: null, or text of a request, compares otherwise than the day parsed of it.
 */
#include "fix/fixers.h"
#include "rules/emit.h"

#include <ctype.h>
#include <stdio.h>

static bool is_where_date(const struct patch *p, struct ref r, const char *column)
{
    if (!is_kind(p, r, E_MCALL) && !is_kind(p, r, E_SCALL))
        return false;
    struct ref named = nth_arg(p, r, 0);
    struct str s = is_kind(p, named, E_STR) ? node_name(p, named) : STR("");
    const char *dot = s.n ? memrchr(s.p, '.', s.n) : NULL;
    struct str bare = dot ? (struct str){ dot + 1, s.n - (uint32_t)(dot + 1 - s.p) } : s;
    return str_ieq(node_name(p, r), STR("whereDate")) && str_is(bare, column);
}

static struct ref find_where_date(const struct fix_in *in, const struct patch *p, const char *column)
{
    struct ref best = { REF_NONE, 0 };
    uint32_t least = 20, file; /* a chain is no longer */
    if (!file_of_app(in->app, in->finding->at.file, &file))
        return best;
    for (uint32_t i = 1; i < in->app->files[file].facts->nnodes; i++) {
        struct ref r = { file, i };
        uint32_t line = is_where_date(p, r, column) ? ref_own_line(in->app, r) : 0, wanted = in->finding->at.line;
        uint32_t away = line > wanted ? line - wanted : wanted - line;
        if (line && away <= least) {
            best = r;
            least = away;
        }
    }
    return best;
}

/* --- the day --- */

/* PHP for the start of the day and of the day after. */
struct day {
    const char *start, *next;
};

static bool starts_any(struct str name, const char *const *starts)
{
    for (; *starts; starts++)
        if (str_starts(name, *starts))
            return true;
    return false;
}

static bool is_carbon_class(struct str name)
{
    return str_ends(name, "Carbon") || str_ends(name, "CarbonImmutable") || str_ends(name, "CarbonInterface") ||
           str_ends(name, "Facades\\Date");
}

/* now(), today(), Carbon::now(), and what calls on these give: a fresh object, so that nobody sees it change. */
static bool is_fresh_time(const struct patch *p, struct ref r)
{
    static const char *const moves[] = { "sub",      "add",      "startOf",  "endOf",       "copy",   "setTime",
                                         "setDay",   "setMonth", "setYear",  "firstOf",     "lastOf", "next",
                                         "previous", "modify",   "midnight", "toImmutable", NULL };
    static const char *const makers[] = { "now", "today", "yesterday", "tomorrow", NULL };
    struct ref base = first_child(p, r);
    if (is_kind(p, r, E_CALL))
        return is_kind(p, base, E_NAME) && !arg_count(p, r) &&
               (str_is(node_name(p, base), "now") || str_is(node_name(p, base), "today"));
    if (is_kind(p, r, E_SCALL))
        return is_kind(p, base, E_NAME) && is_carbon_class(node_name(p, base)) && !arg_count(p, r) &&
               starts_any(node_name(p, r), makers);
    return is_kind(p, r, E_MCALL) && starts_any(node_name(p, r), moves) && is_fresh_time(p, base);
}

/* A variable that holds a time: set once from one, or a parameter of such a type. */
static bool is_time_variable(const struct patch *p, struct ref var)
{
    struct ref method = method_around(p, var), assign = variable_origin(p, var);
    if (is_ref(assign))
        return is_fresh_time(p, next_child(p, assign, first_child(p, assign)));
    for (struct ref c = first_child(p, method); is_ref(c); c = next_child(p, method, c)) {
        if (!is_kind(p, c, N_PARAM) || !str_eq(node_name(p, c), node_name(p, var)))
            continue;
        struct ref type = first_child(p, c), last = next_child(p, c, type);
        return is_kind(p, type, N_TYPE) && is_carbon_class(node_name(p, type)) &&
               !(at_node(p, type)->flags & F_NULLABLE) && is_kind(p, last, N_NULL) && variable_is_parameter(p, var);
    }
    return false;
}

static bool is_today(const struct patch *p, struct ref r)
{
    struct ref base = first_child(p, r);
    bool call = is_kind(p, r, E_CALL) && is_kind(p, base, E_NAME);
    struct str name = call ? node_name(p, base) : is_kind(p, r, E_SCALL) ? node_name(p, r) : STR("");
    return is_fresh_time(p, r) && (str_is(name, "now") || str_is(name, "today"));
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 ? days[month - 1] + (leap && month == 2) : 0;
}

/* '2024-02-29': nothing but a day of the calendar. */
static bool literal_day(struct patch *p, struct str s, struct day *ret)
{
    char text[11];
    unsigned y, m, d;
    if (s.n != 10)
        return false;
    for (unsigned i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : !isdigit((unsigned char)s.p[i]))
            return false;
    memcpy(text, s.p, 10);
    text[10] = 0;
    if (sscanf(text, "%4u-%2u-%2u", &y, &m, &d) != 3 || !d || d > days_of(y, m))
        return false;
    ret->start = arena_printf(p->arena, "'%s'", text);
    d++;
    if (d > days_of(y, m))
        d = 1, m++;
    if (m > 12)
        m = 1, y++;
    ret->next = arena_printf(p->arena, "'%04u-%02u-%02u'", y, m, d);
    return true;
}

static bool day_of(struct patch *p, struct ref value, struct day *ret)
{
    struct ref base = first_child(p, value);
    if (is_kind(p, value, E_STR))
        return literal_day(p, node_name(p, value), ret);
    bool text = is_kind(p, value, E_MCALL) &&
                ((str_is(node_name(p, value), "toDateString") && !arg_count(p, value)) ||
                 (str_is(node_name(p, value), "format") && arg_count(p, value) == 1 &&
                  is_kind(p, nth_arg(p, value, 0), E_STR) && str_is(node_name(p, nth_arg(p, value, 0)), "Y-m-d")));
    if (text)
        return (is_kind(p, base, E_VAR) ? is_time_variable(p, base) : is_fresh_time(p, base)) && day_of(p, base, ret);
    if (is_today(p, value)) {
        ret->start = "today()";
        ret->next = "today()->addDay()";
        return true;
    }
    if (is_kind(p, value, E_VAR) && is_time_variable(p, value)) {
        ret->start = arena_printf(p->arena, "%s->copy()->startOfDay()", node_cstr(p, value));
        ret->next = arena_printf(p->arena, "%s->copy()->startOfDay()->addDay()", node_cstr(p, value));
        return true;
    }
    if (!is_fresh_time(p, value))
        return false;
    bool begins = is_kind(p, value, E_MCALL) && str_starts(node_name(p, value), "startOf");
    const char *start = arena_printf(p->arena, "%s%s", node_cstr(p, value), begins ? "" : "->startOfDay()");
    ret->start = start;
    ret->next = arena_printf(p->arena, "%s->addDay()", start);
    return true;
}

/* --- the comparison --- */

static void rewrite(struct patch *p, struct ref call)
{
    bool has_op = arg_count(p, call) == 3 && is_kind(p, nth_arg(p, call, 1), E_STR);
    struct ref column = nth_arg(p, call, 0), value = nth_arg(p, call, has_op ? 2 : 1);
    struct str op = has_op ? node_name(p, nth_arg(p, call, 1)) : STR("=");
    struct day day;
    if (arg_count(p, call) != 2 && !has_op) {
        patch_refuse(p, "whereDate() has arguments that fettle does not know");
        return;
    }
    if (!is_ref(value) || !day_of(p, value, &day)) {
        patch_refuse(p, "the day may be null, or text that is no day: then whereDate() finds other rows than a range");
        return;
    }
    const char *name = node_cstr(p, column), *range = NULL;
    if (str_is(op, "="))
        range = arena_printf(p->arena, "where(%s, '>=', %s)->where(%s, '<', %s)", name, day.start, name, day.next);
    else if (str_is(op, ">=") || str_is(op, "<"))
        range = arena_printf(p->arena, "where(%s, '" STR_FMT "', %s)", name, STR_ARG(op), day.start);
    else if (str_is(op, ">") || str_is(op, "<="))
        range = arena_printf(p->arena, "where(%s, '%s', %s)", name, str_is(op, ">") ? ">=" : "<", day.next);
    if (!range)
        patch_refuse(p, "whereDate() compares by " STR_FMT, STR_ARG(op));
    else
        patch_replace(p, call.file, name_of(p, call), at_node(p, call)->end, range);
}

/* Only where the bare column holds a point of time; a column of days is compared as it is. */
static void check_column(struct patch *p, const struct fix_in *in)
{
    const char *subject = in->finding->subject, *dot = strrchr(subject, '.');
    const char *name = arena_strndup(p->arena, subject, (size_t)(dot - subject));
    const struct table *t = in->schema ? schema_table(in->schema, name) : NULL;
    const struct column *c = t ? table_column(t, dot + 1) : NULL;
    const struct setting *zone = app_setting(in->app, "app.timezone");
    if (!c || c->klass != COL_DATETIME)
        patch_refuse(p, "%s is not known to be a column of times", subject);
    if (zone && (!zone->value || strcasecmp(zone->value, "UTC")))
        patch_refuse(p, "the application's time zone is %s, not UTC", zone->value ? zone->value : "set elsewhere");
}

/* An index on the column may serve the range, and gives unordered rows in its own order. */
static void check_order(struct patch *p, struct ref top)
{
    static const char *const indifferent[] = { "count",       "exists",    "doesntExist", "sum",      "max",
                                               "min",         "avg",       "average",     "update",   "delete",
                                               "forceDelete", "increment", "decrement",   "whereHas", NULL };
    for (unsigned i = 0; indifferent[i]; i++)
        if (str_ieq(node_name(p, top), str_c(indifferent[i])))
            return;
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c))
        if (str_starts(node_name(p, c), "orderBy") || str_ieq(node_name(p, c), STR("latest")) ||
            str_ieq(node_name(p, c), STR("oldest")) || str_ieq(node_name(p, c), STR("groupBy")))
            return;
    patch_refuse(p, "the rows have no order: through an index they may come in another one");
}

enum fix_answer fix_date_range(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    (void)err;
    patch_init(&p, in->app, arena);
    const char *dot = in->finding->subject ? strrchr(in->finding->subject, '.') : NULL;
    struct ref call = dot ? find_where_date(in, &p, dot + 1) : (struct ref){ REF_NONE, 0 };
    if (!is_ref(call)) {
        patch_refuse(&p, "only whereDate() on a named column is rewritten");
        return patch_done(&p, NULL, ret);
    }
    check_column(&p, in);
    struct ref top = chain_top(&p, call);
    for (struct ref c = top; is_kind(&p, c, E_MCALL) || is_kind(&p, c, E_SCALL); c = first_child(&p, c))
        if (is_where_date(&p, c, dot + 1))
            rewrite(&p, c);
    check_order(&p, top);
    return patch_done(&p, arena_printf(arena, "Compare %s as a half-open range", dot + 1), ret);
}
