/* Small readings of one file's facts: arguments, chains of calls, `$this`, string operands.
 * `struct src` is a cheap view of one file; node 0 means "none" everywhere. */
#ifndef FETTLE_LARAVEL_APP_AST_H
#define FETTLE_LARAVEL_APP_AST_H
#include "laravel/app.h"

struct src {
    const struct facts *f;
    const sym *syms;
    uint32_t file;
};

static inline struct src src_of(const struct app *app, uint32_t file)
{
    return (struct src){ app->files[file].facts, app->files[file].syms, file };
}
static inline const struct node *src_node(const struct src *s, uint32_t i)
{
    return facts_node(s->f, i);
}
static inline uint8_t src_kind(const struct src *s, uint32_t i)
{
    return facts_node(s->f, i)->kind;
}
static inline struct str src_str(const struct src *s, uint32_t i)
{
    return facts_str(s->f, facts_node(s->f, i)->s);
}
static inline sym src_sym(const struct src *s, uint32_t i)
{
    return s->syms[facts_node(s->f, i)->s];
}
#define EACH_CHILD(s, i, c) \
    (uint32_t c = node_first((s)->f, (i)); c; c = node_next((s)->f, (i), c))

bool src_is(const struct src *, uint32_t node, uint8_t kind,
            const char *name); /* name without case; NULL: any */
bool src_is_this(const struct src *, uint32_t node);
/* The n-th argument's expression, by position or by name; 0: not given (or behind an unpacked one).
 */
uint32_t src_arg(const struct src *, uint32_t call, unsigned nth, const char *name);
unsigned src_nargs(const struct src *, uint32_t call);
/* The value of a literal array's string key; 0: not there. */
uint32_t src_item(const struct src *, uint32_t array, const char *key);
uint32_t src_item_key(const struct src *, uint32_t item); /* 0: no key */
uint32_t src_item_value(const struct src *, uint32_t item);
uint32_t
src_body(const struct src *,
         uint32_t function); /* S_BLOCK of a method, function, closure; an arrow's expression */
uint32_t src_default(const struct src *, uint32_t prop_or_param); /* default value, 0: none */
uint32_t src_type(const struct src *, uint32_t prop_or_param); /* N_TYPE or N_TYPE_UNION, 0: none */
uint32_t src_param(const struct src *, uint32_t function, unsigned nth); /* N_PARAM, 0: none */
struct str src_doc(const struct src *, uint32_t declaration);            /* text of its N_DOC */

/* a()->b()->c() as calls[0] = a, calls[1] = b, …; root: what the innermost call stands on (E_VAR,
 * E_NAME …). */
enum { CHAIN_MAX = 96 };
struct chain {
    uint32_t calls[CHAIN_MAX];
    unsigned n;
    uint32_t root;
};
bool src_chain(const struct src *, uint32_t expr, struct chain *ret); /* false: no call */
/* Does the class operand (E_NAME) of an E_SCALL end in this base name? */
bool src_scall_on(const struct src *, uint32_t call, const char *base_name);
#endif
