#include "command/api_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

static void refuse(const char *command, const char *word)
{
    struct text all = {0};

    for (int i = 0; api_names[i]; i++)
        text_printf(&all, "%s%s", i == 0 ? "" : api_names[i + 1] ? ", " : " or ", api_names[i]);
    fprintf(stderr, "coebench %s: --api takes %s, not '%.60s'\n", command, all.bytes, word);
    text_clear(&all);
}

bool api_is_known(const char *command, const char *word)
{
    for (int i = 0; api_names[i]; i++) {
        if (strcmp(api_names[i], word) == 0)
            return true;
    }
    refuse(command, word);
    return false;
}

static bool has_key(enum llm_api api)
{
    const char *key = getenv(api_at(api)->environment.key);

    return key && *key;
}

const char *api_by_key(void)
{
    bool sncloud = !has_key(API_OPENAI) && (has_key(API_SNCLOUD) || file_exists(".env"));

    return api_names[sncloud ? API_SNCLOUD : API_OPENAI];
}
