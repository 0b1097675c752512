/* The abstract interpreter's own types: private to interp*.c and flow_*.c of this room (the door is flow.h).
 *
 * A walk runs one entry (a method, a route closure, a view) over abstract values. Everything a walk makes lives in the
 * worker's scratch arena, which is cleared before the next entry; what is reported is copied to the arena that is kept.
 * Values are immutable; origins (one query each), objects, views and loops are records that change while the walk goes
 * on, because PHP changes them behind several names at once.
 *
 * Nothing here fails: an allocation past the ceiling gives the unknown value and cuts the walk, which flow_stats says.
 */
#ifndef FETTLE_LARAVEL_INTERP_H
#define FETTLE_LARAVEL_INTERP_H
#include "laravel/flow.h"
#include "laravel/interp_names.h"

enum {
    WALK_DEPTH = 12,       /* calls inlined into each other */
    WALK_STEPS = 60000,    /* nodes evaluated an entry */
    WALK_NEST = 1500,      /* C recursion: expressions inside expressions inside calls */
    WALK_ARGS = 16,        /* arguments kept of a call */
    WALK_UNION = 6,        /* members of a union */
    WALK_ITEMS = 64,       /* items of an array kept apart by key */
    WALK_BYTES = 48 << 20, /* scratch of one worker */
    WALK_VIEWS = 14,       /* views, calls and closures inside each other */
};

struct interp;
struct value;
struct origin;
struct object;

/* A loop that a walk is in, or was in. A value that is another one in every turn carries the innermost such loop. */
struct loop {
    struct loop *outer;      /* the loop around it in the walk */
    struct loop *subject;    /* loop on which what it iterates depends: what `dep` means once this one is over */
    struct ref at;
    uint16_t depth;          /* 1: outermost */
    bool active;
    bool few;                /* a literal array, a counted loop with a small constant */
    bool implied;            /* JSON, resource collection: no loop is written */
    bool batch;              /* while, do: often fetches piece by piece */
    const struct frame *frame;
};

/* Relation path from the rows of an origin: hash-consed a walk, so equal paths are the same pointer. */
struct path {
    const struct path *up; /* NULL: the row itself */
    sym name;
    struct path *child, *next;
};

enum vkind {
    V_UNKNOWN, V_NULL, V_SCALAR, V_STR, V_CLASS /* X::class */, V_MODEL, V_BUILDER, V_COLL, V_UNION, V_ARRAY,
    V_OBJECT, V_CLOSURE, V_VIEW, V_HIGHER /* $rows->each */, V_AUTH, V_CLIENT /* HTTP or AI */,
    V_FLUENT /* a vendor object that was given rows: data tables, fractal */, V_DB /* DB::connection() */, V_SENDER /* Mail::to() */
};
enum vflag {
    VF_PAGINATOR = 1,
    VF_PARTIAL = 2, /* V_STR: unknown parts stand as '*' */
    VF_SUB = 4,     /* V_BUILDER: a constraint inside with() or whereHas(): it never runs by itself */
    VF_RAW = 8,     /* rows without a model (DB::table, toBase) */
    VF_FRESH = 16,  /* V_MODEL: made here, not read */
    VF_MAYBE = 64, /* the default of a parameter of which nobody says what it is given */
    VF_RESOURCE = 32, /* V_COLL of a ResourceCollection */
};
struct item {
    sym key; /* 0: positional */
    const struct value *v;
};
struct array {
    struct item *items;
    uint32_t n;
    const struct value *elem; /* all elements whose key is not known; NULL: none */
    bool literal;             /* written out as [..] */
};
struct value {
    uint8_t kind, flags;
    uint16_t name; /* V_HIGHER: enum name; V_CLIENT: enum client */
    uint32_t cls;  /* class index; NO_CLASS */
    struct loop *dep;
    union {
        struct {
            struct origin *o;
            const struct path *path;
        };
        const struct array *arr;
        struct object *obj;
        const struct closure *fn;
        struct view_obj *view;
        struct str s;
        const struct value *of; /* V_HIGHER, V_FLUENT */
        struct {
            const struct value **m;
            uint32_t n;
        } u;
    };
};

enum { FLUENT_ROWS, FLUENT_TRANSFORMED }; /* `name` of V_FLUENT */
enum client { CLIENT_HTTP, CLIENT_AI_HTTP /* HTTP to a model's address */, CLIENT_AI, CLIENT_CACHE, CLIENT_VIEWS };

enum origin_kind {
    O_QUERY,    /* Room::…, DB::table */
    O_RELATION, /* $user->rooms() */
    O_PROPERTY, /* $user->rooms, loaded when read */
    O_PARAM,    /* a typed parameter: nobody knows where it comes from */
    O_SUB,      /* inside whereHas and the like */
};
struct pathlist {
    const struct path **p;
    uint32_t n, cap;
};
struct pred_build {
    struct str column; /* as written: may hold "table." */
    uint8_t op;
    bool literal, descending;
    struct ref at; /* the call that says it */
    const char *fn;
};
struct count { /* withCount('messages'): an attribute of the rows at that path */
    const struct path *at;
    sym alias;
};
struct origin {
    uint8_t kind;
    uint32_t cls;
    struct ref head;     /* where its chain begins */
    struct ref model_of; /* the name or call there */
    struct ref chain;    /* its terminal */
    uint32_t head_depth, chain_depth; /* calls around them */
    struct ref sites[2]; /* who called the method in which it begins */
    struct ref with_call;
    struct pathlist eager;
    struct count *counts;
    uint32_t ncounts, ccounts;
    bool unread_eager; /* an eager list that cannot be read: say nothing */
    bool limited, few, unique_eq, chunked, paginated, grouped, nonconst, select_narrow, random;
    bool callers_judge; /* O_PARAM: silent when a caller is known */
    bool ran;
    const struct relation *rel;
    const struct value *parent; /* O_RELATION, O_PROPERTY: the model it was asked of */
    struct loop *made_in;
    const char *table; /* DB::table('x'), from('x') */
    struct pred_build *preds;
    uint32_t npreds, cpreds;
    struct {
        struct str alias, table;
    } alias[4];
    uint8_t nalias;
};

struct object {
    uint32_t cls;
    struct item *fields;
    uint32_t n, cap;
    bool built;       /* its constructor ran */
    bool from_type;   /* made by the container or from a type: the constructor runs when a field is missing */
    bool is_entry;
    uint8_t guard;    /* a field is being looked for: do not look again */
    uint32_t version; /* changes when a field becomes something else: part of memo keys */
};
struct closure {
    uint32_t file, node; /* E_CLOSURE, E_ARROW; method closures: REF_NONE */
    uint32_t cls;        /* class that it was written in */
    struct env *env;
    const struct value *self; /* $this; of a method closure: its object or V_CLASS */
    struct ref made_in;  /* body of the frame that made it: by-reference captures flow back there */
    sym method;          /* [$obj, 'method'], $obj->method(...), 'fn' */
    const struct method *fn;
};
struct view_obj {
    const struct value *name;
    struct item *data;
    uint32_t n, cap;
    bool done;
    struct ref at;
    struct frame *made_by;
    uint32_t loop_depth;
    const struct value *self; /* Livewire: $this in the view */
};
struct env {
    struct item *v;
    uint32_t n, cap;
};
struct frame {
    struct frame *up;
    uint32_t file;
    const struct facts *f;
    const sym *syms;
    uint32_t cls;        /* what self:: means */
    const struct value *self;
    struct env *env;
    struct ref site;     /* call in the caller */
    struct ref body;
    uint8_t role;        /* enum step_role */
    const struct value *ret;
    const struct value *yields;
    const struct value *slot;
    uint32_t extends;    /* @extends of a view: its layout comes last; 0: none */
    bool ended;          /* the block just walked ends in return, throw, break or continue */
    sym memo[4];         /* `static $x` */
    uint8_t nmemo;
};
struct arg {
    sym name;
    const struct value *v;
    uint32_t node; /* the expression */
};
struct args {
    struct arg a[WALK_ARGS];
    uint32_t n;
    struct loop *dep; /* innermost of all */
    bool nonconst;    /* some argument is not written in the source */
    bool cut;         /* there were more than are kept */
};

/* One walk's find, before it is merged with the others. */
struct event {
    struct flow f;
    uint32_t entry, seq;
    bool tentative;       /* no query is known: holds only when nobody calls `owner` */
    uint32_t owner;       /* method number, NO_CLASS */
    struct event *next;
};
struct pred_event {
    struct predicate p;
    uint32_t entry, seq;
    struct pred_event *next;
};

struct composer {
    struct str pattern;
    struct closure fn; /* or a class */
    uint32_t cls;
};
struct share {
    sym name;
    struct closure expr; /* node: the value's expression */
};
struct binding { /* of the container */
    struct str name;
    uint32_t cls;
};

/* What all walks of one app share; immutable while they run, but for `called`, whose bytes only ever become 1. */
struct world {
    const struct app *app;
    struct arena *arena;
    uint16_t *name_of;  /* sym -> enum name */
    uint8_t *known_of;  /* sym -> enum known_class */
    uint8_t *context;   /* a class and method's entry context: by entry */
    struct entry *entries;
    uint32_t nentries, centries;
    uint32_t nfirst;    /* entries before those of models, which wait for the others */
    struct composer *composers;
    uint32_t ncomposers;
    struct share *shares;
    struct binding *bindings;
    uint32_t nshares, nbindings;
    uint32_t user_model;
    uint32_t *builder_of; /* class index -> class of its custom builder */
    uint32_t *impl_of;    /* interface or abstract class -> the one class behind it, else itself */
    uint32_t *method_base; /* class index -> first method number */
    uint8_t *called;      /* method number -> it was inlined somewhere */
    uint32_t nmethods;
    sym s_this, s_resource, s_collection, s_record, s_slot, s_view, s_errors, s_query, s_rows, s_invoke, s_get, s_compose;
    uint32_t max_depth;
    uint64_t max_steps;
    struct view_vars { /* which variables a view and what it includes may read: bits by symbol */
        uint64_t bits[8];
    } *view_vars;         /* by file */
    uint8_t *view_context; /* by file: contexts of the entries that show it without rows */
    uint8_t *view_shown;  /* by file: some entry shows it with rows */
    uint8_t *is_method;   /* bit by symbol: some class has a method of that name */
    bool has_presenters;
    bool collecting;      /* providers are walked first, for composers and shares */
};
enum entry_kind { ENTRY_METHOD, ENTRY_CLOSURE, ENTRY_VIEW, ENTRY_EXPORT, ENTRY_DATATABLE, ENTRY_SEARCH,
                  ENTRY_MODEL /* a model's own method, walked only when nobody calls it */ };
struct entry {
    uint8_t kind, context;
    bool serialises; /* what it returns becomes JSON */
    bool tentative_ok;
    uint32_t cls;
    const struct method *method;
    struct ref at;
    uint32_t view;
};

struct memo_slot {
    uint64_t key;
    const struct value *v;
    struct memo_slot *next;
};
struct includes { /* "author", "author.rank": names that a Fractal transformer is asked for */
    struct str *s;
    uint32_t n;
    uint64_t hash;
};
enum { MEMO_BUCKETS = 512 };
struct interp {
    struct world *w;
    const struct app *app;
    struct arena *a, *keep;
    struct frame *top;
    struct loop *loop;   /* innermost */
    uint32_t floor;      /* loops up to this depth do not count: inside a memo */
    uint32_t depth, nest;
    uint64_t steps, max_steps;
    bool cut;
    uint32_t entry, seq;
    uint8_t context;
    struct ref tx;       /* inside a transaction that began here */
    uint8_t quiet;       /* > 0: events are not reported (a second look for values only) */
    struct path *root;
    struct memo_slot *memo[MEMO_BUCKETS];
    struct memo_slot *seen[MEMO_BUCKETS]; /* events reported by this walk */
    struct item *services;                /* objects by class made from types */
    uint32_t nservices, cservices;
    struct item *scopes;                  /* class + 1 -> builder with what its global scopes load */
    uint32_t nscopes, cscopes;
    const struct value *scoping;          /* the builder that global scopes being looked for are given */
    struct view_obj **views;
    uint32_t nviews, cviews;
    uint32_t resources;  /* nesting of resources */
    const struct includes *includes; /* what is asked of the next transformer */
    struct {
        const struct value *rows, *with;
        bool one;
    } transformed; /* the last pair */
    const struct value *table; /* rows of the table class whose columns are being described */
    uint32_t appends;    /* inside an accessor that serialising runs */
    struct event *events;
    struct pred_event *preds;
    struct flow_stats stats;
};

/* --- memory: NULL past the ceiling, and then the walk is cut --- */
void *it_alloc(struct interp *, size_t bytes);
#define it_new(it, type) ((type *)it_alloc((it), sizeof(type)))
#define it_array(it, type, n) ((type *)it_alloc((it), sizeof(type) * (size_t)(n)))
/* Grows a list in the arena; false past the ceiling. */
bool it_grow(struct interp *, void **p, uint32_t *cap, uint32_t n, size_t size);
bool it_step(struct interp *); /* false: the walk is over */

/* --- names --- */
static inline enum name name_of(const struct interp *it, sym s)
{
    return (enum name)it->w->name_of[s];
}
enum known_class known_class(const struct interp *, sym full_name);
sym it_find_sym(const struct interp *, const char *s);
struct str it_str(const struct interp *, sym);

/* --- values (interp_value.c) --- */
const struct value *v_unknown(struct interp *, struct loop *dep);
const struct value *v_null(void);
const struct value *v_scalar(struct interp *, struct loop *dep);
const struct value *v_literal(struct interp *, sym written); /* a number or a constant of the source */
const struct value *v_str(struct interp *, struct str s, uint8_t flags, struct loop *dep);
const struct value *v_class(struct interp *, uint32_t cls, sym name);
const struct value *v_model(struct interp *, uint32_t cls, struct origin *, const struct path *, struct loop *dep);
const struct value *v_rows(struct interp *, uint8_t kind, uint32_t cls, struct origin *, const struct path *,
                           struct loop *dep);
const struct value *v_object(struct interp *, struct object *, struct loop *dep);
const struct value *v_array(struct interp *, const struct array *, struct loop *dep);
const struct value *v_of(struct interp *, uint8_t kind, uint16_t name, const struct value *of, struct loop *dep);
const struct value *v_closure(struct interp *, const struct closure *);
const struct value *v_flags(struct interp *, const struct value *, uint8_t add);
const struct value *v_varying(struct interp *, const struct value *, struct loop *dep); /* depends on dep too */
const struct value *v_join(struct interp *, const struct value *, const struct value *);  /* either may be NULL */
struct loop *v_taint(const struct interp *, const struct value *, unsigned depth);
struct loop *loop_eff(const struct interp *, struct loop *);       /* the innermost active one it stands for */
struct loop *dep_max(const struct interp *, struct loop *, struct loop *);
static inline struct loop *v_dep(const struct interp *it, const struct value *v)
{
    return v ? loop_eff(it, v->dep) : NULL;
}
uint64_t v_hash(const struct interp *, const struct value *, unsigned depth);
uint64_t v_shape(const struct interp *, const struct value *, unsigned depth); /* texts and numbers are alike */
bool v_has_rows(const struct value *, unsigned depth);
bool v_is_const(const struct value *); /* written in the source */
bool few_of(const struct value *rows);
static inline bool v_is(const struct value *v, enum vkind k)
{
    return v && v->kind == k;
}
/* Members of a union, or the value itself: for (n = v_members(&v, &m), i = 0; i < n; i++) m[i] */
uint32_t v_members(const struct value *const *v, const struct value *const **ret);
const struct value *array_get(const struct value *, sym key); /* NULL: not there */
const struct value *array_nth(const struct value *, uint32_t n);
const struct value *array_with(struct interp *, const struct value *arr, sym key, const struct value *v);
const struct value *array_push(struct interp *, const struct value *arr, const struct value *v, bool positional);
const struct value *array_merge(struct interp *, const struct value *, const struct value *);
/* One element of what is iterated in `loop`. */
const struct value *elem_of(struct interp *, const struct value *, struct loop *);
struct object *object_new(struct interp *, uint32_t cls);
const struct value *object_get(const struct object *, sym name);
void object_set(struct interp *, struct object *, sym name, const struct value *);

/* --- environment (interp_env.c) --- */
struct env *env_new(struct interp *);
struct env *env_copy(struct interp *, const struct env *);
const struct value *env_get(const struct env *, sym name); /* NULL: not set */
void env_set(struct interp *, struct env *, sym name, const struct value *);
struct env *env_join(struct interp *, struct env *, struct env *);

/* --- loops (interp_env.c) --- */
struct loop *loop_push(struct interp *, struct ref at, struct loop *subject);
void loop_pop(struct interp *, struct loop *);
static inline struct loop *loop_now(const struct interp *it)
{
    return it->loop && it->loop->depth > it->floor ? it->loop : NULL;
}
struct ref here(const struct interp *, uint32_t node);

/* --- origins (interp_origin.c) --- */
struct origin *origin_new(struct interp *, enum origin_kind, uint32_t cls, struct ref head);
struct ref origin_place(const struct origin *); /* where the query is to be mended */
struct origin *origin_copy(struct interp *, const struct origin *);
const struct path *path_child(struct interp *, const struct path *, sym name);
const char *path_text(struct interp *, const struct path *); /* "a.b"; "" for the row */
void eager_add(struct interp *, struct origin *, const struct path *from, struct str dotted);
void eager_path(struct interp *, struct origin *, const struct path *);
bool eager_has(const struct origin *, const struct path *);
void count_add(struct interp *, struct origin *, const struct path *at, sym alias);
bool count_has(const struct origin *, const struct path *at, sym alias);
bool model_loaded(struct interp *, const struct value *model, sym relation);
/* Takes the relation names of with(), load() and the like from arguments. */
void eager_args(struct interp *, struct origin *, const struct path *from, uint32_t cls, const struct args *);
void count_args(struct interp *, struct origin *, const struct path *at, const struct args *, const char *suffix);

/* --- statements and expressions --- */
void st_block(struct interp *, uint32_t block);
bool same_expr(const struct facts *, uint32_t a, uint32_t b);
bool memo_place(struct interp *, uint32_t node);                 /* survives the turn of a loop: a property, a static */
bool assigns_to(const struct facts *, uint32_t within, uint32_t target);
uint32_t memo_enter(struct interp *);                             /* loops so far do not count until memo_leave */
void memo_leave(struct interp *, uint32_t floor);
const struct node *nd(const struct interp *, uint32_t node);
sym nsym(const struct interp *, uint32_t node);
uint32_t kid(const struct interp *, uint32_t node, unsigned nth);
void st(struct interp *, uint32_t node);
const struct value *ex(struct interp *, uint32_t node);
int cond_known(struct interp *, uint32_t node); /* 1 true, 0 false, -1 not known */
int cond_isset(struct interp *, uint32_t node); /* the same for isset() of that expression */
void assign(struct interp *, uint32_t target, const struct value *);
void eval_args(struct interp *, uint32_t call, uint32_t first, struct args *);
const struct value *ex_call_node(struct interp *, uint32_t node);
const struct value *ex_function(struct interp *, uint32_t node);
const struct value *ex_static(struct interp *, uint32_t node);
const struct value *ex_new(struct interp *, uint32_t node);
const struct value *ex_method(struct interp *, uint32_t node);
const struct value *method_call(struct interp *, const struct value *base, sym name, uint32_t node,
                                const struct args *);
const struct value *prop_read(struct interp *, const struct value *base, sym name, uint32_t node);
const struct value *foreach_rows(struct interp *, const struct value *rows, struct ref at,
                                 const struct value *(*each)(struct interp *, const struct value *row, void *), void *);
uint32_t first_arg_of(const struct interp *, uint32_t call);

/* --- calls (interp_call.c) --- */
const struct value *call_method(struct interp *, const struct method *, const struct value *self,
                                const struct args *, struct ref site, uint8_t role);
const struct value *call_closure(struct interp *, const struct value *fn, const struct args *, struct ref site);
const struct value *call_closure1(struct interp *, const struct value *fn, const struct value *arg, struct ref site);
const struct value *call_each(struct interp *, const struct value *fn, const struct value *rows, struct ref site,
                              bool row_second);
const struct value *from_type_node(struct interp *, uint32_t file, uint32_t node, uint32_t self_cls);
const struct value *from_type(struct interp *, sym type, uint32_t self_cls);
const struct value *from_doc(struct interp *, uint32_t file, uint32_t method, const char *tag, struct str param,
                             uint32_t self_cls, struct ref at);
const struct value *service(struct interp *, uint32_t cls);
uint32_t doc_class(struct interp *, uint32_t file, uint32_t off, struct str type, bool *ret_many);
uint32_t node_doc(const struct facts *, uint32_t node); /* its N_DOC, 0: none */
bool has_attribute(const struct interp *, struct ref at, enum name attribute);
const struct value *unknown_call(struct interp *, const struct value *base, sym name, uint32_t node,
                                 const struct args *);
const struct value *transform_pair(struct interp *, const struct args *, struct ref site, bool one);
void includes_asked(struct interp *, const struct value *base, const struct args *, struct ref site); /* parseIncludes(…) */
uint32_t repository_model(struct interp *, uint32_t cls); /* the model that model() names, NO_CLASS */
const struct value *user_value(struct interp *);
const struct value *construct(struct interp *, uint32_t cls, const struct args *, struct ref site);
const struct value *object_prop(struct interp *, const struct value *obj, sym name, uint32_t node);
const struct value *object_call(struct interp *, const struct value *obj, sym name, uint32_t node,
                                const struct args *);
const struct value *class_const(struct interp *, uint32_t cls, sym name);
uint32_t class_here(struct interp *, sym name); /* with self, static and parent */
const struct value *static_get(struct interp *, uint32_t node);
void static_set(struct interp *, uint32_t node, const struct value *);
const struct value *eval_elsewhere(struct interp *, uint32_t file, uint32_t cls, uint32_t node);
void args_init(struct args *);
void args_add(struct interp *, struct args *, const struct value *);
void run_body(struct interp *, struct frame *, uint32_t body);
void frame_push(struct interp *, struct frame *, uint32_t file, uint32_t cls, const struct value *self, struct ref site,
                struct ref body, uint8_t role);
void frame_pop(struct interp *, struct frame *);
bool frame_param(const struct interp *, sym name); /* a parameter of the function being walked */
unsigned frame_count(const struct interp *, struct ref body);
const struct value *arg_at(const struct args *, uint32_t i); /* NULL: none */
const struct value *arg_named(const struct args *, uint32_t i, sym name);
const struct value *arg_closure(const struct args *); /* the first closure, NULL */

/* --- Eloquent --- */
const struct value *builder_call(struct interp *, const struct value *b, sym name, uint32_t node, const struct args *);
bool builder_knows(enum name);
/* What the framework's own method does, whatever the app's builder class says. */
const struct value *builder_base_call(struct interp *, const struct value *b, sym name, uint32_t node,
                                      const struct args *args);
const struct value *builder_rows(struct interp *, const struct value *b, uint32_t node);
const struct value *coll_call(struct interp *, const struct value *c, sym name, uint32_t node, const struct args *);
const struct value *coll_higher(struct interp *, const struct value *c, sym name, uint32_t node, bool property,
                                const struct args *);
const struct value *model_prop(struct interp *, const struct value *m, sym name, uint32_t node);
const struct value *model_call(struct interp *, const struct value *m, sym name, uint32_t node, const struct args *);
const struct value *model_static(struct interp *, uint32_t cls, sym name, uint32_t node, const struct args *);
const struct value *relation_builder(struct interp *, const struct value *m, const struct relation *, uint32_t node);
void counted_in_php(struct interp *, const struct value *rows, uint32_t call, sym name);
void rows_used(struct interp *, const struct value *, struct ref at);
void load_hit(struct interp *, const struct value *m, sym name, uint32_t node, const struct args *);
void serialise(struct interp *, const struct value *, struct ref at, unsigned depth);
const struct value *field_of_rows(struct interp *, const struct value *c, struct str dotted, struct ref at);
void pred_call(struct interp *, const struct value *b, enum name, sym name, const struct args *, uint32_t node);
void pred_done(struct interp *, const struct value *b, struct ref at);
bool is_unique_column(const struct interp *, uint32_t cls, sym column);

/* --- views, resources, clients --- */
const struct value *view_make(struct interp *, const struct value *name, const struct value *data, struct ref at);
void view_with(struct interp *, struct view_obj *, sym key, const struct value *);
void view_with_all(struct interp *, struct view_obj *, const struct value *arr);
const struct value *view_call(struct interp *, const struct value *v, sym name, const struct args *);
void view_alone(struct interp *, const struct view *); /* with what is composed and shared only */
void view_render(struct interp *, struct view_obj *);
void views_flush(struct interp *, uint32_t from);
const struct value *view_wrapper(struct interp *, sym callee, const struct args *, struct ref at);
void view_walk(struct interp *, uint32_t file, struct env *, struct ref site, const struct value *self);
void mail_view(struct interp *, const struct value *mail, const struct args *, uint32_t node);
void blade(struct interp *, uint32_t node);
const struct value *resource_item(struct interp *, uint32_t cls, const struct value *row, struct ref site);
const struct value *resource_rows(struct interp *, uint32_t cls, const struct value *rows, struct ref site);
const struct value *resource_new(struct interp *, uint32_t cls, const struct args *, struct ref site);
const struct value *resource_call(struct interp *, const struct value *obj, sym name, uint32_t node,
                                  const struct args *, bool *ret_done);
const struct value *livewire_mount(struct interp *, uint32_t cls, const struct value *attrs, struct ref site);
void livewire_render(struct interp *, const struct value *obj, struct ref site);
const struct value *client_call(struct interp *, const struct value *c, sym name, uint32_t node, const struct args *);
const struct value *cache_call(struct interp *, sym name, uint32_t node, const struct args *);
const struct value *facade_call(struct interp *, enum known_class, sym cls, sym name, uint32_t node,
                                const struct args *);
uint32_t bound_class(const struct interp *, struct str name);
void bind_seen(struct interp *, uint32_t node, const struct args *);
bool run_job(struct interp *, const struct value *job, struct ref site); /* handle() of a job that is not queued */
void curl_call(struct interp *, enum name fn, uint32_t node, const struct args *);
const struct value *callable_array(struct interp *, const struct value *); /* NULL: it is none */
const struct value *app_make(struct interp *, uint32_t node, const struct args *); /* app(X::class) */
void props_to_view(struct interp *, const struct value *obj, struct view_obj *);
bool resource_parent(struct interp *, const struct value *self, struct ref site);
void dispatch_seen(struct interp *, uint32_t node, const char *callee, uint32_t cls);
void validation_item(struct interp *, sym key, const struct value *v, uint32_t node);
const struct value *fluent_call(struct interp *, const struct value *v, sym name, uint32_t node, const struct args *);

/* --- what frameworks call for rows (interp_contract.c) --- */
const struct value *table_rows(struct interp *, const struct value *self);
bool describes_table(const struct interp *, uint32_t cls, sym method);
bool table_closure(struct interp *, const struct value *fn, struct ref site);
void run_export(struct interp *, const struct value *self);
void run_datatable(struct interp *, const struct value *self);
void run_search(struct interp *, uint32_t cls);
void policy_check(struct interp *, const struct args *, struct ref site);
const struct value *presented(struct interp *, const struct value *model);
const struct value *presenter_prop(struct interp *, const struct value *presenter, sym name, uint32_t node);

/* --- what runs without being called (interp_hooks.c) --- */
void event_fired(struct interp *, const struct value *event, struct ref site);
void mail_sent(struct interp *, const struct value *mail, struct ref site);
void mail_content(struct interp *, const struct args *, uint32_t node);
void notified(struct interp *, const struct value *to, const struct value *what, struct ref site);
const struct origin *global_scope(struct interp *, uint32_t cls);
void global_scope_added(struct interp *, const struct args *, struct ref site);
bool data_call(struct interp *, uint32_t cls, sym name, const struct args *, struct ref site, const struct value **ret);
const struct value *volt_call(struct interp *, struct str full_name, const struct args *, struct ref site);
const struct value *volt_prop(struct interp *, sym name, struct ref site);

/* --- reports (interp_report.c) --- */
struct hit {
    enum flow_kind kind;
    struct ref at, read;
    uint32_t model;
    const char *subject, *callee;
    struct origin *origin; /* of the row, NULL: none */
    struct origin *query;  /* the query that runs itself, NULL: none */
    const struct relation *relation;
    struct loop *loop;
    uint8_t confidence;
};
void report(struct interp *, const struct hit *);
bool event_seen(struct interp *, uint64_t key); /* and marks it */
bool walked_before(struct interp *, uint64_t key); /* the same for views and components */
bool in_accessor(const struct interp *, const struct loop *, struct ref *ret_method);
#endif
