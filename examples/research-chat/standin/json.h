/* Reading JSON where it lies: values are slices of the text, nothing is built. json_valid() must have said yes before any
 * other function is given the text; they rely on it. Depth is limited to JSON_DEPTH_MAX. */
#ifndef STANDIN_JSON_H
#define STANDIN_JSON_H
#include "standin.h"

struct json {
    const char *p;
    size_t n; /* 0: no such value */
};
bool json_valid(const char *text, size_t n, struct json *ret);
char json_kind(struct json);                                   /* '{', '[', '"', 't', 'f', 'n', '0' for a number, 0 */
struct json json_member(struct json object, const char *name); /* the last of that name */
/* Goes through an array or object: *at starts at 0. ret_key is the key's string, or NULL when not wanted. */
bool json_next(struct json container, size_t *at, struct json *ret_key, struct json *ret);
double json_number(struct json, double otherwise);
bool json_true(struct json, bool otherwise);
/* The text of a string, escapes resolved (UTF-8); at most cap bytes. Returns its length. */
size_t json_string(struct json, char *out, size_t cap);
bool json_is(struct json string, const char *text);
#endif
