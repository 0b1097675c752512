/* Every case of tests/flow: a small application is written out, walked, and its flows compared. */
#include "laravel/laravel.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const kinds[FLOW_KINDS] = {
    [FLOW_LAZY] = "LAZY", [FLOW_QUERY] = "QUERY", [FLOW_AGGREGATE] = "AGGREGATE",
    [FLOW_RELATION_QUERY] = "RELATION_QUERY", [FLOW_WRITE] = "WRITE", [FLOW_CACHE_READ] = "CACHE_READ",
    [FLOW_HTTP] = "HTTP", [FLOW_AI] = "AI", [FLOW_HTTP_IN_TX] = "HTTP_IN_TX", [FLOW_DISPATCH] = "DISPATCH",
    [FLOW_HYDRATE_AGG] = "HYDRATE_AGG", [FLOW_FILTER_PHP] = "FILTER_PHP", [FLOW_UNBOUNDED] = "UNBOUNDED",
    [FLOW_ACCESSOR_QUERY] = "ACCESSOR_QUERY", [FLOW_DUPLICATE] = "DUPLICATE", [FLOW_AI_SYNC] = "AI_SYNC",
    [FLOW_VALIDATION] = "VALIDATION",
};

static void make_dirs(char *path)
{
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            if (mkdir(path, 0700) && errno != EEXIST)
                fail_msg("cannot make %s", path);
            *p = '/';
        }
}

static void write_part(const char *dir, struct str name, struct str body)
{
    char path[512];
    snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(name));
    make_dirs(path);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(body.p, 1, body.n, f), body.n);
    fclose(f);
}

/* Files after "=== path" lines; what comes before the first is returned. */
static struct str write_parts(const char *dir, struct str text)
{
    struct str head = text, name = STR("");
    uint32_t at = 0, from = 0;
    while (at <= text.n) {
        bool mark = at + 4 <= text.n && memcmp(text.p + at, "=== ", 4) == 0;
        if (mark || at == text.n) {
            if (name.n)
                write_part(dir, name, str_sub(text, from, at - from));
            else
                head = str_sub(text, 0, at);
            if (at == text.n)
                break;
            const char *nl = memchr(text.p + at, '\n', text.n - at);
            assert_non_null(nl);
            name = str_trim(str_sub(text, at + 4, (uint32_t)(nl - text.p) - at - 4));
            from = at = (uint32_t)(nl - text.p) + 1;
            continue;
        }
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        at = nl ? (uint32_t)(nl - text.p) + 1 : text.n;
    }
    return head;
}

static char *slurp(const char *path, uint32_t *ret_n)
{
    FILE *f = fopen(path, "re");
    if (!f)
        fail_msg("no file %s", path);
    char *p = calloc(1, 1 << 16);
    *ret_n = (uint32_t)fread(p, 1, (1 << 16) - 1, f);
    fclose(f);
    return p;
}

static bool is_at(const struct app *app, const struct flow *f, struct str place)
{
    char text[512];
    int n = snprintf(text, sizeof text, "%s:%u", app->files[f->at.file].path,
                     node_line(app->files[f->at.file].facts, f->at.node));
    return str_eq(place, (struct str){ text, (uint32_t)n });
}

static bool found(const struct app *app, const struct flows *fs, struct str kind, struct str subject,
                  struct str callee, struct str place)
{
    for (uint32_t i = 0; i < fs->n; i++) {
        const struct flow *f = &fs->items[i];
        if (str_is(kind, kinds[f->kind]) && (str_is(subject, "*") || str_is(subject, f->subject)) &&
            (!callee.n || str_is(callee, f->callee)) && (!place.n || is_at(app, f, place)))
            return true;
    }
    return false;
}

static void print_all(const struct app *app, const struct flows *fs)
{
    for (uint32_t i = 0; i < fs->n; i++) {
        const struct flow *f = &fs->items[i];
        print_error("  %s %s callee=%s at %s:%u\n", kinds[f->kind], f->subject, f->callee,
                    app->files[f->at.file].path,
                    node_line(app->files[f->at.file].facts, f->at.node));
    }
}

static bool check_line(const struct app *app, const struct flows *fs, struct str line)
{
    struct str w[6] = { 0 }, rest = line, part;
    unsigned n = 0;
    while (n < 6 && str_next(&rest, ' ', &part))
        if (part.n)
            w[n++] = part;
    if (!n)
        return true;
    if (str_is(w[0], "never"))
        return !found(app, fs, w[1], n > 2 ? w[2] : STR("*"), STR(""), STR(""));
    assert_true(str_is(w[0], "expect"));
    unsigned k = 3;
    struct str callee = STR("");
    if (str_starts(w[k], "callee=")) {
        callee = str_sub(w[k], 7, w[k].n);
        k++;
    }
    assert_true(str_is(w[k], "at"));
    return found(app, fs, w[1], w[2], callee, w[k + 1]);
}

static int check_case(const struct app *app, const struct flows *fs, struct str head, const char *name)
{
    struct str rest = head, line;
    int wrong = 0;
    while (str_next(&rest, '\n', &line))
        if (!check_line(app, fs, str_trim(line))) {
            print_error("%s: " STR_FMT "\n", name, STR_ARG(line));
            wrong++;
        }
    if (wrong)
        print_all(app, fs);
    return wrong;
}

static void remove_tree(const char *dir)
{
    char cmd[300];
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    assert_int_equal(system(cmd), 0);
}

static int run_case(const char *file, struct str base)
{
    char dir[] = "/tmp/fettle-flow-XXXXXX", path[512];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/tests/flow/%s", FETTLE_SOURCE_DIR, file);
    uint32_t n;
    char *text = slurp(path, &n);
    write_parts(dir, base);
    struct str head = write_parts(dir, (struct str){ text, n });
    struct app *app;
    struct flows *fs;
    struct err err = { 0 };
    struct app_opts opts = { .threads = 1 };
    if (app_open(dir, &opts, &app, &err))
        fail_msg("%s: %s", file, err.what);
    if (flows_find(app, NULL, &fs, &err))
        fail_msg("%s: %s", file, err.what);
    int wrong = check_case(app, fs, head, file);
    auto_buf words = BUF_INIT(1 << 16);
    for (uint32_t i = 0; i < fs->n; i++)
        flow_explain(app, &fs->items[i], &words);
    assert_false(words.failed);
    flows_free(fs);
    app_free(app);
    free(text);
    remove_tree(dir);
    return wrong;
}

static int is_case(const struct dirent *d)
{
    struct str s = str_c(d->d_name);
    return str_ends(s, ".txt") && !str_is(s, "base.txt");
}

static void all_cases(void **state)
{
    struct dirent **list;
    int n = scandir(FETTLE_SOURCE_DIR "/tests/flow", &list, is_case, alphasort);
    assert_true(n > 20);
    uint32_t len;
    char *base = slurp(FETTLE_SOURCE_DIR "/tests/flow/base.txt", &len);
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        wrong += run_case(list[i]->d_name, (struct str){ base, len });
        free(list[i]);
    }
    free(list);
    free(base);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
