/* Commands and their options are data: one table of commands, one table of options each. `-h`, the errors about
 * wrong usage and the tests come from these tables.
 *
 * A command returns 0 (fine), 1 (findings, or a budget exceeded), 2 (wrong usage), 3 (could not do it).
 */
#ifndef FETTLE_CLI_COMMAND_H
#define FETTLE_CLI_COMMAND_H
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

enum exit_code { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

enum option_type { OPT_FLAG, OPT_TEXT, OPT_LIST /* may be repeated */, OPT_NUMBER, OPT_TIME /* 60s, 10m */, OPT_COST /* 5ms, 1% */ };

enum { LIST_MAX = 32 };
struct list { /* NULL-terminated */
    const char *items[LIST_MAX + 1];
    unsigned n;
};

/* Every option's value; a command reads those that its own table names. */
struct args {
    const char *positional[8];
    unsigned npositional;
    char **rest;              /* what follows -- */
    bool json, plain, all, skipped, checklist, no_colour, deep, raw, dry_run, undo, interactive, unsafe, quiet, behaviour, times;
    const char *out, *as, *guard, *host, *config, *php, *fpm, *extension, *only_text;
    struct list routes, rules, env;
    double budget_s, request_limit_s, requests, seed, min_ms, min_share;
};

struct option_def {
    char short_name;          /* 0: none */
    const char *name, *value, *help; /* value: what -h calls it, NULL for a flag */
    enum option_type type;
    size_t offset;            /* into struct args */
    const char *fallback;     /* as -h shows it, NULL: none */
};

struct cli {
    const char *program;
    bool colour_out, colour_err, progress; /* a terminal is there */
    unsigned width;
    volatile int *stop;       /* set by Ctrl-C and TERM */
    uint64_t steps_from_ns, step_ns, step_kind; /* of progress_step */
};

struct command {
    const char *name, *usage, *summary;
    const char *about;        /* a paragraph for -h */
    const struct option_def *options; /* ends with name NULL */
    const char *examples;
    int (*run)(struct cli *, const struct args *);
    bool hidden;
};

/* DIR and NUMBER|ID of the positional ones, in either order: "." and NULL where they are not given. */
void dir_and_finding(const struct args *, const char **ret_dir, const char **ret_finding);

extern const struct command commands[]; /* ends with name NULL */
const struct command *command_find(const char *name);
void command_help(const struct command *, FILE *to);
/* Parses argv after the command's name. 0, or EXIT_USAGE with the message printed to stderr; -h prints help and sets
 * *ret_help. */
int args_parse(const struct command *, int argc, char **argv, struct args *ret, bool *ret_help);

bool time_parse(const char *text, double *ret_seconds); /* "60", "60s", "10m", "1.5h", "500ms" */

int cmd_audit(struct cli *, const struct args *);
int cmd_check(struct cli *, const struct args *);
int cmd_fix(struct cli *, const struct args *);
int cmd_why(struct cli *, const struct args *);
int cmd_report(struct cli *, const struct args *);
int cmd_trace(struct cli *, const struct args *);
int cmd_rules(struct cli *, const struct args *);
int cmd_prove(struct cli *, const struct args *);
#endif
