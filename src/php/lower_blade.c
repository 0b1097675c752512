#include "php/lower.h"
bool lower_blade_call(struct lower *l, TSNode call) { (void)l; (void)call; return false; }
bool lower_blade_block(struct lower *l) { (void)l; return false; }
