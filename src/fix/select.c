/* Wide columns that no reader of a list reads: a select list of all the others. Every key, foreign key, cast and small
 * column stays, so relations, policies, route keys and `$touches` find what they need. The finding says, from traces,
 * that no page that ran this query reads the columns; here is looked at what a trace cannot show: code that may read
 * them on another way, and forms of the query to which a select list would mean something else. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "rules/emit.h"

#include <stdio.h>

enum { WIDE_MAX = 8 };

struct wide_list {
    const char *table, *names[WIDE_MAX];
    unsigned n;
};

static bool read_subject(struct patch *p, const char *subject, struct wide_list *w)
{
    const char *open = subject ? strchr(subject, '(') : NULL, *close = open ? strrchr(open, ')') : NULL;
    if (!close)
        return false;
    w->table = arena_strndup(p->arena, subject, (size_t)(open - subject));
    struct str rest = { open + 1, (uint32_t)(close - open - 1) }, name;
    while (str_next(&rest, ',', &name) && w->n < WIDE_MAX)
        w->names[w->n++] = arena_strndup(p->arena, str_trim(name).p, str_trim(name).n);
    return w->n > 0;
}

static bool is_listed(const struct wide_list *w, const char *column)
{
    for (unsigned i = 0; i < w->n; i++)
        if (!strcasecmp(w->names[i], column))
            return true;
    return false;
}

/* --- who may read a column --- */

static bool names_any(const struct patch *p, struct ref inside, const struct wide_list *w)
{
    for (uint32_t i = inside.node; is_ref(inside) && i < at_node(p, inside)->skip; i++) {
        struct ref r = { inside.file, i };
        if (!is_kind(p, r, E_PROP) && !is_kind(p, r, E_STR))
            continue;
        struct str s = node_name(p, r);
        for (unsigned k = 0; k < w->n; k++)
            if (str_ieq(s, str_c(w->names[k])))
                return true;
    }
    return false;
}

/* Accessors of $appends run whenever a row is sent; so do the models' own hooks. */
static void check_model(struct patch *p, const struct model *m, const struct wide_list *w)
{
    const struct app *app = p->app;
    for (uint16_t i = 0; i < m->nappends; i++) {
        const struct accessor *a = model_accessor(app, m, m->appends[i]);
        if (a && names_any(p, a->at, w))
            patch_refuse(p, "the appended %s reads a column that would be missing",
                         syms_cstr(app->syms, m->appends[i]));
    }
    for (uint16_t i = 0; i < m->nrelations; i++)
        if ((m->relations[i].foreign_key && is_listed(w, syms_cstr(app->syms, m->relations[i].foreign_key))) ||
            (m->relations[i].local_key && is_listed(w, syms_cstr(app->syms, m->relations[i].local_key))))
            patch_refuse(p, "%s is matched by a column that would be missing",
                         syms_cstr(app->syms, m->relations[i].name));
    for (uint16_t i = 0; i < m->ncasts; i++) {
        uint32_t cast = app_class(app, m->casts[i].type);
        if (cast != NO_CLASS && (app->classes[cast].is & IS_CAST) && names_any(p, app->classes[cast].at, w) &&
            !is_listed(w, syms_cstr(app->syms, m->casts[i].attribute)))
            patch_refuse(p, "the cast of %s reads a column that would be missing",
                         syms_cstr(app->syms, m->casts[i].attribute));
    }
    if (m->has_events)
        for (uint32_t c = 0; c < app->nclasses; c++) {
            const struct method *retrieved =
                app->classes[c].is & IS_OBSERVER ? class_method_named(app, c, "retrieved") : NULL;
            if (retrieved && names_any(p, retrieved->at, w))
                patch_refuse(p, "an observer reads a column that would be missing");
        }
}

static bool is_app_code(const struct app_file *f)
{
    return f->context == CTX_APP || f->context == CTX_VIEW || f->context == CTX_ROUTES;
}

/* Methods of the application that the code hands something to: whether they read the columns is not in the trace. */
static void check_handed_over(struct patch *p, struct ref function, const struct wide_list *w)
{
    for (uint32_t i = function.node; i < at_node(p, function)->skip; i++) {
        struct ref r = { function.file, i };
        bool call = (is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL)) && arg_count(p, r);
        sym name = call ? ref_sym(p->app, r) : 0;
        for (uint32_t c = 0; name && c < p->app->nclasses; c++) {
            const struct class *k = &p->app->classes[c];
            for (uint32_t m = 0; m < k->nmethods && is_app_code(&p->app->files[k->at.file]); m++)
                if (k->methods[m].name == name && k->methods[m].at.node != function.node &&
                    names_any(p, k->methods[m].at, w))
                    patch_refuse(p, "%s() may be given the rows, and reads a column that would be missing",
                                 syms_cstr(p->app->syms, name));
        }
    }
}

/* How often the application calls a method of this name; of a page's class only that class can. */
static unsigned callers_of(const struct patch *p, struct ref method, bool page)
{
    struct str name = node_name(p, method);
    unsigned n = 0;
    for (uint32_t f = 0; name.n && f < p->app->nfiles; f++) {
        const struct facts *facts = p->app->files[f].facts;
        for (uint32_t i = 1; is_app_code(&p->app->files[f]) && !(page && f != method.file) && i < facts->nnodes; i++) {
            struct ref r = { f, i };
            n += (is_kind(p, r, E_MCALL) || is_kind(p, r, E_SCALL)) && str_ieq(node_name(p, r), name);
        }
    }
    return n;
}

static bool is_named_somewhere(const struct patch *p, const struct wide_list *w, struct ref but_for)
{
    for (uint32_t f = 0; f < p->app->nfiles; f++)
        if (is_app_code(&p->app->files[f]) && f != but_for.file && names_any(p, (struct ref){ f, 0 }, w))
            return true;
    return false;
}

/* A page's own method has the readers that its trace shows. Of one that others call, or whose rows are kept in a cache,
 * there may be readers that no trace showed. */
static void check_callers(struct patch *p, struct ref chain, const struct model *m, const struct wide_list *w)
{
    struct ref method = method_around(p, chain);
    uint32_t cls = class_of(p->app, chain);
    bool page = cls != NO_CLASS && (p->app->classes[cls].is & (IS_CONTROLLER | IS_LIVEWIRE | IS_COMPONENT));
    bool kept = false;
    for (struct ref up = parent_of(p, chain); is_ref(up) && up.node > method.node; up = parent_of(p, up))
        kept |= is_kind(p, up, E_CLOSURE) || is_kind(p, up, E_ARROW);
    unsigned callers = callers_of(p, method, page);
    bool alone = !kept && (page ? callers <= 1 : callers == 1);
    if (!alone && is_named_somewhere(p, w, p->app->classes[m->class_].at))
        patch_refuse(p, "others may use these rows, and some code reads %s", w->names[0]);
}

/* --- where the list goes --- */

static const char *select_list(struct patch *p, const struct table *t, const struct wide_list *w)
{
    auto_buf out = BUF_INIT(1 << 16);
    for (uint16_t i = 0, n = 0; i < t->ncolumns; i++)
        if (!is_listed(w, t->columns[i].name))
            buf_addf(&out, "%s'%s'", n++ ? ", " : "", t->columns[i].name);
    return arena_printf(p->arena, "select([%s])", buf_cstr(&out));
}

/* The first call of the chain: Model::query(), Model::where(…), $user->documents(). */
static struct ref first_call(const struct patch *p, struct ref top)
{
    struct ref c = top;
    while (is_kind(p, c, E_MCALL) && is_kind(p, first_child(p, c), E_MCALL))
        c = first_child(p, c);
    return is_kind(p, c, E_MCALL) && is_kind(p, first_child(p, c), E_SCALL) ? first_child(p, c) : c;
}

static void put_behind(struct patch *p, struct ref top, struct ref call, const char *list)
{
    struct ref next = top;
    while (next.node != call.node && first_child(p, next).node != call.node)
        next = first_child(p, next);
    bool line = next.node != call.node && starts_line(p, call.file, arrow_of(p, next));
    const char *glue = line ? arena_printf(p->arena, "\n%s", indent_of(p, call.file, arrow_of(p, next))) : "";
    patch_join(p, call.file, at_node(p, call)->end, arena_printf(p->arena, "%s->%s", glue, list));
}

static void put_list(struct patch *p, struct ref top, const struct model *m, const char *list)
{
    struct ref first = first_call(p, top), base = first_child(p, first);
    struct str name = node_name(p, first);
    if (is_kind(p, first, E_SCALL) && str_ieq(name, STR("query"))) {
        put_behind(p, top, first, list);
    } else if (is_kind(p, first, E_SCALL) && is_kind(p, base, E_NAME)) {
        if (str_ieq(name, STR("all")))
            patch_replace(p, first.file, name_of(p, first), name_of(p, first) + name.n, "get");
        patch_join(p, first.file, name_of(p, first), arena_printf(p->arena, "%s->", list));
    } else if (is_kind(p, first, E_MCALL) && !arg_count(p, first)) {
        const struct relation *r = NULL;
        for (uint32_t i = 0; !r && i < p->app->nmodels; i++)
            r = model_relation(p->app, &p->app->models[i], ref_sym(p->app, first));
        bool plain = r && (r->kind == REL_HAS_MANY || r->kind == REL_MORPH_MANY) && r->related == m->class_;
        if (!plain)
            patch_refuse(p, "the query's beginning is not plain");
        else
            put_behind(p, top, first, list);
    } else {
        patch_refuse(p, "the query's beginning is not plain");
    }
}

static void check_chain(struct patch *p, struct ref top, const struct model *m)
{
    static const char *const lists[] = { "select",    "addSelect",  "selectRaw", "selectSub",   "distinct", "groupBy",
                                         "union",     "unionAll",   "from",      "fromSub",     "join",     "leftJoin",
                                         "rightJoin", "crossJoin",  "joinSub",   "leftJoinSub", "pluck",    "value",
                                         "toBase",    "searchable", "find",      NULL };
    const char *there = chain_has(p, top, lists);
    if (there)
        patch_refuse(p, "%s() is in the query already", there);
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        const struct method *scope = chain_scope(p, m, node_name(p, c));
        for (uint32_t i = scope ? scope->at.node : 0; scope && i < at_node(p, scope->at)->skip; i++) {
            struct ref r = { scope->at.file, i };
            for (unsigned k = 0; is_kind(p, r, E_MCALL) && lists[k]; k++)
                if (str_ieq(node_name(p, r), str_c(lists[k])))
                    patch_refuse(p, "the scope %.*s() has a list of its own", STR_ARG(node_name(p, c)));
        }
        bool get = str_ieq(node_name(p, c), STR("get")) || str_ieq(node_name(p, c), STR("all"));
        bool page = str_ends(node_name(p, c), "aginate");
        if ((get && arg_count(p, c)) || (page && arg_count(p, c) > 1))
            patch_refuse(p, "%.*s() is given columns", STR_ARG(node_name(p, c)));
    }
}

static const struct model *model_with_table(const struct app *app, const char *table)
{
    const struct model *found = NULL;
    for (uint32_t i = 0; i < app->nmodels; i++)
        if (app->models[i].table && !strcasecmp(syms_cstr(app->syms, app->models[i].table), table))
            found = found ? found : &app->models[i];
    return found;
}

static bool all_hidden(const struct app *app, const struct model *m, const struct wide_list *w)
{
    unsigned hidden = 0;
    for (uint16_t i = 0; i < m->nhidden; i++)
        hidden += is_listed(w, syms_cstr(app->syms, m->hidden[i]));
    return hidden == w->n;
}

enum fix_answer fix_select(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    struct wide_list w = { .n = 0 };
    (void)err;
    patch_init(&p, in->app, arena);
    struct ref top = chain_top(&p, chain_ref(in->app, in->finding->at.file, in->finding->at.line));
    const struct model *m = read_subject(&p, in->finding->subject, &w) ? model_with_table(in->app, w.table) : NULL;
    const struct table *t = m && in->schema ? schema_table(in->schema, w.table) : NULL;
    if (!in->finding->from_trace)
        patch_refuse(&p, "no trace shows who reads the rows");
    if (!is_ref(top) || !t)
        patch_refuse(&p, "the query's own expression is not known");
    else if (t->confidence < 100 && in->schema->source != SCHEMA_SERVER)
        patch_refuse(&p, "not every column of %s is known", w.table);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    check_chain(&p, top, m);
    check_model(&p, m, &w);
    check_handed_over(&p, method_around(&p, top), &w);
    check_callers(&p, top, m, &w);
    if (rows_are_sent(
            &p, &(struct flow){ .chain = top, .at = top, .entry = method_around(&p, top), .loop = { REF_NONE, 0 } }) &&
        !all_hidden(in->app, m, &w))
        patch_refuse(&p, "the rows are sent as data, with every column");
    if (!p.refused)
        put_list(&p, top, m, select_list(&p, t, &w));
    return patch_done(&p, arena_printf(arena, "Leave %s%s out of the list", w.names[0], w.n > 1 ? " and others" : ""),
                      ret);
}
