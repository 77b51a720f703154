/* The list of models that GET /v1/models gives. */
#ifndef SIM_MODELS_H
#define SIM_MODELS_H

#include "core/text.h"
#include "sim/node_file.h"

/* Adds it as one JSON object: each expert with its largest tier. */
void models_add(struct text *json, const struct node_file *file);

#endif
