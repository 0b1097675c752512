/* Migrations in the order Laravel runs them, folded over the schema dump. The up() methods are
 * walked statement by statement: both sides of a condition, literal loops unrolled, helper methods
 * and closures inlined. */
#include "laravel/app_eval.h"
#include "laravel/app_migrate.h"

#include <stdio.h>

void migrate_unread(const struct migrate *m, const struct scope *sc, uint32_t node,
                    const char *what)
{
    schema_doubt(m->table, 15);
    *m->unread = true;
    build_skip_at(m->b, &sc->src, node, "%s", what);
}

static void set_place(const struct migrate *m, const struct scope *sc, uint32_t node)
{
    m->schema->file = m->b->app->files[sc->src.file].path;
    m->schema->line = node_line(sc->src.f, node);
}

/* ---- calls on Schema ---- */

static void walk_blueprint(const struct migrate *outer, const struct scope *sc, uint32_t closure,
                           struct table_build *t)
{
    struct migrate m = *outer;
    uint8_t kind = closure ? src_kind(&sc->src, closure) : N_NULL;
    if ((kind != E_CLOSURE && kind != E_ARROW) || ++m.depth > MIGRATE_DEPTH)
        return;
    uint32_t param = src_param(&sc->src, closure, 0), body = src_body(&sc->src, closure);
    m.table = t;
    m.var = param ? src_str(&sc->src, param) : STR("");
    if (body)
        migrate_walk(&m, sc, body);
}

static bool is_closure(const struct src *s, uint32_t node)
{
    return node && (src_kind(s, node) == E_CLOSURE || src_kind(s, node) == E_ARROW);
}

static uint32_t last_closure(const struct src *s, uint32_t call)
{
    uint32_t found = 0;
    for (unsigned i = 0; i < src_nargs(s, call); i++) {
        uint32_t arg = src_arg(s, call, i, NULL);
        if (is_closure(s, arg))
            found = arg;
    }
    return found;
}

/* $add = fn (Blueprint $table) => …; Schema::table('books', $add) */
static uint32_t blueprint_closure(const struct scope *sc, uint32_t call)
{
    struct scope there;
    uint32_t closure = last_closure(&sc->src, call), n = src_nargs(&sc->src, call);
    uint32_t arg = n && !closure ? src_arg(&sc->src, call, n - 1, NULL) : 0;
    if (arg && src_kind(&sc->src, arg) == E_VAR) {
        uint32_t value = eval_behind(sc, arg, &there);
        if (there.src.file == sc->src.file && is_closure(&there.src, value))
            return value;
    }
    return closure;
}

static bool schema_call(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str name = src_str(&sc->src, call), table, to;
    struct schema_build *s = m->schema;
    uint32_t first = src_arg(&sc->src, call, 0, NULL);
    bool creates = str_is(name, "create") || str_is(name, "createIfNotExists");
    bool changes = str_is(name, "table") || str_starts(name, "whenTable");
    bool drops = str_is(name, "drop") || str_is(name, "dropIfExists");
    set_place(m, sc, call);
    if (!creates && !changes && !drops && !str_is(name, "rename") && !str_is(name, "dropColumns")) {
        uint32_t closure =
            last_closure(&sc->src, call); /* withoutForeignKeyConstraints(fn () => …) */
        if (closure && src_body(&sc->src, closure))
            migrate_walk(m, sc, src_body(&sc->src, closure));
        return true;
    }
    if (!eval_str(sc, first, &table) || !table.n) {
        migrate_unread(m, sc, call, "the table's name is not constant");
        return true;
    }
    if (drops) {
        schema_drop(s, table);
    } else if (str_is(name, "rename")) {
        if (eval_str(sc, src_arg(&sc->src, call, 1, NULL), &to))
            schema_rename(s, table, to);
    } else if (str_is(name, "dropColumns")) {
        sym *all = NULL;
        uint32_t n = eval_strings(sc, src_arg(&sc->src, call, 1, NULL), &all);
        for (uint32_t i = 0; all && i < n; i++)
            table_drop_column(s, schema_need(s, table), syms_str(m->b->app->syms, all[i]));
    } else {
        struct table_build *t = creates ? schema_create(s, table) : schema_need(s, table);
        uint32_t closure = blueprint_closure(sc, call);
        if (t && closure)
            walk_blueprint(m, sc, closure, t);
        else if (t)
            schema_doubt(t, 40);
    }
    return true;
}

/* DB::statement('…'), DB::unprepared(file_get_contents(…)) */
static void raw_statement(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    struct str sql, path;
    uint32_t arg = src_arg(&sc->src, call, 0, NULL);
    set_place(m, sc, call);
    if (arg && src_kind(&sc->src, arg) == E_CALL &&
        src_is(&sc->src, node_first(sc->src.f, arg), E_NAME, "file_get_contents") &&
        eval_path(sc, src_arg(&sc->src, arg, 0, NULL), &path)) {
        char *rel = arena_strndup(m->b->arena, path.p, path.n);
        if (rel && build_read_text(m->b, rel, LIMIT_FILE_BYTES * 8, &sql)) {
            m->schema->file = rel;
            m->schema->line = 1;
            schema_read_sql(m->schema, sql);
        }
        return;
    }
    if (eval_str(sc, arg, &sql)) {
        schema_read_sql(m->schema, sql);
        return;
    }
    /* "ALTER TABLE `$table` …": what is known is that the statement changes a schema */
    for (uint32_t i = arg; arg && i < src_node(&sc->src, arg)->skip; i++) {
        struct str part = src_kind(&sc->src, i) == E_STR ? str_trim(src_str(&sc->src, i)) : STR("");
        if (part.n > 12 && (str_ieq(str_sub(part, 0, 11), STR("alter table")) ||
                            str_ieq(str_sub(part, 0, 12), STR("create index")) ||
                            str_ieq(str_sub(part, 0, 12), STR("create table")))) {
            migrate_unread(m, sc, call, "a statement that changes the schema and is not constant");
            return;
        }
    }
}

static bool is_schema_root(const struct scope *sc, const struct chain *chain)
{
    const struct src *s = &sc->src;
    if (src_kind(s, chain->root) == E_NAME) {
        struct str base = text_basename(src_str(s, chain->root));
        return src_kind(s, chain->calls[0]) == E_SCALL &&
               (str_is(base, "Schema") || str_ends(base, "Schema"));
    }
    if (src_kind(s, chain->root) == E_VAR)
        return str_is(src_str(s, chain->root), "schema");
    return src_kind(s, chain->root) == E_PROP && str_is(src_str(s, chain->root), "schema");
}

/* ---- helpers and closures ---- */

void migrate_inline(const struct migrate *outer, const struct scope *caller, uint32_t call,
                    struct src callee, uint32_t fn, uint32_t cls, bool this_is_table)
{
    struct bind binds[MIGRATE_BINDS];
    struct migrate m = *outer;
    struct scope sc = {
        .b = caller->b, .src = callee, .cls = cls, .fn = src_body(&callee, fn), .binds = binds
    };
    if (!sc.fn || ++m.depth > MIGRATE_DEPTH)
        return;
    m.var = this_is_table ? STR("this") : STR("");
    for (unsigned i = 0; i < 8; i++) {
        uint32_t param = src_param(&callee, fn, i);
        if (!param)
            break;
        struct str name = src_str(&callee, param);
        uint32_t arg = call ? src_arg(&caller->src, call, i, NULL) : 0;
        if (arg && outer->var.n && src_is(&caller->src, arg, E_VAR, NULL) &&
            str_eq(src_str(&caller->src, arg), outer->var)) {
            m.var = name;
            continue;
        }
        struct bind *bind = &binds[sc.nbinds];
        if (arg)
            *bind = eval_as_bind(caller, arg, name);
        else if (src_default(&callee, param))
            *bind =
                (struct bind){ .name = name, .src = callee, .node = src_default(&callee, param) };
        else
            continue;
        sc.nbinds++;
    }
    migrate_walk(&m, &sc, sc.fn);
}

struct each {
    const struct migrate *m;
    const struct scope *sc;
    uint32_t key, value, body; /* variables (E_VAR or N_PARAM) and what to walk */
    unsigned n;
};

/* foreach ($list as [$table, $columns]) */
static void bind_list(const struct src *s, uint32_t list, const struct scope *at, uint32_t array,
                      struct bind *binds, unsigned *n)
{
    unsigned nth = 0;
    for EACH_CHILD (s, list, item) {
        uint32_t var = src_item_value(s, item), from = 0;
        uint32_t key = var ? src_item_key(s, item) : 0, entry = node_child(at->src.f, array, nth++);
        if (key && src_kind(s, key) == E_STR)
            from = src_item(&at->src, array, syms_cstr(at->b->app->syms, src_sym(s, key)));
        else if (entry)
            from = src_item_value(&at->src, entry);
        if (var && from && src_kind(s, var) == E_VAR && *n < MIGRATE_BINDS)
            binds[(*n)++] = eval_as_bind(at, from, src_str(s, var));
    }
}

static void each_item(void *ctx, const struct scope *at, uint32_t key, uint32_t value)
{
    struct each *e = ctx;
    struct bind binds[MIGRATE_BINDS];
    struct scope in = *e->sc;
    struct str text;
    if (++e->n > MIGRATE_LOOP || in.nbinds + 2 > MIGRATE_BINDS)
        return;
    if (in.nbinds)
        memcpy(binds, in.binds, in.nbinds * sizeof *binds);
    const struct src *s = &e->sc->src;
    if (e->value && src_kind(s, e->value) == E_ARRAY)
        bind_list(s, e->value, at, value, binds, &in.nbinds);
    else if (e->value && src_node(s, e->value)->s)
        binds[in.nbinds++] = eval_as_bind(at, value, src_str(s, e->value));
    if (key && e->key && src_node(s, e->key)->s && eval_str(at, key, &text))
        binds[in.nbinds++] = (struct bind){ .name = src_str(s, e->key), .value = text };
    in.binds = binds;
    migrate_walk(e->m, &in, e->body);
}

static void walk_foreach(const struct migrate *m, const struct scope *sc, uint32_t node)
{
    const struct src *s = &sc->src;
    struct each e = {
        m, sc, node_child(s->f, node, 1), node_child(s->f, node, 2), node_last(s->f, node), 0
    };
    eval_each(sc, node_child(s->f, node, 0), each_item, &e);
    if (!e.n)
        migrate_walk(m, sc, e.body);
}

/* collect(['a', 'b'])->each(function ($table) { Schema::table($table, …); }) */
static bool walk_each_call(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    const struct src *s = &sc->src;
    uint32_t closure = last_closure(s, call);
    if (!closure || src_kind(s, call) != E_MCALL || !str_is(src_str(s, call), "each") ||
        !src_body(s, closure))
        return false;
    struct each e = {
        m, sc, src_param(s, closure, 1), src_param(s, closure, 0), src_body(s, closure), 0
    };
    eval_each(sc, node_first(s->f, call), each_item, &e);
    return e.n > 0;
}

static bool takes_table(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    for (unsigned i = 0; m->var.n && i < src_nargs(&sc->src, call); i++) {
        uint32_t arg = src_arg(&sc->src, call, i, NULL);
        if (arg && src_is(&sc->src, arg, E_VAR, NULL) && str_eq(src_str(&sc->src, arg), m->var))
            return true;
    }
    return false;
}

static bool inline_method(const struct migrate *m, const struct scope *sc, uint32_t call)
{
    const struct src *s = &sc->src;
    uint32_t on = node_first(s->f, call), cls = NO_CLASS;
    if (src_kind(s, call) == E_CALL) {
        const struct method *fn = on && src_kind(s, on) == E_NAME && takes_table(m, sc, call)
                                      ? app_function(m->b->app, src_sym(s, on))
                                      : NULL;
        if (fn)
            migrate_inline(m, sc, call, src_of(m->b->app, fn->at.file), fn->at.node, NO_CLASS,
                           false);
        return fn != NULL;
    }
    if (src_is_this(s, on) || src_is(s, on, E_NAME, "self") || src_is(s, on, E_NAME, "static") ||
        src_is(s, on, E_NAME, "parent"))
        cls = sc->cls;
    else if (takes_table(m, sc, call) || src_is(s, on, E_VAR, NULL) || src_is(s, on, E_NEW, NULL))
        cls = app_class(m->b->app, eval_class(sc, on));
    if (cls != NO_CLASS && cls != sc->cls && m->b->app->classes[cls].is & IS_MODEL)
        return false;
    const struct method *method =
        cls != NO_CLASS ? class_method(m->b->app, cls, src_sym(s, call)) : NULL;
    if (!method)
        return false;
    migrate_inline(m, sc, call, src_of(m->b->app, method->at.file), method->at.node, cls, false);
    return true;
}

static void walk_call(const struct migrate *m, const struct scope *sc, uint32_t expr)
{
    const struct src *s = &sc->src;
    struct chain chain;
    if (!src_chain(s, expr, &chain) || !chain.root)
        return;
    if (m->table && m->var.n && src_is(s, chain.root, E_VAR, NULL) &&
        str_eq(src_str(s, chain.root), m->var)) {
        set_place(m, sc, expr);
        blueprint_chain(m, sc, &chain);
        return;
    }
    if (is_schema_root(sc, &chain)) {
        schema_call(m, sc, chain.calls[chain.n - 1]);
        return;
    }
    struct str last = src_str(s, chain.calls[chain.n - 1]);
    if ((str_is(last, "statement") || str_is(last, "unprepared")) && src_kind(s, expr) != E_CALL) {
        raw_statement(m, sc, expr); /* of DB, of a connection */
        return;
    }
    if (walk_each_call(m, sc, expr))
        return;
    for (unsigned i = 0; i < chain.n; i++) {
        if (inline_method(m, sc, chain.calls[i]))
            return;
    }
    for (unsigned i = 0; i < chain.n; i++) { /* DB::transaction(function () { … }) */
        uint32_t closure = last_closure(s, chain.calls[i]);
        if (closure && src_body(s, closure))
            migrate_walk(m, sc, src_body(s, closure));
    }
}

/* ---- conditions ---- */

enum truth { UNKNOWN, YES, NO };

static enum truth opposite(enum truth t)
{
    return t == YES ? NO : t == NO ? YES : UNKNOWN;
}

struct search {
    struct str want;
    bool found, unread;
};

static void find_item(void *ctx, const struct scope *sc, uint32_t key, uint32_t value)
{
    struct search *test = ctx;
    struct str one;
    if (!eval_str(sc, value, &one))
        test->unread = true;
    else
        test->found |= str_eq(one, test->want);
}

static enum truth in_array_call(const struct scope *sc, uint32_t call)
{
    struct search test = { 0 };
    if (!eval_str(sc, src_arg(&sc->src, call, 0, "needle"), &test.want))
        return UNKNOWN;
    eval_each(sc, src_arg(&sc->src, call, 1, "haystack"), find_item, &test);
    return test.found ? YES : test.unread ? UNKNOWN : NO;
}

/* What a condition over constants comes to: the driver's name, a configured type. */
static enum truth decide(const struct scope *sc, uint32_t node, unsigned depth)
{
    const struct src *s = &sc->src;
    const struct node *n = src_node(s, node);
    uint32_t left = node_child(s->f, node, 0), right = node_child(s->f, node, 1);
    struct str a, b;
    if (depth > 8)
        return UNKNOWN;
    if (n->kind == E_UN && n->op == OP_NOT && left)
        return opposite(decide(sc, left, depth + 1));
    if (n->kind == E_MCALL && src_is_this(s, left)) { /* a helper that compares */
        struct scope there;
        uint32_t value = eval_behind(sc, node, &there);
        return value ? decide(&there, value, depth + 1) : UNKNOWN;
    }
    if (n->kind == E_CALL && src_is(s, left, E_NAME, "in_array"))
        return in_array_call(sc, node);
    if (n->kind != E_BIN || !left || !right)
        return UNKNOWN;
    if (n->op == OP_AND || n->op == OP_OR) {
        enum truth x = decide(sc, left, depth + 1), y = decide(sc, right, depth + 1);
        enum truth wins = n->op == OP_AND ? NO : YES;
        return x == wins || y == wins ? wins : x == y ? x : UNKNOWN;
    }
    bool equal = n->op == OP_IDENT || n->op == OP_EQ,
         different = n->op == OP_NIDENT || n->op == OP_NE;
    if ((!equal && !different) || !eval_str(sc, left, &a) || !eval_str(sc, right, &b))
        return UNKNOWN;
    return str_eq(a, b) == equal ? YES : NO;
}

static bool walk_if(const struct migrate *m, const struct scope *sc, uint32_t node)
{
    const struct src *s = &sc->src;
    uint32_t cond = node_child(s->f, node, 0), yes = node_child(s->f, node, 1),
             no = node_child(s->f, node, 2);
    enum truth truth = cond ? decide(sc, cond, 0) : UNKNOWN;
    bool returned = false;
    if (cond && truth == UNKNOWN)
        migrate_walk(m, sc, cond);
    if (yes && truth != NO)
        returned = migrate_walk(m, sc, yes) && truth == YES;
    if (no && truth != YES)
        returned |= migrate_walk(m, sc, no) && truth == NO;
    return returned;
}

bool migrate_walk(const struct migrate *m, const struct scope *sc, uint32_t node)
{
    const struct src *s = &sc->src;
    if (++*m->steps > MIGRATE_STEPS || m->b->failed)
        return false;
    switch (src_kind(s, node)) {
    case E_MCALL:
    case E_SCALL:
    case E_CALL:
        walk_call(m, sc, node);
        return false;
    case S_FOREACH:
        walk_foreach(m, sc, node);
        return false;
    case S_IF:
        return walk_if(m, sc, node);
    case S_RETURN:
        for EACH_CHILD (s, node, c)
            migrate_walk(m, sc, c);
        return true;
    case E_CLOSURE:
    case E_ARROW:
    case N_CLASS:
        return false;
    default:
        break;
    }
    for EACH_CHILD (s, node, c) {
        if (migrate_walk(m, sc, c) && src_kind(s, node) == S_BLOCK)
            return true;
    }
    return false;
}

/* ---- files ---- */

struct migration {
    struct str name;
    uint32_t file;
};

static int by_name(const void *x, const void *y)
{
    const struct migration *a = x, *b = y;
    uint32_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int c = memcmp(a->name.p, b->name.p, n);
    if (c == 0 && a->name.n != b->name.n)
        c = a->name.n < b->name.n ? -1 : 1;
    return c ? c : a->file < b->file ? -1 : 1;
}

static void run_migration(struct build *b, struct schema_build *schema, uint32_t cls)
{
    const struct method *up = class_method_named(b->app, cls, "up");
    uint32_t steps = 0;
    bool unread = false;
    if (!up)
        return;
    struct migrate m = { .b = b, .schema = schema, .steps = &steps, .unread = &unread };
    struct scope sc = scope_of_class(b, cls);
    migrate_inline(&m, &sc, 0, src_of(b->app, up->at.file), up->at.node, cls, false);
    if (steps > MIGRATE_STEPS)
        build_skip(b, b->app->files[up->at.file].path, 0, RC_LIMIT,
                   "the migration has too many statements to follow");
}

static struct str file_stem(struct str path)
{
    struct str dir = text_dirname(path);
    struct str name = dir.n ? str_sub(path, dir.n + 1, path.n) : path;
    return str_ends(name, ".php") ? str_sub(name, 0, name.n - 4) : name;
}

static void run_migrations(struct build *b, struct schema_build *schema)
{
    struct VEC(struct migration) all = { 0 };
    for (uint32_t i = 0; i < b->own_files; i++) {
        struct migration m = { file_stem(str_c(b->files.p[i].path)), i };
        uint64_t done;
        if (b->files.p[i].context == CTX_MIGRATION &&
            !map64_get(schema->migrated, str_hash(m.name), &done))
            PUSH(b, &all, m);
    }
    if (all.n)
        qsort(all.p, all.n, sizeof *all.p, by_name);
    uint32_t *first =
        arena_new_array(b->arena, uint32_t, b->files.n + 1); /* class of a file, plus one */
    for (uint32_t i = 0; first && i < b->app->nclasses; i++) {
        const struct class *c = &b->app->classes[i];
        if (b->files.p[c->at.file].context == CTX_MIGRATION && !first[c->at.file] &&
            class_method_named(b->app, i, "up"))
            first[c->at.file] = i + 1;
    }
    for (size_t i = 0; first && i < all.n && !b->failed; i++) {
        if (first[all.p[i].file])
            run_migration(b, schema, first[all.p[i].file] - 1);
    }
    b->failed |= !first;
    vec_release(&all);
}

/* database/schema/mysql-schema.sql of the default connection, else whichever dump there is. */
static void read_dump(struct build *b, struct schema_build *schema)
{
    static const char *const engines[] = { "sqlite", "pgsql", "mysql", "mariadb" };
    static const enum dialect dialects[] = { DIALECT_SQLITE, DIALECT_PGSQL, DIALECT_MYSQL,
                                             DIALECT_MYSQL };
    static const char *const ends[] = { "schema.sql", "schema.dump" };
    struct str text;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 8; i++) {
            const char *path =
                arena_printf(b->arena, "database/schema/%s-%s", engines[i / 2], ends[i % 2]);
            if (!path || (round == 0 && dialects[i / 2] != b->app->dialect) ||
                !build_read_text(b, path, (size_t)64 << 20, &text))
                continue;
            schema->file = path;
            schema->line = 1;
            schema->from_dump = true;
            if (!schema_read_sql(schema, text))
                build_skip(b, path, 0, RC_PARSE, "a statement about a table could not be read");
            return;
        }
    }
}

void build_schema(struct build *b)
{
    struct schema_build schema;
    if (schema_build_begin(&schema, b->arena)) {
        b->failed = true;
        return;
    }
    read_dump(b, &schema);
    run_migrations(b, &schema);
    b->app->schema = schema_build_close(&schema, b->app->dialect);
    b->failed |= schema.failed || !b->app->schema;
    schema_build_end(&schema);
}
