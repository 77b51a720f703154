#include "search/looking.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/goodput.h"

/* Looks are so far apart that they cost nothing beside the requests. */
enum { LOOK_FIRST = 8 };
static const double look_growth = 1.15;

void looking_begin(struct looking *looking, const struct looking_asked *asked)
{
    looking_clear(looking);
    looking->rule = *asked->rule;
    looking->plan = *asked->plan;
    looking->objectives = asked->objectives;
    looking->member = memory_new(asked->members, sizeof *looking->member);
    looking->members = asked->members;
    looking->warms_up = asked->warms_up;
    looking->begun_ns = clock_monotonic_ns();
    looking->most_s = asked->most_s;
    looking->look = looking->check = asked->plan->warmup + LOOK_FIRST;
}

static void keep(struct looking *looking, size_t member, const struct request *request,
                 const struct figures *figures)
{
    size_t nearest;
    double margin = goodput_margin(request->end, figures, looking->objectives, &nearest);
    int64_t sent_ns = looking->rule.open_loop ? request->intended_ns : request->started_ns;
    const struct trial_call call = {.sent_s = clock_seconds(looking->begun_ns, sent_ns),
                                    .end_s = clock_seconds(looking->begun_ns, request->done_ns),
                                    .margin = margin,
                                    .counts = request->phase == REQUEST_COUNTED};

    looked_add(&looking->member[member], request->index, &call);
    looking->counted += call.counts;
    if (margin > 1)
        looking->broke[request->end == REQUEST_COMPLETED ? nearest : METRIC_COUNT]++;
}

static bool is_out_of_time(const struct looking *looking)
{
    return clock_seconds(looking->begun_ns, clock_monotonic_ns()) >= looking->most_s;
}

/* Where no request is marked as one in front, the first so many are. */
static struct trial_call *join(const struct looking *looking, bool all, size_t *count)
{
    struct trial_call *call = looked_join(looking->member, looking->members, all, count);

    for (size_t i = 0; i < *count && looking->warms_up; i++)
        call[i].counts = i >= looking->plan.warmup;
    return call;
}

/* Requests of one member hide others until its next has ended: then it is tried again soon. */
static void look(struct looking *looking)
{
    struct trial trial = {0};
    size_t count, whole = looked_whole(looking->member, looking->members);
    struct trial_call *call = join(looking, false, &count);

    if (count >= looking->look) {
        looking->look = (size_t)((double)count * look_growth) + 1;
        trial_look(&looking->rule, call, count, &trial);
    }
    looking->check =
        count < looking->look && count < whole ? whole + 1 + (whole - count) / 8 : looking->look;
    if (trial.verdict != TRIAL_OPEN)
        looking->clear = trial;
    free(call);
}

bool looking_take(struct looking *looking, size_t member, const struct request *request,
                  const struct figures *figures)
{
    size_t most = looking->plan.most + (looking->warms_up ? looking->plan.warmup : 0);

    keep(looking, member, request, figures);
    if (looking->clear.verdict == TRIAL_OPEN &&
        looked_whole(looking->member, looking->members) >= looking->check)
        look(looking);
    return looking->clear.verdict != TRIAL_OPEN || looking->counted >= most ||
           is_out_of_time(looking);
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

/* Of a step that was cut off before any request that counts, those in front tell what there is. */
static void count_all(const struct looking *looking, struct trial_call *call, size_t count)
{
    for (size_t i = 0; i < count && looking->counted == 0; i++)
        call[i].counts = true;
}

/* The test was clear where it was; the counts are those of all that was sent. */
static struct search_step conclude(struct looking *looking)
{
    struct search_step told = {.confirms = looking->plan.confirms, .requests = looking->requests};
    struct trial *trial = &told.trial;
    size_t count;
    struct trial_call *call = join(looking, true, &count);

    count_all(looking, call, count);
    trial_look(&looking->rule, call, count, trial);
    if (looking->clear.verdict != TRIAL_OPEN) {
        trial->verdict = looking->clear.verdict;
        trial->growing = trial->growing || looking->clear.growing;
    }
    trial->load = looking->plan.load;
    trial->client_limited = looking->client_limited;
    name_limit(looking, trial, told.limit);
    told.seconds = clock_seconds(looking->begun_ns, clock_monotonic_ns());
    free(call);
    return told;
}

bool looking_end(struct looking *looking, const struct step *step, struct search_step *told)
{
    looking->requests += step->started + step->phase_started;
    looking->client_limited |= step->health.verdict == MEASUREMENT_INVALID;
    looking->interrupted |= step->end == STEP_INTERRUPTED;
    if (++looking->told < looking->members)
        return false;
    *told = conclude(looking);
    return true;
}

void looking_clear(struct looking *looking)
{
    for (size_t i = 0; i < looking->members; i++)
        looked_clear(&looking->member[i]);
    free(looking->member);
    *looking = (struct looking){0};
}
