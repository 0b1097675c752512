/* Classification of functions and the walk over frames; see place.h. */
#include "tracer.h"

static char app_root[MAXPATHLEN];

void fettle_place_startup(void)
{
    const char *set = FETTLE_G(app_root);
    size_t n = set ? strlen(set) : 0;
    if (n && n < sizeof app_root && !VCWD_REALPATH(set, app_root))
        memcpy(app_root, set, n + 1);
}

void fettle_classes_clear(struct fettle_classes *c)
{
    memset(c, 0, sizeof *c);
}

static bool ends_with(const char *p, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n >= m && !memcmp(p + n - m, end, m);
}

/* Whether a path lies in the application, by fettle.app_root or by what it is not. */
static uint32_t class_of_path(const char *p, size_t n)
{
    const char *root = app_root;
    size_t m = strlen(root);
    bool inside = m && n > m && !memcmp(p, root, m) && (root[m - 1] == '/' || p[m] == '/');
    size_t from =
        inside ? m - (root[m - 1] == '/') : 0; /* the app itself may lie under a vendor/ */
    if (memmem(p + from, n - from, "/vendor/", 8))
        return FETTLE_VENDOR;
    if (fettle_blade_compiled_name(p, n))
        return FETTLE_APP | FETTLE_BLADE;
    if (ends_with(p, n, "/public/index.php") || ends_with(p, n, "/artisan"))
        return FETTLE_ENTRY;
    if (m && !inside)
        return FETTLE_VENDOR; /* code from elsewhere: phar, prepend file, shared library */
    return FETTLE_APP;
}

uint32_t fettle_function_id(struct fettle_tracer *t, const zend_function *f)
{
    char name[512];
    const zend_string *scope;
    if (!f->common.function_name)
        return 0;
    const char *fn = ZSTR_VAL(f->common.function_name);
    size_t b = ZSTR_LEN(f->common.function_name);
    if (memmem(fn, b, "{closure",
               8)) { /* 8.2: "Name\Space\{closure}", 8.4: "{closure:where:line}" */
        fn = "{closure}";
        b = 9;
    }
    if (!f->common.scope)
        return fettle_string(&t->ring, fn, b);
    scope = f->common.scope->name;
    size_t a = strnlen(ZSTR_VAL(scope), ZSTR_LEN(scope)); /* anonymous: cut at NUL */
    if (a + b + 2 > sizeof name)
        return fettle_string(&t->ring, fn, b);
    memcpy(name, ZSTR_VAL(scope), a);
    memcpy(name + a, "::", 2);
    memcpy(name + a + 2, fn, b);
    return fettle_string(&t->ring, name, a + b + 2);
}

static zend_never_inline void classify(struct fettle_tracer *t, const zend_op_array *o,
                                       struct fettle_class_entry *e)
{
    *e = (struct fettle_class_entry){
        .opcodes = o->opcodes, .fn = o->function_name, .file = o->filename, .scope = o->scope
    };
    e->cls = class_of_path(ZSTR_VAL(o->filename), ZSTR_LEN(o->filename));
    if (e->cls == FETTLE_VENDOR && o->scope &&
        zend_string_equals_literal(o->scope->name, "Illuminate\\Pipeline\\Pipeline"))
        e->cls |= FETTLE_BARRIER;
}

/* Ids are found only for functions that become places, and once. */
static zend_never_inline void name_entry(struct fettle_tracer *t, const zend_op_array *o,
                                         struct fettle_class_entry *e)
{
    e->fn_id = fettle_function_id(t, (const zend_function *)o);
    if (e->cls & FETTLE_BLADE) {
        e->view = fettle_blade_open(t, o->filename, &e->file_id);
        if (e->file_id)
            return;
    }
    e->file_id = fettle_string_z(&t->ring, o->filename);
}

static zend_always_inline struct fettle_class_entry *entry_of(struct fettle_tracer *t,
                                                              const zend_op_array *o)
{
    uint64_t h = ((uintptr_t)o->opcodes >> 5) * 0x9e3779b97f4a7c15u;
    struct fettle_class_entry *e = &t->classes.e[h >> 52];
    if (UNEXPECTED(e->opcodes != o->opcodes || e->fn != o->function_name ||
                   e->file != o->filename || e->scope != o->scope))
        classify(t, o, e);
    return e;
}

const struct fettle_class_entry *fettle_classify(struct fettle_tracer *t, const zend_op_array *o)
{
    return entry_of(t, o);
}

static void take_place(struct fettle_tracer *t, const zend_execute_data *ex,
                       struct fettle_class_entry *e, struct fettle_place *p)
{
    if (UNEXPECTED(!e->file_id))
        name_entry(t, &ex->func->op_array, e);
    p->file = e->file_id;
    p->fn = e->fn_id;
    p->line = ex->opline ? ex->opline->lineno : ex->func->op_array.line_start;
    if (e->cls & FETTLE_BLADE) {
        uint32_t line = fettle_blade_line(t, e->view, p->line);
        if (line)
            p->line = line;
        else if (e->view) {
            p->flags |= FW_COMPILED;
            p->view = (uint16_t)e->view;
            t->compiled = true;
        }
    }
}

/* The application function around an open span; found once, kept with it. */
static uint32_t function_around(struct fettle_tracer *t, struct fettle_open *o)
{
    if (o->place.state == FETTLE_PLACE_UNKNOWN)
        fettle_place_of(t, o);
    return o->place.fn ? o->place.fn : o->place.fn2;
}

/* The next application function above, and no further than the framework's pipeline; an open span
 * on the way knows it already. `i`: entries of the stack that are still above. */
static uint32_t caller_of(struct fettle_tracer *t, const zend_execute_data *ex, uint32_t i,
                          unsigned left)
{
    struct fettle_stack *s = t->stack;
    for (; ex && left; ex = ex->prev_execute_data, left--) {
        if (!ex->func || !ZEND_USER_CODE(ex->func->type))
            continue;
        struct fettle_class_entry *e = entry_of(t, &ex->func->op_array);
        if (e->cls != FETTLE_VENDOR) {
            if (e->cls & (FETTLE_BARRIER | FETTLE_ENTRY))
                return 0;
            if (UNEXPECTED(!e->file_id))
                name_entry(t, &ex->func->op_array, e);
            if (e->fn_id)
                return e->fn_id;
        }
        if (i > 0 && s->open[i - 1].frame == ex && s->open[i - 1].func == ex->func)
            return function_around(t, &s->open[i - 1]);
    }
    return 0;
}

/* Between a compiled view and the span of its rendering lie only frames of the framework: no walk
 * is needed. */
static uint32_t caller_of_view(struct fettle_tracer *t, const zend_execute_data *ex, uint32_t i,
                               unsigned left)
{
    for (uint32_t k = i; k-- > 0;) {
        if (t->stack->open[k].kind == FW_VIEW)
            return function_around(t, &t->stack->open[k]);
    }
    return caller_of(t, ex, i, left);
}

/* Entries of the stack that the walk passed before it found a place have the same one. */
static void remember(struct fettle_stack *s, uint32_t from, uint32_t passed,
                     const struct fettle_place *p)
{
    for (uint32_t i = passed; i < from; i++)
        s->open[i].place = *p;
}

/* `top`: how many entries of the stack are around what `ex` is asked about. */
static void walk(struct fettle_tracer *t, zend_execute_data *ex, uint32_t top,
                 struct fettle_place *p)
{
    struct fettle_stack *s = t->stack;
    uint32_t i = top;
    *p = (struct fettle_place){ .state = FETTLE_PLACE_KNOWN };
    for (unsigned left = FETTLE_WALK_MAX; ex && left; ex = ex->prev_execute_data, left--) {
        if (UNEXPECTED(!ex->func))
            continue;
        if (ZEND_USER_CODE(ex->func->type)) {
            struct fettle_class_entry *e = entry_of(t, &ex->func->op_array);
            if (UNEXPECTED(e->cls != FETTLE_VENDOR)) {
                if (e->cls & FETTLE_APP) {
                    uint32_t around = i;
                    while (around > 0 && s->open[around - 1].frame == ex)
                        around--; /* a planted function of the application itself */
                    take_place(t, ex, e, p);
                    p->fn2 = (e->cls & FETTLE_BLADE ? caller_of_view : caller_of)(
                        t, ex->prev_execute_data, around, left);
                }
                break;
            }
        }
        while (i > 0 && s->open[i - 1].frame == ex) {
            i--;
            if (s->open[i].place.state == FETTLE_PLACE_KNOWN && s->open[i].func == ex->func) {
                *p = s->open[i].place;
                remember(s, top, i + 1, p);
                return;
            }
        }
    }
    remember(s, top, i, p);
}

/* The same frame of the framework asking again, with no span begun in between (prepare, then
 * execute), has the same place; a frame of the application has moved on to another line. */
static void find(struct fettle_tracer *t, zend_execute_data *ex, uint32_t top,
                 struct fettle_place *p)
{
    struct fettle_last_walk *l = &t->last_walk;
    if (ex && l->frame == ex && l->func == ex->func && l->trace == t->serial &&
        t->next_index - l->index <= 1) {
        *p = l->place;
        l->index = t->next_index;
        return;
    }
    walk(t, ex, top, p);
    bool vendor = ex && ex->func && ZEND_USER_CODE(ex->func->type) &&
                  entry_of(t, &ex->func->op_array)->cls == FETTLE_VENDOR;
    l->frame = vendor ? ex : NULL;
    if (vendor)
        *l = (struct fettle_last_walk){ ex, ex->func, t->serial, t->next_index, *p };
}

void fettle_place_find(struct fettle_tracer *t, zend_execute_data *ex, struct fettle_place *p)
{
    find(t, ex, t->stack ? t->stack->n : 0, p);
}

void fettle_place_of(struct fettle_tracer *t, struct fettle_open *o)
{
    struct fettle_place p;
    find(t, o->frame->prev_execute_data, (uint32_t)(o - t->stack->open), &p);
    o->place = p;
}
