/* A workload out of a small text, so that a fixture can say what a page did:
 *
 *     request GET /rooms times=3 action=App\Http\Controllers\RoomController@index
 *       sql ms=2 rows=50 at=app/Http/Controllers/RoomController.php:12 : select * from "rooms"
 *       hydrate n=50 at=app/Http/Controllers/RoomController.php:12 : App\Models\Room
 *       view at=app/Http/Controllers/RoomController.php:12 : rooms.index
 *         50x lazy at=resources/views/rooms/index.blade.php:2 : App\Models\Room::owner
 *           sql ms=0.4 rows=1 values=each at=resources/views/rooms/index.blade.php:2 : select * from "users" where "users"."id" = ?
 *
 * Indentation is nesting. values=each: [1], [2], …; values=same: [1]. bytes= and op= are the span's b and a. tx=1: in a
 * transaction. */
#ifndef FETTLE_TRACE_TEXT_H
#define FETTLE_TRACE_TEXT_H
#include "ring_writer.h"
#include "trace/trace.h"

#include <stdio.h>

struct text_line {
    unsigned indent, times;
    char word[32], at[256], values[16], action[256], name[2048];
    double ms;
    uint32_t line, a;
    uint64_t b;
    bool in_tx;
};

static inline bool text_option(struct text_line *l, const char *key, const char *value)
{
    if (!strcmp(key, "ms")) {
        l->ms = strtod(value, NULL);
    } else if (!strcmp(key, "rows") || !strcmp(key, "n") || !strcmp(key, "op") || !strcmp(key, "status")) {
        l->a = (uint32_t)strtoul(value, NULL, 10);
    } else if (!strcmp(key, "bytes")) {
        l->b = strtoull(value, NULL, 10);
    } else if (!strcmp(key, "times")) {
        l->times = (unsigned)strtoul(value, NULL, 10);
    } else if (!strcmp(key, "tx")) {
        l->in_tx = true;
    } else if (!strcmp(key, "values")) {
        snprintf(l->values, sizeof l->values, "%s", value);
    } else if (!strcmp(key, "action")) {
        snprintf(l->action, sizeof l->action, "%s", value);
    } else if (!strcmp(key, "at")) {
        const char *colon = strrchr(value, ':');
        if (!colon)
            return false;
        snprintf(l->at, sizeof l->at, "%.*s", (int)(colon - value), value);
        l->line = (uint32_t)strtoul(colon + 1, NULL, 10);
    } else {
        return false;
    }
    return true;
}

/* "50x sql ms=1 … : name" and "request GET /rooms times=3" */
static inline bool text_parse(const char *line, struct text_line *l)
{
    char copy[4096];
    *l = (struct text_line){ .times = 1 };
    while (line[l->indent] == ' ')
        l->indent++;
    snprintf(copy, sizeof copy, "%s", line + l->indent);
    char *name = strstr(copy, " : ");
    if (name) {
        snprintf(l->name, sizeof l->name, "%s", name + 3);
        *name = 0;
    }
    unsigned n = 0;
    for (char *save = NULL, *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save), n++) {
        char *end, *equals = strchr(w, '=');
        unsigned long times = strtoul(w, &end, 10);
        if (!l->word[0] && times && !strcmp(end, "x"))
            l->times = (unsigned)times;
        else if (!l->word[0])
            snprintf(l->word, sizeof l->word, "%s", w);
        else if (equals) {
            *equals = 0;
            if (!text_option(l, w, equals + 1))
                return false;
        } else {
            size_t at = strlen(l->name);
            snprintf(l->name + at, sizeof l->name - at, "%s%s", at ? " " : "", w);
        }
    }
    return l->word[0];
}

struct text_lines {
    struct text_line items[200];
    unsigned n;
    const char *root;
};

static inline uint16_t text_kind(const char *word)
{
    static const struct { const char *word; uint16_t kind; } kinds[] = {
        { "sql", FW_SQL }, { "lazy", FW_LAZY }, { "hydrate", FW_HYDRATE }, { "view", FW_VIEW }, { "cache", FW_CACHE },
        { "redis", FW_REDIS }, { "http", FW_HTTP_CALL }, { "ai", FW_AI }, { "livewire", FW_LIVEWIRE_PHASE },
        { "tx", FW_TX }, { "controller", FW_CONTROLLER }, { "queue", FW_QUEUE_PUSH }, { "middleware", FW_MIDDLEWARE },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].word, word))
            return kinds[i].kind;
    return 0;
}

static inline unsigned text_end(const struct text_lines *t, unsigned i)
{
    unsigned end = i + 1;
    while (end < t->n && t->items[end].indent > t->items[i].indent)
        end++;
    return end;
}

/* Writes the spans of lines first..end-1, of which all at the first one's depth are siblings. */
static inline bool text_spans(struct ring_writer *w, const struct text_lines *t, unsigned first, unsigned end, unsigned turn)
{
    for (unsigned i = first; i < end; i = text_end(t, i)) {
        const struct text_line *l = &t->items[i];
        char file[1024], json[32];
        uint16_t kind = text_kind(l->word);
        snprintf(file, sizeof file, "%s/%s", t->root, l->at);
        if (!kind)
            return false;
        for (unsigned k = 0; k < l->times; k++) {
            unsigned number = l->times > 1 ? k : turn;
            unsigned value = !strcmp(l->values, "each") ? number + 1 : 1;
            unsigned span = rw_begin(w, kind, l->name, l->at[0] ? file : NULL, l->line);
            if (l->in_tx)
                rw_flags(w, FW_IN_TX);
            if (!text_spans(w, t, i + 1, text_end(t, i), number))
                return false;
            w->now += (uint64_t)(l->ms * 1e6);
            rw_end(w, span, l->a, kind == FW_SQL ? 1000 + value : l->b);
            snprintf(json, sizeof json, "[%u]", value);
            if (kind == FW_SQL && l->values[0])
                rw_values(w, json);
        }
    }
    return true;
}

static inline void text_close(struct ring_writer *w, const struct text_line *l)
{
    struct fw_close r = { .r = { FW_CLOSE, 0, 0 }, .status = l->a ? l->a : 200, .dur_ns = w->now - w->trace_start };
    r.route = rw_str(w, l->name);
    r.action = rw_str(w, l->action[0] ? l->action : NULL);
    r.peak_kb = 20000;
    r.nspans = w->next_index - 1u;
    rw_record(w, &r, sizeof r, NULL, 0);
    w->now += 1000000;
}

static inline void text_fold(void *ctx, const struct trace *t)
{
    if (workload_fold(ctx, t, NULL))
        abort();
}

/* NULL: the text makes no sense. The result belongs to *ret_build (workload_free). */
static inline const struct workload *text_workload(struct str text, const char *root, struct workload_build **ret_build)
{
    static struct text_lines t;
    struct str line;
    t = (struct text_lines){ .root = root };
    while (str_next(&text, '\n', &line)) {
        char copy[4096];
        snprintf(copy, sizeof copy, "%.*s", (int)line.n, line.p);
        if (str_trim(line).n == 0)
            continue;
        if (t.n == sizeof t.items / sizeof *t.items || !text_parse(copy, &t.items[t.n++]))
            return NULL;
    }
    struct ring_writer w = RING_WRITER;
    bool ok = true;
    for (unsigned i = 0; i < t.n && ok; i = text_end(&t, i)) {
        const struct text_line *l = &t.items[i];
        bool livewire = !strcmp(l->word, "livewire-update");
        ok = livewire || !strcmp(l->word, "request");
        for (unsigned k = 0; ok && k < l->times; k++) {
            rw_open(&w, livewire ? FW_LIVEWIRE : FW_HTTP, l->name);
            ok = text_spans(&w, &t, i + 1, text_end(&t, i), 0);
            w.now += (uint64_t)(l->ms * 1e6);
            text_close(&w, l);
        }
    }
    struct decoder *d = decoder_new((size_t)16 << 20);
    *ret_build = workload_new(root);
    ok = ok && !decoder_feed(d, w.out.p, w.out.n, text_fold, *ret_build, NULL);
    decoder_free(d);
    rw_release(&w);
    return ok ? workload_close(*ret_build, NULL) : NULL;
}
#endif
