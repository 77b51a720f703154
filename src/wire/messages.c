#include "wire/messages.h"

void messages_begin(const char *system, struct text *json)
{
    text_add_char(json, '[');
    if (system) {
        text_add_string(json, "{\"role\":\"system\",\"content\":");
        text_add_json(json, system);
        text_add_string(json, "},");
    }
    text_add_string(json, "{\"role\":\"user\",\"content\":");
}
