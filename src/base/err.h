/* Errors: one enum for every room, and a fixed buffer for the words.
 * A message says what failed, where and why; `next` says what the user does about it.
 *
 *     if (!app) return err_set(err, RC_NOTFOUND, "give the folder that holds artisan",
 *                              "%s is not a Laravel application: no artisan file", dir);
 */
#ifndef FETTLE_BASE_ERR_H
#define FETTLE_BASE_ERR_H

enum rc {
    RC_OK = 0,
    RC_NOMEM = -1,
    RC_LIMIT = -2, /* a ceiling was reached */
    RC_IO = -3,
    RC_PARSE = -4, /* input is not what it should be */
    RC_NOTFOUND = -5,
    RC_DENIED = -6,
    RC_TIMEOUT = -7,
    RC_USAGE = -8,
    RC_UNSUPPORTED = -9,
    RC_INTERRUPTED = -10,
    RC_UNSAFE = -11, /* a guard refused: going on could touch what is not ours */
    RC_STATE = -12,  /* called at the wrong time */
};

struct err {
    enum rc rc;
    char what[240];
    char next[160];
};

/* Fills *err (may be NULL) and returns rc, so that callers write `return err_set(...)`. `next` may be NULL. */
int err_set(struct err *err, enum rc rc, const char *next, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
const char *rc_name(enum rc rc);

#define MUST_CHECK __attribute__((warn_unused_result))
#endif
