/* What a manifest tells of the machine and of the call. For this room alone. */
#ifndef STORE_MANIFEST_HOST_H
#define STORE_MANIFEST_HOST_H

#include <cjson/cJSON.h>

#include "store/manifest.h"

/* Adds "command_line": the words that this program was called with, of which none is a key. */
void manifest_add_command_line(cJSON *root);

/* Adds "host": name, system, kernel, machine, processor and how many there are; and of a run that
 * several ranks share "ranks": how many, and their hosts. */
void manifest_add_host(cJSON *root, const struct manifest_facts *facts);

#endif
