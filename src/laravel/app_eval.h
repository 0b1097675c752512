/* Shared by the two files of the evaluator; see app_eval.c. */
#ifndef FETTLE_LARAVEL_APP_EVAL_H
#define FETTLE_LARAVEL_APP_EVAL_H
#include "laravel/app_build.h"

bool eval_may_go_on(const struct scope *);
struct scope eval_deeper(const struct scope *);
/* The expression behind a variable, constant, property default, call or index; 0: none. */
uint32_t eval_behind(const struct scope *, uint32_t node, struct scope *ret);
uint32_t eval_class_operand(const struct scope *, uint32_t node);
const struct bind *eval_bind(const struct scope *, struct str name);
struct str eval_absolute(const struct build *, const char *below, struct str rest);
bool eval_function(const struct scope *, uint32_t call, struct str *ret);
bool eval_config_index(const struct scope *, uint32_t node, struct str *ret);
bool eval_method(const struct scope *, uint32_t call, struct str *ret);
#endif
