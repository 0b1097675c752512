/* A schema while it changes: what migrations and SQL statements do to tables, one after the other.
 * Names are copied into the arena. Fuzzers drive it through schema_read_sql. */
#ifndef FETTLE_LARAVEL_APP_SCHEMA_H
#define FETTLE_LARAVEL_APP_SCHEMA_H
#include "base/base.h"
#include "sql/schema.h"

#include <stdlib.h>

enum {
    SCHEMA_MAX_TABLES = 20000,
    SCHEMA_MAX_COLUMNS = 4096,
    SCHEMA_MAX_INDEXES = 1024,
    INDEX_MAX_COLUMNS = 32
};

struct table_build {
    const char *name, *file;
    uint32_t line;
    bool dropped;
    int confidence;
    struct VEC(struct column) columns;
    struct VEC(struct index) indexes;
    struct VEC(struct foreign_key) fks;
};
struct schema_build {
    struct arena *arena;
    struct VEC(struct table_build *) tables;
    struct map64 *by_name,
        *migrated;    /* migrated: hashes of migration names that the dump already holds */
    const char *file; /* where what is read now stands */
    uint32_t line;
    bool failed, from_dump;
};
int schema_build_begin(struct schema_build *, struct arena *) MUST_CHECK;
void schema_build_end(struct schema_build *);
struct schema *schema_build_close(struct schema_build *,
                                  enum dialect); /* in the arena; NULL: out of memory */

const char *schema_text(struct schema_build *, struct str); /* a copy in the arena; "" on failure */
struct table_build *schema_find(struct schema_build *,
                                struct str name); /* NULL: not there or dropped */
struct table_build *schema_need(struct schema_build *,
                                struct str name); /* makes it with low confidence */
struct table_build *schema_create(struct schema_build *, struct str name);
void schema_rename(struct schema_build *, struct str from, struct str to);
void schema_drop(struct schema_build *, struct str name);
void schema_doubt(struct table_build *, int points); /* something about it could not be read */

struct column *table_put(struct schema_build *, struct table_build *, struct str name,
                         struct str type,
                         enum column_class klass); /* replaces a column of that name; NULL: full */
struct column *table_find_column(struct table_build *, struct str name); /* NULL: not there */
void table_drop_column(struct schema_build *, struct table_build *, struct str name);
void table_rename_column(struct schema_build *, struct table_build *, struct str from,
                         struct str to);
/* Name "" : Laravel's own, table_columns_kind. */
struct index *table_add_index(struct schema_build *, struct table_build *, struct str name,
                              const struct str *columns, unsigned n, const char *kind);
void table_drop_index(struct table_build *, struct str name);
void table_rename_index(struct schema_build *, struct table_build *, struct str from,
                        struct str to);
void table_add_fk(struct schema_build *, struct table_build *, struct str column,
                  struct str ref_table, struct str ref_column);
const char *index_name_for(struct schema_build *, const char *table, const struct str *columns,
                           unsigned n, const char *kind);

/* SQL statements of a dump or of DB::statement: CREATE TABLE, CREATE INDEX, ALTER TABLE, DROP,
 * RENAME of MySQL, PostgreSQL and SQLite; everything else is passed over. False: a statement about
 * a table could not be read. */
bool schema_read_sql(struct schema_build *, struct str sql);
enum column_class schema_sql_class(struct str type);

/* Columns of a Blueprint method: integer, string, foreignId … NULL: no such method. */
struct blueprint_type {
    const char *method, *type;
    enum column_class klass;
    uint8_t what; /* enum blueprint_what */
};
enum blueprint_what {
    BP_PLAIN,
    BP_INCREMENTS,
    BP_UNSIGNED,
    BP_MORPHS,
    BP_NULLABLE_MORPHS,
    BP_TIMESTAMPS,
    BP_SOFT_DELETES,
    BP_REMEMBER_TOKEN,
    BP_FOREIGN_ID,
    BP_FOREIGN_ID_FOR,
    BP_ADD_COLUMN
};
const struct blueprint_type *blueprint_type(struct str method);
#endif
