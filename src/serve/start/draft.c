#include "serve/start/draft.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "serve/own_folder.h"
#include "serve/workbench.h"

const char draft_config_name[] = "config.yaml", draft_rows_name[] = "rows.csv",
           draft_body_name[] = "draft.json";

enum { WORD_MOST = 4096 };

/* --- Its members ----------------------------------------------------------------------------- */

/* A member's text, a copy; NULL where it is null or not there. False where it is no text. */
static bool take_text(const cJSON *object, const char *key, char **text, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!item || cJSON_IsNull(item))
        return true;
    if (!cJSON_IsString(item))
        return error_set(error, "%s: is not a text", key);
    *text = memory_text(item->valuestring);
    return true;
}

/* A short text of one line. */
static bool take_word(const cJSON *object, const char *key, char **text, struct error *error)
{
    if (!take_text(object, key, text, error))
        return false;
    if (*text && (strlen(*text) > WORD_MOST || strpbrk(*text, "\r\n")))
        return error_set(error, "%s: is not one line of at most %d bytes", key, WORD_MOST);
    return true;
}

/* A whole number, as a number or, since JSON's are doubles, as a text. */
static bool take_integer(const cJSON *object, const char *key, char **text, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsNumber(item))
        return take_word(object, key, text, error);
    if (item->valuedouble != floor(item->valuedouble) || fabs(item->valuedouble) > 9e15)
        return error_set(error, "%s: is not a whole number; write large ones as text", key);
    *text = memory_printf("%.0f", item->valuedouble);
    return true;
}

static bool take_truth(const cJSON *object, const char *key, bool *truth, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!item || cJSON_IsNull(item))
        return true;
    if (!cJSON_IsBool(item))
        return error_set(error, "%s: is neither true nor false", key);
    *truth = cJSON_IsTrue(item);
    return true;
}

static bool take_command(const cJSON *object, struct draft *draft, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "command");
    const char *word = cJSON_GetStringValue(item);

    if (!item || cJSON_IsNull(item))
        return true;
    draft->search = word && strcmp(word, "search") == 0;
    return draft->search || (word && strcmp(word, "run") == 0) ||
           error_set(error, "command: is neither run nor search");
}

/* A text stands as it is, and is read as YAML; whatever else is JSON, which YAML holds. */
static bool add_set(struct draft *draft, const cJSON *item, struct error *error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    const char *key = item->string;
    char *json;

    if (!key[0] || key[strspn(key, letters)] || strlen(key) > WORD_MOST)
        return error_set(error, "set: a key is small letters, digits, '_' and '.', such as "
                                "probe.steady");
    if (draft->sets == DRAFT_SETS)
        return error_set(error, "set: has more than %d keys; write them into the config",
                         DRAFT_SETS);
    json = cJSON_IsString(item) ? memory_text(item->valuestring) : cJSON_PrintUnformatted(item);
    draft->set[draft->sets++] = memory_printf("%s=%s", key, json ? json : "");
    free(json);
    return true;
}

static bool take_options(const cJSON *object, struct draft *draft, struct error *error)
{
    const cJSON *options = cJSON_GetObjectItemCaseSensitive(object, "options"), *set, *item;

    if (!options || cJSON_IsNull(options))
        return true;
    if (!cJSON_IsObject(options))
        return error_set(error, "options: is no object");
    if (!take_word(options, "order", &draft->order, error) ||
        !take_integer(options, "passes", &draft->passes, error) ||
        !take_truth(options, "online", &draft->online, error))
        return false;
    set = cJSON_GetObjectItemCaseSensitive(options, "set");
    if (set && !cJSON_IsNull(set) && !cJSON_IsObject(set))
        return error_set(error, "set: is no object");
    cJSON_ArrayForEach(item, set)
    {
        if (!add_set(draft, item, error))
            return false;
    }
    return true;
}

static bool take_all(const cJSON *object, struct draft *draft, struct error *error)
{
    return take_command(object, draft, error) &&
           take_text(object, "config", &draft->config, error) &&
           take_text(object, "rows", &draft->rows, error) &&
           take_word(object, "name", &draft->name, error) &&
           take_integer(object, "seed", &draft->seed, error) &&
           take_truth(object, "anyway", &draft->anyway, error) &&
           take_options(object, draft, error) &&
           (draft->config || error_set(error, "config: is missing; it is the config's YAML"));
}

bool draft_read(const char *bytes, size_t length, struct draft *draft, struct error *error)
{
    cJSON *object = bytes ? cJSON_ParseWithLength(bytes, length) : NULL;
    bool read;

    *draft = (struct draft){0};
    read = cJSON_IsObject(object) ? take_all(object, draft, error)
                                  : error_set(error, "the body is no JSON object");
    cJSON_Delete(object);
    return read;
}

void draft_clear(struct draft *draft)
{
    char *const texts[] = {draft->config, draft->rows,  draft->name,
                           draft->seed,   draft->order, draft->passes};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < draft->sets; i++)
        free(draft->set[i]);
    *draft = (struct draft){0};
}

/* --- As the program takes it ----------------------------------------------------------------- */

bool draft_write(const struct draft *draft, int folder, struct error *error)
{
    return own_folder_write(folder, draft_config_name, draft->config, strlen(draft->config),
                            error) &&
           (!draft->rows ||
            own_folder_write(folder, draft_rows_name, draft->rows, strlen(draft->rows), error));
}

/* A path in quotes, as YAML reads it. */
static void add_folder(const char *key, const char *path, struct arguments *words)
{
    struct text text = {0};

    text_printf(&text, "%s=", key);
    text_add_json(&text, path);
    arguments_add_option(words, "set", text.bytes);
    text_clear(&text);
}

void draft_add_words(const struct draft *draft, const struct workbench *workbench, const char *path,
                     struct arguments *words)
{
    char *config = file_join(path, draft_config_name);
    char *rows = draft->rows ? file_join(path, draft_rows_name) : NULL;

    arguments_add_option(words, "rows", rows);
    arguments_add_option(words, "name", draft->name);
    arguments_add_option(words, "seed", draft->seed);
    arguments_add_option(words, "order", draft->order);
    arguments_add_option(words, "passes", draft->passes);
    for (size_t i = 0; i < draft->sets; i++)
        arguments_add_option(words, "set", draft->set[i]);
    add_folder("output_files_dir", workbench->root, words);
    add_folder("consolidated_results_dir", workbench->root, words);
    arguments_add(words, "--");
    arguments_add(words, config);
    free(rows);
    free(config);
}
