#include "wire/messages.h"

static const char role_user[] = "{\"role\":\"user\",\"content\":",
                  role_model[] = "{\"role\":\"assistant\",\"content\":";

void messages_begin(const char *system, const char *earlier, struct text *json)
{
    text_add_char(json, '[');
    if (system) {
        text_add_string(json, "{\"role\":\"system\",\"content\":");
        text_add_json(json, system);
        text_add_string(json, "},");
    }
    if (earlier)
        text_add_string(json, earlier);
    text_add_string(json, role_user);
}

/* What stands between a text and its picture. */
static void add_between(const struct picture_form *form, const char *type, struct text *json)
{
    text_add_string(json, form->before_type);
    if (!form->before_data)
        return;
    text_add_string(json, type ? type : "image/png");
    text_add_string(json, form->before_data);
}

void messages_write(const struct ask *ask, const char *system, const struct picture_form *form,
                    struct body *body)
{
    messages_begin(system, ask->earlier, &body->head);
    if (ask->image) {
        text_add_string(&body->head, form->open);
        add_between(form, ask->image_type, &body->middle);
        text_add_string(&body->tail, form->close);
    } else {
        text_add_char(&body->head, '"');
        text_add_char(&body->tail, '"');
    }
    text_add_string(&body->tail, "}],");
}

void dialect_add_message(const struct dialect *dialect, const struct dialect_message *message,
                         struct text *earlier)
{
    const struct picture_form *form = message->image ? dialect->picture : NULL;

    text_add_string(earlier, message->of_model ? role_model : role_user);
    text_add_string(earlier, form ? form->open : "\"");
    dialect_add_text(earlier, message->text);
    if (form) {
        add_between(form, message->image_type, earlier);
        text_add(earlier, message->image->bytes, message->image->length);
    }
    text_add_string(earlier, form ? form->close : "\"");
    text_add_string(earlier, "},");
}
