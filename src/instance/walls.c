/* The walls themselves. Runs in process 1 of fresh namespaces, before any program of the app.
 *
 * What each is for (all tried): everything read-only, or the app's files in /tmp, home, public/ are
 * real; overlays at the same path, so that new PDO, ATTACH and shell_exec land in a copy; /run
 * emptied, for a network namespace lets Unix sockets through (nscd, resolved, mysqld); a /dev of
 * our own, for a read-only mount does not stop writes to a disk's device; /proc/sys read-only, for
 * root without capabilities may still write core_pattern; no CAP_SYS_ADMIN in the bounding set, or
 * `mount -o remount,rw /` undoes it all.
 */
#include "instance/keeper_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
enum {
    ATTR_READ_ONLY = 1
}; /* MOUNT_ATTR_RDONLY of linux/mount.h, which clashes with sys/mount.h */
struct attr_of_mount {
    uint64_t set, clear, propagation, userns_fd;
};

static int failed(char *text, size_t size, const char *what, const char *path)
{
    int e = errno ? errno : EIO;
    snprintf(text, size, "%s %s: %s", what, path, strerror(e));
    return e;
}

static int set_read_only(const char *path, bool read_only, bool recursive)
{
    struct attr_of_mount a = { .set = read_only ? ATTR_READ_ONLY : 0,
                               .clear = read_only ? 0 : ATTR_READ_ONLY };
    return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, recursive ? AT_RECURSIVE : 0, &a,
                        sizeof a);
}

/* Every IPv4 address becomes local ("AnyIP"), so that the stand-in answers whatever address the app
 * calls. */
static int all_addresses_are_local(char *text, size_t size)
{
    struct {
        struct nlmsghdr h;
        struct rtmsg r;
        struct rtattr oif;
        int index;
    } m = { .h = { .nlmsg_len = sizeof m,
                   .nlmsg_type = RTM_NEWROUTE,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK },
            .r = { .rtm_family = AF_INET,
                   .rtm_table = RT_TABLE_LOCAL,
                   .rtm_protocol = RTPROT_STATIC,
                   .rtm_scope = RT_SCOPE_HOST,
                   .rtm_type = RTN_LOCAL },
            .oif = { sizeof m.oif + sizeof m.index, RTA_OIF },
            .index = (int)if_nametoindex("lo") };
    struct {
        struct nlmsghdr h;
        struct nlmsgerr e;
        char rest[256];
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), e = 0;
    if (fd < 0 || send(fd, &m, sizeof m, 0) < 0 ||
        recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.h)
        e = failed(text, size, "cannot make local", "all addresses");
    else if (answer.h.nlmsg_type == NLMSG_ERROR && answer.e.error) {
        errno = -answer.e.error;
        e = failed(text, size, "cannot make local", "all addresses");
    }
    if (fd >= 0)
        close(fd);
    return e;
}

/* The stand-in listens on 53, 80 and 443 without privileges. */
static void low_ports_are_free(void)
{
    int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "0", 1) <
        0) /* then outgoing calls fail at once: said by the stand-in that does not start */
        errno = 0;
    close(fd);
}

int walls_network(char *text, size_t size)
{
    low_ports_are_free();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(text, size, "cannot open", "a socket");
    struct ifreq r = { .ifr_name = "lo" };
    int rc = ioctl(fd, SIOCGIFFLAGS, &r);
    r.ifr_flags |= IFF_UP;
    rc = rc ? rc : ioctl(fd, SIOCSIFFLAGS, &r);
    int e = rc ? failed(text, size, "cannot bring up", "loopback") : 0;
    close(fd);
    return e ? e : all_addresses_are_local(text, size);
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static int make_parents(const char *path)
{
    char part[4096];
    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            if (mkdir(part, 0755) < 0 && errno != EEXIST)
                return -1;
            *p = '/';
        }
    return mkdir(part, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/* Mounts an empty tmpfs over a folder; the kept folders below it are bound back in. */
static int empty_folder(const char *folder, char *const *keep, size_t n, char *text, size_t size)
{
    int fds[8], nfds = 0, e = 0;
    const char *at[8];
    for (size_t i = 0; i < n && nfds < 8; i++)
        if (is_below(keep[i], folder) && (fds[nfds] = open(keep[i], O_PATH | O_CLOEXEC)) >= 0)
            at[nfds++] = keep[i];
    struct stat st;
    if (lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
        mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64m") < 0)
        e = failed(text, size, "cannot empty", folder);
    for (int i = 0; i < nfds; i++) {
        char from[64];
        snprintf(from, sizeof from, "/proc/self/fd/%d", fds[i]);
        if (!e && (make_parents(at[i]) < 0 || mount(from, at[i], NULL, MS_BIND, NULL) < 0))
            e = failed(text, size, "cannot keep", at[i]);
        close(fds[i]);
    }
    return e;
}

/* A /dev of nothing but the harmless devices. */
static int private_devices(char *const *keep, size_t n, char *text, size_t size)
{
    static const char *const names[] = { "null", "zero", "full", "random", "urandom", "tty" };
    enum { N = sizeof names / sizeof *names };
    int fds[N], e = 0, kept = -1;
    const char *kept_at = NULL;
    for (size_t i = 0; i < n; i++) /* a work folder in /dev/shm */
        if (is_below(keep[i], "/dev") && (kept = open(keep[i], O_PATH | O_CLOEXEC)) >= 0)
            kept_at = keep[i];
    for (int i = 0; i < N; i++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/%s", names[i]);
        fds[i] = open(path, O_PATH | O_CLOEXEC);
    }
    if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=0755,size=256m") < 0)
        e = failed(text, size, "cannot replace", "/dev");
    for (int i = 0; i < N; i++) {
        char path[32], from[64];
        snprintf(path, sizeof path, "/dev/%s", names[i]);
        snprintf(from, sizeof from, "/proc/self/fd/%d", fds[i]);
        int made = e || fds[i] < 0 ? -1 : open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        if (made >= 0) {
            close(made);
            if (mount(from, path, NULL, MS_BIND, NULL) < 0 && i == 0)
                e = failed(text, size, "cannot keep", path);
        }
        if (fds[i] >= 0)
            close(fds[i]);
    }
    if (!e) {
        mkdir("/dev/shm", 01777);
        chmod("/dev/shm", 01777);
        if (symlink("/proc/self/fd", "/dev/fd") < 0 ||
            symlink("/proc/self/fd/0", "/dev/stdin") < 0 ||
            symlink("/proc/self/fd/1", "/dev/stdout") < 0 ||
            symlink("/proc/self/fd/2", "/dev/stderr") < 0)
            e = failed(text, size, "cannot fill", "/dev");
    }
    if (kept >= 0) {
        char from[64];
        snprintf(from, sizeof from, "/proc/self/fd/%d", kept);
        if (!e && (make_parents(kept_at) < 0 || mount(from, kept_at, NULL, MS_BIND, NULL) < 0))
            e = failed(text, size, "cannot keep", kept_at);
        close(kept);
    }
    return e;
}

/* A /proc of the new PID namespace, whose switches cannot be turned. In a container whose own /proc
 * is masked the kernel refuses a fresh one to a user namespace: the old one stays, read-only like
 * the rest. */
static int private_proc(const struct keeper_inner *k, char *text, size_t size)
{
    static const char *const locked[] = { "/proc/sys",  "/proc/sysrq-trigger",
                                          "/proc/irq",  "/proc/bus",
                                          "/proc/fs",   "/proc/acpi",
                                          "/proc/scsi", "/proc/mtrr" };
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        if (!k->user_namespace)
            return failed(text, size, "cannot mount", "/proc");
        return 0;
    }
    for (size_t i = 0; i < sizeof locked / sizeof *locked; i++) {
        if (access(locked[i], F_OK) < 0)
            continue;
        if (mount(locked[i], locked[i], NULL, MS_BIND, NULL) < 0 ||
            set_read_only(locked[i], true, false) < 0)
            return failed(text, size, "cannot lock", locked[i]);
    }
    return 0;
}

int walls_world(const struct keeper_inner *k, char *const *keep, size_t n, char *text, size_t size)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return failed(text, size, "cannot make private the mount", "/");
    for (size_t i = 0; i < n; i++)
        if (mount(keep[i], keep[i], NULL, MS_BIND, NULL) < 0)
            return failed(text, size, "cannot bind", keep[i]);
    if (set_read_only("/", true, true) < 0)
        return failed(text, size,
                      errno == ENOSYS ? "the kernel is older than 5.12: cannot make read-only"
                                      : "cannot make read-only",
                      "/");
    int e = 0;
    for (size_t i = 0; i < n && !e; i++)
        if (set_read_only(keep[i], false, false) < 0)
            e = failed(text, size, "cannot keep writable", keep[i]);
    e = e ? e : empty_folder("/run", keep, n, text, size);
    e = e ? e : private_devices(keep, n, text, size);
    return e ? e : private_proc(k, text, size);
}

int walls_mask(char *const *sockets, size_t n, char *text, size_t size)
{
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        if (lstat(sockets[i], &st) < 0 || !S_ISSOCK(st.st_mode))
            continue;
        if (mount("/dev/null", sockets[i], NULL, MS_BIND, NULL) < 0)
            return failed(text, size, "cannot mask the socket", sockets[i]);
    }
    return 0;
}

/* Where the target is missing and lies in the emptied /run it is made; elsewhere everything is
 * read-only. */
int walls_bind(const char *from, const char *to, char *text, size_t size)
{
    if (access(to, F_OK) < 0) {
        char folder[4096];
        const char *slash = strrchr(to, '/');
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - to) : 0, to);
        int fd = *folder && make_parents(folder) == 0
                     ? open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)
                     : -1;
        if (fd < 0)
            return errno == EROFS ? 0 : failed(text, size, "cannot make", to);
        close(fd);
    }
    int rc = mount(from, to, NULL, MS_BIND, NULL);
    if (rc < 0 && errno == ENOENT && umount2(to, MNT_DETACH) == 0) /* over one that is gone */
        rc = mount(from, to, NULL, MS_BIND, NULL);
    return rc < 0 ? failed(text, size, "cannot replace", to) : 0;
}

/* Lays our resolver's file over /etc/resolv.conf, which may be a link into the emptied /run. */
int walls_resolver(const char *file, char *text, size_t size)
{
    char target[4096];
    ssize_t n = readlink("/etc/resolv.conf", target, sizeof target - 1);
    if (n > 0) {
        target[n] = 0;
        const char *run = strstr(target, "run/");
        char path[4200];
        snprintf(path, sizeof path, "/%s", run ? run : "");
        if (run && access(path, F_OK) < 0) {
            char *slash = strrchr(path, '/');
            *slash = 0;
            int made = make_parents(path);
            *slash = '/';
            int fd = made < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
            if (fd < 0)
                return failed(text, size, "cannot make", path);
            close(fd);
        }
    }
    if (access("/etc/resolv.conf", F_OK) < 0)
        return 0; /* no resolver: the C library asks 127.0.0.1 by itself */
    return mount(file, "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0
               ? failed(text, size, "cannot replace", "/etc/resolv.conf")
               : 0;
}

/* overlayfs splits its options at commas and lower layers at colons; a backslash keeps them. */
static bool add_escaped(struct buf *b, const char *key, const char *path)
{
    buf_adds(b, key);
    for (; *path; path++) {
        if (strchr(",:\\", *path))
            buf_addc(b, '\\');
        buf_addc(b, *path);
    }
    return !b->failed;
}

int walls_overlay(const struct keeper_inner *k, const char *folder, const char *upper,
                  const char *work, char *text, size_t size)
{
    auto_buf o = BUF_INIT(4096);
    add_escaped(&o, "lowerdir=", folder);
    add_escaped(&o, ",upperdir=", upper);
    add_escaped(&o, ",workdir=", work);
    if (k->user_namespace)
        buf_adds(&o, ",userxattr");
    errno = ENAMETOOLONG;
    if (o.failed || mount("overlay", folder, "overlay", MS_NODEV | MS_NOSUID, buf_cstr(&o)) < 0)
        return failed(text, size, "cannot lay an overlay over", folder);
    return 0;
}

/* Kept for root: what php-fpm needs to change its user and what lets it read files of other owners.
 */
static const int kept[] = { CAP_SETUID, CAP_SETGID, CAP_DAC_OVERRIDE,
                            CAP_FOWNER, CAP_CHOWN,  CAP_KILL };

static int set_capabilities(uint32_t low)
{
    struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct d[2] = { { low, low, 0 }, { 0, 0, 0 } };
    return (int)syscall(SYS_capset, &h, d);
}

int walls_drop_privileges(const struct keeper_inner *k, uid_t uid, gid_t gid)
{
    uint32_t keep = 0;
    bool privileged = k->root || k->user_namespace, become = uid && k->root && !k->user_namespace;
    for (size_t i = 0; k->root && !k->user_namespace && !uid && i < sizeof kept / sizeof *kept; i++)
        keep |= 1u << kept[i];
    if (become && (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0))
        return errno;
    for (int c = 0; c < 64; c++) /* EINVAL: the kernel knows no more */
        if (!(c < 32 && keep >> c & 1) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0 &&
            errno == EPERM && privileged)
            return EPERM;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
        return errno;
    if (become && setresuid(uid, uid, uid) < 0)
        return errno;
    if (privileged && !become && set_capabilities(keep) < 0)
        return errno;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}
