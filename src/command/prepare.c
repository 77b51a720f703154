#include "command/prepare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "load/fetch.h"
#include "plan/advice.h"
#include "plan/loads.h"
#include "store/run.h"

/* Besides connections: the terminal, results, the event loop. */
enum { FILES_OF_OURS = 32 };

enum { CA_FILE_MOST = 16 << 20 };

bool prepare_tell_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fprintf(stderr, "coebench: %s\n", faults->text[i]);
    if (faults->count > 1)
        fprintf(stderr, "coebench: %zu faults; nothing was sent\n", faults->count);
    return faults->count == 0;
}

static void override(struct preparation *preparation, const char *option, char *assignment)
{
    preparation->override =
        memory_grow(preparation->override, preparation->overrides, sizeof *preparation->override);
    preparation->override[preparation->overrides++] =
        (struct settings_override){memory_text(option), assignment};
}

/* A run that is gone on with keeps what its own command line said, and what was drawn for it. */
static void override_as_before(struct preparation *preparation,
                               const struct manifest_content *before)
{
    const char *seed = manifest_find(before, "settings.seed");

    if (seed)
        override(preparation, "--resume", memory_printf("seed=%s", seed));
    for (size_t i = 0; i < before->overrides; i++)
        override(preparation, before->override[i].option,
                 memory_text(before->override[i].assignment));
}

/* The command line's own options are settings like any other. */
static void read_settings(struct preparation *preparation, const struct prepare_options *options,
                          struct faults *faults)
{
    const struct {
        const char *key, *option, *value;
    } own[] = {{"model_configs_path", "--rows", options->rows},
               {"run_name", "--name", options->name},
               {"seed", "--seed", options->seed},
               {"order", "--order", options->order},
               {"passes", "--passes", options->passes}};

    if (options->resumes)
        override_as_before(preparation, options->resumes);
    for (size_t i = 0; i < options->set.count; i++)
        override(preparation, "--set", memory_text(options->set.text[i]));
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

static void refuse_images(const struct preparation *preparation, const struct dialect *dialect,
                          struct faults *faults)
{
    for (size_t i = 0; i < preparation->rows.count && !dialect->images; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (row->multimodal_img_size != ROW_NO_IMAGE)
            faults_add(faults, preparation->settings.model_configs_path, row->line,
                       "multimodal_img_size: '%s' cannot be sent; %s carries no images",
                       row_image_names[row->multimodal_img_size], dialect->name);
    }
    for (size_t i = 0; i < preparation->sources.datasets && !dialect->images; i++) {
        const struct source_dataset *one = &preparation->sources.dataset[i];

        if (one->dataset.images > 0)
            faults_add(faults, one->path, 0, "has pictures, and %s carries none", dialect->name);
    }
}

static void warn_of_unnamed(struct preparation *preparation, const struct dialect *dialect)
{
    for (size_t i = 0; i < preparation->rows.count && dialect->names_model; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (!dialect->names_model(row->model_name))
            faults_add(
                &preparation->warnings, preparation->settings.model_configs_path, row->line,
                "model_name: on a generic address only a name that begins with 'Bundle/' or "
                "'COE/' chooses a model; '%s' is not sent, and the endpoint answers with its "
                "own",
                row->model_name);
    }
}

/* Each request in flight needs a connection of its own, and that a file and a local port. */
static void check_connections(const struct preparation *preparation, struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;
    size_t files = file_raise_open_limit(), ports = file_local_ports();

    for (size_t i = 0; i < preparation->rows.count; i++) {
        const struct row *row = &preparation->rows.row[i];
        size_t wanted = (size_t)row->concurrent_requests;

        if (wanted + FILES_OF_OURS > files)
            faults_add(faults, path, row->line,
                       "concurrent_requests: %zu connections need %zu open files, and this process "
                       "may have %zu; raise 'ulimit -n'",
                       wanted, wanted + FILES_OF_OURS, files);
        if (ports > 0 && wanted > ports)
            faults_add(faults, path, row->line,
                       "concurrent_requests: %zu connections need as many local ports, and this "
                       "machine has %zu; widen net.ipv4.ip_local_port_range",
                       wanted, ports);
    }
}

static void check_ca_file(const struct settings *settings, struct faults *faults)
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

/* What would stop a run before it sends anything. */
static void check_results(const struct settings *settings, bool resumes, struct faults *faults)
{
    const char *out = settings->output_files_dir, *books = settings->consolidated_results_dir;
    struct error error;

    if (out && !run_can_use(out, &error))
        settings_fault(settings, faults, "output_files_dir", "%s", error.text);
    if (books && !run_can_use(books, &error))
        settings_fault(settings, faults, "consolidated_results_dir", "%s", error.text);
    if (!resumes && out && books && settings->run_name &&
        run_is_taken(out, books, settings->run_name, &error))
        settings_fault(settings, faults, "run_name", "%s", error.text);
}

static void read_rows(struct preparation *preparation, struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    if (!path)
        return;
    if (!file_exists(path))
        settings_fault(&preparation->settings, faults, "model_configs_path",
                       "there is no file '%s', neither in the working directory nor beside the "
                       "config",
                       path);
    else if (rows_read(path, &preparation->rows, faults, &preparation->warnings))
        advice_on_rows(&preparation->rows, path, preparation->settings.probe.steady > 0,
                       &preparation->warnings);
}

/* A mix of calls to models that no row visits is told nothing of. */
static void check_call_mix(struct preparation *preparation)
{
    const struct settings *settings = &preparation->settings;
    double visited = 0;

    if (preparation->rows.count == 0 ||
        isnan(settings_call_share(settings, preparation->rows.row[0].model_name)))
        return;
    for (size_t i = 0; i < preparation->rows.count; i++) {
        if (rows_first_of_model(&preparation->rows, i))
            visited += settings_call_share(settings, preparation->rows.row[i].model_name);
    }
    if (visited < 1 - 1e-9)
        settings_fault(
            settings, &preparation->warnings, "call_mix",
            "%.0f %% of the calls go to models that no row asks for; what switching costs "
            "is told of the others alone",
            100 * (1 - visited));
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

/* Advice needs rows that were read in full. */
static void read_bundle(struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    if (!settings->bundle)
        return;
    if (!file_exists(settings->bundle))
        settings_fault(settings, faults, "bundle",
                       "there is no file '%s', neither in the working directory nor beside the "
                       "config",
                       settings->bundle);
    else if (bundle_read(settings->bundle, &preparation->bundle, faults) && faults->count == 0)
        loads_advise(&preparation->bundle, &preparation->rows, settings->model_configs_path,
                     &preparation->warnings);
}

/* Without TLS, libcurl before 8.0 loses the second request of a connection (its issue 10634). */
static void check_http2(const struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    if (settings->connection.http == CONNECTION_HTTP_2 &&
        strncasecmp(preparation->endpoint.address, "https:", 6) != 0)
        settings_fault(settings, faults, "connection.http",
                       "HTTP/2 is spoken over TLS only, and the address is no https://…");
}

static void check_proxy(const struct preparation *preparation, struct faults *faults)
{
    const char *proxy = preparation->settings.connection.proxy;
    struct error error;

    if (proxy && !fetch_understands(proxy, &error))
        settings_fault(&preparation->settings, faults, "connection.proxy",
                       "is no address (%s); write http://HOST:PORT", error.text);
}

static void warn_of_insecure(struct preparation *preparation)
{
    if (preparation->settings.connection.insecure)
        settings_fault(&preparation->settings, &preparation->warnings, "connection.insecure",
                       "no certificate is checked; whoever answers at %s gets the key",
                       preparation->endpoint.address);
}

static bool check_address(const struct endpoint *endpoint, struct faults *faults)
{
    struct error error;

    if (strpbrk(endpoint->address, "?#"))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s': an address holds no query; leave out '?' or '#' and what follows",
                   endpoint->address_source, endpoint->address);
    else if (!fetch_understands(endpoint->address, &error))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s' is no address (%s); write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source, endpoint->address, error.text);
    else
        return true;
    return false;
}

static void aim(struct preparation *preparation, struct faults *faults)
{
    const char *api = settings_api_names[preparation->settings.llm_api];
    const struct endpoint *endpoint = &preparation->endpoint;
    const struct dialect *dialect = dialect_find(api, endpoint->address);

    if (!dialect) {
        faults_add(faults, NULL, 0,
                   "%s: '%s' is neither a generic address (…/generic/…) nor an OpenAI-compatible "
                   "one (…/chat/completions)",
                   endpoint->address_source, endpoint->address);
        return;
    }
    refuse_images(preparation, dialect, faults);
    warn_of_unnamed(preparation, dialect);
    preparation->chat_url = dialect->chat_url(endpoint->address);
    if (dialect->models_url)
        preparation->models_url = dialect->models_url(endpoint->address);
    preparation->idle_url = dialect->idle_url(endpoint->address);
    preparation->key_header = dialect->key_header(endpoint->key);
    preparation->target = (struct target){
        .dialect = dialect,
        .chat_url = preparation->chat_url,
        .idle_url = preparation->idle_url,
        .key_header = preparation->key_header,
        .key = preparation->endpoint.key,
        .headers = preparation->settings.connection.header_lines,
        .proxy = preparation->settings.connection.proxy,
        .ca_file = preparation->settings.connection.ca_file,
        .insecure = preparation->settings.connection.insecure,
        .http2 = preparation->settings.connection.http == CONNECTION_HTTP_2,
        .connect_timeout_s = preparation->settings.connection.connect_timeout_s,
        .idle_timeout_s = preparation->settings.connection.idle_timeout_s,
    };
}

/* A prompt cannot be shorter than the template it stands in. */
static void check_lengths(const struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    for (size_t i = 0; i < preparation->rows.count && settings->prompt.count == PROMPT_TOTAL; i++) {
        const struct row *row = &preparation->rows.row[i];
        struct counting counting = learned_counting(preparation->learned, row->model_name, "");
        double overhead = counting_overhead(&counting);

        if (!row->dataset && row->multimodal_img_size == ROW_NO_IMAGE && counting.samples > 0 &&
            (double)row->input_tokens <= overhead)
            faults_add(faults, settings->model_configs_path, row->line,
                       "input_tokens: %lld cannot be met: without a word of text the server counts "
                       "%.0f for '%s'; ask for more, or set prompt.count to content",
                       (long long)row->input_tokens, overhead, row->model_name);
    }
}

static void recall_counts(struct preparation *preparation, bool recounts, struct faults *faults)
{
    struct error error;

    if (!preparation->settings.output_files_dir)
        return;
    preparation->learned = memory_new(1, sizeof *preparation->learned);
    if (!learned_open(preparation->learned, &preparation->settings, preparation->endpoint.address,
                      &error))
        faults_add(&preparation->warnings, NULL, 0, "%s", error.text);
    if (!recounts)
        check_lengths(preparation, faults);
}

static bool find_endpoint(struct preparation *preparation, const struct prepare_options *options,
                          struct faults *faults)
{
    if (!options->address)
        return environment_read((enum llm_api)preparation->settings.llm_api,
                                preparation->config_path, &preparation->endpoint, faults,
                                &preparation->warnings);
    preparation->endpoint = (struct endpoint){.address = memory_text(options->address),
                                              .address_source = memory_text("given"),
                                              .key = memory_text(options->key),
                                              .key_source = memory_text("given")};
    return true;
}

static bool read_all(struct preparation *preparation, const struct prepare_options *options,
                     const char *config_path, bool with_rows)
{
    struct settings *settings = &preparation->settings;
    struct faults faults = {0};
    bool done;

    preparation->config_path = config_path ? config_path : "configs/config.yaml";
    read_settings(preparation, options, &faults);
    if (with_rows) {
        check_results(settings, options->resumes != NULL, &faults);
        read_rows(preparation, &faults);
        make_order(preparation, &faults);
        if (faults.count == 0)
            check_call_mix(preparation);
        sources_read(&preparation->sources, settings, &preparation->rows, preparation->config_path,
                     &faults);
        read_bundle(preparation, &faults);
    }
    if (settings->llm_api != API_UNKNOWN && find_endpoint(preparation, options, &faults) &&
        check_address(&preparation->endpoint, &faults)) {
        check_http2(preparation, &faults);
        check_proxy(preparation, &faults);
        warn_of_insecure(preparation);
        aim(preparation, &faults);
        if (with_rows)
            recall_counts(preparation, options->recounts, &faults);
    }
    check_connections(preparation, &faults);
    check_ca_file(settings, &faults);
    if (faults.count > 0) /* what is odd may explain what is wrong */
        prepare_print_warnings(&preparation->warnings);
    done = prepare_tell_faults(&faults);
    faults_clear(&faults);
    return done;
}

bool prepare(struct preparation *preparation, const struct prepare_options *options,
             const char *config_path)
{
    return read_all(preparation, options, config_path, true);
}

bool prepare_endpoint(struct preparation *preparation, const char *config_path)
{
    return read_all(preparation, &(struct prepare_options){0}, config_path, false);
}

bool prepare_list_models(const struct preparation *preparation, struct listed_models *models,
                         struct error *error)
{
    struct text body = {0};
    struct error why;
    bool done = false;

    if (!preparation->models_url)
        error_set(error, "the %s API cannot list its models", preparation->target.dialect->name);
    else if (!fetch_get(&preparation->target, preparation->models_url, &body, &why))
        error_set(error, "the endpoint's models cannot be listed (%s): %s", preparation->models_url,
                  why.text);
    else if (!dialect_read_models(body.bytes ? body.bytes : "", body.length, models))
        error_set(error, "%s lists no models", preparation->models_url);
    else
        done = true;
    text_clear(&body);
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
    if (preparation->learned)
        learned_clear(preparation->learned);
    free(preparation->learned);
    endpoint_clear(&preparation->endpoint);
    free(preparation->chat_url);
    free(preparation->models_url);
    free(preparation->idle_url);
    if (preparation->key_header)
        explicit_bzero(preparation->key_header, strlen(preparation->key_header));
    free(preparation->key_header);
    faults_clear(&preparation->warnings);
}

void prepare_print_warnings(const struct faults *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        fprintf(stderr, "warning: %s\n", warnings->text[i]);
}
