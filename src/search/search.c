#include "search/search.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "job/verdict.h"
#include "plan/advice.h"
#include "plan/mixes.h"
#include "plan/search_rule.h"
#include "report/search_visits.h"
#include "search/ascent.h"
#include "search/looking.h"

struct search {
    struct preparation *preparation;
    pthread_mutex_t lock;  /* of looking: the rows of a mix are told of at once */
    struct ascent *ascent; /* of each row and each mix that is searched */
    size_t ascents, at;    /* at: what is searched now */
    struct row *row;       /* the rows of each, one behind another; their texts are the plan's */
    size_t *place;         /* of each of those, its place among the plan's rows */
    struct row *step_row;  /* of the step under way */
    struct climb_step plan;
    struct looking looking;
    struct guide guide;
};

/* --- Rows and mixes --------------------------------------------------------------------------- */

/* The plan's rows that are searched, those of a mix one behind another. */
struct subjects {
    struct row *row; /* their texts are the plan's */
    size_t *place;   /* among the plan's rows */
    size_t *members; /* of what begins with this row; 0: it is not the first of its mix */
    size_t rows;
};

static struct subjects subjects_of(const struct rows *rows)
{
    struct subjects subjects = {.row = memory_new(rows->count, sizeof *subjects.row),
                                .place = memory_new(rows->count, sizeof *subjects.place),
                                .members = memory_new(rows->count, sizeof *subjects.members)};
    struct mixes mixes;

    mixes_find(rows, &mixes);
    for (size_t i = 0; i < rows->count; i++) {
        size_t members = rows->row[i].warmup ? 0 : mixes.members[i];

        for (size_t k = 0, at = i; k < members; k++, at = mixes.next[at]) {
            subjects.place[subjects.rows] = at;
            subjects.members[subjects.rows] = k == 0 ? members : 0;
            subjects.row[subjects.rows++] = rows->row[at];
        }
    }
    mixes_clear(&mixes);
    return subjects;
}

static void subjects_clear(struct subjects *subjects)
{
    free(subjects->row);
    free(subjects->place);
    free(subjects->members);
}

/* --- What can be searched --------------------------------------------------------------------- */

static void check_row(const struct preparation *preparation, const struct row *row,
                      struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    if (row->qps_end > 0)
        faults_add(faults, path, row->line,
                   "qps_end: a search needs one rate in a step; leave it out");
    if (row->max_in_flight > 0)
        faults_add(faults, path, row->line,
                   "max_in_flight: a search in open loop holds no request back; leave it out");
}

static void check_range(const struct preparation *preparation, const struct row *row, size_t rows,
                        struct faults *faults)
{
    double low, high, own = search_rule_load(row, rows);

    search_rule_range(&preparation->settings.search, row, rows, &low, &high);
    if (own < low || own > high)
        faults_add(faults, preparation->settings.model_configs_path, row->line,
                   "the %s's load, %.4g %s, is not within search.range, %.4g to %.4g; a search "
                   "begins there",
                   row->mix ? "mix" : "row", own, search_by_units[search_rule_by(row)], low, high);
}

/* The least that a step sends, and how long it takes, by a guess. */
static double least_seconds(const struct settings *settings, const struct row *row, size_t rows,
                            size_t least)
{
    double load = search_rule_load(row, rows), seconds = 0;
    struct row *step;

    if (row->trace)
        return (double)least / search_rule_trace_qps(row, rows) / load;
    if (search_rule_by(row) == SEARCH_BY_QPS)
        return (double)least / load;
    step = memory_new(rows, sizeof *step);
    search_rule_rows(row, rows, load, least, 0, step);
    for (size_t i = 0; i < rows; i++) {
        step[i].num_requests =
            (int64_t)ceil((double)least * (double)step[i].concurrent_requests / load);
        seconds = fmax(seconds, advice_step_seconds(&step[i], settings));
    }
    free(step);
    return seconds;
}

/* The time that a step needs in which every request keeps slo, until that is shown. */
static void check_budget(const struct preparation *preparation, const struct row *row, size_t rows,
                         struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    size_t least = trial_least(settings->search.goodput_share);
    double seconds = least_seconds(settings, row, rows, least);

    if (seconds > settings->search.budget_s)
        settings_fault(settings, faults, "search.budget_s",
                       "%.4g s are too short: to show that %.4g %% of requests keep slo takes %zu "
                       "requests (ln 0.05 ÷ ln goodput_share), and so %.4g s at the load of the "
                       "%s in line %d",
                       settings->search.budget_s, 100 * settings->search.goodput_share, least,
                       seconds, row->mix ? "mix" : "row", row->line);
}

/* A quarter of them may come in front of those that count. */
static void check_trace(const struct preparation *preparation, const struct row *row, size_t rows,
                        struct faults *faults)
{
    size_t lines = search_rule_lines(row, rows);
    size_t least = trial_least(preparation->settings.search.goodput_share);

    if (lines / 4 * 3 < least)
        faults_add(faults, preparation->settings.model_configs_path, row->line,
                   "trace: has %zu requests, and to show that %.4g %% of them keep slo takes %zu "
                   "and a third as many in front; take more of it (trace_for_s), or lower "
                   "search.goodput_share",
                   lines, 100 * preparation->settings.search.goodput_share, least);
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

static void warn_of_warmups(const struct preparation *preparation, struct faults *warnings)
{
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (preparation->rows.row[i].warmup)
            faults_add(warnings, preparation->settings.model_configs_path,
                       preparation->rows.row[i].line,
                       "is a warm-up, which a search leaves out: each of its steps has its own");
    }
}

static void check_subjects(const struct preparation *preparation, const struct subjects *subjects,
                           struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    for (size_t i = 0; i < subjects->rows; i++) {
        const struct row *row = &subjects->row[i];

        check_row(preparation, row, faults);
        if (subjects->members[i] == 0)
            continue;
        check_range(preparation, row, subjects->members[i], faults);
        check_budget(preparation, row, subjects->members[i], faults);
        check_trace(preparation, row, subjects->members[i], faults);
    }
    if (subjects->rows == 0)
        faults_add(faults, path, 0, "has no row that could be searched");
    if (subjects->rows * CLIMB_STEPS_MOST > ORDER_VISITS_MOST)
        faults_add(faults, path, 0,
                   "has %zu rows, and a search of up to %d steps each is more than the %d that a "
                   "run may have; search fewer rows at a time",
                   subjects->rows, CLIMB_STEPS_MOST, ORDER_VISITS_MOST);
}

bool search_check(const struct preparation *preparation, struct faults *faults,
                  struct faults *warnings)
{
    struct subjects subjects = subjects_of(&preparation->rows);
    size_t before = faults->count;

    check_settings(&preparation->settings, faults);
    warn_of_warmups(preparation, warnings);
    check_subjects(preparation, &subjects, faults);
    subjects_clear(&subjects);
    return faults->count == before;
}

/* Of what begins with this row. */
static void add_most(const struct preparation *preparation, const struct row *row, size_t rows,
                     struct search_most *most)
{
    const struct settings *settings = &preparation->settings;
    struct climb_rule rule = ascent_rule(row, rows, settings);
    double calls = (double)CLIMB_STEPS_MOST * (double)climb_most_calls(&rule), rate = rule.high;

    if (row->trace)
        rate *= search_rule_trace_qps(row, rows);
    *(row->mix ? &most->mixes : &most->rows) += 1;
    most->steps += CLIMB_STEPS_MOST;
    most->seconds += settings->search.budget_s;
    most->requests +=
        rule.trial.open_loop ? fmin(calls, ceil(rate * settings->search.budget_s)) : calls;
}

struct search_most search_most(const struct preparation *preparation)
{
    struct subjects subjects = subjects_of(&preparation->rows);
    struct search_most most = {0};

    for (size_t i = 0; i < subjects.rows; i++) {
        if (subjects.members[i] > 0)
            add_most(preparation, &subjects.row[i], subjects.members[i], &most);
    }
    subjects_clear(&subjects);
    return most;
}

/* --- The way of a search ---------------------------------------------------------------------- */

/* The order has the steps as they come: each visit is of the row, or the mix, that is searched. */
static void note_visit(struct search *search, size_t index)
{
    const struct ascent *ascent = &search->ascent[search->at];
    const size_t *place = &search->place[ascent->row - search->row];

    for (size_t i = 0; i < ascent->rows; i++)
        search->preparation->order.visit[index + i] =
            (struct visit){.row = place[i],
                           .pass = ascent->climb.count + 1,
                           .mixed = ascent->row->mix != NULL,
                           .member = i,
                           .members = ascent->rows};
}

static void begin_looking(struct search *search, double most_s)
{
    const struct ascent *ascent = &search->ascent[search->at];
    const struct looking_asked asked = {.rule = &ascent->climb.rule.trial,
                                        .plan = &search->plan,
                                        .objectives = &search->preparation->settings.objectives,
                                        .members = ascent->rows,
                                        .most_s = most_s,
                                        .warms_up = ascent->row->share > 0};

    looking_begin(&search->looking, &asked);
}

static const struct row *next(void *context, size_t index)
{
    struct search *search = context;
    const struct ascent *ascent;
    double most_s;

    while (search->at < search->ascents &&
           !ascent_next(&search->ascent[search->at], &search->plan, &most_s))
        search->at++;
    if (search->at == search->ascents)
        return NULL;
    ascent = &search->ascent[search->at];
    note_visit(search, index);
    begin_looking(search, most_s);
    search_rule_rows(ascent->row, ascent->rows, search->plan.load, search->plan.most,
                     search->plan.warmup, search->step_row);
    return search->step_row;
}

static bool enough(void *context, size_t member, const struct request *request,
                   const struct figures *figures)
{
    struct search *search = context;
    bool enough;

    pthread_mutex_lock(&search->lock);
    enough = looking_take(&search->looking, member, request, figures);
    pthread_mutex_unlock(&search->lock);
    return enough;
}

/* A step that a person stopped tells nothing: it starts over where the run is resumed. */
static void conclude(void *context, const struct step *step, struct text *json,
                     struct text *sentence)
{
    struct search *search = context;
    struct ascent *ascent = &search->ascent[search->at];
    struct search_step told;

    if (!looking_end(&search->looking, step, &told))
        return;
    search_step_add(&told, json);
    if (search->looking.interrupted)
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
    struct search_found *found = memory_new(search->ascents, sizeof *found);
    size_t count = 0;

    for (size_t i = 0; i < search->ascents; i++) {
        if (search->ascent[i].climb.count > 0 || i <= search->at)
            found[count++] = ascent_found(&search->ascent[i]);
    }
    search_found_add(found, count, json);
    free(found);
}

/* --- A search --------------------------------------------------------------------------------- */

/* As many visits as there may be steps; which row each is of, and which are together, comes with
 * it. */
static void make_room(struct search *search, size_t rows)
{
    struct order *order = &search->preparation->order;
    size_t count = rows * CLIMB_STEPS_MOST;

    order->visit = memory_resize(order->visit, count, sizeof *order->visit);
    for (size_t i = 0; i < count; i++)
        order->visit[i] = (struct visit){.row = search->place[i / CLIMB_STEPS_MOST],
                                         .pass = i % CLIMB_STEPS_MOST + 1,
                                         .members = 1};
    order->count = count;
    order->warmups = 0;
}

struct search *search_new(struct preparation *preparation)
{
    struct search *search = memory_new(1, sizeof *search);
    struct subjects subjects = subjects_of(&preparation->rows);

    search->preparation = preparation;
    pthread_mutex_init(&search->lock, NULL);
    search->row = subjects.row;
    search->place = subjects.place;
    search->step_row = memory_new(subjects.rows, sizeof *search->step_row);
    search->ascent = memory_new(subjects.rows, sizeof *search->ascent);
    for (size_t i = 0; i < subjects.rows; i++) {
        if (subjects.members[i] > 0)
            ascent_begin(&search->ascent[search->ascents++], &search->row[i], subjects.members[i],
                         &preparation->settings);
    }
    make_room(search, subjects.rows);
    free(subjects.members);
    search->guide = (struct guide){search, next, enough, conclude, recall, sum_up};
    return search;
}

void search_free(struct search *search)
{
    looking_clear(&search->looking);
    pthread_mutex_destroy(&search->lock);
    free(search->ascent);
    free(search->step_row);
    free(search->place);
    free(search->row);
    free(search);
}

const struct guide *search_guide(struct search *search)
{
    return &search->guide;
}

/* --- What it comes to ------------------------------------------------------------------------- */

/* Whether a visit is one that the search was to bear: its load is above what was found. */
static bool is_above(const struct search_visit *visit)
{
    const struct search_found *found = visit->step->search;

    if (!found)
        return false;
    if (isnan(found->load))
        return strcmp(found->end, climb_end_words[CLIMB_NEVER_KEPT]) == 0 ||
               !(visit->load <= found->kept);
    return visit->load > found->low;
}

static bool is_incomplete(const struct search_visit *visit)
{
    for (size_t i = 0; i < visit->members; i++) {
        const struct step *step = &visit->step[i];

        if (step->end == STEP_INTERRUPTED ||
            ((step->end != STEP_DONE || step->completed == 0) && !is_above(visit)))
            return true;
    }
    return false;
}

enum exit_code search_verdict(const struct results *results)
{
    const struct search_found *found = results->search;
    enum exit_code code = results->losses > 0 ? EXIT_INCOMPLETE : EXIT_DONE;

    for (size_t i = 0; i < results->searched && code == EXIT_DONE; i++) {
        if (strcmp(found[i].end, climb_end_words[CLIMB_CLIENT_LIMIT]) == 0)
            code = EXIT_INVALID;
    }
    for (size_t i = 0; i < results->count;) {
        struct search_visit visit = search_visit_at(results, i);

        if (is_incomplete(&visit))
            code = EXIT_INCOMPLETE;
        i += visit.members;
    }
    return code;
}
