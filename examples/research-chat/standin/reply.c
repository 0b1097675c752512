/* What each address answers. Answers are made of the request alone (and of /__control): the same question gets the same
 * words, the same text the same vector. */
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

void server_init(struct server *s)
{
    *s = (struct server){ .seed = 1, .control = { .chunk_ms = 15, .fail_status = 500, .retry_after = 0.05, .version = "1.12.0" } };
}

static uint64_t random_next(uint64_t *state) /* xorshift64*, Vigna 2016 */
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

static double random_unit(uint64_t *state)
{
    return (double)(random_next(state) >> 11) / 9007199254740992.0;
}

static uint64_t hash_text(const char *p, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 1099511628211u;
    return h ? h : 1;
}

static void fail(struct reply *r, int status, const char *type, const char *what)
{
    buf_free(&r->body);
    r->kind = REPLY_NOW;
    r->status = status;
    buf_addf(&r->body, "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":null}}", what, type);
}

/* --- chat --- */

/* The text of the last message of the user; content is a string or a list of parts. */
static struct json last_question(struct json messages)
{
    struct json found = { NULL, 0 }, m;
    for (size_t at = 0; json_next(messages, &at, NULL, &m);) {
        struct json content = json_member(m, "content"), text = content, piece;
        if (!json_is(json_member(m, "role"), "user"))
            continue;
        for (size_t k = 0; json_kind(content) == '[' && json_next(content, &k, NULL, &piece);)
            if (json_is(json_member(piece, "type"), "text"))
                text = json_member(piece, "text");
        if (json_kind(text) == '"')
            found = text;
    }
    return found;
}

static void answer_words(struct json question, struct buf *out)
{
    static const char *const words[] = {
        "the", "documents", "agree", "that", "effect", "is", "small", "but", "stable", "across", "cohorts", "and", "methods",
        "evidence", "of", "earlier", "studies", "shows", "a", "similar", "trend", "with", "wide", "intervals", "in", "most", "regions",
    };
    char text[512];
    size_t n = json_string(question, text, sizeof text);
    uint64_t state = hash_text(text, n);
    unsigned count = 24 + (unsigned)(state % 40);
    buf_addf(out, "On your question:");
    for (unsigned i = 0; i < count && i < WORDS_MAX; i++)
        buf_addf(out, " %s", words[random_next(&state) % (sizeof words / sizeof *words)]);
    buf_addf(out, ".");
}

static uint64_t tokens_of(size_t bytes)
{
    return bytes / 4 + 1;
}

static uint64_t answer_tokens(const struct reply *r)
{
    uint64_t n = 1;
    for (size_t i = 0; i < r->text.n; i++)
        n += r->text.p[i] == ' ';
    return n;
}

static void usage_json(const struct reply *r, struct buf *out)
{
    unsigned long long prompt = r->prompt_tokens, words = answer_tokens(r);
    buf_addf(out, "\"usage\":{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,\"total_tokens\":%llu}", prompt, words,
             prompt + words);
}

static void chat(struct server *s, struct json body, struct reply *r)
{
    struct json messages = json_member(body, "messages"), question = last_question(messages);
    if (json_kind(json_member(body, "model")) != '"' || json_kind(messages) != '[' || !question.n) {
        fail(r, 400, "invalid_request_error", "model and messages with a user's text are needed");
        return;
    }
    r->id = ++s->stats.chat;
    r->prompt_tokens = tokens_of(messages.n);
    answer_words(question, &r->text);
    if (json_true(json_member(body, "stream"), false)) {
        s->stats.streams++;
        r->kind = REPLY_STREAM;
        r->type = "text/event-stream; charset=utf-8";
        r->usage = json_true(json_member(json_member(body, "stream_options"), "include_usage"), false);
        return;
    }
    buf_addf(&r->body, "{\"id\":\"chatcmpl-%llu\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":",
             (unsigned long long)r->id);
    struct json model = json_member(body, "model");
    buf_add(&r->body, model.p, model.n);
    buf_addf(&r->body, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
    buf_json_string(&r->body, r->text.p, r->text.n);
    buf_addf(&r->body, "},\"finish_reason\":\"stop\"}],");
    usage_json(r, &r->body);
    buf_addf(&r->body, "}");
}

static void event(const struct reply *r, struct buf *out, const char *delta, size_t n, bool last)
{
    buf_addf(out, "data: {\"id\":\"chatcmpl-%llu\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                  "\"choices\":[{\"index\":0,\"delta\":{", (unsigned long long)r->id);
    if (!last) {
        buf_addf(out, "\"content\":");
        buf_json_string(out, delta, n);
    }
    buf_addf(out, "},\"finish_reason\":%s}]}\n\n", last ? "\"stop\"" : "null");
}

bool stream_piece(const struct reply *r, uint32_t n, struct buf *out)
{
    const char *p = r->text.p, *end = p + r->text.n;
    for (uint32_t i = 0; i < n && p < end; i++) {
        const char *next = memchr(p + 1, ' ', (size_t)(end - p - 1));
        p = next ? next : end;
    }
    if (p < end) {
        const char *next = end - p > 1 ? memchr(p + 1, ' ', (size_t)(end - p - 1)) : NULL;
        event(r, out, p, (size_t)((next ? next : end) - p), false);
        return true;
    }
    event(r, out, NULL, 0, true);
    if (r->usage) {
        buf_addf(out, "data: {\"id\":\"chatcmpl-%llu\",\"object\":\"chat.completion.chunk\",\"choices\":[],", (unsigned long long)r->id);
        usage_json(r, out);
        buf_addf(out, "}\n\n");
    }
    buf_addf(out, "data: [DONE]\n\n");
    return false;
}

/* --- embeddings --- */

/* A unit vector out of the text's hash. */
static void vector_json(struct json text, unsigned dimensions, struct buf *out)
{
    uint64_t state = hash_text(text.p, text.n), again = state;
    double sum = 0;
    for (unsigned i = 0; i < dimensions; i++) {
        double v = random_unit(&state) * 2 - 1;
        sum += v * v;
    }
    double norm = sum > 0 ? sqrt(sum) : 1;
    for (unsigned i = 0; i < dimensions; i++)
        buf_addf(out, "%s%.6f", i ? "," : "[", (random_unit(&again) * 2 - 1) / norm);
    buf_addf(out, "]");
}

static unsigned inputs_of(struct json input, struct json *texts)
{
    struct json v;
    unsigned n = 0;
    if (json_kind(input) == '"') {
        texts[0] = input;
        return 1;
    }
    for (size_t at = 0; json_next(input, &at, NULL, &v); n++) {
        if (n == INPUTS_MAX || json_kind(v) != '"')
            return 0;
        texts[n] = v;
    }
    return n;
}

static void shuffle(uint64_t *seed, unsigned *order, unsigned n)
{
    for (unsigned i = n; i > 1; i--) {
        unsigned k = (unsigned)(random_next(seed) % i), v = order[i - 1];
        order[i - 1] = order[k];
        order[k] = v;
    }
}

static void embeddings(struct server *s, struct json body, struct reply *r)
{
    struct json *texts = calloc(INPUTS_MAX, sizeof *texts);
    unsigned *order = calloc(INPUTS_MAX, sizeof *order);
    unsigned n = texts && order ? inputs_of(json_member(body, "input"), texts) : 0;
    double wanted = json_number(json_member(body, "dimensions"), 256);
    if (!n || !(wanted >= 1 && wanted <= DIMENSIONS_MAX) || n * wanted * 10 > REPLY_MAX) {
        fail(r, 400, "invalid_request_error", "input must be a text or at most 2048 texts, dimensions at most 4096");
        goto out;
    }
    s->stats.embeddings++;
    s->stats.embedding_inputs += n;
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    if (s->control.shuffle)
        shuffle(&s->seed, order, n);
    buf_addf(&r->body, "{\"object\":\"list\",\"data\":[");
    size_t bytes = 0;
    for (unsigned i = 0; i < n; i++) {
        buf_addf(&r->body, "%s{\"object\":\"embedding\",\"index\":%u,\"embedding\":", i ? "," : "", order[i]);
        vector_json(texts[order[i]], (unsigned)wanted, &r->body);
        buf_addf(&r->body, "}");
        bytes += texts[order[i]].n;
    }
    buf_addf(&r->body, "],\"model\":\"stand-in\",\"usage\":{\"prompt_tokens\":%llu,\"total_tokens\":%llu}}",
             (unsigned long long)tokens_of(bytes), (unsigned long long)tokens_of(bytes));
out:
    free(texts);
    free(order);
}

/* --- Meilisearch --- */

static bool named(struct json key, const char *const *names)
{
    for (; *names; names++)
        if (json_is(key, *names))
            return true;
    return false;
}

static bool new_rules(const char *version)
{
    int major = 0, minor = 0;
    sscanf(version, "%d.%d", &major, &minor);
    return major > 1 || (major == 1 && minor >= 36);
}

/* The first name that the server would not know, or none. */
static struct json unknown_setting(const struct server *s, struct json settings)
{
    static const char *const known[] = {
        "displayedAttributes", "searchableAttributes", "filterableAttributes", "sortableAttributes", "rankingRules", "stopWords",
        "nonSeparatorTokens", "separatorTokens", "dictionary", "synonyms", "distinctAttribute", "proximityPrecision",
        "typoTolerance", "faceting", "pagination", "embedders", "searchCutoffMs", "localizedAttributes", "facetSearch",
        "prefixSearch", NULL };
    static const char *const faceting[] = { "maxValuesPerFacet", "sortFacetValuesBy", NULL };
    static const char *const pagination[] = { "maxTotalHits", NULL };
    static const char *const old[] = { "words", "typo", "proximity", "attribute", "sort", "exactness", NULL };
    static const char *const recent[] = { "words", "typo", "proximity", "attributeRank", "wordPosition", "sort", "exactness", NULL };
    struct json key, v, inner;
    for (size_t at = 0; json_next(settings, &at, &key, &v);) {
        if (!named(key, known))
            return key;
        const char *const *nested = json_is(key, "faceting") ? faceting : json_is(key, "pagination") ? pagination : NULL;
        for (size_t k = 0; nested && json_next(v, &k, &inner, &(struct json){ 0 });)
            if (!named(inner, nested))
                return inner;
        for (size_t k = 0; json_is(key, "rankingRules") && json_next(v, &k, NULL, &inner);)
            if (!named(inner, new_rules(s->control.version) ? recent : old) && !memchr(inner.p, ':', inner.n))
                return inner;
    }
    return (struct json){ NULL, 0 };
}

static void task_json(struct server *s, struct reply *r, const char *type)
{
    r->status = 202;
    buf_addf(&r->body, "{\"taskUid\":%llu,\"indexUid\":\"stand-in\",\"status\":\"enqueued\",\"type\":\"%s\",\"enqueuedAt\":\"2026-01-01T00:00:00Z\"}",
             (unsigned long long)++s->tasks, type);
}

static void settings(struct server *s, struct json body, struct reply *r)
{
    struct json bad = unknown_setting(s, body);
    s->stats.settings++;
    if (json_kind(body) == '{' && !bad.n) {
        task_json(s, r, "settingsUpdate");
        return;
    }
    char name[64] = "the body is no object";
    size_t n = bad.n ? json_string(bad, name, sizeof name - 1) : strlen(name);
    name[n] = 0;
    r->status = 400;
    buf_addf(&r->body, "{\"message\":");
    struct buf said = { 0 };
    buf_addf(&said, "Unknown field `%s`", name);
    buf_json_string(&r->body, said.p, said.n);
    buf_free(&said);
    buf_addf(&r->body, ",\"code\":\"bad_request\",\"type\":\"invalid_request\",\"link\":\"https://docs.meilisearch.com/errors#bad_request\"}");
}

static const char *after_index(const char *path)
{
    const char *p = strncmp(path, "/indexes/", 9) ? NULL : strchr(path + 9, '/');
    return p ? p : "";
}

static bool meilisearch(struct server *s, const struct request *q, struct json body, struct reply *r)
{
    const char *rest = after_index(q->path);
    bool get = !strcmp(q->method, "GET");
    if (!strcmp(q->path, "/version")) {
        buf_addf(&r->body, "{\"commitSha\":\"stand-in\",\"commitDate\":\"2026-01-01\",\"pkgVersion\":\"%s\"}", s->control.version);
    } else if (!strcmp(rest, "/settings") && !get) {
        settings(s, body, r);
    } else if (!strcmp(rest, "/documents") && !get) {
        struct json v;
        for (size_t at = 0; json_next(body, &at, NULL, &v);)
            s->stats.documents++;
        task_json(s, r, "documentAdditionOrUpdate");
    } else if (!strcmp(rest, "/search")) {
        s->stats.searches++;
        buf_addf(&r->body, "{\"hits\":[],\"query\":\"\",\"processingTimeMs\":1,\"limit\":20,\"offset\":0,\"estimatedTotalHits\":0}");
    } else if (!strncmp(q->path, "/tasks/", 7) && get) {
        buf_addf(&r->body, "{\"uid\":%lu,\"status\":\"succeeded\"}", strtoul(q->path + 7, NULL, 10));
    } else {
        return false;
    }
    return true;
}

/* --- control --- */

static int64_t whole(struct json v, int64_t otherwise, int64_t most)
{
    double n = json_number(v, (double)otherwise);
    return n >= 0 && n <= (double)most ? (int64_t)n : otherwise;
}

static double part(struct json v, double otherwise, double most)
{
    double n = json_number(v, otherwise);
    return n >= 0 && n <= most ? n : otherwise;
}

static bool control(struct server *s, struct json body)
{
    static const char *const names[] = { "delay_ms", "chunk_ms", "fail_rate", "fail_status", "status_429_next", "retry_after",
                                         "shuffle", "stall", "drop", "version", "reset", NULL };
    struct json key, v;
    struct control *c = &s->control;
    if (json_kind(body) != '{')
        return false;
    for (size_t at = 0; json_next(body, &at, &key, &v);)
        if (!named(key, names))
            return false;
    if (json_true(json_member(body, "reset"), false)) {
        uint64_t open = s->stats.open;
        server_init(s);
        s->stats.open = s->stats.open_most = open;
    }
    c->delay_ms = whole(json_member(body, "delay_ms"), c->delay_ms, DELAY_MS_MAX);
    c->chunk_ms = whole(json_member(body, "chunk_ms"), c->chunk_ms, DELAY_MS_MAX);
    c->fail_rate = part(json_member(body, "fail_rate"), c->fail_rate, 1);
    c->fail_status = whole(json_member(body, "fail_status"), c->fail_status, 599);
    c->status_429_next = whole(json_member(body, "status_429_next"), c->status_429_next, 1000000);
    c->retry_after = part(json_member(body, "retry_after"), c->retry_after, 3600);
    c->shuffle = json_true(json_member(body, "shuffle"), c->shuffle);
    c->stall = json_true(json_member(body, "stall"), c->stall);
    c->drop = json_true(json_member(body, "drop"), c->drop);
    char version[sizeof c->version];
    size_t n = json_string(json_member(body, "version"), version, sizeof version - 1);
    version[n] = 0;
    if (n && strspn(version, "0123456789.") == n)
        memcpy(c->version, version, n + 1);
    return true;
}

void stats_json(const struct server *s, struct buf *out)
{
    const struct stats *t = &s->stats;
    const struct { const char *name; uint64_t v; } all[] = {
        { "connections", t->connections }, { "open", t->open }, { "open_most", t->open_most }, { "requests", t->requests },
        { "chat", t->chat }, { "streams", t->streams }, { "pieces", t->pieces }, { "embeddings", t->embeddings },
        { "embedding_inputs", t->embedding_inputs }, { "settings", t->settings }, { "documents", t->documents },
        { "searches", t->searches }, { "refused_429", t->refused_429 }, { "failed", t->failed }, { "stalled", t->stalled },
        { "dropped", t->dropped }, { "bad", t->bad }, { "bytes_in", t->bytes_in }, { "bytes_out", t->bytes_out },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_addf(out, "%s\"%s\":%llu", i ? "," : "{", all[i].name, (unsigned long long)all[i].v);
    buf_addf(out, "}");
}

/* --- which address --- */

/* The bad behaviour that was asked for, before any work is done. True: that is the answer. */
static bool misbehaves(struct server *s, struct reply *r)
{
    struct control *c = &s->control;
    if (c->stall) {
        s->stats.stalled++;
        r->kind = REPLY_NEVER;
    } else if (c->drop) {
        s->stats.dropped++;
        r->kind = REPLY_DROP;
    } else if (c->status_429_next > 0) {
        c->status_429_next--;
        s->stats.refused_429++;
        fail(r, 429, "rate_limit_exceeded", "slow down");
        r->retry_after = c->retry_after;
    } else if (c->fail_rate > 0 && random_unit(&s->seed) < c->fail_rate) {
        s->stats.failed++;
        fail(r, (int)c->fail_status, "server_error", "asked to fail");
    } else {
        return false;
    }
    return true;
}

static bool own_address(struct server *s, const struct request *q, struct json body, struct reply *r)
{
    if (!strcmp(q->path, "/health")) {
        buf_addf(&r->body, "{\"status\":\"available\"}");
    } else if (!strcmp(q->path, "/__stats")) {
        stats_json(s, &r->body);
    } else if (!strcmp(q->path, "/__control")) {
        if (strcmp(q->method, "POST") || !control(s, body))
            fail(r, 400, "invalid_request_error", "POST an object of delay_ms, chunk_ms, fail_rate, fail_status, "
                 "status_429_next, retry_after, shuffle, stall, drop, version, reset");
        else
            stats_json(s, &r->body);
    } else {
        return false;
    }
    return true;
}

void reply_to(struct server *s, const struct request *q, struct reply *r)
{
    struct json body = { NULL, 0 };
    *r = (struct reply){ .kind = REPLY_NOW, .status = 200, .type = "application/json", .retry_after = -1 };
    s->stats.requests++;
    if (q->body_n && !json_valid(q->body, q->body_n, &body)) {
        s->stats.bad++;
        fail(r, 400, "invalid_request_error", "the body is no JSON, or nested too deeply");
        return;
    }
    if (own_address(s, q, body, r))
        return;
    r->delay_ms = s->control.delay_ms;
    if (misbehaves(s, r))
        return;
    bool post = !strcmp(q->method, "POST");
    if (post && !strcmp(q->path, "/v1/chat/completions"))
        chat(s, body, r);
    else if (post && !strcmp(q->path, "/v1/embeddings"))
        embeddings(s, body, r);
    else if (!strcmp(q->path, "/v1/models"))
        buf_addf(&r->body, "{\"object\":\"list\",\"data\":[{\"id\":\"stand-in\",\"object\":\"model\",\"owned_by\":\"stand-in\"}]}");
    else if (!meilisearch(s, q, body, r))
        fail(r, 404, "not_found", "no such address");
    if (r->body.failed || r->text.failed)
        fail(r, 500, "server_error", "the answer is too long");
}

void reply_free(struct reply *r)
{
    buf_free(&r->body);
    buf_free(&r->text);
}
