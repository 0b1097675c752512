/* PostgreSQL and MariaDB, each on a private server in a folder of its own, over a Unix socket.
 * Where a server is not installed its tests are skipped. */
#include "db/db.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    char dir[256], dsn[512];
    pid_t pid;
    bool there;
    const struct engine *e;
    struct engine_conn *c;
    struct arena *a;
};

static bool command(const char *line)
{
    const char *const argv[] = { "/bin/sh", "-c", line, NULL };
    struct proc_opts o = { .argv = argv, .timeout_ns = 60000000000u };
    struct proc_result r;
    if (proc_run(&o, &r, NULL))
        return false;
    bool ok = r.status == 0;
    if (!ok)
        print_error("%s\n%s\n", line, buf_cstr(&r.err));
    proc_result_release(&r);
    return ok;
}

/* In the foreground, as a child of ours. */
static pid_t start(const char *line)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves no server */
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        _exit(1);
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(127);
}

static bool wait_for(struct server *s)
{
    for (int i = 0; i < 300; i++) {
        if (s->e->open(s->dsn, false, 5000, &s->c, NULL) == 0)
            return true;
        sleep_ns(100000000);
    }
    return false;
}

static int tear_down(void **state)
{
    struct server *s = *state;
    if (s->c)
        s->e->close(s->c);
    if (s->pid > 0) {
        kill(-s->pid, SIGQUIT);
        kill(-s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    dir_remove(s->dir);
    arena_free(s->a);
    free(s);
    return 0;
}

static struct server *server_new(enum dialect d, void **state)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s || dir_temp("fettle-server", s->dir, sizeof s->dir, NULL))
        return NULL;
    s->e = engine_for(d);
    s->a = arena_new(16 << 20);
    *state = s;
    return s;
}

static const char *bin_of_postgres(void)
{
    static const char *const places[] = { "/usr/lib/postgresql/15/bin",
                                          "/usr/lib/postgresql/16/bin",
                                          "/usr/lib/postgresql/17/bin",
                                          "/usr/lib/postgresql/14/bin" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (file_is_dir(places[i]))
            return places[i];
    return NULL;
}

static int set_up_postgres(void **state)
{
    char line[2048], as[80] = "";
    const char *bin = bin_of_postgres();
    struct server *s = server_new(DIALECT_PGSQL, state);
    if (!s)
        return -1;
    if (!bin)
        return 0;
    if (getuid() == 0) /* it refuses to run as root */
        snprintf(as, sizeof as,
                 "setpriv --pdeathsig KILL --reuid=postgres --regid=postgres --clear-groups ");
    snprintf(line, sizeof line, "%s%s %s; %s%s/initdb -D %s/data -U fettle -A trust --no-sync",
             *as ? "chown postgres " : "true ", s->dir, *as ? "" : "", as, bin, s->dir);
    if (!command(line))
        return -1;
    snprintf(line, sizeof line,
             "exec %s%s/postgres -D %s/data -k %s -c listen_addresses='' -c fsync=off", as, bin,
             s->dir, s->dir);
    s->pid = start(line);
    snprintf(s->dsn, sizeof s->dsn, "host=%s user=fettle dbname=postgres", s->dir);
    s->there = wait_for(s);
    return s->there ? 0 : tear_down(state) - 1;
}

static int set_up_mariadb(void **state)
{
    char line[2048];
    struct server *s = server_new(DIALECT_MYSQL, state);
    const char *as = getuid() == 0 ? "--user=root" : "";
    if (!s)
        return -1;
    if (!file_exists("/usr/sbin/mariadbd"))
        return 0;
    snprintf(line, sizeof line,
             "mariadb-install-db --no-defaults %s --datadir=%s/data "
             "--auth-root-authentication-method=normal --skip-test-db >/dev/null",
             as, s->dir);
    if (!command(line))
        return -1;
    snprintf(line, sizeof line,
             "exec /usr/sbin/mariadbd --no-defaults %s --datadir=%s/data --socket=%s/s "
             "--pid-file=%s/pid "
             "--skip-networking --innodb-flush-log-at-trx-commit=0",
             as, s->dir, s->dir, s->dir);
    s->pid = start(line);
    snprintf(s->dsn, sizeof s->dsn, "unix_socket='%s/s' user=root dbname=mysql", s->dir);
    s->there = wait_for(s);
    return s->there ? 0 : tear_down(state) - 1;
}

static struct plan explain(struct server *s, const char *sql, const char *values, bool run)
{
    struct plan plan;
    struct err err = { 0 };
    if (s->e->explain(s->c, str_c(sql), values, run, s->a, &plan, &err))
        fail_msg("%s: %s", sql, err.what);
    return plan;
}

/* What both engines must do alike, on a table of 20,000 posts made by the client program. */
static void common(struct server *s, const char *dsn)
{
    struct schema *schema;
    struct err err = { 0 };
    s->e->close(s->c);
    s->c = NULL;
    if (s->e->open(dsn, false, 10000, &s->c, &err) || s->e->schema(s->c, s->a, &schema, &err))
        fail_msg("%s", err.what);
    assert_int_equal(schema->ntables, 2);
    const struct table *posts = schema_table(schema, "posts"),
                       *users = schema_table(schema, "users");
    assert_true(posts->rows > 15000 && posts->rows < 25000);
    assert_int_equal(users->rows, 200);
    assert_int_equal(table_column(posts, "slug")->klass, COL_STRING);
    assert_int_equal(table_column(posts, "slug")->length, 120);
    assert_int_equal(table_column(posts, "published_at")->klass, COL_DATETIME);
    assert_true(table_column(posts, "id")->auto_increment);
    assert_false(table_column(posts, "user_id")->nullable);
    assert_true(table_column(posts, "body")->nullable);
    const struct index *key = table_index_leading(posts, (const char *const[]){ "id" }, 1);
    assert_true(key && key->primary && key->unique);
    assert_non_null(table_index_leading(posts, (const char *const[]){ "status", "user_id" }, 2));
    assert_true(table_index_leading(users, (const char *const[]){ "email" }, 1)->unique);
    assert_int_equal(posts->nfks, 1);
    assert_string_equal(posts->fks[0].ref_table, "users");

    struct plan scan =
        explain(s, "select * from posts as p where slug = ? order by body", "[\"post-77\"]", true);
    assert_true(scan.full_scan && scan.temp_sort);
    assert_string_equal(scan.scan_table, "posts");
    assert_true(scan.rows_examined >= 20000 && scan.rows_examined < 20100);
    assert_true(scan.rows_returned == 1 && scan.ms > 0);
    assert_true(strlen(scan.text) > 20);
    struct plan find = explain(s, "select * from posts where id = ?", "[77]", true);
    assert_false(find.full_scan);
    assert_int_equal(find.nindexes_used, 1);
    assert_true(find.rows_returned == 1 && find.rows_examined < 5);
    assert_true(isnan(explain(s, "select * from posts where id = ?", NULL, true)
                          .ms)); /* its value is not known */
    assert_true(
        isnan(explain(s, "delete from posts where id = ?", "[77]", true).ms)); /* never run */
    assert_true(explain(s, "select id from posts where slug = ?", "[\"it's a \\\\ 'quote'\"]", true)
                    .rows_returned == 0);
    assert_true(
        explain(s, "select id from posts where id = ? or (? is null and 1 = 0)", "[3, null]", true)
            .rows_returned == 1);

    struct index_def def = { "posts", (const char *[]){ "slug" }, 1, false, NULL };
    struct whatif w;
    struct str sql = STR("select * from posts where slug = ?");
    assert_int_equal(index_whatif(s->e, s->c, &def, sql, "[\"post-77\"]", s->a, &w, &err), 0);
    assert_true(w.taken);
    assert_true(w.examined_before >= 20000 && w.examined_after < 10);
    assert_true(explain(s, sql.p, "[\"post-77\"]", false).full_scan); /* dropped again */

    struct plan plan;
    assert_int_equal(
        s->e->explain(s->c, STR("select * from nowhere"), NULL, true, s->a, &plan, &err), RC_PARSE);
    assert_non_null(strstr(err.what, "nowhere"));
    struct engine_conn *c = NULL;
    assert_int_equal(s->e->open(dsn, true, 300, &c, &err), 0);
    assert_int_equal(s->e->create_index(c, &def, &err), RC_UNSAFE);
    uint64_t from = now_ns();
    assert_int_equal(
        s->e->explain(c,
                      STR("select count(*) from posts a, posts b, posts c where a.body = b.body or "
                          "b.slug <> c.slug"),
                      NULL, true, s->a, &plan, &err),
        RC_TIMEOUT);
    assert_true(now_ns() - from < 5000000000u);
    s->e->close(c);
}

static void postgres_like_the_others(void **state)
{
    struct server *s = *state;
    char line[2048];
    if (!s->there)
        skip();
    snprintf(
        line, sizeof line,
        "psql -q -v ON_ERROR_STOP=1 -h %s -U fettle postgres <<'END'\n"
        "create table users (id bigserial primary key, email varchar(120) not null unique);\n"
        "create table posts (id bigserial primary key, user_id bigint not null references users "
        "(id), slug "
        "varchar(120), status varchar(20) not null, body text, published_at timestamp, meta "
        "jsonb);\n"
        "create index on posts (user_id, status);\n"
        "create index on posts (lower(slug));\n"
        "create index on posts (slug) where status = 'draft';\n"
        "insert into users (email) select 'u' || i from generate_series(1, 200) i;\n"
        "insert into posts (user_id, slug, status) select i %% 200 + 1, 'post-' || i, 'live' from "
        "generate_series(1, 20000) i;\n"
        "analyze;\nEND\n",
        s->dir);
    assert_true(command(line));
    common(s, s->dsn);
    struct plan json =
        explain(s, "select * from posts where meta->>'a' = ? and user_id = $2", "[\"x\", 5]", true);
    assert_true(json.rows_returned == 0);
    assert_int_equal(explain(s, "select count(*) from posts where status = ? and user_id = ?",
                             "[\"live\", 7]", true)
                         .nindexes_used,
                     1);
}

static void mariadb_like_the_others(void **state)
{
    struct server *s = *state;
    char line[2048], dsn[600];
    if (!s->there)
        skip();
    snprintf(line, sizeof line,
             "mariadb --no-defaults -S %s/s -u root <<'END'\n"
             "create database app; use app;\n"
             "create table users (id bigint unsigned auto_increment primary key, email "
             "varchar(120) not null unique);\n"
             "create table posts (id bigint unsigned auto_increment primary key, user_id bigint "
             "unsigned not null, slug "
             "varchar(120), status varchar(20) not null, body text, published_at timestamp null, "
             "meta json, index "
             "both_columns (user_id, status), foreign key (user_id) references users (id));\n"
             "insert into users (email) select concat('u', seq) from seq_1_to_200;\n"
             "insert into posts (user_id, slug, status) select seq %% 200 + 1, concat('post-', "
             "seq), 'live' from "
             "seq_1_to_20000;\n"
             "analyze table users, posts;\nEND\n",
             s->dir);
    assert_true(command(line));
    snprintf(dsn, sizeof dsn, "unix_socket='%s/s' user=root dbname=app", s->dir);
    common(s, dsn);
    assert_int_equal(explain(s, "select count(*) from posts where status = ? and user_id = ?",
                             "[\"live\", 7]", true)
                         .nindexes_used,
                     1);
}

static void a_server_that_is_not_there(void **state)
{
    struct engine_conn *c = NULL;
    struct err err = { 0 };
    const char *const dsns[] = { "host=/nowhere user=x dbname=y",
                                 "unix_socket=/nowhere/s user=x dbname=y" };
    const enum dialect dialects[] = { DIALECT_PGSQL, DIALECT_MYSQL };
    for (int i = 0; i < 2; i++) {
        int rc = engine_for(dialects[i])->open(dsns[i], true, 1000, &c, &err);
        assert_true(rc == RC_IO || rc == RC_UNSUPPORTED);
        assert_null(c);
        assert_true(strlen(err.what) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(postgres_like_the_others, set_up_postgres, tear_down),
        cmocka_unit_test_setup_teardown(mariadb_like_the_others, set_up_mariadb, tear_down),
        cmocka_unit_test(a_server_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
