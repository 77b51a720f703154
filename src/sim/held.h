/* Bytes that are held back and go out piece by piece, and nothing else meanwhile. */
#ifndef SIM_HELD_H
#define SIM_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

/* Zeroed: nothing is held. */
struct held {
    struct text bytes;
    size_t sent;
    size_t piece;
    int64_t every_ns;
    int64_t next_ns; /* when the next piece goes, or all is over */
    bool holds;
};

/* Holds the bytes of `wire`, which is emptied, and sends a piece every `every_ns` from `now_ns` on;
 * an empty one is silence of that length. */
void held_start(struct held *held, struct text *wire, size_t piece, int64_t every_ns,
                int64_t now_ns);

/* Adds the next piece to `wire`, or ends where there is none left. */
void held_send(struct held *held, struct text *wire);

void held_clear(struct held *held);

#endif
