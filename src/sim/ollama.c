/* Ollama's own chat (github.com/ollama/ollama/blob/main/docs/api.md): POST /api/chat, one JSON
 * object a line, streamed unless the body says otherwise; the last one has counts, and times in
 * nanoseconds. It asks for no key. */
#include <cJSON.h>
#include <inttypes.h>
#include <time.h>

#include "core/clock.h"
#include "sim/dialect.h"
#include "sim/openai.h"
#include "sim/openai_parts.h"

/* --- What is asked ---------------------------------------------------------------------------- */

static bool read_message(const cJSON *message, struct question *question, struct refusal *refusal)
{
    const char *content = cJSON_GetStringValue(question_member(message, "content"));
    const cJSON *image;

    if (!content || !cJSON_IsString(question_member(message, "role")))
        return question_wrong_type(refusal, "messages", "a list of {role, content, images}");
    question_add_text(content, question);
    cJSON_ArrayForEach(image, question_member(message, "images"))
    {
        if (!cJSON_IsString(image))
            return question_wrong_type(refusal, "images", "a list of texts in base64");
        question_add_image(image->valuestring, question);
    }
    return true;
}

static bool read_messages(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *messages = question_member(body, "messages"), *message;

    if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) == 0)
        return question_wrong_type(refusal, "messages", "a list of at least one {role, content}");
    question_begin_prompt(file, true, question);
    cJSON_ArrayForEach(message, messages)
    {
        if (!read_message(message, question, refusal))
            return false;
    }
    return true;
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *options = question_member(body, "options");

    return openai_read_expert(file, body, question, refusal) &&
           question_read_truth(body, "stream", true, &question->stream, refusal) &&
           question_read_max_tokens(question_member(options, "num_predict"), "num_predict",
                                    question, refusal) &&
           read_messages(file, body, question, refusal) &&
           question_choose_tier("messages", question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_head(struct text *json, const struct token_text *token_text)
{
    time_t created = (time_t)token_text->created_s;
    char at[32];
    struct tm parts;

    gmtime_r(&created, &parts);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &parts);
    text_add_string(json, "{\"model\":");
    text_add_json(json, token_text->request->expert->name);
    text_printf(json, ",\"created_at\":\"%s\",\"message\":{\"role\":\"assistant\",", at);
}

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);
    bool reasons = reasoning > 0 && first < reasoning; /* TOKEN_TEXT_MARK is below 0 */

    add_head(event, token_text);
    if (reasons)
        text_add_string(event, "\"content\":\"\",");
    sim_add_words(event, token_text, reasons ? "thinking" : "content", first, count);
    text_add_string(event, "},\"done\":false}\n");
}

/* Figures of the machine's model, free of how late this process was. */
static void add_figures(struct text *json, const struct token_text *token_text)
{
    const struct node_request *request = token_text->request;
    double total_s = node_total_latency_s(request);
    double first_s = node_time_to_first_token_s(request->batch);

    text_printf(json,
                ",\"total_duration\":%" PRId64 ",\"load_duration\":%" PRId64
                ",\"prompt_eval_count\":%" PRId64 ",\"prompt_eval_duration\":%" PRId64
                ",\"eval_count\":%" PRId64 ",\"eval_duration\":%" PRId64,
                clock_from_seconds(total_s), clock_from_seconds(request->batch->switch_s),
                request->prompt_tokens, clock_from_seconds(request->batch->prefill_s),
                request->completion_tokens, clock_from_seconds(total_s - first_s));
}

/* The line that ends a response: it has the text where there was no stream. */
static void add_last(struct text *json, const struct token_text *token_text, bool with_text)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);
    int64_t content = token_text->request->completion_tokens - reasoning;

    add_head(json, token_text);
    sim_add_words(json, token_text, "content", reasoning, with_text ? content : 0);
    if (with_text && reasoning > 0) {
        text_add_char(json, ',');
        sim_add_words(json, token_text, "thinking", 0, reasoning);
    }
    text_add_string(json, "},\"done\":true");
    if (!sim_manner(token_text)->no_finish_reason)
        text_add_string(json, ",\"done_reason\":\"length\"");
    if (sim_manner(token_text)->usage != BUNDLE_USAGE_NEVER)
        add_figures(json, token_text);
    text_add_char(json, '}');
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    if (k > 0 || sim_manner(token_text)->no_done)
        return false;
    add_last(event, token_text, false);
    text_add_char(event, '\n');
    return true;
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    add_last(json, token_text, true);
}

static void add_refusal(struct text *json, const struct refusal *refusal)
{
    text_add_string(json, "{\"error\":");
    text_add_json(json, refusal->message);
    text_add_char(json, '}');
}

static const char *const fields[] = {
    "model",      "messages", "stream", "options",  "format",
    "keep_alive", "think",    "tools",  "truncate", NULL,
};

const struct sim_dialect sim_ollama = {
    .api = "ollama",
    .path = "/api/chat",
    .stream_type = "application/x-ndjson",
    .key_form = "nothing",
    .fields = fields,
    .event_start = "",
    .event_end = "\n",
    .read = read_question,
    .add_tokens = add_tokens,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = add_refusal,
};
