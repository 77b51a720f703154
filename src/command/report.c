/* coebench report: workbook and page again, from run directories alone. */
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/notices.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/prior_study.h"
#include "report/reports.h"
#include "report/terminal/closing.h"
#include "report/terminal/mixes_table.h"

struct report_options {
    const char *output, *study;
};

/* The folder beside the run's own, however that was reached. */
static char *beside(const struct results *run)
{
    char *real = realpath(run->folder, NULL);
    char *folder = file_folder(real ? real : run->folder);

    free(real);
    return folder;
}

/* Where the run's workbook went, if that folder is still there, from here or from where the run was
 * begun; else beside the run's folder. */
static char *folder_for(const struct results *run)
{
    const char *recorded = manifest_find(&run->manifest, "settings.consolidated_results_dir");
    const char *from = manifest_find(&run->manifest, "working_directory");
    char *there;

    if (recorded && file_exists(recorded))
        return memory_text(recorded);
    if (recorded && from && *recorded != '/') {
        there = file_join(from, recorded);
        if (file_exists(there))
            return there;
        free(there);
    }
    return beside(run);
}

/* Under "…_20261123-195236", "…-merged" of several. */
static bool write_reports(const struct runs *runs, const char *output, struct error *error)
{
    const struct results *first = &runs->results[0];
    char *folder = output ? memory_text(output) : folder_for(first), *base = NULL;
    char *stem =
        memory_printf("consolidated_results_%s%s", first->name, runs->count > 1 ? "-merged" : "");
    const struct reports_asked asked = {.folder = folder, .stem = stem};
    struct faults warnings = {0};
    bool done =
        file_make_folders(folder, error) && reports_write(runs, &asked, &base, &warnings, error);

    notices_warn(&warnings);
    if (done) {
        reports_name(stdout, base);
        closing_of(stdout, &runs->report, base);
    }
    faults_clear(&warnings);
    free(base);
    free(stem);
    free(folder);
    return done;
}

/* Beside what mixes of rows have measured. */
static bool predict_mixes(const char *path, struct runs *runs, struct error *error)
{
    struct prior_study *study = path ? prior_study_read(path, error) : NULL;

    if (study)
        prior_study_predict_all(study, runs);
    prior_study_free(study);
    return !path || study;
}

/* Beside what was asked for: the mixes with their predictions. */
static void print_mixes(const struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (runs->count > 1 && runs->results[i].mixes > 0)
            printf("\n%s:\n", runs->results[i].name);
        mixes_table(stdout, &runs->results[i]);
    }
}

static void tell_unfinished(const struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        const struct results *run = &runs->results[i];

        if (run->count < run->planned)
            fprintf(stderr,
                    "note: %s is not finished: %zu of %zu steps are here; 'coebench run --resume "
                    "%s' resumes it\n",
                    run->name, run->count, run->planned, run->folder);
    }
}

static int report(const void *context, char **arguments)
{
    const struct report_options *options = context;
    struct runs runs = {0};
    struct error error;
    bool read = runs_read(arguments, &runs, &error);
    int code = EXIT_DONE;

    notices_warn(&runs.notes);
    if (read) {
        runs_note_definitions(&runs, NULL);
        notices_of_definitions(&runs);
    }
    if (!read || !predict_mixes(options->study, &runs, &error) ||
        !write_reports(&runs, options->output, &error)) {
        fprintf(stderr, "coebench: %s\n", error.text);
        code = EXIT_BAD_INPUT;
    } else if (options->study) {
        print_mixes(&runs);
    }
    if (notices_of_losses(&runs) && code == EXIT_DONE)
        code = EXIT_INCOMPLETE;
    tell_unfinished(&runs);
    runs_clear(&runs);
    return code;
}

static const struct option options[] = {
    {"output", "DIR", OPTION_TEXT, offsetof(struct report_options, output),
     "where to write (default: beside the old ones)", 'o'},
    {"study", "DIR", OPTION_TEXT, offsetof(struct report_options, study),
     "a run, or a folder of runs, whose study predicts what mixes of rows pay", 0},
    {0},
};

const struct command command_report = {
    .name = "report",
    .arguments = "DIR…",
    .summary = "make workbook and page again from one or more runs",
    .help =
        "Reads run directories, the starter kit's too and one under way, and writes their\n"
        "workbook and page, beside those that are there and never in their place. Several runs\n"
        "are merged into one, in the order they are named; of a folder that holds some, all are.\n"
        "What is not a run, and a copy of a run, is left out with a line. A step with a broken\n"
        "file is left out with a warning, and the exit code is 3. With --study, what mixes of "
        "rows\n"
        "have measured stands beside what that switching study predicts of them.",
    .options = options,
    .least = 1,
    .most = 4096,
    .run = report,
    .options_size = sizeof(struct report_options),
    .exits = {EXIT_INCOMPLETE},
};
