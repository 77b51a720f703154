#include "job/prepare_read.h"

#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/shipped.h"
#include "job/trust.h"
#include "plan/loads.h"

static void override(struct preparation *preparation, const char *option, char *assignment)
{
    preparation->override =
        memory_grow(preparation->override, preparation->overrides, sizeof *preparation->override);
    preparation->override[preparation->overrides++] =
        (struct settings_override){memory_text(option), assignment};
}

/* A run that is resumed keeps what its own command line asked, and what was drawn for it. */
static void override_as_before(struct preparation *preparation,
                               const struct manifest_content *before)
{
    const char *seed = manifest_find(before, "settings.seed");
    const char *tokens = manifest_find(before, "settings.probe.output_tokens");

    if (tokens && strcmp(tokens, "1") == 0) /* the default of 0.1.0, which was in no config */
        override(preparation, "--resume", memory_text("probe.output_tokens=1"));
    if (seed)
        override(preparation, "--resume", memory_printf("seed=%s", seed));
    for (size_t i = 0; i < before->overrides; i++) {
        if (trust_allows(&before->override[i]))
            override(preparation, before->override[i].option,
                     memory_text(before->override[i].assignment));
    }
}

static const char *ml_repo_key(const char *word)
{
    return word && mlflow_place_is_uri(word) ? "mlflow.uri" : "mlflow.experiment";
}

/* The command line's own options are settings like any other. */
void prepare_read_settings(struct preparation *preparation, const struct prepare_options *options,
                           struct faults *faults)
{
    const struct {
        const char *key, *option, *value;
    } own[] = {{"model_configs_path", "--rows", options->rows},
               {"run_name", "--name", options->name},
               {"llm_api", "--api", options->api},
               {"seed", "--seed", options->seed},
               {"order", "--order", options->order},
               {"passes", "--passes", options->passes},
               {"tokenizer", "--tokenizer", options->tokenizer},
               {ml_repo_key(options->ml_repo), "--ml_repo", options->ml_repo},
               {"mlflow.run_name", "--run_name", options->ml_run}};

    if (options->resumes)
        override_as_before(preparation, options->resumes);
    for (size_t i = 0; i < options->sets; i++)
        override(preparation, "--set", memory_text(options->set[i]));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        struct text quoted = {0};

        if (!own[i].value)
            continue;
        text_printf(&quoted, "%s=", own[i].key);
        text_add_json(&quoted, own[i].value); /* a JSON string is a YAML one */
        override(preparation, own[i].option, text_take(&quoted));
    }
    settings_read(preparation->config_path, preparation->override, preparation->overrides,
                  &preparation->settings, faults);
}

bool prepare_read_rows(struct preparation *preparation, struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    preparation->rows.from_dataset = preparation->settings.prompt.source == PROMPT_DATASET;
    if (!path)
        return false;
    if (!file_exists(path))
        settings_fault(&preparation->settings, faults, "model_configs_path",
                       "there is no file '%s', neither in the working directory nor beside the "
                       "config",
                       path);
    else
        return rows_read(path, &preparation->rows, faults, &preparation->warnings);
    return false;
}

void prepare_read_bundle(struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    if (!settings->bundle)
        return;
    if (!shipped_is_name("bundle", settings->bundle) && !file_exists(settings->bundle))
        settings_fault(settings, faults, "bundle",
                       "there is no file '%s', neither in the working directory nor beside the "
                       "config",
                       settings->bundle);
    else if (bundle_read(settings->bundle, &preparation->bundle, faults) && faults->count == 0)
        loads_advise(&preparation->bundle, &preparation->rows, settings->model_configs_path,
                     &preparation->warnings);
}

void prepare_read_tokenizer(struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    struct error error;

    if (!settings->tokenizer)
        return;
    preparation->tokenizer = token_counter_open(settings->tokenizer, &error);
    if (!preparation->tokenizer)
        settings_fault(settings, faults, "tokenizer", "%s", error.text);
}

bool prepare_read_endpoint(struct preparation *preparation, const struct prepare_options *options,
                           struct faults *faults)
{
    if (!trust_address_is_given(options, faults))
        return false;
    if (!options->address)
        return environment_read_at(options->url, (enum llm_api)preparation->settings.llm_api,
                                   preparation->config_path, &preparation->endpoint, faults,
                                   &preparation->warnings);
    preparation->endpoint = (struct endpoint){.address = memory_text(options->address),
                                              .query = memory_text(options->query),
                                              .shown = memory_text(options->address),
                                              .address_source = memory_text("given"),
                                              .key = memory_text(options->key),
                                              .key_source = memory_text("given")};
    return true;
}

void prepare_read_counts(struct preparation *preparation)
{
    struct error error;

    if (!preparation->settings.output_files_dir)
        return;
    preparation->learned = memory_new(1, sizeof *preparation->learned);
    if (!learned_open(preparation->learned, &preparation->settings, preparation->endpoint.shown,
                      preparation->target.dialect, &error))
        faults_add(&preparation->warnings, NULL, 0, "%s", error.text);
}

void prepare_read_study(struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    struct error error;
    bool mixed = false;

    if (!settings->study)
        return;
    for (size_t i = 0; i < preparation->rows.count; i++)
        mixed |= preparation->rows.row[i].mix != NULL;
    if (!mixed)
        settings_fault(settings, &preparation->warnings, "study",
                       "predicts what mixes of rows cost, and no row has a mix; it is not used");
    else if (!(preparation->study = prior_study_read(settings->study, &error)))
        settings_fault(settings, faults, "study", "%s", error.text);
}
