/* Where the extension lies: as given, beside the program, or in ../lib/fettle (scripts/dist). */
#ifndef FETTLE_CLI_EXTENSION_H
#define FETTLE_CLI_EXTENSION_H
#include "base/base.h"

int extension_find(const char *given, char *ret_path, size_t size, struct err *) MUST_CHECK;
#endif
