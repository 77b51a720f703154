#include "wire/stray.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/payload.h"

void stray_reset(struct stray *stray)
{
    text_reset(&stray->text);
    stray->nesting = (struct nesting){0};
    stray->open = stray->failed = false;
}

static bool is_error(const struct text *text)
{
    cJSON *object = cJSON_ParseWithLength(text->bytes, text->length);
    char message[4];
    bool error = cJSON_IsObject(object) && payload_error(object, message, sizeof message);

    cJSON_Delete(object);
    return error;
}

/* A line of a bare object. What is no error, is skipped as it always was. */
static void take_bare(struct stray *stray, const char *line, size_t length)
{
    if (stray->text.length + length > STRAY_MOST) {
        stray_reset(stray);
        return;
    }
    text_add(&stray->text, line, length);
    text_add_char(&stray->text, '\n');
    nesting_take(&stray->nesting, line, length);
    stray->open = !stray->nesting.closed;
    stray->failed = stray->nesting.closed && is_error(&stray->text);
}

/* A value that is JSON stays so, and anything else is the sentence itself. */
static void take_value(struct stray *stray, const char *value, size_t length)
{
    bool json = length > 0 && (*value == '{' || *value == '"');

    text_add_string(&stray->text, "{\"error\":");
    if (json) {
        text_add(&stray->text, value, length);
    } else {
        struct text plain = {0};

        text_add(&plain, value, length);
        text_add_json(&stray->text, plain.bytes ? plain.bytes : "");
        text_clear(&plain);
    }
    text_add_char(&stray->text, '}');
    stray->failed = json || is_error(&stray->text);
}

static bool is_error_field(const char *line, size_t length)
{
    static const char name[] = "error:";

    return length >= sizeof name - 1 && memcmp(line, name, sizeof name - 1) == 0;
}

static bool is_field(const char *line, size_t length)
{
    return (length >= 5 && memcmp(line, "data:", 5) == 0) ||
           (length >= 6 && memcmp(line, "event:", 6) == 0);
}

bool stray_take_line(struct stray *stray, const char *line, size_t length)
{
    bool open = stray->open && !is_field(line, length);

    if (!open)
        stray_reset(stray);
    if (open || *line == '{') {
        take_bare(stray, line, length);
        return true;
    }
    if (!is_error_field(line, length))
        return false;
    line += 6;
    length -= 6;
    for (; length > 0 && *line == ' '; line++)
        length--;
    take_value(stray, line, length);
    return true;
}

void stray_clear(struct stray *stray)
{
    text_clear(&stray->text);
}
