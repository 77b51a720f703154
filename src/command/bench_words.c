#include "command/bench_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/bench_llmperf.h"
#include "command/bench_mapping.h"
#include "core/expand.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/word.h"
#include "plan/run_name.h"

static const char default_tokens[] = "1000", default_load[] = "1", default_results[] = "results";

enum { DEFAULT_REQUESTS = 10 };

/* The options that are cells of every row. */
#define CELL(name, field, column)                                                                  \
    {                                                                                              \
        name, column, offsetof(struct bench_options, field)                                        \
    }
static const struct {
    const char *name;
    enum typed_column column;
    size_t offset;
} cells[] = {
    CELL("input-tokens", input_tokens, TYPED_INPUT_TOKENS),
    CELL("stddev-input-tokens", stddev_input_tokens, TYPED_STDDEV_INPUT_TOKENS),
    CELL("output-tokens", output_tokens, TYPED_OUTPUT_TOKENS),
    CELL("stddev-output-tokens", stddev_output_tokens, TYPED_STDDEV_OUTPUT_TOKENS),
    CELL("requests", requests, TYPED_REQUESTS),
    CELL("duration", duration, TYPED_DURATION),
    CELL("distribution", distribution, TYPED_DISTRIBUTION),
    CELL("image", image, TYPED_IMAGE),
    CELL("dataset", dataset, TYPED_DATASET),
    CELL("warmup-requests", warmup_requests, TYPED_WARMUP_REQUESTS),
    CELL("cooldown-requests", cooldown_requests, TYPED_COOLDOWN_REQUESTS),
};

/* --- Lists ------------------------------------------------------------------------------------ */

static void list_add(struct bench_list *list, char *item)
{
    list->item = memory_grow(list->item, list->count, sizeof *list->item);
    list->item[list->count++] = item;
}

/* The parts between commas; a comma behind a backslash belongs to its part. */
static void list_split(struct bench_list *list, const char *text)
{
    struct text part = {0};

    for (;; text++) {
        if (*text == ',' || !*text)
            list_add(list, text_take(&part));
        else if (*text == '\\' && text[1] == ',')
            text_add_char(&part, *++text);
        else
            text_add_char(&part, *text);
        if (!*text)
            break;
    }
}

static void list_clear(struct bench_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->item[i]);
    free(list->item);
    *list = (struct bench_list){0};
}

static bool check_list(const char *option, enum typed_column column, const struct bench_list *list)
{
    struct error why;

    for (size_t i = 0; i < list->count; i++) {
        if (!typed_cell_check(column, list->item[i], &why))
            return bench_refuse(option, "%s", why.text);
    }
    return true;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static bool read_models(const struct option_texts *models, struct bench_asked *asked)
{
    for (size_t i = 0; i < models->count; i++)
        list_split(&asked->models, models->text[i]);
    if (asked->models.count == 0)
        return bench_refuse("model", "names the model to measure, and is missing");
    return check_list("model", TYPED_MODEL, &asked->models);
}

static bool read_loads(const struct bench_options *options, struct bench_asked *asked)
{
    const char *given = options->qps ? options->qps : options->concurrency;

    if (options->qps && options->concurrency)
        return bench_refuse("qps", "sends by the clock, and --concurrency does not; keep one");
    asked->open_loop = options->qps != NULL;
    list_split(&asked->loads, given ? given : default_load);
    return options->qps ? check_list("qps", TYPED_QPS, &asked->loads)
                        : check_list("concurrency", TYPED_CONCURRENCY, &asked->loads);
}

static bool read_cells(const struct bench_options *options, struct bench_asked *asked)
{
    const char **cell = asked->row.cell;
    struct error why;

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const char *given = *(const char *const *)((const char *)options + cells[i].offset);

        if (given && !typed_cell_check(cells[i].column, given, &why))
            return bench_refuse(cells[i].name, "%s", why.text);
        cell[cells[i].column] = given;
    }
    if (!cell[TYPED_INPUT_TOKENS] && !cell[TYPED_DATASET])
        cell[TYPED_INPUT_TOKENS] = default_tokens;
    if (!cell[TYPED_OUTPUT_TOKENS])
        cell[TYPED_OUTPUT_TOKENS] = default_tokens;
    return true;
}

static bool read_shape(const struct bench_options *options, struct bench_asked *asked)
{
    const struct shape_setting setting = {.at_a_rate = options->qps != NULL,
                                          .may_turn = options->dataset != NULL,
                                          .how_to_set = "--qps"};
    const char *option;
    struct error why;

    return shape_words_read(&options->shape, &setting, &asked->row, &option, &why) ||
           bench_refuse(option, "%s", why.text);
}

/* So that a row reaches its concurrency, and some requests run behind its first wave. */
static void number_of_requests(const struct bench_asked *asked, const char *load, char *number,
                               size_t size)
{
    int64_t places = 1, requests = DEFAULT_REQUESTS;

    if (!asked->open_loop && word_integer(load, &places) && 2 * places > requests)
        requests = 2 * places;
    snprintf(number, size, "%" PRId64, requests);
}

static void write_row(const struct bench_asked *asked, const char *model, const char *load,
                      struct text *csv)
{
    struct typed_row row = asked->row;
    char requests[24];

    row.cell[TYPED_MODEL] = model;
    row.cell[asked->open_loop ? TYPED_QPS : TYPED_CONCURRENCY] = load;
    if (!row.cell[TYPED_REQUESTS] && !row.cell[TYPED_DATASET] && !row.cell[TYPED_DURATION]) {
        number_of_requests(asked, load, requests, sizeof requests);
        row.cell[TYPED_REQUESTS] = requests;
    }
    typed_row_add(&row, csv);
}

static bool read_rows(const struct bench_options *options, struct bench_asked *asked)
{
    if (!read_models(&options->models, asked) || !read_cells(options, asked) ||
        !read_shape(options, asked) || !read_loads(options, asked))
        return false;
    typed_row_add_header(&asked->row, &asked->rows);
    for (size_t i = 0; i < asked->models.count; i++) {
        for (size_t k = 0; k < asked->loads.count; k++)
            write_row(asked, asked->models.item[i], asked->loads.item[k], &asked->rows);
    }
    return true;
}

/* --- Config ----------------------------------------------------------------------------------- */

static bool read_api(const struct bench_options *options, struct bench_asked *asked)
{
    const char *given = options->prepare.options.api;

    if (!given)
        given = options->prepare.options.url ? api_by_key() : api_names[API_OPENAI];
    asked->config.api = given;
    return api_is_known("bench", given);
}

static bool read_timeout(const char *given, struct bench_asked *asked)
{
    const struct setting *setting = settings_table;
    double seconds;

    while (strcmp(setting->name, "timeout") != 0)
        setting++;
    asked->config.timeout = given;
    if (!given ||
        (word_number(given, &seconds) && seconds >= setting->least && seconds <= setting->most))
        return true;
    return bench_refuse("timeout", "takes seconds, from %g to %g, not '%.60s'", setting->least,
                        setting->most, given);
}

/* The path as settings have it, since the folder is made before they are read. */
static bool read_results(const struct bench_options *options, struct bench_asked *asked)
{
    const char *given = options->results_dir ? options->results_dir : default_results;
    char *missing, *expanded;

    if (options->no_files && options->results_dir && *options->results_dir)
        return bench_refuse("no-files", "keeps nothing in --results-dir; keep one");
    if (options->no_files || !*given) /* LLMPerf keeps no files then */
        return true;
    expanded = expand_by_environment(given, &missing);
    if (!expanded) {
        bench_refuse("results-dir", "'%.200s' names ${%s}, which is not set", given, missing);
        free(missing);
        return false;
    }
    asked->results = file_expand_home(expanded);
    free(expanded);
    return true;
}

static bool read_name(const struct bench_options *options, struct bench_asked *asked)
{
    struct error why;

    asked->name = options->prepare.options.name;
    if (asked->name && !run_name_check(asked->name, &why))
        return bench_refuse("name", "%s", why.text);
    if (!asked->name)
        asked->name = bench_llmperf_name(options->run_name, asked->results);
    return true;
}

static bool read_export(const struct bench_options *options, struct bench_asked *asked)
{
    return exporting_read("bench", options->format, options->print, &asked->exporting) &&
           (asked->results || !options->format ||
            bench_refuse("format", "writes files, and a run without files keeps none; --print "
                                   "shows LLMPerf's summary"));
}

static bool read_config(const struct bench_options *options, struct bench_asked *asked)
{
    if (!read_api(options, asked) || !read_timeout(options->timeout, asked) ||
        !bench_read_sampling(options->sampling_params, &asked->sampling_params) ||
        !bench_read_labels(&options->labels, options->metadata, &asked->labels) ||
        !read_results(options, asked) || !read_name(options, asked) || !read_export(options, asked))
        return false;
    asked->config.sampling_params = asked->sampling_params;
    asked->config.labels = asked->labels;
    asked->tokenizer = options->prepare.options.tokenizer;
    if (!asked->tokenizer)
        asked->tokenizer = bench_llmperf_tokenizer(options->tokenizer_id);
    asked->ml_repo = bench_llmperf_repo(options->ml_repo);
    return true;
}

bool bench_read(const struct bench_options *options, struct bench_asked *asked)
{
    *asked = (struct bench_asked){0};
    return read_rows(options, asked) && read_config(options, asked);
}

/* --- Resuming --------------------------------------------------------------------------------- */

static const char *first_cell(const struct bench_options *options)
{
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        if (*(const char *const *)((const char *)options + cells[i].offset))
            return cells[i].name;
    }
    return shape_words_first(&options->shape);
}

bool bench_resumes_alone(const struct bench_options *options)
{
    const struct {
        const char *name;
        bool given;
    } others[] = {{"model", options->models.count > 0},
                  {"concurrency", options->concurrency},
                  {"qps", options->qps},
                  {"timeout", options->timeout},
                  {"results-dir", options->results_dir},
                  {"sampling-params", options->sampling_params},
                  {"name", options->prepare.options.name || options->run_name},
                  {"tokenizer", options->prepare.options.tokenizer || options->tokenizer_id},
                  {"label", options->labels.count > 0 || options->metadata},
                  {"no-files", options->no_files}};
    const char *first = first_cell(options);

    for (size_t i = 0; i < sizeof others / sizeof *others && !first; i++) {
        if (others[i].given)
            first = others[i].name;
    }
    return !first || bench_refuse("resume",
                                  "a run that is resumed is as it was started; leave out "
                                  "--%s",
                                  first);
}

void bench_asked_clear(struct bench_asked *asked)
{
    list_clear(&asked->models);
    list_clear(&asked->loads);
    text_clear(&asked->rows);
    free(asked->sampling_params);
    free(asked->labels);
    free(asked->results);
    *asked = (struct bench_asked){0};
}
