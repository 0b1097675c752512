/* What audit, check, prove and fix share: opening the app, the static half, the report in the form that was asked for,
 * and the last result, kept in the user's cache folder (never in the app's) for `why` and `report`. */
#ifndef FETTLE_CLI_SESSION_H
#define FETTLE_CLI_SESSION_H
#include "cli/command.h"
#include "report/report.h"

struct session {
    struct cli *cli;
    const struct args *args;
    char dir[4096];            /* absolute */
    struct app *app;
    struct flows *flows;
    struct findings *findings;
    struct arena *arena;
    struct report_in report;
    struct thresholds thresholds;
    struct list off;           /* rules that fettle.toml switches off */
    uint64_t started_ns;
    char at[32];
};

/* Each returns 0 or an exit code, its message printed. */
int session_open(struct session *, struct cli *, const struct args *, const char *dir);
int session_read(struct session *);                          /* app and flows */
int session_judge(struct session *, struct rule_in *);       /* rules, findings closed */
int session_report(struct session *);                        /* prints, saves, writes -o; EXIT_FINE or EXIT_FINDINGS */
void session_close(struct session *);

/* The last result of a folder as JSON text; RC_NOTFOUND with what to do when there is none. */
int session_last(const char *dir, struct arena *, struct str *ret, struct err *) MUST_CHECK;
/* Keeps what fettle fix did (a JSON object) beside the last result: `report` and `why` read both. */
int session_keep_fixes(struct session *, struct str fixes, struct err *) MUST_CHECK;
int print_error(const struct cli *, const struct err *); /* what, and what to do; returns EXIT_CANNOT */
int write_out(const char *path, struct str json, struct err *) MUST_CHECK; /* .json or .html by the ending */

/* One line redrawn in place on stderr, on a terminal only. */
void progress_say(const struct cli *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void progress_done(const struct cli *);
/* One step of long work: on a terminal like progress_say; elsewhere a line of its own, with the seconds since the start, when
 * another kind of step begins (its first word) or some time has passed. */
void progress_step(struct cli *, const char *line);
#endif
