/* coebench trace: what a trace holds, before anything is sent. */
#include <stdio.h>

#include "command/command.h"
#include "core/text.h"
#include "core/word.h"
#include "report/trace_figures.h"
#include "traffic/census.h"

struct trace_options {
    const char *speed, *from, *span;
    bool json;
};

/* 0 where none is given. */
static bool read_number(const char *option, const char *given, bool zero, double *number)
{
    static const double most = 1e9;

    *number = 0;
    if (!given ||
        (word_number(given, number) && (*number > 0 || (zero && *number == 0)) && *number <= most))
        return true;
    fprintf(stderr, "coebench trace: --%s takes a number %s, up to %.0f, not '%.60s'\n", option,
            zero ? "of 0 or more" : "above 0", most, given);
    return false;
}

static bool read_window(const struct trace_options *options, struct trace_window *window)
{
    return read_number("speed", options->speed, false, &window->speed) &&
           read_number("from", options->from, true, &window->from_s) &&
           read_number("for", options->span, false, &window->for_s);
}

static void print(const char *path, const struct census *census, bool json)
{
    struct text text = {0};

    if (json) {
        trace_figures_add_json(&text, path, census);
        fputs(text.bytes, stdout);
    } else {
        trace_figures_print(stdout, path, census);
    }
    text_clear(&text);
}

static int trace(const void *context, char **arguments)
{
    const struct trace_options *options = context;
    struct trace_window window = {0};
    struct census census = {0};
    struct error error;
    bool done;

    if (!read_window(options, &window))
        return EXIT_BAD_INPUT;
    done = census_take(&census, arguments[0], &window, &error);
    if (done)
        print(arguments[0], &census, options->json);
    else
        fprintf(stderr, "coebench: %s\n", error.text);
    census_clear(&census);
    return done ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct option options[] = {
    {"speed", "X", OPTION_TEXT, offsetof(struct trace_options, speed),
     "as it is when it is sent X times as fast; default 1", 0},
    {"from", "S", OPTION_TEXT, offsetof(struct trace_options, from),
     "from S seconds behind its first line on; default 0", 0},
    {"for", "S", OPTION_TEXT, offsetof(struct trace_options, span),
     "so many seconds of it; default all", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct trace_options, json), "print one JSON object", 'j'},
    {0},
};

const struct command command_trace = {
    .name = "trace",
    .arguments = "FILE",
    .summary = "show what a trace of requests holds",
    .help =
        "Reads a trace and prints its requests, rate over time, lengths, models, sessions and how\n"
        "many blocks of its prompts had come before. It sends nothing. The format is told by what\n"
        "stands in the file:\n\n"
        "  Mooncake   JSON lines with timestamp (ms), input_length, output_length, hash_ids\n"
        "  Azure      CSV with TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "  BurstGPT   CSV with Timestamp,Model,Request tokens,Response tokens, and Session ID\n"
        "  coebench   JSON lines with at_s, model, input_tokens, output_tokens, session, turn\n\n"
        "'coebench export --format trace' writes the last one from a run. Lines must stand in the\n"
        "order of their moments; a line that cannot be read ends the reading, and is named.\n"
        "'coebench help traffic' tells more.",
    .options = options,
    .least = 1,
    .most = 1,
    .run = trace,
    .options_size = sizeof(struct trace_options),
};
