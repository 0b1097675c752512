/* The functions that table.c names; one a family. */
#ifndef FETTLE_RULES_FAMILIES_H
#define FETTLE_RULES_FAMILIES_H
#include "rules/rules.h"

int rule_flows(const struct rule_in *, struct findings *, struct err *);       /* flowrules.c */
int rule_many_rows(const struct rule_in *, struct findings *, struct err *);   /* many.c; a part of rule_flows */
int rule_duplicate(const struct rule_in *, struct findings *, struct err *);   /* traced.c */
int rule_every_request(const struct rule_in *, struct findings *, struct err *);
int rule_wide(const struct rule_in *, struct findings *, struct err *);        /* wide.c */
int rule_index(const struct rule_in *, struct findings *, struct err *);       /* index.c */
int rule_non_sargable(const struct rule_in *, struct findings *, struct err *);
int rule_livewire(const struct rule_in *, struct findings *, struct err *);    /* livewire.c */
int rule_checklist(const struct rule_in *, struct findings *, struct err *);   /* checklist.c */
#endif
