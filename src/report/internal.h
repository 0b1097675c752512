/* Shared inside the report room. */
#ifndef FETTLE_REPORT_INTERNAL_H
#define FETTLE_REPORT_INTERNAL_H
#include "report/report.h"

void report_checklists(const struct report_in *, struct json *); /* the elements of an array that is open */
int report_json(const struct report_in *, struct buf *out);
int report_html(const struct report_in *, struct buf *out, struct err *);
#endif
