#include "rules/possible.h"

#include "rules/tree.h"

enum { UNKNOWN = -1, DEEP = 4 };

static int negate(int known)
{
    return known < 0 ? known : !known;
}

static struct str text_of(const struct facts *f, uint32_t node)
{
    return facts_str(f, facts_node(f, node)->s);
}

static bool is_const(const struct facts *f, uint32_t node, const char *word)
{
    return facts_node(f, node)->kind == E_CONST && str_ieq(text_of(f, node), str_c(word));
}

/* --- what an expression surely is --- */

struct known {
    int null, truth; /* 1, 0, UNKNOWN */
    bool list, text;
};

static const struct known nothing = { UNKNOWN, UNKNOWN, false, false };

static struct known value_of(const struct facts *f, uint32_t node, unsigned depth)
{
    static const char *const lists[] = { "toArray", "all", "pluck", "keys", "values", "map", "get", "collect", "array_keys",
                                         "array_map", "array_filter", "array_unique", "array_merge", "range", "explode" };
    const struct node *n = facts_node(f, node);
    switch ((enum node_kind)n->kind) {
    case E_CONST:
        if (is_const(f, node, "null"))
            return (struct known){ 1, 0, false, false };
        if (is_const(f, node, "true") || is_const(f, node, "false"))
            return (struct known){ 0, is_const(f, node, "true"), false, false };
        return nothing;
    case E_ARRAY:
        return (struct known){ 0, node_first(f, node) != 0, true, false };
    case E_STR:
        return (struct known){ 0, text_of(f, node).n && !str_is(text_of(f, node), "0"), false, true };
    case E_NEW:
    case E_CLOSURE:
    case E_ARROW:
        return (struct known){ 0, 1, false, false };
    case E_MCALL:
    case E_CALL:
        if (n->kind == E_MCALL && n->flags & F_NULLSAFE)
            return nothing;
        return ONE_OF(call_name(f, node), lists) ? (struct known){ 0, UNKNOWN, false, false } : nothing;
    case E_VAR: {
        uint32_t value = depth < DEEP ? only_value(f, node) : 0, around = function_around(f, node);
        if (!value || facts_node(f, value)->skip > node)
            return nothing; /* assigned later, or not here */
        return function_around(f, value) == around ? value_of(f, value, depth + 1) : nothing;
    }
    default:
        return nothing;
    }
}

/* --- conditions on parameters --- */

struct call {
    const struct facts *f, *caller; /* of the function that is called, of the call */
    uint32_t function, node;        /* the call, in caller */
};

/* Set, captured by reference, or hidden by a parameter of a closure inside. */
static bool is_changed(const struct facts *f, uint32_t function, uint32_t param)
{
    uint32_t s = facts_node(f, param)->s;
    for (uint32_t i = function + 1; i < facts_node(f, function)->skip; i++) {
        const struct node *n = facts_node(f, i);
        bool by_name = (n->kind == N_PARAM && i != param) || (n->kind == E_USE && n->flags & F_BYREF);
        if (by_name && n->s == s)
            return true;
        uint32_t end = n->kind == S_FOREACH ? node_child(f, i, 3) :
                       n->kind == E_ASSIGN || n->kind == E_ASSIGN_OP || n->kind == E_INCDEC ?
                       facts_node(f, node_first(f, i))->skip : 0;
        for (uint32_t t = i + 1; t < end; t++)
            if (facts_node(f, t)->kind == E_VAR && facts_node(f, t)->s == s)
                return true;
    }
    return false;
}

static uint32_t default_of(const struct facts *f, uint32_t param)
{
    uint32_t last = 0;
    for (uint32_t c = node_first(f, param); c; c = node_next(f, param, c))
        last = c;
    return last;
}

/* extract($options) makes variables of what the call says in a list: ['include_parent' => false]. */
static struct known extracted(const struct call *c, uint32_t var)
{
    static const char *const extractors[] = { "extract" };
    uint32_t last = facts_node(c->caller, c->node)->skip;
    if (!calls_any(c->f, c->function, extractors, 1))
        return nothing;
    for (uint32_t i = c->node; i < last; i++) {
        const struct node *n = facts_node(c->caller, i);
        uint32_t key = n->kind == E_ITEM && (n->flags & F_HAS_KEY) ? node_first(c->caller, i) : 0;
        if (key && facts_node(c->caller, key)->kind == E_STR && str_eq(text_of(c->caller, key), text_of(c->f, var)))
            return value_of(c->caller, node_next(c->caller, i, key), 0);
    }
    return nothing;
}

/* What the call gives to the variable of the function, where that is a parameter which nobody changes. */
static struct known given_to(const struct call *c, uint32_t var)
{
    uint32_t s = facts_node(c->f, var)->s;
    unsigned index = 0;
    for (uint32_t p = node_first(c->f, c->function); p; p = node_next(c->f, c->function, p)) {
        const struct node *n = facts_node(c->f, p);
        if (n->kind != N_PARAM)
            continue;
        if (n->s != s) {
            index++;
            continue;
        }
        if (n->flags & (F_BYREF | F_VARIADIC) || is_changed(c->f, c->function, p))
            return nothing;
        unsigned at = 0;
        for (uint32_t a = node_first(c->caller, c->node); a; a = node_next(c->caller, c->node, a)) {
            const struct node *arg = facts_node(c->caller, a);
            if (arg->kind != E_ARG)
                continue;
            if (arg->flags & F_UNPACK)
                return nothing;
            bool named = arg->s != 0, same = named && str_eq(text_of(c->caller, a), text_of(c->f, p));
            if (same || (!named && at == index))
                return value_of(c->caller, node_first(c->caller, a), 0);
            at += !named;
        }
        uint32_t value = default_of(c->f, p);
        return value && facts_node(c->f, value)->kind != N_NULL ? value_of(c->f, value, DEEP) : nothing;
    }
    return extracted(c, var);
}

static int holds(const struct call *, uint32_t cond);

static int type_test(const struct call *c, uint32_t cond)
{
    uint32_t arg = node_find(c->f, cond, E_ARG), var = arg ? node_first(c->f, arg) : 0;
    struct str name = call_name(c->f, cond);
    if (!var || facts_node(c->f, var)->kind != E_VAR)
        return UNKNOWN;
    struct known k = given_to(c, var);
    if (str_ieq(name, STR("is_null")))
        return k.null;
    if (str_ieq(name, STR("is_array")))
        return k.list ? 1 : k.text || k.null == 1 ? 0 : UNKNOWN;
    if (str_ieq(name, STR("is_string")))
        return k.text ? 1 : k.list || k.null == 1 ? 0 : UNKNOWN;
    return UNKNOWN;
}

static int comparison(const struct call *c, uint32_t cond)
{
    const struct node *n = facts_node(c->f, cond);
    uint32_t l = node_child(c->f, cond, 0), r = node_child(c->f, cond, 1);
    bool equal = n->op == OP_IDENT || n->op == OP_EQ, strict = n->op == OP_IDENT || n->op == OP_NIDENT;
    if (facts_node(c->f, l)->kind == E_CONST) {
        uint32_t swap = l;
        l = r;
        r = swap;
    }
    if (facts_node(c->f, l)->kind != E_VAR)
        return UNKNOWN;
    struct known k = given_to(c, l);
    int known = UNKNOWN;
    if (is_const(c->f, r, "null"))
        known = strict || k.null == 1 ? k.null : UNKNOWN;
    else if (is_const(c->f, r, "true") || is_const(c->f, r, "false"))
        known = k.truth < 0 || (strict && (k.null || k.text || k.list)) ? UNKNOWN : k.truth == is_const(c->f, r, "true");
    return equal ? known : negate(known);
}

/* 1: surely true, 0: surely false. */
static int holds(const struct call *c, uint32_t cond)
{
    const struct node *n = facts_node(c->f, cond);
    uint32_t first = node_first(c->f, cond);
    switch ((enum node_kind)n->kind) {
    case E_VAR:
        return given_to(c, cond).truth;
    case E_UN:
        return n->op == OP_NOT ? negate(holds(c, first)) : UNKNOWN;
    case E_ISSET:
        return facts_node(c->f, first)->kind == E_VAR ? negate(given_to(c, first).null) : UNKNOWN;
    case E_EMPTY:
        return first && facts_node(c->f, first)->kind == E_VAR ? negate(given_to(c, first).truth) : UNKNOWN;
    case E_CALL:
        return type_test(c, cond);
    case E_BIN: {
        if (n->op == OP_IDENT || n->op == OP_EQ || n->op == OP_NIDENT || n->op == OP_NE)
            return comparison(c, cond);
        if (n->op != OP_AND && n->op != OP_OR)
            return UNKNOWN;
        int decides = n->op == OP_OR, l = holds(c, first), r = holds(c, node_child(c->f, cond, 1));
        return l == decides || r == decides ? decides : l == !decides && r == !decides ? !decides : UNKNOWN;
    }
    default:
        return UNKNOWN;
    }
}

static bool ends_the_function(const struct facts *f, uint32_t block)
{
    uint32_t last = 0;
    for (uint32_t c = node_first(f, block); c; c = node_next(f, block, c))
        last = c;
    const struct node *n = last ? facts_node(f, last) : NULL;
    return n && (n->kind == S_RETURN || (n->kind == S_EXPR && facts_node(f, node_first(f, last))->kind == E_THROW));
}

/* if ($none) { return …; } among the statements before the place */
static bool returned_before(const struct call *c, uint32_t block, uint32_t place)
{
    for (uint32_t s = node_first(c->f, block); s && facts_node(c->f, s)->skip <= place; s = node_next(c->f, block, s))
        if (facts_node(c->f, s)->kind == S_IF && ends_the_function(c->f, node_child(c->f, s, 1)) &&
            holds(c, node_first(c->f, s)) == 1)
            return true;
    return false;
}

static bool cannot_reach(const struct call *c, uint32_t place)
{
    struct path p;
    path_to(c->f, place, &p);
    for (unsigned i = 0; i < p.n; i++) {
        uint32_t at = p.nodes[i], first = node_first(c->f, at);
        const struct node *n = facts_node(c->f, at);
        if (at <= c->function || !first)
            continue;
        if (n->kind == S_BLOCK && returned_before(c, at, place))
            return true;
        bool branches = n->kind == S_IF || n->kind == E_TERNARY, links = n->kind == E_BIN && (n->op == OP_AND || n->op == OP_OR);
        if ((!branches && !links) || place < facts_node(c->f, first)->skip)
            continue;
        bool then = branches ? place < facts_node(c->f, node_next(c->f, at, first))->skip : n->op == OP_AND;
        if (holds(c, first) == !then)
            return true;
    }
    return false;
}

/* The only step that calls the function by its name; REF_NONE: none, or several. */
static struct ref caller_of(const struct app *app, const struct flow *flow, struct str name)
{
    struct ref found = { REF_NONE, 0 };
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        struct ref at = flow->steps[i].at;
        const struct facts *f = facts_of(app, at);
        if (!f || !is_call(facts_node(f, at.node)) || !str_ieq(call_name(f, at.node), name))
            continue;
        if (found.file != REF_NONE && (found.file != at.file || found.node != at.node))
            return (struct ref){ REF_NONE, 0 };
        found = at;
    }
    return found;
}

static bool ruled_out_at(const struct app *app, const struct flow *flow, struct ref place)
{
    struct path p;
    const struct facts *f = path_at(app, place, &p);
    uint32_t function = 0;
    if (!f)
        return false;
    for (unsigned i = 0; i < p.n; i++)
        if (facts_node(f, p.nodes[i])->kind == N_METHOD || facts_node(f, p.nodes[i])->kind == N_FUNCTION)
            function = p.nodes[i];
    if (!function)
        return false;
    struct str name = text_of(f, function);
    struct ref from = caller_of(app, flow, name);
    bool inside = from.file == place.file && from.node > function && from.node < facts_node(f, function)->skip;
    if (from.file == REF_NONE || inside)
        return false;
    return cannot_reach(&(struct call){ f, facts_of(app, from), function, from.node }, place.node);
}

bool is_ruled_out(const struct app *app, const struct flow *flow)
{
    for (uint16_t i = 0; i < flow->nsteps; i++)
        if (flow->steps[i].role != STEP_RELATION && ruled_out_at(app, flow, flow->steps[i].at))
            return true;
    return ruled_out_at(app, flow, flow->read);
}

/* --- one name with two values --- */

enum { PINS_MOST = 24, WORDS_MOST = 8 };

struct pin { /* where a place stands, the name is (not) one of the words */
    struct str name, words[WORDS_MOST];
    unsigned n;
    bool is_not, template;
};

struct pins {
    struct pin items[PINS_MOST];
    unsigned n;
};

static struct str pinned_name(const struct facts *f, uint32_t node)
{
    uint8_t k = facts_node(f, node)->kind;
    return k == E_VAR || k == E_PROP ? text_of(f, node) : (struct str){ "", 0 };
}

static bool pin_word(struct pin *p, struct str name, struct str word)
{
    if (!name.n || p->n == WORDS_MOST || (p->name.n && !str_eq(p->name, name)))
        return false;
    p->name = name;
    p->words[p->n++] = word;
    return true;
}

/* $view === 'list', !$view, in_array($view, ['card', 'list']), or several of them with || */
static bool pin_condition(const struct facts *f, uint32_t cond, struct pin *p)
{
    const struct node *n = facts_node(f, cond);
    uint32_t l = node_first(f, cond), r = l ? node_next(f, cond, l) : 0;
    if (n->kind == E_UN && n->op == OP_NOT)
        return pin_word(p, pinned_name(f, l), STR(""));
    if (n->kind == E_BIN && n->op == OP_OR)
        return pin_condition(f, l, p) && pin_condition(f, r, p);
    if (n->kind == E_BIN && (n->op == OP_IDENT || n->op == OP_EQ)) {
        bool turned = facts_node(f, l)->kind == E_STR;
        uint32_t word = turned ? l : r, name = turned ? r : l;
        return facts_node(f, word)->kind == E_STR && pin_word(p, pinned_name(f, name), text_of(f, word));
    }
    if (n->kind != E_CALL || !str_ieq(call_name(f, cond), STR("in_array")))
        return false;
    uint32_t first = node_find(f, cond, E_ARG), second = first ? node_next(f, cond, first) : 0;
    uint32_t list = second ? node_first(f, second) : 0;
    if (!list || facts_node(f, list)->kind != E_ARRAY)
        return false;
    for (uint32_t i = node_first(f, list); i; i = node_next(f, list, i)) {
        uint32_t word = facts_node(f, i)->kind == E_ITEM ? node_first(f, i) : i;
        if (facts_node(f, word)->kind != E_STR || !pin_word(p, pinned_name(f, node_first(f, first)), text_of(f, word)))
            return false;
    }
    return p->n > 0;
}

/* An arm of match or a case of switch: its own words, or for the default none of the others'. */
static bool pin_arm(const struct facts *f, uint32_t whole, uint32_t arm, struct pin *p)
{
    uint32_t subject = node_first(f, whole);
    struct str name = pinned_name(f, subject);
    bool by_truth = is_const(f, subject, "true"), is_case = facts_node(f, arm)->kind == S_CASE;
    uint32_t own = node_first(f, arm);
    bool other = is_case ? facts_node(f, own)->kind == N_NULL : !node_next(f, arm, own);
    if (by_truth)
        return !other && pin_condition(f, own, p);
    p->is_not = other;
    for (uint32_t a = node_next(f, whole, subject); a; a = node_next(f, whole, a))
        for (uint32_t w = node_first(f, a); w && (other ? a != arm : a == arm); w = node_next(f, a, w)) {
            bool last = !node_next(f, a, w);
            if (is_case ? w != node_first(f, a) : last)
                break;
            if (facts_node(f, w)->kind != E_STR || !pin_word(p, name, text_of(f, w)))
                return false;
        }
    return p->n > 0;
}

static void pins_at(const struct app *app, struct ref place, struct pins *ret)
{
    struct path p;
    const struct facts *f = path_at(app, place, &p);
    if (!f)
        return;
    for (unsigned i = 0; i < p.n && ret->n < PINS_MOST; i++) {
        uint32_t at = p.nodes[i], first = node_first(f, at);
        uint8_t k = facts_node(f, at)->kind;
        struct pin *pin = &ret->items[ret->n];
        *pin = (struct pin){ .template = f->lang == LANG_BLADE };
        bool after = first && place.node >= facts_node(f, first)->skip;
        bool then = after && k == S_IF && place.node < facts_node(f, node_next(f, at, first))->skip;
        if (then)
            ret->n += pin_condition(f, first, pin);
        else if (k == E_ARM || k == S_CASE)
            ret->n += i > 0 && pin_arm(f, p.nodes[i - 1], at, pin);
    }
}

static bool have_common(const struct pin *a, const struct pin *b)
{
    unsigned common = 0;
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned k = 0; k < b->n; k++)
            common += str_eq(a->words[i], b->words[k]);
    if (a->is_not || b->is_not)
        return (a->is_not && b->is_not) || common < (a->is_not ? b->n : a->n);
    return common > 0;
}

bool is_contradictory(const struct app *app, const struct flow *flow)
{
    struct pins pins = { .n = 0 };
    pins_at(app, flow->chain, &pins);
    pins_at(app, flow->read, &pins);
    pins_at(app, flow->loop, &pins);
    for (uint16_t i = 0; i < flow->nsteps; i++)
        if (flow->steps[i].role != STEP_RELATION)
            pins_at(app, flow->steps[i].at, &pins);
    for (unsigned i = 0; i < pins.n; i++)
        for (unsigned k = 0; k < pins.n; k++) {
            const struct pin *a = &pins.items[i], *b = &pins.items[k];
            if (!a->template && b->template && str_eq(a->name, b->name) && !have_common(a, b))
                return true;
        }
    return false;
}
