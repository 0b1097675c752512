/* A collector for tests: runs a command under the extension and prints what it said, one record a
 * line.
 *
 *     fettle_ext_collector [-t] [-r] COMMAND [ARG…]
 *     fettle_ext_collector -l SOCKET [-t] [-w]   listens until its standard input ends; -w: reads
 * nothing before
 *
 * Times are left out unless -t is given, so that the lines can be compared. -r prints the records
 * of strings too. It believes nothing it reads from a ring: offsets and lengths are checked, as the
 * real decoder does.
 */
#include "fettle/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RINGS_MAX 64

struct string {
    uint32_t id, n;
    char *p;
};

struct ring {
    int sock;
    struct fw_ring *head;
    uint8_t *data;
    uint64_t bytes, tail;
    struct string *strings;
    uint32_t nstrings, room;
};

static struct ring rings[RINGS_MAX];
static int nrings;
static bool with_times, with_strings, wait_for_end;

static const char *const kinds[FW_SPAN_KINDS] = {
    [FW_SQL] = "sql",
    [FW_SQL_PREPARE] = "prepare",
    [FW_SQL_CONNECT] = "connect",
    [FW_TX] = "tx",
    [FW_REDIS] = "redis",
    [FW_HTTP_CALL] = "http",
    [FW_CACHE] = "cache",
    [FW_VIEW] = "view",
    [FW_LIVEWIRE_PHASE] = "livewire",
    [FW_LAZY] = "lazy",
    [FW_HYDRATE] = "hydrate",
    [FW_QUEUE_PUSH] = "push",
    [FW_JOB_RUN] = "job",
    [FW_COMMAND] = "command",
    [FW_CONTROLLER] = "controller",
    [FW_MIDDLEWARE] = "middleware",
    [FW_EVENT] = "event",
    [FW_MAIL] = "mail",
    [FW_FILE] = "file",
    [FW_SLEEP] = "sleep",
    [FW_AI] = "ai",
    [FW_BOOT] = "boot",
    [FW_GC] = "gc",
    [FW_CALL] = "call",
};
static const char *const types[] = { "?", "http", "cli", "job", "livewire", "ws" };

static const char *str(const struct ring *r, uint32_t id)
{
    static char out[4][FW_STR_MAX + 1];
    static unsigned at;
    char *o = out[at++ & 3];
    if (!id)
        return "-";
    for (uint32_t i = r->nstrings; i-- > 0;) {
        if (r->strings[i].id != id)
            continue;
        for (uint32_t k = 0; k < r->strings[i].n; k++)
            o[k] = r->strings[i].p[k] == '\n' ? ' ' : r->strings[i].p[k];
        o[r->strings[i].n] = 0;
        return o;
    }
    return "(unknown string)";
}

static void keep_string(struct ring *r, const struct fw_str *s, size_t bytes)
{
    if (s->nbytes > FW_STR_MAX || sizeof *s + s->nbytes > bytes)
        return;
    if (r->nstrings == r->room) {
        r->room = r->room ? r->room * 2 : 256;
        r->strings = realloc(r->strings, r->room * sizeof *r->strings);
        if (!r->strings)
            abort();
    }
    char *p = malloc(s->nbytes + 1);
    if (!p)
        abort();
    memcpy(p, s->bytes, s->nbytes);
    r->strings[r->nstrings++] = (struct string){ s->id, s->nbytes, p };
    if (with_strings)
        printf("str %u %s\n", s->id, str(r, s->id));
}

static const char *base(const char *path)
{
    const char *s = strrchr(path, '/');
    return with_times || !s ? path : s + 1;
}

static void print_span(const struct ring *r, const struct fw_span *s)
{
    printf("%u<%u %s", s->index, s->parent,
           s->kind < FW_SPAN_KINDS && kinds[s->kind] ? kinds[s->kind] : "?");
    printf(" [%s]", str(r, s->name));
    if (s->a)
        printf(" a=%u", s->a);
    if (s->b && s->kind == FW_SQL && !with_times)
        printf(" b=*");
    else if (s->b)
        printf(" b=%llu", (unsigned long long)s->b);
    if (s->file)
        printf(" at %s:%u", base(str(r, s->file)), s->line);
    if (s->fn)
        printf(" in %s", str(r, s->fn));
    if (s->fn2)
        printf(" from %s", str(r, s->fn2));
    if (s->r.flags)
        printf(" %s%s%s%s%s", s->r.flags & FW_IN_TX ? "+tx" : "",
               s->r.flags & FW_FAILED ? "+failed" : "", s->r.flags & FW_WRITE ? "+write" : "",
               s->r.flags & FW_COMPILED ? "+compiled" : "",
               s->r.flags & FW_REFUSED ? "+refused" : "");
    if (with_times)
        printf(" t=%llu dur=%.1fus", (unsigned long long)s->t_ns, (double)s->dur_ns / 1000);
    printf("\n");
}

static void print_close(const struct ring *r, const struct fw_close *c)
{
    printf(
        "close status=%u route=[%s] action=[%s] user=[%s] spans=%u dropped=%u hydrated=%u lazy=%u "
        "events=%u refused=%u",
        c->status, str(r, c->route), str(r, c->action), str(r, c->user), c->nspans, c->dropped,
        c->hydrated, c->lazy, c->events, c->refused);
    if (with_times)
        printf(" dur=%.1fms cpu=%.1fms peak=%ukB out=%llu files=%u gc=%u", (double)c->dur_ns / 1e6,
               (double)c->cpu_ns / 1e6, c->peak_kb, (unsigned long long)c->bytes_out,
               c->included_files, c->gc_runs);
    printf("\n");
}

static void print_record(struct ring *r, const struct fw_rec *rec, size_t bytes)
{
    switch (rec->kind) {
    case FW_STR:
        if (bytes >= sizeof(struct fw_str))
            keep_string(r, (const struct fw_str *)rec, bytes);
        break;
    case FW_OPEN: {
        const struct fw_open *o = (const struct fw_open *)rec;
        if (bytes < sizeof *o)
            break;
        printf("open %s [%s]", o->type < 6 ? types[o->type] : "?", str(r, o->name));
        if (with_times)
            printf(" id=%016llx%016llx", (unsigned long long)o->trace_hi,
                   (unsigned long long)o->trace_lo);
        printf("\n");
        break;
    }
    case FW_SPAN:
        if (bytes >= sizeof(struct fw_span))
            print_span(r, (const struct fw_span *)rec);
        break;
    case FW_VALUE: {
        const struct fw_value *v = (const struct fw_value *)rec;
        if (bytes >= sizeof *v && v->nbytes <= bytes - sizeof *v)
            printf("value %.*s\n", (int)v->nbytes, v->bytes);
        break;
    }
    case FW_SUM: {
        const struct fw_sum *s = (const struct fw_sum *)rec;
        if (bytes >= sizeof *s && s->kind < FW_SPAN_KINDS)
            printf("sum %s count=%u rows=%u\n", kinds[s->kind], s->count, s->rows);
        break;
    }
    case FW_FORGET:
        printf("forget\n");
        break;
    case FW_CLOSE:
        if (bytes >= sizeof(struct fw_close))
            print_close(r, (const struct fw_close *)rec);
        break;
    default:
        break;
    }
}

/* A trace's name stands before its strings are known: strings first, then the records. */
static bool drain_pass(struct ring *r, uint64_t tail, uint64_t head, bool strings)
{
    while (tail < head) {
        const struct fw_rec *rec = (const struct fw_rec *)(r->data + (tail & (r->bytes - 1)));
        size_t bytes = (size_t)rec->len8 * 8;
        if (!bytes || bytes > head - tail || (tail & (r->bytes - 1)) + bytes > r->bytes) {
            printf("broken record at %llu\n", (unsigned long long)tail);
            return false;
        }
        if ((rec->kind == FW_STR) == strings)
            print_record(r, rec, bytes);
        tail += bytes;
    }
    return true;
}

static void drain(struct ring *r)
{
    if (!r->head)
        return;
    uint64_t head = __atomic_load_n(&r->head->head, __ATOMIC_ACQUIRE);
    if (head == r->tail || head - r->tail > r->bytes)
        return;
    if (drain_pass(r, r->tail, head, true))
        drain_pass(r, r->tail, head, false);
    r->tail = head;
    __atomic_store_n(&r->head->tail, head, __ATOMIC_RELEASE);
    fflush(stdout);
}

static void accept_ring(int sock)
{
    struct fw_hello hello;
    struct iovec io = { &hello, sizeof hello };
    union {
        struct cmsghdr h;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = { .msg_iov = &io,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n == (ssize_t)sizeof hello ? CMSG_FIRSTHDR(&m) : NULL;
    struct stat st;
    int fd = -1;
    if (!c || c->cmsg_type != SCM_RIGHTS || hello.magic != FW_MAGIC || nrings == RINGS_MAX)
        return;
    memcpy(&fd, CMSG_DATA(c), sizeof fd);
    if (fstat(fd, &st) != 0 || st.st_size <= FW_RING_HEADER)
        return;
    struct fw_ring *head =
        mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (head == MAP_FAILED || head->magic != FW_MAGIC || head->version != FW_VERSION ||
        head->bytes + FW_RING_HEADER != (uint64_t)st.st_size || (head->bytes & (head->bytes - 1)))
        return;
    rings[nrings++] = (struct ring){
        .sock = sock, .head = head, .data = (uint8_t *)head + FW_RING_HEADER, .bytes = head->bytes
    };
}

static int listen_at(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0 || strlen(path) >= sizeof a.sun_path)
        return -1;
    memcpy(a.sun_path, path, strlen(path) + 1);
    unlink(path);
    if (bind(s, (struct sockaddr *)&a, sizeof a) != 0 || listen(s, 64) != 0)
        return -1;
    chmod(path, 0666);
    return s;
}

static void take(int listener, bool ended)
{
    int c;
    while ((c = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        accept_ring(c);
    for (int i = 0; i < nrings && !(wait_for_end && !ended); i++)
        drain(&rings[i]);
}

static void report_losses(void)
{
    for (int i = 0; i < nrings; i++) {
        if (rings[i].head->lost_traces)
            printf("lost %llu\n", (unsigned long long)rings[i].head->lost_traces);
    }
}

static int run_command(int listener, const char *path, char **argv)
{
    setenv("FETTLE_SOCK", path, 1);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        struct pollfd p = { listener, POLLIN, 0 };
        poll(&p, 1, 5);
        take(listener, false);
    }
    take(listener, true);
    report_losses();
    unlink(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_listener(int listener, const char *path)
{
    for (;;) {
        struct pollfd p[2] = { { listener, POLLIN, 0 }, { 0, POLLIN, 0 } };
        char buf[64];
        poll(p, 2, 20);
        take(listener, false);
        if ((p[1].revents & (POLLIN | POLLHUP)) && read(0, buf, sizeof buf) <= 0)
            break;
    }
    take(listener, true);
    report_losses();
    unlink(path);
    return 0;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    char made[64];
    int c;
    while ((c = getopt(argc, argv, "+l:trw")) != -1) {
        if (c == 'l')
            path = optarg;
        with_times |= c == 't';
        with_strings |= c == 'r';
        wait_for_end |= c == 'w';
        if (c == '?')
            return 2;
    }
    if (!path) {
        snprintf(made, sizeof made, "/tmp/fettle-test-%d.sock", (int)getpid());
    }
    int listener = listen_at(path ? path : made);
    if (listener < 0) {
        fprintf(stderr, "collector: cannot listen at %s: %s\n", path ? path : made,
                strerror(errno));
        return 3;
    }
    return path ? run_listener(listener, path) : run_command(listener, made, argv + optind);
}
