#include "serve/start/plan_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/own_command.h"
#include "serve/own_folder.h"
#include "serve/workbench.h"

/* --- What it says, as a page has it ---------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void set_text(cJSON *object, const char *key, const char *text)
{
    cJSON_ReplaceItemInObjectCaseSensitive(object, key, cJSON_CreateString(text));
}

/* The draft's file of that path; NULL: it is another. */
static const char *name_of(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    if (!path || strncmp(path, folder, length) != 0 || path[length] != '/')
        return NULL;
    if (strcmp(path + length + 1, draft_config_name) == 0)
        return "config";
    return strcmp(path + length + 1, draft_rows_name) == 0 ? "rows" : NULL;
}

/* Where the sentence begins behind "path:line: ". */
static const char *behind_place(const char *text, const char *path)
{
    size_t length = strlen(path);
    const char *end = strncmp(text, path, length) == 0 ? strstr(text + length, ": ") : NULL;

    return end ? end + 2 : text;
}

/* The draft's own place is nobody's concern: its files' names are left. */
static char *without_folder(const char *text, const char *folder)
{
    char *before = memory_printf("%s/", folder);
    struct text made = {0};

    for (const char *at; (at = strstr(text, before)); text = at + strlen(before))
        text_add(&made, text, (size_t)(at - text));
    text_add_string(&made, text);
    free(before);
    return text_take(&made);
}

static void name_places(cJSON *faults, const char *folder)
{
    cJSON *fault;

    cJSON_ArrayForEach(fault, faults)
    {
        const char *path = text_of(fault, "file"), *text = text_of(fault, "text");
        const char *name = name_of(path, folder);
        char *own = text ? without_folder(name ? behind_place(text, path) : text, folder) : NULL;

        if (own)
            set_text(fault, "text", own);
        if (name)
            set_text(fault, "file", name);
        free(own);
    }
}

static cJSON *read_results(const struct own_command_end *end, const char *folder,
                           struct error *error)
{
    cJSON *found =
        end->results.bytes ? cJSON_ParseWithLength(end->results.bytes, end->results.length) : NULL;
    char *sentence;

    if (cJSON_IsObject(found) && cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(found, "sound"))) {
        name_places(cJSON_GetObjectItemCaseSensitive(found, "faults"), folder);
        name_places(cJSON_GetObjectItemCaseSensitive(found, "warnings"), folder);
        cJSON_DeleteItemFromObjectCaseSensitive(found, "config");
        cJSON_DeleteItemFromObjectCaseSensitive(found, "rows_file");
        return found;
    }
    cJSON_Delete(found);
    sentence = own_command_sentence(end);
    error_set(error, "the draft could not be checked: %s",
              sentence[0] ? sentence : "the check was ended before its time");
    free(sentence);
    return NULL;
}

bool plan_check_is_sound(const cJSON *found)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(found, "sound"));
}

const char *plan_check_endpoint(const cJSON *found)
{
    return text_of(found, "endpoint");
}

/* --- The child ------------------------------------------------------------------------------- */

static cJSON *check_in(const struct workbench *workbench, const struct plan_check *check,
                       const char *folder, struct error *error)
{
    char **environment = endpoints_environment(check->endpoint);
    struct own_command_end end;
    struct arguments words = {0};
    cJSON *found;

    arguments_add(&words, "plan");
    arguments_add(&words, "--json");
    if (!check->online)
        arguments_add(&words, "--offline");
    if (check->endpoint->address)
        arguments_add_option(&words, "api", api_at(check->endpoint->api)->name);
    draft_add_words(check->draft, workbench, folder, &words);
    own_command_do(&(struct own_command){.words = (const char *const *)words.word,
                                         .environment = environment,
                                         .keeps_results = true,
                                         .stop = check->stop,
                                         .stale = check->stale},
                   &end);
    found = read_results(&end, folder, error);
    own_command_end_clear(&end);
    arguments_clear(&words);
    endpoints_environment_free(environment);
    return found;
}

cJSON *plan_check(const struct workbench *workbench, const struct plan_check *check,
                  struct error *error)
{
    char name[OWN_NAME], below[OWN_NAME + 16], *folder;
    cJSON *found = NULL;
    int open;

    own_name_draw(name);
    snprintf(below, sizeof below, "drafts/%s", name);
    open = own_folder_open(workbench, below, error);
    if (open < 0)
        return NULL;
    folder = own_folder_path(workbench, below);
    if (draft_write(check->draft, open, error))
        found = check_in(workbench, check, folder, error);
    close(open);
    file_remove_folder(folder);
    free(folder);
    return found;
}
