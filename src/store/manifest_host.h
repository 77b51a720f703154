/* What a manifest tells of the machine and of the call. For this room alone. */
#ifndef STORE_MANIFEST_HOST_H
#define STORE_MANIFEST_HOST_H

#include <cjson/cJSON.h>

/* Adds "command_line": the words that this program was called with, of which none is a key. */
void manifest_add_command_line(cJSON *root);

/* Adds "host": name, system, kernel, machine, processor and how many there are. */
void manifest_add_host(cJSON *root);

#endif
