/* $row->rel()->count() for every row: let the query count (withCount, withExists, withSum) and read the attribute.
 * In an accessor or a method of the row the old call stays as what is done when nothing was counted. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "rules/emit.h"

#include <ctype.h>

static const char *snake(const char *name, struct arena *arena)
{
    auto_buf out = BUF_INIT(512);
    for (const char *c = name; *c; c++) {
        if (isupper((unsigned char)*c) && c > name)
            buf_addc(&out, '_');
        buf_addc(&out, (char)tolower((unsigned char)*c));
    }
    return arena_strdup(arena, buf_cstr(&out));
}

struct counting {
    const char *fn, *method, *suffix;
    bool column; /* takes the column to add up */
};
static const struct counting countings[] = {
    { "count", "withCount", "count", false }, { "exists", "withExists", "exists", false },
    { "sum", "withSum", "sum", true },        { "max", "withMax", "max", true },
    { "min", "withMin", "min", true },        { "avg", "withAvg", "avg", true },
};

static const struct counting *counting_of(struct str fn)
{
    for (size_t i = 0; i < sizeof countings / sizeof *countings; i++)
        if (str_ieq(fn, str_c(countings[i].fn)))
            return &countings[i];
    return NULL;
}

/* What is asked for each row: $row->relation()->where('a', 1)->count(). */
struct question {
    struct ref read, relation, row;
    bool has_conditions, negated; /* negated: doesntExist() */
    const struct counting *c;
};

static bool is_condition(struct str name)
{
    static const char *const names[] = { "where",        "whereIn",      "whereNotIn",      "whereNull",
                                         "whereNotNull", "whereBetween", "whereNotBetween", "whereNot",
                                         "whereDate",    "whereYear",    "whereMonth" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_c(names[i])))
            return true;
    return false;
}

/* The arguments mean the same wherever they stand: no variables, no names that another file may not import. */
static bool is_constant(const struct patch *p, struct ref call, uint32_t chain_file)
{
    for (uint32_t i = call.node + 1; i < at_node(p, call)->skip; i++) {
        struct ref r = { call.file, i };
        bool in_base = i < at_node(p, first_child(p, call))->skip;
        bool moves =
            is_kind(p, r, E_VAR) || is_kind(p, r, E_CLOSURE) || is_kind(p, r, E_ARROW) || is_kind(p, r, E_ASSIGN);
        bool named = is_kind(p, r, E_NAME) && call.file != chain_file && !str_is(node_name(p, r), "now") &&
                     !str_is(node_name(p, r), "today");
        if (!in_base && (moves || named))
            return false;
    }
    return true;
}

static void read_question(struct patch *p, const struct fix_in *in, struct question *q)
{
    const struct flow *f = in->flow;
    struct ref read = f->read;
    q->read = read;
    q->negated = is_kind(p, read, E_MCALL) && str_ieq(node_name(p, read), STR("doesntExist"));
    q->c = is_kind(p, read, E_MCALL) ? counting_of(q->negated ? STR("exists") : node_name(p, read)) : NULL;
    if (!q->c) {
        patch_refuse(p, "what is asked for each row is not a plain count, sum or exists");
        return;
    }
    struct ref c = first_child(p, read);
    for (; is_kind(p, c, E_MCALL) && !is_kind(p, first_child(p, c), E_VAR); c = first_child(p, c)) {
        const struct model *m = f->model == NO_CLASS ? NULL : class_model(in->app, f->model);
        bool known = is_condition(node_name(p, c)) || (!arg_count(p, c) && chain_scope(p, m, node_name(p, c)));
        if (!known || !is_constant(p, c, is_ref(f->chain) ? f->chain.file : REF_NONE))
            patch_refuse(p, "the relation has conditions of its own at this place");
        q->has_conditions = true;
    }
    if (q->has_conditions && in->app->laravel_major && in->app->laravel_major < 9)
        patch_refuse(
            p, "the relation has conditions of its own at this place"); /* arrow functions may be too new for its PHP */
    q->relation = c;
    q->row = is_kind(p, c, E_MCALL) ? first_child(p, c) : c;
    if (!is_kind(p, c, E_MCALL) || arg_count(p, c) || !is_kind(p, q->row, E_VAR))
        patch_refuse(p, "the row is not a plain variable here");
    if (q->c->column ? arg_count(p, read) != 1 || !is_kind(p, nth_arg(p, read, 0), E_STR) : arg_count(p, read) != 0)
        patch_refuse(p, "%s() has arguments that a subselect cannot take", q->c->fn);
}

/* A word for an attribute's name out of a constant or an operator. */
static void add_word(struct patch *p, struct buf *out, struct ref r)
{
    static const struct {
        const char *sign, *word;
    } signs[] = { { ">", "over" }, { "<", "under" }, { ">=", "from" }, { "<=", "to" },
                  { "!=", "not" }, { "<>", "not" },  { "=", "" } };
    struct str s = is_kind(p, r, E_STR) || is_kind(p, r, E_INT) || is_kind(p, r, E_FLOAT) || is_kind(p, r, E_CCONST) ||
                           (is_kind(p, r, E_CONST) && !str_ieq(node_name(p, r), STR("true")))
                       ? node_name(p, r)
                       : STR("");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (str_is(s, signs[i].sign))
            s = str_c(signs[i].word);
    if (s.n)
        buf_addc(out, '_');
    for (uint32_t k = 0; k < s.n; k++)
        buf_addc(out, isalnum((unsigned char)s.p[k]) ? (char)tolower((unsigned char)s.p[k]) : '_');
}

/* comments_count, comments_sum_stars; with conditions, their words: comments_approved_count,
 * comments_stars_over_3_count. */
static const char *attribute_of(struct patch *p, const struct question *q, const char *relation)
{
    auto_buf out = BUF_INIT(512);
    struct ref calls[16];
    unsigned n = 0;
    buf_adds(&out, snake(relation, p->arena));
    for (struct ref c = first_child(p, q->read); c.node != q->relation.node && n < 16; c = first_child(p, c))
        calls[n++] = c;
    while (n--) {
        const char *name = node_text_name(p, calls[n]);
        const char *rest = strncmp(name, "where", 5) ? name : name + 5;
        if (*rest)
            buf_addf(&out, "_%s",
                     snake(arena_printf(p->arena, "%c%s", tolower((unsigned char)*rest), rest + 1), p->arena));
        for (uint32_t i = at_node(p, first_child(p, calls[n]))->skip; i < at_node(p, calls[n])->skip; i++)
            add_word(p, &out, (struct ref){ q->read.file, i });
    }
    buf_addf(&out, "_%s", q->c->suffix);
    if (q->c->column)
        buf_addf(&out, "_%.*s", STR_ARG(node_name(p, nth_arg(p, q->read, 0))));
    return arena_strdup(p->arena, buf_cstr(&out));
}

static bool is_alias(const struct patch *p, struct ref r, void *ctx)
{
    return is_kind(p, r, E_STR) && str_ends(node_name(p, r), ctx);
}

/* The entry of withCount(): 'comments', or 'comments as alias' => fn ($query) => $query->where(…). */
static const char *entry_of(struct patch *p, const struct question *q, const char *relation, const char *attribute)
{
    if (!q->has_conditions)
        return arena_printf(p->arena, "'%s'", relation);
    struct str text = source_of(p, q->read.file);
    uint32_t from = at_node(p, q->relation)->end, to = at_node(p, first_child(p, q->read))->end;
    auto_buf conditions = BUF_INIT(4096);
    for (uint32_t i = from; i < to; i++) /* on one line */
        if (text.p[i] != '\n')
            buf_addc(&conditions, text.p[i]);
        else
            while (i + 1 < to && (text.p[i + 1] == ' ' || text.p[i + 1] == '\t'))
                i++;
    return arena_printf(p->arena, "'%s as %s' => fn ($query) => $query%s", relation, attribute, buf_cstr(&conditions));
}

static bool is_this(const struct patch *p, struct ref row)
{
    return str_is(node_name(p, row), "this");
}

/* The one place that names a view, by view(), @include or a component's render(); REF_NONE: none, or several. */
static struct ref only_mention(const struct app *app, struct str view, unsigned *ret_n)
{
    struct ref found = { REF_NONE, 0 };
    *ret_n = 0;
    for (uint32_t f = 0; f < app->nfiles; f++)
        for (uint32_t i = 1; i < app->files[f].facts->nnodes; i++) {
            const struct node *x = facts_node(app->files[f].facts, i);
            if (x->kind != E_STR || !str_eq(facts_str(app->files[f].facts, x->s), view))
                continue;
            found = (struct ref){ f, i };
            ++*ret_n;
        }
    return *ret_n == 1 ? found : (struct ref){ REF_NONE, 0 };
}

/* The rows are those of this chain whatever happens: no other branch, no second assignment. */
static bool is_only_origin(const struct patch *p, struct ref chain)
{
    struct ref method = method_around(p, chain), up = parent_of(p, chain);
    for (; is_ref(up) && up.node > method.node; up = parent_of(p, up)) {
        bool branch = is_kind(p, up, E_TERNARY) || is_kind(p, up, E_MATCH) ||
                      (is_kind(p, up, E_BIN) && at_node(p, up)->op == OP_COALESCE);
        if (branch)
            return false;
        if (is_kind(p, up, E_ASSIGN))
            break;
    }
    struct ref var = is_kind(p, up, E_ASSIGN) ? first_child(p, up) : (struct ref){ REF_NONE, 0 };
    for (uint32_t i = method.node + 1; is_kind(p, var, E_VAR) && i < at_node(p, method)->skip; i++) {
        struct ref r = { method.file, i };
        if (is_kind(p, r, E_ASSIGN) && i != up.node && is_kind(p, first_child(p, r), E_VAR) &&
            str_eq(node_name(p, first_child(p, r)), node_name(p, var)))
            return false;
    }
    return true;
}

/* Only the rows of this one query come to the code that asks. Anything else gets the old question as what is done when
 * nothing was counted. */
static bool is_private(const struct patch *p, const struct flow *f, const struct question *q)
{
    const struct app *app = p->app;
    unsigned n;
    if (is_this(p, q->row) || !is_inside(p, f->loop, q->read) || !is_only_origin(p, f->chain))
        return false;
    if (app->files[q->read.file].facts->lang != LANG_BLADE)
        return q->read.file == f->chain.file && method_around(p, q->read).node == method_around(p, f->chain).node;
    uint32_t cls = class_of(app, f->chain);
    bool component = cls != NO_CLASS && (app->classes[cls].is & (IS_LIVEWIRE | IS_COMPONENT));
    for (uint32_t i = 0; i < app->nviews; i++) {
        if (app->views[i].file != q->read.file)
            continue;
        struct ref mention = only_mention(app, str_c(app->views[i].name), &n);
        bool here = is_ref(mention) && mention.file == f->chain.file;
        return here ? component || method_around(p, mention).node == method_around(p, f->chain).node
                    : component && !n && !str_starts(str_c(app->views[i].name), "components.");
    }
    return false;
}

/* The same question once more on the same row in the same loop: all of them read the attribute. */
static void replace_reads(struct patch *p, const struct flow *f, const struct question *q, const char *attribute)
{
    const char *row = node_cstr(p, q->row), *old = node_cstr(p, q->read), *value;
    bool private = is_private(p, f, q);
    if (!private)
        value = arena_printf(p->arena, q->negated ? "%s->%s ?? ! %s" : "%s->%s ?? %s", row, attribute, old);
    else /* a sum over no rows is null as a subselect and 0 as a call */
        value = arena_printf(p->arena, !strcmp(q->c->fn, "sum") ? "%s->%s ?? 0" : "%s->%s", row, attribute);
    if (q->negated)
        value = arena_printf(p->arena, private ? "! %s" : "! (%s)", value);
    struct ref around = is_inside(p, f->loop, q->read) && !is_this(p, q->row) ? f->loop : q->read;
    for (uint32_t i = around.node; i < at_node(p, around)->skip; i++) {
        struct ref r = { around.file, i };
        bool same = is_kind(p, r, E_MCALL) && str_eq(node_text(p, r), node_text(p, q->read));
        bool bare = q->negated || !strstr(value, "??");
        if (same)
            patch_replace(p, r.file, at_node(p, r)->off, at_node(p, r)->end, bare ? value : in_place_of(p, r, value));
    }
}

static void check_model(struct patch *p, const struct fix_in *in, uint32_t cls, const char *attribute)
{
    const struct model *m = cls == NO_CLASS ? NULL : class_model(in->app, cls);
    const struct table *t = m ? model_table(in->app, m) : NULL;
    sym name = syms_find(in->app->syms, str_c(attribute));
    if ((m && name && model_accessor(in->app, m, name)) || (t && table_column(t, attribute)))
        patch_refuse(p, "the model has an attribute %s already", attribute);
}

/* Grouped and joined rows, and lists of columns given to get(), leave no room for a subselect beside them. */
static void check_chain(struct patch *p, struct ref chain)
{
    static const char *const others[] = { "groupBy", "union",  "unionAll",   "distinct", "pluck", "value",
                                          "toBase",  "cursor", "groupByRaw", "fromSub",  NULL };
    const char *other = chain_has(p, chain, others);
    if (other)
        patch_refuse(p, "%s() stands in the query", other);
    if (is_kind(p, chain, E_MCALL) && str_ieq(node_name(p, chain), STR("get")) && arg_count(p, chain))
        patch_refuse(p, "get() is given columns");
}

enum fix_answer fix_count(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    struct question q = { .has_conditions = false };
    uint32_t related;
    (void)err;
    patch_init(&p, in->app, arena);
    bool counts = f &&
                  (f->kind == FLOW_AGGREGATE || f->kind == FLOW_ACCESSOR_QUERY || f->kind == FLOW_RELATION_QUERY) &&
                  is_ref(f->read) && is_ref(f->chain);
    if (!counts)
        patch_refuse(&p, "the code that asks was not found");
    else
        read_question(&p, in, &q);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *name = node_text_name(&p, q.relation);
    uint32_t row_class = flow_row_class(in->app, f);
    const struct relation *r = path_relation(in->app, row_class, str_c(name), &related);
    if (!r)
        patch_refuse(&p, "the relation's own code was not found");
    else
        refuse_relation(&p, row_class == NO_CLASS ? NULL : class_model(in->app, row_class), r);
    if (r && r->kind == REL_MORPH_TO)
        patch_refuse(&p, "%s may lead to several models", name);
    if (loop_writes(&p, in, true))
        patch_refuse(&p, "the loop writes while it counts");
    if (strchr(f->subject, '.'))
        patch_refuse(&p, "the rows are themselves a relation: count where they are loaded");
    if (rows_are_sent(&p, f))
        patch_refuse(&p, "the rows are sent as data: a count of theirs would be sent too");
    const char *attribute = attribute_of(&p, &q, name);
    check_model(&p, in, row_class, attribute);
    check_chain(&p, f->chain);
    if (any_below(&p, f->chain, is_alias, (void *)arena_printf(arena, " as %s", attribute)))
        patch_refuse(&p, "the query has an attribute %s already", attribute);
    const char *entry = entry_of(&p, &q, name, attribute);
    const char *column = q.c->column ? node_cstr(&p, nth_arg(&p, f->read, 0)) : NULL;
    if (column)
        add_to_query(&p, f, q.c->method, arena_printf(arena, q.has_conditions ? "[%s], %s" : "%s, %s", entry, column));
    else if (!add_is_there(&p, f, q.c->method, name) || q.has_conditions)
        add_to_query(&p, f, q.c->method, entry);
    replace_reads(&p, f, &q, attribute);
    return patch_done(&p, arena_printf(arena, "Let the query take the %s of %s", q.c->fn, name), ret);
}
