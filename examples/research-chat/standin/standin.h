/* A stand-in for the servers that research-chat talks to: an OpenAI-shaped model server (chat, streaming, embeddings) and
 * as much of Meilisearch as the application asks for. It answers at once or as badly as a test wants: late, never, with
 * 429, with errors, in shuffled order. One thread, epoll, loopback only, no dependency.
 *
 * Layers: json.h reads what is sent, request.c cuts HTTP requests out of bytes, reply.c decides the answer, main.c moves
 * bytes and waits. Everything that grows has a ceiling (below); what is refused is counted in GET /__stats.
 */
#ifndef STANDIN_H
#define STANDIN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONNECTIONS_MAX = 512,
    HEADER_MAX = 16 << 10,          /* request line and headers */
    BODY_MAX = 8 << 20,             /* a thousand documents are 4 MB */
    REPLY_MAX = 32 << 20,
    JSON_DEPTH_MAX = 64,
    INPUTS_MAX = 2048,              /* texts in one embedding request, as the real server */
    DIMENSIONS_MAX = 4096,
    WORDS_MAX = 400,                /* of one chat answer */
    IDLE_MS = 75000,
    DELAY_MS_MAX = 600000,
};

/* --- a growing buffer with a ceiling --- */

struct buf {
    char *p;
    size_t n, cap;
    bool failed; /* no memory or past REPLY_MAX: the reply is dropped and a 500 sent instead */
};
void buf_add(struct buf *, const void *bytes, size_t n);
void buf_addf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_json_string(struct buf *, const char *s, size_t n); /* quoted and escaped */
void buf_free(struct buf *);

/* --- requests --- */

struct request {
    char method[12], path[256];     /* path: without the query */
    const char *body;               /* in the bytes that were given */
    size_t body_n;
    bool keep_alive, expects_continue;
};
/* Looks for one whole request at the start of the bytes. > 0: its length, *ret is filled. 0: not all there yet
 * (*ret_continue: the client waits for "100 Continue"). < 0: minus the status to refuse it with. */
long request_parse(const char *bytes, size_t n, struct request *ret, bool *ret_continue);

/* --- behaviour: set by POST /__control --- */

struct control {
    int64_t delay_ms;               /* before an answer begins */
    int64_t chunk_ms;               /* between two pieces of a stream */
    double fail_rate;               /* share of requests that get fail_status */
    int64_t fail_status;
    int64_t status_429_next;        /* so many of the next requests get 429 */
    double retry_after;             /* seconds, sent with 429 */
    bool shuffle;                   /* embeddings come in another order than asked, each with its index */
    bool stall;                     /* accepts and never answers */
    bool drop;                      /* closes instead of answering */
    char version[24];               /* what GET /version says */
};

struct stats {
    uint64_t connections, requests, chat, streams, pieces, embeddings, embedding_inputs, settings, documents, searches;
    uint64_t refused_429, failed, stalled, dropped, bad, bytes_in, bytes_out;
    uint64_t open, open_most;
};

struct server {
    struct control control;
    struct stats stats;
    uint64_t seed, tasks;           /* of the random choices; of Meilisearch's tasks */
};
void server_init(struct server *);

/* --- replies --- */

enum reply_kind { REPLY_NOW, REPLY_STREAM, REPLY_NEVER, REPLY_DROP };

struct reply {
    enum reply_kind kind;
    int status;
    const char *type;
    struct buf body;
    double retry_after;             /* < 0: no such header */
    int64_t delay_ms;
    /* REPLY_STREAM: the words to send, one a piece; the request that asked */
    struct buf text;
    uint64_t id;
    uint64_t prompt_tokens;
    bool usage;
};
void reply_to(struct server *, const struct request *, struct reply *);
void reply_free(struct reply *);
/* The n-th piece of a streamed answer as a server-sent event; false after the last one ("data: [DONE]"). */
bool stream_piece(const struct reply *, uint32_t n, struct buf *out);
void stats_json(const struct server *, struct buf *out);
#endif
