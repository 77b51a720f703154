#include "store/summary_ranks.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "store/json.h"

enum { RANKS_MOST = 1 << 16 };

static const char ranks_key[] = "ranks", requests_key[] = "requests",
                  verdict_key[] = "measurement_verdict", reason_key[] = "measurement_reason";

/* All that are numbers beside the count: one table for writing and reading. */
static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"client_read_lateness_s_p50", offsetof(struct step_rank, health.read_lateness_p50_s)},
    {"client_read_lateness_s_p99", offsetof(struct step_rank, health.read_lateness_p99_s)},
    {"client_read_lateness_s_max", offsetof(struct step_rank, health.read_lateness_max_s)},
    {"client_kernel_stamped_share", offsetof(struct step_rank, health.kernel_stamped_share)},
    {"client_coalesced_share", offsetof(struct step_rank, health.coalesced_share)},
    {"client_loop_stall_s_max", offsetof(struct step_rank, health.loop_stall_max_s)},
    {"client_loop_cpu_share_max", offsetof(struct step_rank, health.loop_cpu_share_max)},
    {"client_resident_mb", offsetof(struct step_rank, health.resident_mb)},
    {"clock_uncertainty_s", offsetof(struct step_rank, health.clock_uncertainty_s)},
    {"journal_wait_s", offsetof(struct step_rank, journal_wait_s)},
};

enum { NUMBERS = sizeof numbers / sizeof *numbers };

static void add_rank(cJSON *list, size_t at, const struct step_rank *rank)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list, object);
    json_add_number(object, "rank", (double)at);
    json_add_number(object, requests_key, (double)rank->requests);
    for (size_t i = 0; i < NUMBERS; i++)
        json_add_number(object, numbers[i].key,
                        *(const double *)((const char *)rank + numbers[i].offset));
    json_add_text(object, verdict_key, measurement_verdict_words[rank->health.verdict]);
    json_add_text(object, reason_key, rank->health.reason);
}

void summary_ranks_add(cJSON *object, const struct step *step)
{
    cJSON *list = step->ranks > 0 ? cJSON_AddArrayToObject(object, ranks_key) : NULL;

    for (size_t i = 0; i < step->ranks; i++)
        add_rank(list, i, &step->rank[i]);
}

static enum measurement_verdict verdict_of(const char *word)
{
    int verdict = MEASUREMENT_VALID;

    while (word && measurement_verdict_words[verdict] &&
           strcmp(word, measurement_verdict_words[verdict]) != 0)
        verdict++;
    return word && measurement_verdict_words[verdict] ? (enum measurement_verdict)verdict
                                                      : MEASUREMENT_VALID;
}

static void read_rank(const cJSON *item, struct step_rank *rank)
{
    double requests = json_number(cJSON_GetObjectItemCaseSensitive(item, requests_key));
    const cJSON *verdict = cJSON_GetObjectItemCaseSensitive(item, verdict_key);
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(item, reason_key);

    rank->health = health_unknown;
    rank->requests = requests > 0 && requests < 1e15 ? (size_t)requests : 0;
    for (size_t i = 0; i < NUMBERS; i++)
        *(double *)((char *)rank + numbers[i].offset) =
            json_number(cJSON_GetObjectItemCaseSensitive(item, numbers[i].key));
    rank->health.verdict = verdict_of(cJSON_GetStringValue(verdict));
    if (cJSON_IsString(reason))
        snprintf(rank->health.reason, sizeof rank->health.reason, "%s", reason->valuestring);
}

void summary_ranks_read(const struct members *object, struct step *step)
{
    const cJSON *list = members_find(object, ranks_key);
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    struct step_rank *rank;

    if (count == 0 || count > RANKS_MOST)
        return;
    step->ranks = (size_t)count;
    rank = step->rank = memory_new(step->ranks, sizeof *step->rank);
    for (const cJSON *item = list->child; item; item = item->next)
        read_rank(item, rank++);
}

void summary_ranks_add_shares(cJSON *object, const struct step *step)
{
    cJSON *list = step->ranks > 0 ? cJSON_AddArrayToObject(object, "requests_of_ranks") : NULL;

    for (size_t i = 0; i < step->ranks; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber((double)step->rank[i].requests));
}
