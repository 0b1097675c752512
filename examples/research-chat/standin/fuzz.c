/* Bytes of a connection: every request in them is parsed and answered, every stream read to its end. */
#include "standin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server s;
    server_init(&s);
    for (unsigned i = 0; i < 16 && size; i++) {
        struct request q;
        bool wants_continue;
        long used = request_parse((const char *)data, size, &q, &wants_continue);
        if (used <= 0)
            break;
        struct reply r;
        reply_to(&s, &q, &r);
        struct buf out = { 0 };
        for (uint32_t n = 0; r.kind == REPLY_STREAM && stream_piece(&r, n, &out) && n < 2 * WORDS_MAX; n++)
            out.n = 0;
        buf_free(&out);
        reply_free(&r);
        data += used;
        size -= (size_t)used;
    }
    return 0;
}
