/* Requests that were sent again: of the attempts at one, the last says how it ended. */
#ifndef STATS_RETRIES_H
#define STATS_RETRIES_H

#include <stddef.h>

#include "record/request.h"

/* Marks, among a part's records in any order, those that another attempt at the same request
 * followed. Returns how many they are. */
size_t retries_mark(struct outcome *outcomes, size_t count);

/* Copies those that are not marked, in their order, into `last`, which has room for all; returns
 * how many they are. */
size_t retries_last(const struct outcome *outcomes, size_t count, struct outcome *last);

#endif
