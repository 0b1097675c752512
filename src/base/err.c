#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, enum rc rc, const char *next, const char *fmt, ...)
{
    if (!err)
        return rc;
    va_list ap;
    va_start(ap, fmt);
    err->rc = rc;
    vsnprintf(err->what, sizeof err->what, fmt, ap);
    snprintf(err->next, sizeof err->next, "%s", next ? next : "");
    va_end(ap);
    return rc;
}

const char *rc_name(enum rc rc)
{
    static const char *const names[] = { "ok",      "no memory", "limit reached", "input/output",
                                         "parse",   "not found", "denied",        "timed out",
                                         "usage",   "unsupported", "interrupted", "unsafe",
                                         "wrong state" };
    int i = -(int)rc;
    return i >= 0 && i < (int)(sizeof names / sizeof *names) ? names[i] : "unknown";
}
