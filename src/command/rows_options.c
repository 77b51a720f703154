#include "command/rows_options.h"

#include <inttypes.h>

#include "core/file.h"
#include "core/word.h"

const struct option rows_options_table[] = {
    {"model", "NAME", OPTION_TEXTS, offsetof(struct rows_options, model),
     "a model (may be repeated); default: all, in the order they are listed", 0},
    {"bundle", "FILE", OPTION_TEXT, offsetof(struct rows_options, bundle),
     "models, tiers and batch sizes from a bundle file or bundle:demo; no endpoint is asked", 0},
    {"input-tokens", "LIST", OPTION_TEXT, offsetof(struct rows_options, input_tokens),
     "such as 1000,6000; default 1000, with --bundle one for each tier", 0},
    {"output-tokens", "LIST", OPTION_TEXT, offsetof(struct rows_options, output_tokens),
     "default 128", 0},
    {"concurrency", "LIST", OPTION_TEXT, offsetof(struct rows_options, concurrency),
     "default 1, with --bundle the batch sizes of the row's tier", 0},
    {"sweep", "COLUMN=RANGE", OPTION_TEXT, offsetof(struct rows_options, sweep),
     "a grid of loads instead of --concurrency: qps=1..64*2 or concurrent_requests=4..16+4", 0},
    {"requests", "N", OPTION_TEXT, offsetof(struct rows_options, requests),
     "per row; default: whole waves, at least three and at least 10 requests; at a rate 100", 0},
    {"duration", "S", OPTION_TEXT, offsetof(struct rows_options, duration),
     "seconds that each row sends for; --requests is then the most it sends", 0},
    {"warmup-requests", "N", OPTION_TEXT, offsetof(struct rows_options, warmup_requests),
     "of each row, ahead of those that count", 0},
    {"cooldown-requests", "N", OPTION_TEXT, offsetof(struct rows_options, cooldown_requests),
     "of each row, behind those that count", 0},
    SHAPE_OPTIONS(rows_options),
    ENDPOINT_OPTIONS(rows_options),
    {"output", "FILE", OPTION_TEXT, offsetof(struct rows_options, output),
     "write there instead of stdout; a file that is there is not replaced", 'o'},
    {0},
};

static void read_list(const char *option, const char *list, int64_t most,
                      struct sweep_numbers *numbers, struct faults *faults)
{
    struct error error;

    if (list && !sweep_numbers_read(list, most, numbers, &error))
        faults_add(faults, NULL, 0, "--%s: %s", option, error.text);
}

static void read_requests(const char *option, const char *requests, int64_t *number,
                          struct faults *faults)
{
    if (requests &&
        (!word_integer(requests, number) || *number < 1 || *number > SWEEP_REQUESTS_MOST))
        faults_add(faults, NULL, 0, "--%s: '%.60s' is not a whole number from 1 to %" PRId64,
                   option, requests, SWEEP_REQUESTS_MOST);
}

static void read_duration(const char *duration, double *seconds, struct faults *faults)
{
    if (duration &&
        (!word_number(duration, seconds) || !(*seconds > 0) || *seconds > SWEEP_SECONDS_MOST))
        faults_add(faults, NULL, 0,
                   "--duration: '%.60s' is not a number of seconds above 0, up to %.0f", duration,
                   SWEEP_SECONDS_MOST);
}

static void read_grid(const struct rows_options *options, struct sweep *sweep,
                      struct faults *faults)
{
    struct error error;

    if (options->sweep && options->concurrency)
        faults_add(faults, NULL, 0, "--sweep: takes the place of --concurrency; leave one out");
    if (options->sweep && !sweep_grid_read(options->sweep, &sweep->grid, &error))
        faults_add(faults, NULL, 0, "--sweep: %s", error.text);
}

static void read_shape(const struct rows_options *options, const struct sweep *sweep,
                       struct typed_row *alike, struct faults *faults)
{
    const struct shape_setting setting = {.at_a_rate = sweep->grid.open_loop,
                                          .how_to_set = "--sweep qps=FROM..TO+STEP"};
    const char *option;
    struct error why;

    if (!shape_words_read(&options->shape, &setting, alike, &option, &why))
        faults_add(faults, NULL, 0, "--%s: %s", option, why.text);
}

bool rows_options_read(const struct rows_options *options, struct sweep *sweep,
                       struct typed_row *alike, struct faults *faults)
{
    size_t before = faults->count;

    read_list("input-tokens", options->input_tokens, SWEEP_TOKENS_MOST, &sweep->input_tokens,
              faults);
    read_list("output-tokens", options->output_tokens, SWEEP_TOKENS_MOST, &sweep->output_tokens,
              faults);
    read_list("concurrency", options->concurrency, SWEEP_CONCURRENCY_MOST, &sweep->concurrency,
              faults);
    read_grid(options, sweep, faults);
    read_requests("requests", options->requests, &sweep->num_requests, faults);
    read_duration(options->duration, &sweep->duration_s, faults);
    read_requests("warmup-requests", options->warmup_requests, &sweep->warmup_requests, faults);
    read_requests("cooldown-requests", options->cooldown_requests, &sweep->cooldown_requests,
                  faults);
    read_shape(options, sweep, alike, faults);
    if (options->output && file_exists(options->output))
        faults_add(faults, options->output, 0, "is there already; name another file or remove it");
    return faults->count == before;
}
