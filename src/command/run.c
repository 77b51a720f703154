/* coebench run: the main job. Reads what is asked, runs the rows one after another, and leaves a
 * run directory and a workbook. */
#include <stdio.h>

#include "cluster/cluster.h"
#include "command/carrying_out.h"
#include "command/command.h"
#include "command/prepare_options.h"
#include "job/following.h"
#include "job/leading.h"

struct run_options {
    struct prepare_words prepare;
    struct job_options job;
};

static int lead(const struct run_options *options, struct leading *leading, char **arguments)
{
    const struct prepare_options how = prepare_options_of(&options->prepare);
    struct carrying_out out = {.job = options->job};

    out.job.leading = leading;
    if (options->job.resume)
        return carry_out_resumption(&how, &out, arguments[0]);
    return carry_out_config(&how, &out, arguments[0]);
}

/* Of several ranks the first runs it as ever, and the others do what it says. */
static int run_as(struct cluster *cluster, const struct run_options *options, char **arguments)
{
    struct leading *leading;
    struct error error;
    int code = EXIT_DONE;

    if (cluster->rank > 0) {
        if (!following_run(cluster, &error)) {
            fprintf(stderr, "coebench: rank %zu: %s\n", cluster->rank, error.text);
            code = EXIT_BAD_INPUT;
        }
        return code;
    }
    leading = cluster->ranks > 1 ? leading_new(cluster) : NULL;
    code = lead(options, leading, arguments);
    leading_free(leading);
    return code;
}

static int run(const void *context, char **arguments)
{
    struct cluster cluster;
    struct error error;
    int code;

    if (!cluster_join(&cluster, &error)) {
        fprintf(stderr, "coebench: %s\n", error.text);
        return EXIT_BAD_INPUT;
    }
    code = run_as(&cluster, context, arguments);
    cluster_close(&cluster);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(run_options),
    {"resume", "DIR", OPTION_TEXT, offsetof(struct run_options, job.resume),
     "resume a run that was cut off", 0},
    KEEPING_OPTIONS(run_options),
    SHOWING_OPTIONS(run_options),
    METRICS_OPTION(run_options),
    {"ml_repo", "URI|NAME", OPTION_TEXT, offsetof(struct run_options, prepare.options.ml_repo),
     "send the run to an MLflow server at its end: mlflow.uri, or mlflow.experiment at "
     "MLFLOW_TRACKING_URI",
     0},
    {"run_name", "NAME", OPTION_TEXT, offsetof(struct run_options, prepare.options.ml_run),
     "mlflow.run_name: what the run is called there", 0},
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
        "Where mpirun has started several processes of what 'make mpi' builds, they share the "
        "run:\n"
        "the first of them keeps it, and each sends its part ('coebench help cluster').\n\n"
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
