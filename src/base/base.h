/* The lowest room: memory, strings, containers, errors, files, processes, threads, time. */
#ifndef FETTLE_BASE_H
#define FETTLE_BASE_H
#include "base/arena.h"
#include "base/cache.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/par.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/vec.h"
#include "base/workdir.h"

/* What a room left out, and why: it is said, never guessed. */
struct skipped {
    const char *path;
    uint32_t line;
    enum rc why;
    const char *note; /* one sentence; may hold what to do next */
};
#endif
