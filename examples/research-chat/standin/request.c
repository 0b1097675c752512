/* One HTTP/1.1 request out of a run of bytes: request line, the three headers that matter, a body of known length. */
#include "standin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool copy_word(const char **p, const char *end, char stop, char *out, size_t cap)
{
    size_t n = 0;
    for (; *p < end && **p != stop && **p != ' ' && **p > 0x20; (*p)++) {
        if (n + 1 >= cap)
            return false;
        out[n++] = **p;
    }
    out[n] = 0;
    return n > 0;
}

static bool request_line(const char *p, const char *end, struct request *r)
{
    if (!copy_word(&p, end, ' ', r->method, sizeof r->method) || p >= end || *p++ != ' ')
        return false;
    if (!copy_word(&p, end, '?', r->path, sizeof r->path) || r->path[0] != '/')
        return false;
    const char *version = memchr(p, ' ', (size_t)(end - p));
    if (!version || end - version < 9 || memcmp(version, " HTTP/1.", 8))
        return false;
    r->keep_alive = version[8] == '1';
    return true;
}

static bool value_has(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    for (; (size_t)(end - p) >= n; p++)
        if (!strncasecmp(p, word, n))
            return true;
    return false;
}

/* -1: not a number that a length may be. */
static long length_of(const char *p, const char *end)
{
    long v = 0;
    while (p < end && *p == ' ')
        p++;
    if (p == end)
        return -1;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9' || v > BODY_MAX)
            return -1;
        v = v * 10 + (*p - '0');
    }
    return v;
}

static bool named(const char *line, const char *colon, const char *name)
{
    return (size_t)(colon - line) == strlen(name) && !strncasecmp(line, name, strlen(name));
}

/* The body's length, or minus a status. */
static long headers(const char *p, const char *end, struct request *r)
{
    long length = 0;
    bool seen = false;
    while (p < end) {
        const char *line = p, *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        p = stop < end ? stop + 1 : end;
        if (stop > line && stop[-1] == '\r')
            stop--;
        const char *colon = memchr(line, ':', (size_t)(stop - line));
        if (!colon)
            return -400;
        const char *value = colon + 1;
        if (named(line, colon, "content-length")) {
            long v = length_of(value, stop);
            if (v < 0 || (seen && v != length))
                return v < 0 && stop - value > 7 ? -413 : -400;
            length = v;
            seen = true;
        } else if (named(line, colon, "transfer-encoding")) {
            return -411; /* a length is asked for; all our clients know theirs */
        } else if (named(line, colon, "connection")) {
            r->keep_alive = value_has(value, stop, "close") ? false : r->keep_alive || value_has(value, stop, "keep-alive");
        } else if (named(line, colon, "expect")) {
            r->expects_continue = value_has(value, stop, "100-continue");
        }
    }
    return length > BODY_MAX ? -413 : length;
}

long request_parse(const char *bytes, size_t n, struct request *ret, bool *ret_continue)
{
    *ret = (struct request){ .keep_alive = true };
    *ret_continue = false;
    const char *head_end = memmem(bytes, n, "\r\n\r\n", 4);
    if (!head_end)
        return n > HEADER_MAX ? -431 : 0;
    if (head_end - bytes > HEADER_MAX)
        return -431;
    const char *line_end = memchr(bytes, '\r', n);
    if (!line_end || line_end > head_end || !request_line(bytes, line_end, ret))
        return -400;
    const char *first = line_end + 2 <= head_end ? line_end + 2 : head_end;
    long length = headers(first, head_end, ret);
    if (length < 0)
        return length;
    size_t head = (size_t)(head_end - bytes) + 4;
    if (n - head < (size_t)length) {
        *ret_continue = ret->expects_continue && n == head;
        return 0;
    }
    ret->body = bytes + head;
    ret->body_n = (size_t)length;
    return (long)(head + (size_t)length);
}
