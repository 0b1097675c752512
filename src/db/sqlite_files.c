/* Reading a SQLite database that belongs to somebody else, without changing a byte of it or of its
 * folder.
 *
 * What SQLite does behind a "read-only" connection, by the state of the files:
 *   rollback journal mode      nothing is written; a hot journal cannot be rolled back and gives an
 * error WAL, -shm is there         it would write read marks into -shm: readonly_shm=1 forbids
 * that, and where nobody holds the log open it then builds its index of the log in memory WAL, no
 * -shm, no log       it would make both: immutable=1, which is right while nobody writes. That
 * nobody did is looked at afterwards WAL, no -shm, a log        it would make -shm and leave it:
 * file and log are copied raw to a folder of our own and read there A read-write connection would
 * checkpoint the log as it closes and delete it. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RAW_TRIES = 3, BUSY_MS = 10000, BACKUP_MS = 120000 };

struct files {
    char path[PATH_MAX], wal[PATH_MAX + 8], shm[PATH_MAX + 8], journal[PATH_MAX + 12];
};

struct stamp { /* has anybody written? */
    off_t size, wal_size;
    struct timespec mtime, wal_mtime;
};

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static int find_files(const char *path, struct files *f, struct err *err)
{
    if (!realpath(path, f->path)) /* the log lies beside the real file, not beside a link to it */
        return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO, "check DB_DATABASE",
                       "cannot read the database %s: %s", path, strerror(errno));
    snprintf(f->wal, sizeof f->wal, "%s-wal", f->path);
    snprintf(f->shm, sizeof f->shm, "%s-shm", f->path);
    snprintf(f->journal, sizeof f->journal, "%s-journal", f->path);
    return 0;
}

static struct stamp stamp_of(const struct files *f)
{
    struct stat db = { 0 }, wal = { 0 };
    if (stat(f->path, &db) || stat(f->wal, &wal))
        wal.st_size += 0; /* missing: zeros, which compare like anything else */
    return (struct stamp){ db.st_size, wal.st_size, db.st_mtim, wal.st_mtim };
}

static bool same_stamp(struct stamp a, struct stamp b)
{
    return a.size == b.size && a.wal_size == b.wal_size && a.mtime.tv_sec == b.mtime.tv_sec &&
           a.mtime.tv_nsec == b.mtime.tv_nsec && a.wal_mtime.tv_sec == b.wal_mtime.tv_sec &&
           a.wal_mtime.tv_nsec == b.wal_mtime.tv_nsec;
}

/* Bytes 18 and 19 of the header: the write and read versions, 2 with a write-ahead log. */
static int read_header(const struct files *f, bool *ret_wal, struct err *err)
{
    char head[20];
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : fault_read(fd, head, sizeof head);
    int e = errno;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return err_set(err, RC_IO, NULL, "cannot read the database %s: %s", f->path, strerror(e));
    if (n != 0 && (n != sizeof head || memcmp(head, "SQLite format 3", 16) != 0))
        return err_set(err, RC_PARSE, "check DB_CONNECTION and DB_DATABASE",
                       "%s is not a SQLite database", f->path);
    *ret_wal = n && head[19] == 2;
    return 0;
}

/* file:... with what has a meaning in an address escaped. */
static void put_uri(struct buf *out, const char *path, const char *query)
{
    buf_adds(out, "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path))
            buf_addf(out, "%%%02X", (unsigned char)*path);
        else
            buf_addc(out, *path);
    }
    buf_addf(out, "?%s", query);
}

static int open_as(const char *path, const char *query, unsigned deadline_ms, sqlite3 **ret)
{
    auto_buf uri = BUF_INIT(PATH_MAX * 4);
    put_uri(&uri, path, query);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int rc = uri.failed || fault_hit() ? SQLITE_NOMEM : sqlite3_open_v2(uri.p, ret, flags, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(*ret, (int)deadline_ms);
        rc = sqlite3_exec(*ret, "select count(*) from sqlite_master", NULL, NULL,
                          NULL); /* opens the files now */
    }
    return rc;
}

int sqlite_fail(sqlite3 *db, const struct engine_conn *c, const char *doing, struct err *err)
{
    int rc = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    if (rc == SQLITE_INTERRUPT)
        return err_set(err, RC_TIMEOUT, "raise the limit, or leave it out",
                       "SQLite did not finish within %u ms: %s", c ? c->deadline_ms : 0, doing);
    return err_set(err,
                   rc == SQLITE_NOMEM   ? RC_NOMEM
                   : rc == SQLITE_ERROR ? RC_PARSE
                                        : RC_IO,
                   NULL, "SQLite: %s: %s", doing, db ? sqlite3_errmsg(db) : "no memory");
}

/* File, log and journal into `dir`; RC_STATE: somebody wrote meanwhile. */
static int copy_raw(const struct files *f, const char *dir, char *ret_path, size_t size,
                    struct err *err)
{
    char to[PATH_MAX + 64];
    snprintf(ret_path, size, "%s/copy.sqlite", dir);
    for (int i = 0; i < RAW_TRIES; i++) {
        struct stamp before = stamp_of(f);
        int rc = file_copy(f->path, ret_path, err);
        snprintf(to, sizeof to, "%s-wal", ret_path);
        unlink(to);
        if (!rc && size_of(f->wal) > 0)
            rc = file_copy(f->wal, to, err);
        snprintf(to, sizeof to, "%s-journal", ret_path);
        unlink(to);
        if (!rc && size_of(f->journal) > 0)
            rc = file_copy(f->journal, to, err);
        if (rc)
            return rc;
        if (same_stamp(before, stamp_of(f)))
            return 0;
    }
    return err_set(err, RC_STATE, "stop what writes to it, and try again", "%s is being written to",
                   f->path);
}

static int open_copy(const struct files *f, unsigned deadline_ms, sqlite3 **ret, struct workdir *scratch,
                     struct err *err)
{
    char copy[PATH_MAX + 32];
    sqlite3 *db = NULL;
    int rc = workdir_make("db", scratch, err);
    if (rc)
        return rc;
    rc = copy_raw(f, scratch->path, copy, sizeof copy, err);
    if (!rc &&
        sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        rc = sqlite_fail(db, NULL, copy, err);
    if (!rc)
        sqlite3_busy_timeout(db, (int)deadline_ms);
    if (!rc &&
        sqlite3_exec(db, "select count(*) from sqlite_master", NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_fail(db, NULL, f->path, err);
    if (rc) {
        sqlite3_close(db);
        workdir_remove(scratch);
        return rc;
    }
    *ret = db;
    return 0;
}

int sqlite_open_unchanged(const char *path, unsigned deadline_ms, sqlite3 **ret,
                          struct workdir *scratch, struct err *err)
{
    struct files f;
    bool wal = false;
    sqlite3 *db = NULL;
    *scratch = (struct workdir){ "" };
    int rc = find_files(path, &f, err);
    rc = rc ? rc : read_header(&f, &wal, err);
    if (rc)
        return rc;
    int opened = SQLITE_CANTOPEN;
    if (!wal)
        opened = open_as(f.path, "mode=ro", deadline_ms, &db);
    else if (size_of(f.shm) >= 0)
        opened = open_as(f.path, "mode=ro&readonly_shm=1", deadline_ms, &db);
    else if (size_of(f.wal) <= 0)
        opened = open_as(f.path, "mode=ro&immutable=1", deadline_ms, &db);
    if (opened == SQLITE_OK) {
        *ret = db;
        return 0;
    }
    sqlite3_close(db);
    return open_copy(&f, deadline_ms, ret, scratch, err);
}

/* All pages in one step, so in one read transaction. */
static int back_up(sqlite3 *from, const char *to, struct err *err)
{
    sqlite3 *db = NULL;
    int rc = 0;
    if (sqlite3_open_v2(to, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        rc = sqlite_fail(db, NULL, to, err);
        sqlite3_close(db);
        return rc;
    }
    uint64_t until = now_ns() + (uint64_t)BACKUP_MS * 1000000u;
    sqlite3_backup *b = sqlite3_backup_init(db, "main", from, "main");
    int step = b ? SQLITE_OK : SQLITE_ERROR;
    while (b && (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED)) {
        step = sqlite3_backup_step(b, -1);
        if (now_ns() > until)
            break;
        if (step == SQLITE_BUSY || step == SQLITE_LOCKED)
            sleep_ns(5000000);
    }
    if (b)
        sqlite3_backup_finish(b);
    if (step != SQLITE_DONE)
        rc = now_ns() > until
                 ? err_set(err, RC_TIMEOUT, "stop what writes to it, and try again",
                           "the database could not be copied within %d s", BACKUP_MS / 1000)
                 : sqlite_fail(db, NULL, to, err);
    if (sqlite3_close(db) != SQLITE_OK && !rc)
        rc = err_set(err, RC_IO, NULL, "cannot finish the copy %s", to);
    return rc;
}

/* Leftovers of an earlier file of that name would be read as its log. */
static void remove_database(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char name[PATH_MAX + 16];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int copy_once(const char *from, const char *to, struct err *err)
{
    struct workdir scratch;
    sqlite3 *db = NULL;
    int rc = sqlite_open_unchanged(from, BUSY_MS, &db, &scratch, err);
    if (rc)
        return rc;
    remove_database(to);
    rc = back_up(db, to, err);
    sqlite3_close(db);
    workdir_remove(&scratch);
    if (rc)
        remove_database(to);
    return rc;
}

int sqlite_copy(const char *from, const char *to, struct err *err)
{
    struct files f;
    char target[PATH_MAX];
    int rc = find_files(from, &f, err);
    if (!rc && realpath(to, target) && strcmp(target, f.path) == 0)
        return err_set(err, RC_UNSAFE, "choose another name", "%s would be copied onto itself",
                       from);
    for (int i = 0; !rc && i < RAW_TRIES; i++) {
        struct stamp before = stamp_of(&f);
        bool unguarded = size_of(f.shm) < 0; /* immutable or raw: no lock kept writers out */
        rc = copy_once(from, to, err);
        if (rc || !unguarded || same_stamp(before, stamp_of(&f)))
            return rc;
    }
    if (!rc)
        remove_database(to);
    return rc ? rc
              : err_set(err, RC_STATE, "stop what writes to it, and try again",
                        "%s is being written to", from);
}
