/* ${NAME} in a text, replaced by a variable's value. */
#ifndef CORE_EXPAND_H
#define CORE_EXPAND_H

#include <stdbool.h>

/* Gives the value of a variable, for the caller to free; NULL: it is not set. */
typedef char *(*expand_lookup)(void *context, const char *name);

/* `text` with each ${NAME} replaced by what `lookup` gives for it, and each ${NAME:-DEFAULT} by
 * that or DEFAULT; for the caller to free. What is not of that form, such as $NAME, stays. NULL
 * where one is not set: `missing` is then its name, for the caller to free. */
char *expand(const char *text, expand_lookup lookup, void *context, char **missing);

/* The same by the environment. */
char *expand_by_environment(const char *text, char **missing);

#endif
