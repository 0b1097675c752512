/* Files and folders. Paths are NUL-terminated. Nothing here follows a symbolic link out of a removal. */
#ifndef FETTLE_BASE_FILE_H
#define FETTLE_BASE_FILE_H
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <sys/stat.h>

/* Reads a whole regular file, at most `max` bytes (RC_LIMIT beyond), into the arena; NUL-terminated. */
int file_read(const char *path, size_t max, struct arena *, struct str *ret, struct err *) MUST_CHECK;
/* Writes to a temporary sibling, syncs, renames: readers see the old bytes or the new ones. */
int file_write_atomic(const char *path, const void *bytes, size_t n, struct err *) MUST_CHECK;
bool file_exists(const char *path);
bool file_is_dir(const char *path);
int dir_make(const char *path, struct err *) MUST_CHECK; /* with parents, mode 0700 */
int dir_temp(const char *prefix, char *ret_path, size_t size, struct err *) MUST_CHECK; /* in TMPDIR or /tmp */
int dir_remove(const char *path); /* recursive; 0 also when it was not there */
int file_copy(const char *from, const char *to, struct err *) MUST_CHECK;

/* Walks a tree in name order, files only, depth at most LIMIT_DEPTH. `skip` is asked for each folder with its
 * path relative to the root and its name. Links to folders are not followed. fn may return non-zero to stop. */
struct walk_opts {
    bool (*skip)(void *ctx, const char *rel, const char *name);
    int (*file)(void *ctx, const char *rel, const struct stat *st);
    void *ctx;
};
int dir_walk(const char *root, const struct walk_opts *, struct err *) MUST_CHECK;
#endif
