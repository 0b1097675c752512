/* The tree that `fettle trace` prints. */
#include "trace/trace.h"


enum { NAME_COLUMNS = 64 };

struct printer {
    const struct trace *t;
    const struct trace_tree *tree;
    const char *root;
    size_t nroot;
    bool colour;
    struct buf *out;
};

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

const char *span_word(unsigned kind, uint32_t a)
{
    static const char *const phases[] = { "", "mount", "hydrate", "update", "call", "render", "dehydrate" };
    static const char *const ops[] = { "read", "hit", "miss", "put", "forget", "many" };
    static const char *const ends[] = { "", "committed", "rolled back" };
    switch (kind) {
    case FW_LIVEWIRE_PHASE:
        return a < sizeof phases / sizeof *phases ? phases[a] : "";
    case FW_CACHE:
        return a < sizeof ops / sizeof *ops ? ops[a] : "";
    case FW_TX:
        return a < sizeof ends / sizeof *ends ? ends[a] : "";
    default:
        return "";
    }
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
    case FW_TX:
    case FW_LIVEWIRE_PHASE:
        if (*span_word(s->kind, s->a))
            buf_addf(p->out, "  %s", span_word(s->kind, s->a));
        if (b && s->kind == FW_LIVEWIRE_PHASE)
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

static void put_line(struct printer *p, const struct trace_node *n)
{
    const struct span *s = n->span;
    unsigned indent = (n->depth - 1) * 2;
    bool heavy = p->t->dur_ns && n->ns * 10 >= p->t->dur_ns;
    paint(p, heavy ? "\033[1m" : "");
    buf_addf(p->out, "%9.2f", (double)n->ns / 1e6);
    paint(p, heavy ? "\033[0m" : "");
    buf_addf(p->out, "  %*s", (int)indent, "");
    if (n->count > 1) {
        paint(p, "\033[1m");
        buf_addf(p->out, "%u × ", n->count);
        paint(p, "\033[0m");
    }
    paint(p, colour_of(s->kind));
    buf_adds(p->out, span_kind_name(s->kind));
    paint(p, "\033[0m");
    buf_addc(p->out, ' ');
    put_name(p, s->name, NAME_COLUMNS);
    put_detail(p, s, n->a, n->b);
    put_place(p, s);
    buf_addc(p->out, '\n');
    if (n->is_cut)
        buf_addf(p->out, "%9s  %*s…\n", "", (int)indent + 2, "");
}

static void put_nodes(struct printer *p, uint32_t at)
{
    for (; at; at = p->tree->nodes[at].next) {
        put_line(p, &p->tree->nodes[at]);
        put_nodes(p, p->tree->nodes[at].child);
    }
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
    if (p->tree->left_out)
        buf_addf(p->out, "%9.2f  in %u middleware, prepares and events, each below 1 %%: left out\n",
                 (double)p->tree->left_out_ns / 1e6, p->tree->left_out);
    for (uint32_t i = 0; i < t->nsums; i++)
        buf_addf(p->out, "%9.2f  %u × %s that found no room\n", (double)t->sums[i].dur_ns / 1e6,
                 t->sums[i].count, span_kind_name(t->sums[i].kind));
    if (t->truncated)
        buf_addf(p->out, "%9s  %u spans found no room: what is above is not all\n", "", t->dropped);
    if (!p->tree->n)
        buf_addf(p->out, "%9s  out of memory: what it did is not shown\n", "");
}

void trace_print(const struct trace *t, const char *app_root, bool colour, struct buf *out)
{
    struct trace_tree tree;
    bool ok = trace_tree_make(t, &tree) == RC_OK;
    struct printer p = { t, &tree, app_root, app_root ? strlen(app_root) : 0, colour, out };
    while (p.nroot && app_root[p.nroot - 1] == '/')
        p.nroot--;
    put_head(&p);
    if (ok)
        put_nodes(&p, tree.nodes[0].child);
    put_lost(&p);
    trace_tree_release(&tree);
}
