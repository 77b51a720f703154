#include "job/sources.h"

#include <stdlib.h>
#include <string.h>

#include "core/expand.h"
#include "core/file.h"
#include "core/memory.h"

static void read_texts(struct sources *sources, const struct settings *settings,
                       const char *config_path, struct faults *faults)
{
    const char *given = settings->prompt.file ? settings->prompt.file : "prompts.yaml";
    char *path = file_find(given, config_path);

    if (file_exists(path))
        texts_read(path, settings->use_multiple_prompts, &sources->texts, faults);
    else if (!settings->prompt.file && settings->use_multiple_prompts)
        texts_read_shipped(settings->use_multiple_prompts, &sources->texts, faults);
    else
        settings_fault(settings, faults, "prompt.file",
                       "there is no file '%s', neither in the working directory nor beside the "
                       "config",
                       given);
    if (file_exists(path))
        sources->texts_path = path;
    else
        free(path);
}

/* A row's own column wins over the run's setting. */
static void choose_dataset(struct row *row, const struct settings *settings,
                           const char *config_path, struct faults *faults)
{
    const char *given = row->dataset                                ? row->dataset
                        : settings->prompt.source == PROMPT_DATASET ? settings->prompt.dataset
                                                                    : NULL;
    char *missing, *expanded = given ? expand_by_environment(given, &missing) : NULL;
    char *found = expanded ? file_find(expanded, config_path) : NULL;

    if (given && !expanded) {
        faults_add(faults, settings->model_configs_path, row->line,
                   "dataset: '%.200s' names ${%s}, which is not set", given, missing);
        free(missing);
    }
    free(expanded);
    free(row->dataset);
    row->dataset = found;
}

static bool is_read(const struct sources *sources, const char *path)
{
    for (size_t i = 0; i < sources->datasets; i++) {
        if (strcmp(sources->dataset[i].path, path) == 0)
            return true;
    }
    return false;
}

static void read_dataset(struct sources *sources, const struct row *row, const char *rows_path,
                         struct faults *faults)
{
    struct source_dataset *one;

    if (!row->dataset || is_read(sources, row->dataset))
        return;
    if (!file_exists(row->dataset)) {
        faults_add(faults, rows_path, row->line,
                   "dataset: there is no file '%s', neither in the working directory nor beside "
                   "the config",
                   row->dataset);
        return;
    }
    sources->dataset = memory_grow(sources->dataset, sources->datasets, sizeof *sources->dataset);
    one = &sources->dataset[sources->datasets++];
    *one = (struct source_dataset){.path = memory_text(row->dataset)};
    dataset_read(one->path, &one->dataset, faults);
}

static void note_trace(struct sources *sources, const struct row *row)
{
    for (size_t i = 0; row->trace && i < sources->traces; i++) {
        if (strcmp(sources->trace[i], row->trace) == 0)
            return;
    }
    if (!row->trace)
        return;
    sources->trace = memory_grow(sources->trace, sources->traces, sizeof *sources->trace);
    sources->trace[sources->traces++] = memory_text(row->trace);
}

/* As in the kit, each prompt is sent once where the row says neither how often nor for how long. */
static void count_requests(const struct sources *sources, struct row *row)
{
    const struct dataset *dataset = sources_dataset(sources, row);

    if (row->num_requests == 0 && dataset && !(row->duration_s > 0))
        row->num_requests = (int64_t)dataset->count;
}

/* How long the row's sessions are, where its data set has conversations. */
static void count_turns(const struct sources *sources, struct row *row, const char *rows_path,
                        struct faults *faults, struct faults *warnings)
{
    const struct dataset *dataset = sources_dataset(sources, row);
    size_t most = dataset ? dataset_turns_most(dataset) : 0;

    if (most == 0)
        return;
    if (row->turns > (int64_t)most)
        faults_add(warnings, rows_path, row->line,
                   "turns: no line of '%s' has more than %zu; sessions end there", row->dataset,
                   most);
    if (row->turns == 0 || row->turns > (int64_t)most)
        row->turns = (int64_t)most;
    row->turns_mean = dataset_turns_mean(dataset, (size_t)row->turns);
    row->turns_held = dataset_turns_held(dataset, (size_t)row->turns);
    if (row_has_sessions(row) && row->multimodal_img_size != ROW_NO_IMAGE)
        faults_add(faults, rows_path, row->line,
                   "multimodal_img_size: '%s' has conversations, and a session has no pictures; "
                   "leave it out, or set turns to 1",
                   row->dataset);
}

static void tell_left_out(const struct sources *sources, struct faults *warnings)
{
    for (size_t i = 0; i < sources->datasets; i++) {
        const struct source_dataset *one = &sources->dataset[i];

        if (one->dataset.silent > 0)
            faults_add(warnings, one->path, 0,
                       "%zu conversation%s in it without a text of the user, and %s left out",
                       one->dataset.silent, one->dataset.silent == 1 ? " is" : "s are",
                       one->dataset.silent == 1 ? "is" : "are");
    }
}

bool sources_read(struct sources *sources, const struct settings *settings, struct rows *rows,
                  const char *config_path, struct faults *faults, struct faults *warnings)
{
    size_t before = faults->count;

    if (settings->prompt.source == PROMPT_PROMPTS)
        read_texts(sources, settings, config_path, faults);
    if (settings->prompt.source == PROMPT_DATASET && !settings->prompt.dataset)
        settings_fault(settings, faults, "prompt.dataset",
                       "is missing; name the .jsonl file that prompts come from");
    for (size_t i = 0; i < rows->count; i++) {
        choose_dataset(&rows->row[i], settings, config_path, faults);
        read_dataset(sources, &rows->row[i], settings->model_configs_path, faults);
        count_requests(sources, &rows->row[i]);
        note_trace(sources, &rows->row[i]);
        count_turns(sources, &rows->row[i], settings->model_configs_path, faults, warnings);
    }
    tell_left_out(sources, warnings);
    return faults->count == before;
}

const struct dataset *sources_dataset(const struct sources *sources, const struct row *row)
{
    for (size_t i = 0; row->dataset && i < sources->datasets; i++) {
        if (strcmp(sources->dataset[i].path, row->dataset) == 0)
            return &sources->dataset[i].dataset;
    }
    return NULL;
}

const char **sources_files(const struct sources *sources)
{
    const char **files = memory_new(sources->datasets + sources->traces + 2, sizeof *files);
    size_t count = 0;

    if (sources->texts_path)
        files[count++] = sources->texts_path;
    for (size_t i = 0; i < sources->datasets; i++)
        files[count++] = sources->dataset[i].path;
    for (size_t i = 0; i < sources->traces; i++)
        files[count++] = sources->trace[i];
    return files;
}

void sources_clear(struct sources *sources)
{
    free(sources->texts_path);
    texts_clear(&sources->texts);
    for (size_t i = 0; i < sources->datasets; i++) {
        free(sources->dataset[i].path);
        dataset_clear(&sources->dataset[i].dataset);
    }
    free(sources->dataset);
    for (size_t i = 0; i < sources->traces; i++)
        free(sources->trace[i]);
    free(sources->trace);
    *sources = (struct sources){0};
}
