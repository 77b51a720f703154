#include "wire/payload.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/nul.h"
#include "core/number.h"
#include "wire/dialect.h"
#include "wire/finish.h"
#include "wire/json_scan.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool payload_is_word(const char *payload, size_t length, const char *word)
{
    for (; length > 0 && is_blank(*payload); payload++)
        length--;
    while (length > 0 && is_blank(payload[length - 1]))
        length--;
    return length == strlen(word) && memcmp(payload, word, length) == 0;
}

bool payload_is_keep_alive(const char *payload, size_t length)
{
    static const char *const words[] = {"", "ping", "\"ping\"", "\"\"", "null"};

    if (length > 0 && payload[0] == '{') /* nearly every event */
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (payload_is_word(payload, length, words[i]))
            return true;
    }
    return length > 0 && payload[0] == ':';
}

/* What stands behind the event's value; false: nothing. */
static bool tell_rest(const char *rest, size_t length, struct event *event)
{
    char excerpt[400];

    for (; length > 0 && is_blank(*rest); rest++)
        length--;
    if (length == 0)
        return false;
    payload_excerpt(rest, length, excerpt, sizeof excerpt);
    snprintf(event->message, sizeof event->message, "bytes follow the JSON value of an event: %s",
             excerpt);
    return true;
}

cJSON *payload_read(const char *json, size_t length)
{
    struct text copy = {0};
    cJSON *value = nul_hide(json, length, &copy) ? cJSON_ParseWithLength(copy.bytes, copy.length)
                                                 : cJSON_ParseWithLength(json, length);

    text_clear(&copy);
    return value;
}

/* The event's value; NULL, and it is malformed, where it is none or something stands behind it. */
static cJSON *read_value(const char *payload, size_t length, struct event *event)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(payload, length, &end, false);

    event->malformed = !value;
    if (!value)
        payload_excerpt(payload, length, event->message, sizeof event->message);
    else if (tell_rest(end, length - (size_t)(end - payload), event))
        event->malformed = true;
    if (!event->malformed)
        return value;
    cJSON_Delete(value);
    return NULL;
}

cJSON *payload_parse(const char *payload, size_t length, struct event *event)
{
    struct text copy = {0};
    cJSON *value;

    event_reset(event);
    event->keep_alive = payload_is_keep_alive(payload, length);
    if (event->keep_alive)
        return NULL;
    if (nul_hide(payload, length, &copy))
        value = read_value(copy.bytes, copy.length, event);
    else
        value = read_value(payload, length, event);
    text_clear(&copy);
    return value;
}

void payload_excerpt(const char *bytes, size_t length, char *text, size_t size)
{
    text_copy_printable(bytes, length, text, size);
}

void payload_word(const cJSON *item, char *word, size_t size)
{
    if (cJSON_IsString(item))
        payload_excerpt(item->valuestring, strlen(item->valuestring), word, size);
}

void payload_finish_reason(const cJSON *item, char *word, size_t size)
{
    payload_word(item, word, size);
    if (!finish_is_real(word))
        word[0] = '\0';
}

void payload_add_string(const cJSON *item, struct text *text)
{
    if (cJSON_IsString(item))
        text_add_string(text, item->valuestring);
}

bool payload_copy_word(const struct scan_value *value, char *word, size_t size)
{
    if (!scan_is_string(value))
        return true;
    if (memchr(value->at, '\\', value->length))
        return false;
    payload_excerpt(value->at + 1, value->length - 2, word, size);
    return true;
}

/* Some proxies wrap another server's error into one of their own. */
static const cJSON *message_of(const cJSON *error)
{
    const cJSON *inner = cJSON_GetObjectItemCaseSensitive(error, "error");
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(error, "message");

    if (!cJSON_IsObject(error))
        return error;
    if (!cJSON_IsString(message) && inner)
        return cJSON_IsObject(inner) ? cJSON_GetObjectItemCaseSensitive(inner, "message") : inner;
    return message;
}

/* By what servers say that nothing is wrong. */
static bool is_none(const cJSON *error)
{
    return !error || cJSON_IsNull(error) || cJSON_IsFalse(error) ||
           (cJSON_IsString(error) && !*error->valuestring) ||
           (cJSON_IsNumber(error) && error->valuedouble == 0) ||
           ((cJSON_IsObject(error) || cJSON_IsArray(error)) && !error->child);
}

/* The first member that is a text of that name, or where `any`, not nothing; NULL: there is none.
 */
static const cJSON *find_member(const cJSON *object, const char *const *names, bool any)
{
    for (size_t i = 0; names[i]; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, names[i]);

        if (cJSON_IsString(item) ||
            (any && (cJSON_IsObject(item) || cJSON_IsArray(item)) && !is_none(item)))
            return item;
    }
    return NULL;
}

/* What stands in an error's place where there is no "error". */
static const cJSON *find_failure(const cJSON *object)
{
    static const char *const texts[] = {"detail", "message", "error_message", "error_msg", NULL};
    static const char *const lists[] = {"errors", "detail", NULL};
    const cJSON *text = find_member(object, texts, false);

    return text ? text : find_member(object, lists, true);
}

static void copy_sentence(const cJSON *item, char *message, size_t size)
{
    char *printed;

    if (cJSON_IsString(item)) {
        payload_word(item, message, size);
        return;
    }
    printed = cJSON_PrintUnformatted(item);
    payload_excerpt(printed ? printed : "", printed ? strlen(printed) : 0, message, size);
    cJSON_free(printed);
}

bool payload_error(const cJSON *object, char *message, size_t size)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    const cJSON *sentence = message_of(error), *beside;

    if (is_none(error) && cJSON_GetObjectItemCaseSensitive(object, "choices"))
        return false; /* whatever else a chunk says, it is one */
    beside = find_failure(object);
    if (is_none(error)) {
        if (!beside)
            return false;
        sentence = beside;
    } else if (!cJSON_IsString(sentence)) { /* "error": true, or a number: the sentence is beside */
        sentence = beside && !cJSON_IsObject(error) ? beside : error;
    }
    copy_sentence(sentence, message, size);
    return true;
}

/* To be sent in the characters it has in `*json`, which is then what is left. */
static void keep_numbers(cJSON *item, const char **json)
{
    size_t length;
    const char *number = cJSON_IsNumber(item) ? number_next(*json, &length) : NULL;

    if (number) {
        *json = number + length;
        item->type = cJSON_Raw;
        item->valuestring = cJSON_malloc(length + 1);
        memcpy(item->valuestring, number, length);
        item->valuestring[length] = '\0';
    }
    for (cJSON *child = item->child; child; child = child->next)
        keep_numbers(child, json);
}

void payload_merge(cJSON *object, const char *json)
{
    cJSON *more = cJSON_Parse(json);

    if (more)
        keep_numbers(more, &json);

    while (more && more->child) {
        cJSON *member = cJSON_DetachItemViaPointer(more, more->child);

        cJSON_DeleteItemFromObjectCaseSensitive(object, member->string);
        cJSON_AddItemToObject(object, member->string, member);
    }
    cJSON_Delete(more);
}

void payload_add_parameters(cJSON *object, const char *json, struct text *tail)
{
    char *printed;

    payload_merge(object, json);
    printed = cJSON_PrintUnformatted(object);
    text_add_string(tail, printed + 1);
    cJSON_free(printed);
    cJSON_Delete(object);
}

const char *payload_library(void)
{
    return cJSON_Version();
}
