/* The branch of fettle fix, and its undoing, when it is killed before, while or after any call of git, when any call of
 * git or any write fails, and in every state that a user's repository may be in: HEAD, index, refs, stash, worktrees and
 * files are as before, or there is one whole branch more, and --undo takes that away.
 *
 * Some of these moments are tried by default, each of them with FETTLE_TORTURE set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "fix/branch.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_A "app/Http/Controllers/BookController.php"
#define RUN_GIT "git -c safe.directory='*' -c user.name=t -c user.email=t@example.com "

static struct {
    struct workdir work;
    char app[PATH_MAX], path[PATH_MAX * 2], git[PATH_MAX];
    struct arena *arena;
    struct app *read;
    struct finding found[2];
    struct edit edits[3];
    struct fix_step steps[2], *kept[2];
    struct str before, clean; /* state() of the repository at hand, and of the fresh one */
} t;

static struct str output_of(const char *command)
{
    struct proc_opts o = { .argv = (const char *const[]){ "sh", "-c", command, NULL } };
    struct proc_result r;
    struct err err;
    assert_int_equal(proc_run(&o, &r, &err), RC_OK);
    const char *text = arena_strndup(t.arena, buf_cstr(&r.out), r.out.n);
    proc_result_release(&r);
    return str_c(text);
}

/* All that git and the disk know of the folder, but for objects that nothing names. */
static struct str state(void)
{
    return output_of(arena_printf(t.arena,
        "cd '%s' && " RUN_GIT "symbolic-ref -q HEAD; cat .git/HEAD; " RUN_GIT "for-each-ref; " RUN_GIT "stash list; "
        RUN_GIT "worktree list; sha256sum .git/index; find . -path ./.git/objects -prune -o -type f ! -name .fettle-none -print0 |"
        " LC_ALL=C sort -z | xargs -0 sha256sum; find . -path ./.git/objects -prune -o -type d -print | LC_ALL=C sort", t.app));
}

static bool starts_with_branch(struct str now)
{
    return str_contains(now, "refs/heads/fettle/");
}

static void in_app(const char *commands)
{
    output_of(arena_printf(t.arena, "cd '%s' && { %s; } 2>&1", t.app, commands));
}

static unsigned step_of(unsigned by_default)
{
    return getenv("FETTLE_TORTURE") ? 1 : by_default;
}

/* The Nth call of git from now is met by the death of its caller (before, while, after), or fails. */
static void shim(unsigned nth, const char *how)
{
    output_of(arena_printf(t.arena, "cd '%s/bin' && echo 0 >n && echo %u >at && echo %s >how", t.work.path, nth, how));
}

static bool shim_fired(unsigned nth)
{
    unsigned calls = 0;
    struct str n = output_of(arena_printf(t.arena, "cat '%s/bin/n'", t.work.path));
    for (uint32_t i = 0; i < n.n && n.p[i] >= '0' && n.p[i] <= '9'; i++)
        calls = calls * 10 + (unsigned)(n.p[i] - '0');
    return calls >= nth;
}

static void write_shim(void)
{
    output_of(arena_printf(t.arena,
        "mkdir -p '%s/bin' && cd '%s/bin' && cat >git <<'END' && chmod +x git\n"
        "#!/bin/bash\n"
        "here=${0%%/*}; n=$(($(<$here/n) + 1)); echo $n >$here/n\n"
        "if [ $n = $(<$here/at) ]; then case $(<$here/how) in\n"
        "before) kill -9 $PPID; exit 1;;\n"
        "while) '%s' \"$@\" & kill -9 $PPID; wait; exit 1;;\n"
        "after) '%s' \"$@\"; kill -9 $PPID; exit 1;;\n"
        "fail) echo 'fatal: No space left on device' >&2; exit 128;;\n"
        "esac; fi\nexec '%s' \"$@\"\nEND\n", t.work.path, t.work.path, t.git, t.git, t.git));
}

static struct edit edit_of(const char *file, const char *find, const char *ins)
{
    struct str text;
    struct err err;
    assert_int_equal(file_read(arena_printf(t.arena, "%s/%s", t.app, file), LIMIT_FILE_BYTES, t.arena, &text, &err), RC_OK);
    const char *at = strstr(text.p, find);
    assert_non_null(at);
    return (struct edit){ .file = file, .off = (uint32_t)(at - text.p), .del = 0, .ins = str_c(ins), .base_hash = str_hash(text) };
}

static int open_world(void **state_)
{
    struct err err = { 0 };
    (void)state_;
    t.arena = arena_new((size_t)512 << 20);
    assert_int_equal(workdir_make("branch-test", &t.work, &err), RC_OK);
    struct str git = output_of("command -v git");
    snprintf(t.git, sizeof t.git, STR_FMT, STR_ARG(str_trim(git)));
    if (!t.git[0])
        skip();
    snprintf(t.app, sizeof t.app, "%s/the app", t.work.path);
    setenv("XDG_CACHE_HOME", arena_printf(t.arena, "%s/cache", t.work.path), 1);
    setenv("HOME", t.work.path, 1);
    snprintf(t.path, sizeof t.path, "%s/bin:%s", t.work.path, getenv("PATH"));
    output_of(arena_printf(t.arena, "cp -a '" FETTLE_SOURCE_DIR "/tests/apps/fixes' '%s'", t.app));
    in_app("git init -q -b main . && git add -A && " RUN_GIT "commit -qm one && echo x >README && git add README && "
           RUN_GIT "stash -q -u; mv .git ../repository");
    write_shim();
    setenv("PATH", t.path, 1);
    shim(0, "none");
    assert_int_equal(app_open(t.app, &(struct app_opts){ 0 }, &t.read, &err), RC_OK);
    t.edits[0] = edit_of(FILE_A, "class ", "/* one */ ");
    t.edits[1] = edit_of(FILE_A, "public function", "/* two */ ");
    t.edits[2] = (struct edit){ .file = "database/migrations/2030_01_01_000000_add_index.php", .ins = STR("<?php\n") };
    t.found[0] = (struct finding){ .id = "a1", .rule = "n-plus-one-lazy", .message = "one", .at = { .file = FILE_A, .line = 3 } };
    t.found[1] = (struct finding){ .id = "b2", .rule = "missing-index", .message = "two", .at = { .file = FILE_A, .line = 9 } };
    t.steps[0] = (struct fix_step){ .finding = &t.found[0], .plan = { FIX_EDITS, { &t.edits[0], 1, "First", NULL }, NULL }, .state = FIX_KEPT };
    t.steps[1] = (struct fix_step){ .finding = &t.found[1], .plan = { FIX_EDITS, { &t.edits[1], 2, "Second", NULL }, NULL }, .state = FIX_KEPT };
    t.kept[0] = &t.steps[0], t.kept[1] = &t.steps[1];
    return 0;
}

static int close_world(void **state_)
{
    (void)state_;
    app_free(t.read);
    workdir_remove(&t.work);
    arena_free(t.arena);
    return 0;
}

/* A repository with a commit and a stash, as it was made once; `then` changes it further. */
static void fresh(const char *then)
{
    in_app("rm -rf .git ../cache ../d; mkdir ../d; cp -a ../repository .git");
    if (then)
        in_app(then);
    t.before = then || !t.clean.n ? state() : t.clean;
    if (!then)
        t.clean = t.before;
}

static int deliver_now(struct delivery *ret, struct err *err)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s/d", t.work.path);
    *err = (struct err){ 0 };
    return deliver(t.read, t.kept, 2, dir, t.arena, ret, err);
}

/* In a child of its own, which may be killed; true when it was. */
static bool deliver_in_child(void)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        struct delivery d;
        struct err err;
        _exit(deliver_now(&d, &err) ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status);
}

static void whole_or_none(const char *where)
{
    struct err err = { 0 };
    struct str now = state();
    if (starts_with_branch(now)) {
        struct str log = output_of(arena_printf(t.arena, "cd '%s' && b=$(" RUN_GIT "for-each-ref --format='%%(refname)' refs/heads/fettle) && "
            RUN_GIT "log --format=%%s HEAD..$b && " RUN_GIT "diff --stat HEAD $b && " RUN_GIT "fsck --no-dangling 2>&1", t.app));
        if (!str_contains(log, "First") || !str_contains(log, "Second") || !str_contains(log, "2 files changed"))
            fail_msg("%s: half a branch: " STR_FMT, where, STR_ARG(log));
    } else if (!str_eq(now, t.before)) {
        fail_msg("%s: the state is another one:\n" STR_FMT "\nwas\n" STR_FMT, where, STR_ARG(now), STR_ARG(t.before));
    }
    int rc = fix_undo(t.app, &err);
    if (rc && rc != RC_NOTFOUND)
        fail_msg("%s: undo: %s", where, err.what);
    now = state();
    if (!str_eq(now, t.before))
        fail_msg("%s: after undo the state is another one:\n" STR_FMT "\nwas\n" STR_FMT, where, STR_ARG(now), STR_ARG(t.before));
}

static void a_death_at_any_call_leaves_all_or_nothing(void **state_)
{
    static const char *const hows[] = { "before", "while", "after" };
    (void)state_;
    unsigned last = 0;
    for (unsigned h = 0; h < 3; h++)
        for (unsigned n = 1 + h; n < 60; n += step_of(3)) {
            fresh(NULL);
            shim(n, hows[h]);
            bool killed = deliver_in_child();
            bool fired = shim_fired(n);
            shim(0, "none");
            assert_int_equal(killed, fired);
            usleep(strcmp(hows[h], "while") ? 0 : 30000); /* git outlives its caller by a moment */
            whole_or_none(arena_printf(t.arena, "killed %s call %u", hows[h], n));
            last = n;
            if (!fired)
                break;
        }
    assert_true(last > 8 && last < 59); /* there were calls to die at, and all of them were met */
}

static void an_undo_that_dies_is_repeated(void **state_)
{
    struct delivery d;
    struct err err;
    (void)state_;
    for (unsigned n = 1; n < 20; n += step_of(2)) {
        fresh(NULL);
        assert_int_equal(deliver_now(&d, &err), RC_OK);
        shim(n, n % 2 ? "before" : "after");
        pid_t pid = fork();
        if (!pid)
            _exit(fix_undo(t.app, &err) ? 1 : 0);
        waitpid(pid, NULL, 0);
        bool fired = shim_fired(n);
        shim(0, "none");
        whole_or_none("undo");
        if (!fired)
            return;
    }
    fail();
}

static void a_git_that_fails_gives_a_patch(void **state_)
{
    struct delivery d;
    struct err err;
    (void)state_;
    for (unsigned n = 1; n < 60; n += step_of(4)) {
        fresh(NULL);
        shim(n, "fail");
        int rc = deliver_now(&d, &err);
        bool fired = shim_fired(n);
        shim(0, "none");
        assert_int_equal(rc, RC_OK);
        assert_true(d.branch[0] ? !d.patch[0] : d.patch[0] && d.why_patch);
        if (d.patch[0])
            in_app(arena_printf(t.arena, "patch -s -p1 --dry-run <'%s' || touch broken-patch", d.patch));
        whole_or_none(arena_printf(t.arena, "call %u failed", n));
        if (!fired) {
            assert_true(d.branch[0]);
            return;
        }
    }
    fail();
}

static void a_write_that_fails_changes_nothing(void **state_)
{
    struct delivery d;
    struct err err;
    (void)state_;
    setenv("PATH", t.path + strlen(t.work.path) + strlen("/bin:"), 1); /* git itself */
    for (long n = 1; n < 2000; n += step_of(n < 5 ? 1 : 14)) {
        fresh(NULL);
        fault_arm(n);
        int rc = deliver_now(&d, &err);
        bool fired = fault_fired();
        fault_arm(0);
        if (rc)
            assert_true(err.what[0]);
        whole_or_none(arena_printf(t.arena, "fault %ld", n));
        if (!fired) {
            assert_int_equal(rc, RC_OK);
            setenv("PATH", t.path, 1);
            return;
        }
    }
    fail();
}

static void every_state_of_a_repository(void **state_)
{
    static const struct { const char *make; bool branch; } cases[] = {
        { "git update-index -q --refresh", true },
        { "git checkout -q --detach", true },
        { "touch .git/index.lock", true },
        { "echo y >>composer.json; echo new >untracked", true },                  /* other files are not committed */
        { "echo y >>composer.json; git add composer.json", true },                /* or staged */
        { "echo '// mine' >>" FILE_A, false },                                    /* the edited one is not committed */
        { "echo '// mine' >>" FILE_A "; git add " FILE_A, false },
        { "rm -rf .git", false },
        { "rm -rf .git; git init -q .", false },                                  /* no commit yet */
        { "git branch fettle", false },                                           /* its name is taken by a file */
        { "git checkout -q -b x; echo z >z; git add z; " RUN_GIT "commit -qm z; git merge -q --no-commit --no-ff main", true },
        { "printf '#!/bin/sh\\nexit 1\\n' >.git/hooks/reference-transaction; chmod +x .git/hooks/*", true },
        { "chmod +x " FILE_A "; git add -A; " RUN_GIT "commit -qm mode", true },
        { "git pack-refs --all; git gc -q", true },
    };
    (void)state_;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct delivery d;
        struct err err;
        struct edit edits[3];
        fresh(cases[i].make);
        memcpy(edits, t.edits, sizeof edits);
        if (strstr(cases[i].make, "// mine")) /* the finding was made of the file as it is now */
            for (size_t k = 0; k < 2; k++)
                t.edits[k].base_hash = edit_of(FILE_A, "class ", "").base_hash;
        if (deliver_now(&d, &err))
            fail_msg("%s: %s", cases[i].make, err.what);
        memcpy(t.edits, edits, sizeof edits);
        if ((d.branch[0] != 0) != cases[i].branch)
            fail_msg("%s: %s", cases[i].make, d.branch[0] ? "a branch, not a patch" : d.why_patch);
        if (d.branch[0] && strstr(cases[i].make, "chmod +x app"))
            assert_true(str_contains(output_of(arena_printf(t.arena, "cd '%s' && git ls-tree %s %s", t.app, d.branch, FILE_A)), "100755"));
        whole_or_none(cases[i].make);
        in_app("chmod -x " FILE_A "; git checkout -q -f main 2>/dev/null; rm -f untracked z README broken-patch");
        output_of(arena_printf(t.arena, "cp '" FETTLE_SOURCE_DIR "/tests/apps/fixes/" FILE_A "' '%s/" FILE_A "'; cp '" FETTLE_SOURCE_DIR
                               "/tests/apps/fixes/composer.json' '%s/'", t.app, t.app));
    }
}

static void branches_are_undone_one_by_one(void **state_)
{
    struct delivery one, two;
    struct err err = { 0 };
    (void)state_;
    fresh(NULL);
    assert_int_equal(deliver_now(&one, &err), RC_OK);
    assert_int_equal(deliver_now(&two, &err), RC_OK);
    assert_string_not_equal(one.branch, two.branch);
    assert_int_equal(fix_undo(t.app, &err), RC_OK);
    assert_true(str_contains(state(), one.branch));
    assert_int_equal(fix_undo(t.app, &err), RC_OK);
    assert_true(str_eq(state(), t.before));
    assert_int_equal(fix_undo(t.app, &err), RC_NOTFOUND);
    /* One that the user went on with is left alone. */
    assert_int_equal(deliver_now(&one, &err), RC_OK);
    in_app(arena_printf(t.arena, "git update-ref refs/heads/%s HEAD", one.branch));
    assert_int_equal(fix_undo(t.app, &err), RC_STATE);
    assert_true(str_contains(state(), one.branch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_at_any_call_leaves_all_or_nothing),
        cmocka_unit_test(an_undo_that_dies_is_repeated),
        cmocka_unit_test(a_git_that_fails_gives_a_patch),
        cmocka_unit_test(a_write_that_fails_changes_nothing),
        cmocka_unit_test(every_state_of_a_repository),
        cmocka_unit_test(branches_are_undone_one_by_one),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
