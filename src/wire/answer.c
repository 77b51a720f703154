#include "wire/answer.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/walk.h"

void answer_excerpt(const char *bytes, size_t length, char *text, size_t size)
{
    text_copy_printable(bytes, length, text, size);
}

void answer_word(const cJSON *item, char *word, size_t size)
{
    if (cJSON_IsString(item))
        answer_excerpt(item->valuestring, strlen(item->valuestring), word, size);
}

void answer_add_string(const cJSON *item, struct text *text)
{
    if (cJSON_IsString(item))
        text_add_string(text, item->valuestring);
}

bool answer_copy_word(const struct walk_value *value, char *word, size_t size)
{
    if (!walk_is_string(value))
        return true;
    if (memchr(value->at, '\\', value->length))
        return false;
    answer_excerpt(value->at + 1, value->length - 2, word, size);
    return true;
}

static const cJSON *message_of(const cJSON *error)
{
    return cJSON_IsObject(error) ? cJSON_GetObjectItemCaseSensitive(error, "message") : error;
}

bool answer_error(const cJSON *object, char *message, size_t size)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    const cJSON *text = message_of(error);

    if (!error || cJSON_IsNull(error) || cJSON_IsFalse(error) ||
        (cJSON_IsString(error) && !*error->valuestring)) {
        if (cJSON_GetObjectItemCaseSensitive(object, "choices"))
            return false; /* whatever else a chunk says, it is one */
        text = cJSON_GetObjectItemCaseSensitive(object, "detail");
        if (!cJSON_IsString(text))
            text = cJSON_GetObjectItemCaseSensitive(object, "message");
        if (!cJSON_IsString(text))
            return false;
    }
    if (cJSON_IsString(text)) {
        answer_word(text, message, size);
    } else {
        char *printed = cJSON_PrintUnformatted(error);

        answer_excerpt(printed ? printed : "", printed ? strlen(printed) : 0, message, size);
        cJSON_free(printed);
    }
    return true;
}

void answer_merge(cJSON *object, const char *json)
{
    cJSON *more = cJSON_Parse(json);

    while (more && more->child) {
        cJSON *member = cJSON_DetachItemViaPointer(more, more->child);

        cJSON_DeleteItemFromObjectCaseSensitive(object, member->string);
        cJSON_AddItemToObject(object, member->string, member);
    }
    cJSON_Delete(more);
}
