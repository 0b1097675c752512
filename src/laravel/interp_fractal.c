/* Fractal: transform() runs for each row, and so do the include methods that are always taken or asked for by name. */
#include "laravel/interp.h"

#include <ctype.h>

enum { INCLUDES_MAX = 64 };

static const struct method *transform_of(const struct interp *it, const struct value *v)
{
    return v_is(v, V_OBJECT) && v->cls != NO_CLASS
               ? class_method_named(it->app, v->cls, "transform")
               : NULL;
}

/* --- names of includes --- */

static void asked_text(struct includes *in, struct str s)
{
    struct str part;
    while (in->n < INCLUDES_MAX && str_next(&s, ',', &part)) {
        part = str_trim(part);
        if (!part.n)
            continue;
        in->s[in->n++] = part;
        in->hash = hash_mix(in->hash, str_hash(part));
    }
}

static void asked_value(struct includes *in, const struct value *v, unsigned depth)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    for (uint32_t i = 0; i < n && depth < 4; i++) {
        if (v_is(m[i], V_STR) && !(m[i]->flags & VF_PARTIAL))
            asked_text(in, m[i]->s);
        for (uint32_t k = 0; v_is(m[i], V_ARRAY) && k < m[i]->arr->n; k++)
            asked_value(in, m[i]->arr->items[k].v, depth + 1);
        if (v_is(m[i], V_ARRAY) && m[i]->arr->elem)
            asked_value(in, m[i]->arr->elem, depth + 1);
    }
}

static struct includes *includes_new(struct interp *it)
{
    struct includes *in = it_new(it, struct includes);
    if (in)
        in->s = it_array(it, struct str, INCLUDES_MAX);
    return in && in->s ? in : NULL;
}

static struct str first_part(struct str s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (s.p[i] == '.' || s.p[i] == ':')
            return str_sub(s, 0, i);
    return s;
}

/* What "a.b" asks of the transformer that includes a. */
static const struct includes *includes_below(struct interp *it, const struct includes *all, struct str name)
{
    struct includes *in = all ? includes_new(it) : NULL;
    for (uint32_t i = 0; in && i < all->n; i++) {
        struct str s = all->s[i];
        if (s.n > name.n + 1 && s.p[name.n] == '.' && str_eq(str_sub(s, 0, name.n), name))
            asked_text(in, str_sub(s, name.n + 1, s.n));
    }
    return in && in->n ? in : NULL;
}

static const struct method *include_method(struct interp *it, uint32_t cls, struct str name)
{
    char buf[80] = "include";
    uint32_t n = 7;
    bool up = true;
    for (uint32_t i = 0; i < name.n && n + 1 < sizeof buf; i++) {
        bool sign = name.p[i] == '_' || name.p[i] == '-' || name.p[i] == ' ';
        if (!sign)
            buf[n++] = up ? (char)toupper((unsigned char)name.p[i]) : name.p[i];
        up = sign;
    }
    buf[n] = '\0';
    return name.n ? class_method_named(it->app, cls, buf) : NULL;
}

/* --- running --- */

static void run_for_rows(struct interp *it, const struct value *with, const struct method *m,
                         const struct value *rows, struct ref site, bool one)
{
    struct closure *c = it_new(it, struct closure);
    if (!c)
        return;
    *c = (struct closure){ .file = REF_NONE, .self = with, .method = m->name };
    if (one)
        call_closure1(it, v_closure(it, c), rows, site);
    else
        call_each(it, v_closure(it, c), rows, site, false);
}

static void run_includes(struct interp *it, const struct value *with, const struct value *rows,
                         const struct includes *in, const struct includes *asked, struct ref site, bool one)
{
    for (uint32_t i = 0; in && i < in->n && !it->cut; i++) {
        struct str name = first_part(in->s[i]);
        const struct method *m = include_method(it, with->cls, name);
        bool before = false;
        for (uint32_t k = 0; k < i; k++)
            before = before || str_eq(first_part(in->s[k]), name);
        if (!m || before || frame_count(it, m->at))
            continue;
        it->includes = includes_below(it, asked, name);
        run_for_rows(it, with, m, rows, site, one);
    }
}

static void run_transformer(struct interp *it, const struct value *with, const struct value *rows,
                            struct ref site, bool one)
{
    const struct includes *asked = it->includes;
    sym always = it_find_sym(it, "defaultIncludes");
    it->includes = NULL;
    run_for_rows(it, with, transform_of(it, with), rows, site, one);
    struct includes *in = always ? includes_new(it) : NULL;
    if (in)
        asked_value(in, object_prop(it, with, always, site.node), 0);
    run_includes(it, with, rows, in, asked, site, one);
    run_includes(it, with, rows, asked, asked, site, one);
    it->includes = asked;
}

/* fractal($rows, new T), new Collection($rows, new T), $this->collection($rows, new T); NULL: no such pair. */
const struct value *transform_pair(struct interp *it, const struct args *args, struct ref site, bool one)
{
    const struct value *rows = NULL, *with = NULL;
    for (uint32_t i = 0; i < args->n; i++) {
        const struct value *const *m;
        const struct value *v = args->a[i].v;
        uint32_t n = v_members(&v, &m);
        for (uint32_t k = 0; k < n && !with; k++) {
            if (transform_of(it, m[k]))
                with = m[k];
            else if (v_is(m[k], V_CLASS) && m[k]->cls != NO_CLASS &&
                     class_method_named(it->app, m[k]->cls, "transform"))
                with = service(it, m[k]->cls);
        }
        if (!rows && (v_is(v, V_COLL) || v_is(v, V_BUILDER) || v_is(v, V_MODEL) || v_is(v, V_UNION) || v_is(v, V_ARRAY)))
            rows = v;
    }
    if (!rows || !with || !transform_of(it, with))
        return NULL;
    if (rows->kind == V_BUILDER)
        rows = builder_rows(it, rows, site.node);
    one = one || rows->kind == V_MODEL;
    it->transformed.rows = rows;
    it->transformed.with = with;
    it->transformed.one = one;
    run_transformer(it, with, rows, site, one);
    return v_of(it, V_FLUENT, FLUENT_TRANSFORMED, rows, args->dep);
}

/* parseIncludes(…) before the rows are given, or of `base`, which has them already. */
void includes_asked(struct interp *it, const struct value *base, const struct args *args, struct ref site)
{
    struct includes *in = args->n ? includes_new(it) : NULL;
    if (!in)
        return;
    asked_value(in, args->a[0].v, 0);
    it->includes = NULL;
    if (v_is(base, V_FLUENT) && base->name == FLUENT_TRANSFORMED && base->of == it->transformed.rows)
        run_includes(it, it->transformed.with, it->transformed.rows, in, in, site, it->transformed.one);
    it->includes = in->n ? in : NULL;
}
