/* The App: a Laravel application on disk, understood. Built by app_open, immutable afterwards, readable from any
 * thread; everything lives in one arena and is freed by app_free.
 *
 * A class, method or closure body is referred to by (file, node): the node of its facts. `flow.h` walks the bodies.
 *
 *     struct app *app;
 *     if (app_open(dir, &opts, &app, err)) ...
 *     const struct class *c = app_class(app, syms_find(app->syms, STR("App\\Models\\User")));
 */
#ifndef FETTLE_LARAVEL_APP_H
#define FETTLE_LARAVEL_APP_H
#include "base/base.h"
#include "php/php.h"
#include "sql/schema.h"

struct ref { /* a node of a file; file == REF_NONE: nothing */
    uint32_t file, node;
};
enum { REF_NONE = 0xffffffffu };

enum file_context { CTX_APP, CTX_VIEW, CTX_ROUTES, CTX_CONFIG, CTX_MIGRATION, CTX_SEEDER, CTX_FACTORY, CTX_TEST,
                    CTX_STUB, CTX_OTHER };

struct app_file {
    const char *path; /* relative to the app's folder */
    uint8_t context;  /* enum file_context */
    struct facts *facts;
    const sym *syms;  /* facts string id -> sym of the app (syms[0] == 0); 0 too for texts longer than 512 bytes and
                         for doc comments: they are no names, facts_str has them */
};

/* What a class is; several may hold. By its ancestors (also those in vendor, by name), else by its folder. */
enum class_is { IS_MODEL = 1, IS_RESOURCE = 2, IS_CONTROLLER = 4, IS_LIVEWIRE = 8, IS_JOB = 16, IS_COMMAND = 32,
                IS_LISTENER = 64, IS_MIDDLEWARE = 128, IS_MAIL = 256, IS_REQUEST = 512, IS_MIGRATION = 1024,
                IS_SEEDER = 2048, IS_FACTORY = 4096, IS_POLICY = 8192, IS_OBSERVER = 1 << 14,
                IS_NOTIFICATION = 1 << 15, IS_COMPONENT = 1 << 16 /* Blade */, IS_PROVIDER = 1 << 17,
                IS_COLLECTION = 1 << 18, IS_BUILDER = 1 << 19, IS_TEST = 1 << 20, IS_FILAMENT = 1 << 21,
                IS_QUEUED = 1 << 22 /* implements ShouldQueue */, IS_RELATION_CLASS = 1 << 23,
                IS_RESOURCE_COLLECTION = 1 << 24, IS_CAST = 1 << 25, IS_BROADCAST = 1 << 26 };

struct method {
    sym name;
    struct ref at;      /* N_METHOD or N_FUNCTION */
    uint32_t class_;    /* declaring class (index), or NO_CLASS for a function */
    uint16_t flags;     /* node flags */
};
struct prop {
    sym name;
    struct ref at;      /* N_PROP, or N_PARAM when promoted */
    sym type;           /* full class name or built-in; native, else DocBlock @var, else constructor-assigned; 0: unknown */
    sym elem_type;      /* element class of a collection or array by DocBlock (Collection<int, Room>, Room[]) */
    uint16_t flags;
};
enum { NO_CLASS = 0xffffffffu };

struct class {
    sym name, short_name; /* name: 0 for anonymous */
    struct ref at;
    uint8_t kind;         /* enum class_kind */
    uint32_t is;          /* enum class_is */
    uint32_t parent;      /* class index or NO_CLASS */
    sym parent_name;      /* as resolved, also when it lies in vendor */
    uint32_t *traits;     /* class indexes that are known */
    sym *trait_names, *interfaces; /* all of them */
    uint16_t ntraits, ntrait_names, ninterfaces;
    struct method *methods; /* own, in source order */
    struct prop *props;
    uint32_t nmethods, nprops;
    uint32_t model;         /* index into app->models, or NO_CLASS */
    bool in_vendor;         /* read from vendor (application packages), not the app's own code */
};

enum relation_kind { REL_NONE, REL_HAS_ONE, REL_HAS_MANY, REL_BELONGS_TO, REL_BELONGS_TO_MANY, REL_HAS_ONE_THROUGH,
                     REL_HAS_MANY_THROUGH, REL_MORPH_ONE, REL_MORPH_MANY, REL_MORPH_TO, REL_MORPH_TO_MANY,
                     REL_MORPHED_BY_MANY, REL_UNKNOWN /* a Relation by its return type only */ };

struct relation {
    sym name;
    uint8_t kind;       /* enum relation_kind */
    uint32_t related;   /* class index, NO_CLASS: unknown */
    sym related_name;   /* full name when known */
    /* Explicit or by convention; 0: unknown. With a pivot (or the table in between of a …Through): foreign_key and
     * local_key are its columns that point to this model and to the related one. Morph relations: foreign_key is
     * the id column and morph_type the type column (of the related table, the pivot, or this one for morphTo). */
    sym foreign_key, local_key, pivot, morph_type;
    struct ref at;      /* the method */
    bool to_many;
    bool reads_this;    /* its body reads $this->column: an eager load builds it from an empty model */
    bool has_limit;     /* limit/take in its body: per parent only from Laravel 11 */
    bool constrained;   /* where/orderBy… after the relation call */
    bool eager_inside;  /* with() in its body */
    bool with_default;  /* withDefault() */
};

struct accessor {
    sym attribute;      /* snake_case */
    struct ref at;      /* get…Attribute method, or the method that returns Attribute */
    bool new_style, cached /* shouldCache() */;
};

struct model {
    uint32_t class_;
    sym table, key_name /* 0: no primary key */, connection;
    sym *with, *appends, *hidden, *touches, *fillable; uint16_t nwith, nappends, nhidden, ntouches, nfillable;
    struct cast { sym attribute, type; } *casts; uint16_t ncasts;
    struct relation *relations; uint16_t nrelations;   /* own and inherited (traits, parents), each name once */
    struct accessor *accessors; uint16_t naccessors;
    sym *scopes; uint16_t nscopes;                     /* local scopes: names without "scope" */
    bool timestamps, soft_deletes, uuid_key, has_events /* observers, $dispatchesEvents, boot hooks */,
         searchable /* Scout */, prevents_lazy, custom_builder, global_scopes, custom_collection;
};

struct route {
    uint32_t methods;   /* bit per enum http_method */
    const char *uri;    /* "posts/{post}", without leading slash */
    const char *name;   /* NULL: none */
    uint32_t class_;    /* controller class, NO_CLASS: closure, view or redirect */
    sym action;         /* method name, "__invoke" */
    struct ref closure; /* E_CLOSURE/E_ARROW, else REF_NONE */
    const char *view;   /* Route::view */
    const char **middleware; uint16_t nmiddleware;
    struct ref at;
    bool confirmed;     /* artisan route:list names it too */
};
enum http_method { HTTP_GET = 1, HTTP_POST = 2, HTTP_PUT = 4, HTTP_PATCH = 8, HTTP_DELETE = 16, HTTP_OPTIONS = 32 };

struct view {
    const char *name;   /* "posts.index", "mail::button", "components.alert" */
    uint32_t file;
};

struct component { /* Blade and Livewire components */
    const char *name;   /* "alert", "forms.input", livewire: "chat-interface" */
    const char *view_name; /* Blade::component('view', 'alias') only, else NULL */
    bool livewire;
    uint32_t class_;    /* NO_CLASS: anonymous */
    uint32_t file;      /* single-file component or the view; REF_NONE: unknown */
};

struct job_entry { /* scheduled commands, listeners: event -> listener */
    sym event; uint32_t listener; struct ref at;
};

enum layer { L_ENV, L_CONFIG, L_PHPINI, L_FPM, L_NGINX, L_COMPOSE, L_DB, L_REDIS, L_LIVE };
struct setting {
    const char *key;    /* "database.default", "APP_DEBUG", "opcache.enable" */
    const char *value;  /* after env() with its default; NULL: not known */
    const char *env;    /* the variable that decides it, NULL: none */
    const char *file; uint32_t line;
    enum layer layer;
};

struct app {
    const char *dir;            /* absolute */
    struct syms *syms;
    struct arena *arena;
    struct app_file *files; uint32_t nfiles;
    struct class *classes; uint32_t nclasses;
    struct method *functions; uint32_t nfunctions; /* sorted by name */
    struct model *models; uint32_t nmodels;
    struct route *routes; uint32_t nroutes;
    struct view *views; uint32_t nviews;           /* sorted by name */
    struct component *components; uint32_t ncomponents;
    struct job_entry *listeners; uint32_t nlisteners;
    struct setting *settings; uint32_t nsettings;  /* sorted by key, then layer */
    struct schema *schema;
    struct skipped *skipped; uint32_t nskipped;
    const char *laravel_version, *livewire_version, *php_requirement; /* "12.72.0"; NULL: unknown */
    uint32_t laravel_major, livewire_major;        /* 0: unknown or absent */
    enum dialect dialect;                          /* of the default connection */
    bool eager_loads_automatically;                /* Model::automaticallyEagerLoadRelationships */
    bool prevents_lazy_loading;                    /* Model::preventLazyLoading/shouldBeStrict */
    uint64_t source_bytes;
    struct app_index *index;                       /* private: hash indexes */
};

struct app_opts {
    unsigned threads;           /* 0: one a core */
    void (*progress)(void *ctx, const char *what, uint32_t done, uint32_t total); /* NULL: none */
    void *ctx;
};

/* RC_NOTFOUND: not a Laravel application (says what is missing). A file that cannot be read or parsed is in
 * `skipped`, the rest is understood. */
int app_open(const char *dir, const struct app_opts *, struct app **ret, struct err *) MUST_CHECK;
void app_free(struct app *);
/* Marks routes that `artisan route:list --json` names, adds those it alone knows. */
int app_confirm_routes(struct app *, struct str json, struct err *) MUST_CHECK;

uint32_t app_class(const struct app *, sym full_name);             /* without case; NO_CLASS */
uint32_t app_class_named(const struct app *, struct str full_name);
uint32_t app_class_short(const struct app *, struct str short_name); /* only when it is unique */
bool class_is_a(const struct app *, uint32_t cls, const char *ancestor); /* full name; through parents, interfaces,
                                                                            traits, also names in vendor */
/* The method that a call on the class runs: own, traits', parents' (same order as PHP). NULL: none known. */
const struct method *class_method(const struct app *, uint32_t cls, sym name);
const struct method *class_method_named(const struct app *, uint32_t cls, const char *name);
const struct prop *class_prop(const struct app *, uint32_t cls, sym name);
const struct method *app_function(const struct app *, sym name);
const struct model *class_model(const struct app *, uint32_t cls); /* NULL: no model */
const struct relation *model_relation(const struct app *, const struct model *, sym name);
const struct accessor *model_accessor(const struct app *, const struct model *, sym attribute);
bool model_has_scope(const struct app *, const struct model *, sym name);
const struct table *model_table(const struct app *, const struct model *);
const struct view *app_view(const struct app *, struct str name);   /* dots or slashes, namespace "x::y", exact */
const struct view *app_view_suffix(const struct app *, struct str name); /* the view that alone ends so, NULL: none or several */
const struct component *app_component(const struct app *, struct str name, bool livewire);
const struct setting *app_setting(const struct app *, const char *key); /* the winning layer; NULL: unknown */
uint32_t app_user_model(const struct app *);                        /* class of auth()->user(), NO_CLASS */
static inline const struct node *ref_node(const struct app *a, struct ref r)
{
    return facts_node(a->files[r.file].facts, r.node);
}
static inline sym ref_sym(const struct app *a, struct ref r)
{
    return a->files[r.file].syms[ref_node(a, r)->s];
}
#endif
