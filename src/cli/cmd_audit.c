/* fettle audit: the disk only. */
#include "cli/session.h"

int cmd_audit(struct cli *cli, const struct args *args)
{
    struct session s;
    struct rule_in in = { 0 };
    int rc = session_open(&s, cli, args, args->npositional ? args->positional[0] : ".");
    s.report.command = "audit";
    if (!rc)
        rc = session_read(&s);
    if (!rc)
        rc = session_judge(&s, &in);
    if (!rc)
        rc = session_report(&s);
    session_close(&s);
    return rc;
}
