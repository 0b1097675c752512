/* What runs without being called: listeners of an event, the texts of mails and notifications, global scopes of a
 * model, objects that laravel-data makes of rows, Volt's functions. */
#include "laravel/interp.h"

static bool brings_rows(const struct interp *it, const struct value *obj)
{
    if (!v_is(obj, V_OBJECT) || obj->cls == NO_CLASS || (it->app->classes[obj->cls].is & IS_QUEUED))
        return false;
    if (v_dep(it, obj))
        return true;
    for (uint32_t i = 0; i < obj->obj->n; i++)
        if (v_has_rows(obj->obj->fields[i].v, 3))
            return true;
    return false;
}

static void run_named(struct interp *it, const struct value *obj, const char *name, const struct args *args,
                      struct ref site)
{
    const struct method *m = class_method_named(it->app, obj->cls, name);
    if (m && !(m->flags & F_STATIC) && !frame_count(it, m->at))
        call_method(it, m, obj, args, site, STEP_CALL);
}

/* --- events --- */

/* event(new X($row)), X::dispatch($row) in the loop of the row: who listens, and does not wait in a queue. */
void event_fired(struct interp *it, const struct value *event, struct ref site)
{
    if (!loop_now(it) || !v_is(event, V_OBJECT) || event->cls == NO_CLASS || !v_dep(it, event))
        return;
    sym name = it->app->classes[event->cls].name;
    struct args one;
    args_init(&one);
    args_add(it, &one, event);
    for (uint32_t i = 0; i < it->app->nlisteners && !it->cut; i++) {
        const struct job_entry *l = &it->app->listeners[i];
        if (!name || l->event != name || l->listener == NO_CLASS ||
            (it->app->classes[l->listener].is & IS_QUEUED))
            continue;
        const struct value *self = service(it, l->listener);
        if (v_is(self, V_OBJECT) && self->cls != NO_CLASS)
            run_named(it, self, "handle", &one, site);
    }
}

/* --- mails and notifications --- */

/* Mail::to(…)->send(new X($rows)) */
void mail_sent(struct interp *it, const struct value *mail, struct ref site)
{
    if (!brings_rows(it, mail) || !(it->app->classes[mail->cls].is & IS_MAIL))
        return;
    uint32_t views = it->nviews;
    struct args none;
    args_init(&none);
    run_named(it, mail, "build", &none, site);
    run_named(it, mail, "content", &none, site);
    views_flush(it, views);
}

/* $user->notify(new X($row)), Notification::send($users, new X($row)) */
void notified(struct interp *it, const struct value *to, const struct value *what, struct ref site)
{
    static const char *const channels[] = { "toMail", "toArray", "toDatabase", "toBroadcast", "toSlack", "toVonage" };
    if (!loop_now(it) || !brings_rows(it, what) || !(it->app->classes[what->cls].is & IS_NOTIFICATION))
        return;
    uint32_t views = it->nviews;
    struct args one;
    args_init(&one);
    args_add(it, &one, v_is(to, V_MODEL) ? to : user_value(it));
    for (size_t i = 0; i < sizeof channels / sizeof *channels && !it->cut; i++)
        run_named(it, what, channels[i], &one, site);
    views_flush(it, views);
}

/* new Content(view: 'mail.x', with: […]) in the content() of a mail */
void mail_content(struct interp *it, const struct args *args, uint32_t node)
{
    static const struct {
        const char *name;
        uint32_t at;
    } texts[] = { { "view", 0 }, { "html", 1 }, { "text", 2 }, { "markdown", 3 } };
    const struct value *with = arg_named(args, 4, it_find_sym(it, "with"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct value *name = arg_named(args, texts[i].at, it_find_sym(it, texts[i].name));
        if (!v_is(name, V_STR))
            continue;
        const struct value *v = view_make(it, name, with, here(it, node));
        if (v_is(v, V_VIEW) && v_is(it->top->self, V_OBJECT) && it->top->self->cls != NO_CLASS)
            props_to_view(it, it->top->self, v->view);
    }
}

/* --- global scopes --- */

static void boot_class(struct interp *it, uint32_t cls, const struct value *self, unsigned depth)
{
    const struct class *c = &it->app->classes[cls];
    struct args none;
    args_init(&none);
    for (uint32_t i = 0; i < c->nmethods; i++)
        if ((c->methods[i].flags & F_STATIC) && str_starts(it_str(it, c->methods[i].name), "boot") &&
            !frame_count(it, c->methods[i].at))
            call_method(it, &c->methods[i], self, &none, it->top->site, STEP_CALL);
    for (uint16_t i = 0; i < c->ntraits && depth < 4; i++)
        boot_class(it, c->traits[i], self, depth + 1);
    if (c->parent != NO_CLASS && depth < 4 && !it->app->classes[c->parent].in_vendor)
        boot_class(it, c->parent, self, depth + 1);
}

/* What the global scopes of a model load eagerly; NULL: it has none. Looked for once a walk. */
const struct origin *global_scope(struct interp *it, uint32_t cls)
{
    const struct model *m = class_model(it->app, cls);
    if (!m || !m->global_scopes)
        return NULL;
    for (uint32_t i = 0; i < it->nscopes; i++)
        if (it->scopes[i].key == cls + 1)
            return it->scopes[i].v->o;
    struct origin *o = origin_new(it, O_SUB, cls, it->app->classes[cls].at);
    if (!o || !it_grow(it, (void **)&it->scopes, &it->cscopes, it->nscopes, sizeof *it->scopes))
        return NULL;
    const struct value *b = v_flags(it, v_rows(it, V_BUILDER, cls, o, NULL, NULL), VF_SUB);
    it->scopes[it->nscopes++] = (struct item){ cls + 1, b };
    if (!v_is(b, V_BUILDER))
        return NULL;
    const struct value *before = it->scoping;
    uint32_t floor = it->floor;
    it->scoping = b;
    it->quiet++;
    if (it->loop)
        it->floor = it->loop->depth;
    boot_class(it, cls, v_model(it, cls, NULL, NULL, NULL), 0);
    it->floor = floor;
    it->quiet--;
    it->scoping = before;
    return o;
}

/* addGlobalScope('x', fn ($query) => …), addGlobalScope(new X) while the scopes of a model are looked for */
void global_scope_added(struct interp *it, const struct args *args, struct ref site)
{
    for (uint32_t i = 0; it->scoping && i < args->n; i++) {
        const struct value *v = args->a[i].v;
        struct args two;
        args_init(&two);
        args_add(it, &two, it->scoping);
        args_add(it, &two, v_model(it, it->scoping->cls, NULL, NULL, NULL));
        if (v_is(v, V_CLOSURE))
            call_closure(it, v, &two, site);
        else if (v_is(v, V_OBJECT) && v->cls != NO_CLASS)
            run_named(it, v, "apply", &two, site);
    }
}

/* --- laravel-data --- */

static const struct value *data_from(struct interp *it, uint32_t cls, const struct value *row, struct ref site)
{
    const struct class *c = &it->app->classes[cls];
    struct args one;
    args_init(&one);
    args_add(it, &one, row);
    for (uint32_t i = 0; i < c->nmethods; i++) {
        const struct method *m = &c->methods[i];
        struct str name = it_str(it, m->name);
        if ((m->flags & F_STATIC) && name.n > 4 && str_starts(name, "from") && !frame_count(it, m->at))
            return call_method(it, m, NULL, &one, site, STEP_CALL);
    }
    return v_unknown(it, row->dep);
}

/* X::from($row), X::collect($rows) of a data class. False: it is none. */
bool data_call(struct interp *it, uint32_t cls, sym name, const struct args *args, struct ref site,
               const struct value **ret)
{
    enum name n = name_of(it, name);
    const struct value *rows = arg_at(args, 0);
    bool many = n == NM_collect || n == NM_collection;
    if (!rows || (n != NM_from && n != NM_optional && !many) ||
        !class_is_a(it->app, cls, "Spatie\\LaravelData\\Data"))
        return false;
    if (!many) {
        *ret = v_is(rows, V_MODEL) ? data_from(it, cls, rows, site) : v_unknown(it, args->dep);
        return true;
    }
    if (v_is(rows, V_BUILDER))
        rows = builder_rows(it, rows, site.node);
    rows_used(it, rows, site);
    struct loop *loop = loop_push(it, site, rows->dep);
    if (!loop)
        return false;
    loop->implied = true;
    const struct value *row = elem_of(it, rows, loop);
    const struct value *v = v_is(row, V_MODEL) ? data_from(it, cls, row, site) : v_unknown(it, loop);
    loop_pop(it, loop);
    *ret = array_push(it, NULL, v, false);
    return true;
}

/* --- Volt --- */

static void volt_data(struct interp *it, const struct value *v, struct ref site)
{
    struct args none;
    args_init(&none);
    if (v_is(v, V_CLOSURE))
        v = call_closure(it, v, &none, site);
    for (uint32_t i = 0; v_is(v, V_ARRAY) && i < v->arr->n; i++) {
        const struct item *x = &v->arr->items[i];
        const struct value *one = v_is(x->v, V_CLOSURE) ? call_closure(it, x->v, &none, site) : x->v;
        if (x->key)
            env_set(it, it->top->env, x->key, one);
    }
}

/* with(fn () => […]), state([…]), $rooms = computed(fn () => …) at the top of a template. NULL: none of them. */
const struct value *volt_call(struct interp *it, struct str full, const struct args *args, struct ref site)
{
    static const char prefix[] = "Livewire\\Volt\\";
    const struct value *a0 = arg_at(args, 0);
    if (!str_starts(full, prefix) || !a0)
        return NULL;
    struct str fn = str_sub(full, sizeof prefix - 1, full.n);
    if (str_is(fn, "computed"))
        return a0;
    if (str_is(fn, "with") || str_is(fn, "state"))
        volt_data(it, a0, site);
    return v_unknown(it, NULL);
}

/* $this->rooms in a functional template. NULL: there is no such name. */
const struct value *volt_prop(struct interp *it, sym name, struct ref site)
{
    const struct value *v = it->top->role == STEP_VIEW && !it->top->self ? env_get(it->top->env, name) : NULL;
    struct args none;
    args_init(&none);
    return v_is(v, V_CLOSURE) ? call_closure(it, v, &none, site) : v;
}
