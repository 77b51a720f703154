#include "core/expand.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* How long the name at `text` is. */
static size_t name_length(const char *text)
{
    size_t length = 0;

    while (isalpha((unsigned char)text[length]) || text[length] == '_' ||
           (length > 0 && isdigit((unsigned char)text[length])))
        length++;
    return length;
}

/* Reads "${NAME}" or "${NAME:-DEFAULT}" at `text`; its length, or 0. */
static size_t reference(const char *text, size_t *name, const char **otherwise)
{
    const char *end;

    if (strncmp(text, "${", 2) != 0 || !(end = strchr(text, '}')))
        return 0;
    *name = name_length(text + 2);
    *otherwise = strncmp(text + 2 + *name, ":-", 2) == 0 ? text + 2 + *name + 2 : NULL;
    if (*name == 0 || (!*otherwise && text + 2 + *name != end))
        return 0;
    return (size_t)(end - text) + 1;
}

char *expand(const char *text, expand_lookup lookup, void *context, char **missing)
{
    struct text expanded = {0};

    while (*text) {
        const char *otherwise;
        size_t length, whole = reference(text, &length, &otherwise);
        char *name = whole > 0 ? memory_bytes(text + 2, length) : NULL;
        char *value = name ? lookup(context, name) : NULL;

        if (name && !value && !otherwise) {
            *missing = name;
            text_clear(&expanded);
            return NULL;
        }
        if (value && (*value || !otherwise))
            text_add_string(&expanded, value);
        else if (name)
            text_add(&expanded, otherwise, (size_t)(text + whole - 1 - otherwise));
        else
            text_add_char(&expanded, *text);
        if (value)
            explicit_bzero(value, strlen(value));
        free(value);
        free(name);
        text += whole > 0 ? whole : 1;
    }
    return text_take(&expanded);
}

static char *environment(void *context, const char *name)
{
    (void)context;
    return memory_text(getenv(name));
}

char *expand_by_environment(const char *text, char **missing)
{
    return expand(text, environment, NULL, missing);
}
