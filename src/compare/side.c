#include "compare/side.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/copies.h"
#include "report/search_words.h"
#include "stats/goodput.h"
#include "store/responses.h"

/* --- Values ----------------------------------------------------------------------------------- */

static struct side_row *find_row(struct side *side, const struct row *row)
{
    for (size_t i = 0; i < side->rows; i++) {
        if (row_compare(side->row[i].row, row) == 0)
            return &side->row[i];
    }
    side->row = memory_grow(side->row, side->rows, sizeof *side->row);
    side->row[side->rows] =
        (struct side_row){.row = row, .run = memory_new(side->runs.count, sizeof *side->row->run)};
    return &side->row[side->rows++];
}

/* What is kept of requests, by a policy. */
struct wanted {
    const struct objectives *objectives;
    bool metric[METRIC_COUNT];
};

static struct wanted wanted_by(const struct policy *policy)
{
    struct wanted wanted = {.objectives = &policy->objectives};

    for (size_t i = 0; i < policy->limits; i++) {
        if (policy->limit[i].measure.kind == MEASURE_METRIC)
            wanted.metric[policy->limit[i].measure.metric] = true;
    }
    return wanted;
}

static void take(struct side_run *run, const struct wanted *wanted, const struct outcome *outcome)
{
    const double *value = outcome->figures.value;

    run->good = memory_grow(run->good, run->requests, sizeof *run->good);
    run->good[run->requests++] =
        wanted->objectives->count > 0 && goodput_keeps(outcome, wanted->objectives);
    if (outcome->end != REQUEST_COMPLETED)
        return;
    run->completed++;
    if (!isnan(value[METRIC_NUMBER_OUTPUT_TOKENS]))
        run->output_tokens += value[METRIC_NUMBER_OUTPUT_TOKENS];
    run->gaps_unknown |= isnan(value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S]) &&
                         !isnan(value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S]);
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (!wanted->metric[i] || isnan(value[i]))
            continue;
        run->value[i] = memory_grow(run->value[i], run->count[i], sizeof(double));
        run->value[i][run->count[i]++] = value[i];
    }
}

static void take_server(struct side_run *run, const struct telemetry_figures *told)
{
    for (int i = 0; i < TELEMETRY_FIGURES; i++) {
        struct side_server *server = &run->server[i];

        if (isnan(told->value[i]))
            continue;
        server->most = server->visits == 0 ? told->value[i] : fmax(server->most, told->value[i]);
        server->total += told->value[i];
        server->visits++;
    }
}

static bool read_step(const struct results *results, const struct step *step,
                      const struct wanted *wanted, struct side_run *run, struct error *error)
{
    struct response_reader *reader =
        response_reader_open(results->folder, step->name, STEP_LOAD, error);
    struct response response;
    struct error fault = {.text = ""};

    run->visits++;
    run->wall_s += step->wall_s;
    if (step->telemetry.polls > 0)
        take_server(run, &step->telemetry);
    if (step->health.verdict == MEASUREMENT_INVALID) {
        run->invalid = true;
        run->why = step->health.reason;
    }
    run->cut_short |= step->end != STEP_DONE;
    if (!reader)
        return false;
    while (response_reader_next(reader, &response, &fault))
        take(run, wanted, &response.outcome);
    response_reader_close(reader);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}

static bool any_searched(const struct side *side)
{
    for (size_t i = 0; i < side->rows; i++) {
        if (side->row[i].searched)
            return true;
    }
    return false;
}

/* A row of which a visit is lost has no values that could be held against others. */
static void mark_losses(struct side *side)
{
    for (size_t i = 0; i < side->runs.count; i++) {
        const struct results *results = &side->runs.results[i];

        for (size_t k = 0; k < results->losses; k++) {
            const struct results_loss *loss = &results->loss[k];

            if (!loss->row.model_name)
                side->lost = loss->why;
            else if (!loss->row.warmup)
                find_row(side, &loss->row)->lost = loss->why;
        }
    }
}

/* A row as the CSV has it, without what a search changes of it; a mix goes by its first row. */
static struct row without_load(const struct row *row)
{
    struct row key = *row;

    row_forget_pacing(&key);
    key.num_requests = key.warmup_requests = key.cooldown_requests = key.mix_requests = 0;
    key.concurrent_requests = 0;
    key.duration_s = 0;
    key.trace_speed = 0;
    key.trace = NULL; /* its mix bears a name */
    return key;
}

static struct side_row *find_searched(struct side *side, const struct row *step, bool open_loop)
{
    struct row key = without_load(step);
    struct side_row *row;

    for (size_t i = 0; i < side->rows; i++) {
        if (side->row[i].searched && side->row[i].open_loop == open_loop &&
            row_compare(side->row[i].row, &key) == 0)
            return &side->row[i];
    }
    side->row = memory_grow(side->row, side->rows, sizeof *side->row);
    row = &side->row[side->rows++];
    *row = (struct side_row){.searched = true,
                             .open_loop = open_loop,
                             .own = memory_new(1, sizeof *row->own),
                             .run = memory_new(side->runs.count, sizeof *row->run)};
    *row->own = key;
    row->row = row->own;
    return row;
}

/* Of a search the loads that were found; its steps are of no use beside those of another. */
static void read_search(struct side *side, size_t run)
{
    const struct results *results = &side->runs.results[run];

    for (size_t i = 0; i < results->searched; i++) {
        const struct search_found *found = &results->search[i];
        const struct step *step = search_words_step(results, found);

        if (step)
            find_searched(side, &step->row, found->by != SEARCH_BY_CONCURRENCY)->run[run] =
                (struct side_run){.visits = 1,
                                  .found = found,
                                  .requests = found->requests,
                                  .completed = found->requests,
                                  .wall_s = found->seconds};
    }
}

static void read_values(struct side *side, const struct policy *policy)
{
    const struct wanted wanted = wanted_by(policy);
    struct error error;

    for (size_t i = 0; i < side->runs.count; i++) {
        struct results *results = &side->runs.results[i];

        read_search(side, i);
        for (size_t k = 0; k < results->count && results->searched == 0; k++) {
            const struct step *step = &results->step[k];

            if (!step->row.warmup &&
                !read_step(results, step, &wanted, &find_row(side, &step->row)->run[i], &error))
                results_lose(results, step, &error);
        }
    }
    mark_losses(side);
    for (size_t i = 0; i < side->runs.study.rows && !any_searched(side); i++)
        find_row(side, side->runs.study.row[i].to)->study = &side->runs.study.row[i];
}

bool side_read(char **paths, const char *name, const struct policy *policy, struct side *side,
               struct error *error)
{
    side->name = name;
    if (!runs_read(paths, &side->runs, error))
        return false;
    if (side->runs.copied)
        return error_set(error,
                         "%s: is the same run as %s, and would count twice; take one of them away",
                         side->runs.copy, side->runs.original);
    read_values(side, policy);
    return true;
}

bool side_are_apart(const struct side *base, const struct side *candidate, struct error *error)
{
    size_t count = base->runs.count + candidate->runs.count;
    const struct results **all = memory_new(count, sizeof *all);
    size_t *of = memory_new(count, sizeof *of);
    bool apart = true;

    for (size_t i = 0; i < count; i++)
        all[i] = i < base->runs.count ? &base->runs.results[i]
                                      : &candidate->runs.results[i - base->runs.count];
    copies_find(all, count, of);
    for (size_t i = 0; i < count && apart; i++)
        apart = of[i] == SIZE_MAX ||
                error_set(error, "%s: is the same run as %s; a run is not compared with itself",
                          all[i]->folder, all[of[i]]->folder);
    free(of);
    free(all);
    return apart;
}

size_t side_completed(const struct side *side, const struct side_row *row)
{
    size_t completed = 0;

    for (size_t i = 0; i < side->runs.count; i++)
        completed += row->run[i].completed;
    return completed;
}

size_t side_runs(const struct side *side, const struct side_row *row)
{
    size_t runs = 0;

    for (size_t i = 0; i < side->runs.count; i++)
        runs += row->run[i].visits > 0;
    return runs;
}

void side_clear(struct side *side)
{
    for (size_t i = 0; i < side->rows; i++) {
        for (size_t k = 0; k < side->runs.count; k++) {
            for (int metric = 0; metric < METRIC_COUNT; metric++)
                free(side->row[i].run[k].value[metric]);
            free(side->row[i].run[k].good);
        }
        free(side->row[i].run);
        free(side->row[i].own);
    }
    free(side->row);
    runs_clear(&side->runs);
    *side = (struct side){0};
}
