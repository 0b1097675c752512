/* Reading facts: children, strings, lines, names; what a doc comment says. */
#include "php/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

uint32_t node_child(const struct facts *f, uint32_t i, unsigned nth)
{
    uint32_t c = node_first(f, i);
    while (c && nth--)
        c = node_next(f, i, c);
    return c;
}

uint32_t node_last(const struct facts *f, uint32_t i)
{
    uint32_t last = 0;
    for (uint32_t c = node_first(f, i); c; c = node_next(f, i, c))
        last = c;
    return last;
}

uint32_t node_find(const struct facts *f, uint32_t i, enum node_kind kind)
{
    for (uint32_t c = node_first(f, i); c; c = node_next(f, i, c))
        if (facts_node(f, c)->kind == kind)
            return c;
    return 0;
}

struct str facts_str(const struct facts *f, uint32_t s)
{
    if (!s || s > f->nstrs)
        return (struct str){ "", 0 };
    const uint32_t *index = (const uint32_t *)((const char *)f + f->strs_at) + 2 * (size_t)(s - 1);
    return (struct str){ (const char *)f + index[0], index[1] };
}

/* Index of the line that holds byte `off`. */
static uint32_t line_index(const struct facts *f, uint32_t off)
{
    const uint32_t *lines = (const uint32_t *)((const char *)f + f->lines_at);
    uint32_t lo = 0, hi = f->nlines;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (lines[mid] <= off)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

uint32_t facts_line(const struct facts *f, uint32_t off)
{
    return line_index(f, off) + 1;
}

uint32_t facts_col(const struct facts *f, uint32_t off)
{
    const uint32_t *lines = (const uint32_t *)((const char *)f + f->lines_at);
    return off - lines[line_index(f, off)] + 1;
}

uint32_t node_name_line(const struct facts *f, uint32_t i)
{
    const struct node *n = facts_node(f, i);
    uint32_t base = node_first(f, i);
    bool chained =
        n->kind == E_MCALL || n->kind == E_PROP || n->kind == E_SCALL || n->kind == E_SPROP;
    if (!chained || !base)
        return facts_line(f, n->off);
    uint32_t end = facts_node(f, base)->end;
    return facts_line(f, end ? end - 1 : 0) + n->op;
}

const struct hole *facts_holes(const struct facts *f)
{
    return (const struct hole *)((const char *)f + f->holes_at);
}

const struct ignore *facts_ignores(const struct facts *f)
{
    return (const struct ignore *)((const char *)f + f->ignores_at);
}

void facts_free(struct facts *f)
{
    free(f);
}

/* --- names --- */

bool name_is_builtin(struct str s)
{
    static const char *const words[] = {
        "int",   "float", "string",   "bool",  "array", "object", "mixed",  "void",     "null",
        "never", "self",  "callable", "false", "true",  "static", "parent", "iterable",
    };
    if (s.n > 8)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(s, str_c(words[i])))
            return true;
    return false;
}

static struct str join_names(struct str a, struct str b, struct arena *arena)
{
    if (!a.n)
        return b;
    if (!b.n)
        return a;
    char *p = arena_alloc(arena, a.n + b.n + 1);
    if (!p)
        return (struct str){ "", 0 };
    memcpy(p, a.p, a.n);
    p[a.n] = '\\';
    memcpy(p + a.n + 1, b.p, b.n);
    return (struct str){ p, a.n + b.n + 1 };
}

struct str name_resolve(struct str ns, struct str name, struct str imported, struct arena *arena)
{
    if (name.n && name.p[0] == '\\')
        return str_sub(name, 1, name.n);
    if (name.n > 10 && strncasecmp(name.p, "namespace\\", 10) == 0)
        return join_names(ns, str_sub(name, 10, name.n), arena);
    const char *cut = name.n ? memchr(name.p, '\\', name.n) : NULL;
    if (imported.n)
        return cut ? join_names(imported, str_sub(name, (uint32_t)(cut - name.p) + 1, name.n),
                                arena)
                   : imported;
    return join_names(ns, name, arena);
}

struct str name_head(struct str name)
{
    const char *cut = name.n ? memchr(name.p, '\\', name.n) : NULL;
    return cut ? str_sub(name, 0, (uint32_t)(cut - name.p)) : name;
}

struct scope {
    struct str ns, imported, head;
    uint32_t off;
};

/* Reads `namespace` and `use` among the children of `parent` up to the offset; goes into the braced
 * namespace that holds it. */
static void read_scope(const struct facts *f, uint32_t parent, struct scope *s)
{
    for (uint32_t c = node_first(f, parent); c; c = node_next(f, parent, c)) {
        const struct node *n = facts_node(f, c);
        if (n->off > s->off)
            return;
        if (n->kind == N_NAMESPACE) {
            s->ns = facts_str(f, n->s);
            s->imported = (struct str){ "", 0 };
            if (node_first(f, c) && s->off < n->end) {
                read_scope(f, c, s);
                return;
            }
        } else if (n->kind == N_USE && n->op == 0) {
            struct str alias = facts_str(f, facts_node(f, node_first(f, c))->s);
            if (str_ieq(alias, s->head))
                s->imported = facts_str(f, n->s);
        }
    }
}

struct str facts_resolve(const struct facts *f, uint32_t off, struct str name, struct arena *a)
{
    if (name_is_builtin(name))
        return name;
    struct scope s = { .off = off, .head = name_head(name) };
    read_scope(f, 0, &s);
    return name_resolve(s.ns, name, s.imported, a);
}

/* --- doc comments --- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* Cuts one type off the front of *rest: brackets balance, and blanks around | and & belong to it.
 */
static struct str cut_type(struct str *rest)
{
    uint32_t i = 0, depth = 0;
    const char *p = rest->p;
    for (; i < rest->n; i++) {
        char c = p[i];
        if (strchr("<({[", c))
            depth++;
        else if (strchr(">)}]", c))
            depth -= depth > 0;
        else if (c == '\n' || (!depth && isspace((unsigned char)c)))
            break;
    }
    struct str type = { p, i };
    *rest = str_sub(*rest, i, rest->n);
    return type;
}

static struct str skip_blanks(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = str_sub(s, 1, s.n);
    return s;
}

static bool names_param(struct str rest, struct str param)
{
    rest = skip_blanks(rest);
    while (rest.n && strchr("&.", rest.p[0]))
        rest = str_sub(rest, 1, rest.n);
    if (rest.n && rest.p[0] == '$')
        rest = str_sub(rest, 1, rest.n);
    return rest.n >= param.n && memcmp(rest.p, param.p, param.n) == 0 &&
           (rest.n == param.n || !is_word(rest.p[param.n]));
}

struct str doc_type(struct str doc, const char *tag, struct str param)
{
    size_t n = strlen(tag);
    if (param.n && param.p[0] == '$')
        param = str_sub(param, 1, param.n);
    for (uint32_t i = 0; i + n + 1 < doc.n; i++) {
        if (doc.p[i] != '@' || memcmp(doc.p + i + 1, tag, n) != 0)
            continue;
        struct str rest = str_sub(doc, i + 1 + (uint32_t)n, doc.n);
        if (!rest.n || (rest.p[0] != ' ' && rest.p[0] != '\t'))
            continue;
        rest = skip_blanks(rest);
        struct str type = cut_type(&rest);
        if (type.n && type.p[0] == '$') /* @param $x without a type */
            continue;
        if (type.n > 2 && str_ends(type, "*/"))
            type.n -= 2;
        if (type.n && (!param.n || names_param(rest, param)))
            return type;
    }
    return (struct str){ "", 0 };
}
