#include "sim/models.h"

#include <inttypes.h>

void models_add(struct text *json, const struct node_file *file)
{
    text_add_string(json, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < file->bundle.experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(&file->bundle, i);
        int64_t longest = bundle_tier(expert, expert->tiers.count - 1)->tokens;

        text_add_string(json, i > 0 ? ",{\"id\":" : "{\"id\":");
        text_add_json(json, expert->name);
        text_printf(json,
                    ",\"object\":\"model\",\"type\":\"model\",\"created\":0,"
                    "\"created_at\":\"1970-01-01T00:00:00Z\",\"display_name\":\"\","
                    "\"owned_by\":\"coebench-simulator\","
                    "\"context_length\":%" PRId64 ",\"max_completion_tokens\":%" PRId64 "}",
                    longest, longest);
    }
    text_add_string(json, "],\"has_more\":false}");
}

void models_add_tags(struct text *json, const struct node_file *file)
{
    text_add_string(json, "{\"models\":[");
    for (size_t i = 0; i < file->bundle.experts.count; i++) {
        const struct bundle_expert *expert = bundle_expert(&file->bundle, i);

        text_add_string(json, i > 0 ? ",{\"name\":" : "{\"name\":");
        text_add_json(json, expert->name);
        text_add_string(json, ",\"model\":");
        text_add_json(json, expert->name);
        text_printf(json,
                    ",\"modified_at\":\"1970-01-01T00:00:00Z\",\"size\":%.0f,"
                    "\"digest\":\"\",\"details\":{\"format\":\"gguf\"}}",
                    expert->weight_gb * 1e9);
    }
    text_add_string(json, "]}");
}

void models_add_info(struct text *json, const struct node_file *file)
{
    const struct bundle_expert *expert = bundle_expert(&file->bundle, 0);

    text_add_string(json, "{\"model_id\":");
    text_add_json(json, expert->name);
    text_printf(json, ",\"max_total_tokens\":%" PRId64 ",\"version\":\"0.0.0\"}",
                bundle_tier(expert, expert->tiers.count - 1)->tokens);
}
