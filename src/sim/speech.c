#include "sim/speech.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/random.h"

static const char *const words[] = {
    "a",     "bundle", "holds", "many",    "models", "and",    "each",  "waits", "in",   "memory",
    "until", "one",    "is",    "called",  "then",   "it",     "moves", "up",    "to",   "work",
    "while", "others", "rest",  "quietly", "below",  "answer", "comes", "word",  "upon", "word",
};

enum { WORDS = sizeof words / sizeof *words };

/* Purposes of chance. */
enum { DRAW_ID, DRAW_WORD };

static struct random draw(const struct speech *speech, uint64_t purpose, int64_t k)
{
    const uint64_t key[] = {speech->seed, (uint64_t)speech->request->number, purpose, (uint64_t)k};
    struct random random;

    random_init(&random, key, 4);
    return random;
}

static const char *word(const struct speech *speech, int64_t k)
{
    struct random random = draw(speech, DRAW_WORD, k);

    return words[random_below(&random, WORDS)];
}

void speech_init(struct speech *speech, const struct bundle *bundle,
                 const struct node_request *request, uint64_t seed, int64_t wall_ns)
{
    struct random random;

    *speech = (struct speech){.bundle = bundle, .request = request, .seed = seed};
    random = draw(speech, DRAW_ID, 0);
    speech->created_s = wall_ns / CLOCK_NS_PER_S;
    snprintf(speech->id, sizeof speech->id, "chatcmpl-%016" PRIx64, random_next(&random));
}

/* The members that every object of an answer begins with. */
static void add_head(struct text *json, const struct speech *speech, const char *object)
{
    text_printf(json,
                "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":", speech->id,
                object, speech->created_s);
    text_add_json(json, speech->request->expert->name);
    text_add_string(json, ",\"system_fingerprint\":\"coebench-simulator\"");
}

static void begin_event(struct text *event, const struct speech *speech)
{
    text_add_string(event, "data: ");
    add_head(event, speech, "chat.completion.chunk");
}

void speech_add_token(struct text *event, const struct speech *speech, int64_t k)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                           "\"content\":\" ");
    text_add_string(event, word(speech, k));
    text_add_string(event, "\"},\"finish_reason\":null}]}\n\n");
}

void speech_add_finish(struct text *event, const struct speech *speech)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
                           "\"finish_reason\":\"length\"}]}\n\n");
}

static void add_count(struct text *json, const char *name, int64_t value)
{
    text_printf(json, "\"%s\":%" PRId64 ",", name, value);
}

static void add_figure(struct text *json, const char *name, double value)
{
    text_printf(json, "\"%s\":", name);
    text_add_number(json, value);
    text_add_char(json, ',');
}

/* Figures of the machine's model, free of how late this process was. */
static void add_measurements(struct text *json, const struct speech *speech)
{
    const struct node_request *request = speech->request;
    const struct node_batch *batch = request->batch;
    double latency_s = node_total_latency_s(request);
    int64_t tokens = request->completion_tokens;
    double decode_per_s = request->tier->decode_tokens_per_s;

    add_figure(json, "time_to_first_token", node_time_to_first_token_s(batch));
    add_figure(json, "total_latency", latency_s);
    add_figure(json, "completion_tokens_per_sec", (double)tokens / latency_s);
    add_figure(json, "total_tokens_per_sec", (double)(request->prompt_tokens + tokens) / latency_s);
    if (tokens > 1) {
        add_figure(json, "completion_tokens_after_first_per_sec", decode_per_s);
        add_figure(json, "completion_tokens_after_first_per_sec_first_ten", decode_per_s);
    }
    add_figure(json, "start_time", speech->started_s);
    add_figure(json, "end_time", speech->started_s + latency_s);
    if (request->expert->acceptance_rate > 0)
        add_figure(json, "acceptance_rate", request->expert->acceptance_rate);
    if (speech->bundle->node.reports_batch_size)
        add_count(json, "batch_size_used", batch->configuration.batch_size);
}

static void add_usage(struct text *json, const struct speech *speech)
{
    const struct node_request *request = speech->request;

    text_add_string(json, ",\"usage\":{");
    add_count(json, "prompt_tokens", request->prompt_tokens);
    add_count(json, "completion_tokens", request->completion_tokens);
    add_count(json, "total_tokens", request->prompt_tokens + request->completion_tokens);
    add_measurements(json, speech);
    text_add_string(json, "\"prompt_tokens_details\":{\"cached_tokens\":0},"
                          "\"stop_reason\":\"length\",\"is_last_response\":true}");
}

void speech_add_usage(struct text *event, const struct speech *speech)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[]");
    add_usage(event, speech);
    text_add_string(event, "}\n\n");
}

void speech_add_done(struct text *event)
{
    text_add_string(event, "data: [DONE]\n\n");
}

void speech_add_completion(struct text *json, const struct speech *speech)
{
    add_head(json, speech, "chat.completion");
    text_add_string(json, ",\"choices\":[{\"index\":0,\"logprobs\":null,"
                          "\"message\":{\"role\":\"assistant\",\"content\":\"");
    for (int64_t k = 0; k < speech->request->completion_tokens; k++) {
        text_add_char(json, ' ');
        text_add_string(json, word(speech, k));
    }
    text_add_string(json, "\"},\"finish_reason\":\"length\"}]");
    add_usage(json, speech);
    text_add_char(json, '}');
}

void speech_add_models(struct text *json, const struct bundle *bundle)
{
    text_add_string(json, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < bundle->experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);
        int64_t longest = bundle_tier(expert, expert->tiers.count - 1)->tokens;

        text_add_string(json, i > 0 ? ",{\"id\":" : "{\"id\":");
        text_add_json(json, expert->name);
        text_printf(json,
                    ",\"object\":\"model\",\"owned_by\":\"coebench-simulator\","
                    "\"context_length\":%" PRId64 ",\"max_completion_tokens\":%" PRId64 "}",
                    longest, longest);
    }
    text_add_string(json, "]}");
}

void speech_add_error(struct text *json, const struct refusal *refusal)
{
    text_add_string(json, "{\"error\":{\"message\":");
    text_add_json(json, refusal->message);
    text_printf(json, ",\"type\":\"%s\",\"param\":",
                refusal->status == 401 ? "authentication_error" : "invalid_request_error");
    if (refusal->param)
        text_add_json(json, refusal->param);
    else
        text_add_string(json, "null");
    text_printf(json, ",\"code\":\"%s\"}}", refusal->code);
}
