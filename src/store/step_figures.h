/* What a step is known by where its files' names have no UUID: when it ended and what it measured.
 */
#ifndef STORE_STEP_FIGURES_H
#define STORE_STEP_FIGURES_H

#include "record/step.h"

enum { STEP_FIGURES = 36 }; /* hexadecimal digits */

/* The same for a step wherever its files lie, and however they are called: of a SHA-256 of model,
 * end, counts and means. */
void step_figures_digest(const struct step *step, char digest[STEP_FIGURES + 1]);

#endif
