#include "report/study_table.h"

#include <math.h>

#include "report/brief.h"
#include "report/study_matrix.h"
#include "report/study_words.h"
#include "report/terminal.h"
#include "report/width.h"
#include "stats/family.h"
#include "stats/matrix.h"
#include "stats/replicate.h"

/* NAME_*: a row's name; BESIDE: what stands beside it. */
enum { NAME_MOST = 56, NAME_LEAST = 20, BESIDE = 50, LINE = 512 };

static void put(FILE *out, const char *text, int width)
{
    int left = width - width_of(text);

    fprintf(out, "  %s%*s", text, left > 0 ? left : 0, "");
}

static void write_verdict(const struct switch_estimate *estimate, char *text, size_t size)
{
    switch (estimate->verdict) {
    case SWITCH_NOT_DETECTED:
        if (estimate->flags & SWITCH_FLAG_INSIDE)
            snprintf(text, size, "only at another batch size");
        else
            snprintf(text, size, "none above %.4f s", family_none_above_s(estimate));
        break;
    case SWITCH_INCONCLUSIVE:
        if (!(estimate->flags & SWITCH_FLAG_FEW) && estimate->p <= REPLICATE_LEVEL)
            snprintf(text, size, "inconclusive once adjusted");
        else if (estimate->flags & SWITCH_FLAG_FEW)
            snprintf(text, size, "inconclusive: %zu of %zu stood out", estimate->outstanding,
                     estimate->measured);
        else
            snprintf(text, size, "inconclusive below %.4f s", estimate->smallest_s);
        break;
    case SWITCH_DETECTED:
    case SWITCH_NOT_MEASURABLE:
        snprintf(text, size, "%s", switch_verdict_words[estimate->verdict]);
        break;
    }
}

/* --- A table ---------------------------------------------------------------------------------- */

struct table {
    FILE *out;
    const struct study *study;
    const struct study_group *group;
    size_t count;
    bool transitions; /* from row to row, by their numbers; else to each row, by its name */
    bool after;       /* each row was visited from one other, which stands beside it */
    int width;        /* of what names a group */
};

/* A row's number in the table of rows; one that is not in it was a warm-up. */
static void write_number(const struct table *table, const struct row *row, char *text, size_t size)
{
    size_t number = row ? matrix_number(table->study, row) : 0;

    if (!row)
        snprintf(text, size, "?");
    else if (number == table->study->rows)
        snprintf(text, size, "warm-up");
    else
        snprintf(text, size, "%zu", number + 1);
}

/* What stands in front of a group's figures: "  1  after  name", or "1 → 2". */
static void write_name(const struct table *table, size_t i, int most, char *text, size_t size)
{
    const struct study_group *group = &table->group[i];
    char to[32], from[32], name[256];

    write_number(table, group->to, to, sizeof to);
    write_number(table, table->after ? table->study->transition[i].from : group->from, from,
                 sizeof from);
    study_words_row(group->to, most, name, sizeof name);
    if (table->transitions)
        snprintf(text, size, "%3s → %s", from, to);
    else if (table->after)
        snprintf(text, size, "%3s  %5s  %s", to, from, name);
    else
        snprintf(text, size, "%3s  %s", to, name);
}

static const char *heading(const struct table *table)
{
    if (table->transitions)
        return "from → to";
    return table->after ? "  #  after  to" : "  #  to";
}

/* How wide a name may be where the terminal has this many columns, 0: none. */
static int name_most(const struct table *table, int columns)
{
    int most = columns - BESIDE - (table->after ? 14 : 7);

    if (columns == 0)
        return NAME_MOST;
    return most < NAME_LEAST ? NAME_LEAST : most;
}

static void lay_out(struct table *table)
{
    int most = name_most(table, terminal_columns(table->out));
    char text[LINE];

    table->width = width_of(heading(table));
    for (size_t i = 0; i < table->count; i++) {
        write_name(table, i, most, text, sizeof text);
        table->width = width_of(text) > table->width ? width_of(text) : table->width;
    }
}

/* Visits of which it is known whether they paid. */
static size_t seen(const struct study_cost *cost)
{
    return cost->paid + cost->not_paid;
}

static void print_row(const struct table *table, const struct study_group *group)
{
    const struct switch_estimate *estimate = &group->estimate;
    char verdict[80];

    write_verdict(estimate, verdict, sizeof verdict);
    fprintf(table->out, "  %6zu %4zu  %8.4f ± %7.4f  %s\n", seen(&group->cost), group->cost.paid,
            estimate->value_s, (estimate->high_s - estimate->low_s) / 2, verdict);
}

static void print_transition(const struct table *table, const struct study_group *group)
{
    const struct study_cost *cost = &group->cost;

    fprintf(table->out, "  %6zu %4zu  ", seen(cost), cost->paid);
    if (cost->paid > 0)
        fprintf(table->out, "%8.4f ± %7.4f", cost->cost_s,
                (cost->cost_high_s - cost->cost_low_s) / 2);
    else
        fprintf(table->out, "%10s %9s", "–", "");
    if (seen(cost) > 0)
        fprintf(table->out, "  %.2f (%.2f to %.2f)\n", cost->share, cost->share_low,
                cost->share_high);
    else
        fprintf(table->out, "  not known\n");
}

static void print_lines(const struct table *table)
{
    int most = name_most(table, terminal_columns(table->out));
    char text[LINE];
    bool any = false;

    for (size_t i = 0; i < table->count; i++) {
        if (table->group[i].estimate.verdict == SWITCH_NOT_MEASURABLE)
            continue;
        if (!any) {
            put(table->out, heading(table), table->width);
            fprintf(table->out, "  visits paid        switch, s  %s\n",
                    table->transitions ? "share that paid (95 %)" : "verdict");
        }
        any = true;
        write_name(table, i, most, text, sizeof text);
        put(table->out, text, table->width);
        if (table->transitions)
            print_transition(table, &table->group[i]);
        else
            print_row(table, &table->group[i]);
    }
}

/* --- Tables ----------------------------------------------------------------------------------- */

static void print_table(struct table *table)
{
    if (table->count == 0)
        return;
    lay_out(table);
    fprintf(table->out, "\nswitching %s:\n",
            table->transitions ? "from row to row" : "to each row");
    print_lines(table);
}

void study_table_rows(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->row,
                          .count = study->rows,
                          .after = study->transitions == study->rows};

    print_table(&table);
    study_words(out, study);
}

void study_table_transitions(FILE *out, const struct study *study)
{
    struct table table = {.out = out,
                          .study = study,
                          .group = study->transition,
                          .count = study->transitions,
                          .transitions = true};

    if (study->transitions == study->rows)
        return;
    study_matrix(out, study);
    print_table(&table);
}

/* --- Models ----------------------------------------------------------------------------------- */

/* MODEL_*: columns of a model's name; BESIDE_MODEL: what stands beside it. */
enum { MODEL_MOST = 40, MODEL_LEAST = 12, BESIDE_MODEL = 53 };

static bool say_more_than_rows(const struct study *study)
{
    bool more = study->models < study->rows;

    for (size_t i = 0; i < study->models; i++)
        more |= isfinite(study->model[i].gb_per_s);
    return more;
}

static int model_width(FILE *out)
{
    int columns = terminal_columns(out), left = columns - BESIDE_MODEL;

    if (columns == 0 || left > MODEL_MOST)
        return MODEL_MOST;
    return left < MODEL_LEAST ? MODEL_LEAST : left;
}

static void print_model(FILE *out, const struct study_model *model, int width)
{
    const struct study_cost *cost = &model->cost;
    char name[256];

    brief_name(model->name, width, name, sizeof name);
    put(out, name, width);
    fprintf(out, "  %4zu  %6zu %4zu  ", model->rows, seen(cost), cost->paid);
    if (isfinite(cost->cost_s))
        fprintf(out, "%8.4f ± %7.4f", cost->cost_s, (cost->cost_high_s - cost->cost_low_s) / 2);
    else
        fprintf(out, "%8s %9s", "–", "");
    if (isfinite(model->gb_per_s))
        fprintf(out, "  %5.0f  %5.0f", model->weight_gb, model->gb_per_s);
    else if (isfinite(model->weight_gb))
        fprintf(out, "  %5.0f", model->weight_gb);
    fprintf(out, model->differ_p <= REPLICATE_LEVEL ? "  its rows differ\n" : "\n");
}

void study_table_models(FILE *out, const struct study *study)
{
    int width = model_width(out);

    if (!say_more_than_rows(study))
        return;
    fprintf(out, "\nswitching to each model:\n");
    put(out, "model", width);
    fprintf(out, "  rows  visits paid        switch, s     GB   GB/s\n");
    for (size_t i = 0; i < study->models; i++)
        print_model(out, &study->model[i], width);
    if (study->loading.rows > 0)
        terminal_say(out,
                     "GB/s is a model's weight by its switch less %.1f ms, the overhead of "
                     "each load that the rows show together. Loading and evicting can be told "
                     "apart only up to a constant: all of it is counted as loading.",
                     1000 * study->loading.overhead_s);
}
