#include "telemetry/loaded.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* What a server calls a state, and what it comes to. */
struct word {
    const char *text;
    enum state_word word;
};

/* Any other is of a model whose next request loads it. */
static const struct word llama_cpp_words[] = {
    {"loaded", STATE_LOADED}, {"loading", STATE_UNKNOWN}, {NULL, STATE_NOT_LOADED}};
static const struct word llama_swap_words[] = {{"ready", STATE_LOADED},
                                               {"starting", STATE_UNKNOWN},
                                               {"stopping", STATE_UNKNOWN},
                                               {NULL, STATE_NOT_LOADED}};

static const char *text_in(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static enum state_word find_word(const struct word *words, const char *text)
{
    while (words->text && strcmp(words->text, text) != 0)
        words++;
    return words->word;
}

static void add(struct loaded *loaded, const char *name, enum state_word word)
{
    if (!name)
        return;
    loaded->model = memory_resize(loaded->model, loaded->models + 1, sizeof *loaded->model);
    loaded->model[loaded->models++] = (struct loaded_model){memory_text(name), word};
}

static void add_llama_cpp(struct loaded *loaded, const cJSON *model)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(model, "status");
    const char *value = text_in(status, "value");

    loaded->has_status |= value != NULL;
    add(loaded, text_in(model, "id"), value ? find_word(llama_cpp_words, value) : STATE_LOADED);
}

static void add_llama_swap(struct loaded *loaded, const cJSON *model)
{
    const char *value = text_in(model, "state");

    add(loaded, text_in(model, "model"),
        value ? find_word(llama_swap_words, value) : STATE_UNKNOWN);
}

static void add_ollama(struct loaded *loaded, const cJSON *model)
{
    add(loaded, text_in(model, "name"), STATE_LOADED);
}

static void add_vllm(struct loaded *loaded, const cJSON *model)
{
    add(loaded, text_in(model, "id"), text_in(model, "parent") ? STATE_UNKNOWN : STATE_LOADED);
}

/* By source: the list in its response, and who reads a member. */
static const struct form {
    const char *list;
    void (*add)(struct loaded *loaded, const cJSON *model);
    bool lists_all;
} forms[STATE_SOURCES] = {
    [STATE_SOURCE_LLAMA_CPP] = {"data", add_llama_cpp, true},
    [STATE_SOURCE_LLAMA_SWAP] = {"running", add_llama_swap, false},
    [STATE_SOURCE_OLLAMA] = {"models", add_ollama, false},
    [STATE_SOURCE_VLLM] = {"data", add_vllm, true},
};

bool loaded_read(enum state_source source, const char *bytes, size_t length, struct loaded *loaded)
{
    const struct form *form = &forms[source];
    cJSON *root = cJSON_ParseWithLength(bytes, length);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, form->list);
    bool is_list = cJSON_IsArray(list);

    loaded->source = source;
    for (const cJSON *model = is_list ? list->child : NULL; model; model = model->next)
        form->add(loaded, model);
    cJSON_Delete(root);
    return is_list;
}

/* Ollama's "x" is "x:latest". */
static bool names(const struct loaded *loaded, const char *name, const char *model)
{
    static const char latest[] = ":latest";
    size_t length = strlen(model);

    if (strcmp(name, model) == 0)
        return true;
    return loaded->source == STATE_SOURCE_OLLAMA && !strchr(model, ':') &&
           strncmp(name, model, length) == 0 && strcmp(name + length, latest) == 0;
}

enum state_word loaded_find(const struct loaded *loaded, const char *model)
{
    for (size_t i = 0; i < loaded->models; i++) {
        if (names(loaded, loaded->model[i].name, model))
            return loaded->model[i].word;
    }
    return forms[loaded->source].lists_all ? STATE_UNKNOWN : STATE_NOT_LOADED;
}

bool loaded_any(const struct loaded *loaded)
{
    for (size_t i = 0; i < loaded->models; i++) {
        if (loaded->model[i].word != STATE_NOT_LOADED)
            return true;
    }
    return false;
}

void loaded_add_json(const struct loaded *loaded, struct text *json)
{
    bool any = false;

    text_add_char(json, '[');
    for (size_t i = 0; i < loaded->models; i++) {
        if (loaded->model[i].word != STATE_LOADED)
            continue;
        text_add_string(json, any ? ", " : "");
        text_add_json(json, loaded->model[i].name);
        any = true;
    }
    text_add_char(json, ']');
}

void loaded_clear(struct loaded *loaded)
{
    for (size_t i = 0; i < loaded->models; i++)
        free(loaded->model[i].name);
    free(loaded->model);
    *loaded = (struct loaded){0};
}
