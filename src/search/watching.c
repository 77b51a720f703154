#include "search/watching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/goodput.h"

/* Looks are so far apart that they cost nothing beside the requests. */
enum { LOOK_FIRST = 8 };
static const double look_growth = 1.15;

void watching_begin(struct watching *watching, const struct trial_rule *rule,
                    const struct climb_step *plan, const struct objectives *objectives,
                    double most_s)
{
    watching_clear(watching);
    watching->rule = *rule;
    watching->plan = *plan;
    watching->objectives = objectives;
    watching->begun_ns = clock_monotonic_ns();
    watching->most_s = most_s;
    watching->look = plan->warmup + LOOK_FIRST;
}

static void make_room(struct watching *watching, size_t index)
{
    while (index >= watching->room) {
        size_t room = watching->room ? 2 * watching->room : 256;

        watching->call = memory_resize(watching->call, room, sizeof *watching->call);
        watching->ended = memory_resize(watching->ended, room, sizeof *watching->ended);
        memset(watching->ended + watching->room, 0,
               (room - watching->room) * sizeof *watching->ended);
        watching->room = room;
    }
}

static void keep(struct watching *watching, const struct request *request,
                 const struct figures *figures)
{
    size_t nearest;
    double margin = goodput_margin(request->end, figures, watching->objectives, &nearest);
    int64_t sent_ns = watching->rule.open_loop ? request->intended_ns : request->started_ns;

    make_room(watching, request->index);
    watching->call[request->index] =
        (struct trial_call){.sent_s = clock_seconds(watching->begun_ns, sent_ns),
                            .end_s = clock_seconds(watching->begun_ns, request->done_ns),
                            .margin = margin,
                            .counts = request->phase == REQUEST_COUNTED};
    watching->ended[request->index] = true;
    if (request->index >= watching->count)
        watching->count = request->index + 1;
    if (request->phase == REQUEST_COUNTED && margin > 1)
        watching->broke[request->end == REQUEST_COMPLETED ? nearest : METRIC_COUNT]++;
}

static bool is_out_of_time(const struct watching *watching)
{
    return clock_seconds(watching->begun_ns, clock_monotonic_ns()) >= watching->most_s;
}

bool watching_take(struct watching *watching, const struct request *request,
                   const struct figures *figures)
{
    struct trial trial = {0};

    keep(watching, request, figures);
    while (watching->whole < watching->count && watching->ended[watching->whole])
        watching->whole++;
    if (watching->clear.verdict != TRIAL_OPEN || is_out_of_time(watching))
        return true;
    if (watching->whole < watching->look)
        return false;
    watching->look = (size_t)((double)watching->whole * look_growth) + 1;
    trial_look(&watching->rule, watching->call, watching->whole, &trial);
    if (trial.verdict != TRIAL_OPEN)
        watching->clear = trial;
    return trial.verdict != TRIAL_OPEN;
}

/* What most of the bad ones broke; a queue that grows is why they did. */
static void name_limit(const struct watching *watching, const struct trial *trial,
                       char limit[SEARCH_WORD])
{
    size_t most = METRIC_COUNT;

    for (size_t i = 0; i < watching->objectives->count; i++)
        most = watching->broke[i] > watching->broke[most] ? i : most;
    if (watching->broke[most] == 0)
        snprintf(limit, SEARCH_WORD, "%s", trial->growing ? "saturation" : "");
    else if (most == METRIC_COUNT)
        snprintf(limit, SEARCH_WORD, "failed");
    else
        snprintf(limit, SEARCH_WORD, "%s",
                 metric_table[watching->objectives->one[most].metric].key);
}

/* Moves those that have ended together: what was cancelled before it was sent has left gaps. */
static size_t close_gaps(struct watching *watching)
{
    size_t kept = 0;

    for (size_t i = 0; i < watching->count; i++) {
        if (watching->ended[i])
            watching->call[kept++] = watching->call[i];
    }
    return kept;
}

/* The test was clear where it was; the counts are those of all that was sent. */
struct search_step watching_end(struct watching *watching, const struct step *step)
{
    struct search_step told = {.confirms = watching->plan.confirms};
    struct trial *trial = &told.trial;

    trial_look(&watching->rule, watching->call, close_gaps(watching), trial);
    if (watching->clear.verdict != TRIAL_OPEN) {
        trial->verdict = watching->clear.verdict;
        trial->growing = trial->growing || watching->clear.growing;
    }
    trial->load = watching->plan.load;
    trial->client_limited = step->health.verdict == MEASUREMENT_INVALID;
    name_limit(watching, trial, told.limit);
    told.seconds = clock_seconds(watching->begun_ns, clock_monotonic_ns());
    return told;
}

void watching_clear(struct watching *watching)
{
    free(watching->call);
    free(watching->ended);
    *watching = (struct watching){0};
}
