/* MariaDB, MySQL and PostgreSQL: dump and restore into a private server. */
#include "instance/internal.h"

int server_copy(struct instance *in, struct db_source *s, struct err *err)
{
    (void)in;
    return err_set(err, RC_UNSUPPORTED, "use a SQLite copy of the database", "%s is not copied yet", s->driver);
}

int servers_reset(struct instance *in, struct err *err)
{
    (void)in, (void)err;
    return RC_OK;
}
