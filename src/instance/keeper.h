/* The keeper: process 1 of the instance's namespaces. It is a fork of us, so it needs no file of
 * its own; it makes the walls (walls.c), starts every program of the instance without privileges,
 * reaps them, and dies with us: it watches a pidfd of ours and the control socket, and when process
 * 1 of a PID namespace ends the kernel kills the rest.
 *
 * Outside there is `struct keeper`, one thread at a time. Every call has a deadline and looks at
 * *stop.
 */
#ifndef FETTLE_INSTANCE_KEEPER_H
#define FETTLE_INSTANCE_KEEPER_H
#include "base/base.h"

#include <sys/types.h>

enum walls {
    WALLS_NONE, /* nothing could be had: a process group only */
    WALLS_NET,  /* network, IPC and PID namespaces */
    WALLS_FULL, /* and a mount namespace */
};

struct keeper;
struct keeper_opts {
    bool no_mount;     /* leave the mount namespace out (tests, and where it is refused) */
    bool allow_weaker; /* the user agreed to go on with less than WALLS_FULL */
    volatile int *stop;
};
/* RC_DENIED when namespaces are refused and weaker walls are not allowed; err says what the kernel
 * refused. */
int keeper_start(const struct keeper_opts *, struct keeper **ret, struct err *) MUST_CHECK;
void keeper_stop(struct keeper *); /* kills everything inside; NULL is fine */
enum walls keeper_walls(const struct keeper *);
bool keeper_in_user_namespace(const struct keeper *);
pid_t keeper_pid(const struct keeper *); /* of process 1, as seen from outside */

enum keeper_op {
    K_HELLO = 1, /* keeper -> us */
    K_WORLD,     /* args: folders that stay writable */
    K_MASK,      /* args: paths of foreign sockets */
    K_RESOLVER,  /* args: file, laid over /etc/resolv.conf */
    K_OVERLAY,   /* args: folder, upper, work */
    K_REMOVE,    /* args: paths, removed as the instance sees them */
    K_PUT,       /* args: from, to: copies a file inside, keeping its mode */
    K_BIND, /* args: from, to: lays a file over another, which is made where it is missing and can
               be */
    K_RUN,
    K_KILL,
    K_STARTED,
    K_EXITED,
    K_DONE,
};
/* A synchronous operation with NULL-terminated arguments. */
int keeper_do(struct keeper *, enum keeper_op, const char *const *args, struct err *) MUST_CHECK;

struct keeper_run {
    const char *const *argv, *const *env; /* NULL-terminated; argv[0] is a path */
    const char *cwd;
    int in, out, err; /* descriptors; -1: /dev/null */
    uid_t uid;        /* as root only: run as this user; 0: stay */
    gid_t gid;
    bool same_session; /* keep the child in the keeper's session (not for programs of the app) */
};
int keeper_spawn(struct keeper *, const struct keeper_run *, uint32_t *ret_id,
                 struct err *) MUST_CHECK;
/* Waits for a program to end. RC_TIMEOUT leaves it running, RC_INTERRUPTED when *stop. */
int keeper_wait(struct keeper *, uint32_t id, uint64_t deadline_ns, int *ret_status,
                struct err *) MUST_CHECK;
bool keeper_running(struct keeper *, uint32_t id);
void keeper_kill(struct keeper *, uint32_t id, int signal); /* the program's whole process group */
/* Runs to the end and collects output, like proc_run. At the deadline it is killed: RC_TIMEOUT. */
int keeper_exec(struct keeper *, const struct keeper_run *, struct str input, uint64_t timeout_ns,
                struct proc_result *ret, struct err *) MUST_CHECK;
#endif
