#include "store/row_traffic.h"

#include "core/memory.h"
#include "store/json.h"

void row_traffic_add(cJSON *object, const struct row *row)
{
    if (row->share > 0)
        json_add_number(object, "share", row->share);
    if (row->mix_requests > 0)
        json_add_number(object, "mix_requests", (double)row->mix_requests);
    if (!row->trace)
        return;
    json_add_text(object, "trace", row->trace);
    json_add_number(object, "trace_speed", row->trace_speed);
    if (row->trace_from_s > 0)
        json_add_number(object, "trace_from_s", row->trace_from_s);
    if (row->trace_for_s > 0)
        json_add_number(object, "trace_for_s", row->trace_for_s);
}

/* 0 where it is not there. */
static double number(const struct members *object, const char *key)
{
    double value = json_number(members_find(object, key));

    return value > 0 && value < 1e15 ? value : 0;
}

void row_traffic_read(const struct members *object, struct row *row)
{
    const cJSON *trace = members_find(object, "trace");

    row->share = number(object, "share");
    row->mix_requests = (int64_t)number(object, "mix_requests");
    row->trace = cJSON_IsString(trace) ? memory_text(trace->valuestring) : NULL;
    row->trace_speed = number(object, "trace_speed");
    row->trace_from_s = number(object, "trace_from_s");
    row->trace_for_s = number(object, "trace_for_s");
}

void row_sessions_add(cJSON *object, const struct row *row)
{
    if (row->prefix_tokens > 0)
        cJSON_AddNumberToObject(object, "prefix_tokens", (double)row->prefix_tokens);
    if (!row_has_sessions(row))
        return;
    cJSON_AddNumberToObject(object, "turns", (double)row->turns);
    if (row->turn_input_tokens > 0)
        cJSON_AddNumberToObject(object, "turn_input_tokens", (double)row->turn_input_tokens);
    json_add_number(object, "think_time_s", row->think_time_s);
}
