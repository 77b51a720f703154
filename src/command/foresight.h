/* What a visit would show of a switch, before anything is sent. */
#ifndef COMMAND_FORESIGHT_H
#define COMMAND_FORESIGHT_H

#include <stdbool.h>

#include "plan/settings.h"
#include "record/row.h"

/* What TTFTs vary by without a switch is not known yet; this is an example. */
#define FORESIGHT_SPREAD 0.05

/* Whether how many requests wait together depends on the answers, which nobody knows yet. */
bool foresight_unknown(const struct row *row, const struct settings *settings);

/* Steady observations of a visit: requests at concurrency 1, else waves or bursts. */
double foresight_steady(const struct row *row, const struct settings *settings);

#endif
