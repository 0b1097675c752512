/* Functions that this code base does not use; included before everything by the build. */
#ifndef FETTLE_BANNED_H
#define FETTLE_BANNED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#undef alloca
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol alloca gmtime localtime
#endif
