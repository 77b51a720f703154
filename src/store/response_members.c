#include "store/response_members.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "core/word.h"
#include "store/json.h"

static const char *const keys[RESPONSE_KEYS] = {
    [RESPONSE_ERROR_CODE] = "error_code",
    [RESPONSE_ERROR_MSG] = "error_msg",
    [RESPONSE_REQUEST_INDEX] = "request_index",
    [RESPONSE_ATTEMPT] = "attempt",
    [RESPONSE_PROBE_BURST] = "probe_burst",
    [RESPONSE_PHASE] = "phase",
    [RESPONSE_SESSION] = "session",
    [RESPONSE_TURN] = "turn",
    [RESPONSE_STARTED_NS] = "started_monotonic_ns",
    [RESPONSE_SENT_NS] = "sent_monotonic_ns",
    [RESPONSE_DONE_NS] = "done_monotonic_ns",
    [RESPONSE_START_TIME] = "start_time",
    [RESPONSE_END_TIME] = "end_time",
    [RESPONSE_GAPS] = "client_inter_token_latencies_s",
};

enum response_key response_key_find(const char *key)
{
    for (int i = 0; i < RESPONSE_KEYS; i++) {
        if (strcmp(key, keys[i]) == 0)
            return (enum response_key)i;
    }
    return (enum response_key)(RESPONSE_METRICS + metric_find(key));
}

double response_member_number(const struct response_member *member)
{
    double number = member->kind == RESPONSE_NUMBER ? member->number : NAN;
    struct text word = {0};

    if (member->kind == RESPONSE_TEXT) {
        text_add(&word, member->text, member->length);
        number = word_number(word.bytes, &number) ? number : NAN;
        text_clear(&word);
    }
    return isfinite(number) ? number : NAN;
}

void response_members_init(struct response_members *members)
{
    *members = (struct response_members){.chunks_s = NAN};
    for (int i = 0; i < METRIC_COUNT; i++)
        members->metric[i] = NAN;
}

static struct response_member member_of(const cJSON *item)
{
    struct response_member member = {.kind = RESPONSE_OTHER};

    if (!item) {
        member.kind = RESPONSE_ABSENT;
    } else if (cJSON_IsNull(item)) {
        member.kind = RESPONSE_NULL;
    } else if (cJSON_IsNumber(item)) {
        member.kind = RESPONSE_NUMBER;
        member.number = item->valuedouble;
    } else if (cJSON_IsString(item)) {
        member.kind = RESPONSE_TEXT;
        member.text = item->valuestring;
        member.length = strlen(item->valuestring);
    }
    return member;
}

/* The list begins with the TTFT. */
static void add_gaps(const cJSON *gaps, struct response_members *members)
{
    int count = cJSON_GetArraySize(gaps);

    members->chunks = (size_t)count;
    if (count > 0)
        members->chunks_s = 0;
    for (const cJSON *gap = gaps ? gaps->child : NULL; gap; gap = gap->next)
        members->chunks_s += json_number(gap);
}

void response_members_of(const cJSON *object, struct response_members *members)
{
    response_members_init(members);
    for (int i = 0; i < RESPONSE_KEYS; i++) {
        if (i != RESPONSE_GAPS)
            members->member[i] = member_of(cJSON_GetObjectItemCaseSensitive(object, keys[i]));
    }
    add_gaps(cJSON_GetObjectItemCaseSensitive(object, keys[RESPONSE_GAPS]), members);
    for (const cJSON *item = object->child; item; item = item->next) {
        double number = json_number(item);
        enum metric metric = isnan(number) ? METRIC_COUNT : metric_find(item->string);

        if (metric < METRIC_COUNT)
            members->metric[metric] = number;
    }
}
