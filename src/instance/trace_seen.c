/* What one request did, from its trace: its times, and whether it changed or sent anything. */
#include "instance/drive.h"

#include <strings.h>

/* The framework's own book-keeping is no side effect of a page. */
static bool is_bookkeeping(const struct drive *d, const char *sql)
{
    const json_t *probe = d->in->p->probe;
    const char *names[] = { json_text(probe, "session_table"), json_text(probe, "cache_table"),
                            "cache_locks" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        for (const char *p = n ? strcasestr(sql, names[i]) : NULL; p;
             p = strcasestr(p + 1, names[i]))
            if (p > sql && strchr("\"`[ .", p[-1]) && strchr("\"`] (", p[n] ? p[n] : ' '))
                return true;
    }
    return false;
}

static void note(struct seen *s, const char *what, const char *name)
{
    if (!s->effect[0])
        snprintf(s->effect, sizeof s->effect, "%s %.90s", what, name);
}

/* "insert into x", "update x": the first words, where the table is named. */
static void note_write(struct seen *s, const char *sql)
{
    char text[80];
    size_t n = 0, words = 0;
    for (const char *p = sql; *p && n + 1 < sizeof text && words < 3; p++) {
        if (*p == ' ')
            words++;
        if (*p != '"' && *p != '`')
            text[n++] = *p;
    }
    text[n] = 0;
    note(s, "writes:", text);
}

static bool is_write(const struct span *s)
{
    static const char *const words[] = { "insert",   "update", "delete", "replace",
                                         "truncate", "create", "drop",   "alter" };
    const char *p = s->name + strspn(s->name, " \t\r\n(");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncasecmp(p, words[i], strlen(words[i])) == 0)
            return true;
    return s->flags & FW_WRITE;
}

static void see_span(struct drive *d, const struct span *s)
{
    struct seen *seen = &d->seen;
    switch (s->kind) {
    case FW_SQL:
        if (is_write(s) && !is_bookkeeping(d, s->name)) {
            seen->writes = true;
            note_write(seen, s->name);
        }
        break;
    case FW_QUEUE_PUSH:
        seen->sends = true;
        note(seen, "queues", s->name);
        break;
    case FW_MAIL:
        seen->sends = true;
        note(seen, "sends mail", "");
        break;
    case FW_HTTP_CALL:
        if (strncmp(s->name, "GET ", 4) != 0 && strncmp(s->name, "HEAD ", 5) != 0) {
            seen->sends = true;
            note(seen, "calls", s->name);
        }
        break;
    default: /* model calls are answered by a stand-in and change nothing */
        break;
    }
}

/* As the workload files it: an update by the component that it brings back, the rest by its route.
 */
static void filed_under(const struct trace *t, char *ret, size_t size)
{
    bool update = t->type == FW_LIVEWIRE ||
                  (t->route && strstr(t->route, "livewire") && strstr(t->route, "/update"));
    snprintf(ret, size, "%s", t->route ? t->route : "");
    for (uint32_t i = 0; update && i < t->nspans; i++) {
        const struct span *s = &t->spans[i];
        if (s->kind == FW_LIVEWIRE_PHASE && s->name[0] && s->a != FW_LW_MOUNT &&
            s->a != FW_LW_RENDER) {
            snprintf(ret, size, "livewire %s", s->name);
            return;
        }
    }
}

void seen_trace(void *ctx, const struct trace *t)
{
    struct drive *d = ctx;
    struct err ignored;
    if (t->type != FW_HTTP && t->type != FW_LIVEWIRE)
        return;
    for (uint32_t i = 0; i < t->nspans; i++)
        see_span(d, &t->spans[i]);
    bool wanted = !d->only_with_effects || d->seen.writes || d->seen.sends;
    if (d->fold_into && wanted && workload_fold(d->fold_into, t, &ignored))
        d->unfolded++;
    d->seen.any = true;
    filed_under(t, d->seen.route, sizeof d->seen.route);
    d->seen.ms = (double)t->dur_ns / 1e6;
    d->seen.cpu_ms = (double)t->cpu_ns / 1e6;
}
