#include "wire/usage.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/word.h"

enum { NAMES_MOST = 5 };

/* One measurement: where it goes and the names it is known by, newest first. */
struct measurement {
    size_t offset;
    const char *name[NAMES_MOST];
    double unit; /* that it is sent in */
};

/* clang-format off */
static const struct measurement measurements[] = {
    {offsetof(struct usage, input_tokens), {"prompt_tokens_count", "prompt_tokens", "prompt_eval_count", "input_length", "input_tokens"}, 1},
    {offsetof(struct usage, output_tokens), {"completion_tokens_count", "completion_tokens", "eval_count", "generated_tokens", "output_tokens"}, 1},
    {offsetof(struct usage, total_tokens), {"total_tokens_count", "total_tokens"}, 1},
    {offsetof(struct usage, ttft_s), {"time_to_first_token", "time_to_first_response"}, 1},
    {offsetof(struct usage, end_to_end_latency_s), {"total_latency", "model_execution_time"}, 1},
    {offsetof(struct usage, output_token_per_s),
     {"completion_tokens_after_first_per_sec", "completion_tokens_per_sec_after_first_response",
      "throughput_after_first_token"}, 1},
    {offsetof(struct usage, total_tokens_per_s), {"total_tokens_per_sec"}, 1},
    {offsetof(struct usage, output_token_first_ten_per_s),
     {"completion_tokens_after_first_per_sec_first_ten"}, 1},
    {offsetof(struct usage, batch_size_used), {"batch_size_used"}, 1},
    {offsetof(struct usage, acceptance_rate), {"acceptance_rate"}, 1},
    {offsetof(struct usage, reasoning_tokens), {"reasoning_tokens"}, 1},
    {offsetof(struct usage, prompt_s), {"prompt_time"}, 1},
    {offsetof(struct usage, prompt_s), {"prompt_eval_duration"}, 1e-9},
    {offsetof(struct usage, load_s), {"load_duration"}, 1e-9},
    {offsetof(struct usage, end_to_end_latency_s), {"total_duration"}, 1e-9},
};

/* Of llama.cpp's `timings`. */
static const struct measurement timings[] = {
    {offsetof(struct usage, input_tokens), {"prompt_n"}, 1},
    {offsetof(struct usage, output_tokens), {"predicted_n"}, 1},
    {offsetof(struct usage, cached_tokens), {"cache_n"}, 1},
    {offsetof(struct usage, prompt_s), {"prompt_ms"}, 1e-3},
};
/* clang-format on */

enum { MEASUREMENTS = sizeof measurements / sizeof *measurements };
enum { TIMINGS = sizeof timings / sizeof *timings };

const struct usage usage_unknown = {NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                                    NAN, NAN, NAN, NAN, NAN, NAN, NAN};

enum { FIELDS = sizeof(struct usage) / sizeof(double) };

/* A finite number that is not negative, or NAN: no measurement here can be less than 0. */
static double number_of(const cJSON *item)
{
    double value = NAN;

    if (cJSON_IsNumber(item))
        value = item->valuedouble;
    else if (cJSON_IsString(item) && !word_number(item->valuestring, &value))
        value = NAN;
    return isfinite(value) && value >= 0 ? value : NAN;
}

static double read_measurement(const cJSON *object, const struct measurement *measurement)
{
    for (int i = 0; i < NAMES_MOST && measurement->name[i]; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, measurement->name[i]);

        if (item && !cJSON_IsNull(item))
            return number_of(item) * measurement->unit;
    }
    return NAN;
}

static struct usage read_all(const cJSON *object, const struct measurement *table, size_t count)
{
    struct usage usage = usage_unknown;

    for (size_t i = 0; i < count; i++) {
        double *field = (double *)((char *)&usage + table[i].offset);

        if (isnan(*field))
            *field = read_measurement(object, &table[i]);
    }
    return usage;
}

/* Of chat completions, or of Responses and Messages. */
static const cJSON *either(const cJSON *object, const char *name, const char *other)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return item ? item : cJSON_GetObjectItemCaseSensitive(object, other);
}

struct usage usage_read(const cJSON *object)
{
    struct usage usage = read_all(object, measurements, MEASUREMENTS);
    const cJSON *prompt = either(object, "prompt_tokens_details", "input_tokens_details");
    const cJSON *completion = either(object, "completion_tokens_details", "output_tokens_details");
    const cJSON *reasoning = either(completion, "reasoning_tokens", "thinking_tokens");

    usage.cached_tokens = number_of(cJSON_GetObjectItemCaseSensitive(prompt, "cached_tokens"));
    if (reasoning && !cJSON_IsNull(reasoning))
        usage.reasoning_tokens = number_of(reasoning);
    return usage;
}

/* --- A chunk's reports ------------------------------------------------------------------------ */

static double timing(const cJSON *object, const char *name)
{
    return number_of(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* `predicted_ms` begins with the first token. */
static double after_first_per_s(const cJSON *object, double tokens)
{
    double seconds = timing(object, "predicted_ms") / 1e3;

    return tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : NAN;
}

/* Of the tokens that a draft proposed. */
static double accepted(const cJSON *object)
{
    double share = timing(object, "draft_n_accepted") / timing(object, "draft_n");

    return share <= 1 ? share : NAN;
}

static struct usage read_timings(const cJSON *object)
{
    struct usage usage = read_all(object, timings, TIMINGS);

    if (!isnan(usage.cached_tokens))
        usage.input_tokens += usage.cached_tokens;
    usage.output_token_per_s = after_first_per_s(object, usage.output_tokens);
    usage.acceptance_rate = accepted(object);
    return usage;
}

/* Where a chunk has reports; NULL where it has none. */
struct places {
    const cJSON *usage, *groq, *timings, *details;
    bool is_ollama; /* the chunk itself is one */
};

static inline bool is_named(const cJSON *item, const char *name)
{
    return item->string[0] == name[0] && strcmp(item->string, name) == 0;
}

/* In one pass: chunks have many members, and few reports. */
static struct places find_places(const cJSON *chunk)
{
    struct places places = {0};

    for (const cJSON *item = chunk->child; item; item = item->next) {
        if (is_named(item, "usage"))
            places.usage = item;
        else if (is_named(item, "x_groq"))
            places.groq = cJSON_GetObjectItemCaseSensitive(item, "usage");
        else if (is_named(item, "timings"))
            places.timings = item;
        else if (is_named(item, "details"))
            places.details = item;
        else if (is_named(item, "prompt_eval_count") || is_named(item, "eval_count") ||
                 is_named(item, "load_duration"))
            places.is_ollama |= cJSON_IsNumber(item);
    }
    return places;
}

static void add_report(struct usage *usage, const cJSON *object,
                       struct usage (*read)(const cJSON *object))
{
    struct usage report;

    if (!cJSON_IsObject(object))
        return;
    report = read(object);
    usage_add(usage, &report);
}

static bool knows_some(const struct usage *usage)
{
    const double *field = (const double *)usage;

    for (int i = 0; i < FIELDS; i++) {
        if (!isnan(field[i]))
            return true;
    }
    return false;
}

bool usage_read_typed(const cJSON *event, const cJSON *usage, struct usage *all)
{
    const cJSON *beside = cJSON_GetObjectItemCaseSensitive(event, "timings");

    if (!cJSON_IsObject(usage) && !cJSON_IsObject(beside))
        return false;
    *all = usage_unknown;
    add_report(all, beside, read_timings);
    add_report(all, usage, usage_read);
    return cJSON_IsObject(usage) || knows_some(all);
}

bool usage_read_chunk(const cJSON *chunk, struct usage *usage)
{
    const struct places places = find_places(chunk);

    if (!places.usage && !places.groq && !places.timings && !places.details && !places.is_ollama)
        return false;
    *usage = usage_unknown;
    add_report(usage, places.is_ollama ? chunk : NULL, usage_read);
    add_report(usage, places.details, usage_read);
    add_report(usage, places.timings, read_timings);
    add_report(usage, places.groq, usage_read);
    add_report(usage, places.usage, usage_read);
    return cJSON_IsObject(places.usage) || knows_some(usage);
}

/* --- A response's reports --------------------------------------------------------------------- */

/* The counts that servers and proxies fill with 0 where they do not know better. */
static bool may_be_filled(const struct usage *usage, const double *field)
{
    return field == &usage->input_tokens || field == &usage->output_tokens ||
           field == &usage->total_tokens;
}

void usage_add(struct usage *usage, const struct usage *later)
{
    const double *from = (const double *)later;
    double *to = (double *)usage;

    for (int i = 0; i < FIELDS; i++) {
        bool filled = from[i] == 0 && may_be_filled(later, &from[i]);

        if (!isnan(from[i]) && (isnan(to[i]) || !filled))
            to[i] = from[i];
    }
}

static bool is_all_reasoning(const struct usage *usage)
{
    return usage->output_tokens == 0 && usage->reasoning_tokens > 0 &&
           usage->total_tokens == usage->input_tokens + usage->reasoning_tokens;
}

void usage_conclude(struct usage *usage, bool has_chunks)
{
    double *field = (double *)usage;

    if (!has_chunks)
        return;
    for (int i = 0; i < FIELDS; i++) {
        if (field[i] == 0 && may_be_filled(usage, &field[i]) &&
            !(&field[i] == &usage->output_tokens && is_all_reasoning(usage)))
            field[i] = NAN;
    }
}
