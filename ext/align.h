/* Lines of a text that was made from another: which line of the original each came from. See
 * blade.h. */
#ifndef FETTLE_EXT_ALIGN_H
#define FETTLE_EXT_ALIGN_H
#include <stddef.h>
#include <stdint.h>

/* For each line of `made` (1-based, at index 0) a line of `from`; malloc'd. NULL: too many words,
 * or no memory. */
uint16_t *fettle_align(const char *made, size_t nmade, const char *from, size_t nfrom,
                       size_t cells_max, uint32_t *ret_nlines);

#endif
