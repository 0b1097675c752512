/* Work that PHP does on fetched rows and the database could do: `…->get()->where('a', 1)->count()` and the like.
 *
 * A pipeline is get() (or Model::all()) and the calls on its collection. Its beginning moves into the query as far as
 * each call means the same in SQL as in PHP: conditions of plain columns against constants, then one call that takes
 * a number, a row or some rows. What follows works on the collection as before. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "rules/emit.h"

#include <ctype.h>

enum { PIPE_MAX = 12 };

struct pipe {
    const struct fix_in *in;
    struct patch *p;
    const struct model *model;
    const struct table *table;
    struct ref get;             /* the terminal of the query */
    struct ref calls[PIPE_MAX]; /* on its collection, from the inside out */
    unsigned n;
    struct ref variable, assign; /* the rows are kept in a variable first, and used this once */
    bool wheres;                 /* some condition moved: the keys of what is left are other ones */
};

static bool named(const struct patch *p, struct ref call, const char *name)
{
    return str_ieq(node_name(p, call), str_c(name));
}

/* --- what the pipeline is --- */

static bool is_fetch(const struct patch *p, struct ref r)
{
    return (is_kind(p, r, E_MCALL) && named(p, r, "get")) ||
           (is_kind(p, r, E_SCALL) && (named(p, r, "all") || named(p, r, "get")));
}

static unsigned uses_of(const struct patch *p, struct ref function, struct str name)
{
    unsigned n = 0;
    for (uint32_t i = function.node + 1; i < at_node(p, function)->skip; i++) {
        struct ref r = { function.file, i };
        n += (is_kind(p, r, E_VAR) || is_kind(p, r, E_STR) || is_kind(p, r, E_USE)) && str_eq(node_name(p, r), name);
    }
    return n;
}

/* $rows = …->get(); $n = $rows->count(); with nothing between the two and no other use. */
static void through_variable(struct pipe *q, struct ref var)
{
    struct patch *p = q->p;
    struct ref assign = variable_origin(p, var);
    struct ref value = is_ref(assign) ? next_child(p, assign, first_child(p, assign)) : assign;
    struct ref before = is_ref(assign) ? statement_of(p, assign) : assign, after = statement_of(p, var);
    bool plain =
        is_ref(value) && is_fetch(p, value) && is_kind(p, before, S_EXPR) && first_child(p, before).node == assign.node;
    bool next = plain && is_ref(after) && before.file == after.file && at_node(p, before)->skip == after.node &&
                parent_of(p, before).node == parent_of(p, after).node;
    if (!next || uses_of(p, method_around(p, var), node_name(p, var)) != 2 ||
        p->app->files[var.file].facts->lang == LANG_BLADE ||
        !(is_kind(p, after, S_EXPR) || is_kind(p, after, S_RETURN) || is_kind(p, after, S_ECHO))) {
        patch_refuse(p, "the rows are kept in a variable first");
        return;
    }
    q->get = value;
    q->variable = var;
    q->assign = before;
}

static void find_pipe(struct pipe *q, struct ref read)
{
    struct patch *p = q->p;
    struct ref c = chain_top(p, read), down[PIPE_MAX * 2];
    unsigned n = 0;
    for (; is_kind(p, c, E_MCALL) && !is_fetch(p, c) && n < PIPE_MAX * 2; c = first_child(p, c))
        down[n++] = c;
    if (is_fetch(p, c))
        q->get = c;
    else if (is_kind(p, c, E_VAR))
        through_variable(q, c);
    else
        patch_refuse(p, "the query that fetches the rows was not found");
    for (unsigned i = 0; i < n && q->n < PIPE_MAX; i++)
        q->calls[q->n++] = down[n - 1 - i];
    if (!p->refused && arg_count(p, q->get))
        patch_refuse(p, "%.*s() is given columns", STR_ARG(node_name(p, q->get)));
    if (!p->refused && !q->n)
        patch_refuse(p, "nothing is done with the rows in the same expression");
}

/* --- columns --- */

static const char *cast_of(const struct pipe *q, struct str name)
{
    sym attribute = syms_find(q->in->app->syms, name);
    for (uint16_t i = 0; q->model && i < q->model->ncasts; i++)
        if (attribute && q->model->casts[i].attribute == attribute)
            return syms_cstr(q->in->app->syms, q->model->casts[i].type);
    return NULL;
}

static bool cast_keeps(const char *cast, enum column_class k)
{
    if (!cast)
        return true;
    bool number = !strcmp(cast, "int") || !strcmp(cast, "integer"),
         truth = !strcmp(cast, "bool") || !strcmp(cast, "boolean");
    return (number && k == COL_INT) || (truth && k == COL_BOOL) || (!strcmp(cast, "string") && k == COL_STRING);
}

/* The column is also one of a table that the query joins: its bare name would be ambiguous in SQL. */
static bool is_ambiguous(const struct pipe *q, const char *name)
{
    const struct app *app = q->in->app;
    struct ref c = q->get;
    for (; is_kind(q->p, c, E_MCALL); c = first_child(q->p, c)) {
        struct str call = node_name(q->p, c);
        if (str_ends(call, "oin") || str_ends(call, "oinSub") || str_ieq(call, STR("from")) ||
            str_ieq(call, STR("fromSub")))
            return true;
        sym relation = arg_count(q->p, c) ? 0 : syms_find(app->syms, call);
        for (uint32_t i = 0; relation && i < app->nmodels; i++) {
            const struct relation *r = model_relation(app, &app->models[i], relation);
            if (!r || !r->pivot)
                continue;
            const struct table *pivot = schema_table(q->in->schema, syms_cstr(app->syms, r->pivot));
            if (!pivot || table_column(pivot, name))
                return true;
        }
    }
    return false;
}

/* A column whose value in PHP is the value in SQL: known to the schema, fetched, no accessor, no cast that changes it.
 */
static const struct column *plain_column(const struct pipe *q, struct ref arg)
{
    struct str name = is_kind(q->p, arg, E_STR) ? node_name(q->p, arg) : STR("");
    char text[128];
    if (!q->table || !name.n || name.n >= sizeof text)
        return NULL;
    memcpy(text, name.p, name.n);
    text[name.n] = 0;
    const struct column *c = table_column(q->table, text);
    sym attribute = syms_find(q->in->app->syms, name);
    if (!c || c->klass == COL_DECIMAL || (attribute && model_accessor(q->in->app, q->model, attribute)) ||
        !cast_keeps(cast_of(q, name), c->klass) || is_ambiguous(q, text) ||
        chain_lacks_column(q->p, first_child(q->p, q->get), text))
        return NULL;
    return c;
}

static bool looks_numeric(struct str s)
{
    while (s.n && isspace((unsigned char)*s.p))
        s.p++, s.n--;
    return !s.n || isdigit((unsigned char)*s.p) || *s.p == '.' || *s.p == '-' || *s.p == '+';
}

/* $user->id of a typed parameter, or of who is signed in: a key, never null. */
static bool is_key_value(const struct patch *p, struct ref value)
{
    if (!is_kind(p, value, E_PROP) || !str_is(node_name(p, value), "id"))
        return false;
    struct ref base = first_child(p, value);
    if (is_kind(p, base, E_MCALL) && named(p, base, "user"))
        return true;
    struct ref method = method_around(p, value);
    for (struct ref c = is_kind(p, base, E_VAR) ? first_child(p, method) : base; is_ref(c) && is_kind(p, base, E_VAR);
         c = next_child(p, method, c)) {
        struct ref type = first_child(p, c);
        bool same = is_kind(p, c, N_PARAM) && str_eq(node_name(p, c), node_name(p, base)) && is_kind(p, type, N_TYPE);
        uint32_t cls = same ? app_class_named(p->app, node_name(p, type)) : NO_CLASS;
        if (cls != NO_CLASS && class_model(p->app, cls) && !(at_node(p, type)->flags & F_NULLABLE))
            return variable_is_parameter(p, base);
    }
    return false;
}

static bool is_enum_case(const struct pipe *q, struct ref value, struct str column)
{
    const char *cast = cast_of(q, column);
    struct ref cls = is_kind(q->p, value, E_CCONST) ? first_child(q->p, value) : (struct ref){ REF_NONE, 0 };
    uint32_t c = is_kind(q->p, cls, E_NAME) ? app_class_named(q->in->app, node_name(q->p, cls)) : NO_CLASS;
    return cast && c != NO_CLASS && q->in->app->classes[c].kind == CLASS_ENUM && str_is(node_name(q->p, cls), cast);
}

/* `column = value`: loose in PHP, three-valued in SQL. Are they the same for every value that the column can have? */
static bool equals_alike(const struct pipe *q, struct ref name, struct ref value)
{
    const struct patch *p = q->p;
    bool exact = q->in->app->dialect == DIALECT_SQLITE || q->in->app->dialect == DIALECT_PGSQL;
    if (is_kind(p, name, E_STR) && is_enum_case(q, value, node_name(p, name)))
        return q->in->app->laravel_major >= 9 && q->table != NULL;
    const struct column *c = plain_column(q, name);
    if (!c)
        return false;
    struct str text = node_name(p, value);
    bool truth = is_kind(p, value, E_CONST) && str_ieq(text, STR("true"));
    bool lie = is_kind(p, value, E_CONST) && str_ieq(text, STR("false"));
    switch (c->klass) {
    case COL_INT:
        return is_key_value(p, value) || (is_kind(p, value, E_INT) && (!c->nullable || !str_is(text, "0")));
    case COL_BOOL:
        return truth || (lie && !c->nullable) ||
               (is_kind(p, value, E_INT) && (str_is(text, "1") || (str_is(text, "0") && !c->nullable)));
    case COL_ENUM:
        return is_kind(p, value, E_STR) && !looks_numeric(text);
    case COL_STRING: /* MySQL's collations find equal what PHP does not */
    case COL_UUID:
        return exact && is_kind(p, value, E_STR) && !looks_numeric(text);
    default:
        return false;
    }
}

static bool compares_alike(const struct pipe *q, struct ref call)
{
    struct patch *p = q->p;
    struct ref name = nth_arg(p, call, 0), value = nth_arg(p, call, arg_count(p, call) - 1);
    if (arg_count(p, call) == 2)
        return equals_alike(q, name, value);
    const struct column *c = arg_count(p, call) == 3 ? plain_column(q, name) : NULL;
    struct str op = c && is_kind(p, nth_arg(p, call, 1), E_STR) ? node_name(p, nth_arg(p, call, 1)) : STR("");
    if (str_is(op, "="))
        return equals_alike(q, name, value);
    bool ordered = str_is(op, ">") || str_is(op, ">=") || str_is(op, "<") || str_is(op, "<=");
    bool positive = is_kind(p, value, E_INT) && !str_is(node_name(p, value), "0");
    if (!c || c->klass != COL_INT || !is_kind(p, value, E_INT))
        return false;
    if (str_is(op, ">") || (str_is(op, ">=") && positive))
        return true; /* null is smaller than these in PHP too */
    return !c->nullable && (ordered || str_is(op, "!=") || str_is(op, "<>"));
}

/* --- what a call of the pipeline becomes --- */

struct form {
    const char *on_rows, *in_sql;
    enum { TAKES_NONE, TAKES_NUMBERS, TAKES_COLUMN, TAKES_PAIR } takes;
    bool ordered;
};

static const struct form forms[] = {
    { "count", "count", TAKES_NONE, false },         { "sum", "sum", TAKES_NUMBERS, false },
    { "max", "max", TAKES_NUMBERS, false },          { "min", "min", TAKES_NUMBERS, false },
    { "avg", "avg", TAKES_NUMBERS, false },          { "average", "avg", TAKES_NUMBERS, false },
    { "isEmpty", "doesntExist", TAKES_NONE, false }, { "isNotEmpty", "exists", TAKES_NONE, false },
    { "pluck", "pluck", TAKES_COLUMN, false },       { "first", "first", TAKES_NONE, true },
    { "firstWhere", NULL, TAKES_PAIR, true },        { "contains", NULL, TAKES_PAIR, false },
};

static const struct form *form_of(struct str fn)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (str_ieq(fn, str_c(forms[i].on_rows)))
            return &forms[i];
    return NULL;
}

/* The rows come in one order only: a key of theirs is among what they are ordered by. Else ties may come otherwise. */
static bool order_is_total(const struct pipe *q, bool *ret_any)
{
    const struct patch *p = q->p;
    *ret_any = false;
    for (struct ref c = q->get; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        struct str name = node_name(p, c);
        if (!str_starts(name, "orderBy") && !str_ieq(name, STR("latest")) && !str_ieq(name, STR("oldest")))
            continue;
        *ret_any = true;
        struct ref column = nth_arg(p, c, 0);
        if (is_kind(p, column, E_STR) && q->model &&
            column_is_unique(q->in->app, q->model, q->table, node_name(p, column)))
            return true;
    }
    return false;
}

static void need_order(struct pipe *q)
{
    bool any;
    if (order_is_total(q, &any))
        return;
    if (any)
        patch_refuse(q->p, "rows that tie in the order may come in another one");
    else
        patch_refuse(q->p, "the rows have no order, so another one might come first");
}

/* The rows of an unordered query come as the index gives them that serves it: with one more condition, or fewer
 * columns, another one may. Equalities all give them by key, where the engine keeps its rows in that order. */
static bool list_order_is_kept(const struct pipe *q, struct ref top)
{
    const struct patch *p = q->p;
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        struct str name = node_name(p, c);
        bool plain = (str_ieq(name, STR("where")) && arg_count(p, c) == 2) || str_ieq(name, STR("query")) ||
                     is_fetch(p, c) || str_ieq(name, STR("with")) || str_ieq(name, STR("values"));
        if (str_starts(name, "orderBy") || str_ieq(name, STR("latest")) || str_ieq(name, STR("oldest")))
            return true;
        if (!plain)
            return false;
    }
    return q->in->app->dialect != DIALECT_PGSQL;
}

/* pluck() reads fewer columns: an index that has them all may serve it, in its own order. */
static bool pluck_is_ordered(const struct pipe *q, struct ref call)
{
    const struct patch *p = q->p;
    bool any;
    if (order_is_total(q, &any))
        return true;
    for (struct ref c = q->get; any && (is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL)); c = first_child(p, c))
        if (str_starts(node_name(p, c), "orderBy") && is_kind(p, nth_arg(p, c, 0), E_STR))
            return str_eq(node_name(p, nth_arg(p, c, 0)), node_name(p, nth_arg(p, call, 0)));
    return false;
}

static bool is_movable_where(const struct pipe *q, struct ref call)
{
    struct patch *p = q->p;
    if (named(p, call, "where") && arg_count(p, call) >= 2)
        return compares_alike(q, call);
    if ((named(p, call, "whereNull") || named(p, call, "whereNotNull")) && arg_count(p, call) == 1)
        return plain_column(q, nth_arg(p, call, 0)) != NULL;
    return false;
}

static void check_form(struct pipe *q, const struct form *f, struct ref call)
{
    struct patch *p = q->p;
    const struct column *c =
        f->takes == TAKES_NUMBERS || f->takes == TAKES_COLUMN ? plain_column(q, nth_arg(p, call, 0)) : NULL;
    unsigned n = arg_count(p, call);
    if (f->takes == TAKES_NONE && n)
        patch_refuse(p, "%s() has a condition", f->on_rows);
    if (f->takes == TAKES_NUMBERS && (n != 1 || !c || c->klass != COL_INT))
        patch_refuse(p, "what is taken of the rows is no plain column");
    if (f->takes == TAKES_COLUMN && (n != 1 || !c))
        patch_refuse(p, "what is taken of the rows is no plain column");
    if (f->takes == TAKES_COLUMN && !pluck_is_ordered(q, call))
        patch_refuse(p, "without an order of their own the values may come in another one");
    if (f->takes == TAKES_PAIR && (n < 2 || !compares_alike(q, call)))
        patch_refuse(p, "the condition is not a plain column against a constant");
    if (str_is(str_c(f->in_sql ? f->in_sql : ""), "avg") && q->in->app->dialect != DIALECT_SQLITE)
        patch_refuse(p, "this database answers an average with text of its own precision");
    if (f->ordered)
        need_order(q);
}

/* Later code cannot see the keys that the rows have in the collection. */
static bool keys_are_unseen(const struct pipe *q, unsigned from)
{
    static const char *const blind[] = { "count", "isEmpty", "isNotEmpty", "first",   "values",   "sum",  "max", "min",
                                         "avg",   "average", "pluck",      "implode", "contains", "last", NULL };
    struct patch *p = q->p;
    struct ref top = from ? q->calls[from - 1] : q->get;
    for (unsigned k = 0; from < q->n && blind[k]; k++)
        if (named(p, q->calls[from], blind[k]) &&
            !(named(p, q->calls[from], "pluck") && arg_count(p, q->calls[from]) != 1))
            return true;
    struct ref up = parent_of(p, top);
    return from == q->n && is_kind(p, up, S_FOREACH) && first_child(p, up).node == top.node &&
           is_kind(p, next_child(p, up, top), N_NULL);
}

static void rename_last(struct pipe *q, const struct form *f, struct ref call)
{
    struct patch *p = q->p;
    uint32_t at = name_of(p, call);
    bool number =
        !strcmp(f->on_rows, "sum") && q->in->app->dialect != DIALECT_SQLITE; /* other servers answer with text */
    if (f->takes == TAKES_PAIR) {
        patch_replace(p, call.file, at, at + node_name(p, call).n, "where");
        patch_insert(p, call.file, at_node(p, call)->end, strcmp(f->on_rows, "contains") ? "->first()" : "->exists()");
    } else if (strcmp(f->on_rows, f->in_sql)) {
        patch_replace(p, call.file, at, at + node_name(p, call).n, f->in_sql);
    }
    if (number && is_ref(q->variable))
        patch_refuse(p, "the rows are kept in a variable first");
    else if (number)
        patch_insert(p, call.file, at_node(p, call)->off, "(int) ");
}

/* Takes get() out of the chain, up to the first call that moved; all() is Model::query() or nothing. */
static void drop_get(struct pipe *q)
{
    struct patch *p = q->p;
    struct ref first = q->calls[0];
    if (is_ref(q->variable)) {
        const char *text = node_cstr(p, q->get);
        struct ref base = first_child(p, q->get);
        uint32_t keep = is_kind(p, q->get, E_SCALL) ? name_of(p, q->get) - at_node(p, q->get)->off
                                                    : at_node(p, base)->end - at_node(p, q->get)->off;
        uint32_t from = at_node(p, q->assign)->off, to = statement_end(p, q->assign);
        patch_replace(p, q->assign.file, line_begins(p, q->assign.file, from), to, "");
        if (is_kind(p, q->get, E_SCALL))
            patch_replace(p, first.file, at_node(p, q->variable)->off, name_of(p, first),
                          arena_printf(p->arena, "%.*s", (int)keep, text));
        else
            patch_replace(p, first.file, at_node(p, q->variable)->off, at_node(p, q->variable)->end,
                          arena_printf(p->arena, "%.*s", (int)keep, text));
    } else if (is_kind(p, q->get, E_SCALL)) { /* Model::all()->count() -> Model::count() */
        patch_replace(p, first.file, name_of(p, q->get), name_of(p, first), "");
    } else {
        patch_replace(p, first.file, arrow_of(p, q->get), arrow_of(p, first), "");
    }
}

/* Moves what can be moved; refuses when that is nothing. */
static void move_calls(struct pipe *q, struct arena *arena, const char **ret_summary)
{
    struct patch *p = q->p;
    unsigned k = 0;
    while (k < q->n && is_movable_where(q, q->calls[k]))
        k++;
    q->wheres = k > 0;
    bool pair = k < q->n && (named(p, q->calls[k], "firstWhere") || named(p, q->calls[k], "contains"));
    if ((k || pair) && chain_has_or(p, first_child(p, q->get)))
        patch_refuse(p, "the query joins conditions by or: one more would belong to the last of them only");
    struct ref next = k < q->n ? q->calls[k] : (struct ref){ REF_NONE, 0 };
    const struct form *f = is_ref(next) ? form_of(node_name(p, next)) : NULL;
    bool take =
        is_ref(next) && (named(p, next, "take")) && arg_count(p, next) == 1 && is_kind(p, nth_arg(p, next, 0), E_INT);
    if (f) {
        check_form(q, f, next);
        rename_last(q, f, next);
        *ret_summary = arena_printf(arena, "Let the database %s", f->in_sql ? f->in_sql : f->on_rows);
    } else {
        if (take)
            need_order(q);
        k += take;
        if (!k && is_ref(next) && (named(p, next, "where") || named(p, next, "take")))
            patch_refuse(p, "the condition is not a plain column against a constant");
        else if (!k)
            patch_refuse(p, "%.*s() on rows has no plain counterpart in SQL", STR_ARG(node_name(p, next)));
        if (k && !take && !list_order_is_kept(q, q->calls[k - 1]))
            patch_refuse(p, "without an order of their own the rows may come in another one");
        if (q->wheres && !keys_are_unseen(q, k))
            patch_refuse(p, "the picked rows keep their keys, which later code may see");
        if (is_ref(q->variable))
            patch_refuse(p, "the rows are kept in a variable first");
        if (k && !p->refused) {
            bool line = k < q->n && starts_line(p, q->get.file, arrow_of(p, q->calls[k]));
            uint32_t end = at_node(p, q->calls[k - 1])->end;
            const char *indent = line ? indent_of(p, q->get.file, arrow_of(p, q->calls[k])) : "";
            patch_insert(p, q->get.file, end, line ? arena_printf(arena, "\n%s->get()", indent) : "->get()");
        }
        *ret_summary = "Let the database pick the rows";
    }
    if (!p->refused)
        drop_get(q);
}

enum fix_answer fix_rows(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    struct pipe q = { .in = in, .p = &p, .variable = { REF_NONE, 0 }, .get = { REF_NONE, 0 } };
    const char *summary = NULL;
    (void)err;
    patch_init(&p, in->app, arena);
    q.model = in->flow && in->flow->model != NO_CLASS ? class_model(in->app, in->flow->model) : NULL;
    q.table = q.model ? model_table(in->app, q.model) : NULL;
    if (!in->flow || !is_kind(&p, in->flow->read, E_MCALL)) {
        patch_refuse(&p, "the expression that uses the rows was not found");
        return patch_done(&p, NULL, ret);
    }
    find_pipe(&q, in->flow->read);
    if (!p.refused && is_kind(&p, q.get, E_MCALL)) {
        const char *bound = chain_bound(&p, first_child(&p, q.get), q.model);
        if (bound)
            patch_refuse(&p, "%s stands before get(), so SQL would compute something else", bound);
    }
    if (!p.refused && q.model && q.model->custom_collection)
        patch_refuse(&p, "the model has a collection of its own");
    if (!p.refused)
        move_calls(&q, arena, &summary);
    return patch_done(&p, summary, ret);
}
