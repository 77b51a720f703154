#include "store/json.h"

#include "core/text.h"

void json_add_number(cJSON *object, const char *key, double value)
{
    struct text digits = {0};

    text_add_number(&digits, value);
    cJSON_AddRawToObject(object, key, digits.bytes);
    text_clear(&digits);
}

void json_add_text(cJSON *object, const char *key, const char *text)
{
    cJSON_AddItemToObject(object, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void json_add_load(cJSON *object, const struct row *row)
{
    if (row->concurrent_requests) {
        json_add_number(object, "num_concurrent_requests", (double)row->concurrent_requests);
        return;
    }
    json_add_number(object, "qps", row->qps);
    json_add_text(object, "qps_distribution", row_distribution_names[row->qps_distribution]);
}
