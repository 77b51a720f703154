/* What a visit would show of a switch, before anything is sent. */
#ifndef DESIGN_RESOLUTION_H
#define DESIGN_RESOLUTION_H

#include <stdbool.h>

#include "plan/settings.h"
#include "record/row.h"

/* What TTFTs vary by without a switch is not known yet; this is an example. */
#define RESOLUTION_SPREAD 0.05

/* Whether how many requests wait together depends on the responses, which nobody knows yet. */
bool resolution_unknown(const struct row *row, const struct settings *settings);

/* Steady observations of a visit: requests at concurrency 1, else waves or bursts. */
double resolution_steady(const struct row *row, const struct settings *settings);

#endif
