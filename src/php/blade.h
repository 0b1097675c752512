/* Blade to PHP text.
 *
 * A template is cut into pieces (echoes, directives, component tags, PHP blocks); text between them
 * is dropped. Openers find their closers; then each piece is written as PHP: control flow as
 * itself, everything else as a call of a marker `_B12(…)`, where 12 is the piece's index.
 * lower_blade.c turns a marker back into E_BLADE. A marker counts only where the text is ours
 * (segments say so), so a template cannot forge one.
 *
 * What does not pair or does not parse is left out alone, with a hole: the rest keeps its
 * structure. */
#ifndef FETTLE_PHP_BLADE_H
#define FETTLE_PHP_BLADE_H
#include "php/build.h"

#include <tree_sitter/api.h>

enum word {
    W_NONE = 0, /* not a directive that Laravel or Livewire know */
    W_IF,
    W_UNLESS,
    W_ISSET,
    W_EMPTY, /* with arguments an opener, without the middle of @forelse */
    W_COND,  /* @auth, @can…: if (directive(…)) */
    W_ELSEIF,
    W_ELSECOND, /* @elsecan… */
    W_ELSE,
    W_ENDIF,
    W_FOREACH,
    W_ENDFOREACH,
    W_FORELSE,
    W_ENDFORELSE,
    W_FOR,
    W_ENDFOR,
    W_WHILE,
    W_ENDWHILE,
    W_SWITCH,
    W_CASE,
    W_DEFAULT,
    W_ENDSWITCH,
    W_BREAK,
    W_CONTINUE,
    W_PHP,
    W_VERBATIM,
    W_USE,
    W_INCLUDE,
    W_INCLUDE_COND, /* @includeWhen, @includeUnless: a condition first */
    W_EACH,
    W_EXTENDS,
    W_SECTION,
    W_YIELD,
    W_COMPONENT,
    W_ENDCOMPONENT,
    W_SLOT,
    W_ENDSLOT,
    W_LIVEWIRE,
    W_PROPS,
    W_PLAIN, /* everything else: a B_DIRECTIVE */
};
enum { ARGS_NEVER, ARGS_MAYBE, ARGS_ALWAYS };
struct directive {
    const char *name;
    uint8_t word, args;
};
const struct directive *directive_find(struct str lower_case_name);
bool is_css_rule(struct str lower_case_name);

enum piece_kind {
    P_ECHO,   /* {{ }}, {!! !!}, <?= ?> */
    P_PHP,    /* <?php ?>, @php @endphp: statements */
    P_INLINE, /* @php(…) */
    P_DIRECTIVE,
    P_TAG, /* <x-…>, <flux:…> */
    P_END_TAG,
    P_SLOT_TAG,
    P_END_SLOT_TAG,
    P_LIVEWIRE_TAG,
    P_WIRE,   /* an HTML attribute */
    P_NESTED, /* a directive inside a tag: written where the tag is */
};
enum { NO_PIECE = UINT32_MAX };

struct piece {
    uint8_t kind, word;
    bool has_args, closed; /* closed: <x-a /> */
    bool bad;              /* its code does not parse: written without it */
    bool custom, split;    /* not in the table; a @forelse whose @empty was written */
    bool by_name;          /* pairs with what has its own name only */
    uint32_t at, end;      /* all of it */
    uint32_t name, name_n; /* directive, tag or attribute name as written */
    uint32_t args,
        args_end;  /* between the parentheses; the code of an echo; the value of an attribute */
    uint32_t mate; /* closer of an opener and the reverse, opener of a middle */
    uint32_t attr, nattrs;
};

enum attr_kind { A_BARE, A_TEXT, A_ECHOES, A_BOUND, A_SHORT, A_UNPACK, A_DIRECTIVE };
struct attr {
    uint8_t kind;
    bool bad;
    uint32_t name, name_n;
    uint32_t value, value_end;
    uint32_t piece; /* of A_DIRECTIVE */
};

struct blade {
    struct str src;
    struct arena *scratch;
    struct VEC(struct piece) pieces;
    struct VEC(struct attr) attrs;
    struct VEC(struct segment) segs;
    struct VEC(struct hole) holes; /* offsets of the template */
    size_t nscan_holes;            /* those of blade_scan; blade_emit adds its own */
    struct buf out;
    enum rc rc;
};

/* Cuts and pairs. Bounded: work grows with the template's size. */
int blade_scan(struct blade *, struct str src, struct arena *scratch);
int blade_emit(
    struct blade *); /* writes out and segs; may be called again after pieces were marked bad */
void blade_release(struct blade *);
/* Marks as bad what the errors of the parsed tree lie in; false: nothing new to mark. */
struct syntax;
bool blade_blame(struct blade *, const struct syntax *, TSTree *tree, uint64_t deadline_ns);
void blade_pair(struct blade *);
void blade_hole(struct blade *, uint32_t at, uint32_t end);
uint32_t blade_add(struct blade *, struct piece p); /* its index, NO_PIECE when that failed */

static inline struct str blade_text(const struct blade *b, uint32_t from, uint32_t to)
{
    return str_sub(b->src, from, to > from ? to - from : 0);
}
static inline struct str piece_name(const struct blade *b, const struct piece *p)
{
    return str_sub(b->src, p->name, p->name_n);
}

/* blade_code.c: where PHP code ends. All return 0 for "not found". */
struct code {
    struct str src;
    uint64_t budget; /* bytes that failed searches may still read: keeps hostile input linear */
};
/* Past the string, comment or heredoc that begins at i, `stop` at most; i when there is none. */
uint32_t code_skip(struct str s, uint32_t i, uint32_t stop);
static inline void code_spend(struct code *c, uint32_t bytes)
{
    c->budget -= bytes < c->budget ? bytes : c->budget;
}
uint32_t code_close(struct code *, uint32_t open); /* past the bracket that closes src[open] */
uint32_t code_php_end(struct code *,
                      uint32_t from); /* at the `?>` that ends code, or the end of src */
bool code_balanced(struct code *, uint32_t from, uint32_t to);
uint32_t code_comma(struct code *, uint32_t from,
                    uint32_t to); /* first comma outside brackets, or `to` */
uint32_t code_as(struct code *, uint32_t from, uint32_t to); /* the `as` of a foreach, or `to` */

/* blade_tag.c */
bool is_component_tag(struct str src, uint32_t at);
uint32_t tag_read(struct blade *, struct code *,
                  uint32_t at); /* past the tag; 0: not one after all */
/* Cuts the next {{ }} or {!! !!} of an attribute's value: false when there is none. */
struct echo {
    uint32_t at, end, code, code_end;
};
bool echo_next(struct str src, uint32_t from, uint32_t to, struct echo *ret);
#endif
