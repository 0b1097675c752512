/* MariaDB and MySQL: the default database is dumped out of the user's server in one consistent read
 * and restored into a private server, whose system tables are left out (no grants: whoever connects
 * inside may do everything). */
#include "instance/internal.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const folders[] = { "/usr/sbin",    "/usr/local/sbin",
                                       "/usr/libexec", "/usr/local/mysql/bin",
                                       "/usr/bin",     NULL };
static const char *const client_names[] = { "mariadb", "mysql", NULL };
static const char *const dump_names[] = { "mariadb-dump", "mysqldump", NULL };
static const char *const maria_names[] = { "mariadbd", "mysqld", NULL };
static const char *const mysqld_names[] = { "mysqld", "mariadbd", NULL };
enum { COPY_MAX_DEFAULT = 500000000 };

struct real { /* the user's server, as it says */
    const char *client, *dump, *version, *sql_mode, *charset, *collation;
    double bytes;
    long tables, routines;
    const char *login[12]; /* options that reach it */
    const char *env[3];
};

/* Words of one line of a client's tab-separated answer. */
static size_t fields(char *line, const char *ret[], size_t max)
{
    size_t n = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *p = line; p && n < max;) {
        ret[n++] = p;
        p = strchr(p, '\t');
        if (p)
            *p++ = 0;
    }
    return n;
}

static void login(struct private_ *p, const struct db_source *s, struct real *r)
{
    size_t n = 0;
    if (*s->socket) {
        r->login[n++] = arena_printf(p->arena, "--socket=%s", s->socket);
    } else {
        r->login[n++] = arena_printf(p->arena, "--host=%s", *s->host ? s->host : "127.0.0.1");
        if (s->port && strcmp(s->host, "localhost") != 0)
            r->login[n++] = arena_printf(p->arena, "--port=%d", s->port);
    }
    if (*s->user)
        r->login[n++] = arena_printf(p->arena, "--user=%s", s->user);
    r->env[0] = arena_printf(p->arena, "MYSQL_PWD=%s", s->password);
    r->env[1] = "PATH=/usr/local/bin:/usr/bin:/bin";
}

/* program --no-defaults LOGIN more…; --no-defaults must come first */
static const char *const *with_login(struct private_ *p, const char *program, const struct real *r,
                                     const char *const *more)
{
    const char **argv = arena_new_array(p->arena, const char *, 40);
    size_t n = 0;
    if (!argv)
        return NULL;
    argv[n++] = program;
    argv[n++] = "--no-defaults";
    for (size_t i = 0; r && r->login[i]; i++)
        argv[n++] = r->login[i];
    for (size_t i = 0; more[i] && n < 39; i++)
        argv[n++] = more[i];
    return argv;
}

static int look(struct instance *in, const struct db_source *s, struct real *r, struct err *err)
{
    static const char query[] =
        "select version(), @@global.sql_mode, @@character_set_database, @@collation_database,"
        "(select coalesce(sum(data_length + index_length), 0) from information_schema.tables where "
        "table_schema = database()),"
        "(select count(*) from information_schema.tables where table_schema = database())";
    static const char routines[] =
        "select count(*) from information_schema.routines where routine_schema = database()";
    struct private_ *p = in->p;
    r->client = server_program(p->arena, client_names, folders);
    r->dump = server_program(p->arena, dump_names, folders);
    if (!r->client || !r->dump)
        return err_set(err, RC_NOTFOUND, "apt install mariadb-client, or use a SQLite copy",
                       "%s is on a server, and no mariadb client was found to copy it", s->name);
    login(p, s, r);
    const char *const more[] = {
        "--connect-timeout=5", "-N", "-B", "-e", query, s->database, NULL
    };
    char *answer = NULL;
    int rc = server_ask(in, with_login(p, r->client, r, more), r->env, &answer, err);
    if (rc == RC_STATE && err) {
        char why[180];
        snprintf(why, sizeof why, "%.170s", err->what);
        return err_set(err, RC_NOTFOUND,
                       "start the server, or correct DB_* in .env; php artisan db:show tells",
                       "the app's database %.40s cannot be reached: %.150s", s->database, why);
    }
    if (rc)
        return rc;
    const char *f[6] = { 0 };
    if (fields(answer, f, 6) != 6)
        return err_set(err, RC_PARSE, NULL, "the database server's answer makes no sense");
    r->version = f[0], r->sql_mode = f[1], r->charset = f[2], r->collation = f[3];
    r->bytes = strtod(f[4], NULL), r->tables = strtol(f[5], NULL, 10);
    const char *const ask[] = { "-N", "-B", "-e", routines, s->database, NULL };
    struct err none;
    if (server_ask(in, with_login(p, r->client, r, ask), r->env, &answer, &none) == RC_OK)
        r->routines =
            strtol(answer, NULL, 10); /* a server without system tables cannot tell, and has none */
    return RC_OK;
}

static int check_size(struct instance *in, const struct db_source *s, const struct real *r,
                      struct err *err)
{
    double max = in->p->opts.copy_max_bytes ? (double)in->p->opts.copy_max_bytes : COPY_MAX_DEFAULT;
    if (r->bytes > max)
        return err_set(err, RC_LIMIT, "point the copy at a smaller one: --env DB_DATABASE=NAME",
                       "the database %s has %.0f MB: more than %.0f MB are not copied unasked",
                       s->database, r->bytes / 1e6, max / 1e6);
    say(in, "copying the database %s: %.0f MB in %ld tables", s->database, r->bytes / 1e6,
        r->tables);
    return RC_OK;
}

static const char *const *command_line(struct instance *in, struct server *v, const char *binary,
                                       int port, const struct real *r)
{
    struct private_ *p = in->p;
    const char **argv = arena_new_array(p->arena, const char *, 40);
    size_t n = 0;
    if (!argv)
        return NULL;
    const char *const fixed[] = { "--no-defaults",
                                  "--skip-grant-tables",
                                  "--skip-log-bin",
                                  "--innodb-doublewrite=0",
                                  "--innodb-flush-log-at-trx-commit=0",
                                  "--innodb-buffer-pool-size=256M",
                                  "--innodb-log-file-size=64M",
                                  "--max-connections=64",
                                  "--max-allowed-packet=256M",
                                  "--character-set-server=utf8mb4",
                                  "--table-open-cache=400",
                                  "--performance-schema=0" };
    argv[n++] = binary;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        argv[n++] = fixed[i];
    argv[n++] = arena_printf(p->arena, "--datadir=%s", v->data);
    argv[n++] = arena_printf(p->arena, "--socket=%s", v->socket);
    argv[n++] = arena_printf(p->arena, "--pid-file=%s/pid", v->dir);
    argv[n++] = arena_printf(p->arena, "--tmpdir=%s", v->dir);
    argv[n++] = arena_printf(p->arena, "--sql-mode=%s", r->sql_mode);
    if (geteuid() == 0)
        argv[n++] = "--user=root";
    if (keeper_walls(p->keeper) == WALLS_NONE) {
        argv[n++] = "--skip-networking"; /* its port would be the machine's */
    } else { /* inside, every address is local: also the real server's */
        argv[n++] = "--bind-address=0.0.0.0";
        argv[n++] = arena_printf(p->arena, "--port=%d", port ? port : 3306);
    }
    return argv;
}

/* Persistent statistics want their tables: without them each opening of a table samples it anew. */
static const char statistics[] =
    "create database if not exists mysql; use mysql;"
    "create table if not exists innodb_table_stats (database_name varchar(64) not null, table_name "
    "varchar(199) not null,"
    " last_update timestamp not null default current_timestamp on update current_timestamp, n_rows "
    "bigint unsigned not null,"
    " clustered_index_size bigint unsigned not null, sum_of_other_index_sizes bigint unsigned not "
    "null,"
    " primary key (database_name, table_name)) engine=innodb default charset=utf8 collate=utf8_bin "
    "stats_persistent=0;"
    "create table if not exists innodb_index_stats (database_name varchar(64) not null, table_name "
    "varchar(199) not null,"
    " index_name varchar(64) not null, last_update timestamp not null default current_timestamp on "
    "update current_timestamp,"
    " stat_name varchar(64) not null, stat_value bigint unsigned not null, sample_size bigint "
    "unsigned,"
    " stat_description varchar(1024) not null, primary key (database_name, table_name, index_name, "
    "stat_name))"
    " engine=innodb default charset=utf8 collate=utf8_bin stats_persistent=0;";

static const char *const *to_private(struct private_ *p, const struct real *r,
                                     const struct server *v, const char *database, const char *sql)
{
    const char *const ask[] = { arena_printf(p->arena, "--socket=%s", v->socket),
                                "--user=root",
                                "--max-allowed-packet=256M",
                                "--default-character-set=utf8mb4",
                                sql ? "-e" : database,
                                sql,
                                NULL };
    return with_login(p, r->client, NULL, ask);
}

static int restore(struct instance *in, const struct db_source *s, const struct real *r,
                   struct server *v, struct err *err)
{
    struct private_ *p = in->p;
    char *ignored = NULL;
    const char *create = arena_printf(p->arena, "create database `%s` character set %s collate %s",
                                      s->database, r->charset, r->collation);
    bool full = *r->version && strstr(r->version, "MariaDB") != NULL;
    int rc =
        full ? server_ask(in, to_private(p, r, v, NULL, statistics), NULL, &ignored, err) : RC_OK;
    if (!rc)
        rc = server_ask(in, to_private(p, r, v, NULL, create), NULL, &ignored, err);
    if (rc)
        return rc;
    const char *const what[] = { "--single-transaction",
                                 "--quick",
                                 "--skip-lock-tables",
                                 "--skip-comments",
                                 "--hex-blob",
                                 "--triggers",
                                 "--skip-add-drop-table",
                                 "--skip-add-locks",
                                 "--no-tablespaces",
                                 "--default-character-set=utf8mb4",
                                 "--max-allowed-packet=256M",
                                 r->routines ? "--routines" : "--skip-routines",
                                 s->database,
                                 NULL };
    return server_pipe(in, with_login(p, r->dump, r, what), r->env,
                       to_private(p, r, v, s->database, NULL), NULL, err);
}

/* A server with its system tables, where routines need them (and MySQL always). */
static int initialise(struct instance *in, const char *binary, struct server *v, bool maria,
                      struct err *err)
{
    struct private_ *p = in->p;
    char *ignored = NULL;
    const char *data = arena_printf(p->arena, "--datadir=%s", v->data);
    if (!maria) {
        const char *argv[] = { binary,
                               "--no-defaults",
                               "--initialize-insecure",
                               data,
                               geteuid() == 0 ? "--user=root" : NULL,
                               NULL };
        return server_ask(in, argv, NULL, &ignored, err);
    }
    static const char *const names[] = { "mariadb-install-db", "mysql_install_db", NULL };
    const char *install = server_program(p->arena, names, folders);
    const char *argv[] = { install,
                           "--no-defaults",
                           data,
                           "--skip-test-db",
                           "--auth-root-authentication-method=normal",
                           NULL };
    return install ? server_ask(in, argv, NULL, &ignored, err)
                   : err_set(err, RC_NOTFOUND, "install mariadb-server",
                             "mariadb-install-db was not found");
}

static void use_copy(struct private_ *p, const struct db_source *s, const struct server *v)
{
    const char *socket = arena_printf(p->arena, "unix_socket=%s", v->socket);
    const char *const set[] = { socket, "host=localhost", "url", "read", "write", NULL };
    for (size_t i = 0; i < p->nsources; i++) /* two names of one database share the copy */
        if (&p->sources[p->sources[i].same_as] == s)
            plan_connection(p, p->sources[i].name, set);
}

/* Other databases of the same server that the configuration names: a reporting one, the tests' own.
 * Those that are not there, or too large together, stay behind the walls. */
static int copy_siblings(struct instance *in, const struct db_source *main_source, double used,
                         struct server *v, struct err *err)
{
    struct private_ *p = in->p;
    double max = in->p->opts.copy_max_bytes ? (double)in->p->opts.copy_max_bytes : COPY_MAX_DEFAULT;
    for (size_t i = 0; i < p->nsources; i++) {
        struct db_source *s = &p->sources[i];
        struct real r = { 0 };
        struct err why = { 0 };
        if (s == main_source || s->same_as != i || s->state == SOURCE_COPIED ||
            !source_same_server(main_source, s))
            continue;
        int rc = look(in, s, &r, &why);
        if (!rc && used + r.bytes <= max)
            rc = restore(in, s, &r, v, &why);
        else if (!rc)
            continue;
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

/* The private server at the addresses of the real one: whoever does not ask Laravel for a
 * connection finds it too. */
static int stand_in_its_place(struct instance *in, const struct db_source *s, struct server *v,
                              struct err *err)
{
    static const char *const usual[] = { "/run/mysqld/mysqld.sock", "/tmp/mysql.sock",
                                         "/var/lib/mysql/mysql.sock" };
    const char *at = *s->socket ? s->socket : usual[0];
    if (keeper_walls(in->p->keeper) != WALLS_FULL)
        return RC_OK;
    for (size_t i = 0; !*s->socket && i < sizeof usual / sizeof *usual; i++)
        if (file_exists(usual[i])) {
            at = usual[i];
            break;
        }
    if (!*s->socket && !file_exists(at) && strncmp(at, "/run/", 5) != 0)
        return RC_OK;
    v->at = at;
    return keeper_do(in->p->keeper, K_BIND, (const char *const[]){ v->socket, at, NULL }, err);
}

static int open_server(struct instance *in, struct db_source *s, const struct real *r,
                       const char *binary, struct server **ret, struct err *err)
{
    struct private_ *p = in->p;
    struct server *v = server_new(in, SERVER_MYSQL, "mysql", err);
    if (!v)
        return RC_IO;
    v->database = s->database;
    v->user = *s->user ? s->user : "root";
    v->socket = arena_printf(p->arena, "%s/s", v->dir);
    v->argv = command_line(in, v, binary, s->port, r);
    bool is_maria_binary = strstr(binary, "mariadb") != NULL;
    int rc =
        r->routines || !is_maria_binary ? initialise(in, binary, v, is_maria_binary, err) : RC_OK;
    *ret = v;
    return rc ? rc : server_run(in, v, err);
}

int mysql_copy(struct instance *in, struct db_source *s, struct err *err)
{
    struct private_ *p = in->p;
    struct real r = { 0 };
    struct server *v = NULL;
    uint64_t begin = now_ns();
    int rc = look(in, s, &r, err);
    bool maria = !rc && strstr(r.version, "MariaDB") != NULL;
    const char *binary =
        rc ? NULL : server_program(p->arena, maria ? maria_names : mysqld_names, folders);
    if (!rc && !binary)
        rc = err_set(
            err, RC_NOTFOUND, "apt install mariadb-server (it need not run), or use a SQLite copy",
            "the database is on %s, and no server program was found for a private copy", r.version);
    if (!rc)
        rc = check_size(in, s, &r, err);
    if (!rc)
        rc = open_server(in, s, &r, binary, &v, err);
    if (!rc)
        rc = restore(in, s, &r, v, err);
    if (rc)
        return rc;
    use_copy(p, s, v);
    in->db_dsn =
        arena_printf(p->arena, "unix_socket='%s' dbname='%s' user=root", v->socket, s->database);
    s->copy = v->data;
    s->note = arena_printf(p->arena, "%s %.20s, %.0f MB copied into a private server in %.1f s",
                           maria ? "MariaDB" : "MySQL", r.version, r.bytes / 1e6,
                           (double)(now_ns() - begin) / 1e9);
    rc = copy_siblings(in, s, r.bytes, v, err);
    if (!rc)
        rc = stand_in_its_place(in, s, v, err);
    if (rc || p->opts.for_tests)
        return rc;
    return env_add(p, "DB_URL=") || env_add(p, "DATABASE_URL=") ? RC_LIMIT : RC_OK;
}
