/* A run as the starter kit writes it: `_summary.json` and `_individual_responses.json` of each
 * step, with the kit's keys alone, so that its notebooks, which compute `switching_time`
 * themselves, find no key in their way; and `_response_texts.jsonl` where texts were kept. */
#ifndef EXPORT_KIT_H
#define EXPORT_KIT_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

/* Writes all steps of the run into the folder. Warm-ups are among them, probes are not: the kit has
 * none. A step whose responses are not there has a summary alone. Each step's summary is written
 * last: where there is one, all that belongs to it is there. */
bool kit_write(const struct results *run, const char *folder, struct error *error);

#endif
