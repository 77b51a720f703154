#include "sim/hbm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

struct resident {
    struct bundle_configuration configuration;
    int64_t bytes;
    int64_t loaded, used; /* the turn in which this happened last */
    int64_t uses;         /* since the load */
    int64_t rested_ns;    /* since when it does not run */
    bool running, pinned;
    bool referenced; /* used since the hand passed it */
};

struct hbm {
    const struct bundle_node *node;
    int64_t bytes, occupied_bytes; /* whole bytes: sums of gigabytes would not be exact */
    struct resident *resident;     /* for a clock the circle, in order */
    size_t count;
    size_t hand; /* of a clock: who is looked at next; `count` is the first again */
    int64_t turn;
    struct configuration_list unloaded;
};

static int64_t to_bytes(double gb)
{
    return llround(gb * 1e9);
}

struct hbm *hbm_new(const struct bundle_node *node)
{
    struct hbm *hbm = memory_new(1, sizeof *hbm);

    hbm->node = node;
    hbm->bytes = node->eviction == BUNDLE_EVICTION_NONE ? INT64_MAX : to_bytes(node->hbm_gb);
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

/* --- Who leaves ------------------------------------------------------------------------------- */

static bool may_leave(const struct resident *resident)
{
    return !resident->running && !resident->pinned;
}

static bool can_make_room(const struct hbm *hbm, int64_t bytes)
{
    int64_t staying_bytes = 0;

    for (size_t i = 0; i < hbm->count; i++)
        staying_bytes += may_leave(&hbm->resident[i]) ? 0 : hbm->resident[i].bytes;
    return bytes <= hbm->bytes - staying_bytes;
}

static bool leaves_before(const struct hbm *hbm, const struct resident *a, const struct resident *b)
{
    if (hbm->node->eviction == BUNDLE_EVICTION_FIFO)
        return a->loaded < b->loaded;
    if (hbm->node->eviction == BUNDLE_EVICTION_LFU && a->uses != b->uses)
        return a->uses < b->uses;
    return a->used < b->used;
}

static size_t first_in_order(const struct hbm *hbm)
{
    size_t victim = hbm->count;

    for (size_t i = 0; i < hbm->count; i++) {
        const struct resident *r = &hbm->resident[i];

        if (may_leave(r) && (victim == hbm->count || leaves_before(hbm, r, &hbm->resident[victim])))
            victim = i;
    }
    return victim;
}

static size_t drawn(const struct hbm *hbm, const struct noise *noise, size_t nth)
{
    size_t candidates = 0, i = 0, left;

    for (size_t k = 0; k < hbm->count; k++)
        candidates += may_leave(&hbm->resident[k]);
    left = noise_choice(noise, (int64_t)nth, candidates);
    while (!may_leave(&hbm->resident[i]) || left-- > 0)
        i++;
    return i;
}

/* Whoever was used since the hand came by last is passed over once. */
static size_t first_unreferenced(struct hbm *hbm)
{
    for (;; hbm->hand++) {
        struct resident *r;

        hbm->hand %= hbm->count;
        r = &hbm->resident[hbm->hand];
        if (may_leave(r) && !r->referenced)
            return hbm->hand;
        if (may_leave(r))
            r->referenced = false;
    }
}

/* The place of whoever leaves as the `nth` for the same load; there is somebody who may. */
static size_t choose_victim(struct hbm *hbm, const struct noise *noise, size_t nth)
{
    if (hbm->node->eviction == BUNDLE_EVICTION_RANDOM)
        return drawn(hbm, noise, nth);
    if (hbm->node->eviction == BUNDLE_EVICTION_CLOCK)
        return first_unreferenced(hbm);
    return first_in_order(hbm);
}

static void append(struct configuration_list *list,
                   const struct bundle_configuration *configuration)
{
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = *configuration;
}

/* Takes out who is at a place and notes it in the list. */
static void take_out(struct hbm *hbm, size_t i, struct configuration_list *list)
{
    append(list, &hbm->resident[i].configuration);
    hbm->occupied_bytes -= hbm->resident[i].bytes;
    hbm->count--;
    memmove(&hbm->resident[i], &hbm->resident[i + 1], (hbm->count - i) * sizeof *hbm->resident);
    if (i < hbm->hand)
        hbm->hand--;
}

/* --- Who comes -------------------------------------------------------------------------------- */

/* Behind all others: just before the hand, which is at the first where there is no clock. */
static struct resident *load(struct hbm *hbm, const struct bundle_configuration *configuration,
                             int64_t bytes)
{
    size_t i = hbm->node->eviction == BUNDLE_EVICTION_CLOCK ? hbm->hand : hbm->count;

    hbm->resident = memory_resize(hbm->resident, hbm->count + 1, sizeof *hbm->resident);
    memmove(&hbm->resident[i + 1], &hbm->resident[i], (hbm->count - i) * sizeof *hbm->resident);
    hbm->resident[i] =
        (struct resident){*configuration, .bytes = bytes, .loaded = hbm->turn,
                          .pinned = bundle_is_pinned(hbm->node, configuration->expert)};
    hbm->count++;
    if (hbm->node->eviction == BUNDLE_EVICTION_CLOCK)
        hbm->hand++;
    hbm->occupied_bytes += bytes;
    return &hbm->resident[i];
}

bool hbm_use(struct hbm *hbm, const struct bundle_configuration *configuration,
             const struct noise *noise, struct bundle_configuration **evicted,
             size_t *evicted_count)
{
    int64_t bytes = to_bytes(configuration->expert->weight_gb);
    struct resident *used = find(hbm, configuration);
    struct configuration_list gone = {0};

    if (!used && !can_make_room(hbm, bytes))
        return false;
    hbm->turn++;
    while (!used && bytes > hbm->bytes - hbm->occupied_bytes)
        take_out(hbm, choose_victim(hbm, noise, gone.count), &gone);
    if (!used)
        used = load(hbm, configuration, bytes);
    used->used = hbm->turn;
    used->uses++;
    used->running = true;
    used->referenced = true;
    *evicted = gone.items;
    *evicted_count = gone.count;
    return true;
}

int64_t hbm_uses(const struct hbm *hbm, const struct bundle_configuration *configuration)
{
    return find(hbm, configuration)->uses;
}

/* --- Who rests -------------------------------------------------------------------------------- */

void hbm_rest(struct hbm *hbm, const struct bundle_configuration *configuration, int64_t now_ns)
{
    struct resident *resident = find(hbm, configuration);

    resident->running = false;
    resident->rested_ns = now_ns;
}

void hbm_unload_idle(struct hbm *hbm, int64_t now_ns)
{
    int64_t most_ns = clock_from_seconds(hbm->node->idle_unload_s);

    for (size_t i = hbm->count; most_ns > 0 && i-- > 0;) {
        const struct resident *r = &hbm->resident[i];

        if (may_leave(r) && now_ns - r->rested_ns >= most_ns)
            take_out(hbm, i, &hbm->unloaded);
    }
}

size_t hbm_unload(struct hbm *hbm, const struct bundle_expert *expert)
{
    size_t before = hbm->count;

    for (size_t i = hbm->count; i-- > 0;) {
        const struct resident *r = &hbm->resident[i];

        if (!r->running && (!expert || r->configuration.expert == expert))
            take_out(hbm, i, &hbm->unloaded);
    }
    return before - hbm->count;
}

bool hbm_holds_any(const struct hbm *hbm, const struct bundle_expert *expert, bool running)
{
    for (size_t i = 0; i < hbm->count; i++) {
        const struct resident *r = &hbm->resident[i];

        if ((r->running || !running) && (!expert || r->configuration.expert == expert))
            return true;
    }
    return false;
}

struct configuration_list hbm_take_unloaded(struct hbm *hbm)
{
    struct configuration_list unloaded = hbm->unloaded;

    hbm->unloaded = (struct configuration_list){0};
    return unloaded;
}

struct configuration_list hbm_list(const struct hbm *hbm)
{
    struct configuration_list list = {memory_new(hbm->count, sizeof *list.items), hbm->count};

    for (size_t i = 0; i < hbm->count; i++)
        list.items[i] = hbm->resident[i].configuration;
    return list;
}

void hbm_free(struct hbm *hbm)
{
    if (!hbm)
        return;
    free(hbm->resident);
    free(hbm->unloaded.items);
    free(hbm);
}
