#include "job/remarks.h"

#include <string.h>

#include "core/word.h"
#include "job/cause.h"
#include "job/listing.h"
#include "plan/advice.h"

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

void remarks_add(struct preparation *preparation)
{
    warn_of_seed(preparation);
    if (preparation->settings.probe.steady == 0)
        advice_on_masking(&preparation->rows, preparation->settings.model_configs_path,
                          &preparation->warnings);
    warn_of_shared_cloud(preparation);
}

/* --- By the endpoint's list ------------------------------------------------------------------- */

static const char *listed_name_at(const void *models, size_t i)
{
    return ((const struct listed_model *)models)[i].id;
}

/* Two names of one model look like a switch in the rows, and are none. */
static void warn_of_names(struct preparation *preparation, const struct listed_models *models)
{
    const struct rows *rows = &preparation->rows;

    for (size_t i = 0; i < rows->count; i++) {
        const char *name = rows->row[i].model_name;
        size_t k = 0;

        while (k < i && !listed_models_same(models, rows->row[k].model_name, name))
            k++;
        if (k < i && strcmp(rows->row[k].model_name, name) != 0 && rows_first_of_model(rows, i))
            faults_add(&preparation->warnings, preparation->settings.model_configs_path,
                       rows->row[i].line,
                       "model_name: by the endpoint's list '%s' and the '%s' of line %d are one "
                       "model; between them there is no switch",
                       name, rows->row[k].model_name, rows->row[k].line);
    }
}

/* How the rows' models stand now, where the list says so. */
static void add_standing(struct preparation *preparation, const struct listed_models *models,
                         struct text *standing)
{
    const struct rows *rows = &preparation->rows;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        const struct listed_model *model = listed_models_find(models, row->model_name);

        if (!model || model->status == MODEL_STATUS_UNKNOWN || !rows_first_of_model(rows, i))
            continue;
        text_printf(standing, "%s%s %s", standing->length > 0 ? ", " : "", row->model_name,
                    model_status_words[model->status]);
        if (model->status == MODEL_FAILED)
            faults_add(&preparation->warnings, preparation->settings.model_configs_path, row->line,
                       "the endpoint lists '%s' as failed", row->model_name);
    }
}

static void compare_with_models(struct preparation *preparation, const struct listed_models *models)
{
    const char *file = preparation->settings.model_configs_path;

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        const struct listed_model *model = listed_models_find(models, row->model_name);
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

void remarks_add_listed(struct preparation *preparation, struct text *standing)
{
    const struct listed_models *models;
    struct text why = {0};
    struct error error;

    if (!preparation->models_url)
        return;
    models = listing_models(preparation, &error);
    if (models->count > 0) {
        compare_with_models(preparation, models);
        warn_of_names(preparation, models);
        add_standing(preparation, models, standing);
    } else if (!cause_shows(preparation, &why)) {
        faults_add(&preparation->warnings, NULL, 0, "%s", error.text);
    }
    text_clear(&why);
}
