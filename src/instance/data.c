/* The app's connections and their private copies. SQLite files are copied as readers see them;
 * servers are dumped and restored into a private one (servers.c). What is not copied is behind the
 * walls: nothing inside reaches it. */
#include "instance/internal.h"

#include "db/db.h"

#include <errno.h>
#include <unistd.h>

static const char *keep(struct private_ *p, const json_t *j, const char *key)
{
    const char *s = arena_strdup(p->arena, json_text(j, key));
    return s ? s : "";
}

static bool is_server_driver(const char *driver)
{
    return strcmp(driver, "mysql") == 0 || strcmp(driver, "mariadb") == 0 ||
           strcmp(driver, "pgsql") == 0;
}

bool source_same_server(const struct db_source *a, const struct db_source *b)
{
    bool pgsql = strcmp(a->driver, "pgsql") == 0;
    int usual = pgsql ? 5432 : 3306;
    if (!is_server_driver(a->driver) || !is_server_driver(b->driver) || !*b->database ||
        pgsql != (strcmp(b->driver, "pgsql") == 0) || strcmp(a->socket, b->socket) != 0)
        return false;
    return *a->socket || (strcmp(a->host, b->host) == 0 &&
                          (a->port ? a->port : usual) == (b->port ? b->port : usual));
}

/* Two connections to one database (a read and a reporting one) share one copy. */
static bool same_database(const struct db_source *a, const struct db_source *b)
{
    if (*a->file || *b->file)
        return strcmp(a->file, b->file) == 0;
    return source_same_server(a, b) && strcmp(a->database, b->database) == 0;
}

/* The default connection first, so that a copy is made by its name and credentials; the others
 * point to their copy. */
static const struct db_source *link_copies(struct private_ *p)
{
    for (size_t i = 1; i < p->nsources; i++)
        if (p->sources[i].is_default) {
            struct db_source first = p->sources[0];
            p->sources[0] = p->sources[i];
            p->sources[i] = first;
        }
    for (size_t i = 0; i < p->nsources; i++) {
        p->sources[i].same_as = i;
        for (size_t k = 0; k < i && p->sources[i].same_as == i; k++)
            if (same_database(&p->sources[k], &p->sources[i]))
                p->sources[i].same_as = k;
    }
    return p->nsources && p->sources[0].is_default ? &p->sources[0] : NULL;
}

int sources_read(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    json_t *list = json_object_get(p->probe, "connections"), *j;
    size_t i;
    json_array_foreach(list, i, j)
    {
        if (p->nsources == SOURCES_MAX) {
            say(in, "only the first %d connections of the configuration were read", SOURCES_MAX);
            break;
        }
        struct db_source *s = &p->sources[p->nsources];
        *s = (struct db_source){ .name = keep(p, j, "name"),
                                 .driver = keep(p, j, "driver"),
                                 .database = keep(p, j, "database"),
                                 .host = keep(p, j, "host"),
                                 .socket = keep(p, j, "socket"),
                                 .user = keep(p, j, "user"),
                                 .password = keep(p, j, "password"),
                                 .file = keep(p, j, "file"),
                                 .schema = keep(p, j, "schema"),
                                 .charset = keep(p, j, "charset"),
                                 .port = (int)json_number(j, "port"),
                                 .is_default = json_flag(j, "default"),
                                 .file_exists = json_flag(j, "exists"),
                                 .state = SOURCE_WALLED };
        if (strcmp(s->driver, "sqlite") == 0 && !*s->file)
            s->state = SOURCE_MEMORY;
        p->nsources++;
    }
    const struct db_source *d = link_copies(p);
    if (!d)
        return RC_OK; /* an app without a database */
    in->dialect = strcmp(d->driver, "pgsql") == 0 ? DIALECT_PGSQL
                  : is_server_driver(d->driver)   ? DIALECT_MYSQL
                                                  : DIALECT_SQLITE;
    if (strcmp(d->driver, "sqlite") == 0 && *d->file && !d->file_exists)
        return err_set(err, RC_NOTFOUND, "php artisan migrate --seed makes it",
                       "the app's database %.150s does not exist", d->file);
    return RC_OK;
}

static double megabytes(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0;
}

static int copy_sqlite(struct instance *in, struct db_source *s, size_t n, struct err *err)
{
    struct private_ *p = in->p;
    s->copy = arena_printf(p->arena, "%s/db/%zu.sqlite", in->dir, n);
    uint64_t begin = now_ns();
    int rc = s->copy ? sqlite_copy(s->file, s->copy, err) : RC_NOMEM;
    if (rc) {
        s->copy = NULL;
        return rc;
    }
    s->state = SOURCE_COPIED;
    s->note = arena_printf(p->arena, "SQLite, %.1f MB copied in %.0f ms", megabytes(s->copy),
                           (double)(now_ns() - begin) / 1e6);
    return RC_OK;
}

/* A second database that cannot be copied does not stop the run: the walls keep it, and its pages
 * say so. */
static int copy_one(struct instance *in, size_t i, struct err *err)
{
    struct db_source *s = &in->p->sources[i];
    int rc = RC_OK;
    if (s->same_as != i)
        return RC_OK;
    if (*s->file && s->file_exists)
        rc = copy_sqlite(in, s, i, err);
    else if (*s->file)
        s->state = SOURCE_EMPTY;
    else if (is_server_driver(s->driver) && s->is_default)
        rc = server_copy(in, s, err);
    if (rc && rc != RC_INTERRUPTED && !s->is_default) {
        say(in, "connection %s is not copied: %s", s->name, err ? err->what : "");
        s->state = SOURCE_WALLED;
        rc = RC_OK;
    }
    return rc;
}

static int note_walled(struct instance *in)
{
    auto_buf names = BUF_INIT(4096);
    for (size_t i = 0; i < in->p->nsources; i++) {
        const struct db_source *s = &in->p->sources[i];
        if (s->state == SOURCE_WALLED && !s->is_default)
            buf_addf(&names, "%s%s", names.n ? ", " : "", s->name);
    }
    if (names.n)
        say(in, "blocked: connections %s (not copied, nothing inside reaches them)",
            buf_cstr(&names));
    return RC_OK;
}

int sources_copy(struct instance *in, struct err *err)
{
    struct private_ *p = in->p;
    int rc = RC_OK;
    for (size_t i = 0; i < p->nsources && !rc; i++)
        if (!(rc = halted(in, err)))
            rc = copy_one(in, i, err);
    for (size_t i = 0; i < p->nsources && !rc; i++) {
        struct db_source *s = &p->sources[i];
        const struct db_source *by = &p->sources[s->same_as];
        if (s->same_as != i)
            s->state = by->state, s->copy = by->copy, s->note = by->note;
        if (s->is_default) {
            in->db_note = s->note                     ? s->note
                          : s->state == SOURCE_MEMORY ? "SQLite in memory: empty"
                                                      : "none";
            in->db_copy = *s->file ? s->copy : NULL;
        }
    }
    if (rc)
        return rc;
    if (!in->db_note)
        in->db_note = "the app has no database";
    note_walled(in);
    return redis_start(in, err);
}
