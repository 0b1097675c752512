/* What check and fix share: the measured half of the line. */
#ifndef FETTLE_CLI_MEASURE_H
#define FETTLE_CLI_MEASURE_H
#include "cli/config.h"
#include "cli/session.h"

/* Starts the instance, drives it within the budget and fills rules->load, schema, engine and plans. The instance stays
 * up (plans and strings live in it): stop it with instance_stop when the findings are made. On error it is gone. */
int measure(struct session *, const struct config *, struct instance **ret, struct rule_in *, struct err *) MUST_CHECK;
#endif
