#include "wire/usage.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "core/word.h"

enum { NAMES_MOST = 3 };

/* One measurement: where it goes and the names it is known by, newest first. */
struct measurement {
    size_t offset;
    const char *name[NAMES_MOST];
};

/* clang-format off */
static const struct measurement measurements[] = {
    {offsetof(struct usage, input_tokens), {"prompt_tokens_count", "prompt_tokens"}},
    {offsetof(struct usage, output_tokens), {"completion_tokens_count", "completion_tokens"}},
    {offsetof(struct usage, total_tokens), {"total_tokens_count", "total_tokens"}},
    {offsetof(struct usage, ttft_s), {"time_to_first_token", "time_to_first_response"}},
    {offsetof(struct usage, end_to_end_latency_s), {"total_latency", "model_execution_time"}},
    {offsetof(struct usage, output_token_per_s),
     {"completion_tokens_after_first_per_sec", "completion_tokens_per_sec_after_first_response",
      "throughput_after_first_token"}},
    {offsetof(struct usage, total_tokens_per_s), {"total_tokens_per_sec"}},
    {offsetof(struct usage, output_token_first_ten_per_s),
     {"completion_tokens_after_first_per_sec_first_ten"}},
    {offsetof(struct usage, batch_size_used), {"batch_size_used"}},
    {offsetof(struct usage, acceptance_rate), {"acceptance_rate"}},
};
/* clang-format on */

const struct usage usage_unknown = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

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
            return number_of(item);
    }
    return NAN;
}

struct usage usage_read(const cJSON *object)
{
    struct usage usage = usage_unknown;
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(object, "prompt_tokens_details");

    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++)
        *(double *)((char *)&usage + measurements[i].offset) =
            read_measurement(object, &measurements[i]);
    usage.cached_tokens = number_of(cJSON_GetObjectItemCaseSensitive(details, "cached_tokens"));
    return usage;
}
