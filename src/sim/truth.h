/* The ground truth: a file of JSON lines, one for each request as it ends, of what the node did for
 * it and when its tokens really went out. */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdbool.h>

#include "core/error.h"
#include "sim/answer.h"

struct truth;

/* Opens the file to append to. NULL and a sentence where that cannot be done. */
struct truth *truth_open(const char *path, struct error *error);

/* Adds the line of an answer that is complete, or is given up. */
void truth_add(struct truth *truth, const struct answer *answer);

/* False and a sentence where any line could not be written. NULL is fine. */
bool truth_close(struct truth *truth, struct error *error);

#endif
