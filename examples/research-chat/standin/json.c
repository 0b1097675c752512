#include "json.h"

#include <stdlib.h>
#include <string.h>

static const char *space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Each of these returns the end of what it read, NULL when it is not that. */
static const char *string_end(const char *p, const char *end)
{
    if (p >= end || *p != '"')
        return NULL;
    for (p++; p < end; p++) {
        if (*p == '"')
            return p + 1;
        if ((unsigned char)*p < 0x20)
            return NULL;
        if (*p != '\\')
            continue;
        if (++p >= end || !strchr("\"\\/bfnrtu", *p))
            return NULL;
        for (int i = 1; *p == 'u' && i <= 4; i++)
            if (p + i >= end || !is_hex(p[i]))
                return NULL;
    }
    return NULL;
}

static const char *number_end(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && (strchr("+-.eE", *p) ? *p != 0 : *p >= '0' && *p <= '9'))
        p++;
    bool digit = false;
    for (const char *q = start; q < p; q++)
        digit |= *q >= '0' && *q <= '9';
    return digit && (*start == '-' || (*start >= '0' && *start <= '9')) ? p : NULL;
}

static const char *word_end(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - p) >= n && !memcmp(p, word, n) ? p + n : NULL;
}

static const char *value_end(const char *p, const char *end, int depth);

static const char *members_end(const char *p, const char *end, int depth, bool object)
{
    char close = object ? '}' : ']';
    p = space(p + 1, end);
    if (p < end && *p == close)
        return p + 1;
    while (p && p < end) {
        if (object) {
            p = string_end(p, end);
            p = p ? space(p, end) : NULL;
            if (!p || p >= end || *p != ':')
                return NULL;
            p = space(p + 1, end);
        }
        p = value_end(p, end, depth + 1);
        p = p ? space(p, end) : NULL;
        if (!p || p >= end)
            return NULL;
        if (*p == close)
            return p + 1;
        if (*p != ',')
            return NULL;
        p = space(p + 1, end);
    }
    return NULL;
}

static const char *value_end(const char *p, const char *end, int depth)
{
    if (!p || p >= end || depth > JSON_DEPTH_MAX)
        return NULL;
    switch (*p) {
    case '{':
    case '[':
        return members_end(p, end, depth, *p == '{');
    case '"':
        return string_end(p, end);
    case 't':
        return word_end(p, end, "true");
    case 'f':
        return word_end(p, end, "false");
    case 'n':
        return word_end(p, end, "null");
    default:
        return number_end(p, end);
    }
}

bool json_valid(const char *text, size_t n, struct json *ret)
{
    const char *end = text + n, *p = space(text, end);
    const char *stop = value_end(p, end, 0);
    if (!stop || space(stop, end) != end)
        return false;
    *ret = (struct json){ p, (size_t)(stop - p) };
    return true;
}

char json_kind(struct json v)
{
    if (!v.n)
        return 0;
    return strchr("{[\"tfn", *v.p) ? *v.p : '0';
}

bool json_next(struct json c, size_t *at, struct json *ret_key, struct json *ret)
{
    char kind = json_kind(c);
    if (kind != '{' && kind != '[')
        return false;
    const char *end = c.p + c.n, *p = space(c.p + (*at ? *at : 1), end);
    if (p < end && *p == ',')
        p = space(p + 1, end);
    if (p >= end || *p == '}' || *p == ']')
        return false;
    struct json key = { NULL, 0 };
    if (kind == '{') {
        const char *stop = string_end(p, end);
        if (!stop)
            return false;
        key = (struct json){ p, (size_t)(stop - p) };
        p = space(stop, end);
        p = space(p + 1, end); /* the colon: json_valid has seen it */
    }
    const char *stop = value_end(p, end, 0);
    if (!stop)
        return false;
    *ret = (struct json){ p, (size_t)(stop - p) };
    if (ret_key)
        *ret_key = key;
    *at = (size_t)(stop - c.p);
    return true;
}

bool json_is(struct json s, const char *text)
{
    char out[128];
    size_t n = json_string(s, out, sizeof out);
    return json_kind(s) == '"' && n == strlen(text) && !memcmp(out, text, n);
}

struct json json_member(struct json object, const char *name)
{
    struct json found = { NULL, 0 }, key, v;
    if (json_kind(object) != '{')
        return found;
    for (size_t at = 0; json_next(object, &at, &key, &v);)
        if (json_is(key, name))
            found = v;
    return found;
}

double json_number(struct json v, double otherwise)
{
    char text[40];
    if (json_kind(v) != '0' || v.n >= sizeof text)
        return otherwise;
    memcpy(text, v.p, v.n);
    text[v.n] = 0;
    return strtod(text, NULL);
}

bool json_true(struct json v, bool otherwise)
{
    char kind = json_kind(v);
    return kind == 't' ? true : kind == 'f' ? false : otherwise;
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++)
        v = v * 16 + (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return v;
}

static size_t utf8(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* One character behind a backslash; *p moves behind it. A lone surrogate becomes U+FFFD. */
static size_t unescape(const char **p, const char *end, char out[4])
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char c = *(*p)++;
    if (c != 'u') {
        const char *at = strchr(names, c);
        out[0] = at && c ? meant[at - names] : c;
        return 1;
    }
    unsigned v = hex4(*p);
    *p += 4;
    bool pair = v >= 0xd800 && v < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u';
    unsigned low = pair ? hex4(*p + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
        *p += 6;
        return utf8(0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00), out);
    }
    return utf8(v >= 0xd800 && v < 0xe000 ? 0xfffd : v, out);
}

size_t json_string(struct json v, char *out, size_t cap)
{
    if (json_kind(v) != '"')
        return 0;
    size_t n = 0;
    const char *end = v.p + v.n - 1;
    for (const char *p = v.p + 1; p < end;) {
        char c[4] = { *p };
        size_t len = 1;
        if (*p++ == '\\')
            len = unescape(&p, end, c);
        if (n + len > cap)
            break;
        memcpy(out + n, c, len);
        n += len;
    }
    return n;
}
