/* Where each key of a mapping stands, found without a pass over the whole: a mapping has as many
 * keys as its writer likes. */
#ifndef CORE_YAML_KEYS_H
#define CORE_YAML_KEYS_H

#include "core/yaml.h"

struct yaml_keys;

/* Of the mapping as it is now; its keys' texts must outlive it. Free it with yaml_keys_free. */
struct yaml_keys *yaml_keys_new(const struct yaml *mapping);

/* Places of one key in the mapping. */
struct yaml_key_places {
    size_t first, last;
};

/* Whether the mapping has the key, and where; `places` is untouched where not. */
bool yaml_keys_find(const struct yaml_keys *keys, const char *key, struct yaml_key_places *places);

void yaml_keys_free(struct yaml_keys *keys);

#endif
