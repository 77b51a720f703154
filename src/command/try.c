/* coebench try: a handful of requests to a model, or to several in turns, and what they showed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/api_words.h"
#include "command/command.h"
#include "command/notices.h"
#include "core/file.h"
#include "core/word.h"
#include "job/interrupt.h"
#include "job/job.h"
#include "job/quick_run.h"
#include "job/verdict.h"
#include "plan/settings.h"
#include "report/quick_figures.h"

struct try_options {
    const char *url, *api;
    const char *requests, *concurrency, *input_tokens, *output_tokens;
    bool json;
};

enum { MODELS_MOST = 32, REQUESTS = 5, INPUT_TOKENS = 100, OUTPUT_TOKENS = 64, MOST = 100000 };

/* --- What is asked ---------------------------------------------------------------------------- */

/* `fallback` where none is given. */
static bool read_number(const char *option, const char *given, int64_t fallback, int64_t *number)
{
    *number = fallback;
    if (!given || (word_integer(given, number) && *number >= 1 && *number <= MOST))
        return true;
    fprintf(stderr, "coebench try: --%s takes a whole number from 1 to %d, not '%.60s'\n", option,
            MOST, given);
    return false;
}

/* So that some of them find the model loaded, where others go before. */
static int64_t requests_by_default(int64_t concurrency)
{
    return concurrency < REQUESTS ? REQUESTS : 2 * concurrency;
}

static bool read_numbers(const struct try_options *options, struct quick_run_asked *asked)
{
    return read_number("concurrency", options->concurrency, 1, &asked->concurrency) &&
           read_number("requests", options->requests, requests_by_default(asked->concurrency),
                       &asked->requests) &&
           read_number("input-tokens", options->input_tokens, INPUT_TOKENS, &asked->input_tokens) &&
           read_number("output-tokens", options->output_tokens, OUTPUT_TOKENS,
                       &asked->output_tokens);
}

static bool read_asked(const struct try_options *options, char **models,
                       struct quick_run_asked *asked)
{
    *asked = (struct quick_run_asked){.model = models, .api = options->api};
    if (!asked->api)
        asked->api = options->url ? api_by_key() : api_names[API_SNCLOUD];
    while (models[asked->models])
        asked->models++;
    return read_numbers(options, asked) && api_is_known("try", asked->api);
}

/* --- The run, and what it showed -------------------------------------------------------------- */

static bool print(const struct run *run, bool json, int *code, struct error *error)
{
    char *folders[] = {run->folder, NULL}, *csv = file_join(run->folder, "requests.csv");
    struct runs runs = {0};
    struct detail detail = {0};
    struct text text = {0};
    bool done = runs_read(folders, &runs, error) && detail_read(&runs.report, csv, &detail, error);

    notices_warn(&runs.notes);
    if (done && json) {
        quick_figures_add_json(&runs, &detail, &text);
        fputs(text.bytes, stdout);
    } else if (done) {
        quick_figures_print(stdout, &runs, &detail);
    }
    if (done)
        *code = verdict_of(runs.results);
    text_clear(&text);
    detail_clear(&detail);
    free(csv);
    runs_clear(&runs);
    return done;
}

static int run_quick(const struct preparation *preparation, bool json)
{
    const struct job_options how = {.quiet = json || !isatty(STDERR_FILENO), .no_advice = true};
    struct run run = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (!job_run(preparation, &how, &run, &error) || !print(&run, json, &code, &error))
        fprintf(stderr, "coebench: %s\n", error.text);
    run_clear(&run);
    return interrupt_asked ? interrupt_exit_code() : code;
}

static int try_models(const void *context, char **arguments)
{
    const struct try_options *options = context;
    const struct prepare_options how = {.url = options->url};
    struct preparation preparation = {0};
    struct quick_run_asked asked;
    struct quick_run quick = {0};
    struct error error;
    int code = EXIT_BAD_INPUT;

    if (!read_asked(options, arguments, &asked))
        return code;
    interrupt_catch();
    if (!quick_run_make(&quick, &asked, &error))
        fprintf(stderr, "coebench: %s\n", error.text);
    else if (notices_prepare(&preparation, &how, quick.config))
        code = run_quick(&preparation, options->json);
    prepare_clear(&preparation);
    quick_run_clear(&quick);
    return code;
}

static const struct option options[] = {
    {"url", "URL", OPTION_TEXT, offsetof(struct try_options, url),
     "the endpoint, such as http://localhost:8000/v1; default: the environment's", 'u'},
    {"requests", "N", OPTION_TEXT, offsetof(struct try_options, requests),
     "of each visit to a model; default 5, or twice the concurrency", 'n'},
    {"concurrency", "N", OPTION_TEXT, offsetof(struct try_options, concurrency),
     "requests at once; default 1", 'c'},
    {"input-tokens", "N", OPTION_TEXT, offsetof(struct try_options, input_tokens),
     "tokens of a prompt; default 100", 'i'},
    {"output-tokens", "N", OPTION_TEXT, offsetof(struct try_options, output_tokens),
     "the most tokens of a response; default 64", 'o'},
    {"api", API_WORDS, OPTION_TEXT, offsetof(struct try_options, api),
     "which kind of endpoint; default sncloud, with --url by whose key there is", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct try_options, json), "print one JSON object", 'j'},
    {0},
};

const struct command command_try = {
    .name = "try",
    .arguments = "MODEL…",
    .summary = "send a model a handful of requests and print what they took",
    .help =
        "Sends each MODEL a few requests and prints TTFT, the time between tokens, speed, tokens\n"
        "and how responses finished. Of several models each is visited twice, in turns, and what\n"
        "the switch from each to the next costs is printed too.\n\n"
        "It needs no config and leaves no files: it is a run like any other in a temporary "
        "folder,\n"
        "which is removed at its end. Address and key come from the environment or .env, as those\n"
        "of a run. With --url the address comes from there; where there is no key either, 'none' "
        "is\n"
        "sent in its place, for servers that ask for none.",
    .options = options,
    .least = 1,
    .most = MODELS_MOST,
    .run = try_models,
    .options_size = sizeof(struct try_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INVALID, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
