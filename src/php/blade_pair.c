/* Finds the closer of every opener and the opener of every middle. What stays alone is written without effect on
 * its neighbours. */
#include "php/blade.h"

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

struct stack {
    struct VEC(uint32_t) open;
    uint32_t count[F_SLOT_TAG + 1];
};

static void drop_to(struct blade *b, struct stack *s, size_t n)
{
    while (s->open.n > n) {
        s->open.n--;
        s->count[opens(&b->pieces.p[s->open.p[s->open.n]])]--;
    }
}

static bool matches(const struct blade *b, const struct piece *open, const struct piece *close,
                    enum family f)
{
    if (opens(open) != f)
        return false;
    return f != F_TAG || str_eq(piece_name(b, open), piece_name(b, close));
}

static void close_one(struct blade *b, struct stack *s, uint32_t i, enum family f)
{
    struct piece *close = &b->pieces.p[i];
    if (!s->count[f])
        return;
    for (size_t k = s->open.n; k-- > 0 && s->open.n - k <= LOOK_BACK;) {
        struct piece *open = &b->pieces.p[s->open.p[k]];
        if (!matches(b, open, close, f))
            continue;
        open->mate = i;
        close->mate = s->open.p[k];
        drop_to(b, s, k);
        return;
    }
}

static void pair_blocks(struct blade *b, struct stack *s)
{
    for (uint32_t i = 0; i < b->pieces.n; i++) {
        enum family f = closes(&b->pieces.p[i]);
        if (f != F_NONE)
            close_one(b, s, i, f);
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
static void pair_middles(struct blade *b, struct stack *s)
{
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

void blade_pair(struct blade *b)
{
    struct stack s = { 0 };
    pair_blocks(b, &s);
    s.open.n = 0;
    pair_middles(b, &s);
    vec_release(&s.open);
}
