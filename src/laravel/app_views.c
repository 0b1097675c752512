/* Views by name and components by name: Blade classes, anonymous components, Livewire classes,
 * single-file and multi-file Livewire 4 components and Volt. */
#include "laravel/app_build.h"

#include <ctype.h>

#define LOOSE "~" /* namespace of templates that lie below no folder of views */
#define BOLT "\xe2\x9a\xa1" /* the sign that Livewire 4 puts before the file name */

static bool below(struct str path, struct str dir)
{
    return dir.n && path.n > dir.n + 1 && !memcmp(path.p, dir.p, dir.n) && path.p[dir.n] == '/';
}

/* "posts/index.blade.php" -> "posts.index" */
static struct str dotted_name(struct build *b, struct str rel)
{
    static const char *const ends[] = { ".blade.php", ".php" };
    for (unsigned i = 0; i < 2; i++) {
        if (!str_ends(rel, ends[i]))
            continue;
        struct str out =
            text_concat(b->arena, str_sub(rel, 0, rel.n - (uint32_t)strlen(ends[i])), STR(""));
        for (uint32_t k = 0; k < out.n; k++) {
            if (out.p[k] == '/')
                ((char *)out.p)[k] = '.';
        }
        return out;
    }
    return STR("");
}

static struct str with_namespace(struct build *b, struct str ns, struct str name)
{
    if (!ns.n)
        return name;
    return text_concat(b->arena, text_concat(b->arena, ns, STR("::")), name);
}

static void add_view(struct build *b, struct str name, uint32_t file)
{
    uint64_t old;
    if (!name.n || map64_get(b->app->index->view_by_name, str_hash(name), &old))
        return;
    char *copy = arena_strndup(b->arena, name.p, name.n);
    if (!copy)
        return;
    b->failed |= !map64_put(b->app->index->view_by_name, str_hash(name), b->views.n);
    PUSH(b, &b->views, (struct view){ copy, file });
}

/* resources/views/vendor/mail/html/x is also "mail::html.x". */
static void add_published(struct build *b, struct str name, uint32_t file)
{
    if (!str_starts(name, "vendor."))
        return;
    struct str rest = str_sub(name, 7, name.n - 7), ns;
    if (!str_next(&rest, '.', &ns) || !rest.n)
        return;
    add_view(b, with_namespace(b, ns, rest), file);
    if (str_is(ns, "mail") && str_starts(rest, "html.")) /* the folder of Markdown mails */
        add_view(b, with_namespace(b, ns, str_sub(rest, 5, rest.n)), file);
}

static int by_view(const void *x, const void *y)
{
    return strcmp(((const struct view *)x)->name, ((const struct view *)y)->name);
}

/* Templates below no known folder (themes, skins): found by the end of their path only. */
static void loose_views(struct build *b, const uint8_t *named)
{
    for (uint32_t i = 0; i < b->own_files && !b->failed; i++) {
        struct str path = str_c(b->files.p[i].path);
        if (!named[i] && str_ends(path, ".blade.php"))
            add_view(b, with_namespace(b, STR(LOOSE), dotted_name(b, path)), i);
    }
}

void build_views(struct build *b)
{
    uint8_t *named = arena_new_array(b->arena, uint8_t, b->own_files + 1);
    if (!named) {
        b->failed = true;
        return;
    }
    for (size_t r = 0; r < b->view_roots.n; r++) {
        const struct view_root *root = &b->view_roots.p[r];
        for (uint32_t i = 0; i < b->own_files && !b->failed; i++) {
            struct str path = str_c(b->files.p[i].path);
            if (!below(path, root->dir))
                continue;
            struct str name = dotted_name(b, str_sub(path, root->dir.n + 1, path.n));
            add_view(b, with_namespace(b, root->ns, name), i);
            named[i] = 1;
            if (!root->ns.n)
                add_published(b, name, i);
        }
    }
    loose_views(b, named);
    if (b->views.n)
        qsort(b->views.p, b->views.n, sizeof *b->views.p, by_view);
    for (size_t i = 0; i < b->views.n; i++)
        b->failed |=
            !map64_put(b->app->index->view_by_name, str_hash(str_c(b->views.p[i].name)), i);
    FREEZE(b, &b->views, b->app->views, b->app->nviews);
}

/* ---- components ---- */

static uint64_t component_key(struct str name, bool livewire)
{
    return hash_mix(str_hash(name), livewire ? 2 : 1);
}

static void add_component(struct build *b, struct str name, bool livewire, uint32_t cls,
                          uint32_t file)
{
    uint64_t old;
    if (!name.n || map64_get(b->app->index->component_by_name, component_key(name, livewire), &old))
        return;
    struct component c = { arena_strndup(b->arena, name.p, name.n), NULL, livewire, cls, file };
    if (!c.name)
        return;
    b->failed |= !map64_put(b->app->index->component_by_name, component_key(name, livewire),
                            b->components.n);
    PUSH(b, &b->components, c);
}

static uint32_t view_file(const struct build *b, struct str name)
{
    const struct view *v = app_view(b->app, name);
    return v ? v->file : REF_NONE;
}

/* The view that render() names; else the one that lies where the convention says. */
static uint32_t rendered_view(struct build *b, uint32_t cls, const char *folder, struct str name)
{
    const struct method *m = class_method_named(b->app, cls, "render");
    struct str text;
    if (m) {
        struct scope sc = scope_of_class(b, cls);
        sc.src = src_of(b->app, m->at.file);
        sc.fn = src_body(&sc.src, m->at.node);
        uint32_t end = src_node(&sc.src, m->at.node)->skip;
        for (uint32_t i = m->at.node; i < end; i++) {
            uint8_t kind = src_kind(&sc.src, i);
            bool is_view =
                (kind == E_CALL && src_is(&sc.src, node_first(sc.src.f, i), E_NAME, "view")) ||
                (kind == E_SCALL && src_scall_on(&sc.src, i, "View") &&
                 str_is(src_str(&sc.src, i), "make")) ||
                (kind == E_MCALL && str_is(src_str(&sc.src, i), "view"));
            if (is_view && eval_str(&sc, src_arg(&sc.src, i, 0, "view"), &text) &&
                view_file(b, text) != REF_NONE)
                return view_file(b, text);
        }
    }
    struct scope sc = scope_of_class(b, cls);
    uint32_t prop = class_default(b, cls, "view", &sc.src);
    if (prop && eval_str(&sc, prop, &text) && view_file(b, text) != REF_NONE)
        return view_file(b, text);
    return view_file(b, text_concat(b->arena, str_c(folder), name));
}

/* "Forms\TextInput" -> "forms.text-input"; "Card\Card" -> "card" */
static struct str kebab_path(struct build *b, struct str tail)
{
    struct str out = STR(""), rest = tail, part, before = STR("");
    while (str_next(&rest, '\\', &part)) {
        if (!rest.p && before.n && str_eq(part, before))
            break;
        struct str kebab = text_snake(part, '-', b->arena);
        if (out.n)
            out = text_concat(b->arena, out, STR("."));
        out = text_concat(b->arena, out, kebab);
        before = part;
    }
    return out;
}

/* The part of a class name behind "…\View\Components\" and the like. */
static bool tail_after(struct str name, const char *marker, struct str *ret)
{
    const char *at = name.n ? memmem(name.p, name.n, marker, strlen(marker)) : NULL;
    if (!at)
        return false;
    uint32_t from = (uint32_t)(at - name.p) + (uint32_t)strlen(marker);
    *ret = str_sub(name, from, name.n - from);
    return ret->n > 0;
}

static void blade_class(struct build *b, uint32_t cls)
{
    struct str name = syms_str(b->app->syms, b->app->classes[cls].name), tail;
    for (size_t i = 0; i < b->class_component_roots.n; i++) {
        const struct view_root *root = &b->class_component_roots.p[i];
        struct str prefix = text_concat(b->arena, root->dir, STR("\\"));
        if (!str_starts(name, prefix.p) || name.n <= prefix.n)
            continue;
        struct str kebab = kebab_path(b, str_sub(name, prefix.n, name.n));
        add_component(b, with_namespace(b, root->ns, kebab), false, cls,
                      rendered_view(b, cls, "components.", kebab));
    }
    if (!tail_after(name, "\\View\\Components\\", &tail))
        tail = text_basename(name);
    struct str kebab = kebab_path(b, tail);
    add_component(b, kebab, false, cls, rendered_view(b, cls, "components.", kebab));
}

static void livewire_class(struct build *b, uint32_t cls)
{
    struct str name = syms_str(b->app->syms, b->app->classes[cls].name), tail;
    const char *configured = build_setting(b, "livewire.class_namespace");
    struct str root =
        text_concat(b->arena, str_c(configured ? configured : "App\\Livewire"), STR("\\"));
    if (str_starts(name, root.p) && name.n > root.n)
        tail = str_sub(name, root.n, name.n);
    else if (!tail_after(name, "\\Livewire\\", &tail))
        tail = name;
    struct str kebab = kebab_path(b, tail);
    uint32_t file = rendered_view(b, cls, "livewire.", kebab);
    add_component(b, kebab, true, cls, file);
    struct str full = kebab_path(b, name);
    if (!str_eq(full, kebab))
        add_component(b, full, true, cls, file);
    if (str_ends(kebab, ".index"))
        add_component(b, str_sub(kebab, 0, kebab.n - 6), true, cls, file);
}

/* Anonymous class at the top of a template or of the PHP file beside it; NO_CLASS: none. */
static uint32_t front_class(const struct build *b, uint32_t file)
{
    uint32_t lo = 0, hi = b->app->nclasses; /* classes stand in the order of their files */
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (b->app->classes[mid].at.file < file)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < b->app->nclasses && b->app->classes[lo].at.file == file; lo++) {
        if (!b->app->classes[lo].name)
            return lo;
    }
    return NO_CLASS;
}

/* Volt's functional form: state(…), computed(…) imported from Livewire\Volt. */
static bool uses_volt(const struct src *s)
{
    for EACH_CHILD (s, 0, c) {
        if (src_kind(s, c) == N_USE && str_starts(src_str(s, c), "Livewire\\Volt\\"))
            return true;
    }
    return false;
}

static struct str without_bolt(struct build *b, struct str name)
{
    const char *at = name.n ? memmem(name.p, name.n, BOLT, 3) : NULL;
    if (!at)
        return name;
    uint32_t from = (uint32_t)(at - name.p), n = 3;
    if (from + 6 <= name.n && !memcmp(name.p + from + 3, "\xef\xb8\x8e", 3))
        n = 6; /* with its variation selector */
    return text_concat(b->arena, str_sub(name, 0, from), str_sub(name, from + n, name.n));
}

/* counter/counter -> counter: a component with its files in a folder */
static struct str fold_name(struct build *b, struct str name)
{
    struct str dir = STR(""), last = name;
    for (uint32_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '.') {
            dir = str_sub(name, 0, i - 1);
            last = str_sub(name, i, name.n);
            break;
        }
    }
    struct str parent = dir;
    for (uint32_t i = dir.n; i > 0; i--) {
        if (dir.p[i - 1] == '.') {
            parent = str_sub(dir, i, dir.n);
            break;
        }
    }
    return dir.n && (str_is(last, "index") || str_eq(last, parent)) ? dir : name;
}

/* The class of a multi-file component: name.php beside name.blade.php. */
static uint32_t class_beside(const struct build *b, const char *path)
{
    struct str p = str_c(path);
    if (!str_ends(p, ".blade.php"))
        return NO_CLASS;
    const char *other = arena_printf(b->arena, STR_FMT ".php", STR_ARG(str_sub(p, 0, p.n - 10)));
    uint32_t file = other ? build_file(b, str_c(other)) : REF_NONE;
    return file == REF_NONE ? NO_CLASS : front_class(b, file);
}

static void component_of_view(struct build *b, const struct view *v, struct str ns, struct str tail)
{
    const char *path = b->app->files[v->file].path;
    struct src s = src_of(b->app, v->file);
    struct str name = fold_name(b, without_bolt(b, tail));
    struct str full = with_namespace(b, ns, name);
    if (!str_ends(str_c(path), ".blade.php"))
        return;
    uint32_t cls = front_class(b, v->file);
    bool bolt = str_contains(str_c(path), BOLT);
    if (cls == NO_CLASS && bolt)
        cls = class_beside(b, path);
    if (cls != NO_CLASS || bolt || uses_volt(&s))
        add_component(b, full, true, cls, v->file);
}

static void components_of_views(struct build *b)
{
    static const char *const livewire[] = { "livewire.", "components.", "pages." };
    for (uint32_t i = 0; i < b->app->nviews && !b->failed; i++) {
        const struct view *v = &b->app->views[i];
        struct str name = str_c(v->name), ns = STR("");
        const char *colons = strstr(v->name, "::");
        if (colons) {
            ns = str_sub(name, 0, (uint32_t)(colons - v->name));
            name = str_sub(name, ns.n + 2, name.n);
        }
        for (unsigned k = 0; k < 3; k++) {
            if (str_starts(name, livewire[k])) {
                uint32_t cut = (uint32_t)strlen(livewire[k]);
                struct str tail = str_sub(name, cut, name.n);
                component_of_view(b, v, k == 2 && !ns.n ? STR("pages") : ns, tail);
                if (k == 2)
                    component_of_view(b, v, ns, name);
            }
        }
        if (str_is(ns, "mail") && !memchr(name.p, '.', name.n))
            add_component(b, str_c(v->name), false, NO_CLASS, v->file);
        if (!str_starts(name, "components."))
            continue;
        struct str tail = without_bolt(b, str_sub(name, 11, name.n));
        add_component(b, with_namespace(b, ns, fold_name(b, tail)), false, NO_CLASS, v->file);
        add_component(b, with_namespace(b, ns, tail), false, NO_CLASS, v->file);
    }
}

/* Folders named by Blade::anonymousComponentPath and the like. */
static void components_of_folders(struct build *b)
{
    for (size_t r = 0; r < b->component_roots.n; r++) {
        const struct view_root *root = &b->component_roots.p[r];
        for (uint32_t i = 0; i < b->own_files && !b->failed; i++) {
            struct str path = str_c(b->files.p[i].path);
            if (!below(path, root->dir) || !str_ends(path, ".blade.php"))
                continue;
            struct str tail = dotted_name(b, str_sub(path, root->dir.n + 1, path.n));
            uint32_t cls = front_class(b, i);
            struct str name = with_namespace(b, root->ns, fold_name(b, without_bolt(b, tail)));
            add_component(b, name, cls != NO_CLASS, cls, i);
        }
    }
}

static void registered_components(struct build *b)
{
    for (size_t i = 0; i < b->components.n; i++) {
        struct component *c = &b->components.p[i];
        uint64_t key = component_key(str_c(c->name), c->livewire), old;
        if (c->class_ != NO_CLASS) {
            struct str kebab = text_snake(
                syms_str(b->app->syms, b->app->classes[c->class_].short_name), '-', b->arena);
            c->file = rendered_view(b, c->class_, c->livewire ? "livewire." : "components.", kebab);
        } else if (c->view_name) {
            c->file = view_file(b, str_c(c->view_name));
        }
        if (!map64_get(b->app->index->component_by_name, key, &old))
            b->failed |= !map64_put(b->app->index->component_by_name, key, i);
    }
}

static bool is_abstract(const struct build *b, const struct class *c)
{
    return facts_node(b->app->files[c->at.file].facts, c->at.node)->flags & F_ABSTRACT;
}

void build_components(struct build *b)
{
    registered_components(b);
    for (uint32_t i = 0; i < b->app->nclasses && !b->failed; i++) {
        const struct class *c = &b->app->classes[i];
        if (!c->name || c->kind != CLASS_CLASS || c->is & IS_TEST || is_abstract(b, c))
            continue;
        if (c->is & IS_LIVEWIRE)
            livewire_class(b, i);
        else if (c->is & IS_COMPONENT)
            blade_class(b, i);
    }
    components_of_views(b);
    components_of_folders(b);
    FREEZE(b, &b->components, b->app->components, b->app->ncomponents);
}

/* ---- look-ups ---- */

static struct str dots(struct str name, char *buf, size_t size)
{
    uint32_t n = name.n < size ? name.n : (uint32_t)size;
    for (uint32_t i = 0; i < n; i++)
        buf[i] = name.p[i] == '/' ? '.' : name.p[i];
    return (struct str){ buf, n };
}

const struct view *app_view(const struct app *app, struct str name)
{
    char buf[512];
    uint64_t at;
    if (!name.n || name.n >= sizeof buf)
        return NULL;
    name = dots(name, buf, sizeof buf);
    while (name.n && name.p[0] == '.')
        name = str_sub(name, 1, name.n - 1);
    if (!map64_get(app->index->view_by_name, str_hash(name), &at) || at >= app->nviews)
        return NULL;
    return str_is(name, app->views[at].name) ? &app->views[at] : NULL;
}

static bool ends_as_view(struct str v, struct str name)
{
    if (v.n < name.n || memcmp(v.p + v.n - name.n, name.p, name.n))
        return false;
    char before = v.n > name.n ? v.p[v.n - name.n - 1] : '.';
    return before == '.' || before == ':';
}

/* 0: nobody names it whole, so it is meant by its end; 1: known whole; 2: of no folder of views. */
static unsigned suffix_rank(const struct app *app, struct str v, struct str name)
{
    if (str_starts(v, LOOSE "::"))
        return 2;
    return !memchr(name.p, '.', name.n) || syms_find(app->syms, v) != 0;
}

const struct view *app_view_suffix(const struct app *app, struct str name)
{
    char buf[512];
    const struct view *found = NULL;
    unsigned best = 3;
    bool twice = false;
    if (!name.n || name.n >= sizeof buf)
        return NULL;
    name = dots(name, buf, sizeof buf);
    for (uint32_t i = 0; i < app->nviews; i++) {
        struct str v = str_c(app->views[i].name);
        if (!ends_as_view(v, name))
            continue;
        unsigned rank = suffix_rank(app, v, name);
        if (rank > best || (found && rank == best && found->file == app->views[i].file))
            continue;
        twice = rank == best;
        best = rank;
        found = &app->views[i];
    }
    return twice ? NULL : found;
}

const struct component *app_component(const struct app *app, struct str name, bool livewire)
{
    uint64_t at;
    if (!name.n || !map64_get(app->index->component_by_name, component_key(name, livewire), &at) ||
        at >= app->ncomponents)
        return NULL;
    return str_is(name, app->components[at].name) ? &app->components[at] : NULL;
}
