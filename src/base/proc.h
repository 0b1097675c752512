/* Child processes: run to the end with a time limit, collect output, never leave one behind. */
#ifndef FETTLE_BASE_PROC_H
#define FETTLE_BASE_PROC_H
#include "base/err.h"
#include "base/str.h"

#include <sys/types.h>

struct proc_opts {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *const *env;  /* NULL-terminated "K=V"; NULL: inherit */
    const char *cwd;         /* NULL: inherit */
    struct str input;        /* given on standard input */
    uint64_t timeout_ns;     /* 0: 60 s. At the limit the whole process group is killed: RC_TIMEOUT */
};
struct proc_result {
    int status; /* exit status; 128 + signal when killed */
    struct buf out, err;
};
/* RC_OK whenever the program ran, whatever its status. Output beyond LIMIT_OUTPUT_BYTES is cut. */
int proc_run(const struct proc_opts *, struct proc_result *ret, struct err *) MUST_CHECK;
void proc_result_release(struct proc_result *);
#endif
