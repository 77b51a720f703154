/* What becomes known of a response once its line of the journal is written (response.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/response.h"

bool response_set_switching_time(struct text *json, double time_s, struct error *error)
{
    /* Inside a text every quote has a backslash before it, so this is the key itself. */
    static const char behind[] = "\"server_end_to_end_latency_s\":";
    char *at = strstr(json->bytes, behind), *rest;

    if (!at)
        return error_set(error, "a journal line cannot be read again");
    rest = memory_text(at);
    json->length = (size_t)(at - json->bytes);
    text_add_string(json, "\"switching_time\":");
    text_add_number(json, time_s);
    text_add_char(json, ',');
    text_add_string(json, rest);
    free(rest);
    return true;
}

/* A metric that was not known when the response was written down. */
static bool set_metric(struct text *json, enum metric metric, double value, struct error *error)
{
    char *key = memory_printf("\"%s\":", metric_table[metric].key);
    char *at = strstr(json->bytes, key), *rest = at ? at + strlen(key) : NULL;
    bool known = rest && strncmp(rest, "null", 4) == 0;

    if (known) {
        rest = memory_text(rest + 4);
        json->length = (size_t)(at - json->bytes) + strlen(key);
        text_add_number(json, value);
        text_add_string(json, rest);
        free(rest);
    }
    free(key);
    return known || error_set(error, "a journal line cannot be read again");
}

bool response_set_tokens(struct text *json, const struct figures *figures, struct error *error)
{
    static const enum metric metrics[] = {METRIC_TOKENIZER_NUMBER_INPUT_TOKENS,
                                          METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS};

    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        double value = figures->value[metrics[i]];

        if (!isnan(value) && !set_metric(json, metrics[i], value, error))
            return false;
    }
    return true;
}

static void add_member(const char *key, const char *word, struct text *json)
{
    text_printf(json, ",\"%s\":", key);
    if (word && *word)
        text_add_json(json, word);
    else
        text_add_string(json, "null");
}

bool response_set_mark(struct text *json, const struct request_mark *mark, struct error *error)
{
    if (json->length == 0 || json->bytes[json->length - 1] != '}')
        return error_set(error, "a journal line cannot be read again");
    json->bytes[--json->length] = '\0';
    add_member("mix", mark->mix, json);
    text_printf(json, ",\"arrival_index\":%zu", mark->arrival_index);
    add_member("configuration", mark->configuration, json);
    add_member("previous_configuration", mark->previous_configuration, json);
    add_member("previous_sent_configuration", mark->previous_sent_configuration, json);
    text_add_char(json, '}');
    return true;
}
