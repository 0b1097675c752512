/* Conditions: WHERE and ON cut at AND and OR into terms, each term into a predicate or a join. */
#include "sql/stmt.h"

#include <strings.h>

enum operand_kind { OPERAND_OTHER, OPERAND_COLUMN, OPERAND_VALUE, OPERAND_FUNCTION, OPERAND_QUERY };

struct operand {
    enum operand_kind kind;
    struct str table, column, fn; /* of FUNCTION: the column inside and what holds it */
    struct range range;
};

static struct range inside(const struct parser *s, uint32_t open)
{
    return (struct range){ open + 1, s->match[open] };
}

/* A parenthesis that holds the whole range. */
static bool is_wrapped(const struct parser *s, struct range r)
{
    return r.at < r.end && stmt_kind_at(s, r.at) == TK_OPEN && stmt_after(s, r.at) >= r.end;
}

static struct range unwrap(const struct parser *s, struct range r)
{
    while (is_wrapped(s, r) && !stmt_begins_select(s, r.at + 1)) {
        struct range in = inside(s, r.at);
        if (in.end > r.end)
            in.end = r.end;
        r = in;
    }
    return r;
}

/* Words inside an expression that look like columns and are types, units or collations: how many
 * tokens to step over. */
static uint32_t no_column(const struct parser *s, uint32_t i)
{
    if (stmt_word(s, i, "as") || stmt_op(s, i, "::") || stmt_word(s, i, "collate") ||
        stmt_word(s, i, "using"))
        return 2;
    if (stmt_word(s, i, "interval") || (stmt_word(s, i, "at") && stmt_word(s, i + 1, "time")))
        return 3;
    struct str before =
        i >= 2 && stmt_kind_at(s, i - 1) == TK_OPEN ? stmt_name(s, i - 2) : (struct str){ 0 };
    if (before.n > 9 && strncasecmp(before.p, "timestamp", 9) == 0) /* timestampdiff(second, ...) */
        return 1;
    return 0;
}

/* The first column anywhere in the range, and the function nearest to it. */
static bool column_within(const struct parser *s, const struct scope *scope, struct range r,
                          struct str fn, int depth, struct operand *ret)
{
    for (uint32_t i = r.at; i < r.end;) {
        struct str table, column;
        uint32_t skip = no_column(s, i);
        if (skip) {
            i += skip;
            continue;
        }
        if (stmt_column(s, (struct range){ i, r.end }, &table, &column)) {
            ret->table = stmt_resolve(s, scope, table);
            ret->column = column;
            ret->fn = fn;
            return true;
        }
        if (stmt_kind_at(s, i) == TK_OPEN && depth < STMT_NEST) {
            struct str name =
                i > r.at && stmt_kind_at(s, i - 1) == TK_WORD ? stmt_name(s, i - 1) : fn;
            struct range in = inside(s, i);
            in.end = in.end < r.end ? in.end : r.end;
            if (!stmt_begins_select(s, in.at) && column_within(s, scope, in, name, depth + 1, ret))
                return true;
        }
        i = stmt_after(s, i);
    }
    return false;
}

bool stmt_within(struct parser *s, struct range r, const struct scope *scope, struct str *ret_table,
                 struct str *ret_column)
{
    struct operand o = { 0 };
    bool found = column_within(s, scope, r, (struct str){ 0 }, 0, &o);
    *ret_table = o.table;
    *ret_column = o.column;
    return found;
}

/* What stands around a column that is not a call: ->>, ::, +, collate. */
static struct str operator_of(const struct parser *s, struct range r)
{
    for (uint32_t i = r.at; i < r.end; i = stmt_after(s, i)) {
        if (stmt_op(s, i, "::"))
            return STR("cast");
        if (stmt_kind_at(s, i) == TK_OP)
            return (struct str){ s->sql + s->tokens[i].off, s->tokens[i].n };
    }
    return STR("expression");
}

static struct operand operand_of(struct parser *s, const struct scope *scope, struct range r)
{
    struct operand o = { .range = unwrap(s, r) };
    r = o.range;
    if (r.at >= r.end)
        return o;
    if (stmt_word(s, r.at, "binary") || stmt_word(s, r.at, "distinct"))
        r.at++;
    if (stmt_kind_at(s, r.at) == TK_OPEN && stmt_begins_select(s, r.at + 1)) {
        o.kind = OPERAND_QUERY;
        return o;
    }
    struct str table;
    uint32_t n = stmt_column(s, r, &table, &o.column);
    if (n && (r.at + n == r.end || stmt_word(s, r.at + n, "collate"))) {
        o.kind = OPERAND_COLUMN;
        o.table = stmt_resolve(s, scope, table);
        return o;
    }
    o.column = (struct str){ 0 };
    if (!column_within(s, scope, r, (struct str){ 0 }, 0, &o)) {
        o.kind = OPERAND_VALUE;
        return o;
    }
    o.kind = OPERAND_FUNCTION;
    if (!o.fn.n)
        o.fn = operator_of(s, r);
    return o;
}

static void add_pred(struct parser *s, const struct operand *o, enum stmt_op op, bool in_or)
{
    struct stmt_pred p = { .table = o->table,
                           .column = o->column,
                           .fn = o->fn,
                           .in_or = in_or,
                           .op = o->kind == OPERAND_FUNCTION ? SOP_FUNCTION : op };
    STMT_PUSH(s, preds, p);
}

/* A condition that is one call: match (a) against (?) is full text, anything else hides its column.
 */
static void add_match(struct parser *s, struct operand *o, bool in_or)
{
    if (str_ieq(o->fn, STR("match")))
        o->kind = OPERAND_COLUMN;
    add_pred(s, o, SOP_OTHER, in_or);
}

static enum stmt_op negate(enum stmt_op op)
{
    switch (op) {
    case SOP_EQ:
    case SOP_IN:
        return SOP_NE;
    case SOP_NE:
        return SOP_EQ;
    case SOP_NULL:
        return SOP_NOT_NULL;
    case SOP_NOT_NULL:
        return SOP_NULL;
    default:
        return SOP_OTHER;
    }
}

/* The pattern of LIKE: by its first literal. A placeholder alone says nothing. */
static enum stmt_op like_op(const struct parser *s, struct range r)
{
    for (uint32_t i = r.at; i < r.end; i++) {
        uint8_t kind = stmt_kind_at(s, i);
        if (kind == TK_PARAM)
            return SOP_OTHER;
        if (kind != TK_STRING)
            continue;
        struct str t = sql_unquote((struct str){ s->sql + s->tokens[i].off, s->tokens[i].n });
        if (!t.n)
            return SOP_EQ;
        if (t.p[0] == '%' || t.p[0] == '_')
            return SOP_LIKE_INFIX;
        return memchr(t.p, '%', t.n) || memchr(t.p, '_', t.n) || r.end - i > 1 ? SOP_LIKE_PREFIX
                                                                               : SOP_EQ;
    }
    return SOP_OTHER;
}

/* Where a comparison stands at this level, and what it is. */
struct compare {
    uint32_t at, end; /* its tokens */
    enum stmt_op op;
    bool negated, like, in, null;
};

static bool compare_op(const struct parser *s, uint32_t i, struct compare *c)
{
    static const struct {
        const char *text;
        enum stmt_op op;
    } ops[] = {
        { "=", SOP_EQ },      { "==", SOP_EQ },    { "<=>", SOP_EQ },   { "<>", SOP_NE },
        { "!=", SOP_NE },     { "<", SOP_RANGE },  { ">", SOP_RANGE },  { "<=", SOP_RANGE },
        { ">=", SOP_RANGE },  { "~", SOP_OTHER },  { "~*", SOP_OTHER }, { "!~", SOP_OTHER },
        { "!~*", SOP_OTHER }, { "@>", SOP_OTHER }, { "<@", SOP_OTHER }, { "@@", SOP_OTHER },
        { "&&", SOP_OTHER },  { "~~", SOP_OTHER }, { "?|", SOP_OTHER }, { "?&", SOP_OTHER }
    };
    if (stmt_kind_at(s, i) != TK_OP || (s->dialect == DIALECT_PGSQL && stmt_op(s, i, "<=>")))
        return false; /* a distance of vectors there */
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++)
        if (stmt_op(s, i, ops[k].text)) {
            *c = (struct compare){ .at = i, .end = i + 1, .op = ops[k].op };
            return true;
        }
    return false;
}

static bool compare_word(const struct parser *s, uint32_t i, uint32_t end, struct compare *c)
{
    *c = (struct compare){ .at = i };
    if (i + 1 < end && stmt_word(s, i, "not") && !stmt_word(s, i + 1, "exists")) {
        c->negated = true;
        i++;
    }
    c->end = i + 1;
    if (stmt_word(s, i, "in")) {
        c->op = SOP_IN;
        c->in = true;
    } else if (stmt_word(s, i, "between")) {
        c->op = SOP_RANGE;
    } else if (stmt_word(s, i, "like") || stmt_word(s, i, "ilike")) {
        c->like = true;
    } else if (stmt_word(s, i, "glob") || stmt_word(s, i, "regexp") || stmt_word(s, i, "rlike") ||
               stmt_word(s, i, "match") || stmt_word(s, i, "similar")) {
        c->op = SOP_OTHER;
    } else if (stmt_word(s, i, "is") && !c->negated) {
        c->negated = stmt_word(s, i + 1, "not");
        c->end += c->negated;
        c->null = stmt_word(s, c->end, "null");
        c->op = c->null ? SOP_NULL : SOP_EQ;
    } else if (stmt_word(s, i, "isnull") || stmt_word(s, i, "notnull")) {
        c->negated = stmt_word(s, i, "notnull");
        c->null = true;
        c->op = SOP_NULL;
    } else {
        return false;
    }
    return true;
}

static bool find_compare(const struct parser *s, struct range r, struct compare *c)
{
    for (uint32_t i = r.at; i < r.end; i = stmt_after(s, i))
        if (compare_op(s, i, c) || (i > r.at && compare_word(s, i, r.end, c)))
            return true;
    return false;
}

/* = any (...), = all (...): a list for our purposes. */
static bool is_any(const struct parser *s, struct range r)
{
    return r.at < r.end && (stmt_word(s, r.at, "any") || stmt_word(s, r.at, "some"));
}

static enum stmt_op compare_kind(const struct parser *s, const struct compare *c,
                                 struct range right)
{
    enum stmt_op op = c->like ? like_op(s, right) : c->op;
    if (c->op == SOP_EQ && is_any(s, right))
        op = SOP_IN;
    return c->negated ? negate(op) : op;
}

/* (a, b) in / = / > (...): each column of the row. */
static bool row_value(struct parser *s, struct range left, enum stmt_op op,
                      const struct scope *scope, bool in_or)
{
    if (!is_wrapped(s, left) || stmt_begins_select(s, left.at + 1))
        return false;
    struct range in = inside(s, left.at);
    uint32_t comma = in.at;
    while (comma < in.end && stmt_kind_at(s, comma) != TK_COMMA)
        comma = stmt_after(s, comma);
    if (comma >= in.end)
        return false;
    for (uint32_t from = in.at; from < in.end; from = comma + 1) {
        for (comma = from; comma < in.end && stmt_kind_at(s, comma) != TK_COMMA;)
            comma = stmt_after(s, comma);
        struct operand o =
            operand_of(s, scope, (struct range){ from, comma < in.end ? comma : in.end });
        if (o.column.n)
            add_pred(s, &o, op, in_or);
    }
    return true;
}

static void compare_term(struct parser *s, struct range r, const struct compare *c,
                         const struct scope *scope, bool in_or, bool negated)
{
    struct range left_range = { r.at, c->at }, right_range = { c->end, r.end };
    enum stmt_op op = compare_kind(s, c, right_range);
    op = negated ? negate(op) : op;
    if (row_value(s, left_range, op, scope, in_or)) {
        stmt_scan(s, right_range, scope);
        return;
    }
    struct operand left = operand_of(s, scope, left_range), right = { .kind = OPERAND_VALUE };
    if (!c->in && !c->null)
        right = operand_of(s, scope, right_range);
    if (c->in || is_any(s, right_range))
        right.kind = OPERAND_VALUE;
    if (stmt_op(s, c->at, "@@") && left.kind == OPERAND_FUNCTION)
        left.kind = OPERAND_COLUMN; /* full text: indexes are made for just this */
    bool equal = c->op == SOP_EQ && !c->negated && !negated && !c->null;
    if (equal && left.kind == OPERAND_COLUMN && right.kind == OPERAND_COLUMN) {
        struct stmt_join j = { left.table, left.column, right.table, right.column };
        STMT_PUSH(s, joins, j);
    } else if (left.kind == OPERAND_COLUMN || left.kind == OPERAND_FUNCTION) {
        bool values = right.kind == OPERAND_VALUE || right.kind == OPERAND_QUERY;
        add_pred(s, &left, values ? op : SOP_OTHER, in_or);
        if (right.kind == OPERAND_COLUMN || right.kind == OPERAND_FUNCTION)
            add_pred(s, &right, SOP_OTHER, in_or);
    } else if (right.kind == OPERAND_COLUMN || right.kind == OPERAND_FUNCTION) {
        add_pred(s, &right, op, in_or); /* ? = column */
    } else if (left.kind != OPERAND_VALUE || right.kind != OPERAND_VALUE) {
        s->out->unknown_parts |= left.kind == OPERAND_OTHER || right.kind == OPERAND_OTHER;
    }
    stmt_scan(s, left_range, scope);
    stmt_scan(s, right_range, scope);
}

static void term(struct parser *s, struct range r, const struct scope *scope, bool in_or,
                 bool negated)
{
    struct compare c;
    while (r.at < r.end && stmt_word(s, r.at, "not")) {
        negated = !negated;
        r.at++;
    }
    if (r.at >= r.end)
        return;
    if (stmt_word(s, r.at, "exists")) {
        stmt_scan(s, r, scope);
        return;
    }
    if (is_wrapped(s, r) && !stmt_begins_select(s, r.at + 1)) {
        stmt_condition(s, unwrap(s, r), scope, in_or, negated);
        return;
    }
    if (find_compare(s, r, &c)) {
        compare_term(s, r, &c, scope, in_or, negated);
        return;
    }
    struct operand o = operand_of(s, scope, r);
    if (o.kind == OPERAND_COLUMN)
        add_pred(s, &o, negated ? SOP_NE : SOP_EQ, in_or); /* where active */
    else if (o.kind == OPERAND_FUNCTION)
        add_match(s, &o, in_or);
    else
        s->out->unknown_parts |= o.kind == OPERAND_OTHER;
    stmt_scan(s, r, scope);
}

/* The next AND or OR at this level; the AND of BETWEEN and what CASE holds do not count. */
static uint32_t next_cut(const struct parser *s, uint32_t i, uint32_t end, const char *word)
{
    unsigned cases = 0;
    bool between = false;
    for (; i < end; i = stmt_after(s, i)) {
        if (stmt_word(s, i, "case"))
            cases++;
        else if (stmt_word(s, i, "end") && cases)
            cases--;
        else if (stmt_word(s, i, "between"))
            between = true;
        else if (between && stmt_word(s, i, "and"))
            between = false;
        else if (!cases && stmt_word(s, i, word))
            return i;
    }
    return end;
}

void stmt_condition(struct parser *s, struct range r, const struct scope *scope, bool in_or,
                    bool negated)
{
    if (++s->depth > STMT_NEST) {
        s->out->unknown_parts = true;
        s->depth--;
        return;
    }
    r = unwrap(s, r);
    /* not (a and b) is an OR */
    in_or |= next_cut(s, r.at, r.end, negated ? "and" : "or") < r.end;
    for (uint32_t from = r.at; from < r.end;) {
        uint32_t cut = next_cut(s, from, r.end, "or");
        for (uint32_t at = from; at < cut;) {
            uint32_t and = next_cut(s, at, cut, "and");
            term(s, (struct range){ at, and}, scope, in_or, negated);
            at = and+1;
        }
        from = cut + 1;
    }
    s->depth--;
}

void stmt_scan(struct parser *s, struct range r, const struct scope *scope)
{
    if (s->depth > STMT_NEST) {
        s->out->unknown_parts = true;
        return;
    }
    s->depth++;
    for (uint32_t i = r.at; i < r.end; i = stmt_after(s, i)) {
        if (stmt_kind_at(s, i) != TK_OPEN)
            continue;
        struct range in = inside(s, i);
        in.end = in.end < r.end ? in.end : r.end;
        if (stmt_begins_select(s, in.at))
            stmt_select(s, in, scope, false);
        else
            stmt_scan(s, in, scope);
    }
    s->depth--;
}
