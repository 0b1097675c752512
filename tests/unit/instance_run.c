/* Driving, reset, side B, two at once: what check and prove do with an instance. */
#include "instance_app.h"

#include <math.h>
#include <signal.h>

static const struct visit *visit_of(const struct drive_result *r, const char *route)
{
    for (uint32_t i = 0; i < r->nvisits; i++)
        if (strcmp(r->visits[i].route, route) == 0)
            return &r->visits[i];
    for (uint32_t i = 0; i < r->nvisits; i++)
        print_message("%s %s %d %s\n", r->visits[i].route, r->visits[i].url, r->visits[i].status,
                      r->visits[i].why_not ? r->visits[i].why_not : "");
    fail_msg("no visit of %s", route);
    return NULL;
}

static const struct visit *find_visit(const struct drive_result *r, const char *part)
{
    for (uint32_t i = 0; i < r->nvisits; i++)
        if (r->visits[i].livewire && strcasestr(r->visits[i].route, part))
            return &r->visits[i];
    return NULL;
}

static void measured(const struct drive_result *r, const char *route, const char *url)
{
    const struct visit *v = visit_of(r, route);
    if (!v->measured || strcmp(v->url, url) != 0)
        fail_msg("%s at %s: status %d, %s", route, v->url, v->status, v->why_not ? v->why_not : "");
    assert_int_equal(v->status, 200);
    assert_true(v->samples >= 3 && v->median_ms > 0);
}

static void not_measured(const struct drive_result *r, const char *route, const char *why)
{
    const struct visit *v = visit_of(r, route);
    assert_false(v->measured);
    assert_non_null(v->why_not);
    if (!strstr(v->why_not, why))
        fail_msg("%s: %s, not %s", route, v->why_not, why);
}

static void a_drive_visits_every_route(void **state)
{
    (void)state;
    NEEDS_APP();
    char before[128], after[128];
    hash_of_app(before, sizeof before);
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    struct drive_opts d = { .budget_ns = 60000000000u,
                            .max_samples = 6,
                            .request_limit_ns = 1500000000 };
    struct drive_result *r = NULL;
    struct err err = { 0 };
    if (drive(in, &d, &r, &err))
        fail_msg("%s", err.what);
    assert_non_null(strstr(r->user_note, "user 7, the one with most rows"));
    measured(r, "GET /", "/");
    measured(r, "GET /login", "/login"); /* as a guest */
    measured(r, "GET /posts", "/posts");
    measured(r, "GET /live", "/live");
    measured(r, "GET /cached", "/cached");
    measured(r, "GET /throttled", "/throttled");
    measured(r, "GET /confirmed", "/confirmed");
    measured(r, "GET /mixed", "/mixed"); /* without a manifest */
    measured(r, "GET /join", "/join");   /* as a guest: it sends users away */
    assert_string_equal(visit_of(r, "GET /join")->as, "a guest");
    measured(r, "GET /news/{item}", "/news/post-1");     /* by a link of /posts */
    measured(r, "GET /by/{user}/posts", "/by/u7/posts"); /* by the binding field */
    not_measured(r, "GET /broken", "View [does-not-exist] not found");
    not_measured(r, "GET /private/{post}", "status 403");
    not_measured(r, "GET /hang", "no answer");
    not_measured(r, "GET /logout", "end the session");
    not_measured(r, "GET /unknown/{thing}", "{thing}");
    assert_true(visit_of(r, "GET /posts/{post}")->measured);
    const struct visit *once = visit_of(r, "GET /unsubscribe");
    assert_int_equal(once->samples, 1);
    assert_int_equal(once->status, 200);
    assert_non_null(find_visit(r, "feed"));
    assert_non_null(find_visit(r, "late"));
    assert_int_equal(find_visit(r, "feed")->status, 200);
    assert_int_equal(find_visit(r, "late")->status, 200);
    if (extension_or_null()) {
        assert_true(once->side_effects);
        assert_true(visit_of(r, "GET /mails")->side_effects);
        assert_true(r->workload->nroutes >= 10);
        bool found = false;
        for (uint32_t i = 0; i < r->workload->nroutes; i++)
            found |= strcmp(r->workload->routes[i].name, "GET /posts") == 0 &&
                     r->workload->routes[i].lazy_median == 20;
        assert_true(found);
        for (uint32_t i = 0; i < r->workload->ncallers; i++) /* what a redirect asked is no page's cost */
            assert_false(strcmp(r->workload->routes[r->workload->callers[i].route].name, "GET /join") == 0 &&
                         strstr(r->workload->shapes[r->workload->callers[i].shape].sql, "posts"));
    }
    instance_stop(in);
    hash_of_app(after, sizeof after);
    assert_string_equal(before, after);
}

static void a_budget_is_obeyed(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    uint64_t begin = now_ns();
    struct drive_opts d = { .budget_ns = 1500000000 };
    struct drive_result *r = NULL;
    struct err err = { 0 };
    assert_int_equal(drive(in, &d, &r, &err), 0);
    assert_true(now_ns() - begin < 2500000000u);
    assert_true(r->nvisits > 10);
    instance_stop(in);
}

static void named_routes_and_users(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    const char *routes[] = { "/posts/7", "GET /up", NULL };
    struct drive_opts d = { .budget_ns = 60000000000u,
                            .routes = routes,
                            .as = "u3@example.com",
                            .max_samples = 3,
                            .min_samples = 3 };
    struct drive_result *r = NULL;
    struct err err = { 0 };
    assert_int_equal(drive(in, &d, &r, &err), 0);
    assert_int_equal(r->nvisits, 2);
    assert_non_null(strstr(r->user_note, "user 3, as asked"));
    assert_int_equal(visit_of(r, "GET /posts/{post}")->samples, 3);
    assert_string_equal(visit_of(r, "GET /posts/{post}")->url, "/posts/7");
    d.as = "nobody@example.com";
    assert_int_equal(drive(in, &d, &r, &err), RC_NOTFOUND);
    assert_non_null(strstr(err.what, "no user nobody@example.com"));
    d.as = NULL;
    d.routes = (const char *const[]){ "/nowhere", NULL };
    assert_int_equal(drive(in, &d, &r, &err), RC_NOTFOUND);
    instance_stop(in);
}

static void steps_are_sent(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    const char *routes[] = { "/", NULL };
    struct drive_step steps[] = { { "GET", "/year/1999", NULL, NULL },
                                  { "POST", "/posts", "a=b", NULL } };
    struct drive_opts d = {
        .budget_ns = 60000000000u, .routes = routes, .steps = steps, .nsteps = 2, .max_samples = 3
    };
    struct drive_result *r = NULL;
    struct err err = { 0 };
    assert_int_equal(drive(in, &d, &r, &err), 0);
    assert_int_equal(r->nvisits, 3);
    bool get = false, post = false;
    for (uint32_t i = 0; i < r->nvisits; i++) {
        get |= strcmp(r->visits[i].url, "/year/1999") == 0 && r->visits[i].status == 200;
        post |= strcmp(r->visits[i].url, "/posts") == 0 && r->visits[i].status == 405;
    }
    assert_true(get && post);
    instance_stop(in);
}

static void a_reset_goes_back_to_the_start(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { 0 };
    struct instance *in = start_or_fail(&o);
    struct err err = { 0 };
    int status;
    char copy[PATH_MAX + 32], command[PATH_MAX + 200], count[64];
    for (int round = 0; round < 2; round++) {
        assert_non_null(strstr(page_of(in, "/h/write", NULL), "WROTE"));
        assert_non_null(strstr(page_of(in, "/h/legacy", NULL), "WROTE"));
        assert_non_null(strstr(page_of(in, "/h/file", NULL), "WROTE"));
        assert_non_null(strstr(page_of(in, "/h/unlink", NULL), "WROTE"));
        assert_non_null(strstr(page_of(in, "/h/overwrite", NULL), "WROTE"));
        assert_string_equal(page_of(in, "/h/posts", NULL), "501");
        snprintf(copy, sizeof copy, "%s/snap/test.sqlite", in->dir);
        assert_int_equal(instance_db_snapshot(in, copy, &err), 0);
        snprintf(command, sizeof command, "sqlite3 '%s' 'select count(*) from posts'", copy);
        assert_int_equal(run_shell(command, count, sizeof count), 0);
        assert_string_equal(count, "501\n");
        if (instance_reset(in, &err))
            fail_msg("%s", err.what);
        assert_string_equal(page_of(in, "/h/posts", &status), "500");
        assert_string_equal(page_of(in, "/h/legacy-rows", NULL), "0");
        const char *look[] = { "/bin/sh", "-c", "ls written.txt; cat routes/console.php; ls .env",
                               NULL };
        struct proc_result r;
        assert_int_equal(instance_exec(in, look, 0, &r, &err), 0);
        assert_null(strstr(buf_cstr(&r.out), "written.txt"));
        assert_non_null(strstr(buf_cstr(&r.out), "Artisan::command"));
        assert_non_null(strstr(buf_cstr(&r.out), ".env"));
        proc_result_release(&r);
    }
    snprintf(command, sizeof command, "sqlite3 '%s' 'select count(*) from posts'", in->db_copy);
    assert_int_equal(run_shell(command, count, sizeof count),
                     0); /* the start snapshot may be read at any time */
    assert_string_equal(count, "500\n");
    instance_stop(in);
}

static void side_b_runs_beside_side_a(void **state)
{
    (void)state;
    NEEDS_APP();
    char edits[PATH_MAX], file[PATH_MAX + 64];
    struct err err = { 0 };
    assert_int_equal(dir_temp("fettle-edits", edits, sizeof edits, &err), 0);
    snprintf(file, sizeof file, "%s/app/Models", edits);
    assert_int_equal(dir_make(file, &err), 0);
    snprintf(file, sizeof file, "%s/app/Models/Post.php", edits);
    static const char text[] =
        "<?php\nnamespace App\\Models;\nclass Post extends "
        "\\Illuminate\\Database\\Eloquent\\Model\n{\n"
        "    public $timestamps = false;\n    protected $guarded = [];\n    protected $with = "
        "['user'];\n"
        "    public function user() { return $this->belongsTo(User::class); }\n"
        "    public static function booted() { static::retrieved(fn ($p) => $p->title = 'side B'); "
        "}\n}\n";
    assert_int_equal(file_write_atomic(file, text, sizeof text - 1, &err), 0);
    struct instance_opts a = { 0 }, b = { .edits_dir = edits };
    struct instance *one = start_or_fail(&a), *two = start_or_fail(&b);
    const char *routes[] = { "/posts", NULL };
    struct drive_opts d = { .budget_ns = 60000000000u, .routes = routes, .max_samples = 3 };
    struct drive_result *ra = NULL, *rb = NULL;
    assert_int_equal(drive(one, &d, &ra, &err), 0);
    assert_int_equal(drive(two, &d, &rb, &err), 0);
    assert_true(visit_of(ra, "GET /posts")->measured && visit_of(rb, "GET /posts")->measured);
    if (extension_or_null()) {
        assert_int_equal((int)ra->workload->routes[0].lazy_median, 20);
        assert_int_equal((int)rb->workload->routes[0].lazy_median, 0);
    }
    /* The edit survives a reset, and neither side sees what the other writes. */
    assert_non_null(strstr(page_of(two, "/h/write", NULL), "WROTE"));
    assert_string_equal(page_of(one, "/h/posts", NULL), "500");
    assert_int_equal(instance_reset(two, &err), 0);
    assert_string_equal(page_of(two, "/h/posts", NULL), "500");
    char in_upper[PATH_MAX * 2];
    snprintf(in_upper, sizeof in_upper, "%s/app/Models/Post.php", two->upper);
    assert_true(file_exists(in_upper));
    instance_stop(one);
    instance_stop(two);
    dir_remove(edits);
}

static void a_frozen_clock_repeats(void **state)
{
    (void)state;
    NEEDS_APP();
    /* As a request that carries the seed; sign-in and the like keep the real clock. */
    struct instance_opts o = { .freeze_clock = true,
                               .env = (const char *const[]){ "HTTP_X_FETTLE_SEED=1", NULL } };
    struct instance *in = start_or_fail(&o);
    static const char code[] =
        "require 'vendor/autoload.php'; $app = require 'bootstrap/app.php';"
        "$app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();"
        "$a = now()->format('U.u'); usleep(1100000); echo $a === now()->format('U.u') ? 'still' : "
        "'moves', ' ',"
        "Illuminate\\Support\\Str::uuid(), ' ', Illuminate\\Support\\Str::random(20), ' ', rand();";
    const char *argv[] = { "php", "-r", code, NULL };
    struct proc_result r[2];
    struct err err;
    for (int i = 0; i < 2; i++)
        assert_int_equal(instance_exec(in, argv, 0, &r[i], &err), 0);
    if (strncmp(buf_cstr(&r[0].out), "still ", 6) != 0)
        fail_msg("%s%s", buf_cstr(&r[0].out), buf_cstr(&r[0].err));
    assert_int_equal(strncmp(buf_cstr(&r[0].out), "still ", 6), 0);
    assert_string_equal(buf_cstr(&r[0].out), buf_cstr(&r[1].out));
    proc_result_release(&r[0]);
    proc_result_release(&r[1]);
    instance_stop(in);
}

static void a_test_suite_sees_its_own_app(void **state)
{
    (void)state;
    NEEDS_APP();
    struct instance_opts o = { .for_tests = true,
                               .env = (const char *const[]){ "APP_ENV=testing", NULL } };
    struct instance *in = start_or_fail(&o);
    static const char code[] =
        "require 'vendor/autoload.php'; $app = require 'bootstrap/app.php';"
        "$app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();"
        "echo $app->environment(), ' ', $app->configurationIsCached() ? 'cached' : 'fresh', ' ',"
        "count($app->getProviders('Fettle\\FettleProvider')), ' ', "
        "config('mail.mailers.smtp.transport'), ' ',"
        "App\\Models\\Post::create(['title' => 'x', 'user_id' => 1])->exists, ' ', "
        "App\\Models\\Post::count();"
        "file_put_contents('left.xml', 'x');";
    struct proc_result r;
    struct err err;
    char path[PATH_MAX + 32];
    assert_int_equal(
        instance_exec(in, (const char *const[]){ "php", "-r", code, NULL }, 0, &r, &err), 0);
    assert_string_equal(buf_cstr(&r.out), "testing fresh 0 smtp 1 501");
    proc_result_release(&r);
    snprintf(path, sizeof path, "%s/left.xml", in->upper);
    assert_true(file_exists(path));
    assert_int_equal(instance_reset(in, &err), 0);
    assert_false(file_exists(path));
    instance_stop(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drive_visits_every_route),
        cmocka_unit_test(a_budget_is_obeyed),
        cmocka_unit_test(named_routes_and_users),
        cmocka_unit_test(steps_are_sent),
        cmocka_unit_test(a_reset_goes_back_to_the_start),
        cmocka_unit_test(side_b_runs_beside_side_a),
        cmocka_unit_test(a_frozen_clock_repeats),
        cmocka_unit_test(a_test_suite_sees_its_own_app),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_test_app, NULL);
}
