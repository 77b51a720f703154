/* What a manifest tells of the files that a run reads. For this room alone. */
#ifndef STORE_MANIFEST_INPUTS_H
#define STORE_MANIFEST_INPUTS_H

#include <cjson/cJSON.h>

#include "store/manifest.h"

/* Adds "config", "model_configs", "bundle" and "tokenizer", where there are these, and "inputs",
 * the files of prompts: path and SHA-256 of each, so that a later reader can tell whether it is
 * still the same; of the tokenizer "library" besides, which counts. */
void manifest_add_inputs(cJSON *root, const struct manifest_facts *facts);

#endif
