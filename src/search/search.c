#include "search/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/verdict.h"
#include "plan/advice.h"
#include "search/ascent.h"
#include "search/looking.h"

struct search {
    struct preparation *preparation;
    struct ascent *ascent; /* of each row that is searched */
    size_t rows, at;       /* at: the row that is searched now */
    struct row step_row;   /* of the step under way; its texts are the row's */
    struct climb_step plan;
    struct looking looking;
    struct guide guide;
};

static bool is_searched(const struct row *row)
{
    return !row->warmup;
}

/* --- What can be searched --------------------------------------------------------------------- */

static void check_row(const struct preparation *preparation, const struct row *row,
                      struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    if (row->mix)
        faults_add(faults, path, row->line,
                   "mix: a mix cannot be searched yet; search its rows alone, or run it at several "
                   "rates");
    if (row->qps_end > 0)
        faults_add(faults, path, row->line,
                   "qps_end: a search needs one rate in a step; leave it out");
    if (row->max_in_flight > 0)
        faults_add(faults, path, row->line,
                   "max_in_flight: a search in open loop holds no request back; leave it out");
}

static void check_range(const struct preparation *preparation, const struct row *row,
                        struct faults *faults)
{
    double low, high, own = search_rule_load(row);

    search_rule_range(&preparation->settings.search, row, &low, &high);
    if (own < low || own > high)
        faults_add(faults, preparation->settings.model_configs_path, row->line,
                   "the row's load, %.4g, is not within search.range, %.4g to %.4g; a search "
                   "begins there",
                   own, low, high);
}

/* The time that a step needs in which every request keeps slo, until that is shown. */
static void check_budget(const struct preparation *preparation, const struct row *row,
                         struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    size_t least = trial_least(settings->search.goodput_share);
    struct row shortest = search_rule_row(row, search_rule_load(row), least, 0);
    double seconds = advice_step_seconds(&shortest, settings);

    if (seconds > settings->search.budget_s)
        settings_fault(settings, faults, "search.budget_s",
                       "%.4g s are too short: to show that %.4g %% of requests keep slo takes %zu "
                       "requests (ln 0.05 ÷ ln goodput_share), and so %.4g s at the load of the "
                       "row in line %d",
                       settings->search.budget_s, 100 * settings->search.goodput_share, least,
                       seconds, row->line);
}

static void check_settings(const struct settings *settings, struct faults *faults)
{
    if (settings->order != ORDER_AS_LISTED)
        settings_fault(settings, faults, "order",
                       "a search takes rows as they are listed; leave it out");
    if (settings->passes > 1 || stop_asked(&settings->stop_when))
        settings_fault(settings, faults, stop_asked(&settings->stop_when) ? "stop_when" : "passes",
                       "a search has its own steps; leave it out");
    if (settings->concurrency_enabled)
        settings_fault(settings, faults, "concurrency_enabled",
                       "a search needs rows one after another; leave it out");
}

bool search_check(const struct preparation *preparation, struct faults *faults,
                  struct faults *warnings)
{
    size_t before = faults->count, rows = 0;

    check_settings(&preparation->settings, faults);
    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (!is_searched(row)) {
            faults_add(warnings, preparation->settings.model_configs_path, row->line,
                       "is a warm-up, which a search leaves out: each of its steps has its own");
            continue;
        }
        rows++;
        check_row(preparation, row, faults);
        check_range(preparation, row, faults);
        check_budget(preparation, row, faults);
    }
    if (rows == 0)
        faults_add(faults, preparation->settings.model_configs_path, 0,
                   "has no row that could be searched");
    return faults->count == before;
}

struct search_most search_most(const struct preparation *preparation)
{
    struct search_most most = {0};

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        struct climb_rule rule = ascent_rule(row, &preparation->settings);
        double calls = (double)CLIMB_STEPS_MOST * (double)climb_most_calls(&rule);

        if (!is_searched(row))
            continue;
        most.rows++;
        most.steps += CLIMB_STEPS_MOST;
        most.seconds += preparation->settings.search.budget_s;
        most.requests += rule.trial.open_loop
                             ? fmin(calls, ceil(rule.high * preparation->settings.search.budget_s))
                             : calls;
    }
    return most;
}

/* --- The way of a search ---------------------------------------------------------------------- */

/* The order has the steps as they come: each is a visit of the row that is searched. */
static void note_visit(struct search *search, size_t index)
{
    struct visit *visit = &search->preparation->order.visit[index];

    visit->row = (size_t)(search->ascent[search->at].row - search->preparation->rows.row);
    visit->pass = search->ascent[search->at].climb.count + 1;
}

static const struct row *next(void *context, size_t index)
{
    struct search *search = context;
    double most_s;

    while (search->at < search->rows &&
           !ascent_next(&search->ascent[search->at], &search->plan, &most_s))
        search->at++;
    if (search->at == search->rows)
        return NULL;
    note_visit(search, index);
    looking_begin(&search->looking, &search->ascent[search->at].climb.rule.trial, &search->plan,
                  &search->preparation->settings.objectives, most_s);
    search->step_row = search_rule_row(search->ascent[search->at].row, search->plan.load,
                                       search->plan.most, search->plan.warmup);
    return &search->step_row;
}

static bool enough(void *context, const struct request *request, const struct figures *figures)
{
    struct search *search = context;

    return looking_take(&search->looking, request, figures);
}

/* A step that a person stopped tells nothing: it starts over where the run is resumed. */
static void conclude(void *context, const struct step *step, struct text *json,
                     struct text *sentence)
{
    struct search *search = context;
    struct ascent *ascent = &search->ascent[search->at];
    struct search_step told = looking_end(&search->looking, step);

    told.requests = step->started + step->phase_started;
    search_step_add(&told, json);
    if (step->end == STEP_INTERRUPTED)
        return;
    ascent_add(ascent, &told);
    ascent_tell(ascent, &told, sentence);
}

/* The same steps lead to the same next one: the journal's has to be it. */
static bool recall(void *context, size_t index, const char *json, struct error *error)
{
    struct search *search = context;
    struct search_step told;

    if (!search_step_read(json, &told))
        return error_set(error, "step %zu: what the journal has of it is no step of a search",
                         index + 1);
    if (fabs(told.trial.load / search->plan.load - 1) > 1e-9)
        return error_set(error,
                         "step %zu: the search would go to %.6g, and went to %.6g; resume with the "
                         "version of coebench that started it",
                         index + 1, search->plan.load, told.trial.load);
    ascent_add(&search->ascent[search->at], &told);
    return true;
}

static void sum_up(void *context, struct text *json)
{
    const struct search *search = context;
    struct search_found *found = memory_new(search->rows, sizeof *found);
    size_t count = 0;

    for (size_t i = 0; i < search->rows; i++) {
        if (search->ascent[i].climb.count > 0 || i <= search->at)
            found[count++] = ascent_found(&search->ascent[i]);
    }
    search_found_add(found, count, json);
    free(found);
}

/* --- A search --------------------------------------------------------------------------------- */

/* As many visits as there may be steps; which row each is of comes with it. */
static void make_room(struct search *search)
{
    struct order *order = &search->preparation->order;
    size_t count = search->rows * CLIMB_STEPS_MOST;

    order->visit = memory_resize(order->visit, count, sizeof *order->visit);
    for (size_t i = 0; i < count; i++)
        order->visit[i] = (struct visit){.row = (size_t)(search->ascent[i / CLIMB_STEPS_MOST].row -
                                                         search->preparation->rows.row),
                                         .pass = i % CLIMB_STEPS_MOST + 1,
                                         .members = 1};
    order->count = count;
    order->warmups = 0;
    order->rows = search->rows;
}

struct search *search_new(struct preparation *preparation)
{
    struct search *search = memory_new(1, sizeof *search);

    search->preparation = preparation;
    search->ascent = memory_new(preparation->rows.count, sizeof *search->ascent);
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (is_searched(&preparation->rows.row[i]))
            ascent_begin(&search->ascent[search->rows++], &preparation->rows.row[i],
                         &preparation->settings);
    }
    make_room(search);
    search->guide = (struct guide){search, next, enough, conclude, recall, sum_up};
    return search;
}

void search_free(struct search *search)
{
    looking_clear(&search->looking);
    free(search->ascent);
    free(search);
}

const struct guide *search_guide(struct search *search)
{
    return &search->guide;
}

/* --- What it comes to ------------------------------------------------------------------------- */

static const struct search_found *found_of(const struct search_found *found, size_t count,
                                           const struct row *row)
{
    size_t i = 0;

    while (i < count && found[i].line != row->line)
        i++;
    return i < count ? &found[i] : NULL;
}

/* Whether a step is one that the search was to bear: its load is above what was found. */
static bool is_above(const struct search_found *found, const struct step *step)
{
    if (!found)
        return false;
    if (isnan(found->load))
        return strcmp(found->end, climb_end_words[CLIMB_NEVER_KEPT]) == 0 ||
               !(search_rule_load(&step->row) <= found->kept);
    return search_rule_load(&step->row) > found->low;
}

enum exit_code search_verdict(const struct results *results)
{
    const struct search_found *found = results->search;
    size_t count = results->searched;
    enum exit_code code = results->losses > 0 ? EXIT_INCOMPLETE : EXIT_DONE;

    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        if (strcmp(found[i].end, climb_end_words[CLIMB_CLIENT_LIMIT]) == 0)
            code = EXIT_INVALID;
    }
    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (step->end == STEP_INTERRUPTED || ((step->end != STEP_DONE || step->completed == 0) &&
                                              !is_above(found_of(found, count, &step->row), step)))
            code = EXIT_INCOMPLETE;
    }
    return code;
}
