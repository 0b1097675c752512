/* PostgreSQL: pg_dump of the default database into a private cluster. It refuses to run as root:
 * then it runs as the owner of the server's package, else as nobody. */
#include "instance/internal.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { COPY_MAX_DEFAULT = 500000000, VERSIONS_MAX = 32 };

struct tools {
    const char *postgres, *initdb, *psql, *dump;
    int major;
};

static int major_of(struct instance *in, const char *postgres)
{
    char *line = NULL;
    struct err ignored;
    if (server_ask(in, (const char *const[]){ postgres, "--version", NULL }, NULL, &line,
                   &ignored) != RC_OK)
        return 0;
    const char *digits = strpbrk(line, "0123456789");
    return digits ? (int)strtol(digits, NULL, 10) : 0;
}

static bool in_folder(struct arena *a, const char *folder, struct tools *t)
{
    t->postgres = arena_printf(a, "%s/postgres", folder);
    t->initdb = arena_printf(a, "%s/initdb", folder);
    t->psql = arena_printf(a, "%s/psql", folder);
    t->dump = arena_printf(a, "%s/pg_dump", folder);
    return access(t->postgres, X_OK) == 0 && access(t->initdb, X_OK) == 0 &&
           access(t->psql, X_OK) == 0 && access(t->dump, X_OK) == 0;
}

/* The lowest version that is not older than the server: a dump program refuses newer servers. */
static bool find_tools(struct instance *in, int at_least, struct tools *ret)
{
    struct arena *a = in->p->arena;
    const char *folders[VERSIONS_MAX];
    size_t n = 0;
    DIR *d = opendir("/usr/lib/postgresql");
    struct dirent *e;
    while (d && (e = readdir(d)) && n < VERSIONS_MAX - 8)
        if (e->d_name[0] != '.')
            folders[n++] = arena_printf(a, "/usr/lib/postgresql/%s/bin", e->d_name);
    if (d)
        closedir(d);
    static const char *const more[] = { "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin",
                                        "/opt/homebrew/bin" };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        folders[n++] = more[i];
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        struct tools t;
        if (!in_folder(a, folders[i], &t) || (t.major = major_of(in, t.postgres)) < at_least)
            continue;
        if (!found || t.major < ret->major)
            *ret = t;
        found = true;
    }
    return found;
}

static const char *const *real_env(struct private_ *p, const struct db_source *s)
{
    const char **env = arena_new_array(p->arena, const char *, 10);
    size_t n = 0;
    if (!env)
        return NULL;
    env[n++] = arena_printf(p->arena, "PGHOST=%s", *s->host ? s->host : "127.0.0.1");
    env[n++] = arena_printf(p->arena, "PGPORT=%d", s->port ? s->port : 5432);
    env[n++] = arena_printf(p->arena, "PGUSER=%s", s->user);
    env[n++] = arena_printf(p->arena, "PGPASSWORD=%s", s->password);
    env[n++] = arena_printf(p->arena, "PGDATABASE=%s", s->database);
    env[n++] = "PGCONNECT_TIMEOUT=5";
    env[n++] = "PGOPTIONS=-c default_transaction_read_only=on";
    env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
    return env;
}

struct real {
    char *version;
    int major;
    double bytes;
};

static int look(struct instance *in, const struct db_source *s, const char *psql, struct real *r,
                struct err *err)
{
    char *answer = NULL;
    const char *const argv[] = { psql,
                                 "-X",
                                 "-A",
                                 "-t",
                                 "-c",
                                 "select current_setting('server_version_num') || ' ' || "
                                 "pg_database_size(current_database())",
                                 NULL };
    int rc = server_ask(in, argv, real_env(in->p, s), &answer, err);
    if (rc == RC_STATE && err) {
        char why[180];
        snprintf(why, sizeof why, "%.170s", err->what);
        return err_set(err, RC_NOTFOUND,
                       "start the server, or correct DB_* in .env; php artisan db:show tells",
                       "the app's database %.40s cannot be reached: %.150s", s->database, why);
    }
    if (rc)
        return rc;
    long number = strtol(answer, &answer, 10);
    r->major = (int)(number / 10000);
    r->bytes = strtod(answer, NULL);
    return number ? RC_OK
                  : err_set(err, RC_PARSE, NULL, "the database server's answer makes no sense");
}

/* Whom the private server runs as when we are root. */
static void choose_user(struct server *v)
{
    if (geteuid() != 0)
        return;
    const struct passwd *pw = getpwnam("postgres");
    if (!pw)
        pw = getpwnam("nobody");
    v->uid = pw ? pw->pw_uid : 65534;
    v->gid = pw ? pw->pw_gid : 65534;
}

static int own(const struct instance *in, const struct server *v, struct err *err)
{
    if (!v->uid)
        return RC_OK;
    /* the work folder may be passed through, not listed; what matters in it has its own mode */
    if (chmod(in->dir, 0711) < 0 || chown(v->dir, v->uid, v->gid) < 0 ||
        chown(v->data, v->uid, v->gid) < 0)
        return err_set(err, RC_IO, NULL, "cannot give %s to the server's user: %s", v->dir,
                       strerror(errno));
    return RC_OK;
}

/* Nobody but the instance reaches it, by whatever address: there is no other network inside. */
static int trust_everybody(struct instance *in, const struct server *v, struct err *err)
{
    static const char rules[] = "local all all trust\nhost all all all trust\n";
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/pg_hba.conf", v->data);
    (void)in;
    int rc = file_write_atomic(path, rules, sizeof rules - 1, err);
    if (!rc && v->uid && chown(path, v->uid, v->gid) < 0)
        rc = err_set(err, RC_IO, NULL, "cannot own %s: %s", path, strerror(errno));
    return rc;
}

static int make_cluster(struct instance *in, const struct tools *t, struct server *v,
                        struct err *err)
{
    struct private_ *p = in->p;
    const char *const argv[] = { t->initdb,   "-D",    v->data, "-U",   v->user,
                                 "-A",        "trust", "-E",    "UTF8", "--locale=C.UTF-8",
                                 "--no-sync", NULL };
    const char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", NULL };
    struct keeper_run r = { .argv = argv,
                            .env = env,
                            .cwd = v->dir,
                            .in = -1,
                            .out = -1,
                            .err = -1,
                            .uid = v->uid,
                            .gid = v->gid };
    struct proc_result out;
    int rc = keeper_exec(p->keeper, &r, (struct str){ 0 }, 30000000000u, &out, err);
    if (!rc && out.status != 0)
        rc = err_set(err, RC_IO, NULL, "initdb failed: %.180s",
                     buf_cstr(out.err.n ? &out.err : &out.out));
    proc_result_release(&out);
    return rc ? rc : trust_everybody(in, v, err);
}

static const char *const *command_line(struct private_ *p, const struct tools *t,
                                       const struct server *v)
{
    const char **argv = arena_new_array(p->arena, const char *, 40);
    size_t n = 0;
    if (!argv)
        return NULL;
    const char *const set[] = { "fsync=off",
                                "synchronous_commit=off",
                                "full_page_writes=off",
                                "shared_buffers=128MB",
                                "max_connections=40",
                                "wal_level=minimal",
                                "max_wal_senders=0",
                                "unix_socket_permissions=0700",
                                "logging_collector=off",
                                "autovacuum=off",
                                "dynamic_shared_memory_type=mmap" };
    argv[n++] = t->postgres;
    argv[n++] = "-D";
    argv[n++] = v->data;
    argv[n++] = "-k";
    argv[n++] = v->dir;
    argv[n++] = "-h";
    argv[n++] = keeper_walls(p->keeper) == WALLS_NONE ? "" : "0.0.0.0"; /* every address is local */
    argv[n++] = "-p";
    argv[n++] = arena_printf(p->arena, "%d", v->port);
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        argv[n++] = "-c";
        argv[n++] = set[i];
    }
    return argv;
}

static const char *const *private_env(struct private_ *p, const struct server *v,
                                      const char *database)
{
    const char **env = arena_new_array(p->arena, const char *, 8);
    if (!env)
        return NULL;
    env[5] = arena_printf(p->arena, "PGPORT=%d", v->port);
    env[0] = arena_printf(p->arena, "PGHOST=%s", v->dir);
    env[1] = arena_printf(p->arena, "PGUSER=%s", v->user);
    env[2] = arena_printf(p->arena, "PGDATABASE=%s", database);
    env[3] = "PATH=/usr/local/bin:/usr/bin:/bin";
    env[4] = "PGOPTIONS=-c client_min_messages=error";
    return env;
}

static int restore(struct instance *in, const struct db_source *s, const struct tools *t,
                   struct server *v, struct err *err)
{
    struct private_ *p = in->p;
    char *ignored = NULL;
    if (strcmp(s->database, "postgres") != 0) {
        const char *create = arena_printf(p->arena, "create database \"%s\"", s->database);
        const char *const argv[] = { t->psql, "-X", "-q", "-c", create, NULL };
        int rc = server_ask(in, argv, private_env(p, v, "postgres"), &ignored, err);
        if (rc)
            return rc;
    }
    const char *const dump[] = { t->dump,
                                 "--no-owner",
                                 "--no-privileges",
                                 "--no-comments",
                                 "--no-publications",
                                 "--no-subscriptions",
                                 "--no-security-labels",
                                 NULL };
    const char *const load[] = { t->psql,           "-X", "-q",        "-v",
                                 "ON_ERROR_STOP=1", "-o", "/dev/null", NULL };
    int rc = server_pipe(in, dump, real_env(p, s), load, private_env(p, v, s->database), err);
    const char *const analyze[] = { t->psql, "-X", "-q", "-c", "analyze", NULL };
    return rc ? rc : server_ask(in, analyze, private_env(p, v, s->database), &ignored, err);
}

static void use_copy(struct private_ *p, const struct db_source *s, const struct server *v)
{
    const char *host = arena_printf(p->arena, "host=%s", v->dir);
    const char *port = arena_printf(p->arena, "port=%d", v->port);
    for (size_t i = 0; i < p->nsources; i++)
        if (&p->sources[p->sources[i].same_as] == s)
            plan_connection(p, p->sources[i].name,
                            (const char *const[]){ host, port, "url", "read", "write", NULL });
}

/* Other databases of the same server that the configuration names; those that are not there stay
 * behind the walls. */
static int copy_siblings(struct instance *in, const struct db_source *main_source,
                         const struct tools *t, double used, struct server *v, struct err *err)
{
    struct private_ *p = in->p;
    double max = p->opts.copy_max_bytes ? (double)p->opts.copy_max_bytes : COPY_MAX_DEFAULT;
    for (size_t i = 0; i < p->nsources; i++) {
        struct db_source *s = &p->sources[i];
        struct real r = { 0 };
        struct err why = { 0 };
        if (s == main_source || s->same_as != i || s->state == SOURCE_COPIED ||
            !source_same_server(main_source, s) || look(in, s, t->psql, &r, &why) ||
            used + r.bytes > max)
            continue;
        int rc = restore(in, s, t, v, &why);
        if (rc == RC_INTERRUPTED || rc == RC_NOMEM) {
            *err = why;
            return rc;
        }
        if (rc) {
            say(in, "connection %s is not copied: %s", s->name, why.what);
            continue;
        }
        used += r.bytes;
        s->state = SOURCE_COPIED;
        s->copy = v->data;
        use_copy(p, s, v);
    }
    return RC_OK;
}

/* The private server at the socket of the real one; its port is at every address already. */
static int stand_in_its_place(struct instance *in, const struct db_source *s, struct server *v,
                              struct err *err)
{
    const char *folder = *s->host == '/' ? s->host : "/run/postgresql";
    const char *at = arena_printf(in->p->arena, "%s/.s.PGSQL.%d", folder, v->port);
    if (keeper_walls(in->p->keeper) != WALLS_FULL)
        return RC_OK;
    v->at = at;
    return keeper_do(in->p->keeper, K_BIND, (const char *const[]){ v->socket, at, NULL }, err);
}

static int choose_tools(struct instance *in, const struct db_source *s, struct tools *t,
                        struct real *r, struct err *err)
{
    static const char *const none[] = { NULL };
    struct private_ *p = in->p;
    const char *psql = server_program(p->arena, (const char *const[]){ "psql", NULL }, none);
    if (!psql)
        return err_set(err, RC_NOTFOUND,
                       "apt install postgresql (it need not run), or use a SQLite copy",
                       "%s is on PostgreSQL, and no psql was found to copy it", s->name);
    int rc = look(in, s, psql, r, err);
    if (!rc && !find_tools(in, r->major, t))
        rc = err_set(
            err, RC_NOTFOUND, "install its server package (it need not run), or use a SQLite copy",
            "the database is on PostgreSQL %d, and no server program of that version was found",
            r->major);
    double max = p->opts.copy_max_bytes ? (double)p->opts.copy_max_bytes : COPY_MAX_DEFAULT;
    if (!rc && r->bytes > max)
        rc = err_set(err, RC_LIMIT, "point the copy at a smaller one: --env DB_DATABASE=NAME",
                     "the database %s has %.0f MB: more than %.0f MB are not copied unasked",
                     s->database, r->bytes / 1e6, max / 1e6);
    return rc;
}

static int open_server(struct instance *in, struct db_source *s, const struct tools *t,
                       struct server **ret, struct err *err)
{
    struct private_ *p = in->p;
    struct server *v = server_new(in, SERVER_PGSQL, "pgsql", err);
    const char **ready = arena_new_array(p->arena, const char *, 8);
    if (!v || !ready)
        return v ? err_set(err, RC_NOMEM, NULL, "no memory") : RC_IO;
    v->database = s->database;
    v->user = *s->user ? s->user : "postgres";
    v->port = s->port ? s->port : 5432;
    v->socket = arena_printf(p->arena, "%s/.s.PGSQL.%d", v->dir, v->port);
    v->argv = command_line(p, t, v);
    ready[0] = t->psql, ready[1] = "-X", ready[2] = "-q", ready[3] = "-c", ready[4] = "select 1";
    v->ready = ready;
    v->ready_env = private_env(p, v, "postgres");
    choose_user(v);
    int rc = own(in, v, err);
    if (!rc)
        rc = make_cluster(in, t, v, err);
    *ret = v;
    return rc ? rc : server_run(in, v, err);
}

int pgsql_copy(struct instance *in, struct db_source *s, struct err *err)
{
    struct private_ *p = in->p;
    struct tools t = { 0 };
    struct real r = { 0 };
    struct server *v = NULL;
    uint64_t begin = now_ns();
    int rc = choose_tools(in, s, &t, &r, err);
    if (rc)
        return rc;
    say(in, "copying the database %s: %.0f MB", s->database, r.bytes / 1e6);
    rc = open_server(in, s, &t, &v, err);
    if (!rc)
        rc = restore(in, s, &t, v, err);
    if (rc)
        return rc;
    use_copy(p, s, v);
    in->db_dsn = arena_printf(p->arena, "host='%s' port=%d dbname='%s' user='%s'", v->dir, v->port,
                              s->database, v->user);
    s->copy = v->data;
    s->note =
        arena_printf(p->arena, "PostgreSQL %d, %.0f MB copied into a private server in %.1f s",
                     r.major, r.bytes / 1e6, (double)(now_ns() - begin) / 1e9);
    rc = copy_siblings(in, s, &t, r.bytes, v, err);
    if (!rc)
        rc = stand_in_its_place(in, s, v, err);
    if (rc || p->opts.for_tests)
        return rc;
    return env_add(p, "DB_URL=") || env_add(p, "DATABASE_URL=") ? RC_LIMIT : RC_OK;
}
