#include "prove/mark.h"

#include <ctype.h>
#include <string.h>

enum { CANDIDATES_MAX = 20000, INSERTS_MAX = 20000, MARK_ARENA = 256 << 20 };

enum place_kind { PLACE_STATEMENT, PLACE_VALUE, PLACE_BODY /* first thing in a block */, PLACE_FILE, PLACE_IMPLIED };
struct candidate {
    uint32_t off, end;      /* of the statement or expression */
    uint32_t from, to;      /* lines that it owns, unless something inside owns them */
    uint8_t kind;
    uint32_t statement;     /* candidate + 1 whose branch it is; 0: none */
    const char *part;
    bool braces;            /* the body of an if without braces: it needs some */
    uint32_t mark;          /* + 1, once chosen */
};
struct insert {
    uint32_t off, seq;
    bool closes;
    const char *text;
};
struct marker {
    const struct facts *f;
    struct str text;
    struct arena *a;
    struct candidate *c;
    uint32_t nc;
    struct insert *ins;
    uint32_t nins;
    bool blade, full;
    const char *path;
};

static uint32_t add(struct marker *m, const struct candidate *c)
{
    if (m->nc == CANDIDATES_MAX) {
        m->full = true;
        return 0;
    }
    m->c[m->nc] = *c;
    return ++m->nc; /* + 1 */
}

static const struct node *node_of(const struct marker *m, uint32_t i)
{
    return facts_node(m->f, i);
}

static uint32_t line_of(const struct marker *m, uint32_t off)
{
    return facts_line(m->f, off);
}

static uint32_t last_line(const struct marker *m, uint32_t end)
{
    return facts_line(m->f, end ? end - 1 : 0);
}

static bool is_statement(uint8_t kind)
{
    switch (kind) {
    case S_EXPR: case S_ECHO: case S_RETURN: case S_IF: case S_FOREACH: case S_FOR: case S_WHILE: case S_DO:
    case S_SWITCH: case S_BREAK: case S_CONTINUE: case S_TRY: case S_UNSET:
        return true;
    default:
        return false;
    }
}

static char before(const struct marker *m, uint32_t off)
{
    while (off && isspace((unsigned char)m->text.p[off - 1]))
        off--;
    return off ? m->text.p[off - 1] : 0;
}

static void walk(struct marker *m, uint32_t i, uint32_t parent, uint32_t statement);

static void walk_children(struct marker *m, uint32_t i, uint32_t statement)
{
    for (uint32_t c = node_first(m->f, i); c; c = node_next(m->f, i, c))
        walk(m, c, i, statement);
}

/* Where a statement's own lines end: before its first block. */
static uint32_t header_end(const struct marker *m, uint32_t i)
{
    for (uint32_t c = node_first(m->f, i); c; c = node_next(m->f, i, c))
        if (node_of(m, c)->kind == S_BLOCK || node_of(m, c)->kind == S_CASE) {
            uint32_t off = node_of(m, c)->off;
            return off > node_of(m, i)->off ? off : node_of(m, i)->end;
        }
    return node_of(m, i)->end;
}

/* The branch that a block is: marked at its first statement. */
static void add_body(struct marker *m, uint32_t block, uint32_t statement, const char *part)
{
    const struct node *b = node_of(m, block);
    uint32_t first = node_first(m->f, block);
    struct candidate c = { .kind = PLACE_BODY, .statement = statement, .part = part, .from = 1, .to = 0 };
    if (m->blade || !statement)
        return;
    if (b->off < m->text.n && m->text.p[b->off] == '{') {
        c.off = c.end = b->off + 1;
    } else if (first && is_statement(node_of(m, first)->kind)) {
        c.off = node_of(m, first)->off;
        c.end = node_of(m, first)->end;
        c.braces = before(m, c.off) != ':';
        if (c.braces && node_next(m->f, block, first))
            return; /* several without braces and without a colon: not a form that is known */
    } else {
        return;
    }
    add(m, &c);
}

/* What writes through its value or has none to pass on cannot be wrapped. */
static bool can_be_value(const struct marker *m, uint32_t i)
{
    uint8_t k = node_of(m, i)->kind;
    return k != N_NULL && k != N_ERROR && k != E_YIELD && k != E_BLADE && k != E_EXIT && k != E_THROW && node_of(m, i)->end > node_of(m, i)->off;
}

static void add_value(struct marker *m, uint32_t i, uint32_t statement, const char *part)
{
    const struct node *n = node_of(m, i);
    if (m->blade || !can_be_value(m, i))
        return;
    add(m, &(struct candidate){ .off = n->off, .end = n->end, .kind = PLACE_VALUE, .statement = statement, .part = part, .from = 1, .to = 0 });
}

static void branches_of(struct marker *m, uint32_t i, uint32_t statement)
{
    const struct node *n = node_of(m, i);
    uint32_t second = node_child(m->f, i, 1), third = node_child(m->f, i, 2);
    switch (n->kind) {
    case S_IF:
        if (second && node_of(m, second)->kind == S_BLOCK)
            add_body(m, second, statement, "then");
        if (third && node_of(m, third)->kind == S_BLOCK)
            add_body(m, third, statement, "else");
        else if (third && node_of(m, third)->kind == N_NULL && !m->blade)
            add(m, &(struct candidate){ .kind = PLACE_IMPLIED, .statement = statement, .part = "else", .from = 1, .to = 0 });
        break;
    case S_FOREACH:
    case S_FOR:
    case S_WHILE: {
        uint32_t body = node_last(m->f, i);
        if (body && node_of(m, body)->kind == S_BLOCK)
            add_body(m, body, statement, "loop body");
        break;
    }
    case E_TERNARY:
        if (second)
            add_value(m, second, statement, "then");
        if (third)
            add_value(m, third, statement, "else");
        break;
    case E_BIN:
        if (n->op == OP_COALESCE && second)
            add_value(m, second, statement, "default");
        break;
    case E_ARM:
        add_value(m, node_last(m->f, i), statement, "arm");
        break;
    default:
        break;
    }
}

/* ---- PHP ---- */

static void walk(struct marker *m, uint32_t i, uint32_t parent, uint32_t statement)
{
    const struct node *n = node_of(m, i);
    uint8_t in = node_of(m, parent)->kind;
    bool in_code = !m->blade && is_statement(n->kind) && (in == S_BLOCK || in == S_CASE || in == N_FILE || in == N_NAMESPACE);
    if (in_code && in == S_BLOCK && m->text.p[node_of(m, parent)->off] != '{' && before(m, n->off) != ':' &&
        before(m, n->off) != ';' && before(m, n->off) != '}')
        in_code = false; /* the only statement of a block without braces: its branch mark stands for it */
    if (in_code) {
        uint32_t end = header_end(m, i);
        statement = add(m, &(struct candidate){ .off = n->off, .end = n->end, .from = line_of(m, n->off), .to = last_line(m, end), .kind = PLACE_STATEMENT });
    } else if (n->kind == E_ARROW && !m->blade) {
        uint32_t body = node_last(m->f, i);
        if (body && can_be_value(m, body) && !(n->flags & F_BYREF)) {
            const struct node *b = node_of(m, body);
            statement = add(m, &(struct candidate){ .off = b->off, .end = b->end, .from = line_of(m, b->off), .to = last_line(m, b->end), .kind = PLACE_VALUE });
        }
    } else if (n->kind == N_CLASS && in == N_FILE) {
        add(m, &(struct candidate){ .off = n->off, .end = n->off, .from = 1, .to = 0, .kind = PLACE_FILE });
    }
    branches_of(m, i, statement);
    bool new_scope = n->kind == N_METHOD || n->kind == N_FUNCTION || n->kind == N_CLASS;
    walk_children(m, i, new_scope ? 0 : statement);
}

/* ---- Blade: expressions that are text of the template itself ---- */

static void blade_value(struct marker *m, uint32_t i)
{
    const struct node *n = i ? node_of(m, i) : NULL;
    if (!n || !can_be_value(m, i) || n->end > m->text.n || memchr(m->text.p + n->off, '"', n->end - n->off))
        return; /* a double quote could end the attribute that it stands in */
    add(m, &(struct candidate){ .off = n->off, .end = n->end, .from = line_of(m, n->off), .to = last_line(m, n->end), .kind = PLACE_VALUE });
}

static void walk_blade(struct marker *m, uint32_t i)
{
    const struct node *n = node_of(m, i);
    switch (n->kind) {
    case S_ECHO:
    case S_IF:
    case S_FOREACH:
    case S_WHILE:
        blade_value(m, node_first(m->f, i));
        break;
    case E_BLADE:
        if (n->op == B_INCLUDE || n->op == B_EACH) {
            uint32_t arg = node_find(m->f, i, E_ARG);
            blade_value(m, arg ? node_first(m->f, arg) : 0);
        }
        break;
    default:
        break;
    }
    for (uint32_t c = node_first(m->f, i); c; c = node_next(m->f, i, c))
        walk_blade(m, c);
}

/* ---- choosing ---- */

static bool is_edited(const struct lines *edited, size_t n, uint32_t line)
{
    for (size_t i = 0; i < n; i++)
        if (line >= edited[i].from && line <= edited[i].to)
            return true;
    return false;
}

/* Does this line say anything that runs or declares? */
static bool is_code(const struct marker *m, uint32_t line, bool *ret_comment)
{
    struct str rest = m->text, text = { "", 0 };
    for (uint32_t i = 0; i < line && str_next(&rest, '\n', &text); i++)
        ;
    text = str_trim(text);
    if (*ret_comment || str_starts(text, "/*")) {
        *ret_comment = !str_contains(text, "*/");
        return false;
    }
    if (!text.n || str_starts(text, "//") || (str_starts(text, "#") && !str_starts(text, "#[")) || str_starts(text, "{{--"))
        return false;
    for (uint32_t i = 0; i < text.n; i++)
        if (!strchr("{}()[];, ", text.p[i]))
            return !str_starts(text, "<?php") && !str_starts(text, "use ") && !str_starts(text, "namespace ") && !str_starts(text, "@end");
    return false;
}

static uint32_t nearest(const struct marker *m, uint32_t line)
{
    uint32_t best = 0, distance = UINT32_MAX;
    for (uint32_t i = 0; i < m->nc; i++) {
        const struct candidate *c = &m->c[i];
        bool fits = m->blade ? c->kind == PLACE_VALUE && !c->statement : c->kind == PLACE_FILE;
        uint32_t d = c->from > line ? (c->from - line) * 2 : line - c->from;
        if (fits && d < distance) {
            best = i + 1;
            distance = d;
        }
    }
    return best;
}

static int choose_one(struct candidate *c, uint32_t line, const char *path, struct marking *g, struct err *err)
{
    if (!c->mark) {
        if (*g->n == MARKS_MAX)
            return err_set(err, RC_LIMIT, "compare smaller changes", "more than %d edited statements", MARKS_MAX);
        g->marks[*g->n] = (struct mark){ .file = path, .from = line, .to = line, .edited = true };
        c->mark = ++*g->n;
    }
    g->marks[c->mark - 1].to = line;
    return RC_OK;
}

/* A change that consists of closing brackets alone (a line put in after one) belongs to the statement that they close. */
static int closing_lines(struct marker *m, const struct lines *edited, size_t nedited, const uint32_t *owner, struct marking *g,
                         struct err *err)
{
    for (size_t i = 0; i < nedited; i++) {
        uint32_t last = edited[i].to < g->nlines ? edited[i].to : g->nlines, closes = 0;
        bool marked = false;
        for (uint32_t l = edited[i].from; l <= last && l; l++) {
            marked |= g->line_mark[l] != 0;
            closes = owner[l] ? l : closes;
        }
        if (marked || !closes)
            continue;
        struct candidate *c = &m->c[owner[closes] - 1];
        int rc = choose_one(c, closes, m->path, g, err);
        if (rc)
            return rc;
        g->line_mark[closes] = c->mark;
    }
    return RC_OK;
}

/* The innermost owner of each edited line, and whatever else begins on it. */
static int choose(struct marker *m, const struct lines *edited, size_t nedited, struct marking *g, struct err *err)
{
    uint32_t *owner = arena_new_array(m->a, uint32_t, g->nlines + 2);
    if (!owner)
        return err_set(err, RC_NOMEM, NULL, "no memory for marks");
    for (uint32_t i = 0; i < m->nc; i++)
        for (uint32_t l = m->c[i].from; l <= m->c[i].to && l <= g->nlines; l++)
            owner[l] = i + 1; /* later ones lie inside earlier ones */
    bool comment = false;
    for (uint32_t l = 1; l <= g->nlines; l++) {
        bool code = is_code(m, l, &comment);
        if (!code || !is_edited(edited, nedited, l))
            continue;
        uint32_t o = owner[l] ? owner[l] : nearest(m, l);
        if (!o)
            continue;
        int rc = RC_OK;
        for (uint32_t i = 0; i < m->nc && !rc; i++)
            if (m->c[i].from == l && m->c[i].to >= l)
                rc = choose_one(&m->c[i], l, m->path, g, err);
        rc = rc ? rc : choose_one(&m->c[o - 1], l, m->path, g, err);
        if (rc)
            return rc;
        g->line_mark[l] = m->c[o - 1].mark;
    }
    int rc = closing_lines(m, edited, nedited, owner, g, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < m->nc; i++) { /* branches of what was chosen */
        struct candidate *c = &m->c[i];
        const struct candidate *s = c->statement ? &m->c[c->statement - 1] : NULL;
        if (!s || !s->mark || c->mark || *g->n == MARKS_MAX)
            continue;
        uint32_t line = c->kind == PLACE_IMPLIED ? g->marks[s->mark - 1].from : line_of(m, c->off);
        struct mark *k = &g->marks[*g->n];
        *k = (struct mark){ .file = m->path, .from = line, .to = line, .part = c->part, .of = s->mark, .implied = c->kind == PLACE_IMPLIED };
        c->mark = ++*g->n;
        if (k->implied)
            for (uint32_t j = 0; j < i; j++)
                if (m->c[j].statement == c->statement && m->c[j].kind == PLACE_BODY && m->c[j].mark)
                    k->of_other = m->c[j].mark;
    }
    return RC_OK;
}

/* ---- writing ---- */

static void put(struct marker *m, uint32_t off, bool closes, const char *text)
{
    if (m->nins == INSERTS_MAX || !text) {
        m->full = true;
        return;
    }
    m->ins[m->nins] = (struct insert){ off, m->nins, closes, text };
    m->nins++;
}

static int by_offset(const void *x, const void *y)
{
    const struct insert *a = x, *b = y;
    if (a->off != b->off)
        return a->off < b->off ? -1 : 1;
    if (a->closes != b->closes)
        return a->closes ? -1 : 1;
    int order = a->seq < b->seq ? -1 : 1; /* outer ones come first; they close last */
    return a->closes ? -order : order;
}

static void write_marks(struct marker *m, struct buf *out)
{
    for (uint32_t i = 0; i < m->nc; i++) {
        const struct candidate *c = &m->c[i];
        if (!c->mark || c->kind == PLACE_IMPLIED)
            continue;
        unsigned number = c->mark - 1;
        if (c->kind == PLACE_VALUE) {
            put(m, c->off, false, arena_printf(m->a, "\\Fettle\\Ran::of(%u, ", number));
            put(m, c->end, true, ")");
        } else {
            put(m, c->off, false, arena_printf(m->a, "%s\\Fettle\\Ran::at(%u); ", c->braces ? "{ " : "", number));
            if (c->braces)
                put(m, c->end, true, " }");
        }
    }
    qsort(m->ins, m->nins, sizeof *m->ins, by_offset);
    uint32_t at = 0;
    for (uint32_t i = 0; i < m->nins; i++) {
        buf_add(out, m->text.p + at, m->ins[i].off - at);
        buf_adds(out, m->ins[i].text);
        at = m->ins[i].off;
    }
    buf_add(out, m->text.p + at, m->text.n - at);
}

static uint32_t holes_of(const char *path, struct str text)
{
    struct facts *f = NULL;
    struct err ignored;
    auto_arena *scratch = arena_new(MARK_ARENA);
    uint32_t n = !scratch || facts_build(str_c(path), text, scratch, &f, &ignored) ? UINT32_MAX : f->nholes;
    facts_free(f);
    return n;
}

int mark_file(const char *path, struct str text, const struct lines *edited, size_t nedited, struct arena *arena,
              struct marking *g, struct buf *out, struct err *err)
{
    struct facts *f = NULL;
    auto_arena *scratch = arena_new(MARK_ARENA), *own = arena_new(MARK_ARENA);
    int rc = scratch && own ? facts_build(str_c(path), text, scratch, &f, err) : err_set(err, RC_NOMEM, NULL, "no memory for marks");
    if (rc)
        return rc;
    uint32_t before_n = *g->n;
    struct marker m = { .f = f, .text = text, .a = own, .blade = f->lang == LANG_BLADE, .path = path,
                        .c = arena_new_array(own, struct candidate, CANDIDATES_MAX), .ins = arena_new_array(own, struct insert, INSERTS_MAX) };
    g->nlines = f->nlines;
    g->line_mark = arena_new_array(arena, uint32_t, f->nlines + 2);
    if (!m.c || !m.ins || !g->line_mark) {
        facts_free(f);
        return err_set(err, RC_NOMEM, NULL, "no memory for marks");
    }
    if (m.blade)
        walk_blade(&m, 0);
    else
        walk_children(&m, 0, 0);
    rc = m.full ? err_set(err, RC_LIMIT, NULL, "%s is too long to be marked", path) : choose(&m, edited, nedited, g, err);
    auto_buf marked = BUF_INIT(LIMIT_FILE_BYTES * 4);
    if (!rc)
        write_marks(&m, &marked);
    bool worse = !rc && (m.full || marked.failed || holes_of(path, (struct str){ marked.p ? marked.p : "", (uint32_t)marked.n }) > f->nholes);
    facts_free(f);
    if (!rc && (worse || *g->n == before_n)) {
        *g->n = before_n;
        return err_set(err, RC_UNSUPPORTED, NULL, "no mark can stand in %s", path);
    }
    if (!rc)
        buf_add(out, marked.p, marked.n);
    return rc;
}

/* ---- which lines differ: the longest common subsequence of what lies between common ends ---- */

enum { LCS_MAX = 3000 };

struct split {
    struct str *p;
    uint32_t n;
};

static bool split_lines(struct str text, struct arena *a, struct split *ret)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    ret->p = arena_new_array(a, struct str, n + 1);
    ret->n = 0;
    struct str rest = text;
    while (ret->p && ret->n < n && str_next(&rest, '\n', &ret->p[ret->n]))
        ret->n++;
    return ret->p != NULL;
}

static void add_range(struct lines *ra, struct lines *rb, size_t *n, uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1)
{
    ra[*n] = (struct lines){ a0 + 1, a1 };
    rb[*n] = (struct lines){ b0 + 1, b1 };
    if (a0 == a1 && a0 > 0)
        ra[*n] = (struct lines){ a0, a0 };
    if (b0 == b1 && b0 > 0)
        rb[*n] = (struct lines){ b0, b0 };
    ++*n;
}

int lines_diff(struct str ta, struct str tb, struct arena *arena, struct lines **ret_a, struct lines **ret_b, size_t *ret_n, struct err *err)
{
    struct split a, b;
    auto_arena *own = arena_new(MARK_ARENA);
    if (!own || !split_lines(ta, own, &a) || !split_lines(tb, own, &b))
        return err_set(err, RC_NOMEM, NULL, "no memory to compare lines");
    uint32_t head = 0, tail = 0;
    while (head < a.n && head < b.n && str_eq(a.p[head], b.p[head]))
        head++;
    while (tail < a.n - head && tail < b.n - head && str_eq(a.p[a.n - 1 - tail], b.p[b.n - 1 - tail]))
        tail++;
    uint32_t na = a.n - head - tail, nb = b.n - head - tail;
    size_t room = (size_t)(na < nb ? na : nb) + 2;
    struct lines *ra = arena_new_array(arena, struct lines, room), *rb = arena_new_array(arena, struct lines, room);
    size_t n = 0;
    uint16_t *t = na <= LCS_MAX && nb <= LCS_MAX ? arena_new_array(own, uint16_t, (size_t)(na + 1) * (nb + 1)) : NULL;
    if (!ra || !rb)
        return err_set(err, RC_NOMEM, NULL, "no memory to compare lines");
    if (!t) {
        if (na || nb)
            add_range(ra, rb, &n, head, head + na, head, head + nb);
    } else {
        for (uint32_t i = na; i-- > 0;)
            for (uint32_t j = nb; j-- > 0;) {
                uint16_t down = t[(size_t)(i + 1) * (nb + 1) + j], across = t[(size_t)i * (nb + 1) + j + 1];
                t[(size_t)i * (nb + 1) + j] = str_eq(a.p[head + i], b.p[head + j]) ? (uint16_t)(t[(size_t)(i + 1) * (nb + 1) + j + 1] + 1)
                                                                                 : down > across ? down : across;
            }
        for (uint32_t i = 0, j = 0; i < na || j < nb;) {
            uint32_t i0 = i, j0 = j;
            while ((i < na || j < nb) && !(i < na && j < nb && str_eq(a.p[head + i], b.p[head + j]))) {
                bool skip_a = j == nb || (i < na && t[(size_t)(i + 1) * (nb + 1) + j] >= t[(size_t)i * (nb + 1) + j + 1]);
                i += skip_a;
                j += !skip_a;
            }
            if (i != i0 || j != j0)
                add_range(ra, rb, &n, head + i0, head + i, head + j0, head + j);
            for (; i < na && j < nb && str_eq(a.p[head + i], b.p[head + j]); i++, j++)
                ;
        }
    }
    *ret_a = ra;
    *ret_b = rb;
    *ret_n = n;
    return RC_OK;
}
