/* Bound values: their hash always, themselves only with FW_VALUES (the private instance). */
#ifndef FETTLE_EXT_VALUES_H
#define FETTLE_EXT_VALUES_H
#include "tracer.h"

/* `pdo`: the table's entries are PDO's bound parameters, else plain values. 0 for none. */
uint64_t fettle_values_hash(HashTable *, bool pdo);
/* An FW_VALUE record: one JSON array; texts past 1,000 bytes and bytes that are not UTF-8 become
 * {"bytes":n}. */
void fettle_values_write(struct fettle_tracer *, HashTable *, bool pdo);

#endif
