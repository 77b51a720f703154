/* coebench calibrate: learn before a run how each model's endpoint counts tokens, so that prompts
 * have their length from the first one on. */
#include <stdio.h>

#include "command/command.h"
#include "command/notices.h"
#include "command/prepare_options.h"
#include "job/calibrating.h"
#include "job/counter.h"
#include "job/interrupt.h"
#include "job/listing.h"
#include "report/short_name.h"
#include "report/terminal/width.h"

struct calibrate_options {
    struct prepare_words prepare;
    bool requests;
};

static void print_prefix(const struct counting *counting)
{
    if (counting->samples > 0)
        printf("%-40s %15.0f %14.3f\n", "  behind a system message", counting_overhead(counting),
               counting_per_word(counting));
}

static void print_result(const struct counter *counter, bool learned)
{
    char model[256];

    short_name(counter->row->model_name, 40, model, sizeof model);
    printf("%s%*s ", model, 40 - width_of(model), "");
    if (learned && counting_per_word_is_assumed(&counter->counting))
        printf("%15.0f %14s  %s\n", counting_overhead(&counter->counting), "1 (assumed)",
               counter->by);
    else if (learned)
        printf("%15.0f %14.3f  %s\n", counting_overhead(&counter->counting),
               counting_per_word(&counter->counting), counter->by);
    else
        printf("%15s %14s  not counted: %s\n", "–", "–", counter->error.text);
    if (learned)
        print_prefix(&counter->with_prefix);
    fflush(stdout);
}

/* `last` becomes the row where counting may have loaded its model. */
static enum exit_code calibrate_one(const struct calibrating *calibrating, const struct row *row,
                                    bool by_requests, const struct row **last)
{
    struct counter counter = {.preparation = calibrating->preparation, .row = row};
    bool learned = counter_learn(&counter, by_requests);
    struct error error;

    for (size_t i = 0; i < counter.notes.count; i++)
        fprintf(stderr, "note: %s\n", counter.notes.text[i]);
    faults_clear(&counter.notes);
    print_result(&counter, learned);
    if (counter.touched)
        *last = row;
    if (!learned)
        return EXIT_INCOMPLETE;
    if (calibrating_keep(calibrating, &counter, &error))
        return EXIT_DONE;
    fprintf(stderr, "coebench: %s\n", error.text);
    return EXIT_BAD_INPUT;
}

/* Where the run's first model is the last that was counted, nothing has taken its place since. */
static void warn_of_loaded(const struct calibrating *calibrating, const struct row *last)
{
    if (last && last == calibrating->model[0])
        fprintf(stderr,
                "note: counting may have loaded '%s', which the run visits first: that visit may "
                "find it loaded (predecessor_unknown)\n",
                last->model_name);
}

static int calibrate_all(const struct preparation *preparation, bool by_requests)
{
    struct calibrating calibrating;
    const struct row *last = NULL;
    enum exit_code code = EXIT_DONE;

    calibrating_init(&calibrating, preparation);
    printf("%-40s %15s %14s  %s\n", "model", "template tokens", "tokens a word", "counted by");
    for (size_t i = 0; i < calibrating.models && !interrupt_asked && code != EXIT_BAD_INPUT; i++) {
        enum exit_code one = calibrate_one(&calibrating, calibrating.model[i], by_requests, &last);

        code = one != EXIT_DONE ? one : code;
    }
    if (!interrupt_asked)
        warn_of_loaded(&calibrating, last);
    calibrating_clear(&calibrating);
    return interrupt_asked ? interrupt_exit_code() : (int)code;
}

static int calibrate(const void *context, char **arguments)
{
    const struct calibrate_options *options = context;
    struct prepare_options how = prepare_options_of(&options->prepare);
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    interrupt_catch();
    how.recounts = true;
    if (notices_prepare(&preparation, &how, arguments[0])) {
        notices_warn(&preparation.warnings);
        listing_join(&preparation);
        code = calibrate_all(&preparation, options->requests);
    }
    prepare_clear(&preparation);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(calibrate_options),
    {"requests", NULL, OPTION_FLAG, offsetof(struct calibrate_options, requests),
     "ask each model itself, though the endpoint may count without", 0},
    {0},
};

const struct command command_calibrate = {
    .name = "calibrate",
    .arguments = "[CONFIG]",
    .summary = "learn each model's token overhead before a run",
    .help =
        "Learns how the endpoint counts the prompts of each model of the rows: the tokens that\n"
        "its chat template takes, and those a word takes. Later runs read it from\n"
        ".calibration.json in output_files_dir and send prompts of the right length from the\n"
        "first one on. Without it they learn it from a row's first responses.\n\n"
        "Asks the endpoints that count without responding (/messages/count_tokens, /tokenize),\n"
        "else sends each model two short requests; where their streams hold no usage, one more\n"
        "without streaming, beside /extras/tokenize/count where that is there. Impossible counts\n"
        "are not used (0.25 to 8 tokens a word and 0 to 10,000 for the template can).\n"
        "\n"
        "Counting may load a model, at some servers also at those endpoints; so calibrate before\n"
        "a run, not beside one. The run's first model is counted first and another last. With one\n"
        "model, or where several may stay loaded, the run's first visit may find its model\n"
        "loaded: it is marked predecessor_unknown, as after anything that is not known.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = calibrate,
    .options_size = sizeof(struct calibrate_options),
    .exits = {EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_TERMINATED},
};
