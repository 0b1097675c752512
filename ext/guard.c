/* The connection guard; see guard.h. */
#include "guard.h"

#include "zend_exceptions.h"

bool fettle_guard_on(void)
{
    return FETTLE_G(dsn_allow) && *FETTLE_G(dsn_allow);
}

/* Paths are compared as the file system sees them, so that "a/../b" and links do not slip through.
 */
static bool same_path(const char *a, size_t na, const char *b, size_t nb)
{
    char pa[MAXPATHLEN], pb[MAXPATHLEN], ra[MAXPATHLEN], rb[MAXPATHLEN];
    if (na >= sizeof pa || nb >= sizeof pb)
        return false;
    memcpy(pa, a, na);
    memcpy(pb, b, nb);
    pa[na] = pb[nb] = 0;
    return VCWD_REALPATH(pa, ra) && VCWD_REALPATH(pb, rb) && !strcmp(ra, rb);
}

static bool listed(const char *what, size_t n, bool path)
{
    for (const char *p = FETTLE_G(dsn_allow); *p;) {
        size_t m = strcspn(p, ";");
        if (m && m == n && !memcmp(p, what, n))
            return true;
        if (m && path && same_path(p, m, what, n))
            return true;
        p += m + (p[m] == ';');
    }
    return false;
}

bool fettle_guard_host(const char *host, size_t n)
{
    return !fettle_guard_on() || listed(host, n, n && host[0] == '/');
}

bool fettle_guard_file(const char *path, size_t n)
{
    if (!fettle_guard_on() || n == 0 || (n == 8 && !memcmp(path, ":memory:", 8)))
        return true;
    if (n > 5 && !memcmp(path, "file:", 5)) {
        path += 5;
        n -= 5;
        const char *q = memchr(path, '?', n);
        n = q ? (size_t)(q - path) : n;
        if (n > 2 && path[0] == '/' && path[1] == '/') {
            path += 2;
            n -= 2;
        }
        if (n == 8 && !memcmp(path, ":memory:", 8))
            return true;
    }
    return listed(path, n, true);
}

/* Value of key= in a DSN's part after the driver; separated by ';' or (libpq) blanks. */
static const char *dsn_value(const char *p, size_t n, const char *key, size_t *ret_n)
{
    size_t k = strlen(key);
    for (size_t i = 0; i < n;) {
        while (i < n && (p[i] == ';' || p[i] == ' '))
            i++;
        size_t end = i;
        while (end < n && p[end] != ';' && p[end] != ' ')
            end++;
        if (end - i > k && p[i + k] == '=' && !strncasecmp(p + i, key, k)) {
            *ret_n = end - i - k - 1;
            return p + i + k + 1;
        }
        i = end;
    }
    return NULL;
}

bool fettle_guard_dsn(const char *dsn, size_t n)
{
    if (!fettle_guard_on() || listed(dsn, n, false))
        return true;
    const char *colon = memchr(dsn, ':', n);
    if (!colon)
        return false; /* an alias of php.ini: whatever it stands for is not named here */
    size_t skip = (size_t)(colon - dsn) + 1, m;
    if (skip == 7 && !memcmp(dsn, "sqlite:", 7))
        return fettle_guard_file(dsn + 7, n - 7);
    const char *v = dsn_value(dsn + skip, n - skip, "unix_socket", &m);
    if (v && m)
        return listed(v, m, true);
    v = dsn_value(dsn + skip, n - skip, "host", &m);
    if (!v || !m)
        return listed("localhost", 9, false);
    return listed(v, m, v[0] == '/');
}

void fettle_guard_count(struct fettle_tracer *t)
{
    if (fettle_live(t))
        t->refused++;
}

void fettle_guard_refuse(struct fettle_tracer *t, const char *exception, const char *what, size_t n)
{
    zend_string *lower = zend_string_init(exception, strlen(exception), 0);
    zend_str_tolower(ZSTR_VAL(lower), ZSTR_LEN(lower));
    zend_class_entry *ce = zend_hash_find_ptr(CG(class_table), lower);
    zend_string_release(lower);
    fettle_guard_count(t);
    const char *at = memchr(what, ';', n);
    zend_throw_exception_ex(ce, 2002,
                            "fettle: connection refused, %.*s is not named in fettle.dsn_allow",
                            (int)MIN(at ? (size_t)(at - what) : n, 200), what);
}

uint32_t fettle_dsn_name(struct fettle_tracer *t, const char *dsn, size_t n)
{
    static const char *const secrets[] = { "user", "password", "username", "passwd",
                                           "pwd",  "uid",      NULL };
    char buf[512];
    size_t w = 0;
    for (size_t i = 0; i < n && w + 1 < sizeof buf;) {
        size_t end = i;
        while (end < n && dsn[end] != ';' && dsn[end] != ' ')
            end++;
        const char *part = dsn + i, *colon = i == 0 ? memchr(dsn, ':', end) : NULL;
        size_t skip = colon ? (size_t)(colon - part) + 1 : 0;
        bool secret = false;
        for (const char *const *s = secrets; *s && !secret; s++) {
            size_t k = strlen(*s);
            secret =
                end - i > skip + k && part[skip + k] == '=' && !strncasecmp(part + skip, *s, k);
        }
        size_t take = MIN(secret ? skip : end - i, sizeof buf - w - 1);
        memcpy(buf + w, part, take);
        w += take;
        if (end < n && !secret)
            buf[w++] = dsn[end];
        i = end + 1;
    }
    return fettle_string(&t->ring, buf, w);
}
