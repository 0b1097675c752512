/* What fixers need of source: the bytes of a node, the calls of a chain, and a list of edits that grows. */
#ifndef FETTLE_FIX_SOURCE_H
#define FETTLE_FIX_SOURCE_H
#include "fix/fix.h"

enum { PATCH_MAX = 64 };

/* Edits of one fix while it is made. A failure sticks: `refused` says why, and nothing of it is used. */
struct patch {
    const struct app *app;
    struct arena *arena;
    struct edit edits[PATCH_MAX];
    size_t n;
    const char *refused;
    struct { uint32_t file; struct str text; } sources[8]; /* files read so far */
    unsigned nsources;
};

void patch_init(struct patch *, const struct app *, struct arena *);
void patch_refuse(struct patch *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void patch_replace(struct patch *, uint32_t file, uint32_t off, uint32_t end, const char *text);
void patch_insert(struct patch *, uint32_t file, uint32_t off, const char *text);
/* An insertion that stands beside others of its kind at one place, in any order: entries of a list, calls of a chain. */
void patch_join(struct patch *, uint32_t file, uint32_t off, const char *text);
void patch_new_file(struct patch *, const char *path, const char *text);
/* Fills *ret: edits, or a refusal. */
enum fix_answer patch_done(struct patch *, const char *summary, struct fix_out *ret);

struct str source_of(struct patch *, uint32_t file);                    /* whole file; refuses when it changed */
struct str node_text(struct patch *, struct ref);                       /* exactly the node's bytes */
const char *node_cstr(struct patch *, struct ref);
const char *indent_of(struct patch *, uint32_t file, uint32_t off);     /* blanks at the start of the line of off */
bool starts_line(struct patch *, uint32_t file, uint32_t off);          /* only blanks stand before it on its line */

static inline const struct node *at_node(const struct patch *p, struct ref r)
{
    return ref_node(p->app, r);
}
bool is_one_of(struct str name, const char *const *names);               /* NULL-terminated, without case */
struct str node_name(const struct patch *, struct ref);                 /* its string, {"",0} for none */
const char *node_text_name(const struct patch *, struct ref);            /* the same, NUL-terminated */
struct ref first_child(const struct patch *, struct ref);               /* file REF_NONE: none */
struct ref next_child(const struct patch *, struct ref parent, struct ref child);
struct ref nth_arg(const struct patch *, struct ref call, unsigned n);  /* the expression inside the E_ARG */
unsigned arg_count(const struct patch *, struct ref call);
static inline bool is_ref(struct ref r)
{
    return r.file != REF_NONE;
}
bool is_kind(const struct patch *, struct ref, enum node_kind);
/* The offset at which the `->name(` of a method call begins (its arrow), and where `name` begins. */
uint32_t arrow_of(struct patch *, struct ref call);
uint32_t name_of(struct patch *, struct ref call);
/* The call of that name in the chain that ends with `top`, from the top down; REF_NONE: none. */
struct ref chain_call(const struct patch *, struct ref top, const char *name);
struct ref chain_top(const struct patch *, struct ref call);            /* the last call of the chain that it is in */
/* Is any method of this list called in the chain? Names end with NULL. */
const char *chain_has(const struct patch *, struct ref top, const char *const *names);
struct ref parent_of(const struct patch *, struct ref);                 /* the innermost node around; REF_NONE for a file's */
bool is_inside(const struct patch *, struct ref outer, struct ref);     /* or the node itself */
struct ref method_around(const struct patch *, struct ref);             /* method or function; else the file's node */
/* The statement around a node: the innermost node of kind S_* that holds it. */
struct ref statement_of(const struct patch *, struct ref);
/* Does any node below `inside` satisfy the test? */
bool any_below(const struct patch *, struct ref inside, bool (*test)(const struct patch *, struct ref, void *), void *ctx);
struct ref variable_origin(const struct patch *, struct ref use);       /* the one E_ASSIGN that sets the variable before */
/* An expression in the place of another one: in parentheses where an operator may stand beside it. */
const char *in_place_of(struct patch *, struct ref, const char *text);
bool variable_is_parameter(const struct patch *, struct ref use);       /* and nothing else is assigned to it */
uint32_t line_begins(struct patch *, uint32_t file, uint32_t off);      /* offset of the first byte of off's line */
uint32_t statement_end(struct patch *, struct ref statement);           /* behind its ; and the end of its line */
bool is_literal(const struct patch *, struct ref);                      /* string, number, true, false, null */
#endif
