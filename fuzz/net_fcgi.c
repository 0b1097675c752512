/* Bytes of a FastCGI server, in pieces whose sizes the input chooses. */
#include "net/net.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 20);
    struct fcgi_reader *r = fcgi_reader_new(4096);
    struct fcgi_response response;
    struct err err;
    int rc = 0;
    size_t at = 0, piece = size ? data[0] + 1u : 1;
    while (a && r && rc == 0 && at < size) {
        size_t n = size - at < piece ? size - at : piece;
        rc = fcgi_reader_feed(r, data + at, n, &err);
        at += n;
        piece = piece * 3 % 257 + 1;
    }
    if (a && r && rc >= 0 && fcgi_reader_finish(r, a, &response, &err) == 0) {
        if (response.status < 100 || response.status > 999 || response.body.n > 4096)
            abort();
        fcgi_header(&response, "Set-Cookie");
    }
    fcgi_reader_free(r);
    arena_free(a);
    return 0;
}
