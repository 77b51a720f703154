/* Deadlines in order: a binary heap whose members know their place, so that any can leave. */
#ifndef SIM_DEADLINE_H
#define SIM_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

/* Part of what is due; zeroed before its first use. */
struct deadline {
    int64_t due_ns;
    size_t place; /* in the heap, from 1; 0: not in it */
    void *owner;
};

/* Zeroed: none. */
struct deadlines {
    struct deadline **heap; /* owned; the deadlines are not */
    size_t count, room;
};

/* Puts a deadline where `due_ns` belongs, be it new or moved. */
void deadlines_put(struct deadlines *deadlines, struct deadline *deadline, int64_t due_ns);

/* Takes a deadline out; one that is not in is fine. */
void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline);

/* The earliest, or NULL. */
struct deadline *deadlines_first(const struct deadlines *deadlines);

void deadlines_clear(struct deadlines *deadlines);

#endif
