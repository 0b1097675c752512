/* Shared by the files that read routes; see app_routes.c. */
#ifndef FETTLE_LARAVEL_APP_ROUTES_H
#define FETTLE_LARAVEL_APP_ROUTES_H
#include "laravel/app_build.h"

enum { ROUTE_MIDDLEWARE = 64, ROUTE_DEPTH = 24, ROUTE_LOOP = 64, ROUTE_STEPS = 2000000 };

/* What a group gives to the routes inside it. */
struct group {
    struct str prefix, name, ns; /* ns: namespace for 'X@m', without a trailing backslash */
    uint32_t controller;
    const char *middleware[ROUTE_MIDDLEWARE];
    uint16_t nmiddleware;
    bool provider; /* statements stand in a provider: `$this` is no router */
    unsigned depth;
};
/* One call of a chain and everything that stands behind it. */
struct pending {
    uint32_t call; /* the verb's call */
    struct str name, as;
    struct str uri;
    uint32_t methods;
    uint32_t action; /* expression, 0: none */
    uint32_t only, except, names, parameters;
    uint8_t resource; /* enum resource_kind */
    bool shallow, creatable, destroyable, redirect;
    const char *view;
};
enum resource_kind {
    RESOURCE_NONE,
    RESOURCE_WEB,
    RESOURCE_API,
    RESOURCE_SINGLE,
    RESOURCE_API_SINGLE
};

struct router {
    struct build *b;
    uint8_t *included; /* per file: bit 0 read once, bit 1 being read */
    uint32_t steps;
};
void routes_emit(struct router *, const struct scope *, const struct group *,
                 const struct pending *);
void routes_emit_resource(struct router *, const struct scope *, const struct group *,
                          const struct pending *);
void routes_emit_auth(struct router *, const struct scope *, const struct group *, uint32_t call);
void routes_of_attributes(struct router *,
                          uint32_t cls); /* #[Get('/x')] of a route attribute package */
void routes_add_middleware(const struct scope *, struct group *, uint32_t call);
struct str routes_join(struct build *, struct str a, struct str b);
void routes_push(struct router *, const struct scope *, const struct group *, uint32_t node,
                 struct route);
#endif
