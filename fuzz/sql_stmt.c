/* Any bytes as SQL in any dialect: the fingerprint is the same whatever the buffer, and a shape's
 * shape has the same hash or at least does not grow; the parser's results lie within its text. */
#include "sql/sql.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_str(struct str s)
{
    volatile char sum = 0;
    for (uint32_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static void check_stmt(const struct stmt *s)
{
    for (unsigned i = 0; i < s->ntables; i++) {
        check_str(s->tables[i].name);
        check_str(s->tables[i].alias);
    }
    for (unsigned i = 0; i < s->npreds; i++) {
        check_str(s->preds[i].table);
        check_str(s->preds[i].column);
        check_str(s->preds[i].fn);
        if (s->preds[i].op > SOP_OTHER)
            abort();
    }
    for (unsigned i = 0; i < s->njoins; i++) {
        check_str(s->joins[i].left_table);
        check_str(s->joins[i].right_column);
    }
    for (unsigned i = 0; i < s->norders; i++)
        check_str(s->orders[i].column);
    for (unsigned i = 0; i < s->ncolumns; i++)
        check_str(s->columns[i]);
    for (unsigned i = 0; i < s->ngroups; i++)
        check_str(s->groups[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 1 << 16)
        return 0;
    enum dialect dialect = data[0] & 3;
    struct str sql = { (const char *)data + 1, (uint32_t)size - 1 };
    size_t room = size * 4 + 16;
    char *shape = malloc(room), small[7];
    struct arena *a = arena_new((size_t)64 << 20);
    struct stmt *s;
    if (!shape || !a)
        abort();
    uint64_t fp = sql_fingerprint(sql, dialect, shape, room);
    if (fp != sql_fingerprint(sql, dialect, small, sizeof small))
        abort();
    if (strlen(shape) > 2 * size)
        abort();
    if (stmt_parse(sql, dialect, a, &s, NULL) == 0)
        check_stmt(s);
    if (stmt_parse(str_c(shape), dialect, a, &s, NULL) == 0)
        check_stmt(s);
    arena_free(a);
    free(shape);
    return 0;
}
