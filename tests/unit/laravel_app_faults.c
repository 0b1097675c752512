/* An application of another age (tests/apps/legacy: string controllers, modules, packages,
 * ancestors in vendor), folders that are no application, and memory that ends at every point. */
#include "laravel/app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define APPS FETTLE_SOURCE_DIR "/tests/apps/"

static struct app *open_app(const char *name)
{
    struct err err = { 0 };
    struct app *app = NULL;
    char path[1024];
    snprintf(path, sizeof path, APPS "%s", name);
    assert_int_equal(app_open(path, NULL, &app, &err), 0);
    return app;
}

static const char *related(const struct app *app, const char *cls, const char *name)
{
    const struct model *m = class_model(app, app_class_named(app, str_c(cls)));
    const struct relation *r = model_relation(app, m, syms_find(app->syms, str_c(name)));
    return r ? syms_cstr(app->syms, r->related_name) : "none";
}

static void test_modules_packages_and_vendor(void **state)
{
    struct app *app = open_app("legacy");
    const struct model *post = class_model(app, app_class_named(app, STR("Modules\\Blog\\Post")));
    assert_string_equal(syms_cstr(app->syms, post->table), "blog_posts");
    assert_string_equal(related(app, "Modules\\Blog\\Post", "owner"), "App\\User");
    assert_string_equal(related(app, "Modules\\Blog\\Post", "drafts"), "Modules\\Blog\\Post");
    assert_string_equal(related(app, "App\\User", "posts"), "Modules\\Blog\\Post");
    assert_string_equal(related(app, "Acme\\Models\\Invoice", "user"), "App\\User");
    assert_true(app->classes[app_class_named(app, STR("Kit\\Record"))].in_vendor);
    assert_int_equal(app_class_named(app, STR("Illuminate\\Database\\Eloquent\\Model")), NO_CLASS);
    assert_string_equal(app->laravel_version, "5.8.38");
    assert_non_null(app_view(app, STR("blog::list")));
    assert_true(model_has_scope(app, class_model(app, app_user_model(app)),
                                syms_find(app->syms, STR("SEEN"))) ||
                model_has_scope(app, class_model(app, app_user_model(app)),
                                syms_find(app->syms, STR("seen"))));
    app_free(app);
}

static void test_string_controllers(void **state)
{
    static const char *const want[] = {
        "blog BlogController@list",
        "home HomeController@index",
        "manage/user-groups/{group}/edit HomeController@edit",
        "login LoginController@showLoginForm",
        "login LoginController@login",
        "logout LoginController@logout",
        "open/y HomeController@__invoke",
    };
    struct app *app = open_app("legacy");
    assert_int_equal(app->nroutes, sizeof want / sizeof *want);
    for (uint32_t i = 0; i < app->nroutes; i++) {
        char got[200];
        const struct route *r = &app->routes[i];
        snprintf(got, sizeof got, "%s %s@%s", r->uri,
                 syms_cstr(app->syms, app->classes[r->class_].short_name),
                 syms_cstr(app->syms, r->action));
        assert_string_equal(got, want[i]);
    }
    assert_string_equal(syms_cstr(app->syms, app->classes[app->routes[2].class_].name),
                        "App\\Http\\Controllers\\Admin\\HomeController");
    assert_int_equal(app->nskipped, 1);
    assert_string_equal(app->skipped[0].path, "routes/web.php");
    assert_int_equal(app->skipped[0].line, 12);
    app_free(app);
}

static void test_migrations_with_helpers(void **state)
{
    struct app *app = open_app("legacy");
    const char *by[] = { "created_by" }, *owner[] = { "state", "owner_id" },
               *tree[] = { "_lft", "_rgt" };
    assert_non_null(table_index_leading(schema_table(app->schema, "invoices"), by, 1));
    assert_non_null(table_index_leading(schema_table(app->schema, "invoices"), tree, 2));
    assert_non_null(table_index_leading(schema_table(app->schema, "blog_posts"), owner, 2));
    assert_non_null(table_column(schema_table(app->schema, "users"), "deleted_at"));
    assert_non_null(table_column(schema_table(app->schema, "invoices"), "ip"));
    app_free(app);
}

static void write_text(const char *dir, const char *name, const char *text)
{
    struct err err = { 0 };
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(file_write_atomic(path, text, strlen(text), &err), 0);
}

static void test_no_application(void **state)
{
    struct app *app = NULL;
    struct err err = { 0 };
    char dir[512];
    assert_int_equal(app_open(APPS "nowhere", NULL, &app, &err), RC_NOTFOUND);
    assert_int_equal(app_open(APPS "shop/composer.json", NULL, &app, &err), RC_NOTFOUND);
    assert_int_equal(dir_temp("fettle-app", dir, sizeof dir, &err), 0);
    assert_int_equal(app_open(dir, NULL, &app, &err), RC_NOTFOUND);
    write_text(dir, "composer.json", "{\"require\": {\"symfony/console\": \"^6\"}}");
    assert_int_equal(app_open(dir, NULL, &app, &err), RC_NOTFOUND);
    assert_non_null(strstr(err.what, "does not require laravel/framework"));
    write_text(dir, "composer.json", "{\"require\": {\"laravel/framework\": \"^11.0\"}}");
    assert_int_equal(app_open(dir, NULL, &app, &err),
                     0); /* empty, and all the same an application */
    assert_int_equal(app->laravel_major, 11);
    assert_null(app->laravel_version);
    assert_int_equal(app->nfiles + app->nroutes + app->nmodels + app->schema->ntables, 0);
    app_free(app);
    write_text(dir, "composer.json", "{ not json");
    write_text(dir, "artisan", "");
    write_text(dir, "odd.php",
               "<?php class A extends B { use A, C; } class B extends A {} class A { }");
    assert_int_equal(app_open(dir, NULL, &app, &err), 0);
    assert_string_equal(app->skipped[0].path, "composer.json");
    assert_int_equal(app->nclasses, 3);
    assert_false(class_is_a(app, 0, "Nothing"));
    assert_null(class_method_named(app, 0, "x"));
    app_free(app);
    dir_remove(dir);
}

static void test_same_answer_every_time(void **state)
{
    struct app *a = open_app("shop");
    struct err err = { 0 };
    struct app_opts one = { .threads = 1 };
    struct app *b = NULL;
    assert_int_equal(app_open(APPS "shop", &one, &b, &err), 0);
    assert_int_equal(syms_count(a->syms), syms_count(b->syms));
    for (uint32_t i = 1; i <= syms_count(a->syms); i++)
        assert_string_equal(syms_cstr(a->syms, i), syms_cstr(b->syms, i));
    for (uint32_t i = 0; i < a->nroutes; i++)
        assert_string_equal(a->routes[i].uri, b->routes[i].uri);
    app_free(a);
    app_free(b);
}

static void test_memory_and_reading_fail(void **state)
{
    struct app_opts one = { .threads = 1 };
    unsigned failed = 0;
    for (long n = 1;; n++) {
        struct app *app = NULL;
        struct err err = { 0 };
        fault_arm(n);
        int rc = app_open(APPS "legacy", &one, &app, &err);
        bool fired = fault_fired();
        fault_arm(0);
        if (!rc)
            app_free(app);
        failed += rc != 0;
        assert_true(rc == 0 || err.what[0]);
        if (!fired) {
            assert_int_equal(rc, 0);
            break;
        }
    }
    assert_true(failed > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modules_packages_and_vendor),
        cmocka_unit_test(test_string_controllers),
        cmocka_unit_test(test_migrations_with_helpers),
        cmocka_unit_test(test_no_application),
        cmocka_unit_test(test_same_answer_every_time),
        cmocka_unit_test(test_memory_and_reading_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
