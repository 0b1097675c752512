/* The class table: declarations out of the facts, inheritance, flat method tables, what each class
 * is, and the ancestors that lie in vendor, read only when an application class names them. */
#include "laravel/app_build.h"

static void collect_members(struct build *b, const struct src *s, uint32_t node, struct class *c)
{
    uint32_t nm = 0, np = 0, nt = 0, ni = 0;
    for EACH_CHILD (s, node, m) {
        uint8_t kind = src_kind(s, m);
        nm += kind == N_METHOD;
        np += kind == N_PROP;
        nt += kind == N_TRAIT_USE;
        ni += kind == N_IMPLEMENTS || kind == N_EXTENDS;
        if (kind == N_METHOD && str_ieq(src_str(s, m), STR("__construct"))) {
            for EACH_CHILD (s, m, p)
                np += src_kind(s, p) == N_PARAM && src_node(s, p)->flags & F_PROMOTED;
        }
    }
    c->methods = arena_new_array(b->arena, struct method, nm + 1);
    c->props = arena_new_array(b->arena, struct prop, np + 1);
    c->trait_names = arena_new_array(b->arena, sym, nt + 1);
    c->traits = arena_new_array(b->arena, uint32_t, nt + 1);
    c->interfaces = arena_new_array(b->arena, sym, ni + 1);
    if (!c->methods || !c->props || !c->trait_names || !c->traits || !c->interfaces)
        b->failed = true;
}

static void add_prop(const struct src *s, uint32_t at, struct class *c)
{
    c->props[c->nprops++] = (struct prop){ .name = src_sym(s, at),
                                           .at = { s->file, at },
                                           .flags = src_node(s, at)->flags };
}

static void fill_members(const struct src *s, uint32_t node, uint32_t index, struct class *c)
{
    for EACH_CHILD (s, node, m) {
        const struct node *n = src_node(s, m);
        switch (n->kind) {
        case N_EXTENDS:
            if (c->kind != CLASS_INTERFACE && !c->parent_name)
                c->parent_name = src_sym(s, m);
            else
                c->interfaces[c->ninterfaces++] = src_sym(s, m);
            break;
        case N_IMPLEMENTS:
            c->interfaces[c->ninterfaces++] = src_sym(s, m);
            break;
        case N_TRAIT_USE:
            c->trait_names[c->ntrait_names++] = src_sym(s, m);
            break;
        case N_PROP:
            add_prop(s, m, c);
            break;
        case N_METHOD:
            c->methods[c->nmethods++] =
                (struct method){ src_sym(s, m), { s->file, m }, index, n->flags };
            if (!str_ieq(facts_str(s->f, n->s), STR("__construct")))
                break;
            for EACH_CHILD (s, m, p) {
                if (src_kind(s, p) == N_PARAM && src_node(s, p)->flags & F_PROMOTED)
                    add_prop(s, p, c);
            }
            break;
        default:
            break;
        }
    }
}

/* The first declaration of a name wins; a test double of the same name must not hide the
 * application's class. */
static void name_class(struct build *b, uint32_t index)
{
    const struct class *c = &b->classes.p[index];
    struct app_index *ix = b->app->index;
    struct str full = syms_str(b->app->syms, c->name);
    uint64_t old, key = text_hash_lower(full);
    if (map64_get(ix->class_by_name, key, &old)) {
        uint8_t was = b->files.p[b->classes.p[old].at.file].context;
        if (was != CTX_TEST && was != CTX_STUB)
            return;
    }
    b->failed |= !map64_put(ix->class_by_name, key, index);
    uint8_t context = b->files.p[c->at.file].context;
    if (c->in_vendor || context == CTX_TEST || context == CTX_STUB)
        return;
    uint64_t short_key = text_hash_lower(text_basename(full));
    bool taken = map64_get(ix->class_by_short, short_key, &old);
    b->failed |= !map64_put(ix->class_by_short, short_key, taken ? SHORT_AMBIGUOUS : index);
}

static void collect_class(struct build *b, const struct src *s, uint32_t node, bool vendor)
{
    const struct node *n = src_node(s, node);
    struct class c = { .name = src_sym(s, node),
                       .at = { s->file, node },
                       .kind = n->op,
                       .parent = NO_CLASS,
                       .model = NO_CLASS,
                       .in_vendor = vendor };
    uint32_t index = (uint32_t)b->classes.n;
    if (index >= APP_MAX_CLASSES) {
        b->failed = true;
        return;
    }
    c.short_name = c.name ? build_intern(b, text_basename(src_str(s, node))) : 0;
    collect_members(b, s, node, &c);
    if (b->failed)
        return;
    fill_members(s, node, index, &c);
    PUSH(b, &b->classes, c);
    if (c.name && !b->failed)
        name_class(b, index);
}

void build_classes(struct build *b, uint32_t from_file)
{
    for (uint32_t file = from_file; file < b->files.n && !b->failed; file++) {
        struct src s = src_of(b->app, file);
        bool vendor = b->own_files && file >= b->own_files;
        for (uint32_t i = 0; i < s.f->nnodes && !b->failed; i++) {
            const struct node *n = src_node(&s, i);
            if (n->kind == N_CLASS)
                collect_class(b, &s, i, vendor);
            else if (n->kind == N_FUNCTION && n->s && !vendor)
                PUSH(b, &b->functions,
                     (struct method){ src_sym(&s, i), { file, i }, NO_CLASS, n->flags });
        }
    }
    b->app->classes = b->classes.p;
    b->app->nclasses = (uint32_t)b->classes.n;
}

/* ---- ancestors in vendor ---- */

static struct str vendor_path(const struct build *b, struct str name, struct arena *a)
{
    const struct root *best = NULL;
    for (size_t i = 0; i < b->vendor_roots.n; i++) {
        const struct root *r = &b->vendor_roots.p[i];
        if (r->prefix.n && name.n > r->prefix.n && !memcmp(name.p, r->prefix.p, r->prefix.n) &&
            (!best || r->prefix.n > best->prefix.n))
            best = r;
    }
    if (!best)
        return STR("");
    struct str rest = str_sub(name, best->prefix.n, name.n - best->prefix.n);
    char *p = arena_printf(a, STR_FMT "/" STR_FMT ".php", STR_ARG(best->dir), STR_ARG(rest));
    if (!p)
        return STR("");
    for (char *q = p; *q; q++) {
        if (*q == '\\')
            *q = '/';
    }
    return str_c(p);
}

/* Frameworks whose meaning the reader of the App knows by name; their code would only hide it. */
static bool known_by_name(struct str name)
{
    static const char *const prefixes[] = {
        "Illuminate\\",    "Symfony\\",  "PHPUnit\\",        "Livewire\\",
        "Filament\\",      "Psr\\",      "Monolog\\",        "Doctrine\\",
        "GuzzleHttp\\",    "Carbon\\",   "Laravel\\Lumen\\", "Laravel\\Scout\\",
        "Laravel\\Nova\\", "Twig\\",     "League\\",         "Mockery\\",
        "Faker\\",         "PhpParser\\"
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (str_starts(name, prefixes[i]))
            return true;
    }
    return !str_contains(name, "\\");
}

static void want_vendor(struct build *b, sym name, struct map64 *asked)
{
    uint64_t old;
    struct str full = syms_str(b->app->syms, name);
    if (!name || known_by_name(full) || map64_get(asked, name, &old) ||
        b->files.n - b->own_files >= APP_VENDOR_FILES)
        return;
    b->failed |= !map64_put(asked, name, 1);
    if (map64_get(b->app->index->class_by_name, text_hash_lower(full), &old))
        return;
    struct str path = vendor_path(b, full, b->arena);
    const char *absolute = path.n ? arena_printf(b->arena, "%s/%s", b->app->dir, path.p) : NULL;
    if (!absolute || !file_exists(absolute) || build_file(b, path) != REF_NONE)
        return;
    struct app_file file = { .path = path.p, .context = CTX_OTHER };
    b->failed |= !map64_put(b->app->index->file_by_path, str_hash(path), b->files.n);
    PUSH(b, &b->files, file);
    b->app->files = b->files.p; /* it may have moved */
}

/* What the class's relations lead to: belongsTo(Client::class), and the models that a known trait
 * brings. */
static void want_related(struct build *b, const struct class *c, struct map64 *asked)
{
    struct src s = src_of(b->app, c->at.file);
    uint32_t end = src_node(&s, c->at.node)->skip;
    for (unsigned i = 0; i < c->ntrait_names; i++) {
        unsigned n;
        const struct name_relation *known =
            names_trait_relations(syms_str(b->app->syms, c->trait_names[i]), &n);
        for (unsigned k = 0; k < n; k++)
            want_vendor(b, syms_intern(b->app->syms, str_c(known[k].related)), asked);
    }
    for (uint32_t i = c->at.node; i < end; i++) {
        if (src_kind(&s, i) != E_MCALL || names_relation_kind(src_str(&s, i)) == REL_NONE)
            continue;
        uint32_t arg = src_arg(&s, i, 0, "related");
        if (src_is(&s, arg, E_CCONST, "class") && src_kind(&s, node_first(s.f, arg)) == E_NAME)
            want_vendor(b, src_sym(&s, node_first(s.f, arg)), asked);
        const char *known = NULL; /* Passport::clientModel() */
        if (src_is(&s, arg, E_SCALL, NULL) && src_kind(&s, node_first(s.f, arg)) == E_NAME)
            known = names_static_class(text_basename(src_str(&s, node_first(s.f, arg))),
                                       src_str(&s, arg));
        if (known)
            want_vendor(b, syms_intern(b->app->syms, str_c(known)), asked);
    }
}

/* Traits and parents of the application's own classes, the models that relations name, and what
 * those need in turn, a few rounds deep. */
int build_vendor_classes(struct build *b)
{
    struct map64 *asked = map64_new();
    if (!asked)
        return err_set(b->err, RC_NOMEM, NULL, "no memory for the names of ancestors");
    int rc = RC_OK;
    b->own_files = (uint32_t)b->files.n;
    size_t done = 0;
    for (unsigned round = 0; round < 8 && !rc && !b->failed && b->vendor_roots.n; round++) {
        uint32_t from = (uint32_t)b->files.n;
        size_t n = b->classes.n;
        for (; done < n; done++) {
            const struct class *c = &b->classes.p[done];
            uint8_t context = b->files.p[c->at.file].context;
            if (context == CTX_TEST || context == CTX_STUB || context == CTX_MIGRATION)
                continue;
            want_vendor(b, c->parent_name, asked);
            for (unsigned i = 0; i < c->ntrait_names; i++)
                want_vendor(b, c->trait_names[i], asked);
            want_related(b, c, asked);
        }
        if (from == b->files.n)
            break;
        rc = build_read_files(b, from);
        if (!rc)
            build_classes(b, from);
    }
    map64_free(asked);
    return rc;
}

/* ---- inheritance ---- */

static void resolve_ancestors(struct build *b)
{
    for (size_t i = 0; i < b->classes.n; i++) {
        struct class *c = &b->classes.p[i];
        c->parent = c->parent_name ? app_class(b->app, c->parent_name) : NO_CLASS;
        for (unsigned t = 0; t < c->ntrait_names; t++) {
            uint32_t trait = app_class(b->app, c->trait_names[t]);
            if (trait != NO_CLASS && trait != i)
                c->traits[c->ntraits++] = trait;
        }
    }
    for (size_t i = 0; i < b->classes.n; i++) { /* a circle of parents is cut where it closes */
        uint32_t slow = (uint32_t)i, steps = 0;
        for (uint32_t p = b->classes.p[i].parent; p != NO_CLASS; p = b->classes.p[p].parent) {
            if (p == i || ++steps > 64) {
                b->classes.p[slow].parent = NO_CLASS;
                break;
            }
            slow = p;
        }
    }
}

struct flat_vec VEC(struct flat);

static void add_flat(struct build *b, struct flat_vec *v, const struct method *m)
{
    uint64_t hash = text_hash_lower(syms_str(b->app->syms, m->name));
    for (size_t i = 0; i < v->n; i++) {
        if (v->p[i].hash == hash) {
            bool was_abstract = v->p[i].m->flags & F_ABSTRACT;
            if (was_abstract && !(m->flags & F_ABSTRACT))
                v->p[i].m = m;
            return;
        }
    }
    PUSH(b, v, (struct flat){ hash, m });
}

/* PHP's order: own methods, those of traits (and traits of traits), then the parent's. */
static void add_methods(struct build *b, struct flat_vec *v, uint32_t cls, unsigned depth)
{
    const struct class *c = &b->classes.p[cls];
    for (uint32_t i = 0; i < c->nmethods; i++)
        add_flat(b, v, &c->methods[i]);
    for (unsigned i = 0; i < c->ntraits && depth < 16; i++)
        add_methods(b, v, c->traits[i], depth + 1);
}

static int by_hash(const void *x, const void *y)
{
    const struct flat *a = x, *b = y;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static void flatten(struct build *b, uint32_t cls, struct flat_vec *v)
{
    struct app_index *ix = b->app->index;
    v->n = 0;
    unsigned depth = 0;
    for (uint32_t at = cls; at != NO_CLASS && depth < 64; at = b->classes.p[at].parent, depth++)
        add_methods(b, v, at, 0);
    if (v->n)
        qsort(v->p, v->n, sizeof *v->p, by_hash);
    ix->flat[cls] = arena_new_array(b->arena, struct flat, v->n + 1);
    if (!ix->flat[cls]) {
        b->failed = true;
        return;
    }
    if (v->n)
        memcpy(ix->flat[cls], v->p, v->n * sizeof *v->p);
    ix->nflat[cls] = (uint32_t)v->n;
}

void build_inherit(struct build *b)
{
    struct app_index *ix = b->app->index;
    struct flat_vec v = { 0 };
    resolve_ancestors(b);
    ix->flat = arena_new_array(b->arena, struct flat *, b->classes.n + 1);
    ix->nflat = arena_new_array(b->arena, uint32_t, b->classes.n + 1);
    if (!ix->flat || !ix->nflat)
        b->failed = true;
    for (uint32_t i = 0; i < b->classes.n && !b->failed; i++)
        flatten(b, i, &v);
    vec_release(&v);
}

/* ---- what a class is ---- */

static uint32_t is_of_name(struct build *b, sym name)
{
    uint32_t is = 0;
    struct str at = syms_str(b->app->syms, name);
    for (unsigned depth = 0; at.n && depth < 16; depth++) {
        is |= names_class_is(at);
        const char *up = names_parent(at);
        at = up ? str_c(up) : STR("");
    }
    return is;
}

static uint32_t is_of_ancestors(struct build *b, uint32_t cls, unsigned depth)
{
    const struct class *c = &b->classes.p[cls];
    uint32_t is = c->name ? names_class_is(syms_str(b->app->syms, c->name)) : 0;
    if (depth > 24)
        return is;
    is |= is_of_name(b, c->parent_name);
    if (c->parent != NO_CLASS)
        is |= is_of_ancestors(b, c->parent, depth + 1);
    for (unsigned i = 0; i < c->ninterfaces; i++) {
        uint32_t known = app_class(b->app, c->interfaces[i]);
        is |= is_of_name(b, c->interfaces[i]);
        if (known != NO_CLASS && known != cls)
            is |= is_of_ancestors(b, known, depth + 8);
    }
    for (unsigned i = 0; i < c->ntrait_names; i++)
        is |= is_of_name(b, c->trait_names[i]);
    return is;
}

/* Where ancestors say nothing, the folder does. */
static uint32_t is_of_folder(struct build *b, const struct class *c)
{
    static const struct {
        const char *folder;
        uint32_t is;
    } folders[] = {
        { "/Http/Controllers/", IS_CONTROLLER },
        { "/Http/Middleware/", IS_MIDDLEWARE },
        { "/Jobs/", IS_JOB },
        { "/Listeners/", IS_LISTENER },
        { "/Policies/", IS_POLICY },
        { "/Observers/", IS_OBSERVER },
        { "/Controllers/", IS_CONTROLLER },
    };
    struct str path = str_c(b->files.p[c->at.file].path);
    if (c->kind != CLASS_CLASS || !c->name)
        return 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (str_contains(path, folders[i].folder))
            return folders[i].is;
    }
    return 0;
}

static uint32_t is_of_method(struct build *b, uint32_t cls)
{
    struct str name = syms_str(b->app->syms, b->classes.p[cls].name);
    if (str_ends(name, "Observer"))
        return IS_OBSERVER;
    if (str_ends(name, "Policy"))
        return IS_POLICY;
    return 0;
}

/* A class whose parent lies in a package that is not installed, with the properties of a model. */
static bool looks_like_model(struct build *b, const struct class *c)
{
    static const char props[] = " fillable guarded casts hidden appends primaryKey ";
    uint32_t top = (uint32_t)(c - b->classes.p);
    for (unsigned depth = 0; b->classes.p[top].parent != NO_CLASS && depth < 64; depth++)
        top = b->classes.p[top].parent;
    sym unknown = b->classes.p[top].parent_name;
    if (c->kind != CLASS_CLASS || !c->name || !unknown ||
        names_parent(syms_str(b->app->syms, unknown)))
        return false;
    for (uint32_t i = 0; i < c->nprops; i++) {
        if (text_is_one_of(syms_str(b->app->syms, c->props[i].name), props))
            return true;
    }
    return false;
}

void build_class_kinds(struct build *b)
{
    enum {
        FROM_FOLDER =
            IS_MODEL | IS_RESOURCE | IS_COMMAND | IS_LIVEWIRE | IS_MAIL | IS_NOTIFICATION | IS_TEST
    };
    for (uint32_t i = 0; i < b->classes.n; i++) {
        struct class *c = &b->classes.p[i];
        if (c->kind == CLASS_INTERFACE || c->kind == CLASS_TRAIT)
            continue;
        c->is = is_of_ancestors(b, i, 0);
        if (!c->is && looks_like_model(b, c))
            c->is = IS_MODEL;
        if (!(c->is & FROM_FOLDER))
            c->is |= is_of_folder(b, c) | is_of_method(b, i);
        if (c->is & IS_QUEUED && !(c->is & (IS_LISTENER | IS_MAIL | IS_NOTIFICATION | IS_COMMAND)))
            c->is |= IS_JOB;
        if (b->files.p[c->at.file].context == CTX_TEST)
            c->is |= IS_TEST;
    }
}
