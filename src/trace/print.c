/* The tree that `fettle trace` prints. Siblings of one kind, name and place are one line, `120 ×`
 * with their sum, and what they hold is folded in the same way, so a page with an N+1 stays a page
 * long. */
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 40,
    NAME_COLUMNS = 64,
    SHAPE_BYTES = 2048,
    SMALL_SHARE =
        100, /* a middleware's own time, an event or a prepare below 1 % of the trace is left out */
};

struct printer {
    const struct trace *t;
    const char *root;
    size_t nroot;
    bool colour;
    struct buf *out;
    uint32_t *first, *next; /* children of each span, in order; [0]: of the request */
    uint32_t left_out;
    uint64_t left_out_ns;
    bool nomem;
};

struct line { /* what is printed as one: the spans with one key among siblings */
    uint64_t key;
    struct members VEC(uint32_t) spans;
};
struct lines VEC(struct line);

static uint64_t key_of(const struct span *s)
{
    char shape[SHAPE_BYTES];
    uint64_t h = s->kind == FW_SQL
                     ? sql_fingerprint(str_c(s->name), DIALECT_UNKNOWN, shape, sizeof shape)
                     : str_hash(str_c(s->name));
    h = hash_mix(h, hash_mix(s->kind, s->line));
    h = hash_mix(h, str_hash(str_c(s->file)));
    return s->kind == FW_CACHE || s->kind == FW_LIVEWIRE_PHASE ? hash_mix(h, s->a) : h;
}

static void paint(struct printer *p, const char *code)
{
    if (p->colour)
        buf_adds(p->out, code);
}

static const char *colour_of(unsigned kind)
{
    switch (kind) {
    case FW_SQL:
    case FW_SQL_PREPARE:
    case FW_SQL_CONNECT:
    case FW_TX:
        return "\033[36m";
    case FW_LAZY:
        return "\033[33m";
    case FW_VIEW:
    case FW_LIVEWIRE_PHASE:
        return "\033[35m";
    case FW_HTTP_CALL:
    case FW_AI:
        return "\033[31m";
    case FW_CACHE:
    case FW_REDIS:
        return "\033[32m";
    default:
        return "\033[34m";
    }
}

/* One line of text, control characters out, cut between characters. */
static void put_name(struct printer *p, const char *s, unsigned columns)
{
    bool blank = false;
    for (unsigned n = 0; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c <= ' ' || c == 0x7f) {
            blank = n > 0;
            continue;
        }
        bool starts = (c & 0xc0) != 0x80;
        if (starts && n + blank >= columns) {
            buf_adds(p->out, "…");
            return;
        }
        if (blank)
            buf_addc(p->out, ' ');
        n += starts + blank;
        blank = false;
        buf_addc(p->out, (char)c);
    }
}

static void put_place(struct printer *p, const struct span *s)
{
    const char *file = s->file;
    if (!file)
        return;
    if (p->nroot && strncmp(file, p->root, p->nroot) == 0 && file[p->nroot] == '/')
        file += p->nroot + 1;
    paint(p, "\033[2m");
    buf_adds(p->out, "  ");
    put_name(p, file, 200);
    buf_addf(p->out, ":%u", s->line);
    paint(p, "\033[0m");
}

static const char *phase_name(uint32_t a)
{
    static const char *const names[] = { "",     "mount",  "hydrate",  "update",
                                         "call", "render", "dehydrate" };
    return a < sizeof names / sizeof *names ? names[a] : "";
}

static const char *op_name(uint32_t a)
{
    static const char *const names[] = { "read", "hit", "miss", "put", "forget", "many" };
    return a < sizeof names / sizeof *names ? names[a] : "";
}

static void put_detail(struct printer *p, const struct span *s, uint64_t a, uint64_t b)
{
    switch (s->kind) {
    case FW_SQL:
        buf_addf(p->out, "  %llu row%s", (unsigned long long)a, a == 1 ? "" : "s");
        break;
    case FW_HYDRATE:
        buf_addf(p->out, "  %llu model%s", (unsigned long long)a, a == 1 ? "" : "s");
        break;
    case FW_HTTP_CALL:
        buf_addf(p->out, "  %u", s->a);
        break;
    case FW_CACHE:
        buf_addf(p->out, "  %s", op_name(s->a));
        break;
    case FW_TX:
        buf_adds(p->out, s->a == 1 ? "  committed" : s->a == 2 ? "  rolled back" : "");
        break;
    case FW_LIVEWIRE_PHASE:
        buf_addf(p->out, "  %s", phase_name(s->a));
        if (b)
            buf_addf(p->out, "  %llu bytes", (unsigned long long)b);
        break;
    default:
        break;
    }
    if (s->flags & FW_FAILED)
        buf_adds(p->out, "  failed");
    if (s->flags & FW_REFUSED)
        buf_adds(p->out, "  refused by the guard");
}

static void put_line(struct printer *p, const struct line *l, unsigned depth)
{
    const struct span *spans = p->t->spans, *s = &spans[l->spans.p[0]];
    uint64_t ns = 0, a = 0, b = 0;
    for (size_t i = 0; i < l->spans.n; i++) {
        ns += spans[l->spans.p[i]].dur_ns;
        a += spans[l->spans.p[i]].a;
        b += spans[l->spans.p[i]].b;
    }
    bool heavy = p->t->dur_ns && ns * 10 >= p->t->dur_ns;
    paint(p, heavy ? "\033[1m" : "");
    buf_addf(p->out, "%9.2f", (double)ns / 1e6);
    paint(p, heavy ? "\033[0m" : "");
    buf_addf(p->out, "  %*s", (int)(depth * 2), "");
    if (l->spans.n > 1) {
        paint(p, "\033[1m");
        buf_addf(p->out, "%zu × ", l->spans.n);
        paint(p, "\033[0m");
    }
    paint(p, colour_of(s->kind));
    buf_adds(p->out, span_kind_name(s->kind));
    paint(p, "\033[0m");
    buf_addc(p->out, ' ');
    put_name(p, s->name, NAME_COLUMNS);
    put_detail(p, s, a, b);
    put_place(p, s);
    buf_addc(p->out, '\n');
}

static bool add_to(struct lines *lines, struct map64 *seen, uint64_t key, uint32_t span)
{
    uint64_t at = lines->n;
    if (!map64_get(seen, key, &at) &&
        (!vec_push(lines, ((struct line){ .key = key })) || !map64_put(seen, key, at)))
        return false;
    return vec_push(&lines->p[at].spans, span);
}

static bool is_small(const struct printer *p, const struct span *s)
{
    bool bare = !p->first[s->index];
    bool passes_on =
        s->kind == FW_MIDDLEWARE || ((s->kind == FW_EVENT || s->kind == FW_SQL_PREPARE) && bare);
    return passes_on && s->self_ns * SMALL_SHARE < p->t->dur_ns && !(s->flags & FW_FAILED);
}

/* The children of one span; those of what is left out stand in its place. */
static bool gather_from(struct printer *p, uint32_t parent, struct lines *lines, struct map64 *seen,
                        unsigned depth)
{
    bool ok = true;
    for (uint32_t c = p->first[parent]; ok && c; c = p->next[c]) {
        const struct span *s = &p->t->spans[c - 1];
        if (is_small(p, s) && depth < LIMIT_DEPTH) {
            p->left_out++;
            p->left_out_ns += s->self_ns;
            ok = gather_from(p, c, lines, seen, depth + 1);
        } else {
            ok = add_to(lines, seen, key_of(s), c - 1);
        }
    }
    return ok;
}

/* The children of all these spans, folded. parents: numbers from 1, 0 is the request. */
static void gather(struct printer *p, const uint32_t *parents, size_t n, struct lines *lines)
{
    struct map64 *seen = map64_new();
    bool ok = seen;
    for (size_t i = 0; ok && i < n; i++)
        ok = gather_from(p, parents[i], lines, seen, 0);
    map64_free(seen);
    p->nomem |= !ok;
}

static void put_children(struct printer *p, const uint32_t *parents, size_t n, unsigned depth)
{
    struct lines lines = { 0 };
    bool any = false;
    for (size_t i = 0; i < n && !any; i++)
        any = p->first[parents[i]] != 0;
    if (!any)
        return;
    if (depth > DEPTH_MAX) {
        buf_addf(p->out, "%9s  %*s…\n", "", (int)(depth * 2), "");
        return;
    }
    gather(p, parents, n, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        struct line *l = &lines.p[i];
        if (!l->spans.n)
            continue;
        put_line(p, l, depth);
        for (size_t k = 0; k < l->spans.n; k++)
            l->spans.p[k]++; /* their numbers */
        put_children(p, l->spans.p, l->spans.n, depth + 1);
        vec_release(&l->spans);
    }
    vec_release(&lines);
}

static void put_head(struct printer *p)
{
    const struct trace *t = p->t;
    uint64_t statements = 0;
    for (uint32_t i = 0; i < t->nspans; i++)
        statements += t->spans[i].kind == FW_SQL;
    paint(p, "\033[1m");
    put_name(p, t->route && t->route[0] ? t->route : t->name, NAME_COLUMNS);
    paint(p, "\033[0m");
    if (t->action) {
        buf_adds(p->out, "  ");
        put_name(p, t->action, NAME_COLUMNS);
    }
    buf_addf(p->out, "\n%9.2f ms  cpu %.2f ms  %s %u  %llu statement%s", (double)t->dur_ns / 1e6,
             (double)t->cpu_ns / 1e6,
             t->type == FW_HTTP || t->type == FW_LIVEWIRE ? "status" : "exit", t->status,
             (unsigned long long)statements, statements == 1 ? "" : "s");
    if (t->hydrated)
        buf_addf(p->out, "  %u models", t->hydrated);
    if (t->lazy)
        buf_addf(p->out, "  %u lazy loads", t->lazy);
    buf_addf(p->out, "  peak %.1f MB\n", t->peak_kb / 1024.0);
}

static void put_lost(struct printer *p)
{
    const struct trace *t = p->t;
    if (p->left_out)
        buf_addf(p->out,
                 "%9.2f  in %u middleware, prepares and events, each below 1 %%: left out\n",
                 (double)p->left_out_ns / 1e6, p->left_out);
    for (uint32_t i = 0; i < t->nsums; i++)
        buf_addf(p->out, "%9.2f  %u × %s that found no room\n", (double)t->sums[i].dur_ns / 1e6,
                 t->sums[i].count, span_kind_name(t->sums[i].kind));
    if (t->truncated)
        buf_addf(p->out, "%9s  %u spans found no room: what is above is not all\n", "", t->dropped);
    if (p->nomem)
        buf_addf(p->out, "%9s  out of memory: what is above is not all\n", "");
}

void trace_print(const struct trace *t, const char *app_root, bool colour, struct buf *out)
{
    struct printer p = { .t = t,
                         .root = app_root,
                         .nroot = app_root ? strlen(app_root) : 0,
                         .colour = colour,
                         .out = out };
    while (p.nroot && app_root[p.nroot - 1] == '/')
        p.nroot--;
    put_head(&p);
    p.first = fault_calloc(t->nspans + 1, sizeof *p.first);
    p.next = fault_calloc(t->nspans + 1, sizeof *p.next);
    if (p.first && p.next) {
        for (uint32_t i = t->nspans; i >= 1; i--) { /* backwards, so that lists run forwards */
            uint32_t up = t->spans[i - 1].parent;
            p.next[i] = p.first[up];
            p.first[up] = i;
        }
        put_children(&p, (uint32_t[]){ 0 }, 1, 0);
    } else {
        p.nomem = true;
    }
    put_lost(&p);
    free(p.first);
    free(p.next);
}
