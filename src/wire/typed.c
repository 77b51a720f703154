#include "wire/typed.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/dialect.h"
#include "wire/json_scan.h"
#include "wire/payload.h"

bool typed_take(const cJSON *object, const char *member, struct text *text)
{
    const cJSON *item =
        cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, member) : NULL;

    if (!cJSON_IsString(item) || !item->valuestring[0])
        return false;
    if (text)
        payload_add_string(item, text);
    return true;
}

bool typed_is(const struct scan_value *type, const char *word, size_t length)
{
    return type->at && type->length == length + 2 && memcmp(type->at + 1, word, length) == 0;
}

void typed_read_error(const cJSON *object, struct event *event, struct text *text)
{
    static const char unsaid[] = "the server reports an error, and not which";

    (void)text;
    event->failed = true;
    if (!payload_error(object, event->message, sizeof event->message))
        memcpy(event->message, unsaid, sizeof unsaid);
}

static void read_object(const struct typed_kind *kinds, const cJSON *object, struct event *event,
                        struct text *text)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "type"));

    if (!type) {
        event->failed = payload_error(object, event->message, sizeof event->message);
        return;
    }
    for (; kinds->type; kinds++) {
        if (strcmp(kinds->type, type) == 0) {
            kinds->read(object, event, text);
            return;
        }
    }
}

void typed_read_event(const struct typed_kind *kinds, const char *payload, size_t length,
                      struct event *event, struct text *text)
{
    cJSON *object;

    event_reset(event);
    event->done = payload_is_word(payload, length, "[DONE]"); /* some servers add it */
    if (event->done)
        return;
    object = payload_parse(payload, length, event);
    if (object && !cJSON_IsObject(object)) {
        event->malformed = true;
        payload_excerpt(payload, length, event->message, sizeof event->message);
    } else if (object) {
        read_object(kinds, object, event, text);
    }
    cJSON_Delete(object);
}
