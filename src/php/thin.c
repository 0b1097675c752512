/* Long lists of literals are data, not code: translations, domain names, country tables. A parse
 * tree of one costs 45 times its size and says nothing, so what goes on beyond THIN_AFTER bytes is
 * blanked before parsing. Offsets stay as they are; facts.ncut says how much was left out. */
#include "php/lower.h"

#include <ctype.h>
#include <strings.h>

enum {
    THIN_FROM = 16 << 10, /* a file that is smaller stays whole: nearly all code is */
    THIN_AFTER = 8 << 10, /* of one run of literals */
    NEST_MAX = 64,
};

struct list {
    uint32_t begin; /* of the run of literals; 0: this bracket holds no list */
    uint32_t comma; /* past the first comma after which the run was long enough, else 0 */
    uint32_t last;  /* past the last comma */
    bool is_array;
};

struct thin {
    struct str src;
    char *copy;
    uint32_t cut, depth;
    struct list open[NEST_MAX];
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c & 0x80;
}

static bool is_array_word(struct str s, uint32_t paren)
{
    while (paren && isspace((unsigned char)s.p[paren - 1]))
        paren--;
    return paren >= 5 && strncasecmp(s.p + paren - 5, "array", 5) == 0;
}

/* The run ends at `end`, which lies in the element after the last comma. */
static void blank(struct thin *t, struct list *l, uint32_t end)
{
    if (l->comma && end > l->comma) {
        for (uint32_t i = l->comma; i < end; i++)
            if (t->copy[i] != '\n')
                t->copy[i] = ' ';
        t->cut += end - l->comma;
    }
    l->comma = 0;
}

/* Something that is no literal at i: the run before it ends with the element before. */
static void end_run(struct thin *t, uint32_t i)
{
    struct list *l = &t->open[t->depth - 1];
    if (l->comma)
        blank(t, l, l->last);
    l->begin = i + 1;
}

static void on_comma(struct list *l, uint32_t i)
{
    l->last = i + 1;
    if (!l->comma && l->is_array && i - l->begin > THIN_AFTER)
        l->comma = i + 1;
}

static bool is_literal_word(struct str w)
{
    return isdigit((unsigned char)w.p[0]) || str_ieq(w, STR("true")) || str_ieq(w, STR("false")) ||
           str_ieq(w, STR("null"));
}

/* One token at i that is no string or comment; returns past it. False nesting (too deep,
 * unbalanced): 0. */
static uint32_t token(struct thin *t, uint32_t i)
{
    char c = t->src.p[i];
    struct list *l = t->depth ? &t->open[t->depth - 1] : NULL;
    if (c == '[' || c == '(' || c == '{') {
        if (l)
            end_run(t, i);
        if (t->depth == NEST_MAX)
            return 0;
        bool array = c == '[' || (c == '(' && is_array_word(t->src, i));
        t->open[t->depth++] = (struct list){ .begin = i + 1, .is_array = array };
    } else if (c == ']' || c == ')' || c == '}') {
        if (!l)
            return 0;
        blank(t, l, i);
        t->depth--;
    } else if (c == ',') {
        if (l)
            on_comma(l, i);
    } else if (is_word(c)) {
        uint32_t end = i;
        while (end < t->src.n && is_word(t->src.p[end]))
            end++;
        if (l && !is_literal_word(str_sub(t->src, i, end - i)))
            end_run(t, i);
        return end;
    } else if (l && !isspace((unsigned char)c) && !strchr("=>.-", c)) {
        end_run(t, i);
    }
    return i + 1;
}

uint32_t php_thin(struct str src, struct arena *scratch, struct str *ret)
{
    struct thin t = { .src = src };
    if (src.n < THIN_FROM || memmem(src.p, src.n, "?>", 2) || !str_starts(src, "<?php"))
        return 0;
    t.copy = arena_strndup(scratch, src.p, src.n);
    for (uint32_t i = 5; t.copy && i < src.n;) {
        uint32_t next = code_skip(src, i, src.n);
        if (next == i)
            next = token(&t, i);
        if (!next)
            return 0;
        i = next;
    }
    *ret = (struct str){ t.copy, src.n };
    return t.copy && !t.depth ? t.cut : 0;
}
