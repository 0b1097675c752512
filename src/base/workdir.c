/* A folder gets its name only when it is locked, so that a sweep never meets one that is being made. */
#include "base/workdir.h"

#include "base/fault.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define NAMED "fettle-work-"
#define UNNAMED "fettle-new."
enum { NAMELESS_SECONDS = 60 };

static const char *base_of(void)
{
    const char *base = getenv("TMPDIR");
    return base && *base == '/' ? base : "/tmp";
}

static int lock_of(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The first round gives the owner rights that an application's folders took away, the next one removes. */
static void remove_all(const char *path)
{
    for (int i = 0; i < 4 && dir_remove(path) != RC_OK; i++)
        ;
}

static bool is_stale_name(const char *name, const struct stat *st)
{
    return strncmp(name, NAMED, strlen(NAMED)) == 0 ||
           (strncmp(name, UNNAMED, strlen(UNNAMED)) == 0 && time(NULL) - st->st_mtime > NAMELESS_SECONDS);
}

static void sweep(const char *base)
{
    DIR *d = opendir(base);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[PATH_MAX];
        struct stat st;
        if (strncmp(e->d_name, "fettle-", 7) != 0 || snprintf(path, sizeof path, "%s/%s", base, e->d_name) >= (int)sizeof path ||
            lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || !is_stale_name(e->d_name, &st))
            continue;
        int fd = lock_of(path);
        if (fd < 0)
            continue;
        remove_all(path);
        close(fd);
    }
    if (d)
        closedir(d);
}

void workdir_sweep(void)
{
    const char *base = base_of();
    sweep(base);
    if (strcmp(base, "/tmp") != 0)
        sweep("/tmp");
}

int workdir_make(const char *what, struct workdir *ret, struct err *err)
{
    struct workdir w = { .lock = -1 };
    char made[sizeof w.path];
    const char *base = base_of();
    workdir_sweep();
    if (snprintf(w.path, sizeof w.path, "%s/" NAMED "%s.XXXXXX", base, what) >= (int)sizeof w.path)
        return err_set(err, RC_LIMIT, "set TMPDIR to a shorter path", "TMPDIR %.200s is too long", base);
    snprintf(made, sizeof made, "%s/" UNNAMED "XXXXXX", base);
    if (fault_hit() || !mkdtemp(made))
        return err_set(err, errno == EACCES ? RC_DENIED : RC_IO, "free space, or set TMPDIR to a folder that you may write",
                       "cannot make a work folder in %.200s: %s", base, strerror(errno));
    memcpy(w.path + strlen(w.path) - 6, made + strlen(made) - 6, 6);
    w.lock = lock_of(made);
    if (w.lock < 0 || rename(made, w.path) < 0) {
        int rc = err_set(err, RC_IO, NULL, "cannot lock the work folder %.200s: %s", made, strerror(errno));
        if (w.lock >= 0)
            close(w.lock);
        rmdir(made);
        return rc;
    }
    *ret = w;
    return RC_OK;
}

void workdir_remove(struct workdir *w)
{
    if (!w->path[0])
        return;
    remove_all(w->path);
    close(w->lock);
    *w = (struct workdir){ .lock = -1 };
}
