#include "cli/config.h"

#include <limits.h>

enum { STEPS_MAX = 1000 };

struct number_setting {
    const char *key;
    size_t offset;
};
static const struct number_setting thresholds[] = {
    { "thresholds.min_ms", offsetof(struct thresholds, min_ms) },
    { "thresholds.min_share", offsetof(struct thresholds, min_share) },
    { "thresholds.slow_query_ms", offsetof(struct thresholds, slow_query_ms) },
    { "thresholds.very_slow_query_ms", offsetof(struct thresholds, very_slow_query_ms) },
    { "thresholds.fat_state_bytes", offsetof(struct thresholds, fat_state_bytes) },
    { "thresholds.reference_rows", offsetof(struct thresholds, reference_rows) },
};
static const char *const known[] = { "check.as", "check.guard", "check.host", "check.budget", "check.routes",
                                     "check.env", "rules.off", "thresholds.repeats", "thresholds.unbounded_rows", "step" };

static bool is_known(const char *key)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++)
        if (!strcmp(key, thresholds[i].key))
            return true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i]);
        if (!strncmp(key, known[i], n) && (!key[n] || key[n] == '.'))
            return true;
    }
    return false;
}

static void read_list(const struct toml *t, const char *key, struct list *ret)
{
    char name[64];
    for (unsigned i = 0; i < toml_length(t, key) && ret->n < LIST_MAX; i++) {
        snprintf(name, sizeof name, "%s.%u", key, i);
        const char *text = toml_text(t, name, NULL);
        if (text)
            ret->items[ret->n++] = text;
    }
}

static const char *step_text(const struct toml *t, unsigned i, const char *field, const char *fallback)
{
    char key[64];
    snprintf(key, sizeof key, "step.%u.%s", i, field);
    return toml_text(t, key, fallback);
}

static int read_steps(struct session *s, const struct toml *t, struct config *ret, struct err *err)
{
    unsigned n = toml_length(t, "step");
    if (n > STEPS_MAX)
        return err_set(err, RC_LIMIT, NULL, "fettle.toml has %u steps, more than %u", n, STEPS_MAX);
    ret->steps = arena_new_array(s->arena, struct drive_step, n);
    for (unsigned i = 0; ret->steps && i < n; i++) {
        struct drive_step *step = &ret->steps[i];
        step->method = step_text(t, i, "method", "GET");
        step->path = step_text(t, i, "path", NULL);
        step->body = step_text(t, i, "body", NULL);
        step->content_type = step_text(t, i, "content_type", "application/x-www-form-urlencoded");
        if (!step->path || step->path[0] != '/')
            return err_set(err, RC_PARSE, "path = \"/posts\"", "step %u of fettle.toml has no path that begins with /", i + 1);
    }
    ret->nsteps = n;
    return RC_OK;
}

static int understand(struct session *s, const struct toml *t, struct config *ret, struct err *err)
{
    for (unsigned i = 0; i < toml_count(t); i++)
        if (!is_known(toml_key(t, i)))
            return err_set(err, RC_PARSE, "docs/config.md lists the settings", "fettle.toml line %u: there is no setting %s",
                           toml_line(t, toml_key(t, i)), toml_key(t, i));
    ret->as = toml_text(t, "check.as", NULL);
    ret->guard = toml_text(t, "check.guard", NULL);
    ret->host = toml_text(t, "check.host", NULL);
    ret->budget_s = 0;
    if (toml_has(t, "check.budget") && !time_parse(toml_text(t, "check.budget", ""), &ret->budget_s))
        return err_set(err, RC_PARSE, "budget = \"60s\"", "fettle.toml line %u: the budget is no time",
                       toml_line(t, "check.budget"));
    read_list(t, "check.routes", &ret->routes);
    read_list(t, "check.env", &ret->env);
    read_list(t, "rules.off", &s->off);
    for (unsigned i = 0; i < s->off.n; i++)
        if (!rule_find(s->off.items[i]))
            return err_set(err, RC_PARSE, "fettle rules lists them", "fettle.toml line %u: there is no rule %s",
                           toml_line(t, "rules.off"), s->off.items[i]);
    struct thresholds *th = &s->thresholds;
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        double *at = (double *)((char *)th + thresholds[i].offset);
        bool on_command_line = (at == &th->min_ms || at == &th->min_share) && (s->args->min_ms > 0 || s->args->min_share > 0);
        if (!on_command_line)
            *at = toml_number(t, thresholds[i].key, *at);
    }
    th->repeats = (unsigned)toml_number(t, "thresholds.repeats", th->repeats);
    th->unbounded_rows = (unsigned)toml_number(t, "thresholds.unbounded_rows", th->unbounded_rows);
    return read_steps(s, t, ret, err);
}

int config_read(struct session *s, struct config *ret)
{
    char path[PATH_MAX + 16];
    struct err err = { 0 };
    struct str text;
    struct toml *t;
    *ret = (struct config){ 0 };
    snprintf(path, sizeof path, "%s/fettle.toml", s->dir);
    const char *file = s->args->config ? s->args->config : path;
    if (!s->args->config && !file_exists(path))
        return 0;
    if (file_read(file, LIMIT_FILE_BYTES, s->arena, &text, &err) || toml_parse(text, s->arena, &t, &err) ||
        understand(s, t, ret, &err))
        return print_error(s->cli, &err);
    return 0;
}
