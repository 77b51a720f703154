#include "store/mix_file.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "store/json.h"
#include "store/name.h"

enum { FILE_MOST = 64 << 20 };

/* One table for writing and reading. */
struct number {
    const char *key;
    size_t offset;
};

#define OF_MIX(key, field)                                                                         \
    {                                                                                              \
        key, offsetof(struct mix, field)                                                           \
    }
#define OF_MEMBER(key, field)                                                                      \
    {                                                                                              \
        key, offsetof(struct mix_member, field)                                                    \
    }
#define OF_TTFT(name, source, after)                                                               \
    OF_MEMBER(name "_count", ttft[source][after].count),                                           \
        OF_MEMBER(name "_p50", ttft[source][after].p50_s),                                         \
        OF_MEMBER(name "_p95", ttft[source][after].p95_s),                                         \
        OF_MEMBER(name "_mean", ttft[source][after].mean_s)

#define OF_ALL_SWITCHING(key, field)                                                               \
    {                                                                                              \
        key, offsetof(struct mix_switching, field)                                                 \
    }
#define OF_SWITCHING(key, field)                                                                   \
    {                                                                                              \
        key, offsetof(struct mix_member_switching, field)                                          \
    }
/* A value with its interval, and what the study predicts of it. */
#define OF_RANGE(OF, key, field)                                                                   \
    OF(key, field.value), OF(key "_low", field.low), OF(key "_high", field.high)
#define OF_PREDICTED(OF, field)                                                                    \
    OF_RANGE(OF, #field, field), OF(#field "_predicted", predicted.field)

static const struct number of_mix[] = {
    OF_MIX("window_s", window_s),
    OF_MIX("num_calls", calls),
    OF_MIX("offered_requests_per_s", offered_per_s),
    OF_MIX("achieved_requests_per_s", achieved_per_s),
    OF_MIX("utilisation", utilisation),
    OF_MIX("served_order_share", served_share),
};
static const struct number of_member[] = {
    OF_MEMBER("row_line", line),
    OF_MEMBER("num_calls", calls),
    OF_MEMBER("call_share", share),
    OF_MEMBER("offered_requests_per_s", offered_per_s),
    OF_MEMBER("achieved_requests_per_s", achieved_per_s),
    OF_MEMBER("utilisation", utilisation),
    OF_TTFT("server_ttft_s_after_same", SWITCH_SERVER, MIX_AFTER_SAME),
    OF_TTFT("server_ttft_s_after_other", SWITCH_SERVER, MIX_AFTER_OTHER),
    OF_TTFT("client_ttft_s_after_same", SWITCH_CLIENT, MIX_AFTER_SAME),
    OF_TTFT("client_ttft_s_after_other", SWITCH_CLIENT, MIX_AFTER_OTHER),
};

static const struct number of_all_switching[] = {
    OF_ALL_SWITCHING("calls_in_a_row", calls_in_a_row),
    OF_ALL_SWITCHING("overtaken_share", overtaken_share),
    OF_PREDICTED(OF_ALL_SWITCHING, switch_paid_share),
    OF_PREDICTED(OF_ALL_SWITCHING, switch_s_per_call),
    OF_PREDICTED(OF_ALL_SWITCHING, switch_time_share),
    OF_RANGE(OF_ALL_SWITCHING, "switch_wait_s_per_call", switch_wait_s_per_call),
    OF_ALL_SWITCHING("switch_wait_s_per_call_predicted", predicted_wait_s_per_call),
    OF_ALL_SWITCHING("utilisation_predicted", predicted_utilisation),
    OF_ALL_SWITCHING("calls_in_a_row_for_10_percent", in_a_row_under_tenth),
};
static const struct number of_switching[] = {
    OF_SWITCHING("ttft_s_without_switch", hit_s),
    OF_SWITCHING("service_s_without_switch", service_s),
    OF_SWITCHING("batch_size_most", batch_size_most),
    OF_RANGE(OF_SWITCHING, "ttft_s_difference", difference_s),
    OF_RANGE(OF_SWITCHING, "switch_s", switch_s),
    OF_PREDICTED(OF_SWITCHING, switch_paid_share),
    OF_PREDICTED(OF_SWITCHING, switch_s_per_call),
    OF_PREDICTED(OF_SWITCHING, switch_time_share),
};

enum {
    OF_MIXES = sizeof of_mix / sizeof *of_mix,
    OF_MEMBERS = sizeof of_member / sizeof *of_member,
    OF_ALL_SWITCHINGS = sizeof of_all_switching / sizeof *of_all_switching,
    OF_SWITCHINGS = sizeof of_switching / sizeof *of_switching
};

static void add_numbers(cJSON *object, const struct number *table, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++)
        json_add_number(object, table[i].key,
                        *(const double *)((const char *)from + table[i].offset));
}

static void read_numbers(const cJSON *object, const struct number *table, size_t count, void *to)
{
    for (size_t i = 0; i < count; i++)
        *(double *)((char *)to + table[i].offset) =
            json_number(cJSON_GetObjectItemCaseSensitive(object, table[i].key));
}

/* --- Writing ---------------------------------------------------------------------------------- */

char *mix_file_path(const char *folder, const struct mix *mix)
{
    char *name = name_of_mix(mix->name, mix->member[0].step_name);
    char *path = memory_printf("%s/%s.json", folder, name);

    free(name);
    return path;
}

/* NULL where there is nothing to say. */
static void add_word(cJSON *object, const char *key, const char *word)
{
    json_add_text(object, key, *word ? word : NULL);
}

static void add_switching(cJSON *object, const struct mix *mix)
{
    const struct mix_switching *switching = &mix->switching;

    add_word(object, "switching_reason", mix_reason_words[switching->reason]);
    json_add_text(object, "switching_source", switch_source_words[switching->source]);
    json_add_text(object, "served",
                  isnan(switching->overtaken_share) ? NULL : mix_served_words[switching->grouped]);
    json_add_text(object, "study", mix->study);
    add_word(object, "study_lacks", mix_lack_words[switching->lack]);
    add_numbers(object, of_all_switching, OF_ALL_SWITCHINGS, switching);
}

static void add_member_switching(cJSON *object, const struct mix_member_switching *switching)
{
    add_word(object, "switching_reason", mix_reason_words[switching->reason]);
    cJSON_AddBoolToObject(object, "by_steady_visit", switching->by_visit);
    cJSON_AddBoolToObject(object, "unlike_steady_visit", switching->disagrees);
    cJSON_AddBoolToObject(object, "unsure_who_paid", switching->blurred);
    add_numbers(object, of_switching, OF_SWITCHINGS, switching);
}

static void add_member(cJSON *list, const struct mix_member *member,
                       const struct mix_member_switching *switching)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list, object);
    json_add_number(object, "step_index", (double)member->step);
    json_add_text(object, "name", member->step_name);
    json_add_text(object, "model", member->model);
    add_numbers(object, of_member, OF_MEMBERS, member);
    add_member_switching(object, switching);
}

bool mix_file_write(const char *folder, const struct mix *mix, struct error *error)
{
    cJSON *object = cJSON_CreateObject(), *list;
    char *path = mix_file_path(folder, mix), *printed;
    bool done;

    json_add_text(object, "mix", mix->name);
    json_add_number(object, "pass", (double)mix->pass);
    add_numbers(object, of_mix, OF_MIXES, mix);
    add_switching(object, mix);
    list = cJSON_AddArrayToObject(object, "members");
    for (size_t i = 0; i < mix->members; i++)
        add_member(list, &mix->member[i], &mix->switching.member[i]);
    printed = cJSON_Print(object);
    done = file_write(path, printed, strlen(printed), error);
    cJSON_free(printed);
    cJSON_Delete(object);
    free(path);
    return done;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return memory_text(cJSON_IsString(item) ? item->valuestring : "");
}

static size_t size_of(const cJSON *object, const char *key)
{
    double value = json_number(cJSON_GetObjectItemCaseSensitive(object, key));

    return value > 0 && value < 1e15 ? (size_t)value : 0;
}

/* The place of the word at `key` among `words`; 0 where there is none of them. */
static int word_of(const cJSON *object, const char *key, const char *const *words, int count)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    for (int i = 0; i < count && cJSON_IsString(item); i++) {
        if (strcmp(item->valuestring, words[i]) == 0)
            return i;
    }
    return 0;
}

static bool truth_of(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* A file without it is of an older program: nothing was looked at. */
static void read_switching(const cJSON *object, struct mix *mix)
{
    struct mix_switching *switching = &mix->switching;
    const cJSON *study = cJSON_GetObjectItemCaseSensitive(object, "study");

    switching->reason =
        (enum mix_reason)word_of(object, "switching_reason", mix_reason_words, MIX_REASONS);
    if (!cJSON_HasObjectItem(object, "switching_reason"))
        switching->reason = MIX_NOT_LOOKED_AT;
    switching->source = (enum switch_source)word_of(object, "switching_source", switch_source_words,
                                                    SWITCH_SOURCES);
    switching->grouped = word_of(object, "served", mix_served_words, 2) == 1;
    switching->lack = (enum mix_lack)word_of(object, "study_lacks", mix_lack_words, MIX_LACKS);
    mix->study = cJSON_IsString(study) ? memory_text(study->valuestring) : NULL;
    if (!mix->study)
        switching->lack = MIX_LACKS_STUDY;
    read_numbers(object, of_all_switching, OF_ALL_SWITCHINGS, switching);
}

static void read_member_switching(const cJSON *object, const struct mix_switching *all,
                                  struct mix_member_switching *switching)
{
    switching->reason =
        (enum mix_reason)word_of(object, "switching_reason", mix_reason_words, MIX_REASONS);
    if (all->reason != MIX_MEASURED && switching->reason == MIX_MEASURED)
        switching->reason = all->reason;
    switching->by_visit = truth_of(object, "by_steady_visit");
    switching->disagrees = truth_of(object, "unlike_steady_visit");
    switching->blurred = truth_of(object, "unsure_who_paid");
    read_numbers(object, of_switching, OF_SWITCHINGS, switching);
}

static void read_member(const cJSON *object, struct mix_member *member)
{
    member->step = size_of(object, "step_index");
    member->step_name = text_of(object, "name");
    member->model = text_of(object, "model");
    read_numbers(object, of_member, OF_MEMBERS, member);
}

static void read_mix(const cJSON *object, struct mix *mix)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "members");

    mix->name = text_of(object, "mix");
    mix->pass = size_of(object, "pass");
    read_numbers(object, of_mix, OF_MIXES, mix);
    read_switching(object, mix);
    mix->member = memory_new((size_t)cJSON_GetArraySize(list), sizeof *mix->member);
    mix->switching.member =
        memory_new((size_t)cJSON_GetArraySize(list), sizeof *mix->switching.member);
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        read_member_switching(item, &mix->switching, &mix->switching.member[mix->members]);
        read_member(item, &mix->member[mix->members++]);
    }
    mix->switching.members = mix->members;
}

bool mix_file_read(const char *path, struct mix *mix, struct error *error)
{
    struct text text = {0};
    cJSON *object = NULL;

    *mix = (struct mix){0};
    if (!file_read_regular(path, FILE_MOST, &text, error))
        return false;
    object = json_parse(text.bytes ? text.bytes : "", text.length);
    if (cJSON_IsObject(object))
        read_mix(object, mix);
    text_clear(&text);
    cJSON_Delete(object);
    return mix->members > 0 ||
           error_set(error, "%s: is not what a mix came to: a JSON object with its members", path);
}

/* --- Where they are --------------------------------------------------------------------------- */

static int is_mix(const struct dirent *entry)
{
    const char *uuid = name_uuid(entry->d_name);

    return strncmp(entry->d_name, "mix_", 4) == 0 && uuid && strcmp(uuid + NAME_UUID, ".json") == 0;
}

/* By its index; NULL: there is none of that name. */
static const struct step *find_step(const struct step *step, size_t steps,
                                    const struct mix_member *member)
{
    size_t low = 0, high = steps;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (step[middle].index < member->step)
            low = middle + 1;
        else
            high = middle;
    }
    return low < steps && step[low].index == member->step &&
                   strcmp(step[low].name, member->step_name) == 0
               ? &step[low]
               : NULL;
}

/* Whether all of the mix's steps are there; notes those in `covered`. */
static bool is_whole(const struct mix *mix, const struct step *step, size_t steps, bool *covered)
{
    for (size_t i = 0; i < mix->members; i++) {
        if (!find_step(step, steps, &mix->member[i]))
            return false;
    }
    for (size_t i = 0; i < mix->members; i++)
        covered[find_step(step, steps, &mix->member[i]) - step] = true;
    return true;
}

static int by_first_step(const void *a, const void *b)
{
    const struct mix *x = a, *y = b;

    return (x->member->step > y->member->step) - (x->member->step < y->member->step);
}

/* Every file, whole or not, for the steps that are there. */
static struct mix *read_files(const char *folder, const struct step *step, size_t steps,
                              bool *covered, size_t *count, struct faults *warnings)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_mix, alphasort);
    struct mix *mix = memory_new(found > 0 ? (size_t)found : 0, sizeof *mix);
    struct error error;

    for (int i = 0; i < found; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        struct mix one = {0};

        if (!mix_file_read(path, &one, &error))
            faults_add(warnings, NULL, 0, "%s", error.text);
        else if (is_whole(&one, step, steps, covered))
            mix[(*count)++] = one;
        if (*count == 0 || mix[*count - 1].member != one.member)
            mix_clear(&one);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (*count > 0)
        qsort(mix, *count, sizeof *mix, by_first_step);
    return mix;
}

static void warn_of_lost(const char *folder, const struct step *step, size_t steps,
                         const bool *covered, struct faults *warnings)
{
    for (size_t i = 0; i < steps; i++) {
        if (step[i].row.mix && !covered[i])
            faults_add(warnings, NULL, 0,
                       "%s/%s_summary.json: the file of its mix '%s' is not there, or another of "
                       "its members is not; the mix is left out",
                       folder, step[i].name, step[i].row.mix);
    }
}

struct mix *mix_file_read_all(const char *folder, const struct step *step, size_t steps,
                              size_t *count, struct faults *warnings)
{
    bool *covered = memory_new(steps, sizeof *covered);
    struct mix *mix = NULL;
    bool any = false;

    *count = 0;
    for (size_t i = 0; i < steps; i++)
        any |= step[i].row.mix != NULL;
    if (any) {
        mix = read_files(folder, step, steps, covered, count, warnings);
        warn_of_lost(folder, step, steps, covered, warnings);
    }
    free(covered);
    return mix;
}

bool mix_file_set_aside(const char *folder, const char *mix, const char *step_name, size_t number,
                        struct error *error)
{
    char *name = name_of_mix(mix, step_name);
    char *from = memory_printf("%s/%s.json", folder, name);
    char *to = memory_printf("%s/%s_attempt_%zu.json", folder, name, number);
    bool done = rename(from, to) == 0 || errno == ENOENT ||
                error_set(error, "%s: cannot be set aside: %s", from, strerror(errno));

    free(to);
    free(from);
    free(name);
    return done;
}
