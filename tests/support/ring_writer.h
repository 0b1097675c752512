/* Writes made-up record streams and rings, as the extension would: for tests and as seeds of the
 * fuzzers.
 *
 *     struct ring_writer w = RING_WRITER;
 *     rw_open(&w, FW_HTTP, "GET /rooms");
 *     unsigned view = rw_begin(&w, FW_VIEW, "rooms.index", NULL, 0);
 *     rw_sql(&w, "select * from rooms", "/app/A.php", 12, 20, 0, 300000); // rows, hash, ns
 *     rw_end(&w, view, 0, 0);
 *     rw_close(&w, "GET /rooms", 200);
 *     decoder_feed(d, w.out.p, w.out.n, ...);
 */
#ifndef FETTLE_RING_WRITER_H
#define FETTLE_RING_WRITER_H
#include "base/base.h"
#include "fettle/wire.h"

#include <stdlib.h>

enum { RW_STRINGS = 4096, RW_OPEN = 64 };

struct ring_writer {
    struct buf out;
    char *strings[RW_STRINGS];
    uint32_t nstrings, first_id;
    uint64_t now, trace_start, next_trace;
    uint16_t next_index, nopen;
    struct fw_span open[RW_OPEN];
};
#define RING_WRITER \
    ((struct ring_writer){ .out = BUF_INIT((size_t)64 << 20), .first_id = 1, .now = 1000000000 })

static inline void rw_record(struct ring_writer *w, const void *head, size_t nhead,
                             const void *tail, size_t ntail)
{
    static const char zeros[8];
    size_t n = nhead + ntail, padded = (n + 7) & ~(size_t)7;
    size_t at = w->out.n;
    buf_add(&w->out, head, nhead);
    buf_add(&w->out, tail, ntail);
    buf_add(&w->out, zeros, padded - n);
    if (w->out.failed)
        abort();
    uint16_t len8 = (uint16_t)(padded / 8);
    memcpy(w->out.p + at + 2, &len8, 2);
}

static inline uint32_t rw_str(struct ring_writer *w, const char *s)
{
    if (!s)
        return 0;
    for (uint32_t i = 0; i < w->nstrings; i++)
        if (strcmp(w->strings[i], s) == 0)
            return w->first_id + i;
    if (w->nstrings == RW_STRINGS || !(w->strings[w->nstrings] = strdup(s)))
        abort();
    struct fw_str r = { { FW_STR, 0, 0 }, w->first_id + w->nstrings, (uint32_t)strlen(s) };
    rw_record(w, &r, sizeof r, s, strlen(s));
    return w->first_id + w->nstrings++;
}

static inline void rw_open(struct ring_writer *w, uint8_t type, const char *name)
{
    struct fw_open r = {
        { FW_OPEN, 0, 0 }, rw_str(w, name), 0, ++w->next_trace, w->now, type, { 0 }
    };
    rw_record(w, &r, sizeof r, NULL, 0);
    w->trace_start = w->now;
    w->next_index = 1;
    w->nopen = 0;
}

static inline unsigned rw_begin(struct ring_writer *w, uint16_t kind, const char *name,
                                const char *file, uint32_t line)
{
    struct fw_span s = { .r = { FW_SPAN, 0, 0 }, .kind = kind, .t_ns = w->now };
    s.name = rw_str(w, name);
    s.file = rw_str(w, file);
    s.line = line;
    s.index = w->next_index++;
    s.parent = w->nopen ? w->open[w->nopen - 1].index : 0;
    if (w->nopen == RW_OPEN)
        abort();
    w->open[w->nopen++] = s;
    return s.index;
}

static inline void rw_end(struct ring_writer *w, unsigned index, uint32_t a, uint64_t b)
{
    struct fw_span *s = &w->open[--w->nopen];
    if (s->index != index)
        abort();
    s->dur_ns = w->now - s->t_ns;
    s->a = a;
    s->b = b;
    rw_record(w, s, sizeof *s, NULL, 0);
}

static inline void rw_flags(struct ring_writer *w, uint8_t flags)
{
    w->open[w->nopen - 1].r.flags |= flags;
}

static inline void rw_leaf(struct ring_writer *w, uint16_t kind, const char *name, const char *file,
                           uint32_t line, uint32_t a, uint64_t b, uint64_t ns)
{
    unsigned i = rw_begin(w, kind, name, file, line);
    w->now += ns;
    rw_end(w, i, a, b);
}

static inline void rw_sql(struct ring_writer *w, const char *sql, const char *file, uint32_t line,
                          uint32_t rows, uint64_t hash, uint64_t ns)
{
    rw_leaf(w, FW_SQL, sql, file, line, rows, hash, ns);
}

static inline void rw_values(struct ring_writer *w, const char *json)
{
    struct fw_value r = { { FW_VALUE, 0, 0 }, (uint32_t)strlen(json) };
    rw_record(w, &r, sizeof r, json, strlen(json));
}

static inline void rw_close(struct ring_writer *w, const char *route, uint32_t status)
{
    struct fw_close r = { .r = { FW_CLOSE, 0, 0 },
                          .status = status,
                          .dur_ns = w->now - w->trace_start };
    r.cpu_ns = r.dur_ns / 2;
    r.peak_kb = 20000;
    r.route = rw_str(w, route);
    r.nspans = w->next_index - 1u;
    rw_record(w, &r, sizeof r, NULL, 0);
    w->now += 1000000;
}

static inline void rw_release(struct ring_writer *w)
{
    for (uint32_t i = 0; i < w->nstrings; i++)
        free(w->strings[i]);
    buf_release(&w->out);
}
#endif
