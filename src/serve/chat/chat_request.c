#include "serve/chat/chat_request.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "prompt/image.h"
#include "serve/http/body_file.h"
#include "serve/own_folder.h"

enum { MESSAGES_MOST = 2000, NAME_MOST = 64, PIECE = 64 << 10 };

/* What is being read. */
struct reading {
    const struct workbench *workbench;
    size_t picture_bytes; /* so far */
    struct error *error;
};

/* --- Pictures --------------------------------------------------------------------------------- */

/* As an upload is named: letters and digits, and a point. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length < NAME_MOST && name[0] != '.' &&
           strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz.") == length;
}

/* All bytes of the file, as long as they are few enough. */
static bool read_all(struct reading *reading, int file, struct text *bytes)
{
    char piece[PIECE];
    ssize_t got;

    while ((got = read(file, piece, sizeof piece)) > 0) {
        reading->picture_bytes += (size_t)got;
        if (reading->picture_bytes > IMAGE_MOST)
            return error_set(reading->error,
                             "image: the pictures of the conversation are larger than %d MiB "
                             "together",
                             IMAGE_MOST >> 20);
        text_add(bytes, piece, (size_t)got);
    }
    return got == 0 || error_set(reading->error, "image: cannot be read: %s", strerror(errno));
}

static int open_upload(struct reading *reading, const char *name)
{
    int folder = own_folder_open(reading->workbench, body_file_folder, reading->error), file = -1;
    struct stat about;

    if (folder < 0)
        return -1;
    if (is_name(name))
        file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    close(folder);
    if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode))
        return file;
    if (file >= 0)
        close(file);
    error_set(reading->error, "image: no upload has the name '%.64s'", name);
    return -1;
}

static bool read_picture(struct reading *reading, const char *name, struct chat_picture *picture)
{
    struct text bytes = {0};
    int file = open_upload(reading, name);
    bool done;

    if (file < 0)
        return false;
    done = read_all(reading, file, &bytes) &&
           chat_picture_take(picture, "image: the upload", &bytes, reading->error);
    close(file);
    text_clear(&bytes);
    return done;
}

/* --- Messages --------------------------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool is_nothing(const cJSON *item)
{
    return !item || cJSON_IsNull(item) || (cJSON_IsString(item) && !item->valuestring[0]);
}

static bool read_message(struct reading *reading, const cJSON *message, struct chat *chat)
{
    const char *role = cJSON_GetStringValue(member(message, "role")),
               *content = cJSON_GetStringValue(member(message, "content"));
    const cJSON *image = member(message, "image");
    bool of_model = role && strcmp(role, "assistant") == 0;
    struct chat_picture picture = {0};

    if (!of_model && (!role || strcmp(role, "user") != 0))
        return error_set(reading->error, "role: is neither \"user\" nor \"assistant\"");
    if (!content || !*content)
        return error_set(reading->error, "content: is not a text, or is empty");
    if (!is_nothing(image) && (of_model || !cJSON_IsString(image)))
        return error_set(reading->error, "image: is not the name of an upload of the user's");
    if (!is_nothing(image) && !read_picture(reading, image->valuestring, &picture)) {
        chat_picture_clear(&picture);
        return false;
    }
    chat_add(chat, of_model, content, &picture);
    return true;
}

static bool read_conversation(struct reading *reading, const cJSON *object, struct chat *chat)
{
    const cJSON *messages = member(object, "messages"), *system = member(object, "system"),
                *message;
    int count = cJSON_IsArray(messages) ? cJSON_GetArraySize(messages) : 0;

    if (!is_nothing(system) && !cJSON_IsString(system))
        return error_set(reading->error, "system: is not a text");
    if (count < 1 || count > MESSAGES_MOST)
        return error_set(reading->error, "messages: is not a list of 1 to %d messages",
                         MESSAGES_MOST);
    chat_set_system(chat, cJSON_GetStringValue(system));
    cJSON_ArrayForEach(message, messages)
    {
        if (!read_message(reading, message, chat))
            return false;
    }
    return true;
}

/* The conversation's last message becomes the question. */
static bool take_question(struct chats_question *question, struct error *error)
{
    struct chat *chat = &question->chat;
    struct chat_message *last = &chat->message[chat->messages - 1];

    if (last->of_model)
        return error_set(error, "messages: the last one is not the user's, so nothing is asked");
    question->text = last->text;
    question->picture = last->picture;
    chat->messages--;
    return true;
}

/* --- How it is asked -------------------------------------------------------------------------- */

static bool read_manner(const cJSON *object, struct chats_question *question, struct error *error)
{
    const char *model = cJSON_GetStringValue(member(object, "model"));
    const cJSON *tokens = member(object, "output_tokens"), *heat = member(object, "temperature");

    question->output_tokens = CHAT_TOKENS;
    question->temperature = NAN;
    if (!model || !*model)
        return error_set(error, "model: is missing");
    question->model = memory_text(model);
    if (!is_nothing(tokens)) {
        double number = cJSON_IsNumber(tokens) ? tokens->valuedouble : 0;

        if (!(number >= CHAT_TOKENS_LEAST && number <= CHAT_TOKENS_MOST) || number != floor(number))
            return error_set(error, "output_tokens: is not a whole number from %d to %d",
                             CHAT_TOKENS_LEAST, CHAT_TOKENS_MOST);
        question->output_tokens = (int64_t)number;
    }
    if (!is_nothing(heat)) {
        if (!cJSON_IsNumber(heat) ||
            !(heat->valuedouble >= 0 && heat->valuedouble <= CHAT_TEMPERATURE_MOST))
            return error_set(error, "temperature: is not a number from 0 to %d",
                             CHAT_TEMPERATURE_MOST);
        question->temperature = heat->valuedouble;
    }
    return true;
}

static cJSON *parse(const char *bytes, size_t length, struct error *error)
{
    cJSON *object = bytes ? cJSON_ParseWithLength(bytes, length) : NULL;

    if (cJSON_IsObject(object))
        return object;
    cJSON_Delete(object);
    error_set(error, "the body is not a JSON object");
    return NULL;
}

bool chat_request_read(const struct workbench *workbench, const char *bytes, size_t length,
                       struct chats_question *question, struct error *error)
{
    struct reading reading = {.workbench = workbench, .error = error};
    cJSON *object = parse(bytes, length, error);
    bool done = object && read_manner(object, question, error) &&
                read_conversation(&reading, object, &question->chat) &&
                take_question(question, error);

    cJSON_Delete(object);
    return done;
}

bool chat_request_read_conversation(const struct workbench *workbench, const char *bytes,
                                    size_t length, struct chat *chat, struct error *error)
{
    struct reading reading = {.workbench = workbench, .error = error};
    cJSON *object = parse(bytes, length, error);
    bool done = object && read_conversation(&reading, object, chat);

    cJSON_Delete(object);
    return done;
}
