/* The App while it is being built: what the files of this room share, and nobody else includes.
 *
 * app_open runs the passes in this order, each in its own file:
 *   composer  roots, versions                      walk      which files, what each is for
 *   facts     parse in parallel, intern            classes   the class table and inheritance
 *   vendor    ancestors that lie in packages       types     properties
 *   settings  config, .env, server files           models    attributes, relations, accessors
 *   events    listeners, observers, providers      views     names, components
 *   routes                                         schema    migrations over the dump
 * A pass reads what the passes before it made. Results that grow live in heap vectors here and are
 * copied into the App's arena when their pass ends. */
#ifndef FETTLE_LARAVEL_APP_BUILD_H
#define FETTLE_LARAVEL_APP_BUILD_H
#include "laravel/app.h"
#include "laravel/app_ast.h"
#include "laravel/app_text.h"

#include <stdlib.h>

enum {
    APP_MAX_CLASSES = 1 << 20,
    APP_MAX_SKIPPED = 10000,
    APP_MAX_ROUTES = 100000,
    APP_NAME_BYTES = 512,   /* a longer literal is text, not a name: it gets no symbol */
    APP_VENDOR_FILES = 600, /* ancestors and traits read from packages */
    APP_CONFIG_BYTES = 1 << 20,
    APP_JSON_BYTES =
        64 << 20, /* composer.lock and installed.json of the largest known application: 2 MB */
};
#define APP_ARENA_BYTES \
    ((size_t)2 << 30) /* linked tables of 200,000 files; what is used is about 4 KB a file */

/* A folder that holds code of the application: psr-4 root, package or module. */
struct root {
    struct str prefix; /* namespace with trailing backslash, "" for classmap and files */
    struct str dir;    /* relative, without slashes at the ends; "" is the application's folder */
    bool dev;
};
struct flat { /* a method as found by name, inherited ones included; sorted by hash */
    uint64_t hash;
    const struct method *m;
};
struct app_index {
    struct map64 *class_by_name, *class_by_short, *file_by_path, *view_by_name, *component_by_name;
    struct map64 *table_of_model;
    struct flat **flat;
    uint32_t *nflat;
    uint32_t user_model;
};
enum { SHORT_AMBIGUOUS = 0xfffffffeu };

struct env_var {
    struct str key, value;
    uint32_t line;
};
struct view_root { /* a folder of views and the namespace it answers to ("" for none) */
    struct str dir, ns;
};

struct build {
    struct app *app;
    struct arena *arena;
    const struct app_opts *opts;
    struct err *err;
    bool failed; /* memory or a ceiling; checked after each pass */
    struct VEC(struct app_file) files;
    struct VEC(struct root) roots;
    struct VEC(struct root) vendor_roots; /* psr-4 of installed packages, dir relative to the app */
    struct VEC(struct str) packages;      /* folders of path repositories and modules */
    struct VEC(struct class) classes;
    struct VEC(struct method) functions;
    struct VEC(struct skipped) skipped;
    struct VEC(struct model) models;
    struct VEC(struct route) routes;
    struct VEC(struct view) views;
    struct VEC(struct component) components;
    struct VEC(struct job_entry) listeners;
    struct VEC(struct setting) settings;
    struct VEC(struct env_var) env;
    struct VEC(struct view_root) view_roots;
    struct VEC(struct view_root) component_roots; /* anonymous component folders: dir, prefix */
    struct VEC(struct view_root) class_component_roots; /* namespace, prefix */
    uint32_t eval_steps;                                /* of the expression at hand */
    uint64_t eval_total;                                /* of the whole build */
    uint32_t own_files;                                 /* files before those read from vendor */
};
#define PUSH(b, v, ...)                    \
    do {                                   \
        if (!vec_push(v, ((__VA_ARGS__)))) \
            (b)->failed = true;            \
    } while (0)
/* Copies a heap vector into the arena and releases it. */
#define FREEZE(b, v, to, count)                                      \
    do {                                                             \
        (to) = arena_alloc((b)->arena, (v)->n * sizeof *(v)->p + 1); \
        if ((to) && (v)->n)                                          \
            memcpy((to), (v)->p, (v)->n * sizeof *(v)->p);           \
        (count) = (to) ? (uint32_t)(v)->n : 0;                       \
        if (!(to))                                                   \
            (b)->failed = true;                                      \
        vec_release(v);                                              \
    } while (0)

/* What an expression is read with: the class it stands in, the function whose assignments give
 * variables. */
struct bind {
    struct str name;
    struct src src;
    uint32_t node; /* the expression it stands for, 0: `value` */
    struct str value;
};
struct scope {
    struct build *b;
    struct src src;
    uint32_t cls; /* what `static` and $this mean; NO_CLASS: outside of a class */
    uint32_t own; /* what `self` means, plus one; 0: the same class */
    uint32_t fn;  /* body to look for assignments in, 0: none */
    const struct bind *binds;
    unsigned nbinds, depth;
};

/* app.c; a fuzzer opens an empty build of its own to have somewhere to put what it reads */
int build_begin(struct build *, const char *dir, const struct app_opts *, struct err *) MUST_CHECK;
void build_abandon(struct build *); /* frees everything, the App too unless it was taken out */

/* app_facts.c */
int build_read_files(struct build *,
                     uint32_t from); /* parses files[from..] in parallel, then interns */
void build_skip(struct build *, const char *path, uint32_t line, enum rc why, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void build_skip_at(struct build *, const struct src *, uint32_t node, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
uint32_t build_file(const struct build *, struct str path); /* REF_NONE */
bool build_read_text(struct build *, const char *rel, size_t max,
                     struct str *ret); /* false: not there */

/* app_composer.c, app_walk.c */
int build_composer(struct build *);
/* composer.json of the application (base "") or of a package inside it. True: it asks for Laravel.
 */
bool composer_read_package(struct build *, struct str text, struct str base);
void composer_read_installed(struct build *, struct str text, const char *path, bool with_roots);
int build_walk(struct build *);

/* app_classes.c */
void build_classes(struct build *, uint32_t from_file);
int build_vendor_classes(struct build *);
void build_inherit(struct build *);
void build_class_kinds(struct build *);
void build_types(struct build *); /* app_types.c */
sym build_intern(struct build *, struct str s);
/* A type as a doc comment or code writes it, at a place of a file: main class and element class. */
void build_doc_type(struct build *, const struct src *, uint32_t at, struct str text, sym *ret_type,
                    sym *ret_elem);

/* app_names.c: what is known of classes in vendor without reading it */
uint32_t names_class_is(struct str full_name);  /* enum class_is bits, 0: nothing known */
const char *names_parent(struct str full_name); /* NULL: none known */
bool names_implements(struct str full_name, const char *ancestor);
const char *names_config(const char *key); /* default of a package's config file, NULL */
const char *names_static_class(struct str cls,
                               struct str method); /* Passport::clientModel() …, NULL */
const char *names_table(struct str vendor_class);  /* table of a model in vendor, NULL: not known */
int names_relation_kind(struct str method);        /* enum relation_kind of hasMany …, REL_NONE */
int names_relation_class(struct str short_name);   /* of a return type HasMany … */
const struct name_relation {
    const char *trait, *name, *related, *pivot, *morph;
    int kind;
} * names_trait_relations(struct str trait, unsigned *ret_n);

/* app_eval.c */
bool eval_str(const struct scope *, uint32_t node, struct str *ret);
sym eval_class(const struct scope *,
               uint32_t node); /* X::class, 'X', self, config(…); 0: unknown */
/* A name bound to what an expression is worth here: its text, or the expression behind a variable.
 */
struct bind eval_as_bind(const struct scope *, uint32_t node, struct str name);
uint32_t eval_parent(const struct scope *); /* what `parent` means; NO_CLASS */
bool eval_bool(const struct scope *, uint32_t node, bool *ret);
/* Calls fn for each value of a literal array, merged arrays and array methods included; 0 key:
 * none. */
void eval_each(const struct scope *, uint32_t node,
               void (*fn)(void *, const struct scope *, uint32_t key, uint32_t value), void *ctx);
uint32_t eval_strings(const struct scope *, uint32_t node,
                      sym **ret); /* strings of an array, in the arena */
bool eval_path(const struct scope *, uint32_t node,
               struct str *ret); /* relative to the application's folder */
uint32_t class_default(const struct build *, uint32_t cls, const char *prop,
                       struct src *ret_src); /* own or inherited */
uint32_t method_returned(const struct src *,
                         uint32_t method); /* the only or last returned expression */
struct scope scope_of_class(struct build *, uint32_t cls);
struct scope scope_of_file(struct build *, uint32_t file);

/* app_settings.c … */
void build_settings(struct build *);
void settings_read_env(struct build *, struct str text, const char *file);
void settings_read_servers(struct build *); /* app_servers.c */
void servers_read_ini(struct build *, struct str text, const char *file, bool fpm);
void servers_read_nginx(struct build *, struct str text, const char *file);
void servers_read_dockerfile(struct build *, struct str text, const char *file);
void servers_read_compose(struct build *, struct str text, const char *file);
const char *build_setting(const struct build *,
                          const char *key); /* while settings are still being built too */
void build_models(struct build *);
void model_read_relations(struct build *, struct model *); /* app_relations.c */
void build_events(struct build *);
void build_providers(struct build *); /* view namespaces, component names */
void build_views(struct build *);
void build_components(struct build *);
void build_routes(struct build *);
void build_schema(struct build *);
const struct env_var *build_env(const struct build *, struct str key);
#endif
