/* coebench history: a figure of one row over all runs, by the index. */
#include <stdio.h>

#include "command/command.h"
#include "command/notices.h"
#include "core/text.h"
#include "report/history_json.h"
#include "report/terminal/history_table.h"
#include "store/index/update.h"

struct history_options {
    const char *metric, *by, *in, *index, *endpoint;
    struct option_texts where;
    bool json;
};

static const char usual_metric[] = "client_ttft_s_p50";

/* False with a sentence. */
static bool read_wanted(const struct history_options *options, const char *row,
                        struct index_labels *labels, struct history_wanted *wanted,
                        struct error *error)
{
    *wanted = (struct history_wanted){.row = row,
                                      .metric = options->metric ? options->metric : usual_metric,
                                      .endpoint = options->endpoint,
                                      .labels = labels};
    for (size_t i = 0; i < options->where.count; i++) {
        if (!index_labels_add(labels, options->where.text[i], error))
            return false;
    }
    if (options->by)
        wanted->by = index_label_name(options->by, error);
    return !options->by || wanted->by;
}

static void note_elsewhere(const struct history *history)
{
    if (history->elsewhere > 0)
        fprintf(stderr,
                "note: %zu run%s of this row went to another endpoint; --endpoint URL shows those "
                "of one\n",
                history->elsewhere, history->elsewhere == 1 ? "" : "s");
}

static void print(const struct history *history, const struct history_wanted *wanted, bool json)
{
    struct text text = {0};

    if (!json) {
        history_table(stdout, history, wanted->metric, wanted->by);
        note_elsewhere(history);
        return;
    }
    history_json_add(history, wanted->metric, wanted->by, &text);
    fputs(text.bytes, stdout);
    text_clear(&text);
}

static bool show(const struct history_options *options, const char *row, struct error *error)
{
    const struct index_asked asked = {.root = options->in ? options->in : "results",
                                      .file = options->index,
                                      .advice = "name another file with --index"};
    struct index_labels labels = {0};
    struct history_wanted wanted;
    struct history history = {0};
    struct index_made made = {0};
    bool done = read_wanted(options, row, &labels, &wanted, error);

    if (done) {
        done = index_update(&asked, &made, error);
        notices_warn(&made.problems);
    }
    done = done && index_history_read(made.file, &wanted, &history, error);
    if (done)
        print(&history, &wanted, options->json);
    index_history_clear(&history);
    index_made_clear(&made);
    index_labels_clear(&labels);
    return done;
}

static int history(const void *context, char **arguments)
{
    struct error error;

    if (show(context, arguments[0], &error))
        return EXIT_DONE;
    fprintf(stderr, "coebench: %s\n", error.text);
    return EXIT_BAD_INPUT;
}

static const struct option options[] = {
    {"metric", "NAME", OPTION_TEXT, offsetof(struct history_options, metric),
     "a metric with its statistic, as workbooks name it, or a number of a step (default: "
     "client_ttft_s_p50)",
     'm'},
    {"by", "label.NAME", OPTION_TEXT, offsetof(struct history_options, by),
     "show this label beside each run, and the mean of each of its values", 0},
    {"where", "label.NAME=VALUE", OPTION_TEXTS, offsetof(struct history_options, where),
     "runs with this label alone; may be given several times", 0},
    {"endpoint", "URL", OPTION_TEXT, offsetof(struct history_options, endpoint),
     "runs that went there (default: where the newest one went)", 0},
    {"in", "DIR", OPTION_TEXT, offsetof(struct history_options, in),
     "the folder of the runs (default: results)", 0},
    {"index", "FILE", OPTION_TEXT, offsetof(struct history_options, index),
     "its index (default: .coebench-index.sqlite in DIR)", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct history_options, json), "print one JSON object",
     'j'},
    {0},
};

const struct command command_history = {
    .name = "history",
    .arguments = "ROW",
    .summary = "show a figure of one row over all runs",
    .help =
        "Brings the index of the folder up to date and prints one figure of a row over all runs,\n"
        "the oldest first, with the steps in its mean and how likely each is without one. ROW is\n"
        "what the row asks for, as 'coebench index' and exports write it, or a part of it that\n"
        "only one row has: 'gpt-oss-120b 500/50'. Warm-up rows are left out. A run that visited\n"
        "the row several times has the mean of its visits.",
    .options = options,
    .least = 1,
    .most = 1,
    .run = history,
    .options_size = sizeof(struct history_options),
};
