/* Shared by the query rules: is this repeated statement an N+1 already? */
#ifndef FETTLE_RULES_NPLUSONE_H
#define FETTLE_RULES_NPLUSONE_H
#include "rules/rules.h"

bool nplusone_covers(const struct rule_in *, const struct wcaller *);
int rule_nplusone(const struct rule_in *, struct findings *, struct err *);
#endif
