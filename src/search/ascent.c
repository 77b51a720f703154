#include "search/ascent.h"

#include <math.h>
#include <stdio.h>

#include "search/words.h"
#include "stats/knee.h"

/* A step is to end before its row's timeout cuts it off. */
static const double timeout_share = 0.8;

struct climb_rule ascent_rule(const struct row *row, size_t rows, const struct settings *settings)
{
    const struct search_rule *asked = &settings->search;
    bool open = search_rule_by(row) != SEARCH_BY_CONCURRENCY;
    struct climb_rule rule = {.trial = {.share = asked->goodput_share,
                                        .open_loop = open,
                                        .saturation = settings->objectives.count == 0,
                                        .resolution = asked->resolution},
                              .whole = !open,
                              .knee = !open && settings->objectives.count == 0,
                              .confirm = asked->confirm,
                              .start = search_rule_load(row, rows)};

    search_rule_range(asked, row, rows, &rule.low, &rule.high);
    return rule;
}

void ascent_begin(struct ascent *ascent, const struct row *row, size_t rows,
                  const struct settings *settings)
{
    *ascent = (struct ascent){.row = row,
                              .rows = rows,
                              .settings = settings,
                              .climb = {.rule = ascent_rule(row, rows, settings)}};
}

/* Requests a second at a load, at most: in a closed loop by the steps so far, INFINITY where there
 * is none. Where it is fewer, time ends the step (looking.h). */
static double rate_at(const struct ascent *ascent, double load)
{
    double rate = 0;

    if (ascent->row->trace)
        return load * search_rule_trace_qps(ascent->row, ascent->rows);
    if (ascent->climb.rule.trial.open_loop)
        return load;
    for (size_t i = 0; i < ascent->climb.count; i++) {
        const struct trial *trial = &ascent->climb.trial[i];

        if (!isnan(trial->throughput))
            rate = fmax(rate, trial->throughput);
    }
    return rate > 0 ? rate : INFINITY;
}

/* A trace has no more requests than it has, of which a quarter may come in front. */
static void cut_to_trace(const struct ascent *ascent, struct climb_step *next)
{
    size_t lines = search_rule_lines(ascent->row, ascent->rows);

    if (next->warmup > lines / 4)
        next->warmup = lines / 4;
    if (next->most > lines - next->warmup)
        next->most = lines - next->warmup;
}

/* Where time is short, the requests in front give way first. False where it is too short for any
 * step to be clear. */
static bool cut_to_time(const struct ascent *ascent, double most_s, struct climb_step *next)
{
    double least = (double)trial_least(ascent->climb.rule.trial.share);
    double calls = most_s * rate_at(ascent, next->load);

    if (calls < (double)next->warmup + least)
        next->warmup = (size_t)fmax(0, calls - least);
    if (calls < (double)(next->warmup + next->most))
        next->most = (size_t)fmax(1, calls - (double)next->warmup);
    return calls >= least;
}

bool ascent_next(struct ascent *ascent, struct climb_step *next, double *most_s)
{
    struct climb_result result;
    double left_s = ascent->settings->search.budget_s - ascent->seconds;

    if (!climb_next(&ascent->climb, next, &result))
        return false;
    cut_to_trace(ascent, next);
    *most_s = fmin(left_s, timeout_share * ascent->settings->timeout_s);
    ascent->out_of_budget = !(left_s > 0) || !cut_to_time(ascent, *most_s, next);
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
                                 .by = search_rule_by(ascent->row),
                                 .trace_qps = search_rule_trace_qps(ascent->row, ascent->rows),
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
    if (ascent->row->mix)
        snprintf(found.mix, sizeof found.mix, "%s", ascent->row->mix);
    snprintf(found.end, sizeof found.end, "%s", climb_end_words[result.end]);
    snprintf(found.limit, sizeof found.limit, "%s", limit_above(ascent, found.load));
    words_of_found(&ascent->climb.rule, ascent->settings, &found);
    return found;
}

void ascent_tell(const struct ascent *ascent, const struct search_step *step, struct text *text)
{
    words_of_step(search_rule_by(ascent->row), ascent->settings, step, text);
}
