/* Query builders: what each method of a chain does to the origin, and what a terminal gives. */
#include "laravel/interp.h"

enum role {
    Q_UNKNOWN, Q_SAME, Q_WITH, Q_COUNTS, Q_LIMIT, Q_ROWS, Q_PAGES, Q_STREAM, Q_ONE, Q_AGG, Q_VALUE, Q_WRITE,
    Q_CREATE, Q_CHUNK, Q_EACH, Q_BASE, Q_PRED, Q_GROUP, Q_HAS, Q_WHEN, Q_SELECT, Q_MODEL, Q_COPY, Q_RESULTS,
    Q_LINK, Q_SQL, Q_UNREAD, Q_WITHHAS,
};

static const uint8_t roles[NM_COUNT] = {
    [NM_with] = Q_WITH, [NM_withonly] = Q_WITH, [NM_seteagerloads] = Q_WITH, [NM_morphwith] = Q_SAME,
    [NM_eagerload] = Q_WITH, [NM_includes] = Q_UNREAD, [NM_withwherehas] = Q_WITHHAS,
    [NM_allowedincludes] = Q_UNREAD, [NM_withmedia] = Q_WITH,
    [NM_withcount] = Q_COUNTS, [NM_withexists] = Q_COUNTS, [NM_withsum] = Q_COUNTS, [NM_withmax] = Q_COUNTS,
    [NM_withmin] = Q_COUNTS, [NM_withavg] = Q_COUNTS, [NM_withaggregate] = Q_COUNTS,
    [NM_take] = Q_LIMIT, [NM_limit] = Q_LIMIT, [NM_forpage] = Q_LIMIT,
    [NM_get] = Q_ROWS, [NM_all] = Q_ROWS, [NM_findmany] = Q_ROWS, [NM_getmodels] = Q_ROWS,
    [NM_findwhere] = Q_ROWS, [NM_findwherein] = Q_ROWS, [NM_findwherenotin] = Q_ROWS,
    [NM_findwherebetween] = Q_ROWS, [NM_findbyfield] = Q_ROWS,
    [NM_fetchall] = Q_ROWS, [NM_hydrate] = Q_ROWS, [NM_fromquery] = Q_ROWS,
    [NM_paginate] = Q_PAGES, [NM_simplepaginate] = Q_PAGES, [NM_cursorpaginate] = Q_PAGES,
    [NM_fastpaginate] = Q_PAGES,
    [NM_cursor] = Q_STREAM, [NM_lazy] = Q_STREAM, [NM_lazybyid] = Q_STREAM, [NM_lazybyiddesc] = Q_STREAM,
    [NM_first] = Q_ONE, [NM_firstorfail] = Q_ONE, [NM_find] = Q_ONE, [NM_findorfail] = Q_ONE,
    [NM_findornew] = Q_ONE, [NM_firstwhere] = Q_ONE, [NM_sole] = Q_ONE, [NM_firstornew] = Q_ONE,
    [NM_firstor] = Q_ONE, [NM_findor] = Q_ONE, [NM_baresole] = Q_ONE, [NM_findsole] = Q_ONE,
    [NM_count] = Q_AGG, [NM_exists] = Q_AGG, [NM_doesntexist] = Q_AGG, [NM_sum] = Q_AGG, [NM_max] = Q_AGG,
    [NM_min] = Q_AGG, [NM_avg] = Q_AGG, [NM_average] = Q_AGG, [NM_aggregate] = Q_AGG,
    [NM_existsor] = Q_AGG, [NM_numericaggregate] = Q_AGG, [NM_getcountforpagination] = Q_AGG,
    [NM_value] = Q_VALUE, [NM_valueorfail] = Q_VALUE, [NM_pluck] = Q_VALUE, [NM_lists] = Q_VALUE,
    [NM_solevalue] = Q_VALUE, [NM_allrelatedids] = Q_VALUE, [NM_implode] = Q_VALUE,
    [NM_update] = Q_WRITE, [NM_delete] = Q_WRITE, [NM_forcedelete] = Q_WRITE, [NM_insert] = Q_WRITE,
    [NM_insertgetid] = Q_WRITE, [NM_insertorignore] = Q_WRITE, [NM_upsert] = Q_WRITE,
    [NM_increment] = Q_WRITE, [NM_decrement] = Q_WRITE, [NM_truncate] = Q_WRITE, [NM_restore] = Q_WRITE,
    [NM_updateorinsert] = Q_WRITE, [NM_touch] = Q_WRITE,
    [NM_create] = Q_CREATE, [NM_forcecreate] = Q_CREATE, [NM_createquietly] = Q_CREATE,
    [NM_firstorcreate] = Q_CREATE, [NM_updateorcreate] = Q_CREATE, [NM_createorfirst] = Q_CREATE,
    [NM_createmany] = Q_CREATE, [NM_incrementorcreate] = Q_CREATE,
    [NM_attach] = Q_LINK, [NM_detach] = Q_LINK, [NM_sync] = Q_LINK, [NM_syncwithoutdetaching] = Q_LINK,
    [NM_toggle] = Q_LINK, [NM_save] = Q_LINK, [NM_savemany] = Q_LINK, [NM_updateexistingpivot] = Q_LINK,
    [NM_syncwithpivotvalues] = Q_LINK, [NM_savequietly] = Q_LINK,
    [NM_chunk] = Q_CHUNK, [NM_chunkbyid] = Q_CHUNK, [NM_chunkbyiddesc] = Q_CHUNK, [NM_orderedchunkbyid] = Q_CHUNK,
    [NM_each] = Q_EACH, [NM_eachbyid] = Q_EACH, [NM_chunkmap] = Q_EACH,
    [NM_tobase] = Q_BASE, [NM_getquery] = Q_BASE,
    [NM_newquery] = Q_COPY, [NM_clone] = Q_COPY, [NM_clonewithout] = Q_COPY, [NM_getmodel] = Q_MODEL,
    [NM_getrelated] = Q_MODEL, [NM_newmodelinstance] = Q_MODEL, [NM_make] = Q_MODEL, [NM_newinstance] = Q_MODEL,
    [NM_getresults] = Q_RESULTS, [NM_geteager] = Q_ROWS,
    [NM_where] = Q_PRED, [NM_orwhere] = Q_PRED, [NM_wherenot] = Q_PRED, [NM_wherein] = Q_PRED,
    [NM_orwherein] = Q_PRED, [NM_wherenotin] = Q_PRED, [NM_wherenull] = Q_PRED, [NM_wherenotnull] = Q_PRED,
    [NM_orwherenull] = Q_PRED, [NM_orwherenotnull] = Q_PRED, [NM_wherebetween] = Q_PRED,
    [NM_orwherebetween] = Q_PRED, [NM_wherenotbetween] = Q_PRED, [NM_wheredate] = Q_PRED,
    [NM_whereyear] = Q_PRED, [NM_wheremonth] = Q_PRED, [NM_whereday] = Q_PRED, [NM_wheretime] = Q_PRED,
    [NM_wherekey] = Q_PRED, [NM_wherekeynot] = Q_PRED, [NM_wherecolumn] = Q_PRED, [NM_whereraw] = Q_PRED,
    [NM_orwhereraw] = Q_PRED, [NM_whereany] = Q_PRED, [NM_whereall] = Q_PRED, [NM_wherelike] = Q_PRED,
    [NM_wherejsoncontains] = Q_PRED, [NM_wherefulltext] = Q_PRED, [NM_whereexists] = Q_PRED,
    [NM_wherenotexists] = Q_PRED, [NM_whereintegerinraw] = Q_PRED, [NM_wherebelongsto] = Q_PRED,
    [NM_wheremorphedto] = Q_PRED, [NM_orderby] = Q_PRED, [NM_orderbydesc] = Q_PRED, [NM_latest] = Q_PRED,
    [NM_oldest] = Q_PRED, [NM_orderbyraw] = Q_PRED, [NM_reorder] = Q_PRED, [NM_inrandomorder] = Q_PRED,
    [NM_join] = Q_PRED, [NM_leftjoin] = Q_PRED, [NM_rightjoin] = Q_PRED, [NM_joinsub] = Q_PRED,
    [NM_leftjoinsub] = Q_PRED, [NM_from] = Q_PRED, [NM_on] = Q_PRED, [NM_wherepivot] = Q_PRED,
    [NM_wherepivotin] = Q_PRED, [NM_wherenested] = Q_PRED,
    [NM_groupby] = Q_GROUP, [NM_having] = Q_GROUP, [NM_havingraw] = Q_GROUP, [NM_distinct] = Q_GROUP,
    [NM_union] = Q_GROUP, [NM_unionall] = Q_GROUP,
    [NM_wherehas] = Q_HAS, [NM_orwherehas] = Q_HAS, [NM_wheredoesnthave] = Q_HAS, [NM_has] = Q_HAS,
    [NM_orhas] = Q_HAS, [NM_doesnthave] = Q_HAS, [NM_orwheredoesnthave] = Q_HAS, [NM_whererelation] = Q_HAS,
    [NM_wherehasmorph] = Q_HAS, [NM_orwhererelation] = Q_HAS, [NM_ordoesnthave] = Q_HAS,
    [NM_when] = Q_WHEN, [NM_unless] = Q_WHEN, [NM_tap] = Q_WHEN, [NM_pipe] = Q_WHEN,
    [NM_select] = Q_SELECT, [NM_addselect] = Q_SELECT, [NM_selectraw] = Q_SELECT, [NM_selectsub] = Q_SELECT,
    [NM_tosql] = Q_SQL, [NM_getbindings] = Q_SQL, [NM_torawsql] = Q_SQL, [NM_explain] = Q_SQL,
    [NM_without] = Q_SAME, [NM_withtrashed] = Q_SAME, [NM_onlytrashed] = Q_SAME,
    [NM_withouttrashed] = Q_SAME, [NM_withoutglobalscope] = Q_SAME, [NM_withoutglobalscopes] = Q_SAME,
    [NM_lockforupdate] = Q_SAME, [NM_sharedlock] = Q_SAME, [NM_skip] = Q_SAME, [NM_offset] = Q_SAME,
    [NM_query] = Q_SAME, [NM_onwriteconnection] = Q_SAME, [NM_scopes] = Q_SAME, [NM_applyscopes] = Q_SAME,
    [NM_withpivot] = Q_SAME, [NM_withtimestamps] = Q_SAME, [NM_withdefault] = Q_SAME, [NM_as] = Q_SAME,
    [NM_using] = Q_SAME, [NM_ofmany] = Q_SAME, [NM_latestofmany] = Q_SAME, [NM_oldestofmany] = Q_SAME,
    [NM_newmodelquery] = Q_COPY, [NM_newquerywithoutscopes] = Q_COPY, [NM_newquerywithoutrelationships] = Q_COPY,
};

bool builder_knows(enum name n)
{
    return roles[n] != Q_UNKNOWN;
}

static const struct value *as_rows(struct interp *it, const struct value *b, struct loop *dep,
                                   uint8_t flags)
{
    const struct value *v = v_rows(it, V_COLL, b->cls, b->o, b->path, dep);
    return v->kind == V_COLL ? v_flags(it, v, (b->flags & VF_RAW) | flags) : v;
}

/* --- what a terminal in a loop means --- */

static const char *subject_of(struct interp *it, const struct origin *o)
{
    if (o->kind == O_RELATION && o->rel && v_is(o->parent, V_MODEL)) {
        const char *up = path_text(it, o->parent->path);
        struct str name = it_str(it, o->rel->name);
        const char *s = arena_printf(it->a, "%s%s" STR_FMT, up, *up ? "." : "", STR_ARG(name));
        return s ? s : "";
    }
    if (o->table)
        return o->table;
    return o->cls != NO_CLASS ? syms_cstr(it->app->syms, it->app->classes[o->cls].short_name) : "";
}

static bool asks_row(struct interp *it, const struct origin *o)
{
    return o->kind == O_RELATION && v_is(o->parent, V_MODEL) && v_dep(it, o->parent);
}

static void in_loop_hit(struct interp *it, const struct value *b, enum role role, sym name,
                        uint32_t node, struct loop *dep)
{
    struct origin *o = b->o;
    struct hit h = { .at = here(it, node), .read = here(it, node), .model = b->cls, .loop = dep,
                     .subject = subject_of(it, o), .callee = syms_cstr(it->app->syms, name),
                     .relation = o->rel, .confidence = 80, .query = o };
    if (role == Q_WRITE || role == Q_CREATE || role == Q_LINK) {
        h.kind = FLOW_WRITE;
    } else if (asks_row(it, o)) {
        h.origin = o->parent->o;
        if (h.origin && role == Q_AGG)
            h.at = origin_place(h.origin);
        h.kind = role == Q_AGG ? FLOW_AGGREGATE : FLOW_RELATION_QUERY;
        h.loop = v_dep(it, o->parent);
    } else {
        h.kind = FLOW_QUERY;
    }
    if (h.loop && h.loop->batch && o->limited)
        return; /* piece by piece */
    report(it, &h);
}

static void constant_in_loop(struct interp *it, const struct value *b, enum role role, sym name,
                             uint32_t node, struct loop *loop)
{
    if (loop->batch || loop->implied || loop->few || b->o->random || b->o->nonconst || b->o->kind != O_QUERY ||
        (role != Q_ROWS && role != Q_ONE && role != Q_AGG && role != Q_VALUE))
        return;
    struct hit h = { .kind = FLOW_DUPLICATE, .at = here(it, node), .read = here(it, node),
                     .model = b->cls, .loop = loop, .subject = subject_of(it, b->o),
                     .callee = syms_cstr(it->app->syms, name), .confidence = 60, .query = b->o };
    report(it, &h);
}

static void terminal(struct interp *it, const struct value *b, enum role role, sym name,
                     uint32_t node, const struct args *args)
{
    struct origin *o = b->o;
    if (b->flags & VF_SUB || !o)
        return;
    if (node) { /* 0: the framework runs it */
        o->chain = here(it, node);
        o->chain_depth = it->depth;
    }
    pred_done(it, b, o->chain);
    struct loop *loop = loop_now(it);
    if (!loop)
        return;
    struct loop *dep = dep_max(it, b->dep, args ? args->dep : NULL);
    o->nonconst = o->nonconst || (args && args->nonconst);
    if (dep)
        in_loop_hit(it, b, role, name, node, dep);
    else
        constant_in_loop(it, b, role, name, node, loop);
}

const struct value *builder_rows(struct interp *it, const struct value *b, uint32_t node)
{
    terminal(it, b, Q_ROWS, it->w->s_get, node, NULL);
    return as_rows(it, b, b->dep, 0);
}

/* --- terminals --- */

static const struct value *one_row(struct interp *it, const struct value *b, sym name,
                                   uint32_t node, const struct args *args)
{
    struct loop *dep = dep_max(it, b->dep, args->dep);
    enum name n = name_of(it, name);
    bool finds = n == NM_find || n == NM_findorfail || n == NM_findornew || n == NM_findor;
    if (finds && v_is(arg_at(args, 0), V_ARRAY)) {
        terminal(it, b, Q_ROWS, name, node, args);
        return as_rows(it, b, dep, 0);
    }
    if (n == NM_firstwhere)
        pred_call(it, b, NM_where, name, args, node);
    if (b->o && finds)
        b->o->unique_eq = true;
    terminal(it, b, Q_ONE, name, node, args);
    if (b->flags & VF_RAW)
        return v_unknown(it, dep);
    return v_model(it, b->cls, b->o, b->path, dep);
}

static const struct value *values_of(struct interp *it, const struct value *b, sym name,
                                     uint32_t node, const struct args *args)
{
    struct loop *dep = dep_max(it, b->dep, args->dep);
    terminal(it, b, Q_VALUE, name, node, args);
    const struct value *column = arg_at(args, 0);
    const struct model *m = b->cls != NO_CLASS ? class_model(it->app, b->cls) : NULL;
    sym s = v_is(column, V_STR) ? syms_find(it->app->syms, column->s) : 0;
    if (m && s && !(b->flags & (VF_RAW | VF_SUB)) && model_accessor(it->app, m, s))
        field_of_rows(it, as_rows(it, b, dep, 0), column->s, here(it, node));
    return v_unknown(it, dep);
}

static const struct value *created(struct interp *it, const struct value *b, sym name,
                                   uint32_t node, const struct args *args)
{
    terminal(it, b, Q_CREATE, name, node, args);
    struct loop *dep = dep_max(it, b->dep, args->dep);
    enum name n = name_of(it, name);
    if (n == NM_createmany)
        return v_unknown(it, dep);
    const struct value *v = v_model(it, b->cls, NULL, NULL, dep);
    return n == NM_create || n == NM_forcecreate || n == NM_createquietly ? v_flags(it, v, VF_FRESH)
                                                                          : v;
}

static const struct value *in_chunks(struct interp *it, const struct value *b, sym name,
                                     uint32_t node, const struct args *args, bool rows)
{
    if (b->o)
        b->o->chunked = b->o->limited = true;
    terminal(it, b, Q_CHUNK, name, node, args);
    const struct value *fn = arg_closure(args), *all = as_rows(it, b, b->dep, 0);
    if (fn && rows)
        call_each(it, fn, all, here(it, node), false);
    else if (fn)
        call_closure1(it, fn, all, here(it, node));
    return v_unknown(it, NULL);
}

static const struct value *results_of(struct interp *it, const struct value *b, sym name,
                                      uint32_t node, const struct args *args)
{
    if (b->o && b->o->rel && !b->o->rel->to_many)
        return one_row(it, b, name, node, args);
    terminal(it, b, Q_ROWS, name, node, args);
    return as_rows(it, b, b->dep, 0);
}

/* --- closures inside a chain --- */

static const struct value *sub_builder(struct interp *it, const struct value *b, struct str path,
                                       uint32_t node)
{
    uint32_t cls = b->cls;
    struct str rest = path, part;
    while (cls != NO_CLASS && str_next(&rest, '.', &part)) {
        const struct model *m = class_model(it->app, cls);
        sym s = syms_find(it->app->syms, part);
        const struct relation *r = m && s ? model_relation(it->app, m, s) : NULL;
        cls = r ? r->related : NO_CLASS;
    }
    struct origin *o = origin_new(it, O_SUB, cls, here(it, node));
    return o ? v_flags(it, v_rows(it, V_BUILDER, cls, o, NULL, b->dep), VF_SUB) : b;
}

static void has_relation(struct interp *it, const struct value *b, uint32_t node,
                         const struct args *args, bool eager)
{
    const struct value *a0 = arg_at(args, 0), *fn = arg_closure(args);
    if (eager && b->o && v_is(a0, V_STR))
        eager_add(it, b->o, b->path, a0->s);
    if (!fn)
        return;
    const struct value *sub = sub_builder(it, b, v_is(a0, V_STR) ? a0->s : STR("?"), node);
    call_closure1(it, fn, sub, here(it, node));
    pred_done(it, sub, here(it, node));
}

static const struct value *when(struct interp *it, const struct value *b, uint32_t node,
                                const struct args *args)
{
    for (uint32_t i = 0; i < args->n; i++) {
        if (!v_is(args->a[i].v, V_CLOSURE))
            continue;
        struct args two;
        args_init(&two);
        args_add(it, &two, b);
        if (i)
            args_add(it, &two, args->a[0].v);
        const struct value *r = call_closure(it, args->a[i].v, &two, here(it, node));
        if (v_is(r, V_COLL) || (v_is(r, V_BUILDER) && r->o != b->o))
            b = r;
    }
    return b;
}

static void nested_where(struct interp *it, const struct value *b, uint32_t node,
                         const struct args *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (v_is(args->a[i].v, V_CLOSURE))
            call_closure1(it, args->a[i].v, v_flags(it, b, VF_SUB), here(it, node));
}

/* --- the app's own methods of a builder --- */

static const struct method *scope_of(struct interp *it, uint32_t cls, sym name)
{
    char *scope = arena_printf(it->a, "scope" STR_FMT, STR_ARG(it_str(it, name)));
    const struct method *m = scope ? class_method_named(it->app, cls, scope) : NULL;
    if (m)
        return m;
    m = class_method(it->app, cls, name);
    return m && has_attribute(it, m->at, NM_scope) ? m : NULL;
}

static const struct value *or_same(const struct value *r, const struct value *b)
{
    switch ((enum vkind)r->kind) {
    case V_COLL:
    case V_MODEL:
    case V_BUILDER:
    case V_ARRAY:
    case V_UNION:
        return r;
    default:
        return b;
    }
}

static const struct value *own_method(struct interp *it, const struct value *b, sym name,
                                      uint32_t node, const struct args *args)
{
    if (b->cls == NO_CLASS)
        return NULL;
    uint32_t custom = it->w->builder_of[b->cls];
    const struct method *m = custom != NO_CLASS ? class_method(it->app, custom, name) : NULL;
    if (m)
        return or_same(call_method(it, m, b, args, here(it, node), STEP_CALL), b);
    m = scope_of(it, b->cls, name);
    if (!m)
        return NULL;
    struct args more;
    args_init(&more);
    args_add(it, &more, b);
    for (uint32_t i = 0; i < args->n && more.n < WALK_ARGS; i++)
        more.a[more.n++] = args->a[i];
    const struct value *self = v_model(it, b->cls, NULL, NULL, NULL);
    return or_same(call_method(it, m, self, &more, here(it, node), STEP_CALL), b);
}

static const struct value *other_call(struct interp *it, const struct value *b, sym name,
                                      uint32_t node, const struct args *args)
{
    struct str s = it_str(it, name);
    if (s.n > 5 && strncasecmp(s.p, "where", 5) == 0)
        pred_call(it, b, NM_where, name, args, node);
    nested_where(it, b, node, args);
    return b;
}

static void note_args(struct interp *it, const struct value *b, const struct args *args,
                      const struct value **ret)
{
    if (b->o && args->nonconst)
        b->o->nonconst = true;
    *ret = v_varying(it, b, args->dep);
}

static const char *count_suffix(enum name n)
{
    switch (n) {
    case NM_withexists:
        return "_exists";
    case NM_withsum:
        return "_sum";
    case NM_withmax:
        return "_max";
    case NM_withmin:
        return "_min";
    case NM_withavg:
        return "_avg";
    default:
        return "_count";
    }
}

static const struct value *narrowing(struct interp *it, const struct value *b, enum role role,
                                     enum name n, uint32_t node, const struct args *args)
{
    switch (role) {
    case Q_WITH:
        if (b->o && !b->path && b->o->with_call.file == REF_NONE)
            b->o->with_call = here(it, node);
        eager_args(it, b->o, b->path, b->cls, args);
        return b;
    case Q_COUNTS:
        count_args(it, b->o, b->path, args, count_suffix(n));
        return b;
    case Q_LIMIT:
        if (b->o && !b->path) {
            const struct value *v = arg_at(args, 0);
            b->o->limited = true;
            b->o->few = v_is(v, V_SCALAR) && v->name == 1 && v->s.n == 1;
        }
        return b;
    case Q_GROUP:
        if (b->o)
            b->o->grouped = true;
        pred_call(it, b, n, 0, args, node);
        return b;
    case Q_SELECT:
        if (b->o)
            b->o->select_narrow = true;
        return b;
    case Q_UNREAD:
        if (b->o)
            b->o->unread_eager = true;
        return b;
    default:
        return b;
    }
}

const struct value *builder_call(struct interp *it, const struct value *b, sym name, uint32_t node,
                                 const struct args *args)
{
    const struct value *own = own_method(it, b, name, node, args);
    return own ? own : builder_base_call(it, b, name, node, args);
}

const struct value *builder_base_call(struct interp *it, const struct value *b, sym name, uint32_t node,
                                      const struct args *args)
{
    enum name n = name_of(it, name);
    enum role role = n == NM_query && arg_closure(args) ? Q_WHEN : roles[n];
    struct loop *dep = dep_max(it, b->dep, args->dep);
    switch (role) {
    case Q_ROWS:
        terminal(it, b, role, name, node, args);
        return as_rows(it, b, dep, 0);
    case Q_PAGES:
        if (b->o)
            b->o->limited = b->o->paginated = true;
        terminal(it, b, Q_ROWS, name, node, args);
        return as_rows(it, b, dep, VF_PAGINATOR);
    case Q_STREAM:
        if (b->o) {
            b->o->chunked = true;
            if (n == NM_cursor)
                b->o->eager.n = 0; /* cursor() loads nothing eagerly */
        }
        terminal(it, b, Q_ROWS, name, node, args);
        return as_rows(it, b, dep, 0);
    case Q_ONE:
        return one_row(it, b, name, node, args);
    case Q_AGG:
        terminal(it, b, role, name, node, args);
        return v_scalar(it, dep);
    case Q_VALUE:
        return values_of(it, b, name, node, args);
    case Q_WRITE:
    case Q_LINK:
        terminal(it, b, role, name, node, args);
        return n == NM_save ? (args->n ? args->a[0].v : b) : v_scalar(it, dep);
    case Q_CREATE:
        return created(it, b, name, node, args);
    case Q_CHUNK:
        return in_chunks(it, b, name, node, args, false);
    case Q_EACH:
        return in_chunks(it, b, name, node, args, true);
    case Q_BASE:
        return v_flags(it, b, VF_RAW);
    case Q_MODEL:
        return v_flags(it, v_model(it, b->cls, NULL, NULL, NULL), VF_FRESH);
    case Q_COPY: {
        struct origin *o = origin_copy(it, b->o);
        return o ? v_flags(it, v_rows(it, V_BUILDER, b->cls, o, b->path, b->dep), b->flags) : b;
    }
    case Q_RESULTS:
        return results_of(it, b, name, node, args);
    case Q_SQL:
        return v_scalar(it, dep);
    case Q_PRED:
        if (b->o && n == NM_inrandomorder)
            b->o->random = true;
        pred_call(it, b, n, name, args, node);
        nested_where(it, b, node, args);
        break;
    case Q_HAS:
        has_relation(it, b, node, args, false);
        break;
    case Q_WITHHAS:
        has_relation(it, b, node, args, true);
        break;
    case Q_WHEN:
        b = when(it, b, node, args);
        break;
    case Q_UNKNOWN:
        b = other_call(it, b, name, node, args);
        break;
    default:
        b = narrowing(it, b, role, n, node, args);
        break;
    }
    note_args(it, b, args, &b);
    return b;
}
