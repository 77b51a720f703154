/* Bytes that are held back and go out piece by piece, and nothing else meanwhile. */
#ifndef SIM_PENDING_H
#define SIM_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

/* Zeroed: nothing is held. */
struct pending {
    struct text bytes;
    size_t sent;
    size_t piece;
    int64_t every_ns;
    int64_t next_ns; /* when the next piece goes, or all is over */
    bool holds;
};

/* Holds the bytes of `wire`, which is emptied, and sends a piece every `every_ns` from `now_ns` on;
 * an empty one is silence of that length. */
void pending_start(struct pending *pending, struct text *wire, size_t piece, int64_t every_ns,
                   int64_t now_ns);

/* Adds the next piece to `wire`, or ends where there is none left. */
void pending_send(struct pending *pending, struct text *wire);

void pending_clear(struct pending *pending);

#endif
