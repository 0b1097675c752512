/* Statements: branches are both walked and joined, loops are walked once with what they carry marked as varying. */
#include "laravel/interp.h"

const struct node *nd(const struct interp *it, uint32_t node)
{
    return facts_node(it->top->f, node);
}

sym nsym(const struct interp *it, uint32_t node)
{
    return it->top->syms[nd(it, node)->s];
}

uint32_t kid(const struct interp *it, uint32_t node, unsigned nth)
{
    return node_child(it->top->f, node, nth);
}

/* --- memos: what is computed once and kept --- */

uint32_t memo_enter(struct interp *it)
{
    uint32_t floor = it->floor;
    if (it->loop)
        it->floor = it->loop->depth;
    return floor;
}

void memo_leave(struct interp *it, uint32_t floor)
{
    it->floor = floor;
}

bool same_expr(const struct facts *f, uint32_t a, uint32_t b)
{
    const struct node *x = facts_node(f, a), *y = facts_node(f, b);
    if (x->kind != y->kind || x->s != y->s || x->op != y->op || x->skip - a != y->skip - b)
        return false;
    for (uint32_t i = 1; i < x->skip - a; i++) {
        const struct node *p = facts_node(f, a + i), *q = facts_node(f, b + i);
        if (p->kind != q->kind || p->s != q->s || p->op != q->op)
            return false;
    }
    return true;
}

bool assigns_to(const struct facts *f, uint32_t within, uint32_t target)
{
    uint32_t end = facts_node(f, within)->skip;
    for (uint32_t i = within; i < end; i++) {
        const struct node *n = facts_node(f, i);
        if ((n->kind == E_ASSIGN || n->kind == E_ASSIGN_OP) && same_expr(f, i + 1, target))
            return true;
    }
    return false;
}

bool memo_place(struct interp *it, uint32_t node)
{
    const struct node *n = nd(it, node);
    if (n->kind == E_SPROP)
        return true;
    if (n->kind == E_INDEX)
        return true; /* a map by key: one query a key */
    if (n->kind == E_PROP && n->s) {
        uint32_t base = node + 1;
        bool this_ = nd(it, base)->kind == E_VAR && nsym(it, base) == it->w->s_this;
        return this_ && !v_dep(it, it->top->self);
    }
    if (n->kind != E_VAR)
        return false;
    for (uint8_t i = 0; i < it->top->nmemo; i++)
        if (it->top->memo[i] == nsym(it, node))
            return true;
    return false;
}

/* `!isset(X)`, `is_null(X)`, `!X`, `empty(X)`, `X === null`: the X; with `when_set` the opposite tests. */
static uint32_t memo_test(struct interp *it, uint32_t cond, bool when_set)
{
    const struct node *n = nd(it, cond);
    if (n->kind == E_UN && n->op == OP_NOT) {
        uint32_t in = cond + 1;
        return memo_test(it, in, !when_set);
    }
    if (n->kind == E_ISSET)
        return when_set ? kid(it, cond, 0) : 0;
    if (n->kind == E_EMPTY)
        return when_set ? 0 : kid(it, cond, 0);
    if (n->kind == E_BIN && (n->op == OP_IDENT || n->op == OP_EQ || n->op == OP_NIDENT || n->op == OP_NE)) {
        uint32_t l = kid(it, cond, 0), r = kid(it, cond, 1);
        bool equal = n->op == OP_IDENT || n->op == OP_EQ;
        bool is_null = nd(it, r)->kind == E_CONST && str_ieq(it_str(it, nsym(it, r)), STR("null"));
        return is_null && equal != when_set ? l : 0;
    }
    if (n->kind == E_CALL && nd(it, cond + 1)->kind == E_NAME) {
        enum name fn = name_of(it, nsym(it, cond + 1));
        uint32_t arg = kid(it, cond, 1);
        if (fn == NM_is_null && arg)
            return when_set ? 0 : kid(it, arg, 0);
        if (fn == NM_array_key_exists && arg && when_set) {
            uint32_t map = kid(it, cond, 2);
            return map ? kid(it, map, 0) : 0;
        }
    }
    if ((n->kind == E_PROP || n->kind == E_VAR || n->kind == E_SPROP) && when_set)
        return cond;
    return 0;
}

/* array_key_exists tests the map, the assignment names an element of it. */
static bool memo_assigned(struct interp *it, uint32_t within, uint32_t x)
{
    const struct facts *f = it->top->f;
    if (assigns_to(f, within, x))
        return true;
    uint32_t end = facts_node(f, within)->skip;
    for (uint32_t i = within; i < end; i++)
        if (facts_node(f, i)->kind == E_ASSIGN && facts_node(f, i + 1)->kind == E_INDEX &&
            same_expr(f, i + 2, x))
            return true;
    return false;
}

static bool memo_guarded(struct interp *it, uint32_t cond, uint32_t then)
{
    uint32_t x = memo_test(it, cond, false);
    if (!x && nd(it, cond)->kind == E_UN && nd(it, cond)->op == OP_NOT)
        x = memo_test(it, cond + 1, true);
    return x && memo_place(it, x) && memo_assigned(it, then, x);
}

/* `if (isset(X)) return X; … X = …;` in one block: the rest of it runs once. */
static bool memo_returns_early(struct interp *it, uint32_t block, uint32_t stmt)
{
    if (nd(it, stmt)->kind != S_IF)
        return false;
    uint32_t x = memo_test(it, kid(it, stmt, 0), true), then = kid(it, stmt, 1);
    uint32_t first = then ? kid(it, then, 0) : 0;
    if (!x || !first || nd(it, first)->kind != S_RETURN || !memo_place(it, x))
        return false;
    for (uint32_t c = node_next(it->top->f, block, stmt); c; c = node_next(it->top->f, block, c))
        if (memo_assigned(it, c, x))
            return true;
    return false;
}

/* --- blocks and branches --- */

void st_block(struct interp *it, uint32_t block)
{
    bool ended = false;
    uint32_t floor = it->floor;
    for (uint32_t c = node_first(it->top->f, block); c && !it->cut;
         c = node_next(it->top->f, block, c)) {
        it->top->ended = false;
        st(it, c);
        ended = ended || it->top->ended;
        if (memo_returns_early(it, block, c))
            memo_enter(it);
    }
    memo_leave(it, floor);
    it->top->ended = ended;
}

static void narrow(struct interp *it, uint32_t cond)
{
    const struct node *n = nd(it, cond);
    if (n->kind == E_BIN && n->op == OP_AND) {
        narrow(it, kid(it, cond, 0));
        narrow(it, kid(it, cond, 1));
        return;
    }
    if (n->kind != E_INSTANCEOF)
        return;
    uint32_t l = kid(it, cond, 0), r = kid(it, cond, 1);
    if (nd(it, l)->kind != E_VAR || nd(it, r)->kind != E_NAME)
        return;
    const struct value *old = env_get(it->top->env, nsym(it, l));
    if (!old || old->kind != V_UNKNOWN)
        return;
    const struct value *v = from_type(it, nsym(it, r), it->top->cls);
    if (v && v->kind != V_UNKNOWN)
        env_set(it, it->top->env, nsym(it, l), v_varying(it, v, old->dep));
}

static void run_branch(struct interp *it, uint32_t node, uint32_t cond, bool then)
{
    uint32_t floor = it->floor;
    it->top->ended = false;
    if (then)
        narrow(it, cond);
    if (then && memo_guarded(it, cond, node))
        memo_enter(it);
    if (nd(it, node)->kind == S_BLOCK)
        st_block(it, node);
    else if (nd(it, node)->kind != N_NULL)
        st(it, node);
    memo_leave(it, floor);
}

static void st_if(struct interp *it, uint32_t n)
{
    uint32_t cond = kid(it, n, 0), then = kid(it, n, 1), other = kid(it, n, 2);
    int known = cond_known(it, cond);
    ex(it, cond);
    struct env *before = env_copy(it, it->top->env);
    bool then_ended = false, else_ended = false;
    if (known != 0) {
        run_branch(it, then, cond, true);
        then_ended = it->top->ended;
    }
    struct env *after_then = it->top->env;
    it->top->env = before;
    it->top->ended = false;
    if (known != 1 && other) {
        run_branch(it, other, cond, false);
        else_ended = it->top->ended;
    }
    if (known == 1 || (else_ended && !then_ended))
        it->top->env = after_then;
    else if (known != 0 && !then_ended)
        it->top->env = env_join(it, it->top->env, after_then);
    it->top->ended = then_ended && else_ended;
}

/* --- loops --- */

static void carried_var(struct interp *it, uint32_t target, struct loop *loop)
{
    if (nd(it, target)->kind != E_VAR || !nsym(it, target))
        return;
    const struct value *old = env_get(it->top->env, nsym(it, target));
    if (old)
        env_set(it, it->top->env, nsym(it, target), v_varying(it, old, loop));
}

/* Variables that the body changes on top of their own value are others in every turn. */
static void carry(struct interp *it, uint32_t within, struct loop *loop, bool assigned_too)
{
    uint32_t end = nd(it, within)->skip;
    for (uint32_t i = within; i < end && loop; i++) {
        uint8_t kind = nd(it, i)->kind;
        if (kind == E_INCDEC || (kind == E_ASSIGN_OP && nd(it, i)->op != OP_COALESCE) ||
            (kind == E_ASSIGN && assigned_too))
            carried_var(it, i + 1, loop);
    }
}

static void bind_target(struct interp *it, uint32_t target, const struct value *v)
{
    if (nd(it, target)->kind != N_NULL)
        assign(it, target, v);
}

static bool is_small_literal(const struct value *v)
{
    return v_is(v, V_ARRAY) && v->arr->literal && !v->arr->elem && v->arr->n <= 12;
}

static void loop_end(struct interp *it, struct loop *loop, uint32_t views)
{
    views_flush(it, views);
    loop_pop(it, loop);
    it->top->ended = false;
}

static void st_foreach(struct interp *it, uint32_t n)
{
    uint32_t subject = kid(it, n, 0), key = kid(it, n, 1), value = kid(it, n, 2);
    const struct value *rows = ex(it, subject);
    if (v_is(rows, V_BUILDER))
        rows = builder_rows(it, rows, subject);
    rows_used(it, rows, here(it, n));
    uint32_t views = it->nviews;
    struct loop *loop = loop_push(it, here(it, n), rows->dep);
    if (!loop)
        return;
    loop->few = is_small_literal(rows) || few_of(rows);
    carry(it, kid(it, n, 3), loop, false);
    bind_target(it, value, elem_of(it, rows, loop));
    if (nd(it, key)->kind == E_VAR)
        assign(it, key, v_scalar(it, loop));
    st_block(it, kid(it, n, 3));
    loop_end(it, loop, views);
}

static bool small_bound(struct interp *it, uint32_t cond)
{
    uint32_t end = nd(it, cond)->skip;
    for (uint32_t i = cond; i < end; i++)
        if (nd(it, i)->kind == E_BIN && nd(it, i)->op >= OP_LT && nd(it, i)->op <= OP_GE) {
            uint32_t r = kid(it, i, 1);
            return r && nd(it, r)->kind == E_INT && it_str(it, nsym(it, r)).n <= 2;
        }
    return false;
}

static void st_for(struct interp *it, uint32_t n)
{
    st_block(it, kid(it, n, 0));
    uint32_t views = it->nviews;
    struct loop *loop = loop_push(it, here(it, n), NULL);
    if (!loop)
        return;
    loop->few = small_bound(it, kid(it, n, 1));
    carry(it, n, loop, true);
    st_block(it, kid(it, n, 1));
    st_block(it, kid(it, n, 3));
    st_block(it, kid(it, n, 2));
    loop_end(it, loop, views);
}

static void st_while(struct interp *it, uint32_t n, uint32_t cond, uint32_t body)
{
    uint32_t views = it->nviews;
    struct loop *loop = loop_push(it, here(it, n), NULL);
    if (!loop)
        return;
    loop->batch = true;
    carry(it, n, loop, true);
    ex(it, cond);
    carry(it, cond, loop, true);
    st_block(it, body);
    loop_end(it, loop, views);
}

/* --- the rest --- */

static void st_switch(struct interp *it, uint32_t n)
{
    ex(it, kid(it, n, 0));
    struct env *before = it->top->env, *out = NULL;
    for (uint32_t c = node_next(it->top->f, n, n + 1); c; c = node_next(it->top->f, n, c)) {
        if (nd(it, c)->kind != S_CASE)
            continue;
        it->top->env = env_copy(it, before);
        uint32_t first = node_first(it->top->f, c);
        if (first && nd(it, first)->kind != N_NULL)
            ex(it, first);
        for (uint32_t s = first ? node_next(it->top->f, c, first) : 0; s && !it->cut;
             s = node_next(it->top->f, c, s))
            st(it, s);
        out = out ? env_join(it, out, it->top->env) : it->top->env;
    }
    it->top->env = env_join(it, before, out);
    it->top->ended = false;
}

static void st_try(struct interp *it, uint32_t n)
{
    st_block(it, kid(it, n, 0));
    bool ended = it->top->ended;
    for (uint32_t c = node_next(it->top->f, n, n + 1); c; c = node_next(it->top->f, n, c)) {
        struct env *before = env_copy(it, it->top->env);
        if (nd(it, c)->kind == S_CATCH && nd(it, c)->s)
            env_set(it, it->top->env, nsym(it, c), v_unknown(it, NULL));
        st_block(it, node_last(it->top->f, c));
        if (nd(it, c)->kind == S_CATCH)
            it->top->env = env_join(it, before, it->top->env);
    }
    it->top->ended = ended;
}

static void st_static(struct interp *it, uint32_t n)
{
    struct frame *top = it->top;
    uint32_t init = node_first(top->f, n);
    if (top->nmemo < 4)
        top->memo[top->nmemo++] = nsym(it, n);
    env_set(it, top->env, nsym(it, n), init ? ex(it, init) : v_null());
}

static void st_unset(struct interp *it, uint32_t n)
{
    for (uint32_t c = node_first(it->top->f, n); c; c = node_next(it->top->f, n, c))
        if (nd(it, c)->kind == E_VAR && nsym(it, c))
            env_set(it, it->top->env, nsym(it, c), v_null());
}

static void each_kid(struct interp *it, uint32_t n)
{
    for (uint32_t c = node_first(it->top->f, n); c && !it->cut; c = node_next(it->top->f, n, c)) {
        uint8_t kind = nd(it, c)->kind;
        if (kind >= E_VAR)
            ex(it, c);
        else if (kind >= S_BLOCK)
            st(it, c);
    }
}

void st(struct interp *it, uint32_t n)
{
    if (!it_step(it))
        return;
    uint32_t first = node_first(it->top->f, n);
    switch ((enum node_kind)nd(it, n)->kind) {
    case S_BLOCK:
        st_block(it, n);
        return;
    case S_RETURN:
        it->top->ret = v_join(it, it->top->ret, first ? ex(it, first) : v_null());
        it->top->ended = true;
        return;
    case S_IF:
        st_if(it, n);
        return;
    case S_FOREACH:
        st_foreach(it, n);
        return;
    case S_FOR:
        st_for(it, n);
        return;
    case S_WHILE:
        st_while(it, n, kid(it, n, 0), kid(it, n, 1));
        return;
    case S_DO:
        st_while(it, n, kid(it, n, 1), kid(it, n, 0));
        return;
    case S_SWITCH:
        st_switch(it, n);
        return;
    case S_TRY:
        st_try(it, n);
        return;
    case S_STATIC:
        st_static(it, n);
        return;
    case S_UNSET:
        st_unset(it, n);
        return;
    case S_BREAK:
    case S_CONTINUE:
        it->top->ended = true;
        return;
    case S_EXPR:
        each_kid(it, n);
        it->top->ended = first && (nd(it, first)->kind == E_THROW || nd(it, first)->kind == E_EXIT);
        return;
    case S_ECHO:
    case N_ERROR:
        each_kid(it, n);
        return;
    default:
        if (nd(it, n)->kind >= E_VAR)
            ex(it, n);
        return;
    }
}
