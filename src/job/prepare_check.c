#include "job/prepare_check.h"

#include <math.h>
#include <string.h>

#include "core/file.h"
#include "job/listing.h"
#include "job/prompter.h"
#include "store/run.h"

enum { CA_FILE_MOST = 16 << 20 };

void prepare_check_ca_file(const struct settings *settings, struct faults *faults)
{
    const char *path = settings->connection.ca_file;
    struct text content = {0};
    struct error error;

    if (path && !file_read(path, CA_FILE_MOST, &content, &error))
        settings_fault(settings, faults, "connection.ca_file", "%s", error.text);
    else if (path && (!content.bytes || !strstr(content.bytes, "-----BEGIN ")))
        settings_fault(settings, faults, "connection.ca_file",
                       "%s holds no certificate (PEM, a line \"-----BEGIN CERTIFICATE-----\")",
                       path);
    text_clear(&content);
}

void prepare_check_results(const struct settings *settings, bool there, struct faults *faults)
{
    const char *out = settings->output_files_dir, *books = settings->consolidated_results_dir;
    struct error error;

    if (out && !run_can_use(out, &error))
        settings_fault(settings, faults, "output_files_dir", "%s", error.text);
    if (books && !run_can_use(books, &error))
        settings_fault(settings, faults, "consolidated_results_dir", "%s", error.text);
    if (!there && out && books && settings->run_name &&
        run_is_taken(out, books, settings->run_name, &error))
        settings_fault(settings, faults, "run_name", "%s", error.text);
}

/* A mix of calls to models that no row visits gets no estimate. */
void prepare_check_call_mix(struct preparation *preparation)
{
    const struct settings *settings = &preparation->settings;
    double visited = 0;

    if (preparation->rows.count == 0)
        return;
    if (isnan(settings_call_share(settings, preparation->rows.row[0].model_name))) {
        if (settings->call_rate > 0)
            settings_fault(settings, &preparation->warnings, "call_rate",
                           "says nothing without call_mix; add how calls divide among the models");
        return;
    }
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (rows_first_of_model(&preparation->rows, i))
            visited += settings_call_share(settings, preparation->rows.row[i].model_name);
    }
    if (visited < 1 - 1e-9)
        settings_fault(settings, &preparation->warnings, "call_mix",
                       "%.0f %% of the calls go to models that no row asks for; the cost of "
                       "switching is estimated for the others alone",
                       100 * (1 - visited));
}

/* The one token that may be asked for loads the only model there is, and the study's one visit to
 * each of its rows would find it there. */
void prepare_check_wait_ready(const struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    bool study = settings->order != ORDER_AS_LISTED || settings->probe.steady > 0;
    size_t models = 0;

    for (size_t i = 0; i < preparation->rows.count; i++)
        models += rows_first_of_model(&preparation->rows, i);
    if (settings->wait_ready_s > 0 && study && models == 1 &&
        stop_passes(&settings->stop_when, settings->passes) == 1)
        settings_fault(settings, faults, "wait_ready",
                       "may load the only model before its one visit; ask for more passes, or wait "
                       "for the endpoint before the run");
}

/* What the row's prompts have around their own text, as far as it is known. */
static struct counting template_of(const struct preparation *preparation, const struct row *row)
{
    const char *kind = row->prefix_tokens > 0 ? prompter_prefix_kind : "";
    struct counting counting = learned_counting(preparation->learned, row->model_name, kind);

    return counting.samples > 0 ? counting
                                : learned_counting(preparation->learned, row->model_name, "");
}

/* Whether the model's template and the system message alone have the row's tokens. */
static bool is_too_short(const struct preparation *preparation, const struct row *row,
                         double *overhead)
{
    struct counting counting = template_of(preparation, row);

    *overhead = counting_overhead(&counting) + (double)row->prefix_tokens;
    return !row->dataset && row->multimodal_img_size == ROW_NO_IMAGE && counting.samples > 0 &&
           (double)row->input_tokens <= *overhead;
}

/* A prompt cannot be shorter than the template it stands in. */
void prepare_check_lengths(const struct preparation *preparation, bool offline,
                           struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    double overhead;

    for (size_t i = 0; i < preparation->rows.count && settings->prompt.count == PROMPT_TOTAL; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (!is_too_short(preparation, row, &overhead))
            continue;
        if (!offline)
            listing_join(preparation);
        if (is_too_short(preparation, row, &overhead))
            faults_add(faults, settings->model_configs_path, row->line,
                       "input_tokens: %lld cannot be met: without a word of text the server counts "
                       "%.0f for '%s'; ask for more, or set prompt.count to content",
                       (long long)row->input_tokens, overhead, row->model_name);
    }
}
