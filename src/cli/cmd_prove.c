/* fettle prove A B [DIR]: two versions of one application, side by side. */
#include "cli/extension.h"
#include "cli/session.h"
#include "prove/prove.h"

#include <limits.h>
#include <math.h>
#include <unistd.h>

enum { PROVE_ARENA = 1 << 30, PROVE_OUT = 128 << 20 };

struct proving_cli {
    struct cli *cli;
    const struct args *args;
    struct arena *arena;
    char dir[PATH_MAX];
    struct workdir work;
    char edits[2][PATH_MAX];
    struct app *app;
};

static void said(void *ctx, const char *line)
{
    const struct proving_cli *c = ctx;
    progress_step(c->cli, line);
}

static bool has_artisan(const char *dir)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/artisan", dir) < (int)sizeof path && file_exists(path);
}

/* The application's own folder; a folder of edited files; another copy of the application; a git ref. */
static int side_named(struct proving_cli *c, unsigned which, const char *name, struct side *ret, struct err *err)
{
    char real[PATH_MAX];
    *ret = (struct side){ .label = name, .dir = c->dir };
    if (file_is_dir(name) && realpath(name, real)) {
        if (strcmp(real, c->dir) == 0)
            return RC_OK;
        if (!has_artisan(real)) {
            ret->edits_dir = arena_strdup(c->arena, real);
            return ret->edits_dir ? RC_OK : RC_NOMEM;
        }
        int rc = side_of_folder(c->dir, real, c->work.path, c->edits[which], sizeof c->edits[which], err);
        ret->edits_dir = c->edits[which];
        return rc;
    }
    int rc = side_of_ref(c->dir, name, c->work.path, c->edits[which], sizeof c->edits[which], err);
    ret->edits_dir = c->edits[which];
    return rc;
}

static int pick_dir(struct proving_cli *c, struct err *err)
{
    const struct args *a = c->args;
    const char *dir = a->npositional > 2 ? a->positional[2] : ".";
    for (unsigned i = 0; i < 2 && a->npositional == 2; i++)
        if (!has_artisan(".") && file_is_dir(a->positional[i]) && has_artisan(a->positional[i])) {
            dir = a->positional[i];
            break;
        }
    if (!realpath(dir, c->dir))
        return err_set(err, RC_NOTFOUND, "give the folder that holds artisan", "there is no folder %s", dir);
    return RC_OK;
}

static bool is_saved(const char *name)
{
    return str_ends(str_c(name), ".json") && file_exists(name) && !file_is_dir(name);
}

static int compare_saved(struct proving_cli *c, struct proof **ret, struct prove_opts *o, struct err *err)
{
    struct str text[2];
    int rc = RC_OK;
    for (unsigned i = 0; i < 2 && !rc; i++) {
        if (!is_saved(c->args->positional[i]))
            return err_set(err, RC_USAGE, "give two results of fettle check, or two versions", "a saved result compares with another one only");
        rc = file_read(c->args->positional[i], PROVE_OUT, c->arena, &text[i], err);
    }
    o->a.label = c->args->positional[0];
    o->b.label = c->args->positional[1];
    return rc ? rc : prove_saved(text[0], text[1], c->arena, ret, err);
}

static int measure(struct proving_cli *c, struct proof **ret, struct prove_opts *o, struct err *err)
{
    const struct args *a = c->args;
    char extension[PATH_MAX];
    struct app_opts app_opts = { 0 };
    int rc = pick_dir(c, err);
    rc = rc ? rc : extension_find(a->extension, extension, sizeof extension, err);
    rc = rc ? rc : workdir_make("prove", &c->work, err);
    rc = rc ? rc : side_named(c, 0, a->positional[0], &o->a, err);
    rc = rc ? rc : side_named(c, 1, a->positional[1], &o->b, err);
    progress_say(c->cli, "read     %s", c->dir);
    rc = rc ? rc : app_open(c->dir, &app_opts, &c->app, err);
    if (rc)
        return rc;
    struct instance_opts in = { .extension = extension, .php = a->php, .fpm = a->fpm, .env = a->env.n ? a->env.items : NULL,
                                .host = a->host, .network_wall_only = a->unsafe, .stop = c->cli->stop };
    o->routes = a->routes.n ? a->routes.items : NULL;
    o->budget_ns = a->budget_s > 0 ? (uint64_t)(a->budget_s * 1e9) : 0;
    o->instance = &in;
    o->as = a->as;
    o->guard = a->guard;
    o->behaviour_only = a->behaviour;
    o->timing_only = a->times;
    o->seed = (uint64_t)a->seed;
    o->progress = said;
    o->progress_ctx = c;
    o->stop = c->cli->stop;
    rc = prove(c->app, o, c->arena, ret, err);
    progress_done(c->cli);
    return rc;
}

static int show(struct proving_cli *c, const struct prove_opts *o, const struct proof *p)
{
    auto_buf out = BUF_INIT(PROVE_OUT);
    struct json j = { &out };
    struct err err = { 0 };
    if (c->args->json || c->args->out)
        proof_json(p, &j);
    if (c->args->out && file_write_atomic(c->args->out, out.p, out.n, &err))
        return print_error(c->cli, &err);
    if (!c->args->json) {
        buf_clear(&out);
        proof_text(p, o, &(struct proof_style){ c->cli->colour_out, c->cli->width }, &out);
    } else {
        buf_addc(&out, '\n');
    }
    if (fwrite(buf_cstr(&out), 1, out.n, stdout) != out.n || fflush(stdout)) {
        err_set(&err, RC_IO, "free some room, or write elsewhere", "standard output cannot be written");
        return print_error(c->cli, &err);
    }
    if (p->invalid)
        return EXIT_CANNOT;
    if (p->saved)
        return p->more_work ? EXIT_FINDINGS : EXIT_FINE;
    return p->verdict == VERDICT_SLOWER || (!p->same_behaviour && !c->args->times) ? EXIT_FINDINGS : EXIT_FINE;
}

int cmd_prove(struct cli *cli, const struct args *args)
{
    struct err err = { 0 };
    if (args->npositional < 2) {
        command_help(command_find("prove"), stderr);
        return EXIT_USAGE;
    }
    struct proving_cli *c = calloc(1, sizeof *c);
    struct proof *proof = NULL;
    struct prove_opts o = { 0 };
    if (!c || !(c->arena = arena_new(PROVE_ARENA))) {
        free(c);
        err_set(&err, RC_NOMEM, NULL, "no memory to start");
        return print_error(cli, &err);
    }
    c->cli = cli;
    c->args = args;
    bool saved = is_saved(args->positional[0]) || is_saved(args->positional[1]);
    int rc = saved ? compare_saved(c, &proof, &o, &err) : measure(c, &proof, &o, &err);
    if (!rc) {
        rc = show(c, &o, proof);
    } else if (*cli->stop) {
        fprintf(stderr, "Stopped. The private copies are gone; nothing of yours was changed.\n");
        rc = 128 + *cli->stop;
    } else {
        rc = print_error(cli, &err);
    }
    workdir_remove(&c->work);
    app_free(c->app);
    arena_free(c->arena);
    free(c);
    return rc;
}
