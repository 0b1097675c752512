/* A relation that is there already, or that an attribute hides, in ways that rows do not show: the columns of a table that
 * name it, SQL or PHP that gives the rows an attribute of its name. */
#include "rules/doubt.h"

#include "rules/tree.h"

#include <ctype.h>

static struct str last_of(struct str path)
{
    for (uint32_t i = path.n; i-- > 0;)
        if (path.p[i] == '.')
            return str_sub(path, i + 1, path.n);
    return path;
}

/* TextColumn::make('owner.name') loads owner with the rows of the table. */
static bool column_loads(const struct facts *f, uint32_t call, struct str path)
{
    uint32_t cls = node_first(f, call), arg = node_find(f, call, E_ARG), value = arg ? node_first(f, arg) : 0;
    if (!str_is(call_name(f, call), "make") || facts_node(f, cls)->kind != E_NAME || !value ||
        facts_node(f, value)->kind != E_STR || !str_ends(facts_str(f, facts_node(f, cls)->s), "Column"))
        return false;
    struct str name = facts_str(f, facts_node(f, value)->s);
    return name.n > path.n && !memcmp(name.p, path.p, path.n) && name.p[path.n] == '.';
}

static bool loaded_by_column(const struct app *app, const struct flow *flow)
{
    const struct facts *f = facts_of(app, flow->loop);
    for (uint32_t i = 1; f && i < f->nnodes; i++)
        if (facts_node(f, i)->kind == E_SCALL && column_loads(f, i, str_c(flow->subject)))
            return true;
    return false;
}

/* "… genres.title AS genre, …" */
static bool selects_as(struct str sql, struct str name)
{
    for (uint32_t i = 0; i + 4 + name.n <= sql.n; i++) {
        const char *p = sql.p + i;
        bool word = isspace((unsigned char)p[0]) && tolower((unsigned char)p[1]) == 'a' && tolower((unsigned char)p[2]) == 's' &&
                    isspace((unsigned char)p[3]);
        if (!word)
            continue;
        uint32_t at = i + 4 + (sql.p[i + 4] == '`' || sql.p[i + 4] == '"');
        if (at + name.n > sql.n || memcmp(sql.p + at, name.p, name.n))
            continue;
        unsigned char next = at + name.n < sql.n ? (unsigned char)sql.p[at + name.n] : ' ';
        if (!isalnum(next) && next != '_')
            return true;
    }
    return false;
}

/* $room->owner = …; a select list with an alias of that name: the attribute wins over the relation. */
static bool becomes_attribute(const struct app *app, struct ref place, struct str name)
{
    const struct facts *f = facts_of(app, place);
    uint32_t around = f ? function_around(f, place.node) : 0;
    for (uint32_t i = around; around && i < facts_node(f, around)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind == E_STR && selects_as(facts_str(f, n->s), name))
            return true;
        uint32_t target = n->kind == E_ASSIGN ? node_first(f, i) : 0, base = target ? node_first(f, target) : 0;
        bool property = target && facts_node(f, target)->kind == E_PROP && facts_node(f, base)->kind == E_VAR;
        if (property && !str_is(facts_str(f, facts_node(f, base)->s), "this") &&
            str_eq(facts_str(f, facts_node(f, target)->s), name))
            return true;
    }
    return false;
}

bool is_there_already(const struct app *app, const struct flow *flow)
{
    struct str name = last_of(str_c(flow->subject));
    return flow->kind == FLOW_LAZY && (loaded_by_column(app, flow) || becomes_attribute(app, flow->chain, name));
}
