/* Finds the closer of every opener and the opener of every middle. What stays alone is written
 * without effect on its neighbours.
 *
 * Blade itself looks at no names: @auth may end with @endif, <x-a> with </x-b>. So names are only
 * asked where the counts say that they hold: as many @can as @endcan, fewer or more opening tags
 * than closing ones. */
#include "php/blade.h"

#include <ctype.h>
#include <strings.h>

enum { LOOK_BACK = LIMIT_DEPTH }; /* deeper nesting is not lowered anyway */

enum family {
    F_NONE,
    F_IF,
    F_EACH,
    F_ELSE_EACH,
    F_LOOP,
    F_UNTIL,
    F_CASES,
    F_PART,
    F_NAMED_SLOT,
    F_TAG,
    F_SLOT_TAG,
};

static enum family opens(const struct piece *p)
{
    static const uint8_t families[] = {
        [W_IF] = F_IF,
        [W_UNLESS] = F_IF,
        [W_ISSET] = F_IF,
        [W_EMPTY] = F_IF,
        [W_COND] = F_IF,
        [W_FOREACH] = F_EACH,
        [W_FORELSE] = F_ELSE_EACH,
        [W_FOR] = F_LOOP,
        [W_WHILE] = F_UNTIL,
        [W_SWITCH] = F_CASES,
        [W_COMPONENT] = F_PART,
        [W_SLOT] = F_NAMED_SLOT,
        [W_PLAIN] = F_NONE,
    };
    if (p->kind == P_TAG)
        return p->closed ? F_NONE : F_TAG;
    if (p->kind == P_SLOT_TAG)
        return p->closed ? F_NONE : F_SLOT_TAG;
    if (p->kind != P_DIRECTIVE || (p->word == W_EMPTY && !p->has_args))
        return F_NONE;
    return (enum family)families[p->word];
}

static enum family closes(const struct piece *p)
{
    if (p->kind == P_END_TAG)
        return F_TAG;
    if (p->kind == P_END_SLOT_TAG)
        return F_SLOT_TAG;
    if (p->kind != P_DIRECTIVE)
        return F_NONE;
    switch (p->word) {
    case W_ENDIF:
        return F_IF;
    case W_ENDFOREACH:
        return F_EACH;
    case W_ENDFORELSE:
        return F_ELSE_EACH;
    case W_ENDFOR:
        return F_LOOP;
    case W_ENDWHILE:
        return F_UNTIL;
    case W_ENDSWITCH:
        return F_CASES;
    case W_ENDCOMPONENT:
        return F_PART;
    case W_ENDSLOT:
        return F_NAMED_SLOT;
    default:
        return F_NONE;
    }
}

struct pairing {
    struct blade *b;
    struct VEC(uint32_t) open;
    uint32_t count[F_SLOT_TAG + 1];
};

static void drop_to(struct pairing *s, size_t n)
{
    while (s->open.n > n) {
        s->open.n--;
        s->count[opens(&s->b->pieces.p[s->open.p[s->open.n]])]--;
    }
}

/* What an opener's or closer's name says it belongs to: "can" for @can and @endcan, "if" for
 * @hasSection. */
static uint64_t key_of(const struct blade *b, const struct piece *p, uint32_t skip)
{
    static const char *const ifs[] = { "hassection", "sectionmissing", "hasstack" };
    struct str name = piece_name(b, p);
    char word[64];
    uint32_t n = 0;
    if (p->kind != P_DIRECTIVE)
        return str_hash(name);
    for (uint32_t i = skip; i < name.n && n < sizeof word; i++)
        word[n++] = (char)tolower((unsigned char)name.p[i]);
    struct str key = { word, n };
    for (size_t i = 0; i < sizeof ifs / sizeof *ifs; i++)
        if (str_is(key, ifs[i]))
            key = STR("if");
    return str_hash(key);
}

static uint64_t opener_key(const struct blade *b, const struct piece *p)
{
    return key_of(b, p, 0);
}

static uint64_t closer_key(const struct blade *b, const struct piece *p)
{
    return key_of(b, p, p->kind == P_DIRECTIVE ? 3 : 0);
}

/* Is this closer the one that the opener asks for by name? @unlessrole ends with @endunlessrole or
 * @endrole. */
static bool agree(const struct blade *b, const struct piece *open, const struct piece *close)
{
    uint64_t key = closer_key(b, close);
    if (opener_key(b, open) == key)
        return true;
    return open->custom && open->name_n > 6 &&
           strncasecmp(b->src.p + open->name, "unless", 6) == 0 && key_of(b, open, 6) == key;
}

static bool matches(const struct pairing *s, const struct piece *open, const struct piece *close,
                    enum family f)
{
    bool by_name = open->by_name || close->by_name;
    return opens(open) == f && (!by_name || agree(s->b, open, close));
}

static void close_one(struct pairing *s, uint32_t i, enum family f)
{
    struct blade *b = s->b;
    struct piece *close = &b->pieces.p[i];
    if (!s->count[f])
        return;
    for (size_t k = s->open.n; k-- > 0 && s->open.n - k <= LOOK_BACK;) {
        struct piece *open = &b->pieces.p[s->open.p[k]];
        if (!matches(s, open, close, f))
            continue;
        open->mate = i;
        close->mate = s->open.p[k];
        drop_to(s, k);
        return;
    }
}

static void pair_blocks(struct pairing *s)
{
    struct blade *b = s->b;
    s->open.n = 0;
    memset(s->count, 0, sizeof s->count);
    for (uint32_t i = 0; i < b->pieces.n; i++)
        b->pieces.p[i].mate = NO_PIECE;
    for (uint32_t i = 0; i < b->pieces.n; i++) {
        enum family f = closes(&b->pieces.p[i]);
        if (f != F_NONE)
            close_one(s, i, f);
        f = opens(&b->pieces.p[i]);
        if (f == F_NONE)
            continue;
        if (!vec_push_max(&s->open, i, 1 << 20)) {
            b->rc = RC_LIMIT;
            return;
        }
        s->count[f]++;
    }
}

static bool is_middle(const struct piece *p)
{
    return p->kind == P_DIRECTIVE &&
           (p->word == W_ELSE || p->word == W_ELSEIF || p->word == W_ELSECOND ||
            p->word == W_CASE || p->word == W_DEFAULT || (p->word == W_EMPTY && !p->has_args));
}

static bool takes(const struct piece *open, const struct piece *middle)
{
    enum family f = opens(open);
    if (middle->word == W_CASE || middle->word == W_DEFAULT)
        return f == F_CASES;
    return f == (middle->word == W_EMPTY ? F_ELSE_EACH : F_IF);
}

/* A middle belongs to the innermost block around it, if that is of its kind. */
static void pair_middles(struct pairing *s)
{
    struct blade *b = s->b;
    s->open.n = 0;
    for (uint32_t i = 0; i < b->pieces.n; i++) {
        struct piece *p = &b->pieces.p[i];
        if (opens(p) != F_NONE && p->mate != NO_PIECE) {
            if (!vec_push_max(&s->open, i, 1 << 20)) {
                b->rc = RC_LIMIT;
                return;
            }
        } else if (closes(p) != F_NONE && p->mate != NO_PIECE) {
            s->open.n--;
        } else if (is_middle(p) && s->open.n) {
            uint32_t open = s->open.p[s->open.n - 1];
            if (takes(&b->pieces.p[open], p))
                p->mate = open;
        }
    }
}

enum { KEYS = 1024 }; /* names in one template; what does not fit is not asked for its name */
struct tally {
    uint64_t key;
    int64_t surplus; /* of openers over closers */
};

static struct tally *tally_of(struct tally *t, uint64_t key)
{
    for (uint32_t i = 0; i < 16; i++) {
        struct tally *at = &t[(key + i) % KEYS];
        if (!at->key || at->key == key) {
            at->key = key;
            return at;
        }
    }
    return NULL;
}

/* Conditions whose openers and closers are equally many pair among themselves. */
static void name_conditions(struct blade *b)
{
    struct tally *t = arena_new_array(b->scratch, struct tally, KEYS);
    for (unsigned pass = 0; t && pass < 2; pass++)
        for (uint32_t i = 0; i < b->pieces.n; i++) {
            struct piece *p = &b->pieces.p[i];
            bool open = opens(p) == F_IF, close = closes(p) == F_IF;
            if (!open && !close)
                continue;
            struct tally *at = tally_of(t, open ? opener_key(b, p) : closer_key(b, p));
            if (pass == 0 && at)
                at->surplus += open - close;
            else if (pass == 1)
                p->by_name = at && at->surplus == 0;
        }
}

static void name_tags(struct blade *b)
{
    int64_t surplus = 0;
    for (uint32_t i = 0; i < b->pieces.n; i++)
        surplus += (opens(&b->pieces.p[i]) == F_TAG) - (closes(&b->pieces.p[i]) == F_TAG);
    for (uint32_t i = 0; i < b->pieces.n; i++) {
        struct piece *p = &b->pieces.p[i];
        if (opens(p) == F_TAG || closes(p) == F_TAG)
            p->by_name = surplus != 0;
    }
}

static int64_t count_lonely_ends(const struct blade *b)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < b->pieces.n; i++)
        n += closes(&b->pieces.p[i]) == F_IF && b->pieces.p[i].mate == NO_PIECE;
    return n;
}

static bool is_plain_custom(const struct piece *p)
{
    return p->kind == P_DIRECTIVE && p->custom && p->word == W_PLAIN;
}

static int64_t count_name(const struct blade *b, struct str name)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < b->pieces.n; i++)
        n += is_plain_custom(&b->pieces.p[i]) && str_ieq(piece_name(b, &b->pieces.p[i]), name);
    return n;
}

/* @isFree($x) … @endif: there are `missing` closers too many, and about as many of one unknown
 * directive. It is a condition that the application registered. */
static bool promote_custom(struct blade *b, int64_t missing)
{
    enum { TRIES_MAX = 32 };
    struct str best = { "", 0 };
    int64_t best_count = 0;
    unsigned tries = 0;
    for (uint32_t i = 0; i < b->pieces.n && tries < TRIES_MAX; i++) {
        if (!is_plain_custom(&b->pieces.p[i]))
            continue;
        struct str name = piece_name(b, &b->pieces.p[i]);
        int64_t count = count_name(b, name);
        tries++;
        if (count <= missing && count > best_count) {
            best = name;
            best_count = count;
        }
    }
    for (uint32_t i = 0; i < b->pieces.n && best.n; i++)
        if (is_plain_custom(&b->pieces.p[i]) && str_ieq(piece_name(b, &b->pieces.p[i]), best))
            b->pieces.p[i].word = W_COND;
    return best.n > 0;
}

void blade_pair(struct blade *b)
{
    struct pairing s = { .b = b };
    name_tags(b);
    name_conditions(b);
    pair_blocks(&s);
    for (unsigned round = 0; round < 8; round++) {
        int64_t lonely = count_lonely_ends(b);
        if (!lonely || !promote_custom(b, lonely))
            break;
        pair_blocks(&s);
    }
    pair_middles(&s);
    vec_release(&s.open);
}
