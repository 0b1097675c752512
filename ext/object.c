/* Reading userland's objects and frames; see object.h. */
#include "object.h"

static const zval *defined(const zval *z)
{
    if (!z)
        return NULL;
    if (Z_TYPE_P(z) == IS_INDIRECT)
        z = Z_INDIRECT_P(z);
    ZVAL_DEREF(z);
    return Z_TYPE_P(z) == IS_UNDEF ? NULL : z;
}

const zval *fettle_prop(const zend_object *o, const char *name, size_t n)
{
    const zend_property_info *i =
        o ? zend_hash_str_find_ptr(&o->ce->properties_info, name, n) : NULL;
    if (!i || (i->flags & ZEND_ACC_STATIC))
        return NULL;
#ifdef ZEND_ACC_VIRTUAL /* PHP 8.4: a property of hooks alone has no place in the object */
    if (i->flags & ZEND_ACC_VIRTUAL)
        return NULL;
#endif
    return defined(OBJ_PROP(o, i->offset));
}

zend_string *fettle_prop_string(const zend_object *o, const char *name, size_t n)
{
    const zval *z = fettle_prop(o, name, n);
    return z && Z_TYPE_P(z) == IS_STRING ? Z_STR_P(z) : NULL;
}

zend_object *fettle_prop_object(const zend_object *o, const char *name, size_t n)
{
    const zval *z = fettle_prop(o, name, n);
    return z && Z_TYPE_P(z) == IS_OBJECT ? Z_OBJ_P(z) : NULL;
}

HashTable *fettle_prop_array(const zend_object *o, const char *name, size_t n)
{
    const zval *z = fettle_prop(o, name, n);
    return z && Z_TYPE_P(z) == IS_ARRAY ? Z_ARRVAL_P(z) : NULL;
}

const zval *fettle_static(const char *cls, size_t ncls, const char *name, size_t n)
{
    zend_class_entry *ce = zend_hash_str_find_ptr(EG(class_table), cls, ncls);
    const zend_property_info *i = ce ? zend_hash_str_find_ptr(&ce->properties_info, name, n) : NULL;
    const zval *table = i && (i->flags & ZEND_ACC_STATIC) ? CE_STATIC_MEMBERS(ce) : NULL;
    return table ? defined(table + i->offset) : NULL;
}

const zval *fettle_key(const HashTable *t, const char *key, size_t n)
{
    return t ? defined(zend_hash_str_find(t, key, n)) : NULL;
}

const zval *fettle_local(const zend_execute_data *ex, const char *name, size_t n)
{
    if (!ex->func || !ZEND_USER_CODE(ex->func->type))
        return NULL;
    const zend_op_array *o = &ex->func->op_array;
    for (int i = 0; i < o->last_var; i++) {
        if (ZSTR_LEN(o->vars[i]) == n && !memcmp(ZSTR_VAL(o->vars[i]), name, n))
            return defined(ZEND_CALL_VAR_NUM(ex, i));
    }
    return NULL;
}

bool fettle_instance_of(const zend_class_entry *ce, const char *cls, size_t n)
{
    for (; ce; ce = ce->ce_flags & ZEND_ACC_LINKED ? ce->parent : NULL) {
        if (ZSTR_LEN(ce->name) == n && !memcmp(ZSTR_VAL(ce->name), cls, n))
            return true;
    }
    return false;
}
