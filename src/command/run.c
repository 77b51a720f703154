/* coebench run: the main job. Reads what is asked, runs the rows one after another, and leaves a
 * run directory and a workbook. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"
#include "command/interrupt.h"
#include "command/job.h"
#include "command/prepare.h"
#include "command/reports.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/study_table.h"
#include "report/terminal.h"
#include "store/journal.h"
#include "store/manifest_content.h"
#include "store/study_file.h"

struct run_options {
    struct prepare_options prepare;
    struct job_options job;
};

/* What its steps come to, those of before it was gone on with among them. */
static int judge(const struct results *results)
{
    int code = EXIT_DONE;

    for (size_t i = 0; i < results->count; i++) {
        const struct step *step = &results->step[i];

        if (step->end != STEP_DONE || step->completed == 0)
            return EXIT_INCOMPLETE;
        if (step->health.verdict == MEASUREMENT_INVALID)
            code = EXIT_INVALID;
    }
    return code;
}

/* Everything a person is shown is made from the run directory, as it would be a year later. Reports
 * of a run that was whole before are left as they are: somebody may have worked in them. */
static bool report(const struct run *run, bool was_whole, bool quiet, int *code,
                   struct error *error)
{
    char *folders[] = {run->folder, NULL};
    char *base = memory_bytes(run->workbook, strlen(run->workbook) - strlen(".xlsx"));
    struct runs runs = {0};
    bool done = runs_read(folders, &runs, error) &&
                ((was_whole && file_exists(run->workbook)) ||
                 (study_file_write(run->folder, &runs.study, runs.results, error) &&
                  reports_write(&runs, base, error)));

    if (done && !quiet) {
        terminal_table(stdout, runs.results);
        study_table_rows(stdout, &runs.study);
        terminal_study_end(stdout, runs.results);
        printf("\nresults:  %s\n", run->folder);
        reports_name(base);
        if (interrupt_asked)
            printf("go on by: coebench run --resume %s\n", run->folder);
    }
    if (done)
        *code = judge(runs.results);
    free(base);
    runs_clear(&runs);
    return done;
}

/* What is wrong, and where to find what a run that cannot go on has measured by then. */
static void tell_fault(const struct error *error, const struct run *run)
{
    char *journal = run->folder ? file_join(run->folder, journal_file_name) : NULL;
    struct stat about;

    if (journal && stat(journal, &about) == 0 && about.st_size > 0)
        fprintf(stderr,
                "coebench: %s; what was measured so far is in %s; 'coebench run --resume %s' goes "
                "on with it\n",
                error->text, journal, run->folder);
    else
        fprintf(stderr, "coebench: %s\n", error->text);
    free(journal);
}

static int run_all(const struct preparation *preparation, const struct run_options *options,
                   bool was_whole)
{
    struct run run = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    interrupt_catch();
    if (!job_run(preparation, &options->job, &run, &error) ||
        !report(&run, was_whole, options->job.quiet, &code, &error))
        tell_fault(&error, &run);
    run_clear(&run);
    return interrupt_asked ? interrupt_exit_code() : code;
}

static void announce(const struct preparation *preparation)
{
    fprintf(stderr, "endpoint: %s, from %s\n", preparation->endpoint.address,
            preparation->endpoint.address_source);
    prepare_print_warnings(&preparation->warnings);
}

static int run_prepared(const struct run_options *options, const struct prepare_options *how,
                        const char *config)
{
    const char *status = how->resumes ? manifest_find(how->resumes, "status") : NULL;
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    if (prepare(&preparation, how, config)) {
        if (!options->job.quiet)
            announce(&preparation);
        code = run_all(&preparation, options, status && strcmp(status, "done") == 0);
    }
    prepare_clear(&preparation);
    return code;
}

/* Paths of a config are looked for from the working directory. */
static void tell_folder(const struct manifest_content *before)
{
    const char *then = manifest_find(before, "working_directory");
    char *now = getcwd(NULL, 0);

    if (then && now && strcmp(then, now) != 0)
        fprintf(stderr, "note: the run was begun in %s, and this is %s\n", then, now);
    free(now);
}

/* The run itself tells what was asked; what is asked besides must be the same. */
static int resume(const struct run_options *options, const char *config)
{
    struct prepare_options how = options->prepare;
    struct manifest_content before = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (options->prepare.name) {
        fputs("coebench: a run that is gone on with has its name; leave out --name\n", stderr);
    } else if (!manifest_read(options->job.resume, &before, &error)) {
        fprintf(stderr, "coebench: %s; no run there can be gone on with\n", error.text);
    } else {
        how.resumes = &before;
        tell_folder(&before);
        code = run_prepared(options, &how, config ? config : manifest_find(&before, "config.path"));
    }
    manifest_content_clear(&before);
    return code;
}

static int run(const void *context, char **arguments)
{
    const struct run_options *options = context;

    return options->job.resume ? resume(options, arguments[0])
                               : run_prepared(options, &options->prepare, arguments[0]);
}

static const struct option options[] = {
    PREPARE_OPTIONS(run_options),
    {"resume", "DIR", OPTION_TEXT, offsetof(struct run_options, job.resume),
     "go on with a run that was cut off"},
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
        "are printed, not punished.\n\n"
        "With --resume DIR a run that was cut off, by whatever it was, is gone on with: steps "
        "that\n"
        "have ended are not sent again, one that was under way starts over, and what of it was\n"
        "measured before stays beside it. Config, CSV and order must be those it was begun with.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct run_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
