#include "sim/prefix.h"

#include <stdlib.h>

#include "core/memory.h"

struct cached {
    uint64_t number;
    uint64_t used; /* the turn in which this happened last; 0: nothing is here */
};

struct prefix_cache {
    struct cached set[PREFIX_SETS][PREFIX_WAYS];
    uint64_t turn;
};

/* FNV-1a (Fowler, Noll and Vo), 64 bits. */
static const uint64_t fnv_basis = 0xcbf29ce484222325u, fnv_prime = 0x100000001b3u;

static uint64_t mix(uint64_t number, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < length; i++)
        number = (number ^ byte[i]) * fnv_prime;
    return number;
}

void prefix_begin(struct prefix *prefix, uint64_t expert)
{
    prefix->number = mix(fnv_basis, &expert, sizeof expert);
}

void prefix_add(struct prefix *prefix, const void *token, size_t length)
{
    /* The length too, so that "ab", "c" are not "a", "bc". */
    prefix->number = mix(mix(prefix->number, &length, sizeof length), token, length);
    if (++prefix->tokens % PREFIX_BLOCK != 0)
        return;
    if (prefix->count == prefix->room) {
        prefix->room = prefix->room ? 2 * prefix->room : 16;
        prefix->block = memory_resize(prefix->block, prefix->room, sizeof *prefix->block);
    }
    prefix->block[prefix->count++] = prefix->number;
}

void prefix_clear(struct prefix *prefix)
{
    free(prefix->block);
    *prefix = (struct prefix){0};
}

struct prefix_cache *prefix_cache_new(void)
{
    return memory_new(1, sizeof(struct prefix_cache));
}

void prefix_cache_free(struct prefix_cache *cache)
{
    free(cache);
}

/* The lowest bits of FNV-1a depend on the lowest of each byte alone; the highest on all. */
static size_t set_of(uint64_t number)
{
    return (number >> 32) % PREFIX_SETS;
}

static const struct cached *find(const struct cached *set, uint64_t number)
{
    for (int way = 0; way < PREFIX_WAYS; way++) {
        if (set[way].used > 0 && set[way].number == number)
            return &set[way];
    }
    return NULL;
}

int64_t prefix_cache_find(const struct prefix_cache *cache, const struct prefix *prefix)
{
    size_t blocks = 0;

    while (blocks < prefix->count &&
           find(cache->set[set_of(prefix->block[blocks])], prefix->block[blocks]))
        blocks++;
    if (blocks > 0 && (int64_t)blocks * PREFIX_BLOCK == prefix->tokens)
        blocks--;
    return (int64_t)blocks * PREFIX_BLOCK;
}

static struct cached *used_longest_ago(struct cached *set)
{
    struct cached *oldest = set;

    for (int way = 1; way < PREFIX_WAYS; way++) {
        if (set[way].used < oldest->used)
            oldest = &set[way];
    }
    return oldest;
}

void prefix_cache_keep(struct prefix_cache *cache, const struct prefix *prefix)
{
    cache->turn++;
    for (size_t i = 0; i < prefix->count; i++) {
        struct cached *set = cache->set[set_of(prefix->block[i])];
        struct cached *place = (struct cached *)find(set, prefix->block[i]);

        if (!place)
            place = used_longest_ago(set);
        *place = (struct cached){prefix->block[i], cache->turn};
    }
}
