/* Copies of SQLite databases in every state of their files; the folder's bytes must be as before,
 * each time. */
#include "db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char dir[256], db[300], copy[300], other[256];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    if (!p || dir_temp("fettle-copy", p->dir, sizeof p->dir, NULL) ||
        dir_temp("fettle-copy-to", p->other, sizeof p->other, NULL))
        return -1;
    snprintf(p->db, sizeof p->db, "%s/app.sqlite", p->dir);
    snprintf(p->copy, sizeof p->copy, "%s/copy.sqlite", p->other);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    dir_remove(p->dir);
    dir_remove(p->other);
    free(p);
    return 0;
}

struct summing {
    const char *dir;
    uint64_t hash;
    unsigned files;
};

static int sum_file(void *ctx, const char *rel, const struct stat *st)
{
    struct summing *s = ctx;
    char path[PATH_MAX];
    auto_arena *a = arena_new(64 << 20);
    struct str bytes;
    snprintf(path, sizeof path, "%s/%s", s->dir, rel);
    assert_int_equal(file_read(path, 32 << 20, a, &bytes, NULL), 0);
    s->hash = hash_mix(s->hash, hash_mix(str_hash(str_c(rel)), str_hash(bytes)));
    s->hash = hash_mix(s->hash, (uint64_t)st->st_mtim.tv_nsec + (uint64_t)st->st_mtim.tv_sec);
    s->files++;
    return 0;
}

/* Names, bytes and times of all files of the folder. */
static uint64_t hash_of(const char *dir)
{
    struct summing s = { .dir = dir };
    struct walk_opts opts = { .file = sum_file, .ctx = &s };
    assert_int_equal(dir_walk(dir, &opts, NULL), 0);
    return s.hash;
}

static void sql(sqlite3 *db, const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", text, message);
}

static sqlite3 *open_rw(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static int count_rows(const char *path)
{
    sqlite3 *db = open_rw(path);
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "select count(*) from t", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return n;
}

static void fill(sqlite3 *db, bool wal, int rows)
{
    char text[200];
    sql(db, wal ? "pragma journal_mode = wal; pragma wal_autocheckpoint = 0"
                : "pragma journal_mode = delete");
    sql(db, "create table if not exists t (id integer primary key, v text)");
    snprintf(text, sizeof text,
             "with recursive n(i) as (select 1 union all select i + 1 from n where i < %d) "
             "insert into t (v) select 'value ' || i from n",
             rows);
    sql(db, text);
}

static void copy_and_compare(struct place *p, int rows)
{
    struct err err = { 0 };
    uint64_t before = hash_of(p->dir);
    int rc = sqlite_copy(p->db, p->copy, &err);
    if (rc)
        fail_msg("%s", err.what);
    assert_true(hash_of(p->dir) == before);
    assert_int_equal(count_rows(p->copy), rows);
    struct engine_conn *c = NULL;
    const struct engine *e = engine_for(DIALECT_SQLITE);
    assert_int_equal(e->open(p->db, true, 5000, &c, &err),
                     0); /* the same for a read-only connection */
    auto_arena *a = arena_new(1 << 20);
    struct schema *schema;
    assert_int_equal(e->schema(c, a, &schema, &err), 0);
    assert_int_equal(schema_table(schema, "t")->rows, rows);
    e->close(c);
    assert_true(hash_of(p->dir) == before);
}

/* Another process with the database open, as an application is: it runs `text` and waits. Within
 * one process SQLite would share one index of the log between both connections. */
struct keeper {
    pid_t pid;
    int done[2];
};

static struct keeper keep_open(struct place *p, bool wal, int rows, const char *text)
{
    struct keeper k;
    char x;
    assert_int_equal(pipe(k.done), 0);
    k.pid = fork();
    if (!k.pid) {
        sqlite3 *db = open_rw(p->db);
        fill(db, wal, rows);
        if (text)
            sql(db, text);
        if (write(k.done[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(k.done[0], &x, 1), 1);
    return k;
}

/* It dies without closing: what it left stays. */
static void kill_keeper(struct keeper *k)
{
    kill(k->pid, SIGKILL);
    waitpid(k->pid, NULL, 0);
    close(k->done[0]);
    close(k->done[1]);
}

static void abandon(struct place *p, bool wal, const char *text)
{
    struct keeper k = keep_open(p, wal, 200, text);
    kill_keeper(&k);
}

static void rollback_journal(void **state)
{
    struct place *p = *state;
    struct keeper k = keep_open(p, false, 500, NULL);
    copy_and_compare(p, 500);
    kill_keeper(&k);
    copy_and_compare(p, 500);
}

static void wal_with_a_process_at_it(void **state)
{
    struct place *p = *state;
    struct keeper k = keep_open(p, true, 300, NULL); /* all rows are in the log only */
    copy_and_compare(p, 300);
    kill_keeper(&k);
    k = keep_open(p, true, 50, "pragma wal_checkpoint; insert into t (v) values ('one more')");
    copy_and_compare(p, 351);
    kill_keeper(&k);
    k = keep_open(p, true, 1, "begin immediate; insert into t (v) values ('not yet')");
    copy_and_compare(p, 352);
    kill_keeper(&k);
}

static void wal_closed(void **state)
{
    struct place *p = *state;
    sqlite3 *db = open_rw(p->db);
    fill(db, true, 300);
    sqlite3_close(db);
    copy_and_compare(p, 300);
}

static void wal_left_behind(void **state)
{
    struct place *p = *state;
    abandon(p, true, NULL);
    copy_and_compare(p, 200);
}

static void wal_left_without_its_index(void **state)
{
    struct place *p = *state;
    char shm[320];
    abandon(p, true, NULL);
    snprintf(shm, sizeof shm, "%s-shm", p->db);
    assert_int_equal(unlink(shm), 0); /* as after a copy of file and log */
    copy_and_compare(p, 200);
}

static void hot_journal(void **state)
{
    struct place *p = *state;
    char journal[320];
    abandon(
        p, false,
        "pragma cache_size = 1; begin; update t set v = v || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'");
    snprintf(journal, sizeof journal, "%s-journal", p->db);
    assert_true(file_exists(journal));
    copy_and_compare(p, 200); /* the update that was not committed is not in it */
    sqlite3 *db = open_rw(p->copy);
    sqlite3_stmt *st = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(db, "select count(*) from t where v like '%xxx'", -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
}

static void odd_names(void **state)
{
    struct place *p = *state;
    char link[300];
    snprintf(p->db, sizeof p->db, "%s/a b?c#d%%e.sqlite", p->dir);
    struct keeper k = keep_open(p, true, 20, NULL);
    copy_and_compare(p, 20);
    snprintf(link, sizeof link, "%s/link", p->other); /* the log lies beside the real file */
    assert_int_equal(symlink(p->db, link), 0);
    assert_int_equal(sqlite_copy(link, p->copy, NULL), 0);
    assert_int_equal(count_rows(p->copy), 20);
    kill_keeper(&k);
}

static void refuses_with_words(void **state)
{
    struct place *p = *state;
    struct err err = { 0 };
    assert_int_equal(sqlite_copy("/nowhere/x.sqlite", p->copy, &err), RC_NOTFOUND);
    assert_true(err.what[0] && err.next[0]);
    assert_int_equal(file_write_atomic(p->db, "this is a text file, not a database", 35, NULL), 0);
    assert_int_equal(sqlite_copy(p->db, p->copy, &err), RC_PARSE);
    assert_false(file_exists(p->copy));
    unlink(p->db);
    sqlite3 *db = open_rw(p->db);
    fill(db, false, 5);
    sqlite3_close(db);
    assert_int_equal(sqlite_copy(p->db, p->db, &err), RC_UNSAFE);
    assert_int_equal(count_rows(p->db), 5);
}

static void a_stale_log_of_the_target_is_not_read(void **state)
{
    struct place *p = *state;
    char wal[320];
    struct keeper k = keep_open(p, true, 30, NULL);
    snprintf(wal, sizeof wal, "%s-wal", p->copy);
    assert_int_equal(file_write_atomic(wal, "rubbish", 7, NULL), 0);
    copy_and_compare(p, 30);
    assert_false(file_exists(wal));
    kill_keeper(&k);
}

static void every_failing_call_leaves_the_folder_alone(void **state)
{
    struct place *p = *state;
    char shm[320];
    abandon(p, true, NULL);
    snprintf(shm, sizeof shm, "%s-shm", p->db);
    assert_int_equal(unlink(shm), 0); /* the longest way */
    uint64_t before = hash_of(p->dir);
    long n = 1;
    for (bool fired = true; fired; n++) {
        fault_arm(n);
        int rc = sqlite_copy(p->db, p->copy, NULL);
        fired = fault_fired();
        fault_arm(0);
        assert_true(hash_of(p->dir) == before);
        if (!fired)
            assert_int_equal(rc, 0);
        else if (rc)
            assert_false(file_exists(p->copy));
    }
    assert_true(n > 5);
    assert_int_equal(count_rows(p->copy), 200);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rollback_journal),
        TEST(wal_with_a_process_at_it),
        TEST(wal_closed),
        TEST(wal_left_behind),
        TEST(wal_left_without_its_index),
        TEST(hot_journal),
        TEST(odd_names),
        TEST(refuses_with_words),
        TEST(a_stale_log_of_the_target_is_not_read),
        TEST(every_failing_call_leaves_the_folder_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
