#include "instance/jar.h"

#include <stdlib.h>
#include <strings.h>

static char *copy_of(struct str s)
{
    char *p = fault_malloc((size_t)s.n + 1);
    if (p) {
        memcpy(p, s.p, s.n);
        p[s.n] = 0;
    }
    return p;
}

static void drop(struct jar *j, size_t i)
{
    free(j->cookies[i].name);
    free(j->cookies[i].value);
    j->cookies[i] = j->cookies[--j->n];
}

static bool has_expired(struct str attributes)
{
    struct str rest = attributes, part;
    while (str_next(&rest, ';', &part)) {
        part = str_trim(part);
        if (part.n >= 9 && strncasecmp(part.p, "max-age=0", 9) == 0 &&
            (part.n == 9 || part.p[9] == ';'))
            return true;
        if (part.n >= 9 && strncasecmp(part.p, "max-age=-", 9) == 0)
            return true;
    }
    return false;
}

static void take_one(struct jar *j, struct str line)
{
    struct str rest = line, pair, attributes = { "", 0 };
    str_next(&rest, ';', &pair);
    if (rest.p)
        attributes = rest;
    const char *eq = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
    if (!eq)
        return;
    struct str name = str_trim(str_sub(pair, 0, (uint32_t)(eq - pair.p)));
    struct str value = str_trim(str_sub(pair, (uint32_t)(eq - pair.p) + 1, pair.n));
    if (!name.n || name.n > JAR_NAME_MAX || value.n > JAR_VALUE_MAX)
        return;
    for (size_t i = 0; i < j->n; i++)
        if (str_is(name, j->cookies[i].name)) {
            drop(j, i);
            break;
        }
    if (!value.n || has_expired(attributes) || j->n == JAR_COOKIES_MAX)
        return;
    struct jar_cookie c = { copy_of(name), copy_of(value) };
    if (!c.name || !c.value) {
        free(c.name);
        free(c.value);
        return;
    }
    j->cookies[j->n++] = c;
}

void jar_take(struct jar *j, const struct fcgi_response *r)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (str_ieq(r->headers[i].name, STR("Set-Cookie")))
            take_one(j, r->headers[i].value);
}

void jar_header(const struct jar *j, struct buf *out)
{
    for (size_t i = 0; i < j->n; i++)
        buf_addf(out, "%s%s=%s", i ? "; " : "", j->cookies[i].name, j->cookies[i].value);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool jar_value(const struct jar *j, const char *name, struct buf *out)
{
    for (size_t i = 0; i < j->n; i++) {
        if (strcmp(j->cookies[i].name, name) != 0)
            continue;
        for (const char *p = j->cookies[i].value; *p; p++) {
            bool escape = *p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0;
            buf_addc(out, escape ? (char)(hex(p[1]) * 16 + hex(p[2])) : *p);
            p += escape ? 2 : 0;
        }
        return true;
    }
    return false;
}

void jar_clear(struct jar *j)
{
    while (j->n)
        drop(j, j->n - 1);
}
