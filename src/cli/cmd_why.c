/* fettle why, fettle report, fettle rules: what was found before, and what is looked for. */
#include "cli/session.h"

#include <jansson.h>

/* The finding as it stands in the result, by its number or the first digits of its id. */
static int why_json(struct str result, const char *wanted, struct err *err)
{
    json_error_t problem;
    json_t *root = json_loadb(result.p, result.n, 0, &problem), *f, *hit = NULL;
    size_t i;
    json_array_foreach(json_object_get(root, "findings"), i, f) {
        char number[24];
        const char *id = json_string_value(json_object_get(f, "id"));
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(json_object_get(f, "number")));
        if (!hit && (!strcmp(number, wanted) || (id && strlen(wanted) >= 4 && !strncmp(id, wanted, strlen(wanted)))))
            hit = f;
    }
    char *text = hit ? json_dumps(hit, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (text)
        puts(text);
    free(text);
    json_decref(root);
    return text ? RC_OK : err_set(err, RC_NOTFOUND, "give a number out of the list of fettle check",
                                  "the last result has no finding %s", wanted);
}

int cmd_why(struct cli *cli, const struct args *args)
{
    struct err err = { 0 };
    struct str json;
    const char *dir, *wanted;
    dir_and_finding(args, &dir, &wanted);
    if (!wanted) {
        command_help(command_find("why"), stderr);
        return EXIT_USAGE;
    }
    auto_arena *a = arena_new((size_t)256 << 20);
    if (!a || session_last(dir, a, &json, &err))
        return print_error(cli, &err);
    if (args->json)
        return why_json(json, wanted, &err) ? print_error(cli, &err) : EXIT_FINE;
    struct report_style style = { .colour = cli->colour_out, .width = cli->width };
    auto_buf out = BUF_INIT((size_t)16 << 20);
    if (report_why(json, wanted, &style, &out, &err))
        return print_error(cli, &err);
    fwrite(buf_cstr(&out), 1, out.n, stdout);
    return EXIT_FINE;
}

int cmd_report(struct cli *cli, const struct args *args)
{
    struct err err = { 0 };
    struct str json;
    if (!args->out) {
        command_help(command_find("report"), stderr);
        return EXIT_USAGE;
    }
    auto_arena *a = arena_new((size_t)256 << 20);
    if (!a || session_last(args->npositional ? args->positional[0] : ".", a, &json, &err) ||
        write_out(args->out, json, &err))
        return print_error(cli, &err);
    fprintf(stderr, "The report is in %s\n", args->out);
    return EXIT_FINE;
}

static void rules_json(const char *only)
{
    auto_buf out = BUF_INIT((size_t)1 << 20);
    struct json j = { &out };
    json_open(&j, '[');
    for (size_t i = 0; i < rules_count; i++) {
        const struct rule *r = &rules_table[i];
        if (only && strcmp(r->id, only))
            continue;
        json_open(&j, '{');
        json_key(&j, "rule"), json_str(&j, r->id);
        json_key(&j, "family"), json_str(&j, r->family);
        json_key(&j, "title"), json_str(&j, r->title);
        json_key(&j, "fix"), json_str(&j, fix_kind_name(r->fix));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    puts(buf_cstr(&out));
}

int cmd_rules(struct cli *cli, const struct args *args)
{
    const char *family = "", *only = args->npositional ? args->positional[0] : NULL;
    struct err err = { 0 };
    if (only && !rule_find(only)) {
        err_set(&err, RC_USAGE, "fettle rules lists them", "there is no rule %s", only);
        print_error(cli, &err);
        return EXIT_USAGE;
    }
    if (args->json) {
        rules_json(only);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < rules_count; i++) {
        const struct rule *r = &rules_table[i];
        if (only && strcmp(r->id, only))
            continue;
        if (strcmp(family, r->family))
            printf("%s%s\n", *family ? "\n" : "", r->family);
        family = r->family;
        printf("  %-24s %-8s %s\n", r->id, r->fix == FIX_NONE ? "" : fix_kind_name(r->fix), r->title);
    }
    return EXIT_FINE;
}
