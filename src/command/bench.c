/* coebench bench: a run whose rows were typed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/bench_words.h"
#include "command/carrying_out.h"
#include "command/exporting.h"
#include "command/notices.h"
#include "core/clean.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/unit.h"
#include "job/interrupt.h"
#include "job/typed_run.h"
#include "plan/advice.h"
#include "report/terminal/terminal.h"
#include "store/manifest.h"

/* --- What it will do -------------------------------------------------------------------------- */

static void add_tokens(const char *mean, const char *spread, const char *kind, struct text *text)
{
    if (mean)
        text_printf(text, "%s%s%s %s", mean, spread ? " ± " : "", spread ? spread : "", kind);
    else
        text_printf(text, "%s", kind);
}

/* "2 models, each at concurrency 1, 4: 4 rows, 40 requests of 1000 input and 1000 output tokens" */
static void describe(const struct bench_asked *asked, const struct preparation *preparation,
                     const struct advice_totals *totals, struct text *text)
{
    const char *const *cell = asked->row.cell;
    char count[UNIT_TEXT];

    if (asked->models.count == 1) {
        char *model = clean_copy(asked->models.item[0], CLEAN_LINE);

        text_printf(text, "'%s' at ", model);
        free(model);
    } else {
        text_printf(text, "%s, each at ", unit_count(asked->models.count, "model", NULL, count));
    }
    text_add_string(text, asked->open_loop ? "" : "concurrency ");
    for (size_t i = 0; i < asked->loads.count; i++)
        text_printf(text, "%s%s", i > 0 ? ", " : "", asked->loads.item[i]);
    text_add_string(text, asked->open_loop ? " requests/s: " : ": ");
    if (preparation->rows.count > 1)
        text_printf(text, "%s, ", unit_count(preparation->rows.count, "row", NULL, count));
    if (cell[TYPED_DURATION])
        text_printf(text, "%s s%s%s%s", cell[TYPED_DURATION],
                    cell[TYPED_REQUESTS] ? ", at most " : "",
                    cell[TYPED_REQUESTS] ? cell[TYPED_REQUESTS] : "",
                    cell[TYPED_REQUESTS] ? " requests" : "");
    else
        text_printf(text, "%s", unit_count((size_t)totals->requests, "request", NULL, count));
    text_add_string(text, " of ");
    add_tokens(cell[TYPED_INPUT_TOKENS], cell[TYPED_STDDEV_INPUT_TOKENS], "input", text);
    text_add_string(text, " and ");
    add_tokens(cell[TYPED_OUTPUT_TOKENS], cell[TYPED_STDDEV_OUTPUT_TOKENS], "output tokens", text);
}

static void announce(const struct bench_asked *asked, const struct preparation *preparation,
                     const struct run *run)
{
    struct advice_totals totals =
        advice_total(&preparation->rows, &preparation->order, &preparation->settings);
    struct text text = {0};
    char time[48];

    describe(asked, preparation, &totals, &text);
    terminal_note(stderr, COLOUR_NONE, "bench: %s", text.bytes);
    terminal_duration(totals.seconds, time, sizeof time);
    terminal_note(stderr, COLOUR_NONE,
                  "about %s, if a first token takes %g s and each response then runs at %g "
                  "tokens/s; results: %s",
                  time, ADVICE_TTFT_S, ADVICE_TOKENS_PER_S,
                  asked->results ? run->folder : "printed, and no files");
    text_clear(&text);
}

/* --- The run ---------------------------------------------------------------------------------- */

/* Where the environment gives no address, the command line may. */
static void tell_how_to_name(const struct preparation *preparation)
{
    const char *api = api_names[preparation->settings.llm_api];

    if (!preparation->endpoint.address)
        fprintf(stderr,
                "coebench bench: --url URL gives the address too; --api says which kind of "
                "endpoint, and is %s here\n",
                api);
}

/* Whether the run's directory holds one. */
static bool has_begun(const struct run *run)
{
    char *manifest = file_join(run->folder, manifest_file_name);
    bool begun = file_exists(manifest);

    free(manifest);
    return begun;
}

/* Behind the run's own reports: as another tool has them. */
static int export_also(const struct exporting *exporting, const char *folder, int code)
{
    int exported = EXIT_DONE;

    if (!exporting->writer && !exporting->print)
        return code;
    exporting_run(exporting, folder, NULL, &exported);
    return code == EXIT_DONE ? exported : code;
}

static int run_typed(const struct bench_options *options, const struct bench_asked *asked,
                     struct typed_run *typed)
{
    struct prepare_options how = prepare_options_of(&options->prepare);
    struct carrying_out carried = {.job = options->job, .no_reports = !asked->results};
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    how.api = NULL; /* the config has it */
    how.name = asked->name;
    how.tokenizer = asked->tokenizer;
    how.ml_repo = asked->ml_repo;
    how.ml_run = asked->ml_repo ? options->run_name : NULL;
    how.made = carried.job.made = true;
    carried.job.no_advice = !asked->results; /* which names the config */
    if (notices_prepare(&preparation, &how, typed->config)) {
        if (!options->job.quiet)
            announce(asked, &preparation, &typed->run);
        carry_out_announce(&preparation, &options->job);
        code = carry_out(&preparation, &carried, &typed->run);
    } else {
        tell_how_to_name(&preparation);
    }
    if (has_begun(&typed->run))
        code = export_also(&asked->exporting, typed->run.folder, code);
    else
        typed_run_abandon(typed);
    prepare_clear(&preparation);
    return code;
}

static int run_in(const struct bench_options *options, const struct bench_asked *asked,
                  const char *results)
{
    struct typed_run typed = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (typed_run_make(&typed, results, asked->name, &asked->rows, &asked->config, &error))
        code = run_typed(options, asked, &typed);
    else
        fprintf(stderr, "coebench: %s\n", error.text);
    typed_run_clear(&typed);
    return code;
}

static int run_asked(const struct bench_options *options, const struct bench_asked *asked)
{
    struct error error;
    char *temporary;
    int code;

    interrupt_catch();
    if (asked->results)
        return run_in(options, asked, asked->results);
    temporary = file_make_temporary_folder(&error);
    if (!temporary) {
        fprintf(stderr, "coebench: %s\n", error.text);
        return EXIT_BAD_INPUT;
    }
    code = run_in(options, asked, temporary);
    file_remove_folder(temporary);
    free(temporary);
    return code;
}

static int resume(const struct bench_options *options)
{
    const struct prepare_options how = prepare_options_of(&options->prepare);
    struct exporting exporting;
    int code;

    if (!bench_resumes_alone(options) ||
        !exporting_read("bench", options->format, options->print, &exporting))
        return EXIT_BAD_INPUT;
    code = carry_out_resumption(&how, &(struct carrying_out){.job = options->job}, NULL);
    return code == EXIT_BAD_INPUT ? code : export_also(&exporting, options->job.resume, code);
}

static int bench(const void *context, char **arguments)
{
    const struct bench_options *options = context;
    struct bench_asked asked = {0};
    int code = EXIT_BAD_INPUT;

    (void)arguments;
    if (options->job.resume)
        return resume(options);
    if (bench_read(options, &asked))
        code = run_asked(options, &asked);
    bench_asked_clear(&asked);
    return code;
}

/* --- The command ------------------------------------------------------------------------------ */

#define TEXT(field) OPTION_TEXT, offsetof(struct bench_options, field)

static const struct option options[] = {
    {"model", "M[,N]", OPTION_TEXTS, offsetof(struct bench_options, models),
     "the model, as the endpoint names it; of several, each gets its rows", 'm'},
    {"input-tokens", "N", TEXT(input_tokens), "tokens of a prompt; default 1000", 'i'},
    {"stddev-input-tokens", "N", TEXT(stddev_input_tokens),
     "their standard deviation, normal and cut at 1; default 0", 0},
    {"output-tokens", "N", TEXT(output_tokens), "the most tokens of a response; default 1000", 'o'},
    {"stddev-output-tokens", "N", TEXT(stddev_output_tokens), "their standard deviation likewise",
     0},
    {"requests", "N", TEXT(requests),
     "requests of each row; default 10, or twice the concurrency where that is more", 'n'},
    {"duration", "S", TEXT(duration),
     "seconds that each row sends for; --requests is then the most it sends", 0},
    {"concurrency", "N[,N]", TEXT(concurrency),
     "requests at once; default 1; of a list, a row each", 'c'},
    {"qps", "N[,N]", TEXT(qps), "requests per second, sent by the clock; of a list, a row each", 0},
    {"distribution", "constant|uniform|exponential|gamma", TEXT(distribution),
     "how times between sends are drawn with --qps; default constant", 0},
    SHAPE_OPTIONS(bench_options),
    {"image", "small|medium|large", TEXT(image), "an image goes with each prompt", 0},
    {"dataset", "FILE", TEXT(dataset), "prompts come from this file", 0},
    {"warmup-requests", "N", TEXT(warmup_requests), "of each row, ahead of those that count", 0},
    {"cooldown-requests", "N", TEXT(cooldown_requests), "of each row, behind those that count", 0},
    TOKENIZER_OPTION(bench_options),
    ENDPOINT_OPTIONS(bench_options),
    {"timeout", "S", TEXT(timeout),
     "a row stops after so many seconds; requests in flight are cancelled; default 600", 0},
    {"results-dir", "DIR", TEXT(results_dir),
     "where the run gets a folder, and workbook and page stand; default results", 0},
    {"sampling-params", "JSON", TEXT(sampling_params),
     "sent with every request as they are, such as '{\"temperature\": 0}'", 0},
    {"name", "NAME", TEXT(prepare.options.name), "name of the run's folder and workbook", 0},
    {"label", "K=V", OPTION_TEXTS, offsetof(struct bench_options, labels),
     "a text that reports show, such as --label release=2.4 (may be repeated)", 0},
    {"set", "KEY=VALUE", OPTION_TEXTS, offsetof(struct bench_options, prepare.set),
     "change a setting, such as --set seed=7 (may be repeated)", 0},
    {"no-files", NULL, OPTION_FLAG, offsetof(struct bench_options, no_files),
     "keep nothing: the run's folder is a temporary one", 0},
    {"format", EXPORT_FORMATS, TEXT(format),
     "write the run once more, into RUN_FORMAT, as export does; llmperf: as LLMPerf writes it", 0},
    {"print", EXPORTING_PRINTED, TEXT(print),
     "print LLMPerf's summary of each row behind the run's own; with --quiet that alone", 0},
    {"resume", "DIR", TEXT(job.resume), "resume a run that was cut off", 0},
    SHOWING_OPTIONS(bench_options),
    {"mean-input-tokens", "N", TEXT(input_tokens), "LLMPerf's name of --input-tokens", 0},
    {"mean-output-tokens", "N", TEXT(output_tokens), "LLMPerf's name of --output-tokens", 0},
    {"num-concurrent-requests", "N[,N]", TEXT(concurrency), "LLMPerf's name of --concurrency", 0},
    {"max-num-completed-requests", "N", TEXT(requests), "LLMPerf's name of --requests", 0},
    {"llm-api", API_WORDS, TEXT(prepare.options.api), "LLMPerf's name of --api", 0},
    {"additional-sampling-params", "JSON", TEXT(sampling_params),
     "LLMPerf's name of --sampling-params", 0},
    {"metadata", "K=V[,K=V]", TEXT(metadata), "LLMPerf's name of --label", 0},
    {"run_name", "NAME", TEXT(run_name),
     "LLMPerf's name of --name; one that cannot name the folder is passed over", 0},
    {"tokenizer_id", "ID", TEXT(tokenizer_id),
     "LLMPerf's name of --tokenizer; one that is not on this machine is passed over", 0},
    {"ml_repo", "URI|NAME", TEXT(ml_repo),
     "send the run to MLflow: a server, or an experiment at MLFLOW_TRACKING_URI", 0},
    {0},
};

const struct command command_bench = {
    .name = "bench",
    .arguments = "",
    .summary = "measure models by one line, without a config and a CSV",
    .help =
        "Runs the rows that its options ask for, a row for each model at each load, prints first\n"
        "what that comes to, and leaves what run leaves: a folder with JSON files per row, a\n"
        "workbook and a page. --model alone takes 1000 tokens in, 1000 out, 10 requests, one at a\n"
        "time, and the endpoint of OPENAI_API_BASE.\n\n"
        "The rows and a config stand in the run's folder, as inputs/rows.csv and\n"
        "inputs/config.yaml. So plan, report and compare take such a run as any other, and\n"
        "--resume DIR resumes it, here and with run; where it was started with --url, that is\n"
        "given again. Where an address of --url has no key, 'none' is sent in its place.\n\n"
        "LLMPerf's options are taken too: 'coebench bench' stands in the place of 'python\n"
        "token_benchmark_ray.py'.",
    .options = options,
    .least = 0,
    .most = 0,
    .run = bench,
    .options_size = sizeof(struct bench_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
    .reports_loss = true,
};
