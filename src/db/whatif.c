/* Would an index help? It is built on the private copy, the planner is asked whether it takes it,
 * and the statement is timed without and with it. */
#include "db/engine.h"

static bool is_taken(const struct plan *p, const struct index_def *def)
{
    char name[64];
    index_name(def, name, sizeof name);
    for (unsigned i = 0; i < p->nindexes_used; i++)
        if (p->indexes_used[i] && strcmp(p->indexes_used[i], name) == 0)
            return true;
    return false;
}

int index_whatif(const struct engine *e, struct engine_conn *c, const struct index_def *def,
                 struct str sql, const char *values, struct arena *arena, struct whatif *ret,
                 struct err *err)
{
    struct plan before, after;
    if (c->read_only)
        return err_set(err, RC_UNSAFE, NULL, "an index is built on a private copy only");
    int rc = e->explain(c, sql, values, true, arena, &before, err);
    if (rc)
        return rc;
    rc = e->create_index(c, def, err);
    if (rc)
        return rc;
    rc = e->explain(c, sql, values, true, arena, &after, err);
    int dropped = e->drop_index(c, def, rc ? NULL : err);
    rc = rc ? rc : dropped;
    if (!rc)
        *ret = (struct whatif){ is_taken(&after, def), before.ms,   after.ms,  before.rows_examined,
                                after.rows_examined,   before.text, after.text };
    return rc;
}
