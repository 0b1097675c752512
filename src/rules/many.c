/* unbounded-get by the trace alone: a statement without a limit whose rows are many, wherever the rows go to. What the
 * code already told (rows that are counted, filtered or iterated) is said by flowrules.c. */
#include "rules/emit.h"
#include "rules/families.h"

enum { ROWS_TO_MATTER = 20 };

static bool many_come(const struct rule_in *in, const struct wcaller *c)
{
    const struct wshape *s = &in->load->shapes[c->shape];
    uint8_t type = in->load->routes[c->route].type;
    return c->file && c->traces && !s->write && !c->relation && s->table && (type == FW_HTTP || type == FW_LIVEWIRE) &&
           c->rows / (double)c->traces >= ROWS_TO_MATTER &&
           c->rows / (double)c->traces * (grows_with_table(s->sql) ? rows_times(in, s->table) : 1) >= in->th->unbounded_rows &&
           reads_with_table(s->sql);
}

static bool told_by_code(const struct rule_in *in, const struct wcaller *c)
{
    for (uint32_t i = 0; in->flows && i < in->flows->n; i++) {
        const struct flow *f = &in->flows->items[i];
        bool rows = f->kind == FLOW_HYDRATE_AGG || f->kind == FLOW_FILTER_PHP || f->kind == FLOW_UNBOUNDED;
        if (rows && (ref_covers(in->app, f->chain, c->file, c->line) || ref_covers(in->app, f->at, c->file, c->line)))
            return true;
    }
    return false;
}

/* Each chain speaks once: its eager loads bring as many rows as it does. */
static bool told_before(const struct rule_in *in, uint32_t index)
{
    const struct wcaller *c = &in->load->callers[index];
    uint32_t head = head_line(in->app, c->file, c->line);
    for (uint32_t i = 0; i < index; i++) {
        const struct wcaller *o = &in->load->callers[i];
        if (many_come(in, o) && !strcmp(o->file, c->file) && head_line(in->app, o->file, o->line) == head)
            return true;
    }
    return false;
}

static int emit_many(const struct rule_in *in, const struct wcaller *c, struct arena *arena, struct findings *out,
                     struct err *err)
{
    struct ref chain = chain_ref(in->app, c->file, c->line);
    const struct wshape *shape = &in->load->shapes[c->shape];
    struct draft d = draft_new(in, "unbounded-get", arena);
    double rows = c->rows / (double)c->traces;
    d.f.at = (struct place){ c->file, head_line(in->app, c->file, c->line), 0, ROLE_HERE, NULL };
    d.f.symbol = symbol_at(in->app, c->file, c->line, arena);
    d.f.subject = shape->table;
    d.f.key = hash_mix(shape->fingerprint, c->line);
    d.f.confidence = CONF_HIGH;
    struct seen s = chain.file != REF_NONE ? seen_at(in, chain, SEEN_SQL | SEEN_HYDRATE) : (struct seen){ 0 };
    if (s.found)
        draft_seen(&d, &s, TIME_PHP);
    else
        draft_cost(&d, c->route, c->ms / (double)c->traces, c->median_calls, TIME_SQL);
    d.f.statement = shape->sql;
    if (grows_with_table(shape->sql))
        draft_grows(&d, shape->table);
    d.f.message = draft_text(&d, "all %.0f rows of %s are read at once, without a limit", rows,
                             words_of(shape->table, arena));
    d.f.advice = "paginate the list, or go through it with lazy()";
    d.f.why = "Time and memory grow with the table, and the table grows with the business.";
    return draft_emit(&d, out, err);
}

int rule_many_rows(const struct rule_in *in, struct findings *out, struct err *err)
{
    if (!in->load)
        return RC_OK;
    auto_arena *arena = arena_new((size_t)16 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the rules");
    for (uint32_t i = 0; !rc && i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        if (many_come(in, c) && !told_by_code(in, c) && !told_before(in, i))
            rc = emit_many(in, c, arena, out, err);
    }
    return rc;
}
