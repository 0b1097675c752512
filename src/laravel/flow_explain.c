/* A flow in words: one line a step, as `why` prints it. */
#include "laravel/flow.h"

static const char *const roles[] = {
    [STEP_QUERY] = "query",       [STEP_LOOP] = "loop", [STEP_READ] = "read", [STEP_RELATION] = "relation",
    [STEP_CALL] = "call",         [STEP_VIEW] = "view", [STEP_ACCESSOR] = "accessor", [STEP_TX] = "transaction",
};

/* A method chain as written, without the bodies of its closures and arguments. */
static void words_of(const struct app *app, struct ref at, struct buf *out, unsigned depth)
{
    const struct facts *f = app->files[at.file].facts;
    const struct node *n = facts_node(f, at.node);
    struct str s = facts_str(f, n->s);
    struct ref base = { at.file, at.node + 1 };
    bool has_base = depth < 12 && n->skip > at.node + 1;
    switch ((enum node_kind)n->kind) {
    case E_VAR:
        buf_addf(out, "$" STR_FMT, STR_ARG(s));
        return;
    case E_NAME: {
        for (uint32_t i = s.n; i > 0; i--)
            if (s.p[i - 1] == '\\') {
                s = str_sub(s, i, s.n);
                break;
            }
        buf_add(out, s.p, s.n);
        return;
    }
    case E_PROP:
        if (has_base)
            words_of(app, base, out, depth + 1);
        buf_addf(out, "->" STR_FMT, STR_ARG(s));
        return;
    case E_MCALL:
    case E_SCALL:
        if (has_base)
            words_of(app, base, out, depth + 1);
        buf_addf(out, "%s" STR_FMT "()", n->kind == E_MCALL ? "->" : "::", STR_ARG(s));
        return;
    case E_CALL:
        if (has_base)
            words_of(app, base, out, depth + 1);
        buf_adds(out, "()");
        return;
    case E_NEW:
        buf_adds(out, "new ");
        if (has_base)
            words_of(app, base, out, depth + 1);
        return;
    case S_FOREACH:
        buf_adds(out, "foreach (");
        if (has_base)
            words_of(app, base, out, depth + 1);
        buf_adds(out, ")");
        return;
    case N_METHOD:
    case N_FUNCTION:
        buf_addf(out, STR_FMT "()", STR_ARG(s));
        return;
    case E_BLADE:
        buf_addf(out, "@" STR_FMT, STR_ARG(s));
        return;
    default:
        buf_adds(out, "…");
        return;
    }
}

void flow_explain(const struct app *app, const struct flow *flow, struct buf *out)
{
    for (uint16_t i = 0; i < flow->nsteps; i++) {
        struct ref at = flow->steps[i].at;
        const struct app_file *file = &app->files[at.file];
        buf_addf(out, "%s:%u %s: ", file->path, node_line(file->facts, at.node),
                 roles[flow->steps[i].role]);
        words_of(app, at, out, 0);
        buf_addc(out, '\n');
    }
}
