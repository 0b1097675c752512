/* Finds the closer of every opener and the opener of every middle. What stays alone is written without effect on
 * its neighbours.
 *
 * Blade itself looks at no names: @auth may end with @endif, <x-a> with </x-b>. So does this, unless the counts say
 * that something is missing; then names tell what. */
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
        [W_IF] = F_IF,           [W_UNLESS] = F_IF,     [W_ISSET] = F_IF,
        [W_EMPTY] = F_IF,        [W_COND] = F_IF,       [W_FOREACH] = F_EACH,
        [W_FORELSE] = F_ELSE_EACH, [W_FOR] = F_LOOP,    [W_WHILE] = F_UNTIL,
        [W_SWITCH] = F_CASES,    [W_COMPONENT] = F_PART, [W_SLOT] = F_NAMED_SLOT,
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
    bool by_name[F_SLOT_TAG + 1]; /* names must agree */
};

static void drop_to(struct pairing *s, size_t n)
{
    while (s->open.n > n) {
        s->open.n--;
        s->count[opens(&s->b->pieces.p[s->open.p[s->open.n]])]--;
    }
}

static bool is_word(const struct blade *b, const struct piece *p, const char *word)
{
    return str_ieq(piece_name(b, p), str_c(word));
}

/* Is this closer the one that the opener asks for by name? @hasSection ends with @endif. */
static bool agree(const struct blade *b, const struct piece *open, const struct piece *close)
{
    struct str name = piece_name(b, open), end = piece_name(b, close);
    if (open->kind != P_DIRECTIVE)
        return str_eq(name, end);
    if (open->word == W_IF || is_word(b, open, "hasSection") || is_word(b, open, "sectionMissing") ||
        is_word(b, open, "hasStack"))
        return str_ieq(end, STR("endif"));
    if (end.n == name.n + 3)
        return str_ieq(name, str_sub(end, 3, end.n));
    /* @unlessrole … @endrole */
    return end.n + 3 == name.n && strncasecmp(name.p, "unless", 6) == 0 &&
           str_ieq(str_sub(name, 6, name.n), str_sub(end, 3, end.n));
}

static bool matches(const struct pairing *s, const struct piece *open, const struct piece *close,
                    enum family f)
{
    return opens(open) == f && (!s->by_name[f] || agree(s->b, open, close));
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

/* How many openers more than closers of a family there are. */
static int64_t surplus(const struct blade *b, enum family f)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < b->pieces.n; i++)
        n += (opens(&b->pieces.p[i]) == f) - (closes(&b->pieces.p[i]) == f);
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

/* @isFree($x) … @endif: there are `missing` closers too many, and about as many of one unknown directive. It is a
 * condition that the application registered. */
static void promote_custom(struct blade *b, int64_t missing)
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
}

void blade_pair(struct blade *b)
{
    struct pairing s = { .b = b };
    int64_t ifs = surplus(b, F_IF);
    if (ifs < 0)
        promote_custom(b, -ifs);
    s.by_name[F_IF] = ifs > 0;
    s.by_name[F_TAG] = surplus(b, F_TAG) != 0;
    pair_blocks(&s);
    pair_middles(&s);
    vec_release(&s.open);
}
