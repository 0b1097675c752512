/* One row by its key in a loop: all of them before it, then a look-up. Model::find($key), and where() on a unique
 * column with first() or value(). What is not found stays null, and rows that come twice are one object, so code that
 * changes what it finds is left alone. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "fix/round.h"

#include <ctype.h>

struct asked {         /* what one turn of the loop asks */
    struct ref key;    /* expression of the key */
    struct ref by;     /* the call that carries the key */
    struct str column; /* "" for the primary key */
    struct str value;  /* value('name'): the column, "" for whole rows */
    const char *query; /* PHP of the query without the key and without its terminal */
};

static bool named(const struct patch *p, struct ref call, const char *name)
{
    return str_ieq(node_name(p, call), str_c(name));
}

static const char *keys_of(struct patch *p, struct round *r, struct ref arg)
{
    struct ref key = round_value(p, r, arg), base = first_child(p, key);
    if (is_kind(p, key, E_VAR) && str_eq(node_name(p, key), r->row))
        return arena_printf(p->arena, "collect(%s)->unique()", round_rows(p, r, "keys"));
    if (is_kind(p, key, E_VAR) && r->key.n && str_eq(node_name(p, key), r->key))
        return arena_printf(p->arena, "collect(%s)->keys()", round_rows(p, r, "rows"));
    bool of_row = is_kind(p, base, E_VAR) && str_eq(node_name(p, base), r->row);
    struct ref index = is_kind(p, key, E_INDEX) && of_row ? next_child(p, key, base) : (struct ref){ REF_NONE, 0 };
    struct str column = is_kind(p, key, E_PROP) && of_row ? node_name(p, key)
                        : is_kind(p, index, E_STR)        ? node_name(p, index)
                                                          : STR("");
    if (!column.n || memchr(column.p, '.', column.n)) {
        patch_refuse(p, "the key is not the row itself or a plain property of it");
        return "";
    }
    return arena_printf(p->arena, "collect(%s)->pluck('%.*s')->filter()->unique()", round_rows(p, r, "rows"),
                        STR_ARG(column));
}

/* The text of the chain up to and with `base`, and from behind `by` up to the terminal: the query without its key. */
static const char *query_text(struct patch *p, struct ref by, struct ref terminal)
{
    struct ref base = first_child(p, by);
    const char *head =
        is_kind(p, by, E_SCALL) ? arena_printf(p->arena, "%s::query()", node_cstr(p, base)) : node_cstr(p, base);
    if (by.node == terminal.node)
        return head;
    struct str text = source_of(p, by.file);
    uint32_t from = at_node(p, by)->end, to = at_node(p, first_child(p, terminal))->end;
    return arena_printf(p->arena, "%s%.*s", head, (int)(to - from), text.p + from);
}

/* Model::find($k), …->find($k), …->where('col', $k)->first(), firstWhere('col', $k), whereKey($k)->first(),
 * …->value('x'). */
static void read_question(struct patch *p, struct ref read, struct asked *q)
{
    *q = (struct asked){ .by = read };
    unsigned n = arg_count(p, read);
    if (named(p, read, "find") && n == 1) {
        q->key = nth_arg(p, read, 0);
    } else if (named(p, read, "firstWhere") && n == 2 && is_kind(p, nth_arg(p, read, 0), E_STR)) {
        q->column = node_name(p, nth_arg(p, read, 0));
        q->key = nth_arg(p, read, 1);
    } else if ((named(p, read, "first") && n == 0) ||
               (named(p, read, "value") && n == 1 && is_kind(p, nth_arg(p, read, 0), E_STR))) {
        q->value = n ? node_name(p, nth_arg(p, read, 0)) : q->value;
        struct ref c = first_child(p, read);
        while ((is_kind(p, c, E_MCALL)) && !named(p, c, "where") && !named(p, c, "whereKey"))
            c = first_child(p, c);
        bool where = (is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL)) && named(p, c, "where") &&
                     arg_count(p, c) == 2 && is_kind(p, nth_arg(p, c, 0), E_STR);
        bool by_key =
            (is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL)) && named(p, c, "whereKey") && arg_count(p, c) == 1;
        if (!where && !by_key) {
            patch_refuse(p, "it is not asked by one key");
            return;
        }
        q->by = c;
        q->column = where ? node_name(p, nth_arg(p, c, 0)) : q->column;
        q->key = nth_arg(p, c, where ? 1 : 0);
    } else {
        patch_refuse(p, "it is not a plain Model::find($key)");
        return;
    }
    q->query = query_text(p, q->by, read);
}

/* Everything else that the question says is the same in each turn. */
static void check_constant(struct patch *p, const struct round *r, struct ref read, const struct asked *q)
{
    for (struct ref c = read; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c))
        for (unsigned i = 0, n = arg_count(p, c); i < n; i++)
            if (nth_arg(p, c, i).node != q->key.node && round_depends(p, r, nth_arg(p, c, i)))
                patch_refuse(p, "the query has other conditions that hang on the loop");
    for (uint32_t i = q->key.node; i < at_node(p, q->key)->skip; i++)
        if (is_kind(p, (struct ref){ q->key.file, i }, E_ASSIGN) ||
            is_kind(p, (struct ref){ q->key.file, i }, E_INCDEC))
            patch_refuse(p, "the key is made while it is asked");
}

static const struct model *asked_model(struct patch *p, const struct fix_in *in, struct ref read, struct asked *q)
{
    struct ref head = read;
    while (is_kind(p, head, E_MCALL))
        head = first_child(p, head);
    struct ref cls = is_kind(p, head, E_SCALL) ? first_child(p, head) : (struct ref){ REF_NONE, 0 };
    uint32_t c = is_kind(p, cls, E_NAME) ? app_class_named(p->app, node_name(p, cls)) : NO_CLASS;
    const struct model *m = c == NO_CLASS ? NULL : class_model(in->app, c);
    const struct table *t = m ? model_table(in->app, m) : NULL;
    if (!m) {
        patch_refuse(p, "it is not a plain Model::find($key)");
        return NULL;
    }
    if (!m->key_name) {
        patch_refuse(p, "the model has no key");
        return NULL;
    }
    const char *key = syms_cstr(in->app->syms, m->key_name);
    if (str_is(q->column, key))
        q->column = (struct str){ "", 0 };
    if (q->column.n) {
        const char *name = arena_strndup(p->arena, q->column.p, q->column.n);
        const struct column *col = t ? table_column(t, name) : NULL;
        if (!col || col->nullable || !column_is_unique(in->app, m, t, q->column))
            patch_refuse(p, "%s is not known to be unique", name);
        if (in->app->dialect == DIALECT_MYSQL && col && col->klass != COL_INT)
            patch_refuse(p, "this database finds %s without regard to case, a map would not", name);
    }
    if (chain_lacks_column(p, read, q->column.n ? arena_strndup(p->arena, q->column.p, q->column.n) : key))
        patch_refuse(p, "the select list lacks the key");
    return m;
}

enum fix_answer fix_lookup(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    struct round r;
    struct asked q;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    bool here = f && is_ref(f->loop) && is_ref(f->read) && is_inside(&p, f->loop, f->read) &&
                (is_kind(&p, f->read, E_SCALL) || is_kind(&p, f->read, E_MCALL));
    if (!here) {
        patch_refuse(&p, "only a find() written in the loop itself is rewritten");
        return patch_done(&p, NULL, ret);
    }
    read_question(&p, f->read, &q);
    const struct model *m = p.refused ? NULL : asked_model(&p, in, f->read, &q);
    if (m && chain_bound(&p, first_child(&p, f->read), m))
        patch_refuse(&p, "%s stands in the query", chain_bound(&p, first_child(&p, f->read), m));
    if (!p.refused && chain_has_or(&p, f->read))
        patch_refuse(&p, "the query joins conditions by or");
    if (loop_writes(&p, in, true))
        patch_refuse(&p, "the loop writes, so a row read before it may be stale");
    if (!p.refused && changes_value(&p, f->read))
        patch_refuse(&p, "the code changes what it finds, and a row that comes twice would be one object");
    if (!p.refused && round_read(&p, f->loop, &r))
        check_constant(&p, &r, f->read, &q);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *short_name = syms_cstr(in->app->syms, in->app->classes[m->class_].short_name);
    const char *map =
        round_name(&p, &r, arena_printf(arena, "%c%ssByKey", tolower((unsigned char)short_name[0]), short_name + 1));
    const char *keys = keys_of(&p, &r, q.key);
    const char *key = q.column.n ? arena_strndup(arena, q.column.p, q.column.n) : syms_cstr(in->app->syms, m->key_name);
    const char *condition =
        q.column.n ? arena_printf(arena, "whereIn('%s', %s)", key, keys) : arena_printf(arena, "whereKey(%s)", keys);
    const char *taken = q.value.n ? arena_printf(arena, "pluck('%.*s', '%s')", STR_ARG(q.value), key)
                                  : arena_printf(arena, "get()->keyBy('%s')", key);
    if (!p.refused)
        round_put(&p, &r, arena_printf(arena, "$%s = %s->%s->%s;", map, q.query, condition, taken));
    round_let_see(&p, &r, map);
    patch_replace(&p, f->read.file, at_node(&p, f->read)->off, at_node(&p, f->read)->end,
                  arena_printf(arena, "$%s->get(%s)", map, node_cstr(&p, q.key)));
    return patch_done(&p, arena_printf(arena, "Read all %s before the loop", short_name), ret);
}
