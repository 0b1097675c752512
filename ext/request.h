/* What a request was, read at its end from PHP's and the framework's own structures, without
 * running PHP code. */
#ifndef FETTLE_EXT_REQUEST_H
#define FETTLE_EXT_REQUEST_H
#include "tracer.h"

uint32_t fettle_gc_runs(void);
/* Fills status, route, action, user and the counters of PHP; the trace's id; returns the id of its
 * name. */
uint32_t fettle_request_describe(struct fettle_tracer *, struct fw_close *, uint64_t ret_id[2]);

/* Notes what a request was that a command-line process handled (tests, Octane), while its objects
 * are there. */
void fettle_request_handled(struct fettle_tracer *, const zend_object *request,
                            const zend_object *response);

#endif
