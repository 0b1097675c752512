/* What the files of this room share. Nothing outside includes it. */
#ifndef FETTLE_INSTANCE_INTERNAL_H
#define FETTLE_INSTANCE_INTERNAL_H
#include "instance/instance.h"
#include "instance/keeper.h"

#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

/* --- the PHP that runs it (php.c) --- */
struct php {
    const char *cli, *fpm, *version, *api; /* version "8.2.29", api "20220829-NTS" */
    const char *why;
    const char *extension;      /* fettle.so to load, NULL: none found */
    bool fpm_has_opcache;
};
int php_choose(const struct app *, const struct instance_opts *, struct arena *, struct php *ret,
               struct err *) MUST_CHECK;
/* Does a version satisfy a Composer constraint ("^8.2", ">=8.1 <8.4", "8.1.* || 8.2.*")? Unknown
 * forms are satisfied. */
bool php_satisfies(const char *version, const char *constraint);

/* --- the private copies of data (data.c and one file an engine) --- */
enum source_state {
    SOURCE_COPIED,
    SOURCE_EMPTY,
    SOURCE_WALLED /* not copied; nothing inside reaches it */,
    SOURCE_MEMORY
};
struct db_source { /* one connection of the app's configuration */
    const char *name, *driver, *database, *host, *socket, *user, *password, *file, *schema,
        *charset;
    int port;
    bool is_default, file_exists;
    enum source_state state;
    const char *copy; /* sqlite: the start snapshot; servers: the data folder */
    const char *note;
    size_t same_as; /* index of the source whose copy serves this one too; itself otherwise */
};
struct server { /* a private server inside the walls */
    enum server_kind { SERVER_MYSQL, SERVER_PGSQL, SERVER_REDIS } kind;
    const char *const *argv; /* how it is started */
    const char *const *ready,
        *const *ready_env; /* a program that succeeds once it serves; NULL: its socket tells */
    const char *dir, *socket, *data, *database, *user;
    const char *at;           /* where the real one's socket is: ours lies over it; NULL: nowhere */
    const char *snapshot; /* the data folder as it was at the start, for reset; NULL: not kept */
    uint32_t id;          /* of the keeper's program; 0: not running */
    int port;
    uid_t uid; /* whom it runs as; 0: as we do */
    gid_t gid;
};
enum { SOURCES_MAX = 32, SERVERS_MAX = 8, OVERLAYS_MAX = 32 };

struct overlay { /* a folder of the user's and where its writes go */
    const char *folder, *upper, *work;
};

struct fpm { /* one php-fpm of one tier */
    uint32_t id;
    char sock[108];
    enum fw_tier tier;
};

struct private_ {
    struct arena *arena;
    struct instance_opts opts;
    struct keeper *keeper;
    struct php php;
    int lock_fd;
    uint64_t started_ns, until_ns; /* until_ns: of the start; 0 once it is over */
    const char *app_dir; /* real path */
    const char *host;    /* "shop.test" or "localhost:8000" */
    bool https;
    json_t *probe; /* what the configuration names */
    json_t *self;  /* what the worker said of itself */
    struct db_source sources[SOURCES_MAX];
    size_t nsources;
    struct server servers[SERVERS_MAX];
    size_t nservers;
    struct overlay overlays[OVERLAYS_MAX];
    size_t noverlays;
    const char **env; /* NULL-terminated, of every program inside */
    size_t nenv;
    const char **ini; /* "-d", "k=v", … shared by CLI and fpm */
    size_t nini;
    json_t *plan; /* becomes plan.json */
    uint32_t standin;
    struct fpm fpm[2];      /* by tier: [0] always-on or none, [1] deep */
    struct map64 *baseline; /* hash(path) -> hash(size, mtime) of the upper layers at the start */
    struct drive *drive;    /* what drive() made: lives until the stop */
};

/* Progress: one line to opts.say, with the formatting of printf. */
void say(const struct instance *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* RC_INTERRUPTED when the user wants to stop, RC_TIMEOUT when a start has used up its time. */
int halted(const struct instance *, struct err *) MUST_CHECK;
int embed_write(const char *dir, struct err *) MUST_CHECK;

/* --- programs inside (exec.c) --- */
int env_add(struct private_ *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int ini_add(struct private_ *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Runs the app's PHP with our ini; args after the script, NULL-terminated. */
int run_php(struct instance *, const char *const *args, struct str input, uint64_t timeout_ns,
            struct proc_result *ret, struct err *) MUST_CHECK;
/* Runs helper.php and reads its JSON object; RC_STATE with the app's own words when it says
 * "error". */
int run_helper(struct instance *, const char *const *args, struct str input, uint64_t timeout_ns,
               json_t **ret, struct err *) MUST_CHECK;

/* --- stages of the start --- */
int folder_make(struct instance *, struct err *) MUST_CHECK; /* folder.c */
void folder_end(const char *dir);
int sources_read(struct instance *, struct err *) MUST_CHECK; /* data.c */
int sources_copy(struct instance *, struct err *) MUST_CHECK;
bool source_same_server(const struct db_source *, const struct db_source *);
int server_copy(struct instance *, struct db_source *, struct err *) MUST_CHECK; /* servers.c */
int server_run(struct instance *, struct server *,
               struct err *) MUST_CHECK; /* starts it, waits until its socket answers */
int server_end(struct instance *, struct server *, struct err *) MUST_CHECK; /* a clean shutdown */
struct server *server_new(struct instance *, enum server_kind, const char *name, struct err *);
const char *server_program(struct arena *, const char *const *names,
                           const char *const *folders); /* NULL: not there */
/* What a client program prints, one string; RC_STATE with its first line of complaint when it
 * fails. */
int server_ask(struct instance *, const char *const *argv, const char *const *env, char **ret,
               struct err *) MUST_CHECK;
/* from | to, both outside the walls; RC_IO with the complaint of the one that failed */
int server_pipe(struct instance *, const char *const *from, const char *const *from_env,
                const char *const *to, const char *const *to_env, struct err *) MUST_CHECK;
int mysql_copy(struct instance *, struct db_source *, struct err *) MUST_CHECK; /* mysql.c */
int pgsql_copy(struct instance *, struct db_source *, struct err *) MUST_CHECK; /* pgsql.c */
/* Rewrites a connection of the plan: "key=value" pairs, NULL-terminated; "key" alone sets null. */
int plan_connection(struct private_ *, const char *name, const char *const *set);
int servers_reset(struct instance *, struct err *) MUST_CHECK;
int redis_start(struct instance *, struct err *) MUST_CHECK;   /* redis.c */
int overlays_make(struct instance *, struct err *) MUST_CHECK; /* overlay.c */
int overlays_baseline(struct instance *, struct err *) MUST_CHECK;
int overlays_reset(struct instance *, struct err *) MUST_CHECK;
const char *overlay_upper(const struct private_ *, const char *path); /* NULL: not below one */
int weaker_copies(struct instance *, struct err *) MUST_CHECK; /* weaker.c: without a mount wall */
int caches_build(struct instance *, struct err *) MUST_CHECK;  /* caches.c */
int standin_start(struct instance *, struct err *) MUST_CHECK; /* standin.c */
int fpm_start(struct instance *, enum fw_tier, struct err *) MUST_CHECK; /* fpm.c */
void fpm_stop(struct instance *, enum fw_tier);
int fpm_restart(struct instance *, struct err *) MUST_CHECK; /* after a hang: the current tier's */
int self_check(struct instance *, struct err *) MUST_CHECK;  /* selfcheck.c */
int walls_check(struct instance *, struct err *) MUST_CHECK; /* the same without php-fpm */

void drive_free(struct instance *); /* drive.c */

/* json helpers: absent or of another type gives "" / 0 / false */
const char *json_text(const json_t *, const char *key);
long long json_number(const json_t *, const char *key);
bool json_flag(const json_t *, const char *key);
#endif
