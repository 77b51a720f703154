/* coebench plan: show what a run would do, and what about it is odd. Sends no request to a model.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/notices.h"
#include "command/plan_json.h"
#include "command/prepare_options.h"
#include "core/clean.h"
#include "core/text.h"
#include "core/unit.h"
#include "design/expectation.h"
#include "design/mix_preview.h"
#include "design/proposal.h"
#include "design/study_preview.h"
#include "job/addressing.h"
#include "job/cause.h"
#include "job/listing.h"
#include "job/readiness.h"
#include "job/remarks.h"
#include "report/terminal/plan_table.h"
#include "report/terminal/preview.h"
#include "report/terminal/ranks_table.h"
#include "report/terminal/resolution.h"
#include "report/terminal/terminal.h"
#include "search/search.h"

struct plan_options {
    struct prepare_words prepare;
    bool offline, json, ranks;
    const char *resolve, *like;
};

/* Of the others, a row's first prompts will be too long by the chat template. */
static void print_counts(const struct preparation *preparation)
{
    const struct rows *rows = &preparation->rows;
    size_t models = 0, known = 0;
    struct text text = {0};

    for (size_t i = 0; i < rows->count; i++) {
        if (!rows_first_of_model(rows, i))
            continue;
        models++;
        known += learned_counting(preparation->learned, rows->row[i].model_name, "").samples > 0;
    }
    text_printf(&text, "%s; how the server counts them is known for %zu of %zu model%s%s",
                settings_source_names[preparation->settings.prompt.source], known, models,
                models == 1 ? "" : "s",
                known < models
                    ? " (a run learns it by itself where that loads nothing; elsewhere 'coebench "
                      "calibrate' does, and may load a model)"
                    : "");
    terminal_fold(stdout, terminal_columns(stdout), "prompts:  ", text.bytes);
    putchar('\n');
    text_clear(&text);
}

static void print_settings(const struct preparation *preparation)
{
    const struct endpoint *endpoint = &preparation->endpoint;
    const struct settings *settings = &preparation->settings;

    printf("config:   %s\nrows:     %s\n", preparation->config_path, settings->model_configs_path);
    if (settings->bundle)
        printf("bundle:   %s\n", settings->bundle);
    printf("endpoint: %s, from %s\n", endpoint->shown, endpoint->address_source);
    printf("key:      from %s\ndialect:  %s\n", endpoint->key_source,
           preparation->target.dialect->name);
    printf("results:  %s, workbooks in %s\n", settings->output_files_dir,
           settings->consolidated_results_dir);
    print_counts(preparation);
    if (settings->seed_given)
        printf("seed:     %lld\n\n", (long long)settings->seed);
    else
        printf("seed:     drawn fresh for each run\n\n");
}

/* The request that a run may send before its rows. */
static void print_wait(const struct preparation *preparation)
{
    double most_s = preparation->settings.wait_ready_s;
    char *model;

    if (most_s == 0)
        return;
    printf("wait_ready: before the first row up to %g s, ", most_s);
    if (preparation->health_url)
        printf("until GET /health returns 200; where there is none, ");
    model = clean_copy(readiness_model(preparation), CLEAN_LINE);
    printf("1 request more, of 1 token, to '%s'\n", model);
    free(model);
}

static bool print_proposal(const struct plan_options *options,
                           const struct preparation *preparation, struct error *error)
{
    struct resolution resolution;
    double seconds;
    bool done = proposal_read(options->resolve, &seconds, error) &&
                proposal_of(preparation, seconds, options->like, &resolution, error);

    if (done)
        resolution_print(stdout, &resolution);
    return done;
}

/* How long a study until it is sure may take, and one for the resolution that is wanted. */
static int propose(const struct plan_options *options, const struct preparation *preparation)
{
    struct error error;
    struct preview_end end = {0};
    bool done = false;

    if (options->like && !options->resolve && !stop_asked(&preparation->settings.stop_when))
        error_set(&error, "--like: gives the TTFTs that --resolve goes by, which is missing");
    else
        done = expectation_of(preparation, options->like, &end, &error);
    preview_print_end(stdout, &end);
    if (done && options->resolve)
        done = print_proposal(options, preparation, &error);
    if (done)
        return EXIT_DONE;
    fflush(stdout);
    fprintf(stderr, "coebench: %s\n", error.text);
    return EXIT_BAD_INPUT;
}

static void print_preview(const struct preparation *preparation)
{
    struct preview preview;

    study_preview_of(preparation, &preview);
    preview_print(stdout, &preview);
    study_preview_clear(&preview);
}

/* Of each mix, where there is a bundle file. */
static void print_mixes(const struct preparation *preparation)
{
    struct mix_previews previews;

    mix_previews_of(preparation, &previews);
    if (previews.count > 0)
        putchar('\n');
    for (size_t i = 0; i < previews.count; i++)
        preview_print_mix(stdout, &previews.mix[i]);
    mix_previews_clear(&previews);
}

/* How the models stand is printed, what is odd warned of later. */
static void ask_endpoint(struct preparation *preparation)
{
    struct text standing = {0};

    addressing_warn(preparation);
    remarks_add_listed(preparation, &standing);
    if (standing.length > 0)
        terminal_say(stdout, "the models by the endpoint's list: %s", standing.bytes);
    fflush(stdout);
    text_clear(&standing);
}

/* What would end a run after its first row is a fault of the plan. */
static int judge_endpoint(const struct preparation *preparation, int code)
{
    struct text why = {0};

    if (cause_shows(preparation, &why)) {
        terminal_note(stderr, COLOUR_BAD, "coebench: %s; --offline plans without asking it",
                      why.bytes);
        code = EXIT_BAD_INPUT;
    }
    text_clear(&why);
    return code;
}

/* Of a config with a search: what it may take, or why it cannot be. */
static int print_search(struct preparation *preparation, int code)
{
    struct faults faults = {0};
    struct search_most most = search_most(preparation);
    char rows[UNIT_TEXT], mixes[UNIT_TEXT];

    if (!preparation->settings.search.asked)
        return code;
    if (search_check(preparation, &faults, &preparation->warnings))
        terminal_note(stdout, COLOUR_NONE,
                      "search: %s%s%s, at most %zu steps, %.0f requests and %.0f minutes "
                      "(coebench search).",
                      most.rows > 0 ? unit_count(most.rows, "row", NULL, rows) : "",
                      most.rows > 0 && most.mixes > 0 ? " and " : "",
                      most.mixes > 0 ? unit_count(most.mixes, "mix", "mixes", mixes) : "",
                      most.steps, most.requests, ceil(most.seconds / 60));
    else
        code = EXIT_BAD_INPUT;
    if (faults.count > 0)
        notices_refuse(&faults);
    faults_clear(&faults);
    return code;
}

static int plan(const void *context, char **arguments)
{
    const struct plan_options *options = context;
    struct prepare_options how = prepare_options_of(&options->prepare);
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    how.offline = options->offline;
    if (options->json && (options->resolve || options->like || options->ranks)) {
        fputs("coebench: --json prints no proposal; leave out --resolve, --like and --ranks\n",
              stderr);
        return EXIT_BAD_INPUT;
    }
    if (options->json)
        return plan_json(&how, options->offline, arguments[0]);
    if (notices_prepare(&preparation, &how, arguments[0])) {
        if (!options->offline)
            listing_join(&preparation);
        print_settings(&preparation);
        plan_table_rows(stdout, &preparation.rows);
        plan_table_loads(stdout, &preparation.bundle, &preparation.rows);
        print_preview(&preparation);
        print_mixes(&preparation);
        plan_table_totals(stdout, &preparation.rows, &preparation.order, &preparation.settings,
                          preparation.idle_url);
        print_wait(&preparation);
        if (options->ranks)
            ranks_table_print(stdout, &preparation.rows, &preparation.bundle,
                              &preparation.settings);
        code = print_search(&preparation, propose(options, &preparation));
        fflush(stdout);
        remarks_add(&preparation);
        if (!options->offline)
            ask_endpoint(&preparation);
        notices_warn(&preparation.warnings);
        if (!options->offline)
            code = judge_endpoint(&preparation, code);
    }
    prepare_clear(&preparation);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(plan_options),
    {"offline", NULL, OPTION_FLAG, offsetof(struct plan_options, offline),
     "do not ask the endpoint for its models", 0},
    {"json", NULL, OPTION_FLAG, offsetof(struct plan_options, json),
     "print faults, warnings, totals and time as JSON", 0},
    {"ranks", NULL, OPTION_FLAG, offsetof(struct plan_options, ranks),
     "how many processes the load needs, where several share the run", 0},
    {"resolve", "TIME", OPTION_TEXT, offsetof(struct plan_options, resolve),
     "propose a study that sees switches of 20ms, 0.02 …", 0},
    {"like", "DIR", OPTION_TEXT, offsetof(struct plan_options, like),
     "TTFTs, switches and their spread are those of this run", 0},
    {0},
};

const struct command command_plan = {
    .name = "plan",
    .arguments = "[CONFIG]",
    .summary = "check a config and show what a run of it would do",
    .help =
        "Reads and checks everything that run would, prints the rows, in which order they are\n"
        "visited and how often each pair, what a switching study of them could show, totals, an\n"
        "estimate of the time and warnings, and writes nothing. Where the config names a bundle\n"
        "file, lists which expert configurations each row may load, and what its mixes would pay\n"
        "for switches. Asks the endpoint once for\n"
        "its list of models (GET /models), which touches none of them, and shows how they stand\n"
        "(loaded, unloaded …) where it reports that. Where nothing listens there, the host is\n"
        "not known, TLS fails, or the list refuses the key, the exit code is 2; --offline skips\n"
        "all this.\n"
        "\n"
        "With --resolve proposes order, passes and probe for a switching study of these rows that\n"
        "sees switches as short as that. Of a study with stop_when, prints the most passes and the "
        "expected.\n"
        "\n"
        "With --ranks prints what each row and mix brings in events/s at most, and how many "
        "processes\n"
        "keep up with that ('coebench help cluster').",
    .options = options,
    .least = 0,
    .most = 1,
    .run = plan,
    .options_size = sizeof(struct plan_options),
};
