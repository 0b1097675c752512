#include "fix/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

static const struct ref nowhere = { REF_NONE, 0 };

void patch_init(struct patch *p, const struct app *app, struct arena *arena)
{
    *p = (struct patch){ .app = app, .arena = arena };
}

void patch_refuse(struct patch *p, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    if (p->refused)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->refused = arena_strdup(p->arena, text);
}

void patch_replace(struct patch *p, uint32_t file, uint32_t off, uint32_t end, const char *text)
{
    source_of(p, file);
    if (p->n == PATCH_MAX)
        patch_refuse(p, "the fix needs more than %d edits", PATCH_MAX);
    if (p->refused)
        return;
    const struct app_file *f = &p->app->files[file];
    const char *copy = arena_strdup(p->arena, text);
    p->edits[p->n++] = (struct edit){ f->path, f->facts->hash, off, end - off, str_c(copy), false };
}

void patch_insert(struct patch *p, uint32_t file, uint32_t off, const char *text)
{
    patch_replace(p, file, off, off, text);
}

void patch_join(struct patch *p, uint32_t file, uint32_t off, const char *text)
{
    patch_insert(p, file, off, text);
    if (!p->refused)
        p->edits[p->n - 1].joins = true;
}

void patch_new_file(struct patch *p, const char *path, const char *text)
{
    if (p->n == PATCH_MAX)
        patch_refuse(p, "the fix needs more than %d edits", PATCH_MAX);
    if (!p->refused)
        p->edits[p->n++] =
            (struct edit){ arena_strdup(p->arena, path), 0, 0, 0, str_c(arena_strdup(p->arena, text)), false };
}

enum fix_answer patch_done(struct patch *p, const char *summary, struct fix_out *ret)
{
    *ret = (struct fix_out){ .answer = FIX_REFUSED, .reason = p->refused };
    if (!p->refused && !p->n)
        ret->reason = "nothing to change was found";
    if (ret->reason)
        return FIX_REFUSED;
    struct edit *edits = arena_new_array(p->arena, struct edit, p->n);
    if (!edits) {
        ret->reason = "out of memory";
        return FIX_REFUSED;
    }
    memcpy(edits, p->edits, p->n * sizeof *edits);
    ret->answer = FIX_EDITS;
    ret->set = (struct edit_set){ edits, p->n, summary, NULL };
    return FIX_EDITS;
}

/* --- source --- */

struct str source_of(struct patch *p, uint32_t file)
{
    char path[PATH_MAX];
    struct err err = { 0 };
    struct str text = { "", 0 };
    for (unsigned i = 0; i < p->nsources; i++)
        if (p->sources[i].file == file)
            return p->sources[i].text;
    snprintf(path, sizeof path, "%s/%s", p->app->dir, p->app->files[file].path);
    if (p->nsources == sizeof p->sources / sizeof *p->sources)
        patch_refuse(p, "the fix touches too many files");
    else if (file_read(path, LIMIT_FILE_BYTES, p->arena, &text, &err))
        patch_refuse(p, "%s", err.what);
    else if (str_hash(text) != p->app->files[file].facts->hash)
        patch_refuse(p, "%s changed since it was read", p->app->files[file].path);
    else {
        p->sources[p->nsources].file = file;
        p->sources[p->nsources++].text = text;
        return text;
    }
    return (struct str){ "", 0 };
}

struct str node_text(struct patch *p, struct ref r)
{
    struct str text = source_of(p, r.file);
    const struct node *n = at_node(p, r);
    return str_sub(text, n->off, n->end - n->off);
}

const char *node_cstr(struct patch *p, struct ref r)
{
    struct str s = node_text(p, r);
    return arena_strndup(p->arena, s.p, s.n);
}

static uint32_t line_start(struct str text, uint32_t off)
{
    while (off > 0 && text.p[off - 1] != '\n')
        off--;
    return off;
}

const char *indent_of(struct patch *p, uint32_t file, uint32_t off)
{
    struct str text = source_of(p, file);
    if (off > text.n)
        return "";
    uint32_t from = line_start(text, off), to = from;
    while (to < text.n && (text.p[to] == ' ' || text.p[to] == '\t'))
        to++;
    return arena_strndup(p->arena, text.p + from, to - from);
}

bool starts_line(struct patch *p, uint32_t file, uint32_t off)
{
    struct str text = source_of(p, file);
    if (off > text.n)
        return false;
    for (uint32_t i = line_start(text, off); i < off; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t')
            return false;
    return true;
}

/* --- nodes --- */

bool is_one_of(struct str name, const char *const *names)
{
    for (; *names; names++)
        if (str_ieq(name, str_c(*names)))
            return true;
    return false;
}

struct str node_name(const struct patch *p, struct ref r)
{
    return facts_str(p->app->files[r.file].facts, at_node(p, r)->s);
}

const char *node_text_name(const struct patch *p, struct ref r)
{
    struct str s = node_name(p, r);
    return arena_strndup(p->arena, s.p ? s.p : "", s.n);
}

bool is_kind(const struct patch *p, struct ref r, enum node_kind kind)
{
    return is_ref(r) && at_node(p, r)->kind == kind;
}

struct ref first_child(const struct patch *p, struct ref r)
{
    uint32_t c = is_ref(r) ? node_first(p->app->files[r.file].facts, r.node) : 0;
    return c ? (struct ref){ r.file, c } : nowhere;
}

struct ref next_child(const struct patch *p, struct ref parent, struct ref child)
{
    uint32_t c = node_next(p->app->files[parent.file].facts, parent.node, child.node);
    return c ? (struct ref){ parent.file, c } : nowhere;
}

static struct ref nth_arg_node(const struct patch *p, struct ref call, unsigned n)
{
    for (struct ref c = first_child(p, call); is_ref(c); c = next_child(p, call, c))
        if (is_kind(p, c, E_ARG) && n-- == 0)
            return c;
    return nowhere;
}

struct ref nth_arg(const struct patch *p, struct ref call, unsigned n)
{
    struct ref arg = nth_arg_node(p, call, n);
    return is_ref(arg) ? first_child(p, arg) : nowhere;
}

unsigned arg_count(const struct patch *p, struct ref call)
{
    unsigned n = 0;
    while (is_ref(nth_arg_node(p, call, n)))
        n++;
    return n;
}

uint32_t arrow_of(struct patch *p, struct ref call)
{
    struct str text = source_of(p, call.file);
    uint32_t at = at_node(p, first_child(p, call))->end;
    while (at < text.n && isspace((unsigned char)text.p[at]))
        at++;
    bool arrow = at + 2 < text.n && (!memcmp(text.p + at, "->", 2) || !memcmp(text.p + at, "::", 2));
    if (!arrow)
        patch_refuse(p, "a comment stands inside the chain");
    return at;
}

uint32_t name_of(struct patch *p, struct ref call)
{
    struct str text = source_of(p, call.file);
    uint32_t at = arrow_of(p, call) + 2;
    while (at < text.n && isspace((unsigned char)text.p[at]))
        at++;
    return at;
}

struct ref chain_call(const struct patch *p, struct ref top, const char *name)
{
    for (struct ref c = top; is_kind(p, c, E_MCALL) || is_kind(p, c, E_SCALL); c = first_child(p, c))
        if (str_ieq(node_name(p, c), str_c(name)))
            return c;
    return nowhere;
}

struct ref chain_top(const struct patch *p, struct ref call)
{
    for (struct ref up = call; is_ref(call); call = up) {
        up = parent_of(p, call);
        if (!is_kind(p, up, E_MCALL) || first_child(p, up).node != call.node)
            break;
    }
    return call;
}

const char *chain_has(const struct patch *p, struct ref top, const char *const *names)
{
    for (; *names; names++)
        if (is_ref(chain_call(p, top, *names)))
            return *names;
    return NULL;
}

struct ref statement_of(const struct patch *p, struct ref r)
{
    const struct facts *f = p->app->files[r.file].facts;
    struct ref best = nowhere;
    for (uint32_t i = 0; i <= r.node; i++) {
        const struct node *n = facts_node(f, i);
        bool statement = n->kind >= S_EXPR && n->kind <= S_OTHER;
        if (statement && r.node < n->skip)
            best = (struct ref){ r.file, i };
    }
    return best;
}

bool any_below(const struct patch *p, struct ref inside, bool (*test)(const struct patch *, struct ref, void *),
               void *ctx)
{
    uint32_t end = at_node(p, inside)->skip;
    for (uint32_t i = inside.node + 1; i < end; i++)
        if (test(p, (struct ref){ inside.file, i }, ctx))
            return true;
    return false;
}

static bool holds_node(const struct facts *f, uint32_t outer, uint32_t inner)
{
    return outer <= inner && inner < facts_node(f, outer)->skip;
}

struct ref parent_of(const struct patch *p, struct ref r)
{
    const struct facts *f = p->app->files[r.file].facts;
    uint32_t best = 0;
    for (uint32_t i = 0; i < r.node; i = r.node < facts_node(f, i)->skip ? i + 1 : facts_node(f, i)->skip)
        if (r.node < facts_node(f, i)->skip)
            best = i;
    return r.node ? (struct ref){ r.file, best } : nowhere;
}

bool is_inside(const struct patch *p, struct ref outer, struct ref r)
{
    return is_ref(outer) && is_ref(r) && outer.file == r.file && outer.node <= r.node &&
           r.node < at_node(p, outer)->skip;
}

static uint32_t function_around(const struct facts *f, uint32_t node)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i <= node; i++) {
        uint8_t k = facts_node(f, i)->kind;
        bool function = k == N_METHOD || k == N_FUNCTION || k == E_CLOSURE || k == E_ARROW || k == N_FILE;
        if (function && holds_node(f, i, node))
            best = i;
    }
    return best;
}

struct ref method_around(const struct patch *p, struct ref r)
{
    const struct facts *f = p->app->files[r.file].facts;
    uint32_t best = 0;
    for (uint32_t i = 0; i < r.node; i = r.node < facts_node(f, i)->skip ? i + 1 : facts_node(f, i)->skip) {
        uint8_t k = facts_node(f, i)->kind;
        if (r.node < facts_node(f, i)->skip && (k == N_METHOD || k == N_FUNCTION))
            best = i;
    }
    return (struct ref){ r.file, best };
}

struct ref variable_origin(const struct patch *p, struct ref use)
{
    const struct facts *f = p->app->files[use.file].facts;
    uint32_t function = function_around(f, use.node), found = 0;
    struct str name = node_name(p, use);
    for (uint32_t i = function + 1; i < facts_node(f, function)->skip; i++) {
        const struct node *n = facts_node(f, i);
        if (n->kind != E_ASSIGN && n->kind != E_ASSIGN_OP)
            continue;
        const struct node *target = facts_node(f, i + 1);
        if (target->kind != E_VAR || !str_eq(facts_str(f, target->s), name))
            continue;
        if (found || n->kind == E_ASSIGN_OP || i > use.node)
            return nowhere; /* set more than once: which value it has is not known */
        found = i;
    }
    return found ? (struct ref){ use.file, found } : nowhere;
}

const char *in_place_of(struct patch *p, struct ref r, const char *text)
{
    struct ref up = parent_of(p, r);
    switch (is_ref(up) ? at_node(p, up)->kind : N_NULL) {
    case S_RETURN:
    case S_ECHO:
    case S_EXPR:
    case E_ARG:
    case E_ITEM:
    case E_ASSIGN:
    case E_ARROW:
        return text;
    default:
        return arena_printf(p->arena, "(%s)", text);
    }
}

bool variable_is_parameter(const struct patch *p, struct ref use)
{
    struct ref method = method_around(p, use);
    for (uint32_t i = method.node + 1; i < at_node(p, method)->skip; i++) {
        struct ref r = { use.file, i }, target = first_child(p, r);
        bool sets = is_kind(p, r, E_ASSIGN) || is_kind(p, r, E_ASSIGN_OP) || is_kind(p, r, S_FOREACH);
        if (sets && is_kind(p, r, S_FOREACH))
            target = next_child(p, r, next_child(p, r, target));
        if (sets && is_kind(p, target, E_VAR) && str_eq(node_name(p, target), node_name(p, use)))
            return false;
    }
    return true;
}

uint32_t line_begins(struct patch *p, uint32_t file, uint32_t off)
{
    return line_start(source_of(p, file), off);
}

uint32_t statement_end(struct patch *p, struct ref statement)
{
    struct str text = source_of(p, statement.file);
    uint32_t at = at_node(p, statement)->end;
    while (at < text.n && (text.p[at] == ';' || text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r'))
        at++;
    return at < text.n && text.p[at] == '\n' ? at + 1 : at;
}

bool is_literal(const struct patch *p, struct ref r)
{
    if (!is_ref(r))
        return false;
    switch (at_node(p, r)->kind) {
    case E_STR:
    case E_INT:
    case E_FLOAT:
        return true;
    case E_CONST:
        return str_ieq(node_name(p, r), STR("true")) || str_ieq(node_name(p, r), STR("false")) ||
               str_ieq(node_name(p, r), STR("null"));
    default:
        return false;
    }
}
