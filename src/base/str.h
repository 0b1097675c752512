/* Borrowed slices of bytes, and a buffer that grows to a ceiling. */
#ifndef FETTLE_BASE_STR_H
#define FETTLE_BASE_STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* not NUL-terminated; lives as long as its arena or file */
    uint32_t n;
};

#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_c(const char *s)
{
    return (struct str){ s, s ? (uint32_t)strlen(s) : 0 };
}
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_is(struct str a, const char *b);
bool str_ieq(struct str a, struct str b); /* ASCII case only */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_contains(struct str s, const char *needle);
struct str str_trim(struct str s);
struct str str_sub(struct str s, uint32_t from, uint32_t n); /* clamped to s */
/* Cuts the part before `sep` off *rest; returns false when *rest is used up. */
bool str_next(struct str *rest, char sep, struct str *ret_part);
uint64_t str_hash(struct str s); /* 64-bit, stable between runs and machines (FNV-1a with a final mix) */
uint64_t hash_mix(uint64_t a, uint64_t b);

/* A growing buffer. After a failed append `failed` stays true and the bytes stay valid. Always NUL-terminated
 * once something was appended (use buf_cstr). */
struct buf {
    char *p;
    size_t n, cap, ceiling;
    bool failed;
};
#define BUF_INIT(max) ((struct buf){ .ceiling = (max) })
void buf_add(struct buf *, const void *bytes, size_t n);
void buf_adds(struct buf *, const char *s);
void buf_addc(struct buf *, char c);
void buf_addf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_cstr(struct buf *); /* "" when empty */
void buf_clear(struct buf *);
void buf_release(struct buf *);
#define auto_buf __attribute__((cleanup(buf_release))) struct buf
#endif
