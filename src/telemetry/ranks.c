#include "telemetry/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* SGLang's names of them; each counts for more than all behind it. */
static const char *const rank_labels[] = {"pp_rank", "tp_rank", "moe_ep_rank", "ep_rank"};

enum { RANK_LABELS = sizeof rank_labels / sizeof *rank_labels, RANKS_MOST = 4096, FIRST_ROOM = 64 };

static bool is_rank(const char *label)
{
    for (int i = 0; i < RANK_LABELS; i++) {
        if (strcmp(label, rank_labels[i]) == 0)
            return true;
    }
    return false;
}

/* False: it has none. */
static bool rank_of(const struct exposition_sample *sample, double *rank)
{
    bool has_rank = false;

    *rank = 0;
    for (int i = 0; i < RANK_LABELS; i++) {
        const char *value = exposition_label(sample, rank_labels[i]);

        *rank *= RANKS_MOST;
        if (value) {
            *rank += strtod(value, NULL);
            has_rank = true;
        }
    }
    return has_rank;
}

/* FNV-1a (draft-eastlake-fnv), its NUL among it. */
static uint64_t mix(uint64_t key, const char *text)
{
    do
        key = (key ^ (unsigned char)*text) * 0x100000001b3u;
    while (*text++);
    return key;
}

/* Not 0. */
static uint64_t key_of(const struct exposition_sample *sample)
{
    uint64_t key = mix(0xcbf29ce484222325u, sample->name);

    for (size_t i = 0; i < sample->labels; i++) {
        if (!is_rank(sample->label[i].name))
            key = mix(mix(key, sample->label[i].name), sample->label[i].value);
    }
    return key ? key : 1;
}

/* The place of a key, or the free one where it belongs. */
static struct ranked *find(const struct ranks *ranks, uint64_t key)
{
    size_t at = key & (ranks->room - 1);

    while (ranks->place[at].key != 0 && ranks->place[at].key != key)
        at = (at + 1) & (ranks->room - 1);
    return &ranks->place[at];
}

static void make_room(struct ranks *ranks)
{
    struct ranks larger = {.count = ranks->count,
                           .room = ranks->room ? 2 * ranks->room : FIRST_ROOM};

    if (2 * ranks->count < ranks->room)
        return;
    larger.place = memory_new(larger.room, sizeof *larger.place);
    for (size_t i = 0; i < ranks->room; i++) {
        if (ranks->place[i].key != 0)
            *find(&larger, ranks->place[i].key) = ranks->place[i];
    }
    free(ranks->place);
    *ranks = larger;
}

double ranks_take(struct ranks *ranks, const struct exposition_sample *sample, bool *is_first)
{
    struct ranked *at, before;
    uint64_t key;
    double rank;

    *is_first = true;
    if (!rank_of(sample, &rank))
        return sample->value;
    make_room(ranks);
    key = key_of(sample);
    at = find(ranks, key);
    before = *at;
    *is_first = before.key == 0;
    if (!*is_first && rank >= before.rank)
        return 0;
    ranks->count += *is_first;
    *at = (struct ranked){key, rank, sample->value};
    return *is_first ? sample->value : sample->value - before.value;
}

void ranks_clear(struct ranks *ranks)
{
    free(ranks->place);
    *ranks = (struct ranks){0};
}
