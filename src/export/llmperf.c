#include "export/llmperf.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "export/llmperf_figures.h"
#include "export/llmperf_text.h"
#include "store/frequency.h"
#include "store/kit_file.h"
#include "store/responses.h"

/* --- Names ------------------------------------------------------------------------------------ */

/* LLMPerf's cleaning: runs of what is no letter, digit, '_' or '-' become one '-', and then runs of
 * '-'. What is no ASCII is taken for letters, as Python takes most of it. */
static void add_clean(struct text *name, const char *text)
{
    for (; *text; text++) {
        bool kept = !isascii((unsigned char)*text) || isalnum((unsigned char)*text) || *text == '_';

        if (kept)
            text_add_char(name, *text);
        else if (name->length == 0 || name->bytes[name->length - 1] != '-')
            text_add_char(name, '-');
    }
}

/* The tokens that the name tells: those asked for, or of a data set their mean. */
static long long tokens_of(int64_t asked, const struct metric_summary *counted)
{
    return asked > 0 ? (long long)asked : counted->count > 0 ? llround(counted->mean) : 0;
}

/* "model_550_150", with "-2" … where such a summary is there already; the caller frees. */
static char *stem_of(const struct llmperf_figures *figures, const char *folder)
{
    const struct row *row = &figures->step->row;
    struct text stem = {0};
    size_t length;

    add_clean(&stem, row->model_name);
    text_printf(&stem, "_%lld_%lld",
                tokens_of(row->input_tokens, &figures->metric[LLMPERF_INPUT_TOKENS]),
                tokens_of(row->output_tokens, &figures->metric[LLMPERF_OUTPUT_TOKENS]));
    length = stem.length;
    for (int i = 2;; i++) {
        char *path = memory_printf("%s/%s_summary.json", folder, stem.bytes);
        bool taken = file_exists(path);

        free(path);
        if (!taken)
            return text_take(&stem);
        stem.length = length;
        text_printf(&stem, "-%d", i);
    }
}

/* --- Summary ---------------------------------------------------------------------------------- */

/* An object's members, of which a later one takes the place of one with its key, as in Python. */
struct member {
    char *key; /* NULL: `json` is members already */
    char *json;
};

struct object {
    struct member *member; /* owned */
    size_t count;
};

static struct text *begin_value(struct text *value)
{
    *value = (struct text){0};
    return value;
}

/* Takes the value. */
static void set(struct object *object, const char *key, struct text *value)
{
    size_t at = 0;

    while (at < object->count &&
           (!key || !object->member[at].key || strcmp(object->member[at].key, key) != 0))
        at++;
    if (at == object->count) {
        object->member = memory_grow(object->member, object->count++, sizeof *object->member);
        object->member[at] = (struct member){.key = key ? memory_text(key) : NULL};
    }
    free(object->member[at].json);
    object->member[at].json = text_take(value);
}

static void set_text(struct object *object, const char *key, const char *string)
{
    struct text value;

    text_add_json(begin_value(&value), string);
    set(object, key, &value);
}

static void set_number(struct object *object, const char *key, double number, bool whole)
{
    struct text value;

    llmperf_text_add_number(begin_value(&value), number, whole, "null");
    set(object, key, &value);
}

static double asked_or_unknown(int64_t asked)
{
    return asked > 0 ? (double)asked : NAN;
}

static bool set_asked(struct object *object, const struct results *run, const struct step *step,
                      struct error *error)
{
    const struct row *row = &step->row;
    struct text params = {0};

    set_text(object, "model", row->model_name);
    set_number(object, "mean_input_tokens", asked_or_unknown(row->input_tokens), true);
    set_number(object, "stddev_input_tokens", row->stddev_input_tokens, true);
    set_number(object, "mean_output_tokens", asked_or_unknown(row->output_tokens), true);
    set_number(object, "stddev_output_tokens", row->stddev_output_tokens, true);
    set_number(object, "num_concurrent_requests", asked_or_unknown(row->concurrent_requests), true);
    if (row->concurrent_requests == 0 && row->qps > 0) {
        set_number(object, "qps", row->qps, false);
        set_text(object, "qps_distribution", row_distribution_names[row->qps_distribution]);
    }
    if (!kit_file_add_sampling_params(run->folder, step->name, &params, error)) {
        text_clear(&params);
        return false;
    }
    if (params.length > 0)
        set(object, NULL, &params);
    text_clear(&params);
    return true;
}

static void set_metric(struct object *object, enum llmperf_metric metric,
                       const struct metric_summary *summary)
{
    bool whole = llmperf_text_is_whole(metric), known = summary->count > 0;
    const struct {
        const char *name;
        double value;
        bool whole;
    } moments[] = {{"mean", summary->mean, false},
                   {"min", summary->least, whole},
                   {"max", summary->most, whole},
                   {"stddev", summary->stddev, false}};
    char key[128];

    for (int i = LLMPERF_FIRST_QUANTILE; i < METRIC_QUANTILES; i++) {
        snprintf(key, sizeof key, "results_%s_quantiles_p%d", llmperf_metric_names[metric],
                 metric_percent[i]);
        set_number(object, key, known ? summary->quantile[i] : NAN, false);
    }
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        snprintf(key, sizeof key, "results_%s_%s", llmperf_metric_names[metric], moments[i].name);
        set_number(object, key, known ? moments[i].value : NAN, moments[i].whole);
    }
}

static void set_results(struct object *object, const struct llmperf_figures *figures)
{
    const struct step *step = figures->step;
    struct text errors = {0};

    for (int i = 0; i < LLMPERF_METRICS; i++)
        set_metric(object, (enum llmperf_metric)i, &figures->metric[i]);
    set_number(object, "results_num_requests_started", (double)step->started, true);
    set_number(object, "results_error_rate",
               step->started > 0 ? (double)step->errors / (double)step->started : 0, false);
    set_number(object, "results_number_errors", (double)step->errors, true);
    frequency_add_errors(step, &errors);
    set_text(object, "results_error_code_frequency", errors.bytes);
    text_clear(&errors);
    set_number(object, "results_mean_output_throughput_token_per_s",
               step->client_total_output_throughput, false);
    set_number(object, "results_num_completed_requests", (double)step->completed, true);
    set_number(object, "results_num_completed_requests_per_min", step->completed_per_min, false);
}

static void set_labels(struct object *object, const struct results *run)
{
    static const char labels[] = "settings.labels.";

    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (strncmp(fact->key, labels, strlen(labels)) == 0)
            set_text(object, fact->key + strlen(labels), fact->value);
    }
}

static void print_object(const struct object *object, struct text *json)
{
    text_add_char(json, '{');
    for (size_t i = 0; i < object->count; i++) {
        text_add_string(json, i > 0 ? ",\n    " : "\n    ");
        if (object->member[i].key) {
            text_add_json(json, object->member[i].key);
            text_add_string(json, ": ");
        }
        text_add_string(json, object->member[i].json);
    }
    text_add_string(json, "\n}\n");
}

static void object_clear(struct object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        free(object->member[i].key);
        free(object->member[i].json);
    }
    free(object->member);
}

static bool write_summary(const struct results *run, const struct llmperf_figures *figures,
                          const char *folder, const char *stem, struct error *error)
{
    char *path = memory_printf("%s/%s_summary.json", folder, stem);
    char *name = memory_printf("%s_summary", stem);
    struct object object = {0};
    struct text json = {0};
    bool done;

    set_text(&object, "version", "2023-08-31"); /* of LLMPerf's results */
    set_text(&object, "name", name);
    done = set_asked(&object, run, figures->step, error);
    if (done) {
        set_results(&object, figures);
        set_labels(&object, run);
        set_number(&object, "timestamp", (double)figures->step->timestamp_s, true);
        print_object(&object, &json);
        done = file_write(path, json.bytes, json.length, error);
    }
    object_clear(&object);
    text_clear(&json);
    free(name);
    free(path);
    return done;
}

/* --- Responses -------------------------------------------------------------------------------- */

static void print_number(FILE *out, const char *key, double value, bool whole)
{
    struct text number = {0};

    llmperf_text_add_number(&number, value, whole, "null");
    fprintf(out, ",\n        \"%s\": %s", key, number.bytes);
    text_clear(&number);
}

static void print_error(FILE *out, const struct response *response)
{
    struct text code = {0}, message = {0};
    bool number =
        response->code[0] && strspn(response->code, "0123456789") == strlen(response->code);

    if (response->outcome.end == REQUEST_COMPLETED)
        text_add_string(&code, "null");
    else if (number)
        text_add_string(&code, response->code);
    else
        text_add_json(&code, response->code);
    text_add_json(&message, response->message);
    fprintf(out, "\n        \"error_code\": %s,\n        \"error_msg\": %s", code.bytes,
            message.bytes);
    text_clear(&code);
    text_clear(&message);
}

/* In LLMPerf's order. */
static void print_response(FILE *out, const struct response *response,
                           const struct llmperf_request *request)
{
    fputs("\n    {", out);
    print_error(out, response);
    for (int i = LLMPERF_INTER_TOKEN; i <= LLMPERF_OUTPUT_THROUGHPUT; i++)
        print_number(out, llmperf_metric_names[i], request->value[i], false);
    print_number(out, "number_total_tokens", request->total_tokens, true);
    for (int i = LLMPERF_OUTPUT_TOKENS; i >= LLMPERF_INPUT_TOKENS; i--)
        print_number(out, llmperf_metric_names[i], request->value[i], true);
    fputs("\n    }", out);
}

static bool print_responses(const struct results *run, const struct llmperf_figures *figures,
                            FILE *out, struct error *error)
{
    struct response_reader *reader =
        response_reader_open(run->folder, figures->step->name, STEP_LOAD, error);
    struct error fault = {.text = ""};
    struct response response;
    const char *comma = "";

    if (!reader)
        return false;
    fputc('[', out);
    for (size_t i = 0; i < figures->requests && response_reader_next(reader, &response, &fault);
         i++) {
        if (figures->request[i].retried)
            continue;
        fputs(comma, out);
        print_response(out, &response, &figures->request[i]);
        comma = ",";
    }
    fputs("\n]\n", out);
    response_reader_close(reader);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}

static bool write_responses(const struct results *run, const struct llmperf_figures *figures,
                            const char *folder, const char *stem, struct error *error)
{
    struct file_draft draft;
    char *path;
    bool done;

    if (!figures->has_responses)
        return true;
    path = memory_printf("%s/%s_individual_responses.json", folder, stem);
    done = file_draft_begin(&draft, path, error);
    if (done) {
        done = print_responses(run, figures, draft.out, error);
        done = file_draft_end(&draft, done, error);
    }
    free(path);
    return done;
}

bool llmperf_write(const struct results *run, const char *folder, struct error *error)
{
    bool done = true;

    for (size_t i = 0; i < run->count && done; i++) {
        struct llmperf_figures figures;
        char *stem;

        done = llmperf_figures_read(run, &run->step[i], &figures, error);
        if (done) {
            stem = stem_of(&figures, folder);
            done = write_responses(run, &figures, folder, stem, error) &&
                   write_summary(run, &figures, folder, stem, error);
            free(stem);
        }
        llmperf_figures_clear(&figures);
    }
    return done;
}
