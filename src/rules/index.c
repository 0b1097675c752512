/* Indexes: real statements of the trace against the schema and plans of the private copy (an index is built there and
 * must be taken by the planner), and predicates of the code against the migrations when nothing ran. */
#include "rules/doubt.h"
#include "rules/emit.h"
#include "rules/families.h"
#include "rules/tree.h"

#include <ctype.h>
#include <math.h>

enum { SHAPES_MOST = 60, GAIN_LEAST = 2, EXAMINED_LEAST = 10, TABLE_ROWS_LEAST = 1000 };

static const char *columns_text(struct draft *d, const struct index_def *def)
{
    auto_buf text = BUF_INIT(1024);
    for (uint16_t i = 0; i < def->ncolumns; i++)
        buf_addf(&text, "%s%s", i ? ", " : "", def->columns[i]);
    return arena_strdup(d->arena, buf_cstr(&text));
}

static const struct wcaller *dearest_caller(const struct workload *load, uint32_t shape)
{
    const struct wcaller *best = NULL;
    double best_ms = -1;
    for (uint32_t i = 0; i < load->ncallers; i++) {
        const struct wcaller *c = &load->callers[i];
        double ms = c->traces ? c->ms / (double)c->traces : 0;
        if (c->shape == shape && c->file && ms > best_ms) {
            best = c;
            best_ms = ms;
        }
    }
    return best;
}

static double each_ms(const struct wshape *s)
{
    return s->calls ? s->ms / (double)s->calls : 0;
}

static const char *first_values(const struct wshape *s)
{
    return s->nvalues ? s->values[0] : NULL;
}

static struct str shape_sql(const struct wshape *s)
{
    return str_c(s->example ? s->example : s->sql);
}

static void at_caller(struct draft *d, const struct wcaller *c)
{
    d->f.at = (struct place){ c->file, head_line(d->in->app, c->file, c->line), 0, ROLE_HERE, NULL };
    d->f.symbol = symbol_at(d->in->app, c->file, c->line, d->arena);
}

static int emit_missing(const struct rule_in *in, uint32_t shape, const struct wcaller *c, const struct index_def *def,
                        const struct whatif *w, struct arena *arena, struct findings *out, struct err *err)
{
    const struct wshape *s = &in->load->shapes[shape];
    const struct table *table = schema_table(in->schema, def->table);
    double calls = c->traces ? (double)c->calls / (double)c->traces : 1;
    double saved = w->ms_before > 0 ? 1 - w->ms_after / w->ms_before : 0;
    struct draft d = draft_new(in, "missing-index", arena);
    const char *columns = columns_text(&d, def);
    at_caller(&d, c);
    d.f.subject = draft_text(&d, "%s(%s)", def->table, columns);
    d.f.key = str_hash(str_c(d.f.subject));
    d.f.confidence = CONF_HIGH;
    draft_cost(&d, c->route, each_ms(s) * calls * saved, calls, TIME_SQL);
    draft_number(&d, "rows looked at before", w->examined_before, "rows", SRC_PLAN);
    draft_number(&d, "rows looked at with the index", w->examined_after, "rows", SRC_PLAN);
    draft_number(&d, "time before", w->ms_before, "ms", SRC_PLAN);
    draft_number(&d, "time with the index", w->ms_after, "ms", SRC_PLAN);
    if (table && table->rows)
        draft_number(&d, "rows of the table", (double)table->rows, "rows", SRC_DB);
    if (table && table->file)
        draft_related_line(&d, table->file, table->line, ROLE_SCHEMA, "creates the table");
    d.f.statement = s->sql;
    d.f.plan = draft_text(&d, "before\n%s\nwith the index\n%s", w->plan_before ? w->plan_before : "",
                          w->plan_after ? w->plan_after : "");
    if (table && table->rows)
        d.f.growth = (struct growth){ def->table, w->ms_before / (double)table->rows, "ms", 0, 0 };
    draft_grows(&d, def->table);
    d.f.message = draft_text(&d, "%s looks at %.0f rows to find %.0f", def->table, w->examined_before,
                             s->calls ? s->rows / (double)s->calls : 0);
    d.f.advice = draft_text(&d, "add an index on %s (%s)", def->table, columns);
    d.f.why = "No index begins with the columns that this statement compares, so the engine reads rows that it throws away.";
    return draft_emit(&d, out, err);
}

static int emit_slow(const struct rule_in *in, uint32_t shape, const struct wcaller *c, struct arena *arena,
                     struct findings *out, struct err *err)
{
    const struct wshape *s = &in->load->shapes[shape];
    struct draft d = draft_new(in, "slow-query", arena);
    struct plan plan = { 0 };
    struct err ignored = { 0 };
    double calls = c->traces ? (double)c->calls / (double)c->traces : 1;
    at_caller(&d, c);
    d.f.subject = s->table ? s->table : s->sql;
    d.f.key = s->fingerprint;
    d.f.confidence = CONF_HIGH;
    d.f.statement = s->sql;
    /* The mean of a statement may lie above the median of all statements of its page. */
    draft_cost(&d, c->route, fmin(each_ms(s) * calls, in->load->routes[c->route].kind_ms[FW_SQL]), calls, TIME_SQL);
    draft_number(&d, "time of one", each_ms(s), "ms", SRC_TRACE);
    if (each_ms(s) < in->th->very_slow_query_ms && d.f.severity == SEV_ERROR)
        d.f.severity = SEV_WARNING;
    if (in->plans && !in->engine->explain(in->plans, shape_sql(s), first_values(s), false, arena, &plan, &ignored))
        d.f.plan = plan.text;
    d.f.message = draft_text(&d, "one statement on %s takes %.0f ms", s->table ? s->table : "the database", each_ms(s));
    d.f.advice = "read its plan: fewer rows, a narrower question, or the answer kept for a while";
    d.f.why = "No index that was tried on the copy makes it faster; what it asks for is dear by itself.";
    return draft_emit(&d, out, err);
}

/* True when an index on the copy helped and was said. */
static int judge_shape(const struct rule_in *in, uint32_t shape, struct arena *arena, struct findings *out,
                       bool *ret_said, struct err *err)
{
    const struct wshape *s = &in->load->shapes[shape];
    const struct wcaller *c = dearest_caller(in->load, shape);
    struct stmt *stmt;
    struct index_def def;
    struct whatif w;
    struct err ignored = { 0 };
    *ret_said = false;
    if (!c || s->write)
        return RC_OK;
    bool candidate = in->plans && in->schema && !stmt_parse(shape_sql(s), in->schema->dialect, arena, &stmt, &ignored) &&
                     index_candidate(stmt, in->schema, arena, &def);
    if (candidate && !index_whatif(in->engine, in->plans, &def, shape_sql(s), first_values(s), arena, &w, &ignored) &&
        w.taken && w.ms_before > GAIN_LEAST * w.ms_after && w.examined_before > EXAMINED_LEAST * (w.examined_after + 1)) {
        *ret_said = true;
        return emit_missing(in, shape, c, &def, &w, arena, out, err);
    }
    return RC_OK;
}

static bool worth_a_plan(const struct rule_in *in, const struct wshape *s)
{
    return each_ms(s) >= 0.2 || s->ms >= in->th->min_ms * 10;
}

static int traced_indexes(const struct rule_in *in, struct arena *arena, struct findings *out, struct err *err)
{
    unsigned tried = 0;
    int rc = RC_OK;
    for (uint32_t i = 0; !rc && i < in->load->nshapes; i++) {
        bool said = false;
        bool time_left = !in->plans_until_ns || now_ns() < in->plans_until_ns;
        if (worth_a_plan(in, &in->load->shapes[i]) && time_left && tried++ < SHAPES_MOST)
            rc = judge_shape(in, i, arena, out, &said, err);
        const struct wcaller *c = dearest_caller(in->load, i);
        if (!rc && !said && c && each_ms(&in->load->shapes[i]) >= in->th->slow_query_ms)
            rc = emit_slow(in, i, c, arena, out, err);
    }
    return rc;
}

/* --- from the code alone --- */

static bool looks_like_key(const char *column)
{
    struct str s = str_c(column);
    static const char *const ends[] = { "_id", "_uuid", "uuid", "slug", "token", "email", "_code", "_key", "hash",
                                        "external_id", "reference", "sku" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(s, ends[i]))
            return true;
    return false;
}

static bool is_flag(const struct column *c)
{
    return c && (c->klass == COL_BOOL || c->klass == COL_ENUM);
}

/* A morph relation compares the type too, whether or not the code shows it: (x_type, x_id) serves x_id. */
static bool morph_index(const struct table *t, const char *column)
{
    char type[128];
    size_t n = strlen(column);
    if (n < 4 || n + 3 > sizeof type || strcmp(column + n - 3, "_id"))
        return false;
    snprintf(type, sizeof type, "%.*s_type", (int)n - 3, column);
    const char *both[] = { type, column };
    return table_column(t, type) && table_index_leading(t, both, 2);
}

/* The columns that an index of this predicate would lead with: equalities that look selective. 0: say nothing. */
static unsigned wanted_columns(const struct rule_in *in, const struct predicate *p, const struct table *t,
                               const char *ret[4])
{
    unsigned n = 0;
    (void)in;
    for (uint16_t i = 0; i < p->ncols && n < 4; i++) {
        const struct column *c = table_column(t, p->cols[i].column);
        bool equality = p->cols[i].op == PRED_EQ || p->cols[i].op == PRED_IN;
        if (!equality || !c)
            continue;
        if (table_index_leading(t, &c->name, 1) || morph_index(t, c->name))
            return 0; /* one indexed equality narrows it already */
        if (!is_flag(c) && !p->cols[i].literal)
            ret[n++] = c->name;
    }
    return n;
}

static int static_index(const struct rule_in *in, const struct predicate *p, struct arena *arena, struct findings *out,
                        struct err *err)
{
    const struct table *t = p->table ? schema_table(in->schema, p->table) : NULL;
    const char *columns[4];
    bool web = p->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
    unsigned n = t && t->confidence >= 90 ? wanted_columns(in, p, t, columns) : 0;
    if (!n || !looks_like_key(columns[0]) || (in->schema->dialect == DIALECT_MYSQL && p->from_relation))
        return RC_OK;
    for (uint16_t i = 0; i < t->nfks && in->schema->dialect == DIALECT_MYSQL; i++)
        if (!strcasecmp(t->fks[i].column, columns[0]))
            return RC_OK; /* InnoDB makes an index for every foreign key */
    struct draft d = draft_new(in, "missing-index", arena);
    struct index_def def = { t->name, columns, (uint16_t)n, false, NULL };
    draft_at(&d, p->at);
    d.f.from_disk = true;
    d.f.severity = web ? SEV_WARNING : SEV_INFO;
    d.f.fix_kind = FIX_SUGGEST;
    const char *text = columns_text(&d, &def);
    d.f.subject = draft_text(&d, "%s(%s)", t->name, text);
    d.f.key = str_hash(str_c(d.f.subject));
    if (t->file)
        draft_related_line(&d, t->file, t->line, ROLE_SCHEMA, "creates the table");
    d.f.message = draft_text(&d, "no index of %s begins with %s", t->name, columns[0]);
    d.f.advice = draft_text(&d, "if the table is large: an index on %s (%s)", t->name, text);
    d.f.why = "The statement compares this column and no index leads with it: the table is read whole.";
    return draft_emit(&d, out, err);
}

int rule_index(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)64 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the index rules");
    if (!rc && in->load)
        rc = traced_indexes(in, arena, out, err);
    for (uint32_t i = 0; !rc && in->flows && in->schema && i < in->flows->npreds; i++)
        if (!stands_in_migration(in->app, in->flows->preds[i].at))
            rc = static_index(in, &in->flows->preds[i], arena, out, err);
    return rc;
}

/* --- non-sargable --- */

static bool is_of_dates(const char *fn)
{
    static const char *const dates[] = { "whereDate", "whereYear", "whereMonth", "whereDay", "whereTime", "date", "year", "month",
                                         "day", "strftime", "datetime", "date_format", "date_trunc", "date_part", "extract",
                                         "to_char", "unix_timestamp" };
    return ONE_OF(str_c(fn), dates);
}

/* What to write instead of a comparison of fn(column). */
static const char *bare_column(struct draft *d, const char *fn, const char *column)
{
    static const char *const letters[] = { "lower", "upper", "trim" };
    if (is_of_dates(fn))
        return draft_text(d, "compare the bare column with a half-open range: ->where('%s', '>=', $from)->where('%s', '<', $to)",
                          column, column);
    if (ONE_OF(str_c(fn), letters))
        return draft_text(d, "store %s in the form that is compared, or index the expression %s(%s)", column, fn, column);
    return draft_text(d, "compare %s itself, or index the expression", column);
}

static int emit_non_sargable(const struct rule_in *in, const struct predicate *p, const struct pred_col *col,
                             struct arena *arena, struct findings *out, struct err *err)
{
    const struct table *t = p->table && in->schema ? schema_table(in->schema, p->table) : NULL;
    const struct column *c = t ? table_column(t, col->column) : NULL;
    bool indexed = c && table_index_leading(t, &c->name, 1);
    struct seen s = seen_at(in, p->at, SEEN_SQL);
    bool web = p->context & (FLOW_WEB_GET | FLOW_WEB_WRITE | FLOW_LIVEWIRE_CTX);
    if ((t && t->rows && t->rows < TABLE_ROWS_LEAST) || (!indexed && !is_of_dates(col->fn)))
        return RC_OK; /* too few rows, or nothing that a bare column would gain */
    struct draft d = draft_new(in, "non-sargable", arena);
    draft_at(&d, col->at.file != REF_NONE ? col->at : p->at);
    if (col->at.file != REF_NONE)
        d.f.at.line = ref_own_line(in->app, col->at);
    d.f.from_disk = true;
    d.f.subject = draft_text(&d, "%s.%s", p->table ? p->table : "?", col->column);
    draft_seen(&d, &s, TIME_SQL);
    if (!s.found)
        d.f.tier = indexed && web && !in->load && is_of_dates(col->fn) ? TIER_RANKED : TIER_SUGGESTED; /* a range will do */
    if (!s.found && !indexed)
        d.f.severity = SEV_INFO;
    if (t && t->rows)
        draft_number(&d, "rows of the table", (double)t->rows, "rows", SRC_DB);
    draft_fact(&d, "index on the column", indexed ? "there, but a function hides the column from it" : "none", SRC_DISK);
    d.f.message = draft_text(&d, "%s() hides %s from any index", col->fn ? col->fn : "a function", col->column);
    d.f.advice = bare_column(&d, col->fn, col->column);
    d.f.why = "The engine must compute the function for every row before it can compare.";
    return draft_emit(&d, out, err);
}

/* The code says it of this table and column already, at its own place. */
static bool said_by_code(const struct rule_in *in, const struct stmt_pred *p)
{
    for (uint32_t i = 0; in->flows && i < in->flows->npreds; i++)
        for (uint16_t k = 0; k < in->flows->preds[i].ncols; k++) {
            const struct pred_col *col = &in->flows->preds[i].cols[k];
            if (col->op == PRED_FUNCTION && str_ieq(str_c(col->column), p->column))
                return true;
        }
    return false;
}

static int emit_hidden_column(const struct rule_in *in, uint32_t shape, const struct wcaller *c, const struct stmt_pred *p,
                              const struct table *t, struct arena *arena, struct findings *out, struct err *err)
{
    const struct wshape *s = &in->load->shapes[shape];
    struct draft d = draft_new(in, "non-sargable", arena);
    const char *column = arena_strndup(arena, p->column.p, p->column.n), *fn = arena_strndup(arena, p->fn.p, p->fn.n);
    double calls = c->traces ? (double)c->calls / (double)c->traces : 1;
    at_caller(&d, c);
    d.f.subject = draft_text(&d, "%s.%s", t->name, column);
    d.f.key = s->fingerprint;
    d.f.confidence = CONF_HIGH;
    d.f.statement = s->sql;
    draft_cost(&d, c->route, each_ms(s) * calls, calls, TIME_SQL);
    draft_number(&d, "rows of the table", (double)t->rows, "rows", SRC_DB);
    draft_grows(&d, t->name);
    d.f.message = draft_text(&d, "%s() hides %s from any index", fn, column);
    d.f.advice = bare_column(&d, fn, column);
    d.f.why = "The engine must compute the function for every row before it can compare.";
    return draft_emit(&d, out, err);
}

/* Statements that ran: raw SQL, expressions, queries that no chain of the code shows. */
static int traced_non_sargable(const struct rule_in *in, uint32_t shape, struct arena *arena, struct findings *out,
                               struct err *err)
{
    const struct wshape *s = &in->load->shapes[shape];
    const struct wcaller *c = dearest_caller(in->load, shape);
    struct err ignored = { 0 };
    struct stmt *stmt;
    if (!c || s->write || each_ms(s) < in->th->min_ms || stmt_parse(shape_sql(s), in->schema->dialect, arena, &stmt, &ignored))
        return RC_OK;
    for (uint16_t i = 0; i < stmt->npreds; i++) {
        const struct stmt_pred *p = &stmt->preds[i];
        const char *name = arena_strndup(arena, p->table.p, p->table.n);
        const char *column = arena_strndup(arena, p->column.p, p->column.n);
        const struct table *t = name && *name ? schema_table(in->schema, name) : NULL;
        if (p->op == SOP_FUNCTION && p->fn.n && isalpha((unsigned char)*p->fn.p) && t && t->rows >= TABLE_ROWS_LEAST &&
            column && table_index_leading(t, &column, 1) && !said_by_code(in, p))
            return emit_hidden_column(in, shape, c, p, t, arena, out, err);
    }
    return RC_OK;
}

int rule_non_sargable(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)16 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the index rules");
    for (uint32_t i = 0; !rc && i < in->flows->npreds; i++) {
        const struct predicate *p = &in->flows->preds[i];
        for (uint16_t k = 0; !rc && k < p->ncols; k++)
            if (p->cols[k].op == PRED_FUNCTION && !stands_in_migration(in->app, p->at))
                rc = emit_non_sargable(in, p, &p->cols[k], arena, out, err);
    }
    for (uint32_t i = 0; !rc && in->load && in->schema && i < in->load->nshapes; i++)
        rc = traced_non_sargable(in, i, arena, out, err);
    return rc;
}
