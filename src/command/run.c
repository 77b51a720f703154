/* coebench run: the main job. Reads what is asked, runs the rows one after another, and leaves a
 * run directory and a workbook. */
#include "command/carrying_out.h"
#include "command/command.h"
#include "command/prepare_options.h"

struct run_options {
    struct prepare_words prepare;
    struct job_options job;
};

static int run(const void *context, char **arguments)
{
    const struct run_options *options = context;
    const struct prepare_options how = prepare_options_of(&options->prepare);
    const struct carrying_out out = {.job = options->job};

    if (options->job.resume)
        return carry_out_resumption(&how, &out, arguments[0]);
    return carry_out_config(&how, &out, arguments[0]);
}

static const struct option options[] = {
    PREPARE_OPTIONS(run_options),
    {"resume", "DIR", OPTION_TEXT, offsetof(struct run_options, job.resume),
     "resume a run that was cut off", 0},
    KEEPING_OPTIONS(run_options),
    SHOWING_OPTIONS(run_options),
    METRICS_OPTION(run_options),
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
        "--resume DIR resumes a run that was cut off, for whatever reason. Steps that have ended\n"
        "are not sent again. A step that was under way starts over; what it had measured stays\n"
        "beside it. Config, CSV and order must be those that the run was started with.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct run_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
    .reports_loss = true,
};
