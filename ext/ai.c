/* AI calls by shape; see ai.h. */
#include "ai.h"

#include <string.h>
#include <strings.h>

struct scan {
    const char *p;
    size_t n, i;
};

static void skip_space(struct scan *s)
{
    while (s->i < s->n &&
           (s->p[s->i] == ' ' || s->p[s->i] == '\n' || s->p[s->i] == '\r' || s->p[s->i] == '\t'))
        s->i++;
}

/* At a quote: steps behind the closing one; false when the text ends first. */
static bool skip_string(struct scan *s, size_t *ret_at, size_t *ret_n)
{
    *ret_at = ++s->i;
    while (s->i < s->n) {
        const char *q = s->p + s->i;
        if (*q == '\\') {
            s->i += 2;
        } else if (*q == '"') {
            *ret_n = s->i - *ret_at;
            s->i++;
            return true;
        } else {
            s->i++;
        }
    }
    return false;
}

/* Steps over one value; counts the elements of an outermost array, 1 for anything else. */
static bool skip_value(struct scan *s, uint32_t *ret_count)
{
    size_t at, n, depth = 0;
    uint32_t commas = 0;
    bool array, any = false;
    skip_space(s);
    if (s->i >= s->n)
        return false;
    array = s->p[s->i] == '[';
    *ret_count = 1;
    for (; s->i < s->n; s->i++) {
        char c = s->p[s->i];
        if (c == '"') {
            any = true;
            if (!skip_string(s, &at, &n))
                return false;
            s->i--;
        } else if (c == '[' || c == '{') {
            any |= depth > 0;
            depth++;
        } else if (c == ']' || c == '}') {
            if (depth == 0)
                break; /* the object around it ends */
            if (--depth == 0) {
                s->i++;
                break;
            }
        } else if (c == ',') {
            if (depth == 0)
                break;
            commas += depth == 1;
        } else if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            any = true;
        }
        if (depth == 0 && c == '"') {
            s->i++;
            break;
        }
    }
    if (array)
        *ret_count = any ? commas + 1 : 0;
    return true;
}

static bool is(const char *p, size_t n, const char *word)
{
    return strlen(word) == n && !memcmp(p, word, n);
}

static void take_key(struct fettle_ai_body *b, const char *key, size_t n, const char *p, size_t at,
                     size_t end, uint32_t count)
{
    while (at < end && (p[at] == ' ' || p[at] == '\n'))
        at++;
    if (is(key, n, "model") && end - at > 2 && end - at < 200 && p[at] == '"') {
        b->model_at = at + 1;
        b->model_n = (uint32_t)(end - at - 2);
    } else if (is(key, n, "messages") || is(key, n, "contents") || is(key, n, "prompt")) {
        b->messages = true;
        b->count = count;
    } else if (is(key, n, "input") || is(key, n, "texts") || is(key, n, "requests")) {
        b->input = true;
        b->count = count;
    } else if (is(key, n, "stream")) {
        b->stream = end - at >= 4 && !memcmp(p + at, "true", 4);
    }
}

void fettle_ai_body(const char *p, size_t n, struct fettle_ai_body *b)
{
    struct scan s = { p, n > FETTLE_AI_SCAN_MAX ? FETTLE_AI_SCAN_MAX : n, 0 };
    *b = (struct fettle_ai_body){ 0 };
    skip_space(&s);
    if (s.i >= s.n || p[s.i] != '{')
        return;
    b->json = true;
    for (s.i++;;) {
        size_t key, nkey, at;
        uint32_t count;
        skip_space(&s);
        if (s.i >= s.n || p[s.i] != '"' || !skip_string(&s, &key, &nkey))
            return;
        skip_space(&s);
        if (s.i >= s.n || p[s.i] != ':')
            return;
        at = ++s.i;
        if (!skip_value(&s, &count))
            return;
        take_key(b, p + key, nkey, p, at, s.i, count);
        skip_space(&s);
        if (s.i >= s.n || p[s.i] != ',')
            return;
        s.i++;
    }
}

static bool has(const char *p, size_t n, const char *word)
{
    return memmem(p, n, word, strlen(word)) != NULL;
}

static bool ends(const char *p, size_t n, const char *word)
{
    size_t m = strlen(word);
    return n >= m && !memcmp(p + n - m, word, m);
}

enum fettle_ai_kind fettle_ai_kind(const char *url, size_t n, const struct fettle_ai_body *b)
{
    const char *q = memchr(url, '?', n);
    n = q ? (size_t)(q - url) : n;
    bool embeds =
        has(url, n, "/embed") || has(url, n, ":embedContent") || has(url, n, ":batchEmbedContents");
    bool streams = (b && b->stream) || has(url, n, ":streamGenerateContent");
    if (ends(url, n, "/embeddings") || ends(url, n, ":embedContent") ||
        ends(url, n, ":batchEmbedContents"))
        return FETTLE_AI_EMBEDDING;
    if (ends(url, n, "/chat/completions") || ends(url, n, ":generateContent") ||
        ends(url, n, ":streamGenerateContent"))
        return streams ? FETTLE_AI_STREAM : FETTLE_AI_CHAT;
    if (!b || !b->json || !b->model_n || !(b->messages || b->input))
        return FETTLE_AI_NONE;
    if (embeds || (b->input && !b->messages && !ends(url, n, "/responses")))
        return FETTLE_AI_EMBEDDING;
    return streams ? FETTLE_AI_STREAM : FETTLE_AI_CHAT;
}
