#include "store/manifest_match.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/python_words.h"
#include "core/text.h"
#include "plan/settings.h"
#include "store/json.h"
#include "store/manifest.h"

enum { REPORTED_MOST = 5 }; /* rows or visits that are reported, where more are not the same */

cJSON *manifest_parse(const char *folder, struct error *error)
{
    char *path = file_join(folder, manifest_file_name);
    struct text text = {0}, copy = {0};
    const char *json = "";
    cJSON *root = NULL;

    if (file_read_regular(path, MANIFEST_MOST, &text, error)) {
        json = python_words_hide(text.bytes, text.length, &copy) ? copy.bytes
               : text.bytes                                      ? text.bytes
                                                                 : "";
        root = cJSON_Parse(json);
        if (!cJSON_IsObject(root)) {
            error_set(error, "%s: is not a JSON object", path);
            cJSON_Delete(root);
            root = NULL;
        }
    }
    json_keep_numbers(root, "settings", json);
    text_clear(&copy);
    text_clear(&text);
    free(path);
    return root;
}

const char manifest_search_key[] = "search";
const char manifest_study_end_key[] = "study_end";

size_t manifest_ended_steps(const cJSON *root)
{
    const cJSON *search = cJSON_GetObjectItemCaseSensitive(root, manifest_search_key);
    const cJSON *end =
        search ? search : cJSON_GetObjectItemCaseSensitive(root, manifest_study_end_key);
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(end, "steps");
    const cJSON *visits = cJSON_GetObjectItemCaseSensitive(root, "visits");
    double most = cJSON_GetArraySize(visits);

    return cJSON_IsNumber(steps) && steps->valuedouble > 0 && steps->valuedouble <= most
               ? (size_t)steps->valuedouble
               : 0;
}

/* --- One value -------------------------------------------------------------------------------- */

/* A number may stand as it is, to be printed only. */
static char *print(const cJSON *value)
{
    char *printed = value ? cJSON_PrintUnformatted(value) : NULL;
    char *copy = memory_text(printed ? printed : "not there");

    cJSON_free(printed);
    return copy;
}

static bool are_same(const cJSON *then, const cJSON *now)
{
    char *a = print(then), *b = print(now);
    bool same = strcmp(a, b) == 0;

    free(a);
    free(b);
    return same;
}

/* Settings: a number is the same however it is written, so that what an older program wrote is. */
static bool are_same_settings(const cJSON *then, const cJSON *now)
{
    const cJSON *a = then->child, *b = now ? now->child : NULL;

    if (cJSON_IsRaw(then) && cJSON_IsRaw(now))
        return number_same(then->valuestring, now->valuestring);
    if (!a || !b || then->type != now->type)
        return are_same(then, now);
    for (; a && b; a = a->next, b = b->next) {
        if ((a->string && strcmp(a->string, b->string) != 0) || !are_same_settings(a, b))
            return false;
    }
    return !a && !b;
}

static void tell(const char *what, const cJSON *then, const cJSON *now, struct faults *faults)
{
    char *a = print(then), *b = print(now);

    faults_add(faults, NULL, 0, "%s: the run was started with %.200s, and this asks for %.200s",
               what, a, b);
    free(a);
    free(b);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = member(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

/* --- Settings --------------------------------------------------------------------------------- */

/* The run has its name, and where it stands does not matter to it. */
static bool is_free(const char *key)
{
    static const char *const keys[] = {"run_name",
                                       "model_configs_path",
                                       "output_files_dir",
                                       "consolidated_results_dir",
                                       "bundle",
                                       "tokenizer",
                                       "study"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return false;
}

static void match_setting(const char *key, const cJSON *then, const cJSON *now,
                          struct faults *faults)
{
    if (then && !is_free(key) && !are_same_settings(then, now))
        tell(key, then, now, faults);
}

static void match_settings(const cJSON *then, const cJSON *now, struct faults *faults)
{
    for (const struct setting *one = settings_table; one->name; one++) {
        const cJSON *a = member(then, one->name), *b = member(now, one->name);

        if (one->type != SETTING_GROUP)
            match_setting(one->name, a, b, faults);
        for (const struct setting *of = one->members; of && of->name; of++) {
            char *key = memory_printf("%s.%s", one->name, of->name);

            match_setting(key, member(a, of->name), member(b, of->name), faults);
            free(key);
        }
    }
}

/* --- Rows and visits -------------------------------------------------------------------------- */

static void tell_row(const char *path, const cJSON *then, const cJSON *now, struct faults *faults)
{
    int line = (int)cJSON_GetNumberValue(member(now, "line"));
    struct error why = {.text = ""};

    for (const cJSON *item = now->child; item && !why.text[0]; item = item->next) {
        if (!are_same(member(then, item->string), item)) {
            char *a = print(member(then, item->string)), *b = print(item);

            error_set(&why, "%s was %.200s and is %.200s", item->string, a, b);
            free(a);
            free(b);
        }
    }
    faults_add(faults, path, line, "is not the row that the run was started with: %s",
               why.text[0] ? why.text : "a column is gone");
}

static void match_rows(const cJSON *then, const cJSON *now, const char *path, struct faults *faults)
{
    int before = cJSON_GetArraySize(then), count = cJSON_GetArraySize(now), reported = 0;
    const cJSON *a = then ? then->child : NULL, *b = now ? now->child : NULL;

    if (before != count)
        faults_add(faults, path, 0, "the run was started with %d rows, and these are %d", before,
                   count);
    for (; a && b && reported < REPORTED_MOST; a = a->next, b = b->next) {
        if (are_same(a, b))
            continue;
        tell_row(path, a, b, faults);
        reported++;
    }
}

/* Settings and rows that are the same give the same order, unless another program made it. */
static void match_visits(const cJSON *then, const cJSON *now, struct faults *faults)
{
    if (then && !are_same(then, now))
        faults_add(faults, NULL, 0,
                   "the order of the steps is not the one that the run was started with; resume "
                   "with the version of coebench that started it");
}

/* --- Inputs ----------------------------------------------------------------------------------- */

/* What has no digest may be another file. */
static void match_input(const cJSON *then, const cJSON *now, struct faults *faults)
{
    const cJSON *a = member(then, "sha256"), *b = member(now, "sha256");

    if (!then || !now)
        return;
    if (!a || !b)
        faults_add(faults, NULL, 0,
                   "%s: it is not known whether this is the file that the run was started with (%s "
                   "has no SHA-256 of it); start a new run",
                   text_of(now, "path"), a ? "this program" : "its manifest");
    else if (!are_same(a, b))
        faults_add(faults, NULL, 0,
                   "%s: is not the file that the run was started with (its SHA-256 is another); "
                   "put that one back",
                   text_of(now, "path"));
}

static void match_inputs(const cJSON *then, const cJSON *now, struct faults *faults)
{
    const cJSON *a = then ? then->child : NULL;
    const cJSON *b = now ? now->child : NULL;

    for (; a && b; a = a->next, b = b->next)
        match_input(a, b, faults);
    if (then && (a || b))
        faults_add(faults, NULL, 0, "%s: the run was started %s this file of prompts",
                   text_of(a ? a : b, "path"), a ? "with" : "without");
}

/* Steps with the counts of a tokenizer and without would stand beside each other. */
static void match_tokenizer(const cJSON *then, const cJSON *now, struct faults *faults)
{
    match_input(then, now, faults);
    if (!then != !now)
        faults_add(faults, NULL, 0, "tokenizer: the run was started %s a tokenizer (%s)",
                   then ? "with" : "without", text_of(then ? then : now, "path"));
}

/* --- The whole -------------------------------------------------------------------------------- */

static void match_endpoint(const cJSON *then, const cJSON *now, struct faults *faults)
{
    static const char *const keys[] = {"address", "dialect"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const cJSON *a = member(then, keys[i]), *b = member(now, keys[i]);

        if (a && !are_same(a, b))
            tell(i == 0 ? "the endpoint's address" : "the endpoint's dialect", a, b, faults);
    }
}

void manifest_match(const cJSON *then, const cJSON *now, struct faults *faults)
{
    const cJSON *csv = member(now, "model_configs");

    match_endpoint(member(then, "endpoint"), member(now, "endpoint"), faults);
    match_settings(member(then, "settings"), member(now, "settings"), faults);
    match_rows(member(then, "rows"), member(now, "rows"), text_of(csv, "path"), faults);
    match_input(member(then, "bundle"), member(now, "bundle"), faults);
    match_tokenizer(member(then, "tokenizer"), member(now, "tokenizer"), faults);
    match_inputs(member(then, "inputs"), member(now, "inputs"), faults);
    if (faults->count == 0)
        match_visits(member(then, "visits"), member(now, "visits"), faults);
}
