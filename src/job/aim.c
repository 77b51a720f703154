#include "job/aim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/api.h"
#include "core/memory.h"
#include "load/fetch.h"
#include "plan/address.h"
#include "plan/key.h"

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

/* What needs a list of messages. */
static void refuse_messages(const struct preparation *preparation, const struct dialect *dialect,
                            struct faults *faults)
{
    const char *path = preparation->settings.model_configs_path;

    for (size_t i = 0; i < preparation->rows.count && !dialect->converses; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (row->prefix_tokens > 0)
            faults_add(faults, path, row->line,
                       "prefix_tokens: %s sends one text, and has no place for a system message",
                       dialect->name);
        if (row_has_sessions(row))
            faults_add(faults, path, row->line,
                       "%s: %s sends one text, and has no place for the turns before%s",
                       row->trace ? "trace" : "turns", dialect->name,
                       row->trace
                           ? "; take the sessions out of the file to send each line for itself"
                           : "");
    }
    for (size_t i = 0; i < preparation->sources.datasets && !dialect->converses; i++) {
        const struct source_dataset *one = &preparation->sources.dataset[i];

        if (one->dataset.has_system)
            faults_add(faults, one->path, 0,
                       "has messages of the system, and %s has no place for them", dialect->name);
    }
}

static void warn_of_unnamed(struct preparation *preparation, const struct dialect *dialect)
{
    for (size_t i = 0; i < preparation->rows.count && dialect->names_model; i++) {
        const struct row *row = &preparation->rows.row[i];

        if (!dialect->names_model(row->model_name))
            faults_add(&preparation->warnings, preparation->settings.model_configs_path, row->line,
                       "model_name: %s; '%s' is not sent, and the endpoint uses a model of its own",
                       dialect->unnamed, row->model_name);
    }
}

/* What the settings ask for and this dialect has no place for. */
static void warn_of_unsent(struct preparation *preparation, const struct dialect *dialect)
{
    const struct settings *settings = &preparation->settings;
    const struct {
        bool unsent;
        const char *name;
    } cases[] = {
        {settings->ignore_eos && !dialect->asks_ignore_eos, "ignore_eos"},
        {settings->output_tokens_as != OUTPUT_MAX_TOKENS && !dialect->takes_choices,
         "output_tokens_as"},
        {settings->ask_usage != USAGE_TRUE && !dialect->takes_choices, "ask_usage"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].unsent)
            settings_fault(settings, &preparation->warnings, cases[i].name,
                           "%s has no place for it; it is not sent", dialect->name);
    }
}

static void add_note(struct preparation *preparation)
{
    const char *note = api_at((enum llm_api)preparation->settings.llm_api)->note;

    if (note)
        faults_add(&preparation->warnings, NULL, 0, "%s", note);
}

/* Without TLS, libcurl before 8.0 loses the second request of a connection (its issue 10634). */
static void check_http2(const struct preparation *preparation, struct faults *faults)
{
    const struct settings *settings = &preparation->settings;

    if (settings->connection.http == CONNECTION_HTTP_2 &&
        strncasecmp(preparation->endpoint.address, "https:", 6) != 0)
        settings_fault(settings, faults, "connection.http",
                       "HTTP/2 needs TLS, and the address is not an https://…");
}

static void check_proxy(const struct preparation *preparation, struct faults *faults)
{
    const char *proxy = preparation->settings.connection.proxy;
    struct error error;

    if (proxy && !fetch_understands(proxy, &error))
        settings_fault(&preparation->settings, faults, "connection.proxy",
                       "is not an address (%s); write http://HOST:PORT", error.text);
}

static void warn_of_insecure(struct preparation *preparation)
{
    if (preparation->settings.connection.insecure)
        settings_fault(&preparation->settings, &preparation->warnings, "connection.insecure",
                       "certificates are not checked; any server at %s can read the key",
                       preparation->endpoint.address);
}

bool aim_check_address(const struct endpoint *endpoint, struct faults *faults)
{
    struct error error;

    if (strchr(endpoint->address, '#') || (endpoint->query && strchr(endpoint->query, '#')))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s': an address has no part that begins with '#'; leave it out",
                   endpoint->address_source, endpoint->shown);
    else if (!fetch_understands(endpoint->address, &error))
        faults_add(faults, NULL, 0,
                   "%s: '%.200s' is not an address (%s); write http://HOST:PORT/PATH or https://…",
                   endpoint->address_source, endpoint->address, error.text);
    else
        return true;
    return false;
}

/* The query of the address is sent with every request. */
static void make_urls(struct preparation *preparation, const struct dialect *dialect)
{
    const char *address = preparation->endpoint.address, *query = preparation->endpoint.query;

    preparation->chat_url = address_join(dialect->chat_url(address), query);
    preparation->shown_url = address_hide(preparation->chat_url);
    if (dialect->models_url)
        preparation->models_url = address_join(dialect->models_url(address), query);
    if (dialect->health_url)
        preparation->health_url = address_join(dialect->health_url(address), query);
    preparation->idle_url = address_join(dialect->idle_url(address), query);
}

static char *make_key_header(const struct preparation *preparation, const struct dialect *dialect,
                             const char *key)
{
    const char *name = preparation->settings.connection.key_header;

    if (name)
        return memory_printf("%s: %s", name, key);
    return dialect->key_header ? dialect->key_header(key) : NULL;
}

/* A shorter value of a header is no secret, and may stand anywhere. */
static void add_headers(const struct preparation *preparation, struct secrets *secrets)
{
    char *const *header = preparation->settings.connection.header_lines;

    for (; header && *header; header++) {
        const char *value = strstr(*header, ": ");

        if (value && strlen(value + 2) >= SECRETS_ANYWHERE)
            secrets_add(secrets, value + 2);
    }
}

/* What is sent besides the prompts, and shown nowhere. */
static struct secrets *find_secrets(const struct preparation *preparation)
{
    struct secrets *secrets = secrets_new();
    char **query = address_secrets(preparation->endpoint.query);
    char *proxy = address_password(preparation->settings.connection.proxy);

    if (!preparation->endpoint.keyless)
        secrets_add(secrets, preparation->endpoint.key);
    for (char **one = query; *one; one++)
        secrets_add(secrets, *one);
    add_headers(preparation, secrets);
    secrets_add(secrets, proxy);
    if (proxy)
        explicit_bzero(proxy, strlen(proxy));
    free(proxy);
    address_secrets_free(query);
    return secrets;
}

static void find_target(struct preparation *preparation, struct faults *faults)
{
    const char *api = api_names[preparation->settings.llm_api];
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
    refuse_messages(preparation, dialect, faults);
    warn_of_unnamed(preparation, dialect);
    warn_of_unsent(preparation, dialect);
    add_note(preparation);
    make_urls(preparation, dialect);
    preparation->key_header = make_key_header(preparation, dialect, endpoint->key);
    preparation->secrets = find_secrets(preparation);
    preparation->target = (struct target){
        .dialect = dialect,
        .chat_url = preparation->chat_url,
        .shown_url = preparation->shown_url,
        .without_v1 = !strstr(endpoint->address, "/v1"),
        .idle_url = preparation->idle_url,
        .key_header = preparation->key_header,
        .secrets = preparation->secrets,
        .headers = preparation->settings.connection.header_lines,
        .proxy = preparation->settings.connection.proxy,
        .reuse = &preparation->reuse,
        .addresses = preparation->addresses,
        .ca_file = preparation->settings.connection.ca_file,
        .insecure = preparation->settings.connection.insecure,
        .http2 = preparation->settings.connection.http == CONNECTION_HTTP_2,
        .connect_timeout_s = preparation->settings.connection.connect_timeout_s,
        .idle_timeout_s = preparation->settings.connection.idle_timeout_s,
        .tail_grace_s = preparation->settings.connection.tail_grace_s,
    };
}

static void warn_of_key(struct preparation *preparation)
{
    const struct endpoint *endpoint = &preparation->endpoint;
    char *shape = key_shape(endpoint->key);
    char *header = shape ? make_key_header(preparation, preparation->target.dialect, shape) : NULL;

    if (header)
        faults_add(&preparation->warnings, NULL, 0,
                   "%s: the key has blanks, quotes or 'Bearer ' around it; what is sent is '%s'",
                   endpoint->key_source, header);
    if (!endpoint->keyless)
        key_warn_of_length(endpoint->key, endpoint->key_source, &preparation->warnings);
    free(header);
    free(shape);
}

void aim(struct preparation *preparation, struct faults *faults)
{
    check_http2(preparation, faults);
    check_proxy(preparation, faults);
    warn_of_insecure(preparation);
    find_target(preparation, faults);
    if (preparation->target.dialect && preparation->endpoint.key)
        warn_of_key(preparation);
}

struct ask aim_ask(const struct settings *settings, const char *model, int64_t output_tokens)
{
    static const enum ask_usage usages[] = {[USAGE_TRUE] = ASK_USAGE_AT_END,
                                            [USAGE_FALSE] = ASK_USAGE_NOT,
                                            [USAGE_EACH] = ASK_USAGE_EACH};

    return (struct ask){.model = model,
                        .output_tokens = output_tokens,
                        .ignore_eos = settings->ignore_eos,
                        .sampling_params = settings->sampling_params,
                        .output_tokens_as = settings_output_names[settings->output_tokens_as],
                        .usage = usages[settings->ask_usage]};
}
