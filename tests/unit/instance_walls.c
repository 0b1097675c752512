/* Every row of the hostile table: an application that tries to reach out, against the walls. */
#include "instance_app.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct world { /* what is real outside, and must not be reached */
    int tcp, unix_sock, run_sock, abstract;
    int port;
    char unix_path[108], run_path[108], name[64];
} world = { -1, -1, -1, -1, 0, "", "", "" };
static struct instance *in;
static char hash_before[128];

static int listen_unix(const char *path, bool is_abstract)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    memcpy(at.sun_path + is_abstract, path, n);
    if (bind(fd, (struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (is_abstract ? 1 : 1))) < 0 ||
        listen(fd, 8) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void open_world(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    world.tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(world.tcp, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(world.tcp, 8), 0);
    getsockname(world.tcp, (struct sockaddr *)&at, &len);
    world.port = ntohs(at.sin_port);
    snprintf(world.unix_path, sizeof world.unix_path, "/tmp/fettle-test-%d.sock", getpid());
    snprintf(world.run_path, sizeof world.run_path, "/run/fettle-test-%d.sock", getpid());
    snprintf(world.name, sizeof world.name, "fettle-test-%d", getpid());
    world.unix_sock = listen_unix(world.unix_path, false);
    world.run_sock = geteuid() == 0 ? listen_unix(world.run_path, false) : -1;
    world.abstract = listen_unix(world.name, true);
    assert_true(world.unix_sock >= 0 && world.abstract >= 0);
}

static int start_world(void **state)
{
    if (make_test_app(state))
        return -1;
    if (!made.there)
        return 0;
    hash_of_app(hash_before, sizeof hash_before);
    open_world();
    struct instance_opts o = { 0 };
    in = start_or_fail(&o);
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    instance_stop(in);
    unlink(world.unix_path);
    unlink(world.run_path);
    return 0;
}

static void expect(const char *what, const char *wanted)
{
    char path[300];
    snprintf(path, sizeof path, "/h/%s", what);
    const char *body = page_of(in, path, NULL);
    if (!strstr(body, wanted))
        fail_msg("%s: %s, not %s", what, body, wanted);
}

static void refuse(const char *what, const char *forbidden)
{
    char path[300];
    int status;
    snprintf(path, sizeof path, "/h/%s", what);
    const char *body = page_of(in, path, &status);
    if (strstr(body, forbidden))
        fail_msg("%s: %s", what, body);
    assert_int_equal(status, 200); /* it was tried */
}

static void outgoing_calls_get_stand_ins(void **state)
{
    (void)state;
    NEEDS_APP();
    expect("http", "200");
    expect("ai", "assistant");
    expect("embed", "1536");
    expect("curl", "answered 203.0.113.9");
    expect("dns", "198.51.100.1");
    expect("s3", "PUT");
    char ours[64] = "", path[] = "/proc/self/ns/net";
    assert_true(readlink(path, ours, sizeof ours - 1) > 0);
    refuse("udp", ours);
}

static void real_sockets_are_out_of_reach(void **state)
{
    (void)state;
    NEEDS_APP();
    char what[300];
    snprintf(what, sizeof what, "tcp?port=%d", world.port);
    refuse(what, "REACHED");
    snprintf(what, sizeof what, "unix?path=%s", world.unix_path);
    refuse(what, "REACHED");
    snprintf(what, sizeof what, "unix?path=%s", world.run_path);
    refuse(what, "REACHED");
    snprintf(what, sizeof what, "abstract?path=%s", world.name);
    refuse(what, "REACHED");
    snprintf(what, sizeof what, "mysqli?path=%s", world.unix_path);
    refuse(what, "REACHED");
    refuse("mysql-tcp", "REACHED");
    refuse("mysql-socket", "REACHED");
    refuse("run", "fettle-test");
    int all[] = { world.tcp, world.unix_sock, world.run_sock, world.abstract };
    for (size_t i = 0; i < 4; i++)
        if (all[i] >= 0)
            assert_int_equal(accept(all[i], NULL, NULL), -1);
}

static void databases_are_copies(void **state)
{
    (void)state;
    NEEDS_APP();
    expect("posts", "500");
    static const char *const writes[] = { "write", "legacy",   "build",  "attach",
                                          "pdo",   "pdo-main", "sqlite3" };
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        expect(writes[i], "WROTE");
    expect("posts", "503");
    expect("legacy-rows", "4");
}

static void files_are_copies(void **state)
{
    (void)state;
    NEEDS_APP();
    static const char *const writes[] = { "file", "overwrite", "unlink", "public", "outside" };
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        expect(writes[i], "WROTE");
    expect("exec", "DID");
    expect("temp", "temporary files work");
    char what[64], path[PATH_MAX + 64];
    snprintf(what, sizeof what, "tmp?mark=%d", getpid());
    refuse(what, "DID");
    snprintf(what, sizeof what, "home?mark=%d", getpid());
    refuse(what, "DID");
    refuse("etc", "DID");
    snprintf(path, sizeof path, "%s/written.txt",
             in->upper); /* what it wrote is a report for free */
    assert_true(file_exists(path));
}

static void walls_cannot_be_undone(void **state)
{
    (void)state;
    NEEDS_APP();
    char what[64];
    static const char *const tries[] = { "remount", "umount", "userns",  "root",
                                         "sysctl",  "mknod",  "hostname" };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        refuse(tries[i], "DID");
    snprintf(what, sizeof what, "nsenter?pid=%d", getpid());
    refuse(what, "DID");
    snprintf(what, sizeof what, "kill?pid=%d", getpid());
    refuse(what, "REACHED");
    expect("privileges", "none can be gained");
    static const char *const devices[] = { "sda", "vda", "nvme", "mem", "kmsg", "loop", "fuse" };
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        refuse("disk", devices[i]);
    assert_true(atoi(page_of(in, "/h/ps", NULL)) < 40); /* the instance's own processes only */
}

static void nothing_is_said_to_others(void **state)
{
    (void)state;
    NEEDS_APP();
    expect("log", "logged");
    expect("mail", "sent");
    expect("queue", "queued");
    char wanted[PATH_MAX + 32], log[PATH_MAX + 32];
    expect("config", "[false,true,\"local\",");
    snprintf(wanted, sizeof wanted, "%s/boot/config.php", in->dir);
    const char *body = page_of(in, "/h/config", NULL);
    auto_buf plain = BUF_INIT(8192);
    for (const char *c = body; *c; c++) /* JSON escapes slashes */
        if (*c != '\\')
            buf_addc(&plain, *c);
    assert_non_null(strstr(buf_cstr(&plain), wanted));
    assert_non_null(strstr(body, "\"array\",\"single\""));
    auto_arena *a = arena_new(4 << 20);
    struct str text;
    snprintf(log, sizeof log, "%s/app.log", in->dir);
    assert_int_equal(file_read(log, 1 << 20, a, &text, NULL), 0);
    assert_true(str_contains(text, "boom"));
}

static void bad_manners_are_survived(void **state)
{
    (void)state;
    NEEDS_APP();
    int status;
    struct err err;
    assert_non_null(strstr(page_of(in, "/h/exit", &status), "bye"));
    page_of(in, "/h/crash", &status);
    assert_int_not_equal(status, 200);
    page_of(in, "/", &status);
    assert_int_equal(status, 200);
    page_of(in, "/h/memory", &status);
    assert_int_equal(status, 500);
    page_of(in, "/h/loop", &status); /* no answer in the time given */
    assert_int_equal(status, 0);
    assert_int_equal(fpm_restart(in, &err), 0);
    page_of(in, "/", &status);
    assert_int_equal(status, 200);
    auto_arena *a = arena_new(8 << 20);
    struct fcgi_response r;
    char index[PATH_MAX + 32];
    snprintf(index, sizeof index, "%s/public/index.php", made.dir);
    struct fcgi_request q = {
        .method = "GET", .uri = "/h/huge", .script_filename = index, .document_root = made.dir
    };
    assert_int_equal(fcgi_call(in->fpm_sock, &q, 1 << 20, now_ns() + 20000000000u, a, &r, &err), 0);
    assert_true(r.truncated);
    assert_true(r.body.n < 1 << 20);
}

static void programs_run_inside(void **state)
{
    (void)state;
    NEEDS_APP();
    struct proc_result r;
    struct err err;
    const char *artisan[] = { "artisan", "route:list", "--json", NULL };
    assert_int_equal(instance_exec(in, artisan, 0, &r, &err), 0);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(buf_cstr(&r.out), "{what}"));
    proc_result_release(&r);
    const char *touch[] = { "/usr/bin/touch", "/fettle-hostile", NULL };
    assert_int_equal(instance_exec(in, touch, 0, &r, &err), 0);
    assert_int_not_equal(r.status, 0);
    proc_result_release(&r);
    const char *slow[] = { "/bin/sleep", "60", NULL };
    assert_int_equal(instance_exec(in, slow, 100000000, &r, &err), RC_TIMEOUT);
    proc_result_release(&r);
}

static void nothing_is_left(void **state)
{
    (void)state;
    NEEDS_APP();
    char dir[PATH_MAX], hash_after[128], path[PATH_MAX];
    expect("daemon", "DID");
    snprintf(dir, sizeof dir, "%s", in->dir);
    assert_true(processes_naming(dir) > 0);
    instance_stop(in);
    in = NULL;
    assert_false(file_exists(dir));
    assert_int_equal(processes_naming(dir), 0);
    assert_int_equal(processes_naming("7777"), 0);
    hash_of_app(hash_after, sizeof hash_after);
    assert_string_equal(hash_before, hash_after);
    snprintf(path, sizeof path, "/tmp/fettle-hostile-%d", getpid());
    assert_false(file_exists(path));
    assert_false(file_exists("/fettle-hostile"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outgoing_calls_get_stand_ins),
        cmocka_unit_test(real_sockets_are_out_of_reach),
        cmocka_unit_test(databases_are_copies),
        cmocka_unit_test(files_are_copies),
        cmocka_unit_test(walls_cannot_be_undone),
        cmocka_unit_test(nothing_is_said_to_others),
        cmocka_unit_test(bad_manners_are_survived),
        cmocka_unit_test(programs_run_inside),
        cmocka_unit_test(nothing_is_left),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, start_world, end_world);
}
