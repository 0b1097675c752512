/* Writes the pieces as one run of PHP statements, with the segments that lead back. */
#include "php/blade.h"

#include <ctype.h>

struct emit {
    struct blade *b;
    struct code code;
    struct VEC(uint32_t) switches; /* open @switch pieces that have had no @case yet, or NO_PIECE */
};

/* --- text and segments --- */

static void segment(struct blade *b, uint32_t in, uint32_t in_end, uint32_t piece, bool copied)
{
    struct segment s = { (uint32_t)b->out.n, in, in_end, piece, copied };
    struct segment *last = b->segs.n ? &b->segs.p[b->segs.n - 1] : NULL;
    if (last && !copied && !last->copied && last->piece == piece)
        return;
    if (!vec_push_max(&b->segs, s, 4 << 20))
        b->rc = RC_LIMIT;
}

static void put(struct blade *b, uint32_t piece, const char *text)
{
    const struct piece *p = &b->pieces.p[piece];
    segment(b, p->at, p->end, piece, false);
    buf_adds(&b->out, text);
}

static void copy(struct blade *b, uint32_t piece, uint32_t from, uint32_t to)
{
    if (to <= from)
        return;
    segment(b, from, to, piece, true);
    buf_add(&b->out, b->src.p + from, to - from);
}

static void marker(struct blade *b, uint32_t piece)
{
    put(b, piece, "");
    buf_addf(&b->out, "_B%u(", piece);
}

static bool usable(const struct piece *p)
{
    return p->has_args && !p->bad;
}

static void args(struct blade *b, uint32_t i)
{
    const struct piece *p = &b->pieces.p[i];
    if (usable(p))
        copy(b, i, p->args, p->args_end);
}

/* before, then the arguments as code, then after. */
static void wrap(struct blade *b, uint32_t i, const char *before, const char *after)
{
    put(b, i, before);
    args(b, i);
    put(b, i, after);
}

/* before, then marker(arguments), then after. */
static void wrap_marker(struct blade *b, uint32_t i, const char *before, const char *after)
{
    put(b, i, before);
    marker(b, i);
    args(b, i);
    put(b, i, after);
}

/* An opener whose condition is code; without usable code the marker stands for it. */
static void open_code(struct blade *b, uint32_t i, const char *before, const char *after)
{
    if (usable(&b->pieces.p[i]))
        wrap(b, i, before, after);
    else
        wrap_marker(b, i, "if(", ")): ");
}

/* --- tags --- */

static void nested_attr(struct blade *b, uint32_t piece, uint32_t attr)
{
    const struct attr *a = &b->attrs.p[attr];
    struct echo e;
    put(b, piece, "");
    buf_addf(&b->out, "_A%u(", attr);
    if (a->kind == A_DIRECTIVE && a->piece != NO_PIECE) {
        wrap_marker(b, a->piece, "", ")");
    } else if (a->kind == A_ECHOES) {
        for (uint32_t at = a->value; echo_next(b->src, at, a->value_end, &e); at = e.end) {
            if (!str_trim(blade_text(b, e.code, e.code_end)).n)
                continue;
            copy(b, piece, e.code, e.code_end);
            put(b, piece, "\n,");
        }
    } else {
        copy(b, piece, a->value, a->value_end);
    }
    put(b, piece, "\n),");
}

static bool is_code(const struct attr *a)
{
    return !a->bad && (a->kind == A_BOUND || a->kind == A_ECHOES || a->kind == A_UNPACK ||
                       a->kind == A_DIRECTIVE);
}

static void tag(struct blade *b, uint32_t i, const char *before, const char *after)
{
    const struct piece *p = &b->pieces.p[i];
    put(b, i, before);
    marker(b, i);
    for (uint32_t a = p->attr; a < p->attr + p->nattrs; a++)
        if (is_code(&b->attrs.p[a]))
            nested_attr(b, i, a);
    put(b, i, after);
}

/* --- directives --- */

static void hole(struct blade *b, const struct piece *p)
{
    blade_hole(b, p->at, p->end);
}

static struct str unquote(struct str s)
{
    s = str_trim(s);
    if (s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '"') && s.p[s.n - 1] == s.p[0])
        s = str_sub(s, 1, s.n - 2);
    return s;
}

static void copy_str(struct blade *b, uint32_t piece, struct str s)
{
    uint32_t from = (uint32_t)(s.p - b->src.p);
    if (memmem(s.p, s.n, "\\\\", 2)) { /* 'App\\Models\\User' */
        put(b, piece, "");
        for (uint32_t i = 0; i < s.n; i++) {
            i += s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '\\';
            buf_addc(&b->out, s.p[i]);
        }
        return;
    }
    copy(b, piece, from, from + s.n);
}

/* @use('App\Models\User', 'Person'), @use(App\Models\{A, B}) */
static void use(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    uint32_t comma = code_comma(&e->code, p->args, p->args_end);
    struct str name = unquote(blade_text(b, p->args, comma));
    struct str alias =
        comma < p->args_end ? unquote(blade_text(b, comma + 1, p->args_end)) : str_sub(name, 0, 0);
    if (!usable(p) || !name.n) {
        hole(b, p);
        return;
    }
    put(b, i, "use ");
    copy_str(b, i, name);
    if (alias.n) {
        put(b, i, " as ");
        copy_str(b, i, alias);
    }
    put(b, i, ";");
}

/* @break, @break(2), @break($condition) */
static void jump(struct blade *b, uint32_t i, const char *word)
{
    const struct piece *p = &b->pieces.p[i];
    struct str code =
        p->has_args ? str_trim(blade_text(b, p->args, p->args_end)) : str_sub(b->src, 0, 0);
    bool digits = code.n > 0 && code.n < 4;
    for (uint32_t k = 0; k < code.n; k++)
        digits = digits && isdigit((unsigned char)code.p[k]);
    if (usable(p) && code.n && !digits)
        wrap(b, i, "if(", "\n) ");
    put(b, i, word);
    if (digits) {
        put(b, i, " ");
        args(b, i);
    }
    put(b, i, ";");
}

/* @includeWhen($condition, 'view', [...]) */
static void include_cond(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    if (!usable(p)) {
        wrap_marker(b, i, "", ");");
        hole(b, p);
        return;
    }
    uint32_t comma = code_comma(&e->code, p->args, p->args_end);
    copy(b, i, p->args, comma);
    put(b, i, "\n;");
    marker(b, i);
    copy(b, i, comma + 1, p->args_end);
    put(b, i, "\n);");
}

/* An opener without a closer: its code alone is kept. */
static void lonely(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    struct piece *p = &b->pieces.p[i];
    hole(b, p);
    marker(b, i);
    if (usable(p) && (p->word == W_FOREACH || p->word == W_FORELSE))
        copy(b, i, p->args, code_as(&e->code, p->args, p->args_end));
    else if (p->word != W_FOR)
        args(b, i);
    put(b, i, "\n);");
}

static void slot(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    uint32_t comma = usable(p) ? code_comma(&e->code, p->args, p->args_end) : 0;
    if (!usable(p) || comma == p->args_end) {
        if (p->mate == NO_PIECE)
            lonely(e, i);
        else
            wrap_marker(b, i, "if(", "\n)): ");
        return;
    }
    put(b, i, "if("); /* @slot('name', $value) needs no end */
    marker(b, i);
    copy(b, i, p->args, comma);
    put(b, i, "\n)): echo ");
    copy(b, i, comma + 1, p->args_end);
    put(b, i, "\n; endif;");
}

static void open_block(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    if (p->bad)
        hole(b, p);
    switch (p->word) {
    case W_IF:
        open_code(b, i, "if(", "\n): ");
        break;
    case W_UNLESS:
        open_code(b, i, "if(!(", "\n)): ");
        break;
    case W_ISSET:
        open_code(b, i, "if(isset(", "\n)): ");
        break;
    case W_EMPTY:
        open_code(b, i, "if(empty(", "\n)): ");
        break;
    case W_FOREACH:
    case W_FORELSE:
        open_code(b, i, "foreach(", "\n): ");
        break;
    case W_FOR:
        open_code(b, i, "for(", "\n): ");
        break;
    case W_WHILE:
        open_code(b, i, "while(", "\n): ");
        break;
    case W_SWITCH:
        if (usable(p))
            wrap(b, i, "switch(", "\n): ");
        else
            wrap_marker(b, i, "switch(", ")): ");
        break;
    default: /* W_COND, W_COMPONENT */
        wrap_marker(b, i, "if(", "\n)): ");
    }
}

/* The word that ends what open_block began. */
static const char *end_word(const struct blade *b, const struct piece *closer)
{
    const struct piece *open = &b->pieces.p[closer->mate];
    bool as_code = usable(open);
    switch (open->word) {
    case W_FOREACH:
        return as_code ? "endforeach;" : "endif;";
    case W_FORELSE: /* @empty has closed the loop and begun an if */
        return as_code && !open->split ? "endforeach;" : "endif;";
    case W_FOR:
        return as_code ? "endfor;" : "endif;";
    case W_WHILE:
        return as_code ? "endwhile;" : "endif;";
    case W_SWITCH:
        return "endswitch;";
    default:
        return "endif;";
    }
}

static void middle(struct blade *b, uint32_t i)
{
    struct piece *p = &b->pieces.p[i];
    if (p->mate == NO_PIECE) {
        hole(b, p);
        if (p->word == W_ELSEIF || p->word == W_ELSECOND || p->word == W_CASE)
            wrap_marker(b, i, "", "\n);");
        return;
    }
    switch (p->word) {
    case W_ELSE:
        put(b, i, "else: ");
        break;
    case W_ELSEIF:
        if (usable(p))
            wrap(b, i, "elseif(", "\n): ");
        else
            wrap_marker(b, i, "elseif(", ")): ");
        break;
    case W_ELSECOND:
        wrap_marker(b, i, "elseif(", "\n)): ");
        break;
    case W_CASE:
        if (usable(p))
            wrap(b, i, "case ", "\n: ");
        else
            wrap_marker(b, i, "case ", "): ");
        break;
    case W_DEFAULT:
        put(b, i, "default: ");
        break;
    default: { /* @empty of @forelse; `split` notes that it had one */
        struct piece *open = &b->pieces.p[p->mate];
        put(b, i, usable(open) && !open->split ? "endforeach; " : "endif; ");
        wrap_marker(b, i, "if(", ")): ");
        open->split = true;
    }
    }
}

static void block_directive(struct emit *e, uint32_t i)
{
    const struct piece *p = &e->b->pieces.p[i];
    if (p->mate == NO_PIECE)
        lonely(e, i);
    else
        open_block(e, i);
}

static void directive(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    struct piece *p = &b->pieces.p[i];
    switch (p->word) {
    case W_IF:
    case W_UNLESS:
    case W_ISSET:
    case W_COND:
    case W_FOREACH:
    case W_FORELSE:
    case W_FOR:
    case W_WHILE:
    case W_SWITCH:
    case W_COMPONENT:
        block_directive(e, i);
        break;
    case W_EMPTY:
        if (p->has_args)
            block_directive(e, i);
        else
            middle(b, i);
        break;
    case W_ELSE:
    case W_ELSEIF:
    case W_ELSECOND:
    case W_CASE:
    case W_DEFAULT:
        middle(b, i);
        break;
    case W_ENDIF:
    case W_ENDFOREACH:
    case W_ENDFORELSE:
    case W_ENDFOR:
    case W_ENDWHILE:
    case W_ENDSWITCH:
    case W_ENDCOMPONENT:
    case W_ENDSLOT:
        if (p->mate == NO_PIECE)
            hole(b, p);
        else
            put(b, i, end_word(b, p));
        break;
    case W_BREAK:
        jump(b, i, "break");
        break;
    case W_CONTINUE:
        jump(b, i, "continue");
        break;
    case W_USE:
        use(e, i);
        break;
    case W_INCLUDE_COND:
        include_cond(e, i);
        break;
    case W_SLOT:
        slot(e, i);
        break;
    default:
        if (p->bad && p->custom)
            return; /* no directive after all: text */
        if (p->bad)
            hole(b, p);
        wrap_marker(b, i, "", "\n);");
    }
}

static void tag_piece(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    for (uint32_t a = p->attr; a < p->attr + p->nattrs; a++)
        if (b->attrs.p[a].bad)
            blade_hole(b, b->attrs.p[a].value, b->attrs.p[a].value_end);
    if (p->kind == P_LIVEWIRE_TAG || p->mate == NO_PIECE) {
        tag(b, i, "", "\n);");
        if (p->kind != P_LIVEWIRE_TAG && !p->closed)
            hole(b, p);
    } else {
        tag(b, i, "if(", "\n)): ");
    }
}

/* PHP allows nothing but cases at the top of a switch. */
static void open_case(struct emit *e, uint32_t i)
{
    const struct piece *p = &e->b->pieces.p[i];
    if (!e->switches.n)
        return;
    uint32_t *top = &e->switches.p[e->switches.n - 1];
    if (*top == NO_PIECE)
        return;
    bool fits = p->kind == P_DIRECTIVE && p->mate == *top &&
                (p->word == W_CASE || p->word == W_DEFAULT || p->word == W_ENDSWITCH);
    if (p->kind == P_NESTED)
        return;
    struct str code = p->kind == P_PHP ? str_trim(blade_text(e->b, p->args, p->args_end))
                                       : str_sub(e->b->src, 0, 0);
    if (!fits && !str_starts(code, "case") && !str_starts(code, "default"))
        put(e->b, i, "case null: ");
    *top = NO_PIECE;
}

static void note_switch(struct emit *e, uint32_t i)
{
    const struct piece *p = &e->b->pieces.p[i];
    if (p->kind != P_DIRECTIVE || p->mate == NO_PIECE)
        return;
    if (p->word == W_SWITCH && !vec_push_max(&e->switches, i, 1 << 20))
        e->b->rc = RC_LIMIT;
    else if (p->word == W_ENDSWITCH && e->switches.n)
        e->switches.n--;
}

static void piece(struct emit *e, uint32_t i)
{
    struct blade *b = e->b;
    const struct piece *p = &b->pieces.p[i];
    open_case(e, i);
    switch ((enum piece_kind)p->kind) {
    case P_ECHO:
        if (p->bad)
            hole(b, p);
        else
            wrap(b, i, "echo ", "\n;");
        break;
    case P_INLINE:
        if (p->bad)
            hole(b, p);
        else
            wrap(b, i, "", "\n;");
        break;
    case P_PHP:
        copy(b, i, p->args, p->args_end);
        put(b, i, " ?><?php ");
        break;
    case P_DIRECTIVE:
        directive(e, i);
        break;
    case P_TAG:
    case P_SLOT_TAG:
    case P_LIVEWIRE_TAG:
        tag_piece(e, i);
        break;
    case P_END_TAG:
    case P_END_SLOT_TAG:
        if (p->mate == NO_PIECE)
            hole(b, p);
        else
            put(b, i, "endif;");
        break;
    case P_WIRE:
        marker(b, i);
        put(b, i, ");");
        break;
    case P_NESTED:
        break;
    }
    note_switch(e, i);
}

int blade_emit(struct blade *b)
{
    struct emit e = { .b = b, .code = { b->src, UINT64_MAX } };
    b->out.ceiling = 64 << 20;
    buf_clear(&b->out);
    b->segs.n = 0;
    b->holes.n = b->nscan_holes;
    for (size_t i = 0; i < b->pieces.n; i++)
        b->pieces.p[i].split = false;
    segment(b, 0, 0, NO_PIECE, false);
    buf_adds(&b->out, "<?php ");
    for (uint32_t i = 0; i < b->pieces.n && b->rc == RC_OK; i++)
        piece(&e, i);
    vec_release(&e.switches);
    if (b->out.failed)
        b->rc = RC_LIMIT;
    return b->rc;
}
