/* Numbers for people, as every screen and message shows them: milliseconds up to 9,999, then seconds; whole from 10 on,
 * one decimal from 1 on, two below; a plain space before the unit. */
#ifndef FETTLE_BASE_TEXT_H
#define FETTLE_BASE_TEXT_H
#include "base/str.h"

void text_ms(double ms, struct buf *out);       /* "414 ms", "6.2 ms", "12.3 s" */
void text_share(double share, struct buf *out); /* "49 %", "0.5 %" */
void text_bytes(double bytes, struct buf *out); /* "186 kB", "8.4 MB" */
void text_count(double n, struct buf *out);     /* 12,345 */
unsigned text_width(const char *s);             /* columns of UTF-8 text, every code point one */
void text_fit(const char *s, unsigned width, struct buf *out); /* cut with … or padded with blanks to width */
#endif
