/* The plants: which methods of Laravel, Livewire and Predis are spanned, and what is read from
 * their frames.
 *
 * One table. A reader gets the frame of the planted method: its arguments, locals and $this are
 * read as they lie there, without running PHP code; whatever is not as expected gives a span
 * without a name, never an error. Tried with Laravel 10 to 12, Livewire 3 and 4, Predis 2 and 3.
 */
#include "plant.h"

#include "handler.h"
#include "object.h"
#include "request.h"

/* An anonymous class is called by its parent and "@anonymous": what follows is a NUL and a path. */
static uint32_t class_name(struct fettle_tracer *t, const zend_object *o)
{
    if (!o)
        return 0;
    zend_string *name = o->ce->name;
    if (UNEXPECTED(o->ce->ce_flags & ZEND_ACC_ANON_CLASS))
        return fettle_string(&t->ring, ZSTR_VAL(name), strnlen(ZSTR_VAL(name), ZSTR_LEN(name)));
    return fettle_string_z(&t->ring, name);
}

static zend_object *arg_object(const zend_execute_data *ex, uint32_t i)
{
    const zval *z = fettle_arg(ex, i);
    return z && Z_TYPE_P(z) == IS_OBJECT ? Z_OBJ_P(z) : NULL;
}

static HashTable *arg_array(const zend_execute_data *ex, uint32_t i)
{
    const zval *z = fettle_arg(ex, i);
    return z && Z_TYPE_P(z) == IS_ARRAY ? Z_ARRVAL_P(z) : NULL;
}

/* "Class@method" */
static uint32_t action_name(struct fettle_tracer *t, const zend_string *cls, const char *method,
                            size_t n)
{
    char buf[512];
    size_t a = strnlen(ZSTR_VAL(cls), ZSTR_LEN(cls)); /* anonymous classes: cut at their NUL */
    if (a + n + 1 > sizeof buf)
        return fettle_string(&t->ring, ZSTR_VAL(cls), a);
    memcpy(buf, ZSTR_VAL(cls), a);
    buf[a] = '@';
    memcpy(buf + a + 1, method, n);
    return fettle_string(&t->ring, buf, a + 1 + n);
}

/* Whether the span just around this one is of the same kind: then this call is its work, not one of
 * its own. */
static bool nested_in_same(const struct fettle_tracer *t, const struct fettle_open *o)
{
    return o > t->stack->open && o[-1].kind == o->kind && !o[-1].silent;
}

/* Eloquent */

static bool hydrate(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const HashTable *items = arg_array(ex, 1);
    const zend_object *self = fettle_this(ex);
    o->a = items ? zend_hash_num_elements(items) : 0;
    t->hydrated += o->a;
    o->name = class_name(t, self ? fettle_prop_object(self, FETTLE_S("model")) : NULL);
    return true;
}

static bool lazy_relation(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_string *relation = fettle_arg_string(ex, 1);
    const zend_object *self = fettle_this(ex);
    char buf[512];
    if (!relation || !self)
        return true;
    t->lazy++;
    int n = snprintf(buf, sizeof buf, "%s::%s", ZSTR_VAL(self->ce->name), ZSTR_VAL(relation));
    o->name = fettle_string(&t->ring, buf, MIN((size_t)n, sizeof buf - 1));
    return true;
}

/* Cache */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Digits, and runs of eight or more hex digits, become *: keys of one shape have one name. */
static uint32_t key_name(struct fettle_tracer *t, const zend_string *key)
{
    char buf[256];
    size_t w = 0, n = ZSTR_LEN(key);
    const char *p = ZSTR_VAL(key);
    for (size_t i = 0; i < n && w < sizeof buf - 1;) {
        size_t hex = i, digits = i;
        while (hex < n && is_hex(p[hex]))
            hex++;
        while (digits < n && p[digits] >= '0' && p[digits] <= '9')
            digits++;
        size_t run = hex - i >= 8 ? hex : digits;
        if (run > i) {
            buf[w++] = '*';
            i = run;
        } else {
            buf[w++] = p[i++];
        }
    }
    return fettle_string(&t->ring, buf, w);
}

static uint32_t first_key_name(struct fettle_tracer *t, HashTable *keys)
{
    zend_string *name;
    zval *v;
    ZEND_HASH_FOREACH_STR_KEY_VAL(keys, name, v)
    {
        if (name)
            return key_name(t, name);
        ZVAL_DEREF(v);
        return Z_TYPE_P(v) == IS_STRING ? key_name(t, Z_STR_P(v)) : 0;
    }
    ZEND_HASH_FOREACH_END();
    return 0;
}

static bool cache_call(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                       uint32_t op)
{
    const zend_string *key = fettle_arg_string(ex, 1);
    HashTable *keys = arg_array(ex, 1);
    if (nested_in_same(t, o))
        return false;
    o->a = keys ? FW_CACHE_MANY : op;
    o->name = key ? key_name(t, key) : keys ? first_key_name(t, keys) : 0;
    return true;
}

static bool cache_get(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    return cache_call(t, o, ex, 0);
}

static bool cache_put(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zval *v = fettle_arg(ex, 2);
    bool own = cache_call(t, o, ex, FW_CACHE_PUT);
    if (v && Z_TYPE_P(v) == IS_STRING)
        o->b = Z_STRLEN_P(v);
    return own;
}

static bool cache_forget(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    return cache_call(t, o, ex, FW_CACHE_FORGET);
}

/* Missed when the answer is the default. A default that is computed (a closure) hides it: outcome
 * unknown. */
static void cache_got(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                      const zval *ret)
{
    const zval *standby = fettle_arg(ex, 2);
    if (o->a == FW_CACHE_MANY || !ret)
        return;
    if (Z_TYPE_P(ret) == IS_STRING && !o->b)
        o->b = Z_STRLEN_P(ret);
    if (!standby || Z_TYPE_P(standby) == IS_NULL)
        o->a = Z_TYPE_P(ret) == IS_NULL ? FW_CACHE_MISS : FW_CACHE_HIT;
    else if (Z_TYPE_P(standby) != IS_OBJECT)
        o->a = zend_is_identical((zval *)(uintptr_t)standby, (zval *)(uintptr_t)ret) ? FW_CACHE_MISS
                                                                                     : FW_CACHE_HIT;
}

/* Views */

static bool view_render(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_object *self = fettle_this(ex);
    zend_string *name = self ? fettle_prop_string(self, FETTLE_S("view")) : NULL;
    const char *source =
        name && ZSTR_VAL(name)[0] == '/' ? fettle_blade_learned(t, ZSTR_VAL(name)) : NULL;
    o->name = source ? fettle_string(&t->ring, source, strlen(source))
              : name ? fettle_string_z(&t->ring, name)
                     : 0;
    return true;
}

/* Queue */

static uint32_t job_name(struct fettle_tracer *t, const zval *job)
{
    if (job && Z_TYPE_P(job) == IS_OBJECT)
        return class_name(t, Z_OBJ_P(job));
    return job && Z_TYPE_P(job) == IS_STRING ? fettle_string_z(&t->ring, Z_STR_P(job)) : 0;
}

static bool queue_push(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_string *payload = fettle_arg_string(ex, 2);
    o->name = job_name(t, fettle_arg(ex, 1));
    o->a = payload ? (uint32_t)MIN(ZSTR_LEN(payload), UINT32_MAX) : 0;
    return true;
}

static bool queue_push_sync(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    o->name = job_name(t, fettle_arg(ex, 1));
    return true;
}

/* Many jobs in one statement: named by the first. */
static bool queue_bulk(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    HashTable *jobs = arg_array(ex, 1);
    zval *first;
    if (!jobs)
        return true;
    ZEND_HASH_FOREACH_VAL(jobs, first)
    {
        ZVAL_DEREF(first);
        o->name = job_name(t, first);
        break;
    }
    ZEND_HASH_FOREACH_END();
    return true;
}

static bool job_run(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zval *name = fettle_key(arg_array(ex, 2), FETTLE_S("commandName"));
    o->name = job_name(t, name);
    if (t->type == FW_JOB && !t->name)
        t->name = o->name;
    return true;
}

/* One trace a job: what came before (the command's start, polling) ends here. */
static bool worker_process(struct fettle_tracer *t, struct fettle_open *unused,
                           zend_execute_data *ex)
{
    struct fettle_open *o;
    if (!t->cli)
        return true;
    fettle_trace_close(t);
    t->worker = true;
    fettle_trace_open(t, FW_JOB, 0);
    if ((o = fettle_span_begin(t, ex, FW_JOB_RUN))) {
        fettle_span_silence(t, o);
        o->plant = (uint16_t)fettle_plant_id(FETTLE_S("Illuminate\\Queue\\Worker"));
    }
    return true;
}

/* Between two jobs nothing is recorded: an idle worker polls for ever. */
static void worker_processed(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                             const zval *ret)
{
    fettle_trace_close(t);
}

/* Console, HTTP */

static bool command_run(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_object *self = fettle_this(ex);
    zend_string *name = self ? fettle_prop_string(self, FETTLE_S("name")) : NULL;
    o->name = name ? fettle_string_z(&t->ring, name) : class_name(t, self);
    return true;
}

static bool controller(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_object *c = arg_object(ex, 2);
    const zend_string *method = fettle_arg_string(ex, 3);
    if (c && method)
        o->name = action_name(t, c->ce->name, ZSTR_VAL(method), ZSTR_LEN(method));
    return true;
}

static bool controller_closure(struct fettle_tracer *t, struct fettle_open *o,
                               zend_execute_data *ex)
{
    o->name = fettle_string(&t->ring, FETTLE_S("Closure"));
    return true;
}

static bool bootstrap(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    o->name = fettle_string(&t->ring, FETTLE_S("bootstrap"));
    return true;
}

/* A request handled inside a command-line process (tests, Octane): a trace of its own. */
static bool kernel_handle(struct fettle_tracer *t, struct fettle_open *unused,
                          zend_execute_data *ex)
{
    struct fettle_open *o;
    if (!t->cli || t->worker)
        return true;
    fettle_trace_close(t);
    fettle_trace_open(t, FW_HTTP, 0);
    if ((o = fettle_span_begin(t, ex, FW_CALL))) {
        fettle_span_silence(t, o);
        o->plant = (uint16_t)fettle_plant_id(FETTLE_S("Illuminate\\Foundation\\Http\\Kernel"));
    }
    return true;
}

static void kernel_handled(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                           const zval *ret)
{
    const zend_object *request = arg_object(ex, 1);
    fettle_request_handled(t, request, ret && Z_TYPE_P(ret) == IS_OBJECT ? Z_OBJ_P(ret) : NULL);
    fettle_trace_close(t);
    fettle_trace_open(t, FW_CLI, 0);
}

/* Events */

static bool event(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zval *e = fettle_arg(ex, 1);
    const zend_object *self = fettle_this(ex);
    t->events++;
    if (!o || !e || !self)
        return true;
    zend_string *name = Z_TYPE_P(e) == IS_OBJECT   ? Z_OBJCE_P(e)->name
                        : Z_TYPE_P(e) == IS_STRING ? Z_STR_P(e)
                                                   : NULL;
    const zval *listeners = name ? fettle_key(fettle_prop_array(self, FETTLE_S("listeners")),
                                              ZSTR_VAL(name), ZSTR_LEN(name))
                                 : NULL;
    if (!listeners || Z_TYPE_P(listeners) != IS_ARRAY)
        return false; /* nobody listens: counted only */
    o->a = zend_hash_num_elements(Z_ARRVAL_P(listeners));
    o->name = fettle_string_z(&t->ring, name);
    return true;
}

/* Mail */

static bool mail_send(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zval *v = fettle_arg(ex, 1);
    if (nested_in_same(t, o))
        return false;
    o->name = job_name(t, v);
    return true;
}

/* Livewire */

/* A component's class; the name it goes by where the class has none (single-file components). */
static uint32_t component_name(struct fettle_tracer *t, const zend_object *c)
{
    zend_string *name = c && (c->ce->ce_flags & ZEND_ACC_ANON_CLASS)
                            ? fettle_prop_string(c, FETTLE_S("__name"))
                            : NULL;
    return name ? fettle_string_z(&t->ring, name) : class_name(t, c);
}

static bool livewire(struct fettle_tracer *t, struct fettle_open *o, enum fw_lw_phase phase)
{
    o->a = phase;
    return true;
}

static bool livewire_mount(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    return livewire(t, o, FW_LW_MOUNT);
}

static bool livewire_update(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    t->type = FW_LIVEWIRE;
    return livewire(t, o, FW_LW_UPDATE);
}

static bool livewire_hydrate(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    t->snapshot_bytes = 0;
    return livewire(t, o, FW_LW_HYDRATE);
}

static bool livewire_render(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    o->name = component_name(t, arg_object(ex, 1));
    return livewire(t, o, FW_LW_RENDER);
}

static bool livewire_dehydrate(struct fettle_tracer *t, struct fettle_open *o,
                               zend_execute_data *ex)
{
    t->snapshot_bytes = 0;
    o->name = component_name(t, arg_object(ex, 1));
    return livewire(t, o, FW_LW_DEHYDRATE);
}

static bool livewire_call(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_object *component = arg_object(ex, 1);
    HashTable *calls = arg_array(ex, 2);
    if (!component || !calls || !zend_hash_num_elements(calls))
        return false;
    zval *call;
    ZEND_HASH_FOREACH_VAL(calls, call)
    {
        ZVAL_DEREF(call);
        const zval *m =
            Z_TYPE_P(call) == IS_ARRAY ? fettle_key(Z_ARRVAL_P(call), FETTLE_S("method")) : NULL;
        zend_string *name = fettle_prop_string(component, FETTLE_S("__name"));
        if (!(component->ce->ce_flags & ZEND_ACC_ANON_CLASS) || !name)
            name = component->ce->name;
        if (m && Z_TYPE_P(m) == IS_STRING && !t->action)
            t->action = action_name(t, name, Z_STRVAL_P(m), Z_STRLEN_P(m));
        break;
    }
    ZEND_HASH_FOREACH_END();
    o->name = component_name(t, component);
    return livewire(t, o, FW_LW_CALL);
}

/* The component is made inside these two: a local by then. */
static void livewire_made(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                          const zval *ret)
{
    const zval *c = fettle_local(ex, FETTLE_S("component"));
    if (c && Z_TYPE_P(c) == IS_OBJECT)
        o->name = component_name(t, Z_OBJ_P(c));
    if (o->a == FW_LW_HYDRATE)
        o->b = t->snapshot_bytes;
    if (o->a == FW_LW_UPDATE && !t->action)
        t->action = o->name;
}

static void livewire_dehydrated(struct fettle_tracer *t, struct fettle_open *o,
                                zend_execute_data *ex, const zval *ret)
{
    o->b = t->snapshot_bytes;
}

/* Which file Livewire 4 compiled from which: no span. */
static bool livewire_compiled(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    return false;
}

static void livewire_compiled_to(struct fettle_tracer *t, struct fettle_open *o,
                                 zend_execute_data *ex, const zval *ret)
{
    zend_string *source = fettle_arg_string(ex, 1);
    if (source && ret && Z_TYPE_P(ret) == IS_STRING)
        fettle_blade_learn(t, Z_STR_P(ret), source);
}

/* Predis */

static bool predis(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex)
{
    const zend_object *command = arg_object(ex, 1);
    if (!command)
        return true;
    zend_string *id = fettle_prop_string(command, FETTLE_S("commandID"));
    const zend_string *cls = command->ce->name;
    const char *last = zend_memrchr(ZSTR_VAL(cls), '\\', ZSTR_LEN(cls));
    const char *name = last ? last + 1 : ZSTR_VAL(cls);
    o->name = id ? fettle_string_z(&t->ring, id)
                 : fettle_string(&t->ring, name, ZSTR_LEN(cls) - (size_t)(name - ZSTR_VAL(cls)));
    return true;
}

static void predis_reply(struct fettle_tracer *t, struct fettle_open *o, zend_execute_data *ex,
                         const zval *ret)
{
    if (ret && Z_TYPE_P(ret) == IS_STRING)
        o->a = (uint32_t)MIN(Z_STRLEN_P(ret), UINT32_MAX);
}

#define HANDLE_COMPONENTS "Livewire\\Mechanisms\\HandleComponents\\HandleComponents"

const struct fettle_plant fettle_plants[] = {
    { "Illuminate\\Database\\Eloquent\\Builder", "hydrate", FW_HYDRATE, 0, hydrate, NULL },
    { "Illuminate\\Database\\Eloquent\\Concerns\\HasAttributes", "getrelationshipfrommethod",
      FW_LAZY, 0, lazy_relation, NULL },
    { "Illuminate\\Cache\\Repository", "get", FW_CACHE, 0, cache_get, cache_got },
    { "Illuminate\\Cache\\Repository", "many", FW_CACHE, 0, cache_get, NULL },
    { "Illuminate\\Cache\\Repository", "put", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "putmany", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "forever", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "add", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "increment", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "decrement", FW_CACHE, 0, cache_put, NULL },
    { "Illuminate\\Cache\\Repository", "forget", FW_CACHE, 0, cache_forget, NULL },
    { "Illuminate\\View\\View", "rendercontents", FW_VIEW, 0, view_render, NULL },
    { "Illuminate\\Queue\\Queue", "enqueueusing", FW_QUEUE_PUSH, 0, queue_push, NULL },
    { "Illuminate\\Queue\\DatabaseQueue", "bulk", FW_QUEUE_PUSH, 0, queue_bulk, NULL },
    { "Illuminate\\Queue\\SyncQueue", "push", FW_QUEUE_PUSH, 0, queue_push_sync, NULL },
    { "Illuminate\\Queue\\CallQueuedHandler", "call", FW_JOB_RUN, 0, job_run, NULL },
    { "Illuminate\\Queue\\Worker", "process", FW_JOB_RUN, FETTLE_PLANT_BOUNDARY, worker_process,
      worker_processed },
    { "Illuminate\\Foundation\\Http\\Kernel", "handle", FW_CALL, FETTLE_PLANT_BOUNDARY,
      kernel_handle, kernel_handled },
    { "Illuminate\\Foundation\\Application", "bootstrapwith", FW_BOOT, 0, bootstrap, NULL },
    { "Illuminate\\Console\\Command", "run", FW_COMMAND, 0, command_run, NULL },
    { "Illuminate\\Routing\\ControllerDispatcher", "dispatch", FW_CONTROLLER, 0, controller, NULL },
    { "Illuminate\\Routing\\CallableDispatcher", "dispatch", FW_CONTROLLER, 0, controller_closure,
      NULL },
    { "Illuminate\\Events\\Dispatcher", "dispatch", FW_EVENT, FETTLE_PLANT_COUNT, event, NULL },
    { "Illuminate\\Mail\\Mailer", "send", FW_MAIL, 0, mail_send, NULL },
    { HANDLE_COMPONENTS, "mount", FW_LIVEWIRE_PHASE, 0, livewire_mount, livewire_made },
    { HANDLE_COMPONENTS, "update", FW_LIVEWIRE_PHASE, 0, livewire_update, livewire_made },
    { HANDLE_COMPONENTS, "fromsnapshot", FW_LIVEWIRE_PHASE, 0, livewire_hydrate, livewire_made },
    { HANDLE_COMPONENTS, "callmethods", FW_LIVEWIRE_PHASE, 0, livewire_call, NULL },
    { HANDLE_COMPONENTS, "render", FW_LIVEWIRE_PHASE, 0, livewire_render, NULL },
    { HANDLE_COMPONENTS, "snapshot", FW_LIVEWIRE_PHASE, 0, livewire_dehydrate,
      livewire_dehydrated },
    { "Livewire\\Compiler\\CacheManager", "getclasspath", FW_CALL, 0, livewire_compiled,
      livewire_compiled_to },
    { "Livewire\\Compiler\\CacheManager", "getviewpath", FW_CALL, 0, livewire_compiled,
      livewire_compiled_to },
    { "Predis\\Client", "executecommand", FW_REDIS, 0, predis, predis_reply },
};
const uint32_t fettle_nplants = sizeof fettle_plants / sizeof *fettle_plants;

uint32_t fettle_plant_id(const char *cls, size_t n)
{
    for (uint32_t i = 0; i < fettle_nplants; i++) {
        if (strlen(fettle_plants[i].cls) == n && !memcmp(fettle_plants[i].cls, cls, n))
            return i;
    }
    return UINT16_MAX;
}
