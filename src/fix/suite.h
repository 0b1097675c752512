/* The application's own test suite, run inside a private instance: twice as it is, so that flaky tests are known by
 * name, and once with edits. */
#ifndef FETTLE_FIX_SUITE_H
#define FETTLE_FIX_SUITE_H
#include "fix/fix.h"

struct outcome { /* of one run */
    struct str *names; /* "class::test" */
    bool *failed;
    size_t n, nfailed;
    int status;
};
/* The tests of a JUnit file, which is whatever the application's runner wrote; RC_NOMEM at most. */
int junit_read(struct str xml, struct arena *, struct outcome *ret) MUST_CHECK;

enum { BROKEN_MAX = 16 };
struct suite_verdict {
    const char *text;   /* "148 tests pass", "no test suite was found" */
    const char *broken[BROKEN_MAX]; /* tests that passed twice before and fail now: the first of them */
    size_t nbroken;
    size_t steady, failed_before, flaky;
};
/* Nothing is begun after until_ns (of now_ns()); a run that is cut by it counts as not run, which the text says. */
int suite_compare(const struct app *, const struct fix_opts *, const char *edits_dir, uint64_t until_ns, struct arena *,
                  struct suite_verdict *ret, struct err *) MUST_CHECK;
/* Only those tests again, with other edits: does one of them fail? */
int suite_breaks(const struct app *, const struct fix_opts *, const char *edits_dir, const struct suite_verdict *, uint64_t until_ns,
                 struct arena *, bool *ret, struct err *) MUST_CHECK;
#endif
