/* coebench rows: write a CSV of rows from what an endpoint lists or a bundle file describes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/prepare.h"
#include "core/bundle.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "plan/advice.h"
#include "plan/sweep.h"

struct rows_options {
    struct option_texts model;
    const char *bundle, *output;
    const char *input_tokens, *output_tokens, *concurrency, *requests;
};

/* The models to combine, and what their names and tiers belong to. */
struct known {
    struct bundle bundle;
    struct listed_models listed;
    struct sweep_model *model;
    size_t count;
};

static bool complain(const char *sentence)
{
    fprintf(stderr, "coebench rows: %s\n", sentence);
    return false;
}

static bool complain_of(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        complain(faults->text[i]);
    return faults->count == 0;
}

/* --- What is asked ---------------------------------------------------------------------------- */

static void read_list(const char *option, const char *list, int64_t most,
                      struct sweep_numbers *numbers, struct faults *faults)
{
    struct error error;

    if (list && !sweep_numbers_read(list, most, numbers, &error))
        faults_add(faults, NULL, 0, "--%s: %s", option, error.text);
}

static void read_requests(const char *requests, int64_t *num_requests, struct faults *faults)
{
    if (requests && (!word_integer(requests, num_requests) || *num_requests < 1 ||
                     *num_requests > SWEEP_REQUESTS_MOST))
        faults_add(faults, NULL, 0, "--requests: '%.60s' is not a whole number from 1 to %" PRId64,
                   requests, SWEEP_REQUESTS_MOST);
}

static bool read_options(const struct rows_options *options, struct sweep *sweep)
{
    struct faults faults = {0};
    bool done;

    read_list("input-tokens", options->input_tokens, SWEEP_TOKENS_MOST, &sweep->input_tokens,
              &faults);
    read_list("output-tokens", options->output_tokens, SWEEP_TOKENS_MOST, &sweep->output_tokens,
              &faults);
    read_list("concurrency", options->concurrency, SWEEP_CONCURRENCY_MOST, &sweep->concurrency,
              &faults);
    read_requests(options->requests, &sweep->num_requests, &faults);
    if (options->output && file_exists(options->output))
        faults_add(&faults, options->output, 0, "is there already; name another file or remove it");
    done = complain_of(&faults);
    faults_clear(&faults);
    return done;
}

/* --- The models --------------------------------------------------------------------------------
 */

static void know_bundle(struct known *known)
{
    known->count = known->bundle.experts.count;
    known->model = memory_new(known->count, sizeof *known->model);
    for (size_t i = 0; i < known->count; i++) {
        const struct bundle_expert *expert = bundle_expert(&known->bundle, i);

        known->model[i] = (struct sweep_model){
            .name = expert->name,
            .context_tokens = bundle_tier(expert, expert->tiers.count - 1)->tokens,
            .expert = expert,
        };
    }
}

static bool read_bundle(const char *path, struct known *known)
{
    struct faults faults = {0};
    bool done = bundle_read(path, &known->bundle, &faults);

    complain_of(&faults);
    faults_clear(&faults);
    if (done)
        know_bundle(known);
    return done;
}

static void know_listed(struct known *known)
{
    known->count = known->listed.count;
    known->model = memory_new(known->count, sizeof *known->model);
    for (size_t i = 0; i < known->count; i++)
        known->model[i] = (struct sweep_model){
            .name = known->listed.model[i].id,
            .context_tokens = known->listed.model[i].context_length,
        };
}

/* Models that were named need no list; it would only have told what fits them. */
static bool ask_endpoint(const char *config_path, bool named, struct known *known)
{
    struct preparation preparation = {0};
    struct error error;
    bool done = false;

    if (!prepare_endpoint(&preparation, config_path)) {
        prepare_clear(&preparation);
        return false;
    }
    prepare_print_warnings(&preparation.warnings);
    if (prepare_list_models(&preparation, &known->listed, &error)) {
        know_listed(known);
        done = true;
    } else if (named) {
        fprintf(stderr, "warning: %s; whether the rows fit is not known\n", error.text);
        done = true;
    } else {
        fprintf(stderr, "coebench rows: %s; name the models with --model, or give --bundle FILE\n",
                error.text);
    }
    prepare_clear(&preparation);
    return done;
}

static const char *name_at(const void *models, size_t i)
{
    return ((const struct sweep_model *)models)[i].name;
}

static struct sweep_model find_model(const struct known *known, const char *name, bool bundle)
{
    const char *near;

    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->model[i].name, name) == 0)
            return known->model[i];
    }
    near = word_nearest(name, known->model, known->count, name_at);
    if (known->count > 0)
        fprintf(stderr, "warning: the %s does not list the model '%s'%s%s%s; its rows are kept\n",
                bundle ? "bundle" : "endpoint", name, near ? " (did you mean '" : "",
                near ? near : "", near ? "'?)" : "");
    return (struct sweep_model){.name = name};
}

/* Only the models that were named, in the order they were. */
static void choose(const struct rows_options *options, struct known *known)
{
    struct sweep_model *chosen;

    if (options->model.count == 0)
        return;
    chosen = memory_new(options->model.count, sizeof *chosen);
    for (size_t i = 0; i < options->model.count; i++)
        chosen[i] = find_model(known, options->model.text[i], options->bundle);
    free(known->model);
    known->model = chosen;
    known->count = options->model.count;
}

static bool learn_models(const struct rows_options *options, const char *config_path,
                         struct known *known)
{
    bool done = options->bundle ? read_bundle(options->bundle, known)
                                : ask_endpoint(config_path, options->model.count > 0, known);

    if (done)
        choose(options, known);
    return done;
}

static void known_clear(struct known *known)
{
    bundle_clear(&known->bundle);
    listed_models_clear(&known->listed);
    free(known->model);
}

/* --- The rows ---------------------------------------------------------------------------------
 */

static void tell_left_out(const char *model, const struct sweep_left_out *left_out)
{
    if (left_out->rows > 0)
        fprintf(stderr,
                "left out: %zu row%s of %s: %" PRId64 " tokens of input and output do not fit "
                "into %" PRId64 "\n",
                left_out->rows, left_out->rows == 1 ? "" : "s", model, left_out->tokens,
                left_out->room);
}

static bool combine(const struct sweep *sweep, const struct known *known, struct rows *rows)
{
    struct error error;

    for (size_t i = 0; i < known->count; i++) {
        struct sweep_left_out left_out = {0};

        if (!sweep_add_model(sweep, &known->model[i], rows, &left_out, &error))
            return complain(error.text);
        tell_left_out(known->model[i].name, &left_out);
    }
    return rows->count > 0 || complain("no row is left to write; ask for other lengths or models");
}

/* Reads the CSV as run will: a name that no CSV can hold is refused here, and what is odd about the
 * rows is told here. */
static bool check(const struct text *csv, const char *output)
{
    const char *name = output ? output : "rows";
    struct faults faults = {0}, warnings = {0};
    struct rows rows = {0};
    bool done = rows_parse(csv->bytes, csv->length, name, &rows, &faults, &warnings);

    if (done) {
        advice_on_rows(&rows, name, false, &warnings);
        prepare_print_warnings(&warnings);
    }
    complain_of(&faults);
    rows_clear(&rows);
    faults_clear(&faults);
    faults_clear(&warnings);
    return done;
}

static bool write_out(const struct text *csv, const struct rows *rows, const char *output)
{
    struct error error;

    if (!output)
        return fwrite(csv->bytes, 1, csv->length, stdout) == csv->length ||
               complain("not all of the rows could be written");
    if (!file_write(output, csv->bytes, csv->length, &error))
        return complain(error.text);
    fprintf(stderr, "%s: %zu row%s\n", output, rows->count, rows->count == 1 ? "" : "s");
    return true;
}

static int rows(const void *context, char **arguments)
{
    const struct rows_options *options = context;
    struct known known = {0};
    struct sweep sweep = {0};
    struct rows made = {0};
    struct text csv = {0};
    bool done = read_options(options, &sweep) && learn_models(options, arguments[0], &known) &&
                combine(&sweep, &known, &made);

    if (done) {
        sweep_add_csv(&csv, &made);
        done = check(&csv, options->output) && write_out(&csv, &made, options->output);
    }
    text_clear(&csv);
    rows_clear(&made);
    sweep_clear(&sweep);
    known_clear(&known);
    return done ? EXIT_DONE : EXIT_BAD_INPUT;
}

static const struct option options[] = {
    {"model", "NAME", OPTION_TEXTS, offsetof(struct rows_options, model),
     "a model (may be repeated); default: all, in the order they are listed"},
    {"bundle", "FILE", OPTION_TEXT, offsetof(struct rows_options, bundle),
     "models, tiers and batch sizes from a bundle file; no endpoint is asked"},
    {"input-tokens", "LIST", OPTION_TEXT, offsetof(struct rows_options, input_tokens),
     "such as 1000,6000; default 1000, with --bundle one for each tier"},
    {"output-tokens", "LIST", OPTION_TEXT, offsetof(struct rows_options, output_tokens),
     "default 128"},
    {"concurrency", "LIST", OPTION_TEXT, offsetof(struct rows_options, concurrency),
     "default 1, with --bundle the batch sizes of the row's tier"},
    {"requests", "N", OPTION_TEXT, offsetof(struct rows_options, requests),
     "per row; default: whole waves, at least three and at least 10 requests"},
    {"output", "FILE", OPTION_TEXT, offsetof(struct rows_options, output),
     "write there instead of stdout; a file that is there is not replaced"},
    {0},
};

const struct command command_rows = {
    .name = "rows",
    .arguments = "[CONFIG]",
    .summary = "write a CSV of rows: models, lengths and concurrency combined",
    .help =
        "Combines models, input lengths, output lengths and concurrency into the rows of a CSV\n"
        "such as model_configs_path names. Models and their context come from the endpoint's\n"
        "list (GET /models), which touches none of them; of CONFIG only llm_api and connection\n"
        "are used, and the file that its model_configs_path names need not be there yet.\n\n"
        "With --bundle the file stands for the endpoint: CONFIG is not read, no key is needed,\n"
        "and every configuration of the bundle gets a row. A tier's own length lies halfway\n"
        "between it and the tier below; a length that is asked for runs at the smallest tier\n"
        "that holds it.\n\n"
        "What does not fit a model's context is left out, and stderr says how much and why. A\n"
        "model that is named but not listed is warned of and kept. A file that is there already "
        "is\n"
        "never replaced.",
    .options = options,
    .least = 0,
    .most = 1,
    .run = rows,
    .options_size = sizeof(struct rows_options),
};
