/* The lowest room: arenas, strings, names, JSON, TOML, files, processes, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void arena_has_a_ceiling(void **state)
{
    struct arena *a = arena_new(1 << 20);
    assert_non_null(arena_alloc(a, 1000));
    assert_null(arena_alloc(a, 2 << 20));
    assert_true(arena_failed(a));
    arena_clear(a);
    assert_false(arena_failed(a));
    char *p = arena_alloc(a, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    arena_free(a);
    (void)state;
}

static void strings_are_cut(void **state)
{
    struct str rest = STR("a,b,,c"), part;
    unsigned n = 0, total = 0;
    while (str_next(&rest, ',', &part)) {
        n++;
        total += part.n;
    }
    assert_int_equal(n, 4);
    assert_int_equal(total, 3);
    assert_true(str_is(str_trim(STR("  x \n")), "x"));
    assert_true(str_ieq(STR("User"), STR("uSER")));
    assert_false(str_ends(STR("a"), "longer"));
    (void)state;
}

static void names_are_interned_once(void **state)
{
    struct syms *t = syms_new();
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < 5000; i++) {
            char name[32];
            snprintf(name, sizeof name, "name%u", i);
            assert_int_equal(syms_intern(t, str_c(name)), i + 1);
        }
    assert_int_equal(syms_count(t), 5000);
    assert_string_equal(syms_cstr(t, 42), "name41");
    assert_int_equal(syms_find(t, STR("absent")), 0);
    assert_int_equal(syms_intern(t, STR("")), 0);
    syms_free(t);
    (void)state;
}

static void json_is_escaped(void **state)
{
    auto_buf out = BUF_INIT(4096);
    struct json j = { &out };
    json_open(&j, '{');
    json_key(&j, "a");
    json_str(&j, "</script>\"\n\xff\xc3\xa9");
    json_key(&j, "n");
    json_num(&j, 0.1);
    json_key(&j, "none");
    json_num(&j, 0.0 / 0.0);
    json_close(&j, '}');
    assert_string_equal(buf_cstr(&out), "{\"a\":\"\\u003c/script>\\\"\\n\\ufffd\xc3\xa9\",\"n\":0.1,\"none\":null}");
    (void)state;
}

static void numbers_read_well(void **state)
{
    static const struct {
        double ms;
        const char *text;
    } cases[] = { { 414, "414 ms" }, { 6.24, "6.2 ms" }, { 0.5, "0.50 ms" }, { 1107, "1,107 ms" }, { 12345, "12.3 s" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_buf out = BUF_INIT(64);
        text_ms(cases[i].ms, &out);
        assert_string_equal(buf_cstr(&out), cases[i].text);
    }
    auto_buf fitted = BUF_INIT(64);
    text_fit("zählen", 4, &fitted);
    assert_string_equal(buf_cstr(&fitted), "zäh…");
    (void)state;
}

static void toml_is_read(void **state)
{
    auto_arena *a = arena_new(1 << 22);
    struct toml *t;
    struct err err;
    struct str text = STR("min = 5 # x\n[[step]]\npath = \"/a\\u00e9\"\nids = [1, 2]\n[[step]]\npath = '/b'\n[a.b]\nc = { d = true }\n");
    assert_int_equal(toml_parse(text, a, &t, &err), RC_OK);
    assert_int_equal(toml_length(t, "step"), 2);
    assert_string_equal(toml_text(t, "step.0.path", ""), "/a\xc3\xa9");
    assert_string_equal(toml_text(t, "step.1.path", ""), "/b");
    assert_int_equal(toml_length(t, "step.0.ids"), 2);
    assert_true(toml_bool(t, "a.b.c.d", false));
    assert_true(toml_number(t, "min", 0) == 5);
    assert_int_equal(toml_line(t, "step.1.path"), 6);
    struct str bad = STR("a = 1\nb = \"x\n");
    assert_int_equal(toml_parse(bad, a, &t, &err), RC_PARSE);
    assert_non_null(strstr(err.what, "line 2"));
    (void)state;
}

static void files_are_whole_or_old(void **state)
{
    char dir[256], path[300];
    struct err err;
    auto_arena *a = arena_new(1 << 20);
    struct str text;
    assert_int_equal(dir_temp("fettle-test", dir, sizeof dir, &err), RC_OK);
    snprintf(path, sizeof path, "%s/x", dir);
    assert_int_equal(file_write_atomic(path, "old", 3, &err), RC_OK);
    for (long n = 1; n < 50; n++) {
        fault_arm(n);
        int rc = file_write_atomic(path, "newer", 5, &err);
        bool fired = fault_fired();
        fault_arm(0);
        assert_int_equal(file_read(path, 100, a, &text, &err), RC_OK);
        assert_true(str_is(text, rc ? "old" : "newer"));
        if (!fired)
            break;
        assert_int_equal(file_write_atomic(path, "old", 3, &err), RC_OK);
    }
    assert_int_equal(file_read(path, 2, a, &text, &err), RC_LIMIT);
    assert_int_equal(dir_remove(dir), RC_OK);
    assert_false(file_exists(dir));
    (void)state;
}

/* A work folder whose owner was killed goes at the next start; one whose owner lives stays. */
static void stale_folders_are_swept(void **state)
{
    char base[256], path[2][PATH_MAX] = { "" };
    struct err err = { 0 };
    struct workdir mine = { "" }, next = { "" };
    const char *old = getenv("TMPDIR");
    (void)state;
    assert_int_equal(dir_temp("fettle-test", base, sizeof base, &err), RC_OK);
    setenv("TMPDIR", base, 1);
    assert_int_equal(workdir_make("mine", &mine, &err), RC_OK);
    int say[2];
    assert_int_equal(pipe(say), 0);
    pid_t pid = fork();
    if (!pid) {
        struct workdir w;
        snprintf(path[0], sizeof path[0], "%s", workdir_make("lost", &w, &err) ? "" : w.path);
        snprintf(path[1], sizeof path[1], "%.3000s/deep/er", path[0]);
        if (dir_make(path[1], &err) || chmod(path[1], 0) || write(say[1], path[0], sizeof path[0]) < 0)
            _exit(1);
        pause();
    }
    assert_int_equal(read(say[0], path[0], sizeof path[0]), sizeof path[0]);
    workdir_sweep();
    assert_true(file_is_dir(path[0]));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(file_is_dir(path[0]));
    assert_int_equal(workdir_make("next", &next, &err), RC_OK);
    assert_false(file_is_dir(path[0]));
    assert_true(file_is_dir(mine.path) && file_is_dir(next.path));
    workdir_remove(&mine);
    workdir_remove(&next);
    workdir_remove(&next);
    assert_int_equal(rmdir(base), 0);
    if (old)
        setenv("TMPDIR", old, 1);
    else
        unsetenv("TMPDIR");
    close(say[0]);
    close(say[1]);
}

static void processes_end(void **state)
{
    struct proc_result r;
    struct err err;
    const char *cat[] = { "cat", NULL }, *slow[] = { "sleep", "30", NULL }, *none[] = { "no-such-program", NULL };
    struct proc_opts o = { .argv = cat, .input = STR("hello") };
    assert_int_equal(proc_run(&o, &r, &err), RC_OK);
    assert_int_equal(r.status, 0);
    assert_string_equal(buf_cstr(&r.out), "hello");
    proc_result_release(&r);
    o = (struct proc_opts){ .argv = slow, .timeout_ns = 50000000 };
    assert_int_equal(proc_run(&o, &r, &err), RC_TIMEOUT);
    proc_result_release(&r);
    o = (struct proc_opts){ .argv = none };
    assert_int_equal(proc_run(&o, &r, &err), RC_NOTFOUND);
    proc_result_release(&r);
    (void)state;
}

static int add_one(void *ctx, size_t i, unsigned worker)
{
    (void)worker;
    ((unsigned *)ctx)[i]++;
    return i == 999999 ? RC_LIMIT : RC_OK;
}

static void every_item_once(void **state)
{
    static unsigned seen[10000];
    struct err err = { 0 };
    assert_int_equal(par_for(10000, 4, add_one, seen, &err), RC_OK);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(seen[i], 1);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_has_a_ceiling), cmocka_unit_test(strings_are_cut),
        cmocka_unit_test(names_are_interned_once), cmocka_unit_test(json_is_escaped),
        cmocka_unit_test(numbers_read_well), cmocka_unit_test(toml_is_read),
        cmocka_unit_test(files_are_whole_or_old),
        cmocka_unit_test(stale_folders_are_swept), cmocka_unit_test(processes_end),
        cmocka_unit_test(every_item_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
