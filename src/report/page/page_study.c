#include "report/page/page_study.h"

#include <math.h>
#include <stdlib.h>

#include "report/call_mix_words.h"
#include "report/study_words.h"
#include "report/terminal/terminal.h"
#include "stats/family.h"
#include "stats/matrix.h"

enum { NAME = 512, MATRIX_MOST = 100 };

/* --- A visit ---------------------------------------------------------------------------------- */

void page_study_add_row(struct writer *writer, const char *key, const struct row *row)
{
    char name[NAME];

    if (row)
        terminal_row(row, NAME / 2, name, sizeof name);
    writer_add_text(writer, key, row ? name : "");
}

void page_study_add_switch(struct writer *writer, const struct study_visit *visit)
{
    const struct switch_estimate *estimate = &visit->step->estimate;
    bool none = estimate->verdict == SWITCH_NOT_DETECTED && !(estimate->flags & SWITCH_FLAG_INSIDE);

    writer_open(writer, "switch", '{');
    writer_add_text(writer, "verdict", switch_verdict_words[estimate->verdict]);
    writer_add_text(writer, "reason", switch_reason_words[estimate->reason]);
    writer_add_text(writer, "paid", visit_paid_words[visit->paid_as]);
    page_study_add_row(writer, "from", visit->from);
    writer_add_number(writer, "value_s", estimate->value_s);
    writer_add_number(writer, "low_s", estimate->low_s);
    writer_add_number(writer, "high_s", estimate->high_s);
    writer_add_number(writer, "bound_s", none ? family_none_above_s(estimate) : NAN);
    writer_close(writer, '}');
}

/* --- The study -------------------------------------------------------------------------------- */

static void add_cost(struct writer *writer, const struct study_cost *cost)
{
    writer_add_number(writer, "visits", (double)cost->visits);
    writer_add_number(writer, "paid", (double)cost->paid);
    writer_add_number(writer, "not_paid", (double)cost->not_paid);
    writer_add_number(writer, "unknown", (double)cost->unknown);
    writer_add_number(writer, "cost_s", cost->cost_s);
    writer_add_number(writer, "low_s", cost->cost_low_s);
    writer_add_number(writer, "high_s", cost->cost_high_s);
    writer_add_number(writer, "share_low", cost->share_low);
    writer_add_number(writer, "share_high", cost->share_high);
}

static void add_study_rows(struct writer *writer, const struct study *study)
{
    writer_open(writer, "rows", '[');
    for (size_t i = 0; i < study->rows; i++) {
        const struct study_group *row = &study->row[i];

        writer_open(writer, NULL, '{');
        page_study_add_row(writer, "label", row->to);
        writer_add_text(writer, "verdict", switch_verdict_words[row->estimate.verdict]);
        writer_add_text(writer, "reason", switch_reason_words[row->estimate.reason]);
        add_cost(writer, &row->cost);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

/* Of more rows nobody reads it: then it is empty, and the workbook's Transitions have it. */
static void add_matrix(struct writer *writer, const struct study *study)
{
    const struct study_group **cell;

    writer_open(writer, "matrix", '[');
    if (study->rows > MATRIX_MOST) {
        writer_close(writer, ']');
        return;
    }
    cell = matrix_make(study);
    for (size_t from = 0; from < study->rows; from++) {
        writer_open(writer, NULL, '[');
        for (size_t to = 0; to < study->rows; to++) {
            const struct study_group *one = cell[from * study->rows + to];

            if (!one || one->cost.visits == 0) {
                writer_add_null(writer, NULL);
                continue;
            }
            writer_open(writer, NULL, '{');
            add_cost(writer, &one->cost);
            writer_close(writer, '}');
        }
        writer_close(writer, ']');
    }
    writer_close(writer, ']');
    free(cell);
}

/* --- What is concluded of the node ------------------------------------------------------------ */

static void add_models(struct writer *writer, const struct study *study)
{
    writer_open(writer, "models", '[');
    for (size_t i = 0; i < study->models; i++) {
        const struct study_model *model = &study->model[i];

        writer_open(writer, NULL, '{');
        writer_add_text(writer, "name", model->name);
        writer_add_number(writer, "weight_gb", model->weight_gb);
        writer_add_number(writer, "gb_per_s", model->gb_per_s);
        add_cost(writer, &model->cost);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void add_loading(struct writer *writer, const struct study_loading *loading)
{
    if (loading->rows == 0) {
        writer_add_null(writer, "loading");
        return;
    }
    writer_open(writer, "loading", '{');
    writer_add_number(writer, "overhead_s", loading->overhead_s);
    writer_add_number(writer, "gb_per_s", loading->gb_per_s);
    writer_close(writer, '}');
}

/* Revisits by how many others ran since: how many there were, and how many of them paid. */
static void add_residency(struct writer *writer, const struct study_residency *residency)
{
    writer_open(writer, "residency", '[');
    for (size_t i = 0; residency->revisits > 0 && i < residency->units; i++) {
        if (residency->visits[i] == 0)
            continue;
        writer_open(writer, NULL, '{');
        writer_add_number(writer, "others", (double)i);
        writer_add_number(writer, "visits", (double)residency->visits[i]);
        writer_add_number(writer, "paid", (double)residency->paid[i]);
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
    writer_add_truth(writer, "by_configuration", residency->by_configuration);
}

static void add_queue(struct writer *writer, const struct study_queue *queue)
{
    writer_open(writer, NULL, '{');
    writer_add_truth(writer, "stable", queue->stable);
    writer_add_number(writer, "utilisation", queue->utilisation);
    writer_add_number(writer, "paid_share", queue->paid_share);
    writer_add_number(writer, "switch_s", queue->switch_s);
    writer_add_number(writer, "switch_wait_s", queue->switch_wait_s);
    writer_add_number(writer, "wait_s", queue->wait_s);
    writer_add_number(writer, "time_share", queue->time_share);
    writer_close(writer, '}');
}

/* What is not known is null. */
static double known(const struct study_call_mix *mix, double value)
{
    return mix->calls > 0 ? value : NAN;
}

static void add_mix(struct writer *writer, const struct study_call_mix *mix)
{
    if (!call_mix_words_known(mix)) {
        writer_add_null(writer, "call_mix");
        return;
    }
    writer_open(writer, "call_mix", '{');
    writer_add_number(writer, "paid_share", known(mix, mix->paid_share));
    writer_add_number(writer, "extra_s", known(mix, mix->extra_s));
    writer_add_number(writer, "service_s", known(mix, mix->service_s));
    writer_add_number(writer, "time_share", known(mix, mix->time_share));
    writer_add_number(writer, "call_rate", mix->call_rate);
    writer_open(writer, "queues", '[');
    for (int schedule = 0; call_mix_words_known_at_rate(mix) && schedule < STUDY_SCHEDULES;
         schedule++)
        add_queue(writer, &mix->queue[schedule]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}

static void add_sentence(void *writer, const char *sentence)
{
    writer_add_text(writer, NULL, sentence);
}

void page_study_add(struct writer *writer, const struct study *study)
{
    if (!study_measured(study)) {
        writer_add_null(writer, "study");
        return;
    }
    writer_open(writer, "study", '{');
    add_study_rows(writer, study);
    add_matrix(writer, study);
    add_models(writer, study);
    add_loading(writer, &study->loading);
    add_residency(writer, &study->residency);
    add_mix(writer, &study->call_mix);
    writer_open(writer, "sentences", '[');
    study_words_each(study_words, study, add_sentence, writer);
    writer_close(writer, ']');
    writer_close(writer, '}');
}
