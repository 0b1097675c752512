/* Calls of AI models, recognised by their shape: the URL's path, or a JSON body with a model and
 * something for it. */
#ifndef FETTLE_EXT_AI_H
#define FETTLE_EXT_AI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fettle_ai_body {
    bool json;     /* it begins like an object */
    bool messages; /* messages, contents or prompt: a chat */
    bool input;    /* input, texts or requests: an embedding, or the newer chat API */
    bool stream;
    uint32_t count; /* elements of what it sends */
    size_t model_at;
    uint32_t model_n; /* 0: names no model */
};

enum fettle_ai_kind { FETTLE_AI_NONE, FETTLE_AI_CHAT, FETTLE_AI_EMBEDDING, FETTLE_AI_STREAM };

/* Reads the keys of the outermost object, at most FETTLE_AI_SCAN_MAX bytes; believes nothing about
 * the rest. */
#define FETTLE_AI_SCAN_MAX (1u << 20)
void fettle_ai_body(const char *p, size_t n, struct fettle_ai_body *ret);
enum fettle_ai_kind fettle_ai_kind(const char *url, size_t n, const struct fettle_ai_body *);

#endif
