/* What a driver needs of a page: links, Livewire components with their snapshots, tokens. A scanner
 * of attributes, not a parser of HTML: it must survive any bytes. Bounded by the counts below; what
 * does not fit is left out and counted. */
#ifndef FETTLE_INSTANCE_PAGE_H
#define FETTLE_INSTANCE_PAGE_H
#include "base/base.h"

enum { PAGE_JSON_LINK_MAX = 1000, PAGE_JSON_DEPTH = 64 };
enum { PAGE_LINKS_MAX = 2000, PAGE_COMPONENTS_MAX = 200, PAGE_SNAPSHOT_MAX = 4 << 20 };

struct page_component {
    struct str name;     /* memo.name of the snapshot */
    struct str snapshot; /* JSON text, entities decoded; as it must be sent back */
    struct str lazy;     /* argument of __lazyLoad, empty: not lazy */
};
struct page {
    struct str *links; /* href values, decoded, without fragment; addresses in JSON (Inertia, APIs) */
    size_t nlinks;
    struct page_component *components;
    size_t ncomponents;
    struct str update_uri, csrf; /* of Livewire's script tag or the meta tag; empty: absent */
    size_t left_out;
};
/* Everything lives in the arena. RC_NOMEM past its ceiling. */
int page_scan(struct str html, struct arena *, struct page *ret, struct err *) MUST_CHECK;
/* The path and query of a link when it leads to `host` (or has none), else empty. "../x" and "x"
 * are not resolved. */
struct str page_link_path(struct str link, const char *host);
#endif
