/* fettle fix: findings into edits, each tried on a private copy, kept only when proved, delivered as a branch. */
#include "cli/extension.h"
#include "cli/measure.h"
#include "fix/fix.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <unistd.h>

struct fixing {
    struct session s;
    struct config config;
    struct rule_in rules;
    struct instance *instance;
    struct fix_result *result;
};

static const char *text_of(const json_t *o, const char *key)
{
    const char *t = json_string_value(json_object_get(o, key));
    return t ? t : "";
}

/* The number of the last check's list becomes the finding's id, which this run's list has too, and its route. */
static int resolve(struct fixing *x, const char *wanted, const char **ret_id, const char **ret_route)
{
    struct err err = { 0 };
    struct str text;
    json_error_t problem;
    size_t i;
    json_t *f;
    *ret_id = wanted;
    *ret_route = NULL;
    if (session_last(x->s.dir, x->s.arena, &text, &err))
        return 0; /* no list yet: the id is taken as it is */
    json_t *root = json_loadb(text.p, text.n, 0, &problem);
    json_array_foreach(json_object_get(root, "findings"), i, f) {
        char number[16];
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(json_object_get(f, "number")));
        bool hit = !strcmp(number, wanted) || (strlen(wanted) >= 6 && !strncmp(text_of(f, "id"), wanted, strlen(wanted)));
        const char *slash = hit ? strchr(text_of(f, "route"), '/') : NULL;
        if (!hit)
            continue;
        *ret_id = arena_strdup(x->s.arena, text_of(f, "id"));
        if (slash && strncmp(text_of(f, "route"), "livewire ", 9))
            *ret_route = arena_strdup(x->s.arena, slash);
        break;
    }
    json_decref(root);
    return 0;
}

static void said(void *ctx, const char *line)
{
    progress_step(ctx, line);
}

static bool ask(void *ctx, const struct fix_step *step)
{
    struct fixing *x = ctx;
    char answer[16] = "";
    auto_buf diff = BUF_INIT((size_t)4 << 20);
    edits_diff(x->s.app, &step->plan.set, &diff);
    progress_done(x->s.cli);
    printf("%s\n%s\n\nKeep it? [y/n] ", buf_cstr(&diff), step->why ? step->why : "");
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static const char *state_word(const struct fix_step *s)
{
    switch (s->state) {
    case FIX_KEPT:
        return s->label ? s->label : "kept";
    case FIX_DROPPED:
        return "dropped";
    case FIX_PLANNED:
        return "would try";
    default:
        return "yours";
    }
}

static void print_step(const struct cli *cli, const struct fix_step *s)
{
    const char *mark = s->state == FIX_KEPT ? "✓" : s->state == FIX_DROPPED ? "✗" : s->state == FIX_PLANNED ? "·" : "→";
    const char *ink = !cli->colour_out ? "" : s->state == FIX_KEPT ? "\033[32m" : s->state == FIX_DROPPED ? "\033[31m" : "\033[33m";
    auto_buf change = BUF_INIT(64);
    if (s->state == FIX_KEPT && s->proof && isfinite(s->proof->whole.effect))
        buf_addf(&change, "%+.1f %%", s->proof->whole.effect * 100);
    printf("%s%s %-9s%s %8s  %.7s%s%s\n", ink, mark, state_word(s), *ink ? "\033[0m" : "", buf_cstr(&change), s->commit,
           s->commit[0] ? "  " : "", s->plan.answer == FIX_EDITS ? s->plan.set.summary : s->finding->message);
    printf("            %s:%u  %s\n", s->finding->at.file, s->finding->at.line, s->finding->rule);
    if (s->why)
        printf("            %s\n", s->why);
}

static void print_result(struct fixing *x)
{
    struct fix_result *r = x->result;
    unsigned kept = 0, dropped = 0, left = 0;
    for (size_t i = 0; i < r->nsteps; i++) {
        kept += r->steps[i].state == FIX_KEPT;
        dropped += r->steps[i].state == FIX_DROPPED;
        left += r->steps[i].state == FIX_LEFT;
        print_step(x->s.cli, &r->steps[i]);
        if (x->s.args->dry_run && r->steps[i].plan.answer == FIX_EDITS) {
            auto_buf diff = BUF_INIT((size_t)4 << 20);
            edits_diff(x->s.app, &r->steps[i].plan.set, &diff);
            printf("\n%s\n", buf_cstr(&diff));
        }
    }
    if (!r->nsteps)
        printf("There is nothing to fix by itself: no ranked finding is marked auto.\n");
    if (x->s.args->dry_run || !r->nsteps)
        return;
    printf("\n%u kept, %u dropped, %u left to you, in %.0f s.", kept, dropped, left, r->seconds);
    if (r->tests)
        printf(" %s.", r->tests);
    printf("\n");
    if (r->whole && kept)
        printf("Together: CPU %+.1f %% (%+.1f to %+.1f), %u of %u responses are the same.\n", r->whole->whole.effect * 100,
               r->whole->whole.interval.lo * 100, r->whole->whole.interval.hi * 100, r->whole->coverage.responses_equal,
               r->whole->coverage.responses);
    if (r->whole && kept > 1 && r->whole->verdict == VERDICT_UNDECIDED)
        printf("The time ended before all of them together were decided: a longer --budget does that.\n");
    if (r->why_patch)
        printf("A patch, not a branch: %s.\n", r->why_patch);
    if (r->take)
        printf("\n  %-36s take it\n%s", r->take, r->branch ? "  fettle fix --undo                    remove the branch\n" : "");
}

static void step_json(struct json *j, const struct fix_step *s, const struct app *app)
{
    static const char *const states[] = { "planned", "checked", "proved", "kept", "dropped", "left" };
    auto_buf diff = BUF_INIT((size_t)4 << 20);
    json_open(j, '{');
    json_key(j, "finding"), json_str(j, s->finding->id);
    json_key(j, "rule"), json_str(j, s->finding->rule);
    json_key(j, "file"), json_str(j, s->finding->at.file);
    json_key(j, "line"), json_int(j, s->finding->at.line);
    json_key(j, "message"), json_str(j, s->finding->message);
    json_key(j, "state"), json_str(j, states[s->state]);
    json_key(j, "why"), json_str(j, s->why);
    if (s->state == FIX_KEPT)
        json_key(j, "label"), json_str(j, s->label);
    if (s->plan.answer == FIX_EDITS) {
        edits_diff(app, &s->plan.set, &diff);
        json_key(j, "summary"), json_str(j, s->plan.set.summary);
        json_key(j, "diff"), json_str(j, buf_cstr(&diff));
    }
    if (s->commit[0])
        json_key(j, "commit"), json_str(j, s->commit);
    if (s->proof) {
        json_key(j, "proof");
        proof_json(s->proof, j);
    }
    json_close(j, '}');
}

static void result_json(struct fixing *x, struct buf *out)
{
    struct fix_result *r = x->result;
    struct json j = { out };
    json_open(&j, '{');
    json_key(&j, "schema"), json_int(&j, REPORT_SCHEMA);
    json_key(&j, "at"), json_str(&j, x->s.at);
    json_key(&j, "branch"), json_str(&j, r->branch);
    json_key(&j, "take"), json_str(&j, r->take);
    json_key(&j, "tests"), json_str(&j, r->tests);
    json_key(&j, "seconds"), json_num(&j, r->seconds);
    json_key(&j, "steps"), json_open(&j, '[');
    for (size_t i = 0; i < r->nsteps; i++)
        step_json(&j, &r->steps[i], x->s.app);
    json_close(&j, ']');
    if (r->whole) {
        json_key(&j, "whole");
        proof_json(r->whole, &j);
    }
    json_close(&j, '}');
}

/* Prints the result, and keeps it for the report. */
static int deliver(struct fixing *x)
{
    struct err err = { 0 };
    const struct args *a = x->s.args;
    auto_buf json = BUF_INIT((size_t)128 << 20);
    result_json(x, &json);
    if (a->json)
        printf("%s\n", buf_cstr(&json));
    else
        print_result(x);
    if (a->dry_run)
        return 0;
    struct str text = { json.p, (uint32_t)json.n }, whole;
    if (session_keep_fixes(&x->s, text, &err))
        return print_error(x->s.cli, &err);
    if (a->out && (session_last(x->s.dir, x->s.arena, &whole, &err) || write_out(a->out, whole, &err)))
        return print_error(x->s.cli, &err);
    if (a->out)
        fprintf(stderr, "The report is in %s\n", a->out);
    return 0;
}

/* Findings with their costs: a check of this moment, of the finding's own page when one finding is asked for. */
static int find(struct fixing *x, const char *route, double budget_s)
{
    struct err err = { 0 };
    struct args narrowed = *x->s.args;
    narrowed.budget_s = budget_s;
    if (route) {
        narrowed.routes = (struct list){ .items = { route }, .n = 1 };
    }
    const struct args *given = x->s.args;
    int rc = session_read(&x->s);
    if (rc)
        return rc;
    x->s.args = &narrowed;
    int measured = measure(&x->s, &x->config, &x->instance, &x->rules, &err);
    x->s.args = given;
    if (measured && !given->dry_run)
        return print_error(x->s.cli, &err);
    return session_judge(&x->s, &x->rules);
}

static int run(struct fixing *x, const char *id, double budget_s)
{
    struct err err = { 0 };
    char extension[PATH_MAX];
    const struct args *a = x->s.args;
    if (extension_find(a->extension, extension, sizeof extension, &err))
        return print_error(x->s.cli, &err);
    struct instance_opts instance = { .extension = extension, .php = a->php, .fpm = a->fpm,
                                      .env = a->env.n ? a->env.items : x->config.env.items, .network_wall_only = a->unsafe,
                                      .stop = x->s.cli->stop };
    struct fix_opts o = { .only_rule = a->rules.n ? a->rules.items[0] : NULL, .finding = id, .dry_run = a->dry_run,
                          .interactive = a->interactive, .budget_ns = (uint64_t)(budget_s * 1e9), .ask = ask, .ask_ctx = x,
                          .progress = said, .progress_ctx = x->s.cli, .stop = x->s.cli->stop };
    o.prove.instance = &instance;
    o.prove.as = a->as ? a->as : x->config.as;
    o.prove.guard = a->guard ? a->guard : x->config.guard;
    int rc = fix_run(x->s.app, x->s.flows, x->s.findings, x->rules.load, x->rules.schema, &o, x->s.arena, &x->result, &err);
    progress_done(x->s.cli);
    if (rc)
        return print_error(x->s.cli, &err);
    if (id && !x->result->nsteps) {
        err_set(&err, RC_NOTFOUND, "fettle check . lists what is there now", "no finding %s is there any more", id);
        return print_error(x->s.cli, &err);
    }
    if ((rc = deliver(x)))
        return rc;
    for (size_t i = 0; i < x->result->nsteps; i++)
        if (x->result->steps[i].state != FIX_KEPT)
            return EXIT_FINDINGS;
    return EXIT_FINE;
}

static int undo(struct cli *cli, const char *dir)
{
    struct err err = { 0 };
    char absolute[PATH_MAX];
    if (!realpath(dir, absolute))
        err_set(&err, RC_NOTFOUND, NULL, "there is no folder %s", dir);
    else
        (void)!fix_undo(absolute, &err);
    if (err.rc)
        return print_error(cli, &err);
    printf("The branch of fettle fix is gone.\n");
    return EXIT_FINE;
}

int cmd_fix(struct cli *cli, const struct args *args)
{
    struct fixing x = { .instance = NULL };
    const char *dir, *wanted;
    dir_and_finding(args, &dir, &wanted);
    const char *id = wanted, *route = NULL;
    double budget_s = args->budget_s > 0 ? args->budget_s : wanted ? 120 : 600;
    if (args->undo)
        return undo(cli, dir);
    int rc = session_open(&x.s, cli, args, dir);
    x.s.report.command = "fix";
    if (!rc)
        rc = config_read(&x.s, &x.config);
    if (!rc && wanted)
        rc = resolve(&x, wanted, &id, &route);
    if (!rc)
        rc = find(&x, route, budget_s < 120 ? budget_s / 2 : 60); /* one page needs less: it ends when its median is known */
    if (x.rules.plans)
        x.rules.engine->close(x.rules.plans);
    if (!rc && !*cli->stop)
        rc = run(&x, id, budget_s);
    instance_stop(x.instance);
    if (*cli->stop && !(x.result && x.result->take)) {
        progress_done(cli);
        fprintf(stderr, "Stopped. The private copies are gone; nothing of yours was changed.\n");
        rc = 128 + *cli->stop;
    }
    session_close(&x.s);
    return rc;
}
