/* An array that may grow past what memory should hold: from SPILL_FROM bytes on it stands in a file
 * without a name, which is mapped, so that who reads it through needs no more of it in memory than
 * what stands ahead of the last look back (spill_pass). Where the file system gives no such file,
 * or has no room, the array stays in memory.
 *
 * Pages of a file that are let go of are read again from where the system keeps them. Room in the
 * file is taken before it is used, so that a full disk is met there, and nowhere else. */
#ifndef CORE_SPILL_H
#define CORE_SPILL_H

#include <stddef.h>

enum { SPILL_FROM = 4 << 20, SPILL_STRIDE = 8192 };

struct spill {
    void *bytes;
    size_t room;        /* bytes */
    int fd;             /* of the file; −1: there is none, it stands in memory */
    struct spill *next; /* of those that stand in files */
};

/* An empty one is {.fd = −1}. Room for at least `bytes` bytes, which keeps what is there; a file is
 * made in `folder`. What it points to moves. Out of memory ends the program. */
void spill_grow(struct spill *spill, size_t bytes, const char *folder);

/* What stands before `at`, which may be of any array, is not needed in memory for now. May be
 * called in any thread. */
void spill_let_go(const void *at);

/* The same while an array is passed through, every SPILL_STRIDE elements; `at` is the element of
 * that index. */
static inline void spill_pass(const void *at, size_t index)
{
    if (index % SPILL_STRIDE == SPILL_STRIDE - 1)
        spill_let_go(at);
}

/* Each has what the other had. */
void spill_swap(struct spill *a, struct spill *b);

void spill_clear(struct spill *spill);

#endif
