/* What of a study is about the node's memory, in switching.json: "residency", "controlled",
 * "server_word", "call_mix", "call_mix_at_rate". For study_file.c alone. */
#ifndef STORE_STUDY_MEMORY_H
#define STORE_STUDY_MEMORY_H

#include <cjson/cJSON.h>

#include "stats/study.h"

void study_memory_add(cJSON *root, const struct study *study);

/* Adds "server_says_loaded_before" of a visit (NULL: the step is none), null where it is not known.
 */
void study_memory_add_word(cJSON *object, const struct study_visit *visit);

#endif
