#include "tracer.h"
ZEND_FUNCTION(fettle_enter){} ZEND_FUNCTION(fettle_leave){} ZEND_FUNCTION(fettle_leave_void){}
