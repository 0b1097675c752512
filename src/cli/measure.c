/* Measuring an application: its private instance, the drive, and a second copy of its database for plans. */
#include "cli/measure.h"

#include "cli/extension.h"

#include <limits.h>
#include <unistd.h>

static void say(void *ctx, const char *line)
{
    struct cli *cli = ctx;
    if (!isatty(2))
        return;
    progress_done(cli);
    fprintf(stderr, "  %s\n", line);
}

static void driving(void *ctx, const char *route, uint32_t done, uint32_t total)
{
    progress_say(ctx, "drive   %u of %u   %s      Ctrl-C stops and removes the copy", done, total, route);
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
    s->report.walls = in->walls ? arena_strdup(s->arena, in->walls) : NULL;
}

/* Plans and what-if indexes run on a second copy, so that building indexes cannot disturb what is measured. */
static int open_plans(struct session *s, struct instance *in, struct rule_in *rules, struct err *err)
{
    char path[4200];
    struct schema *schema;
    const struct engine *engine = engine_for(in->dialect);
    snprintf(path, sizeof path, "%s/plans.sqlite", in->dir);
    if (!engine || (in->dialect != DIALECT_SQLITE && !in->db_dsn))
        return err_set(err, RC_UNSUPPORTED, NULL, "no plans: the database was not copied");
    int rc = in->db_dsn ? RC_OK : instance_db_snapshot(in, path, err); /* a private server is ours alone by now */
    rc = rc ? rc : engine->open(in->db_dsn ? in->db_dsn : path, false, 2000, &rules->plans, err);
    rc = rc ? rc : engine->schema(rules->plans, s->arena, &schema, err);
    if (rc)
        return rc;
    rules->engine = engine;
    rules->schema = schema;
    return RC_OK;
}

int measure(struct session *s, const struct config *c, struct instance **ret_instance, struct rule_in *rules,
                   struct err *err)
{
    const struct args *a = s->args;
    char extension[PATH_MAX];
    double budget_s = a->budget_s > 0 ? a->budget_s : c->budget_s > 0 ? c->budget_s : 60;
    struct instance_opts opts = { .extension = extension, .php = a->php, .fpm = a->fpm,
                                  .env = a->env.n ? a->env.items : c->env.items, .host = a->host ? a->host : c->host,
                                  .deep = true, .values = true, .network_wall_only = a->unsafe, .say = say,
                                  .say_ctx = s->cli, .stop = s->cli->stop };
    int rc = extension_find(a->extension, extension, sizeof extension, err);
    if (!rc)
        rc = instance_start(s->app, &opts, ret_instance, err);
    if (rc)
        return rc;
    instance_facts(s, *ret_instance);
    uint64_t used = now_ns() - s->started_ns, budget = (uint64_t)(budget_s * 1e9);
    uint64_t judge = budget / 6; /* rules, plans and what-if indexes come after, and stopping */
    struct drive_opts drive_opts = { .budget_ns = budget > used + judge ? budget - used - judge : budget / 10,
                                     .as = a->as ? a->as : c->as, .guard = a->guard ? a->guard : c->guard,
                                     .routes = a->routes.n ? a->routes.items : c->routes.n ? c->routes.items : NULL,
                                     .steps = c->steps, .nsteps = c->nsteps,
                                     .suspicion = suspicion(s), .request_limit_ns = (uint64_t)(a->request_limit_s * 1e9),
                                     .max_samples = (unsigned)a->requests, .progress = driving, .progress_ctx = s->cli,
                                     .stop = s->cli->stop };
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
    rules->plans_until_ns = s->started_ns + budget - budget / 20;
    if (open_plans(s, *ret_instance, rules, &why)) /* the rest is there all the same */
        rules->no_plans = arena_strdup(s->arena, why.what);
    return RC_OK;
}
