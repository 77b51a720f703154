#include "sim/replica.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

/* What waits and what runs, for one expert. */
struct line {
    struct node_request *waiting; /* the oldest first */
    struct node_request **end;    /* where the next one goes */
    struct node_batch *running;
    int64_t loaded_ns; /* when its latest load is over */
};

struct replica {
    struct replica_common *common;
    const struct node_file *file;
    struct pauses pauses;
    struct hbm *hbm;
    struct line *lines;                /* one per expert */
    int64_t free_ns;                   /* when loading and prefill of the latest batch are over */
    bool waits_for_memory;             /* who is next cannot load until a running batch is over */
    int64_t waits_since_ns;            /* when that was found */
    struct prefix_cache *cache;        /* NULL: none */
    struct bundle_configuration *warm; /* that ran before */
    size_t warm_count;
};

struct replica *replica_new(struct replica_common *common)
{
    const struct node_file *file = common->batch.file;
    struct replica *replica = memory_new(1, sizeof *replica);

    replica->common = common;
    replica->file = file;
    replica->pauses = pauses_from(&file->noise.pauses, common->batch.begun_ns);
    replica->hbm = hbm_new(&file->bundle.node);
    replica->lines = memory_new(file->bundle.experts.count, sizeof *replica->lines);
    for (size_t i = 0; i < file->bundle.experts.count; i++)
        replica->lines[i] =
            (struct line){.end = &replica->lines[i].waiting, .loaded_ns = INT64_MIN};
    replica->free_ns = INT64_MIN;
    if (file->noise.prefix_cache)
        replica->cache = prefix_cache_new();
    return replica;
}

static struct line *line_of(const struct replica *replica, const struct bundle_expert *expert)
{
    return &replica->lines[expert - bundle_expert(&replica->file->bundle, 0)];
}

void replica_submit(struct replica *replica, struct node_request *request)
{
    struct line *line = line_of(replica, request->expert);

    request->batch = NULL;
    request->cached_tokens = 0;
    request->next = NULL;
    *line->end = request;
    line->end = &request->next;
}

/* Takes the request at `at` out of the line. */
static void take_out(struct line *line, struct node_request **at)
{
    struct node_request *request = *at;

    *at = request->next;
    if (!*at)
        line->end = at;
    request->next = NULL;
}

/* --- Who is next ------------------------------------------------------------------------------ */

/* A batch that could start: its oldest request leads it. */
struct candidate {
    struct line *line;
    const struct node_request *lead;
    struct bundle_configuration configuration;
    size_t members;
    bool hit; /* the configuration is resident */
};

static bool may_join(const struct node_request *request, const struct node_request *lead,
                     int64_t now_ns)
{
    return request->tier == lead->tier && request->arrived_ns <= now_ns;
}

/* The batch that `lead` would be in, with the configuration for who waits beside it. */
static struct candidate candidate_of(const struct replica *replica, struct line *line,
                                     const struct node_request *lead, int64_t now_ns)
{
    struct candidate candidate = {line, lead, {lead->expert, lead->tier, 0}, 0, false};
    int64_t most = bundle_find_batch_size(lead->tier, INT64_MAX), count = 0;

    for (const struct node_request *r = lead; r && count < most; r = r->next)
        count += may_join(r, lead, now_ns);
    candidate.configuration.batch_size = bundle_find_batch_size(lead->tier, count);
    candidate.members = (size_t)count;
    candidate.hit = hbm_holds(replica->hbm, &candidate.configuration);
    return candidate;
}

static bool groups(const struct replica *replica)
{
    return replica->file->bundle.node.schedule == BUNDLE_SCHEDULE_GROUP;
}

/* Whoever waited longest; where the replica groups, before all others those whose configuration is
 * resident. */
static void consider(const struct replica *replica, struct line *line,
                     const struct node_request *lead, int64_t now_ns, struct candidate *best)
{
    struct candidate other = candidate_of(replica, line, lead, now_ns);
    bool older = !best->lead || lead->number < best->lead->number;

    if (best->lead && groups(replica) && other.hit != best->hit ? other.hit : older)
        *best = other;
}

/* The oldest of a line's requests for a tier, or NULL. */
static const struct node_request *oldest_for(const struct line *line,
                                             const struct bundle_tier *tier)
{
    const struct node_request *r = line->waiting;

    while (r && r->tier != tier)
        r = r->next;
    return r;
}

/* The line's oldest request leads; where the replica groups, the oldest for each tier may. */
static void consider_line(const struct replica *replica, struct line *line, int64_t now_ns,
                          struct candidate *best)
{
    const struct bundle_expert *expert = line->waiting->expert;

    if (!groups(replica)) {
        consider(replica, line, line->waiting, now_ns, best);
        return;
    }
    for (size_t i = 0; i < expert->tiers.count; i++) {
        const struct node_request *lead = oldest_for(line, bundle_tier(expert, i));

        if (lead && lead->arrived_ns <= now_ns)
            consider(replica, line, lead, now_ns, best);
    }
}

/* The batch to start at this moment, of an expert that runs none; without a lead there is none. */
static struct candidate next_candidate(const struct replica *replica, int64_t now_ns)
{
    struct candidate best = {0};

    for (size_t i = 0; i < replica->file->bundle.experts.count; i++) {
        struct line *line = &replica->lines[i];

        if (!line->running && line->waiting && line->waiting->arrived_ns <= now_ns)
            consider_line(replica, line, now_ns, &best);
    }
    return best;
}

/* --- Its start and end ------------------------------------------------------------------------ */

/* Moves the batch's members out of the line into a list of their own, oldest first. */
static struct node_request *take_members(const struct candidate *candidate,
                                         struct node_batch *batch, int64_t now_ns)
{
    struct node_request *members = NULL, **end = &members, **at = &candidate->line->waiting;

    while (batch->unreleased < batch->members) {
        struct node_request *request = *at;

        if (!may_join(request, candidate->lead, now_ns)) {
            at = &request->next;
            continue;
        }
        take_out(candidate->line, at);
        request->batch = batch;
        *end = request;
        end = &request->next;
        batch->unreleased++;
    }
    return members;
}

/* Whether the configuration runs for the first time; it no longer does then. */
static bool warm_up(struct replica *replica, const struct bundle_configuration *configuration)
{
    for (size_t i = 0; i < replica->warm_count; i++) {
        if (replica->warm[i].tier == configuration->tier &&
            replica->warm[i].batch_size == configuration->batch_size)
            return false;
    }
    replica->warm = memory_resize(replica->warm, replica->warm_count + 1, sizeof *replica->warm);
    replica->warm[replica->warm_count++] = *configuration;
    return true;
}

/* All look before any is computed. */
static void use_cache(struct replica *replica, struct node_request *members)
{
    for (struct node_request *r = members; r; r = r->next) {
        if (r->prefix)
            r->cached_tokens = prefix_cache_find(replica->cache, r->prefix);
    }
    for (const struct node_request *r = members; r; r = r->next) {
        if (r->prefix)
            prefix_cache_keep(replica->cache, r->prefix);
    }
}

/* A pause alone holds up a start from when it began, or the replica was free, to its end. */
static int64_t blocked_since_ns(const struct replica *replica, int64_t now_ns)
{
    int64_t begin_ns = pauses_begin_ns(&replica->pauses, now_ns);

    return begin_ns > replica->free_ns ? begin_ns : replica->free_ns;
}

static void start_batch(struct replica *replica, const struct candidate *candidate,
                        struct node_batch *batch, int64_t now_ns)
{
    struct replica_common *common = replica->common;
    struct node_request *members = take_members(candidate, batch, now_ns);

    batch->number = common->batches++;
    if (warm_up(replica, &batch->configuration))
        batch->warmup_s = replica->file->noise.warmup_s;
    if (replica->cache)
        use_cache(replica, members);
    batch->blocked_ns = blocked_since_ns(replica, now_ns);
    batch_set_times(batch, &common->batch, members, now_ns);
    candidate->line->running = batch;
    if (!batch->hit)
        candidate->line->loaded_ns = now_ns + clock_from_seconds(batch->switch_s);
    replica->free_ns = batch->first_token_ns;
    while (members) {
        struct node_request *request = members;

        members = request->next;
        request->next = NULL;
        common->on_start(common->context, request);
    }
}

/* The batch with its memory, or NULL where the rest is running. */
static struct node_batch *new_batch(struct replica *replica, const struct candidate *candidate)
{
    const struct noise noise = batch_noise(&replica->common->batch, candidate->lead->number);
    struct node_batch *batch = memory_new(1, sizeof *batch);

    batch->configuration = candidate->configuration;
    batch->members = candidate->members;
    batch->hit = candidate->hit;
    if (!hbm_use(replica->hbm, &batch->configuration, &noise, &batch->evicted,
                 &batch->evicted_count)) {
        free(batch);
        return NULL;
    }
    batch->second = hbm_uses(replica->hbm, &batch->configuration) == 2;
    batch->unloaded = hbm_take_unloaded(replica->hbm);
    batch->resident = hbm_list(replica->hbm);
    return batch;
}

/* Starts the next batch, if there is one and memory for it. */
static bool start_next(struct replica *replica, int64_t now_ns)
{
    struct candidate candidate;
    struct node_batch *batch;

    hbm_unload_idle(replica->hbm, now_ns);
    candidate = next_candidate(replica, now_ns);
    if (!candidate.lead)
        return false;
    batch = new_batch(replica, &candidate);
    if (!batch) {
        replica->waits_for_memory = true;
        replica->waits_since_ns = now_ns;
        return false;
    }
    start_batch(replica, &candidate, batch, now_ns);
    return true;
}

static void end_batch(struct replica *replica, struct line *line)
{
    struct node_batch *batch = line->running;

    line->running = NULL;
    hbm_rest(replica->hbm, &batch->configuration, batch->over_ns);
    replica->waits_for_memory = false;
    if (batch->unreleased == 0)
        batch_free(batch);
}

/* --- Time ------------------------------------------------------------------------------------- */

/* When a line's oldest request could start. Where who is next waits for memory, all do; but a
 * replica that groups looks again as somebody comes, who may need none. */
static int64_t start_ns(const struct replica *replica, const struct line *line)
{
    int64_t arrived_ns = line->waiting->arrived_ns;

    if (replica->waits_for_memory && !(groups(replica) && arrived_ns > replica->waits_since_ns))
        return NODE_IDLE;
    return pauses_end_ns(&replica->pauses,
                         arrived_ns > replica->free_ns ? arrived_ns : replica->free_ns);
}

int64_t replica_next_ns(const struct replica *replica)
{
    int64_t next_ns = NODE_IDLE;

    for (size_t i = 0; i < replica->file->bundle.experts.count; i++) {
        const struct line *line = &replica->lines[i];
        int64_t at_ns = NODE_IDLE;

        if (line->running)
            at_ns = line->running->over_ns;
        else if (line->waiting)
            at_ns = start_ns(replica, line);
        if (at_ns < next_ns)
            next_ns = at_ns;
    }
    return next_ns;
}

void replica_advance(struct replica *replica, int64_t at_ns)
{
    for (size_t i = 0; i < replica->file->bundle.experts.count; i++) {
        if (replica->lines[i].running && replica->lines[i].running->over_ns <= at_ns)
            end_batch(replica, &replica->lines[i]);
    }
    if (groups(replica))
        replica->waits_for_memory = false;
    while (!replica->waits_for_memory && replica->free_ns <= at_ns && start_next(replica, at_ns))
        ;
}

/* --- What others ask of its memory ------------------------------------------------------------ */

enum node_state replica_state(struct replica *replica, const struct bundle_expert *expert,
                              int64_t now_ns)
{
    if (line_of(replica, expert)->loaded_ns > now_ns)
        return NODE_LOADING;
    hbm_unload_idle(replica->hbm, now_ns);
    return hbm_holds_any(replica->hbm, expert, false) ? NODE_LOADED : NODE_UNLOADED;
}

int64_t replica_load_over_ns(const struct replica *replica, const struct bundle_expert *expert,
                             int64_t now_ns)
{
    int64_t over_ns = line_of(replica, expert)->loaded_ns;

    return over_ns > now_ns ? over_ns : NODE_IDLE;
}

void replica_unload(struct replica *replica, const struct bundle_expert *expert)
{
    hbm_unload(replica->hbm, expert);
}

bool replica_uses(const struct replica *replica, const struct bundle_expert *expert, int64_t now_ns)
{
    return hbm_holds_any(replica->hbm, expert, true) ||
           line_of(replica, expert)->loaded_ns > now_ns;
}

bool replica_load(struct replica *replica, const struct bundle_expert *expert, int64_t now_ns)
{
    const struct bundle_tier *tier = bundle_tier(expert, 0);
    const struct bundle_configuration wanted = {expert, tier, bundle_batch_size(tier, 0)};
    const struct noise noise = batch_noise(&replica->common->batch, replica->common->loads++);
    int64_t begin_ns = now_ns > replica->free_ns ? now_ns : replica->free_ns;
    struct bundle_configuration *evicted;
    size_t count;

    if (!hbm_use(replica->hbm, &wanted, &noise, &evicted, &count))
        return false;
    free(evicted);
    replica->free_ns = begin_ns + clock_from_seconds(batch_load_s(replica->file, expert));
    line_of(replica, expert)->loaded_ns = replica->free_ns;
    hbm_rest(replica->hbm, &wanted, replica->free_ns);
    return true;
}

void replica_release(struct replica *replica, struct node_request *request)
{
    struct line *line = line_of(replica, request->expert);
    struct node_request **at = &line->waiting;
    struct node_batch *batch = (struct node_batch *)request->batch;

    if (batch) {
        if (--batch->unreleased == 0 && line->running != batch)
            batch_free(batch);
        request->batch = NULL;
        return;
    }
    while (*at && *at != request)
        at = &(*at)->next;
    if (*at)
        take_out(line, at);
}

void replica_free(struct replica *replica)
{
    if (!replica)
        return;
    for (size_t i = 0; i < replica->file->bundle.experts.count; i++) {
        if (replica->lines[i].running)
            batch_free(replica->lines[i].running);
    }
    hbm_free(replica->hbm);
    prefix_cache_free(replica->cache);
    free(replica->warm);
    free(replica->lines);
    free(replica);
}
