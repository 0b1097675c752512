/* The room that understands a Laravel application: app.h (what is there), flow.h (where rows go). */
#ifndef FETTLE_LARAVEL_H
#define FETTLE_LARAVEL_H
#include "laravel/app.h"
#include "laravel/flow.h"
#endif
