/* HTML as a tree. Text is exact but for runs of white space, which a browser shows as one blank (not in pre, textarea,
 * script and style); attributes are a set by name; comments count, for Livewire's are markers. Attributes that hold JSON
 * (wire:snapshot, wire:effects, x-data) are compared as JSON. */
#include "prove/differ.h"

#include <ctype.h>
#include <gumbo.h>
#include <stdio.h>

enum { NESTING_MAX = 1500, SHOWN = 80 };

/* Gumbo frees its tree by recursion: what nests deeper than any page does is compared as text instead. */
bool html_is_parsable(struct str s)
{
    long depth = 0, most = 0;
    for (uint32_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '<')
            continue;
        if (isalpha((unsigned char)s.p[i + 1]))
            most = ++depth > most ? depth : most;
        else if (s.p[i + 1] == '/' && depth > 0)
            depth--;
    }
    /* void elements (br, img, input…) are never closed: they count, so the bound is a generous one */
    return most < NESTING_MAX * 20L && s.n < (16u << 20);
}


static const GumboVector *children_of(const GumboNode *n)
{
    if (n->type == GUMBO_NODE_DOCUMENT)
        return &n->v.document.children;
    return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE ? &n->v.element.children : NULL;
}

static bool is_text(const GumboNode *n)
{
    return n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA;
}

static struct str tag_of(const GumboNode *n)
{
    if (n->type != GUMBO_NODE_ELEMENT && n->type != GUMBO_NODE_TEMPLATE)
        return STR("#");
    if (n->v.element.tag != GUMBO_TAG_UNKNOWN)
        return str_c(gumbo_normalized_tagname(n->v.element.tag));
    GumboStringPiece piece = n->v.element.original_tag;
    gumbo_tag_from_original_text(&piece);
    return piece.data ? (struct str){ piece.data, (uint32_t)piece.length } : STR("?");
}

static void shown(const GumboNode *n, char *ret, size_t size)
{
    struct str tag = tag_of(n);
    if (is_text(n) || n->type == GUMBO_NODE_COMMENT)
        snprintf(ret, size, "%s%.*s", n->type == GUMBO_NODE_COMMENT ? "<!--" : "", SHOWN, n->v.text.text);
    else
        snprintf(ret, size, "<%.*s>", (int)(tag.n < SHOWN ? tag.n : SHOWN), tag.p);
}

/* Runs of white space as one blank. */
static struct str collapsed(struct str s, struct buf *out)
{
    bool blank = false;
    for (uint32_t i = 0; i < s.n; i++) {
        bool space = strchr(" \t\r\n\f", s.p[i]) && s.p[i];
        if (!space)
            buf_addc(out, s.p[i]);
        else if (!blank)
            buf_addc(out, ' ');
        blank = space;
    }
    return (struct str){ out->p ? out->p : "", (uint32_t)out->n };
}

static bool keeps_space(const GumboNode *parent)
{
    if (parent->type != GUMBO_NODE_ELEMENT)
        return false;
    switch (parent->v.element.tag) {
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
        return true;
    default:
        return false;
    }
}

static void texts(struct differ *d, const GumboNode *parent, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return;
    auto_buf ca = BUF_INIT(32 << 20), cb = BUF_INIT(32 << 20);
    struct str sa = str_c(a), sb = str_c(b);
    if (!keeps_space(parent)) {
        sa = collapsed(sa, &ca);
        sb = collapsed(sb, &cb);
    }
    d->failed |= ca.failed || cb.failed;
    if (!str_eq(sa, sb))
        differ_text(d, sa, sb);
}

static void attributes(struct differ *d, const GumboElement *a, const GumboElement *b)
{
    for (unsigned i = 0; i < a->attributes.length; i++) {
        const GumboAttribute *x = a->attributes.data[i], *y = gumbo_get_attribute(&b->attributes, x->name);
        if (y && strcmp(x->value, y->value) == 0)
            continue;
        size_t m = differ_enter(d, "/@%.100s", x->name);
        if (y)
            differ_text(d, str_c(x->value), str_c(y->value));
        else
            differ_leaf(d, str_c(x->value), (struct str){ 0 });
        differ_leave(d, m);
    }
    for (unsigned i = 0; i < b->attributes.length; i++) {
        const GumboAttribute *y = b->attributes.data[i];
        if (gumbo_get_attribute(&a->attributes, y->name))
            continue;
        size_t m = differ_enter(d, "/@%.100s", y->name);
        differ_leaf(d, (struct str){ 0 }, str_c(y->value));
        differ_leave(d, m);
    }
}

static void nodes(struct differ *d, const GumboNode *parent, const GumboNode *a, const GumboNode *b);

static void children(struct differ *d, const GumboNode *a, const GumboNode *b)
{
    const GumboVector *va = children_of(a), *vb = children_of(b);
    unsigned n = va->length < vb->length ? va->length : vb->length;
    char ta[SHOWN + 16], tb[SHOWN + 16];
    for (unsigned i = 0; i < n; i++) {
        const GumboNode *x = va->data[i], *y = vb->data[i];
        bool alike = is_text(x) ? is_text(y) : x->type == y->type && str_eq(tag_of(x), tag_of(y));
        struct str tag = tag_of(x);
        size_t m = is_text(x) ? differ_enter(d, "/text[%u]", i) : differ_enter(d, "/%.*s[%u]", (int)(tag.n < 40 ? tag.n : 40), tag.p, i);
        if (alike) {
            nodes(d, a, x, y);
        } else {
            shown(x, ta, sizeof ta);
            shown(y, tb, sizeof tb);
            differ_structure(d, str_c(ta), str_c(tb));
        }
        differ_leave(d, m);
        if (!alike)
            return; /* what follows is shifted: it would be told as many differences */
    }
    if (va->length == vb->length)
        return;
    snprintf(ta, sizeof ta, "%u nodes", va->length);
    snprintf(tb, sizeof tb, "%u nodes", vb->length);
    differ_structure(d, str_c(ta), str_c(tb));
}

static void nodes(struct differ *d, const GumboNode *parent, const GumboNode *a, const GumboNode *b)
{
    if (is_text(a) || a->type == GUMBO_NODE_COMMENT) {
        texts(d, parent, a->v.text.text, b->v.text.text);
        return;
    }
    if (d->depth > DIFFER_DEPTH_MAX * 4) {
        differ_structure(d, STR("nested too deep to compare"), STR("nested too deep to compare"));
        return;
    }
    if (a->type == GUMBO_NODE_ELEMENT || a->type == GUMBO_NODE_TEMPLATE)
        attributes(d, &a->v.element, &b->v.element);
    children(d, a, b);
}

void differ_html(struct differ *d, struct str a, struct str b)
{
    if (str_eq(a, b))
        return;
    GumboOutput *ta = gumbo_parse_with_options(&kGumboDefaultOptions, a.p, a.n);
    GumboOutput *tb = gumbo_parse_with_options(&kGumboDefaultOptions, b.p, b.n);
    if (ta && tb)
        nodes(d, ta->document, ta->document, tb->document);
    else
        d->failed = true;
    if (ta)
        gumbo_destroy_output(&kGumboDefaultOptions, ta);
    if (tb)
        gumbo_destroy_output(&kGumboDefaultOptions, tb);
}
