#include "base/file.h"

#include "base/fault.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int io_err(struct err *err, const char *verb, const char *path)
{
    enum rc rc = errno == ENOENT ? RC_NOTFOUND : errno == EACCES || errno == EPERM ? RC_DENIED : RC_IO;
    return err_set(err, rc, NULL, "cannot %s %s: %s", verb, path, strerror(errno));
}

static int read_all(int fd, char *p, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t k = fault_read(fd, p + done, n - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        done += (size_t)k;
    }
    return (int)done;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = fault_write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

int file_read(const char *path, size_t max, struct arena *arena, struct str *ret, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return io_err(err, "read", path);
    struct stat st;
    int rc = RC_OK;
    char *bytes = NULL;
    int got = 0;
    if (fstat(fd, &st) < 0) {
        rc = io_err(err, "read", path);
    } else if (!S_ISREG(st.st_mode)) {
        rc = err_set(err, RC_UNSUPPORTED, NULL, "%s is not a regular file", path);
    } else if ((size_t)st.st_size > max || st.st_size > INT_MAX) {
        rc = err_set(err, RC_LIMIT, NULL, "%s has %lld bytes, more than the limit of %zu", path,
                     (long long)st.st_size, max);
    } else if (!(bytes = arena_alloc(arena, (size_t)st.st_size + 1))) {
        rc = err_set(err, RC_NOMEM, NULL, "no memory to read %s", path);
    } else if ((got = read_all(fd, bytes, (size_t)st.st_size)) < 0) {
        rc = io_err(err, "read", path);
    } else {
        *ret = (struct str){ bytes, (uint32_t)got };
    }
    close(fd);
    return rc;
}

/* A file without a name in the folder of `path`, where the file system has such: a process that is killed while it
 * writes leaves nothing behind. */
static int open_nameless(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    return open(slash ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

static int give_name(int fd, const char *name)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    unlink(name); /* of an earlier process with our number */
    return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

int file_write_atomic(const char *path, const void *bytes, size_t n, struct err *err)
{
    char temp[PATH_MAX];
    if (snprintf(temp, sizeof temp, "%s.fettle.%d", path, (int)getpid()) >= (int)sizeof temp)
        return err_set(err, RC_LIMIT, NULL, "the path %s is too long", path);
    struct stat st;
    mode_t mode = stat(path, &st) == 0 ? st.st_mode & 07777 : 0644;
    int fd = open_nameless(path);
    bool nameless = fd >= 0;
    if (!nameless)
        fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_err(err, "write", path);
    int rc = RC_OK;
    if (write_all(fd, bytes, n) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0 || (nameless && give_name(fd, temp) < 0))
        rc = io_err(err, "write", path);
    if (close(fd) < 0 && rc == RC_OK)
        rc = io_err(err, "write", path);
    if (rc == RC_OK && (fault_hit() || rename(temp, path) < 0))
        rc = io_err(err, "replace", path);
    if (rc != RC_OK)
        unlink(temp);
    return rc;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int dir_make(const char *path, struct err *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return err_set(err, RC_LIMIT, NULL, "the path %s is too long", path);
    for (char *p = part + 1;; p++) {
        char c = *p;
        if (c != '/' && c != 0)
            continue;
        *p = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return io_err(err, "make the folder", part);
        *p = c;
        if (!c)
            return RC_OK;
    }
}

int dir_temp(const char *prefix, char *ret_path, size_t size, struct err *err)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base)
        base = "/tmp";
    if (snprintf(ret_path, size, "%s/%s.XXXXXX", base, prefix) >= (int)size)
        return err_set(err, RC_LIMIT, "set TMPDIR to a shorter path", "TMPDIR %s is too long", base);
    if (!mkdtemp(ret_path))
        return io_err(err, "make a work folder in", base);
    return RC_OK;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    if (type == FTW_DNR)
        chmod(path, 0700);
    if (remove(path) < 0 && errno == EACCES && chmod(path, 0700) == 0)
        return remove(path) < 0 && errno != ENOENT ? -1 : 0;
    return 0;
}

int dir_remove(const char *path)
{
    nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return file_exists(path) ? RC_IO : RC_OK;
}

int file_copy(const char *from, const char *to, struct err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return io_err(err, "read", from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) {
        close(in);
        return io_err(err, "write", to);
    }
    char chunk[65536];
    int rc = RC_OK;
    for (;;) {
        ssize_t k = fault_read(in, chunk, sizeof chunk);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            rc = io_err(err, "read", from);
        if (k > 0 && write_all(out, chunk, (size_t)k) < 0)
            rc = io_err(err, "write", to);
        if (k <= 0 || rc != RC_OK)
            break;
    }
    close(in);
    if (close(out) < 0 && rc == RC_OK)
        rc = io_err(err, "write", to);
    if (rc != RC_OK)
        unlink(to);
    return rc;
}

static int not_dots(const struct dirent *e)
{
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int walk(const char *root, const char *rel, unsigned depth, const struct walk_opts *opts,
                struct err *err)
{
    char path[PATH_MAX], child[PATH_MAX];
    if (depth > LIMIT_DEPTH)
        return RC_OK;
    snprintf(path, sizeof path, "%s%s%s", root, *rel ? "/" : "", rel);
    struct dirent **names = NULL;
    int n = scandir(path, &names, not_dots, alphasort);
    if (n < 0)
        return depth ? RC_OK : io_err(err, "list", path); /* an unreadable subfolder is left out */
    int rc = RC_OK;
    for (int i = 0; i < n; i++) {
        struct stat st;
        int len = snprintf(child, sizeof child, "%s%s%s", rel, *rel ? "/" : "", names[i]->d_name);
        char full[PATH_MAX];
        int flen = snprintf(full, sizeof full, "%s/%s", root, child);
        if (rc == RC_OK && len < PATH_MAX && flen < PATH_MAX && lstat(full, &st) == 0) {
            bool is_link = S_ISLNK(st.st_mode);
            if (is_link && (stat(full, &st) < 0 || S_ISDIR(st.st_mode)))
                st.st_mode = 0;
            if (S_ISDIR(st.st_mode)) {
                if (!opts->skip || !opts->skip(opts->ctx, child, names[i]->d_name))
                    rc = walk(root, child, depth + 1, opts, err);
            } else if (S_ISREG(st.st_mode)) {
                rc = opts->file(opts->ctx, child, &st);
            }
        }
        free(names[i]);
    }
    free(names);
    return rc;
}

int dir_walk(const char *root, const struct walk_opts *opts, struct err *err)
{
    return walk(root, "", 0, opts, err);
}
