/* Swapping handlers of internal functions; see handler.h. */
#include "handler.h"

#define HOOKS_MAX 1024

static struct fettle_hook hooks[HOOKS_MAX];
static uint32_t nhooks;

static void hook_one(zend_function *f, const struct fettle_target *target)
{
    zend_internal_function *fn = &f->internal_function;
    if (f->type != ZEND_INTERNAL_FUNCTION || fn->reserved[fettle_slot] || nhooks == HOOKS_MAX ||
        (fn->fn_flags & ZEND_ACC_ABSTRACT) || !fn->handler)
        return;
    struct fettle_hook *h = &hooks[nhooks++];
    *h = (struct fettle_hook){ fn->handler, target, fn };
    fn->reserved[fettle_slot] = h;
    if (target->run)
        fn->handler = target->run;
}

void fettle_hooks_install(const struct fettle_target *targets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct fettle_target *x = &targets[i];
        HashTable *table = CG(function_table);
        if (x->cls) {
            zend_class_entry *ce = zend_hash_str_find_ptr(CG(class_table), x->cls, strlen(x->cls));
            if (!ce)
                continue;
            table = &ce->function_table;
        }
        zend_function *f;
        if (x->fn) {
            f = zend_hash_str_find_ptr(table, x->fn, strlen(x->fn));
            if (f)
                hook_one(f, x);
            continue;
        }
        ZEND_HASH_FOREACH_PTR(table, f)
        {
            hook_one(f, x);
        }
        ZEND_HASH_FOREACH_END();
    }
}

static void hook_copies_in(HashTable *table, uint32_t known)
{
    zend_function *f;
    ZEND_HASH_FOREACH_PTR(table, f)
    {
        if (f->type != ZEND_INTERNAL_FUNCTION || f->internal_function.reserved[fettle_slot])
            continue;
        for (uint32_t i = 0; i < known; i++) {
            if (hooks[i].orig == f->internal_function.handler &&
                zend_string_equals(hooks[i].fn->function_name, f->common.function_name)) {
                hook_one(f, hooks[i].target);
                break;
            }
        }
    }
    ZEND_HASH_FOREACH_END();
}

void fettle_hooks_copies(void)
{
    uint32_t known = nhooks;
    zend_class_entry *ce;
    ZEND_HASH_FOREACH_PTR(CG(class_table), ce)
    {
        hook_copies_in(&ce->function_table, known);
    }
    ZEND_HASH_FOREACH_END();
    hook_copies_in(CG(function_table), known);
}

void fettle_hooks_remove(void)
{
    while (nhooks) {
        struct fettle_hook *h = &hooks[--nhooks];
        h->fn->handler = h->orig;
        h->fn->reserved[fettle_slot] = NULL;
    }
}
