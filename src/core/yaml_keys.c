#include "core/yaml_keys.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

struct place {
    const char *key;
    size_t at;
};

struct yaml_keys {
    struct place *place; /* by key, then by where it stands */
    size_t count;
};

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

struct yaml_keys *yaml_keys_new(const struct yaml *mapping)
{
    struct yaml_keys *keys = memory_new(1, sizeof *keys);

    keys->place = memory_new(mapping->count, sizeof *keys->place);
    for (size_t i = 0; i < mapping->count; i++)
        keys->place[keys->count++] = (struct place){mapping->key[i]->scalar, i};
    if (keys->count > 0)
        qsort(keys->place, keys->count, sizeof *keys->place, by_key);
    return keys;
}

/* How many places come before the key, or with `behind` before what follows it. */
static size_t before(const struct yaml_keys *keys, const char *key, bool behind)
{
    size_t from = 0, to = keys->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(keys->place[middle].key, key);

        if (order < 0 || (behind && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool yaml_keys_find(const struct yaml_keys *keys, const char *key, struct yaml_key_places *places)
{
    size_t from = before(keys, key, false), to = before(keys, key, true);

    if (from == to)
        return false;
    *places = (struct yaml_key_places){keys->place[from].at, keys->place[to - 1].at};
    return true;
}

void yaml_keys_free(struct yaml_keys *keys)
{
    if (keys)
        free(keys->place);
    free(keys);
}
