/* The cookies of one signed-in client. */
#ifndef FETTLE_INSTANCE_JAR_H
#define FETTLE_INSTANCE_JAR_H
#include "net/net.h"

enum { JAR_COOKIES_MAX = 64, JAR_NAME_MAX = 256, JAR_VALUE_MAX = 8192 };

struct jar {
    struct jar_cookie {
        char *name, *value;
    } cookies[JAR_COOKIES_MAX];
    size_t n;
};
void jar_take(
    struct jar *,
    const struct fcgi_response *); /* its Set-Cookie headers; an empty or expired one goes */
void jar_header(const struct jar *, struct buf *out); /* "a=b; c=d" */
/* The value of a cookie, percent-decoded; false: not there. */
bool jar_value(const struct jar *, const char *name, struct buf *out);
void jar_clear(struct jar *);
#endif
