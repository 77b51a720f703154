/* --api: which kind of endpoint, as a command line says it. */
#ifndef COMMAND_API_WORDS_H
#define COMMAND_API_WORDS_H

#include <stdbool.h>

#include "core/api.h"

/* Whether `word` is one of them; else prints a sentence that begins with "coebench <command>". */
bool api_is_known(const char *command, const char *word);

/* Which kind an address that the command line gives is taken for: sncloud where only that has a key
 * in the environment, or where none has and there is a .env here; else openai. */
const char *api_by_key(void);

#endif
