#include "store/search_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/json.h"

static const char *const verdict_words[] = {"open", "kept", "broken"};

static void add_object(cJSON *object, struct text *json)
{
    char *printed = cJSON_PrintUnformatted(object);

    text_add_string(json, printed);
    cJSON_free(printed);
    cJSON_Delete(object);
}

/* --- Steps ------------------------------------------------------------------------------------ */

void search_step_add(const struct search_step *step, struct text *json)
{
    const struct trial *trial = &step->trial;
    cJSON *object = cJSON_CreateObject();

    json_add_number(object, "load", trial->load);
    cJSON_AddNumberToObject(object, "requests", (double)trial->calls);
    cJSON_AddNumberToObject(object, "good", (double)trial->good);
    json_add_text(object, "verdict", verdict_words[trial->verdict]);
    json_add_number(object, "inflation", trial->inflation);
    json_add_number(object, "alike", trial->alike);
    json_add_number(object, "in_flight", trial->in_flight);
    json_add_number(object, "growth", trial->growth);
    json_add_number(object, "growth_error", trial->growth_error);
    json_add_number(object, "throughput", trial->throughput);
    json_add_number(object, "throughput_error", trial->throughput_error);
    cJSON_AddBoolToObject(object, "growing", trial->growing);
    cJSON_AddBoolToObject(object, "client_limited", trial->client_limited);
    cJSON_AddBoolToObject(object, "confirms", step->confirms);
    cJSON_AddNumberToObject(object, "sent", (double)step->requests);
    json_add_number(object, "seconds", step->seconds);
    json_add_text(object, "limit", step->limit);
    add_object(object, json);
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static size_t count_of(const cJSON *object, const char *key)
{
    double value = number_of(object, key);

    return value >= 0 && value < 1e15 ? (size_t)value : 0;
}

static bool truth_of(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void word_of(const cJSON *object, const char *key, char word[SEARCH_WORD])
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    snprintf(word, SEARCH_WORD, "%s", cJSON_IsString(item) ? item->valuestring : "");
}

static enum trial_verdict verdict_of_word(const char *word)
{
    for (int i = TRIAL_KEPT; i <= TRIAL_BROKEN; i++) {
        if (strcmp(word, verdict_words[i]) == 0)
            return (enum trial_verdict)i;
    }
    return TRIAL_OPEN;
}

bool search_step_read(const char *json, struct search_step *step)
{
    cJSON *object = cJSON_Parse(json);
    char verdict[SEARCH_WORD];
    bool read;

    word_of(object, "verdict", verdict);
    *step = (struct search_step){
        .trial = {.load = number_of(object, "load"),
                  .calls = count_of(object, "requests"),
                  .good = count_of(object, "good"),
                  .inflation = number_of(object, "inflation"),
                  .alike = number_of(object, "alike"),
                  .in_flight = number_of(object, "in_flight"),
                  .growth = number_of(object, "growth"),
                  .growth_error = number_of(object, "growth_error"),
                  .throughput = number_of(object, "throughput"),
                  .throughput_error = number_of(object, "throughput_error"),
                  .growing = truth_of(object, "growing"),
                  .verdict = verdict_of_word(verdict),
                  .client_limited = truth_of(object, "client_limited")},
        .confirms = truth_of(object, "confirms"),
        .requests = count_of(object, "sent"),
        .seconds = number_of(object, "seconds"),
    };
    word_of(object, "limit", step->limit);
    read = step->trial.load > 0 && step->trial.inflation >= 1 && step->seconds >= 0;
    cJSON_Delete(object);
    return read;
}

/* --- Rows ------------------------------------------------------------------------------------- */

#define ROW_PREFIX "row_"

static void add_load(cJSON *object, const char *name, double load, double low, double high)
{
    char *low_name = memory_printf("%s_low", name), *high_name = memory_printf("%s_high", name);

    json_add_number(object, name, load);
    json_add_number(object, low_name, low);
    json_add_number(object, high_name, high);
    free(low_name);
    free(high_name);
}

/* Of a trace the rate that its speed comes to, as well. */
static void add_loads(cJSON *object, const struct search_found *found)
{
    add_load(object, search_by_results[found->by], found->load, found->low, found->high);
    if (found->by != SEARCH_BY_TRACE_SPEED)
        return;
    add_load(object, search_by_results[SEARCH_BY_QPS], search_qps(found, found->load),
             search_qps(found, found->low), search_qps(found, found->high));
    json_add_number(object, "trace_qps", found->trace_qps);
}

static void add_found(cJSON *parent, const struct search_found *found)
{
    char *key = memory_printf(ROW_PREFIX "%d", found->line);
    cJSON *object = cJSON_AddObjectToObject(parent, key);

    json_add_text(object, "end", found->end);
    json_add_text(object, "mix", found->mix[0] ? found->mix : NULL);
    json_add_text(object, "searched", search_by_columns[found->by]);
    add_loads(object, found);
    json_add_number(object, "kept", found->kept);
    json_add_number(object, "broken", found->broken);
    json_add_number(object, "knee", found->knee);
    json_add_text(object, "limit", found->limit);
    cJSON_AddBoolToObject(object, "confirmed", found->confirmed);
    cJSON_AddNumberToObject(object, "steps", (double)found->steps);
    cJSON_AddNumberToObject(object, "requests", (double)found->requests);
    json_add_number(object, "seconds", found->seconds);
    json_add_text(object, "sentence", found->sentence);
    free(key);
}

void search_found_add(const struct search_found *found, size_t count, struct text *json)
{
    cJSON *object = cJSON_CreateObject();

    for (size_t i = 0; i < count; i++)
        add_found(object, &found[i]);
    add_object(object, json);
}

/* The manifest's facts stand as "search.row_2.max_qps". */
static const char *fact_of(const struct manifest_content *manifest, int line, const char *key)
{
    char *whole = memory_printf("search." ROW_PREFIX "%d.%s", line, key);
    const char *value = manifest_find(manifest, whole);

    free(whole);
    return value;
}

static double fact_number(const struct manifest_content *manifest, int line, const char *key)
{
    const char *value = fact_of(manifest, line, key);

    return value ? strtod(value, NULL) : NAN;
}

static size_t fact_count(const struct manifest_content *manifest, int line, const char *key)
{
    double value = fact_number(manifest, line, key);

    return value >= 0 && value < 1e15 ? (size_t)value : 0;
}

static void fact_text(const struct manifest_content *manifest, int line, const char *key,
                      char *text, size_t room)
{
    const char *value = fact_of(manifest, line, key);

    snprintf(text, room, "%s", value ? value : "");
}

static enum search_by by_of_column(const char *column)
{
    int by = 0;

    while (by < SEARCH_BYS && !(column && strcmp(column, search_by_columns[by]) == 0))
        by++;
    return by < SEARCH_BYS ? (enum search_by)by : SEARCH_BY_CONCURRENCY;
}

static void read_load(const struct manifest_content *manifest, struct search_found *found)
{
    const char *name = search_by_results[found->by];
    char *low = memory_printf("%s_low", name), *high = memory_printf("%s_high", name);

    found->load = fact_number(manifest, found->line, name);
    found->low = fact_number(manifest, found->line, low);
    found->high = fact_number(manifest, found->line, high);
    free(low);
    free(high);
}

static struct search_found read_found(const struct manifest_content *manifest, int line)
{
    const char *confirmed = fact_of(manifest, line, "confirmed");
    struct search_found found = {.line = line,
                                 .by = by_of_column(fact_of(manifest, line, "searched")),
                                 .kept = fact_number(manifest, line, "kept"),
                                 .broken = fact_number(manifest, line, "broken"),
                                 .knee = fact_number(manifest, line, "knee"),
                                 .trace_qps = fact_number(manifest, line, "trace_qps"),
                                 .confirmed = confirmed && strcmp(confirmed, "true") == 0,
                                 .steps = fact_count(manifest, line, "steps"),
                                 .requests = fact_count(manifest, line, "requests"),
                                 .seconds = fact_number(manifest, line, "seconds")};

    read_load(manifest, &found);
    fact_text(manifest, line, "mix", found.mix, sizeof found.mix);
    fact_text(manifest, line, "end", found.end, sizeof found.end);
    fact_text(manifest, line, "limit", found.limit, sizeof found.limit);
    fact_text(manifest, line, "sentence", found.sentence, sizeof found.sentence);
    return found;
}

struct search_found *search_found_read(const struct manifest_content *manifest, size_t *count)
{
    struct search_found *found = NULL;

    *count = 0;
    for (size_t i = 0; i < manifest->facts; i++) {
        int line, taken = 0;

        if (sscanf(manifest->fact[i].key, "search." ROW_PREFIX "%d.end%n", &line, &taken) != 1 ||
            taken == 0 || manifest->fact[i].key[taken])
            continue;
        found = memory_grow(found, *count, sizeof *found);
        found[(*count)++] = read_found(manifest, line);
    }
    return found;
}
