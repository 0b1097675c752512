#include "instance/internal.h"

void drive_free(struct instance *in)
{
    (void)in;
}
