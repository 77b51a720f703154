#include "search/ascent.h"

#include <math.h>
#include <stdio.h>

#include "search/words.h"
#include "stats/knee.h"

/* A step is to end before its row's timeout cuts it off. */
static const double timeout_share = 0.8;

struct climb_rule ascent_rule(const struct row *row, const struct settings *settings)
{
    const struct search_rule *asked = &settings->search;
    bool open = row->concurrent_requests == 0;
    struct climb_rule rule = {.trial = {.share = asked->goodput_share,
                                        .open_loop = open,
                                        .saturation = settings->objectives.count == 0,
                                        .resolution = asked->resolution},
                              .whole = !open,
                              .knee = !open && settings->objectives.count == 0,
                              .confirm = asked->confirm,
                              .start = search_rule_load(row)};

    search_rule_range(asked, row, &rule.low, &rule.high);
    return rule;
}

void ascent_begin(struct ascent *ascent, const struct row *row, const struct settings *settings)
{
    *ascent = (struct ascent){
        .row = row, .settings = settings, .climb = {.rule = ascent_rule(row, settings)}};
}

/* Requests a second at a load: in a closed loop by the steps so far, INFINITY where there is none.
 */
static double rate_at(const struct ascent *ascent, double load)
{
    double rate = 0;

    if (ascent->climb.rule.trial.open_loop)
        return load;
    for (size_t i = 0; i < ascent->climb.count; i++) {
        const struct trial *trial = &ascent->climb.trial[i];

        if (!isnan(trial->throughput))
            rate = fmax(rate, trial->throughput * fmin(1, load / trial->load));
    }
    return rate > 0 ? rate : INFINITY;
}

bool ascent_next(struct ascent *ascent, struct climb_step *next, double *most_s)
{
    struct climb_result result;
    double left_s = ascent->settings->search.budget_s - ascent->seconds, calls;

    if (!climb_next(&ascent->climb, next, &result))
        return false;
    *most_s = fmin(left_s, timeout_share * ascent->settings->timeout_s);
    calls = *most_s * rate_at(ascent, next->load) - (double)next->warmup;
    ascent->out_of_budget =
        !(left_s > 0) || calls < (double)trial_least(ascent->climb.rule.trial.share);
    if (calls < (double)next->most)
        next->most = (size_t)fmax(1, calls);
    return !ascent->out_of_budget;
}

void ascent_add(struct ascent *ascent, const struct search_step *step)
{
    ascent->step[ascent->climb.count] = *step;
    ascent->seconds += step->seconds;
    ascent->requests += step->requests;
    climb_add(&ascent->climb, &step->trial, step->confirms);
}

/* What binds just above the result: of the lowest load that broke, or of all that did where none is
 * known. */
static const char *limit_above(const struct ascent *ascent, double load)
{
    const struct search_step *found = NULL;

    for (size_t i = 0; i < ascent->climb.count; i++) {
        const struct search_step *step = &ascent->step[i];

        if (step->limit[0] && !(step->trial.load < load) && step->trial.verdict != TRIAL_KEPT &&
            (!found || step->trial.load < found->trial.load))
            found = step;
    }
    return found ? found->limit : "";
}

struct search_found ascent_found(const struct ascent *ascent)
{
    struct climb_step next;
    struct climb_result result;
    bool under_way = climb_next(&ascent->climb, &next, &result);
    struct search_found found = {.line = ascent->row->line,
                                 .open_loop = ascent->climb.rule.trial.open_loop,
                                 .load = result.found.load,
                                 .low = result.found.low,
                                 .high = result.found.high,
                                 .kept = result.kept,
                                 .broken = result.broken,
                                 .knee = knee_of(&ascent->climb).load,
                                 .confirmed = result.confirmed,
                                 .steps = ascent->climb.count,
                                 .requests = ascent->requests,
                                 .seconds = ascent->seconds};

    if (under_way && ascent->out_of_budget)
        result.end = result.limited ? CLIMB_CLIENT_LIMIT : CLIMB_NOT_SURE;
    snprintf(found.end, sizeof found.end, "%s", climb_end_words[result.end]);
    snprintf(found.limit, sizeof found.limit, "%s", limit_above(ascent, found.load));
    words_of_found(&ascent->climb.rule, ascent->settings, &found);
    return found;
}

void ascent_tell(const struct ascent *ascent, const struct search_step *step, struct text *text)
{
    words_of_step(&ascent->climb.rule, ascent->settings, step, text);
}
