#include "export/mlflow_data.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "record/row_key.h"
#include "report/column.h"
#include "report/headline.h"

/* By MLflow's validation (mlflow/utils/validation.py): what one body holds, and the longest texts
 * that all its versions from 2.0 on take. */
enum { METRICS_MOST = 1000, OTHERS_MOST = 100, KEY_MOST = 250, VALUE_MOST = 500, TAG_MOST = 5000 };

static const char settings_prefix[] = "settings.", labels_prefix[] = "settings.labels.";

/* A body in the making: a list of one kind. */
struct batch {
    const struct mlflow_sink *sink;
    const char *run_id, *kind; /* "metrics", "params", "tags" */
    size_t most, count;
    struct text list;
    bool failed;
    struct error *error;
};

static void flush(struct batch *batch)
{
    struct text body = {0};

    if (batch->count > 0 && !batch->failed) {
        text_add_string(&body, "{\"run_id\":");
        text_add_json(&body, batch->run_id);
        text_printf(&body, ",\"%s\":[%s]}", batch->kind, batch->list.bytes);
        batch->failed = !batch->sink->send(batch->sink->context, &body, batch->error);
    }
    text_clear(&body);
    text_reset(&batch->list);
    batch->count = 0;
}

/* Names have letters, digits and "_-. /:" alone. */
static void begin(struct batch *batch, const char *name)
{
    char key[KEY_MOST + 1];
    size_t length = 0;

    if (batch->count == batch->most)
        flush(batch);
    for (; name[length] && length < KEY_MOST; length++) {
        unsigned char byte = (unsigned char)name[length];

        key[length] = (char)(byte < 128 && (isalnum(byte) || strchr("_-. /:", byte)) ? byte : '_');
    }
    key[length] = '\0';
    text_add_string(&batch->list, batch->count++ > 0 ? ",{\"key\":" : "{\"key\":");
    text_add_json(&batch->list, key);
}

static void add_text(struct batch *batch, const char *name, const char *value, size_t most)
{
    size_t length = strlen(value);
    char *cut;

    for (length = length > most ? most : length; length > 0 && (value[length] & 0xC0) == 0x80;)
        length--; /* no letter is cut in two */
    cut = memory_bytes(value, length);
    begin(batch, name);
    text_add_string(&batch->list, ",\"value\":");
    text_add_json(&batch->list, cut);
    text_add_char(&batch->list, '}');
    free(cut);
}

static void add_metric(struct batch *batch, const char *name, double value, const struct step *step)
{
    begin(batch, name);
    text_add_string(&batch->list, ",\"value\":");
    text_add_number(&batch->list, value);
    text_printf(&batch->list, ",\"timestamp\":%lld,\"step\":%zu}",
                (long long)step->timestamp_s * 1000, step->index);
}

/* --- What of the run goes where -----------------------------------------------------------------
 */

static void add_metrics(struct batch *batch, const struct results *run)
{
    for (size_t i = 0; i < run->count; i++) {
        for (size_t column = 0; column < column_count(); column++) {
            struct cell cell = column_cell(column, &run->step[i]);
            char name[KEY_MOST];

            column_name(column, name, sizeof name);
            if (cell.kind == CELL_NUMBER && isfinite(cell.number))
                add_metric(batch, name, cell.number, &run->step[i]);
        }
    }
}

static bool has_prefix(const char *key, const char *prefix)
{
    return strncmp(key, prefix, strlen(prefix)) == 0;
}

static void add_parameters(struct batch *batch, const struct results *run)
{
    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (has_prefix(fact->key, settings_prefix) && !has_prefix(fact->key, labels_prefix) &&
            fact->value)
            add_text(batch, fact->key + strlen(settings_prefix), fact->value, VALUE_MOST);
    }
}

static void add_row_tags(struct batch *batch, const struct results *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct step *step = &run->step[i];
        char *name = memory_printf("coebench.row.%zu", step->index), *row = row_key(&step->row);
        char *health = memory_printf("coebench.measurement.%zu", step->index);

        add_text(batch, name, row, TAG_MOST);
        add_text(batch, health, measurement_verdict_words[step->health.verdict], TAG_MOST);
        free(name);
        free(row);
        free(health);
    }
}

static void add_fact_tags(struct batch *batch, const struct results *run)
{
    static const char *const facts[] = {"coebench_version", "status", "endpoint.address",
                                        "started_utc"};

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *value = manifest_find(&run->manifest, facts[i]);
        char *name = memory_printf("coebench.%s", facts[i]);

        if (value)
            add_text(batch, name, value, TAG_MOST);
        free(name);
    }
    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];

        if (has_prefix(fact->key, labels_prefix) && fact->value)
            add_text(batch, fact->key + strlen(settings_prefix), fact->value, TAG_MOST);
    }
}

/* MLflow shows the note at the head of a run. */
static void add_tags(struct batch *batch, const struct runs *runs)
{
    struct headline headline = {0};

    headline_make(&runs->report, &headline);
    add_text(batch, "mlflow.note.content", headline.sentence, TAG_MOST);
    headline_clear(&headline);
    add_fact_tags(batch, &runs->results[0]);
    add_row_tags(batch, &runs->results[0]);
}

bool mlflow_data_send(const struct runs *runs, const char *run_id, const struct mlflow_sink *sink,
                      struct error *error)
{
    struct batch batch = {
        .sink = sink, .run_id = run_id, .kind = "params", .most = OTHERS_MOST, .error = error};

    add_parameters(&batch, &runs->results[0]);
    flush(&batch);
    batch.kind = "tags";
    add_tags(&batch, runs);
    flush(&batch);
    batch.kind = "metrics";
    batch.most = METRICS_MOST;
    add_metrics(&batch, &runs->results[0]);
    flush(&batch);
    text_clear(&batch.list);
    return !batch.failed;
}
