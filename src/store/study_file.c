#include "store/study_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "stats/family.h"
#include "stats/replicate.h"
#include "store/frequency.h"
#include "store/json.h"
#include "store/study_memory.h"

const char study_file_name[] = "switching.json";

static void add_words(cJSON *object, const char *key, int set, const char *const *words, int count)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);

    for (int i = 0; i < count; i++) {
        if (set & 1 << i)
            cJSON_AddItemToArray(list, cJSON_CreateString(words[i]));
    }
}

/* --- Conclusions ------------------------------------------------------------------------------ */

static void add_row(cJSON *object, const char *key, const struct row *row)
{
    cJSON *about = row ? cJSON_AddObjectToObject(object, key) : NULL;

    if (!row) {
        cJSON_AddNullToObject(object, key);
        return;
    }
    cJSON_AddStringToObject(about, "model", row->model_name);
    json_add_number(about, "num_input_tokens", (double)row->input_tokens);
    json_add_number(about, "num_output_tokens", (double)row->output_tokens);
    json_add_load(about, row);
    if (row->multimodal_img_size)
        cJSON_AddStringToObject(about, "multimodal_img_size",
                                row_image_names[row->multimodal_img_size]);
    if (row->dataset)
        cJSON_AddStringToObject(about, "dataset", row->dataset);
    json_add_number(about, "num_requests", row->num_requests > 0 ? (double)row->num_requests : NAN);
    if (row->duration_s > 0)
        json_add_number(about, "duration_s", row->duration_s);
    json_add_number(about, "row_line", row->line);
}

/* `paid`: of the visits that it is made of. */
static void add_estimate(cJSON *object, const struct switch_estimate *estimate, size_t paid)
{
    bool measurable = estimate->verdict != SWITCH_NOT_MEASURABLE;
    bool none = estimate->verdict == SWITCH_NOT_DETECTED && !(estimate->flags & SWITCH_FLAG_INSIDE);

    cJSON_AddStringToObject(object, "verdict", switch_verdict_words[estimate->verdict]);
    json_add_text(object, "reason",
                  estimate->reason == SWITCH_MEASURABLE ? NULL
                                                        : switch_reason_words[estimate->reason]);
    json_add_text(object, "source", measurable ? switch_source_words[estimate->source] : NULL);
    json_add_number(object, "estimate_s", estimate->value_s);
    json_add_number(object, "ci_low_s", estimate->low_s);
    json_add_number(object, "ci_high_s", estimate->high_s);
    json_add_number(object, "none_above_s", none ? family_none_above_s(estimate) : NAN);
    json_add_number(object, "smallest_detectable_s", estimate->smallest_s);
    json_add_number(object, "p", estimate->p);
    json_add_number(object, "p_adjusted", estimate->p_adjusted);
    json_add_number(object, "client_estimate_s", estimate->client_s);
    json_add_number(object, "visits", (double)estimate->visits);
    json_add_number(object, "visits_measured", (double)estimate->measured);
    json_add_number(object, "visits_switched", measurable ? (double)paid : NAN);
    json_add_number(object, "spread", estimate->spread);
    json_add_number(object, "degrees_of_freedom", estimate->df);
    add_words(object, "flags", estimate->flags, switch_flag_words, SWITCH_FLAGS);
}

static void add_cost(cJSON *object, const struct study_cost *cost)
{
    json_add_number(object, "visits_paid", (double)cost->paid);
    json_add_number(object, "visits_not_paid", (double)cost->not_paid);
    json_add_number(object, "visits_unknown", (double)cost->unknown);
    json_add_number(object, "paid_share", cost->share);
    json_add_number(object, "paid_share_low", cost->share_low);
    json_add_number(object, "paid_share_high", cost->share_high);
    json_add_number(object, "cost_s", cost->cost_s);
    json_add_number(object, "cost_low_s", cost->cost_low_s);
    json_add_number(object, "cost_high_s", cost->cost_high_s);
}

/* The batch size that visits to a row are judged by; NAN: they are not, or by no size. */
static double judged_size(const struct study *study, size_t row)
{
    for (size_t i = 0; i < study->visits; i++) {
        const struct switch_measurement *measurement = &study->visit[i].step->measurement;

        if (study->visit[i].row == row && measurement->reason == SWITCH_MEASURABLE)
            return measurement->batch_size;
    }
    return NAN;
}

static void add_by_batch_size(cJSON *object, const struct study *study, size_t row)
{
    struct frequency_switch *by_size = memory_new(study->insides + 1, sizeof *by_size);
    const struct switch_estimate *estimate = &study->row[row].estimate;
    double judged = judged_size(study, row);
    struct text text = {0};
    size_t count = 0;

    if (judged > 0)
        by_size[count++] = (struct frequency_switch){
            judged, estimate->verdict == SWITCH_DETECTED ? estimate->value_s : NAN};
    for (size_t i = 0; i < study->insides; i++) {
        if (row_compare(study->inside[i].row, study->row[row].to) == 0)
            by_size[count++] =
                (struct frequency_switch){study->inside[i].batch_size, study->inside[i].value_s};
    }
    frequency_add_switches(by_size, count, &text);
    json_add_text(object, "switch_by_batch_size", count > 0 ? text.bytes : NULL);
    text_clear(&text);
    free(by_size);
}

static void add_groups(cJSON *root, const char *key, const struct study *study, bool from)
{
    const struct study_group *group = from ? study->transition : study->row;
    size_t count = from ? study->transitions : study->rows;
    cJSON *list = cJSON_AddArrayToObject(root, key);

    for (size_t i = 0; i < count; i++) {
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(list, object);
        if (from)
            add_row(object, "from", group[i].from);
        add_row(object, from ? "to" : "row", group[i].to);
        add_estimate(object, &group[i].estimate, group[i].cost.paid);
        json_add_number(object, "steady_ttft_s", group[i].steady_s);
        add_cost(object, &group[i].cost);
        if (from)
            continue;
        add_by_batch_size(object, study, i);
        json_add_number(object, "order_p", group[i].order_p);
    }
}

static void add_models(cJSON *root, const struct study *study)
{
    cJSON *list = cJSON_AddArrayToObject(root, "models");

    for (size_t i = 0; i < study->models; i++) {
        const struct study_model *model = &study->model[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(list, object);
        cJSON_AddStringToObject(object, "model", model->name);
        json_add_number(object, "rows", (double)model->rows);
        json_add_number(object, "visits_measured", (double)model->cost.visits);
        add_cost(object, &model->cost);
        json_add_number(object, "rows_differ_p", model->differ_p);
        json_add_number(object, "weight_gb", model->weight_gb);
        json_add_number(object, "gb_per_s", model->gb_per_s);
    }
}

static void add_inside_rows(cJSON *list, const struct study *study)
{
    for (size_t i = 0; i < study->insides; i++) {
        const struct study_inside *inside = &study->inside[i];
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(list, object);
        add_row(object, "row", inside->row);
        json_add_number(object, "batch_size", inside->batch_size);
        json_add_number(object, "visits", (double)inside->visits);
        json_add_number(object, "visits_switched", (double)inside->found);
        json_add_number(object, "estimate_s", inside->value_s);
    }
}

static void add_loading(cJSON *root, const struct study_loading *loading)
{
    cJSON *object = loading->rows > 0 ? cJSON_AddObjectToObject(root, "loading")
                                      : cJSON_AddNullToObject(root, "loading");

    if (loading->rows == 0)
        return;
    json_add_number(object, "rows", (double)loading->rows);
    json_add_number(object, "overhead_s", loading->overhead_s);
    json_add_number(object, "overhead_plus_minus_s", loading->overhead_error_s);
    json_add_number(object, "gb_per_s", loading->gb_per_s);
    json_add_number(object, "gb_per_s_low", loading->gb_per_s_low);
    json_add_number(object, "gb_per_s_high", loading->gb_per_s_high);
}

static void add_steady(cJSON *by_clock, const char *clock, const struct study_steady *steady)
{
    cJSON *object = steady->requests > 0 ? cJSON_AddObjectToObject(by_clock, clock)
                                         : cJSON_AddNullToObject(by_clock, clock);

    if (steady->requests == 0)
        return;
    json_add_number(object, "requests", (double)steady->requests);
    json_add_number(object, "slow", (double)steady->slow);
    json_add_number(object, "slow_share", steady->slow_share);
    json_add_number(object, "slow_excess", steady->slow_excess);
    cJSON_AddBoolToObject(object, "transient", steady->transient);
    cJSON_AddBoolToObject(object, "drift", steady->drift);
    json_add_number(object, "drift_per_s", steady->drift_per_s);
    cJSON_AddBoolToObject(object, "neighbours", steady->neighbours);
}

static void add_steadies(cJSON *by_clock, const struct study *study)
{
    for (int source = 0; source < SWITCH_SOURCES; source++)
        add_steady(by_clock, switch_source_words[source], &study->steady[source]);
}

static void add_variation(cJSON *root, const struct study_variation *variation)
{
    bool known = variation->df > 0;
    cJSON *object = known ? cJSON_AddObjectToObject(root, "variation")
                          : cJSON_AddNullToObject(root, "variation");

    if (!known)
        return;
    json_add_number(object, "share", variation->share);
    json_add_number(object, "degrees_of_freedom", variation->df);
    cJSON_AddBoolToObject(object, "rows_differ", variation->unequal);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void add_side(cJSON *object, const char *key, const struct switch_side *side)
{
    cJSON *about = cJSON_AddObjectToObject(object, key);
    bool known = side->steady > 0;

    json_add_number(about, "exposed_ttft_s", known ? side->exposed_s : NAN);
    json_add_number(about, "steady_ttft_s", known ? side->steady_s : NAN);
    json_add_number(about, "steady_observations", (double)side->steady);
}

static void add_insides(cJSON *object, const struct switch_measurement *measurement)
{
    cJSON *list = cJSON_AddArrayToObject(object, "inside");

    for (size_t i = 0; i < measurement->insides; i++) {
        const struct switch_inside *inside = &measurement->inside[i];
        cJSON *about = cJSON_CreateObject();

        cJSON_AddItemToArray(list, about);
        json_add_number(about, "batch_size", inside->batch_size);
        cJSON_AddBoolToObject(about, "detected", inside->found);
        json_add_number(about, "estimate_s", inside->side.exposed_s - inside->side.steady_s);
        json_add_number(about, "p", inside->p);
        json_add_number(about, "steady_observations", (double)inside->side.steady);
    }
}

static void add_measurement(cJSON *object, const struct switch_measurement *measurement)
{
    if (measurement->reason != SWITCH_MEASURABLE)
        return;
    cJSON_AddStringToObject(object, "method", switch_method_words[measurement->method]);
    json_add_number(object, "exposed_requests", (double)measurement->exposed);
    json_add_number(object, "steady_requests", (double)measurement->steady);
    json_add_number(object, "batch_size", measurement->batch_size);
    add_side(object, "server", &measurement->side[SWITCH_SERVER]);
    add_side(object, "client", &measurement->side[SWITCH_CLIENT]);
    json_add_number(object, "connect_s", measurement->connect_s);
    json_add_number(object, "queue_s", measurement->queue_s);
    add_insides(object, measurement);
}

/* Null for a warm-up, which is no visit. */
static void add_paid(cJSON *object, const struct study_visit *visit)
{
    json_add_text(object, "paid", visit ? visit_paid_words[visit->paid_as] : NULL);
    json_add_number(object, "paid_probability", visit ? visit->paid_probability : NAN);
    cJSON_AddBoolToObject(object, "left_out", visit && visit->left_out);
}

static void add_step_by_batch_size(cJSON *object, const struct step *step)
{
    struct text text = {0};

    frequency_add_step_switches(step, &text);
    json_add_text(object, "switch_by_batch_size",
                  strcmp(text.bytes, "{}") != 0 ? text.bytes : NULL);
    text_clear(&text);
}

/* Visits stand in the order of the runs' steps; `visits` counts those that were written. With
 * `folders` a step has its run's, since of several runs two may have one name. */
static void add_steps(cJSON *list, const struct results *run, const struct study *study,
                      bool folders, size_t *visits)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct step *step = &run->step[i];
        bool visited = *visits < study->visits && study->visit[*visits].step == step;
        const struct study_visit *visit = visited ? &study->visit[(*visits)++] : NULL;
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(list, object);
        cJSON_AddStringToObject(object, "run", run->name);
        if (folders)
            cJSON_AddStringToObject(object, "run_folder", run->folder);
        json_add_number(object, "step_index", (double)step->index);
        cJSON_AddStringToObject(object, "name", step->name);
        add_row(object, "row", &step->row);
        json_add_number(object, "pass", step->pass > 0 ? (double)step->pass : NAN);
        cJSON_AddBoolToObject(object, "warmup", step->row.warmup);
        json_add_number(object, "predecessor_step_index",
                        step->predecessor < 0 ? NAN : (double)step->predecessor);
        add_estimate(object, &step->estimate, visit && visit->paid_as == VISIT_PAID);
        add_paid(object, visit);
        study_memory_add_word(object, visit);
        add_step_by_batch_size(object, step);
        json_add_number(object, "switching_time", step->switching.time_s);
        json_add_number(object, "switching_time_largest_batch_s",
                        step->switching_time_largest_batch_s);
        add_measurement(object, &step->measurement);
    }
}

/* --- The whole -------------------------------------------------------------------------------- */

static void add_folders(cJSON *root, const struct results *runs, size_t count)
{
    cJSON *folders = cJSON_AddArrayToObject(root, "run_folders");

    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(folders, cJSON_CreateString(runs[i].folder));
}

static cJSON *to_object(const struct study *study, const struct results *runs, size_t count)
{
    cJSON *root = cJSON_CreateObject(), *names, *steps;
    size_t visits = 0;

    cJSON_AddStringToObject(root, "schema", "coebench-switching-1");
    names = cJSON_AddArrayToObject(root, "runs");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(names, cJSON_CreateString(runs[i].name));
    if (count > 1)
        add_folders(root, runs, count);
    json_add_number(root, "level", REPLICATE_LEVEL / (double)(study->looks > 1 ? study->looks : 1));
    json_add_number(root, "confidence", study_confidence(study));
    json_add_number(root, "power", REPLICATE_POWER);
    json_add_number(root, "matters_s", FAMILY_MATTERS_S);
    json_add_number(root, "matters_share", FAMILY_MATTERS_SHARE);
    add_steadies(cJSON_AddObjectToObject(root, "steady"), study);
    add_variation(root, &study->variation);
    add_groups(root, "rows", study, false);
    add_groups(root, "transitions", study, true);
    add_models(root, study);
    add_inside_rows(cJSON_AddArrayToObject(root, "inside_rows"), study);
    add_loading(root, &study->loading);
    study_memory_add(root, study);
    steps = cJSON_AddArrayToObject(root, "steps");
    for (size_t i = 0; i < count; i++)
        add_steps(steps, &runs[i], study, count > 1, &visits);
    return root;
}

void study_file_add_json(const struct study *study, const struct results *runs, size_t count,
                         struct text *json)
{
    cJSON *root = to_object(study, runs, count);
    char *printed = cJSON_Print(root);

    text_add_string(json, printed);
    text_add_char(json, '\n');
    cJSON_free(printed);
    cJSON_Delete(root);
}

bool study_file_write(const char *folder, const struct study *study, const struct results *run,
                      struct error *error)
{
    char *path = file_join(folder, study_file_name);
    struct text json = {0};
    bool done;

    study_file_add_json(study, run, 1, &json);
    done = file_write(path, json.bytes, json.length, error);
    text_clear(&json);
    free(path);
    return done;
}
