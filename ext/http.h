/* Outgoing HTTP, whoever makes it: what curl.c and stream.c share. */
#ifndef FETTLE_EXT_HTTP_H
#define FETTLE_EXT_HTTP_H
#include "ai.h"
#include "handler.h"

/* Makes the span an HTTP call, or a model call where it has that shape. `url` as requested; `model`
 * may be 0. */
void fettle_http_name(struct fettle_tracer *, struct fettle_open *, const char *method,
                      const char *url, size_t n, const struct fettle_ai_body *, uint32_t model);
/* Outcome: status in a (HTTP) and what follows from it. */
void fettle_http_result(struct fettle_open *, uint32_t status, uint64_t bytes, bool failed);

#endif
