/* sampling_params: a mapping that is sent as it is, so what stands there must be JSON's as well. */
#ifndef PLAN_SAMPLING_H
#define PLAN_SAMPLING_H

#include "core/error.h"
#include "core/yaml.h"

/* Adds a fault for each parameter that the program sets itself, `output_tokens_as` among them, for
 * each key that stands twice in one mapping, and for each plain scalar, however deep, that YAML
 * reads as a number and JSON does not (number.h). `params` is NULL where none are given. */
void sampling_check(const struct yaml *params, const char *output_tokens_as, struct faults *faults);

#endif
