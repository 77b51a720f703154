#include "export/step_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "record/row_key.h"
#include "report/column.h"

enum { NAME = 128 };

void step_lines_add_place(struct tabular *tabular, const struct results *run,
                          const struct step *step)
{
    char *key = row_key(&step->row);

    tabular_text(tabular, "run", run->name);
    tabular_number(tabular, "step", (double)step->index);
    tabular_text(tabular, "row", key);
    free(key);
}

static void add_cell(struct tabular *tabular, const char *name, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT)
        tabular_text(tabular, name, cell->text);
    else
        tabular_number(tabular, name, cell->kind == CELL_NUMBER ? cell->number : NAN);
}

/* A metric's statistics come with all the others of it; those of the window have no others. */
static bool is_among_statistics(size_t column, const char *name)
{
    return column_of_metric(column) && strncmp(name, "window_", strlen("window_")) != 0;
}

static void add_columns(struct tabular *tabular, const struct step *step)
{
    for (size_t column = 0; column < column_count(); column++) {
        struct cell cell;
        char name[NAME];

        column_name(column, name, sizeof name);
        if (is_among_statistics(column, name))
            continue;
        cell = column_cell(column, step);
        add_cell(tabular, name, &cell);
    }
}

static void add_statistic(struct tabular *tabular, enum metric metric, const char *statistic,
                          double value)
{
    static const char suffix[] = "_per_request"; /* columns are without it */
    const char *key = metric_table[metric].key, *at = strstr(key, suffix);
    char name[NAME];

    snprintf(name, sizeof name, "%.*s_%s", (int)(at ? at - key : (long)strlen(key)), key,
             statistic);
    tabular_number(tabular, name, value);
}

static void add_metric(struct tabular *tabular, enum metric metric,
                       const struct metric_summary *summary)
{
    bool known = summary->count > 0;

    add_statistic(tabular, metric, "mean", known ? summary->mean : NAN);
    add_statistic(tabular, metric, "stddev", known ? summary->stddev : NAN);
    add_statistic(tabular, metric, "min", known ? summary->least : NAN);
    for (int i = 0; i < METRIC_QUANTILES; i++) {
        char statistic[8];

        snprintf(statistic, sizeof statistic, "p%d", metric_percent[i]);
        add_statistic(tabular, metric, statistic, known ? summary->quantile[i] : NAN);
    }
    add_statistic(tabular, metric, "max", known ? summary->most : NAN);
}

static void add_labels(struct tabular *tabular, const struct results *run)
{
    static const char labels[] = "settings.labels.";

    for (size_t i = 0; i < run->manifest.facts; i++) {
        const struct manifest_fact *fact = &run->manifest.fact[i];
        char *name;

        if (strncmp(fact->key, labels, strlen(labels)) != 0)
            continue;
        name = memory_printf("label_%s", fact->key + strlen(labels));
        tabular_text(tabular, name, fact->value);
        free(name);
    }
}

static void write_step(struct tabular *tabular, const struct results *run, const struct step *step)
{
    step_lines_add_place(tabular, run, step);
    tabular_text(tabular, "started_utc", manifest_find(&run->manifest, "started_utc"));
    add_columns(tabular, step);
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        if (metric_table[metric].summarised)
            add_metric(tabular, (enum metric)metric, &step->metric[metric]);
    }
    add_labels(tabular, run);
    tabular_end(tabular);
}

void step_lines_write(struct tabular *tabular, const struct results *run)
{
    if (tabular->heading && run->count > 0)
        write_step(tabular, run, &run->step[0]);
    for (size_t i = 0; i < run->count; i++)
        write_step(tabular, run, &run->step[i]);
}
