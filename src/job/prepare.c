#include "job/prepare.h"

#include <stdlib.h>
#include <string.h>

#include "job/addressing.h"
#include "job/aim.h"
#include "job/limits.h"
#include "job/listing.h"
#include "job/prepare_check.h"
#include "job/prepare_read.h"
#include "job/reusing.h"
#include "job/trace_rows.h"
#include "job/trust.h"
#include "load/addresses.h"
#include "load/fetch.h"
#include "plan/address.h"
#include "plan/advice.h"
#include "plan/mixes.h"

/* Data sets may say how many requests a row has. */
static void advise(struct preparation *preparation)
{
    advice_on_rows(&preparation->rows, preparation->settings.model_configs_path,
                   preparation->settings.probe.steady > 0, &preparation->warnings);
    advice_on_durations(&preparation->rows, preparation->settings.model_configs_path,
                        preparation->settings.timeout_s, &preparation->warnings);
}

static void make_order(struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    const struct order_asked asked = {.kind = (enum order_kind)settings->order,
                                      .passes = stop_passes(&settings->stop_when, settings->passes),
                                      .self_pairs = settings->self_pairs,
                                      .seed = (uint64_t)settings->seed};
    struct error error;

    if (settings->self_pairs && settings->order != ORDER_ALL_PAIRS)
        settings_fault(settings, &preparation->warnings, "self_pairs",
                       "is for order: all-pairs, and this one is %s; it is ignored",
                       order_names[settings->order]);
    if (preparation->rows.count > 0 &&
        !order_make(&preparation->rows, &asked, &preparation->order, &error))
        settings_fault(settings, faults, "order", "%s", error.text);
}

static void read_plan(struct preparation *preparation, const struct prepare_options *options,
                      struct faults *faults)
{
    const struct settings *settings = &preparation->settings;
    bool sound;

    prepare_check_results(settings, options->resumes || options->made, faults);
    sound = prepare_read_rows(preparation, faults) && trace_rows_expand(preparation, faults);
    make_order(preparation, faults);
    prepare_check_wait_ready(preparation, faults);
    mixes_check_settings(&preparation->rows, settings, faults);
    if (faults->count == 0)
        prepare_check_call_mix(preparation);
    sources_read(&preparation->sources, settings, &preparation->rows, preparation->config_path,
                 faults, &preparation->warnings);
    if (sound)
        advise(preparation);
    prepare_read_bundle(preparation, faults);
    if (options->follows)
        return;
    prepare_read_tokenizer(preparation, faults);
    prepare_read_study(preparation, faults);
}

static void aim_at_endpoint(struct preparation *preparation, const struct prepare_options *options,
                            bool with_rows, struct faults *faults)
{
    if (preparation->settings.llm_api == API_UNKNOWN ||
        !prepare_read_endpoint(preparation, options, faults) ||
        !aim_check_address(&preparation->endpoint, faults))
        return;
    reusing_begin(preparation, options->resumes, faults);
    addressing_begin(preparation, options->resumes);
    aim(preparation, faults);
    if (with_rows)
        prepare_read_counts(preparation);
    if (with_rows && preparation->learned && !options->recounts)
        prepare_check_lengths(preparation, options->offline, faults);
}

static bool put_together(struct preparation *preparation, const struct prepare_options *options,
                         const char *config_path, bool with_rows, struct faults *faults)
{
    preparation->config_path = config_path ? config_path : "configs/config.yaml";
    preparation->listing = listing_new();
    prepare_read_settings(preparation, options, faults);
    trust_check(preparation, options, faults);
    if (with_rows)
        read_plan(preparation, options, faults);
    aim_at_endpoint(preparation, options, with_rows, faults);
    limits_check(preparation, faults);
    prepare_check_ca_file(&preparation->settings, faults);
    return faults->count == 0;
}

bool prepare(struct preparation *preparation, const struct prepare_options *options,
             const char *config_path, struct faults *faults)
{
    return put_together(preparation, options, config_path, true, faults);
}

bool prepare_endpoint(struct preparation *preparation, const struct prepare_options *options,
                      const char *config_path, struct faults *faults)
{
    return put_together(preparation, options, config_path, false, faults);
}

bool prepare_list_models(const struct preparation *preparation, struct listed_models *models,
                         struct listing_reached *reached, struct error *error)
{
    const struct target *target = &preparation->target;
    const struct fetch how = {.url = preparation->models_url,
                              .timeout_s = target->connect_timeout_s};
    char *shown = preparation->models_url ? address_hide(preparation->models_url) : NULL;
    struct fetched fetched = {0};
    const struct text *body = &fetched.body;
    struct error why;
    bool done = false;

    if (!shown)
        error_set(error, "the %s API cannot list its models", target->dialect->name);
    else if (!fetch_ask(target, &how, &fetched, &why) || !fetch_judge(&fetched, &why))
        error_set(error, "the endpoint's models cannot be listed (%s): %s", shown, why.text);
    else if (!dialect_read_models(body->bytes ? body->bytes : "", body->length, models))
        error_set(error, "%s lists no models", shown);
    else
        done = true;
    if (reached)
        *reached = (struct listing_reached){fetched.end, fetched.status};
    fetched_clear(&fetched);
    free(shown);
    return done;
}

void prepare_clear(struct preparation *preparation)
{
    settings_clear(&preparation->settings);
    for (size_t i = 0; i < preparation->overrides; i++) {
        free((char *)preparation->override[i].option);
        free((char *)preparation->override[i].assignment);
    }
    free(preparation->override);
    bundle_clear(&preparation->bundle);
    rows_clear(&preparation->rows);
    order_clear(&preparation->order);
    sources_clear(&preparation->sources);
    free(preparation->trace_model);
    token_counter_close(preparation->tokenizer);
    prior_study_free(preparation->study);
    if (preparation->learned)
        learned_clear(preparation->learned);
    free(preparation->learned);
    listing_free(preparation->listing);
    addresses_free(preparation->addresses);
    free(preparation->used_before);
    endpoint_clear(&preparation->endpoint);
    free(preparation->chat_url);
    free(preparation->models_url);
    free(preparation->idle_url);
    free(preparation->shown_url);
    free(preparation->health_url);
    secrets_free(preparation->secrets);
    if (preparation->key_header)
        explicit_bzero(preparation->key_header, strlen(preparation->key_header));
    free(preparation->key_header);
    faults_clear(&preparation->warnings);
}
