/* The members of a JSON object by their keys, for objects of which hundreds are looked up: each
 * costs the logarithm of how many there are, whatever keys the writer of the file has chosen. For
 * this room alone. */
#ifndef STORE_MEMBERS_H
#define STORE_MEMBERS_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

struct member {
    uint64_t digest; /* of its key, by which most keys differ already */
    const cJSON *item;
    size_t at; /* where it stands in its object */
};

struct members {
    struct member *member; /* as their digests sort, then their keys */
    size_t count;
};

/* Lists the members of `object`, which stays the caller's and as it is while they are in use. Clear
 * it. */
void members_init(struct members *members, const cJSON *object);

/* The member of that key, the first of several; NULL: there is none. */
const cJSON *members_find(const struct members *members, const char *key);

void members_clear(struct members *members);

#endif
