/* A missing index: a new migration, named and written as Laravel's own, with its way back. On PostgreSQL the index is
 * built CONCURRENTLY outside of a transaction, so that writers do not wait. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "rules/emit.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>

struct columns {
    const char *names[8];
    unsigned n;
};

/* The subject of the finding is "table(a, b)". */
static bool parse_subject(const char *subject, struct arena *arena, const char **ret_table, struct columns *ret)
{
    const char *open = subject ? strchr(subject, '(') : NULL;
    const char *close = open ? strrchr(open, ')') : NULL;
    if (!close)
        return false;
    *ret_table = arena_strndup(arena, subject, (size_t)(open - subject));
    struct str rest = { open + 1, (uint32_t)(close - open - 1) }, part;
    while (str_next(&rest, ',', &part) && ret->n < 8) {
        part = str_trim(part);
        for (uint32_t i = 0; i < part.n; i++)
            if (!isalnum((unsigned char)part.p[i]) && part.p[i] != '_')
                return false;
        ret->names[ret->n++] = arena_strndup(arena, part.p, part.n);
    }
    return ret->n > 0;
}

/* After every migration that is there, in their own style of time stamp. */
static const char *next_stamp(const struct app *app, struct arena *arena)
{
    char last[32] = "2020_01_01_000000";
    for (uint32_t i = 0; i < app->nfiles; i++) {
        const char *slash = strrchr(app->files[i].path, '/');
        const char *name = slash ? slash + 1 : app->files[i].path;
        if (app->files[i].context == CTX_MIGRATION && strlen(name) > 18 && strncmp(name, last, 17) > 0)
            snprintf(last, sizeof last, "%.17s", name);
    }
    long seconds = strtol(last + 11, NULL, 10);
    char next[40];
    if (seconds < 999999)
        snprintf(next, sizeof next, "%.11s%06ld", last, seconds + 1);
    else
        snprintf(next, sizeof next, "%s_a", last);
    return arena_strdup(arena, next);
}

static const char *quoted_list(const struct columns *c, struct arena *arena)
{
    auto_buf out = BUF_INIT(1024);
    for (unsigned i = 0; i < c->n; i++)
        buf_addf(&out, "%s'%s'", i ? ", " : "", c->names[i]);
    return arena_strdup(arena, buf_cstr(&out));
}

static const char *index_name(const char *table, const struct columns *c, struct arena *arena)
{
    auto_buf out = BUF_INIT(512);
    buf_adds(&out, table);
    for (unsigned i = 0; i < c->n; i++)
        buf_addf(&out, "_%s", c->names[i]);
    buf_adds(&out, "_index");
    const char *name = buf_cstr(&out);
    if (strlen(name) <= 63)
        return arena_strdup(arena, name);
    return arena_printf(arena, "%.40s_%08x_index", table,
                        (unsigned)str_hash(str_c(name))); /* servers cut longer names */
}

static const char *php_of(const char *table, const struct columns *c, enum dialect dialect, struct arena *arena)
{
    const char *list = quoted_list(c, arena);
    const char *name = index_name(table, c, arena);
    auto_buf bare = BUF_INIT(512);
    for (unsigned i = 0; i < c->n; i++)
        buf_addf(&bare, "%s\"%s\"", i ? ", " : "", c->names[i]);
    const char *head = "<?php\n\nuse Illuminate\\Database\\Migrations\\Migration;\n";
    if (dialect == DIALECT_PGSQL)
        return arena_printf(
            arena,
            "%suse Illuminate\\Support\\Facades\\DB;\n\nreturn new class extends Migration\n{\n"
            "    public $withinTransaction = false;\n\n    public function up(): void\n    {\n"
            "        DB::statement('create index concurrently if not exists %s on \"%s\" (%s)');\n    }\n\n"
            "    public function down(): void\n    {\n"
            "        DB::statement('drop index concurrently if exists %s');\n    }\n};\n",
            head, name, table, buf_cstr(&bare), name);
    return arena_printf(
        arena,
        "%suse Illuminate\\Database\\Schema\\Blueprint;\nuse Illuminate\\Support\\Facades\\Schema;\n\n"
        "return new class extends Migration\n{\n    public function up(): void\n    {\n"
        "        Schema::table('%s', function (Blueprint $table) {\n            $table->index([%s], '%s');\n"
        "        });\n    }\n\n    public function down(): void\n    {\n"
        "        Schema::table('%s', function (Blueprint $table) {\n            $table->dropIndex('%s');\n"
        "        });\n    }\n};\n",
        head, table, list, name, table, name);
}

/* The first few rows by an order with ties: read through an index, others of those that tie come first. Times tie too
 * seldom to be refused unseen; whether the answers stay the same is what the proof is for. */
static bool has_ties(const struct fix_in *in, const struct patch *p, const char *table)
{
    static const char *const cuts[] = { "limit",          "take",        "first", "paginate",
                                        "simplePaginate", "firstOrFail", "value", NULL };
    struct ref top = chain_top(p, chain_ref(in->app, in->finding->at.file, in->finding->at.line));
    const struct table *t = in->schema ? schema_table(in->schema, table) : NULL;
    const struct model *m = NULL;
    bool ordered = false;
    for (uint32_t i = 0; i < in->app->nmodels && !m; i++)
        m = in->app->models[i].table && !strcasecmp(syms_cstr(in->app->syms, in->app->models[i].table), table)
                ? &in->app->models[i]
                : m;
    if (!is_ref(top) || !t || !m || !chain_has(p, top, cuts))
        return false;
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c)) {
        struct str name = node_name(p, c);
        struct ref column = nth_arg(p, c, 0);
        if (str_ieq(name, STR("latest")) || str_ieq(name, STR("oldest")) ||
            (str_starts(name, "orderBy") && !is_kind(p, column, E_STR)))
            return false;
        if (!str_starts(name, "orderBy"))
            continue;
        const struct column *col = table_column(t, node_text_name(p, column));
        if (!col || col->klass == COL_DATETIME || column_is_unique(in->app, m, t, node_name(p, column)))
            return false;
        ordered = true;
    }
    return ordered;
}

enum fix_answer fix_index(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const char *table = NULL;
    struct columns columns = { .n = 0 };
    (void)err;
    patch_init(&p, in->app, arena);
    if (!parse_subject(in->finding->subject, arena, &table, &columns))
        patch_refuse(&p, "the table and columns are not plain names");
    if (!in->finding->from_trace)
        patch_refuse(&p, "no plan shows that the planner would take the index");
    else if (table && has_ties(in, &p, table))
        patch_refuse(&p, "rows that tie in the order: through an index others of them come first");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    auto_buf path = BUF_INIT(PATH_MAX);
    buf_addf(&path, "database/migrations/%s_add_", next_stamp(in->app, arena));
    for (unsigned i = 0; i < columns.n; i++)
        buf_addf(&path, "%s_", columns.names[i]);
    buf_addf(&path, "index_to_%s_table.php", table);
    patch_new_file(&p, buf_cstr(&path), php_of(table, &columns, in->app->dialect, arena));
    return patch_done(&p, arena_printf(arena, "Index %s by %s", table, quoted_list(&columns, arena)), ret);
}
