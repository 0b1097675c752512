#ifndef FETTLE_PROVE_REQUESTS_H
#define FETTLE_PROVE_REQUESTS_H
#include "prove/internal.h"

bool route_fits(const char *uri, const char *path); /* "rooms/{room}" against "/rooms/7?page=2" */
#endif
