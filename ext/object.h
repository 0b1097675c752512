/* Reading userland's objects and frames from C, without running PHP code: no getter, no __get, no
 * autoloader. */
#ifndef FETTLE_EXT_OBJECT_H
#define FETTLE_EXT_OBJECT_H
#include "php_fettle.h"

/* A declared property, dereferenced; NULL when there is none or it is uninitialised. */
const zval *fettle_prop(const zend_object *, const char *name, size_t n);
zend_string *fettle_prop_string(const zend_object *, const char *name, size_t n);
zend_object *fettle_prop_object(const zend_object *, const char *name, size_t n);
HashTable *fettle_prop_array(const zend_object *, const char *name, size_t n);
/* A static property of a loaded class (lower-case name). */
const zval *fettle_static(const char *cls, size_t ncls, const char *name, size_t n);
/* Entry of an array by key, dereferenced. */
const zval *fettle_key(const HashTable *, const char *key, size_t n);
/* A local variable of a userland frame, dereferenced; NULL when undefined. */
const zval *fettle_local(const zend_execute_data *, const char *name, size_t n);
/* $this of a frame, or NULL. */
static inline zend_object *fettle_this(const zend_execute_data *ex)
{
    return Z_TYPE(ex->This) == IS_OBJECT ? Z_OBJ(ex->This) : NULL;
}
bool fettle_instance_of(const zend_class_entry *, const char *cls,
                        size_t n); /* exact spelling, parents too */

#define FETTLE_S(s) s, sizeof(s) - 1

#endif
