#include "job/chat.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "prompt/image.h"

/* --- What is said ----------------------------------------------------------------------------- */

bool chat_picture_take(struct chat_picture *picture, const char *name, const struct text *bytes,
                       struct error *error)
{
    picture->type = image_type_of(bytes);
    if (!picture->type)
        return error_set(error, "%.200s is neither PNG nor JPEG; convert it", name);
    text_add_base64(&picture->base64, bytes->bytes, bytes->length);
    return true;
}

bool chat_picture_read(struct chat_picture *picture, const char *path, struct error *error)
{
    struct text bytes = {0};
    bool done = file_read_regular(path, IMAGE_MOST, &bytes, error) &&
                chat_picture_take(picture, path, &bytes, error);

    text_clear(&bytes);
    return done;
}

void chat_picture_clear(struct chat_picture *picture)
{
    text_clear(&picture->base64);
    *picture = (struct chat_picture){0};
}

void chat_add(struct chat *chat, bool of_model, const char *text, struct chat_picture *picture)
{
    struct chat_message message = {.of_model = of_model, .text = memory_text(text)};

    if (picture) {
        message.picture = *picture;
        *picture = (struct chat_picture){0};
    }
    chat->message = memory_grow(chat->message, chat->messages, sizeof *chat->message);
    chat->message[chat->messages++] = message;
}

void chat_set_system(struct chat *chat, const char *system)
{
    free(chat->system);
    chat->system = system && *system ? memory_text(system) : NULL;
}

void chat_clear(struct chat *chat)
{
    for (size_t i = 0; i < chat->messages; i++) {
        free(chat->message[i].text);
        chat_picture_clear(&chat->message[i].picture);
    }
    free(chat->message);
    free(chat->system);
    *chat = (struct chat){0};
}

/* --- As a data set ---------------------------------------------------------------------------- */

static void add_message(const char *role, const char *text, struct text *line)
{
    text_printf(line, "{\"role\":\"%s\",\"content\":", role);
    text_add_json(line, text);
    text_add_char(line, '}');
}

size_t chat_add_dataset(const struct chat *chat, struct text *line)
{
    size_t pictures = 0;

    text_add_string(line, "{\"messages\":[");
    if (chat->system)
        add_message("system", chat->system, line);
    for (size_t i = 0; i < chat->messages; i++) {
        const struct chat_message *message = &chat->message[i];

        if (i > 0 || chat->system)
            text_add_char(line, ',');
        add_message(message->of_model ? "assistant" : "user", message->text, line);
        pictures += message->picture.type != NULL;
    }
    text_add_string(line, "]}\n");
    return pictures;
}

void chat_note_limits(const struct preparation *preparation, const char *model,
                      struct faults *notes)
{
    const struct dialect *dialect = preparation->target.dialect;

    if (!dialect->converses)
        faults_add(notes, NULL, 0,
                   "%s sends one text: each question stands for itself, and the system's is not "
                   "sent",
                   dialect->name);
    if (dialect->names_model && !dialect->names_model(model))
        faults_add(notes, NULL, 0,
                   "%s; '%.200s' is not sent, and the endpoint uses a model of its own",
                   dialect->unnamed, model);
}

void chat_response_clear(struct chat_response *response)
{
    free(response->text);
    free(response->failure);
    *response = (struct chat_response){0};
}
