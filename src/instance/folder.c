/* The work folder: everything that an instance makes lies in one folder with a lock. Who holds the
 * lock is alive; a folder whose lock is free was left by a killed run, and the next start sweeps
 * it. */
#include "instance/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { OVERLAYFS_MAGIC = 0x794c7630, SOCKET_PATH_MAX = 108 };
#define PREFIX "fettle-instance"
#define GONE PREFIX "-gone."

static const char *const parts[] = { "boot", "views", "tmp", "home", "db", "over", "snap", "rec" };

/* Where work folders may lie: TMPDIR, /tmp; /dev/shm where these are overlays themselves (a
 * container's root), for an upper layer may not lie on one. */
static size_t bases(const char *ret[3])
{
    size_t n = 0;
    const char *env = getenv("TMPDIR");
    if (env && *env == '/')
        ret[n++] = env;
    if (!n || strcmp(ret[0], "/tmp") != 0)
        ret[n++] = "/tmp";
    ret[n++] = "/var/tmp";
    ret[n++] = "/dev/shm";
    return n;
}

static bool takes_attributes(const char *base)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" PREFIX "-try.XXXXXX", base) >= (int)sizeof path)
        return false;
    int fd = mkostemp(path, O_CLOEXEC);
    bool takes = fd >= 0 && fsetxattr(fd, "user.fettle", "y", 1, 0) == 0;
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    return takes;
}

static bool fits(const char *base)
{
    struct statfs fs;
    return access(base, W_OK | X_OK) == 0 && statfs(base, &fs) == 0 &&
           fs.f_type != OVERLAYFS_MAGIC && (geteuid() == 0 || takes_attributes(base));
}

static int lock_folder(const char *dir)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Overlays leave folders that nobody may enter: the first round gives the owner its rights back,
 * the second removes. */
static void folder_remove(const char *path)
{
    for (int i = 0; i < 4 && dir_remove(path) != RC_OK; i++)
        ;
}

/* Under another name first: what is left of it is stale from then on, even when we die half-way and its lock was the
 * first file to go. */
void folder_end(const char *dir)
{
    char gone[PATH_MAX];
    const char *dot = strrchr(dir, '.');
    bool named = dot && snprintf(gone, sizeof gone, "%.*s-gone%s", (int)(dot - dir), dir, dot) < (int)sizeof gone;
    folder_remove(named && rename(dir, gone) == 0 ? gone : dir);
}

static void sweep_base(const char *base)
{
    DIR *d = opendir(base);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[PATH_MAX], lock[PATH_MAX + 8];
        struct stat st;
        bool half_gone = strncmp(e->d_name, GONE, strlen(GONE)) == 0;
        if ((!half_gone && strncmp(e->d_name, PREFIX ".", sizeof PREFIX) != 0) ||
            snprintf(path, sizeof path, "%s/%s", base, e->d_name) >= (int)sizeof path ||
            lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
            continue;
        if (half_gone) {
            folder_remove(path);
            continue;
        }
        snprintf(lock, sizeof lock, "%s/lock", path);
        if (access(lock, F_OK) < 0 && time(NULL) - st.st_mtime < 3600)
            continue; /* being made this moment */
        int fd = lock_folder(path);
        if (fd < 0)
            continue;
        folder_end(path);
        close(fd);
    }
    if (d)
        closedir(d);
}

void instance_sweep(void)
{
    const char *base[4];
    size_t n = bases(base);
    workdir_sweep();
    for (size_t i = 0; i < n; i++)
        sweep_base(base[i]);
}

static int make_parts(struct instance *in, struct err *err)
{
    char path[PATH_MAX + 16];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s/%s", in->dir, parts[i]);
        int rc = dir_make(path, err);
        if (rc)
            return rc;
    }
    return embed_write(in->dir, err);
}

int folder_make(struct instance *in, struct err *err)
{
    const char *base[4];
    size_t n = bases(base), i = 0;
    while (i < n && !fits(base[i]))
        i++;
    if (i == n)
        return err_set(err, RC_DENIED, "set TMPDIR to a writable folder on a disk or a tmpfs",
                       "no folder for the private copy: neither TMPDIR, /tmp, /var/tmp nor "
                       "/dev/shm can hold it");
    char real[PATH_MAX];
    if (!realpath(base[i], real))
        return err_set(err, RC_IO, NULL, "cannot resolve %s: %s", base[i], strerror(errno));
    if (snprintf(in->dir, sizeof in->dir, "%s/" PREFIX ".XXXXXX", real) + 16 > SOCKET_PATH_MAX)
        return err_set(err, RC_LIMIT, "set TMPDIR to a shorter path",
                       "%s is too long for Unix sockets (%d bytes)", real, SOCKET_PATH_MAX);
    if (fault_hit() || !mkdtemp(in->dir)) {
        in->dir[0] = 0;
        return err_set(err, RC_IO, "free space, or set TMPDIR",
                       "cannot make a work folder in %s: %s", real, strerror(errno));
    }
    in->p->lock_fd = lock_folder(in->dir);
    if (in->p->lock_fd < 0)
        return err_set(err, RC_IO, NULL, "cannot lock %s: %s", in->dir, strerror(errno));
    snprintf(in->fpm_sock, sizeof in->fpm_sock, "%.90s/fpm.sock", in->dir);
    snprintf(in->ring_sock, sizeof in->ring_sock, "%.90s/ring.sock", in->dir);
    return make_parts(in, err);
}
