/* The one table of rules, by family. A rule's page is docs/rules/ID.md. */
#include "rules/nplusone.h"
#include "rules/rules.h"

const struct rule rules_table[] = {
    { "n-plus-one-lazy", "queries", "a relation is loaded once for each row of a list", SEV_ERROR, CLASS_PERFORMANCE,
      TIER_RANKED, FIX_AUTO, NEED_APP, rule_nplusone },
    { "n-plus-one-query", "queries", "a statement runs once for each turn of a loop", SEV_ERROR, CLASS_PERFORMANCE,
      TIER_RANKED, FIX_AUTO, NEED_APP, rule_nplusone },
    { "n-plus-one-aggregate", "queries", "a count, sum or exists runs once for each row of a list", SEV_ERROR,
      CLASS_PERFORMANCE, TIER_RANKED, FIX_AUTO, NEED_APP, rule_nplusone },
    { "query-in-accessor", "queries", "reading an attribute runs a statement", SEV_ERROR, CLASS_PERFORMANCE, TIER_RANKED,
      FIX_AUTO, NEED_APP, rule_nplusone },
};
const size_t rules_count = sizeof rules_table / sizeof *rules_table;
