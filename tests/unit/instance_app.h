/* The hostile application for the tests of the instance room: made once per build folder (and user)
 * by tests/hostile-app/make, then only read; that it stays as it is to the byte is itself a test.
 */
#ifndef FETTLE_TESTS_INSTANCE_APP_H
#define FETTLE_TESTS_INSTANCE_APP_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "instance/drive.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct test_app {
    char root[PATH_MAX], dir[PATH_MAX + 8]; /* root holds app/, legacy.sqlite, outside/ */
    struct app app;
    bool there;
};
static struct test_app made;
static char said[64 << 10]; /* every line that the instance said */

static void keep_line(void *ctx, const char *line)
{
    (void)ctx;
    size_t n = strlen(said);
    if (n + strlen(line) + 2 < sizeof said)
        snprintf(said + n, sizeof said - n, "%s\n", line);
}

static int run_shell(const char *command, char *out, size_t size)
{
    struct proc_result r;
    struct err err = { 0 };
    struct proc_opts o = { .argv = (const char *const[]){ "bash", "-c", command, NULL },
                           .timeout_ns = 300000000000u };
    int status = proc_run(&o, &r, &err) ? 125 : r.status;
    if (status && status != 1 && status != 77)
        print_message("%s: %s%s%s\n", command, err.what, buf_cstr(&r.out), buf_cstr(&r.err));
    if (out)
        snprintf(out, size, "%s", buf_cstr(&r.out));
    proc_result_release(&r);
    return status;
}

static inline int make_test_app(void **state)
{
    (void)state;
    char command[PATH_MAX * 2 + 200], lock[PATH_MAX + 16];
    const char *given = getenv("FETTLE_HOSTILE_DIR");
    snprintf(made.root, sizeof made.root, "%s", given ? given : FETTLE_BUILD_DIR "/hostile");
    snprintf(lock, sizeof lock, "%s.lock", made.root);
    int fd = given ? -1 : open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        flock(fd, LOCK_EX);
    snprintf(made.dir, sizeof made.dir, "%s/app", made.root);
    snprintf(command, sizeof command, "cd '%s' && find . -type f -newer '%s/.env' | grep -q . ",
             FETTLE_SOURCE_DIR "/tests/hostile-app", made.dir);
    bool fresh = given || (access(made.dir, F_OK) == 0 && run_shell(command, NULL, 0) != 0);
    int status = 0;
    if (!fresh) {
        snprintf(command, sizeof command, "rm -rf '%s' && '%s/tests/hostile-app/make' '%s'",
                 made.root, FETTLE_SOURCE_DIR, made.root);
        status = run_shell(command, NULL, 0);
    }
    if (fd >= 0)
        close(fd);
    made.there = status == 0;
    made.app = (struct app){ .dir = made.dir };
    return status == 0 || status == 77 ? 0 : -1;
}
#define NEEDS_APP()                                                           \
    do {                                                                      \
        if (!made.there)                                                      \
            skip(); /* its packages cannot be had here: the script said so */ \
    } while (0)

/* Names, modes and contents of everything below the application's parent folder. */
static inline void hash_of_app(char *ret, size_t size)
{
    char command[PATH_MAX + 200];
    snprintf(command, sizeof command,
             "cd '%s' && { find . -printf '%%p %%m %%s %%T@ %%l\\n' | LC_ALL=C sort; find . -type "
             "f -print0 | LC_ALL=C sort -z | "
             "xargs -0 sha1sum; } | sha1sum",
             made.root);
    assert_int_equal(run_shell(command, ret, size), 0);
}

static inline const char *extension_or_null(void)
{
    const char *path = FETTLE_BUILD_DIR "/fettle.so";
    return access(path, R_OK) == 0 ? path : NULL;
}

static inline struct instance *start_or_fail(struct instance_opts *o)
{
    struct instance *in = NULL;
    struct err err = { 0 };
    said[0] = 0;
    if (!o->extension)
        o->extension = extension_or_null();
    o->say = keep_line;
    int rc = instance_start(&made.app, o, &in, &err);
    if (rc)
        print_message("%s: %s (%s)\n%s", rc_name((enum rc)rc), err.what, err.next, said);
    assert_int_equal(rc, 0);
    return in;
}

/* The body of a page as one string; *ret_status is 0 when there was no answer. */
static inline const char *page_of(struct instance *in, const char *path, int *ret_status)
{
    static char body[256 << 10];
    auto_arena *a = arena_new(80 << 20);
    struct err err = { 0 };
    struct fcgi_response r;
    char index[PATH_MAX + 32], public_dir[PATH_MAX + 16];
    snprintf(index, sizeof index, "%s/public/index.php", made.dir);
    snprintf(public_dir, sizeof public_dir, "%s/public", made.dir);
    struct fcgi_request q = { .method = "GET",
                              .uri = path,
                              .script_filename = index,
                              .document_root = public_dir,
                              .host = "hostile.test" };
    int rc = fcgi_call(in->fpm_sock, &q, sizeof body - 1, now_ns() + 8000000000u, a, &r, &err);
    if (ret_status)
        *ret_status = rc ? 0 : r.status;
    snprintf(body, sizeof body, "%.*s", rc ? 200 : (int)r.body.n, rc ? err.what : r.body.p);
    return body;
}

/* Are there processes whose command line or environment names this folder? */
static inline int processes_naming(const char *text)
{
    DIR *d = opendir("/proc");
    struct dirent *e;
    int n = 0;
    while (d && (e = readdir(d))) {
        static const char *const files[] = { "cmdline", "environ" };
        if (e->d_name[0] < '0' || e->d_name[0] > '9' || atoll(e->d_name) == getpid())
            continue;
        for (int i = 0; i < 2; i++) {
            char path[300], bytes[32 << 10];
            snprintf(path, sizeof path, "/proc/%s/%s", e->d_name, files[i]);
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            ssize_t k = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
            if (fd >= 0)
                close(fd);
            if (k > 0 && memmem(bytes, (size_t)k, text, strlen(text))) {
                n++;
                break;
            }
        }
    }
    if (d)
        closedir(d);
    return n;
}

static inline int work_folders(void)
{
    const char *base = getenv("TMPDIR");
    DIR *d = opendir(base && *base ? base : "/tmp");
    struct dirent *e;
    int n = 0;
    while (d && (e = readdir(d)))
        n += strncmp(e->d_name, "fettle-instance.", 16) == 0;
    if (d)
        closedir(d);
    return n;
}
#endif
