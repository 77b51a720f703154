#include "prompt/conversation.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/text.h"

/* How a list of messages is written. */
struct manner {
    const char *list, *role, *text;
};
static const struct manner manners[] = {{"messages", "role", "content"},
                                        {"conversations", "from", "value"}};

/* NULL: the object holds none of these. */
static const struct manner *manner_of(const cJSON *object)
{
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
        if (cJSON_GetObjectItemCaseSensitive(object, manners[i].list))
            return &manners[i];
    }
    return NULL;
}

bool conversation_is_one(const cJSON *object)
{
    return cJSON_IsObject(object) && manner_of(object) != NULL;
}

static bool is_any(const char *role, const char *const *names)
{
    while (*names && strcasecmp(role, *names) != 0)
        names++;
    return *names != NULL;
}

/* A text, or a list of parts with texts. False: it has something else, such as a picture. */
static bool add_content(const cJSON *content, struct text *text)
{
    const cJSON *part;

    if (cJSON_IsString(content))
        text_add_string(text, content->valuestring);
    cJSON_ArrayForEach(part, content)
    {
        const cJSON *said = cJSON_GetObjectItemCaseSensitive(part, "text");

        if (!cJSON_IsString(said))
            return false;
        text_add_string(text, said->valuestring);
    }
    return cJSON_IsString(content) || cJSON_IsArray(content) || cJSON_IsNull(content);
}

static bool is_blank(const struct text *text)
{
    return text->length == 0 || strspn(text->bytes, " \t\r\n") == text->length;
}

static void take_user(struct conversation *conversation, struct text *text)
{
    if (is_blank(text) || conversation->turns == CONVERSATION_TURNS_MOST)
        return;
    conversation->user =
        memory_grow(conversation->user, conversation->turns, sizeof *conversation->user);
    conversation->user[conversation->turns++] = memory_text(text->bytes);
}

/* Only what stands ahead of all else is a message of the system to a server. */
static void take_system(struct conversation *conversation, struct text *text)
{
    if (is_blank(text) || conversation->turns > 0 || conversation->system)
        return;
    conversation->system = memory_text(text->bytes);
}

static bool take_message(const struct manner *manner, const cJSON *message,
                         struct conversation *conversation, struct error *error)
{
    static const char *const users[] = {"user", "human", NULL};
    static const char *const systems[] = {"system", "developer", NULL};
    const char *role =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, manner->role));
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(message, manner->text);
    bool user = role && is_any(role, users), system = role && is_any(role, systems);
    struct text text = {0};
    bool done = true;

    if (!role)
        return error_set(error, "%s: is not a list of {\"%s\": …, \"%s\": …}", manner->list,
                         manner->role, manner->text);
    if ((user || system) && !add_content(content, &text))
        done = error_set(error,
                         "%s: what '%.20s' says is no text; pictures in conversations are not sent",
                         manner->list, role);
    else if (user)
        take_user(conversation, &text);
    else if (system)
        take_system(conversation, &text);
    text_clear(&text);
    return done;
}

bool conversation_read(const cJSON *object, struct conversation *conversation, struct error *error)
{
    const struct manner *manner = manner_of(object);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, manner->list), *message;

    *conversation = (struct conversation){0};
    if (!cJSON_IsArray(list))
        return error_set(error, "%s: is not a list", manner->list);
    cJSON_ArrayForEach(message, list)
    {
        if (!take_message(manner, message, conversation, error))
            return false;
    }
    return true;
}

void conversation_clear(struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->turns; i++)
        free(conversation->user[i]);
    free(conversation->user);
    free(conversation->system);
    *conversation = (struct conversation){0};
}
