/* Measuring an application: its private instance, the drive, and a second copy of its database for plans. */
#include "cli/measure.h"

#include "cli/extension.h"

#include <limits.h>
#include <unistd.h>

enum { FIRST_LOOK_ARENA = 128 << 20, STATEMENTS_OF_A_PLAN = 3 /* explained, index built, explained again */ };
static const uint64_t LEAST_DRIVE_NS = 500000000u;

static void say(void *ctx, const char *line)
{
    struct cli *cli = ctx;
    if (!isatty(2))
        return;
    progress_done(cli);
    auto_buf fitted = BUF_INIT(4096);
    if (text_width(line) + 2 > cli->width)
        text_fit(line, cli->width - 2, &fitted);
    fprintf(stderr, "  %s\n", fitted.n ? buf_cstr(&fitted) : line);
}

static void driving(void *ctx, const char *route, uint32_t done, uint32_t total)
{
    const struct session *s = ctx;
    progress_say(s->cli, "drive   %u of %u   %s      Ctrl-C stops and removes the copy", done, total, route);
}

/* The dearest finding of the first pages, long before the report: costs are those of a single visit. */
static void first_look(void *ctx, const struct workload *so_far)
{
    struct session *s = ctx;
    struct rule_in in = { .app = s->app, .flows = s->flows, .th = &s->thresholds, .schema = s->app->schema, .load = so_far };
    struct findings *first = s->cli->progress ? findings_new() : NULL;
    auto_arena *a = arena_new(FIRST_LOOK_ARENA);
    auto_buf ms = BUF_INIT(64);
    struct rules_missing *missing;
    size_t n;
    struct err ignored = { 0 };
    if (first && a && !rules_run(&in, s->args->rules.n ? s->args->rules.items : NULL, first, a, &missing, &n, &ignored) &&
        !findings_close(first, &ignored) && first->n && first->items[0].cost.measured) {
        const struct finding *f = &first->items[0];
        char line[512];
        text_ms(f->cost.ms, &ms);
        snprintf(line, sizeof line, "first: about %s on %s: %s, %s:%u; more pages follow", buf_cstr(&ms),
                 f->route ? f->route : "one page", f->message, f->at.file, f->at.line);
        say(s->cli, line);
    }
    findings_free(first);
}

/* How suspicious the static half finds each route: flows that its action reaches first. */
static double *suspicion(struct session *s)
{
    const struct app *app = s->app;
    double *weights = arena_new_array(s->arena, double, app->nroutes + 1);
    for (uint32_t r = 0; weights && r < app->nroutes; r++) {
        const struct route *route = &app->routes[r];
        const struct method *m = route->class_ == NO_CLASS ? NULL : class_method(app, route->class_, route->action);
        for (uint32_t i = 0; i < s->flows->n; i++) {
            const struct flow *f = &s->flows->items[i];
            bool in_action = m && f->entry.file == m->at.file && f->entry.node == m->at.node;
            bool in_closure = route->closure.file != REF_NONE && f->entry.file == route->closure.file &&
                              f->entry.node == route->closure.node;
            if (in_action || in_closure)
                weights[r] += f->in_loop ? 3 : 1;
        }
    }
    return weights;
}

static void instance_facts(struct session *s, const struct instance *in)
{
    s->report.php = in->php_version ? arena_strdup(s->arena, in->php_version) : NULL;
    s->report.database = in->db_note ? arena_strdup(s->arena, in->db_note) : NULL;
    s->report.standin = in->standin ? arena_strdup(s->arena, in->standin) : NULL;
    s->report.walls = in->walls ? arena_strdup(s->arena, in->walls) : NULL;
}

/* Plans and what-if indexes run on a second copy, so that building indexes cannot disturb what is measured. */
static int open_plans(struct session *s, struct instance *in, unsigned limit_ms, struct rule_in *rules, struct err *err)
{
    char path[4200];
    struct schema *schema;
    const struct engine *engine = engine_for(in->dialect);
    snprintf(path, sizeof path, "%s/plans.sqlite", in->dir);
    if (!engine || (in->dialect != DIALECT_SQLITE && !in->db_dsn))
        return err_set(err, RC_UNSUPPORTED, NULL, "no plans: the database was not copied");
    int rc = in->db_dsn ? RC_OK : instance_db_snapshot(in, path, err); /* a private server is ours alone by now */
    rc = rc ? rc : engine->open(in->db_dsn ? in->db_dsn : path, false, limit_ms, &rules->plans, err);
    rc = rc ? rc : engine->schema(rules->plans, s->arena, &schema, err);
    if (rc)
        return rc;
    rules->engine = engine;
    rules->schema = schema;
    return RC_OK;
}

/* How a budget is shared out. Reading the code told how fast the machine is for us at this moment: rules, report and
 * removing the copy take about as long once more. */
struct shares {
    uint64_t start, drive, plans; /* until when, of now_ns() */
    unsigned plan_ms;             /* limit of one statement on the second copy */
};

static struct shares share_out(const struct session *s, double budget_s)
{
    uint64_t budget = (uint64_t)(budget_s * 1e9), end = s->started_ns + budget;
    uint64_t tail = (uint64_t)(s->report.read_seconds * 1.2e9) + budget / 40;
    unsigned plan_ms = (unsigned)(budget_s * 1000 / 40);
    plan_ms = plan_ms < 100 ? 100 : plan_ms > 1500 ? 1500 : plan_ms;
    tail = tail > budget / 3 ? budget / 3 : tail;
    uint64_t plans = end - tail - STATEMENTS_OF_A_PLAN * plan_ms * 1000000ull;
    uint64_t drive = plans - budget / 20; /* a late start leaves little to drive, which is better than nothing */
    return (struct shares){ .start = drive - budget / 20, .drive = drive, .plans = plans, .plan_ms = plan_ms };
}

int measure(struct session *s, const struct config *c, struct instance **ret_instance, struct rule_in *rules,
                   struct err *err)
{
    const struct args *a = s->args;
    char extension[PATH_MAX];
    double budget_s = a->budget_s > 0 ? a->budget_s : c->budget_s > 0 ? c->budget_s : 60;
    struct shares until = share_out(s, budget_s);
    struct instance_opts opts = { .until_ns = until.start, .extension = extension, .php = a->php, .fpm = a->fpm,
                                  .env = a->env.n ? a->env.items : c->env.items, .host = a->host ? a->host : c->host,
                                  .deep = true, .values = true, .network_wall_only = a->unsafe, .say = say,
                                  .say_ctx = s->cli, .stop = s->cli->stop };
    int rc = extension_find(a->extension, extension, sizeof extension, err);
    if (!rc)
        rc = instance_start(s->app, &opts, ret_instance, err);
    if (rc)
        return rc;
    instance_facts(s, *ret_instance);
    uint64_t now = now_ns();
    if (now + LEAST_DRIVE_NS > until.drive)
        return err_set(err, RC_TIMEOUT, "give it more time: --budget 2m",
                       "the private copy started in %.0f s, which leaves none of %.0f s to visit pages",
                       (double)(now - s->started_ns) / 1e9, budget_s);
    struct drive_opts drive_opts = { .budget_ns = until.drive - now,
                                     .as = a->as ? a->as : c->as, .guard = a->guard ? a->guard : c->guard,
                                     .routes = a->routes.n ? a->routes.items : c->routes.n ? c->routes.items : NULL,
                                     .steps = c->steps, .nsteps = c->nsteps,
                                     .suspicion = suspicion(s), .request_limit_ns = (uint64_t)(a->request_limit_s * 1e9),
                                     .max_samples = (unsigned)a->requests, .progress = driving, .progress_ctx = s,
                                     .look = first_look, .stop = s->cli->stop };
    struct drive_result *driven;
    rc = drive(*ret_instance, &drive_opts, &driven, err);
    progress_done(s->cli);
    if (rc)
        return rc;
    s->report.visits = driven->visits;
    s->report.nvisits = driven->nvisits;
    s->report.user_note = driven->user_note;
    rules->load = driven->workload;
    progress_say(s->cli, "judge   %zu rules", rules_count);
    struct err why = { 0 };
    rules->plans_until_ns = until.plans;
    if (open_plans(s, *ret_instance, until.plan_ms, rules, &why)) /* the rest is there all the same */
        rules->no_plans = arena_strdup(s->arena, why.what);
    return RC_OK;
}
