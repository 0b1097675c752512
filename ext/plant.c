/* Planting calls at compile time; see plant.h. */
#include "plant.h"

#include "object.h"

#include "zend_ast.h"
#include "zend_compile.h"
#include "zend_extensions.h"
#include "zend_language_scanner.h"
#include "zend_system_id.h"

ZEND_FUNCTION(fettle_enter);
ZEND_FUNCTION(fettle_leave);
ZEND_FUNCTION(fettle_leave_void);

#define NAME_MAX_BYTES 400

static zend_ast_process_t prev_process;
static bool hooked;

static bool functions_are_there(void)
{
    static const char *const names[] = { "fettle_enter", "fettle_leave", "fettle_leave_void" };
    for (unsigned i = 0; i < 3; i++) {
        const zend_function *f =
            zend_hash_str_find_ptr(CG(function_table), names[i], strlen(names[i]));
        if (!f || f->type != ZEND_INTERNAL_FUNCTION)
            return false; /* disable_functions took it */
    }
    return true;
}

static zend_ast *make_call(const char *name, zend_ast *arg)
{
    zval z;
    ZVAL_STRING(&z, name);
    zend_ast *fn = zend_ast_create_zval_ex(&z, ZEND_NAME_FQ);
    zend_ast *args = arg ? zend_ast_create_list(1, ZEND_AST_ARG_LIST, arg)
                         : zend_ast_create_list(0, ZEND_AST_ARG_LIST);
    return zend_ast_create(ZEND_AST_CALL, fn, args);
}

static zend_ast *make_id(uint32_t id)
{
    zval z;
    ZVAL_LONG(&z, (zend_long)id);
    return zend_ast_create_zval(&z);
}

/* Every return of this function (not of functions inside it) calls leave with its value. */
static void rewrite_returns(zend_ast **at)
{
    zend_ast *a = *at;
    if (!a || zend_ast_is_special(a)) /* values; functions and classes of their own */
        return;
    if (a->kind == ZEND_AST_RETURN) {
        uint32_t line = CG(zend_lineno);
        CG(zend_lineno) = a->lineno;
        if (a->child[0]) {
            a->child[0] = make_call("fettle_leave", a->child[0]);
            a->child[0]->lineno = a->lineno;
        } else {
            *at = zend_ast_create_list(2, ZEND_AST_STMT_LIST, make_call("fettle_leave_void", NULL),
                                       a);
        }
        CG(zend_lineno) = line;
        return;
    }
    if (zend_ast_is_list(a)) {
        zend_ast_list *l = zend_ast_get_list(a);
        for (uint32_t i = 0; i < l->children; i++)
            rewrite_returns(&l->child[i]);
        return;
    }
    for (uint32_t i = 0, n = zend_ast_get_num_children(a); i < n; i++)
        rewrite_returns(&a->child[i]);
}

static void plant_into(zend_ast_decl *d, uint32_t id, bool leave)
{
    zend_ast *body = d->child[2];
    uint32_t line = CG(zend_lineno);
    /* Planted nodes take the first statement's line, or code coverage sees one line more. */
    CG(zend_lineno) = zend_ast_get_lineno(body);
    zend_ast *enter = make_call("fettle_enter", make_id(id));
    if (leave) {
        rewrite_returns(&body);
        CG(zend_lineno) = zend_ast_get_lineno(enter);
        body = zend_ast_create_list(2, ZEND_AST_STMT_LIST, enter, body);
        body = zend_ast_list_add(body, make_call("fettle_leave_void", NULL));
    } else {
        body = zend_ast_create_list(2, ZEND_AST_STMT_LIST, enter, body);
    }
    d->child[2] = body;
    CG(zend_lineno) = line;
}

static bool can_plant(const zend_ast_decl *d)
{
    return d->child[2] && !(d->flags & (ZEND_ACC_GENERATOR | ZEND_ACC_RETURN_REFERENCE));
}

/* '*' stands for any run of bytes; letters match in either case. */
static bool glob(const char *p, size_t np, const char *s, size_t ns)
{
    size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;
    while (j < ns) {
        if (i < np && p[i] == '*') {
            star = i++;
            mark = j;
        } else if (i < np && tolower((unsigned char)p[i]) == tolower((unsigned char)s[j])) {
            i++;
            j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++mark;
        } else {
            return false;
        }
    }
    while (i < np && p[i] == '*')
        i++;
    return i == np;
}

/* Whether fettle.plant names this function: "name" or "Class::method", with *. */
static bool user_wants(const char *name, size_t n)
{
    const char *p = FETTLE_G(plant);
    while (p && *p) {
        size_t m = strcspn(p, ";");
        if (m && glob(p, m, name, n))
            return true;
        p += m + (p[m] == ';');
    }
    return false;
}

static const struct fettle_plant *plant_for(const char *cls, size_t n, const zend_string *fn)
{
    for (uint32_t i = 0; i < fettle_nplants; i++) {
        const struct fettle_plant *p = &fettle_plants[i];
        if ((p->flags & FETTLE_PLANT_DEEP) && fettle_tier != FW_DEEP)
            continue;
        if (strlen(p->cls) == n && !memcmp(p->cls, cls, n) && strlen(p->fn) == ZSTR_LEN(fn) &&
            !strcasecmp(p->fn, ZSTR_VAL(fn)))
            return p;
    }
    return NULL;
}

/* handle($request, Closure $next) of a class in a folder or namespace called Middleware. */
static bool is_middleware(const char *cls, const zend_ast_decl *method)
{
    const zend_ast_list *params = zend_ast_get_list(method->child[0]);
    return fettle_tier == FW_DEEP && strstr(cls, "\\Middleware\\") && params->children >= 2 &&
           zend_string_equals_literal_ci(method->name, "handle");
}

static void plant_method(const char *cls, size_t n, zend_ast_decl *m)
{
    char full[2 * NAME_MAX_BYTES];
    if (!can_plant(m))
        return;
    const struct fettle_plant *p = plant_for(cls, n, m->name);
    if (p) {
        bool count = (p->flags & FETTLE_PLANT_COUNT) && fettle_tier != FW_DEEP;
        plant_into(m, (uint32_t)(p - fettle_plants), !count);
        return;
    }
    if (FETTLE_G(plant) && *FETTLE_G(plant) && ZSTR_LEN(m->name) < NAME_MAX_BYTES - 4) {
        int k = snprintf(full, sizeof full, "%s::%s", cls, ZSTR_VAL(m->name));
        if (k > 0 && user_wants(full, (size_t)k)) {
            plant_into(m, FETTLE_PLANT_USER, true);
            return;
        }
    }
    if (is_middleware(cls, m))
        plant_into(m, FETTLE_PLANT_MIDDLEWARE, true);
}

static size_t full_name(char *out, const zend_string *ns, const zend_string *name)
{
    size_t a = ns ? ZSTR_LEN(ns) : 0, b = ZSTR_LEN(name);
    if (a + b + 2 > NAME_MAX_BYTES)
        return 0;
    if (a) {
        memcpy(out, ZSTR_VAL(ns), a);
        out[a++] = '\\';
    }
    memcpy(out + a, ZSTR_VAL(name), b + 1);
    return a + b;
}

static void plant_class(const zend_string *ns, zend_ast_decl *c)
{
    char cls[NAME_MAX_BYTES];
    size_t n = c->name ? full_name(cls, ns, c->name) : 0;
    if (!n || !c->child[2])
        return;
    zend_ast_list *members = zend_ast_get_list(c->child[2]);
    for (uint32_t i = 0; i < members->children; i++) {
        if (members->child[i] && members->child[i]->kind == ZEND_AST_METHOD)
            plant_method(cls, n, (zend_ast_decl *)members->child[i]);
    }
}

static void plant_function(const zend_string *ns, zend_ast_decl *f)
{
    char name[NAME_MAX_BYTES];
    size_t n = full_name(name, ns, f->name);
    if (n && can_plant(f) && user_wants(name, n))
        plant_into(f, FETTLE_PLANT_USER, true);
}

static bool declares_ticks(const zend_ast *declare)
{
    const zend_ast_list *l = zend_ast_get_list(declare->child[0]);
    for (uint32_t i = 0; i < l->children; i++) {
        const zend_ast *name = l->child[i]->child[0];
        if (zend_string_equals_literal_ci(zend_ast_get_str((zend_ast *)(uintptr_t)name), "ticks"))
            return true;
    }
    return false;
}

static bool has_ticks(const zend_ast *a)
{
    if (!a || a->kind != ZEND_AST_STMT_LIST)
        return false;
    const zend_ast_list *l = zend_ast_get_list((zend_ast *)(uintptr_t)a);
    for (uint32_t i = 0; i < l->children; i++) {
        const zend_ast *s = l->child[i];
        if (s && ((s->kind == ZEND_AST_DECLARE && declares_ticks(s)) ||
                  (s->kind == ZEND_AST_NAMESPACE && has_ticks(s->child[1]))))
            return true;
    }
    return false;
}

static void plant_list(const zend_string *ns, zend_ast *a)
{
    if (!a || a->kind != ZEND_AST_STMT_LIST)
        return;
    zend_ast_list *l = zend_ast_get_list(a);
    for (uint32_t i = 0; i < l->children; i++) {
        zend_ast *s = l->child[i];
        if (!s)
            continue;
        if (s->kind == ZEND_AST_NAMESPACE) {
            zend_string *name = s->child[0] ? zend_ast_get_str(s->child[0]) : NULL;
            if (s->child[1])
                plant_list(name, s->child[1]);
            else
                ns = name;
        } else if (s->kind == ZEND_AST_CLASS) {
            plant_class(ns, (zend_ast_decl *)s);
        } else if (s->kind == ZEND_AST_FUNC_DECL && FETTLE_G(plant) && *FETTLE_G(plant)) {
            plant_function(ns, (zend_ast_decl *)s);
        }
    }
}

static void on_ast(zend_ast *a)
{
    if (functions_are_there() && !has_ticks(a))
        plant_list(NULL, a);
    if (prev_process)
        prev_process(a);
}

/* A call of the planted method begins: a span, a count, or a trace. */
static zend_always_inline void enter(struct fettle_tracer *t, uint32_t id, zend_execute_data *frame)
{
    const struct fettle_plant *p = id < fettle_nplants ? &fettle_plants[id] : NULL;
    if (p && UNEXPECTED(p->flags & FETTLE_PLANT_BOUNDARY)) {
        p->enter(t, NULL, frame);
        return;
    }
    if (!fettle_live(t))
        return;
    if (p && (p->flags & FETTLE_PLANT_COUNT) && fettle_tier != FW_DEEP) {
        p->enter(t, NULL, frame);
        return;
    }
    enum fw_span_kind kind = p ? p->kind : id == FETTLE_PLANT_MIDDLEWARE ? FW_MIDDLEWARE : FW_CALL;
    struct fettle_open *o = fettle_span_begin(t, frame, kind);
    if (!o)
        return;
    o->plant = (uint16_t)id;
    if (p && !p->enter(t, o, frame))
        fettle_span_silence(t, o);
    else if (id == FETTLE_PLANT_MIDDLEWARE && Z_TYPE(frame->This) == IS_OBJECT)
        o->name = fettle_string_z(&t->ring, Z_OBJCE(frame->This)->name);
    else if (!p)
        o->name = fettle_function_id(t, frame->func);
}

static zend_always_inline void leave(struct fettle_tracer *t, zend_execute_data *frame,
                                     const zval *ret)
{
    struct fettle_open *o = fettle_span_find(t, frame);
    if (UNEXPECTED(t->thrown)) {
        fettle_sweep(t, frame);
        o = fettle_span_find(t, frame);
    }
    if (UNEXPECTED(!o))
        return;
    const struct fettle_plant *p = o->plant < fettle_nplants ? &fettle_plants[o->plant] : NULL;
    if (p && p->leave)
        p->leave(t, o, frame, ret); /* a boundary closes the trace here, and the stack is empty */
    if (EXPECTED(!p || !(p->flags & FETTLE_PLANT_BOUNDARY)))
        fettle_span_end(t, o);
}

ZEND_FUNCTION(fettle_enter)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    zend_execute_data *frame = EX(prev_execute_data);
    if (UNEXPECTED(ZEND_NUM_ARGS() != 1)) {
        zend_wrong_parameters_count_error(
            1, 1); /* planted calls have one: somebody calls it by hand */
        return;
    }
    if (UNEXPECTED(!t || !frame || !frame->func || !ZEND_USER_CODE(frame->func->type)))
        return;
    const zval *id = ZEND_CALL_ARG(execute_data, 1);
    if (EXPECTED(Z_TYPE_P(id) == IS_LONG && Z_LVAL_P(id) >= 0 && Z_LVAL_P(id) <= UINT16_MAX))
        enter(t, (uint32_t)Z_LVAL_P(id), frame);
}

ZEND_FUNCTION(fettle_leave)
{
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (UNEXPECTED(ZEND_NUM_ARGS() != 1)) {
        zend_wrong_parameters_count_error(1, 1);
        return;
    }
    zval *v = ZEND_CALL_ARG(execute_data, 1);
    if (EXPECTED(fettle_live(t) && EX(prev_execute_data)))
        leave(t, EX(prev_execute_data), v);
    ZVAL_COPY_VALUE(return_value, v);
    ZVAL_UNDEF(v);
}

ZEND_FUNCTION(fettle_leave_void)
{
    ZEND_PARSE_PARAMETERS_NONE();
    struct fettle_tracer *t = FETTLE_G(tracer);
    if (EXPECTED(fettle_live(t) && EX(prev_execute_data)))
        leave(t, EX(prev_execute_data), NULL);
}

/* Compiled code that a file cache keeps must not be read by a PHP that plants otherwise, or not at
 * all. */
static void add_system_entropy(void)
{
    char what[64];
    const char *user = FETTLE_G(plant) ? FETTLE_G(plant) : "";
    zend_ulong h = zend_inline_hash_func(user, strlen(user));
    for (uint32_t i = 0; i < fettle_nplants; i++)
        h = h * 31 + zend_inline_hash_func(fettle_plants[i].cls, strlen(fettle_plants[i].cls)) +
            zend_inline_hash_func(fettle_plants[i].fn, strlen(fettle_plants[i].fn)) * 7;
    const char *disabled = INI_STR("disable_functions");
    if (disabled)
        h = h * 31 + zend_inline_hash_func(disabled, strlen(disabled));
    int n = snprintf(what, sizeof what, FETTLE_VERSION " %d %lx", fettle_tier, (unsigned long)h);
    zend_add_system_entropy("fettle", "plant", what, (size_t)n);
}

void fettle_plant_startup(void)
{
    add_system_entropy();
    prev_process = zend_ast_process;
    zend_ast_process = on_ast;
    hooked = true;
}

void fettle_plant_shutdown(void)
{
    if (hooked)
        zend_ast_process = prev_process;
}
