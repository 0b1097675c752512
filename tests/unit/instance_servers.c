/* Databases on servers: each is dumped and restored into a private one; the real one stays as it
 * was. */
#include "instance_app.h"

#include <signal.h>

static char base[PATH_MAX];
static struct test_app served; /* the hostile application, its .env naming a server */

static int server_script(const char *kind, const char *what, char *out, size_t size)
{
    char command[PATH_MAX * 2 + 100];
    snprintf(command, sizeof command, "'%s/tests/hostile-app/server' %s %s '%s/%s'",
             FETTLE_SOURCE_DIR, kind, what, base, kind);
    return run_shell(command, out, size);
}

static void serve_from(const char *env)
{
    char command[PATH_MAX * 8];
    snprintf(served.dir, sizeof served.dir, "%s/app", base);
    snprintf(
        command, sizeof command,
        "rm -rf '%s' && cp -al '%s' '%s' && cd '%s' && rm -f bootstrap/cache/config.php .env && "
        "grep -v -e '^DB_' -e '^HOSTILE_SOCKET' '%s/.env' > .env && printf '%%b' '%s' >> .env",
        served.dir, made.dir, served.dir, served.dir, made.dir, env);
    assert_int_equal(run_shell(command, NULL, 0), 0);
    served.app = (struct app){ .dir = served.dir };
}

static const char *body_of(struct instance *in, const char *path)
{
    char keep_dir[sizeof made.dir];
    snprintf(keep_dir, sizeof keep_dir, "%s", made.dir);
    snprintf(made.dir, sizeof made.dir, "%s",
             served.dir); /* page_of asks for made.dir's index.php */
    const char *body = page_of(in, path, NULL);
    snprintf(made.dir, sizeof made.dir, "%s", keep_dir);
    return body;
}

static void copied_driven_and_reset(const char *kind, const char *env)
{
    char count[64];
    struct err err = { 0 };
    NEEDS_APP();
    int status = server_script(kind, "start", NULL, 0);
    if (status == 77)
        skip();
    assert_int_equal(status, 0);
    serve_from(env);
    struct instance_opts o = { .extension = extension_or_null(),
                               .resettable = true,
                               .say = keep_line };
    struct instance *in = NULL;
    said[0] = 0;
    if (instance_start(&served.app, &o, &in, &err))
        fail_msg("%s (%s)\n%s", err.what, err.next, said);
    assert_non_null(strstr(in->db_note, "private server"));
    assert_non_null(in->db_dsn);
    assert_string_equal(body_of(in, "/h/posts"), "500");
    assert_non_null(strstr(body_of(in, "/h/write"), "WROTE"));
    assert_string_equal(body_of(in, "/h/posts"), "501");
    if (instance_reset(in, &err))
        fail_msg("%s", err.what);
    assert_string_equal(body_of(in, "/h/posts"), "500");
    if (strcmp(kind, "mysql") == 0) { /* also whoever asks at the real server's own address */
        char path[PATH_MAX + 64];
        assert_non_null(strstr(body_of(in, "/h/mysql-socket"), "REACHED"));
        snprintf(path, sizeof path, "/h/mysqli?path=%s/mysql/s", base);
        if (!strstr(body_of(in, path), "REACHED"))
            fail_msg("%s", body_of(in, path));
    }
    const char *routes[] = { "/posts", "/live", NULL };
    struct drive_opts d = { .budget_ns = 60000000000u, .routes = routes, .max_samples = 3 };
    struct drive_result *r = NULL;
    if (drive(in, &d, &r, &err))
        fail_msg("%s", err.what);
    assert_non_null(strstr(r->user_note, "user 7"));
    for (uint32_t i = 0; i < r->nvisits; i++)
        assert_true(r->visits[i].measured);
    instance_stop(in);
    assert_int_equal(server_script(kind, "count", count, sizeof count), 0);
    assert_string_equal(count, "500\n");
    assert_int_equal(server_script(kind, "stop", NULL, 0), 0);

    in = NULL; /* the server is gone now */
    assert_int_equal(instance_start(&served.app, &o, &in, &err), RC_NOTFOUND);
    assert_non_null(strstr(err.what, "cannot be reached"));
    assert_non_null(strstr(err.next, "start the server"));
    assert_int_equal(work_folders(), 0);
}

static void mariadb_is_copied(void **state)
{
    (void)state;
    char env[PATH_MAX * 2 + 200];
    snprintf(env, sizeof env,
             "DB_CONNECTION=mysql\\nDB_HOST=localhost\\nDB_SOCKET=%s/mysql/"
             "s\\nDB_DATABASE=shop\\nDB_USERNAME=root\\nDB_PASSWORD=secret\\n"
             "HOSTILE_SOCKET=%s/mysql/s\\n",
             base, base);
    copied_driven_and_reset("mysql", env);
}

static void postgresql_is_copied(void **state)
{
    (void)state;
    char env[PATH_MAX + 200];
    snprintf(env, sizeof env,
             "DB_CONNECTION=pgsql\\nDB_HOST=%s/"
             "pgsql\\nDB_PORT=5999\\nDB_DATABASE=shop\\nDB_USERNAME=shop\\nDB_PASSWORD=secret\\n",
             base);
    copied_driven_and_reset("pgsql", env);
}

static void too_large_is_not_copied_unasked(void **state)
{
    (void)state;
    NEEDS_APP();
    char env[PATH_MAX + 200];
    struct err err = { 0 };
    if (server_script("mysql", "start", NULL, 0) == 77)
        skip();
    snprintf(env, sizeof env,
             "DB_CONNECTION=mysql\\nDB_SOCKET=%s/mysql/"
             "s\\nDB_DATABASE=shop\\nDB_USERNAME=root\\nDB_PASSWORD=\\n",
             base);
    serve_from(env);
    struct instance_opts o = { .copy_max_bytes = 1000 };
    struct instance *in = NULL;
    assert_int_equal(instance_start(&served.app, &o, &in, &err), RC_LIMIT);
    assert_non_null(strstr(err.what, "are not copied unasked"));
    assert_int_equal(server_script("mysql", "stop", NULL, 0), 0);
}

static void redis_is_private(void **state)
{
    (void)state;
    NEEDS_APP();
    if (run_shell("command -v redis-server && php -m | grep -qi '^redis$'", NULL, 0) != 0)
        skip();
    char env[PATH_MAX + 300];
    struct err err = { 0 };
    snprintf(env, sizeof env,
             "DB_CONNECTION=sqlite\\nDB_DATABASE=%s/app/database/"
             "database.sqlite\\nCACHE_STORE=redis\\nSESSION_DRIVER=redis\\n"
             "QUEUE_CONNECTION=redis\\nREDIS_PASSWORD=secret\\n",
             base);
    serve_from(env);
    struct instance_opts o = { .extension = extension_or_null(), .say = keep_line };
    struct instance *in = NULL;
    said[0] = 0;
    if (instance_start(&served.app, &o, &in, &err))
        fail_msg("%s (%s)\n%s", err.what, err.next, said);
    assert_non_null(strstr(said, "Redis: a private server"));
    const char *routes[] = { "/cached", "/throttled", NULL };
    struct drive_opts d = { .budget_ns = 60000000000u, .routes = routes, .max_samples = 3 };
    struct drive_result *r = NULL;
    if (drive(in, &d, &r, &err))
        fail_msg("%s", err.what);
    for (uint32_t i = 0; i < r->nvisits; i++)
        if (!r->visits[i].measured)
            fail_msg("%s: %s", r->visits[i].route, r->visits[i].why_not);
    assert_int_equal(instance_reset(in, &err), 0);
    assert_non_null(strstr(body_of(in, "/h/queue"), "queued"));
    instance_stop(in);
}

static int make_all(void **state)
{
    struct err err;
    if (make_test_app(state) || dir_temp("fettle-servers", base, sizeof base, &err))
        return -1;
    chmod(base, 0755);
    setenv("TMPDIR", base, 1);
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    server_script("mysql", "stop", NULL, 0);
    server_script("pgsql", "stop", NULL, 0);
    dir_remove(base);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mariadb_is_copied),
        cmocka_unit_test(postgresql_is_copied),
        cmocka_unit_test(too_large_is_not_copied_unasked),
        cmocka_unit_test(redis_is_private),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_all, stop_all);
}
