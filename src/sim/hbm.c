#include "sim/hbm.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

struct resident {
    struct bundle_configuration configuration;
    int64_t bytes;
    int64_t loaded, used; /* the turn in which this happened last */
    bool running;
};

struct hbm {
    enum bundle_eviction eviction;
    int64_t bytes, occupied_bytes; /* whole bytes: sums of gigabytes would not be exact */
    struct resident *resident;
    size_t count;
    int64_t turn;
};

static int64_t to_bytes(double gb)
{
    return llround(gb * 1e9);
}

struct hbm *hbm_new(const struct bundle_node *node)
{
    struct hbm *hbm = memory_new(1, sizeof *hbm);

    hbm->eviction = (enum bundle_eviction)node->eviction;
    hbm->bytes = hbm->eviction == BUNDLE_EVICTION_NONE ? INT64_MAX : to_bytes(node->hbm_gb);
    return hbm;
}

static struct resident *find(const struct hbm *hbm, const struct bundle_configuration *wanted)
{
    for (size_t i = 0; i < hbm->count; i++) {
        const struct bundle_configuration *c = &hbm->resident[i].configuration;

        if (c->expert == wanted->expert && c->tier == wanted->tier &&
            c->batch_size == wanted->batch_size)
            return &hbm->resident[i];
    }
    return NULL;
}

bool hbm_holds(const struct hbm *hbm, const struct bundle_configuration *configuration)
{
    return find(hbm, configuration) != NULL;
}

static bool can_make_room(const struct hbm *hbm, int64_t bytes)
{
    int64_t running_bytes = 0;

    for (size_t i = 0; i < hbm->count; i++)
        running_bytes += hbm->resident[i].running ? hbm->resident[i].bytes : 0;
    return bytes <= hbm->bytes - running_bytes;
}

/* Who leaves next, among those that do not run. */
static struct resident *choose_victim(const struct hbm *hbm)
{
    struct resident *victim = NULL;

    for (size_t i = 0; i < hbm->count; i++) {
        struct resident *r = &hbm->resident[i];
        bool earlier =
            !victim || (hbm->eviction == BUNDLE_EVICTION_FIFO ? r->loaded < victim->loaded
                                                              : r->used < victim->used);

        if (!r->running && earlier)
            victim = r;
    }
    return victim;
}

static struct resident *load(struct hbm *hbm, const struct bundle_configuration *configuration,
                             int64_t bytes)
{
    struct resident *loaded;

    hbm->resident = memory_resize(hbm->resident, hbm->count + 1, sizeof *hbm->resident);
    loaded = &hbm->resident[hbm->count++];
    *loaded = (struct resident){*configuration, .bytes = bytes, .loaded = hbm->turn};
    hbm->occupied_bytes += bytes;
    return loaded;
}

bool hbm_use(struct hbm *hbm, const struct bundle_configuration *configuration,
             struct bundle_configuration **evicted, size_t *evicted_count)
{
    int64_t bytes = to_bytes(configuration->expert->weight_gb);
    struct resident *used = find(hbm, configuration);
    struct bundle_configuration *gone = NULL;
    size_t count = 0;

    if (!used && !can_make_room(hbm, bytes))
        return false;
    hbm->turn++;
    while (!used && bytes > hbm->bytes - hbm->occupied_bytes) {
        struct resident *victim = choose_victim(hbm);

        gone = memory_resize(gone, count + 1, sizeof *gone);
        gone[count++] = victim->configuration;
        hbm->occupied_bytes -= victim->bytes;
        *victim = hbm->resident[--hbm->count];
    }
    if (!used)
        used = load(hbm, configuration, bytes);
    used->used = hbm->turn;
    used->running = true;
    *evicted = gone;
    *evicted_count = count;
    return true;
}

void hbm_rest(struct hbm *hbm, const struct bundle_configuration *configuration)
{
    find(hbm, configuration)->running = false;
}

void hbm_free(struct hbm *hbm)
{
    if (!hbm)
        return;
    free(hbm->resident);
    free(hbm);
}
