/* Which numbers have been seen: for block ids and sessions, of which a trace may have millions.
 *
 * A bit for each number, 64 neighbours to an entry of 16 bytes, in a hash table of open addresses:
 * numbers that count up take 2 to 4 bits each, scattered ones 16 to 32 bytes. */
#ifndef TRAFFIC_ID_SET_H
#define TRAFFIC_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Entries, at most: 64 MiB. */
enum { ID_SET_ENTRIES_MOST = 1 << 22 };

struct id_set_entry {
    uint64_t page, bits; /* without bits: it is free */
};

/* Zeroed: empty. */
struct id_set {
    struct id_set_entry *entry; /* owned */
    size_t room, used;          /* entries; a power of two, or 0 */
    size_t count;               /* different numbers */
    bool full;                  /* a number was not taken for want of room */
};

/* Adds a number. True where it is new; false where it was there, or there is no room for it. */
bool id_set_add(struct id_set *set, uint64_t id);

void id_set_clear(struct id_set *set);

#endif
