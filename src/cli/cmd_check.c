/* fettle check: the whole line, from the application on disk to findings ranked by measured cost. */
#include "cli/measure.h"

#include <unistd.h>

int cmd_check(struct cli *cli, const struct args *args)
{
    struct session s;
    struct rule_in rules = { 0 };
    struct instance *in = NULL;
    struct config config = { 0 };
    struct err err = { 0 };
    int rc = session_open(&s, cli, args, args->npositional ? args->positional[0] : ".");
    s.report.command = "check";
    if (!rc)
        rc = config_read(&s, &config);
    if (!rc)
        rc = session_read(&s);
    int measured = rc ? 0 : measure(&s, &config, &in, &rules, &err);
    if (!rc && measured) { /* the static half still speaks */
        s.report.instance_problem = err.what;
        s.report.instance_next = err.next;
    }
    if (!rc && !*cli->stop)
        rc = session_judge(&s, &rules);
    if (!rc && !*cli->stop)
        rc = session_report(&s);
    if (measured && err.rc && !*cli->stop && (args->json || args->plain || !isatty(1)))
        print_error(cli, &err); /* the screen says it itself; a list or JSON on stdout does not */
    if (rules.plans)
        rules.engine->close(rules.plans);
    instance_stop(in);
    if (*cli->stop) {
        progress_done(cli);
        fprintf(stderr, "Stopped. The private copy is gone; nothing of yours was changed.\n");
        rc = 128 + *cli->stop;
    } else if (measured && rc <= EXIT_FINDINGS) {
        rc = EXIT_CANNOT;
    }
    session_close(&s);
    return rc;
}
