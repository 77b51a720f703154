#include "core/yaml_merge.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/yaml_keys.h"

static bool is_merge(const struct yaml *key)
{
    return !key->quoted && strcmp(key->scalar, "<<") == 0;
}

static void add(struct yaml *mapping, struct yaml *key, struct yaml *value)
{
    mapping->key = memory_grow(mapping->key, mapping->count, sizeof(struct yaml *));
    mapping->key[mapping->count] = key;
    mapping->value = memory_grow(mapping->value, mapping->count, sizeof(struct yaml *));
    mapping->value[mapping->count++] = value;
}

/* Takes a member out of a mapping into another. */
static void move(struct yaml *to, struct yaml *from, size_t i)
{
    add(to, from->key[i], from->value[i]);
    from->key[i] = from->value[i] = NULL;
}

static void move_all(struct yaml *to, struct yaml *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (from->key[i])
            move(to, from, i);
    }
}

/* Later ones win, so of a list the first comes last. */
static bool collect(struct yaml *value, struct yaml *merged, struct error *error)
{
    bool fine = value->kind != YAML_SCALAR;

    for (size_t i = 0; value->kind == YAML_LIST && i < value->count; i++)
        fine = fine && value->value[i]->kind == YAML_MAPPING;
    if (!fine)
        return error_set(error,
                         "%s:%d: '<<' takes a mapping or a list of mappings, such as <<: *name",
                         value->source, value->line);
    if (value->kind == YAML_MAPPING)
        move_all(merged, value);
    for (size_t i = value->kind == YAML_LIST ? value->count : 0; i > 0; i--)
        move_all(merged, value->value[i - 1]);
    return true;
}

/* A key stands where it stood first, with the value that wins: its own, else the last merged one.
 */
static void put_together(struct yaml *mapping, struct yaml *merged, struct yaml *own)
{
    struct yaml_keys *of_merged = yaml_keys_new(merged), *of_own = yaml_keys_new(own);

    for (size_t i = 0; i < merged->count; i++) {
        struct yaml_key_places places, mine;

        if (!merged->key[i])
            continue;
        yaml_keys_find(of_merged, merged->key[i]->scalar, &places);
        if (places.first != i)
            continue;
        if (yaml_keys_find(of_own, merged->key[i]->scalar, &mine))
            move(mapping, own, mine.first);
        else
            move(mapping, merged, places.last);
    }
    yaml_keys_free(of_merged);
    yaml_keys_free(of_own);
    move_all(mapping, own);
}

bool yaml_merge(struct yaml *mapping, struct error *error)
{
    struct yaml *merged = memory_new(1, sizeof *merged), *own = memory_new(1, sizeof *own);
    bool done = true, any = false;

    merged->kind = own->kind = YAML_MAPPING;
    for (size_t i = 0; i < mapping->count && done; i++) {
        if (!is_merge(mapping->key[i]))
            continue;
        any = true;
        done = collect(mapping->value[i], merged, error);
    }
    if (done && any) {
        for (size_t i = 0; i < mapping->count; i++) {
            if (is_merge(mapping->key[i])) {
                yaml_delete(mapping->key[i]);
                yaml_delete(mapping->value[i]);
            } else {
                move(own, mapping, i);
            }
        }
        free(mapping->key);
        free(mapping->value);
        mapping->key = mapping->value = NULL;
        mapping->count = 0;
        put_together(mapping, merged, own);
    }
    yaml_delete(merged);
    yaml_delete(own);
    return done;
}
