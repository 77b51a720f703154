/* coebench calibrate: learn ahead of a run how each model's endpoint counts tokens, so that prompts
 * have their length from the first one on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/interrupt.h"
#include "command/prepare.h"
#include "core/memory.h"
#include "load/fetch.h"
#include "load/load.h"
#include "prompt/words.h"
#include "report/brief.h"
#include "report/terminal.h"
#include "report/width.h"

enum { WORDS_SHORT = 16, WORDS_LONG = 512, WORDS_LONG_LEAST = 64, PROMPTS = 2 };

struct calibrate_options {
    struct prepare_options prepare;
    bool requests;
};

/* A model under calibration. */
struct calibrating {
    const struct preparation *preparation;
    const struct row *row; /* the first that asks for it */
    int64_t words[PROMPTS];
    struct counting counting;
    size_t learned; /* prompts that were counted */
    const char *by; /* the door that counted; NULL: the model's own answers */
    struct error error;
};

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_prompt(const struct calibrating *calibrating, size_t k, struct text *prompt)
{
    uint64_t key[] = {(uint64_t)calibrating->preparation->settings.seed, k};
    struct random random;

    random_init(&random, key, 2);
    words_add(&random, calibrating->words[k], prompt);
}

/* Two lengths tell the template's share from a word's. No longer than what the rows ask for, so
 * that a longer sequence's configuration is not loaded for it. */
static void choose_lengths(struct calibrating *calibrating)
{
    const struct rows *rows = &calibrating->preparation->rows;
    int64_t least = WORDS_LONG;

    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->row[i].model_name, calibrating->row->model_name) == 0 &&
            rows->row[i].input_tokens < least)
            least = rows->row[i].input_tokens;
    }
    calibrating->words[0] = WORDS_SHORT;
    calibrating->words[1] = least > WORDS_LONG_LEAST ? least : WORDS_LONG_LEAST;
}

/* --- Counted at a door ------------------------------------------------------------------------ */

static bool count_at(struct calibrating *calibrating, const struct count_door *door, size_t k)
{
    const struct preparation *preparation = calibrating->preparation;
    char *url = count_url(door, preparation->endpoint.address);
    struct text prompt = {0}, question = {0}, answer = {0};
    int64_t tokens;
    bool done;

    add_prompt(calibrating, k, &prompt);
    count_write_body(calibrating->row->model_name, prompt.bytes, &question);
    done = fetch_post(&preparation->target, url, &question, &answer, &calibrating->error) &&
           (count_read(door, answer.bytes ? answer.bytes : "", answer.length, &tokens) ||
            error_set(&calibrating->error, "%s does not say \"%s\"", url, door->member));
    if (done) {
        counting_learn(&calibrating->counting, calibrating->words[k], tokens);
        calibrating->learned++;
    }
    text_clear(&prompt);
    text_clear(&question);
    text_clear(&answer);
    free(url);
    return done;
}

/* Whether one of the doors counted all prompts. */
static bool count_at_doors(struct calibrating *calibrating)
{
    const struct count_door *door = calibrating->preparation->target.dialect->count_doors;

    for (; door && door->name; door++) {
        calibrating->counting = (struct counting){0};
        calibrating->learned = 0;
        calibrating->by = door->name;
        if (count_at(calibrating, door, 0) && count_at(calibrating, door, 1))
            return true;
    }
    calibrating->by = NULL;
    calibrating->counting = (struct counting){0};
    calibrating->learned = 0;
    return false;
}

/* --- Counted by the model's own answers ------------------------------------------------------- */

static void compose(void *context, struct composed *composed)
{
    const struct calibrating *calibrating = context;
    int64_t words = calibrating->words[composed->index];

    add_prompt(calibrating, composed->index, &composed->prompt);
    composed->asked = (struct asked){.input_tokens = words, .output_tokens = 1, .words = words};
}

static enum load_answer on_request_done(void *context, const struct request *request,
                                        const struct said *said)
{
    struct calibrating *calibrating = context;

    (void)said;
    if (request->end != REQUEST_COMPLETED) {
        error_set(&calibrating->error, "%s", request->message);
    } else if (!(request->usage.input_tokens > 0)) {
        error_set(&calibrating->error, "the answer does not say how many tokens the prompt has");
    } else {
        counting_learn(&calibrating->counting, request->asked.words,
                       llround(request->usage.input_tokens));
        calibrating->learned++;
    }
    return LOAD_GO_ON;
}

static void ignore_progress(void *context, const struct load_progress *progress)
{
    (void)context;
    (void)progress;
}

static void ask_model(struct calibrating *calibrating)
{
    const struct preparation *preparation = calibrating->preparation;
    struct row row = row_copy(calibrating->row);
    struct ask ask = {.model = row.model_name,
                      .output_tokens = 1,
                      .ignore_eos = preparation->settings.ignore_eos,
                      .sampling_params = preparation->settings.sampling_params};
    struct load_result result = {0};
    struct body body = {0};
    struct load load = {.target = &preparation->target,
                        .row = &row,
                        .body = &body,
                        .timeout_s = preparation->settings.timeout_s,
                        .threads = 1,
                        .stop = &interrupt_asked,
                        .context = calibrating,
                        .compose = compose,
                        .on_request_done = on_request_done,
                        .on_progress = ignore_progress};

    row.num_requests = PROMPTS;
    row.concurrent_requests = 1;
    preparation->target.dialect->write_body(&ask, &body);
    load_run(&load, &result, &calibrating->error);
    body_clear(&body);
    row_clear(&row);
}

/* --- One after another ------------------------------------------------------------------------ */

static void print_result(const struct calibrating *calibrating)
{
    const struct row *row = calibrating->row;
    char model[256];

    brief_name(row->model_name, 40, model, sizeof model);
    printf("%s%*s ", model, 40 - width_of(model), "");
    if (calibrating->learned == PROMPTS)
        printf("%15.0f %14.3f  %s\n", counting_overhead(&calibrating->counting),
               counting_per_word(&calibrating->counting),
               calibrating->by ? calibrating->by : "its answers");
    else
        printf("%15s %14s  not counted: %s\n", "–", "–", calibrating->error.text);
    fflush(stdout);
}

static enum exit_code calibrate_one(const struct preparation *preparation, const struct row *row,
                                    bool by_requests)
{
    struct calibrating calibrating = {.preparation = preparation, .row = row};

    choose_lengths(&calibrating);
    if (by_requests || !count_at_doors(&calibrating))
        ask_model(&calibrating);
    print_result(&calibrating);
    if (calibrating.learned < PROMPTS)
        return EXIT_INCOMPLETE;
    if (learned_keep(preparation->learned, row->model_name, "", &calibrating.counting,
                     &calibrating.error))
        return EXIT_DONE;
    fprintf(stderr, "coebench: %s\n", calibrating.error.text);
    return EXIT_BAD_INPUT;
}

static int calibrate_all(const struct preparation *preparation, bool by_requests)
{
    bool failed = false;

    printf("%-40s %15s %14s  %s\n", "model", "template tokens", "tokens a word", "counted by");
    for (size_t i = 0; i < preparation->rows.count && !interrupt_asked; i++) {
        enum exit_code code;

        if (!rows_first_of_model(&preparation->rows, i))
            continue;
        code = calibrate_one(preparation, &preparation->rows.row[i], by_requests);
        if (code == EXIT_BAD_INPUT)
            return code;
        failed |= code != EXIT_DONE;
    }
    return interrupt_asked ? interrupt_exit_code() : failed ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int calibrate(const void *context, char **arguments)
{
    const struct calibrate_options *options = context;
    struct prepare_options how = options->prepare;
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    interrupt_catch();
    how.recounts = true;
    if (prepare(&preparation, &how, arguments[0])) {
        prepare_print_warnings(&preparation.warnings);
        code = calibrate_all(&preparation, options->requests);
    }
    prepare_clear(&preparation);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(calibrate_options),
    {"requests", NULL, OPTION_FLAG, offsetof(struct calibrate_options, requests),
     "ask each model itself, though the endpoint may count without"},
    {0},
};

const struct command command_calibrate = {
    .name = "calibrate",
    .arguments = "[CONFIG]",
    .summary = "learn each model's token overhead ahead of a run",
    .help =
        "Learns how the endpoint counts the prompts of each model of the rows: the tokens that\n"
        "its chat template takes, and those a word takes. Later runs read it from\n"
        ".calibration.json in output_files_dir and send prompts of the right length from the\n"
        "first one on; without, a row's first answers teach it.\n\n"
        "Where the endpoint counts without answering (/messages/count_tokens, /tokenize), no\n"
        "model is touched. Else each model gets two short requests, for which a node loads it;\n"
        "so calibrate before a run, not beside one.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = calibrate,
    .options_size = sizeof(struct calibrate_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
