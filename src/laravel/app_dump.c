/* SQL that changes a schema, read tolerantly: the dumps that `schema:dump` writes with mysqldump,
 * pg_dump and sqlite3, and the statements that migrations give to DB::statement. Foreign bytes:
 * every loop ends at the end of the text, names and lists are bounded, nothing recurses. */
#include "laravel/app_schema.h"
#include "laravel/app_text.h"

#include <ctype.h>

enum tok { T_END, T_WORD, T_QUOTED /* identifier in quotes */, T_TEXT, T_NUMBER, T_PUNCT };

struct lexer {
    struct str all;
    uint32_t at, line;
    enum tok kind;
    struct str s; /* word, name, text without its quotes, or one character */
    uint32_t tok_line;
};

static char peek(const struct lexer *l, uint32_t ahead)
{
    return l->at + ahead < l->all.n ? l->all.p[l->at + ahead] : 0;
}

static void step(struct lexer *l)
{
    if (l->at < l->all.n && l->all.p[l->at++] == '\n')
        l->line++;
}

static void skip_until(struct lexer *l, const char *end)
{
    uint32_t n = (uint32_t)strlen(end);
    while (l->at < l->all.n && !(l->at + n <= l->all.n && !memcmp(l->all.p + l->at, end, n)))
        step(l);
    for (uint32_t i = 0; i < n; i++)
        step(l);
}

static void skip_blanks(struct lexer *l)
{
    while (l->at < l->all.n) {
        char c = peek(l, 0);
        if (isspace((unsigned char)c))
            step(l);
        else if ((c == '-' && peek(l, 1) == '-') || c == '#')
            skip_until(l, "\n");
        else if (c == '/' && peek(l, 1) == '*')
            skip_until(l, "*/");
        else
            return;
    }
}

static void quoted(struct lexer *l, char end, enum tok kind)
{
    step(l);
    uint32_t from = l->at;
    while (l->at < l->all.n) {
        char c = peek(l, 0);
        if (c == '\\' && kind == T_TEXT && l->at + 1 < l->all.n)
            step(l);
        else if (c == end && peek(l, 1) == end)
            step(l);
        else if (c == end)
            break;
        step(l);
    }
    l->s = str_sub(l->all, from, l->at - from);
    l->kind = kind;
    step(l);
}

/* $$ … $$ and $tag$ … $tag$ of PostgreSQL */
static bool dollar(struct lexer *l)
{
    uint32_t n = 1;
    while (isalnum((unsigned char)peek(l, n)) || peek(l, n) == '_')
        n++;
    if (peek(l, n) != '$' || n > 60)
        return false;
    char tag[64];
    memcpy(tag, l->all.p + l->at, n + 1);
    tag[n + 1] = 0;
    l->at += n + 1;
    skip_until(l, tag);
    l->kind = T_TEXT;
    l->s = STR("");
    return true;
}

static enum tok next(struct lexer *l)
{
    skip_blanks(l);
    l->tok_line = l->line;
    char c = peek(l, 0);
    uint32_t from = l->at;
    if (l->at >= l->all.n) {
        l->s = STR("");
        return l->kind = T_END;
    }
    if (c == '`' || c == '"') {
        quoted(l, c, T_QUOTED);
    } else if (c == '[' && (isalpha((unsigned char)peek(l, 1)) || peek(l, 1) == '_')) {
        quoted(l, ']', T_QUOTED);
    } else if (c == '\'') {
        quoted(l, '\'', T_TEXT);
    } else if (c == '$' && dollar(l)) {
        return l->kind;
    } else if (isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80) {
        while (isalnum((unsigned char)peek(l, 0)) || peek(l, 0) == '_' || peek(l, 0) == '$' ||
               (unsigned char)peek(l, 0) >= 0x80)
            l->at++;
        l->s = str_sub(l->all, from, l->at - from);
        l->kind = T_WORD;
    } else if (isdigit((unsigned char)c)) {
        while (isalnum((unsigned char)peek(l, 0)) || peek(l, 0) == '.')
            l->at++;
        l->s = str_sub(l->all, from, l->at - from);
        l->kind = T_NUMBER;
    } else {
        step(l);
        l->s = str_sub(l->all, from, 1);
        l->kind = T_PUNCT;
    }
    return l->kind;
}

static bool is_word(const struct lexer *l, const char *word)
{
    return l->kind == T_WORD && str_ieq(l->s, str_c(word));
}

static bool is_punct(const struct lexer *l, char c)
{
    return l->kind == T_PUNCT && l->s.p[0] == c;
}

static bool take(struct lexer *l, const char *word)
{
    if (!is_word(l, word))
        return false;
    next(l);
    return true;
}

static bool take_punct(struct lexer *l, char c)
{
    if (!is_punct(l, c))
        return false;
    next(l);
    return true;
}

static bool take_name(struct lexer *l, struct str *ret)
{
    if (l->kind != T_WORD && l->kind != T_QUOTED && l->kind != T_TEXT)
        return false;
    *ret = l->s;
    next(l);
    while (is_punct(l, '.')) { /* schema.table */
        next(l);
        if (l->kind == T_WORD || l->kind == T_QUOTED) {
            *ret = l->s;
            next(l);
        }
    }
    return true;
}

static void skip_parens(struct lexer *l)
{
    int depth = 0;
    while (l->kind != T_END) {
        depth += is_punct(l, '(');
        depth -= is_punct(l, ')');
        next(l);
        if (depth <= 0)
            return;
    }
}

/* To the next comma or closing bracket of this level; the statement's end too. */
static void skip_item(struct lexer *l)
{
    while (l->kind != T_END && !is_punct(l, ',') && !is_punct(l, ')') && !is_punct(l, ';')) {
        if (is_punct(l, '('))
            skip_parens(l);
        else
            next(l);
    }
}

static void skip_statement(struct lexer *l)
{
    while (l->kind != T_END && !is_punct(l, ';'))
        next(l);
    take_punct(l, ';');
}

static void skip_if_exists(struct lexer *l)
{
    if (take(l, "if")) {
        take(l, "not");
        take(l, "exists");
    }
    take(l, "only");
}

/* (a, `b`(10) DESC, lower(c)): names of plain columns; an expression makes the list unusable. */
static unsigned take_columns(struct lexer *l, struct str *ret, unsigned max)
{
    unsigned n = 0;
    bool plain = true;
    if (!take_punct(l, '('))
        return 0;
    while (l->kind != T_END && !is_punct(l, ')') && !is_punct(l, ';')) {
        struct str name;
        if (take_name(l, &name) && n < max) {
            ret[n++] = name;
            if (is_punct(l, '(')) { /* a prefix length, or a function */
                next(l);
                plain &= l->kind == T_NUMBER;
                while (l->kind != T_END && !is_punct(l, ')') && !is_punct(l, ';'))
                    next(l);
                take_punct(l, ')');
            }
        } else {
            plain = false;
        }
        skip_item(l);
        if (!take_punct(l, ','))
            break;
    }
    take_punct(l, ')');
    return plain ? n : 0;
}

/* ---- columns ---- */

enum column_class schema_sql_class(struct str type)
{
    static const struct {
        const char *start;
        enum column_class klass;
    } types[] = {
        { "tinyint(1)", COL_BOOL },
        { "bool", COL_BOOL },
        { "bigint", COL_INT },
        { "int", COL_INT },
        { "smallint", COL_INT },
        { "mediumint", COL_INT },
        { "tinyint", COL_INT },
        { "bigserial", COL_INT },
        { "serial", COL_INT },
        { "smallserial", COL_INT },
        { "year", COL_INT },
        { "double", COL_FLOAT },
        { "float", COL_FLOAT },
        { "real", COL_FLOAT },
        { "decimal", COL_DECIMAL },
        { "numeric", COL_DECIMAL },
        { "character varying", COL_STRING },
        { "varchar", COL_STRING },
        { "char", COL_STRING },
        { "character", COL_STRING },
        { "nvarchar", COL_STRING },
        { "inet", COL_STRING },
        { "citext", COL_STRING },
        { "text", COL_TEXT },
        { "mediumtext", COL_TEXT },
        { "longtext", COL_TEXT },
        { "tinytext", COL_TEXT },
        { "json", COL_JSON },
        { "blob", COL_BLOB },
        { "longblob", COL_BLOB },
        { "mediumblob", COL_BLOB },
        { "bytea", COL_BLOB },
        { "binary", COL_BLOB },
        { "varbinary", COL_BLOB },
        { "vector", COL_VECTOR },
        { "datetime", COL_DATETIME },
        { "timestamp", COL_DATETIME },
        { "date", COL_DATE },
        { "time", COL_TIME },
        { "uuid", COL_UUID },
        { "enum", COL_ENUM },
        { "set", COL_ENUM },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        uint32_t n = (uint32_t)strlen(types[i].start);
        if (type.n >= n && str_ieq(str_sub(type, 0, n), str_c(types[i].start)))
            return types[i].klass;
    }
    return COL_OTHER;
}

/* The type's words and its bracket: "character varying(255)", "bigint unsigned". */
static struct str take_type(struct lexer *l, uint32_t *ret_length)
{
    uint32_t from = l->kind == T_END ? l->at : (uint32_t)(l->s.p - l->all.p), to = from;
    bool again = l->kind == T_WORD || l->kind == T_QUOTED;
    *ret_length = 0;
    while (again) {
        struct str word = l->s;
        to = (uint32_t)(word.p - l->all.p) + word.n;
        next(l);
        if (is_punct(l, '.')) {
            next(l);
            continue;
        }
        if (is_punct(l, '(')) {
            next(l);
            for (uint32_t i = 0;
                 l->kind == T_NUMBER && i < l->s.n && l->s.p[i] <= '9' && *ret_length < 100000000;
                 i++)
                *ret_length = *ret_length * 10 + (uint32_t)(l->s.p[i] - '0');
            while (l->kind != T_END && !is_punct(l, ')') && !is_punct(l, ';'))
                next(l);
            if (is_punct(l, ')'))
                to = (uint32_t)(l->s.p - l->all.p) + 1;
            take_punct(l, ')');
        }
        again = is_word(l, "varying") || is_word(l, "precision") || is_word(l, "unsigned") ||
                is_word(l, "zerofill") || is_word(l, "with") || is_word(l, "without") ||
                is_word(l, "time") || is_word(l, "zone");
    }
    return str_sub(l->all, from, to > from ? to - from : 0);
}

static void references(struct schema_build *s, struct lexer *l, struct table_build *t,
                       struct str column)
{
    struct str table, cols[INDEX_MAX_COLUMNS];
    if (!take_name(l, &table))
        return;
    unsigned n = is_punct(l, '(') ? take_columns(l, cols, INDEX_MAX_COLUMNS) : 0;
    table_add_fk(s, t, column, table, n ? cols[0] : STR("id"));
}

static void column_definition(struct schema_build *s, struct lexer *l, struct table_build *t,
                              struct str name)
{
    uint32_t length;
    s->line = l->tok_line;
    struct str type = take_type(l, &length);
    struct column *c = table_put(s, t, name, type, schema_sql_class(type));
    if (!c) {
        skip_item(l);
        return;
    }
    c->length = length;
    c->nullable = true;
    c->unsigned_ = str_contains(type, "unsigned");
    while (l->kind != T_END && !is_punct(l, ',') && !is_punct(l, ')') && !is_punct(l, ';')) {
        if (take(l, "not")) {
            if (take(l, "null"))
                c->nullable = false;
        } else if (take(l, "primary")) {
            table_add_index(s, t, STR("primary"), &name, 1, "primary");
        } else if (take(l, "unique")) {
            table_add_index(s, t, STR(""), &name, 1, "unique");
        } else if (take(l, "auto_increment") || take(l, "autoincrement")) {
            c->auto_increment = true;
        } else if (take(l, "references")) {
            references(s, l, t, name);
        } else if (is_punct(l, '(')) {
            skip_parens(l);
        } else {
            next(l);
        }
    }
}

static void add_index(struct schema_build *s, struct table_build *t, struct str name,
                      const struct str *cols, unsigned n, const char *kind)
{
    if (n)
        table_add_index(s, t, name, cols, n, kind);
    else
        schema_doubt(t,
                     3); /* over an expression: not one of the indexes that a predicate can name */
}

/* KEY n (a), and not a column that is called key: key varchar(255). Reads a copy of the lexer
 * ahead. */
static bool is_key_item(struct lexer l)
{
    struct str name;
    if (!take(&l, "key") && !take(&l, "index"))
        return false;
    if (!is_punct(&l, '(') && !take_name(&l, &name))
        return false;
    if (take(&l, "using"))
        next(&l);
    return take_punct(&l, '(') && l.kind != T_NUMBER;
}

/* [CONSTRAINT n] PRIMARY KEY (…) | UNIQUE [KEY|INDEX] [n] (…) | KEY n (…) | FOREIGN KEY [n] (…)
 * REFERENCES … ; false: no such thing stands here */
static bool table_constraint(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str name = STR(""), cols[INDEX_MAX_COLUMNS];
    s->line = l->tok_line;
    if (take(l, "constraint") && !is_word(l, "primary") && !is_word(l, "unique") &&
        !is_word(l, "foreign") && !is_word(l, "check"))
        take_name(l, &name);
    const char *kind = NULL;
    if (take(l, "primary"))
        kind = "primary";
    else if (take(l, "unique"))
        kind = "unique";
    else if (take(l, "fulltext"))
        kind = "fulltext";
    else if (take(l, "spatial"))
        kind = "spatialindex";
    else if (is_key_item(*l))
        kind = "index";
    if (kind) {
        if (!take(l, "key"))
            take(l, "index");
        if (l->kind != T_PUNCT && !is_word(l, "using"))
            take_name(l, &name);
        if (take(l, "using"))
            next(l);
        if (!strcmp(kind, "primary"))
            name = STR("primary");
        unsigned n = take_columns(l, cols, INDEX_MAX_COLUMNS);
        add_index(s, t, name, cols, n, kind);
        skip_item(l);
        return true;
    }
    if (take(l, "foreign")) {
        take(l, "key");
        if (!is_punct(l, '('))
            take_name(l, &name);
        unsigned n = take_columns(l, cols, INDEX_MAX_COLUMNS);
        if (take(l, "references"))
            references(s, l, t, n ? cols[0] : STR(""));
        skip_item(l);
        return true;
    }
    if (take(l, "check") || take(l, "exclude") || take(l, "like") || name.n) {
        skip_item(l);
        return true;
    }
    return false;
}

static bool create_table(struct schema_build *s, struct lexer *l)
{
    struct str name;
    s->line = l->tok_line;
    skip_if_exists(l);
    if (!take_name(l, &name))
        return false;
    struct table_build *t = schema_create(s, name);
    if (!t || !take_punct(l, '(')) {
        schema_doubt(t, 40);
        return false;
    }
    while (l->kind != T_END && !is_punct(l, ')') && !is_punct(l, ';')) {
        struct str column;
        bool quoted_name = l->kind == T_QUOTED;
        if (quoted_name || !table_constraint(s, l, t)) {
            if (take_name(l, &column))
                column_definition(s, l, t, column);
            else
                next(l);
        }
        skip_item(l);
        if (!take_punct(l, ','))
            break;
    }
    return true;
}

/* CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] n ON t [USING m] (…) [WHERE …] */
static bool create_index(struct schema_build *s, struct lexer *l, const char *kind)
{
    struct str name = STR(""), table, cols[INDEX_MAX_COLUMNS];
    bool gin = false;
    s->line = l->tok_line;
    take(l, "concurrently");
    skip_if_exists(l);
    if (!is_word(l, "on") && !take_name(l, &name))
        return false;
    if (!take(l, "on"))
        return false;
    take(l, "only");
    if (!take_name(l, &table))
        return false;
    if (take(l, "using")) {
        gin =
            is_word(l, "gin") || is_word(l, "gist") || is_word(l, "hnsw") || is_word(l, "ivfflat");
        next(l);
    }
    struct table_build *t = schema_need(s, table);
    unsigned n = take_columns(l, cols, INDEX_MAX_COLUMNS);
    if (!t)
        return false;
    if (!n) {
        schema_doubt(t, 3);
        return true;
    }
    struct index *x = table_add_index(s, t, name, cols, n, gin ? "fulltext" : kind);
    while (l->kind != T_END && !is_punct(l, ';')) {
        if (x && is_word(l, "where"))
            x->partial = true;
        next(l);
    }
    return true;
}

/* ---- ALTER TABLE ---- */

static void alter_drop(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str name;
    bool index = take(l, "index") || take(l, "key") || take(l, "constraint");
    if (take(l, "primary")) {
        take(l, "key");
        for (size_t i = 0; i < t->indexes.n; i++) {
            if (t->indexes.p[i].primary) {
                t->indexes.p[i] = t->indexes.p[--t->indexes.n];
                break;
            }
        }
        return;
    }
    if (take(l, "foreign")) {
        take(l, "key");
        skip_item(l);
        return;
    }
    if (!index)
        take(l, "column");
    skip_if_exists(l);
    if (!take_name(l, &name))
        return;
    if (index)
        table_drop_index(t, name);
    else
        table_drop_column(s, t, name);
}

static void alter_rename(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str from, to;
    if (take(l, "to") || take(l, "as")) {
        if (take_name(l, &to))
            schema_rename(s, str_c(t->name), to);
        return;
    }
    bool index = take(l, "index") || take(l, "key") || take(l, "constraint");
    if (!index)
        take(l, "column");
    if (!take_name(l, &from) || !take(l, "to") || !take_name(l, &to))
        return;
    if (index)
        table_rename_index(s, t, from, to);
    else
        table_rename_column(s, t, from, to);
}

/* ALTER COLUMN c TYPE t | SET NOT NULL | DROP NOT NULL … */
static void alter_column(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str name;
    uint32_t length;
    take(l, "column");
    if (!take_name(l, &name))
        return;
    if (take(l, "set"))
        take(l, "data");
    if (take(l, "type")) {
        struct str type = take_type(l, &length);
        struct column *c = table_put(s, t, name, type, schema_sql_class(type));
        if (c)
            c->length = length;
    }
}

static void alter_add(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str name;
    if (l->kind != T_QUOTED && table_constraint(s, l, t))
        return;
    take(l, "column");
    skip_if_exists(l);
    if (take_name(l, &name))
        column_definition(s, l, t, name);
}

static void alter_one(struct schema_build *s, struct lexer *l, struct table_build *t)
{
    struct str name, to;
    if (take(l, "add")) {
        alter_add(s, l, t);
    } else if (take(l, "drop")) {
        alter_drop(s, l, t);
    } else if (take(l, "rename")) {
        alter_rename(s, l, t);
    } else if (take(l, "modify")) {
        take(l, "column");
        if (take_name(l, &name))
            column_definition(s, l, t, name);
    } else if (take(l, "change")) {
        take(l, "column");
        if (take_name(l, &name) && take_name(l, &to)) {
            table_rename_column(s, t, name, to);
            column_definition(s, l, t, to);
        }
    } else if (take(l, "alter")) {
        alter_column(s, l, t);
    }
}

static bool alter_table(struct schema_build *s, struct lexer *l)
{
    struct str name;
    skip_if_exists(l);
    if (!take_name(l, &name))
        return false;
    s->line = l->tok_line;
    struct table_build *t = schema_find(s, name);
    if (!t) /* a sequence or a view of pg_dump, or a table that other migrations make */
        return true;
    while (l->kind != T_END && !is_punct(l, ';')) {
        alter_one(s, l, t);
        skip_item(l);
        if (is_punct(l, ')'))
            next(l);
        if (!take_punct(l, ','))
            break;
    }
    return true;
}

/* ---- statements ---- */

static bool drop_statement(struct schema_build *s, struct lexer *l)
{
    struct str name, table = STR("");
    bool is_table = take(l, "table"), index = !is_table && take(l, "index");
    take(l, "concurrently");
    skip_if_exists(l);
    if ((!is_table && !index) || !take_name(l, &name))
        return true;
    if (is_table) {
        schema_drop(s, name);
        return true;
    }
    if (take(l, "on"))
        take_name(l, &table);
    for (size_t i = 0; i < s->tables.n; i++) {
        struct table_build *t = s->tables.p[i];
        if (!t->dropped && (!table.n || str_ieq(str_c(t->name), table)))
            table_drop_index(t, name);
    }
    return true;
}

static bool create_statement(struct schema_build *s, struct lexer *l)
{
    const char *kind = "index";
    while (take(l, "temporary") || take(l, "unlogged") || take(l, "global") || take(l, "local") ||
           take(l, "virtual"))
        ;
    if (take(l, "table"))
        return create_table(s, l);
    if (take(l, "unique"))
        kind = "unique";
    else if (take(l, "fulltext"))
        kind = "fulltext";
    else if (take(l, "spatial"))
        kind = "spatialindex";
    return take(l, "index") ? create_index(s, l, kind) : true;
}

/* INSERT INTO migrations VALUES (1,'2014_10_12_000000_create_users_table',1): what the dump already
 * holds. */
static void insert_statement(struct schema_build *s, struct lexer *l)
{
    struct str table;
    take(l, "into");
    if (!take_name(l, &table) || !str_ieq(table, STR("migrations")))
        return;
    while (l->kind != T_END && !is_punct(l, ';')) {
        if (l->kind == T_TEXT && l->s.n)
            s->failed |= !map64_put(s->migrated, str_hash(l->s), 1);
        next(l);
    }
}

/* COPY t (…) FROM stdin; rows until a line of "\." */
static void copy_statement(struct schema_build *s, struct lexer *l)
{
    struct str table, rows, line, field;
    bool named = take_name(l, &table);
    while (l->kind != T_END && !is_punct(l, ';'))
        next(l);
    if (l->kind == T_END)
        return;
    uint32_t from = l->at;
    skip_until(l, "\n\\.");
    rows = str_sub(l->all, from, l->at - from);
    while (named && str_ieq(table, STR("migrations")) && str_next(&rows, '\n', &line)) {
        while (str_next(&line, '\t', &field)) {
            if (field.n > 10)
                s->failed |= !map64_put(s->migrated, str_hash(field), 1);
        }
    }
    next(l);
}

bool schema_read_sql(struct schema_build *s, struct str sql)
{
    struct lexer l = { .all = sql, .line = s->line ? s->line : 1 };
    bool ok = true;
    next(&l);
    while (l.kind != T_END && !s->failed) {
        if (take(&l, "create"))
            ok &= create_statement(s, &l);
        else if (take(&l, "alter"))
            ok &= !take(&l, "table") || alter_table(s, &l);
        else if (take(&l, "drop"))
            ok &= drop_statement(s, &l);
        else if (take(&l, "insert"))
            insert_statement(s, &l);
        else if (take(&l, "copy")) {
            copy_statement(s, &l);
            continue;
        } else if (take(&l, "rename") && take(&l, "table")) {
            struct str from, to;
            if (take_name(&l, &from) && take(&l, "to") && take_name(&l, &to))
                schema_rename(s, from, to);
        }
        skip_statement(&l);
    }
    return ok;
}
