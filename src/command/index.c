/* coebench index: one SQLite database over all runs, made from run directories alone. */
#include <stdio.h>

#include "command/command.h"
#include "command/notices.h"
#include "core/text.h"
#include "store/index/update.h"

struct index_options {
    const char *output;
    bool rebuild, json;
};

static void print_made(const struct index_made *made)
{
    printf("index: %s\n%zu run%s", made->file, made->runs, made->runs == 1 ? "" : "s");
    if (made->running > 0)
        printf(" (%zu under way)", made->running);
    printf(", %zu step%s; of run directories %zu added, %zu updated, %zu removed\n", made->steps,
           made->steps == 1 ? "" : "s", made->added, made->updated, made->removed);
}

static void print_json(const struct index_made *made)
{
    struct text json = {0};

    text_add_string(&json, "{\"index\": ");
    text_add_json(&json, made->file);
    text_printf(&json,
                ", \"runs\": %zu, \"running\": %zu, \"steps\": %zu, \"added\": %zu, "
                "\"updated\": %zu, \"removed\": %zu, \"problems\": %zu}\n",
                made->runs, made->running, made->steps, made->added, made->updated, made->removed,
                made->problems.count);
    fputs(json.bytes, stdout);
    text_clear(&json);
}

static int index_runs(const void *context, char **arguments)
{
    const struct index_options *options = context;
    const struct index_asked asked = {.root = arguments[0] ? arguments[0] : "results",
                                      .file = options->output,
                                      .anew = options->rebuild};
    struct index_made made;
    struct error error;
    int code = EXIT_DONE;

    if (index_update(&asked, &made, &error)) {
        notices_warn(&made.notes);
        notices_warn(&made.problems);
        options->json ? print_json(&made) : print_made(&made);
        if (made.problems.count > 0)
            code = EXIT_INCOMPLETE;
    } else {
        fprintf(stderr, "coebench: %s\n", error.text);
        code = EXIT_BAD_INPUT;
    }
    index_made_clear(&made);
    return code;
}

static const struct option options[] = {
    {"output", "FILE", OPTION_TEXT, offsetof(struct index_options, output),
     "the database (default: .coebench-index.sqlite in DIR)", 'o'},
    {"rebuild", NULL, OPTION_FLAG, offsetof(struct index_options, rebuild),
     "read every run again, not only those that have changed", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct index_options, json), "print one JSON object", 'j'},
    {0},
};

const struct command command_index = {
    .name = "index",
    .arguments = "[DIR]",
    .summary = "keep one SQLite database over all runs in a folder",
    .help =
        "Reads the run directories in DIR (default: results) and in folders of it, four deep, and\n"
        "puts what their manifests and summaries say into the tables run, label, step and metric\n"
        "of one SQLite database, for whatever reads such. The next time it reads what is new or\n"
        "has changed, and takes out what has gone. A run under way is there with its state. A\n"
        "copy of a run is left out with a line. A run or a step with a broken file is left out\n"
        "with a warning, and the exit code is 3. Symbolic links are not followed. The database\n"
        "may be removed at any time: it holds nothing that the run directories do not.\n"
        "'coebench help index' describes the tables.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = index_runs,
    .options_size = sizeof(struct index_options),
    .exits = {EXIT_INCOMPLETE},
};
