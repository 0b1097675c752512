/* What a side holds, and what a request left behind: pages of its SQLite files and files of its overlays.
 *
 * The baseline is taken once, after everybody is signed in. state_take() finds what differs from it by comparing bytes
 * (the upper layers are read from outside, which is allowed), keeps that in a `struct left`, and puts the baseline back in
 * place through the instance's own mount namespace, so that overlayfs sees the writes; only while no script runs. A page
 * that writes nothing costs one pass over the database's bytes. */
#ifndef FETTLE_PROVE_STATE_H
#define FETTLE_PROVE_STATE_H
#include "prove/differ.h"
#include "prove/internal.h"

enum { DATABASES_MAX = 4, LAYERS_MAX = 32, LEFT_BYTES_MAX = 256 << 20, FILE_KEPT_MAX = 8 << 20, PAGE_MAX = 65536 };

struct page_copy {
    uint32_t number; /* from 0 */
    const char *bytes;
};
struct left_pages { /* of one database */
    struct page_copy *pages;
    size_t n;
    uint64_t size;      /* of the file */
    bool missing;
};
struct left_file {
    const char *path;   /* as the app sees it */
    struct str bytes;   /* .p NULL: deleted, or too large (then size tells) */
    uint64_t size;
    bool deleted;
};
struct left {
    struct arena *arena; /* freed by left_release */
    struct left_pages db[DATABASES_MAX];
    struct left_file *files; /* sorted by path */
    size_t nfiles;
};
void left_release(struct left *);

struct database {
    const char *path, *upper, *inside; /* inside: through /proc/<pid>/root */
    const char *base, *image;          /* copies: the baseline, and one to open with changed pages in it */
    int base_fd;
    const char *base_bytes;            /* mapped */
    uint64_t base_size;
    uint32_t page_size;
    uint16_t *owner;                   /* page -> table + 1; 0: nobody's or not known */
    const char **tables;
    size_t ntables;
    bool owners_asked;
    const struct database *compared;   /* the last one that the baseline was compared with */
    bool equal_base;
};
struct known_file {
    const char *path, *upper; /* as the app sees it, and in the layer */
    uint64_t size, mtime_ns;
    uint32_t mode;
    bool gone;                /* a whiteout: deleted from what lies below */
    struct str bytes;         /* baseline only; .p NULL: not kept */
};
struct state {
    struct arena *arena;
    struct instance *in;
    struct database db[DATABASES_MAX];
    size_t ndb;
    struct known_file *files;          /* of the upper layers at the baseline, sorted by path */
    size_t nfiles;
    struct instance_layer layers[LAYERS_MAX];
    size_t nlayers;
    char root[64];
};
int state_begin(struct state **ret, struct instance *, struct err *) MUST_CHECK;
void state_end(struct state *);
/* What differs from the baseline, and back to it. */
int state_take(struct state *, struct left *ret, struct err *) MUST_CHECK;
int state_restore(struct state *, struct err *) MUST_CHECK; /* without keeping what was there */
/* Makes what `to` holds equal to what `from` holds: files but those that `keeps` names (the edits), and databases unless
 * told otherwise. Measured durations and the like, written before the baseline, would differ for ever. Afterwards
 * `to` must begin anew. */
int state_adopt(struct state *to, const struct state *from, bool databases, bool (*keeps)(void *ctx, const char *path), void *ctx,
                struct err *) MUST_CHECK;
/* Writes one file of the app as the instance sees it; bytes.p NULL: removes it. */
int state_put(struct state *, const char *path, struct str bytes, struct err *) MUST_CHECK;

/* tables.c: rows and files of two runs. `a` was taken from `sa`, `b` from `sb`; they may be one state. */
int state_compare(struct state *sa, const struct left *a, struct state *sb, const struct left *b, struct differ *, struct err *) MUST_CHECK;
/* What the baselines themselves differ in (side B may have run a migration). */
int state_compare_base(struct state *sa, struct state *sb, struct differ *, struct err *) MUST_CHECK;
#endif
