/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 6504a803cf44ea7e91904fef32454cd9934d7658 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_fettle_enter, 0, 1, IS_VOID, 0)
	ZEND_ARG_INFO(0, id)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_fettle_leave, 0, 0, 1)
	ZEND_ARG_INFO(0, value)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_fettle_leave_void, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(fettle_enter);
ZEND_FUNCTION(fettle_leave);
ZEND_FUNCTION(fettle_leave_void);


static const zend_function_entry ext_functions[] = {
	ZEND_FE(fettle_enter, arginfo_fettle_enter)
	ZEND_FE(fettle_leave, arginfo_fettle_leave)
	ZEND_FE(fettle_leave_void, arginfo_fettle_leave_void)
	ZEND_FE_END
};
