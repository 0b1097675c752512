/* Rows that a loop writes: do all of them get the same values, so that one statement would do? */
#include "rules/doubt.h"

#include "rules/tree.h"

enum { CHANGED_MAX = 64 };

struct changed { /* variables that differ from turn to turn */
    uint32_t names[CHANGED_MAX];
    unsigned n;
    bool full;
};

static void add_changed(struct changed *c, const struct facts *f, uint32_t from)
{
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if ((n->kind != E_VAR && n->kind != N_PARAM) || !n->s)
            continue;
        if (c->n == CHANGED_MAX)
            c->full = true;
        else
            c->names[c->n++] = n->s;
    }
}

static void changed_in(struct changed *c, const struct facts *f, uint32_t loop)
{
    for (uint32_t i = loop; i < facts_node(f, loop)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind == S_FOREACH) {
            add_changed(c, f, node_child(f, i, 1));
            add_changed(c, f, node_child(f, i, 2));
        } else if (n->kind == N_PARAM || n->kind == E_INCDEC) {
            add_changed(c, f, i);
        } else if (n->kind == E_ASSIGN || n->kind == E_ASSIGN_OP) {
            uint32_t target = node_first(f, i);
            if (facts_node(f, target)->kind != E_PROP)
                add_changed(c, f, target);
        }
    }
}

static bool is_same_each_turn(const struct facts *f, uint32_t from, const struct changed *c)
{
    static const char *const steady[] = { "now", "today", "time", "date", "auth", "config", "id", "user", "raw",
                                          "toDateString", "toDateTimeString", "startOfDay", "addDays", "subDays" };
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if (is_call(n) && !ONE_OF(call_name(f, i), steady))
            return false;
        if (n->kind == E_NEW || n->kind == E_CLOSURE || n->kind == E_ARROW)
            return false;
        for (unsigned k = 0; n->kind == E_VAR && k < c->n; k++)
            if (c->names[k] == n->s)
                return false;
    }
    return !c->full;
}

static bool arguments_same(const struct facts *f, uint32_t call, const struct changed *c)
{
    for (uint32_t a = node_first(f, call); a; a = node_next(f, call, a))
        if (facts_node(f, a)->kind == E_ARG && !is_same_each_turn(f, a, c))
            return false;
    return true;
}

/* $row->a = …; $row->save(); */
static bool assignments_same(const struct facts *f, uint32_t loop, uint32_t row, const struct changed *c)
{
    unsigned n = 0;
    for (uint32_t i = loop; i < facts_node(f, loop)->skip; i++) {
        uint32_t target = facts_node(f, i)->kind == E_ASSIGN || facts_node(f, i)->kind == E_ASSIGN_OP ? node_first(f, i) : 0;
        uint32_t base = target && facts_node(f, target)->kind == E_PROP ? node_first(f, target) : 0;
        if (is_call(facts_node(f, i)) && facts_node(f, i)->kind == E_MCALL) {
            uint32_t on = node_first(f, i);
            bool fills = facts_node(f, on)->kind == E_VAR && facts_node(f, on)->s == row &&
                         !str_ieq(call_name(f, i), STR("save")) && !str_ieq(call_name(f, i), STR("saveQuietly"));
            if (fills)
                return false; /* fill(), associate(), a setter: who knows what it sets */
        }
        if (!base || facts_node(f, base)->kind != E_VAR || facts_node(f, base)->s != row)
            continue;
        if (facts_node(f, i)->kind == E_ASSIGN_OP || !is_same_each_turn(f, node_child(f, i, 1), c))
            return false;
        n++;
    }
    return n > 0;
}

/* if ($room->position === $from) $room->save(): one row of them all. */
static bool picks_its_row(const struct facts *f, uint32_t loop, uint32_t call)
{
    struct path p;
    path_to(f, call, &p);
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t cond = node_first(f, p.nodes[i]);
        if (p.nodes[i] <= loop || facts_node(f, p.nodes[i])->kind != S_IF || call < facts_node(f, cond)->skip)
            continue;
        for (uint32_t k = cond; k < facts_node(f, cond)->skip; k++) {
            const struct node *n = facts_node(f, k);
            uint32_t l = node_first(f, k), r = l ? node_next(f, k, l) : 0;
            bool equal = n->kind == E_BIN && (n->op == OP_IDENT || n->op == OP_EQ);
            if (equal && (facts_node(f, l)->kind == E_PROP || facts_node(f, r)->kind == E_PROP))
                return true;
        }
    }
    return false;
}

bool writes_same_values(const struct app *app, const struct flow *flow)
{
    static const char *const updates[] = { "update", "updateQuietly", "increment", "decrement", "touch" };
    static const char *const saves[] = { "save", "saveQuietly" };
    const struct facts *f = facts_of(app, flow->loop);
    uint32_t call = flow->read.node;
    if (!f || flow->read.file != flow->loop.file || call <= flow->loop.node || call >= facts_node(f, flow->loop.node)->skip)
        return false; /* written in a method of the row */
    if (picks_its_row(f, flow->loop.node, call))
        return false;
    struct changed c = { .n = 0 };
    changed_in(&c, f, flow->loop.node);
    uint32_t row = node_first(f, call);
    if (row && facts_node(f, row)->kind == E_VAR && only_value(f, row))
        return false; /* not the row of the loop, but something that the loop made or found */
    if (ONE_OF(call_name(f, call), updates))
        return row && facts_node(f, row)->kind != E_PROP && arguments_same(f, call, &c); /* a property: another row */
    return ONE_OF(call_name(f, call), saves) && row && facts_node(f, row)->kind == E_VAR &&
           assignments_same(f, flow->loop.node, facts_node(f, row)->s, &c);
}
