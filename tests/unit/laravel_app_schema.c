/* The folded schema of tests/apps/shop, and SQL of three engines. */
#include "laravel/app.h"
#include "laravel/app_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct app *shop;

static int open_shop(void **state)
{
    struct err err = { 0 };
    return app_open(FETTLE_SOURCE_DIR "/tests/apps/shop", NULL, &shop, &err);
}

static int close_shop(void **state)
{
    app_free(shop);
    return 0;
}

static void indexes_of(const struct table *t, struct buf *out)
{
    for (unsigned i = 0; i < t->nindexes; i++) {
        const struct index *x = &t->indexes[i];
        buf_addf(out, "%s%s%s%s(", x->primary ? "primary " : "",
                 x->unique && !x->primary ? "unique " : "", x->fulltext ? "fulltext " : "",
                 x->partial ? "partial " : "");
        for (unsigned k = 0; k < x->ncolumns; k++)
            buf_addf(out, "%s%s", k ? "," : "", x->columns[k]);
        buf_adds(out, ") ");
    }
}

static void check_indexes(const struct schema *s, const char *table, const char *want)
{
    auto_buf out = BUF_INIT(4096);
    const struct table *t = schema_table(s, table);
    assert_non_null(t);
    indexes_of(t, &out);
    assert_string_equal(buf_cstr(&out), want);
}

static void test_migrations_over_the_dump(void **state)
{
    const struct schema *s = shop->schema;
    check_indexes(s, "customers", "primary (id) unique (email) (name) fulltext (name,email) ");
    check_indexes(
        s, "orders",
        "primary (id) unique (number) (origin_type,origin_id) (store_id,state,created_at) "
        "(customer_id) ");
    check_indexes(s, "order_lines", "primary (line_id) (sku) (order_id) ");
    check_indexes(s, "labels", "primary (id) unique (name) ");
    assert_null(schema_table(s, "tags"));
    assert_null(schema_table(s, "gone"));
    assert_int_equal(s->ntables, 5);
    assert_int_equal(s->source, SCHEMA_DUMP);
}

static void test_columns(void **state)
{
    const struct table *orders = schema_table(shop->schema, "Orders");
    const struct column *c = table_column(orders, "STATE");
    assert_int_equal(c->klass, COL_STRING);
    assert_int_equal(c->length, 40);
    assert_true(c->nullable);
    assert_string_equal(c->file, "database/migrations/2024_02_01_000000_change_things.php");
    assert_int_equal(c->line, 15);
    assert_null(table_column(orders, "shop_id"));
    assert_null(table_column(orders, "prices"));
    assert_int_equal(table_column(orders, "net_total")->klass, COL_DECIMAL);
    assert_int_equal(table_column(orders, "deleted_at")->klass, COL_DATETIME);
    assert_int_equal(orders->nfks, 1);
    assert_string_equal(orders->fks[0].ref_table, "customers");
    assert_int_equal(orders->confidence, 100);
    c = table_column(schema_table(shop->schema, "customers"), "balance");
    assert_int_equal(c->klass, COL_DECIMAL);
    assert_false(c->nullable);
    assert_ptr_equal(
        model_table(shop, class_model(shop, app_class_named(shop, STR("App\\Models\\Order")))),
        orders);
}

static struct schema *read_sql(struct arena *a, const char *sql, enum dialect dialect)
{
    struct schema_build b;
    assert_int_equal(schema_build_begin(&b, a), 0);
    assert_true(schema_read_sql(&b, str_c(sql)));
    struct schema *s = schema_build_close(&b, dialect);
    assert_non_null(s);
    schema_build_end(&b);
    return s;
}

static void test_pgsql_dump(void **state)
{
    auto_arena *a = arena_new(1 << 22);
    const struct schema *s = read_sql(
        a,
        "SET statement_timeout = 0;\nCREATE FUNCTION public.touch() RETURNS trigger LANGUAGE "
        "plpgsql AS $_$ begin; end; $_$;\n"
        "CREATE TABLE public.posts (\n  id bigint NOT NULL,\n  key character varying(255) NOT "
        "NULL,\n"
        "  body text,\n  meta jsonb DEFAULT '{}'::jsonb NOT NULL,\n  at timestamp(0) without time "
        "zone,\n"
        "  price numeric(8,2) DEFAULT '0'::numeric NOT NULL,\n  embedding public.vector(1536),\n"
        "  CONSTRAINT posts_kind CHECK (((key)::text = ANY (ARRAY['a'::text])))\n);\n"
        "CREATE SEQUENCE public.posts_id_seq START WITH 1;\n"
        "ALTER TABLE ONLY public.posts ALTER COLUMN id SET DEFAULT "
        "nextval('public.posts_id_seq'::regclass);\n"
        "COPY public.migrations (id, migration, batch) FROM "
        "stdin;\n1\t2020_01_01_000000_create_posts\t1\n\\.\n"
        "ALTER TABLE ONLY public.posts ADD CONSTRAINT posts_pkey PRIMARY KEY (id);\n"
        "CREATE UNIQUE INDEX posts_key ON public.posts USING btree (key) WHERE (body IS NOT "
        "NULL);\n"
        "CREATE INDEX posts_at ON public.posts USING btree (at DESC, id);\n"
        "CREATE INDEX posts_lower ON public.posts USING btree (lower((key)::text));\n"
        "CREATE INDEX posts_meta ON public.posts USING gin (meta);\n"
        "ALTER TABLE ONLY public.posts ADD CONSTRAINT posts_fk FOREIGN KEY (id) REFERENCES "
        "public.users(id) ON DELETE CASCADE;\n",
        DIALECT_PGSQL);
    const struct table *t = schema_table(s, "public.posts");
    check_indexes(s, "posts", "primary (id) unique partial (key) (at,id) fulltext (meta) ");
    assert_int_equal(t->ncolumns, 7);
    assert_int_equal(table_column(t, "meta")->klass, COL_JSON);
    assert_int_equal(table_column(t, "at")->klass, COL_DATETIME);
    assert_int_equal(table_column(t, "embedding")->length, 1536);
    assert_false(table_column(t, "key")->nullable);
    assert_true(table_column(t, "body")->nullable);
    assert_string_equal(t->fks[0].ref_table, "users");
    assert_int_equal(t->line, 3);
}

static void test_sqlite_dump(void **state)
{
    auto_arena *a = arena_new(1 << 22);
    const struct schema *s =
        read_sql(a,
                 "CREATE TABLE IF NOT EXISTS \"posts\" (\"id\" integer primary key autoincrement "
                 "not null, \"user_id\" integer not null,"
                 " \"key\" varchar not null, foreign key(\"user_id\") references \"users\"(\"id\") "
                 "on delete cascade);\n"
                 "CREATE UNIQUE INDEX \"posts_key_unique\" on \"posts\" (\"key\");\n"
                 "INSERT INTO migrations VALUES(1,'2020_01_01_000000_create_posts',1);\n"
                 "alter table posts rename to articles; alter table articles rename column \"key\" "
                 "to slug;\n"
                 "create index by_user on articles (user_id, slug); drop index by_user; drop table "
                 "if exists nothing;\n",
                 DIALECT_SQLITE);
    assert_null(schema_table(s, "posts"));
    check_indexes(s, "articles", "primary (id) unique (slug) ");
    assert_true(table_column(schema_table(s, "articles"), "id")->auto_increment);
}

static void test_mysql_foreign_keys_get_an_index(void **state)
{
    auto_arena *a = arena_new(1 << 22);
    const char *sql =
        "create table a (id int primary key, b_id int, key by_b (b_id, id), c_id int, "
        "foreign key (b_id) references b (id), foreign key (c_id) references c (id))";
    check_indexes(read_sql(a, sql, DIALECT_MYSQL), "a", "primary (id) (b_id,id) (c_id) ");
    check_indexes(read_sql(a, sql, DIALECT_PGSQL), "a", "primary (id) (b_id,id) ");
}

static void test_cut_short(void **state)
{
    const char *sql =
        "create table a (id int, `b` varchar(20) default 'it''s', primary key (id), key k (b(3)))";
    size_t n = strlen(sql);
    for (size_t i = 0; i <= n; i++) {
        auto_arena *a = arena_new(1 << 20);
        struct schema_build b;
        assert_int_equal(schema_build_begin(&b, a), 0);
        (void)!schema_read_sql(&b, (struct str){ sql, (uint32_t)i });
        assert_non_null(schema_build_close(&b, DIALECT_MYSQL));
        schema_build_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrations_over_the_dump),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_pgsql_dump),
        cmocka_unit_test(test_sqlite_dump),
        cmocka_unit_test(test_mysql_foreign_keys_get_an_index),
        cmocka_unit_test(test_cut_short),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
