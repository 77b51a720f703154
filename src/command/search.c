/* coebench search: the highest load that keeps its slo, row by row, as one run that is steered. */
#include "search/search.h"

#include "command/carrying_out.h"
#include "command/command.h"
#include "command/notices.h"
#include "command/prepare_options.h"

struct search_options {
    struct prepare_words prepare;
    struct job_options job;
};

/* Refuses what cannot be searched, before anything is sent; else takes the steering over. */
static bool on_prepared(void *context, struct preparation *preparation, struct job_options *job)
{
    struct search **search = context;
    struct faults faults = {0};
    bool sound = search_check(preparation, &faults, &preparation->warnings);

    if (sound) {
        *search = search_new(preparation);
        job->guide = search_guide(*search);
    } else {
        notices_warn(&preparation->warnings);
        notices_refuse(&faults);
    }
    faults_clear(&faults);
    return sound;
}

static int run(const void *context, char **arguments)
{
    const struct search_options *options = context;
    const struct prepare_options how = prepare_options_of(&options->prepare);
    struct search *search = NULL;
    const struct carrying_out out = {.job = options->job,
                                     .command = "search",
                                     .on_prepared = on_prepared,
                                     .context = &search,
                                     .verdict = search_verdict};
    int code = options->job.resume ? carry_out_resumption(&how, &out, arguments[0])
                                   : carry_out_config(&how, &out, arguments[0]);

    if (search)
        search_free(search);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(search_options),
    {"resume", "DIR", OPTION_TEXT, offsetof(struct search_options, job.resume),
     "resume a search that was cut off", 0},
    KEEPING_OPTIONS(search_options),
    SHOWING_OPTIONS(search_options),
    METRICS_OPTION(search_options),
    {0},
};

const struct command command_search = {
    .name = "search",
    .arguments = "[CONFIG]",
    .summary = "find the highest load of each row that keeps its slo",
    .help =
        "Reads what run would, and searches for each row and each mix the highest load at which\n"
        "at least search.goodput_share of the requests keep slo and, in open loop, the endpoint\n"
        "keeps up: qps of rows that have qps, else concurrent_requests; of a mix all rows\n"
        "together, of a trace its trace_speed. Their own load is where it begins. Without slo it\n"
        "looks for saturation alone: in open loop the rate that the endpoint keeps up with, in a\n"
        "closed loop the knee of its throughput.\n\n"
        "Doubles the load until a step breaks slo, then goes where a fitted curve has the load.\n"
        "Each step ends as soon as its test is clear. Prints a line for each, and the load with a\n"
        "90 % interval. The run's folder and reports are those of run, each step an ordinary "
        "one.\n\n"
        "Steps that fail at loads above the result do not change the exit code: 0 also where slo\n"
        "is never kept. 4 where this machine cannot send what would be needed.\n\n"
        "--resume DIR resumes a search that was cut off; its steps lead on as they did.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
    .options_size = sizeof(struct search_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
    .reports_loss = true,
};
