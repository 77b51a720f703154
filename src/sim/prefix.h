/* What prompts begin with, for a cache that spares their prefill.
 *
 * A prompt is known by a chain of numbers, one for each whole block of PREFIX_BLOCK tokens; each
 * stands for its block and all before it, so two prompts that begin alike have chains that do. What
 * is cached of a prompt is whole blocks, and never its last token, since something must be computed
 * to respond. Prompts of different experts have nothing in common, and neither evicting weights nor
 * time empties the cache.
 *
 * A cache is PREFIX_SETS sets of PREFIX_WAYS blocks (1 Mi tokens in all), in which a block's number
 * says its set; in a full one the block used longest ago leaves. */
#ifndef SIM_PREFIX_H
#define SIM_PREFIX_H

#include <stddef.h>
#include <stdint.h>

enum { PREFIX_BLOCK = 16, PREFIX_SETS = 8192, PREFIX_WAYS = 8 };

struct prefix {
    uint64_t *block; /* owned: a number for each whole block */
    size_t count, room;
    uint64_t number; /* of all that was added */
    int64_t tokens;
};

/* Begins an expert's prompt, zeroed before; `expert` tells it from others. */
void prefix_begin(struct prefix *prefix, uint64_t expert);

/* Adds a token, whatever its bytes are. */
void prefix_add(struct prefix *prefix, const void *token, size_t length);

void prefix_clear(struct prefix *prefix);

struct prefix_cache;

/* An empty cache; free with prefix_cache_free, which takes NULL. */
struct prefix_cache *prefix_cache_new(void);
void prefix_cache_free(struct prefix_cache *cache);

/* How many of the prompt's first tokens are cached. */
int64_t prefix_cache_find(const struct prefix_cache *cache, const struct prefix *prefix);

/* The prompt was computed: its whole blocks are cached from now on. */
void prefix_cache_keep(struct prefix_cache *cache, const struct prefix *prefix);

#endif
