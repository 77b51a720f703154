/* coebench rows: write a CSV of rows from what an endpoint lists or a bundle file describes. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command/command.h"
#include "command/notices.h"
#include "command/rows_options.h"
#include "core/clean.h"
#include "core/file.h"
#include "job/sweep_models.h"
#include "plan/advice.h"

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

/* --- The models ------------------------------------------------------------------------------- */

static bool read_bundle(const char *path, struct sweep_models *models)
{
    struct faults faults = {0};
    bool done = sweep_models_of_bundle(path, models, &faults);

    complain_of(&faults);
    faults_clear(&faults);
    return done;
}

/* Models that were named need no list; it would only have shown what fits them. */
static bool ask_endpoint(const struct rows_options *options, const char *config_path,
                         struct sweep_models *models)
{
    const struct prepare_options how = prepare_options_of(&options->prepare);
    bool named = options->model.count > 0;
    struct preparation preparation = {0};
    struct error error;
    bool done = false;

    if (notices_prepare_endpoint(&preparation, &how, config_path)) {
        notices_warn(&preparation.warnings);
        done = sweep_models_of_endpoint(&preparation, models, &error);
        if (!done && named)
            fprintf(stderr, "warning: %s; whether the rows fit is not known\n", error.text);
        else if (!done)
            fprintf(stderr,
                    "coebench rows: %s; name the models with --model, or give --bundle FILE\n",
                    error.text);
        done |= named;
    }
    prepare_clear(&preparation);
    return done;
}

static bool read_options(const struct rows_options *options, struct sweep *sweep,
                         struct typed_row *alike)
{
    struct faults faults = {0};
    bool done = rows_options_read(options, sweep, alike, &faults);

    complain_of(&faults);
    faults_clear(&faults);
    return done;
}

static bool learn_models(const struct rows_options *options, const char *config_path,
                         struct sweep_models *models)
{
    struct faults warnings = {0};
    bool done = options->bundle ? read_bundle(options->bundle, models)
                                : ask_endpoint(options, config_path, models);

    if (done && options->model.count > 0)
        sweep_models_choose(models, options->model.text, options->model.count, &warnings);
    notices_warn(&warnings);
    faults_clear(&warnings);
    return done;
}

/* --- The rows --------------------------------------------------------------------------------- */

static bool combine(const struct sweep *sweep, const struct sweep_models *models, struct rows *rows)
{
    struct faults left_out = {0};
    struct error error;
    bool done = sweep_models_combine(models, sweep, rows, &left_out, &error);

    for (size_t i = 0; i < left_out.count; i++)
        fprintf(stderr, "%s\n", left_out.text[i]);
    faults_clear(&left_out);
    return done ? rows->count > 0 ||
                      complain("no row is left to write; ask for other lengths or models")
                : complain(error.text);
}

/* Reads the CSV as run will: a name that no CSV can hold is refused here, and what is odd about the
 * rows is reported here. */
static bool check(const struct text *csv, const char *output)
{
    const char *name = output ? output : "rows";
    struct faults faults = {0}, warnings = {0};
    struct rows rows = {0};
    bool done = rows_parse(csv->bytes, csv->length, name, &rows, &faults, &warnings);

    if (done) {
        advice_on_rows(&rows, name, false, &warnings);
        notices_warn(&warnings);
    }
    complain_of(&faults);
    rows_clear(&rows);
    faults_clear(&faults);
    faults_clear(&warnings);
    return done;
}

/* What a program reads stays as it is; a terminal is sent nothing that it would obey. */
static bool print(const struct text *csv)
{
    char *shown = isatty(STDOUT_FILENO) ? clean_copy(csv->bytes, CLEAN_LINES) : NULL;
    bool done = fwrite(shown ? shown : csv->bytes, 1, csv->length, stdout) == csv->length;

    free(shown);
    return done || complain("not all of the rows could be written");
}

static bool write_out(const struct text *csv, const struct rows *rows, const char *output)
{
    struct error error;

    if (!output)
        return print(csv);
    if (!file_write(output, csv->bytes, csv->length, &error))
        return complain(error.text);
    fprintf(stderr, "%s: %zu row%s\n", output, rows->count, rows->count == 1 ? "" : "s");
    return true;
}

static void add_csv(const struct rows *rows, const struct typed_row *alike, struct text *csv)
{
    struct text names = {0}, cells = {0};

    typed_row_add_names(alike, &names);
    typed_row_add_cells(alike, &cells);
    sweep_add_csv(
        csv, rows,
        &(struct sweep_alike){names.bytes ? names.bytes : "", cells.bytes ? cells.bytes : ""});
    text_clear(&names);
    text_clear(&cells);
}

static int rows(const void *context, char **arguments)
{
    const struct rows_options *options = context;
    struct sweep_models models = {0};
    struct sweep sweep = {0};
    struct typed_row alike = {0};
    struct rows made = {0};
    struct text csv = {0};
    bool done = read_options(options, &sweep, &alike) &&
                learn_models(options, arguments[0], &models) && combine(&sweep, &models, &made);

    if (done) {
        add_csv(&made, &alike, &csv);
        done = check(&csv, options->output) && write_out(&csv, &made, options->output);
    }
    text_clear(&csv);
    rows_clear(&made);
    sweep_clear(&sweep);
    sweep_models_clear(&models);
    return done ? EXIT_DONE : EXIT_BAD_INPUT;
}

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
        "With --sweep the loads are a grid: --sweep qps=1..64*2 writes rows at 1, 2, 4 … 64\n"
        "requests per second. Reports draw latency against load of such rows.\n\n"
        "What does not fit a model's context is left out, and stderr lists how much and why. A\n"
        "model that is named but not listed is warned of and kept. A file that is there already "
        "is\n"
        "never replaced.",
    .options = rows_options_table,
    .least = 0,
    .most = 1,
    .run = rows,
    .options_size = sizeof(struct rows_options),
};
