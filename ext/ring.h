/* The ring of one thread, its hand-off to the collector, and the dictionary of strings (wire.h
 * tells the format).
 *
 * A writer reserves bytes, fills them, and nothing is visible to the collector until the trace is
 * closed (fettle_ring_publish). Where the ring has no room the trace is lost as a whole and
 * counted; where the trace has outgrown its share of the ring, reserve returns NULL and the caller
 * sums what it could not say. No function here blocks, allocates per event, or fails towards the
 * application.
 */
#ifndef FETTLE_EXT_RING_H
#define FETTLE_EXT_RING_H
#include "php_fettle.h"

struct fettle_ring {
    struct fw_ring *head; /* NULL: not connected */
    uint8_t *data;
    uint64_t size, mask;
    uint64_t w;         /* next byte to write */
    uint64_t start;     /* where this trace began = what is published */
    uint64_t tail;      /* the collector's position as last seen */
    uint64_t trace_max; /* bytes that one trace may take */
    bool lost;          /* this trace found no room: nothing of it will be seen */
    bool forget;        /* the dictionary starts over with the next trace */
    int sock;
    uint64_t retry_ns, retry_after_ns; /* no attempt to connect before retry_ns */
    uint32_t next_id, nstrings;
    struct {
        uint64_t key;
        uint32_t id, pad;
    } strings[FETTLE_STRINGS_MAX];
};

void fettle_ring_init(struct fettle_ring *);
/* Connects if need be: at most one attempt a second, then ever fewer. True: there is a ring to
 * write to. */
bool fettle_ring_ready(struct fettle_ring *, uint64_t now_ns, enum fw_tier, uint32_t flags);
void fettle_ring_release(
    struct fettle_ring *); /* unmaps and closes; the collector reads on what was published */
void fettle_ring_begin(struct fettle_ring *); /* a trace starts */
void fettle_ring_publish(
    struct fettle_ring *); /* the trace is whole: shows it, or counts it as lost */
void *fettle_ring_slow(struct fettle_ring *, uint64_t bytes, bool last);

/* Room for one record of `bytes` (a multiple of 8), or NULL. */
static zend_always_inline void *fettle_ring_reserve(struct fettle_ring *r, uint64_t bytes)
{
    uint64_t at = r->w & r->mask, end = r->w + bytes;
    if (UNEXPECTED(at + bytes > r->size || end - r->tail > r->size ||
                   end - r->start > r->trace_max || r->lost))
        return fettle_ring_slow(r, bytes, false);
    r->w = end;
    return r->data + at;
}

/* Id of a string, written to the ring when new; 0 for none or no room. */
uint32_t fettle_string(struct fettle_ring *, const char *, size_t);
void fettle_string_alias(struct fettle_ring *, uint64_t key,
                         uint32_t id); /* a second key for a string */
uint32_t fettle_string_new(struct fettle_ring *, uint64_t key, const char *, size_t);

/* PHP's hash of near strings differs in its low bits only: mix them. Never 0. */
static zend_always_inline uint64_t fettle_string_key(zend_ulong hash, size_t n)
{
    uint64_t k = ((uint64_t)hash + (uint64_t)n * 0x632be59bd9b4e019u) * 0x9e3779b97f4a7c15u;
    return k + !k;
}

/* Id under a key that is known already (0: not there). */
static zend_always_inline uint32_t fettle_string_seen(const struct fettle_ring *r, uint64_t key)
{
    uint64_t i = key >> 49;
    for (;; i = (i + 1) & (FETTLE_STRINGS_MAX - 1)) {
        if (EXPECTED(r->strings[i].key == key))
            return r->strings[i].id;
        if (!r->strings[i].key)
            return 0;
    }
}

static zend_always_inline uint32_t fettle_string_z(struct fettle_ring *r, zend_string *s)
{
    uint64_t key = fettle_string_key(ZSTR_HASH(s), ZSTR_LEN(s));
    uint32_t id = fettle_string_seen(r, key);
    return EXPECTED(id) ? id : fettle_string_new(r, key, ZSTR_VAL(s), ZSTR_LEN(s));
}

#endif
