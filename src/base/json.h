/* A JSON writer into a buf. Commas and escaping are its business; nesting is the caller's.
 * `<` becomes \u003c, so that the text can stand inside an HTML script element.
 *
 *     struct json j = { &buf };
 *     json_open(&j, '{'); json_key(&j, "file"); json_str(&j, path); json_close(&j, '}');
 *
 * Reading is jansson's.
 */
#ifndef FETTLE_BASE_JSON_H
#define FETTLE_BASE_JSON_H
#include "base/str.h"

struct json {
    struct buf *out;
    bool need_comma;
};
void json_open(struct json *, char bracket);  /* '{' or '[' */
void json_close(struct json *, char bracket); /* '}' or ']' */
void json_key(struct json *, const char *key);
void json_str(struct json *, const char *s); /* NULL gives null; invalid UTF-8 becomes U+FFFD */
void json_strn(struct json *, const char *p, size_t n);
void json_num(struct json *, double v); /* shortest form that reads back; NaN and infinities give null */
void json_int(struct json *, long long v);
void json_bool(struct json *, bool v);
void json_nil(struct json *); /* not json_null: jansson owns that name */
void json_raw(struct json *, const char *text); /* already JSON */
#endif
