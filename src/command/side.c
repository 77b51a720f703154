#include "command/side.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "stats/goodput.h"
#include "store/responses.h"

/* --- Which runs ------------------------------------------------------------------------------- */

static void add(char ***folders, size_t *count, char *folder)
{
    *folders = memory_resize(*folders, *count + 2, sizeof **folders);
    (*folders)[(*count)++] = folder;
    (*folders)[*count] = NULL;
}

/* The runs in a folder, by name. Free each and the list, which ends with NULL. */
static char **find_runs(const char *path, struct error *error)
{
    char **folders = NULL;
    struct dirent **entries;
    size_t count = 0;
    int found;

    if (results_is_run(path)) {
        add(&folders, &count, memory_text(path));
        return folders;
    }
    found = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < found; i++) {
        char *inside = file_join(path, entries[i]->d_name);

        if (entries[i]->d_name[0] != '.' && results_is_run(inside))
            add(&folders, &count, inside);
        else
            free(inside);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
    if (count == 0)
        error_set(error, "%s: is no run directory, and holds none", path);
    return folders;
}

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
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (!wanted->metric[i] || isnan(value[i]))
            continue;
        run->value[i] = memory_grow(run->value[i], run->count[i], sizeof(double));
        run->value[i][run->count[i]++] = value[i];
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

static bool read_values(struct side *side, const struct policy *policy, struct error *error)
{
    const struct wanted wanted = wanted_by(policy);

    for (size_t i = 0; i < side->runs.count; i++) {
        const struct results *results = &side->runs.results[i];

        for (size_t k = 0; k < results->count; k++) {
            const struct step *step = &results->step[k];

            if (!step->row.warmup &&
                !read_step(results, step, &wanted, &find_row(side, &step->row)->run[i], error))
                return false;
        }
    }
    for (size_t i = 0; i < side->runs.study.rows; i++)
        find_row(side, side->runs.study.row[i].to)->study = &side->runs.study.row[i];
    return true;
}

bool side_read(const char *path, const struct policy *policy, struct side *side,
               struct error *error)
{
    char **folders = find_runs(path, error);
    bool done = folders && runs_read(folders, &side->runs, error);

    side->name = path;
    for (size_t i = 0; folders && folders[i]; i++)
        free(folders[i]);
    free(folders);
    return done && read_values(side, policy, error);
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
    }
    free(side->row);
    runs_clear(&side->runs);
    *side = (struct side){0};
}
