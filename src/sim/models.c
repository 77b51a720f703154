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
                    ",\"object\":\"model\",\"owned_by\":\"coebench-simulator\","
                    "\"context_length\":%" PRId64 ",\"max_completion_tokens\":%" PRId64 "}",
                    longest, longest);
    }
    text_add_string(json, "]}");
}
