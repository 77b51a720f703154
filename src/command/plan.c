/* coebench plan: show what a run would do, and what about it is odd. Sends no request to a model.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/expectation.h"
#include "command/outlook.h"
#include "command/prepare.h"
#include "command/proposal.h"
#include "core/word.h"
#include "plan/advice.h"
#include "plan/loads.h"
#include "report/brief.h"
#include "report/terminal.h"
#include "report/width.h"

struct plan_options {
    struct prepare_options prepare;
    bool offline;
    const char *resolve, *like;
};

/* Of the others, a row's first prompts will be too long by the chat template. */
static void print_counts(const struct preparation *preparation)
{
    const struct rows *rows = &preparation->rows;
    size_t models = 0, known = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (!rows_first_of_model(rows, i))
            continue;
        models++;
        known += learned_counting(preparation->learned, rows->row[i].model_name, "").samples > 0;
    }
    printf("prompts:  %s; how the server counts them is known of %zu of %zu model%s%s\n",
           settings_source_names[preparation->settings.prompt.source], known, models,
           models == 1 ? "" : "s", known < models ? " (coebench calibrate learns it ahead)" : "");
}

static void print_settings(const struct preparation *preparation)
{
    const struct endpoint *endpoint = &preparation->endpoint;
    const struct settings *settings = &preparation->settings;

    printf("config:   %s\nrows:     %s\n", preparation->config_path, settings->model_configs_path);
    if (settings->bundle)
        printf("bundle:   %s\n", settings->bundle);
    printf("endpoint: %s, from %s\n", endpoint->address, endpoint->address_source);
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

enum { MODEL_MOST = 40, MODEL_LEAST = 12, BESIDE_MODEL = 46, IMAGE_COLUMN = 7 };

static bool any_image(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].multimodal_img_size != ROW_NO_IMAGE)
            return true;
    }
    return false;
}

/* On a narrow terminal the models' names give way, as far as they can. */
static int model_width(bool images)
{
    int columns = terminal_columns(stdout);
    int left = columns - BESIDE_MODEL - (images ? IMAGE_COLUMN : 0);

    if (columns == 0 || left > MODEL_MOST)
        return MODEL_MOST;
    return left < MODEL_LEAST ? MODEL_LEAST : left;
}

static void print_model(const char *name, int width)
{
    char model[256];

    brief_name(name, width, model, sizeof model);
    printf("  %s%*s", model, width - width_of(model), "");
}

static void print_rows(const struct rows *rows)
{
    bool images = any_image(rows);
    int width = model_width(images);

    printf("  #  line");
    print_model("model", width);
    printf(" %7s %6s %8s  load%s\n", "input", "output", "requests", images ? "      image" : "");
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        char load[48];

        terminal_load(row, load, sizeof load);
        printf("%3zu %5d", i + 1, row->line);
        print_model(row->model_name, width);
        printf(" %7" PRId64 " %6" PRId64 " %8" PRId64 "  ", row->input_tokens, row->output_tokens,
               row->num_requests);
        if (images && row->multimodal_img_size != ROW_NO_IMAGE)
            printf("%-9s %s", load, row_image_names[row->multimodal_img_size]);
        else
            printf("%s", load);
        printf("%s\n", row->warmup ? "  warm-up" : "");
    }
}

static void print_totals(const struct preparation *preparation)
{
    const struct order *order = &preparation->order;
    struct advice_totals totals = advice_total(&preparation->rows, order, &preparation->settings);
    size_t rows = preparation->rows.count;
    char time[48];

    terminal_duration(totals.seconds, time, sizeof time);
    printf("\n%s%zu row%s, ", stop_asked(&preparation->settings.stop_when) ? "at most: " : "", rows,
           rows == 1 ? "" : "s");
    if (order->count != rows)
        printf("%zu steps, ", order->count);
    printf("%lld requests, %lld input and %lld output tokens; about %s, if a first\n"
           "token takes %g s and each answer then runs at %g tokens/s.\n",
           (long long)totals.requests, (long long)totals.input_tokens,
           (long long)totals.output_tokens, time, ADVICE_TTFT_S, ADVICE_TOKENS_PER_S);
}

/* A list of its own: names of configurations are wider than the table's room. */
static void print_loads(const struct bundle *bundle, const struct rows *rows)
{
    struct loads_total total = loads_total(bundle, rows);
    struct text name = {0};

    if (bundle->experts.count == 0)
        return;
    printf("\n  #  line  expert configurations it may load\n");
    for (size_t i = 0; i < rows->count; i++) {
        text_reset(&name);
        loads_add(&name, bundle, &rows->row[i]);
        printf("%3zu %5d  %s\n", i + 1, rows->row[i].line, name.length ? name.bytes : "not known");
    }
    printf("%zu configuration%s, %g GB together; the node holds %g GB%s\n", total.configurations,
           total.configurations == 1 ? "" : "s", total.gb, bundle->node.hbm_gb,
           bundle->node.eviction == BUNDLE_EVICTION_NONE || total.gb <= bundle->node.hbm_gb
               ? ", so each is loaded once at most"
               : ", so some may leave for others and be loaded again");
    text_clear(&name);
}

static const char *listed_name_at(const void *models, size_t i)
{
    return ((const struct listed_model *)models)[i].id;
}

static const struct listed_model *find_model(const struct listed_models *models, const char *name)
{
    for (size_t i = 0; i < models->count; i++) {
        if (strcmp(models->model[i].id, name) == 0)
            return &models->model[i];
    }
    return NULL;
}

static void compare_with_models(struct preparation *preparation, const struct listed_models *models)
{
    const char *file = preparation->settings.model_configs_path;

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        const struct listed_model *model = find_model(models, row->model_name);
        long long tokens = (long long)(row->input_tokens + row->output_tokens);

        if (!model) {
            const char *near =
                word_nearest(row->model_name, models->model, models->count, listed_name_at);

            faults_add(&preparation->warnings, file, row->line,
                       "the endpoint does not list the model '%s'%s%s%s", row->model_name,
                       near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
        } else if (model->context_length && tokens > model->context_length)
            faults_add(&preparation->warnings, file, row->line,
                       "input and output are %lld tokens; '%s' takes %lld", tokens, row->model_name,
                       (long long)model->context_length);
    }
}

static void ask_endpoint(struct preparation *preparation)
{
    struct listed_models models = {0};
    struct error error;

    if (!preparation->models_url)
        return;
    if (prepare_list_models(preparation, &models, &error))
        compare_with_models(preparation, &models);
    else
        faults_add(&preparation->warnings, NULL, 0, "%s", error.text);
    listed_models_clear(&models);
}

static void warn_of_shared_cloud(struct preparation *preparation)
{
    if (strstr(preparation->endpoint.address, "api.sambanova.ai"))
        faults_add(&preparation->warnings, NULL, 0,
                   "api.sambanova.ai is shared: other users' switches mix with ours, so switching "
                   "times mean something on a dedicated node only");
}

static void warn_of_seed(struct preparation *preparation)
{
    const struct settings *settings = &preparation->settings;

    if (settings->seed_given && !settings->prompt.repeat)
        settings_fault(
            settings, &preparation->warnings, "seed",
            "a run with the same seed sends the same prompts, which the server's cache may "
            "know from the one before; leave it out to have it drawn fresh");
}

/* How long a study until it is sure may take, and one for the resolution that is wanted. */
static int propose(const struct plan_options *options, const struct preparation *preparation)
{
    struct error error;
    bool stops = stop_asked(&preparation->settings.stop_when), done = false;
    double seconds;

    if (options->like && !options->resolve && !stops)
        error_set(&error, "--like: says what TTFTs are like for --resolve, which is missing");
    else
        done = expectation_print(stdout, preparation, options->like, &error) &&
               (!options->resolve ||
                (proposal_read(options->resolve, &seconds, &error) &&
                 proposal_print(stdout, preparation, seconds, options->like, &error)));
    if (done)
        return EXIT_DONE;
    fflush(stdout);
    fprintf(stderr, "coebench: %s\n", error.text);
    return EXIT_BAD_INPUT;
}

static int plan(const void *context, char **arguments)
{
    const struct plan_options *options = context;
    struct preparation preparation = {0};
    int code = EXIT_BAD_INPUT;

    if (prepare(&preparation, &options->prepare, arguments[0])) {
        print_settings(&preparation);
        print_rows(&preparation.rows);
        print_loads(&preparation.bundle, &preparation.rows);
        outlook_print(stdout, &preparation);
        print_totals(&preparation);
        code = propose(options, &preparation);
        fflush(stdout);
        warn_of_seed(&preparation);
        if (preparation.settings.probe.steady == 0)
            advice_on_masking(&preparation.rows, preparation.settings.model_configs_path,
                              &preparation.warnings);
        warn_of_shared_cloud(&preparation);
        if (!options->offline)
            ask_endpoint(&preparation);
        prepare_print_warnings(&preparation.warnings);
    }
    prepare_clear(&preparation);
    return code;
}

static const struct option options[] = {
    PREPARE_OPTIONS(plan_options),
    {"offline", NULL, OPTION_FLAG, offsetof(struct plan_options, offline),
     "do not ask the endpoint for its models"},
    {"resolve", "TIME", OPTION_TEXT, offsetof(struct plan_options, resolve),
     "propose a study that sees switches of 20ms, 0.02 …"},
    {"like", "DIR", OPTION_TEXT, offsetof(struct plan_options, like),
     "TTFTs, switches and their spread are those of this run"},
    {0},
};

const struct command command_plan = {
    .name = "plan",
    .arguments = "[CONFIG]",
    .summary = "check a config and show what a run of it would do",
    .help =
        "Reads and checks everything that run would, prints the rows, in which order they are\n"
        "visited and how often each pair, what a switching study of them could tell, totals, an\n"
        "estimate of the time and warnings, and writes nothing. Where the config names a bundle\n"
        "file, tells which expert configurations each row may load. Asks the endpoint once for\n"
        "its list of models (GET /models), which touches none of them; --offline skips that.\n"
        "\n"
        "With --resolve proposes order, passes and probe for a switching study of these rows that\n"
        "sees switches as short as that. Of a study with stop_when, tells the most and the "
        "expected.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = plan,
    .options_size = sizeof(struct plan_options),
};
