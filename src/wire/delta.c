#include "wire/delta.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <string.h>

#include "wire/payload.h"

struct reading {
    struct delta_kinds kinds;
    struct text *text; /* NULL: it is not kept */
};

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

static bool is_some_string(const cJSON *item)
{
    return cJSON_IsString(item) && item->valuestring[0] != '\0';
}

/* Whether there is text in it, however deep. */
static bool has_text(const cJSON *item)
{
    static const char *const names[] = {"text", "thinking", "summary"};

    if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
        return is_some_string(item);
    if (cJSON_IsArray(item)) {
        for (item = item->child; item; item = item->next) {
            if (has_text(item))
                return true;
        }
        return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (has_text(member(item, names[i])))
            return true;
    }
    return false;
}

/* --- Content ---------------------------------------------------------------------------------- */

static void take_string(struct reading *reading, const cJSON *item)
{
    if (!is_some_string(item))
        return;
    reading->kinds.content = true;
    if (reading->text)
        payload_add_string(item, reading->text);
}

static bool is_thinking(const cJSON *type)
{
    return cJSON_IsString(type) && (strcmp(type->valuestring, "thinking") == 0 ||
                                    strncmp(type->valuestring, "reasoning", 9) == 0);
}

static void take_part(struct reading *reading, const cJSON *part)
{
    if (is_thinking(member(part, "type"))) {
        reading->kinds.reasoning |= has_text(part);
        return;
    }
    take_string(reading, part);
    take_string(reading, member(part, "text"));
    take_string(reading, member(part, "refusal"));
    reading->kinds.reasoning |= has_text(member(part, "thinking"));
}

static void take_content(struct reading *reading, const cJSON *content)
{
    if (!cJSON_IsArray(content)) {
        take_part(reading, content);
        return;
    }
    for (const cJSON *part = content->child; part; part = part->next)
        take_part(reading, part);
}

/* A string that comes in pieces or, from some servers, the object itself. */
static void take_arguments(struct reading *reading, const cJSON *function)
{
    const cJSON *arguments = member(function, "arguments");

    take_string(reading, arguments);
    if (!cJSON_IsObject(arguments))
        return;
    reading->kinds.content = true;
    if (reading->text) {
        char *printed = cJSON_PrintUnformatted(arguments);

        text_add_string(reading->text, printed);
        cJSON_free(printed);
    }
}

static void take_calls(struct reading *reading, const cJSON *calls)
{
    for (const cJSON *call = calls->child; call; call = call->next)
        take_arguments(reading, member(call, "function"));
}

static void take_reasoning(struct reading *reading, const cJSON *item)
{
    reading->kinds.reasoning |= has_text(item);
}

static void take_audio(struct reading *reading, const cJSON *audio)
{
    reading->kinds.reasoning |= is_some_string(member(audio, "transcript"));
}

/* --- All of it -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*take)(struct reading *reading, const cJSON *item);
} members[] = {
    {"content", take_content},
    {"refusal", take_string},
    {"tool_calls", take_calls},
    {"function_call", take_arguments}, /* before there were tools */
    {"reasoning", take_reasoning},
    {"reasoning_content", take_reasoning},
    {"reasoning_details", take_reasoning},
    {"thinking", take_reasoning},
    {"audio", take_audio},
};

static void take_member(struct reading *reading, const cJSON *item)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *name = members[i].name;

        if (item->string[0] == name[0] && strcmp(item->string, name) == 0)
            members[i].take(reading, item);
    }
}

struct delta_kinds delta_read(const struct cJSON *delta, struct text *text)
{
    struct reading reading = {.text = text};

    if (cJSON_IsObject(delta)) {
        for (const cJSON *item = delta->child; item; item = item->next)
            take_member(&reading, item);
    }
    return reading.kinds;
}
