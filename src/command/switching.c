/* coebench switching: what going from one row to another cost, from run directories alone. */
#include <stdio.h>

#include "command/command.h"
#include "command/notices.h"
#include "report/runs.h"
#include "report/terminal/closing.h"
#include "report/terminal/study_table.h"
#include "report/terminal/terminal.h"
#include "store/study_file.h"

struct switching_options {
    bool json;
};

static void print_json(const struct runs *runs)
{
    struct text json = {0};

    study_file_add_json(&runs->study, runs->results, runs->count, &json);
    fputs(json.bytes, stdout);
    text_clear(&json);
}

static void print_tables(const struct runs *runs)
{
    const struct study *study = &runs->study;

    printf("%zu run%s, %zu step%s to %zu row%s\n", runs->count, runs->count == 1 ? "" : "s",
           study->visits, study->visits == 1 ? "" : "s", study->rows, study->rows == 1 ? "" : "s");
    study_table_rows(stdout, study);
    study_table_models(stdout, study);
    study_table_transitions(stdout, study);
    for (size_t i = 0; i < runs->count; i++)
        terminal_study_end(stdout, &runs->results[i]);
    closing_of(stdout, &runs->report, NULL);
}

static int switching(const void *context, char **arguments)
{
    const struct switching_options *options = context;
    struct runs runs = {0};
    struct error error;
    int code = EXIT_DONE;

    if (runs_read(arguments, &runs, &error)) {
        notices_warn(&runs.notes);
        options->json ? print_json(&runs) : print_tables(&runs);
        if (notices_of_losses(&runs))
            code = EXIT_INCOMPLETE;
    } else {
        fprintf(stderr, "coebench: %s\n", error.text);
        code = EXIT_BAD_INPUT;
    }
    runs_clear(&runs);
    return code;
}

static const struct option options[] = {
    {"json", NULL, OPTION_FLAG, offsetof(struct switching_options, json),
     "print the whole study as a run's switching.json has it", 0},
    {0},
};

const struct command command_switching = {
    .name = "switching",
    .arguments = "DIR…",
    .summary = "print what switches cost in one or more runs",
    .help =
        "Reads run directories, and folders of them, and concludes, over all of them together: for "
        "each row and each\n"
        "transition from row to row, how many visits paid for a switch, what it cost with its\n"
        "95 % interval (with stop_when, one that holds over all looks), and a verdict: detected,\n"
        "none above a bound, inconclusive (with the smallest that would have been seen), or not\n"
        "measurable (with the reason). Rows that ask for the same are the same row in every run.\n"
        "Nothing is written. A step with a broken file is left out with a warning, and the exit\n"
        "code is 3.",
    .options = options,
    .least = 1,
    .most = 4096,
    .run = switching,
    .options_size = sizeof(struct switching_options),
    .exits = {EXIT_INCOMPLETE},
};
