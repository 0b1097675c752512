/* How an instance ends and how it refuses to begin: stops at any moment, kill -9, and bad input. */
#include "instance_app.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

static char base[PATH_MAX]; /* a TMPDIR of our own: other tests run beside this one */
static volatile int stop;

static void set_stop(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

static int make_all(void **state)
{
    struct err err;
    if (make_test_app(state) || dir_temp("fettle-ends", base, sizeof base, &err))
        return -1;
    setenv("TMPDIR", base, 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* what a killed child leaves comes to us */
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    dir_remove(base);
    return 0;
}

/* All descendants have ended within the time, reaped here. */
static bool all_gone(uint64_t limit_ns)
{
    uint64_t end = now_ns() + limit_ns;
    while (now_ns() < end) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0)
            return true;
        if (pid == 0)
            sleep_ns(2000000);
    }
    return false;
}

static void after(unsigned ms)
{
    struct sigaction a = { .sa_handler = set_stop };
    struct itimerval t = { .it_value = { ms / 1000, (ms % 1000) * 1000 } };
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
}

static void a_stop_at_any_moment_leaves_nothing(void **state)
{
    (void)state;
    NEEDS_APP();
    bool interrupted = false;
    for (unsigned ms = 1; ms < 2000; ms += 210) {
        struct instance_opts o = { .stop = &stop, .extension = extension_or_null() };
        struct instance *in = NULL;
        struct err err = { 0 };
        stop = 0;
        after(ms);
        int rc = instance_start(&made.app, &o, &in, &err);
        if (!rc) {
            struct drive_opts d = { .stop = &stop, .budget_ns = 20000000000u };
            struct drive_result *r;
            rc = drive(in, &d, &r, &err);
            instance_stop(in);
        }
        if (rc != RC_INTERRUPTED)
            fail_msg("after %u ms: %s %s", ms, rc_name((enum rc)rc), err.what);
        interrupted = true;
        assert_true(all_gone(500000000));
        assert_int_equal(work_folders(), 0);
    }
    assert_true(interrupted);
    stop = 0;
}

static void kill_9_leaves_a_folder_that_is_swept(void **state)
{
    (void)state;
    NEEDS_APP();
    int stale = 0;
    for (unsigned ms = 30; ms < 2000; ms += 390) {
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            struct instance_opts o = { .extension = extension_or_null() };
            struct instance *in;
            struct err err;
            if (instance_start(&made.app, &o, &in, &err))
                _exit(1);
            for (;;)
                pause();
        }
        sleep_ns(ms * 1000000ull);
        kill(pid, SIGKILL);
        assert_true(all_gone(2000000000));
        stale += work_folders();
        instance_sweep();
        assert_int_equal(work_folders(), 0);
    }
    assert_true(stale > 0);
}

/* A sweep that is killed itself: whatever it had removed by then, the lock too, the next one removes the rest. */
static void a_killed_sweep_is_finished_by_the_next(void **state)
{
    (void)state;
    char dir[PATH_MAX], file[PATH_MAX + 16];
    struct err err;
    int killed = 0;
    for (unsigned us = 200; us < 20000; us += us / 2) {
        snprintf(dir, sizeof dir, "%.3000s/fettle-instance.stale1", base);
        assert_int_equal(dir_make(dir, &err), 0);
        for (int i = 0; i < 600; i++) {
            snprintf(file, sizeof file, "%s/%s%d", dir, i % 2 ? "a" : "z", i);
            assert_int_equal(mkdir(file, 0700), 0);
        }
        snprintf(file, sizeof file, "%s/lock", dir);
        assert_int_equal(file_write_atomic(file, "", 0, &err), 0);
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            instance_sweep();
            _exit(0);
        }
        usleep(us);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        killed += work_folders();
        instance_sweep();
        assert_int_equal(work_folders(), 0);
    }
    assert_true(killed > 0);
}

static void a_living_instance_is_not_swept(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    instance_sweep();
    int status;
    page_of(in, "/", &status);
    assert_int_equal(status, 200);
    instance_stop(in);
    assert_int_equal(work_folders(), 0);
}

/* ---- bad input: an application whose files are links to the hostile one's, but for what a command
 * breaks ---- */

struct broken {
    char dir[PATH_MAX + 16];
    struct app app;
};

static void broken_app(struct broken *b, const char *command)
{
    char all[PATH_MAX * 8];
    snprintf(b->dir, sizeof b->dir, "%s/broken", base);
    snprintf(all, sizeof all,
             "rm -rf '%s' && cp -al '%s' '%s' && cd '%s' && rm -f bootstrap/cache/config.php && "
             "sed 's|^DB_DATABASE=.*|DB_DATABASE=%s/database/database.sqlite|' .env > .new && mv "
             ".new .env && { %s; }",
             b->dir, made.dir, b->dir, b->dir, b->dir, command);
    assert_int_equal(run_shell(all, NULL, 0), 0);
    b->app = (struct app){ .dir = b->dir };
}

static void refused(const struct app *app, struct instance_opts *o, enum rc want, const char *what,
                    const char *next)
{
    struct instance *in = NULL;
    struct err err = { 0 };
    int rc = instance_start(app, o, &in, &err);
    if (rc != (int)want || !strstr(err.what, what) || !strstr(err.next, next))
        fail_msg("%s: %s (%s)", rc_name((enum rc)rc), err.what, err.next);
    assert_true(all_gone(500000000));
    assert_int_equal(work_folders(), 0);
}

static void apps_that_cannot_run_say_why(void **state)
{
    (void)state;
    NEEDS_APP();
    static const struct {
        const char *command;
        enum rc rc;
        const char *what, *next;
    } table[] = {
        { "rm artisan", RC_NOTFOUND, "no artisan file", "artisan" },
        { "rm vendor/autoload.php", RC_NOTFOUND, "vendor/autoload.php", "composer install" },
        { "rm .env", RC_NOTFOUND, "no .env", "key:generate" },
        { "sed -i 's/^APP_KEY=.*/APP_KEY=/' .env", RC_NOTFOUND, "APP_KEY is empty",
          "key:generate" },
        { "rm database/database.sqlite*", RC_NOTFOUND, "database.sqlite does not exist",
          "migrate" },
        { "rm bootstrap/app.php; echo '<?php throw new RuntimeException(\"cannot boot\\nat "
          "all\");' > bootstrap/app.php",
          RC_STATE, "cannot boot (bootstrap/app.php:1)", "artisan about" },
        { "echo '<?php return [' > config/bad.php", RC_STATE, "(config/bad.php:2)",
          "artisan about" },
        { "rm app/Providers/AppServiceProvider.php; printf '%s' '<?php namespace App\\Providers; "
          "class AppServiceProvider extends "
          "\\Illuminate\\Support\\ServiceProvider { function boot() { throw new "
          "\\LogicException(\"no boot today\"); } }' > "
          "app/Providers/AppServiceProvider.php",
          RC_STATE, "no boot today", "artisan about" },
        { "rm bootstrap/app.php; echo '<?php posix_kill(getmypid(), 9);' > bootstrap/app.php",
          RC_STATE, "does not boot", "artisan about" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct broken b;
        struct instance_opts o = { 0 };
        broken_app(&b, table[i].command);
        refused(&b.app, &o, table[i].rc, table[i].what, table[i].next);
    }
    struct app nowhere = { .dir = "/nowhere/at/all" };
    refused(&nowhere, &(struct instance_opts){ 0 }, RC_NOTFOUND, "/nowhere", "artisan");
}

/* What cannot be cached is named, and the app is measured without it. */
static void caches_that_fail_are_named(void **state)
{
    (void)state;
    NEEDS_APP();
    struct broken b;
    struct instance_opts o = { .say = keep_line };
    struct instance *in = NULL;
    struct err err = { 0 };
    broken_app(&b, "echo '<?php return [\"f\" => fn () => 1];' > config/closure.php && "
                   "cp routes/web.php .new && rm routes/web.php && cp .new routes/web.php && "
                   "echo 'Route::get(\"/again\", fn () => 1)->name(\"home\");' >> routes/web.php");
    said[0] = 0;
    if (instance_start(&b.app, &o, &in, &err))
        fail_msg("%s\n%s", err.what, said);
    assert_non_null(strstr(said, "artisan optimize fails"));
    assert_non_null(strstr(said, "measured without config:cache"));
    assert_non_null(strstr(said, "measured without route:cache"));
    assert_null(strstr(said, "measured without event:cache"));
    instance_stop(in);
    assert_int_equal(work_folders(), 0);
}

/* A linked vendor folder autoloads the code of the folder it really lies in: what is measured would
 * be another app. */
static void the_self_check_refuses_other_code(void **state)
{
    (void)state;
    NEEDS_APP();
    struct broken b;
    char command[PATH_MAX + 100];
    snprintf(command, sizeof command, "rm -rf vendor && ln -s '%.4000s/vendor' vendor", made.dir);
    broken_app(&b, command);
    refused(&b.app, &(struct instance_opts){ 0 }, RC_UNSAFE, "a linked vendor folder",
            "copy vendor");
}

static void programs_that_do_not_fit_are_named(void **state)
{
    (void)state;
    NEEDS_APP();
    char so[PATH_MAX + 16];
    struct err err;
    snprintf(so, sizeof so, "%s/fettle.so", base);
    assert_int_equal(file_write_atomic(so, "no library", 10, &err), 0);
    refused(&made.app, &(struct instance_opts){ .extension = so }, RC_UNSUPPORTED,
            "does not load into PHP", "scripts/build");
    refused(&made.app, &(struct instance_opts){ .extension = "/nowhere.so" }, RC_NOTFOUND,
            "/nowhere.so", "scripts/build");
    refused(&made.app, &(struct instance_opts){ .fpm = "/nowhere/php-fpm" }, RC_NOTFOUND,
            "no php-fpm", "apt install");
    refused(&made.app, &(struct instance_opts){ .php = "/bin/true" }, RC_UNSUPPORTED,
            "/bin/true does not run", "php -v");
    struct broken b;
    broken_app(&b, "sed -i.old 's/\"php\": \"[^\"]*\"/\"php\": \"^7.1\"/' composer.json");
    refused(&b.app, &(struct instance_opts){ 0 }, RC_UNSUPPORTED, "requires PHP ^7.1", "--php");
}

/* Makes the kernel refuse namespaces to this process, as a locked-down host does. */
static bool refuse_namespaces(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1 /* EPERM */),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof *filter, filter };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a child, since a filter stays: 0 when all went as it should. */
static int without_namespaces(void)
{
    struct instance_opts o = { 0 };
    struct instance *in = NULL;
    struct err err = { 0 };
    if (!refuse_namespaces())
        return 10;
    if (instance_start(&made.app, &o, &in, &err) != RC_DENIED || !strstr(err.next, "--unsafe"))
        return 11;
    o.network_wall_only = true;
    o.say = keep_line;
    if (instance_start(&made.app, &o, &in, &err)) {
        print_message("%s\n", err.what);
        return 12;
    }
    if (!strstr(in->walls, "none"))
        return 13;
    if (strcmp(page_of(in, "/h/posts", NULL), "500") != 0 ||
        !strstr(page_of(in, "/h/write", NULL), "WROTE"))
        return 14;
    if (!strstr(page_of(in, "/h/legacy", NULL), "WROTE") ||
        strcmp(page_of(in, "/h/posts", NULL), "501") != 0)
        return 15;
    if (strstr(page_of(in, "/h/mysql-socket", NULL), "REACHED") ||
        !strstr(page_of(in, "/h/mysql-tcp", NULL), "not private"))
        return 16;
    if (instance_reset(in, &err) != RC_UNSUPPORTED)
        return 17;
    instance_stop(in);
    return 0;
}

static void without_namespaces_it_asks(void **state)
{
    (void)state;
    NEEDS_APP();
    char before[128], after_it[128];
    int status = -1;
    hash_of_app(before, sizeof before);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(without_namespaces());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(all_gone(1000000000));
    assert_int_equal(work_folders(), 0);
    hash_of_app(after_it, sizeof after_it);
    assert_string_equal(before, after_it);
}

/* Allocations and pipes fail one after the other: an error each time, nothing left. */
static void faults_leave_nothing(void **state)
{
    (void)state;
    NEEDS_APP();
    for (long n = 1; n < 50; n += n < 8 ? 1 : 9) {
        struct instance_opts o = { 0 };
        struct instance *in = NULL;
        struct err err = { 0 };
        fault_arm(n);
        int rc = instance_start(&made.app, &o, &in, &err);
        fault_arm(0);
        if (!rc)
            instance_stop(in);
        else
            assert_true(err.what[0] != 0);
        assert_true(all_gone(1000000000));
        assert_int_equal(work_folders(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_at_any_moment_leaves_nothing),
        cmocka_unit_test(kill_9_leaves_a_folder_that_is_swept),
        cmocka_unit_test(a_killed_sweep_is_finished_by_the_next),
        cmocka_unit_test(a_living_instance_is_not_swept),
        cmocka_unit_test(apps_that_cannot_run_say_why),
        cmocka_unit_test(caches_that_fail_are_named),
        cmocka_unit_test(the_self_check_refuses_other_code),
        cmocka_unit_test(programs_that_do_not_fit_are_named),
        cmocka_unit_test(without_namespaces_it_asks),
        cmocka_unit_test(faults_leave_nothing),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
