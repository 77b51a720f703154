#include "store/manifest_inputs.h"

#include <string.h>

#include "core/file.h"
#include "core/shipped.h"
#include "store/json.h"

static bool digest(const char *path, char hex[65])
{
    const struct shipped *shipped = shipped_find(path);
    struct error error;

    if (!shipped)
        return file_digest(path, hex, &error);
    file_sha256(shipped->text, strlen(shipped->text), hex);
    return true;
}

/* A pipe can be read only once, and has no SHA-256. */
static void fill_input(cJSON *input, const char *path)
{
    char hex[65];

    json_add_text(input, "path", path);
    if (digest(path, hex))
        json_add_text(input, "sha256", hex);
}

static void add_tokenizer(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *tokenizer = cJSON_AddObjectToObject(root, "tokenizer");

    fill_input(tokenizer, facts->tokenizer);
    json_add_text(tokenizer, "library", facts->tokenizer_library);
}

void manifest_add_inputs(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *others = cJSON_AddArrayToObject(root, "inputs");

    fill_input(cJSON_AddObjectToObject(root, "config"), facts->config_path);
    fill_input(cJSON_AddObjectToObject(root, "model_configs"),
               facts->rows_path ? facts->rows_path : facts->settings->model_configs_path);
    if (facts->settings->bundle)
        fill_input(cJSON_AddObjectToObject(root, "bundle"), facts->settings->bundle);
    if (facts->tokenizer)
        add_tokenizer(root, facts);
    for (size_t i = 0; facts->input && facts->input[i]; i++) {
        cJSON *input = cJSON_CreateObject();

        cJSON_AddItemToArray(others, input);
        fill_input(input, facts->input[i]);
    }
}
