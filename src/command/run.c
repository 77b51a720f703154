/* coebench run: the main job. Reads what is asked, runs the rows one after another, and leaves a
 * run directory and a workbook. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command/command.h"
#include "command/interrupt.h"
#include "command/job.h"
#include "command/prepare.h"
#include "command/reports.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/study_table.h"
#include "report/terminal.h"
#include "store/study_file.h"

struct run_options {
    struct prepare_options prepare;
    struct job_options job;
};

/* Everything a person is shown is made from the run directory, as it would be a year later. */
static bool report(const struct run *run, bool quiet, struct error *error)
{
    char *folders[] = {run->folder, NULL};
    char *base = memory_bytes(run->workbook, strlen(run->workbook) - strlen(".xlsx"));
    struct runs runs = {0};
    bool done = runs_read(folders, &runs, error) &&
                study_file_write(run->folder, &runs.study, runs.results, error) &&
                reports_write(&runs, base, error);

    if (done && !quiet) {
        terminal_table(stdout, runs.results);
        study_table_rows(stdout, &runs.study);
        printf("\nresults:  %s\n", run->folder);
        reports_name(base);
    }
    free(base);
    runs_clear(&runs);
    return done;
}

/* What is wrong, and where to find what a run that cannot go on has measured by then. */
static void tell_fault(const struct error *error, const struct run *run)
{
    char *journal = run->folder ? file_join(run->folder, "journal.jsonl") : NULL;
    struct stat about;

    if (journal && stat(journal, &about) == 0 && about.st_size > 0)
        fprintf(stderr, "coebench: %s; what was measured so far is in %s\n", error->text, journal);
    else
        fprintf(stderr, "coebench: %s\n", error->text);
    free(journal);
}

static int run_all(const struct preparation *preparation, const struct run_options *options)
{
    struct job_result result = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    interrupt_catch();
    if (!job_run(preparation, &options->job, &result, &error) ||
        !report(&result.run, options->job.quiet, &error))
        tell_fault(&error, &result.run);
    else
        code = result.incomplete ? EXIT_INCOMPLETE : result.invalid ? EXIT_INVALID : EXIT_DONE;
    job_result_clear(&result);
    return interrupt_asked ? interrupt_exit_code() : code;
}

static void announce(const struct preparation *preparation)
{
    fprintf(stderr, "endpoint: %s, from %s\n", preparation->endpoint.address,
            preparation->endpoint.address_source);
    prepare_print_warnings(&preparation->warnings);
}

static int run(const void *context, char **arguments)
{
    const struct run_options *options = context;
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    if (prepare(&preparation, &options->prepare, arguments[0])) {
        if (!options->job.quiet)
            announce(&preparation);
        code = run_all(&preparation, options);
    }
    prepare_clear(&preparation);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(run_options),
    {"quiet", NULL, OPTION_FLAG, offsetof(struct run_options, job.quiet),
     "say nothing but what is wrong"},
    {"no-progress", NULL, OPTION_FLAG, offsetof(struct run_options, job.no_progress),
     "no live display, even on a terminal"},
    {"verbose", NULL, OPTION_FLAG, offsetof(struct run_options, job.verbose),
     "close each row with all its figures"},
    {0},
};

const struct command command_run = {
    .name = "run",
    .arguments = "[CONFIG]",
    .summary = "run the rows of a config and write results, workbook and page",
    .help =
        "Reads CONFIG (configs/config.yaml where none is named), the CSV of rows it names and\n"
        "the endpoint's address and key from the environment or .env; checks all of it; then\n"
        "runs the rows one after another. Each run gets a folder of its own in\n"
        "output_files_dir, and workbook and page in consolidated_results_dir.\n\n"
        "The first Ctrl-C sends no more and waits stop_grace seconds for what is in flight,\n"
        "the second cancels it; what was measured is written either way. Single failed requests\n"
        "are printed, not punished.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct run_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
