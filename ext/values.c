/* Hashing and writing bound values; see values.h. */
#include "values.h"

#include "ext/pdo/php_pdo_driver.h"
#include "main/snprintf.h"

#define TEXT_MAX 1000
#define JSON_MAX 16384 /* of one statement's values; the rest is left out */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

/* Both ends of a long text and its length: a vector of 6 KB costs no more than a name. */
static uint64_t hash_text(uint64_t h, const char *p, size_t n)
{
    uint64_t v;
    size_t ends = 32;
    h = mix(h, n);
    for (size_t i = 0; i + 8 <= n; i += 8) {
        if (n > 2 * ends && i >= ends && i < n - ends - 8)
            i = (n - ends) & ~(size_t)7;
        memcpy(&v, p + i, 8);
        h = mix(h, v);
    }
    v = 0;
    memcpy(&v, p + (n & ~(size_t)7), n & 7);
    return mix(h, v);
}

static const zval *value_of(const zval *z, bool pdo)
{
    if (pdo)
        z = Z_TYPE_P(z) == IS_PTR ? &((struct pdo_bound_param_data *)Z_PTR_P(z))->parameter : NULL;
    if (z)
        ZVAL_DEREF(z);
    return z;
}

uint64_t fettle_values_hash(HashTable *table, bool pdo)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    zval *entry;
    if (!zend_hash_num_elements(table))
        return 0;
    ZEND_HASH_FOREACH_VAL(table, entry)
    {
        const zval *z = value_of(entry, pdo);
        if (!z)
            continue;
        if (Z_TYPE_P(z) == IS_STRING)
            h = hash_text(h, Z_STRVAL_P(z), Z_STRLEN_P(z));
        else if (Z_TYPE_P(z) == IS_LONG || Z_TYPE_P(z) == IS_DOUBLE)
            h = mix(h, (uint64_t)Z_LVAL_P(z));
        else
            h = mix(h, Z_TYPE_P(z));
    }
    ZEND_HASH_FOREACH_END();
    return h | 1;
}

/* Length of the UTF-8 character at p, 0 when it is none (RFC 3629). */
static size_t utf8_char(const unsigned char *p, size_t n)
{
    size_t len = p[0] < 0x80   ? 1
                 : p[0] < 0xc2 ? 0
                 : p[0] < 0xe0 ? 2
                 : p[0] < 0xf0 ? 3
                 : p[0] < 0xf5 ? 4
                               : 0;
    if (!len || len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : len;
}

static bool is_utf8(const char *p, size_t n)
{
    for (size_t i = 0, m; i < n; i += m) {
        if (!(m = utf8_char((const unsigned char *)p + i, n - i)))
            return false;
    }
    return true;
}

static size_t json_text(char *out, const char *p, size_t n)
{
    size_t w = 0;
    out[w++] = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\') {
            out[w++] = '\\';
            out[w++] = (char)c;
        } else if (c < 0x20) {
            static const char hex[] = "0123456789abcdef";
            memcpy(out + w, "\\u00", 4);
            out[w + 4] = hex[c >> 4];
            out[w + 5] = hex[c & 15];
            w += 6;
        } else {
            out[w++] = (char)c;
        }
    }
    out[w++] = '"';
    return w;
}

/* At most 6 * TEXT_MAX + 40 bytes. */
static size_t json_value(char *out, const zval *z)
{
    if (Z_TYPE_P(z) == IS_LONG)
        return (size_t)snprintf(out, 40, ZEND_LONG_FMT, Z_LVAL_P(z));
    if (Z_TYPE_P(z) == IS_DOUBLE && zend_finite(Z_DVAL_P(z))) {
        php_gcvt(Z_DVAL_P(z), 17, '.', 'e', out); /* no locale in it */
        return strlen(out);
    }
    if (Z_TYPE_P(z) == IS_TRUE || Z_TYPE_P(z) == IS_FALSE) {
        memcpy(out, Z_TYPE_P(z) == IS_TRUE ? "true" : "false", 6);
        return strlen(out);
    }
    if (Z_TYPE_P(z) == IS_STRING) {
        if (Z_STRLEN_P(z) <= TEXT_MAX && is_utf8(Z_STRVAL_P(z), Z_STRLEN_P(z)))
            return json_text(out, Z_STRVAL_P(z), Z_STRLEN_P(z));
        return (size_t)snprintf(out, 40, "{\"bytes\":%zu}", Z_STRLEN_P(z));
    }
    memcpy(out, "null", 5);
    return 4;
}

void fettle_values_write(struct fettle_tracer *t, HashTable *table, bool pdo)
{
    char buf[JSON_MAX + 6 * TEXT_MAX + 64];
    size_t n = 0;
    zval *entry;
    buf[n++] = '[';
    ZEND_HASH_FOREACH_VAL(table, entry)
    {
        const zval *z = value_of(entry, pdo);
        if (!z || n > JSON_MAX)
            continue;
        if (n > 1)
            buf[n++] = ',';
        n += json_value(buf + n, z);
    }
    ZEND_HASH_FOREACH_END();
    buf[n++] = ']';
    uint64_t bytes = (sizeof(struct fw_value) + n + 7) & ~(uint64_t)7;
    struct fw_value *v = fettle_ring_reserve(&t->ring, bytes);
    if (!v)
        return;
    memset((char *)v + bytes - 8, 0, 8);
    *v = (struct fw_value){ { FW_VALUE, 0, (uint16_t)(bytes / 8) }, (uint32_t)n };
    memcpy(v->bytes, buf, n);
}
