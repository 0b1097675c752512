/* fettle why, fettle report, fettle rules: what was found before, and what is looked for. */
#include "cli/session.h"

#include <ctype.h>

int cmd_why(struct cli *cli, const struct args *args)
{
    struct err err = { 0 };
    struct str json;
    if (args->npositional < 1) {
        command_help(command_find("why"), stderr);
        return EXIT_USAGE;
    }
    auto_arena *a = arena_new((size_t)256 << 20);
    const char *dir = args->npositional > 1 ? args->positional[1] : ".";
    if (!a || session_last(dir, a, &json, &err))
        return print_error(cli, &err);
    struct report_style style = { .colour = cli->colour_out, .width = cli->width };
    auto_buf out = BUF_INIT((size_t)16 << 20);
    if (report_why(json, args->positional[0], &style, &out, &err))
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

int cmd_rules(struct cli *cli, const struct args *args)
{
    const char *family = "";
    for (size_t i = 0; i < rules_count; i++) {
        const struct rule *r = &rules_table[i];
        if (args->npositional && strcmp(r->id, args->positional[0]))
            continue;
        if (strcmp(family, r->family))
            printf("%s%s\n", *family ? "\n" : "", r->family);
        family = r->family;
        printf("  %-24s %-8s %s\n", r->id, r->fix == FIX_NONE ? "" : fix_kind_name(r->fix), r->title);
    }
    (void)cli;
    return EXIT_FINE;
}
