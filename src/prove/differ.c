#include "prove/differ.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

bool noises_init(struct noises *n)
{
    n->n = 0;
    n->places = map64_new();
    return n->places != NULL;
}

void noises_release(struct noises *n)
{
    map64_free(n->places);
    n->places = NULL;
}

bool differ_init(struct differ *d, bool learning, struct noises *noises)
{
    *d = (struct differ){ .learning = learning, .noises = noises, .place = BUF_INIT(DIFFER_PLACE_MAX), .there = map64_new(),
                          .back = map64_new() };
    return d->there && d->back;
}

void differ_release(struct differ *d)
{
    buf_release(&d->place);
    map64_free(d->there);
    map64_free(d->back);
    d->there = d->back = NULL;
}

size_t differ_enter(struct differ *d, const char *fmt, ...)
{
    char part[512];
    size_t mark = d->place.n;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(part, sizeof part, fmt, ap);
    va_end(ap);
    if (mark + strlen(part) < DIFFER_PLACE_MAX - 1) /* deeper places share their parent's name */
        buf_adds(&d->place, part);
    d->failed |= d->place.failed;
    d->depth++;
    return mark;
}

void differ_leave(struct differ *d, size_t mark)
{
    d->depth--;
    d->place.n = mark;
    if (d->place.p)
        d->place.p[mark] = 0;
}

/* ---- classes ---- */

static bool is_uuid(struct str s)
{
    if (s.n != 36)
        return false;
    for (uint32_t i = 0; i < s.n; i++)
        if ((i == 8 || i == 13 || i == 18 || i == 23) ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i]))
            return false;
    return true;
}

/* 2026-11-24, 15:04, 15:04:05.123456Z, 2026-11-24T15:04:05+00:00, 0.0123 */
static bool is_time(struct str s)
{
    unsigned digits = 0, seps = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (isdigit((unsigned char)c))
            digits++;
        else if (strchr(":-.+", c) && digits)
            seps++;
        else if (c != 'T' && c != 'Z')
            return false;
    }
    if (digits == s.n)
        return (s.n == 10 || s.n == 13) && s.p[0] == '1'; /* seconds or milliseconds since 1970 */
    return digits >= 2 && seps >= 1 && digits >= seps * 1u && s.n <= 40;
}

enum noise noise_of(struct str s)
{
    unsigned digits = 0, letters = 0, others = 0, upper = 0, lower = 0;
    if (!s.n)
        return NOISE_NONE;
    if (is_uuid(s))
        return NOISE_ID;
    if (is_time(s))
        return NOISE_TIME;
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        digits += isdigit(c) != 0;
        letters += isalpha(c) != 0;
        upper += isupper(c) != 0;
        lower += islower(c) != 0;
        others += !isalnum(c) && !strchr("+/=_-%.", c);
    }
    if (digits == s.n)
        return NOISE_ID;
    if (others || s.n < 8)
        return NOISE_NONE;
    /* Random text has digits among its letters, or both cases in a long run; words of a language do not. */
    return (digits && letters) || (s.n >= 16 && upper >= 3 && lower >= 3) ? NOISE_TOKEN : NOISE_NONE;
}

/* ---- one differing value ---- */

static uint64_t place_hash(const struct differ *d, size_t n)
{
    return str_hash((struct str){ d->place.p ? d->place.p : "", (uint32_t)n });
}

static bool is_number(enum noise class)
{
    return class == NOISE_TIME || class == NOISE_ID;
}

static uint64_t salted(const struct noises *n, uint64_t place)
{
    return n->salt ? hash_mix(place, n->salt) : place;
}

static enum noise note(struct differ *d, struct noises *n, uint64_t place, enum noise class)
{
    uint64_t key = salted(n, place), old = NOISE_NONE;
    if (map64_get(n->places, key, &old) && old != class)
        class = (old == NOISE_WORK && is_number(class)) || (class == NOISE_WORK && is_number((enum noise)old)) ? NOISE_WORK : NOISE_ANY;
    if (!map64_put(n->places, key, class))
        d->failed = true;
    n->n++;
    return class;
}

/* In files that the app keeps for itself one number of a name may stand for another: the next bucket of a histogram of
 * durations, the next minute's counter. In answers and in rows never. */
static uint64_t general_place(const struct differ *d)
{
    char text[DIFFER_PLACE_MAX];
    size_t n = 0;
    if (!d->place.p || strncmp(d->place.p, "file ", 5) != 0)
        return 0;
    for (size_t i = 0; i < d->place.n && n + 1 < sizeof text; i++) {
        bool digit = isdigit((unsigned char)d->place.p[i]) || (d->place.p[i] == '.' && n && text[n - 1] == '#');
        if (!digit)
            text[n++] = d->place.p[i];
        else if (!n || text[n - 1] != '#')
            text[n++] = '#';
    }
    text[n] = 0;
    return str_hash((struct str){ text, (uint32_t)n });
}

static void note_everywhere(struct differ *d, uint64_t general)
{
    struct noises everywhere = { .places = d->noises->shared->places };
    note(d, &everywhere, general, NOISE_ANY);
}

static void learn(struct differ *d, enum noise class)
{
    uint64_t place = place_hash(d, d->place.n), general = general_place(d);
    class = note(d, d->noises, place, class);
    if (class != NOISE_ANY && d->noises->shared)
        note(d, d->noises->shared, place, class);
    if (general)
        note(d, d->noises, general, NOISE_ANY);
    if (general && class != NOISE_ANY && d->noises->shared) /* such a file is one and the same for all requests */
        note_everywhere(d, general);
}

static enum noise noise_at(const struct differ *d, size_t n)
{
    uint64_t class, place = place_hash(d, n), general = n == d->place.n ? general_place(d) : 0;
    for (const struct noises *t = d->noises; t; t = t->also)
        if (t->places && (map64_get(t->places, salted(t, place), &class) || (general && map64_get(t->places, general, &class))))
            return (enum noise)class;
    return NOISE_NONE;
}

/* Noise of this place; of a place above it only where the structure there varies. */
static enum noise learnt(const struct differ *d)
{
    enum noise here = noise_at(d, d->place.n); /* place.n: the whole place */
    for (size_t i = 1; here == NOISE_NONE && i < d->place.n; i++)
        if (strchr("/ @[", d->place.p[i]) && noise_at(d, i) == NOISE_ANY)
            here = NOISE_ANY;
    return here;
}

enum { SHORT_ID = 6 };

/* Ids map one to one; short numbers say too little for that. */
static bool maps_one_to_one(struct differ *d, struct str a, struct str b)
{
    uint64_t ha = str_hash(a), hb = str_hash(b), to, from;
    if (a.n < SHORT_ID || b.n < SHORT_ID)
        return true;
    bool known = map64_get(d->there, ha, &to), used = map64_get(d->back, hb, &from);
    if (known || used)
        return known && used && to == hb && from == ha;
    if (!map64_put(d->there, ha, hb) || !map64_put(d->back, hb, ha))
        d->failed = true;
    return true;
}

static void mask(struct differ *d, struct str a, struct str b)
{
    d->masked++;
    d->masked_bytes += a.n > b.n ? a.n : b.n;
}

static void tell(struct differ *d, struct str a, struct str b)
{
    if (d->found)
        d->found(d->ctx, buf_cstr(&d->place), a, b);
}

static bool too_many(struct differ *d)
{
    return ++d->leaves > DIFFER_LEAVES_MAX;
}

void differ_leaf(struct differ *d, struct str a, struct str b)
{
    bool absent = !a.p || !b.p;
    if (too_many(d))
        return;
    enum noise ca = absent ? NOISE_NONE : noise_of(a), cb = absent ? NOISE_NONE : noise_of(b);
    if (d->learning) {
        bool numbers = is_number(ca) && is_number(cb);
        learn(d, d->by_work && numbers ? NOISE_WORK : ca == cb && ca != NOISE_NONE ? ca : NOISE_ANY);
        return;
    }
    enum noise known = learnt(d);
    bool same_class = known != NOISE_NONE && ca == known && cb == known;
    bool counted = known == NOISE_WORK && (!a.p || is_number(noise_of(a))) && (!b.p || is_number(noise_of(b)));
    if (known == NOISE_ANY || counted /* what was never counted is not there */ || (same_class && (known == NOISE_TIME || maps_one_to_one(d, a, b))))
        mask(d, a, b);
    else
        tell(d, a, b);
}

void differ_structure(struct differ *d, struct str a, struct str b)
{
    if (too_many(d))
        return;
    if (d->learning)
        learn(d, NOISE_ANY);
    else if (learnt(d) == NOISE_ANY)
        mask(d, a, b);
    else
        tell(d, a, b);
}

/* ---- text ---- */

/* Two levels: words of a sentence or of markup, then parts of an address. */
static const char *const separators[] = { " \t\r\n\"'<>(){}[],;&?|\\", "/=", NULL };

static uint32_t next_word(struct str s, uint32_t *at, const char *seps, struct str *ret)
{
    uint32_t i = *at;
    while (i < s.n && s.p[i] && strchr(seps, s.p[i]))
        i++;
    uint32_t begin = i;
    while (i < s.n && !(s.p[i] && strchr(seps, s.p[i])))
        i++;
    *ret = str_sub(s, begin, i - begin);
    *at = i;
    return begin;
}

/* The words of a and b, and that everything between them is the same. */
static bool same_form(struct str a, struct str b, const char *seps)
{
    uint32_t i = 0, j = 0, ea = 0, eb = 0;
    for (;;) {
        struct str wa, wb;
        uint32_t ba = next_word(a, &i, seps, &wa), bb = next_word(b, &j, seps, &wb);
        if (!str_eq(str_sub(a, ea, ba - ea), str_sub(b, eb, bb - eb)) || !wa.n != !wb.n)
            return false;
        if (!wa.n)
            return true;
        ea = i, eb = j;
    }
}

static bool has_any(struct str s, const char *seps)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (s.p[i] && strchr(seps, s.p[i]))
            return true;
    return false;
}

static void words(struct differ *d, struct str a, struct str b, unsigned level)
{
    const char *seps = separators[level];
    if (str_eq(a, b))
        return;
    if (!seps) {
        differ_leaf(d, a, b);
        return;
    }
    if (level && !has_any(a, seps) && !has_any(b, seps)) { /* one part only: no place of its own */
        words(d, a, b, level + 1);
        return;
    }
    if (!same_form(a, b, seps)) {
        if (level || d->learning || !a.n || !b.n)
            differ_leaf(d, a, b);
        else
            differ_structure(d, a, b);
        return;
    }
    uint32_t i = 0, j = 0, n = 0;
    for (;;) {
        struct str wa, wb;
        next_word(a, &i, seps, &wa);
        next_word(b, &j, seps, &wb);
        if (!wa.n)
            return;
        if (!str_eq(wa, wb)) {
            size_t m = differ_enter(d, level ? ".%u" : " w%u", n);
            words(d, wa, wb, level + 1);
            differ_leave(d, m);
        }
        n++;
    }
}

void differ_words(struct differ *d, struct str a, struct str b)
{
    words(d, a, b, 0);
}

static bool could_be_json(struct str s)
{
    return s.n >= 2 && ((s.p[0] == '{' && s.p[s.n - 1] == '}') || (s.p[0] == '[' && s.p[s.n - 1] == ']'));
}

void differ_text(struct differ *d, struct str a, struct str b)
{
    if (str_eq(a, b))
        return;
    struct str ta = str_trim(a), tb = str_trim(b);
    if (could_be_json(ta) && could_be_json(tb) && d->depth < DIFFER_DEPTH_MAX) {
        json_t *ja = json_loadb(ta.p, ta.n, 0, NULL), *jb = json_loadb(tb.p, tb.n, 0, NULL);
        bool both = ja && jb;
        if (both)
            differ_json(d, ja, jb);
        json_decref(ja);
        json_decref(jb);
        if (both)
            return;
    }
    if (ta.n > 2 && tb.n > 2 && ta.p[0] == '<' && tb.p[0] == '<' && html_is_parsable(ta) && html_is_parsable(tb) &&
        d->depth < DIFFER_DEPTH_MAX)
        differ_html(d, ta, tb);
    else
        words(d, a, b, 0);
}

enum { BYTES_AROUND = 16 };

/* Runs of differing bytes; a length that differs is a structure of its own. */
void differ_bytes(struct differ *d, struct str a, struct str b)
{
    if (a.n != b.n) {
        char la[40], lb[40];
        snprintf(la, sizeof la, "%u bytes", a.n);
        snprintf(lb, sizeof lb, "%u bytes", b.n);
        differ_structure(d, str_c(la), str_c(lb));
        return;
    }
    for (uint32_t i = 0; i < a.n; i++) {
        if (a.p[i] == b.p[i])
            continue;
        uint32_t begin = i & ~(uint32_t)(BYTES_AROUND - 1);
        size_t m = differ_enter(d, " byte %u", begin);
        struct str pa = str_sub(a, begin, BYTES_AROUND), pb = str_sub(b, begin, BYTES_AROUND);
        differ_structure(d, pa, pb);
        differ_leave(d, m);
        i = begin + BYTES_AROUND - 1;
    }
}

/* ---- streams: events in order, each by its fields (WHATWG HTML, 9.2.6) ---- */

static bool next_event(struct str *rest, struct str *ret)
{
    while (rest->n && (rest->p[0] == '\n' || rest->p[0] == '\r'))
        *rest = str_sub(*rest, 1, rest->n);
    if (!rest->n)
        return false;
    for (uint32_t i = 0; i + 1 < rest->n; i++) {
        bool end = (rest->p[i] == '\n' && rest->p[i + 1] == '\n') || (i + 3 < rest->n && memcmp(rest->p + i, "\r\n\r\n", 4) == 0);
        if (end) {
            *ret = str_sub(*rest, 0, i);
            *rest = str_sub(*rest, i + 2, rest->n);
            return true;
        }
    }
    *ret = *rest;
    *rest = str_sub(*rest, rest->n, 0);
    return true;
}

static void one_event(struct differ *d, struct str a, struct str b)
{
    struct str la, lb;
    unsigned n = 0;
    for (;; n++) {
        bool more_a = a.n && str_next(&a, '\n', &la), more_b = b.n && str_next(&b, '\n', &lb);
        if (!more_a && !more_b)
            return;
        size_t m = differ_enter(d, "/line[%u]", n);
        if (more_a != more_b) {
            differ_leaf(d, more_a ? la : (struct str){ 0 }, more_b ? lb : (struct str){ 0 });
        } else {
            uint32_t skip = str_starts(la, "data: ") && str_starts(lb, "data: ") ? 6 : 0;
            differ_text(d, str_sub(la, skip, la.n), str_sub(lb, skip, lb.n));
        }
        differ_leave(d, m);
    }
}

void differ_events(struct differ *d, struct str a, struct str b)
{
    struct str ea, eb;
    for (unsigned n = 0;; n++) {
        bool more_a = next_event(&a, &ea), more_b = next_event(&b, &eb);
        if (!more_a && !more_b)
            return;
        size_t m = differ_enter(d, "/event[%u]", n);
        if (more_a != more_b)
            differ_structure(d, more_a ? ea : (struct str){ 0 }, more_b ? eb : (struct str){ 0 });
        else if (!str_eq(ea, eb))
            one_event(d, ea, eb);
        differ_leave(d, m);
        if (more_a != more_b)
            return;
    }
}
