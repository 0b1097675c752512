#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const kinds[] = { "select", "insert", "update", "delete", "ddl", "tx", "other" };
static const char *const ops[] = { "eq",   "in",      "range", "prefix", "infix",
                                   "null", "notnull", "ne",    "fn",     "other" };

static void put_name(struct buf *out, struct str table, struct str column)
{
    if (table.n)
        buf_addf(out, STR_FMT ".", STR_ARG(table));
    buf_add(out, column.p, column.n);
}

/* The whole structure on one line. */
static void describe(const struct stmt *s, struct buf *out)
{
    buf_adds(out, kinds[s->kind]);
    for (unsigned i = 0; i < s->ntables; i++) {
        buf_addf(out, "%s" STR_FMT, i ? "," : " ", STR_ARG(s->tables[i].name));
        if (s->tables[i].alias.n)
            buf_addf(out, "=" STR_FMT, STR_ARG(s->tables[i].alias));
    }
    for (unsigned i = 0; i < s->npreds; i++) {
        const struct stmt_pred *p = &s->preds[i];
        buf_addf(out, " %s(", ops[p->op]);
        if (p->op == SOP_FUNCTION)
            buf_addf(out, STR_FMT " ", STR_ARG(p->fn));
        put_name(out, p->table, p->column);
        buf_adds(out, p->in_or ? ")?" : ")");
    }
    for (unsigned i = 0; i < s->njoins; i++) {
        buf_adds(out, " join(");
        put_name(out, s->joins[i].left_table, s->joins[i].left_column);
        buf_addc(out, '=');
        put_name(out, s->joins[i].right_table, s->joins[i].right_column);
        buf_addc(out, ')');
    }
    for (unsigned i = 0; i < s->norders; i++) {
        buf_adds(out, s->orders[i].is_expr ? " orderx(" : " order(");
        put_name(out, s->orders[i].table, s->orders[i].column);
        buf_adds(out, s->orders[i].desc ? " desc)" : ")");
    }
    for (unsigned i = 0; i < s->ngroups; i++)
        buf_addf(out, " group(" STR_FMT ")", STR_ARG(s->groups[i]));
    for (unsigned i = 0; i < s->ncolumns; i++)
        buf_addf(out, "%s" STR_FMT, i ? "," : " cols ", STR_ARG(s->columns[i]));
    buf_adds(out, s->select_star ? " *" : "");
    buf_adds(out, s->has_limit ? " limit" : "");
    buf_adds(out, s->has_offset ? " offset" : "");
    buf_adds(out, s->distinct ? " distinct" : "");
    if (s->aggregate)
        buf_addf(out, " agg(" STR_FMT ")", STR_ARG(s->aggregate_fn));
    buf_adds(out, s->unknown_parts ? " unknown" : "");
}

#define L DIALECT_SQLITE
#define P DIALECT_PGSQL
#define M DIALECT_MYSQL
static const struct {
    enum dialect dialect;
    const char *sql, *want;
} cases[] = {
    { L, "select * from \"rooms\" where \"rooms\".\"id\" = ? limit 1",
      "select rooms eq(rooms.id) * limit" },
    { L,
      "select \"id\", \"name\" as n from \"rooms\" where \"active\" = ? and \"kind\" in (?, ?) and "
      "\"created_at\" > ? order by \"name\" desc, \"id\" asc limit 20 offset 40",
      "select rooms eq(rooms.active) in(rooms.kind) range(rooms.created_at) order(rooms.name desc) "
      "order(rooms.id) cols id,name limit offset" },
    { M, "select * from `rooms` where `a` = ? or (`b` = ? and `c` is null) limit 5, 10",
      "select rooms eq(rooms.a)? eq(rooms.b)? null(rooms.c)? * limit offset" },
    { L, "select * from t where (a = 1 and b = 2)", "select t eq(t.a) eq(t.b) *" },
    { L, "select * from t where not (a = 1 or b = 2) and not c is null and d not in (1,2)",
      "select t ne(t.a) ne(t.b) notnull(t.c) ne(t.d) *" },
    { L, "select * from t where not (a = 1 and b = 2)", "select t ne(t.a)? ne(t.b)? *" },
    { L, "select * from t where a between ? and ? and b not between 1 and 2 and c is not null",
      "select t range(t.a) other(t.b) notnull(t.c) *" },
    { L,
      "select r.* from rooms as r inner join users u on u.id = r.owner_id and u.active = 1 left "
      "join tags on tags.room_id = r.id where u.email = ?",
      "select rooms=r,users=u,tags eq(users.active) eq(users.email) join(users.id=rooms.owner_id) "
      "join(tags.room_id=rooms.id) *" },
    { L,
      "select * from posts where exists (select * from comments where posts.id = comments.post_id "
      "and approved = ?) and user_id = ?",
      "select posts,comments eq(comments.approved) eq(posts.user_id) "
      "join(posts.id=comments.post_id) *" },
    { L,
      "select users.*, (select count(*) from posts where users.id = posts.user_id) as posts_count "
      "from users order by posts_count desc",
      "select users,posts join(users.id=posts.user_id) orderx(users.posts_count desc) *" },
    { L, "select count(*) as aggregate from rooms where a = ?",
      "select rooms eq(rooms.a) agg(count)" },
    { L, "select exists(select * from rooms where a = ?) as \"exists\"",
      "select rooms eq(rooms.a) agg(exists)" },
    { L, "select sum(price), max(id) from orders group by status having count(*) > ?",
      "select orders group(status) agg(sum)" },
    { L, "select sum(price) + 1 from orders", "select orders" },
    { L, "select distinct status from orders", "select orders cols status distinct" },
    { L, "select * from t where strftime('%Y-%m-%d', \"created_at\") = cast(? as text)",
      "select t fn(strftime t.created_at) *" },
    { M, "select * from t where date(`created_at`) = ? and lower(name) like ? and year(`b`) > 2020",
      "select t fn(date t.created_at) fn(lower t.name) fn(year t.b) *" },
    { P,
      "select * from t where \"created_at\"::date = ? and extract(year from \"b\") = ? and "
      "\"data\"->>'x' = ?",
      "select t fn(cast t.created_at) fn(extract t.b) fn(->> t.data) *" },
    { L,
      "select * from t where a like 'x%' and b like '%x%' and c like ? and d like '%' || ? || '%' "
      "and e like 'same' and f not like 'x%'",
      "select t prefix(t.a) infix(t.b) other(t.c) infix(t.d) eq(t.e) other(t.f) *" },
    { P,
      "select * from t where a ilike '%x%' and b = any($1) and c in (select id from u where u.d = "
      "1)",
      "select t,u infix(t.a) in(t.b) in(t.c) eq(u.d) *" },
    { L,
      "with recursive tree as (select id from nodes where parent_id is null union all select n.id "
      "from nodes n join tree on n.parent_id = tree.id) select * from tree where id = ?",
      "select nodes,nodes=n null(nodes.parent_id) eq(id) join(nodes.parent_id=id) *" },
    { L, "select * from (select * from posts where a = 1) as p where p.b = 2",
      "select posts eq(posts.a) eq(b) *" },
    { L, "(select a from t where x = 1) union all (select b from u where y = 2) order by a limit 3",
      "select t,u eq(t.x) eq(u.y) order(a) cols a limit" },
    { L, "insert into \"rooms\" (\"name\", \"slug\") values (?, ?), (?, ?)",
      "insert rooms cols name,slug" },
    { P,
      "insert into rooms (name) values ($1) on conflict (name) do update set name = excluded.name "
      "returning id",
      "insert rooms cols name" },
    { L, "insert into a (x) select y from b where z = 1", "insert a,b eq(b.z) cols x" },
    { L, "update \"rooms\" set \"name\" = ?, \"n\" = \"n\" + 1 where \"id\" = ?",
      "update rooms eq(rooms.id) cols name,n" },
    { P, "update rooms set a = v.a from (values (1, 2)) as v(id, a) where rooms.id = v.id",
      "update rooms join(rooms.id=id) cols a" },
    { M, "update `a` inner join `b` on `a`.`id` = `b`.`a_id` set `a`.`x` = 1 where `b`.`y` = 2",
      "update a,b eq(b.y) join(a.id=b.a_id) cols x" },
    { L, "delete from rooms where id in (1, 2) and tenant_id = ?",
      "delete rooms in(rooms.id) eq(rooms.tenant_id)" },
    { M, "delete `a` from `a` inner join `b` on `a`.`id` = `b`.`a_id` where `b`.`x` = 1",
      "delete a,b eq(b.x) join(a.id=b.a_id)" },
    { L, "create index i on rooms (a, b)", "ddl rooms" },
    { L, "create table if not exists rooms (a int)", "ddl rooms" },
    { P, "alter table public.rooms add column x int", "ddl rooms" },
    { L, "begin immediate", "tx" },
    { M, "START TRANSACTION", "tx" },
    { L, "pragma foreign_keys = on", "other" },
    { M, "explain select * from a where b = 1", "select a eq(a.b) *" },
    { L, "select * from t where (a, b) > (?, ?) and ? = c",
      "select t range(t.a) range(t.b) eq(t.c) *" },
    { L, "select * from t where active and not deleted", "select t eq(t.active) ne(t.deleted) *" },
    { L, "select * from t where created_at > datetime('now', '-1 day') and b < current_timestamp",
      "select t range(t.created_at) range(t.b) *" },
    { M,
      "select * from t where created_at > now() - interval 1 day and b > date_sub(now(), interval "
      "? day)",
      "select t range(t.created_at) range(t.b) *" },
    { L, "select * from t where a = b and c > d",
      "select t other(t.c) other(t.d) join(t.a=t.b) *" },
    { L,
      "select case when a = 1 and b = 2 then 1 else 0 end as x from t where case when c then d "
      "else e end = 1 order by x, random()",
      "select t fn(expression t.c) orderx(t.x) orderx()" },
    { L, "select * from a, b as bb where a.id = bb.a_id", "select a,b=bb join(a.id=b.a_id) *" },
    { L, "select a.id from a join b using (id) where b.x = 1",
      "select a,b eq(b.x) join(a.id=b.id) cols id" },
    { P, "select * from json_each($1) as j where j.key = 'x'", "select eq(key) *" },
    { M, "select * from `t` force index (`i`) where `a` = 1 for update", "select t eq(t.a) *" },
    { L,
      "select \"documents\".\"id\", rank from documents_fts inner join documents on documents.id = "
      "documents_fts.rowid where documents_fts match ? order by rank limit 10",
      "select documents_fts,documents other(documents_fts) join(documents.id=documents_fts.rowid) "
      "order(rank) cols id,rank limit" },
    { L, "select * from t where a = 1 collate nocase and (b) = (2) and c+0 = 1",
      "select t eq(t.a) eq(t.b) fn(+ t.c) *" },
    { L, "select row_number() over (partition by a order by b desc) as n, t.* from t",
      "select t *" },
    { L,
      "select * from \"posts\" where (\"a\" = ? and (\"b\" = ? or \"c\" is null)) and "
      "\"posts\".\"deleted_at\" is null",
      "select posts eq(posts.a) eq(posts.b)? null(posts.c)? null(posts.deleted_at) *" },
    { L,
      "select * from \"users\" where exists (select 1 from json_each(\"options\", '$.\"x\"') where "
      "\"json_each\".\"value\" is ?)",
      "select users eq(value) *" },
    { L,
      "select * from (select *, row_number() over (partition by \"posts\".\"user_id\" order by "
      "\"at\" desc) as \"laravel_row\" from \"posts\" where \"posts\".\"user_id\" in (1, 2)) as "
      "\"laravel_table\" where \"laravel_row\" <= 3 order by \"laravel_row\"",
      "select posts in(posts.user_id) range(laravel_row) order(laravel_row) *" },
    { M,
      "select * from `posts` where match (`title`, `body`) against (? in natural language mode) "
      "and `x` = 1",
      "select posts other(posts.title) eq(posts.x) *" },
    { P,
      "select * from \"posts\" where (to_tsvector('english', \"title\")) @@ "
      "plainto_tsquery('english', ?)",
      "select posts other(posts.title) *" },
    { P, "select * from \"a\" order by \"embedding\" <=> ? limit 5",
      "select a orderx(a.embedding) * limit" },
    { P, "select * from a where embedding <=> ? < 0.5 and embedding <-> ? < 1",
      "select a fn(<=> a.embedding) fn(<-> a.embedding) *" },
    { L, "insert or ignore into \"t\" (\"a\") values (?)", "insert t cols a" },
    { M, "insert into `t` (`a`, `b`) values (?, ?) on duplicate key update `b` = values(`b`)",
      "insert t cols a,b" },
    { L,
      "select \"tags\".*, \"taggables\".\"post_id\" as \"pivot_post_id\" from \"tags\" inner join "
      "\"taggables\" on \"tags\".\"id\" = \"taggables\".\"tag_id\" where \"taggables\".\"post_id\" "
      "in (1, 2, 3) and \"taggables\".\"taggable_type\" = ?",
      "select tags,taggables in(taggables.post_id) eq(taggables.taggable_type) "
      "join(tags.id=taggables.tag_id) cols post_id *" },
    { L, "select * from \"a\" where \"b\" >= ? and \"b\" < ? and (1 = 1) and 0 = 1",
      "select a range(a.b) range(a.b) *" },
    { L, "select max(\"id\") as m from \"a\"", "select a agg(max)" },
    { L, "select \"a\".\"x\", count(*) as c from \"a\" group by \"a\".\"x\" order by c desc",
      "select a orderx(a.c desc) group(x) cols x" },
    { P, "delete from only \"sessions\" where \"last_activity\" <= $1",
      "delete sessions range(sessions.last_activity)" },
    { L, "select * from sqlite_master where type = 'table'",
      "select sqlite_master eq(sqlite_master.type) *" },
    { M, "select * from `a` where `b` <=> null and `c` rlike 'x' and `d` = binary 'y'",
      "select a eq(a.b) other(a.c) eq(a.d) *" },
    { L, "", "other" },
    { L, "select", "select" },
    { L, "select * from", "select *" },
    { L, "select * from (((((", "select * unknown" },
    { L, "where and or not in (", "other unknown" },
};

static void structure_is_as_it_should_be(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_arena *a = arena_new(1 << 20);
        auto_buf got = BUF_INIT(1 << 16);
        struct stmt *s = NULL;
        assert_int_equal(stmt_parse(str_c(cases[i].sql), cases[i].dialect, a, &s, NULL), 0);
        describe(s, &got);
        if (strcmp(buf_cstr(&got), cases[i].want) != 0) {
            print_error("%s\n  got  %s\n  want %s\n", cases[i].sql, buf_cstr(&got), cases[i].want);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* The shape is read like the statement itself, but for what LIKE's literal told. */
static void shapes_can_be_read_too(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_arena *a = arena_new(1 << 20);
        char shape[2048];
        struct stmt *s, *t;
        sql_fingerprint(str_c(cases[i].sql), cases[i].dialect, shape, sizeof shape);
        assert_int_equal(stmt_parse(str_c(cases[i].sql), cases[i].dialect, a, &s, NULL), 0);
        assert_int_equal(stmt_parse(str_c(shape), cases[i].dialect, a, &t, NULL), 0);
        assert_int_equal(s->kind, t->kind);
        assert_int_equal(s->ntables, t->ntables);
        assert_int_equal(s->npreds, t->npreds);
        assert_int_equal(s->njoins, t->njoins);
        assert_int_equal(s->norders, t->norders);
    }
}

static void nesting_and_length_are_bounded(void **state)
{
    auto_arena *a = arena_new(64 << 20);
    auto_buf b = BUF_INIT(8 << 20);
    struct stmt *s;
    buf_adds(&b, "select * from t where ");
    for (int i = 0; i < 50000; i++)
        buf_adds(&b, "(");
    assert_int_equal(stmt_parse((struct str){ b.p, (uint32_t)b.n }, DIALECT_SQLITE, a, &s, NULL),
                     0);
    assert_true(s->unknown_parts);
    buf_clear(&b);
    for (int i = 0; i < 2000; i++)
        buf_adds(&b, "select * from (");
    assert_int_equal(stmt_parse((struct str){ b.p, (uint32_t)b.n }, DIALECT_SQLITE, a, &s, NULL),
                     0);
    assert_true(s->unknown_parts);
    buf_clear(&b);
    buf_adds(&b, "select * from t where id in (");
    for (int i = 0; i < 300000; i++)
        buf_adds(&b, "?,");
    assert_int_equal(stmt_parse((struct str){ b.p, (uint32_t)b.n }, DIALECT_SQLITE, a, &s, NULL),
                     0);
    assert_int_equal(s->ntables, 1);
    assert_true(s->unknown_parts);
}

static void survives_every_failing_allocation(void **state)
{
    const char *sql =
        "with x as (select 1) select a, b from t join u on t.id = u.id where a = ? order by b, c";
    long n = 1;
    for (bool fired = true; fired; n++) {
        struct stmt *s = NULL;
        struct arena *a = arena_new(1 << 20);
        fault_arm(n);
        int rc = stmt_parse(str_c(sql), DIALECT_SQLITE, a, &s, NULL);
        fired = fault_fired();
        fault_arm(0);
        assert_int_equal(rc, fired ? RC_NOMEM : 0);
        arena_free(a);
    }
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structure_is_as_it_should_be),
        cmocka_unit_test(shapes_can_be_read_too),
        cmocka_unit_test(nesting_and_length_are_bounded),
        cmocka_unit_test(survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
