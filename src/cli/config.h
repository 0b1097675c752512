/* DIR/fettle.toml (docs/config.md): what to drive as whom, thresholds. An option on the command line wins. */
#ifndef FETTLE_CLI_CONFIG_H
#define FETTLE_CLI_CONFIG_H
#include "cli/session.h"
#include "instance/instance.h"

struct config {
    const char *as, *guard, *host;
    double budget_s;
    struct list routes, env;
    struct drive_step *steps;
    size_t nsteps;
};

/* Reads args->config, or DIR/fettle.toml when it is there; sets thresholds of the session. 0 or an exit code. */
int config_read(struct session *, struct config *ret);
#endif
