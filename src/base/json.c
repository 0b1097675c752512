#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void comma(struct json *j)
{
    if (j->need_comma)
        buf_addc(j->out, ',');
    j->need_comma = true;
}

void json_open(struct json *j, char bracket)
{
    comma(j);
    buf_addc(j->out, bracket);
    j->need_comma = false;
}

void json_close(struct json *j, char bracket)
{
    buf_addc(j->out, bracket);
    j->need_comma = true;
}

/* Length of the valid UTF-8 sequence at p, 0 when there is none (RFC 3629: no overlong, no surrogates). */
static size_t utf8_len(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char lo, hi, len, second_lo, second_hi;
    } forms[] = { { 0xC2, 0xDF, 2, 0x80, 0xBF }, { 0xE0, 0xE0, 3, 0xA0, 0xBF },
                  { 0xE1, 0xEC, 3, 0x80, 0xBF }, { 0xED, 0xED, 3, 0x80, 0x9F },
                  { 0xEE, 0xEF, 3, 0x80, 0xBF }, { 0xF0, 0xF0, 4, 0x90, 0xBF },
                  { 0xF1, 0xF3, 4, 0x80, 0xBF }, { 0xF4, 0xF4, 4, 0x80, 0x8F } };
    if (p[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (p[0] < forms[i].lo || p[0] > forms[i].hi)
            continue;
        size_t len = forms[i].len;
        if (n < len || p[1] < forms[i].second_lo || p[1] > forms[i].second_hi)
            return 0;
        for (size_t k = 2; k < len; k++)
            if (p[k] < 0x80 || p[k] > 0xBF)
                return 0;
        return len;
    }
    return 0;
}

static void quoted(struct buf *out, const char *s, size_t n)
{
    buf_addc(out, '"');
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t len = utf8_len((const unsigned char *)s + i, n - i);
        if (!len) {
            buf_adds(out, "\\ufffd");
            i++;
            continue;
        }
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c == '\n')
            buf_adds(out, "\\n");
        else if (c == '\t')
            buf_adds(out, "\\t");
        else if (c < 0x20 || c == '<' || c == 0x7f)
            buf_addf(out, "\\u%04x", c);
        else
            buf_add(out, s + i, len);
        i += len;
    }
    buf_addc(out, '"');
}

void json_key(struct json *j, const char *key)
{
    comma(j);
    quoted(j->out, key, strlen(key));
    buf_addc(j->out, ':');
    j->need_comma = false;
}

void json_strn(struct json *j, const char *p, size_t n)
{
    comma(j);
    quoted(j->out, p, n);
}

void json_str(struct json *j, const char *s)
{
    if (s)
        json_strn(j, s, strlen(s));
    else
        json_nil(j);
}

void json_num(struct json *j, double v)
{
    char text[40];
    if (!isfinite(v)) {
        json_nil(j);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    comma(j);
    buf_adds(j->out, text);
}

void json_int(struct json *j, long long v)
{
    comma(j);
    buf_addf(j->out, "%lld", v);
}

void json_bool(struct json *j, bool v)
{
    json_raw(j, v ? "true" : "false");
}

void json_nil(struct json *j)
{
    json_raw(j, "null");
}

void json_raw(struct json *j, const char *text)
{
    comma(j);
    buf_adds(j->out, text);
}
