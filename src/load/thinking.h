/* Transfers whose session pauses, until its next turn is due; inside this room. The one that is due
 * first is found at once, however many they are: a binary heap. */
#ifndef LOAD_THINKING_H
#define LOAD_THINKING_H

#include <stddef.h>
#include <stdint.h>

struct transfer;

struct thought {
    int64_t due_ns;
    struct transfer *transfer;
};

/* Zeroed: none. */
struct thinking {
    struct thought *thought; /* owned; a heap by due_ns */
    size_t count, room;
};

void thinking_add(struct thinking *thinking, int64_t due_ns, struct transfer *transfer);

/* When the first is due, and whose it is; there is one. */
const struct thought *thinking_first(const struct thinking *thinking);

/* Takes the first one out. */
struct transfer *thinking_take(struct thinking *thinking);

void thinking_clear(struct thinking *thinking);

#endif
