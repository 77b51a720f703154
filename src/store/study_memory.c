#include "store/study_memory.h"

#include <math.h>

#include "stats/call_mix.h"
#include "store/json.h"

static void add_distances(cJSON *object, const struct study_residency *residency)
{
    cJSON *list = cJSON_AddArrayToObject(object, "by_distance");

    for (size_t d = 0; d < residency->units; d++) {
        cJSON *one = cJSON_CreateObject();

        cJSON_AddItemToArray(list, one);
        json_add_number(one, "other_rows_since", (double)d);
        json_add_number(one, "visits", (double)residency->visits[d]);
        json_add_number(one, "visits_paid", (double)residency->paid[d]);
    }
}

/* NAN, which is null, where no such thing is claimed. */
static double claimed(bool is, size_t number)
{
    return is ? (double)number : NAN;
}

static void add_rule(cJSON *object, const struct study_residency *residency)
{
    bool memory = residency->rule == RESIDENCY_LRU || residency->rule == RESIDENCY_FIFO;
    bool tested = residency->rule != RESIDENCY_NOT_KNOWN;

    cJSON_AddStringToObject(object, "rule", study_rule_words[residency->rule]);
    json_add_number(object, "capacity_rows", claimed(memory, residency->capacity));
    json_add_number(object, "capacity_rows_low", claimed(memory, residency->capacity_low));
    json_add_number(object, "capacity_rows_high", claimed(memory, residency->capacity_high));
    json_add_number(object, "probability", residency->probability);
    json_add_number(object, "lru_probability", residency->lru_probability);
    json_add_number(object, "revisits_unexplained", claimed(tested, residency->wrong));
    json_add_number(object, "capacity_gb_low", residency->gb_low);
    json_add_number(object, "capacity_gb_high", residency->gb_high);
    json_add_number(object, "idle_expiry_probability", residency->expiry_probability);
    json_add_number(object, "idle_expiry_s", residency->expiry_s);
    json_add_number(object, "idle_expiry_low_s", residency->expiry_low_s);
    json_add_number(object, "idle_expiry_high_s", residency->expiry_high_s);
    json_add_number(object, "misfit_p", residency->misfit_p);
}

static void add_residency(cJSON *root, const struct study_residency *residency)
{
    cJSON *object = residency->revisits > 0 ? cJSON_AddObjectToObject(root, "residency")
                                            : cJSON_AddNullToObject(root, "residency");

    if (residency->revisits == 0)
        return;
    json_add_number(object, "revisits", (double)residency->revisits);
    cJSON_AddStringToObject(object, "unit",
                            residency->by_configuration ? "expert configuration" : "row");
    json_add_number(object, "units", (double)residency->units);
    add_rule(object, residency);
    add_distances(object, residency);
}

/* The verdicts of visits of which a server says whether they had to load; null where none does. */
static void add_word(cJSON *root, const struct study *study)
{
    cJSON *object = cJSON_CreateObject();
    bool any = false;

    for (int verdict = 0; verdict <= SWITCH_NOT_MEASURABLE; verdict++) {
        const struct study_word *word = &study->word[verdict];
        cJSON *one = cJSON_AddObjectToObject(object, switch_verdict_words[verdict]);

        json_add_number(one, "loads", (double)word->loads);
        json_add_number(one, "loaded_before", (double)word->stays);
        any |= word->loads + word->stays > 0;
    }
    if (any) {
        cJSON_AddItemToObject(root, "server_word", object);
        return;
    }
    cJSON_Delete(object);
    cJSON_AddNullToObject(root, "server_word");
}

static void add_mix(cJSON *root, const struct study_call_mix *mix)
{
    cJSON *object = mix->calls > 0 ? cJSON_AddObjectToObject(root, "call_mix")
                                   : cJSON_AddNullToObject(root, "call_mix");

    if (mix->calls == 0)
        return;
    json_add_number(object, "paid_share", mix->paid_share);
    json_add_number(object, "extra_s", mix->extra_s);
    json_add_number(object, "service_s", mix->service_s);
    json_add_number(object, "time_share", mix->time_share);
    json_add_number(object, "calls_in_a_row_for_10_percent", call_mix_in_a_row(mix, 0.1));
    json_add_number(object, "calls_in_a_row_for_1_percent", call_mix_in_a_row(mix, 0.01));
}

static void add_queue(cJSON *at, const struct study_queue *queue)
{
    json_add_number(at, "calls_followed", (double)queue->calls);
    cJSON_AddBoolToObject(at, "stable", queue->stable);
    json_add_number(at, "utilisation", queue->utilisation);
    json_add_number(at, "switch_paid_share", queue->paid_share);
    json_add_number(at, "switch_s_per_call", queue->switch_s);
    json_add_number(at, "switch_wait_s_per_call", queue->switch_wait_s);
    json_add_number(at, "switch_wait_standard_error_s", queue->switch_wait_error_s);
    json_add_number(at, "wait_s_per_call", queue->wait_s);
    json_add_number(at, "switch_time_share", queue->time_share);
}

static void add_mix_at_rate(cJSON *root, const struct study_call_mix *mix)
{
    bool known = mix->queue[0].calls > 0;
    cJSON *object = known ? cJSON_AddObjectToObject(root, "call_mix_at_rate")
                          : cJSON_AddNullToObject(root, "call_mix_at_rate");

    if (!known)
        return;
    json_add_number(object, "call_rate", mix->call_rate);
    json_add_number(object, "calls_in_a_row", mix->calls_in_a_row);
    for (int schedule = 0; schedule < STUDY_SCHEDULES; schedule++)
        add_queue(cJSON_AddObjectToObject(object, study_schedule_words[schedule]),
                  &mix->queue[schedule]);
}

void study_memory_add(cJSON *root, const struct study *study)
{
    add_residency(root, &study->residency);
    cJSON_AddBoolToObject(root, "controlled", study->controlled);
    add_word(root, study);
    add_mix(root, &study->call_mix);
    add_mix_at_rate(root, &study->call_mix);
}

void study_memory_add_word(cJSON *object, const struct study_visit *visit)
{
    static const char key[] = "server_says_loaded_before";

    if (!visit || visit->word == STATE_UNKNOWN)
        cJSON_AddNullToObject(object, key);
    else
        cJSON_AddBoolToObject(object, key, visit->word == STATE_LOADED);
}
