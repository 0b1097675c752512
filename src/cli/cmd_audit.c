/* fettle audit: the disk only. */
#include "cli/config.h"

int cmd_audit(struct cli *cli, const struct args *args)
{
    struct session s;
    struct rule_in in = { 0 };
    struct config config;
    int rc = session_open(&s, cli, args, args->npositional ? args->positional[0] : ".");
    s.report.command = "audit";
    if (!rc)
        rc = config_read(&s, &config);
    if (!rc)
        rc = session_read(&s);
    if (!rc)
        rc = session_judge(&s, &in);
    if (!rc)
        rc = session_report(&s);
    session_close(&s);
    return rc;
}
