/* Predicates: what a chain asks of columns, for index rules. */
#include "laravel/interp.h"

#include "sql/sql.h"

#include <ctype.h>

static void pred_add(struct interp *it, struct origin *o, struct str column, uint8_t op,
                     const char *fn, bool literal, bool descending)
{
    if (!column.n || o->npreds >= 32 || memchr(column.p, '(', column.n) ||
        memchr(column.p, '*', column.n))
        return;
    if (it_grow(it, (void **)&o->preds, &o->cpreds, o->npreds, sizeof *o->preds))
        o->preds[o->npreds++] = (struct pred_build){ .column = column, .op = op, .fn = fn,
                                                     .literal = literal,
                                                     .descending = descending };
}

static uint8_t like_op(const struct value *v)
{
    bool prefix = v_is(v, V_STR) && v->s.n && v->s.p[0] != '%' && v->s.p[0] != '*';
    return prefix ? PRED_LIKE_PREFIX : PRED_LIKE_INFIX;
}

static uint8_t op_of(struct str op, const struct value *v)
{
    if (str_is(op, "=") || str_is(op, "<=>"))
        return PRED_EQ;
    if (str_is(op, "<") || str_is(op, ">") || str_is(op, "<=") || str_is(op, ">="))
        return PRED_RANGE;
    if (str_ieq(op, STR("like")) || str_ieq(op, STR("ilike")))
        return like_op(v);
    if (str_ieq(op, STR("in")))
        return PRED_IN;
    return PRED_OTHER;
}

static bool is_operator(const struct value *v)
{
    return v_is(v, V_STR) && v->s.n <= 10 && op_of(v->s, NULL) != PRED_OTHER;
}

static bool other_operator(const struct value *v)
{
    return v_is(v, V_STR) && (str_is(v->s, "!=") || str_is(v->s, "<>") || str_starts(v->s, "not ") ||
                              str_is(v->s, "regexp"));
}

static void where_one(struct interp *it, struct origin *o, struct str column, const struct value *a1,
                      const struct value *a2, bool or_)
{
    uint8_t op = PRED_EQ;
    const struct value *v = a1;
    if (a2 && (is_operator(a1) || other_operator(a1))) {
        op = op_of(a1->s, a2);
        v = a2;
    }
    if (v_is(v, V_NULL))
        op = PRED_NULL;
    if (v_is(v, V_CLOSURE) || v_is(v, V_BUILDER))
        op = PRED_OTHER;
    pred_add(it, o, column, or_ ? PRED_OTHER : op, NULL, v_is_const(v), false);
}

static void where_array(struct interp *it, struct origin *o, const struct value *arr, bool or_)
{
    for (uint32_t i = 0; i < arr->arr->n; i++) {
        const struct item *x = &arr->arr->items[i];
        if (x->key) {
            where_one(it, o, it_str(it, x->key), x->v, NULL, or_);
        } else if (v_is(x->v, V_ARRAY)) {
            const struct value *c = array_nth(x->v, 0);
            if (v_is(c, V_STR))
                where_one(it, o, c->s, array_nth(x->v, 1), array_nth(x->v, 2), or_);
        }
    }
}

/* whereSlugAndOwnerId($a, $b) */
static void where_magic(struct interp *it, struct origin *o, struct str name,
                        const struct args *args)
{
    char *p = it_alloc(it, 2 * (size_t)name.n + 1);
    uint32_t n = 0, arg = 0;
    for (uint32_t i = 5; p && i <= name.n; i++) {
        bool cut = i == name.n || (i + 3 < name.n && strncmp(name.p + i, "And", 3) == 0 &&
                                   isupper((unsigned char)name.p[i + 3]));
        if (cut && n) {
            where_one(it, o, (struct str){ p, n }, arg_at(args, arg++), NULL, false);
            p += n;
            n = 0;
            i += 2;
            continue;
        }
        if (i < name.n && isupper((unsigned char)name.p[i]) && n)
            p[n++] = '_';
        if (i < name.n)
            p[n++] = (char)tolower((unsigned char)name.p[i]);
    }
}

static void join_table(struct interp *it, struct origin *o, const struct args *args)
{
    const struct value *t = arg_at(args, 0), *l = arg_at(args, 1);
    const struct value *r = arg_at(args, args->n > 3 ? 3 : 2);
    if (!v_is(t, V_STR))
        return;
    struct str table = t->s, alias = t->s;
    for (uint32_t i = 0; i + 4 < t->s.n; i++)
        if (strncasecmp(t->s.p + i, " as ", 4) == 0) {
            table = str_trim(str_sub(t->s, 0, i));
            alias = str_trim(str_sub(t->s, i + 4, t->s.n));
        }
    if (o->nalias < 4) {
        o->alias[o->nalias].alias = alias;
        o->alias[o->nalias++].table = table;
    }
    if (!v_is(l, V_STR) || !v_is(r, V_STR))
        return;
    char *other = arena_strndup(it->a, r->s.p, r->s.n);
    pred_add(it, o, l->s, PRED_JOIN, other, false, false);
    other = arena_strndup(it->a, l->s.p, l->s.n);
    pred_add(it, o, r->s, PRED_JOIN, other, false, false);
}

static void from_table(struct interp *it, struct origin *o, const struct args *args)
{
    const struct value *t = arg_at(args, 0);
    if (!v_is(t, V_STR) || t->flags & VF_PARTIAL)
        return;
    struct str table = t->s;
    for (uint32_t i = 0; i < t->s.n; i++)
        if (t->s.p[i] == ' ') {
            table = str_sub(t->s, 0, i);
            if (o->nalias < 4) {
                struct str alias = str_trim(str_sub(t->s, i, t->s.n));
                if (alias.n > 3 && strncasecmp(alias.p, "as ", 3) == 0)
                    alias = str_trim(str_sub(alias, 3, alias.n));
                o->alias[o->nalias].alias = alias;
                o->alias[o->nalias++].table = table;
            }
            break;
        }
    o->table = arena_strndup(it->a, table.p, table.n);
}

static struct str key_of(const struct interp *it, uint32_t cls)
{
    const struct model *m = cls != NO_CLASS ? class_model(it->app, cls) : NULL;
    return m && m->key_name ? it_str(it, m->key_name) : STR("id");
}

static void order(struct interp *it, struct origin *o, enum name n, const struct args *args)
{
    const struct value *c = arg_at(args, 0), *dir = arg_at(args, 1);
    struct str column = v_is(c, V_STR) ? c->s : STR("");
    bool desc = n == NM_orderbydesc || n == NM_latest ||
                (v_is(dir, V_STR) && str_ieq(dir->s, STR("desc")));
    if (!column.n && (n == NM_latest || n == NM_oldest) && !args->n)
        column = STR("created_at");
    if (v_is(c, V_STR) && c->flags & VF_PARTIAL)
        return;
    pred_add(it, o, column, PRED_ORDER, NULL, false, desc);
}

static void where_column(struct interp *it, struct origin *o, enum name n, sym name,
                         const struct args *args)
{
    const struct value *c = arg_at(args, 0), *v = arg_at(args, 1);
    if (!v_is(c, V_STR) || c->flags & VF_PARTIAL)
        return;
    switch (n) {
    case NM_wherein:
    case NM_whereintegerinraw:
        pred_add(it, o, c->s, PRED_IN, NULL, v_is_const(v), false);
        return;
    case NM_wherenull:
        pred_add(it, o, c->s, PRED_NULL, NULL, true, false);
        return;
    case NM_wherebetween:
        pred_add(it, o, c->s, PRED_RANGE, NULL, v_is_const(v), false);
        return;
    case NM_wheredate:
    case NM_whereyear:
    case NM_wheremonth:
    case NM_whereday:
    case NM_wheretime:
        pred_add(it, o, c->s, PRED_FUNCTION, syms_cstr(it->app->syms, name), v_is_const(v), false);
        return;
    case NM_wherelike:
        pred_add(it, o, c->s, like_op(v), NULL, v_is_const(v), false);
        return;
    default:
        pred_add(it, o, c->s, PRED_OTHER, NULL, v_is_const(v), false);
        return;
    }
}

/* The column as it stands in the text: with its table before it, without quotes. */
static struct str qualified(struct interp *it, const char *text, struct str column)
{
    const char *from = column.p, *end = column.p + column.n;
    while (from > text && (isalnum((unsigned char)from[-1]) || (from[-1] && strchr("_.`\"", from[-1]))))
        from--;
    char *name = it_alloc(it, (size_t)(end - from) + 1);
    uint32_t n = 0;
    for (; name && from < end; from++)
        if (!strchr("`\"", *from))
            name[n++] = *from;
    return (struct str){ name, n };
}

/* whereRaw('date(created_at) = ?'): the columns that a function hides. */
static void where_raw(struct interp *it, struct origin *o, struct str sql)
{
    enum { RAW_MAX = 2000, RAW_ARENA = 1 << 20 };
    struct err ignored = { 0 };
    struct stmt *stmt;
    if (sql.n > RAW_MAX)
        return;
    auto_arena *a = arena_new(RAW_ARENA);
    char *text = a ? arena_printf(a, "select * from t where %.*s", (int)sql.n, sql.p) : NULL;
    if (!text || stmt_parse(str_c(text), DIALECT_SQLITE, a, &stmt, &ignored))
        return;
    for (uint16_t i = 0; i < stmt->npreds; i++) {
        const struct stmt_pred *p = &stmt->preds[i];
        if (p->op != SOP_FUNCTION || !p->fn.n || !isalpha((unsigned char)*p->fn.p))
            continue;
        const char *fn = arena_strndup(it->a, p->fn.p, p->fn.n);
        if (fn)
            pred_add(it, o, qualified(it, text, p->column), PRED_FUNCTION, fn, false, false);
    }
}

static void pred_of_call(struct interp *it, const struct value *b, enum name n, sym name,
                         const struct args *args)
{
    struct origin *o = b->o;
    const struct value *a0 = arg_at(args, 0);
    switch (n) {
    case NM_where:
    case NM_orwhere:
        if (name && it_str(it, name).n > 5 && name_of(it, name) != NM_orwhere &&
            name_of(it, name) != NM_firstwhere && strncasecmp(it_str(it, name).p, "where", 5) == 0)
            where_magic(it, o, it_str(it, name), args);
        else if (v_is(a0, V_STR) && !(a0->flags & VF_PARTIAL))
            where_one(it, o, a0->s, arg_at(args, 1), arg_at(args, 2), n == NM_orwhere);
        else if (v_is(a0, V_ARRAY))
            where_array(it, o, a0, n == NM_orwhere);
        return;
    case NM_whereraw:
    case NM_orwhereraw:
        if (v_is(a0, V_STR) && !(a0->flags & VF_PARTIAL))
            where_raw(it, o, a0->s);
        return;
    case NM_wherekey:
        pred_add(it, o, key_of(it, b->cls), PRED_IN, NULL, false, false);
        return;
    case NM_orderby:
    case NM_orderbydesc:
    case NM_latest:
    case NM_oldest:
        order(it, o, n, args);
        return;
    case NM_join:
    case NM_leftjoin:
    case NM_rightjoin:
        join_table(it, o, args);
        return;
    case NM_from:
        from_table(it, o, args);
        return;
    case NM_on:
        return;
    case NM_groupby:
        if (v_is(a0, V_STR))
            pred_add(it, o, a0->s, PRED_ORDER, "groupBy", false, false);
        return;
    default:
        where_column(it, o, n, name, args);
        return;
    }
}

void pred_call(struct interp *it, const struct value *b, enum name n, sym name,
               const struct args *args, uint32_t node)
{
    struct origin *o = b->o;
    if (!o || b->path)
        return;
    uint32_t before = o->npreds;
    pred_of_call(it, b, n, name, args);
    for (uint32_t i = before; i < o->npreds; i++)
        o->preds[i].at = here(it, node);
}

/* --- the whole query --- */

static const char *own_table(const struct interp *it, const struct value *b)
{
    if (b->o->table)
        return b->o->table;
    const struct model *m = b->cls != NO_CLASS ? class_model(it->app, b->cls) : NULL;
    return m && m->table ? syms_cstr(it->app->syms, m->table) : NULL;
}

bool is_unique_column(const struct interp *it, uint32_t cls, sym column)
{
    const struct model *m = cls != NO_CLASS ? class_model(it->app, cls) : NULL;
    if (!m || !column)
        return false;
    if (m->key_name == column)
        return true;
    const struct table *t = model_table(it->app, m);
    const char *name = syms_cstr(it->app->syms, column);
    for (uint16_t i = 0; t && i < t->nindexes; i++)
        if ((t->indexes[i].unique || t->indexes[i].primary) && t->indexes[i].ncolumns == 1 &&
            strcasecmp(t->indexes[i].columns[0], name) == 0)
            return true;
    return false;
}

/* The table that a qualified column belongs to; *column loses the qualifier. */
static struct str table_of(const struct origin *o, struct str *column, struct str own)
{
    for (uint32_t i = column->n; i > 0; i--) {
        if (column->p[i - 1] != '.')
            continue;
        struct str q = str_sub(*column, 0, i - 1);
        *column = str_sub(*column, i, column->n);
        for (uint8_t k = 0; k < o->nalias; k++)
            if (str_ieq(o->alias[k].alias, q))
                return o->alias[k].table;
        return q;
    }
    return own;
}

static const char *keep_str(struct interp *it, struct str s)
{
    const char *p = arena_strndup(it->keep, s.p, s.n);
    return p ? p : "";
}

static void emit(struct interp *it, const struct value *b, struct str table, struct str own,
                 struct ref at)
{
    const struct origin *o = b->o;
    struct pred_col cols[34];
    struct ref none = { REF_NONE, 0 };
    uint16_t n = 0;
    uint64_t h = hash_mix((uint64_t)at.file << 32 | at.node, str_hash(table));
    const struct relation *r = o->kind == O_RELATION ? o->rel : NULL;
    bool to_child = r && (r->kind == REL_HAS_MANY || r->kind == REL_HAS_ONE ||
                          r->kind == REL_MORPH_MANY || r->kind == REL_MORPH_ONE);
    if (to_child && r->foreign_key && str_ieq(table, own))
        cols[n++] = (struct pred_col){ .column = syms_cstr(it->app->syms, r->foreign_key), .op = PRED_EQ, .at = none };
    if (to_child && r->morph_type && str_ieq(table, own))
        cols[n++] = (struct pred_col){ .column = syms_cstr(it->app->syms, r->morph_type), .op = PRED_EQ,
                                       .literal = true, .at = none };
    for (uint32_t i = 0; i < o->npreds; i++) {
        struct str column = o->preds[i].column;
        struct str t = table_of(o, &column, own);
        if (!str_ieq(t, table) || !column.n)
            continue;
        cols[n++] = (struct pred_col){ .column = keep_str(it, column), .op = o->preds[i].op,
                                       .fn = o->preds[i].fn ? keep_str(it, str_c(o->preds[i].fn)) : NULL,
                                       .literal = o->preds[i].literal,
                                       .descending = o->preds[i].descending, .at = o->preds[i].at };
        h = hash_mix(h, hash_mix(str_hash(column), o->preds[i].op));
    }
    if (!n || event_seen(it, h))
        return;
    struct pred_event *e = arena_new_one(it->keep, struct pred_event);
    struct pred_col *kept = arena_new_array(it->keep, struct pred_col, n);
    if (!e || !kept)
        return;
    memcpy(kept, cols, n * sizeof *kept);
    *e = (struct pred_event){
        .p = { .table = keep_str(it, table), .cols = kept, .ncols = n, .at = at,
               .context = it->context, .has_limit = o->limited, .from_relation = r != NULL },
        .entry = it->entry, .seq = it->seq++, .next = it->preds };
    it->preds = e;
}

static void note_few(struct interp *it, const struct value *b)
{
    struct origin *o = b->o;
    for (uint32_t i = 0; i < o->npreds; i++)
        if (o->preds[i].op == PRED_EQ &&
            is_unique_column(it, b->cls, syms_find(it->app->syms, o->preds[i].column)))
            o->unique_eq = true;
}

void pred_done(struct interp *it, const struct value *b, struct ref at)
{
    struct origin *o = b->o;
    if (!o || b->path)
        return;
    note_few(it, b);
    const char *table = own_table(it, b);
    if (it->quiet || !table)
        return;
    struct str own = str_c(table), done[5];
    unsigned ndone = 0;
    emit(it, b, own, own, at);
    done[ndone++] = own;
    for (uint8_t k = 0; k < o->nalias && ndone < 5; k++) {
        bool again = false;
        for (unsigned i = 0; i < ndone; i++)
            again = again || str_ieq(done[i], o->alias[k].table);
        if (!again) {
            emit(it, b, o->alias[k].table, own, at);
            done[ndone++] = o->alias[k].table;
        }
    }
}
