/* The one table of commands. */
#include "cli/command.h"

#include <stddef.h>

#define AT(field) offsetof(struct args, field)
#define END { 0, NULL, NULL, NULL, OPT_FLAG, 0, NULL }

#define SHOW_OPTIONS                                                                                         \
    { 0, "all", NULL, "every finding, also those that were not timed", OPT_FLAG, AT(all), NULL },           \
    { 0, "checklist", NULL, "configuration and hygiene too", OPT_FLAG, AT(checklist), NULL },               \
    { 0, "skipped", NULL, "what could not be read or driven, and why", OPT_FLAG, AT(skipped), NULL },       \
    { 0, "rule", "NAME", "only this rule; may be repeated", OPT_LIST, AT(rules), NULL },                     \
    { 'o', "out", "FILE", "also write it: .html or .json, by the ending", OPT_TEXT, AT(out), NULL },         \
    { 0, "json", NULL, "the whole result on stdout; schema in docs/json.md", OPT_FLAG, AT(json), NULL },     \
    { 0, "plain", NULL, "one line a finding, as in a pipe", OPT_FLAG, AT(plain), NULL }

#define INSTANCE_OPTIONS                                                                                     \
    { 0, "env", "KEY=VALUE", "set in the private copy only; may be repeated", OPT_LIST, AT(env), NULL },     \
    { 0, "php", "PATH", "this PHP", OPT_TEXT, AT(php), "found by what composer.json asks" },                 \
    { 0, "fpm", "PATH", "this php-fpm", OPT_TEXT, AT(fpm), NULL },                                           \
    { 0, "extension", "PATH", "this fettle.so", OPT_TEXT, AT(extension), "beside the program" },             \
    { 0, "unsafe", NULL, "go on where the machine allows no namespaces", OPT_FLAG, AT(unsafe), NULL }

static const struct option_def audit_options[] = { SHOW_OPTIONS, END };

static const struct option_def check_options[] = {
    { 'r', "route", "PATTERN", "only these routes: /posts, '/api/*'; may be repeated", OPT_LIST, AT(routes), "all GET routes" },
    { 'u', "as", "ID|EMAIL", "sign in as this user", OPT_TEXT, AT(as), "the one with most rows" },
    { 0, "guard", "NAME", "by this guard", OPT_TEXT, AT(guard), "the default one" },
    { 0, "host", "NAME", "ask for this host name", OPT_TEXT, AT(host), "from APP_URL" },
    { 'b', "budget", "TIME", "be done by then", OPT_TIME, AT(budget_s), "60s" },
    { 'n', "requests", "N", "at most so many requests a route", OPT_NUMBER, AT(requests), "40" },
    { 0, "request-limit", "TIME", "stop a request that takes longer", OPT_TIME, AT(request_limit_s), "10s" },
    { 'c', "config", "FILE", "steps, users, thresholds", OPT_TEXT, AT(config), "DIR/fettle.toml" },
    { 0, "min", "COST", "leave out what costs less: 5ms, 1%", OPT_COST, 0, "1ms and 1%" },
    INSTANCE_OPTIONS,
    SHOW_OPTIONS,
    END,
};

static const struct option_def fix_options[] = {
    { 0, "only", "RULE", "findings of this rule alone", OPT_LIST, AT(rules), "all that are marked auto" },
    { 'b', "budget", "TIME", "be done by then", OPT_TIME, AT(budget_s), "10m; 2m for one finding" },
    { 0, "dry-run", NULL, "show the edits, try nothing", OPT_FLAG, AT(dry_run), NULL },
    { 'i', "interactive", NULL, "ask before each one is kept", OPT_FLAG, AT(interactive), NULL },
    { 0, "undo", NULL, "remove the branch that the last run made", OPT_FLAG, AT(undo), NULL },
    { 'u', "as", "ID|EMAIL", "sign in as this user", OPT_TEXT, AT(as), "the one with most rows" },
    { 0, "guard", "NAME", "by this guard", OPT_TEXT, AT(guard), "the default one" },
    { 'c', "config", "FILE", "steps, users, thresholds", OPT_TEXT, AT(config), "DIR/fettle.toml" },
    { 'o', "out", "FILE", "also write the report, after the fixes: .html or .json", OPT_TEXT, AT(out), NULL },
    { 0, "json", NULL, "the result on stdout; schema in docs/fix.md", OPT_FLAG, AT(json), NULL },
    INSTANCE_OPTIONS,
    END,
};

static const struct option_def why_options[] = {
    { 0, "json", NULL, "the finding as JSON", OPT_FLAG, AT(json), NULL },
    END,
};

static const struct option_def report_options[] = {
    { 'o', "out", "FILE", "where to: .html or .json, by the ending", OPT_TEXT, AT(out), NULL },
    END,
};

static const struct option_def trace_options[] = {
    { 0, "deep", NULL, "exact spans of framework methods too", OPT_FLAG, AT(deep), NULL },
    { 0, "raw", NULL, "every span on a line of its own, nothing folded", OPT_FLAG, AT(raw), NULL },
    { 0, "extension", "PATH", "this fettle.so", OPT_TEXT, AT(extension), "beside the program" },
    END,
};

static const struct option_def prove_options[] = {
    { 'r', "route", "PATTERN", "only these routes: /posts, '/api/*'; may be repeated", OPT_LIST, AT(routes), "all GET routes" },
    { 'u', "as", "ID|EMAIL", "this user first; others are tried too", OPT_TEXT, AT(as), "the one with most rows" },
    { 0, "guard", "NAME", "by this guard", OPT_TEXT, AT(guard), "the default one" },
    { 0, "host", "NAME", "ask for this host name", OPT_TEXT, AT(host), "from APP_URL" },
    { 'b', "budget", "TIME", "be done by then", OPT_TIME, AT(budget_s), "2m" },
    { 0, "behaviour", NULL, "compare answers and what they leave behind; no times", OPT_FLAG, AT(behaviour), NULL },
    { 0, "times", NULL, "compare times only", OPT_FLAG, AT(times), NULL },
    { 0, "seed", "N", "of the order of windows", OPT_NUMBER, AT(seed), "the clock" },
    INSTANCE_OPTIONS,
    { 'o', "out", "FILE", "also write the proof as JSON", OPT_TEXT, AT(out), NULL },
    { 0, "json", NULL, "the whole proof on stdout; schema in docs/prove.md", OPT_FLAG, AT(json), NULL },
    END,
};

static const struct option_def rules_options[] = {
    { 0, "json", NULL, "as JSON", OPT_FLAG, AT(json), NULL },
    END,
};

const struct command commands[] = {
    { "audit", "fettle audit [DIR] [options]", "read the code only; nothing is run",
      "Reads the application and says what is likely slow: it writes nothing and sends nothing. What a bare\n"
      "`fettle` in an application's folder runs.", audit_options,
      "  fettle audit .\n  fettle audit . --json | jq '.findings[0]'\n  fettle audit . --rule n-plus-one-lazy\n",
      cmd_audit, false },
    { "check", "fettle check [DIR] [options]", "measure an application and rank what makes it slow",
      "Runs a private copy of the app with a copy of its database, behind a network and a mount namespace.\n"
      "Mail, queues, broadcasts and outgoing HTTP go to a stand-in. Only GET routes and empty Livewire updates\n"
      "are driven, unless fettle.toml says more. Nothing in DIR is written.", check_options,
      "  fettle check . -o report.html\n  fettle check . -r /research-chat -n 200\n"
      "  fettle check . --as admin@example.com --budget 3m\n  fettle check . --json | jq '.findings[0]'\n",
      cmd_check, false },
    { "fix", "fettle fix [DIR] [NUMBER|ID] [options]", "apply what can be applied, keep what is proved, on a branch",
      "Each fix is tried alone on a private copy: the same requests must get the same answers and leave the same\n"
      "data behind, and it must be faster or do less. Then all kept ones together, then the app's own tests. It ends\n"
      "with a git branch, one commit a fix; your folder stays as it is.\n\n"
      "Exit: 0 all were kept, 1 some were not, 2 wrong usage, 3 could not do it.", fix_options,
      "  fettle fix .\n  fettle fix . 1\n  fettle fix . -o report.html\n  fettle fix . --only n-plus-one-lazy --dry-run\n  fettle fix --undo\n",
      cmd_fix, false },
    { "why", "fettle why NUMBER|ID [DIR]", "the whole evidence of one finding of the last check or audit",
      NULL, why_options, "  fettle why 1\n  fettle why 3f2a\n", cmd_why, false },
    { "report", "fettle report -o FILE [DIR]", "the last result again, as a page or as JSON", NULL, report_options,
      "  fettle report -o report.html\n  fettle report -o report.html ../shop\n", cmd_report, false },
    { "trace", "fettle trace [options] -- php SCRIPT…", "run any PHP command under the extension, print its trace",
      "The command runs as it is, in place, with its own environment: it is yours, and so is what it writes.\n\n"
      "Exit: that of the command; 2 wrong usage, 3 could not trace it.",
      trace_options, "  fettle trace -- php artisan about\n  fettle trace --deep -- php artisan test --filter=Search\n",
      cmd_trace, false },
    { "prove", "fettle prove A B [DIR] [options]", "is B faster than A, and does it behave the same?",
      "A and B: the application's folder, a folder of edited files by their paths, another copy of it, or a git ref\n"
      "of the application in DIR (.). Both run as private copies with the same data, clock and chance; the same\n"
      "requests go to both, as several users. Answers and what they leave behind are compared; then times, in short\n"
      "windows in random ABBA order. At most 5 of 100 runs call a difference that is not there.\n\n"
      "Exit: 0 not slower and the same behaviour, 1 slower or different, 3 could not compare.", prove_options,
      "  fettle prove main HEAD\n  fettle prove . fixes/ --route /research-chat\n  fettle prove ../before . --json\n",
      cmd_prove, false },
    { "rules", "fettle rules [NAME]", "what fettle looks for", NULL, rules_options,
      "  fettle rules\n  fettle rules n-plus-one-lazy\n", cmd_rules, false },
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL, false },
};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}
