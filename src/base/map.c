#include "base/map.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/limits.h"

#include <stdlib.h>

struct syms {
    struct arena *arena;
    struct entry {
        uint64_t hash;
        const char *p;
        uint32_t n;
    } *entries; /* entries[0] is unused */
    uint32_t count, cap, nslots;
    uint32_t *slots; /* open addressing, 0 = empty */
};

struct syms *syms_new(void)
{
    struct syms *t = fault_calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->arena = arena_new(LIMIT_SYMS_BYTES);
    t->nslots = 1024;
    t->cap = 512;
    t->slots = fault_calloc(t->nslots, sizeof *t->slots);
    t->entries = fault_calloc(t->cap + 1, sizeof *t->entries);
    if (!t->arena || !t->slots || !t->entries) {
        syms_free(t);
        return NULL;
    }
    return t;
}

void syms_free(struct syms *t)
{
    if (!t)
        return;
    arena_free(t->arena);
    free(t->entries);
    free(t->slots);
    free(t);
}

static uint32_t *find_slot(const struct syms *t, uint64_t hash, struct str s)
{
    uint32_t i = (uint32_t)hash & (t->nslots - 1);
    for (;; i = (i + 1) & (t->nslots - 1)) {
        uint32_t id = t->slots[i];
        if (!id)
            return &t->slots[i];
        const struct entry *e = &t->entries[id];
        if (e->hash == hash && e->n == s.n && memcmp(e->p, s.p, s.n) == 0)
            return &t->slots[i];
    }
}

static bool syms_grow(struct syms *t)
{
    struct entry *entries = fault_realloc(t->entries, (t->cap * 2 + 1) * sizeof *entries);
    if (!entries)
        return false;
    t->entries = entries;
    uint32_t *slots = fault_calloc(t->nslots * 2, sizeof *slots);
    if (!slots)
        return false;
    t->cap *= 2;
    free(t->slots);
    t->slots = slots;
    t->nslots *= 2;
    for (uint32_t id = 1; id <= t->count; id++) {
        struct entry *e = &t->entries[id];
        *find_slot(t, e->hash, (struct str){ e->p, e->n }) = id;
    }
    return true;
}

sym syms_intern(struct syms *t, struct str s)
{
    if (!s.n)
        return 0;
    uint64_t hash = str_hash(s);
    uint32_t *slot = find_slot(t, hash, s);
    if (*slot)
        return *slot;
    if (t->count == t->cap) {
        if (!syms_grow(t))
            return 0;
        slot = find_slot(t, hash, s);
    }
    char *copy = arena_strndup(t->arena, s.p, s.n);
    if (!copy)
        return 0;
    t->entries[++t->count] = (struct entry){ hash, copy, s.n };
    return *slot = t->count;
}

sym syms_find(const struct syms *t, struct str s)
{
    return s.n ? *find_slot(t, str_hash(s), s) : 0;
}

struct str syms_str(const struct syms *t, sym id)
{
    if (!id || id > t->count)
        return (struct str){ "", 0 };
    return (struct str){ t->entries[id].p, t->entries[id].n };
}

const char *syms_cstr(const struct syms *t, sym id)
{
    return syms_str(t, id).p;
}

uint32_t syms_count(const struct syms *t)
{
    return t->count;
}

struct map64 {
    struct pair {
        uint64_t key, value;
        bool used;
    } *slots;
    size_t count, nslots;
};

struct map64 *map64_new(void)
{
    struct map64 *m = fault_calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->nslots = 256;
    m->slots = fault_calloc(m->nslots, sizeof *m->slots);
    if (!m->slots) {
        free(m);
        return NULL;
    }
    return m;
}

void map64_free(struct map64 *m)
{
    if (!m)
        return;
    free(m->slots);
    free(m);
}

static struct pair *map64_slot(struct pair *slots, size_t nslots, uint64_t key)
{
    size_t i = (size_t)hash_mix(key, 1) & (nslots - 1);
    while (slots[i].used && slots[i].key != key)
        i = (i + 1) & (nslots - 1);
    return &slots[i];
}

bool map64_put(struct map64 *m, uint64_t key, uint64_t value)
{
    if (m->count * 4 >= m->nslots * 3) {
        struct pair *bigger = fault_calloc(m->nslots * 2, sizeof *bigger);
        if (!bigger)
            return false;
        for (size_t i = 0; i < m->nslots; i++)
            if (m->slots[i].used)
                *map64_slot(bigger, m->nslots * 2, m->slots[i].key) = m->slots[i];
        free(m->slots);
        m->slots = bigger;
        m->nslots *= 2;
    }
    struct pair *p = map64_slot(m->slots, m->nslots, key);
    m->count += !p->used;
    *p = (struct pair){ key, value, true };
    return true;
}

bool map64_get(const struct map64 *m, uint64_t key, uint64_t *ret_value)
{
    const struct pair *p = map64_slot(m->slots, m->nslots, key);
    if (p->used && ret_value)
        *ret_value = p->value;
    return p->used;
}

size_t map64_count(const struct map64 *m)
{
    return m->count;
}
