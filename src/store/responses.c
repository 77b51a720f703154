#include "store/responses.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"

enum { FILE_MOST = 1 << 30 };

static void from_object(const cJSON *object, struct response *response)
{
    const cJSON *gaps = cJSON_GetObjectItemCaseSensitive(object, "client_inter_token_latencies_s");

    response->completed = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(object, "error_code"));
    response->chunks = (size_t)cJSON_GetArraySize(gaps);
    for (int i = 0; i < METRIC_COUNT; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, metric_table[i].key);

        response->figures.value[i] = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    }
}

static void from_array(const cJSON *array, struct responses *responses)
{
    responses->response =
        memory_new((size_t)cJSON_GetArraySize(array), sizeof *responses->response);
    for (const cJSON *object = array->child; object; object = object->next)
        from_object(object, &responses->response[responses->count++]);
}

bool responses_read(const char *folder, const char *name, struct responses *responses,
                    struct error *error)
{
    char *path = memory_printf("%s/%s_individual_responses.json", folder, name);
    struct text text = {0};
    cJSON *array = NULL;
    bool done = file_read(path, FILE_MOST, &text, error);

    if (done) {
        array = cJSON_ParseWithLength(text.bytes ? text.bytes : "", text.length);
        if (cJSON_IsArray(array))
            from_array(array, responses);
        else
            done = error_set(error, "%s: holds no responses: not a JSON array", path);
    }
    cJSON_Delete(array);
    text_clear(&text);
    free(path);
    return done;
}

void responses_clear(struct responses *responses)
{
    free(responses->response);
    *responses = (struct responses){0};
}
