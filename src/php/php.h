/* PHP and Blade files to facts: one flat, pointer-free syntax tree a file. (docs/facts.md has examples.)
 *
 * tree-sitter parses; its tree is lowered at once to `struct facts` and freed (kept trees cost 45 times the
 * source). A Blade template is lowered to PHP text first, with a map of segments back, so its nodes carry the
 * template's own byte offsets and lines. facts_build is thread-safe and has no global state.
 *
 * The tree is an array of nodes in pre-order: the first child of node i is i + 1 (if nodes[i].skip > i + 1), the
 * next sibling of a node is at its `skip`, and its parent's `skip` is where the siblings end:
 *
 *     for (uint32_t c = node_first(f, i); c; c = node_next(f, i, c)) ...
 *
 * Names: class names are resolved through `namespace` and `use` to full names without a leading backslash;
 * `self`, `static`, `parent` and built-in types stay as they are. Function names: the imported full name where
 * `use function` says so, else as written (last resort of the language is the global one). Variables have no `$`.
 * Identifiers keep their case; comparing classes, methods and functions is for the reader to do without case.
 *
 * Where a child may be absent and its position matters there is an N_NULL in its place. Parentheses, `?>`…`<?php`
 * and comments other than doc comments leave no node.
 * Source that does not parse becomes N_ERROR nodes, and a `hole` with its line; the rest of the file is there. So
 * does what nests deeper than LIMIT_DEPTH nodes: a reader may recurse over any facts.
 */
#ifndef FETTLE_PHP_H
#define FETTLE_PHP_H
#include "base/base.h"

enum { FACTS_VERSION = 2 };

enum node_kind {
    N_NULL = 0, /* an absent child */
    N_ERROR,    /* a span that did not parse; children: what could be read of it */
    /* --- declarations. s: name --- */
    N_FILE,       /* children: statements and declarations */
    N_NAMESPACE,  /* s: name (0: global); children only in the braced form, else it holds for what follows */
    N_USE,        /* s: full name; op: 0 class, 1 function, 2 const; child N_IDENT s: alias (always there) */
    N_CLASS,      /* s: full name (0: anonymous); op: enum class_kind; flags; children: N_DOC?, N_ATTR*, N_EXTENDS*,
                     N_IMPLEMENTS*, members */
    N_EXTENDS,    /* s: full name; one each (an interface may have several) */
    N_IMPLEMENTS, /* s: full name */
    N_TRAIT_USE,  /* s: full name; one each */
    N_ENUM_CASE,  /* s; child: value or none */
    N_CONST,      /* s; child: value. Class constants and global `const` (s: full name) */
    N_PROP,       /* s; flags; children: N_DOC?, N_ATTR*, then type or N_NULL, default or N_NULL (the last two).
                     A hook is an N_METHOD after it, s: "$name::get" */
    N_METHOD,     /* s; flags; children: N_DOC?, N_ATTR*, N_PARAM*, N_RET?, S_BLOCK? (none: abstract). Members
                     without a visibility have F_PUBLIC */
    N_FUNCTION,   /* s: full name with namespace; the same children */
    N_PARAM,      /* s; flags; children: N_ATTR*, then type or N_NULL, default or N_NULL (the last two) */
    N_RET,        /* child: the type */
    N_TYPE,       /* s: full class name or lower-case built-in; F_NULLABLE for ?T */
    N_TYPE_UNION, /* children: N_TYPE...; op 1: intersection */
    N_ATTR,       /* #[s(...)]; children: E_ARG* */
    N_DOC,        /* s: whole text of the doc comment that precedes the declaration. Among statements: one that says
                     @var, before the statement that it speaks of */
    N_IDENT,      /* s */
    /* --- statements --- */
    S_BLOCK,    /* children: statements */
    S_EXPR,     /* child: expression */
    S_ECHO,     /* children: expressions (also <?= and Blade echo) */
    S_RETURN,   /* child: expression or none */
    S_IF,       /* cond, then (S_BLOCK), else (S_BLOCK, S_IF for elseif and `else if`, or N_NULL) */
    S_FOREACH,  /* subject, key or N_NULL, value (E_VAR, E_ARRAY for a list), body S_BLOCK; F_BYREF on value */
    S_FOR,      /* S_BLOCK init, S_BLOCK cond, S_BLOCK step (of S_EXPR), body */
    S_WHILE,    /* cond, body */
    S_DO,       /* body, cond */
    S_SWITCH,   /* subject, S_CASE* */
    S_CASE,     /* cond or N_NULL (default), statements */
    S_BREAK, S_CONTINUE, /* child: levels or none */
    S_TRY,      /* S_BLOCK, S_CATCH*, S_FINALLY? */
    S_CATCH,    /* s: variable (0: none); children: N_TYPE*, S_BLOCK */
    S_FINALLY,  /* S_BLOCK */
    S_STATIC,   /* s: variable; child: value or none */
    S_GLOBAL,   /* s: variable; 0 with a child: $$x */
    S_UNSET,    /* children: expressions */
    S_HTML,     /* text outside PHP; no children, text not kept. Never in a template */
    S_OTHER,    /* declare (children: its statements), goto, label */
    /* --- expressions --- */
    E_VAR,      /* s: name; 0 with a child: $$x, ${expr} */
    E_INT, E_FLOAT, /* s: as written */
    E_STR,      /* s: value with escapes undone (0: empty string) */
    E_INTERP,   /* "…$x…", heredoc; children: E_STR and expressions. `…` is a call of shell_exec */
    E_ARRAY,    /* children: E_ITEM or N_NULL (skipped list element); also list() and [..] = destructuring */
    E_ITEM,     /* flags: F_HAS_KEY (key, value), F_UNPACK, F_BYREF */
    E_INDEX,    /* base, index or N_NULL */
    E_PROP,     /* base; s: name, or 0 with a second child: ->$x; F_NULLSAFE; op: see node_name_line */
    E_SPROP,    /* class (E_NAME or expression); s: name, or 0 with a second child: X::$$x */
    E_CCONST,   /* class (E_NAME or expression); s: name, "class" for X::class, or 0 with a second child: X::{…} */
    E_CONST,    /* s: true, null, PHP_EOL... as written, or the full name that `use const` says */
    E_NAME,     /* s: a class or function name as an operand */
    E_CALL,     /* callee (E_NAME or expression), then E_ARG*; F_FCC: f(...) */
    E_MCALL,    /* base, [N_IDENT-less: if s is 0 the second child is the name's expression], E_ARG*; s: method;
                   F_NULLSAFE, F_FCC */
    E_SCALL,    /* class (E_NAME or expression), [name expression if s is 0], E_ARG*; s: method; F_FCC */
    E_NEW,      /* class (E_NAME or expression or N_CLASS for an anonymous one), E_ARG* */
    E_ARG,      /* s: name of a named argument; F_UNPACK; child: expression, an E_NAME for a bare self or static */
    E_CLOSURE,  /* flags F_STATIC, F_BYREF; children: N_ATTR*, N_PARAM*, E_USE*, N_RET?, S_BLOCK */
    E_USE,      /* s: captured variable; F_BYREF */
    E_ARROW,    /* fn: N_ATTR*, N_PARAM*, N_RET?, expression (the last child) */
    E_ASSIGN,   /* target, value; F_BYREF */
    E_ASSIGN_OP,/* target, value; op: enum op */
    E_BIN,      /* left, right; op */
    E_UN,       /* operand; op */
    E_INCDEC,   /* operand; op: 0 pre++, 1 pre--, 2 post++, 3 post-- */
    E_CAST,     /* operand; s: type, lower case */
    E_TERNARY,  /* cond, then or N_NULL (?:), else */
    E_MATCH,    /* subject, E_ARM* */
    E_ARM,      /* value (the last child); conditions before it, none: default */
    E_INSTANCEOF, /* left, right (E_NAME or expression) */
    E_ISSET,    /* children */
    E_EMPTY, E_CLONE, E_PRINT, E_EXIT, E_INCLUDE, E_YIELD, E_THROW, E_SILENCE, /* child or none; die is E_EXIT;
                   E_YIELD: value, or key and value; F_UNPACK: yield from */
    E_BLADE,    /* a Blade construct; op: enum blade_op; s: see there */
    N_KINDS
};

enum class_kind { CLASS_CLASS, CLASS_INTERFACE, CLASS_TRAIT, CLASS_ENUM };

enum node_flag {
    F_PUBLIC = 1, F_PROTECTED = 2, F_PRIVATE = 4, F_STATIC = 8, F_ABSTRACT = 16, F_FINAL = 32, F_READONLY = 64,
    F_BYREF = 128, F_VARIADIC = 256, F_NULLABLE = 512, F_NULLSAFE = 1024, F_UNPACK = 2048, F_HAS_KEY = 4096,
    F_FCC = 8192, F_PROMOTED = 16384,
    F_VIEW = 32768, /* B_COMPONENT of @component: s is a view's name, not a tag's */
};

enum op {
    OP_NONE, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_POW, OP_CONCAT, OP_AND, OP_OR, OP_XOR, OP_BAND, OP_BOR,
    OP_BXOR, OP_SHL, OP_SHR, OP_EQ, OP_NE, OP_IDENT, OP_NIDENT, OP_LT, OP_LE, OP_GT, OP_GE, OP_CMP, OP_COALESCE,
    OP_NOT, OP_BNOT, OP_PLUS, OP_MINUS, OP_PIPE,
};

/* Blade in the tree. Text is gone; statements follow each other as in the template.
 *
 * Control flow (@if, @foreach, @forelse, @for, @while, @switch, @unless, @isset, @empty, @break, @continue) becomes
 * ordinary S_IF, S_FOREACH…; a condition that is a directive's argument list (@can('x', $y), @auth, @error, @once,
 * @session, and a pair @x … @endx that the application registered) is an E_BLADE B_DIRECTIVE with those arguments.
 * The @empty of a @forelse is an S_IF after the S_FOREACH whose condition is B_DIRECTIVE "empty" without children.
 * @php, {{ }}, {!! !!} become statements and S_ECHO; <?php ?> stays what it is; @use is N_USE.
 * Sections, pushes, fragments, islands do not nest: what is between @section and @endsection follows as statements,
 * and the end is a B_DIRECTIVE of its own ("endsection", "show", "endpush"…).
 * An E_BLADE spans its directive or tag; with an S_BLOCK, up to the end of the closing one. */
enum blade_op {
    B_DIRECTIVE, /* s: directive without @, lower case; children: E_ARG*. Whatever is not below; also inside of
                    component tags (@class) and custom ones. An opener without its end is one too (and a hole) */
    B_INCLUDE,   /* @include, @includeIf…: E_ARG view, E_ARG data? (conditions of @includeWhen/Unless come first
                    as their own S_EXPR); s: directive, lower case */
    B_EACH,      /* @each: E_ARG* */
    B_EXTENDS,   /* E_ARG view (an array for @extendsFirst), E_ARG data? ; s: directive */
    B_SECTION,   /* @section('n') or ('n', value): E_ARG*; s: 0 */
    B_YIELD,     /* E_ARG* */
    B_COMPONENT, /* <x-name …> or @component: s: name ("alert", "forms.input", "mail::button", for <x-dynamic-component>
                    "dynamic-component", "flux::button" for <flux:button>); children: E_ITEM* (F_HAS_KEY: E_STR
                    attribute in camelCase, value), one per attribute; then S_BLOCK with the default slot and the
                    named slots inside (none for <x-a />).
                    Names with : . @ are kept as written (wire:model.live, @click); ::class="…" has the key ":class".
                    Values: E_STR; E_INTERP when {{ }} is inside; the expression of :a="…" and of :$a; E_CONST true
                    without a value; {{ $attributes }} is an E_ITEM F_UNPACK; @class([…]) has the key "class" and a
                    B_DIRECTIVE. @component has F_VIEW (s is a view's name; 0 with an E_ARG for an expression) and its
                    data as E_ITEM*, one F_UNPACK when it is no array literal */
    B_SLOT,      /* <x-slot:name>, @slot: s: name; its attributes as E_ITEM*, then S_BLOCK (the last child) */
    B_LIVEWIRE,  /* <livewire:name …> or @livewire: s: name (0 with an E_ARG for an expression); E_ITEM* as above;
                    the key of @livewire has the name "key". What stands between tags follows as statements */
    B_PROPS,     /* @props([...]), @aware: child E_ARG; s: which */
    B_WIRE,      /* an attribute of an HTML element: wire:*, x-*: s: name with modifiers (@click is x-on:click); child
                    E_STR, the value as written; echoes and directives inside of it follow as statements */
};

struct node {
    uint8_t kind;   /* enum node_kind */
    uint8_t op;
    uint16_t flags; /* enum node_flag */
    uint32_t off;   /* byte offset of its first byte in the file on disk */
    uint32_t end;   /* one past its last byte */
    uint32_t s;     /* string of this file (facts_str), 0: none */
    uint32_t skip;  /* index of the node after its subtree */
};
_Static_assert(sizeof(struct node) == 20, "nodes are counted in millions");

struct hole {
    uint32_t line, off, end;
};

/* A comment that says `fettle-ignore RULE …` in PHP, Blade or HTML. s: what follows on its line, trimmed; 0: nothing,
 * so every rule is meant. It speaks of its own line, and of the next one when nothing stands before it. */
struct ignore {
    uint32_t line, s;
};

enum facts_lang { LANG_PHP, LANG_BLADE };

/* One block of memory without pointers into itself other than these; copy it with facts_bytes. */
struct facts {
    uint64_t hash;    /* of the file's bytes */
    uint32_t version; /* FACTS_VERSION */
    uint8_t lang, pad[3]; /* enum facts_lang; pad: 0, so that equal files give equal bytes */
    uint32_t nnodes, nstrs, nlines, nholes, nbytes;
    uint32_t ncut; /* bytes of long lists of literals (data, translations) that were left out */
    uint32_t nignores;
    uint32_t nodes_at, strs_at, lines_at, holes_at, ignores_at; /* byte offsets from the start of this struct */
};

static inline const struct node *facts_nodes(const struct facts *f)
{
    return (const struct node *)((const char *)f + f->nodes_at);
}
static inline const struct node *facts_node(const struct facts *f, uint32_t i)
{
    return facts_nodes(f) + i;
}
/* First child of i, 0 when it has none (node 0 is the N_FILE and nobody's child). */
static inline uint32_t node_first(const struct facts *f, uint32_t i)
{
    return facts_node(f, i)->skip > i + 1 ? i + 1 : 0;
}
/* The sibling after child c of parent, 0 after the last one. */
static inline uint32_t node_next(const struct facts *f, uint32_t parent, uint32_t c)
{
    uint32_t n = facts_node(f, c)->skip;
    return n < facts_node(f, parent)->skip ? n : 0;
}
uint32_t node_child(const struct facts *, uint32_t i, unsigned nth);       /* 0: no such child */
uint32_t node_last(const struct facts *, uint32_t i);                      /* last child, 0: none */
uint32_t node_find(const struct facts *, uint32_t i, enum node_kind kind); /* first child of that kind, 0: none */
struct str facts_str(const struct facts *, uint32_t s);                    /* {"",0} for 0 */
uint32_t facts_line(const struct facts *, uint32_t off);                   /* 1-based line of a byte offset */
uint32_t facts_col(const struct facts *, uint32_t off);                    /* 1-based, in bytes */
static inline uint32_t node_line(const struct facts *f, uint32_t i)
{
    return facts_line(f, facts_node(f, i)->off);
}
/* The line of the name that E_MCALL, E_PROP, E_SCALL, E_SPROP read or call: a chain's nodes all begin at its first
 * byte, and calls are often written one a line. For other nodes the same as node_line. */
uint32_t node_name_line(const struct facts *f, uint32_t i);
const struct hole *facts_holes(const struct facts *);
const struct ignore *facts_ignores(const struct facts *);

/* Lowers one file. `path` decides the language (.blade.php) and is used in messages only. *ret is one malloc'ed
 * block (facts_free). `scratch` is cleared by the caller between files. RC_LIMIT: too large or slower in CPU time
 * than FACTS_SECONDS; the caller reports it as skipped. Blade front matter of Livewire 4 single files and Volt
 * (a PHP block with an anonymous class at the top) gives an N_CLASS with s = 0 among the file's statements; in a PHP
 * file (`return new class …`) it is the child of an E_NEW, as anywhere. */
enum { FACTS_SECONDS = 2 };
int facts_build(struct str path, struct str bytes, struct arena *scratch, struct facts **ret, struct err *) MUST_CHECK;
void facts_free(struct facts *);
const char *node_kind_name(enum node_kind);
void facts_dump(const struct facts *, struct buf *out); /* an indented text of the tree, for tests and people */

/* What a doc comment says, cut out of N_DOC's text: the type after @return, @var or @param $name, "" when there is
 * none. Not resolved: the caller resolves short names by the file's uses (facts_resolve). */
struct str doc_type(struct str doc, const char *tag, struct str param);
/* Resolves a class name as written at byte offset `off` of the file; the result lives in `a`. */
struct str facts_resolve(const struct facts *, uint32_t off, struct str name, struct arena *a);
#endif
