/* What the two halves of the keeper say to each other: one SEQPACKET message each way, strings
 * packed behind a header. */
#ifndef FETTLE_INSTANCE_KEEPER_WIRE_H
#define FETTLE_INSTANCE_KEEPER_WIRE_H
#include "instance/keeper.h"

enum { KEEPER_MESSAGE_MAX = 160 << 10, KEEPER_STRINGS_MAX = 4096, KEEPER_CHILDREN_MAX = 256 };

struct keeper_message {
    uint32_t op, id;
    int32_t value; /* exit status, errno, signal or pid */
    uint32_t flags, uid, gid, nargs, nenv;
    char text[192]; /* what went wrong */
    char strings[]; /* cwd, then nargs arguments, then nenv variables, each NUL-terminated */
};
enum { RUN_SAME_SESSION = 1, HELLO_USER_NAMESPACE = 1 };

/* The inner half. Never returns. */
struct keeper_inner {
    int control, parent_pidfd;
    enum walls walls;
    bool user_namespace, root;
};
_Noreturn void keeper_inner(const struct keeper_inner *);

/* walls.c; each returns 0 or an errno and says in text what failed */
int walls_network(char *text, size_t size);
int walls_world(const struct keeper_inner *, char *const *keep, size_t n, char *text, size_t size);
int walls_bind(const char *from, const char *to, char *text, size_t size);
int walls_resolver(const char *file, char *text, size_t size);
int walls_mask(char *const *sockets, size_t n, char *text, size_t size);
int walls_overlay(const struct keeper_inner *, const char *folder, const char *upper,
                  const char *work, char *text, size_t size);
int walls_drop_privileges(const struct keeper_inner *, uid_t uid, gid_t gid);
#endif
