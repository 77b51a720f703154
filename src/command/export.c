/* coebench export: results in other formats, from run directories alone. */
#include <stdio.h>

#include "command/command.h"
#include "command/exporting.h"
#include "command/sending_to.h"

struct export_options {
    const char *format, *output, *print;
    const char *to;
    struct sending sending;
};

static int export(const void *context, char **arguments)
{
    const struct export_options *options = context;
    struct exporting exporting;
    int code = options->to ? sending_to(options->to, &options->sending, arguments) : EXIT_DONE;

    if (options->to && !options->format && !options->print)
        return code;
    if (!options->format && !options->print) {
        fputs("coebench export: --format or --to is missing; --format takes " EXPORT_FORMATS
              ", --to " SENDING_SERVICES "\n",
              stderr);
        return EXIT_BAD_INPUT;
    }
    if (!exporting_read("export", options->format, options->print, &exporting))
        return EXIT_BAD_INPUT;
    for (; *arguments; arguments++)
        exporting_run(&exporting, *arguments, options->output, &code);
    return code;
}

static const struct option options[] = {
    {"format", EXPORT_FORMATS, OPTION_TEXT, offsetof(struct export_options, format),
     "csv, jsonl: tables of steps and requests; kit: files as the starter kit writes them, for its "
     "notebooks; llmperf: as LLMPerf does; markdown: one page; trace: its requests, for 'coebench "
     "trace'",
     0},
    {"print", EXPORTING_PRINTED, OPTION_TEXT, offsetof(struct export_options, print),
     "print LLMPerf's summary of each row; no --format is needed", 0},
    {"output", "DIR", OPTION_TEXT, offsetof(struct export_options, output),
     "write DIR/RUN (default: RUN_FORMAT beside the run)", 'o'},
    {"to", SENDING_SERVICES, OPTION_TEXT, offsetof(struct export_options, to),
     "send the run to a service; no --format is needed", 0},
    {"experiment", "NAME", OPTION_TEXT, offsetof(struct export_options, sending.experiment),
     "what MLflow files it under (default: coebench)", 0},
    {"run-name", "NAME", OPTION_TEXT, offsetof(struct export_options, sending.run_name),
     "what MLflow calls it (default: the run's name)", 0},
    {0},
};

const struct command command_export = {
    .name = "export",
    .arguments = "RUN…",
    .summary = "write runs in another format",
    .help =
        "Reads run directories and writes each in another format into a folder of its own, never\n"
        "over one that is there. Comparisons pass these folders over. With --format csv or jsonl "
        "a\n"
        "folder holds two tables, of steps and of requests; with --format kit it\n"
        "holds summaries and responses with the starter kit's keys alone, so that its notebooks,\n"
        "which compute the switching time themselves, run over it; with --format llmperf two of\n"
        "each row, by LLMPerf's definitions; with --format markdown one page for a message: the\n"
        "sentence that reports open with, and figures; with --format trace a line for each\n"
        "request: when it was to leave, its model and its tokens. A step with a broken file is "
        "left out\n"
        "with a warning, and the exit code is 3.\n"
        "With --to each run is sent to a tracking server of MLflow, or as metrics and spans to\n"
        "whatever takes OpenTelemetry's OTLP over HTTP.",
    .options = options,
    .least = 1,
    .most = 4096,
    .run = export,
    .options_size = sizeof(struct export_options),
    .exits = {EXIT_INCOMPLETE},
};
