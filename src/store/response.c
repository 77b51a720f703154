#include "store/response.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/figures.h"
#include "store/response_chunks.h"

/* What a key's value is made from. */
struct source {
    const struct request *request;
    const struct figures *figures;
};

struct field {
    const char *key; /* NULL: the metric's own */
    void (*add)(const struct source *source, struct text *json);
    enum metric metric; /* where `add` is NULL */
};

static void add_error_code(const struct source *source, struct text *json)
{
    if (source->request->end == REQUEST_COMPLETED)
        text_add_string(json, "null");
    else if (source->request->end == REQUEST_HTTP_ERROR)
        text_printf(json, "%d", source->request->http_status);
    else
        text_add_json(json, request_end_words[source->request->end]);
}

static void add_error_message(const struct source *source, struct text *json)
{
    text_add_json(json, source->request->message);
}

/* "" and NULL are what is not known. */
static void add_word(const char *word, struct text *json)
{
    if (word && *word)
        text_add_json(json, word);
    else
        text_add_string(json, "null");
}

static void add_prompt_name(const struct source *source, struct text *json)
{
    if (source->request->asked.name)
        text_add_json(json, source->request->asked.name);
    else
        text_add_string(json, "null");
}

/* A monotonic moment of the request as its wall clock read then; null where it did not come. */
static void add_moment(const struct source *source, int64_t at_ns, bool utc, struct text *json)
{
    int64_t wall_ns = at_ns + source->request->wall_at_ns;
    char moment[CLOCK_TEXT];

    if (at_ns == CLOCK_NEVER) {
        text_add_string(json, "null");
        return;
    }
    if (utc)
        clock_format_utc(wall_ns, moment);
    else
        clock_format_time_of_day(wall_ns, moment);
    text_add_json(json, moment);
}

static int64_t start_of(const struct request *request)
{
    return request->sent_ns == CLOCK_NEVER ? request->started_ns : request->sent_ns;
}

static void add_start_time(const struct source *source, struct text *json)
{
    add_moment(source, start_of(source->request), false, json);
}

static void add_end_time(const struct source *source, struct text *json)
{
    add_moment(source, source->request->done_ns, false, json);
}

static void add_start_utc(const struct source *source, struct text *json)
{
    add_moment(source, start_of(source->request), true, json);
}

static void add_end_utc(const struct source *source, struct text *json)
{
    add_moment(source, source->request->done_ns, true, json);
}

static void add_intended_utc(const struct source *source, struct text *json)
{
    add_moment(source, source->request->intended_ns, true, json);
}

static void add_gaps(const struct source *source, struct text *json)
{
    response_chunks_add_gaps(source->request, source->figures->value[METRIC_CLIENT_TTFT_S], json);
}

static void add_coalesced(const struct source *source, struct text *json)
{
    response_chunks_add_coalesced(source->request, json);
}

static void add_gap_bounds(const struct source *source, struct text *json)
{
    response_chunks_add_bounds(source->request, json);
}

static void add_chunk_tokens(const struct source *source, struct text *json)
{
    response_chunks_add_tokens(source->request, json);
}

static void add_input_source(const struct source *source, struct text *json)
{
    text_add_json(json, isnan(source->request->usage.input_tokens) ? "asked" : "server");
}

static void add_output_source(const struct source *source, struct text *json)
{
    const struct usage *usage = &source->request->usage;

    text_add_json(json, isnan(usage->output_tokens)      ? "events"
                        : figures_reasoning_apart(usage) ? "server+reasoning"
                                                         : "server");
}

/* 0 is what is not known. */
static void add_count(int64_t count, struct text *json)
{
    if (count > 0)
        text_printf(json, "%lld", (long long)count);
    else
        text_add_string(json, "null");
}

static void add_asked_input(const struct source *source, struct text *json)
{
    add_count(source->request->asked.input_tokens, json);
}

static void add_estimated_input(const struct source *source, struct text *json)
{
    add_count(source->request->asked.estimated_tokens, json);
}

/* With seed, step and index, what it takes to send the prompt again. */
static void add_words(const struct source *source, struct text *json)
{
    add_count(source->request->asked.words, json);
}

static void add_asked_output(const struct source *source, struct text *json)
{
    text_printf(json, "%lld", (long long)source->request->asked.output_tokens);
}

/* Of the load's requests there is none. */
static void add_burst(const struct source *source, struct text *json)
{
    add_count(source->request->asked.probe_burst, json);
}

/* Of the requests that count there is none. */
static void add_phase(const struct source *source, struct text *json)
{
    add_word(request_phase_words[source->request->phase], json);
}

/* Of a row without sessions there is none. */
static void add_session(const struct source *source, struct text *json)
{
    if (source->request->asked.turns > 0)
        text_add_size(json, source->request->asked.session);
    else
        text_add_string(json, "null");
}

static void add_turn(const struct source *source, struct text *json)
{
    add_count(source->request->asked.turn, json);
}

static void add_index(const struct source *source, struct text *json)
{
    text_add_size(json, source->request->index);
}

static void add_attempt(const struct source *source, struct text *json)
{
    text_printf(json, "%d", source->request->attempt);
}

static void add_retry_after(const struct source *source, struct text *json)
{
    text_add_number(json, source->request->retry_after_s);
}

static void add_retry_wait(const struct source *source, struct text *json)
{
    text_add_number(json, source->request->retry_wait_s);
}

static void add_non_streaming(const struct source *source, struct text *json)
{
    text_add_string(json, source->request->non_streaming ? "true" : "false");
}

static void add_announcements(const struct source *source, struct text *json)
{
    text_add_size(json, source->request->announcements);
}

/* From the first announcement to the first token. */
static void add_announced(const struct source *source, struct text *json)
{
    const struct request *request = source->request;
    int64_t token_ns = figures_first_token_ns(request);

    if (request->announcements > 0)
        text_add_number(json, clock_seconds(request->announced_ns, token_ns));
    else
        text_add_string(json, "null");
}

static void add_without_text(const struct source *source, struct text *json)
{
    text_add_string(json, source->request->first_token_without_text ? "true" : "false");
}

static void add_error_body(const struct source *source, struct text *json)
{
    add_word(source->request->error_body, json);
}

static void add_status(const struct source *source, struct text *json)
{
    if (source->request->http_status)
        text_printf(json, "%d", source->request->http_status);
    else
        text_add_string(json, "null");
}

static void add_version(const struct source *source, struct text *json)
{
    add_word(source->request->http_version, json);
}

static void add_remote_address(const struct source *source, struct text *json)
{
    add_word(source->request->remote_address, json);
}

/* By which a server's own log can be searched. */
static void add_response_id(const struct source *source, struct text *json)
{
    add_word(source->request->response_id, json);
}

static void add_finish_reason(const struct source *source, struct text *json)
{
    add_word(source->request->finish_reason, json);
}

static void add_new_connection(const struct source *source, struct text *json)
{
    text_add_string(json, source->request->new_connection ? "true" : "false");
}

static void add_ns(int64_t at_ns, struct text *json)
{
    if (at_ns == CLOCK_NEVER)
        text_add_string(json, "null");
    else
        text_printf(json, "%lld", (long long)at_ns);
}

/* A moment on this machine's monotonic clock, for who wants to compare it with another record. */
#define MOMENT(name)                                                                               \
    static void add_##name(const struct source *source, struct text *json)                         \
    {                                                                                              \
        add_ns(source->request->name##_ns, json);                                                  \
    }

MOMENT(intended)
MOMENT(started)
MOMENT(sent)
MOMENT(first_byte)
MOMENT(first_event)
MOMENT(first_reasoning)
MOMENT(first_content)
MOMENT(last_chunk)
MOMENT(done)

/* Which of these moments are the kernel's; the others are when the program came to it. */
static void add_kernel_stamped(const struct source *source, struct text *json)
{
    static const struct {
        enum request_moment moment;
        const char *name;
    } moments[] = {
        {REQUEST_FIRST_BYTE, "first_byte"},           {REQUEST_FIRST_EVENT, "first_event"},
        {REQUEST_FIRST_REASONING, "first_reasoning"}, {REQUEST_FIRST_CONTENT, "first_content"},
        {REQUEST_LAST_CHUNK, "last_chunk"},           {REQUEST_DONE, "done"},
    };
    const char *comma = "";

    text_add_char(json, '[');
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        if (!(source->request->stamped & (int)moments[i].moment))
            continue;
        text_printf(json, "%s\"%s\"", comma, moments[i].name);
        comma = ",";
    }
    text_add_char(json, ']');
}

static void add_chunk_clock(const struct source *source, struct text *json)
{
    response_chunks_add_clock(source->request, json);
}

#define METRIC(id)                                                                                 \
    {                                                                                              \
        .metric = METRIC_##id                                                                      \
    }

static const struct field fields[] = {
    {"error_code", add_error_code, 0},
    {"error_msg", add_error_message, 0},
    {"prompt_name", add_prompt_name, 0},
    {"start_time", add_start_time, 0},
    {"end_time", add_end_time, 0},
    METRIC(SERVER_NUMBER_INPUT_TOKENS),
    METRIC(SERVER_NUMBER_OUTPUT_TOKENS),
    METRIC(SERVER_NUMBER_TOTAL_TOKENS),
    METRIC(SERVER_TTFT_S),
    METRIC(SERVER_END_TO_END_LATENCY_S),
    METRIC(SERVER_OUTPUT_TOKEN_PER_S),
    METRIC(SERVER_TOTAL_TOKENS_PER_S),
    METRIC(SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S),
    METRIC(BATCH_SIZE_USED),
    METRIC(ACCEPTANCE_RATE),
    METRIC(NUMBER_INPUT_TOKENS),
    METRIC(NUMBER_OUTPUT_TOKENS),
    METRIC(NUMBER_TOTAL_TOKENS),
    METRIC(CLIENT_TTFT_S),
    METRIC(CLIENT_END_TO_END_LATENCY_S),
    METRIC(CLIENT_OUTPUT_TOKEN_PER_S),
    METRIC(CLIENT_TOTAL_TOKENS_PER_S),
    {"client_inter_token_latencies_s", add_gaps, 0},
    METRIC(CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
    /* From here on our own. */
    {"request_index", add_index, 0},
    {"attempt", add_attempt, 0},
    {"retry_after_s", add_retry_after, 0},
    {"retry_wait_s", add_retry_wait, 0},
    {"error_body", add_error_body, 0},
    {"non_streaming", add_non_streaming, 0},
    {"announcements", add_announcements, 0},
    {"announced_s", add_announced, 0},
    {"first_token_without_text", add_without_text, 0},
    {"probe_burst", add_burst, 0},
    {"phase", add_phase, 0},
    {"session", add_session, 0},
    {"turn", add_turn, 0},
    {"http_status", add_status, 0},
    {"http_version", add_version, 0},
    {"remote_address", add_remote_address, 0},
    {"response_id", add_response_id, 0},
    {"finish_reason", add_finish_reason, 0},
    {"start_timestamp_utc", add_start_utc, 0},
    {"end_timestamp_utc", add_end_utc, 0},
    {"intended_timestamp_utc", add_intended_utc, 0},
    {"new_connection", add_new_connection, 0},
    {"asked_input_tokens", add_asked_input, 0},
    {"asked_output_tokens", add_asked_output, 0},
    {"estimated_input_tokens", add_estimated_input, 0},
    {"prompt_words", add_words, 0},
    {"number_input_tokens_source", add_input_source, 0},
    {"number_output_tokens_source", add_output_source, 0},
    {"client_coalesced_chunks", add_coalesced, 0},
    {"client_gap_bounds_s", add_gap_bounds, 0},
    METRIC(CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S),
    METRIC(CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S),
    {"client_chunk_output_tokens", add_chunk_tokens, 0},
    METRIC(CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    METRIC(CLIENT_REQUEST_OUTPUT_TOKEN_PER_S),
    METRIC(CLIENT_CONNECT_S),
    METRIC(CLIENT_SCHEDULE_DELAY_S),
    METRIC(CLIENT_HELD_S),
    METRIC(CLIENT_TTFT_FROM_SENT_S),
    METRIC(CLIENT_TTFT_FROM_INTENDED_S),
    METRIC(CLIENT_END_TO_END_LATENCY_FROM_SENT_S),
    METRIC(CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S),
    METRIC(CLIENT_TIME_TO_FIRST_BYTE_S),
    METRIC(CLIENT_TTFT_CONTENT_S),
    METRIC(CLIENT_BODY_END_S),
    METRIC(CACHED_TOKENS),
    METRIC(TOKENIZER_NUMBER_INPUT_TOKENS),
    METRIC(TOKENIZER_NUMBER_OUTPUT_TOKENS),
    METRIC(SERVER_PROMPT_S),
    METRIC(SERVER_LOAD_S),
    {"client_chunk_clock", add_chunk_clock, 0},
    {"kernel_stamped_moments", add_kernel_stamped, 0},
    {"intended_monotonic_ns", add_intended, 0},
    {"started_monotonic_ns", add_started, 0},
    {"sent_monotonic_ns", add_sent, 0},
    {"first_byte_monotonic_ns", add_first_byte, 0},
    {"first_event_monotonic_ns", add_first_event, 0},
    {"first_reasoning_monotonic_ns", add_first_reasoning, 0},
    {"first_content_monotonic_ns", add_first_content, 0},
    {"last_chunk_monotonic_ns", add_last_chunk, 0},
    {"done_monotonic_ns", add_done, 0},
};

static const char *key_of(const struct field *field)
{
    return field->key ? field->key : metric_table[field->metric].key;
}

/* Of a run that several ranks share. */
static void add_ranks(const struct request *request, struct text *json)
{
    if (request->ranks <= 1)
        return;
    text_add_string(json, ",\"rank\":");
    text_add_size(json, request->rank);
    text_add_string(json, ",\"clock_uncertainty_s\":");
    text_add_number(json, request->clock_uncertainty_s);
}

void response_add_json(const struct request *request, const struct figures *figures,
                       struct text *json)
{
    struct source source = {request, figures};

    text_add_char(json, '{');
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct field *field = &fields[i];

        if (i > 0)
            text_add_char(json, ',');
        text_add_json(json, key_of(field));
        text_add_char(json, ':');
        if (field->add)
            field->add(&source, json);
        else
            text_add_number(json, figures->value[field->metric]);
    }
    add_ranks(request, json);
    text_add_char(json, '}');
}

bool response_is_kit_key(const char *key)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct field *field = &fields[i];

        if (strcmp(key_of(field), key) == 0)
            return true;
        if (!field->add && field->metric == METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S)
            break; /* the last of the kit's */
    }
    return false;
}

void response_add_texts(const struct request *request, const struct request_texts *texts,
                        struct text *json)
{
    struct source source = {request, NULL};

    text_add_string(json, "{\"prompt\":{\"name\":");
    add_prompt_name(&source, json);
    text_add_string(json, ",\"template\":\"");
    text_add_string(json, texts->prompt);
    text_add_string(json, "\"},\"completion\":");
    text_add_json(json, texts->completion);
    text_add_string(json, ",\"request_index\":");
    add_index(&source, json);
    text_add_char(json, '}');
}
