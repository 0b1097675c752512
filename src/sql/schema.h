/* A database schema: one type, whether it came from migrations, a schema dump or a live server.
 * Strings are NUL-terminated and live in the arena that the builder was given; names are as written (compare
 * tables and columns without case). Immutable once built. */
#ifndef FETTLE_SQL_SCHEMA_H
#define FETTLE_SQL_SCHEMA_H
#include "base/base.h"

enum dialect { DIALECT_UNKNOWN, DIALECT_SQLITE, DIALECT_PGSQL, DIALECT_MYSQL };
enum schema_source { SCHEMA_NONE, SCHEMA_MIGRATIONS, SCHEMA_DUMP, SCHEMA_SERVER };

/* What a column holds, coarse: what rules ask. */
enum column_class { COL_INT, COL_BOOL, COL_FLOAT, COL_DECIMAL, COL_STRING, COL_TEXT, COL_JSON, COL_BLOB, COL_VECTOR,
                    COL_DATE, COL_DATETIME, COL_TIME, COL_UUID, COL_ENUM, COL_OTHER };

struct column {
    const char *name, *type; /* type: as the migration method or the server names it */
    enum column_class klass;
    uint32_t length;         /* declared, 0: none */
    bool nullable, unsigned_, auto_increment;
    const char *file;        /* where it was declared last (relative), NULL: server */
    uint32_t line;
};

struct index {
    const char *name; /* may be NULL */
    const char **columns;
    uint16_t ncolumns;
    bool unique, primary, fulltext, spatial, partial;
    const char *file;
    uint32_t line;
};

struct foreign_key {
    const char *column, *ref_table, *ref_column;
};

struct table {
    const char *name;
    struct column *columns;
    struct index *indexes;
    struct foreign_key *fks;
    uint16_t ncolumns, nindexes, nfks;
    uint8_t confidence; /* 0..100: below 100 when a migration could not be read wholly */
    uint64_t rows;      /* known row count, 0: unknown */
    const char *file;   /* where it is created */
    uint32_t line;
};

struct schema {
    enum schema_source source;
    enum dialect dialect;
    struct table *tables; /* sorted by name */
    uint32_t ntables;
};

const struct table *schema_table(const struct schema *, const char *name); /* NULL: not known */
const struct column *table_column(const struct table *, const char *name);
/* Is there an index whose leading columns are these `n` columns in any order? */
const struct index *table_index_leading(const struct table *, const char *const *columns, unsigned n);
#endif
