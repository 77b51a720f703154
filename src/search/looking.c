#include "search/looking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/goodput.h"

/* Looks are so far apart that they cost nothing beside the requests. */
enum { LOOK_FIRST = 8 };
static const double look_growth = 1.15;

void looking_begin(struct looking *looking, const struct trial_rule *rule,
                   const struct climb_step *plan, const struct objectives *objectives,
                   double most_s)
{
    looking_clear(looking);
    looking->rule = *rule;
    looking->plan = *plan;
    looking->objectives = objectives;
    looking->begun_ns = clock_monotonic_ns();
    looking->most_s = most_s;
    looking->look = plan->warmup + LOOK_FIRST;
}

static void make_room(struct looking *looking, size_t index)
{
    while (index >= looking->room) {
        size_t room = looking->room ? 2 * looking->room : 256;

        looking->call = memory_resize(looking->call, room, sizeof *looking->call);
        looking->ended = memory_resize(looking->ended, room, sizeof *looking->ended);
        memset(looking->ended + looking->room, 0, (room - looking->room) * sizeof *looking->ended);
        looking->room = room;
    }
}

static void keep(struct looking *looking, const struct request *request,
                 const struct figures *figures)
{
    size_t nearest;
    double margin = goodput_margin(request->end, figures, looking->objectives, &nearest);
    int64_t sent_ns = looking->rule.open_loop ? request->intended_ns : request->started_ns;

    make_room(looking, request->index);
    looking->call[request->index] =
        (struct trial_call){.sent_s = clock_seconds(looking->begun_ns, sent_ns),
                            .end_s = clock_seconds(looking->begun_ns, request->done_ns),
                            .margin = margin,
                            .counts = request->phase == REQUEST_COUNTED};
    looking->ended[request->index] = true;
    if (request->index >= looking->count)
        looking->count = request->index + 1;
    if (request->phase == REQUEST_COUNTED && margin > 1)
        looking->broke[request->end == REQUEST_COMPLETED ? nearest : METRIC_COUNT]++;
}

static bool is_out_of_time(const struct looking *looking)
{
    return clock_seconds(looking->begun_ns, clock_monotonic_ns()) >= looking->most_s;
}

bool looking_take(struct looking *looking, const struct request *request,
                  const struct figures *figures)
{
    struct trial trial = {0};

    keep(looking, request, figures);
    while (looking->whole < looking->count && looking->ended[looking->whole])
        looking->whole++;
    if (looking->clear.verdict != TRIAL_OPEN || is_out_of_time(looking))
        return true;
    if (looking->whole < looking->look)
        return false;
    looking->look = (size_t)((double)looking->whole * look_growth) + 1;
    trial_look(&looking->rule, looking->call, looking->whole, &trial);
    if (trial.verdict != TRIAL_OPEN)
        looking->clear = trial;
    return trial.verdict != TRIAL_OPEN;
}

/* What most of the bad ones broke; a queue that grows is why they did. */
static void name_limit(const struct looking *looking, const struct trial *trial,
                       char limit[SEARCH_WORD])
{
    size_t most = METRIC_COUNT;

    for (size_t i = 0; i < looking->objectives->count; i++)
        most = looking->broke[i] > looking->broke[most] ? i : most;
    if (looking->broke[most] == 0)
        snprintf(limit, SEARCH_WORD, "%s", trial->growing ? "saturation" : "");
    else if (most == METRIC_COUNT)
        snprintf(limit, SEARCH_WORD, "failed");
    else
        snprintf(limit, SEARCH_WORD, "%s", metric_table[looking->objectives->one[most].metric].key);
}

/* Moves those that have ended together: what was cancelled before it was sent has left gaps. */
static size_t close_gaps(struct looking *looking)
{
    size_t kept = 0;

    for (size_t i = 0; i < looking->count; i++) {
        if (looking->ended[i])
            looking->call[kept++] = looking->call[i];
    }
    return kept;
}

/* The test was clear where it was; the counts are those of all that was sent. */
struct search_step looking_end(struct looking *looking, const struct step *step)
{
    struct search_step told = {.confirms = looking->plan.confirms};
    struct trial *trial = &told.trial;

    trial_look(&looking->rule, looking->call, close_gaps(looking), trial);
    if (looking->clear.verdict != TRIAL_OPEN) {
        trial->verdict = looking->clear.verdict;
        trial->growing = trial->growing || looking->clear.growing;
    }
    trial->load = looking->plan.load;
    trial->client_limited = step->health.verdict == MEASUREMENT_INVALID;
    name_limit(looking, trial, told.limit);
    told.seconds = clock_seconds(looking->begun_ns, clock_monotonic_ns());
    return told;
}

void looking_clear(struct looking *looking)
{
    free(looking->call);
    free(looking->ended);
    *looking = (struct looking){0};
}
