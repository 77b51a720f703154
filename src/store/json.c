#include "store/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/python_words.h"
#include "core/text.h"
#include "core/word.h"

cJSON *json_parse(const char *bytes, size_t length)
{
    struct text copy = {0};
    bool hidden = python_words_hide(bytes, length, &copy);
    cJSON *root = cJSON_ParseWithLength(hidden ? copy.bytes : bytes, hidden ? copy.length : length);

    text_clear(&copy);
    return root;
}

double json_number(const cJSON *item)
{
    double number = NAN;

    if (cJSON_IsNumber(item))
        number = item->valuedouble;
    else if (cJSON_IsString(item) && !word_number(item->valuestring, &number))
        number = NAN;
    return isfinite(number) ? number : NAN;
}

void json_add_number(cJSON *object, const char *key, double value)
{
    struct text digits = {0};

    text_add_number(&digits, value);
    cJSON_AddRawToObject(object, key, digits.bytes);
    text_clear(&digits);
}

struct keeping {
    const char *json; /* what is left of it */
    bool lost;        /* cJSON has read something else there: nothing more is kept */
};

static void keep_number(struct keeping *keeping, bool keep, cJSON *item)
{
    size_t length;
    const char *number = number_next(keeping->json, &length);

    if (!number || strtod(number, NULL) != item->valuedouble) {
        keeping->lost = true;
        return;
    }
    keeping->json = number + length;
    if (!keep)
        return;
    item->valuestring = cJSON_malloc(length + 1);
    memcpy(item->valuestring, number, length);
    item->valuestring[length] = '\0';
    item->type = cJSON_Raw;
}

static void keep_all(struct keeping *keeping, bool keep, cJSON *item)
{
    if (cJSON_IsNumber(item) && !keeping->lost)
        keep_number(keeping, keep, item);
    for (cJSON *child = item->child; child; child = child->next)
        keep_all(keeping, keep, child);
}

void json_keep_numbers(cJSON *object, const char *member, const char *json)
{
    struct keeping keeping = {.json = json};

    for (cJSON *child = object ? object->child : NULL; child; child = child->next)
        keep_all(&keeping, !member || strcmp(child->string, member) == 0, child);
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

/* Numbers in lists are printed by hand, for the same reason as in json_add_number. */
static void print_value(const cJSON *item, struct text *text)
{
    char *printed;

    if (cJSON_IsNumber(item)) {
        text_add_number(text, item->valuedouble);
    } else if (cJSON_IsArray(item)) {
        text_add_char(text, '[');
        for (const cJSON *one = item->child; one; one = one->next) {
            print_value(one, text);
            text_add_string(text, one->next ? "," : "");
        }
        text_add_char(text, ']');
    } else {
        printed = cJSON_PrintUnformatted(item);
        text_add_string(text, printed);
        cJSON_free(printed);
    }
}

void json_print_members(const cJSON *object, bool (*wanted)(const char *key), const char *between,
                        struct text *text)
{
    const char *before = "";

    text_add_char(text, '{');
    for (const cJSON *item = object->child; item; item = item->next) {
        if (!wanted(item->string))
            continue;
        text_add_string(text, before);
        text_add_json(text, item->string);
        text_add_char(text, ':');
        print_value(item, text);
        before = between;
    }
    text_add_char(text, '}');
}
