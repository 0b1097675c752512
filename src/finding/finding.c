#include "finding/finding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FINDINGS_ARENA_BYTES = 256 << 20 };

struct findings *findings_new(void)
{
    struct findings *fs = fault_calloc(1, sizeof *fs);
    if (fs && !(fs->arena = arena_new(FINDINGS_ARENA_BYTES))) {
        free(fs);
        return NULL;
    }
    return fs;
}

void findings_free(struct findings *fs)
{
    if (!fs)
        return;
    arena_free(fs->arena);
    free(fs->items);
    free(fs);
}

static const char *copy_text(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static struct place copy_place(struct arena *a, struct place p)
{
    p.file = copy_text(a, p.file);
    p.note = copy_text(a, p.note);
    return p;
}

static void copy_related(struct arena *a, struct finding *f)
{
    if (f->nrelated > LIMIT_RELATED)
        f->nrelated = LIMIT_RELATED;
    struct place *places = arena_new_array(a, struct place, f->nrelated);
    for (uint16_t i = 0; places && i < f->nrelated; i++)
        places[i] = copy_place(a, f->related[i]);
    f->related = places;
}

static void copy_evidence(struct arena *a, struct finding *f)
{
    if (f->nevidence > LIMIT_EVIDENCE)
        f->nevidence = LIMIT_EVIDENCE;
    struct evidence *ev = arena_new_array(a, struct evidence, f->nevidence);
    for (uint16_t i = 0; ev && i < f->nevidence; i++) {
        ev[i] = f->evidence[i];
        ev[i].what = copy_text(a, ev[i].what);
        ev[i].unit = copy_text(a, ev[i].unit);
        ev[i].text = copy_text(a, ev[i].text);
    }
    f->evidence = ev;
}

static void copy_edits(struct arena *a, struct finding *f)
{
    struct edit *edits = arena_new_array(a, struct edit, f->nedits);
    for (uint16_t i = 0; edits && i < f->nedits; i++) {
        edits[i] = f->edits[i];
        edits[i].file = copy_text(a, edits[i].file);
        edits[i].ins.p = arena_strndup(a, edits[i].ins.p, edits[i].ins.n);
    }
    f->edits = edits;
}

int findings_add(struct findings *fs, const struct finding *given, struct err *err)
{
    if (fs->closed)
        return err_set(err, RC_STATE, NULL, "a closed list of findings takes no more");
    if (fs->n >= LIMIT_FINDINGS) {
        fs->dropped++;
        return RC_OK;
    }
    struct arena *a = fs->arena;
    struct finding f = *given;
    const char **texts[] = { &f.rule, &f.symbol, &f.subject, &f.message,   &f.advice,      &f.why,
                             &f.route, &f.statement, &f.plan, &f.growth.table, &f.growth.unit };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = copy_text(a, *texts[i]);
    f.at = copy_place(a, f.at);
    copy_related(a, &f);
    copy_evidence(a, &f);
    copy_edits(a, &f);
    if (arena_failed(a))
        return err_set(err, RC_NOMEM, NULL, "no memory for finding %zu", fs->n);
    if (fs->n == fs->cap && !vec_grow((void **)&fs->items, &fs->cap, fs->n, sizeof f, LIMIT_FINDINGS))
        return err_set(err, RC_NOMEM, NULL, "no memory for finding %zu", fs->n);
    fs->items[fs->n++] = f;
    return RC_OK;
}

static int cmp_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static bool same_subject(const struct finding *a, const struct finding *b)
{
    if (cmp_text(a->rule, b->rule) || cmp_text(a->at.file, b->at.file))
        return false;
    if (a->key || b->key)
        return a->key == b->key;
    return a->at.line == b->at.line && !cmp_text(a->symbol, b->symbol) &&
           !cmp_text(a->subject, b->subject);
}

static int by_group(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int c = cmp_text(a->rule, b->rule);
    if (!c)
        c = cmp_text(a->at.file, b->at.file);
    if (!c)
        c = (a->key > b->key) - (a->key < b->key);
    if (!c)
        c = (a->at.line > b->at.line) - (a->at.line < b->at.line);
    if (!c)
        c = cmp_text(a->symbol, b->symbol);
    if (!c)
        c = cmp_text(a->subject, b->subject);
    if (!c && a->cost.measured != b->cost.measured)
        c = a->cost.measured ? -1 : 1;
    if (!c && a->cost.measured)
        c = (a->cost.ms < b->cost.ms) - (a->cost.ms > b->cost.ms);
    return c ? c : cmp_text(a->message, b->message);
}

static void *concat(struct arena *a, const void *x, size_t nx, const void *y, size_t ny, size_t size)
{
    char *p = arena_alloc(a, (nx + ny) * size);
    if (p && nx)
        memcpy(p, x, nx * size);
    if (p && ny)
        memcpy(p + nx * size, y, ny * size);
    return p;
}

/* b joins a: a was measured, or came first. Evidence is united, confidence raised when both halves speak. */
static void join(struct arena *arena, struct finding *a, const struct finding *b)
{
    uint16_t more = b->nevidence;
    if (a->nevidence + more > LIMIT_EVIDENCE)
        more = (uint16_t)(LIMIT_EVIDENCE - a->nevidence);
    void *ev = concat(arena, a->evidence, a->nevidence, b->evidence, more, sizeof *a->evidence);
    if (ev) {
        a->evidence = ev;
        a->nevidence = (uint16_t)(a->nevidence + more);
    }
    if (!a->nrelated && b->nrelated) {
        a->related = b->related;
        a->nrelated = b->nrelated;
    }
    if (a->from_disk != b->from_disk || a->from_trace != b->from_trace)
        a->confidence = CONF_HIGH;
    a->from_disk |= b->from_disk;
    a->from_trace |= b->from_trace;
    if (b->severity > a->severity)
        a->severity = b->severity;
    if (b->tier < a->tier)
        a->tier = b->tier;
    if (b->fix_kind > a->fix_kind) {
        a->fix_kind = b->fix_kind;
        a->edits = b->edits;
        a->nedits = b->nedits;
        a->advice = b->advice ? b->advice : a->advice;
    }
    if (!a->growth.table)
        a->growth = b->growth;
    a->plan = a->plan ? a->plan : b->plan;
    a->statement = a->statement ? a->statement : b->statement;
}

static uint64_t named_hash(const struct finding *f)
{
    const char *const parts[] = { f->rule, f->at.file, f->symbol, f->subject };
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        h = hash_mix(h, str_hash(str_c(parts[i] ? parts[i] : "")));
    return h;
}

struct named { /* a finding by its names; equal ones are told apart by their order in the file */
    uint64_t hash;
    struct finding *f;
};

static int by_name(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->f->at.line != b->f->at.line)
        return a->f->at.line < b->f->at.line ? -1 : 1;
    return (a->f->key > b->f->key) - (a->f->key < b->f->key);
}

static int set_ids(struct findings *fs)
{
    struct named *all = arena_new_array(fs->arena, struct named, fs->n + 1);
    unsigned ordinal = 0;
    if (!all)
        return RC_NOMEM;
    for (size_t i = 0; i < fs->n; i++)
        all[i] = (struct named){ named_hash(&fs->items[i]), &fs->items[i] };
    qsort(all, fs->n, sizeof *all, by_name);
    for (size_t i = 0; i < fs->n; i++) {
        ordinal = i && all[i].hash == all[i - 1].hash ? ordinal + 1 : 0;
        snprintf(all[i].f->id, sizeof all[i].f->id, "%016llx", (unsigned long long)hash_mix(all[i].hash, ordinal));
    }
    return RC_OK;
}

/* What orders: the cost at the size that the ranking is for, which is that of the data unless they are few. */
static double rank_ms(const struct finding *f)
{
    return f->growth.ms > 0 ? f->growth.ms : f->cost.ms;
}

static int by_cost(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->tier != b->tier)
        return a->tier < b->tier ? -1 : 1;
    if (a->cost.measured != b->cost.measured)
        return a->cost.measured ? -1 : 1;
    if (a->cost.measured && rank_ms(a) != rank_ms(b))
        return rank_ms(a) > rank_ms(b) ? -1 : 1;
    int sa = a->severity * 4 + a->confidence, sb = b->severity * 4 + b->confidence;
    if (sa != sb)
        return sa > sb ? -1 : 1;
    int c = cmp_text(a->at.file, b->at.file);
    if (!c)
        c = (a->at.line > b->at.line) - (a->at.line < b->at.line);
    return c ? c : strcmp(a->id, b->id);
}

int findings_close(struct findings *fs, struct err *err)
{
    if (fs->closed)
        return RC_OK;
    if (fs->n)
        qsort(fs->items, fs->n, sizeof *fs->items, by_group);
    size_t kept = 0;
    for (size_t i = 0; i < fs->n; i++) {
        if (kept && same_subject(&fs->items[kept - 1], &fs->items[i]))
            join(fs->arena, &fs->items[kept - 1], &fs->items[i]);
        else
            fs->items[kept++] = fs->items[i];
    }
    fs->n = kept;
    if (set_ids(fs))
        return err_set(err, RC_NOMEM, NULL, "no memory to name findings");
    if (fs->n)
        qsort(fs->items, fs->n, sizeof *fs->items, by_cost);
    fs->closed = true;
    return arena_failed(fs->arena) ? err_set(err, RC_NOMEM, NULL, "no memory to join findings") : RC_OK;
}

#define NAMES(fn, type, ...)                                                                       \
    const char *fn(type v)                                                                         \
    {                                                                                              \
        static const char *const names[] = { __VA_ARGS__ };                                        \
        return (unsigned)v < sizeof names / sizeof *names ? names[v] : "unknown";                  \
    }
NAMES(severity_name, enum severity, "info", "warning", "error")
NAMES(tier_name, enum tier, "ranked", "suggested", "checklist")
NAMES(klass_name, enum klass, "performance", "correctness", "hygiene")
NAMES(confidence_name, enum confidence, "low", "medium", "high")
NAMES(role_name, enum role, "here", "query", "loop", "read", "relation", "call", "view", "schema", "setting")
NAMES(source_name, enum source, "disk", "trace", "plan", "load", "database")
NAMES(fix_kind_name, enum fix_kind, "none", "suggest", "auto")
NAMES(time_kind_name, enum time_kind, "sql", "php", "view", "livewire", "ai", "cache", "framework")
