/* Cache::get($key) in a loop: all keys at once by Cache::many() before it. Where the loop also writes, only its own key
 * of the same turn, and only when no two turns can have the same key. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "fix/round.h"
#include "rules/emit.h"

static bool named(const struct patch *p, struct ref call, const char *name)
{
    return str_ieq(node_name(p, call), str_c(name));
}

/* Cache, Cache::store('x') and cache(): what answers many(). */
static bool is_store(const struct patch *p, struct ref r)
{
    struct ref base = first_child(p, r);
    if (is_kind(p, r, E_NAME))
        return str_ends(node_name(p, r), "Facades\\Cache") || str_is(node_name(p, r), "Cache");
    if (is_kind(p, r, E_CALL))
        return is_kind(p, base, E_NAME) && str_is(node_name(p, base), "cache") && !arg_count(p, r);
    return (is_kind(p, r, E_SCALL) || is_kind(p, r, E_MCALL)) && (named(p, r, "store") || named(p, r, "driver")) &&
           is_store(p, base);
}

static bool is_cache_call(const struct patch *p, struct ref r)
{
    return (is_kind(p, r, E_SCALL) || is_kind(p, r, E_MCALL)) && is_store(p, first_child(p, r));
}

/* --- keys --- */

enum { KEY_DEEP = 3 };

/* The same text each time: no counters, no time, no chance; a method of the class when it is a mere return. */
static bool is_pure(const struct patch *p, struct ref r, unsigned depth)
{
    static const char *const functions[] = { "md5",        "sha1", "implode", "sprintf", "strtolower",
                                             "strtoupper", "trim", "crc32",   "strval" };
    switch (at_node(p, r)->kind) {
    case E_STR:
    case E_INT:
    case E_VAR:
    case E_CCONST:
    case E_CONST:
        return true;
    case E_NAME:
        return true;
    case E_INTERP:
    case E_BIN:
    case E_INDEX:
    case E_CAST:
    case E_ARG:
    case E_PROP:
    case E_SPROP:
    case E_ARRAY:
    case E_ITEM:
        break;
    case E_CALL: {
        bool known = false;
        for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
            known |= str_is(node_name(p, first_child(p, r)), functions[i]);
        if (!known)
            return false;
        break;
    }
    case E_MCALL:
    case E_SCALL: {
        struct ref base = first_child(p, r);
        uint32_t cls = class_of(p->app, r);
        bool own =
            (is_kind(p, base, E_VAR) && str_is(node_name(p, base), "this")) ||
            (is_kind(p, base, E_NAME) && (str_is(node_name(p, base), "self") || str_is(node_name(p, base), "static")));
        const struct method *m = own && cls != NO_CLASS ? class_method(p->app, cls, ref_sym(p->app, r)) : NULL;
        struct ref body = { REF_NONE, 0 };
        for (struct ref c = m ? first_child(p, m->at) : body; is_ref(c); c = next_child(p, m->at, c))
            body = is_kind(p, c, S_BLOCK) ? c : body;
        struct ref only = is_ref(body) ? first_child(p, body) : body;
        if (!is_kind(p, only, S_RETURN) || is_ref(next_child(p, body, only)) || depth == KEY_DEEP ||
            !is_pure(p, first_child(p, only), depth + 1))
            return false;
        break;
    }
    default:
        return false;
    }
    for (struct ref c = first_child(p, r); is_ref(c); c = next_child(p, r, c))
        if (!is_pure(p, c, depth))
            return false;
    return true;
}

/* --- loops that also write --- */

/* Constants of a list, each once: self::FIGURES, ['a', 'b']. */
static bool is_list_of_distinct(const struct patch *p, struct ref rows)
{
    if (is_kind(p, rows, E_CCONST)) {
        uint32_t cls = class_of(p->app, rows);
        struct ref at = cls == NO_CLASS ? (struct ref){ REF_NONE, 0 } : p->app->classes[cls].at;
        struct ref name = first_child(p, rows), found = { REF_NONE, 0 };
        bool own =
            is_kind(p, name, E_NAME) && (str_is(node_name(p, name), "self") || str_is(node_name(p, name), "static"));
        for (uint32_t i = own && is_ref(at) ? at.node : 0; own && is_ref(at) && i < at_node(p, at)->skip; i++) {
            struct ref c = { at.file, i };
            if (is_kind(p, c, N_CONST) && str_eq(node_name(p, c), node_name(p, rows)))
                found = first_child(p, c);
        }
        rows = found;
    }
    if (!is_kind(p, rows, E_ARRAY))
        return false;
    for (struct ref a = first_child(p, rows); is_ref(a); a = next_child(p, rows, a)) {
        struct ref value = first_child(p, a);
        if (!is_kind(p, a, E_ITEM) || (at_node(p, a)->flags & F_HAS_KEY) || !is_kind(p, value, E_STR))
            return false;
        for (struct ref b = first_child(p, rows); b.node != a.node; b = next_child(p, rows, b))
            if (str_eq(node_name(p, value), node_name(p, first_child(p, b))))
                return false;
    }
    return true;
}

/* The row itself, whole, is a part of the key: distinct rows give distinct keys. */
static bool holds_row(const struct patch *p, const struct round *r, struct ref key)
{
    for (uint32_t i = key.node; i < at_node(p, key)->skip; i++) {
        struct ref v = { key.file, i }, up = parent_of(p, v);
        bool row = is_kind(p, v, E_VAR) && str_eq(node_name(p, v), r->row);
        if (row && !is_kind(p, up, E_PROP) && !is_kind(p, up, E_INDEX) && !is_kind(p, up, E_MCALL))
            return true;
    }
    return false;
}

static bool touches_cache(const struct patch *p, struct ref method, unsigned depth)
{
    for (uint32_t i = method.node; i < at_node(p, method)->skip; i++) {
        struct ref r = { method.file, i };
        bool names = is_kind(p, r, E_NAME) && (str_ends(node_name(p, r), "Cache") || str_is(node_name(p, r), "cache"));
        if (names)
            return true;
        bool own = is_kind(p, r, E_MCALL) && is_kind(p, first_child(p, r), E_VAR) &&
                   str_is(node_name(p, first_child(p, r)), "this");
        uint32_t cls = own ? class_of(p->app, r) : NO_CLASS;
        const struct method *m = cls == NO_CLASS ? NULL : class_method(p->app, cls, ref_sym(p->app, r));
        if (m && depth < KEY_DEEP && m->at.node != method.node && touches_cache(p, m->at, depth + 1))
            return true;
    }
    return false;
}

static bool is_same_code(struct patch *p, struct ref a, struct ref b)
{
    return str_eq(node_text(p, a), node_text(p, b));
}

/* Every use of the cache in the body, other than the read: writes of the same key only, with keys that differ by turn.
 */
static void check_writes(struct patch *p, const struct round *r, struct ref read, struct ref key)
{
    bool writes = false;
    for (uint32_t i = r->body.node; i < at_node(p, r->body)->skip; i++) {
        struct ref c = { r->body.file, i };
        bool own = is_kind(p, c, E_MCALL) && is_kind(p, first_child(p, c), E_VAR) &&
                   str_is(node_name(p, first_child(p, c)), "this");
        uint32_t cls = own ? class_of(p->app, c) : NO_CLASS;
        const struct method *m = cls == NO_CLASS ? NULL : class_method(p->app, cls, ref_sym(p->app, c));
        if (m && touches_cache(p, m->at, 0))
            patch_refuse(p, "the loop calls %.*s(), which uses the cache too", STR_ARG(node_name(p, c)));
        if (!is_cache_call(p, c) || i == read.node || named(p, c, "store") || named(p, c, "driver"))
            continue;
        if ((named(p, c, "get") || named(p, c, "has")) && !writes)
            continue;
        writes = true;
        bool same = (named(p, c, "put") || named(p, c, "forever") || named(p, c, "forget")) &&
                    is_same_code(p, nth_arg(p, c, 0), key);
        if (!same)
            patch_refuse(p, "the loop writes to the cache");
    }
    if (writes && !(is_list_of_distinct(p, r->rows) && holds_row(p, r, round_value(p, r, key))))
        patch_refuse(p, "the loop writes the keys that it reads, and two turns may have the same one");
}

enum fix_answer fix_cache_many(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    struct round r;
    const struct flow *f = in->flow;
    (void)err;
    patch_init(&p, in->app, arena);
    if (!f || !is_ref(f->loop) || !is_inside(&p, f->loop, f->read) || !is_cache_call(&p, f->read)) {
        patch_refuse(&p, "only a Cache::get() written in the loop itself is rewritten");
        return patch_done(&p, NULL, ret);
    }
    struct ref key = nth_arg(&p, f->read, 0), fallback = nth_arg(&p, f->read, 1);
    unsigned n = arg_count(&p, f->read);
    if (!named(&p, f->read, "get") || n < 1 || n > 2 || (n == 2 && !is_literal(&p, fallback)))
        patch_refuse(&p, "it is not a plain Cache::get($key)");
    if (!p.refused && !round_read(&p, f->loop, &r))
        return patch_done(&p, NULL, ret);
    if (!p.refused && round_depends(&p, &r, first_child(&p, f->read)))
        patch_refuse(&p, "the store hangs on the loop");
    if (!p.refused)
        check_writes(&p, &r, f->read, key);
    struct ref value = p.refused ? key : round_value(&p, &r, key);
    if (!p.refused && !is_pure(&p, value, 0))
        patch_refuse(&p, "the key is not a plain expression of the row");
    if (p.refused)
        return patch_done(&p, NULL, ret);
    for (uint32_t i = value.node; i < at_node(&p, value)->skip; i++) { /* the map below knows the row only */
        struct ref v = { value.file, i };
        bool row = is_kind(&p, v, E_VAR) && str_eq(node_name(&p, v), r.row);
        if (is_kind(&p, v, E_VAR) && !row && round_depends(&p, &r, v))
            patch_refuse(&p, "the key is not a plain expression of the row");
    }
    const char *store = node_cstr(&p, first_child(&p, f->read));
    const char *arrow = is_kind(&p, f->read, E_SCALL) ? "::" : "->";
    const char *map = round_name(&p, &r, "cached");
    const char *rows = round_rows(&p, &r, "rows");
    const char *keys =
        is_kind(&p, value, E_VAR) && str_eq(node_name(&p, value), r.row)
            ? arena_printf(arena, "collect(%s)", rows)
            : arena_printf(arena, "collect(%s)->map(fn ($%.*s) => %s)", rows, STR_ARG(r.row), node_cstr(&p, value));
    round_put(&p, &r, arena_printf(arena, "$%s = %s%smany(%s->unique()->values()->all());", map, store, arrow, keys));
    round_let_see(&p, &r, map);
    /* many() answers null for what is missing, as get() does: no ?? is needed without a fallback of its own. */
    const char *read =
        n == 2 ? in_place_of(&p, f->read,
                             arena_printf(arena, "$%s[%s] ?? %s", map, node_cstr(&p, key), node_cstr(&p, fallback)))
               : arena_printf(arena, "$%s[%s]", map, node_cstr(&p, key));
    patch_replace(&p, f->read.file, at_node(&p, f->read)->off, at_node(&p, f->read)->end, read);
    return patch_done(&p, "Ask the cache once, for all keys", ret);
}
