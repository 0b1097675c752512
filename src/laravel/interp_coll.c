/* Collections, paginators and arrays wrapped by collect(): closures run for a row, fields are read of each row. */
#include "laravel/interp.h"

enum role {
    C_UNKNOWN, C_SAME, C_EACH, C_MAP, C_FLAT, C_ONE, C_FIELD, C_SORT, C_GROUP, C_TEST, C_REDUCE, C_LOAD, C_COUNTS,
    C_MERGE, C_SERIAL, C_SIZE, C_PIECES, C_PAIR, C_CALL, C_SCALAR, C_QUERY, C_FILTER, C_PICK, C_INTO, C_APPEND,
    C_RESOURCE, C_ADD,
};

static const uint8_t roles[NM_COUNT] = {
    [NM_each] = C_EACH, [NM_eachspread] = C_EACH, [NM_transform] = C_MAP, [NM_map] = C_MAP, [NM_through] = C_MAP,
    [NM_mapwithkeys] = C_MAP, [NM_maptogroups] = C_MAP, [NM_maptodictionary] = C_MAP, [NM_mapspread] = C_MAP,
    [NM_flatmap] = C_FLAT, [NM_mapinto] = C_INTO,
    [NM_filter] = C_FILTER, [NM_reject] = C_FILTER, [NM_where] = C_FILTER, [NM_wherein] = C_FILTER,
    [NM_wherenotin] = C_FILTER, [NM_wherenull] = C_FILTER, [NM_wherenotnull] = C_FILTER,
    [NM_wherestrict] = C_FILTER, [NM_wherebetween] = C_FILTER, [NM_take] = C_FILTER, [NM_unique] = C_SORT,
    [NM_sortby] = C_SORT, [NM_sortbydesc] = C_SORT, [NM_sort] = C_SORT, [NM_keyby] = C_SORT,
    [NM_groupby] = C_GROUP, [NM_countby] = C_FIELD, [NM_partition] = C_PAIR,
    [NM_first] = C_ONE, [NM_last] = C_ONE, [NM_firstwhere] = C_ONE, [NM_firstorfail] = C_ONE, [NM_sole] = C_ONE,
    [NM_find] = C_PICK, [NM_get] = C_PICK, [NM_random] = C_ONE, [NM_shift] = C_ONE, [NM_pop] = C_ONE,
    [NM_pull] = C_PICK, [NM_current] = C_ONE, [NM_findorfail] = C_PICK,
    [NM_pluck] = C_FIELD, [NM_lists] = C_FIELD, [NM_sum] = C_FIELD, [NM_avg] = C_FIELD, [NM_average] = C_FIELD,
    [NM_max] = C_FIELD, [NM_min] = C_FIELD, [NM_implode] = C_FIELD, [NM_median] = C_FIELD,
    [NM_contains] = C_TEST, [NM_every] = C_TEST, [NM_some] = C_TEST, [NM_search] = C_TEST,
    [NM_doesntcontain] = C_TEST, [NM_containsstrict] = C_TEST, [NM_reduce] = C_REDUCE,
    [NM_load] = C_LOAD, [NM_loadmissing] = C_LOAD, [NM_loadmorph] = C_SAME, [NM_loadcount] = C_COUNTS,
    [NM_loadexists] = C_COUNTS, [NM_loadsum] = C_COUNTS, [NM_loadavg] = C_COUNTS, [NM_loadmax] = C_COUNTS,
    [NM_merge] = C_MERGE, [NM_concat] = C_MERGE, [NM_union] = C_MERGE, [NM_zip] = C_MERGE,
    [NM_push] = C_ADD, [NM_add] = C_ADD, [NM_prepend] = C_ADD, [NM_put] = C_ADD,
    [NM_toarray] = C_SERIAL, [NM_tojson] = C_SERIAL, [NM_jsonserialize] = C_SERIAL,
    [NM_count] = C_SIZE, [NM_isempty] = C_SIZE, [NM_isnotempty] = C_SIZE,
    [NM_chunk] = C_PIECES, [NM_split] = C_PIECES, [NM_splitin] = C_PIECES, [NM_sliding] = C_PIECES,
    [NM_tap] = C_CALL, [NM_pipe] = C_CALL, [NM_when] = C_CALL, [NM_unless] = C_CALL, [NM_whennotempty] = C_CALL,
    [NM_whenempty] = C_CALL, [NM_pipethrough] = C_CALL,
    [NM_total] = C_SCALAR, [NM_haspages] = C_SCALAR, [NM_currentpage] = C_SCALAR, [NM_lastpage] = C_SCALAR,
    [NM_perpage] = C_SCALAR, [NM_links] = C_SCALAR, [NM_hasmorepages] = C_SCALAR, [NM_modelkeys] = C_SCALAR,
    [NM_keys] = C_SCALAR, [NM_has] = C_SCALAR, [NM_nextpageurl] = C_SCALAR, [NM_render] = C_SCALAR,
    [NM_firstitem] = C_SCALAR, [NM_lastitem] = C_SCALAR, [NM_previouspageurl] = C_SCALAR,
    [NM_toquery] = C_QUERY, [NM_append] = C_APPEND, [NM_toresourcecollection] = C_RESOURCE,
    [NM_values] = C_SAME, [NM_reverse] = C_SAME, [NM_skip] = C_SAME, [NM_slice] = C_SAME, [NM_all] = C_SAME,
    [NM_items] = C_SAME, [NM_getcollection] = C_SAME, [NM_collect] = C_SAME, [NM_tobase] = C_SAME,
    [NM_except] = C_SAME, [NM_only] = C_SAME, [NM_diff] = C_SAME, [NM_intersect] = C_SAME,
    [NM_appends] = C_SAME, [NM_withquerystring] = C_SAME, [NM_lazy] = C_SAME, [NM_shuffle] = C_SAME,
    [NM_makehidden] = C_SAME, [NM_makevisible] = C_SAME, [NM_flatten] = C_SAME, [NM_collapse] = C_SAME,
    [NM_fresh] = C_SAME, [NM_nth] = C_SAME, [NM_takewhile] = C_FILTER, [NM_takeuntil] = C_FILTER,
    [NM_oneachside] = C_SAME, [NM_withpath] = C_SAME, [NM_fragment] = C_SAME, [NM_setcollection] = C_MERGE,
};

/* --- hydrated to be counted or filtered --- */

static bool used_once(struct interp *it, uint32_t var)
{
    sym s = nsym(it, var);
    const struct facts *f = it->top->f;
    uint32_t from = it->top->body.node, end = facts_node(f, from)->skip, reads = 0;
    if (it->top->body.file != it->top->file)
        return false;
    for (uint32_t i = from; i < end; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind == E_STR && n->s && it->top->syms[n->s] == s)
            reads += 2; /* compact('rows') */
        if (n->kind != E_VAR || it->top->syms[n->s] != s)
            continue;
        bool written = i > 0 && facts_node(f, i - 1)->kind == E_ASSIGN;
        reads += !written;
    }
    return reads == 1;
}

/* Rows of several queries put together: no one query can do what PHP does to them. */
static bool put_together(struct interp *it, uint32_t call)
{
    for (uint32_t i = call + 1; nd(it, i)->kind == E_MCALL; i++) {
        enum name n = name_of(it, nsym(it, i));
        if (n == NM_concat || n == NM_merge || n == NM_union || n == NM_push || n == NM_prepend)
            return true;
    }
    return false;
}

/* Is what is done to them here all that is done to these rows? */
static bool only_use(struct interp *it, uint32_t call)
{
    if (!call || nd(it, call)->kind != E_MCALL)
        return false;
    uint32_t base = call + 1;
    while (nd(it, base)->kind == E_MCALL)
        base++;
    if (nd(it, base)->kind != E_VAR)
        return nd(it, call + 1)->kind == E_MCALL || nd(it, base)->kind == E_SCALL || nd(it, base)->kind == E_PROP;
    const struct value *rows = env_get(it->top->env, nsym(it, base));
    bool chained = base != call + 1;
    if (chained && !v_is(rows, V_COLL))
        return true;
    return used_once(it, base) && !frame_param(it, nsym(it, base));
}

static bool straight_from_query(const struct value *c)
{
    return c->kind == V_COLL && c->o && !c->path && !(c->flags & VF_PAGINATOR) &&
           !c->o->limited && !c->o->grouped && !c->o->chunked && c->o->kind != O_PARAM &&
           c->o->kind != O_SUB;
}

static void hydrate_hit(struct interp *it, const struct value *c, enum flow_kind kind, sym name,
                        uint32_t node)
{
    struct hit h = { .kind = kind, .at = here(it, node), .read = here(it, node), .model = c->cls,
                     .subject = syms_cstr(it->app->syms, name), .callee = "get", .query = c->o,
                     .relation = c->o->rel, .loop = v_dep(it, c), .confidence = 80 };
    if (c->o->kind == O_PROPERTY && c->o->rel)
        h.callee = syms_cstr(it->app->syms, c->o->rel->name);
    report(it, &h);
}

static void in_php_hit(struct interp *it, const struct value *c, enum flow_kind kind, sym name,
                       uint32_t node)
{
    if (straight_from_query(c) && only_use(it, node) && !put_together(it, node))
        hydrate_hit(it, c, kind, name, node);
}

/* count($rows) */
void counted_in_php(struct interp *it, const struct value *c, uint32_t call, sym name)
{
    uint32_t arg = kid(it, call, 1), e = arg ? kid(it, arg, 0) : 0;
    if (!e || !straight_from_query(c))
        return;
    uint8_t kind = nd(it, e)->kind;
    if (kind != E_MCALL && kind != E_SCALL && kind != E_PROP && !(kind == E_VAR && used_once(it, e)))
        return;
    hydrate_hit(it, c, FLOW_HYDRATE_AGG, name, call);
}

/* Rows without limit that are iterated or serialised. */
void rows_used(struct interp *it, const struct value *c, struct ref at)
{
    const struct value *const *m;
    uint32_t n = v_members(&c, &m);
    for (uint32_t i = 0; i < n; i++) {
        struct origin *o = m[i]->kind == V_COLL ? m[i]->o : NULL;
        bool of_row = o && o->kind == O_RELATION; /* one parent's rows: only a measurement makes them many */
        if (!o || m[i]->path || (o->kind != O_QUERY && !of_row) || o->limited || o->chunked || o->unique_eq ||
            o->grouped || m[i]->cls == NO_CLASS)
            continue;
        bool filtered = false;
        for (uint32_t k = 0; k < o->npreds; k++)
            filtered = filtered || o->preds[k].op == PRED_EQ || o->preds[k].op == PRED_IN;
        struct hit h = { .kind = FLOW_UNBOUNDED, .at = origin_place(o), .read = at, .model = m[i]->cls,
                         .subject = syms_cstr(it->app->syms, it->app->classes[m[i]->cls].short_name),
                         .callee = "get", .query = o, .confidence = of_row ? 20 : filtered ? 35 : 60 };
        report(it, &h);
    }
}

/* --- parts --- */

const struct value *field_of_rows(struct interp *it, const struct value *c, struct str dotted,
                                  struct ref at)
{
    struct loop *loop = loop_push(it, at, c->dep);
    if (!loop)
        return v_unknown(it, NULL);
    const struct value *v = elem_of(it, c, loop);
    struct str rest = dotted, part;
    while (str_next(&rest, '.', &part)) {
        sym s = syms_find(it->app->syms, part);
        if (v_is(v, V_COLL))
            v = elem_of(it, v, loop);
        if (!s || str_is(part, "*"))
            continue;
        v = prop_read(it, v, s, at.node);
    }
    loop_pop(it, loop);
    return v;
}

static const struct value *mapped(struct interp *it, const struct value *c, const struct value *r)
{
    if (r->kind == V_MODEL)
        return v_rows(it, V_COLL, r->cls, r->o, r->path, c->dep);
    if (r->kind == V_COLL && r->path && c->kind == V_COLL && c->o == r->o)
        return r;
    return array_push(it, NULL, r, false);
}

static const struct value *do_map(struct interp *it, const struct value *c, uint32_t node,
                                  const struct args *args)
{
    const struct value *fn = arg_closure(args);
    if (!fn && args->n && v_is(args->a[0].v, V_ARRAY))
        fn = callable_array(it, args->a[0].v);
    if (!fn)
        return c;
    rows_used(it, c, here(it, node));
    return mapped(it, c, call_each(it, fn, c, here(it, node), false));
}

static const struct value *do_into(struct interp *it, const struct value *c, uint32_t node,
                                   const struct args *args)
{
    const struct value *cls = arg_at(args, 0);
    if (!v_is(cls, V_CLASS) || cls->cls == NO_CLASS)
        return v_unknown(it, c->dep);
    struct loop *loop = loop_push(it, here(it, node), c->dep);
    struct args one;
    args_init(&one);
    args_add(it, &one, elem_of(it, c, loop));
    const struct value *v = construct(it, cls->cls, &one, here(it, node));
    loop_pop(it, loop);
    return array_push(it, NULL, v, false);
}

static void each_or_field(struct interp *it, const struct value *c, uint32_t node,
                          const struct args *args)
{
    const struct value *fn = arg_closure(args), *field = arg_at(args, 0);
    if (fn)
        call_each(it, fn, c, here(it, node), false);
    else if (v_is(field, V_STR))
        field_of_rows(it, c, field->s, here(it, node));
    else if (v_is(field, V_ARRAY))
        for (uint32_t i = 0; i < field->arr->n; i++)
            if (v_is(field->arr->items[i].v, V_CLOSURE))
                call_each(it, field->arr->items[i].v, c, here(it, node), false);
}

static const struct value *one_of(struct interp *it, const struct value *c, uint32_t node,
                                  const struct args *args)
{
    const struct value *fn = arg_closure(args);
    if (fn)
        call_each(it, fn, c, here(it, node), false);
    struct loop *dep = dep_max(it, c->dep, args->dep);
    const struct value *v = NULL;
    if (c->kind == V_ARRAY && args->n && v_is(args->a[0].v, V_STR)) {
        sym s = syms_find(it->app->syms, args->a[0].v->s);
        v = s ? array_get(c, s) : NULL;
    }
    return v ? v : elem_of(it, c, dep);
}

static const struct value *field(struct interp *it, const struct value *c, enum name n,
                                 uint32_t node, const struct args *args)
{
    const struct value *fn = arg_closure(args), *name = arg_at(args, 0);
    if (fn) {
        const struct value *r = call_each(it, fn, c, here(it, node), false);
        return v_scalar(it, r->dep);
    }
    if (!v_is(name, V_STR))
        return v_scalar(it, c->dep);
    const struct value *v = field_of_rows(it, c, name->s, here(it, node));
    if (n != NM_pluck && n != NM_lists)
        return v_scalar(it, c->dep);
    const struct value *key = arg_at(args, 1);
    if (v_is(key, V_STR))
        field_of_rows(it, c, key->s, here(it, node));
    if (v->kind == V_MODEL)
        return v_rows(it, V_COLL, v->cls, v->o, v->path, c->dep);
    return v->kind == V_COLL ? v : v_unknown(it, c->dep);
}

static const struct value *load(struct interp *it, const struct value *c, sym name, uint32_t node,
                                const struct args *args)
{
    const struct value *const *m;
    const struct value *e = c->kind == V_ARRAY ? elem_of(it, c, NULL) : c;
    uint32_t n = v_members(&e, &m);
    for (uint32_t i = 0; i < n; i++)
        if ((m[i]->kind == V_COLL || m[i]->kind == V_MODEL) && m[i]->o) {
            load_hit(it, m[i], name, node, args);
            eager_args(it, m[i]->o, m[i]->path, m[i]->cls, args);
        }
    return c;
}

static const struct value *load_counts(struct interp *it, const struct value *c, enum name n,
                                       const struct args *args)
{
    if (c->kind == V_COLL && c->o)
        count_args(it, c->o, c->path, args,
                   n == NM_loadcount ? "_count" : n == NM_loadexists ? "_exists" : "_sum");
    return c;
}

static const struct value *merge(struct interp *it, const struct value *c, const struct args *args)
{
    const struct value *r = c;
    for (uint32_t i = 0; i < args->n; i++)
        if (args->a[i].v->kind != V_UNKNOWN && args->a[i].v->kind != V_SCALAR)
            r = v_join(it, r, args->a[i].v);
    return r;
}

static const struct value *add(struct interp *it, const struct value *c, const struct args *args)
{
    if (!args->n)
        return c;
    const struct value *v = args->a[args->n - 1].v, *rows = v;
    if (v->kind == V_MODEL)
        rows = v_rows(it, V_COLL, v->cls, v->o, v->path, NULL);
    else
        rows = array_push(it, c->kind == V_ARRAY ? c : NULL, v, false);
    return c->kind == V_ARRAY && rows->kind == V_ARRAY ? rows : v_join(it, c, rows);
}

static const struct value *call_with_all(struct interp *it, const struct value *c, enum name n,
                                         uint32_t node, const struct args *args)
{
    const struct value *fn = arg_closure(args);
    if (!fn)
        return c;
    const struct value *r = call_closure1(it, fn, c, here(it, node));
    return n == NM_tap || r->kind == V_UNKNOWN || r->kind == V_NULL ? c : r;
}

static const struct value *reduce(struct interp *it, const struct value *c, uint32_t node,
                                  const struct args *args)
{
    const struct value *fn = arg_closure(args);
    if (fn)
        call_each(it, fn, c, here(it, node), true);
    return v_unknown(it, c->dep);
}

static const struct value *pair(struct interp *it, const struct value *c, uint32_t node,
                                const struct args *args)
{
    each_or_field(it, c, node, args);
    return array_push(it, array_push(it, NULL, c, true), c, true);
}

static const struct value *append(struct interp *it, const struct value *c, uint32_t node,
                                  const struct args *args)
{
    const struct value *names = arg_at(args, 0);
    if (v_is(names, V_STR))
        field_of_rows(it, c, names->s, here(it, node));
    if (v_is(names, V_ARRAY))
        for (uint32_t i = 0; i < names->arr->n; i++)
            if (v_is(names->arr->items[i].v, V_STR))
                field_of_rows(it, c, names->arr->items[i].v->s, here(it, node));
    return c;
}

/* $rows->toResourceCollection(): the class given, or the one named after the model. */
static const struct value *to_resource(struct interp *it, const struct value *c, uint32_t node,
                                       const struct args *args)
{
    const struct value *given = arg_at(args, 0);
    uint32_t cls = v_is(given, V_CLASS) ? given->cls : NO_CLASS;
    if (cls == NO_CLASS && c->cls != NO_CLASS) {
        struct str name = it_str(it, it->app->classes[c->cls].short_name);
        char *full = arena_printf(it->a, STR_FMT "Resource", STR_ARG(name));
        cls = full ? app_class_short(it->app, str_c(full)) : NO_CLASS;
    }
    return cls != NO_CLASS ? resource_rows(it, cls, c, here(it, node)) : c;
}

static bool aggregates(enum name n, const struct args *args)
{
    if (arg_closure(args))
        return false;
    switch (n) {
    case NM_count:
    case NM_isempty:
    case NM_isnotempty:
    case NM_sum:
    case NM_avg:
    case NM_average:
    case NM_max:
    case NM_min:
    case NM_pluck:
    case NM_contains:
    case NM_countby:
        return true;
    default:
        return false;
    }
}

static bool filters(enum name n)
{
    switch (n) {
    case NM_where:
    case NM_wherein:
    case NM_wherenotin:
    case NM_wherenull:
    case NM_wherenotnull:
    case NM_filter:
    case NM_reject:
    case NM_sortby:
    case NM_sortbydesc:
    case NM_groupby:
    case NM_unique:
    case NM_take:
    case NM_first:
    case NM_last:
    case NM_firstwhere:
        return true;
    default:
        return false;
    }
}

const struct value *coll_call(struct interp *it, const struct value *c, sym name, uint32_t node,
                              const struct args *args)
{
    enum name n = name_of(it, name);
    if (aggregates(n, args))
        in_php_hit(it, c, FLOW_HYDRATE_AGG, name, node);
    else if (filters(n))
        in_php_hit(it, c, FLOW_FILTER_PHP, name, node);
    switch ((enum role)roles[n]) {
    case C_MAP:
    case C_FLAT:
        return do_map(it, c, node, args);
    case C_INTO:
        return do_into(it, c, node, args);
    case C_EACH:
        rows_used(it, c, here(it, node));
        each_or_field(it, c, node, args);
        return c;
    case C_FILTER:
        if (arg_closure(args))
            call_each(it, arg_closure(args), c, here(it, node), false);
        else if (n != NM_take && v_is(arg_at(args, 0), V_STR))
            field_of_rows(it, c, args->a[0].v->s, here(it, node));
        return c;
    case C_SORT:
    case C_TEST:
        each_or_field(it, c, node, args);
        return roles[n] == C_SORT ? c : v_scalar(it, dep_max(it, c->dep, args->dep));
    case C_GROUP:
        each_or_field(it, c, node, args);
        return array_push(it, NULL, c, false);
    case C_PAIR:
        return pair(it, c, node, args);
    case C_ONE:
    case C_PICK:
        return one_of(it, c, node, args);
    case C_FIELD:
        return field(it, c, n, node, args);
    case C_REDUCE:
        return reduce(it, c, node, args);
    case C_LOAD:
        return load(it, c, name, node, args);
    case C_COUNTS:
        return load_counts(it, c, n, args);
    case C_MERGE:
        return merge(it, c, args);
    case C_ADD:
        return add(it, c, args);
    case C_SERIAL:
        serialise(it, c, here(it, node), 0);
        return v_unknown(it, c->dep);
    case C_SIZE:
    case C_SCALAR:
        return v_scalar(it, c->dep);
    case C_PIECES:
        return array_push(it, NULL, c, false);
    case C_CALL:
        return call_with_all(it, c, n, node, args);
    case C_QUERY:
        return c->kind == V_COLL ? v_rows(it, V_BUILDER, c->cls, origin_copy(it, c->o), NULL, c->dep)
                                 : v_unknown(it, c->dep);
    case C_APPEND:
        return append(it, c, node, args);
    case C_RESOURCE:
        return to_resource(it, c, node, args);
    case C_SAME:
        return c;
    case C_UNKNOWN:
        break;
    }
    if (arg_closure(args))
        call_each(it, arg_closure(args), c, here(it, node), false);
    return c;
}

const struct value *coll_higher(struct interp *it, const struct value *h, sym name, uint32_t node,
                                bool property, const struct args *args)
{
    const struct value *c = h->of;
    struct loop *loop = loop_push(it, here(it, node), c->dep);
    if (!loop)
        return v_unknown(it, NULL);
    const struct value *row = elem_of(it, c, loop);
    const struct value *r = property ? prop_read(it, row, name, node)
                                     : method_call(it, row, name, node, args);
    loop_pop(it, loop);
    switch ((enum name)h->name) {
    case NM_map:
    case NM_flatmap:
        return mapped(it, c, r);
    case NM_sum:
    case NM_avg:
    case NM_max:
    case NM_min:
    case NM_contains:
    case NM_every:
    case NM_some:
        return v_scalar(it, c->dep);
    case NM_first:
        return elem_of(it, c, c->dep);
    default:
        return c;
    }
}
