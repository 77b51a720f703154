/* coebench switching: what going from one row to another cost, from run directories alone. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command/command.h"
#include "core/memory.h"
#include "report/study_table.h"
#include "store/study_file.h"

struct switching_options {
    bool json;
};

/* The runs that are studied together. */
struct runs {
    struct results *results;
    size_t count;
};

/* One that is named twice would count twice. */
static bool are_different(char **folders, size_t count, struct error *error)
{
    struct stat *about = memory_new(count, sizeof *about);
    bool different = true;

    for (size_t i = 0; i < count && different; i++) {
        if (stat(folders[i], &about[i]) != 0)
            continue; /* told when it is read */
        for (size_t k = 0; k < i && different; k++)
            different = about[i].st_dev != about[k].st_dev || about[i].st_ino != about[k].st_ino ||
                        error_set(error, "%s: is the same run as %s; name each once", folders[i],
                                  folders[k]);
    }
    free(about);
    return different;
}

static bool read_runs(char **folders, struct runs *runs, struct error *error)
{
    size_t count = 0;

    while (folders[count])
        count++;
    if (!are_different(folders, count, error))
        return false;
    runs->count = count;
    runs->results = memory_new(runs->count, sizeof *runs->results);
    for (size_t i = 0; i < runs->count; i++) {
        if (!results_read(folders[i], &runs->results[i], error))
            return false;
    }
    return true;
}

static void runs_clear(struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        results_clear(&runs->results[i]);
    free(runs->results);
}

static void print_json(const struct study *study, const struct runs *runs)
{
    struct text json = {0};

    study_file_add_json(study, runs->results, runs->count, &json);
    fputs(json.bytes, stdout);
    text_clear(&json);
}

static void print_tables(const struct study *study, const struct runs *runs)
{
    printf("%zu run%s, %zu step%s to %zu row%s\n", runs->count, runs->count == 1 ? "" : "s",
           study->visits, study->visits == 1 ? "" : "s", study->rows, study->rows == 1 ? "" : "s");
    study_table_rows(stdout, study);
    study_table_models(stdout, study);
    study_table_transitions(stdout, study);
}

static void conclude(const struct runs *runs, const struct switching_options *options)
{
    struct study study = {0};

    for (size_t i = 0; i < runs->count; i++)
        study_add(&study, runs->results[i].step, runs->results[i].count);
    study_conclude(&study);
    if (options->json)
        print_json(&study, runs);
    else
        print_tables(&study, runs);
    study_clear(&study);
}

static int switching(const void *context, char **arguments)
{
    struct runs runs = {0};
    struct error error;
    int code = EXIT_DONE;

    if (read_runs(arguments, &runs, &error)) {
        conclude(&runs, context);
    } else {
        fprintf(stderr, "coebench: %s\n", error.text);
        code = EXIT_BAD_INPUT;
    }
    runs_clear(&runs);
    return code;
}

static const struct option options[] = {
    {"json", NULL, OPTION_FLAG, offsetof(struct switching_options, json),
     "print the whole study as a run's switching.json has it"},
    {0},
};

const struct command command_switching = {
    .name = "switching",
    .arguments = "DIR…",
    .summary = "tell what switches cost in one or more runs",
    .help =
        "Reads run directories and concludes, over all of them together: for each row and each\n"
        "transition from row to row, how many visits paid for a switch, what it cost with its\n"
        "95 % interval, and a verdict: detected, none above a bound, inconclusive (with the\n"
        "smallest that would have been seen), or not measurable (with the reason). Rows that ask\n"
        "for the same are the same row in every run. Nothing is written.",
    .options = options,
    .least = 1,
    .most = 4096,
    .run = switching,
    .options_size = sizeof(struct switching_options),
};
