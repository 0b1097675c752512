#include "laravel/app_schema.h"

#include "laravel/app_text.h"

#include <ctype.h>
#include <strings.h>

int schema_build_begin(struct schema_build *s, struct arena *arena)
{
    *s = (struct schema_build){ .arena = arena, .by_name = map64_new(), .migrated = map64_new() };
    if (s->by_name && s->migrated)
        return RC_OK;
    schema_build_end(s);
    return RC_NOMEM;
}

void schema_build_end(struct schema_build *s)
{
    for (size_t i = 0; i < s->tables.n; i++) {
        vec_release(&s->tables.p[i]->columns);
        vec_release(&s->tables.p[i]->indexes);
        vec_release(&s->tables.p[i]->fks);
    }
    vec_release(&s->tables);
    map64_free(s->by_name);
    map64_free(s->migrated);
    s->by_name = s->migrated = NULL;
}

const char *schema_text(struct schema_build *s, struct str text)
{
    char *p = arena_strndup(s->arena, text.p ? text.p : "", text.n);
    if (!p)
        s->failed = true;
    return p ? p : "";
}

/* "public.users" and "users" are one table */
static struct str bare_name(struct str name)
{
    for (uint32_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '.')
            return str_sub(name, i, name.n);
    }
    return name;
}

struct table_build *schema_find(struct schema_build *s, struct str name)
{
    uint64_t at;
    name = bare_name(name);
    if (!name.n || !map64_get(s->by_name, text_hash_lower(name), &at))
        return NULL;
    struct table_build *t = s->tables.p[at];
    return t->dropped || !str_ieq(str_c(t->name), name) ? NULL : t;
}

struct table_build *schema_create(struct schema_build *s, struct str name)
{
    struct table_build *t = schema_find(s, name);
    name = bare_name(name);
    if (t)
        return t;
    if (!name.n || name.n > 256 || s->tables.n >= SCHEMA_MAX_TABLES)
        return NULL;
    t = arena_new_one(s->arena, struct table_build);
    if (!t || !vec_push(&s->tables, t)) {
        s->failed = true;
        return NULL;
    }
    t->name = schema_text(s, name);
    t->file = s->file;
    t->line = s->line;
    t->confidence = 100;
    s->failed |= !map64_put(s->by_name, text_hash_lower(name), s->tables.n - 1);
    return t;
}

struct table_build *schema_need(struct schema_build *s, struct str name)
{
    struct table_build *t = schema_find(s, name);
    if (t)
        return t;
    t = schema_create(s, name);
    if (t)
        t->confidence = 40; /* its creation was not seen */
    return t;
}

void schema_rename(struct schema_build *s, struct str from, struct str to)
{
    struct table_build *t = schema_find(s, from);
    if (!t) {
        schema_need(s, to);
        return;
    }
    schema_drop(s, to);
    to = bare_name(to);
    for (size_t i = 0; i < s->tables.n; i++) {
        if (s->tables.p[i] == t && to.n && to.n <= 256) {
            t->name = schema_text(s, to);
            s->failed |= !map64_put(s->by_name, text_hash_lower(to), i);
        }
    }
}

void schema_drop(struct schema_build *s, struct str name)
{
    struct table_build *t = schema_find(s, name);
    if (t)
        t->dropped = true;
}

void schema_doubt(struct table_build *t, int points)
{
    if (t)
        t->confidence = t->confidence - points < 10 ? 10 : t->confidence - points;
}

struct column *table_find_column(struct table_build *t, struct str name)
{
    for (size_t i = 0; i < t->columns.n; i++) {
        if (str_ieq(str_c(t->columns.p[i].name), name))
            return &t->columns.p[i];
    }
    return NULL;
}

struct column *table_put(struct schema_build *s, struct table_build *t, struct str name,
                         struct str type, enum column_class klass)
{
    struct column *c = table_find_column(t, name);
    if (!name.n || name.n > 256)
        return NULL;
    if (!c) {
        if (!vec_push_max(&t->columns, (struct column){ 0 }, SCHEMA_MAX_COLUMNS)) {
            s->failed |= t->columns.n < SCHEMA_MAX_COLUMNS;
            return NULL;
        }
        c = &t->columns.p[t->columns.n - 1];
    }
    *c = (struct column){ .name = schema_text(s, name),
                          .type = schema_text(s, type),
                          .klass = klass,
                          .file = s->file,
                          .line = s->line };
    return c;
}

static void drop_indexes_with(struct table_build *t, struct str column)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->indexes.n; i++) {
        struct index *x = &t->indexes.p[i];
        uint16_t n = 0;
        for (uint16_t k = 0; k < x->ncolumns; k++) {
            if (!str_ieq(str_c(x->columns[k]), column))
                x->columns[n++] = x->columns[k];
        }
        bool whole = n == x->ncolumns;
        x->ncolumns = n;
        if (whole ||
            (n && !x->unique && !x->primary)) /* MySQL keeps what is left of a plain index */
            t->indexes.p[kept++] = *x;
    }
    t->indexes.n = kept;
}

void table_drop_column(struct schema_build *s, struct table_build *t, struct str name)
{
    struct column *c = table_find_column(t, name);
    (void)s;
    if (!c)
        return;
    size_t at = (size_t)(c - t->columns.p);
    memmove(c, c + 1, (t->columns.n - at - 1) * sizeof *c);
    t->columns.n--;
    drop_indexes_with(t, name);
    for (size_t i = 0; i < t->fks.n;) {
        if (str_ieq(str_c(t->fks.p[i].column), name))
            t->fks.p[i] = t->fks.p[--t->fks.n];
        else
            i++;
    }
}

void table_rename_column(struct schema_build *s, struct table_build *t, struct str from,
                         struct str to)
{
    struct column *c = table_find_column(t, from);
    if (!c || !to.n || to.n > 256)
        return;
    const char *name = schema_text(s, to);
    c->name = name;
    for (size_t i = 0; i < t->indexes.n; i++) {
        for (uint16_t k = 0; k < t->indexes.p[i].ncolumns; k++) {
            if (str_ieq(str_c(t->indexes.p[i].columns[k]), from))
                t->indexes.p[i].columns[k] = name;
        }
    }
    for (size_t i = 0; i < t->fks.n; i++) {
        if (str_ieq(str_c(t->fks.p[i].column), from))
            t->fks.p[i].column = name;
    }
}

const char *index_name_for(struct schema_build *s, const char *table, const struct str *columns,
                           unsigned n, const char *kind)
{
    auto_buf out = BUF_INIT(1024);
    buf_adds(&out, table);
    for (unsigned i = 0; i < n; i++) {
        buf_addc(&out, '_');
        buf_add(&out, columns[i].p, columns[i].n);
    }
    buf_addc(&out, '_');
    buf_adds(&out, kind);
    char *name = arena_strdup(s->arena, buf_cstr(&out));
    if (!name) {
        s->failed = true;
        return "";
    }
    for (char *p = name; *p; p++)
        *p = *p == '-' || *p == '.' ? '_' : (char)tolower((unsigned char)*p);
    return name;
}

static bool same_index(const struct index *x, const struct str *columns, unsigned n,
                       const char *kind)
{
    if (x->ncolumns != n || x->primary != !strcmp(kind, "primary") ||
        x->fulltext != !strcmp(kind, "fulltext") ||
        x->unique != (!strcmp(kind, "unique") || !strcmp(kind, "primary")))
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (!str_ieq(str_c(x->columns[i]), columns[i]))
            return false;
    }
    return true;
}

struct index *table_add_index(struct schema_build *s, struct table_build *t, struct str name,
                              const struct str *columns, unsigned n, const char *kind)
{
    if (!n || n > INDEX_MAX_COLUMNS)
        return NULL;
    for (size_t i = 0; i < t->indexes.n; i++) {
        struct index *x = &t->indexes.p[i];
        if (same_index(x, columns, n, kind)) {
            x->name = name.n ? schema_text(s, name) : x->name;
            return x;
        }
    }
    struct index x = { .file = s->file, .line = s->line, .ncolumns = (uint16_t)n };
    x.columns = arena_new_array(s->arena, const char *, n);
    if (!x.columns || !vec_push_max(&t->indexes, x, SCHEMA_MAX_INDEXES)) {
        s->failed |= t->indexes.n < SCHEMA_MAX_INDEXES;
        return NULL;
    }
    struct index *out = &t->indexes.p[t->indexes.n - 1];
    for (unsigned i = 0; i < n; i++)
        out->columns[i] = schema_text(s, columns[i]);
    out->name = name.n ? schema_text(s, name) : index_name_for(s, t->name, columns, n, kind);
    out->primary = !strcmp(kind, "primary");
    out->unique = out->primary || !strcmp(kind, "unique");
    out->fulltext = !strcmp(kind, "fulltext");
    out->spatial = !strcmp(kind, "spatialindex");
    return out;
}

void table_drop_index(struct table_build *t, struct str name)
{
    for (size_t i = 0; i < t->indexes.n; i++) {
        if (t->indexes.p[i].name && str_ieq(str_c(t->indexes.p[i].name), name)) {
            memmove(&t->indexes.p[i], &t->indexes.p[i + 1],
                    (t->indexes.n - i - 1) * sizeof t->indexes.p[0]);
            t->indexes.n--;
            return;
        }
    }
}

void table_rename_index(struct schema_build *s, struct table_build *t, struct str from,
                        struct str to)
{
    for (size_t i = 0; i < t->indexes.n; i++) {
        if (t->indexes.p[i].name && str_ieq(str_c(t->indexes.p[i].name), from))
            t->indexes.p[i].name = schema_text(s, to);
    }
}

void table_add_fk(struct schema_build *s, struct table_build *t, struct str column,
                  struct str ref_table, struct str ref_column)
{
    if (!column.n)
        return;
    for (size_t i = 0; i < t->fks.n; i++) {
        if (str_ieq(str_c(t->fks.p[i].column), column))
            return;
    }
    struct foreign_key fk = { schema_text(s, column), schema_text(s, ref_table),
                              schema_text(s, ref_column.n ? ref_column : STR("id")) };
    if (!vec_push_max(&t->fks, fk, SCHEMA_MAX_INDEXES))
        s->failed |= t->fks.n < SCHEMA_MAX_INDEXES;
}

/* InnoDB makes an index for a foreign key that has none; the other engines do not. */
static void index_foreign_keys(struct schema_build *s, struct table_build *t)
{
    for (size_t i = 0; i < t->fks.n; i++) {
        bool led = false;
        for (size_t k = 0; k < t->indexes.n && !led; k++)
            led = t->indexes.p[k].ncolumns &&
                  !strcasecmp(t->indexes.p[k].columns[0], t->fks.p[i].column);
        struct str column = str_c(t->fks.p[i].column);
        if (!led)
            table_add_index(s, t, str_c(index_name_for(s, t->name, &column, 1, "foreign")), &column,
                            1, "index");
    }
}

static void *copy_of(struct schema_build *s, const void *p, size_t n, size_t size)
{
    void *out = arena_alloc(s->arena, n * size + 1);
    if (out && n)
        memcpy(out, p, n * size);
    s->failed |= !out;
    return out;
}

static int by_table(const void *x, const void *y)
{
    return strcasecmp(((const struct table *)x)->name, ((const struct table *)y)->name);
}

struct schema *schema_build_close(struct schema_build *s, enum dialect dialect)
{
    struct schema *out = arena_new_one(s->arena, struct schema);
    struct table *tables = arena_new_array(s->arena, struct table, s->tables.n + 1);
    if (!out || !tables)
        return NULL;
    out->dialect = dialect;
    out->tables = tables;
    out->source = !s->tables.n ? SCHEMA_NONE : s->from_dump ? SCHEMA_DUMP : SCHEMA_MIGRATIONS;
    for (size_t i = 0; i < s->tables.n; i++) {
        struct table_build *t = s->tables.p[i];
        if (t->dropped || schema_find(s, str_c(t->name)) != t)
            continue;
        if (dialect == DIALECT_MYSQL)
            index_foreign_keys(s, t);
        struct table *to = &tables[out->ntables++];
        *to = (struct table){
            .name = t->name, .confidence = (uint8_t)t->confidence, .file = t->file, .line = t->line
        };
        to->columns = copy_of(s, t->columns.p, t->columns.n, sizeof *t->columns.p);
        to->indexes = copy_of(s, t->indexes.p, t->indexes.n, sizeof *t->indexes.p);
        to->fks = copy_of(s, t->fks.p, t->fks.n, sizeof *t->fks.p);
        to->ncolumns = (uint16_t)t->columns.n;
        to->nindexes = (uint16_t)t->indexes.n;
        to->nfks = (uint16_t)t->fks.n;
    }
    qsort(tables, out->ntables, sizeof *tables, by_table);
    return s->failed ? NULL : out;
}
