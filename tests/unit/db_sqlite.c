#include "db/db.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <sqlite3.h>

struct place {
    char dir[256], db[300];
    struct engine_conn *c;
    struct arena *a;
};

static const char SCHEMA[] =
    "create table users (id integer primary key autoincrement not null, email varchar(120) not "
    "null, active tinyint(1), "
    "  meta json, created_at datetime);"
    "create unique index users_email on users (email);"
    "create table posts (id integer primary key not null, user_id integer not null references "
    "users (id), slug varchar,"
    "  status varchar not null, body text, published_at datetime, price numeric(8, 2));"
    "create index posts_user on posts (user_id);"
    "create index posts_partial on posts (status) where status = 'draft';"
    "create index posts_expr on posts (lower(slug), status);"
    "create table tags (post_id integer, name varchar, primary key (post_id, name)) without rowid;"
    "create virtual table words using fts5(body);"
    "create table small (id integer primary key, name varchar);"
    "insert into small (name) values ('a'), ('b');"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) insert into "
    "users (email, active) "
    "  select 'user' || i || '@example.org', i % 2 from n;"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into "
    "posts "
    "  (user_id, slug, status, published_at, price) select i % 200 + 1, 'post-' || i, case when i "
    "% 10 then 'live' else "
    "  'draft' end, datetime(1700000000 + i * 60, 'unixepoch'), i from n;"
    "insert into tags select id, 'tag' || (id % 7) from posts;";

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    sqlite3 *db = NULL;
    if (!p || dir_temp("fettle-db-test", p->dir, sizeof p->dir, NULL))
        return -1;
    snprintf(p->db, sizeof p->db, "%s/app.sqlite", p->dir);
    if (sqlite3_open(p->db, &db) || sqlite3_exec(db, SCHEMA, NULL, NULL, NULL) || sqlite3_close(db))
        return -1;
    p->a = arena_new(16 << 20);
    *state = p;
    return engine_for(DIALECT_SQLITE)->open(p->db, false, 5000, &p->c, NULL);
}

static int tear_down(void **state)
{
    struct place *p = *state;
    engine_for(DIALECT_SQLITE)->close(p->c);
    arena_free(p->a);
    dir_remove(p->dir);
    free(p);
    return 0;
}

static void reads_the_schema(void **state)
{
    struct place *p = *state;
    struct schema *s;
    assert_int_equal(engine_for(DIALECT_SQLITE)->schema(p->c, p->a, &s, NULL), 0);
    assert_int_equal(s->ntables, 5);
    assert_int_equal(s->source, SCHEMA_SERVER);
    const struct table *users = schema_table(s, "USERS"), *posts = schema_table(s, "posts"),
                       *tags = schema_table(s, "tags");
    assert_int_equal(users->rows, 200);
    assert_int_equal(posts->rows, 20000);
    assert_int_equal(tags->rows, 20000);
    assert_non_null(schema_table(s, "words"));
    const struct column *email = table_column(users, "email");
    assert_int_equal(email->klass, COL_STRING);
    assert_int_equal(email->length, 120);
    assert_false(email->nullable);
    assert_int_equal(table_column(users, "active")->klass, COL_BOOL);
    assert_int_equal(table_column(users, "meta")->klass, COL_JSON);
    assert_int_equal(table_column(users, "created_at")->klass, COL_DATETIME);
    assert_true(table_column(users, "id")->auto_increment);
    assert_int_equal(table_column(posts, "price")->klass, COL_DECIMAL);
    assert_int_equal(table_column(posts, "body")->klass, COL_TEXT);
    const struct index *key = table_index_leading(users, (const char *const[]){ "id" }, 1);
    assert_true(key && key->primary);
    const struct index *email_key = table_index_leading(users, (const char *const[]){ "email" }, 1);
    assert_true(email_key && email_key->unique && !email_key->primary);
    assert_non_null(table_index_leading(posts, (const char *const[]){ "user_id" }, 1));
    assert_null(table_index_leading(posts, (const char *const[]){ "status" },
                                    1)); /* partial, and behind an expression */
    assert_non_null(table_index_leading(tags, (const char *const[]){ "name", "post_id" }, 2));
    assert_int_equal(posts->nfks, 1);
    assert_string_equal(posts->fks[0].ref_table, "users");
    assert_string_equal(posts->fks[0].ref_column, "id");
}

static struct plan explain(struct place *p, const char *sql, const char *values, bool run)
{
    struct plan plan;
    struct err err = { 0 };
    if (engine_for(DIALECT_SQLITE)->explain(p->c, str_c(sql), values, run, p->a, &plan, &err))
        fail_msg("%s: %s", sql, err.what);
    return plan;
}

static void plans_say_what_is_read(void **state)
{
    struct place *p = *state;
    struct plan scan =
        explain(p, "select * from posts as x where slug = ? order by price", "[\"post-7\"]", true);
    assert_true(scan.full_scan && scan.temp_sort);
    assert_string_equal(scan.scan_table, "posts");
    assert_int_equal(scan.nindexes_used, 0);
    assert_true(scan.rows_returned == 1);
    assert_true(scan.rows_examined >= 19999 && scan.rows_examined <= 20100);
    assert_true(scan.ms > 0);
    assert_string_equal(scan.text, "SCAN x\nUSE TEMP B-TREE FOR ORDER BY");
    struct plan search = explain(p, "select * from posts where user_id = ? limit 50", "[7]", true);
    assert_false(search.full_scan || search.temp_sort);
    assert_int_equal(search.nindexes_used, 1);
    assert_string_equal(search.indexes_used[0], "posts_user");
    assert_true(search.rows_returned == 50);
    assert_true(search.rows_examined >= 50 && search.rows_examined < 300);
    struct plan key = explain(p, "select * from users where id = 5", NULL, true);
    assert_false(key.full_scan);
    assert_true(key.rows_returned == 1 && key.rows_examined < 5);
    struct plan nested = explain(
        p, "select * from users where exists (select * from posts where posts.slug = users.email)",
        NULL, false);
    assert_non_null(strstr(nested.text, "\n  "));
    assert_true(isnan(nested.ms));
    assert_true(nested.full_scan);
}

static void runs_only_what_is_safe(void **state)
{
    struct place *p = *state;
    struct plan w = explain(p, "delete from posts where user_id = ?", "[7]", true);
    assert_true(isnan(w.ms) && isnan(w.rows_returned));
    struct plan unbound = explain(p, "select * from posts where user_id = ?", NULL, true);
    assert_true(isnan(unbound.ms)); /* without its value it would be another statement */
    assert_true(explain(p, "select count(*) from posts", NULL, true).rows_returned == 1);
    struct plan plan;
    struct err err = { 0 };
    const struct engine *e = engine_for(DIALECT_SQLITE);
    assert_int_equal(e->explain(p->c, STR("select * from nowhere"), NULL, true, p->a, &plan, &err),
                     RC_PARSE);
    assert_non_null(strstr(err.what, "nowhere"));
    assert_true(isnan(explain(p, "attach database '/nowhere/x' as y", NULL, true).ms));
    assert_true(explain(p, "select count(*) from posts", NULL, true).rows_returned == 1);
}

static void values_of_every_type_are_bound(void **state)
{
    struct place *p = *state;
    struct plan plan = explain(
        p,
        "select * from users where email = ? and active = ? and id > ? and ? is null and 1.5 = ?",
        "[\"user3@example.org\", true, 0, null, 1.5]", true);
    assert_true(plan.rows_returned == 1);
}

static void a_deadline_ends_a_statement(void **state)
{
    struct place *p = *state;
    struct engine_conn *c;
    struct plan plan;
    struct err err = { 0 };
    const struct engine *e = engine_for(DIALECT_SQLITE);
    assert_int_equal(e->open(p->db, true, 50, &c, NULL), 0);
    uint64_t from = now_ns();
    assert_int_equal(e->explain(c, STR("select count(*) from posts a, posts b, posts c"), NULL,
                                true, p->a, &plan, &err),
                     RC_TIMEOUT);
    assert_true(now_ns() - from < 2000000000u);
    assert_int_equal(
        e->explain(c, STR("select count(*) from users"), NULL, true, p->a, &plan, &err), 0);
    struct index_def def = { "posts", (const char *[]){ "slug" }, 1, false, NULL };
    assert_int_equal(e->create_index(c, &def, &err), RC_UNSAFE);
    e->close(c);
}

static const struct {
    const char *sql, *want;
} wishes[] = {
    { "select * from posts where slug = ?", "posts(slug)" },
    { "select * from posts where status = ? and slug = ?", "posts(slug, status)" },
    { "select * from posts where user_id = ? order by published_at desc limit 10",
      "posts(user_id, published_at)" },
    { "select * from posts where user_id = ? and published_at > ?",
      "posts(user_id, published_at)" },
    { "select * from posts where user_id = ?", "-" },         /* there is one */
    { "select * from posts where id = ? and slug = ?", "-" }, /* the key finds it */
    { "select * from users where email = ?", "-" },           /* unique, and small */
    { "select * from small where name = ?", "-" },            /* two rows */
    { "select * from posts where lower(slug) = ?", "-" },     /* hidden by a function */
    { "select * from posts where slug = ? or status = ?", "-" },
    { "select * from posts where slug like 'x%'", "posts(slug)" },
    { "select * from posts where slug like '%x%'", "-" },
    { "select * from posts order by published_at desc limit 20", "posts(published_at)" },
    { "select * from posts order by published_at", "-" }, /* all of it */
    { "select * from posts order by published_at desc, price asc limit 5", "-" },
    { "select * from posts where published_at is null", "posts(published_at)" },
    { "select * from tags where name = ?", "tags(name)" },
    { "select * from users join posts on posts.slug = users.email where users.id = ?",
      "posts(slug)" },
    { "select * from users where exists (select * from posts where posts.user_id = users.id and "
      "posts.status = ?)",
      "posts(user_id, status)" },
    { "update posts set price = ? where slug = ?", "posts(slug)" },
    { "insert into posts (slug) values (?)", "-" },
    { "select * from posts where nosuch = ?", "-" },
    { "select * from nosuch where slug = ?", "-" },
};

static void candidates_are_what_a_person_would_say(void **state)
{
    struct place *p = *state;
    struct schema *s;
    unsigned wrong = 0;
    assert_int_equal(engine_for(DIALECT_SQLITE)->schema(p->c, p->a, &s, NULL), 0);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        auto_buf got = BUF_INIT(1024);
        struct stmt *stmt;
        struct index_def def;
        assert_int_equal(stmt_parse(str_c(wishes[i].sql), DIALECT_SQLITE, p->a, &stmt, NULL), 0);
        bool any = index_candidate(stmt, s, p->a, &def);
        buf_addf(&got, "%s", any ? def.table : "-");
        for (unsigned k = 0; any && k < def.ncolumns; k++)
            buf_addf(&got, "%s%s", k ? ", " : "(", def.columns[k]);
        buf_adds(&got, any ? ")" : "");
        if (strcmp(got.p, wishes[i].want) != 0) {
            print_error("%s\n  got %s want %s\n", wishes[i].sql, got.p, wishes[i].want);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void a_whatif_index_is_taken_and_gone_again(void **state)
{
    struct place *p = *state;
    const struct engine *e = engine_for(DIALECT_SQLITE);
    struct whatif w;
    struct index_def def = { "posts", (const char *[]){ "slug", "status" }, 2, false, NULL };
    struct str sql = STR("select * from posts where slug = ? and status = ?");
    assert_int_equal(index_whatif(e, p->c, &def, sql, "[\"post-77\", \"live\"]", p->a, &w, NULL),
                     0);
    assert_true(w.taken);
    assert_true(w.examined_before >= 19999);
    assert_true(w.examined_after < 20);
    assert_true(w.ms_after < w.ms_before);
    assert_non_null(strstr(w.plan_before, "SCAN posts"));
    assert_non_null(strstr(w.plan_after, "SEARCH posts"));
    assert_true(explain(p, sql.p, "[\"post-77\", \"live\"]", false).full_scan); /* dropped */
    struct index_def useless = { "posts", (const char *[]){ "body" }, 1, false, NULL };
    assert_int_equal(
        index_whatif(e, p->c, &useless, sql, "[\"post-77\", \"live\"]", p->a, &w, NULL), 0);
    assert_false(w.taken);
    struct index_def wrong = { "posts", (const char *[]){ "nosuch" }, 1, false, NULL };
    struct err err = { 0 };
    assert_int_not_equal(index_whatif(e, p->c, &wrong, sql, NULL, p->a, &w, &err), 0);
    assert_true(err.what[0]);
}

static void survives_every_failing_allocation(void **state)
{
    struct place *p = *state;
    const struct engine *e = engine_for(DIALECT_SQLITE);
    long n = 1;
    for (bool fired = true; fired; n++) {
        struct engine_conn *c = NULL;
        struct schema *s;
        struct plan plan;
        struct arena *a = arena_new(16 << 20);
        fault_arm(n);
        int rc = e->open(p->db, true, 5000, &c, NULL);
        if (!rc)
            rc = e->schema(c, a, &s, NULL);
        if (!rc)
            rc = e->explain(c, STR("select * from posts where slug = ?"), "[\"x\"]", true, a, &plan,
                            NULL);
        fired = fault_fired();
        fault_arm(0);
        if (!fired)
            assert_int_equal(rc, 0);
        if (c)
            e->close(c);
        arena_free(a);
    }
    assert_true(n > 20);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_the_schema),
        TEST(plans_say_what_is_read),
        TEST(runs_only_what_is_safe),
        TEST(values_of_every_type_are_bound),
        TEST(a_deadline_ends_a_statement),
        TEST(candidates_are_what_a_person_would_say),
        TEST(a_whatif_index_is_taken_and_gone_again),
        TEST(survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
